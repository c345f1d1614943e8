//! Passes a mail about an invoice on, once: the mail itself, as it came, is attached.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::reading::ReadMail;
use crate::{
    desk::{billing, lifecycle::Decision, notice::NoticeKind},
    mail::{address::Address, compose::Attachment},
    store::{
        StoreError, mails,
        outbox::{self, NewNotice, Recipients},
    },
};

/// The case has to be there.
pub(super) fn pass_on(
    tx: &Connection,
    mail: &ReadMail,
    decision: &Decision,
    writer: &Address,
    address: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let case = &decision.case;
    let attached = Attachment {
        name: format!("{}.eml", case.reference),
        // As message/rfc822 it could not be encoded (RFC 2045, 6.4), and its lines may be too long for SMTP.
        content_type: "application/octet-stream".to_owned(),
        bytes: mails::unpack(&mail.raw_zstd)?,
    };
    let notice = NewNotice {
        case: Some(case.id),
        topic: None,
        kind: NoticeKind::BillingRequest,
        automatic: true,
        decided_at: now,
        data: &billing::request(decision, writer),
        recipients: &Recipients { to: vec![Address::bare(address)], cc: vec![] },
        cause: &format!("billing:{}", case.id.0),
        attachments: &[attached],
    };
    outbox::add(tx, &notice, None).map(drop)
}
