//! The file as it is written: keys, defaults, and what is impossible.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Component, Path, PathBuf},
    time::Duration,
};

use chrono_tz::Tz;
use serde::Deserialize;

use super::{
    Config, DeskConfig, ImapConfig, LoginConfig, MailboxConfig, Outline, SecretSource, ServerConfig, SmtpConfig,
    SmtpOutlet, SourceConfig, StaffConfig, Start, WebConfig, person, url,
};
use crate::{
    desk::{
        hours::Calendar,
        policy::{Week, week},
        staff_member::UnknownRight,
    },
    mail::address::Address,
    post::After,
    toml_file::{TomlError, parse},
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data: Option<PathBuf>,
    policy: Option<String>,
    answer_within: Option<String>,
    rules: Option<PathBuf>,
    templates: Option<PathBuf>,
    desk: Desk,
    #[serde(default)]
    mailbox: Vec<Mailbox>,
    smtp: Smtp,
    #[serde(default)]
    staff: Vec<Staff>,
    #[serde(default)]
    web: Web,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Web {
    listen: Option<String>,
    url: Option<String>,
    directory: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Desk {
    name: String,
    address: String,
    planned_works: Option<String>,
    key_file: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Mailbox {
    name: String,
    address: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    imap: Option<String>,
    maildir: Option<PathBuf>,
    tls: Option<String>,
    ca_file: Option<PathBuf>,
    password_file: Option<PathBuf>,
    password_env: Option<String>,
    password_command: Option<String>,
    token_command: Option<String>,
    timeout: Option<String>,
    after: Option<String>,
    start: Option<String>,
    poll: Option<String>,
    idle: Option<bool>,
    max_size: Option<String>,
    authserv_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Smtp {
    url: String,
    tls: Option<String>,
    ca_file: Option<PathBuf>,
    password_file: Option<PathBuf>,
    password_env: Option<String>,
    password_command: Option<String>,
    token_command: Option<String>,
    timeout: Option<String>,
    connections: Option<usize>,
}

/// One of the staff, as a file names them.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    name: String,
    address: String,
    lead: Option<bool>,
    /// `["p1g"]`
    may: Option<Vec<String>>,
    products: Option<Vec<String>>,
    /// `{ weekdays = ["08:00-17:00"] }`
    shift: Option<BTreeMap<String, Vec<String>>>,
    zone: Option<String>,
    telephone: Option<String>,
}

/// Where the database lies when the file does not say.
const DATA: &str = "casepost.db";

/// Reads the text of a configuration; `folder` is where it lies.
pub fn understand(name: &str, text: &str, folder: &Path) -> Result<Config, TomlError> {
    let file: File = parse(name, text)?;
    Reader { name, text, folder, below: 0 }.config(file)
}

/// Reads the people of the staff where another file than the configuration names them, as `[[staff]]` there.
pub fn understand_staff(name: &str, text: &str, people: Vec<Staff>) -> Result<Vec<StaffConfig>, TomlError> {
    Reader { name, text, folder: Path::new(""), below: 0 }.staff(people)
}

/// What a file that is not right says all the same of its database and its mailboxes.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Sketch {
    data: Option<PathBuf>,
    mailbox: Option<Vec<Named>>,
}

#[derive(Debug, Deserialize)]
struct Named {
    name: String,
}

/// Reads of a configuration that is not right what can be known of it.
pub fn outline(text: &str, folder: &Path) -> Option<Outline> {
    let mut lines = text.lines().map(str::trim_start).take_while(|line| !line.starts_with('['));
    let sketch: Sketch = match toml::from_str(text) {
        Ok(sketch) => sketch,
        // The line alone may be right.
        Err(_) => match lines.find(|line| line.strip_prefix("data").is_some_and(|l| l.trim_start().starts_with('='))) {
            Some(line) => toml::from_str(line).ok()?,
            None => Sketch::default(),
        },
    };
    let data = folder.join(sketch.data.unwrap_or_else(|| DATA.into()));
    Some(Outline { data, mailboxes: sketch.mailbox.map(|all| all.into_iter().map(|m| m.name).collect()) })
}

/// Without `.` and `..`, by the letters alone: it need not be there.
fn plain(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(plain.pop()),
            part => plain.push(part),
        }
    }
    plain
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    name: &'a str,
    text: &'a str,
    folder: &'a Path,
    /// behind so many lines the keys stand that are read now
    below: usize,
}

impl Reader<'_> {
    fn config(&self, file: File) -> Result<Config, TomlError> {
        let of_desk = self.within("[desk]", 0);
        let desk = DeskConfig {
            name: of_desk.line("name", &file.desk.name)?,
            address: of_desk.address("address", &file.desk.address)?,
            planned_works: file.desk.planned_works.map(|text| of_desk.person("planned_works", &text)).transpose()?,
            key_file: self.path(file.desk.key_file.unwrap_or_else(|| "casepost.key".into())),
        };
        let mailboxes = file
            .mailbox
            .into_iter()
            .enumerate()
            .map(|(n, m)| self.within("[[mailbox]]", n).mailbox(m, &desk.address))
            .collect::<Result<Vec<_>, _>>()?;
        if mailboxes.is_empty() {
            return Err(TomlError::whole(self.name, "no [[mailbox]]: the desk needs one to read from"));
        }
        self.all_different("mailbox name", mailboxes.iter().map(|m| m.name.clone()))?;
        self.all_different(
            "source of a mailbox",
            mailboxes.iter().map(|m| match &m.source {
                SourceConfig::Imap(ImapConfig { server, folder }) => {
                    let user = server.login.as_ref().map_or("", |login| &login.username);
                    format!("{user}@{}:{}/{folder}", server.host, server.port)
                }
                SourceConfig::Maildir(path) => path.display().to_string(),
            }),
        )?;
        let staff = self.staff(file.staff)?;
        let data = self.path(file.data.unwrap_or_else(|| DATA.into()));
        let web = self.within("[web]", 0).web(file.web)?;
        if let Some(directory) = &web.directory {
            self.within("[web]", 0).is_own_folder(directory, &data, &mailboxes)?;
        }
        let answer_within = self.duration("answer_within", file.answer_within.as_deref().unwrap_or("3d"))?;
        Ok(Config {
            data,
            policy: file.policy.unwrap_or_else(|| "base".to_owned()),
            answer_within: chrono::Duration::from_std(answer_within)
                .map_err(|_| self.bad("answer_within", "is too long"))?,
            rules: file.rules.map(|p| self.path(p)),
            templates: file.templates.map(|p| self.path(p)),
            desk,
            mailboxes,
            smtp: self.within("[smtp]", 0).smtp(file.smtp)?,
            staff,
            web,
        })
    }

    fn web(&self, file: Web) -> Result<WebConfig, TomlError> {
        let listen = |text: &str| {
            let why = "must be an address with a port, such as \"127.0.0.1:8025\"";
            text.parse().map_err(|_| self.bad("listen", &format!("is \"{text}\": it {why}")))
        };
        let public = |text: &str| {
            // The library would take blanks and line breaks away.
            let url = ::url::Url::parse(text).ok().filter(|_| text.bytes().all(|b| b.is_ascii_graphic()));
            let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
            let is_plain = |url: &::url::Url| url.query().is_none() && url.fragment().is_none() && url.has_host();
            match url.filter(is_plain) {
                Some(url) => Ok(url.as_str().trim_end_matches('/').to_owned()),
                None => Err(self.bad("url", &format!("is {text:?}: write one such as \"https://status.example.com\""))),
            }
        };
        Ok(WebConfig {
            listen: file.listen.as_deref().map(listen).transpose()?,
            url: file.url.as_deref().map(public).transpose()?,
            directory: file.directory.map(|path| self.path(path)),
        })
    }

    /// The status page's folder is read by everybody, and files in it are replaced: nothing else may lie there.
    fn is_own_folder(&self, folder: &Path, data: &Path, mailboxes: &[MailboxConfig]) -> Result<(), TomlError> {
        let folder = plain(folder);
        let bad = |why: String| {
            let shown = folder.display();
            Err(self.bad("directory", &format!("is \"{shown}\", {why}: name a folder of the status page's own")))
        };
        let of_system = ["/proc", "/sys", "/dev", "/boot", "/bin", "/sbin", "/lib"];
        let of_all = ["/", "/etc", "/home", "/opt", "/root", "/run", "/srv", "/tmp", "/usr", "/var", "/var/lib"];
        if of_system.iter().any(|system| folder.starts_with(system))
            || of_all.iter().any(|all| folder == Path::new(all))
        {
            return bad("which is the system's".to_owned());
        }
        let data = plain(data);
        if data.starts_with(&folder) || folder.starts_with(&data) {
            return bad(format!("where the database {} lies", data.display()));
        }
        for mailbox in mailboxes {
            let SourceConfig::Maildir(maildir) = &mailbox.source else { continue };
            let maildir = plain(maildir);
            if maildir.starts_with(&folder) || folder.starts_with(&maildir) {
                return bad(format!("where the mails of the mailbox \"{}\" lie", mailbox.name));
            }
        }
        Ok(())
    }

    /// For the keys of a table: its header, and how many of the same come before it.
    fn within(&self, header: &str, before: usize) -> Self {
        let is_it = |line: &str| line.split('#').next().is_some_and(|line| line.trim() == header);
        let lines = self.text.lines().enumerate().filter(|(_, line)| is_it(line));
        let below = lines.map(|(n, _)| n + 1).nth(before).unwrap_or(usize::MAX);
        Reader { below, ..*self }
    }

    fn mailbox(&self, file: Mailbox, desk_address: &str) -> Result<MailboxConfig, TomlError> {
        let secret = self.secret(file.password_file, file.password_env, file.password_command, file.token_command)?;
        let source = match (&file.imap, file.maildir) {
            (Some(imap), None) => {
                let url = url::parse(imap, file.tls.as_deref(), &url::IMAP).map_err(|why| self.bad("imap", &why))?;
                let folder = url.path.clone().unwrap_or_else(|| "INBOX".to_owned());
                if url.username.is_none() {
                    return Err(self.bad("imap", "names no user: imaps://user@host/INBOX"));
                }
                let server = self.server("imap", url, file.ca_file, secret, file.timeout.as_deref())?;
                SourceConfig::Imap(ImapConfig { server, folder })
            }
            (None, Some(maildir)) => SourceConfig::Maildir(self.path(maildir)),
            _ => {
                let why = format!("mailbox \"{}\" needs either imap or maildir", file.name);
                return Err(TomlError::whole(self.name, why));
            }
        };
        Ok(MailboxConfig {
            name: self.line("name", &file.name)?,
            address: match file.address {
                Some(address) => self.address("address", &address)?,
                None => desk_address.to_owned(),
            },
            aliases: file.aliases.iter().map(|a| self.address("aliases", a)).collect::<Result<_, _>>()?,
            source,
            after: self.after(file.after.as_deref().unwrap_or("seen"))?,
            start: match file.start.as_deref() {
                None | Some("all") => Start::All,
                Some("new") => Start::New,
                Some(other) => return Err(self.bad("start", &format!("is \"{other}\" (known: all, new)"))),
            },
            poll: self.duration("poll", file.poll.as_deref().unwrap_or("30s"))?.max(Duration::from_secs(1)),
            idle: file.idle.unwrap_or(true),
            max_size_bytes: self.size("max_size", file.max_size.as_deref().unwrap_or("25MB"))?,
            authserv_id: file.authserv_id,
        })
    }

    /// `key` is that of its URL.
    fn server(
        &self,
        key: &str,
        url: url::ServerUrl,
        ca_file: Option<PathBuf>,
        secret: Option<SecretSource>,
        timeout: Option<&str>,
    ) -> Result<ServerConfig, TomlError> {
        let login = match (url.username, secret) {
            (Some(username), Some(secret)) => Some(LoginConfig { username, secret }),
            (None, None) => None,
            (Some(user), None) => {
                let why = format!(
                    "names the user {user} without a secret: add password_file (or password_env, password_command, \
                     token_command)"
                );
                return Err(self.bad(key, &why));
            }
            (None, Some(_)) => return Err(self.bad(key, "names no user, but there is a password or a token")),
        };
        let timeout = self.duration("timeout", timeout.unwrap_or("60s"))?;
        if timeout.is_zero() {
            return Err(self.bad("timeout", "must be at least \"1s\""));
        }
        let ca_file = ca_file.map(|p| self.path(p));
        Ok(ServerConfig { host: url.host, port: url.port, tls: url.tls, ca_file, login, timeout })
    }

    fn smtp(&self, file: Smtp) -> Result<SmtpConfig, TomlError> {
        let connections = file.connections.unwrap_or(4);
        if !(1..=50).contains(&connections) {
            return Err(self.bad("connections", "must be from 1 to 50"));
        }
        let secret = self.secret(file.password_file, file.password_env, file.password_command, file.token_command)?;
        let outlet = match file.url.strip_prefix("maildir:") {
            Some("") => return Err(self.bad("url", "names no folder after maildir:")),
            Some(path) => SmtpOutlet::Maildir(self.path(path.into())),
            None => {
                let url =
                    url::parse(&file.url, file.tls.as_deref(), &url::SMTP).map_err(|why| self.bad("url", &why))?;
                SmtpOutlet::Smtp(self.server("url", url, file.ca_file, secret, file.timeout.as_deref())?)
            }
        };
        Ok(SmtpConfig { outlet, connections })
    }

    fn secret(
        &self,
        file: Option<PathBuf>,
        env: Option<String>,
        command: Option<String>,
        token: Option<String>,
    ) -> Result<Option<SecretSource>, TomlError> {
        let mut given = [
            file.map(|path| SecretSource::File(self.path(path))),
            env.map(SecretSource::Env),
            command.map(SecretSource::Command),
            token.map(SecretSource::TokenCommand),
        ]
        .into_iter()
        .flatten();
        match (given.next(), given.next()) {
            (first, None) => Ok(first),
            (Some(first), Some(_)) => {
                let key = first.key();
                Err(self.bad(key, "stands beside another password_ or token_ key: one is enough"))
            }
            (None, Some(_)) => Ok(None),
        }
    }

    fn after(&self, text: &str) -> Result<After, TomlError> {
        match text.split_once(':') {
            None if text == "seen" => Ok(After::Seen),
            None if text == "delete" => Ok(After::Delete),
            Some(("move", folder)) if !folder.is_empty() && !folder.chars().any(char::is_control) => {
                Ok(After::Move(folder.to_owned()))
            }
            _ => Err(self.bad("after", &format!("is \"{text}\" (known: seen, move:FOLDER, delete)"))),
        }
    }

    /// The hours of a week, as in a policy.
    fn shift(&self, shift: &BTreeMap<String, Vec<String>>) -> Result<Week, TomlError> {
        let week = week(shift).map_err(|why| self.bad("shift", &format!("is not right: {why}")))?;
        // Whether the hours are possible shows when they are a calendar, in whatever zone.
        Calendar::new(Tz::UTC, week.clone(), BTreeSet::new())
            .map_err(|why| self.bad("shift", &format!("is not right: {why}")))?;
        Ok(week)
    }

    fn zone(&self, name: &str) -> Result<Tz, TomlError> {
        name.parse()
            .map_err(|_| self.bad("zone", &format!("is \"{name}\": write one of the IANA list, such as Europe/Berlin")))
    }

    fn staff(&self, people: Vec<Staff>) -> Result<Vec<StaffConfig>, TomlError> {
        let staff = people
            .into_iter()
            .enumerate()
            .map(|(n, s)| {
                let here = self.within("[[staff]]", n);
                let rights = s.may.unwrap_or_default();
                let products = s.products.unwrap_or_default();
                Ok(StaffConfig {
                    name: here.line("name", &s.name)?,
                    address: here.address("address", &s.address)?,
                    telephone: s.telephone.as_deref().map(|number| here.line("telephone", number)).transpose()?,
                    products: products
                        .iter()
                        .map(|product| Ok(here.line("products", product)?.to_lowercase()))
                        .collect::<Result<_, TomlError>>()?,
                    shift: s.shift.as_ref().map(|shift| here.shift(shift)).transpose()?,
                    zone: s.zone.as_deref().map(|zone| here.zone(zone)).transpose()?,
                    lead: s.lead.unwrap_or(false),
                    rights: rights
                        .iter()
                        .map(|right| right.parse().map_err(|why: UnknownRight| here.bad("may", &why.to_string())))
                        .collect::<Result<_, TomlError>>()?,
                })
            })
            .collect::<Result<Vec<_>, TomlError>>()?;
        self.all_different("staff address", staff.iter().map(|s| s.address.to_lowercase()))?;
        Ok(staff)
    }

    fn path(&self, path: PathBuf) -> PathBuf {
        self.folder.join(path)
    }

    fn line(&self, key: &str, text: &str) -> Result<String, TomlError> {
        person::line(text).map_err(|why| self.bad(key, &why))
    }

    fn address(&self, key: &str, text: &str) -> Result<String, TomlError> {
        person::address(text).map_err(|why| self.bad(key, &why))
    }

    /// `Planned works <works@desk.example>`, or an address alone
    fn person(&self, key: &str, text: &str) -> Result<Address, TomlError> {
        let (name, email) = match text.trim().strip_suffix('>').and_then(|text| text.split_once('<')) {
            Some((name, email)) => (Some(name.trim()).filter(|name| !name.is_empty()), email),
            None => (None, text),
        };
        Ok(Address::new(name, &self.address(key, email.trim())?))
    }

    /// `30s`, `5m`, `36h`, `3d`
    fn duration(&self, key: &str, text: &str) -> Result<Duration, TomlError> {
        let seconds = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]
            .into_iter()
            .find_map(|(unit, seconds)| text.strip_suffix(unit)?.trim().parse::<u64>().ok()?.checked_mul(seconds));
        seconds.filter(|s| *s < 100 * 365 * 86_400).map(Duration::from_secs).ok_or_else(|| {
            self.bad(key, &format!("is \"{text}\": write a time such as \"30s\", \"5m\", \"36h\" or \"3d\""))
        })
    }

    /// `25MB`, `25MiB`, `500kB`, or bytes
    fn size(&self, key: &str, text: &str) -> Result<u64, TomlError> {
        let units =
            [("kB", 1000), ("KB", 1000), ("MB", 1_000_000), ("KiB", 1024), ("MiB", 1024 * 1024), ("B", 1), ("", 1)];
        let bytes = units
            .into_iter()
            .find_map(|(unit, bytes)| text.strip_suffix(unit)?.trim().parse::<u64>().ok()?.checked_mul(bytes));
        bytes
            .filter(|b| (1000..=500_000_000).contains(b))
            .ok_or_else(|| self.bad(key, &format!("is \"{text}\": write a size from \"1kB\" to \"500MB\"")))
    }

    fn all_different(&self, what: &str, all: impl Iterator<Item = String>) -> Result<(), TomlError> {
        let mut seen = BTreeSet::new();
        for one in all {
            if !seen.insert(one.clone()) {
                return Err(TomlError::whole(self.name, format!("the {what} \"{one}\" is there twice")));
            }
        }
        Ok(())
    }

    fn bad(&self, key: &str, why: &str) -> TomlError {
        TomlError::at_key_below(self.name, self.text, self.below, key, format!("{key} {why}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::post::Tls;

    const FULL: &str = r#"
data = "casepost.db"
policy = "calltower"
answer_within = "3d"
[desk]
name = "Example Support"
address = "support@example.com"
key_file = "casepost.key"
[[mailbox]]
name = "support"
aliases = ["help@example.com"]
imap = "imaps://support%40example.com@mail.example.com/INBOX"
password_file = "imap.password"
after = "move:Processed"
start = "new"
max_size = "10MiB"
[[mailbox]]
name = "drop"
maildir = "drop"
[smtp]
url = "smtp://support%40example.com@mail.example.com"
tls = "starttls"
password_file = "smtp.password"
[[staff]]
name = "First line"
address = "first.line@example.com"
"#;

    fn read(text: &str) -> Result<Config, TomlError> {
        understand("casepost.toml", text, Path::new("/etc/casepost"))
    }

    #[test]
    fn planned_works_may_have_an_address_of_their_own_which_a_mailbox_has_to_read() {
        let own = |address: &str| {
            let line = format!("address = \"support@example.com\"\nplanned_works = \"{address}\"");
            read(&FULL.replace("address = \"support@example.com\"", &line))
        };
        let config = own("Planned works <Works@example.com>").unwrap();
        let address = config.desk.planned_works.clone().unwrap();
        assert_eq!((address.name.as_deref(), address.email.as_str()), (Some("Planned works"), "works@example.com"));
        assert!(config.own_addresses().contains(&"works@example.com".to_owned()));
        assert!(config.warnings().iter().any(|why| why.contains("no mailbox reads works@example.com")));
        let read_by_one = own("help@example.com").unwrap();
        assert_eq!(read_by_one.desk.planned_works.clone().unwrap().name, None);
        assert!(!read_by_one.warnings().iter().any(|why| why.contains("planned_works")));
        assert!(own("Planned works <works>").is_err());
    }

    #[test]
    fn a_full_configuration_is_understood() {
        let config = read(FULL).unwrap();
        assert_eq!(config.data, Path::new("/etc/casepost/casepost.db"));
        assert_eq!(config.answer_within, chrono::Duration::days(3));
        assert_eq!(config.own_addresses(), ["help@example.com", "support@example.com"]);
        assert_eq!(config.mailboxes[0].max_size_bytes, 10 * 1024 * 1024);
        assert_eq!(config.mailboxes[0].after, After::Move("Processed".to_owned()));
        assert!(
            matches!(&config.mailboxes[1].source, SourceConfig::Maildir(p) if p == Path::new("/etc/casepost/drop"))
        );
        assert!(matches!(&config.smtp.outlet, SmtpOutlet::Smtp(s) if s.tls == Tls::StartTls && s.port == 587));
    }

    #[test]
    fn the_status_page_has_a_folder_of_its_own_and_an_address_in_one_line() {
        let line = FULL.lines().count() + 2;
        let web = |key: &str, value: &str| read(&format!("{FULL}[web]\n{key} = \"{value}\"\n"));
        for folder in [
            "/",
            "/proc/x",
            "/etc",
            ".",
            "public/..",
            "casepost.db",
            "casepost.db/x",
            "/etc/casepost",
            "drop",
            "drop/new",
            "../casepost/drop/",
        ] {
            let why = web("directory", folder).unwrap_err().to_string();
            assert!(why.starts_with(&format!("casepost.toml: line {line}: directory is ")), "{folder}: {why}");
        }
        assert!(web("directory", "status").is_ok() && web("directory", "/srv/status").is_ok());
        for url in
            ["https://x.example/a b", "https://x.example/\\r\\nX: y", " https://x.example", "https://x\\t.example"]
        {
            let why = web("url", url).unwrap_err().to_string();
            assert!(why.starts_with(&format!("casepost.toml: line {line}: url is ")), "{url}: {why}");
        }
        assert_eq!(web("url", "https://x.example/").unwrap().web.url.as_deref(), Some("https://x.example"));
    }

    #[test]
    fn each_mistake_is_named_with_its_line_and_what_is_allowed() {
        for (from, to, expected) in [
            ("aliases =", "alias =", "casepost.toml: line 11: unknown key \"alias\"; did you mean \"aliases\"?"),
            (
                "after = \"move:Processed\"",
                "after = \"gone\"",
                "line 14: after is \"gone\" (known: seen, move:FOLDER, delete)",
            ),
            ("max_size = \"10MiB\"", "max_size = \"much\"", "line 16: max_size is \"much\""),
            ("tls = \"starttls\"\n", "", "tls = \"starttls\" or tls = \"none\""),
            ("support@example.com\"\nkey", "support\"\nkey", "is no mail address"),
            ("first.line@example.com", "first.line", "line 26: address \"first.line\" is no mail address"),
            ("smtp://support%40example.com@mail.example.com", "x", "line 21: url is no URL: one looks like smtps://"),
            ("name = \"drop\"", "name = \"support\"", "twice"),
            ("answer_within = \"3d\"", "answer_within = \"soon\"", "line 4: answer_within is \"soon\""),
            ("name = \"First line\"\n", "name = \"F\"\nzone = \"Mars\"\n", "line 26: zone is \"Mars\""),
            (
                "name = \"First line\"\n",
                "name = \"F\"\nshift = { weekend = [\"8-17\"] }\n",
                "line 26: shift is not right: \"weekend\" is unknown (known: every-day, weekdays, monday",
            ),
            (
                "name = \"First line\"\n",
                "name = \"F\"\nshift = { monday = [\"17:00-08:00\"] }\n",
                "line 26: shift is not right: working hours of Mon: each must end after it begins",
            ),
            ("name = \"First line\"\n", "name = \"F\"\ntelephone = \"\"\n", "line 26: telephone must be one line"),
        ] {
            let text = FULL.replacen(from, to, 1);
            assert_ne!(text, FULL, "{from}");
            let error = read(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn what_somebody_knows_and_when_they_are_at_work_is_read() {
        let more = "products = [\"UC Cloud\", \"Fax\"]\nshift = { weekdays = [\"08:00-12:00\", \"13:00-17:00\"] }\n\
                    zone = \"America/Denver\"\ntelephone = \"+1 303 555 0100\"\n";
        let config = read(&format!("{FULL}{more}")).unwrap();
        let person = &config.staff[0];
        assert_eq!(person.products.iter().collect::<Vec<_>>(), ["fax", "uc cloud"]);
        assert_eq!(person.shift.as_ref().unwrap()[0].len(), 2);
        assert!(person.shift.as_ref().unwrap()[5].is_empty());
        assert_eq!(person.zone, Some(chrono_tz::America::Denver));
        assert_eq!(person.telephone.as_deref(), Some("+1 303 555 0100"));
    }

    #[test]
    fn of_a_file_that_is_not_right_the_database_and_the_mailboxes_are_known_where_it_says_them() {
        let outline = |text: &str| outline(text, Path::new("/etc/casepost"));
        let data = |text: &str| outline(text).map(|o| o.data.display().to_string());
        let unknown_key =
            format!("data = \"/var/desk.db\"\n{}", FULL.replacen("data = \"casepost.db\"", "unknown = 1", 1));
        assert_eq!(data(&unknown_key).as_deref(), Some("/var/desk.db"));
        assert_eq!(outline(&unknown_key).unwrap().mailboxes.unwrap(), ["support", "drop"]);
        assert_eq!(data("data = \"/var/desk.db\"\nthis is no TOML\n").as_deref(), Some("/var/desk.db"));
        assert_eq!(data("this is no TOML\n[other]\ndata = \"x\"").as_deref(), Some("/etc/casepost/casepost.db"));
        assert_eq!(data("data = \"/var/desk.db\n"), None);
    }
}
