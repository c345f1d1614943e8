//! `[rfo]`: for which incidents the desk writes a reason for outage or an incident report, and by when.

use serde::Deserialize;

use super::{Span, reader::Reader, values::span};
use crate::{
    desk::priority::{Priority, UnknownPriority},
    toml_file::TomlError,
};

/// What the desk promises of its reports on outages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rfo {
    /// from the request, or from when the case is resolved if that is later; none: no time is promised
    pub within: Option<Span>,
    /// from the same instant, until whoever writes it is reminded
    pub remind_after: Option<Span>,
    /// the priorities of which one is written
    pub only: Vec<Priority>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RfoFile {
    within: Option<String>,
    remind_after: Option<String>,
    only: Option<Vec<String>>,
}

const SECTION: &str = "rfo";

pub(super) fn read(reader: &Reader<'_>) -> Result<Rfo, TomlError> {
    let within = reader.need_in(SECTION, "within", |f| f.rfo.as_ref()?.within.as_ref(), |text| promised(text))?;
    let remind_after = reader.need_in(
        SECTION,
        "remind_after",
        |f| f.rfo.as_ref()?.remind_after.as_ref(),
        |text| match (promised(text)?, within) {
            (Some(remind), Some(within)) if !comes_before(remind, within) => {
                Err(format!("\"{text}\" comes too late for what is due then: it must be shorter than within"))
            }
            (remind, _) => Ok(remind),
        },
    )?;
    let only = reader.need_in(SECTION, "only", |f| f.rfo.as_ref()?.only.as_ref(), |words| priorities(words))?;
    Ok(Rfo { within, remind_after, only })
}

/// A span, or `none`.
fn promised(text: &str) -> Result<Option<Span>, String> {
    match text {
        "none" => Ok(None),
        text => span(text).map(Some).map_err(|why| format!("{why}, or \"none\"")),
    }
}

/// Spans of different kinds can't be compared without a date: of them this is taken for right.
fn comes_before(first: Span, second: Span) -> bool {
    match (first, second) {
        (Span::Time(first), Span::Time(second)) => first < second,
        (Span::BusinessDays(first), Span::BusinessDays(second)) => first < second,
        _ => true,
    }
}

fn priorities(words: &[String]) -> Result<Vec<Priority>, String> {
    if words.is_empty() {
        return Err("name at least one priority, such as [\"P1\", \"P2\"]".to_owned());
    }
    words.iter().map(|word| word.parse().map_err(|e: UnknownPriority| e.to_string())).collect()
}
