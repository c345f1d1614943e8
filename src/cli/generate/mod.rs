//! `casepost generate …`: manual pages and shell completions, made from the command line's own definition, so that they
//! never tell of an option that is not there.

mod manual;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use clap_complete::Shell;

#[derive(Debug, Subcommand)]
pub enum GenerateCommand {
    /// Write manual pages: casepost.1, and one for each command
    Man(Man),
    /// Print a shell's completions
    Completions(Completions),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    casepost generate man /usr/local/share/man/man1\n  \
    man casepost-case-reply")]
pub struct Man {
    /// Where to write them; the folder is made when it is not there
    dir: PathBuf,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    casepost generate completions bash > /usr/share/bash-completion/completions/casepost\n  \
    casepost generate completions zsh > /usr/local/share/zsh/site-functions/_casepost\n  \
    casepost generate completions fish > ~/.config/fish/completions/casepost.fish")]
pub struct Completions {
    /// The shell that is to complete
    shell: Shell,
}

/// `program` is the definition of the whole command line.
pub fn run(program: clap::Command, command: &GenerateCommand) -> anyhow::Result<()> {
    match command {
        GenerateCommand::Man(command) => manuals(program, &command.dir),
        GenerateCommand::Completions(command) => completions(program, command.shell),
    }
}

fn manuals(program: clap::Command, dir: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make the folder {}", dir.display()))?;
    let pages = manual::pages(program)?;
    for page in &pages {
        let path = dir.join(&page.file_name);
        std::fs::write(&path, &page.roff).with_context(|| format!("cannot write {}", path.display()))?;
    }
    say!("wrote {} manual pages to {}", pages.len(), dir.display());
    Ok(())
}

fn completions(mut program: clap::Command, shell: Shell) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut program, "casepost", &mut script);
    std::io::Write::write_all(&mut std::io::stdout().lock(), &script)?;
    Ok(())
}
