//! What a contact is for their organisation (SERVICE.md, authorised contacts).

use std::{fmt, str::FromStr};

/// In the order in which people are named: main contacts first, then the escalation list from its first level up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// main point of contact, the first and the second
    MainPrimary,
    MainSecondary,
    /// gets notices of planned works
    Maintenance,
    /// gets the updates of a master case
    MasterCase,
    /// of the customer's own escalation list, which staff use when they need someone higher there; levels from 1
    Escalation(u8),
}

/// Levels that an escalation list can have.
const LEVELS: u8 = 9;

impl Role {
    /// An authorised contact: opens cases for the organisation, and confirms and closes them.
    pub fn is_main(self) -> bool {
        matches!(self, Role::MainPrimary | Role::MainSecondary)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Role::MainPrimary => f.write_str("main-primary"),
            Role::MainSecondary => f.write_str("main-secondary"),
            Role::Maintenance => f.write_str("maintenance"),
            Role::MasterCase => f.write_str("master-case"),
            Role::Escalation(level) => write!(f, "escalation-{level}"),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown role \"{0}\" (known: main-primary, main-secondary, maintenance, master-case, escalation-1 … \
     escalation-{LEVELS})"
)]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(word: &str) -> Result<Role, UnknownRole> {
        let unknown = || UnknownRole(word.to_owned());
        match word.trim().to_lowercase().as_str() {
            "main-primary" => Ok(Role::MainPrimary),
            "main-secondary" => Ok(Role::MainSecondary),
            "maintenance" => Ok(Role::Maintenance),
            "master-case" => Ok(Role::MasterCase),
            other => {
                let level = other.strip_prefix("escalation-").ok_or_else(unknown)?;
                let level: u8 = level.parse().ok().filter(|n| (1..=LEVELS).contains(n)).ok_or_else(unknown)?;
                Ok(Role::Escalation(level))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_read_as_it_is_written() {
        for role in [Role::MainPrimary, Role::MainSecondary, Role::Maintenance, Role::MasterCase, Role::Escalation(3)] {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        assert!("escalation-0".parse::<Role>().is_err());
        assert!("boss".parse::<Role>().unwrap_err().to_string().contains("main-primary"));
    }
}
