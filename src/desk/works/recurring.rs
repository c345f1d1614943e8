//! Works that come again: `third friday 22:00`, `weekly friday 00:00`, `every 3 weeks tuesday 21:00 from 2026-01-06`.
//!
//! Beginning and end are what a clock of the zone shows, so a window of 22:00 to 04:00 is that in summer and winter, an
//! hour longer or shorter in the nights when the clocks change. A beginning that the zone skips is the first instant
//! after the gap; one that it has twice the earlier of the two.

use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, Duration, Months, NaiveDate, NaiveTime, Utc, Weekday};
use chrono_tz::Tz;

use super::window::Window;
use crate::desk::hours::Calendar;

/// How far a rule is looked ahead.
const DAYS_AHEAD: u64 = 800;

/// On which days, and at which time of the zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    days: On,
    time: NaiveTime,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum On {
    /// the first to fourth of a month; none: the last
    Monthly(Option<u8>, Weekday),
    /// every so many weeks, counted from a date that is such a day
    Weeks(u32, NaiveDate),
    Weekly(Weekday),
}

const NTH: [(&str, Option<u8>); 5] =
    [("first", Some(1)), ("second", Some(2)), ("third", Some(3)), ("fourth", Some(4)), ("last", None)];

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Rule, String> {
        let wrong = || {
            format!(
                "\"{text}\" is no rule: write \"third friday 22:00\", \"last sunday 02:00\", \"weekly friday 00:00\" or \
                 \"every 3 weeks tuesday 21:00 from 2026-01-06\""
            )
        };
        let lower = text.to_lowercase();
        let words: Vec<&str> = lower.split_whitespace().collect();
        let (days, time) = match words[..] {
            ["weekly", day, time] => (On::Weekly(weekday(day).ok_or_else(wrong)?), time),
            ["every", weeks, "weeks", day, time, "from", date] => {
                let weeks: u32 = weeks.parse().ok().filter(|n| (1..=52).contains(n)).ok_or_else(wrong)?;
                let day = weekday(day).ok_or_else(wrong)?;
                let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").map_err(|_| wrong())?;
                if date.weekday() != day {
                    return Err(format!("\"{text}\": {date} is no {day}"));
                }
                (On::Weeks(weeks, date), time)
            }
            [nth, day, time] => {
                let (_, nth) = NTH.into_iter().find(|(word, _)| *word == nth).ok_or_else(wrong)?;
                (On::Monthly(nth, weekday(day).ok_or_else(wrong)?), time)
            }
            _ => return Err(wrong()),
        };
        let time = NaiveTime::parse_from_str(time, "%H:%M").map_err(|_| wrong())?;
        Ok(Rule { days, time })
    }
}

fn weekday(word: &str) -> Option<Weekday> {
    word.ends_with("day").then(|| word.parse().ok()).flatten()
}

impl Rule {
    /// The first window that begins after an instant, and the date of its beginning in the zone. None only where the
    /// calendar ends.
    pub fn next_after(&self, at: DateTime<Utc>, length: Duration, zone: Tz) -> Option<(NaiveDate, Window)> {
        let calendar = Calendar::always(zone);
        // Gaps move a beginning by hours, never by more than a day.
        let from = at.with_timezone(&zone).date_naive().pred_opt()?;
        let days = from.iter_days().take(DAYS_AHEAD as usize).filter(|date| self.falls_on(*date));
        days.map(|date| (date, self.window(date, length, &calendar))).find(|(_, window)| window.starts_at > at)
    }

    fn window(&self, date: NaiveDate, length: Duration, calendar: &Calendar) -> Window {
        let begins = self.time - NaiveTime::MIN;
        let starts_at = calendar.instant(date, begins);
        let ends_at = calendar.instant(date, begins + length);
        // A short window within the hour that is skipped would have no length.
        let ends_at = if ends_at > starts_at { ends_at } else { starts_at + length };
        Window { starts_at, ends_at }
    }

    fn falls_on(&self, date: NaiveDate) -> bool {
        match self.days {
            On::Weekly(day) => date.weekday() == day,
            On::Weeks(weeks, from) => {
                let days = (date - from).num_days();
                days >= 0 && days % (7 * i64::from(weeks)) == 0
            }
            On::Monthly(Some(nth), day) => date.weekday() == day && (date.day0() / 7 + 1) == u32::from(nth),
            On::Monthly(None, day) => {
                let next_week = date.checked_add_days(Days::new(7));
                let next_month = date.with_day(1).and_then(|first| first.checked_add_months(Months::new(1)));
                date.weekday() == day && next_week.zip(next_month).is_some_and(|(week, month)| week >= month)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use chrono_tz::{America::Denver, Europe::Berlin, Pacific::Apia};
    use proptest::prelude::*;

    use super::*;

    fn rule(text: &str) -> Rule {
        text.parse().unwrap()
    }

    /// All windows of the years 2024 to 2035.
    fn all(text: &str, length: Duration, zone: Tz) -> Vec<(NaiveDate, Window)> {
        let mut at = zone.with_ymd_and_hms(2024, 1, 1, 0, 0, 0).unwrap().to_utc() - Duration::seconds(1);
        let end = zone.with_ymd_and_hms(2036, 1, 1, 0, 0, 0).unwrap().to_utc();
        let mut found = Vec::new();
        while let Some((date, window)) = rule(text).next_after(at, length, zone).filter(|(_, w)| w.starts_at < end) {
            found.push((date, window));
            at = window.starts_at;
        }
        found
    }

    fn clock(at: DateTime<Utc>, zone: Tz) -> String {
        at.with_timezone(&zone).format("%a %H:%M").to_string()
    }

    #[test]
    fn the_third_friday_is_one_a_month_from_22_to_4_whatever_the_season() {
        let windows = all("third friday 22:00", Duration::hours(6), Denver);
        assert_eq!(windows.len(), 12 * 12);
        for (date, window) in windows {
            assert!((15..=21).contains(&date.day()), "{date}");
            assert_eq!(clock(window.starts_at, Denver), "Fri 22:00");
            assert_eq!(clock(window.ends_at, Denver), "Sat 04:00");
        }
    }

    #[test]
    fn every_third_tuesday_is_21_days_after_the_one_before() {
        let windows = all("every 3 weeks tuesday 21:00 from 2026-01-06", Duration::hours(2), Denver);
        assert_eq!(windows[0].0, NaiveDate::from_ymd_opt(2026, 1, 6).unwrap(), "none before its first day");
        for pair in windows.windows(2) {
            assert_eq!((pair[1].0 - pair[0].0).num_days(), 21);
            assert_eq!(clock(pair[1].1.starts_at, Denver), "Tue 21:00");
            assert_eq!(pair[1].1.length(), Duration::hours(2));
        }
    }

    #[test]
    fn a_weekly_midnight_and_a_last_sunday_are_right_over_both_changes_of_the_clocks() {
        let fridays = all("weekly friday 00:00", Duration::hours(1), Denver);
        assert!((624..=627).contains(&fridays.len()), "{}", fridays.len());
        assert!(fridays.iter().all(|(_, window)| clock(window.starts_at, Denver) == "Fri 00:00"));
        // In Europe the clocks change on last Sundays: 02:00 is skipped in March, and 02:30 comes twice in October.
        let march = NaiveDate::from_ymd_opt(2027, 3, 28).unwrap();
        let found = |text: &str, date: NaiveDate, length| {
            let all = all(text, length, Berlin);
            all.into_iter().find(|(on, _)| *on == date).unwrap().1
        };
        let skipped = found("last sunday 02:00", march, Duration::minutes(30));
        assert_eq!(clock(skipped.starts_at, Berlin), "Sun 03:00");
        assert_eq!(skipped.length(), Duration::minutes(30), "not nothing");
        let october = NaiveDate::from_ymd_opt(2027, 10, 31).unwrap();
        let twice = found("last sunday 02:30", october, Duration::hours(2));
        assert_eq!(twice.length(), Duration::hours(3), "from the earlier 02:30 to 04:30");
    }

    #[test]
    fn what_is_no_rule_says_how_one_is_written() {
        for text in [
            "",
            "friday",
            "fifth friday 22:00",
            "third fri 22:00",
            "third friday 25:00",
            "weekly friday",
            "every 0 weeks tuesday 21:00 from 2026-01-06",
            "every 3 weeks tuesday 21:00",
        ] {
            assert!(text.parse::<Rule>().unwrap_err().contains("third friday 22:00"), "{text}");
        }
        let wrong_day = "every 3 weeks tuesday 21:00 from 2026-01-07".parse::<Rule>().unwrap_err();
        assert!(wrong_day.contains("2026-01-07 is no Tue"), "{wrong_day}");
    }

    proptest! {
        #[test]
        fn the_next_window_is_after_its_instant_and_none_lies_between(
            seconds in 0_i64..4_000_000_000,
            nth in 0_usize..7,
            hour in 0_u32..24,
            minute in 0_u32..60,
            day in 0_usize..7,
            zone in prop::sample::select(vec![Denver, Berlin, Apia, Tz::Africa__Cairo, Tz::Australia__Lord_Howe]),
            minutes in 1_i64..3000,
        ) {
            const NAMES: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
            let words = ["first", "second", "third", "fourth", "last", "weekly", "weekly"];
            let rule = rule(&format!("{} {} {hour:02}:{minute:02}", words[nth], NAMES[day]));
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            let length = Duration::minutes(minutes);
            let (date, window) = rule.next_after(at, length, zone).unwrap();
            prop_assert!(window.starts_at > at);
            prop_assert!(window.length() > Duration::zero());
            prop_assert!((window.length() - length).abs() <= Duration::hours(25));
            prop_assert_eq!(date.weekday().num_days_from_monday() as usize, day);
            // Asked from anywhere between, the answer is the same.
            let between = at + (window.starts_at - at) / 2;
            prop_assert_eq!(rule.next_after(between, length, zone), Some((date, window)));
            let longest = if words[nth] == "weekly" { 9 } else { 37 };
            prop_assert!(window.starts_at - at <= Duration::days(longest));
        }
    }
}
