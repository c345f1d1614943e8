//! The command line: one file per command. It parses arguments, opens what a command needs, and shows what came out; it
//! holds no rule of the desk.

/// Prints a line. A reader that has gone (`| head`) is no reason to panic: the work is done all the same.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!($crate::cli::streams::out(), $($text)*);
    }};
}

mod backup;
mod bars;
mod case;
mod check;
mod context;
mod demo;
mod directory;
mod exit;
mod explain;
mod generate;
mod init;
mod logging;
mod meant;
mod mni;
mod outbox;
mod paint;
mod problem;
mod quarantine;
mod report;
mod run;
pub mod simulate;
mod status;
mod status_page;
mod stray;
mod streams;
mod subscription;
mod suppression;
mod works;

use std::{path::PathBuf, process::ExitCode};

use chrono::{DateTime, Utc};
use clap::{CommandFactory, Parser, Subcommand};

use context::Context;
pub use exit::EXIT_CODES;

use crate::mail::command::When;

/// An email-first service desk: support mail becomes cases, and nobody is answered twice.
#[derive(Debug, Parser)]
#[command(
    name = "casepost",
    version,
    about,
    long_about = "An email-first service desk.\n\n\
        Casepost watches support mailboxes (IMAP or Maildir), turns incoming mail into Priority-4 cases, threads replies, \
        reopens a case when somebody answers within seven days of its closing (later it opens a linked case), and sends \
        acknowledgements, warnings and closings (SMTP) from templates. Everything is in one SQLite file.",
    after_help = "Begin with:\n  \
        casepost demo                  see a desk at work; needs no mail server\n  \
        casepost init                  set a desk up: servers, password, staff\n  \
        casepost check                 say what is right and what is not, before anything runs\n  \
        casepost run                   the daemon (or `run --once` from cron)\n  \
        casepost status                how it fares\n  \
        casepost case list --open      what there is to do\n  \
        casepost explain mail.eml      what the desk would make of a mail",
    after_long_help = EXIT_CODES
)]
struct Arguments {
    /// The configuration [default: casepost.toml; where there is none, /etc/casepost/casepost.toml]
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "FILE", env = "CASEPOST_CONFIG")]
    config: Option<PathBuf>,

    /// The time to work at, for drills and tests: the first write with it marks the database as a drill, which no
    /// daemon will run on; its time never goes backwards
    #[arg(long, global = true, help_heading = "Everywhere", value_name = "RFC3339", value_parser = instant)]
    now: Option<DateTime<Utc>>,

    /// Who you are, for the history of cases: a name of the staff in the configuration, or any other
    /// [default: who is logged in]
    #[arg(long = "as", global = true, help_heading = "Everywhere", value_name = "NAME", env = "CASEPOST_STAFF")]
    staff: Option<String>,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Set a desk up: ask for what it needs, and write a commented casepost.toml and its signing key
    Init(Box<init::Init>),
    /// Say of configuration, rules, templates, database and servers whether they are right, or what to do
    Check(check::Check),
    /// Run the desk: the daemon, or everything that there is to do once
    Run(run::Run),
    /// Say how the desk fares: mailboxes, outgoing mail, clocks, troubles; also for monitoring
    Status(status::Status),
    /// Copy the database while the desk works
    Backup(backup::Backup),
    /// Say of mails what the desk takes them for, why, and what would follow; nothing is written
    Explain(explain::Explain),
    /// Look at cases and work them
    #[command(subcommand)]
    Case(case::CaseCommand),
    /// Major network incidents: one problem of several organisations, told to all at once
    #[command(subcommand)]
    Mni(mni::MniCommand),
    /// Problem records: several cases, one cause
    #[command(subcommand)]
    Problem(problem::ProblemCommand),
    /// Mail that waits to go out, or could not
    #[command(subcommand)]
    Outbox(outbox::OutboxCommand),
    /// Mail that could not be taken in
    #[command(subcommand)]
    Quarantine(quarantine::QuarantineCommand),
    /// Mail that belongs to no case: automatic replies, lists, reports about unknown mail
    #[command(subcommand)]
    Stray(stray::StrayCommand),
    /// Who gets updates by mail because they subscribed
    #[command(subcommand)]
    Subscription(subscription::SubscriptionCommand),
    /// Addresses that get no automatic mail: mail came back, a complaint, a robot, or staff said so
    #[command(subcommand)]
    Suppression(suppression::SuppressionCommand),
    /// The people of organisations: read them from a file, look at them, change them
    #[command(subcommand)]
    Contact(directory::contact::ContactCommand),
    /// The customers: domains, numbers, patterns of their own references
    #[command(subcommand)]
    Organisation(directory::organisation::OrganisationCommand),
    /// What organisations bought
    #[command(subcommand)]
    Service(directory::service::ServiceCommand),
    /// Planned works: plan, approve, announce and do them; also what customers announced of their own
    #[command(subcommand)]
    Works(works::WorksCommand),
    /// The public page of the platforms' state: write its files
    #[command(subcommand)]
    StatusPage(status_page::StatusPageCommand),
    /// What was done in a stretch of time, also for spreadsheets
    #[command(subcommand)]
    Report(report::ReportCommand),
    /// Play scenarios against a policy, and say whether they come out as told
    Simulate(simulate::Simulate),
    /// See a desk at work: four weeks in a few seconds, on sample mails, without any server
    Demo(demo::Demo),
    /// Write manual pages and shell completions, for packages
    #[command(subcommand)]
    Generate(generate::GenerateCommand),
}

/// A time as an argument.
fn instant(text: &str) -> Result<DateTime<Utc>, String> {
    text.parse().map_err(|_| "expected a time as of RFC 3339, such as 2026-11-24T09:00:00Z".to_owned())
}

/// A time as people write it; it is read in the zone of the policy.
fn when(text: &str) -> Result<When, String> {
    text.parse()
}

/// Parses the arguments, does what they say, and turns an error into a text on standard error and an exit code.
pub fn main() -> ExitCode {
    crate::post::tls::install_crypto_provider();
    let arguments = Arguments::parse();
    let config = arguments.config.unwrap_or_else(|| match arguments.command {
        // Writes a new one, so it looks for none.
        Command::Init(_) => PathBuf::from(context::CONFIG_HERE),
        _ => context::usual_config(),
    });
    let context = Context::new(config, arguments.now, arguments.staff);
    let done = perform(&context, arguments.command);
    exit::code(done)
}

/// Does what a command says.
fn perform(context: &Context, command: Command) -> anyhow::Result<()> {
    match command {
        Command::Init(command) => init::run(context, &command),
        Command::Check(command) => check::run(context, &command),
        Command::Run(command) => run::run(context, &command),
        Command::Status(command) => status::run(context, &command),
        Command::Backup(command) => backup::run(context, &command),
        Command::Explain(command) => explain::run(context, &command),
        Command::Case(command) => case::run(context, &command),
        Command::Mni(command) => mni::run(context, &command),
        Command::Problem(command) => problem::run(context, &command),
        Command::Outbox(command) => outbox::run(context, &command),
        Command::Quarantine(command) => quarantine::run(context, &command),
        Command::Stray(command) => stray::run(context, &command),
        Command::Subscription(command) => subscription::run(context, &command),
        Command::Suppression(command) => suppression::run(context, &command),
        Command::Contact(command) => directory::contact::run(context, &command),
        Command::Organisation(command) => directory::organisation::run(context, &command),
        Command::Service(command) => directory::service::run(context, &command),
        Command::Works(command) => works::run(context, &command),
        Command::StatusPage(command) => status_page::run(context, &command),
        Command::Report(command) => report::run(context, &command),
        Command::Simulate(command) => simulate::run(context, &command),
        Command::Demo(command) => demo::run(&command),
        Command::Generate(command) => generate::run(context, Arguments::command(), &command),
    }
}

/// Does what one of the staff commands in a scenario, with the words of a command line.
fn perform_in_story(context: &Context, words: &[String]) -> anyhow::Result<()> {
    let words = std::iter::once("casepost").chain(words.iter().map(String::as_str));
    let command = Arguments::try_parse_from(words).map_err(|e| anyhow::anyhow!("{e}"))?.command;
    match command {
        // These are about configurations, servers and files, which a story has not.
        Command::Init(_)
        | Command::Check(_)
        | Command::Run(_)
        | Command::Status(_)
        | Command::Backup(_)
        | Command::StatusPage(_)
        | Command::Explain(_)
        | Command::Simulate(_)
        | Command::Demo(_)
        | Command::Generate(_) => anyhow::bail!("this command can't be given in a scenario"),
        command => perform(context, command),
    }
}
