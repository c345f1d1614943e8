use chrono::TimeZone;

use super::*;
use crate::desk::{case::Status, notice::Audience, policy, reference::Reference};

fn at(hour: u32, minute: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 3, hour, minute, 0).unwrap()
}

fn oracle() -> Policy {
    Policy::load("oracle", &policy::built_in).unwrap()
}

fn case(priority: Priority) -> Case {
    let requester = Address::new(Some("Ada"), "ada@books.example");
    Case {
        id: CaseId(1),
        reference: Reference::from_counter(1, &[7; 32]).unwrap(),
        status: Status::InProgress,
        priority,
        subject: "Orders".to_owned(),
        reply_to: requester.clone(),
        requester,
        reviewed_at: Some(at(8, 5)),
        ..Case::sample(at(8, 0))
    }
}

fn by_telephone(call_back: bool) -> Asking<'static> {
    Asking {
        channel: Channel::Telephone,
        told: Told { person: Some("Ada"), telephone: Some("+44 20 7946 0123"), ..Told::default() },
        writer: "",
        call_back,
        described: true,
        organisation: "Books",
        without_urgency: 0,
        actor: Actor::Staff("Frida".to_owned()),
        answered: None,
    }
}

fn asked(asking: &Asking<'_>, priority: Priority) -> Followed {
    ask(&case(priority), &[], asking, &oracle(), at(10, 0)).unwrap().0
}

#[test]
fn a_call_back_has_a_target_of_an_hour_which_the_leads_hear_once_when_it_is_missed() {
    let followed = asked(&by_telephone(true), Priority::P1);
    assert_eq!(followed.decision.clocks, [ClockChange::Set(Clock::CallBack, at(11, 0))]);
    assert_eq!(followed.decision.notices.len(), 1);
    assert_eq!(followed.decision.notices[0].audience, Audience::Leads);
    let ran = clock_ran(&case(Priority::P1), &followed.attentions, &oracle(), at(11, 0));
    assert_eq!(ran.decision.notices[0].data["missed"], true);
    let again = clock_ran(&case(Priority::P1), &ran.attentions, &oracle(), at(12, 0));
    assert!(again.decision.notices.is_empty());
    assert_eq!(again.decision.clocks, [ClockChange::Clear(Clock::CallBack)]);
}

#[test]
fn whoever_was_called_back_is_not_missed_and_late_is_told_as_late() {
    let followed = asked(&by_telephone(true), Priority::P1);
    for (now, words) in [(at(11, 0), "within the target"), (at(11, 1), "after the target")] {
        let called = called_back(&case(Priority::P1), &followed.attentions, "Lena", now).unwrap();
        let What::Remark { text } = &called.decision.history[0].what else { panic!("a remark") };
        assert!(text.contains(words), "{text}");
        assert!(clock_ran(&case(Priority::P1), &called.attentions, &oracle(), at(12, 0)).attentions.is_empty());
        assert!(called_back(&case(Priority::P1), &called.attentions, "Lena", now).is_err(), "called already");
    }
    let no_call = asked(&by_telephone(false), Priority::P1);
    assert_eq!(no_call.decision.clocks, [ClockChange::Clear(Clock::CallBack)]);
}

#[test]
fn a_call_back_of_a_case_that_was_closed_meanwhile_is_overtaken() {
    let followed = asked(&by_telephone(true), Priority::P1);
    let closed = Case { status: Status::Closed, ..case(Priority::P1) };
    let ran = clock_ran(&closed, &followed.attentions, &oracle(), at(11, 0));
    assert!(ran.decision.notices.is_empty() && ran.decision.history.is_empty());
}

#[test]
fn the_answer_asks_for_what_is_missing_and_once_for_priority_and_workaround() {
    let ada = Address::new(Some("Ada"), "ada@books.example");
    let told = Told { person: Some("Ada, +44 20 7946 0123"), reason: Some("We can't sell."), ..Told::default() };
    let asking = Asking { channel: Channel::Mail, told, answered: Some(&ada), ..by_telephone(false) };
    let (followed, lacks) = ask(&case(Priority::P3), &[], &asking, &oracle(), at(10, 0)).unwrap();
    assert_eq!(lacks, Lacks { milestone: true, ..Lacks::default() });
    let answer = &followed.decision.notices[1];
    assert_eq!(answer.kind, NoticeKind::AttentionRecorded);
    let flags = |answer: &Notice| {
        ["missing_reason", "missing_milestone", "missing_contact", "check_severity"].map(|f| answer.data[f] == true)
    };
    assert_eq!(flags(answer), [false, true, false, true]);
    let (again, _) = ask(&case(Priority::P3), &followed.attentions, &asking, &oracle(), at(10, 0)).unwrap();
    assert_eq!(flags(&again.decision.notices[1]), [false, true, false, false]);
}

#[test]
fn repeated_requests_without_urgency_are_shown_and_urgent_ones_are_not() {
    let shown = |asking: &Asking<'_>, priority| {
        asked(asking, priority).decision.notices[0].data["several_without_urgency"] == true
    };
    let first = by_telephone(false);
    let third = Asking { without_urgency: 2, ..by_telephone(false) };
    assert!(!shown(&first, Priority::P4));
    assert!(shown(&third, Priority::P4));
    assert!(!shown(&third, Priority::P2));
    let told = Told { milestone: Some("2026-12-01, go-live"), ..Told::default() };
    assert!(!shown(&Asking { told, ..third }, Priority::P4));
}

#[test]
fn a_policy_that_does_not_offer_it_refuses_and_names_the_key() {
    let base = Policy::load("base", &policy::built_in).unwrap();
    let refused = ask(&case(Priority::P1), &[], &by_telephone(true), &base, at(10, 0)).unwrap_err();
    assert!(refused.0.contains("[attention] offered"), "{refused}");
}

#[test]
fn a_quoted_request_is_known_by_its_reason_however_it_was_wrapped_or_cut() {
    let attention = |reason: Option<&str>| {
        let asking = Asking { told: Told { reason, ..Told::default() }, ..by_telephone(false) };
        asked(&asking, Priority::P3).attentions.remove(0)
    };
    let known = [attention(None), attention(Some("We can't ship: 200 orders wait."))];
    assert!(is_known(&known, "We can't ship:\n> 200 orders wait. And so on"));
    assert!(!is_known(&known, "We can't ship: 300 orders wait."));
    assert!(!is_known(&known[..1], "We can't ship: 200 orders wait."), "one without a reason is like no other");
}
