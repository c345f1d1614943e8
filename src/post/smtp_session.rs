//! One SMTP connection, step by step, each step with its time limit, and an answer per recipient.
//!
//! The library's own `send` gives up the whole mail for one refused recipient, limits only the connecting, and can't
//! say that an error came after the final dot, when the server may have taken the mail.

use std::{future::Future, time::Duration};

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

use super::{Letter, Outcome, PostError, ServerSettings, Tls, error::tame, tls::certificate_problem};

const CONNECT: Duration = Duration::from_secs(20);
/// RFC 5321 §4.5.3.2 allows five minutes; a desk with others waiting gives less.
const STEP: Duration = Duration::from_secs(60);
const DATA: Duration = Duration::from_secs(120);
/// As the RFC says: giving up here would only send the mail twice.
const FINAL_DOT: Duration = Duration::from_secs(600);

pub struct Session {
    connection: AsyncSmtpConnection,
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
        let address = (settings.host.as_str(), settings.port);
        let implicit = (settings.tls == Tls::Implicit).then(|| parameters(settings)).transpose()?;
        let connecting = AsyncSmtpConnection::connect_tokio1(address, Some(CONNECT), &hello, implicit, None);
        let mut connection = limited(STEP, connecting).await.map_err(|f| f.connecting(&server))?;
        if settings.tls == Tls::StartTls {
            if !connection.can_starttls() {
                return Err(PostError::Refused {
                    server,
                    command: "STARTTLS".to_owned(),
                    why: "it does not offer it; nothing was sent in plain text".to_owned(),
                });
            }
            let upgrade = connection.starttls(parameters(settings)?, &hello);
            limited(STEP, upgrade).await.map_err(|f| f.connecting(&server))?;
        }
        if let (Some(user), Some(password)) = (&settings.username, &settings.password) {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            limited(STEP, connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials))
                .await
                .map_err(|f| f.logging_in(&server))?;
        }
        Ok(Session { connection })
    }

    /// Still there after a pause?
    pub async fn is_alive(&mut self) -> bool {
        timeout(Duration::from_secs(10), self.connection.test_connected()).await.unwrap_or(false)
    }

    pub async fn send(&mut self, letter: &Letter) -> Sent {
        let Ok(from) = letter.envelope_from.parse::<Address>() else {
            return all(letter, Outcome::Refused(format!("{} cannot be an envelope sender", letter.envelope_from)));
        };
        if let Err(failed) =
            limited(STEP, self.connection.command(Mail::new(Some(from), self.parameters(letter)))).await
        {
            return self.early(letter, failed).await;
        }
        let mut outcomes: Vec<Option<Outcome>> = Vec::new();
        for recipient in &letter.recipients {
            let Ok(address) = recipient.parse::<Address>() else {
                outcomes.push(Some(Outcome::Refused(format!("{recipient} is no address that mail can be sent to"))));
                continue;
            };
            match limited(STEP, self.connection.command(Rcpt::new(address, vec![]))).await {
                Ok(_) => outcomes.push(None),
                Err(failed) if failed.is_answer() => outcomes.push(Some(failed.outcome())),
                Err(failed) => return self.early(letter, failed).await,
            }
        }
        if outcomes.iter().all(Option::is_some) {
            let usable = self.reset().await;
            return Sent { outcomes: outcomes.into_iter().flatten().collect(), lost_before_data: false, usable };
        }
        if let Err(failed) = limited(DATA, self.connection.command(Data)).await {
            return self.early(letter, failed).await;
        }
        let (answer, usable) = self.text(letter).await;
        let outcomes = outcomes.into_iter().map(|o| o.unwrap_or_else(|| answer.clone())).collect();
        Sent { outcomes, lost_before_data: false, usable }
    }

    /// From the first byte of the text on, only an answer says whether the server has the mail.
    async fn text(&mut self, letter: &Letter) -> (Outcome, bool) {
        match limited(FINAL_DOT, self.connection.message(&letter.bytes)).await {
            Ok(response) => (Outcome::Accepted(words(&response)), true),
            Err(failed) if failed.is_answer() => (failed.outcome(), true),
            Err(failed) => (Outcome::Unknown(format!("no answer after the mail was given: {}", failed.why())), false),
        }
    }

    fn parameters(&self, letter: &Letter) -> Vec<MailParameter> {
        let info = self.connection.server_info();
        let mut parameters = Vec::new();
        if !letter.bytes.is_ascii() && info.supports_feature(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        parameters
    }

    /// An end before the text was given.
    async fn early(&mut self, letter: &Letter, failed: Failed) -> Sent {
        let answered = failed.is_answer();
        let usable = answered && self.reset().await;
        Sent { outcomes: vec![failed.outcome(); letter.recipients.len()], lost_before_data: !answered, usable }
    }

    async fn reset(&mut self) -> bool {
        limited(STEP, self.connection.command(lettre::transport::smtp::commands::Rset)).await.is_ok()
    }

    pub async fn quit(mut self) {
        // Politeness only.
        let _ = timeout(Duration::from_secs(5), self.connection.quit()).await;
    }
}

fn all(letter: &Letter, outcome: Outcome) -> Sent {
    Sent { outcomes: vec![outcome; letter.recipients.len()], lost_before_data: false, usable: true }
}

fn parameters(settings: &ServerSettings) -> Result<TlsParameters, PostError> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(path) = &settings.ca_file {
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
    /// Did the server say so, or is the connection gone?
    fn is_answer(&self) -> bool {
        matches!(self, Failed::Error(e) if e.is_permanent() || e.is_transient())
    }

    fn why(&self) -> String {
        match self {
            Failed::Silence(limit) => format!("no answer within {} seconds", limit.as_secs()),
            // The error's own text ends with that of what caused it.
            Failed::Error(e) => tame(&e.to_string()),
        }
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
            Failed::Error(e) => match certificate_problem(e) {
                Some(why) => PostError::Certificate { server, why },
                None => PostError::Connect { server, why: self.why() },
            },
        }
    }

    fn logging_in(&self, server: &str) -> PostError {
        let (server, why) = (server.to_owned(), self.why());
        match self {
            Failed::Error(e) if e.is_permanent() => PostError::Credentials { server, why },
            Failed::Error(e) if e.is_transient() => {
                PostError::Refused { server, command: "the login for now".to_owned(), why }
            }
            Failed::Error(e) if e.is_client() => PostError::Refused { server, command: "AUTH".to_owned(), why },
            _ => PostError::Lost { server, during: format!("during AUTH: {why}") },
        }
    }
}
