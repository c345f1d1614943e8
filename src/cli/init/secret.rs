//! Where a password comes from: typed and kept in a file of its own, or from where the person says.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use secrecy::{ExposeSecret, SecretString};

use super::{
    files::NewFile,
    providers::{Provider, Wants},
    talk::{Question, Talk},
};
use crate::{
    config::SecretSource,
    post::{self, SecretReader},
};

const PASSWORD: &str = "Password:";

#[derive(Debug, Clone)]
pub enum Secret {
    /// goes into a new file of this name, beside the configuration
    Typed { words: SecretString, file: PathBuf },
    /// paths are relative to the configuration
    Kept(SecretSource),
}

impl Secret {
    /// Asks for it. `file` is where a typed one is kept, by its name beside the configuration in `folder`.
    pub fn ask(talk: &Talk, provider: Option<&Provider>, folder: &Path, file: &str) -> anyhow::Result<Secret> {
        let there = folder.join(file).exists();
        let mut ways = vec![Way::Type, Way::Env, Way::Command, Way::Token];
        if there {
            ways.insert(0, Way::There);
        }
        if provider.is_some_and(|provider| provider.wants == Wants::Token) {
            ways.rotate_right(1);
        }
        let new = free_name(folder, file);
        let labels: Vec<String> = ways.iter().map(|way| way.label(file, &new.display().to_string())).collect();
        let line = |text| talk.line(Question { text, ..Question::default() }, not_empty);
        Ok(match ways[talk.choice("How is the password given?", &labels)?] {
            Way::Type => Secret::Typed { words: talk.password(PASSWORD)?, file: new },
            Way::There => Secret::Kept(SecretSource::File(file.into())),
            Way::Env => Secret::Kept(SecretSource::Env(line("Name of the variable:")?)),
            Way::Command => Secret::Kept(SecretSource::Command(line("Command that prints the password:")?)),
            Way::Token => Secret::Kept(SecretSource::TokenCommand(line("Command that prints the token:")?)),
        })
    }

    /// Asks for a typed one once more, in the same way.
    pub fn type_again(&self, talk: &Talk) -> anyhow::Result<Option<Secret>> {
        let Secret::Typed { file, .. } = self else { return Ok(None) };
        Ok(Some(Secret::Typed { words: talk.password(PASSWORD)?, file: file.clone() }))
    }

    /// As a login takes it; `folder` is the configuration's.
    pub fn reader(&self, folder: &Path) -> SecretReader {
        match self {
            Secret::Typed { words, .. } => {
                let words = words.clone();
                Arc::new(move || Ok(post::Secret::Password(words.clone())))
            }
            Secret::Kept(source) => {
                let source = match source {
                    SecretSource::File(path) => SecretSource::File(folder.join(path)),
                    other => other.clone(),
                };
                Arc::new(move || source.read().map_err(|e| e.to_string()))
            }
        }
    }

    /// As the configuration names it.
    pub fn source(&self) -> SecretSource {
        match self {
            Secret::Typed { file, .. } => SecretSource::File(file.clone()),
            Secret::Kept(source) => source.clone(),
        }
    }

    /// The file that has to be written for it.
    pub fn file(&self, folder: &Path) -> Option<NewFile> {
        let Secret::Typed { words, file } = self else { return None };
        let line = SecretString::from(format!("{}\n", words.expose_secret()));
        Some(NewFile::secret(&folder.join(file), line))
    }
}

/// What the provider takes for a password, where that isn't the account's own.
pub fn advice(provider: &Provider) -> Option<String> {
    let name = provider.name;
    match provider.wants {
        Wants::Password => None,
        Wants::AppPassword(place) => {
            Some(format!("{name} takes no account password here, but an app password; make one: {place}."))
        }
        Wants::PasswordAfter(what) => Some(format!("{name} lets programs in only after {what}.")),
        Wants::Token => Some(format!(
            "{name} refuses passwords here: it wants an OAuth 2.0 access token. Name a command that prints one; it is \
             run for each connection."
        )),
    }
}

#[derive(Clone, Copy)]
enum Way {
    Type,
    There,
    Env,
    Command,
    Token,
}

impl Way {
    fn label(self, there: &str, new: &str) -> String {
        match self {
            Way::Type => format!("Type it now; it is kept in {new}, which nobody else may read"),
            Way::There => format!("It is in {there} already"),
            Way::Env => "An environment variable holds it".to_owned(),
            Way::Command => "A command prints it".to_owned(),
            Way::Token => "No password: a command prints an OAuth 2.0 access token".to_owned(),
        }
    }
}

/// A file that is there is not overwritten.
fn free_name(folder: &Path, file: &str) -> PathBuf {
    let numbered = (2..).map(|n| format!("{file}.{n}"));
    let mut names = std::iter::once(file.to_owned()).chain(numbered);
    names.find(|name| !folder.join(name).exists()).unwrap_or_else(|| file.to_owned()).into()
}

fn not_empty(answer: &str) -> Result<(), String> {
    crate::config::person::line(answer).map(drop).map_err(|why| format!("it {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_password_goes_into_a_new_file_beside_those_that_are_there() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(free_name(folder.path(), "imap.password"), Path::new("imap.password"));
        std::fs::write(folder.path().join("imap.password"), "older\n").unwrap();
        assert_eq!(free_name(folder.path(), "imap.password"), Path::new("imap.password.2"));
    }
}
