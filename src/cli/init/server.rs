//! A server as the dialogue has found it, and how it is written.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::guess::{Candidate, Protocol, ways};
use crate::{
    config::{ServerAnswers, url, url::ServerUrl},
    post::{Login, ServerSettings, Tls},
};

/// How long a login may take while somebody waits at the terminal.
const PATIENCE: Duration = Duration::from_secs(20);

#[derive(Debug, Clone)]
pub struct Server {
    pub protocol: Protocol,
    pub way: Candidate,
    /// relative to the configuration
    pub ca_file: Option<PathBuf>,
    /// else the person has left it so, and no login is tried
    pub answers: bool,
}

impl Server {
    /// As a login takes it; `beside` is the configuration's folder.
    pub fn settings(&self, login: Option<Login>, beside: &Path) -> ServerSettings {
        ServerSettings {
            host: self.way.host.clone(),
            port: self.way.port,
            tls: self.way.tls,
            ca_file: self.ca_file.as_ref().map(|path| beside.join(path)),
            login,
            patience: PATIENCE,
        }
    }

    /// As the configuration's writer takes it; without the secret.
    pub fn answers(&self, username: Option<String>, path: Option<String>) -> ServerAnswers {
        let Candidate { host, port, tls } = self.way.clone();
        let text = ServerUrl { host, port, username, path, tls }.text(scheme(self.protocol));
        ServerAnswers {
            url: Some(text),
            tls: Some(tls),
            ca_file: self.ca_file.as_ref().map(|path| path.display().to_string()),
            secret: None,
        }
    }

    pub fn in_words(&self) -> String {
        let how = match self.way.tls {
            Tls::Implicit => "TLS",
            Tls::StartTls => "STARTTLS",
            Tls::None => "no encryption",
        };
        format!("{}:{} answers ({how})", self.way.host, self.way.port)
    }
}

/// Reads what was given as an option.
pub fn given_url(told: &ServerAnswers, protocol: Protocol) -> anyhow::Result<Option<ServerUrl>> {
    let (option, plain) = match protocol {
        Protocol::Imap => ("--imap", "imap://"),
        Protocol::Smtp => ("--smtp", "smtp://"),
    };
    let Some(text) = told.url.as_deref() else { return Ok(None) };
    let tls = match told.tls {
        Some(Tls::None) => Some("none"),
        Some(Tls::StartTls) => Some("starttls"),
        Some(Tls::Implicit) | None => text.starts_with(plain).then_some("starttls"),
    };
    let url = url::parse(text, tls, scheme(protocol)).map_err(|why| anyhow::anyhow!("{option} {text} {why}"))?;
    Ok(Some(url))
}

fn scheme(protocol: Protocol) -> &'static url::Protocol {
    match protocol {
        Protocol::Imap => &url::IMAP,
        Protocol::Smtp => &url::SMTP,
    }
}

/// The port only where it is not the usual one for its way, or there would be two meanings.
pub fn shown(protocol: Protocol, candidate: &Candidate) -> String {
    let Candidate { host, port, .. } = candidate;
    let host = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    let usual = ways(protocol, &candidate.host, None);
    if usual.first() == Some(candidate) { host } else { format!("{host}:{port}") }
}

/// `mail.example.com`, `mail.example.com:993`, `[::1]:143`
pub fn host_and_port(text: &str) -> Result<(String, Option<u16>), String> {
    let wrong = || format!("\"{text}\": write a host such as mail.example.com, or host:port");
    let (host, port) = match text.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
        Some((host, port)) => (host, Some(port.parse().ok().filter(|port| *port > 0).ok_or_else(wrong)?)),
        None => (text, None),
    };
    let host = match ::url::Host::parse(host).map_err(|_| wrong())? {
        ::url::Host::Domain(name) => name,
        ::url::Host::Ipv4(address) => address.to_string(),
        ::url::Host::Ipv6(address) => address.to_string(),
    };
    Ok((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_may_have_a_port_and_nothing_else() {
        let read = |text| host_and_port(text).ok();
        assert_eq!(read("mail.acme.org"), Some(("mail.acme.org".to_owned(), None)));
        assert_eq!(read("mail.acme.org:993"), Some(("mail.acme.org".to_owned(), Some(993))));
        assert_eq!(read("[::1]:143"), Some(("::1".to_owned(), Some(143))));
        assert_eq!(read("[::1]"), Some(("::1".to_owned(), None)));
        assert_eq!(read("mail.bücher.de"), Some(("mail.xn--bcher-kva.de".to_owned(), None)));
        for wrong in ["", "imaps://mail.acme.org", "me@acme.org", "mail:0", "mail:x", "a b", "[::1", "[mail]", "::1"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_offered_is_read_back_as_the_same_server() {
        for (port, tls, expected) in
            [(993, Tls::Implicit, "h"), (143, Tls::StartTls, "h:143"), (1993, Tls::Implicit, "h:1993")]
        {
            let candidate = Candidate { host: "h".to_owned(), port, tls };
            let text = shown(Protocol::Imap, &candidate);
            assert_eq!(text, expected);
            let (host, port) = host_and_port(&text).unwrap();
            assert!(ways(Protocol::Imap, &host, port).contains(&candidate));
        }
    }
}
