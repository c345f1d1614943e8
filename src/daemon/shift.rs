//! What the daemon's parts share, and what each of them does over and over until the desk stops.

mod mailbox;
mod web;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error};

use super::{pause::Pause, pulse::Pulse, reload::Reload, subscription, trouble, workplace::Workplace};
use crate::{
    desk::trouble::{Area, Nature},
    store::{
        StoreError,
        disk::{self, FileId},
        open::open_to_read,
        outbox, troubles,
    },
};

/// How soon the daemon sees what the command line wrote.
const LOOK_FOR_WRITERS: Duration = Duration::from_millis(200);
/// The longest that a part waits without looking: clocks of the system may jump.
const LOOK_ANYWAY: Duration = Duration::from_secs(30);
const PROBE_WRITER: Duration = Duration::from_secs(5);
const LOOK_AT_DISK: Duration = Duration::from_secs(60);

#[derive(Clone)]
pub(super) struct Shift {
    pub workplace: Workplace,
    /// mailboxes that were not read to their end since the start, or since they failed
    unread: Arc<Mutex<BTreeSet<String>>>,
    /// another process has written to the database
    written: watch::Sender<u64>,
    /// a person has mended something: whatever waits for that is tried at once
    mended: watch::Sender<u64>,
    stop: CancellationToken,
}

impl Shift {
    pub(super) fn new(workplace: Workplace, stop: CancellationToken) -> Shift {
        let unread = workplace.mailboxes.iter().map(|m| m.name.clone()).collect();
        Shift {
            unread: Arc::new(Mutex::new(unread)),
            written: watch::channel(0).0,
            mended: watch::channel(0).0,
            workplace,
            stop,
        }
    }

    /// One line for the service manager.
    pub(super) fn in_words(&self) -> String {
        let unread = self.unread();
        let all = self.workplace.mailboxes.len();
        let mut text = format!("{} of {all} mailboxes read", all - unread.len());
        if !unread.is_empty() {
            let names: Vec<&str> = unread.iter().map(String::as_str).collect();
            text.push_str(&format!(", not {}", names.join(", ")));
        }
        if self.workplace.sender.blocked_until().is_some() {
            text.push_str("; no mail can be sent");
        }
        text
    }

    fn unread(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Wakes clocks and sender whenever another process has written. (Of this one's own writes they hear at once.)
    /// Ends with an error when the database is not the `file` any more that the writer writes to.
    pub(super) async fn watch_writers(
        self,
        database: PathBuf,
        file: Option<FileId>,
        pulse: Pulse,
    ) -> Result<(), StoreError> {
        let still_there = || match disk::identity(&database) == file {
            true => Ok(()),
            false => Err(StoreError::Removed { path: database.display().to_string() }),
        };
        still_there()?;
        let db = open_to_read(&database)?;
        let mut last: i64 = 0;
        while !self.stop.is_cancelled() {
            pulse.beat();
            still_there()?;
            let version: i64 = db.pragma_query_value(None, "data_version", |row| row.get(0))?;
            if version != last {
                last = version;
                self.written.send_modify(|n| *n += 1);
            }
            tokio::select! {
                () = sleep(LOOK_FOR_WRITERS) => {}
                () = self.stop.cancelled() => {}
            }
        }
        Ok(())
    }

    pub(super) async fn tick(self, pulse: Pulse) -> Result<(), StoreError> {
        let mut news = self.news();
        let mut pause = Pause::new();
        while !self.stop.is_cancelled() {
            pulse.beat();
            let all_read = self.unread().is_empty();
            let ran = self.workplace.run_clocks(all_read).await;
            let next = match ran {
                Ok(_) => self.workplace.next_clock().await,
                Err(why) => Err(why),
            };
            self.wait(next, &mut pause, &mut news, &pulse).await?;
        }
        Ok(())
    }

    pub(super) async fn send(self, pulse: Pulse) -> Result<(), StoreError> {
        let mut news = self.news();
        let mut pause = Pause::new();
        let sender = &self.workplace.sender;
        while !self.stop.is_cancelled() {
            let next = match sender.send_due(&pulse, &self.stop).await {
                Ok(_) => self.workplace.writer.run(outbox::next_due).await,
                Err(why) => Err(why),
            };
            // Nothing is looked at before the way out is tried again.
            let next = next.map(|next| sender.blocked_until().or(next));
            self.wait(next, &mut pause, &mut news, &pulse).await?;
        }
        Ok(())
    }

    /// Until somebody has written, or the next due time has come. What the database can't do for now is tried again after
    /// a pause.
    async fn wait(
        &self,
        next: Result<Option<DateTime<Utc>>, StoreError>,
        pause: &mut Pause,
        news: &mut News,
        pulse: &Pulse,
    ) -> Result<(), StoreError> {
        pulse.rest();
        let next = match next {
            Ok(next) => {
                pause.reset();
                next
            }
            Err(why) if why.is_disk() || why.is_busy() => {
                let wait = pause.passing();
                error!(%why, pause_s = wait.as_secs_f32(), "the database can't be written: trying again");
                tokio::select! {
                    () = sleep(wait) => {}
                    () = self.stop.cancelled() => {}
                }
                return Ok(());
            }
            Err(why) => return Err(why),
        };
        let until_next = next.and_then(|at| (at - self.workplace.time.now()).to_std().ok());
        // Something that is due already and still there waits for mail to be read: look again in a while.
        let longest = until_next.unwrap_or(LOOK_ANYWAY).min(LOOK_ANYWAY).max(LOOK_FOR_WRITERS);
        tokio::select! {
            () = sleep(longest) => {}
            _ = news.by_others.changed() => {}
            _ = news.by_us.changed() => {}
            () = self.stop.cancelled() => {}
        }
        Ok(())
    }

    fn news(&self) -> News {
        News { by_others: self.written.subscribe(), by_us: self.workplace.writer.changes() }
    }

    /// The writer's thread can't be looked into: it is asked for an answer now and then.
    pub(super) async fn probe_writer(self, pulse: Pulse) -> Result<(), StoreError> {
        while !self.stop.is_cancelled() {
            pulse.beat();
            self.workplace.writer.ping().await?;
            debug!(tasks = tokio::runtime::Handle::current().metrics().num_alive_tasks(), "the writer answers");
            pulse.rest();
            tokio::select! {
                () = sleep(PROBE_WRITER) => {}
                () = self.stop.cancelled() => {}
            }
        }
        Ok(())
    }

    /// Says so while there is still room to say it.
    pub(super) async fn watch_disk(self, database: PathBuf, pulse: Pulse) -> Result<(), StoreError> {
        while !self.stop.is_cancelled() {
            pulse.beat();
            self.look_at_disk(&database).await.or_else(|why| if why.is_disk() { Ok(()) } else { Err(why) })?;
            pulse.rest();
            tokio::select! {
                () = sleep(LOOK_AT_DISK) => {}
                () = self.stop.cancelled() => {}
            }
        }
        Ok(())
    }

    async fn look_at_disk(&self, database: &Path) -> Result<(), StoreError> {
        let Some(space) = disk::space(database) else { return Ok(()) };
        let (office, now) = (self.workplace.office.get(), self.workplace.time.now());
        let path = database.display().to_string();
        self.workplace
            .writer
            .run(move |tx| {
                // No wish may come that would see that there is room again.
                subscription::look_at_hour(tx, &office, now)?;
                match space.is_low() {
                    true => {
                        let error = format!(
                            "the disk of {path} has {} MB left: when it is full, no mail can be taken in; make room",
                            space.free_bytes / 1_000_000
                        );
                        trouble::met(tx, &office, &Area::Disk, Nature::NeedsPerson, &error, now)
                    }
                    false if troubles::current(tx, &Area::Disk)?.is_some() => {
                        trouble::over(tx, &office, &Area::Disk, now)
                    }
                    false => Ok(()),
                }
            })
            .await
    }

    /// Reads the configuration anew at each SIGHUP.
    pub(super) async fn reload(self, reload: Reload, pulse: Pulse) -> Result<(), StoreError> {
        let hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup());
        let Ok(mut hangup) = hangup else { return Err(StoreError::Panicked("no signal can be listened for".into())) };
        loop {
            pulse.rest();
            tokio::select! {
                _ = hangup.recv() => {}
                () = self.stop.cancelled() => return Ok(()),
            }
            pulse.beat();
            reload.now().await.or_else(|why| if why.is_disk() { Ok(()) } else { Err(why) })?;
            self.workplace.sender.try_now();
            self.mended.send_modify(|n| *n += 1);
            self.written.send_modify(|n| *n += 1);
        }
    }
}

/// Of what was written to the database.
struct News {
    by_others: watch::Receiver<u64>,
    by_us: watch::Receiver<u64>,
}
