//! A mail address with the name that its owner wrote beside it, and what belongs to it: domain and organisation.

use serde::{Deserialize, Serialize};

/// One address of a header line. `email` is kept in lower case: no mail system in use tells local parts apart by case,
/// and every comparison here (participant, own address, suppression) must not either.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Address {
    pub name: Option<String>,
    pub email: String,
}

/// Does a text look like an address that mail can be sent to: one `@` with something on both sides, no blanks or
/// brackets, and no longer than RFC 5321 §4.5.3.1 lets it be?
pub fn is_plausible(email: &str) -> bool {
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c);
    let Some((local, domain)) = email.rsplit_once('@') else { return false };
    email.len() <= 254
        && !local.is_empty()
        && !local.contains('@')
        && !email.contains(forbidden)
        && domain.split('.').all(|label| !label.is_empty())
}

/// Mailboxes that programs read, or nobody.
#[rustfmt::skip]
const ROBOTS: [&str; 14] = [
    "mailer-daemon", "mailerdaemon", "postmaster", "hostmaster", "abuse", "bounce", "bounces", "double-bounce", "noreply",
    "no-reply", "donotreply", "do-not-reply", "nobody", "devnull",
];

/// May this be the address of a person, to whom any server can send (RFC 5321 §4.1.2, a dot-string at a domain with a dot,
/// without SMTPUTF8)? For addresses that a stranger has typed.
pub fn is_of_a_person(email: &str) -> bool {
    let Some((local, domain)) = email.rsplit_once('@') else { return false };
    let atext = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    let label = |label: &str| {
        label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    is_plausible(email)
        && local.len() <= 64
        && local.split('.').all(|part| !part.is_empty() && part.bytes().all(atext))
        && domain.contains('.')
        && domain.split('.').all(label)
        && domain.rsplit('.').next().is_some_and(|last| last.bytes().any(|b| b.is_ascii_alphabetic()))
        && !ROBOTS.contains(&without_tag(email).split('@').next().unwrap_or_default().to_ascii_lowercase().as_str())
}

/// The address without a tag: `ada+lists@x.example` is read by `ada@x.example` (RFC 5233).
pub fn without_tag(email: &str) -> String {
    let Some((local, domain)) = email.rsplit_once('@') else { return email.to_owned() };
    match local.split_once('+') {
        Some((name, _)) if !name.is_empty() => format!("{name}@{domain}"),
        _ => email.to_owned(),
    }
}

impl Address {
    pub fn new(name: Option<&str>, email: &str) -> Self {
        let name = name.map(str::trim).filter(|n| !n.is_empty()).map(str::to_owned);
        Address { name, email: email.trim().to_lowercase() }
    }

    pub fn bare(email: &str) -> Self {
        Address::new(None, email)
    }

    /// The part after the last `@`; empty when there is none.
    pub fn domain(&self) -> &str {
        self.email.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// What to call this person in a greeting or a list.
    pub fn display(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.email)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_stranger_types_is_a_person_s_address_or_none() {
        for email in ["ada@x.example", "Ada.O'Neil+lists@mail.x-y.example", "noc@xn--bcher-kva.example"] {
            assert!(is_of_a_person(email), "{email}");
        }
        for email in [
            "mailer-daemon@x.example",
            "MAILER-DAEMON@x.example",
            "postmaster+a@x.example",
            "a@b",
            "x@y.test?cc=q",
            "\u{fc}n\u{ef}@\u{f6}.test",
            "ada@\u{f6}.test",
            ".a@x.example",
            "a..b@x.example",
            "a@-x.example",
            "a@127.0.0.1",
            "a@x.example.",
            "@x.example",
            "",
        ] {
            assert!(!is_of_a_person(email), "{email}");
        }
        assert!(!is_of_a_person(&format!("{}@x.example", "a".repeat(65))));
    }

    #[test]
    fn a_tag_leads_to_the_same_reader() {
        assert_eq!(without_tag("ada+1+2@x.example"), "ada@x.example");
        assert_eq!(without_tag("+1@x.example"), "+1@x.example");
    }
}
