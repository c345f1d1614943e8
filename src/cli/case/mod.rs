//! `casepost case …`: look at cases and work them.

mod act;
mod attachment;
mod attention;
mod defer;
mod escalate;
mod etr;
mod goes_up;
pub(super) mod json;
mod list;
mod macd;
mod open;
mod plan;
mod reply;
mod review;
mod rfo;
pub(super) mod show;
mod supplier;
mod time;

use clap::Subcommand;

pub(in crate::cli) use etr::{Estimate, time_or_none};

use super::context::Context;
use crate::desk::reference::Reference;

#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// List cases: filtered, sorted, a page at a time
    List(list::List),
    /// Show a case: its mails, what was done, its clocks and links
    Show(show::Show),
    /// List what is attached to a case's mails, or write one of it to a file
    Attachment(attachment::Attachments),
    /// Open a case for a customer who telephoned
    Open(open::Open),
    /// Answer the customer
    Reply(reply::Reply),
    /// Note something that the customer never sees
    Note(act::Note),
    /// Change the status, and tell the customer
    Status(act::StatusChange),
    /// Set the priority; that also counts as the review
    Priority(act::PriorityChange),
    /// Show what the priorities mean and the policy's matrix, or set the priority by it
    Review(review::Review),
    /// Tell the customer by when the case is expected to be solved
    Etr(etr::Etr),
    /// Give the case to one of the staff, or to nobody
    Assign(act::Assign),
    /// Close the case
    Close(act::Close),
    /// Reopen a case for a customer who telephoned: within seven days itself, later as a new linked case
    Reopen(act::Reopen),
    /// Link two cases; both show it
    Link(act::Link),
    /// Close the case as a duplicate of another one of the same organisation; both references stay good
    Merge(act::Merge),
    /// Reasons for outage and incident reports: who waits for one, what it says, send it
    Rfo(rfo::RfoOf),
    /// A customer asks by telephone for a manager's attention, and may want to be called back
    Attention(attention::AttentionOf),
    /// The action plan of a case: tasks of either side, with owner and due date
    Plan(plan::PlanOf),
    /// Close the case silently and send its sender no automatic mail any more
    Spam(act::Spam),
    /// Take the case one level up the escalation matrix
    Escalate(escalate::Escalate),
    /// Ask the customer whether the case may wait until the next business day
    Defer(defer::Defer),
    /// Say that the case is a change request (move, add, change, delete), and record who approved it
    Macd(macd::MacdCommand),
    /// Enter work time, list or remove it
    Time(time::Time),
    /// Say that a part of the case lies at a supplier, and tell the customer of it
    Supplier(supplier::SupplierCommand),
}

pub fn run(context: &Context, command: &CaseCommand) -> anyhow::Result<()> {
    match command {
        CaseCommand::List(command) => list::run(context, command),
        CaseCommand::Show(command) => show::run(context, command),
        CaseCommand::Attachment(command) => attachment::run(context, command),
        CaseCommand::Open(command) => open::run(context, command),
        CaseCommand::Reply(command) => reply::run(context, command),
        CaseCommand::Note(command) => act::note(context, command),
        CaseCommand::Status(command) => act::status(context, command),
        CaseCommand::Priority(command) => act::priority(context, command),
        CaseCommand::Review(command) => review::run(context, command),
        CaseCommand::Etr(command) => etr::run(context, command),
        CaseCommand::Assign(command) => act::assign(context, command),
        CaseCommand::Close(command) => act::close(context, command),
        CaseCommand::Reopen(command) => act::reopen(context, command),
        CaseCommand::Link(command) => act::link(context, command),
        CaseCommand::Merge(command) => act::merge(context, command),
        CaseCommand::Rfo(command) => rfo::run(context, command),
        CaseCommand::Attention(command) => attention::run(context, command),
        CaseCommand::Plan(command) => plan::run(context, command),
        CaseCommand::Spam(command) => act::spam(context, command),
        CaseCommand::Escalate(command) => escalate::run(context, command),
        CaseCommand::Defer(command) => defer::run(context, command),
        CaseCommand::Macd(command) => macd::run(context, command),
        CaseCommand::Time(command) => time::run(context, command),
        CaseCommand::Supplier(command) => supplier::run(context, command),
    }
}

/// A reference as people write it: either form, brackets allowed.
pub(super) fn reference(text: &str) -> Result<Reference, String> {
    Reference::parse(text.trim().trim_matches(['[', ']'])).map_err(|e| e.to_string())
}
