//! A full mailbox: five hundred generated mails in Dovecot become exactly the cases that their threads say, each person
//! is acknowledged once, no robot at all; a second run changes nothing, and neither does killing the first one in its
//! middle, however often.

mod desk;
mod servers;

use std::collections::{BTreeMap, BTreeSet};

use desk::{Desk, until};
use servers::{PASSWORD, Servers};

const MAILS: usize = 500;

/// A generated mail with what it must become.
struct Generated {
    id: String,
    raw: String,
    /// the first mail of the case that it belongs to; none for a robot's, which belongs to no case of its own
    root: Option<String>,
}

/// A small generator of its own, the same every time (Knuth's constants).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

fn generate() -> Vec<Generated> {
    let mut dice = Dice(7);
    let mut all: Vec<Generated> = Vec::new();
    // Of each thread: customer, ids so far, and the case of each id.
    let mut threads: Vec<(u64, Vec<(String, String)>)> = Vec::new();
    for n in 0..MAILS {
        let id = format!("m{n}.{}@customer.test", dice.roll(1_000_000));
        let kind = if threads.is_empty() { 0 } else { dice.roll(100) };
        let (header, customer, root) = match kind {
            0..55 => {
                let customer = dice.roll(100);
                threads.push((customer, vec![(id.clone(), id.clone())]));
                (format!("Subject: help {}\n", dice.roll(5)), customer, Some(id.clone()))
            }
            55..85 => {
                let pick = dice.roll(threads.len() as u64) as usize;
                let (customer, ids) = &mut threads[pick];
                let (last, root) = ids.last().unwrap().clone();
                let first = ids[0].0.clone();
                let (threading, root) = match dice.roll(4) {
                    0 => (format!("In-Reply-To: <{last}>\nReferences: <{first}>\n <{last}>\n"), root),
                    1 => (format!("In-Reply-To: <{last}>\n"), root),
                    2 => (format!("References: <{first}>\n <{last}>\n"), root),
                    // Only the subject says "Re": a new matter, and what cites it follows it.
                    _ => (String::new(), id.clone()),
                };
                ids.push((id.clone(), root.clone()));
                (format!("Subject: Re: help\n{threading}"), *customer, Some(root))
            }
            85..93 => {
                let pick = dice.roll(threads.len() as u64) as usize;
                let (customer, ids) = &threads[pick];
                let cited = &ids.last().unwrap().0;
                (
                    format!("Subject: Out of office\nIn-Reply-To: <{cited}>\nAuto-Submitted: auto-replied\n"),
                    *customer,
                    None,
                )
            }
            _ => {
                let header = "Subject: News\nList-Id: <news.customer.test>\nPrecedence: list\n".to_owned();
                (header, dice.roll(100), None)
            }
        };
        let raw = format!(
            "Return-Path: <alice+{customer}@customer.test>\nFrom: Customer {customer} <alice+{customer}@customer.test>\n\
             To: support@desk.test\nMessage-ID: <{id}>\nDate: Tue, 3 Nov 2026 10:00:00 +0000\n{header}\n\
             Mail number {n} says something.\n"
        );
        all.push(Generated { id, raw, root });
    }
    all
}

fn desk_at(servers: &Servers) -> Desk {
    let desk = Desk::with(&format!(
        r#"
data = "casepost.db"
[desk]
name = "Test Desk"
address = "support@desk.test"
[[mailbox]]
name = "support"
imap = "imap://support@127.0.0.1:{}/INBOX"
tls = "none"
password_file = "password"
[smtp]
url = "smtp://127.0.0.1:{}"
tls = "none"
"#,
        servers.imap_port, servers.smtp_port,
    ));
    desk.write("password", PASSWORD);
    desk
}

/// What matters of the desk's state, without the references, which are different on every desk.
#[derive(Debug, PartialEq, Eq)]
struct State {
    /// of each case, by its first mail: status and all of its mails
    cases: BTreeMap<String, (String, BTreeSet<String>)>,
    acknowledgements: usize,
}

fn state(desk: &Desk) -> State {
    let mut cases = BTreeMap::new();
    let mut acknowledgements = 0;
    for case in desk.cases() {
        let shown = desk.case(&desk::reference(&case));
        let ids: Vec<String> =
            shown["mails"].as_array().unwrap().iter().map(|m| m["message_id"].as_str().unwrap().to_owned()).collect();
        acknowledgements +=
            shown["notices"].as_array().unwrap().iter().filter(|n| n["notice"] == "acknowledgement").count();
        let status = shown["status"].as_str().unwrap().to_owned();
        let before = cases.insert(ids[0].clone(), (status, ids.into_iter().collect()));
        assert!(before.is_none(), "one mail opens one case");
    }
    State { cases, acknowledgements }
}

/// Message-IDs of the mails that reached the customers, each once: a mail that is sent twice after a crash carries the
/// same.
fn answers(servers: &Servers) -> BTreeSet<String> {
    servers.wait_for_empty_queue();
    let all =
        servers.mailbox("alice").into_iter().map(|(_, _, raw)| String::from_utf8_lossy(&raw).replace("\r\n", "\n"));
    all.map(|m| desk::header(&m, "Message-ID").unwrap()).collect()
}

fn expect(generated: &[Generated], state: &State) {
    let mut cases: BTreeMap<&String, BTreeSet<&String>> = BTreeMap::new();
    for mail in generated {
        if let Some(root) = &mail.root {
            cases.entry(root).or_default().insert(&mail.id);
        }
    }
    assert_eq!(state.cases.len(), cases.len());
    for (root, ids) in cases {
        let (status, found) = &state.cases[root];
        assert_eq!(status, "new");
        let robots: Vec<&String> = found.iter().filter(|id| !ids.contains(id)).collect();
        assert!(ids.iter().all(|id| found.contains(*id)), "{root}: {found:?}");
        let known_robots = |id: &&String| generated.iter().any(|m| m.root.is_none() && &m.id == *id);
        assert!(robots.iter().all(known_robots), "only robots beside the thread's own mails: {robots:?}");
    }
    assert_eq!(state.acknowledgements, state.cases.len());
}

#[test]
fn five_hundred_mails_become_their_threads_and_a_second_run_changes_nothing() {
    let Some(servers) = Servers::start("five_hundred_mails_become_their_threads") else { return };
    let generated = generate();
    servers.append_all("support", generated.iter().map(|m| m.raw.as_str()));
    let desk = desk_at(&servers);
    assert!(desk.run(&["run", "--once"]).ok().starts_with("mail: 500 taken in"));
    let first = state(&desk);
    expect(&generated, &first);
    assert_eq!(answers(&servers).len(), first.acknowledgements);
    assert!(
        desk.run(&["run", "--once"])
            .ok()
            .starts_with("mail: 0 taken in, 0 known already, 0 in quarantine; clocks: 0 ran; sent: 0")
    );
    assert_eq!(state(&desk), first);
    // The server counts its UIDs anew: all is looked at again, and known by its content.
    let db = rusqlite::Connection::open(desk.path("casepost.db")).unwrap();
    db.execute("UPDATE mailboxes SET epoch = epoch + 1", []).unwrap();
    db.execute("UPDATE arrivals SET epoch = epoch + 1", []).unwrap();
    drop(db);
    assert!(desk.run(&["run", "--once"]).ok().starts_with("mail: 0 taken in, 500 known already"));
    assert_eq!(state(&desk), first);
}

#[test]
fn killed_in_the_middle_and_run_again_the_end_is_the_same() {
    let Some(servers) = Servers::start("killed_in_the_middle_and_run_again") else { return };
    let generated = generate();
    servers.append_all("support", generated.iter().map(|m| m.raw.as_str()));
    let desk = desk_at(&servers);
    for at_least in [1, 80, 160, 240] {
        let mut running = desk.start(&["run", "--once"]);
        until("the run is in its middle, or at its end", || taken_in(&desk) >= at_least || running.has_ended());
        running.kill();
    }
    // In the middle of sending, too.
    let mut running = desk.start(&["run", "--once"]);
    until("some answers are out", || servers.mailbox("alice").len() > 20 || running.has_ended());
    running.kill();
    desk.run(&["run", "--once"]).ok();
    let last = state(&desk);
    expect(&generated, &last);
    assert_eq!(answers(&servers).len(), last.acknowledgements);
}

#[test]
fn told_to_stop_in_the_middle_the_daemon_ends_in_good_order_and_goes_on_later() {
    let Some(servers) = Servers::start("told_to_stop_in_the_middle") else { return };
    let generated = generate();
    servers.append_all("support", generated.iter().map(|m| m.raw.as_str()));
    let desk = desk_at(&servers);
    let daemon = desk.start(&["run"]);
    until("the daemon has begun", || taken_in(&desk) > 0);
    assert_eq!(daemon.terminate(), Some(0));
    desk.run(&["run", "--once"]).ok();
    let last = state(&desk);
    expect(&generated, &last);
    assert_eq!(answers(&servers).len(), last.acknowledgements);
}

/// How many mails the store holds; 0 while there is no store yet.
fn taken_in(desk: &Desk) -> i64 {
    let open =
        rusqlite::Connection::open_with_flags(desk.path("casepost.db"), rusqlite::OpenFlags::SQLITE_OPEN_READ_WRITE);
    let count = |db: rusqlite::Connection| db.query_row("SELECT COUNT(*) FROM mails", [], |row| row.get(0));
    open.and_then(count).unwrap_or(0)
}
