//! How single values of a policy are written: times, hours of a week, lists of words. Errors are the end of a sentence
//! that names the key.

use std::collections::BTreeMap;

use chrono::{Duration, NaiveTime};
use chrono_tz::Tz;

use super::Span;
use crate::mail::{
    address::{Address, is_plausible},
    extract::FieldName,
};

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The hours of each day of a week that begins on Monday.
pub type Week = [Vec<(NaiveTime, NaiveTime)>; 7];

/// `monday = ["09:00-12:30", "13:30-17:00"]`, or `weekdays`, `every-day`.
pub fn week(table: &BTreeMap<String, Vec<String>>) -> Result<Week, String> {
    let mut week = Week::default();
    // General words first, so that a single day overrides them whatever the order in the file.
    for general in [true, false] {
        for (word, spans) in table {
            let days = match word.as_str() {
                "every-day" => 0..7,
                "weekdays" => 0..5,
                day => match DAYS.iter().position(|d| *d == day) {
                    Some(n) => n..n + 1,
                    None => {
                        return Err(format!("\"{day}\" is unknown (known: every-day, weekdays, {})", DAYS.join(", ")));
                    }
                },
            };
            if (days.len() > 1) == general {
                let spans = spans.iter().map(|s| hours_of_day(s)).collect::<Result<Vec<_>, _>>()?;
                days.for_each(|n| week[n] = spans.clone());
            }
        }
    }
    Ok(week)
}

pub(super) fn hours_of_day(text: &str) -> Result<(NaiveTime, NaiveTime), String> {
    let wrong = || format!("\"{text}\": write hours such as \"09:00-17:00\"");
    let (from, to) = text.split_once('-').ok_or_else(wrong)?;
    // 24:00 is the end of the day; the calendar knows it as midnight.
    let to = if to.trim() == "24:00" { "00:00" } else { to.trim() };
    let clock = |text: &str| NaiveTime::parse_from_str(text.trim(), "%H:%M").map_err(|_| wrong());
    Ok((clock(from)?, clock(to)?))
}

pub(super) fn time(text: &String) -> Result<Duration, String> {
    match span(text)? {
        Span::Time(time) => Ok(time),
        Span::BusinessDays(_) => Err(format!("\"{text}\": write a time such as \"30m\", \"4h\" or \"7d\"")),
    }
}

/// `15m`, `4h`, `7d` around the clock; `2bd` business days.
pub(super) fn span(text: &str) -> Result<Span, String> {
    let wrong =
        || format!("\"{text}\": write a time such as \"15m\", \"4h\", \"7d\", or business days such as \"2bd\"");
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?);
    let number: u32 = number.parse().ok().filter(|n| *n <= 10_000).ok_or_else(wrong)?;
    match unit {
        "m" => Ok(Span::Time(Duration::minutes(number.into()))),
        "h" => Ok(Span::Time(Duration::hours(number.into()))),
        "d" => Ok(Span::Time(Duration::days(number.into()))),
        "bd" => Ok(Span::BusinessDays(number)),
        _ => Err(wrong()),
    }
}

pub(super) fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| format!("\"{text}\" is no zone of the IANA list, such as Europe/Berlin"))
}

pub(super) fn required_fields(words: &[String]) -> Result<Vec<FieldName>, String> {
    let known = || FieldName::ALL.map(FieldName::as_str).join(", ");
    words
        .iter()
        .map(|word| FieldName::parse(word).ok_or_else(|| format!("\"{word}\" is unknown (known: {})", known())))
        .collect()
}

pub(super) fn at_least_one(number: &u32) -> Result<u32, String> {
    if *number > 0 { Ok(*number) } else { Err("must be at least 1".to_owned()) }
}

pub(super) fn address(text: &String) -> Result<String, String> {
    let email = Address::bare(text.trim()).email;
    match is_plausible(&email) {
        true => Ok(email),
        false => Err(format!("\"{text}\" is no mail address")),
    }
}
