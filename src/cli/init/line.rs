//! A line that is being typed, and the keys that edit it as they do in a shell.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

#[derive(Debug, Default)]
pub struct Line {
    text: Vec<char>,
    /// how many characters stand before it
    cursor: usize,
}

/// What a key has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    Edited,
    Enter,
    /// Escape, or Ctrl-D
    Cancel,
    /// Ctrl-C
    Interrupt,
}

impl Line {
    pub fn press(&mut self, key: KeyEvent) -> Pressed {
        let end = self.text.len();
        match key.code {
            KeyCode::Enter => return Pressed::Enter,
            KeyCode::Esc => return Pressed::Cancel,
            KeyCode::Backspace => self.cut(self.cursor.saturating_sub(1), self.cursor),
            KeyCode::Delete => self.cut(self.cursor, self.cursor + 1),
            KeyCode::Left => self.cursor = self.cursor.saturating_sub(1),
            KeyCode::Right => self.cursor = end.min(self.cursor + 1),
            KeyCode::Home => self.cursor = 0,
            KeyCode::End => self.cursor = end,
            KeyCode::Char(letter) if key.modifiers.contains(KeyModifiers::CONTROL) => return self.control(letter),
            KeyCode::Char(c) if !key.modifiers.contains(KeyModifiers::ALT) && !c.is_control() => {
                self.text.insert(self.cursor, c);
                self.cursor += 1;
            }
            _ => {}
        }
        Pressed::Edited
    }

    fn control(&mut self, letter: char) -> Pressed {
        let end = self.text.len();
        match letter {
            'c' => return Pressed::Interrupt,
            'd' => return Pressed::Cancel,
            'j' => return Pressed::Enter,
            'a' => self.cursor = 0,
            'e' => self.cursor = end,
            'h' => self.cut(self.cursor.saturating_sub(1), self.cursor),
            'k' => self.cut(self.cursor, end),
            'u' => self.cut(0, end),
            'w' => self.cut(self.word(), self.cursor),
            _ => {}
        }
        Pressed::Edited
    }

    fn cut(&mut self, from: usize, to: usize) {
        self.text.drain(from..to.min(self.text.len()));
        self.cursor = from;
    }

    /// Where the word before the cursor begins.
    fn word(&self) -> usize {
        let before = &self.text[..self.cursor];
        let end = before.iter().rposition(|c| !c.is_whitespace()).unwrap_or(0);
        before[..end].iter().rposition(|c| c.is_whitespace()).map_or(0, |blank| blank + 1)
    }

    pub fn text(&self) -> String {
        self.text.iter().collect()
    }

    /// What stands before the cursor and after it, as far as there is room for it around the cursor.
    pub fn seen(&self, room: usize) -> (String, String) {
        let from = self.cursor.saturating_sub(room);
        let to = self.text.len().min(from + room);
        (self.text[from..self.cursor].iter().collect(), self.text[self.cursor..to].iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CTRL: KeyModifiers = KeyModifiers::CONTROL;

    fn typed(text: &str, then: &[(KeyCode, KeyModifiers)]) -> String {
        let mut line = Line::default();
        for c in text.chars() {
            line.press(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
        }
        for (code, modifiers) in then {
            assert_eq!(line.press(KeyEvent::new(*code, *modifiers)), Pressed::Edited);
        }
        line.press(KeyEvent::new(KeyCode::Char('!'), KeyModifiers::NONE));
        line.text()
    }

    #[test]
    fn the_keys_that_edit_a_line_are_no_letters() {
        let control = |c| (KeyCode::Char(c), CTRL);
        let key = |code| (code, KeyModifiers::NONE);
        assert_eq!(typed("one two", &[control('u')]), "!");
        assert_eq!(typed("one two ", &[control('w')]), "one !");
        assert_eq!(typed("one", &[control('w')]), "!");
        assert_eq!(typed("", &[control('w'), control('k'), control('h')]), "!");
        assert_eq!(typed("one", &[control('a')]), "!one");
        assert_eq!(typed("one", &[control('a'), control('k')]), "!");
        assert_eq!(typed("one", &[key(KeyCode::Left), control('k')]), "on!");
        assert_eq!(typed("one", &[key(KeyCode::Home), key(KeyCode::Delete), control('e')]), "ne!");
        assert_eq!(typed("Käthe", &[key(KeyCode::Left), key(KeyCode::Backspace)]), "Kät!e");
        let nothing = [control('x'), (KeyCode::Char('b'), KeyModifiers::ALT), key(KeyCode::F(1)), key(KeyCode::Up)];
        assert_eq!(typed("one", &nothing), "one!");
    }

    #[test]
    fn of_a_long_line_what_is_around_the_cursor_is_seen() {
        let mut line = Line { text: "0123456789".chars().collect(), cursor: 10 };
        assert_eq!(line.seen(20), ("0123456789".to_owned(), String::new()));
        assert_eq!(line.seen(4), ("6789".to_owned(), String::new()));
        line.cursor = 2;
        assert_eq!(line.seen(4), ("01".to_owned(), "23".to_owned()));
    }
}
