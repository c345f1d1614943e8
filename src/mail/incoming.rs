//! What an incoming mail says: its header, its readable text and its attachments, however broken it is. The parser's
//! types stay inside this file.

use chrono::{DateTime, FixedOffset, NaiveDate};
use mail_parser::{HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType};

use super::{
    address::Address,
    guard::{Unsafe, harmless},
    quote::{self, Said},
    report::{self, DeliveryReport},
    slim::{Slim, slim},
};

/// Of a mail with more references, the first and the last are kept.
const REFERENCES: usize = 100;
const ADDRESSES: usize = 200;
const HEADERS: usize = 500;
const HEADER_BYTES: usize = 4096;
/// A sender can make the desk's own server write much before its verdict on DMARC (a result for each signature): this
/// header must not be cut before that.
const RESULTS_BYTES: usize = 64 << 10;
const SUBJECT_CHARS: usize = 500;
const TEXT_BYTES: usize = 1 << 20;
const MESSAGE_ID_BYTES: usize = 900;

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
    /// the first HTML part as it came, whose structure shows what is quoted
    pub html: Option<String>,
    pub attachments: Vec<AttachmentInfo>,
    /// lower-case name and unfolded raw value, in order
    pub headers: Vec<(String, String)>,
    pub report: Option<DeliveryReport>,
    /// report-type of a multipart/report
    pub report_type: Option<String>,
    /// method of a text/calendar part, in capitals
    pub calendar_method: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentInfo {
    /// safe to show and to use as a file name
    pub name: String,
    pub content_type: String,
    pub size_bytes: u64,
    pub inline: bool,
}

/// Why nothing at all can be made of a mail.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error(transparent)]
    Unsafe(#[from] Unsafe),
    #[error("it is empty")]
    Empty,
}

/// Reads a mail. Whatever has a header or a text can be read.
pub fn read(raw: &[u8]) -> Result<Incoming, Unreadable> {
    if raw.iter().all(u8::is_ascii_whitespace) {
        return Err(Unreadable::Empty);
    }
    let slim = slim(harmless(raw)?);
    let Some(message) = MessageParser::default().parse(slim.bytes.as_ref()) else { return Ok(text_alone(&slim.bytes)) };
    let mut mail = Incoming {
        message_id: message.message_id().and_then(usable_id),
        from: first(message.from()),
        reply_to: first(message.reply_to()),
        sender: first(message.sender()),
        return_path: return_path(&message),
        to: all(message.all_to()),
        cc: all(message.all_cc()),
        subject: one_line(message.subject().unwrap_or_default(), SUBJECT_CHARS),
        date: message.date().and_then(date),
        in_reply_to: ids(message.in_reply_to()),
        references: bounded(ids(message.references())),
        text: text(&message),
        html: message.html_bodies().find_map(html_source),
        attachments: message.attachments().take(ADDRESSES).map(|part| attachment(part, &slim)).collect(),
        headers: headers(&message),
        ..Incoming::default()
    };
    mail.cc.truncate(ADDRESSES.saturating_sub(mail.to.len()));
    mail.report_type = report_type(&message);
    mail.report = report::read(&mail, &message);
    mail.calendar_method = calendar_method(&message);
    Ok(mail)
}

/// A text without any header: the parser finds no mail in it, but a person may have written it.
fn text_alone(raw: &[u8]) -> Incoming {
    Incoming { text: tidy(String::from_utf8_lossy(raw).into_owned()), ..Incoming::default() }
}

impl Incoming {
    /// What the writer wrote now, apart from what they quote.
    pub fn said(&self) -> Said {
        quote::said(&self.text, self.html.as_deref())
    }

    /// The raw values of a header, in order.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

/// An id as it may be kept and cited: without brackets, blanks or control characters, and not longer than a header.
pub(super) fn usable_id(id: &str) -> Option<String> {
    let id = id.trim().trim_start_matches('<').trim_end_matches('>');
    let bad = |c: char| c.is_whitespace() || c.is_control() || c == '<' || c == '>';
    (!id.is_empty() && id.len() <= MESSAGE_ID_BYTES && !id.contains(bad)).then(|| id.to_owned())
}

fn ids(value: &HeaderValue<'_>) -> Vec<String> {
    match value {
        HeaderValue::Text(id) => usable_id(id).into_iter().collect(),
        HeaderValue::TextList(ids) => ids.iter().filter_map(|id| usable_id(id)).collect(),
        _ => vec![],
    }
}

/// The root of a thread and its newest mails say most.
fn bounded(mut ids: Vec<String>) -> Vec<String> {
    const FIRST: usize = 10;
    if ids.len() > REFERENCES {
        ids.drain(FIRST..ids.len() - (REFERENCES - FIRST));
    }
    ids
}

fn first(list: Option<&mail_parser::Address<'_>>) -> Option<Address> {
    list?.iter().find_map(address)
}

fn all<'a>(lists: impl Iterator<Item = &'a mail_parser::Address<'a>>) -> Vec<Address> {
    lists.flat_map(|list| list.iter().filter_map(address)).take(ADDRESSES).collect()
}

fn address(addr: &mail_parser::Addr<'_>) -> Option<Address> {
    let email = addr.address.as_deref()?.trim();
    let usable = email.len() <= 320 && !email.contains(|c: char| c.is_whitespace() || c.is_control());
    let (local, domain) = email.rsplit_once('@')?;
    if !usable || local.is_empty() || domain.is_empty() {
        return None;
    }
    let name = addr.name.as_deref().map(|n| one_line(n, 200));
    Some(Address::new(name.as_deref(), email))
}

fn return_path(message: &Message<'_>) -> Option<String> {
    let raw = message.header_raw("Return-Path")?;
    Some(raw.trim().trim_start_matches('<').trim_end_matches('>').trim().to_lowercase())
}

fn date(date: &mail_parser::DateTime) -> Option<DateTime<FixedOffset>> {
    let year = i32::from(date.year);
    if !(1990..=2100).contains(&year) {
        return None;
    }
    let seconds = i32::from(date.tz_hour) * 3600 + i32::from(date.tz_minute) * 60;
    let offset = FixedOffset::east_opt(if date.tz_before_gmt { -seconds } else { seconds })?;
    NaiveDate::from_ymd_opt(year, date.month.into(), date.day.into())?
        .and_hms_opt(date.hour.into(), date.minute.into(), u32::from(date.second).min(59))?
        .and_local_timezone(offset)
        .single()
}

/// In one line, without control characters, and not longer than `at_most`.
pub(super) fn one_line(text: &str, at_most: usize) -> String {
    let mut line = String::new();
    let mut blank = false;
    for c in text.chars() {
        if c.is_whitespace() || c.is_control() {
            blank = !line.is_empty();
        } else if !is_invisible(c) {
            if std::mem::take(&mut blank) {
                line.push(' ');
            }
            line.push(c);
        }
    }
    line.chars().take(at_most).collect()
}

/// Characters that turn the direction of what follows: they make a name look like another.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// The text parts; where there is only HTML, that, converted.
fn text(message: &Message<'_>) -> String {
    let mut text = String::new();
    for position in 0..message.text_body_count() {
        let Some(part) = message.body_text(position) else { continue };
        if !text.is_empty() && !text.ends_with('\n') {
            text.push('\n');
        }
        text.push_str(&part);
        if text.len() > TEXT_BYTES {
            break;
        }
    }
    if text.trim().is_empty() {
        text = message.html_bodies().find_map(html).unwrap_or_default();
    }
    tidy(text)
}

fn tidy(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(TEXT_BYTES));
    text.replace("\r\n", "\n").replace('\0', "")
}

fn html(part: &MessagePart<'_>) -> Option<String> {
    match &part.body {
        PartType::Html(html) => {
            Some(mail_parser::decoders::html::html_to_text(html)).filter(|text| !text.trim().is_empty())
        }
        _ => None,
    }
}

fn html_source(part: &MessagePart<'_>) -> Option<String> {
    let PartType::Html(html) = &part.body else { return None };
    Some(html[..html.floor_char_boundary(TEXT_BYTES)].to_owned())
}

fn attachment(part: &MessagePart<'_>, slim: &Slim<'_>) -> AttachmentInfo {
    let content_type = part.content_type().map_or_else(
        || "application/octet-stream".to_owned(),
        |t| format!("{}/{}", t.ctype(), t.subtype().unwrap_or("octet-stream")).to_lowercase(),
    );
    let inline = part.content_disposition().is_some_and(mail_parser::ContentType::is_inline)
        || (part.content_id().is_some() && content_type.starts_with("image/"));
    let missing = slim.missing(part.offset_body as usize..part.offset_end as usize);
    let missing = if part.is_message() { missing.encoded_bytes } else { missing.decoded_bytes };
    AttachmentInfo {
        name: safe_name(part.attachment_name().unwrap_or_default(), &content_type),
        content_type: one_line(&content_type, 100),
        size_bytes: part.len() as u64 + missing,
        inline,
    }
}

/// A file name without a path and without anything that a shell, a terminal or a file system takes for its own.
fn safe_name(name: &str, content_type: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String =
        one_line(last, 150).trim_start_matches('.').chars().filter(|c| !"<>:\"|?*".contains(*c)).collect();
    match (clean.trim(), content_type) {
        ("", "message/rfc822") => "message.eml".to_owned(),
        ("", _) => "attachment".to_owned(),
        (name, _) => name.to_owned(),
    }
}

/// As they came, also those that are no UTF-8: a rule that looks for a header must find it whatever stands in it.
fn headers(message: &Message<'_>) -> Vec<(String, String)> {
    let root = message.root_part().headers.iter().take(HEADERS);
    root.filter_map(|header| {
        let name = header.name.as_str().to_lowercase();
        let at_most = if name == "authentication-results" { RESULTS_BYTES } else { HEADER_BYTES };
        let value = message.raw_message.get(header.offset_start as usize..header.offset_end as usize)?;
        let value = String::from_utf8_lossy(&value[..value.len().min(at_most)]);
        Some((name, one_line(&value, at_most)))
    })
    .collect()
}

fn report_type(message: &Message<'_>) -> Option<String> {
    let content_type = message.root_part().content_type()?;
    let is_report = content_type.ctype().eq_ignore_ascii_case("multipart")
        && content_type.subtype().is_some_and(|s| s.eq_ignore_ascii_case("report"));
    is_report.then(|| content_type.attribute("report-type").unwrap_or_default().to_lowercase())
}

fn calendar_method(message: &Message<'_>) -> Option<String> {
    let calendars = message.parts.iter().filter_map(MimeHeaders::content_type);
    let mut calendars = calendars.filter(|t| {
        t.ctype().eq_ignore_ascii_case("text") && t.subtype().is_some_and(|s| s.eq_ignore_ascii_case("calendar"))
    });
    calendars.find_map(|t| t.attribute("method")).map(str::to_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(text: &str) -> Incoming {
        read(text.replace('\n', "\r\n").as_bytes()).unwrap()
    }

    #[test]
    fn a_plain_mail_is_read() {
        let mail = mail(
            "From: \"Ada\" <Ada@Books.example>\nTo: support@desk.example, x@y.example\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\n\
             Message-ID: <1@books.example>\nIn-Reply-To: <0@desk.example>\nReferences: <r@desk.example>\n <0@desk.example>\n\
             Date: Tue, 3 Nov 2026 10:00:00 +0900\nContent-Type: text/plain; charset=utf-8\n\nHello\n",
        );
        assert_eq!(mail.from, Some(Address::new(Some("Ada"), "ada@books.example")));
        assert_eq!(mail.subject, "Grüße");
        assert_eq!(mail.message_id.as_deref(), Some("1@books.example"));
        assert_eq!(mail.in_reply_to, ["0@desk.example"]);
        assert_eq!(mail.references, ["r@desk.example", "0@desk.example"]);
        assert_eq!(mail.date.unwrap().offset().local_minus_utc(), 9 * 3600);
        assert_eq!(mail.to.len(), 2);
        assert_eq!(mail.text.trim(), "Hello");
    }

    #[test]
    fn umlauts_are_read_as_declared_and_where_nothing_is_declared_nothing_else_is_lost() {
        let declared =
            b"From: a@b.example\r\nSubject: x\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe\r\n";
        assert_eq!(read(declared).unwrap().text.trim(), "Gr\u{fc}\u{df}e");
        let raw = b"From: J\xf6rg <a@b.example>\r\nSubject: Gr\xfc\xdfe an alle\r\n\r\nHallo M\xfcller\r\n";
        let raw = read(raw).unwrap();
        assert_eq!(raw.from.map(|f| f.email).as_deref(), Some("a@b.example"));
        assert!(raw.subject.ends_with("an alle") && raw.text.starts_with("Hallo M"), "{} {}", raw.subject, raw.text);
    }

    #[test]
    fn html_alone_becomes_text() {
        let mail = mail("From: a@b.example\nContent-Type: text/html\n\n<p>Hello <b>there</b></p><script>x</script>\n");
        assert!(mail.text.contains("Hello there"), "{:?}", mail.text);
    }

    #[test]
    fn what_is_broken_is_missing_and_the_rest_is_read() {
        let mail = mail(
            "From: undisclosed-recipients:;\nMessage-ID:\n <with space @x>\nDate: Fri, 32 Foo 9999 99:99:99\n\nb\n",
        );
        assert_eq!((mail.from, mail.message_id, mail.date), (None, None, None));
        assert_eq!(mail.text.trim(), "b");
    }

    #[test]
    fn a_file_name_leads_nowhere() {
        let mail = mail(
            "From: a@b.example\nContent-Type: application/octet-stream; name=\"../../../tmp/pwned\"\n\
             Content-Disposition: attachment; filename=\"../../../tmp/pwned\"\n\nx\n",
        );
        assert_eq!(mail.attachments[0].name, "pwned");
    }

    #[test]
    fn of_very_many_references_the_first_and_the_last_are_kept() {
        let all: Vec<String> = (0..20_000).map(|n| format!("<{n}@x.example>")).collect();
        let mail = mail(&format!("From: a@b.example\nReferences: {}\n\nb\n", all.join("\n ")));
        assert_eq!(mail.references.len(), REFERENCES);
        assert_eq!(mail.references[0], "0@x.example");
        assert_eq!(mail.references[REFERENCES - 1], "19999@x.example");
    }

    #[test]
    fn a_text_without_any_header_is_read() {
        assert_eq!(mail("The line is down\n").text, "The line is down\n");
    }

    #[test]
    fn headers_in_an_unknown_charset_are_kept() {
        let mail = read(b"From: J\xfcrgen <j@b.example>\r\nX-Note: \xfcber\r\n\r\nb\r\n").unwrap();
        assert_eq!(mail.header("x-note").next(), Some("\u{fffd}ber"));
        assert_eq!(mail.from.unwrap().email, "j@b.example");
    }

    #[test]
    fn a_long_verdict_of_the_desks_server_is_kept_to_its_end() {
        let long = "dkim=fail header.d=x.example;\n ".repeat(1_000);
        let mail = mail(&format!("Authentication-Results: mx; {long}dmarc=fail\nX-Long: {long}\n\nb\n"));
        assert!(mail.header("authentication-results").next().unwrap().ends_with("dmarc=fail"));
        assert!(mail.header("x-long").next().unwrap().len() <= HEADER_BYTES);
    }

    /// Each nested message is dropped by a recursion of the parser's: the desk's threads have 2 MiB of stack.
    #[test]
    fn the_deepest_mail_that_is_let_in_can_be_read_on_a_small_stack() {
        let deep = "Content-Type: message/rfc822\n\n".repeat(100) + "Subject: x\n\nb\n";
        let inner = "Content-Type: message/rfc822\n\n".replace('m', "=6D").replace('\n', "=0A").repeat(40_000);
        let encoded = format!("Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n{inner}\n");
        for raw in [deep, encoded] {
            let reading = std::thread::Builder::new().stack_size(1 << 20).spawn(move || read(raw.as_bytes()).is_ok());
            assert!(reading.unwrap().join().unwrap());
        }
    }

    #[test]
    fn nothing_is_no_mail() {
        assert_eq!(read(b" \r\n").unwrap_err(), Unreadable::Empty);
    }
}
