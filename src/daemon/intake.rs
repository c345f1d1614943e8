//! From a source into the store: one pass over what waits in a mailbox.
//!
//! ```text
//! fetch batch n+2 ─> read batch n+1, in parallel ─> write batch n in mailbox order, group commit ─> finish at the source
//! ```
//!
//! A batch is bounded in mails and in bytes, and four are under way at most ([`line`]): that bounds the memory,
//! whatever the mailbox holds. The position moves inside each mail's own transaction, in mailbox order, so it never passes a mail
//! that is not stored; what is done at the source (mark, move, delete) comes after the commit and is remembered until
//! it is done.

mod line;

use std::{sync::Arc, time::Instant};

use chrono::{DateTime, Utc};
use tracing::warn;

use line::{DeskSide, Landed, Line};

use super::{
    office::CurrentOffice,
    progress::{Progress, Screen},
    pulse::Pulse,
    time::Time,
};
use crate::{
    config::{MailboxConfig, Start},
    post::{After, MailKey, MailboxState, PostError, Source, Waiting},
    store::{
        StoreError, mailbox_health,
        mailboxes::{self, Finish, Position},
        writer::{Outcome, Writer},
    },
};

/// Mails in a batch, and bytes; a single mail may be larger (up to `max_size`).
const BATCH_MAILS: usize = 200;
const BATCH_BYTES: u64 = 4 * 1024 * 1024;
/// Mails that are committed before they are marked at the source, unless there are no more.
const FINISH_AT: usize = 1000;

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
    /// when the source had the newest of them
    pub newest: Option<DateTime<Utc>>,
}

impl std::ops::AddAssign for Pass {
    fn add_assign(&mut self, other: Pass) {
        self.kept += other.kept;
        self.known += other.known;
        self.held += other.held;
        self.newest = self.newest.max(other.newest);
    }
}

/// One mailbox at work.
pub struct Intake {
    pub office: CurrentOffice,
    pub writer: Writer,
    pub mailbox: MailboxConfig,
    pub time: Time,
    pub screen: Option<Arc<dyn Screen>>,
}

impl Intake {
    /// Takes in everything that waits, until nothing does.
    pub async fn pass(&self, source: &mut Source, pulse: &Pulse) -> Result<Pass, IntakeError> {
        pulse.beat();
        let state = source.state().await.map_err(|e| self.post(e))?;
        let position = self.position(&state, source).await?;
        self.finish_what_was_left(source, position.epoch).await?;
        let mut total = Pass::default();
        let mut stored = position;
        let mut from = position.next_uid;
        let mut progress =
            Progress::begin(&self.mailbox.name, at_most(&state, position), self.screen.clone(), Instant::now());
        loop {
            pulse.beat();
            let waiting = source.waiting(from).await.map_err(|e| self.post(e))?;
            let Some(last) = waiting.last() else { break };
            let next = next_uid(&last.key);
            progress.at_least(waiting.len());
            let landed = self.take_all(source, &mut stored, waiting, &mut progress, pulse).await?;
            total += landed;
            match next {
                Some(next) => from = next,
                // A Maildir: what was handled has left new/. What is still there can't be moved; don't spin on it.
                None if landed.kept == 0 && landed.held == 0 => break,
                None => {}
            }
        }
        let (name, now) = (self.mailbox.name.clone(), self.time.now());
        self.store(move |tx| mailbox_health::looked(tx, &name, 0, total.newest, Some(now))).await?;
        Ok(total)
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

    /// Takes in these mails. `stored` is where the mailbox's position stands; it moves along.
    async fn take_all(
        &self,
        source: &mut Source,
        stored: &mut Position,
        waiting: Vec<Waiting>,
        progress: &mut Progress,
        pulse: &Pulse,
    ) -> Result<Pass, IntakeError> {
        let mut line = Line::start(self.desk_side());
        let mut finishing = Finishing::default();
        let mut broken = Ok(());
        for batch in batches(waiting) {
            let fetched = match source.fetch(&batch, self.mailbox.max_size_bytes).await {
                Ok(fetched) => fetched,
                // What was fetched before is safe all the same.
                Err(why) => {
                    broken = Err(self.post(why));
                    break;
                }
            };
            let begins_at = *stored;
            stored.next_uid = fetched.last().and_then(|mail| next_uid(&mail.key)).unwrap_or(stored.next_uid);
            if !line.bring(begins_at, fetched).await {
                break;
            }
            pulse.beat();
            finishing.landed(line.landed(), progress);
            if finishing.waiting.len() >= FINISH_AT {
                self.finish(source, stored.epoch, &mut finishing, progress.to_go()).await?;
            }
        }
        let (total, landed) = line.end().await;
        finishing.landed(landed, progress);
        let total = total.map_err(|why| IntakeError::Store { mailbox: self.mailbox.name.clone(), why })?;
        broken?;
        self.finish(source, stored.epoch, &mut finishing, progress.to_go()).await?;
        self.written(&mut finishing).await?;
        Ok(total)
    }

    fn desk_side(&self) -> DeskSide {
        DeskSide {
            office: self.office.get(),
            writer: self.writer.clone(),
            mailbox: self.mailbox.name.clone(),
            authserv_id: self.mailbox.authserv_id.clone(),
            time: self.time.clone(),
        }
    }

    /// Marks, moves or deletes at the source what an earlier pass has committed and could not finish.
    async fn finish_what_was_left(&self, source: &mut Source, epoch: u32) -> Result<(), IntakeError> {
        loop {
            let name = self.mailbox.name.clone();
            let left = self.store(move |tx| mailboxes::unfinished(tx, &name, epoch)).await?;
            if left.is_empty() {
                return Ok(());
            }
            let waiting = left.into_iter().map(|(key, finish)| Landed { key, finish }).collect();
            let mut finishing = Finishing { waiting, written: None };
            self.finish(source, epoch, &mut finishing, 0).await?;
            self.written(&mut finishing).await?;
        }
    }

    /// Marks, moves or deletes at the source what has landed, and has that written down without waiting for it.
    async fn finish(
        &self,
        source: &mut Source,
        epoch: u32,
        finishing: &mut Finishing,
        behind: u64,
    ) -> Result<(), IntakeError> {
        self.written(finishing).await?;
        let waiting = std::mem::take(&mut finishing.waiting);
        for finish in [Finish::AsConfigured, Finish::KeepThere] {
            let keys = waiting.iter().filter(|landed| landed.finish == finish);
            let keys: Vec<MailKey> = keys.map(|landed| source_key(source, &landed.key)).collect();
            let after = if finish == Finish::AsConfigured { &self.mailbox.after } else { &After::Seen };
            if !keys.is_empty() {
                source.finish(&keys, after).await.map_err(|e| self.post(e))?;
            }
        }
        let name = self.mailbox.name.clone();
        let keys: Vec<String> = waiting.into_iter().map(|landed| landed.key).collect();
        let write = move |tx: &rusqlite::Connection| {
            mailboxes::finished(tx, &name, epoch, &keys)?;
            mailbox_health::looked(tx, &name, behind, None, None)
        };
        finishing.written = Some(self.writer.queue(write).await);
        Ok(())
    }

    async fn written(&self, finishing: &mut Finishing) -> Result<(), IntakeError> {
        let Some(outcome) = finishing.written.take() else { return Ok(()) };
        outcome.wait().await.map_err(|why| IntakeError::Store { mailbox: self.mailbox.name.clone(), why })
    }

    pub(super) async fn store<T: Send + 'static>(
        &self,
        work: impl FnMut(&rusqlite::Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, IntakeError> {
        let result = self.writer.run(work).await;
        result.map_err(|why| IntakeError::Store { mailbox: self.mailbox.name.clone(), why })
    }

    pub(super) fn post(&self, why: PostError) -> IntakeError {
        IntakeError::Post { mailbox: self.mailbox.name.clone(), why }
    }
}

/// What is still to be done at the source with mails that are committed here.
#[derive(Default)]
struct Finishing {
    waiting: Vec<Landed>,
    /// that what was done there before is written down
    written: Option<Outcome<()>>,
}

impl Finishing {
    fn landed(&mut self, landed: Vec<Landed>, progress: &mut Progress) {
        progress.step(landed.len(), Instant::now());
        self.waiting.extend(landed);
    }
}

/// How many mails there can be from a position on.
fn at_most(state: &MailboxState, position: Position) -> u64 {
    let from_there = state.next_uid.map(|next| next.saturating_sub(position.next_uid));
    u64::from(from_there.unwrap_or(u32::MAX).min(state.messages))
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

#[cfg(test)]
pub(super) mod tests;
