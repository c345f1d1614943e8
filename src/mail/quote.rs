//! What the writer wrote now: the text without the mail that it answers, and without the signature. When in doubt more
//! is kept; the whole text is always there beside it.

pub use super::answer::{confirms_resolution, only_thanks};

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
    &["пише"],
    &["のメール"],
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

/// The first header line of a mail that Outlook quotes.
const FROM: [&str; 8] = ["From:", "Von:", "De :", "De:", "От:", "Da:", "差出人:", "发件人:"];

/// What a mail says, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// what the writer wrote now
    pub reply: String,
    pub signature: Option<String>,
}

/// Takes a mail's text apart; `html` is its HTML part, whose structure tells more where there is one.
pub fn said(text: &str, _html: Option<&str>) -> Said {
    Said { reply: unquoted(text), signature: None }
}

/// The writer's own words; the whole text where nothing else is left.
fn unquoted(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let mut kept: Vec<&str> = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        if is_separator(line, lines.get(n + 1)) || *line == "-- " {
            break;
        }
        if let Some(length) = attribution(line, lines.get(n + 1)) {
            kept.extend(below_the_quotation(&lines[n + length..]));
            break;
        }
        if !line.starts_with('>') {
            kept.push(line);
        }
    }
    let own = kept.join("\n").trim().to_owned();
    if own.is_empty() { text.trim().to_owned() } else { own }
}

/// An answer may also stand below or between the lines of a quotation that is marked as one.
fn below_the_quotation<'a>(rest: &[&'a str]) -> Vec<&'a str> {
    if !rest.iter().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with('>')) {
        return vec![];
    }
    let end = rest.iter().position(|line| *line == "-- ").unwrap_or(rest.len());
    rest[..end].iter().filter(|line| !line.starts_with('>')).copied().collect()
}

fn is_separator(line: &str, next: Option<&&str>) -> bool {
    let line = line.trim();
    if line.len() > 200 || !line.starts_with(['-', '_', '=']) {
        return false;
    }
    let bare = line.trim_matches(['-', '_', ' ', '=']).to_lowercase();
    // Outlook: a ruler, then the header of the quoted mail.
    let ruler = bare.is_empty() && line.len() >= 20;
    SEPARATORS.contains(&bare.as_str()) || ruler && next.is_some_and(|next| FROM.iter().any(|f| next.starts_with(f)))
}

/// How many lines an attribution takes: it is often folded.
fn attribution(line: &str, next: Option<&&str>) -> Option<usize> {
    let ends = |text: &str| text.trim_end().ends_with([':', '\u{ff1a}']);
    let line = line.trim();
    if line.len() > 300 || line.starts_with('>') {
        return None;
    }
    if ends(line) {
        // "On Monday she wrote:" may also be the writer's own sentence: a date, an address or a marked line makes sure.
        let sure = line.contains(|c: char| c.is_ascii_digit() || c == '@')
            || next.is_some_and(|n| n.trim().is_empty() || n.starts_with('>'));
        return (sure && matches_attribution(line)).then_some(1);
    }
    let next = next.map(|n| n.trim()).unwrap_or_default();
    (next.len() < 120 && ends(next) && starts_like_one(line) && matches_attribution(&format!("{line} {next}")))
        .then_some(2)
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
            "On Mon, 2 Nov 2026, Support of the Northlight\n<s@d.example> wrote:\n\n> Which tray?\n\nTray 2.\n",
            "Tray 2.\n\n2026年11月2日(月) 9:12 Support <s@d.example>のメール\u{ff1a}\n> Which tray?\n",
            "Tray 2.\n\n-----Original Message-----\nFrom: Support\nWhich tray?\n> older\n",
            "Tray 2.\n\n________________________________\nFrom: Support\nWhich tray?\n",
        ] {
            assert_eq!(unquoted(text), "Tray 2.", "{text}");
        }
    }

    #[test]
    fn ordinary_sentences_are_no_attribution() {
        let text = "On Tuesday she wrote:\n\"all is well\"\nOn Monday I wrote a mail.\nOn our side:\nnothing works.";
        assert_eq!(unquoted(text), text);
    }

    #[test]
    fn where_all_is_quoted_all_is_kept() {
        assert_eq!(unquoted("> only this"), "> only this");
    }
}
