//! Where mail comes from: asked for, and tried with the daemon's own login.

use std::path::Path;

use super::{
    guess::Protocol,
    offer::Offer,
    remedy::Remedy,
    search::Search,
    secret::{Secret, advice},
    server::{Server, given_url},
    talk::{Question, Talk},
};
use crate::{
    config::{ServerAnswers, person::line},
    post::{ImapSettings, Login, PostError, Source},
};

pub struct Incoming {
    pub server: Server,
    pub user: String,
    pub secret: Secret,
    pub folder: String,
    /// mails in it; none when nobody could log in
    pub mails: Option<u32>,
}

impl Incoming {
    /// `beside` is the configuration's folder, `user` what the user is probably called.
    pub fn ask(
        talk: &Talk,
        told: &ServerAnswers,
        offer: &Offer,
        user: &str,
        beside: &Path,
    ) -> anyhow::Result<Incoming> {
        let url = given_url(told, Protocol::Imap)?;
        let ca_file = told.ca_file.as_deref().map(Path::new);
        let search = Search { talk, protocol: Protocol::Imap, beside, ca_file, likely_ca_file: None };
        let server = match &url {
            Some(url) => search.given(url)?,
            None => search.ask(offer.imap.as_ref())?,
        };
        if let Some(advice) = offer.provider.and_then(advice) {
            talk.note(&advice);
        }
        let user = match url.as_ref().and_then(|url| url.username.clone()) {
            Some(user) => user,
            None => ask_user(talk, user)?,
        };
        let secret = match &told.secret {
            Some(source) => Secret::Kept(source.clone()),
            None => ask_secret(talk, offer, beside)?,
        };
        let folder = match &url {
            Some(url) => url.path.clone().unwrap_or_else(|| "INBOX".to_owned()),
            None => ask_folder(talk)?,
        };
        let incoming = Incoming { server, user, secret, folder, mails: None };
        incoming.settle(&search, offer)
    }

    /// Logs in; what is wrong is corrected until that works, or left.
    fn settle(mut self, search: &Search<'_>, offer: &Offer) -> anyhow::Result<Incoming> {
        let Search { talk, beside, .. } = *search;
        while self.server.answers {
            let why = match self.log_in(talk, beside) {
                Ok(mails) => {
                    talk.ok(&format!("the mailbox lets the desk in: {mails} mails in {}", self.folder));
                    self.mails = Some(mails);
                    break;
                }
                Err(why) => why,
            };
            match search.ask_remedy(&why)? {
                Remedy::Secret => {
                    self.secret = match self.secret.type_again(talk)? {
                        Some(secret) => secret,
                        None => ask_secret(talk, offer, beside)?,
                    };
                }
                Remedy::User => self.user = ask_user(talk, &self.user)?,
                Remedy::Folder => self.folder = ask_folder(talk)?,
                Remedy::CaFile => self.server.ca_file = Some(search.ask_ca_file()?),
                Remedy::Server => self.server = search.ask(Some(&self.server.way))?,
                Remedy::Again | Remedy::Unencrypted => {}
                Remedy::GoOn => break,
            }
        }
        Ok(self)
    }

    fn log_in(&self, talk: &Talk, beside: &Path) -> Result<u32, PostError> {
        let login = Login { username: self.user.clone(), secret: self.secret.reader(beside) };
        let server = self.server.settings(Some(login), beside);
        let settings = ImapSettings { server, folder: self.folder.clone(), last_resort: false };
        talk.wait("logging in", async {
            let mut source = Source::open_imap(&settings).await?;
            let state = source.state().await?;
            source.close().await;
            Ok(state.messages)
        })
    }

    pub fn answers(&self) -> ServerAnswers {
        let answers = self.server.answers(Some(self.user.clone()), Some(self.folder.clone()));
        ServerAnswers { secret: Some(self.secret.source()), ..answers }
    }
}

fn ask_secret(talk: &Talk, offer: &Offer, beside: &Path) -> anyhow::Result<Secret> {
    Secret::ask(talk, offer.provider, beside, "imap.password")
}

pub fn ask_user(talk: &Talk, likely: &str) -> anyhow::Result<String> {
    ask_line(talk, "User:", likely)
}

fn ask_folder(talk: &Talk) -> anyhow::Result<String> {
    ask_line(talk, "Folder:", "INBOX")
}

fn ask_line(talk: &Talk, text: &str, likely: &str) -> anyhow::Result<String> {
    let check = |answer: &str| line(answer).map(drop).map_err(|why| format!("it {why}"));
    talk.line(Question { text, default: Some(likely), help: None }, check)
}
