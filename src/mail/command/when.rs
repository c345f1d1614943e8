//! A point of time as staff write it in a command: `tomorrow 09:00`, `friday 14:00`, `2026-12-01`, `+2h`, `2bd`.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, Duration, FixedOffset, NaiveDate, NaiveTime, Utc, Weekday};

use crate::desk::hours::Calendar;

/// A point of time that depends on when, and in which zone, it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// a day, and the time on it; without one, when work begins on it
    On(Day, Option<NaiveTime>),
    In(Duration),
    BusinessDays(u32),
    At(DateTime<FixedOffset>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Day {
    Today,
    Tomorrow,
    /// the next one; today's, while the time is still to come
    Weekday(Weekday),
    Date(NaiveDate),
}

impl When {
    /// The instant that is meant, by a calendar of working hours, in its zone. It may lie in the past.
    pub fn instant(self, now: DateTime<Utc>, hours: &Calendar) -> DateTime<Utc> {
        let today = now.with_timezone(&hours.zone()).date_naive();
        match self {
            When::In(duration) => now + duration,
            When::BusinessDays(days) => hours.add_business_days(now, days),
            When::At(at) => at.to_utc(),
            When::On(Day::Today, time) => on(today, time, hours),
            When::On(Day::Tomorrow, time) => on(today + Days::new(1), time, hours),
            When::On(Day::Date(date), time) => on(date, time, hours),
            When::On(Day::Weekday(weekday), time) => {
                let days = (7 + weekday.num_days_from_monday() - today.weekday().num_days_from_monday()) % 7;
                let next = today + Days::new(u64::from(days));
                let at = on(next, time, hours);
                // "Friday" on a Friday is not today, but "Friday 16:00" may be.
                let is_over = days == 0 && (time.is_none() || at <= now);
                if is_over { on(next + Days::new(7), time, hours) } else { at }
            }
        }
    }
}

fn on(date: NaiveDate, time: Option<NaiveTime>, hours: &Calendar) -> DateTime<Utc> {
    match time {
        Some(time) => hours.instant(date, time - NaiveTime::MIN),
        None => hours.next_opening(hours.instant(date, Duration::zero())),
    }
}

/// What is said of a time that is not understood.
fn wrong(text: &str) -> String {
    format!(
        "\"{text}\" is no time: write 16:00, tomorrow 09:00, friday 14:00, 2026-12-01 09:00, +2h, or 2bd (business days)"
    )
}

/// As on a command's line.
impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> Result<When, String> {
        read(text)
    }
}

pub(super) fn read(text: &str) -> Result<When, String> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return Err("say until when, such as tomorrow 09:00".to_owned());
    }
    point(&text).ok_or_else(|| wrong(&text))
}

fn point(text: &str) -> Option<When> {
    if let Ok(at) = DateTime::parse_from_rfc3339(&text.to_uppercase()) {
        return Some(When::At(at));
    }
    if let Some(in_days) = business_days(text) {
        return Some(in_days);
    }
    if let Some(duration) = length(text.strip_prefix('+').unwrap_or(text).trim()) {
        return Some(When::In(duration)).filter(|_| (Duration::zero()..=Duration::days(366)).contains(&duration));
    }
    let words: Vec<&str> = text.split([' ', 't']).collect();
    // `2026-12-01t09:00`: only dates have the letter between them and the time.
    if let [date, time] = words[..]
        && let (Some(date), Some(time)) = (iso(date), clock(time))
    {
        return Some(When::On(Day::Date(date), Some(time)));
    }
    let words: Vec<&str> = text.split(' ').filter(|word| !matches!(*word, "at" | "on" | "next")).collect();
    match words[..] {
        [one] => match (day(one), clock(one)) {
            (Some(day), _) => Some(When::On(day, None)),
            (None, Some(time)) => Some(When::On(Day::Today, Some(time))),
            (None, None) => None,
        },
        [first, second] => match (day(first), clock(second)) {
            (Some(day), Some(time)) => Some(When::On(day, Some(time))),
            _ => Some(When::On(day(second)?, Some(clock(first)?))),
        },
        _ => None,
    }
}

fn business_days(text: &str) -> Option<When> {
    let text = text.strip_prefix('+').unwrap_or(text).trim();
    let units = ["business days", "business day", "bd"];
    let number = units.into_iter().find_map(|unit| text.strip_suffix(unit))?.trim();
    number.parse().ok().filter(|days| (1..=250).contains(days)).map(When::BusinessDays)
}

/// `2h`, `90m`, `1h30m`, `3d`; a bare number is none.
pub(super) fn length(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut sum = Duration::zero();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: i64 = rest.get(..digits).filter(|number| (1..=6).contains(&number.len()))?.parse().ok()?;
        let letters = rest[digits..].bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = match &rest[digits..digits + letters] {
            "m" | "min" | "mins" | "minute" | "minutes" => Duration::minutes(1),
            "h" | "hour" | "hours" => Duration::hours(1),
            "d" | "day" | "days" => Duration::days(1),
            _ => return None,
        };
        sum += unit * i32::try_from(number).ok()?;
        rest = &rest[digits + letters..];
    }
    (!text.is_empty()).then_some(sum)
}

fn day(word: &str) -> Option<Day> {
    let word = word.trim_end_matches(',');
    match word {
        "today" => Some(Day::Today),
        "tomorrow" => Some(Day::Tomorrow),
        _ => iso(word).map(Day::Date).or_else(|| weekday(word).map(Day::Weekday)),
    }
}

fn weekday(word: &str) -> Option<Weekday> {
    word.bytes().all(|b| b.is_ascii_alphabetic()).then(|| word.parse().ok()).flatten()
}

fn iso(word: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(word, "%Y-%m-%d").ok().filter(|date| (2000..3000).contains(&date.year()))
}

/// `9:00`, `09:00`, `9am`, `4:30pm`.
fn clock(word: &str) -> Option<NaiveTime> {
    let (digits, noon) = match (word.strip_suffix("am"), word.strip_suffix("pm")) {
        (Some(digits), _) => (digits, Some(0)),
        (_, Some(digits)) => (digits, Some(12)),
        (None, None) => (word, None),
    };
    let (hour, minute) = match digits.split_once(':') {
        Some((hour, minute)) if minute.len() == 2 => (hour, minute),
        None if noon.is_some() => (digits, "00"),
        _ => return None,
    };
    let is_number = |text: &str| (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(hour) || !is_number(minute) {
        return None;
    }
    let hour: u32 = hour.parse().ok()?;
    let hour = match noon {
        Some(noon) if (1..=12).contains(&hour) => hour % 12 + noon,
        Some(_) => return None,
        None => hour,
    };
    NaiveTime::from_hms_opt(hour, minute.parse().ok()?, 0)
}
