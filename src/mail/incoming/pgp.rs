//! PGP within the text: the armour of a signature is left out, that of a message says that it can't be read.

/// What was found in the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Armour {
    #[default]
    None,
    Signed,
    Encrypted,
}

const SIGNED: &str = "-----BEGIN PGP SIGNED MESSAGE-----";
const SIGNATURE: &str = "-----BEGIN PGP SIGNATURE-----";
const SIGNATURE_END: &str = "-----END PGP SIGNATURE-----";
const MESSAGE: &str = "-----BEGIN PGP MESSAGE-----";
const MESSAGE_END: &str = "-----END PGP MESSAGE-----";
/// So much beside an encrypted message is what gateways and lists add, not what the writer said.
const BESIDE_CHARS: usize = 400;

/// The text as its writer wrote it (RFC 9580 §7), and what stood around it.
pub fn without_armour(text: String) -> (String, Armour) {
    if !text.contains("-----BEGIN PGP ") {
        return (text, Armour::None);
    }
    if is_encrypted(&text) {
        return (text, Armour::Encrypted);
    }
    if !text.lines().any(|line| line.trim_end() == SIGNED) {
        return (text, Armour::None);
    }
    let mut kept = String::with_capacity(text.len());
    let mut place = Place::Outside;
    for line in text.lines() {
        let bare = line.trim_end();
        place = match (place, bare) {
            (Place::Outside, SIGNED) => Place::Header,
            // "Hash: SHA256" and the like, to an empty line.
            (Place::Header, "") => Place::Text,
            (Place::Header, _) if !bare.contains(": ") => {
                push(&mut kept, line);
                Place::Text
            }
            (Place::Text, SIGNATURE) => Place::Signature,
            (Place::Text, _) => {
                push(&mut kept, line.strip_prefix("- ").unwrap_or(line));
                Place::Text
            }
            (Place::Signature, SIGNATURE_END) => Place::Outside,
            (Place::Outside, _) => {
                push(&mut kept, line);
                Place::Outside
            }
            (unchanged, _) => unchanged,
        };
    }
    (kept, Armour::Signed)
}

#[derive(Clone, Copy)]
enum Place {
    Outside,
    Header,
    Text,
    Signature,
}

fn push(kept: &mut String, line: &str) {
    kept.push_str(line);
    kept.push('\n');
}

fn is_encrypted(text: &str) -> bool {
    let mut inside = false;
    let (mut found, mut beside) = (false, 0);
    for line in text.lines().map(str::trim_end) {
        match line {
            MESSAGE => (inside, found) = (true, true),
            MESSAGE_END => inside = false,
            _ if !inside && !line.starts_with('>') => beside += line.chars().count(),
            _ => {}
        }
    }
    found && beside <= BESIDE_CHARS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signed_text_is_shown_without_its_armour() {
        let text =
            format!("{SIGNED}\nHash: SHA256\n\nHello\n- -- \nAda\n{SIGNATURE}\n\niQ==\n{SIGNATURE_END}\nfooter\n");
        assert_eq!(without_armour(text), ("Hello\n-- \nAda\nfooter\n".to_owned(), Armour::Signed));
    }

    #[test]
    fn an_encrypted_text_is_known_and_one_that_shows_such_is_none() {
        let armour = format!("{MESSAGE}\n\nhQEM\n{MESSAGE_END}\n");
        assert_eq!(without_armour(format!("\n{armour}")).1, Armour::Encrypted);
        assert_eq!(without_armour(format!("{}\n{armour}", "I got this mail. ".repeat(40))).1, Armour::None);
        assert_eq!(without_armour(armour.replace("-----BEGIN", "> -----BEGIN")).1, Armour::None);
    }
}
