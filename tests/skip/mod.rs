//! Leaving out tests for which a machine may lack something: `mod skip;`.
//!
//! ```ignore
//! if skip::skipped("a_mail_becomes_a_case", "Dovecot and Postfix") { return }
//! ```

use std::{
    env,
    fs::OpenOptions,
    io::{Write, stderr},
};

/// Whether this test is left out: `CASEPOST_TEST_SERVERS=skip` does it, and it is said what the test would need. Never
/// where `CI` is set.
pub fn skipped(name: &str, needs: &str) -> bool {
    if env::var_os("CASEPOST_TEST_SERVERS").is_none_or(|wish| wish != "skip") {
        return false;
    }
    assert!(
        env::var_os("CI").is_none(),
        "CASEPOST_TEST_SERVERS=skip is refused where CI is set: {name} must run there"
    );
    // Not `eprintln!`, which the test harness swallows for tests that pass.
    let notice = format!("skipped: needs {needs}: {name}\n");
    stderr().write_all(notice.as_bytes()).expect("write to stderr");
    if let Some(list) = env::var_os("CASEPOST_TEST_SKIPPED") {
        let mut list = OpenOptions::new().append(true).create(true).open(list).expect("open the list of the skipped");
        list.write_all(notice.as_bytes()).expect("write the list of the skipped");
    }
    true
}
