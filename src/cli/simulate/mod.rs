//! `casepost simulate`: plays stories against a policy with the daemon's own code, and says whether they come out as told.
//!
//! What is public is for playing the same stories on another desk than the one in memory: see [`StoryDesk`].

mod check;
mod desk;
mod expect;
mod incoming_mail;
mod letter;
mod library;
mod moment;
mod outgoing;
mod page;
mod played;
mod scenario;
mod server_words;
mod settings;
mod story;
mod telling;
#[cfg(test)]
mod tests;
mod words;

use std::path::PathBuf;

use clap::Args;

pub use self::{
    desk::{Answer, InMemory, MailRead, StoryDesk},
    expect::Becomes,
    library::{Found, Policies, of_policy},
    played::{Line, Mark, Played},
    scenario::{Event, Scenario, Step, Told},
    server_words::MailServerDoes,
    settings::{CONFIG, Changes, Place, empty},
    story::play,
};
use super::{context::Context, exit::SaidAlready, paint::Paint};
use crate::config::Config;

#[derive(Debug, Args)]
#[command(
    long_about = "Play scenarios: stories in TOML files that say what mails come in, what staff do, how time passes, and \
        what has to follow: how cases stand, which clocks run, and exactly which mails go out.\n\n\
        A story is played in memory with the daemon's own code, in the time that it tells: four weeks take a few \
        milliseconds. No server is needed, and no mail leaves the machine. docs/scenarios.md explains how to write one.",
    after_help = "For example:\n  \
        casepost simulate                                  the configured policy's scenarios\n  \
        casepost simulate --policy calltower               those of a policy that comes with the program\n  \
        casepost simulate rules/own/scenarios/*.toml       some files\n  \
        casepost simulate --quiet rules/own                a policy's folder; only what did not come out\n\n\
        Exit code 1 when anything comes out otherwise than it is told."
)]
pub struct Simulate {
    /// Scenarios, or folders of them [default: those of the policy]
    #[arg(value_name = "FILE|FOLDER")]
    paths: Vec<PathBuf>,
    /// The policy [default: the one that a file names, else the one in whose folder it lies, else the configured one]
    #[arg(long, value_name = "NAME")]
    policy: Option<String>,
    /// Show nothing but what did not come out as told
    #[arg(long, short)]
    quiet: bool,
}

pub fn run(context: &Context, command: &Simulate) -> anyhow::Result<()> {
    let usual = usual(context, command)?;
    let mut found: Vec<Found> = Vec::new();
    for path in &command.paths {
        found.extend(library::of_path(path, &usual, command.policy.as_deref())?);
    }
    if command.paths.is_empty() {
        anyhow::ensure!(
            !usual.policy.is_empty(),
            "there is no configuration: name a policy (--policy NAME), or scenarios"
        );
        found = of_policy(&usual)?;
        anyhow::ensure!(
            !found.is_empty(),
            "the policy \"{0}\" has no scenarios: write some into rules/{0}/scenarios/",
            usual.policy
        );
    }
    let mut policies = Policies::default();
    let paint = Paint::stdout();
    let (mut failed, mut held) = (0, 0);
    let stories = found.len();
    for found in found {
        let shown = found.shown.clone();
        match policies.play(found) {
            Ok(played) => {
                held += played.held;
                failed += usize::from(!played.is_as_told());
                page::show(&played, paint, command.quiet);
            }
            Err(why) => {
                failed += 1;
                page::cannot(&shown, &why, paint);
            }
        }
    }
    page::summary(stories, failed, held, paint, command.quiet);
    if failed == 0 { Ok(()) } else { Err(SaidAlready.into()) }
}

/// The policy of scenarios that lie in no policy's folder, or the one that is named for all.
fn usual(context: &Context, command: &Simulate) -> anyhow::Result<Place> {
    // Files and a named policy need no configuration, not even a right one.
    let needed = command.paths.is_empty() && command.policy.is_none();
    let config = if context.has_config() {
        let config = context.config();
        if needed { Some(config?) } else { config.ok() }
    } else {
        None
    };
    let place = config.as_ref().map_or(Place::default(), place);
    Ok(match &command.policy {
        Some(policy) => Place { policy: policy.clone(), ..place },
        None => place,
    })
}

/// The policy of a configuration.
pub(super) fn place(config: &Config) -> Place {
    let (policy, rules, templates) = (config.policy.clone(), config.rules.clone(), config.templates.clone());
    Place { policy, rules, templates, changes: None }
}
