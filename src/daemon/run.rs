//! The daemon: a part per mailbox, one for clocks, one for outgoing mail, one that watches for other writers, one that
//! probes the writer, one that watches the disk, one that reads the configuration anew; supervised until it is told to
//! stop. Each waits for its own work and fails on its own.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{
    sync::watch,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use super::{
    mailbox::Mailbox,
    office::CurrentOffice,
    pause::Pause,
    pulse::Pulse,
    reload::Reload,
    service_manager::ServiceManager,
    supervise::{Fault, Part, supervise},
    time::Time,
    trouble,
    workplace::Workplace,
};
use crate::{
    config::Config,
    desk::trouble::{Area, Nature},
    post::{Source, Transport},
    store::{
        StoreError, clocks, digests, disk, mailbox_health,
        open::{open, open_to_read},
        outbox, troubles,
        writer::Writer,
    },
};

/// How soon the daemon sees what the command line wrote.
const LOOK_FOR_WRITERS: Duration = Duration::from_millis(200);
/// The longest that a part waits without looking: clocks of the system may jump.
const LOOK_ANYWAY: Duration = Duration::from_secs(30);
const PROBE_WRITER: Duration = Duration::from_secs(5);
const LOOK_AT_DISK: Duration = Duration::from_secs(60);
/// For closing connections in good order when the daemon is told to stop.
const GOODBYE: Duration = Duration::from_secs(1);

/// Without a sign of life for so long a part hangs. A mailbox gives one with each batch, which on a slow line takes its
/// time; the sender with each letter, for whose final dot a server may take ten times its timeout.
const MAILBOX_HANGS: Duration = Duration::from_secs(900);
const SENDER_HANGS: Duration = Duration::from_secs(1800);
const OTHERS_HANG: Duration = Duration::from_secs(120);

/// Why the daemon ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}; the log tells the rest")]
    Fault(#[from] Fault),
}

/// What the daemon is started with.
pub struct Daemon {
    pub config: Config,
    pub config_path: PathBuf,
    pub office: CurrentOffice,
    pub transport: fn(&Config) -> Transport,
    pub writer: fn(&Config) -> Result<StartedWriter, StoreError>,
}

pub type StartedWriter = (Writer, std::thread::JoinHandle<()>);

/// The writer of a configuration's database.
pub fn start_writer(config: &Config) -> Result<StartedWriter, StoreError> {
    Writer::start(open(&config.data)?)
}

impl Daemon {
    /// Runs until `stop`; returns when the work at hand is finished.
    pub async fn run(self, stop: CancellationToken) -> Result<(), DaemonError> {
        let mut service_manager = ServiceManager::from_environment();
        let mut writers = Writers::default();
        info!(mailboxes = self.config.mailboxes.len(), "casepost is running");
        service_manager.ready();
        let ended = loop {
            let (writer, thread) = (self.writer)(&self.config)?;
            let round = self.round(writer, &stop, &mut service_manager).await;
            let Err(Fault::WriterEnded) = round else {
                // It commits what it has, and ends. One that hangs can only be left behind.
                writers.last = Some(thread);
                break round;
            };
            if !writers.may_start_another() {
                break Err(Fault::TooOften { part: "writer".to_owned(), why: "its thread has ended".to_owned() });
            }
            error!("the writer of the database has ended: all is started anew");
            sleep(Duration::from_secs(1)).await;
        };
        service_manager.stopping();
        writers.join().await;
        info!("casepost has stopped");
        Ok(ended?)
    }

    /// All parts on one writer.
    async fn round(
        &self,
        writer: Writer,
        stop: &CancellationToken,
        service_manager: &mut ServiceManager,
    ) -> Result<(), Fault> {
        let transport = (self.transport)(&self.config);
        let mailboxes = self.config.mailboxes.clone();
        let workplace = Workplace::new(self.office.clone(), writer, mailboxes, transport, Time::System);
        let shift = Shift {
            unread: Arc::new(Mutex::new(workplace.mailboxes.iter().map(|m| m.name.clone()).collect())),
            written: watch::channel(0).0,
            mended: watch::channel(0).0,
            workplace,
            stop: stop.clone(),
        };
        let _ = shift.workplace.writer.run(mailbox_health::no_connections).await;
        let parts = shift.parts(self);
        let ended = supervise(parts, stop, || {
            service_manager.alive();
            service_manager.status(&shift.in_words());
        })
        .await;
        let _ = timeout(GOODBYE, shift.workplace.transport.close()).await;
        ended
    }
}

/// The writers' threads that were started, and that end.
#[derive(Default)]
struct Writers {
    started_anew: u32,
    last: Option<std::thread::JoinHandle<()>>,
}

impl Writers {
    /// A writer ends by a fault of the desk's own code: a few times in the daemon's life are enough to know it.
    const MOST: u32 = 5;

    fn may_start_another(&mut self) -> bool {
        self.started_anew += 1;
        self.started_anew <= Self::MOST
    }

    async fn join(self) {
        let Some(thread) = self.last else { return };
        for _ in 0..100 {
            if thread.is_finished() {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
    }
}

/// What all parts share.
#[derive(Clone)]
struct Shift {
    workplace: Workplace,
    /// mailboxes that were not read to their end since the start, or since they failed
    unread: Arc<Mutex<BTreeSet<String>>>,
    /// somebody has written to the database
    written: watch::Sender<u64>,
    /// a person has mended something: whatever waits for that is tried at once
    mended: watch::Sender<u64>,
    stop: CancellationToken,
}

impl Shift {
    fn parts(&self, daemon: &Daemon) -> Vec<Part> {
        let mut parts = Vec::new();
        for config in &self.workplace.mailboxes {
            let (shift, name) = (self.clone(), config.name.clone());
            parts.push(Part::new(&format!("mailbox {name}"), MAILBOX_HANGS, move |pulse| {
                let (shift, name) = (shift.clone(), name.clone());
                async move { shift.watch_mailbox(&name, pulse).await }
            }));
        }
        let shift = self.clone();
        parts.push(Part::new("ticker", OTHERS_HANG, move |pulse| shift.clone().tick(pulse)));
        let shift = self.clone();
        parts.push(Part::new("sender", SENDER_HANGS, move |pulse| shift.clone().send(pulse)));
        let (shift, database) = (self.clone(), daemon.config.data.clone());
        parts.push(Part::new("watch for other writers", OTHERS_HANG, move |pulse| {
            shift.clone().watch_writers(database.clone(), pulse)
        }));
        let shift = self.clone();
        let probe = Part::new("writer of the database", OTHERS_HANG, move |pulse| shift.clone().probe_writer(pulse));
        parts.push(probe.whose_hang_ends_all());
        let (shift, database) = (self.clone(), daemon.config.data.clone());
        parts.push(Part::new("watch of the disk", OTHERS_HANG, move |pulse| {
            shift.clone().watch_disk(database.clone(), pulse)
        }));
        let reload = Reload {
            config_path: daemon.config_path.clone(),
            at_start: daemon.config.clone(),
            office: self.workplace.office.clone(),
            writer: self.workplace.writer.clone(),
            time: self.workplace.time.clone(),
        };
        let shift = self.clone();
        parts.push(Part::new("reload", OTHERS_HANG, move |pulse| shift.clone().reload(reload.clone(), pulse)));
        parts
    }

    fn in_words(&self) -> String {
        let unread = self.unread();
        let all = self.workplace.mailboxes.len();
        let mut text = format!("{} of {all} mailboxes read", all - unread.len());
        if !unread.is_empty() {
            let names: Vec<&str> = unread.iter().map(String::as_str).collect();
            text.push_str(&format!(", not {}", names.join(", ")));
        }
        if self.workplace.sender.blocked_until().is_some() {
            text.push_str("; no mail can be sent");
        }
        text
    }

    fn unread(&self) -> std::sync::MutexGuard<'_, BTreeSet<String>> {
        self.unread.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One mailbox: connected, read whenever there is something, connected again when that fails; until the desk stops.
    async fn watch_mailbox(self, name: &str, pulse: Pulse) -> Result<(), StoreError> {
        let Some(mailbox) = self.workplace.mailboxes().find(|mailbox| mailbox.name() == name) else { return Ok(()) };
        let mut pause = Pause::new();
        let mut failures = 0_u32;
        let mut mended = self.mended.subscribe();
        while !self.stop.is_cancelled() {
            pulse.beat();
            let Err(why) = self.connected(&mailbox, &pulse, &mut pause, &mut failures).await else { break };
            self.unread().insert(name.to_owned());
            failures += 1;
            let wait = if why.needs_person() { pause.for_person() } else { pause.passing() };
            // A connection that is lost once is made again; what is lost or refused again is worth a note.
            if why.needs_person() || failures > 1 {
                mailbox.failed(&why).await.or_else(forgive)?;
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
    async fn connected(
        &self,
        mailbox: &Mailbox,
        pulse: &Pulse,
        pause: &mut Pause,
        failures: &mut u32,
    ) -> Result<(), super::intake::IntakeError> {
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
            pause.reset();
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

    /// Wakes clocks and sender whenever somebody has written: this process or another.
    async fn watch_writers(self, database: PathBuf, pulse: Pulse) -> Result<(), StoreError> {
        let db = open_to_read(&database)?;
        let mut last: i64 = 0;
        while !self.stop.is_cancelled() {
            pulse.beat();
            let version: i64 = db.pragma_query_value(None, "data_version", |row| row.get(0))?;
            if version != last {
                last = version;
                self.written.send_modify(|n| *n += 1);
            }
            tokio::select! {
                () = sleep(LOOK_FOR_WRITERS) => {}
                () = self.stop.cancelled() => {}
            }
        }
        Ok(())
    }

    async fn tick(self, pulse: Pulse) -> Result<(), StoreError> {
        let mut written = self.written.subscribe();
        let mut pause = Pause::new();
        while !self.stop.is_cancelled() {
            pulse.beat();
            let all_read = self.unread().is_empty();
            let ran = self.workplace.run_clocks(all_read).await;
            let next = match ran {
                Ok(_) => {
                    self.workplace
                        .writer
                        .run(|tx| Ok(clocks::next_due(tx)?.into_iter().chain(digests::next_due(tx)?).min()))
                        .await
                }
                Err(why) => Err(why),
            };
            self.wait(next, &mut pause, &mut written, &pulse).await?;
        }
        Ok(())
    }

    async fn send(self, pulse: Pulse) -> Result<(), StoreError> {
        let mut written = self.written.subscribe();
        let mut pause = Pause::new();
        let sender = &self.workplace.sender;
        while !self.stop.is_cancelled() {
            let next = match sender.send_due(&pulse, &self.stop).await {
                Ok(_) => self.workplace.writer.run(outbox::next_due).await,
                Err(why) => Err(why),
            };
            // Nothing is looked at before the way out is tried again.
            let next = next.map(|next| sender.blocked_until().or(next));
            self.wait(next, &mut pause, &mut written, &pulse).await?;
        }
        Ok(())
    }

    /// Until somebody has written, or the next due time has come. What the database can't do for now is tried again after
    /// a pause.
    async fn wait(
        &self,
        next: Result<Option<DateTime<Utc>>, StoreError>,
        pause: &mut Pause,
        written: &mut watch::Receiver<u64>,
        pulse: &Pulse,
    ) -> Result<(), StoreError> {
        pulse.rest();
        let next = match next {
            Ok(next) => {
                pause.reset();
                next
            }
            Err(why) if why.is_disk() || why.is_busy() => {
                let wait = pause.passing();
                error!(%why, pause_s = wait.as_secs_f32(), "the database can't be written: trying again");
                tokio::select! {
                    () = sleep(wait) => {}
                    () = self.stop.cancelled() => {}
                }
                return Ok(());
            }
            Err(why) => return Err(why),
        };
        let until_next = next.and_then(|at| (at - self.workplace.time.now()).to_std().ok());
        // Something that is due already and still there waits for mail to be read: look again in a while.
        let longest = until_next.unwrap_or(LOOK_ANYWAY).min(LOOK_ANYWAY).max(LOOK_FOR_WRITERS);
        tokio::select! {
            () = sleep(longest) => {}
            _ = written.changed() => {}
            () = self.stop.cancelled() => {}
        }
        Ok(())
    }

    /// The writer's thread can't be looked into: it is asked for an answer now and then.
    async fn probe_writer(self, pulse: Pulse) -> Result<(), StoreError> {
        while !self.stop.is_cancelled() {
            pulse.beat();
            self.workplace.writer.ping().await?;
            pulse.rest();
            tokio::select! {
                () = sleep(PROBE_WRITER) => {}
                () = self.stop.cancelled() => {}
            }
        }
        Ok(())
    }

    /// Says so while there is still room to say it.
    async fn watch_disk(self, database: PathBuf, pulse: Pulse) -> Result<(), StoreError> {
        while !self.stop.is_cancelled() {
            pulse.beat();
            self.look_at_disk(&database).await.or_else(|why| if why.is_disk() { Ok(()) } else { Err(why) })?;
            pulse.rest();
            tokio::select! {
                () = sleep(LOOK_AT_DISK) => {}
                () = self.stop.cancelled() => {}
            }
        }
        Ok(())
    }

    async fn look_at_disk(&self, database: &Path) -> Result<(), StoreError> {
        let Some(space) = disk::space(database) else { return Ok(()) };
        let (office, now) = (self.workplace.office.get(), self.workplace.time.now());
        let path = database.display().to_string();
        self.workplace
            .writer
            .run(move |tx| match space.is_low() {
                true => {
                    let error = format!(
                        "the disk of {path} has {} MB left: when it is full, no mail can be taken in; make room",
                        space.free_bytes / 1_000_000
                    );
                    trouble::met(tx, &office, &Area::Disk, Nature::NeedsPerson, &error, now)
                }
                false if troubles::current(tx, &Area::Disk)?.is_some() => trouble::over(tx, &office, &Area::Disk, now),
                false => Ok(()),
            })
            .await
    }

    /// Reads the configuration anew at each SIGHUP.
    async fn reload(self, reload: Reload, pulse: Pulse) -> Result<(), StoreError> {
        let hangup = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup());
        let Ok(mut hangup) = hangup else { return Err(StoreError::Panicked("no signal can be listened for".into())) };
        loop {
            pulse.rest();
            tokio::select! {
                _ = hangup.recv() => {}
                () = self.stop.cancelled() => return Ok(()),
            }
            pulse.beat();
            reload.now().await.or_else(|why| if why.is_disk() { Ok(()) } else { Err(why) })?;
            self.workplace.sender.try_now();
            self.mended.send_modify(|n| *n += 1);
            self.written.send_modify(|n| *n += 1);
        }
    }
}

async fn goodbye(source: Source) {
    // Politeness has its limits: a server that is silent now is not waited for.
    let _ = timeout(GOODBYE, source.close()).await;
}

/// What passes by itself: a mail server's trouble, a full disk. Anything else is this part's own fault.
fn forgive(why: super::intake::IntakeError) -> Result<(), StoreError> {
    match why {
        super::intake::IntakeError::Store { why, .. }
            if !(why.is_disk() || why.is_busy() || matches!(why, StoreError::Gap)) =>
        {
            Err(why)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
