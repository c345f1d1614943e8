//! `summary.json`: the page for programs. docs/status-page.md describes it, docs/summary.schema.json is its schema; keys
//! are added, none is renamed or taken away while `version` is 1.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Incident, StatusPage, Works, history::Past, view::iso};

pub(super) fn text(page: &StatusPage, now: DateTime<Utc>) -> String {
    let platforms: Vec<Value> = page
        .platforms
        .iter()
        .map(|(key, title)| json!({ "key": key, "title": title, "state": page.state_of(key, now).as_str() }))
        .collect();
    let works = |all: Vec<&Works>| -> Vec<Value> { all.into_iter().map(|one| works_object(one, now)).collect() };
    let past = page.history(now);
    let past_incidents = past.iter().filter_map(|past| match past {
        Past::Incident(incident) => Some(incident_object(incident)),
        Past::Works(_) => None,
    });
    let past_works = past.iter().filter_map(|past| match past {
        Past::Works(works) => Some(works_object(works, now)),
        Past::Incident(_) => None,
    });
    let all = json!({
        "version": 1,
        "desk": page.desk,
        "url": page.url,
        "generated_at": iso(now),
        "changed_at": page.changed_at(now).map(iso),
        "state": page.state(now).as_str(),
        "platforms": platforms,
        "incidents": page.open_incidents().into_iter().map(incident_object).collect::<Vec<_>>(),
        "works_now": works(page.works_now(now)),
        "works_next": works(page.works_next(now)),
        "past_incidents": past_incidents.collect::<Vec<_>>(),
        "withdrawn_incidents": page.withdrawn().into_iter().map(withdrawn_object).collect::<Vec<_>>(),
        "past_works": past_works.collect::<Vec<_>>(),
    });
    format!("{all:#}\n")
}

fn incident_object(incident: &Incident) -> Value {
    let updates: Vec<Value> =
        incident.updates.iter().map(|update| json!({ "at": iso(update.at), "text": update.text })).collect();
    json!({
        "number": incident.number,
        "title": incident.title,
        "impact": incident.impact,
        "platforms": incident.platforms,
        "sites": incident.sites,
        "began_at": iso(incident.began_at),
        "resolved_at": incident.resolved_at.map(iso),
        "etr": incident.etr.map(iso),
        "next_update_at": incident.next_update_at.map(iso),
        "cause": incident.cause,
        "updates": updates,
        "page": page_of(incident),
    })
}

fn withdrawn_object(incident: &Incident) -> Value {
    json!({
        "number": incident.number,
        "title": incident.title,
        "platforms": incident.platforms,
        "began_at": iso(incident.began_at),
        "withdrawn_at": incident.resolved_at.map(iso),
        "reason": incident.updates.last().map(|update| &update.text),
        "page": page_of(incident),
    })
}

fn page_of(incident: &Incident) -> String {
    format!("incidents/{}.html", incident.number)
}

fn works_object(works: &Works, now: DateTime<Utc>) -> Value {
    let windows: Vec<Value> = works
        .windows
        .iter()
        .map(|window| json!({ "starts_at": iso(window.starts_at), "ends_at": iso(window.ends_at) }))
        .collect();
    let platforms: Vec<Value> = works
        .platforms
        .iter()
        .map(|(key, impact)| json!({ "key": key, "impact": impact.as_str().to_lowercase() }))
        .collect();
    json!({
        "id": works.id,
        "title": works.title,
        "reason": works.reason,
        "state": works.state_at(now).as_str(),
        "platforms": platforms,
        "windows": windows,
        "changed_at": iso(works.changed_at),
    })
}
