//! `casepost report …`: what was done in a stretch of time, for people and for spreadsheets.

mod sla;
mod time;

use clap::Subcommand;

use super::context::Context;

#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// Work time: a line for each entry
    Time(time::TimeReport),
    /// How the promises to customers were kept: met, missed, open, by priority and organisation
    Sla(sla::Sla),
}

pub fn run(context: &Context, command: &ReportCommand) -> anyhow::Result<()> {
    match command {
        ReportCommand::Time(command) => time::run(context, command),
        ReportCommand::Sla(command) => sla::run(context, command),
    }
}
