//! Does an answer say yes? Asked of the reply to "shall we change your address?": what is not clearly a yes changes
//! nothing.

/// Words and phrases that mean yes when an answer begins with them: English, German, French, Spanish, Portuguese,
/// Italian, Dutch, the Scandinavian languages, Polish, Czech, Russian, Bulgarian, Japanese, Chinese.
#[rustfmt::skip]
const YES: [&str; 55] = [
    "yes", "yep", "yeah", "ok", "okay", "confirmed", "confirm", "i confirm", "we confirm", "i hereby confirm", "agreed",
    "correct", "that is correct", "that's correct", "please do", "please change",
    "ja", "bestätigt", "ich bestätige", "hiermit bestätige ich", "wir bestätigen", "einverstanden", "stimmt", "bitte ändern",
    "oui", "confirmé", "je confirme", "nous confirmons", "d'accord",
    "sí", "si", "confirmo", "sim", "confermo", "bevestigd", "ik bevestig", "bekräftar", "jag bekräftar", "bekræfter",
    "bekrefter", "tak", "potwierdzam", "ano", "potvrzuji", "да", "подтверждаю", "потвърждавам",
    "はい", "確認しました", "承認", "変更してください", "是", "确认", "確認", "同意",
];

/// Danish and Norwegian thanks, which is Polish for yes: alone it says too little.
const AMBIGUOUS: [&str; 1] = ["tak"];

/// Words that take a yes back, wherever they stand in the line.
#[rustfmt::skip]
const NO: [&str; 24] = [
    "no", "not", "don't", "do not", "never", "nein", "nicht", "kein", "non", "pas", "nunca", "não", "niet", "inte", "ikke",
    "nie", "ne", "нет", "не", "いいえ", "ません", "しないで", "不", "否",
];

/// Languages that put no blanks between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

/// The first line that says something, a greeting left aside, begins with a yes and takes it back nowhere.
pub fn says_yes(reply: &str) -> bool {
    /// A greeting and a yes; what stands further down is another matter.
    const LINES: usize = 3;
    let lines = reply.lines().map(normal).filter(|line| !line.is_empty());
    for line in lines.take(LINES) {
        if NO.iter().any(|no| has_word(&line, no)) {
            return false;
        }
        let begins = |yes: &str| line.strip_prefix(yes).is_some_and(|rest| ends_word(yes, rest));
        if YES.iter().any(|yes| begins(yes)) && !AMBIGUOUS.contains(&line.as_str()) {
            return true;
        }
    }
    false
}

fn normal(line: &str) -> String {
    const CHARACTERS: usize = 300;
    let line: String = line.chars().take(CHARACTERS).collect::<String>().to_lowercase().replace('\u{2019}', "'");
    line.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()
}

fn ends_word(word: &str, rest: &str) -> bool {
    word.ends_with(is_unspaced) || !rest.starts_with(char::is_alphanumeric)
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let starts = word.starts_with(is_unspaced) || !line[..at].ends_with(char::is_alphanumeric);
        starts && ends_word(word, &line[at + word.len()..])
    })
}

#[cfg(test)]
mod tests {
    use super::says_yes;

    #[test]
    fn a_yes_in_many_languages_is_one() {
        for reply in [
            "Yes",
            "Yes, please change it.\n\nAda",
            "Hello,\n\nI confirm the change.\n",
            "OK!",
            "Ja, das stimmt so.",
            "Guten Tag,\nhiermit bestätige ich die Änderung.",
            "Oui, je confirme.",
            "Да, потвърждавам",
            "はい、お願いします。",
            "確認しました",
            "That’s correct",
        ] {
            assert!(says_yes(reply), "{reply}");
        }
    }

    #[test]
    fn everything_else_changes_nothing() {
        for reply in [
            "",
            "No",
            "No, yes was wrong",
            "Yes, but do not change it yet",
            "I did not ask for this!",
            "Nein, bitte nicht",
            "What is this about?\nWho are you?\nPlease explain.\nYes",
            "Okaying this is not mine to do",
            "Tak",
            "変更しません",
            "Jacob here, what is this?",
        ] {
            assert!(!says_yes(reply), "{reply}");
        }
    }
}
