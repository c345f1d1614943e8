//! A mailbox watched: connected, read whenever there is something, connected again when that fails.

use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};
use tracing::{info, warn};

use super::Shift;
use crate::{
    daemon::{intake::IntakeError, mailbox::Mailbox, pause::Pause, pulse::Pulse},
    post::Source,
    store::StoreError,
};

/// A connection that lasted so long was a good one: when it ends, the next is made soon. One that ends at once, time and
/// again, is made after pauses that grow, even if each had its use.
const STEADY: Duration = Duration::from_secs(10);
/// For ending a connection in good order.
const GOODBYE: Duration = Duration::from_secs(1);

impl Shift {
    /// One mailbox: connected, read whenever there is something, connected again when that fails; until the desk stops.
    pub(in crate::daemon) async fn watch_mailbox(self, name: String, pulse: Pulse) -> Result<(), StoreError> {
        let Some(mailbox) = self.workplace.mailboxes().find(|mailbox| mailbox.name() == name) else { return Ok(()) };
        let mut pause = Pause::new();
        let mut failures = 0_u32;
        let mut mended = self.mended.subscribe();
        while !self.stop.is_cancelled() {
            pulse.beat();
            let began = Instant::now();
            let Err(why) = self.connected(&mailbox, &pulse, &mut failures).await else { break };
            self.unread().insert(name.clone());
            failures += 1;
            if began.elapsed() >= STEADY {
                pause.reset();
            }
            let wait = if why.needs_person() { pause.for_person() } else { pause.passing() };
            // A connection that is lost once is made again; what is lost or refused again is worth a note.
            if why.needs_person() || failures > 1 {
                if let Err(beside) = mailbox.failed(&why).await {
                    warn!(mailbox = name, why = %why, beside = %beside, "does not work, and not even that can be kept");
                    forgive(beside)?;
                }
            } else if !why.is_of_the_moment() {
                info!(mailbox = name, why = %why, "connecting again");
            }
            forgive(why)?;
            pulse.rest();
            tokio::select! {
                () = sleep(wait) => {}
                _ = mended.changed() => pause.reset(),
                () = self.stop.cancelled() => {}
            }
        }
        Ok(())
    }

    /// One connection, pass after pass, until it fails or the desk stops.
    async fn connected(&self, mailbox: &Mailbox, pulse: &Pulse, failures: &mut u32) -> Result<(), IntakeError> {
        let settings = &mailbox.intake.mailbox;
        let mut source = tokio::select! {
            source = mailbox.open() => source?,
            () = self.stop.cancelled() => return Ok(()),
        };
        loop {
            let pass = tokio::select! {
                pass = mailbox.intake.pass(&mut source, pulse) => pass?,
                // What is queued is still written; what is not is fetched again at the next start.
                () = self.stop.cancelled() => return Ok(()),
            };
            *failures = 0;
            mailbox.works().await?;
            self.unread().remove(mailbox.name());
            if pass.kept + pass.held > 0 {
                info!(mailbox = settings.name, kept = pass.kept, known = pass.known, held = pass.held, "pass");
            }
            pulse.rest();
            let waited = source.wait(settings.poll, settings.idle, self.stop.cancelled()).await;
            if self.stop.is_cancelled() {
                goodbye(source).await;
                return Ok(());
            }
            waited.map_err(|why| mailbox.intake.post(why))?;
        }
    }
}

async fn goodbye(source: Source) {
    // Politeness has its limits: a server that is silent now is not waited for.
    let _ = timeout(GOODBYE, source.close()).await;
}

/// What passes by itself: a mail server's trouble, a full disk. Anything else is this part's own fault.
fn forgive(why: IntakeError) -> Result<(), StoreError> {
    match why {
        IntakeError::Store { why, .. } if !(why.is_disk() || why.is_busy() || matches!(why, StoreError::Gap)) => {
            Err(why)
        }
        _ => Ok(()),
    }
}
