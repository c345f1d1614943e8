//! One IMAP connection: commands whose tagged answer is demanded, with a time limit on every read.
//!
//! The library's own commands take a refusal of FETCH or SEARCH for an empty answer and an end of the stream for the
//! end of the mails. Here only a tagged OK is success; NO and BAD are refusals, BYE and the end of the stream a lost
//! connection.

use std::{fmt::Debug, time::Duration};

use async_imap::{
    Authenticator, Client,
    error::Error,
    imap_proto::{Capability, Outcome, Response, ResponseCode, Status},
};
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::{TlsConnector, rustls::pki_types::ServerName};

use super::{PostError, ServerSettings, Tls, error::tame, tls};

/// A server that is silent for so long in the middle of an answer is gone.
const ANSWER: Duration = Duration::from_secs(60);
const CONNECT: Duration = Duration::from_secs(20);

/// Anything that bytes go through in both directions.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Debug + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Debug + Send> Wire for T {}

pub struct Session {
    session: async_imap::Session<Box<dyn Wire>>,
    server: String,
    capabilities: Vec<String>,
}

impl Session {
    /// Connects in the way that the settings say, reads the greeting, and logs in.
    pub async fn connect(settings: &ServerSettings) -> Result<Session, PostError> {
        let server = Server(settings.name());
        let (Some(user), Some(password)) = (&settings.username, &settings.password) else {
            return Err(PostError::Secret(format!("{} needs a user and a password", server.0)));
        };
        let tcp = timeout(CONNECT, TcpStream::connect((settings.host.as_str(), settings.port)))
            .await
            .map_err(|_| server.unreachable(format!("no answer within {} seconds", CONNECT.as_secs())))?
            .map_err(|e| server.unreachable(e.to_string()))?;
        let (client, offers_plain) = match settings.tls {
            Tls::None => greet(Box::new(tcp), &server).await?,
            Tls::Implicit => greet(encrypted(tcp, settings).await?, &server).await?,
            Tls::StartTls => {
                let (mut plain, _) = greet(Box::new(tcp), &server).await?;
                let upgrade = plain.run_command_and_check_ok("STARTTLS", None);
                server.limited("STARTTLS", upgrade).await?.map_err(|e| server.failed("STARTTLS", &e))?;
                // No second greeting comes after STARTTLS, and what was said before it does not count any more.
                (Client::new(encrypted(plain.into_inner(), settings).await?), false)
            }
        };
        Session::log_in(client, server, user, password, offers_plain).await
    }

    #[cfg(test)]
    pub async fn over(wire: impl Wire + 'static) -> Result<Session, PostError> {
        let server = Server("imap.test:143".to_owned());
        let (client, offers_plain) = greet(Box::new(wire), &server).await?;
        Session::log_in(client, server, "user", &SecretString::from("secret"), offers_plain).await
    }

    /// AUTHENTICATE PLAIN where it is offered or needed (LOGIN can't carry every character), else LOGIN.
    async fn log_in(
        client: Client<Box<dyn Wire>>,
        server: Server,
        user: &str,
        password: &SecretString,
        offers_plain: bool,
    ) -> Result<Session, PostError> {
        let secret = password.expose_secret();
        let done = if offers_plain || !secret.is_ascii() || !user.is_ascii() {
            server.limited("the login", client.authenticate("PLAIN", Plain(format!("\0{user}\0{secret}")))).await?
        } else {
            quoted(user).and(quoted(secret))?;
            server.limited("the login", client.login(user, secret)).await?
        };
        let session = done.map_err(|(e, _)| match server.failed("the login", &e) {
            PostError::Refused { server, why, .. } => PostError::Credentials { server, why },
            other => other,
        })?;
        let mut session = Session { session, server: server.0, capabilities: vec![] };
        session.ask_capabilities().await?;
        Ok(session)
    }

    async fn ask_capabilities(&mut self) -> Result<(), PostError> {
        let mut all = Vec::new();
        self.command("CAPABILITY", "CAPABILITY", |response| {
            if let Response::Capabilities(capabilities) = response {
                all.extend(capabilities.iter().map(name));
            }
        })
        .await?;
        self.capabilities = all;
        Ok(())
    }

    pub fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|c| c == capability)
    }

    /// Runs a command, gives every untagged answer to `on`, and succeeds only on a tagged OK. `name` stands in errors.
    pub async fn command(
        &mut self,
        command: &str,
        name: &str,
        mut on: impl FnMut(&Response<'_>),
    ) -> Result<(), PostError> {
        let server = Server(self.server.clone());
        let id = server.limited(name, self.session.run_command(command)).await?.map_err(|e| server.failed(name, &e))?;
        loop {
            let read = server.limited(name, self.session.read_response()).await?;
            let response = read.map_err(|e| server.failed(name, &Error::Io(e)))?.ok_or_else(|| server.lost(name))?;
            match response.parsed() {
                Response::Done { tag, status, outcome } if *tag == id => return server.verdict(status, outcome, name),
                Response::Data { status: Status::Bye, .. } if name != "LOGOUT" => return Err(server.lost(name)),
                other => on(other),
            }
        }
    }
}

/// What a server greets with; the second value says whether it offers AUTH=PLAIN in its greeting.
async fn greet(wire: Box<dyn Wire>, server: &Server) -> Result<(Client<Box<dyn Wire>>, bool), PostError> {
    let mut client = Client::new(wire);
    let read = server.limited("the greeting", client.read_response()).await?;
    let greeting =
        read.map_err(|e| server.failed("the greeting", &Error::Io(e)))?.ok_or_else(|| server.lost("the greeting"))?;
    let offers_plain = match greeting.parsed() {
        Response::Data { status: Status::Bye, outcome } => {
            return Err(server.refused("the connection", outcome.information.as_deref().unwrap_or_default()));
        }
        Response::Data { outcome: Outcome { code: Some(ResponseCode::Capabilities(all)), .. }, .. } => {
            all.iter().any(|c| name(c) == "AUTH=PLAIN")
        }
        _ => false,
    };
    drop(greeting);
    Ok((client, offers_plain))
}

fn name(capability: &Capability<'_>) -> String {
    match capability {
        Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
        Capability::Auth(mechanism) => format!("AUTH={}", mechanism.to_uppercase()),
        Capability::Atom(name) => name.to_uppercase(),
    }
}

/// The whole of SASL PLAIN (RFC 4616), given once.
struct Plain(String);

impl Authenticator for Plain {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        std::mem::take(&mut self.0)
    }
}

/// A server's name, and what went wrong with it.
struct Server(String);

impl Server {
    async fn limited<T>(&self, during: &str, step: impl Future<Output = T>) -> Result<T, PostError> {
        timeout(ANSWER, step).await.map_err(|_| PostError::Timeout {
            server: self.0.clone(),
            during: format!("during {during}"),
            seconds: ANSWER.as_secs(),
        })
    }

    fn verdict(&self, status: &Status, outcome: &Outcome<'_>, name: &str) -> Result<(), PostError> {
        match (status, &outcome.code) {
            (Status::Ok, _) => Ok(()),
            (_, Some(ResponseCode::TryCreate)) => Err(self.refused(name, "TRYCREATE")),
            _ => Err(self.refused(name, outcome.information.as_deref().unwrap_or_default())),
        }
    }

    fn unreachable(&self, why: String) -> PostError {
        PostError::Connect { server: self.0.clone(), why }
    }

    fn refused(&self, command: &str, why: &str) -> PostError {
        PostError::Refused { server: self.0.clone(), command: command.to_owned(), why: tame(why) }
    }

    fn lost(&self, during: &str) -> PostError {
        PostError::Lost { server: self.0.clone(), during: format!("during {during}") }
    }

    /// The library's texts hold what it could not parse, mail and passwords included: only a refusal's own words and
    /// the kind of an error are told.
    fn failed(&self, during: &str, e: &Error) -> PostError {
        use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, NotConnected, UnexpectedEof};
        let odd = |why: String| PostError::Protocol { server: self.0.clone(), during: format!("during {during}"), why };
        match e {
            Error::No(why) | Error::Bad(why) => self.refused(during, why),
            Error::ConnectionLost => self.lost(during),
            Error::Io(e) => match e.kind() {
                BrokenPipe | ConnectionAborted | ConnectionReset | NotConnected | UnexpectedEof => self.lost(during),
                kind => odd(format!("its answer cannot be understood ({kind})")),
            },
            _ => odd("its answer cannot be understood".to_owned()),
        }
    }
}

async fn encrypted(wire: impl Wire + 'static, settings: &ServerSettings) -> Result<Box<dyn Wire>, PostError> {
    let server = settings.name();
    let config = tls::client_config(settings.ca_file.as_deref())?;
    let name = ServerName::try_from(settings.host.clone())
        .map_err(|e| PostError::Connect { server: server.clone(), why: e.to_string() })?;
    let stream = timeout(CONNECT, TlsConnector::from(config).connect(name, wire))
        .await
        .map_err(|_| PostError::Timeout {
            server: server.clone(),
            during: "during the TLS handshake".to_owned(),
            seconds: CONNECT.as_secs(),
        })?
        .map_err(|e| match tls::certificate_problem(&e) {
            Some(why) => PostError::Certificate { server: server.clone(), why },
            None => PostError::Connect { server: server.clone(), why: format!("TLS: {}", tame(&e.to_string())) },
        })?;
    Ok(Box::new(stream))
}

/// A string as IMAP quotes it.
pub fn quoted(text: &str) -> Result<String, PostError> {
    if text.contains(['\r', '\n', '\0']) {
        return Err(PostError::Secret(
            "a user, password or folder holds a line break: IMAP cannot take that".to_owned(),
        ));
    }
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}
