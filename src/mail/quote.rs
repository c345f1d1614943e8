//! What the writer wrote now: the text without the mail that it answers, and without the signature. When in doubt more
//! is kept; the whole text is always there beside it.

/// Attribution lines: all words of one row, in this order, in a line that ends in a colon.
const ATTRIBUTIONS: [&[&str]; 12] = [
    &["on ", "wrote:"],
    &["am ", "schrieb"],
    &["le ", "a écrit"],
    &["el ", "escribió:"],
    &["il ", "ha scritto:"],
    &["op ", "schreef"],
    &["em ", "escreveu:"],
    &["на ", "написа:"],
    &["пише:"],
    &["のメール:"],
    &["写道"],
    &["wrote:"],
];

/// Lines above a quoted mail that has no marks of its own.
const SEPARATORS: [&str; 10] = [
    "original message",
    "ursprüngliche nachricht",
    "message d'origine",
    "message original",
    "оригинално съобщение",
    "исходное сообщение",
    "元のメッセージ",
    "オリジナルメッセージ",
    "原始邮件",
    "messaggio originale",
];

/// The writer's own words; the whole text where nothing else is left.
pub fn unquoted(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut kept: Vec<&str> = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let head = if is_separator(line) || *line == "-- " { 1 } else { attribution(line, lines.get(n + 1)) };
        if head > 0 {
            // An answer may also stand below the quotation: what follows the last quoted line is the writer's.
            kept.extend(below_the_quotation(&lines[n + head..], *line == "-- "));
            break;
        }
        if !line.starts_with('>') {
            kept.push(line);
        }
    }
    let own = kept.join("\n").trim().to_owned();
    if own.is_empty() { text.trim().to_owned() } else { own }
}

fn below_the_quotation<'a>(rest: &[&'a str], signature: bool) -> Vec<&'a str> {
    let Some(last) = rest.iter().rposition(|line| line.starts_with('>')).filter(|_| !signature) else { return vec![] };
    let end = rest[last..].iter().position(|line| *line == "-- ").map_or(rest.len(), |at| last + at);
    rest[..end].iter().filter(|line| !line.starts_with('>')).copied().collect()
}

fn is_separator(line: &str) -> bool {
    let bare = line.trim().trim_matches(['-', '_', ' ', '=']).to_lowercase();
    line.trim_start().starts_with(['-', '_', '=']) && SEPARATORS.contains(&bare.as_str())
}

/// How many lines of an attribution begin here: it is often folded, and the next line holds its end.
fn attribution(line: &str, next: Option<&&str>) -> usize {
    let ends = |text: &str| text.trim_end().ends_with([':', ':']);
    let line = line.trim();
    if line.len() > 300 || line.starts_with('>') {
        return 0;
    }
    if ends(line) {
        return usize::from(matches_attribution(line));
    }
    let next = next.map(|n| n.trim()).unwrap_or_default();
    let joined = format!("{line} {next}");
    let folded = next.len() < 120 && ends(next) && starts_like_one(line) && matches_attribution(&joined);
    if folded { 2 } else { 0 }
}

fn starts_like_one(line: &str) -> bool {
    let lower = line.to_lowercase();
    ATTRIBUTIONS.iter().any(|words| words.len() > 1 && lower.starts_with(words[0]))
        && lower.contains(|c: char| c.is_ascii_digit())
}

fn matches_attribution(line: &str) -> bool {
    let lower = line.to_lowercase();
    ATTRIBUTIONS.iter().any(|words| match words {
        [only] => lower.contains(only) && (lower.contains('@') || lower.contains(|c: char| c.is_ascii_digit())),
        [first, rest @ ..] => lower.starts_with(first) && rest.iter().all(|w| lower.contains(w)),
        [] => false,
    })
}

const THANKS: [&str; 16] = [
    "thank you",
    "thanks",
    "thx",
    "cheers",
    "danke",
    "vielen dank",
    "dankeschön",
    "merci",
    "merci beaucoup",
    "благодаря",
    "мерси",
    "ありがとうございます",
    "ありがとうございました",
    "ありがとう",
    "感謝",
    "gracias",
];

const CONFIRMATIONS: [&str; 26] = [
    "confirmed",
    "i confirm",
    "we confirm",
    "it works now",
    "works now",
    "works again",
    "working again",
    "solved",
    "resolved",
    "fixed now",
    "can be closed",
    "please close",
    "bestätigt",
    "funktioniert wieder",
    "funktioniert jetzt",
    "gelöst",
    "erledigt",
    "kann geschlossen werden",
    "confirmé",
    "résolu",
    "ça marche",
    "потвърждавам",
    "работи",
    "解決しました",
    "確認しました",
    "直りました",
];

/// Words that turn a confirmation into its contrary, or add something to it.
const DOUBTS: [&str; 29] = [
    "not",
    "n't",
    "no",
    "but",
    "however",
    "still",
    "again?",
    "except",
    "unless",
    "nicht",
    "kein",
    "aber",
    "noch",
    "leider",
    "pas",
    "mais",
    "encore",
    "non",
    "не",
    "но",
    "още",
    "ません",
    "ない",
    "しかし",
    "が、",
    "pero",
    "until",
    "hasn",
    "when",
];

/// Words that may stand around a thank-you without adding anything.
const FILLERS: [&str; 40] = [
    "hi",
    "hello",
    "dear",
    "all",
    "team",
    "support",
    "very",
    "much",
    "so",
    "many",
    "a",
    "lot",
    "again",
    "for",
    "your",
    "the",
    "help",
    "quick",
    "great",
    "perfect",
    "ok",
    "okay",
    "best",
    "kind",
    "regards",
    "hallo",
    "für",
    "ihre",
    "die",
    "schnelle",
    "hilfe",
    "gruß",
    "grüße",
    "viele",
    "mfg",
    "pour",
    "votre",
    "aide",
    "cordialement",
    "bonjour",
];

/// Does the mail only thank? Anything that could be more is more.
pub fn only_thanks(unquoted: &str) -> bool {
    let text = short(unquoted);
    let Some(text) = text else { return false };
    if !THANKS.iter().any(|t| text.contains(t)) || doubtful(&text) {
        return false;
    }
    let mut rest = text;
    let mut thanks = THANKS;
    thanks.sort_by_key(|t| std::cmp::Reverse(t.len()));
    for word in thanks {
        rest = rest.replace(word, " ");
    }
    let left: Vec<&str> =
        rest.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty() && !FILLERS.contains(w)).collect();
    // A name under it, or before it.
    left.len() <= 2 && left.iter().all(|w| !w.chars().any(|c| c.is_ascii_digit()))
}

/// Does the mail say that the matter is solved?
pub fn confirms_resolution(unquoted: &str) -> bool {
    short(unquoted).is_some_and(|text| CONFIRMATIONS.iter().any(|c| contains_words(&text, c)) && !doubtful(&text))
}

/// In lower case, when it is short enough to be nothing but thanks or a confirmation.
fn short(text: &str) -> Option<String> {
    const CHARS: usize = 200;
    const WORDS: usize = 25;
    let text = text.trim();
    let fits = !text.is_empty() && text.chars().nth(CHARS).is_none() && text.split_whitespace().count() <= WORDS;
    fits.then(|| text.to_lowercase())
}

fn doubtful(text: &str) -> bool {
    text.contains(['?', '?']) || DOUBTS.iter().any(|d| contains_words(text, d))
}

/// Whole words, where the script separates words.
fn contains_words(text: &str, words: &str) -> bool {
    text.match_indices(words).any(|(at, _)| {
        let joined = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && c < '\u{3000}');
        let (before, after) = (text[..at].chars().next_back(), text[at + words.len()..].chars().next());
        let spaced = words.chars().next().is_some_and(|c| c < '\u{3000}');
        !spaced || (!joined(before) || words.starts_with("n'")) && !joined(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_of_several_programs_go() {
        for text in [
            "Tray 2.\n\nOn Mon, 2 Nov 2026 at 09:12, Support <s@d.example> wrote:\n> Which tray?\n",
            "Tray 2.\n\nOn Mon, 2 Nov 2026 at 09:12, Support of the Northlight\n<s@d.example> wrote:\n> Which tray?\n",
            "Tray 2.\n\nAm 02.11.26 um 09:12 schrieb Support:\n> Which tray?\n",
            "Tray 2.\n\nLe 2 nov. 2026 à 09:12, Support a écrit :\n> Which tray?\n",
            "Tray 2.\n\nНа 2.11.2026 г. Support написа:\n> Which tray?\n",
            "Tray 2.\n\n2026年11月2日(月) 9:12 Support <s@d.example>のメール:\n> Which tray?\n",
            "Tray 2.\n\n-----Original Message-----\nFrom: Support\nWhich tray?\n",
            "> Which tray?\nTray 2.\n-- \nAda\n",
            "On Mon, Support wrote:\n> Which tray?\n\nTray 2.\n",
        ] {
            assert_eq!(unquoted(text), "Tray 2.", "{text}");
        }
    }

    #[test]
    fn ordinary_sentences_are_no_attribution() {
        let text = "On Monday I wrote a mail.\nOn our side:\nnothing works.";
        assert_eq!(unquoted(text), text);
    }

    #[test]
    fn where_all_is_quoted_all_is_kept() {
        assert_eq!(unquoted("> only this"), "> only this");
    }

    #[test]
    fn a_thank_you_is_known_and_more_than_that_is_more() {
        for text in [
            "Thank you very much!",
            "Thanks\n\nAda",
            "Vielen Dank für die schnelle Hilfe",
            "Merci beaucoup",
            "ありがとうございました。",
        ] {
            assert!(only_thanks(text), "{text}");
        }
        for text in [
            "Thanks, but it is still broken",
            "Thanks. Could you also send the invoice?",
            "Thanks, tray 2 is empty now and tray 3 jams",
            "thank you for calling 0123456",
            "no thanks",
            "",
        ] {
            assert!(!only_thanks(text), "{text}");
        }
    }

    #[test]
    fn a_confirmation_is_known_and_its_contrary_is_none() {
        for text in [
            "Confirmed.",
            "It works now, thank you",
            "Funktioniert wieder, danke!",
            "解決しました。",
            "C'est résolu, merci",
        ] {
            assert!(confirms_resolution(text), "{text}");
        }
        for text in [
            "It is not solved",
            "Is it resolved?",
            "Das ist noch nicht gelöst",
            "confirmed, but the invoice is wrong",
            "解決しません",
        ] {
            assert!(!confirms_resolution(text), "{text}");
        }
    }
}
