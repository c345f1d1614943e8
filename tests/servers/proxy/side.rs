//! One side of a connection: a stream, and what came from it but was not yet looked at.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};
use tokio_util::either::Either;

/// Read at once: lines are taken from the front of what is there.
const CHUNK: usize = 64 * 1024;

pub struct Side {
    stream: Either<TcpStream, Box<TlsStream<TcpStream>>>,
    unread: Vec<u8>,
}

impl Side {
    pub fn plain(stream: TcpStream) -> Side {
        // Many short lines. If it can't be set, they only take longer.
        let _ = stream.set_nodelay(true);
        Side { stream: Either::Left(stream), unread: Vec::new() }
    }

    pub async fn secured(self, acceptor: &TlsAcceptor) -> io::Result<Side> {
        let Either::Left(stream) = self.stream else { return Ok(self) };
        let stream = Either::Right(Box::new(acceptor.accept(stream).await?));
        Ok(Side { stream, unread: Vec::new() })
    }

    pub fn is_secured(&self) -> bool {
        matches!(self.stream, Either::Right(_))
    }

    /// Waits for more from it; false when it has hung up. Loses nothing when it is given up.
    pub async fn fill(&mut self) -> bool {
        // The stream reads into what is free, and a vector alone grows by 64 bytes.
        self.unread.reserve(CHUNK);
        matches!(self.stream.read_buf(&mut self.unread).await, Ok(1..))
    }

    /// A line with its end, when it is complete.
    pub fn line(&mut self) -> Option<Vec<u8>> {
        let end = self.unread.iter().position(|&byte| byte == b'\n')?;
        Some(self.unread.drain(..=end).collect())
    }

    /// What is there, but not more than this; may be nothing.
    pub fn some(&mut self, at_most: usize) -> Vec<u8> {
        let end = at_most.min(self.unread.len());
        self.unread.drain(..end).collect()
    }

    pub async fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await?;
        self.stream.flush().await
    }

    /// Says in good order that nothing comes any more.
    pub async fn close(&mut self) {
        let _ = self.stream.shutdown().await;
    }

    /// FIN alone, without a close_notify in TLS.
    pub async fn cut(&mut self) {
        let _ = self.tcp().shutdown().await;
    }

    /// RST. A side that is just dropped may send that, too: when there is something that nobody has read.
    pub fn reset(mut self) {
        let _ = self.tcp().set_zero_linger();
    }

    /// Reads, and forgets, until it hangs up.
    pub async fn drain(&mut self) {
        while self.fill().await {
            self.unread.clear();
        }
    }

    fn tcp(&mut self) -> &mut TcpStream {
        match &mut self.stream {
            Either::Left(stream) => stream,
            Either::Right(stream) => stream.get_mut().0,
        }
    }
}
