//! What mail does to cases, told on a Maildir with a drill's clock.

mod desk;

use desk::{Desk, answering, header, letter, reference};

const DAY_1: &str = "2026-11-03T10:00:00Z";

fn one_case(desk: &Desk) -> String {
    desk.mail_at("1", "2026-11-03T09:59:00Z", letter("ada@books.test", "1@books.test", "Printer on fire").raw());
    desk.once_at(DAY_1);
    reference(&desk.cases()[0])
}

#[test]
fn a_mail_becomes_a_p4_case_and_is_acknowledged_once() {
    let desk = Desk::on_maildir();
    let case = one_case(&desk);
    let shown = desk.case(&case);
    assert_eq!(shown["status"], "new");
    assert_eq!(shown["priority"], "P4");
    assert_eq!(shown["subject"], "Printer on fire");
    assert_eq!(shown["requester"], "ada@books.test");
    assert_eq!(shown["opened_at"], "2026-11-03T09:59:00Z");
    let sent = desk.sent_to("ada@books.test");
    assert_eq!(sent.len(), 1);
    assert_eq!(header(&sent[0], "Subject").unwrap(), format!("[{case}] Printer on fire"));
    assert_eq!(header(&sent[0], "Auto-Submitted").unwrap(), "auto-replied");
    assert_eq!(header(&sent[0], "In-Reply-To").unwrap(), "<1@books.test>");
    assert!(header(&sent[0], "References").unwrap().contains(&format!("<{case}.")));
    assert_eq!(desk.sent_to("frida@desk.test").len(), 1);
    desk.once_at(DAY_1);
    assert_eq!(desk.sent_to("ada@books.test").len(), 1);
}

#[test]
fn the_same_mail_by_another_way_is_one_case_and_with_a_footer_a_variant_on_it() {
    let desk = Desk::on_maildir();
    let mail = letter("ada@books.test", "1@books.test", "Printer").raw();
    desk.mail_at("1", DAY_1, &mail);
    desk.mail_at("2", DAY_1, format!("Received: from elsewhere\nX-Way: other\n{mail}"));
    desk.mail_at("3", DAY_1, format!("{mail}\n_______\nScanned by a list\n"));
    desk.once_at(DAY_1);
    let cases = desk.cases();
    assert_eq!(cases.len(), 1);
    let shown = desk.case(&reference(&cases[0]));
    let dispositions: Vec<&str> =
        shown["mails"].as_array().unwrap().iter().map(|m| m["disposition"].as_str().unwrap()).collect();
    assert_eq!(dispositions, ["opened", "variant"]);
    assert_eq!(desk.sent_to("ada@books.test").len(), 1);
}

#[test]
fn mails_without_the_usual_headers_still_become_cases() {
    let desk = Desk::on_maildir();
    desk.mail_at("1", DAY_1, "Subject: no sender\n\nx\n");
    desk.mail_at("2", DAY_1, "From: ada@books.test\n\nneither id, date nor subject\n");
    desk.mail_at("3", DAY_1, "just text\n");
    desk.mail_at("4", "2026-11-03T10:00:00Z", "");
    desk.once_at(DAY_1);
    assert_eq!(desk.cases().len(), 3);
    assert_eq!(desk.sent_to("ada@books.test").len(), 1);
    assert_eq!(desk.json(&["quarantine", "list", "--json"]).as_array().unwrap().len(), 1);
}

#[test]
fn a_reply_to_the_acknowledgement_joins_whatever_its_subject() {
    let desk = Desk::on_maildir();
    let case = one_case(&desk);
    let extra = answering(&desk.sent_to("ada@books.test")[0]);
    let reply = desk::Letter { extra: &extra, ..letter("ada@books.test", "2@books.test", "quite another subject") };
    desk.mail_at("2", "2026-11-03T11:00:00Z", reply.raw());
    desk.once_at("2026-11-03T11:00:00Z");
    assert_eq!(desk.cases().len(), 1);
    assert_eq!(desk.case(&case)["mails"].as_array().unwrap().len(), 2);
    assert_eq!(desk.sent_to("ada@books.test").len(), 1, "a reply is not acknowledged");
}

#[test]
fn a_participant_who_cites_the_customers_own_mail_joins_and_a_stranger_does_not() {
    let desk = Desk::on_maildir();
    let case = one_case(&desk);
    let extra = "In-Reply-To: <1@books.test>\n";
    let colleague = desk::Letter { extra, ..letter("bob@books.test", "2@books.test", "Re: Printer on fire") };
    let stranger = desk::Letter { extra, ..letter("eve@elsewhere.test", "3@elsewhere.test", "Re: Printer on fire") };
    desk.mail_at("2", "2026-11-03T11:00:00Z", colleague.raw());
    desk.mail_at("3", "2026-11-03T11:00:00Z", stranger.raw());
    desk.once_at("2026-11-03T11:00:00Z");
    assert_eq!(desk.case(&case)["mails"].as_array().unwrap().len(), 2);
    let cases = desk.cases();
    assert_eq!(cases.len(), 2);
    let other = cases.iter().find(|c| reference(c) != case).unwrap();
    assert_eq!(other["links"][0]["kind"], "named");
    let told = desk.sent_to("eve@elsewhere.test").concat();
    assert!(!told.contains(&case) && !told.contains("fire]"), "{told}");
}

#[test]
fn the_reference_in_a_subject_threads_in_both_forms_but_not_with_a_typo_or_for_a_stranger() {
    let desk = Desk::on_maildir();
    let case = one_case(&desk);
    let telephone = case.replace('-', "");
    let mut typo = case.clone().into_bytes();
    typo[6] = if typo[6] == b'9' { b'0' } else { typo[6] + 1 };
    let typo = String::from_utf8(typo).unwrap();
    for (n, (from, subject)) in [
        ("ada@books.test", format!("Re: [{case}] x")),
        ("ada@books.test", format!("about {telephone}")),
        ("ada@books.test", format!("about {typo}")),
        ("eve@elsewhere.test", format!("[{case}] x")),
    ]
    .iter()
    .enumerate()
    {
        let id = format!("{n}@subject.test");
        desk.mail_at(&format!("s{n}"), "2026-11-03T11:00:00Z", letter(from, &id, subject).raw());
    }
    desk.once_at("2026-11-03T11:00:00Z");
    assert_eq!(desk.case(&case)["mails"].as_array().unwrap().len(), 3);
    assert_eq!(desk.cases().len(), 3);
}

#[test]
fn a_colleague_who_answers_a_forwarded_mail_joins_as_a_stranger_and_gets_no_mail() {
    let desk = Desk::on_maildir();
    let case = one_case(&desk);
    let extra = answering(&desk.sent_to("ada@books.test")[0]);
    let reply = desk::Letter { extra: &extra, ..letter("tom@wiring.test", "2@wiring.test", "Fwd: Printer on fire") };
    desk.mail_at("2", "2026-11-03T11:00:00Z", reply.raw());
    desk.once_at("2026-11-03T11:00:00Z");
    let shown = desk.case(&case);
    assert_eq!(shown["mails"][1]["standing"], "stranger");
    assert!(shown["participants"].as_array().unwrap().is_empty());
    desk.run(&["--now", "2026-11-03T12:00:00Z", "case", "reply", &case, "--text", "Thank you both."]).ok();
    desk.once_at("2026-11-03T12:00:00Z");
    assert!(desk.sent_to("tom@wiring.test").is_empty());
    assert_eq!(desk.sent_to("ada@books.test").len(), 2);
}

#[test]
fn robots_lists_and_spam_are_never_answered() {
    let desk = Desk::on_maildir();
    let case = one_case(&desk);
    let acknowledged = answering(&desk.sent_to("ada@books.test")[0]);
    for (n, (from, extra)) in [
        ("ada@books.test", format!("{acknowledged}Auto-Submitted: auto-replied\n")),
        ("ooo@books.test", "Auto-Submitted: auto-replied\n".to_owned()),
        ("monitor@books.test", "Auto-Submitted: auto-generated\n".to_owned()),
        ("list@news.test", "List-Id: <news.test>\nPrecedence: list\n".to_owned()),
        ("win@lottery.test", "X-Spam-Flag: YES\n".to_owned()),
    ]
    .iter()
    .enumerate()
    {
        let id = format!("{n}@robots.test");
        let mail = desk::Letter { extra, ..letter(from, &id, "robot") };
        desk.mail_at(&format!("r{n}"), "2026-11-03T11:00:00Z", mail.raw());
    }
    desk.once_at("2026-11-03T11:00:00Z");
    assert_eq!(desk.sent_to("ada@books.test").len(), 1);
    for robot in ["ooo@books.test", "monitor@books.test", "list@news.test", "win@lottery.test"] {
        assert!(desk.sent_to(robot).is_empty(), "{robot}");
    }
    assert_eq!(desk.case(&case)["status"], "new");
    assert_eq!(desk.json(&["stray", "list", "--json"]).as_array().unwrap().len(), 2);
    let cases = desk.cases();
    assert_eq!(cases.len(), 3, "monitoring and spam open cases, silently");
    assert!(cases.iter().any(|c| c["spam"] == true));
}

#[test]
fn an_out_of_office_reopens_no_closed_case_and_stops_no_clock() {
    let desk = Desk::on_maildir();
    let case = one_case(&desk);
    desk.run(&["--now", "2026-11-03T12:00:00Z", "case", "reply", &case, "--text", "Which model?", "--await"]).ok();
    desk.once_at("2026-11-03T12:00:00Z");
    for (n, now) in ["2026-11-03T12:01:00Z", "2026-11-06T13:00:00Z"].iter().enumerate() {
        let threading = answering(desk.sent_to("ada@books.test").last().unwrap());
        let extra = format!("{threading}Auto-Submitted: auto-replied\n");
        let id = format!("ooo{n}@books.test");
        let away = desk::Letter { extra: &extra, ..letter("ada@books.test", &id, "Out of office") };
        desk.mail_at(&format!("ooo{n}"), now, away.raw());
        desk.once_at(now);
        desk.once_at("2026-11-05T12:00:00Z".max(now));
        desk.once_at("2026-11-06T12:00:00Z".max(now));
    }
    assert_eq!(desk.case(&case)["status"], "closed-no-response");
}

#[test]
fn the_desks_own_mail_that_comes_back_is_dropped_with_a_note() {
    let desk = Desk::on_maildir();
    one_case(&desk);
    let own = desk.sent_to("ada@books.test")[0].clone();
    desk.mail_at("back", "2026-11-03T11:00:00Z", own);
    let staff = desk.sent_to("frida@desk.test").len();
    desk.once_at("2026-11-03T10:05:00Z");
    assert_eq!(desk.cases().len(), 1);
    assert_eq!(desk.sent_to("frida@desk.test").len(), staff);
}

#[test]
fn closed_for_exactly_seven_days_a_reply_reopens_and_a_second_later_it_opens_a_linked_case() {
    for (received_at, reopens) in [("2026-11-10T12:00:00Z", true), ("2026-11-10T12:00:01Z", false)] {
        let desk = Desk::on_maildir();
        let case = one_case(&desk);
        desk.run(&["--now", "2026-11-03T12:00:00Z", "case", "close", &case]).ok();
        desk.once_at("2026-11-03T12:00:00Z");
        let extra = answering(desk.sent_to("ada@books.test").last().unwrap());
        let reply = desk::Letter { extra: &extra, ..letter("ada@books.test", "2@books.test", "Re: Printer on fire") };
        desk.mail_at("2", received_at, reply.raw());
        // Read an hour later: what counts is when the mail server had it.
        desk.once_at("2026-11-10T13:00:00Z");
        let shown = desk.case(&case);
        let last = desk.sent_to("ada@books.test").pop().unwrap();
        if reopens {
            assert_eq!(shown["status"], "reopened");
            assert!(shown["closed_at"].is_null());
            assert_eq!(desk.cases().len(), 1);
        } else {
            assert_eq!(shown["status"], "closed");
            assert_eq!(shown["links"][0]["kind"], "continued-by");
            let successor = shown["links"][0]["reference"].as_str().unwrap();
            assert_eq!(desk.case(successor)["links"][0]["reference"], case.as_str());
            assert!(last.contains(successor) && last.contains(&case), "both are named: {last}");
        }
    }
}

#[test]
fn a_mail_received_before_the_closing_but_read_after_it_reopens() {
    let desk = Desk::on_maildir();
    let case = one_case(&desk);
    let extra = answering(&desk.sent_to("ada@books.test")[0]);
    let reply = desk::Letter { extra: &extra, ..letter("ada@books.test", "2@books.test", "Re: Printer on fire") };
    desk.mail_at("2", "2026-11-03T11:59:00Z", reply.raw());
    desk.run(&["--now", "2026-11-03T12:00:00Z", "case", "close", &case, "--silent"]).ok();
    desk.once_at("2026-11-03T12:05:00Z");
    assert_eq!(desk.case(&case)["status"], "reopened");
}

#[test]
fn a_later_reply_to_the_old_thread_goes_to_the_newest_successor_and_never_to_a_third_case() {
    let desk = Desk::on_maildir();
    let case = one_case(&desk);
    desk.run(&["--now", "2026-11-03T12:00:00Z", "case", "close", &case]).ok();
    desk.once_at("2026-11-03T12:00:00Z");
    let extra = answering(desk.sent_to("ada@books.test").last().unwrap());
    let reply = |id| desk::Letter { extra: &extra, ..letter("ada@books.test", id, "Re: Printer on fire") }.raw();
    desk.mail_at("2", "2026-11-12T12:00:00Z", reply("2@books.test"));
    desk.once_at("2026-11-12T12:00:00Z");
    desk.mail_at("3", "2026-11-15T12:00:00Z", reply("3@books.test"));
    desk.once_at("2026-11-15T12:00:00Z");
    assert_eq!(desk.cases().len(), 2);
    let successor = desk.case(&case)["links"][0]["reference"].as_str().unwrap().to_owned();
    assert_eq!(desk.case(&successor)["mails"].as_array().unwrap().len(), 2);
    // The same rule on the successor: within its seven days it reopens, later a third case follows.
    desk.run(&["--now", "2026-11-16T12:00:00Z", "case", "close", &successor]).ok();
    desk.mail_at("4", "2026-11-20T12:00:00Z", reply("4@books.test"));
    desk.once_at("2026-11-20T12:00:00Z");
    assert_eq!(desk.case(&successor)["status"], "reopened");
    assert_eq!(desk.cases().len(), 2);
}

#[test]
fn answers_go_to_reply_to_only_within_the_writers_own_organisation() {
    for (reply_to, answered) in [("help@books.test", "help@books.test"), ("victim@elsewhere.test", "ada@books.test")] {
        let desk = Desk::on_maildir();
        let extra = format!("Reply-To: {reply_to}\n");
        let mail = desk::Letter { extra: &extra, ..letter("ada@books.test", "1@books.test", "Printer") };
        desk.mail_at("1", DAY_1, mail.raw());
        desk.once_at(DAY_1);
        assert_eq!(desk.sent_to(answered).len(), 1, "{reply_to}");
        assert_eq!(desk.cases()[0]["requester"], "ada@books.test");
    }
}

#[test]
fn people_in_cc_of_the_requester_take_part_and_get_what_staff_write_but_no_automatic_mail() {
    let desk = Desk::on_maildir();
    let mail = desk::Letter {
        extra: "Cc: bob@partner.test, support@desk.test\n",
        ..letter("ada@books.test", "1@books.test", "Printer")
    };
    desk.mail_at("1", DAY_1, mail.raw());
    desk.once_at(DAY_1);
    assert!(desk.sent_to("bob@partner.test").is_empty());
    let case = reference(&desk.cases()[0]);
    desk.run(&["--now", DAY_1, "case", "reply", &case, "--text", "We look at it."]).ok();
    desk.once_at(DAY_1);
    assert_eq!(desk.sent_to("bob@partner.test").len(), 1);
    let extra = "In-Reply-To: <1@books.test>\n";
    let reply = desk::Letter { extra, ..letter("bob@partner.test", "2@partner.test", "Re: Printer") };
    desk.mail_at("2", DAY_1, reply.raw());
    desk.once_at(DAY_1);
    assert_eq!(desk.case(&case)["mails"][1]["standing"], "participant");
}

#[test]
fn mail_to_a_merged_case_goes_to_its_main_case_by_either_reference() {
    let desk = Desk::on_maildir();
    let main = one_case(&desk);
    desk.mail_at("2", "2026-11-03T10:01:00Z", letter("bob@books.test", "2@books.test", "Smoke").raw());
    desk.once_at("2026-11-03T10:01:00Z");
    let twin = desk.cases().iter().map(reference).find(|r| *r != main).unwrap();
    desk.run(&["--now", "2026-11-03T11:00:00Z", "case", "merge", &twin, &main]).ok();
    desk.mail_at(
        "3",
        "2026-11-03T12:00:00Z",
        letter("bob@books.test", "3@books.test", &format!("[{twin}] more")).raw(),
    );
    desk.mail_at(
        "4",
        "2026-11-03T12:00:00Z",
        letter("ada@books.test", "4@books.test", &format!("[{main}] more")).raw(),
    );
    desk.once_at("2026-11-03T12:00:00Z");
    assert_eq!(desk.cases().len(), 2);
    let shown = desk.case(&main);
    assert_eq!(shown["mails"].as_array().unwrap().len(), 3);
    assert_eq!(shown["participants"][0]["email"], "bob@books.test");
    assert_eq!(desk.case(&twin)["links"][0]["kind"], "duplicate-of");
}

#[test]
fn silence_is_warned_and_closed_and_an_answer_in_time_stops_it() {
    for answers in [false, true] {
        let desk = Desk::on_maildir();
        let case = one_case(&desk);
        desk.run(&["--now", "2026-11-03T12:00:00Z", "case", "reply", &case, "--text", "Which model?", "--await"]).ok();
        desk.once_at("2026-11-05T11:59:00Z");
        assert_eq!(desk.sent_to("ada@books.test").len(), 2);
        desk.once_at("2026-11-05T12:00:00Z");
        let warning = desk.sent_to("ada@books.test").pop().unwrap();
        assert!(
            header(&warning, "Subject").unwrap().contains("Please reply by Fri 6 November 2026, 13:00 (UTC+01:00)"),
            "{warning}"
        );
        if answers {
            let extra = answering(&warning);
            let reply = desk::Letter { extra: &extra, ..letter("ada@books.test", "2@books.test", "Re: x") };
            desk.mail_at("2", "2026-11-06T11:59:59Z", reply.raw());
        }
        // All mail first, then the clocks: an answer that is there is read before anything closes.
        desk.once_at("2026-11-06T12:00:00Z");
        let expected = if answers { "in-progress" } else { "closed-no-response" };
        assert_eq!(desk.case(&case)["status"], expected);
    }
}

#[test]
fn of_very_much_old_mail_the_list_shows_the_newest_and_says_how_much_more_there_is() {
    let desk = Desk::on_maildir();
    for n in 0..203 {
        let id = format!("{n}@books.test");
        desk.mail_at(&format!("{n:03}"), "2026-10-20T10:00:00Z", letter("ada@books.test", &id, "old").raw());
    }
    desk.once_at(DAY_1);
    let list = desk.sent_to("frida@desk.test").remove(0);
    let listed: Vec<bool> = desk.cases().iter().map(|case| list.contains(&reference(case))).collect();
    assert_eq!(listed, [vec![false; 3], vec![true; 200]].concat());
    assert!(list.contains("3 more, older ones, are not listed here"), "{list}");
}

#[test]
fn after_a_month_without_power_mail_is_read_first_and_what_was_missed_is_said_once() {
    let desk = Desk::on_maildir();
    for customer in ["silent", "answers", "resolved"] {
        let (address, id) = (format!("{customer}@books.test"), format!("{customer}1@books.test"));
        desk.mail_at(customer, "2026-11-03T09:00:00Z", letter(&address, &id, "help").raw());
    }
    desk.once_at(DAY_1);
    let case = |customer: &str| {
        let all = desk.cases();
        let of_them = |c: &&serde_json::Value| c["requester"] == format!("{customer}@books.test");
        reference(all.iter().find(of_them).unwrap())
    };
    let reply = |customer: &str, how: &str| {
        desk.run(&["--now", DAY_1, "case", "reply", &case(customer), "--text", "Which model?", how]).ok();
    };
    reply("silent", "--await");
    reply("answers", "--await");
    reply("resolved", "--resolve");
    desk.once_at(DAY_1);
    let before = |customer: &str| desk.sent_to(&format!("{customer}@books.test")).len();
    assert_eq!((before("silent"), before("answers"), before("resolved")), (2, 2, 2));

    let extra = answering(&desk.sent_to("answers@books.test")[1]);
    let answer = desk::Letter { extra: &extra, ..letter("answers@books.test", "answers2@books.test", "Re: x") };
    desk.mail_at("answer", "2026-11-04T09:00:00Z", answer.raw());
    for _ in 0..2 {
        desk.once_at("2026-12-03T09:00:00Z");
        assert_eq!(desk.case(&case("answers"))["status"], "in-progress");
        assert_eq!(desk.case(&case("resolved"))["status"], "closed");
        // Not warned and closed at once: the last business day begins with the warning.
        assert_eq!(desk.case(&case("silent"))["status"], "awaiting-customer");
        assert_eq!((before("silent"), before("answers"), before("resolved")), (3, 2, 3));
    }
    assert!(header(&desk.sent_to("silent@books.test")[2], "Subject").unwrap().contains("Please reply by"));
}

#[test]
fn a_warning_that_still_waits_when_the_customer_answers_is_not_sent() {
    let desk = Desk::on_maildir();
    let case = one_case(&desk);
    desk.run(&["--now", "2026-11-03T12:00:00Z", "case", "reply", &case, "--text", "Which model?", "--await"]).ok();
    desk.once_at("2026-11-03T12:00:00Z");
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    // Nothing can be sent for a day: the warning is decided, and waits.
    desk.write("sent-is-a-file", "");
    desk.write("casepost.toml", &config.replace("maildir:sent", "maildir:sent-is-a-file"));
    let no_way_out = desk.run(&["--now", "2026-11-05T12:00:00Z", "run", "--once"]);
    assert!(no_way_out.code == 75 && no_way_out.err.contains("stays in the outbox"), "{}", no_way_out.err);
    let extra = answering(&desk.sent_to("ada@books.test")[1]);
    let reply = desk::Letter { extra: &extra, ..letter("ada@books.test", "2@books.test", "Re: x") };
    desk.mail_at("2", "2026-11-06T09:00:00Z", reply.raw());
    desk.write("casepost.toml", &config);
    desk.once_at("2026-11-06T12:00:00Z");
    assert_eq!(desk.case(&case)["status"], "in-progress");
    let subjects: Vec<String> = desk.sent_to("ada@books.test").iter().map(|m| header(m, "Subject").unwrap()).collect();
    assert_eq!(subjects.iter().filter(|s| s.contains("Please reply by")).count(), 0, "{subjects:?}");
}

#[test]
fn mail_that_is_older_than_answer_within_is_taken_in_silently_and_staff_get_one_list() {
    let desk = Desk::on_maildir();
    for n in 0..5 {
        let id = format!("{n}@books.test");
        desk.mail_at(&format!("{n}"), "2026-10-20T10:00:00Z", letter("ada@books.test", &id, "old").raw());
    }
    desk.once_at(DAY_1);
    assert_eq!(desk.cases().len(), 5);
    assert!(desk.sent_to("ada@books.test").is_empty());
    let staff = desk.sent_to("frida@desk.test");
    assert_eq!(staff.len(), 1);
    for case in desk.cases() {
        assert!(staff[0].contains(&reference(&case)));
    }
}

#[test]
fn the_thirty_first_case_of_an_hour_is_told_in_one_list() {
    let desk = Desk::on_maildir();
    for n in 0..35 {
        let id = format!("{n}@books.test");
        desk.mail_at(&format!("{n:02}"), DAY_1, letter("ada@books.test", &id, &format!("matter {n}")).raw());
    }
    desk.once_at(DAY_1);
    assert_eq!(desk.cases().len(), 35);
    assert_eq!(desk.sent_to("ada@books.test").len(), 30);
    desk.once_at("2026-11-03T11:00:00Z");
    let sent = desk.sent_to("ada@books.test");
    assert_eq!(sent.len(), 31);
    let list = sent
        .iter()
        .find(|m| m.contains("desk."))
        .map(|_| sent.iter().filter(|m| header(m, "Subject").unwrap().contains("matter")).count());
    assert_eq!(list, Some(30), "the 31st is the list");
}

#[test]
fn of_a_mail_above_max_size_the_beginning_is_taken_and_the_case_says_so() {
    let desk = Desk::on_maildir();
    let text = format!("It begins here.\n{}", "x".repeat(200_000));
    let big = desk::Letter { text: &text, ..letter("ada@books.test", "1@books.test", "big") };
    desk.mail_at("1", DAY_1, big.raw());
    desk.once_at(DAY_1);
    let shown = desk.case(&reference(&desk.cases()[0]));
    assert_eq!(shown["mails"][0]["truncated"], true);
    assert!(shown["mails"][0]["text"].as_str().unwrap().starts_with("It begins here."));
    assert!(desk.path("inbox/cur/1:2,S").exists(), "it stays in the mailbox");
}

#[test]
fn a_mail_that_could_bring_the_reader_down_is_held_and_blocks_nothing() {
    let desk = Desk::on_maildir();
    let bomb = format!("From: eve@elsewhere.test\n{}", "Content-Type: message/rfc822\n\n".repeat(2000));
    desk.mail_at("1", DAY_1, bomb);
    desk.mail_at("2", DAY_1, letter("ada@books.test", "1@books.test", "Printer").raw());
    desk.once_at(DAY_1);
    assert_eq!(desk.cases().len(), 1);
    let held = desk.json(&["quarantine", "list", "--json"]);
    assert!(held[0]["reason"].as_str().unwrap().contains("nested messages"));
    assert!(desk.run(&["quarantine", "show", "1"]).ok().contains("eve@elsewhere.test"));
    assert!(desk.sent_to("frida@desk.test").iter().any(|m| header(m, "Subject").unwrap().contains("quarantine")));
    let again = desk.run(&["--now", DAY_1, "quarantine", "retry", "1"]);
    assert_eq!(again.code, 3, "{}", again.err);
}

#[test]
fn that_nothing_could_be_sent_is_over_when_a_later_run_sends() {
    let desk = Desk::on_maildir();
    // A file where the Maildir is to be made.
    desk.write("sent", "");
    desk.run(&["case", "open", "--requester", "ada@books.test", "--subject", "Router"]).ok();
    assert_eq!(desk.run(&["run", "--once"]).code, 75);
    let status = desk.run(&["status"]);
    assert!(status.code == 5 && status.out.contains("look  sending:"), "{}", status.out);
    std::fs::remove_file(desk.path("sent")).unwrap();
    desk.run(&["run", "--once"]).ok();
    let status = desk.run(&["status"]);
    assert_eq!(status.code, 0, "{}", status.out);
    assert_eq!(desk.sent_to("ada@books.test").len(), 1);
}

#[test]
fn a_mail_that_can_not_be_taken_in_is_told_however_many_cases_were_told_in_that_hour() {
    let desk = Desk::on_maildir();
    for n in 0..70 {
        let (from, id) = (format!("c{n}@books.test"), format!("{n}@books.test"));
        desk.mail_at(&format!("a{n:02}"), "2026-11-03T09:59:00Z", letter(&from, &id, "Printer").raw());
    }
    let bomb = format!("From: eve@elsewhere.test\n{}", "Content-Type: message/rfc822\n\n".repeat(2000));
    desk.mail_at("b", DAY_1, bomb);
    desk.once_at(DAY_1);
    assert_eq!(desk.cases().len(), 70);
    let told: Vec<String> = desk.sent_to("frida@desk.test").iter().map(|m| header(m, "Subject").unwrap()).collect();
    assert_eq!(told.iter().filter(|subject| subject.contains("New case")).count(), 60);
    assert_eq!(told.iter().filter(|subject| subject.contains("[quarantine 1]")).count(), 1, "{told:?}");
}

#[test]
fn staff_read_the_paragraphs_of_a_mail_as_paragraphs() {
    let desk = Desk::on_maildir();
    let text = "Hello,\nit does not print.\n\n\nAda";
    desk.mail_at("1", DAY_1, desk::Letter { text, ..letter("ada@books.test", "1@books.test", "Printer") }.raw());
    desk.once_at(DAY_1);
    let told = desk.sent_to("frida@desk.test").remove(0);
    assert!(told.contains("> Hello,\n> it does not print.\n>\n> Ada\n"), "{told}");
    assert!(told.contains("Hello,<br>it does not print.<br><br>Ada</blockquote>"), "{told}");
}

#[test]
fn a_mail_of_staff_is_shown_as_a_note_that_no_customer_got() {
    let desk = Desk::on_maildir();
    let case = one_case(&desk);
    let extra = answering(&desk.sent_to("ada@books.test")[0]);
    let reply = desk::Letter { extra: &extra, ..letter("frida@desk.test", "2@desk.test", "Re: Printer on fire") };
    desk.mail_at("2", "2026-11-03T11:00:00Z", reply.raw());
    desk.once_at("2026-11-03T11:00:00Z");
    assert_eq!(desk.sent_to("ada@books.test").len(), 1);
    let shown = desk.run(&["case", "show", &case]).ok();
    let line = shown.lines().find(|line| line.contains("frida@desk.test")).unwrap();
    assert!(line.ends_with("wrote to the desk, as one of staff: kept as a note, not sent to the customer"), "{shown}");
}

#[test]
fn a_held_mail_can_be_had_whole_and_counts_no_more_when_staff_have_discarded_it() {
    let desk = Desk::on_maildir();
    let bomb = format!("From: eve@elsewhere.test\n{}", "Content-Type: message/rfc822\n\n".repeat(2000));
    desk.mail_at("1", DAY_1, bomb.clone());
    desk.once_at(DAY_1);
    assert_eq!(desk.run(&["quarantine", "show", "1", "--raw"]).ok(), bomb);
    desk.run(&["--as", "Frida", "--now", DAY_1, "quarantine", "discard", "1"]).ok();
    assert_eq!(desk.json(&["quarantine", "list", "--json"]), serde_json::json!([]));
    assert!(desk.run(&["status"]).out.contains("in quarantine: 0"));
    let all = desk.json(&["quarantine", "list", "--all", "--json"]);
    assert_eq!(all[0]["discarded_by"], "Frida");
    assert!(desk.run(&["quarantine", "show", "1"]).ok().contains("by Frida"));
    let twice = desk.run(&["--now", DAY_1, "quarantine", "discard", "1"]);
    assert!(twice.code == 3 && twice.err.contains("discarded already"), "{}", twice.err);
    let again = desk.run(&["--now", DAY_1, "quarantine", "retry", "1"]);
    assert!(again.err.contains("still can't be taken in"), "{}", again.err);
}
