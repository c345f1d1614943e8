//! From a notice to a letter: the template's text, the headers that thread it, the bytes. Made once per notice.

use rusqlite::Connection;
use serde::Deserialize;
use serde_json::{Value, json};
use tracing::warn;

use super::{
    office::Office,
    subscription::{self, WayOut},
    take_in::LEAVES,
};
use crate::{
    desk::{case::Case, notice::NoticeKind, topic::Topic},
    mail::{
        calendar::{Notification, facts},
        compose::{Attachment, Automatic, List, Outgoing, compose},
        subject,
        template::{FALLBACK_LANGUAGE, Rendered},
    },
    store::{
        StoreError, cases, contacts, mails,
        outbox::{self, Frozen, StoredNotice},
    },
};

/// Ids in References: enough for every mail program, and bounded for a case that lives for years.
const REFERENCES: usize = 20;

/// All that the composer needs beside the notice.
#[derive(Debug, Clone, Default)]
pub struct Thread {
    language: String,
    case: Option<Case>,
    /// Message-IDs of the case's mails in both directions, the oldest first
    ids: Vec<String>,
    /// the last mail of a person that came in
    answers: Option<String>,
    attachments: Vec<Attachment>,
    /// for a subscriber
    way_out: Option<WayOut>,
}

/// Looks up what a notice's mail refers to.
pub fn thread(db: &Connection, office: &Office, notice: &StoredNotice) -> Result<Thread, StoreError> {
    let way_out = subscription::way_out(db, office, notice)?;
    Ok(Thread { way_out, ..thread_of(db, office, notice)? })
}

fn thread_of(db: &Connection, office: &Office, notice: &StoredNotice) -> Result<Thread, StoreError> {
    let language = language(db, office, notice)?;
    let attachments = outbox::attachments(db, notice.id)?;
    let Some(case) = notice.case else {
        let mut ids = match (notice.topic, &notice.recipients.to[..]) {
            (Some(topic), [person]) => outbox::topic_message_ids(db, topic, &person.email)?,
            _ => Vec::new(),
        };
        let ids = ids.split_off(ids.len().saturating_sub(REFERENCES));
        return Ok(Thread { language, answers: ids.last().cloned(), ids, attachments, ..Thread::default() });
    };
    let case_id = case;
    let case = cases::by_id(db, case)?;
    if notice.kind.is_for_staff() {
        // Their own thread, apart from the customer's.
        let mut ids = Vec::new();
        if let [person] = &notice.recipients.to[..] {
            ids = outbox::staff_message_ids(db, case_id, &person.email)?;
        }
        let ids = ids.split_off(ids.len().saturating_sub(REFERENCES));
        return Ok(Thread {
            language,
            case: Some(case),
            answers: ids.last().cloned(),
            ids,
            attachments,
            way_out: None,
        });
    }
    let came = mails::message_ids(db, case_id)?;
    let answers = came.last().map(|(_, id)| id.clone());
    let mut all = came;
    all.extend(outbox::message_ids(db, case_id)?);
    all.sort_by_key(|(at, _)| *at);
    // What is answered stands last: mail programs take the last id for the parent.
    let mut ids: Vec<String> = all.into_iter().map(|(_, id)| id).filter(|id| Some(id) != answers.as_ref()).collect();
    ids.extend(answers.clone());
    let ids = ids.split_off(ids.len().saturating_sub(REFERENCES));
    Ok(Thread { language, case: Some(case), ids, answers, attachments, way_out: None })
}

/// In which language a notice is written: of several readers the first decides. Staff read English.
pub fn language(db: &Connection, office: &Office, notice: &StoredNotice) -> Result<String, StoreError> {
    if notice.kind.is_for_staff() {
        return Ok(FALLBACK_LANGUAGE.to_owned());
    }
    let case = notice.case.map(|case| cases::by_id(db, case)).transpose()?;
    // A notice about no case has the language of the mail that brought it about with it.
    let request = notice.data.get("language").and_then(Value::as_str).map(str::to_owned);
    let request = request.or_else(|| case?.language);
    let reader = notice.recipients.to.first().map_or("", |person| &person.email);
    language_of(db, office, reader, request.as_deref())
}

/// In which language somebody is written to, `request` being that of what they asked for.
pub fn language_of(
    db: &Connection,
    office: &Office,
    reader: &str,
    request: Option<&str>,
) -> Result<String, StoreError> {
    let contact = contacts::by_email(db, reader)?.and_then(|contact| contact.language);
    Ok(office.desk.policy.languages.of_reader(contact.as_deref(), request).to_owned())
}

/// The text of a notice, without the headers that thread it.
pub fn render(office: &Office, notice: &StoredNotice, language: &str) -> Result<Rendered, String> {
    let mut data = Value::Object(notice.data.clone());
    let sender = &office.desk.sender;
    data["desk_name"] = json!(sender.display());
    data["desk_address"] = json!(sender.email);
    if let Some(page) = subscription::confirm_page(office, notice) {
        data["confirm_page"] = json!(page);
    }
    let mut rendered = office.templates.render(notice.kind.as_str(), language, &data).map_err(|e| e.to_string())?;
    if let Some(theirs) = data["their_reference"].as_str().filter(|_| !notice.kind.is_for_staff()) {
        rendered.subject = subject::with_theirs(&rendered.subject, theirs);
    }
    Ok(rendered)
}

/// For the mail programs of subscribers: an address of the desk with the token in the subject, since not every mailbox takes
/// mail for `support+token@`.
fn list(office: &Office, way_out: &WayOut) -> List {
    let sender = &office.desk.sender;
    let subject = format!("{LEAVES}{}", way_out.token).replace(' ', "%20");
    List {
        id: format!("updates.{}", office.desk.domain()),
        leave_by_mail: format!("mailto:{}?subject={subject}", sender.email),
        leave_by_page: way_out.page.clone(),
    }
}

/// Writes the mail; an error is one of the template or of an address, and final.
pub fn write(office: &Office, notice: &StoredNotice, thread: &Thread) -> Result<Frozen, String> {
    let rendered = match &thread.way_out {
        Some(way_out) => {
            let mut notice = notice.clone();
            notice.data.insert("footer".to_owned(), way_out.footer.clone());
            notice.data.insert("status_page".to_owned(), way_out.status_page.clone().unwrap_or_default());
            render(office, &notice, &thread.language)?
        }
        None => render(office, notice, &thread.language)?,
    };
    let sender = match notice.topic {
        Some(Topic::Works(_) | Topic::AllWorks) => office.desk.works_sender(),
        _ => &office.desk.sender,
    };
    let serial = u64::try_from(notice.id).unwrap_or_default();
    let domain = office.desk.domain();
    let (message_id, root) = match &thread.case {
        Some(case) => {
            let reference = &case.reference;
            let id = match &notice.recipients.to[..] {
                // By it, and by nobody else's, this person commands.
                [person] if notice.kind.is_for_staff() => {
                    office.keyring.personal_id(reference, serial, &person.email, domain)
                }
                _ => office.keyring.message_id(reference, serial, domain),
            };
            (id, Some(office.keyring.root(reference, domain)))
        }
        None => match (notice.topic, &notice.recipients.to[..]) {
            (Some(topic), [person]) => (office.keyring.topic_id(topic, serial, &person.email, domain), None),
            _ => (office.keyring.note_id(serial, domain), None),
        },
    };
    // The signed root of the case stands first: relays that rewrite Message-IDs leave it alone.
    let references = root.into_iter().chain(thread.ids.iter().cloned()).collect();
    let calendar = calendar(office, notice, &rendered);
    let outgoing = Outgoing {
        from: sender.clone(),
        to: notice.recipients.to.clone(),
        cc: notice.recipients.cc.clone(),
        subject: rendered.subject.clone(),
        text: rendered.text,
        html: Some(rendered.html),
        calendar,
        message_id: message_id.clone(),
        in_reply_to: thread.answers.clone(),
        references,
        date: notice.decided_at,
        automatic: automatic(notice),
        attachments: thread.attachments.clone(),
        list: thread.way_out.as_ref().map(|way_out| list(office, way_out)),
    };
    let bytes = compose(&outgoing).map_err(|e| e.to_string())?;
    // The envelope sender is an address of the desk that reads bounces, never empty.
    Ok(Frozen { message_id, envelope_from: office.desk.sender.email.clone(), subject: rendered.subject, bytes })
}

/// The notice's calendar, which says in the mail's words what it leaves open.
fn calendar(office: &Office, notice: &StoredNotice, rendered: &Rendered) -> Option<String> {
    let kept = notice.data.get("calendar").filter(|kept| !kept.is_null())?;
    match Notification::deserialize(kept) {
        Ok(told) => Some(told.to_ical(&rendered.subject, &facts(&rendered.text, office.desk.sender.display()))),
        Err(error) => {
            // The text says all that matters: no mail is held up for its calendar.
            warn!(notice = notice.id, %error, "the calendar of a notice can't be read: it is sent without");
            None
        }
    }
}

/// RFC 3834 §5: an answer to a mail is auto-replied, what a clock brought about is auto-generated.
fn automatic(notice: &StoredNotice) -> Option<Automatic> {
    let replied = matches!(
        notice.kind,
        NoticeKind::Acknowledgement
            | NoticeKind::Linked
            | NoticeKind::Reopened
            | NoticeKind::ConfirmSender
            | NoticeKind::Refused
            | NoticeKind::GoThrough
            | NoticeKind::Agreed
            | NoticeKind::MacdReceived
            | NoticeKind::BillingPassedOn
            | NoticeKind::WorksRecorded
            | NoticeKind::WorksList
            | NoticeKind::EscalationByTelephone
            | NoticeKind::EscalationSuperseded
            | NoticeKind::StaffCommand
            | NoticeKind::RfoRecorded
            | NoticeKind::RfoNotGiven
            | NoticeKind::AttentionRecorded
    );
    notice.automatic.then_some(if replied { Automatic::Replied } else { Automatic::Generated })
}

#[cfg(test)]
mod tests;
