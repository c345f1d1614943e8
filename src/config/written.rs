//! The text of a new configuration, commented, with what is known filled in and the rest as examples.

use super::{ConfigError, SecretSource, Start, person::person};
use crate::post::Tls;

/// What `casepost init` was told.
#[derive(Debug, Clone, Default)]
pub struct InitAnswers {
    pub name: Option<String>,
    pub address: Option<String>,
    pub data: Option<String>,
    pub imap: ServerAnswers,
    pub maildir: Option<String>,
    pub start: Option<Start>,
    pub smtp: ServerAnswers,
    /// `Name <address>`; not told is another thing than none
    pub staff: Option<Vec<String>>,
    pub policy: Option<String>,
}

/// What `casepost init` was told of a server.
#[derive(Debug, Clone, Default)]
pub struct ServerAnswers {
    pub url: Option<String>,
    /// of a URL without TLS from the beginning
    pub tls: Option<Tls>,
    pub ca_file: Option<String>,
    pub secret: Option<SecretSource>,
}

/// A configuration that [`Config::load`](super::Config::load) understands.
pub fn default_text(answers: &InitAnswers) -> Result<String, ConfigError> {
    let address = answers.address.as_deref().unwrap_or("support@example.com");
    let domain = address.rsplit('@').next().unwrap_or("example.com");
    let policy = quoted(answers.policy.as_deref().unwrap_or("base"));
    let name = quoted(answers.name.as_deref().unwrap_or("Support"));
    let data = quoted(answers.data.as_deref().unwrap_or("casepost.db"));
    let text = [
        "# The desk's configuration. Paths are relative to this file. `casepost check` says what is missing.\n\n"
            .to_owned(),
        entry(&format!("data = {data}"), "everything: one SQLite file"),
        entry(&format!("policy = {policy}"), "a folder under rules/: base, calltower, or one of your own"),
        entry("answer_within = \"3d\"", "older mail is taken in without automatic answers"),
        entry("# rules = \"my-rules\"", "own policies, laid over the built-in ones"),
        entry("# templates = \"my-templates\"", "own texts, laid over the built-in ones"),
        format!("\n[desk]\nname = {name}\n"),
        entry(&format!("address = {}", quoted(address)), "what the desk writes as; a mailbox below must read it"),
        entry("key_file = \"casepost.key\"", "signs the desk's mail; keep it"),
        mailbox(answers, address, domain),
        smtp(&answers.smtp, address, domain),
        staff(answers.staff.as_deref(), domain)?,
        web(domain),
    ];
    let text = text.concat();
    super::file::understand("the new configuration", &text, std::path::Path::new(""))
        .map_err(|e| ConfigError::Init(format!("with these options no configuration can be written: {}", e.message)))?;
    Ok(text)
}

fn mailbox(answers: &InitAnswers, address: &str, domain: &str) -> String {
    let mut text = "\n[[mailbox]]\nname = \"support\"\n".to_owned();
    text += &entry("# address = \"…\"", "when it is another one than the desk's; aliases = [\"help@…\"]");
    match &answers.maildir {
        Some(maildir) => text += &format!("maildir = {}\n", quoted(maildir)),
        None => {
            let told = &answers.imap;
            let example = || format!("imaps://{}@mail.{domain}/INBOX", address.replace('@', "%40"));
            let url = told.url.clone().unwrap_or_else(example);
            text += &format!("imap = {}\n", quoted(&url));
            text += &tls(&url, "imap://", told.tls);
            text += &secret(told.secret.as_ref(), "imap.password");
            text += &ca_file(told.ca_file.as_deref());
            text += &timeout();
            text += &entry("# after = \"seen\"", "or \"move:Processed\", \"delete\"");
            text += &start(answers.start);
            text += "# poll = \"30s\"\n# max_size = \"25MB\"\n";
        }
    }
    let authserv_id = format!("# authserv_id = \"mail.{domain}\"");
    text + &entry(&authserv_id, "whose Authentication-Results count; without it nothing is checked")
}

fn smtp(told: &ServerAnswers, address: &str, domain: &str) -> String {
    let example = || format!("smtps://{}@mail.{domain}", address.replace('@', "%40"));
    let url = told.url.clone().unwrap_or_else(example);
    let what = "smtp:// with tls = \"starttls\" or \"none\"; maildir:PATH writes files";
    let mut text = "\n[smtp]\n".to_owned() + &entry(&format!("url = {}", quoted(&url)), what);
    text += &tls(&url, "smtp://", told.tls);
    if !url.starts_with("maildir:") {
        if url.contains('@') {
            text += &secret(told.secret.as_ref(), "smtp.password");
        }
        text += &ca_file(told.ca_file.as_deref());
        text += &timeout();
    }
    text + "connections = 4\n"
}

fn web(domain: &str) -> String {
    let mut text = "\n# The status page: docs/status-page.md.\n# [web]\n".to_owned();
    text += &entry("# listen = \"127.0.0.1:8025\"", "behind a web server on this machine");
    text += &entry(&format!("# url = \"https://status.{domain}\""), "where the public finds it");
    text + &entry("# directory = \"status\"", "its files, for any web server")
}

fn tls(url: &str, plain: &str, told: Option<Tls>) -> String {
    let word = match told {
        None if url.starts_with(plain) => "starttls",
        Some(Tls::StartTls) => "starttls",
        Some(Tls::None) => "none",
        None | Some(Tls::Implicit) => return String::new(),
    };
    entry(&format!("tls = \"{word}\""), "\"none\" only where nobody listens in")
}

fn secret(told: Option<&SecretSource>, usual_file: &str) -> String {
    let (key, value) = match told {
        None => ("password_file", usual_file.to_owned()),
        Some(SecretSource::File(path)) => ("password_file", path.display().to_string()),
        Some(source @ (SecretSource::Env(text) | SecretSource::Command(text) | SecretSource::TokenCommand(text))) => {
            (source.key(), text.clone())
        }
    };
    let keys = ["password_file", "password_env", "password_command", "token_command (OAuth 2.0)"];
    let others: Vec<&str> = keys.into_iter().filter(|other| !other.starts_with(key)).collect();
    entry(&format!("{key} = {}", quoted(&value)), &format!("or {}", others.join(", ")))
}

fn ca_file(told: Option<&str>) -> String {
    let what = "the authority that signed the server's certificate, if it is your own";
    match told {
        Some(path) => {
            entry(&format!("ca_file = {}", quoted(path)), "the authority that signed the server's certificate")
        }
        None => entry("# ca_file = \"ca.pem\"", what),
    }
}

fn timeout() -> String {
    entry("# timeout = \"60s\"", "how long the server may be silent")
}

fn start(told: Option<Start>) -> String {
    let what = "\"new\" leaves alone what is there before the first run";
    match told {
        None => entry("# start = \"all\"", what),
        Some(Start::All) => entry("start = \"all\"", what),
        Some(Start::New) => entry("start = \"new\"", what),
    }
}

fn staff(told: Option<&[String]>, domain: &str) -> Result<String, ConfigError> {
    let example = format!("# [[staff]]\n# name = \"First line\"\n# address = \"first.line@{domain}\"\n");
    let what = "\n# Who is told of new cases; whose answers by mail are taken for staff's.\n";
    match told {
        None | Some([]) => Ok(format!("{what}{example}{}", rights())),
        Some(people) => people
            .iter()
            .map(|text| {
                let (name, address) = person(text).map_err(|why| ConfigError::Init(format!("--staff {why}")))?;
                let named = format!("name = {}\naddress = {}\n", quoted(&name), quoted(&address));
                Ok(format!("\n[[staff]]\n{named}{}", rights()))
            })
            .collect(),
    }
}

/// What one of the staff may be beside that.
fn rights() -> String {
    entry("# may = [\"p1g\"]", "runs major network incidents: docs/major-incidents.md")
        + &entry("# lead = true", "hears of what was missed")
}

/// A line with its comment, which stand below each other as far as the lines allow.
fn entry(line: &str, comment: &str) -> String {
    format!("{line:35} # {comment}\n")
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        config::{SmtpOutlet, SourceConfig, file},
        desk::staff_member::Right,
    };

    #[test]
    fn what_init_writes_is_understood_with_and_without_answers() {
        assert!(default_text(&InitAnswers::default()).is_ok());
        let answers = InitAnswers {
            name: Some("Tom's \"Desk\"".to_owned()),
            address: Some("desk@tom.example".to_owned()),
            data: Some("/var/lib/tom/desk.db".to_owned()),
            maildir: Some("inbox".to_owned()),
            smtp: ServerAnswers { url: Some("maildir:sent".to_owned()), ..ServerAnswers::default() },
            staff: Some(vec!["Tom <tom@tom.example>".to_owned(), "ann@tom.example".to_owned()]),
            ..InitAnswers::default()
        };
        let text = default_text(&answers).unwrap();
        for answer in ["tom@tom.example", "maildir:sent", "data = \"/var/lib/tom/desk.db\""] {
            assert!(text.contains(answer), "{text}");
        }
    }

    #[test]
    fn each_answer_about_the_servers_stands_in_the_file_as_it_was_given() {
        let answers = InitAnswers {
            imap: ServerAnswers {
                url: Some("imap://desk@mail.tom.example/INBOX".to_owned()),
                tls: Some(Tls::None),
                ca_file: Some("own.pem".to_owned()),
                secret: Some(SecretSource::TokenCommand("token \"desk\"".to_owned())),
            },
            start: Some(Start::New),
            smtp: ServerAnswers {
                url: Some("smtp://desk@mail.tom.example".to_owned()),
                secret: Some(SecretSource::Env("DESK".to_owned())),
                ..ServerAnswers::default()
            },
            staff: Some(vec![]),
            ..InitAnswers::default()
        };
        let text = default_text(&answers).unwrap();
        let config = file::understand("casepost.toml", &text, Path::new("/etc/casepost")).unwrap();
        let SourceConfig::Imap(imap) = &config.mailboxes[0].source else { panic!("{text}") };
        assert_eq!(imap.server.tls, Tls::None);
        assert_eq!(imap.server.ca_file.as_deref(), Some(Path::new("/etc/casepost/own.pem")));
        let secret = &imap.server.login.as_ref().unwrap().secret;
        assert_eq!(secret, &SecretSource::TokenCommand("token \"desk\"".to_owned()));
        assert_eq!(config.mailboxes[0].start, Start::New);
        let SmtpOutlet::Smtp(smtp) = &config.smtp.outlet else { panic!("{text}") };
        assert_eq!(smtp.tls, Tls::StartTls);
        assert_eq!(smtp.login.as_ref().unwrap().secret, SecretSource::Env("DESK".to_owned()));
        assert!(config.staff.is_empty() && text.contains("# [[staff]]"), "{text}");
    }

    #[test]
    fn nobody_is_told_of_cases_whom_nobody_has_named() {
        let text = default_text(&InitAnswers::default()).unwrap();
        let config = file::understand("casepost.toml", &text, Path::new("")).unwrap();
        assert!(config.staff.is_empty() && text.contains("# [[staff]]\n# name = \"First line\"\n"), "{text}");
    }

    #[test]
    fn the_rights_of_staff_are_there_to_be_given_by_taking_a_sign_away() {
        let told = InitAnswers { staff: Some(vec!["Tom <tom@tom.example>".to_owned()]), ..InitAnswers::default() };
        for answers in [InitAnswers::default(), told] {
            let text = default_text(&answers).unwrap();
            let mut given = text.clone();
            for line in ["[[staff]]", "name = \"First", "address = \"first", "may = [\"p1g\"]", "lead = true"] {
                given = given.replace(&format!("# {line}"), line);
            }
            let config = file::understand("casepost.toml", &given, Path::new("")).unwrap();
            let [person] = config.staff.as_slice() else { panic!("{given}") };
            assert!(person.rights.contains(&Right::P1G) && person.lead, "{given}");
            let config = file::understand("casepost.toml", &text, Path::new("")).unwrap();
            assert!(config.staff.iter().all(|person| person.rights.is_empty() && !person.lead), "{text}");
        }
    }

    #[test]
    fn what_can_not_be_meant_is_refused() {
        let answers = InitAnswers { staff: Some(vec!["Tom".to_owned()]), ..InitAnswers::default() };
        assert!(default_text(&answers).unwrap_err().to_string().contains("Name <address>"));
    }
}
