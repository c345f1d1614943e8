//! Where the cells of a table go: into one line, with a separator, as long as none of them is longer than a line.

use super::{page::Page, token::Tag};

pub struct Table {
    /// a table of values and not of a layout: its empty cells count
    has_grid: bool,
    row_from: usize,
    cell_from: usize,
    is_long: bool,
}

impl Table {
    pub fn new(tag: &Tag<'_>) -> Self {
        let border = tag.attribute("border").is_some_and(|width| !matches!(width.trim(), "0" | "0px" | "none"));
        let of_office = tag.attribute("class").is_some_and(|class| class.contains("MsoTableGrid"));
        Table { has_grid: border || of_office, row_from: 0, cell_from: 0, is_long: false }
    }

    pub fn row(&mut self, page: &Page) {
        self.row_from = page.position();
        self.is_long = false;
    }

    pub fn cell(&mut self, page: &mut Page, is_head: bool) {
        self.has_grid |= is_head;
        let is_first = page.position() == self.row_from;
        if is_first {
            page.cell();
        } else if self.is_long {
            page.block();
        } else {
            page.join(" | ", self.has_grid);
        }
        self.cell_from = page.position();
    }

    pub fn cell_ends(&mut self, page: &mut Page) {
        if page.since(self.cell_from).contains('\n') {
            self.is_long = true;
        } else {
            page.tighten();
        }
    }
}
