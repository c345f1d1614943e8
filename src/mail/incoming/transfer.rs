//! Transfer encodings, undone as far as they can be: bodies are cut, pasted together, or not encoded at all.

use std::borrow::Cow;

use memchr::memchr;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transfer {
    Identity,
    Base64,
    QuotedPrintable,
    Unix,
}

impl Transfer {
    /// By its name in a Content-Transfer-Encoding.
    pub fn named(name: &str) -> Self {
        let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        match letters.to_ascii_lowercase().as_str() {
            "base64" | "b64" => Transfer::Base64,
            "quotedprintable" | "qp" => Transfer::QuotedPrintable,
            "xuuencode" | "uuencode" | "xuue" | "uue" => Transfer::Unix,
            _ => Transfer::Identity,
        }
    }

    pub fn decode(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Transfer::Base64 if is_base64(bytes) => Cow::Owned(base64(bytes)),
            Transfer::QuotedPrintable => Cow::Owned(quoted_printable(bytes)),
            Transfer::Unix => unix(bytes).map_or(Cow::Borrowed(bytes), |file| Cow::Owned(file.bytes)),
            Transfer::Base64 | Transfer::Identity => Cow::Borrowed(bytes),
        }
    }

    /// The same for a text, whose encoding shows itself where its name is missing or wrong.
    pub fn decode_text(self, bytes: &[u8]) -> Cow<'_, [u8]> {
        match self {
            Transfer::Identity if looks_quoted_printable(bytes) => Cow::Owned(quoted_printable(bytes)),
            Transfer::Identity if looks_base64(bytes) => Cow::Owned(base64(bytes)),
            _ => self.decode(bytes),
        }
    }
}

fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(value.into())
}

/// Base64 with whatever doesn't belong there left out. Padding ends a group; what follows begins a new one, as it does
/// where several encoded pieces were joined.
pub fn base64(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len() / 4 * 3 + 3);
    let (mut group, mut count) = (0u32, 0u32);
    let mut bytes = bytes.iter();
    while let Some(byte) = bytes.next() {
        if let Some(value) = sextet(*byte) {
            group = group << 6 | value;
            count += 1;
            if count == 4 {
                out.extend_from_slice(&group.to_be_bytes()[1..]);
                (group, count) = (0, 0);
            }
        } else if *byte == b'=' {
            rest(&mut out, group, count);
            (group, count) = (0, 0);
            let mut after = bytes.as_slice();
            while let [b'=', more @ ..] = after {
                after = more;
            }
            // What somebody wrote behind the end.
            if after.first() == Some(&b' ') {
                after = memchr(b'\n', after).map_or(&[], |end| &after[end..]);
            }
            bytes = after.iter();
        }
    }
    rest(&mut out, group, count);
    out
}

fn rest(out: &mut Vec<u8>, group: u32, count: u32) {
    match count {
        2 => out.push((group >> 4) as u8),
        3 => out.extend_from_slice(&((group >> 2) as u16).to_be_bytes()),
        _ => {}
    }
}

/// Some programs say base64 and send the text as it is: it has words.
fn is_base64(bytes: &[u8]) -> bool {
    let sample = &bytes[..bytes.len().min(4096)];
    let strange = sample.iter().filter(|b| sextet(**b).is_none() && **b != b'=' && !b.is_ascii_whitespace()).count();
    let blanks = sample.trim_ascii().windows(3).filter(|w| w[1] == b' ' && w[0] > b' ' && w[2] > b' ').count();
    (strange + blanks) * 20 <= sample.len()
}

/// Is this a text in base64 though nobody said so? Only whole lines of the usual lengths are believed.
fn looks_base64(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii();
    let mut lines = text.split(|b| *b == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let Some(first) = lines.next().filter(|first| matches!(first.len(), 60 | 64 | 72 | 76)) else { return false };
    let mut lines = lines.peekable();
    if lines.peek().is_none() || sextet(first[0]).is_none() {
        return false;
    }
    let is_whole = std::iter::once(first).chain(lines).all(|line| {
        line.len() <= first.len()
            && line.iter().all(|b| sextet(*b).is_some() && !matches!(b, b'-' | b'_') || *b == b'=')
    });
    is_whole
        && std::str::from_utf8(&base64(text)).is_ok_and(|t| !t.contains(|c: char| c.is_control() && !c.is_whitespace()))
}

/// Is this quoted-printable though nobody said so? Lines end in `=`, and no `=` stands for itself.
fn looks_quoted_printable(bytes: &[u8]) -> bool {
    let (mut soft, mut encoded) = (0, 0);
    let mut rest = bytes;
    while let Some(at) = memchr(b'=', rest) {
        rest = &rest[at + 1..];
        match rest {
            [b'\r', b'\n', ..] | [b'\n', ..] => soft += 1,
            [a, b, ..] if is_upper_hex(*a) && is_upper_hex(*b) => encoded += 1,
            _ => return false,
        }
    }
    soft >= 2 && encoded >= 1 || encoded >= 5 && soft >= 1
}

fn is_upper_hex(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'F')
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// Quoted-printable; what is no code stays as it is.
pub fn quoted_printable(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr(b'=', rest) {
        out.extend_from_slice(&rest[..at]);
        rest = &rest[at + 1..];
        if let [a, b, ..] = rest
            && let (Some(a), Some(b)) = (hex(*a), hex(*b))
        {
            out.push(a << 4 | b);
            rest = &rest[2..];
            continue;
        }
        // A line that goes on; servers add blanks behind its "=".
        let blanks = rest.iter().take_while(|b| matches!(b, b' ' | b'\t' | b'\r')).count();
        if rest.get(blanks) == Some(&b'\n') {
            rest = &rest[blanks + 1..];
        } else if blanks < rest.len() {
            out.push(b'=');
        } else {
            rest = &[];
        }
    }
    out.extend_from_slice(rest);
    out
}

/// A file within a text, as `uuencode` writes it.
pub struct UnixFile {
    pub name: String,
    pub bytes: Vec<u8>,
    /// how many bytes of the text it takes
    pub length: usize,
}

/// The file that begins with the first line of `text`: `begin 644 name`, lines, `end`.
pub fn unix(text: &[u8]) -> Option<UnixFile> {
    let mut lines = text.split_inclusive(|b| *b == b'\n');
    let first = lines.next()?;
    let line = std::str::from_utf8(first).ok()?.trim_end();
    let (mode, name) = line.strip_prefix("begin ")?.split_once(' ')?;
    if !matches!(mode.len(), 3 | 4) || !mode.bytes().all(|b| matches!(b, b'0'..=b'7')) || name.is_empty() {
        return None;
    }
    let mut bytes = Vec::new();
    let mut length = first.len();
    for line in lines {
        length += line.len();
        let line = line.trim_ascii_end();
        if line == b"end" {
            return Some(UnixFile { name: name.to_owned(), bytes, length });
        }
        let Some((count, codes)) = line.split_first() else { continue };
        let count = usize::from(count.wrapping_sub(b' ') & 63);
        // Blanks at the end of a line are zeros, and are often lost.
        if codes.iter().any(|b| !(b' '..=b'`').contains(b)) || codes.len() > count.div_ceil(3) * 4 + 3 {
            return None;
        }
        let code = |n: usize| u32::from(codes.get(n).unwrap_or(&b' ').wrapping_sub(b' ') & 63);
        let groups = (0..count.div_ceil(3)).flat_map(|group| {
            let value = (0..4).fold(0, |value, n| value << 6 | code(group * 4 + n));
            let [_, a, b, c] = value.to_be_bytes();
            [a, b, c]
        });
        bytes.extend(groups.take(count));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(name: &str, text: &str) -> String {
        String::from_utf8_lossy(&Transfer::named(name).decode_text(text.as_bytes())).into_owned()
    }

    #[test]
    fn damaged_base64_gives_what_is_left() {
        assert_eq!(decoded("Base64", "SGVs\r\nbG8gd29ybGQ=\r\n"), "Hello world");
        assert_eq!(decoded("base64", "SGVsbG8=IHdvcmxk"), "Hello world");
        assert_eq!(decoded("base64", "SGVsbG8gd29ybGQgYW5kIGFsbA== ignored\r\n"), "Hello world and all");
        assert_eq!(decoded("base64 ", "SGVsbG8gd29ybG"), "Hello worl");
        assert_eq!(decoded("\"base64\"", "SGVs*bG8gd29ybGQgYW5kIGFsbA=="), "Hello world and all");
    }

    #[test]
    fn text_that_is_only_called_base64_stays() {
        let text = "Hello, the line is down since nine.\r\nPlease check it.\r\n";
        assert_eq!(decoded("base64", text), text);
    }

    #[test]
    fn damaged_quoted_printable_gives_what_is_left() {
        assert_eq!(decoded("quoted-printable", "Gr=C3=bc=\r\n=C3=9Fe=  \r\n x=zz 1=1 ="), "Grüße x=zz 1=1 ");
        assert_eq!(decoded("Quoted_Printable", "a=3Db"), "a=b");
    }

    #[test]
    fn an_encoding_that_nobody_names_shows_itself() {
        assert_eq!(decoded("7bit", "Gr=C3=BC=C3=9Fe =\r\nan =\r\nalle"), "Grüße an alle");
        let line =
            "VGhlIGxpbmUgaXMgZG93biBzaW5jZSBuaW5lIG8nY2xvY2sgdGhpcyBtb3JuaW5nLCBhbmQgbm9i\r\nb2R5IGtub3dzIHdoeS4=\r\n";
        assert_eq!(decoded("", line), "The line is down since nine o'clock this morning, and nobody knows why.");
        for text in ["a=b\r\nc=\r\nd=\r\n1=AB", "x = 1\r\n", "AAAA\r\n"] {
            assert_eq!(decoded("", text), text);
        }
    }

    #[test]
    fn a_file_of_uuencode_is_found() {
        let file = unix(b"begin 644 cat.txt\n#0V%T\n`\nend\nbye\n").unwrap();
        assert_eq!((file.name.as_str(), &file.bytes[..], file.length), ("cat.txt", &b"Cat"[..], 30));
        assert!(unix(b"begin 644 words\nof a sentence, you know\nend\n").is_none());
        assert!(unix(b"begin of the end\n").is_none());
    }
}
