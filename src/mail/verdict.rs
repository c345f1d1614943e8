//! Yes or no to a question that costs money: what is not understood to the last word is neither, and a person reads it.
//!
//! English, German, French, Bulgarian, Japanese. No condition, question or "but" may ever be among the words.

use super::answer::{THANKS, every_word, longest};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Yes,
    No,
}

#[rustfmt::skip]
const YES: [&str; 74] = [
    "yes", "yes please", "ok", "okay", "approved", "approve", "i approve", "we approve", "yes i approve", "yes we approve",
    "agreed", "i agree", "we agree", "go ahead", "please go ahead", "please proceed", "proceed", "confirmed", "i confirm",
    "we confirm", "i hereby approve", "we hereby approve", "that is fine", "that's fine", "fine with us", "fine with me",
    "it may wait", "it can wait",
    "ja", "ja bitte", "genehmigt", "ich genehmige", "wir genehmigen", "freigegeben", "einverstanden", "in ordnung",
    "bestätigt", "ich bestätige", "wir bestätigen", "ich stimme zu", "wir stimmen zu", "hiermit genehmige ich",
    "hiermit genehmigen wir", "bitte ausführen",
    "oui", "d'accord", "je suis d'accord", "approuvé", "j'approuve", "nous approuvons", "je confirme", "nous confirmons",
    "accord donné", "vous pouvez y aller",
    "да", "одобрявам", "одобряваме", "одобрено", "съгласен", "съгласна", "съгласни", "съгласен съм", "съгласна съм",
    "потвърждавам", "потвърждаваме",
    "はい", "承認します", "承認いたします", "承認しました", "承認", "同意します", "了承しました", "了承いたしました", "進めてください",
];

#[rustfmt::skip]
const NO: [&str; 53] = [
    "no", "i do not approve", "we do not approve", "i don't approve", "we don't approve", "not approved", "declined",
    "i decline", "we decline", "rejected", "i reject", "we reject", "do not proceed", "please do not proceed",
    "please don't proceed", "i do not agree", "we do not agree", "denied", "refused",
    "nein", "abgelehnt", "nicht genehmigt", "ich lehne ab", "wir lehnen ab", "nicht freigegeben", "nicht einverstanden",
    "ich genehmige nicht", "wir genehmigen nicht", "ich stimme nicht zu", "bitte nicht ausführen",
    "non", "refusé", "je refuse", "nous refusons", "pas d'accord", "je ne suis pas d'accord", "je n'approuve pas",
    "nous n'approuvons pas",
    "не", "не одобрявам", "не одобряваме", "отказано", "отказвам", "отказваме", "не съм съгласен", "не съм съгласна",
    "いいえ", "承認しません", "承認できません", "承認いたしません", "却下します", "却下", "同意しません",
];

/// Words that add nothing.
#[rustfmt::skip]
const FILLERS: [&str; 40] = [
    "please", "the change", "this change", "the request", "this request", "the change request", "it", "this", "the costs",
    "the price", "team", "support team", "all", "zusammen", "à tous", "bitte", "die änderung", "diese änderung", "den antrag", "die anfrage", "die kosten", "den preis",
    "s'il vous plaît", "s'il vous plait", "la demande", "cette demande", "la modification", "le changement", "les frais",
    "моля", "промяната", "заявката", "искането", "変更を", "この変更を", "本件", "本件を", "お願いします",
    "よろしくお願いします", "よろしくお願いいたします",
];

/// What an answer says; none when it says both, neither, or more than that. `writer` is the name of whoever wrote it, which
/// may stand below.
pub fn verdict(unquoted: &str, writer: Option<&str>) -> Option<Verdict> {
    let (mut yes, mut no) = (false, false);
    let signed = |line: &&str| writer.is_some_and(|name| line.trim().eq_ignore_ascii_case(name.trim()));
    let text: String = unquoted.lines().filter(|line| !signed(line)).map(|line| format!("{line}\n")).collect();
    let understood = every_word(&text, &mut |sentence| {
        let mut rest = sentence;
        while !rest.is_empty() {
            let (agrees, refuses) = (longest(&YES, rest), longest(&NO, rest));
            let length = agrees.max(refuses).max(longest(&THANKS, rest)).max(longest(&FILLERS, rest));
            if length == 0 {
                return None;
            }
            yes |= length == agrees;
            no |= length == refuses;
            rest = rest[length..].trim_start();
        }
        Some(yes || no)
    });
    match (understood, yes, no) {
        (true, true, false) => Some(Verdict::Yes),
        (true, false, true) => Some(Verdict::No),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_in_five_languages_is_one() {
        for text in [
            "Yes",
            "Yes, I approve. Thank you!\n\nGrace Hopper",
            "Hi team,\n\napproved, please go ahead.\n\nBest regards,\nGrace",
            "Ja, einverstanden.\n\nMit freundlichen Grüßen\nErika Mustermann",
            "Hiermit genehmige ich die Änderung.",
            "Oui, j’approuve cette demande.\nCordialement,\nJean Dupont",
            "Да, одобрявам.\nПоздрави,\nИван",
            "はい、承認します。よろしくお願いします。",
            "本件、承認いたします。",
        ] {
            assert_eq!(verdict(text, Some("Grace Hopper")), Some(Verdict::Yes), "{text}");
        }
    }

    #[test]
    fn a_no_in_five_languages_is_one() {
        for text in [
            "No",
            "No, thank you.",
            "We do not approve this request.",
            "Nein danke\nErika",
            "Non, je refuse.",
            "Не одобрявам.",
            "承認しません。",
            "いいえ",
        ] {
            assert_eq!(verdict(text, Some("Grace Hopper")), Some(Verdict::No), "{text}");
        }
    }

    #[test]
    fn whatever_says_more_is_neither() {
        for text in [
            "",
            "Yes, but only after Friday",
            "Yes, if it costs less than 100 USD",
            "Yes for Ada, no for Ben",
            "Yes. No!",
            "Ja, aber bitte erst nächste Woche",
            "Approved by whom?",
            "Ok, who asked for this",
            "Thanks",
            "Oui mais moins cher",
            "Да, но не днес",
            "承認しますが、来週にしてください",
            "No problem with the price",
            "Not me",
            "Yes\nunless it is expensive",
            "Yes\n\nBest regards\nNot Before Friday",
            "Yes\nRegards\nOnly One Extension",
            "Yes\n\nThanks,\nGrace\nCancel Please",
            "Hello Do Not Proceed\nyes",
        ] {
            assert_eq!(verdict(text, Some("Grace Hopper")), None, "{text}");
        }
    }
}
