//! The log: one line per thing that happened, on standard error; never bodies, never secrets.

use std::io::{self, IsTerminal, Write};

use tracing::Level;
use tracing_subscriber::{
    Layer, filter::Targets, fmt, fmt::MakeWriter, layer::SubscriberExt, registry::Registry, util::SubscriberInitExt,
};

use crate::daemon::progress::BARS;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    #[default]
    Text,
    Json,
}

/// Starts logging. The libraries' own logs are shut off whatever the level: they print passwords and mail.
pub fn start(level: Level, format: Format) {
    let only_ours =
        Targets::new().with_target("casepost", level).with_target("casepost::daemon::progress", Level::INFO);
    let layer: Box<dyn Layer<Registry> + Send + Sync> = match format {
        Format::Json => fmt::layer().json().flatten_event(true).with_target(false).with_writer(Beside).boxed(),
        Format::Text if is_journal() => {
            fmt::layer().without_time().with_target(false).with_ansi(false).with_writer(Journal).boxed()
        }
        Format::Text => {
            fmt::layer().with_target(false).with_ansi(io::stderr().is_terminal()).with_writer(Beside).boxed()
        }
    };
    // A second start (in one process's tests) is harmless.
    let _ = tracing_subscriber::registry().with(layer.with_filter(only_ours)).try_init();
}

/// Does standard error lead to systemd's journal, which has a time and a level for each line itself?
fn is_journal() -> bool {
    std::env::var_os("JOURNAL_STREAM").is_some() && !io::stderr().is_terminal()
}

/// Onto standard error, beside the bars that may be on the terminal.
struct Beside;

impl MakeWriter<'_> for Beside {
    type Writer = Line;

    fn make_writer(&self) -> Line {
        Line(Vec::new())
    }
}

/// The same, with the level as the journal wants it (sd-daemon(3)).
struct Journal;

impl MakeWriter<'_> for Journal {
    type Writer = Line;

    fn make_writer(&self) -> Line {
        Line(Vec::new())
    }

    fn make_writer_for(&self, meta: &tracing::Metadata<'_>) -> Line {
        let level = match *meta.level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            Level::DEBUG | Level::TRACE => 7,
        };
        Line(format!("<{level}>").into_bytes())
    }
}

/// A line of the log, written at once when it is whole.
struct Line(Vec<u8>);

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Nobody may read the log any more: the desk works all the same.
        let _ = BARS.suspend(|| io::stderr().lock().write_all(&self.0));
    }
}
