//! Mail about the desk's planned works: what staff command by a reply, and whose answer opens a case about them.

use rusqlite::Connection;
use serde_json::json;

use super::{Kept, Taken, TakingIn, keep};
use crate::{
    daemon::{
        staff::{Command, StaffError},
        works::{coming, find},
    },
    desk::{
        case::CaseId,
        cues::{Asked, Request},
        lifecycle::{Decision, Refusal},
        notice::{Notice, NoticeKind},
        staff_mail::{Answers, power},
        staff_member::StaffMember,
        topic::Topic,
        works::{
            DeskWorks, WorksId,
            act::{self, Act},
            tell::{self, News},
            window::{self, Window},
        },
    },
    mail::{
        address::Address,
        command::works::{self as commands, WORKS_HELP, WorksCommand, WorksWritten},
        own_words,
        sort::Kind,
        thread::{Candidate, Cite},
    },
    store::{
        StoreError, cases,
        mails::Disposition,
        outbox::{self, NewNotice, Recipients},
        savepoint::attempt,
        works::desk as works,
    },
};

/// What the answer to `#help` says.
const HELP: &str = "These are the commands. Nothing else of your mail was done.";

impl TakingIn<'_> {
    /// The works about which the desk wrote the mail that this one answers.
    fn answered_works(&self) -> Option<WorksId> {
        match self.office.keyring.verify_topic(self.answered_id()?)?.topic {
            Topic::Works(id) => Some(WorksId(id)),
            Topic::Incident(_) => None,
        }
    }

    /// The works that it is about: those of the mail that it answers, else of one before it in the thread.
    fn cited_works(&self) -> Option<WorksId> {
        let of_topic = |id: &String| match self.office.keyring.verify_topic(id)?.topic {
            Topic::Works(id) => Some(WorksId(id)),
            Topic::Incident(_) => None,
        };
        let mail = &self.mail.incoming;
        mail.in_reply_to.iter().chain(mail.references.iter().rev()).find_map(of_topic)
    }

    /// What one of the staff answers to a mail about works: commands, or nothing that the desk can use.
    pub(super) fn staff_on_works(&self, writer: &Address) -> Result<Option<(i64, Taken)>, StoreError> {
        let staff = &self.office.desk.staff;
        let Some(person) = staff.iter().find(|s| s.address.email == writer.email) else { return Ok(None) };
        let Some(id) = self.answered_works() else { return Ok(None) };
        if !matches!(self.mail.sorted.kind, Kind::Person | Kind::Forged) || !self.is_of_staff_notice()? {
            return Ok(None);
        }
        let proof = self.proof(writer);
        let said = if self.mail.said.nothing_new { "" } else { self.mail.said.reply.as_str() };
        let mut written = commands::read(said);
        let text = own_words::without_quotes(&written.text);
        written.text = own_words::without_name(&text, person.address.display()).to_owned();
        let outcome = match power(proof) {
            Ok(()) => self.carry_out_on_works(person, id, &written)?,
            Err(why) => Err(why.in_words().to_owned()),
        };
        let note = match &outcome {
            Ok(()) => format!("commands on {id}: done"),
            Err(_) => format!("commands on {id}: nothing of it was done"),
        };
        let kept = Kept { note: Some(&note), ..Kept::only(Disposition::Recorded) };
        let mail = keep(self.tx, self.mail, self.place, &kept, self.now)?;
        // Whoever only seems to be this person hears nothing by it.
        if let (Err(why), Answers::Theirs) = (outcome, proof.answers) {
            self.refuse_on_works(person, id, &why, mail)?;
        }
        Ok(Some((mail, self.taken(Disposition::Recorded, None))))
    }

    /// Does it answer a mail to staff? One of the staff may be told as a customer's contact, too.
    fn is_of_staff_notice(&self) -> Result<bool, StoreError> {
        let serial = self.answered_id().and_then(|id| self.office.keyring.serial_of(id));
        let Some(notice) = serial.and_then(|serial| i64::try_from(serial).ok()) else { return Ok(false) };
        Ok(outbox::load(self.tx, notice)?.is_some_and(|notice| notice.kind == NoticeKind::StaffWorks))
    }

    /// Does all that is commanded, or nothing; the reason says why.
    fn carry_out_on_works(
        &self,
        person: &StaffMember,
        id: WorksId,
        written: &WorksWritten,
    ) -> Result<Result<(), String>, StoreError> {
        if let Some(why) = self.unusable() {
            return Ok(Err(why.to_owned()));
        }
        if !written.not_understood.is_empty() {
            let lines = written.not_understood.iter().map(|line| format!("{}: {}", line.line, line.why));
            return Ok(Err(lines.collect::<Vec<_>>().join("; ")));
        }
        if written.commands.contains(&WorksCommand::Help) {
            return Ok(Err(HELP.to_owned()));
        }
        if written.commands.is_empty() {
            return Ok(Err("It holds no command, and a text alone goes to nobody.".to_owned()));
        }
        let staff = Command { office: self.office, name: person.address.display(), now: self.now };
        let tried = attempt(self.tx, |tx| {
            let mut text = Some(written.text.as_str()).filter(|text| !text.is_empty());
            for command in &written.commands {
                do_one(tx, &staff, id, command, &mut text)?;
            }
            match text {
                Some(_) => Err(StaffError::from(Refusal("nothing of this takes a text: leave it out".to_owned()))),
                None => Ok(()),
            }
        });
        match tried {
            Ok(()) => Ok(Ok(())),
            Err(StaffError::Store(e)) => Err(e),
            Err(refused) => Ok(Err(refused.to_string())),
        }
    }

    fn refuse_on_works(&self, person: &StaffMember, id: WorksId, why: &str, mail: i64) -> Result<(), StoreError> {
        let Some(works) = works::by_id(self.tx, id)? else { return Ok(()) };
        let asked_for_help = why == HELP;
        let act = if asked_for_help { "commands" } else { "not done" };
        let mut data = tell::to_staff(&works, &News::of_clock(act, why), &self.office.desk.policy, self.now);
        let outcome = if asked_for_help { "help" } else { "failed" };
        data.insert(outcome.to_owned(), json!(true));
        let known = WORKS_HELP.map(|(command, what)| format!("{command}: {what}"));
        data.insert("known".to_owned(), json!(known));
        let notice = NewNotice {
            case: None,
            topic: Some(Topic::Works(id.0)),
            kind: NoticeKind::StaffWorks,
            automatic: true,
            decided_at: self.now,
            data: &data,
            recipients: &Recipients { to: vec![person.address.clone()], cc: vec![] },
            cause: &format!("mail:{mail}"),
            attachments: &[],
        };
        outbox::add(self.tx, &notice, None).map(drop)
    }

    /// The case that an earlier answer of the same person has opened.
    pub(super) fn case_about_works(&self, writer: &Address) -> Result<Option<Candidate>, StoreError> {
        let Some(id) = self.cited_works() else { return Ok(None) };
        let Some(case) = works::case_of(self.tx, id, &writer.email)? else { return Ok(None) };
        let case = cases::by_id(self.tx, case)?;
        // The id was made for this person, so it proves of them what one of the case would.
        let mail = &self.mail.incoming;
        let mut ids = mail.in_reply_to.iter().chain(&mail.references);
        let theirs = ids.any(|id| self.office.keyring.is_for(id, &writer.email));
        let cite = if theirs { Cite::Signed(case.reference) } else { Cite::InText(case.reference) };
        self.candidate(cite, case).map(Some)
    }

    /// For staff: about which works the mail writes.
    pub(super) fn works_in_words(&self) -> Result<Option<String>, StoreError> {
        let Some(id) = self.cited_works() else { return Ok(None) };
        let Some(works) = works::by_id(self.tx, id)? else { return Ok(None) };
        Ok(Some(about(&works)))
    }

    /// A case that the mail opens is about the works that it cites.
    pub(super) fn link_works(&self, case: CaseId) -> Result<(), StoreError> {
        let Some(id) = self.cited_works() else { return Ok(()) };
        if works::by_id(self.tx, id)?.is_some() {
            works::link_case(self.tx, id, case)?;
        }
        Ok(())
    }

    /// The mail asks what planned works there are, and nothing else: the answer takes the place of the acknowledgement.
    pub(super) fn tell_coming_works(
        &self,
        decision: &mut Decision,
        writer: &Address,
        asked: &Asked,
    ) -> Result<(), StoreError> {
        if !asked.hears(Request::PlannedWorksQuestion) || asked.hears(Request::Incident) {
            return Ok(());
        }
        let known = crate::store::contacts::known_of(self.tx, &writer.email)?;
        // A stranger, or whoever only says to be somebody, learns nothing of a customer's services.
        let Some(organisation) = known.organisation_id().filter(|_| self.mail.authenticated || !self.mail.checked)
        else {
            return Ok(());
        };
        let Some(at) = decision.notices.iter().position(|notice| notice.kind == NoticeKind::Acknowledgement) else {
            return Ok(());
        };
        let coming = coming(self.tx, organisation, self.now)?;
        let zone = decision.case.zone(&self.office.desk.policy);
        let data = tell::list(&coming, &zone);
        decision.notices.remove(at);
        decision.notices.push(Notice::automatic(NoticeKind::WorksList, &decision.case, data));
        decision.mark_for_staff(format!("asks what planned works there are: told of {}", coming.len()));
        Ok(())
    }
}

/// `PW-0012 (Exchange of a card), Fri 18 December …, announced`
fn about(works: &DeskWorks) -> String {
    format!(
        "about planned works {} ({}), {}, {}: `casepost works show {0}`",
        works.id,
        works.description,
        act::in_words(&works.windows, works.zone),
        works.state
    )
}

fn do_one(
    tx: &Connection,
    staff: &Command<'_>,
    id: WorksId,
    command: &WorksCommand,
    text: &mut Option<&str>,
) -> Result<(), StaffError> {
    let works = find(tx, id)?;
    let windows;
    let act = match command {
        WorksCommand::Approve => Act::Approve,
        WorksCommand::Withdraw => Act::Withdraw,
        WorksCommand::Announce => Act::Announce,
        WorksCommand::Remind => Act::Remind,
        WorksCommand::Start => Act::Start,
        WorksCommand::Extend(until) => {
            let from = works.open_window(staff.now).map_or(staff.now, |window| window.ends_at);
            Act::Extend { until: window::extended(until.trim_end_matches('.'), from, works.zone)?, text: text.take() }
        }
        WorksCommand::Reschedule(to) => {
            windows = [Window::read(to.trim_end_matches('.'), works.zone)?];
            Act::Reschedule { windows: &windows, text: text.take() }
        }
        WorksCommand::Complete => Act::Complete { text: text.take() },
        WorksCommand::Cancel => Act::Cancel { reason: text.take().unwrap_or_default() },
        WorksCommand::Tell => Act::Tell { text: text.take().unwrap_or_default() },
        WorksCommand::Note => Act::Note { text: text.take().unwrap_or_default() },
        WorksCommand::Help => return Ok(()),
    };
    staff.act_on_works(tx, id, &act, None)?;
    Ok(())
}
