//! What is said in a reader's language: times, words, and nothing of another language beside them.

use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;
use serde_json::{Value, json};

use super::{Problem, TemplateFile, Templates, sample};
use crate::{
    desk::{
        case::Status,
        hours::{self, Zone},
    },
    mail::wording,
};

static BUILT_IN: LazyLock<Templates> = LazyLock::new(|| Templates::new(vec![]).unwrap());

fn file(name: &str, text: &str) -> TemplateFile {
    TemplateFile { name: name.to_owned(), shown: format!("own/{name}"), text: text.to_owned() }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// What a mail has of a value.
fn written(language: &str, value: Value) -> String {
    BUILT_IN.vocabulary.in_words(&value, language).as_str().unwrap().to_owned()
}

/// The data of a notice with figures for all that is a person's or the desk's own text.
fn without_texts(data: &Value) -> Value {
    match data {
        text if wording::read(text).is_some() => text.clone(),
        Value::String(_) => json!("4711"),
        Value::Array(all) => all.iter().map(without_texts).collect(),
        Value::Object(all) => all.iter().map(|(name, value)| (name.clone(), without_texts(value))).collect(),
        other => other.clone(),
    }
}

/// The runs of Latin letters in a text.
fn latin(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_ascii_alphabetic()).filter(|run| !run.is_empty()).collect()
}

#[test]
fn each_language_writes_times_as_its_readers_do() {
    let tuesday = at("2026-11-24T16:05:00Z");
    let first = at("2026-07-01T06:00:00Z");
    let berlin = Zone::Named(Tz::Europe__Berlin);
    for (language, november, july) in [
        ("en", "Tue 24 November 2026, 17:05 (CET)", "Wed 1 July 2026, 08:00 (CEST)"),
        (
            "de",
            "Dienstag, 24.\u{a0}November 2026, 17:05\u{a0}Uhr (MEZ)",
            "Mittwoch, 1.\u{a0}Juli 2026, 08:00\u{a0}Uhr (MESZ)",
        ),
        (
            "fr",
            "mardi 24\u{a0}novembre 2026 à 17\u{a0}h\u{a0}05 (CET)",
            "mercredi 1er\u{a0}juillet 2026 à 8\u{a0}h\u{a0}00 (CEST)",
        ),
        (
            "bg",
            "вторник, 24\u{a0}ноември 2026\u{a0}г., 17:05\u{a0}ч. (CET)",
            "сряда, 1\u{a0}юли 2026\u{a0}г., 08:00\u{a0}ч. (CEST)",
        ),
        ("ja", "2026年11月24日（火）17:05（CET）", "2026年7月1日（水）08:00（CEST）"),
    ] {
        assert_eq!(written(language, wording::time(tuesday, &berlin)), november);
        assert_eq!(written(language, wording::time(first, &berlin)), july);
    }
    assert!(written("ja", wording::time(tuesday, &Zone::Named(Tz::Asia__Tokyo))).ends_with("01:05（日本時間）"));
    let offset = Zone::Offset(FixedOffset::east_opt(9 * 3600).unwrap());
    assert!(written("de", wording::time(tuesday, &offset)).ends_with("01:05\u{a0}Uhr (UTC+09:00)"));
}

#[test]
fn english_mails_write_times_as_staff_read_them_at_a_screen() {
    for zone in [Zone::Named(Tz::America__Denver), Zone::Offset(FixedOffset::east_opt(-12_600).unwrap())] {
        for time in ["2026-11-24T16:05:00Z", "2028-02-29T23:59:59Z", "1999-01-02T03:04:05Z"].map(at) {
            assert_eq!(written("en", wording::time(time, &zone)), hours::say(time, &zone));
        }
    }
}

#[test]
fn each_language_writes_prices_with_its_own_marks() {
    for (language, price, small) in [
        ("en", "1,234,567.50 USD", "75.00 EUR"),
        ("de", "1.234.567,50\u{a0}USD", "75,00\u{a0}EUR"),
        ("fr", "1\u{202f}234\u{202f}567,50\u{a0}USD", "75,00\u{a0}EUR"),
        ("bg", "1\u{a0}234\u{a0}567,50\u{a0}USD", "75,00\u{a0}EUR"),
        ("ja", "1,234,567.50 USD", "75.00 EUR"),
    ] {
        assert_eq!(written(language, wording::money("1234567.50", "USD")), price);
        assert_eq!(written(language, wording::money("75.00", "EUR")), small);
    }
    assert_eq!(written("ja", wording::money("12000", "JPY")), "12,000 JPY");
    assert_eq!(written("en", wording::money("-123456.00", "USD")), "-123,456.00 USD");
}

#[test]
fn each_language_has_a_word_for_every_status() {
    for language in ["en", "de", "fr", "bg", "ja"] {
        for status in Status::ALL {
            let word = written(language, status.in_words());
            assert!(language == "en" || !word.contains(status.as_str()), "{language}: {word}");
        }
    }
    assert_eq!(written("de", Status::OnHold.in_words()), "zurückgestellt");
    assert_eq!(written("nl", Status::OnHold.in_words()), "on hold", "a language without words of its own");
}

#[test]
fn no_english_stands_in_a_japanese_or_bulgarian_mail() {
    // Names of things that these languages write in Latin letters themselves, and the sample's zone and currency.
    const NAMES: [&str; 6] = ["ID", "IP", "RFO", "MST", "UTC", "USD"];
    let templates = &*BUILT_IN;
    for language in ["ja", "bg"] {
        let mut read = 0;
        for notice in Templates::names().filter(|notice| templates.has(notice, language)) {
            for data in [sample::data(notice), sample::sparse_data(notice)] {
                let mail = templates.render(notice, language, &without_texts(&data)).unwrap();
                for part in [&mail.subject, &mail.text] {
                    let foreign: Vec<&str> = latin(part).into_iter().filter(|run| !NAMES.contains(run)).collect();
                    assert!(foreign.is_empty(), "{language}/{notice}: {foreign:?}\n{part}");
                }
                assert!(mail.html.contains(&format!("<html lang=\"{language}\">")));
                read += 1;
            }
        }
        assert!(read >= 2 * 36, "{language}: {read}");
    }
}

#[test]
fn a_notice_that_an_earlier_version_kept_is_said_as_it_stands() {
    let mut data = sample::sparse_data("closed");
    data["reopen_until"] = json!("Tue 1 December 2026, 16:30 (MST)");
    let mail = BUILT_IN.render("closed", "en", &data).unwrap();
    assert!(mail.text.contains("Until Tue 1 December 2026, 16:30 (MST) your reply"), "{}", mail.text);
}

#[test]
fn a_text_of_the_desk_is_taken_in_the_readers_language() {
    let texts = [("de", "Rufen Sie an."), ("en", "Call.")].map(|(l, text)| (l.to_owned(), text.to_owned()));
    let own = wording::texts(&texts.into_iter().collect());
    assert_eq!(written("de", own.clone()), "Rufen Sie an.");
    assert_eq!(written("ja", own), "Call.");
}

#[test]
fn who_wrote_in_another_language_is_told_in_it_that_the_desk_writes_english() {
    let mut data = sample::data("acknowledgement");
    for (language, words) in
        [("ja", "英語のみ"), ("fr", "qu’en anglais"), ("el", "αγγλικά"), ("tlh", "only answer in English")]
    {
        data["write_in_english"] = wording::write_in_english(language);
        let mail = BUILT_IN.render("acknowledgement", "en", &data).unwrap();
        assert!(mail.text.contains(words) && mail.html.contains(words), "{language}: {}", mail.text);
        assert!(mail.html.contains("<html lang=\"en\">"));
    }
}

#[test]
fn of_two_own_files_of_one_name_the_later_counts_and_errors_name_it() {
    let general = file("de/reply.md", "Subject: a\n\nallgemein\n");
    let special = file("de/reply.md", "Subject: b\n\nbesonders {{nobody}}\n");
    let error = Templates::new(vec![general.clone(), special]).unwrap().check().remove(0);
    assert_eq!(error.file, "own/de/reply.md");
    let templates = Templates::new(vec![file("de/reply.md", "Subject: b\n\nbesonders\n"), general]).unwrap();
    assert_eq!(templates.render("reply", "de", &sample::data("reply")).unwrap().subject, "a");
}

#[test]
fn words_that_are_missing_unknown_or_wrong_are_found_with_their_file() {
    let dutch = "[time]\npattern = \"{day} {month}\"\nweekdays = [\"a\", \"b\", \"c\", \"d\", \"e\", \"f\", \"g\"]\n\
                 months = [\"1\", \"2\", \"3\", \"4\", \"5\", \"6\", \"7\", \"8\", \"9\", \"10\", \"11\", \"12\"]\n\
                 [money]\npattern = \"{amount} {currency}\"\ngroup = \".\"\ndecimal = \",\"\n";
    let errors =
        Templates::new(vec![file("nl/words.toml", &format!("{dutch}[status]\nnwe = \"nieuw\"\n"))]).unwrap().check();
    assert!(errors.iter().all(|e| e.file == "own/nl/words.toml"), "{errors:?}");
    assert!(errors.iter().any(|e| e.problem == Problem::MissingWord { name: "status.new".into() }));
    assert!(errors.iter().any(|e| e.problem == Problem::UnknownWord { name: "status.nwe".into() }));
    let wrong = Templates::new(vec![file("nl/words.toml", &dutch.replace("{day}", "{dag}"))]).unwrap_err();
    assert_eq!(wrong.line, Some(2), "{wrong}");
    assert!(wrong.to_string().contains("there is no {dag} (known: {weekday}, {day},"), "{wrong}");
    let wrong = Templates::new(vec![file("nl/words.toml", &dutch.replace(", \"12\"", ""))]).unwrap_err();
    assert_eq!(wrong.line, Some(4), "{wrong}");
    let mute = Templates::new(vec![file("nl/reply.md", "Subject: s\n\nx\n")]).unwrap().check();
    assert_eq!(mute.iter().map(|e| &e.problem).collect::<Vec<_>>(), [&Problem::NoWords]);
    let stray = Templates::new(vec![file("nl/wrods.toml", "")]).unwrap().check();
    assert_eq!(stray.len(), 1);
}

#[test]
fn every_notice_to_customers_is_there_in_all_five_languages() {
    for language in ["en", "de", "fr", "bg", "ja"] {
        assert_eq!(BUILT_IN.lacking(language), [] as [&str; 0], "{language}");
    }
}
