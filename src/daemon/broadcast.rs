//! From what is said to many to a notice each: a hundred readers at a time, each with what concerns them alone. A reader
//! leaves the queue in the transaction that puts their notice into the outbox, so that a crash loses none and repeats
//! none.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::{incident, office::Office, subscription, works};
use crate::{
    desk::topic::Topic,
    store::{
        StoreError,
        broadcasts::{self, Broadcast, Reader},
        outbox::{self, NewNotice, Recipients},
    },
};

/// Readers that one job takes up: mail that comes in meanwhile waits for no longer than that.
const AT_ONCE: u32 = 100;

/// Makes the next notices of what is said to many; says how many readers it took from the queue.
pub fn tell_next(tx: &Connection, office: &Office, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let Some(broadcast) = broadcasts::next(tx)? else { return Ok(0) };
    let readers = broadcasts::readers(tx, broadcast.id, AT_ONCE)?;
    for reader in &readers {
        tell(tx, office, &broadcast, reader, now)?;
        broadcasts::told(tx, broadcast.id, &reader.address.email)?;
    }
    if readers.len() < AT_ONCE as usize {
        broadcasts::done(tx, broadcast.id)?;
    }
    // At least one thing was done, even for a broadcast that nobody reads.
    Ok(readers.len().max(1))
}

fn tell(
    tx: &Connection,
    office: &Office,
    broadcast: &Broadcast,
    reader: &Reader,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let own = match broadcast.topic {
        Topic::Works(works) => works::told(tx, office, works, broadcast, reader)?,
        // A list goes to whoever asked for it.
        Topic::AllWorks => None,
        Topic::Incident(case) => incident::told(tx, office, case, broadcast, reader)?,
    };
    let Some(own) = own else { return Ok(()) };
    let mut data = broadcast.data.clone();
    data.extend(own);
    if let Some(id) = reader.subscription {
        let Some(own) = subscription::told(tx, id)? else { return Ok(()) };
        data.extend(own);
    }
    let recipients = Recipients { to: vec![reader.address.clone()], cc: vec![] };
    let notice = NewNotice {
        case: reader.case,
        topic: Some(broadcast.topic),
        kind: broadcast.kind,
        automatic: true,
        // So that what is queued goes out in the order in which it was said, however late it is taken up.
        decided_at: broadcast.decided_at.min(now),
        data: &data,
        recipients: &recipients,
        cause: &broadcast.cause,
        attachments: &[],
    };
    outbox::add(tx, &notice, None).map(drop)
}

#[cfg(test)]
mod tests;
