//! The built-in templates in other languages than English say what the English ones say.

use std::collections::BTreeSet;

use super::{tags::PlacedTag, *};
use crate::{
    desk::directory::{says_no, says_yes},
    mail::{
        answer,
        verdict::{Verdict, verdict},
    },
};

const LANGUAGES: [&str; 4] = ["de", "fr", "bg", "ja"];

fn letter<'t>(templates: &'t Templates, language: &str, notice: &str) -> Option<&'t Letter> {
    templates.letters.get(&format!("{language}/{notice}"))
}

/// The values and conditions of a template, but for what every mail may name.
fn told(templates: &Templates, letter: &Letter) -> BTreeSet<String> {
    let every = |name: &str| sample::EVERY.iter().any(|variable| variable.name == name);
    // By that a desk tells that it has no other language.
    let english_only = |name: &str| name == "write_in_english";
    let about =
        |placed: &&PlacedTag| placed.tag.path().is_some_and(|path| !every(&path.name) && !english_only(&path.name));
    letter.compiled(&templates.common).unwrap().tags.iter().filter(about).map(|placed| placed.tag.to_string()).collect()
}

fn render(language: &str, notice: &str) -> Rendered {
    Templates::new(vec![]).unwrap().render(notice, language, &sample::data(notice)).unwrap()
}

/// What stands between the first pair of quotation marks of the line that begins with `line`.
fn quoted<'m>(mail: &'m Rendered, line: &str) -> &'m str {
    let asks = mail.text.lines().find(|l| l.contains(line)).unwrap_or_else(|| panic!("{line}: {}", mail.text));
    let inside = asks.split_once(['„', '«', '「', '"']).unwrap().1;
    inside.split_once(['“', '»', '」', '"']).unwrap().0.trim_matches(['\u{a0}', ' '])
}

#[test]
fn a_translation_tells_the_same_values_under_the_same_conditions() {
    let templates = Templates::new(vec![]).unwrap();
    let mut compared = 0;
    for notice in Templates::names() {
        let english = told(&templates, letter(&templates, "en", notice).unwrap());
        for language in LANGUAGES {
            let Some(translated) = letter(&templates, language, notice) else { continue };
            assert_eq!(told(&templates, translated), english, "{}", translated.file);
            compared += 1;
        }
    }
    assert!(compared >= 4 * 36, "{compared}");
}

#[test]
fn the_word_that_a_mail_asks_for_is_one_that_the_desk_understands() {
    let lines = [
        ("en", "Yes:", "please reply to this mail with"),
        ("de", "Ja:", "antworten Sie bitte mit"),
        ("fr", "Oui\u{a0}:", "merci de répondre"),
        ("bg", "Да:", "моля, отговорете"),
        ("ja", "解決している場合", "このメールに「"),
    ];
    for (language, solved, address) in lines {
        let mail = render(language, "resolved");
        let word = quoted(&mail, solved);
        assert!(answer::confirms_resolution(word), "{language}: {word}");
        let mail = render(language, "confirm-address");
        let word = quoted(&mail, address);
        assert!(says_yes(word), "{language}: {word}");
    }
}

/// What stands between quotation marks, in its order.
fn quotations(text: &str) -> Vec<&str> {
    let (mut all, mut rest) = (vec![], text);
    while let Some((_, inside)) = rest.split_once(['„', '«', '「', '"']) {
        let Some((said, behind)) = inside.split_once(['“', '»', '」', '"']) else { break };
        all.push(said.trim_matches(['\u{a0}', ' ']));
        rest = behind;
    }
    all
}

#[test]
fn the_yes_and_the_no_that_a_mail_asks_for_are_understood() {
    let templates = Templates::new(vec![]).unwrap();
    let mut asked = 0;
    for language in ["en"].into_iter().chain(LANGUAGES) {
        for (notice, costs) in [("macd-approve", true), ("defer-asked", false)] {
            if letter(&templates, language, notice).is_none() {
                continue;
            }
            for own in [true, false] {
                let mut data = sample::data(notice);
                data["own"] = serde_json::json!(own);
                let mail = templates.render(notice, language, &data).unwrap();
                let [yes, no, ..] = quotations(&mail.text)[..] else { panic!("{language}/{notice}: {}", mail.text) };
                if costs {
                    assert_eq!(verdict(yes, None), Some(Verdict::Yes), "{language}: {yes}");
                    assert_eq!(verdict(no, None), Some(Verdict::No), "{language}: {no}");
                } else {
                    assert!(says_yes(yes) && says_no(no) && !says_no(yes), "{language}: {yes}, {no}");
                }
                asked += 1;
            }
        }
    }
    assert!(asked >= 5 * 4, "{asked}");
}

/// The tags of a document as they stand in the file.
fn tags_of(language: &str, document: &str) -> Option<Vec<&'static str>> {
    let file = BUILT_IN.get_file(format!("{language}/{document}.html"))?.contents_utf8()?;
    let mut tags: Vec<&str> = file.split("{{").skip(1).map(|tag| tag.split("}}").next().unwrap()).collect();
    tags.sort_unstable();
    Some(tags)
}

#[test]
fn a_documents_translation_tells_the_same_values_and_looks_the_same() {
    let style = |language: &str| {
        let file = BUILT_IN.get_file(format!("{language}/rfo-document.html"))?.contents_utf8()?;
        file.split_once("<style>")?.1.split_once("</style>").map(|(style, _)| style)
    };
    let mut compared = 0;
    for language in LANGUAGES.into_iter().filter(|language| tags_of(language, "rfo-document").is_some()) {
        assert_eq!(tags_of(language, "rfo-document"), tags_of("en", "rfo-document"), "{language}");
        assert_eq!(style(language), Some("{{style}}"), "{language}");
        compared += 1;
    }
    assert_eq!(compared, LANGUAGES.len());
}

#[test]
fn french_punctuation_never_begins_a_line() {
    let files = files_below(BUILT_IN.get_dir("fr").unwrap(), "fr");
    assert!(files.len() > 40, "{}", files.len());
    for TemplateFile { name, text, .. } in files {
        // A comment of the file of words has some.
        let text = text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("\n");
        let body = text.strip_prefix("Subject:").unwrap_or(&text);
        for broken in [" :", " ;", " ?", " !", " »", "« "] {
            assert!(!body.contains(broken), "{name}: {broken:?}");
        }
    }
}
