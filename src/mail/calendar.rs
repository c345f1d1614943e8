//! Calendars that the desk writes, and answers to them: iCalendar (RFC 5545), as mail programs take it into a calendar and
//! as customers' automation reads it (BCOP maintenance notifications, `X-MAINTNOTE-…`).
//!
//! [`Notification`] is what one reader is told of planned works by mail, [`Feed`] a calendar that one subscribes to,
//! [`Answer`] what comes back when somebody accepts or declines (iTIP, RFC 5546). An appointment is known by its
//! [`WindowId`]: the same in every mail and every feed, as long as the works live.
//!
//! Writing is deterministic and bounded; all times are UTC in whole seconds, so that nobody needs a time zone's rules.

mod answer;
mod event;
mod feed;
mod line;
mod notification;
mod summary;
mod window_id;

use serde::{Deserialize, Serialize};

pub use self::{
    answer::{Answer, Said},
    feed::{Entry, Feed},
    notification::{Notification, Object, Window, facts},
    window_id::WindowId,
};

/// What works do to a service, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Impact {
    NoImpact,
    ReducedRedundancy,
    Degraded,
    Outage,
}

impl Impact {
    pub const ALL: [Impact; 4] = [Impact::NoImpact, Impact::ReducedRedundancy, Impact::Degraded, Impact::Outage];

    /// As `X-MAINTNOTE-IMPACT` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Impact::NoImpact => "NO-IMPACT",
            Impact::ReducedRedundancy => "REDUCED-REDUNDANCY",
            Impact::Degraded => "DEGRADED",
            Impact::Outage => "OUTAGE",
        }
    }
}

/// How works stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Status {
    Tentative,
    Confirmed,
    Cancelled,
    InProcess,
    Completed,
    ReScheduled,
}

impl Status {
    pub const ALL: [Status; 6] = [
        Status::Tentative,
        Status::Confirmed,
        Status::Cancelled,
        Status::InProcess,
        Status::Completed,
        Status::ReScheduled,
    ];

    /// As `X-MAINTNOTE-STATUS` has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Tentative => "TENTATIVE",
            Status::Confirmed => "CONFIRMED",
            Status::Cancelled => "CANCELLED",
            Status::InProcess => "IN-PROCESS",
            Status::Completed => "COMPLETED",
            Status::ReScheduled => "RE-SCHEDULED",
        }
    }

    /// As any calendar understands it (`STATUS` of an event, RFC 5545 §3.8.1.11).
    fn of_event(self) -> &'static str {
        match self {
            Status::Tentative => "TENTATIVE",
            Status::Cancelled => "CANCELLED",
            Status::Confirmed | Status::InProcess | Status::Completed | Status::ReScheduled => "CONFIRMED",
        }
    }
}

#[cfg(test)]
mod tests;
