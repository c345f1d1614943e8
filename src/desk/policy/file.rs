//! What may stand in a `policy.toml`: every key is optional, since a policy holds only what differs from the one that it
//! extends. A section with keys of its own is a module beside this one.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{attention::AttentionFile, rfo::RfoFile};

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) extends: Option<String>,
    pub(super) zone: Option<String>,
    pub(super) hours: Option<BTreeMap<String, Vec<String>>>,
    pub(super) review_after: Option<String>,
    pub(super) reopen_within: Option<String>,
    pub(super) closed_no_response: Option<String>,
    pub(super) no_response_warning: Option<String>,
    pub(super) no_response_close: Option<String>,
    pub(super) resolved_close: Option<String>,
    pub(super) first_response: Option<BTreeMap<String, String>>,
    pub(super) urgent: Option<String>,
    pub(super) automatic_per_hour: Option<u32>,
    pub(super) acknowledgements_per_hour: Option<u32>,
    pub(super) unknown_sender: Option<String>,
    pub(super) authorised_contacts_only: Option<bool>,
    pub(super) cues: Option<Vec<String>>,
    pub(super) required_fields: Option<Vec<String>>,
    pub(super) rfo: Option<RfoFile>,
    pub(super) attention: Option<AttentionFile>,
}
