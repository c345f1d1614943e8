use super::*;
use crate::desk::works::{Impact, Kind, NamedPlace};

fn read(said: &str) -> WorksWritten {
    super::read(said, str::to_owned)
}

fn commands(written: &WorksWritten) -> Vec<WorksCommand> {
    assert_eq!(written.not_understood, []);
    written.commands.iter().map(|one| one.command).collect()
}

fn details(said: &str) -> Details {
    let written = read(said);
    assert_eq!(written.not_understood, [], "{said}");
    let [one] = &written.commands[..] else { panic!("{said}: {written:?}") };
    one.details.clone()
}

fn why(said: &str) -> String {
    let lines = read(said).not_understood;
    assert!(!lines.is_empty(), "{said}");
    lines.iter().map(|line| format!("{}: {}\n", line.line, line.why)).collect()
}

fn place(name: &str, impact: Option<Impact>) -> NamedPlace {
    NamedPlace { name: name.to_owned(), impact }
}

const PLAN: &str =
    "#plan Exchange of a line card\nwindow: 2026-12-18 22:00 to 04:00\nservice: IS-4711\nreason: it ages\n";

#[test]
fn commands_stand_above_the_text_that_goes_to_customers() {
    let written = read("#start\n\n#extend +2h.\nIt takes longer than we thought.\nMore tomorrow.\n");
    assert_eq!(commands(&written), [WorksCommand::Start, WorksCommand::Extend]);
    assert_eq!(written.commands[1].until, "+2h");
    assert_eq!(written.commands[1].text, "It takes longer than we thought.\nMore tomorrow.");
    assert_eq!(written.text, "");
}

#[test]
fn a_reason_may_stand_behind_its_command_or_below() {
    for said in ["#cancel The supplier is not ready.", "#Cancel\n\nThe supplier is not ready.\n"] {
        let written = read(said);
        assert_eq!(commands(&written), [WorksCommand::Cancel]);
        assert_eq!(written.commands[0].text, "The supplier is not ready.", "{said}");
    }
    assert_eq!(read("#complete\tAll is well.\n\nThank you.").commands[0].text, "All is well.\n\nThank you.");
}

#[test]
fn each_command_keeps_the_words_behind_it() {
    let written = read("#note The old card is lost.\n#complete all is well");
    assert_eq!(commands(&written), [WorksCommand::Note, WorksCommand::Complete]);
    assert_eq!(written.commands[0].text, "The old card is lost.");
    assert_eq!(written.commands[1].text, "all is well");
}

#[test]
fn a_text_that_may_belong_to_two_commands_is_refused() {
    let both = why("#change\nreason: it ages\n#reschedule 2026-12-18 22:00 to 04:00\n\nSorry for that.");
    assert_eq!(both, "Sorry for that.: it may belong to #change or to #reschedule: send them in mails of their own\n");
    assert!(why("#note hidden\n#complete\nAll is well.").contains("#note or to #complete"));
    assert_eq!(read("#announce\n#remind\n\nText").text, "Text");
}

#[test]
fn a_command_or_a_label_within_a_text_for_customers_is_refused() {
    let note = why("#reschedule 2026-12-18 22:00 to 04:00\n\nSorry for the move.\n\n#note\nBill them double.");
    assert!(note.starts_with("#note: it stands below other words"), "{note}");
    assert!(why("#complete\n\nDone.\n*#Resolve*").starts_with("#Resolve: it stands below"));
    let label = why("#change\nreason: it ages\n\nLess is touched.\n\nroll-back: code 4711\nforce: they are a pain");
    assert!(label.starts_with("roll-back: code 4711: it stands below the text"), "{label}");
    // A label of another command, and what is no command, are words like others.
    for text in ["Done.\nreason: a card", "Done.\n#4711 is our number.\n#weather"] {
        assert_eq!(read(&format!("#complete\n\n{text}")).commands[0].text, text);
    }
    assert_eq!(read("#note\nTom has the key.\n#close").commands[0].text, "Tom has the key.\n#close");
}

#[test]
fn the_rest_of_a_broken_line_is_no_text_where_empty_lines_stand_everywhere() {
    let long = "roll-back: put the old card in again; the guard has the key, the code is";
    let why = why(&format!("#change\n\nreason: it ages\n\n{long}\n\n4711 at the door.\n"));
    assert!(why.starts_with("4711 at the door.: it may be the rest of the long line above"), "{why}");
    for above in ["#change\n\nreason: it ages", &format!("#change\n{long}"), &format!("#change\n\n{long} {long}")] {
        let written = read(&format!("{above}\n\nLess is touched."));
        assert_eq!(commands(&written), [WorksCommand::Change], "{above}");
        assert_eq!(written.commands[0].text, "Less is touched.");
    }
}

#[test]
fn emphasis_may_end_with_the_verb() {
    let read = details(&PLAN.replace("#plan Exchange", "*#PLAN* Exchange"));
    assert_eq!(read.title.as_deref(), Some("Exchange of a line card"));
    assert_eq!(
        details(&PLAN.replace("#plan Exchange of a line card", "**#plan Exchange**")).title.as_deref(),
        Some("Exchange")
    );
}

#[test]
fn what_customers_read_keeps_the_signs_that_it_was_written_with() {
    assert_eq!(read("#cancel サーバーは “まだ” です").commands[0].text, "サーバーは “まだ” です");
    assert_eq!(details(&PLAN.replace("it ages", "サーバー：古い")).reason.as_deref(), Some("サーバー：古い"));
    assert_eq!(
        details(&PLAN.replace("a line card", "„Karte“ – neu")).title.as_deref(),
        Some("Exchange of „Karte“ – neu")
    );
}

#[test]
fn what_is_not_understood_says_why() {
    let written = read("#aprove\n#extend\n#start now\n#show PW-x\n");
    let why: Vec<&str> = written.not_understood.iter().map(|line| line.why.as_str()).collect();
    assert_eq!(
        why,
        [
            "there is no such command on planned works",
            "say when: #extend 06:00",
            "#start takes nothing behind it, but there is \"now\"",
            "\"PW-x\" is no number of planned works, such as PW-0012"
        ]
    );
    assert!(written.commands.is_empty());
    assert_eq!(read("Thank you!").text, "Thank you!");
}

#[test]
fn works_are_planned_in_labelled_lines_below_their_title() {
    let all = "#plan Exchange of a line card\n\
        window: 2026-12-18 22:00 to 04:00\n\
        Window: 2026-12-19 22:00 +6h; 2026-12-20 22:00 +6h.\n\
        zone: Europe/London\n\
        service: LON/LDS/IA-00017\n\
        services: IS-4712=DEGRADED, IS-4713\n\
        platform: voice=NO-IMPACT\n\
        impact: reduced-redundancy\n\
        reason: it ages\n\
        kind: monthly-window\n\
        contact: noc@desk.example <mailto:noc@desk.example>\n\
        Roll back: the old card goes in again\n\
        force: the customer wants it by day\n";
    let read = details(all);
    assert_eq!(
        read.windows,
        ["2026-12-18 22:00 to 04:00", "2026-12-19 22:00 +6h", "2026-12-20 22:00 +6h"].map(str::to_owned)
    );
    assert_eq!(read.zone, Some(chrono_tz::Europe::London));
    let [first, second, third] =
        [("LON/LDS/IA-00017", None), ("IS-4712", Some(Impact::Degraded)), ("IS-4713", None)].map(|(n, i)| place(n, i));
    assert_eq!(read.touched.services, [first, second, third]);
    assert_eq!(read.touched.platforms, [place("voice", Some(Impact::NoImpact))]);
    assert_eq!(read.touched.impact, Some(Impact::ReducedRedundancy));
    assert_eq!(read.kind, Some(Kind::MonthlyWindow));
    let texts = [read.title, read.reason, read.contact, read.roll_back, read.emergency, read.force];
    let texts: Vec<&str> = texts.iter().flatten().map(String::as_str).collect();
    assert_eq!(
        texts,
        [
            "Exchange of a line card",
            "it ages",
            "noc@desk.example",
            "the old card goes in again",
            "the customer wants it by day"
        ]
    );
}

#[test]
fn empty_lines_between_labelled_lines_do_not_matter() {
    assert_eq!(details(&PLAN.replace('\n', "\n\n")), details(PLAN));
}

#[test]
fn a_text_for_customers_stands_behind_an_empty_line() {
    let written = read("#change\nservice: IS-4711=DEGRADED\n\nLess is touched than we thought.\nNo need to act.\n");
    assert_eq!(commands(&written), [WorksCommand::Change]);
    assert_eq!(written.commands[0].text, "Less is touched than we thought.\nNo need to act.");
    let why = why("#change\nservice: IS-4711=DEGRADED\nLess is touched than we thought.\n");
    assert!(why.starts_with("Less is touched than we thought.: it stands directly below"), "{why}");
}

#[test]
fn a_line_that_a_mail_program_broke_goes_on() {
    let long = "roll-back: the old card, which stays in the rack until Monday, goes in\nagain; Tom has the key\n";
    assert_eq!(
        details(&format!("{PLAN}{long}")).roll_back.as_deref(),
        Some("the old card, which stays in the rack until Monday, goes in again; Tom has the key")
    );
    let title = "Exchange of the old line card in the exchange building of\nLeeds, third floor";
    let read = details(&PLAN.replace("Exchange of a line card", title));
    assert_eq!(read.title, Some(title.replace('\n', " ")));
}

#[test]
fn a_label_that_is_none_or_has_a_wrong_value_is_named_with_what_is_allowed() {
    let with = |line: &str| why(&format!("{PLAN}{line}\n"));
    let windw = with("windw: 2026-12-19 22:00 to 04:00");
    assert!(
        windw.starts_with("windw: 2026-12-19 22:00 to 04:00: #plan has no such line (it has window, zone"),
        "{windw}"
    );
    assert!(with("zone: Leeds").contains("\"Leeds\" is no zone of the IANA list"));
    assert!(with("impact: bad").contains("NO-IMPACT, REDUCED-REDUNDANCY"));
    assert!(with("kind: other").contains("monthly-window"));
    assert!(with("reason: another").contains("the same stands above"));
    assert!(with("contact:").contains("nothing stands behind \"contact:\""));
    assert!(why("#start\nreason: now\n").contains("#start has no such line (it has force)"));
    // What is a text, and what a label.
    assert_eq!(
        read("#start\nforce: agreed\n\nhttps://desk.example/ tells more.").text,
        "https://desk.example/ tells more."
    );
    assert_eq!(read("#start\n\nHello:\nwe begin.").text, "Hello:\nwe begin.");
}

#[test]
fn all_that_lacks_is_said_at_once() {
    let lacks = why("#plan Exchange\nzone: UTC");
    assert!(lacks.contains("window: 2026-12-18 22:00 to 04:00; and service: IS-4711"), "{lacks}");
    assert!(lacks.contains("reason: it ages"), "{lacks}");
    assert!(why(&PLAN.replace(" Exchange of a line card", "")).contains("say behind it what is done"));
    assert!(why("#reschedule").contains("say when: #reschedule"));
    assert!(why("#change\nforce: yes").contains("what is other than before"));
}

#[test]
fn works_are_moved_to_several_windows() {
    for said in [
        "#reschedule 2026-12-18 22:00 to 04:00; 2026-12-19 22:00 to 04:00",
        "#move\nwindow: 2026-12-18 22:00 to 04:00\nwindow: 2026-12-19 22:00 to 04:00",
        "#reschedule 2026-12-18 22:00 to 04:00\nwindow: 2026-12-19 22:00 to 04:00.",
    ] {
        assert_eq!(details(said).windows, ["2026-12-18 22:00 to 04:00", "2026-12-19 22:00 to 04:00"], "{said}");
    }
}

#[test]
fn a_plan_stands_alone() {
    assert!(why(&format!("{PLAN}#announce")).contains("#plan Exchange of a line card: it stands alone"));
}

#[test]
fn what_moves_works_stands_above_their_announcement() {
    assert!(why("#announce\n#reschedule 2026-12-18 22:00 to 04:00").contains("it stands below #announce"));
    assert_eq!(read("#reschedule 2026-12-18 22:00 to 04:00\n#announce").not_understood, []);
}

#[test]
fn what_is_of_works_wherever_it_stands_is_known_by_the_first_line() {
    for said in ["#plan Exchange", "\n #List\n#take", "#show PW-0012."] {
        assert!(begins_with_works(said), "{said}");
    }
    for said in ["#take\n#list", "Thanks, #list", "#planning", "#approve", ""] {
        assert!(!begins_with_works(said), "{said}");
    }
    assert!(super::super::read("#take\n#list").not_understood[0].why.contains("of planned works"));
}

#[test]
fn the_documents_examples_are_understood_as_they_are_copied() {
    let documents =
        [include_str!("../../../../docs/staff-by-mail.md"), include_str!("../../../../docs/planned-works.md")];
    let blocks =
        documents.iter().flat_map(|text| text.split("```text\n").skip(1).filter_map(|rest| rest.split_once("```")));
    let examples: Vec<&str> = blocks.map(|(block, _)| block).filter(|block| block.starts_with(['#'])).collect();
    let of_works = examples.iter().filter(|block| block.starts_with("#plan") || block.starts_with("#change"));
    for example in of_works.clone() {
        assert_eq!(read(example).not_understood, [], "{example}");
    }
    assert_eq!(of_works.count(), 3);
}
