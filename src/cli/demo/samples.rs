//! The demo's world: its configuration, its policy, and mails as customers' programs write them.

use chrono::{DateTime, FixedOffset, Utc};
use data_encoding::BASE64;

use crate::mail::incoming::Incoming;

pub const CONFIG: &str = r#"# The configuration of the demo: mail comes from one Maildir and goes to another.
data = "casepost.db"
policy = "northlight"
rules = "rules"

[desk]
name = "Northlight Support"
address = "support@northlight.example"
key_file = "casepost.key"

[[mailbox]]
name = "support"
aliases = ["help@northlight.example"]
maildir = "inbox"
authserv_id = "mx.northlight.example"

[smtp]
url = "maildir:sent"

[[staff]]
name = "Frida"
address = "frida@northlight.example"
"#;

pub const POLICY: &str = r#"# The demo's desk: the base policy in its own zone, with a telephone.
extends = "base"
zone = "Europe/London"

[urgent]
en = "telephone +44 20 7946 0123, day and night."
de = "Telefon +44 20 7946 0123, Tag und Nacht."
fr = "téléphone +44 20 7946 0123, jour et nuit."
bg = "телефон +44 20 7946 0123, денонощно."
ja = "電話 +44 20 7946 0123（24時間受付）"
"#;

/// Who writes.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    pub name: &'static str,
    pub email: &'static str,
    /// as they write it in Date
    pub zone: &'static str,
}

pub const ADA: Person = Person { name: "Ada Byron", email: "ada@aurora-books.example", zone: "+0100" };
pub const CHARLES: Person = Person { name: "Charles B.", email: "charles@aurora-books.example", zone: "+0100" };
pub const YAMADA: Person = Person { name: "山田太郎", email: "yamada@sakura-denki.example", zone: "+0900" };
pub const LUCIA: Person = Person { name: "Lucía Verde", email: "lucia@verde.example", zone: "+0100" };
pub const TOM: Person = Person { name: "Tom", email: "tom@wiring-and-sons.example", zone: "+0000" };
pub const BRUNO: Person = Person { name: "Bruno", email: "bruno@bakery.example", zone: "+0100" };
pub const MEI: Person = Person { name: "Mei", email: "mei@teahouse.example", zone: "+0800" };
pub const EVE: Person = Person { name: "Eve", email: "eve@elsewhere.example", zone: "+0000" };

/// A mail to be dropped into the inbox.
#[derive(Debug, Clone)]
pub struct Sample {
    pub bytes: String,
}

pub struct Letter<'a> {
    pub from: Person,
    pub at: DateTime<Utc>,
    pub subject: String,
    pub text: String,
    /// the desk's mail that this one answers
    pub answers: Option<&'a Incoming>,
    /// further header lines
    pub extra: &'a str,
}

/// A plain mail; non-ASCII goes as base64, as many programs do it.
pub fn plain(letter: &Letter<'_>) -> Sample {
    let body = format!(
        "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        base64_lines(&letter.text)
    );
    with_body(letter, &body)
}

pub fn html(letter: &Letter<'_>, html: &str) -> Sample {
    let body = format!(
        "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        base64_lines(html)
    );
    with_body(letter, &body)
}

fn with_body(letter: &Letter<'_>, body: &str) -> Sample {
    let Person { name, email, zone } = letter.from;
    let stamp = letter.at.timestamp();
    let domain = email.rsplit('@').next().unwrap_or_default();
    let id = format!("{stamp}.{}@{domain}", letter.subject.len());
    let threading = letter.answers.map(threading).unwrap_or_default();
    let bytes = format!(
        "Return-Path: <{email}>\r\nFrom: {} <{email}>\r\nTo: support@northlight.example\r\nSubject: {}\r\n\
         Message-ID: <{id}>\r\nDate: {}\r\n{threading}{}MIME-Version: 1.0\r\n{body}",
        word(name),
        word(&letter.subject),
        date(letter.at, zone),
        letter.extra,
    );
    Sample { bytes }
}

fn threading(answered: &Incoming) -> String {
    let id = answered.message_id.clone().unwrap_or_default();
    let references: Vec<String> = answered.references.iter().chain([&id]).map(|r| format!("<{r}>")).collect();
    format!("In-Reply-To: <{id}>\r\nReferences: {}\r\n", references.join("\r\n "))
}

/// The text under a person's answer: the desk's mail, quoted.
pub fn quoting(answered: &Incoming, answer: &str) -> String {
    let quote: Vec<String> = answered.text.lines().take(12).map(|line| format!("> {line}")).collect();
    format!("{answer}\n\nOn Monday Northlight Support wrote:\n{}\n", quote.join("\n"))
}

/// What a mail server sends back for an address that is gone.
pub fn bounce(of: &Incoming, recipient: &str, at: DateTime<Utc>) -> Sample {
    let id = of.message_id.clone().unwrap_or_default();
    let bytes = format!(
        "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.hillside.example>\r\n\
         To: support@northlight.example\r\nSubject: Undelivered Mail Returned to Sender\r\n\
         Message-ID: <{}.bounce@mx.hillside.example>\r\nDate: {}\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b1\"\r\n\r\n\
         --b1\r\nContent-Type: text/plain\r\n\r\nYour mail could not be delivered.\r\n\
         --b1\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.hillside.example\r\n\r\n\
         Final-Recipient: rfc822; {recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
         --b1\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{id}>\r\nSubject: {}\r\n\r\n--b1--\r\n",
        at.timestamp(),
        date(at, "+0000"),
        of.subject,
    );
    Sample { bytes }
}

fn date(at: DateTime<Utc>, zone: &str) -> String {
    match zone.parse::<FixedOffset>() {
        Ok(offset) => at.with_timezone(&offset).to_rfc2822(),
        Err(_) => at.to_rfc2822(),
    }
}

/// RFC 2047, when it has to be.
fn word(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { format!("=?utf-8?B?{}?=", BASE64.encode(text.as_bytes())) }
}

fn base64_lines(text: &str) -> String {
    let encoded = BASE64.encode(text.as_bytes());
    let lines: Vec<&str> =
        encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap_or_default()).collect();
    lines.join("\r\n") + "\r\n"
}
