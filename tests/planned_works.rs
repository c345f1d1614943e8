//! The life of planned works between a real Dovecot and a real Postfix: planned and approved by command, worked by staff
//! who reply to the desk's mails, told to those whom they touch, each in one thread.

mod desk;
mod servers;

use chrono::{Duration, Utc};
use desk::{Desk, Letter, answering, header, letter};
use servers::{PASSWORD, Servers};

/// Of this desk planned works come from an address of their own, which the same mailbox reads.
fn desk_at(servers: &Servers) -> Desk {
    let desk = Desk::with(&format!(
        r#"
data = "casepost.db"
policy = "colt"
[desk]
name = "Test Desk"
address = "support@desk.test"
planned_works = "Planned works <support+works@desk.test>"
[[mailbox]]
name = "support"
aliases = ["support+works@desk.test"]
{imap}
{smtp}
[[staff]]
name = "Bob"
address = "bob@desk.test"
[[staff]]
name = "Carol"
address = "carol@desk.test"
"#,
        imap = servers.imap_lines(),
        smtp = servers.smtp_section(),
    ));
    desk.write("password", PASSWORD);
    desk.write("organisations.csv", "name,domains,customer_number\nBooks,customer.test,OCN4711\nPaper,other.test,\n");
    // Both are read in Alice's mailbox; the main contact of Books is not told beside the one for maintenance.
    desk.write(
        "contacts.csv",
        "email,name,organisation,roles,zone\n\
         alice@customer.test,Alice,Books,maintenance,Asia/Tokyo\n\
         alice+main@customer.test,Ada,Books,main-primary,\n\
         alice@other.test,Otto,Paper,main-primary,\n",
    );
    desk.write(
        "services.csv",
        "service_id,circuit_id,organisation,site\nIS-1,LON/LDS/IA-00017,Books,Leeds\nIS-2,,Books,\nIS-5,,Paper,\n",
    );
    for kind in ["organisation", "contact", "service"] {
        desk.run(&[kind, "import", &format!("{kind}s.csv")]).ok();
    }
    desk
}

/// The mails in a mailbox with this in their To, in the order in which they came, with their lines as they were written.
fn told(servers: &Servers, user: &str, to: &str) -> Vec<String> {
    servers.wait_for_empty_queue();
    let all = servers.mailbox(user).into_iter();
    let all = all.map(|(_, _, raw)| String::from_utf8_lossy(&raw).replace("\r\n", "\n").replace("=\n", ""));
    let all = all.map(|mail| mail.replace("=3D", "="));
    all.filter(|mail| header(mail, "To").is_some_and(|line| line.contains(to))).collect()
}

#[test]
fn the_whole_life_of_works_by_command_and_by_staffs_mail() {
    let Some(servers) = Servers::start("the_whole_life_of_works_by_command_and_by_staffs_mail") else { return };
    let desk = desk_at(&servers);
    let start = (Utc::now() + Duration::days(30)).format("%Y-%m-%d 22:00").to_string();
    let window = format!("{start} to 04:00");
    let plan = ["--as", "Carol", "works", "plan", "Exchange of a card", "--reason", "it ages", "--window", &window];
    let places = ["--zone", "Europe/London", "--service", "IS-1", "--service", "IS-5=DEGRADED"];
    desk.run(&[&plan[..], &places[..]].concat()).ok();
    desk.run(&["run", "--once"]).ok();
    let to_staff = told(&servers, "bob", "bob@desk.test").remove(0);
    assert!(header(&to_staff, "Subject").unwrap().starts_with("[PW-0001] To approve"), "{to_staff}");
    let mut answered = 0;
    let mut bob_answers = |text: &str| {
        answered += 1;
        let extra = answering(&to_staff);
        let id = format!("{answered}@bob.test");
        servers.deliver(
            Letter { text, extra: &extra, ..letter("bob@desk.test", &id, "Re: works") }.raw(),
            "support+works@desk.test",
        );
        servers.wait_for("support", answered);
        desk.run(&["run", "--once"]).ok();
        // Postfix delivers what waits at the same time in any order.
        servers.wait_for_empty_queue();
    };
    // Each step is told once to each whom it touches.
    let later = (Utc::now() + Duration::days(40)).format("%Y-%m-%d 22:00").to_string();
    for commands in [
        "#approve\n#announce",
        "#remind",
        &format!("#reschedule {later} to 04:00\n\nThe supplier is late."),
        // Of announced works it waits for somebody else.
        "casepost --as Carol works approve PW-0001",
        // Their window is weeks away.
        "#start\nforce: test",
        "#extend +2h",
        "#complete\n\nAll is well.",
        "#tell\n\nIt is faster now.",
    ] {
        match commands.strip_prefix("casepost ") {
            Some(arguments) => {
                desk.run(&arguments.split(' ').collect::<Vec<_>>()).ok();
                desk.run(&["run", "--once"]).ok();
                servers.wait_for_empty_queue();
            }
            None => bob_answers(commands),
        }
    }
    let shown = desk.json(&["works", "show", "PW-0001", "--json"]);
    assert_eq!((&shown["state"], &shown["sequence"]), (&"completed".into(), &7.into()));
    assert_eq!(shown["approver"], "Carol", "of the time that it was moved to");
    let subjects = ["Planned works, ", "Reminder: ", "Moved: ", "Started: ", "Extended: ", "Done: ", "What is new: "];
    for (address, name, services, others) in [
        ("alice@customer.test", "Alice", "IS-1, LON/LDS/IA-00017, Leeds", ["IS-2", "IS-5"]),
        ("alice@other.test", "Otto", "IS-5", ["IS-1", "IS-2"]),
    ] {
        let mut mails = told(&servers, "alice", address);
        // Of one second the mailbox keeps no order; the thread does.
        mails.sort_by_key(|mail| header(mail, "References").map_or(0, |ids| ids.matches('@').count()));
        assert_eq!(mails.len(), subjects.len(), "one mail for each step: {mails:#?}");
        for (mail, begins) in mails.iter().zip(subjects) {
            let subject = header(mail, "Subject").unwrap();
            assert!(subject.starts_with(&format!("[PW-0001] {begins}")), "{subject}");
            assert_eq!(header(mail, "From").unwrap(), "\"Planned works\" <support+works@desk.test>");
            assert_eq!(header(mail, "Return-Path").unwrap(), "<support@desk.test>");
            assert!(mail.contains(&format!("Hello {name}")), "{mail}");
            assert!(!others.iter().any(|other| mail.contains(other)), "{mail}");
        }
        assert!(mails[0].contains(services), "{}", mails[0]);
        assert!(mails[2].contains("The supplier is late.") && mails[5].contains("All is well."));
        for pair in mails.windows(2) {
            assert_eq!(header(&pair[1], "In-Reply-To"), header(&pair[0], "Message-ID"), "one thread");
        }
    }
    let tokyo = told(&servers, "alice", "alice@customer.test").remove(0);
    assert!(tokyo.contains("07:00 (JST)") || tokyo.contains("06:00 (JST)"), "in the reader's zone: {tokyo}");
    assert_eq!(told(&servers, "alice", "alice+main@customer.test").len(), 0, "there is a contact for maintenance");
}

#[test]
fn a_customers_reply_to_the_works_address_is_a_case_about_them_and_a_stranger_commands_nothing() {
    let Some(servers) = Servers::start("a_customers_reply_to_the_works_address_is_a_case_about_them") else { return };
    let desk = desk_at(&servers);
    let start = (Utc::now() + Duration::days(1)).format("%Y-%m-%d 22:00").to_string();
    let window = format!("{start} +2h");
    let plan = ["works", "plan", "Security update", "--reason", "a hole is used", "--window", &window];
    desk.run(&[&plan[..], &["--emergency", "attacks have begun", "--service", "IS-1"]].concat()).ok();
    desk.run(&["works", "announce", "PW-0001"]).ok();
    desk.run(&["run", "--once"]).ok();
    let announced = told(&servers, "alice", "alice@customer.test").remove(0);
    let staffs = told(&servers, "bob", "bob@desk.test").remove(0);
    let extra = answering(&announced);
    let reply = Letter {
        text: "That night is bad for us.",
        extra: &extra,
        ..letter("alice@customer.test", "1@customer.test", "Re: works")
    };
    servers.deliver(reply.raw(), "support+works@desk.test");
    // Who was handed a mail of the staff gets no power by it.
    let extra = answering(&staffs);
    let stranger = Letter {
        text: "#cancel no more works",
        extra: &extra,
        ..letter("alice@other.test", "2@other.test", "Re: works")
    };
    servers.deliver(stranger.raw(), "support+works@desk.test");
    servers.wait_for("support", 2);
    desk.run(&["run", "--once"]).ok();
    let shown = desk.json(&["works", "show", "PW-0001", "--json"]);
    assert_eq!(shown["state"], "announced");
    let cases = shown["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 2, "{shown}");
    let subjects: Vec<String> = desk.cases().iter().map(|case| case["subject"].to_string()).collect();
    assert_eq!(subjects, ["\"works\"", "\"works\""]);
}
