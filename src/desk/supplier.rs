//! A case at a supplier: a carrier or maker has a part of the matter, under a reference of its own and in its own times.
//! The customer is told those when staff say so. What the supplier's system mails is kept on the case for staff.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{
    case::{Actor, Case, CaseId},
    directory::{domains_of, key},
    lifecycle::{Decision, Refusal, What, in_staff_words},
    notice::{Notice, NoticeKind},
    policy::Policy,
};

/// A shorter reference stands in mails that have nothing to do with it.
const SHORTEST_REFERENCE: usize = 4;

/// What one supplier has of one case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supplier {
    pub case: CaseId,
    /// counted on each case from 1
    pub number: u32,
    pub name: String,
    pub their_reference: String,
    /// the domain from which they write, in lower case
    pub domain: Option<String>,
    pub opened_at: DateTime<Utc>,
    pub first_response_by: Option<DateTime<Utc>>,
    pub expected_by: Option<DateTime<Utc>>,
    /// the customer was told that it takes until then because of them
    pub delays_until: Option<DateTime<Utc>>,
    pub closed_at: Option<DateTime<Utc>>,
}

/// The times that a supplier states; what is none stays as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Times {
    pub first_response_by: Option<DateTime<Utc>>,
    pub expected_by: Option<DateTime<Utc>>,
    pub delays_until: Option<DateTime<Utc>>,
}

pub fn open(
    case: &Case,
    number: u32,
    (name, their_reference, domain): (&str, &str, Option<&str>),
    staff: &str,
    now: DateTime<Utc>,
) -> Result<(Decision, Supplier), Refusal> {
    if case.status.is_closed() {
        return Err(Refusal(format!("{} is {}: reopen it first", case.reference, case.status)));
    }
    let (name, their_reference) = (name.trim(), their_reference.trim());
    if name.is_empty() || key(their_reference).chars().count() < SHORTEST_REFERENCE {
        return Err(Refusal(format!(
            "a supplier needs a name, and its reference at least {SHORTEST_REFERENCE} characters: by it their mail is known"
        )));
    }
    let supplier = Supplier {
        case: case.id,
        number,
        name: name.to_owned(),
        their_reference: their_reference.to_owned(),
        domain: domain.map(|domain| domain.trim().trim_start_matches('@').to_lowercase()),
        opened_at: now,
        first_response_by: None,
        expected_by: None,
        delays_until: None,
        closed_at: None,
    };
    let mut decision = Decision::unchanged(case);
    decision.case.at_supplier = true;
    let text = format!("at supplier {name} as {their_reference}");
    decision.note(now, &Actor::Staff(staff.to_owned()), What::Remark { text });
    Ok((decision, supplier))
}

/// What the supplier says of its times. When it delays the matter, the customer is told.
pub fn set_times(
    decision: &mut Decision,
    supplier: &Supplier,
    times: &Times,
    staff: &str,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Supplier {
    let after = Supplier {
        first_response_by: times.first_response_by.or(supplier.first_response_by),
        expected_by: times.expected_by.or(supplier.expected_by),
        // What the supplier expects anew is no delay any more.
        delays_until: times.delays_until.or(supplier.delays_until.filter(|_| times.expected_by.is_none())),
        ..supplier.clone()
    };
    let said = [
        ("first response by", times.first_response_by),
        ("expected by", times.expected_by),
        ("delays the matter until", times.delays_until),
    ];
    for (what, at) in said.into_iter().filter_map(|(what, at)| Some((what, at?))) {
        let text = format!("supplier {}: {what} {}", supplier.name, in_staff_words(at, policy));
        decision.note(now, &Actor::Staff(staff.to_owned()), What::Remark { text });
    }
    if times.delays_until.is_some() {
        tell(decision, &after, staff, policy, now);
    }
    after
}

/// Tells the customer how it stands at the supplier.
pub fn tell(decision: &mut Decision, supplier: &Supplier, staff: &str, policy: &Policy, now: DateTime<Utc>) {
    let say = |at: Option<DateTime<Utc>>| at.map(|at| decision.say(at, policy));
    let data = json!({
        "supplier": supplier.name,
        "since": decision.say(supplier.opened_at, policy),
        "first_response_by": say(supplier.first_response_by.filter(|at| *at > now)),
        // A delay takes the place of what was expected before it.
        "expected_by": say(supplier.expected_by.filter(|_| supplier.delays_until.is_none())),
        "delays_until": say(supplier.delays_until),
        "nothing_known": supplier.expected_by.is_none() && supplier.delays_until.is_none(),
        "staff_name": staff,
    });
    decision.case.last_public_at = Some(now);
    decision.notices.push(Notice::by_staff(NoticeKind::SupplierTimes, &decision.case, vec![], data));
    let text = format!("told the customer how it stands at {}", supplier.name);
    decision.note(now, &Actor::Staff(staff.to_owned()), What::Remark { text });
}

/// `others_open`: something else of the case still lies at a supplier.
pub fn close(
    case: &Case,
    supplier: &Supplier,
    others_open: bool,
    staff: &str,
    now: DateTime<Utc>,
) -> Result<(Decision, Supplier), Refusal> {
    if supplier.closed_at.is_some() {
        return Err(Refusal(format!("{}: it is back from {} already", case.reference, supplier.name)));
    }
    let mut decision = Decision::unchanged(case);
    decision.case.at_supplier = others_open;
    let text = format!("back from supplier {} ({})", supplier.name, supplier.their_reference);
    decision.note(now, &Actor::Staff(staff.to_owned()), What::Remark { text });
    Ok((decision, Supplier { closed_at: Some(now), ..supplier.clone() }))
}

/// Is a mail from this address, with this text in capitals, the supplier's about this matter?
pub fn is_theirs(supplier: &Supplier, email: &str, text: &str) -> bool {
    let from_there = supplier.domain.as_deref().is_some_and(|domain| domains_of(email).contains(&domain));
    from_there && names(text, &supplier.their_reference)
}

/// Does the reference stand in the text as a whole?
fn names(text: &str, reference: &str) -> bool {
    let reference = reference.to_uppercase();
    let joins = |c: char| c.is_alphanumeric();
    text.match_indices(&reference)
        .any(|(at, _)| !text[..at].ends_with(joins) && !text[at + reference.len()..].starts_with(joins))
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_reference_is_found_as_a_whole_whatever_its_case() {
        assert!(names("UPDATE ON INC-0042 (LINE DOWN)", "inc-0042"));
        assert!(names("[INC-0042]", "INC-0042"));
        assert!(!names("Update on INC-00421", "INC-0042"));
        assert!(!names("XINC-0042", "INC-0042"));
    }
}
