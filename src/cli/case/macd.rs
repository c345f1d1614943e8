//! `casepost case macd`: a case is a change request (move, add, change, delete).

use clap::{Args, ValueEnum};

use super::reference;
use crate::{
    cli::context::Context,
    daemon::{macd::Change, staff::find},
    desk::{
        macd::{Answer, ChangeKind, Class, State},
        reference::Reference,
        work_time::read_duration,
    },
};

#[derive(Debug, Args)]
#[command(
    after_help = "A change needs the approval of a main point of contact where the policy says so ([macd] approval). \
    They are asked by mail, with what, which class, the estimated work and the price, and answer it with yes or no; nothing \
    is promised before. A main point of contact's own standard request counts as approved.\n\n\
    Examples:\n  \
    casepost case macd 1-0123456789 standard --kind add --estimate 45m\n  \
    casepost case macd 1-0123456789 expedited\n  \
    casepost case macd 1-0123456789 approve --by grace@example.com   (she said so on the telephone)\n  \
    casepost case macd 1-0123456789 decline --by 'Grace Hopper'"
)]
pub struct MacdCommand {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    what: What,
    /// What is to be changed
    #[arg(long)]
    kind: Option<Kind>,
    /// What it will take, such as 45m or 1h30m: shown with its price before anybody approves
    #[arg(long, value_name = "TIME", value_parser = minutes)]
    estimate: Option<u32>,
    /// What is to be done, in a few words for whoever approves it
    #[arg(long, value_name = "TEXT")]
    text: Option<String>,
    /// Who at the customer approved or declined it
    #[arg(long, value_name = "WHO")]
    by: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum What {
    /// It is a standard change
    Standard,
    /// It is an expedited change, for an additional fee
    Expedited,
    /// Somebody who may has approved it (--by)
    Approve,
    /// Somebody who may has declined it (--by); the case is closed
    Decline,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Kind {
    Move,
    Add,
    Change,
    Delete,
}

impl Kind {
    fn kind(self) -> ChangeKind {
        match self {
            Kind::Move => ChangeKind::Move,
            Kind::Add => ChangeKind::Add,
            Kind::Change => ChangeKind::Change,
            Kind::Delete => ChangeKind::Delete,
        }
    }
}

/// A time as an argument.
pub(super) fn minutes(text: &str) -> Result<u32, String> {
    read_duration(text).ok_or_else(|| "expected a time such as 30m, 2h or 1h15m".to_owned())
}

pub fn run(context: &Context, command: &MacdCommand) -> anyhow::Result<()> {
    let change = |class| Change {
        class,
        kind: command.kind.map(Kind::kind),
        estimate_minutes: command.estimate,
        text: command.text.as_deref(),
    };
    let decides = matches!(command.what, What::Approve | What::Decline);
    let beside = command.kind.is_some() || command.estimate.is_some() || command.text.is_some();
    anyhow::ensure!(!decides || !beside, "--kind, --estimate and --text go with standard and expedited");
    anyhow::ensure!(decides || command.by.is_none(), "--by goes with approve and decline");
    let mut desk = context.desk()?;
    let macd = desk.write(|tx, staff| {
        let case = find(tx, command.reference)?;
        let by = command.by.as_deref();
        Ok(match command.what {
            What::Standard => staff.change(tx, &case, &change(Class::Standard))?,
            What::Expedited => staff.change(tx, &case, &change(Class::Expedited))?,
            What::Approve => staff.answer_change(tx, &case, Answer::Yes, by)?,
            What::Decline => staff.answer_change(tx, &case, Answer::No, by)?,
        })
    })?;
    let state = match macd.state {
        State::Waiting => "waits for approval",
        State::Approved => "approved",
        State::Declined => "declined",
    };
    say!("{}: {} change, {state}", command.reference, macd.class.as_str());
    Ok(())
}
