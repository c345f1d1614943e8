mod answers;
mod attributions;
mod forwards;
mod properties;
mod signatures;
mod structure;

use super::*;
use crate::mail::address::Address;

/// What is left of a mail without HTML.
fn reply(text: &str) -> String {
    said(text, None).reply
}

/// What is left of a mail that is HTML alone.
fn reply_in_html(html: &str) -> String {
    let text = crate::mail::html::to_text(html);
    said(&text, Some(html)).reply
}
