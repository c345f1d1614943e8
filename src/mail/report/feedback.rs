//! Complaints that mailbox providers pass on (RFC 5965), also the older forms without its types.

use super::{ReportedRecipient, addresses, fields, notice::Notice};
use crate::mail::{address::Address, incoming::Incoming};

/// Subjects of feedback loops, in lower case.
const SUBJECTS: &[&str] = &[
    "complaint about message from",
    "email feedback report for ip",
    "abuse report",
    "abuse complaint",
    "feedback loop",
    "spam complaint",
    "fw: spam complaint",
    "[fbl]",
    "fbl:",
];
const SENDERS: &[&str] = &[
    "staff",
    "scomp",
    "fbl",
    "feedbackloop",
    "feedback-loop",
    "feedback",
    "abuse",
    "abuse-report",
    "complaints",
    "arf",
    "fbl-no-reply",
];

/// Why a mail is a complaint, if it is one.
pub(super) fn sign(mail: &Incoming, notice: &Notice<'_>) -> Option<String> {
    if mail.report_type.as_deref() == Some("feedback-report") {
        return Some("report: feedback-report".to_owned());
    }
    if !notice.feedback.is_empty() && (mail.report_type.is_some() || is_loop(mail) || notice.returns_something()) {
        return Some("it has a part message/feedback-report".to_owned());
    }
    let returned = notice.returned?;
    // Hotmail marks the returned mail.
    if returned.header("X-HmXmrOriginalRecipient").is_some() {
        return Some("a complaint as Hotmail sends it".to_owned());
    }
    let in_text = fields::groups(&notice.text)
        .any(|group| group.has("feedback-type") && (group.has("user-agent") || group.has("version")));
    if in_text {
        return Some("the text has the fields of a feedback report".to_owned());
    }
    (is_loop(mail) && mail.in_reply_to.is_empty()).then(|| format!("a feedback loop's subject: {}", mail.subject))
}

fn is_loop(mail: &Incoming) -> bool {
    let subject = mail.subject.to_lowercase();
    let local = mail.from.as_ref().map_or("", |from| from.email.split('@').next().unwrap_or_default());
    SENDERS.contains(&local) && SUBJECTS.iter().any(|start| subject.contains(start))
}

/// Who complained, as far as the provider tells.
pub(super) fn complainants(notice: &Notice<'_>) -> Vec<ReportedRecipient> {
    let mut found: Vec<String> = Vec::new();
    let texts = notice.feedback.iter().map(String::as_str).chain([notice.text.as_str()]);
    for group in texts.flat_map(fields::groups) {
        let named = ["original-rcpt-to", "removal-recipient", "redacted-address"];
        found.extend(
            named.iter().filter_map(|name| group.get(name)).filter_map(addresses::of_field).filter(|a| a.contains('@')),
        );
    }
    if found.is_empty()
        && let Some(returned) = notice.returned
    {
        let marked = returned.header_raw("X-HmXmrOriginalRecipient").and_then(addresses::of_field);
        let to = returned.to().and_then(|to| to.iter().find_map(|a| a.address.as_deref().map(Address::bare)));
        found.extend(marked.or_else(|| to.map(|to| to.email)));
    }
    found.sort();
    found.dedup();
    found.truncate(super::RECIPIENTS);
    found
        .into_iter()
        .map(|address| ReportedRecipient {
            address,
            action: "complaint".to_owned(),
            reason: "complaint".to_owned(),
            ..ReportedRecipient::default()
        })
        .collect()
}
