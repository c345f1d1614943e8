//! `[assignment]`: to whom of the staff a new case goes.

use serde::Deserialize;

use super::reader::Reader;
use crate::toml_file::TomlError;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Assignment {
    pub how: How,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// to nobody: whoever takes it
    ByHand,
    /// to whoever has waited longest for one
    RoundRobin,
    /// to whoever has the fewest open ones
    LeastLoaded,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AssignmentFile {
    how: Option<String>,
}

pub(super) fn read(reader: &Reader<'_>) -> Result<Assignment, TomlError> {
    let how = reader.need_in(
        "assignment",
        "how",
        |f| f.assignment.as_ref()?.how.as_ref(),
        |word| match word.as_str() {
            "by-hand" => Ok(How::ByHand),
            "round-robin" => Ok(How::RoundRobin),
            "least-loaded" => Ok(How::LeastLoaded),
            other => Err(format!("\"{other}\" is unknown (known: by-hand, round-robin, least-loaded)")),
        },
    )?;
    Ok(Assignment { how })
}
