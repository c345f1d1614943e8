//! Authentication-Results (RFC 8601): is the sender forged, as the desk's own mail server found?
//!
//! Anybody can write such a header; only that of the desk's own server counts, which the operator names. Only a DMARC
//! failure under p=quarantine or p=reject is a forgery: with p=none the domain's owner expects failures himself.

use super::incoming::Incoming;

/// Takes the first Authentication-Results of a mail whatever its name: for servers that write none.
const TOPMOST: &str = "topmost";

/// The reason, when the mail is forged. Without a name nothing is checked.
pub fn is_forged(mail: &Incoming, authserv_id: Option<&str>) -> Option<String> {
    let wanted = authserv_id?;
    let mut results = mail.header("authentication-results").filter(|value| {
        wanted.eq_ignore_ascii_case(TOPMOST) || id(value).is_some_and(|id| id.eq_ignore_ascii_case(wanted))
    });
    // The topmost one was written last: by the desk's server. Others below may have come with the mail.
    let value = results.next()?.to_lowercase();
    let method = value.split(';').find(|part| part.trim_start().starts_with("dmarc=fail"))?;
    let strict = ["p=quarantine", "p=reject", "action=quarantine", "action=reject", "action=oreject"];
    let policy = strict.into_iter().find(|word| has_word(method, word))?;
    Some(format!("DMARC failed under {policy}"))
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
    fn the_policy_for_subdomains_is_not_the_policy() {
        assert_eq!(is_forged(&mail(&["mx; dmarc=fail (p=NONE sp=REJECT)"]), Some("mx")), None);
        assert!(is_forged(&mail(&["mx; dmarc=fail action=oreject header.from=x"]), Some("topmost")).is_some());
    }
}
