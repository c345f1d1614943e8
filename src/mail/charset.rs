//! Bytes to text, whatever their label says.
//!
//! Labels are wrong in well-known ways: browsers' names for them (WHATWG Encoding) already read latin-1 as windows-1252,
//! and gb2312 as GB18030. What is left is found in the bytes: UTF-8 can hardly be anything else, the escape sequences of
//! ISO-2022 can't either, and where a label is missing, unknown or impossible, the statistics of the letters decide.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{EUC_KR, Encoding, GBK, ISO_2022_JP, REPLACEMENT, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use mail_parser::decoders::charsets::map::charset_decoder;
use memchr::memmem;

/// So much is looked at to guess a charset.
const SAMPLE_BYTES: usize = 64 << 10;
/// Fewer bytes beyond ASCII say nothing about their charset.
const TELLING_BYTES: usize = 6;

/// Names that mail programs use beyond those of the WHATWG, without what is no letter or digit.
#[rustfmt::skip]
const NAMES: [(&str, &str); 42] = [
    ("utf8", "utf-8"), ("utf8mb4", "utf-8"), ("utf8bom", "utf-8"), ("unicode11utf8", "utf-8"), ("cp65001", "utf-8"), ("65001", "utf-8"),
    ("cp932", "shift_jis"), ("windows932", "shift_jis"), ("cp943", "shift_jis"), ("mskanji", "shift_jis"), ("xmscp932", "shift_jis"),
    ("cp949", "euc-kr"), ("uhc", "euc-kr"), ("xwindows949", "euc-kr"), ("ksx1001", "euc-kr"), ("ksc5601", "euc-kr"), ("ksc56011992", "euc-kr"),
    ("cp936", "gb18030"), ("ms936", "gb18030"), ("windows936", "gb18030"), ("gb2312", "gb18030"), ("euccn", "gb18030"), ("xeuccn", "gb18030"),
    ("gb231280", "gb18030"), ("cngb", "gb18030"), ("gb180302000", "gb18030"), ("gb180302005", "gb18030"), ("gb180302022", "gb18030"),
    ("cp950", "big5"), ("ms950", "big5"), ("windows950", "big5"), ("big5hkscs2004", "big5"), ("big5eten", "big5"),
    ("cp51932", "euc-jp"), ("eucjpms", "euc-jp"), ("eucjpwin", "euc-jp"), ("ujis", "euc-jp"),
    ("cp50220", "iso-2022-jp"), ("cp50221", "iso-2022-jp"), ("iso2022jpms", "iso-2022-jp"), ("jis7", "iso-2022-jp"), ("iso2022jp1", "iso-2022-jp"),
];

/// The text of these bytes, that are said to be in `label`; where that leads nowhere, `other` may be better than a guess.
pub fn decode<'a>(bytes: &'a [u8], label: Option<&str>, other: Option<&str>) -> Cow<'a, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return encoding.decode_without_bom_handling(&bytes[mark..]).0;
    }
    let label = label.map(plain).filter(|l| !l.is_empty());
    if let Some(text) = label.as_deref().and_then(|label| seven_bit(bytes, label)) {
        return Cow::Owned(text);
    }
    if bytes.is_ascii() && !has_escapes(bytes) {
        let wide = label.as_deref().and_then(named).filter(|e| !e.is_ascii_compatible() && *e != ISO_2022_JP);
        return match wide {
            Some(encoding) => wide_text(encoding, bytes),
            None => String::from_utf8_lossy(bytes),
        };
    }
    if bytes.is_ascii() {
        return japanese_or_korean(bytes);
    }
    let named = label.as_deref().and_then(|label| named(label).or_else(|| code_page(label)));
    match named {
        Some(encoding) if !encoding.is_ascii_compatible() && encoding != ISO_2022_JP => wide_text(encoding, bytes),
        Some(encoding) => eight_bit(bytes, encoding, other),
        None => match label.as_deref().and_then(|label| charset_decoder(label.as_bytes())) {
            Some(decoder) if std::str::from_utf8(bytes).is_err() => Cow::Owned(decoder(bytes)),
            _ => eight_bit(bytes, UTF_8, other),
        },
    }
}

/// The text of bytes that carry no label: of a header line, or of a part that says nothing.
pub fn guess<'a>(bytes: &'a [u8], other: Option<&str>) -> Cow<'a, str> {
    decode(bytes, None, other)
}

fn plain(label: &str) -> String {
    label.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_ascii_lowercase()
}

/// The encoding of a name, if there is one that has tables.
fn named(label: &str) -> Option<&'static Encoding> {
    let letters: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
    let known = NAMES.iter().find(|(name, _)| *name == letters).map(|(_, label)| *label);
    let found = Encoding::for_label(known.unwrap_or(label).as_bytes())
        .or_else(|| Encoding::for_label(label.replace('_', "-").as_bytes()))
        .or_else(|| Encoding::for_label(label.replace("iso8859", "iso-8859").replace("latin-", "latin").as_bytes()));
    found.filter(|encoding| *encoding != REPLACEMENT)
}

/// "cp1250", "1250", "ms-1250" and the like.
fn code_page(label: &str) -> Option<&'static Encoding> {
    let number = label.trim_start_matches(|c: char| !c.is_ascii_digit());
    Encoding::for_label(format!("windows-{number}").as_bytes())
}

/// UTF-7, HZ and ISO-2022-KR: nothing but ASCII, and not to be known without their name.
fn seven_bit(bytes: &[u8], label: &str) -> Option<String> {
    if !bytes.is_ascii() {
        return None;
    }
    match label {
        "utf-7" | "utf7" | "unicode-1-1-utf-7" | "csutf7" => Some(utf_7(bytes)),
        "hz-gb-2312" | "hz" => Some(hz(bytes)),
        "iso-2022-kr" | "csiso2022kr" => Some(shifted(bytes)),
        _ => None,
    }
}

/// UTF-7 (RFC 2152): between `+` and what is no base64 stands UTF-16.
fn utf_7(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = bytes;
    while let Some(plus) = memchr::memchr(b'+', rest) {
        text.push_str(&String::from_utf8_lossy(&rest[..plus]));
        rest = &rest[plus + 1..];
        let sextet = |b: &u8| match b {
            b'A'..=b'Z' => Some(b - b'A'),
            b'a'..=b'z' => Some(b - b'a' + 26),
            b'0'..=b'9' => Some(b - b'0' + 52),
            b'+' => Some(62),
            b'/' => Some(63),
            _ => None,
        };
        let (mut units, mut bits, mut held) = (Vec::new(), 0u32, 0);
        let mut length = 0;
        for value in rest.iter().map_while(sextet) {
            length += 1;
            bits = bits << 6 | u32::from(value);
            held += 6;
            if held >= 16 {
                held -= 16;
                units.push((bits >> held) as u16);
                bits &= (1 << held) - 1;
            }
        }
        text.push_str(&String::from_utf16_lossy(&units));
        let is_plus = length == 0;
        rest = &rest[length..];
        if let Some(after) = rest.strip_prefix(b"-") {
            rest = after;
        }
        if is_plus {
            text.push('+');
        }
    }
    text.push_str(&String::from_utf8_lossy(rest));
    text
}

/// Of ISO-2022: a double-byte set begins, or Japanese ends.
fn has_escapes(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"\x1b$").is_some() || memmem::find(bytes, b"\x1b(").is_some()
}

fn japanese_or_korean(bytes: &[u8]) -> Cow<'_, str> {
    if memmem::find(bytes, b"\x1b$)C").is_some() {
        return Cow::Owned(shifted(bytes));
    }
    let (text, has_errors) = ISO_2022_JP.decode_without_bom_handling(bytes);
    // A log with the colours of a terminal has escapes, too.
    if has_errors && memmem::find(bytes, b"\x1b$").is_none() { String::from_utf8_lossy(bytes) } else { text }
}

/// ISO-2022-KR (RFC 1557): between SO and SI stand the bytes of EUC-KR without their high bits.
fn shifted(bytes: &[u8]) -> String {
    let mut is_out = false;
    let mut lifted = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'\x0e' => is_out = true,
            b'\x0f' => is_out = false,
            b'\x1b' if after.starts_with(b"$)C") => rest = &after[3..],
            b'\n' => {
                is_out = false;
                lifted.push(byte);
            }
            0x21..=0x7e if is_out => lifted.push(byte | 0x80),
            _ => lifted.push(byte),
        }
    }
    EUC_KR.decode_without_bom_handling(&lifted).0.into_owned()
}

/// HZ (RFC 1843): between `~{` and `~}` stand the bytes of GB 2312 without their high bits.
fn hz(bytes: &[u8]) -> String {
    let mut is_chinese = false;
    let mut lifted = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after.first()) {
            (b'~', Some(sign @ (b'{' | b'}' | b'~' | b'\n'))) => {
                rest = &after[1..];
                match sign {
                    b'{' => is_chinese = true,
                    b'}' => is_chinese = false,
                    b'~' => lifted.push(b'~'),
                    _ => {}
                }
            }
            (0x21..=0x7e, _) if is_chinese => lifted.push(byte | 0x80),
            _ => lifted.push(byte),
        }
    }
    GBK.decode_without_bom_handling(&lifted).0.into_owned()
}

/// UTF-16 without a mark of its order: in most scripts that mail is written in, half of the bytes are the same few.
fn wide_text<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> Cow<'a, str> {
    let zeros = |odd: usize| bytes.iter().skip(odd).step_by(2).take(500).filter(|b| **b == 0).count();
    let (high_first, low_first) = (zeros(0), zeros(1));
    // Labelled so, but in fact one byte a letter.
    if high_first + low_first == 0 && bytes.is_ascii() {
        return String::from_utf8_lossy(bytes);
    }
    let encoding = match encoding {
        _ if high_first > low_first => UTF_16BE,
        _ if low_first > high_first => UTF_16LE,
        other => other,
    };
    encoding.decode_without_bom_handling(bytes).0
}

fn eight_bit<'a>(bytes: &'a [u8], encoding: &'static Encoding, other: Option<&str>) -> Cow<'a, str> {
    let utf_8 = std::str::from_utf8(bytes);
    if encoding == UTF_8 {
        return match utf_8 {
            Ok(text) => Cow::Borrowed(text),
            Err(_) if is_damaged_utf_8(bytes) => String::from_utf8_lossy(bytes),
            Err(_) => without_label(bytes, other),
        };
    }
    // What is right UTF-8 is nothing else; only texts of very few letters in East Asian charsets can look like it.
    if let Ok(text) = utf_8
        && (encoding.is_single_byte() || encoding == ISO_2022_JP || encoding.decode_without_bom_handling(bytes).1)
    {
        return Cow::Borrowed(text);
    }
    let (text, has_errors) = encoding.decode_without_bom_handling(bytes);
    if (has_errors && !encoding.is_single_byte()) || (encoding == WINDOWS_1252 && is_hardly_latin(bytes)) {
        let guess = detect(bytes, encoding == WINDOWS_1252);
        let (better, is_worse) = guess.decode_without_bom_handling(bytes);
        if !is_worse && guess != encoding {
            return better;
        }
        if has_errors && is_damaged_utf_8(bytes) {
            return String::from_utf8_lossy(bytes);
        }
    }
    text
}

fn without_label<'a>(bytes: &'a [u8], other: Option<&str>) -> Cow<'a, str> {
    let other = other.map(plain).and_then(|label| named(&label)).filter(|e| *e != UTF_8 && e.is_ascii_compatible());
    if let Some(encoding) = other {
        let (text, has_errors) = encoding.decode_without_bom_handling(bytes);
        if !has_errors {
            return text;
        }
    }
    let telling = bytes.iter().filter(|b| !b.is_ascii()).take(TELLING_BYTES).count() == TELLING_BYTES;
    let guess = if telling { detect(bytes, false) } else { WINDOWS_1252 };
    guess.decode_without_bom_handling(bytes).0
}

/// Text that was cut within a letter, or pasted together: most of it is right all the same.
fn is_damaged_utf_8(bytes: &[u8]) -> bool {
    let (mut right, mut wrong) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        right += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        wrong += usize::from(!chunk.invalid().is_empty());
    }
    right > 2 * wrong
}

/// Are there more letters beyond ASCII than any text of Western Europe has?
fn is_hardly_latin(bytes: &[u8]) -> bool {
    let high = bytes.iter().filter(|b| **b >= 0xa0).count();
    let low = bytes.iter().filter(|b| b.is_ascii_alphabetic()).count();
    high >= 2 * TELLING_BYTES && high > low
}

/// What the letters' statistics say; `not_latin` to hear of nothing that could be meant by latin-1.
fn detect(bytes: &[u8], not_latin: bool) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(SAMPLE_BYTES)], bytes.len() <= SAMPLE_BYTES);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let latin = ["windows-1252", "windows-1250", "windows-1254", "windows-1257", "windows-1258"];
    if not_latin && (latin.contains(&guess.name()) || guess.name().starts_with("ISO-8859-")) {
        return WINDOWS_1252;
    }
    guess
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(bytes: &[u8], label: &str, text: &str) {
        let label = Some(label).filter(|l| !l.is_empty());
        assert_eq!(decode(bytes, label, None), text, "{label:?}");
    }

    fn encoded(text: &str, label: &str) -> Vec<u8> {
        Encoding::for_label(label.as_bytes()).unwrap().encode(text).0.into_owned()
    }

    const RUSSIAN: &str = "Добрый день! Канал связи не работает с девяти часов утра, просим проверить.";
    const CHINESE: &str = "您好,线路从今天上午开始中断,请尽快检查。镕";
    const JAPANESE: &str = "お世話になっております。回線が切断されました。";
    const KOREAN: &str = "안녕하세요, 오늘 아침부터 회선이 끊어졌습니다. 똠방각하";

    #[test]
    fn a_right_label_is_followed_in_all_its_spellings() {
        for label in ["koi8-r", "KOI8-R", "windows-1251", "cp1251", "\"cp1251\"", "1251", "iso-8859-5", "iso8859-5"] {
            let real = if label.contains("1251") { "windows-1251" } else { label.trim_matches('"') };
            reads(&encoded(RUSSIAN, real), label, RUSSIAN);
        }
        for label in ["shift_jis", "x-sjis", "Shift-JIS", "cp932", "windows-31j", "MS932", "MS_Kanji"] {
            reads(&encoded(JAPANESE, "shift_jis"), label, JAPANESE);
        }
        for label in ["euc-kr", "CP949", "ks_c_5601-1987", "ks_c_5601", "UHC"] {
            reads(&encoded(KOREAN, "euc-kr"), label, KOREAN);
        }
        for label in ["gb2312", "GBK", "gb18030", "cp936", "x-gbk", "GB_2312-80", "euc-cn"] {
            reads(&encoded(CHINESE, "gb18030"), label, CHINESE);
        }
        for label in ["big5", "Big5-HKSCS", "cp950", "x-x-big5"] {
            reads(&encoded("線路中斷,請檢查。", "big5"), label, "線路中斷,請檢查。");
        }
        reads(&encoded(JAPANESE, "euc-jp"), "eucJP-ms", JAPANESE);
        reads(b"\x93Gr\xfc\xdfe\x94 \x80 5", "ISO-8859-1", "“Grüße” € 5");
        reads(b"\x84\x81", "cp850", "äü");
    }

    #[test]
    fn escape_sequences_speak_for_themselves() {
        let bytes = encoded(JAPANESE, "iso-2022-jp");
        for label in ["", "us-ascii", "utf-8", "iso-8859-1", "iso-2022-jp", "iso-2022-jp-ms", "unknown-8bit"] {
            reads(&bytes, label, JAPANESE);
        }
        reads(b"\x1b$)C\x0e>H3g\x0f ok\n", "", "안녕 ok\n");
        reads(b"\x1b$)C\x0e>H3g\x0f ok\n", "iso-2022-kr", "안녕 ok\n");
        reads(b"hi ~{Ws<R~} ~~", "hz-gb-2312", "hi 左家 ~");
        reads(b"\x1b[31mred\x1b[0m (b)", "", "\x1b[31mred\x1b[0m (b)");
    }

    #[test]
    fn utf_8_is_read_as_such_whatever_it_is_called() {
        for label in ["utf-8", "UTF8", "iso-8859-1", "us-ascii", "windows-1252", "koi8-r", "", "x-unknown", "shift_jis"]
        {
            reads("Grüße aus 東京, всё".as_bytes(), label, "Grüße aus 東京, всё");
        }
        reads("\u{feff}Grüße".as_bytes(), "iso-8859-1", "Grüße");
        reads(b"Gr\xc3\xbc\xc3\x9fe, M\xc3\xbcller\xc3", "utf-8", "Grüße, Müller\u{fffd}");
    }

    #[test]
    fn what_is_called_utf_8_and_is_not_is_read_by_its_letters() {
        reads(b"Gr\xfc\xdfe an alle", "utf-8", "Grüße an alle");
        for (text, label) in [
            (RUSSIAN, "windows-1251"),
            (RUSSIAN, "koi8-r"),
            (CHINESE, "gbk"),
            (JAPANESE, "shift_jis"),
            (JAPANESE, "euc-jp"),
            (KOREAN, "euc-kr"),
        ] {
            for wrong in ["utf-8", "", "x-unknown", "us-ascii", "iso-8859-1"] {
                reads(&encoded(text, label), wrong, text);
            }
        }
        assert_eq!(decode(b"J\xfcrgen", None, None), "Jürgen");
        assert_eq!(decode(b"\xf0\xd2\xc9", None, Some("koi8-r")), "При");
    }

    #[test]
    fn wide_charsets_are_read_in_either_order() {
        let low: Vec<u8> = "Grüße".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let high: Vec<u8> = "Grüße".encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [&low, &high] {
            for label in ["utf-16", "utf-16le", "utf-16be"] {
                reads(bytes, label, "Grüße");
            }
        }
        reads(&[&b"\xfe\xff"[..], &high].concat(), "", "Grüße");
        reads(b"plain", "utf-16", "plain");
        reads(b"Gr+APwA3w-e +- 1", "utf-7", "Grüße + 1");
    }

    #[test]
    fn latin_text_stays_latin() {
        let german = "Größere Störung: die Übertragungsgeräte über Köln fallen häufig aus, bitte prüfen.";
        reads(&encoded(german, "windows-1252"), "iso-8859-1", german);
        reads(&encoded(german, "windows-1252"), "", german);
        let french = "Bonjour, la ligne est coupée depuis ce matin, pouvez-vous vérifier ? Très urgent, merci à tous.";
        reads(&encoded(french, "windows-1252"), "utf-8", french);
    }
}
