//! Which words of a sentence tell a time: those behind "since" and before "ago", and no word further.
//!
//! Texts here are plain ([`plain`](super::plain::plain)): words between single blanks.

use std::{collections::HashSet, sync::LazyLock};

use regex::Regex;

use super::moment::{ABBREVIATIONS, MONTHS, WEEKDAYS};

/// Words that tell a time, or belong to one that is told: the run may end with them.
#[rustfmt::skip]
const TELLING: &[&str] = &[
    "today", "yesterday", "tonight", "morning", "afternoon", "evening", "night", "noon", "midday", "midnight", "week",
    "weeks", "weekend", "month", "months", "year", "day", "days", "hour", "hours", "hr", "hrs", "h", "minute", "minutes",
    "min", "mins", "o'clock", "am", "pm", "a.m", "p.m", "et", "ct", "pt", "mt", "ast", "gst", "sst", "local", "time",
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "heute", "gestern", "vorgestern", "morgen", "früh", "vormittag", "mittag", "nachmittag", "abend", "nacht", "mitternacht",
    "woche", "wochen", "wochenende", "monat", "uhr", "stunde", "stunden", "minuten", "tag", "tage", "tagen", "std",
    "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn",
    "aujourd'hui", "hier", "avant-hier", "matin", "midi", "après-midi", "soir", "nuit", "minuit", "heure", "heures", "jour",
    "jours", "semaine", "semaines", "mois", "dernier", "dernière", "deux", "trois", "quatre", "cinq", "dix",
    "днес", "днеска", "вчера", "снощи", "ден", "дни", "сутрин", "сутринта", "обед", "обяд", "следобед", "вечер", "вечерта",
    "нощ", "нощта", "полунощ", "седмица", "седмици", "месец", "час", "часа", "часът", "часове", "ч", "минути", "минута",
    "един", "една", "два", "две", "три", "четири", "пет", "време",
];

/// Words that stand between those: the run never ends with them.
#[rustfmt::skip]
const BETWEEN: &[&str] = &[
    ",", ":", "at", "about", "around", "approximately", "approx", "roughly", "on", "of", "the", "in", "a", "an", "this",
    "last", "early", "late", "before", "half", "few", "several", "some", "couple", "over", "more", "than", "least", "almost",
    "ca", "circa", "etwa", "ungefähr", "rund", "gegen", "um", "am", "im", "der", "den", "dem", "des", "vom", "von", "vor",
    "kurz", "letzte", "letzter", "letzten", "letztem", "diesem", "dieser", "heutigem", "heutigen", "gestrigen", "frühen",
    "späten", "einer", "einem", "eine", "einigen", "mehreren", "genau", "halb", "viertel", "über", "mehr", "als",
    "ce", "cet", "cette", "le", "la", "les", "du", "de", "à", "vers", "environ", "un", "une", "quelques", "plusieurs", "plus",
    "en", "début", "fin", "в", "във", "на", "около", "към", "от", "тази", "този", "онзи", "миналата", "миналия", "няколко",
    "повече", "рано", "късно",
];

/// Letters that a time has among its digits: `9h30`, `3rd`, `09:30z`, `2026-11-24t07:00`.
#[rustfmt::skip]
const AMONG_DIGITS: &[&str] = &[
    "h", "hr", "hrs", "t", "z", "am", "pm", "a", "p", "m", "st", "nd", "rd", "th", "er", "uhr", "min", "mins", "d", "ч", "г",
    "utc", "gmt", "cet", "cest", "mez", "mesz", "eet", "eest", "jst",
];

static TELL: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let months = MONTHS.iter().map(|(word, _)| *word);
    let zones = ABBREVIATIONS.iter().map(|(word, _)| *word);
    let days = WEEKDAYS.iter().flat_map(|words| words.iter().copied());
    TELLING.iter().copied().chain(months).chain(zones).chain(days).collect()
});
static STAND_BETWEEN: LazyLock<HashSet<&str>> = LazyLock::new(|| BETWEEN.iter().copied().collect());

/// The time at the end of a Japanese text.
static JAPANESE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        "(?:[0-9][0-9:/.-]*|[年月日時分秒半数頃ごろ週間昼夜朝夕方深夜未明の曜火水木金土() ,]|午前|午後|本日|今日|今朝|今晩|昨日|昨晩|昨夜|一昨日|おととい|前日|先ほど|先週|今週|正午|日本時間|jst|utc)+$",
    )
    .ok()
});

fn tells(word: &str) -> bool {
    if word.starts_with(|c: char| c.is_ascii_digit()) || word.starts_with(['+', '#']) {
        let mut letters = word.split(|c: char| !c.is_alphabetic()).filter(|part| !part.is_empty());
        return !word.starts_with('#') && letters.all(|part| AMONG_DIGITS.contains(&part) || TELL.contains(part));
    }
    // "montagmorgen", "mondays"
    let weekday =
        |word: &str| WEEKDAYS.iter().flat_map(|words| words.iter()).any(|day| day.len() >= 6 && word.starts_with(day));
    TELL.contains(word) || weekday(word)
}

/// The zone of India, and a German verb: after "Uhr" and before a word it is the verb.
fn is_zone(words: &[&str], at: usize) -> bool {
    let behind = words.get(at + 1).copied();
    words[at] == "ist"
        && at > 0
        && words[at - 1].starts_with(|c: char| c.is_ascii_digit())
        && behind.is_none_or(|word| {
            [",", ";", ":", "?", "!", "and", "on", "today", "this", "we", "our", "the"].contains(&word)
        })
}

/// The time with which a text begins; empty when it begins with none.
pub fn leading(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut end = 0;
    for at in 0..words.len() {
        if tells(words[at]) || is_zone(&words, at) {
            end = at + 1;
        } else if !STAND_BETWEEN.contains(words[at]) {
            break;
        }
    }
    words[..end].join(" ")
}

/// The time with which a text ends; empty when it ends with none.
pub fn trailing(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let belongs = |at: &usize| tells(words[*at]) || STAND_BETWEEN.contains(words[*at]) && words[*at] != ",";
    let start = (0..words.len()).rev().take_while(belongs).last().unwrap_or(words.len());
    let run = &words[start..];
    if run.iter().any(|word| tells(word)) { run.join(" ") } else { String::new() }
}

/// The same in a language that writes its words together.
pub fn trailing_together(text: &str) -> String {
    let found = JAPANESE.as_ref().and_then(|regex| regex.find(text.trim_end()));
    found.map_or_else(String::new, |found| found.as_str().trim_matches([' ', ',', 'の']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_ends_where_other_words_begin() {
        for (text, expected) in [
            ("heute früh 8:15 uhr ist unsere leitung tot", "heute früh 8:15 uhr"),
            ("8:30 our line is down", "8:30"),
            ("9:30 ist , and nobody can call", "9:30 ist"),
            ("yesterday evening at about 7 pm cet the line", "yesterday evening at about 7 pm cet"),
            ("ce matin 9h30 la ligne est coupée", "ce matin 9h30"),
            ("тази сутрин в 8:15 ч линията е прекъсната", "тази сутрин в 8:15 ч"),
            ("2026-11-24 07:00 utc , 40 people", "2026-11-24 07:00 utc , 40"),
            ("monday the 3rd of november", "monday the 3rd of november"),
            ("the upgrade of monday", ""),
            ("is-4711 was installed", ""),
        ] {
            assert_eq!(leading(text), expected, "{text}");
        }
        assert_eq!(trailing("the line went down two hours"), "two hours");
        assert_eq!(trailing("our line"), "");
        assert_eq!(trailing_together("回線は今朝8時15分"), "今朝8時15分");
        assert_eq!(trailing_together("回線 is-4711 は 11月3日 9:30 "), "11月3日 9:30");
        assert_eq!(trailing_together("弊社"), "");
    }
}
