//! Values that a mail says in its reader's language: a notice keeps them as what they are until its mail is written.
//!
//! In a notice's data, and so in the store, each is a JSON object with the key `say`; plain texts beside them are said as
//! they stand. The templates' `words.toml` has each language's way of writing them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::desk::hours::Zone;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "say", rename_all = "kebab-case")]
pub enum Wording {
    /// an instant, as the clock of a zone shows it
    Time {
        #[serde(with = "chrono::serde::ts_milliseconds")]
        at: DateTime<Utc>,
        zone: Zone,
    },
    /// only the hour of an instant, as the clock of a zone shows it
    Clock {
        #[serde(with = "chrono::serde::ts_milliseconds")]
        at: DateTime<Utc>,
        zone: Zone,
    },
    /// only the date of an instant, as the calendar of a zone has it
    Day {
        #[serde(with = "chrono::serde::ts_milliseconds")]
        at: DateTime<Utc>,
        zone: Zone,
    },
    /// a price: its amount in figures with a decimal point (`1234.50`), and its currency by ISO 4217
    Money { amount: String, currency: String },
    /// what every language's `words.toml` has, by its table and key: `status.on-hold`
    Word { word: String },
    /// a sentence that every language's `words.toml` has, with values put in where it says `{name}`
    Sentence { word: String, values: BTreeMap<String, Value> },
    /// a text that the desk has in several languages, by language
    Texts { texts: BTreeMap<String, String> },
    /// the sentence by which a desk that writes English only says so, in the language of who wrote to it
    WriteInEnglish { language: String },
}

pub fn time(at: DateTime<Utc>, zone: &Zone) -> Value {
    value(&Wording::Time { at, zone: *zone })
}

pub fn clock(at: DateTime<Utc>, zone: &Zone) -> Value {
    value(&Wording::Clock { at, zone: *zone })
}

pub fn day(at: DateTime<Utc>, zone: &Zone) -> Value {
    value(&Wording::Day { at, zone: *zone })
}

pub fn money(amount: impl Into<String>, currency: impl Into<String>) -> Value {
    value(&Wording::Money { amount: amount.into(), currency: currency.into() })
}

pub fn word(word: impl Into<String>) -> Value {
    value(&Wording::Word { word: word.into() })
}

/// `values` is an object; what in it is to be worded is worded.
pub fn sentence(word: impl Into<String>, values: Value) -> Value {
    let values = values.as_object().map(|all| all.clone().into_iter().collect()).unwrap_or_default();
    value(&Wording::Sentence { word: word.into(), values })
}

pub fn texts(texts: &BTreeMap<String, String>) -> Value {
    value(&Wording::Texts { texts: texts.clone() })
}

pub fn write_in_english(language: &str) -> Value {
    value(&Wording::WriteInEnglish { language: language.to_owned() })
}

/// What is to be worded, if the value is not said as it stands.
pub fn read(value: &Value) -> Option<Wording> {
    value.get("say")?;
    Wording::deserialize(value).ok()
}

fn value(wording: &Wording) -> Value {
    // Texts and numbers under fixed names: no such value fails.
    serde_json::to_value(wording).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use chrono::FixedOffset;
    use chrono_tz::Tz;

    use super::*;

    #[test]
    fn what_is_kept_comes_back_and_plain_texts_are_none() {
        let at = DateTime::from_timestamp(1_764_000_000, 0).unwrap();
        for zone in [Zone::Named(Tz::America__Denver), Zone::Offset(FixedOffset::east_opt(32_400).unwrap())] {
            let kept: Value = serde_json::from_str(&time(at, &zone).to_string()).unwrap();
            assert_eq!(read(&kept), Some(Wording::Time { at, zone }));
        }
        assert_eq!(read(&word("status.new")), Some(Wording::Word { word: "status.new".into() }));
        assert_eq!(read(&serde_json::json!("Tue 24 November 2026, 17:00 (MST)")), None);
        assert_eq!(read(&serde_json::json!({ "reference": "1-0123456789" })), None);
    }
}
