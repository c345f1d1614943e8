//! Mail of the staff on a case: commands and answers by replying to a mail of the desk, answers that they have sent from
//! their own mail program with the desk in copy, and notes ([`staff_mail`] says what is which).
//!
//! All that a mail commands is done in a savepoint of its transaction: where one step is refused, all are taken back,
//! and the person is told.

use rusqlite::Connection;
use serde_json::json;

use super::{Kept, Taken, TakingIn, keep};
use crate::{
    daemon::staff::{Command, StaffError, find},
    desk::{
        case::{Actor, Case},
        lifecycle::{Act, Decision, Entry, What},
        notice::{Notice, NoticeKind},
        staff_mail::{Answers, Circumstances, Plan, Powerless, Proof, Reaches, Step, plan, power},
        staff_member::StaffMember,
    },
    mail::{
        address::Address,
        command::{self, HELP, Written},
        compose::Attachment,
        incoming::{self, Protection},
        own_words, quote,
        sort::{self, Kind},
        thread::{self, Circle, Standing, Weighed},
    },
    store::{
        StoreError, cases,
        commit::{Manner, commit},
        contacts, history,
        mails::{self, Disposition},
        outbox,
        savepoint::attempt,
    },
};

/// More than this arrives nowhere.
const ATTACHMENTS_BYTES: usize = 20_000_000;
/// Smaller pictures within a text are the signature's.
const PICTURE_BYTES: usize = 16_000;

/// What is said back to the person.
#[derive(Default)]
struct Answer {
    done: Vec<String>,
    refused: Vec<String>,
    powerless: Option<&'static str>,
    /// the list of what there is to command goes with it
    helps: bool,
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
            Ok(()) => self.command(person, weighed, case, &written, reaches).map(Some),
            Err(why) => {
                let answers_ours = proof.answers != Answers::Something;
                // A mail to a customer that is no command needs no power, but proof.
                let is_public = !answers_ours && reaches == Reaches::CustomerToo && self.is_trusted();
                if is_public && !proof.forwards && !self.mail.said.nothing_new {
                    return self.replied_elsewhere(person, weighed, case, &written, why).map(Some);
                }
                let expects = reaches == Reaches::DeskAlone && self.is_in_thread_with_desk(writer);
                let told = answers_ours || expects || written.commands_something();
                self.keep_note(person, weighed, case, Some(why).filter(|_| told)).map(Some)
            }
        }
    }

    fn proof(&self, writer: &Address) -> Proof {
        let mail = &self.mail.incoming;
        let keyring = &self.office.keyring;
        let is_personal = |id: &str| keyring.verify(id).is_some_and(|signed| signed.is_personal);
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
    fn answered_id(&self) -> Option<&str> {
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

    fn command(
        &self,
        person: &StaffMember,
        weighed: &Weighed,
        case: &Case,
        written: &Written,
        reaches: Reaches,
    ) -> Result<(i64, Taken), StoreError> {
        let mut written = written.clone();
        let inside = written.commands.iter().any(|c| matches!(c.command, command::Command::Note(_)));
        let mut answer = Answer::default();
        let text = own_words::without_quotes(&written.text);
        let text = own_words::without_name(&text, person.address.display()).to_owned();
        if let Some(why) = self
            .unusable()?
            .or(self.unfit_for_customers(person, case, &text, written.commands_something())?.filter(|_| !inside))
        {
            answer.refused.push(why);
        }
        if !inside {
            written.text = text;
        }
        let files = if answer.refused.is_empty() { self.files()? } else { vec![] };
        let size: usize = files.iter().map(|file| file.bytes.len()).sum();
        if size > ATTACHMENTS_BYTES && !inside {
            answer
                .refused
                .push(format!("the attached files have {size} bytes; more than {ATTACHMENTS_BYTES} arrive nowhere"));
        }
        let mut after = case.clone();
        if answer.refused.is_empty() {
            let (desk, now) = (&self.office.desk, self.now);
            let around = Circumstances { desk, person, reaches, has_files: !files.is_empty(), now };
            match plan(&written, around) {
                Plan::Help => answer.helps = true,
                Plan::Refuse(lines) => {
                    answer.refused.extend(lines.iter().map(|line| format!("{}: {}", line.line, line.why)));
                }
                Plan::Do(steps) => match self.carry_out(person, case, &steps, &files)? {
                    Ok(changed) => {
                        after = changed;
                        answer.done.extend(steps.iter().map(|step| step.in_words(desk)));
                    }
                    Err(why) => answer.refused.push(why),
                },
            }
        }
        let became = if answer.refused.is_empty() { "what it says was done" } else { "nothing of it was done" };
        let mail_id = self.keep_staffs(weighed, case, Disposition::Recorded, Some(became))?;
        let told = written.commands_something() || !answer.refused.is_empty();
        if !answer.refused.is_empty() {
            answer.helps = true;
            self.note_wrote(person, case)?;
        }
        if told {
            self.answer(person, &after, &answer, mail_id)?;
        }
        Ok((mail_id, self.taken(Disposition::Recorded, Some(after.reference))))
    }

    /// Why nothing at all of the mail can be used.
    fn unusable(&self) -> Result<Option<String>, StoreError> {
        let mail = self.mail;
        Ok(match mail.incoming.protection {
            _ if mail.truncated => {
                Some("it is larger than the desk takes in (max_size): only its beginning was read".to_owned())
            }
            Protection::Encrypted => Some("it is encrypted, and can't be read here".to_owned()),
            _ => None,
        })
    }

    /// Why the text must not go to a customer.
    fn unfit_for_customers(
        &self,
        person: &StaffMember,
        case: &Case,
        text: &str,
        commands: bool,
    ) -> Result<Option<String>, StoreError> {
        if text.is_empty() {
            return Ok(None);
        }
        let serial = self.answered_id().and_then(|id| self.office.keyring.verify(id)?.serial);
        let notice = serial.and_then(|serial| i64::try_from(serial).ok());
        let answered = notice.map(|notice| outbox::load(self.tx, notice)).transpose()?.flatten();
        let bytes = answered.and_then(|notice| notice.letter).map(|letter| letter.bytes).unwrap_or_default();
        let answered = incoming::read(&bytes).map(|mail| mail.text).unwrap_or_default();
        if own_words::repeats(text, &answered) {
            let why = "parts of the desk's mail to you stand in the text, without a mark that they are quoted: delete \
                       what you answer, and send it again";
            return Ok(Some(why.to_owned()));
        }
        // Nobody's holiday answers a customer. Whoever commands is there.
        if sort::sounds_automatic(text) && !commands {
            let why = "it sounds like an automatic reply, so it went to nobody. If you wrote it: send it again with a \
                       command above it, such as #take";
            return Ok(Some(why.to_owned()));
        }
        let name = person.address.display();
        let sent = history::of_case(self.tx, case.id)?.into_iter().any(|line| {
            line.actor == name && matches!(&line.what, What::Replied { text: sent } if sent.trim() == text.trim())
        });
        Ok(sent.then(|| "the same text has gone to the customer already".to_owned()))
    }

    /// Files that go with a public reply: not the pictures of the signature, nor what signs the mail.
    fn files(&self) -> Result<Vec<Attachment>, StoreError> {
        if self.mail.incoming.attachments.is_empty() {
            return Ok(vec![]);
        }
        let raw = mails::unpack(&self.mail.raw_zstd)?;
        let files = incoming::attachments(&raw).unwrap_or_default();
        let is_wanted = |file: &incoming::Attachment| {
            let kind = file.info.content_type.as_str();
            let signs = kind.ends_with("-signature") || kind == "application/pgp-keys";
            let decorates = file.info.inline && kind.starts_with("image/") && file.bytes.len() < PICTURE_BYTES;
            !signs && !decorates
        };
        let wanted = files.into_iter().filter(is_wanted);
        Ok(wanted
            .map(|file| Attachment { name: file.info.name, content_type: file.info.content_type, bytes: file.bytes })
            .collect())
    }

    /// Does all of it, or nothing; the reason says which step is refused.
    fn carry_out(
        &self,
        person: &StaffMember,
        case: &Case,
        steps: &[Step],
        files: &[Attachment],
    ) -> Result<Result<Case, String>, StoreError> {
        let name = person.address.display();
        let staff = Command { office: self.office, name, now: self.now };
        let tried = attempt(self.tx, |tx| {
            let mut case = case.clone();
            for step in steps {
                case = self.take_step(tx, &staff, &case, step, files)?;
            }
            Ok(case)
        });
        match tried {
            Ok(case) => Ok(Ok(case)),
            Err(StaffError::Store(e)) => Err(e),
            Err(refused) => Ok(Err(refused.to_string())),
        }
    }

    fn take_step(
        &self,
        tx: &Connection,
        staff: &Command<'_>,
        case: &Case,
        step: &Step,
        files: &[Attachment],
    ) -> Result<Case, StaffError> {
        match step {
            Step::Reopen { tell } => staff.reopen(tx, case, *tell),
            Step::Assign(to) => staff.act(tx, case, &Act::Assign { to: to.as_ref() }, &[]),
            Step::Priority(to) => staff.act(tx, case, &Act::Priority(*to), &[]),
            Step::Link(other) => staff.act(tx, case, &Act::Link { other: &find(tx, *other)? }, &[]),
            Step::Note { text } => staff.act(tx, case, &Act::Note { text }, &[]),
            Step::Reply { text, then } => {
                staff.act(tx, case, &Act::Reply { text, cc: &self.in_copy(), then: *then }, files)
            }
            Step::Replied { text } => staff.act(tx, case, &Act::Replied { text, cc: &self.in_copy() }, &[]),
            Step::Status { to, until, text, tell } => {
                let text = text.as_deref();
                staff.act(tx, case, &Act::Status { to: *to, until: *until, text, tell: *tell }, files)
            }
            Step::Merge { main, tell } => {
                let main = find(tx, *main)?;
                let requesters = staff.requesters(tx, case, &main)?;
                staff.act(tx, case, &Act::Merge { main: &main, tell: *tell, requesters }, &[])
            }
            Step::Spam => staff.act(tx, case, &Act::Spam, &[]),
        }
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

    /// `became`: what it was, other than a note.
    fn keep_staffs(
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

    fn note_wrote(&self, person: &StaffMember, case: &Case) -> Result<(), StoreError> {
        let what = What::Wrote { standing: Standing::Staff.as_str().to_owned() };
        let actor = Actor::Writer(person.address.email.clone());
        history::add(self.tx, case.id, &Entry { at: self.now, actor, what })
    }

    fn answer(&self, person: &StaffMember, case: &Case, answer: &Answer, mail_id: i64) -> Result<(), StoreError> {
        let known: Vec<String> = match answer.helps {
            true => HELP.iter().map(|(command, does)| format!("{command}: {does}")).collect(),
            false => vec![],
        };
        let data = json!({
            "done": answer.done, "refused": answer.refused, "powerless": answer.powerless, "known": known,
        });
        let mut decision = Decision::unchanged(case);
        decision.notices.push(Notice::to_staff_member(&person.address, NoticeKind::StaffCommand, case, data));
        let cause = format!("mail:{mail_id}");
        commit(self.tx, &self.office.desk, &decision, &Manner { cause: &cause, ..Manner::default() }, self.now)
    }
}
