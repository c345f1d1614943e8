//! What one reader's calendar is told of works, as a notice keeps it in `data["calendar"]`: the values of a maintenance
//! notification, of which the letter makes an iCalendar.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Impact, act::Telling};
use crate::mail::address::Address;

/// How the works stand (MAINTNOTE's words).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Status {
    Confirmed,
    Cancelled,
    InProcess,
    Completed,
    ReScheduled,
}

impl Telling {
    pub fn status(self) -> Status {
        match self {
            Telling::Announced | Telling::Changed | Telling::Reminder => Status::Confirmed,
            Telling::Rescheduled => Status::ReScheduled,
            Telling::Started | Telling::Extended => Status::InProcess,
            Telling::Completed | Telling::Note => Status::Completed,
            Telling::Cancelled => Status::Cancelled,
        }
    }
}

/// A service of the reader's, or a platform, and what it notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// circuit ID, else service ID or order number
    pub id: String,
    pub impact: Impact,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NumberedWindow {
    /// counted from 1; a window keeps its number
    pub number: u32,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// it was announced, and is no part of the works any more
    pub gone: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    pub works: i64,
    /// the desk's, for the UIDs
    pub domain: String,
    /// who makes the works, as customers call them
    pub provider: String,
    /// customer number, else the organisation's name; the address of whoever has subscribed to a platform
    pub account: String,
    /// `PW-0012`
    pub maintenance_id: String,
    pub status: Status,
    pub objects: Vec<Object>,
    pub windows: Vec<NumberedWindow>,
    pub organizer: Address,
    pub contact: Option<String>,
    pub sequence: u32,
    /// when this was decided
    pub stamp: DateTime<Utc>,
    /// none: as the mail says it
    pub summary: Option<String>,
    pub description: Option<String>,
    /// nobody is asked to accept
    pub invites: Option<Address>,
}
