//! A change is asked for, by mail or through staff: who has to approve it, and what everybody is told.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{ChangeKind, Class, Macd, State, clock::start_clocks, merged};
use crate::{
    desk::{
        case::{Actor, Case, Status},
        directory::Contact,
        lifecycle::{Clock, ClockChange, Decision, Refusal, What, say_to_staff},
        notice::{Audience, Notice, NoticeKind, written},
        policy::{Policy, macd::Approval},
    },
    mail::address::Address,
};

/// Who asks, and whom there is to ask.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    pub writer: &'a Address,
    /// the writer is a main point of contact
    pub is_main: bool,
    /// more than the From shows that they wrote
    pub proven: bool,
    /// the main points of contact of the writer's organisation, the primary first
    pub main_contacts: &'a [Contact],
    /// what they wrote, where it may be shown to others
    pub excerpt: Option<&'a str>,
    /// what one of the staff wrote for whoever approves it
    pub description: Option<&'a str>,
}

/// What one of the staff says of a change.
#[derive(Debug, Clone, Copy)]
pub struct ByStaff<'a> {
    pub name: &'a str,
    pub class: Class,
    pub kind: Option<ChangeKind>,
    pub estimate_minutes: Option<u32>,
}

/// Who is asked to approve.
enum Whom {
    /// it counts as approved
    Nobody,
    /// the main point of contact who asked for it confirms it
    Themselves,
    MainContacts,
}

fn whom(asking: &Asking<'_>, class: Class, policy: &Policy) -> Whom {
    let costs_extra = class == Class::Expedited && policy.macd.price_per_hour.is_some();
    match policy.macd.approval {
        Approval::Nobody => Whom::Nobody,
        Approval::MainContact if asking.is_main && asking.proven && !costs_extra => Whom::Nobody,
        Approval::MainContact if asking.is_main => Whom::Themselves,
        Approval::MainContact => Whom::MainContacts,
    }
}

/// The mail that opened the case asks for a change: `decision` is the opening's, and goes on from here.
pub fn ask_by_mail(
    decision: &mut Decision,
    (kind, class): (ChangeKind, Class),
    asking: &Asking<'_>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Macd {
    let case = decision.case.clone();
    let mut macd = Macd {
        case: case.id,
        kind: Some(kind),
        class,
        state: State::Waiting,
        requested_at: case.opened_at,
        requested_by: asking.writer.clone(),
        estimate_minutes: None,
        asked_at: None,
        decided_at: None,
        decided_by: None,
        respond_by: None,
        done_by: None,
    };
    // One mail answers a request, not two.
    let replaced = |kind| matches!(kind, NoticeKind::Acknowledgement | NoticeKind::GoThrough | NoticeKind::EndUserAsks);
    let answered = decision.notices.iter().any(|notice| replaced(notice.kind));
    decision.notices.retain(|notice| !replaced(notice.kind));
    let why = settle(decision, &mut macd, asking, case.opened_at, answered, policy, now);
    decision.note(now, &Actor::Desk, What::Remark { text: format!("{}: {why}", in_words(&macd)) });
    decision.mark_for_staff(format!("{}: {why}", in_words(&macd)));
    macd
}

/// Staff make a change request of a case, or another one than it is.
pub fn ask_by_staff(
    case: &Case,
    before: Option<&Macd>,
    said: &ByStaff<'_>,
    asking: &Asking<'_>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<(Decision, Macd), Refusal> {
    if case.status.is_closed() {
        return Err(Refusal(format!(
            "{} is {}: reopen it first (casepost case reopen {0})",
            case.reference, case.status
        )));
    }
    let mut decision = Decision::unchanged(case);
    let actor = Actor::Staff(said.name.to_owned());
    decision.case.reviewed_at = Some(now);
    decision.clocks.push(ClockChange::Clear(Clock::Review));
    let mut macd = Macd {
        case: case.id,
        kind: said.kind.or(before.and_then(|macd| macd.kind)),
        class: said.class,
        state: State::Waiting,
        requested_at: before.map_or(now, |macd| macd.requested_at),
        requested_by: asking.writer.clone(),
        estimate_minutes: said.estimate_minutes.or(before.and_then(|macd| macd.estimate_minutes)),
        asked_at: None,
        decided_at: None,
        decided_by: None,
        respond_by: None,
        done_by: None,
    };
    let approved = before.filter(|macd| macd.state == State::Approved);
    // What was approved covers whatever costs no more.
    let covers = |old: &&Macd| {
        (old.class == macd.class || macd.class == Class::Standard)
            && macd.estimate_minutes.unwrap_or(0) <= old.estimate_minutes.unwrap_or(u32::MAX)
    };
    match approved.filter(covers) {
        Some(old)
            if old.class == macd.class && old.kind == macd.kind && old.estimate_minutes == macd.estimate_minutes =>
        {
            return Err(Refusal(format!("{} is this already: {}, approved", case.reference, in_words(old))));
        }
        Some(old) => {
            let at = old.decided_at.unwrap_or(now);
            (macd.state, macd.asked_at) = (State::Approved, old.asked_at);
            (macd.decided_at, macd.decided_by) = (old.decided_at, old.decided_by.clone());
            macd.promise(at, policy);
            start_clocks(&mut decision, &macd, policy, now);
            let text = format!("{}: approved before by {}", in_words(&macd), macd.decided_by.as_deref().unwrap_or("?"));
            decision.note(now, &actor, What::Remark { text });
        }
        None => {
            decision.clocks.extend([Clock::MacdResponse, Clock::MacdDone].map(ClockChange::Clear));
            let why = settle(&mut decision, &mut macd, asking, now, true, policy, now);
            decision.note(now, &actor, What::Remark { text: format!("{}: {why}", in_words(&macd)) });
        }
    }
    Ok((decision, macd))
}

/// `change request (add, expedited)`, for staff's eyes.
pub(super) fn in_words(macd: &Macd) -> String {
    let kind = macd.kind.map(|kind| format!("{}, ", kind.as_str())).unwrap_or_default();
    format!("change request ({kind}{})", macd.class.as_str())
}

/// Approves it at once or asks for it, and tells whoever asked. Says which, in words for staff.
fn settle(
    decision: &mut Decision,
    macd: &mut Macd,
    asking: &Asking<'_>,
    requested_at: DateTime<Utc>,
    answered: bool,
    policy: &Policy,
    now: DateTime<Utc>,
) -> String {
    match whom(asking, macd.class, policy) {
        Whom::Nobody => {
            (macd.state, macd.decided_at) = (State::Approved, Some(requested_at));
            macd.decided_by = Some(asking.writer.email.clone());
            macd.promise(requested_at, policy);
            start_clocks(decision, macd, policy, now);
            tell_who_is_there(decision, macd, requested_at, policy);
            if answered {
                let told = received(decision, macd, &[], policy);
                decision.notices.push(told);
            }
            "counts as approved".to_owned()
        }
        Whom::Themselves => {
            wait(decision, macd, now);
            let themselves = [Contact {
                name: asking.writer.name.clone(),
                email: asking.writer.email.clone(),
                ..Contact::default()
            }];
            ask(decision, macd, asking, &themselves, policy);
            match asking.proven {
                true => format!("{} is asked to confirm what it costs", asking.writer.email),
                false => format!("nobody vouches for the mail, so {} is asked to confirm it", asking.writer.email),
            }
        }
        Whom::MainContacts => {
            wait(decision, macd, now);
            ask(decision, macd, asking, asking.main_contacts, policy);
            if answered {
                let told = received(decision, macd, asking.main_contacts, policy);
                decision.notices.push(told);
            }
            match asking.main_contacts {
                [] => format!(
                    "no main point of contact is known who could approve it: `casepost case macd {} approve` records who \
                     did",
                    decision.case.reference
                ),
                people => {
                    let all: Vec<&str> = people.iter().map(|person| person.email.as_str()).collect();
                    format!("waits for the approval of {}", all.join(" or "))
                }
            }
        }
    }
}

/// Nothing is worked before somebody has agreed.
fn wait(decision: &mut Decision, macd: &mut Macd, now: DateTime<Utc>) {
    macd.asked_at = Some(now);
    if decision.case.status != Status::AwaitingCustomer {
        decision.move_to(Status::AwaitingCustomer, "a change request waits for approval", &Actor::Desk, now);
    }
}

/// A mail of their own to each: the answer has to cite the one that went to whoever answers.
fn ask(decision: &mut Decision, macd: &Macd, asking: &Asking<'_>, people: &[Contact], policy: &Policy) {
    for person in people {
        let own = person.email == asking.writer.email;
        let data = json!({
            "requester": written(asking.writer),
            "own": own,
            "excerpt": asking.description.or(asking.excerpt.filter(|_| !own)).filter(|text| !text.is_empty()),
        });
        let to = Address { name: person.name.clone(), email: person.email.clone() };
        let data = merged(macd.told(policy), data);
        decision.notices.push(Notice::automatic_to(&to, NoticeKind::MacdApprove, &decision.case, data));
    }
}

/// What whoever asked for it is told.
fn received(decision: &Decision, macd: &Macd, waits_for: &[Contact], policy: &Policy) -> Notice {
    let say = |at: Option<DateTime<Utc>>| at.map(|at| decision.say(at, policy));
    let names: Vec<&str> =
        waits_for.iter().map(|person| person.name.as_deref().unwrap_or(person.email.as_str())).collect();
    let data: Value = json!({
        "received_at": decision.say(decision.case.opened_at, policy),
        "approved": macd.state == State::Approved,
        "waits_for": names,
        "respond_by": say(macd.respond_by),
        "done_by": say(macd.done_by),
    });
    let data = merged(macd.told(policy), data);
    to_whom_it_was(macd, decision, NoticeKind::MacdReceived, data)
}

/// To whoever asked for it: an end user's case is the main point of contact's, the answers are the end user's.
pub(super) fn to_whom_it_was(macd: &Macd, decision: &Decision, kind: NoticeKind, data: Value) -> Notice {
    match macd.requested_by.email == decision.case.requester.email {
        true => Notice::automatic(kind, &decision.case, data),
        false => Notice::automatic_to(&macd.requested_by, kind, &decision.case, data),
    }
}

/// An expedited request outside of the extended hours goes to whoever works at any hour.
pub(super) fn tell_who_is_there(decision: &mut Decision, macd: &Macd, at: DateTime<Utc>, policy: &Policy) {
    let Some(due) = macd.respond_by.map(|at| say_to_staff(at, policy)) else { return };
    if macd.class != Class::Expedited || policy.macd.extended_hours.is_open(at) {
        return;
    }
    let data = json!({ "what": "first response", "due": due, "request": in_words(macd), "at_any_hour": true, "breached": false });
    let mut notice = Notice::to_leads(NoticeKind::StaffMacd, &decision.case, data);
    if let Some(email) = &policy.macd.around_the_clock {
        notice.audience = Audience::Person(Address::bare(email));
    }
    decision.notices.push(notice);
}
