//! Whatever happens in whatever order: no clock runs before its time, none twice, and each once it is due; in a zone
//! whose clocks go forward or back meanwhile.

use std::{collections::BTreeMap, sync::Arc};

use chrono::{DateTime, Duration, Timelike, Utc};
use proptest::{collection::vec, prelude::*, sample::select};
use rusqlite::Connection;

use super::*;
use crate::{
    daemon::{names::Names, staff::Command},
    desk::{
        case::Status,
        lifecycle::{Act, Clock, Tell, Then, What},
        policy::{Policy, built_in},
        staff_member::StaffMember,
    },
    mail::address::Address,
    store::{cases, clocks, history, meta, open},
};

/// What may happen next, after so many minutes.
#[derive(Debug, Clone, Copy)]
enum Happens {
    NewMail,
    /// on the case that was opened last but so many
    Reply(usize),
    Reopens(usize),
    Asks(usize),
    Resolves(usize),
    Closes(usize),
    /// until so many minutes later
    Holds(usize, i64),
    Stops,
    Starts,
    ServerDown,
    ServerWorks,
}

fn happens() -> impl Strategy<Value = Happens> {
    let case = 0..3_usize;
    prop_oneof![
        2 => Just(Happens::NewMail),
        3 => case.clone().prop_map(Happens::Reply),
        1 => case.clone().prop_map(Happens::Reopens),
        4 => case.clone().prop_map(Happens::Asks),
        2 => case.clone().prop_map(Happens::Resolves),
        2 => case.clone().prop_map(Happens::Closes),
        2 => (case, 1..9000_i64).prop_map(|(case, minutes)| Happens::Holds(case, minutes)),
        1 => Just(Happens::Stops),
        2 => Just(Happens::Starts),
        1 => Just(Happens::ServerDown),
        2 => Just(Happens::ServerWorks),
    ]
}

/// A desk whose clocks are watched.
struct Watched {
    desk: SimulatedDesk,
    db: Connection,
    mails: u32,
    /// when each clock that ran was due
    ran: BTreeMap<(i64, &'static str), DateTime<Utc>>,
}

impl Watched {
    fn begin(at: DateTime<Utc>) -> Watched {
        let mut office = Office::to_try().unwrap();
        office.desk.policy = Policy::load("calltower", &built_in).unwrap();
        office.desk.staff = vec![StaffMember::new(Address::new(Some("Frida"), "frida@desk.example"))];
        let mut db = open::in_memory().unwrap();
        transaction(&mut db, |tx| meta::give_reference_key(tx, [1; 32])).unwrap();
        Watched { desk: SimulatedDesk::new(Arc::new(office), at), db, mails: 0, ran: BTreeMap::new() }
    }

    fn happens(&mut self, what: Happens) {
        match what {
            Happens::NewMail => self.mail("Subject: No dial tone"),
            Happens::Reply(back) => {
                if let Some(case) = self.case(back) {
                    self.mail(&format!("Subject: Re: [{}] No dial tone", case.reference));
                }
            }
            Happens::Reopens(back) => self.act(back, &Act::Reopen { tell: Tell::Customer }),
            Happens::Asks(back) => self.act(back, &Act::Reply { text: "Which?", cc: &[], then: Then::Await }),
            Happens::Resolves(back) => self.act(back, &Act::Reply { text: "Done.", cc: &[], then: Then::Resolve }),
            Happens::Closes(back) => self.act(back, &Act::Close { text: None, tell: Tell::Customer }),
            Happens::Holds(back, minutes) => {
                let until = Some(self.desk.now() + Duration::minutes(minutes));
                self.act(back, &Act::Status { to: Status::OnHold, until, text: None, tell: Tell::Nobody });
            }
            Happens::Stops => self.desk.stop(),
            Happens::Starts if !self.desk.runs() => self.desk.start(&mut self.db).unwrap(),
            Happens::Starts => {}
            Happens::ServerDown => self.desk.mail_server.goes_down(),
            Happens::ServerWorks => self.desk.mail_server.works(),
        }
        self.desk.work(&mut self.db).unwrap();
    }

    fn mail(&mut self, subject: &str) {
        self.mails += 1;
        let raw = format!(
            "From: Ada <ada@books.example>\r\nTo: support@desk.example\r\n{subject}\r\nMessage-ID: <{0}@books.example>\r\n\
             \r\nThe telephone number {0} is dead.\r\n",
            self.mails
        );
        self.desk.mail_arrives(raw.into_bytes(), self.desk.now());
    }

    fn case(&self, back: usize) -> Option<crate::desk::case::Case> {
        cases::after(&self.db, 0).unwrap().into_iter().rev().nth(back)
    }

    /// What a rule forbids is no act.
    fn act(&mut self, back: usize, act: &Act<'_>) {
        let Some(case) = self.case(back) else { return };
        let office = self.desk.office.clone();
        let command = Command { office: &office, name: "Frida", now: self.desk.now(), names: Names::Refused };
        let _ = transaction(&mut self.db, |tx| command.act(tx, &case, act, &[]));
    }

    fn clocks(&self) -> Vec<clocks::DueClock> {
        cases::after(&self.db, 0).unwrap().iter().flat_map(|c| clocks::of_case(&self.db, c.id).unwrap()).collect()
    }

    /// All that a clock could have changed.
    fn state(&self) -> (Vec<clocks::DueClock>, i64, i64) {
        (self.clocks(), history::last(&self.db).unwrap(), outbox::last(&self.db).unwrap())
    }

    /// Lets time pass from one due time to the next, and looks at each from both sides.
    fn pass(&mut self, minutes: i64) {
        let goal = self.desk.now() + Duration::minutes(minutes);
        while let Some(due) = self.desk.next_due(&self.db).unwrap().filter(|due| self.desk.runs() && *due <= goal) {
            if due > self.desk.now() {
                let before = self.state();
                self.desk.pass_until(&mut self.db, due - Duration::milliseconds(1)).unwrap();
                assert_eq!(self.state(), before, "something ran before its time");
            }
            let running = self.clocks();
            self.desk.pass_until(&mut self.db, due).unwrap();
            let left = self.clocks();
            for clock in running.iter().filter(|clock| clock.due <= self.desk.now() && !left.contains(clock)) {
                let last = self.ran.insert((clock.case.0, clock.clock.as_str()), clock.due);
                assert!(last < Some(clock.due), "{clock:?} ran twice for one setting");
            }
            let late = left.iter().find(|clock| clock.due <= self.desk.now());
            assert_eq!(late, None, "it was due and did not run");
            assert_eq!(self.desk.work(&mut self.db).unwrap(), 0, "what has run runs again");
        }
        self.desk.pass_until(&mut self.db, goal).unwrap();
    }

    /// A warning comes at the hour of the question, whatever the clocks did since.
    fn warning_keeps_the_hour(&self) {
        let hours = &self.desk.office.desk.policy.hours;
        for clock in self.clocks().iter().filter(|clock| clock.clock == Clock::NoResponseWarning) {
            let asked_at = cases::by_id(&self.db, clock.case).unwrap().last_public_at.unwrap();
            let hour = |at: DateTime<Utc>| at.with_timezone(&hours.zone()).time().with_nanosecond(0);
            assert!(hours.is_open(clock.due), "{clock:?}");
            if hours.is_open(asked_at) {
                assert_eq!(hour(clock.due), hour(asked_at), "{clock:?} for {asked_at}");
            }
        }
    }

    /// Nobody is closed without having been warned after the desk's last question.
    fn who_is_closed_without_response_was_warned(&self) {
        for case in cases::after(&self.db, 0).unwrap() {
            let lines = history::of_case(&self.db, case.id).unwrap();
            let mut warned = false;
            for line in &lines {
                match &line.what {
                    What::Warned { .. } => warned = true,
                    What::Status { to: Status::ClosedNoResponse, .. } => {
                        assert!(warned, "{lines:?}");
                        warned = false;
                    }
                    What::Status { .. } | What::Replied { .. } => warned = false,
                    _ => {}
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn clocks_run_once_and_not_before_their_time_over_any_order_of_events_and_changes_of_the_clock(
        // Denver's clocks go forward on 8 March and back on 1 November 2026.
        begins_at in select(vec!["2026-03-04T15:00:00Z", "2026-10-28T15:00:00Z"]),
        events in vec((0..4000_i64, happens()), 1..25),
    ) {
        let mut watched = Watched::begin(begins_at.parse().unwrap());
        for (minutes, what) in events {
            watched.pass(minutes);
            watched.happens(what);
            watched.warning_keeps_the_hour();
        }
        watched.happens(Happens::ServerWorks);
        watched.happens(Happens::Starts);
        watched.pass(30 * 24 * 60);
        watched.who_is_closed_without_response_was_warned();
    }
}
