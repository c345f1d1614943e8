//! Whatever staff do, no link is ever lost, both ends show it, and no mail is led in a circle.

use std::collections::BTreeSet;

use chrono::Duration;
use proptest::prelude::*;

use super::*;
use crate::{
    daemon::intake::tests::office,
    desk::case::CaseId,
    store::{meta, open},
};

#[derive(Debug, Clone)]
enum Step {
    Open,
    Link(usize, usize),
    Merge(usize, usize),
    Close(usize),
    Reopen(usize),
    DaysPass(i64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let pair = || (0..8_usize, 0..8_usize);
    prop_oneof![
        Just(Step::Open),
        pair().prop_map(|(a, b)| Step::Link(a, b)),
        pair().prop_map(|(a, b)| Step::Merge(a, b)),
        (0..8_usize).prop_map(Step::Close),
        (0..8_usize).prop_map(Step::Reopen),
        (1..9_i64).prop_map(Step::DaysPass),
    ]
}

/// All links, each as its two ends show it.
fn links(db: &Connection, cases: &[Case]) -> BTreeSet<(String, &'static str, String)> {
    let mut all = BTreeSet::new();
    for case in cases {
        for link in cases::links(db, case.id).unwrap() {
            all.insert((case.reference.to_string(), link.how, link.reference.to_string()));
        }
    }
    all
}

fn other_end(how: &str) -> &'static str {
    match how {
        "continues" => "continued-by",
        "continued-by" => "continues",
        "duplicate-of" => "main-of",
        "main-of" => "duplicate-of",
        _ => "related",
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn links_are_never_lost(steps in proptest::collection::vec(any_step(), 1..25)) {
        let folder = tempfile::tempdir().unwrap();
        let db = open::open(&folder.path().join("casepost.db")).unwrap();
        meta::give_reference_key(&db, [7; 32]).unwrap();
        let office = office().get();
        let mut now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let mut count = 0;
        let mut before = BTreeSet::new();
        for step in steps {
            let command = Command { office: &office, name: "Frida", now, names: Names::Refused };
            let case = |n: usize| (count > 0).then(|| cases::by_id(&db, CaseId((n % count) as i64 + 1)).unwrap());
            let request = PhoneRequest {
                requester: Address::bare("ada@books.test"),
                subject: "x".to_owned(),
                priority: Priority::P4,
                continues: None,
                tell: Tell::Nobody,
            };
            // What is refused changes nothing; that it may be refused is told by other tests.
            let _ = match step {
                Step::DaysPass(days) => { now += Duration::days(days); None }
                Step::Open => Some(command.open(&db, request)),
                Step::Link(a, b) => case(a).zip(case(b)).map(|(a, b)| command.act(&db, &a, &Act::Link { other: &b }, &[])),
                Step::Merge(a, b) => case(a).zip(case(b)).map(|(a, b)| {
                    command.act(&db, &a, &Act::Merge { main: &b, tell: Tell::Nobody, requesters: Requesters::ByDomain }, &[])
                }),
                Step::Close(a) => case(a).map(|a| command.act(&db, &a, &Act::Close { text: None, tell: Tell::Nobody }, &[])),
                Step::Reopen(a) => case(a).map(|a| command.reopen(&db, &a, Tell::Nobody)),
            };
            let filter = cases::Filter { limit: 1000, ..cases::Filter::default() };
            let all = cases::list(&db, &filter).unwrap().0;
            count = all.len();
            let after = links(&db, &all);
            prop_assert!(before.is_subset(&after));
            for (here, how, there) in &after {
                let back = (there.clone(), other_end(how), here.clone());
                prop_assert!(after.contains(&back), "{here} {how} {there}");
            }
            for case in all {
                let living = cases::living(&db, case).unwrap();
                prop_assert_ne!(living.status, Status::Duplicate, "mail is led to a case that takes it");
            }
            before = after;
        }
    }
}
