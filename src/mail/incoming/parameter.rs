//! Parameters of Content-Type and Content-Disposition as broken as they come: continued and percent-encoded (RFC 2231),
//! as encoded words, as bytes in whatever charset.

use std::borrow::Cow;

use percent_encoding::percent_decode;

use super::words;
use crate::mail::charset;

/// Pieces of one parameter.
const PIECES: usize = 100;
const HEADER_BYTES: usize = 16 << 10;

struct Piece<'a> {
    order: usize,
    is_encoded: bool,
    value: Cow<'a, [u8]>,
}

/// The text of a parameter in a header's raw value; `other` is the charset that the mail says elsewhere.
pub fn parameter(raw: &[u8], name: &str, other: Option<&str>) -> Option<String> {
    let raw = &raw[..raw.len().min(HEADER_BYTES)];
    let mut plain = None;
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    for (key, value) in parameters(raw) {
        let Some(rest) = strip_name(key, name) else { continue };
        let rest = rest.trim_ascii();
        if rest.is_empty() {
            plain = plain.or(Some(value));
            continue;
        }
        let Some(rest) = rest.strip_prefix(b"*") else { continue };
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let order = std::str::from_utf8(&rest[..digits]).ok().and_then(|n| n.parse().ok()).unwrap_or(0);
        let is_encoded = digits == 0 || rest.ends_with(b"*");
        if pieces.len() < PIECES {
            pieces.push(Piece { order, is_encoded, value });
        }
    }
    if pieces.is_empty() { plain.map(|value| plain_value(&value, other)) } else { Some(joined(pieces, other)) }
}

fn strip_name<'a>(key: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let begin = key.get(..name.len())?;
    begin.eq_ignore_ascii_case(name.as_bytes()).then(|| &key[name.len()..])
}

fn joined(mut pieces: Vec<Piece<'_>>, other: Option<&str>) -> String {
    pieces.sort_by_key(|piece| piece.order);
    let mut label = None;
    let mut bytes = Vec::new();
    for (n, piece) in pieces.iter().enumerate() {
        let mut value: &[u8] = &piece.value;
        if n == 0 && piece.is_encoded {
            let mut parts = value.splitn(3, |b| *b == b'\'');
            if let (Some(charset), Some(_), Some(rest)) = (parts.next(), parts.next(), parts.next()) {
                label = std::str::from_utf8(charset).ok().map(str::to_owned);
                value = rest;
            }
        }
        if piece.is_encoded { bytes.extend(percent_decode(value)) } else { bytes.extend_from_slice(value) }
    }
    let has_words = memchr::memmem::find(&bytes, b"=?").is_some();
    if has_words { words::decode(&bytes, other) } else { charset::decode(&bytes, label.as_deref(), other).into_owned() }
}

fn plain_value(value: &[u8], other: Option<&str>) -> String {
    let text = words::decode(value, other);
    // Percent-encoded without the star that says so: only where it can't be a name with percents.
    let decoded: Vec<u8> = percent_decode(text.as_bytes()).collect();
    match String::from_utf8(decoded) {
        Ok(decoded) if text.is_ascii() && !decoded.is_ascii() => decoded,
        _ => text,
    }
}

/// Names and unquoted values, in order. A quote that is never closed goes on to the next `;` that begins a parameter.
fn parameters(raw: &[u8]) -> Vec<(&[u8], Cow<'_, [u8]>)> {
    let mut found = Vec::new();
    let mut rest = match memchr::memchr(b';', raw) {
        Some(end) => &raw[end + 1..],
        None => return found,
    };
    while found.len() < 2 * PIECES {
        rest = rest.trim_ascii_start();
        let Some(equals) = rest.iter().position(|b| matches!(b, b'=' | b';')) else { break };
        let key = rest[..equals].trim_ascii();
        if rest[equals] == b';' {
            rest = &rest[equals + 1..];
            continue;
        }
        rest = rest[equals + 1..].trim_ascii_start();
        let (value, length) = value(rest);
        found.push((key, value));
        rest = &rest[length..];
        let next = memchr::memchr(b';', rest).map_or(rest.len(), |end| end + 1);
        rest = &rest[next..];
    }
    found
}

fn value(raw: &[u8]) -> (Cow<'_, [u8]>, usize) {
    if raw.first() == Some(&b'"') {
        let mut text = Vec::new();
        let mut bytes = raw[1..].iter().enumerate();
        while let Some((n, byte)) = bytes.next() {
            match byte {
                b'"' => return (Cow::Owned(text), n + 2),
                // Windows' paths have backslashes that escape nothing.
                b'\\' => match raw.get(n + 2) {
                    Some(next @ (b'"' | b'\\')) => {
                        text.push(*next);
                        bytes.next();
                    }
                    _ => text.push(b'\\'),
                },
                b'\r' | b'\n' => {}
                _ => text.push(*byte),
            }
        }
    }
    // Without quotes a name with blanks is not right, and common.
    let end = memchr::memchr2(b';', b'\n', raw).unwrap_or(raw.len());
    let value = raw[..end].trim_ascii();
    (Cow::Borrowed(value.strip_prefix(b"\"").unwrap_or(value)), end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(raw: &str, text: &str) {
        assert_eq!(parameter(raw.as_bytes(), "name", None).as_deref(), Some(text), "{raw}");
    }

    #[test]
    fn names_are_read_as_they_should_be_written() {
        reads("image/png; name=a.png", "a.png");
        reads("image/png; charset=x; NAME = \"a; b\\\"c.png\"; x=y", "a; b\"c.png");
        reads("image/png; name*=utf-8'de'Gr%C3%BC%C3%9Fe.png", "Grüße.png");
        reads("a/b;\r\n name*0*=iso-8859-1''Gr%FC;\r\n name*1*=%DFe;\r\n name*2=\" x.png\"", "Grüße x.png");
        reads("a/b; name*1=b.png; name*0=a", "ab.png");
        reads("a/b; name=old.png; name*=utf-8''n%C3%BC.png", "nü.png");
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        reads("a/b; name=\"=?utf-8?B?R3LDvMOfZS5wbmc=?=\"", "Grüße.png");
        reads("a/b; name==?utf-8?Q?Gr=C3=BC=C3=9Fe.png?=", "Grüße.png");
        reads("a/b; name*0*=\"=?utf-8?Q?=C3=BC\"; name*1=\".png?=\"", "ü.png");
        reads("a/b; name=\"Gr%C3%BC%C3%9Fe.png\"", "Grüße.png");
        reads("a/b; name=\"100%25.png\"", "100%25.png");
        reads("a/b; name=my report.pdf", "my report.pdf");
        reads("a/b; name=\"C:\\tmp\\x.png\"", "C:\\tmp\\x.png");
        reads("a/b; name=\"never closed.png; x=y", "never closed.png");
        reads("a/b; name*=Gr%C3%BC.png", "Grü.png");
        assert_eq!(parameter(b"a/b; name=\"Gr\xfc.png\"", "name", None).as_deref(), Some("Grü.png"));
        assert_eq!(parameter(b"a/b; filename=x", "name", None), None);
    }
}
