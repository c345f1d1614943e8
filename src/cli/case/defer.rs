//! `casepost case defer`: propose to the customer that a case waits until the next business day.

use chrono::{DateTime, Utc};
use clap::Args;

use super::reference;
use crate::{
    cli::context::Context,
    daemon::staff::find,
    desk::{
        hours::{Zone, say},
        reference::Reference,
    },
};

#[derive(Debug, Args)]
#[command(
    after_help = "Only where the policy allows it ([deferral]), for what affects no service and was raised outside of working \
    hours.\nThe customer is asked by mail. With their yes the case is on hold until then; until they agree nothing waits.\n\n\
    Examples:\n  \
    casepost case defer 1-0123456789\n  \
    casepost case defer 1-0123456789 --not-service-affecting --until 2026-11-25T09:00:00+02:00"
)]
pub struct Defer {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    /// Until when; without: when the next business day begins
    #[arg(long, value_name = "RFC3339", value_parser = crate::cli::instant)]
    until: Option<DateTime<Utc>>,
    /// You have found out that no live traffic is interrupted
    #[arg(long)]
    not_service_affecting: bool,
    /// What to tell the customer beside it
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
}

pub fn run(context: &Context, command: &Defer) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let until = desk.write(|tx, staff| {
        let case = find(tx, command.reference)?;
        Ok(staff.defer(tx, &case, command.until, command.text.as_deref(), command.not_service_affecting)?)
    })?;
    let zone = Zone::Named(desk.office.desk.policy.zone);
    say!("{}: the customer is asked whether it may wait until {}", command.reference, say(until, &zone));
    Ok(())
}
