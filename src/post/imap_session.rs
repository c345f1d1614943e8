//! One IMAP connection: commands whose tagged answer is demanded, with a time limit on every read.
//!
//! The library's own commands take a refusal of FETCH or SEARCH for an empty answer and an end of the stream for the
//! end of the mails. Here only a tagged OK is success; NO and BAD are refusals, BYE and the end of the stream a lost
//! connection.

use std::time::Duration;

use async_imap::{
    Authenticator, Client,
    error::Error,
    imap_proto::{Capability, MailboxDatum, Outcome, Response, ResponseCode, Status},
};
use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncWriteExt, BufWriter},
    time::timeout,
};

use super::{
    Login, PostError, Secret, ServerSettings, Tls,
    error::{is_loss, tame},
    imap_text::quoted,
    wire::{Wire, dial, encrypt},
};

/// A large mail is one answer: a line this slow is still given the time for it.
const SLOWEST_BYTES_PER_SECOND: u64 = 32 * 1024;
const GOODBYE: Duration = Duration::from_secs(5);

pub struct Session {
    session: async_imap::Session<Box<dyn Wire>>,
    server: Server,
    capabilities: Vec<String>,
    /// the server has told of new mail since this was last set to false
    pub news: bool,
}

impl Session {
    /// Connects in the way that the settings say, reads the greeting, and logs in.
    pub async fn connect(settings: &ServerSettings) -> Result<Session, PostError> {
        let server = Server::of(settings);
        let Some(login) = &settings.login else {
            return Err(PostError::Secret(format!("{} needs a user and a password", server.name)));
        };
        let secret = login.secret().await?;
        let client = open(settings, &server).await?;
        Session::log_in(client, server, login, &secret).await
    }

    /// Connects and reads the greeting, without a login.
    pub async fn reach(settings: &ServerSettings) -> Result<(), PostError> {
        open(settings, &Server::of(settings)).await.map(drop)
    }

    #[cfg(test)]
    pub async fn over(wire: impl Wire + 'static, secret: &Secret) -> Result<Session, PostError> {
        let server = Server { name: "imap.test:143".to_owned(), patience: Duration::from_secs(60) };
        let client = greet(Box::new(wire), &server).await?;
        let kept = secret.clone();
        let login = Login { username: "user".to_owned(), secret: std::sync::Arc::new(move || Ok(kept.clone())) };
        Session::log_in(client, server, &login, secret).await
    }

    /// A token by XOAUTH2. A password by AUTHENTICATE PLAIN where that is offered or needed (LOGIN can't carry every
    /// character), else by LOGIN.
    async fn log_in(
        mut client: Client<Box<dyn Wire>>,
        server: Server,
        login: &Login,
        secret: &Secret,
    ) -> Result<Session, PostError> {
        let user = &login.username;
        let done = match secret {
            Secret::Token(token) => {
                let words = Once(login.bearer(token.expose_secret()));
                server.limited("the login", client.authenticate("XOAUTH2", words)).await?
            }
            Secret::Password(password) => {
                let password = password.expose_secret();
                if offers_plain(&mut client, &server).await? || !password.is_ascii() || !user.is_ascii() {
                    let words = Once(format!("\0{user}\0{password}"));
                    server.limited("the login", client.authenticate("PLAIN", words)).await?
                } else {
                    quoted(user).and(quoted(password))?;
                    server.limited("the login", client.login(user, password)).await?
                }
            }
        };
        let session = done.map_err(|(e, _)| match server.failed("the login", &e) {
            // BAD says that the server has not understood, and nothing of user and password.
            PostError::Refused { server, why, .. } if matches!(e, Error::No(_)) && !is_for_now(&why) => {
                PostError::Credentials { server, why: secret.left_out_of(&why) }
            }
            PostError::Refused { server, command, why } => {
                PostError::Refused { server, command, why: secret.left_out_of(&why) }
            }
            other => other,
        })?;
        let mut session = Session { session, server, capabilities: vec![], news: false };
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

    /// Politeness only: the server notices the end of the connection, too.
    pub async fn log_out(&mut self) {
        let _ = timeout(GOODBYE, self.command("LOGOUT", "LOGOUT", |_| ())).await;
    }

    pub fn can(&self, capability: &str) -> bool {
        self.capabilities.iter().any(|c| c == capability)
    }

    /// Runs a command, gives every untagged answer to `on`, and succeeds only on a tagged OK. `name` stands in errors.
    pub async fn command(&mut self, command: &str, name: &str, on: impl FnMut(&Response<'_>)) -> Result<(), PostError> {
        self.command_for(command, name, 0, on).await
    }

    /// The same for answers of which one may be as large as `expected_bytes`.
    pub async fn command_for(
        &mut self,
        command: &str,
        name: &str,
        expected_bytes: u64,
        mut on: impl FnMut(&Response<'_>),
    ) -> Result<(), PostError> {
        let server = self.server.clone();
        let patience = server.patience + Duration::from_secs(expected_bytes / SLOWEST_BYTES_PER_SECOND);
        let id = server.limited(name, self.session.run_command(command)).await?.map_err(|e| server.failed(name, &e))?;
        loop {
            let read = server.limited_to(patience, name, self.session.read_response()).await?;
            let response = read.map_err(|e| server.failed(name, &Error::Io(e)))?.ok_or_else(|| server.lost(name))?;
            match response.parsed() {
                Response::Done { tag, status, outcome } if *tag == id => return server.verdict(status, outcome, name),
                Response::Data { status: Status::Bye, .. } if name != "LOGOUT" => return Err(server.lost(name)),
                other => {
                    self.news |= is_news(other);
                    on(other);
                }
            }
        }
    }

    /// IDLE (RFC 2177): waits until the server tells of new mail, until `at_most` has passed, or until `stop`. A server
    /// that refuses it is an error like any refusal.
    pub async fn idle(&mut self, at_most: Duration, stop: impl Future<Output = ()>) -> Result<(), PostError> {
        const NAME: &str = "IDLE";
        let server = self.server.clone();
        let id = server.limited(NAME, self.session.run_command(NAME)).await?.map_err(|e| server.failed(NAME, &e))?;
        loop {
            let read = server.limited(NAME, self.session.read_response()).await?;
            let response = read.map_err(|e| server.failed(NAME, &Error::Io(e)))?.ok_or_else(|| server.lost(NAME))?;
            match response.parsed() {
                Response::Continue(_) => break,
                Response::Done { tag, status, outcome } if *tag == id => return server.verdict(status, outcome, NAME),
                Response::Data { status: Status::Bye, .. } => return Err(server.lost(NAME)),
                other => self.news |= is_news(other),
            }
        }
        tokio::select! {
            told = self.told(&server) => told?,
            () = tokio::time::sleep(at_most) => {}
            () = stop => {}
        }
        let done = self.session.run_command_untagged("DONE");
        server.limited(NAME, done).await?.map_err(|e| server.failed(NAME, &e))?;
        loop {
            let read = server.limited(NAME, self.session.read_response()).await?;
            let response = read.map_err(|e| server.failed(NAME, &Error::Io(e)))?.ok_or_else(|| server.lost(NAME))?;
            match response.parsed() {
                Response::Done { tag, status, outcome } if *tag == id => return server.verdict(status, outcome, NAME),
                Response::Data { status: Status::Bye, .. } => return Err(server.lost(NAME)),
                other => self.news |= is_news(other),
            }
        }
    }

    /// Reads on until there is news; without a time limit of its own. May be dropped at any point: what was read of an
    /// answer stays in the connection's buffer.
    async fn told(&mut self, server: &Server) -> Result<(), PostError> {
        const NAME: &str = "IDLE";
        while !self.news {
            let read = self.session.read_response().await;
            let response = read.map_err(|e| server.failed(NAME, &Error::Io(e)))?.ok_or_else(|| server.lost(NAME))?;
            if matches!(response.parsed(), Response::Data { status: Status::Bye, .. }) {
                return Err(server.lost(NAME));
            }
            self.news |= is_news(response.parsed());
        }
        Ok(())
    }
}

fn is_news(response: &Response<'_>) -> bool {
    matches!(response, Response::MailboxData(MailboxDatum::Exists(_) | MailboxDatum::Recent(_)))
}

/// Connects in the way that the settings say, and reads the greeting.
async fn open(settings: &ServerSettings, server: &Server) -> Result<Client<Box<dyn Wire>>, PostError> {
    let tcp = dial(settings).await?;
    match settings.tls {
        Tls::None => greet(in_one_piece(tcp), server).await,
        Tls::Implicit => greet(in_one_piece(encrypt(tcp, settings).await?), server).await,
        Tls::StartTls => {
            let mut plain = greet(Box::new(tcp), server).await?;
            let upgrade = plain.run_command_and_check_ok("STARTTLS", None);
            server.limited("STARTTLS", upgrade).await?.map_err(|e| server.failed("STARTTLS", &e))?;
            // No second greeting comes after STARTTLS, and what was said before it does not count any more.
            Ok(Client::new(in_one_piece(encrypt(plain.into_inner(), settings).await?)))
        }
    }
}

/// Nothing may be said before the greeting is read.
async fn greet(wire: Box<dyn Wire>, server: &Server) -> Result<Client<Box<dyn Wire>>, PostError> {
    let mut client = Client::new(wire);
    let read = server.limited("the greeting", client.read_response()).await?;
    let greeting =
        read.map_err(|e| server.failed("the greeting", &Error::Io(e)))?.ok_or_else(|| server.lost("the greeting"))?;
    if let Response::Data { status: Status::Bye, outcome } = greeting.parsed() {
        return Err(server.refused("the connection", outcome.information.as_deref().unwrap_or_default()));
    }
    drop(greeting);
    Ok(client)
}

/// Asked on the connection as it is now, encrypted or not. The library has commands of one's own only after the login,
/// so this one is written and read by hand.
async fn offers_plain(client: &mut Client<Box<dyn Wire>>, server: &Server) -> Result<bool, PostError> {
    const DURING: &str = "CAPABILITY";
    let ask = async {
        client.get_mut().write_all(b"C1 CAPABILITY\r\n").await?;
        client.get_mut().flush().await
    };
    server.limited(DURING, ask).await?.map_err(|e| server.failed(DURING, &Error::Io(e)))?;
    let mut offered = false;
    loop {
        let read = server.limited(DURING, client.read_response()).await?;
        let response = read.map_err(|e| server.failed(DURING, &Error::Io(e)))?.ok_or_else(|| server.lost(DURING))?;
        match response.parsed() {
            Response::Capabilities(all) => offered = all.iter().any(|c| name(c) == "AUTH=PLAIN"),
            Response::Data { status: Status::Bye, .. } => return Err(server.lost(DURING)),
            Response::Done { tag, .. } if tag.0 == "C1" => return Ok(offered),
            _ => {}
        }
    }
}

/// RFC 5530: a login that fails for another reason than the user and the password.
fn is_for_now(why: &str) -> bool {
    ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "[SERVERBUG]"].iter().any(|code| why.contains(code))
}

/// A server's own words in the library's text of a refusal: `code: None, info: Some("…")`.
fn words_of(refusal: &str) -> &str {
    let words = refusal.split_once("info: Some(\"").map(|(_, words)| words);
    words.and_then(|words| words.strip_suffix("\")")).unwrap_or("it gives no reason")
}

fn name(capability: &Capability<'_>) -> String {
    match capability {
        Capability::Imap4rev1 => "IMAP4REV1".to_owned(),
        Capability::Auth(mechanism) => format!("AUTH={}", mechanism.to_uppercase()),
        Capability::Atom(name) => name.to_uppercase(),
    }
}

/// All that a mechanism has to say (PLAIN: RFC 4616), given once. To what is asked after that the answer is empty: a server
/// that refuses XOAUTH2 gives its reason as a challenge, and its NO only then.
struct Once(String);

impl Authenticator for Once {
    type Response = String;

    fn process(&mut self, _challenge: &[u8]) -> String {
        std::mem::take(&mut self.0)
    }
}

/// A server, and what went wrong with it.
#[derive(Clone)]
struct Server {
    name: String,
    /// one that is silent for so long is gone
    patience: Duration,
}

impl Server {
    fn of(settings: &ServerSettings) -> Server {
        Server { name: settings.name(), patience: settings.patience }
    }

    async fn limited<T>(&self, during: &str, step: impl Future<Output = T>) -> Result<T, PostError> {
        self.limited_to(self.patience, during, step).await
    }

    async fn limited_to<T>(
        &self,
        limit: Duration,
        during: &str,
        step: impl Future<Output = T>,
    ) -> Result<T, PostError> {
        timeout(limit, step).await.map_err(|_| PostError::Timeout {
            server: self.name.clone(),
            during: format!("during {during}"),
            seconds: limit.as_secs(),
        })
    }

    fn verdict(&self, status: &Status, outcome: &Outcome<'_>, name: &str) -> Result<(), PostError> {
        match (status, &outcome.code) {
            (Status::Ok, _) => Ok(()),
            (_, Some(ResponseCode::TryCreate)) => Err(self.refused(name, "TRYCREATE")),
            _ => Err(self.refused(name, outcome.information.as_deref().unwrap_or_default())),
        }
    }

    fn refused(&self, command: &str, why: &str) -> PostError {
        PostError::Refused { server: self.name.clone(), command: command.to_owned(), why: tame(why) }
    }

    fn lost(&self, during: &str) -> PostError {
        PostError::Lost { server: self.name.clone(), during: format!("during {during}") }
    }

    /// The library's texts hold what it could not parse, mail and passwords included: only a refusal's own words and
    /// the kind of an error are told.
    fn failed(&self, during: &str, e: &Error) -> PostError {
        let odd =
            |why: String| PostError::Protocol { server: self.name.clone(), during: format!("during {during}"), why };
        match e {
            Error::No(why) | Error::Bad(why) => self.refused(during, words_of(why)),
            Error::ConnectionLost => self.lost(during),
            Error::Io(e) if is_loss(e) => self.lost(during),
            Error::Io(e) => odd(format!("its answer cannot be understood ({})", e.kind())),
            _ => odd("its answer cannot be understood".to_owned()),
        }
    }
}

/// The library writes a command in four pieces, which would be four packets or TLS records.
fn in_one_piece(wire: impl Wire + 'static) -> Box<dyn Wire> {
    Box::new(BufWriter::new(wire))
}
