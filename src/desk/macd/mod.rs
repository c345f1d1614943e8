//! Change requests (SERVICE.md, MACD: move, add, change, delete): who has to approve them, what is promised, what they
//! cost.
//!
//! | asked by | what follows |
//! |---|---|
//! | a main point of contact, standard, and it is sure that they wrote | counts as approved |
//! | a main point of contact, expedited (it costs extra), or nobody vouches for the mail | they are asked to confirm it |
//! | anybody else | the main points of contact are asked, each in a mail of their own |
//!
//! Until then the case awaits the customer, no promise runs, and no work is billed. The promises count from the approval:
//! a standard one from within the extended hours, an expedited one at once.

mod answer;
mod ask;
mod clock;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    case::CaseId,
    cues::{Asked, Request},
    lifecycle::Clock,
    money::Money,
    policy::{
        Policy, Span,
        macd::{Macd as Rules, Promise},
    },
};
use crate::mail::{address::Address, extract::FieldName};

pub use answer::{Answer, Answered, answer_by_mail, answer_by_staff, answer_in, keep_waiting};
pub use ask::{Asking, ByStaff, ask_by_mail, ask_by_staff};
pub use clock::{clock_ran, delay};

/// What is to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    Move,
    Add,
    Change,
    Delete,
}

impl ChangeKind {
    pub const ALL: [ChangeKind; 4] = [ChangeKind::Move, ChangeKind::Add, ChangeKind::Change, ChangeKind::Delete];

    pub fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Move => "move",
            ChangeKind::Add => "add",
            ChangeKind::Change => "change",
            ChangeKind::Delete => "delete",
        }
    }
}

/// How fast it is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Standard,
    /// for an additional fee
    Expedited,
}

impl Class {
    pub const ALL: [Class; 2] = [Class::Standard, Class::Expedited];

    pub fn as_str(self) -> &'static str {
        match self {
            Class::Standard => "standard",
            Class::Expedited => "expedited",
        }
    }

    fn promise(self, rules: &Rules) -> Promise {
        match self {
            Class::Standard => rules.standard,
            Class::Expedited => rules.expedited,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// nobody who may has approved it: nothing is worked
    Waiting,
    Approved,
    Declined,
}

impl State {
    pub const ALL: [State; 3] = [State::Waiting, State::Approved, State::Declined];

    pub fn as_str(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Approved => "approved",
            State::Declined => "declined",
        }
    }
}

/// The change request that a case is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Macd {
    pub case: CaseId,
    pub kind: Option<ChangeKind>,
    pub class: Class,
    pub state: State,
    pub requested_at: DateTime<Utc>,
    /// who asked; the case may be the main point of contact's
    pub requested_by: Address,
    /// what staff think it takes
    pub estimate_minutes: Option<u32>,
    /// when the approval mails that count were decided: a yes to earlier ones agrees to something else
    pub asked_at: Option<DateTime<Utc>>,
    pub decided_at: Option<DateTime<Utc>>,
    /// who approved or declined it
    pub decided_by: Option<String>,
    /// when the first response and the completion are promised; none while it waits
    pub respond_by: Option<DateTime<Utc>>,
    pub done_by: Option<DateTime<Utc>>,
}

/// The change that a mail asks for, and how fast; none when it asks for none or tells of a trouble: a trouble is not to
/// wait for an approval.
pub fn heard(asked: &Asked) -> Option<(ChangeKind, Class)> {
    if asked.hears(Request::Incident) || asked.fields.has(FieldName::Impact) || asked.hears(Request::OwnPlannedWorks) {
        return None;
    }
    let kind = [
        (Request::Move, ChangeKind::Move),
        (Request::Add, ChangeKind::Add),
        (Request::Delete, ChangeKind::Delete),
        (Request::Change, ChangeKind::Change),
    ];
    let (_, kind) = kind.into_iter().find(|(request, _)| asked.hears(*request))?;
    let expedited = asked.fields.of(FieldName::ChangeSpeed).any(|found| found.value == Class::Expedited.as_str());
    Some((kind, if expedited { Class::Expedited } else { Class::Standard }))
}

impl Macd {
    /// When the promises of a request that is approved at this time count from, and end.
    fn promise(&mut self, approved_at: DateTime<Utc>, policy: &Policy) {
        let rules = &policy.macd;
        let hours = &rules.extended_hours;
        let from = match self.class {
            Class::Standard => hours.next_opening(approved_at),
            Class::Expedited => approved_at,
        };
        let end = |span| match span {
            Span::Time(time) => from + time,
            Span::BusinessDays(days) => hours.add_business_days(from, days),
        };
        let promise = self.class.promise(rules);
        self.respond_by = Some(end(promise.respond));
        self.done_by = Some(end(promise.done));
    }

    /// The end of the promise that a clock watches.
    fn due(&self, clock: Clock) -> Option<DateTime<Utc>> {
        match clock {
            Clock::MacdResponse => self.respond_by,
            Clock::MacdDone => self.done_by,
            _ => None,
        }
    }

    /// What the customer is told of it: which change, which class, and what it costs. Sums, names and flags: the words
    /// are the template's.
    fn told(&self, policy: &Policy) -> Value {
        let price = policy.macd.price_per_hour.as_ref();
        let estimate = self.estimate_minutes.map(|minutes| super::work_time::billed(minutes, policy.macd.step_minutes));
        let is = |kind: ChangeKind| self.kind == Some(kind);
        json!({
            "is_move": is(ChangeKind::Move),
            "is_add": is(ChangeKind::Add),
            "is_delete": is(ChangeKind::Delete),
            "expedited": self.class == Class::Expedited,
            "price_per_hour": price.map(Money::in_words),
            "step_minutes": policy.macd.step_minutes.to_string(),
            "estimated_minutes": estimate.map(|minutes| minutes.to_string()),
            "estimated_price": estimate.zip(price).map(|(minutes, price)| price.for_minutes(minutes).in_words()),
        })
    }
}

/// Two objects as one; what the second has counts.
fn merged(mut one: Value, other: Value) -> Value {
    if let (Value::Object(one), Value::Object(other)) = (&mut one, other) {
        one.extend(other);
    }
    one
}
