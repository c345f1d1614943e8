//! `casepost suppression …`: addresses that get no automatic mail.

use std::io::Write;

use clap::{Args, Subcommand};
use comfy_table::{ContentArrangement, Table, presets};
use serde_json::json;

use super::{
    context::Context,
    exit::{NotFound, Refused},
    paint::fit,
};
use crate::{
    desk::hours::{Zone, say_short},
    mail::address::Address,
    store::{
        soft_failures,
        suppressions::{self, Cause, Suppression},
    },
};

#[derive(Debug, Subcommand)]
pub enum SuppressionCommand {
    /// List the addresses that get no automatic mail, and those whose mail came back for reasons that pass
    ///
    /// What makes an entry, and what ends it:
    ///
    ///   bounce     a mail came back for good; a person's mail from the address ends it
    ///   complaint  they told their provider that our mail is spam
    ///   loop       a robot without a mark answers our automatic mails; ends after a day
    ///   spam       staff marked a case of theirs as spam
    ///   staff      `casepost suppression add`
    ///
    /// `casepost suppression lift` ends any of them. What staff write with `casepost case reply` always goes out.
    #[command(verbatim_doc_comment)]
    List(List),
    /// Send an address no automatic mail any more: no acknowledgements, warnings, closure notices
    Add(Add),
    /// Let automatic mail go to an address again, whatever stopped it
    Lift(Lift),
}

#[derive(Debug, Args)]
pub struct List {
    /// One object instead of tables
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub struct Add {
    /// The mail address, as `casepost suppression list` shows it
    #[arg(value_name = "ADDRESS", value_parser = address)]
    address: String,
    /// The reason, for whoever reads the list later
    #[arg(long, value_name = "TEXT")]
    why: String,
}

#[derive(Debug, Args)]
pub struct Lift {
    /// The mail address, as `casepost suppression list` shows it
    #[arg(value_name = "ADDRESS", value_parser = address)]
    address: String,
}

fn address(text: &str) -> Result<String, String> {
    let email = Address::bare(text.trim()).email;
    let whole = email.rsplit_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    match whole && !email.contains(char::is_whitespace) {
        true => Ok(email),
        false => Err("expected a mail address such as ada@books.example".to_owned()),
    }
}

pub fn run(context: &Context, command: &SuppressionCommand) -> anyhow::Result<()> {
    match command {
        SuppressionCommand::List(command) => list(context, command),
        SuppressionCommand::Add(command) => add(context, command),
        SuppressionCommand::Lift(command) => lift(context, command),
    }
}

fn list(context: &Context, command: &List) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let zone = Zone::Named(context.service_desk(&config)?.policy.zone);
    let suppressed = suppressions::list(&db, context.now(&db)?)?;
    let soft = soft_failures::list(&db)?;
    let mut out = crate::cli::streams::out();
    if command.json {
        let suppressed: Vec<_> = suppressed
            .iter()
            .map(|s| {
                json!({ "address": s.email, "cause": s.cause.as_str(), "why": s.reason, "by": s.actor,
                    "since": s.at.to_rfc3339(), "until": s.until.map(|at| at.to_rfc3339()) })
            })
            .collect();
        let soft: Vec<_> = soft
            .iter()
            .map(|f| {
                json!({ "address": f.email, "times": f.times, "first_at": f.first_at.to_rfc3339(),
                    "last_at": f.last_at.to_rfc3339(), "why": f.reason })
            })
            .collect();
        let all = json!({ "suppressed": suppressed, "soft_failures": soft });
        writeln!(out, "{}", serde_json::to_string_pretty(&all)?)?;
        return Ok(());
    }
    if suppressed.is_empty() {
        writeln!(out, "every address gets automatic mail")?;
    } else {
        let mut table = table(["ADDRESS", "CAUSE", "SINCE", "UNTIL", "BY", "WHY"]);
        for s in &suppressed {
            table.add_row([
                fit(&s.email, 40),
                s.cause.as_str().to_owned(),
                say_short(s.at, &zone),
                s.until.map_or_else(|| "lifted".to_owned(), |until| say_short(until, &zone)),
                fit(&s.actor, 20),
                fit(&s.reason, 80),
            ]);
        }
        writeln!(out, "{table}")?;
    }
    if !soft.is_empty() {
        writeln!(out, "\nMail came back for reasons that pass; these addresses still get automatic mail:\n")?;
        let mut table = table(["ADDRESS", "TIMES", "FIRST", "LAST", "WHY"]);
        for f in &soft {
            table.add_row([
                fit(&f.email, 40),
                f.times.to_string(),
                say_short(f.first_at, &zone),
                say_short(f.last_at, &zone),
                fit(&f.reason, 80),
            ]);
        }
        writeln!(out, "{table}")?;
    }
    Ok(())
}

fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    table
}

fn add(context: &Context, command: &Add) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let email = &command.address;
    if desk.office.desk.is_own(email) {
        return Err(Refused(format!("{email} is the desk's own address: it never writes to itself")).into());
    }
    let new = desk.write(|tx, staff| {
        let (reason, actor) = (command.why.trim().to_owned(), staff.name.to_owned());
        let suppression =
            Suppression { email: email.clone(), cause: Cause::Staff, reason, actor, at: staff.now, until: None };
        Ok(suppressions::add(tx, &suppression)?)
    })?;
    if !new {
        return Err(Refused(format!("{email} is on the list already; see `casepost suppression list`")).into());
    }
    say!("{email} gets no automatic mail any more; `casepost suppression lift {email}` ends that");
    Ok(())
}

fn lift(context: &Context, command: &Lift) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let email = &command.address;
    let lifted = desk.write(|tx, staff| {
        soft_failures::forget(tx, email)?;
        Ok(suppressions::lift_all(tx, email, staff.now)?)
    })?;
    if lifted.is_empty() {
        return Err(NotFound(format!("{email} is not suppressed; see `casepost suppression list`")).into());
    }
    let causes: Vec<&str> = lifted.iter().map(|s| s.cause.as_str()).collect();
    say!("{email} gets automatic mail again (it was stopped by: {})", causes.join(", "));
    Ok(())
}
