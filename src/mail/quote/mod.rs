//! What the writer wrote now: the text without the mail that it answers, and without the signature. When in doubt more
//! is kept; the whole text is always there beside it.
//!
//! In three steps. The text becomes lines, each known as the writer's own or as quoted: by its mark (`>`), or by the
//! structure of the HTML where the mail is HTML alone (`markup`). `sort` finds where a mail program says "here begins
//! what is answered": an attribution ("On … wrote:"), a header (`From:`, `Sent:`), a mark ("Original Message").
//! `arrange` keeps the writer's lines, and those quoted ones that they answer one by one, and parts off the signature.
//!
//! Every line is looked at a fixed number of times and only over a few lines ahead, so that all is linear in the size
//! of the mail whatever is in it.

mod arrange;
mod attribution;
mod device;
mod forward;
mod header;
mod headless;
mod legal;
mod line;
mod marker;
mod markup;
mod signature;
mod sort;
#[cfg(test)]
mod tests;

pub use super::answer::{confirms_resolution, only_thanks};
pub use forward::{Forwarded, forwarded, is_forward_subject};
pub use headless::Headless;
pub use signature::is_closing;
use sort::{Origin, Source};

/// What a mail says, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// what the writer wrote now; the whole text when nothing else is left
    pub reply: String,
    /// they wrote nothing: `reply` is what they quote, or empty
    pub nothing_new: bool,
    /// the block below the writer's words: name, company, notices, what a telephone appended
    pub signature: Option<String>,
    /// whose mail is handed on within this one
    pub forwarded: Option<Forwarded>,
}

impl Said {
    /// What the writer may be taken at their word for: nothing, where all that the mail holds is what others wrote.
    pub fn own_words(&self) -> &str {
        if self.nothing_new { "" } else { &self.reply }
    }
}

/// Takes a mail's text apart; `html` is its HTML part, whose structure tells more where there is one.
pub fn said(text: &str, html: Option<&str>) -> Said {
    said_under("", text, html)
}

/// The same for a mail with this subject. Outlook prints a mail that it forwards just like one that it answers: only
/// the subject ("FW: …") tells that what stands below is to be read.
pub fn said_under(subject: &str, text: &str, html: Option<&str>) -> Said {
    if text.trim().is_empty() {
        return Said { nothing_new: true, ..Said::default() };
    }
    // Finnish programs answer with "VS:", with which Danish and Norwegian ones forward.
    let finnish = || text.contains("Lähettäjä:") || text.contains("kirjoitti");
    let hands_on = is_forward_subject(subject) && !(subject.trim_start().starts_with("VS:") && finnish());
    let plain: Vec<Source<'_>> = text.lines().map(|line| Source { text: line, origin: Origin::Own }).collect();
    let from_plain = arrange::taken_apart(&plain, hands_on);
    let structure = html.map(markup::parts).filter(|parts| parts.iter().any(|part| part.origin != Origin::Own));
    let taken = match structure {
        None => from_plain,
        // The text is the HTML turned into text: there the structure is lost, here it is kept.
        Some(parts) if html.is_some_and(|html| markup::is_text_of(html, text)) => {
            let lines: Vec<Source<'_>> = parts
                .iter()
                .flat_map(|part| part.text.lines().map(|line| Source { text: line, origin: part.origin }))
                .collect();
            arrange::taken_apart(&lines, hands_on)
        }
        Some(parts) if !from_plain.cut && from_plain.forwarded.is_none() => {
            match markup::quoted_from(&parts, text).filter(|_| !hands_on) {
                Some(at) => {
                    let above: Vec<Source<'_>> =
                        text[..at].lines().map(|line| Source { text: line, origin: Origin::Own }).collect();
                    arrange::taken_apart(&above, hands_on)
                }
                None => from_plain,
            }
        }
        Some(_) => from_plain,
    };
    if taken.reply.trim().is_empty() {
        let whole = without_empty_ends(text).to_owned();
        return Said { reply: whole, nothing_new: true, signature: None, forwarded: taken.forwarded };
    }
    Said { reply: taken.reply, nothing_new: false, signature: taken.signature, forwarded: taken.forwarded }
}

/// Without empty lines at both ends; the indentation of the first line stays.
fn without_empty_ends(text: &str) -> &str {
    let text = text.trim_end();
    let indented = text.len() - text.trim_start().len();
    let begin = text[..indented].rfind('\n').map_or(0, |end| end + 1);
    &text[begin..]
}
