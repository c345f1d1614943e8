//! Writes the status page into a folder, for any web server.
//!
//! Each file is written under another name and renamed, so nobody ever reads half of one; a page is written after those
//! that it leads to, and what is gone is removed last. A file that is as it should be is left untouched. A list in the folder
//! (`.casepost-files`) names the files that are the page's own: no other one is ever overwritten or removed. The list names a new
//! file before it is there, so that one who is stopped halfway leaves nothing that the next does not know.

use std::{
    collections::BTreeSet,
    fs::{self, File, Permissions},
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::desk::status_page::PublicFile;

/// Names the files of the page, one a line.
const LIST: &str = ".casepost-files";
/// Held by whoever writes. A file of its own, since the list is replaced.
const LOCK: &str = ".casepost-lock";
const NEW: &str = ".casepost-new";
/// Everybody may read what is public, whatever the desk's files are.
const FILE_MODE: u32 = 0o644;
const FOLDER_MODE: u32 = 0o755;

#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    #[error("cannot write {path}: {why}")]
    Write { path: String, why: io::Error },
    #[error("{path} is there already, and is none of the status page's files: name a folder of its own")]
    Foreign { path: String },
    #[error(
        "{path} holds files that are not the status page's: name a folder of its own, an empty one or one that is not there yet"
    )]
    ForeignFolder { path: String },
}

impl FolderError {
    /// Room may come by itself, rights never do.
    pub fn passes(&self) -> bool {
        match self {
            FolderError::Write { why, .. } => {
                matches!(why.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            }
            FolderError::Foreign { .. } | FolderError::ForeignFolder { .. } => false,
        }
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    pub written: usize,
    pub removed: usize,
    pub unchanged: usize,
}

/// Brings the folder to hold these files; makes it when it is not there. One that holds others' files, and never held the
/// page's, is refused.
pub fn write(folder: &Path, files: &[PublicFile]) -> Result<Written, FolderError> {
    write_with(folder, files, &mut |file, bytes| file.write_all(bytes))
}

/// Puts bytes into a file that is new.
type Pen<'a> = &'a mut dyn FnMut(&mut File, &[u8]) -> io::Result<()>;

fn write_with(folder: &Path, files: &[PublicFile], pen: Pen<'_>) -> Result<Written, FolderError> {
    make_folder(folder)?;
    let lock_path = folder.join(LOCK);
    // What a crash has left is ours, too: the lock is there before the first file.
    let is_ours = lock_path.exists() || folder.join(LIST).exists();
    if !is_ours && fs::read_dir(folder).map_err(failed(folder))?.next().is_some() {
        return Err(FolderError::ForeignFolder { path: folder.display().to_string() });
    }
    let lock = File::options().create(true).append(true).open(&lock_path).map_err(failed(&lock_path))?;
    lock.lock().map_err(failed(&lock_path))?;
    let known = known(folder, files)?;
    let wanted: BTreeSet<String> = files.iter().map(|file| file.path.clone()).collect();
    if let Some(foreign) = wanted.difference(&known).map(|path| folder.join(path)).find(|path| path.exists()) {
        return Err(FolderError::Foreign { path: foreign.display().to_string() });
    }
    list(folder, &known.union(&wanted).cloned().collect(), pen)?;
    let mut done = Written::default();
    for file in files {
        match put(&folder.join(&file.path), file.text.as_bytes(), pen)? {
            true => done.written += 1,
            false => done.unchanged += 1,
        }
    }
    for gone in known.difference(&wanted) {
        remove(folder, gone)?;
        done.removed += 1;
    }
    list(folder, &wanted, pen)?;
    Ok(done)
}

/// True when it had to be written.
fn put(path: &Path, bytes: &[u8], pen: Pen<'_>) -> Result<bool, FolderError> {
    if holds(path, bytes) {
        return Ok(false);
    }
    let parent = path.parent().unwrap_or(Path::new("."));
    make_folder(parent)?;
    // Whoever holds the lock is alone, so one name is enough, and one that was left behind is overwritten.
    let new = parent.join(NEW);
    let mut write = || -> io::Result<()> {
        let mut file = File::create(&new)?;
        pen(&mut file, bytes)?;
        file.set_permissions(Permissions::from_mode(FILE_MODE))?;
        // Else a loss of power could leave the name without its content.
        file.sync_data()?;
        fs::rename(&new, path)
    };
    write().inspect_err(|_| drop(fs::remove_file(&new))).map_err(failed(path))?;
    Ok(true)
}

fn holds(path: &Path, bytes: &[u8]) -> bool {
    fs::read(path).is_ok_and(|there| there == bytes)
}

fn make_folder(path: &Path) -> Result<(), FolderError> {
    if path.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(path).map_err(failed(path))?;
    fs::set_permissions(path, Permissions::from_mode(FOLDER_MODE)).map_err(failed(path))
}

fn remove(folder: &Path, name: &str) -> Result<(), FolderError> {
    let path = folder.join(name);
    match fs::remove_file(&path) {
        Err(why) if why.kind() != io::ErrorKind::NotFound => return Err(failed(&path)(why)),
        _ => {}
    }
    // Of a language that is no more; one that holds something else stays.
    for above in Path::new(name).ancestors().skip(1).filter(|above| *above != Path::new("")) {
        let _ = fs::remove_dir(folder.join(above));
    }
    Ok(())
}

/// The files that are the page's own: those of the list, and those that hold just what the page would write.
///
/// A list that was cut (as versions before this one left it on a full disk) names too few: then what the page writes
/// is taken for its own. An empty one was also left by whoever refused a folder of somebody else, so it
/// counts as cut only beside a file that the page must have written.
fn known(folder: &Path, files: &[PublicFile]) -> Result<BTreeSet<String>, FolderError> {
    let path = folder.join(LIST);
    let text = match fs::read_to_string(&path) {
        Err(why) if why.kind() == io::ErrorKind::NotFound => None,
        read => Some(read.map_err(failed(&path))?),
    };
    let same = files.iter().filter(|file| holds(&folder.join(&file.path), file.text.as_bytes()));
    let mut known: BTreeSet<String> = same.map(|file| file.path.clone()).collect();
    let Some(text) = text else { return Ok(known) };
    let is_cut = if text.is_empty() { !known.is_empty() } else { !text.ends_with('\n') };
    if is_cut {
        known.extend(files.iter().map(|file| file.path.clone()));
    }
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    known.extend(whole.lines().filter(|line| is_ours(line)).map(str::to_owned));
    Ok(known)
}

/// Only names that the page could have: the list is a file that others could have written.
fn is_ours(line: &str) -> bool {
    line.split('/').all(|part| !part.is_empty() && !part.starts_with('.'))
}

/// It stands on the disk before what it names does, and the earlier one until then.
fn list(folder: &Path, names: &BTreeSet<String>, pen: Pen<'_>) -> Result<(), FolderError> {
    let text: String = names.iter().map(|name| format!("{name}\n")).collect();
    if put(&folder.join(LIST), text.as_bytes(), pen)? {
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))?;
    }
    Ok(())
}

fn failed(path: &Path) -> impl Fn(io::Error) -> FolderError {
    let path: PathBuf = path.to_owned();
    move |why| FolderError::Write { path: path.display().to_string(), why }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::MetadataExt;

    use super::*;

    fn files(all: &[(&str, &str)]) -> Vec<PublicFile> {
        all.iter().map(|(path, text)| PublicFile { path: (*path).to_owned(), text: (*text).to_owned() }).collect()
    }

    fn there(folder: &Path) -> BTreeSet<String> {
        let mut all = BTreeSet::new();
        let mut left = vec![folder.to_owned()];
        while let Some(next) = left.pop() {
            for entry in fs::read_dir(next).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    left.push(path);
                } else {
                    all.insert(path.strip_prefix(folder).unwrap().display().to_string());
                }
            }
        }
        all
    }

    #[test]
    fn what_is_the_same_is_left_alone_and_what_is_gone_vanishes_with_its_folder() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("public");
        let first = write(&folder, &files(&[("style.css", "a"), ("de/index.html", "b"), ("index.html", "c")])).unwrap();
        assert_eq!(first, Written { written: 3, removed: 0, unchanged: 0 });
        let inode = |name: &str| fs::metadata(folder.join(name)).unwrap().ino();
        let style = inode("style.css");
        fs::write(folder.join("mine.txt"), "not the page's").unwrap();
        let second = write(&folder, &files(&[("style.css", "a"), ("index.html", "d")])).unwrap();
        assert_eq!(second, Written { written: 1, removed: 1, unchanged: 1 });
        assert_eq!(inode("style.css"), style);
        assert_eq!(there(&folder), [LIST, LOCK, "index.html", "mine.txt", "style.css"].map(String::from).into());
        assert!(!folder.join("de").exists());
        assert_eq!(fs::metadata(folder.join("index.html")).unwrap().mode() & 0o777, 0o644);
    }

    #[test]
    fn a_folder_of_somebody_else_is_not_filled() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("letters.txt"), "mine").unwrap();
        let refused = write(folder.path(), &files(&[("index.html", "status")])).unwrap_err();
        assert!(refused.to_string().contains("folder of its own") && !refused.passes(), "{refused}");
        assert_eq!(there(folder.path()), ["letters.txt"].map(String::from).into());
    }

    #[test]
    fn a_file_of_somebody_else_is_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(LIST), "").unwrap();
        fs::write(folder.path().join("index.html"), "my own site").unwrap();
        let refused = write(folder.path(), &files(&[("index.html", "status"), ("style.css", "x")])).unwrap_err();
        assert!(refused.to_string().contains("folder of its own") && !refused.passes(), "{refused}");
        assert_eq!(fs::read_to_string(folder.path().join("index.html")).unwrap(), "my own site");
        assert!(!folder.path().join("style.css").exists());
    }

    #[test]
    fn one_who_was_stopped_halfway_is_followed_by_one_who_ends_it() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &files(&[("index.html", "a")])).unwrap();
        // As it stands when the list is written and one of two new files is.
        fs::write(folder.path().join(LIST), "index.html\nnew.html\nother.html\n").unwrap();
        fs::write(folder.path().join("new.html"), "n").unwrap();
        fs::write(folder.path().join(NEW), "half of").unwrap();
        write(folder.path(), &files(&[("other.html", "o"), ("index.html", "b")])).unwrap();
        assert_eq!(there(folder.path()), [LIST, LOCK, "index.html", "other.html"].map(String::from).into());
    }

    #[test]
    fn a_disk_that_is_full_at_any_step_leaves_a_folder_that_the_next_write_brings_in_order() {
        let before = files(&[("index.html", "a"), ("de/index.html", "b"), ("old/index.html", "o")]);
        let after = files(&[("index.html", "A"), ("ja/index.html", "j"), ("style.css", "s")]);
        let right = [LIST, LOCK, "index.html", "ja/index.html", "style.css"].map(String::from);
        let mut steps = 0;
        for full_at in 0.. {
            let folder = tempfile::tempdir().unwrap();
            write(folder.path(), &before).unwrap();
            let mut at = 0;
            let mut half = |file: &mut File, bytes: &[u8]| {
                at += 1;
                if at <= full_at {
                    return file.write_all(bytes);
                }
                file.write_all(&bytes[..bytes.len() / 2])?;
                Err(io::Error::from(io::ErrorKind::StorageFull))
            };
            let Err(full) = write_with(folder.path(), &after, &mut half) else { break };
            assert!(full.passes(), "{full}");
            // Also when the page has gone on meanwhile.
            let later = files(&[("index.html", "AA"), ("ja/index.html", "jj"), ("style.css", "ss")]);
            write(folder.path(), &later).unwrap();
            assert_eq!(there(folder.path()), right.clone().into(), "full at {full_at}");
            steps += 1;
        }
        assert_eq!(steps, 5, "two lists and three files");
    }

    #[test]
    fn a_list_that_was_cut_heals_but_makes_no_site_of_somebody_else_ours() {
        let all = files(&[("index.html", "a"), ("ja/index.html", "j"), ("style.css", "s")]);
        let newer = files(&[("index.html", "A"), ("ja/index.html", "J"), ("style.css", "s")]);
        for cut in ["", "index.html\nja/ind"] {
            let folder = tempfile::tempdir().unwrap();
            write(folder.path(), &all).unwrap();
            fs::write(folder.path().join(LIST), cut).unwrap();
            write(folder.path(), &newer).unwrap();
            let list = fs::read_to_string(folder.path().join(LIST)).unwrap();
            assert_eq!(list, "index.html\nja/index.html\nstyle.css\n");
        }
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("index.html"), "my own site").unwrap();
        fs::write(folder.path().join(LIST), "").unwrap();
        assert!(matches!(write(folder.path(), &newer), Err(FolderError::Foreign { .. })));
    }

    #[test]
    fn a_list_that_leads_out_of_the_folder_removes_nothing() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("public");
        fs::create_dir(&folder).unwrap();
        fs::write(root.path().join("precious"), "x").unwrap();
        fs::write(folder.join(LIST), "../precious\n/etc/hostname\n").unwrap();
        write(&folder, &files(&[("index.html", "a")])).unwrap();
        assert!(root.path().join("precious").exists());
    }
}
