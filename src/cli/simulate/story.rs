//! Plays a story: step by step on a simulated desk, and after each step what it expects is compared with what is so.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::{
    desk::{Answer, MailRead, StoryDesk},
    letter::{self, Answered, Circumstances},
    outgoing::Outgoing,
    played::{Mark, Played},
    scenario::{Event, MailStep, Record, Scenario, Step, Told},
    telling::{headline, in_words},
};
use crate::{
    daemon::{
        directory::{Change, Clerk, DirectoryError, Fields},
        office::Office,
    },
    desk::{case::CaseId, notice::NoticeKind},
    mail::{address::Address, incoming},
    store::{cases, history, mails, open},
};

/// What happens to the database between two steps.
pub type Between<'a> = &'a mut dyn FnMut(Connection) -> anyhow::Result<Connection>;

pub struct Story<'a> {
    pub scenario: &'a Scenario,
    pub desk: &'a mut dyn StoryDesk,
    pub office: Arc<Office>,
    pub played: Played,
    /// cases by the names that the story gives them; `case` is the first
    cases: BTreeMap<String, CaseId>,
    last_case: i64,
    /// people by their names
    people: BTreeMap<String, String>,
    /// mails of the desk by the names that the story gives them
    pub mails: BTreeMap<String, usize>,
    mails_written: u32,
    told_history: i64,
    /// what went out, as it was told
    pub outgoing: Vec<Outgoing>,
    /// so many mails have been looked at
    pub seen_mails: usize,
}

/// What came of a step's event.
#[derive(Debug, Default)]
pub struct Came {
    /// the case that the step is about
    pub case: Option<CaseId>,
    /// of a mail
    pub read: Option<MailRead>,
    /// of a command
    pub answer: Option<Answer>,
}

/// Plays a story on this desk.
pub fn play(told: &Told, desk: &mut dyn StoryDesk, between: Between<'_>) -> anyhow::Result<Played> {
    let mut story = Story::begin(told, desk)?;
    for step in &told.scenario.steps {
        story.step(step)?;
        let db = story.desk.lend()?;
        story.desk.give_back(between(db)?);
    }
    Ok(story.played)
}

impl<'a> Story<'a> {
    fn begin(told: &'a Told, desk: &'a mut dyn StoryDesk) -> anyhow::Result<Story<'a>> {
        let (scenario, office) = (&told.scenario, told.office.clone());
        let mut people = BTreeMap::new();
        people.extend(scenario.staff.iter().map(|s| (s.name.clone(), s.address.to_lowercase())));
        let mut db = desk.lend()?;
        let filled = fill_directory(scenario, &office, &mut db, &mut people);
        desk.give_back(db);
        filled?;
        Ok(Story {
            scenario,
            desk,
            office,
            played: Played::begin(&scenario.shown, &scenario.title, scenario.zone),
            cases: BTreeMap::new(),
            last_case: 0,
            people,
            mails: BTreeMap::new(),
            mails_written: 0,
            told_history: 0,
            outgoing: vec![],
            seen_mails: 0,
        })
    }

    fn step(&mut self, step: &Step) -> anyhow::Result<()> {
        self.desk.pass_until(step.at)?;
        self.tell()?;
        self.played.told(Mark::Step, step.at, headline(step));
        let mut came = Came::default();
        match &step.event {
            Event::Nothing => {}
            Event::Mail(mail) => self.mail(step, mail)?,
            Event::Command { staff, command } => self.command(step, staff, command, &mut came)?,
            Event::DaemonStops => self.desk.daemon_stops(),
            Event::DaemonStarts => self.desk.daemon_starts()?,
            Event::MailServer(does) => self.desk.mail_server(does),
        }
        let before = self.desk.read().len();
        self.desk.work()?;
        if let (Event::Mail(_), Some(read)) = (&step.event, self.desk.read().get(before)) {
            let kept = read.mail;
            came.case = self.with_db(|_, db| Ok(kept.map(|mail| mails::case_of(db, mail)).transpose()?.flatten()))?;
            came.read = Some(read.clone());
        }
        self.name_new_cases(step, &mut came)?;
        self.tell()?;
        if came.case.is_none() {
            came.case = self.cases.get("case").copied();
        }
        self.check(step, &came)
    }

    /// Gives the database to `work`.
    pub fn with_db<T>(
        &mut self,
        work: impl FnOnce(&mut Story<'a>, &mut Connection) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let mut db = self.desk.lend()?;
        let done = work(self, &mut db);
        self.desk.give_back(db);
        done
    }

    pub fn holds(&mut self, text: impl Into<String>) {
        let now = self.desk.now();
        self.played.told(Mark::Holds, now, text);
    }

    /// Something came out otherwise than it is told.
    pub fn fails(&mut self, step: &Step, text: &str) {
        let (now, shown) = (self.desk.now(), &self.scenario.shown);
        let text = format!("{shown}: line {}: {text}", step.line);
        self.played.told(Mark::Fails, now, text);
    }

    fn mail(&mut self, step: &Step, told: &MailStep) -> anyhow::Result<()> {
        self.mails_written += 1;
        let mail = &told.mail;
        if let Some(file) = &mail.file {
            match (self.scenario.files)(file) {
                Some(bytes) => self.desk.mail_arrives(bytes, told.received_at),
                None => self.fails(step, &format!("file: there is no {file} beside the scenario")),
            }
            return Ok(());
        }
        let from = match (&mail.from, mail.kind.is_of_mail_system()) {
            (Some(from), _) => self.person(from),
            (None, true) => Ok(Address::new(Some("Mail Delivery System"), "mailer-daemon@mx.elsewhere.example")),
            (None, false) => Err("from: somebody has to write the mail".to_owned()),
        };
        let from = match from {
            Ok(from) => from,
            Err(why) => {
                self.fails(step, &why);
                return Ok(());
            }
        };
        if let Some(name) = &from.name {
            self.people.insert(name.clone(), from.email.clone());
        }
        let answered = match mail.reply_to.as_deref().map(|what| self.answered(what, &from.email)) {
            Some(Err(why)) => {
                self.fails(step, &why);
                return Ok(());
            }
            found => found.and_then(Result::ok),
        };
        if answered.is_none() && mail.kind.is_about_a_mail() {
            self.fails(step, "kind: such a mail is about one of the desk's: add reply_to");
            return Ok(());
        }
        let mut words = mail.clone();
        for text in [&mut words.subject, &mut words.text, &mut words.html].into_iter().flatten() {
            *text = self.filled(text)?;
        }
        let around = Circumstances {
            from,
            desk: &self.office.desk.sender,
            written_at: told.received_at,
            zone: mail.zone.unwrap_or(self.scenario.zone),
            number: self.mails_written,
            answered: answered.as_ref(),
        };
        let raw = letter::write(&words, &around);
        self.desk.mail_arrives(raw, told.received_at);
        Ok(())
    }

    /// `Ada Byron <ada@books.example>`, an address, or the name of somebody of whom the story has told.
    pub fn person(&self, text: &str) -> Result<Address, String> {
        if let Some((name, rest)) = text.rsplit_once('<') {
            return Ok(Address::new(Some(name.trim().trim_matches('"')), rest.trim_end_matches('>').trim()));
        }
        if text.contains('@') {
            return Ok(Address::bare(text.trim()));
        }
        let known = self.people.get(text.trim());
        known.map(|email| Address::new(Some(text), email)).ok_or_else(|| format!("nobody is called \"{text}\""))
    }

    /// The mail of the desk that `what` means, as `writer` has it.
    fn answered(&self, what: &str, writer: &str) -> Result<Answered, String> {
        let sent = self.desk.sent();
        let got = |n: &usize| sent[*n].recipients.iter().any(|r| r == writer);
        let for_customers = |n: &usize| !sent[*n].kind.is_for_staff();
        let newest_first = || (0..sent.len()).rev();
        let found = match (what, self.mails.get(what), NoticeKind::parse(what)) {
            ("last", ..) => newest_first().find(got).or_else(|| newest_first().find(for_customers)),
            // What staff are told together goes to each of them alone, and each answers their own.
            (_, Some(n), _) => {
                let named = &sent[*n];
                let is_the_same =
                    |n: &usize| (sent[*n].kind, sent[*n].case, sent[*n].at) == (named.kind, named.case, named.at);
                newest_first().find(|other| is_the_same(other) && got(other)).or(Some(*n))
            }
            (_, None, Some(kind)) => {
                let of_kind = |n: &usize| sent[*n].kind == kind;
                newest_first().find(|n| of_kind(n) && got(n)).or_else(|| newest_first().find(of_kind))
            }
            (_, None, None) => {
                return Err(format!(
                    "reply_to: \"{what}\" is neither last, nor a notice, nor the name of a mail that went out before"
                ));
            }
        };
        let sent = found.map(|n| &sent[n]).ok_or_else(|| format!("reply_to: no such mail has gone out: \"{what}\""))?;
        let recipient = sent.recipients.iter().find(|r| *r == writer).or(sent.recipients.first());
        Ok(Answered {
            mail: incoming::read(&sent.bytes).map_err(|e| e.to_string())?,
            bytes: sent.bytes.clone(),
            recipient: recipient.cloned().unwrap_or_default(),
        })
    }

    fn command(&mut self, step: &Step, staff: &str, command: &str, came: &mut Came) -> anyhow::Result<()> {
        came.case = self.cases.iter().find(|(name, _)| command.contains(&format!("{{{name}}}"))).map(|(_, id)| *id);
        let command = self.filled(command)?;
        let Some(words) = shlex::split(&command) else {
            self.fails(step, "command: a quotation mark is not closed");
            return Ok(());
        };
        let words = words.strip_prefix(&["casepost".to_owned()]).map(<[String]>::to_vec).unwrap_or(words);
        came.answer = Some(self.desk.command(staff, &words)?);
        Ok(())
    }

    /// The cases that were opened by a step get their names.
    fn name_new_cases(&mut self, step: &Step, came: &mut Came) -> anyhow::Result<()> {
        let last = self.last_case;
        let new = self.with_db(|_, db| Ok(cases::after(db, last)?))?;
        for case in &new {
            self.last_case = case.id.0;
            self.cases.entry("case".to_owned()).or_insert(case.id);
        }
        match (&step.names, new.first()) {
            (Some(name), Some(case)) => {
                self.cases.insert(name.clone(), case.id);
                came.case = Some(case.id);
            }
            (Some(name), None) => self.fails(step, &format!("names: no case was opened that could be called {name}")),
            (None, Some(case)) => came.case = Some(case.id),
            (None, None) => {}
        }
        Ok(())
    }

    pub fn named(&self, name: &str) -> Option<CaseId> {
        self.cases.get(name).copied()
    }

    /// The story's name of a case, else its reference.
    pub fn name_of(&self, db: &Connection, id: CaseId) -> anyhow::Result<String> {
        let mut names = self.cases.iter().filter(|(_, known)| **known == id).map(|(name, _)| name.as_str());
        let name = names.clone().find(|name| *name != "case").or_else(|| names.next());
        Ok(match name {
            Some(name) => name.to_owned(),
            None => cases::by_id(db, id)?.reference.to_string(),
        })
    }

    /// The text with references in the place of `{case}`, `{case.telephone}` and the names of other cases.
    pub fn filled(&mut self, text: &str) -> anyhow::Result<String> {
        if !text.contains('{') {
            return Ok(text.to_owned());
        }
        let named: Vec<(String, CaseId)> = self.cases.iter().map(|(name, id)| (name.clone(), *id)).collect();
        self.with_db(|_, db| {
            let mut text = text.to_owned();
            for (name, id) in named {
                let reference = cases::by_id(db, id)?.reference;
                text = text.replace(&format!("{{{name}}}"), &reference.to_string());
                text = text.replace(&format!("{{{name}.telephone}}"), &reference.telephone());
            }
            Ok(text)
        })
    }

    /// What has happened since this was last asked, into the timeline.
    fn tell(&mut self) -> anyhow::Result<()> {
        let since = self.told_history;
        let mut lines: Vec<(DateTime<Utc>, Mark, String)> = Vec::new();
        self.with_db(|story, db| {
            story.told_history = history::last(db)?;
            for (id, line) in history::after(db, since)? {
                let case = cases::by_id(db, id)?;
                let text = in_words(db, &story.office.desk, &case, &line)?;
                lines.push((line.at, Mark::Follows, format!("{}: {text}", story.name_of(db, id)?)));
            }
            Ok(())
        })?;
        for sent in &self.desk.sent()[self.outgoing.len()..] {
            let mail = Outgoing::of(sent);
            lines.push((sent.at, Mark::Mail, mail.in_words()));
            self.outgoing.push(mail);
        }
        lines.sort_by_key(|(at, ..)| *at);
        for (at, mark, text) in lines {
            self.played.told(mark, at, text);
        }
        Ok(())
    }

    /// A time on the story's own clock.
    pub fn clock(&self, at: DateTime<Utc>) -> String {
        at.with_timezone(&self.scenario.zone).format("%a %-d %b %Y %H:%M:%S").to_string()
    }
}

fn fill_directory(
    scenario: &Scenario,
    office: &Office,
    db: &mut Connection,
    people: &mut BTreeMap<String, String>,
) -> anyhow::Result<()> {
    type Put = fn(&mut Clerk<'_>, &Fields) -> Result<Change, DirectoryError>;
    let directory = &scenario.directory;
    let tables: [(&[Record], Put); 3] = [
        (&directory.organisations, |clerk, fields| clerk.import_organisation(fields)),
        (&directory.contacts, |clerk, fields| clerk.import_contact(fields)),
        (&directory.services, |clerk, fields| clerk.import_service(fields)),
    ];
    open::transaction(db, |tx| -> anyhow::Result<()> {
        let mut clerk = Clerk::new(tx, office, "scenario", scenario.begins_at).forced(true);
        for (records, put) in tables {
            for record in records {
                put(&mut clerk, &record.fields).map_err(|e| match e {
                    DirectoryError::Wrong { field, message } => {
                        let key = field.map(|field| format!("{field}: ")).unwrap_or_default();
                        anyhow::anyhow!("{}: line {}: {key}{message}", scenario.shown, record.line)
                    }
                    DirectoryError::Store(e) => e.into(),
                })?;
            }
        }
        Ok(())
    })?;
    for contact in &directory.contacts {
        let given = |name: &str| contact.fields.iter().find(|(column, _)| *column == name).map(|(_, value)| value);
        if let (Some(name), Some(address)) = (given("name"), given("address")) {
            people.insert(name.clone(), address.to_lowercase());
        }
    }
    Ok(())
}
