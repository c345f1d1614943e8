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
//! | withdrawn | closed, with the reason; who was told of it is told so | each goes on alone |
//! | a child is unlinked | | goes on alone, with the promises of its own |
//!
//! What is said to many is said once: the daemon turns it into one mail for each person. Nobody is shown another
//! organisation's name or reference: what all are told is only what staff wrote.

mod act;
mod child;
mod duty;
pub mod matching;
mod notices;
mod number;
mod scope;
#[cfg(test)]
mod tests;
mod update;

pub use act::{Begin, Say, close, hand_over, open, update, withdraw};
pub use child::{closes_at, free, link, resolve_child, unlink};
use chrono::{DateTime, Utc};
pub use duty::clock_ran;
pub use notices::{OneReader, known, linked, posted, proposed, told_to_all, told_to_one, unlinked, wrote_on_child};
pub use number::{IncidentNumber, NotAnIncident};
pub use scope::{Scope, ScopeError};
pub use update::{Update, UpdateKind};

use super::{
    case::CaseId,
    directory::mention::Public,
    lifecycle::{Act, Decision, Refusal, Tell},
    priority::{Priority, may_set},
    reference::Reference,
    service_desk::ServiceDesk,
    staff_member::Right,
};

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
    /// why it was withdrawn, if it was opened by mistake
    pub withdrawn: Option<String>,
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

/// What follows: a decision about the parent, the incident as it is to be, and what all are told.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    pub decision: Decision,
    pub incident: Incident,
    /// posted on the parent, and said to all
    pub said: Option<Update>,
}

/// What everybody reads of it from now on.
pub fn public_texts(followed: &Followed) -> Vec<Public<'_>> {
    let Some(said) = &followed.said else { return vec![] };
    let (what, incident) = match said.kind {
        UpdateKind::Opened => ("the text", Some(&followed.incident)),
        UpdateKind::Update => ("the update", None),
        UpdateKind::Closed => ("the cause", None),
        UpdateKind::Withdrawn => ("the reason", None),
    };
    let mut texts = vec![];
    texts.extend(
        incident.iter().flat_map(|new| [("the impact", new.impact.as_str()), ("the title", new.title.as_str())]),
    );
    texts.push((what, said.text.as_str()));
    texts
}

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

/// One that is opened a second time would tell its customers twice of one fault.
pub fn may_open_beside(open: &Incident, parent: Reference, scope: &Scope) -> Result<(), Refusal> {
    if !open.scope.overlaps(scope) {
        return Ok(());
    }
    let number = open.number;
    Err(refuse(format!(
        "{number} is open on {}: tell its customers (casepost mni update {number}), link cases to it (casepost mni link \
         {number} CASE; by mail, in a reply of the case: #link {parent}), or open another all the same (casepost mni open \
         … --again)",
        open.scope
    )))
}

/// Longer texts are no titles.
const TITLE_CHARS: usize = 120;

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
