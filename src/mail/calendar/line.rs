//! Content lines (RFC 5545 §3.1): a name, parameters and a value, escaped, folded after 75 octets, ended by CRLF.

use chrono::{DateTime, Datelike, Timelike, Utc};

const LINE_OCTETS: usize = 75;
const LAST_YEAR: i32 = 9999;

#[derive(Debug, Default)]
pub(super) struct Lines(String);

impl Lines {
    /// A value that is written as it stands: a number, a time, a word of the standard.
    pub fn plain(&mut self, name: &str, value: &str) {
        self.folded(&format!("{name}:{}", unbroken(value)));
    }

    pub fn text(&mut self, name: &str, text: &str) {
        self.folded(&format!("{name}:{}", escaped(text)));
    }

    /// A text with a parameter whose value is a word of the standard.
    pub fn text_with(&mut self, name: &str, (parameter, word): (&str, &str), text: &str) {
        self.folded(&format!("{name};{parameter}={word}:{}", escaped(text)));
    }

    pub fn time(&mut self, name: &str, at: DateTime<Utc>) {
        self.plain(name, &written(at));
    }

    pub fn finish(self) -> String {
        self.0
    }

    fn folded(&mut self, line: &str) {
        let mut octets = 0;
        for c in line.chars() {
            // Between characters, never within one: some programs decode before they unfold.
            if octets + c.len_utf8() > LINE_OCTETS {
                self.0.push_str("\r\n ");
                octets = 1;
            }
            self.0.push(c);
            octets += c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

/// A name as a parameter has it, between quotes, where neither quotes nor escapes may stand (§3.2).
pub(super) fn quoted(value: &str) -> String {
    format!("\"{}\"", unbroken(value).replace('"', "'"))
}

/// `20261208T220000Z`. A year that the form has no room for becomes the last one that it has.
fn written(at: DateTime<Utc>) -> String {
    let (date, time) = (at.date_naive(), at.time());
    let year = date.year().clamp(0, LAST_YEAR);
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!("{year:04}{:02}{:02}T{hour:02}{minute:02}{second:02}Z", date.month(), date.day())
}

/// A value of type TEXT (§3.3.11).
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    let mut after_return = false;
    for c in text.chars() {
        match c {
            '\n' if after_return => {}
            // The separators of Unicode end a line for some programs, in the middle of a content line, too.
            '\r' | '\n' | '\u{2028}' | '\u{2029}' => out.push_str("\\n"),
            '\\' | ',' | ';' => {
                out.push('\\');
                out.push(c);
            }
            '\t' => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
        after_return = c == '\r';
    }
    out
}

/// What can't end the line that it stands in.
fn unbroken(value: &str) -> String {
    value.chars().filter(|c| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}')).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(text: &str) -> String {
        let mut lines = Lines::default();
        lines.text("DESCRIPTION", text);
        lines.finish()
    }

    /// What another reader makes of a whole calendar with this description.
    fn read_back(text: &str) -> String {
        let calendar = format!("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{}END:VEVENT\r\nEND:VCALENDAR\r\n", line(text));
        let unfolded = icalendar::parser::unfold(&calendar);
        let read = icalendar::parser::read_calendar(&unfolded).unwrap();
        read.components[0].find_prop("DESCRIPTION").unwrap().val.as_str().to_owned()
    }

    proptest! {
        #[test]
        fn any_text_comes_back_from_another_reader(text in "[^\\p{Cc}\u{2028}\u{2029}]{0,400}") {
            prop_assert_eq!(read_back(&text), text);
        }

        #[test]
        fn texts_of_what_must_be_escaped_come_back(text in "[ab,;:\\\\nN\"\n é日]{0,200}") {
            prop_assert_eq!(read_back(&text), text);
        }

        #[test]
        fn no_line_is_too_long_or_broken_within_a_character(text in any::<String>()) {
            let written = line(&text);
            prop_assert!(written.ends_with("\r\n"));
            for (n, line) in written.strip_suffix("\r\n").unwrap().split("\r\n").enumerate() {
                prop_assert!(line.len() <= LINE_OCTETS, "{}: {line}", line.len());
                prop_assert_eq!(line.starts_with(' '), n > 0, "{}", line);
                prop_assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
            }
        }

        #[test]
        fn whatever_a_text_is_it_begins_no_property_of_its_own(text in any::<String>()) {
            let calendar = format!("BEGIN:VEVENT\r\n{}END:VEVENT\r\n", line(&text));
            let unfolded = icalendar::parser::unfold(&calendar);
            let read = icalendar::parser::read_components(&unfolded).unwrap();
            prop_assert_eq!(read[0].properties.len(), 1);
        }
    }

    #[test]
    fn what_separates_values_is_escaped_although_readers_forgive_it() {
        assert_eq!(line("a,b;c\\d:e\"f"), "DESCRIPTION:a\\,b\\;c\\\\d:e\"f\r\n");
    }

    #[test]
    fn line_ends_of_all_kinds_are_one_escape() {
        assert_eq!(line("a\r\nb\nc\rd\u{2028}e"), "DESCRIPTION:a\\nb\\nc\\nd\\ne\r\n");
    }

    #[test]
    fn a_name_in_a_parameter_can_not_end_it() {
        assert_eq!(quoted("Works\" ;X=\"y\r\nZ:1"), "\"Works' ;X='yZ:1\"");
    }

    #[test]
    fn a_year_beyond_the_form_is_the_last() {
        assert_eq!(written(DateTime::<Utc>::MAX_UTC), "99991231T235959Z");
        assert_eq!(written(DateTime::from_timestamp(1_796_767_200, 999_999_999).unwrap()), "20261208T220000Z");
    }
}
