//! A client that takes from a server whatever comes, and tells how the connection ends.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{PASSWORD, Servers};

pub struct Caller {
    stream: Box<dyn Stream>,
    /// What came and is no whole line yet.
    unread: Vec<u8>,
    /// Seen when something was said: then nothing is left of it to read.
    was_reset: bool,
}

trait Stream: Read + Write + Send {}

impl<T: Read + Write + Send> Stream for T {}

/// How a connection has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// FIN.
    Closed,
    /// RST.
    Reset,
}

impl Caller {
    pub fn call(port: u16) -> Caller {
        Caller::over(connected(port))
    }

    /// Logged in by IMAP, with the user's INBOX open.
    pub fn in_inbox_of(user: &str, port: u16) -> Caller {
        let mut caller = Caller::call(port);
        caller.line().expect("a greeting");
        for command in [format!("LOGIN {user} {PASSWORD}"), "SELECT INBOX".to_owned()] {
            let answer = caller.imap(&command).expect("an answer");
            assert!(answer.concat().contains("t OK"), "{command}: {answer:?}");
        }
        caller
    }

    /// Over TLS, trusting the authority of these servers. An error is what is wrong with the server's certificate.
    pub fn call_over_tls(port: u16, servers: &Servers) -> Result<Caller, String> {
        encrypted(connected(port), servers).map(Caller::over)
    }

    /// The same after a STARTTLS that was said in SMTP or IMAP.
    pub fn call_with_starttls(port: u16, servers: &Servers, dialogue: &[&str]) -> Result<Caller, String> {
        let socket = connected(port);
        let mut plain = Caller::over(socket.try_clone().expect("the same socket again"));
        plain.line().expect("a greeting");
        for command in dialogue {
            plain.say(command);
            let done = |line: &str| !line.starts_with("* ") && line.as_bytes().get(3) != Some(&b'-');
            while !done(&plain.line().expect("an answer")) {}
        }
        encrypted(socket, servers).map(Caller::over)
    }

    fn over(stream: impl Stream + 'static) -> Caller {
        Caller { stream: Box::new(stream), unread: Vec::new(), was_reset: false }
    }

    /// If nobody listens any more, that shows when the answer is read.
    pub fn say(&mut self, line: &str) {
        let said = self.stream.write_all(format!("{line}\r\n").as_bytes()).and_then(|()| self.stream.flush());
        self.was_reset |= said.is_err_and(|why| why.kind() == ErrorKind::ConnectionReset);
    }

    /// The next line without its end. What comes before an end without being a whole line is one, too.
    pub fn line(&mut self) -> Result<String, End> {
        loop {
            if let Some(end) = self.unread.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.unread.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if let Err(end) = self.more() {
                let rest = self.rest();
                return if rest.is_empty() { Err(end) } else { Ok(String::from_utf8_lossy(&rest).into_owned()) };
            }
        }
    }

    fn more(&mut self) -> Result<(), End> {
        let mut some = [0; 4096];
        match self.stream.read(&mut some) {
            Ok(0) if self.was_reset => Err(End::Reset),
            Ok(0) => Err(End::Closed),
            Ok(bytes) => {
                self.unread.extend_from_slice(&some[..bytes]);
                Ok(())
            }
            Err(why) => match why.kind() {
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => Err(End::Reset),
                // A read with a time limit is not taken up again after the process was stopped for a while.
                ErrorKind::Interrupted => Ok(()),
                // TLS that ends without a close_notify.
                ErrorKind::UnexpectedEof => Err(End::Closed),
                _ => panic!("read from the server: {why}"),
            },
        }
    }

    fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.unread)
    }

    pub fn rest_of_bytes(&mut self) -> (Vec<u8>, End) {
        loop {
            if let Err(end) = self.more() {
                return (self.rest(), end);
            }
        }
    }

    /// All that comes until the connection ends, and how that happens.
    pub fn rest_of_lines(&mut self) -> (Vec<String>, End) {
        let mut lines = Vec::new();
        loop {
            match self.line() {
                Ok(line) => lines.push(line),
                Err(end) => return (lines, end),
            }
        }
    }

    /// The lines of an IMAP server's answer, the tagged one last.
    pub fn imap(&mut self, command: &str) -> Result<Vec<String>, End> {
        self.say(&format!("t {command}"));
        let mut lines = Vec::new();
        while !lines.last().is_some_and(|line: &String| line.starts_with("t ")) {
            lines.push(self.line()?);
        }
        Ok(lines)
    }

    /// The last line of an SMTP server's reply.
    pub fn smtp(&mut self, command: &str) -> Result<String, End> {
        self.say(command);
        self.smtp_reply()
    }

    pub fn smtp_reply(&mut self) -> Result<String, End> {
        loop {
            let line = self.line()?;
            if line.as_bytes().get(3) != Some(&b'-') {
                return Ok(line);
            }
        }
    }
}

fn connected(port: u16) -> TcpStream {
    let socket = TcpStream::connect(("127.0.0.1", port)).expect("connect");
    socket.set_read_timeout(Some(Duration::from_secs(30))).expect("a time limit");
    socket
}

fn encrypted(socket: TcpStream, servers: &Servers) -> Result<StreamOwned<ClientConnection, TcpStream>, String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&servers.ca_file).expect("the CA's file")).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS as usual")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "localhost".try_into().expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a TLS connection");
    let mut stream = StreamOwned::new(connection, socket);
    let handshake = stream.conn.complete_io(&mut stream.sock);
    handshake.map_err(|why| why.to_string())?;
    Ok(stream)
}
