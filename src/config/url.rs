//! Server addresses as URLs: `imaps://user@host:port/folder`, `smtps://user@host`, `maildir:PATH`.

use percent_encoding::percent_decode_str;

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
}

pub const IMAP: Protocol =
    Protocol { secure: "imaps", plain: "imap", secure_port: 993, starttls_port: 143, none_port: 143 };
pub const SMTP: Protocol =
    Protocol { secure: "smtps", plain: "smtp", secure_port: 465, starttls_port: 587, none_port: 25 };

/// Reads a URL; `tls` is the key of that name beside it. The error is the end of a sentence that names the key.
pub fn parse(text: &str, tls: Option<&str>, protocol: &Protocol) -> Result<ServerUrl, String> {
    let url = url::Url::parse(text).map_err(|e| format!("is no URL ({e})"))?;
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
    fn plain_text_is_never_chosen_silently_and_a_password_is_refused() {
        assert!(parse("imap://u@h", None, &IMAP).unwrap_err().contains("tls ="));
        let refused = parse("imaps://u:hunter2@h", None, &IMAP).unwrap_err();
        assert!(refused.contains("password_file") && !refused.contains("hunter2"));
        assert!(parse("http://h", None, &IMAP).unwrap_err().contains("imaps://"));
    }
}
