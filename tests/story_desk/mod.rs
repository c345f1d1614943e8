//! A desk for stories, of processes and servers: each command and each round of work is the real program, which reads its
//! mailbox from Dovecot and sends through Postfix.

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Stdio,
    sync::Arc,
};

use anyhow::{Context as _, bail, ensure};
use casepost::{
    cli::simulate::{Answer, Becomes, CONFIG, MailRead, MailServerDoes, Place as Rules, StoryDesk, Told, empty},
    daemon::{
        office::Office,
        simulate::{MAILBOX, SentMail},
        ticker,
    },
    desk::{
        case::CaseId,
        notice::{Lane, NoticeKind},
    },
    store::{
        mailboxes::{self, Place},
        mails::Disposition,
        meta, open, outbox,
    },
};
use chrono::{DateTime, SecondsFormat, Utc};
use rusqlite::{Connection, OptionalExtension};
use toml::{Table, Value};

use crate::{
    desk::{Desk, until},
    servers::{PASSWORD, Servers, fault::Fault, outside::Copy, proxy::Proxy},
};

/// The servers of stories that are played one after the other.
pub struct Stage {
    servers: Servers,
    imap: Proxy,
    smtp: Proxy,
    stories: Cell<u32>,
    /// The mail outside up to this UID belongs to stories that have ended.
    seen_outside: Cell<u32>,
}

impl Stage {
    /// None where tests with servers are skipped.
    pub fn build(name: &str) -> Option<Stage> {
        let servers = Servers::start(name)?;
        let (imap, smtp) = (Proxy::imap(servers.imap_port), Proxy::smtp(servers.plain_submission_port));
        Some(Stage { servers, imap, smtp, stories: Cell::new(0), seen_outside: Cell::new(0) })
    }
}

/// The desk of one story.
pub struct ServedDesk<'a> {
    stage: &'a Stage,
    office: Arc<Office>,
    desk: Desk,
    folder: String,
    db: Option<Connection>,
    now: DateTime<Utc>,
    runs: bool,
    /// each round is begun three times, and killed at the mailbox and at the mail server before it may go on
    kills: bool,
    is_down: bool,
    moods: Vec<Fault>,
    /// the UIDs of mails that the mailbox holds and the desk has not read
    waiting: Vec<u32>,
    read: Vec<MailRead>,
    kept: BTreeSet<i64>,
    sent: Vec<SentMail>,
    /// who has which mail
    delivered: BTreeSet<(String, String)>,
    pub starts: usize,
    pub killed: usize,
}

impl<'a> ServedDesk<'a> {
    /// `text` is the scenario, whose staff the configuration has.
    pub fn begin(stage: &'a Stage, told: &Told, text: &str, rules: &Rules) -> anyhow::Result<ServedDesk<'a>> {
        stage.stories.set(stage.stories.get() + 1);
        let folder = format!("Story{}", stage.stories.get());
        stage.servers.create_folder("support", &folder);
        works(stage);
        let desk = Desk::with(&configuration(stage, &folder, text)?);
        // The story's keys lie over those of its policy, as an operator's own do.
        fs::create_dir_all(desk.path("rules/story"))?;
        let changes = rules.changes.as_ref().map_or("", |changes| &changes.text);
        desk.write("rules/story/policy.toml", &format!("extends = \"{}\"\n{changes}", rules.policy));
        desk.write("password", PASSWORD);
        let mut db = empty(open::open(&desk.path("casepost.db"))?)?;
        let begins_at = told.scenario.begins_at;
        open::transaction(&mut db, |tx| meta::set_drill(tx, begins_at))?;
        Ok(ServedDesk {
            stage,
            office: told.office.clone(),
            desk,
            folder,
            db: Some(db),
            now: begins_at,
            runs: true,
            kills: false,
            is_down: false,
            moods: vec![],
            waiting: vec![],
            read: vec![],
            kept: BTreeSet::new(),
            sent: vec![],
            delivered: BTreeSet::new(),
            starts: 0,
            killed: 0,
        })
    }

    pub fn that_is_killed_in_each_round(self) -> Self {
        ServedDesk { kills: true, ..self }
    }

    fn db(&self) -> anyhow::Result<&Connection> {
        self.db.as_ref().context("the database is lent")
    }

    fn at_now(&self, arguments: &[&str]) -> std::process::Command {
        let now = self.now.to_rfc3339_opts(SecondsFormat::Millis, true);
        let mut command = self.desk.command(&["--now", &now]);
        command.args(arguments).stdin(Stdio::null());
        command
    }

    fn next_due(&self) -> anyhow::Result<Option<DateTime<Utc>>> {
        let db = self.db()?;
        let outgoing = if self.is_down { None } else { outbox::next_due(db)? };
        Ok([ticker::next_due(db, &self.office, self.now)?, outgoing].into_iter().flatten().min())
    }

    fn round(&mut self) -> anyhow::Result<()> {
        if self.kills {
            if !self.waiting.is_empty() {
                self.kill_at(&self.stage.imap, Fault::at("^UID STORE").stall())?;
            }
            if !self.is_down {
                self.kill_at(&self.stage.smtp, Fault::at("^MAIL").stall())?;
            }
        }
        self.starts += 1;
        let done = self.at_now(&["run", "--once"]).output()?;
        let code = done.status.code();
        ensure!(
            code == Some(if self.is_down && code != Some(0) { 75 } else { 0 }),
            "run --once at {}: {code:?}\n{}",
            self.now,
            String::from_utf8_lossy(&done.stderr)
        );
        self.look_at_mails_read()?;
        self.look_outside()
    }

    /// Begins a round, and kills the program where this stalls it; one that does not come to it ends by itself.
    fn kill_at(&mut self, proxy: &Proxy, fault: Fault) -> anyhow::Result<()> {
        self.starts += 1;
        let before = proxy.hits();
        let is_smtp = std::ptr::eq(proxy, &self.stage.smtp);
        let moods = if is_smtp { self.moods.clone() } else { vec![] };
        proxy.set(std::iter::once(fault).chain(moods.clone()));
        let mut running = self.desk.start_command(self.at_now(&["run", "--once"]));
        let mut stalled = false;
        until("the round is stalled, or has ended", || {
            stalled = proxy.hits() > before;
            stalled || running.has_ended()
        });
        if stalled {
            self.killed += 1;
            running.kill();
        }
        proxy.cut_all();
        proxy.set(moods);
        Ok(())
    }

    fn look_at_mails_read(&mut self) -> anyhow::Result<()> {
        let db = self.db()?;
        let Some(position) = mailboxes::position(db, MAILBOX)? else { return Ok(()) };
        let mut read = Vec::new();
        let mut waiting = Vec::new();
        for uid in &self.waiting {
            let place = Place { mailbox: MAILBOX.to_owned(), epoch: position.epoch, key: uid.to_string() };
            let mail = mailboxes::mail_at(db, &place)?;
            read.push(match mail {
                Some(id) if self.kept.contains(&id) => MailRead { becomes: Becomes::Known, kind: None, mail },
                Some(id) => {
                    let (kind, word): (String, String) =
                        db.query_row("SELECT kind, disposition FROM mails WHERE id = ?1", [id], |row| {
                            Ok((row.get(0)?, row.get(1)?))
                        })?;
                    let disposition = disposition(&word)?;
                    MailRead { becomes: Becomes::of(disposition), kind: Some(kind), mail }
                }
                None if mailboxes::has_arrived(db, &place)? => {
                    MailRead { becomes: Becomes::Quarantined, kind: None, mail }
                }
                None => {
                    waiting.push(*uid);
                    continue;
                }
            });
        }
        self.kept.extend(read.iter().filter_map(|mail| mail.mail));
        self.read.extend(read);
        self.waiting = waiting;
        Ok(())
    }

    /// What the world outside has got in this round, in the order in which the desk decided it.
    fn look_outside(&mut self) -> anyhow::Result<()> {
        let copies = self.stage.servers.outside(self.stage.seen_outside.get());
        let mut new: BTreeMap<(bool, i64), SentMail> = BTreeMap::new();
        for Copy { uid, recipient, raw } in copies {
            self.stage.seen_outside.set(uid);
            let id = message_id(&raw).context("a mail without Message-ID went out")?;
            ensure!(self.delivered.insert((id.clone(), recipient.clone())), "{recipient} got {id} twice");
            let (notice, kind, case) = notice(self.db()?, &id)?.with_context(|| format!("the desk knows no {id}"))?;
            // In memory servers have no troubles of their own: this is beside every story.
            if kind == NoticeKind::StaffTrouble {
                continue;
            }
            let mail = new.entry((kind.lane() == Lane::Bulk, notice)).or_insert_with(|| SentMail {
                at: self.now,
                kind,
                case,
                recipients: vec![],
                message_id: id,
                bytes: raw,
            });
            mail.recipients.push(recipient);
            mail.recipients.sort();
        }
        self.sent.extend(new.into_values());
        Ok(())
    }
}

impl StoryDesk for ServedDesk<'_> {
    fn now(&self) -> DateTime<Utc> {
        self.now
    }

    fn lend(&mut self) -> anyhow::Result<Connection> {
        self.db.take().context("the database is lent")
    }

    fn give_back(&mut self, db: Connection) {
        self.db = Some(db);
    }

    fn mail_arrives(&mut self, raw: Vec<u8>, received_at: DateTime<Utc>) {
        self.waiting.push(self.stage.servers.append_to("support", &self.folder, &raw, received_at));
    }

    fn work(&mut self) -> anyhow::Result<()> {
        let is_due = self.next_due()?.is_some_and(|due| due <= self.now);
        if self.runs && (is_due || !self.waiting.is_empty()) {
            self.round()?;
        }
        Ok(())
    }

    fn pass_until(&mut self, goal: DateTime<Utc>) -> anyhow::Result<()> {
        let mut done = None;
        while let Some(due) = self.next_due()?.filter(|due| self.runs && *due <= goal) {
            ensure!(done != Some(due), "{due} is due, and nothing makes of it that it is done");
            done = Some(due);
            self.now = due.max(self.now);
            self.round()?;
        }
        self.now = goal.max(self.now);
        Ok(())
    }

    fn daemon_stops(&mut self) {
        self.runs = false;
    }

    fn daemon_starts(&mut self) -> anyhow::Result<()> {
        self.runs = true;
        self.work()
    }

    fn mail_server(&mut self, does: &MailServerDoes) {
        let smtp = &self.stage.smtp;
        let mut answers = |address: &str, words: &str| {
            let recipient = format!("^RCPT TO:<{}>", regex::escape(address));
            self.moods.push(Fault::at(&recipient).answer(words));
            smtp.set(self.moods.clone());
        };
        match does {
            MailServerDoes::Works => {
                (self.is_down, self.moods) = (false, vec![]);
                works(self.stage);
            }
            MailServerDoes::IsDown => {
                self.is_down = true;
                smtp.refuse();
            }
            MailServerDoes::Refuses(address) => answers(address, "554 5.7.1 not wanted"),
            MailServerDoes::KnowsNot(address) => answers(address, "550 5.1.1 no such user"),
            MailServerDoes::PutsOff(address) => answers(address, "451 4.7.1 try later"),
        }
    }

    fn command(&mut self, staff: &str, words: &[String]) -> anyhow::Result<Answer> {
        self.starts += 1;
        let words: Vec<&str> = ["--as", staff].into_iter().chain(words.iter().map(String::as_str)).collect();
        let done = self.at_now(&words).output()?;
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let error = String::from_utf8_lossy(&done.stderr);
        let error = error.strip_prefix("casepost: ").unwrap_or(&error).trim().to_owned();
        let refused = (!done.status.success()).then(|| if error.is_empty() { said.clone() } else { error });
        Ok(Answer { said, refused })
    }

    fn sent(&self) -> &[SentMail] {
        &self.sent
    }

    fn read(&self) -> Vec<MailRead> {
        self.read.clone()
    }
}

/// The mail server takes everything again.
fn works(stage: &Stage) {
    stage.smtp.clear();
    stage.smtp.accept();
}

/// The configuration of the scenarios, with real servers in the place of folders.
fn configuration(stage: &Stage, folder: &str, scenario: &str) -> anyhow::Result<String> {
    let mut config: Table = CONFIG.parse()?;
    let scenario: Table = scenario.parse()?;
    config.insert("policy".to_owned(), "story".into());
    config.insert("rules".to_owned(), "rules".into());
    config.insert("data".to_owned(), "casepost.db".into());
    if let Some(staff) = scenario.get("staff") {
        config.insert("staff".to_owned(), staff.clone());
    }
    let server = |table: &mut Table, key: &str, url: String| {
        table.insert(key.to_owned(), url.into());
        table.insert("tls".to_owned(), "none".into());
        table.insert("password_file".to_owned(), "password".into());
    };
    let mailbox = config.get_mut("mailbox").and_then(Value::as_array_mut).and_then(|all| all.first_mut());
    let mailbox = mailbox.and_then(Value::as_table_mut).context("a [[mailbox]]")?;
    mailbox.remove("maildir");
    server(mailbox, "imap", format!("imap://support@127.0.0.1:{}/{folder}", stage.imap.port()));
    let smtp = config.get_mut("smtp").and_then(Value::as_table_mut).context("an [smtp]")?;
    server(smtp, "url", format!("smtp://support@127.0.0.1:{}", stage.smtp.port()));
    Ok(config.to_string())
}

fn disposition(word: &str) -> anyhow::Result<Disposition> {
    use Disposition::{Appended, Opened, Own, Recorded, Stray, Variant};
    let found = [Opened, Appended, Recorded, Variant, Stray, Own].into_iter().find(|known| known.as_str() == word);
    found.with_context(|| format!("no mail becomes {word}"))
}

fn message_id(raw: &[u8]) -> Option<String> {
    casepost::mail::incoming::read(raw).ok()?.message_id
}

/// The number of the notice that went out as this mail, its kind and its case.
fn notice(db: &Connection, message_id: &str) -> anyhow::Result<Option<(i64, NoticeKind, Option<CaseId>)>> {
    let found: Option<(i64, String, Option<i64>)> = db
        .query_row("SELECT id, kind, case_id FROM notices WHERE message_id = ?1", [message_id], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .optional()?;
    let Some((id, word, case)) = found else { return Ok(None) };
    let Some(kind) = NoticeKind::parse(&word) else { bail!("no notice is called {word}") };
    Ok(Some((id, kind, case.map(CaseId))))
}
