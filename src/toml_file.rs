//! Reading TOML with errors for people: file, line, key, and the nearest known key.

use std::sync::LazyLock;

use regex::Regex;
use serde::de::DeserializeOwned;

/// A file that can't be understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {}{message}", line.map(|l| format!("line {l}: ")).unwrap_or_default())]
pub struct TomlError {
    pub file: String,
    pub line: Option<usize>,
    pub message: String,
}

impl TomlError {
    /// An error about the file as a whole, or about something that has no line of its own.
    pub fn whole(file: &str, message: impl Into<String>) -> TomlError {
        TomlError { file: file.to_owned(), line: None, message: message.into() }
    }

    /// An error about the first line that sets this key.
    pub fn at_key(file: &str, text: &str, key: &str, message: impl Into<String>) -> TomlError {
        let sets = |line: &str| {
            let line = line.trim_start();
            line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
        };
        let line = text.lines().position(sets).map(|n| n + 1);
        TomlError { file: file.to_owned(), line, message: message.into() }
    }
}

pub fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, TomlError> {
    toml::from_str(text).map_err(|e| {
        let line = e.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        TomlError { file: file.to_owned(), line, message: in_words(e.message()) }
    })
}

static UNKNOWN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"unknown (field|variant) `([^`]*)`, expected (.*)").ok());

/// serde's words for an unknown key, with the nearest known one.
fn in_words(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    let Some(found) = UNKNOWN.as_ref().and_then(|r| r.captures(first)) else { return first.to_owned() };
    let (what, word) = (if &found[1] == "field" { "key" } else { "value" }, &found[2]);
    let known: Vec<&str> = found[3].split('`').skip(1).step_by(2).collect();
    match nearest(word, &known) {
        Some(near) => format!("unknown {what} \"{word}\"; did you mean \"{near}\"?"),
        None => format!("unknown {what} \"{word}\" (known: {})", known.join(", ")),
    }
}

fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let distance = |k: &&str| strsim::damerau_levenshtein(word, k);
    known.iter().copied().min_by_key(|k| distance(k)).filter(|k| distance(k) <= 1 + k.len() / 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its field's name matters")]
    struct Sample {
        address: String,
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
        let error = parse::<Sample>("x.toml", "# one\nadress = \"a\"\n").unwrap_err();
        assert_eq!(error.to_string(), "x.toml: line 2: unknown key \"adress\"; did you mean \"address\"?");
    }

    #[test]
    fn what_is_no_toml_is_named_with_its_line() {
        let error = parse::<Sample>("x.toml", "address = \"a\"\nno toml\n").unwrap_err();
        assert_eq!(error.line, Some(2));
    }
}
