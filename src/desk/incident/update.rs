//! What customers were told of an incident.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::desk::notice::NoticeKind;

/// What an update is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpdateKind {
    Opened,
    #[default]
    Update,
    Closed,
    /// it was opened by mistake: for whoever was told of it
    Withdrawn,
}

impl UpdateKind {
    pub const ALL: [UpdateKind; 4] =
        [UpdateKind::Opened, UpdateKind::Update, UpdateKind::Closed, UpdateKind::Withdrawn];

    pub fn as_str(self) -> &'static str {
        match self {
            UpdateKind::Opened => "opened",
            UpdateKind::Update => "update",
            UpdateKind::Closed => "closed",
            UpdateKind::Withdrawn => "withdrawn",
        }
    }

    /// For staff, before the number of the incident.
    pub fn in_words(self) -> &'static str {
        match self {
            UpdateKind::Opened => "beginning of",
            UpdateKind::Update => "update of",
            UpdateKind::Closed => "end of",
            UpdateKind::Withdrawn => "withdrawal of",
        }
    }

    /// How customers are told.
    pub fn notice(self) -> NoticeKind {
        match self {
            UpdateKind::Opened => NoticeKind::MniOpened,
            UpdateKind::Update => NoticeKind::MniUpdate,
            UpdateKind::Closed => NoticeKind::MniResolved,
            UpdateKind::Withdrawn => NoticeKind::MniWithdrawn,
        }
    }
}

impl FromStr for UpdateKind {
    type Err = ();

    fn from_str(word: &str) -> Result<UpdateKind, ()> {
        UpdateKind::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or(())
    }
}

/// One thing that customers were told of an incident; the status page shows it as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// counted from 1 in each incident
    pub number: i64,
    pub kind: UpdateKind,
    pub at: DateTime<Utc>,
    pub author: String,
    pub text: String,
    /// the estimated time of resolution as of then
    pub etr: Option<DateTime<Utc>>,
    /// by when the next one was promised
    pub next_update: Option<DateTime<Utc>>,
}
