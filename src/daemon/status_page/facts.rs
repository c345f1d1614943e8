//! What the store knows of incidents and works, as the public may see it.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use crate::{
    daemon::office::Office,
    desk::status_page::{Incident, Update, Works},
    store::{StoreError, incidents},
};

/// Major incidents that are open, or were resolved since then.
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
                updates: told.map(|update| Update { at: update.at, text: update.text }).collect(),
            })
        })
        .collect()
}

/// The desk's works of which customers know, on platforms: to come, in progress, or over since then.
pub(super) fn works(_: &Connection, _: DateTime<Utc>) -> Result<Vec<Works>, StoreError> {
    Ok(vec![])
}

/// May people subscribe by a form?
pub(super) fn takes_subscriptions(_: &Office) -> bool {
    false
}
