//! Where a password comes from: a file, the environment, or a command; and a token: a command. What they give is never
//! shown.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use secrecy::SecretString;

use super::{ConfigError, exposure};
use crate::post::Secret;

/// How long a command may take: somebody may have to touch a token.
const COMMAND: Duration = Duration::from_secs(30);

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretSource {
    File(PathBuf),
    Env(String),
    Command(String),
    /// a command that gives an OAuth 2.0 access token
    TokenCommand(String),
}

impl SecretSource {
    /// The first line of what the source gives.
    pub fn read(&self) -> Result<Secret, ConfigError> {
        let text = match self {
            SecretSource::File(path) => std::fs::read_to_string(path)
                .map_err(|e| ConfigError::Secret(format!("cannot read the password_file {}: {e}", path.display())))?,
            SecretSource::Env(name) => std::env::var(name)
                .map_err(|_| ConfigError::Secret(format!("the environment has no {name}, which password_env names")))?,
            SecretSource::Command(command) | SecretSource::TokenCommand(command) => run(&self.name(), command)?,
        };
        let first = text.lines().next().unwrap_or_default();
        if first.is_empty() {
            return Err(ConfigError::Secret(format!("{} gives nothing", self.name())));
        }
        let secret = SecretString::from(first.to_owned());
        Ok(match self {
            SecretSource::TokenCommand(_) => Secret::Token(secret),
            _ => Secret::Password(secret),
        })
    }

    /// The key of the configuration that names this source.
    pub fn key(&self) -> &'static str {
        match self {
            SecretSource::File(_) => "password_file",
            SecretSource::Env(_) => "password_env",
            SecretSource::Command(_) => "password_command",
            SecretSource::TokenCommand(_) => "token_command",
        }
    }

    fn name(&self) -> String {
        match self {
            SecretSource::File(path) => format!("the password_file {}", path.display()),
            SecretSource::Env(name) => format!("the environment's {name} (password_env)"),
            SecretSource::Command(_) | SecretSource::TokenCommand(_) => format!("the {}", self.key()),
        }
    }

    /// A password that other users of the machine can read.
    pub fn warning(&self) -> Option<String> {
        let SecretSource::File(path) = self else { return None };
        Some(format!("others can read the password_file {0}: {1}", path.display(), exposure::cure(path)?))
    }
}

/// The command's own words may hold the secret: neither output nor arguments go into an error.
fn run(name: &str, command: &str) -> Result<String, ConfigError> {
    let failed = |why: &str| ConfigError::Secret(format!("{name} {why}"));
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| failed(&format!("cannot be started: {e}")))?;
    let began = Instant::now();
    let status = loop {
        match child.try_wait().map_err(|e| failed(&e.to_string()))? {
            Some(status) => break status,
            None if began.elapsed() > COMMAND => {
                // Best effort: the error below is what matters.
                let _ = child.kill();
                let _ = child.wait();
                return Err(failed("did not end within 30 seconds"));
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    if !status.success() {
        return Err(failed(&format!("ended with {status}")));
    }
    let mut text = String::new();
    if let Some(mut out) = child.stdout.take() {
        std::io::Read::read_to_string(&mut out, &mut text).map_err(|_| failed("gives no text"))?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn exposed(secret: Secret) -> String {
        let (Secret::Password(words) | Secret::Token(words)) = secret;
        words.expose_secret().to_owned()
    }

    #[test]
    fn the_first_line_is_the_password() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pw");
        std::fs::write(&path, "se cret\nnot this\n").unwrap();
        assert_eq!(exposed(SecretSource::File(path).read().unwrap()), "se cret");
        let command = SecretSource::Command("printf 'se%s\\n' cret".to_owned());
        assert_eq!(exposed(command.read().unwrap()), "secret");
        let token = SecretSource::TokenCommand("echo ya29".to_owned()).read().unwrap();
        assert!(matches!(&token, Secret::Token(_)) && exposed(token) == "ya29");
    }

    #[test]
    fn a_failing_command_tells_no_secret() {
        let command = SecretSource::Command("echo hunter2; exit 3 # hunter2".to_owned());
        let error = command.read().unwrap_err().to_string();
        assert!(!error.contains("hunter2") && error.contains('3'), "{error}");
    }
}
