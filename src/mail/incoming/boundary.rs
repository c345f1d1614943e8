//! A multipart whose header names no boundary, or one that never comes: its lines show which it is.

use mail_parser::{HeaderName, Message, MimeHeaders, PartType};

use super::header::raw_value;

/// The first part begins within so much.
const PREAMBLE_BYTES: usize = 64 << 10;
/// RFC 2046 §5.1.1 allows 70 characters.
const BOUNDARY_BYTES: usize = 200;

/// The mail with the boundary that it has, if that is another than it says.
pub(super) fn mended(message: &Message<'_>) -> Option<Vec<u8>> {
    let root = message.root_part();
    let content_type = root.content_type()?;
    if !content_type.ctype().eq_ignore_ascii_case("multipart") || matches!(root.body, PartType::Multipart(_)) {
        return None;
    }
    let raw = message.raw_message.as_ref();
    let boundary = first_boundary(raw.get(root.offset_body as usize..)?)?;
    let value = raw_value(message, 0, HeaderName::ContentType)?;
    let at = value.as_ptr() as usize - raw.as_ptr() as usize;
    let subtype = content_type.subtype().unwrap_or("mixed");
    let mended = format!(" multipart/{subtype}; boundary=\"{boundary}\"\r\n");
    Some([&raw[..at], mended.as_bytes(), &raw[at + value.len()..]].concat())
}

/// A line that begins with `--`, before a line that begins a part's header.
fn first_boundary(body: &[u8]) -> Option<&str> {
    let mut lines = body[..body.len().min(PREAMBLE_BYTES)].split(|b| *b == b'\n').peekable();
    while let Some(line) = lines.next() {
        let Some(name) = line.strip_prefix(b"--").map(<[u8]>::trim_ascii_end) else { continue };
        let begins_header =
            lines.peek().is_some_and(|next| next.get(..8).is_some_and(|begin| begin.eq_ignore_ascii_case(b"content-")));
        let is_usable =
            !name.is_empty() && name.len() <= BOUNDARY_BYTES && !name.contains(&b'"') && !name.contains(&b'\\');
        if begins_header && is_usable {
            return std::str::from_utf8(name).ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::read;

    #[test]
    fn parts_are_found_though_their_boundary_is_not_named() {
        for header in ["multipart/mixed", "multipart/alternative; boundary=other", "multipart/mixed; boundary=\"\""] {
            let raw = format!(
                "From: a@b.example\r\nContent-Type: {header}\r\nSubject: x\r\n\r\npreamble\r\n--=_x\r\nContent-Type: text/plain\r\n\r\n\
                 Hello\r\n--=_x\r\nContent-Type: image/png; name=a.png\r\n\r\nx\r\n--=_x--\r\n"
            );
            let mail = read(raw.as_bytes()).unwrap();
            assert_eq!(
                (mail.text.trim(), mail.subject.as_str(), mail.attachments.len()),
                ("Hello", "x", 1),
                "{header}"
            );
        }
    }

    #[test]
    fn a_multipart_without_parts_is_its_text() {
        let mail = read(b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\nHello\r\n").unwrap();
        assert_eq!((mail.text.trim(), mail.attachments.len()), ("Hello", 0));
    }
}
