//! A calendar that one subscribes to: all windows of planned works that concern an organisation or a platform.

use chrono::{DateTime, Duration, Utc};

use super::{
    Status, WindowId,
    event::{Event, calendar},
    line::Lines,
};

/// As many windows are shown, the first of them.
const ENTRIES: usize = 5_000;
const SUMMARY_CHARS: usize = 250;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// what calendars call it
    pub name: String,
    /// the desk's, for the UIDs
    pub domain: String,
    /// how often programs may ask anew, in whole minutes
    pub refresh: Duration,
    pub entries: Vec<Entry>,
}

/// One window of works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: WindowId,
    pub starts_at: DateTime<Utc>,
    /// customers don't always say it of theirs
    pub ends_at: Option<DateTime<Utc>>,
    pub status: Status,
    /// that of the last notice
    pub sequence: u32,
    /// when the works were last changed, not when they are asked for: an unchanged calendar has the same bytes
    pub stamp: DateTime<Utc>,
    /// in any language
    pub summary: String,
    pub description: String,
}

impl Feed {
    pub fn to_ical(&self) -> String {
        let refresh = format!("PT{}M", self.refresh.num_minutes().max(1));
        let head = |lines: &mut Lines| {
            // RFC 7986, and what programs understood before it.
            for name in ["NAME", "X-WR-CALNAME"] {
                lines.text(name, &self.name);
            }
            lines.plain("REFRESH-INTERVAL;VALUE=DURATION", &refresh);
            lines.plain("X-PUBLISHED-TTL", &refresh);
        };
        calendar(head, |lines| {
            for entry in self.entries.iter().take(ENTRIES) {
                let summary: String = entry.summary.chars().take(SUMMARY_CHARS).collect();
                let event = Event {
                    id: entry.id,
                    domain: &self.domain,
                    sequence: entry.sequence,
                    stamp: entry.stamp,
                    starts_at: entry.starts_at,
                    ends_at: entry.ends_at,
                    status: entry.status,
                    summary: &summary,
                    description: &entry.description,
                };
                event.write(lines, |_| {});
            }
        })
    }
}
