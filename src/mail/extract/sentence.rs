//! Sentences of a mail: lines that a mail program wrapped are joined again, lists and short lines stay apart. What is
//! quoted (`>`) or stands between quotation marks is not the writer's and left out.

use super::plain::plain;

/// A line at least this wide was wrapped by a program rather than ended by the writer.
const WRAPPED: usize = 50;
const SENTENCE_CHARS: usize = 1000;
/// Of a longer mail the beginning says what is asked for.
pub const LOOKED_AT: usize = 64 << 10;

/// The sentences of a text's first 64 kB, in plain form, in order.
pub fn sentences(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut paragraph = String::new();
    let mut width_before = 0;
    for line in beginning(text).lines() {
        let trimmed = line.trim();
        let starts_anew = trimmed.is_empty() || trimmed.starts_with(['>', '|']) || is_item(trimmed);
        if starts_anew || width_before < WRAPPED {
            split(&std::mem::take(&mut paragraph), &mut all);
        }
        width_before = 0;
        if !trimmed.starts_with('>') && !trimmed.is_empty() {
            if paragraph.chars().next_back().is_some_and(|c| c < '\u{2e80}') {
                paragraph.push(' ');
            }
            paragraph.push_str(trimmed);
            width_before = trimmed.chars().map(|c| if c < '\u{1100}' { 1 } else { 2 }).sum();
        }
    }
    split(&paragraph, &mut all);
    all
}

/// As much of a text as is looked at.
pub fn beginning(text: &str) -> &str {
    let mut end = text.len().min(LOOKED_AT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

fn is_item(line: &str) -> bool {
    let mark = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = mark.len() < line.len() && mark.starts_with(['.', ')']) && mark[1..].starts_with(' ');
    const MARKS: [&str; 10] = ["- ", "* ", "• ", "– ", "· ", "・", "■", "●", "○", "◆"];
    numbered || MARKS.iter().any(|mark| line.starts_with(mark))
}

fn split(paragraph: &str, all: &mut Vec<String>) {
    let text = without_quotations(paragraph);
    let mut sentence = String::new();
    let mut length = 0;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        sentence.push(c);
        length += 1;
        let ends = match c {
            '?' | '!' | '。' | '？' | '！' => true,
            '.' | '…' => ends_sentence(&sentence, rest.clone()),
            _ => length >= SENTENCE_CHARS && c.is_whitespace() || length >= 2 * SENTENCE_CHARS,
        };
        if ends {
            add(&std::mem::take(&mut sentence), all);
            length = 0;
        }
    }
    add(&sentence, all);
}

fn add(sentence: &str, all: &mut Vec<String>) {
    let plain = plain(sentence);
    if plain.len() > 1 {
        all.push(plain);
    }
}

/// A full stop ends a sentence when a capital follows and no abbreviation stands before it: "Nr. 5", "z. B.".
fn ends_sentence(before: &str, mut after: impl Iterator<Item = char>) -> bool {
    let Some(next) = after.next() else { return true };
    let word = before.trim_end_matches('.').rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    let short = (1..=2).contains(&word.chars().count());
    next.is_whitespace()
        && !short
        && after.find(|c| !c.is_whitespace()).is_none_or(|c| !c.is_lowercase() && !c.is_ascii_digit())
}

const MARKS: [(char, &[char]); 6] =
    [('"', &['"']), ('„', &['“', '”']), ('“', &['”']), ('«', &['»']), ('「', &['」']), ('『', &['』'])];
const QUOTATION_CHARS: usize = 300;

/// Leaves out what stands between quotation marks, but for single words (names, buttons).
fn without_quotations(text: &str) -> String {
    if !text.contains(|c| MARKS.iter().any(|(open, _)| *open == c)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let closes = MARKS.iter().find(|(open, _)| *open == c).map(|(_, closes)| *closes);
        let quoted: Option<String> = closes.and_then(|closes| {
            let mut inner = String::new();
            for c in rest.clone().take(QUOTATION_CHARS) {
                if closes.contains(&c) {
                    return Some(inner);
                }
                inner.push(c);
            }
            None
        });
        match quoted {
            Some(inner) if inner.trim().contains(' ') || inner.chars().count() > 5 && !inner.is_ascii() => {
                let length = inner.chars().count();
                // The quotation and its closing mark.
                rest.nth(length);
                out.push(' ');
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapped_lines_are_one_sentence_and_short_ones_are_not() {
        let text = "Hello team,\n\nplease be so kind as to close the case that we opened last\nweek. Thank you!\n- one\n- two\n";
        let expected = [
            " hello team , ",
            " please be so kind as to close the case that we opened last week ",
            " thank you ! ",
            " one ",
            " two ",
        ];
        assert_eq!(sentences(text), expected);
    }

    #[test]
    fn a_full_stop_behind_an_abbreviation_ends_nothing() {
        assert_eq!(sentences("Bitte Ticket Nr. 5 schließen. Danke"), [" bitte ticket nr 5 schließen ", " danke "]);
    }

    #[test]
    fn what_others_said_is_left_out() {
        assert_eq!(sentences("> close it\nHe wrote \"please close the case\" twice."), [" he wrote twice "]);
        assert_eq!(sentences("Er sagte „bitte schließen Sie das“. Nein."), [" er sagte ", " nein "]);
        assert_eq!(sentences("「チケットを閉じてください」と言われました。"), [" と言われました "]);
        assert_eq!(sentences("The button \"Delete\" fails"), [" the button delete fails "]);
    }

    #[test]
    fn japanese_lines_are_joined_without_a_blank() {
        let text = "お世話になっております。本日より回線が不安定な状態が続いておりまして、通信が途\n切れます。";
        assert_eq!(sentences(text).len(), 2);
        assert!(sentences(text)[1].contains("途切れます"));
    }

    #[test]
    fn a_sentence_without_end_is_cut() {
        assert!(sentences(&"word ".repeat(10_000)).len() > 40);
        assert!(sentences(&"x".repeat(1 << 20)).iter().all(|s| s.len() <= 2 * SENTENCE_CHARS + 2));
    }
}
