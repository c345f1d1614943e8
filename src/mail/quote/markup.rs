//! The structure of HTML mail: which elements hold what is quoted, and where the signature is.
//!
//! Not a tree (parsers of HTML are quadratic in the nesting): one pass over the tags, which counts how deep it is in the
//! element that quotes. What isn't closed goes on to the end.

use memchr::{memchr, memmem};

use super::sort::Origin;

/// A stretch of the mail, as text.
#[derive(Debug)]
pub(super) struct Part {
    pub text: String,
    pub origin: Origin,
}

/// More stretches than anybody answers one by one: the rest of such a mail is one.
const PARTS: usize = 2000;
/// Elements into which is looked ahead.
const LOOKS: usize = 100;

/// Takes HTML apart, in order. Where there is no quotation all of it is one part.
pub(super) fn parts(html: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut tags = Tags { html, at: 0, unclosed: Vec::new() };
    let mut begin = 0;
    let mut looks = 0;
    let mut origin = Origin::Own;
    // The element that is open, and how many of its name are open inside of it.
    let mut open: Option<(&str, usize)> = None;
    while let Some(tag) = tags.next() {
        if parts.len() > PARTS || origin == Origin::Rest {
            break;
        }
        if let Some((name, depth)) = open.as_mut() {
            if !tag.name.eq_ignore_ascii_case(name) || tag.closes_itself {
                continue;
            }
            *depth = if tag.closing { *depth - 1 } else { *depth + 1 };
            if *depth == 0 {
                push(&mut parts, &html[begin..tags.at], origin);
                (begin, origin, open) = (tags.at, Origin::Own, None);
            }
            continue;
        }
        if tag.closing {
            continue;
        }
        let header_below = || {
            looks += 1;
            looks <= LOOKS && has_header(&html[tag.begin..])
        };
        let Some(found) = origin_of(&tag, header_below) else { continue };
        push(&mut parts, &html[begin..tag.begin], Origin::Own);
        (begin, origin) = (tag.begin, found);
        if !tag.closes_itself && !tag.name.eq_ignore_ascii_case("hr") {
            open = Some((tag.name, 1));
        }
        looks += 1;
        if found == Origin::Quoted && looks <= LOOKS && hands_on(&html[begin..]) {
            // Gmail wraps what it forwards like what it quotes.
            origin = Origin::Own;
        }
    }
    push(&mut parts, &html[begin..], origin);
    parts
}

fn push(parts: &mut Vec<Part>, html: &str, origin: Origin) {
    let text = to_text(html);
    if !text.trim().is_empty() {
        parts.push(Part { text, origin });
    }
}

/// The one place where HTML becomes text here; the mail's text must have been made the same way.
fn to_text(html: &str) -> String {
    crate::mail::html::to_text(html)
}

/// Is this text the HTML turned into text, and not a part of its own?
pub(super) fn is_text_of(html: &str, text: &str) -> bool {
    to_text(html).split_whitespace().eq(text.split_whitespace())
}

/// Where in a plain text that marks nothing the quotation begins, by what the HTML shows as quoted at its end.
pub(super) fn quoted_from(parts: &[Part], text: &str) -> Option<usize> {
    const LETTERS: usize = 120;
    const ENOUGH: usize = 24;
    let last_own = parts.iter().rposition(|part| part.origin == Origin::Own)?;
    let first_quoted = parts.iter().position(|part| matches!(part.origin, Origin::Quoted | Origin::Rest))?;
    if first_quoted < last_own {
        return None;
    }
    let wanted: String = parts[first_quoted..]
        .iter()
        .flat_map(|part| part.text.chars())
        .filter(|c| c.is_alphanumeric())
        .take(LETTERS)
        .collect();
    if wanted.chars().count() < ENOUGH {
        return None;
    }
    let (mut letters, mut places) = (String::new(), Vec::new());
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_alphanumeric()) {
        places.resize(letters.len(), 0);
        letters.push(c);
        places.resize(letters.len(), at);
    }
    let found = memmem::find(letters.as_bytes(), wanted.as_bytes())?;
    let at = *places.get(found)?;
    // From the beginning of its line.
    Some(text[..at].rfind('\n').map_or(0, |end| end + 1))
}

/// Does the element begin with the mark of a forward?
fn hands_on(html: &str) -> bool {
    const LOOKED_AT: usize = 1500;
    let text = to_text(&html[..html.floor_char_boundary(LOOKED_AT)]);
    let first = text.lines().find(|line| !super::line::is_blank(line)).unwrap_or_default();
    super::marker::marker(super::line::unmarked(first), || true) == Some(super::marker::Marker::Forwarded)
}

/// Does the header of a mail stand at the beginning of this? Lines are also drawn to part paragraphs.
fn has_header(html: &str) -> bool {
    const LOOKED_AT: usize = 4000;
    let text = to_text(&html[..html.floor_char_boundary(LOOKED_AT)]);
    let mut lines = text.lines().filter(|line| !super::line::is_blank(line));
    lines.next().is_some_and(|line| super::header::field(line).is_some())
}

/// What an element with these attributes holds.
fn origin_of(tag: &Tag<'_>, header_below: impl FnOnce() -> bool) -> Option<Origin> {
    let name = tag.name;
    let is = |other: &str| name.eq_ignore_ascii_case(other);
    if is("includetail") {
        return Some(Origin::Quoted);
    }
    if tag.attributes.is_empty() {
        return is("blockquote").then_some(Origin::Quoted);
    }
    if !(is("blockquote")
        || is("div")
        || is("hr")
        || is("table")
        || is("span")
        || is("p")
        || is("pre")
        || is("td")
        || is("section"))
    {
        return None;
    }
    let end = tag.attributes.floor_char_boundary(1000);
    let attributes = tag.attributes[..end].to_ascii_lowercase();
    let value = |key: &str| attribute(&attributes, key).unwrap_or_default();
    let (class, id, style) = (value("class"), value("id"), value("style"));
    #[rustfmt::skip]
    const REST_IDS: &[&str] = &[
        "divrplyfwdmsg", "appendonsend", "stopspelling", "zwchr", "mail-editor-reference-message-container", "olk_src_body_section", "isreplycontent",
        "origbody", "ms-outlook-mobile-body-separator-line", "replysplit", "ms-outlook-mobile-reference-message",
    ];
    const REST_CLASSES: &[&str] = &["outlookmessageheader", "ms-outlook-mobile-reference-message"];
    #[rustfmt::skip]
    const QUOTED_CLASSES: &[&str] = &[
        "gmail_quote", "gmail_quote_container", "yahoo_quoted", "protonmail_quote", "tutanota_quote", "zmail_extra", "zmail_extra_hr", "moz-cite-prefix", "mail_quote", "mailquote", "quoted_text", "quotedtext", "quoted-text", "email_quote", "hm-quote", "ntes-mailmaster-quote", "hmquote", "front-blockquote", "freshdesk_quote", "gmail_attr", "mb-quote", "missive_quote", "spark_quote", "mailbird_quote", "em_quote", "rm-quote", "foxmail-quote", "fm-quote", "iwc_quote",
    ];
    #[rustfmt::skip]
    const SIGNATURES: &[&str] = &[
        "gmail_signature", "moz-signature", "signature", "ms-outlook-mobile-signature", "applemailsignature", "protonmail_signature_block", "zmail_signature", "x_signature", "x_gmail_signature", "tutanota_signature", "mailsignature", "email-signature", "email_signature", "outlook_signature",
    ];
    // Programs put their own mark before a class that they take over: `ydp1234yahoo_quoted`, `x_gmail_quote`.
    let one_of = |words: &[&str]| {
        class.split_ascii_whitespace().any(|class| {
            words.iter().any(|word| {
                class == *word
                    || class.strip_prefix("x_") == Some(word)
                    || class.starts_with("ydp") && class.ends_with(word)
            })
        })
    };
    let plain_id = id.trim_start_matches("x_");
    if REST_IDS.contains(&plain_id) || one_of(REST_CLASSES) {
        return Some(Origin::Rest);
    }
    if one_of(SIGNATURES) || SIGNATURES.contains(&plain_id) || value("data-smartmail") == "gmail_signature" {
        return Some(Origin::Signature);
    }
    // Indented text of the writer's: Gmail and Outlook take the same element.
    let indented = style.contains("border:none")
        || style.contains("border: none")
        || style.contains("margin:0 0 0 40px")
        || style.contains("margin: 0 0 0 40px")
        || style.contains("margin-right: 0px; margin-left: 40px");
    if is("blockquote") {
        return (!indented || value("type") == "cite").then_some(Origin::Quoted);
    }
    if one_of(QUOTED_CLASSES)
        || value("name") == "quote"
        || plain_id == "yahoo_quoted"
        || plain_id.starts_with("yahoo_quoted")
        || class.contains("yahoo_quoted")
        || plain_id == "mailcontentcontainer_quote"
        || plain_id == "qt" && is("div")
    {
        return Some(Origin::Quoted);
    }
    (is("div") && line_above(style) && header_below()).then_some(Origin::Rest)
}

/// Outlook draws a thin line above the header of the mail that is answered.
fn line_above(style: &str) -> bool {
    let style: String = style.chars().filter(|c| !c.is_whitespace()).collect();
    let drawn = style.contains("border-top:solid#b5c4df")
        || style.contains("border-top:solid#e1e1e1")
        || style.contains("border-top:1ptsolid#b5c4df")
        || style.contains("border-top:1.0ptsolid#b5c4df")
        || style.contains("border-top:1.0ptsolid#e1e1e1")
        || style.contains("border-top:1ptsolid#e1e1e1")
        || style.contains("border-top:solidwindowtext1.0pt");
    let windows_mail = style.contains("border-top-color:rgb(229,229,229)") && style.contains("border-top-style:solid");
    let other_borders = style.contains("border:none")
        || style.contains("border-width:1pt")
        || style.contains("border-style:solidnonenone");
    let mixed = style.contains("border-style:solidnonenone")
        && (style.contains("rgb(225,225,225)") || style.contains("rgb(181,196,223)"));
    drawn && other_borders || windows_mail || mixed
}

/// The value of an attribute, in lower case like the attributes.
fn attribute<'a>(attributes: &'a str, key: &str) -> Option<&'a str> {
    let mut from = 0;
    while let Some(found) = attributes[from..].find(key) {
        let at = from + found;
        from = at + key.len();
        let alone = at == 0 || attributes[..at].ends_with(|c: char| c.is_ascii_whitespace() || c == '"' || c == '\'');
        let Some(value) = attributes[from..].trim_start().strip_prefix('=').map(str::trim_start).filter(|_| alone)
        else {
            continue;
        };
        return Some(match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let value = &value[1..];
                &value[..value.find(quote).unwrap_or(value.len())]
            }
            _ => &value[..value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len())],
        });
    }
    None
}

/// One tag.
#[derive(Debug)]
struct Tag<'a> {
    name: &'a str,
    attributes: &'a str,
    closing: bool,
    closes_itself: bool,
    /// where it begins
    begin: usize,
}

/// The tags of HTML in order, without comments, scripts and styles.
struct Tags<'a> {
    html: &'a str,
    at: usize,
    /// elements that aren't closed any more: nobody looks for their end twice
    unclosed: Vec<&'static str>,
}

/// Elements without text.
const SKIPPED: [&str; 4] = ["style", "script", "title", "xml"];

impl<'a> Tags<'a> {
    fn next(&mut self) -> Option<Tag<'a>> {
        loop {
            let begin = self.at + memchr(b'<', &self.html.as_bytes()[self.at..])?;
            let rest = &self.html[begin + 1..];
            if let Some(comment) = rest.strip_prefix("!--") {
                let end = memmem::find(comment.as_bytes(), b"-->").map_or(comment.len(), |end| end + 3);
                self.at = begin + 4 + end;
                continue;
            }
            let closing = rest.starts_with('/');
            let name_at = begin + 1 + usize::from(closing);
            let name_length =
                self.html.as_bytes()[name_at..].iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b':').count();
            if name_length == 0 {
                self.at = begin + 1;
                continue;
            }
            let name = &self.html[name_at..name_at + name_length];
            let attributes_at = name_at + name_length;
            let end = attributes_at + end_of_tag(&self.html.as_bytes()[attributes_at..])?;
            self.at = end + 1;
            if !closing && let Some(skipped) = SKIPPED.iter().find(|skipped| name.eq_ignore_ascii_case(skipped)) {
                self.skip(skipped);
                continue;
            }
            let attributes = self.html[attributes_at..end].trim();
            let closes_itself = attributes.ends_with('/');
            return Some(Tag { name, attributes, closing, closes_itself, begin });
        }
    }

    /// Goes on behind the end of an element that holds no text.
    fn skip(&mut self, name: &'static str) {
        if self.unclosed.contains(&name) {
            return;
        }
        let mut from = self.at;
        while let Some(found) = memmem::find(&self.html.as_bytes()[from..], b"</") {
            let at = from + found + 2;
            let is_end = self.html.as_bytes()[at..]
                .get(..name.len())
                .is_some_and(|end| end.eq_ignore_ascii_case(name.as_bytes()));
            from = at;
            if is_end {
                self.at = at + name.len();
                return;
            }
        }
        // Browsers show nothing below it, but mail programs may.
        self.unclosed.push(name);
    }
}

/// Where the tag ends: at the first `>` outside of quotation marks; a mark that is never closed ends nothing.
fn end_of_tag(bytes: &[u8]) -> Option<usize> {
    const LONGEST: usize = 64 * 1024;
    let mut quote = None;
    for (n, byte) in bytes.iter().enumerate().take(LONGEST) {
        match (quote, byte) {
            (None, b'>') => return Some(n),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    memchr(b'>', bytes)
}
