use std::collections::BTreeSet;

use chrono::{Duration, TimeZone};

use super::*;
use crate::{
    desk::{
        directory::{Contact, Organisation, Role},
        works::{Impact, Kind, State},
    },
    store::{contacts, open, organisations},
};

fn noon() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 27, 12, 0, 0).unwrap()
}

fn organisation(db: &Connection, name: &str) -> i64 {
    organisations::put(db, &Organisation { name: name.to_owned(), ..Organisation::default() }).unwrap()
}

fn contact(db: &Connection, organisation: i64, email: &str, roles: &[Role]) {
    let roles: BTreeSet<Role> = roles.iter().copied().collect();
    let contact = Contact { email: email.to_owned(), organisation: Some(organisation), roles, ..Contact::default() };
    contacts::put(db, &contact).unwrap();
}

fn service(db: &Connection, organisation: i64, name: &str, platform: Option<&str>) -> i64 {
    let platform = platform.map(str::to_owned);
    let service = Service { organisation, service_id: Some(name.to_owned()), platform, ..Service::default() };
    services::put(db, &service).unwrap()
}

fn on(platform: &str) -> Affected {
    Affected { place: Place::Platform(platform.to_owned()), impact: Impact::Outage }
}

fn at(id: i64) -> Affected {
    Affected { place: Place::Service { id, name: format!("service {id}") }, impact: Impact::Degraded }
}

fn works(affected: Vec<Affected>, in_days: i64) -> DeskWorks {
    let starts_at = noon() + Duration::days(in_days);
    DeskWorks {
        id: WorksId(0),
        kind: Kind::Emergency,
        state: State::Announced,
        windows: vec![Window { starts_at, ends_at: starts_at + Duration::hours(4) }],
        zone: chrono_tz::Europe::Berlin,
        affected,
        description: "Exchange of a card".to_owned(),
        reason: "it ages".to_owned(),
        contact: Some("NOC".to_owned()),
        roll_back: Some("the old card".to_owned()),
        planner: "Tom".to_owned(),
        planned_at: noon(),
        approver: Some("Grace".to_owned()),
        announced_at: Some(noon()),
        emergency: Some("it burns".to_owned()),
        forced: Some("by day".to_owned()),
        sequence: 3,
        moved: 2,
        occurrence: Some(Occurrence { name: format!("rule {in_days}"), date: starts_at.date_naive() }),
        remind_at: Some(starts_at - Duration::hours(24)),
        reminded_at: None,
        ask_at: None,
        pending: None,
        started_at: Some(starts_at),
        ended_at: Some(starts_at),
    }
}

#[test]
fn works_come_back_as_they_were_written() {
    let db = open::in_memory().unwrap();
    let planned = works(vec![on("voice"), at(7)], 30);
    let id = put(&db, &planned, ("Tom", "planned"), noon()).unwrap();
    let kept = DeskWorks { id, ..planned };
    assert_eq!(by_id(&db, id).unwrap().unwrap(), kept);
    let changed = DeskWorks { state: State::Cancelled, remind_at: None, affected: vec![at(8)], ..kept };
    assert_eq!(put(&db, &changed, ("Grace", "cancelled"), noon()).unwrap(), id);
    assert_eq!(by_id(&db, id).unwrap().unwrap(), changed);
    assert_eq!(standing(&db, id).unwrap(), Some(Standing { state: State::Cancelled, moved: 2 }));
    let lines: Vec<String> = history(&db, id).unwrap().into_iter().map(|line| line.text).collect();
    assert_eq!(lines, ["planned", "cancelled"]);
}

#[test]
fn the_maintenance_contacts_of_whoever_is_touched_are_told_else_the_main_ones() {
    let db = open::in_memory().unwrap();
    let (books, paper, other) = (organisation(&db, "Books"), organisation(&db, "Paper"), organisation(&db, "Other"));
    contact(&db, books, "mia@books.test", &[Role::Maintenance]);
    contact(&db, books, "noc@books.test", &[Role::Maintenance, Role::MainSecondary]);
    contact(&db, books, "grace@books.test", &[Role::MainPrimary]);
    contact(&db, paper, "otto@paper.test", &[Role::MainPrimary]);
    contact(&db, paper, "olga@paper.test", &[Role::MainSecondary]);
    contact(&db, paper, "ivan@paper.test", &[Role::MasterCase]);
    contact(&db, other, "eve@other.test", &[Role::Maintenance]);
    let line = service(&db, books, "IS-1", Some("voice"));
    service(&db, books, "IS-2", Some("voice"));
    service(&db, paper, "IS-3", Some("voice"));
    service(&db, other, "IS-4", Some("meetings"));
    let told = |affected: &[Affected]| {
        let all = readers(&db, affected.iter()).unwrap();
        all.into_iter().map(|reader| reader.address.email).collect::<Vec<_>>()
    };
    assert_eq!(told(&[at(line)]), ["mia@books.test", "noc@books.test"]);
    assert_eq!(
        told(&[on("voice"), at(line)]),
        ["mia@books.test", "noc@books.test", "olga@paper.test", "otto@paper.test"],
        "each once"
    );
    assert_eq!(told(&[on("nothing")]), Vec::<String>::new());
    assert_eq!(organisations_of(&db, &[on("voice"), at(line)]), 2);
    assert!(anything_on(&db, &["meetings"]).unwrap() && !anything_on(&db, &["fax"]).unwrap());
}

fn organisations_of(db: &Connection, affected: &[Affected]) -> u64 {
    super::organisations(db, affected.iter()).unwrap()
}

#[test]
fn a_list_shows_what_touches_a_service_itself_or_by_its_platform() {
    let db = open::in_memory().unwrap();
    let books = organisation(&db, "Books");
    let (voice, fax) = (service(&db, books, "IS-1", Some("voice")), service(&db, books, "IS-2", None));
    let by_platform = put(&db, &works(vec![on("voice")], 30), ("", ""), noon()).unwrap();
    let by_service = put(&db, &works(vec![at(voice)], 20), ("", ""), noon()).unwrap();
    let of_fax = put(&db, &works(vec![at(fax)], 10), ("", ""), noon()).unwrap();
    let over = put(&db, &works(vec![on("voice")], -10), ("", ""), noon()).unwrap();
    let found = |filter: Filter| {
        let all = list(&db, &Filter { limit: 10, ..filter }).unwrap();
        all.into_iter().map(|works| works.id).collect::<Vec<_>>()
    };
    let coming_after = Some(noon());
    assert_eq!(found(Filter { coming_after, ..Filter::default() }), [of_fax, by_service, by_platform]);
    assert_eq!(found(Filter { services: Some(vec![voice]), ..Filter::default() }), [over, by_service, by_platform]);
    let platform = Some("voice".to_owned());
    assert_eq!(found(Filter { platform, coming_after, ..Filter::default() }), [by_service, by_platform]);
    assert_eq!(found(Filter { services: Some(vec![]), ..Filter::default() }), [], "of nobody's services");
    assert_eq!(next_due(&db).unwrap(), Some(noon() - Duration::days(11)));
    assert_eq!(last_occurrence(&db, "rule 30").unwrap(), Some((noon() + Duration::days(30)).date_naive()));
}
