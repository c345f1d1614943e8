//! The text part of a template, as Handlebars source: a paragraph is one line, since every reader wraps for itself.

use super::{
    tags::{GUARD, PlacedTag, Tag, push_literal, push_tag},
    tree::{Block, Inline, Item},
};

/// The helper, of this program only, that puts a quote's mark or an indentation before a value's further lines.
pub const PREFIXED: &str = "prefixed";

/// Writes the blocks as the Handlebars source of plain text.
pub fn write(blocks: &[Block], tags: &[PlacedTag]) -> String {
    let mut writer = Writer { tags, out: String::new() };
    writer.blocks(blocks, "", "", "\n\n");
    writer.out
}

/// A value with `prefix` before each of its lines but the first.
pub fn prefixed(value: &str, prefix: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for (index, line) in value.trim_end().split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
            out.push_str(if line.is_empty() { prefix.trim_end() } else { prefix });
        }
        out.push_str(line);
    }
    out
}

struct Writer<'t> {
    tags: &'t [PlacedTag],
    out: String,
}

impl Writer<'_> {
    /// `lead` stands before the first line, `rest` before all others, `end` behind each block.
    fn blocks(&mut self, blocks: &[Block], lead: &str, rest: &str, end: &str) {
        let mut lead = lead;
        for block in blocks {
            self.block(block, lead, rest, end);
            if !matches!(block, Block::Tag(_)) {
                lead = rest;
            }
        }
    }

    fn block(&mut self, block: &Block, lead: &str, rest: &str, end: &str) {
        match block {
            Block::Paragraph(text) | Block::Heading(text) => {
                self.out.push_str(lead);
                self.inlines(text, rest);
                self.out.push_str(end);
            }
            Block::Code(code) => {
                let inner = format!("{rest}    ");
                self.out.push_str(&format!("{lead}    "));
                self.inlines(code, &inner);
                self.out.push_str(end);
            }
            Block::Quote(blocks) => self.blocks(blocks, &format!("{lead}> "), &format!("{rest}> "), end),
            Block::Rule => self.out.push_str(&format!("{lead}----------{end}")),
            Block::List { start, items } => {
                self.list(*start, items, lead, rest);
                self.out.push_str(&end[1..]);
            }
            Block::Tag(tag) => self.tag(*tag, rest),
        }
    }

    fn list(&mut self, start: Option<usize>, items: &[Item], lead: &str, rest: &str) {
        let (mut lead, mut number) = (lead, start);
        for item in items {
            match item {
                Item::Tag(tag) => self.tag(*tag, rest),
                Item::Blocks(blocks) => {
                    let mark = number.map_or("- ".to_owned(), |n| format!("{n}. "));
                    let indent = " ".repeat(mark.len());
                    self.blocks(blocks, &format!("{lead}{mark}"), &format!("{rest}{indent}"), "\n");
                    number = number.map(|n| n + 1);
                    lead = rest;
                }
            }
        }
    }

    fn inlines(&mut self, inlines: &[Inline], rest: &str) {
        for inline in inlines {
            match inline {
                Inline::Text(text) => push_literal(&mut self.out, &text.replace('\n', &format!("\n{rest}"))),
                Inline::Tag(tag) => self.tag(*tag, rest),
                Inline::SoftBreak => self.out.push(' '),
                Inline::LineBreak => self.out.push_str(&format!("\n{rest}")),
                Inline::Code(inside) | Inline::Emphasis(inside) | Inline::Strong(inside) => self.inlines(inside, rest),
                Inline::Link { address, text } => self.link(address, text, rest),
            }
        }
    }

    fn link(&mut self, address: &str, text: &[Inline], rest: &str) {
        self.inlines(text, rest);
        let shown: String =
            text.iter().map(|inline| if let Inline::Text(text) = inline { text.as_str() } else { "" }).collect();
        if shown != address && Some(shown.as_str()) != address.strip_prefix("mailto:") {
            push_literal(&mut self.out, &format!(" <{address}>"));
        }
    }

    fn tag(&mut self, tag: usize, rest: &str) {
        match self.tags.get(tag).map(|placed| &placed.tag) {
            Some(Tag::Value(path)) if !rest.is_empty() => {
                self.out.push_str(&format!("{GUARD}{{{{{PREFIXED} {path} \"{rest}\"}}}}{GUARD}"));
            }
            Some(tag) => push_tag(&mut self.out, tag),
            None => {}
        }
    }
}
