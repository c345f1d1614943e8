//! The subject of a new case: what the matter is called, without the prefixes that mail programs put before it.

/// Reply and forward prefixes, in lower case: English, German, French, Spanish, Portuguese, Italian, Dutch, the
/// Scandinavian languages, Finnish, Polish, Czech, Hungarian, Turkish, Greek, Russian, Bulgarian, Chinese, Japanese.
const PREFIXES: [&str; 47] = [
    "re",
    "aw",
    "wg",
    "fw",
    "fwd",
    "antw",
    "antwort",
    "sv",
    "vs",
    "vb",
    "vl",
    "tr",
    "réf",
    "ref",
    "rv",
    "res",
    "enc",
    "rif",
    "i",
    "r",
    "odp",
    "pd",
    "atb",
    "doorst",
    "bls",
    "bs",
    "továbbítás",
    "vá",
    "ynt",
    "ilt",
    "i̇lt",
    "σχετ",
    "απ",
    "πρθ",
    "отв",
    "ответ",
    "отг",
    "пер",
    "на",
    "回复",
    "答复",
    "转发",
    "回覆",
    "轉寄",
    "返信",
    "転送",
    "fs",
];

const CHARS: usize = 200;
/// Also the full-width one of East Asian programs.
const COLONS: [char; 2] = [':', '\u{ff1a}'];

/// Removes prefixes, however many, and this desk's own references in brackets, wherever they stand. Another tag at the
/// beginning (`[EXTERNAL]`) stays, and what stands behind it is cleaned.
pub fn clean(subject: &str) -> String {
    let text = without_references(subject);
    let (tag, rest) = split_tag(text.trim());
    let rest = without_prefixes(rest);
    let cleaned = if rest.is_empty() || tag.is_empty() { format!("{tag}{rest}") } else { format!("{tag} {rest}") };
    cleaned.chars().take(CHARS).collect::<String>().trim_end().to_owned()
}

/// The subject of a mail that goes out, with the other side's reference behind ours: `[1-0123456789] [INC0012345] line
/// down`. A subject that holds it already stays as it is.
pub fn with_theirs(subject: &str, theirs: &str) -> String {
    let (ours, rest) = split_tag(subject);
    if subject.contains(theirs) {
        return subject.to_owned();
    }
    if ours.is_empty() { format!("[{theirs}] {rest}") } else { format!("{ours} [{theirs}]{rest}") }
}

fn without_prefixes(text: &str) -> &str {
    let mut rest = text.trim();
    let mut behind_prefix = false;
    while let Some((word, after)) = prefix(rest) {
        let after = after.trim_start();
        // "I:" and "R:" are Italian prefixes, but also drives: they count only beside another prefix.
        if word.chars().count() == 1 && !behind_prefix && prefix(after).is_none() {
            break;
        }
        behind_prefix = true;
        rest = after;
    }
    rest
}

/// `Re:`, `RE[2]:`, `Re(3):`, `AW :`, `回复:` … and what follows it.
fn prefix(text: &str) -> Option<(String, &str)> {
    let before = &text[..text.floor_char_boundary(40)];
    let colon = before.find(COLONS)?;
    let word = before[..colon].trim_end();
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit() || "[]()^*".contains(c)).trim_end().to_lowercase();
    let after = text[colon..].strip_prefix(COLONS)?;
    PREFIXES.contains(&word.as_str()).then_some((word, after))
}

fn split_tag(text: &str) -> (&str, &str) {
    let end = text.strip_prefix('[').and_then(|inside| inside.find(']')).filter(|at| *at <= 40);
    end.map_or(("", text), |at| text.split_at(at + 2))
}

/// Without `[1-0123456789]`.
fn without_references(text: &str) -> String {
    const LENGTH: usize = "[1-0123456789]".len();
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("[1-") {
        let found = rest.as_bytes().get(at..at + LENGTH).is_some_and(|reference| {
            reference[3..LENGTH - 1].iter().all(u8::is_ascii_digit) && reference[LENGTH - 1] == b']'
        });
        let end = at + if found { LENGTH } else { "[1-".len() };
        kept.push_str(if found { rest[..at].trim_end() } else { &rest[..end] });
        if found && !kept.is_empty() {
            kept.push(' ');
        }
        rest = if found { rest[end..].trim_start() } else { &rest[end..] };
    }
    kept.push_str(rest);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_of_many_languages_go() {
        for subject in [
            "Re: line down",
            "RE[2]: Re(3): line down",
            "AW: WG: SV: line down",
            "TR : Réf : line down",
            "回复:转发: line down",
            "回复\u{ff1a}转发\u{ff1a}line down",
            "Re: line down [1-0123456789]",
            "Re: [1-0123456789]Re: line down",
            "Re: Re\u{a0}: line down",
            "Отв: Пер: line down",
            "[1-0123456789] Re: [1-0123456789] line down",
            "R: I: line down",
            "  Fwd:   line down  ",
        ] {
            assert_eq!(clean(subject), "line down", "{subject}");
        }
    }

    #[test]
    fn words_and_other_tags_stay() {
        for subject in [
            "Regarding: x",
            "Replace: y",
            "i:drive is full",
            "[EXTERNAL] line down",
            "Reference 12: x",
            "c: drive",
            "[1-23] x",
            "I: am",
            "R: drive full",
        ] {
            assert_eq!(clean(subject), subject);
        }
    }

    #[test]
    fn their_reference_stands_behind_ours_once() {
        assert_eq!(with_theirs("[1-0123456789] line down", "INC12"), "[1-0123456789] [INC12] line down");
        assert_eq!(with_theirs("[1-0123456789] INC12: line down", "INC12"), "[1-0123456789] INC12: line down");
        assert_eq!(with_theirs("line down", "INC12"), "[INC12] line down");
    }

    #[test]
    fn behind_a_tag_prefixes_go() {
        assert_eq!(clean("[EXTERNAL] Re: AW: line down"), "[EXTERNAL] line down");
        assert_eq!(clean("Re: [EXTERNAL] line down"), "[EXTERNAL] line down");
        assert_eq!(clean("[EXTERNAL] Re:"), "[EXTERNAL]");
    }

    #[test]
    fn a_reference_amid_words_leaves_one_blank() {
        assert_eq!(clean("line [1-0123456789] down"), "line down");
        assert_eq!(clean("[1-[1-0123456789]"), "[1-");
    }

    #[test]
    fn nothing_left_is_nothing_and_long_is_cut_between_characters() {
        assert_eq!(clean("Re: Re:"), "");
        assert_eq!(clean("Re: [1-0123456789]"), "");
        assert_eq!(clean(&"語".repeat(500)).chars().count(), CHARS);
    }
}
