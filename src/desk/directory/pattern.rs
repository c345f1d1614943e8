//! The references that customers' own ticket systems give: found by a regular expression of their organisation.

use std::collections::HashMap;

use regex::{Regex, RegexBuilder};

/// Of a text so much is looked through for a reference.
const TEXT_BYTES: usize = 64 << 10;
/// A reference of more characters is none: the pattern takes too much.
const LONGEST: usize = 60;
/// What a compiled pattern may take; more is a pattern that takes in everything.
const COMPILED_BYTES: usize = 1 << 20;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    #[error("\"{pattern}\" is no regular expression: {why}")]
    Syntax { pattern: String, why: String },
    #[error("\"{0}\" also fits an empty text: write what every reference has, such as INC[0-9]{{7}}")]
    FitsEverything(String),
}

/// Compiles a pattern; where it has a group, the first group is the reference, else all that it fits.
pub fn reference_pattern(pattern: &str) -> Result<Regex, PatternError> {
    let compiled = RegexBuilder::new(pattern).size_limit(COMPILED_BYTES).build().map_err(|e| {
        let why = e.to_string();
        // regex draws the place over several lines; the last one says what is wrong.
        let why = why.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned();
        PatternError::Syntax { pattern: pattern.to_owned(), why }
    })?;
    if compiled.is_match("") { Err(PatternError::FitsEverything(pattern.to_owned())) } else { Ok(compiled) }
}

/// Compiled patterns, kept from one mail to the next: compiling costs more than all else that a mail needs of them.
#[derive(Debug, Default)]
pub struct Patterns(HashMap<String, Option<Regex>>);

impl Patterns {
    /// More organisations than this write in turn: then it begins anew.
    const KEPT: usize = 2000;

    /// Their reference in a mail: the first in the subject, else the first in what the writer wrote now.
    pub fn find(&mut self, pattern: &str, subject: &str, text: &str) -> Option<String> {
        if self.0.len() >= Self::KEPT && !self.0.contains_key(pattern) {
            self.0.clear();
        }
        // A pattern was checked when it was set; one that an older version took and this one refuses finds nothing.
        let compiled = self.0.entry(pattern.to_owned()).or_insert_with(|| reference_pattern(pattern).ok()).as_ref()?;
        let text = &text[..text.floor_char_boundary(TEXT_BYTES)];
        [subject, text].into_iter().find_map(|text| first(compiled, text))
    }
}

fn first(pattern: &Regex, text: &str) -> Option<String> {
    let found = pattern.captures(text)?;
    let reference = found.get(1).or_else(|| found.get(0))?.as_str().trim();
    let is_one = !reference.is_empty() && reference.chars().count() <= LONGEST && !reference.contains(char::is_control);
    is_one.then(|| reference.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(pattern: &str, subject: &str, text: &str) -> Option<String> {
        Patterns::default().find(pattern, subject, text)
    }

    #[test]
    fn the_subject_counts_before_the_text_and_a_group_before_the_whole() {
        let inc = r"INC\d{7}";
        assert_eq!(find(inc, "INC0000001: down", "see INC0000002"), Some("INC0000001".to_owned()));
        assert_eq!(find(inc, "down", "see INC0000002"), Some("INC0000002".to_owned()));
        assert_eq!(find(inc, "down", "see above"), None);
        assert_eq!(find(r"\[T#(\d+)\]", "[T#4711] down", ""), Some("4711".to_owned()));
    }

    #[test]
    fn a_pattern_that_is_wrong_or_fits_everything_is_refused_with_the_reason() {
        let wrong = reference_pattern("INC(").unwrap_err().to_string();
        assert!(wrong.contains("INC(") && wrong.contains("unclosed group"), "{wrong}");
        assert!(reference_pattern(r"\d*").unwrap_err().to_string().contains("empty"));
        assert!(reference_pattern(r"(?:\w{500}){500}").is_err(), "bounded in memory");
    }

    #[test]
    fn what_is_too_long_for_a_reference_is_none() {
        assert_eq!(find("x+", &"x".repeat(61), ""), None);
    }
}
