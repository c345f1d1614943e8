//! Stories on a terminal: the timeline with each expectation ticked, or what came out otherwise.

use super::played::{Line, Mark, Played};
use crate::cli::paint::{Ink, Paint, fit, plain};

/// So much of a line of history, whose texts may be long.
const WIDTH: usize = 150;

pub fn show(played: &Played, paint: Paint, quiet: bool) {
    if quiet && played.is_as_told() {
        return;
    }
    say!("{}  {}", paint.ink(Ink::Bold, &plain(&played.title)), paint.ink(Ink::Dim, &played.shown));
    for line in played.lines.iter().filter(|line| !quiet || line.mark == Mark::Fails) {
        say!("{}", in_ink(line, paint));
    }
    if !quiet {
        say!();
    }
}

fn in_ink(line: &Line, paint: Paint) -> String {
    let text = plain(&line.text);
    match line.mark {
        Mark::Step => format!("  {}  {text}", paint.ink(Ink::Dim, &line.when)),
        Mark::Follows => format!("      {} {}", paint.ink(Ink::Yellow, "*"), fit(&text, WIDTH)),
        Mark::Mail => format!("      {} {}", paint.ink(Ink::Blue, "->"), fit(&text, WIDTH)),
        Mark::Holds => format!("      {} {}", paint.ink(Ink::Green, "ok"), fit(&text, WIDTH)),
        Mark::Fails => format!("  {} {text}", paint.ink(Ink::Red, "NOT AS TOLD")),
    }
}

/// A scenario that could not be played.
pub fn cannot(shown: &str, why: &anyhow::Error, paint: Paint) {
    let why = format!("{why:#}");
    let why = if why.contains(shown) { why } else { format!("{shown}: {why}") };
    say!("{} {why}", paint.ink(Ink::Red, "CANNOT BE PLAYED"));
}

pub fn summary(stories: usize, failed: usize, held: usize, paint: Paint, quiet: bool) {
    let one = |n: usize, word: &str| if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") };
    let stories_in_words = if stories == 1 { "1 story".to_owned() } else { format!("{stories} stories") };
    if failed == 0 {
        if !quiet {
            let text = format!("{stories_in_words}: all came out as told ({}).", one(held, "expectation"));
            say!("{}", paint.ink(Ink::Green, &text));
        }
        return;
    }
    say!("{}", paint.ink(Ink::Red, &format!("{failed} of {stories_in_words} did not come out as told.")));
}
