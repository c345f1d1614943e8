//! Calendars to subscribe to (RFC 5545): an event for each window of works.

use chrono::{DateTime, Utc};
use icalendar::{Calendar, Component, Event as Written, EventLike, EventStatus};

use super::{StatusPage, WorksState};

/// One window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// of the works and the window, always the same
    pub uid: String,
    pub summary: String,
    pub description: Option<String>,
    pub starts_at: DateTime<Utc>,
    /// customers don't always say it of theirs
    pub ends_at: Option<DateTime<Utc>>,
    pub is_cancelled: bool,
    /// when the works changed last
    pub changed_at: DateTime<Utc>,
}

/// A calendar of this name.
pub fn ical(name: &str, events: impl IntoIterator<Item = Event>) -> String {
    let mut calendar = Calendar::new();
    calendar.name(name);
    for event in events {
        let status = if event.is_cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed };
        let mut written = Written::new();
        written
            .uid(&event.uid)
            .timestamp(event.changed_at)
            .starts(event.starts_at)
            .summary(&event.summary)
            .status(status);
        if let Some(end) = event.ends_at {
            written.ends(end);
        }
        if let Some(description) = &event.description {
            written.description(description);
        }
        calendar.push(written.done());
    }
    calendar.to_string()
}

pub(super) fn path(platform: &str) -> String {
    format!("platforms/{platform}.ics")
}

/// The public calendar of a platform.
pub(super) fn of_platform(page: &StatusPage, platform: &str) -> String {
    let title = page.platforms.get(platform).map_or(platform, String::as_str);
    let works = page.works.iter().filter(|works| works.touches(platform));
    let events = works.flat_map(|works| {
        works.windows.iter().enumerate().map(|(n, window)| Event {
            uid: format!("works-{}-{}@{}", works.id, n + 1, page.domain),
            summary: works.title.clone(),
            description: works.reason.clone(),
            starts_at: window.starts_at,
            ends_at: Some(window.ends_at),
            is_cancelled: works.state == WorksState::Cancelled,
            changed_at: works.changed_at,
        })
    });
    ical(&format!("{} – {title}", page.desk), events)
}
