//! `casepost case escalate`: take a case one level up.

use clap::Args;

use super::reference;
use crate::{
    cli::context::Context,
    daemon::staff::find,
    desk::{escalation::title, reference::Reference},
};

#[derive(Debug, Args)]
#[command(
    after_help = "The levels are those of the policy ([escalation]), strictly in order: a case goes to the next one and never \
    past it.\nThe people of the new and of the old level are told by mail, the assignee, and the customer.\n\n\
    Examples:\n  \
    casepost case escalate 1-0123456789 --reason 'No progress since noon'\n  \
    casepost case escalate 1-0123456789 --to 2 --silent"
)]
pub struct Escalate {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    /// Why; for staff and those who get the case
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The level that you mean; refused when another one is next
    #[arg(long, value_name = "LEVEL")]
    to: Option<u8>,
    /// Do not tell the customer
    #[arg(long)]
    silent: bool,
}

pub fn run(context: &Context, command: &Escalate) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let escalation = desk.write(|tx, staff| {
        let case = find(tx, command.reference)?;
        Ok(staff.escalate(tx, &case, command.reason.as_deref(), command.to, command.silent)?)
    })?;
    let rules = &desk.office.desk.policy.escalation;
    say!("{}: escalated to level {} ({})", command.reference, escalation.level, title(escalation.level, rules));
    Ok(())
}
