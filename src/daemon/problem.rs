//! What staff do to problem records that also happens to a case.

use rusqlite::Connection;

use super::staff::{Command, StaffError};
use crate::{
    desk::{
        case::{Actor, Case},
        lifecycle::{Decision, Entry, Refusal, What},
        problem::{Changed, Problem},
    },
    store::problems,
};

impl Command<'_> {
    pub fn open_problem(&self, tx: &Connection, title: &str) -> Result<Problem, StaffError> {
        let problem = Problem::new(problems::allocate(tx)?, title, self.name, self.now)?;
        let opened = Changed { problem: problem.clone(), text: "opened".to_owned() };
        problems::put(tx, &opened, self.name, self.now)?;
        Ok(problem)
    }

    pub fn link_problem(&self, tx: &Connection, problem: &Problem, case: &Case) -> Result<(), StaffError> {
        if !problems::link(tx, problem.id, case.id)? {
            return Err(Refusal(format!("{} is linked with {} already", case.reference, problem.id)).into());
        }
        problems::note(tx, problem.id, &format!("linked with {}", case.reference), self.name, self.now)?;
        self.remark(tx, case, format!("linked with {}: {}", problem.id, problem.title))
    }

    pub fn unlink_problem(&self, tx: &Connection, problem: &Problem, case: &Case) -> Result<(), StaffError> {
        if !problems::unlink(tx, problem.id, case.id)? {
            return Err(Refusal(format!("{} is not linked with {}", case.reference, problem.id)).into());
        }
        problems::note(tx, problem.id, &format!("not linked any more with {}", case.reference), self.name, self.now)?;
        self.remark(tx, case, format!("not linked any more with {}", problem.id))
    }

    /// A line of the case's history, and nothing else.
    pub(super) fn remark(&self, tx: &Connection, case: &Case, text: String) -> Result<(), StaffError> {
        let mut decision = Decision::unchanged(case);
        let actor = Actor::Staff(self.name.to_owned());
        decision.history.push(Entry { at: self.now, actor, what: What::Remark { text } });
        Ok(self.commit(tx, &decision, &[])?)
    }
}
