//! `casepost case attention`: a customer asks by telephone for a manager's attention.

use clap::Args;
use serde_json::{Value, json};

use super::{json as as_json, reference};
use crate::{
    cli::context::Context,
    daemon::staff::find,
    desk::{
        attention::{Attention, Channel, Told},
        hours::{Zone, say},
        reference::Reference,
    },
    store::attentions,
};

#[derive(Debug, Args)]
#[command(
    after_help = "The leads are told at once. A call back has a target, not a promise; when it has passed, the leads \
    hear that nobody has called. What follows is a plan: casepost case plan.\n\n\
    Examples:\n  \
    casepost case attention 1-0123456789 --by 'Ada Lovelace' --telephone '+44 20 7946 0123' --call-back \\\n      \
    --reason 'The shop cannot sell' --milestone '2026-12-01, go-live'\n  \
    casepost case attention 1-0123456789 --called-back"
)]
pub struct AttentionOf {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    /// Who asks
    #[arg(long, value_name = "NAME", required_unless_present = "called_back")]
    by: Option<String>,
    /// Where they can be called
    #[arg(long, value_name = "NUMBER")]
    telephone: Option<String>,
    /// A manager is to call them back
    #[arg(long, requires = "telephone")]
    call_back: bool,
    /// The customer's own manager: name and number
    #[arg(long, value_name = "TEXT")]
    manager_contact: Option<String>,
    /// Why, and what it means for their business
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// By when it has to be solved, and what happens then
    #[arg(long, value_name = "TEXT")]
    milestone: Option<String>,
    /// Somebody has called back
    #[arg(long, conflicts_with_all = ["by", "telephone", "call_back", "manager_contact", "reason", "milestone"])]
    called_back: bool,
}

pub fn run(context: &Context, command: &AttentionOf) -> anyhow::Result<()> {
    let mut desk = context.desk()?;
    let reference = command.reference;
    if command.called_back {
        desk.write(|tx, staff| Ok(staff.called_back(tx, &find(tx, reference)?)?))?;
        say!("{reference}: called back");
        return Ok(());
    }
    let zone = Zone::Named(desk.office.desk.policy.zone);
    let told = Told {
        person: command.by.as_deref(),
        telephone: command.telephone.as_deref(),
        manager_contact: command.manager_contact.as_deref(),
        reason: command.reason.as_deref(),
        milestone: command.milestone.as_deref(),
    };
    let (lacks, all) = desk.write(|tx, staff| {
        let case = find(tx, reference)?;
        let lacks = staff.ask_attention(tx, &case, told, command.call_back)?;
        Ok((lacks, attentions::of_case(tx, case.id)?))
    })?;
    if let Some(attention) = all.last() {
        say!("{reference}: {}", line(attention, &zone));
    }
    let lacks = lacks.in_words();
    if !lacks.is_empty() {
        say!("not told yet, so ask: {}", lacks.join("; "));
    }
    if all.len() == 1 {
        say!("ask also: is the priority right, and is there a workaround that they could live with?");
    }
    Ok(())
}

/// `Ada by telephone, Tue …; call back by Tue … (a target)`
pub(super) fn line(attention: &Attention, zone: &Zone) -> String {
    let how = if attention.channel == Channel::Telephone { "by telephone" } else { "in writing" };
    let call = match (attention.call_back_due, attention.called_back_at) {
        (_, Some(at)) => format!("; called back {}", say(at, zone)),
        (Some(due), None) => {
            let missed = if attention.missed_at.is_some() { ", missed" } else { "" };
            format!("; call back by {} (a target{missed})", say(due, zone))
        }
        (None, None) => String::new(),
    };
    let urgency = if attention.is_urgent { "" } else { "; without urgency" };
    format!("{} {how}, {}{call}{urgency}", attention.person, say(attention.at, zone))
}

pub(super) fn object(attention: &Attention) -> Value {
    json!({
        "channel": attention.channel.as_str(), "at": as_json::time(attention.at), "person": attention.person,
        "telephone": attention.telephone, "manager_contact": attention.manager_contact, "reason": attention.reason,
        "milestone": attention.milestone, "urgent": attention.is_urgent,
        "call_back_due": attention.call_back_due.map(as_json::time),
        "called_back_at": attention.called_back_at.map(as_json::time), "missed": attention.missed_at.is_some(),
    })
}
