//! Change requests, sentence by sentence.

use chrono::{Duration, TimeZone};

use super::*;
use crate::{
    desk::{
        case::{Case, Status},
        directory::Contact,
        lifecycle::{ClockChange, Decision, What},
        notice::{Audience, NoticeKind},
        policy,
        priority::Priority,
        reference::Reference,
    },
    mail::{address::Address, wording},
};

fn calltower() -> Policy {
    Policy::load("calltower", &policy::built_in).unwrap()
}

/// A Tuesday, at this hour in Denver.
fn tuesday(hour: u32) -> DateTime<Utc> {
    let local = chrono_tz::America::Denver.with_ymd_and_hms(2026, 11, 3, hour, 0, 0).unwrap();
    local.to_utc()
}

fn new_case(at: DateTime<Utc>) -> Case {
    let requester = Address::new(Some("Charles"), "charles@books.test");
    Case {
        id: CaseId(1),
        reference: Reference::from_counter(1, &[7; 32]).unwrap(),
        priority: Priority::P4,
        subject: "Two extensions".to_owned(),
        reply_to: requester.clone(),
        requester,
        ..Case::sample(at)
    }
}

fn grace() -> Contact {
    Contact { name: Some("Grace".to_owned()), email: "grace@books.test".to_owned(), ..Contact::default() }
}

struct Asks {
    is_main: bool,
    proven: bool,
    class: Class,
}

fn asked(asks: &Asks, at: DateTime<Utc>) -> (Decision, Macd) {
    let case = new_case(at);
    let mut decision = Decision::unchanged(&case);
    let acknowledged = crate::desk::notice::Notice::automatic(NoticeKind::Acknowledgement, &case, json!({}));
    decision.notices.push(acknowledged);
    let people = [grace()];
    let asking = Asking {
        writer: &case.requester,
        is_main: asks.is_main,
        proven: asks.proven,
        main_contacts: &people,
        excerpt: None,
        description: None,
    };
    let macd = ask_by_mail(&mut decision, (ChangeKind::Add, asks.class), &asking, &calltower(), at);
    (decision, macd)
}

fn kinds(decision: &Decision) -> Vec<NoticeKind> {
    decision.notices.iter().map(|notice| notice.kind).collect()
}

fn set(decision: &Decision, clock: Clock) -> Option<DateTime<Utc>> {
    decision.clocks.iter().rev().find_map(|change| match change {
        ClockChange::Set(which, due) if *which == clock => Some(*due),
        _ => None,
    })
}

#[test]
fn a_main_contacts_standard_request_counts_as_approved_when_it_is_sure_that_they_wrote() {
    let (decision, macd) = asked(&Asks { is_main: true, proven: true, class: Class::Standard }, tuesday(10));
    assert_eq!(macd.state, State::Approved);
    assert_eq!(
        (macd.respond_by, macd.done_by),
        (Some(tuesday(10) + Duration::days(1)), Some(tuesday(10) + Duration::days(2)))
    );
    assert_eq!(kinds(&decision), [NoticeKind::MacdReceived], "one mail answers a request");
    assert_eq!(
        set(&decision, Clock::MacdResponse),
        Some(tuesday(9) + Duration::days(1)),
        "an hour ahead staff are warned"
    );
}

#[test]
fn without_proof_or_where_it_costs_extra_a_main_contact_is_asked_themselves() {
    for asks in [
        Asks { is_main: true, proven: false, class: Class::Standard },
        Asks { is_main: true, proven: true, class: Class::Expedited },
    ] {
        let (decision, macd) = asked(&asks, tuesday(10));
        assert_eq!(macd.state, State::Waiting);
        assert_eq!(kinds(&decision), [NoticeKind::MacdApprove]);
        assert_eq!(decision.notices[0].data["own"], true);
        assert_eq!(decision.case.status, Status::AwaitingCustomer);
        assert_eq!(set(&decision, Clock::MacdResponse), None, "no promise runs before the approval");
    }
}

#[test]
fn anybody_elses_request_waits_for_the_main_contacts() {
    let (decision, macd) = asked(&Asks { is_main: false, proven: true, class: Class::Standard }, tuesday(10));
    assert_eq!((macd.state, macd.respond_by), (State::Waiting, None));
    assert_eq!(kinds(&decision), [NoticeKind::MacdApprove, NoticeKind::MacdReceived]);
    assert!(matches!(&decision.notices[0].audience, Audience::Person(person) if person.email == "grace@books.test"));
    assert_eq!(decision.notices[0].data["price_per_hour"], wording::money("100.00", "USD"));
}

fn approve(macd: &Macd, case: &Case, at: DateTime<Utc>) -> (Decision, Macd) {
    let mut decision = Decision::unchanged(case);
    let by = Address::new(Some("Grace"), "grace@books.test");
    let answered = Answered { answer: Answer::Yes, by: &by, at };
    let macd = answer_by_mail(&mut decision, case, macd, &answered, &calltower(), at);
    (decision, macd)
}

#[test]
fn the_promises_count_from_the_approval_and_both_are_told() {
    let (opened, macd) = asked(&Asks { is_main: false, proven: true, class: Class::Expedited }, tuesday(9));
    let (decision, macd) = approve(&macd, &opened.case, tuesday(11));
    assert_eq!((macd.state, macd.respond_by), (State::Approved, Some(tuesday(15))));
    assert_eq!(macd.done_by, Some(tuesday(11) + Duration::days(1)));
    assert_eq!(macd.decided_by.as_deref(), Some("grace@books.test"));
    assert_eq!(decision.case.status, Status::InProgress);
    assert_eq!(kinds(&decision), [NoticeKind::MacdAnswered, NoticeKind::MacdAnswered]);
    assert!(set(&decision, Clock::Review).is_some(), "nobody of the staff has looked at it yet");
}

#[test]
fn outside_of_the_extended_hours_standard_counts_from_their_next_opening_and_expedited_goes_to_who_is_there() {
    let late = tuesday(20);
    let morning = tuesday(7) + Duration::days(1);
    let (opened, macd) = asked(&Asks { is_main: false, proven: true, class: Class::Standard }, tuesday(9));
    let (decision, macd) = approve(&macd, &opened.case, late);
    assert_eq!(macd.respond_by, Some(morning + Duration::days(1)));
    assert!(!kinds(&decision).contains(&NoticeKind::StaffMacd));
    let (opened, macd) = asked(&Asks { is_main: false, proven: true, class: Class::Expedited }, tuesday(9));
    let (decision, macd) = approve(&macd, &opened.case, late);
    assert_eq!(macd.respond_by, Some(late + Duration::hours(4)));
    let told = decision.notices.iter().find(|notice| notice.kind == NoticeKind::StaffMacd).unwrap();
    assert_eq!(told.audience, Audience::Leads);
}

#[test]
fn a_no_closes_the_case_and_is_written_down() {
    let (opened, macd) = asked(&Asks { is_main: false, proven: true, class: Class::Standard }, tuesday(9));
    let mut decision = Decision::unchanged(&opened.case);
    let by = Address::new(Some("Grace"), "grace@books.test");
    let answered = Answered { answer: Answer::No, by: &by, at: tuesday(10) };
    let macd = answer_by_mail(&mut decision, &opened.case, &macd, &answered, &calltower(), tuesday(10));
    assert_eq!((macd.state, decision.case.status), (State::Declined, Status::Closed));
    let written = |text: &str| {
        decision.history.iter().any(|entry| matches!(&entry.what, What::Remark { text: said } if said.contains(text)))
    };
    assert!(written("declined by grace@books.test"));
    assert_eq!(kinds(&decision), [NoticeKind::MacdAnswered, NoticeKind::MacdAnswered]);
}

#[test]
fn a_clock_warns_the_assignee_then_tells_the_leads_and_is_silent_once_the_promise_is_kept() {
    let (opened, macd) = asked(&Asks { is_main: true, proven: true, class: Class::Standard }, tuesday(10));
    let due = macd.respond_by.unwrap();
    let run = |case: &Case, at| clock_ran(case, &macd, Clock::MacdResponse, &calltower(), at);
    let warned = run(&opened.case, due - Duration::hours(1));
    assert_eq!((warned.notices[0].audience.clone(), set(&warned, Clock::MacdResponse)), (Audience::Staff, Some(due)));
    let breached = run(&opened.case, due);
    assert_eq!((breached.notices[0].audience.clone(), set(&breached, Clock::MacdResponse)), (Audience::Leads, None));
    let mut answered = opened.case.clone();
    answered.last_public_at = Some(tuesday(12));
    assert!(run(&answered, due).notices.is_empty());
    let mut closed = opened.case.clone();
    closed.status = Status::Closed;
    assert!(clock_ran(&closed, &macd, Clock::MacdDone, &calltower(), macd.done_by.unwrap()).notices.is_empty());
}

#[test]
fn a_mail_that_is_no_approval_leaves_the_case_waiting() {
    let (opened, _) = asked(&Asks { is_main: false, proven: true, class: Class::Standard }, tuesday(9));
    let mut decision = Decision::unchanged(&opened.case);
    decision.move_to(Status::InProgress, "a mail came", &crate::desk::case::Actor::Desk, tuesday(10));
    decision.ask_for_review(tuesday(10), &calltower());
    keep_waiting(&mut decision, &opened.case);
    assert_eq!(decision.case.status, Status::AwaitingCustomer);
    assert_eq!((decision.history.len(), set(&decision, Clock::Review)), (0, None));
}

fn staff(class: Class, estimate_minutes: Option<u32>) -> ByStaff<'static> {
    ByStaff { name: "Frida", class, kind: None, estimate_minutes }
}

#[test]
fn what_costs_more_than_was_approved_is_asked_for_anew_and_what_costs_less_is_not() {
    let (opened, macd) = asked(&Asks { is_main: true, proven: true, class: Class::Standard }, tuesday(10));
    let people = [grace()];
    let writer = &opened.case.requester;
    let asking =
        Asking { writer, is_main: false, proven: true, main_contacts: &people, excerpt: None, description: None };
    let by_staff = |before: &Macd, said: &ByStaff<'_>| {
        ask_by_staff(&opened.case, Some(before), said, &asking, &calltower(), tuesday(11))
    };
    let (decision, faster) = by_staff(&macd, &staff(Class::Expedited, Some(45))).unwrap();
    assert_eq!(faster.state, State::Waiting);
    assert_eq!(decision.notices[0].data["estimated_price"], wording::money("75.00", "USD"));
    assert!(decision.clocks.contains(&ClockChange::Clear(Clock::MacdDone)), "what was promised is promised no more");
    let (_, approved) = approve(&faster, &decision.case, tuesday(12));
    let (_, slower) = by_staff(&approved, &staff(Class::Standard, Some(30))).unwrap();
    assert_eq!(slower.state, State::Approved);
    let (_, longer) = by_staff(&approved, &staff(Class::Expedited, Some(60))).unwrap();
    assert_eq!(longer.state, State::Waiting);
    assert!(by_staff(&approved, &staff(Class::Expedited, None)).is_err(), "it is that already");
}

#[test]
fn a_supplier_who_needs_longer_moves_the_completion() {
    let (opened, macd) = asked(&Asks { is_main: true, proven: true, class: Class::Standard }, tuesday(10));
    let mut decision = Decision::unchanged(&opened.case);
    let until = tuesday(10) + Duration::days(9);
    let later = delay(&mut decision, &macd, until, &calltower(), tuesday(11)).unwrap();
    assert_eq!((later.done_by, set(&decision, Clock::MacdDone)), (Some(until), Some(until - Duration::hours(1))));
}
