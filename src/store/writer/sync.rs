//! Commits reach the disk while the next are written.
//!
//! SQLite itself would wait for the disk at each commit (`synchronous = FULL`), and the writer with it, a fifth of its
//! time. With `NORMAL` a commit is in the log (WAL) but not yet on the disk for certain; a loss of power may take the last
//! of them back, and never a part of one. So here the log is brought to the disk after the commit, and only then those who
//! wait are told. Whoever reads meanwhile may see what is not on the disk yet, and acts on it only through the writer,
//! behind it.
//!
//! When the disk refuses, nobody knows what of the log has reached it, and asked again it may say that all is well. So
//! then the writer ends, and the next one begins by bringing the whole log into the database.

use std::{
    fs::File,
    path::PathBuf,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use rusqlite::Connection;

use super::Job;
use crate::store::StoreError;

/// Groups that may wait for the disk: beyond that the writer waits, too.
const WAITING: usize = 2;

pub(super) struct OnDisk(SyncSender<Vec<Box<dyn Job>>>);

pub(super) fn start(db: &Connection) -> Result<(OnDisk, thread::JoinHandle<()>), StoreError> {
    // Only here: whatever else writes to this database waits for the disk as usual.
    db.pragma_update(None, "synchronous", "normal")?;
    // Not if the disk is full: the log stays, then.
    let _ = db.query_row("PRAGMA wal_checkpoint", [], |_| Ok(()));
    // A database in memory has no path and no log.
    let log = db.path().filter(|path| !path.is_empty()).map(|path| PathBuf::from(format!("{path}-wal")));
    let (groups, waiting) = sync_channel(WAITING);
    let sync = move || sync_all(log, &waiting);
    let thread = thread::Builder::new().name("sync".to_owned()).spawn(sync);
    let thread = thread.map_err(|e| StoreError::Panicked(format!("cannot start the sync thread: {e}")))?;
    Ok((OnDisk(groups), thread))
}

impl OnDisk {
    /// Tells these jobs that they are done, once the disk has what they wrote.
    pub fn then_tell(&self, jobs: Vec<Box<dyn Job>>) {
        // An error means that the other thread is gone; the dropped jobs tell it through their channels.
        let _ = self.0.send(jobs);
    }
}

fn sync_all(path: Option<PathBuf>, waiting: &Receiver<Vec<Box<dyn Job>>>) {
    let mut log = None;
    while let Ok(mut jobs) = waiting.recv() {
        // One way to the disk does for all that is committed by now.
        jobs.extend(waiting.try_iter().flatten());
        let done = path.as_ref().map_or(Ok(()), |path| sync(path, &mut log));
        for job in jobs {
            job.tell(done.as_ref().copied().map_err(not_on_disk));
        }
        if done.is_err() {
            return;
        }
    }
}

/// The log is made at the first write and stays as long as the writer has the database open.
fn sync(path: &PathBuf, log: &mut Option<File>) -> std::io::Result<()> {
    let file = match log {
        Some(file) => file,
        None => log.insert(File::open(path)?),
    };
    file.sync_data()
}

fn not_on_disk(why: &std::io::Error) -> StoreError {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR_FSYNC);
    StoreError::Sqlite(rusqlite::Error::SqliteFailure(code, Some(format!("the log does not reach the disk: {why}"))))
}
