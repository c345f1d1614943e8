//! One of the desk's people, and what they may do.

use std::{collections::BTreeSet, fmt, str::FromStr};

use chrono::{DateTime, Utc};

use super::hours::Calendar;
use crate::mail::address::Address;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaffMember {
    pub address: Address,
    /// hears of what the assignee let pass: breached clocks, mail that nobody took
    pub lead: bool,
    pub rights: BTreeSet<Right>,
    /// The platforms and products that they know, in lower case; none: they take all alike.
    pub products: BTreeSet<String>,
    /// When they are at work; none: at any time. Holidays are none of a shift's: a desk has one to keep them.
    pub shift: Option<Calendar>,
    pub telephone: Option<String>,
}

impl StaffMember {
    /// Somebody without any rights but to work cases.
    pub fn new(address: Address) -> StaffMember {
        StaffMember {
            address,
            lead: false,
            rights: BTreeSet::new(),
            products: BTreeSet::new(),
            shift: None,
            telephone: None,
        }
    }

    pub fn is_on_shift(&self, at: DateTime<Utc>) -> bool {
        self.shift.as_ref().is_none_or(|shift| shift.is_open(at))
    }

    pub fn may(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }
}

/// One of them, as people name each other: by name or address; by a first name, or what stands before the @, where only one
/// of them has it.
///
/// # Errors
/// Nobody has that name, or several have.
pub fn find<'a>(staff: &'a [StaffMember], who: &str) -> Result<&'a StaffMember, NotOfTheStaff> {
    let called = who.trim().to_lowercase();
    let is_named = |address: &Address| address.name.as_ref().is_some_and(|name| name.to_lowercase() == called);
    if let Some(found) = staff.iter().find(|s| s.address.email == called || is_named(&s.address)) {
        return Ok(found);
    }
    let is_called = |address: &Address| {
        let first = address.display().split_whitespace().next();
        first.is_some_and(|name| name.to_lowercase() == called)
            || address.email.split('@').next() == Some(called.as_str())
    };
    let mut found = staff.iter().filter(|s| is_called(&s.address));
    match (found.next(), found.next()) {
        (Some(one), None) => Ok(one),
        (several, _) => Err(NotOfTheStaff {
            who: who.trim().to_owned(),
            several: several.is_some(),
            known: staff.iter().map(|s| s.address.display()).collect::<Vec<_>>().join(", "),
        }),
    }
}

/// Somebody was named who is not of the staff, or who may be several of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{} \"{who}\" (known: {known})", if *several { "several of the staff are called" } else { "nobody of the staff is called" })]
pub struct NotOfTheStaff {
    who: String,
    several: bool,
    known: String,
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
