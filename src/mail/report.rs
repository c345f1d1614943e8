//! Delivery reports (RFC 3464): what became of a mail that the desk sent.

use mail_parser::{Message, MessagePart, MimeHeaders, PartType};

use super::incoming::usable_id;

/// Recipients in one report.
const RECIPIENTS: usize = 100;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryReport {
    /// of the mail that the report is about
    pub original_message_id: Option<String>,
    pub recipients: Vec<ReportedRecipient>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedRecipient {
    /// in lower case; what the sender wrote, where the report says it
    pub address: String,
    /// failed, delayed, delivered, relayed or expanded (RFC 3464 §2.3.3)
    pub action: String,
    /// RFC 3463, such as 5.1.1
    pub status: String,
    /// what it comes to, such as user-unknown
    pub reason: String,
    /// what the mail server said
    pub diagnostic: String,
}

impl ReportedRecipient {
    /// Will no later try do better?
    pub fn is_permanent(&self) -> bool {
        self.action == "failed" && !self.status.starts_with('4')
    }
}

/// Reads the report of a multipart/report; none when the mail is none.
pub fn read(message: &Message<'_>) -> Option<DeliveryReport> {
    let status = message.parts.iter().find(|part| is_type(part, "message", "delivery-status"))?;
    let text = String::from_utf8_lossy(contents(status)).into_owned();
    let recipients = blocks(&text).filter_map(recipient).take(RECIPIENTS).collect();
    Some(DeliveryReport { original_message_id: original(message), recipients })
}

fn is_type(part: &MessagePart<'_>, main: &str, sub: &str) -> bool {
    part.content_type().is_some_and(|t| {
        t.ctype().eq_ignore_ascii_case(main) && t.subtype().is_some_and(|s| s.eq_ignore_ascii_case(sub))
    })
}

fn contents<'a>(part: &'a MessagePart<'_>) -> &'a [u8] {
    match &part.body {
        PartType::Message(inner) => &inner.raw_message,
        _ => part.contents(),
    }
}

/// The groups of fields; they are separated by empty lines.
fn blocks(text: &str) -> impl Iterator<Item = Vec<(String, String)>> + '_ {
    text.split("\n\n").flat_map(|half| half.split("\r\n\r\n")).map(|block| {
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in block.lines() {
            match (line.starts_with([' ', '\t']), fields.last_mut()) {
                (true, Some((_, value))) => value.push_str(line.trim_end()),
                _ => {
                    let Some((name, value)) = line.split_once(':') else { continue };
                    fields.push((name.trim().to_lowercase(), value.trim().to_owned()));
                }
            }
        }
        fields
    })
}

fn recipient(fields: Vec<(String, String)>) -> Option<ReportedRecipient> {
    let field = |name: &str| fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str());
    let written = field("original-recipient").or_else(|| field("final-recipient"))?;
    let address = written.split_once(';').map_or(written, |(_, address)| address);
    let action = field("action")?.split_whitespace().next().unwrap_or_default().to_lowercase();
    Some(ReportedRecipient {
        address: address.trim().trim_matches(['<', '>']).to_lowercase(),
        action,
        status: field("status").unwrap_or_default().split_whitespace().next().unwrap_or_default().to_owned(),
        reason: String::new(),
        diagnostic: field("diagnostic-code").unwrap_or_default().to_owned(),
    })
}

/// The Message-ID of the mail that came back: of the message, or of its header alone.
fn original(message: &Message<'_>) -> Option<String> {
    message.parts.iter().find_map(|part| match &part.body {
        PartType::Message(inner) if is_type(part, "message", "rfc822") => inner.message_id().and_then(usable_id),
        _ if is_type(part, "text", "rfc822-headers") || is_type(part, "message", "rfc822-headers") => {
            let text = String::from_utf8_lossy(contents(part)).into_owned();
            let (_, id) = blocks(&text).flatten().find(|(name, _)| name == "message-id")?;
            usable_id(&id)
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::incoming;

    #[test]
    fn a_report_names_the_mail_and_each_recipient() {
        let mail = "From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
            --b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
            Final-Recipient: rfc822; Gone@hill.example\r\nAction: failed\r\nStatus: 5.1.1 (no user)\r\n\r\n\
            Final-Recipient: rfc822; slow@hill.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n\r\n\
            --b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\nMessage-ID:\r\n <abc@desk.example>\r\n\r\n--b--\r\n";
        let report = incoming::read(mail.as_bytes()).unwrap().report.unwrap();
        assert_eq!(report.original_message_id.as_deref(), Some("abc@desk.example"));
        let found: Vec<_> =
            report.recipients.iter().map(|r| (r.address.as_str(), r.action.as_str(), r.status.as_str())).collect();
        assert_eq!(found, [("gone@hill.example", "failed", "5.1.1"), ("slow@hill.example", "delayed", "4.4.1")]);
    }

    #[test]
    fn the_id_is_found_in_a_returned_message_too() {
        let mail = "From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
            --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
            Final-Recipient: rfc822; gone@hill.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
            --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\nMessage-ID: <abc@desk.example>\r\n\r\nbody\r\n--b--\r\n";
        let report = incoming::read(mail.as_bytes()).unwrap().report.unwrap();
        assert_eq!(report.original_message_id.as_deref(), Some("abc@desk.example"));
    }
}
