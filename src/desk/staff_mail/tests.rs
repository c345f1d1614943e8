use super::*;
use crate::{
    desk::policy::{self, Policy},
    mail::command::read,
};

fn desk() -> ServiceDesk {
    let person = |name: &str, email: &str| StaffMember::new(Address::new(Some(name), email));
    ServiceDesk {
        sender: Address::new(Some("Desk"), "support@desk.test"),
        planned_works: None,
        own_addresses: vec!["support@desk.test".to_owned()],
        staff: vec![
            person("Tom Tester", "tom@desk.test"),
            person("Ina Bell", "ina@desk.test"),
            person("Tom Other", "t.other@desk.test"),
        ],
        policy: Policy::load("base", &policy::built_in).unwrap(),
        answer_within: chrono::Duration::days(3),
    }
}

fn planned(said: &str, reaches: Reaches) -> Plan {
    let desk = desk();
    let around = Circumstances {
        desk: &desk,
        person: &desk.staff[0],
        reaches,
        has_files: false,
        is_parent: false,
        now: "2026-11-24T17:00:00Z".parse().unwrap(),
    };
    plan(&read(said), around)
}

fn on_parent(said: &str) -> Plan {
    let desk = desk();
    let (person, now) = (&desk.staff[0], "2026-11-24T17:00:00Z".parse().unwrap());
    let around =
        Circumstances { desk: &desk, person, reaches: Reaches::DeskAlone, has_files: false, is_parent: true, now };
    plan(&read(said), around)
}

fn steps(said: &str) -> Vec<Step> {
    match planned(said, Reaches::DeskAlone) {
        Plan::Do(steps) => steps,
        other => panic!("{said}: {other:?}"),
    }
}

fn refused(said: &str) -> String {
    match planned(said, Reaches::DeskAlone) {
        Plan::Refuse(lines) => lines.iter().map(|l| format!("{}: {}\n", l.line, l.why)).collect(),
        other => panic!("{said}: {other:?}"),
    }
}

fn reply(text: &str, then: Then) -> Step {
    Step::Reply { text: text.to_owned(), then }
}

fn status(to: Status, tell: Tell) -> Step {
    Step::Status { to, until: None, text: None, tell }
}

const PROVEN: Proof =
    Proof { answers: Answers::Theirs, forged: false, checked: true, authenticated: true, forwards: false };

#[test]
fn power_needs_the_persons_own_mail_and_no_doubt_about_the_writer() {
    assert_eq!(power(PROVEN), Ok(()));
    assert_eq!(
        power(Proof { checked: false, authenticated: false, ..PROVEN }),
        Ok(()),
        "no server is known that checks"
    );
    assert_eq!(power(Proof { authenticated: false, ..PROVEN }), Err(Powerless::Unproven));
    assert_eq!(power(Proof { forged: true, ..PROVEN }), Err(Powerless::Forged));
    assert_eq!(power(Proof { answers: Answers::AnotherPersons, ..PROVEN }), Err(Powerless::AnotherPersons));
    assert_eq!(power(Proof { answers: Answers::Something, ..PROVEN }), Err(Powerless::NoAnswer));
    assert_eq!(power(Proof { forwards: true, ..PROVEN }), Err(Powerless::Forwards));
}

#[test]
fn a_text_alone_answers_the_customer() {
    assert_eq!(steps("It works."), [reply("It works.", Then::Keep)]);
}

#[test]
fn a_status_with_a_text_is_one_mail() {
    assert_eq!(steps("#resolve\nIt works."), [reply("It works.", Then::Resolve)]);
    assert_eq!(steps("#await\nWhich one?"), [reply("Which one?", Then::Await)]);
    assert_eq!(
        steps("#status in-progress\nWe look."),
        [status(Status::InProgress, Tell::Nobody), reply("We look.", Then::Keep)]
    );
    let until = Some("2026-11-24T19:00:00Z".parse().unwrap());
    let text = Some("Later.".to_owned());
    assert_eq!(steps("#hold +2h\nLater."), [Step::Status { to: Status::OnHold, until, text, tell: Tell::Customer }]);
    let text = Some("Bye.".to_owned());
    assert_eq!(steps("#close\nBye."), [Step::Status { to: Status::Closed, until: None, text, tell: Tell::Customer }]);
}

#[test]
fn without_a_text_the_customer_is_told_of_the_status_alone() {
    assert_eq!(steps("#resolve"), [status(Status::Resolved, Tell::Customer)]);
    assert_eq!(steps("#reopen"), [Step::Reopen { tell: Tell::Customer }]);
}

#[test]
fn a_note_keeps_everything_inside() {
    let note = |text: &str| Step::Note { text: text.to_owned() };
    assert_eq!(steps("#note\nShe is angry."), [note("She is angry.")]);
    assert_eq!(steps("#note She is angry."), [note("She is angry.")]);
    assert_eq!(
        steps("#note\n#resolve\n#reopen\nBy telephone."),
        [Step::Reopen { tell: Tell::Nobody }, note("By telephone."), status(Status::Resolved, Tell::Nobody)]
    );
    assert_eq!(refused("#note"), "#note: there is nothing to note\n");
}

#[test]
fn what_opens_comes_first_and_what_ends_comes_last() {
    let main = Reference::from_counter(1, &[1; 32]).unwrap();
    assert_eq!(
        steps(&format!("#duplicate of {main}\n#priority 2\n#reopen\nSee there.")),
        [
            Step::Reopen { tell: Tell::Nobody },
            Step::Priority(Priority::P2),
            reply("See there.", Then::Keep),
            Step::Merge { main, tell: Tell::Customer },
        ]
    );
}

#[test]
fn the_customer_who_has_the_mail_already_gets_it_not_again() {
    let Plan::Do(steps) = planned("#resolve\n#take\nIt works.", Reaches::CustomerToo) else { panic!() };
    let tom = Some(Address::new(Some("Tom Tester"), "tom@desk.test"));
    assert_eq!(
        steps,
        [Step::Assign(tom), Step::Replied { text: "It works.".to_owned() }, status(Status::Resolved, Tell::Nobody)]
    );
}

#[test]
fn staff_are_called_by_name_address_or_what_is_theirs_alone() {
    let desk = desk();
    let to = |n: usize| vec![Step::Assign(Some(desk.staff[n].address.clone()))];
    assert_eq!(steps("#assign me"), to(0));
    assert_eq!(steps("#assign INA"), to(1));
    assert_eq!(steps("#assign tom other"), to(2));
    assert_eq!(steps("#assign t.other"), to(2));
    assert_eq!(steps("#assign none"), [Step::Assign(None)]);
    assert!(refused("#assign tom").contains("several"), "two are called Tom");
    assert!(
        refused("#assign zoe")
            .contains("nobody of the staff is called \"zoe\" (known: Tom Tester, Ina Bell, Tom Other)")
    );
}

#[test]
fn what_contradicts_itself_or_says_nothing_is_refused_as_a_whole() {
    assert!(refused("#resolve\n#close\nText").contains("#close: \"#resolve\" says where the case stands"));
    assert!(refused("#spam\n#close").contains("#close"));
    assert!(refused("#priority 1\n#priority 2").contains("the same is commanded above"));
    assert!(refused("#spam\nHello").contains("spam is not answered"));
    assert!(refused("#status closed-no-response\nHello").contains("leave the text out"));
    assert!(refused("").contains("no text in it"));
    assert!(refused("#take\n#statsu\nHello").contains("#statsu: there is no such command"));
    let desk = desk();
    let (person, now) = (&desk.staff[0], "2026-11-24T17:00:00Z".parse().unwrap());
    let around =
        Circumstances { desk: &desk, person, reaches: Reaches::DeskAlone, has_files: true, is_parent: false, now };
    assert!(matches!(plan(&read("#take"), around), Plan::Refuse(_)), "files without a text would get lost");
}

#[test]
fn an_estimate_a_step_up_and_work_are_told_as_the_rest_of_the_mail_says() {
    let four = Some("2026-11-24T18:00:00Z".parse().unwrap());
    let etr = |text: Option<&str>, tell| Step::Etr { at: four, text: text.map(str::to_owned), tell };
    let up = |tell| Step::Escalate { reason: Some("no progress".to_owned()), tell };
    let work = || Step::Time { minutes: 90, note: Some("changed the card".to_owned()) };
    assert_eq!(steps("#etr +1h\nWe change the card."), [etr(Some("We change the card."), Tell::Customer)]);
    assert_eq!(steps("#etr none"), [Step::Etr { at: None, text: None, tell: Tell::Customer }]);
    assert_eq!(
        steps("#escalate no progress\n#etr +1h\n#await\nWhich one?"),
        [up(Tell::Customer), etr(None, Tell::Customer), reply("Which one?", Then::Await)]
    );
    assert_eq!(
        steps("#note\n#etr +1h\n#escalate no progress\n#time 1h30m changed the card"),
        [etr(None, Tell::Nobody), up(Tell::Nobody), work()]
    );
    assert!(refused("#time 1h\n#time 2h").contains("the same is commanded above"));
}

#[test]
fn who_asks_whether_a_case_may_wait_asks_the_customer() {
    let defer = |text: Option<&str>| Step::Defer { until: None, text: text.map(str::to_owned) };
    assert_eq!(steps("#defer"), [defer(None)]);
    assert_eq!(steps("#defer\nThe part comes tomorrow."), [defer(Some("The part comes tomorrow."))]);
    assert!(refused("#note\n#defer").contains("leave out the #note"));
}

#[test]
fn help_does_nothing_else() {
    assert_eq!(planned("#close\n#help\nText", Reaches::DeskAlone), Plan::Help);
}

#[test]
fn a_command_that_is_refused_is_the_only_thing_said_of_a_mail_without_a_text() {
    let why = refused("#update The router is back.");
    assert!(why.contains("no incident's parent") && !why.contains("no text"), "{why}");
}

#[test]
fn an_incident_is_withdrawn_with_a_reason_and_nothing_else_is_said_with_it() {
    let withdrawn = |reason: &str| Plan::Do(vec![Step::WithdrawIncident { reason: reason.to_owned() }]);
    assert_eq!(on_parent("#withdraw It was one line only."), withdrawn("It was one line only."));
    assert_eq!(on_parent("#withdraw\nIt was one line only."), withdrawn("It was one line only."));
    let why = |plan: Plan| match plan {
        Plan::Refuse(lines) => lines.into_iter().map(|line| line.why).collect::<String>(),
        other => panic!("{other:?}"),
    };
    assert!(why(on_parent("#withdraw")).contains("say the reason"));
    for said in ["#update News.", "#close A card.", "#etr 16:00", "#note inside"] {
        assert!(why(on_parent(&format!("#withdraw A mistake.\n{said}"))).contains("takes the incident back"), "{said}");
    }
    assert!(refused("#withdraw A mistake.").contains("no incident's parent"));
}
