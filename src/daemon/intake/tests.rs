//! The position of a mailbox passes nothing that is not safe: on a full disk, and beside a mail that can't be stored.

use chrono::{DateTime, Duration};
use rusqlite::Connection;
use tempfile::TempDir;

use super::*;
use crate::{
    daemon::office::{CurrentOffice, Office},
    desk::{policy, policy::Policy, service_desk::ServiceDesk, staff_member::StaffMember},
    mail::{address::Address, template::Templates, token::Keyring},
    post::{Body, Fetched},
    store::{mailboxes::Place, meta, open},
};

pub fn office() -> CurrentOffice {
    let desk = ServiceDesk {
        sender: Address::new(Some("Desk"), "support@desk.test"),
        planned_works: None,
        own_addresses: vec!["support@desk.test".to_owned()],
        staff: vec![StaffMember::new(Address::bare("frida@desk.test"))],
        policy: Policy::load("base", &policy::built_in).unwrap(),
        answer_within: Duration::days(3),
    };
    let keyring = Keyring::parse(&Keyring::generate("a", [1; 32])).unwrap();
    CurrentOffice::new(Office { desk, keyring, templates: Arc::new(Templates::new(vec![]).unwrap()), web_url: None })
}

pub struct Store {
    pub folder: TempDir,
}

impl Store {
    pub fn new() -> Store {
        let store = Store { folder: tempfile::tempdir().unwrap() };
        let db = store.open();
        meta::give_reference_key(&db, [7; 32]).unwrap();
        mailboxes::set_position(&db, "support", Position { epoch: 7, next_uid: 1 }).unwrap();
        store
    }

    pub fn open(&self) -> Connection {
        open::open(&self.folder.path().join("casepost.db")).unwrap()
    }

    fn position(&self) -> Position {
        mailboxes::position(&self.open(), "support").unwrap().unwrap()
    }

    fn has(&self, uid: u32) -> bool {
        let place = Place { mailbox: "support".to_owned(), epoch: 7, key: uid.to_string() };
        mailboxes::has_arrived(&self.open(), &place).unwrap()
    }

    pub async fn commit(&self, db: Connection, mails: Vec<Fetched>) -> Result<Pass, StoreError> {
        let begins_at = self.position();
        let (writer, thread) = Writer::start(db).unwrap();
        let time = Time::drill(received_at());
        let desk = DeskSide { office: office().get(), writer, mailbox: "support".to_owned(), authserv_id: None, time };
        let mut line = Line::start(desk);
        line.bring(begins_at, mails).await;
        let (done, _) = line.end().await;
        thread.join().unwrap();
        done
    }
}

pub fn received_at() -> DateTime<chrono::Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap()
}

/// Every third mail is small: on a disk that is nearly full it would still fit when a larger one does not.
pub fn mail(uid: u32) -> Fetched {
    let noise: Vec<String> = (0..if uid.is_multiple_of(3) { 10 } else { 4000_u32 })
        .map(|n| (n.wrapping_mul(2_654_435_761) ^ uid.wrapping_mul(40_503)).to_string())
        .collect();
    let raw = format!(
        "From: c{uid}@books.test\r\nTo: support@desk.test\r\nSubject: matter {uid}\r\nMessage-ID: <{uid}@books.test>\r\n\r\n{}\r\n",
        noise.join(" ")
    );
    Fetched {
        key: MailKey::Uid(uid),
        size_bytes: raw.len() as u64,
        received_at: received_at(),
        body: Body::Whole(raw.into_bytes()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_the_position_passes_no_mail_that_is_not_stored_and_later_nothing_is_missing() {
    let store = Store::new();
    let small = store.open();
    let pages: i64 = small.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let _: i64 = small.query_row(&format!("PRAGMA max_page_count = {}", pages + 20), [], |row| row.get(0)).unwrap();
    let failed = store.commit(small, (1..=60).map(mail).collect()).await.unwrap_err();
    assert!(failed.is_disk(), "{failed}");
    let position = store.position();
    assert!(position.next_uid < 61, "{position:?}");
    assert!((1..position.next_uid).all(|uid| store.has(uid)), "{position:?}");
    store.commit(store.open(), (position.next_uid..=60).map(mail).collect()).await.unwrap();
    assert!((1..=60).all(|uid| store.has(uid)));
    let cases: i64 = store.open().query_row("SELECT COUNT(*) FROM cases", [], |row| row.get(0)).unwrap();
    assert_eq!(cases, 60);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_cannot_be_stored_is_held_with_its_bytes_and_those_behind_it_are_taken_in() {
    let store = Store::new();
    let db = store.open();
    db.execute_batch(
        "CREATE TRIGGER refuse BEFORE INSERT ON mails WHEN new.sender = 'c4@books.test'
         BEGIN SELECT RAISE(ABORT, 'nobody thought of this'); END",
    )
    .unwrap();
    let pass = store.commit(db, (1..=9).map(mail).collect()).await.unwrap();
    assert_eq!((pass.kept, pass.held), (8, 1));
    assert_eq!(store.position().next_uid, 10);
    let held = crate::store::quarantine::list(&store.open(), false).unwrap();
    assert!(held[0].reason.contains("nobody thought of this"), "{}", held[0].reason);
    let raw = crate::store::quarantine::raw(&store.open(), held[0].id).unwrap().unwrap();
    assert!(raw.starts_with(b"From: c4@books.test"));
}
