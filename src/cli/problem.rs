//! `casepost problem …`: problem records, which are several cases with one cause.

use std::io::Write;

use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use comfy_table::{ContentArrangement, Table, presets};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{
    case::{json::time, reference},
    context::Context,
    exit::NotFound,
    paint::{fit, plain},
    streams,
};
use crate::{
    daemon::staff::find,
    desk::{
        hours::{Zone, say, say_short},
        problem::{Problem, ProblemId},
        reference::Reference,
    },
    store::problems,
};

#[derive(Debug, Subcommand)]
pub enum ProblemCommand {
    /// Open a problem: several cases may have one cause
    #[command(after_help = "Example:\n  casepost problem new 'Cards of one batch fail' --case 1-0123456789")]
    New(New),
    /// List problems, the newest first
    List(List),
    /// Show a problem: its cause, workaround, actions, cases and history
    Show(Show),
    /// Link cases to a problem; reports on their outages take cause and preventive actions from it
    Link(Cases),
    /// Take cases from a problem
    Unlink(Cases),
    /// Say what the cause is, or how to work around it; with its cause a problem is a known error
    #[command(after_help = "Examples:\n  \
        casepost problem cause P-0001 'The power supplies of batch 7 fail when warm.'\n  \
        casepost problem cause P-0001 --workaround 'Restart the card.'")]
    Cause(Cause),
    /// What is done so that it does not happen again
    #[command(subcommand)]
    Action(ActionCommand),
    /// Close a problem whose cause is known and whose actions are done
    Close(Which),
}

#[derive(Debug, Args)]
pub struct Which {
    /// The problem, such as P-0001
    id: ProblemId,
}

#[derive(Debug, Args)]
pub struct New {
    /// What fails, in a few words
    title: String,
    /// A case of it; may be given several times
    #[arg(long = "case", value_name = "REFERENCE", value_parser = reference)]
    cases: Vec<Reference>,
}

#[derive(Debug, Args)]
pub struct List {
    /// Closed ones, too
    #[arg(long)]
    all: bool,
    /// How many on a page
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Which page
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    /// One array of objects instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Show {
    #[command(flatten)]
    which: Which,
    /// One object instead of a page
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Cases {
    #[command(flatten)]
    which: Which,
    /// The cases
    #[arg(required = true, value_parser = reference)]
    cases: Vec<Reference>,
}

#[derive(Debug, Args)]
pub struct Cause {
    #[command(flatten)]
    which: Which,
    /// The root cause
    text: Option<String>,
    /// How to live with it meanwhile
    #[arg(long, value_name = "TEXT")]
    workaround: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum ActionCommand {
    /// Something is to be done
    #[command(after_help = "Example:\n  \
        casepost problem action add P-0001 'Change all cards of batch 7' --owner Tom --due 2026-12-04T17:00:00Z")]
    Add(Add),
    /// It is done
    Done(Number),
    /// It will not be done; no report names it any more
    Drop(Number),
}

#[derive(Debug, Args)]
pub struct Add {
    #[command(flatten)]
    which: Which,
    /// What is to be done
    text: String,
    /// Who does it
    #[arg(long, value_name = "NAME")]
    owner: Option<String>,
    /// By when
    #[arg(long, value_name = "RFC3339", value_parser = super::instant)]
    due: Option<DateTime<Utc>>,
}

#[derive(Debug, Args)]
pub struct Number {
    #[command(flatten)]
    which: Which,
    /// Its number in `casepost problem show`
    number: i64,
}

pub fn run(context: &Context, command: &ProblemCommand) -> anyhow::Result<()> {
    match command {
        ProblemCommand::New(command) => new(context, command),
        ProblemCommand::List(command) => list(context, command),
        ProblemCommand::Show(command) => show(context, command),
        ProblemCommand::Link(command) => link(context, command, true),
        ProblemCommand::Unlink(command) => link(context, command, false),
        ProblemCommand::Cause(command) => {
            let (cause, workaround) = (command.text.as_deref(), command.workaround.as_deref());
            change(context, &command.which, |problem, _| problem.found(cause, workaround))
        }
        ProblemCommand::Action(ActionCommand::Add(command)) => change(context, &command.which, |problem, _| {
            problem.add_action(&command.text, command.owner.as_deref(), command.due)
        }),
        ProblemCommand::Action(ActionCommand::Done(command)) => {
            change(context, &command.which, |problem, now| problem.action_done(command.number, now))
        }
        ProblemCommand::Action(ActionCommand::Drop(command)) => {
            change(context, &command.which, |problem, _| problem.drop_action(command.number))
        }
        ProblemCommand::Close(which) => change(context, which, |problem, now| problem.close(now)),
    }
}

fn new(context: &Context, command: &New) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let id = desk.write(|tx, staff| {
        let problem = staff.open_problem(tx, &command.title)?;
        for reference in &command.cases {
            staff.link_problem(tx, &problem, &find(tx, *reference)?)?;
        }
        Ok(problem.id)
    })?;
    say!("{id} opened");
    Ok(())
}

fn change(
    context: &Context,
    which: &Which,
    decide: impl Fn(&Problem, DateTime<Utc>) -> Result<crate::desk::problem::Changed, crate::desk::lifecycle::Refusal>,
) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let changed = desk.write(|tx, staff| {
        let changed = decide(&the(tx, which.id)?, staff.now).map_err(crate::daemon::staff::StaffError::Refused)?;
        problems::put(tx, &changed, staff.name, staff.now)?;
        Ok(changed)
    })?;
    say!("{}: {} ({})", which.id, plain(&changed.text), changed.problem.status.as_str());
    Ok(())
}

fn link(context: &Context, command: &Cases, linked: bool) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    desk.write(|tx, staff| {
        let problem = the(tx, command.which.id)?;
        for reference in &command.cases {
            let case = find(tx, *reference)?;
            match linked {
                true => staff.link_problem(tx, &problem, &case)?,
                false => staff.unlink_problem(tx, &problem, &case)?,
            }
        }
        Ok(())
    })?;
    let cases = command.cases.iter().map(Reference::to_string).collect::<Vec<_>>().join(", ");
    let how = if linked { "is linked with" } else { "is not linked any more with" };
    say!("{} {how} {cases}", command.which.id);
    Ok(())
}

fn the(db: &Connection, id: ProblemId) -> anyhow::Result<Problem> {
    let problem = problems::by_id(db, id)?;
    Ok(problem.ok_or_else(|| NotFound(format!("there is no problem {id}; `casepost problem list --all` shows all")))?)
}

fn list(context: &Context, command: &List) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let zone = Zone::Named(context.service_desk(&config)?.policy.zone);
    let all = problems::list(&db, command.all, command.limit, (command.page - 1).saturating_mul(command.limit))?;
    if command.json {
        let objects = all.iter().map(|problem| object(&db, problem)).collect::<anyhow::Result<Vec<_>>>()?;
        say!("{}", serde_json::to_string_pretty(&objects)?);
        return Ok(());
    }
    if all.is_empty() {
        say!("no problem on this page");
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["PROBLEM", "OPENED", "STATUS", "CASES", "TO DO", "TITLE"]);
    for problem in &all {
        table.add_row([
            problem.id.to_string(),
            say_short(problem.opened_at, &zone),
            problem.status.as_str().to_owned(),
            problems::cases(&db, problem.id)?.len().to_string(),
            problem.actions.iter().filter(|action| action.done_at.is_none()).count().to_string(),
            fit(&problem.title, 60),
        ]);
    }
    say!("{table}");
    Ok(())
}

fn show(context: &Context, command: &Show) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let zone = Zone::Named(context.service_desk(&config)?.policy.zone);
    let problem = the(&db, command.which.id)?;
    if command.json {
        say!("{}", serde_json::to_string_pretty(&object(&db, &problem)?)?);
        return Ok(());
    }
    let mut out = streams::out();
    writeln!(out, "{}  {}", problem.id, plain(&problem.title))?;
    let mut fact = |name: &str, value: &str| writeln!(out, "  {name:<12} {}", plain(value));
    fact("status", problem.status.as_str())?;
    if let Some(cause) = &problem.cause {
        fact("cause", cause)?;
    }
    if let Some(workaround) = &problem.workaround {
        fact("workaround", workaround)?;
    }
    let opened_at = say(problem.opened_at, &zone);
    fact("opened", &format!("{opened_at} by {}", problem.opened_by))?;
    if let Some(at) = problem.closed_at {
        fact("closed", &say(at, &zone))?;
    }
    for reference in problems::cases(&db, problem.id)? {
        fact("case", &reference.to_string())?;
    }
    for action in &problem.actions {
        let owner = action.owner.as_deref().map(|name| format!(", {name}")).unwrap_or_default();
        let when = match (action.done_at, action.due) {
            (Some(at), _) => format!(", done {}", say(at, &zone)),
            (None, Some(due)) => format!(", due {}", say(due, &zone)),
            (None, None) => String::new(),
        };
        fact("action", &format!("{} {}{owner}{when}", action.number, action.text))?;
    }
    writeln!(out)?;
    for line in problems::history(&db, problem.id)? {
        writeln!(out, "{} * {}: {}", say_short(line.at, &zone), plain(&line.actor), plain(&line.text))?;
    }
    Ok(())
}

fn object(db: &Connection, problem: &Problem) -> anyhow::Result<Value> {
    let cases: Vec<String> = problems::cases(db, problem.id)?.iter().map(Reference::to_string).collect();
    let actions: Vec<Value> = problem
        .actions
        .iter()
        .map(|action| {
            json!({ "number": action.number, "text": action.text, "owner": action.owner, "due": action.due.map(time),
                "done_at": action.done_at.map(time) })
        })
        .collect();
    Ok(json!({
        "problem": problem.id.to_string(), "title": problem.title, "status": problem.status.as_str(),
        "cause": problem.cause, "workaround": problem.workaround, "opened_at": time(problem.opened_at),
        "opened_by": problem.opened_by, "closed_at": problem.closed_at.map(time), "cases": cases, "actions": actions,
    }))
}
