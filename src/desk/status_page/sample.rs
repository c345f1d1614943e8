//! A page with everything on it: for tests, `casepost check` and whoever changes a template.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use chrono_tz::Tz;

use super::{
    Impact, Incident, StatusPage, Subscriptions, Update, Window, Works, WorksState,
    forms::{self, Form, Said},
    pages::Edition,
};
use crate::mail::template::{TemplateError, Templates};

/// As of this instant.
pub fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Duration::days(20_784) + Duration::minutes(14 * 60 + 20)
}

/// One open incident, works of each state, and some history.
pub fn page(languages: &[&str]) -> StatusPage {
    let at = |hours: i64| now() - Duration::minutes(20) + Duration::hours(hours);
    let titles = [("voice", "Hosted voice"), ("internet", "Internet access"), ("meet", "Meetings & chat")];
    let keys = |all: &[&str]| all.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    let update = |hours, text: &str| Update { at: at(hours), text: text.to_owned() };
    let window = |from, hours| Window { starts_at: at(from), ends_at: at(from + hours) };
    let open = Incident {
        number: "MNI-0007".to_owned(),
        title: "Calls to mobile networks fail".to_owned(),
        impact: "About one call in three to mobile networks ends before it is answered. Calls within your organisation work."
            .to_owned(),
        platforms: keys(&["voice"]),
        sites: keys(&["Frankfurt", "Sofia"]),
        began_at: at(-3),
        resolved_at: None,
        etr: Some(at(2)),
        next_update_at: Some(at(1)),
        cause: None,
        withdrawn: false,
        updates: vec![
            update(-3, "We see calls to mobile networks fail, and look for the cause with our carrier."),
            update(-2, "The carrier has found a faulty gateway.\nTraffic is being moved to another one."),
            update(0, "Two thirds of the traffic run over the other gateway. Calls succeed again for most."),
        ],
    };
    let past = Incident {
        number: "MNI-0006".to_owned(),
        title: "Internet access in the north is slow".to_owned(),
        impact: "Downloads are slow, and pages load late.".to_owned(),
        platforms: keys(&["internet"]),
        sites: vec![],
        began_at: at(-24 * 12),
        resolved_at: Some(at(-24 * 12 + 5)),
        etr: None,
        next_update_at: None,
        cause: Some("A fibre was cut during roadworks; it has been mended.".to_owned()),
        withdrawn: false,
        updates: vec![
            update(-24 * 12, "A fibre is cut. Traffic takes a longer way."),
            update(-24 * 12 + 5, "The fibre is mended; all is as it was."),
        ],
    };
    let works = |id, title: &str, state, platforms: &[(&str, Impact)], windows: Vec<Window>| Works {
        id,
        title: title.to_owned(),
        reason: Some("Security updates of the operating system.".to_owned()),
        state,
        platforms: platforms.iter().map(|(key, impact)| ((*key).to_owned(), *impact)).collect(),
        windows,
        not_needed: vec![],
        sequence: 1,
        changed_at: at(-24 * 8),
    };
    StatusPage {
        desk: "Example Networks".to_owned(),
        domain: "example.com".to_owned(),
        url: None,
        zone: Tz::Europe__Berlin,
        languages: languages.iter().map(|language| (*language).to_owned()).collect(),
        platforms: titles
            .map(|(key, title)| (key.to_owned(), title.to_owned()))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
        incidents: vec![past, open],
        works: vec![
            works(3, "New release", WorksState::Completed, &[("meet", Impact::NoImpact)], vec![window(-24 * 5, 2)]),
            works(
                4,
                "Update of the meeting servers",
                WorksState::Planned,
                &[("meet", Impact::Degraded)],
                vec![window(-1, 3)],
            ),
            works(
                5,
                "Exchange of two routers",
                WorksState::Planned,
                &[("internet", Impact::ReducedRedundancy), ("voice", Impact::Outage)],
                vec![window(24 * 6 + 8, 6), window(24 * 7 + 8, 6)],
            ),
            works(
                6,
                "Move of a data centre",
                WorksState::Cancelled,
                &[("voice", Impact::Outage)],
                vec![window(-24 * 20, 6)],
            ),
        ],
        subscriptions: Subscriptions::Form,
    }
}

/// One on which nothing has ever happened.
pub fn quiet_page(languages: &[&str]) -> StatusPage {
    let subscriptions = Subscriptions::Mail("support@example.com".to_owned());
    StatusPage { incidents: vec![], works: vec![], subscriptions, ..page(languages) }
}

/// Writes a page with all forms: what is wrong with a template shows.
pub fn all_of_it(page: &StatusPage, templates: &Templates) -> Result<(), TemplateError> {
    // One language's pages are enough: all have the same templates.
    for edition in Edition::all(page).iter().take(1) {
        edition.write(templates, now(), &mut vec![])?;
    }
    let topic = serde_json::Value::from("Hosted voice");
    let forms = [
        Form::Subscribe { topic: None, fault: Some((Said::NoAddress, "ada".to_owned())) },
        Form::Confirm { topic: topic.clone() },
        Form::Leave { topic },
        Form::Said(Said::Asked),
    ];
    forms.iter().try_for_each(|form| forms::html(page, templates, form, "en", 0).map(drop))
}
