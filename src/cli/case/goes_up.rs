//! How far up a case is, who is next, and whom staff could ask at the customer, for `casepost case show`.

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::json as as_json;
use crate::{
    daemon::{assignment::products_of, escalation::around},
    desk::{
        case::Case,
        deferral::Deferral,
        escalation::{at_customer, is_superseded, matrix, reach_of, title},
        hours::{Zone, say},
        service_desk::ServiceDesk,
    },
    store::{StoreError, deferrals, escalations},
};

pub fn facts(
    db: &Connection,
    desk: &ServiceDesk,
    case: &Case,
    now: DateTime<Utc>,
) -> Result<Vec<(&'static str, String)>, StoreError> {
    let rules = &desk.policy.escalation;
    let zone = Zone::Named(desk.policy.zone);
    let escalation = escalations::of_case(db, case, &desk.policy)?;
    let around = around(db, desk, case, products_of(db, case)?)?;
    let at = |level: u8| {
        let reach = reach_of(level, &around, now);
        let reach = if reach.is_empty() { reach } else { format!(": {reach}") };
        format!("level {level}, {}{reach}", title(level, rules))
    };
    let mut facts = Vec::new();
    if let Some(since) = escalation.escalated_at {
        facts.push(("escalated", format!("{}, since {}", at(escalation.level), say(since, &zone))));
    }
    let goes_up = !case.status.is_closed() && !case.spam;
    if goes_up && is_superseded(case, rules) {
        facts.push(("next level", "none: the crisis process of the major network incident goes instead".to_owned()));
    } else if goes_up && !rules.levels.is_empty() && escalation.level < rules.top() {
        facts.push(("next level", at(escalation.level + 1)));
    }
    if let Some(deferral) = deferrals::of_case(db, case.id)? {
        facts.push(("may it wait", proposal(&deferral, &zone)));
    }
    facts.extend(around.at_customer.iter().map(|contact| ("at customer", at_customer(contact))));
    Ok(facts)
}

fn proposal(deferral: &Deferral, zone: &Zone) -> String {
    let until = say(deferral.until, zone);
    match (deferral.answer, &deferral.answered_by) {
        (Some(answer), Some(who)) => format!("until {until}: {} by {who}", answer.as_str()),
        _ => format!("until {until}: the customer was asked by {}", deferral.asked_by),
    }
}

/// The level to which a case goes next, for a list.
pub fn next(db: &Connection, desk: &ServiceDesk, case: &Case) -> Result<Value, StoreError> {
    let rules = &desk.policy.escalation;
    let next = escalations::of_case(db, case, &desk.policy)?.level + 1;
    let goes_up = !case.status.is_closed() && !is_superseded(case, rules) && next <= rules.top();
    Ok(json!(goes_up.then(|| json!({ "level": next, "title": title(next, rules) }))))
}

pub fn object(db: &Connection, desk: &ServiceDesk, case: &Case, now: DateTime<Utc>) -> Result<Value, StoreError> {
    let rules = &desk.policy.escalation;
    let escalation = escalations::of_case(db, case, &desk.policy)?;
    let around = around(db, desk, case, products_of(db, case)?)?;
    let next = escalation.level + 1;
    let goes_up = !case.status.is_closed() && !is_superseded(case, rules) && next <= rules.top();
    let deferral = deferrals::of_case(db, case.id)?;
    Ok(json!({
        "level": escalation.level,
        "title": title(escalation.level, rules),
        "escalated_at": escalation.escalated_at.map(as_json::time),
        "next": goes_up.then(|| json!({ "level": next, "title": title(next, rules), "reach": reach_of(next, &around, now) })),
        "matrix": matrix(&around, now),
        "at_customer": around.at_customer.iter().map(at_customer).collect::<Vec<_>>(),
        "deferral": deferral.map(|asked| json!({
            "until": as_json::time(asked.until),
            "asked_at": as_json::time(asked.asked_at),
            "answer": asked.answer.map(|answer| answer.as_str()),
        })),
    }))
}
