//! Everything that there is to do, once: all mail that waits, all clocks that are due, all mail that is to go.

use std::sync::Arc;

use super::{
    intake::{Intake, IntakeError, Pass},
    office::Office,
    sender::{Sender, Sent},
    ticker::run_due,
    time::Time,
};
use crate::{
    config::{MailboxConfig, SourceConfig},
    post::{PostError, Source, Transport},
    store::{StoreError, writer::Writer},
};

/// A desk ready to work.
#[derive(Clone)]
pub struct Workplace {
    pub office: Arc<Office>,
    pub writer: Writer,
    pub mailboxes: Vec<MailboxConfig>,
    pub transport: Arc<Transport>,
    pub time: Time,
}

/// What was done.
#[derive(Debug, Default)]
pub struct Round {
    pub mail: Pass,
    pub clocks: usize,
    pub sent: Sent,
    /// mailboxes that could not be read to their end
    pub failed: Vec<IntakeError>,
}

impl Workplace {
    /// Mailboxes first, then clocks: no clock that a customer's silence runs out runs while mail is unread.
    pub async fn once(&self) -> Result<Round, StoreError> {
        let mut round = Round::default();
        for mailbox in &self.mailboxes {
            match self.read_mailbox(mailbox).await {
                Ok(pass) => round.mail += pass,
                // A full disk is everybody's trouble; a mailbox that fails only its own.
                Err(IntakeError::Store { why, .. }) if why.is_disk() => return Err(why),
                Err(why) => round.failed.push(why),
            }
        }
        loop {
            let clocks = self.run_clocks(round.failed.is_empty()).await?;
            let sent = self.sender().send_due().await?;
            round.clocks += clocks;
            round.sent += sent;
            if clocks == 0 && sent == Sent::default() {
                return Ok(round);
            }
        }
    }

    async fn read_mailbox(&self, mailbox: &MailboxConfig) -> Result<Pass, IntakeError> {
        let failed = |why| IntakeError::Post { mailbox: mailbox.name.clone(), why };
        let mut source = open_source(mailbox).await.map_err(failed)?;
        let pass = self.intake(mailbox).pass(&mut source).await;
        source.close().await;
        pass
    }

    pub fn intake(&self, mailbox: &MailboxConfig) -> Intake {
        Intake {
            office: self.office.clone(),
            writer: self.writer.clone(),
            mailbox: mailbox.clone(),
            time: self.time.clone(),
        }
    }

    pub fn sender(&self) -> Sender {
        Sender {
            office: self.office.clone(),
            writer: self.writer.clone(),
            transport: self.transport.clone(),
            time: self.time.clone(),
        }
    }

    /// Runs all clocks and lists that are due.
    pub async fn run_clocks(&self, all_mail_read: bool) -> Result<usize, StoreError> {
        let mut total = 0;
        loop {
            let (office, time) = (self.office.clone(), self.time.clone());
            let done = self.writer.run(move |tx| run_due(tx, &office, all_mail_read, time.now())).await?;
            total += done;
            if done == 0 {
                return Ok(total);
            }
        }
    }
}

/// Connects to a mailbox.
pub async fn open_source(mailbox: &MailboxConfig) -> Result<Source, PostError> {
    match &mailbox.source {
        SourceConfig::Maildir(path) => Source::open_maildir(path),
        SourceConfig::Imap(imap) => Source::open_imap(&imap.settings()).await,
    }
}
