//! `casepost demo`: four weeks of a desk in a few seconds, on sample mails, with the daemon's own code and a clock of
//! its own. It checks its own story.

mod samples;
mod stage;
mod story;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use tracing::Level;

use super::{
    exit::SaidAlready,
    logging,
    paint::{Ink, Paint},
};
use crate::mail::token::Keyring;
use stage::Stage;

#[derive(Debug, Args)]
#[command(
    after_help = "Writes into a new folder: a Maildir with about twenty sample mails, a policy, a configuration, and \
    a database; what the desk sends lands as .eml files in a Maildir beside it. Look around in it afterwards; it stays \
    when --keep or --dir is given."
)]
pub struct Demo {
    /// Where to write (a new or empty folder); stays afterwards
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Keep the folder
    #[arg(long)]
    keep: bool,
}

pub fn run(command: &Demo) -> anyhow::Result<()> {
    logging::start(Level::ERROR);
    let folder = folder(command)?;
    let keep = command.keep || command.dir.is_some();
    write_files(&folder)?;
    let paint = Paint::stdout();
    say!("{}", paint.ink(Ink::Bold, "Four weeks of Northlight Support, a desk on sample mails"));
    say!("(the daemon's own code, with a clock of its own; nothing leaves this machine)");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let told = runtime.block_on(async {
        let mut stage = Stage::set(&folder, paint)?;
        story::tell(&mut stage).await?;
        anyhow::Ok(stage.end())
    });
    drop(runtime);
    let told = told?;
    say!();
    match told.broken.as_slice() {
        [] => say!(
            "{}",
            paint.ink(Ink::Green, &format!("The story came out as told: {} of {0} checks hold.", told.checks))
        ),
        broken => {
            say!("{}", paint.ink(Ink::Red, &format!("{} of {} checks do not hold:", broken.len(), told.checks)));
            broken.iter().for_each(|what| say!("  - {what}"));
        }
    }
    say!(
        "{} mails came in, {} went out to customers, {} to staff.",
        told.mails_in, told.to_customers, told.to_staff
    );
    closing(&folder, keep, &told.linked_case);
    if !keep {
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    if told.broken.is_empty() { Ok(()) } else { Err(SaidAlready.into()) }
}

fn folder(command: &Demo) -> anyhow::Result<PathBuf> {
    let folder = match &command.dir {
        Some(folder) => folder.clone(),
        None => std::env::temp_dir().join(format!("casepost-demo-{}", std::process::id())),
    };
    if folder.read_dir().is_ok_and(|mut files| files.next().is_some()) {
        anyhow::bail!("{} is not empty: give --dir a new folder", folder.display());
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    folder.canonicalize().with_context(|| format!("cannot find the folder {}", folder.display()))
}

fn write_files(folder: &Path) -> anyhow::Result<()> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|e| anyhow::anyhow!("the system gives no random numbers: {e}"))?;
    super::init::write_secret(&folder.join("casepost.key"), &Keyring::generate("a", random))?;
    let files = [("casepost.toml", samples::CONFIG), ("rules/northlight/policy.toml", samples::POLICY)];
    for (name, text) in files {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).with_context(|| format!("cannot make {}", parent.display()))?;
        }
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

fn closing(folder: &Path, keep: bool, case: &str) {
    if !keep {
        say!("\nTo look around in it afterwards:\n  casepost demo --dir demo");
    } else {
        let at = folder.display();
        say!("\nEverything lies in {at}:");
        say!("  inbox/           the mails that came in");
        say!("  sent/new/        the mails that went out, as .eml files: open them in any mail program");
        say!("  casepost.toml    the configuration; rules/northlight/ the policy");
        say!("  casepost.db      the whole desk");
        say!("\nLook around:");
        say!("  casepost --config {at}/casepost.toml case list");
        say!("  casepost --config {at}/casepost.toml case show {case}");
        say!("  casepost --config {at}/casepost.toml stray list");
    }
    say!(
        "\nGo live:\n  casepost init --help      writes a configuration for your mailbox\n  \
        casepost check            says what is missing\n  casepost run"
    );
}
