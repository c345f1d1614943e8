//! Amazon SES by way of SNS: the report is an object of JSON in the text.

use serde_json::Value;

use super::{DeliveryReport, RECIPIENTS, ReportKind, ReportedRecipient, reason};
use crate::mail::incoming::{Incoming, usable_id};

/// Reads the object; none for any other mail.
pub(super) fn read(mail: &Incoming, text: &str) -> Option<DeliveryReport> {
    let from_amazon = mail.header("x-amz-sns-message-id").next().is_some()
        || mail.from.as_ref().is_some_and(|from| from.domain().ends_with("amazonaws.com"));
    if !from_amazon || !text.trim_start().starts_with('{') {
        return None;
    }
    let mut object = parsed(text)?;
    if let Some(inner) = object.get("Message").and_then(Value::as_str).and_then(parsed) {
        object = inner;
    }
    let kind = object.get("notificationType").or_else(|| object.get("eventType"))?.as_str()?.to_owned();
    let (kind, member, list) = match kind.as_str() {
        "Bounce" => (ReportKind::Failed, "bounce", "bouncedRecipients"),
        "Complaint" => (ReportKind::Feedback, "complaint", "complainedRecipients"),
        "Delivery" => (ReportKind::Delivered, "delivery", "recipients"),
        "DeliveryDelay" => (ReportKind::Delayed, "deliveryDelay", "delayedRecipients"),
        _ => return None,
    };
    let report = object.get(member);
    let recipients = report.and_then(|r| r.get(list)).and_then(Value::as_array).into_iter().flatten();
    let recipients = recipients.filter_map(|one| recipient(one, kind)).take(RECIPIENTS).collect();
    let sent = object.get("mail");
    let headers = sent.and_then(|m| m.pointer("/commonHeaders/messageId")).and_then(Value::as_str);
    let in_list = sent.and_then(|m| m.get("headers")).and_then(Value::as_array).and_then(|headers| {
        let named =
            |h: &&Value| h.get("name").and_then(Value::as_str).is_some_and(|n| n.eq_ignore_ascii_case("message-id"));
        headers.iter().find(named)?.get("value")?.as_str()
    });
    Some(DeliveryReport {
        kind,
        why: vec!["a notification of Amazon SES".to_owned()],
        original_message_id: in_list.or(headers).and_then(usable_id),
        recipients,
    })
}

/// The first value of a text. Mail breaks its lines anywhere, also within strings.
fn parsed(text: &str) -> Option<Value> {
    let joined = text.replace(['\r', '\n'], "");
    serde_json::Deserializer::from_str(&joined).into_iter::<Value>().next()?.ok()
}

fn recipient(one: &Value, kind: ReportKind) -> Option<ReportedRecipient> {
    let text = |name: &str| one.get(name).and_then(Value::as_str);
    let address = text("emailAddress").or_else(|| one.as_str())?.to_lowercase();
    let mut recipient = ReportedRecipient { address, action: kind.action().to_owned(), ..ReportedRecipient::default() };
    if kind == ReportKind::Feedback {
        recipient.reason = "complaint".to_owned();
    } else {
        let said = text("diagnosticCode").unwrap_or_default();
        reason::judge(&mut recipient, text("status"), said.strip_prefix("smtp;").unwrap_or(said).trim());
    }
    Some(recipient)
}
