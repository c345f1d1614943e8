//! What can be wrong with a template, and where.

/// A fault in one template file; the person who wrote the file can mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("template {file}{}: {problem}", .line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct TemplateError {
    /// as whoever wrote it finds it, such as `en/reply.md`
    pub file: String,
    /// counted from 1; absent where the whole file is meant
    pub line: Option<usize>,
    pub problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("there is no notice of this name (known: {known})")]
    UnknownNotice { known: String },
    #[error(
        "a template's place is LANGUAGE/NOTICE.md, such as en/reply.md; that of a language's words, \
         LANGUAGE/words.toml; that of a document, LANGUAGE/rfo-document.html; that of a part, LANGUAGE/parts/NAME.md"
    )]
    Misplaced,
    #[error("it must begin with a line \"Subject: …\" and an empty line after it")]
    NoSubject,
    #[error("a part has no subject: its templates have; begin with its text")]
    SubjectOfPart,
    #[error("the layout must hold {{{{content}}}} exactly once: there the text of the notice goes")]
    NoContent,
    #[error("\"{{{{\" without \"}}}}\" on the same line")]
    Unclosed,
    #[error("{{{{{{…}}}}}} and {{{{&…}}}} are not allowed: values are always escaped; write {{{{…}}}}")]
    Unescaped,
    #[error(
        "{{{{{tag}}}}} is not understood; there are {{{{name}}}}, {{{{#if …}}}}, {{{{#unless …}}}}, {{{{#each …}}}}, {{{{else}}}} and the closing tags, no helpers; a part, {{{{> NAME}}}}, stands alone on a line, from its beginning, and in no other part"
    )]
    NotUnderstood { tag: String },
    #[error("there is no part {place}; each language has its own")]
    NoPart { place: String },
    #[error("no template of this language holds this part: its name is wrong, or it can be deleted")]
    UnusedPart,
    #[error("{{{{#{open} …}}}} is not closed")]
    NotClosed { open: String },
    #[error("{{{{{tag}}}}} closes or continues nothing that is open here")]
    NotOpen { tag: String },
    #[error("{{{{{tag}}}}} and its partner must stand in the same paragraph, list item or emphasis")]
    Crossing { tag: String },
    #[error("too many tags in one file")]
    TooManyTags,
    #[error("there are private-use characters in it, which stand for tags while it is read")]
    PrivateUse,
    #[error("{what} can't be used: {instead}")]
    Unsupported { what: &'static str, instead: &'static str },
    #[error("this notice has no variable {{{{{name}}}}} (known here: {known})")]
    UnknownVariable { name: String, known: String },
    #[error("{{{{#each {name}}}}} needs a list, and {name} is none")]
    NotAList { name: String },
    #[error(
        "{{{{{name}}}}} has no value in this notice; if it may be absent, put {{{{#if {name}}}}} around it (known: {known})"
    )]
    Missing { name: String, known: String },
    #[error(
        "there is no such file, so mails in this language would have dates and statuses in English; copy en/words.toml"
    )]
    NoWords,
    #[error("there is no word \"{name}\" here, and mails would have it in English; copy it from en/words.toml")]
    MissingWord { name: String },
    #[error("no mail has the word \"{name}\"; en/words.toml has all that there are")]
    UnknownWord { name: String },
    #[error("{0}")]
    Words(String),
    #[error("{0}")]
    Handlebars(String),
}

/// A problem that doesn't know its file yet.
pub(super) type Fault = (Option<usize>, Problem);
