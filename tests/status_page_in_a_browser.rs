//! The status page and its forms in a real browser: headless Chromium, driven by chromedriver, with axe-core on each page.

mod skip;

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use axum::http::Method;
use casepost::{
    desk::status_page::{StatusPage, forms, forms::Form, sample},
    mail::template::Templates,
    web::{Asked, Desk, Standing, Unavailable, Use, Wish, server, site::Site},
};
use fantoccini::{
    Client, ClientBuilder, Locator,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

const NEEDS: &str = "Chromium and axe-core";
const LANGUAGES: [&str; 5] = ["en", "de", "fr", "bg", "ja"];

/// A desk whose only subscriber is whoever asked last: what its mails would carry is one token.
struct OneSubscriber {
    page: StatusPage,
    site: Arc<Site>,
    templates: Templates,
    state: Mutex<&'static str>,
    wishes: Mutex<Vec<Wish>>,
}

const TOKEN: &str = "token-of-a-mail";

impl Desk for OneSubscriber {
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

    async fn ask(&self, wish: Wish) -> Result<Asked, Unavailable> {
        *self.state.lock().unwrap() = "asked";
        self.wishes.lock().unwrap().push(wish);
        Ok(Asked::Taken)
    }

    async fn token(&self, token: String, how: Use) -> Result<Option<Standing>, Unavailable> {
        if token != TOKEN {
            return Ok(None);
        }
        let mut state = self.state.lock().unwrap();
        let (language, topic) = (None, Value::from("Hosted voice"));
        Ok(Some(match (how, *state) {
            (Use::LookAtConfirm, "asked") | (Use::LookAtLeave, "confirmed") => Standing::Open { topic, language },
            (Use::Confirm, "asked") => {
                *state = "confirmed";
                Standing::Done { language }
            }
            (Use::Leave, "confirmed") => {
                *state = "left";
                Standing::Done { language }
            }
            _ => Standing::Over { language },
        }))
    }
}

struct Served {
    address: SocketAddr,
    desk: Arc<OneSubscriber>,
    _stop: DropGuard,
}

impl Served {
    async fn start(page: StatusPage) -> Served {
        let templates = Templates::new(vec![]).unwrap();
        let files = page.files(&templates, sample::now()).unwrap();
        let site = Arc::new(Site::default().with(&files, sample::now()));
        let (state, wishes) = (Mutex::new("nobody"), Mutex::default());
        let desk = Arc::new(OneSubscriber { page, site, templates, state, wishes });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        tokio::spawn(server::serve(listener, desk.clone(), stop.clone()));
        Served { address, desk, _stop: stop.drop_guard() }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}/{path}", self.address)
    }

    fn state(&self) -> &'static str {
        *self.desk.state.lock().unwrap()
    }
}

/// chromedriver, and one browser of its.
struct Browser {
    client: Client,
    driver: Child,
}

impl Drop for Browser {
    fn drop(&mut self) {
        // With the browser that it has started: a test that failed must leave none behind.
        let group = rustix::process::Pid::from_child(&self.driver);
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        let _ = self.driver.wait();
    }
}

/// What only Chromium's own protocol can do.
#[derive(Debug)]
struct Devtools(&'static str, Value);

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &url::Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.0, "params": self.1 }).to_string()))
    }
}

impl Browser {
    async fn start() -> Browser {
        // Its own group, so that what it starts ends with it.
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .process_group(0)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("start chromedriver: tests/prepare installs it");
        let lines = BufReader::new(driver.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut ports = lines.filter_map(|line| {
            line.split_once("successfully on port ")
                .and_then(|(_, port)| port.trim_end_matches('.').parse::<u16>().ok())
        });
        let port = ports.next().expect("chromedriver says its port");
        // In containers there is no sandbox, and little shared memory.
        let arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"];
        let options = json!({ "args": arguments });
        let capabilities: Capabilities = [("goog:chromeOptions".to_owned(), options)].into_iter().collect();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("start Chromium");
        Browser { client, driver }
    }

    async fn end(self) {
        let _ = self.client.clone().close().await;
    }

    async fn devtools(&self, command: &'static str, parameters: Value) {
        self.client.issue_cmd(Devtools(command, parameters)).await.unwrap();
    }

    async fn colours(&self, scheme: &str) {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    async fn width(&self, width: u32) {
        let screen = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": true });
        self.devtools("Emulation.setDeviceMetricsOverride", screen).await;
    }

    async fn go(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    async fn script(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// What axe-core finds on the page, each in a line.
    async fn faults(&self, axe: &str) -> Vec<String> {
        self.script(axe).await;
        let run = "const done = arguments[arguments.length - 1];
                   axe.run(document, { resultTypes: ['violations'] }).then(
                       found => done(found.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html + ' ' + n.failureSummary))),
                       why => done(['axe: ' + why]))";
        let found = self.client.execute_async(run, vec![]).await.unwrap();
        found.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
    }

    async fn text(&self) -> String {
        self.client.find(Locator::Css("main")).await.unwrap().text().await.unwrap()
    }

    /// Presses the button of a form, and waits for what came of it: a click does not.
    async fn send(&self) {
        self.press("button").await;
        self.client.wait().for_element(Locator::Css(".outcome")).await.expect("an outcome");
    }

    async fn press(&self, selector: &str) {
        self.client.find(Locator::Css(selector)).await.unwrap().click().await.unwrap();
    }
}

/// Where tests/prepare has put it.
fn axe() -> String {
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or(Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let file = target.join("axe/axe.min.js");
    fs::read_to_string(&file).unwrap_or_else(|why| panic!("{}: {why}; tests/prepare fetches it", file.display()))
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
    *web.desk.state.lock().unwrap() = "asked";
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_subscribes_confirms_and_leaves_and_reads_their_own_language() {
    if skip::skipped("somebody_subscribes_confirms_and_leaves_and_reads_their_own_language", NEEDS) {
        return;
    }
    let web = Served::start(sample::page(&LANGUAGES)).await;
    let browser = Browser::start().await;
    browser.go(&web.url("index.html")).await;
    browser.press("a[hreflang=de][lang=de]").await;
    browser.client.wait().for_element(Locator::Css("html[lang=de]")).await.unwrap();
    assert!(browser.text().await.contains("Es gibt eine offene Störung"));
    browser.press(".platforms a[href$='voice.html']").await;
    browser.client.wait().for_element(Locator::Css(".crumb")).await.unwrap();
    browser.press("a.button").await;
    browser.client.wait().for_element(Locator::Id("topic")).await.unwrap();
    let chosen = browser.script("return document.querySelector('#topic').value").await;
    assert_eq!(chosen, "platform:voice");
    let email = browser.client.find(Locator::Id("email")).await.unwrap();
    email.send_keys("ada@customer.test").await.unwrap();
    browser.send().await;
    assert!(browser.text().await.contains("Bitte sehen Sie in Ihr Postfach."), "{}", browser.text().await);
    let wish =
        Wish { email: "ada@customer.test".to_owned(), topic: "platform:voice".to_owned(), language: "de".to_owned() };
    assert_eq!(*web.desk.wishes.lock().unwrap(), [wish]);

    browser.go(&web.url(&format!("confirm/{TOKEN}?lang=de"))).await;
    assert_eq!(web.state(), "asked", "to look at it changes nothing");
    assert!(browser.text().await.contains("Hosted voice"));
    browser.send().await;
    assert_eq!(web.state(), "confirmed");
    assert!(browser.text().await.contains("Ihr Abonnement ist bestätigt."));

    browser.go(&web.url(&format!("unsubscribe/{TOKEN}"))).await;
    assert_eq!(web.state(), "confirmed");
    browser.send().await;
    assert_eq!(web.state(), "left");
    assert!(browser.text().await.contains("Your subscription has ended."));
    browser.press(".crumb a").await;
    browser.client.wait().for_element(Locator::Css(".banner")).await.unwrap();
    assert!(browser.text().await.contains("There is an open incident"));
    browser.end().await;
}
