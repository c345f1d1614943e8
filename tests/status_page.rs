//! The status page of a whole desk: its folder, its address, and what becomes of the desk when either fails.

mod desk;

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::MetadataExt,
    time::Duration,
};

use chrono::{TimeDelta, Utc};
use desk::{Desk, Running, letter, until};
use rustix::process::Signal;

struct Page {
    desk: Desk,
    port: u16,
}

/// A port that nobody listens on.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Page {
    fn new(policy: &str) -> Page {
        let port = free_port();
        let desk = Desk::with(&format!(
            r#"
data = "casepost.db"
rules = "rules"
policy = "own"
[desk]
name = "Test Desk"
address = "support@desk.test"
[[mailbox]]
name = "support"
maildir = "inbox"
poll = "1s"
[smtp]
url = "maildir:sent"
[[staff]]
name = "Frida"
address = "frida@desk.test"
may = ["p1g"]
[web]
listen = "127.0.0.1:{port}"
url = "https://status.desk.test/"
directory = "public"
"#
        ));
        for folder in ["inbox/new", "inbox/cur", "inbox/tmp", "rules/own"] {
            fs::create_dir_all(desk.path(folder)).unwrap();
        }
        let page = Page { desk, port };
        page.policy(policy);
        page
    }

    fn policy(&self, text: &str) {
        self.desk.write("rules/own/policy.toml", &format!("extends = \"base\"\n{text}"));
    }

    fn start(&self) -> Running {
        self.desk.start(&["run"])
    }

    fn file(&self, name: &str) -> String {
        fs::read_to_string(self.desk.path("public").join(name)).unwrap_or_default()
    }

    /// The head and the body of what is answered; nothing when nobody is there.
    fn get(&self, path: &str) -> Option<(String, String)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: status.desk.test\r\nConnection: close\r\n\r\n").ok()?;
        let mut all = String::new();
        stream.read_to_string(&mut all).ok()?;
        let (head, body) = all.split_once("\r\n\r\n")?;
        Some((head.to_owned(), body.to_owned()))
    }

    fn status_of(&self, path: &str) -> u16 {
        let got = self.get(path);
        got.and_then(|(head, _)| head.split(' ').nth(1)?.parse().ok()).unwrap_or(0)
    }

    fn troubles(&self) -> String {
        self.desk.status().map(|status| status["troubles"].to_string()).unwrap_or_default()
    }
}

#[test]
fn the_page_is_written_and_served_and_follows_a_reload_without_touching_what_is_the_same() {
    let page = Page::new("[platforms]\nvoice = \"Hosted voice\"\n");
    let desk = page.start();
    // It is written last.
    until("the page is there", || page.file("summary.json").contains("Hosted voice"));
    until("it is served", || page.status_of("/") == 200);
    let (head, body) = page.get("/").unwrap();
    assert_eq!(body, page.file("index.html"));
    assert!(head.to_lowercase().contains("content-security-policy: default-src 'none'"), "{head}");
    for name in ["de/platforms/voice.html", "feed.atom", "summary.json", "platforms/voice.ics"] {
        assert_eq!(page.get(&format!("/{name}")).unwrap().1, page.file(name), "{name}");
    }
    assert!(page.file("feed.atom").contains("https://status.desk.test/feed.atom"));
    let inode = |name: &str| fs::metadata(page.desk.path("public").join(name)).unwrap().ino();
    let (style, calendar) = (inode("style.css"), inode("platforms/voice.ics"));

    page.policy("languages = [\"en\"]\n[platforms]\nvoice = \"Hosted voice\"\nmeet = \"Meetings\"\n");
    desk.signal(Signal::HUP);
    until("the platform is there", || page.file("index.html").contains("Meetings"));
    until("a language that is no more has vanished", || !page.desk.path("public/de").exists());
    until("it is served as well", || page.status_of("/platforms/meet.html") == 200);
    assert_eq!((inode("style.css"), inode("platforms/voice.ics")), (style, calendar));
    assert_eq!(page.status_of("/de/index.html"), 404);

    // A client that holds a connection does not hold up the end.
    let mut idle = TcpStream::connect(("127.0.0.1", page.port)).unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    assert_eq!(desk.terminate(), Some(0));
}

#[test]
fn a_folder_that_can_t_be_written_is_a_trouble_while_the_desk_and_the_served_page_go_on() {
    let page = Page::new("");
    page.desk.write("public", "no folder, but a file");
    let desk = page.start();
    until("it is told", || page.troubles().contains("public"));
    until("the page is served all the same", || page.status_of("/") == 200);
    page.desk.mail("1", letter("ada@customer.test", "1@customer.test", "No line").raw());
    until("mail becomes a case", || page.desk.cases().len() == 1);
    until("staff hear of it", || {
        page.desk.sent_to("frida@desk.test").iter().any(|mail| mail.contains("Subject: Please look: status page"))
    });
    fs::remove_file(page.desk.path("public")).unwrap();
    until("it is written once it can be", || page.file("index.html").contains("Test Desk"));
    until("it works again", || {
        page.desk.sent_to("frida@desk.test").iter().any(|mail| mail.contains("Subject: Works again: status page"))
    });
    assert_eq!(desk.terminate(), Some(0));
}

#[test]
fn an_address_that_is_taken_is_a_trouble_and_is_served_when_it_is_free() {
    let page = Page::new("");
    let other = TcpListener::bind(("127.0.0.1", page.port)).unwrap();
    let desk = page.start();
    until("it is told", || page.troubles().contains(&format!("127.0.0.1:{}", page.port)));
    until("the folder is written all the same", || page.file("index.html").contains("Test Desk"));
    drop(other);
    until("it is served", || page.status_of("/") == 200);
    assert_eq!(desk.terminate(), Some(0));
}

#[test]
fn a_command_writes_the_page_once_and_leaves_alone_what_is_not_its_own() {
    let page = Page::new("[platforms]\nvoice = \"Hosted voice\"\n");
    page.desk.once_at("2026-11-27T10:00:00Z");
    let first = page.desk.run(&["status-page", "write"]).ok();
    assert!(first.contains(" files written, 0 unchanged, 0 removed"), "{first}");
    assert!(page.file("summary.json").contains("\"generated_at\": \"2026-11-27T10:00:00Z\""));
    let second = page.desk.run(&["status-page", "write"]).ok();
    assert!(second.contains(": 0 files written"), "{second}");
    fs::create_dir(page.desk.path("mine")).unwrap();
    page.desk.write("mine/index.html", "my own site");
    let refused = page.desk.run(&["status-page", "write", "mine"]);
    assert!(refused.code != 0 && refused.err.contains("folder of its own"), "{}", refused.err);
    assert_eq!(fs::read_to_string(page.desk.path("mine/index.html")).unwrap(), "my own site");
}

#[test]
fn an_organisation_s_calendar_has_a_secret_address_that_can_be_taken_away() {
    let page = Page::new("");
    page.desk.run(&["organisation", "set", "Books Ltd", "--new", "domains=books.test"]).ok();
    let desk = page.start();
    until("it is served", || page.status_of("/") == 200);
    let address = |more: &[&str]| {
        let all = [&["organisation", "calendar", "Books Ltd"], more].concat();
        page.desk.run(&all).ok().trim().to_owned()
    };
    let path = |address: &str| address.strip_prefix("https://status.desk.test").unwrap().to_owned();
    let first = address(&[]);
    assert_eq!(address(&[]), first);
    let (head, calendar) = page.get(&path(&first)).unwrap();
    assert!(head.contains("text/calendar") && calendar.contains("Books Ltd"), "{head}\n{calendar}");
    let second = address(&["--renew"]);
    assert_eq!((page.status_of(&path(&first)), page.status_of(&path(&second))), (404, 200));
    address(&["--revoke"]);
    assert_eq!(page.status_of(&path(&second)), 404);
    let (token, log) = (path(&second).replace("/calendar/", "").replace(".ics", ""), page.desk.log());
    assert!(token.len() == 32 && !log.contains(&token), "{log}");
    assert_eq!(desk.terminate(), Some(0));
}

#[test]
fn works_are_public_once_they_are_announced_and_only_by_their_platforms() {
    let page = Page::new("languages = [\"en\", \"de\"]\n[platforms]\nvoice = \"Hosted voice\"\n");
    page.desk.run(&["organisation", "set", "Books Ltd", "--new", "domains=books.test"]).ok();
    page.desk.run(&["service", "set", "IS-1", "--new", "organisation=Books Ltd", "platform=voice"]).ok();
    let desk = page.start();
    until("the page is there", || page.file("index.html").contains("No works are planned."));
    let window = (Utc::now() + TimeDelta::days(20)).format("%Y-%m-%d 22:00 to 04:00").to_string();
    for (title, place) in
        [("Exchange of a card", "--platform=voice=DEGRADED"), ("Secret of Books Ltd", "--service=IS-1")]
    {
        let plan = ["works", "plan", title, "--reason", "it ages", "--window", &window, place];
        page.desk.run(&plan).ok();
    }
    page.desk.run(&["works", "announce", "PW-0002"]).ok();
    page.desk.run(&["works", "announce", "PW-0001"]).ok();
    until("the works are public", || page.file("summary.json").contains("Exchange of a card"));
    assert!(page.file("de/index.html").contains("Exchange of a card"));
    until("they are served", || page.get("/").is_some_and(|(_, body)| body.contains("Exchange of a card")));
    assert!(page.file("platforms/voice.ics").contains("SUMMARY:Exchange of a card"));
    assert!(page.file("feed.atom").contains("Planned works (Coming up): Exchange of a card"));
    for name in
        ["index.html", "summary.json", "feed.atom", "platforms/voice.html", "platforms/voice.ics", "history.html"]
    {
        let text = page.file(name);
        assert!(!text.is_empty() && !text.contains("Books") && !text.contains("IS-1"), "{name}: {text}");
    }
    let address = page.desk.run(&["organisation", "calendar", "Books Ltd"]).ok();
    let path = address.trim().strip_prefix("https://status.desk.test").unwrap();
    let (_, calendar) = page.get(path).unwrap();
    assert!(calendar.contains("Exchange of a card") && calendar.contains("Secret of Books Ltd"), "{calendar}");
    page.desk.run(&["works", "cancel", "PW-0001", "not needed"]).ok();
    until("they are no more to come", || page.file("summary.json").contains("\"cancelled\""));
    assert!(page.file("index.html").contains("No works are planned."));
    assert!(page.file("history.html").contains("Cancelled") && page.file("de/history.html").contains("Abgesagt"));
    assert_eq!(desk.terminate(), Some(0));
}

#[test]
fn an_incident_is_public_while_it_is_open_and_history_when_it_is_over() {
    let page = Page::new("languages = [\"en\", \"de\"]\n[platforms]\nvoice = \"Hosted voice\"\n");
    page.desk.run(&["organisation", "set", "Books Ltd", "--new", "domains=books.test"]).ok();
    page.desk.run(&["service", "set", "IS-1", "--new", "organisation=Books Ltd", "platform=voice", "site=Leeds"]).ok();
    let desk = page.start();
    until("the page is there", || page.file("index.html").contains("Working normally"));
    let open =
        ["mni", "open", "--platform", "voice", "--site", "Leeds", "--impact", "No calls.", "--text", "A card failed."];
    page.desk.run(&open).ok();
    until("the incident is public", || page.file("summary.json").contains("\"MNI-0001\""));
    let overview = page.file("index.html");
    for words in ["There is an open incident", "No calls.", "A card failed.", "Leeds", "MNI-0001"] {
        assert!(overview.contains(words), "{words}: {overview}");
    }
    until("it is served", || page.status_of("/incidents/MNI-0001.html") == 200);
    page.desk.run(&["mni", "update", "MNI-0001", "The new card is here."]).ok();
    until("its update is public", || page.file("incidents/MNI-0001.html").contains("The new card is here."));
    assert!(!page.file("incidents/MNI-0001.html").contains("Books") && !page.file("feed.atom").contains("IS-1"));
    page.desk.run(&["mni", "close", "MNI-0001", "A card was changed."]).ok();
    until("it is over", || page.file("summary.json").contains("\"state\": \"operational\""));
    assert!(page.file("history.html").contains("A card was changed."), "{}", page.file("history.html"));
    page.desk.run(&["mni", "open", "--platform", "voice", "--impact", "All is silent."]).ok();
    until("the next is public", || page.file("index.html").contains("MNI-0002"));
    page.desk.run(&["mni", "withdraw", "MNI-0002", "It was one line only."]).ok();
    until("it is withdrawn", || page.file("summary.json").contains("\"withdrawn_at\""));
    assert!(page.file("incidents/MNI-0002.atom").contains("Withdrawn MNI-0002"));
    assert!(!page.file("index.html").contains("MNI-0002") && !page.file("history.html").contains("MNI-0002"));
    assert_eq!(desk.terminate(), Some(0));
}
