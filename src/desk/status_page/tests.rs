use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use atom_syndication::Feed;
use serde_json::Value;

use super::{
    forms::{Form, Said},
    *,
};

const LANGUAGES: [&str; 5] = ["en", "de", "fr", "bg", "ja"];

fn templates() -> Templates {
    Templates::new(vec![]).unwrap()
}

fn written(page: &StatusPage) -> BTreeMap<String, String> {
    let files = page.files(&templates(), sample::now()).unwrap();
    let count = files.len();
    let all: BTreeMap<String, String> = files.into_iter().map(|file| (file.path, file.text)).collect();
    assert_eq!(all.len(), count, "each file is written once");
    all
}

fn full() -> BTreeMap<String, String> {
    written(&sample::page(&LANGUAGES))
}

/// The values of an attribute, in their order.
fn values<'h>(html: &'h str, attribute: &str) -> Vec<&'h str> {
    let begin = format!(" {attribute}=\"");
    html.match_indices(&begin).filter_map(|(at, _)| html[at + begin.len()..].split('"').next()).collect()
}

/// Where a link of a file leads, as a path; none: out of the page, or to the forms.
fn target(from: &str, link: &str) -> Option<String> {
    if link.starts_with('#') || link.contains("subscribe?") || link.starts_with("mailto:") {
        return None;
    }
    assert!(!link.contains(':') && !link.starts_with('/'), "{from}: {link} is not relative");
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            ".." => assert!(parts.pop().is_some(), "{from}: {link} leads out of the page"),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Every tag is closed, in the right order, and no attribute is bare of quotation marks.
fn well_formed(name: &str, html: &str) {
    const EMPTY: [&str; 5] = ["meta", "link", "rect", "input", "br"];
    assert!(html.starts_with("<!DOCTYPE html>\n"), "{name}");
    let mut open = Vec::new();
    for piece in html["<!DOCTYPE html>\n".len()..].split('<').skip(1) {
        let (tag, _) = piece.split_once('>').unwrap_or_else(|| panic!("{name}: <{piece} is not closed"));
        let word = tag.trim_start_matches('/').split([' ', '/']).next().unwrap();
        assert!(word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{name}: <{tag}>");
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(word), "{name}: <{tag}>");
        } else if !EMPTY.contains(&word) {
            open.push(word);
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{name}: <{tag}>");
    }
    assert!(open.is_empty(), "{name}: {open:?}");
    assert!(!html.contains("{{") && !html.contains(" style=") && !html.contains("<script"), "{name}");
}

#[test]
fn every_link_leads_to_a_file_of_the_page() {
    for page in [sample::page(&LANGUAGES), sample::page(&["de"]), sample::quiet_page(&["en", "ja"])] {
        let files = written(&page);
        let mut links = 0;
        for (name, text) in files.iter().filter(|(name, _)| name.ends_with(".html")) {
            for link in values(text, "href") {
                links += 1;
                let Some(target) = target(name, link) else { continue };
                assert!(files.contains_key(&target), "{name}: {link} leads to {target}, which is not there");
            }
        }
        assert!(links > 50, "{links}");
    }
}

#[test]
fn there_is_a_page_in_each_language_and_the_first_stands_at_the_top() {
    let files = full();
    for name in ["index.html", "history.html", "incidents/MNI-0007.html", "platforms/voice.html", "feed.atom"] {
        for language in LANGUAGES {
            assert!(files.contains_key(&format!("{language}/{name}")), "{language}/{name}");
        }
        assert!(files.contains_key(name), "{name}");
    }
    assert!(
        files["index.html"].contains("<html lang=\"en\">") && files["ja/index.html"].contains("<html lang=\"ja\">")
    );
    assert!(files["de/index.html"].contains("Es gibt eine offene Störung"));
    for name in ["platforms/voice.ics", "summary.json", "style.css", "robots.txt"] {
        assert!(files.contains_key(name), "{name}");
    }
}

#[test]
fn pages_are_well_formed_and_have_their_landmarks_and_one_heading_of_the_first_order() {
    let mut pages = full();
    pages.extend(written(&sample::quiet_page(&["fr"])));
    for form in forms_of_all_kinds() {
        let html = forms::html(&sample::page(&LANGUAGES), &templates(), &form, "bg", 1).unwrap();
        pages.insert(format!("{form:?}.html"), html);
    }
    for (name, html) in pages.iter().filter(|(name, _)| name.ends_with(".html")) {
        well_formed(name, html);
        for once in ["<main ", "<header ", "<footer", "<h1>", "<title>", "name=\"viewport\""] {
            assert_eq!(html.matches(once).count(), 1, "{name}: {once}");
        }
        let ids = values(html, "id");
        assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{name}: {ids:?}");
        for labelled in values(html, "aria-labelledby") {
            assert!(ids.contains(&labelled), "{name}: {labelled}");
        }
    }
}

#[test]
fn what_staff_write_is_text_and_never_markup() {
    let hostile = "<script>alert(1)</script>\" onload=\"x {{desk}} & ' \u{7}";
    let mut page = sample::page(&["en"]);
    page.incidents[1].title = hostile.to_owned();
    page.incidents[1].impact = hostile.to_owned();
    page.incidents[1].updates[0].text = hostile.to_owned();
    page.works[1].title = hostile.to_owned();
    page.platforms.insert("voice".to_owned(), hostile.to_owned());
    for (name, text) in written(&page) {
        if name.ends_with(".html") {
            assert!(!text.contains("<script") && !text.contains("onload=\""), "{name}");
        }
        if name.ends_with(".atom") {
            text.parse::<Feed>().unwrap_or_else(|why| panic!("{name}: {why}"));
        }
    }
}

#[test]
fn feeds_are_read_by_others_and_an_entry_is_the_same_one_for_ever() {
    let files = full();
    let feeds: Vec<_> = files.iter().filter(|(name, _)| name.ends_with(".atom")).collect();
    assert_eq!(feeds.len(), 6 * (1 + 3 + 2));
    for (name, text) in &feeds {
        let feed: Feed = text.parse().unwrap_or_else(|why| panic!("{name}: {why}"));
        let ids: BTreeSet<&str> = feed.entries().iter().map(|entry| entry.id()).collect();
        assert_eq!(ids.len(), feed.entries().len(), "{name}");
        assert!(!feed.authors().is_empty() && feed.id().starts_with("tag:example.com,2026:"), "{name}");
        for link in feed.links().iter().chain(feed.entries().iter().flat_map(|entry| entry.links())) {
            assert!(files.contains_key(&target(name, link.href()).unwrap()), "{name}: {}", link.href());
        }
    }
    let all: Feed = files["feed.atom"].parse().unwrap();
    assert_eq!(all.entries().len(), 3 + 2 + 4);
    let mut page = sample::page(&LANGUAGES);
    page.url = Some("https://status.example.com".to_owned());
    page.incidents[1].updates.push(Update { at: sample::now(), text: "All is well again.".to_owned() });
    page.incidents[1].resolved_at = Some(sample::now());
    let later: Feed = written(&page)["feed.atom"].parse().unwrap();
    let ids = |feed: &Feed| feed.entries().iter().map(|entry| entry.id().to_owned()).collect::<BTreeSet<_>>();
    assert!(ids(&later).is_superset(&ids(&all)) && ids(&later).len() == ids(&all).len() + 1);
    let newest = &later.entries()[0];
    assert_eq!(newest.title().as_str(), "Resolved MNI-0007: Calls to mobile networks fail");
    assert_eq!(newest.links()[0].href(), "https://status.example.com/incidents/MNI-0007.html");
}

fn schema() -> (boon::Schemas, boon::SchemaIndex) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/summary.schema.json");
    let mut schemas = boon::Schemas::new();
    let mut compiler = boon::Compiler::new();
    compiler.enable_format_assertions();
    let schema = compiler.compile(path.to_str().unwrap(), &mut schemas).unwrap();
    (schemas, schema)
}

#[test]
fn the_summary_is_as_its_schema_says_and_says_what_is_so() {
    let (schemas, schema) = schema();
    let read = |page: &StatusPage| -> Value { serde_json::from_str(&written(page)["summary.json"]).unwrap() };
    for page in [sample::page(&LANGUAGES), sample::quiet_page(&["en"])] {
        let summary = read(&page);
        schemas.validate(&summary, schema).unwrap_or_else(|why| panic!("{why:#}"));
    }
    let mut broken = read(&sample::page(&["en"]));
    broken["incidents"][0]["began_at"] = Value::from("yesterday");
    assert!(schemas.validate(&broken, schema).is_err());

    let summary = read(&sample::page(&["en"]));
    assert_eq!(summary["state"], "incident");
    let states: Vec<&Value> = summary["platforms"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["operational", "works", "incident"], "internet, meet, voice");
    let ids = |key: &str| summary[key].as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    assert_eq!(
        (ids("works_now"), ids("works_next"), ids("past_works")),
        (vec![4.into()], vec![5.into()], vec![3.into(), 6.into()])
    );
    assert_eq!(read(&sample::quiet_page(&["en"]))["state"], "operational");
}

#[test]
fn a_calendar_holds_each_window_of_a_platform_s_works_as_another_reader_reads_it() {
    let files = full();
    let calendar: icalendar::Calendar = files["platforms/voice.ics"].parse().unwrap();
    let events: Vec<_> = calendar.components.iter().filter_map(|one| one.as_event()).collect();
    assert_eq!(events.len(), 3, "two windows of one, one of the cancelled");
}

#[test]
fn the_same_facts_give_the_same_files_whatever_the_time_but_for_the_summary() {
    let page = sample::page(&["en", "de"]);
    let at = |minutes| {
        let files = page.files(&templates(), sample::now() + Duration::minutes(minutes)).unwrap();
        files.into_iter().filter(|file| file.path != "summary.json").collect::<Vec<_>>()
    };
    assert_eq!(at(0), at(4));
}

#[test]
fn works_are_in_progress_when_their_window_is_and_over_when_it_has_passed() {
    let page = sample::page(&["en"]);
    let ids = |works: Vec<&Works>| works.iter().map(|one| one.id).collect::<Vec<_>>();
    let window = page.works[1].windows[0];
    let just_before = window.starts_at - Duration::seconds(1);
    assert!(ids(page.works_next(just_before)).contains(&4) && page.works_now(just_before).is_empty());
    assert_eq!(page.next_change(just_before), window.starts_at);
    assert_eq!(ids(page.works_now(window.starts_at)), [4]);
    assert!(ids(page.works_now(window.ends_at)).is_empty() && !ids(page.works_next(window.ends_at)).contains(&4));
    assert_eq!(page.state_of("meet", window.starts_at), State::Works);
    assert_eq!(page.state_of("meet", window.ends_at), State::Operational);
    // Over is not done: that only staff say.
    assert_eq!(
        page.works_view(&page.works[1], window.ends_at)["state_word"],
        crate::mail::wording::word("status-page.works-passed")
    );
    // Between two windows of one night's works it goes on.
    let two = &page.works[2].windows;
    let between = two[0].ends_at + Duration::hours(1);
    assert_eq!((ids(page.works_now(between)), ids(page.works_next(between))), (vec![], vec![5]));
    assert_eq!(page.next_change(sample::now()), sample::now() + HEARTBEAT);
}

#[test]
fn history_ends_after_ninety_days_and_a_day_counts_once() {
    let page = sample::page(&["en"]);
    assert_eq!(page.history(sample::now()).len(), 3);
    assert!(page.history(sample::now() + Duration::days(120)).len() < 3);
    let days = page.days("internet", sample::now());
    assert_eq!((days.len(), days.iter().filter(|day| **day).count()), (90, 1));
    assert!(page.days("voice", sample::now())[89], "today");
}

fn forms_of_all_kinds() -> Vec<Form> {
    let said = [
        Said::Asked,
        Said::Confirmed,
        Said::Left,
        Said::VoidLink,
        Said::NotFound,
        Said::NoAddress,
        Said::NoSuchTopic,
        Said::TooMany,
        Said::TooLarge,
        Said::NotNow,
    ];
    let mut all: Vec<Form> = said.into_iter().map(Form::Said).collect();
    all.push(Form::Subscribe { topic: None, fault: None });
    all.push(Form::Subscribe {
        topic: Some("platform:voice".to_owned()),
        fault: Some((Said::NoAddress, "\"><script>".to_owned())),
    });
    all.push(Form::Confirm { topic: Value::from("Hosted voice") });
    all.push(Form::Leave { topic: crate::mail::wording::word("status-page.topic-all") });
    all
}

#[test]
fn forms_are_there_in_every_language_and_choose_what_was_asked_for() {
    let page = sample::page(&LANGUAGES);
    for language in LANGUAGES {
        for form in forms_of_all_kinds() {
            let html = forms::html(&page, &templates(), &form, language, 1).unwrap();
            assert!(html.contains(&format!("<html lang=\"{language}\">")) && html.contains("href=\"../style.css\""));
            assert!(!html.contains("status-page."), "{html}");
        }
    }
    let form = Form::Subscribe { topic: Some("platform:voice".to_owned()), fault: None };
    let html = forms::html(&page, &templates(), &form, "en", 0).unwrap();
    assert!(html.contains("<option value=\"platform:voice\" selected>Hosted voice</option>"), "{html}");
    assert!(html.contains("<option value=\"MNI-0007\">"), "{html}");
}

#[test]
fn a_link_to_what_is_not_there_says_so_beside_the_list() {
    let form = Form::Subscribe { topic: Some("platform:voise".to_owned()), fault: None };
    let html = forms::html(&sample::page(&LANGUAGES), &templates(), &form, "en", 0).unwrap();
    assert!(html.contains("There is nothing of that name") && html.contains("<option value=\"all\""), "{html}");
    assert!(html.contains("<select id=\"topic\" name=\"topic\" aria-invalid=\"true\""), "{html}");
}

#[test]
fn the_overview_counts_open_incidents_and_names_their_sites_and_the_numbers_of_works() {
    let mut page = sample::page(&LANGUAGES);
    let overview = &written(&page)["index.html"];
    assert!(overview.contains("There is an open incident") && overview.contains("Sofia"), "{overview}");
    assert!(overview.contains("PW-0005"), "{overview}");
    page.incidents.push(Incident { number: "MNI-0008".to_owned(), ..page.incidents[1].clone() });
    let files = written(&page);
    assert!(files["index.html"].contains("There are 2 open incidents"));
    assert!(files["de/index.html"].contains("Es gibt 2 offene Störungen"));
}

#[test]
fn works_whose_time_is_over_without_a_word_are_not_called_completed() {
    let mut page = sample::page(&["en"]);
    page.works.retain(|works| works.id == 4);
    page.works[0].windows[0].ends_at = sample::now() - Duration::minutes(1);
    let files = written(&page);
    for name in ["history.html", "feed.atom"] {
        assert!(files[name].contains("Time is over") && !files[name].contains("Completed"), "{}", files[name]);
    }
}

#[test]
fn all_parts_of_the_page_name_works_alike() {
    let mut page = sample::page(&["en"]);
    page.works.retain(|works| works.id == 4);
    let named = |page: &StatusPage| {
        let files = written(page);
        let summary: Value = serde_json::from_str(&files["summary.json"]).unwrap();
        let feed: Feed = files["feed.atom"].parse().unwrap();
        let entry = feed.entries().iter().find(|entry| entry.title().as_str().starts_with("Planned works")).unwrap();
        let title = entry.title().as_str().to_owned();
        (summary["works_now"][0]["state"].clone(), summary["past_works"][0]["state"].clone(), title, files)
    };
    let (now, past, title, files) = named(&page);
    assert_eq!((now, past), (Value::from("in-progress"), Value::Null));
    assert!(title.contains("(In progress)") && files["index.html"].contains("In progress"), "{title}");
    page.works[0].windows[0].ends_at = sample::now() - Duration::minutes(1);
    let (now, past, title, files) = named(&page);
    assert_eq!((now, past), (Value::Null, Value::from("passed")));
    assert!(title.contains("(Time is over)") && files["history.html"].contains("Time is over"), "{title}");
}

#[test]
fn a_calendar_takes_away_windows_that_completed_works_did_not_need() {
    let mut page = sample::page(&["en"]);
    page.works.retain(|works| works.id == 5);
    let works = &mut page.works[0];
    works.state = WorksState::Completed;
    works.not_needed = works.windows.split_off(1);
    let calendar = &written(&page)["platforms/voice.ics"];
    let states: Vec<&str> = calendar.lines().filter(|line| line.starts_with("STATUS:")).collect();
    assert_eq!(states, ["STATUS:CONFIRMED", "STATUS:CANCELLED"]);
    assert!(calendar.contains("UID:works-5-2@example.com"), "{calendar}");
}

#[test]
fn a_page_of_files_alone_lets_its_reader_subscribe_by_mail() {
    let files = written(&sample::quiet_page(&["en", "de"]));
    let link = |name: &str, topic: &str| {
        let href = format!("href=\"mailto:support@example.com?subject=subscribe%20{topic}\"");
        assert!(files[name].contains(&href) && !files[name].contains("subscribe?lang"), "{}", files[name]);
    };
    link("index.html", "all");
    link("de/platforms/voice.html", "platform:voice");
}

#[test]
fn a_browser_gets_the_language_that_it_prefers_among_ours() {
    use crate::desk::policy::{Policy, built_in};
    let languages = Policy::load("base", &built_in).unwrap().languages;
    let of = |chosen, accepted| forms::language_of(&languages, chosen, accepted);
    assert_eq!(of(None, Some("pt-BR,pt;q=0.9,de-CH;q=0.8,en;q=0.5")), "de");
    assert_eq!(of(None, Some("en;q=0.2, ja")), "ja");
    assert_eq!(of(Some("fr"), Some("ja")), "fr");
    assert_eq!(of(Some("tlh"), Some("fr;q=0, ;q=x,,,")), "en");
    assert_eq!(of(None, None), "en");
}

/// Writes all samples into a folder, to be looked at: `CASEPOST_LOOK=/tmp/look cargo test --lib status_page::tests::look`.
#[test]
fn look() {
    let Some(folder) = std::env::var_os("CASEPOST_LOOK") else { return };
    for (name, page) in [("full", sample::page(&LANGUAGES)), ("quiet", sample::quiet_page(&["en", "de"]))] {
        let mut files = written(&page);
        for (n, form) in forms_of_all_kinds().iter().enumerate() {
            let html = forms::html(&page, &templates(), form, "en", 0).unwrap();
            files.insert(format!("form-{n}.html"), html);
        }
        for (path, text) in files {
            let path = Path::new(&folder).join(name).join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }
}

#[test]
fn a_withdrawn_incident_is_told_in_its_feed_and_never_was_for_the_rest_of_the_page() {
    let mut page = sample::page(&["en", "de"]);
    let at = page.incidents.iter().position(|incident| incident.is_open()).unwrap();
    let one = &mut page.incidents[at];
    (one.resolved_at, one.etr, one.next_update_at, one.withdrawn) = (Some(sample::now()), None, None, true);
    one.updates.push(Update { at: sample::now(), text: "It was one line only.".to_owned() });
    let number = one.number.clone();
    let files = written(&page);
    assert!(files[&format!("incidents/{number}.html")].contains("Withdrawn"));
    let said = &files[&format!("incidents/{number}.html")];
    assert!(
        said.contains("opened by mistake") && said.contains("<dt>Reason</dt><dd>It was one line only.</dd>"),
        "{said}"
    );
    assert!(files[&format!("de/incidents/{number}.html")].contains("Zurückgezogen"));
    for feed in ["feed.atom".to_owned(), format!("incidents/{number}.atom"), "platforms/voice.atom".to_owned()] {
        assert_eq!(files[&feed].matches(&format!("<title>Withdrawn {number}")).count(), 1, "{feed}");
    }
    for name in ["index.html", "history.html", "platforms/voice.html"] {
        assert!(!files[name].contains(&number), "{name}");
    }
    assert!(page.days("voice", sample::now()).iter().all(|disturbed| !disturbed), "no day with an incident");
    let summary: Value = serde_json::from_str(&files["summary.json"]).unwrap();
    assert_eq!(summary["withdrawn_incidents"][0]["reason"], "It was one line only.");
    assert_eq!(
        (&summary["incidents"], summary["past_incidents"].as_array().unwrap().len()),
        (&serde_json::json!([]), 1)
    );
    let (schemas, schema) = schema();
    schemas.validate(&summary, schema).unwrap_or_else(|why| panic!("{why:#}"));
}
