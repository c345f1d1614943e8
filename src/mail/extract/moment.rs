//! Times as people write them: `since 9:30 CET`, `seit heute 9:30 Uhr`, `depuis ce matin 9h30`, `11月3日 9時30分から`,
//! `2026-11-03 09:30 UTC`, `2 hours ago`.
//!
//! They are resolved against the mail's own time and its offset. What is ambiguous stays text: a date without a clock
//! time, `03/04/2026`, the zone `IST`.

use std::sync::LazyLock;

use chrono::{DateTime, Datelike, Duration, FixedOffset, NaiveDate, NaiveTime, Offset, TimeZone};
use regex::{Captures, Regex};

use super::plain::plain;

/// On which side of the mail's time a time is looked for when it doesn't say its day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// when something began
    Past,
    /// when something is to happen
    Future,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    At(DateTime<FixedOffset>),
    Day(NaiveDate),
    /// it speaks of a time, but not of one that can be told
    Unclear,
}

impl Moment {
    /// RFC 3339, or a date; none when only the writer's words tell it.
    pub fn written(self) -> Option<String> {
        match self {
            Moment::At(at) => Some(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)),
            Moment::Day(day) => Some(day.to_string()),
            Moment::Unclear => None,
        }
    }
}

/// Longer texts are no times.
const CHARS: usize = 120;

/// The time that a text tells; none when it tells none. `mail` is when the mail was written, in the writer's offset.
pub fn read(text: &str, mail: DateTime<FixedOffset>, side: Side) -> Option<Moment> {
    let text: String = plain(&text.chars().take(CHARS).collect::<String>());
    if let Some(at) = ago(&text, mail) {
        return Some(Moment::At(at));
    }
    let day = day(&text, mail, side);
    let clock = clock(&text);
    match (day, clock) {
        (None, None) => None,
        (Some(Day::Unclear), _) => Some(Moment::Unclear),
        (Some(Day::On(day)), None) => Some(Moment::Day(day)),
        (day, Some(clock)) => Some(at(day, clock, zone(&text), mail, side)),
    }
}

fn at(day: Option<Day>, clock: NaiveTime, zone: Zone, mail: DateTime<FixedOffset>, side: Side) -> Moment {
    let local = |day: NaiveDate| -> Option<DateTime<FixedOffset>> {
        let time = day.and_time(clock);
        match zone {
            Zone::Unsaid => mail.offset().from_local_datetime(&time).single(),
            Zone::Offset(offset) => offset.from_local_datetime(&time).single(),
            // An hour that the zone repeats or skips is rare enough for the first reading.
            Zone::Named(zone) => {
                zone.from_local_datetime(&time).earliest().map(|at| at.with_timezone(&at.offset().fix()))
            }
            Zone::Unclear => None,
        }
    };
    let found = match day {
        Some(Day::On(day)) => local(day),
        Some(Day::Unclear) => None,
        // The latest such time before the mail, or the next after it; clocks differ by some minutes.
        None => {
            let today = mail.date_naive();
            let slack = Duration::minutes(15);
            let fits = |at: &DateTime<FixedOffset>| match side {
                Side::Past => *at <= mail + slack,
                Side::Future => *at >= mail - slack,
            };
            let days = [Some(today), if side == Side::Past { today.pred_opt() } else { today.succ_opt() }];
            days.into_iter().flatten().filter_map(local).find(fits)
        }
    };
    found.map_or(Moment::Unclear, Moment::At)
}

fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

/// The first of these patterns that finds something.
fn first<'t>(patterns: &[Option<Regex>], text: &'t str) -> Option<(usize, Captures<'t>)> {
    patterns.iter().enumerate().find_map(|(n, pattern)| Some((n, pattern.as_ref()?.captures(text)?)))
}

fn number(found: &Captures<'_>, group: &str) -> Option<u32> {
    found.name(group)?.as_str().parse().ok()
}

// --- How long ago --------------------------------------------------------------------------------------------------

#[rustfmt::skip]
const NUMBERS: [(&str, i64); 44] = [
    ("a", 1), ("an", 1), ("one", 1), ("two", 2), ("three", 3), ("four", 4), ("five", 5), ("six", 6), ("ten", 10),
    ("half an", 0), ("a few", -1), ("several", -1), ("some", -1),
    ("einer", 1), ("eine", 1), ("einem", 1), ("zwei", 2), ("drei", 3), ("vier", 4), ("fünf", 5), ("sechs", 6),
    ("einigen", -1), ("mehreren", -1),
    ("un", 1), ("une", 1), ("deux", 2), ("trois", 3), ("quatre", 4), ("cinq", 5), ("six", 6), ("dix", 10),
    ("quelques", -1), ("plusieurs", -1),
    ("един", 1), ("един", 1), ("една", 1), ("два", 2), ("две", 2), ("три", 3), ("четири", 4), ("пет", 5), ("няколко", -1),
    ("数", -1), ("半", 0),
];

static AGO: LazyLock<[Option<Regex>; 2]> = LazyLock::new(|| {
    let words: Vec<&str> = NUMBERS.iter().map(|(word, _)| *word).collect();
    let unit = "(?P<unit>min(?:ute|uten|utes|s)?|h|hrs?|hours?|days?|stunden?|tage?n?|heures?|jours?|минут[аи]|час[а]?|дни|ден)";
    [
        regex(&format!(
            " (?P<before>for|ago|since|seit|vor|depuis|il y a|преди|от) (?:about |around |approximately |over |more than |at least |ca |etwa |rund |über |environ |plus de |около |повече от )?(?P<number>[0-9]{{1,3}}|{}) ?{unit}(?P<after> ago)? ",
            words.join("|")
        )),
        regex(&format!(
            " (?P<before>)?(?P<number>[0-9]{{1,3}}|{}) ?(?P<unit>min(?:ute|utes|s)?|h|hrs?|hours?|days?)(?P<after> ago) |(?P<ja>[0-9]{{1,3}}|数|半)(?P<jaunit>分|時間|日)(?:ほど|くらい|ぐらい|程)?前",
            words.join("|")
        )),
    ]
});

fn ago(text: &str, mail: DateTime<FixedOffset>) -> Option<DateTime<FixedOffset>> {
    let (_, found) = first(&*AGO, text)?;
    let said = |one: &str, other: &str| found.name(one).or_else(|| found.name(other)).map_or("", |m| m.as_str());
    let (before, number, unit) = (said("before", "none"), said("number", "ja"), said("unit", "jaunit"));
    // "depuis 9 h" and "от 9 часа" are clock times as well.
    if matches!((before, unit), ("depuis" | "от" | "since" | "seit", "h") | ("от", "часа" | "час")) {
        return None;
    }
    let count = number.parse().ok().or_else(|| NUMBERS.iter().find(|(word, _)| *word == number).map(|(_, n)| *n))?;
    let one = match unit.chars().next()? {
        'm' | 'м' | '分' => Duration::minutes(1),
        'h' | 's' | 'ч' | '時' => Duration::hours(1),
        _ => Duration::days(1),
    };
    match count {
        0 => Some(mail - one / 2),
        // "Some hours" is no time.
        n if n < 0 => None,
        // A number of days tells the day, not the hour.
        _ if one == Duration::days(1) => None,
        n => Some(mail - one * i32::try_from(n).ok()?),
    }
}

// --- The day -------------------------------------------------------------------------------------------------------

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Day {
    On(NaiveDate),
    Unclear,
}

#[rustfmt::skip]
pub(super) const MONTHS: [(&str, u32); 62] = [
    ("january", 1), ("jan", 1), ("february", 2), ("feb", 2), ("march", 3), ("mar", 3), ("april", 4), ("apr", 4),
    ("may", 5), ("june", 6), ("jun", 6), ("july", 7), ("jul", 7), ("august", 8), ("aug", 8), ("september", 9),
    ("sept", 9), ("sep", 9), ("october", 10), ("oct", 10), ("november", 11), ("nov", 11), ("december", 12), ("dec", 12),
    ("januar", 1), ("jänner", 1), ("februar", 2), ("märz", 3), ("mai", 5), ("juni", 6), ("juli", 7), ("oktober", 10),
    ("okt", 10), ("dezember", 12), ("dez", 12),
    ("janvier", 1), ("février", 2), ("fevrier", 2), ("mars", 3), ("avril", 4), ("juin", 6), ("juillet", 7), ("août", 8),
    ("aout", 8), ("septembre", 9), ("octobre", 10), ("novembre", 11), ("décembre", 12), ("decembre", 12), ("déc", 12),
    ("януари", 1), ("февруари", 2), ("март", 3), ("април", 4), ("май", 5), ("юни", 6), ("юли", 7), ("август", 8),
    ("септември", 9), ("октомври", 10), ("ноември", 11), ("декември", 12),
];

/// Days back from the mail's; a negative number is days ahead.
#[rustfmt::skip]
const NEAR: [(&str, i64); 44] = [
    ("day before yesterday", 2), ("yesterday", 1), ("last night", 1), ("today", 0), ("this morning", 0), ("tonight", 0),
    ("this afternoon", 0), ("this evening", 0), ("tomorrow", -1),
    ("vorgestern", 2), ("gestern", 1), ("letzte nacht", 1), ("heute", 0), ("übermorgen", -2),
    ("avant-hier", 2), ("hier", 1), ("cette nuit", 0), ("ce matin", 0), ("cet après-midi", 0), ("ce soir", 0),
    ("aujourd'hui", 0), ("après-demain", -2), ("demain", -1),
    ("онзи ден", 2), ("вчера", 1), ("снощи", 1), ("днес", 0), ("тази сутрин", 0), ("тази нощ", 0), ("днеска", 0),
    ("утре", -1), ("вдругиден", -2),
    ("一昨日", 2), ("おととい", 2), ("昨日", 1), ("昨晩", 1), ("昨夜", 1), ("前日", 1), ("本日", 0), ("今日", 0), ("今朝", 0),
    ("先ほど", 0), ("明日", -1), ("明後日", -2),
];

#[rustfmt::skip]
pub(super) const WEEKDAYS: [&[&str]; 7] = [
    &["monday", "mon", "montag", "lundi", "понеделник", "月曜"], &["tuesday", "tue", "dienstag", "mardi", "вторник", "火曜"],
    &["wednesday", "wed", "mittwoch", "mercredi", "сряда", "水曜"],
    &["thursday", "thu", "donnerstag", "jeudi", "четвъртък", "木曜"],
    &["friday", "fri", "freitag", "vendredi", "петък", "金曜"],
    &["saturday", "samstag", "sonnabend", "samedi", "събота", "土曜"], &["sunday", "sonntag", "dimanche", "неделя", "日曜"],
];

static DATES: LazyLock<[Option<Regex>; 6]> = LazyLock::new(|| {
    let months: Vec<&str> = MONTHS.iter().map(|(word, _)| *word).collect();
    let months = months.join("|");
    [
        regex("(?:^|[^0-9])(?P<y>20[0-9]{2})[-/.](?P<m>[0-9]{1,2})[-/.](?P<d>[0-9]{1,2})(?:[^0-9]|$)"),
        regex("(?:(?P<y>20[0-9]{2})年 ?)?(?P<m>[0-9]{1,2})月 ?(?P<d>[0-9]{1,2})日"),
        regex(&format!(
            " (?P<d>[0-9]{{1,2}})(?:st|nd|rd|th|er|\\.)?[ -](?:of |de )?(?P<month>{months})\\.?(?:[ -](?:, )?(?P<y>20[0-9]{{2}}))? "
        )),
        regex(&format!(
            " (?P<month>{months})\\.? (?P<d>[0-9]{{1,2}})(?:st|nd|rd|th)?(?: (?:, )?(?P<y>20[0-9]{{2}}))? "
        )),
        // With full stops the day comes first everywhere.
        regex(" (?P<d>[0-9]{1,2})\\. ?(?P<m>[0-9]{1,2})(?:\\. ?(?P<y>(?:20)?[0-9]{2}))?(?: (?:[^uч]|$)|$)"),
        regex(" (?P<a>[0-9]{1,2})[/-](?P<b>[0-9]{1,2})(?:[/-](?P<y>(?:20)?[0-9]{2}))? "),
    ]
});

fn day(text: &str, mail: DateTime<FixedOffset>, side: Side) -> Option<Day> {
    let today = mail.date_naive();
    if let Some((_, found)) = first(&*DATES, text) {
        let year = found.name("y").and_then(|y| y.as_str().parse::<i32>().ok());
        let year = year.map(|y| if y < 100 { 2000 + y } else { y });
        if let (Some(a), Some(b)) = (number(&found, "a"), number(&found, "b")) {
            return Some(either_order(a, b, year, today, side));
        }
        // "gegen 9.30" is a time of day, and no date.
        if year.is_none() && number(&found, "m").is_some_and(|month| month > 12) {
            return None;
        }
        let named = found.name("month").and_then(|m| MONTHS.iter().find(|(word, _)| *word == m.as_str()));
        let month = number(&found, "m").or_else(|| named.map(|(_, month)| *month))?;
        let date = date(number(&found, "d")?, month, year, today, side);
        return Some(date.map_or(Day::Unclear, Day::On));
    }
    let holds = |word: &str| match word.chars().next() {
        Some(c) if c >= '\u{2e80}' => text.contains(word),
        _ => text.contains(&format!(" {word} ")),
    };
    if let Some((_, back)) = NEAR.iter().find(|(word, _)| holds(word)) {
        return today.checked_sub_signed(Duration::days(*back)).map(Day::On);
    }
    let weekday = WEEKDAYS.iter().position(|words| words.iter().any(|word| holds(word)))?;
    let weekday = i64::try_from(weekday).ok()?;
    let today_is = i64::from(today.weekday().num_days_from_monday());
    let days = match side {
        Side::Past => -(today_is - weekday).rem_euclid(7),
        Side::Future => (weekday - today_is).rem_euclid(7),
    };
    today.checked_add_signed(Duration::days(days)).map(Day::On)
}

/// Without a year the nearest on the side that is looked at.
fn date(day: u32, month: u32, year: Option<i32>, today: NaiveDate, side: Side) -> Option<NaiveDate> {
    if let Some(year) = year {
        return NaiveDate::from_ymd_opt(year, month, day);
    }
    let this = NaiveDate::from_ymd_opt(today.year(), month, day)?;
    match side {
        Side::Past if this > today + Duration::days(1) => NaiveDate::from_ymd_opt(today.year() - 1, month, day),
        Side::Future if this < today - Duration::days(1) => NaiveDate::from_ymd_opt(today.year() + 1, month, day),
        _ => Some(this),
    }
}

/// `03/11`: day or month first? Only when the other reading is impossible, or far from the mail, is it clear.
fn either_order(a: u32, b: u32, year: Option<i32>, today: NaiveDate, side: Side) -> Day {
    let day_first = date(a, b, year, today, side);
    let month_first = date(b, a, year, today, side);
    let near = |date: &Option<NaiveDate>| date.is_some_and(|d| (d - today).num_days().abs() <= 7);
    match (day_first, month_first) {
        (Some(one), Some(other)) if one == other => Day::On(one),
        (Some(one), None) | (None, Some(one)) => Day::On(one),
        (Some(one), other) if near(&Some(one)) && !near(&other) => Day::On(one),
        (one, Some(other)) if near(&Some(other)) && !near(&one) => Day::On(other),
        _ => Day::Unclear,
    }
}

// --- The time of day -----------------------------------------------------------------------------------------------

static CLOCKS: LazyLock<[Option<Regex>; 8]> = LazyLock::new(|| {
    [
        regex(
            "(?:^|[^0-9:.])(?P<h>[0-9]{1,2}):(?P<m>[0-9]{2})(?::[0-9]{2})?(?:\\.[0-9]+)?(?: ?(?P<half>[ap])\\.?m\\.? )?(?:[^0-9:]|$)",
        ),
        regex(" (?P<h>[0-9]{1,2})(?:\\.(?P<m>[0-9]{2}))? ?(?P<half>[ap])\\.?m\\.? "),
        regex(" (?P<h>[0-9]{1,2})(?:[.](?P<m>[0-9]{2}))? ?uhr(?: (?P<m2>[0-9]{2}))? "),
        regex("[ t](?P<h>[0-9]{1,2}) ?h(?: ?(?P<m>[0-9]{2}))? "),
        regex("(?P<ja>午前|午後)? ?(?P<h>[0-9]{1,2})時(?: ?(?P<m>[0-9]{1,2})分|(?P<ja2>半))?(?:[^間]|$)"),
        regex(" (?:в |от |към |около )?(?P<h>[0-9]{1,2})(?:[.](?P<m>[0-9]{2}))? ?(?:ч|часа|ч\\.) "),
        regex(
            " (?P<h>[01][0-9]|2[0-3])(?P<m>[0-5][0-9])(?: ?(?:hrs|hours|h|utc|gmt|z|cet|cest|est|edt|cst|cdt|mst|mdt|pst|pdt|bst|mez|mesz|jst)) ",
        ),
        regex(" (?P<word>noon|midday|mittag|midi|обяд|midnight|mitternacht|minuit|полунощ) |(?P<word2>正午)"),
    ]
});

fn clock(text: &str) -> Option<NaiveTime> {
    let (which, found) = first(&*CLOCKS, text)?;
    if which == 7 {
        let word = found.name("word").map_or("正午", |m| m.as_str());
        let hour = if ["midnight", "mitternacht", "minuit", "полунощ"].contains(&word) { 0 } else { 12 };
        return NaiveTime::from_hms_opt(hour, 0, 0);
    }
    let hour = number(&found, "h")?;
    let half_past = found.name("ja2").map(|_| 30);
    let minute = number(&found, "m").or_else(|| number(&found, "m2")).or(half_past).unwrap_or(0);
    let half = found.name("half").or_else(|| found.name("ja")).map(|m| m.as_str());
    let hour = match half {
        Some("p" | "午後") if hour < 12 => hour + 12,
        Some("a") if hour == 12 => 0,
        _ => hour,
    };
    // 24:00 is the end of a day; as a beginning nobody writes it.
    NaiveTime::from_hms_opt(hour % 24, minute, 0).filter(|_| hour <= 24)
}

// --- The zone ------------------------------------------------------------------------------------------------------

#[derive(Debug, Clone, Copy)]
enum Zone {
    Unsaid,
    Offset(FixedOffset),
    Named(chrono_tz::Tz),
    Unclear,
}

/// Minutes east of UTC. Left out: IST (three countries), CST is taken as America's, AST, GST, SST.
#[rustfmt::skip]
pub(super) const ABBREVIATIONS: [(&str, i32); 31] = [
    ("utc", 0), ("gmt", 0), ("z", 0), ("wet", 0), ("west", 60), ("bst", 60), ("cet", 60), ("cest", 120), ("mez", 60),
    ("mesz", 120), ("hnec", 60), ("heec", 120), ("eet", 120), ("eest", 180), ("msk", 180), ("sast", 120), ("jst", 540),
    ("kst", 540), ("hkt", 480), ("sgt", 480), ("aest", 600), ("aedt", 660), ("nzst", 720), ("nzdt", 780),
    ("est", -300), ("edt", -240), ("cdt", -300), ("mst", -420), ("mdt", -360), ("pst", -480), ("pdt", -420),
];
const UNCLEAR: [&str; 4] = ["ist", "ast", "gst", "sst"];
const NAMED: [(&str, chrono_tz::Tz); 8] = [
    ("et", chrono_tz::America::New_York),
    ("ct", chrono_tz::America::Chicago),
    ("cst", chrono_tz::America::Chicago),
    ("pt", chrono_tz::America::Los_Angeles),
    ("mountain time", chrono_tz::America::Denver),
    ("mt", chrono_tz::America::Denver),
    ("日本時間", chrono_tz::Asia::Tokyo),
    ("българско време", chrono_tz::Europe::Sofia),
];

static OFFSET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex("(?:[0-9] ?|utc ?|gmt ?)(?P<sign>[+-])(?P<h>0[0-9]|1[0-4]|[0-9])(?::?(?P<m>[0-5][0-9]))?(?: |$)")
});

fn zone(text: &str) -> Zone {
    // "2026-11-03" and "9-10" look like an offset: one has minutes, or stands behind UTC.
    let sure = |found: &Captures<'_>| found.name("m").is_some() || found[0].starts_with(['u', 'g']);
    if let Some(found) = OFFSET.as_ref().and_then(|r| r.captures_iter(text).find(sure)) {
        let minutes = number(&found, "h").unwrap_or(0) * 60 + number(&found, "m").unwrap_or(0);
        let east = i32::try_from(minutes * 60).unwrap_or(0);
        let east = if &found["sign"] == "-" { -east } else { east };
        if let Some(offset) = FixedOffset::east_opt(east) {
            return Zone::Offset(offset);
        }
    }
    // A zone is glued to its time in `09:30z` and `0930utc`.
    let word = |word: &str| {
        text.contains(&format!(" {word} ")) || (0..10).any(|digit| text.contains(&format!("{digit}{word} ")))
    };
    if UNCLEAR.iter().any(|zone| word(zone)) {
        // "Die Leitung ist": a word of German, unless it stands right behind the time.
        return match word("ist") && !text.contains(|c: char| c.is_ascii_digit()) {
            true => Zone::Unsaid,
            false => Zone::Unclear,
        };
    }
    if let Some((_, minutes)) = ABBREVIATIONS.iter().find(|(abbreviation, _)| word(abbreviation)) {
        return FixedOffset::east_opt(minutes * 60).map_or(Zone::Unsaid, Zone::Offset);
    }
    let named = |name: &str| if name.is_ascii() { word(name) } else { text.contains(name) };
    NAMED.iter().find(|(name, _)| named(name)).map_or(Zone::Unsaid, |(_, zone)| Zone::Named(*zone))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Tuesday, 10:05 in Berlin.
    fn mail() -> DateTime<FixedOffset> {
        DateTime::parse_from_rfc3339("2026-11-03T10:05:00+01:00").unwrap()
    }

    fn past(text: &str) -> Option<String> {
        Some(read(text, mail(), Side::Past)?.written().unwrap_or_else(|| "unclear".to_owned()))
    }

    #[test]
    fn times_in_five_languages_are_understood() {
        for (text, expected) in [
            ("9:30 CET", "2026-11-03T09:30:00+01:00"),
            ("08:30 UTC", "2026-11-03T08:30:00Z"),
            ("0930 UTC today", "2026-11-03T09:30:00Z"),
            ("yesterday at 4 pm", "2026-11-02T16:00:00+01:00"),
            ("12:15 a.m.", "2026-11-03T00:15:00+01:00"),
            ("23:10", "2026-11-02T23:10:00+01:00"),
            ("Monday 8:00 am EST", "2026-11-02T08:00:00-05:00"),
            ("November 2, 2026 at 17:45 ET", "2026-11-02T17:45:00-05:00"),
            ("2nd of November 6:00", "2026-11-02T06:00:00+01:00"),
            ("2026-11-03T07:30:00Z", "2026-11-03T07:30:00Z"),
            ("2026-11-03 07:30 +0200", "2026-11-03T07:30:00+02:00"),
            ("2026-11-03T07:30:00-05:00", "2026-11-03T07:30:00-05:00"),
            ("07:30 UTC+2", "2026-11-03T07:30:00+02:00"),
            ("2 hours ago", "2026-11-03T08:05:00+01:00"),
            ("for about 30 minutes", "2026-11-03T09:35:00+01:00"),
            ("noon yesterday", "2026-11-02T12:00:00+01:00"),
            ("heute 9:30 Uhr", "2026-11-03T09:30:00+01:00"),
            ("gestern, 17 Uhr", "2026-11-02T17:00:00+01:00"),
            ("02.11.2026, 14.20 Uhr", "2026-11-02T14:20:00+01:00"),
            ("dem 2. November um 8 Uhr", "2026-11-02T08:00:00+01:00"),
            ("02.11. 08:15 MEZ", "2026-11-02T08:15:00+01:00"),
            ("seit zwei Stunden", "2026-11-03T08:05:00+01:00"),
            ("vor einer Stunde", "2026-11-03T09:05:00+01:00"),
            ("ce matin 9h30", "2026-11-03T09:30:00+01:00"),
            ("hier à 18 h", "2026-11-02T18:00:00+01:00"),
            ("2 novembre 2026 à 7h05", "2026-11-02T07:05:00+01:00"),
            ("le 02/11/2026 à 07:05", "2026-11-02T07:05:00+01:00"),
            ("depuis deux heures", "2026-11-03T08:05:00+01:00"),
            ("днес 9:30 ч.", "2026-11-03T09:30:00+01:00"),
            ("вчера в 14 часа", "2026-11-02T14:00:00+01:00"),
            ("2 ноември 2026 г., 08:15", "2026-11-02T08:15:00+01:00"),
            ("преди два часа", "2026-11-03T08:05:00+01:00"),
            ("本日9時30分", "2026-11-03T09:30:00+01:00"),
            ("11月2日（月）午後3時半", "2026-11-02T15:30:00+01:00"),
            ("2026年11月2日 18：05（JST）", "2026-11-02T18:05:00+09:00"),
            ("2時間ほど前", "2026-11-03T08:05:00+01:00"),
            ("11/2 9:00", "2026-11-02T09:00:00+01:00"),
        ] {
            assert_eq!(past(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_ambiguous_stays_text() {
        for (text, expected) in [
            ("03/04/2026 10:00", "unclear"),
            ("10:00 IST", "unclear"),
            ("yesterday", "2026-11-02"),
            ("31.02.2026 10:00", "unclear"),
            ("20.10.2026", "2026-10-20"),
            ("10月20日", "2026-10-20"),
        ] {
            assert_eq!(past(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "the migration",
            "10.0.0.1",
            "we moved",
            "line 4711",
            "seit dem Umzug",
            "depuis la mise à jour",
            "導入時",
            "",
        ] {
            assert_eq!(past(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_to_come_is_looked_for_ahead() {
        let ahead = |text| read(text, mail(), Side::Future).and_then(Moment::written).unwrap();
        assert_eq!(ahead("9:30"), "2026-11-04T09:30:00+01:00");
        assert_eq!(ahead("Friday 22:00 CET"), "2026-11-06T22:00:00+01:00");
        assert_eq!(ahead("5 January 22:00 CET"), "2027-01-05T22:00:00+01:00");
        assert_eq!(ahead("2026-12-01"), "2026-12-01");
    }
}
