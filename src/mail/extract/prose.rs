//! Fields from running text: addresses, telephone numbers, and names of services behind the word for them.

use std::net::{Ipv4Addr, Ipv6Addr};

use regex::{Regex, RegexBuilder};

use super::{FieldName, Fields, Place, sentence::beginning};

/// `our service AB-1234`, `Leitung Nr. AB-1234`: a label's word, and behind it a name with a digit in it.
#[derive(Debug, Clone)]
pub struct Named(Vec<(FieldName, Regex)>);

/// Words that may stand between what a thing is and its name.
const BETWEEN: &str = r"(?:[\s:：#]|n[ro°]?\.?\s|id\s|no\.\s?|number\s|is\s|ist\s|lautet\s|est\s|е\s|le\s|номер\s|№\s?|番号|は|が|の|「)*";
const NAME: &str = r"(?-i:[A-Za-z0-9]|\p{Cyrillic})[A-Za-z0-9/_.-]{0,38}";

impl Named {
    /// Each pattern is one for labels, as in a cue file. Only what names a service or a customer is looked for.
    pub fn new(labels: &[(FieldName, String)], size_limit: usize) -> Result<Named, regex::Error> {
        let names = [FieldName::ServiceId, FieldName::CircuitId, FieldName::OrderNumber, FieldName::CustomerNumber];
        let mut all = Vec::new();
        for name in names {
            let words: Vec<&str> = labels.iter().filter(|(n, _)| *n == name).map(|(_, p)| p.as_str()).collect();
            if words.is_empty() {
                continue;
            }
            // Labels are written for plain text: there a hyphen is a blank.
            let words = words.join("|").replace(" ?", r"[\s_-]*").replace(' ', r"[\s_-]+");
            let pattern = format!(r"(?:^|[^a-zà-ÿа-я0-9])(?:{words}){BETWEEN}(?P<name>{NAME})");
            let regex = RegexBuilder::new(&pattern).case_insensitive(true).size_limit(size_limit).build()?;
            all.push((name, regex));
        }
        Ok(Named(all))
    }

    pub fn read(&self, text: &str, place: Place, fields: &mut Fields) {
        for (name, regex) in &self.0 {
            for found in regex.captures_iter(beginning(text)) {
                let value = found["name"].trim_end_matches(['.', '-', '/', '_']);
                if is_name(value) {
                    fields.add(*name, value, place, "behind its word");
                }
            }
        }
    }
}

/// A name has two digits at least, and is no time, address or way of saying "always".
fn is_name(value: &str) -> bool {
    if ["24x7", "24/7", "7x24"].contains(&value.to_lowercase().as_str()) {
        return false;
    }
    let digits = value.chars().filter(char::is_ascii_digit).count();
    let number = value.parse::<u32>();
    let year = number.is_ok_and(|n| (1990..2100).contains(&n));
    let date = value.len() == 10 && (value.starts_with("20") || value.contains('.')) && digits == 8;
    !year && !date && digits >= 2 && value.len() >= 4 && value.parse::<Ipv4Addr>().is_err()
}

/// `2026-11-24`, `24.11.2026`, `24/11`, `07:00`, `2026-11-24T07:00Z`: no name has such a shape.
pub(super) fn is_date_or_time(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let of_digits = |text: &str, longest: usize| {
        (1..=longest).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if let Some((hour, minute)) = word.split_once(':') {
        let hour = hour.rsplit(['T', 't']).next().unwrap_or_default();
        return of_digits(hour, 2) && minute.len() >= 2 && minute.is_char_boundary(2) && of_digits(&minute[..2], 2);
    }
    ['-', '.', '/'].iter().any(|mark| {
        let parts: Vec<&str> = word.split(*mark).take(4).collect();
        match parts.as_slice() {
            [year, month, day] if year.len() == 4 => of_digits(year, 4) && of_digits(month, 2) && of_digits(day, 2),
            [day, month, year] => of_digits(day, 2) && of_digits(month, 2) && of_digits(year, 4),
            _ => false,
        }
    })
}

const ADDRESSES: usize = 20;

/// IP addresses with their prefix or port.
pub fn addresses(text: &str, fields: &mut Fields) {
    let part = |c: char| c.is_ascii_alphanumeric() || ".:/[]%".contains(c);
    let words = beginning(text).split(|c| !part(c)).filter(|w| (2..=60).contains(&w.len()));
    for word in words.map(|w| w.trim_end_matches(['.', ':', '/'])).filter(|w| is_address(w)).take(ADDRESSES) {
        fields.add(FieldName::IpAddresses, word, Place::Prose, "ip address");
    }
}

fn is_address(word: &str) -> bool {
    let bracketed = word.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    if let Some((inner, after)) = bracketed {
        return inner.parse::<Ipv6Addr>().is_ok() && (after.is_empty() || after.strip_prefix(':').is_some_and(is_port));
    }
    let (address, prefix) = word.split_once('/').map_or((word, None), |(a, p)| (a, Some(p)));
    let at_most = |limit: u8| prefix.is_none_or(|p| p.parse::<u8>().is_ok_and(|bits| bits <= limit));
    if address.matches(':').count() >= 2 {
        return address.parse::<Ipv6Addr>().is_ok() && at_most(128);
    }
    let (host, port) = address.split_once(':').map_or((address, None), |(h, p)| (h, Some(p)));
    // A port and a prefix exclude each other.
    let behind = match (port, prefix) {
        (Some(port), None) => is_port(port),
        (None, _) => at_most(32),
        (Some(_), Some(_)) => false,
    };
    behind && host.parse::<Ipv4Addr>().is_ok_and(|ip| !ip.is_unspecified())
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0)
}

/// Words before a telephone number, in plain form; `+` needs none.
#[rustfmt::skip]
const TELEPHONES: [&str; 30] = [
    "tel", "phone", "telephone", "mobile", "cell", "fon", "ph", "call me", "call me on", "call me at", "reach me at",
    "direct", "telefon", "mobil", "handy", "durchwahl", "rückruf", "tél", "téléphone", "portable", "mob", "joignable au",
    "тел", "телефон", "моб", "мобилен", "電話", "携帯", "内線", "電話番号",
];
const NUMBERS: usize = 20;

/// Telephone numbers: with a `+`, or behind a word that says so.
pub fn telephones(text: &str, fields: &mut Fields) {
    for line in beginning(text).lines() {
        let mut rest = line;
        while let Some(at) = rest.find(|c: char| c == '+' || c.is_ascii_digit() || c == '(') {
            let (before, here) = rest.split_at(at);
            let number = number(here);
            let digits = number.chars().filter(char::is_ascii_digit).count();
            let glued = before.ends_with(|c: char| c.is_alphanumeric() || "-/.@_".contains(c));
            let international = number.starts_with('+') && !glued;
            let fits = (7..=15).contains(&digits) && (international || !glued && is_announced(before));
            if fits && fields.of(FieldName::TelephoneNumbers).count() < NUMBERS {
                fields.add(FieldName::TelephoneNumbers, number, Place::Prose, "telephone number");
            }
            let step = number.len().max(here.chars().next().map_or(1, char::len_utf8));
            rest = &here[step..];
        }
    }
}

/// Digits with the marks that people put between them.
fn number(text: &str) -> &str {
    let end = text
        .char_indices()
        .find(|(n, c)| !(c.is_ascii_digit() || " -./()\u{a0}".contains(*c) || *c == '+' && *n == 0))
        .map_or(text.len(), |(n, _)| n);
    // A sentence or another number begins behind two blanks.
    let text = &text[..end];
    let text = text.split("  ").next().unwrap_or(text);
    text.trim_end_matches([' ', '-', '.', '/', '(', '\u{a0}'])
}

fn is_announced(before: &str) -> bool {
    let start = before.char_indices().rev().nth(30).map_or(0, |(n, _)| n);
    let tail = super::plain::plain(&before[start..]);
    let tail = tail.trim_end_matches([' ', ':', ',']);
    TELEPHONES.iter().any(|word| match word.chars().next() {
        Some(c) if c >= '\u{2e80}' => tail.ends_with(word),
        _ => tail.strip_suffix(word).is_some_and(|rest| rest.is_empty() || rest.ends_with(' ')),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(fields: &Fields) -> Vec<&str> {
        fields.iter().map(|found| found.value.as_str()).collect()
    }

    #[test]
    fn addresses_are_found_with_ports_and_prefixes() {
        let mut fields = Fields::default();
        let text = "From 192.0.2.7 to 198.51.100.9:5060, net 203.0.113.0/24 and 2001:db8::1, [2001:db8::2]:443, \
                    2001:db8:1::/48. Not 1.2.3, 300.1.1.1, 12:30:45, 192.0.2.1/99, 2026.11.03 or ::.";
        addresses(text, &mut fields);
        let expected =
            ["192.0.2.7", "198.51.100.9:5060", "203.0.113.0/24", "2001:db8::1", "[2001:db8::2]:443", "2001:db8:1::/48"];
        assert_eq!(values(&fields), expected);
    }

    #[test]
    fn telephone_numbers_need_a_plus_or_a_word() {
        let mut fields = Fields::default();
        let text = "Ada, +49 30 1234-567 (office)\nTel.: 030 / 123 45 67\n電話番号：03-1234-5678\nOrder 0301234567\n\
                    Please call me on 0171 1234567 today.\nLine 1-0123456789, 2026-11-03";
        telephones(text, &mut fields);
        assert_eq!(values(&fields), ["+49 30 1234-567", "030 / 123 45 67", "03-1234-5678", "0171 1234567"]);
    }

    #[test]
    fn a_name_stands_behind_the_word_for_it() {
        let labels =
            [(FieldName::ServiceId, "service(?: id)?".to_owned()), (FieldName::CircuitId, "leitung|回線".to_owned())];
        let named = Named::new(&labels, 1 << 20).unwrap();
        let mut fields = Fields::default();
        let text = "Our service AB-1234 is down. Die Leitung Nr. LON/99/X ist tot, 回線番号はXY5678です。 \
                    The service is slow since 2026, service 24x7, services 9999.";
        named.read(text, Place::Prose, &mut fields);
        assert_eq!(values(&fields), ["AB-1234", "LON/99/X", "XY5678"]);
    }
}
