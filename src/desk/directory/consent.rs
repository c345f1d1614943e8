//! Does an answer say yes? Asked of the reply to "shall we change your address?": what is not clearly a yes changes
//! nothing.

/// Words and phrases that mean yes when an answer begins with them: English, German, French, Spanish, Portuguese,
/// Italian, Dutch, the Scandinavian languages, Polish, Czech, Russian, Bulgarian, Japanese, Chinese.
#[rustfmt::skip]
const YES: [&str; 55] = [
    "yes", "yep", "yeah", "ok", "okay", "confirmed", "confirm", "i confirm", "we confirm", "i hereby confirm", "agreed",
    "correct", "that is correct", "that's correct", "please change it", "please change my address",
    "ja", "bestätigt", "ich bestätige", "hiermit bestätige ich", "wir bestätigen", "einverstanden", "stimmt", "bitte ändern",
    "oui", "confirmé", "je confirme", "nous confirmons", "d'accord",
    "sí", "sí confirmo", "confirmo", "sim", "confermo", "bevestigd", "ik bevestig", "bekräftar", "jag bekräftar", "bekræfter",
    "bekrefter", "tak", "potwierdzam", "ano", "potvrzuji", "да", "подтверждаю", "потвърждавам",
    "はい", "確認しました", "承認", "変更してください", "是", "确认", "確認", "同意",
];

/// Danish and Norwegian thanks, which is Polish for yes: alone it says too little.
const AMBIGUOUS: [&str; 1] = ["tak"];

/// Words that take a yes back, wherever they stand in the line.
#[rustfmt::skip]
const NO: [&str; 33] = [
    "no", "not", "don't", "do not", "never", "nein", "nicht", "kein", "non", "pas", "nunca", "não", "niet", "inte", "ikke",
    "nothing", "nichts", "rien", "nada", "fraud", "stop", "spam", "wait", "かねます",
    "nie", "ne", "нет", "не", "いいえ", "ません", "しないで", "不", "否",
];

/// Languages that put no blanks between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

/// The first line that says something, a greeting left aside, is a yes and a few courtesies, and nothing in the answer
/// takes it back or asks.
pub fn says_yes(reply: &str) -> bool {
    /// A greeting and a yes; what stands further down is another matter.
    const LINES: usize = 3;
    /// Words beside the yes: "Yes, please change it to the new one".
    const WORDS: usize = 6;
    if says_no(reply) || reply.contains(['?', '\u{ff1f}', '\u{37e}']) {
        return false;
    }
    let lines = reply.lines().map(normal).filter(|line| !line.is_empty());
    for line in lines.take(LINES) {
        let rest = YES
            .iter()
            .filter_map(|yes| line.strip_prefix(yes).filter(|rest| ends_word(yes, rest)))
            .min_by_key(|rest| rest.len());
        let Some(rest) = rest.filter(|_| !AMBIGUOUS.contains(&line.as_str())) else { continue };
        // A second sentence says something of its own.
        let sentences = rest.split(['.', '!', ';']).filter(|part| part.chars().any(char::is_alphanumeric)).count();
        let unspaced = rest.chars().filter(|c| is_unspaced(*c)).count();
        return sentences <= 1 && rest.split_whitespace().count() <= WORDS && unspaced <= 12;
    }
    false
}

/// Does somebody say that a mail in their name is not theirs?
pub fn wrote_nothing(reply: &str) -> bool {
    #[rustfmt::skip]
    const DENIALS: [&str; 24] = [
        "did not write", "didn't write", "did not send", "didn't send", "have not written", "haven't written", "not me",
        "not from me", "never wrote", "never sent", "stop sending", "nicht geschrieben", "nicht gesendet", "nicht von mir",
        "nicht geschickt", "pas écrit", "pas envoyé", "pas moi", "не съм", "не я писал", "не писал", "書いていません", "送っていません",
        "覚えがありません",
    ];
    let text: String = reply.chars().take(1000).collect::<String>().to_lowercase().replace('\u{2019}', "'");
    DENIALS.iter().any(|denial| has_word(&text, denial))
}

/// Does anything in the first lines deny?
/// Does anything in an answer say no, or take a yes back?
pub fn says_no(reply: &str) -> bool {
    const LINES: usize = 10;
    reply.lines().map(normal).take(LINES).any(|line| NO.iter().any(|no| has_word(&line, no)))
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
    use super::{says_yes, wrote_nothing};

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
            "Please change nothing!",
            "Please do nothing until I call.",
            "Yes, that looks like fraud. Stop it!",
            "Okay so who asked?",
            "Ja was soll das denn. Wer hat das verlangt.",
            "Si c'est une erreur de votre part, laissez mon adresse comme elle est.",
            "同意しかねます",
        ] {
            assert!(!says_yes(reply), "{reply}");
        }
    }

    #[test]
    fn who_did_not_write_says_so() {
        for reply in
            ["I did not write this. Stop sending me spam!", "Das habe ich nicht geschrieben.", "書いていません。"]
        {
            assert!(wrote_nothing(reply), "{reply}");
        }
        for reply in ["", "Yes, that was me. Nothing works here!", "Ja, die Leitung geht nicht."] {
            assert!(!wrote_nothing(reply), "{reply}");
        }
    }
}
