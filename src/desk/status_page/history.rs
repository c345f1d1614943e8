//! What was: the days with an incident, and all that is over, the newest first. An incident that was withdrawn never was.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{HISTORY, Incident, StatusPage, Works};

/// The strip of a platform has a bar for each of these.
const DAYS: u64 = 90;

/// Something that is over.
pub(super) enum Past<'p> {
    Incident(&'p Incident),
    Works(&'p Works),
}

impl Past<'_> {
    fn ended_at(&self) -> Option<DateTime<Utc>> {
        match self {
            Past::Incident(incident) => incident.resolved_at,
            Past::Works(works) => works.ends_at(),
        }
    }
}

impl StatusPage {
    /// What ended within the last ninety days, the newest first.
    pub(super) fn history(&self, now: DateTime<Utc>) -> Vec<Past<'_>> {
        let incidents = self.incidents.iter().filter(|one| !one.is_open() && !one.withdrawn).map(Past::Incident);
        let works = self.works.iter().filter(|works| works.is_over() || works.has_passed(now)).map(Past::Works);
        let is_recent = |past: &Past<'_>| past.ended_at().is_some_and(|at| at > now - HISTORY);
        let mut all: Vec<Past<'_>> = incidents.chain(works).filter(is_recent).collect();
        all.sort_by_key(|past| std::cmp::Reverse(past.ended_at()));
        all
    }

    /// The last ninety days in the desk's zone, the oldest first: was there an incident on this platform?
    pub(super) fn days(&self, platform: &str, now: DateTime<Utc>) -> Vec<bool> {
        let mut disturbed = BTreeSet::new();
        let today = date(now, self.zone);
        let Some(first) = today.checked_sub_days(Days::new(DAYS - 1)) else { return vec![] };
        let was_here = |one: &&Incident| !one.withdrawn && one.platforms.iter().any(|key| key == platform);
        for incident in self.incidents.iter().filter(was_here) {
            let began = date(incident.began_at, self.zone).max(first);
            let ended = date(incident.resolved_at.unwrap_or(now), self.zone).min(today);
            disturbed.extend(began.iter_days().take_while(|day| *day <= ended));
        }
        first.iter_days().take(DAYS as usize).map(|day| disturbed.contains(&day)).collect()
    }
}

fn date(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}
