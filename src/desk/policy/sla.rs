//! What a policy promises, and in whose hours: first response, updates and resolution by priority; other arrangements for
//! single organisations; what stops the clocks, when staff are warned, and when they are left in peace.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{DateTime, Duration, Utc};
use serde::Deserialize;

use super::{
    Span,
    calendars::{self, DEFAULT},
    file::File,
    reader::Reader,
    values::span,
};
use crate::{
    desk::{case::Status, hours::Calendar, priority::Priority, sla::PromiseKind},
    toml_file::TomlError,
};

/// How long something may take, and whose hours count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promised {
    pub span: Span,
    /// none: around the clock
    pub calendar: Option<Arc<Calendar>>,
}

impl Promised {
    /// When so much time has passed.
    pub fn from(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        match (self.span, &self.calendar) {
            (Span::Time(time), _) => self.add(at, time),
            (Span::BusinessDays(days), Some(calendar)) => calendar.add_business_days(at, days),
            (Span::BusinessDays(days), None) => at + Duration::days(days.into()),
        }
    }

    /// The time between two instants that counts for it.
    pub fn between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Duration {
        match &self.calendar {
            Some(calendar) => calendar.business_time_between(from, to),
            None => (to - from).max(Duration::zero()),
        }
    }

    /// The instant when so much of the time that counts has passed.
    pub fn add(&self, at: DateTime<Utc>, time: Duration) -> DateTime<Utc> {
        match &self.calendar {
            Some(calendar) => calendar.add_business_time(at, time),
            None => at + time,
        }
    }
}

/// How long before the end staff are warned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ahead {
    Time(Duration),
    /// per cent of the whole
    Share(u8),
}

/// What is promised by priority.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Terms {
    promised: BTreeMap<(PromiseKind, Priority), Promised>,
}

impl Terms {
    pub fn promised(&self, kind: PromiseKind, priority: Priority) -> Option<&Promised> {
        self.promised.get(&(kind, priority))
    }
}

/// All that a policy says of promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceLevels {
    terms: Terms,
    arrangements: BTreeMap<String, Terms>,
    /// statuses in which no clock of a promise runs
    pauses: BTreeSet<Status>,
    /// nor while the case is at a supplier
    supplier_pauses: bool,
    ahead: BTreeMap<Priority, Ahead>,
    /// when staff may be mailed about a case of a priority; one that is not here: at any time
    staff_mail: BTreeMap<Priority, Arc<Calendar>>,
}

impl ServiceLevels {
    /// The terms of an organisation with this arrangement. A name that the policy does not have (any more) is as none.
    pub fn terms(&self, arrangement: Option<&str>) -> &Terms {
        arrangement.and_then(|name| self.arrangements.get(name)).unwrap_or(&self.terms)
    }

    pub fn arrangements(&self) -> impl Iterator<Item = &str> {
        self.arrangements.keys().map(String::as_str)
    }

    /// Do the clocks stand still?
    pub fn is_paused(&self, status: Status, at_supplier: bool) -> bool {
        self.pauses.contains(&status) || (at_supplier && self.supplier_pauses)
    }

    pub fn ahead(&self, priority: Priority) -> Option<Ahead> {
        self.ahead.get(&priority).copied()
    }

    /// From when on staff may be mailed about a case of this priority.
    pub fn staff_mail_from(&self, priority: Priority, now: DateTime<Utc>) -> DateTime<Utc> {
        self.staff_mail.get(&priority).map_or(now, |calendar| calendar.next_opening(now))
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ArrangementFile {
    pub(super) first_response: Option<BTreeMap<String, String>>,
    pub(super) update: Option<BTreeMap<String, String>>,
    pub(super) resolution: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SlaFile {
    pub(super) pauses: Option<Vec<String>>,
    pub(super) warn_before: Option<BTreeMap<String, String>>,
}

type Calendars = BTreeMap<String, Arc<Calendar>>;
type Table = BTreeMap<String, String>;

const SUPPLIER: &str = "supplier";
/// Shorter recurring promises would be a mail a second.
const SHORTEST: Duration = Duration::minutes(1);

pub(super) fn read(reader: &Reader<'_>, calendars: &Calendars) -> Result<ServiceLevels, TomlError> {
    let mut terms = Terms::default();
    for kind in PromiseKind::ALL {
        lay_over(&mut terms, reader, calendars, kind, kind.as_key(), |file| of_policy(file, kind))?;
    }
    for priority in Priority::ALL {
        if terms.promised(PromiseKind::FirstResponse, priority).is_none() {
            let shown = &reader.layers[0].shown;
            return Err(TomlError::whole(shown, format!("[first_response]: {priority} is missing here and below")));
        }
    }
    let names: BTreeSet<&String> =
        reader.layers.iter().flat_map(|layer| layer.file.arrangements.iter().flatten().map(|(name, _)| name)).collect();
    let mut arrangements = BTreeMap::new();
    for name in names {
        let mut own = terms.clone();
        for kind in PromiseKind::ALL {
            let table = format!("arrangements.{name}.{}", kind.as_key());
            lay_over(&mut own, reader, calendars, kind, &table, |file| of_arrangement(file, name, kind))?;
        }
        arrangements.insert(name.clone(), own);
    }
    let (pauses, supplier_pauses) =
        reader.need_in("sla", "pauses", |f| f.sla.as_ref()?.pauses.as_ref(), |words| pauses(words))?;
    let ahead = reader.by_priority("sla.warn_before", |f| f.sla.as_ref()?.warn_before.as_ref(), ahead)?;
    let staff_mail = reader.by_priority(
        "staff_mail",
        |f| f.staff_mail.as_ref(),
        |name| match name {
            "any-time" => Ok(None),
            name => calendars.get(name).cloned().map(Some).ok_or_else(|| calendars::unknown(name, calendars)),
        },
    )?;
    Ok(ServiceLevels {
        terms,
        arrangements,
        pauses,
        supplier_pauses,
        ahead: given(ahead),
        staff_mail: given(staff_mail),
    })
}

fn of_policy(file: &File, kind: PromiseKind) -> Option<&Table> {
    match kind {
        PromiseKind::FirstResponse => file.first_response.as_ref(),
        PromiseKind::Update => file.update.as_ref(),
        PromiseKind::Resolution => file.resolution.as_ref(),
    }
}

fn of_arrangement<'f>(file: &'f File, name: &str, kind: PromiseKind) -> Option<&'f Table> {
    let arrangement = file.arrangements.as_ref()?.get(name)?;
    match kind {
        PromiseKind::FirstResponse => arrangement.first_response.as_ref(),
        PromiseKind::Update => arrangement.update.as_ref(),
        PromiseKind::Resolution => arrangement.resolution.as_ref(),
    }
}

/// Puts what a table says over what there is.
fn lay_over<'r>(
    terms: &mut Terms,
    reader: &'r Reader<'_>,
    calendars: &Calendars,
    kind: PromiseKind,
    table: &str,
    field: impl Fn(&'r File) -> Option<&'r Table>,
) -> Result<(), TomlError> {
    for (priority, promised) in reader.by_priority(table, field, |text| promised(text, kind, calendars))? {
        match promised {
            Some(promised) => terms.promised.insert((kind, priority), promised),
            None => terms.promised.remove(&(kind, priority)),
        };
    }
    Ok(())
}

/// `15m`, `1bd`, `4h in support`, `none`
fn promised(text: &str, kind: PromiseKind, calendars: &Calendars) -> Result<Option<Promised>, String> {
    if text.trim() == "none" {
        return match kind {
            PromiseKind::FirstResponse => Err("a first response has to be promised for every priority".to_owned()),
            _ => Ok(None),
        };
    }
    let (time, name) = match text.split_once(" in ") {
        Some((time, name)) => (time.trim(), Some(name.trim())),
        None => (text.trim(), None),
    };
    let span = span(time).map_err(|why| format!("{why}, and a calendar if another one counts: \"4h in {DEFAULT}\""))?;
    if matches!(span, Span::Time(time) if time < SHORTEST) || span == Span::BusinessDays(0) {
        return Err(format!("\"{text}\": a minute is the shortest"));
    }
    let name = match (span, name) {
        (Span::Time(_), None) => None,
        (_, name) => Some(name.unwrap_or(DEFAULT)),
    };
    let calendar = match name {
        Some(name) => Some(calendars.get(name).cloned().ok_or_else(|| calendars::unknown(name, calendars))?),
        None => None,
    };
    Ok(Some(Promised { span, calendar }))
}

fn pauses(words: &[String]) -> Result<(BTreeSet<Status>, bool), String> {
    let may_pause = |status: &Status| {
        matches!(status, Status::AwaitingCustomer | Status::OnHold | Status::Shipping | Status::Resolved)
    };
    let mut statuses = BTreeSet::new();
    let mut supplier = false;
    for word in words {
        match word.parse::<Status>().ok().filter(may_pause) {
            Some(status) => drop(statuses.insert(status)),
            None if word == SUPPLIER => supplier = true,
            None => {
                let known: Vec<&str> = Status::ALL.into_iter().filter(may_pause).map(Status::as_str).collect();
                return Err(format!("\"{word}\" is unknown (known: {}, {SUPPLIER})", known.join(", ")));
            }
        }
    }
    Ok((statuses, supplier))
}

/// `25%`, `10m`, `none`
fn ahead(text: &str) -> Result<Option<Ahead>, String> {
    let text = text.trim();
    if text == "none" {
        return Ok(None);
    }
    let share = text.strip_suffix('%').and_then(|number| number.trim().parse::<u8>().ok());
    match (share, span(text)) {
        (Some(share), _) if (1..100).contains(&share) => Ok(Some(Ahead::Share(share))),
        (None, Ok(Span::Time(time))) if time > Duration::zero() => Ok(Some(Ahead::Time(time))),
        _ => Err(format!(
            "\"{text}\": write a share of the promised time such as \"25%\", a time such as \"10m\", or \"none\""
        )),
    }
}

fn given<V>(all: BTreeMap<Priority, Option<V>>) -> BTreeMap<Priority, V> {
    all.into_iter().filter_map(|(priority, value)| Some((priority, value?))).collect()
}
