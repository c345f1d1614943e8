//! When a promise falls due, and when staff are warned of it: from its beginning, over the pauses since.

use chrono::{DateTime, Duration, Utc};

use crate::desk::policy::sla::{Ahead, Promised};

/// A time in which no clock of a promise runs; without an end it lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    pub from: DateTime<Utc>,
    pub to: Option<DateTime<Utc>>,
}

/// When it is due, and when to warn.
pub(super) fn reckon(
    promised: &Promised,
    ahead: Option<Ahead>,
    started_at: DateTime<Utc>,
    pauses: &[Pause],
) -> (DateTime<Utc>, Option<DateTime<Utc>>) {
    let due_at = promised.from(started_at);
    let warn_at = ahead.and_then(|ahead| {
        let whole = promised.between(started_at, due_at);
        let before = match ahead {
            Ahead::Time(time) => time,
            Ahead::Share(share) => whole * i32::from(share) / 100,
        };
        // A warning at the very beginning would warn of nothing.
        let until = whole - before;
        (until > Duration::zero()).then(|| promised.add(started_at, until))
    });
    let shift = |at| after_pauses(promised, at, started_at, pauses);
    let due_at = shift(due_at);
    (due_at, warn_at.map(shift).filter(|at| *at < due_at))
}

/// The time that was left when a pause began is left when it ends.
fn after_pauses(promised: &Promised, at: DateTime<Utc>, started_at: DateTime<Utc>, pauses: &[Pause]) -> DateTime<Utc> {
    let mut at = at;
    for pause in pauses {
        let from = pause.from.max(started_at);
        match pause.to {
            Some(to) if from < at && from < to => at = promised.add(to, promised.between(from, at)),
            _ => {}
        }
    }
    at
}
