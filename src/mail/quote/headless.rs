//! A text without the headers of the mails that it hands on: what they say is about those mails, and not about the matter.

use super::header;

/// A text, its headers (`From:`, `Sent:`, `To:`, `Subject:`) made blank lines, and where the words below the last of
/// them begin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Headless {
    pub text: String,
    pub below: Option<usize>,
}

impl Headless {
    pub fn of(text: &str) -> Headless {
        let lines: Vec<&str> = text.lines().collect();
        let mut headless = Headless { text: String::with_capacity(text.len() + 1), below: None };
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            if let Some(header) = header::at(lines[at..].iter().copied()) {
                let taken = header.lines.max(1);
                (0..taken).for_each(|_| headless.text.push('\n'));
                headless.below = Some(headless.text.len());
                at += taken;
            } else {
                headless.text.push_str(line);
                headless.text.push('\n');
                at += 1;
            }
        }
        headless
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_left_out_and_other_lines_stay() {
        let text = "Please see below.\n\n-----Original Message-----\nFrom: Ada <ada@books.example>\n\
                    Sent: Tuesday, 24 November 2026 09:00\nTo: Bob\nSubject: Line\n\nIt is down since 8:30.\n";
        let headless = Headless::of(text);
        assert!(!headless.text.contains("Sent:") && headless.text.contains("Original"), "{headless:?}");
        assert_eq!(headless.text[headless.below.unwrap()..].trim(), "It is down since 8:30.");
        let form = "Service ID: AB-1234\nFrom: 09:00\nTo: 11:00\n";
        assert_eq!(Headless::of(form), Headless { text: form.to_owned(), below: None });
    }
}
