//! Questions about invoices (SERVICE.md, billing): passed on to whoever sends the invoices, and the customer is told.
//!
//! The case is resolved then, and not closed: the words by which a mail is known to be about an invoice may stand in one
//! about a trouble ("our payment terminal is down"), so staff still review it, and an answer of the customer puts it into
//! progress. Nobody objecting, it closes as any resolved case does.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{
    case::{Actor, Status},
    cues::{Asked, Request},
    lifecycle::{Clock, ClockChange, Decision, What},
    notice::{Notice, NoticeKind, written},
    policy::Policy,
};
use crate::mail::{address::Address, extract::FieldName};

/// Is the mail about invoices and nothing else that the desk does something about?
pub fn is_about_invoices(asked: &Asked) -> bool {
    asked.hears(Request::Billing) && asked.requests.len() == 1 && !asked.fields.has(FieldName::Impact)
}

/// The case is as its mail opened it; `writer` wrote that.
pub fn pass_on(decision: &mut Decision, writer: &Address, address: &str, policy: &Policy, now: DateTime<Utc>) {
    decision.move_to(Status::Resolved, "passed on to billing", &Actor::Desk, now);
    let closes_at = policy.hours.add_business_days(now, policy.resolved_close_business_days);
    decision.clocks.push(ClockChange::Set(Clock::ResolvedClose, closes_at));
    decision.note(now, &Actor::Desk, What::Remark { text: format!("passed on to {address}") });
    decision.mark_for_staff(format!("about an invoice: passed on to {address}, and {} told so", written(writer)));
    decision.notices.retain(|notice| notice.kind != NoticeKind::Acknowledgement);
    let data = json!({ "received_at": decision.say(decision.case.opened_at, policy), "billing_address": address });
    decision.notices.push(Notice::automatic(NoticeKind::BillingPassedOn, &decision.case, data));
}

/// What whoever sends the invoices is told beside the mail itself.
pub fn request(decision: &Decision, writer: &Address) -> Map<String, Value> {
    Notice::automatic(NoticeKind::BillingRequest, &decision.case, json!({ "sender": written(writer) })).data
}
