//! What customers are told of works: what happened, and whether something later has overtaken it.

use super::{Affected, State, Window};
use crate::{desk::notice::NoticeKind, mail::calendar::Status};

/// What a notice to customers says happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Telling {
    Announced,
    Changed,
    Rescheduled,
    Reminder,
    Started,
    Extended,
    Completed,
    Cancelled,
    Note,
}

impl Telling {
    pub fn notice(self) -> NoticeKind {
        match self {
            Telling::Announced => NoticeKind::WorksAnnounced,
            Telling::Changed => NoticeKind::WorksChanged,
            Telling::Rescheduled => NoticeKind::WorksRescheduled,
            Telling::Reminder => NoticeKind::WorksReminder,
            Telling::Started => NoticeKind::WorksStarted,
            Telling::Extended => NoticeKind::WorksExtended,
            Telling::Completed => NoticeKind::WorksCompleted,
            Telling::Cancelled => NoticeKind::WorksCancelled,
            Telling::Note => NoticeKind::WorksNote,
        }
    }

    /// As calendars and automation are told of it.
    pub fn status(self) -> Status {
        match self {
            Telling::Announced | Telling::Changed | Telling::Reminder => Status::Confirmed,
            Telling::Rescheduled => Status::ReScheduled,
            Telling::Started | Telling::Extended => Status::InProcess,
            Telling::Completed | Telling::Note => Status::Completed,
            Telling::Cancelled => Status::Cancelled,
        }
    }

    /// Whoever wants invitations is asked by it, or their calendar's entry moves by it. What changes nothing there has no method:
    /// an update takes back, in many calendars, the answer that was given.
    pub(super) fn invites(self, sequence: u32) -> bool {
        match self {
            Telling::Announced
            | Telling::Changed
            | Telling::Rescheduled
            | Telling::Extended
            | Telling::Completed
            | Telling::Cancelled => true,
            // Works that come again are announced by it.
            Telling::Reminder => sequence == 0,
            Telling::Started | Telling::Note => false,
        }
    }

    pub fn of_notice(kind: NoticeKind) -> Option<Telling> {
        const ALL: [Telling; 9] = [
            Telling::Announced,
            Telling::Changed,
            Telling::Rescheduled,
            Telling::Reminder,
            Telling::Started,
            Telling::Extended,
            Telling::Completed,
            Telling::Cancelled,
            Telling::Note,
        ];
        ALL.into_iter().find(|telling| telling.notice() == kind)
    }
}

/// What customers are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    pub telling: Telling,
    /// in the words of whoever did it
    pub text: Option<String>,
    /// the windows before they were moved
    pub before: Vec<Window>,
    /// the services before they were changed: who is not touched any more is told so
    pub no_longer: Vec<Affected>,
    pub sequence: u32,
}

/// How works stand, as far as it overtakes what is still to be said of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub state: State,
    /// the sequence of the last notice that moved or cancelled them
    pub moved: u32,
}

/// Is what customers are to be told overtaken: cancelled, moved, or over?
pub fn is_overtaken(works: Standing, telling: Telling, sequence: u32) -> bool {
    let moved = sequence < works.moved;
    match telling {
        Telling::Reminder => moved || works.state != State::Announced,
        Telling::Started | Telling::Extended => moved || works.state.is_over(),
        // One that a mail server kept waiting would come behind what is so now.
        Telling::Announced | Telling::Changed | Telling::Rescheduled => moved,
        _ => false,
    }
}
