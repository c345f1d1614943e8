//! The languages in which a desk writes to customers, and which of them somebody gets. Staff are written to in English.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::reader::Reader;
use crate::{mail::wording, toml_file::TomlError};

/// In the order in which they are preferred, the first for whoever's language is not known; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Languages(Vec<String>);

impl Languages {
    pub fn all(&self) -> &[String] {
        &self.0
    }

    /// The one of the desk's languages that a reader of this one is written to in: `pt` for `pt-br`, where there is no
    /// `pt-br`.
    pub fn known(&self, language: &str) -> Option<&str> {
        let language = language.to_lowercase();
        let general = language.split('-').next().unwrap_or_default();
        let find = |wanted: &str| self.0.iter().find(|own| *own == wanted).map(String::as_str);
        find(&language).or_else(|| find(general))
    }

    /// What a reader is written to in: their language as the directory has it, else that of their request, else the
    /// first.
    pub fn of_reader(&self, contact: Option<&str>, request: Option<&str>) -> &str {
        let theirs = contact.and_then(|language| self.known(language));
        let found = theirs.or_else(|| self.known(request?));
        found.or(self.0.first().map(String::as_str)).unwrap_or("en")
    }

    /// Does somebody who wrote in this language have to be told that the desk writes English only?
    pub fn is_english_only_for(&self, written_in: &str) -> bool {
        matches!(&self.0[..], [only] if only == "en") && self.known(written_in).is_none()
    }

    pub(super) fn read(words: &[String]) -> Result<Languages, String> {
        let is_plain = |word: &str| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        };
        if words.is_empty() {
            return Err("name at least one language, such as [\"en\"]".to_owned());
        }
        for (n, word) in words.iter().enumerate() {
            if !is_plain(word) {
                return Err(format!(
                    "\"{word}\" is no language; write it in small letters, such as \"de\" or \"pt-br\""
                ));
            }
            if words[..n].contains(word) {
                return Err(format!("\"{word}\" is named twice"));
            }
        }
        Ok(Languages(words.to_vec()))
    }
}

/// A text of the desk's own for customers: one for all, or one for each of its languages.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum OwnText {
    One(String),
    Each(BTreeMap<String, String>),
}

impl OwnText {
    /// As a notice holds it.
    pub fn in_words(&self) -> Value {
        match self {
            OwnText::One(text) => json!(text.trim()),
            OwnText::Each(texts) => wording::texts(texts),
        }
    }

    /// For staff, who read English where there is some.
    pub fn for_staff(&self) -> &str {
        match self {
            OwnText::One(text) => text.trim(),
            OwnText::Each(texts) => texts.get("en").or(texts.values().next()).map_or("", |text| text.trim()),
        }
    }

    /// Every language of the desk needs a text, or customers would read two in one mail: those that have none.
    pub(super) fn missing(&self, languages: &Languages) -> Option<String> {
        let OwnText::Each(texts) = self else { return None };
        let has = |language: &&String| texts.get(*language).is_some_and(|text| !text.trim().is_empty());
        let missing: Vec<&str> = languages.all().iter().filter(|l| !has(l)).map(String::as_str).collect();
        let why = || format!("there is no text in {}; each of the desk's languages needs one", missing.join(", "));
        (!missing.is_empty()).then(why)
    }

    pub(super) fn is_empty(&self) -> bool {
        match self {
            OwnText::One(text) => text.trim().is_empty(),
            OwnText::Each(texts) => texts.values().all(|text| text.trim().is_empty()),
        }
    }

    /// The text of a key that may be absent; one without words counts as absent.
    pub(super) fn find<'b>(
        reader: &'b Reader<'_>,
        key: &str,
        languages: &Languages,
        field: impl Fn(&'b super::file::File) -> Option<&'b OwnText>,
    ) -> Result<Option<OwnText>, TomlError> {
        let Some((layer, text)) = reader.find(field).filter(|(_, text)| !text.is_empty()) else { return Ok(None) };
        match text.missing(languages) {
            Some(why) => Err(TomlError::whole(&layer.shown, format!("{key}: {why}"))),
            None => Ok(Some(text.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn languages(words: &[&str]) -> Languages {
        Languages::read(&words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn the_directory_is_asked_first_then_the_request_and_the_desks_first_language_is_for_the_rest() {
        let desk = languages(&["de", "en", "pt-br", "ja"]);
        assert_eq!(desk.of_reader(Some("ja"), Some("en")), "ja");
        assert_eq!(desk.of_reader(Some("fr"), Some("en")), "en");
        assert_eq!(desk.of_reader(None, Some("fr")), "de");
        assert_eq!(desk.of_reader(Some("en-GB"), None), "en");
        assert_eq!(desk.of_reader(Some("pt-br"), None), "pt-br");
        assert_eq!(desk.of_reader(Some("pt"), None), "de");
    }

    #[test]
    fn only_a_desk_of_english_alone_says_so_and_only_to_whom_wrote_otherwise() {
        assert!(languages(&["en"]).is_english_only_for("ja"));
        assert!(!languages(&["en"]).is_english_only_for("en"));
        assert!(!languages(&["en", "de"]).is_english_only_for("ja"));
        assert!(!languages(&["de"]).is_english_only_for("ja"));
    }

    #[test]
    fn a_list_of_languages_has_at_least_one_and_none_twice() {
        for (words, why) in [(&[][..], "at least one"), (&["DE"], "small letters"), (&["en", "en"], "twice")] {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert!(Languages::read(&words).unwrap_err().contains(why));
        }
    }
}
