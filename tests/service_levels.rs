//! What customers are promised: told, kept, missed, warned of and counted.

mod desk;

use desk::{Desk, header, letter, reference};

const CONFIG: &str = r#"
data = "casepost.db"
policy = "own"
rules = "rules"
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
name = "Grace"
address = "grace@desk.test"
lead = true
may = ["p1g"]
"#;

const POLICY: &str = r#"
extends = "calltower"
zone = "UTC"
[resolution]
P1 = "4h"
[arrangements.gold.first_response]
P4 = "2h"
[staff_mail]
P4 = "default"
"#;

const ORGANISATIONS: &str = "\
name,domains,clocks
Books,books.test,gold
";

fn desk() -> Desk {
    let desk = Desk::with(CONFIG);
    for folder in ["inbox/new", "inbox/cur", "inbox/tmp", "rules/own"] {
        std::fs::create_dir_all(desk.path(folder)).unwrap();
    }
    desk.write("rules/own/policy.toml", POLICY);
    desk.write("organisations.csv", ORGANISATIONS);
    desk.run(&["--now", "2026-11-02T08:00:00Z", "organisation", "import", "organisations.csv"]).ok();
    desk
}

/// A case of a mail that came on Tuesday at nine.
fn case_of(desk: &Desk, from: &str) -> String {
    desk.mail_at("1", "2026-11-03T09:00:00Z", letter(from, "1@first.test", "Line down").raw());
    desk.once_at("2026-11-03T09:01:00Z");
    reference(&desk.cases()[0])
}

fn at(desk: &Desk, now: &str, arguments: &[&str]) -> String {
    desk.run(&[&["--now", now, "--as", "Frida"], arguments].concat()).ok()
}

fn about(desk: &Desk, person: &str, words: &str) -> Vec<String> {
    let all = desk.sent_to(person);
    all.into_iter().filter(|mail| header(mail, "Subject").is_some_and(|subject| subject.contains(words))).collect()
}

#[test]
fn the_acknowledgement_promises_what_the_arrangement_of_the_organisation_says() {
    let desk = desk();
    case_of(&desk, "ada@books.test");
    let promised = desk.sent_to("ada@books.test").remove(0);
    assert!(promised.contains("Tue 3 November 2026, 12:00 (UTC+01:00)"), "{promised}");
    let other = self::desk();
    case_of(&other, "joe@bikes.test");
    let promised = other.sent_to("joe@bikes.test").remove(0);
    assert!(promised.contains("Wed 4 November 2026, 10:00 (UTC+01:00)"), "{promised}");
}

#[test]
fn an_arrangement_that_the_policy_does_not_have_is_refused_and_told() {
    let desk = desk();
    let set = desk.run(&["--now", "2026-11-02T09:00:00Z", "organisation", "set", "Books", "clocks=silver"]);
    assert_ne!(set.code, 0);
    assert!(set.err.contains("[arrangements.silver] (known: gold)"), "{}", set.err);
    desk.write("rules/own/policy.toml", "extends = \"calltower\"\n");
    let checked = desk.run(&["check", "--offline"]);
    assert_eq!(checked.code, 1);
    assert!(checked.out.contains("Books has the arrangement \"gold\""), "{}", checked.out);
}

#[test]
fn staff_are_warned_once_the_leads_hear_of_the_breach_once_and_the_report_counts_it() {
    let desk = desk();
    let case = case_of(&desk, "joe@bikes.test");
    at(&desk, "2026-11-03T09:02:00Z", &["case", "assign", &case, "Frida"]);
    at(&desk, "2026-11-03T09:03:00Z", &["case", "review", &case, "--criticality", "critical", "--scope", "site"]);
    for now in ["2026-11-03T09:11:00Z", "2026-11-03T09:12:00Z", "2026-11-03T09:13:00Z"] {
        desk.once_at(now);
    }
    assert_eq!(about(&desk, "frida@desk.test", "first response due soon").len(), 1);
    assert_eq!(about(&desk, "grace@desk.test", "first response").len(), 0);
    for now in ["2026-11-03T09:15:00Z", "2026-11-03T09:20:00Z"] {
        desk.once_at(now);
    }
    assert_eq!(about(&desk, "frida@desk.test", "first response missed").len(), 1);
    assert_eq!(about(&desk, "grace@desk.test", "first response missed").len(), 1);
    at(&desk, "2026-11-03T09:30:00Z", &["case", "reply", &case, "--text", "We are on it."]);
    let promises = &desk.json(&["--now", "2026-11-03T09:40:00Z", "case", "show", &case, "--json"])["promises"];
    let told = |n: usize| (promises[n]["promise"].as_str().unwrap(), promises[n]["state"].as_str().unwrap());
    assert_eq!([told(0), told(1), told(2)], [("first-response", "missed"), ("resolution", "open"), ("update", "open")]);
    assert_eq!(promises[2]["due_at"], "2026-11-03T10:30:00Z");
    assert_eq!(promises[2]["remaining_seconds"], 50 * 60);
    let page = desk.run(&["--now", "2026-11-03T09:40:00Z", "case", "show", &case]).ok();
    assert!(page.contains("update by Tue 3 November 2026, 10:30 (UTC), in 50 min"), "{page}");
    let csv = desk.run(&["report", "sla", "--from", "2026-11-03", "--to", "2026-11-03", "--csv"]).ok();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[1], "P1,,first-response,0,1,0,0.0,1800", "{csv}");
    let next_day = desk.run(&["report", "sla", "--from", "2026-11-04", "--to", "2026-11-04"]).ok();
    assert!(next_day.contains("nothing was promised"), "{next_day}");
}

#[test]
fn what_staff_are_not_to_be_told_at_night_waits_until_the_morning() {
    let desk = desk();
    let case = case_of(&desk, "joe@bikes.test");
    at(&desk, "2026-11-03T09:10:00Z", &["case", "reply", &case, "--text", "We look at it."]);
    // The case is reviewed with that, and stays at P4.
    at(&desk, "2026-11-03T22:00:00Z", &["case", "note", &case, "it is night"]);
    desk.mail_at(
        "2",
        "2026-11-03T23:00:00Z",
        desk::Letter {
            extra: &desk::answering(&desk.sent_to("joe@bikes.test").pop().unwrap()),
            ..letter("joe@bikes.test", "2@bikes.test", "Re: Line down")
        }
        .raw(),
    );
    desk.once_at("2026-11-03T23:01:00Z");
    let told = || {
        desk.sent_to("frida@desk.test")
            .into_iter()
            .filter(|mail| mail.contains("Re: Line down") || mail.contains("wrote"))
            .count()
    };
    let at_night = told();
    desk.once_at("2026-11-04T07:59:00Z");
    assert_eq!(told(), at_night, "the desk opens at eight");
    desk.once_at("2026-11-04T08:00:00Z");
    assert_eq!(told(), at_night + 1);
}

#[test]
fn the_review_shows_the_matrix_and_changes_nothing_without_a_choice() {
    let desk = desk();
    let case = case_of(&desk, "joe@bikes.test");
    let shown = at(&desk, "2026-11-03T09:05:00Z", &["case", "review", &case]);
    for words in [
        "not reviewed yet",
        "* P4",
        "critical services are impaired for a whole site",
        "intermittent",
        "non-critical + one",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert_eq!(desk.case(&case)["reviewed_at"], serde_json::Value::Null);
    let wrong = desk.run(&["--now", "2026-11-03T09:05:00Z", "case", "review", &case, "--impact", "degradation"]);
    assert_eq!(wrong.code, 3);
    assert!(wrong.err.contains("goes by criticality and scope"), "{}", wrong.err);
    at(&desk, "2026-11-03T09:05:00Z", &["case", "review", &case, "--by", "criticality=critical", "--scope", "several"]);
    assert_eq!(desk.case(&case)["priority"], "P2");
}

#[test]
fn p1g_is_for_whoever_has_the_right() {
    let desk = desk();
    let case = case_of(&desk, "joe@bikes.test");
    for who in ["Frida", "Somebody"] {
        let refused = desk.run(&["--now", "2026-11-03T09:05:00Z", "--as", who, "case", "priority", &case, "P1G"]);
        assert_eq!(refused.code, 3, "{}", refused.out);
        assert!(refused.err.contains("the right for it"), "{}", refused.err);
    }
    desk.run(&["--now", "2026-11-03T09:05:00Z", "--as", "Grace", "case", "priority", &case, "P1G"]).ok();
    assert_eq!(desk.case(&case)["priority"], "P1G");
    let open = ["case", "open", "--requester", "x@x.test", "--subject", "all is down", "--priority", "P1G"];
    assert_eq!(desk.run(&[&["--now", "2026-11-03T09:06:00Z", "--as", "Frida"], &open[..]].concat()).code, 3);
    desk.run(&[&["--now", "2026-11-03T09:06:00Z", "--as", "Grace"], &open[..]].concat()).ok();
}

#[test]
fn an_estimated_time_is_told_and_stands_in_for_the_updates() {
    let desk = desk();
    let case = case_of(&desk, "joe@bikes.test");
    at(&desk, "2026-11-03T09:05:00Z", &["case", "review", &case, "--priority", "P1"]);
    let etr = ["case", "etr", &case, "2026-11-03T12:00:00Z", "--text", "A splice is being replaced."];
    at(&desk, "2026-11-03T09:10:00Z", &etr);
    desk.once_at("2026-11-03T09:11:00Z");
    let told = desk.sent_to("joe@bikes.test").pop().unwrap();
    assert!(told.contains("12:00") || told.contains("13:00 (UTC+01:00)"), "{told}");
    assert!(told.contains("A splice is being replaced."), "{told}");
    desk.once_at("2026-11-03T11:59:00Z");
    assert!(about(&desk, "frida@desk.test", "next update").is_empty());
    desk.once_at("2026-11-03T12:00:00Z");
    assert_eq!(about(&desk, "frida@desk.test", "estimated time").len(), 1);
    desk.once_at("2026-11-03T13:00:00Z");
    assert_eq!(about(&desk, "frida@desk.test", "resolution and next update missed").len(), 1);
}
