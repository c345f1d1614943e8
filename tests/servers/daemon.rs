//! A daemon that a test has started, known by the file that holds its process id: how it is ended or killed, with all of
//! its processes.
//!
//! The file goes with the processes, lest its number mean somebody else's later.

use std::path::Path;
use std::time::{Duration, Instant};
use std::{fs, thread};

use rustix::process::{Pid, Signal, getpgid, kill_process_group};

/// Ends a daemon and waits until it is gone. Their own stop commands look for that only once a second, and Dovecot's
/// leaves processes behind that serve their clients for up to half a minute. No panic: this runs when a test ends, and
/// would hide why it failed.
pub fn end(pid_file: &Path) {
    let Some(pid) = pid_in(pid_file).filter(|pid| leads_a_group(*pid)) else { return };
    for signal in [Signal::TERM, Signal::KILL] {
        let _ = kill_process_group(pid, signal);
        if are_gone(pid) {
            break;
        }
    }
    let _ = fs::remove_file(pid_file);
}

/// Kills a daemon, as happens to a machine that loses its power.
pub fn kill(pid_file: &Path) {
    let pid = pid_in(pid_file).unwrap_or_else(|| panic!("no process id in {}", pid_file.display()));
    assert!(leads_a_group(pid), "{pid:?} is no daemon's");
    kill_process_group(pid, Signal::KILL).expect("kill the daemon");
    assert!(are_gone(pid), "{pid:?} survives SIGKILL");
    fs::remove_file(pid_file).expect("remove the file with its process id");
}

fn pid_in(pid_file: &Path) -> Option<Pid> {
    fs::read_to_string(pid_file).ok().and_then(|text| text.trim().parse().ok()).and_then(Pid::from_raw)
}

/// Both servers do. Of a process that does not, the group would be the test's.
fn leads_a_group(pid: Pid) -> bool {
    getpgid(Some(pid)) == Ok(pid)
}

/// Waits until no process of the group is left; false when one stays. Processes that Postfix has just forked take a
/// while to understand that they are to end.
fn are_gone(group: Pid) -> bool {
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(3) {
        if !any_lives(group) {
            return true;
        }
        thread::sleep(Duration::from_millis(10));
    }
    false
}

fn any_lives(group: Pid) -> bool {
    let group = group.as_raw_nonzero().to_string();
    fs::read_dir("/proc").expect("/proc").flatten().any(|process| {
        let stat = fs::read_to_string(process.path().join("stat")).unwrap_or_default();
        // `pid (name) state parent group …`, and a name may hold anything.
        let mut fields = stat.rsplit_once(") ").map(|(_, rest)| rest.split(' ')).into_iter().flatten();
        // A zombie has ended, even if nobody has asked how.
        fields.next().is_some_and(|state| state != "Z") && fields.nth(1) == Some(&group)
    })
}
