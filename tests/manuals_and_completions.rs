//! What `casepost generate` writes, as its readers take it: man, and the shells.

mod skip;

use std::{fs, path::Path, process::Command};

const BINARY: &str = env!("CARGO_BIN_EXE_casepost");

#[test]
fn every_page_is_formatted_without_a_warning() {
    if skip::skipped("every_page_is_formatted_without_a_warning", "man-db") {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let pages = folder.path().join("man1");
    generate(&["man", &pages.display().to_string()]);
    let mut names = Vec::new();
    for page in fs::read_dir(&pages).expect("read the folder").map(|entry| entry.expect("a page").path()) {
        let text = formatted(&page);
        let name = page.file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(text.contains(&name) && text.contains("SYNOPSIS"), "{name}: {text}");
        names.push(name);
    }
    for name in ["casepost", "casepost-run", "casepost-case-reply"] {
        assert!(names.iter().any(|n| n == name), "no page for {name}: {names:?}");
    }
}

/// The page as man shows it.
#[track_caller]
fn formatted(page: &Path) -> String {
    let mut man = Command::new("man");
    man.args(["--warnings", "--local-file"]).arg(page).env("LC_ALL", "C.UTF-8").env("MANWIDTH", "80");
    let done = man.output().unwrap_or_else(|e| panic!("man: {e}; `tests/run` installs man-db on Debian"));
    let complaints = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && complaints.is_empty(), "{}: {complaints}", page.display());
    String::from_utf8_lossy(&done.stdout).into_owned()
}

#[test]
fn bash_completes_commands_options_and_values() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let script = folder.path().join("casepost");
    fs::write(&script, generate(&["completions", "bash"])).expect("write the completions");
    bash(&["-n", &script.display().to_string()]);
    for (words, expected) in [
        (vec!["casepost", "case", "re"], "reply review reopen"),
        (vec!["casepost", "check", "--off"], "--offline"),
        (vec!["casepost", "run", "--log", ""], "error warn info debug"),
        (vec!["casepost", "generate", "completions", "z"], "zsh"),
    ] {
        let (last, before) = (words.len() - 1, words[words.len() - 2]);
        let quoted: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let completed = bash(&[
            "-c",
            &format!(
                "source '{}'; COMP_WORDS=({}); COMP_CWORD={last}; _casepost casepost '{}' '{before}'; \
                 echo \"${{COMPREPLY[*]}}\"",
                script.display(),
                quoted.join(" "),
                words[last],
            ),
        ]);
        assert_eq!(completed.trim(), expected, "{words:?}");
    }
}

#[test]
fn every_shell_has_its_completions() {
    for (shell, sign) in
        [("bash", "complete -F _casepost"), ("zsh", "#compdef casepost"), ("fish", "complete -c casepost")]
    {
        let script = generate(&["completions", shell]);
        assert!(script.contains(sign) && script.contains("quarantine"), "{shell}: {script}");
    }
}

#[track_caller]
fn generate(arguments: &[&str]) -> String {
    let done = Command::new(BINARY).arg("generate").args(arguments).output().expect("start casepost");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("text")
}

#[track_caller]
fn bash(arguments: &[&str]) -> String {
    let done = Command::new("bash").args(arguments).output().expect("start bash");
    let complaints = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && complaints.is_empty(), "{arguments:?}: {complaints}");
    String::from_utf8(done.stdout).expect("text")
}
