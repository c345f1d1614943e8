//! IMAP as pieces: lines, and the literals between them (RFC 3501 §4.3).

use super::side::Side;

pub enum Piece {
    Line {
        line: Vec<u8>,
        /// Begins a command or response; or goes on after a literal.
        begins: bool,
    },
    /// A literal's bytes, or some of them.
    Literal(Vec<u8>),
}

/// How far one side's words were read.
#[derive(Default)]
pub struct Pieces {
    literal_left: usize,
    goes_on: bool,
}

impl Pieces {
    pub fn next(&mut self, side: &mut Side) -> Option<Piece> {
        if self.literal_left > 0 {
            let bytes = side.some(self.literal_left);
            self.literal_left -= bytes.len();
            return (!bytes.is_empty()).then_some(Piece::Literal(bytes));
        }
        let line = side.line()?;
        let begins = !self.goes_on;
        let literal = literal_size(&line);
        self.goes_on = literal.is_some();
        self.literal_left = literal.unwrap_or(0);
        Some(Piece::Line { line, begins })
    }

    /// The literal that a line has announced does not come.
    pub fn give_up_literal(&mut self) {
        *self = Pieces::default();
    }
}

/// `{5}`, and `{5+}` of a client that does not wait to be asked for it (RFC 7888), at the end of a line.
pub fn literal_size(line: &[u8]) -> Option<usize> {
    let line = std::str::from_utf8(line.trim_ascii_end()).ok()?;
    let (_, size) = line.strip_suffix('}')?.rsplit_once('{')?;
    size.strip_suffix('+').unwrap_or(size).parse().ok()
}

/// Whether the client waits to be asked for the literal.
pub fn waits_for_go_ahead(line: &[u8]) -> bool {
    literal_size(line).is_some() && !line.trim_ascii_end().ends_with(b"+}")
}
