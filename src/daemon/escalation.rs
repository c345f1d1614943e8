//! Cases that go up, or that wait until the next business day: loads what the core has to know, and writes what it decides.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::{
    assignment::products_of,
    office::Office,
    staff::{Command, StaffError},
};
use crate::{
    desk::{
        case::Case,
        deferral::{self, Proposal},
        directory::{Contact, Role},
        escalation::{self, Around, By, Escalation},
        lifecycle::Decision,
        service_desk::ServiceDesk,
    },
    mail::extract::FieldName,
    store::{StoreError, asked, contacts, deferrals, escalations, outbox},
};

/// The customer's own escalation list, from its first level up.
pub fn at_customer(db: &Connection, case: &Case) -> Result<Vec<Contact>, StoreError> {
    let Some(organisation) = contacts::known_of(db, &case.requester.email)?.organisation_id() else {
        return Ok(vec![]);
    };
    let level = |contact: &Contact| contact.roles.iter().copied().find(|role| matches!(role, Role::Escalation(_)));
    let mut all: Vec<Contact> =
        contacts::of_organisation(db, organisation)?.into_iter().filter(|contact| level(contact).is_some()).collect();
    all.sort_by_key(level);
    Ok(all)
}

/// What a step has to know; `products` where the case's fields are not in the store yet.
pub fn around<'a>(
    db: &Connection,
    desk: &'a ServiceDesk,
    case: &Case,
    products: BTreeSet<String>,
) -> Result<Around<'a>, StoreError> {
    let known = contacts::known_of(db, &case.requester.email)?;
    Ok(Around {
        desk,
        products,
        organisation: known.organisation.map(|organisation| organisation.name),
        telephone: known.contact.and_then(|contact| contact.telephone),
        at_customer: at_customer(db, case)?,
        in_touch: outbox::of_case(db, case.id)?.iter().any(|notice| !notice.kind.is_for_staff()),
    })
}

/// A case has reached the age of its next step.
pub fn clock_ran(tx: &Connection, office: &Office, case: &Case, now: DateTime<Utc>) -> Result<Decision, StoreError> {
    let mut escalation = escalations::of_case(tx, case, &office.desk.policy)?;
    let around = around(tx, &office.desk, case, products_of(tx, case)?)?;
    let decision = escalation::clock_ran(case, &mut escalation, &around, now);
    escalations::put(tx, case.id, &escalation)?;
    Ok(decision)
}

impl Command<'_> {
    /// Takes a case one level up; `to` is the level that staff name, which has to be the next.
    pub fn escalate(
        &self,
        tx: &Connection,
        case: &Case,
        reason: Option<&str>,
        to: Option<u8>,
        silent: bool,
    ) -> Result<Escalation, StaffError> {
        let mut escalation = escalations::of_case(tx, case, &self.office.desk.policy)?;
        let around = around(tx, &self.office.desk, case, products_of(tx, case)?)?;
        let mut decision = Decision::unchanged(case);
        let by = By::Staff { name: self.name, reason, to, silent };
        escalation::step(&mut decision, &mut escalation, &by, &around, self.now)?;
        escalations::put(tx, case.id, &escalation)?;
        self.commit(tx, &decision, &[])?;
        Ok(escalation)
    }

    /// Proposes to the customer that the case waits until the next business day; gives until when.
    pub fn defer(
        &self,
        tx: &Connection,
        case: &Case,
        until: Option<DateTime<Utc>>,
        text: Option<&str>,
        affects_nothing: bool,
    ) -> Result<DateTime<Utc>, StaffError> {
        let fields = asked::fields(tx, case.id)?;
        let told: Vec<&str> =
            fields.iter().filter(|f| f.name == FieldName::Impact.as_str()).map(|f| f.value.as_str()).collect();
        let proposal = Proposal { staff: self.name, until, text, impact: deferral::worst(&told), affects_nothing };
        let (decision, deferral) = deferral::propose(case, &proposal, &self.office.desk.policy, self.now)?;
        deferrals::put(tx, case.id, &deferral)?;
        self.commit(tx, &decision, &[])?;
        Ok(deferral.until)
    }
}
