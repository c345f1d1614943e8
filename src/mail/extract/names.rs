//! The names in the value of a label: `AB-1234, AB-1235 and AB-1236 (Leeds)`.

use super::prose::is_date_or_time;

const NAMES: usize = 20;
const CHARS: usize = 60;

/// Words between two names of a list.
const AND: [&str; 5] = [" and ", " und ", " et ", " и ", " & "];

/// The names of a list. Each has a digit; what doesn't look like the first of them is something else that stands on the
/// same line: a date, a telephone number, a number of people.
pub fn names(value: &str) -> Vec<&str> {
    let bare = value.split(['(', '（', '[']).next().unwrap_or_default();
    let mut parts: Vec<&str> = bare.split([',', ';', '、', '，']).collect();
    for and in AND {
        parts = parts.into_iter().flat_map(|part| part.split(and)).collect();
    }
    let mut found = parts.into_iter().map(str::trim).filter_map(name);
    let Some(first) = found.next() else { return Vec::new() };
    let like_it = found.filter(|other| looks(other) == looks(first));
    std::iter::once(first).chain(like_it).take(NAMES).collect()
}

/// The name in a part of the list.
fn name(part: &str) -> Option<&str> {
    if part.starts_with('+') || part.chars().nth(CHARS).is_some() {
        return None;
    }
    // "AB-1234 2026-11-24 07:00": a name, and when.
    let when = part.split_whitespace().find(|word| is_date_or_time(word));
    let part = when.and_then(|word| part.split(word).next()).unwrap_or(part).trim();
    // "LON 12345 / 7" is one name; "AB-1234 since Monday" a name and more.
    let short = |word: &str| word.len() <= 4 && !word.contains(|c: char| c.is_lowercase());
    let one = part.split_whitespace().all(|word| has_digit(word) || short(word));
    let name = if one { part } else { part.split_whitespace().find(|word| has_digit(word))? };
    let name = name.trim_matches(['.', ':', '#', '"', '\'']);
    has_digit(name).then_some(name)
}

fn has_digit(text: &str) -> bool {
    text.contains(|c: char| c.is_ascii_digit())
}

/// The shape of a name: letters, digits and marks, however many of them follow each other.
fn looks(name: &str) -> String {
    let mut shape = String::new();
    for c in name.chars() {
        let c = match c {
            c if c.is_ascii_digit() => '9',
            c if c.is_alphabetic() => 'a',
            c => c,
        };
        if !shape.ends_with(c) {
            shape.push(c);
        }
    }
    shape
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn a_list_has_names_that_look_alike_and_nothing_else() {
        for (value, expected) in [
            ("AB-1234, AB-1235 and AB-1236 (Leeds, 2 lines)", vec!["AB-1234", "AB-1235", "AB-1236"]),
            ("IS-9001, since 2026-11-24 07:00 UTC, 40 people, +49 30 555 0123", vec!["IS-9001"]),
            ("IS-9001, 24.11.2026, 07:00, 030 555 0123, office 3", vec!["IS-9001"]),
            ("IS-9001 2026-11-24 07:00", vec!["IS-9001"]),
            ("since 2026-11-24 07:00", vec![]),
            ("LON 12345 / 7", vec!["LON 12345 / 7"]),
            ("AB-1234 since Monday", vec!["AB-1234"]),
            ("445566; 445567", vec!["445566", "445567"]),
            ("FRA/MUC/IA-00013、FRA/MUC/IA-00014", vec!["FRA/MUC/IA-00013", "FRA/MUC/IA-00014"]),
            ("see below", vec![]),
        ] {
            assert_eq!(names(value), expected, "{value}");
        }
    }
}
