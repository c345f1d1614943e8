//! Questions that the desk asks by mail, and what an answer to one brings about: is it you who writes to us, and shall
//! we write to another address of yours?
//!
//! The proof is the signed id of the notice that asked: only who reads the asked mailbox can cite it. Nobody can have
//! the desk send mail to many by it: an address is asked once a day, all addresses together [`ASKS_PER_HOUR`] times, and
//! the limits of automatic mail count as ever.

use chrono::{DateTime, Duration, Utc};
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::{Kept, Taken, TakingIn, keep, opening::Begin};
use crate::{
    daemon::{
        office::Office,
        reading::{Bytes, read},
    },
    desk::{
        case::Actor,
        directory::{Contact, says_yes, wrote_nothing},
        hours::Zone,
        lifecycle::{Entry, What},
        notice::{self, NoticeKind},
        reference::Reference,
    },
    mail::{address::Address, sort::Kind, subject, thread::Weighed, wording},
    store::{
        StoreError, address_change, cases,
        confirmations::{self, Asked, Purpose},
        contacts, history,
        mailboxes::Place,
        mails::{self, Disposition},
        outbox::{self, NewNotice, Recipients},
    },
};

/// Unknown addresses that are asked in an hour, all together. A flood with forged senders must not become one from here.
const ASKS_PER_HOUR: u32 = 200;
/// An unknown address is asked or refused once in this time, however much it writes.
const ONCE_IN: Duration = Duration::days(1);
/// A question is good for so long.
const GOOD_FOR: Duration = Duration::days(30);

impl TakingIn<'_> {
    /// Does the mail answer a question of the desk? Then what was asked for is done.
    pub(super) fn answer_to_a_question(&self, writer: &Address) -> Result<Option<(i64, Taken)>, StoreError> {
        let Some(asked) = self.asked()? else { return Ok(None) };
        match &asked.purpose {
            // "I did not write this" confirms nothing.
            Purpose::Sender if wrote_nothing(&self.mail.said.reply) => Ok(None),
            Purpose::Sender => self.sender_confirmed(&asked),
            // Whoever writes from elsewhere has seen the question, which says nothing about who they are.
            Purpose::Address { .. } if writer.email != asked.email || !says_yes(self.mail.said.own_words()) => Ok(None),
            Purpose::Address { contact, new_email } => self.address_confirmed(&asked, *contact, new_email),
        }
    }

    fn asked(&self) -> Result<Option<Asked>, StoreError> {
        if self.mail.sorted.kind != Kind::Person {
            return Ok(None);
        }
        let mail = &self.mail.incoming;
        let ids = mail.in_reply_to.iter().chain(mail.references.iter().rev());
        let Some(serial) = ids.filter_map(|id| self.office.keyring.verify_note(id)).next() else { return Ok(None) };
        let Ok(notice) = i64::try_from(serial) else { return Ok(None) };
        let since = self.now - GOOD_FOR;
        Ok(confirmations::open(self.tx, notice)?.filter(|asked| asked.asked_at > since))
    }

    /// All that waited from this address becomes cases, as of when it was received; the answer is kept on the newest.
    fn sender_confirmed(&self, asked: &Asked) -> Result<Option<(i64, Taken)>, StoreError> {
        confirmations::confirm(self.tx, asked.notice, self.now)?;
        let mut newest = None;
        for id in confirmations::take_waiting(self.tx, &asked.email)? {
            newest = open_kept(self.tx, self.office, id, OpenedBy::Sender, self.now)?.or(newest);
        }
        // Nothing waits any more: the answer is a request itself.
        let Some(reference) = newest else { return Ok(None) };
        let Some(case) = cases::by_reference(self.tx, reference)? else { return Ok(None) };
        let note = Some("confirms that the sender writes to us");
        let kept = Kept { case: Some(case.id), note, ..Kept::only(Disposition::Recorded) };
        let id = keep(self.tx, self.mail, self.place, &kept, self.now)?;
        Ok(Some((id, self.taken(Disposition::Recorded, Some(reference)))))
    }

    fn address_confirmed(
        &self,
        asked: &Asked,
        contact: i64,
        new_email: &str,
    ) -> Result<Option<(i64, Taken)>, StoreError> {
        // Since the question the contact may have gone, got another address, or the new one become somebody else's.
        let Some(contact) = contacts::by_id(self.tx, contact)?.filter(|c| c.email == asked.email) else {
            return Ok(None);
        };
        if contacts::by_email(self.tx, new_email)?.is_some() {
            return Ok(None);
        }
        confirmations::confirm(self.tx, asked.notice, self.now)?;
        address_change::change(self.tx, &contact, new_email, &asked.email, self.now)?;
        let note = format!("confirms that {} is to be written to at {new_email}: changed", asked.email);
        let kept = Kept { note: Some(&note), ..Kept::only(Disposition::Stray) };
        let id = keep(self.tx, self.mail, self.place, &kept, self.now)?;
        Ok(Some((id, self.taken(Disposition::Stray, None))))
    }

    /// Keeps the mail of an unknown sender, and asks them whether it is theirs.
    pub(super) fn ask_to_confirm(&self, writer: &Address, weighed: &Weighed) -> Result<(i64, Taken), StoreError> {
        let asks = !writer.email.is_empty()
            && !self.is_late()
            && !confirmations::was_asked(self.tx, &writer.email, self.now - ONCE_IN)?
            && confirmations::asked_since(self.tx, self.now - Duration::hours(1))? < ASKS_PER_HOUR;
        let note = "unknown sender: opens a case when they have confirmed that they wrote it";
        let kept = Kept { weighed: Some(weighed), note: Some(note), ..Kept::only(Disposition::Stray) };
        let id = keep(self.tx, self.mail, self.place, &kept, self.now)?;
        confirmations::wait(self.tx, id, &writer.email)?;
        if asks && let Some(notice) = self.say_to_writer(NoticeKind::ConfirmSender, writer, id)? {
            confirmations::ask(self.tx, notice, &writer.email, &Purpose::Sender, self.now)?;
        }
        Ok((id, self.taken(Disposition::Stray, None)))
    }

    /// Keeps the mail of an unknown sender for staff; tells them, when it is certain who they are.
    pub(super) fn refuse(&self, writer: &Address, weighed: &Weighed, told: bool) -> Result<(i64, Taken), StoreError> {
        let said_before = || {
            outbox::automatic_since(self.tx, &writer.email, self.now - ONCE_IN, &[NoticeKind::Refused]).map(|n| n > 0)
        };
        let told = told && !writer.email.is_empty() && !self.is_late() && !said_before()?;
        let note = match told {
            true => "unknown sender: refused, and told so",
            false => "unknown sender: refused silently",
        };
        let kept = Kept { weighed: Some(weighed), note: Some(note), ..Kept::only(Disposition::Stray) };
        let id = keep(self.tx, self.mail, self.place, &kept, self.now)?;
        if told {
            self.say_to_writer(NoticeKind::Refused, writer, id)?;
        }
        Ok((id, self.taken(Disposition::Stray, None)))
    }

    /// A notice about a mail that has no case, within the limits of automatic mail.
    fn say_to_writer(&self, kind: NoticeKind, writer: &Address, mail: i64) -> Result<Option<i64>, StoreError> {
        let subject = notice::subject(&subject::clean(&self.mail.incoming.subject));
        let received_at = wording::time(self.mail.received_at, &Zone::Named(self.office.desk.policy.zone));
        let data = json!({ "subject": subject, "received_at": received_at, "greeting_name": writer.name,
            "language": self.mail.language() });
        say_to(self.tx, self.office, kind, writer, data, &format!("mail:{mail}"), self.now)
    }
}

/// Who has a kept mail open a case.
#[derive(Debug, Clone, Copy)]
pub enum OpenedBy<'a> {
    /// the sender, who was unknown and has confirmed it
    Sender,
    /// one of the staff, by this name
    Staff(&'a str),
}

/// Opens a case by a mail that the store has kept, as of when it was received. Gives the case's reference; none when the
/// mail can't be read any more.
pub fn open_kept(
    tx: &Connection,
    office: &Office,
    mail: i64,
    by: OpenedBy<'_>,
    now: DateTime<Utc>,
) -> Result<Option<Reference>, StoreError> {
    let raw = mails::raw(tx, mail)?;
    let (received_at, size_bytes, truncated) = mails::circumstances(tx, mail)?;
    let Ok(read) = read(office, Bytes { raw: &raw, size_bytes, truncated, received_at }, None) else { return Ok(None) };
    let writer = read.writer();
    let known = contacts::known_of(tx, &writer.email)?;
    // Where it came from is in the store already.
    let place = Place { mailbox: String::new(), epoch: 0, key: String::new() };
    let confirmed = matches!(by, OpenedBy::Sender);
    let desk = TakingIn { tx, office, mail: &read, place: &place, known, now, confirmed };
    let begin = Begin { kept: Some(mail), ..Begin::answered(read.sorted.kind == Kind::Person) };
    confirmations::wait_no_more(tx, mail)?;
    let (_, Taken::Kept { case: Some(reference), .. }) = desk.open(&writer, &Weighed::default(), begin)? else {
        return Ok(None);
    };
    if let (OpenedBy::Staff(name), Some(case)) = (by, cases::by_reference(tx, reference)?) {
        let what = What::Remark { text: "opened by a mail that belonged to no case".to_owned() };
        history::add(tx, case.id, &Entry { at: now, actor: Actor::Staff(name.to_owned()), what })?;
    }
    Ok(Some(reference))
}

/// Asks a contact at the address that the desk has for them whether their new one is right; nothing changes before they
/// say so from there. False when they are not asked: the address is another contact's or no change, or the limits of
/// automatic mail are reached.
pub fn ask_to_confirm_address(
    tx: &Connection,
    office: &Office,
    contact: &Contact,
    new_address: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let new_email = Address::bare(new_address).email;
    let usable = crate::mail::address::is_plausible(&new_email)
        && !office.desk.is_own(&new_email)
        && contacts::by_email(tx, &new_email)?.is_none();
    let since = now - Duration::days(1);
    let often = outbox::automatic_since(tx, &contact.email, since, &[NoticeKind::ConfirmAddress])? >= 3;
    if !usable || often {
        return Ok(false);
    }
    confirmations::withdraw_addresses(tx, contact.id)?;
    let person = Address { name: contact.name.clone(), email: contact.email.clone() };
    let data = json!({ "greeting_name": contact.name, "old_address": contact.email, "new_address": new_email });
    let cause = format!("address:{}:{new_email}:{}", contact.id, now.timestamp_millis());
    let Some(notice) = say_to(tx, office, NoticeKind::ConfirmAddress, &person, data, &cause, now)? else {
        return Ok(false);
    };
    let purpose = Purpose::Address { contact: contact.id, new_email };
    confirmations::ask(tx, notice, &contact.email, &purpose, now)?;
    Ok(true)
}

/// Puts a notice that is about no case into the outbox; none when the limit of automatic mail to the address is reached.
pub(in crate::daemon) fn say_to(
    tx: &Connection,
    office: &Office,
    kind: NoticeKind,
    person: &Address,
    data: Value,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<Option<i64>, StoreError> {
    let recent = outbox::automatic_since(tx, &person.email, now - Duration::hours(1), &[])?;
    if recent >= office.desk.policy.automatic_per_hour || office.desk.is_own(&person.email) {
        return Ok(None);
    }
    let mut data: Map<String, Value> = match data {
        Value::Object(data) => data,
        _ => Map::new(),
    };
    data.retain(|_, value| !value.is_null());
    let recipients = Recipients { to: vec![person.clone()], cc: vec![] };
    let notice = NewNotice {
        case: None,
        topic: None,
        kind,
        automatic: true,
        decided_at: now,
        data: &data,
        recipients: &recipients,
        cause,
        attachments: &[],
    };
    outbox::add(tx, &notice, None)
}
