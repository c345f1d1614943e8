//! Whatever a mail server does wrong once: the cases and the answers are in the end those of the undisturbed run. Through
//! every kind of fault at every step, by rounds of `run --once` between a real Dovecot or Postfix and a proxy that errs.

mod desk;
mod servers;

use std::collections::BTreeMap;

use desk::{Desk, header, letter};
use servers::{PASSWORD, Servers, catalogue, fault::Fault, proxy::Proxy};

/// What customers write: two threads, a robot, an attachment.
fn mails() -> Vec<String> {
    let with = |letter: desk::Letter<'_>| letter.raw();
    let reply = desk::Letter {
        extra: "In-Reply-To: <1@customer.test>\n",
        ..letter("alice+1@customer.test", "2@customer.test", "Re: Line down")
    };
    let robot = desk::Letter {
        extra: "In-Reply-To: <1@customer.test>\nAuto-Submitted: auto-replied\n",
        ..letter("alice+1@customer.test", "4@customer.test", "Out of office")
    };
    let noise: String = (0..4000).map(|n: u32| format!("{:08x}{}", n.wrapping_mul(2_654_435_761), "aaaa")).collect();
    let lines: Vec<&str> = noise.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let attachment = format!(
        "From: alice+3@customer.test\nTo: support@desk.test\nSubject: Log\nMessage-ID: <5@customer.test>\n\
         Date: Tue, 3 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n\
         --b\n\nsee the log\n--b\nContent-Type: application/octet-stream; name=log\n\
         Content-Transfer-Encoding: base64\n\n{}\n--b--\n",
        lines.join("\n")
    );
    vec![
        with(letter("alice+1@customer.test", "1@customer.test", "Line down")),
        with(reply),
        with(letter("alice+2@customer.test", "3@customer.test", "Invoice")),
        with(robot),
        attachment,
    ]
}

/// Of each case, by the id of its first mail: all of its mails, and how often its customer was answered.
fn state(desk: &Desk) -> BTreeMap<String, (Vec<String>, usize)> {
    let cases = desk.cases();
    let ids = |shown: &serde_json::Value| -> Vec<String> {
        let mails = shown["mails"].as_array().expect("mails");
        mails.iter().map(|m| m["message_id"].as_str().expect("an id").to_owned()).collect()
    };
    let state: BTreeMap<_, _> = cases
        .iter()
        .map(|case| {
            let shown = desk.case(&desk::reference(case));
            let ids = ids(&shown);
            (ids[0].clone(), (ids, shown["notices"].as_array().expect("notices").len()))
        })
        .collect();
    assert_eq!(state.len(), cases.len(), "one mail opens one case");
    state
}

fn imap_desk(port: u16) -> Desk {
    let desk = Desk::with(&format!(
        r#"
data = "casepost.db"
[desk]
name = "Test Desk"
address = "support@desk.test"
[[mailbox]]
name = "support"
imap = "imap://support@127.0.0.1:{port}/INBOX"
tls = "none"
password_file = "password"
timeout = "1s"
[smtp]
url = "maildir:sent"
"#
    ));
    desk.write("password", PASSWORD);
    desk
}

/// Rounds until one has done all, a few at most; each other says that it is to be tried again.
fn rounds(desk: &Desk, what: &str) {
    for _ in 0..4 {
        let round = desk.run(&["run", "--once"]);
        if round.code == 0 {
            return;
        }
        assert_eq!(round.code, 75, "{what}: {}{}", round.out, round.err);
        assert!(!round.err.contains(PASSWORD), "{what}: {}", round.err);
    }
    panic!("{what}: not done after four rounds");
}

fn imap_faults(name: &str, wanted: impl Fn(&Fault) -> bool) {
    let Some(servers) = Servers::start(name) else { return };
    for mail in mails() {
        servers.append("support", mail.replace('\n', "\r\n"), None);
    }
    let proxy = Proxy::imap(servers.imap_port);
    let undisturbed = imap_desk(proxy.port());
    rounds(&undisturbed, "undisturbed");
    let expected = state(&undisturbed);
    assert_eq!(expected.len(), 3);
    for fault in catalogue::imap().into_iter().filter(|fault| wanted(fault)) {
        let what = format!("{fault:?}");
        let desk = imap_desk(proxy.port());
        let before = proxy.hits();
        proxy.set([fault]);
        rounds(&desk, &what);
        assert!(proxy.hits() > before, "{what}: never struck");
        proxy.clear();
        rounds(&desk, &what);
        assert_eq!(state(&desk), expected, "{what}");
        assert_eq!(desk.sent_to("alice+1@customer.test").len(), 1, "{what}");
    }
}

#[test]
fn what_an_imap_server_does_wrong_once_changes_nothing_in_the_end() {
    imap_faults("what_an_imap_server_does_wrong_once", |fault| !fault.is_silent());
}

#[test]
fn an_imap_server_that_falls_silent_once_changes_nothing_in_the_end() {
    imap_faults("an_imap_server_that_falls_silent_once", Fault::is_silent);
}

#[test]
fn what_stays_wrong_keeps_mail_waiting_and_nothing_is_lost_when_it_is_mended() {
    let Some(servers) = Servers::start("what_stays_wrong_keeps_mail_waiting") else { return };
    for mail in mails() {
        servers.append("support", mail.replace('\n', "\r\n"), None);
    }
    let proxy = Proxy::imap(servers.imap_port);
    let undisturbed = imap_desk(proxy.port());
    rounds(&undisturbed, "undisturbed");
    let expected = state(&undisturbed);
    let steps = ["^(LOGIN|AUTHENTICATE)", "^CAPABILITY", "^SELECT", "^UID SEARCH", "^UID FETCH", "^UID STORE"];
    for (step, deed) in steps.iter().flat_map(|step| {
        let all = [
            Fault::at(step).cut(),
            Fault::at(step).unseen().cut(),
            Fault::at(step).answer("NO [UNAVAILABLE] try again later"),
            Fault::at(step).answer("BAD what is that"),
            Fault::at(step).answer("* BYE going down"),
            Fault::at(step).garbage(),
        ];
        all.into_iter().map(move |deed| (step, deed))
    }) {
        let what = format!("for ever {deed:?}");
        let desk = imap_desk(proxy.port());
        proxy.set([deed]);
        let round = desk.run(&["run", "--once"]);
        assert_eq!(round.code, 75, "{what}: {}{}", round.out, round.err);
        // Mail that could not be marked is taken in all the same; otherwise nothing is.
        let taken_in = desk.cases().len();
        assert!(taken_in == 0 || *step == "^UID STORE", "{what}: {taken_in} cases");
        proxy.clear();
        rounds(&desk, &what);
        assert_eq!(state(&desk), expected, "{what}");
    }
}

#[test]
fn a_mail_that_was_moved_unseen_is_not_taken_for_another_and_not_lost() {
    let Some(servers) = Servers::start("a_mail_that_was_moved_unseen") else { return };
    let proxy = Proxy::imap(servers.imap_port);
    for (n, fault) in [
        Fault::at("^UID MOVE").unseen().cut(),
        Fault::at("^UID MOVE").unseen().answer("NO [SERVERBUG] moved, and yet"),
        Fault::at("^UID MOVE").answer("NO [TRYCREATE] no such folder"),
        Fault::hide(["MOVE"]),
        Fault::hide(["MOVE", "UIDPLUS"]),
        Fault::at("^UID STORE").unseen().cut(),
    ]
    .into_iter()
    .enumerate()
    {
        let what = format!("{fault:?}");
        let desk = imap_desk(proxy.port());
        let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
        let folder = format!("Done{n}");
        desk.write("casepost.toml", &config.replace("timeout", &format!("after = \"move:{folder}\"\ntimeout")));
        for mail in mails() {
            servers.append("support", mail.replace('\n', "\r\n"), None);
        }
        proxy.set([fault.first(1)]);
        rounds(&desk, &what);
        proxy.clear();
        rounds(&desk, &what);
        assert_eq!(state(&desk).len(), 3, "{what}");
        assert_eq!(servers.folder("support", &folder).len(), 5, "{what}: each mail is moved once");
        let left = servers.mailbox("support");
        assert!(left.iter().all(|(_, flags, _)| flags.iter().any(|f| f == "\\Deleted")), "{what}: {left:?}");
        for (uid, ..) in left {
            servers.expunge("support", uid);
        }
    }
}

fn smtp_desk(port: u16) -> Desk {
    let desk = Desk::on_maildir();
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    let smtp = format!(
        "url = \"smtp://support@127.0.0.1:{port}\"\ntls = \"none\"\npassword_file = \"password\"\ntimeout = \"1s\""
    );
    let (config, _) = config.split_once("[[staff]]").unwrap();
    desk.write("casepost.toml", &config.replace("url = \"maildir:sent\"", &smtp));
    desk.write("password", PASSWORD);
    desk
}

/// How the deliveries to customers ended, by recipient.
fn deliveries(desk: &Desk) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for case in desk.cases() {
        let shown = desk.case(&desk::reference(&case));
        for notice in shown["notices"].as_array().unwrap() {
            for delivery in notice["deliveries"].as_array().unwrap() {
                let word = |key: &str| delivery[key].as_str().unwrap().to_owned();
                let before = all.insert(word("recipient"), word("state"));
                assert_eq!(before, None, "one answer for each");
            }
        }
    }
    all
}

/// The Message-IDs of the answers that reached the customers, with how often each did.
fn received(servers: &Servers, seen: &mut usize) -> BTreeMap<String, (String, usize)> {
    servers.wait_for_empty_queue();
    let all = servers.mailbox("alice");
    let mut received: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for (_, _, raw) in &all[*seen..] {
        let mail = String::from_utf8_lossy(raw).replace("\r\n", "\n");
        let id = header(&mail, "Message-ID").expect("an id");
        received.entry(id).or_insert((header(&mail, "To").expect("a recipient"), 0)).1 += 1;
    }
    *seen = all.len();
    received
}

fn smtp_faults(name: &str, wanted: impl Fn(&Fault) -> bool) {
    let Some(servers) = Servers::start(name) else { return };
    let proxy = Proxy::smtp(servers.plain_submission_port);
    let mut seen = 0;
    for fault in catalogue::smtp().into_iter().filter(|fault| wanted(fault)) {
        let what = format!("{fault:?}");
        let desk = smtp_desk(proxy.port());
        for n in 1..=3 {
            let customer = format!("alice+{n}@customer.test");
            let id = format!("{n}@customer.test");
            desk.mail_at(&n.to_string(), "2026-11-03T09:00:00Z", letter(&customer, &id, "help").raw());
        }
        let before = proxy.hits();
        proxy.set([fault]);
        // What was put off is tried again within minutes; what could not go out at all, in each round.
        for minutes in [0, 5, 10, 20] {
            let now = format!("2026-11-03T09:{minutes:02}:00Z");
            let round = desk.run(&["--now", &now, "run", "--once"]);
            assert!([0, 75].contains(&round.code), "{what}: {}{}", round.out, round.err);
        }
        // Without a refusal nothing is reset.
        assert!(proxy.hits() > before || what.contains("RSET"), "{what}: never struck");
        proxy.clear();
        let deliveries = deliveries(&desk);
        assert_eq!(deliveries.len(), 3, "{what}");
        assert!(deliveries.values().all(|state| state == "accepted" || state == "failed"), "{what}: {deliveries:?}");
        let failed: Vec<&String> =
            deliveries.iter().filter(|(_, state)| *state == "failed").map(|(to, _)| to).collect();
        // Only a refusal for good (of a mail or its recipient) ends a delivery, and only that one.
        assert!(failed.len() <= 1 && (failed.is_empty() || what.contains("550")), "{what}: {deliveries:?}");
        let received = received(&servers, &mut seen);
        assert_eq!(received.len(), 3 - failed.len(), "{what}: {received:?}");
        // Twice only where nobody can know whether the server has the mail, and then under the same id.
        let doubled = received.values().filter(|(_, times)| *times > 1).count();
        let in_doubt = what.contains("Dot") || what.contains("Text");
        assert!(doubled <= usize::from(in_doubt), "{what}: {received:?}");
    }
}

#[test]
fn what_an_smtp_server_does_wrong_once_puts_off_or_refuses_one_answer_and_no_other() {
    smtp_faults("what_an_smtp_server_does_wrong_once", |fault| !fault.is_silent());
}

#[test]
fn an_smtp_server_that_falls_silent_once_loses_no_answer() {
    smtp_faults("an_smtp_server_that_falls_silent_once", Fault::is_silent);
}
