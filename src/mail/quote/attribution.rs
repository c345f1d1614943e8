//! Attribution lines: "On Monday Ada wrote:" in the languages and forms of the usual mail programs.
//!
//! Not a pattern per language, but what all of them share: a verb of writing or a date with an address, a colon at the
//! end, and a quotation below. The more of it there is, the less the rest has to prove; a sentence of the writer's own
//! ("On Monday she wrote:") has too little.

use std::sync::LazyLock;

use regex::Regex;

use super::line::{self, LONGEST, bare, is_blank, is_quoted};

/// Lines over which one is looked for: names and addresses are long, and mail is folded at 72 characters.
const SPAN: usize = 6;

/// Verbs that end an attribution, before the colon.
#[rustfmt::skip]
const LAST: &[&str] = &[
    "wrote", "a écrit", "a ecrit", "écrit", "ont écrit", "écrivait", "escribió", "escribio", "ha escrito", "va escriure", "ha escrit", "escribiu", "escreveu", "escreveram", "ha scritto",
    "scrive", "scriveva", "hanno scritto", "a scris", "scrie", "schrieb", "schrieben", "geschrieben", "hat geschrieben", "schreibt", "schreef", "geschreven", "geskryf", "het geskryf", "skrev",
    "skrev följande", "skrev følgende", "skriver", "har skrevet", "skrifaði", "kirjoitti", "kirjoittaa", "kirjoitti seuraavaa", "kirjutas", "rakstīja", "rašė", "parašė", "napisał(a)", "napisał/a", "napisał", "napisała", "pisze",
    "napsal(a)", "napsal/a", "napsal", "napsala", "píše", "napísal(a)", "napísal/a", "napísal", "napísala", "napisala", "napisal", "je napisal(a)", "je napisal", "je napisala", "je napisao(la)", "je napisao/la", "je napisao",
    "napisao je", "napisala je", "napisao/la", "piše", "је написао/ла", "је написао", "је написала", "написао", "пише", "написа", "написала", "написал", "написал(а)", "написал(-а)", "написали", "пишет", "писал", "писал(а)", "писала",
    "пишете", "напиша", "написав", "написав(ла)", "написала(-в)", "напісаў", "напісаў(-ла)", "піша", "έγραψε", "έγραψαν", "γράφει", "yazdı", "şunu yazdı", "şunları yazdı", "yazmış", "írta", "ezt írta", "a következőt írta", "írja",
    "đã viết", "viết", "menulis", "tulis", "nulis", "sumulat", "aliandika", "shkroi", "ka shkruar", "idatzi du", "scríobh", "ysgrifennodd", "yazıb", "yazdi", "жазды", "ने लिखा", "লিখেছেন", "எழுதியது", "لکھا",
    "เขียนว่า", "เขียน", "ได้เขียน", "写道", "寫道", "撰写", "写到", "寫到", "写了", "來信", "のメール", "からのメール", "さんは書きました", "は書きました", "書きました", "が書きました", "さんが書いた", "のメッセージ", "님이 작성",
    "님이 작성함", "님이 쓴 글", "님이 씀", "작성", "كتب", "كتبت", "كتب/كتبت", "كَتَب", "كتب ما يلي", "כתב", "כתבה", "כתב/ה", "כתב(ה)", "כתבו", "نوشت", "نوشته", "نوشته است", "დაწერა", "գրել է",
];

/// Verbs that are common in sentences, too: only right behind an address, or above a quotation.
const WEAK: &[&str] =
    &["sent", "writes", "said", "says", "added", "wrote to you", "envoyé", "envió", "gesendet", "sendte"];

/// Verbs that the writer's name or the date follows: "Am 2.11. schrieb Ada:", "Ada escribió el lunes:".
#[rustfmt::skip]
const WITHIN: &[&str] = &[
    "wrote", "schrieb", "schreef", "skrev", "skrifaði", "kirjutas", "a écrit", "escribió", "escreveu", "ha scritto", "va escriure", "ezt írta", "írta", "napisał(a)", "napisał", "napisała", "napsal(a)", "napsal", "napsala", "napísal(a)",
    "написа", "написал(а)", "написал", "написала", "пише", "пишет", "написав", "έγραψε", "a scris", "kirjoitti", "menulis", "je napisao", "je napisala", "je napisal", "tarihinde", "كتب", "כתב", "geschreven", "rašė", "rakstīja",
];

/// How a folded attribution begins.
#[rustfmt::skip]
const FIRST: &[&str] = &[
    "on ", "at ", "am ", "vom ", "le ", "el ", "il ", "il giorno ", "in data ", "alle ", "op ", "em ", "no dia ", "a ", "al ", "den ", "dne ", "dňa ", "dnia ", "w dniu ", "dana ", "dne: ", "u ", "на ", "в ", "во ", "у ", "стр. ", "vào ", "pada ", "στις ", "la ", "pe ",
    "tir. ", "man. ", "ons. ", "tors. ", "fre. ", "lør. ", "søn. ", "kuupäeval ", "kontakt ", "în ", "die ", "dňa", "v ", "ve ", "på ", "em:", "le:", "quoting ", "zitat von ", "de ", "from ", "citando ", "citerar ", "begin ", "em dom", "ngày ",
    "ในวันที่", "เมื่อ", "في ", "بتاريخ ", "ב-", "בתאריך ", "ביום ", "در ", "於 ", "于 ", "在 ", "在",
];

/// Programs that say it without a date: Horde's "Quoting Ada <…>:", Google Groups' "Ada <…> wrote:".
const QUOTING: &[&str] =
    &["quoting ", "zitat von ", "citando ", "citando a ", "citerar ", "citation de ", "quoted from ", "citat af "];

/// A date in figures, or a year with something else in figures: enough for `Wed, Nov 30, 2026 at 12:47`, `2026年11月2日`
/// and the numerals of other scripts.
static DATE: LazyLock<Regex> = LazyLock::new(|| {
    let any = r"\d{1,4}\s?[./-]\s?\d{1,2}\s?[./-]\s?\d{2,4}|\b(?:19|20|25)\d\d\b.*\d|\d.*\b(?:19|20|25)\d\d\b|[\d--0-9]{4}|\d{4}\s?[年년]|\d.*\d[:.h]\d\d\b";
    // A constant, which the tests compile.
    Regex::new(any).expect("a constant pattern")
});

/// An attribution: how many lines it takes, and what of its first line is the writer's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Attribution {
    pub lines: usize,
    /// bytes at the beginning of the first line that stand before it
    pub own: usize,
    /// all that follows is quoted, marks or not
    pub sure: bool,
}

/// The attribution at the first of these lines; only a few lines are looked at.
pub(super) fn at(lines: &[&str]) -> Option<Attribution> {
    let first = bare(lines.first()?);
    if first.is_empty() || first.len() > LONGEST || is_quoted(first) {
        return None;
    }
    if !closes(first) && !begins(first) {
        return None;
    }
    let mut joined = String::new();
    let mut blanks = 0;
    for (n, raw) in lines.iter().take(SPAN).enumerate() {
        let text = bare(raw);
        if text.is_empty() {
            blanks += 1;
            // Polymail leaves an empty line between the name and the address.
            let goes_on = lines.get(n + 1).is_some_and(|next| bare(next).starts_with('<'));
            if blanks > 1 || !goes_on {
                break;
            }
            continue;
        }
        if n > 0 && is_quoted(text) && !(text.starts_with('>') && closes(text) && text.contains(char::is_alphabetic)) {
            break;
        }
        if joined.len() + text.len() > LONGEST {
            break;
        }
        if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(text);
        if closes(text) {
            let below = quoted_below(&lines[n + 1..]);
            return (n == 0 || begins(&joined)).then(|| judged(&joined, first, below, n + 1)).flatten();
        }
        // What doesn't begin like one is looked at as one line only.
        if n == 0 && !begins(&joined) {
            break;
        }
    }
    without_colon(first, &lines[1..])
}

/// Does the line look as if an attribution could begin there?
pub(super) fn may_begin(line: &str) -> bool {
    line.len() <= LONGEST && (closes(bare(line)) || begins(bare(line)))
}

/// Does an attribution end here?
fn closes(text: &str) -> bool {
    let end = text.trim_end_matches(|c: char| line::is_frame(c) && c != '>');
    // Zoho frames it: "---- Am Mo, 02 Nov 2026 Support <…> schrieb ----".
    let framed = text.starts_with("--") && text.ends_with('-') && !end.is_empty();
    framed || end.ends_with([':', '\u{ff1a}', '\u{fe55}'])
}

/// May these be the first words of one that goes on in the next line?
fn begins(text: &str) -> bool {
    let any = text.contains(|c: char| c == '<' || c == '@' || c.is_numeric());
    // "On Wednesday," and the date in the next line.
    let weekday = text.ends_with(',') && text.split_whitespace().count() <= 3;
    if weekday && text.len() <= 40 && FIRST.iter().any(|words| line::folded(text).starts_with(words)) {
        return true;
    }
    if !any && !text.starts_with(|c: char| "QqZzCc".contains(c)) {
        return false;
    }
    let start: String = text.trim_start_matches(line::is_frame).chars().take(24).collect();
    let start = line::folded(&start);
    start.starts_with(|c: char| c.is_numeric())
        || text.contains('<')
        || text.contains('@')
        || FIRST.iter().any(|words| start.starts_with(words)) && text.contains(char::is_numeric)
        || QUOTING.iter().any(|words| start.starts_with(words))
        || text.chars().filter(|c| c.is_numeric()).count() >= 5 && DATE.is_match(text)
}

fn quoted_below(rest: &[&str]) -> bool {
    rest.iter().take(8).find(|line| !is_blank(line)).is_some_and(|line| is_quoted(line) || line::has_bar(line))
}

fn judged(joined: &str, first: &str, below: bool, lines: usize) -> Option<Attribution> {
    if let Some(sure) = judge(joined, below) {
        // "Yes. On Monday, 2 Nov 2026, Ada wrote:": what stands before it in the line is the writer's own.
        let own = shared(first, joined, below).unwrap_or(0);
        return Some(Attribution { lines, own, sure: sure || own > 0 });
    }
    None
}

/// Where an attribution begins within its line, below what the writer said.
fn shared(first: &str, joined: &str, below: bool) -> Option<usize> {
    #[rustfmt::skip]
    const STARTS: &[&str] = &["On ", "Am ", "Le ", "El ", "Il ", "Op ", "Em ", "Den ", "Dnia ", "W dniu ", "Dne ", "На ", "В "];
    let tail = |at: usize| &joined[at..];
    STARTS
        .iter()
        .filter_map(|start| first.rfind(start))
        .filter(|at| *at > 0 && first[..*at].ends_with(|c: char| c.is_whitespace() || line::is_frame(c)))
        .filter(|at| first[..*at].chars().any(char::is_alphanumeric))
        .filter(|at| {
            let words = tail(*at).split_whitespace().nth(1).unwrap_or_default();
            let dated =
                words.starts_with(|c: char| c.is_ascii_digit() || c.is_uppercase()) || words.ends_with(['.', ',']);
            dated && DATE.is_match(tail(*at)) && judge(tail(*at), below).is_some()
        })
        .max()
}

/// Is this an attribution? If so: is it sure that all below is quoted?
fn judge(joined: &str, below: bool) -> Option<bool> {
    // Without any of these the rest needn't be looked at.
    if !below && !joined.starts_with(['-', '\u{2014}']) && !joined.contains(|c: char| c == '@' || c.is_numeric()) {
        return None;
    }
    let text = line::folded(joined);
    let dashed = text.starts_with("--") || text.starts_with('\u{2014}');
    let end = text.trim_end_matches(line::is_frame).len();
    let end = if text[end..].contains('>') && !dashed { text.trim_end().len() } else { end };
    let colon = text[..end].ends_with(':');
    let body = text[..end].trim_end_matches([':', ' ']).trim_start_matches(line::is_frame);
    let framed = dashed && text.ends_with('-');
    if !(colon || framed || below) || body.is_empty() {
        return None;
    }
    let address = body.contains('@');
    let date = body.contains(char::is_numeric) && DATE.is_match(body);
    let bracket = |text: &str| text.trim_end().ends_with(['>', ')', ']', '"']);
    if !(date || address || framed || below) {
        return None;
    }
    if let Some(before) = LAST.iter().find_map(|verb| ends_in(body, verb)) {
        let named = address && bracket(before);
        // "We changed it on 2.11.2026, and she wrote:" is a sentence: a date alone has to stand at the beginning.
        let early = || before.chars().take(40).any(char::is_numeric);
        if named || framed || date && (below || address || early()) {
            return Some(true);
        }
        return (below && before.len() <= 120).then_some(false);
    }
    if let Some(before) = WEAK.iter().find_map(|verb| ends_in(body, verb)) {
        return ((date || address) && (below || bracket(before) || framed)).then_some(true);
    }
    if (date || address) && follows_a_verb(joined) {
        return (date || below).then_some(true);
    }
    // A date and somebody's address, then the colon: Yandex, Mail.ru, Gmail in many languages.
    if date && address && (bracket(body) && colon || below) {
        return Some(true);
    }
    // Catalan has the date behind the address: "Missatge de Ada <…> del dia dl., 2 de nov. 2026 a les 9:12:".
    let dated_behind = |at: usize| body.len() - at <= 80 && DATE.is_match(&body[at..]) && body[..at].contains('<');
    if date && address && colon && body.rfind('>').is_some_and(dated_behind) {
        return Some(true);
    }
    if QUOTING.iter().any(|words| body.starts_with(words)) && (address || below) {
        return Some(true);
    }
    // 'Ada Lovelace <ada@customer.example>:' above a quotation.
    (below && colon && address && body.len() <= 160).then_some(false)
}

/// What stands before the verb that the text ends in.
fn ends_in<'a>(text: &'a str, verb: &str) -> Option<&'a str> {
    let before = text.strip_suffix(verb)?;
    let apart = before.chars().next_back().is_none_or(|c| !c.is_alphanumeric() || c >= '\u{e00}');
    apart.then_some(before)
}

/// "schrieb Ada Lovelace", "escribió el 2/11/2026": a name or a date behind the verb, not "schrieb der Server nichts".
fn follows_a_verb(joined: &str) -> bool {
    WITHIN.iter().filter_map(|verb| joined.find(verb).map(|at| (at, at + verb.len()))).any(|(at, end)| {
        let apart =
            joined[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || c == '>' || c == ')' || c == ',');
        let rest = joined[end..].trim_start();
        let name = rest.starts_with(|c: char| c.is_uppercase() || !c.is_alphabetic() || c >= '\u{5d0}');
        let cut = joined[end..].starts_with(|c: char| !c.is_alphanumeric());
        apart && cut && rest.split_whitespace().count() <= 12 && (name || DATE.is_match(rest) || rest.contains('@'))
    })
}

/// `2026/11/2 Ada <ada@customer.example>` above a quotation: Gmail of some years wrote no colon.
fn without_colon(first: &str, rest: &[&str]) -> Option<Attribution> {
    let marked = first.contains('@') && first.contains(char::is_numeric) && first.ends_with(['>', ')']);
    let own = Attribution { lines: 1, own: 0, sure: true };
    (marked && first.len() <= 200 && DATE.is_match(first) && quoted_below(rest)).then_some(own)
}
