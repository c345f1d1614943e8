//! HTML as a row of texts and tags. Whatever is unfinished or unknown is text, or is left out; nothing is looked for
//! twice when it was not there the first time, so the time is linear on any input.

use std::borrow::Cow;

use memchr::{memchr, memchr3, memmem};

/// Attributes of one tag that are looked at; mail programs write a dozen.
const ATTRIBUTES: usize = 64;
/// The longest name of an entity is `CounterClockwiseContourIntegral`.
const ENTITY_BYTES: usize = 32;

pub enum Token<'a> {
    /// not yet unescaped
    Text(&'a str),
    Open(Tag<'a>),
    Close(&'a str),
}

pub struct Tag<'a> {
    pub name: &'a str,
    /// all between the name and the `>`
    attributes: &'a str,
}

impl<'a> Tag<'a> {
    /// The unescaped value of an attribute; empty where it has none.
    pub fn attribute(&self, name: &str) -> Option<Cow<'a, str>> {
        attributes(self.attributes)
            .take(ATTRIBUTES)
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| unescaped(v))
    }
}

/// Cuts a page into tokens. Comments, declarations, scripts, styles and titles are left out.
pub fn tokens(html: &str) -> Tokens<'_> {
    Tokens { html, at: 0, missing: Missing::default() }
}

pub struct Tokens<'a> {
    html: &'a str,
    at: usize,
    missing: Missing,
}

/// What is known not to come any more, so that it is not looked for again.
#[derive(Default)]
struct Missing {
    comment_end: bool,
    double_quote: bool,
    single_quote: bool,
    elements: Vec<&'static str>,
}

/// Elements whose content is no HTML, and nothing to read.
const RAW: [&str; 10] = ["script", "style", "title", "noembed", "iframe", "xmp", "svg", "math", "template", "object"];

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let rest = &self.html[self.at..];
            if rest.is_empty() {
                return None;
            }
            if !rest.starts_with('<') {
                return Some(self.text(0));
            }
            match rest.as_bytes().get(1) {
                Some(b'!' | b'?') => self.skip_declaration(),
                Some(b'/') if rest.as_bytes().get(2).is_some_and(u8::is_ascii_alphabetic) => {
                    let Some((name, _)) = self.tag(2) else { continue };
                    return Some(Token::Close(name));
                }
                Some(letter) if letter.is_ascii_alphabetic() => {
                    let Some((name, attributes)) = self.tag(1) else { continue };
                    self.skip_raw(name, attributes);
                    return Some(Token::Open(Tag { name, attributes }));
                }
                // "a < b" is text.
                _ => return Some(self.text(1)),
            }
        }
    }
}

impl<'a> Tokens<'a> {
    /// The text up to the next `<`, of which the first `skip` bytes are text in any case.
    fn text(&mut self, skip: usize) -> Token<'a> {
        let rest = &self.html[self.at..];
        let end = memchr(b'<', &rest.as_bytes()[skip..]).map_or(rest.len(), |found| found + skip);
        self.at += end;
        Token::Text(&rest[..end])
    }

    fn skip_declaration(&mut self) {
        let rest = &self.html[self.at..];
        if rest.starts_with("<!--") && !self.missing.comment_end {
            // `<!-->` and `<!--->` are whole comments.
            match memmem::find(&rest.as_bytes()[2..], b"-->") {
                Some(end) => {
                    self.at += 2 + end + 3;
                    return;
                }
                None => self.missing.comment_end = true,
            }
        }
        self.at += memchr(b'>', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
    }

    /// Name and attributes of the tag whose name begins at `from`. None at the end of the page, in the middle of a tag.
    fn tag(&mut self, from: usize) -> Option<(&'a str, &'a str)> {
        let rest = &self.html[self.at..];
        let bytes = rest.as_bytes();
        let name_end = bytes[from..].iter().position(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'));
        let name_end = name_end.map_or(bytes.len(), |length| from + length);
        let mut at = name_end;
        while let Some(found) = memchr3(b'>', b'"', b'\'', &bytes[at..]).map(|found| at + found) {
            if bytes[found] == b'>' {
                self.at += found + 1;
                return Some((&rest[from..name_end], &rest[name_end..found]));
            }
            at = found + 1;
            // A quote begins a value only behind "="; elsewhere it is a slip of whoever wrote this.
            if !bytes[name_end..found].trim_ascii_end().ends_with(b"=") {
                continue;
            }
            let missing =
                if bytes[found] == b'"' { &mut self.missing.double_quote } else { &mut self.missing.single_quote };
            if *missing {
                continue;
            }
            match memchr(bytes[found], &bytes[at..]) {
                Some(end) => at += end + 1,
                None => *missing = true,
            }
        }
        self.at = self.html.len();
        None
    }

    fn skip_raw(&mut self, name: &str, attributes: &str) {
        let Some(raw) = RAW.into_iter().find(|raw| name.eq_ignore_ascii_case(raw)) else { return };
        if attributes.ends_with('/') && !matches!(raw, "script" | "style" | "title")
            || self.missing.elements.contains(&raw)
        {
            return;
        }
        let rest = self.html.as_bytes();
        let mut at = self.at;
        while let Some(found) = memmem::find(&rest[at..], b"</").map(|found| at + found + 2) {
            let end = found + raw.len();
            if rest.get(found..end).is_some_and(|n| n.eq_ignore_ascii_case(raw.as_bytes()))
                && rest.get(end).is_none_or(|b| !b.is_ascii_alphanumeric())
            {
                self.at = found - 2;
                return;
            }
            at = found;
        }
        // Without an end the rest of the mail would be lost.
        self.missing.elements.push(raw);
    }
}

fn attributes(mut rest: &str) -> impl Iterator<Item = (&str, &str)> {
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || matches!(c, '/' | '"' | '\''));
        if rest.is_empty() {
            return None;
        }
        // A name may begin with "=".
        let mut after_first = rest.char_indices().skip(1);
        let end = after_first.find(|(_, c)| c.is_ascii_whitespace() || matches!(c, '=' | '/'));
        let end = end.map_or(rest.len(), |(end, _)| end);
        let name = &rest[..end];
        let Some(value) = rest[end..].trim_start().strip_prefix('=') else {
            rest = &rest[end..];
            return Some((name, ""));
        };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, after) = match quote {
            Some(quote) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
            None => value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len())),
        };
        rest = after;
        Some((name, value))
    })
}

/// Text with its entities resolved, also those without a semicolon; unknown ones stay as they are.
pub fn unescaped(text: &str) -> Cow<'_, str> {
    if memchr(b'&', text.as_bytes()).is_none() {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr(b'&', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = entity(rest, &mut out).unwrap_or_else(|| {
            out.push('&');
            1
        });
        rest = &rest[length..];
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Entities that old programs write without a semicolon.
const BARE: [(&str, char); 8] = [
    ("nbsp", '\u{a0}'),
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("copy", '\u{a9}'),
    ("reg", '\u{ae}'),
    ("shy", '\u{ad}'),
];

/// Writes the entity that `text` begins with, and gives its length.
fn entity(text: &str, out: &mut String) -> Option<usize> {
    let bytes = text.as_bytes();
    let window = &bytes[1..bytes.len().min(ENTITY_BYTES + 2)];
    if let Some(b'#') = window.first() {
        let (digits_at, radix) = if matches!(window.get(1), Some(b'x' | b'X')) { (3, 16) } else { (2, 10) };
        let digits = bytes[digits_at..].iter().take(8).take_while(|b| char::from(**b).is_digit(radix)).count();
        let code = u32::from_str_radix(&text[digits_at..digits_at + digits], radix).ok()?;
        out.push(character(code));
        let end = digits_at + digits;
        return Some(end + usize::from(bytes.get(end) == Some(&b';')));
    }
    let length = window.iter().take_while(|b| b.is_ascii_alphanumeric()).count();
    if window.get(length) == Some(&b';') && length > 0 {
        let token = &bytes[..length + 2];
        let before = out.len();
        mail_parser::decoders::html::add_html_token(out, token, false);
        if out.len() - before != token.len() || !out.ends_with(';') {
            return Some(length + 2);
        }
        out.truncate(before);
    }
    let (name, c) = BARE.iter().find(|(name, _)| text[1..].starts_with(name))?;
    // "&notify" and "&regards" in an address are none.
    if window.get(name.len()).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'=') {
        return None;
    }
    out.push(*c);
    Some(1 + name.len())
}

/// Programs of Windows write its code page as if it was Unicode (HTML, "numeric character reference end state").
fn character(code: u32) -> char {
    match code {
        0x80..=0x9f => {
            let byte = [code as u8];
            encoding_rs::WINDOWS_1252.decode_without_bom_handling(&byte).0.chars().next().unwrap_or('\u{fffd}')
        }
        0 => '\u{fffd}',
        _ => char::from_u32(code).unwrap_or('\u{fffd}'),
    }
}
