//! Business time: when a working day begins and ends, and what "two business days" from an instant is.
//!
//! Instants are UTC; a [`Calendar`] carries its zone, its weekly hours and its holidays. A local time that a zone skips
//! (spring) counts as the first instant after the gap; one that it repeats (autumn) as the earlier of the two. A working
//! day is one with hours and no holiday. Everything is reckoned from `Calendar::openings`, which turns the days from a
//! date on into stretches of instants and ends after ten years, whatever the holidays are.

use std::{collections::BTreeSet, fmt, str::FromStr};

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Timelike, Utc, Weekday};
use chrono::{Datelike, MappedLocalTime};
use chrono_tz::{GapInfo, Tz};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// How far a search looks: what lies further is not a deadline any more, but a calendar with a mistake in it.
const HORIZON_DAYS: usize = 3653;
const SHORTEST_WEEK: TimeDelta = TimeDelta::hours(1);
/// The years in which local times are reckoned; instants outside (a mail dated in the year 262142) are left as they are.
const YEARS: std::ops::Range<i32> = 1..9000;

/// A week of working hours in a zone, and the days that are holidays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Calendar {
    zone: Tz,
    week: [Vec<Span>; 7],
    holidays: BTreeSet<NaiveDate>,
}

/// Hours of one weekday, as time since its midnight (24 h is the end of the day); `end` is exclusive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Span {
    start: TimeDelta,
    end: TimeDelta,
}

/// Hours of one date, as instants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Opening {
    date: NaiveDate,
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

/// Why hours make no calendar.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CalendarError {
    #[error("working hours of {0}: each must end after it begins (00:00 as an end is the end of the day)")]
    Backwards(Weekday),
    #[error("working hours of {0}: give them in the order of the day, without overlap")]
    Overlap(Weekday),
    #[error("working hours: a week needs at least one hour")]
    TooShort,
    #[error("holidays: they leave no working day in {0}")]
    NeverOpen(i32),
}

impl Calendar {
    /// `week` begins on Monday; ends are exclusive, and 00:00 as an end is the end of the day.
    pub fn new(
        zone: Tz,
        week: [Vec<(NaiveTime, NaiveTime)>; 7],
        holidays: BTreeSet<NaiveDate>,
    ) -> Result<Calendar, CalendarError> {
        let mut spans: [Vec<Span>; 7] = Default::default();
        let mut day = Weekday::Mon;
        for (hours, spans) in week.iter().zip(&mut spans) {
            *spans = read_day(day, hours)?;
            day = day.succ();
        }
        let open: TimeDelta = spans.iter().flatten().map(|span| span.end - span.start).sum();
        if open < SHORTEST_WEEK {
            return Err(CalendarError::TooShort);
        }
        Ok(Calendar { zone, week: spans, holidays })
    }

    /// The calendar, if each year of its holidays has a working day: deadlines are nowhere where there is none.
    pub fn with_working_days(self) -> Result<Calendar, CalendarError> {
        match self.year_without_working_day() {
            Some(year) => Err(CalendarError::NeverOpen(year)),
            None => Ok(self),
        }
    }

    fn year_without_working_day(&self) -> Option<i32> {
        let works = |date: &NaiveDate| !self.week[date.weekday().num_days_from_monday() as usize].is_empty();
        let mut holidays = std::collections::BTreeMap::new();
        for date in self.holidays.iter().filter(|date| works(date)) {
            *holidays.entry(date.year()).or_insert(0) += 1;
        }
        let working = |year: i32| {
            let begin = NaiveDate::from_ymd_opt(year, 1, 1).into_iter();
            let dates = begin.flat_map(|date| date.iter_days()).take_while(|date| date.year() == year);
            dates.filter(works).count()
        };
        holidays.into_iter().find(|(year, days)| *days >= working(*year)).map(|(year, _)| year)
    }

    /// 24×7, no holidays.
    pub fn always(zone: Tz) -> Calendar {
        let whole_day = Span { start: TimeDelta::zero(), end: TimeDelta::days(1) };
        Calendar { zone, week: std::array::from_fn(|_| vec![whole_day]), holidays: BTreeSet::new() }
    }

    /// Other hours in the same zone, with the same holidays.
    pub fn with_week(&self, week: [Vec<(NaiveTime, NaiveTime)>; 7]) -> Result<Calendar, CalendarError> {
        Calendar::new(self.zone, week, self.holidays.clone())
    }

    pub fn zone(&self) -> Tz {
        self.zone
    }

    pub fn is_open(&self, at: DateTime<Utc>) -> bool {
        self.current_or_next(at).is_some_and(|opening| opening.start <= at)
    }

    /// The next instant within working hours; `at` itself when it is. After ten years without one: `at`.
    pub fn next_opening(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        self.current_or_next(at).map_or(at, |opening| opening.start.max(at))
    }

    /// `n` business days after an instant: the same local time on the n-th following working day (SERVICE.md); from
    /// outside working hours, counted from the next opening.
    ///
    /// Where that local time is outside the day's hours (a short Friday), the end of that day's hours. A calendar that
    /// has not so many working days in ten years gives the last instant of those it has.
    pub fn add_business_days(&self, at: DateTime<Utc>, n: u32) -> DateTime<Utc> {
        let Some(first) = self.current_or_next(at) else { return at };
        let start = first.start.max(at);
        if n == 0 {
            return start;
        }
        let mut last = start;
        let mut days = 0;
        let time = start.with_timezone(&self.zone).time();
        for date in following(first.date).skip(1) {
            let day = self.openings_of(date);
            let Some(closing) = day.last() else { continue };
            last = closing.end;
            days += 1;
            if days == n {
                let same_time = self.instant(date, time.signed_duration_since(NaiveTime::MIN));
                let within = day.iter().any(|opening| opening.start <= same_time && same_time < opening.end);
                return if within { same_time } else { closing.end };
            }
        }
        last
    }

    /// The instant when so much working time has passed since `at`: "4 h within hours". Nothing or less: the next
    /// opening. A calendar that has not so much in ten years gives the last instant of what it has.
    pub fn add_business_time(&self, at: DateTime<Utc>, working: TimeDelta) -> DateTime<Utc> {
        let mut left = working.max(TimeDelta::zero());
        let mut last = at;
        for opening in self.openings(at) {
            let start = opening.start.max(at);
            if left <= opening.end - start {
                return start + left;
            }
            left -= opening.end - start;
            last = opening.end;
        }
        last
    }

    /// The working time between two instants; none when the second is not the later one. Longer than ten years counts as
    /// ten years.
    pub fn business_time_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        let spans = self.openings(from).take_while(|opening| opening.start < to);
        spans.map(|opening| opening.end.min(to) - opening.start.max(from)).sum()
    }

    fn current_or_next(&self, at: DateTime<Utc>) -> Option<Opening> {
        self.openings(at).next()
    }

    /// The stretches of working hours that end after `at`, in order, for ten years.
    fn openings(&self, at: DateTime<Utc>) -> impl Iterator<Item = Opening> {
        // The day before: a fold at midnight (Cairo, St John's) brings a date back after its end.
        let from = local_date(at, self.zone).and_then(|date| date.pred_opt());
        from.into_iter()
            .flat_map(following)
            .flat_map(|date| self.openings_of(date))
            .filter(move |opening| opening.end > at)
    }

    /// None when the date is no working day, or when its hours fall into a gap as a whole.
    fn openings_of(&self, date: NaiveDate) -> Vec<Opening> {
        let spans = &self.week[date.weekday().num_days_from_monday() as usize];
        if spans.is_empty() || self.holidays.contains(&date) {
            return Vec::new();
        }
        spans
            .iter()
            .map(|span| Opening { date, start: self.instant(date, span.start), end: self.instant(date, span.end) })
            .filter(|opening| opening.start < opening.end)
            .collect()
    }

    /// When a local time (as time since midnight) of a date is.
    pub fn instant(&self, date: NaiveDate, since_midnight: TimeDelta) -> DateTime<Utc> {
        let local = date.and_time(NaiveTime::MIN) + since_midnight;
        match self.zone.from_local_datetime(&local) {
            MappedLocalTime::Single(only) => only.to_utc(),
            MappedLocalTime::Ambiguous(one, other) => one.min(other).to_utc(),
            MappedLocalTime::None => {
                let after_gap = GapInfo::new(&local, &self.zone).and_then(|gap| gap.end);
                // Every gap of the zone data has an end; without it, its local time taken as UTC is less than a day off.
                after_gap.map_or_else(|| local.and_utc(), |end| end.to_utc())
            }
        }
    }
}

fn read_day(day: Weekday, hours: &[(NaiveTime, NaiveTime)]) -> Result<Vec<Span>, CalendarError> {
    let mut spans: Vec<Span> = Vec::with_capacity(hours.len());
    for &(start, end) in hours {
        let since_midnight = |time: NaiveTime| TimeDelta::seconds(i64::from(time.num_seconds_from_midnight()));
        let end = if end == NaiveTime::MIN { TimeDelta::days(1) } else { since_midnight(end) };
        let span = Span { start: since_midnight(start), end };
        if span.end <= span.start {
            return Err(CalendarError::Backwards(day));
        }
        if spans.last().is_some_and(|before| before.end > span.start) {
            return Err(CalendarError::Overlap(day));
        }
        spans.push(span);
    }
    Ok(spans)
}

fn following(date: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    date.iter_days().take(HORIZON_DAYS)
}

fn local_date(at: DateTime<Utc>, zone: Tz) -> Option<NaiveDate> {
    YEARS.contains(&at.year()).then(|| at.with_timezone(&zone).date_naive())
}

/// The zone in which a time is told to somebody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Zone {
    Named(Tz),
    Offset(FixedOffset),
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Zone::Named(zone) => f.write_str(zone.name()),
            Zone::Offset(offset) => write!(f, "{offset}"),
        }
    }
}

impl FromStr for Zone {
    type Err = String;

    fn from_str(text: &str) -> Result<Zone, String> {
        let named = text.parse().map(Zone::Named);
        named.or_else(|_| text.parse().map(Zone::Offset)).map_err(|_| format!("\"{text}\" is no zone"))
    }
}

impl Serialize for Zone {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Zone, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl Zone {
    /// What a clock of the zone shows at an instant, and the zone's name then: `MST`, or `UTC+09:00` where it has no
    /// short one.
    pub fn clock(&self, at: DateTime<Utc>) -> (NaiveDateTime, String) {
        match self {
            _ if !YEARS.contains(&at.year()) => (at.naive_utc(), "UTC".to_owned()),
            Zone::Named(zone) => {
                let local = at.with_timezone(zone);
                let short = local.format("%Z").to_string();
                // Many zones have no letters in the zone data, only "+04".
                let named = short.starts_with(|c: char| c.is_ascii_alphabetic());
                let name = if named { short } else { local.format("UTC%:z").to_string() };
                (local.naive_local(), name)
            }
            Zone::Offset(offset) => {
                let local = at.with_timezone(offset);
                (local.naive_local(), local.format("UTC%:z").to_string())
            }
        }
    }
}

/// A time for staff at a screen: `Tue 24 November 2026, 17:00 (MST)`. Mails write times by their language.
pub fn say(at: DateTime<Utc>, zone: &Zone) -> String {
    let (local, name) = zone.clock(at);
    format!("{} ({name})", local.format("%a %-d %B %Y, %H:%M"))
}

/// The same for a list, where the zone stands above it or is known: `2026-11-24 17:00`.
pub fn say_short(at: DateTime<Utc>, zone: &Zone) -> String {
    zone.clock(at).0.format("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests;
