//! How IMAP writes things: quoted strings, folder names, sets of UIDs, dates.

use chrono::{DateTime, Utc};

use super::PostError;

/// Some servers take no command line above 8,000 bytes, old ones none above 4,000; the rest of the line needs room.
const SET_BYTES: usize = 3500;

/// A string as IMAP quotes it.
pub fn quoted(text: &str) -> Result<String, PostError> {
    if text.contains(['\r', '\n', '\0']) {
        return Err(PostError::Secret(
            "a user, password or folder holds a line break: IMAP cannot take that".to_owned(),
        ));
    }
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// RFC 3501's date-time: `10-Dec-2024 15:11:12 +0800`, the day padded with a blank.
pub fn internal_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_str(text.trim(), "%d-%b-%Y %H:%M:%S %z").ok().map(|at| at.with_timezone(&Utc))
}

/// UIDs as sets, `1:5,9`, none longer than a command line may be.
pub fn uid_sets(uids: &[u32]) -> Vec<String> {
    let mut sets: Vec<String> = Vec::new();
    let mut rest = uids;
    while let Some(first) = rest.first() {
        let run = rest.windows(2).take_while(|pair| pair[1] == pair[0].saturating_add(1)).count() + 1;
        let last = rest[run - 1];
        let range = if run == 1 { first.to_string() } else { format!("{first}:{last}") };
        match sets.last_mut().filter(|set| set.len() + range.len() < SET_BYTES) {
            Some(set) => {
                set.push(',');
                set.push_str(&range);
            }
            None => sets.push(range),
        }
        rest = &rest[run..];
    }
    sets
}

/// A folder's name as IMAP writes it: modified UTF-7 (RFC 3501 §5.1.3).
pub fn utf7(name: &str) -> String {
    let mut out = String::new();
    let mut foreign: Vec<u8> = Vec::new();
    let flush = |foreign: &mut Vec<u8>, out: &mut String| {
        if !foreign.is_empty() {
            let encoded = data_encoding::BASE64_NOPAD.encode(foreign).replace('/', ",");
            out.push_str(&format!("&{encoded}-"));
            foreign.clear();
        }
    };
    for c in name.chars() {
        match c {
            ' '..='~' => {
                flush(&mut foreign, &mut out);
                out.push(c);
                if c == '&' {
                    out.push('-');
                }
            }
            _ => foreign.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes())),
        }
    }
    flush(&mut foreign, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uid_sets_are_short_and_complete() {
        assert_eq!(uid_sets(&[1, 2, 3, 9, 11, 12]), ["1:3,9,11:12"]);
        assert!(uid_sets(&[]).is_empty());
        let odd: Vec<u32> = (0..5000).map(|n| n * 2 + 100_001).collect();
        let sets = uid_sets(&odd);
        assert!(sets.iter().all(|s| s.len() <= SET_BYTES));
        assert_eq!(sets.iter().map(|s| s.split(',').count()).sum::<usize>(), 5000);
    }

    #[test]
    fn folder_names_are_modified_utf_7() {
        assert_eq!(utf7("Entwürfe & Co"), "Entw&APw-rfe &- Co");
        assert_eq!(utf7("受信"), "&U9dP4Q-");
    }

    #[test]
    fn a_quoted_string_cannot_end_early_or_begin_a_new_line() {
        assert_eq!(quoted(r#"a"b\c"#).unwrap(), r#""a\"b\\c""#);
        assert!(quoted("a\r\nA2 LOGOUT").is_err());
    }

    #[test]
    fn the_day_of_a_date_may_be_padded() {
        assert_eq!(internal_date(" 1-Dec-2024 15:11:12 +0800").unwrap().to_rfc3339(), "2024-12-01T07:11:12+00:00");
        assert_eq!(internal_date("yesterday"), None);
    }
}
