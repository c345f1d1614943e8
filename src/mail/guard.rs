//! A look at the raw bytes before they are parsed.
//!
//! The parser builds a tree of messages and drops it by recursion: forty thousand nested ones overflow the stack and
//! abort the process, which would happen again at each start; a million parts take a gigabyte. So what could nest or
//! multiply is counted first, in one pass; what is beyond any mail that a person sends goes to quarantine.
//!
//! The count must never be lower than what the parser sees, or the guard is none. The parser ignores blanks in the name
//! of a header, folds, skips comments, and begins a header in the middle of a line when a boundary ends there. Hence no
//! grammar here: a `content-type` before *any* colon counts, with all that follows it in the field. For the same reason
//! messages in base64 or quoted-printable (RFC 2046 §5.2.1 forbids them) are not opened: see `harmless`.

use std::{borrow::Cow, ops::Range};

use memchr::{memchr, memchr_iter, memchr2, memmem};

/// Fields of a Content-Type that name a `message/…`: each may open a level of nesting.
const NESTED_MESSAGES: usize = 100;
/// Fields of a Content-Type that name a `multipart/…`: each may open a level, and each may be searched to the end.
const MULTIPARTS: usize = 200;
/// Lines that begin with `--`, in a mail that has multiparts: each may begin a part.
const BOUNDARY_LINES: usize = 10_000;
/// Lines with `--` anywhere, in a mail that has multiparts. The parser takes these, too; people's texts have many.
const DASHED_LINES: usize = 100_000;
/// Lines of the mail's own header. Its bytes have no limit of their own: they are read in linear time, and each value is
/// cut where it is kept.
const HEADER_LINES: usize = 5_000;
/// Lines of the headers of all parts together.
const PART_HEADER_LINES: usize = 100_000;
/// Pieces of parameters (`filename*1=`) in all headers: the parser puts each at the end of a copy of those before.
const CONTINUATIONS: usize = 20_000;
/// A boundary that repeats itself (`--------x`) is compared again at each of its dashes. This bounds the bytes compared.
const COMPARED_BYTES: usize = 10_000_000_000;

/// Why a mail is not given to the parser.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it has {count} {what}, more than {limit}: reading it could bring the desk down")]
pub struct Unsafe {
    what: &'static str,
    count: usize,
    limit: usize,
}

/// May these bytes be parsed, once they went through `harmless`?
pub fn guard(raw: &[u8]) -> Result<(), Unsafe> {
    scan(raw).check(raw.len())
}

/// The bytes for the parser. Where a message is encoded, its encoding's name is overwritten, so that the parser doesn't
/// decode it and come upon nested messages that nobody counted. All else, and every offset, stays.
pub(super) fn harmless(raw: &[u8]) -> Result<Cow<'_, [u8]>, Unsafe> {
    let scan = scan(raw);
    scan.check(raw.len())?;
    let mut bytes = Cow::Borrowed(raw);
    // In a digest a part is a message without saying so.
    for encoding in scan.encodings.iter().filter(|e| e.of_message || scan.has_digest) {
        for byte in &mut bytes.to_mut()[encoding.value.clone()] {
            if !byte.is_ascii_whitespace() {
                *byte = b'x';
            }
        }
    }
    Ok(bytes)
}

/// The value of a Content-Transfer-Encoding, or a line of it, that may make the parser decode.
struct Encoding {
    value: Range<usize>,
    of_message: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Field {
    Type { named_message: bool, named_multipart: bool },
    Encoding,
    Other,
}

#[derive(Default)]
struct Scan {
    messages: usize,
    multiparts: usize,
    has_digest: bool,
    boundary_lines: usize,
    dashed_lines: usize,
    header_lines: usize,
    part_header_lines: usize,
    continuations: usize,
    comparisons: usize,
    encodings: Vec<Encoding>,
}

/// Lines without an empty one between them: a header never goes beyond.
struct Block {
    is_first: bool,
    may_be_header: bool,
    names_message: bool,
    first_encoding: usize,
}

fn scan(raw: &[u8]) -> Scan {
    let mut scan = Scan::default();
    let mut block = Block { is_first: true, may_be_header: true, names_message: false, first_encoding: 0 };
    let mut field = Field::Other;
    let mut start = 0;
    while start < raw.len() {
        let end = memchr(b'\n', &raw[start..]).map_or(raw.len(), |length| start + length + 1);
        let line = &raw[start..end];
        if line.iter().all(|b| matches!(b, b'\r' | b'\n')) {
            scan.end(&block);
            // What follows the header of a nested message is that message's header.
            block = Block {
                is_first: false,
                may_be_header: block.names_message,
                names_message: false,
                first_encoding: scan.encodings.len(),
            };
            field = Field::Other;
        } else {
            if !line.starts_with(b" ") && !line.starts_with(b"\t") {
                field = Field::Other;
                scan.header_lines += usize::from(block.is_first);
                scan.part_header_lines += usize::from(block.may_be_header);
            }
            // Most lines of most mails are base64: they have neither, and are part of no field.
            if field != Field::Other || memchr2(b':', b'-', line).is_some() {
                if memmem::find(line, b"--").is_some() {
                    scan.dashed_lines += 1;
                    scan.boundary_lines += usize::from(line.starts_with(b"--"));
                    block.may_be_header = true;
                }
                field = scan.line(raw, start..end, field, &mut block);
            }
            if block.may_be_header {
                let stars = memchr_iter(b'*', line).filter(|at| line.get(at + 1).is_some_and(u8::is_ascii_digit));
                scan.continuations += stars.count();
            }
        }
        start = end;
    }
    scan.end(&block);
    scan
}

impl Scan {
    /// Reads a line: the rest of `field`, and the fields that begin in it. Gives the last one.
    fn line(&mut self, raw: &[u8], line: Range<usize>, mut field: Field, block: &mut Block) -> Field {
        let mut from = line.start;
        for colon in memchr_iter(b':', &raw[line.clone()]).map(|at| line.start + at) {
            let before = &raw[line.start..colon];
            let next = if ends_in_name(before, b"content-type") {
                Field::Type { named_message: false, named_multipart: false }
            } else if ends_in_name(before, b"content-transfer-encoding") {
                Field::Encoding
            } else {
                continue;
            };
            self.value(raw, from..colon, &mut field, block);
            (field, from) = (next, colon + 1);
        }
        self.value(raw, from..line.end, &mut field, block);
        field
    }

    fn value(&mut self, raw: &[u8], value: Range<usize>, field: &mut Field, block: &mut Block) {
        let text = &raw[value.clone()];
        match field {
            Field::Type { named_message, named_multipart } => {
                if !*named_message && contains(text, b"message") {
                    *named_message = true;
                    block.names_message = true;
                    self.messages += 1;
                }
                if !*named_multipart && contains(text, b"multipart") {
                    *named_multipart = true;
                    self.multiparts += 1;
                }
                self.has_digest |= contains(text, b"digest");
                self.comparisons += 1 + repetitions(text);
            }
            Field::Encoding => {
                let name = text.trim_ascii();
                let plain: [&[u8]; 4] = [b"", b"7bit", b"8bit", b"binary"];
                if !plain.iter().any(|p| name.eq_ignore_ascii_case(p)) {
                    self.encodings.push(Encoding { value, of_message: false });
                }
            }
            Field::Other => {}
        }
    }

    fn end(&mut self, block: &Block) {
        for encoding in &mut self.encodings[block.first_encoding..] {
            encoding.of_message = block.names_message;
        }
    }

    fn check(&self, bytes: usize) -> Result<(), Unsafe> {
        let only_multipart = |count: usize| if self.multiparts > 0 { count } else { 0 };
        for (what, count, limit) in [
            ("nested messages", self.messages, NESTED_MESSAGES),
            ("multiparts", self.multiparts, MULTIPARTS),
            ("parts", only_multipart(self.boundary_lines), BOUNDARY_LINES),
            ("lines that could begin a part", only_multipart(self.dashed_lines), DASHED_LINES),
            ("header lines", self.header_lines, HEADER_LINES),
            ("header lines of parts", self.part_header_lines, PART_HEADER_LINES),
            ("pieces of parameters", self.continuations, CONTINUATIONS),
            ("bytes to compare", only_multipart(self.comparisons.saturating_mul(bytes)), COMPARED_BYTES),
        ] {
            if count > limit {
                return Err(Unsafe { what, count, limit });
            }
        }
        Ok(())
    }
}

/// Is this the last word before a colon, whatever blanks stand in it?
fn ends_in_name(before: &[u8], name: &[u8]) -> bool {
    let mut letters = before.iter().rev().filter(|b| !b.is_ascii_whitespace());
    name.iter().rev().all(|wanted| letters.next().is_some_and(|b| b.eq_ignore_ascii_case(wanted)))
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    text.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word))
}

/// At how many places a boundary in this text may begin again: at each pair of dashes, written plainly or encoded.
fn repetitions(text: &[u8]) -> usize {
    let pairs = text.windows(2).filter(|pair| *pair == b"--").count();
    let percents = text.iter().filter(|b| **b == b'%').count();
    let encoded = if contains(text, b"=?") { text.len() } else { 0 };
    pairs + percents + encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(mail: &str) -> String {
        guard(mail.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn nested_messages_are_refused_however_they_are_written() {
        let padding = " ".repeat(300);
        for header in [
            "Content-Type: message/rfc822",
            "content-TYPE:Message/Global",
            "Content-Type : message/rfc822",
            "Con tent-Type: message/rfc822",
            "Content-Type: message /rfc822",
            "Content-Type: message(comment)/rfc822",
            "Content-Type: (a\r\n comment) message/rfc822",
            "Content-Type: message\r\n /rfc822",
            "--b Content-Type: message/rfc822",
            &format!("Content-Type:{padding}message/rfc822"),
        ] {
            let mail = format!("{header}\r\n\r\n").repeat(1_000);
            assert!(refusal(&mail).contains("nested messages"), "{header}");
        }
    }

    #[test]
    fn an_encoded_message_is_not_opened() {
        let header =
            "Content-Type: message/rfc822\r\nContent-Transfer-Encoding:\r\n =?utf-8?q?base64?=\r\n\r\nQ29udA==\r\n";
        let bytes = harmless(header.as_bytes()).unwrap();
        assert!(
            bytes.ends_with(b"Encoding:\r\n xxxxxxxxxxxxxxxxxx\r\n\r\nQ29udA==\r\n"),
            "{}",
            String::from_utf8_lossy(&bytes)
        );
    }

    #[test]
    fn in_a_digest_no_part_is_decoded() {
        let mail =
            "Content-Type: multipart/digest; boundary=b\n\n--b\nContent-Transfer-Encoding: base64\n\nQ29udA==\n--b--\n";
        assert!(harmless(mail.as_bytes()).unwrap().windows(7).any(|w| w == b" xxxxxx"));
    }

    #[test]
    fn an_attachment_beside_a_message_stays_as_it_came() {
        let mail = "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 7bit\n\n\
            Subject: x\n\n--b\nContent-Type: image/png\nContent-Transfer-Encoding: base64\n\nQUJD\n--b--\n";
        assert!(matches!(harmless(mail.as_bytes()), Ok(Cow::Borrowed(_))));
    }

    #[test]
    fn too_many_parts_are_refused_wherever_their_boundary_stands() {
        let head = "Content-Type: multipart/digest; boundary=a\r\n\r\n";
        assert!(refusal(&format!("{head}{}", "--a\n\n\n".repeat(11_000))).contains("parts"));
        assert!(refusal(&format!("{head}{}", "x--a\n\n".repeat(110_000))).contains("begin a part"));
    }

    #[test]
    fn a_folded_content_type_is_counted_too() {
        let mail = "content-TYPE:\r\n Multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(300);
        assert!(refusal(&mail).contains("multiparts"));
    }

    #[test]
    fn a_header_without_end_is_refused_in_a_part_too() {
        assert!(refusal(&"a:\n".repeat(110_000)).contains("header lines"));
        let nested = format!("Content-Type: message/rfc822\n\n{}", "a:\n".repeat(110_000));
        assert!(refusal(&nested).contains("header lines of parts"));
    }

    #[test]
    fn a_boundary_that_repeats_itself_over_megabytes_is_refused() {
        let dashes = "-".repeat(100_000);
        let mail = format!("Content-Type: multipart/mixed; boundary=\"{dashes}x\"\n\n{}", dashes.repeat(10));
        assert!(refusal(&mail).contains("bytes to compare"));
    }

    #[test]
    fn a_parameter_in_very_many_pieces_is_refused() {
        let pieces = "filename*1=x; ".repeat(21_000);
        assert!(refusal(&format!("Content-Disposition: attachment; {pieces}\n\nb")).contains("pieces of parameters"));
    }

    #[test]
    fn a_table_of_dashes_in_a_plain_mail_is_no_danger() {
        let mail = format!("Subject: table\r\n\r\n{}", "-----------\r\n| a | b |\r\n".repeat(20_000));
        assert_eq!(guard(mail.as_bytes()), Ok(()));
    }

    #[test]
    fn a_log_that_speaks_of_messages_is_no_danger() {
        let log = "  12:00:01 queued message/rfc822 for delivery\r\n\tpart multipart/mixed\r\n".repeat(20_000);
        assert_eq!(guard(format!("Subject: log\r\n\r\n{log}").as_bytes()), Ok(()));
    }
}
