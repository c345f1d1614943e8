//! The status page: what the public may know of the desk's platforms, as files that stand on any web server.
//!
//! [`StatusPage`] is what is so; [`files`](StatusPage::files) writes it down: HTML pages in each of the desk's languages,
//! Atom feeds, a calendar per platform, and `summary.json` for programs. The same facts give the same bytes, so that only
//! what has changed is written anew. No customer's name or reference can be in it: there is no place for one.

pub mod calendar;
mod feed;
pub mod forms;
mod history;
mod pages;
pub mod sample;
mod summary;
#[cfg(test)]
mod tests;
mod view;

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;

pub use crate::mail::calendar::Impact;
use crate::mail::{
    calendar::Status,
    template::{TemplateError, Templates},
};

/// How long what is over is shown.
pub const HISTORY: Duration = Duration::days(90);
/// `summary.json` tells that the desk is alive: it is written at least so often.
pub const HEARTBEAT: Duration = Duration::minutes(5);

/// All that the page tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusPage {
    /// the desk's name
    pub desk: String,
    /// the desk's own domain: it makes the feeds' ids one of a kind
    pub domain: String,
    /// where the page stands, without a slash at its end; none: links in feeds are relative
    pub url: Option<String>,
    pub zone: Tz,
    /// at least one; the first is that of the pages in no language's folder
    pub languages: Vec<String>,
    /// title by key
    pub platforms: BTreeMap<String, String>,
    /// those that are open, and those that ended within [`HISTORY`]
    pub incidents: Vec<Incident>,
    /// those to come, those in progress, and those that ended within [`HISTORY`]
    pub works: Vec<Works>,
    pub subscriptions: Subscriptions,
}

/// How a reader of the page subscribes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subscriptions {
    /// by the form that the daemon serves
    Form,
    /// by a mail to this address: the page is files alone
    Mail(String),
}

/// A major network incident, as all may know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Incident {
    /// public: `MNI-0007`; letters, figures and `-`
    pub number: String,
    pub title: String,
    pub impact: String,
    /// keys
    pub platforms: Vec<String>,
    pub sites: Vec<String>,
    pub began_at: DateTime<Utc>,
    pub resolved_at: Option<DateTime<Utc>>,
    /// estimated time of resolution
    pub etr: Option<DateTime<Utc>>,
    /// by when the next update comes
    pub next_update_at: Option<DateTime<Utc>>,
    /// in plain words
    pub cause: Option<String>,
    /// it was opened by mistake; the last update says why
    pub withdrawn: bool,
    /// the oldest first
    pub updates: Vec<Update>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    pub at: DateTime<Utc>,
    pub text: String,
}

/// Planned works of the desk's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Works {
    pub id: i64,
    pub title: String,
    pub reason: Option<String>,
    pub state: WorksState,
    /// keys, with what is to be expected there
    pub platforms: Vec<(String, Impact)>,
    /// at least one, in their order
    pub windows: Vec<Window>,
    /// of works that are over those behind them that were announced, too: they leave calendars
    pub not_needed: Vec<Window>,
    /// that of the last notice to customers
    pub sequence: u32,
    /// when what is told here changed last
    pub changed_at: DateTime<Utc>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorksState {
    Planned,
    InProgress,
    /// their last window is over, and nobody has said what became of them
    Passed,
    Completed,
    Cancelled,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
}

/// How a platform fares; the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    Operational,
    Works,
    Incident,
}

impl WorksState {
    pub fn as_str(self) -> &'static str {
        match self {
            WorksState::Planned => "planned",
            WorksState::InProgress => "in-progress",
            WorksState::Passed => "passed",
            WorksState::Completed => "completed",
            WorksState::Cancelled => "cancelled",
        }
    }
}

impl WorksState {
    /// Key of its word.
    fn word(self) -> &'static str {
        match self {
            WorksState::Planned => "works-planned",
            WorksState::InProgress => "works-in-progress-state",
            WorksState::Passed => "works-passed",
            WorksState::Completed => "works-completed",
            WorksState::Cancelled => "works-cancelled",
        }
    }

    /// As calendars have it.
    fn in_calendars(self) -> Status {
        match self {
            WorksState::Planned | WorksState::Passed => Status::Confirmed,
            WorksState::InProgress => Status::InProcess,
            WorksState::Completed => Status::Completed,
            WorksState::Cancelled => Status::Cancelled,
        }
    }
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            State::Operational => "operational",
            State::Works => "works",
            State::Incident => "incident",
        }
    }
}

impl Incident {
    pub fn is_open(&self) -> bool {
        self.resolved_at.is_none()
    }

    fn changed_at(&self) -> DateTime<Utc> {
        let updates = self.updates.iter().map(|update| update.at);
        updates.chain(self.resolved_at).max().unwrap_or(self.began_at)
    }
}

impl Works {
    fn is_over(&self) -> bool {
        matches!(self.state, WorksState::Completed | WorksState::Cancelled)
    }

    /// Are they in progress? Nobody has to say that they began: their window does, until somebody says that they ended.
    fn is_now(&self, now: DateTime<Utc>) -> bool {
        self.state == WorksState::InProgress
            || self.state == WorksState::Planned && self.windows.iter().any(|w| w.starts_at <= now && now < w.ends_at)
    }

    /// Planned, and the last window has passed without a word: they are shown as over.
    fn has_passed(&self, now: DateTime<Utc>) -> bool {
        self.state == WorksState::Planned && self.ends_at().is_some_and(|end| end <= now)
    }

    /// How all parts of the page name it: nobody has to say that they began, and over is not completed.
    fn state_at(&self, now: DateTime<Utc>) -> WorksState {
        match self.state {
            WorksState::Planned if self.is_now(now) => WorksState::InProgress,
            WorksState::Planned if self.has_passed(now) => WorksState::Passed,
            said => said,
        }
    }

    fn starts_at(&self) -> Option<DateTime<Utc>> {
        self.windows.first().map(|window| window.starts_at)
    }

    fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.windows.last().map(|window| window.ends_at)
    }

    fn touches(&self, platform: &str) -> bool {
        self.platforms.iter().any(|(key, _)| key == platform)
    }
}

/// A file of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicFile {
    /// relative, with `/`: `de/incidents/MNI-0007.html`
    pub path: String,
    pub text: String,
}

impl StatusPage {
    /// All files, in the order in which they are to be written: a page comes after those that it leads to. `now` decides
    /// what is in progress, and stands in `summary.json` alone.
    ///
    /// Errors: a template that can't be filled.
    pub fn files(&self, templates: &Templates, now: DateTime<Utc>) -> Result<Vec<PublicFile>, TemplateError> {
        let mut files = vec![
            PublicFile { path: "style.css".to_owned(), text: templates.page_style().to_owned() },
            PublicFile { path: "robots.txt".to_owned(), text: ROBOTS.to_owned() },
        ];
        for platform in self.platforms.keys() {
            let path = calendar::path(platform);
            files.push(PublicFile { path, text: calendar::of_platform(self, platform) });
        }
        for edition in pages::Edition::all(self) {
            edition.write(templates, now, &mut files)?;
        }
        files.push(PublicFile { path: "summary.json".to_owned(), text: summary::text(self, now) });
        Ok(files)
    }

    /// The next instant at which the page is another one by time alone; `summary.json` always is before long.
    pub fn next_change(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let windows = self.works.iter().filter(|works| !works.is_over()).flat_map(|works| &works.windows);
        let bounds = windows.flat_map(|window| [window.starts_at, window.ends_at]);
        bounds.filter(|at| *at > now).chain([now + HEARTBEAT]).min().unwrap_or(now + HEARTBEAT)
    }

    fn state_of(&self, platform: &str, now: DateTime<Utc>) -> State {
        let incidents = self.incidents.iter().filter(|incident| incident.is_open());
        if incidents.flat_map(|incident| &incident.platforms).any(|key| key == platform) {
            return State::Incident;
        }
        match self.works.iter().any(|works| works.is_now(now) && works.touches(platform)) {
            true => State::Works,
            false => State::Operational,
        }
    }

    /// How all fares: also an incident that is on no platform counts.
    fn state(&self, now: DateTime<Utc>) -> State {
        if self.incidents.iter().any(Incident::is_open) {
            State::Incident
        } else if self.works.iter().any(|works| works.is_now(now)) {
            State::Works
        } else {
            State::Operational
        }
    }

    /// When what the page tells was last another thing.
    fn changed_at(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let windows = self.works.iter().flat_map(|works| &works.windows);
        let bounds = windows.flat_map(|window| [window.starts_at, window.ends_at]).filter(|at| *at <= now);
        let works = self.works.iter().map(|works| works.changed_at);
        self.incidents.iter().map(Incident::changed_at).chain(works).chain(bounds).max()
    }

    /// The newest first.
    fn open_incidents(&self) -> Vec<&Incident> {
        let mut open: Vec<&Incident> = self.incidents.iter().filter(|incident| incident.is_open()).collect();
        open.sort_by_key(|incident| std::cmp::Reverse(incident.began_at));
        open
    }

    /// The newest first.
    fn withdrawn(&self) -> Vec<&Incident> {
        let mut all: Vec<&Incident> = self.incidents.iter().filter(|incident| incident.withdrawn).collect();
        all.sort_by_key(|incident| std::cmp::Reverse(incident.resolved_at));
        all
    }

    fn works_now(&self, now: DateTime<Utc>) -> Vec<&Works> {
        let mut all: Vec<&Works> = self.works.iter().filter(|works| works.is_now(now)).collect();
        all.sort_by_key(|works| (works.ends_at(), works.id));
        all
    }

    fn works_next(&self, now: DateTime<Utc>) -> Vec<&Works> {
        let is_next = |works: &&Works| !works.is_over() && !works.is_now(now) && !works.has_passed(now);
        let mut all: Vec<&Works> = self.works.iter().filter(is_next).collect();
        all.sort_by_key(|works| (works.starts_at(), works.id));
        all
    }
}

/// Search engines may find what is there; an old copy of the page in their results helps nobody.
const ROBOTS: &str = "User-agent: *\nAllow: /\n";

/// Is this a name that can stand in a path of the page?
pub fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.len() <= 64 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
