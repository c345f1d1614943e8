//! The cue files of a policy: read, laid over one another, and their words put in.
//!
//! One file for each language that the policy's `cues` names: `rules/<policy>/cues/<language>.toml`. A preset's file
//! adds to that of what it extends, and takes the place of cues, words and labels of the same name.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::{
    desk::policy::RuleFile,
    toml_file::{TomlError, parse},
};

/// Words may be made of words, so deep.
const DEPTH: usize = 4;
/// A pattern with all its words put in; more is a mistake or an attack.
const PATTERN_BYTES: usize = 20_000;

/// A text of a cue file, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    pub text: String,
    pub file: String,
    pub line: usize,
}

impl Written {
    /// An error about this text.
    pub fn wrong(&self, message: impl Into<String>) -> TomlError {
        TomlError { file: self.file.clone(), line: Some(self.line), message: message.into() }
    }
}

/// Where a cue looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Where {
    /// of a mail that begins a matter; an answer repeats the subject of what it answers
    Subject,
    /// what the writer wrote now
    Reply,
    /// the whole text, quotations included
    Text,
}

/// One cue as its file says it.
#[derive(Debug, Clone)]
pub struct CueEntry {
    pub name: String,
    pub request: Option<Written>,
    pub field: Option<Written>,
    pub value: Option<String>,
    pub places: Vec<Where>,
    pub like: Vec<Written>,
    pub unless: Vec<Written>,
    pub examples: Vec<Written>,
    pub counterexamples: Vec<Written>,
}

/// All that the files of one language say.
#[derive(Debug, Clone, Default)]
pub struct Language {
    pub name: String,
    /// words are written without blanks between them
    pub together: bool,
    pub words: BTreeMap<String, Written>,
    pub cues: BTreeMap<String, CueEntry>,
    pub labels: BTreeMap<String, Vec<Written>>,
    pub doubts: Vec<Written>,
    pub courtesies: Vec<Written>,
    pub subjects: Vec<Written>,
    pub wishes: Vec<Written>,
    pub since_before: Vec<Written>,
    pub since_after: Vec<Written>,
    pub attention: BTreeMap<String, Vec<Written>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    together: Option<bool>,
    #[serde(default)]
    words: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    cue: BTreeMap<String, Entry>,
    #[serde(default)]
    labels: BTreeMap<String, Vec<Spanned<String>>>,
    doubts: Option<Vec<Spanned<String>>>,
    courtesies: Option<Vec<Spanned<String>>>,
    subjects: Option<Vec<Spanned<String>>>,
    wishes: Option<Vec<Spanned<String>>>,
    since: Option<Since>,
    attention: Option<BTreeMap<String, Vec<Spanned<String>>>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    #[serde(default)]
    off: bool,
    request: Option<Spanned<String>>,
    field: Option<Spanned<String>>,
    value: Option<String>,
    #[serde(rename = "in")]
    places: Option<Vec<Where>>,
    #[serde(default)]
    like: Vec<Spanned<String>>,
    #[serde(default)]
    unless: Vec<Spanned<String>>,
    #[serde(default)]
    examples: Vec<Spanned<String>>,
    #[serde(default)]
    counterexamples: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Since {
    #[serde(default)]
    before: Vec<Spanned<String>>,
    #[serde(default)]
    after: Vec<Spanned<String>>,
}

impl Language {
    /// Lays the files of a language over one another: the first is the most general.
    pub fn read(name: &str, files: &[RuleFile]) -> Result<Language, TomlError> {
        let mut language = Language { name: name.to_owned(), ..Language::default() };
        for file in files {
            language.lay(file)?;
        }
        Ok(language)
    }

    fn lay(&mut self, source: &RuleFile) -> Result<(), TomlError> {
        let file: File = parse(&source.shown, &source.text)?;
        let at = |spanned: Spanned<String>| {
            let before = source.text.get(..spanned.span().start).unwrap_or_default();
            let line = before.matches('\n').count() + 1;
            Written { text: spanned.into_inner(), file: source.shown.clone(), line }
        };
        let all = |texts: Vec<Spanned<String>>| texts.into_iter().map(at).collect::<Vec<Written>>();
        self.together = file.together.unwrap_or(self.together);
        self.words.extend(file.words.into_iter().map(|(name, text)| (name, at(text))));
        for (name, entry) in file.cue {
            if entry.off {
                if self.cues.remove(&name).is_none() {
                    let message = format!("cue \"{name}\" is switched off, but nothing below has a cue of this name");
                    return Err(TomlError {
                        line: header(&source.text, &name),
                        ..TomlError::whole(&source.shown, message)
                    });
                }
                continue;
            }
            let cue = CueEntry {
                request: entry.request.map(at),
                field: entry.field.map(at),
                value: entry.value,
                places: entry.places.unwrap_or_else(|| vec![Where::Subject, Where::Reply]),
                like: all(entry.like),
                unless: all(entry.unless),
                examples: all(entry.examples),
                counterexamples: all(entry.counterexamples),
                name: name.clone(),
            };
            if cue.like.is_empty() {
                let message = format!("cue \"{name}\" needs `like`: at least one pattern");
                return Err(TomlError {
                    line: header(&source.text, &name),
                    ..TomlError::whole(&source.shown, message)
                });
            }
            self.cues.insert(name, cue);
        }
        self.labels.extend(file.labels.into_iter().map(|(name, texts)| (name, all(texts))));
        if let Some(doubts) = file.doubts {
            self.doubts = all(doubts);
        }
        if let Some(courtesies) = file.courtesies {
            self.courtesies = all(courtesies);
        }
        if let Some(subjects) = file.subjects {
            self.subjects = all(subjects);
        }
        if let Some(wishes) = file.wishes {
            self.wishes = all(wishes);
        }
        if let Some(since) = file.since {
            self.since_before = all(since.before);
            self.since_after = all(since.after);
        }
        if let Some(attention) = file.attention {
            self.attention.extend(attention.into_iter().map(|(name, texts)| (name, all(texts))));
        }
        Ok(())
    }

    /// A pattern as a regular expression over plain text: words put in, blanks and gaps as the language has them.
    pub fn pattern(&self, written: &Written) -> Result<String, TomlError> {
        let pattern = self.bare(written)?;
        if self.together {
            // A gap crosses no other mark than a blank: names and times bring some.
            return Ok(latin_words(&pattern).replace('…', "(?:(?-u:[^ ,;?!]| [^ ,;:?!]){0,45} ?)"));
        }
        // Words end with a blank, which is no part of any other letter: as bytes they make a set of a tenth of the size.
        let pattern = pattern.replace(" … ", " (?:[^ ]+ ){0,4}").replace('~', "[^ ]*").replace("[^ ]", "(?-u:[^ ])");
        // A pattern begins and ends with whole words; every one of them has a blank before and behind it.
        let (start, pattern) = match pattern.strip_prefix('^') {
            Some(rest) => ("^", rest.to_owned()),
            None => ("", pattern),
        };
        let (pattern, end) = match pattern.strip_suffix('$') {
            Some(rest) => (rest.to_owned(), "$"),
            None => (pattern, ""),
        };
        Ok(format!("{start} (?:{pattern}) {end}"))
    }

    /// A pattern with its words put in.
    pub fn bare(&self, written: &Written) -> Result<String, TomlError> {
        let mut pattern = written.text.clone();
        for _ in 0..DEPTH {
            let mut next = String::new();
            let mut rest = pattern.as_str();
            let mut found = false;
            while let Some((before, name, after)) = placeholder(rest) {
                let Some(word) = self.words.get(name) else {
                    return Err(
                        written.wrong(format!("{{{name}}} is no word of [words] in the files of this language"))
                    );
                };
                next.push_str(before);
                next.push_str(&format!("(?:{})", word.text));
                rest = after;
                found = true;
            }
            next.push_str(rest);
            if next.len() > PATTERN_BYTES {
                return Err(written.wrong("with its words put in, this pattern is far too long"));
            }
            pattern = next;
            if !found {
                return Ok(pattern);
            }
        }
        Err(written.wrong("its words are made of words more than four deep, or of themselves"))
    }
}

/// Latin words stand for whole words also where other words are written together: `rfo` is no part of "perform".
///
/// A run of Latin letters and digits with its hyphens and repetitions (`wi-?fi`, `rfos?`) gets a boundary on each side;
/// classes, escapes and repetition counts are left as they are.
fn latin_words(pattern: &str) -> String {
    const BOUNDARY: &str = r"(?-u:\b)";
    let mut out = String::with_capacity(pattern.len() + 64);
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let taken = match c {
            '\\' => 1 + rest[1..].chars().next().map_or(0, char::len_utf8),
            '[' => rest.find(']').map_or(rest.len(), |at| at + 1),
            '{' => rest.find('}').map_or(rest.len(), |at| at + 1),
            // `(?:`, `(?i:`, `(?P<name>`
            '(' if rest.starts_with("(?") => rest.find([':', '>', ')']).map_or(rest.len(), |at| at + 1),
            c if c.is_ascii_alphanumeric() => {
                let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "-?*+".contains(c)));
                let end = end.unwrap_or(rest.len());
                let word = &rest[..end];
                // Behind a group it may be the end of a word: `(?:re)?open`.
                let whole =
                    word.contains(|c: char| c.is_ascii_alphabetic()) && !out.ends_with([')', '?', '*', '+', '}']);
                if whole {
                    out.push_str(BOUNDARY);
                    out.push_str(word);
                    out.push_str(BOUNDARY);
                    rest = &rest[end..];
                    continue;
                }
                end
            }
            c => c.len_utf8(),
        };
        out.push_str(&rest[..taken]);
        rest = &rest[taken..];
    }
    out
}

/// `{name}`; a repetition such as `{0,4}` begins with a digit.
fn placeholder(text: &str) -> Option<(&str, &str, &str)> {
    for (at, _) in text.match_indices('{') {
        let Some((name, after)) = text[at + 1..].split_once('}') else { continue };
        if name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_lowercase() || c == '-')
        {
            return Some((&text[..at], name, after));
        }
    }
    None
}

fn header(text: &str, name: &str) -> Option<usize> {
    let wanted = [format!("[cue.{name}]"), format!("[cue.\"{name}\"]")];
    text.lines().position(|line| wanted.iter().any(|w| line.trim() == w)).map(|n| n + 1)
}
