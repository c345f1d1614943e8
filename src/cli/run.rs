//! `casepost run`: the daemon, or one round of everything.

use clap::Args;
use tokio_util::sync::CancellationToken;
use tracing::Level;

use super::{
    context::{Context, open_database, transport, workplace},
    exit::{Refused, TryLater},
    logging::{self, Format},
};
use crate::{
    config::Config,
    daemon::{
        office::{CurrentOffice, Office},
        once::Round,
        run::{Daemon, start_writer},
        workplace::Workplace,
    },
    store::{lock::daemon_lock, meta},
};

#[derive(Debug, Args)]
#[command(after_help = "\
    Without --once it runs until SIGINT or SIGTERM, for which it needs five seconds at most: it watches every mailbox, \
    answers, runs the clocks and sends. SIGHUP makes it read rules, templates and staff anew (bad ones are not taken: \
    the old stay) and try at once whatever waits for a mended password. What fails is started anew; what fails too \
    often ends the program with an error, for the service manager. Under systemd it says when it is ready, answers the \
    watchdog, and logs without times of its own.\n\n\
    With --once it takes in all mail that waits, runs all clocks that are due, sends all mail that is to go, and ends: \
    for cron, and for trying out a configuration. Mail that a server puts off stays in the outbox for the next time.\n\n\
    Only one of them works on a database at a time; the other commands may be used meanwhile. `casepost status` says how \
    it fares.")]
pub struct Run {
    /// Do all there is to do, then end
    #[arg(long)]
    once: bool,

    /// What to log on standard error: a line per mail at info
    #[arg(long, value_name = "LEVEL", value_parser = ["error", "warn", "info", "debug"], env = "CASEPOST_LOG")]
    log: Option<String>,

    /// How to log: lines of text, or a JSON object a line
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT", env = "CASEPOST_LOG_FORMAT")]
    log_format: Format,
}

pub fn run(context: &Context, command: &Run) -> anyhow::Result<()> {
    let quiet = if command.once { Level::WARN } else { Level::INFO };
    logging::start(command.log.as_deref().and_then(|l| l.parse().ok()).unwrap_or(quiet), command.log_format);
    let config = context.config()?;
    let office = Office::load(&config)?;
    let _lock = daemon_lock(&config.data)?;
    let mut db = open_database(&config.data)?;
    if let (Some(at), None) = (meta::drill(&db)?, context.now_option()) {
        return Err(Refused(format!(
            "{} is a drill, its time stands at {}: go on with `run --once --now …`, or use another database",
            config.data.display(),
            at.to_rfc3339()
        ))
        .into());
    }
    if context.now_option().is_some() && !command.once {
        return Err(Refused("--now is for drills, which need --once: a daemon lives in real time".to_owned()).into());
    }
    let time = context.time(&mut db)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    if command.once {
        let (workplace, writer) = workplace(&config, office, db, time)?;
        let done = runtime.block_on(once(workplace));
        drop(runtime);
        // The last handle to the writer is gone: it has committed what it had, and ends.
        let _ = writer.join();
        return done;
    }
    drop(db);
    let done = runtime.block_on(daemon(context, config, office));
    // A thread that hangs in a command or on a dead network disk is left behind.
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    done
}

async fn once(workplace: Workplace) -> anyhow::Result<()> {
    let round = workplace.once().await?;
    workplace.transport.close().await;
    say!("{}", in_words(&round));
    left_for_later(&round)
}

fn in_words(round: &Round) -> String {
    let Round { mail, clocks, sent, .. } = round;
    let mut text = format!(
        "mail: {} taken in, {} known already, {} in quarantine; clocks: {clocks} ran; sent: {}",
        mail.kept, mail.known, mail.held, sent.accepted
    );
    for (number, what) in [(sent.deferred, "put off"), (sent.failed, "failed"), (sent.suppressed, "suppressed")] {
        if number > 0 {
            text.push_str(&format!(", {number} {what}"));
        }
    }
    text
}

/// What could not be done in this round.
fn left_for_later(round: &Round) -> anyhow::Result<()> {
    let mut left = Vec::new();
    if !round.failed.is_empty() {
        left.push("not all mail could be read".to_owned());
        left.extend(round.failed.iter().map(|why| format!("  {why}")));
    }
    if let Some(why) = &round.no_way_out {
        left.push("no mail could be sent; it stays in the outbox".to_owned());
        left.push(format!("  {why}"));
    }
    if left.is_empty() { Ok(()) } else { Err(TryLater(left.join("\n")).into()) }
}

async fn daemon(context: &Context, config: Config, office: Office) -> anyhow::Result<()> {
    let stop = CancellationToken::new();
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let told = stop.clone();
    let signals = tokio::spawn(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        told.cancel();
    });
    let daemon = Daemon {
        config,
        config_path: context.config_path().to_owned(),
        office: CurrentOffice::new(office),
        transport,
        writer: start_writer,
    };
    let done = daemon.run(stop).await;
    signals.abort();
    Ok(done?)
}
