//! A private Dovecot and a private Postfix for tests of the whole program: `mod servers;`.
//!
//! ```ignore
//! let Some(servers) = Servers::start("a_mail_becomes_a_case") else { return };
//! ```
//!
//! Everything runs on 127.0.0.1 on ports picked free and under a temporary folder, and ends with the value. Users are
//! `support`, `alice` and `bob`, with and without a domain, password [`PASSWORD`]. What Postfix does with mail to
//!
//! | address | |
//! |---|---|
//! | support, alice, bob at desk.test, customer.test, other.test (`+detail` too) | delivers into Dovecot |
//! | anyone else at customer.test | accepts it, then bounces it to the envelope sender |
//! | anyone else at desk.test or other.test, anyone at reject.test or elsewhere | refuses it at RCPT (550) |
//! | anyone at defer.test | refuses it for now at RCPT (450) |
//! | anyone at later.test | accepts it, and keeps it in its queue |
//! | anyone at a domain of `.example` | delivers it to whom [`Servers::outside`] shows it |
//!
//! Either can be stopped, killed and started within a test (`outage`), somebody else can change a mailbox
//! (`other_client`), a [`proxy::Proxy`] puts [`fault::Fault`]s between them and the desk, and [`Servers::certificate`]
//! issues bad certificates for it to show.
//!
//! Both servers need root. Without it, or without the servers, a test fails and says what to do; with
//! `CASEPOST_TEST_SERVERS=skip` in the environment it is skipped, but never where `CI` is set.

// Each test program uses its part of this.
#![allow(dead_code)]

pub mod authority;
pub mod caller;
pub mod catalogue;
mod daemon;
mod dialogue;
mod dovecot;
pub mod fault;
mod other_client;
mod outage;
pub mod outside;
mod postfix;
pub mod proxy;
#[path = "../skip/mod.rs"]
pub mod skip;
pub mod token;

use std::io::{Read, Seek, Write};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs, thread};

use chrono::{DateTime, Utc};
use tempfile::TempDir;

use authority::Certificate;
use dovecot::Dovecot;
use postfix::Postfix;

pub const PASSWORD: &str = "secret";
pub const USERS: [&str; 3] = ["support", "alice", "bob"];
/// Gets the mail of everyone at `.example`.
const OUTSIDE: &str = "outside";
const PATIENCE: Duration = Duration::from_secs(30);

/// A mail in a mailbox: UID, flags, bytes.
pub type StoredMail = (u32, Vec<String>, Vec<u8>);

pub struct Servers {
    /// Without TLS (and with STARTTLS).
    pub imap_port: u16,
    pub imaps_port: u16,
    /// Takes mail from anyone, without AUTH.
    pub smtp_port: u16,
    /// AUTH, without TLS if one likes.
    pub plain_submission_port: u16,
    /// STARTTLS, then AUTH.
    pub submission_port: u16,
    /// TLS, then AUTH.
    pub smtps_port: u16,
    /// Signed the servers' certificate, which is for `localhost` and 127.0.0.1.
    pub ca_file: PathBuf,
    certificate: Certificate,
    dovecot: Dovecot,
    postfix: Postfix,
    // The last field: the folder goes when the servers are gone.
    home: TempDir,
}

impl Servers {
    /// Starts both; `None` when the environment says that such tests are skipped. `name` is the test's, for that notice.
    pub fn start(name: &str) -> Option<Servers> {
        if skip::skipped(name, "Dovecot and Postfix") {
            return None;
        }
        if let Err(lacking) = usable() {
            panic!(
                "{name} needs root, Dovecot and Postfix: {lacking}. \
                 `tests/run` installs them on Debian; CASEPOST_TEST_SERVERS=skip leaves such tests out."
            );
        }
        let home = tempfile::Builder::new().prefix("casepost-").tempdir().expect("a temporary folder");
        // Both servers work as users of their own.
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).expect("open the folder for reading");
        let certificate = authority::issue(&home.path().join("ca"));
        let dovecot = Dovecot::start(&home.path().join("dovecot"), &certificate);
        let postfix = Postfix::start(&home.path().join("postfix"), &certificate, &dovecot);
        Some(Servers {
            imap_port: dovecot.imap_port,
            imaps_port: dovecot.imaps_port,
            smtp_port: postfix.smtp_port,
            plain_submission_port: postfix.plain_submission_port,
            submission_port: postfix.submission_port,
            smtps_port: postfix.smtps_port,
            ca_file: certificate.ca_file.clone(),
            certificate,
            dovecot,
            postfix,
            home,
        })
    }

    /// Of a desk's `[[mailbox]]`: support's, over TLS, with the password in a file of its own.
    pub fn imap_lines(&self) -> String {
        format!(
            "imap = \"imaps://support@localhost:{}/INBOX\"\nca_file = \"{}\"\npassword_file = \"password\"",
            self.imaps_port,
            self.ca_file.display()
        )
    }

    /// Of a desk's configuration: by submission, with STARTTLS.
    pub fn smtp_section(&self) -> String {
        format!(
            "[smtp]\nurl = \"smtp://support@localhost:{}\"\ntls = \"starttls\"\nca_file = \"{}\"\n\
             password_file = \"password\"",
            self.submission_port,
            self.ca_file.display()
        )
    }

    /// Gives a mail to Postfix as a stranger's mail server would, from alice@customer.test. A bare LF becomes CRLF.
    pub fn deliver(&self, raw: impl AsRef<[u8]>, to: &str) {
        self.deliver_from("alice@customer.test", raw, to);
    }

    /// The same with an envelope sender; `""` is the null sender of bounces.
    pub fn deliver_from(&self, envelope_sender: &str, raw: impl AsRef<[u8]>, to: &str) {
        dialogue::deliver(self.smtp_port, envelope_sender, raw.as_ref(), to)
            .unwrap_or_else(|refusal| panic!("Postfix did not take a mail to {to}: {refusal}"));
    }

    /// What the open port answers to RCPT for an address: `250 …`, `550 …`.
    pub fn answer_to_recipient(&self, to: &str) -> String {
        dialogue::recipient(self.smtp_port, "alice@customer.test", to)
    }

    /// Puts a mail into a user's INBOX, past Postfix, with the time when the server is to have received it. Gives its UID.
    pub fn append(&self, user: &str, raw: impl AsRef<[u8]>, internal_date: Option<DateTime<Utc>>) -> u32 {
        self.imap(user).append("INBOX", raw.as_ref(), internal_date)
    }

    /// Puts a mail into another folder of a user.
    pub fn append_to(&self, user: &str, folder: &str, raw: &[u8], internal_date: DateTime<Utc>) -> u32 {
        self.imap(user).append(folder, raw, Some(internal_date))
    }

    /// Puts many mails into a user's INBOX over one connection.
    pub fn append_all<'a>(&self, user: &str, mails: impl Iterator<Item = &'a str>) {
        let mut imap = self.imap(user);
        for raw in mails {
            imap.append("INBOX", raw.replace('\n', "\r\n").as_bytes(), None);
        }
    }

    /// The mails of a user's INBOX, in the order of their UIDs. Flags nothing as read.
    pub fn mailbox(&self, user: &str) -> Vec<StoredMail> {
        self.folder(user, "INBOX")
    }

    /// The mails of another folder; none when there is no such folder.
    pub fn folder(&self, user: &str, folder: &str) -> Vec<StoredMail> {
        self.imap(user).fetch_all(folder)
    }

    /// Waits until a user's INBOX holds at least `count` mails and gives them all; fails after 30 seconds.
    pub fn wait_for(&self, user: &str, count: usize) -> Vec<StoredMail> {
        let mut mails = Vec::new();
        let arrived = until(|| {
            mails = self.mailbox(user);
            mails.len() >= count
        });
        assert!(
            arrived,
            "{} mails for {user} after {PATIENCE:?}, expected {count}\n{}",
            mails.len(),
            self.last_of_the_logs()
        );
        mails
    }

    /// Whether Postfix has delivered, bounced or refused all it took.
    pub fn queue_empty(&self) -> bool {
        self.postfix.queue_empty()
    }

    /// Makes Postfix try again at once what it has in its queue, instead of in its own time (5 to 10 seconds).
    pub fn flush_queue(&self) {
        self.postfix.flush_queue();
    }

    /// Waits until [`Servers::queue_empty`]; fails after 30 seconds.
    pub fn wait_for_empty_queue(&self) {
        assert!(until(|| self.queue_empty()), "mail in the queue after {PATIENCE:?}\n{}", self.last_of_the_logs());
    }

    fn imap(&self, user: &str) -> dialogue::Imap {
        dialogue::Imap::login(self.imap_port, user, PASSWORD)
    }

    fn last_of_the_logs(&self) -> String {
        format!("{}\n{}", tail(&self.postfix.log), tail(&self.dovecot.log))
    }
}

/// Polls until the condition holds; false when it doesn't within 30 seconds.
pub fn until(mut condition: impl FnMut() -> bool) -> bool {
    let started = Instant::now();
    loop {
        if condition() {
            return true;
        }
        if started.elapsed() > PATIENCE {
            return false;
        }
        thread::sleep(Duration::from_millis(40));
    }
}

fn usable() -> Result<(), String> {
    let this_process = fs::metadata("/proc/self").map_err(|error| format!("cannot read /proc/self: {error}"))?;
    if this_process.uid() != 0 {
        return Err("not root".to_owned());
    }
    for program in ["dovecot", "doveadm", "postfix", "postqueue", "openssl"] {
        program_path(program).ok_or_else(|| format!("{program} is not installed"))?;
    }
    let version = Command::new(program_path("dovecot").expect("just found")).arg("--version").output();
    let version = version.map_err(|error| format!("cannot run dovecot: {error}"))?;
    match String::from_utf8_lossy(&version.stdout) {
        text if text.starts_with("2.3.") => Ok(()),
        text => Err(format!("their configuration is for Dovecot 2.3, here is {}", text.trim())),
    }
}

/// Also where root's PATH is a user's one.
fn program_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/sbin", "/usr/bin"].map(PathBuf::from);
    env::split_paths(&path).chain(system).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Runs a program to its end and gives what it said; fails with that if it failed.
///
/// Into a file, not a pipe: a daemon that it leaves behind would hold the pipe open for ever.
fn run(program: &str, arguments: &[&str]) -> String {
    let path = program_path(program).unwrap_or_else(|| panic!("{program} is not installed"));
    let mut said = tempfile::tempfile().expect("a temporary file");
    let output = || said.try_clone().expect("the same file again");
    let mut command = Command::new(&path);
    command.args(arguments).stdin(Stdio::null()).stdout(output()).stderr(output());
    let status = command.status().unwrap_or_else(|error| panic!("{program}: {error}"));
    let mut text = String::new();
    said.rewind().and_then(|()| said.read_to_string(&mut text)).expect("read what it said");
    assert!(status.success(), "{program} {}: {status}\n{text}", arguments.join(" "));
    text
}

/// Ports that nobody listens on. Below the range from which the kernel gives ports to outgoing connections, so that none
/// of those takes one before its server does; each test program begins elsewhere, each call goes on from the last.
fn free_ports<const N: usize>() -> [u16; N] {
    const FIRST: u16 = 10_000;
    const COUNT: u16 = 22_000;
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let begin = (u64::from(std::process::id()) * 131 % u64::from(COUNT)) as u16;
    let mut candidates = (0..COUNT).map(|_| {
        let step = NEXT.fetch_add(1, Ordering::Relaxed) % COUNT;
        FIRST + (begin + step) % COUNT
    });
    std::array::from_fn(|_| {
        candidates.find(|&port| TcpListener::bind(("127.0.0.1", port)).is_ok()).expect("a free port on 127.0.0.1")
    })
}

/// Writes a file as if an hour ago: Postfix waits for seconds before it reads a configuration that has just changed.
fn write(path: &Path, text: &str) {
    let written = fs::File::create(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.set_modified(SystemTime::now() - Duration::from_secs(3600))
    });
    written.unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
}

fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}
