//! How a mail looks beside another one: what a robot says is the same again and again, but for the time and a number.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

use super::{incoming::Incoming, subject};
use crate::desk::reference::Reference;

const LOOKED_AT: usize = 20_000;

/// Hashes for comparing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looks {
    /// the subject as it is, the text without numbers
    pub same: String,
    /// both without numbers
    pub alike: String,
    /// the subject as it is; empty when there is none
    pub subject: String,
    /// it holds a reference of the desk somewhere, quotations included
    pub cites_us: bool,
}

/// `reply` is what was written now. Prefixes of answers and the desk's references in the subject don't count; attachments
/// do, with name and size: a scanner sends the same words each time, but not the same paper.
pub fn looks(mail: &Incoming, reply: &str) -> Looks {
    let subject = subject::clean(&mail.subject).to_lowercase();
    let text = without_numbers(reply);
    let files: Vec<String> = mail
        .attachments
        .iter()
        .filter(|file| !file.inline)
        .map(|file| format!("{} {}", file.name, file.size_bytes))
        .collect();
    let files = files.join("\n");
    Looks {
        same: hash(&[&subject, &text, &files]),
        alike: hash(&[&without_numbers(&subject), &text, &files]),
        subject: if subject.is_empty() { String::new() } else { hash(&[&subject]) },
        cites_us: !Reference::find_all(&mail.text).is_empty(),
    }
}

/// Letters alone, in lower case.
fn without_numbers(text: &str) -> String {
    text.chars().take(LOOKED_AT).filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

fn hash(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    HEXLOWER.encode(&hash.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(subject: &str, text: &str) -> Looks {
        let mail = Incoming { subject: subject.to_owned(), text: text.to_owned(), ..Incoming::default() };
        looks(&mail, text)
    }

    #[test]
    fn numbers_and_prefixes_make_no_difference_and_words_do() {
        let first = of("Re: [1-0123456789] Thank you", "Ticket 4711 was opened at 10:15.");
        let second = of("Thank you", "Ticket 4712 was opened at 10:16.");
        assert_eq!((&first.same, &first.subject), (&second.same, &second.subject));
        assert_ne!(first.same, of("Thank you", "Ticket 4712 was closed at 10:16.").same);
        let numbered = of("Ticket 4713", "Ticket 4712 was opened at 10:16.");
        assert_ne!(numbered.same, of("Ticket 4714", "Ticket 4712 was opened at 10:16.").same);
        assert_eq!(numbered.alike, of("Ticket 4714", "Ticket 4712 was opened at 10:16.").alike);
    }

    #[test]
    fn a_mail_without_a_subject_has_none_in_common_with_another() {
        assert!(of("Re:", "x").subject.is_empty());
    }
}
