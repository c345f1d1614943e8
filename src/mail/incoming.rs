//! What an incoming mail says: its header, its readable text and its attachments, however broken it is.
//!
//! The parser gives the structure: which parts there are, and where. What they say is decoded here, because labels are
//! wrong in ways that it doesn't look for. Its types stay inside this folder (and `report`).

mod attachment;
mod body;
mod boundary;
mod calendar;
mod cms;
mod flowed;
pub(super) mod header;
mod parameter;
mod pgp;
mod protection;
mod transfer;
mod words;

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset};
use mail_parser::{HeaderName, Message, MessageParser, PartType};

pub(super) use self::header::usable_id;
pub use self::{
    attachment::{Attachment, AttachmentInfo},
    protection::Protection,
};
use super::{
    address::Address,
    calendar::Answer,
    guard::{Unsafe, harmless},
    quote::{self, Said},
    report::{self, DeliveryReport},
    slim::{Slim, slim},
};

/// A mail as far as it can be read. Missing is what was not there or could not be understood.
#[derive(Debug, Clone, Default)]
pub struct Incoming {
    /// without angle brackets; none when missing or unusable
    pub message_id: Option<String>,
    pub from: Option<Address>,
    pub reply_to: Option<Address>,
    pub sender: Option<Address>,
    /// `Some("")` is the null return path of robots
    pub return_path: Option<String>,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    /// decoded, in one line
    pub subject: String,
    pub date: Option<DateTime<FixedOffset>>,
    pub in_reply_to: Vec<String>,
    /// in the order of the header
    pub references: Vec<String>,
    /// all of the readable text
    pub text: String,
    /// all of it as HTML, where any part of it is; its structure shows what is quoted
    pub html: Option<String>,
    pub attachments: Vec<AttachmentInfo>,
    /// lower-case name and unfolded raw value, in order
    pub headers: Vec<(String, String)>,
    /// the first mail that is attached
    pub enclosed: Option<Enclosed>,
    pub report: Option<DeliveryReport>,
    /// report-type of a multipart/report
    pub report_type: Option<String>,
    /// method of a calendar part, in capitals
    pub calendar_method: Option<String>,
    /// what it answers to an invitation
    pub calendar_answer: Option<Answer>,
    /// signed, or encrypted and so not to be read
    pub protection: Protection,
}

/// Why nothing at all can be made of a mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error(transparent)]
    Unsafe(#[from] Unsafe),
    #[error("it is empty")]
    Empty,
}

/// The text of a mail's calendar, as its reader's program has it.
pub fn calendar(raw: &[u8]) -> Option<String> {
    calendar::first(&MessageParser::default().parse(harmless(raw).ok()?.as_ref())?)
}

/// Reads a mail. Whatever has a header or a text can be read.
pub fn read(raw: &[u8]) -> Result<Incoming, Unreadable> {
    if raw.iter().all(u8::is_ascii_whitespace) {
        return Err(Unreadable::Empty);
    }
    let slim = slim(harmless(raw)?);
    let Some(message) = MessageParser::default().parse(slim.bytes.as_ref()) else { return Ok(text_alone(&slim.bytes)) };
    if let Some(mended) = boundary::mended(&message)
        && let Some(message) = harmless(&mended).ok().as_ref().and_then(|bytes| MessageParser::default().parse(bytes))
    {
        return Ok(mail(&message, None));
    }
    Ok(mail(&message, Some(&slim)))
}

fn mail(message: &Message<'_>, slim: Option<&Slim<'_>>) -> Incoming {
    let other = header::other_charset(message);
    let other = other.as_deref();
    let one = |name: HeaderName<'static>| header::first(message, &name, other);
    let all = |name: HeaderName<'static>| header::all(message, &name, other);
    let body = body::read(message, other);
    let parts = attachment::parts(message, &body.shown);
    let attachments = parts.into_iter().map(|id| attachment::info(message, id, slim, other));
    let attachments = attachments.chain(body.files.iter().map(attachment::embedded)).collect();
    let mut mail = Incoming {
        message_id: message.message_id().and_then(usable_id),
        from: one(HeaderName::From),
        reply_to: one(HeaderName::ReplyTo),
        sender: one(HeaderName::Sender),
        return_path: header::return_path(message),
        to: all(HeaderName::To),
        cc: all(HeaderName::Cc),
        subject: header::subject(message, other),
        date: message.date().and_then(header::date),
        in_reply_to: header::ids(message.in_reply_to()),
        references: header::bounded(header::ids(message.references())),
        protection: protection::protection(message, body.pgp, !body.text.trim().is_empty()),
        text: body.text,
        html: body.html,
        attachments,
        headers: header::headers(message),
        ..Incoming::default()
    };
    mail.cc.truncate(header::ADDRESSES.saturating_sub(mail.to.len()));
    mail.report_type = header::report_type(message);
    mail.calendar_method = calendar::method(message);
    let method = mail.calendar_method.as_deref();
    mail.calendar_answer = method.and_then(|method| calendar::answer(message, method, mail.from.as_ref()));
    if mail.text.trim().is_empty() {
        within(message, &mut mail);
    }
    mail.enclosed = enclosed(message);
    mail.report = report::read(&mail, message);
    mail
}

/// What a mail without a text says in another form: in a signed envelope (S/MIME), or in a calendar.
fn within(message: &Message<'_>, mail: &mut Incoming) {
    if let Some(raw) = cms::signed(message)
        && let Ok(bytes) = harmless(&raw)
        && let Some(inner) = MessageParser::default().parse(&bytes)
    {
        let other = header::other_charset(&inner);
        let body = body::read(&inner, other.as_deref());
        let parts = attachment::parts(&inner, &body.shown);
        mail.attachments.extend(parts.into_iter().map(|id| attachment::info(&inner, id, None, other.as_deref())));
        mail.attachments.truncate(attachment::ATTACHMENTS);
        (mail.text, mail.html) = (body.text, body.html);
    } else if let Some(text) = calendar::text(message) {
        mail.text = body::tidy(text);
    }
}

/// The attachments of a mail with their bytes, in the order in which [`read`] lists them.
pub fn attachments(raw: &[u8]) -> Result<Vec<Attachment>, Unreadable> {
    let bytes = harmless(raw)?;
    let Some(message) = MessageParser::default().parse(bytes.as_ref()) else { return Ok(vec![]) };
    let mended = boundary::mended(&message);
    let mended = mended.as_deref().and_then(|mended| harmless(mended).ok());
    let message = mended.as_ref().and_then(|bytes| MessageParser::default().parse(bytes)).unwrap_or(message);
    let mut found = files(&message);
    if body::read(&message, None).text.trim().is_empty()
        && let Some(raw) = cms::signed(&message)
        && let Ok(bytes) = harmless(&raw)
        && let Some(inner) = MessageParser::default().parse(&bytes)
    {
        found.extend(files(&inner));
        found.truncate(attachment::ATTACHMENTS);
    }
    Ok(found)
}

fn files(message: &Message<'_>) -> Vec<Attachment> {
    let other = header::other_charset(message);
    let body = body::read(message, other.as_deref());
    let parts = attachment::parts(message, &body.shown).into_iter().map(|id| {
        let bytes = attachment::bytes(message, id);
        let info = attachment::info(message, id, None, other.as_deref());
        Attachment { info: AttachmentInfo { size_bytes: bytes.len() as u64, ..info }, bytes }
    });
    let written =
        body.files.into_iter().map(|file| Attachment { info: attachment::embedded(&file), bytes: file.bytes });
    parts.chain(written).collect()
}

fn enclosed(message: &Message<'_>) -> Option<Enclosed> {
    let inner = message.parts.iter().find_map(|part| match &part.body {
        PartType::Message(inner) => Some(inner),
        _ => None,
    })?;
    let other = header::other_charset(inner);
    let from = header::first(inner, &HeaderName::From, other.as_deref())?;
    Some(Enclosed { from, subject: header::subject(inner, other.as_deref()) })
}

/// A text without any header: the parser finds no mail in it, but a person may have written it.
fn text_alone(raw: &[u8]) -> Incoming {
    let text = super::charset::guess(&raw[..raw.len().min(body::TEXT_BYTES)], None);
    Incoming { text: body::tidy(Cow::into_owned(text)), ..Incoming::default() }
}

/// A mail that is attached to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enclosed {
    pub from: Address,
    pub subject: String,
}

impl Incoming {
    /// What the writer wrote now, apart from what they quote.
    pub fn said(&self) -> Said {
        quote::said_under(&self.subject, &self.text, self.html.as_deref())
    }

    /// The raw values of a header, in order.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests;
