//! From a source into the store: one pass over what waits in a mailbox.
//!
//! ```text
//! fetch batch n+1 ──────────┐ (the source)
//! read batch n, in parallel ├─> queue its jobs in mailbox order ─> group commit ─> finish batch n at the source
//! ```
//!
//! A batch is bounded in mails and in bytes, and two are under way at most: that bounds the memory, whatever the
//! mailbox holds. The position moves inside each mail's own transaction, in mailbox order, so it never passes a mail
//! that is not stored; what is done at the source (mark, move, delete) comes after the commit and is remembered until
//! it is done.

use std::{collections::HashMap, sync::Arc, time::Instant};

use tokio::task::JoinHandle;
use tracing::{error, info, warn};

use super::{
    hold::{Unfit, hold},
    office::Office,
    reading::{Bytes, ReadMail, read},
    take_in::{Taken, take_in},
    time::Time,
};
use crate::{
    config::{MailboxConfig, Start},
    post::{After, Body, Fetched, MailKey, MailboxState, PostError, Source, Waiting},
    store::{
        StoreError,
        mailboxes::{self, Finish, Place, Position, Step},
        writer::Writer,
    },
};

/// Mails in a batch, and bytes; a single mail may be larger (up to `max_size`).
const BATCH_MAILS: usize = 100;
const BATCH_BYTES: u64 = 8 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum IntakeError {
    #[error("mailbox {mailbox}: {why}")]
    Post { mailbox: String, why: PostError },
    #[error("mailbox {mailbox}: {why}")]
    Store { mailbox: String, why: StoreError },
}

/// What a pass did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pass {
    /// mails taken in as something
    pub kept: u64,
    /// mails that were known already
    pub known: u64,
    pub held: u64,
}

impl std::ops::AddAssign for Pass {
    fn add_assign(&mut self, other: Pass) {
        self.kept += other.kept;
        self.known += other.known;
        self.held += other.held;
    }
}

/// One mailbox at work.
pub struct Intake {
    pub office: Arc<Office>,
    pub writer: Writer,
    pub mailbox: MailboxConfig,
    pub time: Time,
}

impl Intake {
    /// Takes in everything that waits, until nothing does.
    pub async fn pass(&self, source: &mut Source) -> Result<Pass, IntakeError> {
        let state = source.state().await.map_err(|e| self.post(e))?;
        let position = self.position(&state, source).await?;
        self.finish_what_was_left(source, position.epoch).await?;
        let mut total = Pass::default();
        let mut stored = position;
        let mut from = position.next_uid;
        loop {
            let waiting = source.waiting(from).await.map_err(|e| self.post(e))?;
            let Some(last) = waiting.last() else { return Ok(total) };
            let next = next_uid(&last.key);
            let before = total;
            total += self.take_all(source, &mut stored, waiting).await?;
            match next {
                Some(next) => from = next,
                // A Maildir: what was handled has left new/. What is still there can't be moved; don't spin on it.
                None if total.kept == before.kept && total.held == before.held => return Ok(total),
                None => {}
            }
        }
    }

    /// Where to go on. Another UIDVALIDITY means that the UIDs count anew: everything is looked at again, and what is
    /// known by content is known.
    async fn position(&self, state: &MailboxState, source: &mut Source) -> Result<Position, IntakeError> {
        let name = self.mailbox.name.clone();
        let stored = self.store(move |tx| mailboxes::position(tx, &name)).await?;
        match stored {
            Some(stored) if stored.epoch == state.epoch => return Ok(stored),
            Some(stored) => {
                warn!(
                    mailbox = self.mailbox.name,
                    was = stored.epoch,
                    is = state.epoch,
                    "UIDVALIDITY has changed: rescanning"
                );
            }
            None => {}
        }
        let first_time = stored.is_none();
        let next_uid = match (&self.mailbox.start, first_time) {
            (Start::New, true) => self.end_of(state, source).await?,
            _ => 1,
        };
        let position = Position { epoch: state.epoch, next_uid };
        let name = self.mailbox.name.clone();
        self.store(move |tx| mailboxes::set_position(tx, &name, position)).await?;
        Ok(position)
    }

    /// The UID that the next new mail will have at least.
    async fn end_of(&self, state: &MailboxState, source: &mut Source) -> Result<u32, IntakeError> {
        if let Some(next) = state.next_uid {
            return Ok(next);
        }
        let mut from = 1;
        loop {
            let waiting = source.waiting(from).await.map_err(|e| self.post(e))?;
            match waiting.last().and_then(|w| next_uid(&w.key)) {
                Some(next) => from = next,
                None => return Ok(from),
            }
        }
    }

    /// Takes in these mails, a batch at a time. `stored` is where the mailbox's position stands; it moves along.
    async fn take_all(
        &self,
        source: &mut Source,
        stored: &mut Position,
        waiting: Vec<Waiting>,
    ) -> Result<Pass, IntakeError> {
        let mut total = Pass::default();
        let mut under_way: Option<JoinHandle<Result<Pass, StoreError>>> = None;
        for batch in batches(waiting) {
            let fetched = source.fetch(&batch, self.mailbox.max_size_bytes).await;
            // The batch before is committed before this one is queued: the order of the mailbox is the order of the
            // store, also when the connection is lost now.
            if let Some(batch) = under_way.take() {
                total += self.landed(batch).await?;
                self.finish_what_was_left(source, stored.epoch).await?;
            }
            let fetched = fetched.map_err(|e| self.post(e))?;
            let begins_at = *stored;
            stored.next_uid = fetched.last().and_then(|mail| next_uid(&mail.key)).unwrap_or(stored.next_uid);
            let work = Batch {
                office: self.office.clone(),
                writer: self.writer.clone(),
                mailbox: self.mailbox.name.clone(),
                authserv_id: self.mailbox.authserv_id.clone(),
                begins_at,
                time: self.time.clone(),
            };
            under_way = Some(tokio::spawn(async move { work.commit(fetched).await }));
        }
        if let Some(batch) = under_way.take() {
            total += self.landed(batch).await?;
            self.finish_what_was_left(source, stored.epoch).await?;
        }
        Ok(total)
    }

    async fn landed(&self, batch: JoinHandle<Result<Pass, StoreError>>) -> Result<Pass, IntakeError> {
        let result = batch.await.unwrap_or_else(|e| Err(StoreError::Panicked(e.to_string())));
        result.map_err(|why| IntakeError::Store { mailbox: self.mailbox.name.clone(), why })
    }

    /// Marks, moves or deletes at the source what is committed here; after a crash, too.
    async fn finish_what_was_left(&self, source: &mut Source, epoch: u32) -> Result<(), IntakeError> {
        let name = self.mailbox.name.clone();
        let left = self.store(move |tx| mailboxes::unfinished(tx, &name, epoch)).await?;
        if left.is_empty() {
            return Ok(());
        }
        let mut by_deed: HashMap<bool, Vec<String>> = HashMap::new();
        for (key, finish) in left {
            by_deed.entry(finish == Finish::AsConfigured).or_default().push(key);
        }
        for (as_configured, keys) in by_deed {
            let after = if as_configured { self.mailbox.after.clone() } else { After::Seen };
            let at_source: Vec<MailKey> = keys.iter().map(|k| source_key(source, k)).collect();
            source.finish(&at_source, &after).await.map_err(|e| self.post(e))?;
            let name = self.mailbox.name.clone();
            self.store(move |tx| mailboxes::finished(tx, &name, epoch, &keys)).await?;
        }
        Ok(())
    }

    async fn store<T: Send + 'static>(
        &self,
        work: impl FnMut(&rusqlite::Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, IntakeError> {
        let result = self.writer.run(work).await;
        result.map_err(|why| IntakeError::Store { mailbox: self.mailbox.name.clone(), why })
    }

    fn post(&self, why: PostError) -> IntakeError {
        IntakeError::Post { mailbox: self.mailbox.name.clone(), why }
    }
}

fn source_key(source: &Source, key: &str) -> MailKey {
    match (source, key.parse()) {
        (Source::Imap(_), Ok(uid)) => MailKey::Uid(uid),
        _ => MailKey::File(key.to_owned()),
    }
}

fn next_uid(key: &MailKey) -> Option<u32> {
    match key {
        MailKey::Uid(uid) => Some(uid.saturating_add(1)),
        MailKey::File(_) => None,
    }
}

fn batches(waiting: Vec<Waiting>) -> Vec<Vec<Waiting>> {
    let mut batches: Vec<Vec<Waiting>> = Vec::new();
    let mut bytes = 0;
    for mail in waiting {
        bytes += mail.size_bytes;
        match batches.last_mut() {
            Some(batch) if batch.len() < BATCH_MAILS && bytes <= BATCH_BYTES => batch.push(mail),
            _ => {
                bytes = mail.size_bytes;
                batches.push(vec![mail]);
            }
        }
    }
    batches
}

/// The part of the work that needs no source.
struct Batch {
    office: Arc<Office>,
    writer: Writer,
    mailbox: String,
    authserv_id: Option<String>,
    /// where the mailbox's position stands before the first mail
    begins_at: Position,
    time: Time,
}

/// A mail of a batch, ready for the writer.
struct Ready {
    began: Instant,
    content: Arc<Content>,
    place: Place,
    step: Option<Step>,
}

impl Batch {
    async fn commit(&self, fetched: Vec<Fetched>) -> Result<Pass, StoreError> {
        // All are read at once on the runtime's blocking threads, and queued in the order of the mailbox.
        let reading: Vec<_> = fetched.into_iter().map(|mail| (Instant::now(), self.begin(mail))).collect();
        let mut ready = Vec::new();
        let mut from = self.begins_at;
        for (began, mail) in reading {
            let place = Place { mailbox: self.mailbox.clone(), epoch: from.epoch, key: mail.key.to_string() };
            let to = next_uid(&mail.key).map(|next_uid| Position { next_uid, ..from });
            let step = to.map(|to| Step { from, to });
            from = to.unwrap_or(from);
            ready.push(Ready { began, content: Arc::new(mail.join().await), place, step });
        }
        let mut pass = Pass::default();
        let mut rest = ready.as_slice();
        while !rest.is_empty() {
            let done = self.write(rest, &mut pass).await?;
            rest = &rest[done..];
        }
        Ok(pass)
    }

    /// Queues these mails and writes down what became of them, up to the first that can't be taken in: that one is
    /// held, and those behind it are queued again, because nothing may pass it before it is safe. Says how many are
    /// dealt with.
    async fn write(&self, mails: &[Ready], pass: &mut Pass) -> Result<usize, StoreError> {
        let mut outcomes = Vec::new();
        for mail in mails {
            outcomes.push(self.queue(mail).await);
        }
        for (n, (mail, outcome)) in mails.iter().zip(outcomes).enumerate() {
            match outcome.wait().await {
                Ok(taken) => self.count(&taken, mail, pass),
                Err(e) if e.is_disk() || e.is_busy() || matches!(e, StoreError::Gap | StoreError::Ended) => {
                    return Err(e);
                }
                Err(e) => {
                    error!(mailbox = mail.place.mailbox, key = mail.place.key, why = %e, "a mail could not be taken in: held in quarantine");
                    let taken = self.hold(mail, e.to_string()).await?;
                    self.count(&taken, mail, pass);
                    return Ok(n + 1);
                }
            }
        }
        Ok(mails.len())
    }

    fn count(&self, taken: &Taken, mail: &Ready, pass: &mut Pass) {
        log(taken, &mail.place, mail.began);
        match taken {
            Taken::Known => pass.known += 1,
            Taken::Held { .. } => pass.held += 1,
            Taken::Kept { .. } => pass.kept += 1,
        }
    }

    fn begin(&self, mail: Fetched) -> Reading {
        let Fetched { key, size_bytes, received_at, body } = mail;
        let office = self.office.clone();
        let authserv_id = self.authserv_id.clone();
        let (raw, truncated) = match body {
            Body::Whole(raw) => (raw, false),
            Body::Partial(raw) => (raw, true),
            Body::Unreadable(why) => {
                // The server may not even say when it had this mail; now is near enough.
                let received_at = if received_at.timestamp() == 0 { self.time.now() } else { received_at };
                let unfit = Content { received_at, size_bytes, raw: None, read: Err(why) };
                return Reading { key, work: Work::Done(Box::new(unfit)) };
            }
        };
        let work = tokio::task::spawn_blocking(move || {
            let result = read(&office, Bytes { raw: &raw, size_bytes, truncated, received_at }, authserv_id.as_deref());
            // The raw bytes are only needed again if the mail has to be held: read() has packed them.
            let raw = Some(raw);
            Content { received_at, size_bytes, raw, read: result }
        });
        Reading { key, work: Work::Running { work, received_at, size_bytes } }
    }

    async fn queue(&self, mail: &Ready) -> crate::store::writer::Outcome<Taken> {
        let (office, time) = (self.office.clone(), self.time.clone());
        let (content, place, step) = (mail.content.clone(), mail.place.clone(), mail.step);
        self.writer
            .queue(move |tx| match &content.read {
                Ok(read) => take_in(tx, &office, read, &place, step, time.now()),
                Err(reason) => hold(tx, &office, &content.unfit(&place, reason), step, time.now()),
            })
            .await
    }

    async fn hold(&self, mail: &Ready, reason: String) -> Result<Taken, StoreError> {
        let (office, time) = (self.office.clone(), self.time.clone());
        let (content, place, step) = (mail.content.clone(), mail.place.clone(), mail.step);
        self.writer.run(move |tx| hold(tx, &office, &content.unfit(&place, &reason), step, time.now())).await
    }
}

/// One line per mail: from where, what it was, what was done, how long it took. Never what it says.
fn log(taken: &Taken, place: &Place, began: Instant) {
    let took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (mailbox, key) = (&place.mailbox, &place.key);
    match taken {
        Taken::Known => info!(mailbox, key, decision = "known", took_ms, "mail"),
        Taken::Held { number } => warn!(mailbox, key, decision = "quarantine", number, took_ms, "mail"),
        Taken::Kept { kind, disposition, case } => {
            let case = case.map(|c| c.to_string());
            info!(mailbox, key, kind = kind.as_str(), case, decision = disposition.as_str(), took_ms, "mail");
        }
    }
}

/// A mail with what was read of it, or why it can't be read.
struct Content {
    received_at: chrono::DateTime<chrono::Utc>,
    size_bytes: u64,
    raw: Option<Vec<u8>>,
    read: Result<ReadMail, String>,
}

impl Content {
    fn unfit<'a>(&'a self, place: &'a Place, reason: &'a str) -> Unfit<'a> {
        Unfit { place, received_at: self.received_at, raw: self.raw.as_deref(), size_bytes: self.size_bytes, reason }
    }
}

struct Reading {
    key: MailKey,
    work: Work,
}

enum Work {
    Done(Box<Content>),
    Running { work: JoinHandle<Content>, received_at: chrono::DateTime<chrono::Utc>, size_bytes: u64 },
}

impl Reading {
    async fn join(self) -> Content {
        match self.work {
            Work::Done(content) => *content,
            Work::Running { work, received_at, size_bytes } => work.await.unwrap_or_else(|e| Content {
                received_at,
                size_bytes,
                raw: None,
                read: Err(format!("reading it failed: {e}; it is still in the mailbox")),
            }),
        }
    }
}

#[cfg(test)]
pub(super) mod tests;
