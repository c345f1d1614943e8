//! What customers and staff are told of works, as the values of their mails.
//!
//! What all readers of a notice are told is written once ([`to_all`]); each reader's times, services and calendar follow
//! from it and from what the directory knows of them ([`to_reader`]).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Affected, DeskWorks, Impact, Kind, Place, State, Window, WorksId,
    act::{Said, Telling, in_words, wanted_approval},
};
use crate::{
    desk::{
        directory::Service,
        hours::Zone,
        notice::NoticeKind,
        policy::{Policy, works::Approval},
    },
    mail::{
        address::Address,
        calendar::{Notification, Object, Status, Window as CalendarWindow},
        wording,
    },
};

impl Telling {
    pub fn notice(self) -> NoticeKind {
        match self {
            Telling::Announced => NoticeKind::WorksAnnounced,
            Telling::Changed => NoticeKind::WorksChanged,
            Telling::Rescheduled => NoticeKind::WorksRescheduled,
            Telling::Reminder => NoticeKind::WorksReminder,
            Telling::Started => NoticeKind::WorksStarted,
            Telling::Extended => NoticeKind::WorksExtended,
            Telling::Completed => NoticeKind::WorksCompleted,
            Telling::Cancelled => NoticeKind::WorksCancelled,
            Telling::Note => NoticeKind::WorksNote,
        }
    }

    /// As calendars and automation are told of it.
    pub fn status(self) -> Status {
        match self {
            Telling::Announced | Telling::Changed | Telling::Reminder => Status::Confirmed,
            Telling::Rescheduled => Status::ReScheduled,
            Telling::Started | Telling::Extended => Status::InProcess,
            Telling::Completed | Telling::Note => Status::Completed,
            Telling::Cancelled => Status::Cancelled,
        }
    }

    pub fn of_notice(kind: NoticeKind) -> Option<Telling> {
        const ALL: [Telling; 9] = [
            Telling::Announced,
            Telling::Changed,
            Telling::Rescheduled,
            Telling::Reminder,
            Telling::Started,
            Telling::Extended,
            Telling::Completed,
            Telling::Cancelled,
            Telling::Note,
        ];
        ALL.into_iter().find(|telling| telling.notice() == kind)
    }
}

/// What of the works stands still while they go on: kept with the notice, so that a mail says what was so when it was
/// decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    pub sequence: u32,
    pub windows: Vec<Window>,
    pub before: Vec<Window>,
    pub places: Vec<Spot>,
    pub no_longer: Vec<Spot>,
    pub contact: Option<String>,
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

pub fn snapshot(data: &Map<String, Value>) -> Option<Snapshot> {
    Snapshot::deserialize(data.get(SNAPSHOT)?).ok()
}

/// What all customers are told.
pub fn to_all(works: &DeskWorks, said: &Said) -> Map<String, Value> {
    let snapshot = Snapshot {
        sequence: said.sequence,
        windows: works.windows.clone(),
        before: said.before.clone(),
        places: spots(&works.affected),
        no_longer: spots(&said.no_longer),
        contact: works.contact.clone(),
    };
    full(json!({
        "works": works.id.to_string(),
        "kind": kind(works.kind),
        "description": works.description,
        "reason": works.reason,
        "emergency": works.emergency,
        "contact": works.contact,
        "body": said.text,
        SNAPSHOT: snapshot,
    }))
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
    /// as whom the desk writes of works
    pub organizer: &'a Address,
    /// the desk's, by which calendars know the works in mails and feeds
    pub domain: &'a str,
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
    let notification = Notification {
        works: works.0,
        domain: reader.domain.to_owned(),
        provider: reader.provider.to_owned(),
        account: reader.account.to_owned(),
        maintenance_id: works.to_string(),
        status: if worst.is_none() { Status::Cancelled } else { telling.status() },
        objects,
        windows: numbered(snapshot),
        organizer: reader.organizer.clone(),
        contact: snapshot.contact.clone(),
        sequence: snapshot.sequence,
        stamp: reader.decided_at,
        summary: None,
        description: None,
        invites: None,
    };
    let [unaffected, reduced, degraded, outage] = lists;
    let (start, end) = span(&snapshot.windows)?;
    let say = |at: DateTime<Utc>| wording::time(at, &reader.zone);
    let window = |window: &Window| json!({ "starts_at": say(window.starts_at), "ends_at": say(window.ends_at) });
    let before = span(&snapshot.before);
    // A note tells what is new; it moves nothing in a calendar.
    let calendar = (telling != Telling::Note).then_some(notification);
    Some(full(json!({
        "greeting_name": reader.name,
        "starts_at": say(start),
        "ends_at": say(end),
        "windows": snapshot.windows.iter().map(window).collect::<Vec<_>>(),
        "several": snapshot.windows.len() > 1,
        "before_starts_at": before.map(|(start, _)| say(start)),
        "before_ends_at": before.map(|(_, end)| say(end)),
        "impact": wording::word(worst.unwrap_or(Impact::NoImpact).word()),
        "yours": !reader.services.is_empty(),
        "outage": outage,
        "degraded": degraded,
        "reduced": reduced,
        "unaffected": unaffected,
        "no_longer": no_longer,
        "calendar": calendar,
    })))
}

/// Windows by their place; those that were announced and are gone come behind.
fn numbered(snapshot: &Snapshot) -> Vec<CalendarWindow> {
    let gone = snapshot.before.iter().skip(snapshot.windows.len());
    let all = snapshot.windows.iter().map(|window| (window, false)).chain(gone.map(|window| (window, true)));
    let numbers = 1..;
    numbers
        .zip(all)
        .map(|(number, (w, gone))| CalendarWindow { number, starts_at: w.starts_at, ends_at: w.ends_at, gone })
        .collect()
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

/// What one of the staff is told, and what they may command by a reply.
pub fn to_staff(works: &DeskWorks, what: &str, actor: Option<&str>, policy: &Policy) -> Map<String, Value> {
    let open = !works.state.is_over();
    let wants =
        matches!(works.state, State::Proposed | State::Planned) && wanted_approval(works, policy) != Approval::Nobody;
    let may_announce = matches!(works.state, State::Proposed | State::Planned | State::Approved) && !wants;
    let touched = works.affected.iter().take(50).map(|one| match &one.place {
        Place::Platform(key) => {
            let title = policy.platforms.get(key).unwrap_or(key);
            format!("{title} ({key}): {}", one.impact)
        }
        Place::Service { name, .. } => format!("{name}: {}", one.impact),
    });
    full(json!({
        "works": works.id.to_string(),
        "what": what,
        "actor": actor,
        "description": works.description,
        "reason": works.reason,
        "kind": works.kind.to_string(),
        "state": works.state.to_string(),
        "when": in_words(&works.windows, works.zone),
        "touched": touched.collect::<Vec<_>>(),
        "roll_back": works.roll_back,
        "emergency": works.emergency,
        "forced": works.forced,
        "may_approve": wants,
        "may_announce": may_announce,
        "may_start": works.state == State::Announced,
        "may_complete": works.state == State::Started,
        "may_note": works.state == State::Completed,
        "open": open,
        "failed": false,
    }))
}

/// Without what is not there.
fn full(data: Value) -> Map<String, Value> {
    let Value::Object(mut all) = data else { return Map::new() };
    all.retain(|_, value| !value.is_null());
    all
}
