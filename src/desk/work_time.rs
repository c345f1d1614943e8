//! Work on a case: each entry is rounded up to the policy's step, and priced where somebody at the customer has approved
//! the work as a change.

use chrono::{DateTime, Utc};

use super::{
    case::{Actor, Case, CaseId},
    lifecycle::{Decision, Refusal, What},
    macd::{Macd, State},
    money::Money,
    policy::Policy,
};

/// The longest entry: what lasts longer is several days' work, or a slip of the pen.
const LONGEST: u32 = 24 * 60;

/// What one person did in one go. Never changed: what was wrong is marked as removed, and entered anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkTime {
    pub case: CaseId,
    /// counted on each case from 1
    pub number: u32,
    pub entered_at: DateTime<Utc>,
    pub who: String,
    pub minutes: u32,
    /// rounded up; 0 where the work costs nothing
    pub billed_minutes: u32,
    pub price: Option<Money>,
    pub note: Option<String>,
    pub removed: Option<Removed>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removed {
    pub at: DateTime<Utc>,
    pub by: String,
}

/// What one of the staff enters.
#[derive(Debug, Clone, Copy)]
pub struct Entered<'a> {
    /// who enters it
    pub staff: &'a str,
    /// who did the work
    pub who: &'a str,
    pub minutes: u32,
    pub note: Option<&'a str>,
    /// it costs the customer nothing
    pub free: bool,
}

/// Minutes as they are billed: begun steps count.
pub fn billed(minutes: u32, step_minutes: u32) -> u32 {
    minutes.div_ceil(step_minutes.max(1)).saturating_mul(step_minutes.max(1))
}

/// Only an approved change costs anything; work on other cases is written down without a price.
pub fn enter(
    case: &Case,
    macd: Option<&Macd>,
    number: u32,
    entered: &Entered<'_>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<(Decision, WorkTime), Refusal> {
    if !(1..=LONGEST).contains(&entered.minutes) {
        return Err(Refusal(
            "an entry has at least a minute and at most 24 hours: enter each day's work by itself".to_owned(),
        ));
    }
    if let Some(macd) = macd.filter(|macd| macd.state != State::Approved && !entered.free) {
        return Err(Refusal(format!(
            "{}: the change request is {}, so nothing can be billed: `casepost case macd {0} approve` records who \
             approved it; with --free the time is written down without a price",
            case.reference,
            match macd.state {
                State::Declined => "declined",
                _ => "not approved",
            }
        )));
    }
    let price = policy.macd.price_per_hour.as_ref().filter(|_| macd.is_some() && !entered.free);
    let billed_minutes = price.map_or(0, |_| billed(entered.minutes, policy.macd.step_minutes));
    let time = WorkTime {
        case: case.id,
        number,
        entered_at: now,
        who: entered.who.to_owned(),
        minutes: entered.minutes,
        billed_minutes,
        price: price.map(|price| price.for_minutes(billed_minutes)),
        note: entered.note.map(str::trim).filter(|note| !note.is_empty()).map(str::to_owned),
        removed: None,
    };
    let mut decision = Decision::unchanged(case);
    let text = format!("work time {number} entered: {}", in_words(&time));
    decision.note(now, &Actor::Staff(entered.staff.to_owned()), What::Remark { text });
    Ok((decision, time))
}

pub fn remove(case: &Case, time: &WorkTime, staff: &str, now: DateTime<Utc>) -> Result<(Decision, WorkTime), Refusal> {
    if let Some(removed) = &time.removed {
        return Err(Refusal(format!(
            "{}: work time {} was removed already, by {}",
            case.reference, time.number, removed.by
        )));
    }
    let mut decision = Decision::unchanged(case);
    let text = format!("work time {} removed: {}", time.number, in_words(time));
    decision.note(now, &Actor::Staff(staff.to_owned()), What::Remark { text });
    Ok((decision, WorkTime { removed: Some(Removed { at: now, by: staff.to_owned() }), ..time.clone() }))
}

/// `50m by Grace, billed 1h: 100.00 USD`
pub fn in_words(time: &WorkTime) -> String {
    let cost = match &time.price {
        Some(price) => format!(", billed {}: {price}", duration(time.billed_minutes)),
        None => ", not billed".to_owned(),
    };
    let note = time.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
    format!("{} by {}{cost}{note}", duration(time.minutes), time.who)
}

/// The sum of what was not removed: minutes worked, minutes billed, and the price in each currency.
pub fn sum(all: &[WorkTime]) -> (u32, u32, Vec<Money>) {
    let (mut minutes, mut billed, mut prices) = (0_u32, 0_u32, Vec::<Money>::new());
    for time in all.iter().filter(|time| time.removed.is_none()) {
        minutes = minutes.saturating_add(time.minutes);
        billed = billed.saturating_add(time.billed_minutes);
        let Some(price) = &time.price else { continue };
        match prices.iter_mut().find(|sum| sum.currency == price.currency) {
            Some(sum) => *sum = sum.plus(price.minor),
            None => prices.push(price.clone()),
        }
    }
    (minutes, billed, prices)
}

/// `1h15m`
pub fn duration(minutes: u32) -> String {
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m"),
        (hours, 0) => format!("{hours}h"),
        (hours, minutes) => format!("{hours}h{minutes}m"),
    }
}

/// Reads `30m`, `2h`, `1h15m`.
pub fn read_duration(text: &str) -> Option<u32> {
    let (hours, minutes) = match text.split_once('h') {
        Some((hours, "")) => (hours, "0"),
        Some((hours, rest)) => (hours, rest.strip_suffix('m')?),
        None => ("0", text.strip_suffix('m')?),
    };
    let number = |digits: &str| -> Option<u32> {
        (digits.chars().all(|c| c.is_ascii_digit()) && (1..=4).contains(&digits.len())).then(|| digits.parse().ok())?
    };
    Some(number(hours)? * 60 + number(minutes)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn begun_quarters_of_an_hour_count() {
        for (minutes, expected) in [(1, 15), (15, 15), (16, 30), (50, 60), (60, 60), (61, 75)] {
            assert_eq!(billed(minutes, 15), expected, "{minutes}");
        }
    }

    #[test]
    fn times_are_read_as_people_write_them_and_nothing_else() {
        for (text, minutes) in [("30m", 30), ("2h", 120), ("1h15m", 75), ("0h5m", 5)] {
            assert_eq!(read_duration(text), Some(minutes), "{text}");
        }
        for text in ["", "30", "h", "m", "1h15", "-5m", "1.5h", "1h 15m", "99999m"] {
            assert_eq!(read_duration(text), None, "{text}");
        }
        assert_eq!((duration(75), duration(60), duration(5)), ("1h15m".to_owned(), "1h".to_owned(), "5m".to_owned()));
    }
}
