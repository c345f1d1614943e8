//! A notice: what is to be said to whom. Deciding it and writing the mail are two things: the outbox keeps the notice,
//! the composer turns it into bytes once.

use serde_json::{Map, Value, json};

use super::{case::Case, service_desk::ServiceDesk};
use crate::mail::{address::Address, wording};

/// What a notice says; each has a template of the same name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NoticeKind {
    Acknowledgement,
    Linked,
    OpenedByPhone,
    Reopened,
    Reply,
    Awaiting,
    Status,
    NoResponseWarning,
    ClosedNoResponse,
    Resolved,
    Closed,
    Merged,
    Digest,
    StaffNewCase,
    StaffCustomerWrote,
    StaffReview,
    StaffUndelivered,
    StaffDecide,
    StaffList,
    StaffQuarantine,
    StaffTrouble,
    ConfirmSender,
    Refused,
    ConfirmAddress,
    GoThrough,
    EndUserAsks,
    Agreed,
    MacdReceived,
    MacdApprove,
    MacdAnswered,
    StaffMacd,
    SupplierTimes,
    BillingRequest,
    BillingPassedOn,
    WorksRecorded,
    StaffPromiseWarning,
    StaffPromiseBreach,
    StaffEtr,
    Etr,
    Escalated,
    EscalationByTelephone,
    EscalationSuperseded,
    StaffEscalated,
    DeferAsked,
    StaffCommand,
    Rfo,
    RfoRecorded,
    RfoNotGiven,
    StaffRfo,
    AttentionRecorded,
    StaffAttention,
    TaskReminder,
    StaffTask,
    WorksAnnounced,
    WorksChanged,
    WorksRescheduled,
    WorksReminder,
    WorksStarted,
    WorksExtended,
    WorksCompleted,
    WorksCancelled,
    WorksNote,
    WorksList,
    StaffWorks,
    StaffWorksList,
    MniOpened,
    MniUpdate,
    MniResolved,
    MniWithdrawn,
    StaffMni,
    SubscribeConfirm,
    Subscribed,
    Unsubscribed,
    SubscribeHelp,
}

/// Which way a notice goes out. What many get must not hold up what one person waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// about one case, to the few whom it concerns
    Conversation,
    /// of a major network incident, to all whom it touches: before what can wait an hour
    Incident,
    /// to many, or about many
    Bulk,
}

impl Lane {
    /// Those that go first come first.
    pub const ALL: [Lane; 3] = [Lane::Conversation, Lane::Incident, Lane::Bulk];

    /// Does it go to many?
    pub fn is_for_many(self) -> bool {
        self != Lane::Conversation
    }
}

impl NoticeKind {
    pub const ALL: [NoticeKind; 74] = [
        NoticeKind::Acknowledgement,
        NoticeKind::Linked,
        NoticeKind::OpenedByPhone,
        NoticeKind::Reopened,
        NoticeKind::Reply,
        NoticeKind::Awaiting,
        NoticeKind::Status,
        NoticeKind::NoResponseWarning,
        NoticeKind::ClosedNoResponse,
        NoticeKind::Resolved,
        NoticeKind::Closed,
        NoticeKind::Merged,
        NoticeKind::Digest,
        NoticeKind::StaffNewCase,
        NoticeKind::StaffCustomerWrote,
        NoticeKind::StaffReview,
        NoticeKind::StaffUndelivered,
        NoticeKind::StaffDecide,
        NoticeKind::StaffList,
        NoticeKind::StaffQuarantine,
        NoticeKind::StaffTrouble,
        NoticeKind::ConfirmSender,
        NoticeKind::Refused,
        NoticeKind::ConfirmAddress,
        NoticeKind::GoThrough,
        NoticeKind::EndUserAsks,
        NoticeKind::Agreed,
        NoticeKind::MacdReceived,
        NoticeKind::MacdApprove,
        NoticeKind::MacdAnswered,
        NoticeKind::StaffMacd,
        NoticeKind::SupplierTimes,
        NoticeKind::BillingRequest,
        NoticeKind::BillingPassedOn,
        NoticeKind::WorksRecorded,
        NoticeKind::StaffPromiseWarning,
        NoticeKind::StaffPromiseBreach,
        NoticeKind::StaffEtr,
        NoticeKind::Etr,
        NoticeKind::Escalated,
        NoticeKind::EscalationByTelephone,
        NoticeKind::EscalationSuperseded,
        NoticeKind::StaffEscalated,
        NoticeKind::DeferAsked,
        NoticeKind::StaffCommand,
        NoticeKind::Rfo,
        NoticeKind::RfoRecorded,
        NoticeKind::RfoNotGiven,
        NoticeKind::StaffRfo,
        NoticeKind::AttentionRecorded,
        NoticeKind::StaffAttention,
        NoticeKind::TaskReminder,
        NoticeKind::StaffTask,
        NoticeKind::WorksAnnounced,
        NoticeKind::WorksChanged,
        NoticeKind::WorksRescheduled,
        NoticeKind::WorksReminder,
        NoticeKind::WorksStarted,
        NoticeKind::WorksExtended,
        NoticeKind::WorksCompleted,
        NoticeKind::WorksCancelled,
        NoticeKind::WorksNote,
        NoticeKind::WorksList,
        NoticeKind::StaffWorks,
        NoticeKind::StaffWorksList,
        NoticeKind::MniOpened,
        NoticeKind::MniUpdate,
        NoticeKind::MniResolved,
        NoticeKind::MniWithdrawn,
        NoticeKind::StaffMni,
        NoticeKind::SubscribeConfirm,
        NoticeKind::Subscribed,
        NoticeKind::Unsubscribed,
        NoticeKind::SubscribeHelp,
    ];

    /// The template's name, also in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            NoticeKind::Acknowledgement => "acknowledgement",
            NoticeKind::Linked => "linked",
            NoticeKind::OpenedByPhone => "opened-by-phone",
            NoticeKind::Reopened => "reopened",
            NoticeKind::Reply => "reply",
            NoticeKind::Awaiting => "awaiting",
            NoticeKind::Status => "status",
            NoticeKind::NoResponseWarning => "no-response-warning",
            NoticeKind::ClosedNoResponse => "closed-no-response",
            NoticeKind::Resolved => "resolved",
            NoticeKind::Closed => "closed",
            NoticeKind::Merged => "merged",
            NoticeKind::Digest => "digest",
            NoticeKind::StaffNewCase => "staff-new-case",
            NoticeKind::StaffCustomerWrote => "staff-customer-wrote",
            NoticeKind::StaffReview => "staff-review",
            NoticeKind::StaffUndelivered => "staff-undelivered",
            NoticeKind::StaffDecide => "staff-decide",
            NoticeKind::StaffList => "staff-list",
            NoticeKind::StaffQuarantine => "staff-quarantine",
            NoticeKind::StaffTrouble => "staff-trouble",
            NoticeKind::ConfirmSender => "confirm-sender",
            NoticeKind::Refused => "refused",
            NoticeKind::ConfirmAddress => "confirm-address",
            NoticeKind::GoThrough => "go-through",
            NoticeKind::EndUserAsks => "end-user-asks",
            NoticeKind::Agreed => "agreed",
            NoticeKind::MacdReceived => "macd-received",
            NoticeKind::MacdApprove => "macd-approve",
            NoticeKind::MacdAnswered => "macd-answered",
            NoticeKind::StaffMacd => "staff-macd",
            NoticeKind::SupplierTimes => "supplier-times",
            NoticeKind::BillingRequest => "billing-request",
            NoticeKind::BillingPassedOn => "billing-passed-on",
            NoticeKind::WorksRecorded => "works-recorded",
            NoticeKind::StaffPromiseWarning => "staff-promise-warning",
            NoticeKind::StaffPromiseBreach => "staff-promise-breach",
            NoticeKind::StaffEtr => "staff-etr",
            NoticeKind::Etr => "etr",
            NoticeKind::Escalated => "escalated",
            NoticeKind::EscalationByTelephone => "escalation-by-telephone",
            NoticeKind::EscalationSuperseded => "escalation-superseded",
            NoticeKind::StaffEscalated => "staff-escalated",
            NoticeKind::DeferAsked => "defer-asked",
            NoticeKind::StaffCommand => "staff-command",
            NoticeKind::Rfo => "rfo",
            NoticeKind::RfoRecorded => "rfo-recorded",
            NoticeKind::RfoNotGiven => "rfo-not-given",
            NoticeKind::StaffRfo => "staff-rfo",
            NoticeKind::AttentionRecorded => "attention-recorded",
            NoticeKind::StaffAttention => "staff-attention",
            NoticeKind::TaskReminder => "task-reminder",
            NoticeKind::StaffTask => "staff-task",
            NoticeKind::WorksAnnounced => "works-announced",
            NoticeKind::WorksChanged => "works-changed",
            NoticeKind::WorksRescheduled => "works-rescheduled",
            NoticeKind::WorksReminder => "works-reminder",
            NoticeKind::WorksStarted => "works-started",
            NoticeKind::WorksExtended => "works-extended",
            NoticeKind::WorksCompleted => "works-completed",
            NoticeKind::WorksCancelled => "works-cancelled",
            NoticeKind::WorksNote => "works-note",
            NoticeKind::WorksList => "works-list",
            NoticeKind::StaffWorks => "staff-works",
            NoticeKind::StaffWorksList => "staff-works-list",
            NoticeKind::MniOpened => "mni-opened",
            NoticeKind::MniUpdate => "mni-update",
            NoticeKind::MniResolved => "mni-resolved",
            NoticeKind::MniWithdrawn => "mni-withdrawn",
            NoticeKind::StaffMni => "staff-mni",
            NoticeKind::SubscribeConfirm => "subscribe-confirm",
            NoticeKind::Subscribed => "subscribed",
            NoticeKind::Unsubscribed => "unsubscribed",
            NoticeKind::SubscribeHelp => "subscribe-help",
        }
    }

    pub fn parse(name: &str) -> Option<NoticeKind> {
        NoticeKind::ALL.into_iter().find(|k| k.as_str() == name)
    }

    /// The first answers to a new case: many of them to one address become a digest.
    pub const ACKNOWLEDGEMENTS: [NoticeKind; 6] = [
        NoticeKind::Acknowledgement,
        NoticeKind::Linked,
        NoticeKind::MacdReceived,
        NoticeKind::BillingPassedOn,
        NoticeKind::WorksRecorded,
        NoticeKind::WorksList,
    ];

    pub fn is_acknowledgement(self) -> bool {
        NoticeKind::ACKNOWLEDGEMENTS.contains(&self)
    }

    pub fn lane(self) -> Lane {
        match self {
            NoticeKind::Digest | NoticeKind::StaffList => Lane::Bulk,
            NoticeKind::MniOpened | NoticeKind::MniUpdate | NoticeKind::MniResolved | NoticeKind::MniWithdrawn => {
                Lane::Incident
            }
            NoticeKind::WorksAnnounced
            | NoticeKind::WorksChanged
            | NoticeKind::WorksRescheduled
            | NoticeKind::WorksReminder
            | NoticeKind::WorksStarted
            | NoticeKind::WorksExtended
            | NoticeKind::WorksCompleted
            | NoticeKind::WorksCancelled
            | NoticeKind::WorksNote => Lane::Bulk,
            _ => Lane::Conversation,
        }
    }

    /// May wait for the hours in which staff are mailed about the case's priority? A new case and the review may not:
    /// nobody knows yet how much they matter.
    pub fn may_be_held(self) -> bool {
        self.is_for_staff() && !matches!(self, NoticeKind::StaffNewCase | NoticeKind::StaffReview)
    }

    pub fn is_for_staff(self) -> bool {
        self.as_str().starts_with("staff-")
    }
}

impl std::fmt::Display for NoticeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Audience {
    /// the requester alone: all automatic mail to customers
    Requester,
    /// this person, who is not the requester
    Person(Address),
    /// the requester, with the case's participants and these people in Cc: what staff write
    Participants { cc: Vec<Address> },
    /// the assignee, else all of the staff
    Staff,
    /// those of the staff who are marked as lead, else all of the staff
    Leads,
}

/// A mail to be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Notice {
    pub kind: NoticeKind,
    pub audience: Audience,
    /// Nobody of the staff wrote it: it carries Auto-Submitted, counts against the limit per address, and goes to
    /// nobody who is suppressed.
    pub automatic: bool,
    /// The template's variables; what each language writes in its own way stays a value of [`wording`].
    pub data: Map<String, Value>,
}

impl Notice {
    /// An automatic notice about a case, with the variables that every notice about a case has.
    pub fn automatic(kind: NoticeKind, case: &Case, data: Value) -> Notice {
        Notice { kind, audience: Audience::Requester, automatic: true, data: about(case, data) }
    }

    /// An automatic notice about a case to somebody who is not its requester.
    pub fn automatic_to(person: &Address, kind: NoticeKind, case: &Case, data: Value) -> Notice {
        let mut data = about(case, data);
        match &person.name {
            Some(name) => data.insert("greeting_name".into(), json!(name)),
            None => data.remove("greeting_name"),
        };
        Notice { kind, audience: Audience::Person(person.clone()), automatic: true, data }
    }

    /// What a person of the staff writes to the customer.
    pub fn by_staff(kind: NoticeKind, case: &Case, cc: Vec<Address>, data: Value) -> Notice {
        Notice { kind, audience: Audience::Participants { cc }, automatic: false, data: about(case, data) }
    }

    /// What a person of the staff writes to somebody who asked for it, and to nobody else.
    pub fn by_staff_to(person: &Address, kind: NoticeKind, case: &Case, data: Value) -> Notice {
        Notice { automatic: false, ..Notice::automatic_to(person, kind, case, data) }
    }

    /// To one of the staff, or to whoever else is to do something for the desk.
    pub fn to_colleague(person: &Address, kind: NoticeKind, case: &Case, data: Value) -> Notice {
        Notice { audience: Audience::Person(person.clone()), ..Notice::to_staff(kind, case, data) }
    }

    pub fn to_staff(kind: NoticeKind, case: &Case, data: Value) -> Notice {
        let mut data = about(case, data);
        data.remove("greeting_name");
        data.insert("status".into(), json!(case.status.as_str()));
        data.insert("requester".into(), json!(written(&case.requester)));
        Notice { kind, audience: Audience::Staff, automatic: true, data }
    }

    /// To one of the staff alone, whoever has the case.
    pub fn to_staff_member(person: &Address, kind: NoticeKind, case: &Case, data: Value) -> Notice {
        Notice { audience: Audience::Person(person.clone()), ..Notice::to_staff(kind, case, data) }
    }

    pub fn to_leads(kind: NoticeKind, case: &Case, data: Value) -> Notice {
        Notice { audience: Audience::Leads, ..Notice::to_staff(kind, case, data) }
    }
}

/// `Ada Lovelace <ada@example.com>`, for staff's eyes.
pub fn written(address: &Address) -> String {
    match &address.name {
        Some(name) if address.email.is_empty() => name.clone(),
        Some(name) => format!("{name} <{}>", address.email),
        None if address.email.is_empty() => "unknown sender".to_owned(),
        None => address.email.clone(),
    }
}

/// The same for a customer's eyes.
pub fn named(address: &Address) -> Value {
    match address.name.is_none() && address.email.is_empty() {
        true => wording::word("general.unknown-sender"),
        false => json!(written(address)),
    }
}

/// The subject of a mail or case, for a notice.
pub fn subject(subject: &str) -> Value {
    if subject.is_empty() { wording::word("general.no-subject") } else { json!(subject) }
}

fn about(case: &Case, data: Value) -> Map<String, Value> {
    let Value::Object(mut all) = data else { return Map::new() };
    all.retain(|_, value| !value.is_null());
    all.insert("reference".into(), json!(case.reference.to_string()));
    all.insert("subject".into(), subject(&case.subject));
    all.insert("priority".into(), json!(case.priority.to_string()));
    all.insert("status".into(), case.status.in_words());
    if let Some(name) = &case.requester.name {
        all.insert("greeting_name".into(), json!(name));
    }
    all
}

/// The people behind an audience: first those in To, then those in Cc. Never an address of the desk itself, and never
/// the same address twice.
pub fn recipients(
    audience: &Audience,
    case: &Case,
    participants: &[Address],
    desk: &ServiceDesk,
) -> (Vec<Address>, Vec<Address>) {
    let (to, cc) = match audience {
        Audience::Requester => (vec![case.reply_to.clone()], vec![]),
        Audience::Person(person) => (vec![person.clone()], vec![]),
        Audience::Participants { cc } => {
            (vec![case.reply_to.clone()], participants.iter().chain(cc).cloned().collect::<Vec<_>>())
        }
        Audience::Staff => (desk.staff_for(case.assignee.as_deref()), vec![]),
        Audience::Leads => (desk.leads(), vec![]),
    };
    let mut seen = std::collections::BTreeSet::new();
    // The requester may have asked from one address and read at another: they are not to be in Cc as well.
    if matches!(audience, Audience::Participants { .. }) {
        seen.insert(case.requester.email.clone());
    }
    let mut allowed = |people: Vec<Address>, first: bool| -> Vec<Address> {
        people
            .into_iter()
            .filter(|a| !a.email.is_empty() && !desk.is_own(&a.email))
            .filter(|a| seen.insert(a.email.clone()) || (first && a.email == case.requester.email))
            .collect()
    };
    let to = allowed(to, true);
    let cc = allowed(cc, false);
    (to, cc)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::template::Templates;

    #[test]
    fn every_notice_has_its_template_and_every_template_its_notice() {
        let mut notices: Vec<&str> = NoticeKind::ALL.iter().map(|k| k.as_str()).collect();
        let mut templates: Vec<&str> = Templates::names().collect();
        notices.sort_unstable();
        templates.sort_unstable();
        assert_eq!(notices, templates);
    }
}
