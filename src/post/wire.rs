//! The way to a server: TCP, and TLS over it.

use std::{
    fmt::Debug,
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

use super::{
    PostError, ServerSettings,
    error::{is_loss, tame},
    tls,
};

/// For each address of a name, and for the TLS handshake, at most.
const CONNECT: Duration = Duration::from_secs(20);

/// Anything that bytes go through in both directions.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Debug + Send + Sync {}

impl<T: AsyncRead + AsyncWrite + Unpin + Debug + Send + Sync> Wire for T {}

/// Connects to the first of the host's addresses that answers.
pub async fn dial(settings: &ServerSettings) -> Result<TcpStream, PostError> {
    let failed = |why: String| PostError::Connect { server: settings.name(), why };
    let limit = CONNECT.min(settings.patience);
    let silent = || failed(format!("no answer within {} seconds", limit.as_secs()));
    let looked_up = timeout(limit, lookup_host((settings.host.as_str(), settings.port))).await;
    let addresses = looked_up.map_err(|_| silent())?.map_err(|e| failed(e.to_string()))?;
    let mut last = failed("the name has no address".to_owned());
    for address in addresses {
        match timeout(limit, TcpStream::connect(address)).await {
            Ok(Ok(tcp)) => {
                // Short commands, each waiting for its answer. If it can't be set, they only take longer.
                let _ = tcp.set_nodelay(true);
                return Ok(tcp);
            }
            Ok(Err(e)) => last = failed(e.to_string()),
            Err(_) => last = silent(),
        }
    }
    Err(last)
}

pub async fn encrypt(wire: impl Wire + 'static, settings: &ServerSettings) -> Result<Box<dyn Wire>, PostError> {
    let server = settings.name();
    let config = tls::client_config(settings.ca_file.as_deref())?;
    let name = ServerName::try_from(settings.host.clone())
        .map_err(|e| PostError::Connect { server: server.clone(), why: e.to_string() })?;
    let limit = CONNECT.min(settings.patience);
    let stream = timeout(limit, TlsConnector::from(config).connect(name, wire))
        .await
        .map_err(|_| PostError::Timeout {
            server: server.clone(),
            during: "during the TLS handshake".to_owned(),
            seconds: limit.as_secs(),
        })?
        .map_err(|e| match tls::certificate_problem(&e) {
            Some(why) => PostError::Certificate { server: server.clone(), why },
            None if is_loss(&e) => {
                PostError::Lost { server: server.clone(), during: "during the TLS handshake".to_owned() }
            }
            None => PostError::Connect { server: server.clone(), why: no_tls(&e) },
        })?;
    Ok(Box::new(stream))
}

fn no_tls(error: &std::io::Error) -> String {
    match tls::speaks_no_tls(error) {
        true => "it speaks no TLS at once on this port: is it one for tls = \"starttls\"?".to_owned(),
        false => format!("TLS: {}", tame(&error.to_string())),
    }
}

/// A wire as the SMTP library takes one.
#[derive(Debug)]
pub struct SmtpWire {
    pub wire: Box<dyn Wire>,
    pub peer: SocketAddr,
}

impl AsyncTokioStream for SmtpWire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl AsyncRead for SmtpWire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_read(cx, buf)
    }
}

impl AsyncWrite for SmtpWire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}
