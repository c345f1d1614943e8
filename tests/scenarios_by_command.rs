//! `casepost simulate` and the part of `casepost check` that plays scenarios, as one who writes a policy meets them.

mod desk;

use desk::Desk;

const POLICY: &str = "extends = \"base\"\nreview_after = \"10m\"\n";

/// A story that holds when a case is shown again after ten minutes.
const STORY: &str = r#"
title = "Nobody waits longer than ten minutes for a look"
start = "2026-11-02 09:00"
staff_mails = "expected"

[[staff]]
name = "Frida"
address = "frida@desk.example"

[[step]]
from = "Ada Byron <ada@books.example>"
subject = "The line is slow"
text = "Pages take a minute to load."
expect.mails = [{ to = "Ada Byron", notice = "acknowledgement" }, { to = "staff", notice = "staff-new-case" }]

[[step]]
at = "+10m"
expect.mails = [{ to = "staff", notice = "staff-review" }]
"#;

fn with_policy(story: Option<&str>) -> Desk {
    let desk = Desk::on_maildir();
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    desk.write("casepost.toml", &format!("policy = \"own\"\nrules = \"rules\"\n{config}"));
    std::fs::create_dir_all(desk.path("rules/own/scenarios")).unwrap();
    desk.write("rules/own/policy.toml", POLICY);
    if let Some(story) = story {
        desk.write("rules/own/scenarios/ten-minutes.toml", story);
    }
    desk
}

#[test]
fn a_story_of_ones_own_policy_is_played_by_simulate_and_by_check() {
    let desk = with_policy(Some(STORY));
    let told = desk.run(&["simulate"]).ok();
    assert!(told.contains("Nobody waits longer than ten minutes"), "{told}");
    assert!(told.contains("1 story: all came out as told"), "{told}");
    let file = desk.run(&["--config", "none.toml", "simulate", "rules/own/scenarios/ten-minutes.toml"]).ok();
    assert!(file.contains("09:10:00"), "its own policy needs no configuration: {file}");
    assert_eq!(desk.run(&["simulate", "--quiet", "rules/own"]).ok(), "");
    let checked = desk.run(&["check", "--offline"]).ok();
    assert!(checked.contains("scenarios: 1, and all come out as told"), "{checked}");
    assert!(!desk.path("casepost.db").exists(), "a story is played in memory");
}

#[test]
fn a_story_that_comes_out_otherwise_fails_both_with_the_difference() {
    let desk = with_policy(Some(STORY));
    desk.write("rules/own/policy.toml", "extends = \"base\"\nreview_after = \"5m\"\n");
    desk.write("rules/own/scenarios/ten-minutes.toml", &STORY.replace("\"+10m\"", "\"+4m\""));
    let told = desk.run(&["simulate", "--quiet"]);
    assert_eq!(told.code, 1);
    assert!(
        told.out.contains("line 16: mails: expected staff-review to frida@desk.example: it did not go out"),
        "{}",
        told.out
    );
    assert!(told.out.contains("1 of 1 story did not come out"), "{}", told.out);
    let checked = desk.run(&["check", "--offline"]);
    assert_eq!(checked.code, 1);
    assert!(checked.out.contains("ten-minutes.toml does not come out as told"), "{}", checked.out);
}

#[test]
fn a_policy_without_stories_is_refused() {
    let desk = with_policy(None);
    let told = desk.run(&["simulate"]);
    assert_eq!(told.code, 1);
    assert!(told.err.contains("write some into rules/own/scenarios/"), "{}", told.err);
    let checked = desk.run(&["check", "--offline"]);
    assert_eq!(checked.code, 1);
    assert!(checked.out.contains("scenarios: the policy \"own\" has none"), "{}", checked.out);
}

#[test]
fn a_mistake_in_a_story_names_file_line_and_key() {
    let desk = with_policy(Some(&STORY.replace("staff_mails", "staff_mail")));
    let told = desk.run(&["simulate"]);
    assert_eq!(told.code, 1);
    assert!(told.out.contains("ten-minutes.toml: line 4: unknown key \"staff_mail\""), "{}", told.out);
    let nowhere = desk.run(&["simulate", "nowhere.toml"]);
    assert_eq!(nowhere.code, 1);
    assert!(nowhere.err.contains("nowhere.toml"), "{}", nowhere.err);
}
