//! All built-in stories come out as told, whatever lies under them; and what a scenario has wrong is told precisely.

use super::{
    desk::{InMemory, StoryDesk},
    library::{Found, Policies, of_path, of_policy},
    played::{Mark, Played},
    settings::{Place, empty},
    story::play,
};
use crate::{
    desk::policy::built_in_names,
    store::{cases, history, open, outbox},
};

fn place(policy: &str) -> Place {
    Place { policy: policy.to_owned(), ..Place::default() }
}

fn built_in() -> Vec<Found> {
    built_in_names().into_iter().flat_map(|policy| of_policy(&place(policy)).unwrap()).collect()
}

fn in_words(played: &Played) -> String {
    played.lines.iter().map(|line| format!("{:?} {} {}\n", line.mark, line.when, line.text)).collect()
}

#[test]
fn every_built_in_story_comes_out_as_told() {
    let mut policies = Policies::default();
    let mut wrong = Vec::new();
    for found in built_in() {
        let shown = found.shown.clone();
        match policies.play(found) {
            Ok(played) if played.is_as_told() => {}
            Ok(played) => wrong.push(format!("{shown}\n{}", in_words(&played))),
            Err(why) => wrong.push(format!("{shown}: {why:#}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn no_story_knows_of_those_before_it() {
    let mut policies = Policies::default();
    let mut told = |found: Vec<Found>| -> Vec<String> {
        found.into_iter().map(|found| in_words(&policies.play(found).unwrap())).collect()
    };
    let mut backwards = built_in();
    backwards.reverse();
    let (forth, mut back) = (told(built_in()), told(backwards));
    back.reverse();
    assert_eq!(forth, back);
}

#[test]
fn of_what_a_story_leaves_behind_nothing_stays_for_the_next_one() {
    let mut policies = Policies::default();
    for found in built_in() {
        let shown = found.shown.clone();
        let (db, told) = (open::in_memory().unwrap(), policies.understand(found).unwrap());
        let mut desk = InMemory::begin(&told, empty(db).unwrap());
        play(&told, &mut desk, &mut Ok).unwrap();
        let db = desk.lend().unwrap();
        open::clear(&db).unwrap();
        let left = (cases::after(&db, 0).unwrap().len(), history::last(&db).unwrap(), outbox::last(&db).unwrap());
        assert_eq!(left, (0, 0, 0), "{shown}");
    }
}

#[test]
fn every_built_in_policy_has_stories() {
    for policy in built_in_names() {
        assert!(!of_policy(&place(policy)).unwrap().is_empty(), "{policy}");
    }
}

#[test]
fn every_story_is_the_same_when_the_database_is_a_file_that_is_closed_and_opened_between_its_steps() {
    let mut policies = Policies::default();
    for found in built_in() {
        let shown = found.shown.clone();
        let told = policies.understand(found).unwrap();
        let mut desk = InMemory::begin(&told, empty(open::in_memory().unwrap()).unwrap());
        let in_memory = play(&told, &mut desk, &mut Ok).unwrap();
        // Nothing of it needs to outlast a loss of power: where there is a file system in memory, it need not wait for a disk.
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
        let file = folder.path().join("desk.db");
        let open_again = || Ok::<_, anyhow::Error>(open::open(&file)?);
        let mut desk = InMemory::begin(&told, empty(open_again().unwrap()).unwrap());
        let on_disk = play(&told, &mut desk, &mut |db| {
            db.close().map_err(|(_, e)| e)?;
            open_again()
        });
        assert_eq!(in_words(&on_disk.unwrap()), in_words(&in_memory), "{shown}");
    }
}

/// Plays a story against the base policy.
fn played(steps: &str) -> anyhow::Result<Played> {
    let text = format!(
        "title = \"A story\"\nstart = \"2026-11-02 09:00\"\n[[staff]]\nname = \"Frida\"\naddress = \"frida@desk.example\"\n{steps}"
    );
    let found = Found { shown: "story.toml".to_owned(), text, place: place("base"), files: Box::new(|_| None) };
    Policies::default().play(found)
}

fn failures(steps: &str) -> Vec<String> {
    let played = played(steps).unwrap();
    played.lines.into_iter().filter(|line| line.mark == Mark::Fails).map(|line| line.text).collect()
}

const ADA_WRITES: &str =
    "[[step]]\nfrom = \"Ada <ada@books.example>\"\nsubject = \"No light\"\ntext = \"It is dark.\"\n";

#[test]
fn a_mail_that_nobody_expects_fails_the_story_and_is_shown() {
    let failures =
        failures(&format!("{ADA_WRITES}expect.mails = [{{ to = \"staff\", notice = \"staff-new-case\" }}]\n"));
    let [failure] = &failures[..] else { panic!("{failures:?}") };
    assert!(
        failure.starts_with("story.toml: line 6: mails: unexpected acknowledgement to ada@books.example"),
        "{failure}"
    );
    assert!(failure.contains("No light"), "{failure}");
}

#[test]
fn a_mail_that_does_not_go_out_fails_the_story() {
    let mails = "expect.mails = [{ to = \"staff\", notice = \"staff-new-case\" }, \
        { to = \"Ada\", notice = \"acknowledgement\" }, { to = \"Ada\", notice = \"closed\" }]\n";
    let failures = failures(&format!("{ADA_WRITES}{mails}"));
    assert_eq!(failures, ["story.toml: line 6: mails: expected closed to ada@books.example: it did not go out"]);
}

#[test]
fn what_a_case_or_a_mail_is_instead_is_told() {
    let expect = "[step.expect]\nstatus = \"closed\"\nclocks = { hold-end = \"runs\" }\nlinks = []\nkind = \"bounce\"\nmails = [\
        { to = \"staff\", notice = \"staff-new-case\", words = \"no such words\" }, \
        { to = \"Ada\", notice = \"acknowledgement\", at = \"+1s\" }]\n";
    let failures = failures(&format!("{ADA_WRITES}{expect}")).join("\n");
    for expected in [
        "case status: expected closed, got new",
        "case clocks: expected hold-end, got review at Mon 2 Nov 2026 09:30:00",
        "kind: expected bounce, got person",
        "its words lacks \"no such words\"",
        "it went out at Mon 2 Nov 2026 09:00:00, not at Mon 2 Nov 2026 09:00:01",
    ] {
        assert!(failures.contains(expected), "{expected}\n{failures}");
    }
}

#[test]
fn a_command_that_is_refused_fails_the_story_unless_that_is_told() {
    let command = |expect: &str| failures(&format!("[[step]]\ncommand = \"case show 1-0123456789\"\n{expect}"));
    assert!(command("").join("").contains("line 6: the command was refused: "), "{:?}", command(""));
    assert!(command("expect.fails = \"reference\"\n").is_empty(), "{:?}", command("expect.fails = \"reference\"\n"));
    assert!(command("expect.fails = \"too late\"\n").join("").contains("expected \"too late\""));
    let done = failures("[[step]]\ncommand = \"case list\"\nexpect.fails = \"no\"\n");
    assert!(done.join("").contains("should be refused, and was done"), "{done:?}");
    let outside = failures("[[step]]\ncommand = \"run --once\"\n");
    assert!(outside.join("").contains("can't be given in a scenario"), "{outside:?}");
}

#[test]
fn each_mistake_in_a_file_names_line_and_key() {
    for (steps, expected) in [
        ("", "story.toml: no [[step]]"),
        ("[[step]]\natt = \"+1h\"\n", "story.toml: line 7: unknown key \"att\"; did you mean \"at\"?"),
        ("[[step]]\nat = \"soon\"\n", "story.toml: line 7: at: \"soon\": write a time such as"),
        ("[[step]]\nat = \"+1h\"\n[[step]]\nat = \"day 1, 09:30\"\n", "line 9: at: is before the step above it"),
        ("[[step]]\nsubject = \"x\"\n", "line 7: subject: is for a mail, and nobody writes one"),
        ("[[step]]\nfrom = \"a@b.example\"\ndaemon = \"stops\"\n", "line 8: daemon: one step tells one thing"),
        (
            "[[step]]\nstaff = \"Tom\"\ncommand = \"case list\"\n",
            "line 7: staff: \"Tom\" is not of the staff (known: Frida)",
        ),
        ("[[step]]\nmail_server = \"sleeps\"\n", "line 7: mail_server: \"sleeps\" (known: works, is down, refuses"),
        ("[[step]]\nexpect.status = \"done\"\n", "line 6: status: unknown status \"done\" (known: new, "),
        ("[[step]]\n[step.expect]\nclocks = { tea = \"+1h\" }\n", "line 8: clocks: \"tea\" (known: review, "),
        (
            "[[step]]\n[step.expect]\nmails = [{ to = \"staff\", notice = \"poem\" }]\n",
            "line 8: mails: notice \"poem\"",
        ),
        ("[[step]]\n[step.expect]\nlinks = \"near first\"\n", "line 8: links: \"near\" (known: continues, "),
        ("[[contacts]]\nshoe = \"44\"\n[[step]]\n", "line 7: shoe: unknown key (known: address, "),
        ("[[contacts]]\naddress = \"nobody\"\n[[step]]\n", "line 6: "),
    ] {
        let error = format!("{:#}", played(steps).unwrap_err());
        assert!(error.contains(expected), "{expected}\n{error}");
    }
}

#[test]
fn a_story_may_have_keys_of_its_own_over_those_of_its_policy() {
    let story = |policy: &str, review: &str| {
        let text = format!(
            "title = \"A story\"\nstart = \"2026-11-02 09:00\"\nstaff_mails = \"ignored\"\n{policy}[[staff]]\nname = \"Frida\"\n\
             address = \"frida@desk.example\"\n{ADA_WRITES}[step.expect]\nclocks = {{ review = \"{review}\" }}\n\
             mails = [{{ to = \"Ada\", notice = \"acknowledgement\" }}]\n"
        );
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("story.toml");
        std::fs::write(&path, text).unwrap();
        Policies::default().play(of_path(&path, &place("calltower"), None).unwrap().remove(0))
    };
    for (policy, review, zone) in [
        ("", "+30m", "America/Denver"),
        ("[policy]\nreview_after = \"10m\"\n", "+10m", "America/Denver"),
        ("[policy]\nextends = \"base\"\nreview_after = \"20m\"\n", "+20m", "UTC"),
    ] {
        let played = story(policy, review).unwrap();
        assert!(played.is_as_told(), "{}", in_words(&played));
        assert_eq!(played.zone.name(), zone);
    }
    let error = format!("{:#}", story("[policy]\nreveiw_after = \"10m\"\n", "+10m").unwrap_err());
    assert!(error.contains("story.toml: [policy]: unknown key \"reveiw_after\"; did you mean"), "{error}");
}

const DOCUMENTATION: &str = include_str!("../../../docs/scenarios.md");

#[test]
fn the_first_story_of_the_documentation_comes_out_as_told() {
    let text = DOCUMENTATION.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let shown = "docs/scenarios.md".to_owned();
    let found = Found { shown, text: text.to_owned(), place: place("base"), files: Box::new(|_| None) };
    let played = Policies::default().play(found).unwrap();
    assert!(played.is_as_told(), "{}", in_words(&played));
}

#[test]
fn the_documentation_s_table_names_every_built_in_story_and_no_other() {
    let table = DOCUMENTATION.split("\n## ").last().unwrap();
    let rows = table.lines().filter_map(|line| line.strip_suffix(" |")?.rsplit_once(" | ").map(|(_, story)| story));
    let mut named: Vec<&str> = rows.flat_map(|stories| stories.split(", ")).filter(|s| s.contains(": ")).collect();
    let stories = built_in().into_iter().map(|found| {
        let path = found.shown.trim_start_matches("rules/").trim_end_matches(".toml").to_owned();
        path.replace("/scenarios/", ": ")
    });
    let mut stories: Vec<String> = stories.collect();
    named.sort_unstable();
    named.dedup();
    stories.sort_unstable();
    assert_eq!(named, stories);
}
