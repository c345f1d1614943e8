//! The daemon's one write connection, owned by a thread of its own.
//!
//! Jobs queue (bounded: whoever brings work faster than the disk takes it, waits). What is queued is committed
//! together: one transaction, a savepoint per job, so that a job that fails takes only its own writes back. Decisions
//! are made inside the job, so a mail and its reply in one group meet. Nobody is told that a job is done before the
//! commit. When the disk is full or broken SQLite may roll the whole group back: then each job is tried alone.

use std::{
    any::Any,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc,
    thread,
};

use rusqlite::Connection;
use tokio::sync::oneshot;

use super::StoreError;

/// Jobs that may wait; each may hold a packed mail.
const QUEUE: usize = 256;
/// Jobs in one transaction: beyond some hundred, larger groups gain nothing.
const GROUP: usize = 256;

/// A handle to the writer thread; the thread ends when the last handle is dropped.
#[derive(Clone)]
pub struct Writer {
    jobs: mpsc::SyncSender<Box<dyn Job>>,
}

impl Writer {
    /// Starts the thread with its connection.
    pub fn start(mut db: Connection) -> Result<(Writer, thread::JoinHandle<()>), StoreError> {
        let (jobs, queue) = mpsc::sync_channel::<Box<dyn Job>>(QUEUE);
        let thread = thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                while let Ok(first) = queue.recv() {
                    let group: Vec<Box<dyn Job>> =
                        std::iter::once(first).chain(queue.try_iter().take(GROUP - 1)).collect();
                    write_group(&mut db, group);
                }
            })
            .map_err(|e| StoreError::Panicked(format!("cannot start the writer thread: {e}")))?;
        Ok((Writer { jobs }, thread))
    }

    /// Queues a job and returns at once what will be its outcome, after the commit. The job may be run twice (the
    /// first time rolled back), so it must not have effects of its own.
    pub async fn queue<T: Send + 'static>(
        &self,
        work: impl FnMut(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Outcome<T> {
        let (tell, told) = oneshot::channel();
        let mut job: Box<dyn Job> = Box::new(Task { work, value: None, tell: Some(tell) });
        // A full queue is waited for off the runtime's threads.
        let jobs = self.jobs.clone();
        match jobs.try_send(job) {
            Ok(()) => return Outcome(told),
            Err(mpsc::TrySendError::Full(back)) | Err(mpsc::TrySendError::Disconnected(back)) => job = back,
        }
        // An error means that the thread is gone; the dropped job tells it through its channel.
        let _ = tokio::task::spawn_blocking(move || jobs.send(job).is_ok()).await;
        Outcome(told)
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

/// What will become of a queued job.
pub struct Outcome<T>(oneshot::Receiver<Result<T, StoreError>>);

impl<T> Outcome<T> {
    pub async fn wait(self) -> Result<T, StoreError> {
        self.0.await.unwrap_or(Err(StoreError::Ended))
    }
}

trait Job: Send {
    /// Does the work inside a savepoint; says whether it may be committed.
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

fn write_group(db: &mut Connection, mut group: Vec<Box<dyn Job>>) {
    match try_group(db, &mut group) {
        Ok(()) => group.into_iter().for_each(|job| job.tell(Ok(()))),
        Err(_) if group.len() > 1 => {
            for job in group {
                write_group(db, vec![job]);
            }
        }
        Err(e) => {
            // One job: its own error says more than the transaction's.
            group.into_iter().for_each(|job| job.tell(Err(StoreError::Sqlite(reopened(&e)))));
        }
    }
}

/// One transaction over all jobs. An error means that nothing of the group is written.
fn try_group(db: &mut Connection, group: &mut [Box<dyn Job>]) -> Result<(), rusqlite::Error> {
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    for job in group {
        tx.execute_batch("SAVEPOINT job")?;
        match job.work(&tx) {
            Ok(()) => tx.execute_batch("RELEASE job")?,
            Err(e) if e.is_disk() || e.is_busy() => {
                return Err(match e {
                    StoreError::Sqlite(e) => reopened(e),
                    _ => rusqlite::Error::InvalidQuery,
                });
            }
            Err(_) => tx.execute_batch("ROLLBACK TO job; RELEASE job")?,
        }
    }
    tx.commit()
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
}
