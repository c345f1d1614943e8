//! The pages by which people subscribe: a form, a question with a button, or what came of it.

use serde_json::{Value, json};

use super::{
    StatusPage,
    pages::{frame, languages},
};
use crate::{
    desk::policy::languages::Languages,
    mail::template::{TemplateError, Templates},
};

/// What such a page shows.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// asks for an address; `topic` is chosen already, `fault` is what was wrong with the last try, which gave this address
    Subscribe {
        topic: Option<String>,
        fault: Option<(Said, String)>,
    },
    /// what the button would do: confirm the subscription to this
    Confirm {
        topic: Value,
    },
    /// or end it
    Leave {
        topic: Value,
    },
    Said(Said),
}

/// What a page says in one sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// whatever became of it: nobody learns from the page whether an address is known
    Asked,
    Confirmed,
    Left,
    VoidLink,
    NotFound,
    NoAddress,
    NoSuchTopic,
    TooMany,
    TooLarge,
    NotNow,
}

impl Said {
    fn key(self) -> &'static str {
        match self {
            Said::Asked => "asked",
            Said::Confirmed => "confirmed",
            Said::Left => "left",
            Said::VoidLink => "void-link",
            Said::NotFound => "not-found-intro",
            Said::NoAddress => "no-address",
            Said::NoSuchTopic => "no-such-topic",
            Said::TooMany => "too-many",
            Said::TooLarge => "too-large",
            Said::NotNow => "not-now",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Said::Asked | Said::NoAddress | Said::NoSuchTopic | Said::TooLarge => "subscribe",
            Said::Confirmed => "confirm",
            Said::Left => "leave",
            Said::NotFound => "not-found",
            Said::VoidLink | Said::TooMany | Said::NotNow => "stay-informed",
        }
    }
}

/// Everything that can be subscribed, as the form names it: `all`, `platform:voice`, `MNI-0007`.
pub fn topics(page: &StatusPage) -> Vec<(String, Option<String>)> {
    let platforms = page.platforms.iter().map(|(key, title)| (format!("platform:{key}"), Some(title.clone())));
    let incidents = page.open_incidents().into_iter();
    let incidents = incidents.map(|one| (one.number.clone(), Some(format!("{} {}", one.number, one.title))));
    [("all".to_owned(), None)].into_iter().chain(incidents).chain(platforms).collect()
}

/// Writes such a page; `depth` is how many folders deep its address is.
///
/// Errors: a template that can't be filled.
pub fn html(
    page: &StatusPage,
    templates: &Templates,
    form: &Form,
    language: &str,
    depth: usize,
) -> Result<String, TemplateError> {
    let word = |key: &str| crate::mail::wording::word(format!("status-page.{key}"));
    let root = "../".repeat(depth);
    let data = match form {
        Form::Subscribe { topic, fault } => {
            let chosen = topic.as_deref().unwrap_or("all");
            let all = topics(page);
            // A link that leads to the form may be old, or mistyped.
            let is_there = all.iter().any(|(value, _)| value == chosen);
            let fault = fault.clone().or_else(|| (!is_there).then(|| (Said::NoSuchTopic, String::new())));
            let topics: Vec<Value> = all
                .into_iter()
                .map(|(value, title)| {
                    let title = title.map_or_else(|| word("topic-all"), Value::from);
                    json!({ "is_chosen": value == chosen, "value": value, "title": title })
                })
                .collect();
            json!({
                "title": word("subscribe"),
                "subscribe_form": {
                    "topics": topics,
                    "fault": fault.as_ref().map(|(fault, _)| word(fault.key())),
                    "email": fault.as_ref().map(|(_, email)| email),
                    "is_of_topic": fault.as_ref().is_some_and(|(fault, _)| *fault == Said::NoSuchTopic),
                },
            })
        }
        Form::Confirm { topic } => button("confirm", topic),
        Form::Leave { topic } => button("leave", topic),
        Form::Said(said) => json!({ "title": word(said.title()), "said": word(said.key()) }),
    };
    let query = match form {
        Form::Subscribe { topic: Some(topic), .. } => format!("&topic={topic}"),
        _ => String::new(),
    };
    let languages = languages(page, templates, language, |other| format!("?lang={other}{query}"));
    let home = format!("{root}{language}/");
    templates.render_page("form", language, &frame(page, &root, &home, languages, data))
}

fn button(kind: &str, topic: &Value) -> Value {
    let word = |key: &str| crate::mail::wording::word(format!("status-page.{key}"));
    json!({
        "title": word(kind),
        "question": { "intro": word(&format!("{kind}-intro")), "button": word(&format!("{kind}-button")), "topic": topic },
    })
}

/// In which of the page's languages somebody reads: the one that they chose, else what their browser prefers
/// (Accept-Language, RFC 9110 §12.5.4), else the first.
pub fn language_of(languages: &Languages, chosen: Option<&str>, accepted: Option<&str>) -> String {
    // A header with more wishes than that is none of a browser's.
    let wishes = accepted.unwrap_or_default().split(',').take(20);
    let mut wishes: Vec<(u32, &str)> = wishes
        .filter_map(|wish| {
            let mut parts = wish.split(';');
            let language = parts.next()?.trim();
            let weight = parts.find_map(|part| part.trim().strip_prefix("q=")?.trim().parse::<f32>().ok());
            // In thousandths, so that they can be sorted.
            let weight = (weight.unwrap_or(1.0).clamp(0.0, 1.0) * 1000.0) as u32;
            (weight > 0).then_some((weight, language))
        })
        .collect();
    wishes.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let accepted = wishes.iter().find_map(|(_, language)| languages.known(language));
    languages.of_reader(chosen, accepted).to_owned()
}
