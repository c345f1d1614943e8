//! What other people's programs read in the desk's calendars: exactly what the desk meant.
//!
//! All mails and calendars are written into one folder, one script of Python reads them (`tests/python`), and each test looks
//! at its own. What is expected stands here in the readers' terms, and is never made by the code that is tested.

mod desk;
mod skip;

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::LazyLock,
};

use casepost::mail::{
    address::Address,
    calendar::{Entry, Feed, Impact, Notification, Object, Status, Window, WindowId},
    compose::{Attachment, Automatic, Outgoing, compose},
    template::{Templates, sample},
};
use chrono::{DateTime, Duration, Utc};
use desk::Desk;
use serde_json::{Value, json};

/// 2026-12-08 22:00 UTC, and four hours later.
const START: i64 = 1_796_767_200;
const END: i64 = 1_796_781_600;
/// 2026-11-24 07:52:03 UTC
const STAMP: i64 = 1_795_506_723;

/// What is given to the readers under a name, and what they have to say.
struct Case {
    name: String,
    file: Vec<u8>,
    is_mail: bool,
    maintenances: Value,
    calendar: Value,
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn notification() -> Notification {
    Notification {
        works: 12,
        domain: "desk.example".into(),
        provider: "Example Networks".into(),
        account: "OCN4711".into(),
        maintenance_id: "works-12".into(),
        status: Status::Confirmed,
        objects: vec![Object { id: "FRA/MUC/IA-00013".into(), impact: Impact::Outage }],
        windows: vec![Window { number: 1, starts_at: at(START), ends_at: at(END), gone: false }],
        organizer: Address::new(Some("Planned Works"), "works@desk.example"),
        contact: Some("NOC, +49 69 1234".into()),
        sequence: 3,
        stamp: at(STAMP),
        summary: Some("Planned works in Frankfurt".into()),
        description: Some("New line cards.\n\nYour line is down for ten minutes.".into()),
        invites: None,
    }
}

/// What circuit-maintenance-parser has to say of [`notification`].
fn maintenance() -> Value {
    json!({
        "provider": "Example Networks",
        "account": "OCN4711",
        "maintenance_id": "works-12",
        "status": "CONFIRMED",
        "circuits": [{ "circuit_id": "FRA/MUC/IA-00013", "impact": "OUTAGE" }],
        "start": START,
        "end": END,
        "stamp": STAMP,
        "organizer": "mailto:works@desk.example",
        "uid": "works-12-1@desk.example",
        "sequence": 3,
        "summary": "Planned works in Frankfurt",
    })
}

/// What vobject has to say of its event.
fn event() -> Value {
    json!({
        "uid": "works-12-1@desk.example",
        "sequence": "3",
        "status": "CONFIRMED",
        "summary": "Planned works in Frankfurt",
        "description": "New line cards.\n\nYour line is down for ten minutes.",
        "transp": "TRANSPARENT",
        "dtstart": START,
        "dtend": END,
        "dtstamp": STAMP,
        "attendees": [],
    })
}

fn calendar(events: Value) -> Value {
    json!({ "method": null, "part_method": null, "name": null, "events": events })
}

fn with(mut value: Value, key: &str, other: Value) -> Value {
    value[key] = other;
    value
}

/// What is cancelled says so first.
fn summed_up(value: Value) -> Value {
    if value["status"] != "CANCELLED" {
        return value;
    }
    let summary = format!("Cancelled: {}", value["summary"].as_str().unwrap());
    with(value, "summary", json!(summary))
}

fn outgoing(subject: &str, text: &str, calendar: String) -> Outgoing {
    Outgoing {
        from: Address::new(Some("Example Networks — Geplante Arbeiten"), "works@desk.example"),
        to: vec![Address::new(Some("Ада Лавлейс"), "ada@customer.example")],
        cc: vec![],
        subject: subject.into(),
        text: text.into(),
        html: Some(format!("<p>{text}</p>")),
        calendar: Some(calendar),
        message_id: "works-12.7.abcdefghij.k1.abcdefghijklmnopqrst@desk.example".into(),
        in_reply_to: None,
        references: vec![],
        date: at(STAMP),
        automatic: Some(Automatic::Generated),
        attachments: vec![],
        list: None,
    }
}

fn mail(told: &Notification, subject: &str, text: &str) -> Vec<u8> {
    compose(&outgoing(subject, text, told.to_ical(subject, text))).unwrap()
}

fn told(name: &str, notification: &Notification, maintenance: Value, event: Value) -> Case {
    Case {
        name: name.into(),
        file: mail(notification, "Planned works", "Hello"),
        is_mail: true,
        maintenances: json!([maintenance]),
        calendar: calendar(json!([event])),
    }
}

/// Every notice of works, as each language that there is writes it.
fn notices() -> Vec<Case> {
    let templates = Templates::new(vec![]).unwrap();
    let kinds = [
        ("works-announced", Status::Confirmed, "CONFIRMED", "CONFIRMED"),
        ("works-changed", Status::Confirmed, "CONFIRMED", "CONFIRMED"),
        ("works-rescheduled", Status::ReScheduled, "RE-SCHEDULED", "CONFIRMED"),
        ("works-reminder", Status::Confirmed, "CONFIRMED", "CONFIRMED"),
        ("works-started", Status::InProcess, "IN-PROCESS", "CONFIRMED"),
        ("works-extended", Status::InProcess, "IN-PROCESS", "CONFIRMED"),
        ("works-completed", Status::Completed, "COMPLETED", "CONFIRMED"),
        ("works-cancelled", Status::Cancelled, "CANCELLED", "CANCELLED"),
    ];
    let mut all = Vec::new();
    for (kind, status, of_works, of_event) in kinds {
        for language in templates.languages() {
            if !templates.has(kind, language) {
                continue;
            }
            let rendered = templates.render(kind, language, &sample::data(kind)).unwrap();
            let told = Notification { status, ..notification() };
            let outgoing = Outgoing {
                html: Some(rendered.html.clone()),
                ..outgoing(&rendered.subject, &rendered.text, told.to_ical(&rendered.subject, &rendered.text))
            };
            all.push(Case {
                name: format!("notice {kind} {language}"),
                file: compose(&outgoing).unwrap(),
                is_mail: true,
                maintenances: json!([summed_up(with(maintenance(), "status", json!(of_works)))]),
                calendar: calendar(json!([summed_up(with(event(), "status", json!(of_event)))])),
            });
        }
    }
    let tentative = Notification { status: Status::Tentative, ..notification() };
    all.push(told(
        "notice tentative",
        &tentative,
        with(maintenance(), "status", json!("TENTATIVE")),
        with(event(), "status", json!("TENTATIVE")),
    ));
    all
}

/// The mail's own subject and text in the calendar, in the letters of five languages.
fn letters() -> Vec<Case> {
    let fallback = "Planned works works-12";
    let texts = [
        ("en", "Planned works, 8 December: FRA/MUC/IA-00013", "Planned works 8 December: FRA/MUC/IA-00013"),
        ("de", "Geplante Arbeiten – Störung möglich", "Geplante Arbeiten - Stoerung moeglich"),
        ("fr", "Travaux prévus : accès coupé à Besançon", "Travaux prevus : acces coupe a Besancon"),
        ("bg", "Планирани работи на 8 декември", fallback),
        ("ja", "計画作業のお知らせ（12月8日）", fallback),
    ];
    texts
        .into_iter()
        .map(|(language, subject, summary)| {
            // Long enough to be folded, in the middle of words of several octets a letter.
            let text = format!("{subject}; {subject}, \\ {subject}\n\n{subject}");
            let told = Notification { summary: None, description: None, ..notification() };
            Case {
                name: format!("letters {language}"),
                file: mail(&told, subject, &text),
                is_mail: true,
                maintenances: json!([with(maintenance(), "summary", json!(summary))]),
                calendar: calendar(json!([with(with(event(), "summary", json!(summary)), "description", json!(text))])),
            }
        })
        .collect()
}

/// Several services, several windows, and fields that need escaping.
fn shapes() -> Vec<Case> {
    let impacts = [
        ("IS-1", Impact::NoImpact, "NO-IMPACT"),
        ("Leitung Köln, 2; \\x", Impact::ReducedRedundancy, "REDUCED-REDUNDANCY"),
        ("東京/大阪-7", Impact::Degraded, "DEGRADED"),
        ("FRA/MUC/IA-00013", Impact::Outage, "OUTAGE"),
    ];
    let objects = impacts.map(|(id, impact, _)| Object { id: id.into(), impact }).to_vec();
    let circuits = impacts.map(|(id, _, impact)| json!({ "circuit_id": id, "impact": impact }));
    let mut all = vec![told(
        "services",
        &Notification { objects: objects.clone(), ..notification() },
        with(maintenance(), "circuits", json!(circuits)),
        event(),
    )];
    for (object, circuit) in objects.iter().zip(&circuits) {
        all.push(told(
            &format!("service {}", object.impact.as_str()),
            &Notification { objects: vec![object.clone()], ..notification() },
            with(maintenance(), "circuits", json!([circuit])),
            event(),
        ));
    }
    all.push(windows());
    let odd = Notification {
        provider: "Müller & Söhne, \"Netze\"; GmbH\\Co".into(),
        account: "Книги ЕООД, София".into(),
        maintenance_id: "W;12,a\\b".into(),
        organizer: Address::new(Some("計画作業 \"NOC\"; Desk, x:y"), "works@desk.example"),
        ..notification()
    };
    let expected = with(maintenance(), "provider", json!("Müller & Söhne, \"Netze\"; GmbH\\Co"));
    let expected = with(expected, "account", json!("Книги ЕООД, София"));
    let expected = with(expected, "maintenance_id", json!("W;12,a\\b"));
    all.push(told("escapes", &odd, expected, event()));
    let asked = Notification { invites: Some(Address::bare("noc@customer.example")), ..notification() };
    let mut invitation =
        told("invitation", &asked, maintenance(), with(event(), "attendees", json!(["mailto:noc@customer.example"])));
    invitation.calendar["method"] = json!("REQUEST");
    invitation.calendar["part_method"] = json!("REQUEST");
    all.push(invitation);
    let taken_back = Notification { status: Status::Cancelled, ..asked };
    let attendee = with(event(), "attendees", json!(["mailto:noc@customer.example"]));
    let cancelled = |value| summed_up(with(value, "status", json!("CANCELLED")));
    let mut taken_back = told("invitation taken back", &taken_back, cancelled(maintenance()), cancelled(attendee));
    taken_back.calendar["method"] = json!("CANCEL");
    taken_back.calendar["part_method"] = json!("CANCEL");
    all.push(taken_back);
    for n in 0..13 {
        // The parser tries base64 on the calendar itself first, which fails or does not by its length.
        let description = "x".repeat(n + 1);
        let told_so = Notification { description: Some(description.clone()), ..notification() };
        all.push(told(
            &format!("length {n}"),
            &told_so,
            maintenance(),
            with(event(), "description", json!(description)),
        ));
    }
    let calendar_text = notification().to_ical("s", "t");
    let file = Attachment { name: "plan.pdf".into(), content_type: "application/pdf".into(), bytes: vec![0; 100] };
    for (name, attachments, html) in [("no html", vec![], None), ("attachment", vec![file], Some("<p>x</p>".into()))] {
        let outgoing = Outgoing { attachments, html, ..outgoing("Works", "Hello", calendar_text.clone()) };
        all.push(Case { file: compose(&outgoing).unwrap(), ..told(name, &notification(), maintenance(), event()) });
    }
    all
}

/// Two windows, and one that has been taken away.
fn windows() -> Case {
    let day = Duration::days(1);
    let several = Notification {
        windows: (1..=3)
            .map(|number| Window {
                number,
                starts_at: at(START) + day * number as i32,
                ends_at: at(END) + day * number as i32,
                gone: number == 2,
            })
            .collect(),
        ..notification()
    };
    let status = |number: i64| if number == 2 { "CANCELLED" } else { "CONFIRMED" };
    let of = |value: Value, number: i64, start: &str, end: &str| {
        let value = with(value, "uid", json!(format!("works-12-{number}@desk.example")));
        let value = summed_up(with(value, "status", json!(status(number))));
        with(with(value, start, json!(START + number * 86_400)), end, json!(END + number * 86_400))
    };
    Case {
        maintenances: (1..=3).map(|n| of(maintenance(), n, "start", "end")).collect(),
        calendar: calendar((1..=3).map(|n| of(event(), n, "dtstart", "dtend")).collect()),
        ..told("windows", &several, Value::Null, Value::Null)
    }
}

fn feeds() -> Vec<Case> {
    let entry = |window, status, ends_at, summary: &str, description: &str| Entry {
        id: WindowId { works: 12, window },
        starts_at: at(START),
        ends_at,
        status,
        sequence: 3,
        stamp: at(STAMP),
        summary: summary.into(),
        description: description.into(),
    };
    let feed = Feed {
        name: "Geplante Arbeiten, 計画作業".into(),
        domain: "desk.example".into(),
        refresh: Duration::hours(1),
        entries: vec![
            entry(1, Status::Confirmed, Some(at(END)), "Störung; möglich, 計画作業", "a\nb"),
            entry(2, Status::Cancelled, None, "x", ""),
        ],
    };
    let first = with(event(), "summary", json!("Störung; möglich, 計画作業"));
    let second = json!({
        "uid": "works-12-2@desk.example", "status": "CANCELLED", "summary": "x", "description": null, "dtend": null,
        "sequence": "3", "transp": "TRANSPARENT", "dtstart": START, "dtstamp": STAMP, "attendees": [],
    });
    let of = |name: &str, feed: &Feed, events: Value| Case {
        name: name.into(),
        file: feed.to_ical().into_bytes(),
        is_mail: false,
        maintenances: Value::Null,
        calendar: json!({ "method": null, "name": feed.name, "events": events }),
    };
    let empty = Feed { entries: vec![], ..feed.clone() };
    vec![
        of("feed", &feed, json!([with(first, "description", json!("a\nb")), second])),
        of("feed without works", &empty, json!([])),
    ]
}

/// Calendars that somebody spoiled, and which reader has to refuse each.
fn broken() -> Vec<(String, Vec<u8>, &'static str)> {
    let good = notification().to_ical("Planned works", "Hello");
    let spoiled = [
        ("impact", good.replace("IMPACT:OUTAGE", "IMPACT:BROKEN"), "maintenances"),
        (
            "status",
            good.replace("STATUS:CONFIRMED\r\nX-MAINTNOTE-IMPACT", "STATUS:DONE\r\nX-MAINTNOTE-IMPACT"),
            "maintenances",
        ),
        ("account", good.replace("X-MAINTNOTE-ACCOUNT:OCN4711\r\n", ""), "maintenances"),
        ("services", good.replace("X-MAINTNOTE-OBJECT-ID:FRA/MUC/IA-00013\r\n", ""), "maintenances"),
        ("end", good.replace("DTEND:20261209", "DTEND:20261207"), "maintenances"),
        ("uid", good.replace("UID:works-12-1@desk.example\r\n", ""), "calendar"),
        ("times", good.replace("T220000Z", "T220000"), "calendar"),
        ("cut off", good[..good.len() / 2].to_owned(), "calendar"),
    ];
    let mut all: Vec<_> = spoiled
        .into_iter()
        .map(|(name, calendar, refused_by)| {
            assert_ne!(calendar, good, "{name} is not spoiled");
            (format!("broken {name}"), compose(&outgoing("Planned works", "Hello", calendar)).unwrap(), refused_by)
        })
        .collect();
    let none = Outgoing { calendar: None, ..outgoing("Planned works", "Hello", String::new()) };
    all.push(("broken no calendar".to_owned(), compose(&none).unwrap(), "maintenances"));
    all
}

fn cases() -> Vec<Case> {
    [notices(), letters(), shapes(), feeds()].into_iter().flatten().collect()
}

/// What the readers say, by name: Python starts once for all tests.
static READ: LazyLock<Value> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    for case in cases() {
        let extension = if case.is_mail { "eml" } else { "ics" };
        std::fs::write(folder.path().join(format!("{}.{extension}", case.name)), case.file).unwrap();
    }
    for (name, file, _) in broken() {
        std::fs::write(folder.path().join(format!("{name}.eml")), file).unwrap();
    }
    read(folder.path())
});

/// What the readers say of all files in a folder.
fn read(folder: &Path) -> Value {
    let python = python();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python/read_calendars.py");
    let output = Command::new(&python).arg(script).arg(folder).output();
    let output = output.unwrap_or_else(|e| panic!("cannot start {}: {e}: run tests/prepare", python.display()));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Where `tests/prepare` has put the readers: below cargo's target folder.
fn python() -> PathBuf {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    target.parent().expect("a folder in the target folder").join("python/bin/python3")
}

fn skipped(name: &str) -> bool {
    skip::skipped(name, "Python's readers of calendars")
}

fn all_are_read(cases: Vec<Case>) {
    assert!(!cases.is_empty());
    for Case { name, is_mail, maintenances, calendar, .. } in cases {
        let said = &READ[&name];
        if is_mail {
            assert_eq!(said["maintenances"], maintenances, "{name}");
        }
        assert_eq!(said["calendar"], calendar, "{name}");
    }
}

#[test]
fn every_notice_of_works_is_read_as_it_was_meant_in_every_language() {
    if skipped("every_notice_of_works_is_read_as_it_was_meant_in_every_language") {
        return;
    }
    all_are_read(notices());
}

#[test]
fn what_is_said_in_the_letters_of_five_languages_comes_through() {
    if skipped("what_is_said_in_the_letters_of_five_languages_comes_through") {
        return;
    }
    all_are_read(letters());
}

#[test]
fn several_services_several_windows_and_whatever_fields_hold_are_read() {
    if skipped("several_services_several_windows_and_whatever_fields_hold_are_read") {
        return;
    }
    all_are_read(shapes());
}

#[test]
fn a_feed_is_read_with_the_uids_of_the_mails() {
    if skipped("a_feed_is_read_with_the_uids_of_the_mails") {
        return;
    }
    all_are_read(feeds());
}

#[test]
fn the_readers_refuse_what_is_broken() {
    if skipped("the_readers_refuse_what_is_broken") {
        return;
    }
    for (name, _, refused_by) in broken() {
        assert!(READ[&name][refused_by]["refused"].is_string(), "{name}: {}", READ[&name]);
    }
}

/// 2026-12-18 22:00 in London.
const NIGHT: i64 = 1_797_631_200;
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Works and number, status, start, end.
type ToldWindow = (&'static str, &'static str, i64, i64);

/// A desk whose customers read five languages. Each organisation has one of the two services that are touched, Books both.
fn desk_with_customers() -> Desk {
    let desk = Desk::on_maildir();
    desk.write("organisations.csv", "name,domains,customer_number\nBooks,books.test,OCN4711\nKöln GmbH,koeln.test,\n");
    desk.write(
        "services.csv",
        "service_id,circuit_id,organisation\nIS-1,LON/LDS/IA-00017,Books\nIS-2,,Books\nIS-3,FRA/CGN/7,Köln GmbH\n",
    );
    let people = LANGUAGES.map(|language| format!("{language}@books.test,{language},Books,maintenance,{language},\n"));
    let people = people.concat();
    desk.write(
        "contacts.csv",
        &format!(
            "email,name,organisation,roles,language,invitations\n{people}{INVITED},Ina,Books,maintenance,en,yes\n\
             noc@koeln.test,NOC,Köln GmbH,maintenance,de,\n"
        ),
    );
    for kind in ["organisation", "contact", "service"] {
        desk.run(&["--now", "2026-11-03T08:00:00Z", kind, "import", &format!("{kind}s.csv")]).ok();
    }
    desk
}

const LANGUAGES: [&str; 5] = ["en", "de", "fr", "bg", "ja"];
/// The one who wants invitations.
const INVITED: &str = "ina@books.test";

#[test]
fn the_whole_life_of_works_is_read_by_the_automation_of_every_customer() {
    if skipped("the_whole_life_of_works_is_read_by_the_automation_of_every_customer") {
        return;
    }
    let desk = desk_with_customers();
    let works = |now: &str, arguments: &[&str]| {
        desk.run(&[&["--now", now, "--as", "Frida", "works"], arguments].concat()).ok();
        desk.once_at(now);
    };
    let plan = ["plan", "Exchange of a card", "--reason", "it ages", "--zone", "Europe/London"];
    let services = ["--service", "IS-1", "--service", "IS-2=DEGRADED", "--service", "IS-3=NO-IMPACT"];
    let windows = ["--window", "2026-12-18 22:00 to 04:00", "--window", "2026-12-19 22:00 to 04:00"];
    works("2026-11-04T09:00:00Z", &[&plan[..], &windows, &services].concat());
    works("2026-11-04T10:00:00Z", &["announce", "PW-0001"]);
    works("2026-11-05T10:00:00Z", &["reschedule", "PW-0001", "--window", "2026-12-20 22:00 to 04:00"]);
    works("2026-12-20T22:01:00Z", &["start", "PW-0001"]);
    works("2026-12-21T03:00:00Z", &["extend", "PW-0001", "05:00"]);
    works("2026-12-21T04:30:00Z", &["complete", "PW-0001"]);
    works("2026-12-21T06:00:00Z", &[&plan[..], &["--window", "2027-01-20 22:00 to 04:00"], &services].concat());
    works("2026-12-21T07:00:00Z", &["announce", "PW-0002"]);
    works("2026-12-21T08:00:00Z", &["cancel", "PW-0002", "Not needed."]);
    let nights = ["--window", "2027-01-20 22:00 to 04:00", "--window", "2027-01-21 22:00 to 04:00"];
    works("2026-12-21T09:00:00Z", &[&plan[..], &nights, &services].concat());
    works("2026-12-21T10:00:00Z", &["announce", "PW-0003"]);
    works("2027-01-20T22:00:00Z", &["start", "PW-0003"]);
    works("2027-01-20T23:00:00Z", &["complete", "PW-0003"]);

    // When it was said, and what of each window.
    let moved = NIGHT + 2 * DAY;
    let january = NIGHT + 33 * DAY;
    let nights = |first, second, length| {
        vec![("3-1", first, january, january + length), ("3-2", second, january + DAY, january + DAY + 6 * HOUR)]
    };
    let told: Vec<(&str, Vec<ToldWindow>)> = vec![
        (
            "2026-11-04T10:00:00Z",
            vec![
                ("1-1", "CONFIRMED", NIGHT, NIGHT + 6 * HOUR),
                ("1-2", "CONFIRMED", NIGHT + DAY, NIGHT + DAY + 6 * HOUR),
            ],
        ),
        (
            "2026-11-05T10:00:00Z",
            vec![
                ("1-1", "RE-SCHEDULED", moved, moved + 6 * HOUR),
                ("1-2", "CANCELLED", NIGHT + DAY, NIGHT + DAY + 6 * HOUR),
            ],
        ),
        ("2026-12-20T22:01:00Z", vec![("1-1", "IN-PROCESS", moved, moved + 6 * HOUR)]),
        ("2026-12-21T03:00:00Z", vec![("1-1", "IN-PROCESS", moved, moved + 7 * HOUR)]),
        ("2026-12-21T04:30:00Z", vec![("1-1", "COMPLETED", moved, moved + 6 * HOUR + HOUR / 2)]),
        ("2026-12-21T07:00:00Z", vec![("2-1", "CONFIRMED", january, january + 6 * HOUR)]),
        ("2026-12-21T08:00:00Z", vec![("2-1", "CANCELLED", january, january + 6 * HOUR)]),
        ("2026-12-21T10:00:00Z", nights("CONFIRMED", "CONFIRMED", 6 * HOUR)),
        ("2027-01-20T22:00:00Z", nights("IN-PROCESS", "IN-PROCESS", 6 * HOUR)),
        // Done in an hour of the first night: the second is not needed.
        ("2027-01-20T23:00:00Z", nights("COMPLETED", "CANCELLED", HOUR)),
    ];
    let of_books = json!([
        { "circuit_id": "LON/LDS/IA-00017", "impact": "OUTAGE" },
        { "circuit_id": "IS-2", "impact": "DEGRADED" },
    ]);
    let mut readers =
        LANGUAGES.map(|language| (format!("{language}@books.test"), "OCN4711", of_books.clone())).to_vec();
    let of_koeln = json!([{ "circuit_id": "FRA/CGN/7", "impact": "NO-IMPACT" }]);
    readers.push(("noc@koeln.test".to_owned(), "Köln GmbH", of_koeln));
    readers.push((INVITED.to_owned(), "OCN4711", of_books));
    // Neither of two windows, nor of what moves nothing.
    let request = Some("REQUEST");
    let asked = [None, None, None, request, request, request, Some("CANCEL"), None, None, None];

    let folder = tempfile::tempdir().unwrap();
    for (email, ..) in &readers {
        let mails = desk.sent_to(email);
        assert_eq!(mails.len(), told.len(), "{email}");
        for (n, mail) in mails.iter().enumerate() {
            std::fs::write(folder.path().join(format!("{email} {n}.eml")), mail).unwrap();
        }
    }
    let said = read(folder.path());
    for (email, account, circuits) in readers {
        let mut before = json!(-1);
        for (n, (stamp, windows)) in told.iter().enumerate() {
            let name = format!("{email} {n}");
            let mut found = said[&name]["maintenances"].clone();
            let sequence = found[0]["sequence"].clone();
            if windows[0].1 == "CONFIRMED" {
                before = json!(-1);
            }
            assert!(sequence.as_i64() > before.as_i64(), "{name}: {sequence} after {before}");
            before = sequence.clone();
            for (one, (window, status, ..)) in found.as_array_mut().unwrap().iter_mut().zip(windows) {
                let summary = one.as_object_mut().unwrap().remove("summary").unwrap();
                let cancelled = if *status == "CANCELLED" { "Cancelled: " } else { "" };
                assert_eq!(summary, format!("{cancelled}PW-000{} Exchange of a card", &window[..1]), "{name}");
            }
            let stamp = stamp.parse::<DateTime<Utc>>().unwrap().timestamp();
            let expected = windows.iter().map(|(window, status, start, end)| {
                json!({
                    "provider": "Test Desk", "account": account, "circuits": circuits,
                    "maintenance_id": format!("PW-000{}", &window[..1]), "uid": format!("works-{window}@desk.test"),
                    "status": status, "start": start, "end": end, "stamp": stamp, "sequence": sequence,
                    "organizer": "mailto:support@desk.test",
                })
            });
            assert_eq!(found, expected.collect::<Value>(), "{name}");
            let method = json!(asked[n].filter(|_| email == INVITED));
            let calendar = &said[&name]["calendar"];
            assert_eq!((&calendar["method"], &calendar["part_method"]), (&method, &method), "{name}");
            let events = said[&name]["calendar"]["events"].as_array().map(Vec::len);
            assert_eq!(events, Some(windows.len()), "{name}: {}", said[&name]["calendar"]);
            let description = said[&name]["calendar"]["events"][0]["description"].as_str().unwrap();
            assert!(description.contains("it ages") && !description.contains("Test Desk\n"), "{name}: {description}");
            assert!(!description.contains("-- ") && !description.contains("Hello"), "{name}: {description}");
        }
    }
}

/// The answer of a customer's calendar to the first window of the first works.
fn calendar_reply(from: &str, id: &str, partstat: &str) -> String {
    format!(
        "From: {from}\r\nTo: support@desk.test\r\nSubject: {partstat}: Planned works\r\nMessage-ID: <{id}@books.test>\r\n\
         Date: Wed, 04 Nov 2026 11:00:00 +0000\r\nContent-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\n\
         BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:works-1-1@desk.test\r\nSEQUENCE:0\r\n\
         ATTENDEE;PARTSTAT={partstat}:mailto:{from}\r\nCOMMENT:Our sale is that night\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

#[test]
fn who_declines_by_calendar_has_a_case_about_the_works_and_no_calendar_is_answered() {
    let desk = desk_with_customers();
    let works = |now: &str, arguments: &[&str]| {
        desk.run(&[&["--now", now, "--as", "Frida", "works"], arguments].concat()).ok();
        desk.once_at(now);
    };
    let plan = ["plan", "Exchange", "--reason", "it ages", "--window", "2026-12-18 22:00 +6h", "--service", "IS-1"];
    works("2026-11-04T09:00:00Z", &plan);
    works("2026-11-04T10:00:00Z", &["announce", "PW-0001"]);
    for (n, (from, partstat)) in
        [("en@books.test", "DECLINED"), ("de@books.test", "ACCEPTED"), ("noc@koeln.test", "DECLINED")]
            .iter()
            .enumerate()
    {
        let id = n.to_string();
        desk.mail_at(&id, "2026-11-04T11:00:00Z", calendar_reply(from, &id, partstat));
    }
    desk.once_at("2026-11-04T11:01:00Z");

    let shown = desk.json(&["works", "show", "PW-0001", "--json"]);
    let said: Vec<_> = shown["answers"].as_array().unwrap().iter().map(|a| (&a["email"], &a["answer"])).collect();
    assert_eq!(
        said,
        [(&json!("de@books.test"), &json!("accepted")), (&json!("en@books.test"), &json!("declined"))],
        "whoever has no service there was not told of them"
    );
    let cases = desk.cases();
    assert_eq!(cases.len(), 1, "{cases:?}");
    assert_eq!(shown["cases"], json!([cases[0]["reference"]]));
    let page = desk.run(&["works", "show", "PW-0001"]).ok();
    assert!(page.contains("declined by en@books.test (window 1): Our sale is that night"), "{page}");
    for customer in ["en@books.test", "de@books.test"] {
        assert_eq!(desk.sent_to(customer).len(), 1, "the announcement, and no answer to a calendar's mail");
    }
    assert_eq!(desk.sent_to("noc@koeln.test").len(), 0);
}
