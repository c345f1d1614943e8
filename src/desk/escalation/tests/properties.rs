//! What must hold of a case that goes up, whatever happens to it.

use chrono::Duration;
use proptest::prelude::*;

use super::*;

#[derive(Debug, Clone, Copy)]
enum Happens {
    Passes(i64),
    Status(Status),
    Priority(Priority),
    Escalated,
}

fn happens() -> impl Strategy<Value = Happens> {
    let statuses = prop::sample::select(vec![
        Status::InProgress,
        Status::AwaitingCustomer,
        Status::OnHold,
        Status::Resolved,
        Status::Closed,
        Status::Reopened,
    ]);
    prop_oneof![
        (1..2_000_i64).prop_map(Happens::Passes),
        statuses.prop_map(Happens::Status),
        prop::sample::select(vec![Priority::P1, Priority::P2, Priority::P4]).prop_map(Happens::Priority),
        Just(Happens::Escalated),
    ]
}

proptest! {
    /// Whatever happens in whatever order: the clock runs at its time and not before, each run takes one level or none,
    /// no level is skipped or taken twice, and nothing goes up while it waits or is closed.
    #[test]
    fn no_clock_runs_before_its_time_or_takes_a_level_twice(all in prop::collection::vec(happens(), 1..40)) {
        let desk = desk("interspace");
        let mut case = case(Priority::P4);
        let mut now = tuesday();
        let mut escalation = start(&case, &desk);
        let mut decision = Decision::unchanged(&case);
        if let Some(new) = follow(None, &mut decision, &escalation, &desk.policy, now) {
            escalation = new;
        }
        let mut clock = None;
        let set = |clock: &mut Option<DateTime<Utc>>, decision: &Decision| {
            for change in &decision.clocks {
                match change {
                    ClockChange::Set(Clock::Escalation, due) => *clock = Some(*due),
                    ClockChange::Clear(Clock::Escalation) => *clock = None,
                    _ => {}
                }
            }
        };
        set(&mut clock, &decision);
        for one in all {
            let before = case.clone();
            let mut decision = Decision::unchanged(&case);
            match one {
                Happens::Passes(minutes) => {
                    let until = now + Duration::minutes(minutes);
                    while let Some(due) = clock.filter(|due| *due <= until) {
                        now = now.max(due);
                        let level = escalation.level;
                        let ran = clock_ran(&case, &mut escalation, &around(&desk), now);
                        set(&mut clock, &ran);
                        prop_assert_eq!(escalation.level, level + 1, "a clock that is set takes a level");
                        prop_assert!(!waits(case.status) && !case.status.is_closed());
                        prop_assert!(now - tuesday() >= Duration::hours(1), "no age is shorter");
                        prop_assert!(clock.is_none_or(|next| next > now), "the next level has its own time");
                    }
                    now = until;
                    continue;
                }
                Happens::Status(to) => {
                    decision.move_to(to, "", &Actor::Desk, now);
                }
                Happens::Priority(to) => decision.case.priority = to,
                Happens::Escalated => {
                    if step(&mut decision, &mut escalation, &FRIDA, &around(&desk), now).is_err() {
                        continue;
                    }
                }
            }
            if let Some(new) = follow(Some(&before), &mut decision, &escalation, &desk.policy, now) {
                escalation = new;
            }
            set(&mut clock, &decision);
            case = decision.case;
            prop_assert_eq!(clock, next_step(&case, &escalation, &desk.policy), "{:?}", one);
        }
    }
}
