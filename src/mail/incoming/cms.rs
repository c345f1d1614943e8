//! What an opaquely signed S/MIME mail says: the mail stands within its signature (CMS, RFC 5652).
//!
//! Only the way to the content is read, by lengths that must lie within what holds them; nothing is verified, and nothing
//! else of the structure is looked at.

use mail_parser::{Message, MimeHeaders};

use super::{attachment, protection::is_cms};

/// id-signedData and id-data.
const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
const DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01";

const SEQUENCE: u8 = 0x30;
const OBJECT: u8 = 0x06;
const CONTEXT_0: u8 = 0xa0;
const OCTETS: u8 = 0x04;
const OCTETS_IN_PIECES: u8 = 0x24;

/// The signed mail within this one, if it is such an envelope.
pub(super) fn signed(message: &Message<'_>) -> Option<Vec<u8>> {
    let id = message.parts.iter().position(|part| part.content_type().is_some_and(is_cms))?;
    content(&attachment::bytes(message, id))
}

fn content(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut info = Reader(bytes).enter(SEQUENCE)?;
    if info.next(OBJECT)? != SIGNED_DATA {
        return None;
    }
    let mut data = info.enter(CONTEXT_0)?.enter(SEQUENCE)?;
    data.skip()?; // version
    data.skip()?; // digest algorithms
    let mut content = data.enter(SEQUENCE)?;
    if content.next(OBJECT)? != DATA {
        return None;
    }
    let mut octets = content.enter(CONTEXT_0)?;
    if octets.0.first() == Some(&OCTETS) {
        return octets.next(OCTETS).map(<[u8]>::to_vec);
    }
    // Programs that sign while they send write pieces without a total length.
    let mut pieces = octets.enter(OCTETS_IN_PIECES)?;
    let mut whole = Vec::new();
    while pieces.0.first() == Some(&OCTETS) {
        whole.extend_from_slice(pieces.next(OCTETS)?);
    }
    Some(whole)
}

/// What is left to be read of one level.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Tag, length of the header, and length of the content where it is told.
    fn header(&self) -> Option<(u8, usize, Option<usize>)> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        // Tags of several bytes don't occur here.
        if tag & 0x1f == 0x1f {
            return None;
        }
        match first {
            0x80 => Some((tag, 2, None)),
            0..0x80 => Some((tag, 2, Some(first.into()))),
            _ => {
                let count = usize::from(first & 0x7f);
                let digits = rest.get(..count).filter(|_| count <= 4)?;
                let length = digits.iter().fold(0usize, |length, digit| length << 8 | usize::from(*digit));
                Some((tag, 2 + count, Some(length)))
            }
        }
    }

    /// The content of a primitive value of this tag.
    fn next(&mut self, wanted: u8) -> Option<&'a [u8]> {
        let (tag, header, length) = self.header().filter(|(tag, ..)| *tag == wanted)?;
        debug_assert_eq!(tag, wanted);
        let content = self.0.get(header..header.checked_add(length?)?)?;
        self.0 = &self.0[header + content.len()..];
        Some(content)
    }

    /// The inside of a constructed value; without a length, all that follows. A cut one is read as far as it goes.
    fn enter(&self, wanted: u8) -> Option<Reader<'a>> {
        let (_, header, length) = self.header().filter(|(tag, ..)| *tag == wanted)?;
        let rest = &self.0[header..];
        Some(Reader(&rest[..length.unwrap_or(rest.len()).min(rest.len())]))
    }

    /// Passes a value whose length is told.
    fn skip(&mut self) -> Option<()> {
        let (_, header, length) = self.header()?;
        self.0 = self.0.get(header.checked_add(length?)?..)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::incoming::{Protection, attachments, read};

    /// A value with its length in the two forms.
    fn value(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, 0x82, (content.len() >> 8) as u8, content.len() as u8], content].concat()
    }

    fn open(tag: u8, content: &[u8]) -> Vec<u8> {
        [&[tag, 0x80], content, &[0, 0]].concat()
    }

    fn envelope(mail: &[u8], of: fn(u8, &[u8]) -> Vec<u8>, octets: &[u8]) -> Vec<u8> {
        assert!(!mail.is_empty());
        let content = of(SEQUENCE, &[value(OBJECT, DATA), of(CONTEXT_0, octets)].concat());
        let data = of(SEQUENCE, &[value(2, &[1]), value(0x31, &[]), content].concat());
        of(SEQUENCE, &[value(OBJECT, SIGNED_DATA), of(CONTEXT_0, &data)].concat())
    }

    #[test]
    fn the_mail_within_a_signature_is_read() {
        let inner =
            b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n\
            --b\r\nContent-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment\r\n\r\n1,2\r\n--b--\r\n";
        let pieces = [value(OCTETS, &inner[..50]), value(OCTETS, &inner[50..])].concat();
        for envelope in [
            envelope(inner, value, &value(OCTETS, inner)),
            envelope(inner, open, &value(OCTETS, inner)),
            envelope(inner, open, &open(OCTETS_IN_PIECES, &pieces)),
        ] {
            let encoded = data_encoding::BASE64_MIME.encode(&envelope);
            let raw = format!(
                "From: a@b.example\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\n\
                 Content-Disposition: attachment; filename=smime.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n{encoded}\r\n"
            );
            let mail = read(raw.as_bytes()).unwrap();
            assert_eq!((mail.text.trim(), mail.protection), ("Hello", Protection::Signed));
            assert_eq!(mail.attachments.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["smime.p7m", "a.csv"]);
            assert_eq!(attachments(raw.as_bytes()).unwrap()[1].bytes, b"1,2");
        }
    }

    #[test]
    fn what_is_cut_or_broken_says_nothing_and_harms_nothing() {
        let whole = envelope(b"x", value, &value(OCTETS, b"Subject: x\r\n\r\nHello"));
        for end in 0..whole.len() {
            assert_eq!(content(&whole[..end]).is_some(), end == whole.len());
        }
        for n in 0..whole.len() {
            let mut broken = whole.clone();
            broken[n] = 0xff;
            content(&broken);
        }
        assert!(content(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x06]).is_none());
    }
}
