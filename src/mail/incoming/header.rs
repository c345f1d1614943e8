//! What stands in the header: ids, addresses, the date and plain texts, decoded by what they are.

use chrono::{DateTime, FixedOffset, NaiveDate};
use mail_parser::{GetHeader, HeaderName, HeaderValue, Message, MimeHeaders, parsers::MessageStream};

use super::words::{self, Piece};
use crate::mail::{address::Address, charset};

/// Of a mail with more references, the first and the last are kept.
pub(super) const REFERENCES: usize = 100;
pub(super) const ADDRESSES: usize = 200;
const HEADERS: usize = 500;
pub(super) const HEADER_BYTES: usize = 4096;
/// A sender can make the desk's own server write much before its verdict on DMARC (a result for each signature): this
/// header must not be cut before that.
const RESULTS_BYTES: usize = 64 << 10;
const SUBJECT_CHARS: usize = 500;
const MESSAGE_ID_BYTES: usize = 900;
/// A line with more addresses than are kept.
const LINE_BYTES: usize = 256 << 10;
/// Lines of one kind that are read, such as several To.
const LINES: usize = 20;

/// The charset that the mail says for its text: bytes in the header that are in none are often in that one, too.
pub(super) fn other_charset(message: &Message<'_>) -> Option<String> {
    let labels = message.parts.iter().take(LINES).filter_map(|part| part.content_type()?.attribute("charset"));
    labels.map(str::to_owned).next()
}

/// The raw value of a header of a part, the one that the parser takes where there are several.
pub(super) fn raw_value<'m>(message: &'m Message<'_>, part: usize, name: HeaderName<'static>) -> Option<&'m [u8]> {
    let headers = &message.parts.get(part)?.headers;
    let header = headers.iter().rev().find(|header| header.name == name)?;
    message.raw_message.get(header.offset_start as usize..header.offset_end as usize)
}

pub(super) fn subject(message: &Message<'_>, other: Option<&str>) -> String {
    let raw = raw_value(message, 0, HeaderName::Subject).unwrap_or_default();
    one_line(&words::decode(raw, other), SUBJECT_CHARS)
}

/// An id as it may be kept and cited: without brackets, blanks or control characters, and not longer than a header.
pub(in crate::mail) fn usable_id(id: &str) -> Option<String> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == '<' || c == '>';
    (!id.is_empty() && id.len() <= MESSAGE_ID_BYTES && !id.contains(bad)).then(|| id.to_owned())
}

pub(super) fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    match value {
        HeaderValue::Text(id) => usable_id(id).into_iter().collect(),
        HeaderValue::TextList(ids) => ids.iter().filter_map(|id| usable_id(id)).collect(),
        _ => vec![],
    }
}

/// The root of a thread and its newest mails say most.
pub(super) fn bounded(mut ids: Vec<String>) -> Vec<String> {
    const FIRST: usize = 10;
    if ids.len() > REFERENCES {
        ids.drain(FIRST..ids.len() - (REFERENCES - FIRST));
    }
    ids
}

pub(super) fn first(message: &Message<'_>, name: &HeaderName<'static>, other: Option<&str>) -> Option<Address> {
    let header = message.root_part().headers.header(name.clone())?;
    list(message, header, other).into_iter().next()
}

pub(super) fn all(message: &Message<'_>, name: &HeaderName<'static>, other: Option<&str>) -> Vec<Address> {
    let lines = message.root_part().headers.iter().filter(|header| header.name == *name).take(LINES);
    lines.flat_map(|header| list(message, header, other)).take(ADDRESSES).collect()
}

/// The addresses of one line.
fn list(message: &Message<'_>, header: &mail_parser::Header<'_>, other: Option<&str>) -> Vec<Address> {
    let raw = message.raw_message.get(header.offset_start as usize..header.offset_end as usize).unwrap_or_default();
    let raw = &raw[..raw.len().min(LINE_BYTES)];
    let is_plain = raw.is_ascii() && !raw.contains(&b'\x1b') && memchr::memmem::find(raw, b"=?").is_none();
    if is_plain {
        return header.value.as_address().map(usable).unwrap_or_default();
    }
    let parsed = parsed(&readable(raw, other));
    // Some programs encode the address together with the name.
    if parsed.is_empty() { self::parsed(&words::decode(raw, other)) } else { parsed }
}

fn parsed(line: &str) -> Vec<Address> {
    let line = line.replace(['\r', '\n'], " ") + "\r\n";
    match MessageStream::new(line.as_bytes()).parse_address() {
        HeaderValue::Address(list) => usable(&list),
        _ => vec![],
    }
}

fn usable(list: &mail_parser::Address<'_>) -> Vec<Address> {
    list.iter().filter_map(address).take(ADDRESSES).collect()
}

fn address(addr: &mail_parser::Addr<'_>) -> Option<Address> {
    let email = addr.address.as_deref()?.trim();
    let usable = email.len() <= 320 && !email.contains(|c: char| c.is_whitespace() || c.is_control());
    let (local, domain) = email.rsplit_once('@')?;
    if !usable || local.is_empty() || domain.is_empty() {
        return None;
    }
    let name = addr.name.as_deref().map(|n| one_line(n, 200));
    Some(Address::new(name.as_deref(), email))
}

/// A line of addresses in which nothing is encoded any more: what an encoded word says is quoted, so that a comma in a
/// name is no end of it.
fn readable(raw: &[u8], other: Option<&str>) -> String {
    let mut line = String::new();
    let (mut in_quotes, mut in_comment, mut is_escaped) = (false, 0u32, false);
    for piece in words::pieces(raw) {
        match piece {
            Piece::Raw(bytes) => {
                for c in charset::guess(bytes, other).chars() {
                    match c {
                        _ if is_escaped => is_escaped = false,
                        '\\' => is_escaped = true,
                        '"' => in_quotes = !in_quotes,
                        '(' if !in_quotes => in_comment += 1,
                        ')' if !in_quotes => in_comment = in_comment.saturating_sub(1),
                        _ => {}
                    }
                    line.push(c);
                }
            }
            Piece::Word(text) => {
                let text = one_line(&text, HEADER_BYTES);
                if in_comment > 0 {
                    line.push_str(&text.replace(['(', ')', '\\'], " "));
                } else {
                    // Programs that encode a quoted name encode its quotes, too.
                    let text = text.trim_matches('"').replace('\\', "\\\\").replace('"', "\\\"");
                    let quote = if in_quotes { "" } else { "\"" };
                    line.push_str(&format!("{quote}{text}{quote}"));
                }
            }
        }
    }
    line
}

pub(super) fn return_path(message: &Message<'_>) -> Option<String> {
    let raw = message.header_raw("Return-Path")?;
    Some(raw.trim().trim_start_matches('<').trim_end_matches('>').trim().to_lowercase())
}

pub(super) fn date(date: &mail_parser::DateTime) -> Option<DateTime<FixedOffset>> {
    let year = i32::from(date.year);
    if !(1990..=2100).contains(&year) {
        return None;
    }
    let seconds = i32::from(date.tz_hour) * 3600 + i32::from(date.tz_minute) * 60;
    let offset = FixedOffset::east_opt(if date.tz_before_gmt { -seconds } else { seconds })?;
    NaiveDate::from_ymd_opt(year, date.month.into(), date.day.into())?
        .and_hms_opt(date.hour.into(), date.minute.into(), u32::from(date.second).min(59))?
        .and_local_timezone(offset)
        .single()
}

/// In one line, without control characters, and not longer than `at_most`.
pub(in crate::mail) fn one_line(text: &str, at_most: usize) -> String {
    let mut line = String::new();
    let mut blank = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            blank = !line.is_empty();
        } else if !is_invisible(c) {
            if std::mem::take(&mut blank) {
                line.push(' ');
            }
            line.push(c);
        }
    }
    line.chars().take(at_most).collect()
}

/// Characters that turn the direction of what follows: they make a name look like another.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// As they came, also those that are no UTF-8: a rule that looks for a header must find it whatever stands in it.
pub(super) fn headers(message: &Message<'_>) -> Vec<(String, String)> {
    let root = message.root_part().headers.iter().take(HEADERS);
    root.filter_map(|header| {
        let name = header.name.as_str().to_lowercase();
        let at_most = if name == "authentication-results" { RESULTS_BYTES } else { HEADER_BYTES };
        let value = message.raw_message.get(header.offset_start as usize..header.offset_end as usize)?;
        let value = String::from_utf8_lossy(&value[..value.len().min(at_most)]);
        Some((name, one_line(&value, at_most)))
    })
    .collect()
}

pub(super) fn report_type(message: &Message<'_>) -> Option<String> {
    let content_type = message.root_part().content_type()?;
    let is_report = content_type.ctype().eq_ignore_ascii_case("multipart")
        && content_type.subtype().is_some_and(|s| s.eq_ignore_ascii_case("report"));
    is_report.then(|| content_type.attribute("report-type").unwrap_or_default().to_lowercase())
}

#[cfg(test)]
mod tests {
    use crate::mail::{address::Address, incoming::read};

    fn from(line: &[u8]) -> Address {
        read(&[b"From: ", line, b"\r\n\r\nb\r\n"].concat()).unwrap().from.unwrap_or_else(|| Address::bare("none"))
    }

    #[test]
    fn a_name_is_read_however_it_is_written() {
        for (line, name) in [
            (&b"=?utf-8?Q?M=C3=BCller=2C_Ada?= <a@b.example>"[..], "Müller, Ada"),
            (b"\"=?utf-8?Q?M=C3=BCller=2C_Ada?=\" <a@b.example>", "Müller, Ada"),
            (b"=?utf-8?Q?=22M=C3=BCller=22?= <a@b.example>", "Müller"),
            (b"=?utf-8?Q?M=C3?=\r\n =?utf-8?Q?=BCller?= <a@b.example>", "Müller"),
            (b"=?utf-8?B?TcO8bGxlcg==?=<a@b.example>", "Müller"),
            (b"=?utf-8?B?TcO8bGxlcg==?= Ada <a@b.example>", "Müller Ada"),
            (b"M\xc3\xbcller <a@b.example>", "Müller"),
            (b"\"M\xfcller, Ada\" <a@b.example>", "Müller, Ada"),
            (b"\x1b$B2s@~\x1b(B <a@b.example>", "回線"),
            (b"a@b.example (=?utf-8?Q?M=C3=BCller?=)", "Müller"),
            (b"=?utf-8?Q?M=C3=BCller_<a@b.example>?=", "Müller"),
            (b"=?iso-8859-1?Q?M=FCller <a@b.example>", "Müller"),
        ] {
            assert_eq!(from(line), Address::new(Some(name), "a@b.example"), "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn bytes_in_the_header_are_in_the_charset_of_the_text() {
        let raw = b"From: a@b.example\r\nSubject: \xf0\xd2\xc9\r\nContent-Type: text/plain; charset=koi8-r\r\n\r\n\xf0\xd2\xc9\r\n";
        let mail = read(raw).unwrap();
        assert_eq!((mail.subject.as_str(), mail.text.trim()), ("При", "При"));
    }
}
