//! What can be corrected when a server cannot be used, by what is wrong.

use crate::post::{CertificateProblem, PostError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    Secret,
    User,
    Server,
    CaFile,
    Folder,
    Unencrypted,
    Again,
    GoOn,
}

impl Remedy {
    pub fn label(self) -> &'static str {
        match self {
            Remedy::Secret => "Give the password again",
            Remedy::User => "Another user",
            Remedy::Server => "Another server",
            Remedy::CaFile => "Name the file of the authority that signed the certificate",
            Remedy::Folder => "Another folder",
            Remedy::Unencrypted => "Go without encryption: the password travels in plain text",
            Remedy::Again => "Try again",
            Remedy::GoOn => "Leave it so for now",
        }
    }
}

/// The likeliest first.
pub fn remedies(why: &PostError) -> Vec<Remedy> {
    let mut remedies = match why {
        PostError::Credentials { .. } => vec![Remedy::Secret, Remedy::User, Remedy::Server],
        PostError::Secret(_) => vec![Remedy::Secret, Remedy::Again],
        PostError::Certificate { why, .. } => match why {
            CertificateProblem::UnknownAuthority | CertificateProblem::BadSignature => {
                vec![Remedy::CaFile, Remedy::Server]
            }
            CertificateProblem::OtherName => vec![Remedy::Server, Remedy::Again],
            CertificateProblem::Expired | CertificateProblem::NotValidYet => vec![Remedy::Again, Remedy::Server],
            CertificateProblem::Other(_) => vec![Remedy::CaFile, Remedy::Server, Remedy::Again],
        },
        PostError::CaFile { .. } => vec![Remedy::CaFile, Remedy::Again],
        PostError::Refused { command, .. } if command == "STARTTLS" => vec![Remedy::Server, Remedy::Unencrypted],
        PostError::Refused { command, .. } if command == "SELECT" => vec![Remedy::Folder, Remedy::User, Remedy::Again],
        PostError::Refused { .. } => vec![Remedy::Again, Remedy::Secret, Remedy::User, Remedy::Server],
        PostError::Connect { .. }
        | PostError::Lost { .. }
        | PostError::Timeout { .. }
        | PostError::Protocol { .. }
        | PostError::Folder { .. } => vec![Remedy::Server, Remedy::Again],
    };
    remedies.push(Remedy::GoOn);
    remedies
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(why: PostError) -> Remedy {
        remedies(&why)[0]
    }

    #[test]
    fn what_is_wrong_is_what_can_be_corrected_first() {
        let (server, why) = ("mail.acme.org:993".to_owned(), "no".to_owned());
        let certificate = |why| PostError::Certificate { server: "mail.acme.org:993".to_owned(), why };
        assert_eq!(first(PostError::Credentials { server: server.clone(), why: why.clone() }), Remedy::Secret);
        assert_eq!(first(certificate(CertificateProblem::UnknownAuthority)), Remedy::CaFile);
        assert_eq!(first(certificate(CertificateProblem::OtherName)), Remedy::Server);
        assert_eq!(first(PostError::Connect { server: server.clone(), why: why.clone() }), Remedy::Server);
        let select = PostError::Refused { server, command: "SELECT".to_owned(), why };
        assert_eq!(first(select.clone()), Remedy::Folder);
        assert_eq!(remedies(&select).last(), Some(&Remedy::GoOn));
    }
}
