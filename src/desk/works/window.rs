//! Windows of works: from when to when, as people write them in a zone: `2026-12-18 22:00 to 04:00`.
//!
//! A local time that the zone skips in spring is refused, and so is one that it shows twice in autumn until its offset
//! is said: nobody can know what was meant, and customers are told of it.

use chrono::{
    DateTime, Datelike, Duration, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc,
};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::desk::{
    hours::{Zone, say},
    lifecycle::Refusal,
};

/// As many as one works may have.
pub const MOST: usize = 20;
/// Longer ones are a mistake of the date.
const LONGEST: Duration = Duration::days(31);
/// As long after the planned end a time needs no date.
const LONGEST_WITHOUT_DATE: Duration = Duration::hours(12);
/// Nobody plans further ahead.
const FURTHEST: Duration = Duration::days(3 * 366);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Window {
    #[serde(with = "chrono::serde::ts_seconds")]
    pub starts_at: DateTime<Utc>,
    /// exclusive
    #[serde(with = "chrono::serde::ts_seconds")]
    pub ends_at: DateTime<Utc>,
}

impl Window {
    /// `2026-12-18 22:00 to 2026-12-19 04:00`, `… to 04:00` (the first one after the beginning), `… +6h`; instead of
    /// `to` also `-` between blanks, or `/`.
    ///
    /// # Errors
    /// What is wrong with it, and how it is written.
    pub fn read(text: &str, zone: Tz) -> Result<Window, Refusal> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let wrong = || {
            Refusal(format!(
                "\"{text}\" is no window: write \"2026-12-18 22:00 to 2026-12-19 04:00\", \"2026-12-18 22:00 to 04:00\" \
                 or \"2026-12-18 22:00 +6h\""
            ))
        };
        let parts = ["/", " to ", " until ", " - ", " – "].into_iter().find_map(|by| text.split_once(by));
        if let Some((start, end)) = parts {
            let (starts_at, end) = (instant(start.trim(), zone)?, end.trim());
            let begins = starts_at.with_timezone(&zone).time();
            if NaiveTime::parse_from_str(end, "%H:%M") == Ok(begins) {
                return Err(Refusal(format!(
                    "\"{text}\" is of length zero: for a whole day write the end with its date, or +24h"
                )));
            }
            return Ok(Window { starts_at, ends_at: end_after(end, starts_at, zone)? });
        }
        // The offset of a beginning stands behind it without a blank.
        let (start, length) = text.rsplit_once(" +").ok_or_else(wrong)?;
        let starts_at = instant(start.trim(), zone)?;
        let length = length_of(length).ok_or_else(wrong)?;
        let ends_at = starts_at.checked_add_signed(length).ok_or_else(wrong)?;
        Ok(Window { starts_at, ends_at })
    }

    pub fn overlaps(&self, other: &Window) -> bool {
        self.starts_at < other.ends_at && other.starts_at < self.ends_at
    }

    pub fn length(&self) -> Duration {
        self.ends_at - self.starts_at
    }
}

/// An end, which may be only a clock's time or a length, counted from `from`.
pub fn end_after(text: &str, from: DateTime<Utc>, zone: Tz) -> Result<DateTime<Utc>, Refusal> {
    if let Some(length) = text.strip_prefix('+').and_then(length_of) {
        let end = from.checked_add_signed(length);
        return end.ok_or_else(|| Refusal(format!("\"{text}\" is no time that can be planned")));
    }
    let Ok(time) = NaiveTime::parse_from_str(text, "%H:%M") else { return instant(text, zone) };
    let local = from.with_timezone(&zone).naive_local();
    let date = if time > local.time() { Some(local.date()) } else { local.date().succ_opt() };
    let date = date.ok_or_else(|| Refusal(format!("\"{text}\" is no time that can be planned")))?;
    in_zone(date.and_time(time), zone)
}

/// Until when works take longer: as [`end_after`] their planned end, but a time without a date that is far behind it is
/// hardly meant.
///
/// # Errors
/// What can't be read, and such a time: it wants its date.
pub fn extended(text: &str, planned_end: DateTime<Utc>, zone: Tz) -> Result<DateTime<Utc>, Refusal> {
    let until = end_after(text, planned_end, zone)?;
    let is_bare = NaiveTime::parse_from_str(text, "%H:%M").is_ok();
    if is_bare && until - planned_end > LONGEST_WITHOUT_DATE {
        let shown = Zone::Named(zone);
        return Err(Refusal(format!(
            "{text} would be {}, {} hours after the planned end, {}: write the date with it, such as \"{}\"",
            say(until, &shown),
            (until - planned_end).num_hours(),
            say(planned_end, &shown),
            until.with_timezone(&zone).format("%Y-%m-%d %H:%M")
        )));
    }
    Ok(until)
}

/// `+6h`, `90m`, `1h30m`, `2d`; more than nothing, and no longer than a window may be.
fn length_of(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    let mut sum = Duration::zero();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|digits| (1..=5).contains(digits))?;
        let number: i32 = rest[..digits].parse().ok()?;
        let unit = match rest[digits..].chars().next()? {
            'm' => Duration::minutes(1),
            'h' => Duration::hours(1),
            'd' => Duration::days(1),
            _ => return None,
        };
        sum += unit * number;
        rest = &rest[digits + 1..];
    }
    (Duration::zero() < sum && sum <= LONGEST).then_some(sum)
}

/// An instant: RFC 3339, or what a clock of the zone shows: `2026-12-18 22:00`.
///
/// # Errors
/// It is no time, or the zone does not have it, or has it twice.
pub fn instant(text: &str, zone: Tz) -> Result<DateTime<Utc>, Refusal> {
    let plain = text.trim().replacen(['T', 't'], " ", 1);
    let (local, rest) = local(&plain).ok_or_else(|| {
        Refusal(format!("\"{text}\" is no time: write 2026-12-18 22:00, or 2026-12-18T22:00:00+01:00"))
    })?;
    if rest.is_empty() {
        return in_zone(local, zone);
    }
    let offset = match rest {
        "Z" | "z" => FixedOffset::east_opt(0),
        rest => rest.parse().ok(),
    };
    let at = offset.and_then(|offset| offset.from_local_datetime(&local).single());
    at.map(|at| at.to_utc()).ok_or_else(|| {
        Refusal(format!("\"{text}\": \"{rest}\" is no offset, such as +01:00; a zone is named by --zone"))
    })
}

fn local(text: &str) -> Option<(NaiveDateTime, &str)> {
    let (date, clock) = text.split_once(' ')?;
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok().filter(|date| (1..=9999).contains(&date.year()))?;
    let digits = clock.find(|c: char| !c.is_ascii_digit() && c != ':').unwrap_or(clock.len());
    let (clock, rest) = clock.split_at(digits);
    let time = ["%H:%M", "%H:%M:%S"].into_iter().find_map(|form| NaiveTime::parse_from_str(clock, form).ok())?;
    Some((date.and_time(time), rest.trim()))
}

fn in_zone(local: NaiveDateTime, zone: Tz) -> Result<DateTime<Utc>, Refusal> {
    let said = local.format("%Y-%m-%d %H:%M");
    match zone.from_local_datetime(&local) {
        MappedLocalTime::Single(only) => Ok(only.to_utc()),
        MappedLocalTime::None => Err(Refusal(format!(
            "{said} does not exist in {zone}: the clocks are put forward over it; name a time before or after"
        ))),
        MappedLocalTime::Ambiguous(one, other) => Err(Refusal(format!(
            "{said} comes twice in {zone}, where the clocks are put back: write it with its offset, {} or {}",
            one.format("%Y-%m-%dT%H:%M:%S%:z"),
            other.format("%Y-%m-%dT%H:%M:%S%:z")
        ))),
    }
}

/// Windows in order, if works may have them.
///
/// # Errors
/// None or too many; one of length zero, too long, in the past or too far away; two that overlap.
pub fn checked(windows: &[Window], zone: Tz, now: DateTime<Utc>) -> Result<Vec<Window>, Refusal> {
    let shown = Zone::Named(zone);
    let mut windows = windows.to_vec();
    windows.sort();
    if windows.is_empty() {
        return Err(Refusal("works need a window: say from when to when".to_owned()));
    }
    if windows.len() > MOST {
        return Err(Refusal(format!("works have {MOST} windows at most: plan the others as works of their own")));
    }
    for window in &windows {
        let start = say(window.starts_at, &shown);
        let why = if window.length() <= Duration::zero() {
            format!("ends {}: it has to end after it begins", say(window.ends_at, &shown))
        } else if window.length() > LONGEST {
            format!("is longer than {} days", LONGEST.num_days())
        } else if window.starts_at <= now {
            "lies in the past".to_owned()
        } else if window.starts_at > now + FURTHEST {
            "is more than three years away".to_owned()
        } else {
            continue;
        };
        return Err(Refusal(format!("the window from {start} {why}")));
    }
    if let Some([one, other]) = windows.windows(2).find(|pair| pair[0].overlaps(&pair[1])).map(|p| [p[0], p[1]]) {
        let (one, other) = (say(one.starts_at, &shown), say(other.starts_at, &shown));
        return Err(Refusal(format!("the windows from {one} and from {other} overlap")));
    }
    Ok(windows)
}

#[cfg(test)]
mod tests {
    use chrono_tz::{America::Denver, Europe::Berlin};

    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn a_window_is_read_as_people_write_it() {
        let night = Window { starts_at: utc("2026-12-19T05:00:00Z"), ends_at: utc("2026-12-19T11:00:00Z") };
        for text in [
            "2026-12-18 22:00 to 2026-12-19 04:00",
            "2026-12-18 22:00 to 04:00",
            "2026-12-18T22:00/04:00",
            "2026-12-18 22:00 - 04:00",
            "2026-12-18  22:00 +6h",
            "2026-12-18 22:00 +5h60m",
            "2026-12-19T05:00:00Z to 2026-12-19T11:00:00Z",
            "2026-12-19 06:00+01:00 to 2026-12-19T12:00:00+01:00",
        ] {
            assert_eq!(Window::read(text, Denver), Ok(night), "{text}");
        }
        for text in [
            "",
            "tomorrow",
            "2026-12-18",
            "2026-12-18 22:00",
            "2026-12-18 22:00 to",
            "2026-13-18 22:00 to 04:00",
            "x/y",
            "2026-12-18 22:00 to 22:00",
            "2026-12-18 22:00 +0h",
            "2026-12-18 22:00 +99999d",
            "2026-12-18 25:00 +1h",
            "2026-12-18 22:00 MT to 04:00",
        ] {
            assert!(Window::read(text, Denver).is_err(), "{text}");
        }
    }

    #[test]
    fn works_are_extended_by_a_time_of_the_next_hours_and_later_ones_want_a_date() {
        let end = utc("2026-12-19T04:00:00Z");
        assert_eq!(extended("06:00", end, Tz::UTC), Ok(utc("2026-12-19T06:00:00Z")));
        assert_eq!(extended("+20h", end, Tz::UTC), Ok(utc("2026-12-20T00:00:00Z")));
        assert_eq!(extended("2026-12-20 03:00", end, Tz::UTC), Ok(utc("2026-12-20T03:00:00Z")));
        // 03:00 is hardly that of the next day.
        let why = extended("03:00", end, Tz::UTC).unwrap_err().0;
        assert!(why.contains("23 hours after") && why.contains("\"2026-12-20 03:00\""), "{why}");
    }

    #[test]
    fn a_time_in_the_gap_of_spring_is_refused_and_one_in_the_fold_of_autumn_needs_its_offset() {
        let gap = instant("2027-03-28 02:30", Berlin).unwrap_err().0;
        assert!(gap.contains("does not exist in Europe/Berlin"), "{gap}");
        let fold = instant("2026-10-25 02:30", Berlin).unwrap_err().0;
        assert!(fold.contains("2026-10-25T02:30:00+02:00 or 2026-10-25T02:30:00+01:00"), "{fold}");
        assert_eq!(instant("2026-10-25T02:30:00+02:00", Berlin), Ok(utc("2026-10-25T00:30:00Z")));
        assert_eq!(instant("2026-10-25T02:30:00+01:00", Berlin), Ok(utc("2026-10-25T01:30:00Z")));
        assert!(Window::read("2027-03-27 22:00 to 02:30", Berlin).is_err(), "ends, too");
    }

    #[test]
    fn what_no_works_may_have_is_refused_with_its_reason() {
        let now = utc("2026-11-01T00:00:00Z");
        let window = |start: &str, end: &str| Window { starts_at: utc(start), ends_at: utc(end) };
        let refused = |windows: &[Window]| checked(windows, Berlin, now).unwrap_err().0;
        let night = window("2026-12-01T00:00:00Z", "2026-12-01T04:00:00Z");
        assert!(refused(&[]).contains("need a window"));
        assert!(refused(&[window("2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z")]).contains("end after it begins"));
        assert!(refused(&[window("2026-10-01T00:00:00Z", "2026-12-01T00:00:00Z")]).contains("longer than"));
        assert!(refused(&[window("2026-11-01T00:00:00Z", "2026-11-01T01:00:00Z")]).contains("in the past"));
        assert!(refused(&[window("2036-11-01T00:00:00Z", "2036-11-01T01:00:00Z")]).contains("three years"));
        assert!(refused(&[night, window("2026-12-01T03:59:59Z", "2026-12-01T06:00:00Z")]).contains("overlap"));
        assert!(refused(&[night; MOST + 1]).contains("at most"));
        let next = window("2026-12-01T04:00:00Z", "2026-12-01T05:00:00Z");
        assert_eq!(checked(&[next, night], Berlin, now).unwrap(), [night, next], "in order; one may follow the other");
    }
}
