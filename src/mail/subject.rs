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

/// Removes prefixes, however many, and this desk's own references in brackets. Other tags (`[EXTERNAL]`) stay.
pub fn clean(subject: &str) -> String {
    let mut rest = subject.trim();
    loop {
        let shorter = without_prefix(rest).or_else(|| without_reference(rest));
        match shorter {
            Some(shorter) => rest = shorter.trim_start(),
            None => break,
        }
    }
    rest.trim_end().chars().take(CHARS).collect::<String>().trim_end().to_owned()
}

/// `Re:`, `RE[2]:`, `Re(3):`, `AW :`, `回复:` …
fn without_prefix(text: &str) -> Option<&str> {
    let (before, after) = text.split_once([':', ':'])?;
    if before.len() > 40 {
        return None;
    }
    let word = before.trim_end().trim_end_matches(|c: char| c.is_ascii_digit() || "[]()^".contains(c)).trim_end();
    let word = word.to_lowercase();
    let known = PREFIXES.contains(&word.as_str());
    // "I:" and "R:" are Italian prefixes, but also the beginning of a sentence or a drive.
    let certain =
        word.chars().count() > 1 || before.chars().next().is_some_and(char::is_uppercase) && after.starts_with(' ');
    (known && certain).then_some(after)
}

/// `[1-0123456789]`
fn without_reference(text: &str) -> Option<&str> {
    let (inside, after) = text.strip_prefix('[')?.split_once(']')?;
    let digits = inside.strip_prefix("1-")?;
    (digits.len() == 10 && digits.bytes().all(|b| b.is_ascii_digit())).then_some(after)
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
        ] {
            assert_eq!(clean(subject), subject);
        }
    }

    #[test]
    fn nothing_left_is_nothing_and_long_is_cut_between_characters() {
        assert_eq!(clean("Re: Re:"), "");
        assert_eq!(clean(&"語".repeat(500)).chars().count(), CHARS);
    }
}
