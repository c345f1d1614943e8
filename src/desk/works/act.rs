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

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{
    Affected, DeskWorks, Impact, Kind, Occurrence, Place, State, Window, WorksId,
    window::{self, MOST},
};
use crate::desk::{
    hours::{Zone, say},
    lifecycle::Refusal,
    policy::{
        Policy, Span,
        works::{Approval, Recurring},
    },
    typed::{typed, typed_line},
};

/// Characters of a description or reason: they stand in subjects and calendars.
const SHORT: usize = 200;
/// Characters of any other text.
const LONG: usize = 10_000;
/// Services and platforms that one works may name.
pub const MOST_AFFECTED: usize = 5000;

/// Who does it, and when.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    pub name: &'a str,
    pub now: DateTime<Utc>,
    /// why it is to be within protected hours
    pub force: Option<&'a str>,
}

/// Works to be planned.
#[derive(Debug, Clone)]
pub struct Draft {
    pub kind: Kind,
    pub windows: Vec<Window>,
    pub zone: Tz,
    pub affected: Vec<Affected>,
    pub description: String,
    pub reason: String,
    pub contact: Option<String>,
    pub roll_back: Option<String>,
    /// why they can't wait: it makes emergency works of them
    pub emergency: Option<String>,
}

/// What is not given stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    pub affected: Option<Vec<Affected>>,
    pub description: Option<String>,
    pub reason: Option<String>,
    pub contact: Option<String>,
    pub roll_back: Option<String>,
}

#[derive(Debug, Clone)]
pub enum Act<'a> {
    Approve,
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
    /// what is new since completed works
    Note {
        text: &'a str,
    },
}

/// What a notice to customers says happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    Announced,
    Changed,
    Rescheduled,
    Reminder,
    Started,
    Extended,
    Completed,
    Cancelled,
    Note,
}

/// What customers are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub telling: Telling,
    /// in the words of whoever did it
    pub text: Option<String>,
    /// the windows before they were moved
    pub before: Vec<Window>,
    /// the services before they were changed: who is not touched any more is told so
    pub no_longer: Vec<Affected>,
    pub sequence: u32,
}

/// The works as they are to be, the line of their history, and what customers are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    pub works: DeskWorks,
    pub line: String,
    pub said: Option<Said>,
}

/// Plans works; their number is still to be given.
///
/// # Errors
/// The rule that they break, with the policy's key.
pub fn plan(draft: Draft, by: &By<'_>, policy: &Policy) -> Result<Done, Refusal> {
    let emergency = draft.emergency.as_deref().map(|why| text(why, "the reason of the emergency", LONG)).transpose()?;
    let kind = if emergency.is_some() { Kind::Emergency } else { draft.kind };
    if kind == Kind::Emergency && emergency.is_none() {
        return Err(Refusal("emergency works need a reason: say why they can't wait (--emergency REASON)".to_owned()));
    }
    let mut works = DeskWorks {
        id: WorksId(0),
        kind,
        state: State::Planned,
        windows: vec![],
        zone: draft.zone,
        affected: affected(draft.affected)?,
        description: text(&draft.description, "the description", SHORT)?,
        reason: text(&draft.reason, "the reason", SHORT)?,
        contact: draft.contact.as_deref().map(|who| text(who, "the contact", SHORT)).transpose()?,
        roll_back: draft.roll_back.as_deref().map(|how| text(how, "the roll-back", LONG)).transpose()?,
        planner: by.name.to_owned(),
        planned_at: by.now,
        approver: None,
        announced_at: None,
        emergency,
        forced: None,
        sequence: 0,
        moved: 0,
        occurrence: None,
        remind_at: None,
        started_at: None,
        ended_at: None,
    };
    place(&mut works, &draft.windows, by, policy)?;
    let line = format!("planned for {}", in_words(&works.windows, works.zone));
    Ok(Done { works, line, said: None })
}

/// The next works of a rule, once they are so near that staff are to see them; nobody planned them.
pub fn propose(
    rule: &Recurring,
    (date, window): (NaiveDate, Window),
    platforms: Vec<String>,
    now: DateTime<Utc>,
) -> DeskWorks {
    let affected = platforms.into_iter().map(|key| Affected { place: Place::Platform(key), impact: rule.impact });
    // Where neither staff nor customers have a part in it, it is simply in the calendar.
    let settled = rule.reminder.is_none() && !rule.approval;
    DeskWorks {
        id: WorksId(0),
        kind: rule.kind,
        state: if settled { State::Announced } else { State::Proposed },
        windows: vec![window],
        zone: rule.zone,
        affected: affected.collect(),
        description: rule.description.clone(),
        reason: rule.reason.clone(),
        contact: None,
        roll_back: None,
        planner: String::new(),
        planned_at: now,
        approver: None,
        announced_at: settled.then_some(now),
        emergency: None,
        forced: None,
        sequence: 0,
        moved: 0,
        occurrence: Some(Occurrence { name: rule.name.clone(), date }),
        remind_at: rule.reminder.map(|reminder| window.starts_at - reminder),
        started_at: None,
        ended_at: None,
    }
}

/// Does something to works.
///
/// # Errors
/// Why it can't be done now, with the policy's key where a rule of the policy forbids it.
pub fn act(works: &DeskWorks, act: &Act<'_>, by: &By<'_>, policy: &Policy) -> Result<Done, Refusal> {
    if works.state.is_over() && !matches!(act, Act::Note { .. }) {
        return refuse(works, format!("they are {}: plan new ones", works.state));
    }
    match act {
        Act::Approve => approve(works, by, policy),
        Act::Announce => announce(works, by, policy),
        Act::Remind => match works.state {
            State::Announced => Ok(remind(works, "reminded of".to_owned())),
            state => {
                refuse(works, format!("they are {state}: only announced works that have not begun are reminded of"))
            }
        },
        Act::Start => match works.state {
            State::Announced => {
                let works =
                    DeskWorks { state: State::Started, started_at: Some(by.now), remind_at: None, ..works.clone() };
                Ok(done(works, "started", Telling::Started, None))
            }
            state => refuse(works, format!("they are {state}: announce them first")),
        },
        Act::Extend { until, text } => extend(works, *until, *text, by),
        Act::Complete { text } => match works.state {
            State::Started => {
                let works = DeskWorks { state: State::Completed, ended_at: Some(by.now), ..works.clone() };
                Ok(done(works, "completed", Telling::Completed, optional(*text, "the text")?))
            }
            state => refuse(works, format!("they are {state}: start them first")),
        },
        Act::Cancel { reason } => cancel(works, reason, by),
        Act::Reschedule { windows, text } => reschedule(works, windows, *text, by, policy),
        Act::Change { change, text } => self::change(works, change, *text),
        Act::Note { text: note } => match works.state {
            State::Completed => {
                Ok(done(works.clone(), "told what is new", Telling::Note, Some(text(note, "the note", LONG)?)))
            }
            state => refuse(works, format!("they are {state}: a note tells what is new after completed works")),
        },
    }
}

/// What follows when the time to remind customers has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reminded {
    Done(Box<Done>),
    /// nobody is told, because nobody has approved them
    NotApproved(Box<DeskWorks>),
    /// it is too late for it
    Over(Box<DeskWorks>),
}

/// The clock of the reminder has run. The policy's recurring works are announced by it.
pub fn reminder_is_due(works: &DeskWorks, policy: &Policy, now: DateTime<Utc>) -> Reminded {
    let quiet = DeskWorks { remind_at: None, ..works.clone() };
    let begun = works.starts_at().is_none_or(|start| start <= now);
    match works.state {
        _ if begun => Reminded::Over(Box::new(quiet)),
        State::Started | State::Completed | State::Cancelled => Reminded::Over(Box::new(quiet)),
        State::Announced | State::Approved => {
            Reminded::Done(Box::new(remind(&publish(quiet, now), "customers are reminded".to_owned())))
        }
        State::Proposed | State::Planned if wanted_approval(works, policy) == Approval::Nobody => {
            Reminded::Done(Box::new(remind(&publish(quiet, now), "customers are reminded".to_owned())))
        }
        State::Proposed | State::Planned => Reminded::NotApproved(Box::new(quiet)),
    }
}

/// Whose approval the works need before customers hear of them.
pub fn wanted_approval(works: &DeskWorks, policy: &Policy) -> Approval {
    if works.kind == Kind::Emergency {
        return Approval::Nobody;
    }
    let general = policy.works.approval;
    let rule = works.occurrence.as_ref().and_then(|occurrence| policy.works.recurring(&occurrence.name));
    match rule {
        Some(rule) if !rule.approval => Approval::Nobody,
        // Nobody planned them, so whoever approves them is another.
        Some(_) if general == Approval::Nobody => Approval::Anyone,
        _ => general,
    }
}

fn approve(works: &DeskWorks, by: &By<'_>, policy: &Policy) -> Result<Done, Refusal> {
    if !matches!(works.state, State::Proposed | State::Planned) {
        return refuse(works, format!("they are {} already", works.state));
    }
    if wanted_approval(works, policy) == Approval::Another && works.planner == by.name {
        return refuse(
            works,
            format!("{} planned them, and the policy wants the approval of somebody else ([works] approval)", by.name),
        );
    }
    let works = DeskWorks { state: State::Approved, approver: Some(by.name.to_owned()), ..works.clone() };
    Ok(Done { works, line: "approved".to_owned(), said: None })
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
    Ok(done(works, "announced", Telling::Announced, None))
}

fn publish(works: DeskWorks, now: DateTime<Utc>) -> DeskWorks {
    DeskWorks { state: State::Announced, announced_at: works.announced_at.or(Some(now)), ..works }
}

fn remind(works: &DeskWorks, line: String) -> Done {
    done(DeskWorks { remind_at: None, ..works.clone() }, &line, Telling::Reminder, None)
}

fn extend(works: &DeskWorks, until: DateTime<Utc>, text: Option<&str>, by: &By<'_>) -> Result<Done, Refusal> {
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
    let extended = DeskWorks { windows, ..works.clone() };
    let mut done = done(
        extended,
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
    let line = format!("cancelled: {reason}");
    Ok(match known {
        true => moved(done(works, &line, Telling::Cancelled, Some(reason))),
        false => Done { works, line, said: None },
    })
}

fn reschedule(
    works: &DeskWorks,
    windows: &[Window],
    text: Option<&str>,
    by: &By<'_>,
    policy: &Policy,
) -> Result<Done, Refusal> {
    if works.state == State::Started {
        return refuse(works, "they have begun: extend, complete or cancel them".to_owned());
    }
    let mut after = works.clone();
    place(&mut after, windows, by, policy)?;
    if after.windows == works.windows {
        return refuse(works, "these are their windows already".to_owned());
    }
    // What was approved was another time.
    if after.state == State::Approved {
        after.state = State::Planned;
        after.approver = None;
    }
    let line = format!("moved to {}", in_words(&after.windows, after.zone));
    if works.state != State::Announced {
        if works.occurrence.is_some() {
            after.remind_at =
                works.remind_at.and(after.starts_at()).map(|start| start - ahead(works, policy).unwrap_or_default());
        }
        return Ok(Done { works: after, line, said: None });
    }
    after.remind_at = remind_at(&after, by.now, policy);
    let mut done = moved(done(after, &line, Telling::Rescheduled, optional(text, "the text")?));
    if let Some(said) = &mut done.said {
        said.before.clone_from(&works.windows);
    }
    Ok(done)
}

fn change(works: &DeskWorks, change: &Change, note: Option<&str>) -> Result<Done, Refusal> {
    let mut after = works.clone();
    let set =
        |new: &Option<String>, what: &str, most: usize| new.as_deref().map(|new| text(new, what, most)).transpose();
    after.description = set(&change.description, "the description", SHORT)?.unwrap_or(after.description);
    after.reason = set(&change.reason, "the reason", SHORT)?.unwrap_or(after.reason);
    after.contact = set(&change.contact, "the contact", SHORT)?.or(after.contact);
    after.roll_back = set(&change.roll_back, "the roll-back", LONG)?.or(after.roll_back);
    if let Some(new) = &change.affected {
        after.affected = affected(new.clone())?;
    }
    if after == *works {
        return refuse(works, "nothing of that is new".to_owned());
    }
    // The roll-back is for staff alone.
    let shown = DeskWorks { roll_back: works.roll_back.clone(), ..after.clone() };
    if !works.state.is_public() || shown == *works {
        return Ok(Done { works: after, line: "changed".to_owned(), said: None });
    }
    let gone = works.affected.iter().filter(|one| !after.affected.iter().any(|other| other.place == one.place));
    let no_longer: Vec<Affected> = gone.map(|one| Affected { impact: Impact::NoImpact, ..one.clone() }).collect();
    let mut done = done(after, "changed", Telling::Changed, optional(note, "the text")?);
    if let Some(said) = &mut done.said {
        said.no_longer = no_longer;
    }
    Ok(done)
}

/// Gives works their windows, where all rules allow them.
fn place(works: &mut DeskWorks, windows: &[Window], by: &By<'_>, policy: &Policy) -> Result<(), Refusal> {
    let windows = window::checked(windows, works.zone, by.now)?;
    in_time(works, &windows, by, policy)?;
    works.forced = outside_protected_hours(works, &windows, by, policy)?;
    works.windows = windows;
    Ok(())
}

/// Customers are told early enough ([works.notice]).
fn in_time(works: &DeskWorks, windows: &[Window], by: &By<'_>, policy: &Policy) -> Result<(), Refusal> {
    let Some(start) = windows.iter().map(|window| window.starts_at).min() else { return Ok(()) };
    let kind = works.kind;
    let earliest = policy.works.earliest(kind, by.now, &policy.hours);
    if start >= earliest {
        return Ok(());
    }
    let Some(notice) = policy.works.notice.get(&kind) else { return Ok(()) };
    Err(Refusal(format!(
        "customers are told of {kind} works {} ahead ([works.notice] {kind}), so now these may begin {} at the earliest; \
         works that can't wait are emergency works (--emergency REASON)",
        in_figures(*notice),
        say(earliest, &Zone::Named(works.zone))
    )))
}

/// Why they may be within protected hours, if they are.
fn outside_protected_hours(
    works: &DeskWorks,
    windows: &[Window],
    by: &By<'_>,
    policy: &Policy,
) -> Result<Option<String>, Refusal> {
    let Some(protected) = policy.works.protected.as_ref().filter(|_| works.kind.keeps_out_of_protected_hours()) else {
        return Ok(None);
    };
    // Nobody notices them.
    if works.impact() == Impact::NoImpact {
        return Ok(None);
    }
    let Some(window) = windows.iter().find(|window| protected.touches(window)) else { return Ok(None) };
    match by.force {
        Some(why) => text(why, "the reason for protected hours", LONG).map(Some),
        None => Err(Refusal(format!(
            "the window from {} touches the protected hours, {} in {} ([works] protected); --force REASON plans it all \
             the same",
            say(window.starts_at, &Zone::Named(works.zone)),
            protected.hours,
            protected.zone
        ))),
    }
}

/// How long before their beginning customers are reminded.
fn ahead(works: &DeskWorks, policy: &Policy) -> Option<Duration> {
    let rule = works.occurrence.as_ref().and_then(|occurrence| policy.works.recurring(&occurrence.name));
    match (rule, policy.works.reminder.get(&works.kind)) {
        (Some(rule), _) => rule.reminder,
        (None, Some(Span::Time(time))) => Some(*time),
        (None, _) => None,
    }
}

/// None when it is so near that the announcement itself reminds of it.
fn remind_at(works: &DeskWorks, now: DateTime<Utc>, policy: &Policy) -> Option<DateTime<Utc>> {
    let at = works.starts_at()? - ahead(works, policy)?;
    Some(at).filter(|at| *at > now)
}

fn done(mut works: DeskWorks, line: &str, telling: Telling, text: Option<String>) -> Done {
    let sequence = works.sequence;
    works.sequence += 1;
    let said = Said { telling, text, before: vec![], no_longer: vec![], sequence };
    Done { works, line: line.to_owned(), said: Some(said) }
}

/// What was said before of its times does not hold any more.
fn moved(mut done: Done) -> Done {
    if let Some(said) = &done.said {
        done.works.moved = said.sequence;
    }
    done
}

/// How works stand, as far as it overtakes what is still to be said of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub state: State,
    /// the sequence of the last notice that moved or cancelled them
    pub moved: u32,
}

/// Is what customers are to be told overtaken: cancelled, moved, or over?
pub fn is_overtaken(works: Standing, telling: Telling, sequence: u32) -> bool {
    let moved = sequence < works.moved;
    match telling {
        Telling::Reminder => moved || works.state != State::Announced,
        Telling::Started | Telling::Extended => moved || works.state.is_over(),
        // One that a mail server kept waiting would come behind what is so now.
        Telling::Announced | Telling::Changed | Telling::Rescheduled => moved,
        _ => false,
    }
}

fn affected(all: Vec<Affected>) -> Result<Vec<Affected>, Refusal> {
    let mut kept: Vec<Affected> = Vec::with_capacity(all.len());
    let mut seen = std::collections::BTreeSet::new();
    for one in all {
        let key = match &one.place {
            Place::Platform(key) => (0, key.clone()),
            Place::Service { id, .. } => (*id, String::new()),
        };
        if seen.insert(key) {
            kept.push(one);
        }
    }
    if kept.is_empty() {
        return Err(Refusal("say what is touched: --service ID or --platform KEY".to_owned()));
    }
    if kept.len() > MOST_AFFECTED {
        return Err(Refusal(format!("works name {MOST_AFFECTED} services at most: name their platform")));
    }
    Ok(kept)
}

fn optional(said: Option<&str>, what: &str) -> Result<Option<String>, Refusal> {
    said.map(|said| text(said, what, LONG)).transpose()
}

/// What is short stands in subjects and lists: on one line.
fn text(said: &str, what: &str, most: usize) -> Result<String, Refusal> {
    if most == SHORT { typed_line(said, what, most) } else { typed(said, what, most) }
}

fn refuse<T>(works: &DeskWorks, why: String) -> Result<T, Refusal> {
    Err(Refusal(format!("{}: {why}", works.id)))
}

fn in_figures(span: Span) -> String {
    match span {
        Span::BusinessDays(days) => format!("{days} business days"),
        Span::Time(time) if time.num_minutes() % (24 * 60) == 0 => format!("{} days", time.num_days()),
        Span::Time(time) if time.num_minutes() % 60 == 0 => format!("{} h", time.num_hours()),
        Span::Time(time) => format!("{} min", time.num_minutes()),
    }
}

/// For staff: `Fri 18 December 2026, 22:00 (MST) to Sat …`, and how many more.
pub fn in_words(windows: &[Window], zone: Tz) -> String {
    let zone = Zone::Named(zone);
    let shown = windows.iter().take(MOST).map(|w| format!("{} to {}", say(w.starts_at, &zone), say(w.ends_at, &zone)));
    shown.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests;
