//! Mails that somebody made to keep a reader busy are read, or refused with a reason; and what the fuzzers found stays
//! mended.

mod hostile;
#[path = "fuzz/targets/mod.rs"]
mod targets;

use casepost::daemon::{
    office::Office,
    reading::{Bytes, read},
};
use chrono::{DateTime, Utc};

fn read_all(office: &Office, raw: &[u8]) -> Result<usize, String> {
    let bytes = Bytes { raw, size_bytes: raw.len() as u64, truncated: false, received_at: DateTime::<Utc>::UNIX_EPOCH };
    Ok(read(office, bytes, Some("mx"))?.incoming.text.len())
}

#[test]
fn every_mail_that_was_made_to_be_slow_is_read() {
    let office = Office::to_try().expect("an office");
    for mail in hostile::ALL {
        let raw = (mail.of_bytes)(300_000);
        let read = read_all(&office, &raw);
        // A header of thousands of lines is more than any mail has.
        assert!(
            read.as_ref().is_ok() || read.as_ref().is_err_and(|why| why.contains("header")),
            "{}: {read:?}",
            mail.name
        );
    }
}

#[test]
fn what_nests_too_deep_is_refused_with_a_reason() {
    let office = Office::to_try().expect("an office");
    assert!(read_all(&office, &hostile::nested(50)).is_ok());
    assert!(read_all(&office, &hostile::parts_in_parts(100)).is_ok());
    for raw in [hostile::nested(40_000), hostile::parts_in_parts(5_000)] {
        let why = read_all(&office, &raw).expect_err("it could bring the desk down");
        assert!(why.contains("more than"), "{why}");
    }
}

#[test]
fn ten_megabytes_in_one_line_are_read() {
    let office = Office::to_try().expect("an office");
    let raw = (hostile::ALL[0].of_bytes)(10 << 20);
    assert!(read_all(&office, &raw).is_ok_and(|bytes| bytes > 0));
}

#[test]
fn the_fuzzers_targets_hold_for_what_is_known() {
    for mail in hostile::ALL {
        let raw = (mail.of_bytes)(2_000);
        targets::ALL.iter().for_each(|target| target(&raw));
    }
    for known in targets::FOUND {
        targets::ALL.iter().for_each(|target| target(known));
    }
}
