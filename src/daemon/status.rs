//! How the desk fares, read from what the daemon wrote down: for `casepost status` and whoever monitors it.

use chrono::{DateTime, Duration, Utc};
use rusqlite::Connection;

use crate::{
    config::Outline,
    desk::{
        health::{Facts, Finding, MailboxFacts, Verdict, judge},
        trouble::{Area, Trouble},
    },
    store::{
        StoreError, clocks,
        disk::{self, Space},
        lock,
        mailbox_health::{self, Health},
        meta,
        outbox::{self, Totals},
        quarantine, suppressions, troubles,
    },
};

/// Troubles that are over are shown for so long.
const RECENT: Duration = Duration::days(1);

#[derive(Debug)]
pub struct Status {
    pub now: DateTime<Utc>,
    /// the process at work, if one is
    pub process: Option<String>,
    /// in the order of the configuration; all that are known where it can't be read
    pub mailboxes: Vec<Health>,
    pub queue: Totals,
    pub clocks: Clocks,
    pub held: u64,
    /// those that last, and recent ones that are over
    pub troubles: Vec<Trouble>,
    pub disk: Option<Space>,
    pub findings: Vec<Finding>,
}

#[derive(Debug)]
pub struct Clocks {
    pub next_due: Option<DateTime<Utc>>,
    pub late: u64,
}

impl Status {
    pub fn verdict(&self) -> Verdict {
        self.findings.iter().map(|finding| finding.verdict).max().unwrap_or(Verdict::Well)
    }
}

/// `bad_configuration` is what is wrong with it.
pub fn status(
    db: &Connection,
    outline: &Outline,
    bad_configuration: Option<String>,
    now: DateTime<Utc>,
) -> Result<Status, StoreError> {
    let known = mailbox_health::all(db)?;
    let mailboxes: Vec<Health> = match &outline.mailboxes {
        Some(names) => {
            let find = |name: &String| known.iter().find(|health| health.name == *name).cloned();
            names.iter().map(|name| find(name).unwrap_or_else(|| Health::unknown(name))).collect()
        }
        None => known,
    };
    let process = lock::holder(&outline.data);
    let is_configured = |trouble: &Trouble| match &trouble.area {
        Area::Mailbox(name) => mailboxes.iter().any(|m| m.name == *name),
        _ => true,
    };
    let troubles: Vec<Trouble> = troubles::recent(db, now - RECENT)?.into_iter().filter(is_configured).collect();
    let next_due = clocks::next_due(db)?;
    let queue = outbox::totals(db)?;
    let held = quarantine::list(db, false)?.len() as u64;
    let disk = disk::space(&outline.data);
    let facts = Facts {
        now,
        bad_configuration,
        is_drill: meta::drill(db)?.is_some(),
        running: process.is_some(),
        mailboxes: mailboxes
            .iter()
            .map(|m| MailboxFacts { name: m.name.clone(), looked_at: m.looked_at, behind: m.behind })
            .collect(),
        troubles: troubles.iter().filter(|trouble| trouble.ended_at.is_none()).cloned().collect(),
        oldest_waiting_since: queue.oldest_waiting_since,
        clock_due: next_due,
        held,
        silent_staff: suppressions::silent_staff(db, now)?,
        low_disk_mb: disk.filter(|space| space.is_low()).map(|space| space.free_bytes / 1_000_000),
    };
    Ok(Status {
        now,
        process,
        queue,
        clocks: Clocks { next_due, late: clocks::late(db, now)? },
        held,
        disk,
        findings: judge(&facts),
        mailboxes,
        troubles,
    })
}
