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
    let verdict =
        own_results(mail, authserv_id?).into_iter().find(|v| v.split(';').any(|part| dmarc(part).is_some()))?;
    // No grammar of quotes and comments: what a sender smuggles into them may only make his own mail look worse.
    let failure = verdict.split(';').position(|part| dmarc(part).is_some_and(|result| result.starts_with("fail")))?;
    let rest = verdict.splitn(failure + 2, ';').skip(failure).collect::<Vec<_>>().join(";");
    let strict = ["p=quarantine", "p=reject", "action=quarantine", "action=reject", "action=oreject"];
    let policy = strict.into_iter().find(|word| has_word(&rest, word))?;
    Some(format!("DMARC failed under {policy}"))
}

/// Did the desk's own server find that the domain of the sender stands behind the mail: by DMARC, or by SPF or DKIM of
/// the same organisation's domain? Without a name nothing is known.
pub fn is_authenticated(mail: &Incoming, authserv_id: Option<&str>) -> bool {
    let (Some(from), Some(authserv_id)) = (&mail.from, authserv_id) else { return false };
    let results = own_results(mail, authserv_id);
    let verdicts: Vec<&str> = results.iter().flat_map(|value| value.split(';')).collect();
    // One that failed is not mended by another check that passed: aligned, both would have.
    match verdicts.iter().find_map(|part| dmarc(part)) {
        Some(result) => word(result) == "pass",
        None => verdicts.iter().any(|part| passes_for(part, from.domain())),
    }
}

/// `spf=pass smtp.mailfrom=…` or `dkim=pass header.d=…` for this domain, or for one above or below it.
fn passes_for(part: &str, domain: &str) -> bool {
    let part = part.trim_start();
    let says = |method: &str| {
        let result = part.strip_prefix(method).map(str::trim_start).and_then(|rest| rest.strip_prefix('='));
        result.is_some_and(|result| word(result.trim_start()) == "pass")
    };
    let properties: &[&str] = match () {
        () if says("spf") => &["smtp.mailfrom=", "smtp.mail="],
        () if says("dkim") => &["header.d=", "header.i="],
        () => return false,
    };
    // In a comment or quotes a sender could write what they like: such a part is not believed.
    if part.contains(['"', '(']) && properties.iter().any(|property| part.matches(property).count() > 1) {
        return false;
    }
    let value = part.split_whitespace().find_map(|word| properties.iter().find_map(|p| word.strip_prefix(p)));
    let Some(value) = value else { return false };
    let signed = value.rsplit('@').next().unwrap_or(value).trim_matches(['<', '>', '.']);
    aligned(signed, domain)
}

/// Relaxed alignment (RFC 7489 §3.1) without a list of public suffixes: the same domain, or one below the other, of at
/// least two labels.
fn aligned(a: &str, b: &str) -> bool {
    let below = |lower: &str, upper: &str| {
        upper.contains('.') && lower.strip_suffix(upper).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    below(a, b) || below(b, a)
}

/// The results that the desk's own server wrote, in lower case.
fn own_results(mail: &Incoming, authserv_id: &str) -> Vec<String> {
    let mut results = mail.header("authentication-results").peekable();
    let wanted = match authserv_id {
        any if any.eq_ignore_ascii_case(TOPMOST) => match results.peek().and_then(|value| id(value)) {
            // Microsoft 365 begins with its first result, `spf=pass (sender IP is …) …`: then that one header is all
            // that is its own. A name that another header shares would be a result that anybody can write.
            Some(result) if result.contains('=') => return results.take(1).map(str::to_lowercase).collect(),
            Some(name) => name,
            None => return vec![],
        },
        name => name,
    };
    results.filter(|value| id(value).is_some_and(|id| id.eq_ignore_ascii_case(wanted))).map(str::to_lowercase).collect()
}

fn word(text: &str) -> &str {
    text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default()
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
    fn microsoft_365_writes_no_name_and_only_its_own_header_counts() {
        let outlook = "spf=fail (sender IP is 192.0.2.1) smtp.mailfrom=books.example; dkim=none (message not signed) \
                       header.d=none;dmarc=fail action=oreject header.from=books.example;compauth=fail reason=000";
        assert!(is_forged(&mail(&[outlook]), Some("topmost")).is_some());
        let passed = "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=books.example; dkim=pass (signature was verified) \
                      header.d=books.example;dmarc=pass action=none header.from=books.example;compauth=pass reason=100";
        assert_eq!(is_forged(&mail(&[passed, outlook]), Some("topmost")), None);
        let without = "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=books.example";
        let below = "spf=pass smtp.mailfrom=x; dmarc=fail action=oreject";
        assert_eq!(is_forged(&mail(&[without, below]), Some("topmost")), None, "the lower one came with the mail");
        assert!(authenticated(&[passed], Some("topmost")));
        assert!(!authenticated(&[outlook], Some("topmost")));
    }

    fn authenticated(values: &[&str], authserv_id: Option<&str>) -> bool {
        let from = Some(crate::mail::address::Address::bare("ada@books.example"));
        is_authenticated(&Incoming { from, ..mail(values) }, authserv_id)
    }

    #[test]
    fn a_sender_is_authenticated_by_dmarc_or_by_an_aligned_pass_of_the_desks_own_server() {
        let mx = Some("mx.desk.example");
        assert!(authenticated(&["mx.desk.example; dmarc=pass (p=none) header.from=books.example"], mx));
        assert!(authenticated(&["mx.desk.example; dkim=pass header.d=books.example header.s=a"], mx));
        assert!(authenticated(&["mx.desk.example; dkim=fail header.d=x; dkim=pass header.i=@mail.books.example"], mx));
        assert!(authenticated(&["mx.desk.example; spf=pass smtp.mailfrom=bounce@news.books.example"], mx));
        assert!(!authenticated(&["mx.desk.example; spf=pass smtp.mailfrom=x@elsewhere.example"], mx));
        assert!(!authenticated(&["mx.desk.example; dkim=pass header.d=example"], mx), "a top level is nobody's");
        assert!(!authenticated(&["mx.desk.example; dkim=pass header.d=evilbooks.example"], mx));
        assert!(!authenticated(&["mx.desk.example; dmarc=fail (p=none); spf=pass smtp.mailfrom=books.example"], mx));
        assert!(!authenticated(&["other; dmarc=pass"], mx));
        assert!(!authenticated(&["mx.desk.example; dmarc=pass"], None));
        let smuggled = "mx.desk.example; spf=pass (\" smtp.mailfrom=books.example \") smtp.mailfrom=x@evil.example";
        assert!(!authenticated(&[smuggled], mx));
    }

    #[test]
    fn the_policy_for_subdomains_is_not_the_policy() {
        assert_eq!(is_forged(&mail(&["mx; dmarc=fail (p=NONE sp=REJECT)"]), Some("mx")), None);
        assert!(is_forged(&mail(&["mx; dmarc=fail action=oreject header.from=x"]), Some("topmost")).is_some());
    }
}
