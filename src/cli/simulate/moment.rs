//! Times as a story tells them: `day 5, 09:00`, `Friday day 5, 09:00`, `+2h 30m`, `09:00:01`, `2026-11-06 09:00`.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// counted from the day on which the story begins, which is day 1
    Day {
        number: u32,
        time: NaiveTime,
        weekday: Option<Weekday>,
    },
    On(NaiveDate, NaiveTime),
    /// on the day of the step before
    At(NaiveTime),
    After(TimeDelta),
    Exactly(DateTime<Utc>),
}

const KNOWN: &str = "write a time such as \"day 5, 09:00\", \"+2h 30m\", \"09:00:01\" or \"2026-11-06 09:00\"";

pub fn parse(text: &str) -> Result<Moment, String> {
    let text = text.trim();
    let wrong = || format!("\"{text}\": {KNOWN}");
    if let Some(spans) = text.strip_prefix('+') {
        return spans.split_whitespace().map(span).sum::<Option<Duration>>().map(Moment::After).ok_or_else(wrong);
    }
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Ok(Moment::Exactly(at.with_timezone(&Utc)));
    }
    let words: Vec<&str> = text.split([' ', ',']).filter(|word| !word.is_empty()).collect();
    match words[..] {
        [time] => clock(time).map(Moment::At),
        ["day", number, time] => day(number, time, None),
        [weekday, "day", number, time] => weekday.parse().ok().and_then(|weekday| day(number, time, Some(weekday))),
        [date, time] => date.parse().ok().zip(clock(time)).map(|(date, time)| Moment::On(date, time)),
        _ => None,
    }
    .ok_or_else(wrong)
}

fn day(number: &str, time: &str, weekday: Option<Weekday>) -> Option<Moment> {
    let number = number.parse().ok().filter(|n| (1..=3660).contains(n))?;
    Some(Moment::Day { number, time: clock(time)?, weekday })
}

fn clock(text: &str) -> Option<NaiveTime> {
    ["%H:%M", "%H:%M:%S"].into_iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok())
}

/// `30s`, `5m`, `2h`, `7d` (of 24 hours each), `2w`
fn span(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let number: i64 = number.parse().ok().filter(|n| *n < 1_000_000)?;
    match unit {
        "s" => Some(Duration::seconds(number)),
        "m" => Some(Duration::minutes(number)),
        "h" => Some(Duration::hours(number)),
        "d" => Some(Duration::days(number)),
        "w" => Some(Duration::weeks(number)),
        _ => None,
    }
}

impl Moment {
    /// The instant, in a story that began at `begins_at` and stands at `now`.
    pub fn resolve(self, begins_at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> Result<DateTime<Utc>, String> {
        match self {
            Moment::Exactly(at) => Ok(at),
            Moment::After(span) => Ok(now + span),
            Moment::On(date, time) => local(date.and_time(time), zone),
            Moment::At(time) => local(now.with_timezone(&zone).date_naive().and_time(time), zone),
            Moment::Day { number, time, weekday } => {
                let first = begins_at.with_timezone(&zone).date_naive();
                let date = first + Duration::days(i64::from(number) - 1);
                match weekday {
                    Some(told) if told != date.weekday() => {
                        Err(format!("day {number} is {}, a {}", date, date.format("%A")))
                    }
                    _ => local(date.and_time(time), zone),
                }
            }
        }
    }
}

/// A clock's time in a zone; one that comes twice in autumn is the earlier one.
pub fn local(at: NaiveDateTime, zone: Tz) -> Result<DateTime<Utc>, String> {
    let found = zone.from_local_datetime(&at).earliest();
    found.map(|at| at.with_timezone(&Utc)).ok_or_else(|| format!("{at} is skipped in {zone}: the clocks go forward"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Result<String, String> {
        let zone = chrono_tz::Europe::Sofia;
        let begins_at = local("2026-03-27T09:00:00".parse().unwrap(), zone).unwrap();
        parse(text)?.resolve(begins_at, begins_at + Duration::hours(30), zone).map(|at| at.to_rfc3339())
    }

    #[test]
    fn times_are_understood_as_people_write_them() {
        for (text, expected) in [
            ("day 1, 09:00", "2026-03-27T07:00:00+00:00"),
            ("Friday day 1 09:00:01", "2026-03-27T07:00:01+00:00"),
            // The clocks go forward in between.
            ("day 3, 09:00", "2026-03-29T06:00:00+00:00"),
            ("+1h 30m", "2026-03-28T14:30:00+00:00"),
            ("+7d 1s", "2026-04-04T13:00:01+00:00"),
            ("09:00", "2026-03-28T07:00:00+00:00"),
            ("2026-04-01 10:15", "2026-04-01T07:15:00+00:00"),
            ("2026-04-01T10:15:00Z", "2026-04-01T10:15:00+00:00"),
        ] {
            assert_eq!(at(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_time_that_is_not_one_says_how_they_are_written() {
        for text in ["", "soon", "day 0, 09:00", "day 2", "+2", "+x", "25:00", "Sunday 09:00"] {
            assert!(at(text).unwrap_err().contains("write a time such as"), "{text}");
        }
        assert!(at("Monday day 2, 09:00").unwrap_err().contains("a Saturday"));
        assert!(at("day 3, 03:30").unwrap_err().contains("the clocks go forward"));
    }
}
