//! Commands on planned works, which staff write in the first lines of a reply to the desk: `#approve`, `#extend 06:00`,
//! `#cancel the supplier is not ready`. What stands below goes to customers with what is told them: with the one command
//! that takes a text.
//!
//! Some take labelled lines (`details`), which stand below their command:
//!
//! ```text
//! #plan Exchange of a line card
//! window: 2026-12-18 22:00 to 04:00
//! service: IS-4711
//! reason: it ages
//! ```
//!
//! Empty lines between them don't matter, because some mail programs put them there. The first line that is neither a
//! command nor labelled begins the text. What looks in it like a command or a label, or like the rest of a broken line, is
//! refused: customers must never read what was written for the desk.

mod details;

use super::{
    MOST, NotUnderstood, after, begins, parted, refused, strays_into, typed, without_empty_ends, without_links,
};
use crate::desk::works::{NotWorks, WorksId};

pub use details::Details;
use details::Label;

/// Every mail program that breaks lines breaks longer ones.
const UNBROKEN_CHARS: usize = 80;

/// What one line commands; times and windows are read in the zone of the works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorksCommand {
    /// new ones
    Plan,
    Approve,
    Withdraw,
    Announce,
    Remind,
    Start,
    /// until when stands behind it
    Extend,
    Complete,
    Cancel,
    Reschedule,
    Change,
    /// to customers
    Tell,
    /// for the history alone
    Note,
    /// what is coming comes back
    List,
    /// they come back as they stand; none: those that the mail is about
    Show(Option<WorksId>),
    Help,
}

impl WorksCommand {
    /// The labels that may stand below it.
    fn labels(self) -> &'static [Label] {
        use Label::{
            Contact, Emergency, Force, Impact, Kind, Platform, Reason, RollBack, Service, Title, Window, Zone,
        };
        match self {
            WorksCommand::Plan => {
                &[Window, Zone, Service, Platform, Impact, Reason, Kind, Contact, RollBack, Emergency, Force]
            }
            WorksCommand::Change => &[Title, Reason, Contact, RollBack, Service, Platform, Impact, Force],
            WorksCommand::Reschedule => &[Window, Zone, Force],
            WorksCommand::Start | WorksCommand::Extend => &[Force],
            _ => &[],
        }
    }

    /// Does a text go with it, to customers or into the history?
    fn takes_text(self) -> bool {
        matches!(
            self,
            WorksCommand::Extend
                | WorksCommand::Reschedule
                | WorksCommand::Change
                | WorksCommand::Complete
                | WorksCommand::Cancel
                | WorksCommand::Tell
                | WorksCommand::Note
        )
    }
}

/// A command with what stands behind and below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commanded {
    /// as it was written, in plain characters
    pub line: String,
    pub command: WorksCommand,
    /// of `#extend`: until when
    pub until: String,
    pub details: Details,
    /// what stands behind it, and the text below all where it takes that
    pub text: String,
}

/// The first lines of a mail about works, and the rest of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WorksWritten {
    pub commands: Vec<Commanded>,
    pub not_understood: Vec<NotUnderstood>,
    /// what stands below all, where no command takes a text
    pub text: String,
}

/// What there is to command on works, for people.
const ON_WORKS: [(&str, &str); 14] = [
    ("#approve", "they may be announced"),
    ("#withdraw", "the change that waits for an approval is wanted no more"),
    ("#announce", "customers are told of them"),
    ("#remind", "customers are reminded of them now"),
    ("#start", "they have begun"),
    ("#extend 06:00", "the window ends later; also +2h, or 2026-12-19 06:00"),
    ("#complete", "they are done; a text behind it, or below, goes to customers"),
    ("#cancel the supplier is not ready", "they are not done, for this reason, which customers read"),
    (
        "#reschedule 2026-12-18 22:00 to 04:00",
        "they are moved to this window, in the zone of the works; several with ; between them",
    ),
    (
        "#change",
        "in lines below it what is other than before, such as reason: it ages; also title, contact, roll-back, service, \
         platform, impact",
    ),
    (
        "force: the customer wants it",
        "in a line below #start, #extend, #reschedule or #change breaks, for this reason, a rule that may be broken",
    ),
    ("#tell", "of completed works: the text below tells customers what is new"),
    ("#note", "the text below stays inside, in the history of the works"),
    ("#show", "these works as they stand, with their history"),
];
/// What there is to command on works wherever it stands.
const ANYWHERE: [(&str, &str); 4] = [
    (
        "#plan Exchange of a line card",
        "new works; in lines below it window: 2026-12-18 22:00 to 04:00 and service: IS-4711 or platform: KEY and \
         reason: it ages; also zone, impact, kind, contact, roll-back, emergency, force",
    ),
    ("#list", "the works that are coming; they come to you alone"),
    ("#show PW-0012", "these works, for you alone; a reply to that commands them"),
    ("#help", "this list; nothing else is done"),
];

/// What there is to command: in a reply to a mail about works, or to a list of them.
pub fn help(on_works: bool) -> impl Iterator<Item = (&'static str, &'static str)> {
    ON_WORKS.into_iter().filter(move |_| on_works).chain(ANYWHERE)
}

/// Is it about works whatever mail it answers? Its first line then plans, lists or shows some.
pub fn begins_with_works(said: &str) -> bool {
    let first = said.lines().map(typed).find(|line| !line.is_empty());
    let verb = first.as_deref().and_then(begins).map(|line| parted(line).0);
    verb.is_some_and(|verb| stands_anywhere(&verb))
}

/// Does the verb need no works that the answered mail is about?
pub(super) fn stands_anywhere(verb: &str) -> bool {
    matches!(verb, "plan" | "list" | "show")
}

/// Reads what somebody wrote now, without what they quote. `own` leaves of the text below what may be passed on.
pub fn read(said: &str, own: impl Fn(&str) -> String) -> WorksWritten {
    let mut reading = Reading::default();
    let mut rest = said;
    for line in said.lines() {
        if !reading.takes(line) {
            break;
        }
        rest = after(rest);
    }
    reading.finish(&own(without_empty_ends(rest)))
}

#[derive(Default)]
struct Reading {
    written: WorksWritten,
    /// into which value a line goes on that is broken
    open: Option<Label>,
    /// the line above, when no empty one stands between
    above: String,
    /// a labelled line of words above, with empty lines between
    far_above: String,
    /// two lines stood without an empty one between: the mail program does not put them everywhere
    is_dense: bool,
}

impl Reading {
    /// Is the line one of the commands and labelled lines, or empty? Else it begins the text.
    fn takes(&mut self, raw: &str) -> bool {
        let line = typed(raw);
        if line.is_empty() {
            if self.open.take().is_some() {
                self.far_above.clone_from(&self.above);
            }
            self.above.clear();
            return true;
        }
        self.is_dense |= !self.above.is_empty();
        let taken = match begins(&line) {
            Some(_) if self.written.commands.len() + self.written.not_understood.len() == MOST => {
                self.written.not_understood.push(refused(&line, format!("more than {MOST} commands in one mail")));
                false
            }
            Some(command) => {
                self.begin(command, raw, &line);
                true
            }
            None => self.label(raw, &line) || self.goes_on(raw, &line),
        };
        if !taken {
            self.refuse_broken(raw, &line);
        }
        self.above = raw.trim_end().to_owned();
        self.far_above.clear();
        taken
    }

    fn begin(&mut self, command: &str, raw: &str, line: &str) {
        self.open = None;
        let (verb, words) = parted(command);
        match understood(&verb, words) {
            Ok(command) => {
                let mut one = Commanded {
                    line: line.to_owned(),
                    command,
                    until: String::new(),
                    details: Details::default(),
                    text: String::new(),
                };
                match command {
                    WorksCommand::Plan => {
                        one.details.title = Some(behind_verb(raw).to_owned()).filter(|title| !title.is_empty());
                        self.open = Some(Label::Title);
                    }
                    WorksCommand::Extend => words.trim_end_matches('.').clone_into(&mut one.until),
                    WorksCommand::Reschedule if !words.is_empty() => one.details.add_windows(words),
                    WorksCommand::Complete | WorksCommand::Cancel | WorksCommand::Tell | WorksCommand::Note
                        if !words.is_empty() =>
                    {
                        behind_verb(raw).clone_into(&mut one.text);
                    }
                    _ => {}
                }
                self.written.commands.push(one);
            }
            Err(why) => self.written.not_understood.push(refused(line, why)),
        }
    }

    /// A labelled line of the last command.
    fn label(&mut self, raw: &str, line: &str) -> bool {
        let Some(one) = self.written.commands.last_mut() else { return false };
        let labels = one.command.labels();
        let Some((name, value)) = details::parted(line).filter(|_| !labels.is_empty()) else { return false };
        let label = Label::named(name).filter(|label| labels.contains(label));
        self.open = label.filter(|label| label.is_text());
        let done = match label {
            Some(label) => {
                // Signs that commands have replaced belong to what people read.
                let as_written = without_links(details::value(raw));
                one.details.set(label, if label.is_text() { &as_written } else { value })
            }
            None => {
                let known = labels.iter().map(|label| label.name()).collect::<Vec<_>>().join(", ");
                let verb = one.line.split(' ').next().unwrap_or_default();
                Err(format!("{verb} has no such line (it has {known}); a text for customers begins otherwise"))
            }
        };
        if let Err(why) = done {
            self.written.not_understood.push(refused(line, why));
        }
        true
    }

    /// The rest of a line that a mail program broke; directly below a labelled line nothing else may stand.
    fn goes_on(&mut self, raw: &str, line: &str) -> bool {
        let Some(one) = self.written.commands.last_mut().filter(|_| !self.above.is_empty()) else { return false };
        let is_below_command = typed(&self.above) == one.line;
        if is_below_command && one.command != WorksCommand::Plan || one.command.labels().is_empty() {
            return false;
        }
        match self.open.filter(|_| details::is_broken(&self.above, raw)) {
            Some(label) => one.details.go_on(label, raw.trim()),
            None => {
                let why = "it stands directly below a line of a command: if it is a text for customers, put an empty line \
                           above it";
                self.written.not_understood.push(refused(line, why.to_owned()));
            }
        }
        true
    }

    /// Where the mail program puts empty lines everywhere, the rest of a broken line looks like a text.
    fn refuse_broken(&mut self, raw: &str, line: &str) {
        let may_go_on = !self.is_dense && !self.far_above.is_empty();
        if may_go_on && self.far_above.chars().count() <= UNBROKEN_CHARS && details::is_broken(&self.far_above, raw) {
            let why = "it may be the rest of the long line above, or a text for customers: write that line shorter, or no \
                       empty line between it and its command";
            self.written.not_understood.push(refused(line, why.to_owned()));
        }
    }

    fn finish(self, text: &str) -> WorksWritten {
        let mut written = self.written;
        let is_plan = |one: &&Commanded| one.command == WorksCommand::Plan;
        if written.commands.len() > 1
            && let Some(plan) = written.commands.iter().find(is_plan)
        {
            let why =
                "it stands alone: the answer to it is a mail about the new works, and a reply to that commands them";
            written.not_understood.push(refused(&plan.line, why.to_owned()));
        }
        if let Some(one) = overtaking(&written.commands) {
            let why = "it stands below #announce, and would overtake what customers are told first: write it above";
            written.not_understood.push(refused(&one.line, why.to_owned()));
        }
        // What lacks may stand in a line that was not understood, and so may what the text holds.
        if written.not_understood.is_empty() {
            let lacking = written.commands.iter().filter_map(|one| Some(refused(&one.line, lacks(one)?)));
            let lacking: Vec<NotUnderstood> = lacking.collect();
            written.not_understood.extend(lacking);
            written.give(text);
        }
        written
    }
}

/// What would overtake the announcement above it, so that no customer ever got that.
fn overtaking(commands: &[Commanded]) -> Option<&Commanded> {
    use WorksCommand::{Announce, Cancel, Change, Reschedule};
    let mut from_announcement = commands.iter().skip_while(|one| one.command != Announce);
    from_announcement.find(|one| matches!(one.command, Reschedule | Change | Cancel))
}

impl WorksWritten {
    /// Gives the text below all commands to the one that takes it.
    fn give(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        let takers: Vec<&str> =
            self.commands.iter().filter(|one| one.command.takes_text()).map(|one| one.line.as_str()).collect();
        if takers.len() > 1 {
            let verbs: Vec<&str> = takers.iter().filter_map(|line| line.split(' ').next()).collect();
            let why = format!("it may belong to {}: send them in mails of their own", verbs.join(" or to "));
            let first = text.lines().next().unwrap_or_default();
            return self.not_understood.push(refused(first, why));
        }
        let stray = strays_into(text).or_else(|| self.label_in(text));
        let Some(one) = self.commands.iter_mut().find(|one| one.command.takes_text()) else {
            text.clone_into(&mut self.text);
            return;
        };
        // What stays inside may hold anything.
        if one.command != WorksCommand::Note {
            self.not_understood.extend(stray);
        }
        let parts = [one.text.as_str(), text];
        one.text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
    }

    /// The first line of the text that has a label of a command above.
    fn label_in(&self, text: &str) -> Option<NotUnderstood> {
        let is_label = |name: &str| {
            let label = Label::named(name);
            label.is_some_and(|label| self.commands.iter().any(|one| one.command.labels().contains(&label)))
        };
        let lines = text.lines().map(typed);
        let line = lines.into_iter().find(|line| details::parted(line).is_some_and(|(name, _)| is_label(name)))?;
        let why = "it stands below the text, and customers would read it: put all labelled lines directly below their \
                   command, or another word in front of it if it is for customers";
        Some(refused(&line, why.to_owned()))
    }
}

fn understood(verb: &str, words: &str) -> Result<WorksCommand, String> {
    let alone = |command: WorksCommand| match words.trim_end_matches('.') {
        "" => Ok(command),
        more => Err(format!("#{verb} takes nothing behind it, but there is \"{more}\"")),
    };
    match verb {
        "plan" => Ok(WorksCommand::Plan),
        "approve" => alone(WorksCommand::Approve),
        "withdraw" => alone(WorksCommand::Withdraw),
        "announce" => alone(WorksCommand::Announce),
        "remind" => alone(WorksCommand::Remind),
        "start" => alone(WorksCommand::Start),
        "extend" if words.is_empty() => Err("say when: #extend 06:00".to_owned()),
        "extend" => Ok(WorksCommand::Extend),
        "reschedule" | "move" => Ok(WorksCommand::Reschedule),
        "change" => alone(WorksCommand::Change),
        "complete" | "done" => Ok(WorksCommand::Complete),
        "cancel" => Ok(WorksCommand::Cancel),
        "tell" => Ok(WorksCommand::Tell),
        "note" => Ok(WorksCommand::Note),
        "list" => alone(WorksCommand::List),
        "show" if words.is_empty() => Ok(WorksCommand::Show(None)),
        "show" => words
            .trim_end_matches('.')
            .parse()
            .map(|id| WorksCommand::Show(Some(id)))
            .map_err(|e: NotWorks| e.to_string()),
        "help" => alone(WorksCommand::Help),
        _ => Err("there is no such command on planned works".to_owned()),
    }
}

/// What has to stand behind or below a command, and does not.
fn lacks(one: &Commanded) -> Option<String> {
    let details = &one.details;
    match one.command {
        WorksCommand::Plan if details.title.is_none() => {
            Some("say behind it what is done: #plan Exchange of a line card".to_owned())
        }
        WorksCommand::Plan => {
            let wanted = [
                (details.windows.is_empty(), "window: 2026-12-18 22:00 to 04:00"),
                (details.touched.is_empty(), "service: IS-4711 (or platform: KEY)"),
                (details.reason.is_none(), "reason: it ages"),
            ];
            let lacking: Vec<&str> = wanted.into_iter().filter(|(lacks, _)| *lacks).map(|(_, line)| line).collect();
            (!lacking.is_empty()).then(|| format!("a line below it is missing, such as {}", lacking.join("; and ")))
        }
        WorksCommand::Reschedule if details.windows.is_empty() => {
            Some("say when: #reschedule 2026-12-18 22:00 to 04:00".to_owned())
        }
        WorksCommand::Change if *details == (Details { force: details.force.clone(), ..Details::default() }) => {
            Some("say in lines below it what is other than before, such as service: IS-4711=DEGRADED".to_owned())
        }
        _ => None,
    }
}

/// The words behind the verb, with all the signs that they were written with.
fn behind_verb(raw: &str) -> &str {
    let marks = ['*', '_', '`'];
    let line = raw.trim();
    let command = line.split_once(['#', '\u{ff03}', '\u{fe5f}']).map_or("", |(_, command)| command.trim_start());
    let (verb, words) = command.split_once(char::is_whitespace).unwrap_or_default();
    // Where the emphasis ends with the verb, what ends the line is the words' own.
    if line.starts_with(marks) && !verb.ends_with(marks) { words.trim_end_matches(marks).trim() } else { words.trim() }
}

#[cfg(test)]
mod tests;
