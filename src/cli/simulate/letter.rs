//! Mails as customers, their programs and other people's robots write them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use data_encoding::BASE64;

use super::incoming_mail::{Kept, MailFile, MailKind, SenderIs};
use crate::{
    daemon::simulate::AUTHSERV_ID,
    mail::{
        address::Address,
        calendar::Said,
        incoming::{self, Incoming},
    },
};

/// What is needed beside the step's own words.
pub struct Circumstances<'a> {
    pub from: Address,
    pub desk: &'a Address,
    pub written_at: DateTime<Utc>,
    pub zone: Tz,
    /// the how many-th mail of the story it is
    pub number: u32,
    /// the desk's mail that it answers or is about
    pub answered: Option<&'a Answered>,
}

/// A mail of the desk, as the one who got it has it.
pub struct Answered {
    pub mail: Incoming,
    pub bytes: Vec<u8>,
    pub recipient: String,
}

/// The bytes of a mail.
pub fn write(mail: &MailFile, around: &Circumstances<'_>) -> Vec<u8> {
    if let (MailKind::Own, Some(answered)) = (mail.kind, around.answered) {
        return answered.bytes.clone();
    }
    let mut headers = Headers::default();
    envelope(&mut headers, mail, around);
    marks(&mut headers, mail, around);
    for (name, value) in &mail.headers {
        headers.set(name, value.clone());
    }
    let (content, body) = body(mail, around);
    headers.set("MIME-Version", "1.0".to_owned());
    for (name, value) in content {
        headers.set(name, value);
    }
    format!("{}\r\n{body}", headers.text()).into_bytes()
}

/// In the order in which they were set; setting one anew replaces it, setting it to nothing takes it away.
#[derive(Default)]
struct Headers(Vec<(String, String)>);

impl Headers {
    fn set(&mut self, name: &str, value: String) {
        self.0.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        if !value.is_empty() {
            self.0.push((name.to_owned(), value));
        }
    }

    fn text(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
    }
}

fn envelope(headers: &mut Headers, mail: &MailFile, around: &Circumstances<'_>) {
    let from = &around.from;
    let robot = matches!(mail.kind, MailKind::OutOfOffice | MailKind::Bounce | MailKind::Delay | MailKind::Delivered);
    headers.set("Return-Path", if robot { "<>".to_owned() } else { format!("<{}>", from.email) });
    match mail.sender {
        SenderIs::Genuine if mail.kind != MailKind::Bounce => {
            headers.set("Authentication-Results", format!("{AUTHSERV_ID}; dmarc=pass header.from={}", from.domain()))
        }
        SenderIs::Forged => headers.set(
            "Authentication-Results",
            format!("{AUTHSERV_ID}; dmarc=fail (p=reject) header.from={}", from.domain()),
        ),
        _ => {}
    }
    headers.set("From", written(from));
    let to = if mail.to.is_empty() { around.desk.email.clone() } else { mail.to.0.join(", ") };
    headers.set("To", to);
    headers.set("Cc", mail.cc.0.join(", "));
    headers.set("Subject", encoded(&subject(mail, around)));
    headers.set("Message-ID", format!("<{}.{}@{}>", around.number, around.written_at.timestamp(), from.domain()));
    headers.set("Date", around.written_at.with_timezone(&around.zone).to_rfc2822());
    if let Some(answered) = around.answered.filter(|_| keeps(mail, Kept::Headers)) {
        let id = answered.mail.message_id.clone().unwrap_or_default();
        let references: Vec<String> =
            answered.mail.references.iter().filter(|r| **r != id).chain([&id]).map(|r| format!("<{r}>")).collect();
        headers.set("In-Reply-To", format!("<{id}>"));
        headers.set("References", references.join("\r\n "));
    }
}

fn keeps(mail: &MailFile, what: Kept) -> bool {
    mail.keeps.as_ref().is_none_or(|kept| kept.contains(&what))
}

fn subject(mail: &MailFile, around: &Circumstances<'_>) -> String {
    if let Some(subject) = &mail.subject {
        return subject.clone();
    }
    let answered = around.answered.map(|a| a.mail.subject.as_str()).filter(|_| keeps(mail, Kept::Subject));
    match (mail.kind, answered) {
        (MailKind::Bounce, _) => "Undelivered Mail Returned to Sender".to_owned(),
        (MailKind::Delay, _) => "Delayed Mail (still being retried)".to_owned(),
        (MailKind::Delivered, _) => "Successful Mail Delivery Report".to_owned(),
        (MailKind::OutOfOffice, Some(subject)) => format!("Automatic reply: {subject}"),
        (MailKind::OutOfOffice, None) => "Automatic reply".to_owned(),
        (MailKind::Receipt, Some(subject)) => format!("Read: {subject}"),
        (MailKind::CalendarReply, Some(subject)) => match mail.answers {
            Some(Said::Declined) => format!("Declined: {subject}"),
            Some(Said::Tentative) => format!("Tentative: {subject}"),
            Some(Said::Countered) => format!("New Time Proposed: {subject}"),
            Some(Said::Accepted) | None => format!("Accepted: {subject}"),
        },
        (_, Some(subject)) if subject.to_lowercase().starts_with("re:") => subject.to_owned(),
        (_, Some(subject)) => format!("Re: {subject}"),
        (_, None) => String::new(),
    }
}

/// The header lines by which robots are known.
fn marks(headers: &mut Headers, mail: &MailFile, around: &Circumstances<'_>) {
    match mail.kind {
        MailKind::Person | MailKind::Own | MailKind::CalendarReply => {}
        MailKind::OutOfOffice | MailKind::Bounce | MailKind::Delay | MailKind::Delivered => {
            headers.set("Auto-Submitted", "auto-replied".to_owned());
        }
        MailKind::Generated => headers.set("Auto-Submitted", "auto-generated".to_owned()),
        MailKind::Receipt | MailKind::Complaint => {}
        MailKind::List => {
            let list = mail.list.as_deref().unwrap_or(&around.from.email);
            headers.set("List-Id", format!("<{}>", list.replace('@', ".")));
            headers.set("List-Post", format!("<mailto:{list}>"));
            headers.set("Precedence", "list".to_owned());
        }
        MailKind::Spam => headers.set("X-Spam-Flag", "YES".to_owned()),
    }
}

type Content = BTreeMap<&'static str, String>;

fn body(mail: &MailFile, around: &Circumstances<'_>) -> (Content, String) {
    let text = text(mail, around);
    let report = |kind: &str, first: &str, second: String| {
        let content = format!("multipart/report; report-type={kind}; boundary=\"report\"");
        let text = if text.is_empty() { first } else { &text };
        let body = format!("{}{second}--report--\r\n", part("text/plain; charset=utf-8", text));
        (Content::from([("Content-Type", content)]), body)
    };
    match (mail.kind, around.answered) {
        (MailKind::Bounce, Some(about)) => {
            report("delivery-status", "Your mail could not be delivered.", status(mail, about, "failed", "5.1.1"))
        }
        (MailKind::Delay, Some(about)) => {
            report("delivery-status", "Your mail is still being tried.", status(mail, about, "delayed", "4.4.1"))
        }
        (MailKind::Delivered, Some(about)) => {
            report("delivery-status", "Your mail was delivered.", status(mail, about, "delivered", "2.0.0"))
        }
        (MailKind::Receipt, Some(about)) => {
            let id = about.mail.message_id.clone().unwrap_or_default();
            let notification = format!(
                "Final-Recipient: rfc822; {}\r\nOriginal-Message-ID: <{id}>\r\n\
                 Disposition: manual-action/MDN-sent-manually; displayed",
                about.recipient
            );
            report(
                "disposition-notification",
                "Your mail was displayed.",
                plain_part("message/disposition-notification", &notification),
            )
        }
        (MailKind::Complaint, Some(about)) => {
            let feedback = format!(
                "Feedback-Type: abuse\r\nUser-Agent: Reports/1\r\nVersion: 1\r\nOriginal-Rcpt-To: {}",
                about.recipient
            );
            let second = plain_part("message/feedback-report", &feedback) + &enclosed(about);
            report("feedback-report", "A reader has marked this mail as spam.", second)
        }
        (MailKind::CalendarReply, _) => {
            let (method, calendar) = calendar_answer(mail, &text, around);
            let content = format!("text/calendar; method={method}; charset=utf-8");
            (Content::from([("Content-Type", content)]), calendar)
        }
        _ => match &mail.html {
            Some(html) => {
                let content = "multipart/alternative; boundary=\"report\"".to_owned();
                let parts = part("text/plain; charset=utf-8", &text) + &part("text/html; charset=utf-8", html);
                (Content::from([("Content-Type", content)]), parts + "--report--\r\n")
            }
            None => {
                let content = [
                    ("Content-Type", "text/plain; charset=utf-8".to_owned()),
                    ("Content-Transfer-Encoding", "base64".to_owned()),
                ];
                (Content::from(content), base64_lines(&text))
            }
        },
    }
}

/// What a calendar program sends back, with what it was told of the event; and the method.
fn calendar_answer(mail: &MailFile, comment: &str, around: &Circumstances<'_>) -> (&'static str, String) {
    let told = around.answered.and_then(|about| incoming::calendar(&about.bytes)).unwrap_or_default();
    let event = told.lines().skip_while(|line| *line != "BEGIN:VEVENT").take_while(|line| *line != "END:VEVENT");
    let is_kept = |line: &&str| ["UID:", "SEQUENCE:", "DTSTART:"].iter().any(|name| line.starts_with(name));
    let mut kept: Vec<&str> = event.filter(is_kept).collect();
    if kept.is_empty() {
        kept = vec!["UID:1@calendar", "DTSTART:20260102T000000Z"];
    }
    let (method, said) = match mail.answers.unwrap_or(Said::Accepted) {
        Said::Countered => ("COUNTER", Said::Tentative),
        said => ("REPLY", said),
    };
    let calendar = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Calendar//EN\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\n{}\r\n\
         DTSTAMP:20260101T000000Z\r\nATTENDEE;PARTSTAT={}:mailto:{}\r\nCOMMENT:{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        kept.join("\r\n"),
        said.as_str().to_uppercase(),
        around.from.email,
        comment.replace('\n', "\\n"),
    );
    (method, calendar)
}

fn status(mail: &MailFile, about: &Answered, action: &str, code: &str) -> String {
    let recipient = mail.recipient.as_deref().unwrap_or(&about.recipient);
    let status = format!(
        "Reporting-MTA: dns; mx.elsewhere.example\r\n\r\nFinal-Recipient: rfc822; {recipient}\r\nAction: {action}\r\n\
         Status: {code}"
    );
    plain_part("message/delivery-status", &status) + &enclosed(about)
}

/// The header of the mail that a report is about.
fn enclosed(about: &Answered) -> String {
    let id = about.mail.message_id.clone().unwrap_or_default();
    plain_part("text/rfc822-headers", &format!("Message-ID: <{id}>\r\nSubject: {}", encoded(&about.mail.subject)))
}

fn part(content_type: &str, text: &str) -> String {
    format!(
        "--report\r\nContent-Type: {content_type}\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
        base64_lines(text)
    )
}

fn plain_part(content_type: &str, text: &str) -> String {
    format!("--report\r\nContent-Type: {content_type}\r\n\r\n{text}\r\n\r\n")
}

fn text(mail: &MailFile, around: &Circumstances<'_>) -> String {
    let text = mail.text.as_deref().unwrap_or_default().trim_end();
    let Some(answered) = around.answered.filter(|_| mail.kind == MailKind::Person && keeps(mail, Kept::Quote)) else {
        return text.to_owned();
    };
    let sent_at = answered.mail.date.map_or(around.written_at, |date| date.with_timezone(&Utc));
    let sent_at = sent_at.with_timezone(&around.zone).format("%a, %-d %b %Y at %H:%M");
    let quoted: Vec<String> = answered.mail.text.lines().map(|line| format!("> {line}")).collect();
    format!("{text}\n\nOn {sent_at}, {} wrote:\n{}\n", written(around.desk), quoted.join("\n"))
}

fn written(person: &Address) -> String {
    match &person.name {
        Some(name) if name.is_ascii() => format!("\"{name}\" <{}>", person.email),
        Some(name) => format!("{} <{}>", encoded(name), person.email),
        None => person.email.clone(),
    }
}

/// RFC 2047, when it has to be.
fn encoded(text: &str) -> String {
    if text.is_ascii() { text.to_owned() } else { format!("=?utf-8?B?{}?=", BASE64.encode(text.as_bytes())) }
}

fn base64_lines(text: &str) -> String {
    let encoded = BASE64.encode(text.as_bytes());
    let lines = encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap_or_default());
    lines.map(|line| format!("{line}\r\n")).collect()
}
