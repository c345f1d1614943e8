use chrono::{TimeZone, Utc};

use super::*;
use crate::{
    desk::{
        directory::{Affiliation, Contact, Role},
        policy::{Policy, built_in},
        priority::Priority,
        staff_member::StaffMember,
    },
    mail::address::Address,
};

fn desk() -> ServiceDesk {
    ServiceDesk {
        sender: Address::bare("support@desk.example"),
        planned_works: None,
        own_addresses: vec!["support@desk.example".to_owned()],
        staff: vec![StaffMember::new(Address::bare("frida@desk.example"))],
        policy: Policy::load("base", &built_in).unwrap(),
        answer_within: chrono::Duration::days(3),
    }
}

fn case_of(requester: &str) -> Case {
    let opened_at = Utc.with_ymd_and_hms(2026, 11, 3, 10, 0, 0).unwrap();
    Case {
        id: CaseId(1),
        reference: Reference::from_counter(1, &[7; 32]).unwrap(),
        priority: Priority::P4,
        subject: "Printer".to_owned(),
        requester: Address::bare(requester),
        reply_to: Address::bare(requester),
        ..Case::sample(opened_at)
    }
}

fn of(organisation: Option<i64>, roles: &[Role]) -> Listed {
    Listed {
        contact: Some(Contact { roles: roles.iter().copied().collect(), ..Contact::default() }),
        organisation: organisation.map(|id| Affiliation { id, ..Affiliation::default() }),
    }
}

fn standing_of(email: &str, known: &Listed, requester: &str, organisation: Option<i64>) -> Standing {
    let case = case_of(requester);
    standing(Writer { email, known }, Circle { case: &case, participants: &[], organisation }, &desk())
}

#[test]
fn the_directory_says_who_belongs_together_and_the_domain_where_it_knows_nothing() {
    let nobody = Listed::default();
    assert_eq!(standing_of("bob@books.example", &nobody, "ada@books.example", None), Standing::Organisation);
    assert_eq!(standing_of("bob@gmail.com", &nobody, "ada@gmail.com", None), Standing::Stranger);
    assert_eq!(standing_of("bob@gmail.com", &of(Some(1), &[]), "ada@books.example", Some(1)), Standing::Organisation);
    let other = of(Some(2), &[]);
    assert_eq!(standing_of("bob@isp.example", &other, "ada@isp.example", Some(1)), Standing::Stranger);
    // One of two colleagues is in the directory: that must not part them.
    assert_eq!(standing_of("bob@books.example", &nobody, "ada@books.example", Some(1)), Standing::Organisation);
}

#[test]
fn a_main_point_of_contact_may_decide_on_cases_of_their_own_organisation_only() {
    let main = of(Some(1), &[Role::MainSecondary]);
    let there = standing_of("grace@books.example", &main, "ada@books.example", Some(1));
    assert_eq!(there, Standing::Authorised);
    assert!(there.may_decide());
    assert_eq!(standing_of("grace@books.example", &main, "eve@bikes.example", Some(2)), Standing::Stranger);
    let maintenance = of(Some(1), &[Role::Maintenance]);
    assert!(!standing_of("joe@books.example", &maintenance, "ada@books.example", Some(1)).may_decide());
}

#[test]
fn their_own_number_holds_after_the_subject_and_before_the_text() {
    let cite = Cite::Theirs { organisation: "Books".to_owned(), reference: "INC12".to_owned() };
    let candidate = |cite: Cite, id: i64, requester: &str| {
        let mut case = case_of(requester);
        case.id = CaseId(id);
        Candidate { cite, case, participants: vec![], organisation: None }
    };
    let known = of(Some(1), &[]);
    let writer = Writer { email: "robot@books.example", known: &known };
    let reference = Reference::from_counter(1, &[7; 32]).unwrap();
    let found = [
        candidate(Cite::InSubject(reference), 5, "eve@elsewhere.example"),
        candidate(cite, 7, "moved@elsewhere.example"),
        candidate(Cite::InText(reference), 9, "ada@books.example"),
    ];
    let weighed = weigh(writer, &found, &desk());
    assert_eq!(weighed.case, Some((CaseId(7), Standing::Organisation)));
    assert!(weighed.contradicts, "the reference in the text names another case");
    assert_eq!(weighed.evidence[1].what, "INC12, as Books calls it");
}
