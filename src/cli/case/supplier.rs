//! `casepost case supplier`: a part of the case lies at a supplier.

use chrono::{DateTime, Utc};
use clap::{Args, ValueEnum};

use super::reference;
use crate::{
    cli::context::Context,
    daemon::staff::find,
    desk::{reference::Reference, supplier::Times},
};

#[derive(Debug, Args)]
#[command(
    after_help = "Mail of the supplier is known by its domain (--domain) and its reference together: it is kept on the \
    case, staff are told, the customer is not.\n\n\
    Examples:\n  \
    casepost case supplier 1-0123456789 open --supplier 'Mountain Fibre' --their-reference INC-0042 \\\n      \
    --domain fibre.example --expected 2026-11-26T17:00:00-07:00\n  \
    casepost case supplier 1-0123456789 update --delays-until 2026-11-28T17:00:00-07:00\n  \
    casepost case supplier 1-0123456789 tell\n  \
    casepost case supplier 1-0123456789 close"
)]
pub struct SupplierCommand {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    what: What,
    /// Their name; needed with `open`, and where the case is at several
    #[arg(long, value_name = "NAME")]
    supplier: Option<String>,
    /// What they call the matter (open)
    #[arg(long, value_name = "REFERENCE")]
    their_reference: Option<String>,
    /// The domain from which they write (open)
    #[arg(long, value_name = "DOMAIN")]
    domain: Option<String>,
    /// When their first response is due (open, update)
    #[arg(long, value_name = "RFC3339", value_parser = crate::cli::instant)]
    first_response: Option<DateTime<Utc>>,
    /// When they expect to be done (open, update)
    #[arg(long, value_name = "RFC3339", value_parser = crate::cli::instant)]
    expected: Option<DateTime<Utc>>,
    /// The matter takes until then because of them: the customer is told at once (open, update)
    #[arg(long, value_name = "RFC3339", value_parser = crate::cli::instant)]
    delays_until: Option<DateTime<Utc>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// They have it from now on
    Open,
    /// They say other times
    Update,
    /// Tell the customer how it stands there
    Tell,
    /// It is back
    Close,
}

pub fn run(context: &Context, command: &SupplierCommand) -> anyhow::Result<()> {
    let who = command.supplier.as_deref();
    let times = Times {
        first_response_by: command.first_response,
        expected_by: command.expected,
        delays_until: command.delays_until,
    };
    let has_times = command.first_response.or(command.expected).or(command.delays_until).is_some();
    let opens = command.what == What::Open;
    anyhow::ensure!(
        opens || command.their_reference.is_none() && command.domain.is_none(),
        "--their-reference and --domain go with open"
    );
    anyhow::ensure!(
        !has_times || opens || command.what == What::Update,
        "--first-response, --expected and --delays-until go with open and update"
    );
    anyhow::ensure!(
        command.what != What::Update || has_times,
        "say what they state: --first-response, --expected or --delays-until"
    );
    let mut desk = context.desk()?;
    let supplier = desk.write(|tx, staff| {
        let case = find(tx, command.reference)?;
        Ok(match command.what {
            What::Open => {
                let (Some(name), Some(theirs)) = (who, command.their_reference.as_deref()) else {
                    anyhow::bail!("say which supplier, and what they call it: --supplier NAME --their-reference X");
                };
                staff.open_supplier(tx, &case, (name, theirs, command.domain.as_deref()), &times)?
            }
            What::Update => staff.update_supplier(tx, &case, who, &times)?,
            What::Tell => staff.tell_supplier(tx, &case, who)?,
            What::Close => staff.close_supplier(tx, &case, who)?,
        })
    })?;
    let what = match command.what {
        What::Open => format!("at {} as {}", supplier.name, supplier.their_reference),
        What::Update => format!("{}: noted", supplier.name),
        What::Tell => format!("told the customer how it stands at {}", supplier.name),
        What::Close => format!("back from {}", supplier.name),
    };
    say!("{}: {what}", command.reference);
    Ok(())
}
