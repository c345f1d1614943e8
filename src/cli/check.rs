//! `casepost check`: one line per thing, ok or what to do, before anything runs.

use std::path::Path;

use clap::Args;

use super::{
    context::{Context, transport},
    exit::SaidAlready,
    paint::{Ink, Paint},
    simulate::{self, Policies},
};
use crate::{
    config::{Config, MailboxConfig, exposure},
    daemon::{mailbox::try_to_open, office},
    desk::{policy::Policy, priority::Priority, service_desk::ServiceDesk, sla::PromiseKind},
    store::{meta, open, organisations},
};

#[derive(Debug, Args)]
#[command(
    after_help = "Reads the configuration, the policy and the templates (each rendered with full sample data), plays the \
    policy's scenarios, opens \
    the database, and logs in to every mailbox and to the mail server. Sends nothing and changes no mail. Exit code 1 \
    when anything is not ok."
)]
pub struct Check {
    /// Do not connect to any server
    #[arg(long)]
    pub offline: bool,
}

pub fn run(context: &Context, command: &Check) -> anyhow::Result<()> {
    let mut report = Report { paint: Paint::stdout(), bad: 0 };
    let config = match Config::load(context.config_path()) {
        Ok(config) => config,
        Err(why) => {
            report.bad("configuration", &why.to_string());
            return Err(SaidAlready.into());
        }
    };
    report.ok("configuration", &context.config_path().display().to_string());
    for warning in config.warnings() {
        report.warn("configuration", &warning);
    }
    let desk = office::service_desk(&config);
    match &desk {
        Ok(desk) => {
            report.ok("policy", &format!("{}, zone {}", desk.policy.name, desk.policy.zone));
            match desk.policy.cues.check_examples() {
                Ok(()) => report.ok("cues", &format!("{} cues, and all their examples hold", desk.policy.cues.count())),
                Err(why) => report.bad("cues", &why.to_string()),
            }
            duty_to_tell(&mut report, &desk.policy);
            templates(&mut report, &config, &desk.policy);
            scenarios(&mut report, &config);
        }
        Err(why) => report.bad("policy", &why.to_string()),
    }
    match office::keyring(&config.desk.key_file) {
        Ok(_) => key_file(&mut report, &config.desk.key_file),
        Err(why) => report.bad("signing key", &why.to_string()),
    }
    database(&mut report, &config.data);
    if let Ok(desk) = &desk {
        arrangements(&mut report, &config.data, desk);
    }
    for mailbox in config.mailboxes.iter().filter(|m| m.authserv_id.is_none()) {
        report.warn(
            &format!("mailbox {}", mailbox.name),
            "no authserv_id: forged senders are not recognised; name the server whose Authentication-Results count",
        );
    }
    if !config.mailboxes.iter().any(|m| m.reads(&config.desk.address)) {
        report.warn("desk", &format!("no mailbox reads {}: answers and bounces to it are lost", config.desk.address));
    }
    if !command.offline {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(servers(&mut report, &config));
    }
    if report.bad == 0 { Ok(()) } else { Err(SaidAlready.into()) }
}

/// Whoever runs a major network incident is held to its updates by the policy alone.
fn duty_to_tell(report: &mut Report, policy: &Policy) {
    if policy.service_levels.terms(None).promised(PromiseKind::Update, Priority::P1G).is_none() {
        report.warn(
            "policy",
            "[update] has no P1G: during a major network incident customers are promised no next update, its manager is \
             reminded of none, and nobody hears of one that was missed; set a time, such as P1G = \"1h\"",
        );
    }
}

/// Plays the policy's stories. A policy without any has never been tried.
fn scenarios(report: &mut Report, config: &Config) {
    let found = match simulate::of_policy(&simulate::place(config)) {
        Ok(found) => found,
        Err(why) => return report.bad("scenarios", &format!("{why:#}")),
    };
    if found.is_empty() {
        let why = format!(
            "the policy \"{0}\" has none: tell in rules/{0}/scenarios/NAME.toml what it is to do (`casepost simulate --help`)",
            config.policy
        );
        return report.bad("scenarios", &why);
    }
    let stories = found.len();
    let mut policies = Policies::default();
    let mut wrong = 0;
    for found in found {
        let shown = found.shown.clone();
        let why = match policies.play(found) {
            Ok(played) if played.is_as_told() => continue,
            Ok(_) => format!("{shown} does not come out as told: `casepost simulate --quiet` says where"),
            Err(why) => format!("{why:#}"),
        };
        wrong += 1;
        report.bad("scenarios", &why);
    }
    if wrong == 0 {
        report.ok("scenarios", &format!("{stories}, and all come out as told"));
    }
}

fn key_file(report: &mut Report, path: &Path) {
    match exposure::cure(path) {
        None => report.ok("signing key", &path.display().to_string()),
        Some(cure) => report.bad("signing key", &format!("others can read {}: {cure}", path.display())),
    }
}

fn templates(report: &mut Report, config: &Config, policy: &Policy) {
    let templates = match office::templates(config, policy) {
        Err(why) => return report.bad("templates", &why.to_string()),
        Ok(templates) => templates,
    };
    let wrong = templates.check();
    wrong.iter().for_each(|why| report.bad("templates", &why.to_string()));
    if wrong.is_empty() {
        report.ok("templates", "all rendered with full sample data");
    }
    for language in policy.languages.all() {
        let lacking = templates.lacking(language);
        if !lacking.is_empty() {
            let lacking = lacking.join(", ");
            report.warn("templates", &format!("{language}: these mails go out in English: {lacking}"));
        }
    }
}

fn database(report: &mut Report, path: &Path) {
    if !path.exists() {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folder.is_dir() || path.file_name().is_none() {
            return report.bad("database", &format!("{}: there is no such folder: make it", folder.display()));
        }
        return report.ok("database", &format!("{} will be made by the first run", path.display()));
    }
    let state = open::open_to_read(path).and_then(|db| meta::drill(&db));
    match state {
        Ok(None) => report.ok("database", &path.display().to_string()),
        Ok(Some(at)) => report.warn(
            "database",
            &format!("{} is a drill that stands at {}: no daemon runs on it", path.display(), at.to_rfc3339()),
        ),
        Err(why) => report.bad("database", &why.to_string()),
    }
}

/// What is promised to single organisations, the policy has to say.
fn arrangements(report: &mut Report, path: &Path, desk: &ServiceDesk) {
    let Ok(all) = open::open_to_read(path).and_then(|db| organisations::arrangements(&db)) else { return };
    let known: Vec<&str> = desk.policy.service_levels.arrangements().collect();
    for (organisation, name) in all.into_iter().filter(|(_, name)| !known.contains(&name.as_str())) {
        report.bad(
            "directory",
            &format!(
                "{organisation} has the arrangement \"{name}\", but the policy {} has no [arrangements.{name}]",
                desk.policy.name
            ),
        );
    }
}

async fn servers(report: &mut Report, config: &Config) {
    for mailbox in &config.mailboxes {
        let name = format!("mailbox {}", mailbox.name);
        match log_in(mailbox).await {
            Ok(messages) => report.ok(&name, &messages),
            Err(why) => report.bad(&name, &why),
        }
    }
    match transport(config).check().await {
        Ok(()) => report.ok("sending", "the mail server lets the desk in"),
        Err(why) => report.bad("sending", &why.to_string()),
    }
}

async fn log_in(mailbox: &MailboxConfig) -> Result<String, String> {
    let mut source = try_to_open(&mailbox.source).await.map_err(|e| e.to_string())?;
    let state = source.state().await.map_err(|e| e.to_string())?;
    source.close().await;
    Ok(format!("{} mails there", state.messages))
}

struct Report {
    paint: Paint,
    bad: usize,
}

impl Report {
    fn ok(&mut self, what: &str, detail: &str) {
        say!("{}  {what}: {detail}", self.paint.ink(Ink::Green, "ok  "));
    }

    fn warn(&mut self, what: &str, detail: &str) {
        say!("{}  {what}: {detail}", self.paint.ink(Ink::Yellow, "note"));
    }

    fn bad(&mut self, what: &str, detail: &str) {
        self.bad += 1;
        say!("{}  {what}: {detail}", self.paint.ink(Ink::Red, "BAD "));
    }
}
