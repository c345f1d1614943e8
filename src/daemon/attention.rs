//! Requests for a manager's attention, between the core and the store.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::{
    office::Office,
    staff::{Command, StaffError},
};
use crate::{
    desk::{
        attention::{self, Asking, COUNTED, Channel, Followed, Lacks, Told},
        case::{Actor, Case},
    },
    mail::extract::FieldName,
    store::{
        StoreError, asked, attentions, cases,
        clocks::DueClock,
        commit::{Manner, commit},
        contacts, meta,
    },
};

/// The target of a call back has come.
pub(super) fn clock_ran(
    tx: &Connection,
    office: &Office,
    clock: &DueClock,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let case = cases::by_id(tx, clock.case)?;
    let known = attentions::of_case(tx, case.id)?;
    let followed = attention::clock_ran(&case, &known, &office.desk.policy, now);
    follow(tx, office, &followed, &Manner { cause, ..Manner::default() }, now)
}

/// Makes so what follows.
pub(super) fn follow(
    tx: &Connection,
    office: &Office,
    followed: &Followed,
    manner: &Manner<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for attention in &followed.attentions {
        attentions::put(tx, attention)?;
    }
    commit(tx, &office.desk, &followed.decision, manner, now)
}

/// Whose requests are counted together: an organisation's, else a domain's, else one address's.
pub(super) fn organisation(tx: &Connection, office: &Office, case: &Case) -> Result<String, StoreError> {
    let email = &case.requester.email;
    let listed = contacts::known_of(tx, email)?.organisation.map(|organisation| organisation.name);
    let domain = || office.desk.policy.organisation_of(email).unwrap_or(email).to_owned();
    Ok(listed.unwrap_or_else(domain))
}

/// Does the case say what the problem is?
pub(super) fn is_described(tx: &Connection, case: &Case) -> Result<bool, StoreError> {
    let fields = asked::fields(tx, case.id)?;
    Ok(fields.iter().any(|field| field.name == FieldName::Description.as_str()))
}

impl Command<'_> {
    /// Writes down what somebody asked by telephone; gives what is still to be asked.
    pub fn ask_attention(
        &self,
        tx: &Connection,
        case: &Case,
        told: Told<'_>,
        call_back: bool,
    ) -> Result<Lacks, StaffError> {
        let organisation = organisation(tx, self.office, case)?;
        let asking = Asking {
            channel: Channel::Telephone,
            told,
            writer: case.requester.display(),
            call_back,
            described: is_described(tx, case)?,
            without_urgency: attentions::without_urgency(tx, &organisation, self.now - COUNTED)?,
            organisation: &organisation,
            actor: Actor::Staff(self.name.to_owned()),
            answered: None,
        };
        let known = attentions::of_case(tx, case.id)?;
        let (followed, lacks) = attention::ask(case, &known, &asking, &self.office.desk.policy, self.now)?;
        self.follow_attention(tx, &followed)?;
        Ok(lacks)
    }

    pub fn called_back(&self, tx: &Connection, case: &Case) -> Result<(), StaffError> {
        let known = attentions::of_case(tx, case.id)?;
        let followed = attention::called_back(case, &known, self.name, self.now)?;
        Ok(self.follow_attention(tx, &followed)?)
    }

    fn follow_attention(&self, tx: &Connection, followed: &Followed) -> Result<(), StoreError> {
        let cause = format!("staff:{}", meta::next_act(tx)?);
        follow(tx, self.office, followed, &Manner { cause: &cause, ..Manner::default() }, self.now)
    }
}
