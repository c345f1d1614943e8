//! Accepted, declined, and what neither a stranger nor a robot can do with it.

use chrono::{DateTime, Duration, TimeZone, Utc};
use chrono_tz::Tz;
use rusqlite::Connection;

use crate::{
    daemon::{
        broadcast,
        intake::tests::office,
        names::Names,
        office::Office,
        reading::{Bytes, read},
        staff::Command,
        take_in::{Taken, take_in},
    },
    desk::{
        case::Case,
        notice::NoticeKind,
        topic::Topic,
        works::{
            Affected, Impact, Kind, Place as TouchedPlace, ToldWindow, Whose, Window, Works, WorksId, WorksKind,
            WorksState, act::Act, plan::Draft,
        },
    },
    mail::{address::Address, calendar::Said},
    store::{
        broadcasts::{self, NewBroadcast, Reader},
        cases,
        mailboxes::Place,
        mails::Disposition,
        meta, open, outbox, works, works_answers,
    },
};

struct Desk {
    _folder: tempfile::TempDir,
    db: Connection,
    office: std::sync::Arc<Office>,
    mails: u32,
    works: i64,
    authserv_id: Option<&'static str>,
    /// of the notice that calendars answer
    sequence: u32,
}

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 27, 12, 0, 0).unwrap()
}

/// A desk that has told ada@books.test of works.
fn desk() -> Desk {
    let folder = tempfile::tempdir().unwrap();
    let db = open::open(&folder.path().join("desk.db")).unwrap();
    meta::give_reference_key(&db, [7; 32]).unwrap();
    let planned = Works {
        id: 0,
        whose: Whose::Desk,
        kind: WorksKind::Planned,
        state: WorksState::Announced,
        case: None,
        organisation: None,
        customer_number: None,
        owner: None,
        announced_at: noon(),
        late: false,
        windows: vec![ToldWindow { starts_at: Some(noon()), ends_at: Some(noon()) }],
        services: vec![],
    };
    let works = works::put(&db, &planned).unwrap();
    let office = office().get();
    tell_of_works(&db, &office, works, "works:1:1");
    Desk { _folder: folder, db, office, mails: 0, works, authserv_id: None, sequence: 2 }
}

/// One whose works were announced (0) and then moved (1).
fn desk_that_moved_works() -> Desk {
    let mut desk = desk();
    let night = |days: i64| {
        let starts_at = noon() + Duration::days(days);
        Window { starts_at, ends_at: starts_at + Duration::hours(4) }
    };
    let draft = Draft {
        kind: Kind::Planned,
        windows: vec![night(20)],
        zone: Tz::UTC,
        affected: vec![Affected { place: TouchedPlace::Platform("voice".to_owned()), impact: Impact::Outage }],
        description: "Exchange of a card".to_owned(),
        reason: "it ages".to_owned(),
        contact: None,
        roll_back: None,
        emergency: None,
    };
    let frida = desk.frida();
    let works = frida.plan_works(&desk.db, draft, None).unwrap().id;
    frida.act_on_works(&desk.db, works, &Act::Announce, None).unwrap();
    frida.act_on_works(&desk.db, works, &Act::Reschedule { windows: &[night(27)], text: None }, None).unwrap();
    desk.works = works.0;
    tell_of_works(&desk.db, &desk.office, works.0, "told by the test");
    desk
}

/// Ada is told of works.
fn tell_of_works(db: &Connection, office: &Office, works: i64, cause: &str) {
    let reader =
        Reader { address: Address::bare("ada@books.test"), organisation: None, case: None, subscription: None };
    let broadcast = NewBroadcast {
        topic: Topic::Works(works),
        kind: NoticeKind::WorksAnnounced,
        cause,
        decided_at: noon(),
        data: &serde_json::Map::new(),
    };
    broadcasts::add(db, &broadcast, [reader]).unwrap();
    while broadcast::tell_next(db, office, noon()).unwrap() > 0 {}
}

impl Desk {
    /// Ada's, or somebody's, calendar sends this.
    fn answers(&mut self, from: &str, uid: &str, partstat: &str, headers: &str) -> Taken {
        self.mails += 1;
        let (number, sequence) = (self.mails, self.sequence);
        let raw = format!(
            "From: {from}\r\nTo: support@desk.test\r\nSubject: {partstat}: works\r\nMessage-ID: <{number}@books.test>\r\n\
             Date: Fri, 27 Nov 2026 12:{number:02}:00 +0000\r\n{headers}\
             Content-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\n\
             BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nSEQUENCE:{sequence}\r\n\
             ATTENDEE;PARTSTAT={partstat}:mailto:{from}\r\nCOMMENT:Not that night\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let bytes = Bytes { raw: raw.as_bytes(), size_bytes: raw.len() as u64, truncated: false, received_at: noon() };
        let mail = read(&self.office, bytes, self.authserv_id).unwrap();
        let place = Place { mailbox: "support".to_owned(), epoch: 1, key: number.to_string() };
        take_in(&self.db, &self.office, &mail, &place, None, noon()).unwrap()
    }

    fn frida(&self) -> Command<'_> {
        Command { office: &self.office, name: "Frida", now: noon(), names: Names::Refused }
    }

    /// What staff are to know of the last mail.
    fn marks(&self) -> String {
        outbox::after(&self.db, 0).unwrap().last().unwrap().data["marks"].to_string()
    }

    fn uid(&self) -> String {
        format!("works-{}-1@desk.test", self.works)
    }

    fn said(&self) -> Vec<(String, Said, Option<u32>)> {
        let all = works_answers::of_works(&self.db, self.works).unwrap();
        all.into_iter().map(|answer| (answer.email, answer.said, answer.window)).collect()
    }

    fn cases(&self) -> Vec<Case> {
        cases::after(&self.db, 0).unwrap()
    }

    /// Notices beside the one about the works: of what kind, to whom.
    fn told(&self) -> Vec<(NoticeKind, String)> {
        let all = outbox::after(&self.db, 0).unwrap().into_iter().filter(|n| n.kind != NoticeKind::WorksAnnounced);
        all.map(|notice| (notice.kind, notice.recipients.to[0].email.clone())).collect()
    }
}

fn disposition(taken: &Taken) -> Disposition {
    match taken {
        Taken::Kept { disposition, .. } => *disposition,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_acceptance_is_written_down_and_nobody_hears_of_it() {
    let mut desk = desk();
    let uid = desk.uid();
    assert_eq!(disposition(&desk.answers("ada@books.test", &uid, "TENTATIVE", "")), Disposition::Recorded);
    assert_eq!(disposition(&desk.answers("ada@books.test", &uid, "ACCEPTED", "")), Disposition::Recorded);
    assert_eq!(desk.said(), [("ada@books.test".to_owned(), Said::Accepted, Some(1))], "the last one counts");
    assert_eq!((desk.cases().len(), desk.told().len()), (0, 0));
}

#[test]
fn a_decline_opens_one_case_which_staff_see_and_no_program_is_answered() {
    let mut desk = desk();
    let uid = desk.uid();
    assert_eq!(disposition(&desk.answers("ada@books.test", &uid, "DECLINED", "")), Disposition::Opened);
    assert_eq!(desk.told(), [(NoticeKind::StaffNewCase, "frida@desk.test".to_owned())]);
    let marks = desk.marks();
    assert!(
        marks.contains("has declined planned works PW-0001 (window 1) by their calendar: \\\"Not that night\\\""),
        "{marks}"
    );
    for _ in 0..5 {
        assert_eq!(disposition(&desk.answers("ada@books.test", &uid, "DECLINED", "")), Disposition::Recorded);
    }
    assert_eq!(disposition(&desk.answers("ada@books.test", &uid, "ACCEPTED", "")), Disposition::Recorded);
    assert_eq!(desk.cases().len(), 1);
    let told: Vec<NoticeKind> = desk.told().into_iter().map(|(kind, _)| kind).collect();
    assert!(told[1..].iter().all(|kind| *kind == NoticeKind::StaffCustomerWrote), "{told:?}");
    assert_eq!(told.len(), 6, "that they agree after all is no news to act on");
    assert_eq!(works::desk::cases(&desk.db, WorksId(desk.works)).unwrap(), [desk.cases()[0].reference]);
}

#[test]
fn an_answer_to_what_was_never_sent_does_not_stand_against_later_ones() {
    let mut desk = desk_that_moved_works();
    let uid = desk.uid();
    desk.sequence = 4_000_000_000;
    desk.answers("ada@books.test", &uid, "ACCEPTED", "");
    desk.sequence = 1;
    desk.answers("ada@books.test", &uid, "DECLINED", "");
    assert_eq!(desk.said(), [("ada@books.test".to_owned(), Said::Declined, Some(1))]);
    let marks = desk.marks();
    assert!(marks.contains("has declined planned works PW-0002 (window 1) by their calendar"), "{marks}");
}

#[test]
fn staff_read_that_a_decline_is_of_an_earlier_time_or_of_works_that_are_cancelled() {
    let mut desk = desk_that_moved_works();
    let uid = desk.uid();
    desk.sequence = 0;
    desk.answers("ada@books.test", &uid, "DECLINED", "");
    let marks = desk.marks();
    assert!(marks.contains("PW-0002 (window 1), as they were before they moved, by their calendar"), "{marks}");
    let cancel = Act::Cancel { reason: "not ready" };
    desk.frida().act_on_works(&desk.db, WorksId(desk.works), &cancel, None).unwrap();
    desk.sequence = 1;
    desk.answers("ada@books.test", &uid, "DECLINED", "");
    let marks = desk.marks();
    assert!(marks.contains("PW-0002 (window 1), which are cancelled, by their calendar"), "{marks}");
}

#[test]
fn whoever_was_not_told_of_the_works_answers_nothing() {
    let mut desk = desk();
    let uid = desk.uid();
    let signed = desk.office.keyring.topic_id(Topic::Works(desk.works), 1, "ada@books.test", "desk.test");
    let cites = format!("In-Reply-To: <{signed}>\r\n");
    for (from, uid, headers) in [
        ("eve@evil.test", uid.as_str(), ""),
        ("eve@evil.test", uid.as_str(), cites.as_str()),
        ("ada@books.test", "works-2-1@desk.test", ""),
        ("ada@books.test", "works-1-99@desk.test", ""),
        ("ada@books.test", "works-1-0@desk.test", ""),
        ("ada@books.test", "works-9223372036854775807-1@desk.test", ""),
        ("ada@books.test", "another@books.test", ""),
        ("frida@desk.test", uid.as_str(), ""),
    ] {
        assert_eq!(disposition(&desk.answers(from, uid, "DECLINED", headers)), Disposition::Stray, "{from} {uid}");
    }
    assert_eq!((desk.said().len(), desk.cases().len(), desk.told().len()), (0, 0, 0));
}

#[test]
fn a_calendar_that_gave_the_appointment_a_uid_of_its_own_is_known_by_the_mail_that_it_answers() {
    let mut desk = desk();
    let signed = desk.office.keyring.topic_id(Topic::Works(desk.works), 1, "ada@books.test", "desk.test");
    let headers = format!("In-Reply-To: <{signed}>\r\n");
    desk.answers("ada@books.test", "0400@exchange.test", "ACCEPTED", &headers);
    assert_eq!(desk.said(), [("ada@books.test".to_owned(), Said::Accepted, None)]);
}

#[test]
fn a_forged_answer_counts_for_nothing_where_the_mail_server_checks_senders() {
    let mut desk = desk();
    desk.authserv_id = Some("mx.desk.test");
    let uid = desk.uid();
    let results = |says: &str| format!("Authentication-Results: mx.desk.test; {says}\r\n");
    for headers in [
        String::new(),
        results("dmarc=fail header.from=books.test"),
        results("dmarc=fail (p=reject) header.from=books.test"),
        "X-Spam-Flag: YES\r\n".to_owned(),
    ] {
        for said in ["ACCEPTED", "DECLINED"] {
            desk.answers("ada@books.test", &uid, said, &headers);
            assert_eq!(desk.said(), [], "{said} {headers}");
        }
    }
    assert_eq!(desk.told().iter().filter(|(_, to)| to == "ada@books.test").count(), 0);
    desk.answers("ada@books.test", &uid, "ACCEPTED", &results("dmarc=pass header.from=books.test"));
    assert_eq!(desk.said().len(), 1);
}
