//! Commands that staff write in the first lines of a reply to the desk: `#status resolved`, `#assign me` …
//!
//! A command stands on a line of its own that begins with `#` and a letter, above everything else; the first line that
//! is something else begins the text, and nothing from there on is a command, whatever it looks like. So a quoted
//! `#close`, one in a log, or one that a customer wrote below never commands anything. Whoever passes the text on asks
//! [`strays_into`] first: a command in it was hardly meant for customers.
//!
//! Mail programs mend what they don't understand: blanks of several kinds, dashes, quotes, full-width signs, capitals
//! and links are read as what was typed.

mod when;
pub mod works;

use chrono::Duration;

use crate::desk::{case::Status, priority::Priority, reference::Reference};

pub use when::{Day, When};

/// Lines that are looked at: nobody commands more at once.
const MOST: usize = 20;
/// What is repeated of a line that was not understood.
const SHOWN_CHARS: usize = 80;
/// Refusals that an answer holds, and how much of each.
const REFUSALS: usize = 10;
const REFUSAL_CHARS: usize = 1000;

/// What the first lines command. Whether it can be done is for the desk to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// the text stays inside, with what stands on the line of the command
    Note(String),
    Status(Status),
    Hold {
        until: When,
    },
    Priority(Priority),
    /// a name or address of the staff, `me` or `none`
    Assign(String),
    Link(Reference),
    /// this case ends as a duplicate of that one
    DuplicateOf(Reference),
    Reopen,
    Spam,
    Help,
    /// the estimated time of resolution; none: there is none any more
    Etr(Option<When>),
    /// to the next level, for this reason
    Escalate(String),
    /// working time, and what for
    Time {
        spent: Duration,
        what: String,
    },
    /// the customer is asked whether the case may wait; none: until the next business day begins
    Defer {
        until: Option<When>,
    },
    /// what all customers of a major network incident are told, with the text below
    Update(String),
    /// such an incident is over, for this cause
    CloseBecause(String),
    /// it was opened by mistake, for this reason
    Withdraw(String),
    /// all that is proposed for it
    LinkAll,
    /// such an incident begins with this case: what is affected (`platform:voice`), and how
    Mni {
        affected: Vec<String>,
        impact: String,
    },
}

/// A line that begins like a command, and why it is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotUnderstood {
    /// as it was written
    pub line: String,
    pub why: String,
}

impl NotUnderstood {
    pub fn in_words(&self) -> String {
        format!("{}: {}", self.line, self.why)
    }
}

/// A line that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commanded {
    /// as it was written, in plain characters
    pub line: String,
    pub command: Command,
}

/// The first lines of a mail, and the rest of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    pub commands: Vec<Commanded>,
    pub not_understood: Vec<NotUnderstood>,
    /// what follows the commands
    pub text: String,
}

impl Written {
    /// Does it hold lines that are, or look like, commands?
    pub fn commands_something(&self) -> bool {
        !self.commands.is_empty() || !self.not_understood.is_empty()
    }
}

/// What there is to command, for people: how it is written, and what it does.
pub const HELP: [(&str, &str); 25] = [
    ("#note", "the text stays inside; the customer gets no mail"),
    ("#await", "the customer has to answer: the no-response clock starts"),
    ("#resolve", "the work is done; the customer is asked to confirm"),
    ("#status in-progress", "also awaiting-customer, shipping, resolved, closed, closed-no-response"),
    ("#hold until tomorrow 09:00", "also: until friday 14:00, until 2026-12-01, +2h, 2bd (business days)"),
    ("#priority 2", "P1 to P4"),
    ("#assign tom", "a name or address of the staff, me, or none"),
    ("#take", "the same as #assign me"),
    ("#link 1-0123456789", "the other case belongs to this one"),
    ("#duplicate of 1-0123456789", "this case ends, that one goes on; the same as #merge 1-0123456789"),
    ("#reopen", "a closed case is open again"),
    ("#close", "the case is closed"),
    ("#etr 16:00", "by when it is expected to be solved; the customer is told; #etr none takes it back"),
    ("#escalate no progress", "to the next level, for this reason"),
    ("#defer", "asks the customer whether it may wait until the next business day; #defer until friday 14:00"),
    ("#time 30m changed the card", "time of work on the case, and what it was for"),
    (
        "#mni platform:voice no calls",
        "a major network incident begins with this case; also service:… and site:…, and what fails",
    ),
    ("#update we change the card", "on an incident: all of its customers are told this, and the text below"),
    ("#link all", "on an incident: all cases that were proposed for it; #close and the cause ends it"),
    ("#withdraw opened twice", "on an incident: it was opened by mistake; its cases go on by themselves"),
    ("#spam", "closed; its sender gets no automatic mail any more"),
    (
        "#plan Exchange of a line card",
        "planned works; in lines below it window: 2026-12-18 22:00 to 04:00 and service: IS-4711 or platform: KEY and \
         reason: it ages; has nothing to do with the case",
    ),
    ("#list", "the planned works that are coming; they come to you alone"),
    ("#show PW-0012", "these planned works; a reply to the mail with them commands them"),
    ("#help", "this list; nothing else is done"),
];

/// Reads what somebody wrote now, without what they quote.
pub fn read(said: &str) -> Written {
    let mut written = Written::default();
    let mut lines = said.lines();
    let mut rest = said;
    for line in lines.by_ref() {
        let typed = typed(line);
        if typed.is_empty() {
            rest = after(rest);
            continue;
        }
        let Some(command) = begins(&typed) else { break };
        if written.commands.len() + written.not_understood.len() == MOST {
            written.not_understood.push(refused(&typed, format!("more than {MOST} commands in one mail")));
            break;
        }
        match understood(command) {
            Ok(command) => written.commands.push(Commanded { line: typed, command }),
            Err(why) => written.not_understood.push(refused(&typed, why)),
        }
        rest = after(rest);
    }
    written.text = without_empty_ends(rest).to_owned();
    written
}

fn refused(line: &str, why: String) -> NotUnderstood {
    NotUnderstood { line: shown(line), why }
}

/// What of a line is repeated where it is refused.
pub fn shown(line: &str) -> String {
    cut(line, SHOWN_CHARS)
}

fn cut(text: &str, most: usize) -> String {
    let mut shown: String = text.chars().take(most).collect();
    if text.chars().nth(most).is_some() {
        shown.push('…');
    }
    shown
}

/// The reasons that an answer holds: a mail of thousands of wrong lines brings no answer as long as itself.
pub fn answered(refused: &[String]) -> Vec<String> {
    let mut answered: Vec<String> = refused.iter().take(REFUSALS).map(|why| cut(why, REFUSAL_CHARS)).collect();
    if refused.len() > REFUSALS {
        answered.push(format!("and {} more like these", refused.len() - REFUSALS));
    }
    answered
}

/// The first line of a text for customers that is a command: it stands too low to be one, and was hardly meant for them.
pub fn strays_into(text: &str) -> Option<NotUnderstood> {
    let line = text.lines().map(typed).find(|line| begins(line).is_some_and(|command| is_verb(&parted(command).0)))?;
    let why = "it stands below other words, where it commands nothing, and customers would read it: put all commands \
               above everything else, or another word in front of it if it is for customers";
    Some(refused(&line, why.to_owned()))
}

/// Is there such a command, on a case or on planned works?
fn is_verb(verb: &str) -> bool {
    let mut known = HELP.into_iter().chain(works::help(true)).filter_map(|(command, _)| command.strip_prefix('#'));
    known.any(|command| parted(command).0 == verb) || matches!(verb, "prio" | "merge" | "move" | "done")
}

/// What stands below the first line.
fn after(text: &str) -> &str {
    text.split_once('\n').map_or("", |(_, rest)| rest)
}

/// Without empty lines at both ends; the first line keeps its indentation.
fn without_empty_ends(text: &str) -> &str {
    let text = text.trim_end();
    let mut begin = text;
    while let Some((first, rest)) = begin.split_once('\n') {
        if !first.trim().is_empty() {
            break;
        }
        begin = rest;
    }
    begin
}

/// A line as it was typed: what mail programs made of it taken back.
fn typed(line: &str) -> String {
    let plain: String = line
        .chars()
        .filter_map(|c| match c {
            // Zero-width signs and marks of direction.
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{00ad}' | '\u{202a}'..='\u{202e}' => None,
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
            '\u{fe5f}' => Some('#'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{30fc}' => Some('-'),
            '\u{2018}' | '\u{2019}' => Some('\''),
            '\u{201c}' | '\u{201d}' => Some('"'),
            c if c.is_whitespace() => Some(' '),
            c => Some(c),
        })
        .collect();
    let text = without_links(&plain);
    // Bold and italics of text parts; only around the line, an underscore may be of an address.
    let marks = ['*', '_', '`'];
    let inner = text.trim_start_matches(marks);
    let bare = if inner.starts_with('#') && inner.len() < text.len() { inner.trim_end_matches(marks) } else { &text };
    bare.trim().to_owned()
}

fn without_links(text: &str) -> String {
    text.split_whitespace().filter(|word| !is_link(word)).collect::<Vec<_>>().join(" ")
}

/// `<mailto:tom@desk.example>` behind an address.
fn is_link(word: &str) -> bool {
    let inner = word.strip_prefix('<').and_then(|word| word.strip_suffix('>'));
    inner.is_some_and(|inner| inner.starts_with("mailto:") || inner.contains("://"))
}

/// The verb, and the words behind it. Marks of emphasis may end with the verb.
fn parted(command: &str) -> (String, &str) {
    let (verb, words) = command.split_once(' ').unwrap_or((command, ""));
    (verb.trim_end_matches(['.', ',', ';', ':', '!', '*', '_', '`']).to_lowercase(), words.trim())
}

/// What stands behind the sign. `#4711` and `##` begin a text.
fn begins(line: &str) -> Option<&str> {
    let rest = line.strip_prefix('#')?.trim_start();
    rest.starts_with(|c: char| c.is_alphabetic()).then_some(rest)
}

fn understood(line: &str) -> Result<Command, String> {
    let (verb, words) = parted(line);
    // Sentences keep their ends.
    let rest = words.trim_end_matches(['.', ',', ';', ':', '!']).trim_end();
    let alone = |command: Command| match rest {
        "" => Ok(command),
        more => Err(format!("#{verb} takes nothing behind it, but there is \"{more}\"")),
    };
    match verb.as_str() {
        "note" => Ok(Command::Note(words.to_owned())),
        "status" => status(rest),
        "await" => alone(Command::Status(Status::AwaitingCustomer)),
        "resolve" => alone(Command::Status(Status::Resolved)),
        "close" if rest.is_empty() => Ok(Command::Status(Status::Closed)),
        "close" => Ok(Command::CloseBecause(words.to_owned())),
        "hold" => when::read(without_word(rest, "until")).map(|until| Command::Hold { until }),
        "priority" | "prio" => priority(rest),
        "assign" => match without_word(rest, "to") {
            "" => Err("say to whom: a name or address of the staff, me, or none".to_owned()),
            who => Ok(Command::Assign(who.to_owned())),
        },
        "take" => alone(Command::Assign("me".to_owned())),
        "link" if rest.eq_ignore_ascii_case("all") => Ok(Command::LinkAll),
        "update" => Ok(Command::Update(words.to_owned())),
        "withdraw" => Ok(Command::Withdraw(words.to_owned())),
        "mni" => mni(words),
        "link" => reference(without_word(rest, "to")).map(Command::Link),
        "duplicate" => reference(without_word(rest, "of")).map(Command::DuplicateOf),
        "merge" => reference(without_word(rest, "into")).map(Command::DuplicateOf),
        "reopen" => alone(Command::Reopen),
        "spam" => alone(Command::Spam),
        "help" => alone(Command::Help),
        "etr" if rest.eq_ignore_ascii_case("none") => Ok(Command::Etr(None)),
        "etr" => when::read(rest).map(|at| Command::Etr(Some(at))),
        "defer" if rest.is_empty() => Ok(Command::Defer { until: None }),
        "defer" => when::read(without_word(rest, "until")).map(|until| Command::Defer { until: Some(until) }),
        "escalate" => Ok(Command::Escalate(words.to_owned())),
        "time" => time(words),
        verb if works::stands_anywhere(verb) => {
            Err("it is of planned works: write it in a mail of its own, without commands on the case".to_owned())
        }
        _ => Err("there is no such command".to_owned()),
    }
}

/// Without a word that people put in between: `until`, `of`.
fn without_word<'a>(text: &'a str, word: &str) -> &'a str {
    match text.split_once(' ') {
        Some((first, rest)) if first.eq_ignore_ascii_case(word) => rest.trim(),
        _ => text,
    }
}

/// Words with a colon say what is affected; from the first one without it is what fails.
fn mni(text: &str) -> Result<Command, String> {
    let mut affected = Vec::new();
    let mut rest = text;
    loop {
        let (word, more) = rest.split_once(' ').unwrap_or((rest, ""));
        let is_kind =
            |kind: &str| ["platform", "service", "circuit", "site"].iter().any(|k| kind.eq_ignore_ascii_case(k));
        if !word.split_once(':').is_some_and(|(kind, name)| is_kind(kind) && !name.is_empty()) {
            break;
        }
        affected.push(word.trim_end_matches(',').to_owned());
        rest = more.trim_start();
    }
    if affected.is_empty() || rest.is_empty() {
        return Err("say what is affected, and how: #mni platform:voice no calls".to_owned());
    }
    Ok(Command::Mni { affected, impact: rest.to_owned() })
}

fn status(text: &str) -> Result<Command, String> {
    let lower = text.to_lowercase();
    let (name, rest) = match lower.split_once(" until ") {
        Some((name, rest)) => (name, Some(rest)),
        None => (lower.as_str(), None),
    };
    let name = name.split_whitespace().collect::<Vec<_>>().join("-");
    match (name.parse::<Status>(), rest) {
        (Ok(Status::OnHold), Some(until)) => when::read(until).map(|until| Command::Hold { until }),
        (Ok(Status::OnHold), None) => Err("on hold needs a time: #hold until tomorrow 09:00".to_owned()),
        (Ok(_), Some(_)) => Err("only on-hold takes a time".to_owned()),
        (Ok(Status::Reopened), None) => Ok(Command::Reopen),
        (Ok(Status::Duplicate), None) => Err("say of which case: #duplicate of 1-…".to_owned()),
        (Ok(status), None) => Ok(Command::Status(status)),
        (Err(_), _) if name.is_empty() => Err("say which status".to_owned()),
        (Err(_), _) => Err(format!(
            "\"{name}\" is no status (in-progress, awaiting-customer, on-hold until …, shipping, resolved, closed, \
             closed-no-response)"
        )),
    }
}

fn priority(text: &str) -> Result<Command, String> {
    let name = if text.starts_with(|c: char| c.is_ascii_digit()) { format!("P{text}") } else { text.to_owned() };
    name.parse().map(Command::Priority).map_err(|_| format!("\"{text}\" is no priority (1 to 4)"))
}

fn reference(text: &str) -> Result<Reference, String> {
    let text = text.trim_matches(['[', ']', '"', '\'']);
    Reference::parse(text).map_err(|e| format!("\"{text}\": {e}"))
}

fn time(text: &str) -> Result<Command, String> {
    let wrong = || format!("\"{text}\" is no time of work: write #time 30m or #time 1h30m what it was for");
    let (length, what) = text.split_once(' ').unwrap_or((text, ""));
    let spent = when::length(length).filter(|spent| *spent > Duration::zero()).ok_or_else(wrong)?;
    if spent > Duration::days(7) {
        return Err(wrong());
    }
    Ok(Command::Time { spent, what: what.trim().to_owned() })
}

#[cfg(test)]
mod tests;
