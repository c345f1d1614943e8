//! What every event of ours has, in mails and feeds alike, and the calendar around them.

use chrono::{DateTime, Duration, Utc};

use super::{Status, WindowId, line::Lines};

const PRODUCT: &str = "-//Casepost//Planned works//EN";
const DESCRIPTION_CHARS: usize = 8_000;

pub(super) struct Event<'a> {
    pub id: WindowId,
    pub domain: &'a str,
    pub sequence: u32,
    pub stamp: DateTime<Utc>,
    pub starts_at: DateTime<Utc>,
    pub ends_at: Option<DateTime<Utc>>,
    pub status: Status,
    pub summary: &'a str,
    pub description: &'a str,
}

/// A calendar: `head` writes its own properties, `events` its events.
pub(super) fn calendar(head: impl FnOnce(&mut Lines), events: impl FnOnce(&mut Lines)) -> String {
    let mut lines = Lines::default();
    lines.plain("BEGIN", "VCALENDAR");
    lines.plain("VERSION", "2.0");
    lines.plain("PRODID", PRODUCT);
    lines.plain("CALSCALE", "GREGORIAN");
    head(&mut lines);
    events(&mut lines);
    lines.plain("END", "VCALENDAR");
    lines.finish()
}

impl Event<'_> {
    /// With `more` properties of its own.
    pub fn write(&self, lines: &mut Lines, more: impl FnOnce(&mut Lines)) {
        lines.plain("BEGIN", "VEVENT");
        lines.text("UID", &self.id.uid(self.domain));
        lines.plain("SEQUENCE", &self.sequence.to_string());
        lines.time("DTSTAMP", self.stamp);
        lines.time("DTSTART", self.starts_at);
        if let Some(end) = self.ends_at {
            // RFC 5545 §3.8.2.2 wants it later, and programs refuse the whole calendar otherwise.
            let earliest = self.starts_at.checked_add_signed(Duration::seconds(1));
            lines.time("DTEND", earliest.map_or(end, |earliest| end.max(earliest)));
        }
        lines.text("SUMMARY", self.summary);
        if !self.description.trim().is_empty() {
            let description: String = self.description.chars().take(DESCRIPTION_CHARS).collect();
            lines.text("DESCRIPTION", description.trim_end());
        }
        lines.plain("STATUS", self.status.of_event());
        // Works of others take nobody's time: the night is shown, and is still free for what one plans oneself.
        lines.plain("TRANSP", "TRANSPARENT");
        lines.plain("X-MICROSOFT-CDO-BUSYSTATUS", "FREE");
        more(lines);
        lines.plain("END", "VEVENT");
    }
}
