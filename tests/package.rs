//! The Debian package, from its making to its purge, on this machine.

mod debian;
mod skip;

use std::{fs, path::Path};

use debian::{Machine, owner_and_mode, run};

const CONFIG: &str = "/etc/casepost/casepost.toml";
const EXAMPLE: &str = "/etc/casepost/casepost.toml.example";
const KEY: &str = "/etc/casepost/casepost.key";
const DATABASE: &str = "/var/lib/casepost/casepost.db";
const UNIT: &str = "/usr/lib/systemd/system/casepost.service";

#[test]
fn the_package_serves_a_desk_and_takes_nothing_of_it_away() {
    if skip::skipped("the_package_serves_a_desk_and_takes_nothing_of_it_away", "root on Debian") {
        return;
    }
    let machine = Machine::claim();
    let package = machine.build();
    it_comes_and_goes_without_a_trace_but_its_user(&machine, &package);
    let said = machine.install(&package);
    assert!(said.contains("README.Debian"), "it says what to do next: {said}");
    the_user_and_the_folders_are_right();
    what_an_administrator_looks_for_is_there();
    root_configures_and_the_service_works_and_changes_no_configuration(&machine);
    an_upgrade_keeps_what_was_changed(&machine, &package);
    removal_and_purge_leave_the_desk(&machine);
}

fn it_comes_and_goes_without_a_trace_but_its_user(machine: &Machine, package: &Path) {
    machine.install(package);
    machine.purge();
    for gone in ["/etc/casepost", "/var/lib/casepost", "/usr/bin/casepost", UNIT, "/usr/share/doc/casepost"] {
        assert!(!Path::new(gone).exists(), "{gone} is left");
    }
    assert!(run("getent", &["passwd", "casepost"]).contains("/var/lib/casepost"), "its user stays");
}

fn the_user_and_the_folders_are_right() {
    let user = run("getent", &["passwd", "casepost"]);
    assert!(user.trim().ends_with(":/var/lib/casepost:/usr/sbin/nologin"), "{user}");
    assert_eq!(run("id", &["--groups", "--name", "casepost"]).trim(), "casepost");
    assert_eq!(owner_and_mode("/etc/casepost"), "root:casepost 2750");
    assert_eq!(owner_and_mode("/var/lib/casepost"), "casepost:casepost 700");
    assert_eq!(owner_and_mode("/usr/bin/casepost"), "root:root 755");
}

fn what_an_administrator_looks_for_is_there() {
    assert!(run("/usr/bin/casepost", &["--version"]).contains(env!("CARGO_PKG_VERSION")));
    for page in ["casepost", "casepost-run", "casepost-case-reply"] {
        assert!(run("man", &["--where", page]).contains("/usr/share/man/man1/"), "{page}");
    }
    for file in [
        "/usr/share/bash-completion/completions/casepost",
        "/usr/share/zsh/vendor-completions/_casepost",
        "/usr/share/fish/vendor_completions.d/casepost.fish",
        "/usr/share/doc/casepost/README.Debian",
        "/usr/share/doc/casepost/README.md",
        "/usr/share/doc/casepost/examples/rules/base/policy.toml",
        "/usr/share/doc/casepost/changelog.gz",
        "/usr/share/doc/casepost/changelog.Debian.gz",
        "/usr/share/doc/casepost/copyright",
    ] {
        assert!(Path::new(file).is_file(), "{file}");
    }
    let example = fs::read_to_string(EXAMPLE).expect("the example");
    assert!(example.contains(&format!("data = \"{DATABASE}\"")), "{example}");
    assert!(!Path::new(CONFIG).exists(), "no desk is configured by the installation");
    assert_eq!(run("systemd-analyze", &["verify", UNIT]), "");
    let enabled = "/etc/systemd/system/multi-user.target.wants/casepost.service";
    assert!(fs::symlink_metadata(enabled).is_err(), "it starts when somebody says so");
}

/// As README.Debian tells it, but with Maildirs instead of servers.
fn root_configures_and_the_service_works_and_changes_no_configuration(machine: &Machine) {
    let answers = ["--maildir", "/var/lib/casepost/inbox", "--smtp", "maildir:/var/lib/casepost/sent"];
    let init = [&["--config", CONFIG, "init", "--data", DATABASE, "--address", "support@desk.test"], &answers[..]];
    run("casepost", &init.concat());
    assert_eq!(owner_and_mode(KEY), "root:casepost 640");
    service(machine, &["mkdir", "-p", "/var/lib/casepost/inbox/new", "/var/lib/casepost/inbox/cur"]);
    let said = service(machine, &["casepost", "check", "--offline"]);
    assert!(said.contains(&format!("ok    configuration: {CONFIG}")) && !said.contains("BAD"), "{said}");
    service(machine, &["casepost", "run", "--once"]);
    service(machine, &["casepost", "case", "open", "--requester", "ada@books.test", "--subject", "Line down"]);
    assert_eq!(owner_and_mode(DATABASE), "casepost:casepost 600");
    for attempt in ["touch /etc/casepost/new", "echo >> /etc/casepost/casepost.toml", "rm /etc/casepost/casepost.key"] {
        assert!(!machine.as_service(&["sh", "-c", attempt]).0, "the service could: {attempt}");
    }
}

fn an_upgrade_keeps_what_was_changed(machine: &Machine, package: &Path) {
    for file in [CONFIG, EXAMPLE] {
        let text = fs::read_to_string(file).expect("a configuration");
        fs::write(file, format!("{text}# ours\n")).expect("change the configuration");
    }
    let said = machine.install(package);
    assert!(!said.contains("README.Debian"), "a desk that is configured needs no beginner's word: {said}");
    for file in [CONFIG, EXAMPLE] {
        assert!(fs::read_to_string(file).expect("a configuration").ends_with("# ours\n"), "{file}");
    }
    the_user_and_the_folders_are_right();
    assert!(service(machine, &["casepost", "case", "list"]).contains("Line down"));
}

fn removal_and_purge_leave_the_desk(machine: &Machine) {
    machine.remove();
    assert!(!Path::new("/usr/bin/casepost").exists());
    for kept in [CONFIG, EXAMPLE, KEY, DATABASE] {
        assert!(Path::new(kept).exists(), "{kept} went with the removal");
    }
    let said = machine.purge();
    assert!(!Path::new(EXAMPLE).exists(), "the example is the package's");
    for kept in [CONFIG, KEY, DATABASE] {
        assert!(Path::new(kept).exists(), "{kept} went with the purge");
    }
    for folder in ["/etc/casepost stays", "/var/lib/casepost stays"] {
        assert!(said.contains(folder), "it says what stays: {said}");
    }
    assert_eq!(owner_and_mode(DATABASE), "casepost:casepost 600", "its owner stays, too");
}

#[track_caller]
fn service(machine: &Machine, arguments: &[&str]) -> String {
    let (well, said) = machine.as_service(arguments);
    assert!(well, "{arguments:?}: {said}");
    said
}

#[test]
fn the_service_can_reach_little_of_the_machine() {
    if skip::skipped("the_service_can_reach_little_of_the_machine", "systemd") {
        return;
    }
    // In tenths: 9.6 is a service without any of it, 1.4 was this one when this was written.
    let unit = concat!(env!("CARGO_MANIFEST_DIR"), "/debian/casepost.service");
    run("systemd-analyze", &["security", "--offline=true", "--threshold=20", unit]);
}

#[test]
fn debians_changelog_begins_with_this_version() {
    let changelog = include_str!("../debian/changelog");
    assert!(changelog.starts_with(concat!("casepost (", env!("CARGO_PKG_VERSION"), "-")), "{changelog}");
}
