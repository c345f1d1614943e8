//! What affects no service and was raised outside of working hours may wait until the next business day, if both agree:
//! staff propose it, and the customer says yes by mail.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    case::{Actor, Case, Status},
    directory::says_no,
    lifecycle::{Clock, ClockChange, Decision, Refusal, What, mark},
    notice::{Notice, NoticeKind},
    policy::{Policy, languages::OwnText},
};
use crate::mail::{
    thread::Standing,
    verdict::{Verdict, verdict},
};

/// A proposal to a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferral {
    pub until: DateTime<Utc>,
    pub asked_at: DateTime<Utc>,
    pub asked_by: String,
    pub answer: Option<Answer>,
    pub answered_at: Option<DateTime<Utc>>,
    pub answered_by: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Agreed,
    Declined,
}

impl Answer {
    pub fn as_str(self) -> &'static str {
        match self {
            Answer::Agreed => "agreed",
            Answer::Declined => "declined",
        }
    }
}

impl FromStr for Answer {
    type Err = ();

    fn from_str(word: &str) -> Result<Answer, ()> {
        [Answer::Agreed, Answer::Declined].into_iter().find(|answer| answer.as_str() == word).ok_or(())
    }
}

/// What staff propose.
#[derive(Debug, Clone, Copy)]
pub struct Proposal<'a> {
    pub staff: &'a str,
    /// none: when the next business day begins
    pub until: Option<DateTime<Utc>>,
    /// what they tell the customer beside it
    pub text: Option<&'a str>,
    /// the impact as the case's mails tell it ([`worst`])
    pub impact: Option<&'a str>,
    /// staff have found out themselves that no service is affected
    pub affects_nothing: bool,
}

const AFFECTS_NOTHING: &str = "not-service-affecting";

/// Of the impacts that the mails of a case tell, the one that counts: whoever once wrote that a service is affected is not
/// taken to have said the contrary.
pub fn worst<'a>(told: &[&'a str]) -> Option<&'a str> {
    told.iter().find(|impact| **impact != AFFECTS_NOTHING).or(told.first()).copied()
}

/// Proposes to the customer that the case waits.
pub fn propose(
    case: &Case,
    proposal: &Proposal<'_>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<(Decision, Deferral), Refusal> {
    let until = may_wait_until(case, proposal, policy, now)?;
    let mut decision = Decision::unchanged(case);
    let actor = Actor::Staff(proposal.staff.to_owned());
    // Whoever of the staff acts on a case has reviewed it.
    decision.case.reviewed_at = Some(now);
    decision.case.last_public_at = Some(now);
    decision.clocks.push(ClockChange::Clear(Clock::Review));
    let found_out = if proposal.affects_nothing { "; no service is affected, as staff found out" } else { "" };
    let text = format!("proposed to wait until {}{found_out}", until.to_rfc3339());
    decision.note(now, &actor, What::Remark { text });
    let data = json!({
        "until": decision.say(until, policy),
        "body": proposal.text,
        "staff_name": proposal.staff,
        "urgent": policy.urgent.as_ref().map(OwnText::in_words),
    });
    decision.notices.push(Notice::by_staff(NoticeKind::DeferAsked, &decision.case, vec![], data));
    let deferral = Deferral {
        until,
        asked_at: now,
        asked_by: proposal.staff.to_owned(),
        answer: None,
        answered_at: None,
        answered_by: None,
    };
    Ok((decision, deferral))
}

fn may_wait_until(
    case: &Case,
    proposal: &Proposal<'_>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<DateTime<Utc>, Refusal> {
    let this = case.reference;
    if !policy.deferral.allowed {
        return Err(refuse(format!(
            "the policy \"{}\" lets nothing wait until the next business day ([deferral] allowed): work it, or put it on \
             hold (casepost case status {this} on-hold --until …)",
            policy.name
        )));
    }
    if case.status.is_closed() || matches!(case.status, Status::OnHold | Status::Resolved) {
        return Err(refuse(format!("{this} is {}: there is nothing to defer", case.status)));
    }
    if case.reply_to.email.is_empty() {
        return Err(refuse(format!("{this}: the request named no sender; nobody can agree")));
    }
    match proposal.impact {
        Some(AFFECTS_NOTHING) => {}
        _ if proposal.affects_nothing => {}
        Some(impact) => {
            return Err(refuse(format!(
                "only what affects no service may wait, and {this} is {}; if you have found out that it affects none, \
                 say so with --not-service-affecting",
                impact.replace('-', " ")
            )));
        }
        None => {
            return Err(refuse(format!(
                "only what affects no service may wait, and the mails of {this} do not tell its impact: find out, and say so \
                 with --not-service-affecting"
            )));
        }
    }
    if policy.hours.is_open(case.opened_at) {
        return Err(refuse(format!(
            "{this} was raised within working hours, and only what is raised outside of them may wait until the next \
             business day"
        )));
    }
    if policy.hours.is_open(now) {
        return Err(refuse("the next business day has begun: there is nothing to wait for"));
    }
    let opening = policy.hours.next_opening(now);
    let until = proposal.until.unwrap_or(opening);
    let day = |at: DateTime<Utc>| at.with_timezone(&policy.zone).date_naive();
    if day(until) != day(opening) || !policy.hours.is_open(until) {
        return Err(refuse(format!(
            "it may wait until the next business day and not longer: --until has to lie in the working hours of {}, which \
             begin at {}",
            day(opening),
            opening.with_timezone(&policy.zone).to_rfc3339()
        )));
    }
    Ok(until)
}

/// A mail on a case of which the customer was asked whether it may wait.
#[derive(Debug, Clone, Copy)]
pub struct Reply<'a> {
    pub writer: &'a str,
    pub standing: Standing,
    /// anything but the From shows who wrote it
    pub proven: bool,
    /// what they wrote now
    pub text: &'a str,
}

/// A mail has come; only who may decide for the customer answers by it. What it brought about is marked for staff.
pub fn replied(
    decision: &mut Decision,
    deferral: &mut Deferral,
    reply: &Reply<'_>,
    policy: &Policy,
    now: DateTime<Utc>,
) {
    if deferral.answer.is_some() || reply.standing == Standing::Staff {
        return;
    }
    let told = match answer_of(reply.text) {
        Some(answer) if reply.standing.may_decide() && reply.proven => {
            answered(decision, deferral, answer, reply.writer, policy, now)
        }
        Some(_) => "was asked whether it may wait, but who answers may not decide that: decide".to_owned(),
        None => "was asked whether it may wait, and has not clearly said yes or no: decide".to_owned(),
    };
    mark(decision, told);
}

/// What a mail answers to the proposal.
fn answer_of(reply: &str) -> Option<Answer> {
    /// A longer mail is for a person to understand: there is a "not" in most of them.
    const CHARS: usize = 200;
    match verdict(reply, None) {
        Some(Verdict::Yes) => Some(Answer::Agreed),
        Some(Verdict::No) => Some(Answer::Declined),
        None if says_no(reply) && reply.chars().nth(CHARS).is_none() => Some(Answer::Declined),
        None => None,
    }
}

/// The customer has answered: with a yes the case waits. Gives what staff are told in the mail about it.
fn answered(
    decision: &mut Decision,
    deferral: &mut Deferral,
    answer: Answer,
    writer: &str,
    policy: &Policy,
    now: DateTime<Utc>,
) -> String {
    deferral.answer = Some(answer);
    deferral.answered_at = Some(now);
    deferral.answered_by = Some(writer.to_owned());
    let actor = Actor::Writer(writer.to_owned());
    if answer == Answer::Declined {
        let text = "does not want it to wait until the next business day".to_owned();
        decision.note(now, &actor, What::Remark { text: text.clone() });
        return format!("{text}: work it now");
    }
    if now >= deferral.until || decision.case.status.is_closed() {
        let text = "agrees that it waits, but that time is over".to_owned();
        decision.note(now, &actor, What::Remark { text: text.clone() });
        return text;
    }
    decision.move_to(Status::OnHold, "the customer agreed to wait until the next business day", &actor, now);
    decision.case.hold_until = Some(deferral.until);
    decision.clocks.push(ClockChange::Set(Clock::HoldEnd, deferral.until));
    let data = json!({ "until": decision.say(deferral.until, policy) });
    decision.notices.push(Notice::automatic(NoticeKind::Status, &decision.case, data));
    "agrees that it waits: it is on hold, and in progress again when the next business day begins".to_owned()
}

fn refuse(why: impl Into<String>) -> Refusal {
    Refusal(why.into())
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone};

    use super::*;
    use crate::{
        desk::{case::CaseId, policy, priority::Priority, reference::Reference},
        mail::address::Address,
    };

    fn policy() -> Policy {
        let mut policy = Policy::load("base", &policy::built_in).unwrap();
        policy.deferral.allowed = true;
        policy
    }

    /// A Tuesday night; the next working day begins eleven hours later.
    fn night() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 3, 22, 0, 0).unwrap()
    }

    fn case(opened_at: DateTime<Utc>) -> Case {
        let requester = Address::new(Some("Ada"), "ada@books.example");
        Case {
            id: CaseId(1),
            reference: Reference::from_counter(1, &[7; 32]).unwrap(),
            status: Status::InProgress,
            priority: Priority::P4,
            subject: "Label".to_owned(),
            reply_to: requester.clone(),
            requester,
            ..Case::sample(opened_at)
        }
    }

    const PLAIN: Proposal<'_> = Proposal {
        staff: "Frida",
        until: None,
        text: None,
        impact: Some("not-service-affecting"),
        affects_nothing: false,
    };

    fn refused(case: &Case, proposal: &Proposal<'_>, policy: &Policy, now: DateTime<Utc>) -> String {
        propose(case, proposal, policy, now).unwrap_err().to_string()
    }

    #[test]
    fn each_refusal_names_the_rule() {
        let (night, policy) = (night(), policy());
        let base = Policy::load("base", &policy::built_in).unwrap();
        assert!(refused(&case(night), &PLAIN, &base, night).contains("[deferral] allowed"));
        let degraded = Proposal { impact: Some("degradation"), ..PLAIN };
        assert!(refused(&case(night), &degraded, &policy, night).contains("only what affects no service may wait"));
        let unknown = Proposal { impact: None, ..PLAIN };
        assert!(refused(&case(night), &unknown, &policy, night).contains("do not tell its impact"));
        let by_day = night - Duration::hours(10);
        assert!(refused(&case(by_day), &PLAIN, &policy, night).contains("raised within working hours"));
        let morning = night + Duration::hours(12);
        assert!(refused(&case(night), &PLAIN, &policy, morning).contains("has begun"));
        for hours in [1, 35] {
            let later = Proposal { until: Some(night + Duration::hours(hours)), ..PLAIN };
            assert!(refused(&case(night), &later, &policy, night).contains("not longer"), "{hours}");
        }
        let held = Case { status: Status::OnHold, ..case(night) };
        assert!(refused(&held, &PLAIN, &policy, night).contains("nothing to defer"));
    }

    #[test]
    fn of_several_impacts_one_on_a_service_counts() {
        assert_eq!(worst(&["not-service-affecting", "degradation"]), Some("degradation"));
        assert_eq!(worst(&["not-service-affecting"]), Some("not-service-affecting"));
        assert_eq!(worst(&[]), None);
    }

    #[test]
    fn a_yes_puts_the_case_on_hold_until_the_next_opening_and_a_no_changes_nothing() {
        let (night, policy) = (night(), policy());
        let (decision, asked) = propose(&case(night), &PLAIN, &policy, night).unwrap();
        assert_eq!(asked.until, night + Duration::hours(11));
        assert_eq!(decision.notices.len(), 1);
        assert_eq!(decision.case.status, Status::InProgress, "nothing waits before the customer has agreed");
        let later = night + Duration::hours(1);
        let mut agreed = Decision::unchanged(&decision.case);
        answered(&mut agreed, &mut asked.clone(), Answer::Agreed, "ada@books.example", &policy, later);
        assert_eq!((agreed.case.status, agreed.case.hold_until), (Status::OnHold, Some(asked.until)));
        assert!(agreed.clocks.contains(&ClockChange::Set(Clock::HoldEnd, asked.until)));
        let mut declined = Decision::unchanged(&decision.case);
        let told = answered(&mut declined, &mut asked.clone(), Answer::Declined, "ada@books.example", &policy, later);
        assert_eq!(declined.case.status, Status::InProgress);
        assert!(told.contains("work it now") && declined.notices.is_empty());
        let mut late = Decision::unchanged(&decision.case);
        answered(&mut late, &mut asked.clone(), Answer::Agreed, "ada@books.example", &policy, asked.until);
        assert_eq!(late.case.status, Status::InProgress, "the time until which it was to wait is over");
    }

    #[test]
    fn what_is_not_clearly_an_answer_is_none() {
        assert_eq!(answer_of("Yes, that is fine"), Some(Answer::Agreed));
        assert_eq!(answer_of("Einverstanden.\n\nErika"), Some(Answer::Agreed));
        assert_eq!(answer_of("はい"), Some(Answer::Agreed));
        assert_eq!(answer_of("No, it can't wait"), Some(Answer::Declined));
        assert_eq!(answer_of("Yes, but not longer"), Some(Answer::Declined));
        assert_eq!(answer_of("Which business day do you mean?"), None);
        assert_eq!(answer_of(""), None);
    }
}
