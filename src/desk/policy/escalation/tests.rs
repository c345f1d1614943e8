//! What a matrix must be like, each mistake with its line.

use super::*;
use crate::desk::policy::{Policy, RuleFile, built_in};

fn load(text: &'static str) -> Result<EscalationRules, String> {
    let files = move |file: &str| match file {
        "own/policy.toml" => {
            Some(RuleFile { shown: "rules/own/policy.toml".to_owned(), text: format!("extends = \"base\"\n{text}") })
        }
        file => built_in(file),
    };
    Policy::load("own", &files).map(|policy| policy.escalation).map_err(|e| e.to_string())
}

#[test]
fn each_level_that_nobody_could_ever_reach_is_an_error_with_its_line() {
    for (text, expected) in [
        ("[[escalation.level]]\ntitle = \"A\"\n", "line 3: title: level 1: there is no way to reach it"),
        ("[[escalation.level]]\ntelephone = \"1\"\n", "title: level 1 needs one"),
        (
            "[[escalation.level]]\ntitle = \"A\"\ntelephone = \"1\"\n[[escalation.level]]\ntitle = \"B\"\n\
             [[escalation.level.person]]\nwhen = \"in-hours\"\ntelephone = \"2\"\n",
            "line 6: title: level 2 can't be reached outside the hours: nobody is there then",
        ),
        (
            "[[escalation.level]]\ntitle = \"A\"\n[[escalation.level.person]]\nproducts = [\"Fax\"]\n\
             telephone = \"2\"\n",
            "line 3: title: level 1 can't be reached within the hours for other products",
        ),
        (
            "[[escalation.level]]\ntitle = \"A\"\ntelephone = \"1\"\n[[escalation.level.person]]\ntelephone = \"2\"\n",
            "line 3: title: level 1 has people of its own",
        ),
        (
            "[[escalation.level]]\ntitle = \"A\"\naddress = \"nobody\"\n",
            "line 4: address: level 1: \"nobody\" is no mail address",
        ),
        (
            "[[escalation.level]]\ntitle = \"A\"\n[[escalation.level.person]]\ntelephone = \"1\"\n\
             [[escalation.level.person]]\ntelephone = \"1\"\nwhen = \"sometimes\"\n",
            "line 8: when: level 1: \"sometimes\" is unknown (known: in-hours, outside-hours)",
        ),
        ("[escalation]\nby_mail = false\n", "line 3: by_mail: false: customers have to telephone"),
        (
            "[escalation]\nby_mail = false\n[[escalation.level]]\ntitle = \"A\"\naddress = \"a@b.example\"\n",
            "line 5: title: level 1 needs a telephone for each person, because by_mail = false",
        ),
        ("[escalation]\nstart_level = 1\n", "line 3: escalation.start_level: no level is above it"),
        ("[escalation]\nby_mial = true\n", "line 3: unknown key \"by_mial\"; did you mean \"by_mail\"?"),
        ("[escalation]\nhours = { monday = [\"9-17\"] }\n", "line 3: hours: \"9-17\": write hours such as"),
    ] {
        let error = load(text).unwrap_err();
        assert!(error.starts_with("rules/own/policy.toml: ") && error.contains(expected), "{error}");
    }
}

#[test]
fn a_sixth_level_is_refused() {
    const LEVEL: &str = "[[escalation.level]]\ntitle = \"A\"\ntelephone = \"1\"\n";
    assert_eq!(load(LEVEL.repeat(5).leak()).unwrap().levels.len(), 5);
    let error = load(LEVEL.repeat(6).leak()).unwrap_err();
    assert!(error.contains("line 18: title: 6 levels: a matrix has at most 5"), "{error}");
}

#[test]
fn ages_ascend_and_there_are_no_more_than_steps() {
    const TWO: &str = "[[escalation.level]]\ntitle = \"A\"\ntelephone = \"1\"\n[[escalation.level]]\ntitle = \"B\"\n\
                       telephone = \"2\"\n[escalation.after]\n";
    let error = |ages: &str| load(format!("{TWO}{ages}\n").leak()).unwrap_err();
    let ascend = "line 9: P1: each age must be longer than the one before";
    assert!(error("P1 = [\"2h\", \"1h\"]").contains(ascend), "{}", error("P1 = [\"2h\", \"1h\"]"));
    assert!(error("P1 = [\"2h\", \"2h\"]").contains(ascend));
    assert!(error("P1 = [\"0m\"]").contains(ascend));
    assert!(error("P1 = [\"2bd\", \"4h\"]").contains(ascend));
    let many = error("P1 = [\"1h\", \"2h\", \"3h\"]");
    assert!(many.contains("line 9: P1: 3 ages, but a case can go up 2 times at most"), "{many}");
    assert!(error("P9 = [\"1h\"]").contains("line 9: P9: unknown priority"));
    let good = load(format!("{TWO}P1 = [\"4h\", \"1bd\"]\n").leak()).unwrap();
    assert_eq!(good.after[&Priority::P1], [Span::Time(Duration::hours(4)), Span::BusinessDays(1)]);
}

#[test]
fn whoever_is_there_goes_by_the_hour_and_the_product() {
    let rules = load(
        "[[escalation.level]]\ntitle = \"Manager\"\n\
         [[escalation.level.person]]\nname = \"Cloud\"\nproducts = [\"UC Cloud\"]\nwhen = \"in-hours\"\ntelephone = \"1\"\n\
         [[escalation.level.person]]\nname = \"Others\"\nwhen = \"in-hours\"\ntelephone = \"2\"\n\
         [[escalation.level.person]]\nname = \"On call\"\nwhen = \"outside-hours\"\ntelephone = \"3\"\n",
    )
    .unwrap();
    let names = |product: &str, hour: u32| -> Vec<String> {
        let at = Utc.with_ymd_and_hms(2026, 11, 3, hour, 0, 0).unwrap();
        let products: BTreeSet<String> = [product.to_owned()].into();
        let people = rules.levels[0].people_at(&products, &rules.hours, at);
        people.iter().filter_map(|reach| reach.name.clone()).collect()
    };
    assert_eq!(names("uc cloud", 10), ["Cloud"]);
    assert_eq!(names("fax", 10), ["Others"]);
    assert_eq!(names("uc cloud", 3), ["On call"]);
    assert_eq!(rules.levels[0].people[0].in_words(), "Cloud, 1");
}

#[test]
fn without_a_matrix_the_leads_are_the_only_level() {
    let rules = load("").unwrap();
    assert!(rules.levels.is_empty());
    assert_eq!((rules.start_level, rules.top()), (0, 1));
}
