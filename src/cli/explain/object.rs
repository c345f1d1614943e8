//! A mail explained as one JSON object, for other programs. `schema.json` beside this file says what it holds.

use serde_json::{Value, json};

use super::NotExplained;
use crate::{
    daemon::explain::{ExplainError, Explained},
    mail::{
        address::Address,
        incoming::Incoming,
        report::{DeliveryReport, ReportKind},
        sort::{Kind, Sorted},
    },
};

pub(super) fn object(file: &str, explained: &Result<Explained, NotExplained>) -> Value {
    let explained = match explained {
        Ok(explained) => explained,
        Err(why) => {
            // A mail that can't be read is held, a file that can't be read is none.
            let held = matches!(why, NotExplained::Mail(ExplainError::Unreadable(_)));
            let case =
                held.then(|| json!({ "action": "quarantine", "reference": null, "linked_to": null, "evidence": [] }));
            return json!({ "file": file, "ok": false, "reason": why.to_string(), "case": case });
        }
    };
    let mail = &explained.mail.incoming;
    let sorted = &explained.mail.sorted;
    let said = &explained.mail.said;
    json!({
        "file": file,
        "ok": true,
        "message_id": mail.message_id,
        "from": mail.from.as_ref().map(|a| json!({ "name": a.name, "address": a.email })),
        "to": mail.to.iter().map(|a: &Address| &a.email).collect::<Vec<_>>(),
        "subject": mail.subject,
        "date": mail.date.map(|d| d.to_rfc3339()),
        "references": mail.references,
        "kind": kind(sorted),
        "why": explained.reasons(),
        "answerable": explained.is_answerable(),
        "bounce": mail.report.as_ref().filter(|report| report.kind != ReportKind::Receipt).map(bounce),
        "text": mail.text,
        "reply": said.reply,
        "signature": said.signature,
        "language": explained.language(),
        "attachments": attachments(mail),
        "requests": explained.asked.request_words(),
        "fields": explained.asked.fields_object(),
        "missing": explained.missing.iter().map(|name| name.key()).collect::<Vec<_>>(),
        "case": {
            "action": explained.outcome.action.as_str(),
            "reference": explained.outcome.reference,
            "linked_to": explained.outcome.linked_to,
            "evidence": explained.evidence,
        },
        "mails": letters(explained),
    })
}

/// To others a forged mail is one that must not be believed, as spam is; `why` tells them apart.
fn kind(sorted: &Sorted) -> &'static str {
    match sorted.kind {
        Kind::Forged => Kind::Spam.as_str(),
        kind => kind.as_str(),
    }
}

fn bounce(report: &DeliveryReport) -> Value {
    let recipients: Vec<Value> = report
        .recipients
        .iter()
        .map(|r| {
            json!({ "address": r.address, "status": r.status, "permanent": r.is_permanent(), "reason": r.reason,
                "diagnostic": r.diagnostic })
        })
        .collect();
    json!({ "recipients": recipients, "original_message_id": report.original_message_id })
}

fn attachments(mail: &Incoming) -> Vec<Value> {
    let all = mail.attachments.iter();
    all.map(|a| json!({ "name": a.name, "type": a.content_type, "size": a.size_bytes, "inline": a.inline })).collect()
}

fn letters(explained: &Explained) -> Vec<Value> {
    let all = explained.letters.iter();
    all.map(|l| json!({ "notice": l.notice, "to": l.to, "language": l.language, "subject": l.subject, "text": l.text }))
        .collect()
}
