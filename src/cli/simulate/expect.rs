//! What a step of a story expects, as it is written and as it is understood.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{scenario::Times, words::Words};
use crate::{
    desk::{
        case::{LinkKind, Status},
        lifecycle::Clock,
        notice::NoticeKind,
        priority::Priority,
    },
    mail::sort::Kind,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    // of the case that the step is about
    status: Option<String>,
    priority: Option<String>,
    assignee: Option<String>,
    subject: Option<String>,
    requester: Option<String>,
    participants: Option<Words>,
    reviewed: Option<bool>,
    spam: Option<bool>,
    links: Option<Words>,
    clocks: Option<BTreeMap<String, String>>,
    history: Option<Words>,
    history_not: Option<Words>,
    // of other cases
    cases: Option<BTreeMap<String, CaseFile>>,
    number_of_cases: Option<usize>,
    // of the mail that came in
    kind: Option<String>,
    becomes: Option<String>,
    // of the command
    says: Option<Words>,
    says_not: Option<Words>,
    fails: Option<Words>,
    // of what went out
    mails: Option<Vec<MailFile>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    status: Option<String>,
    priority: Option<String>,
    assignee: Option<String>,
    subject: Option<String>,
    requester: Option<String>,
    participants: Option<Words>,
    reviewed: Option<bool>,
    spam: Option<bool>,
    links: Option<Words>,
    clocks: Option<BTreeMap<String, String>>,
    history: Option<Words>,
    history_not: Option<Words>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MailFile {
    to: Words,
    notice: String,
    subject: Option<Words>,
    words: Option<Words>,
    not_words: Option<Words>,
    language: Option<String>,
    /// the method of its calendar
    calendar: Option<String>,
    at: Option<String>,
    /// under which name a later step answers it
    names: Option<String>,
}

#[derive(Debug, Default)]
pub struct Expect {
    /// of the case that the step is about
    pub case: CaseExpect,
    /// of cases by their names in the story
    pub cases: BTreeMap<String, CaseExpect>,
    pub number_of_cases: Option<usize>,
    pub kind: Option<Kind>,
    pub becomes: Option<Becomes>,
    pub says: Words,
    pub says_not: Words,
    pub fails: Option<Words>,
    pub mails: Vec<MailExpect>,
}

#[derive(Debug, Default)]
pub struct CaseExpect {
    pub status: Option<Status>,
    pub priority: Option<Priority>,
    /// a name or address of the staff; `nobody`
    pub assignee: Option<String>,
    pub subject: Option<String>,
    pub requester: Option<String>,
    pub participants: Option<Words>,
    pub reviewed: Option<bool>,
    pub spam: Option<bool>,
    /// exactly these
    pub links: Option<Vec<LinkExpect>>,
    /// exactly these run; without a time, it is not looked at
    pub clocks: Option<BTreeMap<&'static str, Option<DateTime<Utc>>>>,
    pub history: Words,
    pub history_not: Words,
}

/// `continues first`
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct LinkExpect {
    pub how: &'static str,
    /// the other case's name in the story
    pub other: String,
}

/// What is made of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Becomes {
    /// it has opened a case
    Opened,
    /// it stands on a case as what its writer says
    Appended,
    /// it is kept on a case without effect
    Recorded,
    /// a second delivery that differs
    Variant,
    /// kept, of no case
    Stray,
    /// the desk's own
    Own,
    /// had come before, or by another way
    Known,
    Quarantined,
}

impl Becomes {
    const ALL: [(&'static str, Becomes); 8] = [
        ("opened", Becomes::Opened),
        ("appended", Becomes::Appended),
        ("recorded", Becomes::Recorded),
        ("variant", Becomes::Variant),
        ("stray", Becomes::Stray),
        ("own", Becomes::Own),
        ("known", Becomes::Known),
        ("quarantined", Becomes::Quarantined),
    ];

    pub fn as_str(self) -> &'static str {
        Becomes::ALL.into_iter().find(|(_, becomes)| *becomes == self).map_or("", |(word, _)| word)
    }
}

#[derive(Debug)]
pub struct MailExpect {
    pub to: Words,
    pub notice: NoticeKind,
    pub subject: Words,
    pub words: Words,
    pub not_words: Words,
    pub language: Option<String>,
    /// the method of its calendar, or `none`
    pub calendar: Option<String>,
    pub at: Option<DateTime<Utc>>,
    pub names: Option<String>,
}

/// The key that is wrong, and why.
type Wrong = (String, String);

fn wrong<'a>(key: &'a str) -> impl Fn(String) -> Wrong + 'a {
    move |why| (key.to_owned(), why)
}

impl File {
    pub fn understand(self, times: &Times) -> Result<Expect, Wrong> {
        let case = CaseFile {
            status: self.status,
            priority: self.priority,
            assignee: self.assignee,
            subject: self.subject,
            requester: self.requester,
            participants: self.participants,
            reviewed: self.reviewed,
            spam: self.spam,
            links: self.links,
            clocks: self.clocks,
            history: self.history,
            history_not: self.history_not,
        };
        let mut cases = BTreeMap::new();
        for (name, file) in self.cases.unwrap_or_default() {
            cases.insert(name, file.understand(times)?);
        }
        let becomes = self.becomes.map(|word| {
            let found = Becomes::ALL.into_iter().find(|(known, _)| *known == word).map(|(_, becomes)| becomes);
            found.ok_or_else(|| format!("\"{word}\" (known: {})", Becomes::ALL.map(|(word, _)| word).join(", ")))
        });
        let mails = self.mails.unwrap_or_default().into_iter().map(|mail| mail.understand(times));
        Ok(Expect {
            case: case.understand(times)?,
            cases,
            number_of_cases: self.number_of_cases,
            kind: self.kind.map(|k| k.parse().map_err(|e| wrong("kind")(format!("{e}")))).transpose()?,
            becomes: becomes.transpose().map_err(wrong("becomes"))?,
            says: self.says.unwrap_or_default(),
            says_not: self.says_not.unwrap_or_default(),
            fails: self.fails,
            mails: mails.collect::<Result<_, _>>()?,
        })
    }
}

impl CaseFile {
    fn understand(self, times: &Times) -> Result<CaseExpect, Wrong> {
        let links = self.links.map(|links| links.iter().map(link).collect::<Result<Vec<_>, _>>());
        let clocks = self.clocks.map(|clocks| {
            clocks.iter().map(|(name, due)| clock(name, due, times)).collect::<Result<BTreeMap<_, _>, _>>()
        });
        Ok(CaseExpect {
            status: self.status.map(|s| s.parse()).transpose().map_err(|e| wrong("status")(format!("{e}")))?,
            priority: self.priority.map(|p| p.parse()).transpose().map_err(|e| wrong("priority")(format!("{e}")))?,
            assignee: self.assignee,
            subject: self.subject,
            requester: self.requester,
            participants: self.participants,
            reviewed: self.reviewed,
            spam: self.spam,
            links: links.transpose().map_err(wrong("links"))?,
            clocks: clocks.transpose()?,
            history: self.history.unwrap_or_default(),
            history_not: self.history_not.unwrap_or_default(),
        })
    }
}

fn link(text: &str) -> Result<LinkExpect, String> {
    let (word, other) = text.trim().rsplit_once(' ').ok_or("write how and to which case: \"continues first\"")?;
    let word = word.trim().replace(' ', "-");
    let known = || LinkKind::ALL.into_iter().flat_map(|kind| [kind.as_str(), kind.seen_from_there()]);
    match known().find(|known| *known == word) {
        Some(how) => Ok(LinkExpect { how, other: other.to_owned() }),
        None => Err(format!("\"{word}\" (known: {})", known().collect::<Vec<_>>().join(", "))),
    }
}

fn clock(name: &str, due: &str, times: &Times) -> Result<(&'static str, Option<DateTime<Utc>>), Wrong> {
    let known = || Clock::ALL.map(Clock::as_str).join(", ");
    let clock = Clock::parse(name).ok_or_else(|| wrong("clocks")(format!("\"{name}\" (known: {})", known())))?;
    let due = if due == "runs" { None } else { Some(times.at(due).map_err(wrong(name))?) };
    Ok((clock.as_str(), due))
}

impl MailFile {
    fn understand(self, times: &Times) -> Result<MailExpect, Wrong> {
        let known = || NoticeKind::ALL.map(NoticeKind::as_str).join(", ");
        let notice = NoticeKind::parse(&self.notice)
            .ok_or_else(|| wrong("mails")(format!("notice \"{}\" (known: {})", self.notice, known())))?;
        Ok(MailExpect {
            to: self.to,
            notice,
            subject: self.subject.unwrap_or_default(),
            words: self.words.unwrap_or_default(),
            not_words: self.not_words.unwrap_or_default(),
            language: self.language,
            calendar: self.calendar,
            at: self.at.map(|at| times.at(&at).map_err(|why| wrong("mails")(format!("at: {why}")))).transpose()?,
            names: self.names,
        })
    }
}
