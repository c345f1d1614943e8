//! Atom feeds (RFC 4287): all, of each platform, of each incident. An entry for each update, and one for works.
//!
//! An entry's id never changes, whatever the page's address becomes; works are one entry that is updated, because their
//! dates matter more than how they came about.

use atom_syndication::{Content, Entry, Feed, Generator, Link, Person, Text};
use chrono::{DateTime, Utc};

use super::{Incident, PublicFile, StatusPage, Update, Works};
use crate::{
    desk::hours::Zone,
    mail::template::{Templates, escape},
};

/// A reader that was away for longer looks at the page.
const ENTRIES: usize = 100;

/// All feeds in one language; `folder` is where its pages stand.
pub(super) fn files(
    page: &StatusPage,
    templates: &Templates,
    language: &str,
    folder: &str,
    now: DateTime<Utc>,
) -> Vec<PublicFile> {
    let feeds = Feeds { page, templates, language, folder, now };
    let mut files = Vec::new();
    for incident in &page.incidents {
        let path = format!("incidents/{}.atom", incident.number);
        let title = format!("{} {}", incident.number, incident.title);
        files.push(feeds.feed(&path, &title, |one| one.number == incident.number, |_| false));
    }
    for (key, title) in &page.platforms {
        let of_incident = |incident: &Incident| incident.platforms.contains(key);
        files.push(feeds.feed(&format!("platforms/{key}.atom"), title, of_incident, |works| works.touches(key)));
    }
    let title = templates.page_word("title", language);
    files.push(feeds.feed("feed.atom", &title, |_| true, |_| true));
    files
}

struct Feeds<'p> {
    page: &'p StatusPage,
    templates: &'p Templates,
    language: &'p str,
    folder: &'p str,
    now: DateTime<Utc>,
}

impl Feeds<'_> {
    fn feed(
        &self,
        path: &str,
        title: &str,
        incidents: impl Fn(&Incident) -> bool,
        works: impl Fn(&Works) -> bool,
    ) -> PublicFile {
        let mut entries: Vec<Entry> = Vec::new();
        for incident in self.page.incidents.iter().filter(|incident| incidents(incident)) {
            let updates = incident.updates.iter().enumerate();
            entries.extend(updates.map(|(n, update)| self.update(path, incident, n + 1, update)));
        }
        entries.extend(self.page.works.iter().filter(|one| works(one)).map(|one| self.works(path, one)));
        entries.sort_by(|a, b| b.updated.cmp(&a.updated).then_with(|| a.id.cmp(&b.id)));
        entries.truncate(ENTRIES);
        // A feed has to have a time; of one that never had an entry it says nothing.
        let updated = entries.first().map_or(DateTime::UNIX_EPOCH.fixed_offset(), |entry| entry.updated);
        let page = path.replace("feed.atom", "index.html").replace(".atom", ".html");
        let link = |rel: &str, kind: &str, to: &str| Link {
            href: self.address(path, to),
            rel: rel.to_owned(),
            mime_type: Some(kind.to_owned()),
            ..Link::default()
        };
        let feed = Feed {
            title: Text::plain(of_xml(&format!("{} – {title}", self.page.desk))),
            id: self.id(&format!("{}{path}", self.folder)),
            updated,
            authors: vec![Person { name: self.page.desk.clone(), ..Person::default() }],
            generator: Some(Generator { value: "Casepost".to_owned(), ..Generator::default() }),
            links: vec![link("self", "application/atom+xml", path), link("alternate", "text/html", &page)],
            lang: Some(self.language.to_owned()),
            entries,
            ..Feed::default()
        };
        PublicFile { path: format!("{}{path}", self.folder), text: format!("{}\n", feed.to_string()) }
    }

    fn update(&self, path: &str, incident: &Incident, number: usize, update: &Update) -> Entry {
        let is_last = number == incident.updates.len() && !incident.is_open();
        let state = match (is_last, incident.withdrawn) {
            (true, true) => "withdrawn",
            (true, false) => "resolved",
            (false, _) => "incident",
        };
        let title = format!("{} {}: {}", self.say(state), incident.number, incident.title);
        let html = format!("<p>{}</p>", escape(update.text.trim()));
        let id = self.id(&format!("{}{}/{number}", self.folder, incident.number));
        self.entry(id, title, update.at, html, self.address(path, &format!("incidents/{}.html", incident.number)))
    }

    fn works(&self, path: &str, works: &Works) -> Entry {
        let state = self.say(works.state_at(self.now).word());
        let title = format!("{} ({state}): {}", self.say("works"), works.title);
        let zone = Zone::Named(self.page.zone);
        let mut html = String::new();
        for window in &works.windows {
            let [from, to] = [window.starts_at, window.ends_at]
                .map(|at| escape(&self.templates.word(&crate::mail::wording::time(at, &zone), self.language)));
            html.push_str(&format!("<p>{from}{}{to}</p>", self.say("range")));
        }
        if let Some(reason) = &works.reason {
            html.push_str(&format!("<p>{}</p>", escape(reason)));
        }
        let id = self.id(&format!("{}works-{}", self.folder, works.id));
        // Works that begin are news, too, though nobody had to write anything.
        let bounds = works.windows.iter().flat_map(|window| [window.starts_at, window.ends_at]);
        let updated = bounds.filter(|at| *at <= self.now && !works.is_over()).chain([works.changed_at]).max();
        self.entry(id, title, updated.unwrap_or(works.changed_at), html, self.address(path, "index.html"))
    }

    fn entry(&self, id: String, title: String, at: DateTime<Utc>, html: String, href: String) -> Entry {
        Entry {
            id,
            title: Text::plain(of_xml(&title)),
            updated: at.fixed_offset(),
            published: Some(at.fixed_offset()),
            links: vec![Link { href, rel: "alternate".to_owned(), ..Link::default() }],
            content: Some(Content {
                content_type: Some("html".to_owned()),
                value: Some(of_xml(&html)),
                ..Content::default()
            }),
            ..Entry::default()
        }
    }

    fn say(&self, key: &str) -> String {
        self.templates.page_word(key, self.language)
    }

    /// RFC 4151.
    fn id(&self, what: &str) -> String {
        format!("tag:{},2026:status/{what}", self.page.domain)
    }

    /// From the feed at `path` to a page of the same language.
    fn address(&self, path: &str, to: &str) -> String {
        match &self.page.url {
            Some(url) => format!("{url}/{}{to}", self.folder),
            None => format!("{}{to}", "../".repeat(path.matches('/').count())),
        }
    }
}

/// Without the characters that XML 1.0 has no way to write: one of them, and nobody reads the feed.
fn of_xml(text: &str) -> String {
    let has_none =
        |c: &char| matches!(c, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().filter(|c| !has_none(c)).collect()
}
