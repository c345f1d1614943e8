use chrono::{DateTime, NaiveTime, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::desk::hours::Calendar;

fn only(said: &str) -> Command {
    let written = read(said);
    assert_eq!(written.not_understood, [], "{said:?}");
    assert_eq!(written.commands.len(), 1, "{said:?}");
    written.commands[0].command.clone()
}

fn why(said: &str) -> String {
    let written = read(said);
    assert_eq!(written.commands, [], "{said:?}");
    assert_eq!(written.not_understood.len(), 1, "{said:?}");
    written.not_understood[0].why.clone()
}

fn a_reference() -> Reference {
    Reference::from_counter(7, &[3; 32]).unwrap()
}

#[test]
fn several_commands_stand_above_the_text_with_or_without_empty_lines() {
    let written = read("\n\n#status resolved\n#priority 2\n\n#assign me\n\nDear Ada,\n\n  it works.\n");
    let commands: Vec<Command> = written.commands.into_iter().map(|c| c.command).collect();
    assert_eq!(
        commands,
        [Command::Status(Status::Resolved), Command::Priority(Priority::P2), Command::Assign("me".into())]
    );
    assert_eq!(written.text, "Dear Ada,\n\n  it works.");
}

#[test]
fn a_text_without_commands_is_left_as_it_is() {
    for text in ["Dear Ada,\nit works.", "  indented", "#4711 is the order.", "## Heading", "#", "# 1. check"] {
        let written = read(text);
        assert!(!written.commands_something(), "{text}");
        assert_eq!(written.text, text);
    }
    assert_eq!(read(""), Written::default());
    assert_eq!(read(" \n\n"), Written::default());
}

#[test]
fn what_stands_below_other_words_is_never_a_command() {
    for text in [
        "Hello,\n#close",
        "> #close\n> #spam",
        "| #close",
        "Ada wrote:\n#spam",
        "- #close",
        "1. #close",
        "x #close",
        "Thanks!\n\n#status closed\n#spam",
    ] {
        let written = read(text);
        assert!(!written.commands_something(), "{text}");
        assert_eq!(written.text, text);
    }
    let written = read("#note\ntold by telephone\n#close");
    assert_eq!(written.commands.len(), 1);
    assert_eq!(written.text, "told by telephone\n#close");
}

#[test]
fn a_command_within_a_text_is_known_and_other_signs_are_not() {
    for text in
        ["Sorry for that.\n\n#note\nA pain.", "Hi desk,\n  *#PLAN* Exchange", "window: 22:00\n#done", "#Merge it"]
    {
        let stray = strays_into(text).unwrap_or_else(|| panic!("{text}"));
        assert!(stray.line.starts_with('#') && stray.why.contains("customers would read it"), "{text}");
    }
    for text in ["Dear Ada,\n#4711 is the order.\n## Close", "Type #show here.", "#weather", ""] {
        assert_eq!(strays_into(text), None, "{text}");
    }
}

#[test]
fn an_answer_to_thousands_of_wrong_lines_is_short() {
    let refused: Vec<String> = (0..30_000).map(|n| format!("bad: {n}: {}", "x".repeat(5000))).collect();
    let answered = answered(&refused);
    assert_eq!(answered.len(), REFUSALS + 1);
    assert_eq!(answered[REFUSALS], "and 29990 more like these");
    assert!(answered.iter().all(|why| why.chars().count() <= REFUSAL_CHARS + 1));
    assert_eq!(super::answered(&refused[..REFUSALS]).len(), REFUSALS);
}

#[test]
fn every_command_is_understood() {
    let reference = a_reference();
    let is = |text: String, command: Command| assert_eq!(only(&text), command, "{text}");
    is("#note".into(), Command::Note(String::new()));
    is("#Note: Ada telephoned".into(), Command::Note("Ada telephoned".into()));
    is("#await".into(), Command::Status(Status::AwaitingCustomer));
    is("#status awaiting customer".into(), Command::Status(Status::AwaitingCustomer));
    is("#status in-progress".into(), Command::Status(Status::InProgress));
    is("#status shipping".into(), Command::Status(Status::Shipping));
    is("#status reopened".into(), Command::Reopen);
    is("#resolve".into(), Command::Status(Status::Resolved));
    is("#close".into(), Command::Status(Status::Closed));
    is("#close A card, sadly, had failed.".into(), Command::CloseBecause("A card, sadly, had failed.".to_owned()));
    is("#update We change it: soon.".into(), Command::Update("We change it: soon.".to_owned()));
    is("#link all".into(), Command::LinkAll);
    is("#withdraw It was one line: only.".into(), Command::Withdraw("It was one line: only.".to_owned()));
    let affected = vec!["platform:voice".to_owned(), "site:Denver".to_owned()];
    is(
        "#mni platform:voice, site:Denver No calls: none at all".into(),
        Command::Mni { affected, impact: "No calls: none at all".to_owned() },
    );
    is("#priority P1".into(), Command::Priority(Priority::P1));
    is("#priority p1g".into(), Command::Priority(Priority::P1G));
    is("#assign Tom Tester".into(), Command::Assign("Tom Tester".into()));
    is("#assign to tom@desk.example".into(), Command::Assign("tom@desk.example".into()));
    is("#take".into(), Command::Assign("me".into()));
    is(format!("#link {reference}"), Command::Link(reference));
    is(format!("#link [{reference}]"), Command::Link(reference));
    is(format!("#duplicate of {reference}"), Command::DuplicateOf(reference));
    is(format!("#merge {}", reference.telephone()), Command::DuplicateOf(reference));
    is("#reopen".into(), Command::Reopen);
    is("#spam".into(), Command::Spam);
    is("#help".into(), Command::Help);
    is("#etr None".into(), Command::Etr(None));
    is("#etr 16:00".into(), Command::Etr(Some(When::On(Day::Today, NaiveTime::from_hms_opt(16, 0, 0)))));
    is("#defer".into(), Command::Defer { until: None });
    is("#defer until 2bd".into(), Command::Defer { until: Some(When::BusinessDays(2)) });
    is("#escalate no progress".into(), Command::Escalate("no progress".into()));
    is(
        "#time 1h30m changed the card".into(),
        Command::Time { spent: Duration::minutes(90), what: "changed the card".into() },
    );
}

#[test]
fn what_mail_programs_make_of_a_line_is_read_as_it_was_typed() {
    let (reference, resolved) = (a_reference(), Command::Status(Status::Resolved));
    let dashed = reference.to_string().replace('-', "\u{2013}");
    assert_eq!(only("\u{a0}#status\u{a0}resolved\u{a0}"), resolved);
    assert_eq!(only("\u{feff}#STATUS Resolved"), resolved);
    assert_eq!(only("\u{ff03}status\u{3000}resolved"), resolved);
    assert_eq!(only("\u{ff03}\u{ff33}tatus resolved"), resolved);
    assert_eq!(only("*#status resolved*"), resolved);
    assert_eq!(only("*#STATUS* resolved"), resolved);
    assert_eq!(only("__#note:__ told"), Command::Note("told".into()));
    assert_eq!(only("# Status: resolved."), resolved);
    assert_eq!(only("#status in\u{2011}progress"), Command::Status(Status::InProgress));
    assert_eq!(only(&format!("#link {dashed}")), Command::Link(reference));
    assert_eq!(only("#assign tom@desk.example <mailto:tom@desk.example>"), Command::Assign("tom@desk.example".into()));
    assert_eq!(only("#assign tom_t@desk.example"), Command::Assign("tom_t@desk.example".into()));
}

#[test]
fn what_is_not_understood_is_named_with_its_reason() {
    assert_eq!(why("#statsu resolved"), "there is no such command");
    assert!(why("#status solved").starts_with("\"solved\" is no status (in-progress,"));
    assert!(why("#status").contains("which status"));
    assert!(why("#status on-hold").contains("#hold until"));
    assert!(why("#priority urgent").contains("no priority"));
    assert!(why("#priority 5").contains("no priority"));
    assert!(why("#link 1-0000000001").starts_with("\"1-0000000001\""));
    assert!(why("#hold until soon").contains("is no time"));
    assert!(why("#hold").contains("until when"));
    assert!(why("#resolve it please").contains("it please"));
    assert!(why("#mni").contains("what is affected"));
    assert!(why("#mni no calls").contains("what is affected"));
    assert!(why("#mni platform:voice").contains("#mni platform:voice no calls"));
    assert!(why("#assign").contains("to whom"));
    assert!(why("#time long").contains("#time 30m"));
    assert!(why("#time 0m").contains("#time 30m"));
    let both = read("#close\n#colse\nText");
    assert_eq!((both.commands.len(), both.not_understood.len(), both.text.as_str()), (1, 1, "Text"));
    let long = read(&format!("#{}", "x".repeat(1000)));
    assert_eq!(long.not_understood[0].line.chars().count(), SHOWN_CHARS + 1);
    let many = read(&"#close\n".repeat(1000));
    assert_eq!((many.commands.len(), many.not_understood.len()), (MOST, 1));
}

/// Written on a Tuesday, 10:00 in Denver.
fn instant(text: &str) -> String {
    let now: DateTime<Utc> = "2026-11-24T17:00:00Z".parse().unwrap();
    let hours = |h: u32| NaiveTime::from_hms_opt(h, 0, 0).unwrap();
    let day = || vec![(hours(8), hours(17))];
    let week = [day(), day(), day(), day(), day(), vec![], vec![]];
    let calendar = Calendar::new(Tz::America__Denver, week, Default::default()).unwrap();
    let Command::Hold { until } = only(&format!("#hold until {text}")) else { panic!("{text}") };
    until.instant(now, &calendar).format("%F %R").to_string()
}

#[test]
fn times_are_those_of_the_policys_zone() {
    assert_eq!(instant("16:00"), "2026-11-24 23:00");
    assert_eq!(instant("today 4pm"), "2026-11-24 23:00");
    assert_eq!(instant("tomorrow 09:00"), "2026-11-25 16:00");
    assert_eq!(instant("09:00 tomorrow"), "2026-11-25 16:00");
    assert_eq!(instant("tomorrow at 9:30am"), "2026-11-25 16:30");
    assert_eq!(instant("tomorrow"), "2026-11-25 15:00", "when work begins");
    assert_eq!(instant("Friday 14:00"), "2026-11-27 21:00");
    assert_eq!(instant("tue 11:00"), "2026-11-24 18:00", "today's is still to come");
    assert_eq!(instant("tue 09:00"), "2026-12-01 16:00", "today's is over");
    assert_eq!(instant("tuesday"), "2026-12-01 15:00");
    assert_eq!(instant("saturday"), "2026-11-30 15:00", "nobody works on Saturday");
    assert_eq!(instant("2026-12-01"), "2026-12-01 15:00");
    assert_eq!(instant("2026-12-01 09:00"), "2026-12-01 16:00");
    assert_eq!(instant("2026-12-01T09:00"), "2026-12-01 16:00");
    assert_eq!(instant("2026-12-01T09:00:00+01:00"), "2026-12-01 08:00");
    assert_eq!(instant("+2h"), "2026-11-24 19:00");
    assert_eq!(instant("1h30m"), "2026-11-24 18:30");
    assert_eq!(instant("2bd"), "2026-11-26 17:00");
    assert_eq!(instant("2 business days"), "2026-11-26 17:00");
}

#[test]
fn a_local_time_that_a_zone_skips_is_the_first_after_the_gap() {
    assert_eq!(instant("2027-03-14 02:30"), "2027-03-14 09:00");
}

#[test]
fn times_that_are_none_are_refused() {
    for text in ["soon", "25:00", "9", "13pm", "0am", "tomorrow 9", "2026-02-30", "0bd", "999bd", "+h", "+400d", "९:००"]
    {
        assert!(why(&format!("#hold until {text}")).contains("is no time"), "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_fail_or_loses_a_word(said in "(\\PC|[#＃ \n\u{a0}]|#close|#status |resolved){0,40}") {
        let written = read(&said);
        prop_assert!(said.ends_with(&written.text) || said.trim_end().ends_with(&written.text));
        let lines = written.commands.len() + written.not_understood.len();
        let above = said.trim_end().len() - written.text.len();
        prop_assert!(lines > 0 || said[..above].trim().chars().all(|c| c.is_whitespace() || typed(&c.to_string()).is_empty()));
    }

    #[test]
    fn quoted_lines_never_command(lines in proptest::collection::vec("[>|] ?#?(close|spam|status resolved)", 1..6)) {
        prop_assert!(!read(&lines.join("\n")).commands_something());
    }
}
