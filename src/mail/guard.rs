//! A look at the raw bytes before they are parsed.
//!
//! The parser builds a tree and drops it by recursion: forty thousand nested messages overflow the stack and abort the
//! process, a million parts take a gigabyte. So the bytes are counted first, in one pass; what is beyond any mail that
//! a person sends goes to quarantine instead of to the parser.

/// `Content-Type: message/…` lines: each may open another level of nesting.
const NESTED_MESSAGES: usize = 50;
/// `Content-Type: multipart/…` lines: likewise.
const MULTIPARTS: usize = 200;
/// Lines that begin with `--` in a mail that has multiparts: each may begin a part.
const BOUNDARY_LINES: usize = 10_000;
/// Lines of all headers together, counted by their colons near the beginning of a line, before the first empty line.
const HEADER_LINES: usize = 5_000;

/// Why a mail is not given to the parser.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it has {count} {what}, more than {limit}: reading it could bring the desk down")]
pub struct Unsafe {
    what: &'static str,
    count: usize,
    limit: usize,
}

pub fn guard(raw: &[u8]) -> Result<(), Unsafe> {
    let mut count = Counts::default();
    let mut in_header = true;
    for line in raw.split(|b| *b == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            in_header = false;
        }
        count.line(line, in_header);
    }
    let boundaries = if count.multiparts > 0 { count.boundaries } else { 0 };
    for (what, count, limit) in [
        ("nested messages", count.messages, NESTED_MESSAGES),
        ("multiparts", count.multiparts, MULTIPARTS),
        ("parts", boundaries, BOUNDARY_LINES),
        ("header lines", count.header_lines, HEADER_LINES),
    ] {
        if count > limit {
            return Err(Unsafe { what, count, limit });
        }
    }
    Ok(())
}

#[derive(Default)]
struct Counts {
    messages: usize,
    multiparts: usize,
    boundaries: usize,
    header_lines: usize,
}

impl Counts {
    fn line(&mut self, line: &[u8], in_header: bool) {
        if in_header && !line.starts_with(b" ") && !line.starts_with(b"\t") {
            self.header_lines += 1;
        }
        if line.starts_with(b"--") {
            self.boundaries += 1;
            return;
        }
        // The type may stand on the header's own line or on a folded one, in any case of letters.
        let header = starts_with_ignoring_case(line, b"content-type:");
        let folded = line.first().is_some_and(|b| *b == b' ' || *b == b'\t');
        if header || folded {
            self.messages += usize::from(contains_type(line, b"message/"));
            self.multiparts += usize::from(contains_type(line, b"multipart/"));
        }
    }
}

fn starts_with_ignoring_case(line: &[u8], word: &[u8]) -> bool {
    line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Does the beginning of a line name this type?
fn contains_type(line: &[u8], word: &[u8]) -> bool {
    let beginning = &line[..line.len().min(200)];
    beginning.windows(word.len()).any(|w| w.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_thousand_nested_messages_are_refused() {
        let mail = "Content-Type: message/rfc822\r\n\r\n".repeat(40_000);
        assert!(guard(mail.as_bytes()).unwrap_err().to_string().contains("nested messages"));
    }

    #[test]
    fn a_million_parts_are_refused() {
        let mail = format!("Content-Type: multipart/digest; boundary=a\r\n\r\n{}", "--a\n\n\n".repeat(1_000_000));
        assert!(guard(mail.as_bytes()).unwrap_err().to_string().contains("parts"));
    }

    #[test]
    fn a_folded_content_type_is_counted_too() {
        let mail = "content-TYPE:\r\n Multipart/mixed; boundary=b\r\n\r\n--b\r\n".repeat(300);
        assert!(guard(mail.as_bytes()).is_err());
    }

    #[test]
    fn a_table_of_dashes_in_a_plain_mail_is_no_danger() {
        let mail = format!("Subject: table\r\n\r\n{}", "-----------\r\n| a | b |\r\n".repeat(20_000));
        assert_eq!(guard(mail.as_bytes()), Ok(()));
    }
}
