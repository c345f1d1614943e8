//! Parts: what several notices of a language say in the same words, as `LANGUAGE/parts/NAME.md`. In a template the line
//! `{{> NAME}}` stands for it.
//!
//! A part is Markdown with tags, like a template's text, and names the variables of the notices that hold it. It holds no
//! other part, and opens and closes its own tags: so nobody has to look further than one file. A language takes no part
//! of another one. What is wrong in a part is told by the part's own file and line.

use std::collections::BTreeMap;

use super::{
    TemplateFile, at,
    error::{Fault, Problem, TemplateError},
    is_language, tags,
};

const FOLDER: &str = "/parts/";

#[derive(Debug, Default)]
pub(super) struct Parts {
    /// by name of the file
    files: BTreeMap<String, TemplateFile>,
}

/// A template with its parts in their places.
#[derive(Debug)]
pub(super) struct Filled {
    pub(super) text: String,
    /// the template's, then one for each part
    files: Vec<String>,
    /// of each line the file, by its place in `files`, and its number there
    lines: Vec<(usize, usize)>,
}

impl Parts {
    /// Takes a file of a part; false when it is none by its name.
    pub(super) fn add(&mut self, file: &TemplateFile) -> Result<bool, TemplateError> {
        let Some((language, name)) = file.name.strip_suffix(".md").and_then(|name| name.split_once(FOLDER)) else {
            return Ok(false);
        };
        if !is_language(language) || !is_name(name) {
            return Ok(false);
        }
        let text = plain(&file.text);
        if text.starts_with("Subject:") {
            return Err(at(&file.shown, (Some(1), Problem::SubjectOfPart)));
        }
        tags::scan(&text, 1).map_err(|fault| at(&file.shown, fault))?;
        self.files.insert(file.name.clone(), TemplateFile { text, ..file.clone() });
        Ok(true)
    }

    pub(super) fn has(&self, file: &TemplateFile) -> bool {
        self.files.get(&file.name).is_some_and(|kept| kept.shown == file.shown)
    }

    /// The text of a template with that of its parts.
    pub(super) fn fill(&self, language: &str, file: &str, source: &str) -> Result<Filled, TemplateError> {
        let mut filled = Filled { text: String::new(), files: vec![file.to_owned()], lines: vec![] };
        for (number, line) in (1..).zip(plain(source).lines()) {
            let Some(name) = named(line) else {
                filled.push(0, number, line);
                continue;
            };
            let place = place(language, name);
            let part = self.files.get(&place).ok_or_else(|| at(file, (Some(number), Problem::NoPart { place })))?;
            let index = filled.files.len();
            filled.files.push(part.shown.clone());
            for (number, line) in (1..).zip(part.text.lines()) {
                filled.push(index, number, line);
            }
        }
        Ok(filled)
    }
}

impl Filled {
    fn push(&mut self, file: usize, number: usize, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        self.lines.push((file, number));
    }

    /// A fault in the text, where whoever wrote it finds it.
    pub(super) fn at(&self, (line, problem): Fault) -> TemplateError {
        let place = line.and_then(|line| self.lines.get(line.checked_sub(1)?));
        match place {
            Some((file, line)) => at(&self.files[*file], (Some(*line), problem)),
            None => at(&self.files[0], (line, problem)),
        }
    }
}

/// Does a template hold this part?
pub(super) fn holds(language: &str, source: &str, part: &TemplateFile) -> bool {
    source.lines().filter_map(named).any(|name| place(language, name) == part.name)
}

fn place(language: &str, name: &str) -> String {
    format!("{language}{FOLDER}{name}.md")
}

/// The part for which a line stands.
fn named(line: &str) -> Option<&str> {
    let name = line.trim_end().strip_prefix("{{>")?.strip_suffix("}}")?.trim();
    is_name(name).then_some(name)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn plain(source: &str) -> String {
    source.trim_start_matches('\u{FEFF}').replace("\r\n", "\n")
}
