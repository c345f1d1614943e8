//! The block by which a customer asks for management attention in writing:
//!
//! ```text
//! ******************* Request Management Attention *******************
//! Reason for requested management attention, including business impact …
//! Business or implementation milestone, critical date(s) …
//! Name of the person requesting management attention, contact information …
//! ************* Request Management Attention *************
//! ```
//!
//! It is known by its title on a line of its own, whatever is left of the rest: the number of stars varies, the closing
//! line may repeat the opening one or lack, quoting, HTML and wrapping may have taken it apart. What stands behind each
//! of its three labels is its value; where the writer put the values in place of the labels, their order tells.

use regex::{Regex, RegexBuilder};

use super::plain::plain;

/// Of a block that has no end so much is read.
const LINES: usize = 60;

/// The words of one language.
#[derive(Debug, Clone, Default)]
pub struct Words {
    pub titles: Vec<String>,
    pub reason: Vec<String>,
    pub milestone: Vec<String>,
    pub contact: Vec<String>,
}

/// The block as it was filled in; empty where it was not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    pub reason: String,
    pub milestone: String,
    pub contact: String,
}

/// Finds the block.
#[derive(Debug, Clone)]
pub struct Attention {
    /// plain, without blanks: a title may be wrapped or spaced
    titles: Vec<String>,
    labels: [Option<Regex>; 3],
}

impl Attention {
    pub fn new(languages: &[Words], size_limit: usize) -> Result<Attention, regex::Error> {
        let all = |choose: fn(&Words) -> &Vec<String>| languages.iter().flat_map(choose).collect::<Vec<&String>>();
        let labels = [
            label(&all(|w| &w.reason), size_limit)?,
            label(&all(|w| &w.milestone), size_limit)?,
            label(&all(|w| &w.contact), size_limit)?,
        ];
        Ok(Attention { titles: all(|w| &w.titles).into_iter().map(|title| glued(title)).collect(), labels })
    }

    /// The first block of a text.
    pub fn read(&self, text: &str) -> Option<Block> {
        let written: Vec<&str> = super::sentence::beginning(text).lines().collect();
        let lines: Vec<&str> = written.iter().copied().map(unquoted).collect();
        let (title, decorated, inner) = lines.iter().enumerate().find_map(|(n, line)| {
            let next = lines.get(n + 1).copied().unwrap_or_default();
            if self.is_title(line) {
                Some((n, is_decorated(line), n + 1))
            } else if is_decorated(line) && self.is_title(&format!("{line} {next}")) {
                // A long row of stars made the program wrap the title.
                Some((n, true, n + 2))
            } else {
                None
            }
        })?;
        // A quotation that ends takes the block along; a line that only lost its mark is not empty.
        let ends = |n: &usize| lines[*n].is_empty() && depth(written[*n]) < depth(written[title]);
        let within = (inner + LINES).min(lines.len());
        let rest = lines.get(inner..(inner..within).find(ends).unwrap_or(within)).unwrap_or_default();
        let close = rest.iter().position(|line| self.is_title(line) || is_row(line));
        let closed = close.is_some_and(|n| self.is_title(rest[n]));
        let body = rest[..close.unwrap_or(rest.len())].join("\n");
        let labelled = self.by_labels(&body);
        // A bare line of these words may be a subject or a heading.
        let sure = decorated || closed || labelled.is_some() || lines[..title].iter().any(|line| is_row(line));
        sure.then(|| labelled.unwrap_or_else(|| by_order(&body, close.is_some())))
    }

    fn is_title(&self, line: &str) -> bool {
        line.len() <= 400 && self.titles.contains(&glued(line))
    }

    fn by_labels(&self, body: &str) -> Option<Block> {
        let places: Vec<Option<(usize, usize)>> = self
            .labels
            .iter()
            .map(|label| label.as_ref().and_then(|r| r.find(body)).map(|found| (found.start(), found.end())))
            .collect();
        let mut starts: Vec<usize> = places.iter().flatten().map(|(start, _)| *start).collect();
        starts.sort_unstable();
        let value = |place: Option<(usize, usize)>| {
            let Some((start, end)) = place else { return String::new() };
            let next = starts.iter().copied().find(|s| *s > start && *s >= end).unwrap_or(body.len());
            tidy(&body[end..next])
        };
        (!starts.is_empty()).then(|| Block {
            reason: value(places[0]),
            milestone: value(places[1]),
            contact: value(places[2]),
        })
    }
}

/// Without labels: three paragraphs or lines are the three answers; of something else all is the reason.
fn by_order(body: &str, closed: bool) -> Block {
    // Without an end nobody knows where the block stops.
    let body = if closed { body } else { body.split("\n\n").find(|p| !p.trim().is_empty()).unwrap_or_default() };
    let parts = |mark: &str| -> Vec<String> { body.split(mark).map(tidy).filter(|part| !part.is_empty()).collect() };
    for parts in [parts("\n\n"), parts("\n")] {
        if let [reason, milestone, contact] = parts.as_slice() {
            return Block { reason: reason.clone(), milestone: milestone.clone(), contact: contact.clone() };
        }
    }
    Block { reason: tidy(body), ..Block::default() }
}

/// The labels as they may stand in a mail: blanks may be line ends, Japanese may be broken anywhere.
fn label(texts: &[&String], size_limit: usize) -> Result<Option<Regex>, regex::Error> {
    if texts.is_empty() {
        return Ok(None);
    }
    let mut texts: Vec<String> = texts.iter().map(|text| flexible(text)).collect();
    // The longest first: the rest of a long label is no value.
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    let pattern = texts.join("|");
    RegexBuilder::new(&pattern).case_insensitive(true).size_limit(size_limit).build().map(Some)
}

fn flexible(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        match c {
            ' ' => pattern.push_str(r"\s+"),
            ',' | '、' => pattern.push_str(r"\s*[,、，]?"),
            '(' | '（' => pattern.push_str(r"[(（]?\s*"),
            ')' | '）' => pattern.push_str(r"\s*[)）]?"),
            c => {
                pattern.push_str(&regex::escape(&c.to_string()));
                if c >= '\u{2e80}' {
                    pattern.push_str(r"\s*");
                }
            }
        }
    }
    pattern
}

/// Without quotation marks and the blanks around them, however deep.
fn unquoted(line: &str) -> &str {
    line.trim_start_matches(|c: char| c == '>' || c == '|' || c.is_whitespace()).trim_end()
}

/// How deep a line is quoted.
fn depth(line: &str) -> usize {
    line.chars().take_while(|c| matches!(c, '>' | '|') || c.is_whitespace()).filter(|c| !c.is_whitespace()).count()
}

/// All letters of a line in one word.
fn glued(text: &str) -> String {
    plain(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

fn is_mark(c: char) -> bool {
    matches!(c, '*' | '＊' | '=' | '-' | '_' | '#' | '~' | '─' | '━' | '★' | '✱' | '∗' | '•' | '\\')
}

fn is_decorated(line: &str) -> bool {
    line.chars().filter(|c| is_mark(*c)).count() >= 3
}

/// Nothing but stars: what is left of the closing line.
fn is_row(line: &str) -> bool {
    line.chars().count() >= 5 && line.chars().all(|c| is_mark(c) || c.is_whitespace())
}

fn tidy(value: &str) -> String {
    let words: Vec<&str> = value.split_whitespace().collect();
    let joined = words.join(" ");
    let edge = |c: char| c.is_whitespace() || is_mark(c) || ":：.。)）".contains(c);
    joined.trim_start_matches(edge).trim_end_matches(|c: char| is_mark(c) || c.is_whitespace()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attention() -> Attention {
        let english = Words {
            titles: vec!["Request Management Attention".to_owned()],
            reason: vec![
                "Reason for requested management attention, including business impact of the problem that requires attention".to_owned(),
                "Reason".to_owned(),
            ],
            milestone: vec![
                "Business or implementation milestone, critical date(s) (milestone date or resolve by date), along with the type of business or implementation milestone".to_owned(),
                "Business or implementation milestone".to_owned(),
            ],
            contact: vec![
                "Name of the person requesting management attention, contact information: phone number, pager, email address".to_owned(),
                "Name of the person requesting management attention".to_owned(),
            ],
        };
        let japanese = Words {
            titles: vec!["管理者による対応を要請".to_owned()],
            reason: vec![
                "対応が必要な問題によって事業に及ぼされる影響を含め、管理者による対応を要請する理由".to_owned(),
            ],
            milestone: vec!["事業または実装のマイルストーン、重要な期日".to_owned()],
            contact: vec![
                "管理者による対応を要請する人物の氏名と連絡先情報:電話番号、ポケットベル、メールアドレス".to_owned(),
            ],
        };
        Attention::new(&[english, japanese], 4 << 20).unwrap()
    }

    const FULL: &str = "Hello,\n\n\
        ******************* Request Management Attention *******************\n\
        Reason for requested management attention, including business impact of the problem that requires attention\n\
        Our shop can't sell: 10,000 EUR an hour.\n\n\
        Business or implementation milestone, critical date(s) (milestone date or resolve by date), along with the type of business or implementation milestone\n\
        2026-12-01, go-live\n\n\
        Name of the person requesting management attention, contact information: phone number, pager, email address\n\
        Ada Lovelace, +44 20 7946 0123\n\
        ************* Request Management Attention *************\n\nRegards\n";

    fn expected() -> Block {
        Block {
            reason: "Our shop can't sell: 10,000 EUR an hour.".to_owned(),
            milestone: "2026-12-01, go-live".to_owned(),
            contact: "Ada Lovelace, +44 20 7946 0123".to_owned(),
        }
    }

    #[test]
    fn the_block_is_known_in_whatever_shape_it_survives() {
        let closing = "0123\n************* Request Management Attention *************";
        let wrapped = FULL
            .replace(" requires attention\n", "\nrequires attention: ")
            .replace("(milestone date", "\n(milestone\ndate");
        let quoted: String = FULL.lines().map(|line| format!("> > {line}\n")).collect();
        for text in [
            FULL.to_owned(),
            FULL.replace('\n', "\r\n"),
            FULL.replace(' ', "\u{a0}"),
            FULL.replace(closing, "0123\n*******************************"),
            FULL.replace("*", ""),
            FULL.replace("*******************", "** **"),
            FULL.replace("\n\n", "\n"),
            FULL.to_uppercase()
                .replace("OUR SHOP CAN'T SELL", "Our shop can't sell")
                .replace("EUR AN HOUR", "EUR an hour")
                .replace("GO-LIVE", "go-live")
                .replace("ADA LOVELACE", "Ada Lovelace"),
            wrapped,
            quoted,
        ] {
            assert_eq!(attention().read(&text), Some(expected()), "{text}");
        }
    }

    #[test]
    fn a_quoted_block_without_its_closing_line_ends_with_the_quotation() {
        let quoted: String = FULL
            .lines()
            .take_while(|line| !line.starts_with("************* "))
            .map(|line| format!("> {line}\n"))
            .collect();
        let text = format!("Please see below.\n\n{quoted}\nOn Tue, Ada wrote:\n> Thank you.");
        assert_eq!(attention().read(&text), Some(expected()));
    }

    #[test]
    fn values_in_place_of_the_labels_are_told_by_their_order() {
        let text = "**** Request Management Attention ****\nOur shop can't sell: 10,000 EUR an hour.\n2026-12-01, go-live\n\
                    Ada Lovelace, +44 20 7946 0123\n**** Request Management Attention ****";
        assert_eq!(attention().read(text), Some(expected()));
        let free = "***Request Management Attention***\nIt takes too long.\n\nRegards, Ada";
        assert_eq!(attention().read(free).unwrap().reason, "It takes too long.");
    }

    #[test]
    fn the_japanese_block_is_known_and_may_be_broken_anywhere() {
        let text = "******************* 管理者による対応を要請 *******************\n\
            対応が必要な問題によって事業に及ぼされる影響を含め、管理者による対応を要\n請する理由。\n店舗が営業できません。\n\n\
            事業または実装のマイルストーン、重要な期日\n12月1日 本稼働\n\n\
            管理者による対応を要請する人物の氏名と連絡先情報:電話番号、ポケットベル、メールアドレス\n山田太郎 03-1234-5678\n\
            *******************  管理者による対応を要請 *******************\n";
        let block = attention().read(text).unwrap();
        assert_eq!(block.reason, "店舗が営業できません。");
        assert_eq!(block.milestone, "12月1日 本稼働");
        assert_eq!(block.contact, "山田太郎 03-1234-5678");
    }

    #[test]
    fn a_sentence_about_it_is_no_block() {
        for text in [
            "How do I request management attention?",
            "Request Management Attention",
            "We read your page about Request Management Attention.\n\nThanks",
            "",
        ] {
            assert_eq!(attention().read(text), None, "{text}");
        }
    }

    #[test]
    fn an_empty_block_is_one_that_says_nothing() {
        let empty = FULL.replace("Our shop can't sell: 10,000 EUR an hour.", "").replace("2026-12-01, go-live", "");
        let block = attention().read(&empty).unwrap();
        assert_eq!((block.reason.as_str(), block.milestone.as_str()), ("", ""));
        assert_eq!(block.contact, expected().contact);
    }
}
