//! Templates: from a notice's values to the subject, the text part and the HTML part of its mail.
//!
//! A template is `LANGUAGE/NOTICE.md`: a line `Subject: …`, an empty line, then Markdown, with Handlebars tags in all of
//! it. The Markdown is turned into two Handlebars templates once, with every tag standing aside (`tags`); values go in
//! afterwards, escaped for HTML or plain. So a customer's `*` or `<` is never markup, and a value can't hold a tag.
//! `layout.html` stands around the HTML of all notices. Files of the own folder replace built-in ones of the same name.

mod error;
mod html;
pub mod sample;
mod scope;
mod tags;
mod text;
mod tree;

use std::collections::BTreeMap;

use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderError, RenderErrorReason};
use include_dir::{Dir, include_dir};
use serde_json::Value;

pub use error::{Problem, TemplateError};
use tags::{GUARD, PlacedTag};

use super::compose::one_line;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

const LAYOUT: &str = "layout.html";
const FALLBACK_LANGUAGE: &str = "en";
const SUBJECT_CHARS: usize = 200;
const SIGNATURE: &str = "{{desk_name}}";

/// All templates, compiled.
#[derive(Debug)]
pub struct Templates {
    html: Handlebars<'static>,
    text: Handlebars<'static>,
    /// by `LANGUAGE/NOTICE`
    letters: BTreeMap<String, Letter>,
    /// the documents' files, by `LANGUAGE/DOCUMENT`
    documents: BTreeMap<String, String>,
    /// files of the own folder that are no template of a known notice
    strays: Vec<TemplateError>,
}

#[derive(Debug)]
struct Letter {
    file: String,
    notice: String,
    tags: Vec<PlacedTag>,
}

/// A notice in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// one line of at most 200 characters
    pub subject: String,
    pub text: String,
    /// a whole document
    pub html: String,
}

/// A template file as Handlebars sources.
struct Sources {
    subject: String,
    text: String,
    html: String,
    tags: Vec<PlacedTag>,
}

impl Templates {
    /// The built-in templates with `own` files, named relative to their folder (`en/reply.md`), in place of those of the
    /// same name. What is wrong in a file is an error; whether its variables exist is said by [`Templates::check`].
    pub fn new(own: Vec<(String, String)>) -> Result<Templates, TemplateError> {
        let mut files = built_in();
        files.extend(own);
        let layout_source = files.remove(LAYOUT).unwrap_or_default();
        let layout = Layout::parse(&layout_source).map_err(|fault| at(LAYOUT, fault))?;
        let mut templates = Templates {
            html: engine(),
            text: engine(),
            letters: BTreeMap::new(),
            documents: BTreeMap::new(),
            strays: vec![],
        };
        templates.html.register_escape_fn(html::escape);
        templates.text.register_escape_fn(handlebars::no_escape);
        templates.text.register_helper(text::PREFIXED, Box::new(prefixed));
        for (file, source) in files.iter().filter(|(file, _)| file.ends_with(".md")) {
            templates.add(file, source, &layout)?;
        }
        for (file, source) in files.iter().filter(|(file, _)| file.ends_with(".html")) {
            templates.add_document(file, source)?;
        }
        Ok(templates)
    }

    fn add(&mut self, file: &str, source: &str, layout: &Layout) -> Result<(), TemplateError> {
        let stray = |problem| TemplateError { file: file.to_owned(), line: None, problem };
        let Some((language, notice)) = place(file) else {
            self.strays.push(stray(Problem::Misplaced));
            return Ok(());
        };
        if sample::variables(notice).is_none() {
            let known = Templates::names().collect::<Vec<_>>().join(", ");
            self.strays.push(stray(Problem::UnknownNotice { known }));
            return Ok(());
        }
        let sources = compile(source).map_err(|fault| at(file, fault))?;
        let key = format!("{language}/{notice}");
        let html = layout.around(&sources.html, language);
        let registered = self
            .text
            .register_template_string(&subject_key(&key), &sources.subject)
            .and_then(|()| self.text.register_template_string(&key, &sources.text))
            .and_then(|()| self.html.register_template_string(&key, html));
        registered.map_err(|e| stray(Problem::Handlebars(e.reason().to_string())))?;
        let letter = Letter { file: file.to_owned(), notice: notice.to_owned(), tags: sources.tags };
        self.letters.insert(key, letter);
        Ok(())
    }

    /// `en/rfo-document.html`: a whole HTML document, with the same tags as a notice.
    fn add_document(&mut self, file: &str, source: &str) -> Result<(), TemplateError> {
        let stray = |problem| TemplateError { file: file.to_owned(), line: None, problem };
        let place = file.strip_suffix(".html").and_then(|path| path.split_once('/'));
        let Some((language, _)) = place.filter(|(_, name)| sample::DOCUMENTS.iter().any(|(known, _)| known == name))
        else {
            self.strays.push(stray(Problem::Misplaced));
            return Ok(());
        };
        let key = file.trim_end_matches(".html");
        let source = source.replace(Layout::LANGUAGE, &html::escape(language));
        let registered = self.html.register_template_string(key, source);
        registered.map_err(|e| stray(Problem::Handlebars(e.reason().to_string())))?;
        self.documents.insert(key.to_owned(), file.to_owned());
        Ok(())
    }

    /// Writes a document, in English when the language has no template for it. Null counts as absent.
    pub fn render_document(&self, name: &str, language: &str, data: &Value) -> Result<String, TemplateError> {
        let keys = [language, FALLBACK_LANGUAGE].map(|language| format!("{language}/{name}"));
        let found = keys.iter().find_map(|key| self.documents.get_key_value(key));
        let Some((key, file)) = found else {
            let known = sample::DOCUMENTS.map(|(name, _)| name).join(", ");
            let file = format!("{FALLBACK_LANGUAGE}/{name}.html");
            return Err(TemplateError { file, line: None, problem: Problem::UnknownNotice { known } });
        };
        self.html.render(key, &present(data)).map(|html| clean(&html)).map_err(|e| TemplateError {
            file: file.clone(),
            line: e.line_no,
            problem: Problem::Handlebars(e.reason().to_string()),
        })
    }

    /// Writes a notice, in English when the language has no template for it. Null counts as absent.
    pub fn render(&self, name: &str, language: &str, data: &Value) -> Result<Rendered, TemplateError> {
        let keys = [language, FALLBACK_LANGUAGE].map(|language| format!("{language}/{name}"));
        let found = keys.iter().find_map(|key| self.letters.get(key).map(|letter| (key, letter)));
        let Some((key, letter)) = found else {
            let known = Templates::names().collect::<Vec<_>>().join(", ");
            let file = format!("{FALLBACK_LANGUAGE}/{name}.md");
            return Err(TemplateError { file, line: None, problem: Problem::UnknownNotice { known } });
        };
        self.render_letter(key, letter, data)
    }

    fn render_letter(&self, key: &str, letter: &Letter, data: &Value) -> Result<Rendered, TemplateError> {
        let values = Context::wraps(present(data)).map_err(|e| letter.failed(&e))?;
        let subject = self.text.render_with_context(&subject_key(key), &values).map_err(|e| letter.failed(&e))?;
        let text = self.text.render_with_context(key, &values).map_err(|e| letter.failed(&e))?;
        let html = self.html.render_with_context(key, &values).map_err(|e| letter.failed(&e))?;
        let desk = self.text.render_template_with_context(SIGNATURE, &values).map_err(|e| letter.failed(&e))?;
        let desk = one_line(&desk, SUBJECT_CHARS);
        Ok(Rendered {
            subject: one_line(&clean(&subject), SUBJECT_CHARS),
            text: format!("{}\n\n-- \n{desk}\n", clean(&text).trim()),
            html: clean(&html),
        })
    }

    /// All that is wrong with the templates: files of no notice, variables that a notice doesn't offer, and variables
    /// that may be absent and have no `{{#if}}` around them.
    pub fn check(&self) -> Vec<TemplateError> {
        let mut errors = self.strays.clone();
        for (key, letter) in &self.letters {
            let offered = sample::variables(&letter.notice).unwrap_or_default();
            let unknown = scope::unknown(&letter.tags, &offered);
            if unknown.is_empty() {
                let samples = [sample::data(&letter.notice), sample::sparse_data(&letter.notice)];
                let failed = samples.iter().find_map(|data| self.render_letter(key, letter, data).err());
                errors.extend(failed);
            }
            errors.extend(unknown.into_iter().map(|fault| at(&letter.file, fault)));
        }
        for (name, notice) in sample::DOCUMENTS {
            let files = self.documents.keys().filter_map(|key| key.strip_suffix(name)?.strip_suffix('/'));
            for data in [sample::data(notice), sample::sparse_data(notice)] {
                let rendered = files.clone().map(|language| self.render_document(name, language, &data));
                errors.extend(rendered.filter_map(Result::err));
            }
        }
        errors
    }

    /// The notices that have a template.
    pub fn names() -> impl Iterator<Item = &'static str> {
        sample::notices()
    }
}

impl Letter {
    fn failed(&self, error: &RenderError) -> TemplateError {
        let RenderErrorReason::MissingVariable(path) = error.reason() else {
            return at(&self.file, (None, Problem::Handlebars(error.reason().to_string())));
        };
        let name = path.as_deref().unwrap_or("?").to_owned();
        // Handlebars' own line is one of the compiled template: the first use in the file is what the writer can find.
        let uses = |placed: &&PlacedTag| placed.tag.path().is_some_and(|p| p.to_string() == name);
        let guards =
            |placed: &&PlacedTag| matches!(placed.tag, tags::Tag::Open(tags::Opener::If | tags::Opener::Unless, _));
        let line = self.tags.iter().filter(|p| !guards(p)).find(uses).map(|placed| placed.line);
        let known = scope::names(&sample::variables(&self.notice).unwrap_or_default());
        at(&self.file, (line, Problem::Missing { name, known }))
    }
}

/// What stands around the HTML of every notice.
struct Layout {
    before: String,
    after: String,
}

impl Layout {
    const CONTENT: &str = "{{content}}";
    const LANGUAGE: &str = "{{language}}";

    fn parse(source: &str) -> Result<Layout, (Option<usize>, Problem)> {
        let scanned = tags::scan(source, 1)?;
        let own = ["content", "language"].map(|name| sample::Variable { name, kind: sample::Kind::Text("") });
        let offered = [sample::EVERY, &own].concat();
        if let Some(fault) = scope::unknown(&scanned.tags, &offered).into_iter().next() {
            return Err(fault);
        }
        let source = scanned.for_handlebars();
        match source.split(Layout::CONTENT).collect::<Vec<_>>()[..] {
            [before, after] => Ok(Layout { before: before.to_owned(), after: after.to_owned() }),
            _ => Err((None, Problem::NoContent)),
        }
    }

    fn around(&self, content: &str, language: &str) -> String {
        let language = html::escape(language);
        let fill = |part: &str| part.replace(Layout::LANGUAGE, &language);
        format!("{}{content}{}", fill(&self.before), fill(&self.after))
    }
}

fn built_in() -> BTreeMap<String, String> {
    fn collect(folder: &Dir<'_>, files: &mut BTreeMap<String, String>) {
        for file in folder.files() {
            let name = file.path().to_string_lossy().replace('\\', "/");
            files.extend(file.contents_utf8().map(|text| (name, text.to_owned())));
        }
        folder.dirs().for_each(|inner| collect(inner, files));
    }
    let mut files = BTreeMap::new();
    collect(&BUILT_IN, &mut files);
    files
}

/// `en/reply.md` is the notice `reply` in `en`.
fn place(file: &str) -> Option<(&str, &str)> {
    let (language, notice) = file.strip_suffix(".md")?.split_once('/')?;
    let fits = !language.is_empty() && language.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (fits && !notice.contains('/')).then_some((language, notice))
}

fn compile(source: &str) -> Result<Sources, (Option<usize>, Problem)> {
    let source = source.trim_start_matches('\u{FEFF}').replace("\r\n", "\n");
    let (first, rest) = source.split_once('\n').unwrap_or((&source, ""));
    let subject = first.strip_prefix("Subject:").map(str::trim).filter(|s| !s.is_empty());
    let subject = subject.ok_or((Some(1), Problem::NoSubject))?;
    let body = rest.strip_prefix('\n').ok_or((Some(2), Problem::NoSubject))?;
    let subject = tags::scan(subject, 1)?;
    let scanned = tags::scan(body, 3)?;
    let blocks = tree::read(&scanned.for_markdown(), &scanned.tags, 3)?;
    Ok(Sources {
        subject: subject.for_handlebars(),
        text: text::write(&blocks, &scanned.tags),
        html: html::write(&blocks, &scanned.tags),
        tags: [subject.tags, scanned.tags].concat(),
    })
}

fn engine() -> Handlebars<'static> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine
}

fn subject_key(key: &str) -> String {
    format!("{key}#subject")
}

/// Handlebars writes null as nothing: here it is as good as absent, which strict mode refuses.
fn present(data: &Value) -> Value {
    match data {
        Value::Object(all) => all.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| (k.clone(), v.clone())).collect(),
        other => other.clone(),
    }
}

fn prefixed(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let value = helper.param(0).ok_or(RenderErrorReason::ParamNotFoundForIndex(text::PREFIXED, 0))?;
    if value.is_value_missing() {
        return Err(RenderError::strict_error(value.relative_path()));
    }
    let prefix = helper.param(1).map(|p| p.render()).unwrap_or_default();
    out.write(&text::prefixed(&value.render().replace("\r\n", "\n"), &prefix))?;
    Ok(())
}

/// Takes out what no part of a mail should hold: the guards of the tags and control characters.
fn clean(rendered: &str) -> String {
    let stays = |c: &char| *c != GUARD && (!c.is_control() || matches!(c, '\n' | '\t'));
    rendered.replace("\r\n", "\n").replace('\r', "\n").chars().filter(stays).collect()
}

fn at(file: &str, (line, problem): (Option<usize>, Problem)) -> TemplateError {
    TemplateError { file: file.to_owned(), line, problem }
}

#[cfg(test)]
mod tests;
