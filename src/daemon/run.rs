//! The daemon: a part per mailbox, one for clocks, one for outgoing mail, one that watches for other writers, one that
//! probes the writer, one that watches the disk, one that reads the configuration anew; supervised until it is told to
//! stop. Each waits for its own work and fails on its own.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use super::{
    office::CurrentOffice,
    progress::Screen,
    reload::Reload,
    service_manager::ServiceManager,
    shift::Shift,
    status_page::Board,
    supervise::{Fault, Part, supervise},
    time::Time,
    trouble,
    workplace::Workplace,
};
use crate::{
    config::{Config, SmtpOutlet, SourceConfig},
    desk::trouble::Area,
    post::Transport,
    store::{StoreError, disk, mailbox_health, open::open, troubles, writer::Writer},
};

/// For closing connections in good order when the daemon is told to stop.
const GOODBYE: Duration = Duration::from_secs(1);

/// Without a sign of life for so long a part hangs. A mailbox gives one with each batch, which on a slow line takes its
/// time; the sender with each letter, for whose final dot a server may take ten times its timeout.
const MAILBOX_HANGS: Duration = Duration::from_secs(900);
const SENDER_HANGS: Duration = Duration::from_secs(1800);
const OTHERS_HANG: Duration = Duration::from_secs(120);
/// The same in timeouts of a server, where these are long.
const MAILBOX_TIMEOUTS: u32 = 5;
const SENDER_TIMEOUTS: u32 = 20;

/// Why the daemon ended by itself.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("{0}; the log tells the rest")]
    Fault(Fault),
}

/// Not as a source: whoever prints an error with its sources would say it twice.
impl From<Fault> for DaemonError {
    fn from(fault: Fault) -> DaemonError {
        DaemonError::Fault(fault)
    }
}

/// What the daemon is started with.
pub struct Daemon {
    pub config: Config,
    pub config_path: PathBuf,
    pub office: CurrentOffice,
    pub transport: fn(&Config) -> Transport,
    pub writer: fn(&Config) -> Result<StartedWriter, StoreError>,
    pub screen: Option<Arc<dyn Screen>>,
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
        let workplace = Workplace { screen: self.screen.clone(), ..workplace };
        let shift = Shift::new(workplace, stop.clone());
        // If it can't be written now, the first look at each mailbox tells the same.
        let _ = self.begin(&shift.workplace).await;
        let parts = self.parts(&shift);
        let ended = supervise(parts, stop, || {
            service_manager.alive();
            service_manager.status(&shift.in_words());
        })
        .await;
        let _ = timeout(GOODBYE, shift.workplace.transport.close()).await;
        ended
    }

    /// Puts right what an earlier process has left there: no connection stands yet, what is configured now was read, and
    /// a mailbox that is not configured any more troubles nobody.
    async fn begin(&self, workplace: &Workplace) -> Result<(), StoreError> {
        let (office, now) = (self.office.get(), workplace.time.now());
        let areas: Vec<Area> = self.config.mailboxes.iter().map(|m| Area::Mailbox(m.name.clone())).collect();
        workplace
            .writer
            .run(move |tx| {
                mailbox_health::no_connections(tx)?;
                troubles::keep_only(tx, &areas, now)?;
                trouble::over(tx, &office, &Area::Reload, now)
            })
            .await
    }

    fn parts(&self, all: &Shift) -> Vec<Part> {
        let mut parts = Vec::new();
        for mailbox in &self.config.mailboxes {
            let timeout = match &mailbox.source {
                SourceConfig::Imap(imap) => imap.server.timeout,
                SourceConfig::Maildir(_) => Duration::ZERO,
            };
            let (shift, name) = (all.clone(), mailbox.name.clone());
            let hangs = MAILBOX_HANGS.max(timeout * MAILBOX_TIMEOUTS);
            parts.push(Part::new(&format!("mailbox {name}"), hangs, move |pulse| {
                shift.clone().watch_mailbox(name.clone(), pulse)
            }));
        }
        let timeout = match &self.config.smtp.outlet {
            SmtpOutlet::Smtp(server) => server.timeout,
            SmtpOutlet::Maildir(_) => Duration::ZERO,
        };
        let shift = all.clone();
        let hangs = SENDER_HANGS.max(timeout * SENDER_TIMEOUTS);
        parts.push(Part::new("sender", hangs, move |pulse| shift.clone().send(pulse)));
        let shift = all.clone();
        parts.push(Part::new("ticker", OTHERS_HANG, move |pulse| shift.clone().tick(pulse)));
        let (shift, database) = (all.clone(), self.config.data.clone());
        let file = disk::identity(&database);
        parts.push(Part::new("watch for other writers", OTHERS_HANG, move |pulse| {
            shift.clone().watch_writers(database.clone(), file, pulse)
        }));
        let shift = all.clone();
        let probe = Part::new("writer of the database", OTHERS_HANG, move |pulse| shift.clone().probe_writer(pulse));
        parts.push(probe.whose_hang_ends_all());
        let (shift, database) = (all.clone(), self.config.data.clone());
        parts.push(Part::new("watch of the disk", OTHERS_HANG, move |pulse| {
            shift.clone().watch_disk(database.clone(), pulse)
        }));
        let (shift, reload) = (all.clone(), self.reload(all));
        parts.push(Part::new("reload", OTHERS_HANG, move |pulse| shift.clone().reload(reload.clone(), pulse)));
        parts.extend(self.web_parts(all));
        parts
    }

    /// The status page, where one is wanted.
    fn web_parts(&self, all: &Shift) -> Vec<Part> {
        let web = &self.config.web;
        if web.listen.is_none() && web.directory.is_none() {
            return vec![];
        }
        let board = Board::new();
        let mut parts = Vec::new();
        let (shift, database, web, shown) = (all.clone(), self.config.data.clone(), web.clone(), board.clone());
        if let Some(listen) = web.listen {
            let shift = all.clone();
            parts.push(Part::new("web", OTHERS_HANG, move |pulse| {
                shift.clone().serve_web(listen, board.clone(), pulse)
            }));
        }
        parts.push(Part::new("status page", OTHERS_HANG, move |pulse| {
            shift.clone().keep_status_page(web.clone(), database.clone(), shown.clone(), pulse)
        }));
        parts
    }

    fn reload(&self, shift: &Shift) -> Reload {
        Reload {
            config_path: self.config_path.clone(),
            at_start: self.config.clone(),
            office: self.office.clone(),
            writer: shift.workplace.writer.clone(),
            time: shift.workplace.time.clone(),
        }
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

#[cfg(test)]
mod tests;
