//! What a mail server says in numbers: reply codes (RFC 5321 §4.2.1) and enhanced status codes (RFC 3463), wherever they
//! stand in a text.

/// The first status such as 5.1.1. An address of a host or a version is none.
pub(super) fn enhanced_status(text: &str) -> Option<&str> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let start = at;
        while at < bytes.len() && (bytes[at].is_ascii_digit() || bytes[at] == b'.') {
            at += 1;
        }
        // A sentence may end behind it.
        let number = text[start..at].trim_end_matches('.');
        let before = start.checked_sub(1).map(|before| bytes[before]);
        let apart = !before.is_some_and(|b| b.is_ascii_alphanumeric() || b == b'/' || b == b'.');
        if apart && is_enhanced_status(number) {
            return Some(number);
        }
    }
    None
}

pub(super) fn is_enhanced_status(number: &str) -> bool {
    let mut digits = number.split('.');
    let class = digits.next().is_some_and(|class| matches!(class, "2" | "4" | "5"));
    let short =
        |part: Option<&str>| part.is_some_and(|p| (1..=3).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_digit()));
    class && short(digits.next()) && short(digits.next()) && digits.next().is_none()
}

/// The first reply code of a refusal, 400 to 559 and the few that servers invented, where a code can stand: at the
/// beginning of a line, or behind what introduces a server's words.
pub(super) fn reply_code(text: &str) -> Option<u16> {
    text.lines().find_map(code_of_line)
}

fn code_of_line(line: &str) -> Option<u16> {
    let bytes = line.as_bytes();
    let mut at = 0;
    while let Some(found) = memchr::memchr2(b'4', b'5', &bytes[at..]) {
        let start = at + found;
        at = start + 1;
        let Some(code) = line.get(start..start + 3).filter(|c| c.bytes().all(|b| b.is_ascii_digit())) else { continue };
        let behind = bytes.get(start + 3).copied().unwrap_or(b' ');
        if !matches!(behind, b' ' | b'-' | b'#' | b':' | b',' | b'\t' | b';' | b')' | b'"' | b'\'') {
            continue;
        }
        let before = line[..start].trim_end_matches([' ', '\t']);
        let glued = before.len() == start && start > 0;
        let introduced = before.is_empty()
            || before.ends_with([':', ';', '<', '>', '(', '[', ']', '"', '\'', '.', '|', '*'])
            || ["said", "reply", "code", "error", "smtp", "response", "status", "rejected", "returned", "antwort"]
                .iter()
                .any(|word| before.to_ascii_lowercase().ends_with(word));
        let plausible = matches!(code.parse(), Ok(400..=459 | 471 | 499..=559 | 571 | 572 | 577 | 580..=599));
        if introduced && plausible && !(glued && before.ends_with('.')) {
            return code.parse().ok();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_told_from_other_numbers() {
        assert_eq!(enhanced_status("550 5.1.1 <a@b.example> unknown"), Some("5.1.1"));
        assert_eq!(enhanced_status("no mailbox here by that name. (#5.1.1)"), Some("5.1.1"));
        assert_eq!(enhanced_status("host 5.1.1.2, version v4.5.6, Exim/4.9.2"), None);
        assert_eq!(enhanced_status("550-5.7.26 Unauthenticated"), Some("5.7.26"));
        assert_eq!(enhanced_status("see 4.4.7."), Some("4.4.7"));
    }

    #[test]
    fn a_reply_code_is_told_from_other_numbers() {
        assert_eq!(reply_code("Remote host said: 550 no such user"), Some(550));
        assert_eq!(reply_code("it took 450 seconds\n<<< 452 4.2.2 over quota"), Some(452));
        assert_eq!(reply_code("550-5.1.1 gone"), Some(550));
        assert_eq!(reply_code("MAIL FROM:<a@b.example> SIZE=512 and 500 bytes"), None);
        assert_eq!(reply_code("host mx.example [192.0.2.1]: 554 denied"), Some(554));
        assert_eq!(reply_code(&"5".repeat(1 << 20)), None);
    }
}
