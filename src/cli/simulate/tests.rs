//! All built-in stories come out as told, and what a scenario's file has wrong is named.

use super::{
    library::{Found, Policies, of_policy},
    played::Played,
    settings::Place,
};
use crate::desk::policy::built_in_names;

fn built_in() -> Vec<Found> {
    let place = |policy: &str| Place { policy: policy.to_owned(), ..Place::default() };
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
            Ok(played) => wrong.push(in_words(&played)),
            Err(why) => wrong.push(format!("{shown}: {why:#}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
