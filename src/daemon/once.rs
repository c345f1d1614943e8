//! Everything that there is to do, once: all mail that waits, all clocks that are due, all mail that is to go.

use tokio_util::sync::CancellationToken;

use super::{
    intake::{IntakeError, Pass},
    mailbox::Mailbox,
    pulse::Pulse,
    sender::Sent,
    workplace::Workplace,
};
use crate::{
    desk::trouble::Area,
    store::{StoreError, troubles},
};

/// What was done.
#[derive(Debug, Default)]
pub struct Round {
    pub mail: Pass,
    pub clocks: usize,
    pub sent: Sent,
    /// mailboxes that could not be read to their end
    pub failed: Vec<IntakeError>,
    /// why nothing more could be sent
    pub no_way_out: Option<String>,
}

impl Workplace {
    /// Mailboxes first, then clocks: no clock that a customer's silence runs out runs while mail is unread.
    pub async fn once(&self) -> Result<Round, StoreError> {
        let mut round = Round::default();
        for mailbox in self.mailboxes() {
            match read(&mailbox).await {
                Ok(pass) => round.mail += pass,
                // A full disk is everybody's trouble; a mailbox that fails only its own.
                Err(IntakeError::Store { why, .. }) if why.is_disk() => return Err(why),
                Err(why) => round.failed.push(why),
            }
        }
        let (pulse, never) = (Pulse::new(), CancellationToken::new());
        loop {
            let clocks = self.run_clocks(round.failed.is_empty()).await?;
            let sent = self.sender.send_due(&pulse, &never).await?;
            round.clocks += clocks;
            round.sent += sent;
            if self.sender.blocked_until().is_some() {
                let trouble = self.writer.run(|tx| troubles::current(tx, &Area::Sending)).await?;
                round.no_way_out = trouble.map(|trouble| trouble.error);
                return Ok(round);
            }
            if clocks == 0 && sent == Sent::default() {
                return Ok(round);
            }
        }
    }
}

async fn read(mailbox: &Mailbox) -> Result<Pass, IntakeError> {
    let pass = read_to_the_end(mailbox).await;
    match &pass {
        Ok(_) => mailbox.works().await?,
        Err(why) => mailbox.failed(why).await?,
    }
    pass
}

async fn read_to_the_end(mailbox: &Mailbox) -> Result<Pass, IntakeError> {
    let mut source = mailbox.open().await?;
    let pass = mailbox.intake.pass(&mut source, &Pulse::new()).await;
    source.close().await;
    pass
}
