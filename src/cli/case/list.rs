//! `casepost case list`.

use std::io::Write;

use clap::{Args, ValueEnum};
use comfy_table::{ContentArrangement, Table, presets};
use rusqlite::Connection;

use super::{goes_up, json};
use crate::{
    cli::{context::Context, paint::fit},
    desk::{
        case::{Case, Status},
        hours::{Zone, say_short},
        priority::Priority,
    },
    store::{
        StoreError,
        cases::{self, Filter, Sort},
        escalations,
    },
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    casepost case list --open --sort priority\n  \
    casepost case list --unreviewed\n  \
    casepost case list --status awaiting-customer,on-hold --assignee none\n  \
    casepost case list --requester example.com --page 2\n  \
    casepost case list --json | jq -r '.[].reference'")]
pub struct List {
    /// Only cases that are not closed
    #[arg(long, conflicts_with = "status")]
    open: bool,
    /// Only these statuses (separated by commas)
    #[arg(long, value_delimiter = ',')]
    status: Vec<Status>,
    /// Only this priority
    #[arg(long)]
    priority: Option<Priority>,
    /// Only cases of a requester with this in their address or name
    #[arg(long, value_name = "PART")]
    requester: Option<String>,
    /// Only cases with this in their subject
    #[arg(long, value_name = "PART")]
    subject: Option<String>,
    /// Only cases of this member of staff (name or address), or `none` (or `nobody`)
    #[arg(long, value_name = "NAME")]
    assignee: Option<String>,
    /// Only open cases that nobody of the staff has looked at
    #[arg(long)]
    unreviewed: bool,
    /// Only cases marked as spam (`--spam false`: only others)
    #[arg(long, num_args = 0..=1, default_missing_value = "true")]
    spam: Option<bool>,
    /// By what to sort; the newest cases first when nothing is said
    #[arg(long, value_enum)]
    sort: Option<SortBy>,
    /// The other way round
    #[arg(long)]
    reverse: bool,
    /// How many on a page; 50, or with --json all
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Which page
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    /// One array of objects instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SortBy {
    Opened,
    Closed,
    Priority,
    Status,
    Requester,
    Subject,
}

pub fn run(context: &Context, command: &List) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let desk = context.service_desk(&config)?;
    let limit = command.limit.unwrap_or(if command.json { u32::MAX } else { 50 });
    let filter = Filter {
        statuses: statuses(command),
        priority: command.priority.map(|p| p.to_string()),
        requester: command.requester.clone(),
        subject: command.subject.clone(),
        assignee: command.assignee.as_deref().map(|who| match who {
            "none" | "nobody" => None,
            who => Some(desk.find_staff(who).map_or_else(|_| who.to_lowercase(), |s| s.address.email.clone())),
        }),
        unreviewed: command.unreviewed,
        spam: command.spam,
        sort: sort(command.sort),
        // Without a wish the newest come first.
        reverse: command.reverse != command.sort.is_none(),
        limit,
        offset: (command.page - 1).saturating_mul(limit),
    };
    let (found, total) = cases::list(&db, &filter)?;
    let mut out = crate::cli::streams::out();
    if command.json {
        let now = context.now(&db)?;
        let mut all = Vec::new();
        for case in &found {
            let mut object = json::case(&db, case, now)?;
            object["next_level"] = goes_up::next(&db, &desk, case)?;
            all.push(object);
        }
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(());
    }
    let zone = Zone::Named(desk.policy.zone);
    if !found.is_empty() {
        writeln!(out, "{}", table(&db, &found, &zone, &desk)?)?;
    }
    writeln!(out, "{}", footer(found.len(), total, command.page, limit))?;
    Ok(())
}

fn statuses(command: &List) -> Vec<&'static str> {
    if command.open {
        return Status::ALL.into_iter().filter(|s| !s.is_closed()).map(Status::as_str).collect();
    }
    command.status.iter().map(|s| s.as_str()).collect()
}

fn sort(wish: Option<SortBy>) -> Sort {
    match wish {
        None | Some(SortBy::Opened) => Sort::Opened,
        Some(SortBy::Closed) => Sort::Closed,
        Some(SortBy::Priority) => Sort::Priority,
        Some(SortBy::Status) => Sort::Status,
        Some(SortBy::Requester) => Sort::Requester,
        Some(SortBy::Subject) => Sort::Subject,
    }
}

fn table(
    db: &Connection,
    found: &[Case],
    zone: &Zone,
    desk: &crate::desk::service_desk::ServiceDesk,
) -> Result<Table, StoreError> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["REFERENCE", "PRI", "STATUS", "OPENED", "REQUESTER", "ASSIGNEE", "SUBJECT"]);
    for case in found {
        let waits = case.reviewed_at.is_none() && !case.status.is_closed();
        let assignee = case.assignee.as_deref().map_or("-", |email| desk.staff_name(email));
        let escalated = escalations::known(db, case.id)?.filter(|escalation| escalation.escalated_at.is_some());
        let level = escalated.map(|escalation| format!(" ^{}", escalation.level)).unwrap_or_default();
        table.add_row([
            case.reference.to_string(),
            format!("{}{level}", case.priority),
            format!("{}{}", case.status, if waits { " !" } else { "" }),
            say_short(case.opened_at, zone),
            fit(&case.requester.email, 30),
            fit(assignee, 16),
            fit(&case.subject, 50),
        ]);
    }
    Ok(table)
}

fn footer(shown: usize, total: u64, page: u32, limit: u32) -> String {
    match (shown, total) {
        (0, 0) => "no cases".to_owned(),
        (0, total) => format!("page {page} is empty: {total} cases on {} pages", total.div_ceil(u64::from(limit))),
        (shown, total) if shown as u64 == total => {
            format!("{total} case{}; ! waits for review, ^ level of escalation", if total == 1 { "" } else { "s" })
        }
        (shown, total) => {
            format!(
                "{shown} of {total} cases, page {page} of {}; ! waits for review, ^ level of escalation",
                total.div_ceil(u64::from(limit))
            )
        }
    }
}
