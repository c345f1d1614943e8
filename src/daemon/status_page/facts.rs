//! What the store knows of incidents and works, as the public may see it.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use crate::{
    daemon::office::Office,
    desk::{
        status_page::{Impact, Incident, Window, Works, WorksState},
        works::{self, DeskWorks, Place},
    },
    store::{StoreError, works::desk},
};

/// More works than that are none of a page's.
const MOST: u32 = 1000;

/// Major incidents that are open, or were resolved since then.
pub(super) fn incidents(_: &Connection, _: DateTime<Utc>) -> Result<Vec<Incident>, StoreError> {
    Ok(vec![])
}

/// The desk's works of which customers know, on platforms: to come, in progress, or over since then.
pub(super) fn works(db: &Connection, since: DateTime<Utc>) -> Result<Vec<Works>, StoreError> {
    let filter = desk::Filter { services: None, platform: None, coming_after: None, public: true, limit: MOST };
    let all = desk::list(db, &filter)?;
    Ok(all.iter().filter(|works| works.ends_at().is_some_and(|end| end > since)).filter_map(public).collect())
}

/// None: they touch single services only, whose names are customers'.
fn public(works: &DeskWorks) -> Option<Works> {
    let platforms = works.affected.iter().filter_map(|affected| match &affected.place {
        Place::Platform(key) => Some((key.clone(), impact(affected.impact))),
        Place::Service { .. } => None,
    });
    let platforms: Vec<_> = platforms.collect();
    let windows = works.windows.iter().map(|w| Window { starts_at: w.starts_at, ends_at: w.ends_at }).collect();
    let changed = [works.announced_at, works.started_at, works.ended_at];
    (!platforms.is_empty()).then(|| Works {
        id: works.id.0,
        title: works.description.clone(),
        reason: Some(works.reason.clone()).filter(|reason| !reason.is_empty()),
        state: match works.state {
            works::State::Started => WorksState::InProgress,
            works::State::Completed => WorksState::Completed,
            works::State::Cancelled => WorksState::Cancelled,
            _ => WorksState::Planned,
        },
        platforms,
        windows,
        changed_at: changed.into_iter().flatten().max().unwrap_or(works.planned_at),
    })
}

fn impact(impact: works::Impact) -> Impact {
    match impact {
        works::Impact::NoImpact => Impact::NoImpact,
        works::Impact::ReducedRedundancy => Impact::ReducedRedundancy,
        works::Impact::Degraded => Impact::Degraded,
        works::Impact::Outage => Impact::Outage,
    }
}

/// May people subscribe by a form? Only where the public finds the pages to which the mails lead.
pub(super) fn takes_subscriptions(office: &Office) -> bool {
    office.web_url.is_some()
}
