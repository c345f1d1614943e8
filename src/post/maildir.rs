//! A Maildir: a source of mail (`new/`, received at the file's time; handled ones go to `cur/` with flag S), and a way
//! out that writes files instead of sending.

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use chrono::{DateTime, Utc};

use super::{After, Body, Fetched, Letter, MailKey, MailboxState, PARTIAL_BYTES, PostError, WAITING, Waiting};

#[derive(Debug)]
pub struct MaildirSource {
    path: PathBuf,
}

/// Makes the three folders of a Maildir where they are missing.
pub fn make(path: &Path) -> Result<(), PostError> {
    for folder in ["new", "cur", "tmp"] {
        let folder = path.join(folder);
        fs::create_dir_all(&folder).map_err(|e| PostError::folder(&folder, &e))?;
    }
    Ok(())
}

impl MaildirSource {
    /// A Maildir that is not there is not made: nobody would learn that its disk is not mounted, or its name mistyped.
    pub fn open(path: &Path) -> Result<MaildirSource, PostError> {
        let new = path.join("new");
        if !new.is_dir() {
            let path = path.display().to_string();
            let why = "there is no Maildir: it has no folder new (mkdir -p new cur tmp makes one)".to_owned();
            return Err(PostError::Folder { path, why });
        }
        make(path)?;
        Ok(MaildirSource { path: path.to_owned() })
    }

    pub fn state(&self) -> Result<MailboxState, PostError> {
        let messages = u32::try_from(self.files()?.len()).unwrap_or(u32::MAX);
        Ok(MailboxState { epoch: 0, next_uid: None, messages })
    }

    /// The oldest first; files of one second by name.
    pub fn waiting(&self) -> Result<Vec<Waiting>, PostError> {
        let mut files = self.files()?;
        files.sort();
        files.truncate(WAITING);
        Ok(files.into_iter().map(|(_, name, size_bytes)| Waiting { key: MailKey::File(name), size_bytes }).collect())
    }

    /// Time, name and size of what is in new/.
    fn files(&self) -> Result<Vec<(DateTime<Utc>, String, u64)>, PostError> {
        let folder = self.path.join("new");
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder).map_err(|e| PostError::folder(&folder, &e))? {
            let entry = entry.map_err(|e| PostError::folder(&folder, &e))?;
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let Ok(data) = entry.metadata() else { continue };
            if data.is_file()
                && let Some(name) = readable(&entry)
            {
                files.push((modified(&data), name, data.len()));
            }
        }
        Ok(files)
    }

    pub fn fetch(&self, batch: &[Waiting], max_size_bytes: u64) -> Result<Vec<Fetched>, PostError> {
        let mut fetched = Vec::new();
        for mail in batch {
            let MailKey::File(name) = &mail.key else { continue };
            let path = self.path.join("new").join(name);
            let file = match File::open(&path) {
                Ok(file) => file,
                // Somebody else has taken it.
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => continue,
                Err(e) => {
                    fetched.push(unreadable(mail, &e));
                    continue;
                }
            };
            fetched.push(match read(&file, mail, max_size_bytes) {
                Ok(mail) => mail,
                Err(e) => unreadable(mail, &e),
            });
        }
        Ok(fetched)
    }

    pub fn finish(&self, keys: &[MailKey], after: &After) -> Result<(), PostError> {
        for key in keys {
            let MailKey::File(name) = key else { continue };
            let from = self.path.join("new").join(name);
            let done = match after {
                After::Delete => fs::remove_file(&from),
                After::Seen => fs::rename(&from, self.path.join("cur").join(seen(name))),
                After::Move(folder) => {
                    let target = self.path.join(folder);
                    make(&target)?;
                    fs::rename(&from, target.join("cur").join(seen(name)))
                }
            };
            match done {
                // Done before, or by somebody else.
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                other => other.map_err(|e| PostError::folder(&from, &e))?,
            }
        }
        Ok(())
    }
}

/// The name of a file in new/. One that is not UTF-8 is given a name that is: by the old one nobody could ask for it.
fn readable(entry: &fs::DirEntry) -> Option<String> {
    let name = match entry.file_name().into_string() {
        Ok(name) => return Some(name),
        Err(name) => name,
    };
    let hex: String = name.as_encoded_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    // What can't be renamed can't be taken in either; it is tried again at each look.
    fs::rename(entry.path(), entry.path().with_file_name(&hex)).is_ok().then_some(hex)
}

/// The name of a seen mail; one that has flags already keeps its unique part.
fn seen(name: &str) -> String {
    format!("{}:2,S", name.split(":2,").next().unwrap_or(name))
}

fn modified(data: &fs::Metadata) -> DateTime<Utc> {
    let at: DateTime<Utc> = data.modified().map_or(DateTime::UNIX_EPOCH, DateTime::from);
    DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at)
}

fn read(file: &File, mail: &Waiting, max_size_bytes: u64) -> std::io::Result<Fetched> {
    let data = file.metadata()?;
    let whole = data.len() <= max_size_bytes;
    let mut raw = Vec::new();
    file.take(if whole { max_size_bytes } else { PARTIAL_BYTES }).read_to_end(&mut raw)?;
    let body = if whole { Body::Whole(raw) } else { Body::Partial(raw) };
    Ok(Fetched { key: mail.key.clone(), size_bytes: data.len(), received_at: modified(&data), body })
}

fn unreadable(mail: &Waiting, why: &std::io::Error) -> Fetched {
    Fetched {
        key: mail.key.clone(),
        size_bytes: mail.size_bytes,
        received_at: DateTime::UNIX_EPOCH,
        body: Body::Unreadable(format!("its file cannot be read: {why}")),
    }
}

/// Writes a letter into a Maildir; the same letter twice is one file.
pub fn deliver(path: &Path, letter: &Letter) -> Result<(), PostError> {
    make(path)?;
    let name: String = letter
        .message_id
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || ".-@_".contains(c) { c } else { '_' })
        .collect();
    let name = format!("{name}.eml");
    let (tmp, new) = (path.join("tmp").join(&name), path.join("new").join(&name));
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&tmp)?;
        // Who gets it stands in no header of the letter itself.
        let on_a_line = |text: &str| text.replace(char::is_control, "");
        let (to, from) = (on_a_line(&letter.recipients.join(", ")), on_a_line(&letter.envelope_from));
        write!(file, "X-Envelope-To: {to}\r\nReturn-Path: <{from}>\r\n")?;
        file.write_all(&letter.bytes)?;
        file.sync_all()?;
        fs::rename(&tmp, &new)
    };
    write().map_err(|e| PostError::folder(&new, &e))
}

#[cfg(test)]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    fn maildir() -> (tempfile::TempDir, MaildirSource) {
        let folder = tempfile::tempdir().unwrap();
        make(folder.path()).unwrap();
        let source = MaildirSource::open(folder.path()).unwrap();
        (folder, source)
    }

    #[test]
    fn a_maildir_that_is_not_there_is_an_error_and_is_not_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inbox");
        let error = MaildirSource::open(&path).unwrap_err().to_string();
        assert!(error.contains("there is no Maildir") && !path.exists(), "{error}");
    }

    fn drop_in(folder: &Path, name: impl AsRef<Path>, text: &str, at: i64) {
        let path = folder.join("new").join(name);
        fs::write(&path, text).unwrap();
        let time = DateTime::from_timestamp(at, 0).unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(time.into()).unwrap();
    }

    #[test]
    fn mails_come_in_the_order_of_their_times_and_leave_new_when_done() {
        let (folder, source) = maildir();
        drop_in(folder.path(), "b", "second", 2000);
        drop_in(folder.path(), "c", "first", 1000);
        drop_in(folder.path(), ".hidden", "no", 1);
        let unreadable = std::ffi::OsStr::from_bytes(b"\xff\xfe");
        drop_in(folder.path(), unreadable, "third", 3000);
        let waiting = source.waiting().unwrap();
        let fetched = source.fetch(&waiting, 1000).unwrap();
        assert_eq!(fetched[0].body, Body::Whole(b"first".to_vec()));
        assert_eq!(fetched[1].received_at.timestamp(), 2000);
        assert_eq!(fetched[2].body, Body::Whole(b"third".to_vec()));
        let keys: Vec<MailKey> = waiting.into_iter().map(|w| w.key).collect();
        source.finish(&keys, &After::Seen).unwrap();
        source.finish(&keys, &After::Seen).unwrap();
        assert!(source.waiting().unwrap().is_empty());
        assert!(folder.path().join("cur/b:2,S").exists());
    }

    #[test]
    fn a_large_mail_comes_as_its_beginning() {
        let (folder, source) = maildir();
        drop_in(folder.path(), "big", &"x".repeat(300_000), 1000);
        let fetched = source.fetch(&source.waiting().unwrap(), 100_000).unwrap();
        assert_eq!(fetched[0].size_bytes, 300_000);
        assert!(matches!(&fetched[0].body, Body::Partial(raw) if raw.len() as u64 == PARTIAL_BYTES));
    }

    #[test]
    fn the_same_letter_twice_is_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let letter = Letter {
            envelope_from: "support@desk.example".to_owned(),
            recipients: vec!["a@b.example".to_owned()],
            message_id: "1-0123456789.x/y@desk.example".to_owned(),
            bytes: b"Subject: x\r\n\r\nb\r\n".to_vec(),
        };
        deliver(folder.path(), &letter).unwrap();
        deliver(folder.path(), &letter).unwrap();
        assert_eq!(fs::read_dir(folder.path().join("new")).unwrap().count(), 1);
    }
}
