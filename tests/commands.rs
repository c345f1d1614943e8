//! The commands as staff use them: what they answer, what they refuse, and with which exit code.

mod desk;

use std::os::unix::fs::PermissionsExt;

use desk::{Desk, header, letter, reference, until};

fn open(desk: &Desk) -> String {
    let said = desk
        .run(&[
            "case",
            "open",
            "--requester",
            "ada@books.test",
            "--name",
            "Ada",
            "--subject",
            "Line down",
            "--priority",
            "P2",
        ])
        .ok();
    said.split_whitespace().next().unwrap().to_owned()
}

#[test]
fn a_customer_who_telephoned_gets_a_case_at_the_staffs_priority_and_an_acknowledgement() {
    let desk = Desk::on_maildir();
    let case = open(&desk);
    assert_eq!(desk.case(&case)["priority"], "P2");
    desk.run(&["run", "--once"]).ok();
    let sent = desk.sent_to("ada@books.test");
    assert_eq!(sent.len(), 1);
    assert!(sent[0].contains(&case));
}

#[test]
fn a_reply_goes_to_the_customer_and_to_those_in_cc_with_its_files() {
    let desk = Desk::on_maildir();
    let case = open(&desk);
    desk.write("log.txt", "line 1\n");
    let reply = ["case", "reply", &case, "--cc", "Bob <bob@books.test>", "--attach", "log.txt", "--resolve"];
    assert!(desk.run_with(&reply, "It is up again.\n").ok().contains("resolved"));
    desk.run(&["run", "--once"]).ok();
    let mail = desk.sent_to("ada@books.test").pop().unwrap();
    assert!(mail.contains("It is up again.") && mail.contains("log.txt"), "{mail}");
    assert_eq!(header(&mail, "Auto-Submitted"), None, "a person wrote it");
    assert_eq!(desk.sent_to("bob@books.test").len(), 1);
    assert_eq!(desk.run(&["case", "reply", &case, "--text", " "]).code, 3);
}

#[test]
fn the_history_names_the_person_who_became_the_desks_user_for_a_command() {
    let desk = Desk::on_maildir();
    let case = open(&desk);
    let mut note = desk.command(&["case", "note", &case, "Called back."]);
    assert!(note.env("USER", "casepost").env("SUDO_USER", "bruno").status().unwrap().success());
    let shown = desk.run(&["case", "show", &case]).ok();
    assert!(shown.contains("bruno") && !shown.contains("casepost"), "{shown}");
}

#[test]
fn each_refusal_has_its_exit_code_and_says_what_to_do() {
    let desk = Desk::on_maildir();
    let case = open(&desk);
    for (arguments, code, text) in [
        (vec!["case", "show", "1-0000000001"], 2, "mistyped"),
        (vec!["case", "show", "nonsense"], 2, "1-0123456789"),
        (vec!["--now", "tomorrow", "case", "list"], 2, "such as 2026-11-24T09:00:00Z"),
        (vec!["case", "status", &case, "solved"], 2, "known: new, in-progress"),
        (vec!["case", "status", &case, "on-hold"], 3, "--until"),
        (vec!["case", "priority", &case, "P1G"], 3, "P1G"),
        (vec!["case", "assign", &case, "nobody-of-us"], 4, "known: Frida"),
        (vec!["case", "reopen", &case], 3, "is open"),
        (vec!["case", "merge", &case, &case], 3, "itself"),
        (vec!["outbox", "retry", "999"], 4, "outbox list"),
        (vec!["quarantine", "show", "7"], 4, "quarantine list"),
        (vec!["--now", "2020-01-01T00:00:00Z", "case", "note", &case, "x"], 3, "backwards"),
        (vec!["--config", "none.toml", "case", "list"], 1, "--config FILE names another"),
        (vec!["--config", ".", "case", "list"], 1, "is a folder"),
        (vec!["--config", ".", "init"], 1, "is a folder"),
        (
            vec!["--config", "new/casepost.toml", "init", "--no-input", "--policy", "nope"],
            1,
            "built in are base, calltower",
        ),
    ] {
        let done = desk.run(&arguments);
        assert_eq!(done.code, code, "{arguments:?}: {}", done.err);
        assert!(done.err.contains(text), "{arguments:?}: {}", done.err);
    }
}

#[test]
fn check_says_that_the_databases_folder_is_missing() {
    let desk = Desk::on_maildir();
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    desk.write("casepost.toml", &config.replace("casepost.db", "missing/casepost.db"));
    let checked = desk.run(&["check", "--offline"]);
    assert_eq!(checked.code, 1);
    assert!(checked.out.contains("missing: there is no such folder"), "{}", checked.out);
}

#[test]
fn the_list_filters_sorts_and_pages() {
    let desk = Desk::on_maildir();
    for (n, priority) in ["P4", "P2", "P3"].iter().enumerate() {
        let (requester, subject) = (format!("c{n}@books.test"), format!("matter {n}"));
        desk.run(&["case", "open", "--requester", &requester, "--subject", &subject, "--priority", priority]).ok();
    }
    let references = |arguments: &[&str]| -> Vec<String> {
        let all: Vec<&str> = ["case", "list", "--json"].iter().chain(arguments).copied().collect();
        desk.json(&all).as_array().unwrap().iter().map(|c| c["priority"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(references(&["--sort", "priority"]), ["P2", "P3", "P4"]);
    assert_eq!(references(&["--sort", "priority", "--reverse", "--limit", "2", "--page", "2"]), ["P2"]);
    assert_eq!(references(&["--requester", "c1@"]), ["P2"]);
    assert_eq!(references(&["--subject", "MATTER 2"]), ["P3"]);
    desk.run(&["case", "close", &reference(&desk.cases()[0]), "--silent"]).ok();
    assert_eq!(references(&["--open"]).len(), 2);
    assert_eq!(references(&["--open", "--assignee", "nobody"]).len(), 2);
    assert_eq!(references(&["--status", "closed"]).len(), 1);
    let table = desk.run(&["case", "list", "--open"]).ok();
    assert!(table.contains("REFERENCE") && table.contains("2 cases"), "{table}");
}

#[test]
fn spam_is_closed_silently_and_its_sender_gets_no_automatic_mail_any_more() {
    let desk = Desk::on_maildir();
    desk.mail("1", letter("win@lottery.test", "1@lottery.test", "You won").raw());
    desk.run(&["run", "--once"]).ok();
    assert_eq!(desk.sent_to("win@lottery.test").len(), 1);
    desk.run(&["case", "spam", &reference(&desk.cases()[0])]).ok();
    desk.mail("2", letter("win@lottery.test", "2@lottery.test", "You won again").raw());
    desk.run(&["run", "--once"]).ok();
    assert_eq!(desk.cases().len(), 2);
    assert_eq!(desk.sent_to("win@lottery.test").len(), 1);
}

#[test]
fn a_mail_that_waits_can_be_cancelled_and_tried_again() {
    let desk = Desk::on_maildir();
    open(&desk);
    let waiting = desk.json(&["outbox", "list", "--json"]);
    let number = waiting[0]["notice"].to_string();
    desk.run(&["outbox", "cancel", &number]).ok();
    desk.run(&["run", "--once"]).ok();
    assert!(desk.sent_to("ada@books.test").is_empty());
    desk.run(&["outbox", "retry", &number]).ok();
    desk.run(&["run", "--once"]).ok();
    assert_eq!(desk.sent_to("ada@books.test").len(), 1);
    assert_eq!(desk.run(&["outbox", "retry", &number]).code, 3);
}

#[test]
fn check_says_what_is_right_and_what_is_not() {
    let desk = Desk::on_maildir();
    let good = desk.run(&["check"]);
    assert_eq!(good.code, 0, "{}", good.out);
    assert!(good.out.contains("ok    templates"), "{}", good.out);
    std::fs::create_dir_all(desk.path("own/en")).unwrap();
    desk.write("own/en/reply.md", "Subject: {{subject}}\n\n{{no_such_variable}}\n");
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    desk.write("casepost.toml", &format!("templates = \"own\"\n{config}"));
    let bad = desk.run(&["check"]);
    assert_eq!(bad.code, 1);
    assert!(bad.out.contains("no_such_variable"), "{}", bad.out);
    desk.write("casepost.toml", &config.replace("maildir = ", "maildr = "));
    let wrong = desk.run(&["check"]);
    assert!(wrong.out.contains("line 8") && wrong.out.contains("did you mean \"maildir\""), "{}", wrong.out);
}

#[test]
fn check_says_what_follows_where_no_updates_are_promised_during_a_major_incident() {
    let desk = Desk::on_maildir();
    assert!(!desk.run(&["check", "--offline"]).out.contains("[update] has no P1G"));
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    desk.write("casepost.toml", &format!("rules = \"rules\"\npolicy = \"own\"\n{config}"));
    std::fs::create_dir_all(desk.path("rules/own/scenarios")).unwrap();
    desk.write("rules/own/policy.toml", "extends = \"base\"\n[update]\nP1G = \"none\"\n");
    let scenario = "title = \"x\"\nstart = \"2026-11-02 09:00\"\n[[staff]]\nname = \"Frida\"\naddress = \"f@desk.test\"\n\
                    [[step]]\ncommand = \"case list\"\n";
    desk.write("rules/own/scenarios/x.toml", scenario);
    let checked = desk.run(&["check", "--offline"]);
    assert_eq!(checked.code, 0, "{}", checked.out);
    assert!(checked.out.contains("note  policy: [update] has no P1G") && checked.out.contains("reminded of none"));
}

#[test]
fn init_writes_a_key_that_only_its_owner_reads_and_never_overwrites() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::on_maildir();
    let key = std::fs::metadata(desk.path("casepost.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600);
    assert_eq!(desk.run(&["init"]).code, 1);
}

#[test]
fn init_lets_the_group_read_the_key_where_the_folder_gives_its_files_to_a_group() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::on_maildir();
    let folder = desk.path("etc");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o2750)).unwrap();
    std::fs::create_dir(desk.path("var")).unwrap();
    desk.run(&["--config", "etc/casepost.toml", "init", "--data", "../var/desk.db"]).ok();
    let key = std::fs::metadata(folder.join("casepost.key")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o640);
    let config = std::fs::read_to_string(folder.join("casepost.toml")).unwrap();
    assert!(config.contains("data = \"../var/desk.db\""), "{config}");
}

#[test]
fn a_drill_takes_no_daemon_and_its_time_stands_where_it_was_set() {
    let desk = Desk::on_maildir();
    desk.once_at("2026-11-03T10:00:00Z");
    for arguments in [vec!["run"], vec!["run", "--once"]] {
        let refused = desk.run(&arguments);
        assert_eq!(refused.code, 3, "{}", refused.err);
        assert!(refused.err.contains("drill"), "{}", refused.err);
    }
    let case = open(&desk);
    assert_eq!(desk.case(&case)["opened_at"], "2026-11-03T10:00:00Z");
}

#[test]
fn the_status_of_a_drill_says_that_it_is_one() {
    let desk = Desk::on_maildir();
    desk.once_at("2026-11-03T10:00:00Z");
    let status = desk.run(&["status"]);
    assert!(status.code == 5 && status.out.contains("look  this database is a drill"), "{}", status.out);
}

#[test]
fn the_status_is_told_in_full_when_a_mistake_was_made_in_the_configuration() {
    let desk = Desk::on_maildir();
    desk.run(&["run", "--once"]).ok();
    assert_eq!(desk.run(&["status"]).code, 0);
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    let before = desk.status().unwrap();
    for (bad, why) in [
        (config.replace("maildir = ", "maildr = "), "casepost.toml: line 8: unknown key \"maildr\""),
        (format!("{config}\nno toml\n"), "casepost.toml: line 16: "),
    ] {
        desk.write("casepost.toml", &bad);
        let text = desk.run(&["status"]);
        assert!(text.code == 6 && text.out.contains(&format!("ACT   configuration: {why}")), "{}", text.out);
        let status = desk.status().unwrap();
        assert_eq!(status["verdict"], "act");
        assert_eq!((&status["mailboxes"], &status["queue"]), (&before["mailboxes"], &before["queue"]));
    }
    desk.write("casepost.toml", &config.replace("casepost.db", "elsewhere.db").replace("maildir = ", "maildr = "));
    let unknown = desk.run(&["status"]);
    assert!(unknown.code == 1 && unknown.err.contains("maildr"), "{}", unknown.err);
}

#[test]
fn staff_are_told_truly_and_with_the_cure_that_a_changed_configuration_is_not_used() {
    let desk = Desk::on_maildir();
    let daemon = desk.start(&["run"]);
    until("the mailbox is read", || desk.status().is_some_and(|s| !s["mailboxes"][0]["looked_at"].is_null()));
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    desk.write("casepost.toml", &config.replace("maildir = ", "maildr = "));
    daemon.signal(rustix::process::Signal::HUP);
    until("staff are told", || !desk.sent_to("frida@desk.test").is_empty());
    let told = desk.sent_to("frida@desk.test").remove(0);
    assert!(header(&told, "Subject").unwrap().contains("the changed configuration is not used"), "{told}");
    assert!(told.contains("casepost check") && told.contains("systemctl reload casepost"), "{told}");
    assert!(!told.contains("goes on trying") && !told.contains("has not worked"), "{told}");
    assert_eq!(desk.status().unwrap()["verdict"], "act");
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn the_daemon_takes_in_answers_and_sends_what_staff_write_meanwhile_and_stops_when_told() {
    let desk = Desk::on_maildir();
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    desk.write("casepost.toml", &config.replace("maildir = \"inbox\"", "maildir = \"inbox\"\npoll = \"1s\""));
    let daemon = desk.start(&["run"]);
    until("the daemon has made its database", || desk.path("casepost.db").exists());
    desk.mail("1", letter("ada@books.test", "1@books.test", "Printer").raw());
    until("the acknowledgement is written", || desk.sent_to("ada@books.test").len() == 1);
    let second = desk.run(&["run"]);
    assert_eq!(second.code, 1);
    assert!(second.err.contains("another casepost (process"), "{}", second.err);
    let case = reference(&desk.cases()[0]);
    desk.run(&["case", "reply", &case, "--text", "We look at it."]).ok();
    until("the reply is written", || desk.sent_to("ada@books.test").len() == 2);
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn the_demo_comes_out_as_told() {
    let desk = Desk::on_maildir();
    let done = desk.run(&["demo", "--dir", "demo"]);
    assert_eq!(done.code, 0, "{}", done.out);
    assert!(done.out.contains("The story came out as told"), "{}", done.out);
    assert!(!done.out.contains('\x1b'), "colours only on a terminal");
    assert!(desk.path("demo/casepost.db").exists());
    assert_eq!(desk.run(&["--config", "demo/casepost.toml", "case", "list", "--json"]).code, 0);
    assert_eq!(desk.run(&["demo", "--dir", "demo"]).code, 1, "a folder with something in it is left alone");
}

#[test]
fn a_backup_is_the_whole_desk_and_overwrites_nothing() {
    let desk = Desk::on_maildir();
    desk.mail("1", letter("ada@books.test", "1@books.test", "help").raw());
    desk.run(&["run", "--once"]).ok();
    desk.run(&["backup", "copy.db"]).ok();
    assert_eq!(std::fs::metadata(desk.path("copy.db")).unwrap().permissions().mode() & 0o777, 0o600);
    let again = desk.run(&["backup", "copy.db"]);
    assert!(again.code == 1 && again.err.contains("is not overwritten"), "{}", again.err);
    let nowhere = desk.run(&["backup", "no/such/folder/copy.db"]);
    assert!(nowhere.code == 1 && nowhere.err.contains("cannot write the backup"), "{}", nowhere.err);
    assert!(nowhere.err.contains("there is no folder no/such/folder"), "{}", nowhere.err);

    // How long there is left for a promise is another one each second.
    let all = || {
        let mut all = desk.cases();
        let promises = all.iter_mut().flat_map(|case| case["promises"].as_array_mut().unwrap());
        promises.for_each(|promise| promise["remaining_seconds"].take().as_i64().map(drop).unwrap());
        all
    };
    let before = all();
    desk.run(&["case", "close", &reference(&desk.cases()[0])]).ok();
    for file in ["casepost.db-wal", "casepost.db-shm"] {
        let _ = std::fs::remove_file(desk.path(file));
    }
    std::fs::rename(desk.path("copy.db"), desk.path("casepost.db")).unwrap();
    assert_eq!(all(), before);
    assert!(desk.run(&["run", "--once"]).ok().starts_with("mail: 0 taken in"));
}

#[test]
fn a_daemon_whose_database_is_taken_away_ends_with_a_code_of_its_own() {
    let desk = Desk::on_maildir();
    let daemon = desk.start(&["run"]);
    desk::until("the mailbox is read", || {
        desk.status().is_some_and(|status| !status["mailboxes"][0]["looked_at"].is_null())
    });
    std::fs::rename(desk.path("casepost.db"), desk.path("elsewhere.db")).unwrap();
    assert_eq!(daemon.wait(), Some(74), "{}", desk.log());
    assert!(desk.log().contains("it was removed or replaced while casepost runs on it"), "{}", desk.log());
}
