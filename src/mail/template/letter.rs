//! One template: a notice in one language, from its file to what Handlebars renders. It is compiled when it is first
//! needed.

use std::sync::OnceLock;

use handlebars::{RenderError, RenderErrorReason, Template};

use super::{
    TemplateFile, at,
    error::{Fault, Problem, TemplateError},
    html, sample, scope,
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

    pub(super) fn compiled(&self, layout: &Layout) -> Result<&Compiled, TemplateError> {
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

    pub(super) fn failed(&self, error: &RenderError) -> TemplateError {
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
pub(super) struct Layout {
    before: String,
    after: String,
}

impl Layout {
    const CONTENT: &str = "{{content}}";
    pub(super) const LANGUAGE: &str = "{{language}}";

    pub(super) fn parse(source: &str) -> Result<Layout, Fault> {
        let scanned = tags::scan(source, 1)?;
        let own = ["content", "language"].map(|name| sample::Variable { name, kind: sample::Kind::Text("") });
        // Why somebody gets a mail who did not ask for it today, and how to get no more.
        let footer = ["status_page", "footer"];
        let footer = footer.map(|name| sample::Variable { name, kind: sample::Kind::Optional("") });
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
