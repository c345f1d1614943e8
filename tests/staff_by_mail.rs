//! What staff do by mail, told on a Maildir with a drill's clock: commands, answers, notes, and who may not.

mod desk;

use std::fs;

use desk::{Desk, Letter, answering, header, letter, reference};

const DAY_1: &str = "2026-11-03T10:00:00Z";
const LATER: &str = "2026-11-03T10:20:00Z";
const TOM: &str = "tom@desk.test";
const INA: &str = "ina@desk.test";
const ADA: &str = "ada@books.test";

fn configuration(checks: &str) -> String {
    format!(
        r#"
data = "casepost.db"
[desk]
name = "Test Desk"
address = "support@desk.test"
[[mailbox]]
name = "support"
maildir = "inbox"
max_size = "100kB"
{checks}
[smtp]
url = "maildir:sent"
[[staff]]
name = "Tom Tester"
address = "tom@desk.test"
[[staff]]
name = "Ina Bell"
address = "ina@desk.test"
"#
    )
}

/// A desk of two with one case, and what Tom was told of it.
struct Story {
    desk: Desk,
    case: String,
    told: String,
}

impl Story {
    fn begin() -> Story {
        Story::with("")
    }

    /// Its mail server says who wrote a mail.
    fn checked() -> Story {
        Story::with("authserv_id = \"mx.desk.test\"")
    }

    fn with(checks: &str) -> Story {
        let desk = Desk::with(&configuration(checks));
        for folder in ["inbox/new", "inbox/cur", "inbox/tmp"] {
            fs::create_dir_all(desk.path(folder)).unwrap();
        }
        let mail = Letter { extra: "Cc: bob@books.test\n", ..letter(ADA, "1@books.test", "Printer on fire") };
        desk.mail_at("1", "2026-11-03T09:59:00Z", mail.raw());
        desk.once_at(DAY_1);
        let case = reference(&desk.cases()[0]);
        let told = desk.sent_to(TOM).remove(0);
        Story { desk, case, told }
    }

    /// A reply to what Tom was told.
    fn reply(&self, from: &str, text: &str) {
        self.reply_with(from, text, "");
    }

    fn reply_with(&self, from: &str, text: &str, extra: &str) {
        let extra = format!("{}{extra}", answering(&self.told));
        let said = format!("{text}\n\nOn 3 Nov 2026, at 10:00, Test Desk wrote:\n> New case\n> #spam\n");
        let id = format!("{}@reply.test", self.desk.case(&self.case)["mails"].as_array().unwrap().len() + 1);
        let reply = Letter { text: &said, extra: &extra, ..letter(from, &id, "Re: New case: Printer on fire") };
        self.desk.mail_at(&id, LATER, reply.raw());
        self.desk.once_at(LATER);
    }

    /// What Ada got after the acknowledgement.
    fn answers(&self) -> Vec<String> {
        self.desk.sent_to(ADA).split_off(1).iter().map(|mail| readable(mail)).collect()
    }

    /// What a person of the staff was told of their mails.
    fn said_to(&self, who: &str) -> Vec<String> {
        let about = |mail: &String| {
            let subject = header(mail, "Subject").unwrap();
            ["] Done:", "] Not done:", "] Commands:"].iter().any(|word| subject.contains(word))
        };
        self.desk.sent_to(who).iter().filter(|mail| about(mail)).map(|mail| readable(mail)).collect()
    }

    fn shown(&self) -> serde_json::Value {
        self.desk.case(&self.case)
    }

    fn history(&self) -> String {
        self.shown()["history"].to_string()
    }
}

/// A mail with its soft line breaks mended.
fn readable(mail: &str) -> String {
    mail.replace("=\n", "").replace("=3D", "=")
}

#[test]
fn a_reply_answers_the_customer_in_the_desks_name_without_quote_and_signature() {
    let story = Story::begin();
    story.reply(TOM, "Dear Ada,\n\nit has been put out.\n\nRegards,\nTom\n-- \nTom Tester, Desk Ltd\n+1 303 555 0100");
    let answers = story.answers();
    assert_eq!(answers.len(), 1);
    let answer = &answers[0];
    assert_eq!(header(answer, "From").unwrap(), "\"Test Desk\" <support@desk.test>");
    assert_eq!(header(answer, "Cc").unwrap(), "bob@books.test");
    assert_eq!(header(answer, "In-Reply-To").unwrap(), "<1@books.test>");
    assert!(header(answer, "Subject").unwrap().contains("Printer on fire"));
    assert_eq!(header(answer, "Auto-Submitted"), None);
    assert!(answer.contains("it has been put out.") && answer.contains("Tom Tester"), "{answer}");
    for hidden in ["555 0100", "New case", "#spam", "wrote:", TOM] {
        assert!(!answer.contains(hidden), "{hidden}: {answer}");
    }
    let shown = story.shown();
    assert!(shown["clocks"].as_array().unwrap().iter().all(|c| c["clock"] != "review"), "it was a review");
    assert_eq!(shown["mails"][1]["disposition"], "recorded");
    assert!(story.history().contains("it has been put out."));
    assert!(story.said_to(TOM).is_empty(), "a plain answer needs no confirmation");
}

#[test]
fn several_commands_above_the_text_are_all_done_and_confirmed() {
    let story = Story::begin();
    story.reply(TOM, "\n#take\n#Priority 2\n\n#status resolved\n\nDear Ada, it is out.");
    let shown = story.shown();
    assert_eq!((shown["status"].as_str(), shown["priority"].as_str()), (Some("resolved"), Some("P2")));
    assert_eq!(shown["assignee"], TOM);
    assert!(story.answers()[0].contains("it is out.") && !story.answers()[0].contains("#take"));
    let said = story.said_to(TOM);
    assert_eq!(said.len(), 1);
    for words in
        ["assigned to Tom Tester", "priority P2", "asked to confirm; status resolved", "Status resolved, priority P2"]
    {
        assert!(said[0].contains(words), "{words}: {}", said[0]);
    }
    assert_eq!(header(&said[0], "Auto-Submitted").unwrap(), "auto-replied");
}

#[test]
fn an_estimate_work_and_a_step_up_are_commanded_by_mail_and_with_a_note_the_customer_hears_nothing() {
    let story = Story::begin();
    story.reply(TOM, "#etr +4h\n#time 30m looked at the printer\n#escalate no spare part\nWe change the fuser.");
    let shown = story.shown();
    assert!(shown["etr"].is_string(), "{shown}");
    assert_eq!(shown["escalation"]["level"], 1);
    assert!(story.history().contains("work time 1 entered: 30m by Tom Tester"), "{}", story.history());
    assert!(story.history().contains("no spare part"));
    let answers = story.answers();
    assert_eq!(answers.len(), 2, "the estimate with the text, and the step: {answers:?}");
    assert!(answers.iter().any(|mail| mail.contains("We change the fuser.")));
    assert!(!answers.iter().any(|mail| mail.contains("spare part")), "the reason is for staff");
    let said = story.said_to(TOM);
    for words in ["estimated time of resolution", "30m of work entered", "escalated to the next level"] {
        assert!(said[0].contains(words), "{words}: {}", said[0]);
    }
    // One step is refused (there is no level above), so nothing is done.
    story.reply(TOM, "#etr none\n#escalate\n");
    assert!(story.shown()["etr"].is_string());
    story.reply(TOM, "#note\n#etr none");
    assert!(story.shown()["etr"].is_null());
    assert_eq!(story.answers().len(), 2);
}

#[test]
fn of_commands_one_of_which_is_refused_or_not_understood_none_is_done() {
    let story = Story::begin();
    let before = story.shown();
    story.reply(TOM, "#take\n#priority 2\n#statsu resolved\nDear Ada, it is out.");
    // The core refuses the last step of what is understood.
    story.reply(TOM, "#take\n#priority 2\n#reopen\nDear Ada, it is out.");
    story.reply(TOM, "#take\n#ert 16:00\nDear Ada, it is out.");
    let after = story.shown();
    for name in ["status", "priority", "assignee", "clocks", "links"] {
        assert_eq!(before[name], after[name], "{name}");
    }
    assert!(story.answers().is_empty(), "nothing went to the customer");
    let said = story.said_to(TOM);
    assert!(said[0].contains("#statsu resolved: there is no such command") && said[0].contains("#duplicate of"));
    assert!(said[1].contains("is open (new)"), "{}", said[1]);
    assert!(said[2].contains("#ert 16:00: there is no such command"), "{}", said[2]);
    assert!(said.iter().all(|mail| header(mail, "Subject").unwrap().contains("Not done")));
}

#[test]
fn a_note_stays_inside() {
    let story = Story::begin();
    story.reply(TOM, "#note\n#resolve\nShe threatens to leave.\n#close");
    assert!(story.answers().is_empty());
    let shown = story.shown();
    assert_eq!(shown["status"], "resolved");
    assert!(story.history().contains("She threatens to leave.\\n#close"), "{}", story.history());
}

#[test]
fn a_staff_mail_that_is_forwarded_to_a_customer_gives_them_no_power() {
    let story = Story::begin();
    let before = story.shown();
    story.reply(ADA, "#priority 1\n#assign tom\n#spam\nI want it now.");
    story.reply("eve@elsewhere.test", "#priority 1\n#close\nMe, too.");
    let shown = story.shown();
    assert_eq!((&before["priority"], &before["assignee"]), (&shown["priority"], &shown["assignee"]));
    assert_eq!(shown["status"], "new");
    assert_eq!(shown["mails"][1]["standing"], "requester");
    assert_eq!(shown["mails"][2]["standing"], "stranger");
    assert!(story.answers().is_empty() && story.desk.sent_to("eve@elsewhere.test").is_empty());
    assert!(story.said_to(TOM).is_empty());
    assert!(story.desk.sent_to(TOM).len() >= 3, "staff are told what they wrote");
}

#[test]
fn a_colleagues_mail_commands_nothing_and_its_answer_says_how() {
    let story = Story::begin();
    story.reply(INA, "#close\nDone.");
    let shown = story.shown();
    assert_eq!(shown["status"], "new");
    assert!(story.answers().is_empty());
    assert!(story.said_to(TOM).is_empty());
    assert!(story.said_to(INA)[0].contains("made for somebody else"), "{:?}", story.said_to(INA));
}

#[test]
fn where_the_mail_server_checks_senders_an_unproven_or_forged_one_commands_nothing() {
    let story = Story::checked();
    story.reply(TOM, "#close\nBye.");
    story.reply_with(TOM, "#close\nBye, bye.", "Authentication-Results: mx.desk.test; dmarc=fail (p=reject)\n");
    story.reply_with(TOM, "#close\nBye again.", "Authentication-Results: mx.evil.test; dmarc=pass\n");
    assert_eq!(story.shown()["status"], "new");
    assert!(story.answers().is_empty());
    let said = story.said_to(TOM);
    assert_eq!(said.len(), 3);
    assert_eq!(story.shown()["mails"][2]["kind"], "forged");
    assert!(
        said[0].contains("could not verify")
            && said[1].contains("forged (DMARC)")
            && said[2].contains("could not verify")
    );
    story.reply_with(
        TOM,
        "#close\nBye at last.",
        "Authentication-Results: mx.desk.test; dmarc=pass header.from=desk.test\n",
    );
    assert_eq!(story.shown()["status"], "closed");
    assert!(story.answers()[0].contains("Bye at last."));
}

#[test]
fn an_out_of_office_of_the_staff_does_nothing() {
    let story = Story::begin();
    story.reply_with(TOM, "#close\nI am on holiday.", "Auto-Submitted: auto-replied\n");
    assert!(story.said_to(TOM).is_empty(), "robots are not answered");
    // Nothing but its words shows that it is one; a person is told how to send them all the same.
    let away = "I am out of the office until Monday and will answer your mail when I am back.";
    story.reply(TOM, away);
    assert!(story.said_to(TOM)[0].contains("sounds like an automatic reply"));
    assert_eq!(story.shown()["status"], "new");
    assert!(story.answers().is_empty() && !story.history().contains("\"replied\""));
    story.reply(TOM, &format!("#take\n{away}"));
    assert!(story.answers()[0].contains("until Monday"));
}

#[test]
fn a_text_that_holds_what_the_desk_told_staff_goes_to_nobody() {
    let story = Story::begin();
    let own = readable(&story.told);
    let body = own.split("\n\n").find(|part| part.contains("opened case")).unwrap();
    story.reply(TOM, &format!("It is out.\n\n{body}"));
    assert!(story.answers().is_empty());
    assert!(story.said_to(TOM)[0].contains("without a mark that they are quoted"), "{:?}", story.said_to(TOM));
    // All is quoted, and nothing new.
    story.reply(TOM, "> New case: Printer on fire");
    assert!(story.answers().is_empty());
    assert!(story.said_to(TOM)[1].contains("no text in it"));
}

#[test]
fn the_same_text_never_goes_out_twice() {
    let story = Story::begin();
    story.reply(TOM, "It is out.");
    story.reply(TOM, "It is out.");
    assert_eq!(story.answers().len(), 1);
    assert!(story.said_to(TOM)[0].contains("gone to the customer already"));
}

#[test]
fn files_go_along_and_the_signatures_picture_does_not() {
    let story = Story::begin();
    let extra = format!("{}MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"\n", answering(&story.told));
    let text = "--b\nContent-Type: text/plain\n\nSee the manual.\n\n--b\nContent-Type: application/pdf; name=\"manual.pdf\"\n\
                Content-Disposition: attachment; filename=\"manual.pdf\"\nContent-Transfer-Encoding: base64\n\nJVBERi0xLjQK\n\
                --b\nContent-Type: image/png; name=\"logo.png\"\nContent-ID: <logo>\nContent-Disposition: inline; filename=\"logo.png\"\n\
                Content-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--b--\n";
    let mail = Letter { text, extra: &extra, ..letter(TOM, "2@desk.test", "Re: Printer") };
    story.desk.mail_at("2", LATER, mail.raw());
    story.desk.once_at(LATER);
    let answer = &story.answers()[0];
    assert!(
        answer.contains("See the manual.") && answer.contains("manual.pdf") && answer.contains("%PDF-1.4"),
        "{answer}"
    );
    assert!(!answer.contains("logo.png"));
}

#[test]
fn an_html_reply_commands_and_answers_alike() {
    let story = Story::begin();
    let extra = format!("{}MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n", answering(&story.told));
    let text = "<html><body><div><b>\u{ff03}Status&nbsp;Shipping</b></div><div><br></div><div>A new one is on its way.</div>\
                <div class=\"gmail_quote\"><div>On Tue Test Desk wrote:<br></div><blockquote>#spam<br>New case</blockquote></div>\
                </body></html>";
    let mail = Letter { text, extra: &extra, ..letter(TOM, "2@desk.test", "Re: Printer") };
    story.desk.mail_at("2", LATER, mail.raw());
    story.desk.once_at(LATER);
    assert_eq!(story.shown()["status"], "shipping");
    let answers = story.answers();
    assert_eq!(answers.len(), 1, "one mail, not two");
    assert!(answers[0].contains("A new one is on its way.") && !answers[0].contains("New case<"), "{}", answers[0]);
}

#[test]
fn hold_priority_link_and_merge_take_what_is_written_behind_them() {
    let story = Story::begin();
    story.desk.mail_at("x", LATER, letter(ADA, "9@books.test", "Another one").raw());
    story.desk.once_at(LATER);
    let other = story.desk.cases().iter().map(reference).find(|case| *case != story.case).unwrap();
    story.reply(TOM, &format!("#link {other}\n#hold until 2026-11-05 09:00"));
    let shown = story.shown();
    assert_eq!(shown["status"], "on-hold");
    assert!(shown["clocks"].to_string().contains("hold-end"));
    assert_eq!(shown["links"][0]["reference"], other.as_str());
    assert!(story.said_to(TOM)[0].contains("on-hold until Thu 5 November 2026, 09:00"), "{}", story.said_to(TOM)[0]);
    assert!(story.answers().iter().any(|mail| mail.contains("on hold")));
    story.reply(TOM, &format!("#duplicate of {other}"));
    assert_eq!(story.shown()["status"], "duplicate");
}

#[test]
fn help_is_answered_with_all_there_is() {
    let story = Story::begin();
    story.reply(TOM, "#help\n#close\nHello");
    assert_eq!(story.shown()["status"], "new");
    assert!(story.answers().is_empty());
    assert!(story.said_to(TOM)[0].contains("#hold until tomorrow 09:00"));
}

fn from_own_program(story: &Story, headers: &str, to: &str, text: &str) {
    let raw = format!(
        "Return-Path: <{TOM}>\nFrom: Tom Tester <{TOM}>\nTo: {to}\nCc: support@desk.test, carl@books.test\nSubject: Re: Printer on fire\n\
         Message-ID: <own-{}@desk.test>\nDate: Tue, 3 Nov 2026 11:00:00 +0000\n{headers}\n{text}\n",
        text.len()
    );
    story.desk.mail_at(&format!("own{}", text.len()), LATER, raw);
    story.desk.once_at(LATER);
}

#[test]
fn an_answer_from_ones_own_program_with_the_desk_in_copy_is_a_public_reply_that_is_not_sent_again() {
    let story = Story::checked();
    let acknowledgement = story.desk.sent_to(ADA).remove(0);
    let proof = "Authentication-Results: mx.desk.test; dmarc=pass header.from=desk.test\n";
    story.desk.run(&["--now", DAY_1, "case", "status", &story.case, "awaiting-customer", "--silent"]).ok();
    let due = |shown: &serde_json::Value| shown["clocks"][0]["due"].as_str().unwrap().to_owned();
    let before = due(&story.shown());
    from_own_program(&story, &format!("{proof}{}", answering(&acknowledgement)), ADA, "Is it out now?");
    assert!(story.answers().is_empty());
    let shown = story.shown();
    assert!(story.history().contains("\"what\":\"replied\"") && story.history().contains("Is it out now?"));
    assert!(due(&shown) > before, "the no-response clock runs from this mail");
    assert_eq!(shown["mails"][1]["disposition"], "appended");
    assert!(shown["participants"].to_string().contains("carl@books.test"), "whom staff put in copy takes part");
    assert!(story.said_to(TOM).is_empty());
    // The customer's reply to it joins by its Message-ID.
    let reply = Letter { extra: "In-Reply-To: <own-14@desk.test>\n", ..letter(ADA, "5@books.test", "Re: Printer") };
    story.desk.mail_at("5", LATER, reply.raw());
    story.desk.once_at(LATER);
    assert_eq!(story.shown()["status"], "in-progress");
}

#[test]
fn what_is_not_proven_or_goes_to_the_desk_alone_stays_a_note() {
    let story = Story::checked();
    let thread = answering(&story.desk.sent_to(ADA).remove(0));
    from_own_program(&story, &thread, ADA, "Unproven.");
    let proof = "Authentication-Results: mx.desk.test; dmarc=pass header.from=desk.test\n";
    from_own_program(&story, &format!("{proof}{thread}"), "Test Desk <support@desk.test>", "For us alone");
    assert!(!story.history().contains("\"replied\""), "{}", story.history());
    assert!(story.shown()["clocks"].to_string().contains("review"), "nobody has reviewed it");
    assert!(story.said_to(TOM).is_empty() && story.answers().is_empty());
    from_own_program(&story, &format!("{proof}{thread}"), ADA, "#close\nTo you and the desk");
    assert_eq!(story.shown()["status"], "new");
    assert!(story.said_to(TOM)[0].contains("count only in a reply to a mail"), "{:?}", story.said_to(TOM));
}

#[test]
fn the_staffs_mails_of_a_case_are_one_thread_and_each_is_for_one_person() {
    let story = Story::begin();
    let reply = Letter { extra: &answering(&story.desk.sent_to(ADA)[0]), ..letter(ADA, "2@books.test", "Re: Printer") };
    story.desk.mail_at("2", LATER, reply.raw());
    story.desk.once_at(LATER);
    let (toms, inas) = (story.desk.sent_to(TOM), story.desk.sent_to(INA));
    let id = |mail: &String| header(mail, "Message-ID").unwrap();
    assert_eq!(header(&toms[1], "In-Reply-To").unwrap(), id(&toms[0]));
    assert!(header(&toms[1], "References").unwrap().ends_with(&id(&toms[0])));
    assert_ne!(id(&toms[1]), id(&inas[1]));
    assert!(!toms.concat().contains(&id(&inas[0])), "nobody sees another one's id");
    let customers = story.desk.sent_to(ADA).concat();
    assert!(toms.iter().chain(&inas).all(|mail| !customers.contains(&id(mail))), "nor does a customer");
}

#[test]
fn a_staff_mail_tells_all_that_is_needed() {
    let story = Story::begin();
    let told = readable(&story.told);
    for words in [
        "Customer: ada@books.test",
        "In copy: bob@books.test",
        "Assigned to: nobody",
        "Clock: review",
        "It does not work.",
        "#note",
    ] {
        assert!(told.contains(words), "{words}: {told}");
    }
    story.reply(TOM, "#priority 2\nWe look.");
    let reply = Letter { extra: &answering(&story.desk.sent_to(ADA)[0]), ..letter(ADA, "7@books.test", "Re: Printer") };
    story.desk.mail_at("7", LATER, reply.raw());
    story.desk.once_at(LATER);
    let told = readable(&story.desk.sent_to(TOM).pop().unwrap());
    assert!(
        told.contains("Tom Tester: answered: We look.") && told.contains("Tom Tester: priority P4 -> P2"),
        "{told}"
    );
}
