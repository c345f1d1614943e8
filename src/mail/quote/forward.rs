//! Whose mail is handed on: a mail that staff forward to the desk is a case of the one who wrote the mail within it.

use super::{
    header::Header,
    line::{bare, is_blank, is_invisible, unmarked},
    sort::{Origin, Source, sorted},
};
use crate::mail::address::Address;

/// The mail within a mail, as far as its printed header tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forwarded {
    /// who wrote it; without an address printed, nobody
    pub from: Option<Address>,
    pub subject: Option<String>,
    /// when it was written, in the words of the program that forwards
    pub date_text: Option<String>,
    /// The mail program says that it forwards ("Forwarded message"), or the subject did. Otherwise this is a header like
    /// Outlook's, which stands above mail that is answered, too.
    pub marked: bool,
}

/// Whose mail this text hands on or, by its looks, answers; `marked` tells which.
pub fn forwarded(text: &str) -> Option<Forwarded> {
    let lines: Vec<Source<'_>> = text.lines().map(|line| Source { text: line, origin: Origin::Own }).collect();
    let sorted = sorted(&lines, false);
    let at = sorted.forwarded.or(sorted.answered)?;
    below(lines[at..].iter().map(|line| line.text), sorted.marked)
}

/// Does the subject say that a mail is handed on? `Fwd:`, `FW:`, `WG:`, `TR:`, `RV:`, `Weitergeleitet:` …
pub fn is_forward_subject(subject: &str) -> bool {
    #[rustfmt::skip]
    const PREFIXES: [&str; 30] = [
        "fwd", "fw", "wg", "tr", "rv", "i", "enc", "doorst", "vs", "vb", "vl", "pd", "fs", "továbbítás", "tov", "trs", "πρθ", "ilt", "i̇lt", "yml", "transfert", "转发", "轉寄", "轉發", "转发邮件", "転送", "전달", "إعادة توجيه", "הועבר", "пересл",
    ];
    let subject = bare(subject);
    let Some(end) = subject.char_indices().take(24).find(|(_, c)| matches!(c, ':' | '\u{ff1a}')) else { return false };
    let prefix = bare(&subject[..end.0]).to_lowercase();
    // `I:` (Italian) and `VS:` are also initials and "versus"; Outlook writes them in capitals, and no word before.
    PREFIXES.contains(&prefix.trim_end_matches(|c: char| c.is_ascii_digit() || "[]()".contains(c)))
}

/// Reads the header in these lines, at whose beginning the mark of a forward may stand.
pub(super) fn below<'a>(lines: impl Iterator<Item = &'a str> + Clone, marked: bool) -> Option<Forwarded> {
    // The mark, a ruler, an empty line or two come first.
    let mut rest = lines.take(32);
    for _ in 0..8 {
        let here = rest.clone();
        if let Some(header) = Header::read(here).filter(|header| header.from.is_some() && header.is_of_a_mail()) {
            return Some(Forwarded {
                from: header.from.as_deref().and_then(address),
                subject: header.subject.filter(|text| !is_blank(text)),
                date_text: header.date.filter(|text| !is_blank(text)),
                marked,
            });
        }
        rest.next()?;
    }
    marked.then(|| Forwarded { marked, ..Forwarded::default() })
}

/// `Ada <ada@customer.example>`, `Ada [mailto:ada@customer.example]`, `ada@customer.example`, with stars of bold text.
fn address(value: &str) -> Option<Address> {
    let value: String = unmarked(value).chars().filter(|c| !is_invisible(*c)).take(1000).collect();
    let at = value.find('@')?;
    let stops = |c: char| c.is_whitespace() || "<>[]()\"',;:*".contains(c);
    let begin = value[..at].rfind(stops).map_or(0, |n| n + value[n..].chars().next().map_or(1, char::len_utf8));
    let end = value[at..].find(stops).map_or(value.len(), |n| at + n);
    let email = value[begin..end].trim_end_matches('.');
    let (local, domain) = email.split_once('@')?;
    if local.is_empty() || domain.is_empty() || email.len() > 320 {
        return None;
    }
    let name = value[..begin].trim_end_matches("mailto:");
    let name = name.trim_matches(|c: char| c.is_whitespace() || "<>[]()\"'*,;:".contains(c));
    Some(Address::new(Some(name).filter(|name| !name.contains('@')), email))
}
