//! `casepost report …`: numbers about a time.

mod sla;

use clap::Subcommand;

use super::context::Context;

#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// How the promises to customers were kept: met, missed, open, by priority and organisation
    Sla(sla::Sla),
}

pub fn run(context: &Context, command: &ReportCommand) -> anyhow::Result<()> {
    match command {
        ReportCommand::Sla(command) => sla::run(context, command),
    }
}
