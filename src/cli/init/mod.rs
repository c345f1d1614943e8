//! `casepost init`: a commented configuration and the signing key.

mod files;
mod options;

use std::path::Path;

use self::files::NewFile;
use super::context::Context;
use crate::{
    config::{self, InitAnswers},
    mail::token::Keyring,
};

pub use options::Init;

pub fn run(context: &Context, command: &Init) -> anyhow::Result<()> {
    let path = context.config_path();
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
    files::write_all(&[configuration(path, &given)?, NewFile::secret(&key, new_key()?.into())])?;
    say!("wrote {}: read it and fill in what is missing", path.display());
    say!("wrote {}: the key that signs the desk's mail; keep it, and keep it to yourself", key.display());
    say!("next: casepost --config {} check", path.display());
    Ok(())
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
