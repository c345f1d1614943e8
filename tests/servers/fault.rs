//! What can go wrong between the desk and a mail server, as values: where a fault strikes, what becomes of the command
//! there, what happens, and how often. [`Proxy`](super::proxy::Proxy) makes it so.
//!
//! ```ignore
//! Fault::at("^UID STORE").cut()                               // the server never hears of it
//! Fault::at("^UID MOVE").unseen().cut().first(1)              // it does it, and the desk doesn't learn that; once
//! Fault::at("^UID FETCH").partly(2).reset()                   // two mails arrive, then the connection breaks
//! Fault::at("^RCPT TO:<bob@").answer("450 4.2.0 later").every(3)
//! Fault::at("^MAIL").answer("421 4.7.0 enough").sparing(2)
//! Fault::dot().unseen().stall()
//! Fault::hide(["IDLE", "UIDPLUS"])
//! ```

use std::time::Duration;

use regex::{Regex, RegexBuilder};

#[derive(Debug, Clone)]
pub struct Fault {
    pub what: What,
    pub strikes: Strikes,
}

#[derive(Debug, Clone)]
pub enum What {
    At {
        place: Place,
        progress: Progress,
        deed: Deed,
    },
    /// The server seems not to have these: words of IMAP's capabilities, extensions of EHLO's answer.
    Hide(Vec<String>),
    /// Lines of the server (not literals) read otherwise; one that becomes empty is left out.
    Replace(Regex, String),
    /// Each chunk of the server's words waits so long.
    Latency(Duration),
    /// The server's words trickle: bytes per second.
    Rate(u64),
}

#[derive(Debug, Clone)]
pub enum Place {
    /// Before the server's first words reach the client.
    Greeting,
    /// A command that matches, without IMAP's tag and without its literals.
    Command(Regex),
    /// SMTP: after so many bytes of a mail's text.
    Text(usize),
    /// SMTP: the dot that ends a mail's text.
    Dot,
    /// After exactly so many bytes for the client, counted from the beginning of its connection.
    Bytes(u64),
    /// IMAP: the middle of a connection's literal of this number.
    Literal(usize),
}

/// What becomes of the command at which a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The server does not hear of it.
    Unheard,
    /// The server does it, and its answer is swallowed; the fault strikes when that is complete. IMAP's `+` passes.
    Unseen,
    /// The server does it, and the fault strikes after so many responses of its answer (lines, in SMTP), or at its end.
    Partly(usize),
    /// The server does it, and the fault strikes after its answer.
    Seen,
}

#[derive(Debug, Clone)]
pub enum Deed {
    /// The connection ends as that of a program that dies: FIN, without a close_notify in TLS.
    Cut,
    /// The connection ends with RST.
    Reset,
    /// From here on nothing passes in either direction, and the connection stays open until the client closes it.
    Stall,
    /// This stands in place of the answer, or of its rest. IMAP's tag is put before it unless it begins with `*` or `+`.
    /// After `* BYE` and `421` the connection ends, as it has to.
    Answer(String),
    /// Bytes of no protocol; before the server has heard a command, instead of its answer.
    Garbage(Vec<u8>),
    /// This line is said besides what the server says.
    Say(String),
    Wait(Duration),
}

impl Deed {
    /// Does it speak in the server's stead?
    pub fn stands_for_the_answer(&self) -> bool {
        matches!(self, Deed::Answer(_) | Deed::Garbage(_))
    }
}

/// Of the times that a fault could strike, when it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strikes {
    Always,
    First(usize),
    Every(usize),
    /// On the first connections that are made after the fault is set.
    OnFirstConnections(usize),
    /// Not so many times on each connection, then always.
    Sparing(usize),
}

impl Fault {
    /// At a command that matches this regular expression in any case. IMAP: `^UID FETCH`, `^DONE`. SMTP: `^EHLO`,
    /// `^AUTH`, `^MAIL`, `^RCPT`, `^RCPT TO:<bob@`, `^DATA`, `^RSET`, `^QUIT`; not the lines of a mail's text.
    pub fn at(command: &str) -> Point {
        Point::of(Place::Command(pattern(command)))
    }

    pub fn greeting() -> Point {
        Point::of(Place::Greeting)
    }

    pub fn in_text(after_bytes: usize) -> Point {
        Point::of(Place::Text(after_bytes))
    }

    pub fn dot() -> Point {
        Point::of(Place::Dot)
    }

    pub fn after_bytes(bytes: u64) -> Point {
        assert!(bytes > 0, "before the first byte is at the greeting");
        Point::of(Place::Bytes(bytes))
    }

    pub fn in_literal(number: usize) -> Point {
        assert!(number > 0, "literals are counted from 1");
        Point::of(Place::Literal(number))
    }

    pub fn hide<'a>(names: impl IntoIterator<Item = &'a str>) -> Fault {
        Fault::always(What::Hide(names.into_iter().map(str::to_owned).collect()))
    }

    /// `with` may name groups of the regular expression: `$1`.
    pub fn replace(what: &str, with: &str) -> Fault {
        Fault::always(What::Replace(pattern(what), with.to_owned()))
    }

    /// Wherever the server tells it: SELECT, STATUS, APPENDUID, COPYUID.
    pub fn uid_validity(number: u32) -> Fault {
        Fault::replace(r"\b(UIDVALIDITY|APPENDUID|COPYUID) \d+", &format!("$1 {number}"))
    }

    /// In the answer to SELECT.
    pub fn no_uid_next() -> Fault {
        Fault::replace(r"^\* OK \[UIDNEXT \d+\].*\r\n", "")
    }

    pub fn latency(each_chunk: Duration) -> Fault {
        Fault::always(What::Latency(each_chunk))
    }

    pub fn rate(bytes_per_second: u64) -> Fault {
        assert!(bytes_per_second > 0, "nothing at all is a stall");
        Fault::always(What::Rate(bytes_per_second))
    }

    fn always(what: What) -> Fault {
        Fault { what, strikes: Strikes::Always }
    }

    pub fn first(self, times: usize) -> Fault {
        Fault { strikes: Strikes::First(times), ..self }
    }

    pub fn every(self, nth: usize) -> Fault {
        assert!(nth > 0, "every 0th time is never");
        Fault { strikes: Strikes::Every(nth), ..self }
    }

    pub fn on_first_connections(self, connections: usize) -> Fault {
        Fault { strikes: Strikes::OnFirstConnections(connections), ..self }
    }

    /// `Fault::at("^MAIL").answer("421 enough").sparing(2)`: a connection carries two mails.
    pub fn sparing(self, times: usize) -> Fault {
        Fault { strikes: Strikes::Sparing(times), ..self }
    }

    /// Whether it leaves the client waiting until that loses its patience.
    pub fn is_silent(&self) -> bool {
        matches!(self.what, What::At { deed: Deed::Stall, .. })
    }
}

/// Where a fault strikes, before it is said what happens there.
#[derive(Debug, Clone)]
pub struct Point {
    place: Place,
    progress: Progress,
}

impl Point {
    fn of(place: Place) -> Point {
        Point { place, progress: Progress::Unheard }
    }

    pub fn unseen(self) -> Point {
        Point { progress: Progress::Unseen, ..self }
    }

    pub fn partly(self, responses: usize) -> Point {
        Point { progress: Progress::Partly(responses), ..self }
    }

    pub fn seen(self) -> Point {
        Point { progress: Progress::Seen, ..self }
    }

    pub fn cut(self) -> Fault {
        self.with(Deed::Cut)
    }

    pub fn reset(self) -> Fault {
        self.with(Deed::Reset)
    }

    pub fn stall(self) -> Fault {
        self.with(Deed::Stall)
    }

    /// `NO [UNAVAILABLE] later`, `* BYE overloaded`, `450 4.2.0 later`.
    pub fn answer(self, line: &str) -> Fault {
        self.with(Deed::Answer(line.to_owned()))
    }

    pub fn garbage(self) -> Fault {
        self.with(Deed::Garbage(b"\xff\xfe\x00 (((\"{ 17\r\n".to_vec()))
    }

    /// `* 3 EXPUNGE`, `* 1 FETCH (FLAGS (\Seen))`.
    pub fn say(self, line: &str) -> Fault {
        self.with(Deed::Say(line.to_owned()))
    }

    pub fn wait(self, time: Duration) -> Fault {
        self.with(Deed::Wait(time))
    }

    pub fn with(self, deed: Deed) -> Fault {
        Fault::always(What::At { place: self.place, progress: self.progress, deed })
    }
}

fn pattern(text: &str) -> Regex {
    let built = RegexBuilder::new(text).case_insensitive(true).build();
    built.unwrap_or_else(|why| panic!("{text} is no regular expression: {why}"))
}
