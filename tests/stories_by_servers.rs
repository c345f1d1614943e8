//! The stories of the policies that come with the program, once more: by the real program, a real Dovecot and a real
//! Postfix. Each has to go as it goes in memory, to the last line of its timeline.

mod desk;
mod servers;
mod story_desk;

use std::collections::BTreeSet;

use casepost::{
    cli::simulate::{Event, InMemory, Place, Played, Policies, StoryDesk, Told, empty, of_policy, play},
    desk::policy::built_in_names,
    store::open,
};
use story_desk::{ServedDesk, Stage};

/// A story, and how it goes in memory.
struct Story {
    shown: String,
    text: String,
    rules: Place,
    told: Told,
    in_memory: Played,
    /// what of the desk it shows: notices, commands, kinds of mail, mishaps
    shows: BTreeSet<String>,
    /// about so many starts of the program
    starts: usize,
}

fn stories(policy: &str) -> Vec<Story> {
    let place = Place { policy: policy.to_owned(), ..Default::default() };
    let mut policies = Policies::default();
    let mut all = Vec::new();
    for found in of_policy(&place).unwrap() {
        let (shown, text, rules) = (found.shown.clone(), found.text.clone(), found.place.clone());
        let told = policies.understand(found).unwrap();
        let mut desk = InMemory::begin(&told, empty(open::in_memory().unwrap()).unwrap());
        let in_memory = play(&told, &mut desk, &mut Ok).unwrap();
        let sent = desk.sent();
        let times: BTreeSet<_> = sent.iter().map(|mail| mail.at).collect();
        let mut shows: BTreeSet<String> = sent.iter().map(|mail| format!("sends {}", mail.kind)).collect();
        shows.extend(told.scenario.steps.iter().map(|step| of_event(&step.event)));
        let starts = told.scenario.steps.len() + times.len();
        all.push(Story { shown, text, rules, told, in_memory, shows, starts });
    }
    all
}

fn of_event(event: &Event) -> String {
    match event {
        Event::Nothing => "time passes".to_owned(),
        Event::Mail(told) => format!("mail {:?} {:?}", told.mail.kind, told.mail.sender),
        // With the words that are no arguments: `case reply`.
        Event::Command { command, .. } => command.split_whitespace().take(2).collect::<Vec<_>>().join(" "),
        Event::DaemonStops => "the daemon stops".to_owned(),
        Event::DaemonStarts => "the daemon starts".to_owned(),
        Event::MailServer(does) => does.in_words().split('@').next().unwrap_or_default().to_owned(),
    }
}

/// There is no time for all: those that show most in the fewest starts, until nothing new is left to show.
fn chosen(mut all: Vec<Story>) -> Vec<Story> {
    let (mut chosen, mut shown) = (Vec::<Story>::new(), BTreeSet::new());
    loop {
        let news = |story: &Story| story.shows.difference(&shown).count() * 1000 / story.starts;
        let best = all.iter().enumerate().max_by_key(|(_, story)| news(story)).filter(|(_, story)| news(story) > 0);
        let Some((best, _)) = best else { break };
        let story = all.remove(best);
        shown.extend(story.shows.iter().cloned());
        chosen.push(story);
    }
    // Later ones may have made an earlier one dispensable.
    let mut n = 0;
    while n < chosen.len() {
        let others = chosen.iter().enumerate().filter(|(other, _)| *other != n);
        let shown: BTreeSet<&String> = others.flat_map(|(_, story)| &story.shows).collect();
        if chosen[n].shows.iter().filter(|what| is_needed(what)).all(|what| shown.contains(what)) {
            chosen.remove(n);
        } else {
            n += 1;
        }
    }
    chosen
}

/// Every notice, command and mishap; which mails come in shows little of servers and processes.
fn is_needed(what: &str) -> bool {
    !what.starts_with("mail ") && what != "time passes"
}

/// Plays the stories of a policy by servers, then the one that shows most once more, with a program that is killed in
/// each of its rounds.
fn go_as_in_memory(policy: &str) {
    let all = stories(policy);
    let number = all.len();
    assert!(number > 0, "{policy} has stories");
    let Some(stage) = Stage::build(&format!("the_stories_of_{policy}")) else { return };
    let (mut starts, mut wrong) = (0, Vec::new());
    let chosen = chosen(all);
    for story in &chosen {
        let mut desk = ServedDesk::begin(&stage, &story.told, &story.text, &story.rules).unwrap();
        starts += play_on(&mut desk, story, &mut wrong);
    }
    println!("{policy}: {} of {number} stories, {starts} starts of the program", chosen.len());

    let story = chosen.iter().max_by_key(|story| story.shows.len()).unwrap();
    let desk = ServedDesk::begin(&stage, &story.told, &story.text, &story.rules).unwrap();
    let mut desk = desk.that_is_killed_in_each_round();
    play_on(&mut desk, story, &mut wrong);
    println!("{policy}: killed {} times: {}", desk.killed, story.shown);
    assert!(desk.killed > 1, "{}", story.shown);
    assert!(wrong.is_empty(), "{} of {policy}'s stories go otherwise:\n\n{}", wrong.len(), wrong.join("\n"));
}

/// Gives how often the program was started for it.
fn play_on(desk: &mut ServedDesk<'_>, story: &Story, wrong: &mut Vec<String>) -> usize {
    match play(&story.told, desk, &mut Ok) {
        Ok(played) if played == story.in_memory && played.is_as_told() => {}
        Ok(played) if played == story.in_memory => {
            wrong.push(format!("{}: not as told, in memory either\n", story.shown))
        }
        Ok(played) => wrong.push(difference(&played, &story.in_memory)),
        Err(why) => wrong.push(format!("{}: {why:#}\n", story.shown)),
    }
    println!("{} starts: {}", desk.starts, story.shown);
    desk.starts
}

/// The lines that only one of both has.
fn difference(by_servers: &Played, in_memory: &Played) -> String {
    let only = |one: &Played, other: &Played, where_: &str| -> String {
        let lines = one.lines.iter().filter(|line| !other.lines.contains(line));
        lines.map(|line| format!("  {where_}: {:?} {} {}\n", line.mark, line.when, line.text)).collect()
    };
    let lines = only(in_memory, by_servers, "in memory") + &only(by_servers, in_memory, "by servers");
    let lines = if lines.is_empty() { "  the same lines in another order\n" } else { &lines };
    format!("{}\n{lines}", in_memory.shown)
}

#[test]
fn the_stories_of_base_go_by_real_servers_as_they_go_in_memory() {
    go_as_in_memory("base");
}

#[test]
fn the_stories_of_calltower_go_by_real_servers_as_they_go_in_memory() {
    go_as_in_memory("calltower");
}

#[test]
fn the_stories_of_colt_go_by_real_servers_as_they_go_in_memory() {
    go_as_in_memory("colt");
}

#[test]
fn the_stories_of_interspace_go_by_real_servers_as_they_go_in_memory() {
    go_as_in_memory("interspace");
}

#[test]
fn the_stories_of_oracle_go_by_real_servers_as_they_go_in_memory() {
    go_as_in_memory("oracle");
}

#[test]
fn every_policy_that_comes_with_the_program_is_played_by_servers() {
    let here = include_str!("stories_by_servers.rs");
    for policy in built_in_names() {
        assert!(here.contains(&format!("go_as_in_memory(\"{policy}\");")), "{policy}");
    }
}
