//! What a mail says: the text of its parts, in the charset that they are in, whichever of several forms has it.

use std::borrow::Cow;

use mail_parser::{Message, MessagePart, MimeHeaders, PartType};
use memchr::memmem;

use super::{
    attachment::transfer,
    flowed::unflowed,
    pgp,
    transfer::{UnixFile, unix},
};
use crate::mail::{charset, html};

pub(super) const TEXT_BYTES: usize = 1 << 20;
/// A text part as short as this may only say that the HTML is to be read.
const HINT_CHARS: usize = 400;
/// Nesting of parts; the guard lets no more multiparts in.
const DEPTH: usize = 100;

/// A file within the text.
pub(super) struct Embedded {
    pub name: String,
    pub bytes: Vec<u8>,
}

#[derive(Default)]
pub(super) struct Body {
    /// all of the readable text
    pub text: String,
    /// the same as HTML, where any part of it is
    pub html: Option<String>,
    /// by part: is its text shown, or stands it for what is shown?
    pub shown: Vec<bool>,
    pub files: Vec<Embedded>,
    pub pgp: pgp::Armour,
}

/// A piece of the text, in the forms that it has.
#[derive(Default)]
struct Piece {
    plain: Option<String>,
    html: Option<String>,
}

pub(super) fn read(message: &Message<'_>, other: Option<&str>) -> Body {
    let mut reader = Reader { message, other, shown: shown(message), bytes: 0 };
    let mut pieces = Vec::new();
    reader.collect(0, DEPTH, &mut pieces);
    if pieces.is_empty() {
        pieces.extend(reader.any_text());
    }
    // A part that is cut off, or whose encoding is broken, is kept as an attachment, too: its bytes may tell more.
    let is_whole = |id: &usize| !message.parts[*id].is_encoding_problem;
    let shown = reader.shown.iter().enumerate().map(|(id, shown)| *shown && (id == 0 || is_whole(&id))).collect();
    let mut body = Body { shown, ..Body::default() };
    let has_html = pieces.iter().any(|piece| piece.html.is_some());
    let mut page = String::new();
    for piece in pieces {
        let text = best(&piece);
        if !body.text.is_empty() && !body.text.ends_with('\n') && !text.is_empty() {
            body.text.push('\n');
        }
        body.text.push_str(&text);
        if has_html && page.len() <= TEXT_BYTES {
            page.push_str(&piece.html.unwrap_or_else(|| as_html(&text)));
        }
        if body.text.len() > TEXT_BYTES {
            break;
        }
    }
    if has_html {
        page.truncate(page.floor_char_boundary(TEXT_BYTES));
        body.html = Some(page);
    }
    let text = without_files(tidy(body.text), &mut body.files);
    (body.text, body.pgp) = pgp::without_armour(text);
    body
}

/// The parts that the parser takes for the text, and those that it gives up because of their encoding.
fn shown(message: &Message<'_>) -> Vec<bool> {
    let mut shown = vec![false; message.parts.len()];
    for id in message.text_body.iter().chain(&message.html_body) {
        if let Some(part) = message.parts.get(*id as usize) {
            shown[*id as usize] = matches!(part.body, PartType::Text(_) | PartType::Html(_));
        }
    }
    for (id, part) in message.parts.iter().enumerate() {
        let is_text = part.content_type().is_none_or(|t| is_type(t, "text", "plain") || is_type(t, "text", "html"));
        let is_attached = part.content_disposition().is_some_and(mail_parser::ContentType::is_attachment);
        shown[id] |= part.is_encoding_problem
            && matches!(part.body, PartType::Text(_) | PartType::Html(_))
            && is_text
            && !is_attached
            && part.attachment_name().is_none();
    }
    shown
}

fn is_type(content_type: &mail_parser::ContentType<'_>, main: &str, sub: &str) -> bool {
    content_type.ctype().eq_ignore_ascii_case(main)
        && content_type.subtype().is_some_and(|s| s.eq_ignore_ascii_case(sub))
}

struct Reader<'m> {
    message: &'m Message<'m>,
    other: Option<&'m str>,
    shown: Vec<bool>,
    bytes: usize,
}

impl Reader<'_> {
    fn collect(&mut self, id: usize, depth: usize, pieces: &mut Vec<Piece>) {
        let message = self.message;
        let Some(part) = message.parts.get(id).filter(|_| depth > 0 && self.bytes <= 2 * TEXT_BYTES) else { return };
        match &part.body {
            PartType::Multipart(children) => {
                let is_alternative = part.content_type().is_some_and(|t| is_type(t, "multipart", "alternative"));
                let mut inner = Vec::new();
                for child in children.iter().map(|child| *child as usize).filter(|child| *child > id) {
                    self.collect(child, depth - 1, if is_alternative { &mut inner } else { pieces });
                    // Other forms of the same text are no attachments.
                    let also = message.parts.get(child).and_then(|p| p.content_type()?.subtype());
                    if is_alternative && also.is_some_and(|s| OTHER_FORMS.iter().any(|o| s.eq_ignore_ascii_case(o))) {
                        self.shown[child] = true;
                    }
                }
                pieces.extend(is_alternative.then(|| alternative(inner)).flatten());
            }
            PartType::Text(_) | PartType::Html(_) if self.shown[id] => pieces.push(self.leaf(part)),
            _ => {}
        }
    }

    fn leaf(&mut self, part: &MessagePart<'_>) -> Piece {
        let is_html =
            matches!(part.body, PartType::Html(_)) || part.content_type().is_some_and(|t| is_type(t, "text", "html"));
        let text = self.decoded(part, is_html);
        self.bytes += text.len();
        if is_html || is_page(&text) {
            return Piece { plain: None, html: Some(text) };
        }
        let attribute = |name| part.content_type().and_then(|t| t.attribute(name)).map(str::to_ascii_lowercase);
        let is_flowed = attribute("format").is_some_and(|format| format.trim() == "flowed");
        let del_sp = attribute("delsp").is_some_and(|delsp| delsp.trim() == "yes");
        Piece { plain: Some(if is_flowed { unflowed(&text, del_sp) } else { text }), html: None }
    }

    fn decoded(&self, part: &MessagePart<'_>, is_html: bool) -> String {
        let raw = self.message.raw_message.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default();
        let bytes = transfer(part).decode_text(raw);
        let bytes = &bytes[..bytes.len().min(4 * TEXT_BYTES)];
        let label = part.content_type().and_then(|t| t.attribute("charset")).map(Cow::Borrowed);
        let label = label.or_else(|| is_html.then(|| charset_of_page(bytes)).flatten().map(Cow::Owned));
        let mut text = charset::decode(bytes, label.as_deref(), self.other).into_owned();
        text.truncate(text.floor_char_boundary(TEXT_BYTES));
        text
    }

    /// Where nothing is a text to the parser: a multipart without parts, or a text of a kind of its own.
    fn any_text(&mut self) -> Option<Piece> {
        let message = self.message;
        let id = message.parts.iter().position(|part| {
            let is_text = part.content_type().is_none_or(|t| {
                t.ctype().eq_ignore_ascii_case("multipart")
                    || t.ctype().eq_ignore_ascii_case("text")
                        && t.subtype().is_none_or(|s| READABLE.iter().any(|r| s.eq_ignore_ascii_case(r)))
            });
            let is_attached = part.content_disposition().is_some_and(mail_parser::ContentType::is_attachment);
            matches!(part.body, PartType::Text(_) | PartType::Html(_)) && is_text && !is_attached
        })?;
        self.shown[id] = true;
        Some(self.leaf(&message.parts[id]))
    }
}

/// Texts that are read when there is no other.
const READABLE: [&str; 6] = ["plain", "html", "markdown", "enriched", "richtext", "x-markdown"];
/// Forms of a text for certain programs.
const OTHER_FORMS: [&str; 2] = ["x-amp-html", "watch-html"];

/// Several forms of one text: the plain one and the HTML one together are one piece.
fn alternative(inner: Vec<Piece>) -> Option<Piece> {
    let mut piece = Piece::default();
    for form in inner {
        for (kept, new) in [(&mut piece.plain, form.plain), (&mut piece.html, form.html)] {
            let Some(new) = new else { continue };
            match kept {
                Some(kept) if !kept.is_empty() && !new.is_empty() => {
                    kept.push('\n');
                    kept.push_str(&new);
                }
                _ => *kept = Some(new),
            }
        }
    }
    (piece.plain.is_some() || piece.html.is_some()).then_some(piece)
}

/// The plain text, unless it is none or only speaks of the HTML.
fn best(piece: &Piece) -> String {
    let plain = piece.plain.as_deref().unwrap_or_default();
    let Some(page) = &piece.html else { return plain.to_owned() };
    if plain.len() > HINT_CHARS * 4 || plain.chars().count() > HINT_CHARS {
        return plain.to_owned();
    }
    let read = html::to_text(page);
    let is_less = plain.trim().is_empty() || speaks_of_html(plain) || plain.trim().len() * 10 < read.len();
    if is_less && !read.is_empty() { read } else { plain.to_owned() }
}

/// What programs write for those who can't show HTML: a word of the first column and one of the second.
#[rustfmt::skip]
const HINTS: [(&str, &[&str]); 12] = [
    ("html", &["support", "view", "enable", "client", "reader", "capable", "compatible", "format", "display"]),
    ("html", &["unterstütz", "anzeig", "darstell", "fähig", "ansicht", "programm"]),
    ("html", &["affich", "visualis", "lire", "messagerie", "prend pas en charge"]),
    ("html", &["soporta", "correo", "visualiza", "compatible", "supporta", "visualizz", "suporta", "ondersteun", "weergeven"]),
    ("html", &["поддерж", "поддърж", "просмотр", "формат"]),
    ("html", &["表示", "形式", "対応", "显示", "格式", "支持", "표시", "형식"]),
    ("online", &["view this", "trouble viewing", "ansehen", "anzeigen"]),
    ("browser", &["view", "öffnen", "ansehen", "anzeigen", "navigat"]),
    ("navigateur", &["voir", "affich"]),
    ("ブラウザ", &["表示", "ご覧"]),
    ("mime", &["multi-part message", "multipart message", "compatible", "reader"]),
    ("text part", &["intentionally", "no "]),
];

fn speaks_of_html(plain: &str) -> bool {
    let lower = plain.to_lowercase();
    HINTS.iter().any(|(word, others)| lower.contains(word) && others.iter().any(|other| lower.contains(other)))
}

/// Programs that send HTML and call it plain text.
fn is_page(text: &str) -> bool {
    let begin = text.trim_start();
    ["<!doctype html", "<html"].iter().any(|tag| begin.get(..tag.len()).is_some_and(|b| b.eq_ignore_ascii_case(tag)))
}

/// A plain piece between others in HTML.
fn as_html(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<div style=\"white-space:pre-wrap\">{text}</div>")
}

/// The charset that a page names itself.
fn charset_of_page(bytes: &[u8]) -> Option<String> {
    const HEAD_BYTES: usize = 4096;
    let head = bytes[..bytes.len().min(HEAD_BYTES)].to_ascii_lowercase();
    let mut at = 0;
    while let Some(found) = memmem::find(&head[at..], b"<meta").map(|found| at + found) {
        let end = memchr::memchr(b'>', &head[found..]).map_or(head.len(), |end| found + end);
        if let Some(name) = memmem::find(&head[found..end], b"charset=") {
            let name = &head[found + name + b"charset=".len()..end];
            let name: String = name
                .iter()
                .map(|b| char::from(*b))
                .skip_while(|c| matches!(c, '"' | '\'' | ' '))
                .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
                .collect();
            // A page that could be read so far is not in two bytes a letter.
            return Some(name).filter(|name| !name.is_empty() && !name.starts_with("utf-16"));
        }
        at = end;
    }
    None
}

pub(super) fn tidy(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(TEXT_BYTES));
    text.replace("\r\n", "\n").replace('\0', "")
}

/// Files that are written into the text (uuencode) are attachments to whoever reads it.
fn without_files(text: String, files: &mut Vec<Embedded>) -> String {
    const FILES: usize = 20;
    // A line that begins a file without an end costs a look to the end of the text.
    const TRIES: usize = 10;
    if !text.contains("\nend") {
        return text;
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    for _ in 0..TRIES {
        let begin = if rest.starts_with("begin ") { Some(0) } else { rest.find("\nbegin ").map(|at| at + 1) };
        let Some(begin) = begin else { break };
        kept.push_str(&rest[..begin]);
        rest = &rest[begin..];
        match unix(rest.as_bytes()) {
            Some(UnixFile { name, bytes, length }) if files.len() < FILES => {
                files.push(Embedded { name, bytes });
                rest = &rest[length..];
            }
            _ => {
                kept.push_str(&rest[..1]);
                rest = &rest[1..];
            }
        }
    }
    kept.push_str(rest);
    kept
}
