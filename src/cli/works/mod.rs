//! `casepost works …`: planned works, the desk's and the customers' own.

mod act;
mod list;
mod plan;
mod show;

use chrono_tz::Tz;
use clap::{Args, Subcommand};

use super::context::Context;
use crate::desk::works::{Impact, Named, NamedPlace, WorksId};

#[derive(Debug, Subcommand)]
pub enum WorksCommand {
    /// Plan works: when, what is touched, why
    Plan(plan::Plan),
    /// Approve works: they may be announced, or the change that waits is made
    #[command(after_help = "A change of announced works that waits is made by it, and customers are told.\n\n\
        Example:\n  casepost works approve PW-0012 --as Tom")]
    Approve(act::Which),
    /// Withdraw a change of announced works that waits for an approval
    #[command(after_help = "Customers never heard of it: all stays as they know it.\n\n\
        Example:\n  casepost works withdraw PW-0012")]
    Withdraw(act::Which),
    /// Tell customers of works
    #[command(after_help = "Example:\n  casepost works announce PW-0012")]
    Announce(act::Which),
    /// Remind customers of works now; the clock does it by itself
    #[command(after_help = "Example:\n  casepost works remind PW-0012")]
    Remind(act::Which),
    /// Say that works have begun
    Start(act::Start),
    /// Say that works take longer
    Extend(act::Extend),
    /// Say that works are done
    Complete(act::Complete),
    /// Cancel works
    Cancel(act::Cancel),
    /// Move works to other windows
    Reschedule(act::Reschedule),
    /// Change what is said of works, or what they touch
    Change(act::Change),
    /// Tell customers what is new since completed works
    Tell(act::Tell),
    /// Write a note into the history of works; customers are told nothing
    Note(act::Note),
    /// List planned works by their beginning
    List(list::List),
    /// Show works: what, when, whom it touches, and what was done
    Show(show::Show),
}

pub fn run(context: &Context, command: &WorksCommand) -> anyhow::Result<()> {
    match command {
        WorksCommand::Plan(command) => plan::run(context, command),
        WorksCommand::Approve(which) => act::approve(context, which),
        WorksCommand::Withdraw(which) => act::withdraw(context, which),
        WorksCommand::Announce(which) => act::announce(context, which),
        WorksCommand::Remind(which) => act::remind(context, which),
        WorksCommand::Start(command) => act::start(context, command),
        WorksCommand::Extend(command) => act::extend(context, command),
        WorksCommand::Complete(command) => act::complete(context, command),
        WorksCommand::Cancel(command) => act::cancel(context, command),
        WorksCommand::Reschedule(command) => act::reschedule(context, command),
        WorksCommand::Change(command) => act::change(context, command),
        WorksCommand::Tell(command) => act::tell(context, command),
        WorksCommand::Note(command) => act::note(context, command),
        WorksCommand::List(command) => list::run(context, command),
        WorksCommand::Show(command) => show::run(context, command),
    }
}

/// What works touch.
#[derive(Debug, Clone, Args)]
struct Touched {
    /// A service by its service ID, circuit ID or order number, with its impact where it has one of its own; may be
    /// given several times
    #[arg(long = "service", value_name = "ID[=IMPACT]")]
    services: Vec<String>,
    /// A platform by its key, with all services on it; may be given several times
    #[arg(long = "platform", value_name = "KEY[=IMPACT]")]
    platforms: Vec<String>,
    /// What they notice: NO-IMPACT, REDUCED-REDUNDANCY, DEGRADED or OUTAGE [default: OUTAGE]
    #[arg(long)]
    impact: Option<Impact>,
}

/// What they touch instead.
#[derive(Debug, Clone, Args)]
struct OtherTouched {
    /// A service that is touched, by its service ID, circuit ID or order number; may be given several times. What is named
    /// by --service and --platform takes the place of all that was
    #[arg(long = "service", value_name = "ID[=IMPACT]")]
    services: Vec<String>,
    /// A platform that is touched, by its key, with all services on it; may be given several times
    #[arg(long = "platform", value_name = "KEY[=IMPACT]")]
    platforms: Vec<String>,
    /// What they notice: NO-IMPACT, REDUCED-REDUNDANCY, DEGRADED or OUTAGE; without --service and --platform all that is
    /// touched gets it [default for what is named: the worst that the works have]
    #[arg(long)]
    impact: Option<Impact>,
}

impl Touched {
    fn named(&self) -> Named {
        named(&self.services, &self.platforms, self.impact)
    }
}

impl OtherTouched {
    fn named(&self) -> Named {
        named(&self.services, &self.platforms, self.impact)
    }
}

fn named(services: &[String], platforms: &[String], impact: Option<Impact>) -> Named {
    let read = |all: &[String]| all.iter().map(|text| NamedPlace::read(text)).collect();
    Named { services: read(services), platforms: read(platforms), impact }
}

fn works_id(text: &str) -> Result<WorksId, String> {
    text.parse().map_err(|e: crate::desk::works::NotWorks| e.to_string())
}

fn zone(text: &str) -> Result<Tz, String> {
    text.parse().map_err(|_| format!("\"{text}\" is no zone of the IANA list, such as Europe/Berlin"))
}
