//! `casepost init` on a real terminal, with a person who answers, before real mail servers.

mod desk;
mod servers;
mod terminal;

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use desk::BINARY;
use servers::{PASSWORD, Servers, authority::Flaw, proxy::Proxy};
use tempfile::TempDir;
use terminal::{CTRL_C, CTRL_D, DOWN, ENTER, Terminal};

const FRIDA: &str = "Frida <frida@desk.test>";

/// Where a desk is to come about.
struct Place(TempDir);

impl Place {
    fn new() -> Place {
        Place(tempfile::tempdir().expect("a temporary folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|why| panic!("{name}: {why}"))
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("write a file");
    }

    fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).expect("the file").permissions().mode() & 0o777
    }

    fn files(&self) -> Vec<String> {
        let all = fs::read_dir(self.0.path()).expect("the folder").flatten();
        let mut names: Vec<String> = all.map(|file| file.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Without a terminal.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(BINARY);
        command.args(arguments).current_dir(self.0.path()).env_remove("CASEPOST_CONFIG").stdin(Stdio::null());
        command.output().expect("start casepost")
    }

    fn init(&self, options: &[&str]) -> Terminal {
        self.init_with(options, &[])
    }

    fn init_with(&self, options: &[&str], environment: &[(&str, &str)]) -> Terminal {
        let arguments: Vec<&str> = ["init"].iter().chain(options).copied().collect();
        Terminal::run(BINARY, &arguments, self.0.path(), environment)
    }

    /// Where the authority of the test's servers is one of the system's.
    fn init_trusting(&self, servers: &Servers, options: &[&str]) -> Terminal {
        self.init_with(options, &[("SSL_CERT_FILE", path(&servers.ca_file))])
    }
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

fn answer_who_it_is(terminal: &mut Terminal) {
    // Ctrl-U takes away what was typed.
    terminal.answer("The desk's name: (Support)", "mistyped\x15Example Support");
    terminal.answer("Its mail address:", "support@desk.test");
}

fn answer_the_rest(terminal: &mut Terminal) {
    terminal.answer("Who is told of new cases?", FRIDA);
    terminal.answer("Who else?", "");
    terminal.answer("Policy:", "");
}

#[test]
fn the_whole_dialogue_ends_in_a_desk_with_which_all_is_well() {
    let Some(servers) = Servers::start("the_whole_dialogue_ends_in_a_desk") else { return };
    for n in 1..=3 {
        servers.append("support", format!("From: alice@customer.test\r\nSubject: {n}\r\n\r\nOld.\r\n"), None);
    }
    let place = Place::new();
    let mut terminal = place.init(&[]);
    answer_who_it_is(&mut terminal);

    terminal.see("Where mail comes from");
    terminal.answer("Server:", &format!("localhost:{}", servers.imaps_port));
    terminal.see("its authority is");
    terminal.answer("> Name the file of the authority", "");
    terminal.answer("The authority's file:", path(&servers.ca_file));
    terminal.see("answers (TLS)");
    terminal.answer("User: (support@desk.test)", "support");
    terminal.answer("> Type it now", "");
    terminal.answer("Password:", "not-the-one");
    terminal.answer("Folder: (INBOX)", "");
    terminal.see("refuses the user or the password");
    terminal.answer("> Give the password again", "");
    terminal.answer("Password:", PASSWORD);
    terminal.see("3 mails in INBOX");
    terminal.answer("Take in the 3 mails", DOWN);

    terminal.see("Where mail goes");
    terminal.answer("Server: (localhost)", &format!("localhost:{}", servers.submission_port));
    terminal.answer("> Name the file of the authority", "");
    terminal.answer(&format!("The authority's file: ({})", path(&servers.ca_file)), "");
    terminal.see("answers (STARTTLS)");
    terminal.answer("> As for the mailbox", "");
    terminal.see("the mail server lets the desk in");

    answer_the_rest(&mut terminal);
    for line in ["wrote imap.password", "wrote casepost.key", "wrote casepost.toml", "3 mails there", "run --once"] {
        terminal.see(line);
    }
    assert_eq!(terminal.end(), Some(0), "{}", terminal.text());

    let text = terminal.text();
    assert!(!text.contains(PASSWORD) && !text.contains("not-the-one") && !text.contains("BAD   mailbox"), "{text}");
    assert!(terminal.echoes());
    assert_eq!(place.files(), ["casepost.key", "casepost.toml", "imap.password"]);
    assert_eq!(place.read("imap.password"), format!("{PASSWORD}\n"));
    assert_eq!([place.mode("imap.password"), place.mode("casepost.key")], [0o600, 0o600]);
    let config = place.read("casepost.toml");
    assert!(!config.contains(PASSWORD), "{config}");
    for line in ["name = \"Example Support\"", "start = \"new\"", "tls = \"starttls\"", "address = \"frida@desk.test\""]
    {
        assert!(config.contains(line), "{line} in {config}");
    }
    let checked = place.run(&["check"]);
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn what_is_wrong_is_said_and_only_that_is_asked_again() {
    let Some(servers) = Servers::start("what_is_wrong_is_said") else { return };
    let flawed = |flaw| Proxy::imap(servers.imap_port).with_tls(&servers.certificate(flaw));
    let (expired, elsewhere) = (flawed(Flaw::Expired), flawed(Flaw::OtherHost));
    let closed = expired.port();
    let place = Place::new();
    let mut terminal = place.init_trusting(&servers, &[]);
    answer_who_it_is(&mut terminal);

    terminal.answer("Server:", "imaps://localhost");
    terminal.see("write a host such as");
    terminal.answer("Server:", &format!("localhost:{closed}"));
    terminal.see("it has expired");
    terminal.see("> Try again");
    terminal.answer("Another server", DOWN);
    terminal.answer("Server:", &format!("localhost:{}", elsewhere.port()));
    terminal.see("it is for another name");
    terminal.answer("> Another server", "");
    expired.refuse();
    terminal.answer("Server:", &format!("localhost:{closed}"));
    terminal.see("cannot connect");
    terminal.answer("> Another server", "");
    terminal.answer("Server:", &format!("localhost:{}", servers.imap_port));
    terminal.see("answers (STARTTLS)");

    terminal.answer("User: (support@desk.test)", "nobody");
    terminal.answer("> Type it now", "");
    terminal.answer("Password:", PASSWORD);
    terminal.answer("Folder: (INBOX)", "Elsewhere");
    terminal.see("refuses the user or the password");
    terminal.see("> Give the password again");
    assert!(!terminal.text().contains("in the URL"), "{}", terminal.text());
    terminal.answer("Leave it so", DOWN);
    terminal.answer("User: (nobody)", "support");
    terminal.see("refuses SELECT");
    terminal.answer("> Another folder", "");
    terminal.answer("Folder: (INBOX)", "");
    terminal.see("0 mails in INBOX");

    // An empty mailbox needs no question of what to do with its mail.
    terminal.see("Where mail goes");
    terminal.answer("Server: (localhost)", &format!("localhost:{}", servers.smtps_port));
    terminal.see("answers (TLS)");
    terminal.see("> As for the mailbox");
    terminal.answer("None", DOWN);
    terminal.answer("User: (support@desk.test)", "support");
    terminal.answer("> Type it now", "");
    terminal.answer("Password:", "not-the-one");
    terminal.see("refuses the user or the password");
    terminal.answer("> Give the password again", "");
    terminal.answer("> As for the mailbox", "");
    terminal.see("the mail server lets the desk in");

    terminal.answer("Who is told of new cases?", "Frida");
    terminal.see("Name <address>");
    terminal.press(FRIDA);
    terminal.press(ENTER);
    terminal.answer("Who else?", "");
    terminal.answer("Policy:", DOWN);
    assert_eq!(terminal.end(), Some(0), "{}", terminal.text());
    assert!(!terminal.text().contains(PASSWORD), "{}", terminal.text());
    assert!(place.read("casepost.toml").contains("policy = \"calltower\""));
}

#[test]
fn what_was_given_as_an_option_is_not_asked_and_a_password_of_before_stays() {
    let Some(servers) = Servers::start("what_was_given_as_an_option") else { return };
    let place = Place::new();
    place.write("imap.password", "of another desk\n");
    place.write("mine", PASSWORD);
    let imap = format!("imaps://support@localhost:{}/INBOX", servers.imaps_port);
    let smtp = format!("smtps://support@localhost:{}", servers.smtps_port);
    let smtp_options = ["--smtp", &smtp, "--smtp-password-file", "mine"];
    let options = ["--name", "Desk", "--imap", &imap, "--staff", FRIDA, "--policy", "base"];
    let mut terminal = place.init_trusting(&servers, &[&options[..], &smtp_options].concat());
    terminal.answer("Its mail address:", "support@desk.test");
    terminal.see("answers (TLS)");
    terminal.see("> It is in imap.password already");
    terminal.answer("Type it now; it is kept in imap.password.2", DOWN);
    terminal.answer("Password:", PASSWORD);
    terminal.see("0 mails in INBOX");
    terminal.see("answers (TLS)");
    terminal.see("the mail server lets the desk in");
    assert_eq!(terminal.end(), Some(0), "{}", terminal.text());
    let text = terminal.text();
    for question in
        ["The desk's name", "Server:", "User:", "Folder:", "Which login?", "Who is told", "Policy:", PASSWORD]
    {
        assert!(!text.contains(question), "{question} in {text}");
    }
    assert_eq!(place.read("imap.password"), "of another desk\n");
    assert_eq!(place.read("imap.password.2"), format!("{PASSWORD}\n"));
}

#[test]
fn an_authority_that_was_given_as_an_option_is_used_for_a_server_that_is_asked_for() {
    let Some(servers) = Servers::start("an_authority_that_was_given") else { return };
    let place = Place::new();
    let ca_file = path(&servers.ca_file);
    let mut terminal = place.init(&["--imap-ca-file", ca_file, "--smtp", "maildir:sent", "--policy", "base"]);
    answer_who_it_is(&mut terminal);
    terminal.answer("Server:", &format!("localhost:{}", servers.imaps_port));
    terminal.see("answers (TLS)");
    terminal.see("User:");
    terminal.press(CTRL_C);
    assert_eq!(terminal.end(), Some(130), "{}", terminal.text());
    assert!(!terminal.text().contains("its authority is"), "{}", terminal.text());
}

#[test]
fn a_server_without_encryption_is_used_only_when_the_person_says_so() {
    let Some(servers) = Servers::start("a_server_without_encryption") else { return };
    let proxy = Proxy::imap(servers.imap_port);
    let place = Place::new();
    let mut terminal = place.init(&["--smtp", "maildir:sent", "--staff", FRIDA, "--policy", "base"]);
    answer_who_it_is(&mut terminal);
    terminal.answer("Server:", &format!("127.0.0.1:{}", proxy.port()));
    terminal.see("refuses STARTTLS");
    terminal.see("> Another server");
    terminal.answer("plain text", DOWN);
    terminal.see("answers (no encryption)");
    terminal.answer("User:", "support");
    terminal.see("> Type it now");
    terminal.press(DOWN);
    terminal.answer("> An environment variable", "");
    terminal.answer("Name of the variable:", "DESK_PASSWORD");
    terminal.answer("Folder:", "");
    terminal.see("the environment has no DESK_PASSWORD");
    terminal.press(DOWN);
    terminal.answer("> Try again", DOWN);
    terminal.answer("Take in the mails that are there?", "");
    terminal.see("mend what is BAD");
    assert_eq!(terminal.end(), Some(1), "left so: {}", terminal.text());
    let config = place.read("casepost.toml");
    assert!(config.contains("tls = \"none\"") && config.contains("password_env = \"DESK_PASSWORD\""), "{config}");
}

#[test]
fn ctrl_c_and_the_end_of_input_leave_no_file_and_the_terminal_as_it_was() {
    let Some(servers) = Servers::start("ctrl_c_and_the_end_of_input") else { return };
    let silent = Proxy::imap(servers.imap_port);
    silent.set([servers::fault::Fault::greeting().stall()]);
    let place = Place::new();
    let at_a_question = |terminal: &mut Terminal| terminal.see("Its mail address:");
    let at_a_password = |terminal: &mut Terminal| {
        terminal.answer("Its mail address:", "support@desk.test");
        terminal.answer("Server:", &format!("localhost:{}", servers.imaps_port));
        terminal.answer("User:", "support");
        terminal.answer("> Type it now", "");
        terminal.see("Password:");
    };
    let while_it_waits = |terminal: &mut Terminal| {
        terminal.answer("Its mail address:", "support@desk.test");
        terminal.answer("Server:", &format!("localhost:{}", silent.port()));
        terminal.see("trying localhost");
    };
    let twice = format!("{CTRL_D}{CTRL_D}");
    let places: [&dyn Fn(&mut Terminal); 3] = [&at_a_question, &at_a_password, &while_it_waits];
    for (n, keys) in [(0, CTRL_C), (0, &twice), (1, CTRL_C), (1, CTRL_D), (2, CTRL_C)] {
        let go_there = places[n];
        let mut terminal = place.init_trusting(&servers, &["--name", "Desk"]);
        go_there(&mut terminal);
        terminal.press(keys);
        assert_eq!(terminal.end(), Some(130), "{n}: {}", terminal.text());
        terminal.see("nothing was written");
        assert!(terminal.echoes(), "{n}");
        assert!(place.files().is_empty(), "{n}: {:?}", place.files());
    }
}

#[test]
fn colours_are_shown_unless_no_color_is_set() {
    let place = Place::new();
    let colour = "\x1b[32m";
    for (environment, coloured) in [(&[][..], true), (&[("NO_COLOR", "1")][..], false)] {
        let mut terminal = place.init_with(&[], environment);
        terminal.answer("The desk's name:", "");
        terminal.answer("Its mail address:", "nonsense");
        terminal.see("no mail address");
        terminal.press(CTRL_C);
        assert_eq!(terminal.end(), Some(130));
        assert_eq!(terminal.raw().contains(colour), coloured, "{:?}", terminal.raw());
    }
}

#[test]
fn without_a_terminal_or_with_all_that_matters_nothing_is_asked() {
    let wrote = "wrote casepost.toml: read it and fill in what is missing\n\
        wrote casepost.key: the key that signs the desk's mail; keep it, and keep it to yourself\n";
    let passwords = "put the password into imap.password (mode 600)\nput the password into smtp.password (mode 600)\n";
    let next = "times are told in UTC until a policy says your zone: docs/operating.md, \"Time zone, hours and holidays\"\n\
        next: casepost --config casepost.toml check\n";
    let done = Place::new().run(&["init"]);
    assert_eq!(String::from_utf8_lossy(&done.stdout), [wrote, passwords, next].concat());
    let all = ["--address", "support@localhost", "--maildir", "inbox", "--smtp", "maildir:sent"];
    for (options, passwords) in [(&all[..], ""), (&["--no-input"], passwords)] {
        let place = Place::new();
        let mut terminal = place.init(options);
        assert_eq!(terminal.end(), Some(0), "{}", terminal.text());
        terminal.see("next: casepost --config casepost.toml check");
        assert_eq!(terminal.text().replace('\r', ""), [wrote, passwords, next].concat());
        assert_eq!(place.files(), ["casepost.key", "casepost.toml"]);
    }
}

#[test]
fn nobody_answers_questions_in_vain() {
    let place = Place::new();
    place.write("casepost.key", "older");
    let mut terminal = place.init(&[]);
    assert_eq!(terminal.end(), Some(1), "{}", terminal.text());
    terminal.see("casepost.key exists; it is not overwritten");
    let mut terminal = place.init(&["--config", "nowhere/casepost.toml"]);
    assert_eq!(terminal.end(), Some(1), "{}", terminal.text());
    terminal.see("cannot write into nowhere");
}
