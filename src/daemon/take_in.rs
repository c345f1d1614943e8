//! One mail, one decision, one transaction: the way of a mail that was read into the store.
//!
//! known already? → which cases does it cite ([`thread`]) → where does that matter live now → what follows
//! ([`desk::intake`](crate::desk::intake), [`lifecycle`]) → mail, case, clocks, notices and the mailbox position are written together.

pub mod asked;
mod attention;
mod bounce;
mod calendar_answer;
mod change_of_address;
mod confirm;
mod goes_up;
mod handed_on;
mod incident;
mod loops;
mod opening;
mod people;
mod requests;
mod rfo;
mod staff;
mod staff_command;
mod staff_works;
mod subscription;
mod supplier;
mod their_reference;
mod works;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use asked::services_named;
pub(super) use confirm::say_to;
pub use confirm::{OpenedBy, ask_to_confirm_address, open_kept};
use opening::Begin;
pub(super) use subscription::LEAVES;

use super::{briefing, office::Office, reading::ReadMail};
use crate::{
    desk::{
        case::{Actor, Case, CaseId},
        cues::Wish,
        directory::Listed,
        intake::{Arrived, Course, course, recorded_is_shown},
        lifecycle::{self, CustomerMail, Decision, Entry, Event, What, tell_asked},
        loops::Effect,
        policy::UnknownSender,
        reference::Reference,
        works::read_as_works,
    },
    mail::{
        address::Address,
        sort::Kind,
        thread::{self, Candidate, Circle, Cite, Standing, Weighed, Writer},
    },
    store::{
        self, StoreError, cases,
        commit::{Manner, commit},
        contacts,
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
            let known = contacts::known_of(tx, &mail.writer().email)?;
            let desk = TakingIn { tx, office, mail, place, known, now, confirmed: false };
            let (id, taken) = desk.decide()?;
            mailboxes::arrived(tx, place, Some(id), finish)?;
            Ok(taken)
        }
    }
}

/// What is written of a mail beside its bytes.
struct Kept<'a> {
    case: Option<CaseId>,
    /// why it is kept so, beside what the mail itself shows
    note: Option<&'a str>,
    disposition: Disposition,
    standing: Option<Standing>,
    weighed: Option<&'a Weighed>,
}

impl Kept<'_> {
    fn only(disposition: Disposition) -> Self {
        Kept { case: None, note: None, disposition, standing: None, weighed: None }
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
    let why: Vec<String> = mail.sorted.why.iter().cloned().chain(kept.note.map(str::to_owned)).collect();
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
        why: &why,
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
    /// what the directory knows of the writer
    known: Listed,
    now: DateTime<Utc>,
    /// its sender has confirmed it just now: it is answered, however long it has waited for that
    confirmed: bool,
}

impl TakingIn<'_> {
    fn decide(&self) -> Result<(i64, Taken), StoreError> {
        let writer = self.mail.writer();
        if let Some(done) = self.answer_to_a_question(&writer)? {
            return Ok(done);
        }
        if let Some(done) = self.about_subscriptions(&writer)? {
            return Ok(done);
        }
        if let Some(done) = self.staff_on_works(&writer)? {
            return Ok(done);
        }
        let mut found = self.candidates()?;
        found.extend(self.case_about_works(&writer)?);
        let weighed = thread::weigh(self.by(&writer), &found, &self.office.desk);
        let living = match weighed.case {
            Some((id, standing)) => Some(self.where_it_lives(id, standing, &writer)?),
            None => None,
        };
        if living.is_none()
            && let Some(done) = self.mail_of_a_supplier(&writer, &weighed)?
        {
            return Ok(done);
        }
        if let Some(done) = self.answer_about_works(&writer, &weighed, living.as_ref())? {
            return Ok(done);
        }
        let echo = self.echo(&writer.email)?;
        let looped = echo.loops(self.effect(living.as_ref()));
        let silenced = looped.clone().or_else(|| echo.silenced.clone());
        let (id, taken) = self.take_course(&writer, &weighed, living, silenced.as_deref(), looped.is_some())?;
        let case = match &taken {
            Taken::Kept { case: Some(case), .. } => cases::by_reference(self.tx, *case)?.map(|case| case.id),
            _ => None,
        };
        self.remember(&echo, &writer.email, looped.as_deref(), id, case)?;
        self.lift_by_writing(&writer.email, case)?;
        if silenced.is_none() {
            self.change_address(&writer)?;
        }
        Ok((id, taken))
    }

    /// What the mail would do if a person wrote it.
    fn effect(&self, living: Option<&(Case, Standing)>) -> Effect {
        match living {
            None => Effect::OpensCase,
            Some((case, _)) if case.status.is_closed() => Effect::ReopensCase,
            Some(_) => Effect::JoinsOpenCase,
        }
    }

    fn take_course(
        &self,
        writer: &Address,
        weighed: &Weighed,
        living: Option<(Case, Standing)>,
        silenced: Option<&str>,
        repeats: bool,
    ) -> Result<(i64, Taken), StoreError> {
        let wish = living.as_ref().map_or(Wish::default(), |(case, _)| self.wish(case));
        let about_another = living.as_ref().is_some_and(|(case, _)| self.names_another(case));
        let arrived = Arrived {
            kind: self.mail.sorted.kind,
            received_at: self.mail.received_at,
            thanks_or_confirms: !about_another && (self.mail.only_thanks || self.mail.confirms)
                || wish.close
                || wish.confirm,
            answerable: silenced.is_none() && (self.mail.sorted.answerable() || self.mail.sorted.kind == Kind::List),
            repeats,
            uncertain: self.mail.sorted.uncertain && !self.answers_a_note(),
            addressed_to_desk: self.addressed_to_desk(),
            case: living.as_ref().map(|(case, standing)| (case, *standing)),
            sender: self.sender(writer)?,
        };
        let course = course(&arrived, &self.office.desk.policy);
        if let (Course::Write | Course::Record, Some((case, Standing::Staff))) = (course, &living)
            && let Some(done) = self.by_staff(writer, weighed, case)?
        {
            return Ok(done);
        }
        match (course, &living) {
            (Course::Open { answered, spam }, _) => {
                let named = weighed.named.map(|id| cases::by_id(self.tx, id)).transpose()?;
                let handed_on = self.handed_on(writer);
                // Where unknown senders are not simply answered, an unproven forward of staff must be no way around that.
                let answered = answered
                    && (handed_on.is_none()
                        || self.mail.authenticated
                        || self.office.desk.policy.unknown_sender == UnknownSender::Accept);
                self.open(
                    writer,
                    weighed,
                    Begin {
                        spam,
                        named: named.as_ref(),
                        handed_on: handed_on.as_ref(),
                        silenced,
                        ..Begin::answered(answered)
                    },
                )
            }
            (Course::GoThrough, _) => {
                let main_contacts = self.main_contacts()?;
                let begin = Begin { through: &main_contacts, silenced, ..Begin::answered(arrived.answerable) };
                self.open(writer, weighed, begin)
            }
            (Course::AskToConfirm, _) => self.ask_to_confirm(writer, weighed),
            (Course::Refuse { told }, _) => self.refuse(writer, weighed, told),
            (Course::OpenLinked, Some((old, _))) => {
                let begin = Begin { continues: Some(old), silenced, ..Begin::answered(arrived.answerable) };
                let (id, taken) = self.open(writer, weighed, begin)?;
                // What it asks about is the old case.
                if let Some((_, standing)) = &living {
                    self.ask_for_reports(old, old, *standing, writer, &self.mail.asked, id)?;
                }
                Ok((id, taken))
            }
            (Course::Write, Some((case, standing))) => self.write(writer, weighed, case, *standing, silenced),
            (Course::Record, Some((case, standing))) => self.record(writer, weighed, case, *standing),
            (Course::Drop, _) => self.drop_own(),
            (Course::Stray | Course::OpenLinked | Course::Write | Course::Record, _) => {
                let kept = Kept { weighed: Some(weighed), ..Kept::only(Disposition::Stray) };
                let id = keep(self.tx, self.mail, self.place, &kept, self.now)?;
                self.follow_report(id)?;
                Ok((id, self.taken(Disposition::Stray, None)))
            }
        }
    }

    /// Does anything but the From show who wrote it: an id that this desk signed, or the word of the desk's mail server?
    fn is_proven(&self) -> bool {
        self.mail.authenticated || self.mail.cites.iter().any(|cite| matches!(cite, Cite::Signed(_)))
    }

    /// Does it answer a mail of the desk that was about no case?
    fn answers_a_note(&self) -> bool {
        let mail = &self.mail.incoming;
        let ids = mail.in_reply_to.iter().chain(&mail.references);
        let keyring = &self.office.keyring;
        ids.into_iter().any(|id| keyring.verify_note(id).is_some() || keyring.verify_topic(id).is_some())
    }

    /// One look-up for all keys.
    fn candidates(&self) -> Result<Vec<Candidate>, StoreError> {
        let mut found = Vec::new();
        let mut theirs = self.case_by_their_reference()?;
        for cite in &self.mail.cites {
            if matches!(cite, Cite::InText(_)) {
                found.extend(theirs.take());
            }
            let known: Vec<Case> = match cite {
                Cite::Signed(reference) | Cite::InSubject(reference) | Cite::InText(reference) => {
                    cases::by_reference(self.tx, *reference)?.into_iter().collect()
                }
                Cite::MessageId(id) => cases::by_mail(self.tx, id)?,
                // The pattern of the sender's organisation finds it; the mail alone does not show it.
                Cite::Theirs { .. } => vec![],
            };
            for case in known {
                found.push(self.candidate(cite.clone(), case)?);
            }
        }
        found.extend(theirs);
        Ok(found)
    }

    fn candidate(&self, cite: Cite, case: Case) -> Result<Candidate, StoreError> {
        let participants = emails(cases::participants(self.tx, case.id)?);
        let organisation = contacts::known_of(self.tx, &case.requester.email)?.organisation_id();
        Ok(Candidate { cite, case, participants, organisation })
    }

    fn by<'b>(&'b self, writer: &'b Address) -> Writer<'b> {
        Writer { email: &writer.email, known: &self.known }
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
        let organisation = contacts::known_of(self.tx, &case.requester.email)?.organisation_id();
        let circle = Circle { case: &case, participants: &participants, organisation };
        let standing_here = thread::standing(self.by(writer), circle, &self.office.desk);
        Ok((case, standing_here.min(standing_there)))
    }

    fn addressed_to_desk(&self) -> bool {
        let mail = &self.mail.incoming;
        mail.to.iter().chain(&mail.cc).any(|a| self.office.desk.is_own(&a.email))
    }

    fn is_late(&self) -> bool {
        !self.confirmed && self.now - self.mail.received_at > self.office.desk.answer_within
    }

    fn write(
        &self,
        writer: &Address,
        weighed: &Weighed,
        case: &Case,
        standing: Standing,
        silenced: Option<&str>,
    ) -> Result<(i64, Taken), StoreError> {
        let excerpt = &self.mail.excerpt;
        let mut marks = self.marks(weighed, &Begin { silenced, ..Begin::answered(true) });
        let about_another = self.names_another(case);
        let wish = self.wish(case);
        marks.extend(self.unmet_wish(wish, standing, case));
        marks.extend(self.unmet_report(standing, &self.mail.asked));
        let end_user = self.end_user_of(case)?;
        let event = CustomerMail {
            from: writer,
            standing,
            received_at: self.mail.received_at,
            only_thanks: self.mail.only_thanks && !about_another,
            confirms: self.mail.confirms && self.is_proven() && !about_another || wish.confirm,
            asks_to_close: wish.close,
            excerpt,
            marks: &marks,
            end_user: end_user.as_ref(),
            says_no: self.says_no(case, writer)?,
            proven: self.is_proven(),
        };
        let decided = lifecycle::decide(case, &Event::CustomerWrote(&event), &self.office.desk.policy, self.now);
        // Only what staff do can be refused.
        let mut decision = decided.unwrap_or_else(|_| Decision::unchanged(case));
        if standing == Standing::Requester {
            decision.participants = if self.is_proven() { self.in_copy() } else { vec![] };
        }
        let mut asked = asked::checked(self.tx, writer, self.mail)?;
        if store::works::of_case(self.tx, case.id)?.is_some() {
            read_as_works(&mut asked.fields);
        }
        self.hear_quoted_attention(&mut asked, case)?;
        let brought = self.complete(&mut decision, case, standing, writer, &asked)?;
        tell_asked(&mut decision, &brought);
        let requested = self.follow_on_case(&mut decision, case, (writer, standing), &asked)?;
        self.answer_to_a_proposal(&mut decision, standing, writer)?;
        self.ask_to_escalate(&mut decision, standing, writer, silenced, &asked)?;
        let joins = match standing {
            Standing::Staff | Standing::Stranger => incident::Joins::default(),
            _ => self.join_incident(&mut decision, &asked, false)?,
        };
        self.give_to_somebody(Some(case), &mut decision, &asked)?;
        briefing::tell(self.tx, self.office, &mut decision, &services_named(&asked), self.now)?;
        if !self.mail.sorted.answerable() && self.mail.sorted.kind == Kind::Person {
            decision.notices.retain(|notice| notice.kind.is_for_staff());
        }
        let kept = Kept {
            case: Some(case.id),
            standing: Some(standing),
            weighed: Some(weighed),
            ..Kept::only(Disposition::Appended)
        };
        let mail_id = keep(self.tx, self.mail, self.place, &kept, self.now)?;
        self.note_their_reference(case.id, standing)?;
        self.commit(&decision, mail_id)?;
        self.keep_joined(case.id, &joins)?;
        self.show_on_parent(case, writer, standing, mail_id)?;
        self.keep_asked(case.id, mail_id, writer, Some(standing), &asked)?;
        self.keep_requested(&decision, writer, &requested)?;
        self.ask_for_reports(case, &decision.case, standing, writer, &asked, mail_id)?;
        self.ask_for_attention(&decision.case, Some(standing), writer, &asked, mail_id)?;
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
            standing: Some(standing),
            weighed: Some(weighed),
            ..Kept::only(Disposition::Recorded)
        };
        let mail_id = keep(self.tx, self.mail, self.place, &kept, self.now)?;
        self.note_their_reference(case.id, standing)?;
        let sorted = &self.mail.sorted;
        let mut decision = Decision::unchanged(case);
        decision.history.push(Entry {
            at: self.now,
            actor: Actor::Writer(writer.email.clone()),
            what: What::Recorded { kind: sorted.kind.as_str().to_owned(), why: sorted.why.join("; ") },
        });
        if recorded_is_shown(sorted, standing, self.is_proven()) {
            let marks =
                vec![format!("taken for {}, so it changed nothing: {}", sorted.kind.as_str(), sorted.why.join("; "))];
            decision.notices.push(lifecycle::customer_wrote_notice(case, writer, &self.mail.excerpt, &marks));
            briefing::tell(self.tx, self.office, &mut decision, &[], self.now)?;
        }
        self.commit(&decision, mail_id)?;
        self.follow_report(mail_id)?;
        Ok((mail_id, self.taken(Disposition::Recorded, Some(case.reference))))
    }

    /// What a report on one of the desk's mails brings with it, whether or not the case was found.
    fn follow_report(&self, mail_id: i64) -> Result<(), StoreError> {
        match self.mail.sorted.kind {
            Kind::Bounce => self.bounced(mail_id),
            Kind::FeedbackReport => self.complained(mail_id),
            _ => Ok(()),
        }
    }

    fn drop_own(&self) -> Result<(i64, Taken), StoreError> {
        let signed = self.mail.incoming.message_id.as_deref().and_then(|id| self.office.keyring.verify(id));
        let case = match signed {
            Some(signed) => cases::by_reference(self.tx, signed.reference)?,
            None => None,
        };
        // Without the desk's signature it may be somebody at the desk's own address: staff shall see it.
        let serial = self.mail.incoming.message_id.as_deref().and_then(|id| self.office.keyring.serial_of(id));
        let ours = signed.is_some() || serial.is_some();
        let disposition = if ours { Disposition::Own } else { Disposition::Stray };
        let kept = Kept { case: case.as_ref().map(|c| c.id), ..Kept::only(disposition) };
        let id = keep(self.tx, self.mail, self.place, &kept, self.now)?;
        Ok((id, self.taken(disposition, case.map(|c| c.reference))))
    }

    fn commit(&self, decision: &Decision, mail_id: i64) -> Result<(), StoreError> {
        let cause = format!("mail:{mail_id}");
        let manner = Manner { cause: &cause, late: self.is_late(), attachments: &[] };
        commit(self.tx, &self.office.desk, decision, &manner, self.now)
    }

    fn taken(&self, disposition: Disposition, case: Option<Reference>) -> Taken {
        Taken::Kept { kind: self.mail.sorted.kind, disposition, case }
    }
}

fn emails(people: Vec<Address>) -> Vec<String> {
    people.into_iter().map(|p| p.email).collect()
}
