//! This machine as the one on which the Debian package is tried: claimed for the time of a test, and put back.
//!
//! ```ignore
//! let machine = Machine::claim();
//! let package = machine.build();
//! ```
//!
//! A test installs, purges and deletes, so nothing is touched where there is anything of Casepost's already: that may be
//! a real desk.

use std::{
    env,
    fs::{self, File},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

/// All that the package makes, and all that may be a real desk's.
const PLACES: [&str; 4] =
    ["/etc/casepost", "/var/lib/casepost", "/usr/bin/casepost", "/etc/systemd/system/casepost.service"];

pub struct Machine {
    folder: TempDir,
    /// Two work trees are not tested at the same time.
    _claim: File,
}

impl Machine {
    #[track_caller]
    pub fn claim() -> Machine {
        let me = fs::metadata("/proc/self").map(|process| process.uid());
        let usable = matches!(me, Ok(0)) && Path::new("/etc/debian_version").exists();
        assert!(
            usable,
            "the package is installed by this test, which needs root and Debian; \
             CASEPOST_TEST_SERVERS=skip leaves such tests out"
        );
        let claim = File::create("/run/casepost-package-test.lock").expect("make the lock");
        claim.lock().expect("wait until no other package test runs");
        if let Some(found) = of_a_desk() {
            panic!(
                "this machine has {found}, perhaps a real desk's, and this test would remove it: nothing was touched. \
                 If an earlier test was killed and left it: dpkg --purge casepost; deluser --system casepost; \
                 rm -r /etc/casepost /var/lib/casepost"
            );
        }
        Machine { folder: tempfile::tempdir().expect("a temporary folder"), _claim: claim }
    }

    /// Makes the package from the binary under test, and gives its path.
    #[track_caller]
    pub fn build(&self) -> PathBuf {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/debian/build");
        let into = self.folder.path().display().to_string();
        run(script, &["--into", &into, "--binary", env!("CARGO_BIN_EXE_casepost")]);
        let packages: Vec<PathBuf> =
            fs::read_dir(&into).expect("read the folder").map(|entry| entry.expect("a package").path()).collect();
        assert_eq!(packages.len(), 1, "{packages:?}");
        packages[0].clone()
    }

    /// Gives what dpkg and the package say meanwhile.
    #[track_caller]
    pub fn install(&self, package: &Path) -> String {
        // Machine images often leave out manuals and documents.
        let all = ["--path-include=/usr/share/man/*", "--path-include=/usr/share/doc/*"];
        run("dpkg", &[all[0], all[1], "--install", &package.display().to_string()])
    }

    #[track_caller]
    pub fn remove(&self) -> String {
        run("dpkg", &["--remove", "casepost"])
    }

    #[track_caller]
    pub fn purge(&self) -> String {
        run("dpkg", &["--purge", "casepost"])
    }

    /// As the service's user. Gives whether it ended well, and what it said.
    pub fn as_service(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = Command::new("runuser");
        command.args(["-u", "casepost", "--"]).args(arguments).current_dir("/").env_remove("CASEPOST_CONFIG");
        finish(command)
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Whatever a failed test has left; no failure here, which would hide that one.
        let clean = "dpkg --purge casepost; deluser --quiet --system casepost; rm -rf /etc/casepost /var/lib/casepost";
        let _ = Command::new("sh").args(["-c", clean]).output();
    }
}

fn of_a_desk() -> Option<String> {
    let said = |program: &str, arguments: &[&str]| Command::new(program).args(arguments).output().expect("look around");
    let package = said("dpkg-query", &["--show", "--showformat", "${db:Status-Status}", "casepost"]);
    if package.status.success() && package.stdout != b"not-installed" {
        return Some(format!("the package casepost ({})", String::from_utf8_lossy(&package.stdout)));
    }
    if said("getent", &["passwd", "casepost"]).status.success() {
        return Some("a user casepost".to_owned());
    }
    PLACES.into_iter().find(|place| fs::symlink_metadata(place).is_ok()).map(str::to_owned)
}

/// Runs a program to its end and gives what it said; fails with that if it failed.
#[track_caller]
pub fn run(program: &str, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(arguments);
    let (well, said) = finish(command);
    assert!(well, "{program} {}: {said}", arguments.join(" "));
    said
}

fn finish(mut command: Command) -> (bool, String) {
    // Also where root's PATH is a user's one.
    let path = format!("{}:/usr/sbin:/sbin", env::var("PATH").unwrap_or_default());
    command.env("PATH", path).env("LC_ALL", "C.UTF-8").env("DEBIAN_FRONTEND", "noninteractive");
    let done = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}; `tests/run` installs what it needs"));
    let said = [done.stdout, done.stderr].map(|out| String::from_utf8_lossy(&out).into_owned()).concat();
    (done.status.success(), said)
}

/// `root:casepost 2750`
#[track_caller]
pub fn owner_and_mode(path: &str) -> String {
    let file = fs::metadata(path).unwrap_or_else(|e| panic!("{path}: {e}"));
    let name = |database: &str, id: u32| {
        run("getent", &[database, &id.to_string()]).split(':').next().unwrap_or_default().to_owned()
    };
    format!("{}:{} {:o}", name("passwd", file.uid()), name("group", file.gid()), file.permissions().mode() & 0o7777)
}
