//! What a story says of the desk's mail server.

/// What the desk's mail server does from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailServerDoes {
    Works,
    IsDown,
    Refuses(String),
    KnowsNot(String),
    PutsOff(String),
}

impl MailServerDoes {
    /// Understands what a step says of it.
    pub fn parse(words: &str) -> Result<MailServerDoes, String> {
        let words = words.trim();
        let address = |rest: &str| Some(rest.trim().to_owned()).filter(|a| a.contains('@'));
        let of = |verb: &str| words.strip_prefix(verb).and_then(address);
        match words {
            "works" => Ok(MailServerDoes::Works),
            "is down" => Ok(MailServerDoes::IsDown),
            _ => (of("refuses ").map(MailServerDoes::Refuses))
                .or_else(|| of("does not know ").map(MailServerDoes::KnowsNot))
                .or_else(|| of("puts off ").map(MailServerDoes::PutsOff))
                .ok_or_else(|| {
                    format!(
                        "\"{words}\" (known: works, is down, refuses ADDRESS, does not know ADDRESS, puts off ADDRESS)"
                    )
                }),
        }
    }

    pub fn in_words(&self) -> String {
        match self {
            MailServerDoes::Works => "works".to_owned(),
            MailServerDoes::IsDown => "is down".to_owned(),
            MailServerDoes::Refuses(address) => format!("refuses {address}"),
            MailServerDoes::KnowsNot(address) => format!("does not know {address}"),
            MailServerDoes::PutsOff(address) => format!("puts off {address}"),
        }
    }
}
