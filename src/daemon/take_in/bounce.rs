//! What follows from a report about one of the desk's mails: that mail's delivery has failed, and its recipient may get
//! nothing automatic any more.
//!
//! A report counts only when it cites the id that the desk signed for that very mail, and only for an address to which
//! that mail went: a forged one silences nobody.
//!
//! | what came back | what follows for the address |
//! |---|---|
//! | refused for good | no automatic mail, until a person's mail from it or staff lift that |
//! | a full mailbox, a mail too large or not liked, a failure of class 4 | counted |
//! | another address than the mail's failed (it was forwarded) | nothing |
//! | a complaint | no automatic mail, until staff lift that |

use chrono::{DateTime, Utc};
use serde_json::json;

use super::TakingIn;
use crate::{
    daemon::undelivered::{Lost, not_delivered, suppress},
    desk::{
        case::Actor,
        lifecycle::{Decision, Entry, What},
        notice::{Notice, NoticeKind},
    },
    mail::report::ReportedRecipient,
    store::{
        StoreError, cases,
        outbox::{self, StoredNotice},
        soft_failures,
        suppressions::{self, Cause, Suppression},
    },
};

/// Words of a text in which an id is looked for.
const WORDS: usize = 20_000;

impl TakingIn<'_> {
    /// The notice whose signed id the report cites, wherever it stands.
    fn reported_notice(&self) -> Result<Option<StoredNotice>, StoreError> {
        let mail = &self.mail.incoming;
        let keyring = &self.office.keyring;
        let reported = mail.report.iter().filter_map(|r| r.original_message_id.as_deref());
        let cited = mail.in_reply_to.iter().chain(mail.references.iter().rev()).map(String::as_str);
        let words = mail.text.split(|c: char| c.is_whitespace() || "<>\"'()[];,".contains(c)).take(WORDS);
        let written = words.filter(|word| word.contains('@'));
        let serial = reported.chain(cited).chain(written).find_map(|id| keyring.serial_of(id));
        let id = serial.and_then(|serial| i64::try_from(serial).ok());
        Ok(id.map(|id| outbox::load(self.tx, id)).transpose()?.flatten())
    }

    pub(super) fn bounced(&self, mail_id: i64) -> Result<(), StoreError> {
        let Some(notice) = self.reported_notice()? else { return Ok(()) };
        let reported = self.mail.incoming.report.iter().flat_map(|report| &report.recipients);
        let failed: Vec<&ReportedRecipient> = reported.filter(|r| r.action == "failed").collect();
        let only_one = notice.recipients.all().count() == 1;
        for recipient in notice.recipients.all() {
            let named = failed.iter().copied().find(|r| r.address == recipient.email);
            // Relays rewrite addresses: with one recipient there is no doubt whose mail it was.
            let Some(failure) =
                named.or(failed.first().copied().filter(|_| only_one)).map(Some).or(only_one.then_some(None))
            else {
                continue;
            };
            let reason = failure.map_or_else(|| "bounced".to_owned(), |f| format!("bounced: {}", f.status));
            if !outbox::bounced(self.tx, notice.id, &recipient.email, &reason, self.now)? {
                continue;
            }
            let effect = match named {
                // The id is signed for the mail: another recipient of it could write this.
                _ if !only_one => None,
                Some(failure) => self.weigh_failure(&recipient.email, failure)?,
                None => None,
            };
            let lost =
                Lost { notice: &notice, recipient: &recipient.email, reason: &reason, effect: effect.as_deref() };
            not_delivered(self.tx, self.office, &lost, &format!("mail:{mail_id}"), self.now)?;
            if let Some(effect) = effect {
                self.remark(&notice, effect)?;
            }
        }
        Ok(())
    }

    /// What a failure means for the address; says so when it gets nothing automatic any more.
    fn weigh_failure(&self, email: &str, failure: &ReportedRecipient) -> Result<Option<String>, StoreError> {
        let said: String = failure.diagnostic.chars().take(200).collect();
        let reason = format!("a mail came back: {} {said}", failure.status);
        let reason = reason.trim_end().to_owned();
        if !failure.is_permanent() {
            soft_failures::count(self.tx, email, &reason, self.now)?;
            return Ok(None);
        }
        suppress(self.tx, email, reason, self.now)
    }

    /// Somebody told their provider that our mail is spam (RFC 5965). They want none of it, so they get nothing automatic;
    /// what staff write still goes out.
    pub(super) fn complained(&self, mail_id: i64) -> Result<(), StoreError> {
        let Some(notice) = self.reported_notice()? else { return Ok(()) };
        let only_one = notice.recipients.all().count() == 1;
        // Providers leave out who complained, and another recipient could name them: with one there is no doubt.
        let complainers = notice.recipients.all().filter(|_| only_one);
        for person in complainers.filter(|r| !self.office.desk.is_staff(&r.email)) {
            let email = &person.email;
            let reason = format!("a complaint about our mail ({})", notice.kind);
            if !suppressions::add(self.tx, &desks(email, Cause::Complaint, reason, self.now))? {
                continue;
            }
            let Some(case) = notice.case else { continue };
            let case = cases::by_id(self.tx, case)?;
            let text = format!(
                "{email} has told their provider that our mail ({}) is spam. No automatic mail goes there any more, on \
                 any case; what you write still does. `casepost suppression lift {email}` ends that.",
                notice.kind
            );
            let mut decision = Decision::unchanged(&case);
            decision.history.push(self.desk_remarks(text.clone()));
            decision.notices.push(Notice::to_staff(NoticeKind::StaffDecide, &case, json!({ "reason": text })));
            self.commit(&decision, mail_id)?;
        }
        Ok(())
    }

    fn remark(&self, notice: &StoredNotice, text: String) -> Result<(), StoreError> {
        let Some(case) = notice.case else { return Ok(()) };
        crate::store::history::add(self.tx, case, &self.desk_remarks(text))
    }

    pub(super) fn desk_remarks(&self, text: String) -> Entry {
        Entry { at: self.now, actor: Actor::Desk, what: What::Remark { text } }
    }
}

pub(super) fn desks(email: &str, cause: Cause, reason: String, at: DateTime<Utc>) -> Suppression {
    Suppression { email: email.to_owned(), cause, reason, actor: "desk".to_owned(), at, until: None }
}
