//! Server addresses as URLs: `imaps://user@host:port/folder`, `smtps://user@host`, `maildir:PATH`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::post::Tls;

/// A server as its URL names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerUrl {
    pub host: String,
    pub port: u16,
    pub username: Option<String>,
    /// without the leading slash; none when there is none
    pub path: Option<String>,
    pub tls: Tls,
}

/// A protocol's URL schemes and ports.
pub struct Protocol {
    pub secure: &'static str,
    pub plain: &'static str,
    pub secure_port: u16,
    pub starttls_port: u16,
    pub none_port: u16,
    pub example: &'static str,
}

pub const IMAP: Protocol = Protocol {
    secure: "imaps",
    plain: "imap",
    secure_port: 993,
    starttls_port: 143,
    none_port: 143,
    example: "imaps://user%40example.com@mail.example.com/INBOX",
};
pub const SMTP: Protocol = Protocol {
    secure: "smtps",
    plain: "smtp",
    secure_port: 465,
    starttls_port: 587,
    none_port: 25,
    example: "smtps://user%40example.com@mail.example.com",
};

/// What of a user or a folder needs no %-code.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const PLAIN_PATH: &AsciiSet = &PLAIN.remove(b'/');

impl ServerUrl {
    /// As it is written into a configuration; the port only where it is not the usual one.
    pub fn text(&self, protocol: &Protocol) -> String {
        let (scheme, usual_port) = match self.tls {
            Tls::Implicit => (protocol.secure, protocol.secure_port),
            Tls::StartTls => (protocol.plain, protocol.starttls_port),
            Tls::None => (protocol.plain, protocol.none_port),
        };
        let user = self.username.iter().map(|user| format!("{}@", utf8_percent_encode(user, PLAIN)));
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let port = if self.port == usual_port { String::new() } else { format!(":{}", self.port) };
        let path = self.path.iter().map(|path| format!("/{}", utf8_percent_encode(path, PLAIN_PATH)));
        format!("{scheme}://{}{host}{port}{}", user.collect::<String>(), path.collect::<String>())
    }

    /// The `tls` key that has to stand beside it.
    pub fn tls_key(&self) -> Option<&'static str> {
        match self.tls {
            Tls::Implicit => None,
            Tls::StartTls => Some("starttls"),
            Tls::None => Some("none"),
        }
    }
}

/// Reads a URL; `tls` is the key of that name beside it. The error is the end of a sentence that names the key.
pub fn parse(text: &str, tls: Option<&str>, protocol: &Protocol) -> Result<ServerUrl, String> {
    let url = url::Url::parse(text).map_err(|e| match e {
        url::ParseError::RelativeUrlWithoutBase => format!("is no URL: one looks like {}", protocol.example),
        other => format!("is no URL ({other}): one looks like {}", protocol.example),
    })?;
    if url.password().is_some() {
        return Err("holds a password: put it into a file and name that with password_file".to_owned());
    }
    let (secure, plain) = (protocol.secure, protocol.plain);
    let (tls, default_port) = match (url.scheme(), tls) {
        (scheme, None) if scheme == secure => (Tls::Implicit, protocol.secure_port),
        (scheme, Some(_)) if scheme == secure => return Err(format!("is {secure}:// and needs no tls key")),
        (scheme, Some("starttls")) if scheme == plain => (Tls::StartTls, protocol.starttls_port),
        (scheme, Some("none")) if scheme == plain => (Tls::None, protocol.none_port),
        (scheme, None) if scheme == plain => {
            return Err(format!(
                "is {plain}://: say tls = \"starttls\" or tls = \"none\" beside it, or use {secure}://"
            ));
        }
        (scheme, Some(other)) if scheme == plain => {
            return Err(format!("stands beside tls = \"{other}\" (known: starttls, none)"));
        }
        _ => return Err(format!("must begin with {secure}:// or {plain}://")),
    };
    let host = url.host_str().filter(|h| !h.is_empty()).ok_or("names no host")?;
    let path = decode(url.path().trim_start_matches('/'))?;
    let username = decode(url.username())?;
    Ok(ServerUrl {
        host: host.trim_matches(['[', ']']).to_owned(),
        port: url.port().unwrap_or(default_port),
        username: Some(username).filter(|u| !u.is_empty()),
        path: Some(path).filter(|p| !p.is_empty()),
        tls,
    })
}

fn decode(text: &str) -> Result<String, String> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| "has a %-code that is no UTF-8")?;
    if decoded.chars().any(char::is_control) {
        return Err("holds a control character".to_owned());
    }
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_and_folder_are_decoded_and_ports_have_defaults() {
        let url = parse("imaps://support%40example.com@mail.example.com/INBOX/Desk%202", None, &IMAP).unwrap();
        assert_eq!((url.host.as_str(), url.port), ("mail.example.com", 993));
        assert_eq!(url.username.as_deref(), Some("support@example.com"));
        assert_eq!(url.path.as_deref(), Some("INBOX/Desk 2"));
        assert_eq!(parse("smtp://mail.example.com", Some("starttls"), &SMTP).unwrap().port, 587);
        assert_eq!(parse("smtp://127.0.0.1:2525", Some("none"), &SMTP).unwrap().port, 2525);
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        let written = |url: &ServerUrl, protocol| (url.text(protocol), url.tls_key());
        for (host, port, tls, path) in [
            ("mail.example.com", 993, Tls::Implicit, Some("INBOX/Ärger & Co 100%")),
            ("127.0.0.1", 10993, Tls::StartTls, None),
            ("::1", 143, Tls::None, Some("INBOX")),
        ] {
            let (host, path) = (host.to_owned(), path.map(str::to_owned));
            let url = ServerUrl { host, port, username: Some("a/b:c@example.com".to_owned()), path, tls };
            let (text, tls) = written(&url, &IMAP);
            assert_eq!(parse(&text, tls, &IMAP), Ok(url), "{text}");
        }
        let url = parse("smtp://mail.example.com:587", Some("starttls"), &SMTP).unwrap();
        assert_eq!(written(&url, &SMTP), ("smtp://mail.example.com".to_owned(), Some("starttls")));
    }

    #[test]
    fn plain_text_is_never_chosen_silently_and_a_password_is_refused() {
        assert!(parse("imap://u@h", None, &IMAP).unwrap_err().contains("tls ="));
        let refused = parse("imaps://u:hunter2@h", None, &IMAP).unwrap_err();
        assert!(refused.contains("password_file") && !refused.contains("hunter2"));
        assert_eq!(parse("mail", None, &SMTP).unwrap_err(), format!("is no URL: one looks like {}", SMTP.example));
        assert!(parse("http://h", None, &IMAP).unwrap_err().contains("imaps://"));
    }
}
