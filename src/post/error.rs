//! What can go wrong between the desk and a mail server, in the words of whoever must act.

use std::{io, path::Path};

use super::CertificateProblem;

#[derive(Debug, Clone, thiserror::Error)]
pub enum PostError {
    #[error("cannot connect to {server}: {why}; is the server up, and are host and port right?")]
    Connect { server: String, why: String },
    #[error(
        "{server} refuses the user or the password: {why}; check the user in the URL, and the password or the token"
    )]
    Credentials { server: String, why: String },
    #[error("the certificate of {server} is not accepted: {why}")]
    Certificate { server: String, why: CertificateProblem },
    #[error("cannot use the authorities in {path}: {why}; ca_file wants certificates in PEM form")]
    CaFile { path: String, why: String },
    #[error("{server}: the connection was lost {during}")]
    Lost { server: String, during: String },
    #[error("{server}: no answer within {seconds} seconds {during}")]
    Timeout { server: String, during: String, seconds: u64 },
    #[error("{server} does not speak the protocol as expected {during}: {why}")]
    Protocol { server: String, during: String, why: String },
    #[error("{server} refuses {command}: {why}")]
    Refused { server: String, command: String, why: String },
    #[error("{path}: {why}")]
    Folder { path: String, why: String },
    #[error("{0}")]
    Secret(String),
}

impl PostError {
    pub(super) fn folder(path: &Path, why: &io::Error) -> PostError {
        PostError::Folder { path: path.display().to_string(), why: why.to_string() }
    }

    pub fn is_credentials(&self) -> bool {
        matches!(self, PostError::Credentials { .. } | PostError::Secret(_))
    }

    /// Does it stay so until a person mends it?
    pub fn needs_person(&self) -> bool {
        self.is_credentials() || matches!(self, PostError::Certificate { .. } | PostError::CaFile { .. })
    }

    /// Can a single mail that a server cannot read be the cause? Then the others may still be had.
    pub(super) fn may_be_one_mails(&self) -> bool {
        matches!(
            self,
            PostError::Refused { .. } | PostError::Lost { .. } | PostError::Timeout { .. } | PostError::Protocol { .. }
        )
    }
}

/// A server's words for an error or a log: one line, without control characters, not too long.
pub(super) fn tame(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(200).collect()
}

/// Is it the connection's end? The library for TLS has long words for that.
pub(super) fn is_loss(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof)
}
