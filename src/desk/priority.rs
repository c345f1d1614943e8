//! How much a case matters. Every mail begins at P4 until one of the staff has reviewed it.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Priority {
    /// global: one problem, several organisations
    P1G,
    P1,
    P2,
    P3,
    P4,
}

impl Priority {
    pub const ALL: [Priority; 5] = [Priority::P1G, Priority::P1, Priority::P2, Priority::P3, Priority::P4];

    pub fn as_str(self) -> &'static str {
        match self {
            Priority::P1G => "P1G",
            Priority::P1 => "P1",
            Priority::P2 => "P2",
            Priority::P3 => "P3",
            Priority::P4 => "P4",
        }
    }
}

impl std::fmt::Display for Priority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("unknown priority \"{0}\" (known: {known})", known = Priority::ALL.map(Priority::as_str).join(", "))]
pub struct UnknownPriority(String);

impl std::str::FromStr for Priority {
    type Err = UnknownPriority;

    fn from_str(text: &str) -> Result<Self, UnknownPriority> {
        let known = Priority::ALL.into_iter().find(|p| p.as_str().eq_ignore_ascii_case(text.trim()));
        known.ok_or_else(|| UnknownPriority(text.to_owned()))
    }
}
