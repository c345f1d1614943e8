//! Each contact once for each update, whatever is linked and unlinked in between; and ten thousand children.

use std::{collections::BTreeMap, time::Instant};

use chrono::Duration;
use proptest::{prelude::*, sample::Index};

use serde_json::Value;

use super::*;
use crate::{
    daemon::{broadcast::tell_next, intake::tests::office, names::Names, office::Office, staff::PhoneRequest},
    desk::{
        case::CaseId,
        directory::{Contact, Organisation, Role, Service},
        lifecycle::{Clock, Tell},
        notice::NoticeKind,
        staff_member::Right,
    },
    store::{
        broadcasts::{Broadcast, Reader},
        clocks::{self, DueClock},
        contacts, meta, open, organisations, outbox, services,
    },
};

fn desk() -> Office {
    let mut office = (*office().get()).clone();
    let mut tom = StaffMember::new(Address::new(Some("Tom"), "tom@desk.test"));
    tom.rights.insert(Right::P1G);
    office.desk.staff.push(tom);
    office.desk.policy.platforms.insert("voice".to_owned(), "Hosted voice".to_owned());
    office
}

fn noon() -> DateTime<Utc> {
    "2026-11-27T12:00:00Z".parse().unwrap()
}

fn database() -> Connection {
    let db = open::in_memory().unwrap();
    meta::give_reference_key(&db, [7; 32]).unwrap();
    // All acts are part of a transaction.
    db.execute_batch("BEGIN").unwrap();
    db
}

/// One that is there; its parent.
pub fn an_incident(db: &Connection) -> CaseId {
    let parent = Case::sample(noon());
    cases::put(db, &parent).unwrap();
    let incident = Incident {
        number: incident::IncidentNumber(1),
        case: parent.id,
        title: "Hosted voice: no calls".to_owned(),
        impact: "No calls".to_owned(),
        scope: "platform:voice".parse().unwrap(),
        began_at: noon(),
        etr: None,
        cause: None,
        withdrawn: None,
        closed_at: None,
        opened_at: noon(),
        opened_by: "Tom".to_owned(),
        manager: "tom@desk.test".to_owned(),
        updated_at: noon(),
        next_update: None,
        reminded_at: None,
        missed: 0,
        updates: 0,
    };
    let followed = Followed { decision: Decision::unchanged(&parent), incident, said: None };
    incidents::put(db, &followed).unwrap();
    parent.id
}

/// A customer with a domain of their own; their number.
fn books(db: &Connection) -> i64 {
    let books = Organisation {
        name: "Books".to_owned(),
        domains: ["books.example".to_owned()].into(),
        ..Organisation::default()
    };
    organisations::put(db, &books).unwrap()
}

fn new(words: &str) -> NewIncident<'static> {
    NewIncident {
        scope: words.parse().unwrap(),
        title: None,
        impact: "No calls",
        text: None,
        began_at: None,
        etr: None,
        manager: None,
        first: None,
        again: false,
    }
}

fn case(tom: &Command<'_>, db: &Connection, email: &str) -> Case {
    let request = PhoneRequest {
        requester: Address::bare(email),
        subject: "It is silent".to_owned(),
        priority: Priority::P4,
        continues: None,
        tell: Tell::Nobody,
    };
    tom.open(db, request).unwrap()
}

fn drain(db: &Connection, office: &Office, now: DateTime<Utc>) {
    while tell_next(db, office, now).unwrap() > 0 {}
}

/// How often each address was told each thing.
fn told(db: &Connection) -> BTreeMap<(String, String), Vec<Vec<String>>> {
    let mut all: BTreeMap<(String, String), Vec<Vec<String>>> = BTreeMap::new();
    for notice in outbox::after(db, 0).unwrap().into_iter().filter(|notice| notice.topic.is_some()) {
        let cases = notice.data["cases"].as_array().unwrap();
        let cases: Vec<String> = cases.iter().map(|case| case.as_str().unwrap().to_owned()).collect();
        let body = notice.data.get("body").and_then(Value::as_str).unwrap_or_default().to_owned();
        for person in notice.recipients.all() {
            all.entry((body.clone(), person.email.clone())).or_default().push(cases.clone());
        }
    }
    all
}

#[derive(Debug, Clone)]
enum Step {
    Open(u8),
    Link(Index),
    Unlink(Index),
    CloseCase(Index),
    Update,
}

fn any_step() -> impl Strategy<Value = Step> {
    prop_oneof![
        (0..4_u8).prop_map(Step::Open),
        any::<Index>().prop_map(Step::Link),
        any::<Index>().prop_map(Step::Unlink),
        any::<Index>().prop_map(Step::CloseCase),
        Just(Step::Update),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30))]

    #[test]
    fn each_contact_is_told_each_update_exactly_once_and_names_only_their_own_children(
        steps in proptest::collection::vec(any_step(), 1..30),
    ) {
        let (db, office) = (database(), desk());
        let mut now = noon();
        let at = |now| tom(&office, now);
        let (mut incident, _, _) = at(now).open_incident(&db, &new("platform:voice")).unwrap();
        let mut all: Vec<CaseId> = Vec::new();
        let mut expected: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for (n, step) in steps.into_iter().enumerate() {
            now += Duration::minutes(1);
            let tom = at(now);
            let pick = |index: &Index| (!all.is_empty()).then(|| cases::by_id(&db, *index.get(&all)).unwrap());
            match &step {
                Step::Open(person) => all.push(case(&tom, &db, &format!("ada{person}@books.example")).id),
                // What is refused changes nothing.
                Step::Link(index) => drop(pick(index).map(|case| tom.link_children(&db, &incident, &[case]))),
                Step::Unlink(index) => drop(pick(index).map(|case| tom.unlink_children(&db, &incident, &[case]))),
                Step::CloseCase(index) => drop(pick(index).map(|case| {
                    tom.act(&db, &case, &Act::Close { text: None, tell: Tell::Nobody }, &[])
                })),
                Step::Update => {
                    let text = format!("update {n}");
                    let say = Say { text: Some(&text), ..Say::default() };
                    incident = tom.update_incident(&db, &incident, say).unwrap();
                    for id in &all {
                        let case = cases::by_id(&db, *id).unwrap();
                        if case.incident == Some(incident.case) && !case.status.is_closed() {
                            let theirs = expected.entry((text.clone(), case.reply_to.email.clone())).or_default();
                            theirs.push(case.reference.to_string());
                        }
                    }
                }
            }
            drain(&db, &office, now);
            for id in &all {
                let case = cases::by_id(&db, *id).unwrap();
                let linked = cases::links(&db, *id).unwrap().iter().any(|link| link.how == "child-of");
                prop_assert_eq!(case.incident.is_some(), linked, "the link is shown as it is");
            }
        }
        let told = told(&db);
        for (key, cases) in &expected {
            let mails = told.get(key).cloned().unwrap_or_default();
            // Who is linked later hears the same again, for the case that has become a child since.
            prop_assert!(mails.contains(cases), "{key:?}: {mails:?}");
        }
        for ((text, email), mails) in &told {
            let theirs = |reference: &String| {
                let reference = crate::desk::reference::Reference::parse(reference).unwrap();
                cases::by_reference(&db, reference).unwrap().unwrap().reply_to.email == *email
            };
            prop_assert!(mails.iter().flatten().all(theirs), "{text} {email}");
        }
        let causes: Vec<String> = outbox::after(&db, 0).unwrap().iter().filter(|n| n.kind == NoticeKind::MniUpdate)
            .map(|n| format!("{:?} {:?} {}", n.recipients, n.decided_at, n.data["said_at"])).collect();
        let once: BTreeSet<&String> = causes.iter().collect();
        prop_assert_eq!(once.len(), causes.len(), "nobody hears one thing twice at once");
    }
}

#[test]
fn a_contact_for_master_cases_and_a_participant_are_told_too_each_once() {
    let (db, office) = (database(), desk());
    let organisation = books(&db);
    let contact = |email: &str| Contact {
        email: email.to_owned(),
        organisation: Some(organisation),
        roles: [Role::MasterCase].into(),
        ..Contact::default()
    };
    contacts::put(&db, &contact("noc@books.example")).unwrap();
    contacts::put(&db, &contact("ada@books.example")).unwrap();
    let line = Service {
        organisation,
        service_id: Some("V1".to_owned()),
        platform: Some("voice".to_owned()),
        ..Service::default()
    };
    services::put(&db, &line).unwrap();
    let tom = tom(&office, noon());
    let first = case(&tom, &db, "ada@books.example");
    cases::add_participant(&db, first.id, &Address::bare("bob@books.example")).unwrap();
    let new = NewIncident { first: Some(&first), ..new("platform:voice") };
    let (incident, parent, found) = tom.open_incident(&db, &new).unwrap();
    assert_eq!(found, Found { linked: 1, proposed: 0 });
    drain(&db, &office, noon());
    let told = told(&db);
    let people: Vec<&str> = told.keys().map(|(_, email)| email.as_str()).collect();
    assert_eq!(people, ["ada@books.example", "bob@books.example", "noc@books.example"]);
    assert!(told.values().all(|mails| mails.len() == 1));
    assert_eq!(told[&("No calls".to_owned(), "noc@books.example".to_owned())], [Vec::<String>::new()]);
    let child = cases::by_id(&db, first.id).unwrap();
    assert_eq!(child.incident, Some(parent.id));
    let refused = tom.act(&db, &parent, &Act::Close { text: None, tell: Tell::Nobody }, &[]);
    assert!(refused.unwrap_err().to_string().contains(&incident.number.to_string()));
}

#[test]
fn an_update_of_the_parent_keeps_the_promises_of_its_children_and_the_parent_has_none() {
    let (db, mut office) = (database(), desk());
    office.desk.policy = crate::desk::policy::Policy::load("calltower", &crate::desk::policy::built_in).unwrap();
    let at = |minutes: i64| tom(&office, noon() + Duration::minutes(minutes));
    let ada = case(&at(0), &db, "ada@books.example");
    let ada = at(1).act(&db, &ada, &Act::Priority(Priority::P2), &[]).unwrap();
    let new = NewIncident { first: Some(&ada), ..new("platform:voice") };
    let (incident, parent, _) = at(5).open_incident(&db, &new).unwrap();
    let clock = DueClock { case: ada.id, clock: Clock::Promises, due: noon() };
    let look = |minutes: i64| {
        let now = noon() + Duration::minutes(minutes);
        crate::daemon::ticker::run_due(&db, &office, true, now).unwrap();
        let case = cases::by_id(&db, clock.case).unwrap();
        crate::store::promises::of_case(&db, &case).unwrap().0
    };
    let promises = look(29);
    assert!(promises.iter().all(|promise| promise.breached_at.is_none()), "{promises:?}");
    assert_eq!(promises[0].met_at, Some(noon() + Duration::minutes(5)), "the first that its customer heard");
    let say = Say { text: Some("News."), ..Say::default() };
    at(60).update_incident(&db, &incident, say).unwrap();
    let promises = look(130);
    assert!(promises.iter().all(|promise| promise.breached_at.is_none()), "{promises:?}");
    let parents = crate::store::promises::of_case(&db, &parent).unwrap().0;
    assert!(parents.is_empty(), "{parents:?}");
}

/// Prints how long each transaction takes; a machine that is busy says nothing of others.
#[test]
fn ten_thousand_children_are_a_short_transaction_and_a_queue() {
    const CHILDREN: i64 = 10_000;
    let folder = tempfile::tempdir().unwrap();
    let mut db = open::open(&folder.path().join("casepost.db")).unwrap();
    meta::give_reference_key(&db, [7; 32]).unwrap();
    let office = desk();
    let tom = tom(&office, noon());
    let tx = db.transaction().unwrap();
    for n in 0..CHILDREN {
        let (id, reference) = cases::allocate(&tx).unwrap();
        let person = Address::bare(&format!("ada@books{n}.example"));
        let case = Case { id, reference, requester: person.clone(), reply_to: person, ..Case::sample(noon()) };
        cases::put(&tx, &case).unwrap();
    }
    tx.commit().unwrap();
    let mut measured = |what: &str, act: &dyn Fn(&Connection)| {
        let began = Instant::now();
        let tx = db.transaction().unwrap();
        act(&tx);
        tx.commit().unwrap();
        println!("{what}: {:?}", began.elapsed());
    };
    measured("open, with a look at 10,000 cases", &|tx| {
        tom.open_incident(tx, &new("platform:voice")).unwrap();
    });
    let of = |tx: &Connection| incidents::open(tx).unwrap().remove(0);
    measured("link 10,000 cases", &|tx| {
        let all: Vec<(CaseId, &str)> = (1..=CHILDREN).map(|n| (CaseId(n), "test")).collect();
        incidents::link_many(tx, of(tx).case, &all, noon()).unwrap();
    });
    measured("update of 10,000 children", &|tx| {
        tom.update_incident(tx, &of(tx), Say { text: Some("News."), ..Say::default() }).unwrap();
    });
    assert_eq!(broadcasts::waiting(&db).unwrap(), CHILDREN as u64);
    let tx = db.transaction().unwrap();
    let began = Instant::now();
    assert!(tell_next(&tx, &office, noon()).unwrap() > 0, "the opening, which nobody reads");
    assert_eq!(tell_next(&tx, &office, noon()).unwrap(), 100);
    println!("100 of its mails: {:?}", began.elapsed());
    tx.commit().unwrap();
    let began = Instant::now();
    let tx = db.transaction().unwrap();
    tom.close_incident(&tx, &of(&tx), "A card.").unwrap();
    tx.commit().unwrap();
    println!("close with 10,000 children: {:?}", began.elapsed());
    let tx = db.transaction().unwrap();
    tom.open_incident(&tx, &new("platform:voice")).unwrap();
    let all: Vec<(CaseId, &str)> = (1..=CHILDREN).map(|n| (CaseId(n), "test")).collect();
    incidents::link_many(&tx, of(&tx).case, &all, noon()).unwrap();
    tx.commit().unwrap();
    let began = Instant::now();
    let tx = db.transaction().unwrap();
    tom.withdraw_incident(&tx, &of(&tx), "A mistake.").unwrap();
    tx.commit().unwrap();
    println!("withdraw with 10,000 children: {:?}", began.elapsed());
}

#[test]
fn what_a_mail_server_kept_waiting_does_not_come_behind_the_end() {
    let (db, office) = (database(), desk());
    let tom = tom(&office, noon());
    let first = case(&tom, &db, "ada@books.example");
    let new = NewIncident { first: Some(&first), ..new("platform:voice") };
    let (incident, ..) = tom.open_incident(&db, &new).unwrap();
    drain(&db, &office, noon());
    let opened = outbox::after(&db, 0).unwrap().into_iter().find(|n| n.kind == NoticeKind::MniOpened).unwrap();
    assert!(!is_overtaken(&db, &opened, noon()).unwrap());
    let later = noon() + chrono::Duration::hours(1);
    let tom = Command { now: later, ..tom };
    tom.close_incident(&db, &incident, "A card had failed.").unwrap();
    drain(&db, &office, later);
    assert!(is_overtaken(&db, &opened, noon()).unwrap());
    let resolved = outbox::after(&db, 0).unwrap().into_iter().find(|n| n.kind == NoticeKind::MniResolved).unwrap();
    assert!(!is_overtaken(&db, &resolved, later).unwrap());
}

#[test]
fn times_that_nobody_means_are_refused() {
    let (db, office) = (database(), desk());
    let tom = tom(&office, noon());
    let ancient = NewIncident { began_at: Some("1000-01-01T00:00:00Z".parse().unwrap()), ..new("platform:voice") };
    assert!(tom.open_incident(&db, &ancient).unwrap_err().to_string().contains("more than a year ago"));
    let far = NewIncident { etr: Some("+262142-12-31T23:59:59Z".parse().unwrap()), ..new("platform:voice") };
    assert!(tom.open_incident(&db, &far).unwrap_err().to_string().contains("more than a year away"));
}

#[test]
fn a_subscriber_reads_what_is_public_whoever_they_are() {
    let (db, office) = (database(), desk());
    let organisation = books(&db);
    let line = Service {
        organisation,
        circuit_id: Some("SECRET/1".to_owned()),
        platform: Some("voice".to_owned()),
        ..Service::default()
    };
    services::put(&db, &line).unwrap();
    let parent = an_incident(&db);
    let data = serde_json::Map::new();
    let broadcast = Broadcast {
        id: 1,
        topic: crate::desk::topic::Topic::Incident(parent),
        kind: NoticeKind::MniUpdate,
        cause: "incident:1:1".to_owned(),
        decided_at: noon(),
        data,
    };
    let reader = |subscription| Reader {
        address: Address::bare("intern@books.example"),
        organisation: None,
        case: None,
        subscription,
    };
    let services = |reader: &Reader| {
        let told = super::told(&db, &office, parent, &broadcast, reader).unwrap().unwrap();
        told["services"].to_string()
    };
    assert_eq!(services(&reader(Some(1))), "[]");
    assert_eq!(services(&reader(None)), "[\"SECRET/1\"]");
}

#[test]
fn a_rehearsal_says_what_would_be_and_leaves_nothing() {
    let (db, office) = (database(), desk());
    let tom = tom(&office, noon());
    let first = case(&tom, &db, "ada@books.test");
    let new = NewIncident { first: Some(&first), ..new("platform:voice") };
    let would = tom.rehearse_incident(&db, &new).unwrap();
    assert_eq!((would.found, would.told), (Found { linked: 1, proposed: 0 }, vec!["ada@books.test".to_owned()]));
    assert!(incidents::open(&db).unwrap().is_empty());
    drain(&db, &office, noon());
    assert!(told(&db).is_empty());
    assert_eq!(tom.open_incident(&db, &new).unwrap().0.number.to_string(), "MNI-0001", "no number is lost");
}

/// The mail server takes all that waits for an address.
fn deliver(db: &Connection, email: &str, now: DateTime<Utc>) {
    for notice in outbox::after(db, 0).unwrap() {
        outbox::settle(db, notice.id, email, outbox::State::Accepted, "250", now).unwrap();
    }
}

fn tom(office: &Office, now: DateTime<Utc>) -> Command<'_> {
    Command { office, name: "Tom", now, names: Names::Refused }
}

/// The kinds of an incident's mails that would still go to an address.
fn still_go(db: &Connection, office: &Office, email: &str, now: DateTime<Utc>) -> Vec<NoticeKind> {
    let all = outbox::after(db, 0).unwrap().into_iter().filter(|notice| notice.topic.is_some());
    let theirs = all.filter(|notice| notice.recipients.all().any(|person| person.email == email));
    let claimed = theirs.filter_map(|notice| crate::daemon::sender::claim::claim(db, office, notice.id, now).unwrap());
    claimed.map(|claimed| claimed.notice.kind).collect()
}

#[test]
fn who_was_told_of_an_incident_that_is_withdrawn_hears_so_once_and_nobody_else_does() {
    let (db, office) = (database(), desk());
    let at = |minutes: i64| tom(&office, noon() + Duration::minutes(minutes));
    let [ada, bob, cyd] = ["ada", "bob", "cyd"].map(|name| case(&at(0), &db, &format!("{name}@books.test")));
    let new = NewIncident { first: Some(&ada), ..new("platform:voice") };
    let (incident, parent, _) = at(1).open_incident(&db, &new).unwrap();
    at(1).link_children(&db, &incident, &[bob.clone(), cyd.clone()]).unwrap();
    drain(&db, &office, at(1).now);
    deliver(&db, "ada@books.test", at(2).now);
    deliver(&db, "cyd@books.test", at(2).now);
    at(3).unlink_children(&db, &incident, &[cases::by_id(&db, cyd.id).unwrap()]).unwrap();
    let say = Say { text: Some("News."), ..Say::default() };
    let incident = at(4).update_incident(&db, &incident, say).unwrap();
    // Nobody's notice of that is made yet.
    at(5).withdraw_incident(&db, &incident, "It was one line only.").unwrap();
    crate::daemon::ticker::run_due(&db, &office, true, at(6).now).unwrap();
    drain(&db, &office, at(6).now);
    for (email, hears) in [("ada", true), ("bob", false), ("cyd", true)] {
        let expected = if hears { vec![NoticeKind::MniWithdrawn] } else { vec![] };
        assert_eq!(still_go(&db, &office, &format!("{email}@books.test"), at(7).now), expected, "{email}");
    }
    let told = outbox::after(&db, 0).unwrap();
    let told =
        told.iter().find(|notice| notice.kind == NoticeKind::MniWithdrawn && notice.case == Some(ada.id)).unwrap();
    assert_eq!(told.data["body"], "It was one line only.");
    assert_eq!(told.data["cases"][0], ada.reference.to_string(), "their case goes on");
    for id in [ada.id, bob.id] {
        let child = cases::by_id(&db, id).unwrap();
        assert_eq!((child.incident, child.status.is_closed()), (None, false));
        assert!(!clocks::is_set(&db, id, Clock::MniOver).unwrap());
        assert!(cases::links(&db, id).unwrap().iter().all(|link| link.how != "child-of"));
    }
    assert!(cases::by_id(&db, parent.id).unwrap().status.is_closed());
    assert!(!clocks::is_set(&db, parent.id, Clock::MniUpdate).unwrap());
    let stored = incidents::by_case(&db, parent.id).unwrap().unwrap();
    assert_eq!((stored.withdrawn.as_deref(), stored.cause), (Some("It was one line only."), None));
}

#[test]
fn an_acknowledgement_that_told_of_an_incident_counts_as_told() {
    let (db, office) = (database(), desk());
    let tom = tom(&office, noon());
    let ada = case(&tom, &db, "ada@books.test");
    let (incident, ..) = tom.open_incident(&db, &new("platform:voice")).unwrap();
    incidents::link(&db, incident.case, ada.id, noon()).unwrap();
    let Value::Object(data) = serde_json::json!({ "incident": incident.title }) else { panic!() };
    let recipients = outbox::Recipients { to: vec![Address::new(Some("Ada"), "ada@books.test")], cc: vec![] };
    let acknowledged = outbox::NewNotice {
        case: Some(ada.id),
        topic: None,
        kind: NoticeKind::Acknowledgement,
        automatic: true,
        decided_at: noon(),
        data: &data,
        recipients: &recipients,
        cause: "mail:1",
        attachments: &[],
    };
    outbox::add(&db, &acknowledged, None).unwrap();
    let [hearer] = incidents::hearers(&db, &incident).unwrap().try_into().unwrap();
    assert_eq!((hearer.address, hearer.case), (recipients.to[0].clone(), Some(ada.id)));
    assert!(incidents::has_heard(&db, &incident, "ada@books.test", noon()).unwrap(), "it goes out in any case");
    assert!(!incidents::has_heard(&db, &incident, "bob@books.test", noon()).unwrap());
}

#[test]
fn a_withdrawn_incident_proposes_nothing_and_starts_no_report() {
    let (db, office) = (database(), desk());
    let tom = tom(&office, noon());
    let ada = case(&tom, &db, "ada@books.test");
    let (incident, parent, _) = tom.open_incident(&db, &new("platform:voice")).unwrap();
    propose(&db, &office, &incident, ada.id, "names the platform", noon()).unwrap();
    let asking = crate::desk::rfo::RfoKind::Rfo;
    tom.ask_rfo(&db, &parent, asking, &Address::bare("ada@books.test"), false).unwrap();
    tom.withdraw_incident(&db, &incident, "A mistake.").unwrap();
    assert!(incidents::proposals(&db, incident.case, false, 10).unwrap().is_empty());
    assert!(!clocks::is_set(&db, parent.id, Clock::MniProposed).unwrap());
    let reports = crate::store::rfos::of_case(&db, parent.id).unwrap();
    assert!(!reports.is_empty() && reports.iter().all(|rfo| !rfo.state.is_open()), "{reports:?}");
}

#[test]
fn the_same_fault_is_no_second_incident_unless_staff_say_so() {
    let (db, office) = (database(), desk());
    let tom = tom(&office, noon());
    let (_, parent, _) = tom.open_incident(&db, &new("platform:voice")).unwrap();
    let refused = tom.open_incident(&db, &new("platform:voice")).unwrap_err().to_string();
    for said in ["MNI-0001 is open on platform:voice", "--again", &parent.reference.to_string()] {
        assert!(refused.contains(said), "{refused}");
    }
    assert!(tom.rehearse_incident(&db, &new("platform:voice")).is_err());
    let again = NewIncident { again: true, ..new("platform:voice") };
    assert_eq!(tom.open_incident(&db, &again).unwrap().0.number.to_string(), "MNI-0002");
    tom.open_incident(&db, &new("service:FRA-1")).unwrap();
}

#[test]
fn who_is_linked_late_reads_the_last_words_and_the_time_that_holds_now() {
    let (db, office) = (database(), desk());
    let at = |minutes: i64| tom(&office, noon() + Duration::minutes(minutes));
    let ada = case(&at(0), &db, "ada@books.test");
    let (incident, ..) = at(0).open_incident(&db, &new("platform:voice")).unwrap();
    let say = Say { text: Some("The card is on its way."), ..Say::default() };
    let incident = at(10).update_incident(&db, &incident, say).unwrap();
    let etr = noon() + Duration::hours(3);
    let only_a_time = Say { etr: Some(Some(etr)), ..Say::default() };
    let incident = at(20).update_incident(&db, &incident, only_a_time).unwrap();
    let twice = at(21).update_incident(&db, &incident, only_a_time).unwrap_err();
    assert!(twice.to_string().contains("that customers know"), "{twice}");
    at(30).link_children(&db, &incident, &[ada]).unwrap();
    drain(&db, &office, at(30).now);
    let told = outbox::after(&db, 0).unwrap().into_iter().find(|n| n.kind == NoticeKind::MniOpened).unwrap();
    assert_eq!(told.data["body"], "The card is on its way.");
    let said = crate::mail::wording::read(&told.data["etr"]);
    assert!(matches!(said, Some(crate::mail::wording::Wording::Time { at, .. }) if at == etr), "{said:?}");
}

#[test]
fn an_affected_organisation_of_which_nobody_hears_is_named() {
    let (db, office) = (database(), desk());
    let organisation = books(&db);
    let line = Service { organisation, platform: Some("voice".to_owned()), ..Service::default() };
    services::put(&db, &Service { service_id: Some("V1".to_owned()), ..line }).unwrap();
    let tom = tom(&office, noon());
    assert_eq!(tom.rehearse_incident(&db, &new("platform:voice")).unwrap().unheard, ["Books"]);
    let ada = case(&tom, &db, "ada@books.example");
    let with_a_case = NewIncident { first: Some(&ada), ..new("platform:voice") };
    assert!(tom.rehearse_incident(&db, &with_a_case).unwrap().unheard.is_empty());
    let noc = Contact {
        email: "noc@elsewhere.example".to_owned(),
        organisation: Some(organisation),
        roles: [Role::MasterCase].into(),
        ..Contact::default()
    };
    contacts::put(&db, &noc).unwrap();
    assert!(tom.rehearse_incident(&db, &new("platform:voice")).unwrap().unheard.is_empty());
}
