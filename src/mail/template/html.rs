//! The HTML part of a template, as Handlebars source. Styles stand inline: many mail programs drop `<style>`.

use super::{
    tags::{PlacedTag, Tag, push_literal, push_tag},
    tree::{Block, Inline, Item},
};

const PARAGRAPH: &str = "margin:0 0 16px";
/// what a list follows belongs to it
const LEADING: &str = "margin:0 0 4px";
const HEADING: &str = "margin:24px 0 8px;font-size:17px;line-height:1.4";
const LIST: &str = "margin:0 0 16px;padding-left:24px";
const INNER_LIST: &str = "margin:4px 0 0;padding-left:20px";
const ITEM: &str = "margin:0 0 4px";
const QUOTE: &str = "margin:0 0 16px;padding:2px 0 2px 14px;border-left:3px solid #8a94a6";
const CODE: &str = "font-family:ui-monospace,Menlo,Consolas,monospace;font-size:15px";
const RULE: &str = "margin:24px 0 16px;border:0;border-top:1px solid #9aa0a6";
const WHOLE: &str = "<span style=\"white-space:nowrap\">";
/// The value of this name is the address of a page: not every mail program makes a link of a text.
const PAGE: &str = "confirm_page";

/// Writes the blocks as the Handlebars source of HTML.
pub fn write(blocks: &[Block], tags: &[PlacedTag]) -> String {
    let mut writer = Writer { tags, out: String::new(), depth: 0 };
    writer.blocks(blocks);
    writer.out
}

/// A value, fit for text and for a quoted attribute of HTML. Its lines stay lines, its indentation stays visible.
pub fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + value.len() / 8);
    let mut indenting = false;
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\r' => {}
            '\n' => out.push_str("<br>"),
            ' ' if indenting => out.push_str("&nbsp;"),
            '\t' if indenting => out.push_str("&nbsp;&nbsp;&nbsp;&nbsp;"),
            c => out.push(c),
        }
        indenting = c == '\n' || (indenting && matches!(c, ' ' | '\t'));
    }
    out
}

struct Writer<'t> {
    tags: &'t [PlacedTag],
    out: String,
    /// lists around what is written
    depth: usize,
}

impl Writer<'_> {
    fn blocks(&mut self, blocks: &[Block]) {
        for (index, block) in blocks.iter().enumerate() {
            match (block, blocks.get(index + 1)) {
                (Block::Paragraph(text), Some(Block::List { .. })) => self.element("p", LEADING, text),
                _ => self.block(block),
            }
        }
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Paragraph(text) => self.element("p", PARAGRAPH, text),
            Block::Heading(text) => self.element("h2", HEADING, text),
            Block::Code(code) => {
                self.out.push_str(&format!("<pre style=\"{PARAGRAPH};white-space:pre-wrap;{CODE}\">"));
                self.inlines(code);
                self.out.push_str("</pre>\n");
            }
            Block::Quote(blocks) => {
                self.out.push_str(&format!("<blockquote style=\"{QUOTE}\">\n"));
                self.item(blocks);
                self.out.push_str("</blockquote>\n");
            }
            Block::Rule => self.out.push_str(&format!("<hr style=\"{RULE}\">\n")),
            Block::List { start, items } => self.list(*start, items),
            Block::Tag(tag) => self.tag(*tag),
        }
    }

    fn list(&mut self, start: Option<usize>, items: &[Item]) {
        let style = if self.depth == 0 { LIST } else { INNER_LIST };
        let name = if start.is_some() { "ol" } else { "ul" };
        let from = start.filter(|s| *s != 1).map(|s| format!(" start=\"{s}\"")).unwrap_or_default();
        self.out.push_str(&format!("<{name}{from} style=\"{style}\">\n"));
        self.depth += 1;
        for item in items {
            match item {
                Item::Tag(tag) => self.tag(*tag),
                Item::Blocks(blocks) => {
                    self.out.push_str(&format!("<li style=\"{ITEM}\">"));
                    self.item(blocks);
                    self.out.push_str("</li>\n");
                }
            }
        }
        self.depth -= 1;
        self.out.push_str(&format!("</{name}>\n"));
    }

    /// The inside of a list item or a quote: a single paragraph needs no margins of its own.
    fn item(&mut self, blocks: &[Block]) {
        let paragraphs = blocks.iter().filter(|b| matches!(b, Block::Paragraph(_))).count();
        for block in blocks {
            match block {
                Block::Paragraph(text) if paragraphs == 1 => self.inlines(text),
                other => self.block(other),
            }
        }
    }

    fn element(&mut self, name: &str, style: &str, inside: &[Inline]) {
        self.out.push_str(&format!("<{name} style=\"{style}\">"));
        self.inlines(inside);
        self.out.push_str(&format!("</{name}>\n"));
    }

    fn inlines(&mut self, inlines: &[Inline]) {
        for inline in inlines {
            match inline {
                Inline::Text(text) => self.literal(text),
                Inline::Tag(tag) => self.tag(*tag),
                Inline::SoftBreak => self.out.push('\n'),
                Inline::LineBreak => self.out.push_str("<br>\n"),
                Inline::Code(code) => self.within(&format!("<code style=\"{CODE}\">"), code, "</code>"),
                Inline::Emphasis(text) => self.within("<em>", text, "</em>"),
                Inline::Strong(text) => self.within("<strong>", text, "</strong>"),
                Inline::Link { address, text } => {
                    self.out.push_str("<a href=\"");
                    self.literal(address);
                    self.within("\">", text, "</a>");
                }
            }
        }
    }

    fn within(&mut self, before: &str, inside: &[Inline], after: &str) {
        self.out.push_str(before);
        self.inlines(inside);
        self.out.push_str(after);
    }

    fn literal(&mut self, text: &str) {
        // The line ends of a code block are those of `<pre>`.
        push_literal(&mut self.out, &escape(text).replace("<br>", "\n"));
    }

    fn tag(&mut self, tag: usize) {
        let Some(placed) = self.tags.get(tag) else { return };
        match &placed.tag {
            // A narrow screen would break a reference, PW-0012 or MNI-0007 behind its hyphen.
            Tag::Value(path) if path.name.ends_with("reference") || ["works", "number"].contains(&&*path.name) => {
                self.out.push_str(WHOLE);
                push_tag(&mut self.out, &placed.tag);
                self.out.push_str("</span>");
            }
            Tag::Value(path) if path.name == PAGE => {
                self.out.push_str("<a href=\"");
                push_tag(&mut self.out, &placed.tag);
                self.out.push_str("\">");
                push_tag(&mut self.out, &placed.tag);
                self.out.push_str("</a>");
            }
            tag => push_tag(&mut self.out, tag),
        }
    }
}
