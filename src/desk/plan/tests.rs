use chrono::{Duration, TimeZone};

use super::*;
use crate::{
    desk::{
        case::Status,
        notice::Audience,
        policy::{self, Policy},
        priority::Priority,
        reference::Reference,
        staff_member::StaffMember,
    },
    mail::address::Address,
};

fn start() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 3, 10, 0, 0).unwrap()
}

fn desk(policy: &str) -> ServiceDesk {
    let person = |name: &str, email: &str| StaffMember::new(Address::new(Some(name), email));
    ServiceDesk {
        sender: Address::new(Some("Desk"), "support@desk.example"),
        planned_works: None,
        own_addresses: vec!["support@desk.example".to_owned()],
        staff: vec![person("Frida", "frida@desk.example"), person("Tom", "tom@desk.example")],
        policy: Policy::load(policy, &policy::built_in).unwrap(),
        answer_within: Duration::days(3),
    }
}

fn case() -> Case {
    let requester = Address::new(Some("Ada"), "ada@books.example");
    Case {
        id: CaseId(1),
        reference: Reference::from_counter(1, &[7; 32]).unwrap(),
        status: Status::InProgress,
        priority: Priority::P2,
        subject: "Orders".to_owned(),
        reply_to: requester.clone(),
        requester,
        assignee: Some("frida@desk.example".to_owned()),
        reviewed_at: Some(start()),
        ..Case::sample(start())
    }
}

fn around(desk: &ServiceDesk) -> Around<'_> {
    let products = std::collections::BTreeSet::new();
    Around { desk, products, organisation: None, telephone: None, at_customer: vec![], in_touch: true }
}

fn added(desk: &ServiceDesk, case: &Case, owner: &str, side: Side, hours: i64) -> Followed {
    let new = NewTask { text: "Send the logs", owner, side, due: start() + Duration::hours(hours) };
    Plan { case, tasks: &[], desk }.add(new, "Frida", start()).unwrap()
}

/// Who is told what after so many hours, running the clock each time that it is due.
fn told(desk: &ServiceDesk, case: &Case, mut tasks: Vec<Task>, hours: i64) -> Vec<(i64, NoticeKind, Audience)> {
    let mut all = Vec::new();
    for hour in 0..=hours {
        let followed = Plan { case, tasks: &tasks, desk }.clock_ran(start() + Duration::hours(hour));
        all.extend(followed.decision.notices.iter().map(|n| (hour, n.kind, n.audience.clone())));
        if !followed.tasks.is_empty() {
            tasks = followed.tasks;
        }
    }
    all
}

#[test]
fn the_owner_at_the_desk_is_reminded_once_and_the_leads_hear_once_that_it_is_overdue() {
    let (desk, case) = (desk("base"), case());
    let followed = added(&desk, &case, "tom", Side::Desk, 24);
    assert_eq!(followed.tasks[0].owner, "Tom");
    assert_eq!(followed.decision.clocks, [ClockChange::Set(Clock::Plan, start() + Duration::hours(20))]);
    let tom = Audience::Person(Address::new(Some("Tom"), "tom@desk.example"));
    let expected = [
        (20, NoticeKind::StaffTask, tom.clone()),
        (24, NoticeKind::StaffTask, tom),
        (24, NoticeKind::StaffTask, Audience::Leads),
    ];
    assert_eq!(told(&desk, &case, followed.tasks, 48), expected);
}

#[test]
fn the_customer_is_reminded_of_their_task_only_where_the_policy_says_so() {
    let case = case();
    for (policy, reminded) in [("base", 0), ("oracle", 1)] {
        let desk = desk(policy);
        let tasks = added(&desk, &case, "Charles", Side::Customer, 24).tasks;
        let all = told(&desk, &case, tasks, 48);
        let to_customer = all.iter().filter(|(_, kind, _)| *kind == NoticeKind::TaskReminder).count();
        assert_eq!(to_customer, reminded, "{policy}");
        assert_eq!(all.len() - to_customer, 2, "{policy}: overdue, to assignee and leads");
    }
}

#[test]
fn a_task_that_is_due_soon_reminds_of_nothing_and_one_that_is_done_never_does() {
    let (desk, case) = (desk("base"), case());
    let soon = added(&desk, &case, "Tom", Side::Desk, 2);
    assert_eq!(soon.decision.clocks, [ClockChange::Set(Clock::Plan, start() + Duration::hours(2))]);
    let plan = Plan { case: &case, tasks: &soon.tasks, desk: &desk };
    let done = plan.done(1, "Tom", start() + Duration::hours(1)).unwrap();
    assert_eq!(done.decision.clocks, [ClockChange::Clear(Clock::Plan)]);
    assert_eq!(told(&desk, &case, done.tasks.clone(), 48), []);
    let plan = Plan { case: &case, tasks: &done.tasks, desk: &desk };
    let mut escalation = Escalation::of_new(&case, &desk.policy.escalation);
    let refused = plan.fail(1, None, "Tom", (&mut escalation, &around(&desk)), start()).unwrap_err();
    assert!(refused.0.contains("done already"));
    assert!(plan.done(2, "Tom", start()).unwrap_err().0.contains("has no task 2"));
}

#[test]
fn a_case_whose_task_fails_goes_to_the_next_level_and_above_the_last_one_the_leads_are_told() {
    let (desk, case) = (desk("base"), case());
    let tasks = added(&desk, &case, "Tom", Side::Desk, 24).tasks;
    let plan = Plan { case: &case, tasks: &tasks, desk: &desk };
    let mut escalation = Escalation::of_new(&case, &desk.policy.escalation);
    let failed = plan.fail(1, Some("no spare"), "Tom", (&mut escalation, &around(&desk)), start()).unwrap();
    assert_eq!(escalation.level, 1);
    let kinds: Vec<NoticeKind> = failed.decision.notices.iter().map(|notice| notice.kind).collect();
    assert!(kinds.contains(&NoticeKind::StaffEscalated) && kinds.contains(&NoticeKind::Escalated), "{kinds:?}");
    assert!(!kinds.contains(&NoticeKind::StaffTask), "{kinds:?}");
    assert_eq!(failed.decision.notices[0].data["said"], "no spare");
    let What::Remark { text } = &failed.decision.history[0].what else { panic!("a remark") };
    assert!(text.contains("task 1 has failed (no spare)"), "{text}");
    assert!(matches!(&failed.decision.history[1].what, What::Escalated { from: 0, to: 1, .. }));

    let failed = plan.fail(1, None, "Tom", (&mut escalation, &around(&desk)), start()).unwrap();
    assert_eq!(escalation.level, 1, "there is none above the leads");
    assert_eq!(failed.decision.notices[0].audience, Audience::Leads);
    assert_eq!(failed.decision.notices[0].data["failed"], true);
}

#[test]
fn nobody_is_reminded_of_the_plan_of_a_closed_case() {
    let (desk, case) = (desk("oracle"), case());
    let tasks = added(&desk, &case, "Tom", Side::Desk, 24).tasks;
    let closed = Case { status: Status::Closed, ..case };
    assert_eq!(told(&desk, &closed, tasks, 48), []);
}

#[test]
fn a_task_needs_an_owner_and_a_time_to_come() {
    let (desk, case) = (desk("base"), case());
    let plan = Plan { case: &case, tasks: &[], desk: &desk };
    let new = NewTask { text: "Send the logs", owner: " ", side: Side::Desk, due: start() + Duration::hours(1) };
    assert!(plan.add(new, "Frida", start()).is_err());
    assert!(plan.add(NewTask { owner: "Tom", due: start(), ..new }, "Frida", start()).is_err());
}
