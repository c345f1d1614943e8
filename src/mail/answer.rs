//! Short answers that need no person: a mail that only thanks, or only says that the matter is solved.
//!
//! A thank-you reopens nothing and a confirmation closes a case, so a mistake loses a customer's trouble. Hence the
//! rule is not "has a phrase of thanks" but "has nothing else": every word must be known. What isn't understood is work.

use crate::desk::reference::Reference;

/// Letters and words of an answer, greeting and name lines aside.
const CHARS: usize = 100;
const WORDS: usize = 18;
/// Longer mails aren't looked at.
const LOOKED_AT: usize = 400;

#[rustfmt::skip]
pub(super) const THANKS: [&str; 32] = [
    "thank you", "thank you very much", "thank you so much", "thanks", "thanks so much", "thanks again",
    "thanks a lot", "thx", "many thanks", "cheers", "much appreciated", "danke", "vielen dank", "besten dank",
    "herzlichen dank", "dankeschön", "danke schön", "danke sehr", "merci", "merci beaucoup", "un grand merci",
    "благодаря", "благодарим", "много благодаря", "мерси", "どうもありがとうございました", "ありがとうございました", "ありがとうございます", "ありがとう",
    "お世話になりました", "感謝します", "感謝いたします",
];

#[rustfmt::skip]
const CONFIRMATIONS: [&str; 219] = [
    "confirmed", "solved", "resolved", "fixed", "it is solved", "it is resolved", "it is fixed", "works", "works now",
    "works again", "working again", "it works", "it works now", "it works again", "it is working",
    "it is working again", "yes it works", "yes it works now", "yes it is solved", "yes solved",
    "you can close the case", "you can close the ticket", "can be closed", "please close the case",
    "please close the ticket", "problem solved", "problem is solved", "problem is fixed", "issue resolved",
    "issue is resolved", "issue is fixed", "bestätigt", "funktioniert", "funktioniert wieder", "funktioniert jetzt",
    "funktioniert jetzt wieder", "läuft wieder", "gelöst", "ist gelöst", "problem ist gelöst", "problem ist behoben",
    "erledigt", "behoben", "kann geschlossen werden", "confirmé", "résolu", "c'est résolu", "ça marche",
    "ça fonctionne", "problème résolu", "problème est résolu", "потвърждавам", "потвърждаваме", "решено",
    "проблемът е решен", "вече работи", "解決しました", "解決いたしました", "確認しました", "確認いたしました", "直りました", "復旧しました", "問題ありません",
    "please close this case", "please close this ticket", "please close it", "please close", "close the case",
    "close the ticket", "close this case", "close this ticket", "you may close the case", "you may close the ticket",
    "you can close this case", "you can close this ticket", "you may close this case", "the case can be closed",
    "this case can be closed", "the ticket can be closed", "this ticket can be closed", "it can be closed",
    "everything works again", "everything works", "all works again", "everything is working again",
    "all is well again", "the problem is solved", "the issue is solved", "the issue is resolved",
    "the problem is resolved", "the line works again", "the line is up again", "the service is restored",
    "bitte schließen", "bitte schliessen", "bitte schließen sie den fall", "bitte schließen sie das ticket",
    "bitte schließen sie den case", "bitte den fall schließen", "bitte das ticket schließen",
    "bitte ticket schließen", "bitte fall schließen", "sie können den fall schließen",
    "sie können das ticket schließen", "der fall kann geschlossen werden", "das ticket kann geschlossen werden",
    "ticket kann geschlossen werden", "fall kann geschlossen werden", "es funktioniert wieder",
    "alles funktioniert wieder", "alles läuft wieder", "es läuft wieder", "das problem ist gelöst",
    "das problem ist behoben", "die störung ist behoben", "störung ist behoben", "vous pouvez fermer le ticket",
    "vous pouvez clôturer le ticket", "vous pouvez clore le ticket", "vous pouvez fermer le dossier",
    "vous pouvez clôturer le dossier", "merci de fermer le ticket", "merci de clôturer le ticket",
    "merci de clore le ticket", "veuillez fermer le ticket", "veuillez clôturer le ticket",
    "veuillez clore le ticket", "veuillez clôturer le dossier", "le ticket peut être fermé",
    "le ticket peut être clôturé", "le problème est résolu", "tout fonctionne à nouveau",
    "tout fonctionne de nouveau", "tout remarche", "ça remarche", "моля затворете случая", "моля затворете заявката",
    "моля затворете тикета", "моля закрийте случая", "моля закрийте заявката", "моля закрийте тикета",
    "моля приключете случая", "можете да затворите случая", "можете да затворите заявката",
    "можете да затворите тикета", "можете да закриете случая", "случаят може да бъде затворен",
    "заявката може да бъде затворена", "всичко работи", "всичко работи отново", "отново работи",
    "проблемът е отстранен", "クローズしてください", "クローズお願いします", "クローズをお願いします", "クローズをお願いいたします", "クローズで結構です", "クローズして結構です",
    "クローズしていただいて結構です", "ケースをクローズしてください", "チケットをクローズしてください", "ケースを閉じてください", "チケットを閉じてください", "終了してください", "復旧いたしました",
    "正常に動作しています", "正常に動作しております",
    "bitte schließen sie den vorgang", "bitte den vorgang schließen", "bitte vorgang schließen",
    "sie können den vorgang schließen", "der vorgang kann geschlossen werden", "vorgang kann geschlossen werden",
    "vous pouvez clore le dossier", "merci de clôturer le dossier", "le dossier peut être clos",
    "le dossier peut être clôturé", "можете да приключите случая", "случаят може да бъде приключен",
    "please close incident", "please close case", "please close ticket", "close incident", "please close the incident",
    "please close this incident", "close the incident", "close this incident", "you can close the incident",
    "you can close this incident", "you may close the incident", "you may close this incident",
    "the incident can be closed", "this incident can be closed", "the incident is resolved", "the incident is solved",
    "bitte schließen sie die störung", "bitte die störung schließen", "sie können die störung schließen",
    "die störung kann geschlossen werden", "bitte schließen sie den incident", "merci de fermer l'incident",
    "merci de clôturer l'incident", "merci de clore l'incident", "vous pouvez fermer l'incident",
    "vous pouvez clôturer l'incident", "vous pouvez clore l'incident", "veuillez fermer l'incident",
    "veuillez clôturer l'incident", "veuillez clore l'incident", "l'incident peut être clôturé", "l'incident est résolu",
    "моля затворете инцидента", "моля приключете инцидента", "можете да затворите инцидента",
    "инцидентът може да бъде затворен", "インシデントをクローズしてください", "インシデントを閉じてください", "インシデントのクローズをお願いします",
    "インシデントのクローズをお願いいたします",
];

/// Words that add nothing to a phrase. No negation, question, condition or yes may ever stand here, and no word that
/// alone is a complaint: "Thanks. Problem again!", "Danke, Hilfe!".
#[rustfmt::skip]
const FILLERS: [&str; 61] = [
    "very much", "a lot", "for", "your", "the", "this", "it", "is", "all", "your help", "the help", "quick help",
    "your quick help", "the quick help", "your support", "the support", "quick support", "support team", "team",
    "quick reply", "your reply", "great", "perfect", "super", "now", "case", "ticket", "everything", "and", "to you",
    "to all", "für", "ihre hilfe", "die hilfe", "schnelle hilfe", "die schnelle hilfe", "ihre schnelle hilfe", "der",
    "das", "alles", "jetzt", "und", "ist", "es", "prima", "ihnen", "pour", "votre aide", "le", "la", "tout", "et",
    "est", "parfait", "за помощта", "за бързата помощ", "ви", "всичко", "ご対応", "早速の", "迅速な",
];

/// Lines before and after the answer.
#[rustfmt::skip]
const GREETINGS: [&str; 40] = [
    "hi", "hello", "dear", "good morning", "good afternoon", "regards", "best", "best regards", "kind regards",
    "best wishes", "yours", "sincerely", "hallo", "guten tag", "guten morgen", "sehr geehrte", "liebe", "lieber",
    "gruß", "grüße", "viele grüße", "liebe grüße", "beste grüße", "mit freundlichen grüßen", "freundliche grüße",
    "mfg", "vg", "lg", "bonjour", "bonsoir", "cordialement", "bien cordialement", "salutations", "здравейте",
    "здравей", "поздрави", "с уважение", "お世話になっております", "よろしくお願いします", "よろしくお願いいたします",
];

/// Does the mail only thank?
pub fn only_thanks(unquoted: &str) -> bool {
    Answer::of(unquoted).is_some_and(|answer| answer.thanks && !answer.confirms)
}

/// Does the mail say that the matter is solved, and nothing else but thanks?
pub fn confirms_resolution(unquoted: &str) -> bool {
    Answer::of(unquoted).is_some_and(|answer| answer.confirms)
}

/// A mail of which every word is understood.
struct Answer {
    thanks: bool,
    confirms: bool,
}

impl Answer {
    fn of(unquoted: &str) -> Option<Answer> {
        let mut answer = Answer { thanks: false, confirms: false };
        let understood = every_word(unquoted, &mut |sentence| {
            answer.understands(sentence).then_some(answer.thanks || answer.confirms)
        });
        understood.then_some(answer)
    }

    /// Is the line made of known phrases only? Notes which.
    fn understands(&mut self, sentence: &str) -> bool {
        let mut rest = sentence;
        while !rest.is_empty() {
            let thanks = longest(&THANKS, rest);
            let confirms = longest(&CONFIRMATIONS, rest);
            let filler = longest(&FILLERS, rest).max(reference(rest));
            let length = thanks.max(confirms).max(filler);
            if length == 0 {
                return false;
            }
            self.thanks |= length == thanks;
            self.confirms |= length == confirms;
            rest = rest[length..].trim_start();
        }
        true
    }
}

/// Is every word of a short answer understood? Greetings and the names below the answer are left aside. `understands` is
/// given a line; it says whether the answer has said something by then, or nothing when it does not understand the line.
pub(super) fn every_word(unquoted: &str, understands: &mut dyn FnMut(&str) -> Option<bool>) -> bool {
    let text = unquoted.trim();
    if text.is_empty() || text.chars().nth(LOOKED_AT).is_some() || text.contains(['?', '\u{ff1f}', '\u{37e}']) {
        return false;
    }
    let (mut chars, mut words) = (0, 0);
    let (mut said, mut closed) = (false, false);
    for line in text.lines().map(|line| line.trim()).filter(|line| !line.is_empty()) {
        let sentence = normal(line);
        if closed && is_name(line) {
            continue;
        }
        // A greeting ends with the name of who is greeted; a closing is followed by lines of names.
        if let Some(rest) = without_greeting(&sentence) {
            closed |= said;
            if !rest.is_empty() && !is_name(line) {
                let Some(says) = understands(rest) else { return false };
                said = says;
            }
            continue;
        }
        if said && is_signature(line) {
            closed = true;
            continue;
        }
        let Some(says) = understands(&sentence) else { return false };
        said = says;
        chars += sentence.chars().count();
        words += sentence.split(' ').count();
    }
    chars <= CHARS && words <= WORDS
}

/// In lower case, with one blank between words and no punctuation but the apostrophe.
fn normal(line: &str) -> String {
    let line = line.to_lowercase().replace('\u{2019}', "'");
    let words: Vec<&str> =
        line.split(|c: char| !(c.is_alphanumeric() || c == '\'')).filter(|word| !word.is_empty()).collect();
    words.join(" ").replace("it's ", "it is ")
}

/// The length of a case's reference with which the text begins, in either form; 0 when it begins with none.
fn reference(text: &str) -> usize {
    let mut words = text.split(' ');
    let first = words.next().unwrap_or_default();
    let second = words.next().filter(|_| first == "1");
    let digits = format!("{first}{}", second.unwrap_or_default());
    let length = first.len() + second.map_or(0, |word| word.len() + 1);
    if Reference::parse(&digits).is_ok() { length } else { 0 }
}

/// The length of the longest of these phrases with which the text begins; 0 when none does. Japanese has no blanks
/// between words; elsewhere a phrase ends where a word ends.
pub(super) fn longest(phrases: &[&str], text: &str) -> usize {
    let fits = |phrase: &&&str| {
        text.strip_prefix(**phrase).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(' ') || phrase.chars().next_back().is_some_and(|c| c >= '\u{3040}')
        })
    };
    phrases.iter().filter(fits).map(|phrase| phrase.len()).max().unwrap_or(0)
}

fn without_greeting(sentence: &str) -> Option<&str> {
    let length = longest(&GREETINGS, sentence);
    (length > 0).then(|| sentence[length..].trim_start())
}

/// One to four words, each beginning with a capital: `Ada Lovelace`, `Dear Mr Miller`.
fn is_name(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let named = |word: &&str| {
        let capital = word.chars().next().is_some_and(char::is_uppercase);
        capital && word.chars().all(|c| c.is_alphabetic() || "-.,'".contains(c))
    };
    let doubtful = |word: &&str| DOUBTS.contains(word);
    (1..=4).contains(&words.len()) && words.iter().all(named) && !normal(line).split(' ').any(|word| doubtful(&word))
}

/// A name that stands alone below the answer. Two words could be a sentence ("Still Broken"): only one is let through,
/// without a full stop, or the form `Ada L.`.
fn is_signature(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let initial = |word: &str| word.chars().count() == 2 && word.ends_with('.');
    match words.as_slice() {
        [name] => {
            is_name(name) && !name.ends_with('.') && name.chars().count() <= 20 && longest(&DOUBTS, &normal(name)) == 0
        }
        [name, last] => is_name(name) && is_name(last) && initial(last),
        _ => false,
    }
}

/// Words that are no names though they may stand alone in a line.
#[rustfmt::skip]
const DOUBTS: [&str; 58] = [
    "before", "after", "until", "unless", "except", "only", "if", "when", "cancel", "stop", "wait", "don't", "never",
    "solved", "down", "yes", "please", "first", "erst", "nur", "falls", "wenn", "bitte", "vor", "bis", "kein", "keine",
    "seulement", "sauf", "avant", "si", "само", "ако", "преди",
    "not", "no", "but", "still", "however", "broken", "reopen", "again", "urgent", "nicht", "nein", "aber", "noch",
    "leider", "kaputt", "defekt", "dringend", "non", "pas", "mais", "encore", "не", "но", "още",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_named_by_either_form_of_its_reference_and_a_mistyped_one_is_for_a_person() {
        let reference = Reference::from_counter(1, &[7; 32]).unwrap();
        for text in [
            format!("Please close incident {}.", reference.telephone()),
            format!("Please close incident {reference}\n\nThank you\nAda"),
            format!("{reference}: solved, thank you"),
        ] {
            assert!(confirms_resolution(&text), "{text}");
        }
        for text in ["Please close incident 1-0123456789.", "Please close incident 1.", "Please close incident 443"] {
            assert!(!confirms_resolution(text), "{text}");
        }
        assert!(!confirms_resolution(&reference.to_string()), "it says nothing");
    }

    #[test]
    fn a_thank_you_in_five_languages_is_known() {
        for text in [
            "Thank you very much!",
            "Thanks\n\nAda",
            "Hi team,\n\nthanks a lot for the quick help!\n\nBest regards,\nAda Lovelace",
            "Vielen Dank für die schnelle Hilfe",
            "Guten Tag,\nvielen Dank!\nMit freundlichen Grüßen\nErika Mustermann",
            "Merci beaucoup\nCordialement,\nJean-Luc Dupont",
            "Благодаря за помощта!\nПоздрави,\nИван",
            "ありがとうございました。",
            "早速のご対応ありがとうございます。",
        ] {
            assert!(only_thanks(text), "{text}");
            assert!(!confirms_resolution(text), "{text}");
        }
    }

    #[test]
    fn more_than_thanks_is_more() {
        for text in [
            "Thanks, but it is still broken",
            "Thanks. Could you also send the invoice?",
            "Thanks, tray 2 is empty now and tray 3 jams",
            "Thanks, printer broken",
            "Thanks. Problem again!",
            "Danke, Hilfe!",
            "Danke, Problem ist wieder da",
            "Yes, thanks",
            "Thanks, help now",
            "Thanks, reopen please",
            "Thanks\nStill Broken",
            "Thanks\nBroken",
            "Thanks,\nPlease call 0123456",
            "thank you for calling 0123456",
            "Danke, defekt wieder.",
            "Dear Support, thanks but no",
            "Best regards to all, the line is down again",
            "no thanks",
            "Merci, encore en panne",
            "Благодаря, но не работи",
            "ありがとう。まだ直りましたか\u{ff1f}",
            "ありがとうございます。電話番号は変わりました",
            "ありがとうございますが、まだ使えません",
            "Hello\nAda",
            "",
        ] {
            assert!(!only_thanks(text), "{text}");
        }
    }

    #[test]
    fn a_confirmation_in_five_languages_is_known() {
        for text in [
            "Confirmed.",
            "It works now, thank you",
            "It's fixed, thanks!\n\nAda",
            "Solved, thanks",
            "Funktioniert wieder, danke!",
            "Bestätigt.\nViele Grüße\nErika Mustermann",
            "C’est résolu, merci",
            "Потвърждавам.",
            "解決しました。ありがとうございました。",
            "確認しました。",
            "Bitte schließen Sie den Vorgang.",
            "Vous pouvez clore le dossier.",
            "Можете да приключите случая.",
        ] {
            assert!(confirms_resolution(text), "{text}");
            assert!(!only_thanks(text), "{text}");
        }
    }

    #[test]
    fn what_only_looks_like_a_confirmation_is_none() {
        for text in [
            "It is not solved",
            "It isn't fixed",
            "Is it resolved?",
            "I confirm the outage persists",
            "Appointment confirmed for Tuesday",
            "The first issue is resolved, the second one is broken.",
            "please close the port 80",
            "works until noon",
            "It works so-so",
            "Solved? Hardly",
            "Das ist noch nicht gelöst",
            "Funktioniert wieder nicht",
            "confirmed, but the invoice is wrong",
            "Ce n'est pas résolu",
            "Не работи",
            "解決しません",
            "確認しましたが、まだ直っていません",
            "確認しましたか",
        ] {
            assert!(!confirms_resolution(text), "{text}");
        }
    }
}
