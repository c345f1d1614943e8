//! Major network incidents: one problem over several organisations, with one parent case (P1G), one incident manager, and
//! every case about it as its child (SERVICE.md, MNI, master case).
//!
//! | what happens | the parent | its children |
//! |---|---|---|
//! | opened | in progress, with its manager | linked where certain, proposed to staff where not |
//! | an update | history; the next one is due | it is an update of each: their clocks are quiet |
//! | an ETR | stands in for the updates until it has come | the same |
//! | handed over | another manager has the duty | |
//! | closed | closed, with the cause | resolved, follow-up required; who asked gets their report |
//! | a child is unlinked | | goes on alone, with the promises of its own |
//!
//! What is said to many is said once: the daemon turns it into one mail for each person. Nobody is shown another
//! organisation's name or reference: what all are told is only what staff wrote.

mod duty;
pub mod matching;
mod notices;
mod scope;
#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

use chrono::{DateTime, Duration, Utc};

pub use duty::clock_ran;
pub use notices::{OneReader, known, posted, proposed, told_to_all, told_to_one, wrote_on_child};
pub use scope::{Scope, ScopeError};

use super::{
    case::{Actor, Case, CaseId, Link, LinkKind, Status},
    lifecycle::{Act, Clock, ClockChange, Decision, Refusal, Tell, What},
    notice::NoticeKind,
    policy::Policy,
    priority::{Priority, may_set},
    service_desk::ServiceDesk,
    staff_member::{Right, StaffMember},
    typed::{typed, typed_line},
};

/// Which incident; people use `MNI-0007`. It is public, and counts incidents, not cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentNumber(pub i64);

impl fmt::Display for IncidentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MNI-{:04}", self.0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no incident's number, such as MNI-0007")]
pub struct NotAnIncident(String);

impl FromStr for IncidentNumber {
    type Err = NotAnIncident;

    fn from_str(word: &str) -> Result<IncidentNumber, NotAnIncident> {
        let upper = word.trim().to_uppercase();
        let digits = upper.strip_prefix("MNI-").unwrap_or("");
        let fits = (1..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let number = digits.parse().ok().filter(|n| fits && *n > 0);
        number.map(IncidentNumber).ok_or_else(|| NotAnIncident(word.to_owned()))
    }
}

/// A major network incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    pub number: IncidentNumber,
    /// the parent case
    pub case: CaseId,
    /// public, as all that follows up to the cause
    pub title: String,
    pub impact: String,
    pub scope: Scope,
    pub began_at: DateTime<Utc>,
    pub etr: Option<DateTime<Utc>>,
    /// in plain words, once it is closed
    pub cause: Option<String>,
    pub closed_at: Option<DateTime<Utc>>,
    pub opened_at: DateTime<Utc>,
    /// who of the staff opened it
    pub opened_by: String,
    /// the address of the incident manager
    pub manager: String,
    /// when customers were last told something
    pub updated_at: DateTime<Utc>,
    /// by when they are told next; none: the policy promises no updates
    pub next_update: Option<DateTime<Utc>>,
    /// the manager has been reminded of that
    pub reminded_at: Option<DateTime<Utc>>,
    /// updates in a row that did not come
    pub missed: u8,
    /// updates so far
    pub updates: i64,
}

impl Incident {
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }
}

/// What an update is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateKind {
    Opened,
    Update,
    Closed,
}

impl UpdateKind {
    pub const ALL: [UpdateKind; 3] = [UpdateKind::Opened, UpdateKind::Update, UpdateKind::Closed];

    pub fn as_str(self) -> &'static str {
        match self {
            UpdateKind::Opened => "opened",
            UpdateKind::Update => "update",
            UpdateKind::Closed => "closed",
        }
    }

    /// How customers are told.
    pub fn notice(self) -> NoticeKind {
        match self {
            UpdateKind::Opened => NoticeKind::MniOpened,
            UpdateKind::Update => NoticeKind::MniUpdate,
            UpdateKind::Closed => NoticeKind::MniResolved,
        }
    }
}

impl FromStr for UpdateKind {
    type Err = ();

    fn from_str(word: &str) -> Result<UpdateKind, ()> {
        UpdateKind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or(())
    }
}

/// One thing that customers were told of an incident; the status page shows it as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// counted from 1 in each incident
    pub number: i64,
    pub kind: UpdateKind,
    pub at: DateTime<Utc>,
    pub author: String,
    pub text: String,
    /// the estimated time of resolution as of then
    pub etr: Option<DateTime<Utc>>,
    /// by when the next one was promised
    pub next_update: Option<DateTime<Utc>>,
}

/// What follows: a decision about the parent, the incident as it is to be, and what all are told.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    pub decision: Decision,
    pub incident: Incident,
    /// posted on the parent, and said to all
    pub said: Option<Update>,
}

/// How an incident begins.
#[derive(Debug, Clone)]
pub struct Begin<'a> {
    pub number: IncidentNumber,
    pub scope: Scope,
    /// none: made of what is affected and the impact
    pub title: Option<&'a str>,
    pub impact: &'a str,
    /// what customers are told beside the impact
    pub text: Option<&'a str>,
    pub began_at: DateTime<Utc>,
    pub etr: Option<DateTime<Utc>>,
    pub manager: &'a StaffMember,
}

/// Nothing that an incident tells is further away.
const FURTHEST: Duration = Duration::days(366);
/// Longer texts are no titles and no updates, but documents.
const TITLE_CHARS: usize = 120;
const TEXT_CHARS: usize = 20_000;

/// Only staff with the right for P1G open, update, hand over and close incidents (SERVICE.md, priorities).
pub fn may_manage(desk: &ServiceDesk, name: &str) -> Result<(), Refusal> {
    if may_set(desk, name, Priority::P1G).is_ok() {
        return Ok(());
    }
    let may: Vec<&str> = desk.staff.iter().filter(|one| one.may(Right::P1G)).map(|one| one.address.display()).collect();
    let may = match may.is_empty() {
        true => {
            "Nobody may yet: give somebody the right (may = [\"p1g\"] in [[staff]] of the configuration).".to_owned()
        }
        false => format!("May: {}.", may.join(", ")),
    };
    Err(match desk.find_staff(name) {
        Ok(_) => refuse(format!("You ({name}) may not run major incidents. {may}")),
        Err(_) => refuse(format!("\"{name}\" is not of the staff: name yourself (--as NAME). {may}")),
    })
}

/// Opens an incident on its parent case, which `parent` has decided just now.
pub fn open(
    parent: Decision,
    begin: Begin<'_>,
    staff: &str,
    desk: &ServiceDesk,
    now: DateTime<Utc>,
) -> Result<Followed, Refusal> {
    let policy = &desk.policy;
    may_manage(desk, staff)?;
    may_be_manager(begin.manager)?;
    begin.scope.check(policy)?;
    if now - begin.began_at > FURTHEST {
        return Err(refuse("that beginning is more than a year ago: give a later one"));
    }
    if begin.began_at > now {
        return Err(refuse("an incident can't begin in the future: announce planned works instead (casepost works)"));
    }
    let impact = typed(begin.impact, "the impact", TEXT_CHARS)?;
    let title = match begin.title {
        Some(title) => typed_line(title, "the title", TITLE_CHARS)?,
        None => shortened(&format!(
            "{}: {}",
            begin.scope.in_words(policy),
            impact.lines().next().unwrap_or_default().trim_end_matches('.')
        )),
    };
    let etr = may_be_etr(begin.etr, now)?;
    let mut incident = Incident {
        number: begin.number,
        case: parent.case.id,
        title,
        impact,
        scope: begin.scope,
        began_at: begin.began_at,
        etr: None,
        cause: None,
        closed_at: None,
        opened_at: now,
        opened_by: staff.to_owned(),
        manager: begin.manager.address.email.clone(),
        updated_at: now,
        next_update: None,
        reminded_at: None,
        missed: 0,
        updates: 0,
    };
    incident.etr = etr;
    let text = match begin.text.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => typed(text, "the text", TEXT_CHARS)?,
        None => incident.impact.clone(),
    };
    let mut acting =
        Acting { decision: parent, incident, said: None, actor: Actor::Staff(staff.to_owned()), policy, now };
    acting.decision.case.subject = acting.incident.title.clone();
    acting.decision.case.assignee = Some(acting.incident.manager.clone());
    let manager = begin.manager.address.display().to_owned();
    acting.note(What::Assigned { to: Some(manager), why: Some("incident manager".to_owned()) });
    acting.decision.move_to(Status::InProgress, "a major network incident", &acting.actor.clone(), now);
    acting.post(UpdateKind::Opened, text);
    Ok(acting.done())
}

/// What an update says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Say<'a> {
    pub text: Option<&'a str>,
    /// a new estimated time of resolution; `Some(None)`: there is none any more
    pub etr: Option<Option<DateTime<Utc>>>,
    /// it stays in the history of the parent
    pub internal: bool,
}

/// Staff post an update on the parent, with or without an estimated time of resolution.
pub fn update(
    case: &Case,
    incident: &Incident,
    say: Say<'_>,
    staff: &str,
    desk: &ServiceDesk,
    now: DateTime<Utc>,
) -> Result<Followed, Refusal> {
    let mut acting = Acting::of(case, incident, staff, desk, now)?;
    let text = say.text.map(str::trim).filter(|text| !text.is_empty());
    if say.internal {
        if say.etr.is_some() {
            return Err(refuse("a time that customers wait for can't be internal: leave out one of both"));
        }
        let text = typed(text.unwrap_or_default(), "the note", TEXT_CHARS)?;
        acting.decision.notices.extend(notices::noted(case, incident, &text, staff, desk));
        acting.note(What::Note { text });
        return Ok(acting.done());
    }
    if let Some(etr) = say.etr {
        if etr.is_none() && incident.etr.is_none() {
            return Err(refuse(format!("{} has no estimated time of resolution to take back", incident.number)));
        }
        acting.incident.etr = may_be_etr(etr, now)?;
    }
    let text = match text {
        Some(text) => typed(text, "the update", TEXT_CHARS)?,
        // The mails say the time in each language; the page shows it beside the text.
        None if say.etr.is_some() => String::new(),
        None => return Err(refuse("the update is empty: say how it stands")),
    };
    acting.post(UpdateKind::Update, text);
    Ok(acting.done())
}

/// Another incident manager has the duty from now on.
pub fn hand_over(
    case: &Case,
    incident: &Incident,
    to: &StaffMember,
    staff: &str,
    desk: &ServiceDesk,
    now: DateTime<Utc>,
) -> Result<Followed, Refusal> {
    let mut acting = Acting::of(case, incident, staff, desk, now)?;
    may_be_manager(to)?;
    if to.address.email == incident.manager {
        return Err(refuse(format!("{} has {} already", to.address.display(), incident.number)));
    }
    acting.incident.manager = to.address.email.clone();
    // Whoever takes it over is to be reminded, too.
    acting.incident.reminded_at = None;
    acting.decision.case.assignee = Some(to.address.email.clone());
    let name = to.address.display().to_owned();
    acting.note(What::Assigned { to: Some(name), why: Some("incident manager".to_owned()) });
    // What is promised stays as it is, whoever has to keep it.
    acting.decision.clocks.push(duty::clock(&acting.incident, acting.policy));
    let told = notices::handed_over(&acting.decision.case, &acting.incident, &incident.manager, to, staff, desk);
    acting.decision.notices.extend(told);
    Ok(acting.done())
}

/// It is over. Each child is resolved by [`resolve_child`].
pub fn close(
    case: &Case,
    incident: &Incident,
    cause: &str,
    staff: &str,
    desk: &ServiceDesk,
    now: DateTime<Utc>,
) -> Result<Followed, Refusal> {
    let mut acting = Acting::of(case, incident, staff, desk, now)?;
    if cause.trim().is_empty() {
        return Err(refuse("say the cause in plain words: customers read it"));
    }
    let cause = typed(cause, "the cause", TEXT_CHARS)?;
    acting.incident.cause = Some(cause.clone());
    acting.incident.etr = None;
    acting.incident.closed_at = Some(now);
    acting.post(UpdateKind::Closed, cause);
    acting.decision.move_to(Status::Closed, "the incident is over", &acting.actor.clone(), now);
    Ok(acting.done())
}

/// The incident is over: its child is resolved, follow-up required; its requester is told by the incident's own mail.
/// None when it is closed or resolved already.
pub fn resolve_child(child: &Case, incident: &Incident, policy: &Policy, now: DateTime<Utc>) -> Option<Decision> {
    if child.status.is_closed() || child.status == Status::Resolved || child.spam {
        return None;
    }
    let mut decision = Decision::unchanged(child);
    let cause = incident.cause.as_deref().unwrap_or_default();
    let why = format!("{} is over: {}", incident.number, shortened(cause));
    decision.move_to(Status::Resolved, &why, &Actor::Desk, now);
    decision.clocks.push(ClockChange::Clear(Clock::Review));
    decision.clocks.push(ClockChange::Clear(Clock::MniOver));
    decision.clocks.push(ClockChange::Set(Clock::ResolvedClose, closes_at(policy, now)));
    decision.case.last_public_at = Some(now);
    Some(decision)
}

/// When a resolved child is closed without objection.
pub fn closes_at(policy: &Policy, now: DateTime<Utc>) -> DateTime<Utc> {
    policy.hours.add_business_days(now, policy.resolved_close_business_days)
}

/// Makes a case a child. `is_parent`: it is the parent of an incident itself.
pub fn link(
    child: &Case,
    incident: &Incident,
    parent: &Case,
    by: &Actor,
    is_parent: bool,
    now: DateTime<Utc>,
) -> Result<Decision, Refusal> {
    let this = child.reference;
    if !incident.is_open() {
        return Err(refuse(format!("{} is over: nothing can be linked to it", incident.number)));
    }
    if is_parent || child.id == parent.id {
        return Err(refuse(format!("{this} is a parent itself: only cases of customers are linked")));
    }
    match child.incident {
        Some(other) if other == parent.id => {
            return Err(refuse(format!("{this} is linked to {} already", incident.number)));
        }
        Some(_) => {
            return Err(refuse(format!("{this} is linked to another incident: unlink it first (casepost mni unlink)")));
        }
        None => {}
    }
    if child.status.is_closed() || child.status == Status::Resolved {
        return Err(refuse(format!("{this} is {}: reopen it first (casepost case reopen {this})", child.status)));
    }
    if child.spam {
        return Err(refuse(format!("{this} is marked as spam")));
    }
    let mut decision = Decision::unchanged(child);
    decision.links.push(Link { from: child.id, to: parent.id, kind: LinkKind::ChildOf });
    decision.case.incident = Some(parent.id);
    decision.note(now, by, What::Linked { to: parent.id, kind: LinkKind::ChildOf });
    // What the customer was asked, or what it was parked for, waits for the incident now.
    if matches!(child.status, Status::AwaitingCustomer | Status::OnHold) {
        decision.move_to(Status::InProgress, &format!("part of {}", incident.number), by, now);
    }
    // Whoever manages the incident knows of it: nobody has to look at each of its cases.
    decision.clocks.push(ClockChange::Clear(Clock::Review));
    decision.clocks.push(ClockChange::Clear(Clock::Escalation));
    Ok(decision)
}

/// A case goes on alone.
pub fn unlink(
    child: &Case,
    incident: &Incident,
    staff: &str,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<Decision, Refusal> {
    let this = child.reference;
    if child.incident != Some(incident.case) {
        return Err(refuse(format!("{this} is not linked to {}", incident.number)));
    }
    let mut decision = Decision::unchanged(child);
    decision.case.incident = None;
    let actor = Actor::Staff(staff.to_owned());
    decision.note(now, &actor, What::Remark { text: format!("not linked to {} any more", incident.number) });
    // As a case of its own it is to be looked at, if nobody has.
    if child.reviewed_at.is_none() && !child.status.is_closed() {
        decision.ask_for_review(now, policy);
    }
    Ok(decision)
}

/// What staff can't do to a parent as to another case, and what to do instead.
pub fn may_do_to_parent(incident: &Incident, act: &Act<'_>) -> Result<(), Refusal> {
    let number = incident.number;
    let instead = match act {
        Act::Etr { tell: Tell::Nobody, .. } => "customers wait for that time: tell them".to_owned(),
        Act::Note { .. } | Act::Link { .. } | Act::Assign { to: Some(_) } | Act::Etr { .. } => return Ok(()),
        Act::Priority(Priority::P1G) => return Ok(()),
        Act::Assign { to: None } => format!("an incident has a manager: casepost mni assign {number} NAME"),
        Act::Reply { .. } | Act::Replied { .. } => {
            format!("nobody asked there: casepost mni update {number} (by mail: #update) tells all of its customers")
        }
        Act::Close { .. } | Act::Status { .. } | Act::Merge { .. } | Act::Spam => {
            format!("it ends with its incident: casepost mni close {number} (by mail: #close and the cause)")
        }
        Act::Priority(_) => format!("{number} is open: its priority is P1G"),
        Act::Reopen { .. } => "open a new incident: casepost mni open".to_owned(),
    };
    Err(refuse(format!("this is the parent case of {number}: {instead}")))
}

struct Acting<'a> {
    decision: Decision,
    incident: Incident,
    said: Option<Update>,
    actor: Actor,
    policy: &'a Policy,
    now: DateTime<Utc>,
}

impl<'a> Acting<'a> {
    fn of(
        case: &Case,
        incident: &Incident,
        staff: &str,
        desk: &'a ServiceDesk,
        now: DateTime<Utc>,
    ) -> Result<Acting<'a>, Refusal> {
        may_manage(desk, staff)?;
        if !incident.is_open() {
            return Err(refuse(format!("{} is over: open a new incident (casepost mni open)", incident.number)));
        }
        let decision = Decision::unchanged(case);
        let actor = Actor::Staff(staff.to_owned());
        Ok(Acting { decision, incident: incident.clone(), said: None, actor, policy: &desk.policy, now })
    }

    fn note(&mut self, what: What) {
        self.decision.note(self.now, &self.actor, what);
    }

    /// Says something to all. That is an update, whatever it says: the next one is due from here.
    fn post(&mut self, kind: UpdateKind, text: String) {
        self.incident.updates += 1;
        self.incident.updated_at = self.now;
        self.incident.missed = 0;
        self.incident.reminded_at = None;
        self.set_clock();
        let number = self.incident.number.to_string();
        self.note(What::Updated { incident: number, text: text.clone(), etr: self.incident.etr });
        self.decision.case.etr = self.incident.etr;
        self.decision.case.last_public_at = Some(self.now);
        self.said = Some(Update {
            number: self.incident.updates,
            kind,
            at: self.now,
            author: self.actor.to_string(),
            text,
            etr: self.incident.etr,
            next_update: self.incident.next_update,
        });
    }

    fn set_clock(&mut self) {
        self.decision.clocks.push(duty::schedule(&mut self.incident, self.policy));
    }

    fn done(self) -> Followed {
        Followed { decision: self.decision, incident: self.incident, said: self.said }
    }
}

fn may_be_manager(person: &StaffMember) -> Result<(), Refusal> {
    if person.may(Right::P1G) {
        return Ok(());
    }
    Err(refuse(format!(
        "{} can't be the incident manager: they need the right for it (may = [\"p1g\"] in the configuration)",
        person.address.display()
    )))
}

fn may_be_etr(etr: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Refusal> {
    match etr {
        Some(at) if at <= now => Err(refuse("that time is over: give one that is still to come, or none")),
        Some(at) if at - now > FURTHEST => Err(refuse("that is more than a year away: give a nearer time, or none")),
        etr => Ok(etr),
    }
}

/// Its first line, as far as a subject has room for it.
fn shortened(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    match line.char_indices().nth(TITLE_CHARS - 1) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line.to_owned(),
    }
}

fn refuse(why: impl Into<String>) -> Refusal {
    Refusal(why.into())
}
