//! A notice with a calendar becomes a mail with one.

use chrono::{DateTime, Utc};
use mail_parser::{MessageParser, MimeHeaders};
use serde_json::{Map, Value, json};

use super::*;
use crate::{
    daemon::{broadcast, intake::tests::office},
    desk::{notice::Lane, topic::Topic},
    mail::{
        address::Address,
        calendar::{Impact, Object, Status, Window},
        incoming,
    },
    store::{
        broadcasts::{self, NewBroadcast, Reader},
        open,
    },
};

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_780_800, 0).unwrap()
}

/// The mail about works whose notice keeps this as its calendar.
fn mail_with(calendar: Value) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let db = open::open(&folder.path().join("desk.db")).unwrap();
    let office = office().get();
    let reader =
        Reader { address: Address::bare("ada@books.test"), organisation: None, case: None, subscription: None };
    let data: Map<String, Value> = [("calendar".to_owned(), calendar)].into_iter().collect();
    let broadcast = NewBroadcast {
        topic: Topic::Works(12),
        kind: NoticeKind::WorksCancelled,
        cause: "works:12:1",
        decided_at: noon(),
        data: &data,
    };
    broadcasts::add(&db, &broadcast, [reader]).unwrap();
    broadcast::tell_next(&db, &office, noon()).unwrap();
    let due = outbox::due(&db, Lane::Bulk, noon(), 10, &outbox::UnderWay::default()).unwrap();
    let mut notice = outbox::load(&db, due[0]).unwrap().unwrap();
    // What the template needs beside it is the sample's.
    let sample = crate::mail::template::sample::data(notice.kind.as_str());
    notice.data.extend(sample.as_object().cloned().unwrap_or_default().into_iter().filter(|(k, _)| k != "calendar"));
    write(&office, &notice, &thread(&db, &office, &notice).unwrap()).unwrap().bytes
}

fn notification() -> Notification {
    Notification {
        works: 12,
        domain: "desk.test".into(),
        provider: "Desk".into(),
        account: "OCN4711".into(),
        maintenance_id: "works-12".into(),
        status: Status::Cancelled,
        objects: vec![Object { id: "IS-1".into(), impact: Impact::Outage }],
        windows: vec![Window {
            number: 1,
            starts_at: noon(),
            ends_at: noon() + chrono::Duration::hours(1),
            gone: false,
        }],
        organizer: Address::bare("support@desk.test"),
        contact: None,
        sequence: 1,
        stamp: noon(),
        summary: None,
        description: None,
        invites: None,
    }
}

#[test]
fn the_calendar_of_a_notice_is_the_last_part_and_says_what_the_mail_says() {
    let bytes = mail_with(serde_json::to_value(notification()).unwrap());
    let parsed = MessageParser::default().parse(&bytes).unwrap();
    let part = parsed.parts.last().unwrap();
    let kind = part.content_type().unwrap();
    assert_eq!((kind.ctype(), kind.subtype(), kind.attribute("method")), ("text", Some("calendar"), None));
    let calendar = String::from_utf8(part.contents().to_vec()).unwrap().replace("\r\n ", "");
    assert!(calendar.contains("\r\nSTATUS:CANCELLED\r\n"), "{calendar}");
    // The desk reads its mails in scenarios: the calendar is no part of what they say.
    let said = incoming::read(&bytes).unwrap();
    // Its facts: what stands below the greeting.
    let text = said.text.split("\n\n").nth(1).and_then(|headline| headline.split_whitespace().next()).unwrap();
    assert!(calendar.contains(&format!("\r\nDESCRIPTION:{text}")), "{calendar}\n{}", said.text);
    assert!(!said.text.contains("VCALENDAR") && !said.html.unwrap().contains("VCALENDAR"));
}

#[test]
fn a_calendar_that_can_not_be_read_holds_no_mail_up() {
    for unreadable in [json!({ "works": "twelve" }), json!("x"), Value::Null] {
        let bytes = mail_with(unreadable);
        let parsed = MessageParser::default().parse(&bytes).unwrap();
        assert!(parsed.parts.iter().all(|part| part.content_type().unwrap().subtype() != Some("calendar")));
    }
}
