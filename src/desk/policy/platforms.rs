//! `[platforms]`: what many services run on, by the word that the directory and all commands use, with the title that
//! people read. The nearest table counts whole: a desk's platforms are its own.

use std::collections::BTreeMap;

use super::Reader;
use crate::toml_file::TomlError;

const LONGEST_KEY: usize = 40;
const LONGEST_TITLE: usize = 80;

/// The title of each platform by its key.
pub(super) fn read(reader: &Reader<'_>) -> Result<BTreeMap<String, String>, TomlError> {
    let Some((layer, titles)) = reader.find(|file| file.platforms.as_ref()) else { return Ok(BTreeMap::new()) };
    let wrong = |key: &str, why: String| layer.wrong_in("platforms", key, format!("platforms.{key}: {why}"));
    titles
        .iter()
        .map(|(key, title)| {
            // Keys stand in the names of files and in subjects of mails.
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            if key.is_empty() || key.len() > LONGEST_KEY || !key.chars().all(plain) {
                return Err(wrong(key, format!("write up to {LONGEST_KEY} of a-z, 0-9 and -, such as \"voice\"")));
            }
            let title = title.trim();
            if title.is_empty() || title.chars().count() > LONGEST_TITLE {
                return Err(wrong(key, format!("write the title that people read, up to {LONGEST_TITLE} letters")));
            }
            // It stands in subjects of mails.
            if title.chars().any(char::is_control) {
                return Err(wrong(key, "write the title in one line, without control characters".to_owned()));
            }
            Ok((key.clone(), title.to_owned()))
        })
        .collect()
}
