//! What a mail of the staff about a case may do, and what its commands and its text come to: a list of steps, all of
//! which are done, or none.
//!
//! Power needs the reply to a mail that was made for this person (its id says so), their address, and no doubt about
//! who wrote it. Everything else that staff write into a case is a note, or a public reply that has gone out already.

use chrono::{DateTime, Utc};

use super::{
    case::Status,
    hours::{Zone, say},
    incident::Scope,
    lifecycle::{Tell, Then},
    priority::Priority,
    reference::Reference,
    service_desk::ServiceDesk,
    staff_member::StaffMember,
    work_time,
};
use crate::mail::{
    address::Address,
    command::{Command, Commanded, NotUnderstood, Written},
};

/// What is known of the mail before it is decided what it may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proof {
    /// the mail that it answers
    pub answers: Answers,
    /// the desk's mail server found that the address is forged
    pub forged: bool,
    /// the desk's mail server says who wrote a mail: then it has to have said so of this one
    pub checked: bool,
    pub authenticated: bool,
    /// it hands a mail on
    pub forwards: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// one that this desk made for this person
    Theirs,
    /// one that it made for somebody else
    AnotherPersons,
    /// another one, or none
    Something,
}

/// Why a mail of the staff commands nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Powerless {
    Forged,
    Unproven,
    Forwards,
    AnotherPersons,
    NoAnswer,
}

impl Powerless {
    /// Told to the person of the address.
    pub fn in_words(self) -> &'static str {
        match self {
            Powerless::Forged => {
                "The mail server found the sender's address forged (DMARC). If it was you: your mail has to leave \
                 through your own mail server."
            }
            Powerless::Unproven => {
                "Our mail server could not verify that it came from you (no passing DMARC, SPF or DKIM in \
                 Authentication-Results). Send it through your own mail server."
            }
            Powerless::Forwards => "It forwards a mail. Reply to the desk's mail instead.",
            Powerless::AnotherPersons => {
                "It answers a mail of the desk that was made for somebody else. Reply to one that went to you."
            }
            Powerless::NoAnswer => {
                "Answers and commands count only in a reply to a mail that the desk has sent to you."
            }
        }
    }
}

/// May it command, and answer the customer by the desk?
pub fn power(proof: Proof) -> Result<(), Powerless> {
    match proof {
        Proof { forged: true, .. } => Err(Powerless::Forged),
        Proof { answers: Answers::AnotherPersons, .. } => Err(Powerless::AnotherPersons),
        Proof { answers: Answers::Something, .. } => Err(Powerless::NoAnswer),
        Proof { checked: true, authenticated: false, .. } => Err(Powerless::Unproven),
        Proof { forwards: true, .. } => Err(Powerless::Forwards),
        Proof { answers: Answers::Theirs, .. } => Ok(()),
    }
}

/// Who gets the mail by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reaches {
    DeskAlone,
    /// a participant stands in To or Cc: the desk sends nothing again
    CustomerToo,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Reopen {
        tell: Tell,
    },
    Assign(Option<Address>),
    Priority(Priority),
    Link(Reference),
    Note {
        text: String,
    },
    Reply {
        text: String,
        then: Then,
    },
    /// the customer has it already
    Replied {
        text: String,
    },
    Status {
        to: Status,
        until: Option<DateTime<Utc>>,
        text: Option<String>,
        tell: Tell,
    },
    Merge {
        main: Reference,
        tell: Tell,
    },
    Spam,
    Etr {
        at: Option<DateTime<Utc>>,
        text: Option<String>,
        tell: Tell,
    },
    /// to the next level
    Escalate {
        reason: Option<String>,
        tell: Tell,
    },
    Time {
        minutes: u32,
        note: Option<String>,
    },
    /// asks the customer whether it may wait
    Defer {
        until: Option<DateTime<Utc>>,
        text: Option<String>,
    },
    /// all customers of a major network incident are told
    Update {
        text: Option<String>,
        etr: Option<Option<DateTime<Utc>>>,
    },
    /// such an incident is over
    EndIncident {
        cause: String,
    },
    /// it was opened by mistake
    WithdrawIncident {
        reason: String,
    },
    /// one begins, with this case
    OpenIncident {
        scope: Scope,
        impact: String,
        text: Option<String>,
    },
    LinkProposed,
}

impl Step {
    /// Is the customer told of it in a mail of its own, and may be not?
    fn tell(&mut self) -> Option<&mut Tell> {
        match self {
            Step::Reopen { tell } | Step::Merge { tell, .. } | Step::Etr { tell, .. } | Step::Escalate { tell, .. } => {
                Some(tell)
            }
            _ => None,
        }
    }
}

/// What came of a mail's first lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    Do(Vec<Step>),
    /// nothing is to be done but to answer with the list of commands
    Help,
    Refuse(Vec<NotUnderstood>),
}

/// Who writes, where, and when.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    pub desk: &'a ServiceDesk,
    pub person: &'a StaffMember,
    pub reaches: Reaches,
    pub has_files: bool,
    /// the case is the parent of a major network incident
    pub is_parent: bool,
    pub now: DateTime<Utc>,
}

/// Makes steps of commands and text, in the order in which they make sense together: what concerns the desk alone
/// first, then what the customer is told, then what ends the case.
pub fn plan(written: &Written, around: Circumstances<'_>) -> Plan {
    if !written.not_understood.is_empty() {
        return Plan::Refuse(written.not_understood.clone());
    }
    if written.commands.iter().any(|c| c.command == Command::Help) {
        return Plan::Help;
    }
    let mut planning = Planning {
        around,
        steps: vec![],
        refused: vec![],
        note: None,
        status: None,
        closing: None,
        update: None,
        cause: None,
        mistake: None,
        begins: None,
    };
    for commanded in &written.commands {
        planning.add(commanded);
    }
    match around.is_parent {
        true => planning.say_on_parent(&written.text),
        false => planning.say(&written.text),
    }
    if planning.refused.is_empty() { Plan::Do(planning.steps) } else { Plan::Refuse(planning.refused) }
}

struct Planning<'a> {
    around: Circumstances<'a>,
    steps: Vec<Step>,
    refused: Vec<NotUnderstood>,
    /// what stands on the line of `#note`
    note: Option<String>,
    status: Option<(Status, Option<DateTime<Utc>>, String)>,
    /// it ends as a duplicate, or as spam
    closing: Option<(Step, String)>,
    /// what stands on the line of `#update`
    update: Option<String>,
    /// what stands on the line of `#close`
    cause: Option<String>,
    /// what stands on the line of `#withdraw`
    mistake: Option<String>,
    /// an incident: what it affects, and how
    begins: Option<(Scope, String)>,
}

impl Planning<'_> {
    fn refuse(&mut self, line: &str, why: impl Into<String>) {
        self.refused.push(NotUnderstood { line: line.to_owned(), why: why.into() });
    }

    fn add(&mut self, Commanded { line, command }: &Commanded) {
        let Circumstances { desk, person, now, .. } = self.around;
        let step = match command {
            Command::Note(text) if self.note.is_none() => return self.note = Some(text.clone()),
            Command::Note(_) => return self.refuse(line, "there is a #note already"),
            Command::Status(to) => return self.set_status(line, *to, None),
            Command::Hold { until } => {
                let until = until.instant(now, &desk.policy.hours);
                return self.set_status(line, Status::OnHold, Some(until));
            }
            Command::DuplicateOf(main) => {
                return self.end(line, Step::Merge { main: *main, tell: Tell::Customer });
            }
            Command::Spam => return self.end(line, Step::Spam),
            Command::Priority(to) => Step::Priority(*to),
            Command::Assign(who) => match assignee(who, person, desk) {
                Ok(to) => Step::Assign(to),
                Err(why) => return self.refuse(line, why),
            },
            Command::Link(other) => Step::Link(*other),
            Command::Update(text) if self.around.is_parent && self.update.is_none() => {
                return self.update = Some(text.clone());
            }
            Command::CloseBecause(cause) if self.around.is_parent => return self.cause = Some(cause.clone()),
            Command::CloseBecause(more) => {
                return self.refuse(line, format!("#close takes nothing behind it, but there is \"{more}\""));
            }
            Command::Withdraw(reason) if self.around.is_parent => return self.mistake = Some(reason.clone()),
            Command::LinkAll if self.around.is_parent => Step::LinkProposed,
            Command::Update(_) if self.around.is_parent => return self.refuse(line, "there is an #update already"),
            Command::Update(_) | Command::LinkAll | Command::Withdraw(_) => {
                let why = "this case is no incident's parent: reply to a mail about the incident itself";
                return self.refuse(line, why);
            }
            Command::Mni { affected, impact } => {
                if self.around.is_parent || self.begins.is_some() {
                    return self.refuse(line, "there is an incident already");
                }
                let mut scope = Scope::default();
                if let Err(why) = affected.iter().try_for_each(|word| scope.add(word)) {
                    return self.refuse(line, why.to_string());
                }
                return self.begins = Some((scope, impact.clone()));
            }
            Command::Reopen => Step::Reopen { tell: Tell::Customer },
            // Helped before anything is planned.
            Command::Help => return,
            Command::Etr(at) => {
                let at = at.map(|at| at.instant(now, &desk.policy.hours));
                Step::Etr { at, text: None, tell: Tell::Customer }
            }
            Command::Escalate(reason) => {
                let reason = Some(reason.clone()).filter(|reason| !reason.is_empty());
                Step::Escalate { reason, tell: Tell::Customer }
            }
            Command::Time { spent, what } => {
                let note = Some(what.clone()).filter(|what| !what.is_empty());
                Step::Time { minutes: u32::try_from(spent.num_minutes()).unwrap_or(u32::MAX), note }
            }
            Command::Defer { until } => {
                Step::Defer { until: until.map(|until| until.instant(now, &desk.policy.hours)), text: None }
            }
        };
        let same = |one: &Step| std::mem::discriminant(one) == std::mem::discriminant(&step);
        if !matches!(step, Step::Link(_)) && self.steps.iter().any(same) {
            return self.refuse(line, "the same is commanded above");
        }
        // A case that is open again can have everything else done to it.
        let at = if matches!(step, Step::Reopen { .. }) { 0 } else { self.steps.len() };
        self.steps.insert(at, step);
    }

    fn set_status(&mut self, line: &str, to: Status, until: Option<DateTime<Utc>>) {
        let other = self.status.as_ref().map(|(_, _, line)| line).or(self.closing.as_ref().map(|(_, line)| line));
        match other.cloned() {
            Some(other) => self.refuse(line, format!("\"{other}\" says where the case stands already")),
            None => self.status = Some((to, until, line.to_owned())),
        }
    }

    fn end(&mut self, line: &str, step: Step) {
        let other = self.status.as_ref().map(|(_, _, line)| line).or(self.closing.as_ref().map(|(_, line)| line));
        match other.cloned() {
            Some(other) => self.refuse(line, format!("\"{other}\" says where the case stands already")),
            None => self.closing = Some((step, line.to_owned())),
        }
    }

    /// On the parent of an incident a text goes to all of its customers, so nothing is said there without a command.
    fn say_on_parent(&mut self, text: &str) {
        let joined = |line: &str| {
            let parts = [line, text].into_iter().map(str::trim).filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join("\n\n")
        };
        if self.around.has_files {
            self.refuse("the attached files", "they can't go to all customers: leave them out");
        }
        let etr = self.steps.iter().position(|step| matches!(step, Step::Etr { .. })).map(|at| self.steps.remove(at));
        let etr = etr.and_then(|step| if let Step::Etr { at, .. } = step { Some(at) } else { None });
        let closes = matches!(self.status, Some((Status::Closed, ..)));
        if let Some((_, _, line)) = self.status.take().filter(|_| !closes) {
            return self.refuse(&line, "an incident ends by #close and its cause");
        }
        if let Some((_, line)) = self.closing.take() {
            return self.refuse(&line, "an incident ends by #close and its cause");
        }
        let cause = self.cause.take().or_else(|| closes.then(String::new));
        if let Some(line) = self.mistake.take() {
            if self.note.is_some() || self.update.is_some() || cause.is_some() || etr.is_some() {
                return self.refuse("#withdraw", "it takes the incident back: nothing else can be said of it with it");
            }
            return match joined(&line) {
                reason if reason.is_empty() => self.refuse("#withdraw", "say the reason behind it, in plain words"),
                reason => self.steps.push(Step::WithdrawIncident { reason }),
            };
        }
        match (self.note.take(), self.update.take(), cause) {
            (Some(line), None, None) if etr.is_none() => match joined(&line) {
                text if text.is_empty() => self.refuse("#note", "there is nothing to note"),
                text => self.steps.push(Step::Note { text }),
            },
            (None, None, Some(line)) if etr.is_none() => match joined(&line) {
                cause if cause.is_empty() => self.refuse("#close", "say the cause behind it, in plain words"),
                cause => self.steps.push(Step::EndIncident { cause }),
            },
            (None, Some(line), None) => {
                self.steps.push(Step::Update { text: Some(joined(&line)).filter(|text| !text.is_empty()), etr });
            }
            (None, None, None) if etr.is_some() => {
                self.steps.push(Step::Update { text: Some(text.to_owned()).filter(|text| !text.is_empty()), etr });
            }
            (None, None, None) if !text.trim().is_empty() => {
                self.refuse("the text", "put #update above it to tell all customers, or #note to keep it inside");
            }
            (None, None, None) if self.refused.is_empty() && self.steps.is_empty() => {
                self.refuse("the mail", "there is no command in it")
            }
            (None, None, None) => {}
            _ => self.refuse("the commands", "of #note, #update with #etr, and #close only one at a time"),
        }
    }

    /// Adds the steps that have to do with the text, and those after it.
    fn say(&mut self, text: &str) {
        let has_text = !text.trim().is_empty();
        if let Some((scope, impact)) = self.begins.take() {
            // The text is what customers are told first; with a note it stays on this case.
            let note = self.note.take();
            let text = Some(text.trim().to_owned()).filter(|_| has_text);
            let (inside, outside) = if note.is_some() { (text, None) } else { (None, text) };
            let kept: Vec<String> = note.into_iter().chain(inside).filter(|part| !part.is_empty()).collect();
            if !kept.is_empty() {
                self.steps.push(Step::Note { text: kept.join("\n\n") });
            }
            if self.status.is_some() || self.closing.is_some() || self.around.has_files {
                return self
                    .refuse("#mni", "the case becomes part of the incident: leave the other commands and files out");
            }
            self.steps.push(Step::OpenIncident { scope, impact, text: outside });
            return;
        }
        if let Some(line) = self.note.take() {
            let text = [line.as_str(), text].into_iter().filter(|t| !t.trim().is_empty()).collect::<Vec<_>>();
            if text.is_empty() && self.steps.is_empty() && self.status.is_none() && self.closing.is_none() {
                return self.refuse("#note", "there is nothing to note");
            }
            self.inside(text.join("\n\n"));
        } else if self.around.reaches == Reaches::CustomerToo && has_text {
            self.steps.push(Step::Replied { text: text.to_owned() });
            self.inside(String::new());
        } else if has_text {
            self.answer(text);
        } else if self.around.has_files {
            self.refuse("the attached files", "a text has to go with them; with #note they stay inside");
        } else if self.refused.is_empty() && self.steps.is_empty() && self.status.is_none() && self.closing.is_none() {
            // What is refused was meant to be done.
            self.refuse("the mail", "there is no text in it besides what it quotes");
        } else if let Some((to, until, _)) = self.status.take() {
            self.steps.push(Step::Status { to, until, text: None, tell: Tell::Customer });
        }
        self.steps.extend(self.closing.take().map(|(step, _)| step));
    }

    /// The customer gets no mail of it.
    fn inside(&mut self, note: String) {
        if !note.is_empty() {
            self.steps.push(Step::Note { text: note });
        }
        if let Some((to, until, _)) = self.status.take() {
            self.steps.push(Step::Status { to, until, text: None, tell: Tell::Nobody });
        }
        if self.steps.iter().any(|step| matches!(step, Step::Defer { .. })) {
            self.refuse(
                "#defer",
                "it asks the customer in a mail of its own: leave out the #note, or write to the desk alone",
            );
        }
        for step in self.steps.iter_mut().chain(self.closing.as_mut().map(|(step, _)| step)) {
            if let Some(tell) = step.tell() {
                *tell = Tell::Nobody;
            }
        }
    }

    /// The text goes with what tells the customer something else anyway, or by itself.
    fn pass_on(&mut self, said: String) {
        let carries = self.steps.iter_mut().find_map(|step| match step {
            Step::Defer { text, .. } | Step::Etr { text, .. } if !self.around.has_files => Some(text),
            _ => None,
        });
        match carries {
            Some(text) => *text = Some(said),
            None => self.steps.push(Step::Reply { text: said, then: Then::Keep }),
        }
    }

    fn answer(&mut self, text: &str) {
        let text = text.to_owned();
        for step in &mut self.steps {
            if let Step::Reopen { tell } = step {
                *tell = Tell::Nobody;
            }
        }
        match self.status.take() {
            Some((Status::AwaitingCustomer, ..)) => self.steps.push(Step::Reply { text, then: Then::Await }),
            Some((Status::Resolved, ..)) => self.steps.push(Step::Reply { text, then: Then::Resolve }),
            Some((Status::ClosedNoResponse, _, line)) => {
                self.refuse(&line, "the customer is told in words of its own: leave the text out, or use #close");
            }
            // Their mails tell what comes of it, and hold the text.
            Some((to @ (Status::OnHold | Status::Closed), until, _)) => {
                self.steps.push(Step::Status { to, until, text: Some(text), tell: Tell::Customer });
            }
            Some((to, until, _)) => {
                self.steps.push(Step::Status { to, until, text: None, tell: Tell::Nobody });
                self.pass_on(text);
            }
            None if matches!(self.closing, Some((Step::Spam, _))) => {
                self.refuse("#spam", "spam is not answered: leave the text out, or put #note above it");
            }
            None => self.pass_on(text),
        }
    }
}

/// One of the staff as people name each other, `me`, or nobody.
fn assignee(who: &str, person: &StaffMember, desk: &ServiceDesk) -> Result<Option<Address>, String> {
    match who.to_lowercase().as_str() {
        "me" => Ok(Some(person.address.clone())),
        "none" | "nobody" => Ok(None),
        who => desk.find_staff(who).map(|found| Some(found.address.clone())).map_err(|e| e.to_string()),
    }
}

impl Step {
    /// For the person who commanded it.
    pub fn in_words(&self, desk: &ServiceDesk) -> String {
        let time = |at: DateTime<Utc>| say(at, &Zone::Named(desk.policy.zone));
        let silently = |tell: Tell| if tell == Tell::Nobody { "; the customer gets no mail of it" } else { "" };
        match self {
            Step::Reopen { .. } => "reopened".to_owned(),
            Step::Assign(Some(to)) => format!("assigned to {}", to.display()),
            Step::Assign(None) => "assigned to nobody".to_owned(),
            Step::Priority(to) => format!("priority {to}"),
            Step::Link(other) => format!("linked to {other}"),
            Step::Note { .. } => "your text is kept as a note; the customer does not see it".to_owned(),
            Step::Reply { then: Then::Keep, .. } => "your text goes to the customer".to_owned(),
            Step::Reply { then: Then::Await, .. } => {
                "your text goes to the customer; status awaiting-customer".to_owned()
            }
            Step::Reply { then: Then::Resolve, .. } => {
                "your text goes to the customer, who is asked to confirm; status resolved".to_owned()
            }
            Step::Replied { .. } => "your text is recorded as the reply that the customer has from you".to_owned(),
            Step::Status { to, until, text, tell } => {
                let until = until.map(|at| format!(" until {}", time(at)));
                let text = if text.is_some() { "; your text goes to the customer with it" } else { silently(*tell) };
                format!("status {to}{}{text}", until.unwrap_or_default())
            }
            Step::Merge { main, tell } => format!("duplicate of {main}, which goes on{}", silently(*tell)),
            Step::Spam => "closed as spam".to_owned(),
            Step::Etr { at, text, tell } => {
                let text = if text.is_some() { "; your text goes to the customer with it" } else { silently(*tell) };
                match at {
                    Some(at) => format!("estimated time of resolution {}{text}", time(*at)),
                    None => format!("the estimated time of resolution is taken back{text}"),
                }
            }
            Step::Update { etr: None, .. } => "your text goes to all customers of the incident".to_owned(),
            Step::Update { etr: Some(Some(at)), .. } => {
                format!("all customers of the incident are told that it is expected to be solved {}", time(*at))
            }
            Step::Update { etr: Some(None), .. } => {
                "all customers of the incident are told that the estimated time is taken back".to_owned()
            }
            Step::EndIncident { .. } => {
                "the incident is over: its cases are resolved, and its customers are told the cause".to_owned()
            }
            Step::WithdrawIncident { .. } => {
                "the incident is withdrawn: its cases go on, each by itself, and whoever was told of it is told so"
                    .to_owned()
            }
            Step::OpenIncident { scope, .. } => format!("a major network incident is open ({scope}), with this case"),
            Step::LinkProposed => "all proposed cases are linked".to_owned(),
            Step::Escalate { tell, .. } => format!("escalated to the next level{}", silently(*tell)),
            Step::Time { minutes, .. } => format!("{} of work entered", work_time::duration(*minutes)),
            Step::Defer { until, .. } => {
                let until = until.map_or_else(|| "the next business day".to_owned(), time);
                format!("the customer is asked whether it may wait until {until}")
            }
        }
    }
}

#[cfg(test)]
mod tests;
