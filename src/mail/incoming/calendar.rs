//! Invitations, announcements and answers in a calendar's form (iCalendar, RFC 5545): what is done with them, and what they
//! say. Line by line, with one pass over a bounded text: whatever is nested or broken in it costs no more.

use std::borrow::Cow;

use mail_parser::{ContentType, Message, MimeHeaders};

use super::attachment::bytes;
use crate::mail::{
    address::{Address, is_plausible},
    calendar::{Answer, Said},
    charset,
};

/// A calendar is looked at so far.
const CALENDAR_BYTES: usize = 256 << 10;
const UID_BYTES: usize = 512;
const COMMENT_CHARS: usize = 2_000;

fn is_calendar(content_type: &ContentType<'_>) -> bool {
    let sub = content_type.subtype().unwrap_or_default();
    content_type.ctype().eq_ignore_ascii_case("text") && sub.eq_ignore_ascii_case("calendar")
        || content_type.ctype().eq_ignore_ascii_case("application") && sub.eq_ignore_ascii_case("ics")
}

/// The method of the first calendar, in capitals; from its header or, where that is silent, from itself.
pub(super) fn method(message: &Message<'_>) -> Option<String> {
    let named = message.parts.iter().filter_map(MimeHeaders::content_type).filter(|t| is_calendar(t));
    let named = named.filter_map(|t| t.attribute("method")).map(|m| m.trim().to_uppercase()).find(|m| !m.is_empty());
    named.or_else(|| text_of(&first(message)?, "METHOD").map(|m| m.trim().to_uppercase()))
}

/// What a calendar says, for a mail that says nothing else.
pub(super) fn text(message: &Message<'_>) -> Option<String> {
    let calendar = first(message)?;
    let said: Vec<String> = ["SUMMARY", "DESCRIPTION"]
        .iter()
        .filter_map(|name| text_of(&calendar, name))
        .filter(|t| !t.trim().is_empty())
        .collect();
    (!said.is_empty()).then(|| said.join("\n\n"))
}

/// The answer to an invitation (iTIP, RFC 5546 §3.2.3, §3.2.7), `writer` being whom the mail names as its sender.
pub(super) fn answer(message: &Message<'_>, method: &str, writer: Option<&Address>) -> Option<Answer> {
    let countered = match method {
        "REPLY" => false,
        "COUNTER" => true,
        _ => return None,
    };
    let calendar = first(message)?;
    let mut answer =
        Answer { uid: String::new(), sequence: None, attendee: None, said: Said::Countered, comment: None };
    let mut said = None;
    let mut remark = None;
    for line in first_event(&calendar) {
        let Some(property) = Property::of(&line) else { continue };
        match property.name.to_ascii_uppercase().as_str() {
            "UID" if answer.uid.is_empty() => {
                answer.uid = unescaped(property.value).trim().to_owned();
            }
            "SEQUENCE" => answer.sequence = property.value.trim().parse().ok(),
            "COMMENT" if answer.comment.is_none() => answer.comment = comment(&unescaped(property.value)),
            "ATTENDEE" => {
                let person = address(property.value);
                let is_writer = person.is_some() && person.as_deref() == writer.map(|writer| writer.email.as_str());
                // One answers; programs that list all of those invited say of the others that they have not answered.
                if let Some(partstat) = property.parameter("PARTSTAT").and_then(partstat)
                    && (said.is_none() || is_writer)
                {
                    (said, answer.attendee) = (Some(partstat), person);
                    // Google's calendar has no other place for it.
                    remark = property.parameter("X-RESPONSE-COMMENT").and_then(comment);
                }
            }
            _ => {}
        }
    }
    answer.said = if countered { Said::Countered } else { said? };
    answer.comment = answer.comment.or(remark);
    (!answer.uid.is_empty() && answer.uid.len() <= UID_BYTES).then_some(answer)
}

fn partstat(word: &str) -> Option<Said> {
    match word.trim().to_ascii_uppercase().as_str() {
        "ACCEPTED" => Some(Said::Accepted),
        "DECLINED" => Some(Said::Declined),
        "TENTATIVE" => Some(Said::Tentative),
        _ => None,
    }
}

fn address(value: &str) -> Option<String> {
    let value = value.trim();
    let email = match value.split_at_checked("mailto:".len()) {
        Some((scheme, email)) if scheme.eq_ignore_ascii_case("mailto:") => email,
        _ => value,
    };
    let email = Address::bare(email).email;
    is_plausible(&email).then_some(email)
}

fn comment(text: &str) -> Option<String> {
    // On one line: it is shown within a list.
    let words: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(COMMENT_CHARS).collect();
    let text = words.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// The text of the first calendar.
pub(super) fn first(message: &Message<'_>) -> Option<String> {
    let id = message.parts.iter().position(|part| part.content_type().is_some_and(is_calendar))?;
    let part = &message.parts[id];
    let decoded = bytes(message, id);
    let label = part.content_type().and_then(|t| t.attribute("charset"));
    Some(charset::decode(&decoded[..decoded.len().min(CALENDAR_BYTES)], label, None).into_owned())
}

/// The unescaped text of the first property of this name that is not a time zone's.
fn text_of(calendar: &str, name: &str) -> Option<String> {
    unfolded(calendar).find_map(|line| Property::of(&line).filter(|p| p.is(name)).map(|p| unescaped(p.value)))
}

/// The lines of a calendar as they were before they were folded.
fn unfolded(calendar: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut lines = calendar.lines().peekable();
    std::iter::from_fn(move || {
        let mut whole = Cow::Borrowed(lines.next()?);
        while let Some(more) = lines.next_if(|next| next.starts_with([' ', '\t'])) {
            whole.to_mut().push_str(&more[1..]);
        }
        Some(whole)
    })
}

/// One line: `NAME;PARAMETERS:value`.
struct Property<'a> {
    name: &'a str,
    parameters: &'a str,
    /// as it stands, with its escapes
    value: &'a str,
}

impl<'a> Property<'a> {
    fn of(line: &'a str) -> Option<Property<'a>> {
        let name_ends = line.find([':', ';'])?;
        let (name, rest) = line.split_at(name_ends);
        let mut quoted = false;
        // A colon between quotes is none.
        let value_at = rest.bytes().position(|b| {
            quoted ^= b == b'"';
            b == b':' && !quoted
        });
        // Where quotes are not closed, the first one will do.
        let value_at = value_at.or_else(|| rest.find(':'))?;
        Some(Property { name, parameters: &rest[..value_at], value: &rest[value_at + 1..] })
    }

    fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    fn parameter(&self, name: &str) -> Option<&'a str> {
        let mut quoted = false;
        let mut all = self.parameters.split(move |c| {
            quoted ^= c == '"';
            c == ';' && !quoted
        });
        let value = all.find_map(|parameter| {
            let (found, value) = parameter.split_once('=')?;
            found.trim().eq_ignore_ascii_case(name).then_some(value)
        })?;
        Some(value.trim().trim_matches('"'))
    }
}

/// The lines of the first event, without those of what it holds (alarms).
fn first_event(calendar: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut lines = unfolded(calendar);
    let mut depth = 0_u32;
    std::iter::from_fn(move || {
        loop {
            let line = lines.next()?;
            let Some(property) = Property::of(&line) else { continue };
            let component = property.value.trim();
            if property.is("BEGIN") {
                if depth > 0 || component.eq_ignore_ascii_case("VEVENT") {
                    depth += 1;
                }
            } else if property.is("END") && depth > 0 {
                depth -= 1;
                if depth == 0 {
                    return None;
                }
            } else if depth == 1 {
                return Some(line);
            }
        }
    })
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
    use proptest::prelude::*;

    use super::{super::read, *};

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

    /// What the mail says whose calendar has these lines in its event.
    fn answer(method: &str, event: &str) -> Option<Answer> {
        let raw = format!(
            "From: Ada <ada@books.example>\r\nContent-Type: text/calendar; method={method}; charset=utf-8\r\n\r\n\
             BEGIN:VCALENDAR\r\nMETHOD:{method}\r\nBEGIN:VTIMEZONE\r\nUID:zone\r\nEND:VTIMEZONE\r\n\
             BEGIN:VEVENT\r\n{event}END:VEVENT\r\nBEGIN:VEVENT\r\nUID:second\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        read(raw.as_bytes()).unwrap().calendar_answer
    }

    #[test]
    fn outlooks_answer_is_read() {
        let event = "ATTENDEE;PARTSTAT=DECLINED;CN=\"Lovelace; Ada: NOC\":MAILTO:Ada@Books.example\r\n\
                     COMMENT;LANGUAGE=en-GB:Not that night\\, please\\n\r\nUID:works-12-1@desk.exa\r\n mple\r\n\
                     SEQUENCE:3\r\nBEGIN:VALARM\r\nUID:alarm\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:x@y.example\r\n\
                     END:VALARM\r\n";
        let said = answer("REPLY", event).unwrap();
        let expected = Answer {
            uid: "works-12-1@desk.example".into(),
            sequence: Some(3),
            attendee: Some("ada@books.example".into()),
            said: Said::Declined,
            comment: Some("Not that night, please".into()),
        };
        assert_eq!(said, expected);
        assert_eq!(said.window().unwrap().works, 12);
    }

    #[test]
    fn googles_comment_stands_beside_the_answer() {
        let event = "UID:works-1-1@d\r\nATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=TENTATIVE;X-NUM-GUESTS=0;\
                     X-RESPONSE-COMMENT=\"Maybe; after 22:00\":mailto:ada@books.example\r\n";
        let said = answer("REPLY", event).unwrap();
        assert_eq!((said.said, said.comment.as_deref()), (Said::Tentative, Some("Maybe; after 22:00")));
        assert_eq!(said.sequence, None);
    }

    #[test]
    fn of_several_attendees_the_writer_has_answered() {
        let event = "UID:works-1-1@d\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:grace@books.example\r\n\
                     ATTENDEE;PARTSTAT=DECLINED:mailto:ada@books.example\r\nATTENDEE:mailto:tom@books.example\r\n";
        let said = answer("REPLY", event).unwrap();
        assert_eq!((said.said, said.attendee.as_deref()), (Said::Declined, Some("ada@books.example")));
    }

    #[test]
    fn another_time_that_is_proposed_is_an_answer_and_what_says_nothing_is_none() {
        let counter = "UID:works-1-1@d\r\nDTSTART:20261208T230000Z\r\n";
        assert_eq!(answer("COUNTER", counter).map(|said| said.said), Some(Said::Countered));
        for (method, event) in [
            ("REPLY", "UID:works-1-1@d\r\n"),
            ("REPLY", "UID:works-1-1@d\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ada@books.example\r\n"),
            ("REPLY", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@books.example\r\n"),
            ("REQUEST", "UID:works-1-1@d\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:ada@books.example\r\n"),
            ("REFRESH", "UID:works-1-1@d\r\n"),
        ] {
            assert_eq!(answer(method, event), None, "{method} {event}");
        }
        let long = format!("UID:{}\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:a@b.example\r\n", "x".repeat(600));
        assert_eq!(answer("REPLY", &long), None);
    }

    #[test]
    fn an_answer_that_nests_or_repeats_without_end_is_read_in_time() {
        let nested = format!("{}UID:works-1-1@d\r\n", "BEGIN:VEVENT\r\n".repeat(20_000));
        assert_eq!(answer("REPLY", &nested), None);
        let many = "ATTENDEE;PARTSTAT=DECLINED;X=\"\"\"::mailto:x@y\r\n".repeat(5_000);
        let said = answer("REPLY", &format!("UID:works-1-1@d\r\n{many}")).unwrap();
        assert_eq!(said.said, Said::Declined);
        assert_eq!(answer("REPLY", &" ".repeat(300_000)), None);
    }

    proptest! {
        #[test]
        fn no_calendar_panics_and_all_that_is_read_is_bounded(
            event in "(UID|ATTENDEE|COMMENT|SEQUENCE|BEGIN|END|[;:=\"\\\\ \r\n]|PARTSTAT=DECLINED|VEVENT|mailto:|\\PC){0,200}"
        ) {
            if let Some(said) = answer("REPLY", &event) {
                prop_assert!(said.uid.len() <= UID_BYTES);
                prop_assert!(said.comment.unwrap_or_default().chars().count() <= COMMENT_CHARS);
            }
        }
    }
}
