//! The language of a text, as far as it can be known. A wrong guess answers somebody in a language that they don't read,
//! so short or mixed texts have none.

use std::{collections::HashMap, sync::LazyLock};

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

/// Words that nearly every sentence of a language has, and that few others have. Statistics of letters need some hundred
/// letters; these say as much in one sentence.
#[rustfmt::skip]
const COMMON: [(Lang, &str); 22] = [
    (Lang::Eng, "the and is are was been has have had our your you we this that with from for not please could can would since it will of to be but there they what when i"),
    (Lang::Deu, "der die das und ist sind war wurde hat haben unser unsere sie wir ich nicht bitte können mit von für seit auf ein eine einen es den dem zu bei auch noch wenn oder"),
    (Lang::Fra, "le la les et est sont été nous vous notre votre je ne pas avec pour depuis dans une des du ce cette sur merci mais il au aux que qui plus avons pouvez"),
    (Lang::Spa, "el la los las y es son está nuestra nuestro por favor desde con para una del que no se lo como pero muy gracias hemos podrían usted en al su hay"),
    (Lang::Ita, "il lo gli e è sono non nostra nostro per favore con da una della del che questa questo si ma grazie abbiamo potete nel alla dalle anche più ci"),
    (Lang::Por, "o os as e é são não nossa nosso por favor com desde uma da do que para se mas obrigado temos podem em na no você muito está foi ao"),
    (Lang::Nld, "de het een en is zijn niet onze wij u ik met van voor sinds op dat deze kunt kunnen graag bedankt aan ook maar er wordt heeft nog bij"),
    (Lang::Swe, "och är det att inte vår vårt vi ni jag med för sedan på som den har kan en ett av till men om från ska tack"),
    (Lang::Dan, "og er det at ikke vores vi i jeg med for siden på som den har kan en et af til men om fra skal tak også"),
    (Lang::Nob, "og er det at ikke vår vårt vi dere jeg med for siden på som den har kan en et av til men om fra skal takk også"),
    (Lang::Fin, "ja on ei meidän olemme se että kun mutta voitteko kiitos ovat oli tämä myös tai jos niin minä olisi"),
    (Lang::Pol, "i jest są nie nasz nasza nasze od do na z w że się proszę czy dziękuję mamy ale po dla to przez jak od być"),
    (Lang::Ces, "a je jsou není naše náš od do na s v že se prosím děkuji máme ale po pro to jak by být už nám"),
    (Lang::Hun, "a az és nem van hogy egy kérem meg mi ez is ha már csak de köszönöm volt lesz vagy kell"),
    (Lang::Ron, "și este sunt nu noastră nostru vă rugăm de la cu pentru că din o un care mai mulțumesc avem dar să în"),
    (Lang::Tur, "ve bir bu için ile değil mı lütfen bizim var yok ama çok olarak da de teşekkürler kadar beri gibi daha"),
    (Lang::Hrv, "i je su nije naš naša od do na s u da se molim hvala imamo ali za to kako biti ne smo što"),
    (Lang::Bul, "и е са не ни от до на с в че се моля благодаря имаме но за това как да ще има при сме връзката без тази вас"),
    (Lang::Rus, "и не наш наша нас от до на с в что это пожалуйста спасибо у но за как по мы вы для есть был или если можно"),
    (Lang::Ukr, "і є не наш наша від до на з у що це будь ласка дякуємо але за як по ми ви для та або якщо можна"),
    (Lang::Srp, "и је су није наш наша од до на с у да се молим хвала имамо али за то како не смо што"),
    (Lang::Mkd, "и е се не наш наша од до на со во дека ве молам благодарам имаме но за тоа како да ќе има при сме"),
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
    let by_letters = Detector::with_allowlist(allowed).detect(&sample);
    let language = match (by_words(&sample), by_letters) {
        (Some(words), Some(letters)) if words.language == letters.lang() => words.language,
        (Some(words), _) if words.are_many => words.language,
        (None, Some(letters)) if letters.is_reliable() => letters.lang(),
        _ => return None,
    };
    LANGUAGES.iter().find(|(known, _)| *known == language).map(|(_, name)| *name)
}

/// The rows of [`COMMON`] in which a word stands.
static BY_WORD: LazyLock<HashMap<&str, Vec<usize>>> = LazyLock::new(|| {
    let mut rows: HashMap<&str, Vec<usize>> = HashMap::new();
    for (n, (_, words)) in COMMON.iter().enumerate() {
        words.split(' ').for_each(|word| rows.entry(word).or_default().push(n));
    }
    rows
});

/// What the common words say.
struct Words {
    language: Lang,
    /// so many that letters may say what they will
    are_many: bool,
}

fn by_words(sample: &str) -> Option<Words> {
    let lower = sample.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    let mut counts = [0usize; COMMON.len()];
    for languages in words.filter_map(|word| BY_WORD.get(word)) {
        languages.iter().for_each(|n| counts[*n] += 1);
    }
    let (best, count) = counts.iter().copied().enumerate().max_by_key(|(n, count)| (*count, usize::MAX - n))?;
    let second = counts.iter().enumerate().filter(|(n, _)| *n != best).map(|(_, count)| *count).max().unwrap_or(0);
    let clear = count >= 3 && count * 4 >= second * 5;
    clear.then(|| Words { language: COMMON[best].0, are_many: count >= 4 && count >= 2 * second })
}

/// Words that are some: no addresses, numbers and file names, which are in no language. Where nobody writes spaces a
/// number stands within a sentence.
fn words(text: &str) -> String {
    let is_sentence = |word: &str| word.chars().any(|c| matches!(c, '\u{e00}'..='\u{e7f}' | '\u{3040}'..='\u{9fff}'));
    let is_word =
        |word: &&str| !word.contains(|c: char| c.is_ascii_digit() || "@/\\_<>=|".contains(c)) || is_sentence(word);
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
            ("Hallo, onze verbinding is sinds vanochtend weg. Kunt u de lijn nakijken alstublieft?", "nl"),
            ("Buongiorno, la nostra linea non funziona da questa mattina. Potete controllare, per favore?", "it"),
            ("Hej, vår uppkoppling är nere sedan i morse. Kan ni kontrollera linjen?", "sv"),
            ("Dzień dobry, nasze łącze nie działa od rana. Proszę o sprawdzenie linii.", "pl"),
            ("The circuit is down and we have no service at the site since 9:00.", "en"),
            ("お世話になっております。回線が切断されました。", "ja"),
            ("KDDI回線 VLAN 100 の障害について", "ja"),
            ("今朝8時から回線IS-4713が切断されています。", "ja"),
            ("线路IS-4713从8点开始中断。", "zh"),
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
