//! The elements that are open at a place in a page, and what their styles mean for the text in them.

use super::token::Tag;

/// Deeper elements still break lines, but are not kept.
const DEPTH: usize = 256;

/// How far up an element is looked for whose end is written or implied. Pages that leave more elements open between are
/// none that people write, and looking further would make them slow.
const REACH: usize = 64;

/// What to leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// what is styled not to be seen
    Visible,
    Everything,
}

/// An element's name in lower case; of longer ones the beginning. None that matters is longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name([u8; 16]);

impl Name {
    pub fn new(name: &str) -> Self {
        let mut bytes = [0; 16];
        let mut length = 0;
        for byte in name.bytes().take(15).filter(u8::is_ascii) {
            bytes[length] = byte.to_ascii_lowercase();
            length += 1;
        }
        bytes[15] = length as u8;
        Name(bytes)
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0[..self.0[15].into()]).unwrap_or_default()
    }

    /// Elements without an end (HTML, "void elements").
    pub fn is_void(&self) -> bool {
        matches!(
            self.as_str(),
            "br" | "hr"
                | "img"
                | "input"
                | "meta"
                | "link"
                | "wbr"
                | "base"
                | "area"
                | "col"
                | "embed"
                | "param"
                | "source"
                | "track"
                | "basefont"
                | "bgsound"
                | "frame"
                | "keygen"
        )
    }

    /// Elements that begin and end a line.
    pub fn is_block(&self) -> bool {
        matches!(
            self.as_str(),
            "address"
                | "article"
                | "aside"
                | "blockquote"
                | "body"
                | "center"
                | "dd"
                | "details"
                | "dialog"
                | "dir"
                | "div"
                | "dl"
                | "dt"
                | "fieldset"
                | "figcaption"
                | "figure"
                | "footer"
                | "form"
                | "h1"
                | "h2"
                | "h3"
                | "h4"
                | "h5"
                | "h6"
                | "header"
                | "hgroup"
                | "html"
                | "li"
                | "main"
                | "menu"
                | "nav"
                | "ol"
                | "option"
                | "p"
                | "pre"
                | "section"
                | "summary"
                | "table"
                | "tbody"
                | "tfoot"
                | "thead"
                | "tr"
                | "caption"
                | "ul"
        )
    }

    fn kind(&self) -> u16 {
        match self.as_str() {
            "p" => kind::PARAGRAPH | kind::BLOCK,
            "a" => kind::LINK,
            "li" => kind::ITEM | kind::BLOCK,
            "ul" | "ol" | "menu" | "dir" => kind::LIST | kind::BLOCK,
            "dd" | "dt" => kind::TERM | kind::BLOCK,
            "dl" => kind::TERMS | kind::BLOCK,
            "td" | "th" => kind::CELL,
            "tr" => kind::ROW | kind::BLOCK,
            "tbody" | "thead" | "tfoot" => kind::ROWS | kind::BLOCK,
            "table" => kind::TABLE | kind::BLOCK,
            _ if self.is_block() => kind::BLOCK,
            _ => 0,
        }
    }
}

/// What an element is to those that begin or end within it.
mod kind {
    pub const BLOCK: u16 = 1;
    pub const PARAGRAPH: u16 = 2;
    pub const LINK: u16 = 4;
    pub const ITEM: u16 = 8;
    pub const LIST: u16 = 16;
    pub const TERM: u16 = 32;
    pub const TERMS: u16 = 64;
    pub const CELL: u16 = 128;
    pub const ROW: u16 = 256;
    pub const ROWS: u16 = 512;
    pub const TABLE: u16 = 1024;
}

pub struct Element {
    pub name: Name,
    pub hides: bool,
    pub is_within_hidden: bool,
    /// a block with space around it
    pub is_paragraph: bool,
    /// a blockquote that quotes; others only indent
    pub quotes: bool,
    kind: u16,
    no_font: bool,
    keeps_space: bool,
}

#[derive(Default)]
pub struct Open {
    elements: Vec<Element>,
    /// how many are open beyond `DEPTH`
    deeper: usize,
}

impl Open {
    pub fn element(&self, name: Name, tag: &Tag<'_>, show: Show) -> Element {
        let outer = self.elements.last();
        let style = tag.attribute("style").unwrap_or_default();
        let style = Style::new(&style);
        let hides = show == Show::Visible && (style.hides || tag.attribute("hidden").is_some());
        let no_font = style.no_font.unwrap_or(outer.is_some_and(|o| o.no_font));
        let keeps_space = matches!(name.as_str(), "pre" | "textarea" | "listing" | "plaintext");
        Element {
            name,
            kind: name.kind(),
            hides,
            is_within_hidden: outer.is_some_and(|o| o.hides || o.is_within_hidden),
            is_paragraph: is_paragraph(name, tag, &style),
            quotes: name.as_str() == "blockquote" && !only_indents(tag, &style),
            no_font: no_font && show == Show::Visible,
            keeps_space: style.keeps_space.unwrap_or(keeps_space || outer.is_some_and(|o| o.keeps_space)),
        }
    }

    pub fn push(&mut self, element: Element) {
        self.elements.push(element);
    }

    /// One more is open that is not kept.
    pub fn deepen(&mut self) {
        self.deeper += 1;
    }

    pub fn is_deep(&self) -> bool {
        self.elements.len() >= DEPTH
    }

    pub fn pop(&mut self) -> Option<Element> {
        self.elements.pop()
    }

    /// Is nothing here to be seen?
    pub fn is_removed(&self) -> bool {
        self.elements.last().is_some_and(|e| e.hides || e.is_within_hidden)
    }

    /// Is text here not to be seen?
    pub fn hides_text(&self) -> bool {
        self.elements.last().is_some_and(|e| e.hides || e.is_within_hidden || e.no_font)
    }

    pub fn keeps_space(&self) -> bool {
        self.elements.last().is_some_and(|e| e.keeps_space)
    }

    /// Is this directly in a list?
    pub fn is_in_list(&self) -> bool {
        self.elements.last().is_some_and(|e| e.kind & kind::LIST != 0)
    }

    pub fn has(&self, name: Name) -> bool {
        self.innermost(|e| e.name == name, 0).is_some()
    }

    /// The elements that the end of `name` closes: it and all within it. An end never reaches out of a table's cell.
    pub fn close(&mut self, name: Name) -> Vec<Element> {
        if self.deeper > 0 {
            self.deeper -= 1;
            return vec![];
        }
        let of_table = name.kind() & (kind::CELL | kind::ROW | kind::ROWS | kind::TABLE) != 0;
        let from = self.innermost(|e| e.name == name, if of_table { 0 } else { kind::CELL });
        self.split_off(from)
    }

    /// The elements that the beginning of `name` closes, whose own end people leave out (HTML, "optional tags").
    pub fn implied_end(&mut self, name: Name) -> Vec<Element> {
        use kind::{BLOCK, CELL, ITEM, LINK, LIST, PARAGRAPH, ROW, TABLE, TERM, TERMS};
        let own = name.kind();
        let (wanted, stops) = match own {
            _ if own & ITEM != 0 => (ITEM, LIST | CELL),
            _ if own & TERM != 0 => (TERM, TERMS | CELL),
            _ if own & CELL != 0 => (CELL, ROW | TABLE),
            _ if own & ROW != 0 => (ROW, TABLE),
            // Links don't nest; whoever forgets an end begins the next.
            _ if own & LINK != 0 => (LINK, BLOCK | CELL),
            _ if own & BLOCK != 0 => (PARAGRAPH, BLOCK | CELL),
            _ => return vec![],
        };
        let from = self.innermost(|e| e.kind & wanted != 0, stops);
        self.split_off(from)
    }

    fn innermost(&self, wanted: impl Fn(&Element) -> bool, stops: u16) -> Option<usize> {
        for (n, element) in self.elements.iter().enumerate().rev().take(REACH) {
            if wanted(element) {
                return Some(n);
            }
            if element.kind & stops != 0 {
                return None;
            }
        }
        None
    }

    /// From the inside outwards.
    fn split_off(&mut self, from: Option<usize>) -> Vec<Element> {
        let Some(from) = from else { return vec![] };
        self.deeper = 0;
        let mut closed = self.elements.split_off(from);
        closed.reverse();
        closed
    }
}

/// Outlook writes each line as a paragraph without space around it.
fn is_paragraph(name: Name, tag: &Tag<'_>, style: &Style<'_>) -> bool {
    match name.as_str() {
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "dl" | "pre" => true,
        "p" => {
            let of_office = tag.attribute("class").is_some_and(|class| class.trim_start().starts_with("Mso"));
            !of_office && !style.margin.is_some_and(has_no_height)
        }
        _ => false,
    }
}

fn has_no_height(margin: &str) -> bool {
    let mut sides = margin.split_ascii_whitespace();
    let top = sides.next();
    [top, sides.nth(1)].into_iter().flatten().all(|side| number(side).is_some_and(|n| n < 0.1))
}

/// Gmail's button for indentation, and those of other editors, write a quotation without its line.
fn only_indents(tag: &Tag<'_>, style: &Style<'_>) -> bool {
    if tag.attribute("type").is_some() || tag.attribute("cite").is_some() || tag.attribute("class").is_some() {
        return false;
    }
    let moved = |m: &str| m.split_ascii_whitespace().last().and_then(number).is_some_and(|n| n >= 20.0);
    let no_line = style.border.is_some_and(|b| b.starts_with("none") || number(b) == Some(0.0));
    let line = style.has_line_on_the_left || style.border.is_some() && !no_line;
    !line && (style.margin.is_some_and(moved) || style.margin_left.is_some_and(moved))
}

/// Is this an element's style of not being seen?
pub fn hides(style: &str) -> bool {
    Style::new(style).hides
}

/// Of a style what matters for text.
#[derive(Default)]
struct Style<'a> {
    hides: bool,
    no_font: Option<bool>,
    keeps_space: Option<bool>,
    margin: Option<&'a str>,
    margin_left: Option<&'a str>,
    border: Option<&'a str>,
    has_line_on_the_left: bool,
}

impl<'a> Style<'a> {
    fn new(text: &'a str) -> Self {
        let mut style = Style::default();
        let (mut clips, mut flat) = (false, false);
        for declaration in text.split(';') {
            let Some((name, value)) = declaration.split_once(':') else { continue };
            let value = value.trim();
            let value = value.strip_suffix("!important").unwrap_or(value).trim_end();
            let is = |word: &str| value.eq_ignore_ascii_case(word);
            match name.trim().to_ascii_lowercase().as_str() {
                "display" => style.hides = is("none"),
                "visibility" => style.hides |= is("hidden"),
                "opacity" => style.hides |= number(value) == Some(0.0),
                "overflow" => clips = is("hidden"),
                "max-height" | "height" => flat |= number(value) == Some(0.0),
                // Newsletters set a size of zero around blocks that set their own: only text directly in it is hidden.
                "font-size" => style.no_font = Some(is_invisible_size(value)),
                "font" if value.starts_with("0/") || value.starts_with("0px/") => style.no_font = Some(true),
                "white-space" => {
                    style.keeps_space = Some(["pre", "pre-wrap", "pre-line", "break-spaces"].iter().any(|w| is(w)));
                }
                "margin" => style.margin = Some(value),
                "margin-left" => style.margin_left = Some(value),
                "border" => style.border = Some(value),
                "border-left" => style.has_line_on_the_left = !value.starts_with("none"),
                _ => {}
            }
        }
        style.hides |= clips && flat;
        style
    }
}

fn is_invisible_size(value: &str) -> bool {
    let unit = value.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    number(value).is_some_and(|n| n < 0.1 || n <= 1.0 && matches!(unit, "px" | "pt"))
}

/// The number that a length begins with.
fn number(value: &str) -> Option<f32> {
    let end = value.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(value.len());
    value[..end].parse().ok()
}
