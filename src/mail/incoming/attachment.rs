//! Attachments: which parts are some, what they are called, and their bytes.

use mail_parser::{HeaderName, Message, MessagePart, MimeHeaders, PartType};

use super::{
    body::Embedded,
    header::{one_line, raw_value, subject},
    parameter::parameter,
    transfer::Transfer,
};
use crate::mail::slim::Slim;

/// Attachments of one mail.
pub(super) const ATTACHMENTS: usize = 200;
/// File systems take 255 bytes, and people add to a name.
const NAME_BYTES: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttachmentInfo {
    /// safe to show and to use as a file name
    pub name: String,
    pub content_type: String,
    pub size_bytes: u64,
    pub inline: bool,
}

/// An attachment with its bytes, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub info: AttachmentInfo,
    pub bytes: Vec<u8>,
}

/// The parts that are attachments: not those whose text is shown, nor those that stand for it in another form.
pub(super) fn parts(message: &Message<'_>, shown: &[bool]) -> Vec<usize> {
    let ids = message.attachments.iter().map(|id| *id as usize);
    ids.filter(|id| !shown.get(*id).copied().unwrap_or(true)).take(ATTACHMENTS).collect()
}

pub(super) fn info(message: &Message<'_>, id: usize, slim: Option<&Slim<'_>>, other: Option<&str>) -> AttachmentInfo {
    let part = &message.parts[id];
    let content_type = content_type(part);
    let inline = part.content_disposition().is_some_and(mail_parser::ContentType::is_inline)
        || (part.content_id().is_some() && content_type.starts_with("image/"));
    let missing =
        slim.map(|slim| slim.missing(part.offset_body as usize..part.offset_end as usize)).unwrap_or_default();
    let missing = if part.is_message() { missing.encoded_bytes } else { missing.decoded_bytes };
    AttachmentInfo {
        name: name(message, id, &content_type, other),
        content_type: one_line(&content_type, 100),
        size_bytes: part.len() as u64 + missing,
        inline,
    }
}

pub(super) fn embedded(file: &Embedded) -> AttachmentInfo {
    let content_type = "application/octet-stream".to_owned();
    let size_bytes = file.bytes.len() as u64;
    AttachmentInfo { name: safe_name(&file.name, &content_type), content_type, size_bytes, inline: false }
}

fn content_type(part: &MessagePart<'_>) -> String {
    part.content_type().map_or_else(
        || if part.is_message() { "message/rfc822".to_owned() } else { "application/octet-stream".to_owned() },
        |t| format!("{}/{}", t.ctype(), t.subtype().unwrap_or("octet-stream")).to_lowercase(),
    )
}

fn name(message: &Message<'_>, id: usize, content_type: &str, other: Option<&str>) -> String {
    let written =
        |header, name| parameter(raw_value(message, id, header)?, name, other).filter(|n| !n.trim().is_empty());
    let name = written(HeaderName::ContentDisposition, "filename")
        .or_else(|| written(HeaderName::ContentType, "name"))
        .or_else(|| written(HeaderName::ContentDisposition, "name"))
        .or_else(|| written(HeaderName::ContentType, "filename"));
    let name = name.or_else(|| match &message.parts[id].body {
        PartType::Message(inner) => {
            Some(subject(inner, None)).filter(|s| !s.is_empty()).map(|s| s.replace(['/', '\\'], " ") + ".eml")
        }
        _ => None,
    });
    safe_name(&name.unwrap_or_default(), content_type)
}

/// The bytes of a part, decoded.
pub(super) fn bytes(message: &Message<'_>, id: usize) -> Vec<u8> {
    let part = &message.parts[id];
    let raw = message.raw_message.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default();
    if part.is_message() {
        return raw.to_vec();
    }
    transfer(part).decode(raw).into_owned()
}

pub(super) fn transfer(part: &MessagePart<'_>) -> Transfer {
    part.content_transfer_encoding().map_or(Transfer::Identity, Transfer::named)
}

/// Names that Windows keeps for devices, whatever their extension.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "conin$", "conout$"];

/// What a part without a name is called.
#[rustfmt::skip]
const NAMES: [(&str, &str); 16] = [
    ("message/rfc822", "message.eml"), ("message/global", "message.eml"), ("text/calendar", "invitation.ics"),
    ("application/pkcs7-signature", "smime.p7s"), ("application/x-pkcs7-signature", "smime.p7s"),
    ("application/pkcs7-mime", "smime.p7m"), ("application/x-pkcs7-mime", "smime.p7m"),
    ("application/pgp-signature", "signature.asc"), ("application/ms-tnef", "winmail.dat"), ("text/vcard", "contact.vcf"),
    ("text/html", "attachment.html"), ("text/plain", "attachment.txt"), ("text/csv", "attachment.csv"),
    ("application/pdf", "attachment.pdf"), ("image/jpeg", "image.jpg"), ("image/png", "image.png"),
];

/// A file name without a path and without anything that a shell, a terminal or a file system takes for its own.
pub(super) fn safe_name(name: &str, content_type: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|part| !part.trim().is_empty()).unwrap_or_default();
    let clean: String = one_line(last, 1000).chars().filter(|c| !"<>:\"|?*".contains(*c)).collect();
    // Windows drops dots and blanks at the end; a name that begins with a dot is hidden, with "-" an option.
    let clean = clean.trim_start_matches(['.', '-', ' ', '~']).trim_end_matches(['.', ' ']);
    if clean.is_empty() {
        let known = NAMES.iter().find(|(known, _)| *known == content_type);
        return known.map_or("attachment", |(_, name)| name).to_owned();
    }
    let stem = clean.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let port = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let is_device = DEVICES.contains(&stem.as_str())
        || port
            .is_some_and(|n| n.chars().count() == 1 && n.contains(|c: char| c.is_ascii_digit() || "¹²³".contains(c)));
    shortened(&if is_device { format!("_{clean}") } else { clean.to_owned() })
}

/// Cut before its extension.
fn shortened(name: &str) -> String {
    if name.len() <= NAME_BYTES {
        return name.to_owned();
    }
    let (stem, extension) = name.rsplit_once('.').filter(|(_, e)| e.len() <= 20).unwrap_or((name, ""));
    let stem = &stem[..stem.floor_char_boundary(NAME_BYTES - extension.len() - 1)];
    let dot = if extension.is_empty() { "" } else { "." };
    format!("{}{dot}{extension}", stem.trim_end_matches(['.', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_that_any_system_takes() {
        for (name, safe) in [
            ("../../../tmp/pwned", "pwned"),
            ("C:\\Users\\x\\report.pdf", "report.pdf"),
            ("..", "attachment"),
            ("...hidden", "hidden"),
            ("-rf", "rf"),
            ("CON", "_CON"),
            ("nul.txt", "_nul.txt"),
            ("Com1.log", "_Com1.log"),
            ("console.log", "console.log"),
            ("a.txt. .", "a.txt"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("a\r\nb\0c|d?.txt", "a b cd.txt"),
            ("folder/", "folder"),
        ] {
            assert_eq!(safe_name(name, ""), safe, "{name:?}");
        }
        let long = safe_name(&format!("{}.pdf", "ü".repeat(500)), "");
        assert!(long.len() <= NAME_BYTES && long.ends_with("ü.pdf"), "{long}");
        assert_eq!(safe_name("", "message/rfc822"), "message.eml");
    }
}
