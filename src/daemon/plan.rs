//! The action plan of a case, between the core and the store.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::{
    assignment::products_of,
    escalation::around,
    office::Office,
    staff::{Command, StaffError},
};
use crate::{
    desk::{
        case::Case,
        lifecycle::Refusal,
        plan::{Followed, NewTask, Plan},
    },
    store::{
        StoreError, cases,
        clocks::DueClock,
        commit::{Manner, commit},
        escalations, meta, tasks,
    },
};

/// A task is to be reminded of, or overdue.
pub(super) fn clock_ran(
    tx: &Connection,
    office: &Office,
    clock: &DueClock,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let case = cases::by_id(tx, clock.case)?;
    let tasks = tasks::of_case(tx, case.id)?;
    let followed = Plan { case: &case, tasks: &tasks, desk: &office.desk }.clock_ran(now);
    follow(tx, office, &followed, cause, now)
}

fn follow(
    tx: &Connection,
    office: &Office,
    followed: &Followed,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for task in &followed.tasks {
        tasks::put(tx, task)?;
    }
    commit(tx, &office.desk, &followed.decision, &Manner { cause, ..Manner::default() }, now)
}

impl Command<'_> {
    pub fn add_task(&self, tx: &Connection, case: &Case, new: NewTask<'_>) -> Result<(), StaffError> {
        self.change_plan(tx, case, |plan| plan.add(new, self.name, self.now))
    }

    pub fn task_done(&self, tx: &Connection, case: &Case, number: i64) -> Result<(), StaffError> {
        self.change_plan(tx, case, |plan| plan.done(number, self.name, self.now))
    }

    pub fn task_failed(&self, tx: &Connection, case: &Case, number: i64, why: Option<&str>) -> Result<(), StaffError> {
        let desk = &self.office.desk;
        let before = escalations::of_case(tx, case, &desk.policy)?;
        let around = around(tx, desk, case, products_of(tx, case)?)?;
        let (mut after, tasks) = (before.clone(), tasks::of_case(tx, case.id)?);
        let plan = Plan { case, tasks: &tasks, desk };
        let followed = plan.fail(number, why, self.name, (&mut after, &around), self.now)?;
        if after != before {
            escalations::put(tx, case.id, &after)?;
        }
        self.follow_plan(tx, &followed)
    }

    fn change_plan(
        &self,
        tx: &Connection,
        case: &Case,
        change: impl FnOnce(&Plan<'_>) -> Result<Followed, Refusal>,
    ) -> Result<(), StaffError> {
        let tasks = tasks::of_case(tx, case.id)?;
        let followed = change(&Plan { case, tasks: &tasks, desk: &self.office.desk })?;
        self.follow_plan(tx, &followed)
    }

    fn follow_plan(&self, tx: &Connection, followed: &Followed) -> Result<(), StaffError> {
        let cause = format!("staff:{}", meta::next_act(tx)?);
        Ok(follow(tx, self.office, followed, &cause, self.now)?)
    }
}
