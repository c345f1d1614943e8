//! The HTML pages and feeds in one language. All links are relative, so that the whole can stand anywhere.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Incident, PublicFile, State, StatusPage, Subscriptions, feed, history::Past};
use crate::mail::{
    template::{TemplateError, Templates},
    wording::{sentence, word},
};

/// All pages in one language, below one folder.
pub(super) struct Edition<'p> {
    page: &'p StatusPage,
    language: &'p str,
    /// `de/`; empty for the pages of the first language that stand at the top
    folder: String,
}

impl<'p> Edition<'p> {
    /// Those of each language, and last those at the top.
    pub fn all(page: &'p StatusPage) -> Vec<Edition<'p>> {
        let of_language =
            page.languages.iter().map(|language| Edition { page, language, folder: format!("{language}/") });
        let top = page.languages.first().map(|language| Edition { page, language, folder: String::new() });
        of_language.chain(top).collect()
    }

    pub fn write(
        &self,
        templates: &Templates,
        now: DateTime<Utc>,
        files: &mut Vec<PublicFile>,
    ) -> Result<(), TemplateError> {
        let page = self.page;
        let mut html = |here: String, name: &str, topic: &str, data: Value| -> Result<(), TemplateError> {
            let data = self.around(templates, &here, topic, data);
            let text = templates.render_page(name, self.language, &data)?;
            files.push(PublicFile { path: format!("{}{here}", self.folder), text });
            Ok(())
        };
        for incident in &page.incidents {
            let data = json!({ "incident": page.incident_view(incident), "feed": format!("{}.atom", incident.number) });
            html(format!("incidents/{}.html", incident.number), "incident", &incident.number, data)?;
        }
        let history = page.history(now);
        let past = |of: &dyn Fn(&&Past<'_>) -> bool| -> Vec<Value> {
            history.iter().filter(of).map(|past| page.past_view(past, now)).collect()
        };
        for key in page.platforms.keys() {
            let is_here = |incident: &Incident| incident.platforms.contains(key);
            let incidents = page.open_incidents().into_iter().filter(|incident| is_here(incident));
            let data = json!({
                "platform": page.platform_view(key, now),
                "incidents": incidents.map(|incident| page.incident_view(incident)).collect::<Vec<_>>(),
                "works_now": page.works_views(page.works_now(now).into_iter().filter(|w| w.touches(key)), now),
                "works_next": page.works_views(page.works_next(now).into_iter().filter(|w| w.touches(key)), now),
                "history": past(&|past| match past {
                    Past::Incident(incident) => is_here(incident),
                    Past::Works(works) => works.touches(key),
                }),
                "feed": format!("{key}.atom"),
            });
            html(format!("platforms/{key}.html"), "platform", &format!("platform:{key}"), data)?;
        }
        html("history.html".to_owned(), "history", "all", json!({ "history": past(&|_| true), "feed": "feed.atom" }))?;
        let state = page.state(now);
        let data = json!({
            "state": state.as_str(),
            "is_incident": state == State::Incident,
            "headline": match page.open_incidents().len() {
                0 | 1 => word("status-page.open-incident"),
                many => sentence("status-page.open-incidents", json!({ "count": many.to_string() })),
            },
            "is_works": state == State::Works,
            "platforms": page.platforms_view(now),
            "incidents": page.open_incidents().into_iter().map(|one| page.incident_view(one)).collect::<Vec<_>>(),
            "works_now": page.works_views(page.works_now(now), now),
            "works_next": page.works_views(page.works_next(now), now),
            "feed": "feed.atom",
        });
        let data = with(data, "changed", page.changed_at(now).map(|at| super::view::instant(at, page.zone)));
        html("index.html".to_owned(), "index", "all", data)?;
        files.extend(feed::files(page, templates, self.language, &self.folder, now));
        Ok(())
    }

    /// What stands around each page; `topic` is what its reader may subscribe to.
    fn around(&self, templates: &Templates, here: &str, topic: &str, data: Value) -> Value {
        let depth = here.matches('/').count();
        let home = "../".repeat(depth);
        let root = "../".repeat(depth + self.folder.matches('/').count());
        let languages = languages(self.page, templates, self.language, |other| format!("{root}{other}/{here}"));
        let mut data = frame(self.page, &root, &home, languages, data);
        data["subscribe"] = Value::from(match &self.page.subscriptions {
            Subscriptions::Form => format!("{root}subscribe?lang={}&topic={topic}", self.language),
            Subscriptions::Mail(desk) => format!("mailto:{desk}?subject=subscribe%20{topic}"),
        });
        data
    }
}

/// What the layout asks for, beside the page's own values.
pub(super) fn frame(page: &StatusPage, root: &str, home: &str, languages: Value, mut data: Value) -> Value {
    data["desk"] = Value::from(page.desk.clone());
    data["root"] = Value::from(root);
    data["home"] = Value::from(home);
    data["languages"] = languages;
    data
}

/// The same page in each language; nothing where there is only one.
pub(super) fn languages(
    page: &StatusPage,
    templates: &Templates,
    current: &str,
    href: impl Fn(&str) -> String,
) -> Value {
    if page.languages.len() < 2 {
        return json!([]);
    }
    let all = page.languages.iter().map(|language| {
        json!({
            "language": language,
            "name": templates.language_name(language),
            "href": href(language),
            "is_current": language == current,
        })
    });
    all.collect()
}

fn with(mut data: Value, key: &str, value: Option<Value>) -> Value {
    data[key] = value.unwrap_or_default();
    data
}
