//! HTML as people would read it, in plain text: paragraphs, lists, tables, quotations and the targets of links, without
//! anything that is not to be seen. Nothing is ever fetched.
//!
//! A tokenizer (`token`) that never looks at a byte more than a few times feeds one pass over a stack of open elements
//! (`element`), of bounded depth, that writes lines (`page`). There is no tree, so that nesting costs nothing: parsers
//! that build one take a minute for half a megabyte of `<div>`.

mod element;
mod link;
mod page;
mod table;
mod token;

use std::borrow::Cow;

use element::{Element, Name, Open, Show};
use page::Page;
use table::Table;
use token::{Tag, Token, tokens};

/// Of a list's numbers and bullets: what stands before an item.
struct List {
    /// the number of the next item, where they are numbered
    number: Option<u32>,
    /// it stands in another list, but in no item of it
    is_indented: bool,
}

/// A link whose text is being written.
struct Anchor {
    target: String,
    /// where its text begins
    from: usize,
}

/// The readable text of a page or of a piece of one. Linear in its length.
pub fn to_text(html: &str) -> String {
    let mut reader = Reader::new(Show::Visible);
    reader.read(html);
    let (hid, unbalanced) = (reader.hid, reader.open.is_removed());
    let text = reader.finish();
    // Better too much than nothing: an element that hides and is never closed would take the mail with it.
    if text.is_empty() && hid || unbalanced {
        let mut reader = Reader::new(Show::Everything);
        reader.read(html);
        return reader.finish();
    }
    text
}

struct Reader {
    page: Page,
    open: Open,
    lists: Vec<List>,
    tables: Vec<Table>,
    anchor: Option<Anchor>,
    show: Show,
    /// was any text left out?
    hid: bool,
}

impl Reader {
    fn new(show: Show) -> Self {
        Reader {
            page: Page::default(),
            open: Open::default(),
            lists: Vec::new(),
            tables: Vec::new(),
            anchor: None,
            show,
            hid: false,
        }
    }

    fn read(&mut self, html: &str) {
        for token in tokens(html) {
            match token {
                Token::Text(text) => self.text(&token::unescaped(text)),
                Token::Open(tag) => self.opens(&tag),
                Token::Close(name) => self.closes(Name::new(name)),
            }
            if self.page.is_full() {
                break;
            }
        }
    }

    fn finish(mut self) -> String {
        while let Some(element) = self.open.pop() {
            self.leave(&element);
        }
        self.page.finish()
    }

    fn text(&mut self, text: &str) {
        if self.open.hides_text() {
            self.hid = true;
        } else {
            self.page.text(text, self.open.keeps_space());
        }
    }

    fn opens(&mut self, tag: &Tag<'_>) {
        let name = Name::new(tag.name);
        for closed in self.open.implied_end(name) {
            self.leave(&closed);
        }
        if name.is_void() {
            if !self.open.is_removed() {
                self.void(name, tag);
            }
            return;
        }
        if self.open.is_deep() {
            self.edge_of_deep(name);
            self.open.deepen();
            return;
        }
        let element = self.open.element(name, tag, self.show);
        if !element.hides && !element.is_within_hidden {
            self.enter(&element, tag);
        }
        self.open.push(element);
    }

    fn closes(&mut self, name: Name) {
        // </p> and </br> without their beginning are a break to every browser.
        if name == Name::new("br") || name == Name::new("p") && !self.open.has(name) {
            self.page.line_break();
        }
        if self.open.is_deep() {
            self.edge_of_deep(name);
        }
        for closed in self.open.close(name) {
            self.leave(&closed);
        }
    }

    /// Elements that are too deep to be kept still end lines.
    fn edge_of_deep(&mut self, name: Name) {
        if name.is_block() && !self.open.is_removed() {
            self.page.block();
        }
    }

    fn void(&mut self, name: Name, tag: &Tag<'_>) {
        match name.as_str() {
            "br" => self.page.line_break(),
            "hr" => {
                self.page.block();
                self.page.text("________________________________", false);
                self.page.block();
            }
            "img" => {
                if let Some(alt) = image(tag) {
                    self.page.text(&alt, false);
                }
            }
            _ => {}
        }
    }

    fn enter(&mut self, element: &Element, tag: &Tag<'_>) {
        match element.name.as_str() {
            "a" => self.enter_link(tag),
            "blockquote" => {
                self.page.block();
                if element.quotes { self.page.quote() } else { self.page.indent(4) }
            }
            "ul" | "ol" | "menu" | "dir" => {
                if self.lists.is_empty() {
                    self.page.paragraph()
                } else {
                    self.page.block()
                }
                let numbered = element.name.as_str() == "ol";
                let start = tag.attribute("start").and_then(|n| n.trim().parse().ok()).unwrap_or(1);
                let is_indented = self.open.is_in_list();
                self.lists.push(List { number: numbered.then_some(start), is_indented });
                if is_indented {
                    self.page.indent(2);
                }
            }
            "li" => {
                self.page.block();
                let mark = match self.lists.last_mut().and_then(|list| list.number.as_mut()) {
                    Some(number) => {
                        let mark = format!("{number}. ");
                        *number = number.saturating_add(1);
                        mark
                    }
                    None => "- ".to_owned(),
                };
                self.page.mark(&mark);
            }
            "dd" => {
                self.page.block();
                self.page.indent(2);
            }
            "table" => {
                self.page.block();
                self.tables.push(Table::new(tag));
            }
            "tr" => {
                self.page.block();
                if let Some(table) = self.tables.last_mut() {
                    table.row(&self.page);
                }
            }
            "td" | "th" => match self.tables.last_mut() {
                Some(table) => table.cell(&mut self.page, element.name.as_str() == "th"),
                None => self.page.block(),
            },
            "q" => self.page.text("\"", false),
            _ if element.is_paragraph => self.page.paragraph(),
            _ if element.name.is_block() => self.page.block(),
            _ => {}
        }
    }

    fn leave(&mut self, element: &Element) {
        if element.hides || element.is_within_hidden {
            return;
        }
        match element.name.as_str() {
            "a" => self.leave_link(),
            "blockquote" => {
                self.page.block();
                if element.quotes { self.page.unquote() } else { self.page.outdent(4) }
            }
            "ul" | "ol" | "menu" | "dir" => {
                if self.lists.pop().is_some_and(|list| list.is_indented) {
                    self.page.outdent(2);
                }
                if self.lists.is_empty() { self.page.paragraph() } else { self.page.block() }
            }
            "dd" => {
                self.page.block();
                self.page.outdent(2);
            }
            "li" => self.page.unmark(),
            "table" => {
                self.tables.pop();
                self.page.block();
            }
            "tr" => self.page.end_row(),
            "td" | "th" => {
                if let Some(table) = self.tables.last_mut() {
                    table.cell_ends(&mut self.page);
                }
            }
            "q" => self.page.text("\"", false),
            _ if element.is_paragraph => self.page.paragraph(),
            _ if element.name.is_block() => self.page.block(),
            _ => {}
        }
    }

    fn enter_link(&mut self, tag: &Tag<'_>) {
        let target = tag.attribute("href").map(|href| link::target(&href)).unwrap_or_default();
        self.anchor = Some(Anchor { target, from: self.page.position() });
    }

    fn leave_link(&mut self) {
        let Some(anchor) = self.anchor.take() else { return };
        let shown = self.page.since(anchor.from).trim();
        if link::tells_more(shown, &anchor.target) {
            let blank = if self.page.has_blank() { " " } else { "" };
            self.page.text(&format!(" <{}>{blank}", anchor.target), false);
        }
    }
}

/// What stands for an image: its text, in brackets; a smiley is one itself.
fn image(tag: &Tag<'_>) -> Option<String> {
    let tiny = |name| tag.attribute(name).is_some_and(|size| matches!(size.trim(), "0" | "1" | "1px" | "0px"));
    let hidden = tag.attribute("style").is_some_and(|style| element::hides(&style));
    let alt = tag.attribute("alt").unwrap_or(Cow::Borrowed(""));
    let alt = alt.trim();
    if alt.is_empty() || hidden || tiny("width") || tiny("height") {
        return None;
    }
    // Programs that ask for no text write the file's name.
    let name = alt.to_lowercase();
    let is_file = !alt.contains(' ')
        && [".png", ".jpg", ".jpeg", ".gif", ".bmp", ".svg", ".webp"].iter().any(|e| name.ends_with(e));
    if is_file {
        return None;
    }
    let is_sign = alt.chars().count() <= 4 && !alt.contains(|c: char| c.is_alphanumeric());
    Some(if is_sign { alt.to_owned() } else { format!("[{}]", alt.trim_matches(['[', ']'])) })
}

#[cfg(test)]
mod tests;
