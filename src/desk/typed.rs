//! Texts that staff type, and many read: bounded, and without what no mail, page, feed or terminal may hold.

use super::lifecycle::Refusal;

/// A text without control characters, whatever program it was pasted from; lines stay lines.
///
/// # Errors
/// It is empty, or has more than `most` characters. `what` names it: "the impact".
pub fn typed(text: &str, what: &str, most: usize) -> Result<String, Refusal> {
    // Word breaks lines with VT, pages with FF.
    let text = text.replace("\r\n", "\n").replace(['\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}'], "\n");
    let text: String = text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect();
    let text = text.trim();
    match text.chars().count() {
        0 => Err(Refusal(format!("{what} is empty"))),
        n if n > most => Err(Refusal(format!("{what} is longer than {most} characters"))),
        _ => Ok(text.to_owned()),
    }
}

/// The same on one line.
///
/// # Errors
/// As [`typed`].
pub fn typed_line(text: &str, what: &str, most: usize) -> Result<String, Refusal> {
    let text = typed(text, what, most)?;
    Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_pasted_is_cleaned_and_what_is_empty_or_too_long_refused() {
        assert_eq!(typed(" a\r\nb\u{b}c\u{1b}[1m\u{0} ", "it", 20).unwrap(), "a\nb\nc [1m");
        assert_eq!(typed_line("a\nb\tc", "it", 20).unwrap(), "a b c");
        assert_eq!(typed("\u{c}\n", "the impact", 20).unwrap_err().0, "the impact is empty");
        assert!(typed("äää", "it", 3).is_ok());
        assert!(typed("äääx", "it", 3).is_err());
    }
}
