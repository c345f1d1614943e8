//! What becomes of the desk's planned works: planned, approved, announced, reminded of, started, extended, completed;
//! moved, changed and cancelled on the way. Who may do what when, and what is told of it.
//!
//! ```text
//! proposed ─┐
//! planned ──┴─> approved ──> announced ──> started ──> completed
//!     │            │             │            │
//!     └────────────┴─────────────┴────────────┴──> cancelled
//! ```
//!
//! Where the policy wants no approval, works are announced as they are planned. Emergency works need none: they can't
//! wait for it.

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;

use super::{
    DeskWorks, State, Window,
    approval::{approve, wanted_approval, withdraw},
    change::{self, Change, reschedule},
    plan::{LONG, in_time, optional, outside_protected_hours, text},
    reminder::{remind_at, remind_now},
    said::{Said, Telling},
    silence::asked_anew,
    window::{self, MOST},
};
use crate::desk::{
    hours::{Zone, say},
    lifecycle::Refusal,
    policy::{Policy, works::Approval},
    staff_member::{self, StaffMember},
};

/// How long before their first window works begin at the earliest.
const HOUR: Duration = Duration::hours(1);

/// Who does it, and when.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    pub name: &'a str,
    pub now: DateTime<Utc>,
    /// why it is to be within protected hours, or before the first window
    pub force: Option<&'a str>,
    /// who may approve
    pub staff: &'a [StaffMember],
}

impl By<'_> {
    /// The name by which the desk knows whoever does it, however they wrote it.
    pub(super) fn known_name(&self) -> &str {
        staff_member::find(self.staff, self.name).map_or(self.name, |person| person.address.display())
    }
}

#[derive(Debug, Clone)]
pub enum Act<'a> {
    Approve,
    /// what waits for an approval is wanted no more
    Withdraw,
    Announce,
    Remind,
    Start,
    /// the window that goes on ends later
    Extend {
        until: DateTime<Utc>,
        text: Option<&'a str>,
    },
    Complete {
        text: Option<&'a str>,
    },
    Cancel {
        reason: &'a str,
    },
    Reschedule {
        windows: &'a [Window],
        text: Option<&'a str>,
    },
    Change {
        change: &'a Change,
        text: Option<&'a str>,
    },
    /// customers are told what is new since completed works
    Tell {
        text: &'a str,
    },
    /// for the history alone
    Note {
        text: &'a str,
    },
}

/// The works as they are to be, the line of their history, and what customers are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub works: DeskWorks,
    pub line: String,
    /// what was done, in a word or two: the subject of the mail to staff
    pub act: &'static str,
    pub said: Option<Said>,
}

impl Done {
    pub(super) fn quiet(works: DeskWorks, act: &'static str, line: String) -> Done {
        Done { works, line, act, said: None }
    }

    /// What customers were told in the words of whoever did it, unless the line has it.
    pub fn told(&self) -> Option<&str> {
        let said = self.said.as_ref().filter(|said| said.telling != Telling::Cancelled)?;
        said.text.as_deref()
    }
}

/// Does something to works.
///
/// # Errors
/// Why it can't be done now, with the policy's key where a rule of the policy forbids it.
pub fn act(works: &DeskWorks, act: &Act<'_>, by: &By<'_>, policy: &Policy) -> Result<Done, Refusal> {
    if works.state.is_over() && !matches!(act, Act::Tell { .. } | Act::Note { .. }) {
        return refuse(works, format!("they are {}: plan new ones", works.state));
    }
    let mut done = match act {
        Act::Approve => approve(works, by, policy),
        Act::Withdraw => withdraw(works),
        Act::Announce => announce(works, by, policy),
        Act::Remind => remind_now(works, by),
        Act::Start => start(works, by),
        Act::Extend { until, text } => extend(works, *until, *text, by, policy),
        Act::Complete { text } => complete(works, *text, by),
        Act::Cancel { reason } => cancel(works, reason, by),
        Act::Reschedule { windows, text } => reschedule(works, windows, *text, by, policy),
        Act::Change { change, text } => change::change(works, change, *text, by, policy),
        Act::Tell { text: news } => match works.state {
            State::Completed => {
                let news = Some(text(news, "what is new", LONG)?);
                Ok(done(works.clone(), "customers told", "told what is new", Telling::Note, news))
            }
            state => {
                refuse(works, format!("they are {state}: only after completed works customers are told what is new"))
            }
        },
        Act::Note { text: note } => {
            Ok(Done::quiet(works.clone(), "note", format!("note: {}", text(note, "the note", LONG)?)))
        }
    }?;
    asked_anew(&mut done.works, works, by.now, policy);
    // What was to be approved has no meaning any more.
    if done.works.state != State::Announced && done.works.pending.take().is_some() {
        done.line.push_str("; what waited for an approval is dropped");
    }
    Ok(done)
}

fn announce(works: &DeskWorks, by: &By<'_>, policy: &Policy) -> Result<Done, Refusal> {
    match works.state {
        State::Approved => {}
        State::Proposed | State::Planned if wanted_approval(works, policy) == Approval::Nobody => {}
        State::Proposed | State::Planned => {
            return refuse(works, "they need an approval first ([works] approval): `approve` gives it".to_owned());
        }
        state => return refuse(works, format!("they are {state} already")),
    }
    window::checked(&works.windows, works.zone, by.now)?;
    in_time(works, &works.windows, by, policy)?;
    let remind_at = remind_at(works, by.now, policy);
    let works = DeskWorks { remind_at, ..publish(works.clone(), by.now) };
    Ok(done(works, "announced", "announced", Telling::Announced, None))
}

pub(super) fn publish(works: DeskWorks, now: DateTime<Utc>) -> DeskWorks {
    DeskWorks { state: State::Announced, announced_at: works.announced_at.or(Some(now)), ..works }
}

fn start(works: &DeskWorks, by: &By<'_>) -> Result<Done, Refusal> {
    if works.state != State::Announced {
        return refuse(works, format!("they are {}: announce them first", works.state));
    }
    if let Some(end) = works.ends_at().filter(|_| works.is_past(by.now)) {
        let end = say(end, &Zone::Named(works.zone));
        return refuse(
            works,
            format!("their last window ended {end}: complete them, or reschedule them to another time"),
        );
    }
    let mut line = "started".to_owned();
    if let Some(start) = works.starts_at().filter(|start| by.now + HOUR < *start) {
        let Some(why) = by.force else {
            let start = say(start, &Zone::Named(works.zone));
            return refuse(
                works,
                format!(
                    "their first window begins {start}, in more than an hour; if they have begun all the same: \
                     `casepost works start {} --force REASON`",
                    works.id
                ),
            );
        };
        line = format!("started before their window: {}", text(why, "why they begin before their window", LONG)?);
    }
    let works = DeskWorks { state: State::Started, started_at: Some(by.now), remind_at: None, ..works.clone() };
    Ok(done(works, "started", &line, Telling::Started, None))
}

fn complete(works: &DeskWorks, note: Option<&str>, by: &By<'_>) -> Result<Done, Refusal> {
    let begun = works.starts_at().filter(|start| *start <= by.now);
    let (started_at, ended_at, line) = match (works.state, begun) {
        (State::Started, _) => (works.started_at, by.now, "completed"),
        (State::Announced, Some(start)) => {
            // Of whoever said nothing it is to be thought that they kept their window.
            let end = works.open_window(by.now).map_or(by.now, |window| window.ends_at.min(by.now));
            (Some(start), end, "completed; nobody had said that they have started")
        }
        (State::Announced, None) => {
            return refuse(
                works,
                format!(
                    "their window has not begun: `casepost works start {}` (#start by mail) says they have",
                    works.id
                ),
            );
        }
        (state, _) => return refuse(works, format!("they are {state}: announce and start them first")),
    };
    let works =
        DeskWorks { state: State::Completed, started_at, ended_at: Some(ended_at), remind_at: None, ..works.clone() };
    Ok(done(works, "completed", line, Telling::Completed, optional(note, "the text")?))
}

fn extend(
    works: &DeskWorks,
    until: DateTime<Utc>,
    text: Option<&str>,
    by: &By<'_>,
    policy: &Policy,
) -> Result<Done, Refusal> {
    if works.state != State::Started {
        return refuse(
            works,
            format!("they are {}: only works that go on are extended; reschedule moves them", works.state),
        );
    }
    let now_open = works.windows.iter().rposition(|window| window.starts_at <= by.now).unwrap_or(0);
    let mut windows = works.windows.clone();
    let Some(window) = windows.get_mut(now_open) else { return refuse(works, "they have no window".to_owned()) };
    let (end, zone) = (window.ends_at, Zone::Named(works.zone));
    if until <= end || until <= by.now {
        return refuse(works, format!("{} is not later than {}", say(until, &zone), say(end.max(by.now), &zone)));
    }
    if until - window.starts_at > Duration::days(31) {
        return refuse(works, "a window is 31 days long at most".to_owned());
    }
    window.ends_at = until;
    if let Some(next) = windows.get(now_open + 1).filter(|next| next.starts_at < until) {
        return refuse(works, format!("the next window begins {}", say(next.starts_at, &zone)));
    }
    // What was forced into protected hours has its reason already.
    let forced = match &works.forced {
        Some(why) => Some(why.clone()),
        None => outside_protected_hours(works, &[Window { starts_at: end, ends_at: until }], by, policy)?,
    };
    let extended = DeskWorks { windows, forced, ..works.clone() };
    let mut done = done(
        extended,
        "extended",
        &format!("extended until {}", say(until, &zone)),
        Telling::Extended,
        optional(text, "the text")?,
    );
    if let Some(said) = &mut done.said {
        said.before.clone_from(&works.windows);
    }
    Ok(done)
}

fn cancel(works: &DeskWorks, reason: &str, by: &By<'_>) -> Result<Done, Refusal> {
    let reason = text(reason, "why they are cancelled", LONG)?;
    let known = works.state.is_public();
    let works = DeskWorks { state: State::Cancelled, ended_at: Some(by.now), remind_at: None, ..works.clone() };
    let line = match works.is_broken_off() {
        true => format!("cancelled, but for the windows that were over: {reason}"),
        false => format!("cancelled: {reason}"),
    };
    Ok(match known {
        true => moved(done(works, "cancelled", &line, Telling::Cancelled, Some(reason))),
        false => Done::quiet(works, "cancelled", line),
    })
}

pub(super) fn done(
    mut works: DeskWorks,
    act: &'static str,
    line: &str,
    telling: Telling,
    text: Option<String>,
) -> Done {
    let sequence = works.sequence;
    works.sequence += 1;
    let said = Said { telling, text, before: vec![], no_longer: vec![], sequence };
    Done { works, line: line.to_owned(), act, said: Some(said) }
}

/// What was said before of its times does not hold any more.
pub(super) fn moved(mut done: Done) -> Done {
    if let Some(said) = &done.said {
        done.works.moved = said.sequence;
    }
    done
}

pub(super) fn refuse<T>(works: &DeskWorks, why: String) -> Result<T, Refusal> {
    Err(Refusal(format!("{}: {why}", works.id)))
}

/// For staff: `Fri 18 December 2026, 22:00 (MST) to Sat …`, and how many more.
pub fn in_words(windows: &[Window], zone: Tz) -> String {
    let zone = Zone::Named(zone);
    let shown = windows.iter().take(MOST).map(|w| format!("{} to {}", say(w.starts_at, &zone), say(w.ends_at, &zone)));
    shown.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::works::{plan::plan, said::is_overtaken, sample::*};

    #[test]
    fn works_are_planned_approved_announced_started_extended_and_completed_with_a_notice_each() {
        let colt = policy("colt");
        let works = planned(&colt);
        assert_eq!((works.state, works.sequence), (State::Planned, 0));
        let works = act(&works, &Act::Approve, &by("Grace"), &colt).unwrap();
        assert_eq!((works.works.state, works.said), (State::Approved, None));
        let mut works = works.works;
        let start = works.starts_at().unwrap();
        let steps = [
            (Act::Announce, tuesday(), Telling::Announced, State::Announced),
            (Act::Remind, tuesday(), Telling::Reminder, State::Announced),
            (Act::Start, start, Telling::Started, State::Started),
            (Act::Extend { until: start + Duration::hours(6), text: None }, start, Telling::Extended, State::Started),
            (Act::Complete { text: Some("All is well.") }, start, Telling::Completed, State::Completed),
            (Act::Tell { text: "It is faster now." }, start, Telling::Note, State::Completed),
        ];
        for (sequence, (step, now, telling, state)) in steps.into_iter().enumerate() {
            let done = act(&works, &step, &at(now), &colt).unwrap();
            let said = done.said.unwrap();
            assert_eq!((said.telling, said.sequence, done.works.state), (telling, sequence as u32, state));
            works = done.works;
        }
        assert_eq!(works.sequence, 6);
        assert!(refused(act(&works, &Act::Cancel { reason: "x" }, &by("Tom"), &colt)).contains("they are completed"));
    }

    #[test]
    fn works_that_were_planned_in_time_are_refused_when_they_are_announced_too_late() {
        let base = policy("base");
        let works = planned(&base);
        let late = works.starts_at().unwrap() - Duration::days(2);
        assert!(refused(act(&works, &Act::Announce, &at(late), &base)).contains("[works.notice]"));
    }

    #[test]
    fn works_begin_within_an_hour_of_their_window_unless_somebody_says_why_not() {
        let base = policy("base");
        let works = announced(&base);
        let early = works.starts_at().unwrap() - Duration::minutes(61);
        assert!(refused(act(&works, &Act::Start, &at(early), &base)).contains("works start PW-0001 --force REASON"));
        let forced = act(&works, &Act::Start, &By { force: Some("the shop is closed"), ..at(early) }, &base).unwrap();
        assert_eq!(forced.line, "started before their window: the shop is closed");
        assert!(act(&works, &Act::Start, &at(early + Duration::minutes(1)), &base).is_ok());
    }

    #[test]
    fn an_extension_keeps_out_of_protected_hours_unless_it_is_forced() {
        let calltower = policy("calltower");
        let works = announced(&calltower);
        let start = works.starts_at().unwrap();
        let started = act(&works, &Act::Start, &at(start), &calltower).unwrap().works;
        let extend = |minutes: i64, by: &By<'_>| {
            let until = started.windows[0].ends_at + Duration::minutes(minutes);
            act(&started, &Act::Extend { until, text: None }, by, &calltower)
        };
        assert!(extend(60, &at(start)).is_ok(), "05:00 is where they begin");
        assert!(refused(extend(61, &at(start))).contains("[works] protected"));
        let forced = extend(61, &By { force: Some("the card is stuck"), ..at(start) }).unwrap();
        assert_eq!(forced.works.forced.as_deref(), Some("the card is stuck"));
    }

    #[test]
    fn works_that_nobody_has_started_are_completed_once_their_window_has_begun() {
        let base = policy("base");
        let works = announced(&base);
        let start = works.starts_at().unwrap();
        let complete = |now| act(&works, &Act::Complete { text: None }, &at(now), &base);
        assert!(refused(complete(start - Duration::seconds(1))).contains("`casepost works start PW-0001`"));
        let done = complete(start + Duration::hours(2)).unwrap();
        assert_eq!((done.works.state, done.works.started_at), (State::Completed, Some(start)));
    }

    #[test]
    fn a_note_stays_inside() {
        let base = policy("base");
        let done = act(&announced(&base), &Act::Note { text: "Tom has the key." }, &by("Tom"), &base).unwrap();
        assert_eq!((done.said, done.line.as_str()), (None, "note: Tom has the key."));
        assert!(
            refused(act(&announced(&base), &Act::Tell { text: "x" }, &by("Tom"), &base)).contains("after completed")
        );
    }

    #[test]
    fn only_what_customers_know_is_cancelled_with_a_notice() {
        let colt = policy("colt");
        let cancel = Act::Cancel { reason: "The supplier is not ready." };
        assert_eq!(act(&planned(&colt), &cancel, &by("Tom"), &colt).unwrap().said, None);
        let done = act(&announced(&colt), &cancel, &by("Tom"), &colt).unwrap();
        assert_eq!(done.said.unwrap().text.unwrap(), "The supplier is not ready.");
        assert!(
            is_overtaken(standing(&done.works), Telling::Reminder, 0)
                && is_overtaken(standing(&done.works), Telling::Started, 0)
        );
        assert!(act(&announced(&colt), &Act::Cancel { reason: " " }, &by("Tom"), &colt).is_err());
    }

    #[test]
    fn an_extension_ends_later_and_before_the_next_window() {
        let base = policy("base");
        let works = plan(draft(&[NIGHT, "2026-11-22 23:30 to 04:00"]), &by("Tom"), &base).unwrap().works;
        let works = act(&works, &Act::Announce, &by("Tom"), &base).unwrap().works;
        let start = works.starts_at().unwrap();
        let extend = |works: &DeskWorks, hours: i64| {
            act(works, &Act::Extend { until: start + Duration::minutes(hours * 60), text: None }, &at(start), &base)
        };
        assert!(refused(extend(&works, 6)).contains("only works that go on"));
        let started = act(&works, &Act::Start, &at(start), &base).unwrap().works;
        assert!(refused(extend(&started, 4)).contains("is not later"));
        assert!(refused(extend(&started, 25)).contains("the next window"));
        let done = extend(&started, 6).unwrap();
        assert_eq!(done.works.windows[0].ends_at, start + Duration::hours(6));
        assert_eq!(done.said.unwrap().before, works.windows);
    }

    #[test]
    fn works_of_which_nobody_said_anything_ended_with_their_window() {
        let base = policy("base");
        let works = announced(&base);
        let end = works.ends_at().unwrap();
        let morning = end + Duration::hours(4);
        let done = act(&works, &Act::Complete { text: None }, &at(morning), &base).unwrap().works;
        assert_eq!(done.ended_at, Some(end));
        let late = refused(act(&works, &Act::Start, &at(end), &base));
        assert!(late.contains("complete them, or reschedule them"), "{late}");
        let started = act(&works, &Act::Start, &at(end - Duration::seconds(1)), &base).unwrap().works;
        let done = act(&started, &Act::Complete { text: None }, &at(morning), &base).unwrap().works;
        assert_eq!(done.ended_at, Some(morning), "they were said to go on");
    }
}
