//! The status page in a real browser: how it looks, on the pages of a made-up desk, and the story of a subscriber, with the
//! whole program and real mail servers. axe-core looks at each page.

mod browser;
mod desk;
mod servers;

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::Arc,
};

use atom_syndication::Feed;
use browser::{Browser, NEEDS, axe};
use casepost::{
    desk::status_page::{StatusPage, forms, forms::Form, sample},
    mail::{
        incoming::{self, Incoming},
        template::Templates,
    },
    web::{Asked, Desk as WebDesk, Standing, Unavailable, Use, Wish, server, site::Site},
};
use desk::{Desk, header, until};
use fantoccini::Locator;
use icalendar::Calendar;
use serde_json::{Value, json};
use servers::{PASSWORD, Servers, skip};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

const LANGUAGES: [&str; 5] = ["en", "de", "fr", "bg", "ja"];

/// A desk that only shows what it has, and asks whoever comes with its token.
struct ShowsPages {
    page: StatusPage,
    site: Arc<Site>,
    templates: Templates,
}

const TOKEN: &str = "token-of-a-mail";

impl WebDesk for ShowsPages {
    fn site(&self) -> Arc<Site> {
        self.site.clone()
    }

    fn html(&self, form: &Form, language: &str, depth: usize) -> String {
        forms::html(&self.page, &self.templates, form, language, depth).unwrap()
    }

    fn language(&self, chosen: Option<&str>, _: Option<&str>) -> String {
        chosen.filter(|chosen| LANGUAGES.contains(chosen)).unwrap_or("en").to_owned()
    }

    async fn calendar(&self, _: String) -> Result<Option<String>, Unavailable> {
        Ok(None)
    }

    async fn ask(&self, _: Wish) -> Result<Asked, Unavailable> {
        Err(Unavailable)
    }

    async fn token(&self, token: String, how: Use) -> Result<Option<Standing>, Unavailable> {
        let asked = token == TOKEN && how == Use::LookAtConfirm;
        Ok(asked.then(|| Standing::Open { topic: Value::from("Hosted voice"), language: None }))
    }
}

struct Served {
    address: SocketAddr,
    _stop: DropGuard,
}

impl Served {
    async fn start(page: StatusPage) -> Served {
        let templates = Templates::new(vec![]).unwrap();
        let files = page.files(&templates, sample::now()).unwrap();
        let site = Arc::new(Site::default().with(&files, sample::now()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(server::serve(listener, Arc::new(ShowsPages { page, site, templates }), stop.clone()));
        Served { address, _stop: stop.drop_guard() }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }
}

/// All kinds of pages, in this language's folder.
fn pages(language: &str) -> Vec<String> {
    let names =
        ["index.html", "history.html", "incidents/MNI-0007.html", "incidents/MNI-0006.html", "platforms/voice.html"];
    let mut all: Vec<String> = names.iter().map(|name| format!("{language}/{name}")).collect();
    let forms = ["subscribe", "confirm/token-of-a-mail", "unsubscribe/nothing", "no-such-page"];
    all.extend(forms.iter().map(|name| format!("{name}?lang={language}")));
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn axe_finds_nothing_on_any_page_in_light_and_dark() {
    if skip::skipped("axe_finds_nothing_on_any_page_in_light_and_dark", NEEDS) {
        return;
    }
    let (web, quiet) =
        (Served::start(sample::page(&LANGUAGES)).await, Served::start(sample::quiet_page(&["de"])).await);
    let (browser, axe) = (Browser::start().await, axe());
    let mut seen = BTreeSet::new();
    for scheme in ["light", "dark"] {
        browser.colours(scheme).await;
        // The structure is the same in each language, the words are not.
        let urls = pages("en").into_iter().chain(pages("ja")).map(|page| web.url(&page));
        for url in urls.chain([quiet.url("index.html"), quiet.url("platforms/meet.html")]) {
            browser.go(&url).await;
            let faults = browser.faults(&axe).await;
            assert!(faults.is_empty(), "{url} in {scheme}: {faults:#?}");
            // The style applies by the policy of the headers, and no script is there.
            let look = browser
                .script("return [getComputedStyle(document.body).backgroundColor, document.scripts.length]")
                .await;
            seen.insert(look.to_string());
        }
    }
    assert_eq!(seen, ["[\"rgb(18, 22, 28)\",0]", "[\"rgb(246, 247, 249)\",0]"].map(String::from).into());
    // It would find something. (A style in an attribute would not apply: the headers forbid it.)
    let spoil = "const main = document.querySelector('main');
                 main.innerHTML += '<p id=\"spoilt\">hardly seen</p><img src=\"x\">';
                 Object.assign(document.getElementById('spoilt').style, { color: '#777', background: '#666' });";
    browser.script(spoil).await;
    let found = browser.faults(&axe).await.join("\n");
    assert!(found.contains("color-contrast") && found.contains("image-alt"), "{found}");
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_page_has_to_be_moved_sideways_on_the_smallest_screen() {
    if skip::skipped("no_page_has_to_be_moved_sideways_on_the_smallest_screen", NEEDS) {
        return;
    }
    let mut page = sample::page(&LANGUAGES);
    page.incidents[1].title = "Fernsprechvermittlungsanlagenausfallbenachrichtigung".to_owned();
    page.incidents[1].updates[0].text =
        "https://example.com/a-very-long-address/that-nobody-can-break/anywhere?at=all".to_owned();
    let web = Served::start(page).await;
    let browser = Browser::start().await;
    browser.width(320).await;
    for language in LANGUAGES {
        for page in pages(language) {
            browser.go(&web.url(&page)).await;
            let widths = browser.script("return [document.documentElement.scrollWidth, window.innerWidth]").await;
            assert_eq!(widths, json!([320, 320]), "{page}");
        }
    }
    browser.end().await;
}

/// A running desk whose status page is where its mails say.
struct Running<'a> {
    servers: &'a Servers,
    desk: Desk,
    port: u16,
    daemon: desk::Running,
}

impl Running<'_> {
    fn start(servers: &Servers) -> Running<'_> {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let desk = Desk::with(&format!(
            r#"
data = "casepost.db"
policy = "own"
rules = "rules"
[desk]
name = "Test Desk"
address = "support@desk.test"
[[mailbox]]
name = "support"
{imap}
{smtp}
[[staff]]
name = "Frida"
address = "bob@desk.test"
may = ["p1g"]
[web]
listen = "127.0.0.1:{port}"
url = "http://127.0.0.1:{port}"
"#,
            imap = servers.imap_lines(),
            smtp = servers.smtp_section(),
        ));
        desk.write("password", PASSWORD);
        std::fs::create_dir_all(desk.path("rules/own")).unwrap();
        desk.write("rules/own/policy.toml", "extends = \"base\"\n[platforms]\nvoice = \"Hosted voice\"\n");
        let daemon = desk.start(&["run"]);
        let running = Running { servers, desk, port, daemon };
        until("the page is served", || running.get("/").is_some_and(|page| page.contains("Hosted voice")));
        running
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// The body of what is there; nothing when nobody answers, or not with 200.
    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok()?;
        let mut all = String::new();
        stream.read_to_string(&mut all).ok()?;
        let (head, body) = all.split_once("\r\n\r\n")?;
        head.starts_with("HTTP/1.1 200 ").then(|| body.to_owned())
    }

    /// What has reached somebody at `.example`.
    fn mails(&self, address: &str) -> Vec<Vec<u8>> {
        self.servers.outside(0).into_iter().filter(|copy| copy.recipient == address).map(|copy| copy.raw).collect()
    }

    /// Waits for the how many-th mail to them, which has to be the last, and reads it.
    fn mail(&self, address: &str, number: usize) -> (Incoming, String) {
        until(&format!("mail {number} to {address}"), || self.mails(address).len() >= number);
        let mut all = self.mails(address);
        assert_eq!(all.len(), number, "no other mail to {address}");
        let raw = all.remove(number - 1);
        (incoming::read(&raw).unwrap(), String::from_utf8(raw).unwrap().replace("\r\n", "\n"))
    }

    /// The page below this path that a text links.
    fn link(&self, text: &str, path: &str) -> String {
        let begin = self.url(path);
        let found = text.split_whitespace().find(|word| word.starts_with(&begin));
        found.unwrap_or_else(|| panic!("no {begin} in {text}")).to_owned()
    }

    /// Reads all that the open page links for programs: each with what it tells.
    async fn for_programs(&self, browser: &Browser) -> Vec<(String, String)> {
        let all = "return [...document.querySelectorAll('link[rel=alternate][type], a')].map(one => one.href)
                       .filter(href => /\\.(atom|ics|json)$/.test(href))";
        let all: BTreeSet<String> = serde_json::from_value(browser.script(all).await).unwrap();
        let read = |url: String| {
            let path = url.strip_prefix(&self.url("")).expect("a file of the page").to_owned();
            let text = self.get(&format!("/{path}")).unwrap_or_else(|| panic!("no {path}"));
            let told = match path.rsplit_once('.') {
                Some((_, "atom")) => {
                    let feed = text.parse::<Feed>().unwrap();
                    feed.entries.iter().map(|entry| entry.title.value.as_str()).collect::<Vec<_>>().join(", ")
                }
                Some((_, "ics")) => text.parse::<Calendar>().unwrap().get_name().unwrap().to_owned(),
                _ => serde_json::from_str::<Value>(&text).unwrap()["state"].as_str().unwrap().to_owned(),
            };
            (path, told)
        };
        all.into_iter().map(read).collect()
    }
}

/// The page that is open can be read by everybody, in light and dark, on a telephone.
async fn is_fit(browser: &Browser, axe: &str) {
    for scheme in ["light", "dark"] {
        browser.colours(scheme).await;
        let url = browser.client.current_url().await.unwrap();
        let faults = browser.faults(axe).await;
        assert!(faults.is_empty(), "{url} in {scheme}: {faults:#?}");
        let widths = browser.script("return [document.documentElement.scrollWidth, window.innerWidth]").await;
        assert_eq!(widths, json!([390, 390]), "{url}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_subscribes_in_german_is_told_of_an_incident_and_leaves_with_one_click() {
    const NAME: &str = "somebody_subscribes_in_german_is_told_of_an_incident_and_leaves_with_one_click";
    if skip::skipped(NAME, NEEDS) {
        return;
    }
    let Some(servers) = Servers::start(NAME) else { return };
    let web = Running::start(&servers);
    let (browser, axe, ada) = (Browser::start().await, axe(), "ada@books.example");
    browser.width(390).await;

    browser.go(&web.url("")).await;
    is_fit(&browser, &axe).await;
    browser.follow("a[hreflang=de][lang=de]", "html[lang=de]").await;
    assert!(browser.text().await.contains("Alles funktioniert normal"), "{}", browser.text().await);
    browser.follow(".platforms a[href$='voice.html']", ".crumb").await;
    is_fit(&browser, &axe).await;
    browser.follow("a.button", "#topic").await;
    assert_eq!(browser.script("return document.querySelector('#topic').value").await, "platform:voice");
    browser.client.find(Locator::Id("email")).await.unwrap().send_keys(ada).await.unwrap();
    is_fit(&browser, &axe).await;
    browser.send().await;
    assert!(browser.text().await.contains("Bitte sehen Sie in Ihr Postfach."), "{}", browser.text().await);
    is_fit(&browser, &axe).await;

    let (question, _) = web.mail(ada, 1);
    assert_eq!(question.subject, "Bitte bestätigen Sie Ihr Abonnement: Hosted voice");
    browser.go(&web.link(&question.text, "confirm/")).await;
    is_fit(&browser, &axe).await;
    let list = ["subscription", "list", "--json"];
    assert_eq!(web.desk.json(&list)["subscribed"], json!([]), "to look at it changes nothing");
    browser.send().await;
    assert!(browser.text().await.contains("Ihr Abonnement ist bestätigt."));
    is_fit(&browser, &axe).await;
    web.mail(ada, 2);

    let opens = ["mni", "open", "--platform", "voice", "--impact", "No calls.", "--text", "A card failed."];
    web.desk.run(&opens).ok();
    let (opened, raw) = web.mail(ada, 3);
    assert!(opened.text.contains("A card failed."), "{}", opened.text);
    let leave = web.link(&opened.text, "unsubscribe/");
    assert!(header(&raw, "List-Unsubscribe").unwrap().contains(&format!("<{leave}>")), "{raw}");
    browser.go(&web.url("de/index.html")).await;
    browser.reload_until("Es gibt eine offene Störung").await;
    is_fit(&browser, &axe).await;
    let entry = "Störung MNI-0001: Hosted voice: No calls";
    let expected = [("de/feed.atom", entry), ("summary.json", "incident")];
    assert_eq!(web.for_programs(&browser).await, expected.map(|(path, told)| (path.to_owned(), told.to_owned())));
    browser.follow("a[href$='MNI-0001.html']", ".crumb").await;
    is_fit(&browser, &axe).await;
    web.desk.run(&["mni", "update", "MNI-0001", "The new card is here."]).ok();
    browser.reload_until("The new card is here.").await;
    let (updated, _) = web.mail(ada, 4);
    assert!(updated.text.contains("The new card is here."), "{}", updated.text);
    browser.go(&web.url("de/platforms/voice.html")).await;
    let twice = format!("{entry}, {entry}");
    let expected = [("de/platforms/voice.atom", &*twice), ("platforms/voice.ics", "Test Desk – Hosted voice")];
    assert_eq!(web.for_programs(&browser).await, expected.map(|(path, told)| (path.to_owned(), told.to_owned())));

    browser.go(&web.link(&updated.text, "unsubscribe/")).await;
    is_fit(&browser, &axe).await;
    browser.send().await;
    assert!(browser.text().await.contains("Ihr Abonnement ist beendet."), "{}", browser.text().await);
    is_fit(&browser, &axe).await;
    browser.follow(".crumb a", "html[lang=de] .banner").await;
    web.mail(ada, 5);
    // What is sent to somebody else shows that the desk has told all of it.
    let bea = "bea@books.example";
    web.desk.run(&["subscription", "add", bea, "platform:voice", "--confirmed", "on the telephone"]).ok();
    web.desk.run(&["mni", "update", "MNI-0001", "It works again."]).ok();
    until("Bea is told", || web.mails(bea).len() == 2);
    let waiting = ["outbox", "list", "--state", "waiting", "--json"];
    until("nothing waits", || web.desk.json(&waiting) == json!([]));
    assert_eq!(web.mails(ada).len(), 5, "whoever has left is told no more");
    browser.end().await;
    assert_eq!(web.daemon.terminate(), Some(0));
}
