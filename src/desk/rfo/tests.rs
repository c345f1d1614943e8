use chrono::{Duration, TimeZone};

use super::*;
use crate::{
    desk::{
        case::CaseId,
        hours::Zone,
        notice::Audience,
        policy::{self, RuleFile},
        priority::Priority,
        reference::Reference,
    },
    mail::wording,
};

fn interspace() -> Policy {
    Policy::load("interspace", &policy::built_in).unwrap()
}

/// A Tuesday, 10:00 UTC.
fn tuesday() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 3, 10, 0, 0).unwrap()
}

fn ada() -> Address {
    Address::new(Some("Ada"), "ada@books.example")
}

fn case(status: Status, priority: Priority) -> Case {
    Case {
        id: CaseId(1),
        reference: Reference::from_counter(1, &[7; 32]).unwrap(),
        status,
        priority,
        subject: "Line down".to_owned(),
        requester: ada(),
        reply_to: ada(),
        closed_at: status.is_closed().then(tuesday),
        reviewed_at: Some(tuesday()),
        ..Case::sample(tuesday() - Duration::hours(3))
    }
}

fn asked(case: &Case, known: &[Rfo], policy: &Policy) -> Followed {
    let person = ada();
    let asking = Asking {
        kind: RfoKind::Rfo,
        person: &person,
        resolved: is_resolved(case.status),
        actor: Actor::Writer(person.email.clone()),
        answered: true,
    };
    ask(case, known, &asking, policy, tuesday())
}

fn clock_of(followed: &Followed) -> ClockChange {
    *followed.decision.clocks.last().unwrap()
}

fn kinds(followed: &Followed) -> Vec<(NoticeKind, Audience)> {
    followed.decision.notices.iter().map(|n| (n.kind, n.audience.clone())).collect()
}

#[test]
fn a_resolved_critical_case_s_report_is_due_five_business_days_after_the_request() {
    let followed = asked(&case(Status::Closed, Priority::P1), &[], &interspace());
    assert_eq!(followed.rfos[0].state, State::Due);
    assert_eq!(followed.rfos[0].due, Some(tuesday() + Duration::days(7)));
    assert_eq!(clock_of(&followed), ClockChange::Set(Clock::Rfo, tuesday() + Duration::days(6)));
    let ada = Audience::Person(ada());
    assert_eq!(kinds(&followed), [(NoticeKind::RfoRecorded, ada), (NoticeKind::StaffRfo, Audience::Staff)]);
}

#[test]
fn an_open_case_s_report_is_kept_and_its_time_begins_when_the_case_is_resolved() {
    let policy = interspace();
    let kept = asked(&case(Status::InProgress, Priority::P4), &[], &policy);
    assert_eq!((kept.rfos[0].state, kept.rfos[0].due), (State::Kept, None));
    assert_eq!(clock_of(&kept), ClockChange::Clear(Clock::Rfo));
    assert_eq!(case_moved(&case(Status::OnHold, Priority::P1), &kept.rfos, &policy, tuesday()), None);
    let later = tuesday() + Duration::days(2);
    let resolved = case_moved(&case(Status::Resolved, Priority::P1), &kept.rfos, &policy, later).unwrap();
    assert_eq!(resolved.rfos[0].due, Some(later + Duration::days(7)), "from the resolution, not from the request");
    let closed = case(Status::Closed, Priority::P1);
    assert_eq!(case_moved(&closed, &resolved.rfos, &policy, later), None, "it begins once");
}

#[test]
fn a_case_that_turns_out_to_be_minor_gets_no_report_and_the_answer_names_the_priorities() {
    let policy = interspace();
    let kept = asked(&case(Status::InProgress, Priority::P4), &[], &policy);
    let followed = case_moved(&case(Status::Resolved, Priority::P3), &kept.rfos, &policy, tuesday()).unwrap();
    assert_eq!(followed.rfos[0].state, State::NotGiven);
    assert_eq!(followed.decision.notices[0].kind, NoticeKind::RfoNotGiven);
    assert_eq!(followed.decision.notices[0].data["only"], serde_json::json!(["P1G", "P1", "P2"]));
    assert_eq!(followed.decision.notices.len(), 1, "staff have nothing to do");
    assert!(refuse_ask(&case(Status::Closed, Priority::P3), &policy).is_err());
    assert!(refuse_ask(&case(Status::New, Priority::P3), &policy).is_ok(), "its priority may still be set");
    let raised = Rfo { id: 9, ..followed.rfos[0].clone() };
    let again = asked(&case(Status::Closed, Priority::P1), &[raised], &policy);
    assert_eq!((again.rfos[0].id, again.rfos[0].state), (9, State::Due), "asked anew after the priority was set");
}

#[test]
fn a_desk_that_promises_no_time_writes_the_report_without_a_clock() {
    let base = Policy::load("base", &policy::built_in).unwrap();
    let followed = asked(&case(Status::Closed, Priority::P4), &[], &base);
    assert_eq!((followed.rfos[0].state, followed.rfos[0].due), (State::Due, None));
    assert_eq!(clock_of(&followed), ClockChange::Clear(Clock::Rfo));
    assert!(!followed.decision.notices[0].data.contains_key("due"));
}

#[test]
fn the_reminder_and_the_overdue_are_each_told_once_whenever_the_clock_runs() {
    let policy = interspace();
    let case = case(Status::Closed, Priority::P1);
    let mut known = asked(&case, &[], &policy).rfos;
    let mut told = Vec::new();
    for day in 5..10 {
        let now = tuesday() + Duration::days(day);
        let followed = clock_ran(&case, &known, false, &policy, now);
        told.extend(kinds(&followed).into_iter().map(|(_, audience)| (day, audience)));
        if !followed.rfos.is_empty() {
            known = followed.rfos;
        }
    }
    assert_eq!(told, [(6, Audience::Staff), (7, Audience::Staff), (7, Audience::Leads)]);
    // After a long stop the reminder is overtaken.
    let known = asked(&case, &[], &policy).rfos;
    let late = clock_ran(&case, &known, false, &policy, tuesday() + Duration::days(20));
    assert_eq!(kinds(&late).len(), 2, "staff and leads, once");
    assert_eq!(clock_of(&late), ClockChange::Clear(Clock::Rfo));
}

#[test]
fn a_report_goes_to_all_who_wait_and_else_to_the_requester_where_they_read() {
    let policy = interspace();
    let mut case = case(Status::Closed, Priority::P1);
    case.reply_to = Address::bare("desk@books.example");
    let data = serde_json::json!({});
    let sent = send(&case, &[], RfoKind::Rfo, "Frida", &data, (&policy, tuesday())).unwrap();
    assert_eq!(kinds(&sent), [(NoticeKind::Rfo, Audience::Person(case.reply_to.clone()))]);
    let known = asked(&case, &[], &policy).rfos;
    let sent = send(&case, &known, RfoKind::Rfo, "Frida", &data, (&policy, tuesday())).unwrap();
    assert_eq!(sent.rfos[0].state, State::Sent);
    assert!(!sent.decision.notices[0].automatic);
    let other = send(&case, &known, RfoKind::IncidentReport, "Frida", &data, (&policy, tuesday())).unwrap();
    assert!(other.rfos.is_empty(), "who waits for the other kind goes on waiting");
    case.requester.email.clear();
    assert!(send(&case, &[], RfoKind::Rfo, "Frida", &data, (&policy, tuesday())).is_err());
}

#[test]
fn what_staff_take_back_is_due_no_more_and_what_nobody_waits_for_cannot_be_taken_back() {
    let policy = interspace();
    let case = case(Status::Closed, Priority::P1);
    let known = asked(&case, &[], &policy).rfos;
    let followed = cancel(&case, &known, RfoKind::Rfo, "Frida", (&policy, tuesday())).unwrap();
    assert_eq!(followed.rfos[0].state, State::Cancelled);
    assert_eq!(clock_of(&followed), ClockChange::Clear(Clock::Rfo));
    assert!(followed.decision.notices.is_empty());
    assert!(cancel(&case, &followed.rfos, RfoKind::Rfo, "Frida", (&policy, tuesday())).is_err());
}

#[test]
fn who_waited_for_the_report_of_a_duplicate_waits_for_that_of_its_main_case() {
    let policy = interspace();
    let main = Case { id: CaseId(2), ..case(Status::Resolved, Priority::P1) };
    let theirs = asked(&case(Status::InProgress, Priority::P1), &[], &policy).rfos;
    let followed = take_over(&main, &[], &theirs, &policy, tuesday());
    assert_eq!((followed.rfos[0].case, followed.rfos[0].state), (CaseId(2), State::Due));
    assert_eq!(clock_of(&followed), ClockChange::Set(Clock::Rfo, tuesday() + Duration::days(6)));
    let again = take_over(&main, &followed.rfos, &theirs, &policy, tuesday());
    assert_eq!((again.rfos[0].case, again.rfos[0].state), (CaseId(1), State::Cancelled), "once is enough");
    assert_eq!(clock_of(&again), clock_of(&followed));
}

#[test]
fn a_case_that_was_spam_starts_no_report() {
    let policy = interspace();
    let kept = asked(&case(Status::InProgress, Priority::P1), &[], &policy).rfos;
    let spam = Case { spam: true, ..case(Status::Closed, Priority::P1) };
    assert_eq!(case_moved(&spam, &kept, &policy, tuesday()), None);
}

#[test]
fn the_document_tells_the_case_s_own_times_in_order_and_in_the_customer_s_zone() {
    let mut case = case(Status::Closed, Priority::P1);
    case.requester_zone = Some(chrono_tz::Asia::Tokyo);
    let (opened, resolved) = (case.opened_at, tuesday() + Duration::minutes(25));
    let moved = |from, to| What::Status { from, to, why: String::new() };
    let history = [
        (opened, What::Opened { by: "mail".to_owned() }),
        (opened + Duration::hours(1), moved(Status::New, Status::InProgress)),
        (resolved, moved(Status::InProgress, Status::Resolved)),
        (tuesday() + Duration::days(1), moved(Status::Resolved, Status::Closed)),
    ];
    let written = Written { cause: Some("A card.".to_owned()), ..Written::default() };
    let facts = Facts {
        case: &case,
        kind: RfoKind::Rfo,
        organisation: Some("Books"),
        services: &["AB-1234".to_owned()],
        told_impact: Some("degradation"),
        history: &history,
        first_response: Some(opened + Duration::minutes(12)),
        written: &written,
        staff_name: "Frida",
    };
    let data = document(&facts, &interspace(), tuesday() + Duration::days(2));
    let tokyo = |hour, minute| {
        let local = chrono_tz::Asia::Tokyo.with_ymd_and_hms(2026, 11, 3, hour, minute, 0).unwrap();
        wording::time(local.to_utc(), &Zone::Named(chrono_tz::Asia::Tokyo))
    };
    assert_eq!(data["restored_at"], tokyo(19, 25));
    assert_eq!((&data["days"], &data["hours"], &data["minutes"]), (&json!(null), &json!("3"), &json!("25")));
    assert_eq!((&data["is_degradation"], &data["impact"]), (&json!(true), &json!(null)));
    let timeline = data["timeline"].as_array().unwrap();
    assert_eq!(timeline.len(), 5);
    assert_eq!(timeline[1]["at"], tokyo(16, 12), "the first response is the second line");
    assert!(facts.is_complete().unwrap_err().0.contains("--preventive"));
}

#[test]
fn a_reminder_that_comes_too_late_and_an_unknown_priority_are_named_with_their_line() {
    let load = |text: &'static str| {
        Policy::load("own", &move |file| match file {
            "own/policy.toml" => Some(RuleFile { shown: file.to_owned(), text: text.to_owned() }),
            _ => policy::built_in(file),
        })
    };
    for (text, expected) in [
        (
            "extends = \"interspace\"\n[rfo]\nremind_after = \"5bd\"\n",
            "line 3: rfo.remind_after: \"5bd\" comes too late",
        ),
        ("extends = \"base\"\n[rfo]\nonly = [\"P7\"]\n", "line 3: rfo.only: unknown priority \"P7\""),
        ("extends = \"base\"\n[rfo]\nonly = []\n", "line 3: rfo.only: name at least one priority"),
        ("extends = \"base\"\n[rfo]\nwithin = \"soon\"\n", "line 3: rfo.within: \"soon\": write a time"),
        ("extends = \"base\"\n[rfo]\nwithn = \"5bd\"\n", "line 3: unknown key \"withn\"; did you mean \"within\"?"),
    ] {
        let error = load(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
