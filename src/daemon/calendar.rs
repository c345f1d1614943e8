//! The calendar of an organisation: all works that touch its services, its own included.

use rusqlite::Connection;

use super::office::Office;
use crate::{
    desk::{
        status_page::calendar::{Event, ical},
        works::{Whose, Works, WorksState},
    },
    store::{StoreError, organisation_calendars, organisations, works},
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
    let events = works::list(db, &filter)?.into_iter().flat_map(|works| events(&works, domain)).collect::<Vec<_>>();
    Ok(ical(&format!("{} – {whose}", desk.name.as_deref().unwrap_or(&desk.email)), events))
}

fn events(works: &Works, domain: &str) -> Vec<Event> {
    let services = works.services.iter().map(|touched| touched.name.as_str()).collect::<Vec<_>>().join(", ");
    let whose = match works.whose {
        Whose::Customer => "Your own planned works",
        Whose::Desk => "Planned works",
    };
    let windows = works.windows.iter().enumerate();
    let event = |(n, window): (usize, &crate::desk::works::Window)| {
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
