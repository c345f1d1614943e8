//! Who is told once, in which language, with which way out; and what random histories leave.

use std::collections::BTreeSet;

use chrono::TimeZone;
use proptest::prelude::*;

use super::*;
use crate::{
    daemon::{broadcast, intake::tests::office as plain_office, letter, sender::claim::claim},
    desk::topic::Topic,
    store::{
        broadcasts::{self, NewBroadcast, Reader},
        open,
        outbox::State,
    },
};

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 27, 12, 0, 0).unwrap()
}

fn office(web_url: Option<&str>) -> Office {
    let mut office = (*plain_office().get()).clone();
    let platforms = [("voice", "Hosted voice"), ("teams", "Microsoft Teams")];
    office.desk.policy.platforms = platforms.into_iter().map(|(key, title)| (key.into(), title.into())).collect();
    office.web_url = web_url.map(str::to_owned);
    office
}

fn platform(key: &str) -> What {
    What::Platform(key.to_owned())
}

fn incident() -> What {
    What::Incident(CaseId(7))
}

fn has(db: &Connection, email: &str, what: &What) -> i64 {
    subscriptions::confirm(db, (email, what), Some("de"), "a test", noon()).unwrap()
}

/// The whole text of a notice's mail.
fn written(db: &Connection, office: &Office, notice: &StoredNotice) -> String {
    let thread = letter::thread(db, office, notice).unwrap();
    let bytes = letter::write(office, notice, &thread).unwrap().bytes;
    String::from_utf8(bytes).unwrap().replace("=\r\n", "").replace("\r\n ", " ")
}

#[test]
fn each_reader_is_there_once_and_by_the_widest_of_their_subscriptions() {
    let db = open::in_memory().unwrap();
    let (_, wide) = (has(&db, "ada@x.example", &platform("voice")), has(&db, "ada@x.example", &What::All));
    let (_, middle) = (has(&db, "bea@x.example", &incident()), has(&db, "bea@x.example", &platform("voice")));
    let narrow = has(&db, "cai@x.example", &incident());
    has(&db, "dan@x.example", &platform("teams"));
    has(&db, "eve@x.example", &What::Incident(CaseId(70)));
    let shown = |readers: Vec<Reader>| {
        readers.into_iter().map(|one| (one.address.email, one.subscription.unwrap())).collect::<Vec<_>>()
    };
    let of_incident = subscriptions::of_incident(&db, CaseId(7), &["voice".to_owned()]).unwrap();
    let expected = [("ada@x.example", wide), ("bea@x.example", middle), ("cai@x.example", narrow)];
    assert_eq!(shown(of_incident), expected.map(|(email, id)| (email.to_owned(), id)));
    let of_platform = subscriptions::of_platform(&db, "voice").unwrap();
    assert_eq!(shown(of_platform), expected[..2].iter().map(|(e, id)| ((*e).to_owned(), *id)).collect::<Vec<_>>());
}

#[test]
fn a_contact_who_subscribed_as_well_gets_one_mail_and_no_way_out_of_it() {
    let (db, office) = (open::in_memory().unwrap(), office(None));
    has(&db, "ada@x.example", &platform("voice"));
    has(&db, "bea@x.example", &platform("voice"));
    let contact =
        Reader { address: Address::bare("ada@x.example"), organisation: Some(1), case: None, subscription: None };
    let mut readers = vec![contact];
    readers.extend(subscriptions::of_platform(&db, "voice").unwrap());
    let data = Map::new();
    // A notice that says of itself what it needs: what works say is theirs.
    let said = NewBroadcast {
        topic: Topic::Works(1),
        kind: NoticeKind::WorksAnnounced,
        cause: "works:1:1",
        decided_at: noon(),
        data: &data,
    };
    broadcasts::add(&db, &said, readers).unwrap();
    while broadcast::tell_next(&db, &office, noon()).unwrap() > 0 {}
    let notices = outbox::after(&db, 0).unwrap();
    let told: Vec<(&str, Option<i64>)> =
        notices.iter().map(|notice| (notice.recipients.to[0].email.as_str(), of_notice(notice))).collect();
    assert_eq!((told.len(), told[0]), (2, ("ada@x.example", None)));
    assert!(told[1].1.is_some());
    assert_eq!(notices[1].data["language"], "de");
    assert!(way_out(&db, &office, &notices[0]).unwrap().is_none());
}

#[test]
fn whoever_leaves_before_their_mail_is_made_or_sent_gets_none() {
    let (db, office) = (open::in_memory().unwrap(), office(None));
    let id = has(&db, "ada@x.example", &platform("voice"));
    assert!(told(&db, id).unwrap().is_some());
    subscribed(&db, &office, ("ada@x.example", &platform("voice")), None, "a test", "again", noon()).unwrap();
    let queued = outbox::after(&db, 0).unwrap().remove(0);
    assert!(claim(&db, &office, queued.id, noon()).unwrap().is_some());
    assert_eq!(
        end(&db, &office, &office.keyring.leave_token(id.unsigned_abs()), noon()).unwrap(),
        Some(Standing::Done)
    );
    assert!(told(&db, id).unwrap().is_none());
    assert!(claim(&db, &office, queued.id, noon()).unwrap().is_none());
    let delivery = outbox::deliveries(&db, queued.id).unwrap().remove(0);
    assert_eq!(
        (delivery.state, delivery.answer.as_deref()),
        (State::Cancelled, Some("withdrawn: no longer subscribed"))
    );
}

#[test]
fn a_subscribers_mail_shows_the_way_out_in_header_and_foot_and_a_question_its_page() {
    let db = open::in_memory().unwrap();
    let office = office(Some("https://status.desk.example"));
    ask(&db, &office, "ada@x.example", &What::All, Some("fr"), noon()).unwrap();
    let id =
        subscribed(&db, &office, ("ada@x.example", &platform("voice")), Some("de"), "a test", "one", noon()).unwrap();
    let notices = outbox::after(&db, 0).unwrap();
    let question = written(&db, &office, &notices[0]);
    let page =
        format!("https://status.desk.example/confirm/{}", office.keyring.confirm_token(notices[0].id.unsigned_abs()));
    assert!(question.contains(&page) && !question.contains("List-"), "{question}");
    let told = written(&db, &office, &notices[1]);
    let token = office.keyring.leave_token(id.unsigned_abs());
    for line in [
        format!("List-Unsubscribe: <https://status.desk.example/unsubscribe/{token}>, <mailto:"),
        format!("?subject=unsubscribe%20{token}>"),
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click".to_owned(),
        format!("Abbestellen: https://status.desk.example/unsubscribe/{token}"),
        "Statusseite: https://status.desk.example".to_owned(),
    ] {
        assert!(told.contains(&line), "{line}: {told}");
    }
}

#[test]
fn without_tls_a_mail_leads_to_the_page_and_offers_no_single_click() {
    let (db, office) = (open::in_memory().unwrap(), office(Some("http://status.desk.example")));
    subscribed(&db, &office, ("ada@x.example", &platform("voice")), None, "a test", "one", noon()).unwrap();
    let told = written(&db, &office, &outbox::after(&db, 0).unwrap()[0]);
    assert!(told.contains("Status page: http://status.desk.example\r\n"), "{told}");
    assert!(told.contains("http://status.desk.example/unsubscribe/") && !told.contains("One-Click"), "{told}");
}

fn asks(db: &Connection, office: &Office, email: &str, minute: i64) -> Asking {
    ask(db, office, email, &What::All, None, noon() + Duration::minutes(minute)).unwrap()
}

#[test]
fn whoever_answered_may_be_asked_again_at_once_and_whose_question_was_lost_after_an_hour() {
    let (db, office) = (open::in_memory().unwrap(), office(None));
    let at = |minute| asks(&db, &office, "ada@x.example", minute);
    assert_eq!(at(0), Asking::Taken);
    assert_eq!(at(59), Asking::Held(HeldBack::Unanswered));
    assert_eq!(at(60), Asking::Taken);
    subscriptions::answered(&db, outbox::after(&db, 0).unwrap()[1].id, noon()).unwrap();
    assert_eq!(at(61), Asking::Taken);
    let later: Vec<Asking> = (2..6).map(|hour| at(hour * 61)).collect();
    assert_eq!(later[..2], [Asking::Taken; 2]);
    assert_eq!(later[2..], [Asking::Held(HeldBack::Day); 2], "{later:?}");
}

#[test]
fn a_tag_makes_no_other_reader_and_a_robot_is_none() {
    let (db, office) = (open::in_memory().unwrap(), office(None));
    assert_eq!(asks(&db, &office, "victim+1@x.example", 0), Asking::Taken);
    for email in ["victim+2@x.example", "victim@x.example", "Victim+1@x.example"] {
        assert_eq!(asks(&db, &office, email, 1), Asking::Held(HeldBack::Unanswered), "{email}");
    }
    for email in ["victims@x.example", "victim+1@y.example", "in@x.example"] {
        assert_eq!(asks(&db, &office, email, 1), Asking::Taken, "{email}");
    }
    assert_eq!(asks(&db, &office, "mailer-daemon@x.example", 1), Asking::Held(HeldBack::Address));
}

#[test]
fn strangers_who_fill_the_hour_are_a_trouble_that_staff_see_until_there_is_room_again() {
    let (db, mut office) = (open::in_memory().unwrap(), office(None));
    office.desk.policy.subscriptions.questions_per_hour = 3;
    for n in 0..3 {
        assert_eq!(asks(&db, &office, &format!("a@x{n}.example"), 0), Asking::Taken);
    }
    let trouble = || crate::store::troubles::current(&db, &Area::Subscribing).unwrap();
    assert_eq!(trouble(), None);
    assert_eq!(asks(&db, &office, "ada@x.example", 1), Asking::Held(HeldBack::Hour));
    assert!(trouble().is_some_and(|trouble| trouble.error.contains("questions_per_hour")));
    assert_eq!(asks(&db, &office, "ada@x.example", 61), Asking::Taken);
    assert_eq!(trouble(), None);
}

#[test]
fn from_outside_no_case_number_is_anything_to_subscribe_to() {
    let db = open::in_memory().unwrap();
    assert_eq!(named(&db, "incident:7").unwrap(), None);
    assert_eq!(named(&db, "Platform:voice").unwrap(), Some(platform("voice")));
}

#[derive(Debug, Clone)]
enum Step {
    Confirm(u8, u8),
    Leave(u8, u8),
    Bounce(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..3_u8, 0..4_u8).prop_map(|(who, what)| Step::Confirm(who, what)),
        (0..3_u8, 0..4_u8).prop_map(|(who, what)| Step::Leave(who, what)),
        (0..3_u8).prop_map(Step::Bounce),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Against a set of (address, thing): what lives is what was confirmed and not left, and nobody is a reader twice.
    #[test]
    fn after_any_history_exactly_those_who_said_yes_and_did_not_leave_are_told(steps in prop::collection::vec(step(), 0..30)) {
        let (db, office) = (open::in_memory().unwrap(), office(None));
        let things = [What::All, platform("voice"), platform("teams"), incident()];
        let email = |who: u8| format!("reader{who}@x.example");
        let mut living: BTreeSet<(String, What)> = BTreeSet::new();
        for (n, step) in steps.iter().enumerate() {
            match *step {
                Step::Confirm(who, what) => {
                    has(&db, &email(who), &things[what as usize]);
                    living.insert((email(who), things[what as usize].clone()));
                }
                Step::Leave(who, what) => {
                    let left = &things[what as usize];
                    let leaving = Leaving {
                        email: &email(who),
                        left: std::slice::from_ref(left),
                        by: "a test",
                        cause: &format!("leave:{n}"),
                        language: None,
                    };
                    let before = living.len();
                    living.retain(|(reader, thing)| *reader != email(who) || !left.ends(thing));
                    prop_assert_eq!(leave(&db, &office, &leaving, noon()).unwrap(), before - living.len());
                }
                Step::Bounce(who) => {
                    subscriptions::end_all(&db, &email(who), "bounce", noon()).unwrap();
                    living.retain(|(reader, _)| *reader != email(who));
                }
            }
        }
        let all = subscriptions::list(&db, None, 1000, 0).unwrap();
        let stored: BTreeSet<_> = all.into_iter().map(|one| (one.email, one.what)).collect();
        prop_assert_eq!(&stored, &living);
        let readers = subscriptions::of_incident(&db, CaseId(7), &["voice".to_owned(), "teams".to_owned()]).unwrap();
        let mut told: Vec<String> = readers.into_iter().map(|reader| reader.address.email).collect();
        let expected: BTreeSet<String> = living.into_iter().map(|(reader, _)| reader).collect();
        prop_assert_eq!(told.len(), expected.len());
        told.sort();
        prop_assert_eq!(told, expected.into_iter().collect::<Vec<_>>());
    }
}
