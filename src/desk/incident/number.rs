//! The number of an incident.

use std::{fmt, str::FromStr};

/// Which incident; people use `MNI-0007`. It is public, and counts incidents, not cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IncidentNumber(pub i64);

impl fmt::Display for IncidentNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MNI-{:04}", self.0)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no incident's number, such as MNI-0007")]
pub struct NotAnIncident(String);

impl FromStr for IncidentNumber {
    type Err = NotAnIncident;

    fn from_str(word: &str) -> Result<IncidentNumber, NotAnIncident> {
        let upper = word.trim().to_uppercase();
        let digits = upper.strip_prefix("MNI-").unwrap_or("");
        let fits = (1..=12).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        let number = digits.parse().ok().filter(|n| fits && *n > 0);
        number.map(IncidentNumber).ok_or_else(|| NotAnIncident(word.to_owned()))
    }
}
