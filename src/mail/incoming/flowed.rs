//! Text whose paragraphs were broken into lines for the way (`format=flowed`, RFC 3676), put together again.

/// `del_sp`: the blank at the end of a broken line is no part of the text.
pub fn unflowed(text: &str, del_sp: bool) -> String {
    let mut out = String::with_capacity(text.len());
    // The depth of the quotation in which a paragraph goes on.
    let mut open: Option<usize> = None;
    for line in text.lines() {
        let (depth, line) = depth(line);
        // The blank that protects a line's beginning.
        let line = line.strip_prefix(' ').unwrap_or(line);
        let is_signature = line == "-- ";
        if open.take() != Some(depth) || is_signature {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(&">".repeat(depth));
            if depth > 0 && !line.is_empty() {
                out.push(' ');
            }
        }
        if line.ends_with(' ') && !is_signature {
            open = Some(depth);
            out.push_str(if del_sp { &line[..line.len() - 1] } else { line });
        } else {
            out.push_str(line);
        }
    }
    if text.ends_with('\n') {
        out.push('\n');
    }
    out
}

/// How often a line is quoted, and the rest of it. Not all programs keep the marks together.
fn depth(line: &str) -> (usize, &str) {
    let rest = line.trim_start_matches('>');
    (line.len() - rest.len(), rest)
}

#[cfg(test)]
mod tests {
    use super::unflowed;

    #[test]
    fn paragraphs_are_put_together_and_lines_that_end_stay() {
        assert_eq!(unflowed("The line \nis down\nsince nine.\n", false), "The line is down\nsince nine.\n");
        assert_eq!(unflowed("日本 \n語", true), "日本語");
        assert_eq!(unflowed(" From here\n  indented\n", false), "From here\n indented\n");
    }

    #[test]
    fn quotations_flow_by_themselves() {
        assert_eq!(unflowed("> a \n> b\n>> c \nd\n>\n", false), "> a b\n>> c \nd\n>\n");
    }

    #[test]
    fn a_signature_ends_a_paragraph() {
        assert_eq!(unflowed("Bye \n-- \nAda\n", false), "Bye \n-- \nAda\n");
    }
}
