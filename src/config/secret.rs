//! Where a password comes from: a file, the environment, or a command; and a token: a command. What they give is never
//! shown.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process_group};
use secrecy::SecretString;

use super::{ConfigError, exposure};
use crate::post::Secret;

/// How long a command may take: somebody may have to touch a token.
const COMMAND: Duration = Duration::from_secs(30);
/// What a command has written is there when it has ended, or somebody else holds its output open.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// More is no password and no token.
const MOST_BYTES: u64 = 64 * 1024;

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
            SecretSource::File(path) => read_file(path).map_err(|why| {
                ConfigError::Secret(format!("cannot read the password_file {}: {why}", path.display()))
            })?,
            SecretSource::Env(name) => std::env::var(name)
                .map_err(|_| ConfigError::Secret(format!("the environment has no {name}, which password_env names")))?,
            SecretSource::Command(command) | SecretSource::TokenCommand(command) => run(&self.name(), command)?,
        };
        let first = text.lines().next().unwrap_or_default();
        if first.is_empty() {
            return Err(ConfigError::Secret(format!("{} gives nothing: its first line is the secret", self.name())));
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

fn read_file(path: &Path) -> Result<String, String> {
    const TO_DO: &str = "put the password into it, on one line, and give it mode 600";
    // A pipe or a device may never end.
    match std::fs::metadata(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Err(format!("{e}; {TO_DO}")),
        Err(e) => return Err(e.to_string()),
        Ok(data) if !data.is_file() => return Err("it is no file".to_owned()),
        Ok(data) if data.len() > MOST_BYTES => return Err(format!("it has {} bytes; {TO_DO}", data.len())),
        Ok(_) => {}
    }
    let mut text = String::new();
    let file = File::open(path).map_err(|e| e.to_string())?;
    file.take(MOST_BYTES).read_to_string(&mut text).map_err(|e| e.to_string())?;
    Ok(text)
}

/// The first line of what a command writes. Its own words may hold the secret: neither output nor arguments go into an
/// error, and what it complains of goes nowhere.
fn run(name: &str, command: &str) -> Result<String, ConfigError> {
    let failed = |why: &str| ConfigError::Secret(format!("{name} {why}"));
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // So that all it has started can be ended with it.
        .process_group(0)
        .spawn()
        .map_err(|e| failed(&format!("cannot be started: {e}")))?;
    let line = first_line(&mut child);
    let began = Instant::now();
    let status = loop {
        match child.try_wait().map_err(|e| failed(&e.to_string()))? {
            Some(status) => break status,
            None if began.elapsed() > COMMAND => {
                kill_all(&child);
                // Best effort: the error below is what matters.
                let _ = child.wait();
                return Err(failed("did not end within 30 seconds"));
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    };
    if !status.success() {
        return Err(failed(&format!("ended with {status}: run it by hand, as the desk's user, to see why")));
    }
    let line = line.recv_timeout(LAST_WORDS).or_else(|_| {
        // Something in the background holds the output open, and the line has no end.
        kill_all(&child);
        line.recv_timeout(LAST_WORDS)
    });
    String::from_utf8(line.unwrap_or_default()).map_err(|_| failed("gives no text"))
}

/// Read on a thread of its own: nobody can tell when the command writes, or what else holds its output open.
fn first_line(child: &mut Child) -> Receiver<Vec<u8>> {
    let (tell, told) = channel();
    if let Some(out) = child.stdout.take() {
        thread::spawn(move || {
            let (mut out, mut line) = (BufReader::new(out), Vec::new());
            // Whatever could be read; whoever waited may be gone.
            let _ = out.by_ref().take(MOST_BYTES).read_until(b'\n', &mut line);
            let _ = tell.send(line);
            // A command that writes more must not fail by that.
            let _ = std::io::copy(&mut out, &mut std::io::sink());
        });
    }
    told
}

fn kill_all(child: &Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // Best effort: it may have ended.
        let _ = kill_process_group(group, Signal::KILL);
    }
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

    #[test]
    fn what_a_command_leaves_in_the_background_holds_nothing_up() {
        // If one were waited for, the test would not end.
        for command in
            ["sleep 100000 & echo secret", "sleep 100000 & printf secret", "echo secret; yes | head -c 100000"]
        {
            let command = SecretSource::Command(command.to_owned());
            assert_eq!(exposed(command.read().unwrap()), "secret");
        }
    }

    #[test]
    fn what_is_no_file_or_no_password_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        let large = folder.path().join("large");
        std::fs::write(&large, vec![b'x'; 70_000]).unwrap();
        let why = |path: &Path| SecretSource::File(path.to_owned()).read().unwrap_err().to_string();
        assert!(why(Path::new("/dev/zero")).contains("it is no file"));
        assert!(why(&large).contains("70000 bytes"));
        assert!(why(&folder.path().join("missing")).contains("put the password into it"));
    }
}
