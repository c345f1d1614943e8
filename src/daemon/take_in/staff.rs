//! Mail of the staff on a case: commands and answers by replying to a mail of the desk, answers that they have sent from
//! their own mail program with the desk in copy, and notes ([`staff_mail`] says what is which).

use chrono::Duration;
use serde_json::json;

use super::{Kept, Taken, TakingIn, keep};
use crate::{
    desk::{
        case::{Actor, Case, CaseId},
        lifecycle::{Decision, Entry, What},
        notice::{Notice, NoticeKind},
        staff_mail::{Answers, Powerless, Proof, Reaches, Step, power},
        staff_member::StaffMember,
    },
    mail::{
        address::Address,
        command::{self, HELP, Written},
        incoming, quote,
        sort::Kind,
        thread::{self, Circle, Standing, Weighed},
    },
    store::{
        StoreError, cases,
        commit::{Manner, commit},
        contacts, history,
        mails::{self, Disposition},
    },
};

/// Why what was done once is not done again.
pub(super) const DONE_ALREADY: &str = "the same mail of yours was done here less than a day ago, and nothing is done \
    twice by mistake: if you mean it again, change a word of it";

/// What is said back to the person.
#[derive(Default)]
pub(super) struct Answer {
    pub done: Vec<String>,
    pub refused: Vec<String>,
    pub powerless: Option<&'static str>,
    /// the list of what there is to command goes with it
    pub helps: bool,
}

impl Answer {
    fn powerless(why: Powerless) -> Answer {
        Answer { powerless: Some(why.in_words()), ..Answer::default() }
    }
}

impl TakingIn<'_> {
    /// What a mail of one of the staff on a case brings about; none for what is only kept on it, as robots' mails are.
    pub(super) fn by_staff(
        &self,
        writer: &Address,
        weighed: &Weighed,
        case: &Case,
    ) -> Result<Option<(i64, Taken)>, StoreError> {
        let staff = &self.office.desk.staff;
        let Some(person) = staff.iter().find(|s| s.address.email == writer.email) else { return Ok(None) };
        if !matches!(self.mail.sorted.kind, Kind::Person | Kind::Forged) {
            return Ok(None);
        }
        let proof = self.proof(writer);
        let reaches = self.reaches(case)?;
        let written = self.written();
        match power(proof) {
            Err(Powerless::Forged) => {
                // Whoever wrote it was not this person: it is no mail of theirs, but they are to know of it.
                let (mail_id, taken) = self.record(writer, weighed, case, Standing::Staff)?;
                if proof.answers != Answers::Something {
                    self.answer(person, case, &Answer::powerless(Powerless::Forged), mail_id)?;
                }
                Ok(Some((mail_id, taken)))
            }
            Ok(()) if self.turns_to_works() => self.works_beside_case(person, weighed, case).map(Some),
            Ok(()) => self.command(person, weighed, case, &written, reaches).map(Some),
            Err(why) => {
                let answers_ours = proof.answers != Answers::Something;
                // A mail to a customer that is no command needs no power, but proof.
                let is_public = !answers_ours && reaches == Reaches::CustomerToo && self.is_trusted();
                if is_public && !proof.forwards && !self.mail.said.nothing_new {
                    return self.replied_elsewhere(person, weighed, case, &written, why).map(Some);
                }
                let expects = reaches == Reaches::DeskAlone && self.is_in_thread_with_desk(writer);
                // Anybody can write a From: what proves nothing is told to nobody, or sixty of them silenced the desk's answers.
                let could_be = answers_ours || !self.mail.checked || self.is_trusted();
                let told = could_be && (answers_ours || expects || written.commands_something());
                self.keep_note(person, weighed, case, Some(why).filter(|_| told)).map(Some)
            }
        }
    }

    pub(super) fn proof(&self, writer: &Address) -> Proof {
        let mail = &self.mail.incoming;
        let keyring = &self.office.keyring;
        let is_personal = |id: &str| {
            keyring.verify(id).is_some_and(|signed| signed.is_personal) || keyring.verify_topic(id).is_some()
        };
        let answers = match self.answered_id() {
            Some(id) if keyring.is_for(id, &writer.email) => Answers::Theirs,
            Some(id) if is_personal(id) => Answers::AnotherPersons,
            _ => Answers::Something,
        };
        let forwarded = self.mail.said.forwarded.as_ref();
        Proof {
            answers,
            forged: self.mail.sorted.kind == Kind::Forged,
            checked: self.mail.checked,
            authenticated: self.mail.authenticated,
            forwards: quote::is_forward_subject(&mail.subject) || forwarded.is_some_and(|within| within.marked),
        }
    }

    /// The mail that this one answers. Not all those before it: whoever answers a customer has the desk's in the
    /// thread, too.
    pub(super) fn answered_id(&self) -> Option<&str> {
        let mail = &self.mail.incoming;
        mail.in_reply_to.first().or(mail.references.last()).map(String::as_str)
    }

    /// Does it belong to what the desk has written to them, though the mail that it answers is not known? Some relays give
    /// mails new ids.
    fn is_in_thread_with_desk(&self, writer: &Address) -> bool {
        self.mail.incoming.references.iter().any(|id| self.office.keyring.is_for(id, &writer.email))
    }

    /// Is it certain enough who wrote it to believe what they say they have sent?
    fn is_trusted(&self) -> bool {
        self.mail.sorted.verified && if self.mail.checked { self.mail.authenticated } else { self.is_proven() }
    }

    fn written(&self) -> Written {
        if self.mail.said.nothing_new { Written::default() } else { command::read(&self.mail.said.reply) }
    }

    /// Do people of the case stand in To or Cc?
    fn reaches(&self, case: &Case) -> Result<Reaches, StoreError> {
        let participants: Vec<String> = cases::participants(self.tx, case.id)?.into_iter().map(|p| p.email).collect();
        let organisation = contacts::known_of(self.tx, &case.requester.email)?.organisation_id();
        let circle = Circle { case, participants: &participants, organisation };
        for person in self.in_copy() {
            let known = contacts::known_of(self.tx, &person.email)?;
            let by = thread::Writer { email: &person.email, known: &known };
            if thread::standing(by, circle, &self.office.desk) <= Standing::Participant {
                return Ok(Reaches::CustomerToo);
            }
        }
        Ok(Reaches::DeskAlone)
    }

    /// They have answered a participant by themselves: recorded as a public reply.
    fn replied_elsewhere(
        &self,
        person: &StaffMember,
        weighed: &Weighed,
        case: &Case,
        written: &Written,
        why: Powerless,
    ) -> Result<(i64, Taken), StoreError> {
        // The customer has this mail: what they answer cites it.
        let note = Some("answered the customer from their own mail program");
        let mail_id = self.keep_staffs(weighed, case, Disposition::Appended, note)?;
        let text = self.mail.said.reply.clone();
        let done = self.carry_out(person, case, &[Step::Replied { text }], &[])?;
        let case = done.unwrap_or_else(|_| case.clone());
        if written.commands_something() {
            self.answer(person, &case, &Answer::powerless(why), mail_id)?;
        }
        Ok((mail_id, self.taken(Disposition::Appended, Some(case.reference))))
    }

    /// Kept on the case, and nothing else; the person is told why, where they may have expected more.
    fn keep_note(
        &self,
        person: &StaffMember,
        weighed: &Weighed,
        case: &Case,
        told: Option<Powerless>,
    ) -> Result<(i64, Taken), StoreError> {
        let mail_id = self.keep_staffs(weighed, case, Disposition::Recorded, None)?;
        self.note_wrote(person, case)?;
        if let Some(why) = told {
            self.answer(person, case, &Answer::powerless(why), mail_id)?;
        }
        Ok((mail_id, self.taken(Disposition::Recorded, Some(case.reference))))
    }

    /// Was the same that this person writes now done within a day, on this case or on none? `became`: what was noted of
    /// what was done. A mail program that tries again sends the same text under another id.
    pub(super) fn was_done(
        &self,
        person: &StaffMember,
        case: Option<CaseId>,
        became: &str,
    ) -> Result<bool, StoreError> {
        let same = |said: &str| said.split_whitespace().eq(self.mail.said.reply.split_whitespace());
        let since = self.now - Duration::days(1);
        for (mail, why) in mails::of_sender(self.tx, &person.address.email, case, since)? {
            if why.iter().any(|note| note == became)
                && incoming::read(&mails::raw(self.tx, mail)?).is_ok_and(|mail| same(&mail.said().reply))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `became`: what it was, other than a note.
    pub(super) fn keep_staffs(
        &self,
        weighed: &Weighed,
        case: &Case,
        disposition: Disposition,
        became: Option<&str>,
    ) -> Result<i64, StoreError> {
        let kept = Kept {
            case: Some(case.id),
            standing: Some(Standing::Staff),
            weighed: Some(weighed),
            note: became,
            ..Kept::only(disposition)
        };
        keep(self.tx, self.mail, self.place, &kept, self.now)
    }

    pub(super) fn note_wrote(&self, person: &StaffMember, case: &Case) -> Result<(), StoreError> {
        let what = What::Wrote { standing: Standing::Staff.as_str().to_owned() };
        let actor = Actor::Writer(person.address.email.clone());
        history::add(self.tx, case.id, &Entry { at: self.now, actor, what })
    }

    pub(super) fn answer(
        &self,
        person: &StaffMember,
        case: &Case,
        answer: &Answer,
        mail_id: i64,
    ) -> Result<(), StoreError> {
        let known: Vec<String> = match answer.helps {
            true => HELP.iter().map(|(command, does)| format!("{command}: {does}")).collect(),
            false => vec![],
        };
        let data = json!({
            "done": answer.done,
            "refused": command::answered(&answer.refused),
            "powerless": answer.powerless,
            "known": known,
        });
        let mut decision = Decision::unchanged(case);
        decision.notices.push(Notice::to_staff_member(&person.address, NoticeKind::StaffCommand, case, data));
        let cause = format!("mail:{mail_id}");
        commit(self.tx, &self.office.desk, &decision, &Manner { cause: &cause, ..Manner::default() }, self.now)
    }
}
