//! Whose case is it? First every key under which a mail could be known ([`cites`]), then, with what the store knows of
//! them, the weight of the evidence ([`weigh`]).
//!
//! In this order, the first that holds wins:
//! 1. an id that this desk signed: proves that the writer has *seen* a mail of the case;
//! 2. the Message-ID of a mail on a case, if the sender is a participant or of the requester's organisation;
//! 3. a case reference in the subject, under the same condition;
//! 4. a case reference in the unquoted text, under the same condition.
//!
//! In-Reply-To counts before References, and those from the newest to the oldest. What does not hold is kept as
//! evidence all the same: staff see who named which case.

use serde::{Deserialize, Serialize};

use super::{incoming::Incoming, token::Keyring};
use crate::desk::{
    case::{Case, CaseId},
    reference::Reference,
    service_desk::ServiceDesk,
};

/// A key under which a mail's case could be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cite {
    Signed(Reference),
    MessageId(String),
    InSubject(Reference),
    InText(Reference),
}

impl std::fmt::Display for Cite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Cite::Signed(reference) => write!(f, "an id that this desk signed for {reference}"),
            Cite::MessageId(id) => write!(f, "the Message-ID <{id}>"),
            Cite::InSubject(reference) => write!(f, "{reference} in the subject"),
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
    Participant,
    /// of the requester's organisation, by its own domain
    Organisation,
    Staff,
    Stranger,
}

impl Standing {
    pub fn as_str(self) -> &'static str {
        match self {
            Standing::Requester => "requester",
            Standing::Participant => "participant",
            Standing::Organisation => "organisation",
            Standing::Staff => "staff",
            Standing::Stranger => "stranger",
        }
    }

    /// May they do more than write: confirm, close?
    pub fn may_decide(self) -> bool {
        self == Standing::Requester
    }
}

/// What a sender is to a case, by the addresses alone.
pub fn standing(email: &str, case: &Case, participants: &[String], desk: &ServiceDesk) -> Standing {
    let organisation = |email| desk.policy.organisation_of(email);
    if desk.is_staff(email) {
        Standing::Staff
    } else if email.is_empty() {
        Standing::Stranger
    } else if email == case.requester.email || email == case.reply_to.email {
        Standing::Requester
    } else if participants.iter().any(|p| p == email) {
        Standing::Participant
    } else if organisation(email).is_some_and(|org| organisation(&case.requester.email) == Some(org)) {
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
pub fn weigh(sender: &str, found: &[Candidate], desk: &ServiceDesk) -> Weighed {
    let mut weighed = Weighed::default();
    for candidate in found {
        let standing = standing(sender, &candidate.case, &candidate.participants, desk);
        let (holds, why) = match (&candidate.cite, standing) {
            (Cite::Signed(_), Standing::Stranger) => (true, "the writer has seen a mail of this case; no participant"),
            (Cite::Signed(_), _) => (true, "the writer has seen a mail of this case"),
            (_, Standing::Stranger) => {
                (false, "the sender is neither a participant nor of the requester's organisation")
            }
            (_, Standing::Requester) => (true, "the sender is the requester"),
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
