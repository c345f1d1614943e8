//! What one reader is told of planned works, for calendars and for automation: iCalendar with the properties of the BCOP
//! "maintenance notifications" (draft-gunter-calext-maintenance-notifications).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    Impact, Status, WindowId,
    event::{Event, calendar},
    line::{Lines, quoted},
    summary,
};
use crate::mail::address::Address;

/// As many services are named, and as many windows.
const OBJECTS: usize = 10_000;
const WINDOWS: usize = 100;
const FIELD_CHARS: usize = 250;

/// A maintenance notification. It is kept in the notice's data until the mail is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// number of the works
    pub works: i64,
    /// the desk's, for the UIDs
    pub domain: String,
    /// who makes the works, as customers call them
    pub provider: String,
    /// the customer's number with us, else the organisation's name
    pub account: String,
    /// the same in every notice of these works
    pub maintenance_id: String,
    pub status: Status,
    /// the reader's services (or platforms): at least one, else automation refuses the notice
    pub objects: Vec<Object>,
    /// at least one
    pub windows: Vec<Window>,
    /// whose works' address is answered
    pub organizer: Address,
    /// whom to ask, in words: a name, a telephone number
    pub contact: Option<String>,
    /// one more with each notice of the works
    pub sequence: u32,
    /// when the desk said this
    pub stamp: DateTime<Utc>,
    /// `None`: the subject of the mail
    pub summary: Option<String>,
    /// in the reader's language; `None`: the text of the mail
    pub description: Option<String>,
    /// Who is asked to accept or decline; `None` for a notice that is only shown (the usual). Of works with several
    /// windows nobody can be asked (RFC 5546 §3.2.2: one UID), and Outlook would see the first one alone.
    pub invites: Option<Address>,
}

/// A service of the reader's, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// as the reader knows it: circuit reference, service reference
    pub id: String,
    pub impact: Impact,
}

/// When the works are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// counted from 1; a window keeps its number
    pub number: u32,
    pub starts_at: DateTime<Utc>,
    pub ends_at: DateTime<Utc>,
    /// it was announced, and is no part of the works any more: it leaves calendars
    #[serde(default)]
    pub gone: bool,
}

impl Notification {
    /// The iTIP method, which the part's Content-Type has to name, too.
    pub fn method(&self) -> Option<&'static str> {
        let asked = self.invites.is_some() && self.windows.len() == 1;
        asked.then(|| if self.status == Status::Cancelled { "CANCEL" } else { "REQUEST" })
    }

    /// The calendar. `subject` and `text` are the mail's: they say what the value leaves open.
    pub fn to_ical(&self, subject: &str, text: &str) -> String {
        let (said, fallback) = (self.summary.as_deref().unwrap_or(subject), self.in_ascii());
        let description = self.description.as_deref().unwrap_or(text);
        let head = |lines: &mut Lines| {
            if let Some(method) = self.method() {
                lines.plain("METHOD", method);
            }
        };
        calendar(head, |lines| {
            for window in self.windows.iter().take(WINDOWS) {
                let status = if window.gone { Status::Cancelled } else { self.status };
                let summary = match status {
                    Status::Cancelled => {
                        summary::ascii(&format!("Cancelled: {said}"), &format!("Cancelled: {fallback}"))
                    }
                    _ => summary::ascii(said, &fallback),
                };
                let event = Event {
                    id: WindowId { works: self.works, window: window.number },
                    domain: &self.domain,
                    sequence: self.sequence,
                    stamp: self.stamp,
                    starts_at: window.starts_at,
                    ends_at: Some(window.ends_at),
                    status,
                    summary: &summary,
                    description,
                };
                event.write(lines, |lines| {
                    self.people(lines);
                    self.maintenance(lines, event.status);
                });
            }
        })
    }

    /// The worst that becomes of any of the services.
    fn impact(&self) -> Impact {
        self.objects.iter().map(|object| object.impact).max().unwrap_or(Impact::NoImpact)
    }

    fn in_ascii(&self) -> String {
        format!("Planned works {}", self.maintenance_id)
    }

    fn people(&self, lines: &mut Lines) {
        let organizer = &self.organizer;
        let named = quoted(&head(organizer.display()));
        lines.plain(&format!("ORGANIZER;CN={named}"), &format!("mailto:{}", organizer.email));
        if let (Some(reader), Some(method)) = (&self.invites, self.method()) {
            let named = quoted(&head(reader.display()));
            let asked = if method == "REQUEST" { self.asked() } else { "" };
            lines.plain(&format!("ATTENDEE;CN={named}{asked}"), &format!("mailto:{}", reader.email));
            // Outlook takes this for the time of whoever accepts, and not what the event itself says.
            lines.plain("X-MICROSOFT-CDO-INTENDEDSTATUS", "FREE");
        }
        if let Some(contact) = self.contact.as_deref().filter(|contact| !contact.trim().is_empty()) {
            lines.text("CONTACT", &head(contact));
        }
    }

    /// For what goes on already, or is done, it is too late to decline: the entry moves, and programs show no buttons.
    fn asked(&self) -> &'static str {
        match self.status {
            Status::InProcess | Status::Completed => ";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=FALSE",
            _ => ";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE",
        }
    }

    fn maintenance(&self, lines: &mut Lines, status: Status) {
        lines.text("X-MAINTNOTE-PROVIDER", &head(&self.provider));
        lines.text("X-MAINTNOTE-ACCOUNT", &head(&self.account));
        lines.text("X-MAINTNOTE-MAINTENANCE-ID", &head(&self.maintenance_id));
        lines.plain("X-MAINTNOTE-STATUS", status.as_str());
        lines.plain("X-MAINTNOTE-IMPACT", self.impact().as_str());
        for object in self.objects.iter().take(OBJECTS) {
            let id = head(&object.id);
            // Of one service the overall impact is its own.
            if self.objects.len() == 1 {
                lines.text("X-MAINTNOTE-OBJECT-ID", &id);
            } else {
                lines.text_with("X-MAINTNOTE-OBJECT-ID", ("X-MAINTNOTE-OBJECT-IMPACT", object.impact.as_str()), &id);
            }
        }
    }
}

/// Of a mail's text what an appointment has to say: without the greeting, and without what stands below the last list
/// (what to do by mail, the signature, how to leave). A text without a list is kept whole. In some languages a greeting
/// goes on in a paragraph that says who writes: it names the desk and has no figure, and what tells of works has some.
pub fn facts(text: &str, desk: &str) -> String {
    let paragraphs: Vec<&str> = text.split("\n\n").collect();
    let Some(last) = paragraphs.iter().rposition(|paragraph| paragraph.trim_start().starts_with("- ")) else {
        return text.to_owned();
    };
    let greets = |paragraph: &&&str| {
        paragraph.contains(desk) && !paragraph.replace(desk, "").contains(|c: char| c.is_ascii_digit())
    };
    let greeting = 1 + paragraphs[1.min(last)..last].iter().take_while(greets).count();
    let said = paragraphs[greeting.min(last)..=last].join("\n\n");
    // Behind a greeting some languages go on in small letters.
    let mut letters = said.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A field of one line, of a bounded length.
fn head(text: &str) -> String {
    let line = text.chars().take(FIELD_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    line.trim().to_owned()
}
