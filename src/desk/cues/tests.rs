//! Whole mails in five languages, and what may go wrong with cue files.

use super::*;
use crate::desk::policy::{Policy, built_in};

#[test]
fn the_built_in_cues_compile_and_their_examples_hold() {
    for name in crate::desk::policy::built_in_names() {
        let cues = Policy::load(name, &built_in).unwrap().cues;
        cues.check_examples().unwrap_or_else(|why| panic!("{why}"));
        assert!(cues.count() >= 25, "{name}");
    }
}
