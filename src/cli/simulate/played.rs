//! How a story went: its timeline, and what came out otherwise than it is told.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

/// A story that was played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    pub shown: String,
    pub title: String,
    pub zone: Tz,
    pub lines: Vec<Line>,
    pub held: usize,
    pub failed: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub mark: Mark,
    pub at: DateTime<Utc>,
    /// the time on the story's own clock
    pub when: String,
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// what a step does
    Step,
    /// what follows on a case
    Follows,
    /// a mail that went out
    Mail,
    /// an expectation that holds
    Holds,
    /// one that does not
    Fails,
}

impl Played {
    pub fn begin(shown: &str, title: &str, zone: Tz) -> Played {
        Played { shown: shown.to_owned(), title: title.to_owned(), zone, lines: vec![], held: 0, failed: 0 }
    }

    pub fn told(&mut self, mark: Mark, at: DateTime<Utc>, text: impl Into<String>) {
        match mark {
            Mark::Holds => self.held += 1,
            Mark::Fails => self.failed += 1,
            _ => {}
        }
        let local = at.with_timezone(&self.zone);
        let when = local.format("%a %-d %b %H:%M:%S").to_string();
        self.lines.push(Line { mark, at, when, text: text.into() });
    }

    pub fn is_as_told(&self) -> bool {
        self.failed == 0
    }
}
