//! The case's life as one pure state machine: an event and a case in, a [`Decision`] out.
//!
//! | status | a participant's mail makes it | the clock that runs |
//! |---|---|---|
//! | new | new | review |
//! | in-progress | in-progress | |
//! | awaiting-customer | in-progress | no-response warning, then no-response closing |
//! | on-hold | in-progress | end of hold |
//! | shipping | shipping | |
//! | resolved | in-progress; a confirmation: closed | closing of resolved |
//! | reopened | reopened | review |
//! | duplicate | the mail goes to the main case | |
//! | closed-no-response, closed | seven days: reopened; later: a new linked case | |
//!
//! The review clock belongs to the review, not to the status: it runs until one of the staff has acted on the case.

mod asked;
mod clock;
mod mail;
mod opening;
mod staff;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    case::{Actor, Case, CaseId, Link, LinkKind, Status},
    hours::{self, Zone},
    incident::UpdateKind,
    notice::{Notice, NoticeKind},
    policy::Policy,
    priority::Priority,
};
use crate::mail::{address::Address, wording};

pub use asked::{AskedNote, named as named_fields, tell_asked};
pub use clock::is_overtaken;
pub use mail::{CustomerMail, Reply, customer_wrote_notice, mark, reply_to_case};
pub use opening::{Channel, EndUser, Opening, open};
pub use staff::{Act, Requesters, Tell, Then};

/// What can happen to a case that exists.
#[derive(Debug, Clone)]
pub enum Event<'a> {
    /// A person's mail that belongs to the case and may move it.
    CustomerWrote(&'a CustomerMail<'a>),
    /// A time that was set has come.
    ClockRan(Clock),
    /// One of the staff did something.
    Staff { name: &'a str, act: &'a Act<'a> },
    /// The mail server took a notice of this case.
    Accepted { kind: NoticeKind, decided_at: DateTime<Utc> },
    /// A notice of this case will not arrive: refused for good, given up, or it bounced.
    /// `number` is that in the outbox, where it can be tried again.
    NotDelivered { kind: NoticeKind, number: Option<i64>, recipient: &'a str, reason: &'a str },
}

/// The clocks that a case can have; each runs at most once per setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clock {
    Review,
    NoResponseWarning,
    NoResponseClose,
    HoldEnd,
    ResolvedClose,
    /// of a change request: the first response, and the completion
    MacdResponse,
    MacdDone,
    /// the next thing that falls due of what was promised
    Promises,
    /// the estimated time of resolution
    Etr,
    /// the case is so old that it goes up a level
    Escalation,
    /// the reasons for outage and incident reports of a case: reminders and what is overdue
    Rfo,
    /// a manager is to call the customer back
    CallBack,
    /// the tasks of a case's action plan: reminders and what is overdue
    Plan,
    /// of the parent of a major network incident: the next update to its customers
    MniUpdate,
    /// of such a parent: cases that may belong to it are shown to staff
    MniProposed,
    /// of a child: its incident is over, so it is resolved
    MniOver,
}

impl Clock {
    pub const ALL: [Clock; 16] = [
        Clock::Review,
        Clock::NoResponseWarning,
        Clock::NoResponseClose,
        Clock::HoldEnd,
        Clock::ResolvedClose,
        Clock::MacdResponse,
        Clock::MacdDone,
        Clock::Promises,
        Clock::Etr,
        Clock::Escalation,
        Clock::Rfo,
        Clock::CallBack,
        Clock::Plan,
        Clock::MniUpdate,
        Clock::MniProposed,
        Clock::MniOver,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Clock::Review => "review",
            Clock::NoResponseWarning => "no-response-warning",
            Clock::NoResponseClose => "no-response-close",
            Clock::HoldEnd => "hold-end",
            Clock::ResolvedClose => "resolved-close",
            Clock::MacdResponse => "change-response",
            Clock::MacdDone => "change-done",
            Clock::Promises => "promises",
            Clock::Etr => "etr",
            Clock::Escalation => "escalation",
            Clock::Rfo => "rfo",
            Clock::CallBack => "call-back",
            Clock::Plan => "plan",
            Clock::MniUpdate => "mni-update",
            Clock::MniProposed => "mni-proposed",
            Clock::MniOver => "mni-over",
        }
    }

    pub fn parse(text: &str) -> Option<Clock> {
        Clock::ALL.into_iter().find(|c| c.as_str() == text)
    }

    /// Does this clock end something because the customer was silent? Then it must not run while mail that may hold
    /// their answer is still unread.
    pub fn waits_for_mail(self) -> bool {
        matches!(self, Clock::NoResponseWarning | Clock::NoResponseClose | Clock::ResolvedClose)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockChange {
    Set(Clock, DateTime<Utc>),
    Clear(Clock),
}

/// One line of a case's history: written once, never changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub at: DateTime<Utc>,
    pub actor: Actor,
    pub what: What,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum What {
    Opened {
        by: String,
    },
    Wrote {
        standing: String,
    },
    Status {
        from: Status,
        to: Status,
        why: String,
    },
    Priority {
        from: Priority,
        to: Priority,
    },
    Assigned {
        to: Option<String>,
        why: Option<String>,
    },
    Note {
        text: String,
    },
    Replied {
        text: String,
    },
    Linked {
        to: CaseId,
        kind: LinkKind,
    },
    ClockRan {
        clock: Clock,
    },
    Warned {
        closes_at: DateTime<Utc>,
    },
    NotDelivered {
        notice: String,
        recipient: String,
        reason: String,
    },
    Recorded {
        kind: String,
        why: String,
    },
    Remark {
        text: String,
    },
    Escalated {
        from: u8,
        to: u8,
        title: String,
        why: String,
    },
    /// all customers of a major network incident were told this: on its parent and on each of its children
    Updated {
        incident: String,
        /// histories of earlier versions don't say it
        #[serde(default)]
        kind: UpdateKind,
        text: String,
        etr: Option<DateTime<Utc>>,
    },
}

/// What the desk decides about one event on one case. Nothing has happened yet: the store makes it so.
#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    /// the case as it is to be
    pub case: Case,
    pub history: Vec<Entry>,
    pub clocks: Vec<ClockChange>,
    pub notices: Vec<Notice>,
    pub links: Vec<Link>,
    /// people who take part from now on
    pub participants: Vec<Address>,
}

/// Why a person's command can't be carried out, and what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refusal(pub String);

/// Decides what follows from an event. Only [`Event::Staff`] can be refused; for the rest "nothing follows" is a
/// decision without changes.
pub fn decide(case: &Case, event: &Event<'_>, policy: &Policy, now: DateTime<Utc>) -> Result<Decision, Refusal> {
    match event {
        Event::CustomerWrote(mail) => Ok(mail::customer_wrote(case, mail, policy, now)),
        Event::ClockRan(clock) => Ok(clock::clock_ran(case, *clock, policy, now)),
        Event::Staff { name, act } => staff::staff_acted(case, name, act, policy, now),
        Event::Accepted { kind, decided_at } => Ok(clock::accepted(case, *kind, *decided_at, policy, now)),
        Event::NotDelivered { kind, number, recipient, reason } => {
            Ok(clock::not_delivered(case, *kind, *number, recipient, reason, now))
        }
    }
}

impl Decision {
    /// Nothing follows, so far.
    pub fn unchanged(case: &Case) -> Decision {
        Decision {
            case: case.clone(),
            history: vec![],
            clocks: vec![],
            notices: vec![],
            links: vec![],
            participants: vec![],
        }
    }

    pub(in crate::desk) fn note(&mut self, now: DateTime<Utc>, actor: &Actor, what: What) {
        self.history.push(Entry { at: now, actor: actor.clone(), what });
    }

    /// Moves the case, stops the clocks of the status that it leaves, and writes the history line.
    pub(in crate::desk) fn move_to(&mut self, to: Status, why: &str, actor: &Actor, now: DateTime<Utc>) {
        let from = self.case.status;
        self.stop_clocks_of(from);
        self.case.status = to;
        self.case.hold_until = None;
        if to.is_closed() {
            // The seven days are counted in whole seconds, as the mail server's times are.
            self.case.closed_at = Some(whole_seconds(now));
            self.clocks.push(ClockChange::Clear(Clock::Review));
            if self.case.etr.take().is_some() {
                self.clocks.push(ClockChange::Clear(Clock::Etr));
            }
            self.clocks.push(ClockChange::Clear(Clock::Escalation));
        } else {
            self.case.closed_at = None;
        }
        self.note(now, actor, What::Status { from, to, why: why.to_owned() });
    }

    fn stop_clocks_of(&mut self, status: Status) {
        let clocks: &[Clock] = match status {
            Status::AwaitingCustomer => &[Clock::NoResponseWarning, Clock::NoResponseClose],
            Status::OnHold => &[Clock::HoldEnd],
            Status::Resolved => &[Clock::ResolvedClose],
            _ => &[],
        };
        self.clocks.extend(clocks.iter().map(|c| ClockChange::Clear(*c)));
    }

    /// Shows the case to staff for review and starts the review's own clock (24×7).
    pub(in crate::desk) fn ask_for_review(&mut self, from: DateTime<Utc>, policy: &Policy) {
        self.case.reviewed_at = None;
        self.clocks.push(ClockChange::Set(Clock::Review, from + policy.review_after));
    }

    /// A time for a notice about the case, in the customer's zone.
    pub(in crate::desk) fn say(&self, at: DateTime<Utc>, policy: &Policy) -> Value {
        wording::time(at, &self.case.zone(policy))
    }

    /// A line that staff are to see in the mail about this.
    pub fn mark_for_staff(&mut self, mark: String) {
        let about = |kind| matches!(kind, NoticeKind::StaffNewCase | NoticeKind::StaffCustomerWrote);
        for notice in self.notices.iter_mut().filter(|notice| about(notice.kind)) {
            if let Some(Value::Array(marks)) = notice.data.get_mut("marks") {
                marks.push(mark.as_str().into());
            }
        }
    }
}

/// Until when a reply reopens a case that was closed at `closed_at` (SERVICE rule 3).
pub fn reopen_until(closed_at: DateTime<Utc>, policy: &Policy) -> DateTime<Utc> {
    whole_seconds(closed_at) + policy.reopen_within
}

/// A time as staff read it: in the desk's own zone.
pub fn say_to_staff(at: DateTime<Utc>, policy: &Policy) -> Value {
    wording::time(at, &Zone::Named(policy.zone))
}

/// The same within an English sentence for staff.
pub fn in_staff_words(at: DateTime<Utc>, policy: &Policy) -> String {
    hours::say(at, &Zone::Named(policy.zone))
}

fn whole_seconds(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)
}
