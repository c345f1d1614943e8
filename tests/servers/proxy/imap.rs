//! IMAP between a client and a server, with faults: who says what to whom, piece by piece.
//!
//! Both directions are read at any time, for a server may speak unasked. A command is looked at when its first line is
//! there; what then becomes of it and of its answer is kept until the tagged response has come.

use std::convert::Infallible;

use super::connection::{Connection, Ended};
use super::in_force::Struck;
use super::pieces::{Piece, Pieces, literal_size, waits_for_go_ahead};
use crate::servers::fault::{Deed, Place, Progress};

/// Speaks until it ends; `greeted` where TLS has begun after the greeting.
pub async fn talk(wire: &mut Connection, greeted: bool) -> Ended {
    let mut imap = Imap {
        wire,
        from_client: Pieces::default(),
        from_server: Pieces::default(),
        tag: String::new(),
        is_unheard: false,
        expected: None,
        is_unseen: false,
        literals: 0,
        in_literal: Vec::new(),
    };
    let Err(ended) = imap.talk(greeted).await;
    ended
}

struct Imap<'a> {
    wire: &'a mut Connection,
    from_client: Pieces,
    from_server: Pieces,
    /// Of the last command; DONE has none of its own.
    tag: String,
    /// The rest of the present command does not go to the server.
    is_unheard: bool,
    expected: Option<Expected>,
    /// The present response does not go to the client.
    is_unseen: bool,
    literals: usize,
    /// What happens in the present literal, and after how many bytes from now.
    in_literal: Vec<(usize, Deed)>,
}

/// An answer of the server in which a fault will strike.
#[derive(Clone)]
struct Expected {
    tag: String,
    progress: Progress,
    deed: Deed,
}

impl Imap<'_> {
    async fn talk(&mut self, greeted: bool) -> Result<Infallible, Ended> {
        if !greeted {
            self.wire.greet(as_read).await?;
        }
        loop {
            while let Some(piece) = self.from_client.next(&mut self.wire.client) {
                self.client_said(piece).await?;
            }
            while let Some(piece) = self.from_server.next(&mut self.wire.server) {
                self.server_said(piece).await?;
            }
            self.wire.flush().await?;
            self.wire.more().await?;
        }
    }

    async fn client_said(&mut self, piece: Piece) -> Result<(), Ended> {
        let (bytes, is_line) = match piece {
            Piece::Line { line, begins } => {
                if begins {
                    self.command(&line).await?;
                }
                (line, true)
            }
            Piece::Literal(bytes) => (bytes, false),
        };
        if !self.is_unheard {
            self.wire.hear(&bytes).await;
        } else if is_line && waits_for_go_ahead(&bytes) {
            self.from_client.give_up_literal();
        }
        Ok(())
    }

    /// Decides what becomes of a command.
    async fn command(&mut self, line: &[u8]) -> Result<(), Ended> {
        self.is_unheard = false;
        let text = String::from_utf8_lossy(line);
        let command = match text.trim_end().split_once(' ') {
            Some((tag, command)) => {
                tag.clone_into(&mut self.tag);
                command
            }
            None if text.trim_end().eq_ignore_ascii_case("DONE") => "DONE",
            // What a server has asked for: a password.
            None => return Ok(()),
        };
        let ends_idle = command == "DONE";
        for struck in self.wire.strike_at_command(command) {
            // A server that still idles would understand nothing else.
            let progress = if ends_idle && struck.answers_alone() { Progress::Unseen } else { struck.progress };
            self.decide(Struck { progress, ..struck }).await?;
        }
        if command.eq_ignore_ascii_case("STARTTLS") && !self.is_unheard {
            return self.start_tls().await;
        }
        Ok(())
    }

    async fn decide(&mut self, struck: Struck) -> Result<(), Ended> {
        if struck.progress == Progress::Unheard {
            self.is_unheard |= struck.answers_alone();
            return self.wire.perform(&struck.deed, Some(&self.tag)).await;
        }
        self.expected = Some(Expected { tag: self.tag.clone(), progress: struck.progress, deed: struck.deed });
        Ok(())
    }

    /// The proxy itself does that; the server does not hear of it.
    async fn start_tls(&mut self) -> Result<(), Ended> {
        self.is_unheard = true;
        let offered = self.wire.offers_starttls();
        let answer = if offered { "OK Begin TLS negotiation now." } else { "BAD No TLS here." };
        self.wire.say(format!("{} {answer}\r\n", self.tag).as_bytes());
        self.wire.flush().await?;
        if offered { Err(Ended::StartTls) } else { Ok(()) }
    }

    async fn server_said(&mut self, piece: Piece) -> Result<(), Ended> {
        match piece {
            Piece::Line { line, begins: true } => self.response(as_read(self.wire, line)).await,
            Piece::Line { .. } | Piece::Literal(_) if self.is_unseen => Ok(()),
            Piece::Line { line, begins: false } => {
                self.pass_line(&line);
                Ok(())
            }
            Piece::Literal(bytes) => self.pass_literal(&bytes).await,
        }
    }

    /// The first line of a response.
    async fn response(&mut self, line: Vec<u8>) -> Result<(), Ended> {
        self.is_unseen = false;
        let Some(expected) = self.expected.take() else {
            self.pass_line(&line);
            return Ok(());
        };
        let is_last = line.strip_prefix(expected.tag.as_bytes()).is_some_and(|rest| rest.starts_with(b" "));
        match expected.progress {
            Progress::Partly(left) if left > 0 && !is_last => {
                self.pass_line(&line);
                self.expected = Some(Expected { progress: Progress::Partly(left - 1), ..expected });
            }
            Progress::Partly(_) if !matches!(expected.deed, Deed::Answer(_)) => {
                self.wire.perform(&expected.deed, None).await?;
                self.pass_line(&line);
            }
            Progress::Seen if is_last => {
                self.pass_line(&line);
                self.wire.perform(&expected.deed, None).await?;
            }
            Progress::Seen => {
                self.pass_line(&line);
                self.expected = Some(expected);
            }
            _ if is_last => self.wire.perform(&expected.deed, Some(&expected.tag)).await?,
            _ => {
                // Without the go-ahead the client would not give the literal that the server waits for.
                self.is_unseen = !line.starts_with(b"+");
                if !self.is_unseen {
                    self.pass_line(&line);
                }
                self.expected = Some(expected);
            }
        }
        Ok(())
    }

    fn pass_line(&mut self, line: &[u8]) {
        self.wire.say(line);
        let Some(size @ 1..) = literal_size(line) else { return };
        self.literals += 1;
        let number = self.literals;
        let struck = self.wire.strike(|place| matches!(place, Place::Literal(n) if *n == number));
        self.in_literal = struck.into_iter().map(|struck| (size / 2, struck.deed)).collect();
    }

    async fn pass_literal(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        let mut passed = 0;
        while let Some((after, deed)) = self.in_literal.first().cloned() {
            if after > bytes.len() - passed {
                break;
            }
            self.in_literal.remove(0);
            self.wire.say(&bytes[passed..passed + after]);
            passed += after;
            self.in_literal.iter_mut().for_each(|(later, _)| *later -= after);
            self.wire.perform(&deed, None).await?;
        }
        self.wire.say(&bytes[passed..]);
        self.in_literal.iter_mut().for_each(|(after, _)| *after -= bytes.len() - passed);
        Ok(())
    }
}

/// A line of the server as the client is to read it.
fn as_read(wire: &Connection, line: Vec<u8>) -> Vec<u8> {
    wire.shared.in_force().replaced(wire.number, without_hidden(wire, line))
}

/// Capabilities are told in the greeting, in the answer to CAPABILITY, and with the login.
fn without_hidden(wire: &Connection, line: Vec<u8>) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(&line) else { return line };
    let begin = text.find('[').map_or(text, |bracket| &text[bracket + 1..]);
    if !begin.to_ascii_uppercase().trim_start_matches("* ").starts_with("CAPABILITY ") {
        return line;
    }
    let end = text.find([']', '\r']).unwrap_or(text.len());
    let kept: Vec<&str> = text[..end].split(' ').filter(|word| !wire.hides(word)).collect();
    format!("{}{}", kept.join(" "), &text[end..]).into_bytes()
}
