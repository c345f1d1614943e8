//! A template's Markdown as a small tree with the tags in it, from which the HTML part and the text part are written.
//!
//! Tags stay flat among their siblings (`{{#if x}}`, a paragraph, `{{/if}}`); it is only checked that they open and
//! close among the same siblings. Lists that only tags divide become one list with the tags between its items.

use comrak::{
    Arena, Options,
    nodes::{ListType, Node, NodeValue},
    parse_document,
};

use super::{
    error::{Fault, Problem},
    tags::{Opener, PlacedTag, Tag, check_balance, placeheld},
};

pub enum Block {
    Paragraph(Vec<Inline>),
    Heading(Vec<Inline>),
    List {
        /// the first number, if it is a numbered list
        start: Option<usize>,
        items: Vec<Item>,
    },
    Quote(Vec<Block>),
    Code(Vec<Inline>),
    Rule,
    Tag(usize),
}

pub enum Item {
    Blocks(Vec<Block>),
    Tag(usize),
}

pub enum Inline {
    Text(String),
    Tag(usize),
    SoftBreak,
    LineBreak,
    Code(Vec<Inline>),
    Emphasis(Vec<Inline>),
    Strong(Vec<Inline>),
    Link { address: String, text: Vec<Inline> },
}

/// Reads Markdown in which placeholders stand for `tags`; `first_line` is the number of its first line in the file.
pub fn read(markdown: &str, tags: &[PlacedTag], first_line: usize) -> Result<Vec<Block>, Fault> {
    let mut options = Options::default();
    // Without it, CommonMark leaves the stars of ケース**「…」**を as they stand.
    options.extension.cjk_friendly_emphasis = true;
    let arena = Arena::new();
    let root = parse_document(&arena, markdown, &options);
    Reader { tags, first_line }.blocks(root)
}

struct Reader<'t> {
    tags: &'t [PlacedTag],
    first_line: usize,
}

impl Reader<'_> {
    fn blocks(&self, parent: Node<'_>) -> Result<Vec<Block>, Fault> {
        let mut blocks = Vec::new();
        for node in parent.children() {
            match &node.data().value {
                NodeValue::Paragraph => blocks.push(Block::Paragraph(self.inlines(node)?)),
                NodeValue::Heading(_) => blocks.push(Block::Heading(self.inlines(node)?)),
                NodeValue::BlockQuote => blocks.push(Block::Quote(self.blocks(node)?)),
                NodeValue::ThematicBreak => blocks.push(Block::Rule),
                NodeValue::CodeBlock(code) => {
                    if code.literal.split("<!--").skip(1).any(|rest| rest.starts_with(|c| placeheld(c).is_some())) {
                        return Err(self.unsupported(
                            node,
                            "a block tag on a line of its own in code",
                            "put it beside the text",
                        ));
                    }
                    let inside = literal(code.literal.trim_end());
                    self.check_siblings(inside.iter().filter_map(Inline::tag))?;
                    blocks.push(Block::Code(inside));
                }
                NodeValue::List(list) => {
                    let start = (list.list_type == ListType::Ordered).then_some(list.start);
                    let items = node.children().map(|item| self.blocks(item).map(Item::Blocks));
                    blocks.push(Block::List { start, items: items.collect::<Result<_, _>>()? });
                }
                NodeValue::HtmlBlock(html) => blocks.push(Block::Tag(self.lone_tag(&html.literal, node)?)),
                _ => {
                    return Err(self.unsupported(
                        node,
                        "this kind of Markdown",
                        "there are paragraphs, headings, lists, quotes and code",
                    ));
                }
            }
        }
        self.check_siblings(blocks.iter().filter_map(Block::tag))?;
        Ok(self.join_lists(blocks))
    }

    /// The tag for which a comment stands. Other HTML is refused: the text part would have a hole.
    fn lone_tag(&self, html: &str, node: Node<'_>) -> Result<usize, Fault> {
        let inner = html.trim().strip_prefix("<!--").and_then(|rest| rest.strip_suffix("-->"));
        let mut chars = inner.unwrap_or_default().chars();
        match (chars.next().and_then(placeheld), chars.next()) {
            (Some(tag), None) if tag < self.tags.len() => Ok(tag),
            _ => Err(self.raw_html(node)),
        }
    }

    fn inlines(&self, parent: Node<'_>) -> Result<Vec<Inline>, Fault> {
        let mut inlines = Vec::new();
        for node in parent.children() {
            match &node.data().value {
                NodeValue::Text(text) => inlines.extend(literal(text)),
                NodeValue::SoftBreak => inlines.push(Inline::SoftBreak),
                NodeValue::LineBreak => inlines.push(Inline::LineBreak),
                NodeValue::Code(code) => {
                    let inside = literal(&code.literal);
                    self.check_siblings(inside.iter().filter_map(Inline::tag))?;
                    inlines.push(Inline::Code(inside));
                }
                NodeValue::Emph => inlines.push(Inline::Emphasis(self.inlines(node)?)),
                NodeValue::Strong => inlines.push(Inline::Strong(self.inlines(node)?)),
                NodeValue::Link(link) => {
                    if link.url.chars().any(|c| placeheld(c).is_some()) {
                        return Err(self.unsupported(
                            node,
                            "a tag in the address of a link",
                            "write the value as text, mail programs make a link of it",
                        ));
                    }
                    inlines.push(Inline::Link { address: link.url.clone(), text: self.inlines(node)? });
                }
                NodeValue::HtmlInline(_) => return Err(self.raw_html(node)),
                NodeValue::Image(_) => {
                    return Err(self.unsupported(node, "an image", "mails load nothing from elsewhere"));
                }
                _ => return Err(self.unsupported(node, "this kind of Markdown", "there are emphasis, code and links")),
            }
        }
        self.check_siblings(inlines.iter().filter_map(Inline::tag))?;
        Ok(inlines)
    }

    fn check_siblings(&self, siblings: impl Iterator<Item = usize>) -> Result<(), Fault> {
        let siblings: Vec<usize> = siblings.collect();
        check_balance(&siblings, self.tags).map_err(|(line, problem)| match problem {
            Problem::NotClosed { open } => (line, Problem::Crossing { tag: format!("#{open} …") }),
            Problem::NotOpen { tag } => (line, Problem::Crossing { tag }),
            other => (line, other),
        })
    }

    fn unsupported(&self, node: Node<'_>, what: &'static str, instead: &'static str) -> Fault {
        let line = node.data().sourcepos.start.line;
        (Some(self.first_line + line.saturating_sub(1)), Problem::Unsupported { what, instead })
    }

    fn raw_html(&self, node: Node<'_>) -> Fault {
        self.unsupported(
            node,
            "HTML",
            "Markdown gives the HTML part and the text part; what stands around it is in layout.html",
        )
    }

    fn join_lists(&self, blocks: Vec<Block>) -> Vec<Block> {
        let mut joined = Vec::new();
        let mut blocks = std::collections::VecDeque::from(blocks);
        while let Some(first) = blocks.pop_front() {
            let (Block::List { .. } | Block::Tag(_)) = &first else {
                joined.push(first);
                continue;
            };
            blocks.push_front(first);
            let length = self.run_of_lists(blocks.make_contiguous());
            match length {
                0 => joined.extend(blocks.pop_front()),
                _ => joined.push(one_list(blocks.drain(..length))),
            }
        }
        joined
    }

    /// How many of the first blocks make one list: lists of the same kind and tags that are balanced among them,
    /// beginning with a list or with `{{#each}}`. A leading `{{#if}}` stays outside, or an empty list would be left.
    fn run_of_lists(&self, blocks: &[Block]) -> usize {
        let repeats = |block: &Block| self.tag(block).is_some_and(|t| matches!(t, Tag::Open(Opener::Each, _)));
        if !blocks.first().is_some_and(|b| matches!(b, Block::List { .. }) || repeats(b)) {
            return 0;
        }
        let (mut depth, mut length, mut numbered) = (0_usize, 0, None);
        for (index, block) in blocks.iter().enumerate() {
            match (block, self.tag(block)) {
                (Block::List { start, .. }, _) => {
                    if *numbered.get_or_insert(start.is_some()) != start.is_some() {
                        break;
                    }
                }
                (_, Some(Tag::Open(..))) => depth += 1,
                (_, Some(Tag::Else)) if depth > 0 => {}
                (_, Some(Tag::Close(_))) if depth > 0 => depth -= 1,
                _ => break,
            }
            if depth == 0 {
                length = index + 1;
            }
        }
        // `{{#each}}` around nothing, or around tags only, is no list.
        if numbered.is_some() { length } else { 0 }
    }

    fn tag(&self, block: &Block) -> Option<&Tag> {
        block.tag().and_then(|i| self.tags.get(i)).map(|placed| &placed.tag)
    }
}

fn one_list(blocks: impl Iterator<Item = Block>) -> Block {
    let (mut first, mut all) = (None, Vec::new());
    for block in blocks {
        match block {
            Block::List { start, items } => {
                first.get_or_insert(start);
                all.extend(items);
            }
            Block::Tag(tag) => all.push(Item::Tag(tag)),
            _ => {}
        }
    }
    Block::List { start: first.flatten(), items: all }
}

/// Text with placeholders in it.
fn literal(text: &str) -> Vec<Inline> {
    let mut inlines = Vec::new();
    let mut plain = String::new();
    for c in text.chars() {
        match placeheld(c) {
            Some(tag) => {
                if !plain.is_empty() {
                    inlines.push(Inline::Text(std::mem::take(&mut plain)));
                }
                inlines.push(Inline::Tag(tag));
            }
            None => plain.push(c),
        }
    }
    if !plain.is_empty() {
        inlines.push(Inline::Text(plain));
    }
    inlines
}

impl Block {
    fn tag(&self) -> Option<usize> {
        if let Block::Tag(tag) = self { Some(*tag) } else { None }
    }
}

impl Inline {
    fn tag(&self) -> Option<usize> {
        if let Inline::Tag(tag) = self { Some(*tag) } else { None }
    }
}
