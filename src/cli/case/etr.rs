//! `casepost case etr`: by when a case is expected to be solved.

use clap::Args;

use super::reference;
use crate::{
    cli::context::Context,
    daemon::staff::find,
    desk::{
        hours::{Zone, say},
        lifecycle::{Act, Tell},
        reference::Reference,
    },
    mail::command::When,
    store::incidents,
};

#[derive(Debug, Args)]
#[command(
    after_help = "The customer is told by mail. Until that time it stands in for the updates that the policy promises; \
    when it comes and the case is still open, staff are told, and the updates are due again.\n\n\
    Examples:\n  \
    casepost case etr 1-0123456789 16:00\n  \
    casepost case etr 1-0123456789 '2026-11-24 16:00' --text 'The splice is being replaced.'\n  \
    casepost case etr 1-0123456789 none"
)]
pub struct Etr {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    /// The time in the zone of the policy: 16:00, tomorrow 09:00, "2026-12-18 16:00", +2h, RFC 3339; or `none` to take back what was said
    #[arg(value_name = "TIME|none", value_parser = time_or_none)]
    at: Estimate,
    /// What to tell the customer beside the time
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
}

#[derive(Debug, Clone, Copy)]
pub struct Estimate(pub Option<When>);

pub fn time_or_none(text: &str) -> Result<Estimate, String> {
    match text {
        "none" => Ok(Estimate(None)),
        time => crate::cli::when(time).map(|at| Estimate(Some(at))).map_err(|why| format!("{why}, or none")),
    }
}

pub fn run(context: &Context, command: &Etr) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let zone = Zone::Named(desk.office.desk.policy.zone);
    let (case, is_parent) = desk.write(|tx, staff| {
        let at = command.at.0.map(|at| at.instant(staff.now, &staff.office.desk.policy.hours));
        let act = Act::Etr { at, text: command.text.as_deref(), tell: Tell::Customer };
        let case = find(tx, command.reference)?;
        let is_parent = incidents::by_case(tx, case.id)?.is_some();
        Ok((staff.act(tx, &case, &act, &[])?, is_parent))
    })?;
    let told = if is_parent { "its customers are told" } else { "the customer is told" };
    match case.etr {
        Some(at) => say!("{}: expected to be solved by {}; {told}", case.reference, say(at, &zone)),
        None => say!("{}: no estimated time any more; {told}", case.reference),
    }
    Ok(())
}
