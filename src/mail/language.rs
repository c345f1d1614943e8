//! The language of a text, as far as it can be known. A wrong guess answers somebody in a language that they don't read,
//! so short or mixed texts have none.

use whatlang::{Detector, Lang};

/// So much is looked at.
const SAMPLE_BYTES: usize = 4 << 10;
/// Fewer letters in an alphabet that many languages share say too little.
const LETTERS: usize = 40;
/// So many letters of a script that only one language writes are enough.
const OWN_LETTERS: usize = 4;

/// Languages that mail is told in, with their names in ISO 639-1. Those that few write and that are easily taken for
/// another are left out.
#[rustfmt::skip]
const LANGUAGES: [(Lang, &str); 32] = [
    (Lang::Eng, "en"), (Lang::Deu, "de"), (Lang::Fra, "fr"), (Lang::Spa, "es"), (Lang::Ita, "it"), (Lang::Por, "pt"), (Lang::Nld, "nl"),
    (Lang::Swe, "sv"), (Lang::Dan, "da"), (Lang::Nob, "no"), (Lang::Fin, "fi"), (Lang::Pol, "pl"), (Lang::Ces, "cs"), (Lang::Slk, "sk"),
    (Lang::Hun, "hu"), (Lang::Ron, "ro"), (Lang::Hrv, "hr"), (Lang::Slv, "sl"), (Lang::Tur, "tr"), (Lang::Vie, "vi"), (Lang::Ind, "id"),
    (Lang::Bul, "bg"), (Lang::Rus, "ru"), (Lang::Ukr, "uk"), (Lang::Srp, "sr"), (Lang::Mkd, "mk"), (Lang::Bel, "be"),
    (Lang::Ara, "ar"), (Lang::Pes, "fa"), (Lang::Heb, "he"), (Lang::Hin, "hi"), (Lang::Ell, "el"),
];

/// Letters by their script.
#[derive(Default)]
struct Scripts {
    kana: usize,
    han: usize,
    hangul: usize,
    greek: usize,
    thai: usize,
    hebrew: usize,
    armenian: usize,
    georgian: usize,
    other: usize,
}

/// The language of what somebody wrote, by ISO 639-1; none when the text is too short to tell, or tells nothing clear.
pub fn of(text: &str) -> Option<&'static str> {
    let sample = words(&text[..text.floor_char_boundary(SAMPLE_BYTES)]);
    let scripts = scripts(&sample);
    if let Some(language) = by_script(&scripts) {
        return Some(language);
    }
    if scripts.other < LETTERS {
        return None;
    }
    let allowed = LANGUAGES.iter().map(|(language, _)| *language).collect();
    let info = Detector::with_allowlist(allowed).detect(&sample)?;
    let (_, name) = LANGUAGES.iter().find(|(language, _)| *language == info.lang())?;
    info.is_reliable().then_some(name)
}

/// Words that are some: no addresses, numbers and file names, which are in no language.
fn words(text: &str) -> String {
    let is_word = |word: &&str| !word.contains(|c: char| c.is_ascii_digit() || "@/\\_<>=|".contains(c));
    text.split_whitespace().filter(is_word).collect::<Vec<_>>().join(" ")
}

fn scripts(text: &str) -> Scripts {
    let mut scripts = Scripts::default();
    for c in text.chars() {
        match c {
            '\u{3040}'..='\u{30ff}' | '\u{ff66}'..='\u{ff9f}' => scripts.kana += 1,
            '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' => scripts.han += 1,
            '\u{ac00}'..='\u{d7a3}' | '\u{1100}'..='\u{11ff}' => scripts.hangul += 1,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => scripts.greek += 1,
            '\u{e00}'..='\u{e7f}' => scripts.thai += 1,
            '\u{590}'..='\u{5ff}' => scripts.hebrew += 1,
            '\u{530}'..='\u{58f}' => scripts.armenian += 1,
            '\u{10a0}'..='\u{10ff}' => scripts.georgian += 1,
            _ if c.is_alphabetic() => scripts.other += 1,
            _ => {}
        }
    }
    scripts
}

/// What a script alone tells. One of its letters says as much as several Latin ones, and names of products are in Latin
/// letters everywhere.
fn by_script(scripts: &Scripts) -> Option<&'static str> {
    let is_main = |letters: usize| letters >= OWN_LETTERS && letters * 3 >= scripts.other;
    match scripts {
        Scripts { kana, han, .. } if *kana > 0 && kana * 10 >= *han && is_main(kana + han) => Some("ja"),
        Scripts { hangul, .. } if is_main(*hangul) => Some("ko"),
        Scripts { han, .. } if is_main(*han) => Some("zh"),
        Scripts { greek, .. } if is_main(*greek) => Some("el"),
        Scripts { thai, .. } if is_main(*thai) => Some("th"),
        Scripts { hebrew, .. } if is_main(*hebrew) => Some("he"),
        Scripts { armenian, .. } if is_main(*armenian) => Some("hy"),
        Scripts { georgian, .. } if is_main(*georgian) => Some("ka"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn a_sentence_or_two_tell_their_language() {
        for (text, language) in [
            ("Hello, our internet connection has been down since this morning. Could you please check the line?", "en"),
            ("Guten Tag, unsere Leitung ist seit heute Morgen gestört. Können Sie das bitte prüfen?", "de"),
            (
                "Bonjour, notre connexion est coupée depuis ce matin. Pouvez-vous vérifier la ligne, s'il vous plaît ?",
                "fr",
            ),
            ("Здравейте, връзката ни не работи от тази сутрин. Моля да проверите линията възможно най-скоро.", "bg"),
            (
                "Здравствуйте, наша связь не работает с сегодняшнего утра. Пожалуйста, проверьте линию как можно скорее.",
                "ru",
            ),
            ("Hola, nuestra conexión no funciona desde esta mañana. ¿Podrían revisar la línea, por favor?", "es"),
            ("お世話になっております。回線が切断されました。", "ja"),
            ("KDDI回線 VLAN 100 の障害について", "ja"),
            ("您好,线路从今天上午开始中断。", "zh"),
            ("안녕하세요, 회선이 끊어졌습니다.", "ko"),
            ("Καλημέρα, η γραμμή δεν λειτουργεί.", "el"),
            ("สวัสดีครับ สายขาด", "th"),
        ] {
            assert_eq!(of(text), Some(language), "{text}");
        }
    }

    #[test]
    fn a_short_text_and_one_without_words_have_none() {
        for text in [
            "",
            "Hello, my printer is broken",
            "Danke!",
            "OK",
            "https://x.example/a/b/c ada@books.example 10.0.0.1 2026-11-02T10:00",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
