//! The writer's thread can't be looked into or ended: what becomes of the daemon when it ends by itself.

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
};

use super::*;
use crate::{
    daemon::intake::tests::office,
    store::{meta, open::open_to_read},
};

/// What a panic leaves behind, and panics once more when it is thrown away: outside of what the writer catches.
struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("once more");
    }
}

async fn kill(writer: &Writer) {
    let dead = writer.run(|_| -> Result<(), StoreError> { std::panic::panic_any(Bomb) }).await;
    assert!(matches!(dead, Err(StoreError::Ended)), "{dead:?}");
}

fn config(folder: &Path) -> Config {
    let text = "[desk]\nname = \"Desk\"\naddress = \"support@desk.test\"\n\
        [[mailbox]]\nname = \"support\"\nmaildir = \"inbox\"\npoll = \"1s\"\n[smtp]\nurl = \"maildir:sent\"\n";
    let path = folder.join("casepost.toml");
    std::fs::write(&path, text).unwrap();
    Config::load(&path).unwrap()
}

fn transport(config: &Config) -> Transport {
    match &config.smtp.outlet {
        SmtpOutlet::Maildir(path) => Transport::maildir(path.clone()),
        SmtpOutlet::Smtp(_) => unreachable!("it is a Maildir"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_writer_ends_all_is_started_anew_with_another() {
    static STARTED: AtomicUsize = AtomicUsize::new(0);
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    meta::give_reference_key(&open(&config.data).unwrap(), [7; 32]).unwrap();
    let mail = "From: ada@books.test\r\nSubject: x\r\nMessage-ID: <1@books.test>\r\n\r\nhi\r\n";
    crate::post::maildir::make(&folder.path().join("inbox")).unwrap();
    std::fs::write(folder.path().join("inbox/new/1"), mail).unwrap();
    let daemon = Daemon {
        config_path: folder.path().join("casepost.toml"),
        office: office(),
        transport,
        writer: |config| {
            let (writer, thread) = start_writer(config)?;
            if STARTED.fetch_add(1, Ordering::SeqCst) == 0 {
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(kill(&writer)));
            }
            Ok((writer, thread))
        },
        screen: None,
        config,
    };
    let database = daemon.config.data.clone();
    let stop = CancellationToken::new();
    let running = tokio::spawn(daemon.run(stop.clone()));
    let taken_in = || {
        let db = open_to_read(&database).unwrap();
        db.query_row("SELECT COUNT(*) FROM cases", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    while taken_in() == 0 {
        assert!(!running.is_finished());
        sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    running.await.unwrap().unwrap();
    assert_eq!(STARTED.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_that_ends_again_and_again_ends_the_daemon_with_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    let daemon = Daemon {
        config_path: folder.path().join("casepost.toml"),
        office: office(),
        transport,
        writer: |config| {
            let (writer, thread) = start_writer(config)?;
            tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(kill(&writer)));
            Ok((writer, thread))
        },
        screen: None,
        config,
    };
    let error = daemon.run(CancellationToken::new()).await.unwrap_err().to_string();
    assert!(error.contains("writer has failed"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_removed_under_the_daemon_ends_it_with_an_error_and_is_not_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(folder.path());
    meta::give_reference_key(&open(&config.data).unwrap(), [7; 32]).unwrap();
    let database = config.data.clone();
    let daemon = Daemon {
        config_path: folder.path().join("casepost.toml"),
        office: office(),
        transport,
        writer: start_writer,
        screen: None,
        config,
    };
    let running = tokio::spawn(daemon.run(CancellationToken::new()));
    let is_watched = || {
        let db = open_to_read(&database).unwrap();
        db.query_row("SELECT COUNT(*) FROM mailbox_health", [], |row| row.get::<_, i64>(0)).unwrap() > 0
    };
    while !is_watched() {
        assert!(!running.is_finished());
        sleep(Duration::from_millis(20)).await;
    }
    std::fs::rename(&database, folder.path().join("elsewhere.db")).unwrap();
    let error = running.await.unwrap().unwrap_err().to_string();
    assert!(error.contains("removed or replaced"), "{error}");
    assert!(!database.exists());
}
