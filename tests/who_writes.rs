//! Who writes: contacts, organisations and services, and what the desk makes of their mail.

mod desk;

use desk::{Desk, Letter, answering, header, letter, reference};

const DAY_1: &str = "2026-11-03T10:00:00Z";
const LATER: &str = "2026-11-03T11:00:00Z";

const ORGANISATIONS: &str = "\
name,customer_number,domains,reference_pattern,lists
Books & Maps,OCN-100,books.test atlas.test,INC[0-9]{7},noc@lists.books.test
Bikes,OCN-200,bikes.test,,
";

const CONTACTS: &str = "\
address,name,telephone,organisation,roles,zone,system
grace@books.test,Grace Hopper,+1 303 555 0142,Books & Maps,main-primary,America/Denver,
ada@private.test,Ada Lovelace,,OCN-100,,,
tickets@books.test,,,Books & Maps,,,yes
";

fn with_directory(policy: &str) -> Desk {
    let desk = Desk::on_maildir();
    if !policy.is_empty() {
        std::fs::create_dir_all(desk.path("rules/own")).unwrap();
        desk.write("rules/own/policy.toml", &format!("extends = \"base\"\n{policy}"));
        let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
        desk.write("casepost.toml", &format!("policy = \"own\"\nrules = \"rules\"\n{config}"));
    }
    desk.write("organisations.csv", ORGANISATIONS);
    desk.write("contacts.csv", CONTACTS);
    for (command, file) in [("organisation", "organisations.csv"), ("contact", "contacts.csv")] {
        desk.run(&["--now", "2026-11-03T08:00:00Z", command, "import", file]).ok();
    }
    desk
}

fn one_case(desk: &Desk, from: &str) -> String {
    desk.mail_at("1", "2026-11-03T09:59:00Z", letter(from, "1@first.test", "Printer on fire").raw());
    desk.once_at(DAY_1);
    reference(&desk.cases()[0])
}

fn mails_of(desk: &Desk, case: &str) -> usize {
    desk.case(case)["mails"].as_array().unwrap().len()
}

#[test]
fn people_of_one_organisation_belong_together_whatever_their_domains() {
    let desk = with_directory("");
    let case = one_case(&desk, "ada@private.test");
    let subject = format!("Re: [{case}] Printer on fire");
    desk.mail_at("2", LATER, letter("bob@sub.atlas.test", "2@b.test", &subject).raw());
    desk.mail_at("3", LATER, letter("eve@bikes.test", "3@e.test", &subject).raw());
    desk.once_at(LATER);
    let shown = desk.case(&case);
    assert_eq!(mails_of(&desk, &case), 2, "{shown}");
    assert_eq!(shown["mails"][1]["standing"], "organisation");
    assert_eq!(shown["organisation"], "Books & Maps");
    assert_eq!(desk.cases().len(), 2, "another organisation's mail is a case of its own");
}

#[test]
fn a_main_point_of_contact_may_close_a_colleagues_case_and_another_colleague_may_not() {
    for (writer, status) in [("grace@books.test", "closed"), ("bob@books.test", "resolved")] {
        let desk = with_directory("");
        let case = one_case(&desk, "ada@private.test");
        desk.run(&["--now", DAY_1, "case", "status", &case, "resolved"]).ok();
        let subject = format!("Re: [{case}] Printer on fire");
        let text = "It is solved, please close the case.";
        // They answer what Ada forwarded to them: a From alone proves nothing.
        let extra = answering(&desk.sent_to("ada@private.test")[0]);
        let mail = desk::Letter { text, extra: &extra, ..letter(writer, "2@b.test", &subject) };
        desk.mail_at("2", LATER, mail.raw());
        desk.once_at(LATER);
        assert_eq!(desk.case(&case)["status"], status, "{writer}");
    }
}

#[test]
fn a_ticket_system_that_is_marked_is_answered_and_its_own_number_finds_the_case_again() {
    let desk = with_directory("");
    let robot = |id: &'static str, subject: &'static str| desk::Letter {
        extra: "Auto-Submitted: auto-generated\n",
        ..letter("tickets@books.test", id, subject)
    };
    desk.mail_at("1", "2026-11-03T09:59:00Z", robot("1@t.test", "INC0012345 opened: line down").raw());
    desk.mail_at("2", "2026-11-03T09:59:30Z", robot("2@t.test", "[Update] INC0012346 router hot").raw());
    desk.once_at(DAY_1);
    desk.mail_at("3", LATER, robot("3@t.test", "Work note added to INC0012345").raw());
    desk.once_at(LATER);
    let cases = desk.cases();
    assert_eq!(cases.len(), 2);
    let case = reference(&cases[0]);
    assert_eq!(mails_of(&desk, &case), 2, "the same number is the same case");
    let shown = desk.case(&case);
    assert_eq!(shown["their_reference"], "INC0012345");
    assert_eq!(shown["mails"][1]["disposition"], "appended");
    assert!(desk.run(&["case", "show", &case]).ok().contains("INC0012345"));
    let sent = desk.sent_to("tickets@books.test");
    assert_eq!(sent.len(), 2, "each new case is acknowledged once");
}

#[test]
fn their_number_stands_in_the_subject_of_what_we_write_when_it_is_not_there_already() {
    let desk = with_directory("");
    let text = "Our ticket is INC0054321, please quote it.";
    let first = desk::Letter { text, ..letter("ada@private.test", "1@a.test", "Line down") };
    desk.mail_at("1", "2026-11-03T09:59:00Z", first.raw());
    // Nobody else's: Bikes have no pattern, and a number of Books says nothing from them.
    let other = desk::Letter { text, ..letter("eve@bikes.test", "2@e.test", "Line down, too") };
    desk.mail_at("2", "2026-11-03T09:59:30Z", other.raw());
    desk.once_at(DAY_1);
    let cases = desk.cases();
    assert_eq!(cases.len(), 2);
    let case = reference(&cases[0]);
    let sent = desk.sent_to("ada@private.test");
    assert_eq!(header(&sent[0], "Subject").unwrap(), format!("[{case}] [INC0054321] Line down"));
    assert!(!desk.sent_to("eve@bikes.test")[0].contains("INC0054321"));
}

#[test]
fn an_unmarked_robot_and_an_unknown_list_get_no_answer_and_a_known_list_does() {
    let desk = with_directory("");
    let extra = "Auto-Submitted: auto-generated\n";
    let robot = desk::Letter { extra, ..letter("nagios@books.test", "1@r.test", "disk full") };
    desk.mail_at("1", DAY_1, robot.raw());
    let list = |from: &str, id: &str, list: &str| {
        let extra = format!("List-Id: <{}>\nCc: {list}\nPrecedence: list\n", list.replace('@', "."));
        desk::Letter { extra: &extra, ..letter(from, id, "help wanted") }.raw()
    };
    desk.mail_at("2", DAY_1, list("bob@books.test", "2@l.test", "noc@lists.books.test"));
    desk.mail_at("3", DAY_1, list("joe@books.test", "3@l.test", "talk@elsewhere.test"));
    desk.once_at(DAY_1);
    assert_eq!(desk.sent_to("nagios@books.test").len(), 0);
    assert_eq!(desk.sent_to("bob@books.test").len(), 1);
    assert_eq!(desk.sent_to("joe@books.test").len(), 0);
    assert_eq!(desk.cases().len(), 2, "the robot's and that of the known list");
}

#[test]
fn an_unknown_sender_is_asked_once_and_the_answer_opens_all_that_waited_as_of_when_it_came() {
    let desk = with_directory("unknown_sender = \"confirm\"\n");
    desk.mail_at("1", "2026-11-03T09:50:00Z", letter("new@elsewhere.test", "1@n.test", "first").raw());
    desk.mail_at("2", "2026-11-03T09:55:00Z", letter("new@elsewhere.test", "2@n.test", "second").raw());
    desk.mail_at("3", "2026-11-03T09:55:00Z", letter("bob@books.test", "3@n.test", "known").raw());
    desk.once_at(DAY_1);
    assert_eq!(desk.cases().len(), 1, "only the known sender's");
    let asked = desk.sent_to("new@elsewhere.test");
    assert_eq!(asked.len(), 1);
    assert!(asked[0].contains("reply to this mail"), "{}", asked[0]);
    let extra = answering(&asked[0]);
    // An automatic answer confirms nothing.
    let away = format!("{extra}Auto-Submitted: auto-replied\n");
    let away = desk::Letter { extra: &away, ..letter("new@elsewhere.test", "4@n.test", "away") };
    desk.mail_at("4", LATER, away.raw());
    desk.once_at(LATER);
    assert_eq!(desk.cases().len(), 1);
    let yes = desk::Letter { extra: &extra, text: "", ..letter("new@elsewhere.test", "5@n.test", "Re: confirm") };
    desk.mail_at("5", "2026-11-03T12:00:00Z", yes.raw());
    desk.once_at("2026-11-03T12:00:00Z");
    let cases = desk.cases();
    assert_eq!(cases.len(), 3);
    let opened: Vec<_> =
        cases.iter().map(|c| (c["subject"].as_str().unwrap(), c["opened_at"].as_str().unwrap())).collect();
    assert!(opened.contains(&("first", "2026-11-03T09:50:00Z")), "{opened:?}");
    assert!(opened.contains(&("second", "2026-11-03T09:55:00Z")), "{opened:?}");
    assert_eq!(desk.sent_to("new@elsewhere.test").len(), 3, "both cases are acknowledged");
    // From now on they are known.
    desk.mail_at("6", "2026-11-03T13:00:00Z", letter("new@elsewhere.test", "6@n.test", "third").raw());
    desk.once_at("2026-11-03T13:00:00Z");
    assert_eq!(desk.cases().len(), 4);
}

#[test]
fn refused_senders_are_told_only_when_it_is_certain_who_they_are() {
    let desk = with_directory("unknown_sender = \"refuse\"\n");
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    let config = config.replace("maildir = \"inbox\"", "maildir = \"inbox\"\nauthserv_id = \"mx.desk.test\"");
    desk.write("casepost.toml", &config);
    let extra = "Authentication-Results: mx.desk.test; dmarc=pass header.from=elsewhere.test\n";
    let certain = |id: &'static str| desk::Letter { extra, ..letter("sure@elsewhere.test", id, "hello") };
    desk.mail_at("1", DAY_1, certain("1@s.test").raw());
    desk.mail_at("2", DAY_1, certain("2@s.test").raw());
    desk.mail_at("3", DAY_1, letter("unsure@elsewhere.test", "3@s.test", "hello").raw());
    desk.mail_at("4", DAY_1, letter("bob@books.test", "4@s.test", "known").raw());
    desk.once_at(DAY_1);
    assert_eq!(desk.cases().len(), 1);
    assert_eq!(desk.sent_to("sure@elsewhere.test").len(), 1, "once a day");
    assert_eq!(desk.sent_to("unsure@elsewhere.test").len(), 0);
    assert_eq!(desk.json(&["stray", "list", "--json"]).as_array().unwrap().len(), 3, "kept for staff");
}

#[test]
fn an_end_user_goes_through_the_main_point_of_contact_whose_mail_sets_the_case_going() {
    let desk = with_directory("authorised_contacts_only = true\n");
    let case = one_case(&desk, "bob@books.test");
    let shown = desk.case(&case);
    assert_eq!(shown["status"], "awaiting-customer");
    assert_eq!(shown["requester"], "grace@books.test");
    assert!(shown["clocks"].as_array().unwrap().is_empty(), "nobody works it: {}", shown["clocks"]);
    let told = desk.sent_to("bob@books.test");
    assert!(told[0].contains("Grace Hopper"), "{}", told[0]);
    assert!(told[0].contains("told them of your request"), "nothing was shown: {}", told[0]);
    let asked = desk.sent_to("grace@books.test");
    assert!(asked[0].contains("bob@books.test"));
    assert!(!asked[0].contains("It does not work"), "an unverified sender's words go to nobody");
    // The end user alone moves nothing.
    let extra = answering(&told[0]);
    let again = desk::Letter { extra: &extra, ..letter("bob@books.test", "2@b.test", "Re: please!") };
    desk.mail_at("2", LATER, again.raw());
    desk.once_at(LATER);
    assert_eq!(desk.case(&case)["status"], "awaiting-customer");
    let extra = answering(&asked[0]);
    let yes = desk::Letter { extra: &extra, ..letter("grace@books.test", "3@b.test", "Re: yes") };
    desk.mail_at("3", "2026-11-03T12:00:00Z", yes.raw());
    desk.once_at("2026-11-03T12:00:00Z");
    let shown = desk.case(&case);
    assert_eq!(shown["status"], "in-progress");
    assert_eq!(shown["clocks"][0]["clock"], "review");
    let agreed = &desk.sent_to("bob@books.test")[1];
    assert!(agreed.contains("has agreed; we are"), "{agreed}");
    let confirmed = &desk.sent_to("grace@books.test")[1];
    assert!(confirmed.contains("You have agreed to the request of"), "{confirmed}");
    // The main point of contact's own request is an ordinary one.
    desk.mail_at("4", "2026-11-03T12:30:00Z", letter("grace@books.test", "4@b.test", "Mine").raw());
    desk.once_at("2026-11-03T12:30:00Z");
    assert_eq!(desk.cases()[1]["status"], "new");
}

#[test]
fn a_contact_is_told_times_in_their_zone_and_greeted_by_their_name() {
    let desk = with_directory("");
    desk.mail_at("1", "2026-11-03T09:59:00Z", letter("grace@books.test", "1@g.test", "Line down").raw());
    desk.once_at(DAY_1);
    let mail = &desk.sent_to("grace@books.test")[0];
    assert!(mail.contains("02:59 (MST)") && mail.contains("Hello Grace Hopper"), "{mail}");
    desk.run(&["--now", DAY_1, "case", "open", "--requester", "grace@books.test", "--subject", "By phone"]).ok();
    assert_eq!(desk.cases()[1]["requester_name"], "Grace Hopper");
}

#[test]
fn staff_change_an_address_and_the_cases_follow() {
    let desk = with_directory("");
    let case = one_case(&desk, "ada@private.test");
    desk.run(&["--now", DAY_1, "contact", "set", "ada@private.test", "address=ada@new.test"]).ok();
    assert_eq!(desk.case(&case)["requester"], "ada@new.test");
    let shown = desk.json(&["contact", "show", "ada@new.test", "--json"]);
    assert_eq!(shown["open_cases"][0]["reference"], case.as_str());
    assert!(shown["history"].to_string().contains("ada@private.test -> ada@new.test"), "{shown}");
    let taken = desk.run(&["--now", DAY_1, "contact", "set", "ada@new.test", "address=grace@books.test"]);
    assert!(taken.code == 1 && taken.err.contains("another contact"), "{}", taken.err);
}

#[test]
fn a_robot_that_sets_no_header_gets_no_more_than_one_question_and_one_refusal_a_day() {
    for policy in ["confirm", "refuse"] {
        let desk = with_directory(&format!("unknown_sender = \"{policy}\"\n"));
        let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
        desk.write(
            "casepost.toml",
            &config.replace("maildir = \"inbox\"", "maildir = \"inbox\"\nauthserv_id = \"mx\""),
        );
        for n in 1..=8 {
            // It answers whatever it gets, without citing anything.
            let (id, subject) = (format!("{n}@robot.test"), format!("We got your mail, number {n}"));
            let extra = "Authentication-Results: mx; dmarc=pass\n";
            let mail = desk::Letter { extra, ..letter("info@robot.test", &id, &subject) };
            let at = format!("2026-11-03T1{n}:00:00Z");
            desk.mail_at(&n.to_string(), &at, mail.raw());
            desk.once_at(&at);
        }
        assert_eq!(desk.sent_to("info@robot.test").len(), 1, "{policy}");
        assert_eq!(desk.cases().len(), 0, "{policy}");
    }
}

#[test]
fn cases_of_one_organisation_are_merged_though_their_requesters_have_other_domains() {
    let desk = with_directory("");
    for (n, from) in [("1", "ada@private.test"), ("2", "bob@books.test"), ("3", "eve@bikes.test")] {
        desk.mail_at(n, "2026-11-03T09:59:00Z", letter(from, &format!("{n}@m.test"), "Line down").raw());
    }
    desk.once_at(DAY_1);
    let all: Vec<String> = desk.cases().iter().map(reference).collect();
    let merge = |from: &str, into: &str| desk.run(&["--now", DAY_1, "case", "merge", from, into, "--silent"]);
    merge(&all[0], &all[1]).ok();
    assert_eq!(merge(&all[2], &all[1]).code, 3);
}

#[test]
fn a_contact_confirms_a_new_address_by_a_reply_from_the_old_one_only() {
    let desk = with_directory("");
    let asks = ["--now", DAY_1, "contact", "set", "ada@private.test", "--ask", "address=ada@new.test"];
    desk.run(&asks).ok();
    desk.once_at(DAY_1);
    assert!(desk.sent_to("ada@new.test").is_empty(), "nothing is said at the new address");
    let extra = answering(&desk.sent_to("ada@private.test")[0]);
    let answer = |from: &'static str, id: &'static str, text: &'static str| {
        desk::Letter { extra: &extra, text, ..letter(from, id, "Re: Please confirm your new address") }.raw()
    };
    desk.mail_at("1", LATER, answer("ada@new.test", "1@a.test", "yes"));
    desk.mail_at("2", LATER, answer("ada@private.test", "2@a.test", "No, I did not ask for this!"));
    desk.once_at(LATER);
    assert_eq!(desk.run(&["contact", "show", "ada@new.test"]).code, 4);
    assert_eq!(desk.cases().len(), 2, "staff see both");
    desk.mail_at("3", LATER, answer("ada@private.test", "3@a.test", "Yes, please."));
    desk.once_at(LATER);
    assert_eq!(desk.json(&["contact", "show", "ada@new.test", "--json"])["name"], "Ada Lovelace");
    assert_eq!(desk.run(&["contact", "show", "ada@private.test"]).code, 4);
    assert_eq!(desk.cases().len(), 2);
    let own = ["--now", LATER, "contact", "set", "ada@new.test", "--ask", "address=support@desk.test"];
    assert_eq!(desk.run(&own).code, 3);
}

#[test]
fn staff_open_a_case_by_a_mail_that_was_refused() {
    let desk = with_directory("unknown_sender = \"refuse\"\n");
    desk.mail_at("1", "2026-11-03T09:50:00Z", letter("new@elsewhere.test", "1@n.test", "hello").raw());
    desk.once_at(DAY_1);
    let number = desk.json(&["stray", "list", "--json"])[0]["number"].to_string();
    desk.run(&["--now", LATER, "stray", "open", &number]).ok();
    desk.once_at(LATER);
    let cases = desk.cases();
    assert_eq!(cases[0]["opened_at"], "2026-11-03T09:50:00Z");
    assert_eq!(desk.sent_to("new@elsewhere.test").len(), 1);
    assert_eq!(desk.run(&["--now", LATER, "stray", "open", &number]).code, 4, "once");
}

#[test]
fn a_file_with_a_mistake_changes_nothing_and_says_where_it_is() {
    let desk = with_directory("");
    let import = |kind: &str, text: &str| {
        desk.write("x.csv", text);
        desk.run(&["--now", DAY_1, kind, "import", "x.csv"])
    };
    let wrong = import("contact", "address;zone\nok@books.test;Europe/Oslo\nno;Mars\n");
    assert_eq!(wrong.code, 1);
    assert!(wrong.err.contains("x.csv: line 3, column address: \"no\" is no mail address"), "{}", wrong.err);
    assert_eq!(desk.run(&["contact", "show", "ok@books.test"]).code, 4, "nothing was written");
    let unknown = import("contact", "address,shoe size\n");
    assert!(unknown.err.contains("unknown column \"shoe size\" (allowed: address, name"), "{}", unknown.err);
    let freemail = import("organisation", "name,domains\nX,gmail.com\n");
    assert!(freemail.err.contains("gmail.com") && freemail.err.contains("--force"), "{}", freemail.err);
    let taken = import("organisation", "name,domains\nX,bikes.test\n");
    assert!(taken.err.contains("a domain of Bikes"), "{}", taken.err);
    let pattern = import("organisation", "name,reference_pattern\nX,INC(\n");
    assert!(
        pattern.err.contains("line 2, column reference_pattern") && pattern.err.contains("unclosed"),
        "{}",
        pattern.err
    );
    let short = import("contact", "address,name\n\nx@books.test\n");
    assert!(short.err.contains("line 3: 1 values for 2 columns"), "{}", short.err);
    let latin = desk.path("latin.csv");
    std::fs::write(&latin, b"address,name\nx@books.test,Ren\xe9\n").unwrap();
    let latin = desk.run(&["--now", DAY_1, "contact", "import", "latin.csv"]);
    assert!(latin.err.contains("line 2 is not UTF-8"), "{}", latin.err);
}

#[test]
fn an_import_counts_what_is_new_changed_and_the_same_and_a_dry_run_writes_nothing() {
    let desk = with_directory("");
    let import =
        |arguments: &[&str]| desk.run(&[&["--now", DAY_1, "contact", "import", "x.csv"], arguments].concat()).ok();
    let text = "\u{feff}sep=;\r\n\"E-Mail\";Name\r\nGRACE@books.test;\"Hopper; Grace\"\r\nada@private.test;Ada Lovelace\r\nz@books.test;Zoë\r\n;\r\n";
    desk.write("x.csv", text);
    assert!(import(&["--dry-run"]).contains("1 new, 1 changed, 1 the same (dry run"));
    assert!(import(&[]).contains("1 new, 1 changed, 1 the same"));
    assert!(import(&[]).contains("0 new, 0 changed, 3 the same"));
    let grace = desk.json(&["contact", "show", "grace@books.test", "--json"]);
    assert_eq!(grace["name"], "Hopper; Grace");
    assert_eq!(grace["telephone"], "+1 303 555 0142", "a column that is not there changes nothing");
}

#[test]
fn services_are_found_by_any_number_and_belong_to_an_organisation() {
    let desk = with_directory("");
    desk.write(
        "s.csv",
        "service_id,circuit_id,order_number,site,organisation\nIS-1,FRA/1 2,O-9,Oslo,OCN-100\n,FRA/3,,Rome,Bikes\n",
    );
    assert!(desk.run(&["--now", DAY_1, "service", "import", "s.csv"]).ok().contains("2 new"));
    assert!(desk.run(&["--now", DAY_1, "service", "import", "s.csv"]).ok().contains("2 the same"));
    assert_eq!(desk.json(&["service", "show", "fra/12", "--json"])[0]["site"], "Oslo");
    assert_eq!(desk.json(&["service", "list", "--organisation", "bikes", "--json"])[0]["circuit_id"], "FRA/3");
    let shown = desk.json(&["organisation", "show", "ocn-100", "--json"]);
    assert_eq!(shown["services"][0]["service_id"], "IS-1");
    assert_eq!(shown["contacts"][0]["address"], "grace@books.test", "main contacts first");
    let refused = desk.run(&["--now", DAY_1, "organisation", "remove", "Bikes"]);
    assert_eq!(refused.code, 3, "{}", refused.err);
}

#[test]
fn a_platform_that_the_policy_does_not_have_is_warned_of_by_import_and_by_hand() {
    let desk = Desk::on_maildir();
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    desk.write("casepost.toml", &format!("rules = \"rules\"\npolicy = \"own\"\n{config}"));
    std::fs::create_dir_all(desk.path("rules/own")).unwrap();
    desk.write("rules/own/policy.toml", "extends = \"base\"\n[platforms]\nvoice = \"Hosted voice\"\n");
    desk.write("o.csv", "name\nBikes\n");
    desk.run(&["organisation", "import", "o.csv"]).ok();
    let warns =
        |said: &str, key: &str| said.contains("warning:") && said.contains(key) && said.contains("known: voice");
    desk.write("s.csv", "service_id,platform,organisation\nIS-1,Voice,Bikes\n");
    let good = desk.run(&["service", "import", "s.csv"]).ok();
    assert!(!good.contains("warning"), "{good}");
    desk.write("s.csv", "service_id,platform,organisation\nIS-2,vioce,Bikes\n");
    let imported = desk.run(&["service", "import", "s.csv"]).ok();
    assert!(imported.contains("1 new") && warns(&imported, "vioce"), "{imported}");
    let mended = desk.run(&["service", "set", "IS-2", "platform=voice"]).ok();
    assert!(!mended.contains("warning"), "{mended}");
    let set = desk.run(&["service", "set", "IS-3", "--new", "organisation=Bikes", "platform=telegraph"]).ok();
    assert!(warns(&set, "telegraph"), "{set}");
}

#[test]
fn the_files_of_the_handbook_are_taken_as_they_stand() {
    let handbook = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operating.md")).unwrap();
    let files: Vec<&str> = handbook.split("```csv\n").skip(1).map(|rest| rest.split("```").next().unwrap()).collect();
    let desk = Desk::on_maildir();
    for (kind, new) in [("organisation", 2), ("contact", 3), ("service", 2)] {
        let header = desk.run(&[kind, "import", "--help"]).out;
        let file = files.iter().find(|file| {
            file.starts_with(match kind {
                "organisation" => "name,",
                "contact" => "address,",
                _ => "service_id,",
            })
        });
        desk.write("file.csv", file.expect(kind));
        let done = desk.run(&["--now", DAY_1, kind, "import", "file.csv"]).ok();
        assert!(done.contains(&format!("{new} new, 0 changed, 0 the same")), "{done}");
        for column in file.unwrap().lines().next().unwrap().split(',') {
            assert!(header.contains(column), "{kind} import --help does not name {column}");
        }
    }
}

#[test]
fn a_mail_that_tells_of_a_new_address_is_confirmed_at_the_old_one_from_whichever_it_comes() {
    for (from, other) in [("ada@private.test", "ada@new.test"), ("ada@new.test", "ada@private.test")] {
        let desk = with_directory("");
        let text = format!("Hello,\n\nplease change my email address. The other one is {other}.\n\nAda");
        desk.mail_at("1", DAY_1, Letter { text: &text, ..letter(from, "1@first.test", "New address") }.raw());
        desk.once_at(DAY_1);
        let asked: Vec<String> = desk
            .sent_to("ada@private.test")
            .into_iter()
            .filter(|mail| mail.contains("confirm your new address"))
            .collect();
        assert_eq!(asked.len(), 1, "{from}");
        assert!(!desk.sent_to("ada@new.test").iter().any(|mail| mail.contains("confirm your new address")), "{from}");
        let extra = answering(&asked[0]);
        let yes = Letter { text: "Yes.", extra: &extra, ..letter("ada@private.test", "2@first.test", "Re: confirm") };
        desk.mail_at("2", LATER, yes.raw());
        desk.once_at(LATER);
        let contact = desk.json(&["contact", "show", "ada@new.test", "--json"]);
        assert_eq!(contact["name"], "Ada Lovelace", "{from}");
    }
}

#[test]
fn a_service_of_another_customer_is_not_taken_for_the_writers_own_and_they_are_not_told() {
    let desk = with_directory("");
    desk.write("services.csv", "service_id,circuit_id,organisation\nVPN-1001,C-77-A,Books & Maps\nVPN-2002,,Bikes\n");
    desk.run(&["--now", "2026-11-03T08:00:00Z", "service", "import", "services.csv"]).ok();
    let text = "The line is down.\n\nService ID: VPN-1001";
    desk.write("own.eml", &Letter { text, ..letter("grace@books.test", "1@books.test", "Line down") }.raw());
    desk.write("foreign.eml", &Letter { text, ..letter("carl@bikes.test", "2@bikes.test", "Line down") }.raw());
    let page = |file: &str| desk.run(&["explain", file]).ok();
    let doubts = |page: &str| page.lines().any(|line| line.contains("VPN-1001") && line.contains("but "));
    assert!(!doubts(&page("own.eml")), "{}", page("own.eml"));
    assert!(doubts(&page("foreign.eml")), "{}", page("foreign.eml"));
    desk.mail_at("2", DAY_1, std::fs::read(desk.path("foreign.eml")).unwrap());
    desk.once_at(DAY_1);
    let to_customer = desk.sent_to("carl@bikes.test").concat();
    assert!(!to_customer.contains("Books") && !to_customer.contains("another"), "{to_customer}");
    assert!(desk.sent_to("frida@desk.test").concat().contains("VPN-1001"), "staff see it");
}

#[test]
fn what_staff_hand_on_is_a_case_of_whoever_wrote_it() {
    let desk = with_directory("");
    let text = "Please take this.\n\n---------- Forwarded message ---------\nFrom: Ada Lovelace <ada@private.test>\n\
                Date: Tue, 3 Nov 2026 at 09:12\nSubject: Line down\nTo: Frida <frida@desk.test>\n\nThe line is down.\n";
    let forward = letter("frida@desk.test", "1@desk.test", "Fwd: Line down");
    desk.mail_at("1", DAY_1, Letter { text, ..forward }.raw());
    let attached = "From: Frida <frida@desk.test>\nTo: support@desk.test\nSubject: Fwd: no dial tone\nMessage-ID: <2@desk.test>\n\
        MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee there.\n--b\n\
        Content-Type: message/rfc822\n\nFrom: Grace <grace@books.test>\nSubject: no dial tone\n\nNo dial tone.\n--b--\n";
    desk.mail_at("2", DAY_1, attached);
    // Their own matter stays theirs, also when they mention a mail.
    desk.mail_at(
        "3",
        DAY_1,
        Letter { text: "My chair is broken.", ..letter("frida@desk.test", "3@desk.test", "Chair") }.raw(),
    );
    desk.once_at(DAY_1);
    let mut found: Vec<(String, String)> = desk
        .cases()
        .iter()
        .map(|c| (c["subject"].as_str().unwrap().to_owned(), c["requester"].as_str().unwrap().to_owned()))
        .collect();
    found.sort();
    let expected =
        [("Chair", "frida@desk.test"), ("Line down", "ada@private.test"), ("no dial tone", "grace@books.test")];
    assert_eq!(found, expected.map(|(subject, who)| (subject.to_owned(), who.to_owned())));
    assert_eq!(desk.sent_to("ada@private.test").len(), 1, "the acknowledgement goes to the customer");
    // The same from a customer is a mail of that customer.
    desk.mail_at("4", LATER, Letter { text, ..letter("carl@bikes.test", "4@bikes.test", "Fwd: Line down") }.raw());
    desk.once_at(LATER);
    assert_eq!(desk.cases()[3]["requester"], "carl@bikes.test");
}

#[test]
fn an_encrypted_mail_is_a_case_that_says_that_it_cannot_be_read_to_both_sides() {
    let desk = with_directory("");
    let mail = "From: ada@private.test\nTo: support@desk.test\nSubject: secret\nMessage-ID: <1@private.test>\nMIME-Version: 1.0\n\
        Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n--b\n\
        Content-Type: application/pgp-encrypted\n\nVersion: 1\n\n--b\nContent-Type: application/octet-stream\n\n\
        -----BEGIN PGP MESSAGE-----\n\nhQEMA\n-----END PGP MESSAGE-----\n--b--\n";
    desk.mail_at("1", DAY_1, mail);
    desk.once_at(DAY_1);
    assert!(
        desk.sent_to("ada@private.test")[0].contains("is encrypted, and we"),
        "{}",
        desk.sent_to("ada@private.test")[0]
    );
    assert!(desk.sent_to("frida@desk.test").concat().contains("encrypted: what it says can"), "staff know");
}

#[test]
fn a_from_alone_neither_closes_a_case_nor_brings_anybody_into_it() {
    let desk = with_directory("");
    let case = one_case(&desk, "ada@private.test");
    let subject = format!("[{case}] Printer on fire");
    let extra = "Cc: eve@elsewhere.test\n";
    let forged =
        Letter { text: "Please close this case.", extra, ..letter("ada@private.test", "2@evil.test", &subject) };
    desk.mail_at("2", LATER, forged.raw());
    desk.once_at(LATER);
    assert_eq!(desk.case(&case)["status"], "new");
    desk.write("answer.txt", "Which printer?");
    desk.run(&["--now", LATER, "case", "reply", &case, "--file", "answer.txt"]).ok();
    desk.once_at(LATER);
    assert!(desk.sent_to("eve@elsewhere.test").is_empty());
    assert!(desk.sent_to("frida@desk.test").concat().contains("asks that the case be closed"));
}
