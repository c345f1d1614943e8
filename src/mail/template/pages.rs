//! The pages of the status page: `status/NAME.html`, one for all languages; the words come from `words.toml`, as `w`.
//!
//! `status/layout.html` stands around all of them and says `{{{content}}}` once; `status/time.html` is how an instant
//! stands in them (`{{> time began}}`), `status/range.html` how a stretch of time does, `status/works.html` how one of the
//! planned works does, `status/plan.html` all that are in progress or coming. Compiled when first needed.

use std::{collections::BTreeMap, sync::OnceLock};

use handlebars::Handlebars;
use serde_json::Value;

use super::{
    TemplateFile, at,
    error::{Problem, TemplateError},
    html,
};

const FOLDER: &str = "status/";
const LAYOUT: &str = "layout";
const STYLE: &str = "status/style.css";
/// All that may stand in the folder, as `NAME.html`.
const NAMES: [&str; 10] =
    [LAYOUT, "index", "incident", "platform", "history", "form", "time", "range", "works", "plan"];

#[derive(Debug, Default)]
pub(super) struct Pages {
    /// by name
    files: BTreeMap<String, TemplateFile>,
    style: String,
    compiled: OnceLock<Result<Handlebars<'static>, TemplateError>>,
}

impl Pages {
    /// Takes a file of the folder; false when it is none, or of no known page.
    pub(super) fn add(&mut self, file: &TemplateFile) -> bool {
        if file.name == STYLE {
            self.style.clone_from(&file.text);
            return true;
        }
        let name = file.name.strip_prefix(FOLDER).and_then(|name| name.strip_suffix(".html"));
        let Some(name) = name.filter(|name| NAMES.contains(name)) else { return false };
        self.files.insert(name.to_owned(), file.clone());
        true
    }

    pub(super) fn style(&self) -> &str {
        &self.style
    }

    pub(super) fn compiled(&self) -> Result<&Handlebars<'static>, TemplateError> {
        self.compiled.get_or_init(|| self.compile()).as_ref().map_err(TemplateError::clone)
    }

    fn compile(&self) -> Result<Handlebars<'static>, TemplateError> {
        let mut engine = super::engine();
        engine.register_escape_fn(html::escape);
        for (name, file) in &self.files {
            let registered = engine.register_template_string(name, &file.text);
            registered.map_err(|e| at(&file.shown, (None, Problem::Handlebars(e.reason().to_string()))))?;
        }
        Ok(engine)
    }

    /// A whole page, in the words that stand in its data already.
    pub(super) fn render(&self, name: &str, data: &Value) -> Result<String, TemplateError> {
        let engine = self.compiled()?;
        let render = |name: &str, data: &Value| {
            engine.render(name, data).map_err(|e| {
                // A page may fail in what it holds.
                let name = e.template_name.as_deref().unwrap_or(name);
                let file = self.files.get(name).map_or_else(|| format!("{FOLDER}{name}.html"), |f| f.shown.clone());
                TemplateError { file, line: e.line_no, problem: Problem::Handlebars(e.reason().to_string()) }
            })
        };
        let content = render(name, data)?;
        let mut around = data.clone();
        around["content"] = Value::String(content);
        render(LAYOUT, &around)
    }
}
