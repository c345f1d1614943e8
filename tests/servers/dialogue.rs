//! What a test says to the servers, line by line: enough SMTP to deliver a mail, enough IMAP to read a mailbox.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::StoredMail;

/// Delivers a mail; an error is the server's refusal.
pub fn deliver(port: u16, sender: &str, raw: &[u8], to: &str) -> Result<(), String> {
    let mut session = Session::open(port);
    session.greet();
    session.expect(&format!("MAIL FROM:<{sender}>"), '2')?;
    session.expect(&format!("RCPT TO:<{to}>"), '2')?;
    session.expect("DATA", '3')?;
    session.send(&on_the_wire(raw));
    session.expect(".", '2')?;
    session.expect("QUIT", '2')?;
    Ok(())
}

/// The answer to RCPT.
pub fn recipient(port: u16, sender: &str, to: &str) -> String {
    let mut session = Session::open(port);
    session.greet();
    session.expect(&format!("MAIL FROM:<{sender}>"), '2').expect("a sender that is taken");
    session.command(&format!("RCPT TO:<{to}>"))
}

/// Lines end with CRLF, and a dot that begins one is doubled (RFC 5321 §4.5.2).
fn on_the_wire(raw: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(raw.len() + raw.len() / 20);
    for line in raw.strip_suffix(b"\n").unwrap_or(raw).split(|&byte| byte == b'\n') {
        if line.first() == Some(&b'.') {
            wire.push(b'.');
        }
        wire.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        wire.extend_from_slice(b"\r\n");
    }
    wire
}

struct Session {
    stream: BufReader<TcpStream>,
}

impl Session {
    fn open(port: u16) -> Session {
        let stream = TcpStream::connect(("127.0.0.1", port)).expect("connect to the server");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a time limit");
        Session { stream: BufReader::new(stream) }
    }

    fn greet(&mut self) {
        let greeting = self.reply();
        assert!(greeting.starts_with("220"), "{greeting}");
        self.expect("EHLO client.test", '2').expect("a greeting");
    }

    fn expect(&mut self, command: &str, class: char) -> Result<String, String> {
        let reply = self.command(command);
        if reply.starts_with(class) { Ok(reply) } else { Err(format!("{command}: {reply}")) }
    }

    fn command(&mut self, command: &str) -> String {
        self.send(format!("{command}\r\n").as_bytes());
        self.reply()
    }

    /// The last line of a reply to SMTP.
    fn reply(&mut self) -> String {
        loop {
            let line = self.line();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line;
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) {
        self.stream.get_mut().write_all(bytes).expect("write to the server");
    }

    fn line(&mut self) -> String {
        let mut line = Vec::new();
        self.stream.read_until(b'\n', &mut line).expect("read from the server");
        assert!(line.ends_with(b"\n"), "the server hung up");
        String::from_utf8_lossy(&line).trim_end().to_owned()
    }
}

/// A logged-in IMAP session.
pub struct Imap {
    session: Session,
}

impl Imap {
    pub fn login(port: u16, user: &str, password: &str) -> Imap {
        let mut imap = Imap { session: Session::open(port) };
        imap.session.line();
        imap.command(&format!("LOGIN {user} {password}")).expect("log in");
        imap
    }

    /// The UID that the mail got.
    pub fn append(&mut self, folder: &str, raw: &[u8], internal_date: Option<DateTime<Utc>>) -> u32 {
        let date = internal_date.map(|at| at.format("\"%d-%b-%Y %H:%M:%S +0000\" ").to_string()).unwrap_or_default();
        self.session.send(format!("t APPEND {folder} {date}{{{}}}\r\n", raw.len()).as_bytes());
        let go_ahead = self.session.line();
        assert!(go_ahead.starts_with('+'), "{go_ahead}");
        self.session.send(raw);
        self.session.send(b"\r\n");
        let (_, done) = self.responses().expect("append a mail");
        let code = done.split_once("APPENDUID ").expect("a server with UIDPLUS").1;
        let (uid, _) = code.split_once(']').expect("the end of the code");
        uid.split(' ').next_back().and_then(|uid| uid.parse().ok()).expect("a UID")
    }

    pub fn fetch_all(&mut self, folder: &str) -> Vec<StoredMail> {
        self.fetch_after(folder, 0)
    }

    /// Those with a higher UID.
    pub fn fetch_after(&mut self, folder: &str, uid: u32) -> Vec<StoredMail> {
        if self.command(&format!("EXAMINE {folder}")).is_err() {
            return Vec::new();
        }
        let command = format!("UID FETCH {}:* (UID FLAGS BODY.PEEK[])", uid + 1);
        let responses = self.command(&command).expect("fetch the mailbox");
        let mails = responses.into_iter().filter(|(text, _)| text.contains(" FETCH (")).map(stored_mail);
        // `*` is the last mail, whatever its UID.
        mails.filter(|(known, ..)| *known > uid).collect()
    }

    /// The untagged responses to a command that must not be refused.
    pub fn done(&mut self, command: &str) -> Vec<Response> {
        self.command(command).unwrap_or_else(|refusal| panic!("{command}: {refusal}"))
    }

    pub fn command(&mut self, command: &str) -> Result<Vec<Response>, String> {
        self.session.send(format!("t {command}\r\n").as_bytes());
        self.responses().map(|(responses, _)| responses)
    }

    /// The untagged responses and the tagged OK; an error is the tagged NO or BAD.
    fn responses(&mut self) -> Result<(Vec<Response>, String), String> {
        let mut responses = Vec::new();
        loop {
            let (text, literal) = self.response();
            match text.strip_prefix("t ") {
                Some(done) if done.starts_with("OK") => return Ok((responses, done.to_owned())),
                Some(refused) => return Err(refused.to_owned()),
                None => responses.push((text, literal)),
            }
        }
    }

    fn response(&mut self) -> Response {
        let mut text = self.session.line();
        let mut literal = Vec::new();
        while let Some(size) = literal_size(&text) {
            literal = vec![0; size];
            self.session.stream.read_exact(&mut literal).expect("the whole literal");
            text = format!("{} {}", &text[..text.rfind('{').expect("just seen")], self.session.line());
        }
        (text, literal)
    }
}

/// A response's text without its literal, and the literal.
pub type Response = (String, Vec<u8>);

fn literal_size(line: &str) -> Option<usize> {
    line.strip_suffix('}')?.rsplit_once('{')?.1.parse().ok()
}

fn stored_mail((text, raw): Response) -> StoredMail {
    let after = |key: &str| text.split_once(key).unwrap_or_else(|| panic!("no {key} in {text}")).1;
    let uid = after("UID ").split([' ', ')']).next().and_then(|uid| uid.parse().ok()).expect("a UID");
    let (flags, _) = after("FLAGS (").split_once(')').expect("the end of the flags");
    (uid, flags.split_whitespace().map(str::to_owned).collect(), raw)
}
