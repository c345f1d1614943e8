//! `casepost case review`: find the priority of a case by what the policy says, and set it.

use clap::Args;

use super::reference;
use crate::{
    cli::{context::Context, exit::Refused, paint::plain},
    daemon::staff::find,
    desk::{
        case::Case,
        lifecycle::Act,
        policy::{Policy, priorities::Matrix},
        priority::Priority,
        reference::Reference,
    },
};

#[derive(Debug, Args)]
#[command(
    after_help = "Without a choice it shows what the policy's priorities mean, and the matrix, and changes nothing. \
    With one it sets the priority; the clocks of what was promised are reckoned anew from when the request came.\n\n\
    Examples:\n  \
    casepost case review 1-0123456789\n  \
    casepost case review 1-0123456789 --criticality critical --scope site\n  \
    casepost case review 1-0123456789 --impact degradation --urgency high\n  \
    casepost case review 1-0123456789 --by impact=degradation --by urgency=high\n  \
    casepost case review 1-0123456789 --priority P2"
)]
pub struct Review {
    /// The case
    #[arg(value_parser = reference)]
    reference: Reference,
    /// How critical the service is, where the policy's matrix asks for it
    #[arg(long, value_name = "LEVEL")]
    criticality: Option<String>,
    /// How many it concerns
    #[arg(long, value_name = "LEVEL")]
    scope: Option<String>,
    /// What it does to the service
    #[arg(long, value_name = "LEVEL")]
    impact: Option<String>,
    /// How urgent it is
    #[arg(long, value_name = "LEVEL")]
    urgency: Option<String>,
    /// A level of any dimension of the policy's matrix
    #[arg(long, value_name = "DIMENSION=LEVEL", value_parser = dimension_and_level)]
    by: Vec<(String, String)>,
    /// The priority itself, without the matrix
    #[arg(long, conflicts_with_all = ["criticality", "scope", "impact", "urgency", "by"])]
    priority: Option<Priority>,
}

fn dimension_and_level(text: &str) -> Result<(String, String), String> {
    let (dimension, level) = text.split_once('=').ok_or("write DIMENSION=LEVEL, such as impact=degradation")?;
    Ok((dimension.trim().to_owned(), level.trim().to_owned()))
}

impl Review {
    /// The levels that are given, by dimension.
    fn levels(&self) -> Vec<(&str, &str)> {
        let named = [
            ("criticality", &self.criticality),
            ("scope", &self.scope),
            ("impact", &self.impact),
            ("urgency", &self.urgency),
        ];
        let named = named.into_iter().filter_map(|(dimension, level)| Some((dimension, level.as_deref()?)));
        named.chain(self.by.iter().map(|(dimension, level)| (dimension.as_str(), level.as_str()))).collect()
    }
}

pub fn run(context: &Context, command: &Review) -> anyhow::Result<()> {
    let levels = command.levels();
    if levels.is_empty() && command.priority.is_none() {
        let (config, db) = context.read()?;
        let desk = context.service_desk(&config)?;
        show(&find(&db, command.reference)?, &desk.policy);
        return Ok(());
    }
    let mut desk = context.desk()?;
    let priorities = &desk.office.desk.policy.priorities;
    let (priority, how) = match command.priority {
        Some(priority) => (priority, None),
        None => {
            let name = &desk.office.desk.policy.name;
            let matrix = priorities
                .matrix
                .as_ref()
                .ok_or_else(|| Refused(format!("the policy {name} has no matrix: choose with --priority P1 to P4")))?;
            (by_matrix(matrix, &levels)?, Some(format!("reviewed as {}", written(&levels))))
        }
    };
    let case = desk.write(|tx, staff| {
        let case = find(tx, command.reference)?;
        let reviewed = staff.act(tx, &case, &Act::Priority(priority), &[])?;
        if let Some(text) = &how {
            staff.act(tx, &reviewed, &Act::Note { text }, &[])?;
        }
        Ok(reviewed)
    })?;
    say!("{}: {}, {}", case.reference, case.status, case.priority);
    Ok(())
}

fn written(levels: &[(&str, &str)]) -> String {
    levels.iter().map(|(dimension, level)| format!("{dimension} {level}")).collect::<Vec<_>>().join(", ")
}

fn by_matrix(matrix: &Matrix, levels: &[(&str, &str)]) -> Result<Priority, Refused> {
    let [of_rows, of_columns] = &matrix.dimensions;
    if let Some((other, _)) = levels.iter().find(|(name, _)| name != of_rows && name != of_columns) {
        return Err(Refused(format!("the policy's matrix goes by {of_rows} and {of_columns}, not by {other}")));
    }
    let of = |dimension: &String| {
        let level = levels.iter().find(|(name, _)| name == dimension).map(|(_, level)| *level);
        level.ok_or_else(|| Refused(format!("{dimension} is missing: the matrix goes by {of_rows} and {of_columns}")))
    };
    matrix.priority(of(of_rows)?, of(of_columns)?).map_err(|why| Refused(why.to_string()))
}

fn show(case: &Case, policy: &Policy) {
    let subject = if case.subject.is_empty() { "(no subject)" } else { &case.subject };
    say!("{}  {}", case.reference, plain(subject));
    let review = if case.reviewed_at.is_none() && !case.status.is_closed() { ", not reviewed yet" } else { "" };
    say!("is {}{review}\n", case.priority);
    for priority in Priority::ALL {
        let here = if priority == case.priority { "*" } else { " " };
        say!("{here} {:<4} {}", priority.as_str(), policy.priorities.meaning(priority).unwrap_or("-"));
    }
    let Some(matrix) = &policy.priorities.matrix else {
        say!("\nset it with --priority");
        return;
    };
    let [of_rows, of_columns] = &matrix.dimensions;
    let corner = format!("{of_rows} \\ {of_columns}");
    let width = matrix.rows.iter().map(|(level, _)| level.len()).chain([corner.len()]).max().unwrap_or(0);
    let widths: Vec<usize> = matrix.columns.iter().map(|name| name.len().max(3)).collect();
    let line = |first: &str, cells: &mut dyn Iterator<Item = &str>| {
        let cells: String = cells.zip(&widths).map(|(cell, width)| format!("  {cell:<width$}")).collect();
        say!("  {}", format!("{first:<width$}{cells}").trim_end());
    };
    say!();
    line(&corner, &mut matrix.columns.iter().map(String::as_str));
    for (level, priorities) in &matrix.rows {
        line(level, &mut priorities.iter().map(|priority| priority.as_str()));
    }
    let fits = matrix.levels_of(case.priority);
    if !fits.is_empty() {
        let fits: Vec<String> = fits.iter().map(|(row, column)| format!("{row} + {column}")).collect();
        say!("\n{} fits: {}", case.priority, fits.join(", "));
    }
    say!("\nset it with --{of_rows} LEVEL --{of_columns} LEVEL, or with --priority");
}
