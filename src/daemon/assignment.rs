//! To whom of the staff a case goes: loads who does what, has the core choose, and notes whose turn it was.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::office::Office;
use crate::{
    desk::{assignment, case::Case, cues::Asked, lifecycle::Decision, policy::How},
    mail::extract::FieldName,
    store::{self, StoreError, contacts, services, turns},
};

/// Gives the case of a decision to somebody, where the core wants that.
pub fn assign(
    tx: &Connection,
    office: &Office,
    before: Option<&Case>,
    decision: &mut Decision,
    products: &BTreeSet<String>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let desk = &office.desk;
    if desk.policy.assignment.how == How::ByHand || !assignment::is_wanted(before, &decision.case, desk) {
        return Ok(());
    }
    if let Some(chosen) = assignment::choose(desk, products, &turns::loads(tx)?, now) {
        assignment::assign(decision, &chosen, now);
        turns::taken(tx, &chosen.who.address.email)?;
    }
    Ok(())
}

/// The platforms of the services that a mail names and the writer's organisation has, in lower case.
pub fn products_in(tx: &Connection, organisation: Option<i64>, asked: &Asked) -> Result<BTreeSet<String>, StoreError> {
    let named = asked.fields.iter().filter(|field| field.name.names_a_service());
    products(tx, organisation, &named.map(|field| field.value.clone()).collect::<Vec<_>>())
}

/// The same of all mails on a case.
pub fn products_of(tx: &Connection, case: &Case) -> Result<BTreeSet<String>, StoreError> {
    let names_a_service = |name: &str| FieldName::parse(name).is_some_and(FieldName::names_a_service);
    let fields = store::asked::fields(tx, case.id)?;
    let named: Vec<String> = fields.into_iter().filter(|f| names_a_service(&f.name)).map(|f| f.value).collect();
    let organisation = contacts::known_of(tx, &case.requester.email)?.organisation_id();
    products(tx, organisation, &named)
}

fn products(tx: &Connection, organisation: Option<i64>, names: &[String]) -> Result<BTreeSet<String>, StoreError> {
    let known = services::by_ids(tx, names)?;
    let own = known.into_iter().filter(|service| organisation == Some(service.organisation));
    Ok(own.filter_map(|service| service.platform).collect())
}
