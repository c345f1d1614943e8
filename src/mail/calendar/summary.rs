//! The SUMMARY of a maintenance notification: one line that every program reads, however simple it is.
//!
//! ASCII, at most 67 octets, so that `SUMMARY:…` needs no folding, and nothing that would be escaped. What can't be said so
//! (Cyrillic, Japanese) is said by the fallback; the description has it in its own letters.

const OCTETS: usize = 67;
const CUT: &str = "...";

/// The text as such a line, else `fallback` (ASCII), when it has letters that have no Latin form.
pub(super) fn ascii(text: &str, fallback: &str) -> String {
    let text: String = text.chars().take(OCTETS * 4).collect();
    let folded: Option<String> = text.chars().map(latin).collect();
    let line = folded.map(|line| one_line(&line)).filter(|line| line.bytes().any(|b| b.is_ascii_alphanumeric()));
    line.unwrap_or_else(|| one_line(&fallback.chars().filter(char::is_ascii).collect::<String>()))
}

fn one_line(text: &str) -> String {
    let plain = text.replace([',', ';', '\\'], " ");
    let words = plain.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    if line.len() <= OCTETS {
        return line;
    }
    let head = &line[..OCTETS - CUT.len()];
    // Whole words, unless there is but one.
    let head = head.rsplit_once(' ').map_or(head, |(head, _)| head);
    format!("{head}{CUT}")
}

/// How a character is written with ASCII; `None`: it can't be.
fn latin(c: char) -> Option<&'static str> {
    Some(match c {
        ' '..='~' => {
            let at = c as usize - ' ' as usize;
            &ASCII[at..=at]
        }
        'Ä' | 'Æ' => "Ae",
        'Ö' | 'Ø' | 'Œ' => "Oe",
        'Ü' => "Ue",
        'ä' | 'æ' => "ae",
        'ö' | 'ø' | 'œ' => "oe",
        'ü' => "ue",
        'ß' => "ss",
        'À' | 'Á' | 'Â' | 'Ã' | 'Å' => "A",
        'à' | 'á' | 'â' | 'ã' | 'å' => "a",
        'Ç' => "C",
        'ç' => "c",
        'È' | 'É' | 'Ê' | 'Ë' => "E",
        'è' | 'é' | 'ê' | 'ë' => "e",
        'Ì' | 'Í' | 'Î' | 'Ï' => "I",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'Ñ' => "N",
        'ñ' => "n",
        'Ò' | 'Ó' | 'Ô' | 'Õ' => "O",
        'ò' | 'ó' | 'ô' | 'õ' => "o",
        'Ù' | 'Ú' | 'Û' => "U",
        'ù' | 'ú' | 'û' => "u",
        'Ý' | 'Ÿ' => "Y",
        'ý' | 'ÿ' => "y",
        '‐' | '‑' | '–' | '—' | '−' => "-",
        '‘' | '’' | '‚' => "'",
        '“' | '”' | '„' | '«' | '»' => "\"",
        '…' => CUT,
        '·' | '•' => "-",
        '→' => "->",
        '×' => "x",
        c if c.is_whitespace() => " ",
        c if c.is_control() => "",
        // Signs without a sound say nothing that would be missed.
        c if !c.is_alphanumeric() => " ",
        _ => return None,
    })
}

/// All of ASCII that is printed, in order.
const ASCII: &str = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn german_and_french_are_written_with_ascii() {
        let german = "Geplante Arbeiten – Störung für Größe „A“, Di 8. Dez";
        assert_eq!(ascii(german, "x"), "Geplante Arbeiten - Stoerung fuer Groesse \"A\" Di 8. Dez");
        assert_eq!(ascii("Travaux prévus : cœur de réseau", "x"), "Travaux prevus : coeur de reseau");
    }

    #[test]
    fn what_has_no_latin_form_is_said_by_the_fallback() {
        assert_eq!(ascii("Планирани работи", "Planned works 12"), "Planned works 12");
        assert_eq!(ascii("計画作業のお知らせ", "Planned works 12"), "Planned works 12");
        assert_eq!(ascii("Planned 作業", "Planned works 12"), "Planned works 12", "half of it would mislead");
        assert_eq!(ascii("…", "Planned works 12"), "Planned works 12");
    }

    #[test]
    fn a_long_summary_is_cut_between_words() {
        let long = "Planned works on Tuesday 8 December: DSL-4711, DSL-4712, DSL-4713, DSL-4714";
        assert_eq!(ascii(long, "x"), "Planned works on Tuesday 8 December: DSL-4711 DSL-4712 DSL-4713...");
        assert_eq!(ascii(&"w".repeat(300), "x").len(), 67);
    }

    proptest! {
        #[test]
        fn every_summary_is_one_short_line_of_ascii(text in any::<String>(), fallback in any::<String>()) {
            let line = ascii(&text, &fallback);
            prop_assert!(line.len() <= OCTETS && line.is_ascii());
            prop_assert!(!line.contains(|c: char| c.is_control() || ",;\\".contains(c)), "{line}");
        }
    }
}
