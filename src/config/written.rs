//! The text of a new configuration, commented, with what is known filled in and the rest as examples.

use super::ConfigError;

/// What `casepost init` was told.
#[derive(Debug, Clone, Default)]
pub struct InitAnswers {
    pub name: Option<String>,
    pub address: Option<String>,
    pub data: Option<String>,
    pub imap: Option<String>,
    pub maildir: Option<String>,
    pub imap_password_file: Option<String>,
    pub smtp: Option<String>,
    pub smtp_password_file: Option<String>,
    /// `Name <address>`
    pub staff: Vec<String>,
    pub policy: Option<String>,
}

/// A configuration that [`Config::load`](super::Config::load) understands.
pub fn default_text(answers: &InitAnswers) -> Result<String, ConfigError> {
    let address = answers.address.as_deref().unwrap_or("support@example.com");
    let domain = address.rsplit('@').next().unwrap_or("example.com");
    let user = address.replace('@', "%40");
    let mut text = format!(
        "# The desk's configuration. Paths are relative to this file. `casepost check` says what is missing.\n\n\
         data = {}                # everything: one SQLite file\n\
         policy = {}                     # a folder under rules/: base, calltower, or one of your own\n\
         answer_within = \"3d\"                # older mail is taken in without automatic answers\n\
         # rules = \"my-rules\"                # own policies, laid over the built-in ones\n\
         # templates = \"my-templates\"        # own texts, laid over the built-in ones\n\n\
         [desk]\nname = {}\naddress = {}   # what the desk writes as; a mailbox below must read it\n\
         key_file = \"casepost.key\"           # signs the desk's mail; keep it\n\n",
        quoted(answers.data.as_deref().unwrap_or("casepost.db")),
        quoted(answers.policy.as_deref().unwrap_or("base")),
        quoted(answers.name.as_deref().unwrap_or("Support")),
        quoted(address),
    );
    text += "[[mailbox]]\nname = \"support\"\n";
    text += "# address = \"…\"                    # when it is another one than the desk's; aliases = [\"help@…\"]\n";
    match &answers.maildir {
        Some(maildir) => text += &format!("maildir = {}\n", quoted(maildir)),
        None => {
            let url = answers.imap.clone().unwrap_or_else(|| format!("imaps://{user}@mail.{domain}/INBOX"));
            text += &format!("imap = {}\n", quoted(&url));
            text += plain_needs_tls(&url, "imap://");
            text += &format!(
                "password_file = {}    # or password_env, password_command\n",
                quoted(answers.imap_password_file.as_deref().unwrap_or("imap.password"))
            );
            text += "# ca_file = \"ca.pem\"                # the authority that signed the server's certificate, if it is your own\n";
            text += "# after = \"seen\"                    # or \"move:Processed\", \"delete\"\n";
            text += "# start = \"all\"                     # \"new\": leave alone what is there before the first run\n";
            text += "# poll = \"30s\"\n# max_size = \"25MB\"\n";
        }
    }
    text += &format!(
        "# authserv_id = \"mail.{domain}\"      # whose Authentication-Results count; without it nothing is checked\n\n"
    );
    let url = answers.smtp.clone().unwrap_or_else(|| format!("smtps://{user}@mail.{domain}"));
    text += &format!(
        "[smtp]\nurl = {}            # smtp:// with tls = \"starttls\" or \"none\"; maildir:PATH writes files\n",
        quoted(&url)
    );
    text += plain_needs_tls(&url, "smtp://");
    if url.contains('@') && !url.starts_with("maildir:") {
        text +=
            &format!("password_file = {}\n", quoted(answers.smtp_password_file.as_deref().unwrap_or("smtp.password")));
    }
    text += "connections = 4\n";
    if answers.staff.is_empty() {
        text += "\n# Who is told of new cases; whose answers by mail are taken for staff's.\n";
        text += &format!("[[staff]]\nname = \"First line\"\naddress = \"first.line@{domain}\"\n");
    }
    for person in &answers.staff {
        let (name, address) = person
            .rsplit_once('<')
            .map(|(name, rest)| (name.trim(), rest.trim_end_matches('>').trim()))
            .unwrap_or((person.split('@').next().unwrap_or(person), person.trim()));
        if !address.contains('@') {
            return Err(ConfigError::Init(format!("--staff \"{person}\": write 'Name <address>'")));
        }
        text += &format!("\n[[staff]]\nname = {}\naddress = {}\n", quoted(name), quoted(address));
    }
    super::file::understand("the new configuration", &text, std::path::Path::new(""))
        .map_err(|e| ConfigError::Init(format!("with these options no configuration can be written: {}", e.message)))?;
    Ok(text)
}

fn plain_needs_tls(url: &str, plain: &str) -> &'static str {
    if url.starts_with(plain) {
        "tls = \"starttls\"                    # \"none\" only where nobody listens in\n"
    } else {
        ""
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_init_writes_is_understood_with_and_without_answers() {
        assert!(default_text(&InitAnswers::default()).is_ok());
        let answers = InitAnswers {
            name: Some("Tom's \"Desk\"".to_owned()),
            address: Some("desk@tom.example".to_owned()),
            data: Some("/var/lib/tom/desk.db".to_owned()),
            maildir: Some("inbox".to_owned()),
            smtp: Some("maildir:sent".to_owned()),
            staff: vec!["Tom <tom@tom.example>".to_owned(), "ann@tom.example".to_owned()],
            ..InitAnswers::default()
        };
        let text = default_text(&answers).unwrap();
        for answer in ["tom@tom.example", "maildir:sent", "data = \"/var/lib/tom/desk.db\""] {
            assert!(text.contains(answer), "{text}");
        }
    }

    #[test]
    fn what_can_not_be_meant_is_refused() {
        let answers = InitAnswers { staff: vec!["Tom".to_owned()], ..InitAnswers::default() };
        assert!(default_text(&answers).unwrap_err().to_string().contains("Name <address>"));
    }
}
