//! Works that customers plan on their own side: told to the desk by mail, and put on the calendar of the service
//! (SERVICE.md, customer's own planned works).

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::super::{
    case::CaseId,
    cues::{Asked, Request},
    directory::key,
    lifecycle::{Decision, in_staff_words},
    notice::{Notice, NoticeKind},
    policy::{Policy, Span},
};
use crate::mail::extract::{self, FieldName, Fields, Place};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    Customer,
    Desk,
}

impl Whose {
    pub const ALL: [Whose; 2] = [Whose::Customer, Whose::Desk];

    pub fn as_str(self) -> &'static str {
        match self {
            Whose::Customer => "customer",
            Whose::Desk => "desk",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorksKind {
    Planned,
    Emergency,
}

impl WorksKind {
    pub const ALL: [WorksKind; 2] = [WorksKind::Planned, WorksKind::Emergency];

    pub fn as_str(self) -> &'static str {
        match self {
            WorksKind::Planned => "planned",
            WorksKind::Emergency => "emergency",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorksState {
    /// something of it is still to be told
    Incomplete,
    Announced,
    Cancelled,
    Done,
}

impl WorksState {
    pub const ALL: [WorksState; 4] =
        [WorksState::Incomplete, WorksState::Announced, WorksState::Cancelled, WorksState::Done];

    pub fn as_str(self) -> &'static str {
        match self {
            WorksState::Incomplete => "incomplete",
            WorksState::Announced => "announced",
            WorksState::Cancelled => "cancelled",
            WorksState::Done => "done",
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ToldWindow {
    pub starts_at: Option<DateTime<Utc>>,
    pub ends_at: Option<DateTime<Utc>>,
}

/// A service as it was named, and its number where the directory knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    pub name: String,
    pub service: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Works {
    pub id: i64,
    pub whose: Whose,
    pub kind: WorksKind,
    pub state: WorksState,
    pub case: Option<CaseId>,
    pub organisation: Option<i64>,
    /// OCN
    pub customer_number: Option<String>,
    /// who is responsible for the service at the customer
    pub owner: Option<String>,
    pub announced_at: DateTime<Utc>,
    /// announced later than the policy asks for
    pub late: bool,
    pub windows: Vec<ToldWindow>,
    pub services: Vec<Touched>,
}

/// Does the mail announce works of its writer's, and no trouble?
pub fn announces(asked: &Asked) -> bool {
    asked.hears(Request::OwnPlannedWorks) && !asked.hears(Request::Incident) && !asked.fields.has(FieldName::Impact)
}

/// In a mail on a case of own works, "start" is that of the works.
pub fn read_as_works(fields: &mut Fields) {
    let start = fields.of(FieldName::StartTime).next().map(|found| (found.value.clone(), found.rule.clone()));
    if let Some((value, rule)) = start.filter(|_| !fields.has(FieldName::WorksStart)) {
        fields.remove(FieldName::StartTime);
        fields.add(FieldName::WorksStart, &value, Place::Line, &rule);
    }
}

/// The customer's own works, as their first mail tells of them. `organisation` is the writer's with its number.
pub fn announced(
    (case, organisation): (CaseId, Option<(i64, Option<String>)>),
    fields: &Fields,
    received_at: DateTime<Utc>,
    policy: &Policy,
) -> Works {
    let (organisation, number) = organisation.map_or((None, None), |(id, number)| (Some(id), number));
    let nothing = Works {
        id: 0,
        whose: Whose::Customer,
        kind: WorksKind::Planned,
        state: WorksState::Incomplete,
        case: Some(case),
        organisation,
        customer_number: number,
        owner: None,
        announced_at: received_at,
        late: false,
        windows: vec![ToldWindow::default()],
        services: vec![],
    };
    told(&nothing, fields, true, received_at, policy)
}

/// The works after another mail about them; `may_move`: whoever wrote it may also change what was told before.
pub fn told(before: &Works, fields: &Fields, may_move: bool, received_at: DateTime<Utc>, policy: &Policy) -> Works {
    let mut works = before.clone();
    let new = |name: FieldName| fields.of(name).next().map(|found| found.value.clone());
    let takes = |known: bool| may_move || !known;
    if takes(works.customer_number.is_some()) {
        works.customer_number = new(FieldName::CustomerNumber).or(works.customer_number);
    }
    if takes(works.owner.is_some()) {
        works.owner = new(FieldName::ServiceOwner).or(works.owner);
    }
    let named = fields.iter().filter(|found| found.name.names_a_service());
    for found in named.filter(|_| takes(!before.services.is_empty())) {
        if !works.services.iter().any(|touched| key(&touched.name) == key(&found.value)) {
            works.services.push(Touched { name: found.value.clone(), service: None });
        }
    }
    let at = |name: FieldName| {
        let value = new(name)?;
        DateTime::parse_from_rfc3339(&value).ok().map(|at| at.to_utc())
    };
    let mut window = works.windows.first().copied().unwrap_or_default();
    if takes(window.starts_at.is_some()) {
        window.starts_at = at(FieldName::WorksStart).or(window.starts_at);
    }
    if takes(window.ends_at.is_some()) {
        window.ends_at = at(FieldName::WorksEnd).or(window.ends_at);
    }
    // Works that end before they begin: one of both is a mistake, and the end is asked for.
    if window.starts_at.zip(window.ends_at).is_some_and(|(start, end)| end <= start) {
        window.ends_at = None;
    }
    let moved = before.windows.first().is_none_or(|old| old.starts_at != window.starts_at);
    works.windows = vec![window];
    if let Some(start) = window.starts_at.filter(|_| moved) {
        works.late = start < earliest(received_at, policy);
    }
    if matches!(works.state, WorksState::Incomplete | WorksState::Announced) {
        let complete = lacking(&works, policy).is_empty();
        works.state = if complete { WorksState::Announced } else { WorksState::Incomplete };
    }
    works
}

/// When works that are announced now may begin at the earliest.
fn earliest(announced_at: DateTime<Utc>, policy: &Policy) -> DateTime<Utc> {
    match policy.customer_works.notice {
        Span::Time(time) => announced_at + time,
        Span::BusinessDays(days) => policy.hours.add_business_days(announced_at, days),
    }
}

/// What is still to be told of them.
pub fn lacking(works: &Works, policy: &Policy) -> Vec<FieldName> {
    let window = works.windows.first().copied().unwrap_or_default();
    let tells = |name: FieldName| match name {
        FieldName::ServiceId | FieldName::CircuitId | FieldName::OrderNumber => !works.services.is_empty(),
        FieldName::CustomerNumber => works.customer_number.is_some(),
        FieldName::WorksStart => window.starts_at.is_some(),
        FieldName::WorksEnd => window.ends_at.is_some(),
        FieldName::ServiceOwner => works.owner.is_some(),
        _ => true,
    };
    extract::lacking(&policy.customer_works.required, tells)
}

/// The mail that opened the case announced them: one mail answers it, which asks for what is missing, too.
pub fn tell_recorded(decision: &mut Decision, works: &Works, policy: &Policy) {
    decision.mark_for_staff(in_words(works, policy));
    let Some(at) = decision.notices.iter().position(|notice| notice.kind == NoticeKind::Acknowledgement) else {
        return;
    };
    let asks = decision.notices.remove(at).data;
    let mut data = about(decision, works, policy);
    for name in ["missing", "several_missing"] {
        data[name] = asks.get(name).cloned().unwrap_or(Value::Null);
    }
    data["again"] = json!(false);
    decision.notices.push(Notice::automatic(NoticeKind::WorksRecorded, &decision.case, data));
}

/// A later mail has changed them.
pub fn tell_changed(decision: &mut Decision, works: &Works, policy: &Policy) {
    decision.mark_for_staff(in_words(works, policy));
    let mut data = about(decision, works, policy);
    data["missing"] = json!([]);
    data["several_missing"] = json!(false);
    data["again"] = json!(true);
    decision.notices.push(Notice::automatic(NoticeKind::WorksRecorded, &decision.case, data));
}

fn about(decision: &Decision, works: &Works, policy: &Policy) -> Value {
    let window = works.windows.first().copied().unwrap_or_default();
    let say = |at: Option<DateTime<Utc>>| at.map(|at| decision.say(at, policy));
    let days = match policy.customer_works.notice {
        Span::BusinessDays(days) => Some(days.to_string()),
        Span::Time(_) => None,
    };
    json!({
        "starts_at": say(window.starts_at),
        "ends_at": say(window.ends_at),
        "services": works.services.iter().map(|touched| &touched.name).collect::<Vec<_>>(),
        "customer_number": works.customer_number,
        "owner": works.owner,
        "late": works.late,
        "notice_days": days,
        "complete": works.state == WorksState::Announced,
    })
}

/// For staff's eyes: `own planned works of the customer: Tue … to Tue …, announced late, incomplete`.
fn in_words(works: &Works, policy: &Policy) -> String {
    let window = works.windows.first().copied().unwrap_or_default();
    let say = |at: Option<DateTime<Utc>>| at.map_or("?".to_owned(), |at| in_staff_words(at, policy));
    let late = if works.late { ", announced late" } else { "" };
    let incomplete = if works.state == WorksState::Incomplete { ", not all of it is known yet" } else { "" };
    let (start, end) = (say(window.starts_at), say(window.ends_at));
    format!("own planned works of the customer, on the calendar: {start} to {end}{late}{incomplete}")
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, TimeZone};

    use super::*;
    use crate::desk::policy;

    fn colt() -> Policy {
        Policy::load("colt", &policy::built_in).unwrap()
    }

    /// A Tuesday, 10:00 UTC.
    fn tuesday() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 3, 10, 0, 0).unwrap()
    }

    fn fields(all: &[(FieldName, &str)]) -> Fields {
        let mut fields = Fields::default();
        for (name, value) in all {
            fields.add(*name, value, Place::Line, "test");
        }
        fields
    }

    fn works_from(start: DateTime<Utc>) -> Works {
        let end = (start + Duration::hours(4)).to_rfc3339();
        let told = [
            (FieldName::CustomerNumber, "OCN4711"),
            (FieldName::ServiceId, "IS-1"),
            (FieldName::WorksStart, &start.to_rfc3339()),
            (FieldName::WorksEnd, &end),
            (FieldName::ServiceOwner, "Ada"),
        ];
        announced((CaseId(1), None), &fields(&told), tuesday(), &colt())
    }

    #[test]
    fn works_that_begin_twenty_business_days_from_now_are_in_time_and_a_second_earlier_late() {
        let first = Utc.with_ymd_and_hms(2026, 12, 1, 10, 0, 0).unwrap();
        assert!(!works_from(first).late);
        assert!(works_from(first - Duration::seconds(1)).late);
        assert_eq!(works_from(first).state, WorksState::Announced, "late or not, they are recorded");
    }

    #[test]
    fn what_an_announcement_lacks_is_known() {
        let told = [(FieldName::WorksStart, "2027-01-05T22:00:00+01:00"), (FieldName::WorksEnd, "on Wednesday")];
        let works = announced((CaseId(1), None), &fields(&told), tuesday(), &colt());
        assert_eq!(works.state, WorksState::Incomplete);
        assert_eq!(
            lacking(&works, &colt()),
            [FieldName::CustomerNumber, FieldName::ServiceId, FieldName::WorksEnd, FieldName::ServiceOwner]
        );
        let known = announced((CaseId(1), Some((7, Some("OCN1".to_owned())))), &fields(&told), tuesday(), &colt());
        assert!(!lacking(&known, &colt()).contains(&FieldName::CustomerNumber), "the directory knows it");
    }

    #[test]
    fn works_that_end_before_they_begin_have_no_end() {
        let told = [(FieldName::WorksStart, "2027-01-05T22:00:00Z"), (FieldName::WorksEnd, "2027-01-05T21:00:00Z")];
        let works = announced((CaseId(1), None), &fields(&told), tuesday(), &colt());
        assert_eq!(works.windows[0].ends_at, None);
    }

    #[test]
    fn whoever_may_not_move_works_may_complete_them() {
        let works = works_from(Utc.with_ymd_and_hms(2027, 1, 5, 22, 0, 0).unwrap());
        let later =
            fields(&[(FieldName::WorksStart, "2027-01-06T22:00:00Z"), (FieldName::WorksEnd, "2027-01-07T02:00:00Z")]);
        assert_eq!(told(&works, &later, false, tuesday(), &colt()), works);
        let moved = told(&works, &later, true, tuesday(), &colt());
        assert_eq!(moved.windows[0].starts_at, Some(Utc.with_ymd_and_hms(2027, 1, 6, 22, 0, 0).unwrap()));
    }
}
