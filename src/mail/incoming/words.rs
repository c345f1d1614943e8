//! Header text: encoded words (RFC 2047) as broken as they come, and what was never encoded.

use std::borrow::Cow;

use memchr::memmem;

use super::transfer::base64;
use crate::mail::charset;

/// A header longer than this is read to here.
const HEADER_BYTES: usize = 64 << 10;

/// A piece of a header line.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// as it stands, in whatever charset
    Raw(&'a [u8]),
    /// what encoded words say
    Word(String),
}

/// The text of a header's raw value; `other` is the charset that the mail says for its body, which may be meant for
/// bytes here, too.
pub fn decode(raw: &[u8], other: Option<&str>) -> String {
    let raw = &raw[..raw.len().min(HEADER_BYTES)];
    let text = once(raw, other);
    // Some gateways encode what is encoded.
    let inner = text.trim();
    if inner.starts_with("=?") && inner.ends_with("?=") { once(inner.as_bytes(), other) } else { text }
}

fn once(raw: &[u8], other: Option<&str>) -> String {
    if raw.is_ascii() && memmem::find(raw, b"=?").is_none() && !raw.contains(&b'\x1b') {
        return String::from_utf8_lossy(raw).into_owned();
    }
    pieces(raw)
        .into_iter()
        .map(|piece| match piece {
            Piece::Raw(bytes) => charset::guess(bytes, other),
            Piece::Word(text) => Cow::Owned(text),
        })
        .collect()
}

/// A header's value cut into what is encoded and what is not. Blanks between encoded words are nothing (RFC 2047 §6.2),
/// and a letter whose bytes were cut apart into two words is put together.
pub fn pieces(raw: &[u8]) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut open: Option<(String, Vec<u8>)> = None;
    let mut from = 0;
    let mut at = 0;
    while let Some(found) = memmem::find(&raw[at..], b"=?").map(|found| at + found) {
        let Some(word) = word(&raw[found..]) else {
            at = found + 2;
            continue;
        };
        let between = &raw[from..found];
        if !(open.is_some() && between.iter().all(u8::is_ascii_whitespace)) {
            close(&mut open, &mut pieces);
            if !between.is_empty() {
                pieces.push(Piece::Raw(between));
            }
        }
        match &mut open {
            Some((charset, bytes)) if charset.eq_ignore_ascii_case(&word.charset) => bytes.extend(word.bytes),
            _ => {
                close(&mut open, &mut pieces);
                open = Some((word.charset, word.bytes));
            }
        }
        at = found + word.length;
        from = at;
    }
    close(&mut open, &mut pieces);
    if from < raw.len() {
        pieces.push(Piece::Raw(&raw[from..]));
    }
    pieces
}

fn close(open: &mut Option<(String, Vec<u8>)>, pieces: &mut Vec<Piece<'_>>) {
    if let Some((charset, bytes)) = open.take() {
        pieces.push(Piece::Word(charset::decode(&bytes, Some(&charset), None).into_owned()));
    }
}

struct Word {
    charset: String,
    bytes: Vec<u8>,
    length: usize,
}

/// The encoded word that `raw` begins with: `=?charset*language?encoding?text?=`.
fn word(raw: &[u8]) -> Option<Word> {
    const NAME_BYTES: usize = 60;
    let name_end = raw[2..].iter().take(NAME_BYTES).position(|b| *b == b'?')? + 2;
    let name = std::str::from_utf8(&raw[2..name_end]).ok()?.trim();
    let charset = name.split('*').next().unwrap_or_default();
    if !charset.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:+()'\"".contains(&b)) {
        return None;
    }
    let encoding_end = raw[name_end + 1..].iter().take(NAME_BYTES).position(|b| *b == b'?')? + name_end + 1;
    let encoding = raw[name_end + 1..encoding_end].trim_ascii();
    let text_at = encoding_end + 1;
    let (text, length) = text(raw, text_at);
    let is_base64 = match encoding {
        [b'b' | b'B'] => true,
        [b'q' | b'Q'] => false,
        // A wrong letter: the text shows what it is.
        [letter] if letter.is_ascii_alphabetic() => !text.contains(&b'=') || text.ends_with(b"="),
        _ => return None,
    };
    let bytes = if is_base64 { base64(text) } else { quoted(text) };
    Some(Word { charset: charset.to_owned(), bytes, length })
}

/// The text of a word, and where the word ends. A `?` may stand in it unencoded; its end may be missing.
fn text(raw: &[u8], from: usize) -> (&[u8], usize) {
    let mut at = from;
    // As far as the next word at most.
    let begins = |at: &usize| raw.get(at + 2).is_some_and(u8::is_ascii_alphanumeric);
    let next = memmem::find_iter(&raw[from..], b"=?").map(|found| from + found).find(begins);
    let limit = next.unwrap_or(raw.len());
    while let Some(found) = memmem::find(&raw[at..limit], b"?=").map(|found| at + found) {
        let after = &raw[found + 2..];
        let is_code = matches!(after, [a, b, ..] if a.is_ascii_hexdigit() && b.is_ascii_hexdigit());
        let goes_on = is_code && memmem::find(&raw[found + 2..limit.min(found + 200)], b"?=").is_some();
        if !goes_on {
            return (&raw[from..found], found + 2);
        }
        at = found + 2;
    }
    let text = raw[from..limit].trim_ascii_end();
    (text.strip_suffix(b"?").unwrap_or(text), from + text.len())
}

/// The Q encoding: quoted-printable in which `_` is a blank.
fn quoted(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let code = |b: &u8| char::from(*b).to_digit(16);
        match (byte, after) {
            (b'=', [a, b, tail @ ..]) if code(a).is_some() && code(b).is_some() => {
                out.push((code(a).unwrap_or(0) << 4 | code(b).unwrap_or(0)) as u8);
                rest = tail;
            }
            (b'_', _) => out.push(b' '),
            // Folded in the middle of a word.
            (b'\r' | b'\n', _) => {}
            _ => out.push(byte),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(raw: &str, text: &str) {
        assert_eq!(decode(raw.as_bytes(), None), text, "{raw}");
    }

    #[test]
    fn encoded_words_are_read_as_they_should_be_written() {
        reads("=?utf-8?B?R3LDvMOfZQ==?= an =?ISO-8859-1?Q?M=FCller?=", "Grüße an Müller");
        reads("=?utf-8?q?a_b?= =?utf-8?q?c?=\r\n =?utf-8?q?=C3=BC?=", "a bcü");
        reads("=?iso-2022-jp?B?GyRCMnMkOxsoQg==?=", "回せ");
        reads("=?utf-8*de?Q?=C3=BC?=", "ü");
        reads("plain", "plain");
    }

    #[test]
    fn a_letter_cut_in_two_words_is_one() {
        reads("=?utf-8?Q?Gr=C3?= =?UTF-8?Q?=BC=C3=9Fe?=", "Grüße");
        reads("=?utf-8?B?R3LD?=\r\n\t=?utf-8?B?vMOfZQ==?=", "Grüße");
    }

    #[test]
    fn what_is_broken_is_read_as_it_was_meant() {
        reads("=?utf-8?Q?=C3=BC ber=20uns?= x", "ü ber uns x");
        reads("=?utf-8?Q?=C3=BCber", "über");
        reads("=?utf-8?B?R3LDvMOfZQ==", "Grüße");
        reads("=?utf-8?B?R3LDvM OfZQ==?=", "Grüße");
        reads("=?utf-8?Q?What?=20now=3F?=", "What? now?");
        reads("=?utf-8?Q?a?==?utf-8?Q?b?=", "ab");
        reads("=?utf-8?X?=C3=BC?= =?utf-8?Z?R3LDvMOfZQ==?=", "üGrüße");
        reads("\"=?utf-8?Q?=C3=BC?=\"", "\"ü\"");
        reads("x=?utf-8?Q?=C3=BC?=y", "xüy");
        reads("=?unknown-8bit?Q?=FCber?=", "über");
        reads("=?utf-8?Q?=FCber?=", "über");
        reads("=?utf-8?B?PT91dGYtOD9RPz1DMz1CQz89?=", "ü");
        reads("=?gb2312?B?xPq6w+lG?=", "您好镕");
    }

    #[test]
    fn what_only_looks_encoded_stays() {
        for text in ["a =? b", "=?=?=?", "=??Q", "=?utf-8?QQ?x?=", "1 =? 2 ?= 3", "=?a b?Q?x?="] {
            reads(text, text);
        }
    }

    #[test]
    fn bytes_without_encoding_are_read_by_what_they_are() {
        assert_eq!(decode("Grüße".as_bytes(), None), "Grüße");
        assert_eq!(decode(b"Gr\xfc\xdfe", None), "Grüße");
        assert_eq!(decode(b"\xf0\xd2\xc9", Some("koi8-r")), "При");
        assert_eq!(decode(b"\x1b$B2s\x1b(B", None), "回");
    }

    #[test]
    fn of_very_many_beginnings_of_words_nothing_is_lost() {
        for piece in ["=?", "=?a?", "=?a?Q?", "=?a?Q?x?=", "?=", "=?a?Q??=20"] {
            let read = decode(piece.repeat((64 << 10) / piece.len()).as_bytes(), None);
            assert!(read.len() <= 64 << 10, "{piece}");
        }
        assert_eq!(decode("=?a?Q??=20".repeat(6_000).as_bytes(), None), "20".repeat(6_000));
        assert!(!pieces("=?a?Q?(\"".repeat(100_000).as_bytes()).is_empty());
    }
}
