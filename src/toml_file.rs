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
        TomlError::at_key_below(file, text, 0, key, message)
    }

    /// An error about the first line that sets this key behind so many lines.
    pub fn at_key_below(file: &str, text: &str, lines: usize, key: &str, message: impl Into<String>) -> TomlError {
        let sets = |line: &str| {
            let line = line.trim_start();
            line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('='))
        };
        let line = text.lines().skip(lines).position(sets).map(|n| lines + n + 1);
        TomlError { file: file.to_owned(), line, message: message.into() }
    }
}

pub fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, TomlError> {
    toml::from_str(text).map_err(|e| {
        let line = e.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        let key =
            line.and_then(|line| text.lines().nth(line - 1)?.split_once('=')).map_or("this", |(key, _)| key.trim());
        TomlError { file: file.to_owned(), line, message: in_words(key, e.message()) }
    })
}

static UNKNOWN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"unknown (field|variant) `([^`]*)`, expected (.*)").ok());

static WRONG_TYPE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"invalid (?:type|value): (.*), expected (.*)").ok());

/// serde's words for a value of the wrong type, and for an unknown key, with the nearest known one.
fn in_words(key: &str, message: &str) -> String {
    let first = message.lines().next().unwrap_or_default();
    if let Some(found) = WRONG_TYPE.as_ref().and_then(|r| r.captures(first)) {
        let expected = match &found[2] {
            "usize" | "u32" | "u64" | "i64" => "a number",
            "a string" | "path string" => "a text in quotes",
            "a boolean" => "true or false",
            "a sequence" => "a list",
            other => other,
        };
        return format!("{key} must be {expected}, not {}", found[1].replace('`', ""));
    }
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
    fn a_value_of_another_type_is_told_without_the_names_of_types_in_rust() {
        #[derive(Debug, serde::Deserialize)]
        #[expect(dead_code, reason = "only its fields' types matter")]
        struct Typed {
            connections: Option<usize>,
            idle: Option<bool>,
        }
        let error = |text| parse::<Typed>("x.toml", text).unwrap_err().to_string();
        assert_eq!(error("connections = \"x\""), "x.toml: line 1: connections must be a number, not string \"x\"");
        assert!(
            error("connections = -1").contains("connections must be a number, not "),
            "{}",
            error("connections = -1")
        );
        assert_eq!(error("\nidle = 1"), "x.toml: line 2: idle must be true or false, not integer 1");
    }

    #[test]
    fn what_is_no_toml_is_named_with_its_line() {
        let error = parse::<Sample>("x.toml", "address = \"a\"\nno toml\n").unwrap_err();
        assert_eq!(error.line, Some(2));
    }
}
