//! One of the desk's people, and what they may do.

use std::{collections::BTreeSet, fmt, str::FromStr};

use crate::mail::address::Address;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffMember {
    pub address: Address,
    /// hears of what the assignee let pass: breached clocks, mail that nobody took
    pub lead: bool,
    pub rights: BTreeSet<Right>,
}

impl StaffMember {
    /// Somebody without any rights but to work cases.
    pub fn new(address: Address) -> StaffMember {
        StaffMember { address, lead: false, rights: BTreeSet::new() }
    }

    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }
}

/// What not everybody of the staff may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// mark a case P1G: one problem over several organisations (SERVICE.md, priorities)
    P1G,
}

impl Right {
    pub const ALL: [Right; 1] = [Right::P1G];

    pub fn as_str(self) -> &'static str {
        match self {
            Right::P1G => "p1g",
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no right (known: {known})", known = Right::ALL.map(Right::as_str).join(", "))]
pub struct UnknownRight(String);

impl FromStr for Right {
    type Err = UnknownRight;

    fn from_str(word: &str) -> Result<Right, UnknownRight> {
        Right::ALL.into_iter().find(|right| right.as_str() == word).ok_or_else(|| UnknownRight(word.to_owned()))
    }
}
