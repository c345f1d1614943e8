//! By what a mail is known again: its identity (Message-ID, From, Date) and its content without the traces that each
//! way leaves on it. The same content is the same mail; the same identity with other content is a variant of it
//! (a list's footer, a scanner's warning).

use chrono::{DateTime, Utc};
use memchr::memchr;
use sha2::{Digest, Sha256};

use super::incoming::Incoming;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    /// none without a Message-ID or a date
    pub identity: Option<[u8; 32]>,
    pub content: [u8; 32],
}

/// Without a Message-ID the received time (whole seconds) goes into the content, so that a scanner's daily mail, the
/// same to the byte, is not taken for a copy of yesterday's.
pub fn fingerprint(raw: &[u8], mail: Option<&Incoming>, received_at: DateTime<Utc>) -> Fingerprint {
    let id = mail.and_then(|m| m.message_id.as_deref());
    Fingerprint {
        identity: mail.zip(id).and_then(|(mail, id)| identity(mail, id)),
        content: content(raw, id.is_none().then_some(received_at)),
    }
}

/// None without a date: some machines give all of their mails one Message-ID, and no date at all.
fn identity(mail: &Incoming, id: &str) -> Option<[u8; 32]> {
    let mut hash = Sha256::new();
    let from = mail.from.as_ref().map_or("", |f| f.email.as_str());
    // As it is written: a date that can't be understood tells two mails apart all the same.
    let date = mail.header("date").next()?;
    for part in [id, from, date] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    Some(hash.finalize().into())
}

fn content(raw: &[u8], received_at: Option<DateTime<Utc>>) -> [u8; 32] {
    let mut hash = Sha256::new();
    if let Some(at) = received_at {
        hash.update(at.timestamp().to_be_bytes());
    }
    let (header, body) = halves(raw);
    let mut skipping = false;
    for line in lines(header) {
        let folded = line.first().is_some_and(|b| *b == b' ' || *b == b'\t');
        if !folded {
            skipping = is_trace(line);
        }
        if !skipping {
            hash.update(line);
            hash.update(b"\n");
        }
    }
    hash.update(b"\n");
    let body = body.trim_ascii_end();
    for line in lines(body) {
        hash.update(line);
        hash.update(b"\n");
    }
    hash.finalize().into()
}

/// Header and body, at the first empty line.
fn halves(raw: &[u8]) -> (&[u8], &[u8]) {
    let mut start = 0;
    while let Some(length) = memchr(b'\n', &raw[start..]) {
        let line = &raw[start..start + length];
        if line.is_empty() || line == b"\r" {
            return (&raw[..start], &raw[start + length + 1..]);
        }
        start += length + 1;
    }
    (raw, &[])
}

fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let (line, after) = match memchr(b'\n', text) {
            Some(length) => (&text[..length], Some(&text[length + 1..])),
            None => (text, None),
        };
        rest = after;
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    })
}

/// Headers that the way adds.
fn is_trace(line: &[u8]) -> bool {
    let name = line.split(|b| *b == b':').next().unwrap_or_default().to_ascii_lowercase();
    let known: [&[u8]; 10] = [
        b"return-path",
        b"received",
        b"received-spf",
        b"delivered-to",
        b"envelope-to",
        b"delivery-date",
        b"authentication-results",
        b"dkim-signature",
        b"domainkey-signature",
        b"status",
    ];
    known.contains(&name.trim_ascii_end()) || name.starts_with(b"x-") || name.starts_with(b"arc-")
}

#[cfg(test)]
mod tests {
    use super::super::incoming;
    use super::*;

    fn of(raw: &str, received_at: i64) -> Fingerprint {
        let mail = incoming::read(raw.as_bytes()).unwrap();
        fingerprint(raw.as_bytes(), Some(&mail), DateTime::from_timestamp(received_at, 0).unwrap())
    }

    const MAIL: &str =
        "From: a@b.example\r\nMessage-ID: <1@b.example>\r\nDate: Tue, 3 Nov 2026 10:00:00 +0000\r\n\r\nHello\r\n";

    #[test]
    fn another_way_leaves_the_content_the_same() {
        let way =
            format!("Return-Path: <a@b.example>\r\nReceived: from x\r\n\tby y; date\r\nX-Scanned: yes\r\n{MAIL}\r\n");
        assert_eq!(of(MAIL, 1), of(&way, 2));
        assert_eq!(of(MAIL, 1), of(&MAIL.replace("\r\n", "\n"), 1));
    }

    #[test]
    fn a_footer_makes_a_variant_and_another_date_another_mail() {
        let footer = of(&format!("{MAIL}-- \r\nscanned\r\n"), 1);
        assert_eq!(footer.identity, of(MAIL, 1).identity);
        assert_ne!(footer.content, of(MAIL, 1).content);
        assert_ne!(of(&MAIL.replace("10:00", "11:00"), 1).identity, of(MAIL, 1).identity);
    }

    #[test]
    fn a_mail_without_an_id_is_a_copy_only_when_it_came_in_the_same_second() {
        let scan = "From: scanner@b.example\r\nSubject: scan\r\n\r\nsee attachment\r\n";
        assert_eq!(of(scan, 1), of(scan, 1));
        assert_ne!(of(scan, 1), of(scan, 86_401));
        assert_eq!(of(scan, 1).identity, None);
    }
}
