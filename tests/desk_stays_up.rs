//! The daemon over time: what servers, networks and people do while it runs, and what it says of it.

mod desk;
mod servers;

use std::{os::unix::net::UnixDatagram, time::Duration};

use desk::{Desk, Running, header, letter, reference, until};
use rustix::process::Signal;
use servers::{PASSWORD, Servers, authority::Flaw, fault::Fault, proxy::Proxy};

/// A desk that reads support's mailbox here and sends there, without TLS. IDLE only: a look by the clock would come too
/// late for these tests.
fn desk_between(imap_port: u16, smtp_port: u16) -> Desk {
    let desk = Desk::with(&format!(
        r#"
data = "casepost.db"
rules = "rules"
policy = "base"
[desk]
name = "Test Desk"
address = "support@desk.test"
[[mailbox]]
name = "support"
imap = "imap://support@127.0.0.1:{imap_port}/INBOX"
tls = "none"
password_file = "password"
poll = "1h"
timeout = "5s"
[smtp]
url = "smtp://127.0.0.1:{smtp_port}"
tls = "none"
timeout = "5s"
[[staff]]
name = "Bob"
address = "bob@desk.test"
"#
    ));
    desk.write("password", PASSWORD);
    std::fs::create_dir(desk.path("rules")).unwrap();
    desk
}

fn add_to_config(desk: &Desk, text: &str) {
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    desk.write("casepost.toml", &(config + text));
}

fn replace_in_config(desk: &Desk, from: &str, to: &str) {
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    assert!(config.contains(from), "{config}");
    desk.write("casepost.toml", &config.replace(from, to));
}

fn running(desk: &Desk) -> Running {
    let daemon = desk.start(&["run"]);
    until("the daemon reads its mailboxes", || {
        desk.status().is_some_and(|s| s["mailboxes"].as_array().unwrap().iter().any(|m| !m["looked_at"].is_null()))
    });
    daemon
}

/// Mail of a customer, straight into the mailbox.
fn write(servers: &Servers, n: usize) {
    let customer = format!("alice+{n}@customer.test");
    let id = format!("{n}@customer.test");
    servers.append("support", letter(&customer, &id, "help").raw().replace('\n', "\r\n"), None);
}

fn mails(servers: &Servers, user: &str) -> Vec<String> {
    let all = servers.mailbox(user);
    all.into_iter().map(|(_, _, raw)| String::from_utf8_lossy(&raw).replace("\r\n", "\n")).collect()
}

/// Waits until each of the first `count` customers has their answer; none has two.
#[track_caller]
fn answered(servers: &Servers, desk: &Desk, count: usize) {
    let mut to: Vec<String> = vec![];
    // Longer than the longest pause that the outages of these tests bring about.
    for _ in 0..4500 {
        to = mails(servers, "alice").iter().map(|mail| header(mail, "To").unwrap()).collect();
        if to.len() >= count {
            break;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    to.sort();
    let mut expected: Vec<String> = (1..=count).map(|n| format!("alice+{n}@customer.test")).collect();
    expected.sort();
    assert_eq!(to, expected, "{}", desk.log());
}

fn trouble<'a>(status: &'a serde_json::Value, area: &str) -> Option<&'a serde_json::Value> {
    status["troubles"].as_array().unwrap().iter().find(|t| t["area"] == area)
}

fn to_staff(servers: &Servers, subject: &str) -> Vec<String> {
    mails(servers, "bob").into_iter().filter(|m| header(m, "Subject").unwrap().contains(subject)).collect()
}

#[test]
fn the_desk_goes_on_when_either_server_is_restarted_or_killed() {
    let Some(servers) = Servers::start("the_desk_goes_on_when_either_server") else { return };
    let desk = desk_between(servers.imap_port, servers.smtp_port);
    let daemon = running(&desk);
    write(&servers, 1);
    answered(&servers, &desk, 1);
    // What Postfix is about to deliver through Dovecot it may deliver twice when that is stopped.
    servers.wait_for_empty_queue();
    servers.stop_dovecot();
    servers.start_dovecot();
    write(&servers, 2);
    answered(&servers, &desk, 2);
    servers.wait_for_empty_queue();
    servers.kill_dovecot();
    servers.start_dovecot();
    write(&servers, 3);
    answered(&servers, &desk, 3);
    servers.stop_postfix();
    write(&servers, 4);
    until("the case is there though its answer can't go out", || desk.cases().len() == 4);
    servers.start_postfix();
    answered(&servers, &desk, 4);
    servers.kill_postfix();
    write(&servers, 5);
    until("the case is there though its answer can't go out", || desk.cases().len() == 5);
    servers.start_postfix();
    servers.flush_queue();
    answered(&servers, &desk, 5);
    assert_eq!(daemon.terminate(), Some(0), "{}", desk.log());
}

#[test]
fn a_mailbox_in_trouble_leaves_the_others_alone_and_a_refused_password_is_told_once_and_its_end_once() {
    let Some(servers) = Servers::start("a_mailbox_in_trouble_leaves_the_others_alone") else { return };
    let desk = desk_between(servers.imap_port, servers.smtp_port);
    add_to_config(
        &desk,
        &format!(
            "[[mailbox]]\nname = \"second\"\naddress = \"second@desk.test\"\n\
             imap = \"imap://bob@127.0.0.1:{}/Second\"\ntls = \"none\"\npassword_file = \"second.password\"\n",
            servers.imap_port
        ),
    );
    desk.write("second.password", "wrong");
    let daemon = running(&desk);
    until("staff are told", || to_staff(&servers, "Please look: mailbox second").len() == 1);
    write(&servers, 1);
    answered(&servers, &desk, 1);
    // Asked to try again, it is refused again, and that is no news.
    daemon.signal(Signal::HUP);
    until("it was tried again", || trouble(&desk.status().unwrap(), "mailbox second").unwrap()["times"] == 2);
    let status = desk.run(&["status"]);
    assert_eq!(status.code, 6, "{}", status.out);
    assert!(status.out.contains("ACT   mailbox second: 127.0.0.1:"), "{}", status.out);
    assert!(status.out.contains("refuses the user or the password"), "{}", status.out);
    let told = desk.log().matches("this needs a person").count();
    assert_eq!(told, 1, "{}", desk.log());

    desk.write("second.password", PASSWORD);
    servers.create_folder("bob", "Second");
    daemon.signal(Signal::HUP);
    until("staff are told that it is over", || to_staff(&servers, "Works again: mailbox second").len() == 1);
    assert!(!trouble(&desk.status().unwrap(), "mailbox second").unwrap()["ended_at"].is_null());
    assert_eq!(desk.run(&["status"]).code, 0);
    assert_eq!(to_staff(&servers, "mailbox second").len(), 2);
    assert_eq!(daemon.terminate(), Some(0), "{}", desk.log());
    assert!(!desk.log().contains("wrong") && !desk.log().contains(PASSWORD), "{}", desk.log());
}

#[test]
fn while_nothing_can_be_sent_mail_is_taken_in_and_then_everything_goes_out_without_a_try_counted() {
    let Some(servers) = Servers::start("while_nothing_can_be_sent") else { return };
    let proxy = Proxy::smtp(servers.smtp_port);
    let desk = desk_between(servers.imap_port, proxy.port());
    proxy.refuse();
    let daemon = running(&desk);
    (1..=20).for_each(|n| write(&servers, n));
    until("all are taken in", || desk.cases().len() == 20);
    until("the trouble is known", || trouble(&desk.status().unwrap(), "sending").is_some());
    let status = desk.status().unwrap();
    assert_eq!(status["queue"]["waiting"], 40, "an answer and a note to staff each: {status}");
    assert_eq!(status["verdict"], "look");
    let outbox = desk.json(&["outbox", "list", "--limit", "100", "--json"]);
    assert!(outbox.as_array().unwrap().iter().all(|d| d["attempts"] == 0), "{outbox}");
    proxy.accept();
    answered(&servers, &desk, 20);
    until("the trouble is over", || !trouble(&desk.status().unwrap(), "sending").unwrap()["ended_at"].is_null());
    assert_eq!(daemon.terminate(), Some(0), "{}", desk.log());
}

#[test]
fn certificates_are_named_for_what_is_wrong_with_them_and_nothing_is_said_to_such_a_server() {
    let Some(servers) = Servers::start("certificates_are_named") else { return };
    for (flaw, expected) in [
        (Flaw::Expired, "it has expired"),
        (Flaw::OtherHost, "it is for another name"),
        (Flaw::UnknownAuthority, "authority"),
    ] {
        let certificate = servers.certificate(flaw);
        let imap = Proxy::imap(servers.imap_port).with_tls(&certificate);
        let smtp = Proxy::smtp(servers.plain_submission_port).with_starttls(&certificate);
        let desk = desk_between(imap.port(), smtp.port());
        let ca = servers.ca_file.display();
        replace_in_config(
            &desk,
            &format!("imap://support@127.0.0.1:{}/INBOX\"\ntls = \"none\"", imap.port()),
            &format!("imaps://support@localhost:{}/INBOX\"\nca_file = \"{ca}\"", imap.port()),
        );
        replace_in_config(
            &desk,
            &format!("smtp://127.0.0.1:{}\"\ntls = \"none\"", smtp.port()),
            &format!(
                "smtp://support@localhost:{}\"\ntls = \"starttls\"\npassword_file = \"password\"\nca_file = \"{ca}\"",
                smtp.port()
            ),
        );
        let checked = desk.run(&["check"]);
        assert_eq!(checked.code, 1);
        for what in ["mailbox support", "sending"] {
            let line = checked.out.lines().find(|line| line.contains(&format!("BAD   {what}"))).unwrap_or_default();
            assert!(line.contains("certificate") && line.contains(expected), "{what}: {}", checked.out);
        }
        let daemon = desk.start(&["run"]);
        until("the daemon says so, too", || {
            desk.status().is_some_and(|s| trouble(&s, "mailbox support").is_some_and(|t| t["nature"] == "needs-person"))
        });
        assert_eq!(daemon.terminate(), Some(0), "{}", desk.log());
        assert!(desk.log().contains(expected) && !desk.log().contains(PASSWORD), "{}", desk.log());
    }
}

#[test]
fn another_client_that_reads_moves_and_deletes_meanwhile_disturbs_nothing() {
    let Some(servers) = Servers::start("another_client_that_reads_moves_and_deletes") else { return };
    let proxy = Proxy::imap(servers.imap_port);
    let desk = desk_between(proxy.port(), servers.smtp_port);
    let daemon = running(&desk);
    (1..=3).for_each(|n| write(&servers, n));
    answered(&servers, &desk, 3);
    servers.move_mail("support", 1, "Elsewhere");
    servers.expunge("support", 2);
    servers.set_flags("support", 3, &[]);
    // Between the look and the fetch, somebody takes one mail away and marks another.
    proxy.set([Fault::at("^UID FETCH .*BODY").wait(Duration::from_millis(300)).first(1)]);
    let before = proxy.hits();
    (4..=6).for_each(|n| write(&servers, n));
    until("the desk fetches", || proxy.hits() > before);
    servers.set_flags("support", 4, &["\\Seen"]);
    servers.move_mail("support", 6, "Elsewhere");
    until("what is still there is answered", || desk.cases().len() >= 5);
    write(&servers, 7);
    until("and so is what comes later", || {
        desk.cases().iter().any(|case| case["requester"] == "alice+7@customer.test")
    });
    // The sixth may have been fetched before it was moved; that it is taken in twice would show as a case too many.
    assert!(desk.cases().len() <= 7);
    assert_eq!(daemon.terminate(), Some(0), "{}", desk.log());
}

#[test]
fn uids_that_count_anew_under_a_running_desk_make_no_case_twice() {
    let Some(servers) = Servers::start("uids_that_count_anew") else { return };
    let desk = desk_between(servers.imap_port, servers.smtp_port);
    // Dovecot does not tell of it in IDLE.
    replace_in_config(&desk, "poll = \"1h\"", "poll = \"1s\"");
    let daemon = running(&desk);
    (1..=3).for_each(|n| write(&servers, n));
    answered(&servers, &desk, 3);
    servers.number_anew("support");
    write(&servers, 4);
    answered(&servers, &desk, 4);
    assert_eq!(desk.cases().len(), 4);
    assert_eq!(daemon.terminate(), Some(0), "{}", desk.log());
}

#[test]
fn a_server_without_idle_or_with_a_deaf_one_is_polled() {
    let Some(servers) = Servers::start("a_server_without_idle") else { return };
    let mut customers = 0;
    for fault in [
        Fault::hide(["IDLE"]),
        Fault::at("^IDLE").answer("NO not now"),
        Fault::at("^IDLE").answer("BAD what is that"),
        Fault::at("^IDLE").unseen().stall(),
        Fault::at("^IDLE").stall(),
        Fault::no_uid_next(),
    ] {
        let what = format!("{fault:?}");
        let proxy = Proxy::imap(servers.imap_port);
        proxy.set([fault]);
        let desk = desk_between(proxy.port(), servers.smtp_port);
        replace_in_config(&desk, "poll = \"1h\"\ntimeout = \"5s\"", "poll = \"1s\"\ntimeout = \"1s\"\nstart = \"new\"");
        let daemon = running(&desk);
        customers += 1;
        write(&servers, customers);
        answered(&servers, &desk, customers);
        assert_eq!(daemon.terminate(), Some(0), "{what}: {}", desk.log());
    }
}

#[test]
fn a_notice_to_many_does_not_hold_up_the_answer_to_one() {
    let Some(servers) = Servers::start("a_notice_to_many_does_not_hold_up") else { return };
    let proxy = Proxy::smtp(servers.smtp_port);
    let desk = desk_between(servers.imap_port, proxy.port());
    let staff: String =
        (0..300).map(|n| format!("[[staff]]\nname = \"S{n}\"\naddress = \"bob+{n}@other.test\"\n")).collect();
    add_to_config(&desk, &staff);
    // Old mail: a list of it goes to each of the staff.
    let old = letter("alice+1@customer.test", "old@customer.test", "old").raw().replace('\n', "\r\n");
    servers.append("support", old, Some("2026-01-02T03:04:05Z".parse().unwrap()));
    proxy.set([Fault::latency(Duration::from_millis(30))]);
    let daemon = running(&desk);
    until("the lists wait", || desk.status().is_some_and(|s| s["queue"]["waiting"].as_u64() > Some(200)));
    // A mail of a person's own, whose note to staff is no bulk: so that only the answer counts, it is sent by hand.
    desk.run(&["case", "open", "--requester", "alice+2@customer.test", "--subject", "Router"]).ok();
    until("the answer is there", || !mails(&servers, "alice").is_empty());
    let waiting = desk.status().unwrap()["queue"]["waiting"].as_u64().unwrap();
    assert!(waiting > 100, "the lists still wait behind it: {waiting}");
    proxy.clear();
    until("all is sent", || desk.status().unwrap()["queue"]["waiting"] == 0);
    assert_eq!(daemon.terminate(), Some(0), "{}", desk.log());
}

#[test]
fn hangup_reads_rules_and_staff_anew_and_keeps_the_old_where_the_new_are_bad() {
    let Some(servers) = Servers::start("hangup_reads_rules_and_staff_anew") else { return };
    let desk = desk_between(servers.imap_port, servers.smtp_port);
    let daemon = running(&desk);
    replace_in_config(&desk, "Bob", "Robert");
    add_to_config(&desk, "[[staff]]\nname = \"Alice\"\naddress = \"alice@other.test\"\n");
    daemon.signal(Signal::HUP);
    until("the configuration is read anew", || desk.log().contains("are read anew"));
    write(&servers, 1);
    until("the new one of the staff is told", || {
        mails(&servers, "alice").iter().any(|m| m.contains("alice@other.test"))
    });

    std::fs::create_dir(desk.path("rules/base")).unwrap();
    desk.write("rules/base/policy.toml", "reviw_after = \"30m\"\n");
    daemon.signal(Signal::HUP);
    until("the trouble is known", || trouble(&desk.status().unwrap(), "reload").is_some());
    let status = desk.status().unwrap();
    let error = trouble(&status, "reload").unwrap()["error"].as_str().unwrap().to_owned();
    assert!(error.contains("the old rules, templates and staff stay") && error.contains("line 1"), "{error}");
    assert!(desk.run(&["status"]).out.contains(&error[..60]));
    assert_eq!(status["verdict"], "act");
    write(&servers, 2);
    // Not by a command: each reads the rules, and says that they are bad.
    until("the desk works with the old", || desk.log().matches("decision=\"opened\"").count() == 2);

    std::fs::remove_file(desk.path("rules/base/policy.toml")).unwrap();
    daemon.signal(Signal::HUP);
    until("the trouble is over", || !trouble(&desk.status().unwrap(), "reload").unwrap()["ended_at"].is_null());
    assert_eq!(daemon.terminate(), Some(0), "{}", desk.log());
}

#[test]
fn told_to_stop_the_daemon_ends_in_good_order_whatever_its_servers_do() {
    let Some(servers) = Servers::start("told_to_stop_the_daemon_ends") else { return };
    for (imap, smtp, signal) in [
        (None, None, Signal::INT),
        (Some(Fault::greeting().stall()), None, Signal::TERM),
        (Some(Fault::at("^UID FETCH").stall()), None, Signal::TERM),
        (Some(Fault::at("^IDLE").unseen().stall()), None, Signal::TERM),
        (Some(Fault::at("^DONE").stall()), None, Signal::INT),
        (None, Some(Fault::dot().stall()), Signal::TERM),
        (None, Some(Fault::greeting().stall()), Signal::TERM),
    ] {
        let what = format!("{imap:?} {smtp:?}");
        let (imap_proxy, smtp_proxy) = (Proxy::imap(servers.imap_port), Proxy::smtp(servers.smtp_port));
        let desk = desk_between(imap_proxy.port(), smtp_proxy.port());
        // No server's own time limit may be what ends it.
        let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
        desk.write("casepost.toml", &config.replace("timeout = \"5s\"", "timeout = \"1h\""));
        imap_proxy.set(imap.clone());
        smtp_proxy.set(smtp.clone());
        let struck = || imap_proxy.hits() + smtp_proxy.hits() > 0;
        servers.append("support", letter("alice+1@customer.test", "1@customer.test", "x").raw(), None);
        let daemon = desk.start(&["run"]);
        let is_done = format!("{imap:?}").contains("DONE");
        until("it is in the middle", || match (&imap, &smtp) {
            (None, None) => {
                desk.status().is_some_and(|s| s["queue"]["waiting"] == 0 && !s["mailboxes"][0]["looked_at"].is_null())
            }
            _ => struck() || (is_done && desk.status().is_some_and(|s| !s["mailboxes"][0]["looked_at"].is_null())),
        });
        daemon.signal(signal);
        assert_eq!(daemon.wait(), Some(0), "{what}: {}", desk.log());
        assert!(desk.log().contains("casepost has stopped"), "{what}: {}", desk.log());
    }
}

#[test]
fn the_command_line_works_beside_the_daemon_and_a_second_daemon_is_refused() {
    let Some(servers) = Servers::start("the_command_line_works_beside_the_daemon") else { return };
    let desk = desk_between(servers.imap_port, servers.smtp_port);
    let daemon = running(&desk);
    let second = desk.run(&["run"]);
    assert_eq!(second.code, 1);
    assert!(second.err.contains(&format!("another casepost (process {}) is running", daemon.id())), "{}", second.err);
    assert_eq!(desk.status().unwrap()["process"], daemon.id().to_string());
    desk.run(&["case", "open", "--requester", "alice+1@customer.test", "--subject", "Router"]).ok();
    answered(&servers, &desk, 1);
    let case = reference(&desk.cases()[0]);
    desk.run(&["case", "reply", &case, "--text", "It is up again."]).ok();
    until("the daemon sends what the command line wrote", || mails(&servers, "alice").len() == 2);
    assert_eq!(daemon.terminate(), Some(0), "{}", desk.log());
    assert_eq!(desk.status().unwrap()["process"], serde_json::Value::Null);
}

#[test]
fn the_service_manager_hears_that_the_daemon_is_ready_alive_reloading_and_stopping() {
    let Some(servers) = Servers::start("the_service_manager_hears") else { return };
    let desk = desk_between(servers.imap_port, servers.smtp_port);
    let socket = UnixDatagram::bind(desk.path("notify")).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut command = desk.command(&["run"]);
    command.env("NOTIFY_SOCKET", desk.path("notify")).env("WATCHDOG_USEC", "1000000");
    let daemon = desk.start_command(command);
    let until_told = |what: &str| {
        let mut told = Vec::new();
        let mut buffer = [0; 1000];
        while !told.iter().any(|text: &String| text.contains(what)) {
            let length = socket.recv(&mut buffer).unwrap_or_else(|why| panic!("{what}: {why}, only {told:?}"));
            told.push(String::from_utf8_lossy(&buffer[..length]).into_owned());
        }
    };
    until_told("READY=1");
    until_told("WATCHDOG=1");
    until_told("STATUS=1 of 1 mailboxes read");
    daemon.signal(Signal::HUP);
    until_told("RELOADING=1\nMONOTONIC_USEC=");
    until_told("READY=1");
    servers.stop_dovecot();
    until_told("STATUS=0 of 1 mailboxes read, not support");
    until_told("WATCHDOG=1");
    daemon.signal(Signal::TERM);
    until_told("STOPPING=1");
    assert_eq!(daemon.wait(), Some(0), "{}", desk.log());
}

#[test]
fn the_log_tells_each_mail_in_a_line_of_text_or_json_and_neither_what_it_says_nor_a_secret() {
    let Some(servers) = Servers::start("the_log_tells_each_mail") else { return };
    for format in ["text", "json", "journal"] {
        let desk = desk_between(servers.imap_port, servers.smtp_port);
        write(&servers, 1);
        let mut command = desk.command(&["run", "--log", "debug"]);
        match format {
            "json" => command.args(["--log-format", "json"]),
            "journal" => command.env("JOURNAL_STREAM", "8:12345"),
            // What a person sets for other programs must not open the libraries' logs.
            _ => command.env("RUST_LOG", "trace"),
        };
        let daemon = desk.start_command(command);
        until("all is done", || desk.status().is_some_and(|s| s["queue"]["waiting"] == 0 && s["clocks"]["late"] == 0));
        until("the mail is logged", || desk.log().contains("opened"));
        assert_eq!(daemon.terminate(), Some(0));
        let log = desk.log();
        assert!(!log.contains("It does not work") && !log.contains("help") && !log.contains(PASSWORD), "{log}");
        let line = log.lines().find(|line| line.contains("opened")).unwrap();
        match format {
            "json" => {
                let lines: Vec<serde_json::Value> = log.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
                let mail = lines.iter().find(|l| l["decision"] == "opened").unwrap();
                assert_eq!(
                    (&mail["level"], &mail["mailbox"], &mail["kind"]),
                    (&"INFO".into(), &"support".into(), &"person".into())
                );
                assert!(mail["case"].as_str().unwrap().starts_with("1-") && mail["took_ms"].is_u64(), "{mail}");
            }
            "journal" => assert!(line.starts_with("<6>") && line.contains("mail mailbox=\"support\""), "{line}"),
            _ => assert!(line.contains(" INFO mail mailbox=\"support\" key=\"1\" kind=\"person\" case=\"1-"), "{line}"),
        }
    }
}

#[test]
fn a_lonely_mail_that_its_server_never_gives_is_held_after_an_hour_and_the_next_one_is_taken_in() {
    let Some(servers) = Servers::start("a_lonely_mail_that_its_server_never_gives") else { return };
    let proxy = Proxy::imap(servers.imap_port);
    let desk = desk_between(proxy.port(), servers.smtp_port);
    write(&servers, 1);
    proxy.set([Fault::at("^UID FETCH .*BODY").answer("* BYE FETCH failed: internal error")]);
    let at = |now: &str| desk.run(&["--now", now, "run", "--once"]);
    for now in ["2026-11-03T10:00:00Z", "2026-11-03T10:30:00Z"] {
        assert_eq!(at(now).code, 75);
    }
    assert_eq!(at("2026-11-03T11:01:00Z").code, 0);
    let held = desk.json(&["quarantine", "list", "--json"]);
    assert_eq!(held.as_array().unwrap().len(), 1, "{held}");
    proxy.clear();
    write(&servers, 2);
    assert_eq!(at("2026-11-03T11:05:00Z").code, 0);
    assert_eq!(desk.cases().len(), 1);
    // What was held is fetched again on command.
    desk.run(&["--now", "2026-11-03T11:06:00Z", "quarantine", "retry", "1"]).ok();
    assert_eq!(at("2026-11-03T11:07:00Z").code, 0);
    assert_eq!(desk.cases().len(), 2);
}
