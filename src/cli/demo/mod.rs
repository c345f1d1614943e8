//! `casepost demo`: four weeks of a desk in a few seconds, on sample mails, with the daemon's own code and a clock of
//! its own. It checks its own story.

mod samples;
mod stage;
mod story;

use std::{
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use tracing::Level;

use super::{
    exit::SaidAlready,
    logging::{self, Format},
    paint::{Ink, Paint},
};
use stage::Stage;

#[derive(Debug, Args)]
#[command(
    after_help = "Writes into a folder: a Maildir with about twenty sample mails, a policy, a configuration, and a \
    database; what the desk sends lands as .eml files in a Maildir beside it. Look around in it afterwards. Without \
    --dir it lies in the system's folder for temporary files, where the next demo replaces it."
)]
pub struct Demo {
    /// Where to write: a new or empty folder
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Without --dir: use a folder that no later demo replaces
    #[arg(long)]
    keep: bool,
}

pub fn run(command: &Demo) -> anyhow::Result<()> {
    logging::start(Level::ERROR, Format::Text);
    let folder = folder(command)?;
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
    say!("{} mails came in, {} went out to customers, {} to staff.", told.mails_in, told.to_customers, told.to_staff);
    closing(&folder, &told.linked_case);
    if told.broken.is_empty() { Ok(()) } else { Err(SaidAlready.into()) }
}

fn folder(command: &Demo) -> anyhow::Result<PathBuf> {
    let folder = match &command.dir {
        Some(folder) => folder.clone(),
        None => temporary(command.keep)?,
    };
    if folder.read_dir().is_ok_and(|mut files| files.next().is_some()) {
        anyhow::bail!("{} is not empty: give --dir a new folder", folder.display());
    }
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&folder)
        .with_context(|| format!("cannot make the folder {}", folder.display()))?;
    folder.canonicalize().with_context(|| format!("cannot find the folder {}", folder.display()))
}

/// A folder among the temporary files. The last demo's is removed, if it surely is one: a real folder of this user's
/// with a demo's configuration in it.
fn temporary(keep: bool) -> anyhow::Result<PathBuf> {
    let me = rustix::process::geteuid().as_raw();
    let last = std::env::temp_dir().join(format!("casepost-demo-{me}"));
    if keep {
        return Ok(last.with_file_name(format!("casepost-demo-{me}-{}", std::process::id())));
    }
    let ours = std::fs::symlink_metadata(&last).is_ok_and(|m| m.is_dir() && m.uid() == me)
        && std::fs::read_to_string(last.join("casepost.toml")).is_ok_and(|text| text == samples::CONFIG);
    if ours {
        std::fs::remove_dir_all(&last).with_context(|| format!("cannot remove the last demo in {}", last.display()))?;
    }
    Ok(last)
}

fn write_files(folder: &Path) -> anyhow::Result<()> {
    super::init::write_secret(&folder.join("casepost.key"), &super::init::new_key()?)?;
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

fn closing(folder: &Path, case: &str) {
    let at = folder.display();
    say!("\nEverything lies in {at}:");
    say!("  inbox/           the mails that came in");
    say!("  sent/new/        the mails that went out, as .eml files: open them in any mail program");
    say!("  casepost.toml    the configuration; rules/northlight/ the policy");
    say!("  casepost.db      the whole desk");
    let program = program();
    say!("\nLook around:");
    say!("  {program} --config {at}/casepost.toml case list");
    say!("  {program} --config {at}/casepost.toml case show {case}");
    say!("  {program} --config {at}/casepost.toml stray list");
    say!("\nGo live:");
    say!("  {program} init      sets a desk up for your mailbox");
    say!("  {program} check     says what is missing");
    say!("  {program} run");
}

/// How this program was called: `casepost`, or the path to it.
fn program() -> String {
    std::env::args().next().unwrap_or_else(|| "casepost".to_owned())
}
