//! What the fuzzers try: each takes any bytes, and panics when something does not hold that always must. The same
//! functions run in the usual tests on what is known.

use std::sync::LazyLock;

use casepost::{
    daemon::{
        office::Office,
        reading::{Bytes, read},
    },
    desk::cues::WrittenMail,
    mail::{
        authres,
        incoming::{self, Incoming},
        quote,
    },
};
use chrono::{DateTime, Utc};

pub const ALL: [fn(&[u8]); 5] = [reader, quotes, bounces, results, cues];

/// Inputs with which a fuzzer once found something wrong.
pub const FOUND: &[&[u8]] = &[
    // Control characters went into a field's value.
    b"\n\nDate: \x01\0\0(th 9, March 2030\nTime: 8 : 15am\n",
    // Control characters went into a recipient's address.
    b"\n\nYour message could not be delivered to:\n<gone\x17\x17away@hill.test>: 550 5.1.1 user unknown\n\
        \nFinal-Recipient: rfc822; gone\x17away@hill.test\nAction: failed\nStatus: 5.1.1\n",
    // A name of an attribute that does not begin with ASCII.
    "\0<a\u{2039}/\u{fc}<blockquote type=cite>".as_bytes(),
];

static OFFICE: LazyLock<Office> = LazyLock::new(|| Office::to_try().expect("the built-in policy and templates"));

/// A whole mail, as it comes from a server.
pub fn reader(raw: &[u8]) {
    let bytes = Bytes { raw, size_bytes: raw.len() as u64, truncated: false, received_at: DateTime::<Utc>::UNIX_EPOCH };
    let Ok(mail) = read(&OFFICE, bytes, Some("mx")) else { return };
    assert!(!mail.incoming.subject.contains(['\n', '\r', '\0']));
    for file in &mail.incoming.attachments {
        assert!(!file.name.is_empty() && !file.name.starts_with('.') && !file.name.contains(['/', '\\', '\0', '\n']));
    }
    assert!(mail.excerpt.chars().count() <= 802, "an excerpt is short");
}

/// A text with quotations; after the first NUL its HTML.
pub fn quotes(bytes: &[u8]) {
    let whole = String::from_utf8_lossy(bytes);
    let (text, html) = whole.split_once('\0').map_or((whole.as_ref(), None), |(text, html)| (text, Some(html)));
    let said = quote::said(text, html);
    let most = text.len() + html.map_or(0, |html| 8 * html.len());
    assert!(said.reply.len() <= most + 1, "{} of {most}", said.reply.len());
    assert!(!text.trim().is_empty() || html.is_some() || said.reply.is_empty(), "nothing is made up");
}

/// A mail of a mail system.
pub fn bounces(body: &[u8]) {
    let head = b"From: MAILER-DAEMON@mx.test\r\nReturn-Path: <>\r\nSubject: failure notice\r\n";
    for rest in [&b"\r\n"[..], b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"] {
        let Ok(mail) = incoming::read(&[head, rest, body].concat()) else { continue };
        for recipient in mail.report.iter().flat_map(|report| &report.recipients) {
            assert!(!recipient.address.contains(char::is_control), "{:?}", recipient.address);
            assert!(recipient.diagnostic.len() < 10_000);
        }
    }
}

/// A header of Authentication-Results. Whatever stands in the server's own, a failure that it states is seen.
pub fn results(value: &[u8]) {
    let value = String::from_utf8_lossy(value).replace(['\r', '\n'], " ");
    let of =
        |value: String| Incoming { headers: vec![("authentication-results".to_owned(), value)], ..Incoming::default() };
    // May be forged or not: it must end.
    let _ = authres::is_forged(&of(value.clone()), Some("topmost"));
    let other = authres::is_forged(&of(format!("other; {value}")), Some("mx"));
    assert_eq!(other, None, "another server's word does not count");
}

/// A subject in the first line, and what somebody wrote now.
pub fn cues(bytes: &[u8]) {
    let whole = String::from_utf8_lossy(bytes);
    let (subject, reply) = whole.split_once('\n').unwrap_or(("", &whole));
    let written_at = DateTime::<Utc>::UNIX_EPOCH.fixed_offset();
    let mail = WrittenMail { subject: Some(subject), reply, signature: None, text: reply, written_at };
    let asked = OFFICE.desk.policy.cues.read(&mail);
    for found in asked.fields.iter() {
        assert!(!found.value.trim().is_empty() && found.value.chars().count() <= 500, "{found:?}");
        assert!(!found.value.contains(['\r', '\0']), "{found:?}");
    }
}
