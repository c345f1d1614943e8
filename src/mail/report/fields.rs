//! The machine's part of a report (RFC 3464 §2): groups of fields, one for the mail and one for each recipient, however
//! malformed.

use super::{RECIPIENTS, ReportedRecipient, addresses, reason, smtp};

/// Longest value of a field that is kept while reading.
const VALUE_BYTES: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(n, _)| n == name)
    }

    fn word(&self, name: &str) -> Option<&str> {
        self.get(name)?.split([' ', '\t', '(', ';', ',']).find(|word| !word.is_empty())
    }
}

/// The groups of fields of a text; they are separated by empty lines. Lines that are no fields are passed over.
pub(super) fn groups(text: &str) -> impl Iterator<Item = Fields> + '_ {
    let mut lines = text.lines().map(str::trim_end).peekable();
    std::iter::from_fn(move || {
        while lines.next_if(|line| line.is_empty()).is_some() {}
        lines.peek()?;
        let mut fields = Fields::default();
        while let Some(line) = lines.next_if(|line| !line.is_empty()) {
            match (line.starts_with([' ', '\t']), fields.0.last_mut()) {
                (true, Some((_, value))) => {
                    if value.len() < VALUE_BYTES {
                        value.push(' ');
                        value.push_str(bounded(line.trim()));
                    }
                }
                _ => {
                    // A name of 64 letters or of several words is prose with a colon in it.
                    let Some((name, value)) = line.split_once(':') else { continue };
                    let name = name.trim();
                    if name.len() <= 64 && !name.contains(char::is_whitespace) {
                        fields.0.push((name.to_lowercase(), bounded(value.trim()).to_owned()));
                    }
                }
            }
        }
        Some(fields)
    })
}

fn bounded(value: &str) -> &str {
    &value[..value.floor_char_boundary(VALUE_BYTES)]
}

/// The recipients of a status part. Some programs write one group for everything, or forget the action.
pub(super) fn recipients(text: &str, otherwise: &str) -> Vec<ReportedRecipient> {
    let mut found: Vec<ReportedRecipient> = Vec::new();
    let mut action_for_all = None;
    for group in groups(text) {
        if !group.has("final-recipient") && !group.has("original-recipient") && !group.has("x-actual-recipient") {
            action_for_all = action_for_all.or_else(|| group.word("action").map(str::to_lowercase));
            continue;
        }
        if found.len() == RECIPIENTS {
            break;
        }
        found.extend(recipient(&group, action_for_all.as_deref().unwrap_or(otherwise)));
    }
    found
}

fn recipient(group: &Fields, otherwise: &str) -> Option<ReportedRecipient> {
    let original = group.get("original-recipient").and_then(addresses::of_field).map(|a| without_xtext(&a));
    let named = |name: &str| group.get(name).and_then(addresses::of_field);
    let candidates = [original, named("final-recipient"), named("x-actual-recipient")];
    // What the sender wrote comes first, but a bare account name helps nobody when another field has the address.
    let whole = candidates.iter().flatten().find(|a| a.contains('@'));
    let address = whole.or_else(|| candidates.iter().flatten().next())?.clone();
    let said = group.get("diagnostic-code").or_else(|| group.get("x-supplementary-info")).unwrap_or_default();
    let said = without_type(said);
    let written = group.word("status").filter(|status| smtp::is_enhanced_status(status));
    let action = match group.word("action").map(str::to_lowercase) {
        Some(action) => known_action(&action, otherwise),
        None if written.is_some_and(|status| status.starts_with('2')) => "delivered".to_owned(),
        None => otherwise.to_owned(),
    };
    let mut recipient = ReportedRecipient { address, action, ..ReportedRecipient::default() };
    reason::judge(&mut recipient, written, said);
    Some(recipient)
}

fn known_action(action: &str, otherwise: &str) -> String {
    match action {
        "failed" | "delayed" | "delivered" | "relayed" | "expanded" => action,
        "failure" | "fail" | "failed-permanently" | "error" | "undeliverable" | "rejected" | "bounced" => "failed",
        "delay" | "deferred" => "delayed",
        "deliverable" | "delivery" | "success" => "delivered",
        _ => otherwise,
    }
    .to_owned()
}

/// `smtp; 550 …` without the type of diagnostic (RFC 3464 §2.3.6).
fn without_type(said: &str) -> &str {
    match said.split_once(';') {
        Some((kind, words)) if kind.len() <= 20 && !kind.trim().contains(' ') => words.trim(),
        _ => said,
    }
}

/// RFC 3461 §4: what some servers copy from ORCPT without decoding it.
fn without_xtext(address: &str) -> String {
    address.replace("+2b", "+").replace("+3d", "=")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_sender_wrote_is_preferred_where_it_is_an_address() {
        let both = "Original-Recipient: rfc822;team@hill.example\nFinal-Recipient: rfc822;ada@mail.hill.example\nAction: failed\nStatus: 5.1.1\n";
        assert_eq!(recipients(both, "failed")[0].address, "team@hill.example");
        let bare = "Original-Recipient: rfc822; ada\nFinal-Recipient: rfc822; ada@hill.example\nAction: failed\n";
        assert_eq!(recipients(bare, "failed")[0].address, "ada@hill.example");
        let pipe = "Final-Recipient: rfc822; ada@hill.example\nX-Actual-Recipient: X-Unix; |/bin/x\nAction: failed\n";
        assert_eq!(recipients(pipe, "failed")[0].address, "ada@hill.example");
        let encoded = "Original-Recipient: rfc822;ada+2Bx@hill.example\nAction: failed\n";
        assert_eq!(recipients(encoded, "failed")[0].address, "ada+x@hill.example");
    }

    #[test]
    fn a_missing_action_is_that_of_the_report_or_of_its_status() {
        let text = "Action: delayed\n\nFinal-Recipient: rfc822; a@hill.example\nStatus: 4.4.1\n";
        assert_eq!(recipients(text, "failed")[0].action, "delayed");
        let text =
            "Final-Recipient: rfc822; a@hill.example\nStatus: 2.0.0\n\nFinal-Recipient: rfc822; b@hill.example\n";
        let actions: Vec<String> = recipients(text, "failed").into_iter().map(|r| r.action).collect();
        assert_eq!(actions, ["delivered", "failed"]);
    }

    #[test]
    fn folded_values_comments_and_odd_line_ends_are_read() {
        let text = "Final-Recipient: rfc822;\r\n ada@hill.example\r\nAction: failed (really)\r\nStatus: 5.2.2 (full)\r\n\
            Diagnostic-Code: smtp; 552\r\n\tmailbox is full\r\n";
        let read = recipients(text, "failed").remove(0);
        assert_eq!(
            (read.address.as_str(), read.action.as_str(), read.status.as_str()),
            ("ada@hill.example", "failed", "5.2.2")
        );
        assert_eq!((read.diagnostic.as_str(), read.reason.as_str()), ("552 mailbox is full", "mailbox-full"));
    }

    #[test]
    fn of_very_many_recipients_the_first_are_kept() {
        let text: String =
            (0..20_000).map(|n| format!("Final-Recipient: rfc822; u{n}@hill.example\nAction: failed\n\n")).collect();
        assert_eq!(recipients(&text, "failed").len(), RECIPIENTS);
    }
}
