//! Cases as JSON, for scripts. Times are RFC 3339 in UTC.

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    desk::case::Case,
    store::{StoreError, cases, escalations, promises as store},
};

pub fn case(db: &Connection, case: &Case, now: DateTime<Utc>) -> Result<Value, StoreError> {
    let links: Vec<Value> = cases::links(db, case.id)?
        .into_iter()
        .map(|l| json!({ "kind": l.how, "reference": l.reference.to_string() }))
        .collect();
    let escalated = escalations::known(db, case.id)?.filter(|escalation| escalation.escalated_at.is_some());
    Ok(json!({
        "reference": case.reference.to_string(),
        "telephone_reference": case.reference.telephone(),
        "status": case.status.as_str(),
        "priority": case.priority.to_string(),
        "subject": case.subject,
        "requester": case.requester.email,
        "requester_name": case.requester.name,
        "assignee": case.assignee,
        "escalation_level": escalated.map(|escalation| escalation.level),
        "opened_at": time(case.opened_at),
        "closed_at": case.closed_at.map(time),
        "reviewed_at": case.reviewed_at.map(time),
        "hold_until": case.hold_until.map(time),
        "etr": case.etr.map(time),
        "spam": case.spam,
        "links": links,
        "promises": promises(db, case, now)?,
    }))
}

/// What the customer was promised. A promise that is paused has no time at which it is due.
fn promises(db: &Connection, case: &Case, now: DateTime<Utc>) -> Result<Vec<Value>, StoreError> {
    let (all, paused) = store::of_case(db, case)?;
    Ok(all
        .iter()
        .map(|promise| {
            let is_paused = paused && promise.is_live();
            let runs = promise.is_live() && !is_paused;
            json!({
                "promise": promise.kind.as_str(),
                "priority": promise.priority.as_str(),
                "state": promise.standing().as_str(),
                "paused": is_paused,
                "started_at": time(promise.started_at),
                "due_at": (!is_paused).then(|| time(promise.due_at)),
                "remaining_seconds": runs.then(|| (promise.due_at - now).num_seconds()),
                "warned_at": promise.warned_at.map(time),
                "met_at": promise.met_at.map(time),
                "breached_at": promise.breached_at.map(time),
            })
        })
        .collect())
}

pub fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
