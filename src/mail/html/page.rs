//! The text of a page while it is written: when a line ends, what stands before the next, and which blanks count.

/// More text than this is not kept of one mail.
const TEXT_BYTES: usize = 1 << 20;
/// Marks of a quotation's depth before a line; what is quoted more often looks the same.
const QUOTES: usize = 10;
const INDENTATION: usize = 40;

/// An open item of a list.
struct Item {
    /// by how much its lines but the first are indented
    columns: usize,
    from: usize,
}

#[derive(Default)]
pub struct Page {
    out: String,
    /// has this line any text yet?
    has_text: bool,
    /// line ends to be written before the next text
    breaks: usize,
    /// blanks to be written before the next text of this line
    blanks: usize,
    /// a line of nothing but blanks that must not collapse: an empty line
    is_held: bool,
    /// what joins a table's next cell to the one before
    joint: Option<String>,
    /// where a cell begins, that needs no space above it
    cell: Option<usize>,
    quotes: usize,
    quotes_above: usize,
    indentation: usize,
    /// what stands before the first line of a list's item
    mark: Option<String>,
    items: Vec<Item>,
    /// did a line of the source end where a blank waits?
    folded: bool,
}

impl Page {
    pub fn finish(mut self) -> String {
        self.out.truncate(self.out.trim_end().len());
        self.out
    }

    pub fn is_full(&self) -> bool {
        self.out.len() > TEXT_BYTES
    }

    pub fn position(&self) -> usize {
        self.out.len()
    }

    /// Does a blank wait for more text?
    pub fn has_blank(&self) -> bool {
        self.blanks > 0
    }

    /// What was written since then, without the marks of its first line.
    pub fn since(&self, position: usize) -> &str {
        self.out[position..].trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '>' | '|' | '-'))
    }

    /// Writes text; `keeps_space` as within `<pre>`.
    pub fn text(&mut self, text: &str, keeps_space: bool) {
        for c in text.chars() {
            match c {
                '\n' if keeps_space => self.line_break(),
                '\r' if keeps_space => {}
                ' ' if keeps_space => self.blanks += 1,
                '\t' if keeps_space => self.blanks += 4,
                ' ' | '\n' | '\t' | '\r' | '\x0c' => self.collapsible(c),
                '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' => {
                    self.blanks += 1;
                    self.is_held |= !self.has_text;
                }
                // The blank of East Asian scripts indents paragraphs there.
                '\u{3000}' if !self.has_text => {
                    self.blanks += 2;
                    self.is_held = true;
                }
                _ if is_unseen(c) || c.is_control() => {}
                // Joins letters in Arabic and Indic scripts and emoji; elsewhere it fills previews of mails.
                '\u{200c}' | '\u{200d}' if !self.has_text || self.blanks > 0 => {}
                _ => self.character(c),
            }
        }
    }

    fn collapsible(&mut self, c: char) {
        if self.has_text {
            if self.blanks == 0 {
                self.folded = false;
            }
            self.folded |= c == '\n';
            self.blanks = self.blanks.max(1);
        }
    }

    fn character(&mut self, c: char) {
        if !self.has_text {
            self.begin_line();
        } else if let Some(joint) = self.joint.take() {
            // A cell that ends in a colon names the next; some begin the next with it.
            match (self.out.ends_with([':', '\u{ff1a}']), c) {
                (_, ':' | '\u{ff1a}') => {}
                (true, _) => self.out.push(' '),
                (false, _) => self.out.push_str(&joint),
            }
        } else if self.blanks > 0 {
            // Where a line of the source ends between ideographs, there is no blank to be read.
            let is_fold =
                self.folded && self.blanks == 1 && is_wide(c) && self.out.chars().next_back().is_some_and(is_wide);
            let blanks = if is_fold { 0 } else { self.blanks.min(INDENTATION) };
            self.out.extend(std::iter::repeat_n(' ', blanks));
        }
        self.blanks = 0;
        self.folded = false;
        self.out.push(c);
    }

    fn begin_line(&mut self) {
        if !self.out.is_empty() {
            self.out.push('\n');
            if self.breaks > 1 {
                self.out.push_str(&">".repeat(self.quotes.min(self.quotes_above).min(QUOTES)));
                self.out.push('\n');
            }
        }
        let hanging: usize = self.items.iter().map(|item| item.columns).sum();
        let own = if self.mark.is_some() { self.items.last().map_or(0, |item| item.columns) } else { 0 };
        let blanks = (self.indentation + hanging - own).min(INDENTATION) + self.blanks.min(INDENTATION);
        self.out.push_str(&"> ".repeat(self.quotes.min(QUOTES)));
        self.out.extend(std::iter::repeat_n(' ', blanks));
        self.out.push_str(&self.mark.take().unwrap_or_default());
        self.joint = None;
        self.quotes_above = self.quotes;
        self.has_text = true;
        self.is_held = false;
        self.breaks = 0;
    }

    /// Ends the line, also an empty one.
    pub fn line_break(&mut self) {
        if self.joint.is_some() {
            return;
        }
        self.breaks += 1;
        self.new_line();
    }

    /// Ends the line if there is anything in it.
    pub fn block(&mut self) {
        if self.joint.is_none() && (self.has_text || self.is_held) {
            self.breaks += 1;
            self.new_line();
        }
    }

    /// Ends the line and leaves one empty.
    pub fn paragraph(&mut self) {
        self.block();
        if self.joint.is_none() && self.cell != Some(self.out.len()) && self.mark.is_none() {
            self.breaks = self.breaks.max(2);
        }
    }

    fn new_line(&mut self) {
        self.has_text = false;
        self.is_held = false;
        self.blanks = 0;
    }

    /// A table's cell begins, the first of its row.
    pub fn cell(&mut self) {
        self.cell = Some(self.out.len());
    }

    /// A table's cell begins in the line of the one before.
    pub fn join(&mut self, joint: &str, also_empty: bool) {
        match &mut self.joint {
            Some(waiting) if also_empty => waiting.push_str(joint),
            Some(_) => {}
            None => self.joint = Some(joint.to_owned()),
        }
        self.has_text = true;
        self.is_held = false;
        self.breaks = 0;
        self.blanks = 0;
    }

    /// A table's row ends.
    pub fn end_row(&mut self) {
        self.joint = None;
        self.block();
    }

    pub fn tighten(&mut self) {
        self.breaks = self.breaks.min(1);
    }

    pub fn quote(&mut self) {
        self.quotes += 1;
    }

    pub fn unquote(&mut self) {
        self.quotes = self.quotes.saturating_sub(1);
    }

    pub fn indent(&mut self, columns: usize) {
        self.indentation += columns;
    }

    pub fn outdent(&mut self, columns: usize) {
        self.indentation = self.indentation.saturating_sub(columns);
    }

    /// An item of a list begins.
    pub fn mark(&mut self, mark: &str) {
        self.items.push(Item { columns: mark.len(), from: self.out.len() });
        self.mark = Some(mark.to_owned());
    }

    /// It ends. After an item of one line comes no empty one.
    pub fn unmark(&mut self) {
        let item = self.items.pop();
        self.mark = None;
        self.block();
        if item.is_some_and(|item| !self.since(item.from).contains('\n')) {
            self.tighten();
        }
    }
}

/// Characters that are nothing to see: they fill previews, hide words from filters, or turn what follows around.
fn is_unseen(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
    )
}

/// Ideographs, kana and the signs between them.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ff00}'..='\u{ffef}')
}
