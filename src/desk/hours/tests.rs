//! Stories of single weeks, and properties against a slow reference that walks minute by minute.

use chrono::Days;
use proptest::prelude::*;

use super::*;

fn time(text: &str) -> NaiveTime {
    NaiveTime::parse_from_str(text, "%H:%M").expect("a time")
}

fn hours(text: &str) -> Vec<(NaiveTime, NaiveTime)> {
    text.split_whitespace()
        .map(|span| {
            let (start, end) = span.split_once('-').expect("from-to");
            (time(start), time(end))
        })
        .collect()
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// An instant from local time in a zone, which must exist there once.
fn at(zone: Tz, text: &str) -> DateTime<Utc> {
    let local = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").expect("a local time");
    zone.from_local_datetime(&local).single().expect("exists once").to_utc()
}

fn utc(text: &str) -> DateTime<Utc> {
    at(Tz::UTC, text)
}

fn office(zone: Tz, workdays: &str, friday: &str, holidays: &[&str]) -> Calendar {
    let day = || hours(workdays);
    let week = [day(), day(), day(), day(), hours(friday), vec![], vec![]];
    Calendar::new(zone, week, holidays.iter().map(|text| date(text)).collect()).expect("a calendar")
}

fn denver() -> Calendar {
    office(Tz::America__Denver, "08:00-17:00", "08:00-17:00", &["2026-11-26"])
}

#[test]
fn two_business_days_from_friday_noon_are_tuesday_noon() {
    let zone = Tz::America__Denver;
    assert_eq!(denver().add_business_days(at(zone, "2026-11-20 12:00"), 2), at(zone, "2026-11-24 12:00"));
}

#[test]
fn a_business_day_counted_from_the_weekend_begins_at_mondays_opening() {
    let zone = Tz::America__Denver;
    assert_eq!(denver().add_business_days(at(zone, "2026-11-21 12:00"), 1), at(zone, "2026-11-24 08:00"));
    assert_eq!(denver().add_business_days(at(zone, "2026-11-21 12:00"), 0), at(zone, "2026-11-23 08:00"));
    assert_eq!(denver().add_business_days(at(zone, "2026-11-20 17:00"), 1), at(zone, "2026-11-24 08:00"));
}

#[test]
fn a_holiday_is_no_business_day() {
    let zone = Tz::America__Denver;
    assert_eq!(denver().add_business_days(at(zone, "2026-11-25 09:30"), 1), at(zone, "2026-11-27 09:30"));
    assert!(!denver().is_open(at(zone, "2026-11-26 10:00")));
    assert_eq!(denver().next_opening(at(zone, "2026-11-26 10:00")), at(zone, "2026-11-27 08:00"));
}

#[test]
fn a_short_friday_ends_what_would_end_later() {
    let zone = Tz::Europe__Sofia;
    let calendar = office(zone, "09:00-18:00", "09:00-13:00", &[]);
    assert_eq!(calendar.add_business_days(at(zone, "2026-11-19 16:00"), 1), at(zone, "2026-11-20 13:00"));
    assert_eq!(calendar.add_business_days(at(zone, "2026-11-19 10:00"), 1), at(zone, "2026-11-20 10:00"));
}

#[test]
fn the_clock_time_stays_over_a_change_to_summer_time() {
    let zone = Tz::America__Denver;
    let friday = at(zone, "2027-03-12 12:00");
    let monday = denver().add_business_days(friday, 1);
    assert_eq!(monday, at(zone, "2027-03-15 12:00"));
    assert_eq!(monday - friday, TimeDelta::hours(71));
}

#[test]
fn a_time_that_the_zone_skips_is_the_first_instant_after_the_gap() {
    let calendar = Calendar::always(Tz::America__Denver);
    let skipped = calendar.add_business_days(at(Tz::America__Denver, "2027-03-13 02:30"), 1);
    assert_eq!(skipped, at(Tz::America__Denver, "2027-03-14 03:00"));
}

#[test]
fn a_time_that_the_zone_repeats_is_the_earlier_of_the_two() {
    let calendar = Calendar::always(Tz::America__Denver);
    let repeated = calendar.add_business_days(at(Tz::America__Denver, "2026-10-31 01:30"), 1);
    assert_eq!(repeated, utc("2026-11-01 07:30"));
}

#[test]
fn cairos_skipped_midnight_opens_at_one() {
    let week = std::array::from_fn(|_| hours("00:00-08:00"));
    let calendar = Calendar::new(Tz::Africa__Cairo, week, BTreeSet::new()).expect("a calendar");
    let evening = at(Tz::Africa__Cairo, "2026-04-23 20:00");
    assert_eq!(calendar.next_opening(evening), at(Tz::Africa__Cairo, "2026-04-24 01:00"));
}

#[test]
fn a_date_that_the_zone_skips_as_a_whole_is_no_working_day() {
    // Samoa crossed the date line: no 30 December 2011.
    let zone = Tz::Pacific__Apia;
    let calendar = office(zone, "09:00-17:00", "09:00-17:00", &[]);
    assert_eq!(calendar.add_business_days(at(zone, "2011-12-29 10:00"), 1), at(zone, "2012-01-02 10:00"));
}

#[test]
fn four_hours_of_response_within_hours_run_over_the_night() {
    let zone = Tz::America__Denver;
    let four = TimeDelta::hours(4);
    assert_eq!(denver().add_business_time(at(zone, "2026-11-23 10:00"), four), at(zone, "2026-11-23 14:00"));
    assert_eq!(denver().add_business_time(at(zone, "2026-11-23 13:00"), four), at(zone, "2026-11-23 17:00"));
    assert_eq!(denver().add_business_time(at(zone, "2026-11-25 15:00"), four), at(zone, "2026-11-27 10:00"));
    assert_eq!(denver().add_business_time(at(zone, "2026-11-22 15:00"), four), at(zone, "2026-11-23 12:00"));
    assert_eq!(denver().add_business_time(at(zone, "2026-11-22 15:00"), -four), at(zone, "2026-11-23 08:00"));
}

#[test]
fn twenty_four_by_seven_is_always_open_and_counts_every_hour() {
    let calendar = Calendar::always(Tz::Asia__Tokyo);
    let now = utc("2026-01-01 00:00");
    assert!(calendar.is_open(now));
    assert_eq!(calendar.next_opening(now), now);
    assert_eq!(calendar.add_business_time(now, TimeDelta::days(100)), now + TimeDelta::days(100));
    assert_eq!(calendar.add_business_days(now, 10), now + TimeDelta::days(10));
}

#[test]
fn holidays_for_twenty_years_end_the_search() {
    let start = date("2026-01-01");
    let holidays: BTreeSet<NaiveDate> = start.iter_days().take(20 * 366).collect();
    let calendar = Calendar::new(Tz::UTC, std::array::from_fn(|_| hours("08:00-17:00")), holidays).expect("a calendar");
    let now = utc("2026-06-01 09:00");
    assert!(!calendar.is_open(now));
    assert_eq!(calendar.next_opening(now), now);
    assert_eq!(calendar.add_business_days(now, 2), now);
    assert_eq!(calendar.add_business_time(now, TimeDelta::hours(1)), now);
}

#[test]
fn more_than_ten_years_of_business_days_give_the_last_instant_reached() {
    let calendar = denver();
    let now = at(Tz::America__Denver, "2026-11-23 10:00");
    let far = calendar.add_business_days(now, u32::MAX);
    assert!(far > now + TimeDelta::days(3640) && far < now + TimeDelta::days(3654), "{far}");
    let far = calendar.add_business_time(now, TimeDelta::MAX);
    assert!(far > now + TimeDelta::days(3640) && far < now + TimeDelta::days(3654), "{far}");
}

#[test]
fn instants_at_the_ends_of_time_are_left_as_they_are() {
    for far in [DateTime::<Utc>::MAX_UTC, DateTime::<Utc>::MIN_UTC] {
        assert!(!denver().is_open(far));
        assert_eq!(denver().add_business_days(far, 3), far);
        assert_eq!(denver().add_business_time(far, TimeDelta::hours(3)), far);
        assert!(say(far, &Zone::Named(Tz::Asia__Tokyo)).ends_with("(UTC)"));
    }
}

#[test]
fn hours_out_of_order_overlapping_or_too_few_are_refused_by_weekday() {
    let build = |tuesday: &str| {
        let mut week: [Vec<_>; 7] = Default::default();
        week[1] = hours(tuesday);
        Calendar::new(Tz::UTC, week, BTreeSet::new()).map(|_| ())
    };
    assert_eq!(build("08:00-12:00 13:00-00:00"), Ok(()));
    assert_eq!(build("08:00-12:00 12:00-13:00"), Ok(()));
    assert_eq!(build("12:00-08:00"), Err(CalendarError::Backwards(Weekday::Tue)));
    assert_eq!(build("08:00-08:00"), Err(CalendarError::Backwards(Weekday::Tue)));
    assert_eq!(build("08:00-12:00 11:00-13:00"), Err(CalendarError::Overlap(Weekday::Tue)));
    assert_eq!(build("13:00-14:00 08:00-12:00"), Err(CalendarError::Overlap(Weekday::Tue)));
    assert_eq!(build("08:00-08:59"), Err(CalendarError::TooShort));
    assert_eq!(build(""), Err(CalendarError::TooShort));
}

#[test]
fn times_are_said_in_the_readers_zone() {
    let now = utc("2026-11-25 00:00");
    let offset = FixedOffset::east_opt(9 * 3600).expect("an offset");
    assert_eq!(say(now, &Zone::Named(Tz::America__Denver)), "Tue 24 November 2026, 17:00 (MST)");
    assert_eq!(say(now, &Zone::Named(Tz::Asia__Tokyo)), "Wed 25 November 2026, 09:00 (JST)");
    assert_eq!(say(now, &Zone::Named(Tz::Asia__Dubai)), "Wed 25 November 2026, 04:00 (UTC+04:00)");
    assert_eq!(say(now, &Zone::Offset(offset)), "Wed 25 November 2026, 09:00 (UTC+09:00)");
    assert_eq!(say(utc("2026-07-03 05:04"), &Zone::Named(Tz::UTC)), "Fri 3 July 2026, 05:04 (UTC)");
}

/// Stretches from one instant to another.
type Hours = Vec<(DateTime<Utc>, DateTime<Utc>)>;

/// The rules once more, by walking: a local time is the first minute, coming from the day before, whose clock shows
/// that or more.
struct Slow<'a> {
    calendar: &'a Calendar,
}

impl Slow<'_> {
    fn instant(&self, date: NaiveDate, since_midnight: TimeDelta) -> DateTime<Utc> {
        let local = date.and_time(NaiveTime::MIN) + since_midnight;
        let mut minute = local.and_utc() - TimeDelta::hours(30);
        while minute.with_timezone(&self.calendar.zone).naive_local() < local {
            minute += TimeDelta::minutes(1);
        }
        minute
    }

    fn hours_of(&self, date: NaiveDate) -> Hours {
        if self.calendar.holidays.contains(&date) {
            return vec![];
        }
        let spans = &self.calendar.week[date.weekday().num_days_from_monday() as usize];
        let instants = spans.iter().map(|span| (self.instant(date, span.start), self.instant(date, span.end)));
        instants.filter(|(start, end)| start < end).collect()
    }

    /// Hours of the days around an instant, wide enough for what the properties ask.
    fn around(&self, at: DateTime<Utc>) -> Vec<(NaiveDate, Hours)> {
        let first = at.date_naive() - Days::new(2);
        first.iter_days().take(16).map(|date| (date, self.hours_of(date))).collect()
    }

    fn is_open(days: &[(NaiveDate, Hours)], at: DateTime<Utc>) -> bool {
        days.iter().flat_map(|(_, hours)| hours).any(|&(start, end)| start <= at && at < end)
    }

    fn add_time(&self, at: DateTime<Utc>, minutes: i64) -> DateTime<Utc> {
        let days = self.around(at);
        let mut minute = at;
        while !Self::is_open(&days, minute) {
            minute += TimeDelta::minutes(1);
        }
        let mut worked = 0;
        while worked < minutes {
            if Self::is_open(&days, minute) {
                worked += 1;
            }
            minute += TimeDelta::minutes(1);
        }
        minute
    }

    fn add_days(&self, at: DateTime<Utc>, n: usize) -> DateTime<Utc> {
        let days = self.around(at);
        let start = self.add_time(at, 0);
        let holds = |hours: &[(DateTime<Utc>, DateTime<Utc>)]| hours.iter().any(|h| h.0 <= start && start < h.1);
        let first = days.iter().position(|(_, hours)| holds(hours)).expect("opens within the days around");
        if n == 0 {
            return start;
        }
        let (date, hours) =
            days[first + 1..].iter().filter(|(_, hours)| !hours.is_empty()).nth(n - 1).expect("enough days");
        let clock = start.with_timezone(&self.calendar.zone).time().signed_duration_since(NaiveTime::MIN);
        let same = self.instant(*date, clock);
        if Self::is_open(&[(*date, hours.clone())], same) { same } else { hours.last().expect("not empty").1 }
    }
}

/// Days on which one of the zones changes its clock, or near it.
const TURNS: [(Tz, &str); 12] = [
    (Tz::America__Denver, "2026-03-08"),
    (Tz::America__Denver, "2026-11-01"),
    (Tz::Asia__Tokyo, "2026-05-05"),
    (Tz::Europe__Sofia, "2026-03-29"),
    (Tz::Europe__Sofia, "2026-10-25"),
    (Tz::Africa__Cairo, "2026-04-24"),
    (Tz::Africa__Cairo, "2026-10-30"),
    (Tz::Australia__Lord_Howe, "2026-04-05"),
    (Tz::Australia__Lord_Howe, "2026-10-04"),
    (Tz::America__Havana, "2026-11-01"),
    (Tz::America__St_Johns, "2010-11-07"),
    (Tz::Pacific__Apia, "2011-12-30"),
];

const DAYS: [&str; 8] = [
    "",
    "08:00-17:00",
    "09:00-12:30 13:30-18:00",
    "00:00-00:00",
    "00:00-02:15 22:00-00:00",
    "01:30-02:30",
    "23:15-00:00",
    "00:30-03:00",
];

prop_compose! {
    fn calendars()(
        turn in 0..TURNS.len(),
        days in prop::array::uniform7(0..DAYS.len()),
        busy in 0..7usize,
        holidays in prop::collection::btree_set(-3i64..6, 0..3),
        minutes in -3 * 1440..2 * 1440i64,
    ) -> (Calendar, DateTime<Utc>) {
        let (zone, turn) = TURNS[turn];
        let mut week = days.map(|day| hours(DAYS[day]));
        week[busy] = hours("08:00-17:00");
        let turn = date(turn);
        let holidays = holidays.into_iter().map(|days| turn + TimeDelta::days(days)).collect();
        let calendar = Calendar::new(zone, week, holidays).expect("a calendar");
        (calendar, turn.and_time(NaiveTime::MIN).and_utc() + TimeDelta::minutes(minutes))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn opening_and_working_time_are_what_walking_the_minutes_gives((calendar, at) in calendars(), minutes in 0..600i64) {
        let slow = Slow { calendar: &calendar };
        prop_assert_eq!(calendar.is_open(at), Slow::is_open(&slow.around(at), at));
        prop_assume!(slow.around(at).iter().flat_map(|(_, hours)| hours).map(|h| h.1 - h.0.max(at).min(h.1))
            .sum::<TimeDelta>() >= TimeDelta::minutes(600));
        prop_assert_eq!(calendar.next_opening(at), slow.add_time(at, 0));
        prop_assert_eq!(calendar.add_business_time(at, TimeDelta::minutes(minutes)), slow.add_time(at, minutes));
    }

    #[test]
    fn business_days_are_what_walking_the_minutes_gives((calendar, at) in calendars(), n in 0..2usize) {
        let slow = Slow { calendar: &calendar };
        let ahead = slow.around(at).iter().filter(|(_, hours)| hours.last().is_some_and(|h| h.1 > at)).count();
        prop_assume!(ahead > n + 1);
        prop_assert_eq!(calendar.add_business_days(at, n as u32), slow.add_days(at, n));
    }
}

#[test]
fn a_year_of_holidays_alone_is_refused_where_deadlines_are_to_be_kept() {
    let year =
        |year: i32| NaiveDate::from_ymd_opt(year, 1, 1).unwrap().iter_days().take_while(move |d| d.year() == year);
    let week: [Vec<(NaiveTime, NaiveTime)>; 7] = std::array::from_fn(|_| {
        vec![(NaiveTime::from_hms_opt(9, 0, 0).unwrap(), NaiveTime::from_hms_opt(17, 0, 0).unwrap())]
    });
    let calendar = |holidays| Calendar::new(Tz::UTC, week.clone(), holidays).unwrap().with_working_days();
    assert_eq!(calendar(year(2027).collect()).unwrap_err(), CalendarError::NeverOpen(2027));
    assert!(calendar(year(2027).skip(1).collect()).is_ok());
}
