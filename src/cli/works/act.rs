//! What is done to works: `casepost works approve`, `announce`, `start` …

use chrono_tz::Tz;
use clap::Args;

use super::{OtherTouched, works_id, zone};
use crate::{
    cli::{context::Context, meant::Meant},
    daemon::{staff::StaffError, works::find},
    desk::{
        hours::{Zone, say},
        works::{
            Window, WorksId,
            act::{Act, in_words},
            change,
            window::extended,
        },
    },
};

#[derive(Debug, Args)]
pub struct Which {
    /// The works, such as PW-0012
    #[arg(value_parser = works_id)]
    id: WorksId,
}

#[derive(Debug, Args)]
#[command(after_help = "Customers are told the new end.\n\n\
    Examples:\n  \
    casepost works extend PW-0012 06:00\n  \
    casepost works extend PW-0012 +2h --text 'The new card has to be set up.'\n  \
    casepost works extend PW-0012 09:00 --force 'the old card is out'")]
pub struct Extend {
    #[command(flatten)]
    which: Which,
    /// Until when: 06:00, +2h, or "2026-12-19 06:00", in the zone of the works
    until: String,
    /// What customers are told with it
    #[arg(long)]
    text: Option<String>,
    /// Into protected hours all the same: why
    #[arg(long, value_name = "REASON")]
    force: Option<String>,
    #[command(flatten)]
    meant: Meant,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  casepost works start PW-0012\n  \
    casepost works start PW-0012 --force 'the customer asked for it'")]
pub struct Start {
    #[command(flatten)]
    which: Which,
    /// More than an hour before the first window: why; for staff
    #[arg(long, value_name = "REASON")]
    force: Option<String>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Customers who know of the works are told that they are done. Works whose window has begun are \
    completed also if nobody said that they have started.\n\n\
    Example:\n  casepost works complete PW-0012 --text 'The new card is in.'"
)]
pub struct Complete {
    #[command(flatten)]
    which: Which,
    /// What customers are told with it
    #[arg(long)]
    text: Option<String>,
    #[command(flatten)]
    meant: Meant,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Customers who know of the works are told that they don't take place, and why; they leave calendars.\n\n\
    Example:\n  casepost works cancel PW-0012 'The supplier is not ready.'"
)]
pub struct Cancel {
    #[command(flatten)]
    which: Which,
    /// Why; customers read it, if they know of the works
    reason: String,
    #[command(flatten)]
    meant: Meant,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Where the policy wants an approval, it is wanted anew; announced works are moved, and customers told, \
    once another has approved it (`casepost works approve`).\n\n\
    Examples:\n  \
    casepost works reschedule PW-0012 --window '2026-12-25 22:00 to 04:00' \\\n      \
    --text 'The supplier is late.'\n  \
    casepost works reschedule PW-0012 --window '2026-12-25 09:00 +2h' \\\n      \
    --force 'the customer asked for it'"
)]
pub struct Reschedule {
    #[command(flatten)]
    which: Which,
    /// The new windows, in place of all others: "2026-12-18 22:00 to 04:00"; may be given several times
    #[arg(long = "window", value_name = "WINDOW", required = true)]
    windows: Vec<String>,
    /// In which zone they are read [default: that of the works]
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    zone: Option<Tz>,
    /// What customers are told with it
    #[arg(long)]
    text: Option<String>,
    /// Within protected hours all the same: why
    #[arg(long, value_name = "REASON")]
    force: Option<String>,
    #[command(flatten)]
    meant: Meant,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Customers who know of the works are told. Where the policy wants an approval and services or their impact \
    change, it is wanted anew; of announced works the change waits until another has approved it (`casepost works approve`).\n\n\
    Examples:\n  \
    casepost works change PW-0012 --reason 'the card drops packets'\n  \
    casepost works change PW-0012 --service IS-4711=DEGRADED \\\n      \
    --text 'Less is touched than we thought.'\n  \
    casepost works change PW-0012 --impact OUTAGE --force 'they asked for it'"
)]
pub struct Change {
    #[command(flatten)]
    which: Which,
    /// What is done
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Why it is done
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Whom customers may ask
    #[arg(long, value_name = "TEXT")]
    contact: Option<String>,
    /// What is done when it fails, for staff
    #[arg(long, value_name = "TEXT")]
    roll_back: Option<String>,
    #[command(flatten)]
    touched: OtherTouched,
    /// What customers are told with it
    #[arg(long)]
    text: Option<String>,
    /// More is touched within protected hours all the same: why
    #[arg(long, value_name = "REASON")]
    force: Option<String>,
    #[command(flatten)]
    meant: Meant,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Customers who were told of the works get the text by mail, without anything for their calendar.\n\n\
    Example:\n  casepost works tell PW-0012 'Calls can be forwarded from the web page now.'"
)]
pub struct Tell {
    #[command(flatten)]
    which: Which,
    /// What is new
    text: String,
    #[command(flatten)]
    meant: Meant,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  casepost works note PW-0012 'Tom has the key of the rack.'")]
pub struct Note {
    #[command(flatten)]
    which: Which,
    /// For colleagues; customers are told nothing
    text: String,
}

pub fn approve(context: &Context, which: &Which) -> anyhow::Result<()> {
    done(context, which.id, &Act::Approve, "approved")
}

pub fn withdraw(context: &Context, which: &Which) -> anyhow::Result<()> {
    done(context, which.id, &Act::Withdraw, "withdrawn; all stays as customers know it")
}

pub fn announce(context: &Context, which: &Which) -> anyhow::Result<()> {
    done(context, which.id, &Act::Announce, "announced")
}

pub fn remind(context: &Context, which: &Which) -> anyhow::Result<()> {
    done(context, which.id, &Act::Remind, "customers are reminded")
}

pub fn start(context: &Context, command: &Start) -> anyhow::Result<()> {
    let (mut desk, id) = (context.desk()?, command.which.id);
    desk.write(|tx, staff| Ok(staff.act_on_works(tx, id, &Act::Start, command.force.as_deref())?))?;
    say!("{id}: started");
    Ok(())
}

pub fn complete(context: &Context, command: &Complete) -> anyhow::Result<()> {
    told(context, command.which.id, &Act::Complete { text: command.text.as_deref() }, command.meant, "completed")
}

pub fn cancel(context: &Context, command: &Cancel) -> anyhow::Result<()> {
    told(context, command.which.id, &Act::Cancel { reason: &command.reason }, command.meant, "cancelled")
}

pub fn note(context: &Context, command: &Note) -> anyhow::Result<()> {
    done(context, command.which.id, &Act::Note { text: &command.text }, "noted; customers are told nothing")
}

pub fn tell(context: &Context, command: &Tell) -> anyhow::Result<()> {
    told(context, command.which.id, &Act::Tell { text: &command.text }, command.meant, "customers are told what is new")
}

fn done(context: &Context, id: WorksId, act: &Act<'_>, what: &str) -> anyhow::Result<()> {
    told(context, id, act, Meant::default(), what)
}

fn told(context: &Context, id: WorksId, act: &Act<'_>, meant: Meant, what: &str) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    desk.write(|tx, staff| Ok(meant.by(staff).act_on_works(tx, id, act, None)?))?;
    say!("{id}: {what}");
    Ok(())
}

pub fn extend(context: &Context, command: &Extend) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let id = command.which.id;
    let (until, zone) = desk.write(|tx, staff| {
        let works = find(tx, id)?;
        let window = works.open_window(staff.now);
        let from = window.map_or(staff.now, |window| window.ends_at);
        let until = extended(&command.until, from, works.zone).map_err(StaffError::from)?;
        let act = Act::Extend { until, text: command.text.as_deref() };
        let works = command.meant.by(staff).act_on_works(tx, id, &act, command.force.as_deref())?;
        Ok((until, works.zone))
    })?;
    say!("{id}: extended until {}; customers are told", say(until, &Zone::Named(zone)));
    Ok(())
}

pub fn reschedule(context: &Context, command: &Reschedule) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let id = command.which.id;
    let works = desk.write(|tx, staff| {
        let zone = command.zone.unwrap_or(find(tx, id)?.zone);
        let windows = command.windows.iter().map(|text| Window::read(text, zone)).collect::<Result<Vec<_>, _>>();
        let windows = windows.map_err(StaffError::from)?;
        let act = Act::Reschedule { windows: &windows, text: command.text.as_deref() };
        Ok(command.meant.by(staff).act_on_works(tx, id, &act, command.force.as_deref())?)
    })?;
    if works.pending.is_some() {
        say!(
            "{id}: waits for an approval: `casepost works approve {id}`, by somebody else; customers know nothing of it"
        );
        return Ok(());
    }
    say!("{id}: {} ({})", in_words(&works.windows, works.zone), works.state);
    Ok(())
}

pub fn change(context: &Context, command: &Change) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let id = command.which.id;
    let works = desk.write(|tx, staff| {
        let works = find(tx, id)?;
        let affected = staff.other_places(tx, &works, &command.touched.named())?;
        let change = change::Change {
            affected,
            description: command.description.clone(),
            reason: command.reason.clone(),
            contact: command.contact.clone(),
            roll_back: command.roll_back.clone(),
        };
        let act = Act::Change { change: &change, text: command.text.as_deref() };
        Ok(command.meant.by(staff).act_on_works(tx, id, &act, command.force.as_deref())?)
    })?;
    match works.pending.is_some() {
        true => say!("{id}: what is touched waits for an approval: `casepost works approve {id}`, by somebody else"),
        false => say!("{id}: changed"),
    }
    Ok(())
}
