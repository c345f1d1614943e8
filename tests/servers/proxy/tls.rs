//! The certificate that a proxy shows to its clients.

use std::sync::Arc;

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::servers::authority::Certificate;

#[derive(Clone)]
pub struct Tls {
    pub acceptor: TlsAcceptor,
    pub begins: Begins,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Begins {
    /// With the connection.
    AtOnce,
    /// When the client says STARTTLS.
    OnDemand,
}

impl Tls {
    pub fn showing(certificate: &Certificate, begins: Begins) -> Tls {
        let chain = CertificateDer::from_pem_file(&certificate.file).expect("the certificate");
        let key = PrivateKeyDer::from_pem_file(&certificate.key_file).expect("the certificate's key");
        // Named, not the program's default: a test that only uses the proxy has none.
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .and_then(|config| config.with_no_client_auth().with_single_cert(vec![chain], key))
            .expect("a certificate with its key");
        Tls { acceptor: TlsAcceptor::from(Arc::new(config)), begins }
    }
}
