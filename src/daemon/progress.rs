//! How far a mailbox is read, shown while there is much of it: as a bar on a terminal, otherwise as a line in the log every
//! ten seconds.

use std::{
    io::IsTerminal,
    sync::LazyLock,
    time::{Duration, Instant},
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tracing::info;

/// What is done sooner needs no bar.
const AFTER: Duration = Duration::from_secs(2);
const EVERY: Duration = Duration::from_secs(10);

/// The bars of all mailboxes; whoever writes onto the terminal beside them does it through [`MultiProgress::suspend`].
pub static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

pub struct Progress {
    mailbox: String,
    began: Instant,
    said: Instant,
    done: u64,
    total: u64,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// `total`: as far as is known.
    pub fn begin(mailbox: &str, total: u64) -> Progress {
        let now = Instant::now();
        Progress { mailbox: mailbox.to_owned(), began: now, said: now, done: 0, total, bar: None }
    }

    /// So many more are there for certain.
    pub fn at_least(&mut self, more: usize) {
        self.total = self.total.max(self.done + more as u64);
    }

    pub fn to_go(&self) -> u64 {
        self.total.saturating_sub(self.done)
    }

    /// So many more are done.
    pub fn step(&mut self, done: usize) {
        self.done += done as u64;
        if self.began.elapsed() < AFTER {
            return;
        }
        if std::io::stderr().is_terminal() {
            let bar = self.bar.get_or_insert_with(|| bar(&self.mailbox));
            bar.set_length(self.total.max(self.done));
            bar.set_position(self.done);
        } else if self.said.elapsed() >= EVERY {
            self.said = Instant::now();
            let per_s = self.done.checked_div(self.began.elapsed().as_secs()).unwrap_or(self.done);
            info!(mailbox = self.mailbox, mails = self.done, to_go = self.to_go(), per_s, "reading the mailbox");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(mailbox: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos} of {len} mails, {per_sec}, {eta} to go");
    let bar = BARS.add(ProgressBar::new(0)).with_message(format!("mailbox {mailbox}"));
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
