//! What the priorities mean, and the matrix by which staff find one at the review.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::reader::Reader;
use crate::{desk::priority::Priority, toml_file::TomlError};

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Priorities {
    meanings: BTreeMap<Priority, String>,
    pub matrix: Option<Matrix>,
}

impl Priorities {
    pub fn meaning(&self, priority: Priority) -> Option<&str> {
        self.meanings.get(&priority).map(String::as_str)
    }
}

/// Two dimensions, and a priority for each pair of their levels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// that of the rows, that of the columns
    pub dimensions: [String; 2],
    pub columns: Vec<String>,
    pub rows: Vec<(String, Vec<Priority>)>,
}

/// Why levels give no priority: the end of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NoSuchLevel(String);

impl Matrix {
    pub fn priority(&self, row: &str, column: &str) -> Result<Priority, NoSuchLevel> {
        let unknown = |dimension: &str, level: &str, known: Vec<&str>| {
            NoSuchLevel(format!("\"{level}\" is no level of {dimension} (known: {})", known.join(", ")))
        };
        let [of_rows, of_columns] = &self.dimensions;
        let names = || self.rows.iter().map(|(name, _)| name.as_str()).collect();
        let found = self.rows.iter().find(|(name, _)| name == row).ok_or_else(|| unknown(of_rows, row, names()))?;
        let names = || self.columns.iter().map(String::as_str).collect();
        let at = self.columns.iter().position(|name| name == column);
        at.and_then(|at| found.1.get(at).copied()).ok_or_else(|| unknown(of_columns, column, names()))
    }

    /// The pairs of levels that give a priority.
    pub fn levels_of(&self, priority: Priority) -> Vec<(&str, &str)> {
        let pairs = self.rows.iter().flat_map(|(row, all)| {
            all.iter().zip(&self.columns).map(move |(found, column)| (*found, row.as_str(), column.as_str()))
        });
        pairs.filter(|(found, ..)| *found == priority).map(|(_, row, column)| (row, column)).collect()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PriorityFile {
    pub(super) meaning: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MatrixFile {
    pub(super) dimensions: Option<Vec<String>>,
    pub(super) columns: Option<Vec<String>>,
    pub(super) rows: Option<Vec<Vec<String>>>,
}

const TABLE: &str = "priority_matrix";

pub(super) fn read(reader: &Reader<'_>) -> Result<Priorities, TomlError> {
    let mut meanings = BTreeMap::new();
    for layer in &reader.layers {
        for (name, file) in layer.file.priorities.iter().flatten() {
            let priority: Priority = name.parse().map_err(|e: crate::desk::priority::UnknownPriority| {
                layer.wrong_in(&format!("priorities.{name}"), "meaning", format!("priorities.{name}: {e}"))
            })?;
            if let Some(meaning) = &file.meaning {
                meanings.entry(priority).or_insert_with(|| meaning.trim().to_owned());
            }
        }
    }
    Ok(Priorities { meanings, matrix: matrix(reader)? })
}

/// The matrix of the nearest layer that has one: half of one is none.
fn matrix(reader: &Reader<'_>) -> Result<Option<Matrix>, TomlError> {
    let Some((layer, file)) = reader.find(|f| f.priority_matrix.as_ref()) else { return Ok(None) };
    let wrong = |key: &str, why: String| layer.wrong_in(TABLE, key, format!("{TABLE}: {why}"));
    let part = |key: &str| wrong(key, format!("{key} is missing: a matrix has dimensions, columns and rows"));
    let dimensions = file.dimensions.as_ref().ok_or_else(|| part("dimensions"))?;
    let columns = file.columns.as_ref().ok_or_else(|| part("columns"))?;
    let rows = file.rows.as_ref().ok_or_else(|| part("rows"))?;
    let [of_rows, of_columns] = dimensions.as_slice() else {
        return Err(wrong("dimensions", "name two dimensions, such as [\"impact\", \"urgency\"]".to_owned()));
    };
    let at_row = |n: usize, why: String| {
        // A row has no key: its line is that of its first word.
        let level = rows.get(n).and_then(|row| row.first()).map(|level| format!("\"{level}\"")).unwrap_or_default();
        let begin = layer.text.lines().position(|line| line.trim_start().starts_with("rows")).unwrap_or(0);
        let line = layer.text.lines().skip(begin).position(|line| !level.is_empty() && line.contains(&level));
        let error = wrong("rows", why);
        TomlError { line: line.map(|n| begin + n + 1).or(error.line), ..error }
    };
    let mut read = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        let Some((level, words)) = row.split_first() else {
            return Err(wrong(
                "rows",
                "a row begins with its level, and then has a priority for each column".to_owned(),
            ));
        };
        if words.len() != columns.len() {
            let why = match columns.get(words.len()) {
                Some(column) => format!("{of_rows} {level} has no priority for {of_columns} {column}"),
                None => format!("{of_rows} {level} has {} priorities for {} columns", words.len(), columns.len()),
            };
            return Err(at_row(n, why));
        }
        let priorities: Result<Vec<Priority>, _> = words.iter().map(|word| word.parse::<Priority>()).collect();
        let priorities = priorities.map_err(|e| at_row(n, format!("{of_rows} {level}: {e}")))?;
        if priorities.contains(&Priority::P1G) {
            return Err(at_row(n, format!("{of_rows} {level}: P1G is marked by whoever may, no matrix gives it")));
        }
        if read.iter().any(|(before, _)| before == level) {
            return Err(at_row(n, format!("{of_rows} {level} stands twice: the second can't be reached")));
        }
        read.push((level.clone(), priorities));
    }
    if let Some(twice) = columns.iter().enumerate().find(|(n, name)| columns[..*n].contains(name)) {
        return Err(wrong("columns", format!("{of_columns} {} stands twice: the second can't be reached", twice.1)));
    }
    for priority in Priority::ALL.into_iter().filter(|p| *p != Priority::P1G) {
        if !read.iter().any(|(_, all)| all.contains(&priority)) {
            return Err(wrong("rows", format!("no pair of levels gives {priority}: it can't be reached")));
        }
    }
    let dimensions = [of_rows.clone(), of_columns.clone()];
    Ok(Some(Matrix { dimensions, columns: columns.clone(), rows: read }))
}
