//! What a mail says about a matter: its fields (service, start, impact, …), each with where it was found and by which
//! rule.
//!
//! Three ways lead to a field: a line with a label ([`labels`]), the sentences ([`prose`]), and the list of services
//! ([`services`]). The words of the languages come from the policy's cue files; here is what holds in every language.

pub mod attention;
pub mod labels;
pub mod moment;
pub mod names;
pub mod plain;
pub mod prose;
pub mod sentence;
pub mod services;
pub mod time_words;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{incoming::header::one_line, wording};

/// What can be known of a matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldName {
    ServiceId,
    CircuitId,
    OrderNumber,
    /// OCN
    CustomerNumber,
    StartTime,
    Description,
    Impact,
    /// intermittent or permanent
    Persistence,
    /// of a change: standard or expedited
    ChangeSpeed,
    IpAddresses,
    CaseReferences,
    MilestoneDates,
    TelephoneNumbers,
    WorksStart,
    WorksEnd,
    ServiceOwner,
    AttentionReason,
    AttentionMilestone,
    AttentionContact,
}

impl FieldName {
    pub const ALL: [FieldName; 19] = [
        FieldName::ServiceId,
        FieldName::CircuitId,
        FieldName::OrderNumber,
        FieldName::CustomerNumber,
        FieldName::StartTime,
        FieldName::Description,
        FieldName::Impact,
        FieldName::Persistence,
        FieldName::ChangeSpeed,
        FieldName::IpAddresses,
        FieldName::CaseReferences,
        FieldName::MilestoneDates,
        FieldName::TelephoneNumbers,
        FieldName::WorksStart,
        FieldName::WorksEnd,
        FieldName::ServiceOwner,
        FieldName::AttentionReason,
        FieldName::AttentionMilestone,
        FieldName::AttentionContact,
    ];

    /// In files of rules and in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            FieldName::ServiceId => "service-id",
            FieldName::CircuitId => "circuit-id",
            FieldName::OrderNumber => "order-number",
            FieldName::CustomerNumber => "customer-number",
            FieldName::StartTime => "start-time",
            FieldName::Description => "description",
            FieldName::Impact => "impact",
            FieldName::Persistence => "persistence",
            FieldName::ChangeSpeed => "change-speed",
            FieldName::IpAddresses => "ip-addresses",
            FieldName::CaseReferences => "case-references",
            FieldName::MilestoneDates => "milestone-dates",
            FieldName::TelephoneNumbers => "telephone-numbers",
            FieldName::WorksStart => "works-start",
            FieldName::WorksEnd => "works-end",
            FieldName::ServiceOwner => "service-owner",
            FieldName::AttentionReason => "attention-reason",
            FieldName::AttentionMilestone => "attention-milestone",
            FieldName::AttentionContact => "attention-contact",
        }
    }

    pub fn parse(word: &str) -> Option<FieldName> {
        FieldName::ALL.into_iter().find(|name| name.as_str() == word)
    }

    /// The key in JSON: `service_id`.
    pub fn key(self) -> String {
        self.as_str().replace('-', "_")
    }

    /// As a customer is asked for it: in words of every day, which each language has. Any name of a service will do.
    pub fn in_words(self) -> Value {
        let what = if self.names_a_service() { "service" } else { self.as_str() };
        wording::word(format!("question.{what}"))
    }

    /// Of these a mail names several without contradicting itself: they are always told as a list.
    pub fn is_list(self) -> bool {
        matches!(
            self,
            FieldName::IpAddresses
                | FieldName::CaseReferences
                | FieldName::MilestoneDates
                | FieldName::TelephoneNumbers
        )
    }

    /// Does it name something that the desk's list of services knows?
    pub fn names_a_service(self) -> bool {
        matches!(self, FieldName::ServiceId | FieldName::CircuitId | FieldName::OrderNumber)
    }

    /// Of these the first word counts, whatever comes later.
    fn is_single(self) -> bool {
        matches!(
            self,
            FieldName::StartTime
                | FieldName::Impact
                | FieldName::Persistence
                | FieldName::ChangeSpeed
                | FieldName::WorksStart
                | FieldName::WorksEnd
        )
    }
}

/// Which of these lack. Of several names of a service one is enough, and one is asked for.
pub fn lacking(wanted: &[FieldName], tells: impl Fn(FieldName) -> bool) -> Vec<FieldName> {
    let has_service = wanted.iter().any(|name| name.names_a_service() && tells(*name));
    let service = wanted.iter().find(|name| name.names_a_service());
    let lacks = |name: &&FieldName| match name.names_a_service() {
        true => !has_service && Some(*name) == service,
        false => !tells(**name),
    };
    wanted.iter().filter(lacks).copied().collect()
}

/// Where a value was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// a line with a label
    Line,
    Subject,
    Prose,
    /// the desk knows it as a service's
    ServiceList,
}

impl Place {
    pub fn as_str(self) -> &'static str {
        match self {
            Place::Line => "line",
            Place::Subject => "subject",
            Place::Prose => "prose",
            Place::ServiceList => "service-list",
        }
    }
}

/// A value, and how it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub name: FieldName,
    pub value: String,
    pub place: Place,
    /// the cue or the label that led to it
    pub rule: String,
    /// why staff should not rely on it
    pub doubt: Option<String>,
    /// the list of services has it as the writer's own
    pub confirmed: bool,
}

/// The fields of a mail, each value once, the most reliable first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<Found>);

/// Values of one field; more are a list of something else.
const VALUES: usize = 20;
const VALUE_CHARS: usize = 500;

impl Fields {
    /// Adds a value unless it is known, or a better one is.
    pub fn add(&mut self, name: FieldName, value: &str, place: Place, rule: &str) {
        let value = one_line(value, VALUE_CHARS);
        let known = self.of(name).count();
        let again = self.of(name).any(|found| found.value.eq_ignore_ascii_case(&value));
        let at_most = if name.is_single() { 1 } else { VALUES };
        if !value.is_empty() && !again && known < at_most {
            self.0.push(Found { name, value, place, rule: rule.to_owned(), doubt: None, confirmed: false });
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &Found> {
        self.0.iter()
    }

    pub fn of(&self, name: FieldName) -> impl Iterator<Item = &Found> {
        self.0.iter().filter(move |found| found.name == name)
    }

    pub fn has(&self, name: FieldName) -> bool {
        self.of(name).next().is_some()
    }

    /// Is it known? A service that the list has as the writer's own is known by whichever of its names was told.
    pub fn tells(&self, name: FieldName) -> bool {
        let service = |found: &Found| found.confirmed && found.doubt.is_none() && found.name.names_a_service();
        self.has(name) || name.names_a_service() && self.0.iter().any(service)
    }

    /// Forgets what was found of a field: it meant something else.
    pub fn remove(&mut self, name: FieldName) {
        self.0.retain(|found| found.name != name);
    }
}

#[cfg(test)]
mod tests {
    use super::{FieldName, lacking};

    #[test]
    fn of_several_names_of_a_service_one_is_enough_and_one_is_asked_for() {
        use FieldName::{CircuitId, Impact, OrderNumber, ServiceId};
        let any = [CircuitId, Impact, ServiceId, OrderNumber];
        assert_eq!(lacking(&any, |name| name == OrderNumber), [Impact]);
        assert_eq!(lacking(&any, |_| false), [CircuitId, Impact]);
        assert_eq!(lacking(&[ServiceId], |name| name == OrderNumber), [ServiceId], "only that one will do");
        assert_eq!(lacking(&any, |name| name == Impact || name == ServiceId), []);
    }
}
