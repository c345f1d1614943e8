//! What customers are told of works, as the values of their mails; what staff are told is in [`news`](super::news).
//!
//! What all readers of a notice are told is written once ([`to_all`]); each reader's times, services and calendar follow
//! from it and from what the directory knows of them ([`to_reader`]).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    Affected, DeskWorks, Impact, Kind, Place, State, Window, WorksId,
    said::{Said, Telling},
};
use crate::{
    desk::{directory::Service, hours::Zone},
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

/// Without what is not there.
pub(super) fn full(data: Value) -> Map<String, Value> {
    let Value::Object(mut all) = data else { return Map::new() };
    all.retain(|_, value| !value.is_null());
    all
}

#[cfg(test)]
mod tests;
