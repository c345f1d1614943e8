//! The daemon: a task per mailbox, one for clocks, one for outgoing mail, one that watches for other writers; until it
//! is told to stop. Each waits for its own work and fails on its own.

use std::{
    collections::BTreeSet,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info, warn};

use super::once::{Workplace, open_source};
use crate::{
    config::MailboxConfig,
    store::{StoreError, clocks, digests, open::open_to_read, outbox},
};

/// How soon the daemon sees what the command line wrote.
const LOOK_FOR_WRITERS: Duration = Duration::from_millis(200);
/// The longest that a task waits without looking: clocks of the system may jump.
const LOOK_ANYWAY: Duration = Duration::from_secs(30);
/// For closing connections in good order when the daemon is told to stop.
const GOODBYE: Duration = Duration::from_secs(2);
/// Pauses after a failure grow from the first to the last.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const LAST_PAUSE: Duration = Duration::from_secs(300);

/// Runs until `stop`; returns when the work at hand is finished.
pub async fn run(workplace: Workplace, database: PathBuf, stop: CancellationToken) -> Result<(), StoreError> {
    let (wake, woken) = watch::channel(0_u64);
    let unread: BTreeSet<String> = workplace.mailboxes.iter().map(|m| m.name.clone()).collect();
    let unread = Arc::new(Mutex::new(unread));
    let mut tasks: JoinSet<Result<(), StoreError>> = JoinSet::new();
    for mailbox in &workplace.mailboxes {
        let watcher = Mailbox {
            workplace: workplace.clone(),
            mailbox: mailbox.clone(),
            unread: unread.clone(),
            stop: stop.clone(),
        };
        tasks.spawn(async move { watcher.watch().await });
    }
    tasks.spawn(watch_writers(database, wake, stop.clone()));
    tasks.spawn(tick(workplace.clone(), unread, woken.clone(), stop.clone()));
    tasks.spawn(send(workplace.clone(), woken, stop.clone()));
    info!(mailboxes = workplace.mailboxes.len(), "casepost is running");
    let mut result = Ok(());
    while let Some(ended) = tasks.join_next().await {
        let ended = ended.unwrap_or_else(|e| Err(StoreError::Panicked(e.to_string())));
        if let Err(why) = ended {
            error!(%why, "casepost stops");
            result = Err(why);
        }
        // One task that ends for good ends them all: the service manager starts the desk again as a whole.
        stop.cancel();
    }
    let _ = timeout(GOODBYE, workplace.transport.close()).await;
    info!("casepost has stopped");
    result
}

struct Mailbox {
    workplace: Workplace,
    mailbox: MailboxConfig,
    /// mailboxes that were not read to their end since the start
    unread: Arc<Mutex<BTreeSet<String>>>,
    stop: CancellationToken,
}

impl Mailbox {
    async fn watch(self) -> Result<(), StoreError> {
        let mut pause = FIRST_PAUSE;
        while !self.stop.is_cancelled() {
            match self.connected(&mut pause).await {
                Ok(()) => return Ok(()),
                Err(why) => warn!(mailbox = self.mailbox.name, why, pause_s = pause.as_secs(), "mailbox: trying again"),
            }
            tokio::select! {
                () = sleep(pause) => {}
                () = self.stop.cancelled() => {}
            }
            pause = (pause * 2).min(LAST_PAUSE);
        }
        Ok(())
    }

    /// One connection, pass after pass, until it fails or the desk stops.
    async fn connected(&self, pause: &mut Duration) -> Result<(), String> {
        let mut source = open_source(&self.mailbox).await.map_err(|e| e.to_string())?;
        let intake = self.workplace.intake(&self.mailbox);
        loop {
            let pass = tokio::select! {
                pass = intake.pass(&mut source) => pass.map_err(|e| e.to_string())?,
                // What is queued is still written; what is not is fetched again at the next start.
                () = self.stop.cancelled() => return Ok(()),
            };
            *pause = FIRST_PAUSE;
            self.unread.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.mailbox.name);
            if pass.kept + pass.held > 0 {
                info!(mailbox = self.mailbox.name, kept = pass.kept, known = pass.known, held = pass.held, "pass");
            }
            let waited = source.wait(self.mailbox.poll, self.mailbox.idle, self.stop.cancelled()).await;
            if self.stop.is_cancelled() {
                // Politeness has its limits: a server that is silent now is not waited for.
                let _ = timeout(GOODBYE, source.close()).await;
                return Ok(());
            }
            waited.map_err(|e| e.to_string())?;
        }
    }
}

/// Wakes clocks and sender whenever somebody has written: this process or another.
async fn watch_writers(database: PathBuf, wake: watch::Sender<u64>, stop: CancellationToken) -> Result<(), StoreError> {
    let db = open_to_read(&database)?;
    let mut last: i64 = 0;
    while !stop.is_cancelled() {
        let version: i64 = db.pragma_query_value(None, "data_version", |row| row.get(0))?;
        if version != last {
            last = version;
            wake.send_modify(|n| *n += 1);
        }
        tokio::select! {
            () = sleep(LOOK_FOR_WRITERS) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

async fn tick(
    workplace: Workplace,
    unread: Arc<Mutex<BTreeSet<String>>>,
    mut woken: watch::Receiver<u64>,
    stop: CancellationToken,
) -> Result<(), StoreError> {
    while !stop.is_cancelled() {
        let all_read = unread.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        retrying(workplace.run_clocks(all_read).await.map(drop))?;
        let next = workplace
            .writer
            .run(|tx| Ok(clocks::next_due(tx)?.into_iter().chain(digests::next_due(tx)?).min()))
            .await?;
        wait(&workplace, next, &mut woken, &stop).await;
    }
    Ok(())
}

async fn send(
    workplace: Workplace,
    mut woken: watch::Receiver<u64>,
    stop: CancellationToken,
) -> Result<(), StoreError> {
    let sender = workplace.sender();
    while !stop.is_cancelled() {
        tokio::select! {
            sent = sender.send_due() => retrying(sent.map(drop))?,
            // What is under way and cut off here is sent again at the next start, under the same Message-ID.
            () = stop.cancelled() => return Ok(()),
        }
        let next = workplace.writer.run(outbox::next_due).await?;
        wait(&workplace, next, &mut woken, &stop).await;
    }
    Ok(())
}

/// A disk that is full for a while is waited for; anything else ends the daemon.
fn retrying(result: Result<(), StoreError>) -> Result<(), StoreError> {
    match result {
        Err(why) if why.is_disk() || why.is_busy() => {
            error!(%why, "the database can't be written: trying again");
            Ok(())
        }
        other => other,
    }
}

/// Until somebody has written, or the next due time has come.
async fn wait(
    workplace: &Workplace,
    next: Option<DateTime<Utc>>,
    woken: &mut watch::Receiver<u64>,
    stop: &CancellationToken,
) {
    let until_next = next.and_then(|at| (at - workplace.time.now()).to_std().ok());
    // Something that is due already and still there waits for mail to be read: look again in a while.
    let pause = until_next.unwrap_or(LOOK_ANYWAY).min(LOOK_ANYWAY).max(Duration::from_millis(200));
    tokio::select! {
        () = sleep(pause) => {}
        _ = woken.changed() => {}
        () = stop.cancelled() => {}
    }
}
