//! Reasons for outage (RFO) and incident reports: who asked for one, by when it is due, what is said about it.
//!
//! | the case is | its priority | asked for, it is |
//! |---|---|---|
//! | open | whatever | kept until the case is resolved, and looked at then |
//! | resolved or closed | one of `[rfo] only` | due in `[rfo] within` from the request |
//! | resolved or closed | another one | not given; the answer says why |
//!
//! A case that is resolved starts the time of all that was kept. One that is reopened stops none of it: a date that was
//! named stays. One person gets one report of each kind, however often they ask.

mod document;
mod request;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde_json::json;

pub use document::{Facts, Preventive, Written, document};
pub use request::{Rfo, RfoKind, State};

use super::{
    case::{Actor, Case, Status},
    lifecycle::{Clock, ClockChange, Decision, Refusal, What, say_to_staff},
    notice::{Notice, NoticeKind, written},
    policy::Policy,
};
use crate::mail::address::Address;

/// What follows: a decision about the case, and the requests as they are to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    pub decision: Decision,
    pub rfos: Vec<Rfo>,
}

/// Somebody asks for a report.
#[derive(Debug, Clone)]
pub struct Asking<'a> {
    pub kind: RfoKind,
    pub person: &'a Address,
    /// The case was resolved or closed before: the mail that asks may have opened it again.
    pub resolved: bool,
    /// whoever asks, or writes down that somebody asked
    pub actor: Actor,
    /// the person is answered by mail
    pub answered: bool,
}

/// Is the matter over, as far as the customer was told?
pub fn is_resolved(status: Status) -> bool {
    matches!(status, Status::Resolved | Status::Closed | Status::ClosedNoResponse)
}

/// Somebody asks by mail, or by telephone through one of the staff. `known` are all requests of the case.
pub fn ask(case: &Case, known: &[Rfo], asking: &Asking<'_>, policy: &Policy, now: DateTime<Utc>) -> Followed {
    let mut following = Following::of(case, known, policy, now);
    let same = |rfo: &Rfo| rfo.kind == asking.kind && rfo.person.email == asking.person.email;
    let before = known.iter().find(|rfo| same(rfo));
    let words = asking.kind.in_words();
    match before.map(|rfo| rfo.state) {
        Some(State::Kept | State::Due) => {
            following.note(&asking.actor, format!("asks again for the {words}"));
            if let Some(rfo) = before.filter(|_| asking.answered) {
                following.say_recorded(rfo, false);
            }
        }
        Some(State::Sent) => following.note(&asking.actor, format!("asks again for the {words} that was sent")),
        Some(State::NotGiven | State::Cancelled) | None => {
            following.note(&asking.actor, format!("asks for an {words}, for {}", written(asking.person)));
            let fresh = Rfo {
                id: before.map_or(0, |rfo| rfo.id),
                case: case.id,
                kind: asking.kind,
                person: asking.person.clone(),
                state: State::Kept,
                asked_at: now,
                due: None,
                remind_at: None,
                reminded_at: None,
                overdue_at: None,
                settled_at: None,
            };
            let rfo = if asking.resolved { following.looked_at(fresh) } else { fresh };
            if asking.answered {
                following.answer(&rfo, false);
            }
            following.put(rfo);
        }
    }
    following.done()
}

/// Staff ask for somebody who telephoned: what the policy does not give is refused at once.
pub fn refuse_ask(case: &Case, policy: &Policy) -> Result<(), Refusal> {
    if is_resolved(case.status) && !is_given(case, policy) {
        let only = policy.rfo.only.iter().map(|p| p.as_str()).collect::<Vec<_>>().join(", ");
        return Err(Refusal(format!(
            "{} is {}, and the policy gives reports only for {only} ([rfo] only): send one without being asked \
             (casepost case rfo {0} send), or set the priority",
            case.reference, case.priority
        )));
    }
    Ok(())
}

/// The case has moved: once it is resolved, the time of what was kept begins. None when nothing follows.
pub fn case_moved(case: &Case, known: &[Rfo], policy: &Policy, now: DateTime<Utc>) -> Option<Followed> {
    if !is_resolved(case.status) || case.spam || !known.iter().any(|rfo| rfo.state == State::Kept) {
        return None;
    }
    let mut following = Following::of(case, known, policy, now);
    for rfo in known.iter().filter(|rfo| rfo.state == State::Kept) {
        let rfo = following.looked_at(rfo.clone());
        following.answer(&rfo, true);
        following.put(rfo);
    }
    Some(following.done())
}

/// Another case has become a duplicate of this one: who waited there waits here. `known` are the requests of this case,
/// `theirs` those of the duplicate.
pub fn take_over(main: &Case, known: &[Rfo], theirs: &[Rfo], policy: &Policy, now: DateTime<Utc>) -> Followed {
    let mut following = Following::of(main, known, policy, now);
    for rfo in theirs.iter().filter(|rfo| rfo.state.is_open()) {
        let waits_here = |other: &Rfo| other.kind == rfo.kind && other.person.email == rfo.person.email;
        if known.iter().any(waits_here) {
            following.changed.push(Rfo { state: State::Cancelled, settled_at: Some(now), ..rfo.clone() });
            continue;
        }
        let mut moved = Rfo { case: main.id, ..rfo.clone() };
        if moved.state == State::Kept && is_resolved(main.status) {
            moved = following.looked_at(moved);
            following.answer(&moved, true);
        }
        following.put(moved);
    }
    following.done()
}

/// The clock of a case's reports has run: whoever writes them is reminded, or told with the leads that it is overdue.
pub fn clock_ran(case: &Case, known: &[Rfo], drafted: bool, policy: &Policy, now: DateTime<Utc>) -> Followed {
    let mut following = Following::of(case, known, policy, now);
    let is_over = |at: Option<DateTime<Utc>>| at.is_some_and(|at| at <= now);
    for mut rfo in known.iter().filter(|rfo| rfo.state == State::Due).cloned() {
        if is_over(rfo.due) && rfo.overdue_at.is_none() {
            rfo.overdue_at = Some(now);
            following.note(&Actor::Desk, format!("the {} is overdue", rfo.kind.in_words()));
            following.tell_staff(&rfo, Urge::Overdue, drafted);
        } else if is_over(rfo.remind_at) && rfo.reminded_at.is_none() && !is_over(rfo.due) {
            rfo.reminded_at = Some(now);
            following.tell_staff(&rfo, Urge::Reminder, drafted);
        } else {
            continue;
        }
        following.put(rfo);
    }
    following.done()
}

/// Staff send the report to all who wait for one of this kind; where nobody does, to the requester of the case.
///
/// `data` is what the report says ([`document`]).
pub fn send(
    case: &Case,
    known: &[Rfo],
    kind: RfoKind,
    written_by: &str,
    data: &serde_json::Value,
    (policy, now): (&Policy, DateTime<Utc>),
) -> Result<Followed, Refusal> {
    let mut following = Following::of(case, known, policy, now);
    let mut people = Vec::new();
    for mut rfo in known.iter().filter(|rfo| rfo.kind == kind && rfo.state.is_open()).cloned() {
        people.push(rfo.person.clone());
        rfo.state = State::Sent;
        rfo.settled_at = Some(now);
        following.put(rfo);
    }
    if people.is_empty() {
        people.push(case.requester.clone());
    }
    if people.iter().any(|person| person.email.is_empty()) {
        return Err(Refusal(format!("{}: the request named no sender; nobody can be sent a report", case.reference)));
    }
    let to = people.iter().map(written).collect::<Vec<_>>().join(", ");
    following.note(&Actor::Staff(written_by.to_owned()), format!("sent the {} to {to}", kind.in_words()));
    for person in people {
        let person = reading(case, &person);
        let notice = Notice::by_staff_to(&person, NoticeKind::Rfo, case, data.clone());
        following.decision.notices.push(notice);
    }
    Ok(following.done())
}

/// Staff take back what was asked for.
pub fn cancel(
    case: &Case,
    known: &[Rfo],
    kind: RfoKind,
    staff: &str,
    (policy, now): (&Policy, DateTime<Utc>),
) -> Result<Followed, Refusal> {
    let mut following = Following::of(case, known, policy, now);
    let open: Vec<&Rfo> = known.iter().filter(|rfo| rfo.kind == kind && rfo.state.is_open()).collect();
    if open.is_empty() {
        return Err(Refusal(format!("{}: nobody waits for an {}", case.reference, kind.in_words())));
    }
    for rfo in open {
        following.put(Rfo { state: State::Cancelled, settled_at: Some(now), ..rfo.clone() });
    }
    following.note(&Actor::Staff(staff.to_owned()), format!("no {} will be sent", kind.in_words()));
    Ok(following.done())
}

fn is_given(case: &Case, policy: &Policy) -> bool {
    policy.rfo.only.contains(&case.priority)
}

/// Who asked, at the address where they read: the requester's may be another one than they asked from.
fn reading(case: &Case, person: &Address) -> Address {
    if person.email == case.requester.email { case.reply_to.clone() } else { person.clone() }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Urge {
    /// the time begins
    Begins,
    Reminder,
    Overdue,
}

struct Following<'a> {
    decision: Decision,
    /// all requests of the case, as they are to be
    all: Vec<Rfo>,
    changed: Vec<Rfo>,
    policy: &'a Policy,
    now: DateTime<Utc>,
}

impl<'a> Following<'a> {
    fn of(case: &Case, known: &[Rfo], policy: &'a Policy, now: DateTime<Utc>) -> Following<'a> {
        Following { decision: Decision::unchanged(case), all: known.to_vec(), changed: vec![], policy, now }
    }

    fn note(&mut self, actor: &Actor, text: String) {
        self.decision.note(self.now, actor, What::Remark { text });
    }

    fn put(&mut self, rfo: Rfo) {
        self.all.retain(|other| other.kind != rfo.kind || other.person.email != rfo.person.email);
        self.all.push(rfo.clone());
        self.changed.push(rfo);
    }

    /// The case is resolved: the time runs, or there is no report of such a case.
    fn looked_at(&self, rfo: Rfo) -> Rfo {
        if !is_given(&self.decision.case, self.policy) {
            return Rfo { state: State::NotGiven, settled_at: Some(self.now), ..rfo };
        }
        let after = |span| self.policy.after(span, self.now);
        let due = self.policy.rfo.within.map(after);
        let remind_at = self.policy.rfo.remind_after.map(after).filter(|at| due.is_some_and(|due| *at < due));
        Rfo { state: State::Due, due, remind_at, ..rfo }
    }

    fn answer(&mut self, rfo: &Rfo, begins: bool) {
        match rfo.state {
            State::NotGiven => self.say_not_given(rfo),
            _ => self.say_recorded(rfo, begins),
        }
        if rfo.state == State::Due {
            self.tell_staff(rfo, Urge::Begins, false);
        }
    }

    /// `begins`: the person knows already that it was recorded, and hears that its time begins.
    fn say_recorded(&mut self, rfo: &Rfo, begins: bool) {
        let due = rfo.due.map(|at| self.decision.say(at, self.policy));
        let data = json!({
            "incident_report": rfo.kind == RfoKind::IncidentReport,
            "kept": rfo.state == State::Kept,
            "timed": self.policy.rfo.within.is_some(),
            "begins": begins,
            "due": due,
        });
        self.say(rfo, NoticeKind::RfoRecorded, data);
    }

    fn say_not_given(&mut self, rfo: &Rfo) {
        let only: Vec<&str> = self.policy.rfo.only.iter().map(|priority| priority.as_str()).collect();
        let data = json!({ "incident_report": rfo.kind == RfoKind::IncidentReport, "only": only });
        self.say(rfo, NoticeKind::RfoNotGiven, data);
    }

    fn say(&mut self, rfo: &Rfo, kind: NoticeKind, data: serde_json::Value) {
        let person = reading(&self.decision.case, &rfo.person);
        self.decision.notices.push(Notice::automatic_to(&person, kind, &self.decision.case, data));
    }

    fn tell_staff(&mut self, rfo: &Rfo, urge: Urge, drafted: bool) {
        let data = json!({
            "kind": rfo.kind.in_words(),
            "person": written(&rfo.person),
            "due": rfo.due.map(|at| say_to_staff(at, self.policy)),
            "begins": urge == Urge::Begins,
            "overdue": urge == Urge::Overdue,
            "drafted": drafted,
        });
        let case = &self.decision.case;
        let mut notices = vec![Notice::to_staff(NoticeKind::StaffRfo, case, data.clone())];
        if urge == Urge::Overdue {
            notices.push(Notice::to_leads(NoticeKind::StaffRfo, case, data));
        }
        self.decision.notices.extend(notices);
    }

    /// The clock is set to what comes next of all requests.
    fn done(mut self) -> Followed {
        let next = |rfo: &Rfo| -> Option<DateTime<Utc>> {
            let reminder = rfo.remind_at.filter(|_| rfo.reminded_at.is_none() && rfo.overdue_at.is_none());
            let due = rfo.due.filter(|_| rfo.overdue_at.is_none());
            reminder.into_iter().chain(due).min()
        };
        let next = self.all.iter().filter(|rfo| rfo.state == State::Due).filter_map(next).min();
        self.decision.clocks.push(match next {
            Some(at) => ClockChange::Set(Clock::Rfo, at),
            None => ClockChange::Clear(Clock::Rfo),
        });
        Followed { decision: self.decision, rfos: self.changed }
    }
}
