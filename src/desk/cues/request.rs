//! What a mail can ask for.

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    Incident,
    Close,
    ConfirmResolved,
    Reopen,
    Escalate,
    /// reason for outage
    Rfo,
    IncidentReport,
    PlannedWorksQuestion,
    Move,
    Add,
    Change,
    Delete,
    OwnPlannedWorks,
    ManagementAttention,
    Billing,
    Subscribe,
    Unsubscribe,
    ChangeAddress,
}

impl Request {
    pub const ALL: [Request; 18] = [
        Request::Incident,
        Request::Close,
        Request::ConfirmResolved,
        Request::Reopen,
        Request::Escalate,
        Request::Rfo,
        Request::IncidentReport,
        Request::PlannedWorksQuestion,
        Request::Move,
        Request::Add,
        Request::Change,
        Request::Delete,
        Request::OwnPlannedWorks,
        Request::ManagementAttention,
        Request::Billing,
        Request::Subscribe,
        Request::Unsubscribe,
        Request::ChangeAddress,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Request::Incident => "incident",
            Request::Close => "close",
            Request::ConfirmResolved => "confirm-resolved",
            Request::Reopen => "reopen",
            Request::Escalate => "escalate",
            Request::Rfo => "rfo",
            Request::IncidentReport => "incident-report",
            Request::PlannedWorksQuestion => "planned-works-question",
            Request::Move => "move",
            Request::Add => "add",
            Request::Change => "change",
            Request::Delete => "delete",
            Request::OwnPlannedWorks => "own-planned-works",
            Request::ManagementAttention => "management-attention",
            Request::Billing => "billing",
            Request::Subscribe => "subscribe",
            Request::Unsubscribe => "unsubscribe",
            Request::ChangeAddress => "change-address",
        }
    }

    pub fn parse(word: &str) -> Option<Request> {
        Request::ALL.into_iter().find(|request| request.as_str() == word)
    }
}

impl std::fmt::Display for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
