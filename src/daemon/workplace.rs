//! A desk ready to work: what every part of the daemon works with.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::{
    intake::Intake,
    mailbox::Mailbox,
    office::CurrentOffice,
    progress::Screen,
    sender::Sender,
    ticker::{next_due, run_due},
    time::Time,
};
use crate::{
    config::MailboxConfig,
    post::Transport,
    store::{StoreError, writer::Writer},
};

#[derive(Clone)]
pub struct Workplace {
    pub office: CurrentOffice,
    pub writer: Writer,
    pub mailboxes: Vec<MailboxConfig>,
    pub transport: Arc<Transport>,
    pub time: Time,
    pub sender: Sender,
    /// shows how far a mailbox is read; without one, the log tells
    pub screen: Option<Arc<dyn Screen>>,
}

impl Workplace {
    pub fn new(
        office: CurrentOffice,
        writer: Writer,
        mailboxes: Vec<MailboxConfig>,
        transport: Transport,
        time: Time,
    ) -> Workplace {
        let transport = Arc::new(transport);
        let sender = Sender::new(office.clone(), writer.clone(), transport.clone(), time.clone());
        Workplace { office, writer, mailboxes, transport, time, sender, screen: None }
    }

    pub fn mailboxes(&self) -> impl Iterator<Item = Mailbox> {
        self.mailboxes.iter().map(|config| {
            let intake = Intake {
                office: self.office.clone(),
                writer: self.writer.clone(),
                mailbox: config.clone(),
                time: self.time.clone(),
                screen: self.screen.clone(),
            };
            Mailbox { intake }
        })
    }

    /// When the next clock, list or works falls due.
    pub async fn next_clock(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        let (office, time) = (self.office.get(), self.time.clone());
        self.writer.run(move |tx| next_due(tx, &office, time.now())).await
    }

    /// Runs all clocks and lists that are due.
    pub async fn run_clocks(&self, all_mail_read: bool) -> Result<usize, StoreError> {
        let mut total = 0;
        loop {
            let (office, time) = (self.office.get(), self.time.clone());
            let done = self.writer.run(move |tx| run_due(tx, &office, all_mail_read, time.now())).await?;
            total += done;
            if done == 0 {
                return Ok(total);
            }
        }
    }
}
