//! Level by level, sentence by sentence.

mod properties;

use chrono::{Duration, TimeZone};
use serde_json::Value;

use super::*;
use crate::{
    desk::{
        case::CaseId,
        directory::Role,
        notice::{Audience, NoticeKind},
        policy::{self, Policy},
        reference::Reference,
        staff_member::StaffMember,
    },
    mail::thread::Standing,
};

fn desk(policy: &str) -> ServiceDesk {
    let person = |name: &str, lead: bool| StaffMember {
        lead,
        ..StaffMember::new(Address::new(Some(name), &format!("{}@desk.example", name.to_lowercase())))
    };
    ServiceDesk {
        sender: Address::bare("support@desk.example"),
        planned_works: None,
        own_addresses: vec!["support@desk.example".to_owned()],
        staff: vec![person("Frida", false), person("Lea", true)],
        policy: Policy::load(policy, &policy::built_in).unwrap(),
        answer_within: Duration::days(3),
    }
}

/// A Tuesday, 10:00 UTC.
fn tuesday() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 3, 10, 0, 0).unwrap()
}

fn case(priority: Priority) -> Case {
    let requester = Address::new(Some("Ada"), "ada@books.example");
    Case {
        id: CaseId(1),
        reference: Reference::from_counter(1, &[7; 32]).unwrap(),
        status: Status::InProgress,
        priority,
        subject: "Line".to_owned(),
        reply_to: requester.clone(),
        requester,
        assignee: Some("frida@desk.example".to_owned()),
        reviewed_at: Some(tuesday()),
        ..Case::sample(tuesday())
    }
}

fn around(desk: &ServiceDesk) -> Around<'_> {
    Around { desk, products: BTreeSet::new(), organisation: None, telephone: None, at_customer: vec![], in_touch: true }
}

fn start(case: &Case, desk: &ServiceDesk) -> Escalation {
    Escalation::of_new(case, &desk.policy.escalation)
}

const FRIDA: By<'_> = By::Staff { name: "Frida", reason: Some("no progress"), to: None, silent: false };

fn step_by(
    by: &By<'_>,
    case: &Case,
    escalation: &mut Escalation,
    desk: &ServiceDesk,
    now: DateTime<Utc>,
) -> Result<Decision, Refusal> {
    let mut decision = Decision::unchanged(case);
    step(&mut decision, escalation, by, &around(desk), now).map(|()| decision)
}

fn told(decision: &Decision) -> Vec<(NoticeKind, String)> {
    let who = |audience: &Audience| match audience {
        Audience::Person(person) => person.email.clone(),
        other => format!("{other:?}"),
    };
    decision.notices.iter().map(|notice| (notice.kind, who(&notice.audience))).collect()
}

#[test]
fn levels_are_taken_strictly_in_order_up_to_the_last() {
    let (desk, case) = (desk("colt"), case(Priority::P2));
    let mut escalation = start(&case, &desk);
    let skips = By::Staff { name: "Frida", reason: None, to: Some(3), silent: false };
    let refused = step_by(&skips, &case, &mut escalation, &desk, tuesday()).unwrap_err().to_string();
    assert!(
        refused.contains("strictly in order") && refused.contains("next one is 1 (Team leader), not 3"),
        "{refused}"
    );
    assert_eq!(escalation.level, 0, "what is refused changes nothing");
    for level in 1..=5 {
        let by = By::Staff { name: "Frida", reason: None, to: Some(level), silent: false };
        let decision = step_by(&by, &case, &mut escalation, &desk, tuesday()).unwrap();
        assert_eq!(escalation.level, level);
        let entry = &decision.history.last().unwrap().what;
        assert!(matches!(entry, What::Escalated { from, to, .. } if *from == level - 1 && *to == level), "{entry:?}");
    }
    let refused = step_by(&FRIDA, &case, &mut escalation, &desk, tuesday()).unwrap_err().to_string();
    assert!(refused.contains("at level 5 (VP) already: there is none above it"), "{refused}");
}

#[test]
fn without_a_matrix_a_case_goes_to_the_leads_once() {
    let (desk, case) = (desk("base"), case(Priority::P2));
    let mut escalation = start(&case, &desk);
    let decision = step_by(&FRIDA, &case, &mut escalation, &desk, tuesday()).unwrap();
    let all = [
        (NoticeKind::StaffEscalated, "lea@desk.example".to_owned()),
        (NoticeKind::StaffEscalated, "frida@desk.example".to_owned()),
        (NoticeKind::Escalated, "Requester".to_owned()),
    ];
    assert_eq!(told(&decision), all);
    assert_eq!(decision.notices[0].data["yours"], Value::Bool(true));
    assert!(!decision.notices[2].data.contains_key("title"), "a customer reads of no level that is none");
    assert!(step_by(&FRIDA, &case, &mut escalation, &desk, tuesday()).is_err());
}

#[test]
fn the_people_of_both_levels_are_told_and_the_assignee_each_once() {
    let mut desk = desk("colt");
    for (level, address) in [(0, "frida@desk.example"), (1, "noc@carrier.example")] {
        desk.policy.escalation.levels[level].people[0].address = Some(address.to_owned());
    }
    let case = case(Priority::P2);
    let mut escalation = start(&case, &desk);
    let first = step_by(&FRIDA, &case, &mut escalation, &desk, tuesday()).unwrap();
    assert_eq!(told(&first)[0].1, "frida@desk.example");
    assert_eq!(first.notices.len(), 2, "she is the assignee and the new level: one mail, and one to the customer");
    let second = step_by(&FRIDA, &case, &mut escalation, &desk, tuesday()).unwrap();
    let people: Vec<String> = told(&second).into_iter().map(|(_, who)| who).collect();
    assert_eq!(people, ["noc@carrier.example", "frida@desk.example", "Requester"]);
    let third = step_by(&FRIDA, &case, &mut escalation, &desk, tuesday()).unwrap();
    let people: Vec<String> = told(&third).into_iter().map(|(_, who)| who).collect();
    assert_eq!(people, ["lea@desk.example", "noc@carrier.example", "frida@desk.example", "Requester"]);
    assert_eq!(third.notices[0].data["by_telephone"], Value::Bool(true), "level 3 has no address: a lead telephones");
}

#[test]
fn a_level_whose_address_is_the_desks_own_is_told_by_its_leads() {
    let mut desk = desk("calltower");
    desk.policy.escalation.levels[1].people.iter_mut().for_each(|reach| {
        reach.address = Some("support@desk.example".to_owned());
    });
    let case = case(Priority::P2);
    let decision = step_by(&FRIDA, &case, &mut start(&case, &desk), &desk, tuesday()).unwrap();
    assert_eq!(told(&decision)[0].1, "lea@desk.example");
}

#[test]
fn in_calltowers_matrix_a_case_begins_at_the_desk_and_goes_to_the_manager_of_its_product_or_on_call() {
    let (desk, case) = (desk("calltower"), case(Priority::P2));
    let names = |hour: i64, product: &str| {
        let mut around = around(&desk);
        around.products.insert(product.to_owned());
        reach_of(2, &around, tuesday() + Duration::hours(hour))
    };
    // 10:00 UTC is 03:00 in Denver.
    assert!(names(0, "cisco").starts_with("Manager on call, "));
    assert!(names(6, "cisco").starts_with("Cisco support manager, "));
    assert!(names(6, "fax").starts_with("Manager of the network operations centre, "));
    let mut escalation = start(&case, &desk);
    assert_eq!(escalation.level, 1);
    for _ in 2..=4 {
        step_by(&FRIDA, &case, &mut escalation, &desk, tuesday()).unwrap();
    }
    assert!(step_by(&FRIDA, &case, &mut escalation, &desk, tuesday()).is_err());
}

#[test]
fn a_closed_case_goes_nowhere_and_during_a_major_incident_its_process_goes_instead() {
    let desk = desk("colt");
    let closed = Case { status: Status::Closed, closed_at: Some(tuesday()), ..case(Priority::P2) };
    let refused = step_by(&FRIDA, &closed, &mut start(&closed, &desk), &desk, tuesday()).unwrap_err();
    assert!(refused.to_string().contains("reopen it first"));
    let global = case(Priority::P1G);
    let refused = step_by(&FRIDA, &global, &mut start(&global, &desk), &desk, tuesday()).unwrap_err();
    assert!(refused.to_string().contains("superseded_by_mni"));
}

#[test]
fn by_its_age_a_case_goes_up_and_each_step_waits_for_the_time_between_two_ages() {
    let (desk, urgent) = (desk("interspace"), case(Priority::P1));
    let policy = &desk.policy;
    let mut escalation = start(&urgent, &desk);
    assert_eq!(next_step(&urgent, &escalation, policy), Some(tuesday() + Duration::hours(1)));
    // It became urgent after three hours: ages of one and two hours are over.
    let late = tuesday() + Duration::hours(3);
    let decision = clock_ran(&urgent, &mut escalation, &around(&desk), late);
    assert_eq!(escalation.level, 1);
    assert_eq!(decision.clocks.last(), Some(&ClockChange::Set(Clock::Escalation, late + Duration::hours(1))));
    let early = clock_ran(&urgent, &mut escalation, &around(&desk), late + Duration::minutes(59));
    assert!(early.notices.is_empty() && escalation.level == 1, "not before its time");
}

#[test]
fn while_a_case_waits_its_age_stands_still() {
    let (desk, urgent) = (desk("interspace"), case(Priority::P1));
    let policy = &desk.policy;
    let waiting = Case { status: Status::AwaitingCustomer, ..urgent.clone() };
    let mut decision = Decision::unchanged(&waiting);
    let asked_at = tuesday() + Duration::minutes(30);
    let paused = follow(Some(&urgent), &mut decision, &start(&urgent, &desk), policy, asked_at).unwrap();
    assert_eq!(decision.clocks, [ClockChange::Clear(Clock::Escalation)]);
    let mut ran = paused.clone();
    let nothing = clock_ran(&waiting, &mut ran, &around(&desk), tuesday() + Duration::hours(2));
    assert!(nothing.notices.is_empty() && ran.level == 0);
    let mut decision = Decision::unchanged(&urgent);
    let resumed = follow(Some(&waiting), &mut decision, &paused, policy, asked_at + Duration::days(1)).unwrap();
    assert_eq!(next_step(&urgent, &resumed, policy), Some(tuesday() + Duration::days(1) + Duration::hours(1)));
}

#[test]
fn of_a_step_while_a_case_waits_only_the_time_after_it_does_not_count() {
    let (desk, urgent) = (desk("interspace"), case(Priority::P1));
    let waiting = Case { status: Status::OnHold, ..urgent.clone() };
    let mut paused = Escalation { waiting_since: Some(tuesday()), ..start(&urgent, &desk) };
    step_by(&FRIDA, &waiting, &mut paused, &desk, tuesday() + Duration::hours(5)).unwrap();
    let resumes = tuesday() + Duration::hours(6);
    let resumed = follow(Some(&waiting), &mut Decision::unchanged(&urgent), &paused, &desk.policy, resumes).unwrap();
    assert_eq!(resumed.step_from, Some(resumes));
    assert_eq!(next_step(&urgent, &resumed, &desk.policy), Some(resumes + Duration::hours(2)));
}

#[test]
fn a_reopened_case_is_where_it_was_and_its_age_begins_anew() {
    let (desk, open) = (desk("interspace"), case(Priority::P1));
    let mut escalation = start(&open, &desk);
    step_by(&FRIDA, &open, &mut escalation, &desk, tuesday()).unwrap();
    let closed = Case { status: Status::Closed, closed_at: Some(tuesday()), ..open.clone() };
    let reopened = Case { status: Status::Reopened, ..open };
    let later = tuesday() + Duration::days(3);
    let mut decision = Decision::unchanged(&reopened);
    let new = follow(Some(&closed), &mut decision, &escalation, &desk.policy, later).unwrap();
    assert_eq!(new.level, 1);
    assert_eq!(decision.clocks, [ClockChange::Set(Clock::Escalation, later + Duration::hours(2))]);
}

#[test]
fn who_was_never_written_to_is_not_told_of_a_step_by_age() {
    let (desk, urgent) = (desk("interspace"), case(Priority::P1));
    let silent = Around { in_touch: false, ..around(&desk) };
    let late = tuesday() + Duration::hours(2);
    let decision = clock_ran(&urgent, &mut start(&urgent, &desk), &silent, late);
    assert!(decision.notices.iter().all(|notice| notice.kind == NoticeKind::StaffEscalated));
    assert!(!decision.notices.is_empty());
}

fn asks(
    desk: &ServiceDesk,
    case: &Case,
    escalation: &mut Escalation,
    (standing, proven): (Standing, bool),
    now: DateTime<Utc>,
) -> Vec<(NoticeKind, String)> {
    let writer = Address::new(Some("Bob"), "bob@books.example");
    let asked = Asked { writer: &writer, standing, proven, excerpt: "Please escalate." };
    let mut decision = Decision::unchanged(case);
    asked_by_mail(&mut decision, escalation, &asked, &around(desk), now);
    told(&decision).into_iter().filter(|(kind, _)| !kind.is_for_staff()).collect()
}

#[test]
fn a_mail_escalates_only_when_it_is_proven_to_be_of_somebody_who_may_decide() {
    let (desk, case) = (desk("interspace"), case(Priority::P2));
    for (who, level) in [
        ((Standing::Requester, true), 1),
        ((Standing::Authorised, true), 1),
        ((Standing::Requester, false), 0),
        ((Standing::Participant, true), 0),
        ((Standing::Organisation, true), 0),
        ((Standing::Stranger, true), 0),
        ((Standing::Staff, true), 0),
    ] {
        let mut escalation = start(&case, &desk);
        let told = asks(&desk, &case, &mut escalation, who, tuesday());
        assert_eq!(escalation.level, level, "{who:?}");
        assert_eq!(told.len(), usize::from(level), "{who:?}: {told:?}");
    }
}

#[test]
fn mails_take_a_case_up_one_level_an_hour_at_most() {
    let (desk, case) = (desk("interspace"), case(Priority::P2));
    let mut escalation = start(&case, &desk);
    let who = (Standing::Requester, true);
    for (minutes, level) in [(0, 1), (1, 1), (59, 1), (60, 2), (61, 2), (120, 3), (400, 3)] {
        let told = asks(&desk, &case, &mut escalation, who, tuesday() + Duration::minutes(minutes));
        assert_eq!(escalation.level, level, "after {minutes} minutes");
        assert_eq!(told, [(NoticeKind::Escalated, "Requester".to_owned())], "each mail is answered");
    }
}

#[test]
fn where_customers_have_to_telephone_whoever_takes_part_is_told_how_and_nothing_is_escalated() {
    let (desk, case) = (desk("colt"), case(Priority::P2));
    let by_telephone = NoticeKind::EscalationByTelephone;
    for (standing, whom) in [
        (Standing::Requester, Some("Requester")),
        (Standing::Participant, Some("bob@books.example")),
        (Standing::Organisation, Some("bob@books.example")),
        (Standing::Stranger, None),
    ] {
        let mut escalation = start(&case, &desk);
        let told = asks(&desk, &case, &mut escalation, (standing, false), tuesday());
        let expected: Vec<_> = whom.map(|whom| (by_telephone, whom.to_owned())).into_iter().collect();
        assert_eq!(told, expected, "{standing:?}");
        assert_eq!(escalation.level, 0);
    }
    let global = Case { priority: Priority::P1G, ..case };
    let told = asks(&desk, &global, &mut start(&global, &desk), (Standing::Requester, true), tuesday());
    assert_eq!(told, [(NoticeKind::EscalationSuperseded, "Requester".to_owned())]);
}

#[test]
fn the_matrix_names_the_next_level_and_the_reference_as_it_is_typed_on_the_telephone() {
    let (desk, case) = (desk("colt"), case(Priority::P2));
    let mut escalation = start(&case, &desk);
    step_by(&FRIDA, &case, &mut escalation, &desk, tuesday()).unwrap();
    let asked = Asked { writer: &case.requester, standing: Standing::Requester, proven: true, excerpt: "" };
    let mut decision = Decision::unchanged(&case);
    asked_in_first_mail(&mut decision, &escalation, &asked, &around(&desk), tuesday());
    let data = &decision.notices[0].data;
    assert_eq!(data["next_level"], "2");
    assert_eq!(data["next_title"], "Incident manager");
    assert_eq!(data["next_telephone"], "+44 203 481 7008");
    assert_eq!(data["telephone_reference"], case.reference.telephone().as_str());
    assert_eq!(data["matrix"].as_array().unwrap().len(), 5);
    let vp = serde_json::json!({ "level": "5", "title": "VP", "reach": "+44 203 481 7011" });
    assert_eq!(data["matrix"][4], vp);
}

#[test]
fn the_customers_own_list_is_shown_to_staff_and_never_to_the_customer() {
    let (desk, case) = (desk("colt"), case(Priority::P2));
    let boss = Contact {
        email: "boss@books.example".to_owned(),
        name: Some("Bea".to_owned()),
        telephone: Some("+1 555 0199".to_owned()),
        roles: [Role::Escalation(1)].into(),
        ..Contact::default()
    };
    let around = Around { at_customer: vec![boss], ..around(&desk) };
    let mut decision = Decision::unchanged(&case);
    step(&mut decision, &mut start(&case, &desk), &FRIDA, &around, tuesday()).unwrap();
    let (staff, customer): (Vec<_>, Vec<_>) = decision.notices.iter().partition(|notice| notice.kind.is_for_staff());
    assert_eq!(staff[0].data["at_customer"][0], "escalation-1: Bea, +1 555 0199, boss@books.example");
    assert!(!serde_json::to_string(&customer[0].data).unwrap().contains("boss@"));
}
