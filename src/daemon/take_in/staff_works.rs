//! What staff command on planned works by mail: in a reply to a mail about some, or to a list of them; in a reply to a
//! mail about a case they plan new ones, or ask for the list or for some. All of a mail is done, or nothing.

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::{
    Kept, Taken, TakingIn, keep,
    staff::{Answer, DONE_ALREADY},
};
use crate::{
    daemon::{
        names::Names,
        staff::{Command, StaffError},
        works::{
            find, is_settled,
            list::{Filter, list},
            page::page,
        },
    },
    desk::{
        case::{Case, CaseId},
        hours::Zone,
        lifecycle::Refusal,
        notice::NoticeKind,
        staff_mail::{Answers, Proof, power},
        staff_member::StaffMember,
        topic::Topic,
        works::{
            DeskWorks, Impact, Kind, Window, WorksId,
            act::{Act, in_words},
            change::Change,
            news::{self, News},
            plan::Draft,
            window,
        },
    },
    mail::{
        address::Address,
        command::{
            self, NotUnderstood,
            works::{self as commands, Commanded, WorksCommand, WorksWritten},
        },
        own_words,
        sort::Kind as MailKind,
        thread::Weighed,
    },
    store::{
        StoreError,
        mails::Disposition,
        meta,
        outbox::{self, NewNotice, Recipients, StoredNotice},
        savepoint::attempt,
        works::desk as works,
    },
};

/// What the answer to `#help` says.
const HELP: &str = "These are the commands. Nothing else of your mail was done.";
/// Works that a mail lists.
const LISTED: u32 = 100;
/// Places of works that a list names.
const PLACES: usize = 10;
/// Facts, and lines of the history, that a mail shows.
const SHOWN: usize = 200;

/// What came of a mail's commands.
enum Outcome {
    Done,
    Help,
    /// nothing was done: the lines say why
    Refused(Vec<String>),
}

impl Outcome {
    fn refused(why: impl Into<String>) -> Outcome {
        Outcome::Refused(vec![why.into()])
    }

    fn in_words(&self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Help | Outcome::Refused(_) => "nothing of it was done",
        }
    }
}

impl TakingIn<'_> {
    /// What one of the staff answers to a mail about works, or to a list of them: commands, or nothing that the desk can
    /// use.
    pub(super) fn staff_on_works(&self, writer: &Address) -> Result<Option<(i64, Taken)>, StoreError> {
        let staff = &self.office.desk.staff;
        let Some(person) = staff.iter().find(|s| s.address.email == writer.email) else { return Ok(None) };
        let topic = self.answered_id().and_then(|id| self.office.keyring.verify_topic(id));
        let about = match topic.map(|signed| signed.topic) {
            Some(Topic::Works(id)) => Some(WorksId(id)),
            Some(Topic::AllWorks) => None,
            Some(Topic::Incident(_)) | None => return Ok(None),
        };
        if !matches!(self.mail.sorted.kind, MailKind::Person | MailKind::Forged) || !self.is_of_staff_notice()? {
            return Ok(None);
        }
        let proof = self.proof(writer);
        let outcome = match power(proof) {
            Ok(()) => self.carry_out_on_works(person, about, None)?,
            Err(why) => Outcome::refused(why.in_words()),
        };
        let note = noted(about, &outcome);
        let kept = Kept { note: Some(&note), ..Kept::only(Disposition::Recorded) };
        let mail = keep(self.tx, self.mail, self.place, &kept, self.now)?;
        if hears(proof) {
            self.answer_on_works(person, about, &outcome, mail)?;
        }
        Ok(Some((mail, self.taken(Disposition::Recorded, None))))
    }

    /// Does a reply to a mail about a case begin with a command that is of works wherever it stands?
    pub(super) fn turns_to_works(&self) -> bool {
        !self.mail.said.nothing_new && commands::begins_with_works(&self.mail.said.reply)
    }

    /// Does what such a reply commands, which has nothing to do with the case.
    pub(super) fn works_beside_case(
        &self,
        person: &StaffMember,
        weighed: &Weighed,
        case: &Case,
    ) -> Result<(i64, Taken), StoreError> {
        let outcome = self.carry_out_on_works(person, None, Some(case.id))?;
        let note = noted(None, &outcome);
        let mail = self.keep_staffs(weighed, case, Disposition::Recorded, Some(&note))?;
        let mut answer = Answer { helps: true, ..Answer::default() };
        match outcome {
            Outcome::Done => {}
            Outcome::Help => self.answer(person, case, &answer, mail)?,
            Outcome::Refused(why) => {
                answer.refused = why;
                self.note_wrote(person, case)?;
                self.answer(person, case, &answer, mail)?;
            }
        }
        Ok((mail, self.taken(Disposition::Recorded, Some(case.reference))))
    }

    /// Does it answer a mail to staff? One of the staff may be told as a customer's contact, too.
    fn is_of_staff_notice(&self) -> Result<bool, StoreError> {
        let kind = self.answered_notice()?.map(|notice| notice.kind);
        Ok(matches!(kind, Some(NoticeKind::StaffWorks | NoticeKind::StaffWorksList)))
    }

    fn answered_notice(&self) -> Result<Option<StoredNotice>, StoreError> {
        let serial = self.answered_id().and_then(|id| self.office.keyring.serial_of(id));
        let Some(notice) = serial.and_then(|serial| i64::try_from(serial).ok()) else { return Ok(None) };
        outbox::load(self.tx, notice)
    }

    /// Does it approve what the answered mail does not show? Whoever answers an older mail has not seen what waits now.
    fn approves_unseen(&self, written: &WorksWritten, about: Option<WorksId>) -> Result<Option<String>, StoreError> {
        let approval = written.commands.iter().find(|one| one.command == WorksCommand::Approve);
        let (Some(approval), Some(id)) = (approval, about) else { return Ok(None) };
        let Some(works) = works::by_id(self.tx, id)? else { return Ok(None) };
        let shows = self.answered_notice()?.is_some_and(|notice| news::shows(&notice.data, &works));
        let why =
            "this is not as it was in the mail that you answered; see below what there is now, and reply to this mail";
        Ok((!shows).then(|| format!("{}: {why}", command::shown(&approval.line))))
    }

    fn works_written(&self, person: &StaffMember) -> WorksWritten {
        let said = if self.mail.said.nothing_new { "" } else { self.mail.said.reply.as_str() };
        commands::read(said, |text| {
            let text = own_words::without_quotes(text);
            own_words::without_sign_off(&text, person.address.display()).to_owned()
        })
    }

    /// Does all that is commanded, or nothing. `about`: the works of the mail that this one answers; `case`: in whose
    /// thread it is written.
    fn carry_out_on_works(
        &self,
        person: &StaffMember,
        about: Option<WorksId>,
        case: Option<CaseId>,
    ) -> Result<Outcome, StoreError> {
        if let Some(why) = self.unusable() {
            return Ok(Outcome::refused(why));
        }
        let written = self.works_written(person);
        if !written.not_understood.is_empty() {
            return Ok(Outcome::Refused(written.not_understood.iter().map(NotUnderstood::in_words).collect()));
        }
        if written.commands.iter().any(|one| one.command == WorksCommand::Help) {
            return Ok(Outcome::Help);
        }
        if written.commands.is_empty() {
            return Ok(Outcome::refused("It holds no command, and a text alone goes to nobody."));
        }
        if would_double(&written) && self.was_done(person, case, &noted(about, &Outcome::Done))? {
            return Ok(Outcome::refused(DONE_ALREADY));
        }
        for one in written.commands.iter().filter(|one| one.command != WorksCommand::Note) {
            if let Some(why) = self.repeats_the_desk(&one.text)? {
                return Ok(Outcome::refused(why));
            }
        }
        if let Some(why) = self.approves_unseen(&written, about)? {
            return Ok(Outcome::refused(why));
        }
        let staff =
            Command { office: self.office, name: person.address.display(), now: self.now, names: Names::Refused };
        let tried = attempt(self.tx, |tx| {
            for one in &written.commands {
                let doing = Doing { tx, staff: &staff, person, about };
                doing.carry_out(one).map_err(|e| by_mail(e, one, about))?;
            }
            match written.text.as_str() {
                "" => Ok(()),
                _ => Err(StaffError::from(Refusal("nothing of this takes a text: leave it out".to_owned()))),
            }
        });
        match tried {
            Ok(()) => Ok(Outcome::Done),
            Err(StaffError::Store(e)) => Err(e),
            Err(refused) => Ok(Outcome::refused(refused.to_string())),
        }
    }

    /// Says to the person what there is to command, or why nothing was done.
    fn answer_on_works(
        &self,
        person: &StaffMember,
        about: Option<WorksId>,
        outcome: &Outcome,
        mail: i64,
    ) -> Result<(), StoreError> {
        let (flag, act, refused) = match outcome {
            Outcome::Done => return Ok(()),
            Outcome::Help => ("help", "commands", &[][..]),
            Outcome::Refused(why) => ("failed", "not done", &why[..]),
        };
        let works = about.map(|id| works::by_id(self.tx, id)).transpose()?.flatten();
        let (topic, kind, mut data) = match &works {
            Some(works) => {
                let data = news::to_staff(works, &News::of_clock(act, HELP), &self.office.desk.policy, self.now);
                (Topic::Works(works.id.0), NoticeKind::StaffWorks, data)
            }
            None => (Topic::AllWorks, NoticeKind::StaffWorksList, Map::new()),
        };
        data.insert(flag.to_owned(), json!(true));
        data.insert("refused".to_owned(), json!(command::answered(refused)));
        let known = commands::help(works.is_some()).map(|(command, what)| format!("{command}: {what}"));
        data.insert("known".to_owned(), json!(known.collect::<Vec<_>>()));
        let staff =
            Command { office: self.office, name: person.address.display(), now: self.now, names: Names::Refused };
        tell_one(self.tx, &staff, person, (topic, kind), &data, &format!("mail:{mail}"))
    }
}

/// What is noted beside a mail.
fn noted(about: Option<WorksId>, outcome: &Outcome) -> String {
    let on = about.map_or_else(|| "planned works".to_owned(), |id| id.to_string());
    format!("commands on {on}: {}", outcome.in_words())
}

/// Is the person told what came of their mail? Whoever only seems to be them hears nothing by a mail that was made for
/// somebody else.
fn hears(proof: Proof) -> bool {
    match proof.answers {
        Answers::Theirs => true,
        Answers::AnotherPersons => !proof.forged && (proof.authenticated || !proof.checked),
        Answers::Something => false,
    }
}

/// Would it be done twice, when it came twice? What takes no text fits the state of works only once.
fn would_double(written: &WorksWritten) -> bool {
    let doubles = |one: &Commanded| matches!(one.command, WorksCommand::Plan | WorksCommand::Extend);
    written.commands.iter().any(|one| doubles(one) || !one.text.is_empty())
}

/// Who commands, and on what.
struct Doing<'a> {
    tx: &'a Connection,
    staff: &'a Command<'a>,
    person: &'a StaffMember,
    about: Option<WorksId>,
}

impl Doing<'_> {
    fn carry_out(&self, one: &Commanded) -> Result<(), StaffError> {
        let Doing { tx, staff, about, .. } = *self;
        let details = &one.details;
        let text = Some(one.text.as_str()).filter(|text| !text.is_empty());
        let of_which = || Refusal("of which works? #show PW-0012 brings a mail about them; reply to that".to_owned());
        let works = || find(tx, about.ok_or_else(of_which)?);
        let (windows, change);
        let act = match one.command {
            WorksCommand::Plan => return self.plan(one),
            WorksCommand::List => return Ok(self.list()?),
            WorksCommand::Show(id) => return self.show(&find(tx, id.or(about).ok_or_else(of_which)?)?),
            WorksCommand::Help => return Ok(()),
            WorksCommand::Approve => Act::Approve,
            WorksCommand::Withdraw => Act::Withdraw,
            WorksCommand::Announce => Act::Announce,
            WorksCommand::Remind => Act::Remind,
            WorksCommand::Start => Act::Start,
            WorksCommand::Extend => {
                let works = works()?;
                let from = works.open_window(staff.now).map_or(staff.now, |window| window.ends_at);
                Act::Extend { until: window::extended(&one.until, from, works.zone)?, text }
            }
            WorksCommand::Reschedule => {
                let zone = details.zone.unwrap_or(works()?.zone);
                windows = details.windows.iter().map(|text| Window::read(text, zone)).collect::<Result<Vec<_>, _>>()?;
                Act::Reschedule { windows: &windows, text }
            }
            WorksCommand::Change => {
                change = Change {
                    affected: staff.other_places(tx, &works()?, &details.touched)?,
                    description: details.title.clone(),
                    reason: details.reason.clone(),
                    contact: details.contact.clone(),
                    roll_back: details.roll_back.clone(),
                };
                Act::Change { change: &change, text }
            }
            WorksCommand::Complete => Act::Complete { text },
            WorksCommand::Cancel => Act::Cancel { reason: &one.text },
            WorksCommand::Tell => Act::Tell { text: &one.text },
            WorksCommand::Note => Act::Note { text: &one.text },
        };
        staff.act_on_works(tx, about.ok_or_else(of_which)?, &act, details.force.as_deref())?;
        Ok(())
    }

    /// The planner has a mail about the new works, to command them by a reply.
    fn plan(&self, one: &Commanded) -> Result<(), StaffError> {
        let Doing { tx, staff, .. } = *self;
        let details = one.details.clone();
        let zone = details.zone.unwrap_or(staff.office.desk.policy.zone);
        let windows = details.windows.iter().map(|text| Window::read(text, zone)).collect::<Result<Vec<_>, _>>()?;
        let draft = Draft {
            kind: details.kind.unwrap_or(Kind::Planned),
            windows,
            zone,
            affected: staff.places(tx, &details.touched, Impact::Outage)?,
            description: details.title.unwrap_or_default(),
            reason: details.reason.unwrap_or_default(),
            contact: details.contact,
            roll_back: details.roll_back,
            emergency: details.emergency,
        };
        let works = staff.plan_works(tx, draft, details.force.as_deref())?;
        // Else all of the staff are asked for their approval, the planner included.
        if is_settled(&works, staff.office) {
            let what = format!("planned for {}", in_words(&works.windows, works.zone));
            let news = News { act: "planned", what: &what, told: None, actor: Some(staff.name), insists: false };
            self.tell(&works, &news, Map::new())?;
        }
        Ok(())
    }

    fn show(&self, works: &DeskWorks) -> Result<(), StaffError> {
        let shown = page(self.tx, works, &self.staff.office.desk.policy)?;
        let fact = |(name, value): &(&str, String)| format!("{}: {value}", capitalised(name));
        // What was done last says most.
        let history = &shown.history[shown.history.len().saturating_sub(SHOWN)..];
        let own = json!({
            "shown": true,
            "more": shown.more.iter().take(SHOWN).map(fact).collect::<Vec<_>>(),
            "history": history,
            "cut": shown.more.len() > SHOWN || shown.history.len() > SHOWN,
        });
        let Value::Object(own) = own else { return Ok(()) };
        self.tell(works, &News::of_clock("as they stand", ""), own).map_err(StaffError::from)
    }

    fn tell(&self, works: &DeskWorks, news: &News<'_>, own: Map<String, Value>) -> Result<(), StoreError> {
        let mut data = news::to_staff(works, news, &self.staff.office.desk.policy, self.staff.now);
        data.extend(own);
        let about = (Topic::Works(works.id.0), NoticeKind::StaffWorks);
        tell_one(self.tx, self.staff, self.person, about, &data, &next_cause(self.tx)?)
    }

    fn list(&self) -> Result<(), StoreError> {
        let Doing { tx, staff, person, .. } = *self;
        let coming = Some(staff.now);
        let filter = Filter { desks_after: coming, customers_after: coming, limit: LISTED + 1, ..Filter::default() };
        let found = list(tx, &filter)?;
        let zone = staff.office.desk.policy.zone;
        let mut lines = Vec::new();
        for one in found.iter().take(LISTED as usize) {
            let line = one.line(tx, &Zone::Named(zone), &staff.office.desk.policy)?;
            let mut touches = line.touches.iter().take(PLACES).cloned().collect::<Vec<_>>().join(", ");
            if line.touches.len() > PLACES {
                touches = format!("{touches} and {} more", line.touches.len() - PLACES);
            }
            let mut said = json!({
                "works": line.works,
                "begins": line.begins.as_deref().unwrap_or("?"),
                "ends": line.ends.as_deref().unwrap_or("?"),
                "state": line.state,
                "what": line.what,
                "touches": line.impact.map_or(touches.clone(), |impact| format!("{impact}: {touches}")),
            });
            let optional = [("organisation", line.organisation), ("case", line.case)];
            for (name, value) in optional.into_iter().filter_map(|(name, value)| Some((name, value?))) {
                said[name] = json!(value);
            }
            lines.push(said);
        }
        let own = json!({
            "zone": zone.name(),
            "none": lines.is_empty(),
            "listed": lines,
            "cut": found.len() > LISTED as usize,
        });
        let Value::Object(data) = own else { return Ok(()) };
        tell_one(tx, staff, person, (Topic::AllWorks, NoticeKind::StaffWorksList), &data, &next_cause(tx)?)
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn next_cause(tx: &Connection) -> Result<String, StoreError> {
    Ok(format!("staff:{}", meta::next_act(tx)?))
}

/// A mail for this person alone, whose reply commands.
fn tell_one(
    tx: &Connection,
    staff: &Command<'_>,
    person: &StaffMember,
    (topic, kind): (Topic, NoticeKind),
    data: &Map<String, Value>,
    cause: &str,
) -> Result<(), StoreError> {
    let notice = NewNotice {
        case: None,
        topic: Some(topic),
        kind,
        automatic: true,
        decided_at: staff.now,
        data,
        recipients: &Recipients { to: vec![person.address.clone()], cc: vec![] },
        cause,
        attachments: &[],
    };
    outbox::add(tx, &notice, None).map(drop)
}

/// A refusal with the line that it is about; what it says of options is said of labelled lines.
fn by_mail(error: StaffError, one: &Commanded, about: Option<WorksId>) -> StaffError {
    let why = match error {
        StaffError::Refused(Refusal(why)) => why,
        StaffError::NoSuchWorks(_) => error.to_string(),
        other => return other,
    };
    let start = about.map(|id| format!("`casepost works start {id} --force REASON`")).unwrap_or_default();
    let said = [
        (start.as_str(), "#start with a line 'force: REASON' below it"),
        ("--force REASON", "a line 'force: REASON' below the command"),
        ("--emergency REASON", "a line 'emergency: REASON' below #plan"),
    ];
    let why = said
        .into_iter()
        .filter(|(option, _)| !option.is_empty())
        .fold(why, |why, (option, line)| why.replace(option, line));
    StaffError::Refused(Refusal(format!("{}: {why}", command::shown(&one.line))))
}
