//! Changes with approval, time and price, suppliers, invoices and customers' own works, told on a Maildir with a drill's
//! clock.

mod desk;

use desk::{Desk, Letter, answering, header, letter, reference};
use serde_json::json;

/// A Tuesday, 10:00 in Denver.
const AT_10: &str = "2026-11-03T17:00:00Z";
const AT_11: &str = "2026-11-03T18:00:00Z";
const AT_12: &str = "2026-11-03T19:00:00Z";

/// A desk with this policy over a preset. Grace is the main point of contact of Books, Charles is of Books, too.
fn desk_for(policy: &str) -> Desk {
    let desk = Desk::on_maildir();
    std::fs::create_dir_all(desk.path("rules/own")).unwrap();
    desk.write("rules/own/policy.toml", policy);
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    let lead = "[[staff]]\nname = \"Lena\"\naddress = \"lena@desk.test\"\nlead = true\n";
    desk.write("casepost.toml", &format!("policy = \"own\"\nrules = \"rules\"\n{config}{lead}"));
    desk.write("organisations.csv", "name,domains,customer_number\nBooks,books.test,OCN4711\n");
    desk.write(
        "contacts.csv",
        "email,name,organisation,roles\ngrace@books.test,Grace,Books,main-primary\ncharles@books.test,Charles,Books,\n",
    );
    desk.write("services.csv", "service_id,circuit_id,organisation\nIS-4711,FRA/MUC/IA-00013,Books\n");
    for kind in ["organisation", "contact", "service"] {
        desk.run(&["--now", "2026-11-03T08:00:00Z", kind, "import", &format!("{kind}s.csv")]).ok();
    }
    desk
}

fn calltower() -> Desk {
    desk_for("extends = \"calltower\"\n[billing]\naddress = \"billing@money.test\"\n")
}

/// The mails that went out to this address, with their lines as they were written.
fn told(desk: &Desk, address: &str) -> Vec<String> {
    desk.sent_to(address).into_iter().map(|mail| mail.replace("=\n", "").replace("=3D", "=")).collect()
}

fn arrives(desk: &Desk, at: &str, letter: &Letter<'_>) {
    desk.mail_at(letter.id, at, letter.raw());
    desk.once_at(at);
}

fn only(desk: &Desk) -> String {
    let all = desk.cases();
    assert_eq!(all.len(), 1, "{all:?}");
    reference(&all[0])
}

/// Charles asks for two extensions; gives the case.
fn charles_asks(desk: &Desk) -> String {
    let text = "Hello,\nplease add two extensions for our new colleagues.\n\nCharles";
    arrives(desk, AT_10, &Letter { text, ..letter("charles@books.test", "1@books.test", "Two extensions") });
    only(desk)
}

fn answers(desk: &Desk, from: &str, id: &str, at: &str, to: &str, text: &str) {
    let extra = answering(to);
    arrives(desk, at, &Letter { text, extra: &extra, ..letter(from, id, "Re: Two extensions") });
}

#[test]
fn a_main_contact_approves_by_replying_to_the_mail_that_asked_and_both_are_told() {
    let desk = calltower();
    let case = charles_asks(&desk);
    let received = told(&desk, "charles@books.test").pop().unwrap();
    assert!(received.contains("It waits for the approval of your main point of contact."), "{received}");
    assert!(received.contains("- Grace"), "{received}");
    assert_eq!(told(&desk, "charles@books.test").len(), 1, "one mail answers the request");
    let asked = told(&desk, "grace@books.test").pop().unwrap();
    for words in
        ["Charles <charles@books.test>", "asks us for an addition", "Class: standard", "100.00 USD for an hour"]
    {
        assert!(asked.contains(words), "{words}: {asked}");
    }
    assert!(
        !asked.contains("new colleagues"),
        "nobody vouches for who wrote it, so nothing of it is handed on: {asked}"
    );
    let shown = desk.case(&case);
    assert_eq!((&shown["status"], &shown["change_request"]["state"]), (&json!("awaiting-customer"), &json!("waiting")));
    answers(&desk, "grace@books.test", "2@books.test", AT_11, &asked, "Yes, approved.\n\nGrace");
    let shown = desk.case(&case);
    assert_eq!(shown["status"], "in-progress");
    let change = &shown["change_request"];
    assert_eq!((&change["state"], &change["decided_by"]), (&json!("approved"), &json!("grace@books.test")));
    assert_eq!(change["respond_by"], "2026-11-04T18:00:00Z", "one business day from the approval");
    assert_eq!(change["done_by"], "2026-11-05T18:00:00Z");
    let mail = told(&desk, "charles@books.test").pop().unwrap();
    assert!(mail.contains("Grace has approved the addition"), "{mail}");
    assert!(told(&desk, "grace@books.test").pop().unwrap().contains("You have approved the addition"));
    let staff = told(&desk, "frida@desk.test").pop().unwrap();
    assert!(staff.contains("approves the change request"), "{staff}");
}

#[test]
fn only_the_mail_that_went_to_whoever_answers_counts_and_only_a_clear_yes() {
    let desk = calltower();
    let case = charles_asks(&desk);
    let asked = told(&desk, "grace@books.test").pop().unwrap();
    let received = told(&desk, "charles@books.test").pop().unwrap();
    let waits = |desk: &Desk, why: &str| {
        let shown = desk.case(&case);
        assert_eq!(
            (&shown["status"], &shown["change_request"]["state"]),
            (&json!("awaiting-customer"), &json!("waiting")),
            "{why}"
        );
    };
    answers(&desk, "charles@books.test", "2@books.test", AT_11, &asked, "Yes");
    waits(&desk, "Grace handed it on to Charles, who answers it");
    answers(&desk, "grace@books.test", "3@books.test", AT_11, &received, "Yes");
    waits(&desk, "Grace answers another mail of the case");
    let subject = format!("Re: [{case}] Two extensions");
    let letter = Letter { text: "Yes", ..letter("grace@books.test", "4@books.test", &subject) };
    arrives(&desk, AT_11, &letter);
    waits(&desk, "a subject alone proves nothing");
    answers(&desk, "grace@books.test", "5@books.test", AT_11, &asked, "Yes, but only one of them.");
    waits(&desk, "it says more than yes");
    let staff = told(&desk, "frida@desk.test").pop().unwrap();
    assert!(staff.contains("neither a clear yes nor a clear no"), "{staff}");
    answers(&desk, "grace@books.test", "6@books.test", AT_12, &asked, "No, thank you.");
    let shown = desk.case(&case);
    assert_eq!((&shown["status"], &shown["change_request"]["state"]), (&json!("closed"), &json!("declined")));
    let mail = told(&desk, "charles@books.test").pop().unwrap();
    assert!(mail.contains("Grace has declined the addition"), "{mail}");
}

#[test]
fn a_main_contacts_expedited_request_is_confirmed_and_outside_of_hours_goes_to_who_works_then() {
    let desk = calltower();
    let text = "Hello,\nplease add an extension. It is an urgent request.\n\nGrace";
    arrives(&desk, AT_10, &Letter { text, ..letter("grace@books.test", "1@books.test", "One extension") });
    let case = only(&desk);
    let asked = told(&desk, "grace@books.test");
    assert_eq!(asked.len(), 1);
    assert!(asked[0].contains("We begin as soon as you have confirmed it"), "{}", asked[0]);
    assert!(asked[0].contains("Class: expedited") && asked[0].contains("expedited work costs extra"), "{}", asked[0]);
    let night = "2026-11-04T03:30:00Z";
    answers(&desk, "grace@books.test", "2@books.test", night, &asked[0], "Yes");
    assert_eq!(desk.case(&case)["change_request"]["respond_by"], "2026-11-04T07:30:00Z");
    let lead = told(&desk, "lena@desk.test").pop().unwrap();
    assert!(header(&lead, "Subject").unwrap().contains("Expedited change outside of hours"), "{lead}");
    desk.once_at("2026-11-04T06:30:00Z");
    let warned = told(&desk, "frida@desk.test").pop().unwrap();
    assert!(header(&warned, "Subject").unwrap().contains("Soon due: first response"), "{warned}");
    desk.once_at("2026-11-04T07:30:00Z");
    let late = told(&desk, "lena@desk.test").pop().unwrap();
    assert!(header(&late, "Subject").unwrap().contains("Late: first response"), "{late}");
    assert!(!told(&desk, "frida@desk.test").pop().unwrap().contains("Late: first"), "leads hear of what is late");
}

#[test]
fn where_end_users_go_through_a_main_contact_one_answer_approves_the_case_and_the_change() {
    let desk = desk_for("extends = \"calltower\"\nauthorised_contacts_only = true\n");
    let case = charles_asks(&desk);
    let asked = told(&desk, "grace@books.test");
    assert_eq!(asked.len(), 1, "one question, not two");
    assert!(asked[0].contains("Your approval, please"), "{}", asked[0]);
    assert!(told(&desk, "charles@books.test")[0].contains("It waits for the approval"));
    answers(&desk, "grace@books.test", "2@books.test", AT_11, &asked[0], "Which extensions are these?");
    assert_eq!(desk.case(&case)["status"], "awaiting-customer", "a question approves nothing");
    assert_eq!(told(&desk, "charles@books.test").len(), 1, "and nobody is told that anybody has agreed");
    answers(&desk, "grace@books.test", "3@books.test", AT_12, &asked[0], "Approved");
    let shown = desk.case(&case);
    assert_eq!((&shown["status"], &shown["change_request"]["state"]), (&json!("in-progress"), &json!("approved")));
    assert!(told(&desk, "charles@books.test")[1].contains("Grace has approved the addition"));
    assert!(told(&desk, "grace@books.test")[1].contains("You have approved the addition"));
}

#[test]
fn a_trouble_that_names_a_change_waits_for_nobody() {
    let desk = calltower();
    let text = "Hello,\nour line is down. Please change the router.\n\nGrace";
    arrives(&desk, AT_10, &Letter { text, ..letter("grace@books.test", "1@books.test", "Line down") });
    let shown = desk.case(&only(&desk));
    assert_eq!((&shown["status"], &shown["change_request"]), (&json!("new"), &json!(null)));
    let told = told(&desk, "grace@books.test");
    assert!(matches!(&told[..], [one] if one.contains("It is now case")), "{told:?}");
}

#[test]
fn work_is_billed_in_begun_quarters_once_somebody_has_approved_it() {
    let desk = calltower();
    let case = charles_asks(&desk);
    let time = |at: &str, arguments: &[&str]| desk.run(&[&["--now", at, "case", "time", &case], arguments].concat());
    let refused = time(AT_11, &["50m"]);
    assert_eq!(refused.code, 3, "{}", refused.err);
    assert!(refused.err.contains("is not approved, so nothing can be billed"), "{}", refused.err);
    desk.run(&["--now", AT_11, "case", "macd", &case, "standard", "--estimate", "40m", "--text", "Two extensions"])
        .ok();
    desk.once_at(AT_11);
    let asked = told(&desk, "grace@books.test").pop().unwrap();
    assert!(asked.contains("Estimated work: 45 minutes, 75.00 USD"), "{asked}");
    desk.run(&["--now", AT_12, "case", "macd", &case, "approve", "--by", "Grace"]).ok();
    assert_eq!(desk.case(&case)["change_request"]["decided_by"], "grace@books.test");
    time(AT_12, &["50m", "--note", "two extensions, \"204\" and 205"]).ok();
    time(AT_12, &["5m"]).ok();
    time(AT_12, &["1h15m", "--free", "--by", "lena@desk.test"]).ok();
    time(AT_12, &["remove", "2"]).ok();
    let list = time(AT_12, &["list"]).ok();
    assert!(list.contains("5m by Frida, billed 15m: 25.00 USD  [removed by Frida]"), "{list}");
    assert!(list.ends_with("2 entries: 2h5m, billed 1h: 100.00 USD\n"), "{list}");
    assert_eq!(time(AT_12, &["remove", "2"]).code, 3, "it is removed once");
    let page = desk.run(&["case", "show", &case]).ok();
    assert!(page.contains("2 entries: 2h5m, billed 1h: 100.00 USD"), "{page}");
    assert!(page.contains("work time 2 removed: 5m by Frida"), "{page}");
    let report = desk.run(&["report", "time", "--from", "2026-11-03", "--to", "2026-11-03", "--csv"]).ok();
    let expected = format!(
        "date,reference,organisation,customer_number,who,minutes,billed_minutes,price,currency,note\r\n\
         2026-11-03,{case},Books,OCN4711,Frida,50,60,100.00,USD,\"two extensions, \"\"204\"\" and 205\"\r\n\
         2026-11-03,{case},Books,OCN4711,Lena,75,0,,,\n"
    );
    assert_eq!(report, expected);
    let before = desk.run(&["report", "time", "--from", "2026-11-02", "--to", "2026-11-02"]).ok();
    assert!(before.contains("0 entries"), "{before}");
}

#[test]
fn what_a_supplier_mails_is_kept_for_staff_and_the_customer_is_told_its_times_when_staff_say_so() {
    let desk = calltower();
    arrives(
        &desk,
        AT_10,
        &Letter { text: "Our line is down.", ..letter("grace@books.test", "1@books.test", "Line down") },
    );
    let case = only(&desk);
    let supplier = |arguments: &[&str]| desk.run(&[&["--now", AT_11, "case", "supplier", &case], arguments].concat());
    let refused = supplier(&["tell"]);
    assert_eq!(refused.code, 3, "{}", refused.err);
    let theirs = ["--supplier", "Mountain Fibre", "--their-reference", "INC-0042", "--domain", "fibre.test"];
    supplier(&[&["open", "--expected", "2026-11-05T00:00:00Z"], &theirs[..]].concat()).ok();
    let shown = desk.case(&case);
    assert_eq!((&shown["at_supplier"], &shown["suppliers"][0]["their_reference"]), (&json!(true), &json!("INC-0042")));
    assert_eq!(told(&desk, "grace@books.test").len(), 1, "the customer is told when staff say so");
    let robot = "Auto-Submitted: auto-generated\n";
    let update = Letter {
        text: "A splice is being made.",
        extra: robot,
        ..letter("noc@mail.fibre.test", "2@fibre.test", "INC-0042 update")
    };
    arrives(&desk, AT_11, &update);
    let other = Letter { text: "Reference INC-0042", ..letter("eve@stranger.test", "3@stranger.test", "INC-0042") };
    arrives(&desk, AT_11, &other);
    assert_eq!(desk.cases().len(), 2, "a reference from elsewhere means nothing");
    let shown = desk.case(&case);
    let dispositions: Vec<&str> =
        shown["mails"].as_array().unwrap().iter().map(|m| m["disposition"].as_str().unwrap()).collect();
    assert_eq!((dispositions, &shown["status"]), (vec!["opened", "recorded"], &json!("new")));
    let mail = told(&desk, "frida@desk.test").into_iter().find(|mail| mail.contains("A splice is being made")).unwrap();
    assert!(mail.contains("the customer is not told"), "{mail}");
    supplier(&["tell"]).ok();
    supplier(&["update", "--delays-until", "2026-11-09T00:00:00Z"]).ok();
    desk.once_at(AT_11);
    let mails = told(&desk, "grace@books.test");
    assert_eq!(mails.len(), 3);
    assert!(mails[1].contains("Mountain Fibre expects to be done by"), "{}", mails[1]);
    assert!(mails[2].contains("takes longer, until Mon 9 November 2026, 01:00 (UTC+01:00)"), "{}", mails[2]);
    assert!(!mails.concat().contains("2@fibre.test"), "their mails' ids are nothing for the customer");
    supplier(&["close"]).ok();
    assert_eq!(desk.case(&case)["at_supplier"], false);
}

#[test]
fn a_question_about_an_invoice_is_passed_on_once_and_stays_to_be_reviewed() {
    let desk = calltower();
    let text = "Hello,\nwe have a question about the invoice of October.\n\nGrace";
    arrives(&desk, AT_10, &Letter { text, ..letter("grace@books.test", "1@books.test", "Invoice") });
    let case = only(&desk);
    let passed_on = told(&desk, "billing@money.test");
    assert_eq!(passed_on.len(), 1);
    assert!(passed_on[0].contains(".eml"), "{}", passed_on[0]);
    assert!(passed_on[0].contains("Grace <grace@books.test> wrote to us about an invoice"), "{}", passed_on[0]);
    let answered = told(&desk, "grace@books.test");
    assert_eq!(answered.len(), 1);
    assert!(
        answered[0].contains("We have passed it on to our billing department (billing@money.test)"),
        "{}",
        answered[0]
    );
    let shown = desk.case(&case);
    assert_eq!((&shown["status"], &shown["reviewed_at"]), (&json!("resolved"), &json!(null)));
    answers(&desk, "grace@books.test", "2@books.test", AT_11, &answered[0], "It is the payment terminal that is down!");
    assert_eq!(desk.case(&case)["status"], "in-progress");
    assert_eq!(told(&desk, "billing@money.test").len(), 1, "once is enough");
    let robot = Letter {
        text: "Invoice 4711",
        extra: "Auto-Submitted: auto-generated\n",
        ..letter("erp@shop.test", "3@shop.test", "Invoice 4711")
    };
    arrives(&desk, AT_12, &robot);
    assert_eq!(told(&desk, "billing@money.test").len(), 1, "robots' mails are not passed on");
}

#[test]
fn own_planned_works_are_put_on_the_calendar_what_is_missing_is_asked_for_and_a_reply_moves_them() {
    let desk = desk_for("extends = \"colt\"\n");
    let text = "Hello,\nwe would like to announce planned works at our site.\n\nService ID: IS-4711\n\
                Works start: 2026-11-24 22:00\n";
    arrives(&desk, AT_10, &Letter { text, ..letter("charles@books.test", "1@books.test", "Planned works") });
    let case = only(&desk);
    let recorded = told(&desk, "charles@books.test");
    assert_eq!(recorded.len(), 1, "one mail answers it");
    let mail = &recorded[0];
    for words in [
        "are on our calendar",
        "IS-4711",
        "Customer number: OCN4711",
        "less notice than we ask for (20 business days)",
        "When do your works end? (date and time)",
        "Who is responsible for the service on your side?",
    ] {
        assert!(mail.contains(words), "{words}: {mail}");
    }
    assert!(!mail.contains("What is your customer number?"), "the directory knows it: {mail}");
    let works = |arguments: &[&str]| desk.json(&[&["works", "list", "--json"], arguments].concat());
    let listed = works(&["--service", "FRA/MUC/IA-00013"]);
    assert_eq!((&listed[0]["state"], &listed[0]["late"]), (&json!("incomplete"), &json!(true)), "{listed}");
    assert_eq!((&listed[0]["whose"], &listed[0]["case"]), (&json!("customer"), &json!(case)));
    assert_eq!(listed[0]["windows"][0]["starts_at"], "2026-11-24T21:00:00Z");
    let staff = told(&desk, "frida@desk.test").pop().unwrap();
    assert!(staff.contains("own planned works of the customer, on the calendar"), "{staff}");
    let text = "Start: 2027-01-12 22:00\nWorks end: 2027-01-13 02:00\nOwner: Ada Lovelace\n";
    answers(&desk, "charles@books.test", "2@books.test", AT_11, mail, text);
    let listed = works(&["--organisation", "Books"]);
    assert_eq!((&listed[0]["state"], &listed[0]["late"]), (&json!("announced"), &json!(false)), "{listed}");
    assert_eq!(listed[0]["windows"][0]["starts_at"], "2027-01-12T21:00:00Z");
    assert_eq!(desk.case(&case)["missing"], json!([]));
    let again = told(&desk, "charles@books.test").pop().unwrap();
    assert!(again.contains("are on our calendar like this now") && again.contains("Nothing else is needed"), "{again}");
    assert_eq!(desk.run(&["works", "list", "--service", "IS-1"]).code, 4, "there is no such service");
}

#[test]
fn works_that_end_users_write_of_on_a_desk_that_records_none_are_cases_like_others() {
    let desk = calltower();
    let text = "Hello,\nwe would like to announce planned works at our site.\n";
    arrives(&desk, AT_10, &Letter { text, ..letter("charles@books.test", "1@books.test", "Planned works") });
    assert_eq!(desk.json(&["works", "list", "--json"]), json!([]));
    assert!(
        told(&desk, "charles@books.test")[0].contains("start work on it yet"),
        "they go through their main contact"
    );
}
