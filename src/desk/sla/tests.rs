//! Promises sentence by sentence, and what must hold whatever happens.

use std::sync::LazyLock;

use chrono::{Duration, TimeZone};
use proptest::prelude::*;

use super::*;
use crate::{
    desk::{
        case::CaseId,
        notice::{Audience, NoticeKind},
        policy::{self, RuleFile},
        priority::Priority,
        reference::Reference,
    },
    mail::address::Address,
};

const RULES: &str = r#"
extends = "base"
zone = "Europe/Berlin"
[update]
P1 = "1h"
P2 = "2h in support"
P3 = "1bd"
[resolution]
P1 = "4h"
P2 = "8h in support"
[arrangements.gold.first_response]
P4 = "1h"
[calendars.support]
hours = { weekdays = ["08:00-18:00"] }
"#;

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    Policy::load("own", &|file| match file {
        "own/policy.toml" => Some(RuleFile { shown: file.to_owned(), text: RULES.to_owned() }),
        file => policy::built_in(file),
    })
    .unwrap()
});

/// A Tuesday, 10:00 in Berlin.
fn tuesday() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 3, 9, 0, 0).unwrap()
}

fn case(priority: Priority) -> Case {
    let requester = Address::new(Some("Ada"), "ada@books.example");
    Case {
        id: CaseId(1),
        reference: Reference::from_counter(1, &[7; 32]).unwrap(),
        priority,
        subject: "Printer".to_owned(),
        reply_to: requester.clone(),
        requester,
        assignee: Some("grace@desk.example".to_owned()),
        ..Case::sample(tuesday())
    }
}

/// A case and its ledger, as the store keeps both.
struct Story {
    case: Case,
    ledger: Ledger,
    next_id: i64,
    now: DateTime<Utc>,
    /// all promises that there ever were, as they are now
    all: Vec<Promise>,
    look_at: Option<DateTime<Utc>>,
    arrangement: Option<&'static str>,
    is_change: bool,
}

impl Story {
    fn begin(priority: Priority) -> Story {
        Story::of(case(priority), None)
    }

    fn of(case: Case, arrangement: Option<&'static str>) -> Story {
        let now = case.opened_at;
        let (ledger, all) = (Ledger::default(), vec![]);
        let mut story = Story { case, ledger, next_id: 1, now, all, look_at: None, arrangement, is_change: false };
        story.look();
        story
    }

    fn look(&mut self) -> Vec<Notice> {
        let look = Look {
            arrangement: self.arrangement,
            is_change: self.is_change,
            is_parent: false,
            told_at: &[],
            parent_etr: None,
            late: false,
            now: self.now,
        };
        let mut followed = follow(&self.ledger, &self.case, &look, &POLICY);
        for promise in &mut followed.ledger.promises {
            let id = *promise.id.get_or_insert(self.next_id);
            self.next_id = self.next_id.max(id + 1);
            match self.all.iter_mut().find(|known| known.id == promise.id) {
                Some(known) => known.clone_from(promise),
                None => self.all.push(promise.clone()),
            }
        }
        // The store gives only live ones back.
        followed.ledger.promises.retain(Promise::is_live);
        self.ledger = followed.ledger;
        self.look_at = followed.look_at;
        followed.notices
    }

    /// Time passes, and each clock runs when it is due.
    fn until(&mut self, at: DateTime<Utc>) -> Vec<(DateTime<Utc>, NoticeKind, bool)> {
        let mut said = Vec::new();
        for _ in 0..10_000 {
            let Some(due) = self.look_at.filter(|due| *due <= at) else { break };
            self.now = self.now.max(due);
            let now = self.now;
            said.extend(self.look().into_iter().map(|n| (now, n.kind, n.audience == Audience::Leads)));
        }
        self.now = at;
        said
    }

    fn after(&mut self, minutes: i64) -> Vec<(DateTime<Utc>, NoticeKind, bool)> {
        self.until(self.now + Duration::minutes(minutes))
    }

    fn reply(&mut self) {
        self.case.last_public_at = Some(self.now);
        assert!(self.look().is_empty());
    }

    /// Nobody asks for what follows: the first response is late.
    fn reply_late(&mut self) {
        self.case.last_public_at = Some(self.now);
        self.look();
    }

    fn become_(&mut self, status: Status) {
        self.case.status = status;
        self.look();
    }

    fn of_kind(&self, kind: PromiseKind) -> Vec<Standing> {
        self.all.iter().filter(|p| p.kind == kind).map(Promise::standing).collect()
    }

    fn due(&self, kind: PromiseKind) -> DateTime<Utc> {
        self.ledger.promises.iter().find(|p| p.kind == kind).unwrap().due_at
    }
}

fn minutes(minutes: i64) -> DateTime<Utc> {
    tuesday() + Duration::minutes(minutes)
}

#[test]
fn the_assignee_is_warned_before_and_the_leads_hear_of_the_breach_each_once() {
    let mut story = Story::begin(Priority::P1);
    let said = story.after(20);
    let expected = [
        (minutes(11) + Duration::seconds(15), NoticeKind::StaffPromiseWarning, false),
        (minutes(15), NoticeKind::StaffPromiseBreach, false),
        (minutes(15), NoticeKind::StaffPromiseBreach, true),
    ];
    assert_eq!(said, expected);
    assert!(story.look().is_empty());
    story.reply();
    assert_eq!(story.of_kind(PromiseKind::FirstResponse), [Standing::Missed]);
}

#[test]
fn the_first_public_mail_is_the_first_response_and_begins_the_updates() {
    let mut story = Story::begin(Priority::P1);
    assert!(story.after(5).is_empty());
    story.reply();
    assert_eq!(story.of_kind(PromiseKind::FirstResponse), [Standing::Met]);
    assert_eq!(story.due(PromiseKind::Update), minutes(65));
    story.after(30);
    story.reply();
    assert_eq!(story.due(PromiseKind::Update), minutes(95));
    assert_eq!(story.of_kind(PromiseKind::Update), [Standing::Met, Standing::Open]);
}

#[test]
fn updates_that_were_missed_while_the_desk_stood_still_are_said_once() {
    let mut story = Story::begin(Priority::P1);
    story.reply();
    story.now = minutes(5 * 60 + 10);
    story.case.priority = Priority::P1;
    let breaches =
        |said: &[Notice]| said.iter().filter(|n| n.data["promise"].as_str().unwrap().contains("next update")).count();
    let said = story.look();
    // To the assignee and to the leads; the resolution is broken as well.
    assert_eq!(breaches(&said), 2);
    assert!(story.due(PromiseKind::Update) > story.now);
}

#[test]
fn what_falls_due_in_one_moment_is_one_mail() {
    let mut story = Story::begin(Priority::P1);
    story.now = minutes(180);
    story.reply_late();
    let said = story.until(minutes(239));
    let before = said.len();
    story.now = minutes(240);
    let told = story.look();
    assert_eq!(told.len(), 2, "to the assignee and to the leads: {told:?}, after {before}");
    assert_eq!(told[0].data["promise"], "resolution and next update");
    assert_eq!(told[0].data["promises"].as_array().unwrap().len(), 2);
}

#[test]
fn each_missed_update_is_said_when_the_desk_runs() {
    let mut story = Story::begin(Priority::P1);
    story.reply();
    let said = story.until(minutes(3 * 60));
    let to_leads = said.iter().filter(|(_, kind, leads)| *kind == NoticeKind::StaffPromiseBreach && *leads);
    assert_eq!(to_leads.map(|(at, ..)| *at).collect::<Vec<_>>(), [minutes(60), minutes(120), minutes(180)]);
}

#[test]
fn the_time_that_is_left_is_kept_while_the_case_waits_for_the_customer() {
    let mut story = Story::begin(Priority::P1);
    story.after(10);
    story.become_(Status::AwaitingCustomer);
    assert_eq!(story.look_at, None);
    assert!(story.after(10_000).is_empty());
    story.become_(Status::InProgress);
    assert_eq!(story.due(PromiseKind::FirstResponse), story.now + Duration::minutes(5));
}

#[test]
fn a_pause_in_business_hours_keeps_business_time() {
    let mut story = Story::begin(Priority::P2);
    story.reply();
    // 8 hours in support (08:00 to 18:00) from Tuesday 10:00: seven are left at 11:00.
    assert_eq!(story.due(PromiseKind::Resolution), minutes(8 * 60));
    story.after(60);
    story.become_(Status::OnHold);
    // Until Wednesday 20:00.
    story.now = minutes(34 * 60);
    story.become_(Status::InProgress);
    assert_eq!(story.due(PromiseKind::Resolution), minutes(2 * 24 * 60 + 5 * 60), "Thursday 15:00");
}

#[test]
fn a_case_at_a_supplier_is_paused_where_the_policy_says_so() {
    let mut story = Story::begin(Priority::P1);
    story.case.at_supplier = true;
    story.look();
    assert!(story.after(60).is_empty());
    story.case.at_supplier = false;
    story.look();
    assert_eq!(story.due(PromiseKind::FirstResponse), minutes(75));
}

#[test]
fn another_priority_reckons_from_the_request() {
    let mut story = Story::begin(Priority::P4);
    story.after(10);
    story.case.priority = Priority::P1;
    assert!(story.look().is_empty());
    assert_eq!(story.due(PromiseKind::FirstResponse), minutes(15));
    assert_eq!(story.due(PromiseKind::Resolution), minutes(240));
    story.case.priority = Priority::P3;
    story.look();
    assert_eq!(story.due(PromiseKind::FirstResponse), minutes(240));
    assert_eq!(story.of_kind(PromiseKind::Resolution), [Standing::Dropped], "P3 promises none");
}

#[test]
fn an_etr_stands_in_for_the_updates_until_it_has_come() {
    let mut story = Story::begin(Priority::P1);
    story.reply();
    story.after(30);
    story.case.etr = Some(minutes(180));
    story.reply();
    let said = story.until(minutes(175));
    assert!(said.is_empty(), "{said:?}");
    story.now = minutes(180);
    story.case.etr = None;
    story.look();
    assert_eq!(story.due(PromiseKind::Update), minutes(240));
}

#[test]
fn the_closing_settles_and_a_reopening_promises_anew() {
    let mut story = Story::begin(Priority::P1);
    story.after(5);
    story.reply();
    story.after(30);
    story.become_(Status::Closed);
    assert_eq!(story.of_kind(PromiseKind::Resolution), [Standing::Met]);
    assert_eq!(story.of_kind(PromiseKind::Update), [Standing::Dropped]);
    assert_eq!(story.look_at, None);
    story.after(600);
    story.become_(Status::Reopened);
    assert_eq!(story.due(PromiseKind::FirstResponse), story.now + Duration::minutes(15));
    assert_eq!(story.due(PromiseKind::Resolution), story.now + Duration::hours(4));
}

#[test]
fn what_is_resolved_in_time_is_kept_even_if_it_closes_later() {
    let mut story = Story::begin(Priority::P1);
    story.reply();
    story.after(45);
    story.become_(Status::Resolved);
    story.after(7 * 24 * 60);
    story.become_(Status::Closed);
    assert_eq!(story.of_kind(PromiseKind::Resolution), [Standing::Met]);
    assert_eq!(story.all.iter().find(|p| p.kind == PromiseKind::Resolution).unwrap().met_at, Some(minutes(45)));
}

#[test]
fn the_arrangement_of_the_organisation_counts() {
    let story = Story::of(case(Priority::P4), Some("gold"));
    assert_eq!(story.due(PromiseKind::FirstResponse), minutes(60));
    let unknown = Story::of(case(Priority::P1), Some("gone"));
    assert_eq!(unknown.due(PromiseKind::FirstResponse), minutes(15), "as without one");
}

#[test]
fn a_change_request_is_not_promised_by_its_priority() {
    let mut story = Story::begin(Priority::P1);
    story.after(5);
    story.is_change = true;
    assert!(story.look().is_empty());
    assert_eq!(story.look_at, None);
    story.reply();
    assert!(story.after(10_000).is_empty());
    assert!(story.all.iter().all(|promise| promise.ended_at == Some(minutes(5))), "{:?}", story.all);
}

#[test]
fn an_end_user_s_request_has_no_clock_until_it_is_agreed_to() {
    let mut request = case(Priority::P1);
    request.status = Status::AwaitingCustomer;
    let mut story = Story::of(request, None);
    assert!(story.after(600).is_empty());
    story.become_(Status::InProgress);
    assert_eq!(story.due(PromiseKind::FirstResponse), minutes(615));
}

#[test]
fn late_mail_is_broken_in_silence_and_what_was_promised_before_waits_for_its_clock() {
    let late = Look {
        arrangement: None,
        is_change: false,
        is_parent: false,
        told_at: &[],
        parent_etr: None,
        late: true,
        now: minutes(10_000),
    };
    let followed = follow(&Ledger::default(), &case(Priority::P1), &late, &POLICY);
    assert!(followed.notices.is_empty());
    assert!(followed.ledger.promises.iter().all(|p| p.standing() == Standing::Missed), "{:?}", followed.ledger);
    let story = Story::begin(Priority::P1);
    let followed = follow(&story.ledger, &story.case, &late, &POLICY);
    assert!(followed.notices.is_empty());
    assert!(followed.look_at.is_some_and(|at| at <= late.now));
}

#[derive(Debug, Clone)]
enum Step {
    Passes(i64),
    /// the desk stands still meanwhile
    Stands(i64),
    Reply,
    Status(Status),
    Priority(Priority),
    Etr(i64),
    NoEtr,
    Supplier(bool),
    Look,
}

fn any_step() -> impl Strategy<Value = Step> {
    let open = [Status::InProgress, Status::AwaitingCustomer, Status::OnHold, Status::Resolved, Status::Closed];
    prop_oneof![
        4 => (1..5000_i64).prop_map(Step::Passes),
        1 => (1..50_000_i64).prop_map(Step::Stands),
        2 => Just(Step::Reply),
        3 => proptest::sample::select(open.to_vec()).prop_map(Step::Status),
        2 => proptest::sample::select(Priority::ALL.to_vec()).prop_map(Step::Priority),
        1 => (1..5000_i64).prop_map(Step::Etr),
        1 => Just(Step::NoEtr),
        1 => any::<bool>().prop_map(Step::Supplier),
        1 => Just(Step::Look),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// From a week before either change of the clocks of Berlin, at any minute.
    #[test]
    fn no_clock_runs_twice_or_before_its_time(
        spring in any::<bool>(),
        minute in 0..20_000_i64,
        steps in proptest::collection::vec(any_step(), 1..40),
    ) {
        let change = if spring { (2026, 3, 22) } else { (2026, 10, 18) };
        let mut request = case(Priority::P4);
        request.opened_at = Utc.with_ymd_and_hms(change.0, change.1, change.2, 0, 0, 0).unwrap() + Duration::minutes(minute);
        let mut story = Story::of(request, None);
        for step in steps {
            let goal = match step {
                Step::Passes(minutes) => story.now + Duration::minutes(minutes),
                _ => story.now,
            };
            // Every clock runs at its time, and only then.
            for _ in 0..10_000 {
                let Some(due) = story.look_at.filter(|due| *due <= goal) else { break };
                story.now = story.now.max(due);
                let ledger = story.ledger.clone();
                let said = story.look();
                prop_assert!(!said.is_empty(), "a clock that says nothing was set: {:?}", ledger);
                prop_assert!(story.look_at.is_none_or(|at| at > story.now), "it runs again at once");
                for promise in &story.all {
                    prop_assert!(promise.breached_at.is_none_or(|at| at == promise.due_at && at <= story.now));
                    prop_assert!(promise.warned_at.is_none_or(|at| at <= story.now));
                }
            }
            story.now = goal;
            match step {
                Step::Passes(_) | Step::Look => {}
                Step::Stands(minutes) => story.now += Duration::minutes(minutes),
                Step::Reply if !story.case.status.is_closed() => story.case.last_public_at = Some(story.now),
                Step::Status(Status::InProgress) if story.case.status.is_closed() => {
                    story.case.status = Status::Reopened;
                }
                Step::Status(status) if !story.case.status.is_closed() => {
                    story.case.status = status;
                    if status.is_closed() { story.case.etr = None; }
                }
                Step::Priority(priority) => story.case.priority = priority,
                Step::Etr(minutes) if !story.case.status.is_closed() => {
                    story.case.etr = Some(story.now + Duration::minutes(minutes));
                    story.case.last_public_at = Some(story.now);
                }
                Step::NoEtr => story.case.etr = None,
                Step::Supplier(at_supplier) => story.case.at_supplier = at_supplier,
                _ => {}
            }
            story.look();
            // Asking again at the same moment changes nothing and says nothing.
            let before = (story.ledger.clone(), story.look_at);
            prop_assert!(story.look().is_empty());
            prop_assert_eq!(before, (story.ledger.clone(), story.look_at));
            prop_assert!(story.look_at.is_none_or(|at| at > story.now));
            for kind in PromiseKind::ALL {
                prop_assert!(story.ledger.promises.iter().filter(|p| p.kind == kind).count() <= 1, "two of a kind are open");
            }
            prop_assert!(!story.case.status.is_closed() || story.ledger.promises.is_empty());
        }
    }
}
