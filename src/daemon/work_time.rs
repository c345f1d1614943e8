//! Work on cases, as staff enter it.

use rusqlite::Connection;

use super::staff::{Command, StaffError};
use crate::{
    desk::{
        case::Case,
        lifecycle::Refusal,
        work_time::{self, Entered, WorkTime},
    },
    store::{macd, work_times},
};

impl Command<'_> {
    /// Enters work; without `who`, whoever commands did it.
    pub fn enter_time(
        &self,
        tx: &Connection,
        case: &Case,
        minutes: u32,
        who: Option<&str>,
        (note, free): (Option<&str>, bool),
    ) -> Result<WorkTime, StaffError> {
        let macd = macd::of_case(tx, case.id)?;
        let number = work_times::next_number(tx, case.id)?;
        let who = who
            .map_or(self.name, |who| self.office.desk.find_staff(who).map_or(who, |person| person.address.display()));
        let entered = Entered { staff: self.name, who, minutes, note, free };
        let policy = &self.office.desk.policy;
        let (decision, time) = work_time::enter(case, macd.as_ref(), number, &entered, policy, self.now)?;
        self.commit(tx, &decision, &[])?;
        work_times::add(tx, &time)?;
        Ok(time)
    }

    /// Marks an entry as removed.
    pub fn remove_time(&self, tx: &Connection, case: &Case, number: u32) -> Result<WorkTime, StaffError> {
        let Some(time) = work_times::one(tx, case.id, number)? else {
            return Err(Refusal(format!(
                "{} has no work time {number}; `casepost case time {0} list` shows all",
                case.reference
            ))
            .into());
        };
        let (decision, time) = work_time::remove(case, &time, self.name, self.now)?;
        self.commit(tx, &decision, &[])?;
        work_times::remove(tx, &time)?;
        Ok(time)
    }
}
