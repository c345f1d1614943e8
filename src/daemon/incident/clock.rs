//! The clocks of incidents.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::{
    PROPOSALS,
    children::{free, resolve},
    manner,
};
use crate::{
    daemon::office::Office,
    desk::{
        incident,
        lifecycle::{Clock, ClockChange, Decision},
    },
    store::{
        StoreError, cases,
        clocks::{self, DueClock},
        commit::commit,
        incidents,
    },
};

/// A clock of an incident has run: on its parent, or on a child of one that is over.
pub fn clock_ran(
    tx: &Connection,
    office: &Office,
    clock: &DueClock,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let found = match clock.clock {
        Clock::MniOver => incidents::ended_of(tx, clock.case)?,
        _ => incidents::by_case(tx, clock.case)?,
    };
    let Some(incident) = found else { return clocks::clear(tx, clock.case, clock.clock) };
    match clock.clock {
        Clock::MniOver if incident.withdrawn.is_some() => free(tx, office, &incident, clock.case, cause, now),
        Clock::MniOver => resolve(tx, office, &incident, clock.case, cause, now),
        Clock::MniProposed => {
            let mut proposals = Vec::new();
            for (case, why) in incidents::proposals(tx, clock.case, true, PROPOSALS)? {
                proposals.push((cases::by_id(tx, case)?, why));
            }
            let parent = cases::by_id(tx, clock.case)?;
            let mut decision = Decision::unchanged(&parent);
            decision.clocks.push(ClockChange::Clear(Clock::MniProposed));
            if !proposals.is_empty() && incident.is_open() {
                decision.notices.push(incident::proposed(&parent, &incident, &proposals, &office.desk));
            }
            incidents::proposals_told(tx, clock.case, now)?;
            commit(tx, &office.desk, &decision, &manner(cause), now)
        }
        _ => {
            let proposed = incidents::proposals(tx, clock.case, false, PROPOSALS)?.len();
            let case = cases::by_id(tx, clock.case)?;
            let followed = incident::clock_ran(&case, &incident, proposed, &office.desk, now);
            incidents::put(tx, &followed)?;
            commit(tx, &office.desk, &followed.decision, &manner(cause), now)
        }
    }
}
