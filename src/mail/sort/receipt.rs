//! Read receipts that are none of RFC 8098: Outlook and Exchange of old, Notes, GroupWise. They are typed by a header or a
//! part at best; their subject alone ("Read: …") may be a person's.

use super::{Kind, Sorted, sorted};
use crate::mail::incoming::Incoming;

/// Subjects of receipts before the original's, in lower case.
#[rustfmt::skip]
const SUBJECTS: [&str; 34] = [
    "read", "not read", "read receipt", "return receipt", "gelesen", "ungelesen gelöscht", "nicht gelesen", "lesebestätigung",
    "empfangsbestätigung", "lu", "non lu", "accusé de lecture", "letto", "non letto", "conferma di lettura", "leído", "leido",
    "no leído", "confirmación de lectura", "lida", "lido", "não lida", "confirmação de leitura", "gelezen", "niet gelezen",
    "læst", "läst", "lest", "luettu", "przeczytano", "přečteno", "прочитано", "прочетено", "開封済み",
];

/// What they say, in lower case.
#[rustfmt::skip]
const PHRASES: [&str; 24] = [
    "was read on", "was displayed on", "has been read", "was deleted without being read", "this is a receipt for the mail",
    "return receipt for the mail", "wurde gelesen", "gelesen am", "wurde ungelesen gelöscht", "wurde angezeigt", "a été lu",
    "a été ouvert", "è stato letto", "è stata letta", "fue leído", "se leyó", "foi lida", "foi lido", "is gelezen", "blev læst",
    "lästes", "przeczytana", "было прочитано", "開封され",
];

pub(super) fn of_old_style(mail: &Incoming, reply: &str) -> Option<Sorted> {
    let class = mail.header("content-class").any(|value| value.to_lowercase().contains("content-classes:mdn"));
    let report = || ["ipnrn", "ipnnrn"].iter().any(|end| has_message_class(mail, end));
    if class || report() {
        return Some(sorted(Kind::ReadReceipt, "typed as a read receipt".to_owned()));
    }
    if mail.attachments.iter().any(|part| part.content_type == "message/disposition-notification") {
        return Some(sorted(Kind::ReadReceipt, "a disposition notification".to_owned()));
    }
    let (prefix, _) = mail.subject.split_once([':', '\u{ff1a}'])?;
    if !SUBJECTS.contains(&prefix.trim().to_lowercase().as_str()) || reply.chars().nth(1000).is_some() {
        return None;
    }
    let text = reply.to_lowercase();
    let says = PHRASES.iter().find(|phrase| text.contains(**phrase))?;
    Some(sorted(Kind::ReadReceipt, format!("a read receipt: \"{says}\"")))
}

fn has_message_class(mail: &Incoming, end: &str) -> bool {
    let names = ["x-message-class", "x-ms-exchange-message-class", "message-class"];
    names.iter().flat_map(|name| mail.header(name)).any(|value| value.to_lowercase().contains(end))
}
