//! What one reader's calendar is told of works, as a notice keeps it: the BCOP MAINTNOTE's values, before they are an
//! iCalendar.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Impact, Window, act::Telling};

/// How the works stand (MAINTNOTE's words).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Status {
    Tentative,
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

/// A service of the reader's, and what it notices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Touches {
    /// circuit ID, else service ID or order number
    pub name: String,
    pub impact: Impact,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// `PW-0012`
    pub works: String,
    pub sequence: u32,
    pub status: Status,
    pub windows: Vec<Window>,
    pub summary: String,
    /// customer number, else the organisation's name; none for whoever has subscribed to a platform
    pub account: Option<String>,
    pub services: Vec<Touches>,
    /// when this was decided
    #[serde(with = "chrono::serde::ts_seconds")]
    pub stamp: DateTime<Utc>,
}
