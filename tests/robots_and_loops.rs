//! Robots that answer our automatic mails, and what follows from mail that comes back, told on a Maildir with a drill's
//! clock. Each story counts the mails.

mod desk;

use chrono::{DateTime, Duration, Utc};
use desk::{Desk, Letter, answering, header, letter, reference};

/// A place that lets a robot answer whatever it gets.
struct Robot<'a> {
    desk: &'a Desk,
    address: &'a str,
    now: DateTime<Utc>,
    answered: usize,
}

impl<'a> Robot<'a> {
    fn new(desk: &'a Desk, address: &'a str) -> Robot<'a> {
        Robot { desk, address, now: "2026-11-03T10:00:00Z".parse().unwrap(), answered: 0 }
    }

    fn starts(&self, subject: &str) {
        self.mail("first", &letter(self.address, "first@robot.test", subject).raw());
        self.round();
    }

    fn mail(&self, name: &str, raw: &str) {
        self.desk.mail_at(name, &self.now.to_rfc3339(), raw);
    }

    fn round(&self) {
        self.desk.once_at(&self.now.to_rfc3339());
    }

    fn got(&self) -> usize {
        self.desk.sent_to(self.address).len()
    }

    /// Answers all that has come, so long after it, until nothing comes any more, or `rounds` are over.
    fn answers(&mut self, after: Duration, rounds: usize, write: impl Fn(usize, &str) -> String) {
        for _ in 0..rounds {
            let sent = self.desk.sent_to(self.address);
            if sent.len() == self.answered {
                return;
            }
            self.now += after;
            for mail in &sent[self.answered..] {
                self.answered += 1;
                self.mail(&format!("answer{}", self.answered), &write(self.answered, mail));
            }
            self.round();
        }
    }
}

fn headerless(address: &str, n: usize, subject: &str, text: &str) -> String {
    desk::Letter { text, ..letter(address, &format!("{n}@robot.test"), subject) }.raw()
}

fn told_of(desk: &Desk, words: &str) -> usize {
    desk.sent_to("frida@desk.test").iter().filter(|m| m.replace("=\n", "").replace('\n', " ").contains(words)).count()
}

#[test]
fn a_robot_without_a_mark_that_answers_each_acknowledgement_gets_a_handful_and_staff_are_told_once() {
    let desk = Desk::on_maildir();
    let mut robot = Robot::new(&desk, "info@robot.test");
    robot.starts("Question");
    robot.answers(Duration::seconds(3), 40, |n, _| {
        headerless("info@robot.test", n, "We have your mail", "Somebody will look at it.")
    });
    assert!(robot.got() <= 5, "{}", robot.got());
    assert_eq!(told_of(&desk, "A robot seems to answer"), 1);
    let last = desk.cases().last().map(reference).unwrap();
    let shown = desk.run(&["case", "show", &last]).ok();
    assert!(shown.contains("A robot seems to answer at info@robot.test"), "{shown}");
    let list = desk.json(&["suppression", "list", "--json"]);
    assert_eq!(list["suppressed"][0]["cause"], "loop");
    desk.write("next.eml", &headerless("info@robot.test", 99, "We have your mail", "Somebody will look at it."));
    let explained = desk.json(&["explain", "--json", "next.eml"]);
    assert_eq!(explained["answerable"], false);
    assert!(explained["why"].to_string().contains("a robot seems to answer there"), "{explained}");
    assert!(!explained["mails"].to_string().contains("info@robot.test\""), "{explained}");
}

#[test]
fn a_slow_robot_and_one_that_counts_get_no_more() {
    for after in [Duration::minutes(1), Duration::minutes(40)] {
        let desk = Desk::on_maildir();
        let mut robot = Robot::new(&desk, "info@robot.test");
        robot.starts("Question");
        robot.answers(after, 40, |n, _| {
            headerless("info@robot.test", n, "We have your mail", &format!("Your number is {}.", 4000 + n))
        });
        assert!(robot.got() <= 5, "{after}: {}", robot.got());
    }
}

#[test]
fn a_robot_that_numbers_its_subjects_gets_no_more() {
    let desk = Desk::on_maildir();
    let mut robot = Robot::new(&desk, "info@robot.test");
    robot.starts("Question");
    robot.answers(Duration::seconds(20), 40, |n, _| {
        headerless("info@robot.test", n, &format!("Ticket {n} opened"), "Somebody will look at it.")
    });
    assert!(robot.got() <= 5, "{}", robot.got());
}

#[test]
fn a_robot_that_answers_thirty_acknowledgements_and_the_list_after_them_is_stopped_within_a_round() {
    let desk = Desk::on_maildir();
    let mut robot = Robot::new(&desk, "info@robot.test");
    for n in 0..35 {
        let word: String = std::iter::repeat_n('x', n + 1).collect();
        robot.mail(&format!("m{n}"), &headerless("info@robot.test", 1000 + n, &word, &word));
    }
    robot.round();
    assert_eq!(robot.got(), 30);
    let write = |n: usize, _: &str| headerless("info@robot.test", n, "We have your mail", "Somebody will look at it.");
    robot.answers(Duration::seconds(30), 5, write);
    robot.now += Duration::minutes(61);
    robot.round();
    robot.answers(Duration::seconds(30), 5, write);
    robot.now += Duration::hours(20);
    robot.round();
    robot.answers(Duration::seconds(30), 5, write);
    assert!(robot.got() <= 33, "{}", robot.got());
    assert_eq!(told_of(&desk, "A robot seems to answer"), 1);
}

#[test]
fn a_mailbox_of_staff_that_refuses_mail_is_an_act_in_the_status() {
    let desk = Desk::on_maildir();
    case_of_ada(&desk);
    let told = desk.sent_to("frida@desk.test")[0].clone();
    desk.mail_at("b1", "2026-11-03T10:02:00Z", report("b1", &told, "frida@desk.test", "5.1.1"));
    desk.once_at("2026-11-03T10:03:00Z");
    assert_eq!(suppressed(&desk), ["frida@desk.test"]);
    let findings = desk.status().unwrap()["findings"].to_string();
    assert!(findings.contains("frida@desk.test of the staff is told nothing"), "{findings}");
}

#[test]
fn a_robot_that_answers_properly_but_without_a_mark_stays_in_its_case() {
    let desk = Desk::on_maildir();
    let mut robot = Robot::new(&desk, "info@robot.test");
    robot.starts("Question");
    robot.answers(Duration::seconds(3), 40, |n, mail| {
        let extra = answering(mail);
        desk::Letter { extra: &extra, ..letter("info@robot.test", &format!("{n}@robot.test"), "Re: Question") }.raw()
    });
    assert_eq!(robot.got(), 1);
    assert_eq!(desk.cases().len(), 1);
}

#[test]
fn a_robots_answer_to_each_closing_reopens_once_and_no_more() {
    let desk = Desk::on_maildir();
    let mut robot = Robot::new(&desk, "info@robot.test");
    robot.starts("Question");
    let case = reference(&desk.cases()[0]);
    let write = |n: usize, mail: &str| {
        let extra = answering(mail);
        let text = "Your mail will be read by somebody.";
        desk::Letter { extra: &extra, text, ..letter("info@robot.test", &format!("{n}@robot.test"), "Re: Question") }
            .raw()
    };
    robot.answers(Duration::seconds(3), 1, write);
    for _ in 0..6 {
        robot.now += Duration::hours(2);
        let at = robot.now.to_rfc3339();
        if desk.case(&case)["status"] != "closed" {
            desk.run(&["--now", &at, "case", "close", &case]).ok();
        }
        robot.round();
        robot.answers(Duration::seconds(3), 3, write);
    }
    assert_eq!(desk.case(&case)["status"], "closed");
    assert!(robot.got() <= 6, "{}", robot.got());
    assert_eq!(told_of(&desk, "A robot seems to answer"), 1);
    assert_eq!(desk.cases().len(), 1);
}

#[test]
fn twenty_five_different_alarms_in_an_hour_are_all_acknowledged() {
    let desk = Desk::on_maildir();
    let mut now: DateTime<Utc> = "2026-11-03T10:00:00Z".parse().unwrap();
    for n in 0..25 {
        now += Duration::seconds(140);
        let text = format!("Host srv{n} does not answer since {}.", now.to_rfc3339());
        let mail = headerless("alarm@plant.test", n, &format!("PROBLEM: srv{n} is down"), &text);
        desk.mail_at(&n.to_string(), &now.to_rfc3339(), mail);
        desk.once_at(&now.to_rfc3339());
    }
    assert_eq!(desk.cases().len(), 25);
    assert_eq!(desk.sent_to("alarm@plant.test").len(), 25);
}

#[test]
fn a_customers_busy_day_is_answered_each_time() {
    let desk = Desk::on_maildir();
    let mut now: DateTime<Utc> = "2026-11-03T10:00:00Z".parse().unwrap();
    for (n, matter) in
        ["Printer", "Line", "Invoice", "Telephone", "Door", "Router", "Web site", "Mailbox"].iter().enumerate()
    {
        now += Duration::seconds(70);
        let text = format!("The {matter} gives me trouble, please look at it.");
        desk.mail_at(&n.to_string(), &now.to_rfc3339(), headerless("ada@books.test", n, matter, &text));
        desk.once_at(&now.to_rfc3339());
    }
    assert_eq!(desk.sent_to("ada@books.test").len(), 8);
}

#[test]
fn two_desks_of_this_kind_have_one_mail_each_for_the_other() {
    let (ours, theirs) = (Desk::on_maildir(), Desk::on_maildir());
    ours.mail_at("1", "2026-11-03T10:00:00Z", letter("desk@other.test", "1@other.test", "Line").raw());
    ours.once_at("2026-11-03T10:00:00Z");
    let sent = ours.sent_to("desk@other.test");
    assert_eq!(sent.len(), 1);
    theirs.mail_at("1", "2026-11-03T10:00:05Z", &sent[0]);
    theirs.once_at("2026-11-03T10:00:05Z");
    assert!(theirs.sent_to("support@desk.test").is_empty());
    assert!(theirs.cases().is_empty());
}

#[test]
fn our_mail_that_a_customers_server_sends_back_opens_nothing_also_with_another_message_id() {
    let desk = Desk::on_maildir();
    desk.mail_at("1", "2026-11-03T10:00:00Z", letter("ada@books.test", "1@books.test", "Line").raw());
    desk.once_at("2026-11-03T10:00:00Z");
    let sent = desk.sent_to("ada@books.test")[0].clone();
    let resent = format!("Resent-From: ada@books.test\nResent-To: support@desk.test\n{sent}");
    desk.mail_at("2", "2026-11-03T10:00:05Z", resent);
    let id = header(&sent, "Message-ID").unwrap();
    let renamed =
        sent.replace(&format!("Message-ID: {id}"), "Message-ID: <new@relay.test>\nX-Forwarded-To: support@desk.test");
    desk.mail_at("3", "2026-11-03T10:00:06Z", renamed);
    desk.once_at("2026-11-03T10:00:10Z");
    assert_eq!(desk.cases().len(), 1);
    assert_eq!(desk.sent_to("ada@books.test").len(), 1);
}

/// A report that a mail of ours did not reach an address.
fn report(id: &str, mail: &str, address: &str, status: &str) -> String {
    let original = header(mail, "Message-ID").expect("a Message-ID");
    format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.test\nTo: support@desk.test\nSubject: Undelivered\nMessage-ID: <{id}@mx.test>\n\
         Date: Tue, 3 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n\
         Final-Recipient: rfc822; {address}\nAction: failed\nStatus: {status}\n\n\
         --b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {original}\n\n--b--\n"
    )
}

fn case_of_ada(desk: &Desk) -> String {
    desk.mail_at("1", "2026-11-03T10:00:00Z", letter("ada@books.test", "1@books.test", "Line").raw());
    desk.once_at("2026-11-03T10:00:00Z");
    reference(&desk.cases()[0])
}

fn suppressed(desk: &Desk) -> Vec<String> {
    let list = desk.json(&["suppression", "list", "--json"]);
    list["suppressed"].as_array().unwrap().iter().map(|s| s["address"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_hard_bounce_stops_automatic_mail_until_a_person_writes_from_there_and_staff_are_told_once() {
    let desk = Desk::on_maildir();
    let case = case_of_ada(&desk);
    let first = desk.sent_to("ada@books.test")[0].clone();
    desk.run(&["--now", "2026-11-03T10:01:00Z", "case", "reply", &case, "--text", "Which line?"]).ok();
    desk.once_at("2026-11-03T10:01:00Z");
    let second = desk.sent_to("ada@books.test")[1].clone();
    desk.mail_at("b1", "2026-11-03T10:02:00Z", report("b1", &first, "ada@books.test", "5.1.1"));
    desk.mail_at("b2", "2026-11-03T10:02:01Z", report("b2", &second, "ada@books.test", "5.1.1"));
    desk.once_at("2026-11-03T10:03:00Z");
    assert_eq!(suppressed(&desk), ["ada@books.test"]);
    assert_eq!(told_of(&desk, "did not get our mail"), 1);
    let shown = desk.run(&["case", "show", &case]).ok();
    assert!(shown.contains("No automatic mail goes to ada@books.test any more"), "{shown}");
    desk.run(&["--now", "2026-11-03T11:00:00Z", "case", "reply", &case, "--text", "Done.", "--resolve"]).ok();
    desk.once_at("2026-11-03T11:00:00Z");
    assert_eq!(desk.sent_to("ada@books.test").len(), 3, "what staff write goes out");
    desk.once_at("2026-11-12T11:00:00Z");
    assert_eq!(desk.case(&case)["status"], "closed");
    assert_eq!(desk.sent_to("ada@books.test").len(), 3, "the closing is not told");

    let spam = desk::Letter { extra: "X-Spam-Flag: YES\n", ..letter("ada@books.test", "s@books.test", "Offer") };
    desk.mail_at("spam", "2026-11-12T11:30:00Z", spam.raw());
    desk.once_at("2026-11-12T11:30:00Z");
    assert_eq!(suppressed(&desk), ["ada@books.test"], "spam lifts nothing");
    desk.mail_at("3", "2026-11-12T12:00:00Z", letter("ada@books.test", "3@books.test", "I am back").raw());
    desk.once_at("2026-11-12T12:00:00Z");
    assert!(suppressed(&desk).is_empty());
    assert_eq!(desk.sent_to("ada@books.test").len(), 4, "and is acknowledged");
    let newest = desk.cases().iter().find(|c| c["subject"] == "I am back").map(reference).unwrap();
    assert!(desk.run(&["case", "show", &newest]).ok().contains("automatic mail goes to ada@books.test again"));
}

#[test]
fn a_bounce_that_is_forged_or_names_another_address_silences_nobody() {
    let desk = Desk::on_maildir();
    case_of_ada(&desk);
    let sent = desk.sent_to("ada@books.test")[0].clone();
    let forged =
        sent.replace("Message-ID: <1", "Message-ID: <1-0000000000.1.k1.aaaaaaaaaaaaaaaaaaaa@desk.test>\nX-Was: <1");
    desk.mail_at("b1", "2026-11-03T10:02:00Z", report("b1", &forged, "ada@books.test", "5.1.1"));
    desk.mail_at("b2", "2026-11-03T10:02:01Z", report("b2", &sent, "bob@rival.test", "5.1.1"));
    desk.once_at("2026-11-03T10:03:00Z");
    assert!(suppressed(&desk).is_empty());
}

#[test]
fn a_full_mailbox_is_counted_and_stops_nothing() {
    let desk = Desk::on_maildir();
    case_of_ada(&desk);
    let sent = desk.sent_to("ada@books.test")[0].clone();
    desk.mail_at("b1", "2026-11-03T10:02:00Z", report("b1", &sent, "ada@books.test", "5.2.2"));
    desk.once_at("2026-11-03T10:03:00Z");
    assert!(suppressed(&desk).is_empty());
    let list = desk.json(&["suppression", "list", "--json"]);
    assert_eq!(list["soft_failures"][0]["address"], "ada@books.test");
    assert_eq!(list["soft_failures"][0]["times"], 1);
    assert!(desk.run(&["suppression", "list"]).ok().contains("5.2.2"));
}

#[test]
fn a_bounce_of_a_mail_to_staff_makes_no_other() {
    let desk = Desk::on_maildir();
    case_of_ada(&desk);
    let told = desk.sent_to("frida@desk.test");
    desk.mail_at("b1", "2026-11-03T10:02:00Z", report("b1", &told[0], "frida@desk.test", "4.4.7"));
    desk.once_at("2026-11-03T10:03:00Z");
    assert_eq!(desk.sent_to("frida@desk.test").len(), told.len());
}

#[test]
fn a_complaint_stops_automatic_mail_and_staff_are_told() {
    let desk = Desk::on_maildir();
    let case = case_of_ada(&desk);
    let id = header(&desk.sent_to("ada@books.test")[0], "Message-ID").unwrap();
    let complaint = format!(
        "From: fbl@provider.test\nTo: support@desk.test\nSubject: Complaint\nMessage-ID: <c@provider.test>\n\
         Date: Tue, 3 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nAbout {id}\n\n\
         --b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n\n\
         --b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {id}\n\n--b--\n"
    );
    desk.mail_at("c", "2026-11-03T10:02:00Z", complaint);
    desk.once_at("2026-11-03T10:03:00Z");
    assert_eq!(suppressed(&desk), ["ada@books.test"]);
    assert_eq!(told_of(&desk, "has told their provider"), 1);
    assert!(desk.run(&["case", "show", &case]).ok().contains("has told their provider"));
    desk.mail_at("3", "2026-11-03T12:00:00Z", letter("ada@books.test", "3@books.test", "Another").raw());
    desk.once_at("2026-11-03T12:00:00Z");
    assert_eq!(suppressed(&desk), ["ada@books.test"], "only staff lift a complaint");
    assert_eq!(desk.sent_to("ada@books.test").len(), 1);
}

#[test]
fn staff_suppress_and_lift_an_address() {
    let desk = Desk::on_maildir();
    case_of_ada(&desk);
    let run = |arguments: &[&str]| desk.run(&[&["--now", "2026-11-03T11:00:00Z", "suppression"], arguments].concat());
    assert_eq!(run(&["add", "nobody", "--why", "x"]).code, 2);
    assert_eq!(run(&["add", "support@desk.test", "--why", "x"]).code, 3);
    run(&["add", "Ada@Books.test", "--why", "wants none"]).ok();
    assert_eq!(run(&["add", "ada@books.test", "--why", "again"]).code, 3);
    let list = run(&["list"]).ok();
    assert!(list.contains("ada@books.test") && list.contains("wants none") && list.contains("Frida"), "{list}");
    desk.mail_at("3", "2026-11-03T12:00:00Z", letter("ada@books.test", "3@books.test", "Another").raw());
    desk.once_at("2026-11-03T12:00:00Z");
    assert_eq!(desk.sent_to("ada@books.test").len(), 1);
    desk.run(&["--now", "2026-11-03T12:00:00Z", "suppression", "lift", "ada@books.test"]).ok();
    assert_eq!(desk.run(&["--now", "2026-11-03T12:00:00Z", "suppression", "lift", "ada@books.test"]).code, 4);
    assert!(suppressed(&desk).is_empty());
}

#[test]
fn a_person_whose_mail_asks_for_silence_opens_a_case_without_an_answer() {
    let desk = Desk::on_maildir();
    let extra = "X-Mailer: Microsoft Outlook 16.0\nX-Auto-Response-Suppress: OOF, AutoReply\n";
    desk.mail_at(
        "1",
        "2026-11-03T10:00:00Z",
        desk::Letter { extra, ..letter("ada@books.test", "1@books.test", "Line") }.raw(),
    );
    desk.once_at("2026-11-03T10:00:00Z");
    assert_eq!(desk.cases().len(), 1);
    assert!(desk.sent_to("ada@books.test").is_empty());
    assert_eq!(told_of(&desk, "not answered: X-Auto-Response-Suppress"), 1);
}

#[test]
fn a_reply_that_only_sounds_like_a_robot_is_shown_to_staff() {
    let desk = Desk::on_maildir();
    desk.mail_at("1", "2026-11-03T09:59:00Z", letter("ada@books.test", "1@books.test", "Line down").raw());
    desk.once_at("2026-11-03T10:00:00Z");
    let case = reference(&desk.cases()[0]);
    let extra = answering(&desk.sent_to("ada@books.test")[0]);
    let text =
        "Hi, the line is still down. I will be out of the office from noon, back on Monday; in urgent cases call Bob.";
    let reply = Letter { text, extra: &extra, ..letter("ada@books.test", "2@books.test", "Re: Line down") };
    desk.mail_at("2", "2026-11-03T11:00:00Z", reply.raw());
    desk.once_at("2026-11-03T11:00:00Z");
    let told = desk.sent_to("frida@desk.test");
    assert!(told.iter().any(|mail| mail.contains("the line is still down")), "{:?}", desk.case(&case)["mails"]);
}

#[test]
fn a_person_who_was_silenced_as_a_robot_still_reopens_a_case_and_staff_see_it() {
    let desk = Desk::on_maildir();
    desk.mail_at("0", "2026-11-03T09:00:00Z", letter("ann@books.test", "0@books.test", "Line down").raw());
    desk.once_at("2026-11-03T09:00:00Z");
    let case = reference(&desk.cases()[0]);
    let extra = answering(&desk.sent_to("ann@books.test")[0]);
    desk.run(&["--now", "2026-11-03T09:10:00Z", "case", "close", &case]).ok();
    // Somebody forges a robot in Ann's name.
    for n in 1..6 {
        let at = format!("2026-11-03T09:{}:00Z", 20 + n);
        let id = format!("{n}@evil.test");
        let forged = Letter { text: "hello", ..letter("ann@books.test", &id, "hello") };
        desk.mail_at(&id, &at, forged.raw());
        desk.once_at(&at);
    }
    let told = desk.sent_to("frida@desk.test").len();
    let text = "It is broken again, please help!";
    let reply = Letter { text, extra: &extra, ..letter("ann@books.test", "9@books.test", "Re: Line down") };
    desk.mail_at("9", "2026-11-03T10:00:00Z", reply.raw());
    desk.once_at("2026-11-03T10:00:00Z");
    assert_eq!(desk.case(&case)["status"], "reopened");
    assert!(desk.sent_to("frida@desk.test").len() > told);
}

#[test]
fn of_a_mail_to_several_no_recipient_can_silence_another_by_a_bounce() {
    let desk = Desk::on_maildir();
    let extra = "Cc: ann@hill.test\n";
    desk.mail_at("1", "2026-11-03T09:59:00Z", Letter { extra, ..letter("eve@books.test", "1@books.test", "Hi") }.raw());
    desk.once_at("2026-11-03T10:00:00Z");
    let case = reference(&desk.cases()[0]);
    desk.write("answer.txt", "Hello.");
    desk.run(&["--now", "2026-11-03T10:05:00Z", "case", "reply", &case, "--file", "answer.txt"]).ok();
    desk.once_at("2026-11-03T10:05:00Z");
    let sent = desk.sent_to("ann@hill.test");
    let id = header(&sent[0], "Message-ID").unwrap();
    let forged = format!(
        "From: MAILER-DAEMON@mx.test\nReturn-Path: <>\nSubject: Undelivered\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n--b\n\
         Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; ann@hill.test\n\
         Action: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {id}\n\n--b--\n"
    );
    desk.mail_at("2", "2026-11-03T11:00:00Z", forged);
    desk.once_at("2026-11-03T11:00:00Z");
    assert!(suppressed(&desk).is_empty());
}
