//! The Handlebars tags of a template: found, understood and checked for balance before Markdown is read.
//!
//! While Markdown is read, each tag is one private-use character; a block tag alone on its line is an HTML comment,
//! which Markdown takes for a block of its own. So neither tag nor value is ever seen by the Markdown reader.

use std::fmt;

use super::error::{Fault, Problem};

/// Stands beside every tag in what Handlebars gets, and is taken out of what it gives: so a tag is never alone on a
/// line (Handlebars would eat the line), never behind a backslash, and a literal brace never begins one. It is a
/// noncharacter, which no text holds.
pub const GUARD: char = '\u{FDD0}';

const FIRST_PLACEHOLDER: u32 = 0xF0000;
const PLACEHOLDERS: usize = 0xFFFD;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opener {
    If,
    Unless,
    Each,
}

/// `name`, `this` or `../name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// how many `../` stand before the name
    pub up: usize,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tag {
    Value(Path),
    Open(Opener, Path),
    Else,
    Close(Opener),
}

#[derive(Debug, Clone)]
pub struct PlacedTag {
    pub tag: Tag,
    pub line: usize,
}

enum Piece<'a> {
    Text(&'a str),
    Tag(usize),
}

/// A source whose tags are found.
pub struct Scanned<'a> {
    lines: Vec<Vec<Piece<'a>>>,
    pub tags: Vec<PlacedTag>,
}

impl fmt::Display for Opener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Opener::If => "if",
            Opener::Unless => "unless",
            Opener::Each => "each",
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", "../".repeat(self.up), self.name)
    }
}

/// What stands between the braces.
impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Tag::Value(path) => write!(f, "{path}"),
            Tag::Open(opener, path) => write!(f, "#{opener} {path}"),
            Tag::Else => f.write_str("else"),
            Tag::Close(opener) => write!(f, "/{opener}"),
        }
    }
}

impl Opener {
    fn parse(word: &str) -> Option<Opener> {
        [Opener::If, Opener::Unless, Opener::Each].into_iter().find(|o| o.to_string() == word)
    }
}

impl Path {
    fn parse(word: &str) -> Option<Path> {
        let name = word.trim_start_matches("../");
        let up = (word.len() - name.len()) / "../".len();
        let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        let goes_on = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        (begins && goes_on && name != "else").then(|| Path { up, name: name.to_owned() })
    }
}

impl Tag {
    pub fn path(&self) -> Option<&Path> {
        match self {
            Tag::Value(path) | Tag::Open(_, path) => Some(path),
            Tag::Else | Tag::Close(_) => None,
        }
    }

    fn is_block(&self) -> bool {
        !matches!(self, Tag::Value(_))
    }

    fn parse(inner: &str) -> Result<Tag, Problem> {
        let inner = inner.trim();
        let not_understood = || Problem::NotUnderstood { tag: inner.to_owned() };
        if inner.starts_with(['{', '&']) {
            return Err(Problem::Unescaped);
        }
        if inner == "else" {
            return Ok(Tag::Else);
        }
        if let Some(word) = inner.strip_prefix('/') {
            return Opener::parse(word.trim()).map(Tag::Close).ok_or_else(not_understood);
        }
        if let Some(block) = inner.strip_prefix('#') {
            let (word, path) = block.trim().split_once(char::is_whitespace).ok_or_else(not_understood)?;
            let opener = Opener::parse(word).ok_or_else(not_understood)?;
            return Path::parse(path.trim()).map(|path| Tag::Open(opener, path)).ok_or_else(not_understood);
        }
        Path::parse(inner).map(Tag::Value).ok_or_else(not_understood)
    }
}

/// The character that stands for a tag while Markdown is read.
fn placeholder(tag: usize) -> Option<char> {
    let offset = u32::try_from(tag).ok().filter(|_| tag < PLACEHOLDERS)?;
    char::from_u32(FIRST_PLACEHOLDER + offset)
}

/// The tag for which a character stands.
pub fn placeheld(c: char) -> Option<usize> {
    let offset = usize::try_from(u32::from(c).checked_sub(FIRST_PLACEHOLDER)?).ok()?;
    (offset < PLACEHOLDERS).then_some(offset)
}

/// Finds the tags of a source whose first line has the number `first_line`, and checks that they are balanced.
pub fn scan(source: &str, first_line: usize) -> Result<Scanned<'_>, Fault> {
    let mut scanned = Scanned { lines: vec![], tags: vec![] };
    for (number, line) in (first_line..).zip(source.lines()) {
        let pieces = scan_line(line, number, &mut scanned.tags).map_err(|problem| (Some(number), problem))?;
        scanned.lines.extend(pieces);
    }
    if scanned.tags.len() > PLACEHOLDERS {
        return Err((None, Problem::TooManyTags));
    }
    let all: Vec<usize> = (0..scanned.tags.len()).collect();
    check_balance(&all, &scanned.tags)?;
    Ok(scanned)
}

/// `None` for a line that holds nothing but a comment.
fn scan_line<'a>(line: &'a str, number: usize, tags: &mut Vec<PlacedTag>) -> Result<Option<Vec<Piece<'a>>>, Problem> {
    if line.chars().any(|c| placeheld(c).is_some() || c == GUARD) {
        return Err(Problem::PrivateUse);
    }
    let mut pieces = Vec::new();
    let mut commented = false;
    let mut rest = line;
    while let Some((before, behind)) = rest.split_once("{{") {
        pieces.push(Piece::Text(before));
        let (inner, after) = behind.split_once("}}").ok_or(Problem::Unclosed)?;
        rest = after;
        if inner.starts_with('!') {
            commented = true;
            continue;
        }
        pieces.push(Piece::Tag(tags.len()));
        tags.push(PlacedTag { tag: Tag::parse(inner)?, line: number });
    }
    pieces.push(Piece::Text(rest));
    let blank = pieces.iter().all(|piece| matches!(piece, Piece::Text(text) if text.trim().is_empty()));
    Ok((!commented || !blank).then_some(pieces))
}

impl Scanned<'_> {
    /// The source with a placeholder for each tag, fit for the Markdown reader.
    pub fn for_markdown(&self) -> String {
        let mut out = String::new();
        for line in &self.lines {
            let alone = self.is_block_alone(line);
            for piece in line {
                match piece {
                    Piece::Text(text) => out.push_str(text),
                    Piece::Tag(tag) if alone => {
                        out.push_str("<!--");
                        out.extend(placeholder(*tag));
                        out.push_str("-->");
                    }
                    Piece::Tag(tag) => out.extend(placeholder(*tag)),
                }
            }
            out.push('\n');
        }
        out
    }

    /// The source as Handlebars gets it when there is no Markdown in it.
    pub fn for_handlebars(&self) -> String {
        let mut out = String::new();
        for line in &self.lines {
            for piece in line {
                match piece {
                    Piece::Text(text) => push_literal(&mut out, text),
                    Piece::Tag(tag) => push_tag(&mut out, &self.tags[*tag].tag),
                }
            }
            out.push('\n');
        }
        out
    }

    fn is_block_alone(&self, line: &[Piece<'_>]) -> bool {
        let mut tags = 0;
        let fits = line.iter().all(|piece| match piece {
            Piece::Text(text) => text.trim().is_empty(),
            Piece::Tag(tag) => {
                tags += 1;
                self.tags[*tag].tag.is_block()
            }
        });
        fits && tags == 1
    }
}

/// Text that Handlebars must leave alone.
pub fn push_literal(out: &mut String, text: &str) {
    for c in text.chars() {
        out.push(c);
        if c == '{' {
            out.push(GUARD);
        }
    }
}

pub fn push_tag(out: &mut String, tag: &Tag) {
    out.push(GUARD);
    out.push_str(&format!("{{{{{tag}}}}}"));
    out.push(GUARD);
}

/// Each block opened is closed by its own tag, in these tags taken in order.
pub fn check_balance(order: &[usize], tags: &[PlacedTag]) -> Result<(), Fault> {
    let mut open: Vec<(Opener, usize, bool)> = Vec::new();
    for placed in order.iter().filter_map(|i| tags.get(*i)) {
        let not_open = || (Some(placed.line), Problem::NotOpen { tag: placed.tag.to_string() });
        match &placed.tag {
            Tag::Value(_) => {}
            Tag::Open(opener, _) => open.push((*opener, placed.line, false)),
            Tag::Else => match open.last_mut() {
                Some((_, _, has_else)) if !*has_else => *has_else = true,
                _ => return Err(not_open()),
            },
            Tag::Close(opener) => match open.pop() {
                Some((opened, _, _)) if opened == *opener => {}
                _ => return Err(not_open()),
            },
        }
    }
    match open.pop() {
        Some((opener, line, _)) => Err((Some(line), Problem::NotClosed { open: opener.to_string() })),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(source: &str) -> Fault {
        scan(source, 3).err().expect("it must be refused")
    }

    #[test]
    fn a_tag_comes_back_as_it_was_written() {
        for tag in ["name", "../name", "this", "#if a", "#unless a", "#each ../as", "else", "/if", "/unless", "/each"] {
            assert_eq!(Tag::parse(tag).unwrap().to_string(), tag);
        }
    }

    #[test]
    fn helpers_partials_and_unescaped_values_are_refused_with_their_line() {
        assert_eq!(problem("a\n{{{b}}}"), (Some(4), Problem::Unescaped));
        assert_eq!(problem("{{&b}}"), (Some(3), Problem::Unescaped));
        for tag in [
            "> footer",
            "upper name",
            "#with a",
            "#if (eq a b)",
            "else if a",
            "a.b",
            "@root",
            "#*inline \"x\"",
            "^a",
            "~a",
        ] {
            let source = format!("x {{{{{tag}}}}}");
            assert_eq!(problem(&source), (Some(3), Problem::NotUnderstood { tag: tag.to_owned() }));
        }
        assert_eq!(problem("a {{b"), (Some(3), Problem::Unclosed));
    }

    #[test]
    fn blocks_that_are_not_balanced_are_refused_with_their_line() {
        assert_eq!(problem("\n{{#if a}}"), (Some(4), Problem::NotClosed { open: "if".into() }));
        assert_eq!(problem("{{#if a}}{{/each}}"), (Some(3), Problem::NotOpen { tag: "/each".into() }));
        assert_eq!(problem("{{#if a}}{{else}}{{else}}{{/if}}"), (Some(3), Problem::NotOpen { tag: "else".into() }));
    }

    #[test]
    fn a_comment_leaves_nothing_and_no_line() {
        assert_eq!(scan("a\n{{! for translators }}\nb{{!x}}", 1).unwrap().for_handlebars(), "a\nb\n");
    }

    #[test]
    fn a_block_tag_alone_on_its_line_is_a_comment_for_markdown() {
        let marked = scan("{{#if a}}\n{{a}} {{#if b}}x{{/if}}\n  {{/if}}", 1).unwrap().for_markdown();
        assert_eq!(marked, "<!--\u{F0000}-->\n\u{F0001} \u{F0002}x\u{F0003}\n  <!--\u{F0004}-->\n");
    }
}
