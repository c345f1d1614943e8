//! `Label: value` lines, in every shape that forms, tables and mail programs give them.
//!
//! `Service ID: X`, `*Service ID:* X`, `[required] Service ID = X`, `| Service ID | X |`, `Service ID` on one line and
//! the value on the next, several pairs on one line, and a table's row of labels above its row of values.

use regex::{RegexSet, RegexSetBuilder};

use super::{FieldName, plain::plain, sentence::beginning};

/// Longer ones are sentences.
const LABEL_CHARS: usize = 60;
const VALUE_CHARS: usize = 300;
/// Of one mail; more are a log, and no form that a person filled in.
const VALUES: usize = 200;
/// What separates a label from its value; of several the first that leaves a label.
const SEPARATORS: [&str; 8] = [":", "：", "=", "|", "\t", " - ", " – ", "   "];
/// What separates one pair from the next on the same line.
const PAIRS: [char; 5] = [';', '|', ',', '\t', '、'];

/// What may stand behind a label that has its value on the next line.
const AFTER_LABEL: [char; 8] = [':', '：', '|', '=', '*', '_', ' ', '\u{a0}'];

/// What somebody writes into a field that they leave empty.
#[rustfmt::skip]
const NOTHING: [&str; 24] = [
    "", "n/a", "na", "none", "unknown", "tbd", "tba", "not known", "not applicable", "-", "?", "keine", "keiner",
    "unbekannt", "entfällt", "aucun", "aucune", "inconnu", "sans objet", "няма", "неизвестно", "なし", "無し", "不明",
];

/// A label's value as it stands in the mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    pub name: FieldName,
    /// the label as it was written, in plain form
    pub label: String,
    pub value: String,
}

/// The labels of all languages, as one set.
#[derive(Debug, Clone)]
pub struct Labels {
    set: RegexSet,
    names: Vec<FieldName>,
}

impl Labels {
    /// Each label is a regular expression for the whole of a plain label; `size_limit` bounds the compiled set.
    pub fn new(labels: &[(FieldName, String)], size_limit: usize) -> Result<Labels, regex::Error> {
        let whole = labels.iter().map(|(_, pattern)| format!("^(?:{pattern})$"));
        let set = RegexSetBuilder::new(whole).size_limit(size_limit).build()?;
        Ok(Labels { set, names: labels.iter().map(|(name, _)| *name).collect() })
    }

    /// All labelled values of a text's first 64 kB, in order. Quoted lines are others' words.
    pub fn read(&self, text: &str) -> Vec<Labelled> {
        let lines: Vec<&str> = beginning(text).lines().map(unmarked).filter(|l| !l.is_empty()).collect();
        let mut all = Vec::new();
        let mut rest = lines.iter().copied().peekable();
        while let Some(line) = rest.next().filter(|_| all.len() < VALUES) {
            if let Some(heads) = self.heads(line) {
                // A row of labels; the next row has the values.
                let cells = rest.peek().map(|next| cells(next)).filter(|cells| cells.len() == heads.len());
                if let Some(cells) = cells {
                    rest.next();
                    all.extend(
                        heads.into_iter().zip(cells).filter_map(|((name, label), cell)| keep(name, label, cell)),
                    );
                    continue;
                }
            }
            if let Some((name, label, value)) = self.pair(line) {
                self.add_pairs(name, label, value, &mut all);
            } else if let Some((name, label)) = self.label(line.trim_end_matches(AFTER_LABEL)) {
                // The value stands below its label, unless the next line is a label again.
                let below = rest.peek().copied().filter(|next| self.pair(next).is_none());
                let below = below.filter(|next| self.label(next.trim_end_matches(AFTER_LABEL)).is_none());
                if let Some(value) = below.filter(|value| value.chars().count() <= VALUE_CHARS) {
                    rest.next();
                    all.extend(keep(name, label, value));
                }
            }
        }
        all
    }

    fn pair<'t>(&self, line: &'t str) -> Option<(FieldName, String, &'t str)> {
        SEPARATORS
            .iter()
            .filter_map(|mark| {
                let at = line.find(mark)?;
                Some((at, &line[..at], &line[at + mark.len()..]))
            })
            .filter_map(|(at, label, value)| {
                // An empty value may stand on the next line.
                let empty = value.chars().all(|c| c.is_whitespace() || "*_|:".contains(c));
                let (name, label) = self.label(label).filter(|_| !empty)?;
                Some((at, (name, label, value)))
            })
            .min_by_key(|(at, _)| *at)
            .map(|(_, pair)| pair)
    }

    /// The first value, and further pairs behind it on the same line.
    fn add_pairs(&self, name: FieldName, label: String, value: &str, all: &mut Vec<Labelled>) {
        let mut open = (name, label);
        let mut from = 0;
        for (at, mark) in value.char_indices().filter(|(_, c)| PAIRS.contains(c)) {
            let next = value[at + mark.len_utf8()..].split(PAIRS).next().unwrap_or_default();
            if let Some((name, label, inner)) = self.pair(next) {
                all.extend(keep(open.0, std::mem::take(&mut open.1), &value[from..at]));
                open = (name, label);
                // Where the value of this pair begins in the line.
                from = at + mark.len_utf8() + (next.len() - inner.len());
            }
        }
        all.extend(keep(open.0, open.1, &value[from.min(value.len())..]));
    }

    fn heads(&self, line: &str) -> Option<Vec<(FieldName, String)>> {
        let cells = cells(line);
        (cells.len() >= 2).then(|| cells.iter().map(|cell| self.label(cell)).collect::<Option<Vec<_>>>()).flatten()
    }

    fn label(&self, text: &str) -> Option<(FieldName, String)> {
        if text.len() > 4 * LABEL_CHARS || text.chars().count() > LABEL_CHARS {
            return None;
        }
        let label = plain_label(text);
        let first = self.set.matches(&label).into_iter().next()?;
        Some((self.names[first], label))
    }
}

/// Without list marks, stars, numbering and quoted lines.
fn unmarked(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with('>') {
        return "";
    }
    line.trim_start_matches(['-', '*', '•', '–', '·', '・', '|', '#', '■', '●', '◆', '○', '_', ' ', '\u{a0}'])
        .trim_end_matches(['*', '_', ' '])
}

fn cells(line: &str) -> Vec<&str> {
    let mark = if line.contains('|') { '|' } else { '\t' };
    line.trim_matches(['|', ' ']).split(mark).map(str::trim).collect()
}

/// Brackets add to a label (`[required]`, `(with zone)`); they do not make another of it.
fn plain_label(text: &str) -> String {
    let mut bare = String::new();
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '(' | '[' | '（' | '【' | '<' => depth += 1,
            ')' | ']' | '）' | '】' | '>' => depth = depth.saturating_sub(1),
            '-' | '_' => bare.push(' '),
            c if depth == 0 => bare.push(c),
            _ => {}
        }
    }
    let label = plain(&bare);
    // `1. Service ID`, `a) Service ID`
    let label = label.trim().trim_end_matches(['.', ':', '?', ' ']);
    let numbered = label.trim_start_matches(|c: char| c.is_ascii_digit());
    if numbered.len() < label.len() { numbered.trim_start().to_owned() } else { label.to_owned() }
}

fn keep(name: FieldName, label: String, value: &str) -> Option<Labelled> {
    let decoration = |c: char| c.is_whitespace() || "*_|`\"“”„「」".contains(c);
    let value = value.trim_matches(decoration).trim_end_matches([',', ';']).trim_matches(decoration);
    let placeholder = value.starts_with(['<', '[']) && value.ends_with(['>', ']']);
    let nothing = NOTHING.contains(&value.to_lowercase().trim_matches('.'));
    (!placeholder && !nothing).then(|| Labelled { name, label, value: value.chars().take(VALUE_CHARS).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> Labels {
        let all = [
            (FieldName::ServiceId, "service (?:id|number)|サービスid"),
            (FieldName::StartTime, "start(?: time)?|beginn"),
            (FieldName::Impact, "impact"),
        ];
        Labels::new(&all.map(|(name, label)| (name, label.to_owned())), 1 << 20).unwrap()
    }

    fn read(text: &str) -> Vec<(&'static str, String)> {
        labels().read(text).into_iter().map(|l| (l.name.as_str(), l.value)).collect()
    }

    #[test]
    fn a_labelled_value_is_found_in_every_shape() {
        for text in [
            "Service ID: AB-1234",
            "service-id:AB-1234",
            "*Service ID:* AB-1234",
            "**Service ID**: AB-1234",
            " - [required] Service ID = AB-1234,",
            "1. Service number (see contract): AB-1234",
            "| Service ID | AB-1234 |",
            "Service ID\tAB-1234",
            "Service ID:\n\nAB-1234",
            "Service ID\nAB-1234",
            "サービスID：AB-1234",
            "Service\u{a0}ID \u{ff1a}AB-1234",
            "Service ID - AB-1234",
        ] {
            assert_eq!(read(text), [("service-id", "AB-1234".to_owned())], "{text}");
        }
    }

    #[test]
    fn several_pairs_stand_on_one_line_or_in_a_table() {
        let expected = [("service-id", "AB-1234".to_owned()), ("start-time", "9:30, Monday".to_owned())];
        assert_eq!(read("Service ID: AB-1234; Start: 9:30, Monday"), expected);
        assert_eq!(read("Service ID | Start time\nAB-1234 | 9:30, Monday"), expected);
        assert_eq!(read("Service ID: AB-1234, Beginn: 9:30, Monday"), expected);
    }

    #[test]
    fn what_is_left_empty_or_quoted_is_no_value() {
        for text in [
            "Service ID:",
            "Service ID: n/a",
            "Service ID: <your id>",
            "> Service ID: AB-1234",
            "Service ID:\nImpact: none",
            "We have no service ID: which one is it?",
            "",
        ] {
            assert_eq!(read(text), [], "{text}");
        }
    }
}
