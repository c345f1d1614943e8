//! A connection through the proxy: what goes to the client goes through the faults that do not depend on the protocol
//! (bytes counted, latency, rate), and whoever ends the dialogue says how the connection ends.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::in_force::Struck;
use super::side::Side;
use super::{Protocol, Shared};
use crate::servers::fault::{Deed, Place, Progress};

/// How often a second a rate is kept to.
const STEPS_PER_SECOND: u64 = 20;

pub struct Connection {
    pub client: Side,
    pub server: Side,
    pub shared: Arc<Shared>,
    /// Counted from 1, of all that the proxy has accepted.
    pub number: usize,
    /// For the client, not yet written.
    out: Vec<u8>,
    written: u64,
}

/// Why a dialogue goes no further.
pub enum Ended {
    ClientHungUp,
    ServerHungUp,
    Cut,
    Reset,
    Stalled,
    /// It goes on under TLS.
    StartTls,
}

impl Connection {
    pub fn new(client: Side, server: Side, number: usize, shared: Arc<Shared>) -> Connection {
        Connection { client, server, shared, number, out: Vec::new(), written: 0 }
    }

    pub fn strike(&self, here: impl Fn(&Place) -> bool) -> Vec<Struck> {
        self.shared.in_force().strike(self.number, here)
    }

    pub fn strike_at_command(&self, command: &str) -> Vec<Struck> {
        self.strike(|place| matches!(place, Place::Command(pattern) if pattern.is_match(command)))
    }

    /// Whether the client is not to know of a capability or extension. What the proxy can't do is always hidden: a TLS of
    /// the server's, and mails that come without a final dot.
    pub fn hides(&self, name: &str) -> bool {
        let own = match name.to_ascii_uppercase().as_str() {
            "STARTTLS" => !self.offers_starttls(),
            "CHUNKING" => true,
            _ => false,
        };
        own || self.shared.in_force().hides(self.number, name)
    }

    pub fn offers_starttls(&self) -> bool {
        !self.client.is_secured() && self.shared.tls().is_some()
    }

    /// The server's first line, which is all of its greeting.
    pub async fn greet(&mut self, read_by_client: impl Fn(&Connection, Vec<u8>) -> Vec<u8>) -> Result<(), Ended> {
        let greeting = self.server_line().await?;
        let mut greeting = Some(read_by_client(self, greeting));
        for struck in self.strike(|place| matches!(place, Place::Greeting)) {
            if struck.progress == Progress::Seen {
                self.say(&greeting.take().unwrap_or_default());
            }
            self.perform(&struck.deed, None).await?;
            if struck.deed.stands_for_the_answer() {
                greeting = None;
            }
        }
        self.say(&greeting.unwrap_or_default());
        self.flush().await
    }

    pub async fn server_line(&mut self) -> Result<Vec<u8>, Ended> {
        loop {
            if let Some(line) = self.server.line() {
                return Ok(line);
            }
            if !self.server.fill().await {
                return Err(Ended::ServerHungUp);
            }
        }
    }

    /// Waits until one of them says more.
    pub async fn more(&mut self) -> Result<(), Ended> {
        tokio::select! {
            more = self.client.fill() => if more { Ok(()) } else { Err(Ended::ClientHungUp) },
            more = self.server.fill() => {
                if more {
                    return Ok(());
                }
                let rest = self.server.some(usize::MAX);
                self.say(&rest);
                self.flush().await?;
                Err(Ended::ServerHungUp)
            }
        }
    }

    /// To the client, with the next [`Connection::flush`].
    pub fn say(&mut self, bytes: &[u8]) {
        self.out.extend_from_slice(bytes);
    }

    /// To the server. If that has hung up, there may still be last words to read: so no error.
    pub async fn hear(&mut self, bytes: &[u8]) {
        let _ = self.server.write(bytes).await;
    }

    pub async fn flush(&mut self) -> Result<(), Ended> {
        let out = std::mem::take(&mut self.out);
        if out.is_empty() {
            return Ok(());
        }
        sleep(self.shared.in_force().latency(self.number)).await;
        let (from, to) = (self.written, self.written + out.len() as u64);
        let mut marks: Vec<(usize, Deed)> = Vec::new();
        for struck in self.strike(|place| matches!(place, Place::Bytes(mark) if (from + 1..=to).contains(mark))) {
            if let Place::Bytes(mark) = struck.place {
                marks.push((usize::try_from(mark - from).unwrap_or(out.len()), struck.deed));
            }
        }
        marks.sort_by_key(|(mark, _)| *mark);
        let mut done = 0;
        for (mark, deed) in marks {
            self.write(&out[done..mark]).await?;
            done = mark;
            self.at_a_mark(deed).await?;
        }
        self.write(&out[done..]).await
    }

    async fn at_a_mark(&mut self, deed: Deed) -> Result<(), Ended> {
        match deed {
            Deed::Cut => Err(Ended::Cut),
            Deed::Reset => Err(Ended::Reset),
            Deed::Stall => Err(Ended::Stalled),
            Deed::Wait(time) => {
                sleep(time).await;
                Ok(())
            }
            Deed::Garbage(bytes) => self.write(&bytes).await,
            Deed::Answer(line) | Deed::Say(line) => self.write(format!("{line}\r\n").as_bytes()).await,
        }
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        if bytes.is_empty() {
            return Ok(());
        }
        let rate = self.shared.in_force().rate(self.number);
        let step = rate.map_or(bytes.len(), |rate| usize::try_from((rate / STEPS_PER_SECOND).max(1)).unwrap_or(1));
        for some in bytes.chunks(step) {
            self.client.write(some).await.map_err(|_| Ended::ClientHungUp)?;
            self.written += some.len() as u64;
            if let Some(rate) = rate {
                sleep(Duration::from_secs_f64(some.len() as f64 / rate as f64)).await;
            }
        }
        Ok(())
    }

    /// Makes a fault happen at this point of the dialogue. `tag` is that of the IMAP command.
    pub async fn perform(&mut self, deed: &Deed, tag: Option<&str>) -> Result<(), Ended> {
        match deed {
            Deed::Answer(line) => match tag {
                Some(tag) if !line.starts_with(['*', '+']) => self.say(format!("{tag} {line}\r\n").as_bytes()),
                _ => self.say(format!("{line}\r\n").as_bytes()),
            },
            Deed::Garbage(bytes) => self.say(bytes),
            Deed::Say(line) => self.say(format!("{line}\r\n").as_bytes()),
            Deed::Wait(_) | Deed::Cut | Deed::Reset | Deed::Stall => {}
        }
        self.flush().await?;
        match deed {
            Deed::Cut => Err(Ended::Cut),
            Deed::Reset => Err(Ended::Reset),
            Deed::Stall => Err(Ended::Stalled),
            // RFC 3501 §7.1.5, RFC 5321 §3.8
            Deed::Answer(line) if self.shared.protocol == Protocol::Imap && line.starts_with("* BYE") => {
                Err(Ended::Cut)
            }
            Deed::Answer(line) if self.shared.protocol == Protocol::Smtp && line.starts_with("421") => Err(Ended::Cut),
            Deed::Wait(time) => {
                sleep(*time).await;
                Ok(())
            }
            Deed::Answer(_) | Deed::Garbage(_) | Deed::Say(_) => Ok(()),
        }
    }

    /// Ends it as its dialogue has ended.
    pub async fn end(mut self, how: Ended) {
        match how {
            Ended::ClientHungUp => {}
            Ended::Reset => self.client.reset(),
            Ended::Stalled => self.client.drain().await,
            Ended::ServerHungUp | Ended::StartTls => {
                self.client.close().await;
                self.client.drain().await;
            }
            Ended::Cut => {
                drop(self.server);
                self.client.cut().await;
                // Or the kernel would send RST for what the client has said meanwhile.
                self.client.drain().await;
            }
        }
    }
}
