//! Spam, as the desk's mail server or its filter marked it. Each product has its own header.
//!
//! Only the first of a name counts: the desk's own server writes above what came with the mail. A score alone
//! (X-Spam-Level, X-Spam-Score, X-Spam-Bar) is no verdict: every server draws its own line.

use super::{Kind, Sorted, sorted};
use crate::mail::incoming::Incoming;

/// Headers whose value is a verdict, and the beginnings, in lower case, that mean spam.
#[rustfmt::skip]
const VERDICTS: [(&str, &[&str]); 27] = [
    ("x-spam-flag", &["yes", "true"]),
    ("x-spam-status", &["yes", "spam"]),
    ("x-spam", &["yes", "true", "spam"]),
    ("x-spam-verdict", &["spam", "yes"]),
    ("x-spam-class", &["spam"]),
    // rspamd
    ("x-spamd-result", &["default: true"]),
    ("x-rspamd-action", &["add header", "rewrite subject", "reject"]),
    ("x-barracuda-spam-flag", &["yes"]),
    ("x-barracuda-spam-status", &["yes"]),
    // Yandex: 1 is no spam, 4 is
    ("x-yandex-spam", &["4"]),
    ("x-gnd-status", &["spam"]),
    ("x-spamexperts-class", &["spam", "phish", "virus"]),
    ("x-filter-label", &["spam", "phish"]),
    ("x-ses-spam-verdict", &["fail"]),
    ("x-mailscanner-spamcheck", &["spam"]),
    ("x-hmailserver-spam", &["yes"]),
    ("x-dspam-result", &["spam"]),
    ("x-bogosity", &["spam", "yes"]),
    ("x-ui-filterresults", &["junk"]),
    ("x-vr-status", &["spam"]),
    ("x-vade-verdict", &["spam", "phishing", "malware"]),
    ("x-ovh-spam-status", &["spam"]),
    ("x-mras", &["spam"]),
    ("x-cloud-security-status", &["spam"]),
    ("x-toi-spamclass", &["spam"]),
    ("x-assp-spam", &["yes"]),
    ("x-proofpoint-spam-details", &["rule=spam", "rule=definitespam", "rule=phish"]),
];

/// Categories of Exchange Online that are worse than bulk.
const CATEGORIES: [&str; 6] = ["SPM", "HSPM", "PHSH", "HPHSH", "HPHISH", "MALW"];

pub(super) fn spam(mail: &Incoming) -> Option<Sorted> {
    let verdict = VERDICTS.iter().find_map(|(name, bad)| {
        let value = mail.header(name).next()?.trim().to_lowercase();
        bad.iter().any(|start| value.starts_with(start)).then(|| format!("{name}: {}", short(&value)))
    });
    let why = verdict.or_else(|| exchange(mail)).or_else(|| mail_scanner(mail)).or_else(|| subject_tag(mail))?;
    Some(sorted(Kind::Spam, why))
}

fn short(value: &str) -> String {
    value.chars().take(40).collect()
}

/// Microsoft: a spam confidence level of 5 and more, or a verdict of the filter or of a rule.
fn exchange(mail: &Incoming) -> Option<String> {
    let level = mail.header("x-ms-exchange-organization-scl").next().map(str::to_owned);
    let fields: Vec<&str> =
        mail.header("x-forefront-antispam-report").next().unwrap_or_default().split(';').map(str::trim).collect();
    let field = |name: &str| fields.iter().find_map(|field| field.strip_prefix(name));
    let levels = level.as_deref().into_iter().chain(field("SCL:"));
    let level = levels.filter_map(|value| value.trim().parse::<i32>().ok()).find(|scl| *scl >= 5);
    let level = level.map(|scl| format!("spam confidence level {scl}"));
    // SKS: a rule marked it; SKB: the recipient has blocked the sender.
    let verdict =
        field("SFV:").filter(|v| matches!(*v, "SPM" | "SKS" | "SKB")).map(|v| format!("Exchange's filter: SFV:{v}"));
    let category = field("CAT:").filter(|c| CATEGORIES.contains(c)).map(|c| format!("Exchange's filter: CAT:{c}"));
    level.or(verdict).or(category)
}

/// MailScanner puts the site's name into its headers: `X-Northlight-MailScanner-SpamCheck: spam, …`.
fn mail_scanner(mail: &Incoming) -> Option<String> {
    let mut checks = mail.headers.iter().filter(|(name, _)| name.ends_with("-mailscanner-spamcheck"));
    checks
        .find(|(_, value)| value.trim_start().to_lowercase().starts_with("spam"))
        .map(|(name, _)| format!("{name}: spam"))
}

/// `***SPAM***` in a subject is a filter's only when a filter's header stands beside it: people answer such mails.
fn subject_tag(mail: &Incoming) -> Option<String> {
    let subject = mail.subject.trim_start().to_lowercase();
    let tags = [
        "***spam***",
        "*****spam*****",
        "****spam****",
        "[spam]",
        "{spam}",
        "{spam?}",
        "[***spam***]",
        "***junk***",
        "[spam?]",
    ];
    let tagged = tags.iter().any(|tag| subject.starts_with(tag));
    let filter = mail.headers.iter().find(|(name, value)| {
        let product = ["x-spam", "x-rspamd", "x-barracuda-spam", "x-amavis", "x-pmx", "x-ironport-anti-spam"];
        product.iter().any(|start| name.starts_with(start)) && !value.to_lowercase().starts_with("no")
    });
    filter.filter(|_| tagged).map(|(name, _)| format!("the subject is marked as spam, beside {name}"))
}

/// What Exchange Online takes for bulk mail: a complaint level of 7 and more (of 9).
pub(super) fn bulk_complaint_level(mail: &Incoming) -> Option<u32> {
    let value = mail.header("x-microsoft-antispam").next()?;
    let level = value.split(';').find_map(|field| field.trim().strip_prefix("BCL:"))?;
    level.trim().parse().ok().filter(|level| *level >= 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_spam(subject: &str, headers: &[(&str, &str)]) -> bool {
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        spam(&Incoming { headers, subject: subject.to_owned(), ..Incoming::default() }).is_some()
    }

    #[test]
    fn each_products_verdict_is_read() {
        for (name, value) in [
            ("x-spam-flag", "YES"),
            ("x-spam-status", "Yes, score=9.1 required=5.0"),
            ("x-spamd-result", "default: True [16.20 / 15.00]"),
            ("x-rspamd-action", "add header"),
            ("x-yandex-spam", "4"),
            ("x-gnd-status", "SPAM"),
            ("x-spamexperts-class", "spam"),
            ("x-ses-spam-verdict", "FAIL"),
            ("x-northlight-mailscanner-spamcheck", "spam, SpamAssassin (score=8)"),
            ("x-ui-filterresults", "junk:10;V03:K0:abc"),
            ("x-ms-exchange-organization-scl", "6"),
            ("x-forefront-antispam-report", "CIP:1.2.3.4; SFV:SPM; SCL:5"),
            ("x-forefront-antispam-report", "CIP:1.2.3.4;CAT:PHSH;SFV:NSPM"),
        ] {
            assert!(is_spam("x", &[(name, value)]), "{name}: {value}");
        }
    }

    #[test]
    fn a_score_or_an_all_clear_is_no_verdict() {
        for (name, value) in [
            ("x-spam-flag", "NO"),
            ("x-spam-status", "No, score=-1.9"),
            ("x-spam-level", "**********"),
            ("x-spam-bar", "++++++++"),
            ("x-spamd-result", "default: False [1.20 / 15.00]"),
            ("x-rspamd-action", "no action"),
            ("x-yandex-spam", "1"),
            ("x-northlight-mailscanner-spamcheck", "not spam, SpamAssassin"),
            ("x-ui-filterresults", "notjunk:1;"),
            ("x-ms-exchange-organization-scl", "-1"),
            ("x-forefront-antispam-report", "CIP:1.2.3.4;SFV:NSPM;SCL:1;CAT:NONE"),
        ] {
            assert!(!is_spam("x", &[(name, value)]), "{name}: {value}");
        }
    }

    #[test]
    fn the_first_verdict_of_a_name_counts_because_the_own_server_writes_above() {
        assert!(!is_spam("x", &[("x-spam-flag", "NO"), ("x-spam-flag", "YES")]));
    }

    #[test]
    fn a_tag_in_the_subject_counts_only_beside_a_filters_header() {
        assert!(!is_spam("***SPAM*** Offer", &[]));
        assert!(is_spam("***SPAM*** Offer", &[("x-spam-level", "*****")]));
        assert!(!is_spam("Re: ***SPAM*** your answer", &[("x-spam-level", "*")]));
    }
}
