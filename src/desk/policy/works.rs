//! `[works]`: the desk's planned works: how long ahead they are told, who approves them, when none may be, and those
//! that come again.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Deserialize;

use super::{
    Span,
    reader::{Layer, Reader},
    values::{hours_of_day, span, time, zone},
};
use crate::{
    desk::{
        hours::{Calendar, CalendarError},
        works::{Impact, Kind, Window, recurring::Rule},
    },
    toml_file::TomlError,
};

/// Longer ones are a mistake.
const LONGEST: Duration = Duration::days(7);

#[derive(Debug, Clone)]
pub struct WorksRules {
    /// how long ahead customers are told at least; none for emergency works
    pub notice: BTreeMap<Kind, Span>,
    /// how long before the beginning customers are reminded
    pub reminder: BTreeMap<Kind, Span>,
    pub approval: Approval,
    /// hours in which services are not to be touched, every day
    pub protected: Option<Protected>,
    pub recurring: Vec<Recurring>,
}

/// Who has to approve works before they are announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Approval {
    Nobody,
    Anyone,
    /// somebody who did not plan them
    Another,
}

#[derive(Debug, Clone)]
pub struct Protected {
    /// as they are written
    pub hours: String,
    pub zone: Tz,
    calendar: Calendar,
}

impl Protected {
    fn new(text: &str, zone: Tz) -> Result<Protected, String> {
        let hours = hours_of_day(text)?;
        let week = std::array::from_fn(|_| vec![hours]);
        let calendar = Calendar::new(zone, week, Default::default()).map_err(|e: CalendarError| e.to_string())?;
        Ok(Protected { hours: text.to_owned(), zone, calendar })
    }

    pub fn touches(&self, window: &Window) -> bool {
        self.calendar.business_time_between(window.starts_at, window.ends_at) > Duration::zero()
    }
}

/// Works that come again.
#[derive(Debug, Clone)]
pub struct Recurring {
    pub name: String,
    pub kind: Kind,
    pub rule: Rule,
    pub length: Duration,
    pub zone: Tz,
    /// keys of the policy's platforms; empty: all of them
    pub platforms: Vec<String>,
    pub impact: Impact,
    pub description: String,
    pub reason: String,
    /// how long ahead staff are told of the next one
    pub ahead: Duration,
    /// how long ahead customers are told of it; none: it only stands in the calendar
    pub reminder: Option<Duration>,
    /// customers are told only once somebody has approved it
    pub approval: bool,
}

impl Recurring {
    /// The first that begins after an instant.
    pub fn next_after(&self, at: DateTime<Utc>) -> Option<(NaiveDate, Window)> {
        self.rule.next_after(at, self.length, self.zone)
    }
}

impl WorksRules {
    /// When works of a kind that are told now may begin at the earliest.
    pub fn earliest(&self, kind: Kind, now: DateTime<Utc>, hours: &Calendar) -> DateTime<Utc> {
        self.notice.get(&kind).map_or(now, |notice| notice.after(now, hours))
    }

    /// Until when works of a kind that begin at `start` can be told; none: until they begin.
    pub fn latest(&self, kind: Kind, start: DateTime<Utc>, hours: &Calendar) -> Option<DateTime<Utc>> {
        self.notice.get(&kind).map(|notice| notice.before(start, hours))
    }

    pub fn recurring(&self, name: &str) -> Option<&Recurring> {
        self.recurring.iter().find(|one| one.name == name)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorksFile {
    approval: Option<String>,
    protected: Option<String>,
    protected_zone: Option<String>,
    notice: Option<BTreeMap<String, String>>,
    reminder: Option<BTreeMap<String, String>>,
    recurring: Option<Vec<RecurringFile>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecurringFile {
    name: Option<String>,
    kind: Option<String>,
    rule: Option<String>,
    length: Option<String>,
    zone: Option<String>,
    platforms: Option<Vec<String>>,
    impact: Option<String>,
    description: Option<String>,
    reason: Option<String>,
    ahead: Option<String>,
    reminder: Option<String>,
    approval: Option<bool>,
}

const SECTION: &str = "works";

/// `own_zone` is the policy's, which those keys have that name none.
pub(super) fn read(
    reader: &Reader<'_>,
    own_zone: Tz,
    platforms: &BTreeMap<String, String>,
) -> Result<WorksRules, TomlError> {
    let approval = reader.need_in(
        SECTION,
        "approval",
        |f| f.works.as_ref()?.approval.as_ref(),
        |text| match text.as_str() {
            "nobody" => Ok(Approval::Nobody),
            "anyone" => Ok(Approval::Anyone),
            "another" => Ok(Approval::Another),
            other => Err(format!("\"{other}\" is unknown (known: nobody, anyone, another)")),
        },
    )?;
    let theirs =
        reader.find_in(SECTION, "protected_zone", |f| f.works.as_ref()?.protected_zone.as_ref(), |text| zone(text))?;
    let protected = reader.need_in(
        SECTION,
        "protected",
        |f| f.works.as_ref()?.protected.as_ref(),
        |text| match text.as_str() {
            "none" => Ok(None),
            hours => {
                Protected::new(hours, theirs.unwrap_or(own_zone)).map(Some).map_err(|e| format!("{e}, or \"none\""))
            }
        },
    )?;
    Ok(WorksRules {
        notice: by_kind(reader, "notice", |file| file.notice.as_ref())?,
        reminder: by_kind(reader, "reminder", |file| file.reminder.as_ref())?,
        approval,
        protected,
        recurring: recurring(reader, own_zone, platforms)?,
    })
}

/// A table with a key for each kind; each key is that of the nearest layer that has it, and "none" takes it away.
fn by_kind<'b>(
    reader: &'b Reader<'_>,
    table: &str,
    field: impl Fn(&'b WorksFile) -> Option<&'b BTreeMap<String, String>>,
) -> Result<BTreeMap<Kind, Span>, TomlError> {
    let section = format!("{SECTION}.{table}");
    let mut all: BTreeMap<Kind, Option<Span>> = BTreeMap::new();
    for layer in &reader.layers {
        let table = layer.file.works.as_ref().and_then(&field);
        for (key, text) in table.into_iter().flatten() {
            let wrong = |why: String| layer.wrong_in(&section, key, format!("{section}.{key}: {why}"));
            let kind: Kind = key.parse().map_err(wrong)?;
            let value = match text.as_str() {
                "none" => None,
                text => Some(span(text).map_err(|why| wrong(format!("{why}, or \"none\"")))?),
            };
            all.entry(kind).or_insert(value);
        }
    }
    Ok(all.into_iter().filter_map(|(kind, span)| Some((kind, span?))).collect())
}

fn recurring(
    reader: &Reader<'_>,
    own_zone: Tz,
    platforms: &BTreeMap<String, String>,
) -> Result<Vec<Recurring>, TomlError> {
    let Some((layer, files)) = reader.find(|f| f.works.as_ref()?.recurring.as_ref()) else { return Ok(vec![]) };
    let mut all: Vec<Recurring> = Vec::new();
    for (n, file) in files.iter().enumerate() {
        let one = one(layer, (n, file), own_zone, platforms)?;
        if all.iter().any(|other| other.name == one.name) {
            return Err(layer.wrong_in(
                "[works.recurring]",
                "name",
                format!("works.recurring: \"{}\" stands twice", one.name),
            ));
        }
        all.push(one);
    }
    Ok(all)
}

/// What can't wait does not come again.
fn may_recur(kind: Kind) -> Result<Kind, String> {
    match kind {
        Kind::Emergency => {
            Err("emergency works don't come again: plan them (casepost works plan --emergency)".to_owned())
        }
        kind => Ok(kind),
    }
}

fn one(
    layer: &Layer,
    (n, file): (usize, &RecurringFile),
    own_zone: Tz,
    platforms: &BTreeMap<String, String>,
) -> Result<Recurring, TomlError> {
    let entry = format!("works.recurring {}", file.name.clone().unwrap_or_else(|| format!("number {}", n + 1)));
    let wrong = |key: &str, why: String| layer.wrong_in("[works.recurring]", key, format!("{entry}: {key}: {why}"));
    let need = |key: &str, value: &Option<String>| {
        value.clone().filter(|text| !text.trim().is_empty()).ok_or_else(|| wrong(key, "is missing".to_owned()))
    };
    let length_of = |key: &str, value: &Option<String>| {
        need(key, value).and_then(|text| time(&text).map_err(|why| wrong(key, why)))
    };
    let rule = need("rule", &file.rule)?;
    let length = length_of("length", &file.length)?;
    if length <= Duration::zero() || length > LONGEST {
        return Err(wrong("length", format!("must be more than nothing, and at most {} days", LONGEST.num_days())));
    }
    let ahead = length_of("ahead", &file.ahead)?;
    let reminder = match file.reminder.as_deref() {
        Some("none") => None,
        _ => Some(length_of("reminder", &file.reminder)?),
    };
    if reminder.is_some_and(|reminder| reminder >= ahead) {
        return Err(wrong(
            "reminder",
            "must be shorter than ahead: staff have to see it before customers do".to_owned(),
        ));
    }
    let named = file.platforms.clone().unwrap_or_default();
    if let Some(unknown) = named.iter().find(|key| !platforms.contains_key(*key)) {
        let known = platforms.keys().cloned().collect::<Vec<_>>().join(", ");
        return Err(wrong("platforms", format!("\"{unknown}\" is none of [platforms] ({known})")));
    }
    Ok(Recurring {
        name: need("name", &file.name)?,
        kind: need("kind", &file.kind)?.parse().and_then(may_recur).map_err(|why| wrong("kind", why))?,
        rule: rule.parse().map_err(|why| wrong("rule", why))?,
        length,
        zone: file.zone.as_deref().map_or(Ok(own_zone), |text| zone(text).map_err(|why| wrong("zone", why)))?,
        platforms: named,
        impact: need("impact", &file.impact)?.parse().map_err(|why| wrong("impact", why))?,
        description: need("description", &file.description)?,
        reason: need("reason", &file.reason)?,
        ahead,
        reminder,
        approval: file.approval.unwrap_or(false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emergency_works_do_not_come_again() {
        assert_eq!(may_recur(Kind::MonthlyWindow), Ok(Kind::MonthlyWindow));
        assert!(may_recur(Kind::Emergency).unwrap_err().contains("don't come again"));
    }
}
