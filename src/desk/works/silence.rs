//! When nobody says anything: staff are told of works of which customers know nothing while there is time to announce
//! them, and are asked what has become of those that customers know.
//!
//! One clock ([`DeskWorks::ask_at`]) runs for both. Of works that are not announced it runs a business day before the last
//! moment at which they can be, and once more when their window begins; of announced ones half an hour after that, and when
//! the last window is over.

use chrono::{DateTime, Duration, Utc};

use super::{DeskWorks, Impact, State, approval::wanted_approval};
use crate::desk::{
    hours::{Zone, say},
    policy::{Policy, Span, works::Approval},
};

/// How long after the beginning of a window staff are asked whether works have begun.
const ASKED_AFTER: Duration = Duration::minutes(30);
/// How long before the last moment to announce works staff are told of them.
const AHEAD: Span = Span::BusinessDays(1);
/// How long before their window where they may be announced as late as one likes.
const BEFORE_WINDOW: Duration = Duration::hours(24);
/// Whoever plans works at a short notice announces them themselves, if they are given the time for it.
const GRACE: Duration = Duration::minutes(15);

/// What staff are told, and the works as they are to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub works: DeskWorks,
    /// in a word or two
    pub act: &'static str,
    pub what: String,
}

/// With another state or time staff are asked anew, if nobody says what became of the works.
pub(super) fn asked_anew(works: &mut DeskWorks, before: &DeskWorks, now: DateTime<Utc>, policy: &Policy) {
    let is_moved = works.windows != before.windows;
    if works.state == before.state && !is_moved {
        return;
    }
    let asks = ask_at(works, now, policy);
    // What staff were told of works that are not announced holds, whether they are approved meanwhile or not.
    let was_told = !is_moved && is_unknown(works) && before.ask_at == before.starts_at();
    works.ask_at = if was_told { asks.and(before.ask_at) } else { asks };
}

/// When staff are told or asked, if nobody says anything.
pub(super) fn ask_at(works: &DeskWorks, now: DateTime<Utc>, policy: &Policy) -> Option<DateTime<Utc>> {
    if is_unknown(works) {
        return told_at(works, now, policy);
    }
    // Those come by themselves, and nobody notices them.
    if works.occurrence.is_some() && works.impact() == Impact::NoImpact {
        return None;
    }
    match works.state {
        State::Announced => works.starts_at().map(|start| start + ASKED_AFTER),
        State::Started => works.ends_at(),
        _ => None,
    }
}

/// Do customers know nothing of them yet?
fn is_unknown(works: &DeskWorks) -> bool {
    matches!(works.state, State::Proposed | State::Planned | State::Approved)
}

fn lacks_approval(works: &DeskWorks, policy: &Policy) -> bool {
    works.state != State::Approved && wanted_approval(works, policy) != Approval::Nobody
}

fn told_at(works: &DeskWorks, now: DateTime<Utc>, policy: &Policy) -> Option<DateTime<Utc>> {
    let start = works.starts_at().filter(|start| *start > now)?;
    // Their reminder announces them.
    if works.remind_at.is_some() && !lacks_approval(works, policy) {
        return None;
    }
    let last = last_moment(works, policy);
    let at = last.map_or(start - BEFORE_WINDOW, |last| AHEAD.before(last, &policy.hours));
    let soon = now + GRACE;
    Some(match last.unwrap_or(start) > soon {
        true => at.max(soon),
        false => at.max(now),
    })
}

/// Until when works can be announced, or approved where their reminder announces them; none: until they begin.
fn last_moment(works: &DeskWorks, policy: &Policy) -> Option<DateTime<Utc>> {
    works.remind_at.or_else(|| policy.works.latest(works.kind, works.starts_at()?, &policy.hours))
}

/// Is it too late to announce works, or to approve them for it, with the windows that they have?
pub(super) fn is_too_late(works: &DeskWorks, now: DateTime<Utc>, policy: &Policy) -> bool {
    works.starts_at().is_none_or(|start| start <= now) || last_moment(works, policy).is_some_and(|last| last < now)
}

/// The time has come at which staff are told or asked.
pub fn ask(works: &DeskWorks, now: DateTime<Utc>, policy: &Policy) -> Asked {
    if is_unknown(works) {
        return not_announced(works, now, policy);
    }
    let is_over = works.is_past(now);
    let (ask_at, what) = match (works.state, is_over) {
        (State::Announced, false) => (
            works.ends_at(),
            "their window has begun, and nobody has said that they have started: #start, or #cancel or #reschedule",
        ),
        (State::Announced, true) => (
            None,
            "their window is over, and nobody has said that they have started: #complete, #reschedule or #cancel",
        ),
        _ => (None, "their window is over, and nobody has said that they are done: #complete or #extend"),
    };
    Asked { works: DeskWorks { ask_at, ..works.clone() }, act: "what became of them?", what: what.to_owned() }
}

fn not_announced(works: &DeskWorks, now: DateTime<Utc>, policy: &Policy) -> Asked {
    let zone = Zone::Named(works.zone);
    let start = works.starts_at().filter(|start| *start > now);
    let announce = match lacks_approval(works, policy) {
        true if works.remind_at.is_some() => "#approve",
        true => "#approve and #announce",
        false => "#announce",
    };
    let what = match (start, last_moment(works, policy)) {
        (None, _) => {
            "their window has begun, and customers know nothing of them, so they can't be announced any more: \
                      #reschedule or #cancel"
                .to_owned()
        }
        (Some(_), Some(last)) if last < now => format!(
            "customers know nothing of them, and had to be told by {}: #reschedule or #cancel",
            say(last, &zone)
        ),
        (Some(_), Some(last)) => format!(
            "customers know nothing of them, and have to be told by {}: {announce}, or else #reschedule or #cancel",
            say(last, &zone)
        ),
        (Some(start), None) => format!(
            "they begin {}, and customers know nothing of them: {announce}, or else #reschedule or #cancel",
            say(start, &zone)
        ),
    };
    Asked { works: DeskWorks { ask_at: start, ..works.clone() }, act: "still not announced", what }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::works::{
        Affected, Kind, Occurrence, Place,
        act::{Act, act},
        plan::{Draft, plan, propose},
        reminder::{Reminded, is_due},
        sample::*,
    };

    fn utc(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc()
    }

    #[test]
    fn staff_are_asked_once_whether_works_have_begun_and_once_whether_they_are_done() {
        let base = policy("base");
        let works = announced(&base);
        let (start, end) = (works.starts_at().unwrap(), works.ends_at().unwrap());
        assert_eq!(works.ask_at, Some(start + Duration::minutes(30)));
        let asked = ask(&works, works.ask_at.unwrap(), &base);
        assert!(asked.what.contains("have started: #start") && asked.works.ask_at == Some(end), "{asked:?}");
        let asked = ask(&asked.works, end, &base);
        assert!(asked.what.contains("window is over") && asked.works.ask_at.is_none(), "{asked:?}");
        let started = act(&works, &Act::Start, &at(start), &base).unwrap().works;
        assert_eq!(started.ask_at, Some(end));
        let asked = ask(&started, end, &base);
        assert!(asked.what.contains("#complete or #extend") && asked.works.ask_at.is_none(), "{asked:?}");
        let done = act(&started, &Act::Complete { text: None }, &at(end), &base).unwrap().works;
        assert_eq!((done.ask_at, done.ended_at), (None, Some(end)));
        // What comes again and touches nobody asks for no word.
        let occurrence = Some(Occurrence { name: "x".to_owned(), date: start.date_naive() });
        let affected = vec![Affected { place: Place::Platform("voice".to_owned()), impact: Impact::NoImpact }];
        assert_eq!(ask_at(&DeskWorks { occurrence, affected, ..works }, tuesday(), &base), None);
    }

    #[test]
    fn staff_are_told_of_works_that_nobody_announces_while_there_is_time_and_when_they_begin() {
        let base = policy("base");
        let works = planned(&base);
        let start = works.starts_at().unwrap();
        // Seven days before is a Sunday, 06:30: Friday is the whole business day before it.
        assert_eq!(works.ask_at, Some(utc("2026-11-12T16:59:59Z")));
        let told = ask(&works, works.ask_at.unwrap(), &base);
        let expected =
            "customers know nothing of them, and have to be told by Sat 14 November 2026, 23:30 (MST): #announce,";
        assert!(told.what.starts_with(expected) && told.act == "still not announced", "{told:?}");
        assert_eq!(told.works.ask_at, Some(start));
        let again = ask(&told.works, start, &base);
        assert!(again.what.contains("can't be announced any more: #reschedule or #cancel"), "{again:?}");
        assert_eq!(again.works.ask_at, None);
        let late = ask(&works, start - Duration::days(2), &base);
        assert!(late.what.contains("had to be told by"), "the desk was not there: {late:?}");
        assert!(is_too_late(&works, start - Duration::days(2), &base) && !is_too_late(&works, tuesday(), &base));
        let announced = act(&told.works, &Act::Announce, &by("Tom"), &base).unwrap().works;
        assert_eq!(announced.ask_at, Some(start + Duration::minutes(30)));
    }

    #[test]
    fn an_approval_does_not_make_staff_hear_twice_of_works_that_are_not_announced() {
        let colt = policy("colt");
        let works = planned(&colt);
        let told = ask(&works, works.ask_at.unwrap(), &colt);
        assert!(told.what.contains("#approve and #announce"), "{told:?}");
        let approved = act(&told.works, &Act::Approve, &by("Grace"), &colt).unwrap().works;
        assert_eq!(approved.ask_at, approved.starts_at());
        // Those that were moved have another last moment.
        let to = [window("2026-11-28 23:30 to 04:00")];
        let moved = act(&approved, &Act::Reschedule { windows: &to, text: None }, &by("Tom"), &colt).unwrap().works;
        assert_eq!(moved.ask_at, works.ask_at.map(|at| at + Duration::days(7)));
    }

    #[test]
    fn whoever_plans_at_a_short_notice_is_given_a_quarter_of_an_hour() {
        let base = policy("base");
        let starting = |start: DateTime<Utc>| {
            let windows = vec![crate::desk::works::Window { starts_at: start, ends_at: start + Duration::hours(1) }];
            plan(Draft { windows, emergency: Some("attacks".to_owned()), ..draft(&[]) }, &by("Tom"), &base)
                .unwrap()
                .works
        };
        let tomorrow = starting(tuesday() + Duration::hours(30));
        assert_eq!(tomorrow.ask_at, Some(tuesday() + Duration::hours(6)), "a day before the window");
        let told = ask(&tomorrow, tomorrow.ask_at.unwrap(), &base);
        assert!(told.what.starts_with("they begin Wed 4 November 2026, 09:00 (MST), and customers know"), "{told:?}");
        assert_eq!(starting(tuesday() + Duration::hours(2)).ask_at, Some(tuesday() + GRACE));
        assert_eq!(starting(tuesday() + Duration::minutes(10)).ask_at, Some(tuesday()), "there is no time for it");
    }

    #[test]
    fn works_that_their_reminder_announces_are_none_of_staffs_until_an_approval_lacks() {
        let calltower = policy("calltower");
        let rule = calltower.works.recurring("monthly-window").unwrap();
        let next = rule.next_after(tuesday()).unwrap();
        let proposed = |policy: &Policy| propose(rule, next, vec!["voice".to_owned()], tuesday(), policy);
        assert_eq!(proposed(&calltower).ask_at, None);
        let mut strict = calltower.clone();
        strict.works.recurring[0].approval = true;
        let works = proposed(&strict);
        assert_eq!(works.kind, Kind::MonthlyWindow);
        assert!(works.ask_at < works.remind_at && works.ask_at > Some(tuesday()), "{works:?}");
        let told = ask(&works, works.ask_at.unwrap(), &strict);
        assert!(told.what.contains("#approve, or else"), "{told:?}");
        assert_eq!(act(&told.works, &Act::Approve, &by("Tom"), &strict).unwrap().works.ask_at, None);
        let Reminded::NotApproved(works) = is_due(&told.works, &strict, works.remind_at.unwrap()) else {
            panic!("nobody has approved them")
        };
        let told = ask(&works, next.1.starts_at, &strict);
        assert!(told.what.contains("#reschedule or #cancel"), "{told:?}");
    }
}
