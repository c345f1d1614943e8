//! The daemon's one write connection, owned by a thread of its own.
//!
//! Jobs queue (bounded: whoever brings work faster than the disk takes it, waits). What is queued is committed
//! together, in one transaction. Decisions are made inside the job, so a mail and its reply in one group meet. Nobody is
//! told that a job is done before its commit is on the disk: that is seen to by `sync`, on a thread of its own, while
//! the next group is being written.
//!
//! A job that fails takes only its own writes back: the group is rolled back and done again with a savepoint for each
//! job. Not at the first try: a savepoint has every page copied that a job writes, a third of the time of taking in a
//! mail, and hardly a job ever fails. When the disk is full or broken each job is tried alone.

mod sync;

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
    thread,
};

use rusqlite::Connection;
use tokio::sync::{oneshot, watch};

use self::sync::OnDisk;
use super::StoreError;

/// Whoever brings work may wait with so much: a job, or all jobs of a batch of mails.
const QUEUE: usize = 64;
/// Jobs in one transaction: beyond some hundred, larger groups gain nothing.
const GROUP: usize = 256;

/// A handle to the writer thread; the thread ends when the last handle is dropped.
#[derive(Clone)]
pub struct Writer {
    jobs: mpsc::SyncSender<Vec<Box<dyn Job>>>,
    /// how often something was changed
    changes: watch::Receiver<u64>,
}

impl Writer {
    /// Starts the thread with its connection.
    pub fn start(mut db: Connection) -> Result<(Writer, thread::JoinHandle<()>), StoreError> {
        let (jobs, queue) = mpsc::sync_channel::<Vec<Box<dyn Job>>>(QUEUE);
        let (tell, changes) = watch::channel(0);
        let failed = |e: std::io::Error| StoreError::Panicked(format!("cannot start the writer thread: {e}"));
        let (on_disk, syncing) = sync::start(&db)?;
        let write = move || {
            while let Ok(mut group) = queue.recv()
                && !syncing.is_finished()
            {
                while group.len() < GROUP {
                    let Ok(more) = queue.try_recv() else { break };
                    group.extend(more);
                }
                let before = db.total_changes();
                write_group(&mut db, group, &on_disk);
                if db.total_changes() != before {
                    tell.send_modify(|n| *n += 1);
                }
            }
            drop(on_disk);
            // What is committed is told before the writer counts as ended.
            let _ = syncing.join();
        };
        let thread = thread::Builder::new().name("writer".to_owned()).spawn(write).map_err(failed)?;
        Ok((Writer { jobs, changes }, thread))
    }

    /// Tells of each commit that changed something.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.clone()
    }

    /// Queues a job and returns at once what will be its outcome, after the commit. The job may be run twice (the
    /// first time rolled back), so it must not have effects of its own.
    pub async fn queue<T: Send + 'static>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Outcome<T> {
        let (job, outcome) = job(work);
        self.bring(vec![job]).await;
        outcome
    }

    /// Queues jobs that are to be done in this order, and as far as possible in one transaction.
    pub async fn queue_all<T: Send + 'static>(
        &self,
        works: impl IntoIterator<Item = impl FnMut(&Connection) -> Result<T, StoreError> + Send + 'static>,
    ) -> Vec<Outcome<T>> {
        let (jobs, outcomes) = works.into_iter().map(job).unzip();
        self.bring(jobs).await;
        outcomes
    }

    async fn bring(&self, jobs: Vec<Box<dyn Job>>) {
        let Err(mpsc::TrySendError::Full(jobs)) = self.jobs.try_send(jobs) else { return };
        // A full queue is waited for off the runtime's threads. An error means that the writer is gone; the dropped jobs
        // tell it through their channels.
        let queue = self.jobs.clone();
        let _ = tokio::task::spawn_blocking(move || queue.send(jobs).is_ok()).await;
    }

    /// Waits until the thread answers, with whatever it has to write before.
    pub async fn ping(&self) -> Result<(), StoreError> {
        match self.run(|_| Ok(())).await {
            // It answers, and whoever has something to write finds out.
            Err(why) if why.is_disk() || why.is_busy() => Ok(()),
            other => other,
        }
    }

    /// Runs a job and waits for its commit.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.queue(work).await.wait().await
    }
}

fn job<T: Send + 'static>(
    work: impl FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
) -> (Box<dyn Job>, Outcome<T>) {
    let (tell, told) = oneshot::channel();
    (Box::new(Task { work, value: None, tell: Some(tell) }), Outcome(told))
}

/// What will become of a queued job.
pub struct Outcome<T>(oneshot::Receiver<Result<T, StoreError>>);

impl<T> Outcome<T> {
    pub async fn wait(self) -> Result<T, StoreError> {
        self.0.await.unwrap_or(Err(StoreError::Ended))
    }
}

trait Job: Send {
    /// Does the work; says whether it may be committed.
    fn work(&mut self, tx: &Connection) -> Result<(), &StoreError>;
    fn tell(self: Box<Self>, committed: Result<(), StoreError>);
}

struct Task<T, F> {
    work: F,
    value: Option<Result<T, StoreError>>,
    tell: Option<oneshot::Sender<Result<T, StoreError>>>,
}

impl<T: Send, F: FnMut(&Connection) -> Result<T, StoreError> + Send> Job for Task<T, F> {
    fn work(&mut self, tx: &Connection) -> Result<(), &StoreError> {
        let work = &mut self.work;
        // A job that panics (a mail that nobody thought of) must not take the desk with it.
        let value = catch_unwind(AssertUnwindSafe(|| work(tx)))
            .unwrap_or_else(|panic| Err(StoreError::Panicked(panic_text(&*panic))));
        match self.value.insert(value) {
            Ok(_) => Ok(()),
            Err(e) => Err(e),
        }
    }

    fn tell(mut self: Box<Self>, committed: Result<(), StoreError>) {
        let value = match (committed, self.value.take()) {
            (Ok(()), Some(value)) => value,
            (Ok(()), None) => Err(StoreError::Ended),
            (Err(e), _) => Err(e),
        };
        if let Some(tell) = self.tell.take() {
            // Whoever asked may have gone; the work is committed all the same.
            let _ = tell.send(value);
        }
    }
}

/// What a panic said.
pub fn panic_text(panic: &(dyn Any + Send)) -> String {
    panic
        .downcast_ref::<&str>()
        .map(|s| (*s).to_owned())
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no reason given".to_owned())
}

fn write_group(db: &mut Connection, mut group: Vec<Box<dyn Job>>, on_disk: &OnDisk) {
    let mut tried = try_group(db, &mut group, Manner::Together);
    if let Err(Failed::Job) = tried {
        tried = try_group(db, &mut group, Manner::WithSavepoints);
    }
    match tried {
        Ok(()) => on_disk.then_tell(group),
        Err(_) if group.len() > 1 => {
            for job in group {
                write_group(db, vec![job], on_disk);
            }
        }
        Err(Failed::All(e)) => {
            // One job: its own error says more than the transaction's.
            group.into_iter().for_each(|job| job.tell(Err(StoreError::Sqlite(reopened(&e)))));
        }
        Err(Failed::Job) => group.into_iter().for_each(|job| job.tell(Err(StoreError::Ended))),
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Manner {
    /// all or nothing
    Together,
    /// a job that fails is left out
    WithSavepoints,
}

/// Nothing of the group is written.
enum Failed {
    /// one of the jobs has failed, by itself
    Job,
    All(rusqlite::Error),
}

impl From<rusqlite::Error> for Failed {
    fn from(e: rusqlite::Error) -> Failed {
        Failed::All(e)
    }
}

/// One transaction over all jobs.
fn try_group(db: &mut Connection, group: &mut [Box<dyn Job>], manner: Manner) -> Result<(), Failed> {
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for job in group {
        if manner == Manner::WithSavepoints {
            tx.execute_batch("SAVEPOINT job")?;
        }
        match (job.work(&tx), manner) {
            (Ok(()), Manner::Together) => {}
            (Ok(()), Manner::WithSavepoints) => tx.execute_batch("RELEASE job")?,
            (Err(e), _) if e.is_disk() || e.is_busy() => {
                return Err(Failed::All(match e {
                    StoreError::Sqlite(e) => reopened(e),
                    _ => rusqlite::Error::InvalidQuery,
                }));
            }
            (Err(_), Manner::Together) => return Err(Failed::Job),
            (Err(_), Manner::WithSavepoints) => tx.execute_batch("ROLLBACK TO job; RELEASE job")?,
        }
    }
    Ok(tx.commit()?)
}

/// rusqlite's errors can't be cloned; code and text are what the callers ask for.
fn reopened(e: &rusqlite::Error) -> rusqlite::Error {
    match e {
        rusqlite::Error::SqliteFailure(code, text) => rusqlite::Error::SqliteFailure(*code, text.clone()),
        other => rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(1), Some(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT").unwrap();
        db
    }

    #[tokio::test]
    async fn a_job_that_fails_or_panics_takes_back_only_its_own_writes() {
        let (writer, thread) = Writer::start(numbers()).unwrap();
        let good = writer.queue(|tx| Ok(tx.execute("INSERT INTO numbers VALUES (1)", [])?)).await;
        let failing = writer
            .queue(|tx| {
                tx.execute("INSERT INTO numbers VALUES (2)", [])?;
                Err::<(), _>(StoreError::Exhausted)
            })
            .await;
        let panicking = writer
            .queue(|tx| {
                tx.execute("INSERT INTO numbers VALUES (3)", [])?;
                if tx.is_autocommit() { Ok(()) } else { panic!("a mail that nobody thought of") }
            })
            .await;
        assert!(good.wait().await.is_ok());
        assert!(matches!(failing.wait().await, Err(StoreError::Exhausted)));
        assert!(matches!(panicking.wait().await, Err(StoreError::Panicked(why)) if why.contains("nobody thought")));
        let kept: Vec<i64> = writer
            .run(|tx| {
                Ok(tx.prepare("SELECT n FROM numbers")?.query_map([], |r| r.get(0))?.collect::<Result<_, _>>()?)
            })
            .await
            .unwrap();
        assert_eq!(kept, [1]);
        drop(writer);
        thread.join().unwrap();
    }

    #[tokio::test]
    async fn every_job_of_a_full_queue_is_written_and_told() {
        let (writer, _thread) = Writer::start(numbers()).unwrap();
        let mut outcomes = Vec::new();
        for n in 0..500_i64 {
            outcomes.push(writer.queue(move |tx| Ok(tx.execute("INSERT INTO numbers VALUES (?1)", [n])?)).await);
        }
        for outcome in outcomes {
            assert_eq!(outcome.wait().await.unwrap(), 1);
        }
        let count: i64 =
            writer.run(|tx| Ok(tx.query_row("SELECT COUNT(*) FROM numbers", [], |r| r.get(0))?)).await.unwrap();
        assert_eq!(count, 500);
    }

    #[tokio::test]
    async fn what_may_not_have_reached_the_disk_is_told_as_failed_and_ends_the_writer() {
        let folder = tempfile::tempdir().unwrap();
        // A database that keeps no log stands for one whose log can't be brought to the disk.
        let db = Connection::open(folder.path().join("desk.db")).unwrap();
        db.execute_batch("CREATE TABLE numbers (n INTEGER PRIMARY KEY) STRICT").unwrap();
        let (writer, thread) = Writer::start(db).unwrap();
        let done = writer.run(|tx| Ok(tx.execute("INSERT INTO numbers VALUES (1)", [])?)).await;
        assert!(matches!(done, Err(why) if why.is_disk() && why.to_string().contains("does not reach the disk")));
        while !thread.is_finished() {
            let next = writer.run(|tx| Ok(tx.execute("INSERT INTO numbers VALUES (2)", [])?)).await;
            assert!(next.is_err());
        }
    }
}
