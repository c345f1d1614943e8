//! A scenario as it is written: a TOML file that tells a story against a policy. `docs/scenarios.md` explains each key.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::Deserialize;
use toml::Spanned;

use super::{
    expect::{self, Expect},
    incoming_mail::{Kept, MailFile, MailKind, SenderIs},
    moment::{self, Moment},
    server_words::MailServerDoes,
    words::Words,
};
use crate::{
    config::{Config, StaffConfig, WrittenStaff, understand_staff},
    daemon::office::Office,
    desk::directory::columns::{self, Column},
    mail::calendar::Said,
    toml_file::{TomlError, parse},
};

/// A story, understood.
pub struct Scenario {
    /// how the file is named in errors
    pub shown: String,
    pub title: String,
    pub zone: Tz,
    pub begins_at: DateTime<Utc>,
    /// mails to staff are part of what is expected
    pub staff_mails: bool,
    pub staff: Vec<StaffConfig>,
    pub directory: Directory,
    pub steps: Vec<Step>,
    /// the files beside it, by their names
    pub files: Files,
}

/// A story with the desk of which it is told.
pub struct Told {
    pub scenario: Scenario,
    pub config: Config,
    pub office: Arc<Office>,
}

/// A file beside the scenario.
pub type Files = Box<dyn Fn(&str) -> Option<Vec<u8>>>;

/// Whom and what the desk knows when the story begins.
#[derive(Debug)]
pub struct Directory {
    pub organisations: Vec<Record>,
    pub contacts: Vec<Record>,
    pub services: Vec<Record>,
}

/// A line of the directory.
#[derive(Debug)]
pub struct Record {
    /// on which line of the file it begins
    pub line: usize,
    pub fields: Vec<(&'static str, String)>,
}

#[derive(Debug)]
pub struct Step {
    /// on which line of the file it begins
    pub line: usize,
    pub at: DateTime<Utc>,
    pub note: Option<String>,
    /// under which name the story goes on to speak of the case that this step opens
    pub names: Option<String>,
    pub event: Event,
    pub expect: Expect,
}

#[derive(Debug)]
pub enum Event {
    /// only time passes
    Nothing,
    Mail(Box<MailStep>),
    Command {
        staff: String,
        command: String,
    },
    DaemonStops,
    DaemonStarts,
    MailServer(MailServerDoes),
}

#[derive(Debug)]
pub struct MailStep {
    pub mail: MailFile,
    /// when the desk's mail server had it
    pub received_at: DateTime<Utc>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    title: String,
    /// read by [`policy_of`]
    #[expect(dead_code, reason = "it has been looked at before the policy's zone could be known")]
    policy: Option<WrittenPolicy>,
    start: String,
    zone: Option<String>,
    staff_mails: Option<String>,
    #[serde(default)]
    staff: Vec<WrittenStaff>,
    #[serde(default)]
    organisations: Vec<Spanned<BTreeMap<String, toml::Value>>>,
    #[serde(default)]
    contacts: Vec<Spanned<BTreeMap<String, toml::Value>>>,
    #[serde(default)]
    services: Vec<Spanned<BTreeMap<String, toml::Value>>>,
    #[serde(default)]
    step: Vec<Spanned<StepFile>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StepFile {
    at: Option<String>,
    note: Option<String>,
    names: Option<String>,
    staff: Option<String>,
    command: Option<String>,
    daemon: Option<String>,
    mail_server: Option<String>,
    from: Option<String>,
    to: Option<Words>,
    cc: Option<Words>,
    subject: Option<String>,
    text: Option<String>,
    html: Option<String>,
    file: Option<String>,
    headers: Option<BTreeMap<String, String>>,
    reply_to: Option<String>,
    keeps: Option<Vec<Kept>>,
    kind: Option<MailKind>,
    answers: Option<String>,
    recipient: Option<String>,
    list: Option<String>,
    sender: Option<SenderIs>,
    received: Option<String>,
    zone: Option<String>,
    expect: Option<expect::File>,
}

/// The policy of a scenario: its name, or keys of its own for the one in whose folder it lies.
#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "write the policy's name, or a table of its keys that are other ones here")]
pub enum WrittenPolicy {
    Named(String),
    Changed(toml::Table),
}

impl WrittenPolicy {
    pub fn name(&self) -> Option<&str> {
        match self {
            WrittenPolicy::Named(name) => Some(name),
            WrittenPolicy::Changed(keys) => keys.get("extends").and_then(toml::Value::as_str),
        }
    }

    /// The keys as a policy's file has them.
    pub fn changes(&self) -> Option<String> {
        let WrittenPolicy::Changed(keys) = self else { return None };
        let keys: toml::Table =
            keys.iter().filter(|(key, _)| *key != "extends").map(|(k, v)| (k.clone(), v.clone())).collect();
        toml::to_string(&keys).ok()
    }
}

/// The policy that a scenario tells of, where it does.
pub fn policy_of(text: &str) -> Option<WrittenPolicy> {
    #[derive(Deserialize)]
    struct Named {
        policy: Option<WrittenPolicy>,
    }
    toml::from_str::<Named>(text).ok()?.policy
}

/// Reads a scenario; `zone` is the policy's.
pub fn understand(shown: &str, text: &str, zone: Tz, files: Files) -> Result<Scenario, TomlError> {
    let file: File = parse(shown, text)?;
    let whole = Reader { shown, text, below: 0 };
    let zone = file.zone.as_deref().map_or(Ok(zone), |name| whole.zone(name))?;
    let begins_at = match moment::parse(&file.start) {
        Ok(Moment::On(date, time)) => moment::local(date.and_time(time), zone),
        Ok(Moment::Exactly(at)) => Ok(at),
        Ok(_) => Err("write a date and a time, such as \"2026-11-02 09:00\"".to_owned()),
        Err(why) => Err(why),
    };
    let begins_at = begins_at.map_err(|why| whole.bad("start", &why))?;
    let staff_mails = match file.staff_mails.as_deref() {
        None | Some("expected") => true,
        Some("ignored") => false,
        Some(other) => return Err(whole.bad("staff_mails", &format!("\"{other}\" (known: expected, ignored)"))),
    };
    let staff = understand_staff(shown, text, file.staff)?;
    let directory = Directory {
        organisations: whole.records(file.organisations, &columns::ORGANISATION)?,
        contacts: whole.records(file.contacts, &columns::CONTACT)?,
        services: whole.records(file.services, &columns::SERVICE)?,
    };
    let mut steps: Vec<Step> = Vec::new();
    for written in file.step {
        let line = whole.line_of(written.span().start);
        let here = Reader { below: line.saturating_sub(1), ..whole };
        let now = steps.last().map_or(begins_at, |step| step.at);
        steps.push(here.step(written.into_inner(), line, &Times { zone, begins_at, now }, &staff)?);
    }
    if steps.is_empty() {
        return Err(TomlError::whole(shown, "no [[step]]: a story needs one at least"));
    }
    Ok(Scenario {
        shown: shown.to_owned(),
        title: file.title,
        zone,
        begins_at,
        staff_mails,
        staff,
        directory,
        steps,
        files,
    })
}

/// By which a step's times are understood.
pub struct Times {
    pub zone: Tz,
    pub begins_at: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

impl Times {
    pub fn at(&self, text: &str) -> Result<DateTime<Utc>, String> {
        moment::parse(text)?.resolve(self.begins_at, self.now, self.zone)
    }
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    shown: &'a str,
    text: &'a str,
    below: usize,
}

impl Reader<'_> {
    fn bad(&self, key: &str, why: &str) -> TomlError {
        let mut error = TomlError::at_key_below(self.shown, self.text, self.below, key, format!("{key}: {why}"));
        // An inline table sets its keys in the middle of a line.
        error.line = error.line.or(Some(self.below + 1));
        error
    }

    fn line_of(&self, byte: usize) -> usize {
        self.text[..byte.min(self.text.len())].matches('\n').count() + 1
    }

    fn zone(&self, name: &str) -> Result<Tz, TomlError> {
        name.parse().map_err(|_| self.bad("zone", &format!("\"{name}\" is no zone, such as \"Europe/Sofia\"")))
    }

    fn records(
        &self,
        written: Vec<Spanned<BTreeMap<String, toml::Value>>>,
        columns: &[Column],
    ) -> Result<Vec<Record>, TomlError> {
        let mut records = Vec::new();
        for record in written {
            let line = self.line_of(record.span().start);
            let here = Reader { below: line - 1, ..*self };
            let mut fields = Vec::new();
            for (key, value) in record.into_inner() {
                let column = columns::find(columns, &key)
                    .ok_or_else(|| here.bad(&key, &format!("unknown key (known: {})", columns::names(columns))))?;
                fields.push((column, cell(&value).map_err(|why| here.bad(&key, &why))?));
            }
            records.push(Record { line, fields });
        }
        Ok(records)
    }

    fn step(&self, file: StepFile, line: usize, times: &Times, staff: &[StaffConfig]) -> Result<Step, TomlError> {
        let at = file.at.as_deref().map_or(Ok(times.now), |at| times.at(at)).map_err(|why| self.bad("at", &why))?;
        if at < times.now {
            return Err(self.bad("at", "is before the step above it: time never runs backwards"));
        }
        let times = Times { now: at, ..*times };
        let (note, names, expect) = (file.note.clone(), file.names.clone(), file.expect);
        let expect = match expect {
            Some(expect) => expect.understand(&times).map_err(|(key, why)| self.bad(&key, &why))?,
            None => Expect::default(),
        };
        let event = self.event(StepFile { expect: None, ..file }, &times, staff)?;
        if names.is_some() && !matches!(event, Event::Mail(_) | Event::Command { .. }) {
            return Err(self.bad("names", "only a mail or a command opens a case that could be named"));
        }
        Ok(Step { line, at, note, names, event, expect })
    }

    fn event(&self, file: StepFile, times: &Times, staff: &[StaffConfig]) -> Result<Event, TomlError> {
        let is_mail = file.from.is_some() || file.file.is_some() || file.kind.is_some();
        let told = [
            ("from", is_mail),
            ("command", file.command.is_some()),
            ("daemon", file.daemon.is_some()),
            ("mail_server", file.mail_server.is_some()),
        ];
        let told: Vec<&str> = told.into_iter().filter(|(_, is_told)| *is_told).map(|(key, _)| key).collect();
        if let [first, second, ..] = told[..] {
            return Err(self.bad(second, &format!("one step tells one thing, and this one has {first}, too")));
        }
        if !is_mail {
            self.refuse_keys_of_mail(&file)?;
        }
        if let Some(command) = file.command {
            let who = match file.staff {
                Some(who) => match staff.iter().find(|s| s.name == who || s.address.eq_ignore_ascii_case(&who)) {
                    Some(person) => person.name.clone(),
                    None => {
                        let known: Vec<&str> = staff.iter().map(|s| s.name.as_str()).collect();
                        return Err(
                            self.bad("staff", &format!("\"{who}\" is not of the staff (known: {})", known.join(", ")))
                        );
                    }
                },
                None => match staff.first() {
                    Some(first) => first.name.clone(),
                    None => return Err(self.bad("command", "there is no [[staff]] who could give it")),
                },
            };
            return Ok(Event::Command { staff: who, command });
        }
        if file.staff.is_some() {
            return Err(self.bad("staff", "needs a command: command = \"case note {case} 'words'\""));
        }
        if let Some(word) = &file.daemon {
            return match word.as_str() {
                "stops" => Ok(Event::DaemonStops),
                "starts" => Ok(Event::DaemonStarts),
                other => Err(self.bad("daemon", &format!("\"{other}\" (known: stops, starts)"))),
            };
        }
        if let Some(words) = &file.mail_server {
            return MailServerDoes::parse(words).map(Event::MailServer).map_err(|why| self.bad("mail_server", &why));
        }
        if !is_mail {
            return Ok(Event::Nothing);
        }
        let received = file.received.as_deref().map_or(Ok(times.now), |at| times.at(at));
        let received_at = received.map_err(|why| self.bad("received", &why))?;
        let zone = file.zone.as_deref().map(|name| self.zone(name)).transpose()?;
        let answers = file.answers.as_deref().map(|word| self.answers(word, file.kind)).transpose()?;
        let mail = MailFile {
            from: file.from,
            to: file.to.unwrap_or_default(),
            cc: file.cc.unwrap_or_default(),
            subject: file.subject,
            text: file.text,
            html: file.html,
            file: file.file,
            headers: file.headers.unwrap_or_default(),
            reply_to: file.reply_to,
            keeps: file.keeps,
            kind: file.kind.unwrap_or_default(),
            answers,
            recipient: file.recipient,
            list: file.list,
            sender: file.sender.unwrap_or_default(),
            zone,
        };
        Ok(Event::Mail(Box::new(MailStep { mail, received_at })))
    }

    fn answers(&self, word: &str, kind: Option<MailKind>) -> Result<Said, TomlError> {
        if kind != Some(MailKind::CalendarReply) {
            return Err(self.bad("answers", "is for a calendar's answer: add kind = \"calendar-reply\""));
        }
        let known = || Said::ALL.map(Said::as_str).join(", ");
        word.parse().map_err(|()| self.bad("answers", &format!("\"{word}\" (known: {})", known())))
    }

    fn refuse_keys_of_mail(&self, file: &StepFile) -> Result<(), TomlError> {
        let keys = [
            ("to", file.to.is_some()),
            ("cc", file.cc.is_some()),
            ("subject", file.subject.is_some()),
            ("text", file.text.is_some()),
            ("html", file.html.is_some()),
            ("headers", file.headers.is_some()),
            ("reply_to", file.reply_to.is_some()),
            ("keeps", file.keeps.is_some()),
            ("answers", file.answers.is_some()),
            ("recipient", file.recipient.is_some()),
            ("list", file.list.is_some()),
            ("sender", file.sender.is_some()),
            ("received", file.received.is_some()),
            ("zone", file.zone.is_some()),
        ];
        match keys.into_iter().find(|(_, is_there)| *is_there) {
            Some((key, _)) => Err(self.bad(key, "is for a mail, and nobody writes one: add from = \"…\"")),
            None => Ok(()),
        }
    }
}

/// A value as a cell of a CSV file: lists are divided by commas.
fn cell(value: &toml::Value) -> Result<String, String> {
    match value {
        toml::Value::String(text) => Ok(text.clone()),
        toml::Value::Boolean(is_so) => Ok(if *is_so { "yes" } else { "no" }.to_owned()),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Array(list) => Ok(list.iter().map(cell).collect::<Result<Vec<_>, _>>()?.join(", ")),
        other => Err(format!("write a text, a list or true/false, not {}", other.type_str())),
    }
}
