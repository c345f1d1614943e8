//! Authentication-Results (RFC 8601): is the sender forged, as the desk's own mail server found?
//!
//! Anybody can write such a header; only that of the desk's own server counts, which the operator names. Only a DMARC
//! failure under p=quarantine or p=reject is a forgery: with p=none the domain's owner expects failures himself.

use super::incoming::Incoming;

/// Takes the first Authentication-Results of a mail whatever its name: for servers that write none.
const TOPMOST: &str = "topmost";

/// The reason, when the mail is forged. Without a name nothing is checked.
///
/// A server may write a header for each of its checks (OpenDKIM one, OpenDMARC another): of those that carry its name
/// the first that speaks of DMARC decides. The server writes above what came with the mail, so that one is its own.
pub fn is_forged(mail: &Incoming, authserv_id: Option<&str>) -> Option<String> {
    let mut results = mail.header("authentication-results").peekable();
    let wanted = match authserv_id? {
        any if any.eq_ignore_ascii_case(TOPMOST) => id(results.peek()?)?,
        name => name,
    };
    let verdict = results
        .filter(|value| id(value).is_some_and(|id| id.eq_ignore_ascii_case(wanted)))
        .map(str::to_lowercase)
        .find(|value| value.split(';').any(|part| dmarc(part).is_some()))?;
    // No grammar of quotes and comments: what a sender smuggles into them may only make his own mail look worse.
    let failure = verdict.split(';').position(|part| dmarc(part).is_some_and(|result| result.starts_with("fail")))?;
    let rest = verdict.splitn(failure + 2, ';').skip(failure).collect::<Vec<_>>().join(";");
    let strict = ["p=quarantine", "p=reject", "action=quarantine", "action=reject", "action=oreject"];
    let policy = strict.into_iter().find(|word| has_word(&rest, word))?;
    Some(format!("DMARC failed under {policy}"))
}

/// What follows `dmarc=`, with blanks where RFC 8601 allows them.
fn dmarc(part: &str) -> Option<&str> {
    Some(part.trim_start().strip_prefix("dmarc")?.trim_start().strip_prefix('=')?.trim_start())
}

fn id(value: &str) -> Option<&str> {
    value.split(';').next()?.split_whitespace().next()
}

/// `p=reject` must not be found in `sp=reject`: that is the policy for subdomains.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(values: &[&str]) -> Incoming {
        let headers = values.iter().map(|v| ("authentication-results".to_owned(), (*v).to_owned())).collect();
        Incoming { headers, ..Incoming::default() }
    }

    #[test]
    fn a_header_below_the_desks_own_says_nothing() {
        let mail = mail(&["mx.desk.example; dmarc=pass (p=REJECT)", "mx.desk.example; dmarc=fail (p=REJECT)"]);
        assert_eq!(is_forged(&mail, Some("mx.desk.example")), None);
    }

    #[test]
    fn a_server_may_write_a_header_for_each_check() {
        let split = mail(&["mx.desk.example; dkim=none", "MX.desk.example; dmarc = fail (p=reject; dis=none)"]);
        assert!(is_forged(&split, Some("mx.desk.example")).is_some());
        assert!(is_forged(&split, Some("topmost")).is_some());
    }

    #[test]
    fn a_pass_smuggled_into_the_servers_header_does_not_hide_the_failure() {
        let smuggled = mail(&["mx; spf=pass smtp.mailfrom=\"x; dmarc=pass \"@evil.example; dmarc=fail (p=REJECT)"]);
        assert!(is_forged(&smuggled, Some("mx")).is_some());
    }

    #[test]
    fn a_header_of_another_server_says_nothing() {
        assert_eq!(is_forged(&mail(&["mx; dmarc=pass", "other; dmarc=fail (p=reject)"]), Some("topmost")), None);
    }

    #[test]
    fn the_policy_for_subdomains_is_not_the_policy() {
        assert_eq!(is_forged(&mail(&["mx; dmarc=fail (p=NONE sp=REJECT)"]), Some("mx")), None);
        assert!(is_forged(&mail(&["mx; dmarc=fail action=oreject header.from=x"]), Some("topmost")).is_some());
    }
}
