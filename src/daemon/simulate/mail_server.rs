//! The mail server of a scenario: it takes everything at once, but for what it was told.

use std::collections::BTreeMap;

use crate::post::Outcome;

#[derive(Debug, Clone, Default)]
pub struct MailServer {
    is_down: bool,
    /// by address
    moods: BTreeMap<String, Mood>,
}

/// What the server does with mail to an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// refuses it for good, and says nothing about the address
    Refuses,
    /// there is no such mailbox
    KnowsNot,
    /// takes it later
    PutsOff,
}

impl MailServer {
    pub fn is_down(&self) -> bool {
        self.is_down
    }

    pub fn goes_down(&mut self) {
        self.is_down = true;
    }

    /// It takes everything again.
    pub fn works(&mut self) {
        *self = MailServer::default();
    }

    pub fn treats(&mut self, recipient: &str, mood: Mood) {
        self.moods.insert(recipient.to_lowercase(), mood);
    }

    /// In the words in which an answer of a real one is kept.
    pub(super) fn answer(&self, recipient: &str) -> Outcome {
        match self.moods.get(recipient) {
            None => Outcome::Accepted("250 2.0.0 taken".to_owned()),
            Some(Mood::Refuses) => Outcome::Refused("permanent error (554): 5.7.1 not wanted".to_owned()),
            Some(Mood::KnowsNot) => Outcome::Refused("permanent error (550): 5.1.1 no such user".to_owned()),
            Some(Mood::PutsOff) => Outcome::Deferred("transient error (451): 4.7.1 try later".to_owned()),
        }
    }
}
