//! The bytes of a mail that goes out: from text and addresses to what is handed to the mail server.
//!
//! Composing is deterministic: the same [`Outgoing`] gives the same bytes, boundaries included (they come from the
//! Message-ID). All is 7-bit on the wire. Nothing that stands in a header can begin another one.

use chrono::{DateTime, Utc};
use lettre::{
    Message,
    message::{
        Attachment as AttachedFile, Body, Mailbox, MessageBuilder, MultiPart, SinglePart,
        header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use sha2::{Digest, Sha256};

use super::address::Address;

/// A header line may have 998 octets (RFC 5322 §2.1.1), and a word can't be folded.
const MAX_ID_OCTETS: usize = 500;
const MAX_SUBJECT_CHARS: usize = 250;
const MAX_NAME_CHARS: usize = 120;
const MAX_FILE_NAME_CHARS: usize = 200;

/// A mail to be written. Ids stand without `<>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    pub from: Address,
    pub to: Vec<Address>,
    pub cc: Vec<Address>,
    pub subject: String,
    pub text: String,
    pub html: Option<String>,
    /// iCalendar, with CRLF; the last alternative, so that mail programs offer to add it
    pub calendar: Option<String>,
    pub message_id: String,
    pub in_reply_to: Option<String>,
    /// the oldest first
    pub references: Vec<String>,
    pub date: DateTime<Utc>,
    /// `None` for what a person wrote
    pub automatic: Option<Automatic>,
    pub attachments: Vec<Attachment>,
    /// for a mail that its reader has subscribed to
    pub list: Option<List>,
}

/// What the mail programs of subscribers are told (RFC 2369, RFC 2919, RFC 8058).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List {
    /// by which they sort it: `updates.desk.example`
    pub id: String,
    /// a `mailto:` URL: a mail there ends the subscription
    pub leave_by_mail: String,
    /// an `https:` URL: a POST there ends it, a GET asks first
    pub leave_by_page: Option<String>,
}

/// Why a mail was sent that nobody wrote (RFC 3834 §5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Automatic {
    /// it answers a mail
    Replied,
    /// a clock or a person's act brought it about
    Generated,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub name: String,
    /// what isn't understood is sent as `application/octet-stream`
    pub content_type: String,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    #[error(
        "\"{address}\" is no mail address that mail servers accept: correct it on the case or in the configuration"
    )]
    Address { address: String },
    #[error("the mail has no recipient")]
    NoRecipient,
    #[error("\"{id}\" can't be a Message-ID: it must be ASCII without spaces and angle brackets")]
    MessageId { id: String },
    #[error("the mail could not be put together: {0}")]
    Other(String),
}

/// Writes a mail as RFC 5322 with MIME: plain text, with HTML and a calendar as its alternatives, with attachments around
/// all of them.
pub fn compose(mail: &Outgoing) -> Result<Vec<u8>, ComposeError> {
    let builder = headers(mail)?;
    let boundary = boundary(&mail.message_id);
    let text = part(ContentType::TEXT_PLAIN, &mail.text);
    let html = mail.html.as_deref().map(|html| part(ContentType::TEXT_HTML, html));
    let others: Vec<SinglePart> = html.into_iter().chain(mail.calendar.as_deref().map(calendar)).collect();
    let message = match (others.is_empty(), mail.attachments.is_empty()) {
        (true, true) => builder.singlepart(text),
        (false, true) => builder.multipart(alternative(&boundary, text, others)),
        (alone, false) => {
            let mixed = MultiPart::mixed().boundary(format!("casepost-mixed-{boundary}"));
            let body =
                if alone { mixed.singlepart(text) } else { mixed.multipart(alternative(&boundary, text, others)) };
            builder.multipart(mail.attachments.iter().fold(body, |body, file| body.singlepart(attached(file))))
        }
    };
    Ok(message.map_err(|e| ComposeError::Other(e.to_string()))?.formatted())
}

/// Text for a header: one line without control characters, at most `max` characters.
pub fn one_line(text: &str, max: usize) -> String {
    // Bounded before it is cleaned: a subject of a megabyte costs no more than one of a line.
    let head = text.chars().take(max.saturating_mul(4)).map(|c| if c.is_control() { ' ' } else { c });
    let head: String = head.collect();
    let words = head.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
    let cut: String = words.chars().take(max).collect();
    cut.trim_end().to_owned()
}

fn headers(mail: &Outgoing) -> Result<MessageBuilder, ComposeError> {
    let own_id = id(&mail.message_id).ok_or_else(|| ComposeError::MessageId { id: mail.message_id.clone() })?;
    if mail.to.is_empty() {
        return Err(ComposeError::NoRecipient);
    }
    let mut builder = Message::builder()
        .raw_header(header("Date", mail.date.format("%a, %d %b %Y %H:%M:%S +0000").to_string()))
        .from(mailbox(&mail.from)?);
    for to in &mail.to {
        builder = builder.to(mailbox(to)?);
    }
    for cc in &mail.cc {
        builder = builder.cc(mailbox(cc)?);
    }
    builder = builder.subject(one_line(&mail.subject, MAX_SUBJECT_CHARS)).message_id(Some(own_id));
    if let Some(answered) = mail.in_reply_to.as_deref().and_then(id) {
        builder = builder.raw_header(header("In-Reply-To", answered));
    }
    let references: Vec<String> = mail.references.iter().filter_map(|reference| id(reference)).collect();
    if !references.is_empty() {
        builder = builder.raw_header(header("References", references.join(" ")));
    }
    if let Some(list) = &mail.list {
        builder = list_headers(builder, list);
    }
    Ok(match mail.automatic {
        Some(automatic) => builder
            .raw_header(header("Auto-Submitted", automatic.as_str().to_owned()))
            // For Exchange. Not `All`: that would silence non-delivery reports (NDR), and a notice that bounced must
            // be known.
            .raw_header(header("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply".to_owned())),
        None => builder,
    })
}

impl Automatic {
    fn as_str(self) -> &'static str {
        match self {
            Automatic::Replied => "auto-replied",
            Automatic::Generated => "auto-generated",
        }
    }
}

fn list_headers(builder: MessageBuilder, list: &List) -> MessageBuilder {
    // RFC 8058 §3.1: one click only where there is https.
    let page = list.leave_by_page.as_ref().filter(|page| page.starts_with("https://"));
    let ways: Vec<String> =
        list.leave_by_page.iter().chain([&list.leave_by_mail]).map(|way| format!("<{way}>")).collect();
    let builder = builder
        .raw_header(header("List-Id", format!("<{}>", list.id)))
        .raw_header(header("List-Unsubscribe", ways.join(", ")));
    match page {
        Some(_) => builder.raw_header(header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned())),
        None => builder,
    }
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

/// `<id>`, unless it isn't fit for a header: ids of others are whatever their mail said.
fn id(id: &str) -> Option<String> {
    let fits = !id.is_empty()
        && id.len() <= MAX_ID_OCTETS
        && id.bytes().all(|b| b.is_ascii_graphic() && b != b'<' && b != b'>');
    fits.then(|| format!("<{id}>"))
}

fn mailbox(address: &Address) -> Result<Mailbox, ComposeError> {
    let unfit = || ComposeError::Address { address: address.email.clone() };
    let (local, domain) = address.email.rsplit_once('@').ok_or_else(unfit)?;
    // A local part beyond ASCII needs SMTPUTF8, which much of the world's mail does not speak.
    if !local.is_ascii() {
        return Err(unfit());
    }
    let domain = if domain.is_ascii() { domain.to_owned() } else { punycode(domain).ok_or_else(unfit)? };
    let email = lettre::Address::new(local, domain).map_err(|_| unfit())?;
    let name = address.name.as_deref().map(|name| one_line(name, MAX_NAME_CHARS)).filter(|name| !name.is_empty());
    Ok(Mailbox::new(name, email))
}

fn punycode(domain: &str) -> Option<String> {
    match url::Host::parse(domain).ok()? {
        url::Host::Domain(ascii) => Some(ascii),
        _ => None,
    }
}

/// 128 bits that nobody knows who wrote into this mail before it had its id.
fn boundary(message_id: &str) -> String {
    let digest = Sha256::digest(message_id.as_bytes());
    data_encoding::HEXLOWER.encode(&digest[..16])
}

/// The plainest first (RFC 2046 §5.1.4).
fn alternative(boundary: &str, text: SinglePart, others: Vec<SinglePart>) -> MultiPart {
    let first = MultiPart::alternative().boundary(format!("casepost-alternative-{boundary}")).singlepart(text);
    others.into_iter().fold(first, MultiPart::singlepart)
}

/// In base64: its lines are folded by octets, and whoever breaks or trims lines on the way would spoil it.
fn calendar(text: &str) -> SinglePart {
    let method = method_of(text).map(|method| format!("; method={method}")).unwrap_or_default();
    let content_type = ContentType::parse(&format!("text/calendar; charset=utf-8{method}"));
    let encoding = ContentTransferEncoding::Base64;
    // Base64 holds any bytes: nothing is refused.
    let body = Body::new_with_encoding(text.as_bytes().to_vec(), encoding).unwrap_or_else(|_| Body::new(String::new()));
    SinglePart::builder().header(content_type.unwrap_or_else(|_| octets())).body(body)
}

/// A calendar's own word for what is to be done with it, which its Content-Type repeats (RFC 6047 §2.4).
fn method_of(calendar: &str) -> Option<&str> {
    let head = calendar.lines().take_while(|line| !line.starts_with("BEGIN:VEVENT"));
    let mut named = head.filter_map(|line| line.strip_prefix("METHOD:"));
    named.next().filter(|method| !method.is_empty() && method.bytes().all(|b| b.is_ascii_uppercase()))
}

fn part(content_type: ContentType, text: &str) -> SinglePart {
    SinglePart::builder().header(content_type).body(wire_text(text))
}

/// CRLF line ends, no control characters. Done here, because lettre's own conversion takes quadratic time.
fn wire_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 32);
    let mut after_return = false;
    for c in text.chars() {
        match c {
            '\n' if after_return => {}
            '\r' | '\n' => out.push_str("\r\n"),
            '\t' => out.push(c),
            c if c.is_control() => {}
            c => out.push(c),
        }
        after_return = c == '\r';
    }
    out
}

fn attached(file: &Attachment) -> SinglePart {
    let name = one_line(&file.name, MAX_FILE_NAME_CHARS);
    let name = if name.is_empty() { "attachment".to_owned() } else { name };
    AttachedFile::new(name).body(file.bytes.clone(), content_type(&file.content_type))
}

fn content_type(named: &str) -> ContentType {
    // These two may not be encoded (RFC 2045 §6.4), and bytes of others are always: so they travel as plain bytes.
    let kind = named.trim().to_ascii_lowercase();
    let composite = kind.starts_with("multipart/") || kind.starts_with("message/");
    let parsed = Some(named.trim()).filter(|n| !composite && n.is_ascii() && n.len() <= 200);
    parsed.and_then(|n| ContentType::parse(n).ok()).unwrap_or_else(octets)
}

fn octets() -> ContentType {
    ContentType::parse("application/octet-stream").unwrap_or(ContentType::TEXT_PLAIN)
}

#[cfg(test)]
mod tests;
