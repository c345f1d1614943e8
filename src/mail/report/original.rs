//! Which mail a report is about: its Message-ID, wherever that hides.

use mail_parser::{HeaderName, Message, PartType};

use super::{fields, notice::Notice, signs};
use crate::mail::incoming::{Incoming, usable_id};

/// Bounces of bounces that are followed.
const DEPTH: usize = 5;

/// In this order: the returned mail (for a returned bounce, the mail that this one returned), its header, the fields of
/// the report, the text below and above the line that announces the returned mail, and what the report answers.
pub(super) fn message_id(mail: &Incoming, notice: &Notice<'_>) -> Option<String> {
    notice
        .returned
        .and_then(|returned| {
            // An empty line above its header makes a text of it.
            of_message(returned, DEPTH).or_else(|| in_text(&beginning(returned.raw_message())))
        })
        .or_else(|| notice.returned_header.as_deref().and_then(in_header))
        .or_else(|| {
            notice.status.iter().chain(&notice.feedback).chain(&notice.disposition).find_map(|text| in_fields(text))
        })
        .or_else(|| in_text(&notice.below))
        .or_else(|| in_text(&notice.text))
        .or_else(|| {
            ["x-original-message-id", "original-message-id", "x-failed-message-id"]
                .into_iter()
                .find_map(|name| mail.header(name).find_map(first_id))
        })
        .or_else(|| mail.in_reply_to.first().cloned())
        .or_else(|| mail.references.last().cloned())
}

fn of_message(message: &Message<'_>, depth: usize) -> Option<String> {
    let own = || {
        let id = message.header_values(HeaderName::MessageId).find_map(|value| value.as_text().and_then(usable_id));
        id.or_else(|| message.message_id().and_then(usable_id))
    };
    if depth > 0 && signs::is_from_mail_system(message) {
        let inner = message.parts.iter().find_map(|part| match &part.body {
            PartType::Message(inner) => of_message(inner, depth - 1),
            _ => None,
        });
        let in_its_text = || {
            let notice = Notice::of(message);
            notice.returned_header.as_deref().and_then(in_header).or_else(|| in_text(&notice.below))
        };
        return inner.or_else(in_its_text).or_else(own);
    }
    own()
}

fn beginning(raw: &[u8]) -> String {
    const BYTES: usize = 16 << 10;
    String::from_utf8_lossy(&raw[..raw.len().min(BYTES)]).into_owned()
}

fn in_header(header: &str) -> Option<String> {
    // Empty lines before a field are a gateway's: the whole text is looked through.
    fields::groups(header).find_map(|group| group.get("message-id").and_then(first_id))
}

fn in_fields(text: &str) -> Option<String> {
    let names = ["original-message-id", "x-original-message-id", "message-id", "x-message-id"];
    fields::groups(text).find_map(|group| names.iter().find_map(|name| group.get(name).and_then(first_id)))
}

/// A line `Message-ID: <…>`, however it is quoted; the id may stand on the next one.
fn in_text(text: &str) -> Option<String> {
    let mut lines = text.lines().map(|line| line.trim_start_matches(['>', '|', ' ', '\t', '*', '-']));
    while let Some(line) = lines.next() {
        let name = ["message-id", "message id", "messageid", "original-message-id", "x-original-message-id"]
            .into_iter()
            .find(|name| line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name)));
        let Some(value) = name.and_then(|name| line[name.len()..].trim_start().strip_prefix(':')) else { continue };
        let value = if value.trim().is_empty() { lines.next().unwrap_or_default() } else { value };
        if let Some(id) = first_id(value) {
            return Some(id);
        }
    }
    None
}

fn first_id(value: &str) -> Option<String> {
    let value = value.trim();
    let id = match value.split_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or_default(),
        None => value.split_whitespace().next().unwrap_or_default(),
    };
    // RFC 5322 asks for an @; what has none is a queue's number.
    id.contains('@').then(|| usable_id(id)).flatten()
}
