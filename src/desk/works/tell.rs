//! What customers and staff are told of works, as the values of their mails.
//!
//! What all readers of a notice are told is written once ([`to_all`]); each reader's times, services and calendar follow
//! from it and from what the directory knows of them ([`to_reader`]).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Affected, DeskWorks, Impact, Kind, Place, State, Window, WorksId,
    act::in_words,
    approval::{mark, wanted_approval},
    said::{Said, Telling},
    silence::is_too_late,
};
use crate::{
    desk::{
        directory::Service,
        hours::Zone,
        policy::{Policy, works::Approval},
    },
    mail::{
        address::Address,
        calendar::{Notification, Object, Status, Window as CalendarWindow},
        wording,
    },
};

/// What of the works stands still while they go on: kept with the notice, so that a mail says what was so when it was
/// decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    pub sequence: u32,
    pub windows: Vec<Window>,
    pub before: Vec<Window>,
    /// the one that goes on, of works that have begun
    pub current: Option<Window>,
    pub places: Vec<Spot>,
    pub no_longer: Vec<Spot>,
    pub contact: Option<String>,
    #[serde(default)]
    pub description: String,
    /// when completed works were done
    #[serde(default)]
    pub ended_at: Option<DateTime<Utc>>,
}

/// A place, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spot {
    pub platform: Option<String>,
    pub service: Option<i64>,
    pub impact: Impact,
}

fn spots(all: &[Affected]) -> Vec<Spot> {
    let spot = |one: &Affected| match &one.place {
        Place::Platform(key) => Spot { platform: Some(key.clone()), service: None, impact: one.impact },
        Place::Service { id, .. } => Spot { platform: None, service: Some(*id), impact: one.impact },
    };
    all.iter().map(spot).collect()
}

/// Where a notice's data has its [`Snapshot`].
pub const SNAPSHOT: &str = "snapshot";

/// Which of the works' notices it is.
pub fn sequence(data: &Map<String, Value>) -> Option<u32> {
    data.get("sequence").and_then(Value::as_u64).and_then(|number| number.try_into().ok())
}

/// Where the data of a mail to staff has the [`mark`] of what it shows.
const MARK: &str = "mark";

/// Does a mail to staff show what there is to approve?
pub fn shows(data: &Map<String, Value>, works: &DeskWorks) -> bool {
    data.get(MARK).and_then(Value::as_str) == Some(mark(works).as_str())
}

pub fn snapshot(data: &Map<String, Value>) -> Option<Snapshot> {
    Snapshot::deserialize(data.get(SNAPSHOT)?).ok()
}

/// What all customers are told.
pub fn to_all(works: &DeskWorks, said: &Said) -> Map<String, Value> {
    let snapshot = Snapshot {
        sequence: said.sequence,
        windows: works.held(),
        // Windows that are not needed any more leave calendars.
        before: match said.telling {
            Telling::Completed | Telling::Cancelled => works.windows.clone(),
            _ => said.before.clone(),
        },
        current: current(works, said),
        places: spots(&works.affected),
        no_longer: spots(&said.no_longer),
        contact: works.contact.clone(),
        description: works.description.clone(),
        ended_at: works.ended_at.filter(|_| works.state == State::Completed),
    };
    full(json!({
        "works": works.id.to_string(),
        "kind": kind(works.kind),
        "description": works.description,
        "reason": works.reason,
        "emergency": works.emergency,
        "contact": works.contact,
        "body": said.text,
        "sequence": said.sequence,
        SNAPSHOT: snapshot,
    }))
}

/// The window that has begun, or that is longer now.
fn current(works: &DeskWorks, said: &Said) -> Option<Window> {
    match said.telling {
        Telling::Started => works.open_window(works.started_at?).copied(),
        Telling::Extended => works.windows.iter().find(|window| !said.before.contains(window)).copied(),
        _ => None,
    }
}

fn kind(kind: Kind) -> Value {
    wording::word(format!("works.{kind}"))
}

/// What is known of a reader.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    pub name: Option<&'a str>,
    pub zone: Zone,
    /// those of their organisation's services that are, or were, touched
    pub services: &'a [Service],
    /// titles of the touched platforms by which they are told, who have no service; with the platform's key
    pub platforms: &'a [(String, String)],
    /// customer number or name of their organisation; their address where they have none
    pub account: &'a str,
    /// the desk's name, as customers call it
    pub provider: &'a str,
    /// the desk's
    pub domain: &'a str,
    /// as whom the desk writes of works
    pub organizer: &'a Address,
    /// their own address, where their calendar is to ask them
    pub invited: Option<&'a Address>,
    pub decided_at: DateTime<Utc>,
}

/// What one reader is told beside what all are; none where nothing of it concerns them.
pub fn to_reader(
    telling: Telling,
    works: WorksId,
    snapshot: &Snapshot,
    reader: &Reader<'_>,
) -> Option<Map<String, Value>> {
    let mut lists: [Vec<String>; 4] = Default::default();
    let mut objects = Vec::new();
    for (name, circuit, impact) in touched(&snapshot.places, reader) {
        lists[impact as usize].push(name);
        objects.push(Object { id: circuit, impact });
    }
    let no_longer: Vec<String> = touched(&snapshot.no_longer, reader)
        .into_iter()
        .map(|(name, ..)| name)
        .filter(|name| !lists.iter().flatten().any(|n| n == name))
        .collect();
    let worst = objects.iter().map(|one| one.impact).max();
    if worst.is_none() {
        // Whoever is not touched any more has to take it from the calendar.
        objects.extend(touched(&snapshot.no_longer, reader).into_iter().map(|(_, id, impact)| Object { id, impact }));
    }
    if objects.is_empty() {
        return None;
    }
    let gone: Vec<Window> = gone(snapshot).copied().collect();
    let is_broken_off = telling == Telling::Cancelled && !gone.is_empty();
    let status = match worst {
        None => Status::Cancelled,
        // What was done of them stays.
        Some(_) if is_broken_off => Status::Completed,
        Some(_) => telling.status(),
    };
    let notification = Notification {
        works: works.0,
        domain: reader.domain.to_owned(),
        provider: reader.provider.to_owned(),
        account: reader.account.to_owned(),
        maintenance_id: works.to_string(),
        status,
        objects,
        windows: numbered(snapshot),
        organizer: reader.organizer.clone(),
        contact: snapshot.contact.clone(),
        sequence: snapshot.sequence,
        stamp: reader.decided_at,
        summary: Some(summary(works, &snapshot.description)),
        description: None,
        invites: reader.invited.filter(|_| telling.invites(snapshot.sequence)).cloned(),
    };
    let [unaffected, reduced, degraded, outage] = lists;
    let told = if is_broken_off { &gone } else { &snapshot.windows };
    let (start, end) = match snapshot.current {
        Some(window) => (window.starts_at, window.ends_at),
        None => span(told)?,
    };
    let say = |at: DateTime<Utc>| wording::time(at, &reader.zone);
    let window = |window: &Window| json!({ "starts_at": say(window.starts_at), "ends_at": say(window.ends_at) });
    let windows = |all: &[Window]| all.iter().map(window).collect::<Vec<_>>();
    let is_moved_from_several = telling == Telling::Rescheduled && snapshot.before.len() > 1;
    let before = match snapshot.current {
        _ if is_moved_from_several => None,
        Some(window) => {
            snapshot.before.iter().find(|w| w.starts_at == window.starts_at).map(|w| (w.starts_at, w.ends_at))
        }
        None => span(&snapshot.before),
    };
    let is_over = matches!(telling, Telling::Completed | Telling::Cancelled);
    // A note tells what is new; it moves nothing in a calendar.
    let calendar = (telling != Telling::Note).then_some(notification);
    let mut own = full(json!({
        "greeting_name": reader.name,
        "starts_at": say(start),
        "ends_at": say(end),
        "windows": windows(told),
        "several": told.len() > 1,
        "before_starts_at": before.map(|(start, _)| say(start)),
        "before_ends_at": before.map(|(_, end)| say(end)),
        "before_windows": if is_moved_from_several { windows(&snapshot.before) } else { vec![] },
        "ended_at": snapshot.ended_at.map(say),
        "not_needed": if is_over { windows(&gone) } else { vec![] },
        // Nothing of theirs is touched any more.
        "released": worst.is_none(),
        "impact": wording::word(worst.unwrap_or(Impact::NoImpact).word()),
        "yours": !reader.services.is_empty(),
        "outage": outage,
        "degraded": degraded,
        "reduced": reduced,
        "unaffected": unaffected,
        "no_longer": no_longer,
        "calendar": calendar,
    }));
    // It names the services of all: no reader's notice keeps it.
    own.insert(SNAPSHOT.to_owned(), Value::Null);
    Some(own)
}

/// How calendars call works.
pub fn summary(works: WorksId, description: &str) -> String {
    format!("{works} {description}")
}

/// Windows by their place; those that were announced and are gone come behind.
fn numbered(snapshot: &Snapshot) -> Vec<CalendarWindow> {
    let all = snapshot.windows.iter().map(|window| (window, false));
    let all = all.chain(gone(snapshot).map(|window| (window, true)));
    let numbers = 1..;
    numbers
        .zip(all)
        .map(|(number, (w, gone))| CalendarWindow { number, starts_at: w.starts_at, ends_at: w.ends_at, gone })
        .collect()
}

fn gone(snapshot: &Snapshot) -> impl Iterator<Item = &Window> {
    snapshot.before.iter().skip(snapshot.windows.len())
}

/// From the beginning of the first to the end of the last.
fn span(windows: &[Window]) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    Some((windows.iter().map(|w| w.starts_at).min()?, windows.iter().map(|w| w.ends_at).max()?))
}

/// What of the places the reader has: how people read it, how machines know it, and what it notices. A service that is
/// touched itself and by its platform notices the worse.
fn touched(places: &[Spot], reader: &Reader<'_>) -> Vec<(String, String, Impact)> {
    let worst = |concerns: &dyn Fn(&Spot) -> bool| places.iter().filter(|spot| concerns(spot)).map(|s| s.impact).max();
    let services = reader.services.iter().filter_map(|service| {
        let concerns = |spot: &Spot| {
            spot.service == Some(service.id) || spot.platform.is_some() && spot.platform == service.platform
        };
        Some((shown(service), circuit(service), worst(&concerns)?))
    });
    let platforms = reader.platforms.iter().filter_map(|(key, title)| {
        let concerns = |spot: &Spot| spot.platform.as_ref() == Some(key);
        Some((title.clone(), key.clone(), worst(&concerns)?))
    });
    services.chain(platforms).collect()
}

/// `IS-4711, circuit LON/LDS/IA-00017, Leeds`
fn shown(service: &Service) -> String {
    let own = [&service.service_id, &service.circuit_id, &service.order_number, &service.site];
    own.into_iter().flatten().cloned().collect::<Vec<_>>().join(", ")
}

/// By which a customer's program knows the service.
fn circuit(service: &Service) -> String {
    [&service.circuit_id, &service.service_id, &service.order_number]
        .into_iter()
        .flatten()
        .next()
        .cloned()
        .unwrap_or_default()
}

/// Works in the answer to whoever asks what there is.
#[derive(Debug, Clone)]
pub struct Coming {
    /// the desk's; none: their own
    pub works: Option<WorksId>,
    pub windows: Vec<Window>,
    /// what is done; the customers' own have none
    pub description: Option<String>,
    /// as people read them
    pub services: Vec<String>,
}

/// What planned works there are; `none` and no list where there are none.
pub fn list(all: &[Coming], zone: &Zone) -> Value {
    let say = |at: DateTime<Utc>| wording::time(at, zone);
    let one = |coming: &Coming| {
        let title = match coming.works {
            Some(id) => json!(id.to_string()),
            None => wording::word("works.own"),
        };
        let windows =
            coming.windows.iter().map(|w| json!({ "starts_at": say(w.starts_at), "ends_at": say(w.ends_at) }));
        json!({
            "title": title,
            "description": coming.description.clone().unwrap_or_default(),
            "windows": windows.collect::<Vec<_>>(),
            "services": coming.services.join("; "),
        })
    };
    json!({ "works": all.iter().map(one).collect::<Vec<_>>(), "none": all.is_empty() })
}

/// A service as people read it.
pub fn service_in_words(service: &Service) -> String {
    shown(service)
}

/// What staff are told of works.
#[derive(Debug, Clone, Copy)]
pub struct News<'a> {
    /// what was done, in a word or two
    pub act: &'a str,
    /// the same as a line
    pub what: &'a str,
    /// what customers were told beside it
    pub told: Option<&'a str>,
    /// none: the desk itself
    pub actor: Option<&'a str>,
    /// staff were told before what there is to do
    pub insists: bool,
}

impl<'a> News<'a> {
    pub fn of_clock(act: &'a str, what: &'a str) -> News<'a> {
        News { act, what, told: None, actor: None, insists: false }
    }

    /// Nobody has done it: the subject says so rather than what is to be approved.
    pub fn insisting(act: &'a str, what: &'a str) -> News<'a> {
        News { insists: true, ..News::of_clock(act, what) }
    }
}

/// Works in the calendar of an organisation, whose services `theirs` are: why, what becomes of these, and whom to ask.
pub fn facts(works: &DeskWorks, theirs: &[Service]) -> String {
    let places = spots(&works.affected);
    let impact = |service: &Service| {
        let concerns = |spot: &&Spot| {
            spot.service == Some(service.id) || spot.platform.is_some() && spot.platform == service.platform
        };
        places.iter().filter(concerns).map(|spot| spot.impact).max()
    };
    let mut lines = vec![format!("What: {}", works.description), format!("Why: {}", works.reason)];
    let services = theirs.iter().filter_map(|service| Some(format!("{}: {}", impact(service)?, shown(service))));
    lines.extend(services);
    lines.extend(works.contact.as_ref().map(|contact| format!("Contact: {contact}")));
    lines.push(format!("Our reference: {}", works.id));
    lines.join("\n")
}

/// What one of the staff is told, and what they may command by a reply.
pub fn to_staff(works: &DeskWorks, news: &News<'_>, policy: &Policy, now: DateTime<Utc>) -> Map<String, Value> {
    let open = !works.state.is_over();
    let too_late = is_too_late(works, now, policy);
    let waits = matches!(works.state, State::Proposed | State::Planned) && !too_late;
    let pending = works.pending.as_ref();
    let details = pending.map(|pending| pending.details()).unwrap_or_default();
    let wants = pending.is_some_and(|pending| !pending.is_over(works, now))
        || waits && wanted_approval(works, policy) != Approval::Nobody;
    let may_announce = matches!(works.state, State::Proposed | State::Planned | State::Approved) && !wants && !too_late;
    let is_announced = works.state == State::Announced;
    let is_started = works.state == State::Started;
    let touched = works.affected.iter().take(50).map(|one| match &one.place {
        Place::Platform(key) => {
            let title = policy.platforms.get(key).unwrap_or(key);
            format!("{title} ({key}): {}", one.impact)
        }
        Place::Service { name, .. } => format!("{name}: {}", one.impact),
    });
    full(json!({
        "works": works.id.to_string(),
        "act": news.act,
        "what": news.what,
        "told": news.told,
        "actor": news.actor,
        "description": works.description,
        "reason": works.reason,
        "kind": works.kind.to_string(),
        "state": works.state.to_string(),
        "when": in_words(&works.windows, works.zone),
        "touched": touched.collect::<Vec<_>>(),
        "roll_back": works.roll_back,
        "emergency": works.emergency,
        "forced": works.forced,
        "contact": works.contact,
        "pending": pending.map(|pending| pending.in_words(works.zone)),
        "pending_by": pending.map(|pending| &pending.by),
        "pending_details": details.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>(),
        "pending_text": pending.and_then(|pending| pending.text.as_ref()),
        MARK: mark(works),
        "insists": news.insists,
        "may_approve": wants,
        "may_withdraw": pending.is_some(),
        "may_announce": may_announce,
        "may_start": is_announced && !works.is_past(now),
        "may_remind": is_announced && !works.has_begun(now),
        "may_complete": is_started || is_announced && works.has_begun(now),
        "may_extend": is_started,
        "may_tell": works.state == State::Completed,
        "open": open,
        "failed": false,
        "help": false,
        "shown": false,
    }))
}

/// Without what is not there.
fn full(data: Value) -> Map<String, Value> {
    let Value::Object(mut all) = data else { return Map::new() };
    all.retain(|_, value| !value.is_null());
    all
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone};

    use super::*;

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
        Service {
            id,
            service_id: Some(name.to_owned()),
            platform,
            site: Some("Leeds".to_owned()),
            ..Service::default()
        }
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
        let expected =
            "What: Exchange of a card\nWhy: it ages\nOUTAGE: IS-1, Leeds\nContact: NOC\nOur reference: PW-0012";
        assert_eq!(facts, expected);
    }

    fn some_works() -> DeskWorks {
        DeskWorks {
            id: WorksId(1),
            kind: Kind::Planned,
            state: State::Announced,
            windows: vec![window(18)],
            zone: chrono_tz::UTC,
            affected: vec![],
            description: "Exchange of a card".to_owned(),
            reason: "it ages".to_owned(),
            contact: Some("NOC".to_owned()),
            roll_back: None,
            planner: "Tom".to_owned(),
            planned_at: at(1),
            approver: None,
            announced_at: None,
            emergency: None,
            forced: None,
            sequence: 0,
            moved: 0,
            occurrence: None,
            remind_at: None,
            reminded_at: None,
            ask_at: None,
            pending: None,
            started_at: None,
            ended_at: None,
        }
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
            affected: vec![Affected {
                place: Place::Service { id: 1, name: "IS-1".to_owned() },
                impact: Impact::Outage,
            }],
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
            affected: vec![Affected {
                place: Place::Service { id: 1, name: "IS-1".to_owned() },
                impact: Impact::Outage,
            }],
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
    fn staff_are_offered_what_can_be_done_now() {
        let base = crate::desk::works::sample::policy("base");
        let works = some_works();
        let offers = |now| {
            let data = to_staff(&works, &News::of_clock("", ""), &base, now);
            ["may_start", "may_remind", "may_complete", "may_extend"].map(|name| data[name] == true)
        };
        assert_eq!(offers(at(17)), [true, true, false, false]);
        assert_eq!(offers(at(18)), [true, false, true, false]);
        assert_eq!(offers(window(18).ends_at), [false, false, true, false]);
    }

    #[test]
    fn whoever_is_not_touched_any_more_takes_it_from_the_calendar_and_a_stranger_is_told_nothing() {
        let places = vec![spot(Some("voice"), None, Impact::Outage)];
        let data = told(&snapshot(places.clone()), &[service(9, "IS-9", None)], &[]).unwrap();
        assert_eq!(data["no_longer"], json!(["IS-9, Leeds"]));
        assert_eq!(data["released"], true);
        let calendar = Notification::deserialize(&data["calendar"]).unwrap();
        assert_eq!(
            (calendar.status, calendar.summary.as_deref()),
            (Status::Cancelled, Some("PW-0012 Exchange of a card"))
        );
        assert!(told(&snapshot(places.clone()), &[service(5, "IS-5", None)], &[]).is_none());
        let subscribed = told(&snapshot(places), &[], &[("voice".to_owned(), "Hosted voice".to_owned())]).unwrap();
        assert_eq!((&subscribed["outage"], &subscribed["yours"]), (&json!(["Hosted voice"]), &json!(false)));
    }
}
