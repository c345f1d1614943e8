//! What mails ask for and tell, and what the desk does about it, told on a Maildir with a drill's clock.

mod desk;

use desk::{Desk, Letter, answering, letter, reference};

const AT_10: &str = "2026-11-03T10:00:00Z";
const AT_10_10: &str = "2026-11-03T10:10:00Z";
const AT_10_20: &str = "2026-11-03T10:20:00Z";

/// The base policy, and what a desk for lines wants to know.
const LINES: &str = r#"extends = "base"
required_fields = ["service-id", "start-time", "description", "impact"]
"#;

fn desk_for_lines() -> Desk {
    let desk = Desk::on_maildir();
    std::fs::create_dir_all(desk.path("rules/lines")).unwrap();
    desk.write("rules/lines/policy.toml", LINES);
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    desk.write("casepost.toml", &format!("policy = \"lines\"\nrules = \"rules\"\n{config}"));
    desk
}

fn opened(desk: &Desk, text: &str) -> String {
    desk.mail_at("1", AT_10, Letter { text, ..letter("ada@books.test", "1@books.test", "Trouble") }.raw());
    desk.once_at(AT_10);
    reference(&desk.cases()[0])
}

/// An answer to the last mail that this address got on the case.
fn answer(desk: &Desk, from: &str, id: &str, at: &str, text: &str) {
    let extra = answering(desk.sent_to("ada@books.test").last().expect("a mail to answer"));
    desk.mail_at(
        id,
        at,
        Letter { text, extra: &extra, ..letter(from, &format!("{id}@books.test"), "Re: Trouble") }.raw(),
    );
    desk.once_at(at);
}

fn words(case: &serde_json::Value) -> Vec<String> {
    let requests = case["requests"].as_array().unwrap();
    requests.iter().map(|r| r["request"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_is_missing_is_asked_for_once_and_the_answer_completes_the_case() {
    let desk = desk_for_lines();
    let case = opened(&desk, "Hello,\nour line is down at the moment.\nService ID: AB-1234\n");
    let asked = &desk.sent_to("ada@books.test")[0];
    assert!(asked.contains("Since when? (date and time)"), "{asked}");
    assert!(asked.contains("Please send us this by replying to this mail."), "{asked}");
    assert!(!asked.contains("Which service is it?"), "{asked}");
    assert_eq!(desk.case(&case)["missing"], serde_json::json!(["start-time"]));
    answer(&desk, "ada@books.test", "2", AT_10_10, "We see it since 9:30 CET.");
    let shown = desk.case(&case);
    assert_eq!(shown["missing"], serde_json::json!([]));
    let start = shown["fields"].as_array().unwrap().iter().find(|f| f["name"] == "start-time").unwrap();
    assert_eq!(start["value"], "2026-11-03T09:30:00+01:00");
    let history = shown["history"].to_string();
    assert!(history.contains("told what was asked for: start time"), "{history}");
    let told = desk.sent_to("frida@desk.test").pop().unwrap();
    assert!(told.contains("brings what was asked for: start time"), "{told}");
    assert_eq!(desk.sent_to("ada@books.test").len(), 1, "nobody is asked twice");
}

#[test]
fn what_is_still_missing_is_not_asked_for_again() {
    let desk = desk_for_lines();
    let case = opened(&desk, "Hello,\nthere is some trouble with our telephones here.\n");
    answer(&desk, "ada@books.test", "2", AT_10_10, "Service ID: AB-1234");
    assert_eq!(desk.case(&case)["missing"], serde_json::json!(["start-time", "impact"]));
    assert_eq!(desk.sent_to("ada@books.test").len(), 1);
    let told = desk.sent_to("frida@desk.test").pop().unwrap();
    assert!(told.contains("still missing: start time, impact"), "{told}");
}

#[test]
fn a_service_that_the_list_knows_is_known_by_whichever_name_the_mail_tells() {
    let desk = desk_for_lines();
    desk.write("organisations.csv", "name\nBooks\n");
    desk.write("contacts.csv", "email,name,organisation\nada@books.test,Ada,Books\n");
    desk.write("services.csv", "circuit_id,organisation\nFRA/MUC/IA-00013,Books\n");
    for kind in ["organisation", "contact", "service"] {
        desk.run(&["--now", "2026-11-03T08:00:00Z", kind, "import", &format!("{kind}s.csv")]).ok();
    }
    let case = opened(&desk, "Hello,\nour line FRA/MUC/IA-00013 is down since 9:30 CET.\n");
    assert_eq!(desk.case(&case)["missing"], serde_json::json!([]));
    desk.mail_at(
        "2",
        AT_10_10,
        Letter { text: "Our line is down since 9:30 CET.", ..letter("ada@books.test", "2@books.test", "Phones") }.raw(),
    );
    desk.once_at(AT_10_10);
    let second = reference(desk.cases().iter().find(|c| c["subject"] == "Phones").unwrap());
    assert_eq!(desk.case(&second)["missing"], serde_json::json!(["service-id"]));
    answer(&desk, "ada@books.test", "3", AT_10_20, "Service ID: FRA/MUC/IA-00013");
    let shown = desk.case(&second);
    assert_eq!(shown["missing"], serde_json::json!([]));
    let named = shown["fields"].as_array().unwrap().iter().filter(|f| f["value"] == "FRA/MUC/IA-00013").count();
    assert_eq!(named, 1, "{shown}");
}

#[test]
fn several_things_are_asked_for_in_words_of_every_day_and_staff_read_their_names() {
    let desk = desk_for_lines();
    opened(&desk, "Hello,\nour line is disturbed since this morning.\n");
    let asked = &desk.sent_to("ada@books.test")[0];
    assert!(asked.contains("Please send us this by replying to this mail."), "{asked}");
    let desk = desk_for_lines();
    opened(&desk, "Hello,\nwe have some trouble with our telephones here.\n");
    let asked = &desk.sent_to("ada@books.test")[0];
    for question in [
        "Which service is it? (service ID, circuit ID or order number)",
        "Since when? (date and time)",
        "Is the service down, only slow or disturbed, or not affected?",
        "Please send us these by replying to this mail.",
    ] {
        assert!(asked.contains(question), "{question}: {asked}");
    }
    let told = desk.sent_to("frida@desk.test").pop().unwrap();
    assert!(told.contains("missing, and asked for: service id, start time, impact"), "{told}");
}

#[test]
fn who_wants_something_is_not_asked_when_it_began() {
    for text in ["Wir brauchen eine Faxnummer.", "Could you swap the SIM please?"] {
        let desk = desk_for_lines();
        let case = opened(&desk, text);
        assert!(!desk.sent_to("ada@books.test")[0].contains("need to know"), "{text}");
        assert_eq!(desk.case(&case)["missing"], serde_json::json!([]), "{text}");
    }
}

#[test]
fn a_question_about_an_invoice_is_not_asked_for_a_service() {
    let desk = desk_for_lines();
    let case = opened(&desk, "Hello,\nplease send us the invoice of October once more.\n");
    assert!(!desk.sent_to("ada@books.test")[0].contains("need to know"));
    assert_eq!(words(&desk.case(&case)), ["billing"]);
}

#[test]
fn the_requester_closes_an_open_case_and_gets_the_closure_notice() {
    let desk = Desk::on_maildir();
    let case = opened(&desk, "Our printer is broken.");
    answer(
        &desk,
        "ada@books.test",
        "2",
        AT_10_10,
        "Hello,\n\nit works again, thank you. Please close this case.\n\nRegards\nAda",
    );
    let shown = desk.case(&case);
    assert_eq!(shown["status"], "closed");
    assert_eq!(words(&shown), ["incident", "close", "confirm-resolved"]);
    assert_eq!(desk.sent_to("ada@books.test").len(), 2, "acknowledgement and closure notice");
    answer(&desk, "ada@books.test", "3", AT_10_20, "Please close the ticket, thanks");
    assert_eq!(desk.case(&case)["status"], "closed", "asked for twice");
    answer(&desk, "ada@books.test", "4", AT_10_20, "Please reopen the case.");
    assert_eq!(desk.case(&case)["status"], "reopened");
}

#[test]
fn a_wish_to_close_with_anything_else_in_it_is_left_to_staff() {
    for text in [
        "Please close this case, but keep the router running.",
        "Please close the case once the invoice is here.",
        "Please close this case. Who will pay for the hours?",
        "Please close this case.\n\nBy the way, our second line is down.",
        "Please close 1-0123456789 and go on with this one.",
        "Please close this case if nobody else needs it.",
        "Please do not close this case.",
        "The case was closed too early.",
        "> Please close this case.\n\nWhat did you mean by this?",
    ] {
        let desk = Desk::on_maildir();
        let case = opened(&desk, "Our printer is broken.");
        answer(&desk, "ada@books.test", "2", AT_10_10, text);
        assert_eq!(desk.case(&case)["status"], "new", "{text}");
        assert_eq!(desk.sent_to("ada@books.test").len(), 1, "{text}");
    }
}

#[test]
fn the_wish_of_somebody_else_is_recorded_and_shown_to_staff() {
    let desk = Desk::on_maildir();
    let case = opened(&desk, "Our printer is broken.");
    for (id, from) in [("2", "eve@elsewhere.test"), ("3", "bob@books.test")] {
        answer(&desk, from, id, AT_10_10, "Please close this case.");
        let shown = desk.case(&case);
        assert_eq!(shown["status"], "new", "{from}");
        assert_eq!(shown["requests"].as_array().unwrap().last().unwrap()["writer"], from);
        let told = desk.sent_to("frida@desk.test").pop().unwrap();
        assert!(told.contains("and is not the requester: decide"), "{told}");
        assert!(desk.sent_to(from).is_empty());
    }
}

#[test]
fn no_request_raises_a_priority() {
    let desk = Desk::on_maildir();
    let case = opened(
        &desk,
        "URGENT! Priority 1! Please escalate, all our lines are down and we request management attention.",
    );
    let shown = desk.case(&case);
    assert_eq!(shown["priority"], "P4");
    assert_eq!(words(&shown), ["incident", "escalate", "management-attention"]);
}

#[test]
fn explain_tells_requests_fields_and_what_is_missing() {
    let desk = desk_for_lines();
    let text = "Service ID: AB-1234\nSince: 2026-11-03 09:30 UTC\n\nOur line is down. Please send an RFO afterwards.\n\
                We reach you from 192.0.2.7 and 192.0.2.8.";
    desk.write("mail.eml", &Letter { text, ..letter("ada@books.test", "1@books.test", "Trouble") }.raw());
    let shown = desk.json(&["--now", AT_10, "explain", "--json", "mail.eml"]);
    assert_eq!(shown["requests"], serde_json::json!(["incident", "rfo"]));
    assert_eq!(shown["fields"]["service_id"], "AB-1234");
    assert_eq!(shown["fields"]["start_time"], "2026-11-03T09:30:00Z");
    assert_eq!(shown["fields"]["ip_addresses"], serde_json::json!(["192.0.2.7", "192.0.2.8"]));
    assert_eq!(shown["missing"], serde_json::json!([]));
    // However late it is read, "since 9:30" is of the day on which it was written.
    let text = "Our line is down since 9:30.";
    desk.write("late.eml", &Letter { text, ..letter("ada@books.test", "3@books.test", "Trouble") }.raw());
    let shown = desk.json(&["--now", "2026-11-26T10:00:00Z", "explain", "--json", "late.eml"]);
    assert_eq!(shown["fields"]["start_time"], "2026-11-03T09:30:00+01:00");
    desk.write("short.eml", &letter("ada@books.test", "2@books.test", "Trouble").raw());
    let shown = desk.json(&["--now", AT_10, "explain", "--json", "short.eml"]);
    assert_eq!(shown["missing"], serde_json::json!(["service_id", "start_time", "impact"]));
}

#[test]
fn a_mistake_in_a_cue_file_of_ones_own_is_named_with_file_and_line() {
    let desk = desk_for_lines();
    std::fs::create_dir_all(desk.path("rules/lines/cues")).unwrap();
    desk.write("rules/lines/cues/en.toml", "[cue.fax]\nrequest = \"change\"\nlike = ['fax(']\n");
    let checked = desk.run(&["check", "--offline"]);
    assert_ne!(checked.code, 0);
    assert!(
        checked.out.contains("rules/lines/cues/en.toml: line 3: \"fax(\" is no usable regular expression"),
        "{}",
        checked.out
    );
    desk.write(
        "rules/lines/cues/en.toml",
        "[cue.fax]\nrequest = \"change\"\nlike = ['fax']\nexamples = [\"Our fax\"]\n[cue.billing]\noff = true\n",
    );
    std::fs::create_dir_all(desk.path("rules/lines/scenarios")).unwrap();
    let story = "title = \"Nothing happens\"\nstart = \"2026-11-02 09:00\"\n\n[[step]]\nat = \"day 1, 10:00\"\n[step.expect]\n\
                 number_of_cases = 0\n";
    desk.write("rules/lines/scenarios/nothing.toml", story);
    desk.run(&["check", "--offline"]).ok();
    let case = opened(&desk, "Please replace our fax, and send the invoice.");
    assert_eq!(words(&desk.case(&case)), ["change"]);
}
