//! An approval is answered, by a reply to the mail that asked for it or through staff.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    Macd, State,
    ask::{in_words, tell_who_is_there, to_whom_it_was},
    clock::start_clocks,
    merged,
};
use crate::{
    desk::{
        case::{Actor, Case, Status},
        lifecycle::{Clock, ClockChange, Decision, Refusal, What, reopen_until},
        notice::{Notice, NoticeKind},
        policy::Policy,
    },
    mail::{
        address::Address,
        verdict::{Verdict, verdict},
    },
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Yes,
    No,
}

/// Who answered, and when the desk's mail server had it.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'a> {
    pub answer: Answer,
    pub by: &'a Address,
    pub at: DateTime<Utc>,
}

/// What a reply to the question for approval answers; else what staff are told of it. `vouched` is false where the desk's
/// mail server tells who a sender is, and does not for this one: a yes costs money.
pub fn answer_in(own_words: &str, by: &Address, vouched: bool) -> Result<Answer, &'static str> {
    match verdict(own_words, by.name.as_deref()) {
        _ if !vouched => Err("but the mail server does not vouch for its sender: ask them, then"),
        Some(Verdict::Yes) => Ok(Answer::Yes),
        Some(Verdict::No) => Ok(Answer::No),
        None => Err("and says neither a clear yes nor a clear no:"),
    }
}

/// A mail on a case that waits for an approval and is none: the case goes on waiting, whatever mail does otherwise.
pub fn keep_waiting(decision: &mut Decision, before: &Case) {
    decision.notices.retain(|notice| notice.kind != NoticeKind::Agreed);
    if before.status != Status::AwaitingCustomer || decision.case.status != Status::InProgress {
        return;
    }
    decision.case.status = before.status;
    decision.case.reviewed_at = before.reviewed_at;
    decision.history.retain(|entry| !matches!(entry.what, What::Status { .. }));
    decision.clocks.retain(|change| !matches!(change, ClockChange::Set(Clock::Review, _)));
    tell_staff_the_status(decision);
}

/// What staff are told with a mail was written when it had done nothing yet.
fn tell_staff_the_status(decision: &mut Decision) {
    let status = decision.case.status;
    for notice in decision.notices.iter_mut().filter(|notice| notice.kind.is_for_staff()) {
        notice.data.insert("status".to_owned(), json!(status.as_str()));
    }
}

/// `decision` is what the mail did otherwise.
pub fn answer_by_mail(
    decision: &mut Decision,
    before: &Case,
    macd: &Macd,
    answered: &Answered<'_>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Macd {
    keep_waiting(decision, before);
    let actor = Actor::Writer(answered.by.email.clone());
    let macd = decide(decision, macd, answered, &actor, policy, now);
    tell_staff_the_status(decision);
    if decision.case.reviewed_at.is_none() && !decision.case.status.is_closed() {
        // Until now nobody of the staff had to look at it.
        decision.ask_for_review(answered.at, policy);
    }
    macd
}

/// Staff record what somebody at the customer said, on the telephone for example.
pub fn answer_by_staff(
    case: &Case,
    macd: &Macd,
    answer: Answer,
    (by, staff): (&Address, &str),
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<(Decision, Macd), Refusal> {
    if macd.state != State::Waiting {
        return Err(Refusal(format!(
            "{}: the change request is {} already; `casepost case macd {0} standard` or `expedited` begins anew",
            case.reference,
            macd.state.as_str()
        )));
    }
    if case.status.is_closed() {
        return Err(Refusal(format!(
            "{} is {}: reopen it first (casepost case reopen {0})",
            case.reference, case.status
        )));
    }
    let mut decision = Decision::unchanged(case);
    decision.case.reviewed_at = Some(now);
    decision.clocks.push(ClockChange::Clear(Clock::Review));
    let actor = Actor::Staff(staff.to_owned());
    let macd = decide(&mut decision, macd, &Answered { answer, by, at: now }, &actor, policy, now);
    Ok((decision, macd))
}

fn decide(
    decision: &mut Decision,
    macd: &Macd,
    answered: &Answered<'_>,
    actor: &Actor,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Macd {
    let who = if answered.by.email.is_empty() { answered.by.display().to_owned() } else { answered.by.email.clone() };
    let mut macd = Macd { decided_at: Some(answered.at), decided_by: Some(who.clone()), ..macd.clone() };
    let verb = match answered.answer {
        Answer::Yes => "approved",
        Answer::No => "declined",
    };
    decision.note(now, actor, What::Remark { text: format!("{}: {verb} by {who}", in_words(&macd)) });
    match answered.answer {
        Answer::Yes => {
            macd.state = State::Approved;
            macd.promise(answered.at, policy);
            if decision.case.status == Status::AwaitingCustomer {
                decision.move_to(Status::InProgress, "the change request is approved", actor, now);
            }
            start_clocks(decision, &macd, policy, now);
            tell_who_is_there(decision, &macd, answered.at, policy);
        }
        Answer::No => {
            macd.state = State::Declined;
            if !decision.case.status.is_closed() {
                decision.move_to(Status::Closed, "the change request is declined", actor, now);
            }
        }
    }
    tell_both(decision, &macd, answered.by, policy);
    macd
}

/// Whoever asked for it and whoever decided it hear what it is now.
fn tell_both(decision: &mut Decision, macd: &Macd, by: &Address, policy: &Policy) {
    let say = |at: Option<DateTime<Utc>>| at.map(|at| decision.say(at, policy));
    let data = |own: bool| {
        let about = json!({
            "approved": macd.state == State::Approved,
            "own": own,
            "decided_by": by.display(),
            "respond_by": say(macd.respond_by),
            "done_by": say(macd.done_by),
            "reopen_until": say(decision.case.closed_at.map(|at| reopen_until(at, policy))),
        });
        merged(macd.told(policy), about)
    };
    let own = macd.requested_by.email == by.email;
    let mut notices = vec![to_whom_it_was(macd, decision, NoticeKind::MacdAnswered, data(own))];
    if !own && !by.email.is_empty() {
        notices.push(Notice::automatic_to(by, NoticeKind::MacdAnswered, &decision.case, data(true)));
    }
    decision.notices.extend(notices);
}
