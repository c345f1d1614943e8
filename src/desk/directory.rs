//! Who the desk's customers are: organisations, their people (contacts) and what they bought (services).
//!
//! A mail's writer is looked up once, and what is known of them travels as a value ([`Listed`]): the weighing of evidence
//! ([`crate::mail::thread`]) and the table of kinds of mail ([`super::intake`]) ask nobody.

pub mod columns;
mod consent;
pub mod mention;
mod pattern;
mod role;

use std::collections::BTreeSet;

use chrono_tz::Tz;

pub use consent::{says_no, says_yes, wrote_nothing};
pub use pattern::{PatternError, Patterns, reference_pattern};
pub use role::{Role, UnknownRole};

/// A customer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organisation {
    pub id: i64,
    pub name: String,
    /// OCN
    pub customer_number: Option<String>,
    /// in lower case: whoever writes from one of them is of this organisation
    pub domains: BTreeSet<String>,
    /// a regular expression of the references of *their* ticket system
    pub reference_pattern: Option<String>,
    /// addresses of their mailing lists, in lower case
    pub lists: BTreeSet<String>,
    /// the name of their own arrangement of clocks
    pub clocks: Option<String>,
}

/// Something that an organisation bought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Service {
    pub id: i64,
    pub organisation: i64,
    pub service_id: Option<String>,
    pub circuit_id: Option<String>,
    pub order_number: Option<String>,
    pub platform: Option<String>,
    pub site: Option<String>,
}

/// A person of an organisation, or a robot of theirs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    pub id: i64,
    /// in lower case
    pub email: String,
    pub name: Option<String>,
    pub title: Option<String>,
    pub telephone: Option<String>,
    pub organisation: Option<i64>,
    pub roles: BTreeSet<Role>,
    /// as of BCP 47, in lower case: `de`, `pt-br`
    pub language: Option<String>,
    /// in which they are told times
    pub zone: Option<Tz>,
    /// a customer's or supplier's ticket system: what it generates counts as a person's mail
    pub system: bool,
    /// their calendar asks them to accept or decline planned works (iTIP)
    pub invitations: bool,
}

impl Contact {
    /// May they do for their organisation what a requester may do on a case of their own?
    pub fn is_authorised(&self) -> bool {
        self.roles.iter().any(|role| role.is_main())
    }
}

/// An organisation, as far as its mail needs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Affiliation {
    pub id: i64,
    pub name: String,
    pub reference_pattern: Option<String>,
    /// the name of their own arrangement of clocks
    pub clocks: Option<String>,
}

/// What the directory knows of an address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listed {
    pub contact: Option<Contact>,
    /// the contact's, else the one to which the address's domain belongs
    pub organisation: Option<Affiliation>,
}

impl Listed {
    pub fn organisation_id(&self) -> Option<i64> {
        self.organisation.as_ref().map(|organisation| organisation.id)
    }

    /// The name of the arrangement that their organisation has.
    pub fn arrangement(&self) -> Option<&str> {
        self.organisation.as_ref()?.clocks.as_deref()
    }

    pub fn is_authorised(&self) -> bool {
        self.contact.as_ref().is_some_and(Contact::is_authorised)
    }

    pub fn is_system(&self) -> bool {
        self.contact.as_ref().is_some_and(|contact| contact.system)
    }

    pub fn is_known(&self) -> bool {
        self.contact.is_some() || self.organisation.is_some()
    }
}

/// How ids, numbers and circuits are compared: in capitals, without blanks.
pub fn key(id: &str) -> String {
    id.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_uppercase).collect()
}

/// How names of organisations are compared: in lower case, with one blank between words.
pub fn name_key(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// The domains to which an address could belong, the most specific first: `a.b.example`, `b.example`. A bare top level
/// is nobody's.
pub fn domains_of(email: &str) -> Vec<&str> {
    /// A name of more labels is looked up by its last ones.
    const LABELS: usize = 8;
    let Some((_, domain)) = email.rsplit_once('@') else { return vec![] };
    let labels = domain.split('.').count();
    let mut rest = domain;
    let mut all = Vec::new();
    for left in (2..=labels).rev() {
        if left <= LABELS {
            all.push(rest);
        }
        rest = rest.split_once('.').map_or("", |(_, rest)| rest);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_belongs_to_its_domain_and_to_those_above_it_but_to_no_top_level() {
        assert_eq!(domains_of("ada@a.books.example"), ["a.books.example", "books.example"]);
        assert_eq!(domains_of("ada@books.example"), ["books.example"]);
        assert!(domains_of("root@localhost").is_empty());
        assert!(domains_of("nobody").is_empty());
        let long = format!("x@{}example.test", "a.".repeat(100));
        assert_eq!(domains_of(&long).len(), 7, "a hostile name is looked up a few times only");
    }

    #[test]
    fn ids_are_compared_without_case_and_blanks_and_names_without_case() {
        assert_eq!(key(" ab 12\t/x "), "AB12/X");
        assert_eq!(name_key("  Books  & Maps Ltd "), "books & maps ltd");
    }
}
