//! The search for one server: asked for, tried, and corrected until it answers or the person leaves it so.

use std::path::{Path, PathBuf};

use super::{
    guess::{Candidate, Protocol, ways},
    probe::{self, Found},
    remedy::{Remedy, remedies},
    server::{Server, host_and_port, shown},
    talk::{Question, Talk},
};
use crate::{
    config::url::ServerUrl,
    post::{PostError, Tls},
};

pub struct Search<'a> {
    pub talk: &'a Talk,
    pub protocol: Protocol,
    /// the configuration's folder
    pub beside: &'a Path,
    /// the authority that was given as an option, relative to the configuration
    pub ca_file: Option<&'a Path>,
    /// the authority of another server of the desk, which this one's may be, too
    pub likely_ca_file: Option<&'a Path>,
}

impl Search<'_> {
    /// Asks until one answers. `offered` stands in brackets.
    pub fn ask(&self, offered: Option<&Candidate>) -> anyhow::Result<Server> {
        let default = offered.map(|offered| shown(self.protocol, offered));
        loop {
            let help = Some("host, or host:port");
            let question = Question { text: "Server:", default: default.as_deref(), help };
            let typed = self.talk.line(question, |text| host_and_port(text).map(drop))?;
            let (host, port) = host_and_port(&typed).map_err(anyhow::Error::msg)?;
            let ways = match offered {
                Some(offered) if default.as_deref() == Some(&typed) => vec![offered.clone()],
                _ => ways(self.protocol, &host, port),
            };
            if let Some(server) = self.settle(ways)? {
                return Ok(server);
            }
        }
    }

    /// The one that was given as an option; another, if it doesn't answer and the person wants that.
    pub fn given(&self, url: &ServerUrl) -> anyhow::Result<Server> {
        let way = Candidate { host: url.host.clone(), port: url.port, tls: url.tls };
        match self.settle(vec![way.clone()])? {
            Some(server) => Ok(server),
            None => self.ask(Some(&way)),
        }
    }

    /// None when it is to be another one.
    fn settle(&self, mut ways: Vec<Candidate>) -> anyhow::Result<Option<Server>> {
        let mut ca_file = self.ca_file.map(Path::to_owned);
        loop {
            let Some(first) = ways.first() else { return Ok(None) };
            let trying = format!("trying {}", first.host);
            let found = probe::best(self.protocol, ways.clone(), ca_file.as_ref().map(|path| self.beside.join(path)));
            let Some(Found { way, trouble }) = self.talk.wait(&trying, found) else { return Ok(None) };
            let mut server = Server { protocol: self.protocol, way, ca_file: ca_file.clone(), answers: true };
            let Some(why) = trouble else {
                self.talk.ok(&server.in_words());
                return Ok(Some(server));
            };
            match self.ask_remedy(&why)? {
                Remedy::Server => return Ok(None),
                Remedy::CaFile => ca_file = Some(self.ask_ca_file()?),
                Remedy::Unencrypted => ways = vec![Candidate { tls: Tls::None, ..server.way }],
                Remedy::GoOn => {
                    server.answers = false;
                    return Ok(Some(server));
                }
                Remedy::Again | Remedy::Secret | Remedy::User | Remedy::Folder => {}
            }
        }
    }

    /// Says what is wrong, and asks what to do about it.
    pub fn ask_remedy(&self, why: &PostError) -> anyhow::Result<Remedy> {
        match why {
            // Its own words speak of the configuration's URL, which nobody has typed here.
            PostError::Credentials { server, why } => {
                self.talk.bad(&format!("{server} refuses the user or the password: {why}"));
            }
            why => self.talk.bad(&why.to_string()),
        }
        let remedies = remedies(why);
        let labels: Vec<String> = remedies.iter().map(|remedy| remedy.label().to_owned()).collect();
        Ok(remedies[self.talk.choice("What now?", &labels)?])
    }

    /// Typed relative to where the person is, kept relative to the configuration.
    pub fn ask_ca_file(&self) -> anyhow::Result<PathBuf> {
        let is_readable = |text: &str| match std::fs::File::open(text) {
            Ok(_) => Ok(()),
            Err(why) => Err(format!("cannot read {text}: {why}")),
        };
        let default = self.likely_ca_file.map(|path| self.beside.join(path).display().to_string());
        let help = Some("certificates in PEM form");
        let question = Question { text: "The authority's file:", default: default.as_deref(), help };
        let typed = self.talk.line(question, is_readable)?;
        let is_here = self.beside.as_os_str().is_empty();
        if is_here { Ok(typed.into()) } else { Ok(std::path::absolute(typed)?) }
    }
}
