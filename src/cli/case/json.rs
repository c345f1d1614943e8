//! Cases as JSON, for scripts. Times are RFC 3339 in UTC.

use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::Connection;
use serde_json::{Value, json};

use crate::{
    desk::case::Case,
    store::{StoreError, cases, escalations},
};

pub fn case(db: &Connection, case: &Case) -> Result<Value, StoreError> {
    let links: Vec<Value> = cases::links(db, case.id)?
        .into_iter()
        .map(|l| json!({ "kind": l.how, "reference": l.reference.to_string() }))
        .collect();
    let escalated = escalations::of_case(db, case.id)?.filter(|escalation| escalation.escalated_at.is_some());
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
        "spam": case.spam,
        "links": links,
    }))
}

pub fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}
