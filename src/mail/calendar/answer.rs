//! What somebody's calendar program sends back when they accept or decline (iTIP, RFC 5546 §3.2.3).

use std::str::FromStr;

use super::WindowId;

/// The answer to an invitation, as far as it could be read. It says nothing of who really wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub uid: String,
    /// of the notice that was answered
    pub sequence: Option<u32>,
    /// who answers, by the calendar: an address in lower case
    pub attendee: Option<String>,
    pub said: Said,
    pub comment: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Accepted,
    Tentative,
    Declined,
    /// another time is proposed
    Countered,
}

impl Said {
    pub const ALL: [Said; 4] = [Said::Accepted, Said::Tentative, Said::Declined, Said::Countered];

    pub fn as_str(self) -> &'static str {
        match self {
            Said::Accepted => "accepted",
            Said::Tentative => "tentative",
            Said::Declined => "declined",
            Said::Countered => "countered",
        }
    }

    /// Somebody of the desk has to talk with whoever said this.
    pub fn objects(self) -> bool {
        matches!(self, Said::Declined | Said::Countered)
    }
}

impl FromStr for Said {
    type Err = ();

    fn from_str(text: &str) -> Result<Said, ()> {
        Said::ALL.into_iter().find(|said| said.as_str() == text).ok_or(())
    }
}

impl Answer {
    /// Which window of whose works it is about; that the desk has them, and told them, is for its store to say.
    pub fn window(&self) -> Option<WindowId> {
        WindowId::of_uid(&self.uid)
    }
}
