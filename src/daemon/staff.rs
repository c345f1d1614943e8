//! What staff command, brought to the core and the decision to the store: inside the caller's transaction, so that the
//! command line and (later) mail and web do the same.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::{names::Names, office::Office};
use crate::{
    desk::{
        assignment,
        case::{Actor, Case, Status},
        lifecycle::{
            self, Act, Channel, Decision, Entry, Event, Opening, Refusal, Reply, Requesters, Tell, What, reply_to_case,
        },
        priority::{Priority, may_set},
        reference::Reference,
        works::WorksId,
    },
    mail::{address::Address, compose::Attachment},
    store::{
        StoreError, cases,
        commit::{Manner, commit},
        contacts, meta,
        suppressions::{self, Suppression},
    },
};

#[derive(Debug, thiserror::Error)]
pub enum StaffError {
    #[error("there is no case {0}; `casepost case list` shows all")]
    NoSuchCase(Reference),
    #[error("the desk has no planned works {0}; `casepost works list --all` shows all")]
    NoSuchWorks(WorksId),
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Who commands, and when.
#[derive(Debug, Clone, Copy)]
pub struct Command<'a> {
    pub office: &'a Office,
    /// the name under which the history shows them
    pub name: &'a str,
    pub now: DateTime<Utc>,
    /// of customers, in what is said to many
    pub names: Names,
}

pub fn find(db: &Connection, reference: Reference) -> Result<Case, StaffError> {
    cases::by_reference(db, reference)?.ok_or(StaffError::NoSuchCase(reference))
}

impl Command<'_> {
    /// Does something to a case, and says how the case stands after it.
    pub fn act(
        &self,
        tx: &Connection,
        case: &Case,
        act: &Act<'_>,
        attachments: &[Attachment],
    ) -> Result<Case, StaffError> {
        if let Act::Priority(to) = act {
            may_set(&self.office.desk, self.name, *to)?;
        }
        if let Some(after) = self.act_on_incident(tx, case, act)? {
            return Ok(after);
        }
        let policy = &self.office.desk.policy;
        let decision = lifecycle::decide(case, &Event::Staff { name: self.name, act }, policy, self.now)?;
        self.commit(tx, &decision, attachments)?;
        match act {
            Act::Spam => {
                let reason = format!("spam: {}", case.reference);
                let (email, actor) = (case.requester.email.clone(), self.name.to_owned());
                let cause = suppressions::Cause::Spam;
                suppressions::add(tx, &Suppression { email, cause, reason, actor, at: self.now, until: None })?;
            }
            Act::Merge { main, .. } => self.take_over(tx, case, main)?,
            _ => {}
        }
        Ok(decision.case)
    }

    /// What the directory says of the requesters of two cases.
    pub fn requesters(&self, tx: &Connection, one: &Case, other: &Case) -> Result<Requesters, StoreError> {
        let organisation =
            |case: &Case| Ok::<_, StoreError>(contacts::known_of(tx, &case.requester.email)?.organisation_id());
        Ok(match (organisation(one)?, organisation(other)?) {
            (Some(a), Some(b)) if a == b => Requesters::Together,
            (Some(_), Some(_)) => Requesters::Apart,
            _ => Requesters::ByDomain,
        })
    }

    /// The main case takes over whoever took part in its duplicate.
    fn take_over(&self, tx: &Connection, duplicate: &Case, main: &Case) -> Result<(), StaffError> {
        let mut decision = Decision::unchanged(main);
        decision.participants = cases::participants(tx, duplicate.id)?;
        decision.participants.push(duplicate.requester.clone());
        decision.participants.retain(|p| !p.email.is_empty());
        decision.history.push(Entry {
            at: self.now,
            actor: Actor::Staff(self.name.to_owned()),
            what: What::Remark { text: format!("{} was merged into this case", duplicate.reference) },
        });
        self.commit(tx, &decision, &[])?;
        self.take_over_rfos(tx, duplicate, main)
    }

    /// Reopens a case for a customer who telephoned: within its seven days the case itself, later a new one that is
    /// linked to it (SERVICE rule 3).
    pub fn reopen(&self, tx: &Connection, case: &Case, tell: Tell) -> Result<Case, StaffError> {
        self.act_on_incident(tx, case, &Act::Reopen { tell })?;
        let living = cases::living(tx, case.clone())?;
        if living.id != case.id {
            return Err(Refusal(format!(
                "{} goes on as {} ({}): use that one",
                case.reference, living.reference, living.status
            ))
            .into());
        }
        let policy = &self.office.desk.policy;
        if reply_to_case(case, self.now, false, policy) != Reply::OpensLinked || case.status == Status::Duplicate {
            return self.act(tx, case, &Act::Reopen { tell }, &[]);
        }
        let request = PhoneRequest {
            requester: case.requester.clone(),
            subject: case.subject.clone(),
            priority: case.priority,
            continues: Some(case),
            tell,
        };
        self.open(tx, request)
    }

    /// Opens a case for a customer who telephoned.
    pub fn open(&self, tx: &Connection, request: PhoneRequest<'_>) -> Result<Case, StaffError> {
        // A case that goes on with another one keeps its priority, whoever writes down the call.
        if request.continues.is_none() {
            may_set(&self.office.desk, self.name, request.priority)?;
        }
        let (id, reference) = cases::allocate(tx)?;
        let mut participants = Vec::new();
        if let Some(old) = request.continues {
            participants = cases::participants(tx, old.id)?;
        }
        let known = contacts::known_of(tx, &request.requester.email)?;
        let arrangement = known.arrangement().map(str::to_owned);
        let contact = known.contact.unwrap_or_default();
        let Address { name, email } = request.requester;
        let requester = Address { name: name.or(contact.name), email };
        let opening = Opening {
            id,
            reference,
            subject: request.subject,
            reply_to: requester.clone(),
            requester,
            utc_offset_seconds: request.continues.and_then(|old| old.utc_offset_seconds),
            requester_zone: contact.zone,
            language: request.continues.and_then(|old| old.language.as_deref()),
            priority: request.priority,
            received_at: self.now,
            channel: Channel::Telephone { staff: self.name, silent: request.tell == Tell::Nobody },
            continues: request.continues,
            named: None,
            spam: false,
            participants,
            end_user: None,
            arrangement,
        };
        let continues = opening.continues;
        let mut decision = lifecycle::open(opening, &self.office.desk.policy, self.now);
        if let Some(old) = continues {
            assignment::keep(&mut decision, old, &self.office.desk, self.now);
        }
        self.commit(tx, &decision, &[])?;
        Ok(decision.case)
    }

    pub(super) fn commit(
        &self,
        tx: &Connection,
        decision: &Decision,
        attachments: &[Attachment],
    ) -> Result<(), StoreError> {
        let cause = format!("staff:{}", meta::next_act(tx)?);
        commit(tx, &self.office.desk, decision, &Manner { cause: &cause, late: false, attachments }, self.now)
    }
}

/// A request by telephone, as staff write it down.
#[derive(Debug, Clone)]
pub struct PhoneRequest<'a> {
    pub requester: Address,
    pub subject: String,
    pub priority: Priority,
    pub continues: Option<&'a Case>,
    pub tell: Tell,
}

#[cfg(test)]
mod tests;
