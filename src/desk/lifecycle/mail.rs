//! What a person's mail does to the case that it belongs to.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Clock, ClockChange, Decision, What, reopen_until, whole_seconds};
use crate::{
    desk::{
        case::{Actor, Case, Status},
        notice::{Notice, NoticeKind, written},
        policy::Policy,
    },
    mail::{address::Address, thread::Standing},
};

/// A person's mail on a case, as far as the case's life cares.
#[derive(Debug, Clone)]
pub struct CustomerMail<'a> {
    pub from: &'a Address,
    pub standing: Standing,
    /// when the desk's mail server had it (INTERNALDATE)
    pub received_at: DateTime<Utc>,
    /// it only thanks
    pub only_thanks: bool,
    /// it says that the matter is solved
    pub confirms: bool,
    /// it asks that the case be closed, and for nothing else
    pub asks_to_close: bool,
    /// what staff are shown of it
    pub excerpt: &'a str,
    pub marks: &'a [String],
    /// the end user whose request the case is, while it waits for a main point of contact
    pub end_user: Option<&'a Address>,
    /// it says no, and nothing else
    pub says_no: bool,
    /// it is sure that they wrote it
    pub proven: bool,
}

/// What becomes of a mail that cites a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// the case is open: the mail joins it
    Joins,
    /// the case was closed not longer than seven days ago, or only after this mail had arrived
    Reopens,
    /// the case is closed, and the mail only thanks or confirms
    RecordedOnly,
    /// more than seven days: a new case, linked to this one
    OpensLinked,
}

/// SERVICE rule 3, exact to the second: closed at T, a mail received at T + 7 × 24 h or earlier reopens.
pub fn reply_to_case(case: &Case, received_at: DateTime<Utc>, thanks_or_confirms: bool, policy: &Policy) -> Reply {
    let Some(closed_at) = case.closed_at.filter(|_| case.status.is_closed()) else { return Reply::Joins };
    let received_at = whole_seconds(received_at);
    if case.status == Status::Closed && thanks_or_confirms {
        Reply::RecordedOnly
    } else if received_at <= whole_seconds(closed_at) {
        Reply::Reopens
    } else if case.status == Status::ClosedNoResponse && policy.closed_no_response_links {
        Reply::OpensLinked
    } else if received_at <= reopen_until(closed_at, policy) {
        Reply::Reopens
    } else {
        Reply::OpensLinked
    }
}

/// The mail has been found to join or reopen this case (or to be kept on it).
pub(super) fn customer_wrote(case: &Case, mail: &CustomerMail<'_>, policy: &Policy, now: DateTime<Utc>) -> Decision {
    let mut decision = Decision::unchanged(case);
    let actor = Actor::Writer(mail.from.email.clone());
    decision.note(now, &actor, What::Wrote { standing: mail.standing.as_str().to_owned() });
    if mail.standing == Standing::Staff {
        // Staff write into a case from their own mail program: kept on it, and the customer sees nothing of it.
        return decision;
    }
    let says_nothing_new = mail.only_thanks || mail.confirms || mail.asks_to_close;
    let reply = reply_to_case(case, mail.received_at, says_nothing_new, policy);
    match (reply, case.status) {
        (Reply::RecordedOnly, _) => {}
        // The caller opens the linked case; here the mail is only kept on the old one if it asks all the same.
        (Reply::OpensLinked, _) => {}
        (Reply::Reopens, _) => reopen(&mut decision, case, mail, policy, now),
        (Reply::Joins, status)
            if mail.standing.may_decide() && (mail.asks_to_close || mail.confirms && status == Status::Resolved) =>
        {
            let why = if mail.asks_to_close { "the customer asked for it" } else { "the customer confirmed" };
            decision.move_to(Status::Closed, why, &actor, now);
            let until = decision.case.closed_at.map(|at| decision.say(reopen_until(at, policy), policy));
            decision.notices.push(Notice::automatic(
                NoticeKind::Closed,
                &decision.case,
                json!({ "reopen_until": until }),
            ));
        }
        // "Thank you" is no objection: the days until closing go on.
        (Reply::Joins, Status::Resolved) if mail.only_thanks || mail.confirms => {}
        (Reply::Joins, _) if case.awaits_approval() && mail.says_no && mail.end_user.is_some() => {
            decline(&mut decision, mail, &actor, now);
        }
        (Reply::Joins, Status::AwaitingCustomer | Status::OnHold | Status::Resolved) => {
            decision.move_to(Status::InProgress, "a mail came", &actor, now);
            if case.awaits_approval() {
                // Until now nobody of the staff had to look at it.
                decision.ask_for_review(mail.received_at, policy);
                tell_agreed(&mut decision, mail);
            }
        }
        (Reply::Joins, _) => {}
    }
    tell_staff(&mut decision, mail, case.status);
    decision
}

/// A main point of contact does not want an end user's request: both hear that it is closed. Of anybody else's no, and of
/// one that anybody could have written, nothing comes: the request goes on waiting.
fn decline(decision: &mut Decision, mail: &CustomerMail<'_>, actor: &Actor, now: DateTime<Utc>) {
    let Some(end_user) = mail.end_user.filter(|_| mail.standing.may_decide() && mail.proven) else { return };
    decision.move_to(Status::Closed, "the main point of contact has declined it", actor, now);
    let data = json!({ "declined_by": mail.from.display() });
    decision.notices.push(Notice::automatic_to(end_user, NoticeKind::Closed, &decision.case, data));
    decision.notices.push(Notice::automatic_to(mail.from, NoticeKind::Closed, &decision.case, json!({})));
}

fn reopen(decision: &mut Decision, case: &Case, mail: &CustomerMail<'_>, policy: &Policy, now: DateTime<Utc>) {
    let closed_at = case.closed_at.map(|at| decision.say(at, policy));
    let why = match case.closed_at {
        Some(at) if mail.received_at <= at => "a mail had arrived before the closing",
        _ => "a reply within seven days",
    };
    decision.move_to(Status::Reopened, why, &Actor::Writer(mail.from.email.clone()), now);
    decision.ask_for_review(now, policy);
    // Of a stranger only a name is known that anybody can write.
    let writer = (!matches!(mail.standing, Standing::Requester | Standing::Stranger)).then(|| mail.from.display());
    decision.notices.push(Notice::automatic(
        NoticeKind::Reopened,
        &decision.case,
        json!({
            "closed_at": closed_at,
            "by_customer": mail.standing == Standing::Requester,
            "by_other": mail.standing != Standing::Requester,
            "writer": writer,
        }),
    ));
}

/// A main point of contact has approved an end user's request: both hear of it.
fn tell_agreed(decision: &mut Decision, mail: &CustomerMail<'_>) {
    let Some(end_user) = mail.end_user.filter(|_| mail.standing.may_decide()) else { return };
    let data = json!({ "main_contact": mail.from.display(), "end_user": null });
    decision.notices.push(Notice::automatic_to(end_user, NoticeKind::Agreed, &decision.case, data));
    let data = json!({ "main_contact": mail.from.display(), "end_user": end_user.display() });
    decision.notices.push(Notice::automatic_to(mail.from, NoticeKind::Agreed, &decision.case, data));
}

fn tell_staff(decision: &mut Decision, mail: &CustomerMail<'_>, before: Status) {
    let mut marks = mail.marks.to_vec();
    if mail.standing == Standing::Stranger {
        marks.push("the writer is no participant: they have seen a mail of this case, and are sent nothing".to_owned());
    }
    let became = Some(decision.case.status).filter(|status| *status != before);
    decision.notices.push(told(&decision.case, mail.from, mail.excerpt, &marks, became));
}

/// What staff are told of a mail that changes nothing on its case.
pub fn customer_wrote_notice(case: &Case, from: &Address, excerpt: &str, marks: &[String]) -> Notice {
    told(case, from, excerpt, marks, None)
}

/// Adds something of which staff have to take care to what they are told of a mail.
pub fn mark(decision: &mut Decision, text: String) {
    let told = |notice: &&mut Notice| matches!(notice.kind, NoticeKind::StaffCustomerWrote | NoticeKind::StaffNewCase);
    for notice in decision.notices.iter_mut().filter(told) {
        if let Some(Value::Array(marks)) = notice.data.get_mut("marks") {
            marks.push(json!(text));
        }
    }
}

/// `became`: what the mail made of the case.
fn told(case: &Case, from: &Address, excerpt: &str, marks: &[String], became: Option<Status>) -> Notice {
    Notice::to_staff(
        NoticeKind::StaffCustomerWrote,
        case,
        json!({ "writer": written(from), "excerpt": excerpt, "marks": marks, "reopened": became == Some(Status::Reopened),
            "closed": became == Some(Status::Closed),
            "asked": [], "facts": [], "history": [] }),
    )
}

/// Restarts the no-response clock: it counts from the desk's last public mail (SERVICE, no response).
pub(super) fn await_customer(decision: &mut Decision, asked_at: DateTime<Utc>, policy: &Policy) -> DateTime<Utc> {
    let warn_at = policy.hours.add_business_days(asked_at, policy.no_response_warning_business_days);
    decision.clocks.push(ClockChange::Clear(Clock::NoResponseClose));
    decision.clocks.push(ClockChange::Set(Clock::NoResponseWarning, warn_at));
    warn_at
}
