//! Invitations and announcements in a calendar's form (iCalendar, RFC 5545): what is done with them, and what they say.

use mail_parser::{ContentType, Message, MimeHeaders};

use super::attachment::bytes;
use crate::mail::charset;

/// A calendar is looked at so far.
const CALENDAR_BYTES: usize = 256 << 10;

fn is_calendar(content_type: &ContentType<'_>) -> bool {
    let sub = content_type.subtype().unwrap_or_default();
    content_type.ctype().eq_ignore_ascii_case("text") && sub.eq_ignore_ascii_case("calendar")
        || content_type.ctype().eq_ignore_ascii_case("application") && sub.eq_ignore_ascii_case("ics")
}

/// The method of the first calendar, in capitals; from its header or, where that is silent, from itself.
pub(super) fn method(message: &Message<'_>) -> Option<String> {
    let named = message.parts.iter().filter_map(MimeHeaders::content_type).filter(|t| is_calendar(t));
    let named = named.filter_map(|t| t.attribute("method")).map(|m| m.trim().to_uppercase()).find(|m| !m.is_empty());
    named.or_else(|| property(&first(message)?, "METHOD").map(|m| m.trim().to_uppercase()))
}

/// What a calendar says, for a mail that says nothing else.
pub(super) fn text(message: &Message<'_>) -> Option<String> {
    let calendar = first(message)?;
    let said: Vec<String> = ["SUMMARY", "DESCRIPTION"]
        .iter()
        .filter_map(|name| property(&calendar, name))
        .filter(|t| !t.trim().is_empty())
        .collect();
    (!said.is_empty()).then(|| said.join("\n\n"))
}

fn first(message: &Message<'_>) -> Option<String> {
    let id = message.parts.iter().position(|part| part.content_type().is_some_and(is_calendar))?;
    let part = &message.parts[id];
    let decoded = bytes(message, id);
    let label = part.content_type().and_then(|t| t.attribute("charset"));
    Some(charset::decode(&decoded[..decoded.len().min(CALENDAR_BYTES)], label, None).into_owned())
}

/// The unescaped text of the first property of this name that is not a time zone's.
fn property(calendar: &str, name: &str) -> Option<String> {
    let mut lines = calendar.lines().peekable();
    while let Some(line) = lines.next() {
        let is_it = line.get(..name.len()).is_some_and(|n| n.eq_ignore_ascii_case(name))
            && line[name.len()..].starts_with([':', ';']);
        if !is_it {
            continue;
        }
        let mut whole = line.to_owned();
        while let Some(more) = lines.next_if(|next| next.starts_with([' ', '\t'])) {
            whole.push_str(&more[1..]);
        }
        return whole[name.len()..].split_once(':').map(|(_, value)| unescaped(value));
    }
    None
}

fn unescaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n' | 'N') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::read;

    #[test]
    fn a_calendar_says_its_method_where_the_header_does_not() {
        let raw = "Content-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:reply\r\nEND:VCALENDAR\r\n";
        assert_eq!(read(raw.as_bytes()).unwrap().calendar_method.as_deref(), Some("REPLY"));
    }

    #[test]
    fn a_mail_that_is_only_a_calendar_says_what_that_says() {
        let raw = "Content-Type: text/calendar; charset=utf-8\r\n\r\nBEGIN:VEVENT\r\nSUMMARY;LANGUAGE=en:Works\\, night\r\n\
                   DESCRIPTION:Line one\\nline\r\n  two\r\nEND:VEVENT\r\n";
        assert_eq!(read(raw.as_bytes()).unwrap().text, "Works, night\n\nLine one\nline two");
    }
}
