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

/// How what was done is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Show {
    Nothing,
    Bar,
    Line,
}

impl Progress {
    /// `total`: as far as is known.
    pub fn begin(mailbox: &str, total: u64, now: Instant) -> Progress {
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
    pub fn step(&mut self, done: usize, now: Instant) {
        match self.count(done, now, std::io::stderr().is_terminal()) {
            Show::Nothing => {}
            Show::Bar => {
                let bar = self.bar.get_or_insert_with(|| bar(&self.mailbox));
                bar.set_length(self.total.max(self.done));
                bar.set_position(self.done);
            }
            Show::Line => {
                let per_s = self.done / (now - self.began).as_secs().max(1);
                info!(mailbox = self.mailbox, mails = self.done, to_go = self.to_go(), per_s, "reading the mailbox");
            }
        }
    }

    fn count(&mut self, done: usize, now: Instant, on_terminal: bool) -> Show {
        self.done += done as u64;
        match on_terminal {
            true if now - self.began >= AFTER => Show::Bar,
            false if now - self.said >= EVERY => {
                self.said = now;
                Show::Line
            }
            _ => Show::Nothing,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_comes_every_ten_seconds_and_a_bar_after_two_and_a_short_look_shows_nothing() {
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut progress = Progress::begin("support", 1000, begin);
        let lines: Vec<u64> = (1..=35).filter(|s| progress.count(10, at(*s), false) == Show::Line).collect();
        assert_eq!((lines, progress.to_go()), (vec![10, 20, 30], 650));
        let mut progress = Progress::begin("support", 1000, begin);
        let bars: Vec<u64> = (1..=4).filter(|s| progress.count(10, at(*s), true) == Show::Bar).collect();
        assert_eq!(bars, [2, 3, 4]);
    }

    #[test]
    fn what_is_there_for_certain_corrects_what_was_guessed() {
        let mut progress = Progress::begin("support", 3, Instant::now());
        progress.at_least(5000);
        assert_eq!(progress.to_go(), 5000);
    }
}
