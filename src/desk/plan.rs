//! The action plan of a case: tasks of either side, each with an owner and a due date.
//!
//! Before a task is due its owner is reminded: the desk's own people always, the customer where the policy says so. What
//! is overdue is told to the leads, too, and a case whose task fails goes to the next level.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    case::{Actor, Case, CaseId},
    escalation::{self, Around, By, Escalation},
    lifecycle::{Clock, ClockChange, Decision, Refusal, What, say_to_staff},
    notice::{Notice, NoticeKind},
    service_desk::ServiceDesk,
};

/// Whose task it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Desk,
    Customer,
}

impl Side {
    pub fn as_str(self) -> &'static str {
        match self {
            Side::Desk => "desk",
            Side::Customer => "customer",
        }
    }
}

impl std::fmt::Display for Side {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown side \"{0}\" (known: desk, customer)")]
pub struct UnknownSide(String);

impl std::str::FromStr for Side {
    type Err = UnknownSide;

    fn from_str(word: &str) -> Result<Side, UnknownSide> {
        let known = [Side::Desk, Side::Customer].into_iter().find(|side| side.as_str() == word);
        known.ok_or_else(|| UnknownSide(word.to_owned()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Open,
    Done,
    /// it has not brought the result
    Failed,
}

impl State {
    pub fn as_str(self) -> &'static str {
        match self {
            State::Open => "open",
            State::Done => "done",
            State::Failed => "failed",
        }
    }
}

impl std::str::FromStr for State {
    type Err = ();

    fn from_str(word: &str) -> Result<State, ()> {
        [State::Open, State::Done, State::Failed].into_iter().find(|state| state.as_str() == word).ok_or(())
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    pub case: CaseId,
    /// counted from 1 on each case
    pub number: i64,
    pub text: String,
    pub owner: String,
    pub side: Side,
    pub added_at: DateTime<Utc>,
    pub due: DateTime<Utc>,
    pub state: State,
    pub settled_at: Option<DateTime<Utc>>,
    pub reminded_at: Option<DateTime<Utc>>,
    /// when the leads were told that it is overdue
    pub overdue_at: Option<DateTime<Utc>>,
}

/// What follows: a decision about the case, and the tasks as they are to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    pub decision: Decision,
    pub tasks: Vec<Task>,
}

/// A task that is to be added.
#[derive(Debug, Clone, Copy)]
pub struct NewTask<'a> {
    pub text: &'a str,
    pub owner: &'a str,
    pub side: Side,
    pub due: DateTime<Utc>,
}

/// A plan as it stands, and who works on it.
#[derive(Debug, Clone, Copy)]
pub struct Plan<'a> {
    pub case: &'a Case,
    pub tasks: &'a [Task],
    pub desk: &'a ServiceDesk,
}

impl Plan<'_> {
    pub fn add(&self, new: NewTask<'_>, staff: &str, now: DateTime<Utc>) -> Result<Followed, Refusal> {
        let (text, owner) = (new.text.trim(), new.owner.trim());
        if text.is_empty() || owner.is_empty() {
            return Err(Refusal("a task needs a text and an owner (--owner)".to_owned()));
        }
        if new.due <= now {
            return Err(Refusal("the task would be due in the past (--due)".to_owned()));
        }
        let number = self.tasks.iter().map(|task| task.number).max().unwrap_or(0) + 1;
        // One of the staff is named as the others see them, also when their address was given.
        let owner = match self.desk.find_staff(owner) {
            Ok(person) if new.side == Side::Desk => person.address.display().to_owned(),
            _ => owner.to_owned(),
        };
        let text_of_history = format!("plan, task {number} of {owner} ({}): {text}", new.side);
        let task = Task {
            case: self.case.id,
            number,
            text: text.to_owned(),
            owner,
            side: new.side,
            added_at: now,
            due: new.due,
            state: State::Open,
            settled_at: None,
            reminded_at: None,
            overdue_at: None,
        };
        Ok(self.changed(vec![task], Some((staff, text_of_history)), vec![], now))
    }

    pub fn done(&self, number: i64, staff: &str, now: DateTime<Utc>) -> Result<Followed, Refusal> {
        let task = self.open(number)?;
        let task = Task { state: State::Done, settled_at: Some(now), ..task.clone() };
        let text = format!("plan, task {number} is done: {}", task.text);
        Ok(self.changed(vec![task], Some((staff, text)), vec![], now))
    }

    /// It has not brought the result: the case goes to the next level. Where it can't, the leads are told.
    pub fn fail(
        &self,
        number: i64,
        why: Option<&str>,
        staff: &str,
        (escalation, around): (&mut Escalation, &Around<'_>),
        now: DateTime<Utc>,
    ) -> Result<Followed, Refusal> {
        let task = self.open(number)?;
        let task = Task { state: State::Failed, settled_at: Some(now), ..task.clone() };
        let by = By::Plan { staff, task: &task.text, why: why.map(str::trim) };
        let why = why.map(|why| format!(" ({})", why.trim())).unwrap_or_default();
        let text = format!("plan, task {number} has failed{why}: {}", task.text);
        let mut followed = self.changed(vec![task.clone()], Some((staff, text)), vec![], now);
        if escalation::step(&mut followed.decision, escalation, &by, around, now).is_err() {
            followed.decision.notices.push(self.failed(&task));
        }
        Ok(followed)
    }

    /// Reminders, and what is overdue; each once. Of a closed case nobody is reminded.
    pub fn clock_ran(&self, now: DateTime<Utc>) -> Followed {
        let mut changed = Vec::new();
        let mut told = Vec::new();
        let open = self.tasks.iter().filter(|task| task.state == State::Open && !self.case.status.is_closed());
        for task in open {
            if task.due <= now && task.overdue_at.is_none() {
                told.extend(self.overdue(task));
                changed.push(Task { overdue_at: Some(now), ..task.clone() });
            } else if self.remind_at(task).is_some_and(|at| at <= now) && task.due > now {
                told.extend(self.reminder(task));
                changed.push(Task { reminded_at: Some(now), ..task.clone() });
            }
        }
        self.changed(changed, None, told, now)
    }

    fn open(&self, number: i64) -> Result<&Task, Refusal> {
        let reference = self.case.reference;
        match self.tasks.iter().find(|task| task.number == number) {
            None => {
                Err(Refusal(format!("{reference} has no task {number}: casepost case plan {reference} list shows all")))
            }
            Some(task) if task.state != State::Open => {
                Err(Refusal(format!("{reference}: task {number} is {} already", task.state.as_str())))
            }
            Some(task) => Ok(task),
        }
    }

    /// Once, unless the task was added later than that.
    fn remind_at(&self, task: &Task) -> Option<DateTime<Utc>> {
        let at = task.due - self.desk.policy.attention.remind_before;
        (task.reminded_at.is_none() && task.overdue_at.is_none() && at > task.added_at).then_some(at)
    }

    fn reminder(&self, task: &Task) -> Vec<Notice> {
        match task.side {
            Side::Desk => vec![self.for_owner(task, &[])],
            Side::Customer if self.desk.policy.attention.remind_customer => {
                let due = Decision::unchanged(self.case).say(task.due, &self.desk.policy);
                let data = json!({ "task": task.text, "owner": task.owner, "due": due });
                vec![Notice::automatic(NoticeKind::TaskReminder, self.case, data)]
            }
            Side::Customer => vec![],
        }
    }

    fn overdue(&self, task: &Task) -> Vec<Notice> {
        let data = self.data(task, &["overdue"]);
        vec![self.for_owner(task, &["overdue"]), Notice::to_leads(NoticeKind::StaffTask, self.case, data)]
    }

    fn failed(&self, task: &Task) -> Notice {
        Notice::to_leads(NoticeKind::StaffTask, self.case, self.data(task, &["failed"]))
    }

    /// To whoever of the staff owns it; else to the case's assignee.
    fn for_owner(&self, task: &Task, flags: &[&str]) -> Notice {
        let data = self.data(task, flags);
        match self.desk.find_staff(&task.owner).ok().filter(|_| task.side == Side::Desk) {
            Some(person) => Notice::to_colleague(&person.address, NoticeKind::StaffTask, self.case, data),
            None => Notice::to_staff(NoticeKind::StaffTask, self.case, data),
        }
    }

    fn data(&self, task: &Task, flags: &[&str]) -> serde_json::Value {
        json!({
            "task": task.text,
            "owner": task.owner,
            "number": task.number.to_string(),
            "due": say_to_staff(task.due, &self.desk.policy),
            "customers": task.side == Side::Customer,
            "overdue": flags.contains(&"overdue"),
            "failed": flags.contains(&"failed"),
        })
    }

    /// The clock is set to what comes next of all tasks.
    fn changed(
        &self,
        changed: Vec<Task>,
        by_staff: Option<(&str, String)>,
        notices: Vec<Notice>,
        now: DateTime<Utc>,
    ) -> Followed {
        let mut decision = Decision::unchanged(self.case);
        if let Some((staff, text)) = by_staff {
            decision.note(now, &Actor::Staff(staff.to_owned()), What::Remark { text });
        }
        decision.notices = notices;
        let unchanged = self.tasks.iter().filter(|task| changed.iter().all(|other| other.number != task.number));
        let open = unchanged.chain(&changed).filter(|task| task.state == State::Open && !self.case.status.is_closed());
        let next = |task: &Task| {
            let due = task.overdue_at.is_none().then_some(task.due);
            self.remind_at(task).into_iter().chain(due).min()
        };
        decision.clocks.push(match open.filter_map(next).min() {
            Some(at) => ClockChange::Set(Clock::Plan, at),
            None => ClockChange::Clear(Clock::Plan),
        });
        Followed { decision, tasks: changed }
    }
}

#[cfg(test)]
mod tests;
