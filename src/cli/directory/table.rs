//! Lists of the directory on a terminal.

use comfy_table::{ContentArrangement, Table, presets};

/// A table with this header, without lines.
pub fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    table
}

/// `name  value`, for those that have one.
pub fn facts(facts: &[(&str, Option<String>)]) {
    for (name, value) in facts {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            say!("  {name:<18} {}", crate::cli::paint::plain(value));
        }
    }
}

/// A title and lines below it; nothing when there are none.
pub fn section(title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    say!("\n{title}");
    for line in lines {
        say!("  {}", crate::cli::paint::plain(line));
    }
}
