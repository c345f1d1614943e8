//! A mail for the parser without the bulk of its attachments, which it would decode for nothing but their size: that is
//! most of the time of reading a mailbox.
//!
//! Only what is beyond doubt is cut: whole lines out of the middle of a base64 body whose header, written as every mail
//! program writes it, says that it is no message and no text that anybody reads in the mail. Everything else goes to the
//! parser as it is.

use std::{borrow::Cow, ops::Range};

use memchr::{memchr, memchr2, memmem};

/// A body shorter than this is not worth a copy of the mail.
const WORTH_BYTES: usize = 4096;
/// A part's header is looked for so far back.
const HEADER_BYTES: usize = 4096;

/// Bytes for the parser, and what they lack.
pub(super) struct Slim<'a> {
    pub bytes: Cow<'a, [u8]>,
    cuts: Vec<Cut>,
}

struct Cut {
    /// where in `bytes` something is missing
    at: usize,
    encoded_bytes: u64,
    decoded_bytes: u64,
}

/// How much a part lacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Missing {
    pub encoded_bytes: u64,
    pub decoded_bytes: u64,
}

impl Slim<'_> {
    /// What is missing in this range of `bytes`.
    pub fn missing(&self, part: Range<usize>) -> Missing {
        let cuts = self.cuts.iter().filter(|cut| part.contains(&cut.at));
        cuts.fold(Missing::default(), |sum, cut| Missing {
            encoded_bytes: sum.encoded_bytes + cut.encoded_bytes,
            decoded_bytes: sum.decoded_bytes + cut.decoded_bytes,
        })
    }
}

pub(super) fn slim(raw: Cow<'_, [u8]>) -> Slim<'_> {
    let mut kept: Vec<Range<usize>> = Vec::new();
    let mut cuts = Vec::new();
    let mut from = 0;
    let mut at = 0;
    while let Some(found) = memmem::find(&raw[at..], b"base64") {
        at += found + b"base64".len();
        let Some(body) = body_of_attachment(&raw, at) else { continue };
        let Some((middle, decoded_bytes)) = middle(&raw, body) else { continue };
        kept.push(from..middle.start);
        let so_far = kept.iter().map(Range::len).sum();
        cuts.push(Cut { at: so_far, encoded_bytes: middle.len() as u64, decoded_bytes });
        (from, at) = (middle.end, middle.end);
    }
    if cuts.is_empty() {
        return Slim { bytes: raw, cuts };
    }
    kept.push(from..raw.len());
    let kept: Vec<&[u8]> = kept.into_iter().map(|range| &raw[range]).collect();
    Slim { bytes: Cow::Owned(kept.concat()), cuts }
}

/// Where the body begins, if the header around `at` (right behind the word base64) is an attachment's.
fn body_of_attachment(raw: &[u8], at: usize) -> Option<usize> {
    let rest = &raw[at..];
    let blank = [&b"\r\n\r\n"[..], b"\n\n"].into_iter().filter_map(|blank| {
        // Not further than a header may reach: most words "base64" stand in one.
        memmem::find(&rest[..rest.len().min(HEADER_BYTES)], blank).map(|found| (found, found + blank.len()))
    });
    let (end, body) = blank.min()?;
    let before = &raw[at.saturating_sub(HEADER_BYTES)..at];
    let begin = memmem::rfind(before, b"\n--")?;
    let header = [&before[begin + 1..], &rest[..end]].concat();
    let mut lines = header.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line)).skip(1);
    let (mut is_encoded, mut is_binary, mut is_table, mut is_attached) = (false, false, false, false);
    // What does not look like a header is none that is understood here.
    let understood = lines.all(|line| {
        let field = line.to_ascii_lowercase();
        if let Some(value) = field.strip_prefix(b"content-transfer-encoding:") {
            is_encoded = value.trim_ascii() == b"base64";
        }
        if let Some(value) = field.strip_prefix(b"content-type:") {
            let is = |types: &[&[u8]]| types.iter().any(|t| value.trim_ascii_start().starts_with(t));
            // What was signed as a whole (S/MIME) is read; any binary file may be called so.
            let may_be_signed = memmem::find(&field, b"pkcs7").is_some();
            is_binary = is(&[b"application/", b"image/", b"audio/", b"video/"]) && !may_be_signed;
            is_table = is(&[b"text/csv", b"text/tab-separated-values", b"text/xml"]);
        }
        if let Some(value) = field.strip_prefix(b"content-disposition:") {
            is_attached = value.trim_ascii_start().starts_with(b"attachment");
        }
        line.first().is_some_and(|b| *b == b' ' || *b == b'\t' || memchr(b':', line).is_some())
    });
    (understood && is_encoded && (is_binary || is_table && is_attached)).then_some(at + body)
}

/// The lines of a base64 body between its first and its last two, and how many bytes they stand for. None when it is
/// short, or when a line of them is not a whole number of groups of four.
fn middle(raw: &[u8], body: usize) -> Option<(Range<usize>, u64)> {
    let mut ends = Vec::new();
    let mut decoded = Vec::new();
    let mut start = body;
    while let Some(length) = memchr(b'\n', &raw[start..]) {
        let line = &raw[start..start + length];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() || memchr2(b'-', b'=', line).is_some() || !line.len().is_multiple_of(4) {
            break;
        }
        start += length + 1;
        ends.push(start);
        decoded.push(line.len() as u64 / 4 * 3);
    }
    // The last line may be cut short of its padding; the one before it is kept to be sure.
    let last = ends.len().checked_sub(3)?;
    let middle = ends[0]..ends[last];
    (middle.len() >= WORTH_BYTES).then(|| (middle, decoded[1..=last].iter().sum()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attachment(header: &str, bytes: usize, line_end: &str) -> String {
        // A table is text, and counted as such.
        let most = if header.contains("text/") { 128 } else { 256 };
        let noise: Vec<u8> = (0..bytes).map(|n| ((n * 7 + n / 11) % most) as u8).collect();
        let encoded = data_encoding::BASE64_MIME.encode(&noise).replace("\r\n", line_end);
        let header = header.replace('\n', line_end);
        format!("--b{line_end}{header}{line_end}{line_end}{encoded}{line_end}")
    }

    fn mail(parts: &[String], line_end: &str) -> String {
        let head = format!("Subject: x{line_end}Content-Type: multipart/mixed; boundary=b{line_end}{line_end}");
        format!("{head}{}--b--{line_end}", parts.concat())
    }

    const IMAGE: &str = "Content-Type: image/png;\n name=\"a.png\"\nContent-Transfer-Encoding: base64";

    #[test]
    fn an_attachment_loses_its_middle_and_its_size_is_known() {
        for line_end in ["\r\n", "\n"] {
            for bytes in [20_000, 20_001, 20_002, 200_019] {
                let others = [
                    "Content-transfer-encoding: base64\nContent-type: application/zip",
                    "Content-Type: text/csv\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64",
                ];
                let others = others.map(|header| attachment(header, 9_000, line_end)).concat();
                let raw = mail(&[attachment(IMAGE, bytes, line_end), others], line_end);
                let slim = slim(raw.as_bytes().into());
                assert!(slim.bytes.len() < 2_000, "{}", slim.bytes.len());
                let read = crate::mail::incoming::read(raw.as_bytes()).unwrap();
                let sizes: Vec<u64> = read.attachments.iter().map(|a| a.size_bytes).collect();
                assert_eq!(sizes, [bytes as u64, 9_000, 9_000]);
                assert_eq!(read.attachments[0].name, "a.png");
            }
        }
    }

    #[test]
    fn a_nested_message_is_as_large_as_it_was_though_its_attachment_is_not_read() {
        let inner = mail(&[attachment(IMAGE, 50_000, "\r\n")], "\r\n").replace("--b", "--i").replace("=b", "=i");
        let message = format!("--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n");
        let read = crate::mail::incoming::read(mail(&[message], "\r\n").as_bytes()).unwrap();
        assert_eq!(read.attachments[0].size_bytes, inner.len() as u64);
    }

    #[test]
    fn text_and_whatever_is_in_doubt_stay_whole() {
        for header in [
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64",
            "Content-Type: image/png\nContent-Transfer-Encoding: 8bit\nX-Was: base64",
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64",
            "Content-Type:\n image/png\nContent-Transfer-Encoding: base64",
            "Content-Transfer-Encoding: base64",
            "Content-Type: text/csv\nContent-Transfer-Encoding: base64",
            "Content-Type: text/plain\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64",
            "Content-Type: image/png\nContent-Transfer-Encoding: base64\nno header",
        ] {
            let raw = mail(&[attachment(header, 20_000, "\r\n")], "\r\n");
            assert!(matches!(slim(raw.as_bytes().into()).bytes, Cow::Borrowed(_)), "{header}");
        }
        let odd = attachment(IMAGE, 20_000, "\r\n").replace("\r\n", "\r\n ");
        assert!(matches!(slim(mail(&[odd], "\r\n").as_bytes().into()).bytes, Cow::Borrowed(_)));
    }
}
