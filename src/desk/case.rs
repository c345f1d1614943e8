//! A case: one matter with one reference, from the first mail to its closing.
//!
//! SERVICE words: customers say "ticket". A case is only ever changed by a [`Decision`](super::lifecycle::Decision).

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{hours::Zone, policy::Policy, priority::Priority, reference::Reference};
use crate::mail::{address::Address, wording};

/// Which case in the store; people use its [`Reference`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CaseId(pub i64);

/// Where a case stands. The table of what a customer's mail makes of each is in [`lifecycle`](super::lifecycle).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// nobody of the staff has taken it yet
    New,
    InProgress,
    /// the desk asked the customer something; the no-response clock runs
    AwaitingCustomer,
    /// open, but parked until a stated time
    OnHold,
    /// hardware is on its way to the customer
    Shipping,
    /// resolved, follow-up required: waiting for the customer to confirm
    Resolved,
    /// it was closed; the customer came back
    Reopened,
    /// closed; the main case goes on
    Duplicate,
    ClosedNoResponse,
    Closed,
}

impl Status {
    pub const ALL: [Status; 10] = [
        Status::New,
        Status::InProgress,
        Status::AwaitingCustomer,
        Status::OnHold,
        Status::Shipping,
        Status::Resolved,
        Status::Reopened,
        Status::Duplicate,
        Status::ClosedNoResponse,
        Status::Closed,
    ];

    pub fn is_closed(self) -> bool {
        matches!(self, Status::Duplicate | Status::ClosedNoResponse | Status::Closed)
    }

    /// The name in commands, in the store and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::New => "new",
            Status::InProgress => "in-progress",
            Status::AwaitingCustomer => "awaiting-customer",
            Status::OnHold => "on-hold",
            Status::Shipping => "shipping",
            Status::Resolved => "resolved",
            Status::Reopened => "reopened",
            Status::Duplicate => "duplicate",
            Status::ClosedNoResponse => "closed-no-response",
            Status::Closed => "closed",
        }
    }

    /// The name in mails, which each language has.
    pub fn in_words(self) -> Value {
        wording::word(format!("status.{self}"))
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("unknown status \"{0}\" (known: {known})", known = Status::ALL.map(Status::as_str).join(", "))]
pub struct UnknownStatus(String);

impl std::str::FromStr for Status {
    type Err = UnknownStatus;

    fn from_str(text: &str) -> Result<Self, UnknownStatus> {
        Status::ALL.into_iter().find(|s| s.as_str() == text).ok_or_else(|| UnknownStatus(text.to_owned()))
    }
}

/// One matter with one reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    pub id: CaseId,
    pub reference: Reference,
    pub status: Status,
    pub priority: Priority,
    pub subject: String,
    /// Who asked. The address is empty when the mail named nobody: then nobody can be answered.
    pub requester: Address,
    /// Where mail to the requester goes; differs from `requester` by a Reply-To within their own organisation.
    pub reply_to: Address,
    /// The requester's clock as their mail program wrote it in `Date`, east of UTC.
    pub utc_offset_seconds: Option<i32>,
    /// The zone that the directory has for the requester: it knows more than a `Date` shows (summer time).
    pub requester_zone: Option<Tz>,
    /// The language in which the request was written, where it is one of the desk's.
    pub language: Option<String>,
    /// The address of the staff member who has it.
    pub assignee: Option<String>,
    /// When the desk's mail server received the request: the clocks of the case count from here.
    pub opened_at: DateTime<Utc>,
    pub closed_at: Option<DateTime<Utc>>,
    /// When one of the staff last looked at it; none while it waits for review.
    pub reviewed_at: Option<DateTime<Utc>>,
    /// The desk's last public mail by a person: the no-response clock runs from here.
    pub last_public_at: Option<DateTime<Utc>>,
    pub hold_until: Option<DateTime<Utc>>,
    /// Estimated time of resolution, as the customer was told it: until then it stands in for the updates.
    pub etr: Option<DateTime<Utc>>,
    pub duplicate_of: Option<CaseId>,
    /// Marked as spam by the mail server or by staff: gets no automatic mail.
    pub spam: bool,
    /// Something of it lies at a supplier.
    pub at_supplier: bool,
    /// The parent of the open major network incident that it is about.
    pub incident: Option<CaseId>,
}

impl Case {
    /// The zone to tell times in: the customer's own as the directory has it, or as far as their mail showed it, else
    /// the policy's.
    pub fn zone(&self, policy: &Policy) -> Zone {
        match (self.requester_zone, self.utc_offset_seconds.and_then(FixedOffset::east_opt)) {
            (Some(zone), _) => Zone::Named(zone),
            (None, Some(offset)) => Zone::Offset(offset),
            (None, None) => Zone::Named(policy.zone),
        }
    }

    /// An end user asked, and no main point of contact of their organisation has written yet, nor anybody of the staff.
    pub fn awaits_approval(&self) -> bool {
        self.status == Status::AwaitingCustomer && self.reviewed_at.is_none() && self.last_public_at.is_none()
    }

    /// Do two people belong together for this desk: the same address, or the same organisation's domain?
    pub fn same_organisation(&self, other: &Case, policy: &Policy) -> bool {
        let (a, b) = (&self.requester.email, &other.requester.email);
        !a.is_empty() && (a == b || policy.organisation_of(a).is_some_and(|org| policy.organisation_of(b) == Some(org)))
    }
}

/// How two cases belong together. Stored once, shown from both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// this case goes on with the other one's matter after its seven days (SERVICE rule 3)
    Continues,
    /// this case is a duplicate of the other one
    DuplicateOf,
    /// staff linked them
    Related,
    /// somebody who may not write to the other case named it in the mail that opened this one: for staff only
    Named,
    /// this case is about the major network incident of which the other one is the parent
    ChildOf,
}

impl LinkKind {
    pub const ALL: [LinkKind; 5] =
        [LinkKind::Continues, LinkKind::DuplicateOf, LinkKind::Related, LinkKind::Named, LinkKind::ChildOf];

    pub fn as_str(self) -> &'static str {
        match self {
            LinkKind::Continues => "continues",
            LinkKind::DuplicateOf => "duplicate-of",
            LinkKind::Related => "related",
            LinkKind::Named => "named",
            LinkKind::ChildOf => "child-of",
        }
    }

    /// The same link seen from its other end.
    pub fn seen_from_there(self) -> &'static str {
        match self {
            LinkKind::Continues => "continued-by",
            LinkKind::DuplicateOf => "main-of",
            LinkKind::Related => "related",
            LinkKind::Named => "named-by",
            LinkKind::ChildOf => "parent-of",
        }
    }

    pub fn parse(text: &str) -> Option<LinkKind> {
        LinkKind::ALL.into_iter().find(|k| k.as_str() == text)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    pub from: CaseId,
    pub to: CaseId,
    pub kind: LinkKind,
}

/// Who did something to a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Actor {
    /// whoever wrote the mail; their address
    Writer(String),
    /// a person of the staff, by the name that they work under
    Staff(String),
    /// the desk itself: a clock, a mail server's answer
    Desk,
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Actor::Writer(email) if email.is_empty() => f.write_str("unknown sender"),
            Actor::Writer(email) => f.write_str(email),
            Actor::Staff(name) => f.write_str(name),
            Actor::Desk => f.write_str("desk"),
        }
    }
}

#[cfg(test)]
impl Case {
    /// A new case of Ada's, received at a time: tests say what differs.
    pub fn sample(opened_at: DateTime<Utc>) -> Case {
        let requester = Address::new(Some("Ada"), "ada@books.example");
        Case {
            id: CaseId(1),
            reference: Reference::from_counter(1, &[7; 32]).unwrap(),
            status: Status::New,
            priority: Priority::P4,
            subject: "Printer".to_owned(),
            reply_to: requester.clone(),
            requester,
            utc_offset_seconds: None,
            requester_zone: None,
            language: None,
            assignee: None,
            opened_at,
            closed_at: None,
            reviewed_at: None,
            last_public_at: None,
            hold_until: None,
            etr: None,
            duplicate_of: None,
            spam: false,
            at_supplier: false,
            incident: None,
        }
    }
}
