//! TLS for IMAP and SMTP: rustls with the `ring` provider, the system's authorities or one's own, and what is wrong
//! with a certificate in words.

use std::{path::Path, sync::Arc};

use rustls_platform_verifier::ConfigVerifierExt;
use tokio_rustls::rustls::{
    self, CertificateError, ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

use super::PostError;

/// Has to be called before any connection: two providers in one program panic at the first use.
pub fn install_crypto_provider() {
    // An error only says that it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Trusts the system's authorities, or exactly those of `ca_file`.
pub(super) fn client_config(ca_file: Option<&Path>) -> Result<Arc<ClientConfig>, PostError> {
    let Some(path) = ca_file else {
        let config = ClientConfig::with_platform_verifier()
            .map_err(|e| PostError::CaFile { path: "the system's store".to_owned(), why: e.to_string() })?;
        return Ok(Arc::new(config));
    };
    let wrong = |why: String| PostError::CaFile { path: path.display().to_string(), why };
    let certificates = CertificateDer::pem_file_iter(path).map_err(|e| wrong(e.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        roots.add(certificate.map_err(|e| wrong(e.to_string()))?).map_err(|e| wrong(e.to_string()))?;
    }
    if roots.is_empty() {
        return Err(wrong("there is no certificate in it".to_owned()));
    }
    Ok(Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}

/// Why a server's certificate is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateProblem {
    #[error("it has expired; the server needs a new one")]
    Expired,
    #[error("it is not valid yet; is this machine's clock right?")]
    NotValidYet,
    #[error("it is for another name; use the name in the certificate as the host")]
    OtherName,
    #[error("its authority is unknown; if it is your own, name it with ca_file")]
    UnknownAuthority,
    #[error(
        "not the authority that it names has signed it, but perhaps another of the same name; if that is your own, name \
         it with ca_file"
    )]
    BadSignature,
    #[error("{0}")]
    Other(String),
}

/// What is wrong with the certificate, if that is what failed.
pub(super) fn certificate_problem(error: &(dyn std::error::Error + 'static)) -> Option<CertificateProblem> {
    match library_error(error)? {
        rustls::Error::InvalidCertificate(problem) => Some(problem.into()),
        _ => None,
    }
}

/// Did the server answer with something that is no TLS?
pub(super) fn speaks_no_tls(error: &(dyn std::error::Error + 'static)) -> bool {
    matches!(library_error(error), Some(rustls::Error::InvalidMessage(_)))
}

fn library_error<'e>(error: &'e (dyn std::error::Error + 'static)) -> Option<&'e rustls::Error> {
    let mut next = Some(error);
    while let Some(error) = next {
        let found = error.downcast_ref::<rustls::Error>().or_else(|| {
            let io = error.downcast_ref::<std::io::Error>()?;
            io.get_ref()?.downcast_ref::<rustls::Error>()
        });
        if found.is_some() {
            return found;
        }
        next = error.source();
    }
    None
}

impl From<&CertificateError> for CertificateProblem {
    fn from(problem: &CertificateError) -> Self {
        match problem {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => CertificateProblem::Expired,
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                CertificateProblem::NotValidYet
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                CertificateProblem::OtherName
            }
            CertificateError::UnknownIssuer => CertificateProblem::UnknownAuthority,
            CertificateError::BadSignature => CertificateProblem::BadSignature,
            other => CertificateProblem::Other(other.to_string()),
        }
    }
}
