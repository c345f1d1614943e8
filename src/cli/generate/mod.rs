//! `casepost generate …`: manual pages and shell completions, made from the command line's own definition, so that they
//! never tell of an option that is not there; and a gallery of the desk's mails.

mod gallery;
mod manual;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, Subcommand};
use clap_complete::Shell;

use super::context::Context;
use crate::{daemon::office, mail::template::Templates};

#[derive(Debug, Subcommand)]
pub enum GenerateCommand {
    /// Write manual pages: casepost.1, and one for each command
    Man(Man),
    /// Print a shell's completions
    Completions(Completions),
    /// Write every mail that the desk may send, in each language, to look at
    Gallery(Gallery),
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

#[derive(Debug, Args)]
#[command(
    long_about = "Write every mail that the desk may send, with sample data, as HTML and as text: each notice in each \
        language, once with all that it may say and once with as little as it may say. index.html in the folder leads to \
        them. With --markdown it is a page for each language instead, with the text of each mail, to put among one's \
        documents.\n\nWith a configuration these are the mails by its policy's templates and those of its own folder; without \
        one, the built-in ones.",
    after_help = "Examples:\n  \
        casepost generate gallery /tmp/mails\n  \
        casepost generate gallery --markdown docs/gallery\n  \
        casepost --config /etc/casepost/casepost.toml generate gallery /tmp/mails"
)]
pub struct Gallery {
    /// Where to write it; the folder is made when it is not there
    dir: PathBuf,
    /// A page of texts for each language, LANGUAGE.md, instead of a file for each mail
    #[arg(long)]
    markdown: bool,
}

/// `program` is the definition of the whole command line.
pub fn run(context: &Context, program: clap::Command, command: &GenerateCommand) -> anyhow::Result<()> {
    match command {
        GenerateCommand::Man(command) => manuals(program, &command.dir),
        GenerateCommand::Completions(command) => completions(program, command.shell),
        GenerateCommand::Gallery(command) => gallery(context, command),
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

fn gallery(context: &Context, command: &Gallery) -> anyhow::Result<()> {
    let templates = if context.has_config() {
        let config = context.config()?;
        office::templates(&config, &office::service_desk(&config)?.policy)?
    } else {
        Templates::new(vec![])?
    };
    let dir = &command.dir;
    if command.markdown {
        let pages = gallery::write_pages(&templates, dir)?;
        say!("wrote {pages} pages to {}", dir.display());
    } else {
        let mails = gallery::write(&templates, dir)?;
        say!("wrote {mails} mails to {}", dir.join("index.html").display());
    }
    Ok(())
}

fn completions(mut program: clap::Command, shell: Shell) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut program, "casepost", &mut script);
    std::io::Write::write_all(&mut std::io::stdout().lock(), &script)?;
    Ok(())
}
