//! What the store knows of incidents and works, as the public may see it.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use crate::{
    daemon::office::Office,
    desk::status_page::{Incident, Works},
    store::StoreError,
};

/// Major incidents that are open, or were resolved since then.
pub(super) fn incidents(_: &Connection, _: DateTime<Utc>) -> Result<Vec<Incident>, StoreError> {
    Ok(vec![])
}

/// The desk's works of which customers know, on platforms: to come, in progress, or over since then.
pub(super) fn works(_: &Connection, _: DateTime<Utc>) -> Result<Vec<Works>, StoreError> {
    Ok(vec![])
}

/// May people subscribe by a form?
pub(super) fn takes_subscriptions(_: &Office) -> bool {
    false
}
