//! The parts of a mail that may be a report: what the mail system wrote, what it wrote for machines, and what came back.

use mail_parser::{HeaderName, Message, MessagePart, MimeHeaders, PartType};

/// Of what the mail system wrote. The longest known are some pages.
const NOTICE_BYTES: usize = 64 << 10;
/// Of the returned mail, as far as it stands in the text: its header comes first.
const BELOW_BYTES: usize = 64 << 10;
const STATUS_BYTES: usize = 1 << 20;
const LINE_BYTES: usize = 2048;

#[derive(Debug, Default)]
pub(super) struct Notice<'m> {
    /// what the mail system wrote for people
    pub text: String,
    /// what stands in the text below the line that announces the returned mail, that line included
    pub below: String,
    /// message/delivery-status, as text
    pub status: Vec<String>,
    /// message/feedback-report, as text
    pub feedback: Vec<String>,
    /// message/disposition-notification, as text
    pub disposition: Option<String>,
    pub returned: Option<&'m Message<'m>>,
    /// text/rfc822-headers, or the header of a mail in a part without a type
    pub returned_header: Option<String>,
}

impl<'m> Notice<'m> {
    pub fn of(message: &'m Message<'m>) -> Notice<'m> {
        let mut notice = Notice::default();
        let (mut text, mut html) = (String::new(), String::new());
        for part in &message.parts {
            notice.take(part, &mut text, &mut html);
        }
        if text.trim().is_empty() {
            text = html;
        }
        notice.divide(&text);
        notice
    }

    fn take(&mut self, part: &'m MessagePart<'m>, text: &mut String, html: &mut String) {
        let kind = Kind::of(part);
        match (&part.body, kind) {
            (_, Kind::Status) => self.status.push(words(part)),
            (_, Kind::Feedback) => self.feedback.push(words(part)),
            (_, Kind::Disposition) => self.disposition = Some(words(part)),
            (_, Kind::Header) => self.returned_header = self.returned_header.take().or_else(|| Some(words(part))),
            (PartType::Message(inner), _) => self.returned = self.returned.or(Some(inner)),
            (PartType::Text(words), _) => self.take_text(part, words, text),
            // A multipart without a boundary that could be read: its text is in there.
            (PartType::Binary(bytes) | PartType::InlineBinary(bytes), _) if is_multipart(part) => {
                let bytes = &bytes[..bytes.len().min(NOTICE_BYTES)];
                text.push_str(&String::from_utf8_lossy(bytes));
                text.push('\n');
            }
            (PartType::Html(source), _) if html.len() < NOTICE_BYTES => {
                let source = &source[..source.floor_char_boundary(4 * NOTICE_BYTES)];
                html.push_str(&mail_parser::decoders::html::html_to_text(source));
                html.push('\n');
            }
            _ => (),
        }
    }

    fn take_text(&mut self, part: &MessagePart<'_>, words: &str, text: &mut String) {
        // Some mail systems return the mail in a part without any header: its own header is taken for the part's.
        let is_mail = |name: &HeaderName<'_>| part.headers.iter().any(|header| header.name == *name);
        let within = part.offset_header > 0;
        if within && (is_mail(&HeaderName::MessageId) || is_mail(&HeaderName::Received) && is_mail(&HeaderName::From)) {
            let id = part.headers.iter().find(|h| h.name == HeaderName::MessageId).and_then(|h| h.value.as_text());
            let header = id.map(|id| format!("Message-ID: <{id}>\n")).unwrap_or_default();
            self.returned_header = self.returned_header.take().or(Some(header));
            return;
        }
        let is_attached = part.content_disposition().is_some_and(|d| d.is_attachment());
        if is_attached && looks_like_header(words) {
            self.returned_header = self.returned_header.take().or_else(|| Some(bounded(words, BELOW_BYTES).to_owned()));
        } else if text.len() < NOTICE_BYTES + BELOW_BYTES && (!is_attached || text.is_empty()) {
            text.push_str(bounded(words, NOTICE_BYTES + BELOW_BYTES));
            text.push('\n');
        }
    }

    /// Notice above, returned mail below.
    fn divide(&mut self, text: &str) {
        let mut above = true;
        for line in text.lines() {
            let line = bounded(line.trim_end(), LINE_BYTES);
            if above && (begins_returned_mail(line) || self.text.len() > NOTICE_BYTES) {
                above = false;
            }
            let side = if above { &mut self.text } else { &mut self.below };
            if side.len() < NOTICE_BYTES + LINE_BYTES {
                side.push_str(line);
                side.push('\n');
            }
        }
    }

    /// Does anything of the mail come back?
    pub fn returns_something(&self) -> bool {
        self.returned.is_some() || self.returned_header.is_some() || !self.below.trim().is_empty()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Status,
    Feedback,
    Disposition,
    Header,
    Other,
}

impl Kind {
    fn of(part: &MessagePart<'_>) -> Kind {
        let Some(content_type) = part.content_type() else { return Kind::Other };
        let main = content_type.ctype().to_ascii_lowercase();
        let sub = content_type.subtype().unwrap_or_default().to_ascii_lowercase();
        match (main.as_str(), sub.as_str()) {
            // RFC 6533 for addresses in UTF-8; some gateways make text of it.
            ("message" | "text" | "application", "delivery-status" | "global-delivery-status") => Kind::Status,
            ("message" | "text" | "application", "feedback-report") => Kind::Feedback,
            ("message" | "text" | "application", "disposition-notification" | "global-disposition-notification") => {
                Kind::Disposition
            }
            ("message" | "text", "rfc822-headers" | "rfc822-header" | "global-headers") => Kind::Header,
            _ => Kind::Other,
        }
    }
}

fn is_multipart(part: &MessagePart<'_>) -> bool {
    part.content_type().is_some_and(|t| t.ctype().eq_ignore_ascii_case("multipart"))
}

fn words(part: &MessagePart<'_>) -> String {
    let bytes = match &part.body {
        PartType::Message(inner) => inner.raw_message(),
        _ => part.contents(),
    };
    let bytes = &bytes[..bytes.len().min(STATUS_BYTES)];
    // Old Mac line ends occur, too.
    String::from_utf8_lossy(bytes).replace("\r\n", "\n").replace('\r', "\n")
}

fn bounded(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

fn looks_like_header(text: &str) -> bool {
    let mut lines = text.trim_start().lines();
    lines.next().is_some_and(|line| {
        let name = line.split(':').next().unwrap_or_default();
        line.contains(':') && (2..40).contains(&name.len()) && !name.contains(' ')
    })
}

/// What announces a returned mail, without the dashes around it.
#[rustfmt::skip]
const ANNOUNCEMENTS: &[&str] = &[
    "original message", "original mail", "unsent message", "message header", "message text follows", "returned message",
    "below this line is a copy", "below is a copy", "this is a copy of", "included is a copy", "enclosed is a copy",
    "copy of the original", "copy of your message", "copy of the message", "here is a copy",
    "the following is a copy", "the original message follows",
    "start of returned", "begin returned", "begin of returned", "message contents", "your original message",
    "your message reads", "message body follows",
    "the header of the original", "the headers of the original", "headers of the original",
    "the original message headers", "original headers", "full message headers",
    "start of the original", "undelivered message follows", "first lines of", "beginning of the original",
    "returned mail follows",
    "ursprüngliche nachricht", "originalnachricht", "original-nachricht", "kopie der nachricht",
    "kopie ihrer nachricht", "es folgt", "header der nachricht",
    "nachfolgend die", "message original", "message d'origine", "copie du message", "copie de votre",
    "en-têtes du message",
    "en-têtes de message", "mensaje original", "copia del mensaje", "messaggio originale", "copia del messaggio",
    "mensagem original", "cópia da mensagem",
    "oorspronkelijk bericht", "originele bericht", "ursprungligt meddelande", "oprindelig meddelelse",
    "opprinnelig melding",
    "oryginalna wiadomość", "kopia wiadomości", "исходное сообщение", "оригинальное сообщение", "копия письма",
    "ниже приводится",
    "元のメール", "元のメッセージ", "オリジナルメッセージ", "以下が元", "原始邮件", "原始郵件", "原邮件", "원본 메시지",
    "alkuperäinen viesti", "původní zpráva", "eredeti üzenet", "mesajul original", "özgün ileti",
    "оригинално съобщение",
    "diagnostic information for administrators: original", "alkuperäisen viestin", "original msg", "orig msg",
];

/// Does the returned mail begin with this line?
fn begins_returned_mail(line: &str) -> bool {
    // A whole header is a mail's, and a MIME part that a mail system put into its text.
    let unquoted = line.trim_start_matches(['>', '|', ' ', '\t']);
    let starts = |name: &str| unquoted.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    if [
        "received: ",
        "received:from",
        "return-path:",
        "content-type: message/rfc822",
        "content-type: text/rfc822-headers",
    ]
    .into_iter()
    .any(starts)
    {
        return true;
    }
    if line.len() > 200 {
        return false;
    }
    let is_frame = |c: char| !c.is_alphanumeric();
    let framed = line.trim();
    let has_frame = framed.starts_with(is_frame);
    let words = framed.trim_matches(is_frame).to_lowercase();
    // Old sendmail begins with "The original message was received at …".
    if words.contains(" was received") || words.contains(" is over ") || words.contains("mts-id") {
        return false;
    }
    let words = words.strip_prefix("the ").unwrap_or(&words);
    ANNOUNCEMENTS.iter().any(|phrase| {
        let ends =
            framed.ends_with([':', '-', '=', '*', '.', '|']) || words.ends_with("follows") || words.ends_with("follow");
        match words.find(phrase) {
            Some(0) => (has_frame || ends || words.len() == phrase.len()) && words.len() <= phrase.len() + 60,
            Some(at) => has_frame && ends && at < 40,
            None => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::begins_returned_mail;

    #[test]
    fn the_line_above_a_returned_mail_is_known() {
        for line in [
            "--- Below this line is a copy of the message.",
            "   ----- Original message follows -----",
            "------ This is a copy of the message, including all the headers. ------",
            "Original message follows.",
            "Message headers follow.",
            "   ----- Unsent message follows -----",
            "    Below is a copy of the original message:",
            "Received: from mx.example by mx.example",
            "----- Ursprüngliche Nachricht -----",
        ] {
            assert!(begins_returned_mail(line), "{line}");
        }
        for line in [
            "The original message was received at Thu, 29 Apr 2010 23:34:45 +0900",
            "The MTS-ID of the original message is: c=us;a= ;p=hill",
            "Your message could not be delivered to ada@hill.example",
            "delete your own text from the attached returned message.",
            "",
        ] {
            assert!(!begins_returned_mail(line), "{line}");
        }
    }
}
