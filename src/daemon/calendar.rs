//! The calendar of an organisation: all works that touch its services, its own included.

use rusqlite::Connection;

use super::office::Office;
use crate::{
    desk::{
        status_page::calendar::{Event, ical},
        works::{DeskWorks, State, Whose, Works, WorksState},
    },
    store::{
        StoreError, organisation_calendars, organisations, services,
        works::{self, desk},
    },
};

/// More works than that are none of a calendar's.
const MOST: u32 = 1000;

/// The calendar that a token opens; none: no token of ours, or not any more.
pub fn of_token(db: &Connection, office: &Office, token: &str) -> Result<Option<String>, StoreError> {
    let Some(organisation) = organisation_calendars::of_token(db, token)? else { return Ok(None) };
    of_organisation(db, office, organisation).map(Some)
}

fn of_organisation(db: &Connection, office: &Office, organisation: i64) -> Result<String, StoreError> {
    let desk = &office.desk.sender;
    let domain = desk.email.rsplit('@').next().unwrap_or("localhost");
    let whose = organisations::by_id(db, organisation)?.name;
    let filter = works::Filter { service: None, organisation: Some(organisation), limit: MOST };
    let own = works::list(db, &filter)?.into_iter().filter(|works| works.whose == Whose::Customer);
    let mut all: Vec<Event> = own.flat_map(|works| events(&works, domain)).collect();
    let filter =
        services::Filter { part: None, organisation: Some(organisation), platform: None, limit: MOST, offset: 0 };
    let services = services::list(db, &filter)?.into_iter().map(|service| service.id).collect();
    let filter =
        desk::Filter { services: Some(services), platform: None, coming_after: None, public: true, limit: MOST };
    all.extend(desk::list(db, &filter)?.iter().flat_map(|works| events_of_desk(works, domain)));
    Ok(ical(&format!("{} – {whose}", desk.name.as_deref().unwrap_or(&desk.email)), all))
}

fn events(works: &Works, domain: &str) -> Vec<Event> {
    let services = works.services.iter().map(|touched| touched.name.as_str()).collect::<Vec<_>>().join(", ");
    let whose = match works.whose {
        Whose::Customer => "Your own planned works",
        Whose::Desk => "Planned works",
    };
    let windows = works.windows.iter().enumerate();
    let event = |(n, window): (usize, &crate::desk::works::ToldWindow)| {
        Some(Event {
            uid: format!("works-{}-{}@{domain}", works.id, n + 1),
            summary: if services.is_empty() { whose.to_owned() } else { format!("{whose}: {services}") },
            description: None,
            starts_at: window.starts_at?,
            ends_at: window.ends_at,
            is_cancelled: works.state == WorksState::Cancelled,
            changed_at: works.announced_at,
        })
    };
    windows.filter_map(event).collect()
}

fn events_of_desk(works: &DeskWorks, domain: &str) -> Vec<Event> {
    let changed = [works.announced_at, works.started_at, works.ended_at];
    let changed_at = changed.into_iter().flatten().max().unwrap_or(works.planned_at);
    let event = |(n, window): (usize, &crate::desk::works::Window)| Event {
        uid: format!("works-{}-{}@{domain}", works.id.0, n + 1),
        summary: works.description.clone(),
        description: Some(works.reason.clone()).filter(|reason| !reason.is_empty()),
        starts_at: window.starts_at,
        ends_at: Some(window.ends_at),
        is_cancelled: works.state == State::Cancelled,
        changed_at,
    };
    works.windows.iter().enumerate().map(event).collect()
}
