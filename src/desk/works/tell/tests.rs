use chrono::{Duration, TimeZone};

use super::*;
use crate::desk::works::sample::{announced, policy};

fn at(day: u32) -> DateTime<Utc> {
    chrono::Utc.with_ymd_and_hms(2026, 12, day, 22, 0, 0).unwrap()
}

fn window(day: u32) -> Window {
    Window { starts_at: at(day), ends_at: at(day) + Duration::hours(6) }
}

fn spot(platform: Option<&str>, service: Option<i64>, impact: Impact) -> Spot {
    Spot { platform: platform.map(str::to_owned), service, impact }
}

fn service(id: i64, name: &str, platform: Option<&str>) -> Service {
    let platform = platform.map(str::to_owned);
    Service { id, service_id: Some(name.to_owned()), platform, site: Some("Leeds".to_owned()), ..Service::default() }
}

fn told(snapshot: &Snapshot, services: &[Service], platforms: &[(String, String)]) -> Option<Map<String, Value>> {
    told_by(Telling::Rescheduled, snapshot, services, platforms)
}

fn told_by(
    telling: Telling,
    snapshot: &Snapshot,
    services: &[Service],
    platforms: &[(String, String)],
) -> Option<Map<String, Value>> {
    let organizer = Address::new(Some("Works"), "works@desk.test");
    let invited = Address::new(Some("Ada"), "ada@books.test");
    let reader = Reader {
        name: Some("Ada"),
        zone: Zone::Named(chrono_tz::Europe::London),
        services,
        platforms,
        account: "OCN1",
        provider: "Test Desk",
        domain: "desk.test",
        organizer: &organizer,
        invited: Some(&invited),
        decided_at: at(1),
    };
    to_reader(telling, WorksId(12), snapshot, &reader)
}

fn snapshot(places: Vec<Spot>) -> Snapshot {
    Snapshot {
        sequence: 4,
        windows: vec![window(18)],
        before: vec![window(11), window(12)],
        current: None,
        places,
        no_longer: vec![spot(None, Some(9), Impact::NoImpact)],
        contact: None,
        description: "Exchange of a card".to_owned(),
        ended_at: None,
    }
}

#[test]
fn a_service_that_is_touched_twice_notices_the_worse_and_others_are_not_named() {
    let places = vec![spot(Some("voice"), None, Impact::ReducedRedundancy), spot(None, Some(1), Impact::Outage)];
    let all = [service(1, "IS-1", Some("voice")), service(2, "IS-2", Some("voice")), service(3, "IS-3", None)];
    let data = told(&snapshot(places), &all, &[]).unwrap();
    assert_eq!((&data["outage"], &data["released"]), (&json!(["IS-1, Leeds"]), &json!(false)));
    assert_eq!(data["reduced"], json!(["IS-2, Leeds"]));
    assert_eq!((&data["degraded"], &data["unaffected"]), (&json!([]), &json!([])));
    let calendar = Notification::deserialize(&data["calendar"]).unwrap();
    let objects: Vec<&str> = calendar.objects.iter().map(|object| object.id.as_str()).collect();
    assert_eq!((objects, calendar.sequence, calendar.status), (vec!["IS-1", "IS-2"], 4, Status::ReScheduled));
    let windows: Vec<_> = calendar.windows.iter().map(|w| (w.number, w.starts_at, w.gone)).collect();
    assert_eq!(windows, [(1, at(18), false), (2, at(12), true)], "the second window is gone");
    assert_eq!(data[SNAPSHOT], Value::Null);
}

#[test]
fn the_calendar_of_an_organisation_tells_its_own_services_with_their_impact() {
    let place = |id| Place::Service { id, name: "x".to_owned() };
    let works = DeskWorks {
        id: WorksId(12),
        affected: vec![
            Affected { place: place(1), impact: Impact::Outage },
            Affected { place: place(9), impact: Impact::Degraded },
        ],
        ..some_works()
    };
    let facts = facts(&works, &[service(1, "IS-1", None), service(2, "IS-2", None)]);
    let expected = "What: Exchange of a card\nWhy: it ages\nOUTAGE: IS-1, Leeds\nContact: NOC\nOur reference: PW-0012";
    assert_eq!(facts, expected);
}

fn some_works() -> DeskWorks {
    let works = announced(&policy("base"));
    DeskWorks { windows: vec![window(18)], zone: chrono_tz::UTC, contact: Some("NOC".to_owned()), ..works }
}

#[test]
fn whoever_wants_invitations_is_asked_by_what_moves_their_entry_and_by_the_first_reminder() {
    let places = vec![spot(None, Some(1), Impact::Outage)];
    let asks = |telling, sequence| {
        let snapshot = Snapshot { sequence, ..snapshot(places.clone()) };
        let data = told_by(telling, &snapshot, &[service(1, "IS-1", None)], &[]).unwrap();
        Notification::deserialize(&data["calendar"]).unwrap().invites.map(|reader| reader.email)
    };
    let asked = Some("ada@books.test".to_owned());
    for moves in [
        Telling::Announced,
        Telling::Changed,
        Telling::Rescheduled,
        Telling::Extended,
        Telling::Completed,
        Telling::Cancelled,
    ] {
        assert_eq!(asks(moves, 4), asked, "{moves:?}");
    }
    assert_eq!((asks(Telling::Reminder, 0), asks(Telling::Reminder, 1)), (asked, None));
    assert_eq!(asks(Telling::Started, 4), None);
}

#[test]
fn of_several_windows_the_one_that_goes_on_is_told() {
    let places = vec![spot(None, Some(1), Impact::Outage)];
    let longer = Window { ends_at: at(18) + Duration::hours(8), ..window(18) };
    let snapshot = Snapshot {
        windows: vec![longer, window(20)],
        before: vec![window(18), window(20)],
        current: Some(longer),
        ..snapshot(places)
    };
    let data = told_by(Telling::Extended, &snapshot, &[service(1, "IS-1", None)], &[]).unwrap();
    let said = |name: &str| crate::mail::wording::read(&data[name]);
    let zone = Zone::Named(chrono_tz::Europe::London);
    assert_eq!(said("ends_at"), Some(wording::Wording::Time { at: longer.ends_at, zone }));
    assert_eq!(said("before_ends_at"), Some(wording::Wording::Time { at: window(18).ends_at, zone }));
}

#[test]
fn completed_works_end_when_they_were_done_and_later_windows_are_not_needed() {
    let planned = vec![window(18), window(19), window(20)];
    let done = at(19) + Duration::hours(2);
    let works = DeskWorks {
        state: State::Completed,
        windows: planned,
        affected: vec![Affected { place: Place::Service { id: 1, name: "IS-1".to_owned() }, impact: Impact::Outage }],
        ended_at: Some(done),
        ..some_works()
    };
    let said = Said { telling: Telling::Completed, text: None, before: vec![], no_longer: vec![], sequence: 3 };
    let snapshot = super::snapshot(&to_all(&works, &said)).unwrap();
    let data = told_by(Telling::Completed, &snapshot, &[service(1, "IS-1", None)], &[]).unwrap();
    let calendar = Notification::deserialize(&data["calendar"]).unwrap();
    let windows: Vec<_> = calendar.windows.iter().map(|w| (w.number, w.ends_at, w.gone)).collect();
    assert_eq!(windows, [(1, window(18).ends_at, false), (2, done, false), (3, window(20).ends_at, true)]);
    assert_eq!(data["not_needed"].as_array().map(Vec::len), Some(1));
}

#[test]
fn works_that_are_broken_off_keep_what_was_done_and_tell_of_the_rest() {
    let works = DeskWorks {
        state: State::Cancelled,
        windows: vec![window(18), window(19), window(20)],
        affected: vec![Affected { place: Place::Service { id: 1, name: "IS-1".to_owned() }, impact: Impact::Outage }],
        started_at: Some(at(18)),
        ended_at: Some(at(19) + Duration::hours(1)),
        ..some_works()
    };
    let said = Said { telling: Telling::Cancelled, text: None, before: vec![], no_longer: vec![], sequence: 3 };
    let told = |works: &DeskWorks| {
        let snapshot = super::snapshot(&to_all(works, &said)).unwrap();
        told_by(Telling::Cancelled, &snapshot, &[service(1, "IS-1", None)], &[]).unwrap()
    };
    let data = told(&works);
    let calendar = Notification::deserialize(&data["calendar"]).unwrap();
    let windows: Vec<_> = calendar.windows.iter().map(|w| (w.number, w.gone)).collect();
    assert_eq!((windows, calendar.status), (vec![(1, false), (2, true), (3, true)], Status::Completed));
    assert_eq!(data["not_needed"], data["windows"]);
    assert_eq!(data["not_needed"].as_array().map(Vec::len), Some(2));
    let data = told(&DeskWorks { started_at: None, ..works });
    let calendar = Notification::deserialize(&data["calendar"]).unwrap();
    assert_eq!(calendar.status, Status::Cancelled);
    assert!(calendar.windows.iter().all(|window| !window.gone) && data["not_needed"] == json!([]));
}

#[test]
fn works_that_had_several_windows_are_moved_from_each_of_them() {
    let places = vec![spot(None, Some(1), Impact::Outage)];
    let data = told(&snapshot(places), &[service(1, "IS-1", None)], &[]).unwrap();
    assert_eq!(data["before_windows"].as_array().map(Vec::len), Some(2));
    assert!(!data.contains_key("before_starts_at"), "they are no span of two days");
}

#[test]
fn whoever_is_not_touched_any_more_takes_it_from_the_calendar_and_a_stranger_is_told_nothing() {
    let places = vec![spot(Some("voice"), None, Impact::Outage)];
    let data = told(&snapshot(places.clone()), &[service(9, "IS-9", None)], &[]).unwrap();
    assert_eq!(data["no_longer"], json!(["IS-9, Leeds"]));
    assert_eq!(data["released"], true);
    let calendar = Notification::deserialize(&data["calendar"]).unwrap();
    assert_eq!((calendar.status, calendar.summary.as_deref()), (Status::Cancelled, Some("PW-0012 Exchange of a card")));
    assert!(told(&snapshot(places.clone()), &[service(5, "IS-5", None)], &[]).is_none());
    let subscribed = told(&snapshot(places), &[], &[("voice".to_owned(), "Hosted voice".to_owned())]).unwrap();
    assert_eq!((&subscribed["outage"], &subscribed["yours"]), (&json!(["Hosted voice"]), &json!(false)));
}
