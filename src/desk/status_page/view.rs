//! What the templates are given: values with their words still to be said ([`wording`]).

use chrono::{DateTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Incident, StatusPage, Works, history::Past};
use crate::{
    desk::{hours::Zone, works::WorksId},
    mail::wording::{clock, day, time, word},
};

/// An instant: in the desk's zone and, where that is another one, in UTC.
pub(super) fn instant(at: DateTime<Utc>, zone: Tz) -> Value {
    json!({ "iso": iso(at), "local": time(at, &Zone::Named(zone)), "utc": in_utc(at, zone) })
}

/// The end of something: only its hour, when that is on the day on which it began.
fn end(from: DateTime<Utc>, at: DateTime<Utc>, zone: Tz) -> Value {
    let local = |at: DateTime<Utc>| at.with_timezone(&zone).date_naive();
    let is_same_day = local(from) == local(at);
    let said = if is_same_day { clock(at, &Zone::Named(zone)) } else { time(at, &Zone::Named(zone)) };
    json!({ "iso": iso(at), "local": said, "utc": in_utc(at, zone) })
}

fn range(from: DateTime<Utc>, to: DateTime<Utc>, zone: Tz) -> Value {
    json!({ "from": instant(from, zone), "to": end(from, to, zone) })
}

/// The date is said again only when it is another one there.
fn in_utc(at: DateTime<Utc>, zone: Tz) -> Value {
    let local = at.with_timezone(&zone);
    let utc = Zone::Named(Tz::UTC);
    if zone.offset_from_utc_datetime(&at.naive_utc()).fix().local_minus_utc() == 0 {
        Value::Null
    } else if local.date_naive() == at.date_naive() {
        clock(at, &utc)
    } else {
        time(at, &utc)
    }
}

pub(super) fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

impl StatusPage {
    fn at(&self, at: Option<DateTime<Utc>>) -> Value {
        at.map_or(Value::Null, |at| instant(at, self.zone))
    }

    /// Key and title of platforms that are known, in the order of the keys.
    fn named<'k>(&self, keys: impl Iterator<Item = &'k String>) -> Value {
        let known = keys.filter_map(|key| Some(json!({ "key": key, "title": self.platforms.get(key)? })));
        known.collect()
    }

    pub(super) fn platforms_view(&self, now: DateTime<Utc>) -> Value {
        self.platforms.keys().map(|key| self.platform_view(key, now)).collect()
    }

    pub(super) fn platform_view(&self, key: &str, now: DateTime<Utc>) -> Value {
        let state = self.state_of(key, now).as_str();
        let days = self.days(key, now);
        let bars: Vec<Value> =
            days.iter().enumerate().map(|(n, disturbed)| json!({ "x": n * 4, "disturbed": disturbed })).collect();
        let disturbed = days.iter().filter(|disturbed| **disturbed).count();
        json!({
            "key": key,
            "title": self.platforms.get(key),
            "state": state,
            "state_word": word(format!("status-page.state-{state}")),
            "days": bars,
            "disturbed_days": (disturbed > 0).then_some(disturbed),
        })
    }

    pub(super) fn incident_view(&self, incident: &Incident) -> Value {
        let updates: Vec<Value> = incident
            .updates
            .iter()
            .rev()
            .map(|update| json!({ "at": instant(update.at, self.zone), "text": update.text.trim() }))
            .collect();
        json!({
            "number": incident.number,
            "title": incident.title,
            "impact": incident.impact,
            "platforms": self.named(incident.platforms.iter()),
            "sites": incident.sites,
            "is_open": incident.is_open(),
            "withdrawn": incident.withdrawn,
            "began": instant(incident.began_at, self.zone),
            "resolved": incident.resolved_at.map(|at| end(incident.began_at, at, self.zone)),
            "etr": self.at(incident.etr.filter(|_| incident.is_open())),
            "next_update": self.at(incident.next_update_at.filter(|_| incident.is_open())),
            "range": incident.resolved_at.map(|at| range(incident.began_at, at, self.zone)),
            "cause": incident.cause,
            "latest": updates.first(),
            "updates": updates,
        })
    }

    pub(super) fn works_view(&self, works: &Works, now: DateTime<Utc>) -> Value {
        let windows: Vec<Value> =
            works.windows.iter().map(|window| range(window.starts_at, window.ends_at, self.zone)).collect();
        let platforms = works.platforms.iter().filter_map(|(key, impact)| {
            let impact = word(format!("status-page.impact-{}", impact.as_str().to_lowercase()));
            Some(json!({ "key": key, "title": self.platforms.get(key)?, "impact": impact }))
        });
        let state = works.state_at(now);
        json!({
            "number": WorksId(works.id).to_string(),
            "title": works.title,
            "reason": works.reason,
            "state": state.as_str(),
            "state_word": word(format!("status-page.{}", state.word())),
            "platforms": platforms.collect::<Vec<_>>(),
            "windows": windows,
        })
    }

    pub(super) fn works_views<'w>(&self, all: impl IntoIterator<Item = &'w Works>, now: DateTime<Utc>) -> Value {
        all.into_iter().map(|works| self.works_view(works, now)).collect()
    }

    pub(super) fn past_view(&self, past: &Past<'_>, now: DateTime<Utc>) -> Value {
        match past {
            Past::Incident(incident) => {
                let date = day(incident.began_at, &Zone::Named(self.zone));
                json!({ "incident": self.incident_view(incident), "day": date })
            }
            Past::Works(works) => json!({ "works": self.works_view(works, now) }),
        }
    }
}
