//! To whom of the staff a case goes.
//!
//! Of the people who are on shift, those come first who know one of the case's products, then those who take all alike,
//! then the others. Of these the policy takes whoever has waited longest for a case, or who has the fewest open ones; who
//! is even in that goes by the other, and then by the order of the configuration. With nobody on shift a case is nobody's
//! and all of the staff are told: what comes at night must not wait unseen in one mailbox.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    case::{Actor, Case, Status},
    lifecycle::{Decision, What},
    policy::How,
    service_desk::ServiceDesk,
    staff_member::StaffMember,
};

/// What is known of the staff's work, by address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loads {
    /// the higher, the later they were given a case
    pub turns: BTreeMap<String, i64>,
    /// cases that wait for them
    pub open: BTreeMap<String, i64>,
}

/// Who gets the case, and why they: for the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen<'a> {
    pub who: &'a StaffMember,
    pub why: String,
}

/// Chooses one of the staff for a case about these products (in lower case); none with nobody on shift, or by hand.
pub fn choose<'a>(
    desk: &'a ServiceDesk,
    products: &BTreeSet<String>,
    loads: &Loads,
    now: DateTime<Utc>,
) -> Option<Chosen<'a>> {
    let how = desk.policy.assignment.how;
    if how == How::ByHand {
        return None;
    }
    let there: Vec<&StaffMember> = desk.staff.iter().filter(|person| person.is_on_shift(now)).collect();
    let knows = |person: &&&StaffMember| !person.products.is_disjoint(products);
    let knowing: Vec<&StaffMember> = there.iter().filter(knows).copied().collect();
    let all_alike: Vec<&StaffMember> = there.iter().filter(|person| person.products.is_empty()).copied().collect();
    let (people, known) = match (knowing.is_empty(), all_alike.is_empty() || products.is_empty()) {
        (false, _) => (knowing, true),
        (true, false) => (all_alike, false),
        (true, true) => (there, false),
    };
    let turn = |person: &StaffMember| loads.turns.get(&person.address.email).copied().unwrap_or(0);
    let open = |person: &StaffMember| loads.open.get(&person.address.email).copied().unwrap_or(0);
    let who = people.into_iter().min_by_key(|person| match how {
        How::LeastLoaded => (open(person), turn(person)),
        How::RoundRobin | How::ByHand => (turn(person), open(person)),
    })?;
    let mut why = match how {
        How::LeastLoaded => format!("the fewest open cases ({})", open(who)),
        How::RoundRobin | How::ByHand => "has waited longest for one".to_owned(),
    };
    if known {
        let shared: Vec<&str> = who.products.intersection(products).map(String::as_str).collect();
        why.push_str(&format!(", knows {}", shared.join(", ")));
    }
    Some(Chosen { who, why })
}

/// Whether the decision has the case begin anew for the staff and leaves it without anybody of them: then somebody is
/// to be chosen. A case that waits for a main point of contact is nobody's work yet.
pub fn is_wanted(before: Option<&Case>, after: &Case, desk: &ServiceDesk) -> bool {
    let begins = match before {
        None => true,
        Some(before) => after.status == Status::Reopened && before.status.is_closed() || before.awaits_approval(),
    };
    let has_somebody = after.assignee.as_deref().is_some_and(|email| desk.is_staff(email));
    begins && !has_somebody && !after.spam && !after.status.is_closed() && !after.awaits_approval()
}

pub fn assign(decision: &mut Decision, chosen: &Chosen<'_>, now: DateTime<Utc>) {
    let Chosen { who, why } = chosen;
    decision.case.assignee = Some(who.address.email.clone());
    let to = Some(who.address.display().to_owned());
    decision.note(now, &Actor::Desk, What::Assigned { to, why: Some(why.clone()) });
}

/// A case that goes on with an older one stays with whoever had that, while they are of the staff.
pub fn keep(decision: &mut Decision, old: &Case, desk: &ServiceDesk, now: DateTime<Utc>) {
    let Some(email) = old.assignee.as_deref().filter(|email| desk.is_staff(email)) else { return };
    decision.case.assignee = Some(email.to_owned());
    let why = format!("had {}", old.reference);
    let to = Some(desk.staff_name(email).to_owned());
    decision.note(now, &Actor::Desk, What::Assigned { to, why: Some(why) });
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;
    use crate::{
        desk::{
            hours::Calendar,
            policy::{self, Policy, week},
        },
        mail::address::Address,
    };

    fn person(name: &str, products: &[&str], shift: Option<&str>) -> StaffMember {
        let shift = shift.map(|hours| {
            let table = [("weekdays".to_owned(), vec![hours.to_owned()])].into();
            Calendar::new(chrono_tz::UTC, week(&table).unwrap(), BTreeSet::new()).unwrap()
        });
        StaffMember {
            products: products.iter().map(|product| (*product).to_owned()).collect(),
            shift,
            ..StaffMember::new(Address::new(Some(name), &format!("{}@desk.example", name.to_lowercase())))
        }
    }

    fn desk(how: How, staff: Vec<StaffMember>) -> ServiceDesk {
        let mut policy = Policy::load("base", &policy::built_in).unwrap();
        policy.assignment.how = how;
        ServiceDesk {
            sender: Address::bare("support@desk.example"),
            planned_works: None,
            own_addresses: vec![],
            staff,
            policy,
            answer_within: chrono::Duration::days(3),
        }
    }

    fn at(hour: u32) -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 11, 3, hour, 0, 0).unwrap()
    }

    fn chosen(desk: &ServiceDesk, product: Option<&str>, loads: &Loads, hour: u32) -> Option<String> {
        let products = product.map(str::to_owned).into_iter().collect();
        choose(desk, &products, loads, at(hour)).map(|chosen| chosen.who.address.display().to_owned())
    }

    #[test]
    fn round_robin_gives_each_one_in_turn_whoever_is_there() {
        let desk = desk(
            How::RoundRobin,
            vec![person("Ann", &[], None), person("Bob", &[], Some("08:00-16:00")), person("Cid", &[], None)],
        );
        let mut loads = Loads::default();
        let mut given = Vec::new();
        for (turn, hour) in [(1, 9), (2, 9), (3, 9), (4, 20), (5, 20), (6, 9)] {
            let name = chosen(&desk, None, &loads, hour).unwrap();
            loads.turns.insert(format!("{}@desk.example", name.to_lowercase()), turn);
            given.push(name);
        }
        assert_eq!(given, ["Ann", "Bob", "Cid", "Ann", "Cid", "Bob"], "Bob was not there at night, and is next");
    }

    #[test]
    fn least_loaded_gives_it_to_whoever_has_the_fewest_and_the_history_says_why() {
        let desk = desk(How::LeastLoaded, vec![person("Ann", &[], None), person("Bob", &[], None)]);
        let loads = Loads { open: [("ann@desk.example".to_owned(), 2)].into(), ..Loads::default() };
        let chosen = choose(&desk, &BTreeSet::new(), &loads, at(9)).unwrap();
        assert_eq!((chosen.who.address.display(), chosen.why.as_str()), ("Bob", "the fewest open cases (0)"));
    }

    #[test]
    fn who_knows_the_product_comes_before_who_takes_all_alike_and_these_before_the_others() {
        let all = |cid: Option<&str>| {
            let staff = vec![
                person("Ann", &["fax"], None),
                person("Bob", &[], Some("08:00-16:00")),
                person("Cid", &["uc cloud"], cid),
            ];
            desk(How::RoundRobin, staff)
        };
        let loads = Loads::default();
        assert_eq!(chosen(&all(None), Some("uc cloud"), &loads, 9).as_deref(), Some("Cid"));
        assert_eq!(chosen(&all(Some("18:00-20:00")), Some("uc cloud"), &loads, 9).as_deref(), Some("Bob"));
        assert_eq!(chosen(&all(Some("18:00-20:00")), Some("uc cloud"), &loads, 17).as_deref(), Some("Ann"));
        assert_eq!(chosen(&all(None), None, &loads, 9).as_deref(), Some("Ann"), "all take what is about no product");
    }

    #[test]
    fn with_nobody_on_shift_and_by_hand_a_case_is_nobodys() {
        let night = desk(How::RoundRobin, vec![person("Bob", &[], Some("08:00-16:00"))]);
        assert_eq!(chosen(&night, None, &Loads::default(), 20), None);
        let by_hand = desk(How::ByHand, vec![person("Ann", &[], None)]);
        assert_eq!(chosen(&by_hand, None, &Loads::default(), 9), None);
    }

    #[test]
    fn a_history_that_was_written_without_a_reason_is_read() {
        let line: What = serde_json::from_str(r#"{"what":"assigned","to":"Tom"}"#).unwrap();
        assert_eq!(line, What::Assigned { to: Some("Tom".to_owned()), why: None });
    }
}
