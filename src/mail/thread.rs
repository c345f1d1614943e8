//! Whose case is it? First every key under which a mail could be known ([`cites`]), then, with what the store knows of
//! them, the weight of the evidence ([`weigh`]).
//!
//! In this order, the first that holds wins:
//! 1. an id that this desk signed: proves that the writer has *seen* a mail of the case;
//! 2. the Message-ID of a mail on a case, if the sender is a participant or of the requester's organisation;
//! 3. a case reference in the subject, under the same condition;
//! 4. the other side's reference, by the pattern of the sender's organisation: it gave the case this number;
//! 5. a case reference in the unquoted text, under the condition of 2.
//!
//! In-Reply-To counts before References, and those from the newest to the oldest. What does not hold is kept as
//! evidence all the same: staff see who named which case.

use serde::{Deserialize, Serialize};

use super::{incoming::Incoming, token::Keyring};
use crate::desk::{
    case::{Case, CaseId},
    directory::Listed,
    reference::Reference,
    service_desk::ServiceDesk,
};

/// A key under which a mail's case could be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cite {
    Signed(Reference),
    MessageId(String),
    InSubject(Reference),
    /// the number that the sender's organisation has for the matter in its own ticket system
    Theirs {
        organisation: String,
        reference: String,
    },
    InText(Reference),
}

impl std::fmt::Display for Cite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cite::Signed(reference) => write!(f, "an id that this desk signed for {reference}"),
            Cite::MessageId(id) => write!(f, "the Message-ID <{id}>"),
            Cite::InSubject(reference) => write!(f, "{reference} in the subject"),
            Cite::Theirs { organisation, reference } => write!(f, "{reference}, as {organisation} calls it"),
            Cite::InText(reference) => write!(f, "{reference} in the text"),
        }
    }
}

/// All keys of a mail, the weightiest first.
pub fn cites(mail: &Incoming, unquoted: &str, keyring: &Keyring) -> Vec<Cite> {
    let reported = mail.report.iter().filter_map(|r| r.original_message_id.as_ref());
    let ids: Vec<&String> =
        reported.chain(&mail.in_reply_to).chain(mail.references.iter().rev()).filter(|id| !is_self(mail, id)).collect();
    let signed = ids.iter().filter_map(|id| keyring.verify(id)).map(|signed| Cite::Signed(signed.reference));
    let unsigned = ids.iter().filter(|id| keyring.verify(id).is_none()).map(|id| Cite::MessageId((*id).clone()));
    let subject = Reference::find_all(&mail.subject).into_iter().map(Cite::InSubject);
    let text = Reference::find_all(unquoted).into_iter().map(Cite::InText);
    let mut all: Vec<Cite> = Vec::new();
    for cite in signed.chain(unsigned).chain(subject).chain(text) {
        if !all.contains(&cite) {
            all.push(cite);
        }
    }
    all
}

fn is_self(mail: &Incoming, id: &str) -> bool {
    mail.message_id.as_deref() == Some(id)
}

/// Who the writer is to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Requester,
    /// a main point of contact of the requester's organisation
    Authorised,
    Participant,
    /// of the requester's organisation, by the directory or by its own domain
    Organisation,
    Staff,
    Stranger,
}

impl Standing {
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Requester => "requester",
            Standing::Authorised => "authorised-contact",
            Standing::Participant => "participant",
            Standing::Organisation => "organisation",
            Standing::Staff => "staff",
            Standing::Stranger => "stranger",
        }
    }

    /// May they do more than write: confirm, close?
    pub fn may_decide(self) -> bool {
        matches!(self, Standing::Requester | Standing::Authorised)
    }
}

/// Who wrote a mail: their address, and what the directory knows of it.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    pub email: &'a str,
    pub known: &'a Listed,
}

/// Who belongs to a case.
#[derive(Debug, Clone, Copy)]
pub struct Circle<'a> {
    pub case: &'a Case,
    pub participants: &'a [String],
    /// the requester's organisation, as the directory has it
    pub organisation: Option<i64>,
}

/// What a sender is to a case, by the addresses and the directory alone.
///
/// Where the directory knows the organisations of both, they say whether two people belong together; else the domain
/// does, unless everybody can have an address there.
pub fn standing(writer: Writer<'_>, circle: Circle<'_>, desk: &ServiceDesk) -> Standing {
    let Circle { case, participants, organisation } = circle;
    let email = writer.email;
    let same_organisation = match (writer.known.organisation_id(), organisation) {
        (Some(theirs), Some(requesters)) => theirs == requesters,
        _ => {
            let by_domain = |email| desk.policy.organisation_of(email);
            by_domain(email).is_some_and(|domain| by_domain(&case.requester.email) == Some(domain))
        }
    };
    if desk.is_staff(email) {
        Standing::Staff
    } else if email.is_empty() {
        Standing::Stranger
    } else if email == case.requester.email || email == case.reply_to.email {
        Standing::Requester
    } else if same_organisation && writer.known.is_authorised() {
        Standing::Authorised
    } else if participants.iter().any(|p| p == email) {
        Standing::Participant
    } else if same_organisation {
        Standing::Organisation
    } else {
        Standing::Stranger
    }
}

/// What the store found under a key.
#[derive(Debug, Clone)]
pub struct Candidate {
    pub cite: Cite,
    pub case: Case,
    pub participants: Vec<String>,
    /// the requester's organisation, as the directory has it
    pub organisation: Option<i64>,
}

impl Candidate {
    fn circle(&self) -> Circle<'_> {
        Circle { case: &self.case, participants: &self.participants, organisation: self.organisation }
    }
}

/// One piece of evidence, for `case show` and for people who ask why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    pub what: String,
    pub case: String,
    pub holds: bool,
    pub why: String,
}

#[derive(Debug, Clone, Default)]
pub struct Weighed {
    /// the case that the mail belongs to, and who the writer is to it
    pub case: Option<(CaseId, Standing)>,
    /// a case that was named by somebody who may not write to it
    pub named: Option<CaseId>,
    pub evidence: Vec<Evidence>,
    /// pieces that hold point to different cases
    pub contradicts: bool,
}

/// Weighs what was found, in the order of [`cites`].
pub fn weigh(writer: Writer<'_>, found: &[Candidate], desk: &ServiceDesk) -> Weighed {
    let mut weighed = Weighed::default();
    for candidate in found {
        let standing = match (&candidate.cite, standing(writer, candidate.circle(), desk)) {
            // Only the organisation that gave a number is looked up under it.
            (Cite::Theirs { .. }, Standing::Stranger) => Standing::Organisation,
            (_, standing) => standing,
        };
        let (holds, why) = match (&candidate.cite, standing) {
            (Cite::Signed(_), Standing::Stranger) => (true, "the writer has seen a mail of this case; no participant"),
            (Cite::Signed(_), _) => (true, "the writer has seen a mail of this case"),
            (Cite::Theirs { .. }, _) => (true, "the sender's organisation gave the case this number"),
            (_, Standing::Stranger) => {
                (false, "the sender is neither a participant nor of the requester's organisation")
            }
            (_, Standing::Requester) => (true, "the sender is the requester"),
            (_, Standing::Authorised) => {
                (true, "the sender is a main point of contact of the requester's organisation")
            }
            (_, Standing::Participant) => (true, "the sender is a participant"),
            (_, Standing::Organisation) => (true, "the sender is of the requester's organisation"),
            (_, Standing::Staff) => (true, "the sender is of the staff"),
        };
        weighed.evidence.push(Evidence {
            what: candidate.cite.to_string(),
            case: candidate.case.reference.to_string(),
            holds,
            why: why.to_owned(),
        });
        match &weighed.case {
            _ if !holds => weighed.named = weighed.named.or(Some(candidate.case.id)),
            None => weighed.case = Some((candidate.case.id, standing)),
            Some((chosen, _)) => weighed.contradicts |= *chosen != candidate.case.id,
        }
    }
    // A stranger's reference matters only where nothing better was found.
    if weighed.case.is_some() {
        weighed.named = None;
    }
    weighed
}

#[cfg(test)]
mod tests;
