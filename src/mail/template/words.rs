//! How a language writes times, and its words that stand in no template: `LANGUAGE/words.toml`. Every word of English is
//! one of each language; what a language's file lacks is said in English, and found by the check
//! ([`Vocabulary`](super::vocabulary::Vocabulary)).

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::Deserialize;

use super::error::{Fault, Problem};
use crate::{desk::hours::Zone, toml_file};

#[derive(Debug, Clone, Deserialize)]
pub struct Words {
    time: TimeWords,
    money: MoneyWords,
    /// each language writes these in tables of the same names: `[status]` has `on-hold`
    #[serde(flatten)]
    tables: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct TimeWords {
    /// text with the [`PARTS`] of a time in braces
    pattern: String,
    /// the same without the date, and the date alone; absent: the whole
    clock: Option<String>,
    date: Option<String>,
    /// Monday first
    weekdays: [String; 7],
    months: [String; 12],
    /// the first day of a month, where it is not a number like the others
    first: Option<String>,
    /// short names of zones that are other ones in this language
    #[serde(default)]
    zones: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct MoneyWords {
    /// text with `{amount}` and `{currency}`
    pattern: String,
    /// between thousands
    group: String,
    decimal: String,
}

/// What a pattern may name: the hour without and with a leading zero.
const TIME_PARTS: [&str; 8] = ["weekday", "day", "month", "year", "hour", "hh", "minute", "zone"];
const MONEY_PARTS: [&str; 2] = ["amount", "currency"];

impl Words {
    /// Reads a language's file.
    pub(super) fn read(file: &str, text: &str) -> Result<Words, Fault> {
        let words: Words = toml_file::parse(file, text).map_err(|e| (e.line, Problem::Words(e.message)))?;
        let times = std::iter::once(&words.time.pattern).chain(&words.time.clock).chain(&words.time.date);
        let times = times.map(|pattern| (pattern, &TIME_PARTS[..]));
        for (pattern, parts) in times.chain([(&words.money.pattern, &MONEY_PARTS[..])]) {
            if let Some(part) = pieces(pattern).find_map(|(_, part)| part.filter(|part| !parts.contains(part))) {
                let line = text.lines().position(|line| line.contains(pattern.as_str())).map(|n| n + 1);
                let known = parts.iter().map(|part| format!("{{{part}}}")).collect::<Vec<_>>().join(", ");
                return Err((line, Problem::Words(format!("pattern: there is no {{{part}}} (known: {known})"))));
            }
        }
        Ok(words)
    }

    /// A word by its table and key: `status.on-hold`.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        let (table, key) = name.split_once('.')?;
        self.tables.get(table)?.get(key).map(String::as_str)
    }

    /// All words of a table, by their keys.
    pub(super) fn table(&self, name: &str) -> impl Iterator<Item = (&str, &str)> {
        self.tables.get(name).into_iter().flatten().map(|(key, word)| (key.as_str(), word.as_str()))
    }

    /// The words that this language has and another one lacks, by table and key.
    pub(super) fn lacking_in<'a>(&'a self, other: &'a Words) -> impl Iterator<Item = String> + 'a {
        let all = self.tables.iter().flat_map(|(table, words)| words.keys().map(move |key| format!("{table}.{key}")));
        all.filter(|name| other.word(name).is_none())
    }

    /// A price as this language writes it; the amount comes in figures with a decimal point.
    pub(super) fn money(&self, amount: &str, currency: &str) -> String {
        let words = &self.money;
        let (whole, fraction) = amount.split_once('.').map_or((amount, None), |(whole, part)| (whole, Some(part)));
        let mut written = String::new();
        for (n, digit) in whole.chars().enumerate() {
            let left = whole.len() - n;
            if n > 0 && left % 3 == 0 && written.ends_with(|c: char| c.is_ascii_digit()) {
                written.push_str(&words.group);
            }
            written.push(digit);
        }
        if let Some(fraction) = fraction {
            written.push_str(&words.decimal);
            written.push_str(fraction);
        }
        words.pattern.replace("{amount}", &written).replace("{currency}", currency)
    }

    /// An instant as this language writes it.
    pub(super) fn time(&self, at: DateTime<Utc>, zone: &Zone) -> String {
        self.by(&self.time.pattern, at, zone)
    }

    /// Its hour alone.
    pub(super) fn clock(&self, at: DateTime<Utc>, zone: &Zone) -> String {
        self.by(self.time.clock.as_ref().unwrap_or(&self.time.pattern), at, zone)
    }

    /// Its date alone.
    pub(super) fn day(&self, at: DateTime<Utc>, zone: &Zone) -> String {
        self.by(self.time.date.as_ref().unwrap_or(&self.time.pattern), at, zone)
    }

    fn by(&self, pattern: &str, at: DateTime<Utc>, zone: &Zone) -> String {
        let (local, zone) = zone.clock(at);
        let words = &self.time;
        let mut out = String::new();
        for (text, part) in pieces(pattern) {
            out.push_str(text);
            match part.unwrap_or_default() {
                "weekday" => out.push_str(&words.weekdays[local.weekday().num_days_from_monday() as usize]),
                "day" => match &words.first {
                    Some(first) if local.day() == 1 => out.push_str(first),
                    _ => out.push_str(&local.day().to_string()),
                },
                "month" => out.push_str(&words.months[local.month0() as usize]),
                "year" => out.push_str(&local.year().to_string()),
                "hour" => out.push_str(&local.hour().to_string()),
                "hh" => out.push_str(&format!("{:02}", local.hour())),
                "minute" => out.push_str(&format!("{:02}", local.minute())),
                "zone" => out.push_str(words.zones.get(&zone).unwrap_or(&zone)),
                _ => {}
            }
        }
        out
    }
}

/// The texts of a pattern, each with the part that follows it: `day` for `{day}`.
fn pieces(pattern: &str) -> impl Iterator<Item = (&str, Option<&str>)> {
    let mut rest = Some(pattern);
    std::iter::from_fn(move || {
        let all = rest.take()?;
        let Some((text, behind)) = all.split_once('{') else { return Some((all, None)) };
        let (part, after) = behind.split_once('}').unwrap_or((behind, ""));
        rest = Some(after);
        Some((text, Some(part)))
    })
}
