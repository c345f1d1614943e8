//! How the desk logs in: a user, and a secret that is got anew for each connection, because passwords are changed and
//! tokens expire within the hour.

use std::sync::Arc;

use secrecy::SecretString;

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

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("username", &self.username).finish_non_exhaustive()
    }
}
