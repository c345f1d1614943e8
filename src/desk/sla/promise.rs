//! One promise to a customer, and how it stands.

use chrono::{DateTime, Utc};

use crate::desk::priority::Priority;

/// What is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PromiseKind {
    FirstResponse,
    Update,
    Resolution,
}

impl PromiseKind {
    pub const ALL: [PromiseKind; 3] = [PromiseKind::FirstResponse, PromiseKind::Update, PromiseKind::Resolution];

    /// The name in the store, in JSON and in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            PromiseKind::FirstResponse => "first-response",
            PromiseKind::Update => "update",
            PromiseKind::Resolution => "resolution",
        }
    }

    /// The table in a policy.
    pub fn as_key(self) -> &'static str {
        match self {
            PromiseKind::FirstResponse => "first_response",
            other => other.as_str(),
        }
    }

    pub fn parse(text: &str) -> Option<PromiseKind> {
        PromiseKind::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// One promise to the customer of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// none until the store has given it one
    pub id: Option<i64>,
    pub kind: PromiseKind,
    /// by which it was promised
    pub priority: Priority,
    pub started_at: DateTime<Utc>,
    /// while the case is paused: as of the pause's beginning
    pub due_at: DateTime<Utc>,
    /// when staff are to be warned; none: not at all
    pub warn_at: Option<DateTime<Utc>>,
    /// when staff were warned
    pub warned_at: Option<DateTime<Utc>>,
    /// when it was kept, in time or late
    pub met_at: Option<DateTime<Utc>>,
    /// since when it is broken
    pub breached_at: Option<DateTime<Utc>>,
    /// since when nobody waits for it any more, kept or not
    pub ended_at: Option<DateTime<Utc>>,
}

/// How a promise stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Standing {
    Open,
    Met,
    /// not kept in time
    Missed,
    /// it ended before its time, neither kept nor broken
    Dropped,
}

impl Standing {
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Open => "open",
            Standing::Met => "met",
            Standing::Missed => "missed",
            Standing::Dropped => "dropped",
        }
    }
}

impl Promise {
    pub fn standing(&self) -> Standing {
        match (self.breached_at, self.met_at, self.ended_at) {
            (Some(_), ..) => Standing::Missed,
            (None, Some(_), _) => Standing::Met,
            (None, None, Some(_)) => Standing::Dropped,
            (None, None, None) => Standing::Open,
        }
    }

    pub fn is_live(&self) -> bool {
        self.met_at.is_none() && self.ended_at.is_none()
    }

    pub(super) fn can_fall_due(&self, resolved: bool) -> bool {
        // While the customer is asked to confirm, the work is done.
        let is_done = resolved && self.kind == PromiseKind::Resolution;
        self.is_live() && self.breached_at.is_none() && !is_done
    }

    /// Nobody waits for it any more. It was broken if its time was over by then.
    pub(super) fn end(&mut self, at: DateTime<Utc>, paused: bool) {
        if self.due_at < at && !paused {
            self.breached_at = self.breached_at.or(Some(self.due_at));
        }
        self.ended_at = Some(at);
    }

    /// Kept at `at`; late when that was after its time.
    pub(super) fn meet(&mut self, at: DateTime<Utc>, paused: bool) {
        if self.due_at < at && !paused {
            self.breached_at = self.breached_at.or(Some(self.due_at));
        }
        self.met_at = Some(at);
    }
}
