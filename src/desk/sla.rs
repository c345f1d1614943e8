//! What a case's customer has been promised, and how it stands: first response, the next update, resolution.
//!
//! [`follow`] looks at a case as a decision has made it, at what was promised so far, and at the time; out comes how the
//! promises stand now, and what staff are to be told. It is asked at every commit, so nothing that happens to a case can be
//! overlooked, and asking twice changes nothing.
//!
//! - A *round* begins with the request, and anew with each reopening (with the promises of the policy as of then: the
//!   customer waits again). It ends with the closing, which settles all promises.
//! - The first response is met by the first public mail of one of the staff. From then on the next update is due, again and
//!   again from the last public mail; those that were missed while nobody looked are said once.
//! - An ETR stands in for the updates until it has come.
//! - While the policy pauses a case, the time that is left stays as it is, in the hours that count.
//! - A change request has promises of its own ([`super::macd`]), which take the place of these.
//! - Another priority reckons all open promises anew from their beginning (SERVICE rule 5).

mod promise;
mod reckon;
pub mod report;
mod tell;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use self::reckon::reckon;
use super::{
    case::{Case, Status},
    lifecycle::Entry,
    notice::Notice,
    policy::{Policy, sla::Terms},
};

pub use promise::{Promise, PromiseKind, Standing};
pub use reckon::Pause;

/// What is kept of a case's promises between two decisions.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ledger {
    /// rounds that have begun so far
    pub rounds: u32,
    /// when this round began; none before the first and after each
    pub round_at: Option<DateTime<Utc>>,
    /// the last public mail of staff that was seen here
    pub public_at: Option<DateTime<Utc>>,
    /// the estimated time of resolution that was seen here
    pub etr: Option<DateTime<Utc>>,
    /// since when the case is resolved, while it is
    pub resolved_at: Option<DateTime<Utc>>,
    /// since the round began, in order
    pub pauses: Vec<Pause>,
    /// the live ones
    pub promises: Vec<Promise>,
}

impl Ledger {
    pub fn is_paused(&self) -> bool {
        self.pauses.last().is_some_and(|pause| pause.to.is_none())
    }

    fn live(&mut self, kind: PromiseKind) -> Option<&mut Promise> {
        self.promises.iter_mut().find(|promise| promise.kind == kind && promise.is_live())
    }
}

/// How it stands after a decision.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// with the promises that have just ended
    pub ledger: Ledger,
    /// when to look again, even if nothing happens
    pub look_at: Option<DateTime<Utc>>,
    pub history: Vec<Entry>,
    pub notices: Vec<Notice>,
}

/// What a case is looked at with.
#[derive(Debug, Clone, Copy)]
pub struct Look<'a> {
    /// that of the requester's organisation
    pub arrangement: Option<&'a str>,
    /// the case is a change request, and not a declined one
    pub is_change: bool,
    /// the case is the parent of a major network incident, which has a duty of its own
    pub is_parent: bool,
    /// when the customers of the incident whose child it is were told something: an update of each
    pub told_at: &'a [DateTime<Utc>],
    /// the estimated time of resolution of that incident
    pub parent_etr: Option<DateTime<Utc>>,
    /// the mail that brought it about is too old for anybody to be told of it
    pub late: bool,
    pub now: DateTime<Utc>,
}

/// What follows for the promises from a case as it is now.
pub fn follow(ledger: &Ledger, case: &Case, look: &Look<'_>, policy: &Policy) -> Followed {
    let terms = policy.service_levels.terms(look.arrangement);
    let etr = case.etr.or(look.parent_etr);
    let mut desk = Following { ledger: ledger.clone(), case, etr, told_at: look.told_at, terms, policy, now: look.now };
    if case.status.is_closed() || case.spam {
        desk.settle();
    } else if look.is_change || look.is_parent {
        desk.leave();
    } else {
        desk.begin();
        desk.see_public_mail();
        desk.see_pause();
        desk.see_etr();
        desk.see_priority();
    }
    let told = if look.late { desk.fall_due_silently() } else { desk.fall_due() };
    let look_at = desk.look_at();
    let mut followed = Followed { ledger: desk.ledger, look_at, history: vec![], notices: vec![] };
    tell::tell(&mut followed, case, &told, policy, look.now);
    followed
}

/// What staff are to hear.
struct Tell {
    promise: Promise,
    breach: bool,
}

struct Following<'a> {
    ledger: Ledger,
    case: &'a Case,
    /// its own, or that of its incident
    etr: Option<DateTime<Utc>>,
    told_at: &'a [DateTime<Utc>],
    terms: &'a Terms,
    policy: &'a Policy,
    now: DateTime<Utc>,
}

impl Following<'_> {
    /// A closed case owes nothing: the closing keeps what it can keep, and drops the rest.
    fn settle(&mut self) {
        if self.ledger.round_at.is_none() {
            self.ledger.public_at = self.case.last_public_at;
            return;
        }
        let (now, paused) = (self.now, self.ledger.is_paused());
        let done = self.case.status == Status::Closed && !self.case.spam;
        // A mail that goes out with the closing answers the customer, too.
        let seen = self.ledger.public_at;
        let answered = self.case.last_public_at.filter(|at| seen.is_none_or(|seen| *at > seen));
        let resolved_at = self.ledger.resolved_at.unwrap_or(now);
        for promise in self.ledger.promises.iter_mut().filter(|promise| promise.is_live()) {
            match (promise.kind, answered) {
                (PromiseKind::Resolution, _) if done => promise.meet(resolved_at, paused),
                (PromiseKind::FirstResponse | PromiseKind::Update, Some(at)) => promise.meet(at, paused),
                _ => promise.end(now, paused),
            }
        }
        self.end_pause();
        self.ledger.public_at = self.case.last_public_at;
        self.ledger.round_at = None;
        self.ledger.etr = None;
        self.ledger.resolved_at = None;
    }

    /// What was promised by the priority is not waited for any more.
    fn leave(&mut self) {
        let (now, paused) = (self.now, self.ledger.is_paused());
        for promise in self.ledger.promises.iter_mut().filter(|promise| promise.is_live()) {
            promise.end(now, paused);
        }
    }

    fn begin(&mut self) {
        if self.ledger.round_at.is_some() {
            return;
        }
        let first = self.ledger.rounds == 0 && self.case.status != Status::Reopened;
        let round_at = if first { self.case.opened_at } else { self.now };
        self.ledger.rounds += 1;
        self.ledger.round_at = Some(round_at);
        self.ledger.pauses.clear();
        if self.is_to_pause() {
            self.ledger.pauses.push(Pause { from: round_at, to: None });
        }
        self.promise(PromiseKind::FirstResponse, round_at);
    }

    /// A person of the staff has written to the customer: they have their answer, and the next is due.
    fn see_public_mail(&mut self) {
        let seen = self.ledger.public_at;
        let mut news: Vec<DateTime<Utc>> = self.told_at.iter().copied().chain(self.case.last_public_at).collect();
        news.retain(|at| seen.is_none_or(|seen| *at > seen));
        news.sort_unstable();
        news.into_iter().for_each(|at| self.public_mail(at));
    }

    fn public_mail(&mut self, at: DateTime<Utc>) {
        let paused = self.ledger.is_paused();
        for kind in [PromiseKind::FirstResponse, PromiseKind::Update] {
            if let Some(promise) = self.ledger.live(kind) {
                promise.meet(at, paused);
            }
        }
        self.ledger.public_at = Some(at);
        if self.etr.is_none() {
            self.promise(PromiseKind::Update, at);
        }
    }

    fn see_pause(&mut self) {
        self.ledger.resolved_at = match (self.case.status, self.ledger.resolved_at) {
            (Status::Resolved, before) => before.or(Some(self.now)),
            _ => None,
        };
        match (self.ledger.is_paused(), self.is_to_pause()) {
            (false, true) => self.ledger.pauses.push(Pause { from: self.now, to: None }),
            (true, false) => {
                self.end_pause();
                self.reckon_anew(|_| true);
            }
            _ => {}
        }
    }

    fn is_to_pause(&self) -> bool {
        let levels = &self.policy.service_levels;
        levels.is_paused(self.case.status, self.case.at_supplier) || self.case.awaits_approval()
    }

    fn end_pause(&mut self) {
        if let Some(pause) = self.ledger.pauses.last_mut().filter(|pause| pause.to.is_none()) {
            pause.to = Some(self.now);
        }
    }

    fn see_etr(&mut self) {
        let (now, paused) = (self.now, self.ledger.is_paused());
        let before = std::mem::replace(&mut self.ledger.etr, self.etr);
        match (before, self.etr) {
            (_, Some(_)) => {
                if let Some(update) = self.ledger.live(PromiseKind::Update) {
                    update.end(now, paused);
                }
            }
            // It has come, or was taken back: the updates go on from there.
            (Some(etr), None) if self.ledger.live(PromiseKind::Update).is_none() => {
                self.promise(PromiseKind::Update, etr.min(now));
            }
            _ => {}
        }
    }

    fn see_priority(&mut self) {
        let priority = self.case.priority;
        self.reckon_anew(|promise| promise.priority != priority);
        let Some(round_at) = self.ledger.round_at else { return };
        if self.ledger.live(PromiseKind::Resolution).is_none() {
            self.promise(PromiseKind::Resolution, round_at);
        }
        let told_at = self.ledger.public_at.filter(|_| self.ledger.etr.is_none());
        if let Some(at) = told_at.filter(|_| self.ledger.live(PromiseKind::Update).is_none()) {
            self.promise(PromiseKind::Update, at.max(round_at));
        }
    }

    /// Promises something, if the policy does at this priority.
    fn promise(&mut self, kind: PromiseKind, started_at: DateTime<Utc>) {
        let priority = self.case.priority;
        let Some(promised) = self.terms.promised(kind, priority) else { return };
        let ahead = self.policy.service_levels.ahead(priority);
        let (due_at, warn_at) = reckon(promised, ahead, started_at, &self.ledger.pauses);
        self.ledger.promises.push(Promise {
            id: None,
            kind,
            priority,
            started_at,
            due_at,
            warn_at,
            warned_at: None,
            met_at: None,
            breached_at: None,
            ended_at: None,
        });
    }

    /// Reckons live promises again from their beginning, by the priority of now; what is not promised any more ends.
    fn reckon_anew(&mut self, which: impl Fn(&Promise) -> bool) {
        let (priority, now) = (self.case.priority, self.now);
        let ahead = self.policy.service_levels.ahead(priority);
        let pauses = self.ledger.pauses.clone();
        for promise in self.ledger.promises.iter_mut().filter(|promise| promise.is_live() && which(promise)) {
            let Some(promised) = self.terms.promised(promise.kind, priority) else {
                promise.ended_at = Some(now);
                continue;
            };
            (promise.due_at, promise.warn_at) = reckon(promised, ahead, promise.started_at, &pauses);
            if promise.priority != priority {
                // Another promise in the place of the old one. What was said of that one and holds for it, too, is not
                // said again.
                promise.priority = priority;
                promise.warned_at = promise.warned_at.filter(|_| promise.warn_at.is_some_and(|at| at <= now));
                promise.breached_at = promise.breached_at.filter(|_| promise.due_at <= now).map(|_| promise.due_at);
            }
        }
    }

    fn fall_due(&mut self) -> Vec<Tell> {
        let mut told = Vec::new();
        if self.ledger.is_paused() {
            return told;
        }
        let (now, resolved) = (self.now, self.ledger.resolved_at.is_some());
        let mut broken_update = None;
        for promise in self.ledger.promises.iter_mut().filter(|promise| promise.can_fall_due(resolved)) {
            if promise.due_at <= now {
                promise.breached_at = Some(promise.due_at);
                if promise.kind == PromiseKind::Update {
                    promise.ended_at = Some(now);
                    broken_update = Some(promise.due_at);
                }
                told.push(Tell { promise: promise.clone(), breach: true });
            } else if promise.warned_at.is_none() && promise.warn_at.is_some_and(|at| at <= now) {
                promise.warned_at = Some(now);
                told.push(Tell { promise: promise.clone(), breach: false });
            }
        }
        if let Some(due_at) = broken_update {
            self.promise_next_update(due_at);
        }
        told
    }

    /// The update after one that did not come. Those whose time is over as well were told with it.
    fn promise_next_update(&mut self, due_at: DateTime<Utc>) {
        let now = self.now;
        self.promise(PromiseKind::Update, due_at);
        let is_overtaken = |promise: &Promise| promise.due_at <= now || promise.warn_at.is_some_and(|at| at <= now);
        if self.ledger.live(PromiseKind::Update).is_some_and(|promise| is_overtaken(promise)) {
            self.ledger.promises.pop();
            self.promise(PromiseKind::Update, now);
        }
    }

    /// What a late mail brings is broken already, and nobody is told; what was promised before waits for its clock.
    fn fall_due_silently(&mut self) -> Vec<Tell> {
        let now = self.now;
        for promise in self.ledger.promises.iter_mut().filter(|p| p.id.is_none() && p.is_live() && p.due_at <= now) {
            promise.breached_at = Some(promise.due_at);
        }
        vec![]
    }

    fn look_at(&self) -> Option<DateTime<Utc>> {
        if self.ledger.is_paused() {
            return None;
        }
        let resolved = self.ledger.resolved_at.is_some();
        let open = self.ledger.promises.iter().filter(|promise| promise.can_fall_due(resolved));
        open.map(|promise| promise.warn_at.filter(|_| promise.warned_at.is_none()).unwrap_or(promise.due_at)).min()
    }
}
