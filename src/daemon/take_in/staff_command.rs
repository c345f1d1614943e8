//! What staff command by mail, done in a savepoint of the mail's transaction: where one step is refused, all are taken
//! back, and the person is told.

use rusqlite::Connection;

use super::{
    Taken, TakingIn,
    staff::{Answer, DONE_ALREADY},
};
use crate::{
    daemon::{
        incident::NewIncident,
        names::Names,
        staff::{Command, StaffError, find},
    },
    desk::{
        case::Case,
        incident::Say,
        lifecycle::{Act, Refusal, Tell, What},
        staff_mail::{Circumstances, Plan, Reaches, Step, plan},
        staff_member::StaffMember,
    },
    mail::{
        command::{self, NotUnderstood, Written},
        compose::Attachment,
        incoming::{self, Protection},
        own_words, sort,
        thread::Weighed,
    },
    store::{
        StoreError, cases, history, incidents,
        mails::{self, Disposition},
        outbox,
        savepoint::attempt,
    },
};

/// More than this arrives nowhere.
const ATTACHMENTS_BYTES: usize = 20_000_000;
/// Smaller pictures within a text are the signature's.
const PICTURE_BYTES: usize = 16_000;
/// What is noted of a mail that was done.
const DONE: &str = "what it says was done";

impl TakingIn<'_> {
    /// Does what the mail commands, and passes on its text; or neither.
    pub(super) fn command(
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
        let goes_out = !inside && reaches == Reaches::DeskAlone && !text.is_empty();
        if let Some(why) = self.unusable() {
            answer.refused.push(why.to_owned());
        } else if goes_out && let Some(why) = self.unfit_for_customers(person, case, &text, &written)? {
            answer.refused.push(why.to_owned());
        } else if goes_out && let Some(stray) = command::strays_into(&text) {
            answer.refused.push(stray.in_words());
        } else if notes(&written) && self.was_done(person, Some(case.id), DONE)? {
            answer.refused.push(DONE_ALREADY.to_owned());
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
            let is_parent = incidents::by_case(self.tx, case.id)?.is_some();
            let around = Circumstances { desk, person, reaches, has_files: !files.is_empty(), is_parent, now };
            match plan(&written, around) {
                Plan::Help => answer.helps = true,
                Plan::Refuse(lines) => {
                    answer.refused.extend(lines.iter().map(NotUnderstood::in_words));
                }
                Plan::Do(steps) => match self.carry_out(person, case, &steps, &files)? {
                    Ok(changed) => {
                        after = changed;
                        for step in &steps {
                            answer.done.push(self.in_words(step, &after)?);
                        }
                    }
                    Err(why) => answer.refused.push(why),
                },
            }
        }
        let became = if answer.done.is_empty() { "nothing of it was done" } else { DONE };
        // What the customer has, too, belongs into their thread.
        let public = reaches == Reaches::CustomerToo && !inside;
        let disposition = if public { Disposition::Appended } else { Disposition::Recorded };
        let mail_id = self.keep_staffs(weighed, case, disposition, Some(became))?;
        let told = written.commands_something() || !answer.refused.is_empty();
        if !answer.refused.is_empty() {
            answer.helps = true;
            self.note_wrote(person, case)?;
        }
        if told {
            self.answer(person, &after, &answer, mail_id)?;
        }
        Ok((mail_id, self.taken(disposition, Some(after.reference))))
    }

    /// What was done, with the numbers that it was given.
    fn in_words(&self, step: &Step, case: &Case) -> Result<String, StoreError> {
        let desk = &self.office.desk;
        let opened = match step {
            Step::OpenIncident { .. } => incidents::latest_of(self.tx, case.id)?,
            _ => None,
        };
        let Some(incident) = opened else { return Ok(step.in_words(desk)) };
        let parent = cases::by_id(self.tx, incident.case)?.reference;
        Ok(format!("{} is open, with this case; its parent case is {parent}: {}", incident.number, incident.title))
    }

    /// Why nothing at all of the mail can be used.
    pub(super) fn unusable(&self) -> Option<&'static str> {
        match self.mail.incoming.protection {
            _ if self.mail.truncated => {
                Some("it is larger than the desk takes in (max_size): only its beginning was read")
            }
            Protection::Encrypted => Some("it is encrypted, and can't be read here"),
            _ => None,
        }
    }

    /// Why the text must not go to a customer.
    fn unfit_for_customers(
        &self,
        person: &StaffMember,
        case: &Case,
        text: &str,
        written: &Written,
    ) -> Result<Option<&'static str>, StoreError> {
        if let Some(why) = self.repeats_the_desk(text)? {
            return Ok(Some(why));
        }
        // Nobody's holiday answers a customer. Whoever commands is there.
        if sort::sounds_automatic(text) && !written.commands_something() {
            return Ok(Some(
                "it sounds like an automatic reply, so it went to nobody. If you wrote it: send it again with a \
                 command above it, such as #take",
            ));
        }
        let name = person.address.display();
        let sent = history::of_case(self.tx, case.id)?.into_iter().any(|line| {
            line.actor == name && matches!(&line.what, What::Replied { text: sent } if sent.trim() == text.trim())
        });
        Ok(sent.then_some("the same text has gone to the customer already"))
    }

    /// Why a text that holds what the desk told its writer must not go to customers.
    pub(super) fn repeats_the_desk(&self, text: &str) -> Result<Option<&'static str>, StoreError> {
        let serial = self.answered_id().and_then(|id| self.office.keyring.serial_of(id));
        let notice = serial.and_then(|serial| i64::try_from(serial).ok());
        let answered = notice.map(|notice| outbox::load(self.tx, notice)).transpose()?.flatten();
        let bytes = answered.and_then(|notice| notice.letter).map(|letter| letter.bytes).unwrap_or_default();
        let answered = incoming::read(&bytes).map(|mail| mail.text).unwrap_or_default();
        Ok(own_words::repeats(text, &answered).then_some(
            "parts of the desk's mail to you stand in the text, without a mark that they are quoted: delete what you \
             answer, and send it again",
        ))
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
    pub(super) fn carry_out(
        &self,
        person: &StaffMember,
        case: &Case,
        steps: &[Step],
        files: &[Attachment],
    ) -> Result<Result<Case, String>, StoreError> {
        let name = person.address.display();
        let staff = Command { office: self.office, name, now: self.now, names: Names::Refused };
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
            Step::Etr { at, text, tell } => {
                staff.act(tx, case, &Act::Etr { at: *at, text: text.as_deref(), tell: *tell }, &[])
            }
            Step::Escalate { reason, tell } => {
                staff.escalate(tx, case, reason.as_deref(), None, *tell == Tell::Nobody)?;
                find(tx, case.reference)
            }
            Step::Time { minutes, note } => {
                staff.enter_time(tx, case, *minutes, None, (note.as_deref(), false))?;
                find(tx, case.reference)
            }
            Step::Update { .. } | Step::EndIncident { .. } | Step::WithdrawIncident { .. } | Step::LinkProposed => {
                let incident = incidents::by_case(tx, case.id)?;
                let incident = incident.ok_or_else(|| Refusal(format!("{} is no parent case", case.reference)))?;
                match step {
                    Step::Update { text, etr } => {
                        let say = Say { text: text.as_deref(), etr: *etr, internal: false };
                        staff.update_incident(tx, &incident, say).map(drop)?;
                    }
                    Step::EndIncident { cause } => staff.close_incident(tx, &incident, cause).map(drop)?,
                    Step::WithdrawIncident { reason } => staff.withdraw_incident(tx, &incident, reason).map(drop)?,
                    _ => staff.link_proposed(tx, &incident).map(drop)?,
                }
                find(tx, case.reference)
            }
            Step::OpenIncident { scope, impact, text } => {
                let new = NewIncident {
                    scope: scope.clone(),
                    title: None,
                    impact,
                    text: text.as_deref(),
                    began_at: None,
                    etr: None,
                    manager: None,
                    first: Some(case),
                    again: false,
                };
                staff.open_incident(tx, &new)?;
                find(tx, case.reference)
            }
            Step::Defer { until, text } => {
                staff.defer(tx, case, *until, text.as_deref(), false)?;
                find(tx, case.reference)
            }
        }
    }
}

/// Is a text kept inside?
fn notes(written: &Written) -> bool {
    written.commands.iter().any(|one| match &one.command {
        command::Command::Note(beside) => !beside.is_empty() || !written.text.is_empty(),
        _ => false,
    })
}
