//! SMTP between a client and a server, with faults: command by command, each with its whole reply.
//!
//! The server hears of DATA only when the whole text is there and no fault forbids it: a server that has once said 354
//! takes the mail with the final dot, and could be put back in step after a refusal in its name only by hanging up. So
//! what the server itself has against DATA is answered to the final dot.

use std::convert::Infallible;

use super::connection::{Connection, Ended};
use crate::servers::fault::{Deed, Place, Progress};

/// Speaks until it ends; `greeted` where TLS has begun after the greeting.
pub async fn talk(wire: &mut Connection, greeted: bool) -> Ended {
    let mut smtp = Smtp { wire, recipients: 0 };
    let Err(ended) = smtp.talk(greeted).await;
    ended
}

struct Smtp<'a> {
    wire: &'a mut Connection,
    /// That the server has accepted for the present mail.
    recipients: usize,
}

/// A fault that strikes in or after the server's reply.
type Later = Option<(Progress, Deed)>;

impl Smtp<'_> {
    async fn talk(&mut self, greeted: bool) -> Result<Infallible, Ended> {
        if !greeted {
            self.wire.greet(replaced).await?;
        }
        loop {
            let line = self.client_line().await?;
            self.command(&line).await?;
        }
    }

    /// Passes on what the server says meanwhile: 421, when it stops.
    async fn client_line(&mut self) -> Result<Vec<u8>, Ended> {
        loop {
            if let Some(line) = self.wire.client.line() {
                return Ok(line);
            }
            while let Some(line) = self.wire.server.line() {
                self.wire.say(&line);
            }
            self.wire.flush().await?;
            self.wire.more().await?;
        }
    }

    async fn command(&mut self, line: &[u8]) -> Result<(), Ended> {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end();
        let verb = text.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        let mut later = None;
        for struck in self.wire.strike_at_command(text) {
            // What the server says to DATA is said before it hears of it.
            let before = struck.progress == Progress::Unheard || (verb == "DATA" && struck.progress != Progress::Seen);
            if !before {
                later = Some((struck.progress, struck.deed));
                continue;
            }
            self.wire.perform(&struck.deed, None).await?;
            if struck.deed.stands_for_the_answer() {
                if verb == "DATA" {
                    self.put_in_step().await?;
                }
                return Ok(());
            }
        }
        match verb.as_str() {
            "STARTTLS" => self.start_tls().await,
            // Without recipients the server will refuse it.
            "DATA" if self.recipients > 0 => self.mail(later).await,
            _ => {
                let reply = self.ask(line).await?;
                self.count(&verb, &reply);
                self.answer(if verb == "EHLO" { self.without_hidden(reply) } else { reply }, later).await
            }
        }
    }

    fn count(&mut self, verb: &str, reply: &[Vec<u8>]) {
        let accepted = reply.last().is_some_and(|line| line.starts_with(b"2"));
        match verb {
            "RCPT" if accepted => self.recipients += 1,
            "MAIL" | "RSET" | "EHLO" | "HELO" if accepted => self.recipients = 0,
            _ => {}
        }
    }

    /// The proxy itself does that; the server does not hear of it.
    async fn start_tls(&mut self) -> Result<(), Ended> {
        let offered = self.wire.offers_starttls();
        self.wire.say(if offered { b"220 2.0.0 Ready to start TLS\r\n" } else { b"502 5.5.1 No TLS here\r\n" });
        self.wire.flush().await?;
        if offered { Err(Ended::StartTls) } else { Ok(()) }
    }

    /// From DATA to the answer to the final dot.
    async fn mail(&mut self, after_go_ahead: Later) -> Result<(), Ended> {
        self.wire.say(b"354 End data with <CR><LF>.<CR><LF>\r\n");
        self.wire.flush().await?;
        if let Some((_, deed)) = after_go_ahead {
            self.wire.perform(&deed, None).await?;
        }
        let text = self.text().await?;
        let mut later = None;
        for struck in self.wire.strike(|place| matches!(place, Place::Dot)) {
            if struck.progress != Progress::Unheard {
                later = Some((struck.progress, struck.deed));
                continue;
            }
            self.wire.perform(&struck.deed, None).await?;
            if struck.deed.stands_for_the_answer() {
                return self.put_in_step().await;
            }
        }
        let mut reply = self.ask(b"DATA\r\n").await?;
        if reply.last().is_some_and(|line| line.starts_with(b"354")) {
            reply = self.ask(&text).await?;
        }
        self.recipients = 0;
        self.answer(reply, later).await
    }

    /// A mail's text with its final dot.
    async fn text(&mut self) -> Result<Vec<u8>, Ended> {
        let mut text = Vec::new();
        loop {
            let line = self.client_line().await?;
            let before = text.len();
            text.extend_from_slice(&line);
            if line == b".\r\n" {
                return Ok(text);
            }
            let passed = before..text.len();
            for struck in self.wire.strike(|place| matches!(place, Place::Text(mark) if passed.contains(mark))) {
                self.wire.perform(&struck.deed, None).await?;
            }
        }
    }

    /// The client believes that its mail was refused; the server still waits for more of it.
    async fn put_in_step(&mut self) -> Result<(), Ended> {
        self.recipients = 0;
        self.ask(b"RSET\r\n").await.map(drop)
    }

    /// The server's reply, with what it wants to know in between (AUTH).
    async fn ask(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, Ended> {
        self.wire.hear(bytes).await;
        loop {
            let reply = self.reply().await?;
            if !reply.last().is_some_and(|line| line.starts_with(b"334")) {
                return Ok(reply);
            }
            reply.iter().for_each(|line| self.wire.say(line));
            self.wire.flush().await?;
            let more = self.client_line().await?;
            self.wire.hear(&more).await;
        }
    }

    async fn reply(&mut self) -> Result<Vec<Vec<u8>>, Ended> {
        let mut lines = Vec::new();
        loop {
            let line = self.wire.server_line().await?;
            let goes_on = line.get(3) == Some(&b'-');
            lines.push(replaced(self.wire, line));
            if !goes_on {
                return Ok(lines);
            }
        }
    }

    async fn answer(&mut self, reply: Vec<Vec<u8>>, later: Later) -> Result<(), Ended> {
        let Some((progress, deed)) = later else {
            reply.iter().for_each(|line| self.wire.say(line));
            return self.wire.flush().await;
        };
        let passes = match progress {
            Progress::Unheard | Progress::Unseen => 0,
            Progress::Partly(lines) => lines.min(reply.len()),
            Progress::Seen => reply.len(),
        };
        reply[..passes].iter().for_each(|line| self.wire.say(line));
        self.wire.perform(&deed, None).await?;
        if matches!(progress, Progress::Partly(_)) && !matches!(deed, Deed::Answer(_)) {
            reply[passes..].iter().for_each(|line| self.wire.say(line));
        }
        self.wire.flush().await
    }

    /// An answer to EHLO: the first line greets, the others are an extension each.
    fn without_hidden(&self, reply: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        let mut kept: Vec<Vec<u8>> = Vec::new();
        for (number, line) in reply.into_iter().enumerate() {
            let text = String::from_utf8_lossy(&line);
            let name = text.get(4..).unwrap_or_default().split_whitespace().next().unwrap_or_default();
            if number == 0 || !self.wire.hides(name) {
                kept.push(line);
            }
        }
        let last = kept.len().saturating_sub(1);
        for (number, line) in kept.iter_mut().enumerate() {
            if let Some(mark) = line.get_mut(3).filter(|mark| [b'-', b' '].contains(mark)) {
                *mark = if number == last { b' ' } else { b'-' };
            }
        }
        kept
    }
}

fn replaced(wire: &Connection, line: Vec<u8>) -> Vec<u8> {
    wire.shared.in_force().replaced(wire.number, line)
}
