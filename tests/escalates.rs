//! Who gets a case, how it goes up, and when it may wait, told on a Maildir with a drill's clock.

mod desk;

use desk::{Desk, Letter, answering, header, letter, reference};

const DAY_1: &str = "2026-11-03T10:00:00Z";
const SOON: &str = "2026-11-03T10:10:00Z";
const LATER: &str = "2026-11-03T10:30:00Z";

const ORGANISATIONS: &str = "name,domains\nBooks & Maps,books.test\n";
const CONTACTS: &str = "\
address,name,title,telephone,organisation,roles
ada@books.test,Ada Lovelace,,+1 303 555 0142,Books & Maps,main-primary
bea@books.test,Bea Boss,Head of IT,+1 303 555 0150,Books & Maps,escalation-1
cyd@books.test,Cyd,CEO,,Books & Maps,escalation-2
";
const SERVICES: &str = "service_id,organisation,platform\nAB-1234,Books & Maps,UC Cloud\n";

/// A desk of this policy, with what differs from it, and these people of the staff beside Frida.
fn desk_of(policy: &str, differs: &str, staff: &str) -> Desk {
    let desk = Desk::on_maildir();
    std::fs::create_dir_all(desk.path("rules/own")).unwrap();
    desk.write("rules/own/policy.toml", &format!("extends = \"{policy}\"\n{differs}"));
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    desk.write("casepost.toml", &format!("policy = \"own\"\nrules = \"rules\"\n{config}{staff}"));
    for (kind, text) in [("organisation", ORGANISATIONS), ("contact", CONTACTS), ("service", SERVICES)] {
        desk.write("x.csv", text);
        desk.run(&["--now", "2026-11-03T08:00:00Z", kind, "import", "x.csv"]).ok();
    }
    desk
}

fn opened_at(desk: &Desk, at: &str, id: &str, subject: &str, text: &str) -> String {
    desk.mail_at(id, at, Letter { text, ..letter("ada@books.test", &format!("{id}@books.test"), subject) }.raw());
    desk.once_at(at);
    reference(desk.cases().iter().find(|case| case["subject"] == subject).unwrap())
}

/// An answer to the last mail that Ada got.
fn answer(desk: &Desk, from: &str, id: &str, at: &str, text: &str) {
    let extra = answering(desk.sent_to("ada@books.test").last().expect("a mail to answer"));
    let id_of_mail = format!("{id}@books.test");
    desk.mail_at(id, at, Letter { text, extra: &extra, ..letter(from, &id_of_mail, "Re: Trouble") }.raw());
    desk.once_at(at);
}

/// A command of Frida's.
#[track_caller]
fn does(desk: &Desk, at: &str, arguments: &[&str]) -> String {
    let said = desk.run(&[&["--now", at], arguments].concat()).ok();
    desk.once_at(at);
    said
}

fn subjects(desk: &Desk, address: &str) -> Vec<String> {
    desk.sent_to(address).iter().map(|mail| header(mail, "Subject").unwrap()).collect()
}

const TWO_MORE: &str = "\
[[staff]]
name = \"Tom\"
address = \"tom@desk.test\"
products = [\"UC Cloud\"]
[[staff]]
name = \"Lea\"
address = \"lea@desk.test\"
lead = true
shift = { weekdays = [\"08:00-18:00\"] }
zone = \"UTC\"
";

const BY_TURN: &str = "[assignment]\nhow = \"round-robin\"\n";

#[test]
fn new_cases_go_round_and_only_who_gets_one_is_told() {
    let desk = desk_of("base", BY_TURN, TWO_MORE);
    let assignee = |n: &str| {
        let case = opened_at(&desk, DAY_1, n, &format!("Matter {n}"), "It does not work.");
        desk.case(&case)["assignee"].as_str().unwrap().to_owned()
    };
    let all: Vec<String> = ["1", "2", "3", "4"].into_iter().map(assignee).collect();
    assert_eq!(all, ["frida@desk.test", "tom@desk.test", "lea@desk.test", "frida@desk.test"]);
    assert_eq!(subjects(&desk, "tom@desk.test").len(), 1);
    let case = reference(desk.cases().iter().find(|case| case["subject"] == "Matter 2").unwrap());
    let shown = desk.run(&["case", "show", &case]).ok();
    assert!(shown.contains("* desk: assigned to Tom: has waited longest for one"), "{shown}");
}

#[test]
fn a_case_about_a_service_goes_to_whoever_knows_its_platform_and_at_night_to_nobody() {
    let desk = desk_of("base", BY_TURN, TWO_MORE);
    let case = opened_at(&desk, DAY_1, "1", "Telephones", "Our service AB-1234 is down.");
    let shown = desk.case(&case);
    assert_eq!(shown["assignee"], "tom@desk.test");
    assert!(shown["history"].to_string().contains("knows uc cloud"), "{shown}");
    let staff = "[[staff]]\nname = \"Lea\"\naddress = \"lea@desk.test\"\nshift = { weekdays = [\"08:00-18:00\"] }\n";
    let night = desk_of("base", BY_TURN, staff);
    let config = std::fs::read_to_string(night.path("casepost.toml")).unwrap();
    let day = "address = \"frida@desk.test\"\nshift = { weekdays = [\"08:00-18:00\"] }\n";
    night.write("casepost.toml", &config.replace("address = \"frida@desk.test\"\n", day));
    let case = opened_at(&night, "2026-11-03T22:00:00Z", "1", "Telephones", "Our service AB-1234 is down.");
    assert!(night.case(&case)["assignee"].is_null());
    for person in ["frida@desk.test", "lea@desk.test"] {
        assert_eq!(subjects(&night, person).len(), 1, "{person}");
    }
}

#[test]
fn robots_and_spam_are_given_to_nobody_and_a_linked_case_stays_with_whoever_had_it() {
    let desk = desk_of("base", BY_TURN, TWO_MORE);
    for (n, extra) in [("1", "Auto-Submitted: auto-generated\n"), ("2", "X-Spam-Flag: YES\n")] {
        let id = format!("{n}@robots.test");
        let mail = Letter { extra, ..letter("monitor@robots.test", &id, "Alarm") };
        desk.mail_at(n, DAY_1, mail.raw());
    }
    desk.once_at(DAY_1);
    let cases = desk.cases();
    assert_eq!(cases.len(), 2);
    assert!(cases.iter().all(|case| case["assignee"].is_null()), "{cases:?}");
    let case = opened_at(&desk, SOON, "3", "Trouble", "It does not work.");
    does(&desk, SOON, &["case", "assign", &case, "Lea"]);
    does(&desk, SOON, &["case", "close", &case]);
    answer(&desk, "ada@books.test", "4", "2026-11-13T10:00:00Z", "It is broken again.");
    let linked = desk.cases().pop().unwrap();
    assert_eq!(
        (linked["assignee"].as_str(), &linked["links"][0]["kind"]),
        (Some("lea@desk.test"), &"continues".into())
    );
}

#[test]
fn a_case_that_its_assignee_does_not_review_is_shown_to_the_leads() {
    let desk = desk_of("base", BY_TURN, TWO_MORE);
    let case = opened_at(&desk, DAY_1, "1", "Trouble", "It does not work.");
    assert_eq!(desk.case(&case)["assignee"], "frida@desk.test");
    desk.once_at(LATER);
    let not_reviewed = |person: &str| subjects(&desk, person).iter().filter(|s| s.contains("Not reviewed")).count();
    assert_eq!(
        [not_reviewed("frida@desk.test"), not_reviewed("lea@desk.test"), not_reviewed("tom@desk.test")],
        [1, 1, 0]
    );
}

const MATRIX: &str = "\
[[escalation.level]]
title = \"Shift manager\"
name = \"Grace\"
telephone = \"+44 20 7946 0001\"
address = \"grace@managers.test\"
[[escalation.level]]
title = \"Director\"
name = \"Dora\"
address = \"dora@managers.test\"
";

#[test]
fn staff_take_a_case_up_in_order_and_both_levels_and_the_customer_are_told() {
    let desk = desk_of("base", MATRIX, TWO_MORE);
    let case = opened_at(&desk, DAY_1, "1", "Trouble", "It does not work.");
    does(&desk, DAY_1, &["case", "assign", &case, "Tom"]);
    assert_eq!(desk.cases()[0]["next_level"], serde_json::json!({ "level": 1, "title": "Shift manager" }));
    let skips = desk.run(&["--now", SOON, "case", "escalate", &case, "--to", "2"]);
    assert_eq!(skips.code, 3);
    assert!(skips.err.contains("strictly in order"), "{}", skips.err);
    let said = does(&desk, SOON, &["case", "escalate", &case, "--reason", "No progress since noon"]);
    assert!(said.contains("escalated to level 1 (Shift manager)"), "{said}");
    does(&desk, LATER, &["case", "escalate", &case, "--to", "2"]);
    assert_eq!(desk.run(&["--now", LATER, "case", "escalate", &case]).code, 3, "there is no third level");
    let grace = desk.sent_to("grace@managers.test");
    assert_eq!(grace.len(), 2, "of the step to her, and of the one from her");
    for words in ["is with you now", "No progress since noon", "escalation-1: Bea Boss, Head of IT, +1 303 555 0150"] {
        assert!(grace[0].contains(words), "{words}: {}", grace[0]);
    }
    assert!(!grace[1].contains("is with you now") && grace[1].contains("level 2, Director"), "{}", grace[1]);
    assert_eq!(desk.sent_to("dora@managers.test").len(), 1);
    assert!(subjects(&desk, "tom@desk.test").iter().filter(|s| s.contains("Escalated to level")).count() == 2);
    assert!(!subjects(&desk, "lea@desk.test").iter().any(|s| s.contains("Escalated")));
    let customer = desk.sent_to("ada@books.test");
    assert_eq!(customer.len(), 3, "acknowledgement and two steps");
    assert!(customer[1].contains("to level 1: Shift manager"), "{}", customer[1]);
    assert!(!customer.concat().contains("No progress") && !customer.concat().contains("Bea Boss"));
    let shown = desk.case(&case);
    assert_eq!((&shown["escalation_level"], &shown["escalation"]["next"]), (&2.into(), &serde_json::Value::Null));
    assert_eq!(shown["escalation"]["at_customer"].as_array().unwrap().len(), 2);
    let page = desk.run(&["case", "show", &case]).ok();
    assert!(page.contains("at customer  escalation-2: Cyd, CEO, cyd@books.test"), "{page}");
    assert!(page.contains("* Frida: escalated from level 0 to 1 (Shift manager)"), "{page}");
    assert!(desk.run(&["case", "list"]).ok().contains("P4 ^2"));
}

#[test]
fn the_customers_mail_escalates_when_it_is_theirs_and_once_an_hour() {
    let desk = desk_of("base", MATRIX, TWO_MORE);
    let case = opened_at(&desk, DAY_1, "1", "Trouble", "It does not work.");
    let level = || desk.case(&case)["escalation_level"].clone();
    answer(&desk, "eve@elsewhere.test", "2", DAY_1, "Please escalate this case.");
    answer(&desk, "bob@books.test", "3", DAY_1, "Please escalate this case.");
    let forged = letter("ada@books.test", "4@books.test", "Re: x");
    let subject = format!("Re: [{case}] Trouble");
    desk.mail_at("4", DAY_1, Letter { subject: &subject, text: "Please escalate this case.", ..forged }.raw());
    desk.once_at(DAY_1);
    assert!(level().is_null());
    assert_eq!(desk.sent_to("ada@books.test").len(), 1);
    let marks = desk.sent_to("frida@desk.test").concat();
    for mark in ["is no participant: decide", "may not decide it: decide", "nothing but the From shows"] {
        assert!(marks.contains(mark), "{mark}");
    }
    answer(&desk, "ada@books.test", "5", SOON, "Please escalate this case, it takes too long. Please escalate.");
    assert_eq!(level(), 1);
    assert!(
        desk.sent_to("frida@desk.test").concat().contains("asked for escalation: it is at level 1 (Shift manager) now")
    );
    answer(&desk, "ada@books.test", "6", LATER, "Please escalate this to the next level.");
    assert_eq!(level(), 1, "a mail within the hour takes it no further");
    let told = desk.sent_to("ada@books.test");
    assert!(told[1].contains("As you asked"), "{}", told[1]);
    assert!(told[2].contains("has been escalated already") && told[2].contains("11:10"), "{}", told[2]);
    answer(&desk, "ada@books.test", "7", "2026-11-03T11:10:00Z", "Please escalate this to the next level.");
    assert_eq!(level(), 2);
    answer(&desk, "ada@books.test", "8", "2026-11-03T12:30:00Z", "Please escalate this again.");
    assert_eq!(level(), 2);
    assert!(desk.sent_to("ada@books.test").last().unwrap().contains("There is no level above it"));
    assert!(desk.sent_to("eve@elsewhere.test").is_empty() && desk.sent_to("bob@books.test").is_empty());
}

#[test]
fn at_colt_a_mail_that_asks_for_escalation_is_answered_with_whom_to_telephone() {
    let desk = desk_of("colt", "", "");
    let case = opened_at(&desk, DAY_1, "1", "Trouble", "It does not work.");
    answer(&desk, "ada@books.test", "2", SOON, "Please escalate this case.");
    let told = desk.sent_to("ada@books.test").pop().unwrap();
    assert_eq!(header(&told, "Auto-Submitted").unwrap(), "auto-replied");
    for words in ["+44 203 481 7007", "level 1, Team leader", "5. VP: +44 203 481 7011", &case.replace('-', "")] {
        assert!(told.contains(words), "{words}: {told}");
    }
    assert!(desk.case(&case)["escalation_level"].is_null());
    does(&desk, LATER, &["case", "escalate", &case, "--silent"]);
    assert_eq!(desk.sent_to("ada@books.test").len(), 2);
    answer(&desk, "ada@books.test", "3", LATER, "Please escalate this case.");
    assert!(desk.sent_to("ada@books.test").pop().unwrap().contains("level 2, Incident manager"));
    let first = opened_at(&desk, "2026-11-03T11:00:00Z", "4", "Another", "Please escalate: our line is down.");
    let told = desk.sent_to("ada@books.test").pop().unwrap();
    assert!(told.contains("level 1, Team leader") && told.contains(&first.replace('-', "")), "{told}");
}

#[test]
fn at_interspace_a_case_goes_up_by_its_age_but_not_while_it_waits_for_the_customer() {
    let desk = desk_of("interspace", "", TWO_MORE);
    let case = opened_at(&desk, DAY_1, "1", "Trouble", "It does not work.");
    does(&desk, SOON, &["case", "priority", &case, "P1"]);
    let at = |now: &str| {
        desk.once_at(now);
        desk.case(&case)["escalation_level"].clone()
    };
    assert!(at("2026-11-03T10:59:59Z").is_null());
    assert_eq!(at("2026-11-03T11:00:00Z"), 1);
    assert!(
        desk.sent_to("lea@desk.test").last().unwrap().contains("Please telephone level 1"),
        "the level has no address"
    );
    assert!(desk.sent_to("ada@books.test").last().unwrap().contains("We have escalated your case"));
    does(&desk, "2026-11-03T11:30:00Z", &["case", "reply", &case, "--await", "--text", "Which line?"]);
    assert_eq!(at("2026-11-03T13:00:00Z"), 1);
    answer(&desk, "ada@books.test", "2", "2026-11-03T13:30:00Z", "The one in Oslo.");
    assert_eq!(at("2026-11-03T13:59:59Z"), 1);
    assert_eq!(at("2026-11-03T14:00:00Z"), 2, "the two hours that it waited do not count");
    let sent = desk.sent_to("ada@books.test").len();
    assert_eq!(at("2026-11-03T14:00:00Z"), 2);
    assert_eq!(desk.sent_to("ada@books.test").len(), sent, "each step is said once");
    does(&desk, "2026-11-03T14:30:00Z", &["case", "close", &case]);
    assert_eq!(at("2026-11-04T14:30:00Z"), 2);
    answer(&desk, "ada@books.test", "3", "2026-11-04T15:00:00Z", "It is broken again.");
    assert_eq!(at("2026-11-04T16:59:59Z"), 2);
    assert_eq!(at("2026-11-04T19:00:00Z"), 3, "its age began anew when it was reopened");
}

#[test]
fn a_robots_case_goes_up_by_its_age_and_the_robot_hears_nothing() {
    let desk = desk_of("interspace", "", TWO_MORE);
    let extra = "Auto-Submitted: auto-generated\n";
    desk.mail_at("1", DAY_1, Letter { extra, ..letter("monitor@robots.test", "1@robots.test", "Alarm") }.raw());
    desk.once_at(DAY_1);
    let case = reference(&desk.cases()[0]);
    does(&desk, SOON, &["case", "priority", &case, "P1"]);
    desk.once_at("2026-11-03T11:00:00Z");
    assert_eq!(desk.case(&case)["escalation_level"], 1);
    assert!(desk.sent_to("monitor@robots.test").is_empty());
}

const NIGHT: &str = "2026-11-03T22:00:00Z";
const HARMLESS: &str = "Hello,\n\nthe label on our router is wrong. This does not affect live traffic.\n\nAda";

#[test]
fn what_affects_nothing_waits_until_the_morning_when_the_customer_agrees() {
    let desk = desk_of("interspace", "", "");
    let case = opened_at(&desk, NIGHT, "1", "Label", HARMLESS);
    let said = does(&desk, "2026-11-03T22:30:00Z", &["case", "defer", &case]);
    assert!(said.contains("Wed 4 November 2026, 09:00 (UTC)"), "{said}");
    let asked = desk.sent_to("ada@books.test").pop().unwrap().replace("=\n", "");
    assert!(asked.contains("wait until") && asked.contains("4 November 2026, 10:00 (UTC+01:00)"), "{asked}");
    assert_eq!(desk.case(&case)["status"], "new", "nothing waits before they agree");
    answer(&desk, "bob@books.test", "2", "2026-11-03T22:40:00Z", "Yes, that is fine.");
    assert_eq!(desk.case(&case)["status"], "new", "Bob may not decide that");
    answer(&desk, "ada@books.test", "3", "2026-11-03T22:45:00Z", "Hello,\n\nyes, that is fine.\n\nAda");
    let shown = desk.case(&case);
    assert_eq!((&shown["status"], &shown["hold_until"]), (&"on-hold".into(), &"2026-11-04T09:00:00Z".into()));
    assert_eq!(shown["escalation"]["deferral"]["answer"], "agreed");
    assert!(desk.sent_to("ada@books.test").pop().unwrap().contains("on hold"));
    let told = desk.sent_to("frida@desk.test").pop().unwrap();
    assert!(told.contains("agrees that it waits"), "{told}");
    desk.once_at("2026-11-04T09:00:00Z");
    assert_eq!(desk.case(&case)["status"], "in-progress");
}

#[test]
fn a_no_leaves_the_case_as_it_is_and_staff_are_told_to_work_it() {
    let desk = desk_of("interspace", "", "");
    let case = opened_at(&desk, NIGHT, "1", "Label", HARMLESS);
    does(&desk, "2026-11-03T22:30:00Z", &["case", "defer", &case]);
    answer(&desk, "ada@books.test", "2", "2026-11-03T22:40:00Z", "No, it can't wait.");
    assert_eq!(desk.case(&case)["status"], "new");
    assert!(desk.sent_to("frida@desk.test").pop().unwrap().contains("work it now"));
    answer(&desk, "ada@books.test", "3", "2026-11-03T22:45:00Z", "Yes");
    assert_eq!(desk.case(&case)["status"], "new", "it was answered");
}

#[test]
fn what_may_not_wait_is_refused_and_the_rule_is_named() {
    let desk = desk_of("interspace", "", "");
    let refused = |desk: &Desk, case: &str, at: &str, more: &[&str]| {
        let done = desk.run(&[&["--now", at, "case", "defer", case], more].concat());
        assert_eq!(done.code, 3, "{}{}", done.out, done.err);
        done.err
    };
    let by_day = opened_at(&desk, DAY_1, "1", "Label", HARMLESS);
    assert!(refused(&desk, &by_day, NIGHT, &[]).contains("raised within working hours"));
    let down = opened_at(&desk, NIGHT, "2", "Line", "Our line is completely down.");
    let why = refused(&desk, &down, NIGHT, &[]);
    assert!(why.contains("only what affects no service may wait") && why.contains("service affecting"), "{why}");
    does(&desk, NIGHT, &["case", "defer", &down, "--not-service-affecting"]);
    let base = desk_of("base", "", "");
    let case = opened_at(&base, NIGHT, "1", "Label", HARMLESS);
    assert!(refused(&base, &case, NIGHT, &[]).contains("[deferral] allowed"));
}
