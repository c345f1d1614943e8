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

/// What is wrong with the certificate, if that is what failed: expired, another name, an unknown authority.
pub(super) fn certificate_problem(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        let rustls = error.downcast_ref::<rustls::Error>().or_else(|| {
            let io = error.downcast_ref::<std::io::Error>()?;
            io.get_ref()?.downcast_ref::<rustls::Error>()
        });
        if let Some(rustls::Error::InvalidCertificate(problem)) = rustls {
            return Some(in_words(problem));
        }
        next = error.source();
    }
    None
}

fn in_words(problem: &CertificateError) -> String {
    match problem {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired; the server needs a new one".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet; is this machine's clock right?".to_owned()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another name; use the name in the certificate as the host".to_owned()
        }
        CertificateError::UnknownIssuer => {
            "its authority is unknown; if it is your own, name it with ca_file".to_owned()
        }
        CertificateError::BadSignature => {
            "not the authority that it names has signed it, but perhaps another of the same name; if that is your own, \
             name it with ca_file"
                .to_owned()
        }
        other => other.to_string(),
    }
}
