//! What may stand in a `policy.toml`: every key is optional, since a policy holds only what differs from the one that it
//! extends. A section with keys of its own is a module beside this one.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::languages::OwnText;
use super::{assignment::AssignmentFile, deferral::DeferralFile, escalation::EscalationFile};
use super::{attention::AttentionFile, mni::MniFile, rfo::RfoFile, subscriptions::SubscriptionsFile, works::WorksFile};
use super::{billing::BillingFile, customer_works::CustomerWorksFile, macd::MacdFile};
use super::{
    calendars::CalendarFile,
    priorities::{MatrixFile, PriorityFile},
    sla::{ArrangementFile, SlaFile},
};

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
    pub(super) urgent: Option<OwnText>,
    pub(super) automatic_per_hour: Option<u32>,
    pub(super) acknowledgements_per_hour: Option<u32>,
    pub(super) unknown_sender: Option<String>,
    pub(super) authorised_contacts_only: Option<bool>,
    pub(super) cues: Option<Vec<String>>,
    pub(super) required_fields: Option<Vec<String>>,
    pub(super) languages: Option<Vec<String>>,
    pub(super) macd: Option<MacdFile>,
    pub(super) billing: Option<BillingFile>,
    pub(super) customer_works: Option<CustomerWorksFile>,
    pub(super) calendars: Option<BTreeMap<String, CalendarFile>>,
    pub(super) update: Option<BTreeMap<String, String>>,
    pub(super) resolution: Option<BTreeMap<String, String>>,
    pub(super) arrangements: Option<BTreeMap<String, ArrangementFile>>,
    pub(super) sla: Option<SlaFile>,
    pub(super) staff_mail: Option<BTreeMap<String, String>>,
    pub(super) priorities: Option<BTreeMap<String, PriorityFile>>,
    pub(super) priority_matrix: Option<MatrixFile>,
    pub(super) assignment: Option<AssignmentFile>,
    pub(super) deferral: Option<DeferralFile>,
    pub(super) escalation: Option<EscalationFile>,
    pub(super) rfo: Option<RfoFile>,
    pub(super) attention: Option<AttentionFile>,
    pub(super) mni: Option<MniFile>,
    pub(super) platforms: Option<BTreeMap<String, String>>,
    pub(super) works: Option<WorksFile>,
    pub(super) subscriptions: Option<SubscriptionsFile>,
}
