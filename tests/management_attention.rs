//! A customer asks for a manager's attention, and the plan that follows, told on a Maildir with a drill's clock.

mod desk;

use desk::{Desk, Letter, answering, letter, reference};
use serde_json::json;

// A Tuesday.
const AT_10: &str = "2026-11-03T10:00:00Z";
const AT_11: &str = "2026-11-03T11:00:00Z";
const AT_12: &str = "2026-11-03T12:00:00Z";

const CONFIG: &str = r#"
data = "casepost.db"
policy = "POLICY"
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

/// Mangled on its way: other stars, quoted, the closing line like the opening one, and one field left empty.
const BLOCK: &str = "Hello,\nplease see below.\n\n\
    ******** Request Management Attention ********\n\
    Reason for requested management attention, including business impact of the problem that requires attention\n\
    We can't ship: 200 orders wait.\n\
    Business or implementation milestone, critical date(s) (milestone date or resolve by date), along with the type of \
    business or implementation milestone\n\n\
    Name of the person requesting management attention, contact information: phone number, pager, email address\n\
    Ada Lovelace, +44 20 7946 0123\n\
    ******** Request Management Attention ********\n";

fn a_desk(policy: &str) -> Desk {
    let desk = Desk::on_maildir();
    desk.write("casepost.toml", &CONFIG.replace("POLICY", policy));
    desk
}

fn opened(desk: &Desk, text: &str) -> String {
    desk.mail_at("1", AT_10, Letter { text, ..letter("ada@books.test", "1@books.test", "Orders") }.raw());
    desk.once_at(AT_10);
    reference(&desk.cases()[0])
}

/// An answer to the last mail that Ada got.
fn answer(desk: &Desk, from: &str, id: &str, at: &str, text: &str) {
    let extra = answering(desk.sent_to("ada@books.test").last().expect("a mail to answer"));
    let id_of_mail = format!("{id}@books.test");
    desk.mail_at(id, at, Letter { text, extra: &extra, ..letter(from, &id_of_mail, "Re: Orders") }.raw());
    desk.once_at(at);
}

fn staff(desk: &Desk, at: &str, arguments: &[&str]) -> String {
    desk.run(&[&["--now", at], arguments].concat()).ok()
}

/// The mails that this address got, as people read them.
fn sent_to(desk: &Desk, address: &str) -> Vec<String> {
    desk.sent_to(address).iter().map(|mail| mail.replace("=\n", "").replace("=3D", "=")).collect()
}

#[track_caller]
fn last(mails: &[String]) -> &str {
    mails.last().expect("a mail")
}

#[test]
fn in_writing_the_lead_is_told_at_once_and_the_customer_that_the_telephone_is_faster_and_what_is_missing() {
    let desk = a_desk("oracle");
    let case = opened(&desk, "Our order system prints no labels any more.");
    answer(&desk, "ada@books.test", "2", AT_11, BLOCK);
    let told = sent_to(&desk, "lena@desk.test");
    let to_lead = told.iter().find(|m| m.contains("Management attention: Orders")).expect("the lead is told");
    for words in ["Ada Lovelace, +44 20 7946 0123", "We can't ship: 200 orders wait.", "the milestone, with its date"] {
        assert!(to_lead.contains(words), "{words}: {to_lead}");
    }
    assert!(!sent_to(&desk, "frida@desk.test").iter().any(|m| m.contains("Management attention: Orders")));
    let told = sent_to(&desk, "ada@books.test");
    let answered = last(&told);
    for words in ["The telephone is faster", "By when do you need it solved", "Is the priority right? It is P4 now"] {
        assert!(answered.contains(words), "{words}: {answered}");
    }
    for words in ["Whom do we call?", "what does the problem mean for your business", "What exactly happens?"] {
        assert!(!answered.contains(words), "{words}: {answered}");
    }
    assert_eq!(desk.case(&case)["priority"], "P4", "no mail raises a priority");
    assert_eq!(desk.case(&case)["attention"][0]["reason"], "We can't ship: 200 orders wait.");
}

#[test]
fn the_mail_that_opens_a_case_may_hold_the_block() {
    let desk = a_desk("oracle");
    let case = opened(&desk, BLOCK);
    assert_eq!(desk.case(&case)["attention"][0]["channel"], "mail");
    assert!(sent_to(&desk, "lena@desk.test").iter().any(|m| m.contains("Management attention: Orders")));
    let told = sent_to(&desk, "ada@books.test");
    assert_eq!(told.len(), 2, "the acknowledgement, and the answer to this");
}

#[test]
fn who_may_not_decide_is_not_answered_and_a_stranger_s_block_is_only_kept() {
    let desk = a_desk("oracle");
    let case = opened(&desk, "Our order system prints no labels any more.");
    answer(&desk, "bob@books.test", "2", AT_11, BLOCK);
    assert_eq!(desk.case(&case)["attention"].as_array().unwrap().len(), 1);
    assert!(sent_to(&desk, "bob@books.test").is_empty());
    answer(&desk, "eve@elsewhere.test", "3", AT_11, BLOCK);
    assert_eq!(desk.case(&case)["attention"].as_array().unwrap().len(), 1);
    assert!(sent_to(&desk, "eve@elsewhere.test").is_empty());
    assert_eq!(sent_to(&desk, "ada@books.test").len(), 1, "she asked for nothing");
}

#[test]
fn where_it_is_not_offered_the_block_is_shown_to_staff_and_answered_by_nobody() {
    let desk = a_desk("base");
    let case = opened(&desk, "Our order system prints no labels any more.");
    answer(&desk, "ada@books.test", "2", AT_11, BLOCK);
    assert_eq!(desk.case(&case)["attention"], json!([]));
    assert_eq!(sent_to(&desk, "ada@books.test").len(), 1);
    let told = sent_to(&desk, "frida@desk.test");
    assert!(
        told.iter().any(|m| m.contains("wrote on case") && m.contains("asks for: management attention")),
        "{told:?}"
    );
    let refused = desk.run(&["--now", AT_11, "case", "attention", &case, "--by", "Ada"]);
    assert_eq!(refused.code, 3);
    assert!(refused.err.contains("[attention] offered"), "{}", refused.err);
}

#[test]
fn a_call_back_has_a_target_of_an_hour_and_the_lead_hears_once_that_it_was_missed() {
    let desk = a_desk("oracle");
    let case = opened(&desk, "Our order system prints no labels any more.");
    let call = ["case", "attention", &case, "--by", "Ada Lovelace", "--telephone", "+44 20 7946 0123", "--call-back"];
    let said = staff(&desk, AT_11, &call);
    assert!(said.contains("call back by Tue 3 November 2026, 12:00 (UTC) (a target)"), "{said}");
    assert!(said.contains("so ask: the reason, with the business impact; the milestone"), "{said}");
    desk.once_at("2026-11-03T11:59:59Z");
    let missed = || sent_to(&desk, "lena@desk.test").iter().filter(|m| m.contains("No call back yet")).count();
    assert_eq!(missed(), 0);
    desk.once_at(AT_12);
    desk.once_at("2026-11-03T13:00:00Z");
    assert_eq!(missed(), 1);
    staff(&desk, "2026-11-03T13:05:00Z", &["case", "attention", &case, "--called-back"]);
    let shown = staff(&desk, "2026-11-03T13:05:00Z", &["case", "show", &case]);
    assert!(shown.contains("called Ada Lovelace back, after the target"), "{shown}");
    let again = desk.run(&["--now", "2026-11-03T13:05:00Z", "case", "attention", &case, "--called-back"]);
    assert_eq!(again.code, 3);
    assert_eq!(sent_to(&desk, "ada@books.test").len(), 1, "on the telephone she was told");
}

#[test]
fn repeated_requests_without_urgency_are_counted_over_the_organisation_s_cases_and_shown() {
    let desk = a_desk("oracle");
    let case = opened(&desk, "Our order system prints no labels any more.");
    staff(&desk, AT_10, &["case", "priority", &case, "P3"]);
    for (n, by) in ["Ada", "Bob", "Max"].into_iter().enumerate() {
        staff(&desk, AT_11, &["case", "attention", &case, "--by", by, "--reason", "it takes too long"]);
        desk.once_at(AT_11);
        let told = sent_to(&desk, "lena@desk.test");
        let counted = format!("books.test has asked {} times within a year without urgency", n + 1);
        assert_eq!(last(&told).contains(&counted), n > 0, "{}", last(&told));
    }
    staff(&desk, AT_11, &["case", "attention", &case, "--by", "Ada", "--milestone", "2026-11-05, go-live"]);
    desk.once_at(AT_11);
    assert!(!last(&sent_to(&desk, "lena@desk.test")).contains("without urgency"));
}

#[test]
fn the_tasks_of_a_plan_remind_their_owners_of_either_side_and_what_fails_goes_to_the_next_level() {
    let desk = a_desk("oracle");
    let case = opened(&desk, "Our order system prints no labels any more.");
    let due = "2026-11-04T10:00:00Z";
    staff(&desk, AT_10, &["case", "plan", &case, "add", "Change the card", "--owner", "frida", "--due", due]);
    let logs =
        ["case", "plan", &case, "add", "Send the logs", "--owner", "Charles", "--side", "customer", "--due", due];
    staff(&desk, AT_10, &logs);
    let shown = staff(&desk, AT_10, &["case", "show", &case]);
    assert!(shown.contains("1 Change the card: Frida (desk), due Wed 4 November 2026, 10:00 (UTC)"), "{shown}");
    desk.once_at("2026-11-04T05:59:59Z");
    let counts = || {
        let count = |address: &str, words: &str| sent_to(&desk, address).iter().filter(|m| m.contains(words)).count();
        [
            count("frida@desk.test", "> Change the card"),
            count("ada@books.test", "> Send the logs"),
            count("lena@desk.test", "Task overdue"),
            count("lena@desk.test", "Escalated to level"),
        ]
    };
    assert_eq!(counts(), [0, 0, 0, 0]);
    desk.once_at("2026-11-04T06:00:00Z");
    assert_eq!(counts(), [1, 1, 0, 0]);
    staff(&desk, "2026-11-04T09:00:00Z", &["case", "plan", &case, "done", "1"]);
    desk.once_at(due);
    assert_eq!(counts(), [1, 1, 1, 0], "of the customer's task the leads hear");
    staff(&desk, due, &["case", "plan", &case, "fail", "2", "--why", "they show nothing"]);
    desk.once_at("2026-11-05T10:00:00Z");
    assert_eq!(counts(), [1, 1, 1, 1]);
    let listed = desk.json(&["case", "plan", &case, "list", "--json"]);
    assert_eq!((&listed[0]["state"], &listed[1]["state"]), (&json!("done"), &json!("failed")));
}
