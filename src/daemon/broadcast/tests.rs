//! Everybody once, whatever happens in between; what is urgent first; and each reader's mails in one thread.

use std::collections::BTreeMap;

use chrono::TimeZone;

use super::*;
use crate::{
    daemon::{intake::tests::office, letter},
    desk::notice::{Lane, NoticeKind},
    mail::{address::Address, template::sample},
    store::{broadcasts::NewBroadcast, open},
};

fn database() -> (tempfile::TempDir, Connection) {
    let dir = tempfile::tempdir().unwrap();
    let db = open::open(&dir.path().join("desk.db")).unwrap();
    (dir, db)
}

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 27, 12, 0, 0).unwrap()
}

fn say(db: &Connection, topic: Topic, kind: NoticeKind, cause: &str, emails: &[String]) -> Option<i64> {
    let reader =
        |email: &String| Reader { address: Address::bare(email), organisation: None, case: None, subscription: None };
    let data = sample::data(kind.as_str());
    let data = data.as_object().unwrap();
    let broadcast = NewBroadcast { topic, kind, cause, decided_at: noon(), data };
    broadcasts::add(db, &broadcast, emails.iter().map(reader)).unwrap()
}

fn people(number: usize) -> Vec<String> {
    (0..number).map(|n| format!("reader{n}@books.example")).collect()
}

#[test]
fn each_reader_is_told_once_although_every_second_job_is_taken_back() {
    let (_dir, mut db) = database();
    let office = office().get();
    let mut readers = people(250);
    readers.push("reader7@books.example".to_owned());
    let works = Topic::Works(1);
    assert!(say(&db, works, NoticeKind::WorksAnnounced, "works:1:1", &readers).is_some());
    assert_eq!(say(&db, works, NoticeKind::WorksAnnounced, "works:1:1", &people(3)), None, "it is being said");
    for n in 0.. {
        let tx = db.transaction().unwrap();
        if tell_next(&tx, &office, noon()).unwrap() == 0 {
            break;
        }
        if n % 2 == 1 {
            tx.commit().unwrap();
        }
    }
    let mut told: BTreeMap<String, u32> = BTreeMap::new();
    for notice in outbox::after(&db, 0).unwrap() {
        assert_eq!((notice.kind, notice.topic), (NoticeKind::WorksAnnounced, Some(works)));
        for person in notice.recipients.all() {
            *told.entry(person.email.clone()).or_default() += 1;
        }
    }
    assert_eq!((told.len(), told.values().max()), (250, Some(&1)));
    assert_eq!((broadcasts::waiting(&db).unwrap(), broadcasts::next_due(&db).unwrap()), (0, None));
    assert_eq!(say(&db, works, NoticeKind::WorksAnnounced, "works:1:1", &readers), None, "it was said");
}

#[test]
fn an_incident_overtakes_works() {
    let (_dir, db) = database();
    let office = office().get();
    say(&db, Topic::Works(1), NoticeKind::WorksAnnounced, "works:1:1", &people(500));
    tell_next(&db, &office, noon()).unwrap();
    let incident = Topic::Incident(crate::daemon::incident::tests::an_incident(&db));
    say(&db, incident, NoticeKind::MniUpdate, "incident:1:1", &people(50));
    tell_next(&db, &office, noon()).unwrap();
    let urgent = outbox::due(&db, Lane::Incident, noon(), 1000, &outbox::UnderWay::default()).unwrap();
    let other = outbox::due(&db, Lane::Bulk, noon(), 1000, &outbox::UnderWay::default()).unwrap();
    assert_eq!((urgent.len(), other.len()), (50, 100));
}

#[test]
fn the_mails_of_one_topic_to_one_reader_are_a_thread() {
    let (_dir, db) = database();
    let office = office().get();
    let mut ids: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (n, topic) in [Topic::Works(1), Topic::Works(2), Topic::Works(1)].into_iter().enumerate() {
        say(&db, topic, NoticeKind::WorksChanged, &format!("{topic}:{n}"), &people(2));
        tell_next(&db, &office, noon()).unwrap();
        for id in outbox::due(&db, Lane::Bulk, noon(), 10, &outbox::UnderWay::default()).unwrap() {
            let notice = outbox::load(&db, id).unwrap().unwrap();
            let letter = letter::write(&office, &notice, &letter::thread(&db, &office, &notice).unwrap()).unwrap();
            outbox::freeze(&db, id, &letter).unwrap();
            let reader = &notice.recipients.to[0].email;
            outbox::settle(&db, id, reader, outbox::State::Accepted, "250 taken", noon()).unwrap();
            let signed = office.keyring.verify_topic(&letter.message_id).unwrap();
            assert_eq!(signed.topic, topic);
            assert!(office.keyring.is_for(&letter.message_id, reader));
            let earlier = ids.entry(format!("{reader} {topic}")).or_default();
            let bytes = String::from_utf8(letter.bytes).unwrap();
            let answers = bytes.lines().find_map(|line| line.strip_prefix("In-Reply-To: <")).map(str::to_owned);
            assert_eq!(answers, earlier.last().map(|id| format!("{id}>")));
            earlier.push(letter.message_id);
        }
    }
    let threads: Vec<usize> = ids.values().map(Vec::len).collect();
    assert_eq!(threads, [2, 1, 2, 1]);
}
