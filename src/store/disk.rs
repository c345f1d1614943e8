//! The disk under the database: how much room is left, and whether the file is still there.

use std::{fs, os::unix::fs::MetadataExt, path::Path};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    pub free_bytes: u64,
    pub total_bytes: u64,
}

impl Space {
    /// Too little to be left alone: less than 500 MB, or than a twentieth of a small disk.
    pub fn is_low(self) -> bool {
        self.free_bytes < (self.total_bytes / 20).min(500_000_000)
    }
}

/// None where the system does not say.
pub fn space(database: &Path) -> Option<Space> {
    let folder = database.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let found = rustix::fs::statvfs(folder).ok()?;
    Some(Space { free_bytes: found.f_bavail * found.f_frsize, total_bytes: found.f_blocks * found.f_frsize })
}

/// A file, whatever its name is: device and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileId(u64, u64);

/// None where there is no file.
pub fn identity(database: &Path) -> Option<FileId> {
    fs::metadata(database).ok().map(|file| FileId(file.dev(), file.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn little_room_is_half_a_gigabyte_or_a_twentieth_of_a_small_disk() {
        let space = |free_bytes, total_bytes| Space { free_bytes, total_bytes };
        assert!(space(499_000_000, 1_000_000_000_000).is_low());
        assert!(!space(501_000_000, 1_000_000_000_000).is_low());
        assert!(space(49_000_000, 1_000_000_000).is_low());
        assert!(!space(51_000_000, 1_000_000_000).is_low());
    }

    #[test]
    fn the_disk_of_a_folder_has_a_size() {
        let folder = tempfile::tempdir().unwrap();
        let space = space(&folder.path().join("casepost.db")).unwrap();
        assert!(space.total_bytes >= space.free_bytes && space.total_bytes > 0, "{space:?}");
    }
}
