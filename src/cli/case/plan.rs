//! `casepost case plan`: the action plan of a case.

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::{json as as_json, reference};
use crate::{
    cli::{context::Context, paint::plain},
    daemon::staff::find,
    desk::{
        hours::{Zone, say},
        plan::{NewTask, Side, State, Task},
        reference::Reference,
    },
    store::tasks,
};

#[derive(Debug, Args)]
#[command(
    after_help = "Whoever of the staff owns a task is reminded before it is due; the customer of theirs where the \
    policy says so. What is overdue is told to the leads, too.\n\n\
    Examples:\n  \
    casepost case plan 1-0123456789 add 'Change the card' --owner Tom --due 2026-11-24T12:00:00Z\n  \
    casepost case plan 1-0123456789 add 'Send the logs' --owner 'Ada Lovelace' --side customer --due 2026-11-24T12:00:00Z\n  \
    casepost case plan 1-0123456789 done 1\n  \
    casepost case plan 1-0123456789 fail 2 --why 'the logs show nothing'"
)]
pub struct PlanOf {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    #[command(subcommand)]
    command: PlanCommand,
}

#[derive(Debug, Subcommand)]
enum PlanCommand {
    /// Add a task
    Add(Add),
    /// A task is done
    Done(Number),
    /// A task has not brought the result: the case goes to the next level
    Fail(Fail),
    /// List the tasks
    List(List),
}

#[derive(Debug, Args)]
struct Add {
    /// What is to be done
    text: String,
    /// Who does it: one of the staff, or somebody at the customer
    #[arg(long, value_name = "NAME")]
    owner: String,
    /// Whose task it is: desk, customer
    #[arg(long, default_value_t = Side::Desk)]
    side: Side,
    /// By when
    #[arg(long, value_name = "RFC3339", value_parser = crate::cli::instant)]
    due: DateTime<Utc>,
}

#[derive(Debug, Args)]
struct Number {
    /// Its number in the list
    number: i64,
}

#[derive(Debug, Args)]
struct Fail {
    #[command(flatten)]
    which: Number,
    /// Why, for the history
    #[arg(long, value_name = "TEXT")]
    why: Option<String>,
}

#[derive(Debug, Args)]
struct List {
    /// One array of objects instead of lines
    #[arg(long)]
    json: bool,
}

pub fn run(context: &Context, command: &PlanOf) -> anyhow::Result<()> {
    let reference = command.reference;
    if let PlanCommand::List(options) = &command.command {
        return list(context, reference, options);
    }
    let mut desk = context.desk()?;
    let zone = Zone::Named(desk.office.desk.policy.zone);
    let all = desk.write(|tx, staff| {
        let case = find(tx, reference)?;
        match &command.command {
            PlanCommand::Add(add) => {
                let new = NewTask { text: &add.text, owner: &add.owner, side: add.side, due: add.due };
                staff.add_task(tx, &case, new)?;
            }
            PlanCommand::Done(which) => staff.task_done(tx, &case, which.number)?,
            PlanCommand::Fail(fail) => staff.task_failed(tx, &case, fail.which.number, fail.why.as_deref())?,
            PlanCommand::List(_) => {}
        }
        Ok(tasks::of_case(tx, case.id)?)
    })?;
    page(&all, &zone);
    Ok(())
}

fn list(context: &Context, reference: Reference, options: &List) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let zone = Zone::Named(context.service_desk(&config)?.policy.zone);
    let all = tasks::of_case(&db, find(&db, reference)?.id)?;
    if options.json {
        say!("{}", serde_json::to_string_pretty(&all.iter().map(object).collect::<Vec<_>>())?);
    } else if all.is_empty() {
        say!("{reference} has no plan: casepost case plan {reference} add …");
    } else {
        page(&all, &zone);
    }
    Ok(())
}

fn page(all: &[Task], zone: &Zone) {
    all.iter().for_each(|task| say!("{}", plain(&line(task, zone))));
}

/// `2 Send the logs: Ada (customer), due Tue …`
pub(super) fn line(task: &Task, zone: &Zone) -> String {
    let when = match (task.state, task.settled_at) {
        (State::Open, _) => {
            let overdue = if task.overdue_at.is_some() { ", overdue" } else { "" };
            format!("due {}{overdue}", say(task.due, zone))
        }
        (state, Some(at)) => format!("{} {}", state.as_str(), say(at, zone)),
        (state, None) => state.as_str().to_owned(),
    };
    format!("{} {}: {} ({}), {when}", task.number, task.text, task.owner, task.side)
}

pub(super) fn object(task: &Task) -> Value {
    json!({
        "number": task.number, "text": task.text, "owner": task.owner, "side": task.side.as_str(),
        "due": as_json::time(task.due), "state": task.state.as_str(), "overdue": task.overdue_at.is_some(),
        "settled_at": task.settled_at.map(as_json::time),
    })
}
