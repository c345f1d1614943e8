//! One SMTP connection, step by step, each step with its time limit, and an answer per recipient.
//!
//! The library's own `send` gives up the whole mail for one refused recipient, limits only the connecting, and can't
//! say that an error came after the final dot, when the server may have taken the mail.

use std::{error::Error as _, future::Future, time::Duration};

use lettre::{
    Address,
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, Certificate, CertificateStore, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
        response::Response,
    },
};
use secrecy::ExposeSecret;
use tokio::time::timeout;

use super::{
    Letter, Outcome, PostError, Secret, ServerSettings, Tls,
    error::{is_loss, tame},
    tls,
    tls::certificate_problem,
    wire::{SmtpWire, dial, encrypt},
};

/// RFC 5321 §4.5.3.2 allows a server two minutes to take DATA where it allows one and a half on the average otherwise,
/// and ten for the answer to the final dot: giving up there would only send the mail twice.
const DATA_TIMES: u32 = 2;
const FINAL_DOT_TIMES: u32 = 10;

pub struct Session {
    connection: AsyncSmtpConnection,
    patience: Duration,
}

/// How a letter went, and whether the connection is still good.
pub struct Sent {
    pub outcomes: Vec<Outcome>,
    /// the connection broke before the letter's text was given: nothing has happened
    pub lost_before_data: bool,
    pub usable: bool,
}

impl Session {
    pub async fn open(settings: &ServerSettings, hello: &str) -> Result<Session, PostError> {
        let server = settings.name();
        let hello = ClientId::Domain(hello.to_owned());
        let patience = settings.patience;
        let secret = match &settings.login {
            Some(login) => Some((login, login.secret().await?)),
            None => None,
        };
        // The library's own connections hold the final dot back until the text is acknowledged (Nagle): 40 ms a mail.
        let tcp = dial(settings).await?;
        let peer = tcp.peer_addr().map_err(|e| PostError::Connect { server: server.clone(), why: e.to_string() })?;
        let connecting = match settings.tls {
            Tls::Implicit => {
                let wire = encrypt(tcp, settings).await?;
                AsyncSmtpConnection::connect_with_transport(Box::new(SmtpWire { wire, peer }), &hello)
            }
            Tls::StartTls | Tls::None => AsyncSmtpConnection::connect_with_transport(Box::new(tcp), &hello),
        };
        let mut connection = limited(patience, connecting).await.map_err(|f| f.connecting(&server))?;
        if settings.tls == Tls::StartTls {
            if !connection.can_starttls() {
                return Err(PostError::Refused {
                    server,
                    command: "STARTTLS".to_owned(),
                    why: "it does not offer it; nothing was sent in plain text".to_owned(),
                });
            }
            let upgrade = connection.starttls(parameters(settings)?, &hello);
            limited(patience, upgrade).await.map_err(|f| f.connecting(&server))?;
        }
        if let Some((login, secret)) = secret {
            let (mechanisms, words): (&[Mechanism], _) = match &secret {
                Secret::Password(password) => (&[Mechanism::Plain, Mechanism::Login], password),
                Secret::Token(token) => (&[Mechanism::Xoauth2], token),
            };
            let credentials = Credentials::new(login.username.clone(), words.expose_secret().to_owned());
            let done = limited(patience, connection.auth(mechanisms, &credentials)).await;
            done.map_err(|f| f.logging_in(&server, &secret))?;
        }
        Ok(Session { connection, patience })
    }

    /// Still there after a pause?
    pub async fn is_alive(&mut self) -> bool {
        timeout(Duration::from_secs(10), self.connection.test_connected()).await.unwrap_or(false)
    }

    pub async fn send(&mut self, letter: &Letter) -> Sent {
        let Ok(from) = letter.envelope_from.parse::<Address>() else {
            let why = format!("{} cannot be an envelope sender", letter.envelope_from);
            return Sent::of(vec![Outcome::Refused(why); letter.recipients.len()], true);
        };
        let addresses: Vec<Result<Address, String>> = letter.recipients.iter().map(|r| self.address(r)).collect();
        let mut outcomes: Vec<Option<Outcome>> =
            addresses.iter().map(|address| address.as_ref().err().cloned().map(Outcome::Refused)).collect();
        if outcomes.iter().all(Option::is_some) {
            return Sent::of(outcomes.into_iter().flatten().collect(), true);
        }
        let parameters = self.parameters(letter, addresses.iter().flatten().chain([&from]));
        if let Err(failed) = limited(self.patience, self.connection.command(Mail::new(Some(from), parameters))).await {
            return self.early(outcomes, failed).await;
        }
        for (address, outcome) in addresses.into_iter().zip(&mut outcomes) {
            let Ok(address) = address else { continue };
            match limited(self.patience, self.connection.command(Rcpt::new(address, vec![]))).await {
                Ok(_) => {}
                Err(failed) if failed.is_answer() => *outcome = Some(failed.outcome()),
                Err(failed) => return self.early(outcomes, failed).await,
            }
        }
        if outcomes.iter().all(Option::is_some) {
            let usable = self.reset().await;
            return Sent::of(outcomes.into_iter().flatten().collect(), usable);
        }
        if let Err(failed) = limited(self.patience * DATA_TIMES, self.connection.command(Data)).await {
            return self.early(outcomes, failed).await;
        }
        let (answer, usable) = self.text(letter).await;
        Sent::of(outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| answer.clone())).collect(), usable)
    }

    /// From the first byte of the text on, only an answer says whether the server has the mail.
    async fn text(&mut self, letter: &Letter) -> (Outcome, bool) {
        // The library ends the text with a line break of its own.
        let text = letter.bytes.strip_suffix(b"\r\n").unwrap_or(&letter.bytes);
        match limited(self.patience * FINAL_DOT_TIMES, self.connection.message(text)).await {
            Ok(response) => (Outcome::Accepted(words(&response)), true),
            Err(failed) if failed.code().is_some() => (failed.outcome(), failed.is_answer()),
            Err(failed) => (Outcome::Unknown(format!("no answer after the mail was given: {}", failed.why())), false),
        }
    }

    /// A domain is sent in its ASCII form, which every server takes; a local part beyond ASCII needs SMTPUTF8.
    fn address(&self, recipient: &str) -> Result<Address, String> {
        let no_address = || format!("{} is no address that mail can be sent to", tame(recipient));
        let mut address: Address = recipient.parse().map_err(|_| no_address())?;
        if !address.domain().is_ascii() {
            let domain = url::Host::parse(address.domain()).map_err(|_| no_address())?;
            address = Address::new(address.user(), domain.to_string()).map_err(|_| no_address())?;
        }
        if !address.user().is_ascii() && !self.offers(Extension::SmtpUtfEight) {
            return Err(format!(
                "{recipient} has letters beyond ASCII, which the mail server does not take (SMTPUTF8)"
            ));
        }
        Ok(address)
    }

    fn parameters<'a>(&self, letter: &Letter, mut addresses: impl Iterator<Item = &'a Address>) -> Vec<MailParameter> {
        let mut parameters = Vec::new();
        if !letter.bytes.is_ascii() && self.offers(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        if addresses.any(|address| !address.to_string().is_ascii()) && self.offers(Extension::SmtpUtfEight) {
            parameters.push(MailParameter::SmtpUtfEight);
        }
        parameters
    }

    fn offers(&self, extension: Extension) -> bool {
        self.connection.server_info().supports_feature(extension)
    }

    /// An end before the text was given. What was said of single recipients stays said.
    async fn early(&mut self, outcomes: Vec<Option<Outcome>>, failed: Failed) -> Sent {
        let answered = failed.is_answer();
        let usable = answered && self.reset().await;
        let outcomes = outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(|| failed.outcome())).collect();
        Sent { lost_before_data: !answered, ..Sent::of(outcomes, usable) }
    }

    async fn reset(&mut self) -> bool {
        limited(self.patience, self.connection.command(lettre::transport::smtp::commands::Rset)).await.is_ok()
    }

    pub async fn quit(mut self) {
        // Politeness only.
        let _ = timeout(Duration::from_secs(5), self.connection.quit()).await;
    }
}

impl Sent {
    fn of(outcomes: Vec<Outcome>, usable: bool) -> Sent {
        Sent { outcomes, lost_before_data: false, usable }
    }
}

fn parameters(settings: &ServerSettings) -> Result<TlsParameters, PostError> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.ca_file {
        // The library takes a file without certificates for no authorities; this says what is wrong with it.
        tls::client_config(Some(path))?;
        let wrong = |why: String| PostError::CaFile { path: path.display().to_string(), why };
        let pem = std::fs::read(path).map_err(|e| wrong(e.to_string()))?;
        let certificate = Certificate::from_pem(&pem).map_err(|e| wrong(e.to_string()))?;
        builder = builder.certificate_store(CertificateStore::None).add_root_certificate(certificate);
    }
    builder.build().map_err(|e| PostError::CaFile { path: "the system's store".to_owned(), why: e.to_string() })
}

fn words(response: &Response) -> String {
    tame(&format!("{} {}", response.code(), response.message().collect::<Vec<_>>().join(" ")))
}

/// Why a step has failed.
enum Failed {
    Silence(Duration),
    Error(Error),
}

async fn limited<T>(limit: Duration, step: impl Future<Output = Result<T, Error>>) -> Result<T, Failed> {
    match timeout(limit, step).await {
        Ok(done) => done.map_err(Failed::Error),
        Err(_) => Err(Failed::Silence(limit)),
    }
}

impl Failed {
    fn code(&self) -> Option<u16> {
        match self {
            Failed::Silence(_) => None,
            Failed::Error(e) => e.status().map(u16::from),
        }
    }

    /// Did the server say so, or is the connection gone? With 421 it closes it (RFC 5321 §3.8), often only because
    /// that one has idled or has carried enough.
    fn is_answer(&self) -> bool {
        self.code().is_some_and(|code| code != 421)
    }

    fn why(&self) -> String {
        match self {
            Failed::Silence(limit) => format!("no answer within {} seconds", limit.as_secs()),
            Failed::Error(_) if self.is_loss() => "the connection was lost".to_owned(),
            // The error's own text ends with that of what caused it.
            Failed::Error(e) => tame(&e.to_string()),
        }
    }

    fn is_loss(&self) -> bool {
        let Failed::Error(e) = self else { return false };
        let mut cause = e.source();
        while let Some(error) = cause {
            if error.downcast_ref().is_some_and(is_loss) {
                return true;
            }
            cause = error.source();
        }
        false
    }

    fn outcome(&self) -> Outcome {
        match self {
            Failed::Error(e) if e.is_permanent() => Outcome::Refused(self.why()),
            _ => Outcome::Deferred(self.why()),
        }
    }

    fn connecting(&self, server: &str) -> PostError {
        let server = server.to_owned();
        match self {
            Failed::Silence(limit) => {
                PostError::Timeout { server, during: "while connecting".to_owned(), seconds: limit.as_secs() }
            }
            Failed::Error(e) => match (certificate_problem(e), e.status()) {
                (Some(why), _) => PostError::Certificate { server, why },
                (None, Some(_)) => PostError::Refused { server, command: "to talk".to_owned(), why: self.why() },
                (None, None) if self.is_loss() => PostError::Lost { server, during: "while connecting".to_owned() },
                (None, None) => PostError::Connect { server, why: self.why() },
            },
        }
    }

    fn logging_in(&self, server: &str, secret: &Secret) -> PostError {
        let (server, why) = (server.to_owned(), secret.left_out_of(&self.why()));
        match self {
            // A server gives its reason for refusing a token as a challenge, at which the library stops.
            Failed::Error(e) if e.is_client() && why.contains("challenge") && matches!(secret, Secret::Token(_)) => {
                PostError::Credentials { server, why: "it does not accept the token".to_owned() }
            }
            Failed::Error(e) if e.is_permanent() => PostError::Credentials { server, why },
            Failed::Error(e) if e.is_transient() => {
                PostError::Refused { server, command: "the login for now".to_owned(), why }
            }
            Failed::Error(e) if e.is_client() && why.contains("mechanism") => {
                let why =
                    "it offers no login: leave the user out of the URL, or look whether it wants TLS first".to_owned();
                PostError::Refused { server, command: "AUTH".to_owned(), why }
            }
            Failed::Error(e) if e.is_client() => PostError::Refused { server, command: "AUTH".to_owned(), why },
            _ => PostError::Lost { server, during: format!("during AUTH: {why}") },
        }
    }
}
