//! Opening the database: settings, migrations, and who may.

use std::{
    fs,
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
    time::Duration,
};

use include_dir::{Dir, include_dir};
use rusqlite::{Connection, OpenFlags, backup::Backup};
use rusqlite_migration::Migrations;

use super::{StoreError, disk};

static MIGRATIONS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/migrations");

/// How long a writer waits for another one (the daemon and the command line write at the same time).
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Opens the database for writing; makes it when there is none, and brings it to this version's schema.
///
/// Refuses when the file belongs to another system user: what one writes as root the daemon could not open any more.
pub fn open(path: &Path) -> Result<Connection, StoreError> {
    refuse_another_owner(path)?;
    make_private(path).map_err(|e| cannot(path, &e))?;
    let mut db = Connection::open(path).map_err(|e| cannot(path, &e))?;
    refuse_another_programs(&db, path)?;
    settings(&db, path)?;
    let migrations = Migrations::from_directory(&MIGRATIONS).map_err(|e| cannot(path, &e))?;
    migrations.to_latest(&mut db).map_err(|e| match e {
        rusqlite_migration::Error::MigrationDefinition(
            rusqlite_migration::MigrationDefinitionError::DatabaseTooFarAhead,
        ) => StoreError::Unusable {
            path: path.display().to_string(),
            why: "a newer version of casepost has written it; use that version".to_owned(),
        },
        other => cannot(path, &other),
    })?;
    Ok(db)
}

/// A new database that is nowhere but in memory.
pub fn in_memory() -> Result<Connection, StoreError> {
    let path = Path::new(":memory:");
    let mut db = Connection::open_in_memory().map_err(|e| cannot(path, &e))?;
    let migrations = Migrations::from_directory(&MIGRATIONS).map_err(|e| cannot(path, &e))?;
    migrations.to_latest(&mut db).map_err(|e| cannot(path, &e))?;
    Ok(db)
}

/// A database in memory that begins as a copy of this one: many times faster than to make its tables anew.
pub fn in_memory_like(model: &Connection) -> Result<Connection, StoreError> {
    let mut db = Connection::open_in_memory()?;
    Backup::new(model, &mut db)?.step(-1)?;
    db.pragma_update(None, "foreign_keys", true)?;
    db.set_prepared_statement_cache_capacity(200);
    Ok(db)
}

/// Takes everything out of a database in memory, so that it is as new. Its statements stay prepared, which is most of what
/// a new one costs.
pub fn clear(db: &Connection) -> Result<(), StoreError> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid DESC";
    let mut left = db.prepare_cached(sql)?.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
    while !left.is_empty() {
        let mut referred_to = Vec::new();
        let mut why = None;
        for name in &left {
            // To what other tables refer can go only after them.
            if let Err(e) = db.prepare_cached(&format!("DELETE FROM \"{name}\""))?.execute([]) {
                referred_to.push(name.clone());
                why = Some(e);
            }
        }
        if let Some(why) = why.filter(|_| referred_to.len() == left.len()) {
            return Err(why.into());
        }
        left = referred_to;
    }
    Ok(())
}

/// Opens an existing database of this version's schema for a [`rehearsal`].
pub fn open_to_rehearse(path: &Path) -> Result<Connection, StoreError> {
    if fs::metadata(path).is_ok_and(|file| file.len() == 0) {
        let why = "it is empty; `casepost run` makes a database of it".to_owned();
        return Err(StoreError::Unusable { path: path.display().to_string(), why });
    }
    let db = open_to_read(path)?;
    db.pragma_update(None, "query_only", false)?;
    Ok(db)
}

/// Opens an existing database for reading only.
pub fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    if !path.exists() {
        return Err(StoreError::Open {
            path: path.display().to_string(),
            why: "there is no such file yet; `casepost run` or `casepost run --once` makes it".to_owned(),
        });
    }
    // Not READ_ONLY: a WAL that the last writer left behind could not be read then.
    let db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .map_err(|e| cannot(path, &e))?;
    settings(&db, path)?;
    db.pragma_update(None, "query_only", true).map_err(|e| cannot(path, &e))?;
    let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(|e| cannot(path, &e))?;
    refuse_another_programs(&db, path)?;
    if version < MIGRATIONS.dirs().count() as i64 {
        return Err(StoreError::Unusable {
            path: path.display().to_string(),
            why: "an older version of casepost has written it; `casepost run` brings it up to date".to_owned(),
        });
    }
    Ok(db)
}

/// Writes a copy of the whole database, as it is at one moment, into a new file that only its owner can read.
pub fn copy(db: &Connection, to: &Path) -> Result<(), StoreError> {
    let unusable = |why: String| StoreError::Unusable { path: to.display().to_string(), why };
    // SQLite takes an empty file for none.
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(unusable("it is there already, and is not overwritten".to_owned()));
        }
        Err(e) => return Err(unusable(e.to_string())),
        Ok(_) => {}
    }
    let Some(name) = to.to_str() else { return Err(unusable("its name is not UTF-8".to_owned())) };
    // Of this database nothing is changed.
    db.pragma_update(None, "query_only", false)?;
    db.execute("VACUUM INTO ?1", [name])
        .inspect_err(|_| {
            // What was written so far is no copy.
            let _ = fs::remove_file(to);
        })
        .map_err(|e| match StoreError::from(e) {
            why if why.is_disk() => StoreError::NoRoom { path: to.display().to_string() },
            why => unusable(why.to_string()),
        })?;
    Ok(())
}

/// Has tables, and no schema of casepost.
fn refuse_another_programs(db: &Connection, path: &Path) -> Result<(), StoreError> {
    let sql = "SELECT (SELECT user_version FROM pragma_user_version) = 0 AND EXISTS (SELECT 1 FROM sqlite_schema)";
    match db.query_row(sql, [], |row| row.get(0)).map_err(|e| refused(path, &e))? {
        true => Err(StoreError::Unusable {
            path: path.display().to_string(),
            why: "another program has written it: name another file as `data`".to_owned(),
        }),
        false => Ok(()),
    }
}

fn settings(db: &Connection, path: &Path) -> Result<(), StoreError> {
    let set = || -> Result<(), rusqlite::Error> {
        db.busy_timeout(BUSY_TIMEOUT)?;
        // Only takes effect on a new file: raw mails are large, and large pages halve the time to write them.
        db.pragma_update(None, "page_size", 16384)?;
        db.pragma_update(None, "journal_mode", "wal")?;
        db.pragma_update(None, "synchronous", "full")?;
        db.pragma_update(None, "foreign_keys", true)?;
        // Counted in pages of 16 KiB: a checkpoint every 16 MB keeps the longest commit short.
        db.pragma_update(None, "wal_autocheckpoint", 1000)?;
        // A group of jobs has its pages in memory until its commit: what does not fit is written twice. In KiB.
        db.pragma_update(None, "cache_size", -32_768)?;
        // What a savepoint copies goes into memory, not into a file.
        db.pragma_update(None, "temp_store", "memory")?;
        db.set_prepared_statement_cache_capacity(200);
        Ok(())
    };
    set().map_err(|e| refused(path, &e))
}

/// On a full disk not even the log's index can be made, which SQLite calls an I/O error.
fn refused(path: &Path, e: &rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode::{DiskFull, SystemIoFailure};
    let is_full = || disk::space(path).is_some_and(|space| space.free_bytes < 1_000_000);
    match e.sqlite_error_code() {
        Some(DiskFull | SystemIoFailure) if is_full() => StoreError::NoRoom { path: path.display().to_string() },
        _ => cannot(path, e),
    }
}

/// A new database is for its owner alone: it holds the customers' mail. SQLite gives its other files the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    match fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        other => other.map(drop),
    }
}

pub(super) fn refuse_another_owner(path: &Path) -> Result<(), StoreError> {
    let me = rustix::process::geteuid().as_raw();
    let file = match fs::metadata(path) {
        Ok(file) => file,
        // A new database will be whose folder it is, unless root is at work there.
        Err(_) if me == 0 => {
            match fs::metadata(path.parent().filter(|p| *p != Path::new("")).unwrap_or(Path::new("."))) {
                Ok(folder) => folder,
                Err(_) => return Ok(()),
            }
        }
        Err(_) => return Ok(()),
    };
    if file.uid() == me {
        return Ok(());
    }
    Err(StoreError::Unusable {
        path: path.display().to_string(),
        why: format!(
            "it belongs to the system user with id {}, and this is user {me}: run the command as its owner \
             (sudo -u '#{0}' casepost …)",
            file.uid()
        ),
    })
}

fn cannot(path: &Path, why: &dyn std::fmt::Display) -> StoreError {
    StoreError::Open { path: path.display().to_string(), why: why.to_string() }
}

/// Runs `work` in a transaction that is taken back whatever comes out: to see what would be written.
pub fn rehearsal<T, E: From<StoreError>>(
    db: &mut Connection,
    work: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(StoreError::from)?;
    let value = work(&tx)?;
    tx.rollback().map_err(StoreError::from)?;
    Ok(value)
}

/// Runs `work` in one immediate transaction: all of it is written, or nothing.
pub fn transaction<T, E: From<StoreError>>(
    db: &mut Connection,
    work: impl FnOnce(&Connection) -> Result<T, E>,
) -> Result<T, E> {
    // A read transaction that turns into a write would get SQLITE_BUSY without the busy timeout.
    let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(StoreError::from)?;
    let value = work(&tx)?;
    tx.commit().map_err(StoreError::from)?;
    Ok(value)
}
