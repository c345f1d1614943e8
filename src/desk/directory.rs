//! Who the desk's customers are: organisations, their people (contacts) and what they bought (services).

use std::collections::BTreeSet;

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
