//! From fetched mails to committed ones, behind the source's back: a batch is read on other threads as soon as it is
//! there, and written in mailbox order when its turn comes.
//!
//! Four batches are under way at most: one that is being fetched, one that is being read, one that the writer has, and
//! one that is on its way to the disk.

use std::{
    borrow::Cow,
    sync::{Arc, LazyLock},
    time::Instant,
};

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use tokio::{
    sync::{Semaphore, mpsc},
    task::{JoinError, JoinHandle},
};
use tracing::{error, info, warn};

use super::{Pass, next_uid};
use crate::{
    daemon::{
        hold::{Unfit, hold},
        office::Office,
        reading::{Bytes, ReadMail, read},
        take_in::{Taken, take_in},
        time::Time,
    },
    post::{Body, Fetched, MailKey},
    store::{
        StoreError,
        mailboxes::{Finish, Place, Position, Step},
        mails::unpack,
        writer::{Outcome, Writer},
    },
};

/// Reading is the processors' work: more at once than there are of them would only take memory. Counted over all
/// mailboxes.
static READERS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(std::thread::available_parallelism().map_or(2, usize::from)));
/// Mails, and bytes, that one reader takes at once: a task for each would cost more than a small mail's reading.
const READ_MAILS: usize = 16;
const READ_BYTES: u64 = 512 * 1024;

/// What is needed to take in fetched mails, but for the source.
#[derive(Clone)]
pub(super) struct DeskSide {
    pub office: Arc<Office>,
    pub writer: Writer,
    pub mailbox: String,
    pub authserv_id: Option<String>,
    pub time: Time,
}

/// Fetched mails go in at one end; what became of them comes out when it is ended.
pub(super) struct Line {
    desk: DeskSide,
    batches: mpsc::Sender<Batch>,
    writing: JoinHandle<Result<Pass, StoreError>>,
    landed: mpsc::UnboundedReceiver<Landed>,
}

/// A mail that is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Landed {
    pub key: String,
    /// what is to be done with it at the source
    pub finish: Finish,
}

struct Batch {
    /// where the mailbox's position stands before the first mail
    begins_at: Position,
    reading: Vec<Share>,
}

/// Mails that are being read.
type Share = JoinHandle<Result<Vec<(MailKey, Content)>, JoinError>>;

impl Line {
    pub fn start(desk: DeskSide) -> Line {
        let (batches, queue) = mpsc::channel(1);
        let (tell, landed) = mpsc::unbounded_channel();
        let writing = tokio::spawn(write_all(desk.clone(), queue, tell));
        Line { desk, batches, writing, landed }
    }

    /// Brings a batch. False when what came before could not be written: then [`Line::end`] says why.
    pub async fn bring(&mut self, begins_at: Position, fetched: Vec<Fetched>) -> bool {
        let Ok(place) = self.batches.reserve().await else { return false };
        place.send(Batch { begins_at, reading: begin(&self.desk, fetched) });
        true
    }

    /// What was committed since this was last asked.
    pub fn landed(&mut self) -> Vec<Landed> {
        std::iter::from_fn(|| self.landed.try_recv().ok()).collect()
    }

    /// Waits until all is written; gives what this came to, and what was committed since that was last asked.
    pub async fn end(mut self) -> (Result<Pass, StoreError>, Vec<Landed>) {
        drop(std::mem::replace(&mut self.batches, mpsc::channel(1).0));
        let pass = (&mut self.writing).await.unwrap_or_else(|e| Err(StoreError::Panicked(e.to_string())));
        (pass, self.landed())
    }
}

/// Begins to read a batch.
fn begin(desk: &DeskSide, fetched: Vec<Fetched>) -> Vec<Share> {
    let mut shares: Vec<Vec<Fetched>> = Vec::new();
    let mut bytes = 0;
    for mail in fetched {
        bytes += mail.size_bytes;
        match shares.last_mut() {
            Some(share) if share.len() < READ_MAILS && bytes <= READ_BYTES => share.push(mail),
            _ => {
                bytes = mail.size_bytes;
                shares.push(vec![mail]);
            }
        }
    }
    shares.into_iter().map(|share| tokio::spawn(read_share(desk.clone(), share))).collect()
}

async fn read_share(desk: DeskSide, share: Vec<Fetched>) -> Result<Vec<(MailKey, Content)>, JoinError> {
    // Never closed, so an error can't come; reading without the permit would be right, too.
    let permit = READERS.acquire().await;
    let read = tokio::task::spawn_blocking(move || {
        share.into_iter().map(|mail| (mail.key.clone(), Content::of(mail, &desk))).collect()
    });
    let contents = read.await;
    drop(permit);
    contents
}

async fn write_all(
    desk: DeskSide,
    mut queue: mpsc::Receiver<Batch>,
    landed: mpsc::UnboundedSender<Landed>,
) -> Result<Pass, StoreError> {
    let mut tally = Tally { pass: Pass::default(), landed };
    let mut before: Option<Queued> = None;
    while let Some(batch) = queue.recv().await {
        let mut from = batch.begins_at;
        let mut ready = Vec::new();
        for share in batch.reading {
            let failed = |e: JoinError| StoreError::Panicked(e.to_string());
            for (key, content) in share.await.map_err(failed)?.map_err(failed)? {
                let place = Place { mailbox: desk.mailbox.clone(), epoch: from.epoch, key: key.to_string() };
                let to = next_uid(&key).map(|next_uid| Position { next_uid, ..from });
                let step = to.map(|to| Step { from, to });
                from = to.unwrap_or(from);
                ready.push(Ready { content: Arc::new(content), place, step });
            }
        }
        // The writer has work while the one before is on its way to the disk.
        let queued = Queued::new(&desk, ready).await;
        if let Some(before) = before.replace(queued) {
            before.settle(&desk, &mut tally).await?;
        }
    }
    if let Some(last) = before {
        last.settle(&desk, &mut tally).await?;
    }
    Ok(tally.pass)
}

/// What became of the mails.
struct Tally {
    pass: Pass,
    landed: mpsc::UnboundedSender<Landed>,
}

/// A batch that the writer has, and what will become of each mail.
struct Queued {
    mails: Vec<Ready>,
    outcomes: Vec<Outcome<Taken>>,
}

impl Queued {
    async fn new(desk: &DeskSide, mails: Vec<Ready>) -> Queued {
        let outcomes = desk.writer.queue_all(mails.iter().map(|mail| taking_in(desk, mail))).await;
        Queued { mails, outcomes }
    }

    /// Writes down what became of these mails. One that can't be taken in is held, and those behind it are queued again,
    /// because nothing may pass it before it is safe; so are those of which the batch before had such a mail.
    async fn settle(self, desk: &DeskSide, tally: &mut Tally) -> Result<(), StoreError> {
        let Queued { mut mails, mut outcomes } = self;
        let mut was_behind_a_gap = false;
        while let Some((at, why)) = first_failure(&mails, outcomes, tally).await {
            match why {
                StoreError::Gap if !was_behind_a_gap => {
                    was_behind_a_gap = true;
                    mails.drain(..at);
                }
                e if e.is_disk() || e.is_busy() || matches!(e, StoreError::Gap | StoreError::Ended) => return Err(e),
                e => {
                    let mail = &mails[at];
                    error!(mailbox = mail.place.mailbox, key = mail.place.key, why = %e, "a mail could not be taken in: held in quarantine");
                    let taken = hold_it(desk, mail, e.to_string()).await?;
                    tally.count(&taken, mail);
                    mails.drain(..=at);
                }
            }
            outcomes = desk.writer.queue_all(mails.iter().map(|mail| taking_in(desk, mail))).await;
        }
        Ok(())
    }
}

/// Counts what was taken in, up to the first mail that could not be.
async fn first_failure(
    mails: &[Ready],
    outcomes: Vec<Outcome<Taken>>,
    tally: &mut Tally,
) -> Option<(usize, StoreError)> {
    for (at, (mail, outcome)) in mails.iter().zip(outcomes).enumerate() {
        match outcome.wait().await {
            Ok(taken) => tally.count(&taken, mail),
            Err(why) => return Some((at, why)),
        }
    }
    None
}

/// A mail of a batch, ready for the writer.
struct Ready {
    content: Arc<Content>,
    place: Place,
    step: Option<Step>,
}

/// The writer's job for a mail.
fn taking_in(desk: &DeskSide, mail: &Ready) -> impl FnMut(&Connection) -> Result<Taken, StoreError> + Send + use<> {
    let (office, time) = (desk.office.clone(), desk.time.clone());
    let (content, place, step) = (mail.content.clone(), mail.place.clone(), mail.step);
    move |tx| match &content.read {
        Ok(read) => take_in(tx, &office, read, &place, step, time.now()),
        Err(unread) => hold(tx, &office, &content.unfit(&place, &unread.reason), step, time.now()),
    }
}

async fn hold_it(desk: &DeskSide, mail: &Ready, reason: String) -> Result<Taken, StoreError> {
    let (office, time) = (desk.office.clone(), desk.time.clone());
    let (content, place, step) = (mail.content.clone(), mail.place.clone(), mail.step);
    desk.writer.run(move |tx| hold(tx, &office, &content.unfit(&place, &reason), step, time.now())).await
}

impl Tally {
    fn count(&mut self, taken: &Taken, mail: &Ready) {
        log(taken, &mail.place, mail.content.began);
        if let Some(finish) = mail.content.finish(taken) {
            // Whoever fetched may have been cut off: it is remembered in the store, too.
            let _ = self.landed.send(Landed { key: mail.place.key.clone(), finish });
        }
        let pass = &mut self.pass;
        pass.newest = pass.newest.max(Some(mail.content.received_at));
        match taken {
            Taken::Again | Taken::Known => pass.known += 1,
            Taken::Held { .. } => pass.held += 1,
            Taken::Kept { .. } => pass.kept += 1,
        }
    }
}

/// One line per mail: from where, what it was, what was done, how long it took. Never what it says.
fn log(taken: &Taken, place: &Place, began: Instant) {
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (mailbox, key) = (&place.mailbox, &place.key);
    match taken {
        Taken::Again | Taken::Known => info!(mailbox, key, decision = "known", took_ms, "mail"),
        Taken::Held { number } => warn!(mailbox, key, decision = "quarantine", number, took_ms, "mail"),
        Taken::Kept { kind, disposition, case } => {
            let case = case.map(|c| c.to_string());
            info!(mailbox, key, kind = kind.as_str(), case, decision = disposition.as_str(), took_ms, "mail");
        }
    }
}

/// A mail with what was read of it, or why it can't be read.
struct Content {
    began: Instant,
    received_at: DateTime<Utc>,
    size_bytes: u64,
    read: Result<ReadMail, Unread>,
}

struct Unread {
    reason: String,
    /// none when the source did not give them
    raw: Option<Vec<u8>>,
}

impl Content {
    fn of(mail: Fetched, desk: &DeskSide) -> Content {
        let Fetched { key: _, size_bytes, received_at, body } = mail;
        let began = Instant::now();
        let (raw, truncated) = match body {
            Body::Whole(raw) => (raw, false),
            Body::Partial(raw) => (raw, true),
            Body::Unreadable(reason) => {
                // The server may not even say when it had this mail; now is near enough.
                let received_at = if received_at.timestamp() == 0 { desk.time.now() } else { received_at };
                return Content { began, received_at, size_bytes, read: Err(Unread { reason, raw: None }) };
            }
        };
        let bytes = Bytes { raw: &raw, size_bytes, truncated, received_at };
        let read = read(&desk.office, bytes, desk.authserv_id.as_deref());
        Content { began, received_at, size_bytes, read: read.map_err(|reason| Unread { reason, raw: Some(raw) }) }
    }

    /// What is to be done at the source. What is not whole here stays there.
    fn finish(&self, taken: &Taken) -> Option<Finish> {
        let whole = self.read.as_ref().is_ok_and(|read| !read.truncated);
        match taken {
            Taken::Again => None,
            Taken::Known | Taken::Kept { .. } if whole => Some(Finish::AsConfigured),
            _ => Some(Finish::KeepThere),
        }
    }

    fn unfit<'a>(&'a self, place: &'a Place, reason: &'a str) -> Unfit<'a> {
        let raw = match &self.read {
            Ok(read) => unpack(&read.raw_zstd).ok().map(Cow::Owned),
            Err(unread) => unread.raw.as_deref().map(Cow::Borrowed),
        };
        Unfit { place, received_at: self.received_at, raw, size_bytes: self.size_bytes, reason }
    }
}
