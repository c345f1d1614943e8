//! How fast mail is read: all that is done with a mail before the database's turn.
//!
//! `cargo bench --bench reading -- FOLDER…` reads every file below these folders; then, with or without folders, mails
//! that were made to keep a reader busy, of one megabyte and of two: a reader that is linear takes twice as long.

#[path = "../hostile/mod.rs"]
mod hostile;

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use casepost::daemon::{
    office::Office,
    reading::{Bytes, read},
};
use chrono::{DateTime, Utc};

const MEGABYTE: usize = 1 << 20;

fn main() {
    let office = Office::to_try().expect("the built-in policy and templates");
    let folders: Vec<PathBuf> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).map(PathBuf::from).collect();
    if !folders.is_empty() {
        kept(&office, &folders);
    }
    println!("{:34} {:>9} {:>9} {:>6}", "made to be slow", "1 MB", "2 MB", "ratio");
    for mail in hostile::ALL {
        let [one, two] = [1, 2].map(|n| best(&office, &(mail.of_bytes)(n * MEGABYTE)));
        let ratio = two.as_secs_f64() / one.as_secs_f64();
        println!("{:34} {:6.1} ms {:6.1} ms {ratio:6.2}", mail.name, millis(one), millis(two));
    }
    for (name, mail) in
        [("messages in messages, 100", hostile::nested(100)), ("parts in parts, 200", hostile::parts_in_parts(200))]
    {
        println!("{name:34} {:6.1} ms", millis(best(&office, &mail)));
    }
}

fn kept(office: &Office, folders: &[PathBuf]) {
    let mut files = Vec::new();
    folders.iter().for_each(|folder| below(folder, &mut files));
    let mails: Vec<(PathBuf, Vec<u8>)> =
        files.into_iter().filter_map(|path| fs::read(&path).ok().map(|raw| (path, raw))).collect();
    let bytes: usize = mails.iter().map(|(_, raw)| raw.len()).sum();
    // The first round compiles what is compiled once.
    let mut times = Vec::new();
    for _ in 0..2 {
        times = mails.iter().map(|(path, raw)| (once(office, raw), path, raw.len())).collect();
    }
    let whole: Duration = times.iter().map(|(time, ..)| *time).sum();
    let seconds = whole.as_secs_f64();
    println!(
        "{} mails, {:.1} MB in {seconds:.2} s: {:.0} mails/s, {:.0} MB/s",
        mails.len(),
        bytes as f64 / 1e6,
        mails.len() as f64 / seconds,
        bytes as f64 / 1e6 / seconds
    );
    times.sort();
    for (time, path, size) in times.iter().rev().take(5) {
        println!("  {:6.1} ms  {:7} bytes  {}", millis(*time), size, path.display());
    }
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return files.push(folder.to_owned()) };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() { below(&path, files) } else { files.push(path) }
    }
}

/// The best of a few: what else runs on the machine only adds.
fn best(office: &Office, raw: &[u8]) -> Duration {
    (0..5).map(|_| once(office, raw)).min().unwrap_or_default()
}

fn once(office: &Office, raw: &[u8]) -> Duration {
    let bytes = Bytes { raw, size_bytes: raw.len() as u64, truncated: false, received_at: DateTime::<Utc>::UNIX_EPOCH };
    let began = Instant::now();
    let read = read(office, bytes, None);
    let took = began.elapsed();
    std::hint::black_box(read.is_ok());
    took
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
