//! Reasons for outage, incident reports and problem records, told on a Maildir with a drill's clock.

mod desk;

use desk::{Desk, Letter, answering, header, letter, reference};
use serde_json::{Value, json};

// A Tuesday.
const AT_10: &str = "2026-11-03T10:00:00Z";
const AT_11: &str = "2026-11-03T11:00:00Z";
const AT_13: &str = "2026-11-03T13:30:00Z";
const NEXT_DAY: &str = "2026-11-04T10:00:00Z";

const CONFIG: &str = r#"
data = "casepost.db"
policy = "interspace"
[desk]
name = "Test Desk"
address = "support@desk.test"
[[mailbox]]
name = "support"
maildir = "inbox"
[smtp]
url = "maildir:sent"
[[staff]]
name = "Frida"
address = "frida@desk.test"
[[staff]]
name = "Lena"
address = "lena@desk.test"
lead = true
"#;

fn a_desk() -> Desk {
    let desk = Desk::on_maildir();
    desk.write("casepost.toml", CONFIG);
    desk
}

fn opened(desk: &Desk, text: &str) -> String {
    desk.mail_at("1", AT_10, Letter { text, ..letter("ada@books.test", "1@books.test", "Line down") }.raw());
    desk.once_at(AT_10);
    reference(&desk.cases()[0])
}

/// An answer to the last mail that Ada got.
fn answer(desk: &Desk, from: &str, id: &str, at: &str, text: &str) {
    let extra = answering(desk.sent_to("ada@books.test").last().expect("a mail to answer"));
    let id_of_mail = format!("{id}@books.test");
    desk.mail_at(id, at, Letter { text, extra: &extra, ..letter(from, &id_of_mail, "Re: Line down") }.raw());
    desk.once_at(at);
}

fn staff(desk: &Desk, at: &str, arguments: &[&str]) -> String {
    desk.run(&[&["--now", at], arguments].concat()).ok()
}

fn reports(desk: &Desk, case: &str) -> Value {
    desk.case(case)["reports"].clone()
}

/// The mails that this address got, as people read them; without those of the escalation by age, which goes its own way.
fn sent_to(desk: &Desk, address: &str) -> Vec<String> {
    let of_age = |mail: &String| mail.contains("] Escalated");
    let mails = desk.sent_to(address).into_iter().filter(|mail| !of_age(mail));
    mails.map(|mail| mail.replace("=\n", "").replace("=3D", "=")).collect()
}

#[track_caller]
fn last(mails: &[String]) -> &str {
    mails.last().expect("a mail")
}

#[test]
fn a_report_that_is_asked_for_before_is_kept_until_the_case_is_resolved_then_promised_reminded_overdue_and_sent() {
    let desk = a_desk();
    let case = opened(&desk, "Our line AB-1234 is down.\nService ID: AB-1234");
    staff(&desk, AT_10, &["case", "assign", &case, "Frida"]);
    staff(&desk, AT_10, &["case", "priority", &case, "P1"]);
    answer(&desk, "ada@books.test", "2", AT_11, "Please send us an RFO for this outage.");
    let told = sent_to(&desk, "ada@books.test");
    assert!(last(&told).contains("we write it as soon as the case is resolved"), "{}", last(&told));
    assert_eq!(reports(&desk, &case)[0]["state"], "kept");
    staff(&desk, AT_13, &["case", "reply", &case, "--text", "The card was changed.", "--resolve"]);
    desk.once_at(AT_13);
    let told = sent_to(&desk, "ada@books.test");
    assert!(last(&told).contains("You will have it by Tue 10 November 2026, 14:30 (UTC+01:00)"), "{}", last(&told));
    assert_eq!(reports(&desk, &case)[0]["due"], "2026-11-10T13:30:00Z");
    let count = |address: &str, words: &str| sent_to(&desk, address).iter().filter(|m| m.contains(words)).count();
    desk.once_at("2026-11-09T13:29:59Z");
    assert_eq!(count("frida@desk.test", "Nothing is written yet"), 0);
    desk.once_at("2026-11-09T13:30:00Z");
    assert_eq!(count("frida@desk.test", "Nothing is written yet"), 1);
    assert_eq!(count("lena@desk.test", "RFO"), 0);
    desk.once_at("2026-11-10T13:30:00Z");
    desk.once_at("2026-11-11T13:30:00Z");
    assert_eq!(count("frida@desk.test", "is overdue"), 1);
    assert_eq!(count("lena@desk.test", "is overdue"), 1);
    let refused = desk.run(&["--now", "2026-11-11T13:30:00Z", "case", "rfo", &case, "send"]);
    assert_eq!(refused.code, 3, "{}", refused.err);
    assert!(refused.err.contains("lacks the cause"), "{}", refused.err);
    let (cause, action) = ("A card in our router had failed <at 09:40>.", "All cards of this batch are changed");
    let late = "2026-11-11T14:00:00Z";
    staff(&desk, late, &["case", "rfo", &case, "draft", "--cause", cause, "--preventive", action]);
    staff(&desk, late, &["case", "rfo", &case, "send"]);
    desk.once_at(late);
    let sent = sent_to(&desk, "ada@books.test");
    let report = last(&sent);
    for words in [
        "Subject: [",
        "Reason for outage: Line down",
        cause,
        action,
        "Reported: Tue 3 November 2026, 11:00",
        "Restored: Tue 3 November 2026, 14:30",
        "Duration: 3 h 30 min",
        "Service: AB-1234",
        "text/html; charset=utf-8",
        &format!("rfo-{case}.html"),
    ] {
        assert!(report.contains(words), "{words}: {report}");
    }
    assert!(header(report, "Auto-Submitted").is_none(), "a person sent it");
    assert_eq!(reports(&desk, &case)[0]["state"], "sent");
    let before = sent_to(&desk, "frida@desk.test").len();
    desk.once_at("2026-12-24T14:00:00Z");
    assert_eq!(sent_to(&desk, "frida@desk.test").len(), before, "a report that was sent reminds of nothing");
}

#[test]
fn asking_for_the_report_of_a_closed_case_starts_its_time_at_once_also_after_the_seven_days() {
    let desk = a_desk();
    let case = opened(&desk, "Our line is down.");
    staff(&desk, AT_10, &["case", "priority", &case, "P2"]);
    staff(&desk, AT_11, &["case", "close", &case]);
    desk.once_at(AT_11);
    answer(&desk, "ada@books.test", "2", NEXT_DAY, "Please send us the incident report.");
    let told = sent_to(&desk, "ada@books.test");
    assert!(last(&told).contains("You will get an incident report for case"), "{}", last(&told));
    assert_eq!(
        reports(&desk, &case),
        json!([{ "kind": "incident-report", "person": "ada@books.test", "state": "due",
            "asked_at": "2026-11-04T10:00:00Z", "due": "2026-11-11T10:00:00Z", "overdue": false, "settled_at": null }])
    );
    let other = a_desk();
    let case = opened(&other, "Our line is down.");
    staff(&other, AT_10, &["case", "priority", &case, "P2"]);
    staff(&other, AT_11, &["case", "close", &case]);
    other.once_at(AT_11);
    answer(&other, "ada@books.test", "2", "2026-11-20T10:00:00Z", "Please send us an RFO.");
    assert_eq!(other.cases().len(), 2, "after seven days a new linked case");
    assert_eq!(reports(&other, &case)[0]["due"], "2026-11-27T10:00:00Z", "but it is the old one's report");
    let new = other.cases().iter().map(reference).find(|r| *r != case).unwrap();
    assert_eq!(reports(&other, &new), json!([]));
}

#[test]
fn a_report_is_given_only_for_the_priorities_of_the_policy_and_the_answer_says_so() {
    let desk = a_desk();
    let case = opened(&desk, "Our line is slow.");
    staff(&desk, AT_10, &["case", "priority", &case, "P3"]);
    staff(&desk, AT_11, &["case", "close", &case]);
    desk.once_at(AT_11);
    answer(&desk, "ada@books.test", "2", NEXT_DAY, "Please send us an RFO.");
    let told = sent_to(&desk, "ada@books.test");
    assert!(last(&told).contains("only for critical and major incidents"), "{}", last(&told));
    assert!(last(&told).contains("this case has priority P3"), "{}", last(&told));
    assert_eq!(reports(&desk, &case)[0]["state"], "not-given");
    staff(&desk, NEXT_DAY, &["case", "close", &case]);
    let refused = desk.run(&["--now", NEXT_DAY, "case", "rfo", &case, "ask"]);
    assert_eq!(refused.code, 3, "{}", refused.err);
    assert!(refused.err.contains("only for P1G, P1, P2 ([rfo] only)"), "{}", refused.err);
}

#[test]
fn asking_twice_gives_one_report_and_each_person_gets_their_own() {
    let desk = a_desk();
    desk.write("organisations.csv", "name\nBooks\n");
    desk.write(
        "contacts.csv",
        "email,name,organisation,roles\nada@books.test,Ada,Books,\nmax@books.test,Max,Books,main-primary\n",
    );
    for kind in ["organisation", "contact"] {
        staff(&desk, "2026-11-03T08:00:00Z", &[kind, "import", &format!("{kind}s.csv")]);
    }
    let case = opened(&desk, "Our line is down.");
    staff(&desk, AT_10, &["case", "priority", &case, "P1"]);
    answer(&desk, "ada@books.test", "2", AT_11, "Please send us an RFO.");
    answer(&desk, "max@books.test", "3", AT_11, "Please send us an RFO.");
    answer(&desk, "ada@books.test", "4", AT_11, "Please send us the RFO soon.");
    let people: Vec<String> =
        reports(&desk, &case).as_array().unwrap().iter().map(|r| r["person"].as_str().unwrap().to_owned()).collect();
    assert_eq!(people, ["ada@books.test", "max@books.test"]);
    staff(&desk, AT_13, &["case", "close", &case]);
    staff(&desk, AT_13, &["case", "rfo", &case, "draft", "--cause", "A card.", "--preventive", "A new card."]);
    staff(&desk, AT_13, &["case", "rfo", &case, "send"]);
    desk.once_at(AT_13);
    for person in people {
        let got = sent_to(&desk, &person).iter().filter(|m| m.contains("Root cause")).count();
        assert_eq!(got, 1, "{person}");
        assert!(last(&sent_to(&desk, &person)).contains(if person.starts_with("max") {
            "Hello Max"
        } else {
            "Hello Ada"
        }));
    }
}

#[test]
fn whoever_may_not_decide_or_is_not_proven_gets_no_report_and_staff_see_why() {
    let desk = a_desk();
    let case = opened(&desk, "Our line is down.");
    staff(&desk, AT_10, &["case", "priority", &case, "P1"]);
    answer(&desk, "bob@books.test", "2", AT_11, "Please send us an RFO.");
    answer(&desk, "eve@elsewhere.test", "3", AT_11, "Please send us an RFO.");
    let subject = format!("Re: [{case}] Line down");
    let text = "Please send us an RFO.";
    desk.mail_at("4", AT_11, Letter { text, ..letter("ada@books.test", "4@books.test", &subject) }.raw());
    desk.once_at(AT_11);
    assert_eq!(reports(&desk, &case), json!([]));
    let told = sent_to(&desk, "frida@desk.test");
    assert!(last(&told).contains("nothing proves who wrote it"), "{}", last(&told));
    assert!(told.iter().any(|m| m.contains("is neither the requester nor a main point of contact")));
    assert!(sent_to(&desk, "eve@elsewhere.test").is_empty());
    assert_eq!(sent_to(&desk, "ada@books.test").len(), 1);
    staff(&desk, AT_11, &["case", "rfo", &case, "ask", "--by", "Bob <bob@books.test>"]);
    desk.once_at(AT_11);
    assert!(last(&sent_to(&desk, "bob@books.test")).contains("as soon as the case is resolved"));
}

#[test]
fn a_problem_gives_the_reports_of_its_cases_cause_and_actions_unless_the_draft_says_otherwise() {
    let desk = a_desk();
    let case = opened(&desk, "Our line is down.");
    staff(&desk, AT_10, &["problem", "new", "Cards of one batch fail", "--case", &case]);
    let shown = staff(&desk, AT_10, &["case", "show", &case]);
    assert!(shown.contains("P-0001 Cards of one batch fail (open)"), "{shown}");
    staff(&desk, AT_10, &["problem", "cause", "P-0001", "Batch 7 fails when warm.", "--workaround", "Restart it."]);
    let due = "2026-12-04T17:00:00Z";
    staff(
        &desk,
        AT_10,
        &["problem", "action", "add", "P-0001", "Change all of batch 7", "--owner", "Tom", "--due", due],
    );
    staff(&desk, AT_10, &["case", "close", &case]);
    staff(&desk, AT_10, &["case", "rfo", &case, "send", "--kind", "incident-report"]);
    desk.once_at(AT_10);
    let sent = sent_to(&desk, "ada@books.test");
    let report = last(&sent);
    for words in
        ["Incident report: Line down", "Batch 7 fails when warm.", "By Fri 4 December 2026", "Change all of batch 7"]
    {
        assert!(report.contains(words), "{words}: {report}");
    }
    staff(&desk, AT_10, &["case", "rfo", &case, "draft", "--cause", "It was the cable."]);
    let shown = desk.json(&["case", "rfo", &case, "show", "--json"]);
    assert_eq!(shown["report"]["cause"], "It was the cable.");
    assert_eq!(shown["report"]["preventive"][0]["text"], "Change all of batch 7");
    let refused = desk.run(&["--now", AT_10, "problem", "close", "P-0001"]);
    assert_eq!(refused.code, 3);
    assert!(refused.err.contains("not done yet: action 1"), "{}", refused.err);
    staff(&desk, AT_11, &["problem", "action", "done", "P-0001", "1"]);
    staff(&desk, AT_11, &["problem", "close", "P-0001"]);
    let listed = desk.json(&["problem", "list", "--all", "--json"]);
    assert_eq!(listed[0]["status"], "closed");
    assert_eq!(listed[0]["cases"], json!([case]));
    assert_eq!(desk.json(&["problem", "list", "--json"]), json!([]), "the open ones");
    staff(&desk, AT_11, &["problem", "unlink", "P-0001", &case]);
    assert_eq!(desk.case(&case)["problems"], json!([]));
    assert_eq!(desk.run(&["problem", "show", "P-0007"]).code, 4);
}

#[test]
fn the_report_that_was_asked_for_on_a_duplicate_is_that_of_its_main_case() {
    let desk = a_desk();
    let case = opened(&desk, "Our line is down.");
    answer(&desk, "ada@books.test", "2", AT_10, "Please send us an RFO.");
    let text = "Our other line is down, too.";
    desk.mail_at("3", AT_10, Letter { text, ..letter("ada@books.test", "3@books.test", "Another line") }.raw());
    desk.once_at(AT_10);
    let main = desk.cases().iter().map(reference).find(|r| *r != case).unwrap();
    staff(&desk, AT_11, &["case", "priority", &main, "P1"]);
    staff(&desk, AT_11, &["case", "merge", &case, &main]);
    assert_eq!(reports(&desk, &case), json!([]));
    assert_eq!(reports(&desk, &main)[0]["state"], "kept");
    staff(&desk, AT_13, &["case", "close", &main]);
    assert_eq!(reports(&desk, &main)[0]["due"], "2026-11-10T13:30:00Z");
}
