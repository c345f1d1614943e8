//! A mail that staff forward to the desk ("Fwd: line down") is a case of whoever wrote the mail within it.

use super::TakingIn;
use crate::mail::{address::Address, quote, sort::Kind};

/// What staff hand on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HandedOn {
    /// who wrote it
    pub from: Address,
    pub subject: String,
}

impl TakingIn<'_> {
    /// The customer's mail that one of the staff forwards, within the text or attached. A mail that staff write
    /// themselves is theirs, whatever it quotes; and the desk never writes to itself for it.
    pub(super) fn handed_on(&self, writer: &Address) -> Option<HandedOn> {
        let desk = &self.office.desk;
        let mail = &self.mail.incoming;
        if self.mail.sorted.kind != Kind::Person || !desk.is_staff(&writer.email) {
            return None;
        }
        let says_so = quote::is_forward_subject(&mail.subject);
        let within = self.mail.said.forwarded.as_ref().filter(|within| says_so || within.marked);
        let within = within.and_then(|within| Some((within.from.clone()?, within.subject.clone())));
        let enclosed = mail.enclosed.as_ref().filter(|_| says_so).map(|e| (e.from.clone(), Some(e.subject.clone())));
        let (from, subject) = within.or(enclosed)?;
        if desk.is_own(&from.email) || desk.is_staff(&from.email) {
            return None;
        }
        Some(HandedOn { from, subject: subject.unwrap_or_else(|| mail.subject.clone()) })
    }
}
