//! `casepost explain`: what it prints holds to its schema, is what then really happens, and nothing is written.

mod desk;

use std::fs;

use boon::{Compiler, Schemas};
use desk::{Desk, Letter, answering, letter, reference};
use serde_json::{Value, json};

const DAY_1: &str = "2026-11-03T10:00:00Z";

/// One object a line, each as its schema says.
#[track_caller]
fn explained(desk: &Desk, arguments: &[&str]) -> (i32, Vec<Value>) {
    let schema: Value = serde_json::from_str(&desk.run(&["explain", "--schema"]).ok()).expect("JSON");
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    compiler.enable_format_assertions();
    compiler.add_resource("explain.json", schema).expect("a resource");
    let schema = compiler.compile("explain.json", &mut schemas).expect("a schema");
    let done = desk.run(&[&["explain", "--json"], arguments].concat());
    let objects: Vec<Value> = done.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    for object in &objects {
        schemas.validate(object, schema).unwrap_or_else(|e| panic!("{e:#}\n{object:#}"));
    }
    (done.code, objects)
}

/// A person's answer to a mail that went out.
fn answer(mail: &str, from: &str, id: &str) -> String {
    Letter { extra: &answering(mail), ..letter(from, id, "Re: Printer") }.raw()
}

fn bounce(id: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.test\nTo: support@desk.test\nSubject: Undelivered\nReturn-Path: <>\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\n\nSorry.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n\
         Final-Recipient: rfc822; ada@books.test\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user\n\n\
         --b\nContent-Type: text/rfc822-headers\n\nSubject: x\nMessage-ID: <{id}>\n\n--b--\n"
    )
}

#[test]
fn each_file_is_an_object_of_the_schema_in_the_order_given_and_what_is_no_mail_says_so() {
    let desk = Desk::on_maildir();
    desk.write("person.eml", &letter("ada@books.test", "1@books.test", "Printer on fire").raw());
    desk.write("robot.eml", "From: bot@books.test\nAuto-Submitted: auto-replied\nSubject: away\n\nI am away.\n");
    desk.write("bounce.eml", &bounce("x@desk.test"));
    desk.write("nobody.eml", "Subject: who?\n\nx\n");
    desk.write("empty.eml", "");
    let nested = "Content-Type: message/rfc822\n\n".repeat(1000);
    desk.write("bomb.eml", &nested);
    let files = ["bomb.eml", "person.eml", "missing.eml", "robot.eml", "empty.eml", "bounce.eml", "nobody.eml"];
    let (code, objects) = explained(&desk, &files);
    assert_eq!(code, 1, "some can't be read");
    assert_eq!(objects.iter().map(|o| o["file"].as_str().unwrap()).collect::<Vec<_>>(), files);
    let ok: Vec<bool> = objects.iter().map(|o| o["ok"].as_bool().unwrap()).collect();
    assert_eq!(ok, [false, true, false, true, false, true, true]);
    assert_eq!(objects[0]["case"]["action"], "quarantine");
    assert_eq!(objects[2]["case"], Value::Null);
    assert!(objects[2]["reason"].as_str().unwrap().contains("No such file"));
    let of = |n: usize| (objects[n]["kind"].as_str().unwrap(), objects[n]["case"]["action"].as_str().unwrap());
    assert_eq!([of(1), of(3), of(5)], [("person", "open"), ("auto-reply", "stray"), ("bounce", "stray")]);
    assert_eq!(objects[5]["bounce"]["recipients"][0]["address"], "ada@books.test");
    assert_eq!(objects[5]["bounce"]["recipients"][0]["permanent"], true);
    assert_eq!((&objects[1]["answerable"], &objects[3]["answerable"]), (&json!(true), &json!(false)));
    assert_eq!(objects[6]["from"], Value::Null);
    assert_eq!(explained(&desk, &["person.eml"]).0, 0);
}

#[test]
fn what_is_explained_is_what_then_happens_and_explaining_writes_nothing() {
    let desk = Desk::on_maildir();
    let question = letter("ada@books.test", "1@books.test", "Printer on fire").raw();
    desk.mail_at("1", DAY_1, &question);
    desk.once_at(DAY_1);
    let case = reference(&desk.cases()[0]);
    let acknowledged = desk.sent_to("ada@books.test");
    let reply = answer(&acknowledged[0], "ada@books.test", "2@books.test");
    let stranger = answer(&acknowledged[0], "eve@elsewhere.test", "3@elsewhere.test");
    let new = letter("carl@hill.test", "4@hill.test", "Telephone").raw();
    for (name, raw) in [("again.eml", &question), ("reply.eml", &reply), ("stranger.eml", &stranger), ("new.eml", &new)]
    {
        desk.write(name, raw);
    }
    let before = fs::read(desk.path("casepost.db")).expect("the database");
    let files = ["again.eml", "reply.eml", "stranger.eml", "new.eml"];
    let (code, objects) = explained(&desk, &files);
    assert_eq!(code, 0);
    assert_eq!(fs::read(desk.path("casepost.db")).expect("the database"), before);
    let actions: Vec<&str> = objects.iter().map(|o| o["case"]["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["none", "append", "append", "open"]);
    assert_eq!(objects[1]["case"]["reference"], case.as_str());
    assert_eq!(objects[1]["case"]["evidence"][0]["holds"], true);
    let told: Vec<&str> = objects[3]["mails"].as_array().unwrap().iter().map(|m| m["to"].as_str().unwrap()).collect();
    assert_eq!(told, ["carl@hill.test", "frida@desk.test"]);

    desk.mail_at("4", DAY_1, &new);
    desk.once_at(DAY_1);
    let opened = reference(&desk.cases()[1]);
    assert_eq!(objects[3]["case"]["reference"], opened.as_str());
    let subject = objects[3]["mails"][0]["subject"].as_str().unwrap();
    assert!(desk.sent_to("carl@hill.test")[0].contains(subject), "{subject}");
}

#[test]
fn a_reply_to_a_closed_case_would_reopen_it_within_seven_days_and_link_later() {
    let desk = Desk::on_maildir();
    desk.mail_at("1", DAY_1, letter("ada@books.test", "1@books.test", "Printer").raw());
    desk.once_at(DAY_1);
    let case = reference(&desk.cases()[0]);
    desk.run(&["--now", DAY_1, "case", "close", &case]).ok();
    desk.once_at(DAY_1);
    let acknowledged = desk.sent_to("ada@books.test");
    desk.write("reply.eml", &answer(&acknowledged[0], "ada@books.test", "2@books.test"));
    let action = |received: &str| {
        let (_, objects) = explained(&desk, &["reply.eml", "--received", received]);
        let case = &objects[0]["case"];
        (case["action"].as_str().unwrap().to_owned(), case["linked_to"].clone())
    };
    assert_eq!(action("2026-11-10T10:00:00Z"), ("reopen".to_owned(), Value::Null));
    assert_eq!(action("2026-11-10T10:00:01Z"), ("link".to_owned(), json!(case)));
}

#[test]
fn the_page_tells_people_what_it_is_what_follows_and_what_would_be_written() {
    let desk = Desk::on_maildir();
    let mail = letter("ada@books.test", "1@books.test", "Printer on fire").raw();
    let page = desk.run_with(&["explain", "-"], &mail).ok();
    for words in
        ["What is it? a person wrote it", "it opens a new case", "acknowledgement to ada@books.test", "staff-new-case"]
    {
        assert!(page.contains(words), "{words}\n{page}");
    }
}

#[test]
fn without_a_configuration_a_desk_without_history_is_used() {
    let desk = Desk::on_maildir();
    fs::remove_file(desk.path("casepost.toml")).expect("remove the configuration");
    desk.write("a.eml", &letter("ada@books.test", "1@books.test", "Printer on fire").raw());
    let (code, objects) = explained(&desk, &["a.eml", "a.eml"]);
    assert_eq!(code, 0);
    assert_eq!(objects[0]["mails"][0]["notice"], "acknowledgement");
    assert_eq!(objects[0]["case"], objects[1]["case"], "the first one left nothing behind");
    assert!(!desk.path("casepost.db").exists());
    assert_eq!(
        desk.run(&["--config", "elsewhere.toml", "explain", "a.eml"]).code,
        1,
        "one that is named must be there"
    );
}
