//! What the desk would make of a mail: the mail is read and taken in like any other, in a transaction that is taken back.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::{
    letter,
    office::Office,
    reading::{Bytes, ReadMail, read},
    take_in::{Taken, asked, take_in},
};
use crate::{
    desk::{
        case::{LinkKind, Status},
        cues::{self, Asked},
    },
    mail::{extract::FieldName, sort::Kind, thread::Evidence},
    store::{
        StoreError, cases,
        mailboxes::{self, Place},
        mails::{self, Disposition},
        open::rehearsal,
        outbox::{self, StoredNotice},
        suppressions,
    },
};

/// What follows from a mail, and why.
#[derive(Debug)]
pub struct Explained {
    pub mail: Box<ReadMail>,
    pub outcome: Outcome,
    pub evidence: Vec<Evidence>,
    pub letters: Vec<Letter>,
    /// why its writer gets nothing automatic, whatever the mail is
    pub silence: Option<String>,
    /// what it asks for and tells, compared with the list of services
    pub asked: Asked,
    /// what it would be asked for
    pub missing: Vec<FieldName>,
}

impl Explained {
    /// What the mail was taken for, and why its writer gets no answer.
    pub fn reasons(&self) -> Vec<String> {
        let sorted = &self.mail.sorted;
        let silence = sorted.silence.iter().chain(&self.silence).map(|why| format!("not answered: {why}"));
        sorted.why.iter().cloned().chain(silence).collect()
    }

    /// May it get an automatic answer (SERVICE.md, kinds of mail)?
    pub fn is_answerable(&self) -> bool {
        self.mail.sorted.answerable() && self.silence.is_none()
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    pub action: Action,
    /// the case that it is written to, or that it opens
    pub reference: Option<String>,
    /// the case that this one goes on with
    pub linked_to: Option<String>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Action {
    Open,
    Append,
    Reopen,
    /// opens a case that goes on with an older one
    Link,
    /// kept on the case without effect
    Record,
    /// kept, belongs to no case
    Stray,
    /// the desk has this mail already, or it is its own
    #[default]
    Nothing,
    Quarantine,
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Action::Open => "open",
            Action::Append => "append",
            Action::Reopen => "reopen",
            Action::Link => "link",
            Action::Record => "record",
            Action::Stray => "stray",
            Action::Nothing => "none",
            Action::Quarantine => "quarantine",
        }
    }
}

/// A mail that would go out.
#[derive(Debug, Clone)]
pub struct Letter {
    pub notice: &'static str,
    pub to: String,
    pub language: &'static str,
    pub subject: String,
    pub text: String,
}

#[derive(Debug, thiserror::Error)]
pub enum ExplainError {
    /// the mail can't be read: it would be held in quarantine
    #[error("it can't be taken in: {0}")]
    Unreadable(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whose mail, when, by which mailbox.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub raw: &'a [u8],
    pub mailbox: &'a str,
    pub authserv_id: Option<&'a str>,
    /// when the desk's mail server had it
    pub received_at: DateTime<Utc>,
}

/// Says what the desk would make of a mail. Writes nothing.
pub fn explain(
    db: &mut Connection,
    office: &Office,
    arrival: &Arrival<'_>,
    now: DateTime<Utc>,
) -> Result<Explained, ExplainError> {
    let bytes = Bytes {
        raw: arrival.raw,
        size_bytes: arrival.raw.len() as u64,
        truncated: false,
        received_at: arrival.received_at,
    };
    let mail = read(office, bytes, arrival.authserv_id).map_err(ExplainError::Unreadable)?;
    let mail = Box::new(mail);
    let place = Place { mailbox: arrival.mailbox.to_owned(), epoch: 0, key: "explained".to_owned() };
    let (taken, case, linked_to, evidence, letters, silence, asked) = rehearsal(db, |tx| {
        let said_before = outbox::last(tx)?;
        let taken = take_in(tx, office, &mail, &place, None, now)?;
        let reference = match &taken {
            Taken::Kept { case, .. } => *case,
            _ => None,
        };
        let case = reference.map(|r| cases::by_reference(tx, r)).transpose()?.flatten();
        let linked_to = match &case {
            Some(case) => cases::links(tx, case.id)?
                .into_iter()
                .find(|link| link.how == LinkKind::Continues.as_str())
                .map(|link| link.reference.to_string()),
            None => None,
        };
        let kept = mailboxes::mail_at(tx, &place)?;
        let evidence = kept.map(|mail| mails::evidence(tx, mail)).transpose()?.unwrap_or_default();
        let notices = outbox::after(tx, said_before)?;
        let mut letters = Vec::new();
        for notice in &notices {
            if goes_out(tx, notice, now)? {
                letters.push(letter(office, notice));
            }
        }
        let silence =
            suppressions::of(tx, &mail.writer().email, now)?.map(|s| format!("{}: {}", s.cause.as_str(), s.reason));
        let asked = asked::checked(tx, &mail.writer(), &mail)?;
        Ok::<_, StoreError>((taken, case, linked_to, evidence, letters, silence, asked))
    })?;
    let reopened = match &case {
        Some(case) if case.status == Status::Reopened => {
            cases::by_reference(db, case.reference)?.is_some_and(|before| before.status.is_closed())
        }
        _ => false,
    };
    let outcome = Outcome {
        action: action(&taken, linked_to.is_some(), reopened),
        reference: case.map(|case| case.reference.to_string()),
        linked_to,
    };
    let opens = outcome.action == Action::Open && mail.sorted.kind == Kind::Person;
    let missing = if opens { cues::missing(&asked, &office.desk.policy.required_fields) } else { vec![] };
    Ok(Explained { mail, outcome, evidence, letters, silence, asked, missing })
}

/// Is anybody of its recipients left who gets automatic mail?
fn goes_out(tx: &Connection, notice: &StoredNotice, now: DateTime<Utc>) -> Result<bool, StoreError> {
    if !notice.automatic {
        return Ok(true);
    }
    for person in notice.recipients.all() {
        if suppressions::of(tx, &person.email, now)?.is_none() {
            return Ok(true);
        }
    }
    Ok(false)
}

fn action(taken: &Taken, linked: bool, reopened: bool) -> Action {
    match taken {
        Taken::Again | Taken::Known => Action::Nothing,
        Taken::Held { .. } => Action::Quarantine,
        Taken::Kept { kind: Kind::Own, .. } => Action::Nothing,
        Taken::Kept { disposition, .. } => match disposition {
            Disposition::Opened if linked => Action::Link,
            Disposition::Opened => Action::Open,
            Disposition::Appended if reopened => Action::Reopen,
            Disposition::Appended => Action::Append,
            Disposition::Recorded | Disposition::Variant => Action::Record,
            Disposition::Stray => Action::Stray,
            Disposition::Own => Action::Nothing,
        },
    }
}

/// A notice as the mail that its recipients would get.
fn letter(office: &Office, notice: &StoredNotice) -> Letter {
    let to: Vec<&str> = notice.recipients.all().map(|a| a.email.as_str()).collect();
    let (subject, text) = match letter::render(office, notice) {
        Ok(rendered) => (rendered.subject, rendered.text),
        Err(why) => (String::new(), format!("this mail can't be written: {why}")),
    };
    Letter { notice: notice.kind.as_str(), to: to.join(", "), language: letter::LANGUAGE, subject, text }
}
