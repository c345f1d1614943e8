//! The server through real connections, with a desk that only plays one.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{site::Site, *};
use crate::{
    desk::status_page::{forms, sample},
    mail::template::Templates,
};

struct Player {
    site: Arc<Site>,
    templates: Templates,
    /// what changed something
    done: Mutex<Vec<String>>,
}

impl Desk for Player {
    fn site(&self) -> Arc<Site> {
        self.site.clone()
    }

    fn html(&self, form: &Form, language: &str, depth: usize) -> String {
        forms::html(&sample::page(&["en", "de"]), &self.templates, form, language, depth).unwrap()
    }

    fn language(&self, chosen: Option<&str>, accepted: Option<&str>) -> String {
        let wished = chosen.or(accepted).unwrap_or("en");
        if wished.starts_with("de") { "de" } else { "en" }.to_owned()
    }

    async fn calendar(&self, token: String) -> Result<Option<String>, Unavailable> {
        Ok((token == "known").then(|| "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".to_owned()))
    }

    async fn ask(&self, wish: Wish) -> Result<Asked, Unavailable> {
        if wish.topic == "platform:gone" {
            return Ok(Asked::NoSuchTopic);
        }
        self.done.lock().unwrap().push(format!("asked {} {} {}", wish.email, wish.topic, wish.language));
        Ok(Asked::Taken)
    }

    async fn token(&self, token: String, how: Use) -> Result<Option<Standing>, Unavailable> {
        let language = None;
        match (token.as_str(), how) {
            ("busy", _) => Err(Unavailable),
            ("good", Use::LookAtConfirm | Use::LookAtLeave) => {
                Ok(Some(Standing::Open { topic: Value::from("Hosted voice"), language }))
            }
            ("good", how) => {
                self.done.lock().unwrap().push(format!("{how:?}"));
                Ok(Some(Standing::Done { language }))
            }
            ("old", _) => Ok(Some(Standing::Over { language })),
            _ => Ok(None),
        }
    }
}

struct Served {
    address: SocketAddr,
    desk: Arc<Player>,
    _stop: DropGuard,
}

struct Got {
    status: u16,
    head: String,
    body: String,
}

impl Got {
    fn header(&self, name: &str) -> Option<&str> {
        let begin = format!("{name}: ");
        self.head.lines().find_map(|line| line.strip_prefix(&begin))
    }
}

async fn served() -> Served {
    let templates = Templates::new(vec![]).unwrap();
    let files = sample::page(&["en", "de"]).files(&templates, sample::now()).unwrap();
    let site = Arc::new(Site::default().with(&files, sample::now()));
    let desk = Arc::new(Player { site, templates, done: Mutex::default() });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    tokio::spawn(server::serve(listener, desk.clone(), stop.clone()));
    Served { address, desk, _stop: stop.drop_guard() }
}

impl Served {
    async fn raw(&self, request: &str) -> Got {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut all = Vec::new();
        // A server that refuses what it has not read to its end may reset the connection behind its answer.
        let _ = stream.read_to_end(&mut all).await;
        let all = String::from_utf8(all).unwrap();
        let (head, body) = all.split_once("\r\n\r\n").unwrap_or((&all, ""));
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        Got { status, head: head.replace("\r\n", "\n"), body: body.to_owned() }
    }

    async fn get_with(&self, path: &str, headers: &str) -> Got {
        self.raw(&format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n")).await
    }

    async fn get(&self, path: &str) -> Got {
        self.get_with(path, "").await
    }

    async fn post_with(&self, path: &str, body: &str, headers: &str) -> Got {
        let kind = "Content-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n";
        let length = body.len();
        self.raw(&format!("POST {path} HTTP/1.1\r\nHost: x\r\n{kind}Content-Length: {length}\r\n{headers}\r\n{body}"))
            .await
    }

    async fn post(&self, path: &str, body: &str) -> Got {
        self.post_with(path, body, "").await
    }

    fn done(&self) -> Vec<String> {
        self.desk.done.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn files_come_with_their_types_and_the_security_headers_and_a_known_one_is_not_sent_again() {
    let web = served().await;
    let kinds = [
        ("/", "text/html; charset=utf-8"),
        ("/de/", "text/html; charset=utf-8"),
        ("/style.css", "text/css; charset=utf-8"),
        ("/summary.json", "application/json"),
        ("/feed.atom", "application/atom+xml; charset=utf-8"),
        ("/platforms/voice.ics", "text/calendar; charset=utf-8"),
        ("/robots.txt", "text/plain; charset=utf-8"),
    ];
    for (path, kind) in kinds {
        let got = web.get(path).await;
        assert_eq!((got.status, got.header("content-type")), (200, Some(kind)), "{path}");
        assert_eq!(got.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(got.header("referrer-policy"), Some("no-referrer"));
        assert!(got.header("content-security-policy").unwrap().starts_with("default-src 'none'; style-src 'self';"));
    }
    let first = web.get("/index.html").await;
    let (etag, modified) = (first.header("etag").unwrap(), first.header("last-modified").unwrap());
    assert_eq!(modified, "Fri, 27 Nov 2026 14:20:00 GMT");
    for known in [format!("If-None-Match: \"x\", W/{etag}\r\n"), format!("If-Modified-Since: {modified}\r\n")] {
        let got = web.get_with("/index.html", &known).await;
        assert_eq!((got.status, got.body.as_str(), got.header("etag")), (304, "", Some(etag)), "{known}");
    }
    let changed = format!("If-None-Match: \"other\"\r\nIf-Modified-Since: {modified}\r\n");
    assert_eq!(web.get_with("/index.html", &changed).await.status, 200);
    let head = web.raw("HEAD /index.html HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let to = web.get("/de").await;
    assert_eq!((to.status, to.header("location")), (301, Some("de/")));
}

#[tokio::test]
async fn no_address_leads_out_of_the_site_and_what_is_not_there_is_said_in_the_reader_s_language() {
    let web = served().await;
    for path in [
        "/../Cargo.toml",
        "/..%2fCargo.toml",
        "/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/de/../index.html",
        "/.casepost-files",
        "/index.html%00",
        "/nothing",
        "/a/b/c/d/e/f/g/h/i/j/k/l/m/n",
    ] {
        let got = web.get(path).await;
        assert_eq!(got.status, 404, "{path}");
        assert!(got.body.contains("There is no such page here."), "{path}");
        assert!(got.header("content-security-policy").is_some() && got.header("cache-control") == Some("no-store"));
    }
    let german = web.get_with("/nichts", "Accept-Language: de-AT,de;q=0.9\r\n").await;
    assert!(german.body.contains("Diese Seite gibt es hier nicht."), "{}", german.body);
    assert_eq!(web.post("/index.html", "").await.status, 405);
    assert_eq!(web.raw("BREW / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.status, 405);
}

#[tokio::test]
async fn a_link_in_a_mail_changes_nothing_and_its_button_does() {
    let web = served().await;
    for path in ["/confirm/good", "/unsubscribe/good", "/unsubscribe/good?lang=de"] {
        let got = web.get(path).await;
        assert_eq!(got.status, 200);
        assert!(got.body.contains("<form method=\"post\"") && got.body.contains("Hosted voice"), "{}", got.body);
        assert_eq!(got.header("cache-control"), Some("no-store"));
        web.raw(&format!("HEAD {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).await;
    }
    assert!(web.done().is_empty());
    assert!(web.post("/confirm/good?lang=en", "").await.body.contains("Your subscription is confirmed."));
    assert!(web.post("/unsubscribe/good", "").await.body.contains("Your subscription has ended."));
    // As mail programs do it, with nobody's language and from a site that is none (RFC 8058).
    let one_click =
        web.post_with("/unsubscribe/good", "List-Unsubscribe=One-Click", "Sec-Fetch-Site: cross-site\r\n").await;
    assert_eq!(one_click.status, 200);
    assert_eq!(web.done(), ["Confirm", "Leave", "Leave"]);
}

#[tokio::test]
async fn what_a_token_is_not_good_for_is_said_alike() {
    let web = served().await;
    let long = format!("/confirm/{}", "a".repeat(5000));
    for path in ["/confirm/forged", "/unsubscribe/forged", "/confirm/a%20b%ff", long.as_str()] {
        for got in [web.get(path).await, web.post(path, "").await] {
            assert!(matches!(got.status, 404 | 400), "{path}: {}", got.status);
        }
    }
    assert_eq!(web.get("/confirm/old").await.status, 410);
    let busy = web.post("/confirm/busy", "").await;
    assert_eq!(busy.status, 503);
    assert!(busy.body.contains("right now"), "{}", busy.body);
    assert!(web.done().is_empty());
}

#[tokio::test]
async fn a_wish_to_subscribe_is_taken_and_its_faults_are_told_without_telling_of_addresses() {
    let web = served().await;
    let form = web.get("/subscribe?lang=de&topic=platform:voice").await;
    assert!(form.body.contains("value=\"platform:voice\" selected"), "{}", form.body);
    let taken = web.post("/subscribe?lang=de", "email=+ada%40example.com+&topic=platform%3Avoice").await;
    assert_eq!(taken.status, 200);
    assert!(taken.body.contains("Bitte sehen Sie in Ihr Postfach."), "{}", taken.body);
    assert_eq!(web.done(), ["asked ada@example.com platform:voice de"]);
    for (body, status) in [
        ("email=nobody&topic=all", 422),
        ("email=ada%40example.com&topic=platform:gone", 422),
        ("email=ada%40example.com&topic=%3Cscript%3E", 422),
        ("topic=all", 422),
        ("email=mailer-daemon%40example.com&topic=all", 422),
        ("email=a%40b&topic=all", 422),
        ("email=x%40y.test%3Fcc%3Dq&topic=all", 422),
        ("email=%C3%BCn%C3%AF%40%C3%B6.test&topic=all", 422),
        ("email=%FF%FE&topic=all", 422),
    ] {
        let got = web.post("/subscribe", body).await;
        assert_eq!(got.status, status, "{body}");
        assert!(!got.body.contains("<script"), "{body}");
    }
    let large = format!("email=ada%40example.com&topic={}", "a".repeat(10_000));
    assert_eq!(web.post("/subscribe", &large).await.status, 413);
    let foreign =
        web.post_with("/subscribe", "email=eve%40example.com&topic=all", "Sec-Fetch-Site: cross-site\r\n").await;
    assert_eq!(foreign.status, 403);
    assert_eq!(
        web.raw("POST /subscribe HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").await.status,
        415
    );
    assert_eq!(web.done().len(), 1);
}

#[tokio::test]
async fn one_address_may_wish_only_so_often_and_another_behind_the_same_web_server_still_may() {
    let web = served().await;
    let wish = |client: &'static str| {
        let header = format!("X-Forwarded-For: 198.51.100.7, {client}\r\n");
        let web = &web;
        async move { web.post_with("/subscribe", "email=ada%40example.com&topic=all", &header).await }
    };
    let first = futures_util::future::join_all((0..8).map(|_| wish("203.0.113.5"))).await;
    assert_eq!(first.iter().filter(|got| got.status == 200).count(), 6);
    let refused = first.iter().find(|got| got.status == 429).unwrap();
    assert_eq!(refused.header("retry-after"), Some("60"));
    assert_eq!(wish("203.0.113.6").await.status, 200);
}

#[tokio::test]
async fn a_calendar_is_its_token_s_and_an_unknown_one_is_not_found() {
    let web = served().await;
    let got = web.get("/calendar/known.ics").await;
    assert_eq!((got.status, got.header("content-type")), (200, Some("text/calendar; charset=utf-8")));
    assert_eq!(got.header("cache-control"), Some("private, max-age=300"));
    let etag = format!("If-None-Match: {}\r\n", got.header("etag").unwrap());
    assert_eq!(web.get_with("/calendar/known.ics", &etag).await.status, 304);
    let (one, other) = (web.get("/calendar/forged.ics").await, web.get("/calendar/known").await);
    assert_eq!((one.status, other.status), (404, 404));
    assert_eq!(one.body, other.body);
}

#[tokio::test]
async fn a_client_that_sends_too_much_or_nothing_at_all_keeps_nobody_else_waiting() {
    let web = served().await;
    let mut silent = Vec::new();
    for _ in 0..100 {
        silent.push(TcpStream::connect(web.address).await.unwrap());
    }
    let huge = format!("GET / HTTP/1.1\r\nHost: x\r\nX-A: {}\r\n\r\n", "a".repeat(100_000));
    assert!(matches!(web.raw(&huge).await.status, 0 | 431));
    assert!(matches!(web.raw("\u{1}\u{2}nonsense\r\n\r\n").await.status, 0 | 400));
    let got = tokio::time::timeout(Duration::from_secs(5), web.get("/")).await.unwrap();
    assert_eq!(got.status, 200);
    drop(silent);
}

#[tokio::test]
async fn an_address_that_is_none_is_answered_by_the_desk_s_own_pages() {
    let web = served().await;
    let twice = web.get("/subscribe?topic=all&topic=platform:voice&lang=de&lang=en").await;
    assert_eq!(twice.status, 200);
    assert!(twice.body.contains("<form method=\"post\"") && twice.body.contains("lang=\"de\""), "{}", twice.body);
    let (no_text, forged) = (web.get("/calendar/%ff.ics").await, web.get("/calendar/forged.ics").await);
    assert_eq!((no_text.status, no_text.body), (404, forged.body));
    let (no_text, forged) = (web.get("/confirm/%ff").await, web.get("/confirm/forged").await);
    assert_eq!((no_text.status, no_text.body), (404, forged.body));
}

const HALF_A_FORM: &str = "POST /subscribe HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\
                           Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=ada";

#[tokio::test]
async fn pages_come_while_a_full_house_of_forms_stops_in_the_middle() {
    let web = served().await;
    let mut halves = Vec::new();
    for _ in 0..300 {
        let mut stream = TcpStream::connect(web.address).await.unwrap();
        stream.write_all(HALF_A_FORM.as_bytes()).await.unwrap();
        halves.push(stream);
    }
    let got = tokio::time::timeout(Duration::from_secs(4), web.get("/")).await.unwrap();
    assert_eq!(got.status, 200);
    drop(halves);
}

#[tokio::test(start_paused = true)]
async fn a_form_that_stops_in_the_middle_is_given_up_after_five_seconds() {
    let web = served().await;
    let begin = tokio::time::Instant::now();
    assert_eq!(web.raw(HALF_A_FORM).await.status, 408);
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
}
