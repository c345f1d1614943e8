//! Problem records: several cases, one cause. What is known of the cause, the workaround, and what is done so that it does
//! not happen again; the reports on outages of its cases take their cause and preventive actions from here.
//!
//! Open; a *known error* once the cause is known; closed when all that was to be done is done (ITIL's terms).

use chrono::{DateTime, Utc};

use super::lifecycle::Refusal;

/// Which problem; people use `P-0001`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProblemId(pub i64);

impl std::fmt::Display for ProblemId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "P-{:04}", self.0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no problem's number, such as P-0001")]
pub struct NotAProblem(String);

impl std::str::FromStr for ProblemId {
    type Err = NotAProblem;

    fn from_str(word: &str) -> Result<ProblemId, NotAProblem> {
        let digits = word.trim().trim_start_matches(['P', 'p']).trim_start_matches('-');
        let fits = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let number = digits.parse().ok().filter(|n| fits && *n > 0);
        number.map(ProblemId).ok_or_else(|| NotAProblem(word.to_owned()))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Open,
    /// the cause is known
    KnownError,
    Closed,
}

impl Status {
    pub const ALL: [Status; 3] = [Status::Open, Status::KnownError, Status::Closed];

    pub fn as_str(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::KnownError => "known-error",
            Status::Closed => "closed",
        }
    }
}

impl std::str::FromStr for Status {
    type Err = ();

    fn from_str(word: &str) -> Result<Status, ()> {
        Status::ALL.into_iter().find(|status| status.as_str() == word).ok_or(())
    }
}

/// Something to do so that it does not happen again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// counted from 1 in each problem
    pub number: i64,
    pub text: String,
    pub owner: Option<String>,
    pub due: Option<DateTime<Utc>>,
    pub done_at: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    pub id: ProblemId,
    pub title: String,
    pub status: Status,
    pub cause: Option<String>,
    pub workaround: Option<String>,
    pub actions: Vec<Action>,
    pub opened_at: DateTime<Utc>,
    pub opened_by: String,
    pub closed_at: Option<DateTime<Utc>>,
}

/// A problem as it is to be, and the line of its history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub problem: Problem,
    pub text: String,
}

impl Problem {
    pub fn new(id: ProblemId, title: &str, opened_by: &str, now: DateTime<Utc>) -> Result<Problem, Refusal> {
        Ok(Problem {
            id,
            title: said(title, "the title")?,
            status: Status::Open,
            cause: None,
            workaround: None,
            actions: vec![],
            opened_at: now,
            opened_by: opened_by.to_owned(),
            closed_at: None,
        })
    }

    /// The cause is known, or known better; a workaround may be known before it.
    pub fn found(&self, cause: Option<&str>, workaround: Option<&str>) -> Result<Changed, Refusal> {
        let mut problem = self.open()?;
        let mut texts = Vec::new();
        if let Some(cause) = cause {
            let cause = said(cause, "the cause")?;
            texts.push(format!("cause: {cause}"));
            problem.cause = Some(cause);
            problem.status = Status::KnownError;
        }
        if let Some(workaround) = workaround {
            let workaround = said(workaround, "the workaround")?;
            texts.push(format!("workaround: {workaround}"));
            problem.workaround = Some(workaround);
        }
        if texts.is_empty() {
            return Err(Refusal(format!("{}: say the cause, or a workaround (--workaround)", self.id)));
        }
        Ok(Changed { problem, text: texts.join("; ") })
    }

    pub fn add_action(&self, text: &str, owner: Option<&str>, due: Option<DateTime<Utc>>) -> Result<Changed, Refusal> {
        let mut problem = self.open()?;
        let number = self.actions.iter().map(|action| action.number).max().unwrap_or(0) + 1;
        let text = said(text, "the action")?;
        let history = format!("action {number}: {text}");
        let owner = owner.map(|name| said(name, "its owner")).transpose()?;
        problem.actions.push(Action { number, text, owner, due, done_at: None });
        Ok(Changed { problem, text: history })
    }

    pub fn action_done(&self, number: i64, now: DateTime<Utc>) -> Result<Changed, Refusal> {
        let mut problem = self.open()?;
        let action = problem.actions.iter_mut().find(|action| action.number == number);
        let action = action.ok_or_else(|| self.no_action(number))?;
        if action.done_at.is_some() {
            return Err(Refusal(format!("{}: action {number} is done already", self.id)));
        }
        action.done_at = Some(now);
        Ok(Changed { problem, text: format!("action {number} is done") })
    }

    /// It will not be done: it stands in no report any more.
    pub fn drop_action(&self, number: i64) -> Result<Changed, Refusal> {
        let mut problem = self.open()?;
        problem.actions.retain(|action| action.number != number);
        if problem.actions.len() == self.actions.len() {
            return Err(self.no_action(number));
        }
        Ok(Changed { problem, text: format!("action {number} is dropped") })
    }

    /// Closed is what is understood, and done.
    pub fn close(&self, now: DateTime<Utc>) -> Result<Changed, Refusal> {
        let mut problem = self.open()?;
        if self.cause.is_none() {
            return Err(Refusal(format!("{0}: its cause is not known (casepost problem cause {0} …)", self.id)));
        }
        let undone: Vec<String> =
            self.actions.iter().filter(|a| a.done_at.is_none()).map(|a| a.number.to_string()).collect();
        if !undone.is_empty() {
            return Err(Refusal(format!(
                "{0}: not done yet: action {1} (casepost problem action {0} done N, or drop N)",
                self.id,
                undone.join(", ")
            )));
        }
        problem.status = Status::Closed;
        problem.closed_at = Some(now);
        Ok(Changed { problem, text: "closed".to_owned() })
    }

    fn open(&self) -> Result<Problem, Refusal> {
        match self.status {
            Status::Closed => Err(Refusal(format!("{} is closed: open a new problem", self.id))),
            Status::Open | Status::KnownError => Ok(self.clone()),
        }
    }

    fn no_action(&self, number: i64) -> Refusal {
        Refusal(format!("{0} has no action {number}; casepost problem show {0} lists them", self.id))
    }
}

fn said(text: &str, what: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() { Err(Refusal(format!("{what} is empty"))) } else { Ok(text.to_owned()) }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 3, 10, 0, 0).unwrap()
    }

    fn problem() -> Problem {
        Problem::new(ProblemId(1), "Cards of one batch fail", "Frida", at()).unwrap()
    }

    #[test]
    fn a_number_is_read_as_it_is_written_and_as_people_shorten_it() {
        assert_eq!(ProblemId(7).to_string(), "P-0007");
        for word in ["P-0007", "p-7", "P7", "7", " P-0007 "] {
            assert_eq!(word.parse(), Ok(ProblemId(7)), "{word}");
        }
        for word in ["", "P-", "P-0", "1-0123456789", "PP-1x"] {
            assert!(word.parse::<ProblemId>().is_err(), "{word}");
        }
    }

    #[test]
    fn a_problem_is_a_known_error_once_its_cause_is_known_but_not_by_a_workaround() {
        let known = problem().found(None, Some("restart the card")).unwrap().problem;
        assert_eq!(known.status, Status::Open);
        let known = known.found(Some("a bad batch"), None).unwrap().problem;
        assert_eq!(known.status, Status::KnownError);
        assert_eq!(known.workaround.as_deref(), Some("restart the card"));
        assert!(problem().found(None, None).is_err());
        assert!(problem().found(Some(" "), None).is_err());
    }

    #[test]
    fn a_problem_closes_only_when_its_cause_is_known_and_everything_is_done() {
        assert!(problem().close(at()).unwrap_err().0.contains("its cause is not known"));
        let known = problem().found(Some("a bad batch"), None).unwrap().problem;
        let with = known.add_action("Change the cards", Some("Tom"), None).unwrap().problem;
        let with = with.add_action("Test new ones", None, None).unwrap().problem;
        let refused = with.close(at()).unwrap_err().0;
        assert!(refused.contains("action 1, 2"), "{refused}");
        let done = with.action_done(1, at()).unwrap().problem.drop_action(2).unwrap().problem;
        let closed = done.close(at()).unwrap().problem;
        assert_eq!((closed.status, closed.closed_at), (Status::Closed, Some(at())));
        assert!(closed.add_action("More", None, None).unwrap_err().0.contains("is closed"));
    }

    #[test]
    fn the_number_of_an_action_that_is_done_is_not_done_again_and_an_unknown_one_is_named() {
        let with = problem().add_action("Change the cards", None, None).unwrap().problem;
        let done = with.action_done(1, at()).unwrap().problem;
        assert!(done.action_done(1, at()).unwrap_err().0.contains("done already"));
        assert!(done.action_done(2, at()).unwrap_err().0.contains("has no action 2"));
        assert!(done.drop_action(2).is_err());
    }
}
