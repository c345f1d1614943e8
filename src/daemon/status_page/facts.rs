//! What the store knows of incidents and works, as the public may see it.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use crate::{
    desk::{
        status_page::{Incident, Update, Window, Works, WorksState},
        works::{self, DeskWorks, Place},
    },
    store::{StoreError, incidents, works::desk},
};

/// More works than that are none of a page's.
const MOST: u32 = 1000;

/// Major incidents that are open, or ended since then.
pub(super) fn incidents(db: &Connection, since: DateTime<Utc>) -> Result<Vec<Incident>, StoreError> {
    incidents::since(db, since)?
        .into_iter()
        .map(|incident| {
            let told = incidents::updates(db, incident.case)?.into_iter().filter(|update| !update.text.is_empty());
            Ok(Incident {
                number: incident.number.to_string(),
                title: incident.title,
                impact: incident.impact,
                // Numbers of single services are their customers' own.
                platforms: incident.scope.platforms.into_iter().collect(),
                sites: incident.scope.sites.into_iter().collect(),
                began_at: incident.began_at,
                resolved_at: incident.closed_at,
                etr: incident.etr,
                next_update_at: incident.next_update,
                cause: incident.cause,
                withdrawn: incident.withdrawn.is_some(),
                updates: told.map(|update| Update { at: update.at, text: update.text }).collect(),
            })
        })
        .collect()
}

/// The desk's works of which customers know, on platforms: to come, in progress, or over since then.
pub(super) fn works(db: &Connection, since: DateTime<Utc>) -> Result<Vec<Works>, StoreError> {
    let filter = desk::Filter { ends_after: Some(since), public: true, limit: MOST, ..desk::Filter::default() };
    let mut all = Vec::new();
    for works in desk::list(db, &filter)? {
        all.extend(public(&works, desk::changed_at(db, &works)?));
    }
    Ok(all)
}

/// None: they touch single services only, whose names are customers'.
fn public(works: &DeskWorks, changed_at: DateTime<Utc>) -> Option<Works> {
    let platforms = works.affected.iter().filter_map(|affected| match &affected.place {
        Place::Platform(key) => Some((key.clone(), affected.impact)),
        Place::Service { .. } => None,
    });
    let platforms: Vec<_> = platforms.collect();
    let of_page = |w: &works::Window| Window { starts_at: w.starts_at, ends_at: w.ends_at };
    let held = works.held();
    (!platforms.is_empty()).then(|| Works {
        id: works.id.0,
        title: works.description.clone(),
        reason: Some(works.reason.clone()).filter(|reason| !reason.is_empty()),
        state: match works.state {
            works::State::Started => WorksState::InProgress,
            works::State::Completed => WorksState::Completed,
            // What was done of them stays, as in calendars.
            works::State::Cancelled if works.is_broken_off() => WorksState::Completed,
            works::State::Cancelled => WorksState::Cancelled,
            _ => WorksState::Planned,
        },
        platforms,
        windows: held.iter().map(of_page).collect(),
        not_needed: works.windows.iter().skip(held.len()).map(of_page).collect(),
        sequence: works.last_sequence(),
        changed_at,
    })
}
