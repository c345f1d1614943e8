//! The log: one line per thing that happened, on standard error; never bodies, never secrets.

use std::io::IsTerminal;

use tracing::Level;
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging. The libraries' own logs are shut off whatever the level: they print passwords and mail.
pub fn start(level: Level) {
    let only_ours = Targets::new().with_target("casepost", level);
    // A second start (in one process's tests) is harmless.
    let _ = tracing_subscriber::registry()
        .with(fmt::layer().with_target(false).with_writer(std::io::stderr).with_ansi(std::io::stderr().is_terminal()))
        .with(only_ours)
        .try_init();
}
