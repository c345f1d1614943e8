//! One daemon per database: the second refuses to start and names the first.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{ErrorKind, Read, Seek, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use super::{StoreError, open::refuse_another_owner};

/// Held for the daemon's life; the system releases it however the process ends.
#[derive(Debug)]
pub struct DaemonLock {
    _file: File,
}

/// Whoever only looks whether somebody holds the lock holds it for a moment itself: that is waited for.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(25);

pub fn daemon_lock(database: &Path) -> Result<DaemonLock, StoreError> {
    refuse_another_owner(database)?;
    let path = lock_path(database);
    let unusable = |why: String| StoreError::Unusable { path: database.display().to_string(), why };
    let mut file = OpenOptions::new()
        .create(true)
        .read(true)
        .write(true)
        .truncate(false)
        .open(&path)
        .map_err(|e| unusable(format!("cannot open the lock {}: {e}", path.display())))?;
    match patiently(&file) {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            // Best effort: the number only helps the reader.
            let _ = file.read_to_string(&mut holder);
            return Err(unusable(format!(
                "another casepost (process {}) is running on it; there can be only one",
                holder.trim()
            )));
        }
        Err(TryLockError::Error(e)) => return Err(unusable(format!("cannot lock {}: {e}", path.display()))),
    }
    file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(
        |e| match e.kind() {
            ErrorKind::StorageFull => StoreError::NoRoom { path: path.display().to_string() },
            _ => unusable(format!("cannot write {}: {e}", path.display())),
        },
    )?;
    Ok(DaemonLock { _file: file })
}

fn patiently(file: &File) -> Result<(), TryLockError> {
    for _ in 1..TRIES {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(BETWEEN_TRIES),
            other => return other,
        }
    }
    file.try_lock()
}

/// The process that holds the lock, in its own words; none when nobody does.
pub fn holder(database: &Path) -> Option<String> {
    let mut file = File::open(lock_path(database)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            let mut process = String::new();
            file.read_to_string(&mut process).ok()?;
            Some(process.trim().to_owned())
        }
        _ => None,
    }
}

/// Beside the database itself: by a link's name a second daemon would find another lock.
fn lock_path(database: &Path) -> PathBuf {
    let mut name = database.canonicalize().unwrap_or_else(|_| database.to_owned()).into_os_string();
    name.push(".lock");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_daemon_is_refused_and_told_who_the_first_is() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("casepost.db");
        let first = daemon_lock(&database).unwrap();
        let refusal = daemon_lock(&database).unwrap_err().to_string();
        assert!(refusal.contains(&std::process::id().to_string()), "{refusal}");
        assert_eq!(holder(&database), Some(std::process::id().to_string()));
        let link = folder.path().join("link.db");
        std::fs::write(&database, "").unwrap();
        std::os::unix::fs::symlink(&database, &link).unwrap();
        assert!(daemon_lock(&link).is_err(), "by another name it is the same database");
        drop(first);
        assert_eq!(holder(&database), None);
        assert!(daemon_lock(&database).is_ok());
    }
}
