//! New files: all of them or none, and never over one that is there.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use rustix::fs::Access;
use secrecy::{ExposeSecret, SecretString};

pub struct NewFile {
    pub path: PathBuf,
    text: SecretString,
    mode: u32,
}

impl NewFile {
    pub fn public(path: &Path, text: String) -> NewFile {
        NewFile { path: path.to_owned(), text: text.into(), mode: 0o644 }
    }

    /// Only its owner may read it.
    pub fn secret(path: &Path, text: SecretString) -> NewFile {
        NewFile { path: path.to_owned(), text, mode: 0o600 }
    }

    pub fn write(&self) -> anyhow::Result<()> {
        let path = self.path.display();
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(self.mode)
            .open(&self.path)
            .with_context(|| format!("cannot make {path}"))?;
        let written = self.fill(&mut file);
        if written.is_err() {
            remove(&self.path);
        }
        written.with_context(|| format!("cannot write {path}"))
    }

    fn fill(&self, file: &mut File) -> io::Result<()> {
        if gives_files_to_its_group(self.path.parent()) {
            // Said again, since root's umask may have taken it away.
            file.set_permissions(Permissions::from_mode(self.mode | 0o040))?;
        }
        file.write_all(self.text.expose_secret().as_bytes())?;
        file.sync_all()
    }
}

/// Setgid, as /etc/casepost of the Debian package: there root writes what the service's group has to read.
fn gives_files_to_its_group(folder: Option<&Path>) -> bool {
    const SETGID: u32 = 0o2000;
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::metadata(folder).is_ok_and(|folder| folder.mode() & SETGID != 0)
}

pub fn write_all(files: &[NewFile]) -> anyhow::Result<()> {
    for (n, file) in files.iter().enumerate() {
        if let Err(why) = file.write() {
            files[..n].iter().for_each(|written| remove(&written.path));
            return Err(why);
        }
    }
    Ok(())
}

/// Nobody is to answer questions in vain.
pub fn can_be_made_in(folder: &Path) -> anyhow::Result<()> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    rustix::fs::access(folder, Access::WRITE_OK).with_context(|| format!("cannot write into {}", folder.display()))
}

/// Best effort: the error that led here is what matters.
fn remove(path: &Path) {
    let _ = fs::remove_file(path);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_one_file_cannot_be_written_none_is_left_and_what_was_there_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("b"), "older").unwrap();
        let files = ["a", "b", "c"].map(|name| NewFile::public(&path(name), "new".to_owned()));
        let error = format!("{:#}", write_all(&files).unwrap_err());
        assert!(error.contains("cannot make") && error.contains('b'), "{error}");
        assert!(!path("a").exists() && !path("c").exists());
        assert_eq!(fs::read_to_string(path("b")).unwrap(), "older");
    }
}
