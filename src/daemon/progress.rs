//! How far a mailbox is read, shown while there is much of it: as a bar on a terminal, otherwise as a line in the log every
//! ten seconds.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tracing::info;

/// What is done sooner needs no bar.
const AFTER: Duration = Duration::from_secs(2);
const EVERY: Duration = Duration::from_secs(10);

/// A terminal that shows a bar for each mailbox.
pub trait Screen: Send + Sync {
    fn show(&self, mailbox: &str, reach: Reach);
    fn clear(&self, mailbox: &str);
}

/// How far it is, and how fast it has gone on the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    pub done: u64,
    pub to_go: u64,
    pub per_s: u64,
    /// for what is to go, at the same pace
    pub time_to_go: Duration,
}

pub struct Progress {
    mailbox: String,
    screen: Option<Arc<dyn Screen>>,
    began: Instant,
    said: Instant,
    done: u64,
    total: u64,
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
    pub fn begin(mailbox: &str, total: u64, screen: Option<Arc<dyn Screen>>, now: Instant) -> Progress {
        Progress { mailbox: mailbox.to_owned(), screen, began: now, said: now, done: 0, total }
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
        match (self.count(done, now), &self.screen) {
            (Show::Bar, Some(screen)) => screen.show(&self.mailbox, self.reach(now)),
            (Show::Line, _) => {
                let Reach { done, to_go, per_s, .. } = self.reach(now);
                info!(mailbox = self.mailbox, mails = done, to_go, per_s, "reading the mailbox");
            }
            _ => {}
        }
    }

    fn reach(&self, now: Instant) -> Reach {
        let (done, to_go, passed) = (self.done, self.to_go(), now - self.began);
        let seconds = passed.as_secs().saturating_mul(to_go) / done.max(1);
        Reach { done, to_go, per_s: done / passed.as_secs().max(1), time_to_go: Duration::from_secs(seconds) }
    }

    fn count(&mut self, done: usize, now: Instant) -> Show {
        self.done += done as u64;
        match self.screen.is_some() {
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
        if let Some(screen) = &self.screen {
            screen.clear(&self.mailbox);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Blank;

    impl Screen for Blank {
        fn show(&self, _: &str, _: Reach) {}
        fn clear(&self, _: &str) {}
    }

    #[test]
    fn a_line_comes_every_ten_seconds_and_a_bar_after_two_and_a_short_look_shows_nothing() {
        let begin = Instant::now();
        let at = |seconds| begin + Duration::from_secs(seconds);
        let mut progress = Progress::begin("support", 1000, None, begin);
        let lines: Vec<u64> = (1..=35).filter(|s| progress.count(10, at(*s)) == Show::Line).collect();
        assert_eq!((lines, progress.to_go()), (vec![10, 20, 30], 650));
        let mut progress = Progress::begin("support", 1000, Some(Arc::new(Blank)), begin);
        let bars: Vec<u64> = (1..=4).filter(|s| progress.count(10, at(*s)) == Show::Bar).collect();
        assert_eq!(bars, [2, 3, 4]);
    }

    #[test]
    fn pace_and_time_to_go_count_from_the_beginning_and_not_from_the_first_bar() {
        let begin = Instant::now();
        let mut progress = Progress::begin("support", 15_000, Some(Arc::new(Blank)), begin);
        let now = begin + Duration::from_millis(3200);
        progress.count(303, now);
        let time_to_go = Duration::from_secs(145);
        assert_eq!(progress.reach(now), Reach { done: 303, to_go: 14_697, per_s: 101, time_to_go });
        let nothing = Progress::begin("support", 10, None, begin).reach(begin);
        assert_eq!(nothing, Reach { done: 0, to_go: 10, per_s: 0, time_to_go: Duration::ZERO });
    }

    #[test]
    fn what_is_there_for_certain_corrects_what_was_guessed() {
        let mut progress = Progress::begin("support", 3, None, Instant::now());
        progress.at_least(5000);
        assert_eq!(progress.to_go(), 5000);
    }
}
