//! The rules of incidents, sentence by sentence.

use chrono::Duration;

use super::{matching::*, *};
use crate::{
    desk::{
        case::{Actor, Case, Status},
        cues::Request,
        directory::Service,
        lifecycle::{Clock, ClockChange},
        notice::Audience,
        policy::{self, Policy},
        reference::Reference,
        staff_member::StaffMember,
    },
    mail::address::Address,
};

fn at(text: &str) -> DateTime<Utc> {
    format!("2026-11-24T{text}:00Z").parse().unwrap()
}

fn person(name: &str, may: bool) -> StaffMember {
    let address = Address::new(Some(name), &format!("{}@desk.example", name.to_lowercase()));
    let mut person = StaffMember { lead: name == "Lea", ..StaffMember::new(address) };
    if may {
        person.rights.insert(Right::P1G);
    }
    person
}

fn desk() -> ServiceDesk {
    ServiceDesk {
        sender: Address::bare("support@desk.example"),
        own_addresses: vec!["support@desk.example".to_owned()],
        staff: vec![person("Frida", false), person("Tom", true), person("Lea", true)],
        policy: Policy::load("calltower", &policy::built_in).unwrap(),
        planned_works: None,
        answer_within: Duration::days(3),
    }
}

fn scope(words: &[&str]) -> Scope {
    words.join("\n").parse().unwrap()
}

fn begin<'a>(desk: &'a ServiceDesk, words: &[&str]) -> Begin<'a> {
    Begin {
        number: IncidentNumber(7),
        scope: scope(words),
        title: None,
        impact: "No incoming calls",
        text: None,
        began_at: at("09:40"),
        etr: None,
        manager: &desk.staff[1],
    }
}

fn parent() -> Decision {
    let nobody = Address { name: Some("Desk".to_owned()), email: String::new() };
    let id = CaseId(100);
    let reference = Reference::from_counter(100, &[7; 32]).unwrap();
    let case = Case {
        id,
        reference,
        requester: nobody.clone(),
        reply_to: nobody,
        priority: Priority::P1G,
        ..Case::sample(at("10:00"))
    };
    Decision::unchanged(&case)
}

fn opened(desk: &ServiceDesk) -> Followed {
    open(parent(), begin(desk, &["platform:voice"]), "Tom", desk, at("10:00")).unwrap()
}

fn due(followed: &Followed) -> Option<DateTime<Utc>> {
    followed.decision.clocks.iter().rev().find_map(|change| match change {
        ClockChange::Set(Clock::MniUpdate, at) => Some(*at),
        _ => None,
    })
}

#[test]
fn an_incident_begins_with_its_manager_its_title_and_an_hour_for_the_next_update() {
    let desk = desk();
    let Followed { decision, incident, said } = opened(&desk);
    assert_eq!(incident.title, "Hosted voice: No incoming calls");
    assert_eq!(decision.case.subject, incident.title);
    assert_eq!(decision.case.status, Status::InProgress);
    assert_eq!(decision.case.assignee.as_deref(), Some("tom@desk.example"));
    assert_eq!(incident.next_update, Some(at("11:00")));
    let said = said.unwrap();
    assert_eq!((said.kind, said.text.as_str()), (UpdateKind::Opened, "No incoming calls"));
    assert_eq!(due(&opened(&desk)), Some(at("10:45")), "the manager is reminded a quarter of an hour before");
}

#[test]
fn only_staff_with_the_right_open_update_take_over_and_close() {
    let desk = desk();
    let begin = || begin(&desk, &["platform:voice"]);
    assert!(open(parent(), begin(), "Frida", &desk, at("10:00")).unwrap_err().0.contains("Frida"));
    assert!(open(parent(), begin(), "A stranger", &desk, at("10:00")).is_err());
    let without_right = Begin { manager: &desk.staff[0], ..begin() };
    assert!(open(parent(), without_right, "Tom", &desk, at("10:00")).unwrap_err().0.contains("Frida"));
    let Followed { decision, incident, .. } = opened(&desk);
    let case = &decision.case;
    let say = Say { text: Some("News."), ..Say::default() };
    assert!(update(case, &incident, say, "Frida", &desk, at("10:10")).is_err());
    assert!(close(case, &incident, "A card.", "Frida", &desk, at("10:10")).is_err());
    assert!(hand_over(case, &incident, &desk.staff[2], "Frida", &desk, at("10:10")).is_err());
    assert!(hand_over(case, &incident, &desk.staff[0], "Tom", &desk, at("10:10")).is_err());
    let handed = hand_over(case, &incident, &desk.staff[2], "Tom", &desk, at("10:10")).unwrap();
    assert_eq!(handed.incident.manager, "lea@desk.example");
    assert!(handed.said.is_none(), "customers need not know");
    assert_eq!(handed.decision.notices.len(), 1);
    let missed = clock_ran(case, &incident, 0, &desk, at("11:00"));
    let handed = hand_over(case, &missed.incident, &desk.staff[2], "Tom", &desk, at("11:10")).unwrap();
    assert_eq!(handed.incident.next_update, Some(at("12:00")), "a missed update is not missed again");
}

#[test]
fn what_can_be_no_incident_is_refused_with_what_to_do() {
    let desk = desk();
    let refused = |begin: Begin<'_>| open(parent(), begin, "Tom", &desk, at("10:00")).unwrap_err().0;
    assert!(refused(begin(&desk, &["platform:telegraph"])).contains("known: "));
    assert!(refused(Begin { scope: Scope::default(), ..begin(&desk, &[]) }).contains("what is affected"));
    assert!(refused(Begin { impact: " ", ..begin(&desk, &["platform:voice"]) }).contains("impact"));
    assert!(refused(Begin { began_at: at("10:01"), ..begin(&desk, &["platform:voice"]) }).contains("future"));
    assert!(refused(Begin { etr: Some(at("10:00")), ..begin(&desk, &["platform:voice"]) }).contains("over"));
    for word in ["voice", "platform:", "colour:red", "site:a\nb", ""] {
        assert!(Scope::default().add(word).is_err(), "{word}");
    }
}

#[test]
fn each_update_is_followed_by_the_next_and_an_etr_stands_in_for_them_until_it_has_come() {
    let desk = desk();
    let Followed { decision, incident, .. } = opened(&desk);
    let case = decision.case;
    let say = Say { text: Some("We change the card."), ..Say::default() };
    let followed = update(&case, &incident, say, "Tom", &desk, at("10:30")).unwrap();
    assert_eq!(followed.incident.next_update, Some(at("11:30")));
    let say = Say { text: None, etr: Some(Some(at("14:00"))), internal: false };
    let followed = update(&case, &followed.incident, say, "Tom", &desk, at("10:40")).unwrap();
    assert_eq!(followed.incident.next_update, Some(at("14:00")));
    assert_eq!(followed.decision.case.etr, Some(at("14:00")));
    let missed = clock_ran(&case, &followed.incident, 0, &desk, at("14:00"));
    assert_eq!((missed.incident.etr, missed.incident.next_update), (None, Some(at("15:00"))));
    let back = Say { text: None, etr: Some(None), internal: false };
    let followed = update(&case, &followed.incident, back, "Tom", &desk, at("11:00")).unwrap();
    assert_eq!((followed.incident.etr, followed.incident.next_update), (None, Some(at("12:00"))));
    assert!(update(&case, &followed.incident, back, "Tom", &desk, at("11:01")).is_err(), "there is none any more");
}

#[test]
fn an_internal_note_is_no_update() {
    let desk = desk();
    let Followed { decision, incident, .. } = opened(&desk);
    let say = Say { text: Some("The supplier sleeps."), etr: None, internal: true };
    let noted = update(&decision.case, &incident, say, "Tom", &desk, at("10:30")).unwrap();
    assert_eq!((noted.said, noted.incident), (None, incident));
}

#[test]
fn the_manager_is_reminded_once_and_each_missed_update_goes_a_level_further_up() {
    let mut desk = desk();
    let mut escalation = desk.policy.escalation.clone();
    for (level, name) in [(1, "manager"), (2, "vp"), (3, "ceo")] {
        for reach in &mut escalation.levels[level].people {
            reach.address = Some(format!("{name}@desk.example"));
        }
    }
    desk.policy.escalation = escalation;
    let Followed { decision, incident, .. } = opened(&desk);
    let case = decision.case;
    let told = |followed: &Followed| -> Vec<String> {
        let address = |notice: &crate::desk::notice::Notice| match &notice.audience {
            Audience::Person(person) => person.email.split('@').next().unwrap().to_owned(),
            _ => panic!("to a person"),
        };
        followed.decision.notices.iter().map(address).collect()
    };
    let reminded = clock_ran(&case, &incident, 3, &desk, at("10:45"));
    assert_eq!(told(&reminded), ["tom"]);
    assert!(reminded.decision.notices[0].data["headline"].to_string().contains("3 cases wait"));
    assert_eq!(due(&reminded), Some(at("11:00")));
    assert!(told(&clock_ran(&case, &reminded.incident, 0, &desk, at("10:50"))).is_empty(), "once");
    let missed = clock_ran(&case, &reminded.incident, 0, &desk, at("11:00"));
    assert_eq!(told(&missed), ["tom", "lea", "manager"]);
    assert_eq!((missed.incident.missed, missed.incident.next_update), (1, Some(at("12:00"))));
    let again = clock_ran(&case, &missed.incident, 0, &desk, at("12:00"));
    assert_eq!(told(&again), ["tom", "lea", "vp"]);
    let long_away = clock_ran(&case, &again.incident, 0, &desk, at("18:30"));
    assert_eq!(told(&long_away), ["tom", "lea", "ceo"], "what was missed meanwhile is said once");
    assert_eq!(long_away.incident.next_update, Some(at("19:30")));
    let say = Say { text: Some("Back."), ..Say::default() };
    let after = update(&case, &long_away.incident, say, "Tom", &desk, at("19:00")).unwrap();
    assert_eq!(after.incident.missed, 0);
}

#[test]
fn closing_needs_a_cause_ends_the_duty_and_resolves_what_is_open() {
    let desk = desk();
    let Followed { decision, incident, .. } = opened(&desk);
    assert!(close(&decision.case, &incident, "  ", "Tom", &desk, at("12:00")).is_err());
    let closed = close(&decision.case, &incident, "A card had failed.", "Tom", &desk, at("12:00")).unwrap();
    assert_eq!(closed.decision.case.status, Status::Closed);
    assert_eq!((closed.incident.next_update, due(&closed)), (None, None));
    assert!(closed.decision.clocks.contains(&ClockChange::Clear(Clock::MniUpdate)));
    assert_eq!(closed.said.as_ref().unwrap().text, "A card had failed.");
    let child = child(1);
    let resolved = resolve_child(&child, &closed.incident, &desk.policy, at("12:00")).unwrap();
    assert_eq!(resolved.case.status, Status::Resolved);
    assert!(resolved.notices.is_empty(), "its requester is told by the incident's own mail");
    assert_eq!(resolve_child(&resolved.case, &closed.incident, &desk.policy, at("12:01")), None);
    let say = Say { text: Some("More."), ..Say::default() };
    assert!(update(&closed.decision.case, &closed.incident, say, "Tom", &desk, at("12:10")).is_err());
}

fn child(number: u64) -> Case {
    let id = CaseId(number as i64);
    Case { id, reference: Reference::from_counter(number, &[7; 32]).unwrap(), ..Case::sample(at("10:05")) }
}

#[test]
fn a_case_is_the_child_of_one_incident_and_goes_on_alone_when_it_is_taken_out() {
    let desk = desk();
    let Followed { decision, incident, .. } = opened(&desk);
    let parent = decision.case;
    let by = Actor::Desk;
    let link = |case: &Case| link(case, &incident, &parent, &by, false, at("10:10"));
    let linked = link(&child(1)).unwrap();
    assert_eq!(linked.case.incident, Some(parent.id));
    assert!(linked.clocks.contains(&ClockChange::Clear(Clock::Review)), "nobody has to review ten thousand cases");
    assert!(link(&linked.case).unwrap_err().0.contains("already"));
    assert!(link(&Case { incident: Some(CaseId(9)), ..child(1) }).unwrap_err().0.contains("another incident"));
    assert!(link(&Case { status: Status::Closed, ..child(1) }).unwrap_err().0.contains("reopen"));
    assert!(link(&Case { spam: true, ..child(1) }).is_err());
    assert!(link(&parent).is_err());
    let waits = Case { status: Status::AwaitingCustomer, reviewed_at: Some(at("10:06")), ..child(1) };
    assert_eq!(link(&waits).unwrap().case.status, Status::InProgress, "nobody is closed for silence meanwhile");
    let alone = unlink(&linked.case, &incident, "Tom", &desk.policy, at("10:20")).unwrap();
    assert_eq!(alone.case.incident, None);
    assert!(alone.clocks.contains(&ClockChange::Set(Clock::Review, at("10:50"))), "somebody has to look at it now");
    assert!(unlink(&alone.case, &incident, "Tom", &desk.policy, at("10:21")).is_err());
}

#[test]
fn a_parent_is_not_closed_answered_or_given_away_like_another_case() {
    let Followed { incident, .. } = opened(&desk());
    let may = |act: &Act<'_>| may_do_to_parent(&incident, act);
    assert!(may(&Act::Note { text: "x" }).is_ok());
    assert!(may(&Act::Etr { at: None, text: None, tell: Tell::Customer }).is_ok());
    for act in [
        Act::Close { text: None, tell: Tell::Customer },
        Act::Spam,
        Act::Assign { to: None },
        Act::Priority(Priority::P4),
        Act::Etr { at: None, text: None, tell: Tell::Nobody },
        Act::Reply { text: "x", cc: &[], then: crate::desk::lifecycle::Then::Keep },
    ] {
        assert!(may(&act).unwrap_err().0.contains("MNI-0007"), "{act:?}");
    }
}

fn service(organisation: i64, id: &str, platform: Option<&str>, site: Option<&str>) -> Service {
    Service {
        organisation,
        service_id: Some(id.to_owned()),
        circuit_id: Some(format!("C-{id}")),
        platform: platform.map(str::to_owned),
        site: site.map(str::to_owned),
        ..Service::default()
    }
}

#[test]
fn a_service_is_affected_by_its_number_its_platform_at_the_sites_or_its_site() {
    let voice = service(1, "V1", Some("voice"), Some("Denver"));
    for (words, affected) in [
        (&["platform:voice"][..], true),
        (&["platform:meetings"], false),
        (&["platform:voice", "site:denver"], true),
        (&["platform:voice", "site:Boston"], false),
        (&["site:DENVER"], true),
        (&["service:c-v1"], true),
        (&["platform:meetings", "service:v 1"], true),
        (&["service:V2"], false),
    ] {
        assert_eq!(scope(words).affects(&voice), affected, "{words:?}");
        assert_eq!(scope(words).to_string().replace(", ", "\n").parse::<Scope>().unwrap(), scope(words));
    }
}

#[test]
fn certain_is_what_names_an_own_affected_service_and_likely_what_sounds_like_the_outage() {
    let desk = desk();
    let Followed { incident, .. } = opened(&desk);
    let (own, theirs) = (service(1, "V1", Some("voice"), None), service(2, "V2", Some("voice"), None));
    let other = service(1, "M1", Some("meetings"), None);
    let owned = [own.clone(), other.clone()];
    let judge = |case: &Case, facts: Facts<'_>| judge(&incident, case, &facts, &desk.policy);
    let base = || Facts { owned: &owned, organisation: Some(1), ..Facts::default() };
    let named = |service: &Service| [service.clone()];
    let is_certain = |found: Match| matches!(found, Match::Certain(_));
    let is_likely = |found: Match| matches!(found, Match::Likely(_));
    assert!(is_certain(judge(&child(1), Facts { named: &named(&own), ..base() })));
    assert_eq!(judge(&child(1), Facts { named: &named(&theirs), ..base() }), Match::No, "another's service");
    assert_eq!(judge(&child(1), Facts { named: &named(&other), impacts: &["degradation"], ..base() }), Match::No);
    assert!(is_likely(judge(&child(1), Facts { requests: &[Request::Incident], ..base() })));
    assert!(is_likely(judge(&child(1), Facts { impacts: &["service-affecting"], ..base() })));
    assert!(is_likely(judge(&child(1), Facts { text: "trouble with hosted voice?", ..base() })));
    assert_eq!(judge(&child(1), Facts { text: "invoices are an invoiced matter", ..base() }), Match::No);
    assert_eq!(judge(&child(1), base()), Match::No);
    let stranger = Facts { organisation: None, requests: &[Request::Incident], text: "voice", ..Facts::default() };
    assert_eq!(judge(&child(1), stranger), Match::No, "nothing of theirs is affected");
    let bill = Facts { named: &named(&own), requests: &[Request::Billing], ..base() };
    assert_eq!(judge(&child(1), bill), Match::No, "an invoice for the service");
    assert!(is_certain(judge(&child(1), Facts { answers: true, ..Facts::default() })));
}

#[test]
fn only_live_cases_of_the_incidents_time_are_about_it() {
    let desk = desk();
    let Followed { incident, .. } = opened(&desk);
    let own = [service(1, "V1", Some("voice"), None)];
    let facts = Facts { named: &own, owned: &own, organisation: Some(1), ..Facts::default() };
    let judge = |case: Case| judge(&incident, &case, &facts, &desk.policy) != Match::No;
    assert!(judge(Case { opened_at: at("07:40"), ..child(1) }), "two hours before it began");
    assert!(!judge(Case { opened_at: at("07:39"), ..child(1) }));
    for status in Status::ALL {
        let live = !status.is_closed() && status != Status::Resolved;
        let case = Case { status, reviewed_at: Some(at("10:06")), ..child(1) };
        assert_eq!(judge(case), live, "{status}");
    }
    assert!(!judge(Case { spam: true, ..child(1) }));
    assert!(!judge(Case { incident: Some(CaseId(5)), ..child(1) }));
    let unapproved = Case { status: Status::AwaitingCustomer, ..child(1) };
    assert!(!judge(unapproved), "no main point of contact has approved it");
}

#[test]
fn what_all_are_told_names_no_customers_service_and_no_case() {
    let desk = desk();
    let begin = begin(&desk, &["service:SECRET-1", "platform:voice"]);
    let Followed { incident, said, .. } = open(parent(), begin, "Tom", &desk, at("10:00")).unwrap();
    let all = told_to_all(&incident, &said.unwrap(), &desk.policy);
    let text = serde_json::Value::Object(all.clone()).to_string();
    assert!(!text.contains("SECRET"), "{text}");
    assert!(!text.contains("1-0"), "{text}");
    let zone = crate::desk::hours::Zone::Named(chrono_tz::Tz::Asia__Tokyo);
    let reader =
        OneReader { zone, greeting_name: None, references: vec![], services: vec!["V1".to_owned()], closes_at: None };
    let own = told_to_one(&all, &reader);
    assert!(own["began_at"].to_string().contains("Tokyo"), "{own:?}");
}

#[test]
fn numbers_of_incidents_are_read_and_nothing_else_is() {
    assert_eq!(IncidentNumber(7).to_string(), "MNI-0007");
    for word in ["MNI-0007", "mni-7", " MNI-7 "] {
        assert_eq!(word.parse(), Ok(IncidentNumber(7)), "{word}");
    }
    for word in ["", "7", "MNI-", "MNI-0", "MNI-+7", "MNI--7", "P-0007", "MNI-9999999999999999999"] {
        assert!(word.parse::<IncidentNumber>().is_err(), "{word}");
    }
}

#[test]
fn whoever_opens_an_incident_gets_a_mail_to_run_it_by_and_whoever_may_not_run_it_finds_no_commands() {
    let desk = desk();
    let Followed { decision, incident, said } = opened(&desk);
    let told = |incident: &Incident, update: &Update| -> Vec<(String, bool)> {
        let notices = posted(&decision.case, incident, update, "Tom", &desk);
        let person = |notice: &crate::desk::notice::Notice| match &notice.audience {
            Audience::Person(person) => person.email.clone(),
            _ => String::new(),
        };
        notices.iter().map(|notice| (person(notice), notice.data["commands"] == true)).collect()
    };
    let one = |name: &str, may: bool| (format!("{name}@desk.example"), may);
    let mut update = said.unwrap();
    assert_eq!(told(&incident, &update), [one("frida", false), one("tom", true), one("lea", true)]);
    update.kind = UpdateKind::Update;
    assert_eq!(told(&incident, &update), [one("frida", false), one("lea", true)], "he knows what he has written");
    let over = close(&decision.case, &incident, "A card.", "Tom", &desk, at("10:30")).unwrap();
    assert_eq!(told(&over.incident, &over.said.unwrap()), [one("frida", false), one("lea", false)]);
}

#[test]
fn a_refusal_says_who_may_run_incidents() {
    let desk = desk();
    assert_eq!(may_manage(&desk, "Frida").unwrap_err().0, "You (Frida) may not run major incidents. May: Tom, Lea.");
    assert!(may_manage(&desk, "Zoe").unwrap_err().0.contains("--as NAME"));
}

#[test]
fn a_site_that_no_service_has_is_refused_with_those_that_were_meant() {
    let known = ["Denver".to_owned(), "Leeds".to_owned()];
    assert!(scope(&["site:denver"]).check_sites(&known).is_ok());
    let refused = scope(&["platform:voice", "site:Denwer"]).check_sites(&known).unwrap_err().0;
    assert!(refused.contains("did you mean Denver?"), "{refused}");
    assert!(scope(&["site:Tokyo"]).check_sites(&known).unwrap_err().0.contains("service list"));
}

#[test]
fn withdrawing_needs_a_reason_ends_the_duty_and_closes_the_parent_without_a_cause() {
    let desk = desk();
    let Followed { decision, incident, .. } = opened(&desk);
    let case = decision.case;
    assert!(withdraw(&case, &incident, " ", "Tom", &desk, at("10:20")).unwrap_err().0.contains("say the reason"));
    assert!(withdraw(&case, &incident, "A mistake.", "Frida", &desk, at("10:20")).is_err(), "she has no right");
    let withdrawn = withdraw(&case, &incident, "A mistake.", "Tom", &desk, at("10:20")).unwrap();
    assert_eq!(withdrawn.decision.case.status, Status::Closed);
    assert_eq!(withdrawn.incident.next_update, None);
    for clock in [Clock::MniUpdate, Clock::MniProposed] {
        assert!(withdrawn.decision.clocks.contains(&ClockChange::Clear(clock)), "{clock:?}");
    }
    let after = &withdrawn.incident;
    assert_eq!((after.is_open(), &after.cause, after.withdrawn.as_deref()), (false, &None, Some("A mistake.")));
    assert_eq!(
        withdrawn.said.as_ref().map(|said| (said.kind, said.text.as_str())),
        Some((UpdateKind::Withdrawn, "A mistake."))
    );
    let linked = link(&child(1), &incident, &case, &Actor::Desk, false, at("10:10")).unwrap();
    let alone = free(&Case { incident: None, ..linked.case.clone() }, after, &desk.policy, at("10:20"));
    assert!(alone.clocks.contains(&ClockChange::Set(Clock::Review, at("10:50"))));
    assert!(format!("{:?}", alone.history).contains("any more: it was withdrawn"), "{alone:?}");
    let another = Case { incident: Some(CaseId(9)), ..linked.case };
    assert_eq!(free(&another, after, &desk.policy, at("10:20")).clocks, [], "about another one meanwhile");
    assert!(withdraw(&withdrawn.decision.case, after, "Again.", "Tom", &desk, at("10:30")).is_err());
}

#[test]
fn the_manager_hears_which_cases_somebody_else_links_and_takes_out() {
    let desk = desk();
    let Followed { decision, incident, .. } = opened(&desk);
    let children: Vec<Case> = (1..=60).map(child).collect();
    let told = linked(&decision.case, &incident, &children, "Lea", &desk).unwrap();
    assert_eq!(told.audience, Audience::Person(Address::bare("tom@desk.example")));
    assert_eq!(told.data["headline"], "Lea has linked 60 cases to it.");
    assert_eq!((told.data["cases"].as_array().unwrap().len(), &told.data["more"]), (50, &serde_json::json!("10")));
    assert_eq!(told.data["proposed"], false, "nothing is asked");
    let told = unlinked(&decision.case, &incident, &children[..1], "Lea", &desk).unwrap();
    assert!(told.data["cases"][0].to_string().contains(&children[0].reference.to_string()));
    assert_eq!(linked(&decision.case, &incident, &children, "Tom", &desk), None, "he knows what he has done");
    assert_eq!(unlinked(&decision.case, &incident, &children, "Tom", &desk), None);
}

#[test]
fn scopes_overlap_where_they_name_the_same_service_or_the_same_platform_at_the_same_place() {
    for (one, other, overlap) in [
        ("platform:voice", "platform:voice", true),
        ("platform:voice", "platform:mail", false),
        ("platform:voice\nsite:Denver", "platform:voice", true),
        ("platform:voice\nsite:Denver", "platform:voice\nsite: denver ", true),
        ("platform:voice\nsite:Denver", "platform:voice\nsite:Boston", false),
        ("platform:voice\nsite:Denver", "site:Denver", true),
        ("platform:voice", "site:Denver", false),
        ("site:Denver", "site:Denver\nsite:Boston", true),
        ("service:FRA-1", "service:fra-1\nplatform:mail", true),
        ("service:FRA-1", "service:FRA-2", false),
    ] {
        let read = |words: &str| words.parse::<Scope>().unwrap();
        assert_eq!(read(one).overlaps(&read(other)), overlap, "{one} {other}");
        assert_eq!(read(other).overlaps(&read(one)), overlap, "{other} {one}");
    }
}
