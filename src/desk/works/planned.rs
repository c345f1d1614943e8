//! The desk's planned works as they stand: what, when, which services and how much they notice of it, and who answers
//! for it.

use chrono::{DateTime, NaiveDate, SubsecRound, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{approval::Pending, window::Window};
pub use crate::mail::calendar::Impact;

/// Which works; people use `PW-0012`. The customers' own have numbers of the same row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorksId(pub i64);

impl std::fmt::Display for WorksId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PW-{:04}", self.0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no number of planned works, such as PW-0012")]
pub struct NotWorks(String);

impl std::str::FromStr for WorksId {
    type Err = NotWorks;

    fn from_str(word: &str) -> Result<WorksId, NotWorks> {
        let upper = word.trim().to_uppercase();
        let behind = upper.strip_prefix("PW").map(|rest| rest.strip_prefix('-').unwrap_or(rest));
        let digits = behind.unwrap_or(&upper);
        let fits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let number = digits.parse().ok().filter(|n| fits && *n > 0);
        number.map(WorksId).ok_or_else(|| NotWorks(word.to_owned()))
    }
}

/// Why they are done, and so how long ahead they are told, and whether they keep out of the protected hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Planned,
    MonthlyWindow,
    PlatformRelease,
    CertificateUpdate,
    /// too critical to wait
    Emergency,
}

impl Kind {
    pub const ALL: [Kind; 5] =
        [Kind::Planned, Kind::MonthlyWindow, Kind::PlatformRelease, Kind::CertificateUpdate, Kind::Emergency];

    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Planned => "planned",
            Kind::MonthlyWindow => "monthly-window",
            Kind::PlatformRelease => "platform-release",
            Kind::CertificateUpdate => "certificate-update",
            Kind::Emergency => "emergency",
        }
    }

    /// The hours of the others are agreed upon, so they stand in the policy themselves (SERVICE.md, unscheduled
    /// maintenance).
    pub fn keeps_out_of_protected_hours(self) -> bool {
        matches!(self, Kind::Planned | Kind::Emergency)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// by the policy's calendar, and nobody has looked at it yet
    Proposed,
    Planned,
    Approved,
    /// customers know of it
    Announced,
    Started,
    Completed,
    Cancelled,
}

impl State {
    pub const ALL: [State; 7] = [
        State::Proposed,
        State::Planned,
        State::Approved,
        State::Announced,
        State::Started,
        State::Completed,
        State::Cancelled,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            State::Proposed => "proposed",
            State::Planned => "planned",
            State::Approved => "approved",
            State::Announced => "announced",
            State::Started => "started",
            State::Completed => "completed",
            State::Cancelled => "cancelled",
        }
    }

    pub fn is_over(self) -> bool {
        matches!(self, State::Completed | State::Cancelled)
    }

    /// Do customers know of it, and is it still to come or going on?
    pub fn is_public(self) -> bool {
        matches!(self, State::Announced | State::Started)
    }
}

impl Impact {
    /// The word of `words.toml`.
    pub fn word(self) -> String {
        format!("impact.{}", self.as_str().to_lowercase())
    }
}

macro_rules! read_by_name {
    ($kind:ty, $what:literal) => {
        impl std::str::FromStr for $kind {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, String> {
                let found = Self::ALL.into_iter().find(|one| one.as_str().eq_ignore_ascii_case(word.trim()));
                found.ok_or_else(|| {
                    let known = Self::ALL.map(Self::as_str).join(", ");
                    format!("\"{word}\" is no {} (known: {known})", $what)
                })
            }
        }

        impl std::fmt::Display for $kind {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
read_by_name!(Kind, "kind of works");
read_by_name!(State, "state of works");
read_by_name!(Impact, "impact");

/// What is touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// by its key in the policy: all services on it
    Platform(String),
    Service {
        /// the directory's
        id: i64,
        /// service ID, circuit ID or order number, whichever it has first
        name: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Affected {
    pub place: Place,
    pub impact: Impact,
}

/// Which of the recurring works of the policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    pub name: String,
    /// on which its window begins, in its zone
    pub date: NaiveDate,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskWorks {
    pub id: WorksId,
    pub kind: Kind,
    pub state: State,
    /// at least one, by their beginning
    pub windows: Vec<Window>,
    /// in which they were planned
    pub zone: Tz,
    /// at least one
    pub affected: Vec<Affected>,
    /// in a few words, for customers
    pub description: String,
    /// why it is done, in a few words, for customers
    pub reason: String,
    /// whom customers may ask while it goes on
    pub contact: Option<String>,
    /// what is done when it fails, for staff
    pub roll_back: Option<String>,
    pub planner: String,
    pub planned_at: DateTime<Utc>,
    pub approver: Option<String>,
    pub announced_at: Option<DateTime<Utc>>,
    /// why it can't wait, of emergency works
    pub emergency: Option<String>,
    /// why it is within protected hours
    pub forced: Option<String>,
    /// of the next notice: how many there were
    pub sequence: u32,
    /// The sequence of the last notice that moved or cancelled it: a reminder with a lower one is overtaken.
    pub moved: u32,
    pub occurrence: Option<Occurrence>,
    /// when customers are to be reminded; none: they were, or need not be
    pub remind_at: Option<DateTime<Utc>>,
    /// when customers were reminded last, of the windows that they have now
    pub reminded_at: Option<DateTime<Utc>>,
    /// when staff are asked what has become of them
    pub ask_at: Option<DateTime<Utc>>,
    /// of announced ones: what waits for an approval
    pub pending: Option<Pending>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl Place {
    /// As staff name it.
    pub fn name(&self) -> &str {
        match self {
            Place::Platform(name) | Place::Service { name, .. } => name,
        }
    }
}

impl DeskWorks {
    /// That of the last notice to customers; 0 before the first.
    pub fn last_sequence(&self) -> u32 {
        self.sequence.saturating_sub(1)
    }

    pub fn starts_at(&self) -> Option<DateTime<Utc>> {
        self.windows.iter().map(|window| window.starts_at).min()
    }

    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.windows.iter().map(|window| window.ends_at).max()
    }

    /// Has their first window begun?
    pub fn has_begun(&self, now: DateTime<Utc>) -> bool {
        self.starts_at().is_some_and(|start| start <= now)
    }

    /// Is their last window over?
    pub fn is_past(&self, now: DateTime<Utc>) -> bool {
        self.ends_at().is_none_or(|end| end <= now)
    }

    /// Their windows as they came about: of completed works those that had begun, the last of which ended with the works,
    /// earlier or later than planned; of works that were cancelled while they went on those that were over, if there are
    /// any. Calendars count whole seconds.
    pub fn held(&self) -> Vec<Window> {
        let end = match (self.state, self.ended_at) {
            (State::Completed, Some(end)) => end,
            (State::Cancelled, Some(end)) if self.started_at.is_some() => {
                let over = self.windows.iter().filter(|window| window.ends_at <= end).count();
                // Of the last window it is said that it is cancelled, however late.
                let over = over.min(self.windows.len().saturating_sub(1));
                return self.windows[..if over == 0 { self.windows.len() } else { over }].to_vec();
            }
            _ => return self.windows.clone(),
        };
        let end = end.trunc_subsecs(0);
        let mut held: Vec<Window> = self.windows.iter().filter(|window| window.starts_at <= end).copied().collect();
        match held.last_mut() {
            Some(last) => last.ends_at = end,
            // They were started before their first window, and done before it began.
            None => held.push(Window { starts_at: self.started_at.unwrap_or(end).trunc_subsecs(0), ends_at: end }),
        }
        held
    }

    /// Were they cancelled when a part of them was done?
    pub fn is_broken_off(&self) -> bool {
        self.state == State::Cancelled && self.held().len() < self.windows.len()
    }

    /// The last window that has begun; before all of them the first.
    pub fn open_window(&self, now: DateTime<Utc>) -> Option<&Window> {
        self.windows.iter().rfind(|window| window.starts_at <= now).or(self.windows.first())
    }

    /// The worst that any service notices.
    pub fn impact(&self) -> Impact {
        self.affected.iter().map(|one| one.impact).max().unwrap_or(Impact::NoImpact)
    }

    /// The keys of the platforms that are named, each once.
    pub fn platforms(&self) -> impl Iterator<Item = &str> {
        self.affected.iter().filter_map(|one| match &one.place {
            Place::Platform(key) => Some(key.as_str()),
            Place::Service { .. } => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for word in ["PW-0012", "pw12", "PW-12", " 12 "] {
            assert_eq!(word.parse(), Ok(WorksId(12)), "{word}");
        }
        for word in ["", "PW-", "PW-0", "P-12", "PW-1a", "PW-99999999999999999999", "PW--1", "-1"] {
            assert!(word.parse::<WorksId>().is_err(), "{word}");
        }
        assert_eq!(WorksId(12).to_string(), "PW-0012");
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        assert_eq!("outage".parse(), Ok(Impact::Outage));
        assert_eq!("monthly-window".parse(), Ok(Kind::MonthlyWindow));
        assert!("bad".parse::<Impact>().unwrap_err().contains("REDUCED-REDUNDANCY"));
        assert_eq!(serde_json::to_value(Impact::ReducedRedundancy).unwrap(), "REDUCED-REDUNDANCY");
    }

    #[test]
    fn completed_works_held_the_windows_that_had_begun_and_the_last_ended_with_them() {
        use crate::desk::works::{sample, sample::window};
        let nights =
            ["2026-11-21 23:30 to 04:00", "2026-11-22 23:30 to 04:00", "2026-11-23 23:30 to 04:00"].map(window);
        let planned = DeskWorks { windows: nights.to_vec(), ..sample::planned(&sample::policy("base")) };
        assert_eq!(planned.held(), nights, "as they are planned");
        let until = |ended_at: DateTime<Utc>| {
            DeskWorks { state: State::Completed, ended_at: Some(ended_at), ..planned.clone() }.held()
        };
        let early = nights[1].starts_at + chrono::Duration::milliseconds(3_600_999);
        let in_seconds = nights[1].starts_at + chrono::Duration::hours(1);
        assert_eq!(until(early), [nights[0], Window { ends_at: in_seconds, ..nights[1] }]);
        let late = nights[1].ends_at + chrono::Duration::hours(1);
        assert_eq!(until(late), [nights[0], Window { ends_at: late, ..nights[1] }]);
        assert_eq!(until(nights[2].ends_at), nights);
        let (started, ended) = (sample::tuesday(), sample::tuesday() + chrono::Duration::hours(1));
        let before_all =
            DeskWorks { state: State::Completed, started_at: Some(started), ended_at: Some(ended), ..planned.clone() };
        assert_eq!(before_all.held(), [Window { starts_at: started, ends_at: ended }]);
        assert_eq!(DeskWorks { state: State::Cancelled, ..before_all }.held(), nights);
    }

    #[test]
    fn works_that_are_cancelled_while_they_go_on_held_the_windows_that_were_over() {
        use crate::desk::works::{sample, sample::window};
        let nights =
            ["2026-11-21 23:30 to 04:00", "2026-11-22 23:30 to 04:00", "2026-11-23 23:30 to 04:00"].map(window);
        let planned = DeskWorks { windows: nights.to_vec(), ..sample::planned(&sample::policy("base")) };
        let cancelled = |started_at, ended_at: DateTime<Utc>| DeskWorks {
            state: State::Cancelled,
            started_at,
            ended_at: Some(ended_at),
            ..planned.clone()
        };
        let started = Some(nights[0].starts_at);
        let second = cancelled(started, nights[1].starts_at);
        assert_eq!((second.held(), second.is_broken_off()), (nights[..1].to_vec(), true));
        let first = cancelled(started, nights[0].starts_at);
        assert_eq!((first.held(), first.is_broken_off()), (nights.to_vec(), false), "all of it is cancelled");
        assert_eq!(cancelled(started, nights[2].ends_at).held(), nights[..2], "the last one took longer, in vain");
        assert!(!cancelled(None, nights[1].starts_at).is_broken_off(), "nobody had said that they have started");
    }
}
