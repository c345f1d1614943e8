//! `casepost subscription …`: who gets updates by mail because they subscribed.

use clap::{Args, Subcommand};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::{
    case::json::time,
    context::Context,
    directory::table::table,
    exit::{NotFound, Refused},
    paint::fit,
};
use crate::{
    daemon::subscription::{self, Asking, Leaving, named},
    desk::{
        hours::{Zone, say_short},
        incident::IncidentNumber,
        policy::Policy,
        subscription::{Subscription, What},
    },
    mail::address::{Address, is_plausible},
    store::subscriptions,
};

#[derive(Debug, Subcommand)]
pub enum SubscriptionCommand {
    /// List who is subscribed to what, and whom the desk has asked
    List(List),
    /// Ask an address whether it wants updates, or subscribe it on somebody's word
    Add(Add),
    /// End subscriptions of an address, at once and also for what is queued
    End(End),
    /// Show what an address is and was subscribed to
    Show(Show),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    casepost subscription list\n  \
    casepost subscription list --what platform:voice --json")]
pub struct List {
    /// Of one thing alone: all, platform:KEY or the number of an incident
    #[arg(long, value_name = "WHAT")]
    what: Option<String>,
    /// How many on a page
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    limit: u32,
    /// Which page
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    page: u32,
    /// One object instead of a table
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "The address is asked by mail, and gets updates when its reader has said yes. --confirmed is for \
    who has said so elsewhere.\n\n\
    Examples:\n  \
    casepost subscription add ada@books.example platform:voice\n  \
    casepost subscription add ada@books.example all --language de \\\n      \
    --confirmed 'signed the form of 3 November'"
)]
pub struct Add {
    /// The mail address
    #[arg(value_name = "ADDRESS", value_parser = address)]
    address: String,
    /// all, platform:KEY or the number of an incident (MNI-0007)
    #[arg(value_name = "WHAT")]
    what: String,
    /// In which language they are written to, such as de
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// They have agreed already: where, for whoever asks later
    #[arg(long, value_name = "REASON")]
    confirmed: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    casepost subscription end ada@books.example platform:voice\n  \
    casepost subscription end ada@books.example          all of them")]
pub struct End {
    /// The mail address
    #[arg(value_name = "ADDRESS", value_parser = address)]
    address: String,
    /// all, platform:KEY or the number of an incident; without it, everything
    #[arg(value_name = "WHAT")]
    what: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  casepost subscription show ada@books.example --json")]
pub struct Show {
    /// The mail address
    #[arg(value_name = "ADDRESS", value_parser = address)]
    address: String,
    /// One array of objects instead of lines
    #[arg(long)]
    json: bool,
}

fn address(text: &str) -> Result<String, String> {
    let email = Address::bare(text).email;
    if is_plausible(&email) { Ok(email) } else { Err("expected a mail address such as ada@books.example".to_owned()) }
}

pub fn run(context: &Context, command: &SubscriptionCommand) -> anyhow::Result<()> {
    match command {
        SubscriptionCommand::List(command) => list(context, command),
        SubscriptionCommand::Add(command) => add(context, command),
        SubscriptionCommand::End(command) => end(context, command),
        SubscriptionCommand::Show(command) => show(context, command),
    }
}

fn what(db: &Connection, text: &str) -> anyhow::Result<What> {
    // Staff may also name an incident by its case.
    let known = named(db, text)?.or_else(|| text.parse().ok());
    if known.is_none() && text.parse::<IncidentNumber>().is_ok() {
        return Err(NotFound(format!("there is no open incident {text}; `casepost mni list` shows all")).into());
    }
    Ok(known.ok_or_else(|| {
        Refused(format!("\"{text}\" is nothing to subscribe to: write all, platform:KEY or an incident's number"))
    })?)
}

fn list(context: &Context, command: &List) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let policy = context.service_desk(&config)?.policy;
    let about = command.what.as_ref().map(|text| what(&db, text)).transpose()?;
    let offset = (command.page - 1).saturating_mul(command.limit);
    let living = subscriptions::list(&db, about.as_ref(), command.limit, offset)?;
    let since = context.now(&db)? - policy.subscriptions.confirm_within;
    let asked = subscriptions::open_questions(&db, since)?;
    let asked: Vec<_> = asked.into_iter().filter(|one| about.as_ref().is_none_or(|what| one.what == *what)).collect();
    // A platform that was taken out of the policy may still have subscribers; one that never was is a slip.
    if let Some(What::Platform(key)) = about.as_ref().filter(|_| living.is_empty() && asked.is_empty())
        && !policy.platforms.contains_key(key)
    {
        let known = known(&policy);
        return Err(Refused(format!("there are no updates about platform:{key}; there are: {known}")).into());
    }
    if command.json {
        let asked: Vec<Value> = asked
            .iter()
            .map(|one| {
                json!({ "address": one.email, "what": one.what.to_string(), "language": one.language,
                    "asked_at": time(one.asked_at) })
            })
            .collect();
        let all = json!({ "subscribed": living.iter().map(object).collect::<Vec<_>>(), "asked": asked });
        say!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    let zone = Zone::Named(policy.zone);
    if living.is_empty() && asked.is_empty() {
        say!("nobody is subscribed");
        return Ok(());
    }
    let mut shown = table(["ADDRESS", "WHAT", "LANGUAGE", "SINCE", "BY"]);
    for one in &living {
        shown.add_row([
            fit(&one.email, 40),
            one.what.to_string(),
            one.language.clone().unwrap_or_else(|| "-".to_owned()),
            say_short(one.confirmed_at, &zone),
            fit(&one.confirmed_by, 60),
        ]);
    }
    for one in &asked {
        shown.add_row([
            fit(&one.email, 40),
            one.what.to_string(),
            one.language.clone().unwrap_or_else(|| "-".to_owned()),
            "-".to_owned(),
            format!("asked {}, no answer yet", say_short(one.asked_at, &zone)),
        ]);
    }
    say!("{shown}");
    Ok(())
}

fn object(one: &Subscription) -> Value {
    json!({
        "number": one.id,
        "address": one.email,
        "what": one.what.to_string(),
        "language": one.language,
        "confirmed_at": time(one.confirmed_at),
        "confirmed_by": one.confirmed_by,
        "ended_at": one.ended_at.map(time),
        "ended_by": one.ended_by,
    })
}

fn add(context: &Context, command: &Add) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let (email, language) = (&command.address, command.language.as_deref());
    if desk.office.desk.is_own(email) {
        return Err(Refused(format!("{email} is the desk's own address: it never writes to itself")).into());
    }
    let office = desk.office.clone();
    let spoken = office.desk.policy.languages.all();
    if let Some(other) = language.filter(|one| !spoken.iter().any(|known| known == one)) {
        let known = spoken.join(", ");
        return Err(Refused(format!("{other} is none of the policy's languages (known: {known})")).into());
    }
    let known = known(&office.desk.policy);
    let (what, asking) = desk.write(|tx, staff| {
        let what = what(tx, &command.what)?;
        if !subscription::exists(tx, &office, &what)? {
            return Ok((what, Asking::NoSuchThing));
        }
        let Some(reason) = &command.confirmed else {
            let asking = subscription::ask(tx, &office, email, &what, language, staff.now)?;
            return Ok((what, asking));
        };
        let living = subscriptions::of_address(tx, email)?;
        if living.iter().any(|one| one.what == what && (language.is_none() || one.language.as_deref() == language)) {
            return Err(Refused(format!("{email} is subscribed to {what} already")).into());
        }
        let by = format!("{}: {}", staff.name, reason.trim());
        let cause = format!("subscribed:{email}:{what}:{}", staff.now.timestamp_millis());
        subscription::subscribed(tx, &office, (email, &what), language, &by, &cause, staff.now)?;
        Ok((what, Asking::Taken))
    })?;
    if let (Asking::NoSuchThing, What::Incident(_)) = (asking, &what) {
        return Err(NotFound(format!("{} is no open incident; `casepost mni list` shows all", command.what)).into());
    }
    if asking == Asking::NoSuchThing {
        return Err(Refused(format!("there are no updates about {what}; there are: {known}")).into());
    }
    match (&command.confirmed, asking) {
        (Some(_), _) => say!("{email} is subscribed to {what}, and is told so"),
        (None, Asking::Held(why)) => say!("{email} is not asked whether they want {what}: {why}"),
        (None, _) => say!("{email} is asked whether they want {what}"),
    }
    Ok(())
}

fn known(policy: &Policy) -> String {
    let keys = policy.platforms.keys().map(|key| format!("platform:{key}"));
    std::iter::once("all".to_owned()).chain(keys).collect::<Vec<_>>().join(", ")
}

fn end(context: &Context, command: &End) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let (office, email) = (desk.office.clone(), &command.address);
    let ended = desk.write(|tx, staff| {
        let left = command.what.as_ref().map(|text| what(tx, text)).transpose()?.unwrap_or(What::All);
        let living = subscriptions::of_address(tx, email)?;
        if !living.iter().any(|one| left.ends(&one.what)) {
            return Ok(0);
        }
        let cause = format!("unsubscribed:{email}:{left}:{}", staff.now.timestamp_millis());
        let leaving =
            Leaving { email, left: std::slice::from_ref(&left), by: staff.name, cause: &cause, language: None };
        Ok(subscription::leave(tx, &office, &leaving, staff.now)?)
    })?;
    if ended == 0 {
        let why = format!("{email} has no such subscription; see `casepost subscription show {email}`");
        return Err(NotFound(why).into());
    }
    say!("{ended} ended; {email} is told so");
    Ok(())
}

fn show(context: &Context, command: &Show) -> anyhow::Result<()> {
    let (config, db) = context.read()?;
    let all = subscriptions::history(&db, &command.address)?;
    if command.json {
        say!("{}", serde_json::to_string_pretty(&all.iter().map(object).collect::<Vec<_>>())?);
        return Ok(());
    }
    if all.is_empty() {
        return Err(NotFound(format!("{} was never subscribed to anything", command.address)).into());
    }
    let zone = Zone::Named(context.service_desk(&config)?.policy.zone);
    for one in &all {
        say!("{}, since {} by {}", one.what, say_short(one.confirmed_at, &zone), one.confirmed_by);
        if let (Some(at), Some(by)) = (one.ended_at, &one.ended_by) {
            say!("    ended {} by {by}", say_short(at, &zone));
        }
    }
    Ok(())
}
