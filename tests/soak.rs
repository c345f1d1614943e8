//! The desk over time: mail arrives, servers err and are restarted or killed, and so is the desk. In the end each mail is
//! one case with one answer, and the desk has not grown.
//!
//! Half a minute here; `CASEPOST_SOAK_MINUTES=30 tests/run --test soak -- --nocapture` says more.

mod desk;
mod servers;

use std::{
    collections::BTreeMap,
    fs,
    time::{Duration, Instant},
};

use desk::{Desk, Running, header, letter};
use rustix::process::Signal;
use servers::{PASSWORD, Servers, catalogue, fault::Fault, proxy::Proxy};

const BETWEEN_MAILS: Duration = Duration::from_millis(250);
const BETWEEN_FAULTS: Duration = Duration::from_millis(1500);
const BETWEEN_RESTARTS: Duration = Duration::from_secs(12);
/// Longer than the longest pause before a server is tried again, and than a server is waited for after the final dot.
const TO_SETTLE: Duration = Duration::from_secs(180);

/// A small generator of its own, the same every time (Knuth's constants).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % sides as u64) as usize
    }
}

/// Does it come round, counted from the beginning?
struct Every {
    period: Duration,
    next: Duration,
}

impl Every {
    fn new(period: Duration) -> Every {
        Every { period, next: period }
    }

    fn is_due(&mut self, elapsed: Duration) -> bool {
        let due = elapsed >= self.next;
        if due {
            self.next = elapsed + self.period;
        }
        due
    }
}

/// What a desk at work takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Size {
    memory_kb: u64,
    files: u64,
    threads: u64,
    tasks: u64,
}

fn size(desk: &Desk, daemon: &Running) -> Size {
    let process = daemon.id();
    let log = desk.log();
    let tasks = log.lines().rev().find_map(|line| line.split_once("the writer answers tasks=")?.1.trim().parse().ok());
    let status = fs::read_to_string(format!("/proc/{process}/status")).expect("a process that lives");
    let number = |key: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(key)).expect("a line of the status");
        line.split_whitespace().next().and_then(|word| word.parse().ok()).expect("a number")
    };
    let files = fs::read_dir(format!("/proc/{process}/fd")).expect("its files").count() as u64;
    Size { memory_kb: number("VmRSS:"), files, threads: number("Threads:"), tasks: tasks.unwrap_or(0) }
}

fn desk_at(imap_port: u16, smtp_port: u16) -> Desk {
    let desk = Desk::with(&format!(
        r#"
data = "casepost.db"
[desk]
name = "Test Desk"
address = "support@desk.test"
[[mailbox]]
name = "support"
imap = "imap://support@127.0.0.1:{imap_port}/INBOX"
tls = "none"
password_file = "password"
poll = "5s"
timeout = "2s"
[smtp]
url = "smtp://support@127.0.0.1:{smtp_port}"
tls = "none"
password_file = "password"
timeout = "2s"
"#
    ));
    desk.write("password", PASSWORD);
    desk
}

fn last_of(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(200)..].join("\n")
}

struct Soak {
    servers: Servers,
    imap: Proxy,
    smtp: Proxy,
    desk: Desk,
    dice: Dice,
    customers: usize,
}

impl Soak {
    fn mail(&mut self) {
        self.customers += 1;
        let n = self.customers;
        let customer = format!("alice+{n}@customer.test");
        let id = format!("{n}@customer.test");
        self.servers.append("support", letter(&customer, &id, "help").raw().replace('\n', "\r\n"), None);
    }

    fn err(&mut self) {
        let imap: Vec<Fault> = catalogue::imap();
        // A refusal for good is an answer like another: then nothing would reach that customer.
        let smtp: Vec<Fault> = catalogue::smtp().into_iter().filter(|f| !format!("{f:?}").contains("550")).collect();
        self.imap.set([imap[self.dice.roll(imap.len())].clone()]);
        self.smtp.set([smtp[self.dice.roll(smtp.len())].clone()]);
    }

    fn restart_a_server(&mut self) {
        match self.dice.roll(6) {
            0 => {
                self.servers.stop_dovecot();
                self.servers.start_dovecot();
            }
            1 => {
                self.servers.kill_dovecot();
                self.servers.start_dovecot();
            }
            2 => {
                self.servers.stop_postfix();
                self.servers.start_postfix();
            }
            3 => {
                self.servers.kill_postfix();
                self.servers.start_postfix();
            }
            4 => self.imap.cut_all(),
            _ => self.smtp.cut_all(),
        }
    }

    fn restart_the_desk(&mut self, daemon: Running) -> Running {
        match self.dice.roll(2) {
            0 => assert_eq!(daemon.terminate(), Some(0), "{}", self.desk.log()),
            _ => daemon.kill(),
        }
        self.desk.start(&["run", "--log", "debug"])
    }

    /// How often each answer reached its customer, by Message-ID.
    fn answers(&self) -> BTreeMap<String, (String, usize)> {
        let mut answers: BTreeMap<String, (String, usize)> = BTreeMap::new();
        for (_, _, raw) in self.servers.mailbox("alice") {
            let mail = String::from_utf8_lossy(&raw).replace("\r\n", "\n");
            let id = header(&mail, "Message-ID").expect("an id");
            answers.entry(id).or_insert((header(&mail, "To").expect("a recipient"), 0)).1 += 1;
        }
        answers
    }
}

#[test]
fn over_time_each_mail_is_one_case_with_one_answer_and_the_desk_does_not_grow() {
    let Some(servers) = Servers::start("over_time_each_mail_is_one_case") else { return };
    let minutes: f64 = std::env::var("CASEPOST_SOAK_MINUTES").map_or(0.5, |m| m.parse().expect("minutes"));
    let whole = Duration::from_secs_f64(minutes * 60.0);
    let (imap, smtp) = (Proxy::imap(servers.imap_port), Proxy::smtp(servers.plain_submission_port));
    let desk = desk_at(imap.port(), smtp.port());
    let mut soak = Soak { servers, imap, smtp, desk, dice: Dice(11), customers: 0 };
    let mut daemon = soak.desk.start(&["run", "--log", "debug"]);
    let (mut mail, mut fault, mut restart) =
        (Every::new(BETWEEN_MAILS), Every::new(BETWEEN_FAULTS), Every::new(BETWEEN_RESTARTS));
    // The desk itself is restarted in the first half only: in the second it is watched.
    let mut restart_of_desk = Every::new((whole / 8).min(Duration::from_secs(60)));
    let mut sample = Every::new((whole / 60).max(Duration::from_millis(500)));
    let mut sizes: Vec<(Duration, Size)> = Vec::new();
    let began = Instant::now();
    while began.elapsed() < whole {
        let elapsed = began.elapsed();
        if mail.is_due(elapsed) {
            soak.mail();
        }
        if fault.is_due(elapsed) {
            soak.err();
        }
        if restart.is_due(elapsed) {
            soak.restart_a_server();
        }
        if elapsed < whole / 2 && restart_of_desk.is_due(elapsed) {
            daemon = soak.restart_the_desk(daemon);
        }
        if elapsed > whole / 2 && sample.is_due(elapsed) {
            let size = size(&soak.desk, &daemon);
            println!("{:4} s, {:5} mails: {size:?}", elapsed.as_secs(), soak.customers);
            sizes.push((elapsed, size));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    soak.imap.clear();
    soak.smtp.clear();
    // What is stalled stays so.
    soak.imap.cut_all();
    soak.smtp.cut_all();
    daemon.signal(Signal::HUP);
    // What was put off by a fault is tried again within minutes; here it is asked for.
    // The queue is looked at last: a case that is there has put its answer into it.
    let settled = || {
        let cases = soak.desk.json(&["case", "list", "--limit", "100000", "--json"]);
        let status = soak.desk.status().expect("a status");
        if status["queue"]["waiting"] != 0 {
            for waiting in soak.desk.json(&["outbox", "list", "--limit", "1000", "--json"]).as_array().expect("a list")
            {
                soak.desk.run(&["outbox", "retry", &waiting["notice"].to_string()]);
            }
        }
        status["queue"]["waiting"] == 0
            && soak.desk.log().contains("mail")
            && cases.as_array().expect("a list").len() == soak.customers
    };
    let began = Instant::now();
    while !settled() {
        let status = || soak.desk.run(&["status"]).out;
        let outbox = || soak.desk.run(&["outbox", "list"]).out;
        assert!(
            began.elapsed() < TO_SETTLE,
            "not all of {} is done\n{}{}{}",
            soak.customers,
            status(),
            outbox(),
            last_of(&soak.desk.log())
        );
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(daemon.terminate(), Some(0), "{}", soak.desk.log());

    soak.servers.flush_queue();
    soak.servers.wait_for_empty_queue();
    let answers = soak.answers();
    let mut to: Vec<&String> = answers.values().map(|(to, _)| to).collect();
    to.sort();
    let mut expected: Vec<String> = (1..=soak.customers).map(|n| format!("alice+{n}@customer.test")).collect();
    expected.sort();
    assert_eq!(to, expected.iter().collect::<Vec<_>>(), "each customer has one answer");
    let twice = answers.values().filter(|(_, times)| *times > 1).count();
    println!("{} mails, {} answers came twice under one id", soak.customers, twice);
    assert!(!soak.desk.log().contains("a part of the daemon failed"), "{}", soak.desk.log());

    let half = sizes.len() / 2;
    let most =
        |part: &[(Duration, Size)], of: fn(&Size) -> u64| part.iter().map(|(_, size)| of(size)).max().unwrap_or(0);
    for (what, slack, of) in [
        ("memory", 16_000, (|s: &Size| s.memory_kb) as fn(&Size) -> u64),
        ("files", 8, |s: &Size| s.files),
        ("threads", 8, |s: &Size| s.threads),
        ("tasks", 8, |s: &Size| s.tasks),
    ] {
        let (before, after) = (most(&sizes[..half], of), most(&sizes[half..], of));
        assert!(after <= before + before / 4 + slack, "{what} grew from {before} to {after}: {sizes:?}");
    }
}
