//! Calendars of a policy: the working hours of the whole desk, and others by name for whoever keeps other hours.
//!
//! `[hours]`, `zone` and `holidays.txt` are the calendar `default`. Holidays are a list of dates, or an iCalendar file as
//! authorities publish them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use chrono::{Datelike, Days, NaiveDate};
use icalendar::{Calendar as ICalendar, CalendarDateTime, Component, DatePerhapsTime, Event};
use serde::Deserialize;

use super::{
    is_plain_name,
    reader::{Layer, Reader},
    values::week,
};
use crate::{desk::hours::Calendar, toml_file::TomlError};

/// The name of the working hours of the whole desk.
pub const DEFAULT: &str = "default";

/// A holiday that comes back every year is known until here.
const LAST_YEAR: i32 = 2100;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CalendarFile {
    pub(super) zone: Option<String>,
    pub(super) hours: Option<BTreeMap<String, Vec<String>>>,
    pub(super) holidays: Option<String>,
}

/// The calendars by name. What a named one does not say of itself, it has from the nearest one of that name below, and
/// its zone from the policy.
pub(super) fn read(reader: &Reader<'_>, own: &Calendar) -> Result<BTreeMap<String, Arc<Calendar>>, TomlError> {
    let mut all = BTreeMap::from([(DEFAULT.to_owned(), Arc::new(own.clone()))]);
    let names: BTreeSet<&String> =
        reader.layers.iter().flat_map(|layer| layer.file.calendars.iter().flatten().map(|(name, _)| name)).collect();
    for name in names {
        let table = format!("calendars.{name}");
        let first = reader.find(|f| f.calendars.as_ref()?.get(name));
        let Some((layer, _)) = first else { continue };
        let wrong = |key: &str, why: String| layer.wrong_in(&table, key, format!("{table}: {why}"));
        if name == DEFAULT || !is_plain_name(name) {
            return Err(wrong(
                "zone",
                "is no name for a calendar: \"default\" is [hours]; use letters, digits, -".into(),
            ));
        }
        let zone = match reader.find(|f| f.calendars.as_ref()?.get(name)?.zone.as_ref()) {
            Some((layer, text)) => super::values::zone(text)
                .map_err(|why| layer.wrong_in(&table, "zone", format!("{table}: zone: {why}")))?,
            None => own.zone(),
        };
        let Some((layer, hours)) = reader.find(|f| f.calendars.as_ref()?.get(name)?.hours.as_ref()) else {
            return Err(wrong("hours", "hours is missing, such as hours = { weekdays = [\"08:00-18:00\"] }".into()));
        };
        let week = week(hours).map_err(|why| layer.wrong_in(&table, "hours", format!("{table}: hours: {why}")))?;
        let holidays = match reader.find(|f| f.calendars.as_ref()?.get(name)?.holidays.as_ref()) {
            Some((layer, file)) => holidays(reader, layer, &table, file)?,
            None => BTreeSet::new(),
        };
        let calendar = Calendar::new(zone, week, holidays)
            .and_then(Calendar::with_working_days)
            .map_err(|e| wrong("hours", e.to_string()))?;
        all.insert(name.clone(), Arc::new(calendar));
    }
    Ok(all)
}

/// The dates of a file that lies beside the policy that names it.
fn holidays(reader: &Reader<'_>, layer: &Layer, table: &str, file: &str) -> Result<BTreeSet<NaiveDate>, TomlError> {
    let wrong = |why: String| layer.wrong_in(table, "holidays", format!("{table}: holidays: {why}"));
    let (stem, ending) = file.rsplit_once('.').unwrap_or((file, ""));
    if !is_plain_name(stem) || !matches!(ending, "txt" | "ics") {
        return Err(wrong(format!("\"{file}\": write the name of a file beside this one that ends in .txt or .ics")));
    }
    let path = format!("{}/{file}", layer.name);
    let found = (reader.files)(&path).ok_or_else(|| wrong(format!("there is no file rules/{path}")))?;
    match ending {
        "txt" => found
            .text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim())
            .filter(|line| !line.is_empty())
            .map(|line| date_of_line(&found.shown, line))
            .collect(),
        _ => of_icalendar(&found.text).map_err(|why| TomlError::whole(&found.shown, why)),
    }
}

/// `2026-12-25 Christmas Day`
pub(super) fn date_of_line(file: &str, line: &str) -> Result<NaiveDate, TomlError> {
    let date = line.split_whitespace().next().unwrap_or_default();
    date.parse().map_err(|_| TomlError::whole(file, format!("\"{line}\" must begin with a date such as 2026-12-25")))
}

/// The days of a calendar's events: whole days from the first to the last, those of every year until the year 2100. An
/// event of hours is no holiday.
fn of_icalendar(text: &str) -> Result<BTreeSet<NaiveDate>, String> {
    let calendar: ICalendar = text.parse().map_err(|why| format!("is no iCalendar file: {why}"))?;
    let mut days = BTreeSet::new();
    for event in calendar.components.iter().filter_map(|component| component.as_event()) {
        days.extend(of_event(event)?);
    }
    Ok(days)
}

fn of_event(event: &Event) -> Result<Vec<NaiveDate>, String> {
    let name = event.get_summary().unwrap_or("an event");
    if event.property_value("STATUS") == Some("CANCELLED") {
        return Ok(vec![]);
    }
    let first = match event.get_start() {
        Some(DatePerhapsTime::Date(date)) => date,
        // Some programs write whole days as midnights.
        Some(DatePerhapsTime::DateTime(CalendarDateTime::Floating(at))) if at.time() == chrono::NaiveTime::MIN => {
            at.date()
        }
        Some(DatePerhapsTime::DateTime(_)) => return Ok(vec![]),
        None => return Err(format!("{name} has no DTSTART")),
    };
    // The end is the day after the last one; without it, it is one day.
    let end = match event.get_end() {
        Some(DatePerhapsTime::Date(date)) => date,
        Some(DatePerhapsTime::DateTime(CalendarDateTime::Floating(at))) => at.date(),
        _ => first,
    };
    let length = (end - first).num_days().clamp(1, 366);
    let mut days = Vec::new();
    for begin in begins(event, name, first)? {
        days.extend((0..length.unsigned_abs()).filter_map(|n| begin.checked_add_days(Days::new(n))));
    }
    Ok(days)
}

/// The first day of each time that the event takes place.
fn begins(event: &Event, name: &str, first: NaiveDate) -> Result<Vec<NaiveDate>, String> {
    let Some(rule) = event.property_value("RRULE") else { return Ok(vec![first]) };
    let mut last_year = LAST_YEAR;
    let mut count = usize::MAX;
    for part in rule.split(';').filter(|part| !part.is_empty()) {
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        match (key, value) {
            ("FREQ", "YEARLY") | ("INTERVAL", "1") | ("WKST", _) => {}
            ("BYMONTH", value) if value == first.month().to_string() => {}
            ("BYMONTHDAY", value) if value == first.day().to_string() => {}
            ("UNTIL", value) => last_year = value.get(..4).and_then(|year| year.parse().ok()).unwrap_or(LAST_YEAR),
            ("COUNT", value) => count = value.parse().unwrap_or(1),
            _ => return Err(format!("{name}: \"RRULE:{rule}\" is not understood: only the same date every year is")),
        }
    }
    Ok((first.year()..=last_year.min(LAST_YEAR)).filter_map(|year| first.with_year(year)).take(count).collect())
}

/// Why a name is no calendar.
pub(super) fn unknown(name: &str, known: &BTreeMap<String, Arc<Calendar>>) -> String {
    let known: Vec<&str> = known.keys().map(String::as_str).collect();
    format!("\"{name}\" is no calendar of this policy (known: {})", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn holidays_of_an_icalendar_file_are_its_whole_days() {
        let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n\
            BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Easter Monday\r\nDTSTART;VALUE=DATE:20260406\r\nDTEND;VALUE=DATE:20260407\r\nEND:VEVENT\r\n\
            BEGIN:VEVENT\r\nUID:2\r\nSUMMARY:Two days of Christmas\r\nDTSTART;VALUE=DATE:20241225\r\nDTEND;VALUE=DATE:20241227\r\nRRULE:FREQ=YEARLY\r\nEND:VEVENT\r\n\
            BEGIN:VEVENT\r\nUID:3\r\nSUMMARY:No end\r\nDTSTART;VALUE=DATE:20260501\r\nEND:VEVENT\r\n\
            BEGIN:VEVENT\r\nUID:4\r\nSUMMARY:A meeting\r\nDTSTART:20260504T100000Z\r\nDTEND:20260504T110000Z\r\nEND:VEVENT\r\n\
            BEGIN:VEVENT\r\nUID:5\r\nSUMMARY:Called off\r\nSTATUS:CANCELLED\r\nDTSTART;VALUE=DATE:20260601\r\nEND:VEVENT\r\n\
            END:VCALENDAR\r\n";
        let days = of_icalendar(text).unwrap();
        for holiday in ["2026-04-06", "2026-12-25", "2026-12-26", "2031-12-26", "2026-05-01"] {
            assert!(days.contains(&day(holiday)), "{holiday}");
        }
        for working_day in ["2026-04-07", "2026-12-27", "2026-05-02", "2026-05-04", "2026-06-01"] {
            assert!(!days.contains(&day(working_day)), "{working_day}");
        }
    }

    #[test]
    fn a_rule_that_is_not_understood_is_refused_instead_of_left_out() {
        let text = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Thanksgiving\r\n\
            DTSTART;VALUE=DATE:20261126\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert!(of_icalendar(text).unwrap_err().contains("Thanksgiving"), "{:?}", of_icalendar(text));
    }
}
