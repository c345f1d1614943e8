//! Reports on mail that the desk sent: that it did not arrive, or not yet, or did; that somebody complained; that it was
//! read. By the standards (RFC 3464, 5965, 8098), also where they are followed badly, and in the many forms of mail
//! systems that follow none.
//!
//! A report is told from a person's mail by its structure, or else by several signs together (`signs`). Its recipients
//! come from the fields for machines (`fields`), else from the prose (`prose`); the words of servers become a status and
//! a reason (`reason`); `original` finds the mail that it is about. Everything that is read is bounded.

mod addresses;
mod feedback;
mod fields;
mod notice;
mod notification;
mod original;
mod phrases;
mod prose;
mod reason;
mod signs;
mod smtp;

use mail_parser::{Message, PartType};

use super::incoming::Incoming;
use notice::Notice;

/// Recipients in one report.
const RECIPIENTS: usize = 1_000;
/// Returned reports that are looked into for recipients that the outer one does not name.
const DEPTH: usize = 3;

/// What a report is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ReportKind {
    /// a mail did not arrive
    #[default]
    Failed,
    /// a mail did not arrive yet
    Delayed,
    /// a mail arrived, or went on to a system that makes no reports
    Delivered,
    /// somebody marked a mail as spam (RFC 5965)
    Feedback,
    /// a mail was read, or deleted unread (RFC 8098)
    Receipt,
}

impl ReportKind {
    fn action(self) -> &'static str {
        match self {
            ReportKind::Failed => "failed",
            ReportKind::Delayed => "delayed",
            ReportKind::Delivered => "delivered",
            ReportKind::Feedback => "complaint",
            ReportKind::Receipt => "displayed",
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryReport {
    pub kind: ReportKind,
    /// what it was seen by
    pub why: Vec<String>,
    /// of the mail that the report is about
    pub original_message_id: Option<String>,
    pub recipients: Vec<ReportedRecipient>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportedRecipient {
    /// in lower case; what the sender wrote, where the report says it
    pub address: String,
    /// failed, delayed, delivered, relayed or expanded (RFC 3464 §2.3.3), or complaint
    pub action: String,
    /// RFC 3463, such as 5.1.1; derived from the server's words where the report gives none
    pub status: String,
    /// what it comes to, such as user-unknown; undefined when nobody can tell
    pub reason: String,
    /// what the mail server said, in one line
    pub diagnostic: String,
}

impl ReportedRecipient {
    /// Is it the address that fails, so that no later mail will do better? A full mailbox or a refused text is no reason to
    /// write to somebody never again, whatever class the server's status has.
    pub fn is_permanent(&self) -> bool {
        let by_reason = match self.reason.as_str() {
            "user-unknown" | "host-unknown" | "moved" | "not-accepting" => true,
            "suspended" => self.status.starts_with('5'),
            _ => self.status.starts_with("5.1.") && matches!(self.reason.as_str(), "undefined" | ""),
        };
        self.action == "failed" && by_reason
    }
}

/// Reads a report; none when the mail is none.
pub fn read(mail: &Incoming, message: &Message<'_>) -> Option<DeliveryReport> {
    let mut report = if may_be_report(mail, message) { understood(mail, message)? } else { return None };
    for recipient in &mut report.recipients {
        // They are shown to people, and compared with addresses that have none.
        recipient.address.retain(|c| !c.is_control());
    }
    Some(report)
}

fn understood(mail: &Incoming, message: &Message<'_>) -> Option<DeliveryReport> {
    let notice = Notice::of(message);
    if let Some(report) = notification::read(mail, &notice.text) {
        return Some(report);
    }
    if let Some(why) = feedback::sign(mail, &notice) {
        let recipients = feedback::complainants(&notice);
        return Some(report(mail, &notice, ReportKind::Feedback, vec![why], recipients));
    }
    if mail.report_type.as_deref() == Some("disposition-notification")
        || notice.disposition.is_some() && !signs::is_answer(mail)
    {
        let why = vec!["report: disposition-notification".to_owned()];
        return Some(report(mail, &notice, ReportKind::Receipt, why, vec![]));
    }
    let (why, recipients) = by_standard(mail, &notice).or_else(|| by_signs(mail, &notice))?;
    let mut recipients = recipients;
    if recipients.is_empty() {
        recipients = of_returned_report(&notice, DEPTH);
    }
    if recipients.is_empty() {
        recipients = prose::of_returned(mail, &notice, signs::outcome(mail, &notice));
    }
    let kind = kind(mail, &notice, &recipients);
    Some(report(mail, &notice, kind, why, recipients))
}

/// Most mails are not: what costs nothing is asked first.
fn may_be_report(mail: &Incoming, message: &Message<'_>) -> bool {
    mail.report_type.is_some()
        || message.parts.iter().any(|part| matches!(part.body, PartType::Message(_)) || is_message_type(part))
        || signs::mail_system(mail).is_some()
        || signs::has_null_return_path(mail)
        || ["x-failed-recipients", "x-amz-sns-message-id"].into_iter().any(|name| mail.header(name).next().is_some())
        || signs::has_telling_subject(mail)
}

fn is_message_type(part: &mail_parser::MessagePart<'_>) -> bool {
    use mail_parser::MimeHeaders;
    part.content_type().is_some_and(|t| {
        let sub = t.subtype().unwrap_or_default().to_ascii_lowercase();
        t.ctype().eq_ignore_ascii_case("message")
            || sub.starts_with("rfc822-header")
            || sub.ends_with("-report")
            || sub.ends_with("-status")
    })
}

fn report(
    mail: &Incoming,
    notice: &Notice<'_>,
    kind: ReportKind,
    why: Vec<String>,
    recipients: Vec<ReportedRecipient>,
) -> DeliveryReport {
    DeliveryReport { kind, why, original_message_id: original::message_id(mail, notice), recipients }
}

/// A multipart/report, or a mail system's mail with a part for machines.
fn by_standard(mail: &Incoming, notice: &Notice<'_>) -> Option<(Vec<String>, Vec<ReportedRecipient>)> {
    let is_report = mail.report_type.as_deref() == Some("delivery-status");
    let is_robot = signs::mail_system(mail).is_some() || signs::has_null_return_path(mail);
    // Mail programs keep the parts of a report that a person forwards.
    if !is_report && (notice.status.is_empty() || signs::is_answer(mail) || !is_robot && mail.report_type.is_none()) {
        return None;
    }
    // A gatekeeper's question in the form of a report: the mail waits for its sender's answer.
    if signs::mail_system(mail).is_none() && signs::is_challenge(mail, notice) {
        return None;
    }
    let otherwise = signs::outcome(mail, notice);
    let mut recipients: Vec<ReportedRecipient> = Vec::new();
    for text in &notice.status {
        recipients.extend(fields::recipients(text, otherwise.action()));
    }
    let mut recipients = without_repetition(recipients);
    if recipients.is_empty() {
        recipients = fields_in_text(notice, otherwise);
    }
    if recipients.is_empty() {
        recipients = prose::recipients(mail, notice, otherwise);
    }
    prose::complete(&mut recipients, notice);
    let why = if is_report { "report: delivery-status" } else { "it has a part message/delivery-status" };
    Some((vec![why.to_owned()], recipients))
}

fn by_signs(mail: &Incoming, notice: &Notice<'_>) -> Option<(Vec<String>, Vec<ReportedRecipient>)> {
    let signs = signs::weigh(mail, notice)?;
    if signs::mail_system(mail).is_none() && signs::is_challenge(mail, notice) {
        return None;
    }
    let kind = signs::outcome(mail, notice);
    let mut recipients = fields_in_text(notice, kind);
    if recipients.is_empty() {
        recipients = prose::recipients(mail, notice, kind);
    }
    Some((signs.why, recipients))
}

/// The fields for machines in the text: where the header of the mail that said so was lost.
fn fields_in_text(notice: &Notice<'_>, otherwise: ReportKind) -> Vec<ReportedRecipient> {
    let has_fields = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.contains("final-recipient:") && text.contains("action:")
    };
    let text = [&notice.text, &notice.below].into_iter().find(|text| has_fields(text));
    text.map(|text| without_repetition(fields::recipients(text, otherwise.action()))).unwrap_or_default()
}

fn without_repetition(recipients: Vec<ReportedRecipient>) -> Vec<ReportedRecipient> {
    let mut seen = std::collections::HashSet::new();
    recipients.into_iter().filter(|r| seen.insert((r.address.clone(), r.action.clone()))).take(RECIPIENTS).collect()
}

/// A relay that wraps a report into its own says nothing itself.
fn of_returned_report(notice: &Notice<'_>, depth: usize) -> Vec<ReportedRecipient> {
    let Some(returned) = notice.returned.filter(|_| depth > 0).filter(|returned| signs::is_from_mail_system(returned))
    else {
        return vec![];
    };
    let inner = Notice::of(returned);
    let recipients: Vec<ReportedRecipient> =
        inner.status.iter().flat_map(|text| fields::recipients(text, "failed")).collect();
    if recipients.is_empty() { of_returned_report(&inner, depth - 1) } else { without_repetition(recipients) }
}

/// One that failed makes it a failure, whatever became of the others.
fn kind(mail: &Incoming, notice: &Notice<'_>, recipients: &[ReportedRecipient]) -> ReportKind {
    let any = |action: &str| recipients.iter().any(|r| r.action == action);
    if any("failed") {
        ReportKind::Failed
    } else if any("delayed") {
        ReportKind::Delayed
    } else if recipients.is_empty() {
        signs::outcome(mail, notice)
    } else {
        ReportKind::Delivered
    }
}

#[cfg(test)]
mod tests;
