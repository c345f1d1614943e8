//! One mail, one decision, one transaction: the way of a mail that was read into the store.
//!
//! known already? → which cases does it cite ([`thread`]) → where does that matter live now → what follows
//! ([`desk::intake`](crate::desk::intake), [`lifecycle`]) → mail, case, clocks, notices and the mailbox position are written together.

pub mod asked;
mod bounce;
mod people;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::{office::Office, reading::ReadMail};
use crate::{
    desk::{
        case::{Actor, Case, CaseId},
        cues::Wish,
        intake::{Arrived, Course, course},
        lifecycle::{
            self, AskedNote, Channel, Clock, ClockChange, CustomerMail, Decision, Entry, Event, Opening, What,
            tell_asked,
        },
        priority::Priority,
        reference::Reference,
    },
    mail::{
        address::Address,
        sort::Kind,
        subject,
        thread::{self, Candidate, Cite, Standing, Weighed},
    },
    store::{
        StoreError, asked as store_asked, cases,
        commit::{Manner, commit},
        mailboxes::{self, Finish, Place, Step},
        mails::{self, Disposition, Known, NewMail},
    },
};

/// What became of a mail, for the log line and for whoever waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// this place was dealt with before, and what is to be done there is remembered or done
    Again,
    /// it had been taken in before by another way
    Known,
    Kept {
        kind: Kind,
        disposition: Disposition,
        case: Option<Reference>,
    },
    Held {
        number: i64,
    },
}

/// Takes a mail in. `step` moves the mailbox's position over it.
pub fn take_in(
    tx: &Connection,
    office: &Office,
    mail: &ReadMail,
    place: &Place,
    step: Option<Step>,
    now: DateTime<Utc>,
) -> Result<Taken, StoreError> {
    if let Some(step) = step {
        mailboxes::advance(tx, &place.mailbox, step)?;
    }
    if mailboxes::has_arrived(tx, place)? {
        return Ok(Taken::Again);
    }
    let finish = if mail.truncated { Finish::KeepThere } else { Finish::AsConfigured };
    match mails::known(tx, &mail.fingerprint)? {
        Some(Known::Copy { mail: first }) => {
            mailboxes::arrived(tx, place, Some(first), finish)?;
            Ok(Taken::Known)
        }
        Some(Known::Variant { case, .. }) => {
            // A variant of what belongs to no case belongs to none either, and is listed like it.
            let disposition = if case.is_some() { Disposition::Variant } else { Disposition::Stray };
            let id = keep(tx, mail, place, &Kept { case, ..Kept::only(disposition) }, now)?;
            mailboxes::arrived(tx, place, Some(id), finish)?;
            let case = case.map(|c| cases::by_id(tx, c)).transpose()?.map(|c| c.reference);
            Ok(Taken::Kept { kind: mail.sorted.kind, disposition, case })
        }
        None => {
            let mut desk = TakingIn { tx, office, mail, place, now };
            let (id, taken) = desk.decide()?;
            mailboxes::arrived(tx, place, Some(id), finish)?;
            Ok(taken)
        }
    }
}

/// What is written of a mail beside its bytes.
struct Kept<'a> {
    case: Option<CaseId>,
    disposition: Disposition,
    standing: Option<Standing>,
    weighed: Option<&'a Weighed>,
}

impl Kept<'_> {
    fn only(disposition: Disposition) -> Self {
        Kept { case: None, disposition, standing: None, weighed: None }
    }
}

fn keep(
    tx: &Connection,
    mail: &ReadMail,
    place: &Place,
    kept: &Kept<'_>,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let id = mails::allocate(tx)?;
    keep_as(tx, id, mail, place, kept, now)?;
    Ok(id)
}

fn keep_as(
    tx: &Connection,
    id: i64,
    mail: &ReadMail,
    place: &Place,
    kept: &Kept<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let new = NewMail {
        case: kept.case,
        kind: mail.sorted.kind.as_str(),
        disposition: kept.disposition,
        message_id: mail.incoming.message_id.as_deref(),
        fingerprint: &mail.fingerprint,
        mailbox: &place.mailbox,
        received_at: mail.received_at,
        read_at: now,
        sender: &mail.writer(),
        standing: kept.standing.map(Standing::as_str),
        subject: &mail.incoming.subject,
        size_bytes: mail.size_bytes,
        truncated: mail.truncated,
        verified: mail.sorted.verified,
        why: &mail.sorted.why,
        evidence: kept.weighed.map_or(&[], |w| &w.evidence),
        raw_zstd: &mail.raw_zstd,
    };
    mails::add(tx, id, &new)
}

struct TakingIn<'a> {
    tx: &'a Connection,
    office: &'a Office,
    mail: &'a ReadMail,
    place: &'a Place,
    now: DateTime<Utc>,
}

impl TakingIn<'_> {
    fn decide(&mut self) -> Result<(i64, Taken), StoreError> {
        let writer = self.mail.writer();
        let found = self.candidates()?;
        let weighed = thread::weigh(&writer.email, &found, &self.office.desk);
        let living = match weighed.case {
            Some((id, standing)) => Some(self.where_it_lives(id, standing, &writer)?),
            None => None,
        };
        let wish = living.as_ref().map_or(Wish::default(), |(case, _)| self.wish(case));
        let arrived = Arrived {
            kind: self.mail.sorted.kind,
            received_at: self.mail.received_at,
            thanks_or_confirms: self.mail.only_thanks || self.mail.confirms || wish.close || wish.confirm,
            addressed_to_desk: self.addressed_to_desk(),
            case: living.as_ref().map(|(case, standing)| (case, *standing)),
        };
        let course = course(&arrived, &self.office.desk.policy);
        match (course, &living) {
            (Course::Open { answered, spam }, _) => {
                let named = weighed.named.map(|id| cases::by_id(self.tx, id)).transpose()?;
                self.open(&writer, &weighed, Begin { answered, spam, continues: None, named: named.as_ref() })
            }
            (Course::OpenLinked, Some((old, _))) => {
                self.open(&writer, &weighed, Begin { answered: true, spam: false, continues: Some(old), named: None })
            }
            (Course::Write, Some((case, standing))) => self.write(&writer, &weighed, case, *standing),
            (Course::Record, Some((case, standing))) => self.record(&writer, &weighed, case, *standing),
            (Course::Drop, _) => self.drop_own(),
            (Course::Stray | Course::OpenLinked | Course::Write | Course::Record, _) => {
                let kept = Kept { weighed: Some(&weighed), ..Kept::only(Disposition::Stray) };
                let id = keep(self.tx, self.mail, self.place, &kept, self.now)?;
                Ok((id, self.taken(Disposition::Stray, None)))
            }
        }
    }

    /// One look-up for all keys.
    fn candidates(&self) -> Result<Vec<Candidate>, StoreError> {
        let mut found = Vec::new();
        for cite in &self.mail.cites {
            let known: Vec<Case> = match cite {
                Cite::Signed(reference) | Cite::InSubject(reference) | Cite::InText(reference) => {
                    cases::by_reference(self.tx, *reference)?.into_iter().collect()
                }
                Cite::MessageId(id) => cases::by_mail(self.tx, id)?,
            };
            for case in known {
                let participants = emails(cases::participants(self.tx, case.id)?);
                found.push(Candidate { cite: cite.clone(), case, participants });
            }
        }
        Ok(found)
    }

    /// Follows duplicates and linked successors; whoever belongs to the old case belongs to what became of it.
    fn where_it_lives(
        &self,
        cited: CaseId,
        standing_there: Standing,
        writer: &Address,
    ) -> Result<(Case, Standing), StoreError> {
        let case = cases::living(self.tx, cases::by_id(self.tx, cited)?)?;
        let participants = emails(cases::participants(self.tx, case.id)?);
        let standing_here = thread::standing(&writer.email, &case, &participants, &self.office.desk);
        Ok((case, standing_here.min(standing_there)))
    }

    fn addressed_to_desk(&self) -> bool {
        let mail = &self.mail.incoming;
        mail.to.iter().chain(&mail.cc).any(|a| self.office.desk.is_own(&a.email))
    }

    fn is_late(&self) -> bool {
        self.now - self.mail.received_at > self.office.desk.answer_within
    }

    fn open(&self, writer: &Address, weighed: &Weighed, begin: Begin<'_>) -> Result<(i64, Taken), StoreError> {
        let (id, reference) = cases::allocate(self.tx)?;
        let (requester, reply_to, participants) = self.people(writer, weighed, begin.continues)?;
        let attachments: Vec<String> =
            self.mail.incoming.attachments.iter().filter(|a| !a.inline).map(|a| a.name.clone()).collect();
        let marks = self.marks(weighed, begin.named);
        let excerpt = &self.mail.excerpt;
        let own_clock = requester.email == writer.email;
        let opening = Opening {
            id,
            reference,
            subject: subject::clean(&self.mail.incoming.subject),
            requester,
            reply_to,
            utc_offset_seconds: self.mail.utc_offset_seconds().filter(|_| own_clock),
            priority: Priority::P4,
            received_at: self.mail.received_at,
            channel: Channel::Mail {
                writer,
                excerpt,
                attachments: &attachments,
                truncated: self.mail.truncated,
                answered: begin.answered,
                marks: &marks,
            },
            continues: begin.continues,
            named: begin.named,
            spam: begin.spam,
            participants,
        };
        let mut decision = lifecycle::open(opening, &self.office.desk.policy, self.now);
        let asked = asked::checked(self.tx, writer, self.mail)?;
        let missing = if begin.answered && begin.continues.is_none() { self.missing(&asked) } else { vec![] };
        tell_asked(&mut decision, &AskedNote::on_opening(&asked, &missing));
        // The case has to be there before its mail can refer to it.
        let mail_id = mails::allocate(self.tx)?;
        self.commit(&decision, mail_id)?;
        let kept = Kept { case: Some(id), weighed: Some(weighed), ..Kept::only(Disposition::Opened) };
        keep_as(self.tx, mail_id, self.mail, self.place, &kept, self.now)?;
        self.keep_asked(id, mail_id, writer, None, &asked)?;
        store_asked::want(self.tx, id, &missing, self.now)?;
        Ok((mail_id, self.taken(Disposition::Opened, Some(reference))))
    }

    fn marks(&self, weighed: &Weighed, named: Option<&Case>) -> Vec<String> {
        let sorted = &self.mail.sorted;
        let mut marks = Vec::new();
        if sorted.kind != Kind::Person {
            marks.push(format!("not answered: {} ({})", sorted.kind.as_str(), sorted.why.join("; ")));
        }
        if self.is_late() {
            marks.push("older than answer_within when it was read: not answered".to_owned());
        }
        if let Some(named) = named {
            marks.push(format!("names {}, whose participant the sender is not", named.reference));
        }
        if weighed.contradicts {
            marks.push("cites several cases: `casepost case show` tells which".to_owned());
        }
        marks
    }

    fn write(
        &self,
        writer: &Address,
        weighed: &Weighed,
        case: &Case,
        standing: Standing,
    ) -> Result<(i64, Taken), StoreError> {
        let excerpt = &self.mail.excerpt;
        let mut marks = self.marks(weighed, None);
        let wish = self.wish(case);
        marks.extend(self.unmet_wish(wish, standing, case));
        let event = CustomerMail {
            from: writer,
            standing,
            received_at: self.mail.received_at,
            only_thanks: self.mail.only_thanks,
            confirms: self.mail.confirms || wish.confirm,
            asks_to_close: wish.close,
            excerpt,
            marks: &marks,
        };
        let decided = lifecycle::decide(case, &Event::CustomerWrote(&event), &self.office.desk.policy, self.now);
        // Only what staff do can be refused.
        let mut decision = decided.unwrap_or_else(|_| Decision::unchanged(case));
        if standing == Standing::Requester {
            decision.participants = self.in_copy();
        }
        let asked = asked::checked(self.tx, writer, self.mail)?;
        let brought = self.complete(&mut decision, case, standing, writer, &asked)?;
        tell_asked(&mut decision, &brought);
        let kept = Kept {
            case: Some(case.id),
            disposition: Disposition::Appended,
            standing: Some(standing),
            weighed: Some(weighed),
        };
        let mail_id = keep(self.tx, self.mail, self.place, &kept, self.now)?;
        self.commit(&decision, mail_id)?;
        self.keep_asked(case.id, mail_id, writer, Some(standing), &asked)?;
        Ok((mail_id, self.taken(Disposition::Appended, Some(case.reference))))
    }

    /// Kept on the case without any effect on it; a bounce of one of the desk's mails ends that mail's delivery.
    fn record(
        &self,
        writer: &Address,
        weighed: &Weighed,
        case: &Case,
        standing: Standing,
    ) -> Result<(i64, Taken), StoreError> {
        let kept = Kept {
            case: Some(case.id),
            disposition: Disposition::Recorded,
            standing: Some(standing),
            weighed: Some(weighed),
        };
        let mail_id = keep(self.tx, self.mail, self.place, &kept, self.now)?;
        let sorted = &self.mail.sorted;
        let mut decision = Decision::unchanged(case);
        decision.history.push(Entry {
            at: self.now,
            actor: Actor::Writer(writer.email.clone()),
            what: What::Recorded { kind: sorted.kind.as_str().to_owned(), why: sorted.why.join("; ") },
        });
        self.commit(&decision, mail_id)?;
        if sorted.kind == Kind::Bounce {
            self.bounced(mail_id)?;
        }
        Ok((mail_id, self.taken(Disposition::Recorded, Some(case.reference))))
    }

    fn drop_own(&self) -> Result<(i64, Taken), StoreError> {
        let signed = self.mail.incoming.message_id.as_deref().and_then(|id| self.office.keyring.verify(id));
        let case = match signed {
            Some(signed) => cases::by_reference(self.tx, signed.reference)?,
            None => None,
        };
        // Without the desk's signature it may be somebody at the desk's own address: staff shall see it.
        let signed_note = self.mail.incoming.message_id.as_deref().and_then(|id| self.office.keyring.verify_note(id));
        let ours = signed.is_some() || signed_note.is_some();
        let disposition = if ours { Disposition::Own } else { Disposition::Stray };
        let kept = Kept { case: case.as_ref().map(|c| c.id), ..Kept::only(disposition) };
        let id = keep(self.tx, self.mail, self.place, &kept, self.now)?;
        Ok((id, self.taken(disposition, case.map(|c| c.reference))))
    }

    fn commit(&self, decision: &Decision, mail_id: i64) -> Result<(), StoreError> {
        let cause = format!("mail:{mail_id}");
        let late = self.is_late();
        let mut decision = decision.clone();
        if late {
            // The list of late mail is what staff review by; a clock for each of a thousand old mails helps nobody.
            decision.clocks.retain(|change| !matches!(change, ClockChange::Set(Clock::Review, _)));
        }
        let manner = Manner { cause: &cause, late, attachments: &[] };
        commit(self.tx, &self.office.desk, &decision, &manner, self.now)
    }

    fn taken(&self, disposition: Disposition, case: Option<Reference>) -> Taken {
        Taken::Kept { kind: self.mail.sorted.kind, disposition, case }
    }
}

struct Begin<'a> {
    answered: bool,
    spam: bool,
    continues: Option<&'a Case>,
    named: Option<&'a Case>,
}

fn emails(people: Vec<Address>) -> Vec<String> {
    people.into_iter().map(|p| p.email).collect()
}
