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
