//! A request for a report: of which kind, by whom, and how it stands.

use chrono::{DateTime, Utc};

use crate::{desk::case::CaseId, mail::address::Address};

/// What is asked for: both hold the same, and differ by their title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RfoKind {
    /// reason for outage
    Rfo,
    IncidentReport,
}

impl RfoKind {
    pub const ALL: [RfoKind; 2] = [RfoKind::Rfo, RfoKind::IncidentReport];

    pub fn as_str(self) -> &'static str {
        match self {
            RfoKind::Rfo => "rfo",
            RfoKind::IncidentReport => "incident-report",
        }
    }

    /// For staff's eyes.
    pub fn in_words(self) -> &'static str {
        match self {
            RfoKind::Rfo => "RFO",
            RfoKind::IncidentReport => "incident report",
        }
    }
}

impl std::fmt::Display for RfoKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind \"{0}\" (known: rfo, incident-report)")]
pub struct UnknownKind(String);

impl std::str::FromStr for RfoKind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<RfoKind, UnknownKind> {
        RfoKind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| UnknownKind(word.to_owned()))
    }
}

/// How a request for a report stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// the case is not resolved yet
    Kept,
    /// it is to be written
    Due,
    Sent,
    /// the policy gives none for this case
    NotGiven,
    /// staff took it back
    Cancelled,
}

impl State {
    pub const ALL: [State; 5] = [State::Kept, State::Due, State::Sent, State::NotGiven, State::Cancelled];

    pub fn as_str(self) -> &'static str {
        match self {
            State::Kept => "kept",
            State::Due => "due",
            State::Sent => "sent",
            State::NotGiven => "not-given",
            State::Cancelled => "cancelled",
        }
    }

    /// Somebody waits for it.
    pub fn is_open(self) -> bool {
        matches!(self, State::Kept | State::Due)
    }
}

impl std::str::FromStr for State {
    type Err = ();

    fn from_str(word: &str) -> Result<State, ()> {
        State::ALL.into_iter().find(|state| state.as_str() == word).ok_or(())
    }
}

/// One person's request for a report of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rfo {
    /// 0 before it is stored
    pub id: i64,
    pub case: CaseId,
    pub kind: RfoKind,
    pub person: Address,
    pub state: State,
    pub asked_at: DateTime<Utc>,
    /// none while it is kept, and where the policy names no time
    pub due: Option<DateTime<Utc>>,
    pub remind_at: Option<DateTime<Utc>>,
    pub reminded_at: Option<DateTime<Utc>>,
    /// when staff were told that it is overdue
    pub overdue_at: Option<DateTime<Utc>>,
    pub settled_at: Option<DateTime<Utc>>,
}
