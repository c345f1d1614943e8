//! `[escalation]`: the matrix of people to whom a case goes up, level by level, and what takes it there.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, TimeZone, Utc};
use serde::Deserialize;

use super::{
    Span,
    languages::{Languages, OwnText},
    reader::{Layer, Reader},
    values::{span, time, week},
};
use crate::{
    desk::{
        hours::Calendar,
        priority::{Priority, UnknownPriority},
    },
    mail::address::{Address, is_plausible},
    toml_file::TomlError,
};

/// As many levels as a matrix may have.
pub const MOST_LEVELS: usize = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EscalationRules {
    /// from the first up; empty: the leads of the staff are the only level
    pub levels: Vec<Level>,
    /// The level at which cases begin: 0 below the matrix, 1 where the desk itself is the first level.
    pub start_level: u8,
    /// a customer's mail escalates; else it is answered with the telephone numbers
    pub by_mail: bool,
    /// between two steps that mails ask for
    pub by_mail_every: Duration,
    /// during a major network incident its crisis process takes the place of the matrix
    pub superseded_by_mni: bool,
    /// at which ages a case goes up by itself; the first is that of the first step
    pub after: BTreeMap<Priority, Vec<Span>>,
    /// the hours in which people who are there "in-hours" can be reached
    pub hours: Calendar,
}

/// A step of the matrix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// what customers and staff call it
    pub title: OwnText,
    /// at least one, for any product and at any time
    pub people: Vec<Reach>,
}

/// Somebody at a level, and how to reach them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    pub name: Option<String>,
    pub telephone: Option<String>,
    pub address: Option<String>,
    /// in lower case; empty: all
    pub products: BTreeSet<String>,
    pub when: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Always,
    InHours,
    OutsideHours,
}

impl EscalationRules {
    pub fn level(&self, number: u8) -> Option<&Level> {
        self.levels.get(usize::from(number).checked_sub(1)?)
    }

    /// The highest level that there is.
    pub fn top(&self) -> u8 {
        u8::try_from(self.levels.len()).unwrap_or(u8::MAX).max(self.start_level + u8::from(self.levels.is_empty()))
    }
}

impl Level {
    /// Who is there for a case of these products at a time: those for one of the products, else those for all.
    pub fn people_at(&self, products: &BTreeSet<String>, hours: &Calendar, at: DateTime<Utc>) -> Vec<&Reach> {
        let now = if hours.is_open(at) { When::InHours } else { When::OutsideHours };
        let there = |reach: &&Reach| reach.when == When::Always || reach.when == now;
        let knows = |reach: &&Reach| !reach.products.is_disjoint(products);
        let known: Vec<&Reach> = self.people.iter().filter(there).filter(knows).collect();
        if !known.is_empty() {
            return known;
        }
        self.people.iter().filter(there).filter(|reach| reach.products.is_empty()).collect()
    }
}

impl Reach {
    /// `Manager on duty, +44 20 7946 0001, duty@desk.example`
    pub fn in_words(&self) -> String {
        [&self.name, &self.telephone, &self.address].into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")
    }

    pub fn mail(&self) -> Option<Address> {
        self.address.as_deref().map(|address| Address::new(self.name.as_deref(), address))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EscalationFile {
    start_level: Option<u8>,
    by_mail: Option<bool>,
    by_mail_every: Option<String>,
    superseded_by_mni: Option<bool>,
    hours: Option<BTreeMap<String, Vec<String>>>,
    after: Option<BTreeMap<String, Vec<String>>>,
    level: Option<Vec<LevelFile>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct LevelFile {
    title: Option<OwnText>,
    name: Option<String>,
    telephone: Option<String>,
    address: Option<String>,
    person: Option<Vec<PersonFile>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonFile {
    name: Option<String>,
    telephone: Option<String>,
    address: Option<String>,
    products: Option<Vec<String>>,
    when: Option<String>,
}

const SECTION: &str = "escalation";

/// `working` are the policy's own hours: those of the people where the section has none.
pub(super) fn read(
    reader: &Reader<'_>,
    working: &Calendar,
    languages: &Languages,
) -> Result<EscalationRules, TomlError> {
    let (layer, levels) = levels(reader, languages)?;
    let by_mail = reader.need_in(SECTION, "by_mail", |f| f.escalation.as_ref()?.by_mail.as_ref(), |may| Ok(*may))?;
    if !by_mail {
        telephones(reader, layer, &levels)?;
    }
    let most = u8::try_from(levels.len()).unwrap_or(u8::MAX);
    let start_level = reader.need_in(
        SECTION,
        "start_level",
        |f| f.escalation.as_ref()?.start_level.as_ref(),
        |level| match *level {
            0 => Ok(0),
            level if level < most => Ok(level),
            _ => Err(format!("no level is above it: it must be below {}", most.max(1))),
        },
    )?;
    let after = after(reader, working, usize::from(most.max(1) - start_level))?;
    Ok(EscalationRules {
        start_level,
        by_mail,
        by_mail_every: reader.need_in(
            SECTION,
            "by_mail_every",
            |f| f.escalation.as_ref()?.by_mail_every.as_ref(),
            time,
        )?,
        superseded_by_mni: reader.need_in(
            SECTION,
            "superseded_by_mni",
            |f| f.escalation.as_ref()?.superseded_by_mni.as_ref(),
            |is| Ok(*is),
        )?,
        hours: hours(reader, working)?,
        after,
        levels,
    })
}

fn hours(reader: &Reader<'_>, working: &Calendar) -> Result<Calendar, TomlError> {
    let Some((layer, table)) = reader.find(|f| f.escalation.as_ref()?.hours.as_ref()) else {
        return Ok(working.clone());
    };
    week(table)
        .and_then(|week| Calendar::new(working.zone(), week, BTreeSet::new()).map_err(|e| e.to_string()))
        .map_err(|why| wrong(layer, "[escalation]", 0, "hours", &why))
}

/// `steps` is how many there can be.
fn after(reader: &Reader<'_>, working: &Calendar, steps: usize) -> Result<BTreeMap<Priority, Vec<Span>>, TomlError> {
    let Some((layer, table)) = reader.find(|f| f.escalation.as_ref()?.after.as_ref()) else {
        return Ok(BTreeMap::new());
    };
    let mut all = BTreeMap::new();
    for (word, texts) in table {
        let bad = |why: String| wrong(layer, "[escalation.after]", 0, word, &why);
        let priority: Priority = word.parse().map_err(|e: UnknownPriority| bad(e.to_string()))?;
        let ages = texts.iter().map(|text| span(text)).collect::<Result<Vec<_>, _>>().map_err(bad)?;
        if ages.len() > steps {
            return Err(bad(format!("{} ages, but a case can go up {steps} times at most", ages.len())));
        }
        // Days around the clock and business days can be compared on some Monday only.
        let monday = Utc.with_ymd_and_hms(2026, 1, 5, 0, 0, 0).single().unwrap_or_default();
        let from = working.next_opening(monday);
        let reckoned: Vec<DateTime<Utc>> = ages.iter().map(|age| age.after(from, working)).collect();
        if reckoned.first().is_some_and(|first| *first <= from) || !reckoned.is_sorted_by(|one, next| one < next) {
            return Err(bad("each age must be longer than the one before".to_owned()));
        }
        all.insert(priority, ages);
    }
    Ok(all)
}

/// The levels, and the layer that has them.
fn levels<'b>(reader: &'b Reader<'_>, languages: &Languages) -> Result<(&'b Layer, Vec<Level>), TomlError> {
    let Some((layer, files)) = reader.find(|f| f.escalation.as_ref()?.level.as_ref()) else {
        return Ok((&reader.layers[0], vec![]));
    };
    if files.len() > MOST_LEVELS {
        let why = format!("{} levels: a matrix has at most {MOST_LEVELS}", files.len());
        return Err(at_level(layer, MOST_LEVELS, "title", &why));
    }
    let mut people_before = 0;
    let mut levels = Vec::new();
    for (n, file) in files.iter().enumerate() {
        levels.push(level(layer, (n, people_before), file, languages)?);
        people_before += file.person.as_ref().map_or(0, Vec::len);
    }
    Ok((layer, levels))
}

fn level(
    layer: &Layer,
    (n, people_before): (usize, usize),
    file: &LevelFile,
    languages: &Languages,
) -> Result<Level, TomlError> {
    let number = n + 1;
    let Some(title) = file.title.clone().filter(|title| !title.is_empty()) else {
        return Err(at_level(layer, n, "title", &format!("level {number} needs one, such as \"Team leader\"")));
    };
    if let Some(why) = title.missing(languages) {
        return Err(at_level(layer, n, "title", &format!("level {number}: {why}")));
    }
    let one = PersonFile {
        name: file.name.clone(),
        telephone: file.telephone.clone(),
        address: file.address.clone(),
        ..PersonFile::default()
    };
    let is_direct = file.name.is_some() || file.telephone.is_some() || file.address.is_some();
    let people = match (&file.person, is_direct) {
        (Some(_), true) => {
            let why = format!("level {number} has people of its own: name, telephone and address stand with each");
            return Err(at_level(layer, n, "title", &why));
        }
        (Some(files), false) => files
            .iter()
            .enumerate()
            .map(|(at, file)| {
                let bad = |key: &str, why: &str| {
                    let why = format!("level {number}: {why}");
                    wrong(layer, "[[escalation.level.person]]", people_before + at, key, &why)
                };
                reach(file, &bad)
            })
            .collect::<Result<Vec<_>, _>>()?,
        (None, _) => vec![reach(&one, &|key, why| at_level(layer, n, key, &format!("level {number}: {why}")))?],
    };
    for (when, words) in [(When::InHours, "within the hours"), (When::OutsideHours, "outside the hours")] {
        let there = |reach: &&Reach| reach.when == When::Always || reach.when == when;
        let who: Vec<&Reach> = people.iter().filter(there).collect();
        if who.iter().all(|reach| !reach.products.is_empty()) {
            let why = match who.is_empty() {
                true => format!("level {number} can't be reached {words}: nobody is there then"),
                false => format!("level {number} can't be reached {words} for other products: nobody is there for all"),
            };
            return Err(at_level(layer, n, "title", &why));
        }
    }
    Ok(Level { title, people })
}

fn reach(file: &PersonFile, bad: &dyn Fn(&str, &str) -> TomlError) -> Result<Reach, TomlError> {
    let said = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
    let address = said(&file.address);
    if let Some(wrong) = address.as_deref().filter(|address| !is_plausible(address)) {
        return Err(bad("address", &format!("\"{wrong}\" is no mail address")));
    }
    let (name, telephone) = (said(&file.name), said(&file.telephone));
    if telephone.is_none() && address.is_none() {
        let key = if file.name.is_some() { "name" } else { "title" };
        return Err(bad(key, "there is no way to reach it: give a telephone or an address"));
    }
    let when = match file.when.as_deref() {
        None => When::Always,
        Some("in-hours") => When::InHours,
        Some("outside-hours") => When::OutsideHours,
        Some(other) => return Err(bad("when", &format!("\"{other}\" is unknown (known: in-hours, outside-hours)"))),
    };
    let products = file.products.iter().flatten().map(|product| product.trim().to_lowercase()).collect();
    Ok(Reach { name, telephone, address, products, when })
}

/// Where customers have to telephone, there is a number at each level.
fn telephones(reader: &Reader<'_>, layer: &Layer, levels: &[Level]) -> Result<(), TomlError> {
    if levels.is_empty() {
        let says = reader.find(|f| f.escalation.as_ref()?.by_mail.as_ref()).map_or(layer, |(layer, _)| layer);
        let why = "false: customers have to telephone, but there is no [[escalation.level]] with a number";
        return Err(wrong(says, "[escalation]", 0, "by_mail", why));
    }
    let silent = |level: &Level| level.people.iter().any(|reach| reach.telephone.is_none());
    match levels.iter().position(silent) {
        Some(n) => {
            let why = format!("level {} needs a telephone for each person, because by_mail = false", n + 1);
            Err(at_level(layer, n, "title", &why))
        }
        None => Ok(()),
    }
}

fn at_level(layer: &Layer, n: usize, key: &str, why: &str) -> TomlError {
    wrong(layer, "[[escalation.level]]", n, key, why)
}

/// An error at a key below the n-th of these headers.
fn wrong(layer: &Layer, header: &str, nth: usize, name: &str, why: &str) -> TomlError {
    let is_it = |line: &str| line.split('#').next().is_some_and(|line| line.trim() == header);
    let mut headers = layer.text.lines().enumerate().filter(|(_, line)| is_it(line)).map(|(n, _)| n + 1);
    // A table that is written otherwise (`escalation.hours = …`): the first line with the key.
    let below = headers.nth(nth).unwrap_or(0);
    TomlError::at_key_below(&layer.shown, &layer.text, below, name, format!("{name}: {why}"))
}

#[cfg(test)]
mod tests;
