//! `casepost works plan`.

use chrono_tz::Tz;
use clap::Args;

use super::{Touched, zone};
use crate::{
    cli::{context::Context, meant::Meant},
    daemon::staff::StaffError,
    desk::policy::works::Approval,
    desk::works::{Impact, Kind, State, Window, act::in_words, approval::wanted_approval, plan::Draft},
};

#[derive(Debug, Args)]
#[command(
    after_help = "Customers hear nothing of it before it is announced. A window in the gap of daylight saving is refused; a time \
    that comes twice in autumn is written with its offset.\n\n\
    Examples:\n  \
    casepost works plan 'New line card' --reason 'it ages' \\\n      \
    --window '2026-12-18 22:00 to 04:00' --service IS-4711\n  \
    casepost works plan 'New route' --reason 'growth' \\\n      \
    --window '2026-12-18 22:00 +6h' --service IS-4712=DEGRADED\n  \
    casepost works plan 'Update' --reason 'a hole' \\\n      \
    --window '2026-12-02 03:00 +1h' --platform voice --emergency 'attacks'\n  \
    casepost works plan 'New fuse' --reason 'it ages' \\\n      \
    --window '2026-12-18 10:00 +1h' --service IS-4711 \\\n      \
    --force 'the customer wants it by day'"
)]
pub struct Plan {
    /// What is done, in a few words, for customers
    description: String,
    /// Why it is done, in a few words, for customers
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// From when to when: "2026-12-18 22:00 to 04:00", "… to 2026-12-19 04:00", "… +6h", or both in RFC 3339;
    /// may be given several times
    #[arg(long = "window", value_name = "WINDOW", required = true)]
    windows: Vec<String>,
    /// In which zone the windows are read [default: the policy's]
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    zone: Option<Tz>,
    #[command(flatten)]
    touched: Touched,
    /// planned, monthly-window, platform-release or certificate-update; --emergency is a kind of its own
    #[arg(long, default_value = "planned")]
    kind: Kind,
    /// Whom customers may ask while it goes on
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,
    /// What is done when it fails, for staff
    #[arg(long, value_name = "TEXT")]
    roll_back: Option<String>,
    /// Emergency works, which need no notice and no approval: why they can't wait; customers read it
    #[arg(long, value_name = "REASON")]
    emergency: Option<String>,
    /// Within protected hours all the same: why
    #[arg(long, value_name = "REASON")]
    force: Option<String>,
    #[command(flatten)]
    meant: Meant,
}

pub fn run(context: &Context, command: &Plan) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let zone = command.zone.unwrap_or(desk.office.desk.policy.zone);
    let works = desk.write(|tx, staff| {
        let windows = command.windows.iter().map(|text| Window::read(text, zone)).collect::<Result<Vec<_>, _>>();
        let draft = Draft {
            kind: command.kind,
            windows: windows.map_err(StaffError::from)?,
            zone,
            affected: staff.places(tx, &command.touched.named(), Impact::Outage)?,
            description: command.description.clone(),
            reason: command.reason.clone(),
            contact: command.contact.clone(),
            roll_back: command.roll_back.clone(),
            emergency: command.emergency.clone(),
        };
        Ok(command.meant.by(staff).plan_works(tx, draft, command.force.as_deref())?)
    })?;
    say!("{} planned for {}", works.id, in_words(&works.windows, works.zone));
    let (next, by) = match wanted_approval(&works, &desk.office.desk.policy) {
        _ if works.state != State::Planned => ("announce", ""),
        Approval::Nobody => ("announce", ""),
        Approval::Anyone => ("approve", ""),
        Approval::Another => ("approve", ", by somebody else"),
    };
    say!("customers know nothing of it yet: `casepost works {next} {}`{by}", works.id);
    Ok(())
}
