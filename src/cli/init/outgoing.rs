//! Where mail goes: asked for, and tried with the daemon's own login. Nothing is sent.

use std::path::Path;

use super::{
    guess::{Candidate, Protocol},
    incoming::{Incoming, ask_user},
    offer::Offer,
    remedy::Remedy,
    search::Search,
    secret::Secret,
    server::{Server, given_url},
    talk::Talk,
};
use crate::{
    cli::context::hello,
    config::{ServerAnswers, url::ServerUrl},
    post::{self, PostError, Transport, smtp::SmtpSettings},
};

pub struct Outgoing {
    server: Server,
    /// none where the server takes mail without
    login: Option<Login>,
}

struct Login {
    user: String,
    secret: Secret,
}

/// What is known before anything is asked.
pub struct Known<'a> {
    pub told: &'a ServerAnswers,
    pub offer: &'a Offer,
    /// whose login is often the same; none where mail comes from a Maildir
    pub incoming: Option<&'a Incoming>,
    /// the desk's
    pub address: &'a str,
    pub user: &'a str,
    /// the configuration's folder
    pub beside: &'a Path,
}

impl Outgoing {
    pub fn ask(talk: &Talk, known: &Known<'_>) -> anyhow::Result<Outgoing> {
        let url = given_url(known.told, Protocol::Smtp)?;
        let likely_ca_file = known.incoming.and_then(|incoming| incoming.server.ca_file.as_deref());
        let ca_file = known.told.ca_file.as_deref().map(Path::new);
        let search = Search { talk, protocol: Protocol::Smtp, beside: known.beside, ca_file, likely_ca_file };
        let server = match &url {
            Some(url) => search.given(url)?,
            None => search.ask(known.likely_server().as_ref())?,
        };
        let login = match &url {
            Some(url) => known.given_login(talk, url)?,
            None => known.ask_login(talk)?,
        };
        Outgoing { server, login }.settle(&search, known)
    }

    /// Logs in; what is wrong is corrected until that works, or left.
    fn settle(mut self, search: &Search<'_>, known: &Known<'_>) -> anyhow::Result<Outgoing> {
        let talk = search.talk;
        while self.server.answers {
            let Err(why) = self.log_in(talk, known) else {
                talk.ok("the mail server lets the desk in");
                break;
            };
            match search.ask_remedy(&why)? {
                Remedy::Secret | Remedy::User => self.login = known.ask_login(talk)?,
                Remedy::CaFile => self.server.ca_file = Some(search.ask_ca_file()?),
                Remedy::Server => self.server = search.ask(Some(&self.server.way))?,
                Remedy::Again | Remedy::Unencrypted | Remedy::Folder => {}
                Remedy::GoOn => break,
            }
        }
        Ok(self)
    }

    fn log_in(&self, talk: &Talk, known: &Known<'_>) -> Result<(), PostError> {
        let login = self
            .login
            .as_ref()
            .map(|login| post::Login { username: login.user.clone(), secret: login.secret.reader(known.beside) });
        let server = self.server.settings(login, known.beside);
        let settings = SmtpSettings { server, connections: 1, hello: hello(known.address) };
        talk.wait("logging in", Transport::smtp(settings).check())
    }

    pub fn answers(&self) -> ServerAnswers {
        let answers = self.server.answers(self.login.as_ref().map(|login| login.user.clone()), None);
        ServerAnswers { secret: self.secret().map(Secret::source), ..answers }
    }

    pub fn secret(&self) -> Option<&Secret> {
        self.login.as_ref().map(|login| &login.secret)
    }
}

impl Known<'_> {
    /// Where none was found, mail often goes to where it comes from.
    fn likely_server(&self) -> Option<Candidate> {
        let same_host = || {
            let host = &self.incoming?.server.way.host;
            super::guess::ways(Protocol::Smtp, host, None).into_iter().next()
        };
        self.offer.smtp.clone().or_else(same_host)
    }

    fn given_login(&self, talk: &Talk, url: &ServerUrl) -> anyhow::Result<Option<Login>> {
        let Some(user) = url.username.clone() else { return Ok(None) };
        let secret = match &self.told.secret {
            Some(source) => Secret::Kept(source.clone()),
            None => self.ask_secret(talk)?,
        };
        Ok(Some(Login { user, secret }))
    }

    fn ask_login(&self, talk: &Talk) -> anyhow::Result<Option<Login>> {
        let same = self.incoming.map(|incoming| Login { user: incoming.user.clone(), secret: incoming.secret.clone() });
        let other = "Another user and password".to_owned();
        let none = "None: the server takes this machine's mail without one".to_owned();
        let mut labels = vec![other, none];
        if same.is_some() {
            labels.insert(0, "As for the mailbox: the same user and password".to_owned());
        }
        let chosen = talk.choice("Which login?", &labels)? + usize::from(same.is_none());
        Ok(match chosen {
            0 => same,
            1 => Some(Login { user: ask_user(talk, self.user)?, secret: self.ask_secret(talk)? }),
            _ => None,
        })
    }

    fn ask_secret(&self, talk: &Talk) -> anyhow::Result<Secret> {
        Secret::ask(talk, self.offer.provider, self.beside, "smtp.password")
    }
}
