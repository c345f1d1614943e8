//! The calendar of an organisation: all works that touch its services, its own included.

use chrono::{DateTime, Duration, Utc};
use rusqlite::Connection;

use super::office::Office;
use crate::{
    desk::{
        directory::Service,
        status_page::calendar::REFRESH,
        works::{DeskWorks, State, Window, Works, WorksState, tell},
    },
    mail::calendar::{Entry, Feed, Status, WindowId},
    store::{
        StoreError, organisation_calendars, organisations, services,
        works::{self, desk},
    },
};

/// More works than that are none of a calendar's.
const MOST: u32 = 1000;
/// How long works that are over stay in it.
const LOOK_BACK: Duration = Duration::days(366);

/// The calendar that a token opens; none: no token of ours, or not any more.
pub fn of_token(
    db: &Connection,
    office: &Office,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<String>, StoreError> {
    let Some(organisation) = organisation_calendars::of_token(db, token)? else { return Ok(None) };
    of_organisation(db, office, organisation, now).map(Some)
}

fn of_organisation(
    db: &Connection,
    office: &Office,
    organisation: i64,
    now: DateTime<Utc>,
) -> Result<String, StoreError> {
    let whose = organisations::by_id(db, organisation)?.name;
    let filter = works::Filter { organisation: Some(organisation), limit: MOST, ..works::Filter::default() };
    let mut entries: Vec<Entry> = works::list(db, &filter)?.iter().flat_map(entries_of_their_own).collect();
    let theirs = services::of_organisation(db, organisation)?;
    let services = theirs.iter().map(|service| service.id).collect();
    let filter = desk::Filter {
        services: Some(services),
        ends_after: Some(now - LOOK_BACK),
        public: true,
        limit: MOST,
        ..desk::Filter::default()
    };
    for works in desk::list(db, &filter)? {
        entries.extend(entries_of_desk(&works, &theirs, desk::changed_at(db, &works)?));
    }
    let name = format!("{} – {whose}", office.desk.sender.display());
    Ok(Feed { name, domain: office.desk.domain().to_owned(), refresh: REFRESH, entries }.to_ical())
}

fn entries_of_their_own(works: &Works) -> Vec<Entry> {
    let services = works.services.iter().map(|touched| touched.name.as_str()).collect::<Vec<_>>().join(", ");
    let summary = match services.is_empty() {
        true => "Your own planned works".to_owned(),
        false => format!("Your own planned works: {services}"),
    };
    let status = if works.state == WorksState::Cancelled { Status::Cancelled } else { Status::Confirmed };
    let entry = |(window, number): (&crate::desk::works::ToldWindow, u32)| {
        Some(Entry {
            id: WindowId { works: works.id, window: number },
            starts_at: window.starts_at?,
            ends_at: window.ends_at,
            status,
            sequence: 0,
            stamp: works.announced_at,
            summary: summary.clone(),
            description: String::new(),
        })
    };
    works.windows.iter().zip(1..).filter_map(entry).collect()
}

fn entries_of_desk(works: &DeskWorks, theirs: &[Service], stamp: DateTime<Utc>) -> Vec<Entry> {
    let status = match works.state {
        State::Started => Status::InProcess,
        State::Completed => Status::Completed,
        State::Cancelled if works.is_broken_off() => Status::Completed,
        State::Cancelled => Status::Cancelled,
        State::Proposed | State::Planned | State::Approved | State::Announced => Status::Confirmed,
    };
    let summary = tell::summary(works.id, &works.description);
    let description = tell::facts(works, theirs);
    let held = works.held();
    // Windows that were not needed any more are cancelled.
    let gone = works.windows.iter().skip(held.len()).map(|window| (window, Status::Cancelled));
    let all = held.iter().map(|window| (window, status)).chain(gone);
    let entry = |((window, status), number): ((&Window, Status), u32)| Entry {
        id: WindowId { works: works.id.0, window: number },
        starts_at: window.starts_at,
        ends_at: Some(window.ends_at),
        status,
        sequence: works.last_sequence(),
        stamp,
        summary: if status == Status::Cancelled { format!("Cancelled: {summary}") } else { summary.clone() },
        description: description.clone(),
    };
    all.zip(1..).map(entry).collect()
}
