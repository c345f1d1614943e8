//! Who can read a file with a secret, and the command that keeps others out.
//!
//! It is for its owner alone. Root's may also be read by one group: so a service reads its passwords and cannot change
//! them (root:casepost 640). Which group that is root has decided; it isn't second-guessed here.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

/// The command that keeps others out; none when they are, or when there is no such file.
pub fn cure(path: &Path) -> Option<String> {
    let file = fs::metadata(path).ok()?;
    let mode = right_mode(file.uid());
    (file.mode() & 0o077 & !mode != 0).then(|| format!("chmod {mode:o} {}", path.display()))
}

/// What others may do at most.
fn right_mode(owner: u32) -> u32 {
    if owner == 0 { 0o640 } else { 0o600 }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_group_may_read_what_root_owns_and_nobody_may_write_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("imap.password");
        assert_eq!(cure(&path), None, "there is no such file");
        fs::write(&path, "secret").unwrap();
        let owner = fs::metadata(&path).unwrap().uid();
        let cures = |mode| {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            cure(&path).is_some()
        };
        assert_eq!([0o600, 0o400].map(cures), [false, false]);
        assert_eq!([0o604, 0o660, 0o620, 0o644].map(cures), [true, true, true, true]);
        assert_eq!(cures(0o640), owner != 0);
        assert_eq!((right_mode(0), right_mode(1000)), (0o640, 0o600));
    }
}
