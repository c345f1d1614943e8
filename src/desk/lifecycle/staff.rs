//! What the staff may do to a case, and what each act brings with it; each refusal says what to do instead.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Clock, ClockChange, Decision, Refusal, Reply, What, in_staff_words, mail::await_customer, reopen_until,
    reply_to_case,
};
use crate::{
    desk::{
        case::{Actor, Case, Link, LinkKind, Status},
        notice::{Notice, NoticeKind},
        policy::Policy,
        priority::Priority,
    },
    mail::address::Address,
};

/// Is the customer told by mail?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tell {
    Customer,
    Nobody,
}

/// What a reply does to the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// leaves it as it is
    Keep,
    /// the desk asked something: the no-response clock starts
    Await,
    /// the work is done; the customer is asked to confirm
    Resolve,
}

/// Are the requesters of two cases of one organisation?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requesters {
    /// the directory knows both, and they are
    Together,
    /// the directory knows both, and they are not
    Apart,
    /// the directory does not know both: their domains decide
    ByDomain,
}

#[derive(Debug, Clone)]
pub enum Act<'a> {
    Reply {
        text: &'a str,
        cc: &'a [Address],
        then: Then,
    },
    Note {
        text: &'a str,
    },
    Status {
        to: Status,
        until: Option<DateTime<Utc>>,
        text: Option<&'a str>,
        tell: Tell,
    },
    Priority(Priority),
    Assign {
        to: Option<&'a Address>,
    },
    Close {
        text: Option<&'a str>,
        tell: Tell,
    },
    Reopen {
        tell: Tell,
    },
    Spam,
    Merge {
        main: &'a Case,
        tell: Tell,
        requesters: Requesters,
    },
    Link {
        other: &'a Case,
    },
    /// the estimated time of resolution, or that there is none any more
    Etr {
        at: Option<DateTime<Utc>>,
        text: Option<&'a str>,
        tell: Tell,
    },
    /// They answered the customer from their own mail program, with the desk in copy: nothing is sent again.
    Replied {
        text: &'a str,
        cc: &'a [Address],
    },
}

pub(super) fn staff_acted(
    case: &Case,
    name: &str,
    act: &Act<'_>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<Decision, Refusal> {
    let mut desk = Acting { decision: Decision::unchanged(case), actor: Actor::Staff(name.to_owned()), policy, now };
    if !matches!(act, Act::Note { .. } | Act::Link { .. }) {
        desk.review();
    }
    match act {
        Act::Reply { text, cc, then } => desk.reply(case, text, cc, *then)?,
        Act::Note { text } => desk.note(What::Note { text: (*text).to_owned() }),
        Act::Status { to, until, text, tell } => desk.status(case, *to, *until, *text, *tell)?,
        Act::Priority(to) => desk.priority(case, *to),
        Act::Assign { to } => {
            desk.decision.case.assignee = to.map(|a| a.email.clone());
            desk.note(What::Assigned { to: to.map(|a| a.display().to_owned()), why: None });
        }
        Act::Close { text, tell } => desk.status(case, Status::Closed, None, *text, *tell)?,
        Act::Reopen { tell } => desk.reopen(case, *tell)?,
        Act::Spam => desk.spam(case)?,
        Act::Merge { main, tell, requesters } => desk.merge(case, main, *tell, *requesters)?,
        Act::Link { other } => desk.link(case, other)?,
        Act::Etr { at, text, tell } => desk.etr(case, *at, *text, *tell)?,
        Act::Replied { text, cc } => desk.replied(case, text, cc),
    }
    Ok(desk.decision)
}

struct Acting<'a> {
    decision: Decision,
    actor: Actor,
    policy: &'a Policy,
    now: DateTime<Utc>,
}

impl Acting<'_> {
    fn note(&mut self, what: What) {
        self.decision.note(self.now, &self.actor, what);
    }

    /// Whoever of the staff acts on a case has reviewed it.
    fn review(&mut self) {
        self.decision.case.reviewed_at = Some(self.now);
        self.decision.clocks.push(ClockChange::Clear(Clock::Review));
    }

    fn name(&self) -> String {
        self.actor.to_string()
    }

    fn tell_customer(&mut self, kind: NoticeKind, cc: &[Address], data: Value) {
        self.decision.case.last_public_at = Some(self.now);
        let notice = Notice::by_staff(kind, &self.decision.case, cc.to_vec(), data);
        self.decision.notices.push(notice);
    }

    fn reply(&mut self, case: &Case, text: &str, cc: &[Address], then: Then) -> Result<(), Refusal> {
        if text.trim().is_empty() {
            return Err(refuse("the reply is empty: give its text as a file or on standard input"));
        }
        if case.status == Status::Duplicate {
            return Err(refuse(format!("{} is a duplicate: reply on its main case", case.reference)));
        }
        if case.reply_to.email.is_empty() {
            return Err(refuse(format!("{}: the request named no sender; nobody can be answered", case.reference)));
        }
        if case.status.is_closed() && then != Then::Keep {
            return Err(closed(case));
        }
        self.note(What::Replied { text: text.to_owned() });
        // Whom staff put in Cc takes part from now on (SERVICE, participants).
        self.decision.participants = cc.to_vec();
        let staff_name = self.name();
        match then {
            Then::Keep => {
                self.tell_customer(NoticeKind::Reply, cc, json!({ "body": text, "staff_name": staff_name }));
                if case.status == Status::AwaitingCustomer {
                    await_customer(&mut self.decision, self.now, self.policy);
                }
            }
            Then::Await => self.ask(case, Some(text), cc),
            Then::Resolve => self.resolve(Some(text), cc),
        }
        Ok(())
    }

    /// Counts as a reply in everything but that the customer has it already.
    fn replied(&mut self, case: &Case, text: &str, cc: &[Address]) {
        self.note(What::Replied { text: text.to_owned() });
        self.decision.participants = cc.to_vec();
        self.decision.case.last_public_at = Some(self.now);
        if case.status == Status::AwaitingCustomer {
            await_customer(&mut self.decision, self.now, self.policy);
        }
    }

    fn ask(&mut self, case: &Case, text: Option<&str>, cc: &[Address]) {
        if case.status != Status::AwaitingCustomer {
            self.decision.move_to(Status::AwaitingCustomer, "the desk asked", &self.actor.clone(), self.now);
        }
        let warn_at = await_customer(&mut self.decision, self.now, self.policy);
        let data = json!({
            "body": text, "staff_name": self.name(), "warn_at": self.decision.say(warn_at, self.policy),
        });
        self.tell_customer(NoticeKind::Awaiting, cc, data);
    }

    fn resolve(&mut self, text: Option<&str>, cc: &[Address]) {
        let closes_at = self.start_resolved();
        let data = json!({
            "body": text, "staff_name": self.name(), "closes_at": self.decision.say(closes_at, self.policy),
        });
        self.tell_customer(NoticeKind::Resolved, cc, data);
    }

    fn start_resolved(&mut self) -> DateTime<Utc> {
        if self.decision.case.status != Status::Resolved {
            self.decision.move_to(Status::Resolved, "the work is done", &self.actor.clone(), self.now);
        }
        let closes_at = self.policy.hours.add_business_days(self.now, self.policy.resolved_close_business_days);
        self.decision.clocks.push(ClockChange::Set(Clock::ResolvedClose, closes_at));
        closes_at
    }

    fn status(
        &mut self,
        case: &Case,
        to: Status,
        until: Option<DateTime<Utc>>,
        text: Option<&str>,
        tell: Tell,
    ) -> Result<(), Refusal> {
        may_move(case, to, until, self.now)?;
        match (to, tell) {
            (Status::AwaitingCustomer, Tell::Customer) => self.ask(case, text, &[]),
            (Status::AwaitingCustomer, Tell::Nobody) => {
                self.decision.move_to(to, "set by staff", &self.actor.clone(), self.now);
                // Nobody is asked now: what was last said to the customer is what they have to answer.
                let asked_at = case.last_public_at.unwrap_or(self.now);
                await_customer(&mut self.decision, asked_at, self.policy);
            }
            (Status::Resolved, Tell::Customer) => self.resolve(text, &[]),
            (Status::Resolved, Tell::Nobody) => {
                self.start_resolved();
            }
            _ => {
                self.decision.move_to(to, "set by staff", &self.actor.clone(), self.now);
                if let (Status::OnHold, Some(until)) = (to, until) {
                    self.decision.case.hold_until = Some(until);
                    self.decision.clocks.push(ClockChange::Set(Clock::HoldEnd, until));
                }
                if tell == Tell::Customer {
                    self.tell_of_status(to, until, text);
                }
            }
        }
        Ok(())
    }

    fn tell_of_status(&mut self, to: Status, until: Option<DateTime<Utc>>, text: Option<&str>) {
        let say = |at: DateTime<Utc>| self.decision.say(at, self.policy);
        let reopen = self.decision.case.closed_at.map(|at| say(reopen_until(at, self.policy)));
        match to {
            Status::Closed => {
                let data = json!({ "body": text, "reopen_until": reopen });
                self.tell_customer(NoticeKind::Closed, &[], data);
            }
            Status::ClosedNoResponse => {
                let reopen = reopen.filter(|_| !self.policy.closed_no_response_links);
                self.tell_customer(NoticeKind::ClosedNoResponse, &[], json!({ "reopen_until": reopen }));
            }
            _ => {
                let data = json!({ "body": text, "until": until.map(say) });
                self.tell_customer(NoticeKind::Status, &[], data);
            }
        }
    }

    fn priority(&mut self, case: &Case, to: Priority) {
        // Setting the priority that it has is a review, too: somebody looked and agreed.
        self.decision.case.priority = to;
        self.note(What::Priority { from: case.priority, to });
    }

    fn etr(&mut self, case: &Case, at: Option<DateTime<Utc>>, text: Option<&str>, tell: Tell) -> Result<(), Refusal> {
        if case.status.is_closed() {
            return Err(closed(case));
        }
        if tell == Tell::Customer && case.reply_to.email.is_empty() {
            return Err(refuse(format!("{}: the request named no sender; nobody can be told a time", case.reference)));
        }
        let text = text.map(str::trim).filter(|text| !text.is_empty());
        let told = match at {
            Some(at) if at <= self.now => {
                return Err(refuse("that time is over: give one that is still to come, or none"));
            }
            Some(at) => {
                self.decision.clocks.push(ClockChange::Set(Clock::Etr, at));
                format!("estimated time of resolution: {}", in_staff_words(at, self.policy))
            }
            None if case.etr.is_none() => {
                return Err(refuse(format!(
                    "{} has no estimated time of resolution that could be taken back",
                    case.reference
                )));
            }
            None => {
                self.decision.clocks.push(ClockChange::Clear(Clock::Etr));
                "the estimated time of resolution is taken back".to_owned()
            }
        };
        self.decision.case.etr = at;
        self.note(What::Remark { text: told });
        let data = json!({ "etr": at.map(|at| self.decision.say(at, self.policy)), "body": text });
        if tell == Tell::Customer {
            self.tell_customer(NoticeKind::Etr, &[], data);
        }
        Ok(())
    }

    fn reopen(&mut self, case: &Case, tell: Tell) -> Result<(), Refusal> {
        match (case.status, reply_to_case(case, self.now, false, self.policy)) {
            (Status::Duplicate, _) => {
                return Err(refuse(format!("{} is a duplicate: its main case goes on", case.reference)));
            }
            (_, Reply::Reopens) => {}
            (_, Reply::OpensLinked | Reply::RecordedOnly) => {
                return Err(refuse(format!(
                    "{} can't be reopened any more: a new case is opened and linked to it",
                    case.reference
                )));
            }
            (_, Reply::Joins) => return Err(refuse(format!("{} is open ({})", case.reference, case.status))),
        }
        let closed_at = case.closed_at.map(|at| self.decision.say(at, self.policy));
        self.decision.move_to(Status::Reopened, "the customer asked for it", &self.actor.clone(), self.now);
        self.decision.ask_for_review(self.now, self.policy);
        if tell == Tell::Customer {
            let data = json!({ "closed_at": closed_at, "by_customer": false, "by_other": false });
            self.decision.notices.push(Notice::automatic(NoticeKind::Reopened, &self.decision.case, data));
        }
        Ok(())
    }

    fn spam(&mut self, case: &Case) -> Result<(), Refusal> {
        if !case.status.is_closed() {
            self.decision.move_to(Status::Closed, "spam", &self.actor.clone(), self.now);
        }
        self.decision.case.spam = true;
        self.note(What::Remark { text: "marked as spam; the sender gets no automatic mail".to_owned() });
        Ok(())
    }

    fn merge(&mut self, case: &Case, main: &Case, tell: Tell, requesters: Requesters) -> Result<(), Refusal> {
        let (this, that) = (case.reference, main.reference);
        if case.id == main.id {
            return Err(refuse(format!("{this} can't be merged into itself")));
        }
        if case.status == Status::Duplicate {
            return Err(refuse(format!("{this} is a duplicate already")));
        }
        if main.status == Status::Duplicate {
            return Err(refuse(format!("{that} is itself a duplicate: merge {this} into its main case")));
        }
        if main.status.is_closed() {
            return Err(refuse(format!("{that} is closed: reopen it first, a main case goes on")));
        }
        let together = match requesters {
            Requesters::Together => true,
            Requesters::Apart => false,
            Requesters::ByDomain => case.same_organisation(main, self.policy),
        };
        if !together {
            return Err(refuse(format!(
                "{this} and {that} belong to different organisations: link them instead (casepost case link), \
                 a merge would let each read the other's case"
            )));
        }
        self.decision.move_to(Status::Duplicate, &format!("duplicate of {that}"), &self.actor.clone(), self.now);
        self.decision.case.duplicate_of = Some(main.id);
        self.decision.links.push(Link { from: case.id, to: main.id, kind: LinkKind::DuplicateOf });
        self.note(What::Linked { to: main.id, kind: LinkKind::DuplicateOf });
        if tell == Tell::Customer {
            let data = json!({ "main_reference": that.to_string(), "main_subject": main.subject });
            self.decision.notices.push(Notice::automatic(NoticeKind::Merged, &self.decision.case, data));
        }
        Ok(())
    }

    fn link(&mut self, case: &Case, other: &Case) -> Result<(), Refusal> {
        if case.id == other.id {
            return Err(refuse(format!("{} can't be linked to itself", case.reference)));
        }
        self.decision.links.push(Link { from: case.id, to: other.id, kind: LinkKind::Related });
        self.note(What::Linked { to: other.id, kind: LinkKind::Related });
        Ok(())
    }
}

fn may_move(case: &Case, to: Status, until: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<(), Refusal> {
    let this = case.reference;
    if case.status.is_closed() {
        return Err(closed(case));
    }
    match (to, until) {
        (to, _) if to == case.status && to != Status::OnHold => Err(refuse(format!("{this} is {to} already"))),
        (Status::New, _) => Err(refuse("new is where a case begins; use in-progress")),
        (Status::Reopened, _) => Err(refuse(format!("{this} is open; only a closed case can be reopened"))),
        (Status::Duplicate, _) => Err(refuse("say of which case it is a duplicate: casepost case merge")),
        (Status::ClosedNoResponse, _) if case.status != Status::AwaitingCustomer => {
            Err(refuse(format!("{this} is {}, not awaiting the customer: use closed", case.status)))
        }
        (Status::OnHold, None) => Err(refuse("on hold needs the time until which (--until)")),
        (Status::OnHold, Some(until)) if until <= now => Err(refuse("the time on hold lies in the past (--until)")),
        (Status::OnHold, Some(_)) | (_, None) => Ok(()),
        (_, Some(_)) => Err(refuse("only on-hold takes a time (--until)")),
    }
}

fn closed(case: &Case) -> Refusal {
    refuse(format!("{} is {}: reopen it first (casepost case reopen {0})", case.reference, case.status))
}

fn refuse(why: impl Into<String>) -> Refusal {
    Refusal(why.into())
}
