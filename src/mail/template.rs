//! Templates: from a notice's values to the subject, the text part and the HTML part of its mail.
//!
//! A template is `LANGUAGE/NOTICE.md`: a line `Subject: …`, an empty line, then Markdown, with Handlebars tags in all of
//! it. The Markdown is turned into two Handlebars templates once, with every tag standing aside (`tags`); values go in
//! afterwards, escaped for HTML or plain. So a customer's `*` or `<` is never markup, and a value can't hold a tag.
//! `layout.html` stands around the HTML of all notices. Values that each language writes in its own way ([`wording`]) are
//! written by `LANGUAGE/words.toml`. Files of the policy, and then of the own folder, replace those of the same name.

mod error;
mod html;
pub mod sample;
mod scope;
mod tags;
mod text;
mod tree;
mod words;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use handlebars::{
    Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderError, RenderErrorReason, Renderable,
    Template,
};
use include_dir::{Dir, include_dir};
use serde_json::Value;

pub use error::{Problem, TemplateError};
pub use html::escape;
use tags::{GUARD, PlacedTag};

use super::{
    compose::one_line,
    wording::{self, Wording},
};
use crate::{desk::hours, toml_file};
use words::Words;

static BUILT_IN: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/templates");

const LAYOUT: &str = "layout.html";
const WORDS: &str = "words.toml";
/// By language: "we write English only".
const WRITE_IN_ENGLISH: &str = "write-in-english.toml";
/// In which staff are written to, and who reads a language for which there is no template.
pub const FALLBACK_LANGUAGE: &str = "en";
/// Only staff read these notices, in English.
const FOR_STAFF: &str = "staff-";
const SUBJECT_CHARS: usize = 200;
const SIGNATURE: &str = "{{desk_name}}";

/// All templates. A built-in one is compiled when it is first needed: most runs of the program write no mail, or few.
#[derive(Debug)]
pub struct Templates {
    html: Handlebars<'static>,
    text: Handlebars<'static>,
    layout: Layout,
    /// by `LANGUAGE/NOTICE`
    letters: BTreeMap<String, Letter>,
    /// each language's own, and the file that has them
    words: BTreeMap<String, (Words, String)>,
    write_in_english: BTreeMap<String, String>,
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

#[derive(Debug)]
struct Letter {
    file: String,
    language: String,
    notice: String,
    source: String,
    compiled: OnceLock<Result<Compiled, TemplateError>>,
}

#[derive(Debug)]
struct Compiled {
    subject: Template,
    text: Template,
    html: Template,
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
        let mut templates = Templates {
            html: engine(),
            text: engine(),
            layout,
            letters: BTreeMap::new(),
            words: BTreeMap::new(),
            write_in_english: BTreeMap::new(),
            strays: vec![],
        };
        templates.html.register_escape_fn(html::escape);
        templates.text.register_escape_fn(handlebars::no_escape);
        templates.text.register_helper(text::PREFIXED, Box::new(prefixed));
        for file in files.values() {
            match file.name.rsplit_once('.') {
                Some((_, "md")) => templates.add(file),
                Some((_, "toml")) => templates.add_words(file)?,
                _ => {}
            }
        }
        for letter in templates.letters.values().filter(|letter| own.values().any(|file| file.shown == letter.file)) {
            letter.compiled(&templates.layout)?;
        }
        Ok(templates)
    }

    fn add_words(&mut self, file: &TemplateFile) -> Result<(), TemplateError> {
        if file.name == WRITE_IN_ENGLISH {
            let read = toml_file::parse(&file.shown, &file.text);
            self.write_in_english = read.map_err(|e| at(&file.shown, (e.line, Problem::Words(e.message))))?;
            return Ok(());
        }
        match file.name.split_once('/') {
            Some((language, WORDS)) if is_language(language) => {
                let words = Words::read(&file.shown, &file.text).map_err(|fault| at(&file.shown, fault))?;
                self.words.insert(language.to_owned(), (words, file.shown.clone()));
            }
            _ => self.strays.push(at(&file.shown, (None, Problem::Misplaced))),
        }
        Ok(())
    }

    fn add(&mut self, file: &TemplateFile) {
        let mut stray = |problem| self.strays.push(at(&file.shown, (None, problem)));
        let Some((language, notice)) = place(&file.name) else { return stray(Problem::Misplaced) };
        if sample::variables(notice).is_none() {
            return stray(Problem::UnknownNotice { known: Templates::names().collect::<Vec<_>>().join(", ") });
        }
        let letter = Letter {
            file: file.shown.clone(),
            language: language.to_owned(),
            notice: notice.to_owned(),
            source: file.text.clone(),
            compiled: OnceLock::new(),
        };
        self.letters.insert(format!("{language}/{notice}"), letter);
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
        let compiled = letter.compiled(&self.layout)?;
        let data = self.in_words(data, &letter.language);
        let values = Context::wraps(present(&data)).map_err(|e| letter.failed(&e))?;
        let render = |engine, template: &Template| {
            template.renders(engine, &values, &mut RenderContext::new(None)).map_err(|e| letter.failed(&e))
        };
        let subject = render(&self.text, &compiled.subject)?;
        let text = render(&self.text, &compiled.text)?;
        let html = render(&self.html, &compiled.html)?;
        let desk = self.text.render_template_with_context(SIGNATURE, &values).map_err(|e| letter.failed(&e))?;
        let desk = one_line(&desk, SUBJECT_CHARS);
        Ok(Rendered {
            subject: one_line(&clean(&subject), SUBJECT_CHARS),
            text: format!("{}\n\n-- \n{desk}\n", clean(&text).trim()),
            html: clean(&html),
        })
    }

    /// The data with all that is said in the reader's language written in it.
    fn in_words(&self, data: &Value, language: &str) -> Value {
        if let Some(wording) = wording::read(data) {
            return Value::String(self.say(&wording, language));
        }
        match data {
            Value::Array(all) => all.iter().map(|value| self.in_words(value, language)).collect(),
            Value::Object(all) => {
                all.iter().map(|(name, value)| (name.clone(), self.in_words(value, language))).collect()
            }
            other => other.clone(),
        }
    }

    fn say(&self, wording: &Wording, language: &str) -> String {
        let english = self.words.get(FALLBACK_LANGUAGE).map(|(words, _)| words);
        let own = self.words.get(language).map(|(words, _)| words).or(english);
        let in_language = |texts: &BTreeMap<String, String>, language: &str| {
            let text = texts.get(language).or_else(|| texts.get(FALLBACK_LANGUAGE)).or_else(|| texts.values().next());
            text.cloned().unwrap_or_default()
        };
        match wording {
            Wording::Time { at, zone } => own.map_or_else(|| hours::say(*at, zone), |words| words.time(*at, zone)),
            Wording::Money { amount, currency } => {
                own.map_or_else(|| format!("{amount} {currency}"), |words| words.money(amount, currency))
            }
            Wording::Word { word } => {
                let found = [own, english].into_iter().flatten().find_map(|words| words.word(word));
                // One of a later version of the program: its key says more than nothing.
                found.unwrap_or(word.rsplit('.').next().unwrap_or(word)).to_owned()
            }
            Wording::Texts { texts } => in_language(texts, language),
            Wording::WriteInEnglish { language } => in_language(&self.write_in_english, language),
        }
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

    /// The languages that have any file, English among them.
    pub fn languages(&self) -> BTreeSet<&str> {
        self.letters
            .values()
            .map(|letter| letter.language.as_str())
            .chain(self.words.keys().map(String::as_str))
            .collect()
    }

    /// All that is wrong with the templates: files of no notice, variables that a notice doesn't offer, variables that
    /// may be absent and have no `{{#if}}` around them, and words that a language lacks or that nobody asks for.
    pub fn check(&self) -> Vec<TemplateError> {
        let mut errors = self.strays.clone();
        if let Some((english, _)) = self.words.get(FALLBACK_LANGUAGE) {
            for (words, file) in self.words.values() {
                let missing = english.lacking_in(words).map(|name| Problem::MissingWord { name });
                let unknown = words.lacking_in(english).map(|name| Problem::UnknownWord { name });
                errors.extend(missing.chain(unknown).map(|problem| at(file, (None, problem))));
            }
        }
        for letter in self.letters.values() {
            let compiled = match letter.compiled(&self.layout) {
                Ok(compiled) => compiled,
                Err(fault) => {
                    errors.push(fault);
                    continue;
                }
            };
            let offered = sample::variables(&letter.notice).unwrap_or_default();
            let unknown = scope::unknown(&compiled.tags, &offered);
            if unknown.is_empty() {
                let samples = [sample::data(&letter.notice), sample::sparse_data(&letter.notice)];
                errors.extend(samples.iter().find_map(|data| self.render_letter(letter, data).err()));
            }
            errors.extend(unknown.into_iter().map(|fault| at(&letter.file, fault)));
        }
        errors
    }

    /// The notices that have a template.
    pub fn names() -> impl Iterator<Item = &'static str> {
        sample::notices()
    }
}

impl Letter {
    fn compiled(&self, layout: &Layout) -> Result<&Compiled, TemplateError> {
        let compile = || {
            let sources = compile(&self.source).map_err(|fault| at(&self.file, fault))?;
            let template = |source: &str| {
                let compiled = Template::compile(source);
                compiled.map_err(|e| at(&self.file, (None, Problem::Handlebars(e.reason().to_string()))))
            };
            Ok(Compiled {
                subject: template(&sources.subject)?,
                text: template(&sources.text)?,
                html: template(&layout.around(&sources.html, &self.language))?,
                tags: sources.tags,
            })
        };
        self.compiled.get_or_init(compile).as_ref().map_err(TemplateError::clone)
    }

    fn tags(&self) -> &[PlacedTag] {
        self.compiled.get().and_then(|compiled| compiled.as_ref().ok()).map_or(&[], |compiled| &compiled.tags)
    }

    fn failed(&self, error: &RenderError) -> TemplateError {
        let RenderErrorReason::MissingVariable(path) = error.reason() else {
            return at(&self.file, (None, Problem::Handlebars(error.reason().to_string())));
        };
        let name = path.as_deref().unwrap_or("?").to_owned();
        // Handlebars' own line is one of the compiled template: the first use in the file is what the writer can find.
        let uses = |placed: &&PlacedTag| placed.tag.path().is_some_and(|p| p.to_string() == name);
        let guards =
            |placed: &&PlacedTag| matches!(placed.tag, tags::Tag::Open(tags::Opener::If | tags::Opener::Unless, _));
        let line = self.tags().iter().filter(|p| !guards(p)).find(uses).map(|placed| placed.line);
        let known = scope::names(&sample::variables(&self.notice).unwrap_or_default());
        at(&self.file, (line, Problem::Missing { name, known }))
    }
}

/// What stands around the HTML of every notice.
#[derive(Debug)]
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
mod languages;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod translations;
