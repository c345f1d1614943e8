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
//! wait for it. An approval is of a time and of what is touched: where one is wanted, a change of these needs it anew, and
//! of announced works it waits for it ([`Pending`]), so that customers are told of nothing that only one has seen.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

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
    staff_member::{self, StaffMember},
    typed::{typed, typed_line},
};

/// Characters of a description or reason: they stand in subjects and calendars.
const SHORT: usize = 200;
/// Characters of any other text.
const LONG: usize = 10_000;
/// How long before their first window works begin at the earliest, and how long after a reminder the next one goes.
const HOUR: Duration = Duration::hours(1);
/// How long after the beginning of a window staff are asked whether works have begun.
const ASKED_AFTER: Duration = Duration::minutes(30);
/// Services and platforms that one works may name.
pub const MOST_AFFECTED: usize = 5000;

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
    fn known_name(&self) -> &str {
        staff_member::find(self.staff, self.name).map_or(self.name, |person| person.address.display())
    }
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// customers are told what is new since completed works
    Tell {
        text: &'a str,
    },
    /// for the history alone
    Note {
        text: &'a str,
    },
}

/// What is to become of announced works once somebody else has approved it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// who wants it
    pub by: String,
    /// the new windows; empty: it is a change
    pub windows: Vec<Window>,
    pub change: Change,
    pub text: Option<String>,
    pub force: Option<String>,
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
    /// what was done, in a word or two: the subject of the mail to staff
    pub act: &'static str,
    pub said: Option<Said>,
}

impl Done {
    fn quiet(works: DeskWorks, act: &'static str, line: String) -> Done {
        Done { works, line, act, said: None }
    }

    /// What customers were told in the words of whoever did it, unless the line has it.
    pub fn told(&self) -> Option<&str> {
        let said = self.said.as_ref().filter(|said| said.telling != Telling::Cancelled)?;
        said.text.as_deref()
    }
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
        planner: by.known_name().to_owned(),
        planned_at: by.now,
        approver: None,
        announced_at: None,
        emergency,
        forced: None,
        sequence: 0,
        moved: 0,
        occurrence: None,
        remind_at: None,
        reminded_at: None,
        ask_at: None,
        pending: None,
        started_at: None,
        ended_at: None,
    };
    place(&mut works, &draft.windows, by, policy)?;
    let line = format!("planned for {}", in_words(&works.windows, works.zone));
    Ok(Done::quiet(works, "planned", line))
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
        reminded_at: None,
        ask_at: None,
        pending: None,
        started_at: None,
        ended_at: None,
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
        Act::Announce => announce(works, by, policy),
        Act::Remind => remind_now(works, by),
        Act::Start => start(works, by),
        Act::Extend { until, text } => extend(works, *until, *text, by, policy),
        Act::Complete { text } => complete(works, *text, by),
        Act::Cancel { reason } => cancel(works, reason, by),
        Act::Reschedule { windows, text } => reschedule(works, windows, *text, by, policy),
        Act::Change { change, text } => self::change(works, change, *text, by, policy),
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
    asked_anew(&mut done.works, works);
    Ok(done)
}

/// With another state or time staff are asked anew, if nobody says what became of the works.
fn asked_anew(works: &mut DeskWorks, before: &DeskWorks) {
    if works.state != before.state || works.windows != before.windows {
        works.ask_at = ask_at(works);
    }
    // What was to be approved has no meaning any more.
    if works.state != State::Announced {
        works.pending = None;
    }
}

/// When staff are asked what has become of works, if nobody says so.
fn ask_at(works: &DeskWorks) -> Option<DateTime<Utc>> {
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

/// Staff are asked what has become of works: the works as they are to be, and what staff are told.
pub fn ask(works: &DeskWorks, now: DateTime<Utc>) -> (DeskWorks, &'static str) {
    let is_over = works.ends_at().is_none_or(|end| end <= now);
    let (ask_at, what) = match (works.state, is_over) {
        (State::Announced, false) => (
            works.ends_at(),
            "their window has begun, and nobody has said that they have started: #start, or #cancel or #reschedule",
        ),
        (State::Announced, true) => {
            (None, "their window is over, and nobody has said that they have started: #complete or #cancel")
        }
        _ => (None, "their window is over, and nobody has said that they are done: #complete or #extend"),
    };
    (DeskWorks { ask_at, ..works.clone() }, what)
}

fn remind_now(works: &DeskWorks, by: &By<'_>) -> Result<Done, Refusal> {
    if works.state != State::Announced {
        let state = works.state;
        return refuse(works, format!("they are {state}: only announced works that have not begun are reminded of"));
    }
    if let Some(at) = works.reminded_at.filter(|at| by.now < *at + HOUR) {
        let at = say(at, &Zone::Named(works.zone));
        return refuse(works, format!("customers were reminded {at}: not twice within an hour"));
    }
    // The one that the clock is to send still goes, unless this one is it.
    let remind_at = works.remind_at.filter(|at| *at > by.now + HOUR);
    Ok(remind(&DeskWorks { remind_at, ..works.clone() }, "customers reminded", by.now))
}

fn start(works: &DeskWorks, by: &By<'_>) -> Result<Done, Refusal> {
    if works.state != State::Announced {
        return refuse(works, format!("they are {}: announce them first", works.state));
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
    let (started_at, line) = match (works.state, begun) {
        (State::Started, _) => (works.started_at, "completed"),
        (State::Announced, Some(start)) => (Some(start), "completed; nobody had said that they have started"),
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
        DeskWorks { state: State::Completed, started_at, ended_at: Some(by.now), remind_at: None, ..works.clone() };
    Ok(done(works, "completed", line, Telling::Completed, optional(note, "the text")?))
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
        State::Announced | State::Approved => reminded(quiet, works, now),
        State::Proposed | State::Planned if wanted_approval(works, policy) == Approval::Nobody => {
            reminded(quiet, works, now)
        }
        State::Proposed | State::Planned => Reminded::NotApproved(Box::new(quiet)),
    }
}

fn reminded(quiet: DeskWorks, before: &DeskWorks, now: DateTime<Utc>) -> Reminded {
    let mut done = remind(&publish(quiet, now), "customers are reminded", now);
    asked_anew(&mut done.works, before);
    Reminded::Done(Box::new(done))
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
    if let Some(pending) = &works.pending {
        return approve_pending(works, pending, by, policy);
    }
    if !matches!(works.state, State::Proposed | State::Planned) {
        return refuse(works, format!("they are {} already", works.state));
    }
    let approver = may_approve(works, &works.planner, by, policy)?;
    let works = DeskWorks { state: State::Approved, approver: Some(approver), ..works.clone() };
    Ok(Done::quiet(works, "approved", "approved".to_owned()))
}

/// What waited for it is done.
fn approve_pending(works: &DeskWorks, pending: &Pending, by: &By<'_>, policy: &Policy) -> Result<Done, Refusal> {
    let approver = may_approve(works, &pending.by, by, policy)?;
    let approved = DeskWorks { pending: None, approver: Some(approver), ..works.clone() };
    let by = By { force: pending.force.as_deref(), ..*by };
    let text = pending.text.as_deref();
    let mut done = match pending.windows.is_empty() {
        true => change_now(&approved, &pending.change, text)?,
        false => reschedule_now(&approved, &pending.windows, text, &by, policy)?,
    };
    done.line = format!("approved, as {} wanted: {}", pending.by, done.line);
    Ok(done)
}

/// The name of whoever approves: one of the staff, and another than the one who wants it where the policy says so.
fn may_approve(works: &DeskWorks, planner: &str, by: &By<'_>, policy: &Policy) -> Result<String, Refusal> {
    let wanted = wanted_approval(works, policy);
    if wanted == Approval::Nobody {
        return Ok(by.known_name().to_owned());
    }
    let Ok(person) = staff_member::find(by.staff, by.name) else {
        return refuse(
            works,
            format!("{} is none of the staff ([[staff]] in casepost.toml), who alone approve works", by.name),
        );
    };
    let same = |other: &StaffMember| other.address.email == person.address.email;
    if wanted == Approval::Another && staff_member::find(by.staff, planner).is_ok_and(same) {
        return refuse(
            works,
            format!("{planner} planned it, and the policy wants the approval of somebody else ([works] approval)"),
        );
    }
    Ok(person.address.display().to_owned())
}

/// What is approved is a time, and what is touched: with another one works that are not announced need it anew, and not from
/// whoever changed it.
fn withdraw_approval(after: &mut DeskWorks, by: &By<'_>, policy: &Policy) {
    if wanted_approval(after, policy) == Approval::Nobody {
        return;
    }
    if after.state == State::Approved {
        after.state = State::Planned;
        after.approver = None;
    }
    after.planner = by.known_name().to_owned();
}

/// Of announced works it waits for an approval, where one is wanted.
fn wait(works: &DeskWorks, pending: Pending, line: &str) -> Done {
    let line = format!("{line}: waits for an approval, and customers know nothing of it");
    Done::quiet(DeskWorks { pending: Some(pending), ..works.clone() }, "to approve", line)
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

fn publish(works: DeskWorks, now: DateTime<Utc>) -> DeskWorks {
    DeskWorks { state: State::Announced, announced_at: works.announced_at.or(Some(now)), ..works }
}

fn remind(works: &DeskWorks, line: &str, now: DateTime<Utc>) -> Done {
    done(DeskWorks { reminded_at: Some(now), ..works.clone() }, "reminder sent", line, Telling::Reminder, None)
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
    let line = format!("cancelled: {reason}");
    Ok(match known {
        true => moved(done(works, "cancelled", &line, Telling::Cancelled, Some(reason))),
        false => Done::quiet(works, "cancelled", line),
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
    let mut done = reschedule_now(works, windows, text, by, policy)?;
    if works.state != State::Announced {
        withdraw_approval(&mut done.works, by, policy);
        return Ok(done);
    }
    if wanted_approval(works, policy) == Approval::Nobody {
        return Ok(done);
    }
    let pending = Pending {
        by: by.known_name().to_owned(),
        windows: windows.to_vec(),
        change: Change::default(),
        text: text.map(str::to_owned),
        force: by.force.map(str::to_owned),
    };
    Ok(wait(works, pending, &format!("to be {}", done.line)))
}

fn reschedule_now(
    works: &DeskWorks,
    windows: &[Window],
    text: Option<&str>,
    by: &By<'_>,
    policy: &Policy,
) -> Result<Done, Refusal> {
    let mut after = works.clone();
    place(&mut after, windows, by, policy)?;
    if after.windows == works.windows {
        return refuse(works, "these are their windows already".to_owned());
    }
    let line = format!("moved to {}", in_words(&after.windows, after.zone));
    if works.state != State::Announced {
        if works.occurrence.is_some() {
            after.remind_at =
                works.remind_at.and(after.starts_at()).map(|start| start - ahead(works, policy).unwrap_or_default());
        }
        return Ok(Done::quiet(after, "moved", line));
    }
    after.remind_at = remind_at(&after, by.now, policy);
    after.reminded_at = None;
    let mut done = moved(done(after, "moved", &line, Telling::Rescheduled, optional(text, "the text")?));
    if let Some(said) = &mut done.said {
        said.before.clone_from(&works.windows);
    }
    Ok(done)
}

fn change(
    works: &DeskWorks,
    change: &Change,
    note: Option<&str>,
    by: &By<'_>,
    policy: &Policy,
) -> Result<Done, Refusal> {
    let mut done = change_now(works, change, note)?;
    if done.works.affected == works.affected {
        return Ok(done);
    }
    match works.state {
        State::Proposed | State::Planned | State::Approved => withdraw_approval(&mut done.works, by, policy),
        State::Announced if wanted_approval(works, policy) != Approval::Nobody => {
            let pending = Pending {
                by: by.known_name().to_owned(),
                windows: vec![],
                change: change.clone(),
                text: note.map(str::to_owned),
                force: None,
            };
            let places = done.works.affected.iter().map(|one| format!("{}={}", one.place.name(), one.impact));
            let places = places.collect::<Vec<_>>().join(", ");
            return Ok(wait(works, pending, &format!("to be changed (touched: {places})")));
        }
        _ => {}
    }
    Ok(done)
}

fn change_now(works: &DeskWorks, change: &Change, note: Option<&str>) -> Result<Done, Refusal> {
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
        return Ok(Done::quiet(after, "changed", "changed".to_owned()));
    }
    let gone = works.affected.iter().filter(|one| !after.affected.iter().any(|other| other.place == one.place));
    let no_longer: Vec<Affected> = gone.map(|one| Affected { impact: Impact::NoImpact, ..one.clone() }).collect();
    let mut done = done(after, "changed", "changed", Telling::Changed, optional(note, "the text")?);
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

fn done(mut works: DeskWorks, act: &'static str, line: &str, telling: Telling, text: Option<String>) -> Done {
    let sequence = works.sequence;
    works.sequence += 1;
    let said = Said { telling, text, before: vec![], no_longer: vec![], sequence };
    Done { works, line: line.to_owned(), act, said: Some(said) }
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
