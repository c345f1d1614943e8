//! The public calendar of a platform, to subscribe to.

use chrono::Duration;

use super::StatusPage;
use crate::mail::calendar::{Entry, Feed, Status, WindowId};

/// How often programs may ask for a calendar anew.
pub const REFRESH: Duration = Duration::hours(1);

pub(super) fn path(platform: &str) -> String {
    format!("platforms/{platform}.ics")
}

pub(super) fn of_platform(page: &StatusPage, platform: &str) -> String {
    let title = page.platforms.get(platform).map_or(platform, String::as_str);
    let works = page.works.iter().filter(|works| works.touches(platform));
    let entries = works.flat_map(|works| {
        let held = works.windows.iter().map(|window| (window, works.state.in_calendars()));
        let gone = works.not_needed.iter().map(|window| (window, Status::Cancelled));
        held.chain(gone).zip(1..).map(|((window, status), number)| Entry {
            id: WindowId { works: works.id, window: number },
            starts_at: window.starts_at,
            ends_at: Some(window.ends_at),
            status,
            sequence: works.sequence,
            stamp: works.changed_at,
            summary: works.title.clone(),
            description: works.reason.clone().unwrap_or_default(),
        })
    });
    let (domain, entries) = (page.domain.clone(), entries.collect());
    Feed { name: format!("{} – {title}", page.desk), domain, refresh: REFRESH, entries }.to_ical()
}
