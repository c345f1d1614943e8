//! The public calendar of a platform: an event for each window of works.

use icalendar::{Calendar, Component, Event, EventLike, EventStatus};

use super::{StatusPage, WorksState};

pub(super) fn path(platform: &str) -> String {
    format!("platforms/{platform}.ics")
}

pub(super) fn of_platform(page: &StatusPage, platform: &str) -> String {
    let title = page.platforms.get(platform).map_or(platform, String::as_str);
    let mut calendar = Calendar::new();
    calendar.name(&format!("{} – {title}", page.desk));
    for works in page.works.iter().filter(|works| works.touches(platform)) {
        for (n, window) in works.windows.iter().enumerate() {
            let status = match works.state {
                WorksState::Cancelled => EventStatus::Cancelled,
                _ => EventStatus::Confirmed,
            };
            let mut event = Event::new();
            event
                .uid(&format!("works-{}-{}@{}", works.id, n + 1, page.domain))
                .timestamp(works.changed_at)
                .starts(window.starts_at)
                .ends(window.ends_at)
                .summary(&works.title)
                .status(status);
            if let Some(reason) = &works.reason {
                event.description(reason);
            }
            calendar.push(event.done());
        }
    }
    calendar.to_string()
}
