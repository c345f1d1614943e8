//! `casepost init`: a commented configuration and the signing key. On a terminal it asks for what is not given.

mod dialogue;
mod files;
mod guess;
mod incoming;
mod line;
mod lookup;
mod offer;
mod options;
mod outgoing;
mod probe;
mod providers;
mod remedy;
mod search;
mod secret;
mod server;
mod talk;
mod terminal;

use std::path::Path;

use self::{files::NewFile, talk::Talk, terminal::Terminal};
use super::{
    check::{self, Check},
    context::{CONFIG_HERE, CONFIG_OF_SERVICE, Context},
};
use crate::{
    config::{self, Config, ConfigError, InitAnswers},
    daemon::office,
    desk::policy::built_in_names,
    mail::token::Keyring,
};

pub use options::Init;

pub fn run(context: &Context, command: &Init) -> anyhow::Result<()> {
    let path = context.config_path();
    if path.is_dir() {
        return Err(ConfigError::Folder { path: path.display().to_string() }.into());
    }
    let key = path.with_file_name("casepost.key");
    if path.exists() && !key.exists() {
        write_secret(&key, &new_key()?)?;
        say!("{} exists and stays as it is", path.display());
        say!("wrote {}: the key that signs the desk's mail; keep it, and keep it to yourself", key.display());
        return Ok(());
    }
    for file in [path, &key] {
        anyhow::ensure!(!file.exists(), "{} exists; it is not overwritten", file.display());
    }
    let given = command.answers();
    can_be_meant(&given)?;
    if !command.no_input && !says_all_that_matters(&given) && talk::is_possible() {
        return ask(context, given, &key);
    }
    files::write_all(&[configuration(path, &given)?, NewFile::secret(&key, new_key()?.into())])?;
    say!("wrote {}: read it and fill in what is missing", path.display());
    say!("wrote {}: the key that signs the desk's mail; keep it, and keep it to yourself", key.display());
    let config = Config::load(path)?;
    for file in config.missing_password_files() {
        say!("put the password into {} (mode 600)", file.display());
    }
    say_the_zone(&config);
    say!("next: casepost --config {} check", path.display());
    Ok(())
}

/// What no file has to be written for to see that it is wrong.
fn can_be_meant(given: &InitAnswers) -> anyhow::Result<()> {
    let known = built_in_names();
    if let Some(policy) = given.policy.as_deref().filter(|policy| !known.contains(policy)) {
        anyhow::bail!(
            "--policy {policy}: there is no such policy; built in are {}; one of your own is named in the \
             configuration later",
            known.join(", ")
        );
    }
    Ok(())
}

/// Best effort: what is wrong with the policy is told by `check`.
fn say_the_zone(config: &Config) {
    if office::service_desk(config).is_ok_and(|desk| desk.policy.zone == chrono_tz::UTC) {
        say!(
            "times are told in UTC until a policy says your zone: docs/operating.md, \"Time zone, hours and holidays\""
        );
    }
}

fn says_all_that_matters(given: &InitAnswers) -> bool {
    given.address.is_some() && (given.imap.url.is_some() || given.maildir.is_some()) && given.smtp.url.is_some()
}

fn ask(context: &Context, given: InitAnswers, key: &Path) -> anyhow::Result<()> {
    let path = context.config_path();
    files::can_be_made_in(path.parent().unwrap_or(Path::new("")))?;
    let terminal = Terminal::take()?;
    let talk = Talk::new()?;
    let written = hold(&talk, &terminal, given, path, key);
    talk.end();
    drop(terminal);
    written?;
    let checked = check::run(context, &Check { offline: false });
    say!("");
    say_the_zone(&context.config()?);
    say_what_is_next(path, checked.is_ok());
    checked
}

fn hold(talk: &Talk, terminal: &Terminal, given: InitAnswers, path: &Path, key: &Path) -> anyhow::Result<()> {
    talk.note(&format!(
        "This writes {} and what belongs to it. Enter takes what stands in (brackets); Ctrl-C leaves, with nothing \
         written.",
        path.display()
    ));
    let (answers, mut files) = dialogue::hold(talk, given, path.parent().unwrap_or(Path::new("")))?;
    files.push(NewFile::secret(key, new_key()?.into()));
    files.push(configuration(path, &answers)?);
    terminal.write(|| files::write_all(&files))?;
    talk.heading("Written, and checked");
    files.iter().for_each(|file| talk.ok(&format!("wrote {}", file.path.display())));
    Ok(())
}

fn say_what_is_next(path: &Path, all_is_well: bool) {
    let casepost = match path.to_str() {
        Some(CONFIG_HERE) => "casepost".to_owned(),
        _ => format!("casepost --config {}", path.display()),
    };
    if !all_is_well {
        say!("Next: mend what is BAD in {}, then `{casepost} check`.", path.display());
    } else if path == Path::new(CONFIG_OF_SERVICE) {
        say!("Next: `systemctl enable --now casepost` starts the desk, now and after every boot.");
    } else {
        say!("Next: `{casepost} run --once` takes in what is there, and ends.");
        say!("Then `{casepost} run` is the daemon; as a service: systemctl enable --now casepost");
    }
}

fn configuration(path: &Path, answers: &InitAnswers) -> anyhow::Result<NewFile> {
    Ok(NewFile::public(path, config::default_text(answers)?))
}

/// The text of a new key file.
pub fn new_key() -> anyhow::Result<String> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|e| anyhow::anyhow!("the system gives no random numbers: {e}"))?;
    Ok(Keyring::generate("a", random))
}

/// Writes a new file that only its owner may read.
pub fn write_secret(path: &Path, text: &str) -> anyhow::Result<()> {
    NewFile::secret(path, text.to_owned().into()).write()
}
