//! Who is told of an incident, and what is theirs alone of it.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde_json::{Map, Value};

use super::children::resolve;
use crate::{
    daemon::office::Office,
    desk::{
        case::CaseId,
        hours::Zone,
        incident::{self, Incident, OneReader},
        notice::{self, NoticeKind},
        topic::Topic,
    },
    store::{
        StoreError,
        broadcasts::{Broadcast, Reader},
        cases, contacts, incidents, organisations,
        outbox::StoredNotice,
        services, subscriptions,
    },
};

/// Services that a mail names one by one.
const SERVICES: usize = 20;

/// Everybody who is told of an incident. Of those with one address the first counts, so whoever has a case is told in it.
pub(super) fn readers(tx: &Connection, office: &Office, incident: &Incident) -> Result<Vec<Reader>, StoreError> {
    let mut all = incidents::readers_of_children(tx, incident.case)?;
    let affected = incidents::affected(tx, &incident.scope)?;
    let organisations: BTreeSet<i64> = affected.iter().map(|service| service.organisation).collect();
    all.extend(incidents::master_contacts(tx, &organisations.into_iter().collect::<Vec<_>>())?);
    if office.desk.policy.mni.cascade_to_subscribers {
        all.extend(subscribers(tx, incident)?);
    }
    // Staff have mails of their own about it.
    all.retain(|reader| !office.desk.is_own(&reader.address.email) && !office.desk.is_staff(&reader.address.email));
    Ok(all)
}

/// The names of affected organisations of which nobody is told: no contact for master cases, and no case about it.
pub fn unheard(tx: &Connection, office: &Office, incident: &Incident) -> Result<Vec<String>, StoreError> {
    let affected = incidents::affected(tx, &incident.scope)?;
    let mut names: BTreeMap<i64, String> = BTreeMap::new();
    for service in affected {
        if let Entry::Vacant(entry) = names.entry(service.organisation) {
            entry.insert(organisations::by_id(tx, service.organisation)?.name);
        }
    }
    for reader in readers(tx, office, incident)? {
        if names.is_empty() {
            break;
        }
        // A subscriber hears for themselves alone.
        if reader.subscription.is_none()
            && let Some(heard) = reader.organisation.map_or_else(
                || contacts::known_of(tx, &reader.address.email).map(|known| known.organisation_id()),
                |organisation| Ok(Some(organisation)),
            )?
        {
            names.remove(&heard);
        }
    }
    Ok(names.into_values().collect())
}

/// Whoever has subscribed to the incident, to one of its platforms, or to all.
fn subscribers(tx: &Connection, incident: &Incident) -> Result<Vec<Reader>, StoreError> {
    let platforms: Vec<String> = incident.scope.platforms.iter().cloned().collect();
    subscriptions::of_incident(tx, incident.case, &platforms)
}

/// What one reader is told beside what all are told; none: nothing any more, since their cases go on alone or
/// it was withdrawn.
pub fn told(
    tx: &Connection,
    office: &Office,
    parent: CaseId,
    broadcast: &Broadcast,
    reader: &Reader,
) -> Result<Option<Map<String, Value>>, StoreError> {
    let Some(incident) = incidents::by_case(tx, parent)? else { return Ok(None) };
    let policy = &office.desk.policy;
    let email = &reader.address.email;
    let is_withdrawn = broadcast.kind == NoticeKind::MniWithdrawn;
    if incident.withdrawn.is_some() && !is_withdrawn {
        return Ok(None);
    }
    let children = match is_withdrawn {
        true => incidents::once_children_of(tx, parent, email)?,
        false => incidents::children_of(tx, parent, email)?,
    };
    if reader.case.is_some() && children.is_empty() && !is_withdrawn {
        return Ok(None);
    }
    let is_over = broadcast.kind == NoticeKind::MniResolved;
    if is_over {
        for (child, _) in &children {
            // Their status is what the mail says, whichever comes first.
            resolve(tx, office, &incident, *child, &broadcast.cause, broadcast.decided_at)?;
        }
    }
    let known = contacts::known_of(tx, email)?;
    let contact = known.contact.as_ref();
    let case = reader.case.map(|case| cases::by_id(tx, case)).transpose()?;
    let zone = match (contact.and_then(|contact| contact.zone), &case) {
        (Some(zone), _) => Zone::Named(zone),
        (None, Some(case)) if case.reply_to.email == *email => case.zone(policy),
        _ => Zone::Named(policy.zone),
    };
    let closes_at = (is_over && !children.is_empty()).then(|| incident::closes_at(policy, broadcast.decided_at));
    let own = OneReader {
        zone,
        greeting_name: reader.address.name.clone().or_else(|| contact?.name.clone()),
        references: children.iter().map(|(_, reference)| *reference).collect(),
        // A subscriber reads what is public.
        services: match known.organisation_id().or(reader.organisation).filter(|_| reader.subscription.is_none()) {
            Some(organisation) => services_of(tx, &incident, organisation)?,
            None => vec![],
        },
        closes_at,
    };
    let mut data = incident::told_to_one(&broadcast.data, &own);
    // One that is closed is none of those that go on.
    data.insert("in_case".to_owned(), case.is_some().into());
    // What stands in the subject of a thread stays the same.
    let (reference, subject) = match &case {
        Some(case) => (case.reference.to_string(), notice::subject(&case.subject)),
        None => (incident.number.to_string(), incident.title.as_str().into()),
    };
    data.insert("reference".to_owned(), reference.into());
    data.insert("subject".to_owned(), subject);
    Ok(Some(data))
}

/// Is a notice overtaken by the end of its incident? One that a mail server kept waiting would come behind it. Whoever has
/// heard nothing of one that is withdrawn hears nothing of that either.
pub fn is_overtaken(tx: &Connection, notice: &StoredNotice, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let Some(Topic::Incident(parent)) = notice.topic else { return Ok(false) };
    let Some(incident) = incidents::by_case(tx, parent)? else { return Ok(false) };
    match notice.kind {
        NoticeKind::MniOpened | NoticeKind::MniUpdate => {
            Ok(incident.withdrawn.is_some() || incident.closed_at.is_some_and(|at| at > notice.decided_at))
        }
        NoticeKind::MniWithdrawn => {
            for person in notice.recipients.all() {
                if incidents::has_heard(tx, &incident, &person.email, now)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// The affected services of an organisation, each by the number that its people know best.
fn services_of(db: &Connection, incident: &Incident, organisation: i64) -> Result<Vec<String>, StoreError> {
    let own = services::of_organisation(db, organisation)?;
    let affected = own.into_iter().filter(|service| incident.scope.affects(service));
    Ok(affected.filter_map(|s| s.circuit_id.or(s.service_id).or(s.order_number)).take(SERVICES).collect())
}
