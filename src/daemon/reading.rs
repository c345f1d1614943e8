//! Reading a fetched mail: everything that needs no database, done on threads of their own before the writer's turn.

use chrono::{DateTime, Utc};

use super::office::Office;
use crate::{
    mail::{
        address::Address,
        authres,
        fingerprint::{Fingerprint, fingerprint},
        incoming::{self, Incoming},
        quote::{self, Said},
        sort::{Sorted, Surroundings, sort},
        thread::{self, Cite},
    },
    store::mails::pack,
};

/// A mail of which everything is known but its case.
#[derive(Debug)]
pub struct ReadMail {
    pub received_at: DateTime<Utc>,
    pub size_bytes: u64,
    /// larger than the desk accepts: these are only its header and the beginning of its text
    pub truncated: bool,
    pub incoming: Incoming,
    pub sorted: Sorted,
    pub fingerprint: Fingerprint,
    /// by which its case could be known
    pub cites: Vec<Cite>,
    /// the first lines of what the writer wrote now, for staff's eyes
    pub excerpt: String,
    pub only_thanks: bool,
    pub confirms: bool,
    /// what the writer wrote now, and the signature below it
    pub said: Said,
    /// the desk's own mail server found that the sender's domain stands behind the mail
    pub authenticated: bool,
    pub raw_zstd: Vec<u8>,
}

/// The bytes of a mail as a source gave them.
#[derive(Debug, Clone, Copy)]
pub struct Bytes<'a> {
    pub raw: &'a [u8],
    pub size_bytes: u64,
    pub truncated: bool,
    pub received_at: DateTime<Utc>,
}

/// Reads a mail; an error says why it has to go to quarantine.
pub fn read(office: &Office, bytes: Bytes<'_>, authserv_id: Option<&str>) -> Result<ReadMail, String> {
    let incoming = incoming::read(bytes.raw).map_err(|e| e.to_string())?;
    // Whoever gives a mail a new Message-ID keeps the old one in a header of his own.
    let kept = [
        "x-google-original-message-id",
        "x-original-message-id",
        "original-message-id",
        "x-microsoft-original-message-id",
    ];
    let ids = incoming.message_id.as_deref().into_iter().chain(kept.into_iter().flat_map(|name| incoming.header(name)));
    let signed_by_us = ids.take(4).any(|id| {
        office.keyring.verify(id).is_some_and(|s| s.serial.is_some()) || office.keyring.verify_note(id).is_some()
    });
    let around = Surroundings { own_addresses: &office.desk.own_addresses, authserv_id, signed_by_us };
    let said = incoming.said();
    let sorted = sort(&incoming, &said.reply, &around);
    Ok(ReadMail {
        received_at: bytes.received_at,
        size_bytes: bytes.size_bytes,
        truncated: bytes.truncated,
        sorted,
        fingerprint: fingerprint(bytes.raw, Some(&incoming), bytes.received_at),
        only_thanks: quote::only_thanks(&said.reply),
        confirms: quote::confirms_resolution(&said.reply),
        raw_zstd: pack(bytes.raw).map_err(|e| e.to_string())?,
        cites: thread::cites(&incoming, &said.reply, &office.keyring),
        excerpt: excerpt(&said.reply),
        authenticated: authres::is_authenticated(&incoming, authserv_id),
        incoming,
        said,
    })
}

impl ReadMail {
    /// Who wrote it: From, else Sender, else the return path; an empty address when nothing says.
    pub fn writer(&self) -> Address {
        let mail = &self.incoming;
        mail.from
            .clone()
            .or_else(|| mail.sender.clone())
            .or_else(|| mail.return_path.as_deref().map(Address::bare))
            .unwrap_or_else(|| Address::bare(""))
    }

    /// The writer's clock east of UTC. Some mail programs write every Date in UTC: then nothing is known.
    pub fn utc_offset_seconds(&self) -> Option<i32> {
        self.incoming.date.map(|d| d.offset().local_minus_utc()).filter(|offset| *offset != 0)
    }
}

fn excerpt(unquoted: &str) -> String {
    const LINES: usize = 12;
    const CHARACTERS: usize = 800;
    let mut lines: Vec<&str> = Vec::new();
    for line in unquoted.trim_end().lines().map(str::trim_end) {
        // Paragraphs stay apart, by one line whatever stood between them.
        if !line.is_empty() || lines.last().is_some_and(|before| !before.is_empty()) {
            lines.push(line);
        }
        if lines.len() > LINES {
            break;
        }
    }
    let shown = lines[..lines.len().min(LINES)].join("\n");
    let mut excerpt: String = shown.trim_end().chars().take(CHARACTERS).collect();
    if lines.len() > LINES || shown.chars().nth(CHARACTERS).is_some() {
        excerpt.push_str("\n…");
    }
    excerpt
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn an_excerpt_keeps_paragraphs_apart_and_is_bounded() {
        assert_eq!(excerpt("Hello,\nit does not print.\n \n\n\nAda\n"), "Hello,\nit does not print.\n\nAda");
        let numbered = |n: usize| (1..=n).map(|n| n.to_string()).collect::<Vec<_>>();
        assert_eq!(excerpt(&numbered(12).join("\n")), numbered(12).join("\n"));
        assert_eq!(excerpt(&numbered(13).join("\n")), numbered(12).join("\n") + "\n…");
        assert_eq!(excerpt(&numbered(7).join("\n\n")), numbered(6).join("\n\n") + "\n…");
        assert_eq!(excerpt(&"x".repeat(801)), "x".repeat(800) + "\n…");
    }
}
