//! How promises were kept in a time: met, missed and open by priority, organisation and kind, with the median time that
//! customers waited.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use super::{Promise, PromiseKind, Standing};
use crate::desk::priority::Priority;

/// What is counted together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub priority: Priority,
    /// none: customers whom the directory does not know
    pub organisation: Option<String>,
    pub kind: PromiseKind,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub met: u64,
    pub missed: u64,
    /// neither yet
    pub open: u64,
    waited: Vec<Duration>,
}

impl Tally {
    /// How long half of the customers waited at most, around the clock; of those who got what was promised.
    pub fn median(&self) -> Option<Duration> {
        let mut waited = self.waited.clone();
        waited.sort_unstable();
        match waited.len() {
            0 => None,
            n if n % 2 == 1 => waited.get(n / 2).copied(),
            n => Some((*waited.get(n / 2 - 1)? + *waited.get(n / 2)?) / 2),
        }
    }

    /// Per cent of what is decided that was kept.
    pub fn kept(&self) -> Option<f64> {
        let decided = self.met + self.missed;
        (decided > 0).then(|| self.met as f64 * 100.0 / decided as f64)
    }

    fn add(&mut self, other: &Tally) {
        self.met += other.met;
        self.missed += other.missed;
        self.open += other.open;
        self.waited.extend_from_slice(&other.waited);
    }
}

/// Promises counted. What the closing of a case dropped before its time was neither kept nor broken, and counts for
/// nothing.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub rows: BTreeMap<Key, Tally>,
}

impl Report {
    /// `now`: what is over by now is missed, even if its clock has not run yet.
    pub fn count(&mut self, promise: &Promise, organisation: Option<String>, paused: bool, now: DateTime<Utc>) {
        let key = Key { priority: promise.priority, organisation, kind: promise.kind };
        let tally = self.rows.entry(key).or_default();
        match promise.standing() {
            Standing::Met => tally.met += 1,
            Standing::Missed => tally.missed += 1,
            Standing::Open if promise.due_at < now && !paused => tally.missed += 1,
            Standing::Open => tally.open += 1,
            Standing::Dropped => return,
        }
        if let Some(met_at) = promise.met_at {
            tally.waited.push(met_at - promise.started_at);
        }
    }

    /// The same over all organisations.
    pub fn by_priority(&self) -> BTreeMap<(Priority, PromiseKind), Tally> {
        let mut all: BTreeMap<_, Tally> = BTreeMap::new();
        for (key, tally) in &self.rows {
            all.entry((key.priority, key.kind)).or_default().add(tally);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_790_000_000 + minute * 60, 0).unwrap()
    }

    fn promise(met: Option<i64>, breached: bool, ended: Option<i64>) -> Promise {
        Promise {
            id: Some(1),
            kind: PromiseKind::FirstResponse,
            priority: Priority::P1,
            started_at: at(0),
            due_at: at(15),
            warn_at: None,
            warned_at: None,
            met_at: met.map(at),
            breached_at: breached.then(|| at(15)),
            ended_at: ended.map(at),
        }
    }

    #[test]
    fn each_promise_counts_once_and_a_dropped_one_for_nothing() {
        let mut report = Report::default();
        for (met, breached, ended) in [
            (Some(5), false, None),
            (Some(11), false, None),
            (Some(30), true, None),
            (None, true, Some(40)),
            (None, false, Some(3)),
            (None, false, None),
        ] {
            report.count(&promise(met, breached, ended), Some("Books".to_owned()), false, at(10));
        }
        let tally = &report.by_priority()[&(Priority::P1, PromiseKind::FirstResponse)];
        assert_eq!((tally.met, tally.missed, tally.open), (2, 2, 1));
        assert_eq!(tally.median(), Some(Duration::minutes(11)));
        assert_eq!(tally.kept(), Some(50.0));
    }

    #[test]
    fn what_is_over_is_missed_before_its_clock_has_run_but_not_while_it_is_paused() {
        let mut report = Report::default();
        report.count(&promise(None, false, None), None, false, at(16));
        report.count(&promise(None, false, None), None, true, at(16));
        let tally = &report.by_priority()[&(Priority::P1, PromiseKind::FirstResponse)];
        assert_eq!((tally.met, tally.missed, tally.open), (0, 1, 1));
    }
}
