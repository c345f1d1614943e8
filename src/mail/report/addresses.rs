//! Addresses in the prose of a report, each with what stands around it, and those of its fields (RFC 3464 §2.3.1).

use memchr::memchr_iter;

/// Longest local part and domain that are looked at (RFC 5321 §4.5.3.1).
const LOCAL_BYTES: usize = 128;
const DOMAIN_BYTES: usize = 255;

/// An address in a line, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found<'a> {
    pub address: String,
    pub before: &'a str,
    pub after: &'a str,
}

/// The addresses of a line, from left to right.
pub(super) fn in_line(line: &str) -> Vec<Found<'_>> {
    let mut found: Vec<Found<'_>> = Vec::new();
    let mut from = 0;
    for at in memchr_iter(b'@', line.as_bytes()) {
        if at < from {
            continue;
        }
        let start = local_start(line, from, at);
        let end = domain_end(line, at + 1);
        let local = &line[start..at];
        let domain = &line[at + 1..end];
        let in_brackets = line[..start].ends_with('<') && line[end..].starts_with('>');
        if local.is_empty() || !is_domain(domain, in_brackets) {
            continue;
        }
        found.push(Found {
            address: format!("{local}@{domain}").to_lowercase(),
            before: &line[..start],
            after: &line[end..],
        });
        from = end;
    }
    found
}

fn local_start(line: &str, from: usize, at: usize) -> usize {
    let earliest = line.ceil_char_boundary(from.max(at.saturating_sub(LOCAL_BYTES)));
    let before = &line[earliest..at];
    if let Some(open) = before.strip_suffix('"').and_then(|quoted| quoted.rfind('"')) {
        return earliest + open;
    }
    let local = before.trim_end_matches(|c: char| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c));
    let start = earliest + local.len();
    let trimmed = line[start..at].trim_start_matches(['\'', '`', '*', '=', '|', '/', '-', '.', '#']);
    at - trimmed.len()
}

fn domain_end(line: &str, start: usize) -> usize {
    let latest = line.floor_char_boundary(line.len().min(start + DOMAIN_BYTES));
    let rest = &line[start..latest];
    if rest.starts_with('[') {
        return rest.find(']').map_or(start, |end| start + end + 1);
    }
    let domain = rest.trim_start_matches(|c: char| c.is_alphanumeric() || "-._".contains(c));
    let end = rest.len() - domain.len();
    start + rest[..end].trim_end_matches(['.', '-', '_']).len()
}

fn is_domain(domain: &str, in_brackets: bool) -> bool {
    if domain.starts_with('[') {
        return domain.len() > 2;
    }
    let mut labels = domain.rsplit('.');
    let last = labels.next().unwrap_or_default();
    let named = last.chars().any(char::is_alphabetic) && !domain.contains("..") && !domain.starts_with('.');
    named
        && (in_brackets || domain.contains('.') && last.chars().count() > 1 || domain.len() > 2 && domain.contains('.'))
}

/// An address as a field gives it, `rfc822; Ada@hill.example (Ada)`; none when it is no mail address.
pub(super) fn of_field(value: &str) -> Option<String> {
    // Some relays prefix what has its type already: `rfc822; rfc822;ada@hill.example`.
    let value = value.trim();
    let value = value.get(..7).filter(|start| start.eq_ignore_ascii_case("rfc822;")).map_or(value, |_| &value[7..]);
    let (kind, address) = match value.split_once(';') {
        Some((kind, address)) if !kind.contains('@') => (kind.trim().to_lowercase(), address),
        _ => (String::new(), value),
    };
    // X.400 and Unix pipes have forms of their own that nobody was written to by.
    if !matches!(kind.as_str(), "" | "rfc822" | "utf-8" | "smtp" | "unknown" | "internet" | "rfc-822" | "local") {
        return in_line(address).into_iter().next().map(|found| found.address);
    }
    let address = unquoted(address.trim());
    let address = if kind == "utf-8" { unescaped(address) } else { address.to_owned() };
    let usable =
        |a: &str| !a.is_empty() && a.len() <= 320 && !a.contains(|c: char| c.is_whitespace() || c.is_control());
    usable(&address).then(|| address.to_lowercase())
}

/// Without brackets, and without a comment behind it.
fn unquoted(address: &str) -> &str {
    let inner = address.find('<').and_then(|open| {
        let rest = &address[open + 1..];
        rest.find('>').map(|close| &rest[..close])
    });
    let address = inner.unwrap_or(address);
    let address = address.split(" (").next().unwrap_or(address);
    address.trim().trim_matches(['<', '>', '"', '\'']).trim_end_matches([',', ';'])
}

/// `\x{NN}` of RFC 6533 §3.
fn unescaped(address: &str) -> String {
    let mut whole = String::new();
    let mut rest = address;
    while let Some(start) = rest.find("\\x{") {
        let code = &rest[start + 3..];
        let Some(end) = code.find('}') else { break };
        let Some(c) = u32::from_str_radix(&code[..end], 16).ok().and_then(char::from_u32) else { break };
        whole.push_str(&rest[..start]);
        whole.push(c);
        rest = &code[end + 1..];
    }
    whole + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(line: &str) -> Vec<String> {
        in_line(line).into_iter().map(|found| found.address).collect()
    }

    #[test]
    fn addresses_are_found_in_whatever_stands_around_them() {
        assert_eq!(all("550 5.1.1 <Ada+x@Hill.example>... User unknown"), ["ada+x@hill.example"]);
        assert_eq!(all("to 'ada@hill.example', bob@hill.example."), ["ada@hill.example", "bob@hill.example"]);
        assert_eq!(all("\"ada b\"@hill.example:"), ["\"ada b\"@hill.example"]);
        assert_eq!(all("<root@localhost> root@localhost"), ["root@localhost"]);
        assert_eq!(all("用户@例え.テスト ada@[192.0.2.1]"), ["用户@例え.テスト", "ada@[192.0.2.1]"]);
        assert_eq!(all("@ a@ @b.example 1@2 a@1.2"), Vec::<String>::new());
    }

    #[test]
    fn a_field_gives_its_address_without_type_and_comment() {
        assert_eq!(of_field("rfc822; <Ada@hill.example>").as_deref(), Some("ada@hill.example"));
        assert_eq!(of_field("RFC822;ada@hill.example (Ada)").as_deref(), Some("ada@hill.example"));
        assert_eq!(of_field("ada@hill.example").as_deref(), Some("ada@hill.example"));
        assert_eq!(of_field("utf-8; J\\x{F6}rg@hill.example").as_deref(), Some("jörg@hill.example"));
        assert_eq!(of_field("rfc822; rfc822;ada@hill.example").as_deref(), Some("ada@hill.example"));
        assert_eq!(of_field("x-unix; |/usr/bin/filter"), None);
        assert_eq!(of_field("rfc822;"), None);
    }

    #[test]
    fn a_line_of_nothing_but_at_signs_is_read_in_no_time() {
        assert!(all(&"@".repeat(1 << 20)).is_empty());
        assert!(all(&"a".repeat(1 << 20)).is_empty());
    }
}
