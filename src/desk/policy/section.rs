//! Reading the keys of a section that has a table of its own in `policy.toml`: errors name the line within that table.

use super::{
    file::File,
    reader::{Layer, Reader},
};
use crate::toml_file::TomlError;

/// A key that must be there, in the nearest layer that has it.
pub(super) fn key<'b, T: 'b, V>(
    reader: &'b Reader<'_>,
    section: &str,
    name: &str,
    field: impl Fn(&'b File) -> Option<&'b T>,
    read: impl Fn(&T) -> Result<V, String>,
) -> Result<V, TomlError> {
    let Some((layer, value)) = reader.find(field) else {
        let why = format!("[{section}] {name} is missing here and in what it extends");
        return Err(TomlError::whole(&reader.layers[0].shown, why));
    };
    read(value).map_err(|why| wrong(layer, &format!("[{section}]"), 0, name, &why))
}

/// An error at a key below the n-th of these headers.
pub(super) fn wrong(layer: &Layer, header: &str, nth: usize, name: &str, why: &str) -> TomlError {
    let is_it = |line: &str| line.split('#').next().is_some_and(|line| line.trim() == header);
    let mut headers = layer.text.lines().enumerate().filter(|(_, line)| is_it(line)).map(|(n, _)| n + 1);
    // A table that is written otherwise (`escalation.hours = …`): the first line with the key.
    let below = headers.nth(nth).unwrap_or(0);
    TomlError::at_key_below(&layer.shown, &layer.text, below, name, format!("{name}: {why}"))
}
