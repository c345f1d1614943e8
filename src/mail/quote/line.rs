//! One line as it is looked at: without what can't be seen, in lower case, and only its beginning when it is endless.

/// Longer lines are prose: no mark of a mail program is looked for in them.
pub(super) const LONGEST: usize = 400;

/// Without blanks and invisible signs at both ends. Hebrew and Arabic mail wraps names, addresses and whole lines into
/// marks of direction; Outlook ends lines in non-breaking blanks.
pub(super) fn bare(line: &str) -> &str {
    line.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

pub(super) fn is_blank(line: &str) -> bool {
    bare(line).is_empty()
}

pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// In lower case, each run of blanks one blank, without invisible signs.
pub(super) fn folded(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut blank = false;
    for c in line.chars() {
        if c.is_whitespace() {
            blank = !out.is_empty();
        } else if !is_invisible(c) {
            if std::mem::take(&mut blank) {
                out.push(' ');
            }
            match c {
                '\u{2019}' => out.push('\''),
                '\u{ff1a}' | '\u{fe55}' => out.push(':'),
                c => out.extend(c.to_lowercase()),
            }
        }
    }
    out
}

/// Without the quotation marks that it begins with: `> > text`, `>>text`, `| text`.
pub(super) fn unmarked(line: &str) -> &str {
    bare(line).trim_start_matches(|c: char| matches!(c, '>' | '\u{ff1e}' | '|') || c.is_whitespace())
}

/// Does it carry a mark of quotation? `>`, its full-width sister, or the initials that The Bat! puts before it (`AL> `).
pub(super) fn is_quoted(line: &str) -> bool {
    let line = line.trim_start();
    if line.starts_with(['>', '\u{ff1e}']) {
        return true;
    }
    let initials = line.bytes().take_while(u8::is_ascii_uppercase).count();
    (1..=3).contains(&initials) && line[initials..].starts_with('>') && {
        let rest = line[initials..].trim_start_matches('>');
        rest.is_empty() || rest.starts_with(' ')
    }
}

/// `| text`, but not a row of a table: a mark of quotation below an attribution only.
pub(super) fn has_bar(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('|') && !line[1..].trim_end().ends_with('|')
}

/// A line of nothing but dashes, underscores and the like.
pub(super) fn is_ruler(line: &str) -> bool {
    let line = bare(line);
    let at_least_three = line.chars().nth(2).is_some();
    at_least_three
        && line.len() <= LONGEST
        && line.chars().all(|c| {
            matches!(
                c,
                '-' | '_' | '=' | '*' | '~' | '\u{2013}'
                    ..='\u{2015}' | '\u{2500}' | '\u{2501}' | '\u{ff0a}' | '\u{ff1d}' | ' '
            )
        })
}

/// The characters that frame a mark of a mail program: `-----Original Message-----`, `*** … ***`.
pub(super) fn is_frame(c: char) -> bool {
    c.is_whitespace()
        || is_invisible(c)
        || matches!(
            c,
            '-' | '_' | '=' | '*' | '~' | '#' | '+' | '<' | '>' | '|' | '\u{2010}'
                ..='\u{2015}' | '\u{2212}' | '\u{2500}' | '\u{2501}'
        )
}
