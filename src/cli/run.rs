//! `casepost run`: the daemon, or one round of everything.

use clap::Args;
use tokio_util::sync::CancellationToken;
use tracing::Level;

use super::{
    context::{Context, open_database, workplace},
    exit::{Refused, failed_mailboxes},
    logging,
};
use crate::{
    daemon::{
        office::Office,
        once::{Round, Workplace},
        run,
    },
    store::{lock::daemon_lock, meta},
};

#[derive(Debug, Args)]
#[command(after_help = "\
    Without --once it runs until SIGINT or SIGTERM: it polls every mailbox, answers, runs the clocks and sends.\n\
    With --once it takes in all mail that waits, runs all clocks that are due, sends all mail that is to go, and ends: \
    for cron, and for trying out a configuration. Mail that a server puts off stays in the outbox for the next time.\n\n\
    Only one of them works on a database at a time; the `case` commands may be used meanwhile.")]
pub struct Run {
    /// Do all there is to do, then end
    #[arg(long)]
    once: bool,

    /// What to log on standard error
    #[arg(long, value_name = "LEVEL", value_parser = ["error", "warn", "info", "debug"], env = "CASEPOST_LOG")]
    log: Option<String>,
}

pub fn run(context: &Context, command: &Run) -> anyhow::Result<()> {
    let quiet = if command.once { Level::WARN } else { Level::INFO };
    logging::start(command.log.as_deref().and_then(|l| l.parse().ok()).unwrap_or(quiet));
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
    let database = config.data.clone();
    let (workplace, writer) = workplace(&config, office, db, time)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = match command.once {
        true => runtime.block_on(once(workplace)),
        false => runtime.block_on(daemon(workplace, database)),
    };
    drop(runtime);
    // The last handle to the writer is gone: it has committed what it had, and ends.
    let _ = writer.join();
    done
}

async fn once(workplace: Workplace) -> anyhow::Result<()> {
    let round = workplace.once().await?;
    workplace.transport.close().await;
    say!("{}", in_words(&round));
    failed_mailboxes(&round)
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

async fn daemon(workplace: Workplace, database: std::path::PathBuf) -> anyhow::Result<()> {
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
    let done = run::run(workplace, database, stop).await;
    signals.abort();
    Ok(done?)
}
