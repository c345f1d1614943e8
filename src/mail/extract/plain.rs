//! Text as cues see it: in lower case, one blank between words and a blank at both ends, full-width letters as narrow
//! ones, accents joined to their letters. `,` `;` `:` `?` and `!` are words of their own; other marks are gone unless
//! they stand inside a word (`don't`, `re-open`, `9:30`, `10.0.0.1`).
//!
//! Rules written for this form need no word boundaries and no classes of Unicode, so a set of hundreds stays small, and
//! runs over a text in one pass.

/// Makes a text plain. Linear; the result is at most three times as long.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    let mut rest = text.chars().map(narrow).filter(|c| !is_invisible(*c)).peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied().unwrap_or(' ');
        let inside = out.chars().next_back().is_some_and(char::is_alphanumeric) && next.is_alphanumeric();
        match c {
            _ if c.is_alphanumeric() => c.to_lowercase().for_each(|c| push(&mut out, c)),
            '\u{300}'..='\u{36f}' | '\u{3099}' | '\u{309a}' => compose(&mut out, c),
            'ー' => out.push('ー'),
            '\'' | '-' | '.' | ':' | '/' | '@' | '_' | '&' if inside => out.push(c),
            '+' | '#' if next.is_ascii_digit() => out.push(c),
            ',' | ';' | ':' | '?' | '!' => {
                blank(&mut out);
                out.push(c);
                out.push(' ');
            }
            _ => blank(&mut out),
        }
    }
    blank(&mut out);
    out
}

fn blank(out: &mut String) {
    if !out.ends_with(' ') {
        out.push(' ');
    }
}

/// Lower-casing gives some capitals a combining mark (İ).
fn push(out: &mut String, c: char) {
    if matches!(c, '\u{300}'..='\u{36f}') { compose(out, c) } else { out.push(c) }
}

/// Variants of one mark become that mark; full-width forms become ASCII.
fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{2018}' | '\u{2019}' | '\u{2bc}' | '`' | '\u{b4}' => '\'',
        '\u{2010}'..='\u{2013}' | '\u{2212}' => '-',
        '、' | '\u{60c}' => ',',
        '\u{37e}' => '?',
        c if c.is_whitespace() => ' ',
        c => c,
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fe0f}')
}

/// Apple's programs write `u` and a mark where others write `ü`.
#[rustfmt::skip]
const COMPOSED: [(char, &str, &str); 7] = [
    ('\u{308}', "aouei", "äöüëï"), ('\u{301}', "aeiouy", "áéíóúý"), ('\u{300}', "aeiouи", "àèìòùѝ"),
    ('\u{302}', "aeiou", "âêîôû"), ('\u{327}', "c", "ç"), ('\u{306}', "иu", "йŭ"), ('\u{303}', "nao", "ñãõ"),
];

fn compose(out: &mut String, mark: char) {
    let Some(before) = out.chars().next_back() else { return };
    let joined = match mark {
        // In Unicode's order a voiced kana follows its plain one, and a half-voiced one the voiced.
        '\u{3099}' => char::from_u32(u32::from(before) + 1),
        '\u{309a}' => char::from_u32(u32::from(before) + 2),
        _ => COMPOSED.iter().find(|(m, _, _)| *m == mark).and_then(|(_, from, to)| {
            let place = from.chars().position(|c| c == before)?;
            to.chars().nth(place)
        }),
    };
    if let Some(joined) = joined {
        out.pop();
        out.push(joined);
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn text_becomes_words_between_single_blanks() {
        for (text, expected) in [
            ("Please CLOSE\u{a0}this  case.", " please close this case "),
            ("Don’t re‑open: it’s *fine*!", " don't re-open : it's fine ! "),
            ("since 9:30 (CET), 10.0.0.1", " since 9:30 cet , 10.0.0.1 "),
            ("ＲＦＯを　お願い？", " rfoを お願い ? "),
            ("fu\u{308}r \u{30d5}\u{309a}", " für プ "),
            ("soft\u{ad}ware", " software "),
            ("", " "),
        ] {
            assert_eq!(plain(text), expected);
        }
    }
}
