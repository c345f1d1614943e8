//! What of a reply may be passed on: the writer's own words, and never the mail that they answer.
//!
//! The mails to staff tell what no customer may read. The signs by which quotations are known are not certain, but the
//! mail that is answered is known word by word: where any line of it is left, the quotation was not found.

use super::quote;

/// Lines shorter than this may be written by chance.
const TELLING_CHARS: usize = 24;

/// Without the lines that carry a quotation's mark.
pub fn without_quotes(text: &str) -> String {
    let mut kept = String::new();
    let mut gap = false;
    for line in text.lines() {
        let quoted = line.trim_start().starts_with('>');
        if quoted || line.trim().is_empty() {
            gap = true;
            continue;
        }
        if !kept.is_empty() {
            kept.push_str(if gap { "\n\n" } else { "\n" });
        }
        gap = false;
        kept.push_str(line.trim_end());
    }
    kept
}

/// Without the writer's name as the last line: the desk writes it below.
pub fn without_name<'a>(text: &'a str, name: &str) -> &'a str {
    let text = text.trim_end();
    let (above, last) = last_line(text);
    if is_name(last, name) && !above.trim().is_empty() { above.trim_end() } else { text }
}

/// Without the writer's name and the closing formula above it, for what nobody signs.
pub fn without_sign_off<'a>(text: &'a str, name: &str) -> &'a str {
    let (above, last) = last_line(text.trim_end());
    let text = if is_name(last, name) { above.trim_end() } else { text.trim_end() };
    let (above, last) = last_line(text);
    if quote::is_closing(last) { above.trim_end() } else { text }
}

fn last_line(text: &str) -> (&str, &str) {
    text.rsplit_once('\n').unwrap_or(("", text))
}

fn is_name(line: &str, name: &str) -> bool {
    let line = line.trim_matches(|c: char| c.is_whitespace() || ",.-*_".contains(c)).to_lowercase();
    let name = name.to_lowercase();
    !line.is_empty() && (line == name || name.split_whitespace().next() == Some(line.as_str()))
}

/// Does the text hold a line of the mail that it answers, however it is wrapped? What that mail itself quotes (the
/// customer's words) may be repeated.
pub fn repeats(text: &str, answered: &str) -> bool {
    let text = words(text);
    let lines = answered.lines().map(str::trim).filter(|line| !line.starts_with('>'));
    lines.map(words).any(|line| line.chars().count() >= TELLING_CHARS && text.contains(&line))
}

/// All of it in one line, without marks of quotation and of emphasis.
fn words(text: &str) -> String {
    let bare = text.split_whitespace().map(|word| word.trim_matches(['>', '*', '|', '`']));
    bare.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWERED: &str = "Ada Lovelace <ada@books.example> wrote on case 1-0123456789.\n\n\
        > our line has been down since this morning\n\n- Telephone: 1\n- Clocks: review Tue 24 November 2026, 17:00";

    #[test]
    fn quoted_lines_go_and_paragraphs_stay_apart() {
        let text = "Dear Ada,\n\n> is it up?\nYes.\n > and the other?\n  code\n\n\nTom\n";
        assert_eq!(without_quotes(text), "Dear Ada,\n\nYes.\n\n  code\n\nTom");
        assert_eq!(without_quotes("> a\n> b"), "");
    }

    #[test]
    fn the_name_that_the_desk_writes_below_stands_there_once() {
        assert_eq!(without_name("It is up.\n\nRegards,\nTom\n", "Tom Tester"), "It is up.\n\nRegards,");
        assert_eq!(without_name("It is up.\n- tom tester", "Tom Tester"), "It is up.");
        assert_eq!(without_name("It is up.\nTom has seen it", "Tom Tester"), "It is up.\nTom has seen it");
        assert_eq!(without_name("Tom", "Tom Tester"), "Tom");
        assert_eq!(without_name("x\n--\n", ""), "x\n--");
    }

    #[test]
    fn what_nobody_signs_has_neither_name_nor_closing_formula() {
        assert_eq!(without_sign_off("It is up.\n\nKind regards,\nTom\n", "Tom Tester"), "It is up.");
        assert_eq!(without_sign_off("Regards,\nTom Tester", "Tom Tester"), "");
        assert_eq!(without_sign_off("Tom", "Tom Tester"), "");
        assert_eq!(without_sign_off("It is up.\nTom has seen it", "Tom Tester"), "It is up.\nTom has seen it");
    }

    #[test]
    fn a_line_of_the_answered_mail_is_found_however_it_is_wrapped_or_marked() {
        for text in [
            "It is up.\n\nAda Lovelace <ada@books.example> wrote on case 1-0123456789.",
            "It is up.\nAda Lovelace <ada@books.example> wrote\non case 1-0123456789.\n",
            "It is up.\n| **Ada Lovelace <ada@books.example> wrote** on case\n| 1-0123456789.",
            "It is up. - Clocks: review Tue 24 November 2026, 17:00 and so on",
        ] {
            assert!(repeats(text, ANSWERED), "{text}");
        }
    }

    #[test]
    fn the_customers_words_and_short_lines_may_be_repeated() {
        for text in ["our line has been down since this morning: no more.", "- Telephone: 1", "Dear Ada,\n\nit is up."]
        {
            assert!(!repeats(text, ANSWERED), "{text}");
        }
        assert!(!repeats("anything", ""));
    }
}
