//! A real browser for a test: headless Chromium, driven by chromedriver, and axe-core, which finds what keeps people from
//! reading a page: `mod browser;`.

// Each test program uses its part of this.
#![allow(dead_code)]

use std::{
    env, fs,
    io::{BufRead, BufReader},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use axum::http::Method;
use fantoccini::{
    Client, ClientBuilder, Locator,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// For whoever leaves such tests out.
pub const NEEDS: &str = "Chromium and axe-core";

/// chromedriver, and one browser of its.
pub struct Browser {
    pub client: Client,
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
    pub async fn start() -> Browser {
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

    pub async fn end(self) {
        let _ = self.client.clone().close().await;
    }

    pub async fn devtools(&self, command: &'static str, parameters: Value) {
        self.client.issue_cmd(Devtools(command, parameters)).await.unwrap();
    }

    pub async fn colours(&self, scheme: &str) {
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", features).await;
    }

    pub async fn width(&self, width: u32) {
        let screen = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": true });
        self.devtools("Emulation.setDeviceMetricsOverride", screen).await;
    }

    pub async fn go(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    pub async fn script(&self, script: &str) -> Value {
        self.client.execute(script, vec![]).await.unwrap()
    }

    /// What axe-core finds on the page, each in a line.
    pub async fn faults(&self, axe: &str) -> Vec<String> {
        if self.script("return window.axe === undefined").await == true {
            self.script(axe).await;
        }
        let run = "const done = arguments[arguments.length - 1];
                   axe.run(document, { resultTypes: ['violations'] }).then(
                       found => done(found.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + n.html + ' ' + n.failureSummary))),
                       why => done(['axe: ' + why]))";
        let found = self.client.execute_async(run, vec![]).await.unwrap();
        found.as_array().unwrap().iter().map(|line| line.as_str().unwrap().to_owned()).collect()
    }

    pub async fn text(&self) -> String {
        self.client.find(Locator::Css("main")).await.unwrap().text().await.unwrap()
    }

    /// Loads the page again until it says this.
    pub async fn reload_until(&self, words: &str) {
        let began = Instant::now();
        while !self.text().await.contains(words) {
            assert!(began.elapsed() < Duration::from_secs(30), "in vain: {words}: {}", self.text().await);
            self.client.refresh().await.unwrap();
        }
    }

    /// Follows a link to a page that has this.
    pub async fn follow(&self, link: &str, there: &str) {
        self.press(link).await;
        let found = self.client.wait().for_element(Locator::Css(there)).await;
        found.unwrap_or_else(|why| panic!("{link} leads to no page with {there}: {why}"));
    }

    /// Presses the button of a form, and waits for what came of it: a click does not.
    pub async fn send(&self) {
        self.press("button").await;
        self.client.wait().for_element(Locator::Css(".outcome")).await.expect("an outcome");
    }

    pub async fn press(&self, selector: &str) {
        self.client.find(Locator::Css(selector)).await.unwrap().click().await.unwrap();
    }
}

/// Where tests/prepare has put it.
pub fn axe() -> String {
    let target =
        env::var_os("CARGO_TARGET_DIR").map_or(Path::new(env!("CARGO_MANIFEST_DIR")).join("target"), PathBuf::from);
    let file = target.join("axe/axe.min.js");
    fs::read_to_string(&file).unwrap_or_else(|why| panic!("{}: {why}; tests/prepare fetches it", file.display()))
}
