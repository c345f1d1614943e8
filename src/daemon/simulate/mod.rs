//! A desk for scenarios: the daemon's own code on one database, with a clock that jumps from one due time to the next,
//! and a mail server that does what it is told.
//!
//! What threads, connections and disks add to the daemon is left out; what follows from a mail, a clock or a mail
//! server's answer is its own code, from [`take_in`] and [`run_due`] to [`letter`].

mod mail_server;

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

pub use self::mail_server::{MailServer, Mood};
use super::{
    hold::{Unfit, hold},
    letter,
    office::Office,
    reading::{Bytes, read},
    sender::{
        claim::{Claimed, claim},
        settle::settle,
    },
    take_in::{Taken, take_in},
    ticker::{self, run_due},
};
use crate::{
    desk::{
        case::CaseId,
        notice::{Lane, NoticeKind},
    },
    post::Outcome,
    store::{
        StoreError,
        mailboxes::{self, Place},
        open::transaction,
        outbox,
    },
};

/// The mailbox that scenarios write to, and the name under which its server judges senders.
pub const MAILBOX: &str = "support";
pub const AUTHSERV_ID: &str = "mx.desk.example";

#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0} is due, and nothing makes of it that it is done")]
    Stuck(DateTime<Utc>),
}

/// A desk in time. Its database is the caller's, who may close and open it between any two calls.
#[derive(Debug)]
pub struct SimulatedDesk {
    pub office: Arc<Office>,
    pub mail_server: MailServer,
    now: DateTime<Utc>,
    runs: bool,
    /// mails that the mailbox holds and the desk has not read
    waiting: Vec<Arriving>,
    arrived: u32,
    /// what went out, in order
    sent: Vec<SentMail>,
    /// what became of the mails that came in, in order
    taken: Vec<TakenMail>,
}

#[derive(Debug)]
struct Arriving {
    raw: Vec<u8>,
    received_at: DateTime<Utc>,
    number: u32,
}

/// A mail that the mail server has taken from the desk.
#[derive(Debug, Clone)]
pub struct SentMail {
    pub at: DateTime<Utc>,
    pub kind: NoticeKind,
    pub case: Option<CaseId>,
    /// those for whom it was accepted
    pub recipients: Vec<String>,
    pub message_id: String,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone)]
pub struct TakenMail {
    pub at: DateTime<Utc>,
    pub taken: Taken,
    /// under which it is kept
    pub mail: Option<i64>,
}

impl SimulatedDesk {
    pub fn new(office: Arc<Office>, begins_at: DateTime<Utc>) -> SimulatedDesk {
        SimulatedDesk {
            office,
            mail_server: MailServer::default(),
            now: begins_at,
            runs: true,
            waiting: vec![],
            arrived: 0,
            sent: vec![],
            taken: vec![],
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub fn sent(&self) -> &[SentMail] {
        &self.sent
    }

    pub fn taken(&self) -> &[TakenMail] {
        &self.taken
    }

    pub fn runs(&self) -> bool {
        self.runs
    }

    /// A mail reaches the mailbox; the desk reads it with its next [`work`](Self::work).
    pub fn mail_arrives(&mut self, raw: Vec<u8>, received_at: DateTime<Utc>) {
        self.arrived += 1;
        self.waiting.push(Arriving { raw, received_at, number: self.arrived });
    }

    /// The daemon ends: mail stays in the mailbox, clocks don't run, nothing goes out.
    pub fn stop(&mut self) {
        self.runs = false;
    }

    /// The daemon starts. Clocks and outgoing mail don't wait for the mailbox, so they come first: what a customer's
    /// silence runs out must be held back by the rules, not by luck.
    pub fn start(&mut self, db: &mut Connection) -> Result<(), SimulationError> {
        self.runs = true;
        while self.run_clocks(db, false)? + self.send(db)? > 0 {}
        self.work(db)?;
        Ok(())
    }

    /// Lets time pass, stopping wherever something is due on the way.
    pub fn pass_until(&mut self, db: &mut Connection, goal: DateTime<Utc>) -> Result<(), SimulationError> {
        while self.runs
            && let Some(due) = self.next_due(db)?.filter(|due| *due <= goal)
        {
            self.now = due.max(self.now);
            if self.work(db)? == 0 {
                return Err(SimulationError::Stuck(due));
            }
        }
        self.now = goal.max(self.now);
        Ok(())
    }

    /// Does what there is to do now: mailboxes first, then clocks, then what goes out. Says how much it was.
    pub fn work(&mut self, db: &mut Connection) -> Result<usize, SimulationError> {
        let mut total = 0;
        while self.runs {
            let done = self.read_mailbox(db)? + self.run_clocks(db, true)? + self.send(db)?;
            if done == 0 {
                break;
            }
            total += done;
        }
        Ok(total)
    }

    fn next_due(&self, db: &Connection) -> Result<Option<DateTime<Utc>>, StoreError> {
        let outgoing = if self.mail_server.is_down() { None } else { outbox::next_due(db)? };
        Ok([ticker::next_due(db, &self.office, self.now)?, outgoing].into_iter().flatten().min())
    }

    fn read_mailbox(&mut self, db: &mut Connection) -> Result<usize, StoreError> {
        let mails = std::mem::take(&mut self.waiting);
        for mail in &mails {
            let place = Place { mailbox: MAILBOX.to_owned(), epoch: 1, key: mail.number.to_string() };
            let (office, now) = (&self.office, self.now);
            let size_bytes = mail.raw.len() as u64;
            let bytes = Bytes { raw: &mail.raw, size_bytes, truncated: false, received_at: mail.received_at };
            let read = read(office, bytes, Some(AUTHSERV_ID));
            let (taken, kept) = transaction(db, |tx| {
                let taken = match &read {
                    Ok(read) => take_in(tx, office, read, &place, None, now)?,
                    Err(reason) => {
                        let raw = Some(mail.raw.as_slice().into());
                        let unfit = Unfit { place: &place, received_at: mail.received_at, raw, size_bytes, reason };
                        hold(tx, office, &unfit, None, now)?
                    }
                };
                Ok::<_, StoreError>((taken, mailboxes::mail_at(tx, &place)?))
            })?;
            self.taken.push(TakenMail { at: now, taken, mail: kept });
        }
        Ok(mails.len())
    }

    fn run_clocks(&mut self, db: &mut Connection, all_mail_read: bool) -> Result<usize, StoreError> {
        let (office, now) = (&self.office, self.now);
        transaction(db, |tx| run_due(tx, office, all_mail_read, now))
    }

    /// Sends what is due, one mail after the other, conversations before what goes to many.
    fn send(&mut self, db: &mut Connection) -> Result<usize, StoreError> {
        let mut done = 0;
        while !self.mail_server.is_down() {
            let Some(sent) = transaction(db, |tx| self.send_next(tx))? else { break };
            done += 1;
            self.sent.extend(sent);
        }
        Ok(done)
    }

    /// None when nothing is due; the inner one when of what was due nothing went out.
    fn send_next(&self, tx: &Connection) -> Result<Option<Option<SentMail>>, StoreError> {
        let now = self.now;
        let mut due = None;
        for lane in Lane::ALL {
            due = due.or(outbox::due(tx, lane, now, 1, &outbox::UnderWay::default())?.pop());
        }
        let Some(id) = due else { return Ok(None) };
        let Some(Claimed { notice, thread, waiting }) = claim(tx, &self.office, id, now)? else {
            return Ok(Some(None));
        };
        let letter = match notice.letter.clone() {
            Some(letter) => Ok(letter),
            None => letter::write(&self.office, &notice, &thread),
        };
        if let Ok(letter) = &letter {
            outbox::freeze(tx, id, letter)?;
        }
        let mut accepted = Vec::new();
        for delivery in &waiting {
            let outcome = match &letter {
                Ok(_) => self.mail_server.answer(&delivery.recipient),
                Err(why) => Outcome::Refused(why.clone()),
            };
            settle(tx, &self.office, &notice, delivery, &outcome, now)?;
            if matches!(outcome, Outcome::Accepted(_)) {
                accepted.push(delivery.recipient.clone());
            }
        }
        let Ok(letter) = letter else { return Ok(Some(None)) };
        let (kind, case, at) = (notice.kind, notice.case, now);
        let sent =
            SentMail { at, kind, case, recipients: accepted, message_id: letter.message_id, bytes: letter.bytes };
        Ok(Some(Some(sent).filter(|sent| !sent.recipients.is_empty())))
    }
}

#[cfg(test)]
mod tests;
