//! One template: a notice in one language, from its file and those of its parts to what Handlebars renders. It is compiled
//! when it is first needed.

use std::sync::OnceLock;

use handlebars::{RenderError, RenderErrorReason, Template};

use super::{
    TemplateFile, at,
    error::{Fault, Problem, TemplateError},
    html,
    parts::{self, Filled, Parts},
    sample::{self, Variable},
    scope,
    tags::{self, PlacedTag},
    text, tree,
};

#[derive(Debug)]
pub(super) struct Letter {
    pub(super) file: String,
    pub(super) language: String,
    pub(super) notice: String,
    source: String,
    compiled: OnceLock<Result<Compiled, TemplateError>>,
}

#[derive(Debug)]
pub(super) struct Compiled {
    pub(super) subject: Template,
    pub(super) text: Template,
    pub(super) html: Template,
    pub(super) tags: Vec<PlacedTag>,
    filled: Filled,
}

/// What the letters of all languages are made with.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) layout: Layout,
    pub(super) parts: Parts,
}

/// A template file as Handlebars sources.
struct Sources {
    subject: String,
    text: String,
    html: String,
    tags: Vec<PlacedTag>,
}

impl Letter {
    pub(super) fn new(file: &TemplateFile, language: &str, notice: &str) -> Letter {
        Letter {
            file: file.shown.clone(),
            language: language.to_owned(),
            notice: notice.to_owned(),
            source: file.text.clone(),
            compiled: OnceLock::new(),
        }
    }

    /// Is this file its own, or that of a part of it?
    pub(super) fn is_of(&self, file: &TemplateFile) -> bool {
        self.file == file.shown || parts::holds(&self.language, &self.source, file)
    }

    pub(super) fn compiled(&self, common: &Common) -> Result<&Compiled, TemplateError> {
        let compile = || {
            let filled = common.parts.fill(&self.language, &self.file, &self.source)?;
            let sources = compile(&filled.text).map_err(|fault| filled.at(fault))?;
            let template = |source: &str| {
                let compiled = Template::compile(source);
                compiled.map_err(|e| at(&self.file, (None, Problem::Handlebars(e.reason().to_string()))))
            };
            Ok(Compiled {
                subject: template(&sources.subject)?,
                text: template(&sources.text)?,
                html: template(&common.layout.around(&sources.html, &self.language))?,
                tags: sources.tags,
                filled,
            })
        };
        self.compiled.get_or_init(compile).as_ref().map_err(TemplateError::clone)
    }

    /// Rendering it has failed.
    pub(super) fn failed(&self, compiled: &Compiled, error: &RenderError) -> TemplateError {
        let RenderErrorReason::MissingVariable(path) = error.reason() else {
            return at(&self.file, (None, Problem::Handlebars(error.reason().to_string())));
        };
        let name = path.as_deref().unwrap_or("?").to_owned();
        // Handlebars' own line is one of the compiled template: the first use in the file is what the writer can find.
        let uses = |placed: &&PlacedTag| placed.tag.path().is_some_and(|p| p.to_string() == name);
        let guards =
            |placed: &&PlacedTag| matches!(placed.tag, tags::Tag::Open(tags::Opener::If | tags::Opener::Unless, _));
        let line = compiled.tags.iter().filter(|p| !guards(p)).find(uses).map(|placed| placed.line);
        let known = scope::names(&sample::variables(&self.notice).unwrap_or_default());
        compiled.filled.at((line, Problem::Missing { name, known }))
    }
}

impl Compiled {
    /// Every use of a variable that isn't offered.
    pub(super) fn unknown(&self, offered: &[Variable]) -> Vec<TemplateError> {
        scope::unknown(&self.tags, offered).into_iter().map(|fault| self.filled.at(fault)).collect()
    }
}

/// What stands around the HTML of every notice.
#[derive(Debug)]
pub(super) struct Layout {
    before: String,
    after: String,
}

impl Layout {
    const CONTENT: &str = "{{content}}";
    pub(super) const LANGUAGE: &str = "{{language}}";

    pub(super) fn parse(source: &str) -> Result<Layout, Fault> {
        let scanned = tags::scan(source, 1)?;
        let own = ["content", "language"].map(|name| Variable { name, kind: sample::Kind::Text("") });
        // Why somebody gets a mail who did not ask for it today, and how to get no more.
        let footer = ["status_page", "footer"];
        let footer = footer.map(|name| Variable { name, kind: sample::Kind::Optional("") });
        let offered = [sample::EVERY, &own, &footer].concat();
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

fn compile(source: &str) -> Result<Sources, Fault> {
    let (first, rest) = source.split_once('\n').unwrap_or((source, ""));
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
