//! A desk of its own for a test of the whole program: a folder with a configuration, and the real binary run on it.

// Each test program uses its part of this.
#![allow(dead_code)]

use std::{
    fs::{self, File},
    io::Write,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use serde_json::Value;
use tempfile::TempDir;

pub const BINARY: &str = env!("CARGO_BIN_EXE_casepost");

pub struct Desk {
    folder: TempDir,
}

/// What a command of the program came to.
pub struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Done {
    fn from(output: Output) -> Done {
        Done {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "stdout: {}\nstderr: {}", self.out, self.err);
        self.out
    }
}

/// A desk that reads the Maildir `inbox` and writes into the Maildir `sent`.
const MAILDIR: &str = r#"
data = "casepost.db"
[desk]
name = "Test Desk"
address = "support@desk.test"
[[mailbox]]
name = "support"
maildir = "inbox"
max_size = "100kB"
[smtp]
url = "maildir:sent"
[[staff]]
name = "Frida"
address = "frida@desk.test"
"#;

impl Desk {
    /// With this configuration, and a fresh key.
    pub fn with(config: &str) -> Desk {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let desk = Desk { folder };
        desk.run(&["init"]).ok();
        fs::write(desk.path("casepost.toml"), config).expect("write the configuration");
        desk
    }

    pub fn on_maildir() -> Desk {
        let desk = Desk::with(MAILDIR);
        for folder in ["inbox/new", "inbox/cur", "inbox/tmp"] {
            fs::create_dir_all(desk.path(folder)).expect("make the inbox");
        }
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("write a file");
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.current_dir(self.folder.path()).args(arguments);
        command.env_remove("CASEPOST_CONFIG").env_remove("SUDO_USER").env("USER", "Frida");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Done {
        Done::from(self.command(arguments).output().expect("start casepost"))
    }

    /// With this on its standard input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Done {
        let mut child = self
            .command(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("start casepost");
        child.stdin.take().expect("its input").write_all(input.as_bytes()).expect("give the input");
        Done::from(child.wait_with_output().expect("wait for casepost"))
    }

    pub fn start(&self, arguments: &[&str]) -> Running {
        self.start_command(self.command(arguments))
    }

    /// What it logs is added to [`Desk::log`].
    pub fn start_command(&self, mut command: Command) -> Running {
        let log = File::options().create(true).append(true).open(self.path("log")).expect("open the log");
        let child = command.stdout(Stdio::null()).stderr(log).spawn();
        Running(child.expect("start casepost"))
    }

    /// What the daemons of this desk have logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    /// How it fares; none while there is no database yet.
    pub fn status(&self) -> Option<Value> {
        serde_json::from_str(&self.run(&["status", "--json"]).out).ok()
    }

    /// One round at this time of a drill.
    #[track_caller]
    pub fn once_at(&self, now: &str) -> String {
        self.run(&["--now", now, "run", "--once"]).ok()
    }

    /// Drops a mail into the inbox, received at this time.
    pub fn mail_at(&self, name: &str, received_at: &str, raw: impl AsRef<[u8]>) {
        let at: DateTime<Utc> = received_at.parse().expect("a time");
        let tmp = self.path("inbox/tmp").join(name);
        fs::write(&tmp, raw).expect("write a mail");
        File::options().write(true).open(&tmp).and_then(|f| f.set_modified(at.into())).expect("set its time");
        fs::rename(&tmp, self.path("inbox/new").join(name)).expect("deliver a mail");
    }

    /// Drops a mail into the inbox, received now.
    pub fn mail(&self, name: &str, raw: impl AsRef<[u8]>) {
        self.mail_at(name, &Utc::now().to_rfc3339(), raw);
    }

    #[track_caller]
    pub fn json(&self, arguments: &[&str]) -> Value {
        let text = self.run(arguments).ok();
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"))
    }

    /// All cases, the oldest first.
    #[track_caller]
    pub fn cases(&self) -> Vec<Value> {
        let all = self.json(&["case", "list", "--json", "--sort", "opened"]);
        all.as_array().expect("an array").clone()
    }

    #[track_caller]
    pub fn case(&self, reference: &str) -> Value {
        self.json(&["case", "show", reference, "--json"])
    }

    /// The mails that went out to this address, in the order in which they were decided.
    pub fn sent_to(&self, address: &str) -> Vec<String> {
        let all = fs::read_dir(self.path("sent/new")).into_iter().flatten().flatten();
        let mut mails: Vec<(u64, String)> = all
            .map(|f| {
                let serial = f.file_name().to_string_lossy().split('.').nth(1).map(|s| u64::from_str_radix(s, 16));
                let text = fs::read_to_string(f.path()).expect("a mail that went out");
                (serial.and_then(Result::ok).unwrap_or(0), text.replace("\r\n", "\n"))
            })
            .collect();
        mails.sort();
        let to = |mail: &str| {
            let line = mail.lines().find_map(|l| l.strip_prefix("X-Envelope-To: "));
            line.is_some_and(|l| l.split(", ").any(|a| a == address))
        };
        mails.into_iter().map(|(_, mail)| mail).filter(|mail| to(mail)).collect()
    }
}

/// A program that runs until it is told to stop.
pub struct Running(Child);

impl Running {
    pub fn kill(mut self) {
        self.0.kill().expect("kill casepost");
        self.0.wait().expect("wait for casepost");
    }

    /// SIGTERM; gives the exit code.
    pub fn terminate(self) -> Option<i32> {
        self.signal(rustix::process::Signal::TERM);
        self.wait()
    }

    /// Its exit code, when it has ended.
    pub fn wait(mut self) -> Option<i32> {
        self.0.wait().expect("wait for casepost").code()
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, signal).expect("signal casepost");
    }

    pub fn id(&self) -> u32 {
        self.0.id()
    }

    pub fn has_ended(&mut self) -> bool {
        self.0.try_wait().expect("look at casepost").is_some()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // A test that failed must leave no program behind; one that ended is no concern.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Looks until it holds; half a minute is more than any machine needs.
#[track_caller]
pub fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(30), "in vain: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A header of a mail that went out, unfolded.
pub fn header(mail: &str, name: &str) -> Option<String> {
    let head = mail.split("\n\n").next().unwrap_or_default().replace("\n ", " ").replace("\n\t", " ");
    let prefix = format!("{}: ", name.to_lowercase());
    head.lines().find(|l| l.to_lowercase().starts_with(&prefix)).map(|l| l[prefix.len()..].to_owned())
}

/// A person's mail.
pub struct Letter<'a> {
    pub from: &'a str,
    pub id: &'a str,
    pub subject: &'a str,
    pub text: &'a str,
    /// further header lines, each with its end
    pub extra: &'a str,
}

impl Letter<'_> {
    pub fn raw(&self) -> String {
        let Letter { from, id, subject, text, extra } = self;
        format!(
            "Return-Path: <{from}>\nFrom: {from}\nTo: support@desk.test\nSubject: {subject}\nMessage-ID: <{id}>\n\
             Date: Tue, 3 Nov 2026 10:00:00 +0100\n{extra}\n{text}\n"
        )
    }
}

/// A new matter.
pub fn letter<'a>(from: &'a str, id: &'a str, subject: &'a str) -> Letter<'a> {
    Letter { from, id, subject, text: "It does not work.", extra: "" }
}

/// The header lines of an answer to a mail that went out.
pub fn answering(mail: &str) -> String {
    let id = header(mail, "Message-ID").expect("a Message-ID");
    let references = header(mail, "References").unwrap_or_default();
    format!("In-Reply-To: {id}\nReferences: {references} {id}\n")
}

pub fn reference(case: &Value) -> String {
    case["reference"].as_str().expect("a reference").to_owned()
}
