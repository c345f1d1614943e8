//! What is kept between two decisions is all that the core needs: read back before each step, the story is the same.

use std::sync::LazyLock;

use chrono::{Duration, TimeZone};
use proptest::prelude::*;

use super::*;
use crate::{
    desk::{
        case::Status,
        policy::{self, Policy},
        priority::Priority,
    },
    mail::address::Address,
    store::{cases, clocks, open},
};

static DESK: LazyLock<ServiceDesk> = LazyLock::new(|| {
    let sender = Address::bare("support@desk.example");
    ServiceDesk {
        planned_works: None,
        own_addresses: vec![sender.email.clone()],
        sender,
        staff: vec![],
        policy: Policy::load("calltower", &policy::built_in).unwrap(),
        answer_within: Duration::days(3),
    }
});

fn new_case() -> Case {
    Case::sample(Utc.with_ymd_and_hms(2026, 10, 30, 9, 0, 0).unwrap())
}

fn any_step() -> impl Strategy<Value = (i64, u8, usize)> {
    (0..3000_i64, 0..6_u8, 0..5_usize)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn a_story_that_is_read_back_before_each_step_is_the_same(steps in proptest::collection::vec(any_step(), 1..25)) {
        let db = open::in_memory().unwrap();
        let mut case = new_case();
        let mut now = case.opened_at;
        let mut remembered = Ledger::default();
        for (minutes, what, n) in steps {
            now += Duration::minutes(minutes);
            match what {
                0 if !case.status.is_closed() => case.last_public_at = Some(now),
                1 => case.priority = Priority::ALL[n],
                2 => {
                    let next = [Status::InProgress, Status::AwaitingCustomer, Status::OnHold, Status::Resolved, Status::Closed];
                    case.status = if case.status.is_closed() { Status::Reopened } else { next[n] };
                }
                3 if !case.status.is_closed() => case.etr = Some(now + Duration::hours(2)),
                4 => case.etr = None,
                _ => {}
            }
            cases::put(&db, &case).unwrap();
            let mut decision = Decision::unchanged(&case);
            keep(&db, &DESK, &mut decision, false, now).unwrap();
            let look = Look {
                arrangement: None,
                is_change: false,
                is_parent: false,
                told_at: &[],
                parent_etr: None,
                late: false,
                now,
            };
            let mut followed = follow(&remembered, &case, &look, &DESK.policy);
            prop_assert_eq!(&decision.notices, &followed.notices);
            let clock = followed.look_at.map_or(ClockChange::Clear(Clock::Promises), |at| ClockChange::Set(Clock::Promises, at));
            prop_assert!(decision.clocks.is_empty() || decision.clocks == [clock]);
            followed.ledger.promises.retain(Promise::is_live);
            let kept = ledger(&db, case.id).unwrap();
            for (promise, kept) in followed.ledger.promises.iter_mut().zip(&kept.promises) {
                promise.id = kept.id;
            }
            if kept != Ledger::default() {
                if kept.round_at.is_none() {
                    // The pauses of a round that is over matter to nobody.
                    followed.ledger.pauses.clear();
                    followed.ledger.public_at = kept.public_at;
                }
                prop_assert_eq!(&kept.promises, &followed.ledger.promises);
                prop_assert_eq!((kept.round_at, kept.etr, kept.rounds), (followed.ledger.round_at, followed.ledger.etr, followed.ledger.rounds));
            }
            remembered = followed.ledger;
        }
    }
}

#[test]
fn a_case_at_a_supplier_stands_still_until_it_is_back() {
    let db = open::in_memory().unwrap();
    let mut case = new_case();
    let now = case.opened_at;
    let look = |case: &Case, now| {
        cases::put(&db, case).unwrap();
        let mut decision = Decision::unchanged(case);
        keep(&db, &DESK, &mut decision, false, now).unwrap();
        decision.clocks.last().copied().unwrap()
    };
    case.priority = Priority::P1;
    assert!(matches!(look(&case, now), ClockChange::Set(Clock::Promises, _)));
    case.at_supplier = true;
    assert_eq!(look(&case, now), ClockChange::Clear(Clock::Promises));
    assert!(of_case(&db, &case).unwrap().1);
    case.at_supplier = false;
    assert!(
        matches!(look(&case, now + Duration::hours(1)), ClockChange::Set(Clock::Promises, at) if at > now + Duration::hours(1))
    );
    assert!(clocks::of_case(&db, case.id).unwrap().is_empty(), "the commit sets it");
}
