//! How the desk logs in: a user, and a secret that is got anew for each connection, because passwords are changed and
//! tokens expire within the hour.

use std::sync::Arc;

use mail_parser::decoders::base64::base64_decode;
use secrecy::{ExposeSecret, SecretString};

use super::PostError;

#[derive(Debug, Clone)]
pub enum Secret {
    Password(SecretString),
    /// an OAuth 2.0 access token, for XOAUTH2
    Token(SecretString),
}

/// Where the secret comes from; an error says what was tried and never holds the secret. May take its time (a command).
pub type SecretReader = Arc<dyn Fn() -> Result<Secret, String> + Send + Sync>;

#[derive(Clone)]
pub struct Login {
    pub username: String,
    pub secret: SecretReader,
}

impl Login {
    pub(super) async fn secret(&self) -> Result<Secret, PostError> {
        let read = self.secret.clone();
        let secret = tokio::task::spawn_blocking(move || read()).await;
        secret.unwrap_or_else(|e| Err(e.to_string())).map_err(PostError::Secret)
    }

    /// The words of XOAUTH2 (<https://developers.google.com/workspace/gmail/imap/xoauth2-protocol>).
    pub(super) fn bearer(&self, token: &str) -> String {
        format!("user={}\x01auth=Bearer {token}\x01\x01", self.username)
    }
}

impl Secret {
    /// What a server says of a login. Some repeat what they were told: the secret, also in the encoding in which it was
    /// sent, is left out.
    pub(super) fn left_out_of(&self, text: &str) -> String {
        let (Secret::Password(secret) | Secret::Token(secret)) = self;
        let secret = secret.expose_secret();
        if secret.is_empty() {
            return text.to_owned();
        }
        let text = text.replace(secret, "…");
        let holds_it = |word: &str| {
            let bytes = base64_decode(word.as_bytes()).unwrap_or_default();
            bytes.windows(secret.len()).any(|part| part == secret.as_bytes())
        };
        text.split(' ').map(|word| if holds_it(word) { "…" } else { word }).collect::<Vec<_>>().join(" ")
    }
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("username", &self.username).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_repeats_a_login_betrays_no_secret() {
        let secret = Secret::Password("Pa55wordTOPSECRET".into());
        let said = "5.7.8 you said AUTH PLAIN AGRlc2t1c2VyAFBhNTV3b3JkVE9QU0VDUkVU and Pa55wordTOPSECRET, no";
        assert_eq!(secret.left_out_of(said), "5.7.8 you said AUTH PLAIN … and …, no");
        let usual = "5.7.8 Error: authentication failed: UGFzc3dvcmQ6";
        assert_eq!(secret.left_out_of(usual), usual);
    }
}
