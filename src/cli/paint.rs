//! Colours, only where a terminal shows them; and widths, so that a table fits.

/// Writes in colour or plainly.
#[derive(Debug, Clone, Copy)]
pub struct Paint {
    coloured: bool,
}

#[derive(Debug, Clone, Copy)]
pub enum Ink {
    Dim,
    Bold,
    Green,
    Yellow,
    Blue,
    Red,
}

impl Paint {
    /// For standard output: coloured on a terminal, unless `NO_COLOR` is set.
    pub fn stdout() -> Paint {
        let coloured = super::streams::out().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Paint { coloured }
    }

    pub fn is_coloured(self) -> bool {
        self.coloured
    }

    pub fn ink(self, ink: Ink, text: &str) -> String {
        if !self.coloured {
            return text.to_owned();
        }
        let code = match ink {
            Ink::Bold => 1,
            Ink::Dim => 2,
            Ink::Red => 31,
            Ink::Green => 32,
            Ink::Yellow => 33,
            Ink::Blue => 34,
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// The first `width` characters, with an ellipsis when there are more. Control characters of a hostile mail would move
/// the reader's cursor: they are left out.
pub fn fit(text: &str, width: usize) -> String {
    let clean: Vec<char> = plain(text).replace('\n', " ").chars().take(width + 1).collect();
    if clean.len() <= width {
        return clean.into_iter().collect();
    }
    clean[..width.saturating_sub(1)].iter().collect::<String>() + "…"
}

/// A mail's text for a terminal: lines stay, other control characters go.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| *c == '\n' || !(c.is_control() || turns_direction(*c))).collect()
}

/// The text in lines of at most `width` characters, broken at blanks; a longer word stays whole.
pub fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in plain(text).split_whitespace() {
        match lines.last_mut().filter(|line| line.chars().count() + 1 + word.chars().count() <= width) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Characters that make a terminal show the rest in another order than it stands (UAX #9, explicit directions).
fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_mail_says_moves_no_cursor_and_turns_no_line() {
        assert_eq!(plain("a\u{202e}b\x1b[2J\nc\u{2066}"), "ab[2J\nc");
    }

    #[test]
    fn a_text_is_broken_at_blanks_and_a_long_word_stays_whole() {
        assert_eq!(wrapped("one two  three\nfour", 8), ["one two", "three", "four"]);
        assert_eq!(wrapped("an extraordinary word", 5), ["an", "extraordinary", "word"]);
        assert!(wrapped("", 8).is_empty());
    }
}
