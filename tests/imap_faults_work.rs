//! The proxy's faults in IMAP strike as they say, in front of a real Dovecot.

mod servers;

use std::thread;
use std::time::Duration;

use servers::caller::{Caller, End};
use servers::fault::Fault;
use servers::proxy::Proxy;
use servers::{Servers, catalogue, until};

/// Each is the other's worst case for whoever counts bytes or looks for tags.
const MAILS: [&str; 3] = [
    "Subject: one\r\n\r\nt OK this is no answer\r\n* BYE\r\n{17}\r\n",
    "Subject: two\r\n\r\n* 9 FETCH (UID 7 BODY[] {5}\r\n",
    "Subject: three\r\n\r\n+ go\r\n",
];

fn servers_with_mail(test: &str) -> Option<Servers> {
    let servers = Servers::start(test)?;
    for raw in MAILS {
        servers.append("support", raw, None);
    }
    Some(servers)
}

fn logged_in(port: u16) -> Caller {
    Caller::in_inbox_of("support", port)
}

/// What a desk does on one connection; a refusal is an answer, too.
fn session(port: u16) -> Result<Vec<String>, End> {
    let mut caller = Caller::call(port);
    let mut said = vec![caller.line()?];
    for command in [
        "CAPABILITY",
        "LOGIN support secret",
        "SELECT INBOX",
        "UID SEARCH UID 1:100",
        "UID FETCH 1:3 (UID RFC822.SIZE)",
        "UID FETCH 1:3 (UID RFC822.SIZE FLAGS INTERNALDATE BODY.PEEK[])",
        "UID STORE 1:3 +FLAGS.SILENT (\\Seen)",
        "LOGOUT",
    ] {
        said.extend(caller.imap(command)?);
    }
    Ok(said)
}

/// The first one is told of mails that are recent and unseen.
fn lines_of_a_later_session(port: u16) -> usize {
    session(port).expect("a whole session");
    session(port).expect("a whole session").len()
}

#[test]
fn every_fault_of_the_catalogue_strikes_and_without_it_all_is_as_before() {
    let Some(servers) = servers_with_mail("every_imap_fault_of_the_catalogue") else { return };
    let without_a_proxy = lines_of_a_later_session(servers.imap_port);
    let all = catalogue::imap();
    thread::scope(|scope| {
        for some in all.chunks(all.len().div_ceil(6)) {
            let proxy = Proxy::imap(servers.imap_port);
            scope.spawn(move || {
                some.iter().for_each(|fault| proxy.expect_to_strike(fault, session));
                proxy.clear();
                assert_eq!(session(proxy.port()).expect("a whole session").len(), without_a_proxy);
            });
        }
    });
}

#[test]
fn without_faults_the_proxy_changes_nothing_but_starttls() {
    let Some(servers) = servers_with_mail("without_faults_the_proxy_changes_nothing") else { return };
    let proxy = Proxy::imap(servers.imap_port);
    // Dovecot tells how long it took.
    let comparable = |port: u16| -> Vec<String> {
        let all = session(port).expect("a whole session");
        all.iter().map(|line| line.replace(" STARTTLS", "").split(" completed (").next().unwrap().to_owned()).collect()
    };
    lines_of_a_later_session(servers.imap_port);
    assert_eq!(comparable(proxy.port()), comparable(servers.imap_port));
    assert_eq!((proxy.connections(), proxy.hits()), (1, 0));
    let mut caller = Caller::call(proxy.port());
    assert!(!caller.line().expect("a greeting").contains("STARTTLS"));
    assert_eq!(caller.imap("STARTTLS").expect("an answer"), ["t BAD No TLS here."]);
    assert!(caller.imap("LOGIN support secret").expect("an answer")[0].starts_with("t OK"));
}

#[test]
fn a_fault_at_a_command_shows_the_client_what_it_says_and_the_server_what_it_says() {
    let Some(servers) = servers_with_mail("a_fault_at_a_command") else { return };
    let proxy = Proxy::imap(servers.imap_port);
    let at = || Fault::at("^uid store");
    let (ours, ok) = ("* 1 FETCH (UID 1 FLAGS (\\Flagged))", "t OK Store completed");
    let garbage = "\u{fffd}\u{fffd}\0 (((\"{ 17";
    // The fault, what the client sees of the answer, how the connection ends (or not), whether the mail is flagged.
    let cases: Vec<(Fault, Vec<&str>, Option<End>, bool)> = vec![
        (at().cut(), vec![], Some(End::Closed), false),
        (at().reset(), vec![], Some(End::Reset), false),
        (at().unseen().cut(), vec![], Some(End::Closed), true),
        (at().unseen().reset(), vec![], Some(End::Reset), true),
        (at().partly(1).cut(), vec![ours], Some(End::Closed), true),
        (at().seen().cut(), vec![ours, ok], Some(End::Closed), true),
        (at().seen().reset(), vec![ours, ok], Some(End::Reset), true),
        (at().answer("NO [UNAVAILABLE] later"), vec!["t NO [UNAVAILABLE] later"], None, false),
        (at().answer("BAD what"), vec!["t BAD what"], None, false),
        (at().unseen().answer("NO [SERVERBUG] oh"), vec!["t NO [SERVERBUG] oh"], None, true),
        (at().partly(1).answer("NO [SERVERBUG] oh"), vec![ours, "t NO [SERVERBUG] oh"], None, true),
        (at().partly(9).answer("NO [SERVERBUG] oh"), vec![ours, "t NO [SERVERBUG] oh"], None, true),
        (at().answer("* BYE overloaded"), vec!["* BYE overloaded"], Some(End::Closed), false),
        (at().garbage(), vec![garbage], None, false),
        (at().partly(0).garbage(), vec![garbage, ours, ok], None, true),
        (at().say("* 2 EXPUNGE"), vec!["* 2 EXPUNGE", ours, ok], None, true),
        (at().partly(1).say("* 2 FETCH (FLAGS ())"), vec![ours, "* 2 FETCH (FLAGS ())", ok], None, true),
        (at().seen().say("* 2 EXPUNGE"), vec![ours, ok, "* 2 EXPUNGE"], None, true),
        (at().wait(Duration::from_millis(1)), vec![ours, ok], None, true),
    ];
    for (fault, seen, end, flagged) in cases {
        servers.set_flags("support", 1, &[]);
        let mut caller = logged_in(proxy.port());
        proxy.set([fault.clone()]);
        let before = proxy.hits();
        caller.say("t UID STORE 1 FLAGS (\\Flagged)");
        if end.is_none() {
            // It lives, and is in step: what follows is the whole answer to the next.
            caller.say("n NOOP");
        }
        let (lines, ended) = match end {
            Some(_) => caller.rest_of_lines(),
            None => (lines_before(&mut caller, "n OK"), End::Closed),
        };
        assert_eq!(lines.len(), seen.len(), "{fault:?}: {lines:?}");
        for (line, expected) in lines.iter().zip(&seen) {
            assert!(line.starts_with(expected), "{fault:?}: {lines:?}");
        }
        assert_eq!(end.unwrap_or(End::Closed), ended, "{fault:?}");
        assert_eq!(is_flagged(&servers), flagged, "{fault:?}");
        assert_eq!(proxy.hits(), before + 1, "{fault:?}");
    }
}

fn lines_before(caller: &mut Caller, last: &str) -> Vec<String> {
    let mut lines = Vec::new();
    loop {
        let line = caller.line().expect("a connection that lives");
        if line.starts_with(last) {
            return lines;
        }
        lines.push(line);
    }
}

fn is_flagged(servers: &Servers) -> bool {
    servers.mailbox("support")[0].1.iter().any(|flag| flag == "\\Flagged")
}

#[test]
fn a_stalled_connection_is_silent_until_it_is_cut() {
    let Some(servers) = servers_with_mail("a_stalled_connection_is_silent") else { return };
    let proxy = Proxy::imap(servers.imap_port);
    let store = || Fault::at("^UID STORE");
    for (fault, flagged) in [(store().stall(), false), (store().unseen().stall(), true)] {
        servers.set_flags("support", 1, &[]);
        let mut caller = logged_in(proxy.port());
        proxy.set([fault.clone()]);
        let before = proxy.hits();
        caller.say("t UID STORE 1 FLAGS (\\Flagged)");
        caller.say("u NOOP");
        assert!(until(|| proxy.hits() > before && is_flagged(&servers) == flagged), "{fault:?}");
        proxy.clear();
        // Others are not stalled.
        logged_in(proxy.port());
        proxy.cut_all();
        assert!(caller.rest_of_lines().0.is_empty(), "{fault:?}");
        assert_eq!(is_flagged(&servers), flagged);
    }
    proxy.set([Fault::greeting().stall()]);
    let mut caller = Caller::call(proxy.port());
    assert!(until(|| proxy.hits() == 3));
    proxy.cut_all();
    assert_eq!(caller.rest_of_lines().0, Vec::<String>::new());
}

#[test]
fn a_greeting_is_refused_reset_or_lost() {
    let Some(servers) = Servers::start("a_greeting_is_refused_reset_or_lost") else { return };
    let proxy = Proxy::imap(servers.imap_port);
    for (fault, seen) in [
        (Fault::greeting().answer("* BYE overloaded"), (vec!["* BYE overloaded".to_owned()], End::Closed)),
        (Fault::greeting().cut(), (vec![], End::Closed)),
        (Fault::greeting().reset(), (vec![], End::Reset)),
    ] {
        proxy.set([fault]);
        assert_eq!(Caller::call(proxy.port()).rest_of_lines(), seen);
    }
    proxy.set([Fault::greeting().say("* what is this")]);
    let mut caller = Caller::call(proxy.port());
    assert_eq!(caller.line().expect("a line"), "* what is this");
    assert!(caller.line().expect("a greeting").starts_with("* OK"));
}

#[test]
fn the_words_of_a_server_end_after_a_byte_in_a_literal_or_between_two_mails() {
    let Some(servers) = servers_with_mail("the_words_of_a_server_end") else { return };
    let fetch = "t UID FETCH 1:3 (UID BODY.PEEK[])";
    let everything = |port: u16| {
        let mut caller = logged_in(port);
        caller.say(fetch);
        caller.say("u LOGOUT");
        caller.rest_of_lines().0.join("\n")
    };
    let whole = everything(servers.imap_port);
    let proxy = Proxy::imap(servers.imap_port);

    proxy.set([Fault::at("FETCH").partly(2).cut()]);
    let two = everything(proxy.port());
    assert!(whole.starts_with(&two) && two.contains("Subject: two"), "{two}");
    assert!(two.ends_with(")"), "{two}");

    // The line breaks count in the literal.
    for (number, half) in [(1, MAILS[0].len() / 2), (3, MAILS[2].len() / 2)] {
        proxy.set([Fault::in_literal(number).reset()]);
        let some = everything(proxy.port());
        let expected = &MAILS[number - 1][..half].replace("\r\n", "\n");
        assert!(some.trim_end().ends_with(expected.trim_end()), "{some}");
    }

    for bytes in [1, 100, 1000] {
        proxy.set([Fault::after_bytes(bytes).cut()]);
        let mut caller = Caller::call(proxy.port());
        caller.say("a LOGIN support secret\r\nb SELECT INBOX");
        caller.say(fetch);
        let (came, end) = caller.rest_of_bytes();
        assert_eq!((came.len() as u64, end), (bytes, End::Closed));
    }
}

#[test]
fn capabilities_are_hidden_wherever_they_are_told() {
    let Some(servers) = Servers::start("capabilities_are_hidden_wherever_they_are_told") else { return };
    let proxy = Proxy::imap(servers.imap_port);
    proxy.set([Fault::hide(["idle", "MOVE", "NOTIFY", "AUTH=LOGIN"])]);
    let mut told = Vec::new();
    // To one who has asked before the login, Dovecot tells it there as a response of its own, else in brackets.
    for commands in [&["CAPABILITY", "LOGIN support secret", "CAPABILITY"][..], &["LOGIN support secret"]] {
        let mut caller = Caller::call(proxy.port());
        told.push(caller.line().expect("a greeting"));
        for command in commands {
            told.push(caller.imap(command).expect(command)[0].clone());
        }
    }
    for line in told {
        let (_, list) = line.split_once("CAPABILITY ").expect("a list");
        let names: Vec<&str> = list.split([']', '\r']).next().unwrap_or_default().split(' ').collect();
        assert!(!["IDLE", "MOVE", "NOTIFY", "AUTH=LOGIN"].iter().any(|name| names.contains(name)), "{line}");
        assert!(["IMAP4rev1", "LITERAL+"].iter().all(|name| names.contains(name)), "{line}");
        assert!(line.starts_with("* CAPABILITY") || line.contains("] "), "{line}");
    }
}

#[test]
fn the_numbers_of_a_mailbox_are_replaced_or_kept_back() {
    let Some(servers) = servers_with_mail("the_numbers_of_a_mailbox_are_replaced") else { return };
    let proxy = Proxy::imap(servers.imap_port);
    proxy.set([Fault::uid_validity(77), Fault::no_uid_next(), Fault::replace(r"^\* (\d+) EXISTS", "* 9$1 EXISTS")]);
    let mut caller = logged_in(proxy.port());
    let selected = caller.imap("SELECT INBOX").expect("an answer").join("\n");
    assert!(selected.contains("[UIDVALIDITY 77]"), "{selected}");
    assert!(selected.contains("* 93 EXISTS") && !selected.contains("UIDNEXT"), "{selected}");
    let appended = caller.imap("APPEND INBOX {14+}\r\nSubject: four\n").expect("an answer").join("\n");
    assert!(appended.contains("[APPENDUID 77 4]"), "{appended}");
    let status = caller.imap("STATUS INBOX (UIDVALIDITY UIDNEXT)").expect("an answer").join("\n");
    assert!(status.contains("UIDVALIDITY 77)") && status.contains("UIDNEXT 5"), "{status}");
}

#[test]
fn commands_with_literals_and_continuations_stay_in_step() {
    let Some(servers) = servers_with_mail("commands_with_literals") else { return };
    let proxy = Proxy::imap(servers.imap_port);
    proxy.set([Fault::at("^APPEND").answer("NO [OVERQUOTA] full").first(2), Fault::at("NOOP").answer("NO not that")]);
    let mut caller = logged_in(proxy.port());
    // One that waits for a go-ahead, one that doesn't.
    assert_eq!(caller.imap("APPEND INBOX {6}").expect("an answer"), ["t NO [OVERQUOTA] full"]);
    assert_eq!(caller.imap("APPEND INBOX {8+}\r\nt NOOP\r\n").expect("an answer"), ["t NO [OVERQUOTA] full"]);
    // A command's literal is no command.
    let appended = caller.imap("APPEND INBOX {8+}\r\nt NOOP\r\n").expect("an answer");
    assert!(appended.concat().contains("t OK [APPENDUID"), "{appended:?}");
    caller.say("t APPEND INBOX {8}");
    assert!(caller.line().expect("an answer").starts_with("+ "));
    caller.say("t NOOP\r\n\r\nu CHECK");
    let appended = lines_before(&mut caller, "u OK");
    assert!(appended.concat().contains("t OK [APPENDUID"), "{appended:?}");
    assert_eq!(servers.mailbox("support").len(), 5);

    // The go-ahead passes, or the literal would never come.
    proxy.set([Fault::at("^APPEND").unseen().cut()]);
    caller.say("t APPEND INBOX {8}");
    assert!(caller.line().expect("an answer").contains("+ "));
    caller.say("t NOOP\r\n");
    assert_eq!(caller.rest_of_lines(), (vec![], End::Closed));
    assert_eq!(servers.mailbox("support").len(), 6);

    proxy.set([Fault::at("^AUTHENTICATE").answer("NO [AUTHENTICATIONFAILED] no").first(1)]);
    let mut caller = Caller::call(proxy.port());
    caller.line().expect("a greeting");
    assert_eq!(caller.imap("AUTHENTICATE PLAIN").expect("an answer"), ["t NO [AUTHENTICATIONFAILED] no"]);
    caller.say("t AUTHENTICATE PLAIN");
    assert!(caller.line().expect("an answer").starts_with('+'));
    caller.say("AHN1cHBvcnQAc2VjcmV0");
    assert!(caller.line().expect("an answer").contains(" OK "));
}

#[test]
fn idle_is_refused_goes_deaf_or_is_cut_at_the_first_news() {
    let Some(servers) = servers_with_mail("idle_is_refused_goes_deaf_or_is_cut") else { return };
    let proxy = Proxy::imap(servers.imap_port);
    let idling = |fault: Fault| {
        let mut caller = logged_in(proxy.port());
        proxy.set([fault]);
        caller.say("t IDLE");
        (caller.line().expect("an answer"), caller)
    };
    assert_eq!(idling(Fault::at("^IDLE").answer("NO not now")).0, "t NO not now");

    let (answer, mut caller) = idling(Fault::at("^DONE").answer("NO you idle too much"));
    assert_eq!(answer, "+ idling");
    caller.say("DONE");
    assert_eq!(caller.line().expect("an answer"), "t NO you idle too much");
    assert!(caller.imap("NOOP").expect("an answer").last().expect("a line").starts_with("t OK"));

    let (_, mut caller) = idling(Fault::at("^IDLE").partly(1).cut());
    servers.append("support", MAILS[0], None);
    assert_eq!(caller.rest_of_lines(), (vec![], End::Closed));

    let (_, mut caller) = idling(Fault::at("^IDLE").unseen().stall());
    let mut witness = logged_in(servers.imap_port);
    witness.say("t IDLE");
    servers.append("support", MAILS[0], None);
    while !witness.line().expect("news").contains("EXISTS") {}
    caller.say("DONE");
    caller.say("t NOOP");
    proxy.cut_all();
    assert!(caller.rest_of_lines().0.is_empty());
}
