//! Templates: from a notice's values to the subject, the text part and the HTML part of its mail.
//!
//! A template is `LANGUAGE/NOTICE.md`: a line `Subject: …`, an empty line, then Markdown, with Handlebars tags in all of
//! it. The Markdown is turned into two Handlebars templates once, with every tag standing aside (`tags`); values go in
//! afterwards, escaped for HTML or plain. So a customer's `*` or `<` is never markup, and a value can't hold a tag.
//! What several notices of a language say in the same words is a part (`parts`), and `layout.html` stands around the HTML
//! of all notices. Values that each language writes in its own way ([`wording`](super::wording)) are written by
//! `LANGUAGE/words.toml`. Files of the policy, and then of the own folder, replace those of the same name.

mod error;
mod html;
mod letter;
mod pages;
mod parts;
pub mod sample;
mod scope;
mod tags;
mod text;
mod tree;
mod vocabulary;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use handlebars::{
    Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderError, RenderErrorReason, Renderable,
    Template,
};
use include_dir::{Dir, include_dir};
use serde_json::Value;

pub use error::{Problem, TemplateError};
pub use html::escape;
use letter::{Common, Layout, Letter};
use pages::Pages;
use parts::Parts;
use tags::GUARD;
use vocabulary::Vocabulary;

use super::compose::one_line;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

const LAYOUT: &str = "layout.html";
/// how documents look, in whatever language
const STYLE: &str = "document.css";
/// In which staff are written to, and who reads a language for which there is no template.
pub const FALLBACK_LANGUAGE: &str = "en";
/// Only staff read these notices, in English.
const FOR_STAFF: &str = "staff-";
/// the table of the words of the status page
const PAGE_WORDS: &str = "status-page";
const SUBJECT_CHARS: usize = 200;
/// the template of the line below a mail's text
const SIGNATURE: &str = "signature";

/// All templates. A built-in one is compiled when it is first needed: most runs of the program write no mail, or few.
#[derive(Debug)]
pub struct Templates {
    html: Handlebars<'static>,
    text: Handlebars<'static>,
    common: Common,
    /// by `LANGUAGE/NOTICE`
    letters: BTreeMap<String, Letter>,
    vocabulary: Vocabulary,
    /// the documents' files, by `LANGUAGE/DOCUMENT`
    documents: BTreeMap<String, String>,
    /// those of the status page
    pages: Pages,
    /// files of the own folder that are no template of a known notice
    strays: Vec<TemplateError>,
}

/// A file that takes the place of the built-in one of the same name, or stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFile {
    /// relative to a folder of templates: `en/reply.md`
    pub name: String,
    /// how it is named in errors
    pub shown: String,
    pub text: String,
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

impl Templates {
    /// The built-in templates with `own` files in place of those of the same name; of two own ones the later counts. What
    /// is wrong in a file is an error; whether its variables exist is said by [`Templates::check`].
    pub fn new(own: Vec<TemplateFile>) -> Result<Templates, TemplateError> {
        let mut files = built_in();
        let own: BTreeMap<String, TemplateFile> = own.into_iter().map(|file| (file.name.clone(), file)).collect();
        files.extend(own.clone());
        let layout = match files.remove(LAYOUT) {
            Some(file) => Layout::parse(&file.text).map_err(|fault| at(&file.shown, fault))?,
            None => return Err(at(LAYOUT, (None, Problem::NoContent))),
        };
        let style = files.remove(STYLE).map(|file| file.text).unwrap_or_default();
        let mut templates = Templates {
            html: engine(),
            text: engine(),
            common: Common { layout, parts: Parts::default() },
            letters: BTreeMap::new(),
            vocabulary: Vocabulary::default(),
            documents: BTreeMap::new(),
            pages: Pages::default(),
            strays: vec![],
        };
        templates.html.register_escape_fn(html::escape);
        templates.text.register_escape_fn(handlebars::no_escape);
        templates.text.register_helper(text::PREFIXED, Box::new(prefixed));
        let signature = templates.text.register_template_string(SIGNATURE, "{{desk_name}}");
        signature.map_err(|e| at(SIGNATURE, (None, Problem::Handlebars(e.reason().to_string()))))?;
        for file in files.values() {
            if templates.pages.add(file) || templates.common.parts.add(file)? {
                continue;
            }
            match file.name.rsplit_once('.') {
                Some((_, "md")) => templates.add(file),
                Some((_, "html")) => templates.add_document(file, &style)?,
                Some((_, "toml")) => {
                    let known = templates.vocabulary.add(file)?;
                    let stray = || at(&file.shown, (None, Problem::Misplaced));
                    templates.strays.extend((!known).then(stray));
                }
                _ => {}
            }
        }
        for file in own.values() {
            let mut letters = templates.letters.values().filter(|letter| letter.is_of(file)).peekable();
            if letters.peek().is_none() && templates.common.parts.has(file) {
                templates.strays.push(at(&file.shown, (None, Problem::UnusedPart)));
            }
            for letter in letters {
                letter.compiled(&templates.common)?;
            }
        }
        if own.keys().any(|name| name.starts_with("status/")) {
            templates.pages.compiled()?;
        }
        Ok(templates)
    }

    fn add(&mut self, file: &TemplateFile) {
        let mut stray = |problem| self.strays.push(at(&file.shown, (None, problem)));
        let Some((language, notice)) = place(&file.name) else { return stray(Problem::Misplaced) };
        if sample::variables(notice).is_none() {
            return stray(Problem::UnknownNotice { known: Templates::names().collect::<Vec<_>>().join(", ") });
        }
        let letter = Letter::new(file, language, notice);
        self.letters.insert(format!("{language}/{notice}"), letter);
    }

    /// `en/rfo-document.html`: a whole HTML document, with the same tags as a notice; `{{style}}` is `document.css`.
    fn add_document(&mut self, file: &TemplateFile, style: &str) -> Result<(), TemplateError> {
        let stray = |problem| at(&file.shown, (None, problem));
        let place = file.name.strip_suffix(".html").and_then(|path| path.split_once('/'));
        let Some((language, _)) = place.filter(|(_, name)| sample::DOCUMENTS.iter().any(|(known, _)| known == name))
        else {
            self.strays.push(stray(Problem::Misplaced));
            return Ok(());
        };
        let key = file.name.trim_end_matches(".html");
        let source = file.text.replace(Layout::LANGUAGE, &html::escape(language)).replace("{{style}}", style);
        let registered = self.html.register_template_string(key, source);
        registered.map_err(|e| stray(Problem::Handlebars(e.reason().to_string())))?;
        self.documents.insert(key.to_owned(), file.shown.clone());
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
        let written_in = key.split('/').next().unwrap_or(language);
        let data = self.vocabulary.in_words(data, written_in);
        self.html.render(key, &present(&data)).map(|html| clean(&html)).map_err(|e| TemplateError {
            file: file.clone(),
            line: e.line_no,
            problem: Problem::Handlebars(e.reason().to_string()),
        })
    }

    /// Writes a page of the status page: `name` as in `status/NAME.html`. `w` holds its words in this language.
    pub fn render_page(&self, name: &str, language: &str, data: &Value) -> Result<String, TemplateError> {
        let mut data = self.vocabulary.in_words(data, language);
        data["language"] = Value::from(language);
        data["w"] = self.vocabulary.table(PAGE_WORDS, language).into_iter().collect();
        self.pages.render(name, &data).map(|html| clean(&html))
    }

    /// What a page says in this language for a key of `[status-page]`.
    pub fn page_word(&self, key: &str, language: &str) -> String {
        let name = format!("{PAGE_WORDS}.{key}");
        let found = [language, FALLBACK_LANGUAGE].iter().find_map(|language| self.vocabulary.own_word(&name, language));
        found.unwrap_or_else(|| key.to_owned())
    }

    /// How a language calls itself; where it has no words, its code.
    pub fn language_name(&self, language: &str) -> String {
        self.vocabulary.own_word("status-page.language-name", language).unwrap_or_else(|| language.to_owned())
    }

    /// A value in the words of a language ([`wording`](super::wording)).
    pub fn word(&self, value: &Value, language: &str) -> String {
        match self.vocabulary.in_words(value, language) {
            Value::String(text) => text,
            other => other.to_string(),
        }
    }

    /// How the pages look.
    pub fn page_style(&self) -> &str {
        self.pages.style()
    }

    /// Writes a notice, in English when the language has no template for it. Null counts as absent.
    pub fn render(&self, name: &str, language: &str, data: &Value) -> Result<Rendered, TemplateError> {
        let keys = [language, FALLBACK_LANGUAGE].map(|language| format!("{language}/{name}"));
        let Some(letter) = keys.iter().find_map(|key| self.letters.get(key)) else {
            let known = Templates::names().collect::<Vec<_>>().join(", ");
            let file = format!("{FALLBACK_LANGUAGE}/{name}.md");
            return Err(TemplateError { file, line: None, problem: Problem::UnknownNotice { known } });
        };
        self.render_letter(letter, data)
    }

    fn render_letter(&self, letter: &Letter, data: &Value) -> Result<Rendered, TemplateError> {
        let compiled = letter.compiled(&self.common)?;
        let failed = |error: RenderError| letter.failed(compiled, &error);
        let data = self.vocabulary.in_words(data, &letter.language);
        let values = Context::wraps(present(&data)).map_err(failed)?;
        let render = |engine, template: &Template| {
            template.renders(engine, &values, &mut RenderContext::new(None)).map_err(failed)
        };
        let subject = render(&self.text, &compiled.subject)?;
        let text = render(&self.text, &compiled.text)?;
        let html = render(&self.html, &compiled.html)?;
        let desk = self.text.render_with_context(SIGNATURE, &values).map_err(failed)?;
        let desk = one_line(&desk, SUBJECT_CHARS);
        let footer = ["status_page", "footer"].into_iter().filter_map(|name| data[name].as_str());
        let footer: String = footer.map(|line| format!("{}\n", clean(line).trim())).collect();
        Ok(Rendered {
            subject: one_line(&clean(&subject), SUBJECT_CHARS),
            text: format!("{}\n\n-- \n{desk}\n{footer}", clean(&text).trim()),
            html: clean(&html),
        })
    }

    /// The notices to customers that have no template in a language: they go out in English.
    pub fn lacking(&self, language: &str) -> Vec<&'static str> {
        let lacks = |name: &&str| !self.letters.contains_key(&format!("{language}/{name}"));
        Templates::names().filter(|name| !name.starts_with(FOR_STAFF)).filter(lacks).collect()
    }

    /// Has a language a template of a notice?
    pub fn has(&self, notice: &str, language: &str) -> bool {
        self.letters.contains_key(&format!("{language}/{notice}"))
    }

    /// The languages that have any template, English among them.
    pub fn languages(&self) -> BTreeSet<&str> {
        self.letters.values().map(|letter| letter.language.as_str()).collect()
    }

    /// All that is wrong with the templates: files of no notice, variables that a notice doesn't offer, variables that
    /// may be absent and have no `{{#if}}` around them, and words that a language lacks or that nobody asks for.
    pub fn check(&self) -> Vec<TemplateError> {
        let mut errors = self.strays.clone();
        errors.extend(self.vocabulary.faults(self.letters.values().map(|letter| letter.language.as_str())));
        for letter in self.letters.values() {
            let compiled = match letter.compiled(&self.common) {
                Ok(compiled) => compiled,
                Err(fault) => {
                    errors.push(fault);
                    continue;
                }
            };
            let offered = sample::variables(&letter.notice).unwrap_or_default();
            let unknown = compiled.unknown(&offered);
            if unknown.is_empty() {
                let samples = [sample::data(&letter.notice), sample::sparse_data(&letter.notice)];
                errors.extend(samples.iter().find_map(|data| self.render_letter(letter, data).err()));
            }
            errors.extend(unknown);
        }
        errors.extend(self.page_faults());
        for (name, notice) in sample::DOCUMENTS {
            let files = self.documents.keys().filter_map(|key| key.strip_suffix(name)?.strip_suffix('/'));
            for data in [sample::data(notice), sample::sparse_data(notice)] {
                let rendered = files.clone().map(|language| self.render_document(name, language, &data));
                errors.extend(rendered.filter_map(Result::err));
            }
        }
        // What is wrong in a part is so in each notice that holds it.
        let mut told = Vec::new();
        for error in errors {
            if !told.contains(&error) {
                told.push(error);
            }
        }
        told
    }

    /// What is wrong with the status page's templates: they are filled with all that a page may show, and with nothing.
    fn page_faults(&self) -> Option<TemplateError> {
        use crate::desk::status_page::sample;
        let languages = [FALLBACK_LANGUAGE];
        let pages = [sample::page(&languages), sample::quiet_page(&languages)];
        pages.iter().find_map(|page| sample::all_of_it(page, self).err())
    }

    /// The notices that have a template.
    pub fn names() -> impl Iterator<Item = &'static str> {
        sample::notices()
    }
}

fn built_in() -> BTreeMap<String, TemplateFile> {
    let files = files_below(&BUILT_IN, "").into_iter();
    files.map(|file| (file.name.clone(), TemplateFile { shown: file.name.clone(), ..file })).collect()
}

/// The files of a compiled-in folder of templates; `folder` is how the folder itself is named in the program's files.
pub fn files_below(dir: &Dir<'_>, folder: &str) -> Vec<TemplateFile> {
    let mut all = Vec::new();
    for file in dir.files() {
        let path = file.path().to_string_lossy().replace('\\', "/");
        let name = path.strip_prefix(folder).unwrap_or(&path).trim_start_matches('/').to_owned();
        all.extend(file.contents_utf8().map(|text| TemplateFile { name, shown: path, text: text.to_owned() }));
    }
    all.extend(dir.dirs().flat_map(|inner| files_below(inner, folder)));
    all
}

/// `en/reply.md` is the notice `reply` in `en`.
fn place(file: &str) -> Option<(&str, &str)> {
    let (language, notice) = file.strip_suffix(".md")?.split_once('/')?;
    (is_language(language) && !notice.contains('/')).then_some((language, notice))
}

fn is_language(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

fn engine() -> Handlebars<'static> {
    let mut engine = Handlebars::new();
    engine.set_strict_mode(true);
    engine
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

fn at(file: &str, (line, problem): error::Fault) -> TemplateError {
    TemplateError { file: file.to_owned(), line, problem }
}

#[cfg(test)]
mod languages;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod translations;
