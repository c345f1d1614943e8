//! Is a mail signed, or encrypted so that nobody here can read it?

use mail_parser::{ContentType, Message, MessagePart, MimeHeaders};
use memchr::memmem;

use super::{attachment, pgp::Armour};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Protection {
    #[default]
    None,
    /// S/MIME or PGP; the signature was not checked
    Signed,
    /// S/MIME or PGP: what it says can't be read
    Encrypted,
}

/// Of the whole mail; what is attached to it may be protected as it likes.
pub(super) fn protection(message: &Message<'_>, armour: Armour, shows_text: bool) -> Protection {
    let found = message.parts.iter().enumerate().map(|(id, part)| of_part(message, id, part)).max_by_key(|p| *p as u8);
    let found = match found {
        // A mail that is read in full may have encrypted files.
        Some(Protection::Encrypted) if shows_text && !is_wholly_encrypted(message) => Protection::None,
        found => found.unwrap_or_default(),
    };
    match (found, armour) {
        (Protection::Encrypted, _) | (_, Armour::Encrypted) => Protection::Encrypted,
        (Protection::Signed, _) | (_, Armour::Signed) => Protection::Signed,
        (Protection::None, Armour::None) => Protection::None,
    }
}

fn of_part(message: &Message<'_>, id: usize, part: &MessagePart<'_>) -> Protection {
    let Some(content_type) = part.content_type() else { return Protection::None };
    let is = |main: &str, sub: &str| is_type(content_type, main, sub);
    if is("multipart", "encrypted") || is("application", "pgp-encrypted") {
        Protection::Encrypted
    } else if is("multipart", "signed") {
        Protection::Signed
    } else if is_cms(content_type) && !part.content_disposition().is_some_and(ContentType::is_attachment)
        || id == 0 && is_cms(content_type)
    {
        of_cms(content_type, &attachment::bytes(message, id))
    } else {
        Protection::None
    }
}

fn is_type(content_type: &ContentType<'_>, main: &str, sub: &str) -> bool {
    content_type.ctype().eq_ignore_ascii_case(main)
        && content_type.subtype().is_some_and(|s| s.eq_ignore_ascii_case(sub))
}

/// An opaque S/MIME part (RFC 8551 §3.2), also as older programs write it.
pub(super) fn is_cms(content_type: &ContentType<'_>) -> bool {
    is_type(content_type, "application", "pkcs7-mime")
        || is_type(content_type, "application", "x-pkcs7-mime")
        || is_type(content_type, "application", "octet-stream")
            && content_type.attribute("name").is_some_and(|name| name.to_ascii_lowercase().ends_with(".p7m"))
}

/// The object identifiers of CMS (RFC 5652) behind their common beginning, 1.2.840.113549.1: the content's type is one
/// of the first things in it.
const CMS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01";

fn of_cms(content_type: &ContentType<'_>, bytes: &[u8]) -> Protection {
    match content_type.attribute("smime-type").map(str::to_ascii_lowercase).as_deref() {
        Some("signed-data" | "signed-receipt") => return Protection::Signed,
        Some("enveloped-data" | "authenveloped-data" | "auth-enveloped-data") => return Protection::Encrypted,
        Some(_) => return Protection::None,
        None => {}
    }
    let head = &bytes[..bytes.len().min(64)];
    let Some(at) = memmem::find(head, CMS) else { return Protection::None };
    match &head[at + CMS.len()..] {
        [7, 2, ..] => Protection::Signed,
        [7, 3 | 6, ..] | [9, 16, 1, 23, ..] => Protection::Encrypted,
        _ => Protection::None,
    }
}

/// Is there nothing beside the encrypted part but what servers add around it?
fn is_wholly_encrypted(message: &Message<'_>) -> bool {
    let root = message.root_part().content_type();
    let root_is = |main, sub| root.is_some_and(|t| is_type(t, main, sub));
    // Exchange makes a multipart/mixed of a multipart/encrypted.
    root_is("multipart", "encrypted")
        || root.is_some_and(is_cms)
        || message.parts.iter().any(|p| p.content_type().is_some_and(|t| is_type(t, "application", "pgp-encrypted")))
}
