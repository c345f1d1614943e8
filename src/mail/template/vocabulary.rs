//! The words of all languages: what becomes of a notice's values when its mail is written.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    FALLBACK_LANGUAGE, TemplateFile, at,
    error::{Problem, TemplateError},
    is_language,
    words::Words,
};
use crate::{
    desk::hours,
    mail::wording::{self, Wording},
    toml_file,
};

const WORDS: &str = "words.toml";
/// By language: "we write English only".
const WRITE_IN_ENGLISH: &str = "write-in-english.toml";

#[derive(Debug, Default)]
pub(super) struct Vocabulary {
    /// by language, with the file that has them
    words: BTreeMap<String, (Words, String)>,
    write_in_english: BTreeMap<String, String>,
}

impl Vocabulary {
    /// Reads a file of words; false when it is none by its name.
    pub(super) fn add(&mut self, file: &TemplateFile) -> Result<bool, TemplateError> {
        if file.name == WRITE_IN_ENGLISH {
            let read = toml_file::parse(&file.shown, &file.text);
            self.write_in_english = read.map_err(|e| at(&file.shown, (e.line, Problem::Words(e.message))))?;
            return Ok(true);
        }
        match file.name.split_once('/') {
            Some((language, WORDS)) if is_language(language) => {
                let words = Words::read(&file.shown, &file.text).map_err(|fault| at(&file.shown, fault))?;
                self.words.insert(language.to_owned(), (words, file.shown.clone()));
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// What lacks in languages that have templates: all words, or some; and words that nobody asks for.
    pub(super) fn faults<'a>(&self, languages: impl Iterator<Item = &'a str>) -> Vec<TemplateError> {
        let mute: BTreeSet<&str> = languages.filter(|language| !self.words.contains_key(*language)).collect();
        let mut faults: Vec<TemplateError> =
            mute.into_iter().map(|language| at(&format!("{language}/{WORDS}"), (None, Problem::NoWords))).collect();
        let Some(english) = self.words(FALLBACK_LANGUAGE) else { return faults };
        for (words, file) in self.words.values() {
            let missing = english.lacking_in(words).map(|name| Problem::MissingWord { name });
            let unknown = words.lacking_in(english).map(|name| Problem::UnknownWord { name });
            faults.extend(missing.chain(unknown).map(|problem| at(file, (None, problem))));
        }
        faults
    }

    fn words(&self, language: &str) -> Option<&Words> {
        self.words.get(language).map(|(words, _)| words)
    }

    /// A word of this language, and of no other one.
    pub(super) fn own_word(&self, name: &str, language: &str) -> Option<String> {
        self.words(language)?.word(name).map(str::to_owned)
    }

    /// All words of a table; those that a language lacks in English.
    pub(super) fn table(&self, name: &str, language: &str) -> BTreeMap<String, String> {
        let languages = [FALLBACK_LANGUAGE, language];
        let all = languages.into_iter().filter_map(|language| self.words(language)).flat_map(|words| words.table(name));
        all.map(|(key, word)| (key.to_owned(), word.to_owned())).collect()
    }

    /// The data with all that is said in the reader's language written in it.
    pub(super) fn in_words(&self, data: &Value, language: &str) -> Value {
        if let Some(wording) = wording::read(data) {
            return Value::String(self.say(&wording, language));
        }
        match data {
            Value::Array(all) => all.iter().map(|value| self.in_words(value, language)).collect(),
            Value::Object(all) => {
                all.iter().map(|(name, value)| (name.clone(), self.in_words(value, language))).collect()
            }
            other => other.clone(),
        }
    }

    fn say(&self, wording: &Wording, language: &str) -> String {
        let english = self.words(FALLBACK_LANGUAGE);
        let own = self.words(language).or(english);
        let in_language = |texts: &BTreeMap<String, String>, language: &str| {
            let text = texts.get(language).or_else(|| texts.get(FALLBACK_LANGUAGE)).or_else(|| texts.values().next());
            text.cloned().unwrap_or_default()
        };
        match wording {
            Wording::Time { at, zone } => own.map_or_else(|| hours::say(*at, zone), |words| words.time(*at, zone)),
            Wording::Clock { at, zone } => own.map_or_else(|| hours::say(*at, zone), |words| words.clock(*at, zone)),
            Wording::Day { at, zone } => own.map_or_else(|| hours::say(*at, zone), |words| words.day(*at, zone)),
            Wording::Money { amount, currency } => {
                own.map_or_else(|| format!("{amount} {currency}"), |words| words.money(amount, currency))
            }
            Wording::Word { word } => {
                let found = [own, english].into_iter().flatten().find_map(|words| words.word(word));
                // One of a later version of the program: its key says more than nothing.
                found.unwrap_or(word.rsplit('.').next().unwrap_or(word)).to_owned()
            }
            Wording::Sentence { word, values } => {
                let mut sentence = self.say(&Wording::Word { word: word.clone() }, language);
                for (name, value) in values {
                    let value = self.in_words(value, language);
                    sentence = sentence.replace(&format!("{{{name}}}"), value.as_str().unwrap_or_default());
                }
                sentence
            }
            Wording::Texts { texts } => in_language(texts, language),
            Wording::WriteInEnglish { language } => in_language(&self.write_in_english, language),
        }
    }
}
