//! How much a case matters. Every mail begins at P4 until one of the staff has reviewed it.

use serde::{Deserialize, Serialize};

use super::{lifecycle::Refusal, service_desk::ServiceDesk, staff_member::Right};

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

/// May one of the staff give a case this priority? Whoever acts under a name that is not of the staff has no rights.
pub fn may_set(desk: &ServiceDesk, name: &str, priority: Priority) -> Result<(), Refusal> {
    let person = desk.find_staff(name).ok();
    if priority != Priority::P1G || person.is_some_and(|person| person.may(Right::P1G)) {
        return Ok(());
    }
    let who = if person.is_some() { "you need" } else { "name yourself (--as NAME) as one of the staff with" };
    Err(Refusal(format!(
        "P1G is for one problem over several organisations: {who} the right for it (may = [\"p1g\"] in the \
         configuration), or use P1"
    )))
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
