//! Failed recipients in the prose of mail systems.
//!
//! Addresses stand in a notice for many reasons: the sender's own, whom to ask, whom the mail was forwarded from. Those
//! that lead a line count most, then those that a word or a reply code introduces, then any other that nothing speaks
//! against; what is weaker counts only where nothing stronger is found.

use std::collections::HashSet;

use super::{
    RECIPIENTS, ReportKind, ReportedRecipient,
    addresses::{self, Found},
    notice::Notice,
    reason, smtp,
};
use crate::mail::incoming::Incoming;

const LINES: usize = 4_000;
/// Lines of a notice that belong to one recipient.
const SAID_LINES: usize = 12;
const SAID_BYTES: usize = 4096;

/// What stands before an address that is no recipient's.
#[rustfmt::skip]
const AGAINST: &[&str] = &[
    "from:", "from", "mail from:", "sender", "sender:", "envelope-from", "return-path:", "reply-to:", "message-id:",
    "contact", "contact:", "assistance", "kontakt", "contactez",
    "generated from", "expanded from", "expanded from:", "ultimately generated from", "forwarded from",
    "forwarded by", "alias", "errors-to:", "in-reply-to:", "references:", "postmaster at", "administrator",
    "please email",
    "please write to", "please send mail to", "send mail to", "send email to", "send an email to", "e-mail", "mailto",
    "mail to <postmaster", "for help", "help", "question", "questions", "support", "sent by", "message sent by",
    "sorry", "dear", "hello", "hi", "von:", "absender", "absender:", "de:", "expéditeur", "remitente", "mittente",
    "отправитель", "от:",
    "差出人", "发件人", "x-envelope-from:", "on behalf of", "copy to", "id", "<", "reporting-mta:", "by",
    "problem report to", "report to", "ask", "notify", "complain to", "visit",
];

/// What stands before an address that is a recipient's.
#[rustfmt::skip]
const FOR: &[&str] = &[
    "rcpt to:", "rcpt to", "rcpt:", "to:", "recipient:", "recipient", "recipients:", "recipient(s):", "user:", "user",
    "mailbox", "mailbox:", "address:", "address", "addresses:", "account", "account:", "userid:", "delivered to",
    "delivered to:", "deliver to", "delivery to", "deliver mail to", "deliver message to", "deliver your message to",
    "your mail to", "your message to", "message to", "mail to", "email to", "e-mail to", "sent mail to", "for",
    "forward to", "destination", "destination:", "failed:", "failed for", "errors:", "error:", "undeliverable to",
    "undelivered to", "unable to deliver to", "to", "an", "an:", "empfänger", "empfänger:", "adresse", "adresse:",
    "à", "à :", "destinataire", "destinataire:", "destinatario",
    "destinatario:", "destinatário", "destinatário:", "para", "para:", "per", "a", "utente", "usuario", "user name",
    "получателю", "получатель", "получатель:", "адресату", "адрес", "кому:", "宛先:", "宛先：", "受信者:", "收件人:", "收件人：",
    "user unknown:", "naar", "ontvanger", "mottagaren", "modtager", "mottaker", "do", "adresat", "odbiorca",
    "final-recipient:", "original-recipient:", "original recipient:", "invalid", "unknown", "recipient address",
    "follows:",
];

/// What stands behind the address of a recipient.
#[rustfmt::skip]
const BEHIND: &[&str] = &[
    "...", "user unknown", "unknown user", "unknown", "not listed", "does not exist", "doesn't exist", "is not",
    "was not", "could not", "couldn't", "because", "mailbox", "no such", "not found", "has been", "rejected",
    "failed",
    "invalid", "disabled", "is full", "over quota", "on", "due to", "wurde nicht", "konnte nicht", "existiert nicht",
    "n'a pas", "no existe", "não", "non", "не ", "への", "宛", "のメール", "error",
];

/// Finds the recipients of a notice, with what is said of each.
pub(super) fn recipients(mail: &Incoming, notice: &Notice<'_>, kind: ReportKind) -> Vec<ReportedRecipient> {
    let senders: HashSet<&str> = mail.to.iter().chain(&mail.cc).map(|to| to.email.as_str()).collect();
    let named: Vec<String> = mail
        .header("x-failed-recipients")
        .flat_map(|value| addresses::in_line(value).into_iter().map(|found| found.address).collect::<Vec<_>>())
        .collect();
    let lines: Vec<&str> = notice.text.lines().take(LINES).collect();
    let marked = marked(mail, &lines, &senders);
    let chosen = if named.is_empty() {
        let by_rank = |rank: Rank| marked.iter().any(|(_, _, r)| *r == rank);
        let best = [Rank::Leads, Rank::Introduced, Rank::Stands].into_iter().find(|rank| by_rank(*rank));
        let of_text = marked.iter().filter(|(_, _, rank)| Some(*rank) == best).map(|(_, address, _)| address.clone());
        unique(of_text)
    } else {
        unique(named.into_iter())
    };
    let mentions: Vec<(usize, &str)> = marked.iter().map(|(at, address, _)| (*at, address.as_str())).collect();
    let many = chosen.len() > 1;
    let whole = if many { String::new() } else { notice.text.clone() };
    chosen.into_iter().map(|address| judged(address, kind, &lines, &mentions, &whole)).collect()
}

/// Whom the returned mail went to, where nothing else names anybody.
pub(super) fn of_returned(mail: &Incoming, notice: &Notice<'_>, kind: ReportKind) -> Vec<ReportedRecipient> {
    let senders: HashSet<&str> = mail.to.iter().chain(&mail.cc).map(|to| to.email.as_str()).collect();
    let lines: Vec<&str> = notice.text.lines().take(LINES).collect();
    let addresses = from_returned(notice, &senders).into_iter();
    addresses.map(|address| judged(address, kind, &lines, &[], &notice.text)).collect()
}

/// What the prose says of recipients for whom the fields give no server's words.
pub(super) fn complete(recipients: &mut [ReportedRecipient], notice: &Notice<'_>) {
    let wanting = |r: &ReportedRecipient| r.diagnostic.is_empty() && r.action == "failed";
    // A report on very many has its words in the fields, if anywhere.
    if recipients.len() > 20 || !recipients.iter().any(wanting) {
        return;
    }
    let lines: Vec<&str> = notice.text.lines().take(LINES).collect();
    let found: Vec<(usize, String)> = lines
        .iter()
        .enumerate()
        .flat_map(|(at, line)| addresses::in_line(line).into_iter().map(move |found| (at, found.address)))
        .collect();
    let mentions: Vec<(usize, &str)> = found.iter().map(|(at, address)| (*at, address.as_str())).collect();
    for recipient in recipients.iter_mut().filter(|r| wanting(r)) {
        let said = said_of(&recipient.address, &lines, &mentions);
        let quotes = smtp::reply_code(&said).is_some() || smtp::enhanced_status(&said).is_some();
        if quotes || recipient.reason == reason::UNDEFINED && reason::of_words(&said).is_some() {
            let status = recipient.status.clone();
            let written = Some(status.as_str()).filter(|s| !s.is_empty() && !s.ends_with(".0.0"));
            reason::judge(recipient, written, from_reply(&said));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rank {
    Leads,
    Introduced,
    Stands,
}

fn unique(found: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    found.filter(|address| seen.insert(address.clone())).take(RECIPIENTS).collect()
}

/// Every address of the notice that may be a recipient's, with its line.
fn marked(mail: &Incoming, lines: &[&str], senders: &HashSet<&str>) -> Vec<(usize, String, Rank)> {
    let mut marked = Vec::new();
    let mut tail = "";
    let mut introduced = false;
    for (at, line) in lines.iter().enumerate() {
        let found = addresses::in_line(line);
        let bare = if found.is_empty() && introduced { without_domain(mail, line) } else { None };
        marked.extend(bare.map(|address| (at, address, Rank::Leads)));
        for one in found {
            if let Some(rank) = rank(&one, tail) {
                // A bounce goes to who sent the mail.
                if !senders.contains(one.address.as_str()) {
                    marked.push((at, one.address, rank));
                }
            }
        }
        let trimmed = line.trim();
        if !trimmed.is_empty() {
            tail = trimmed;
            let lower = trimmed.to_lowercase();
            introduced = lower.contains("following recipient")
                || lower.contains("following address")
                || introduced && !line.trim().contains(' ');
        }
    }
    marked
}

fn rank(found: &Found<'_>, line_before: &str) -> Option<Rank> {
    let is_frame = |c: char| !c.is_alphanumeric() && c != ':' && c != '：';
    let before = found.before.trim_end_matches(is_frame).to_lowercase();
    let before = before.trim_start_matches(is_frame);
    let after =
        found.after.trim_start_matches(['>', ')', '"', '\'', ' ', '\t', ':', ',', ']', '»', '”', '」']).to_lowercase();
    let ends = |text: &str, words: &[&str]| words.iter().any(|word| ends_with_word(text, word));
    if before.is_empty() {
        // A wrapped sentence: "please contact\n<help@hill.example>".
        let tail = line_before.trim_end_matches(['<', '"', '\'', '(', ' ']).to_lowercase();
        let is_wrapped =
            ends(&tail, AGAINST) && !tail.ends_with([':', '.']) || ends(&tail, &["contact:", "from:", "sender:"]);
        return (!is_wrapped).then_some(Rank::Leads);
    }
    let number = before.trim_end_matches(':');
    let is_numbered = before.len() <= 12
        && number.chars().all(|c| c.is_ascii_digit() || ". -)#".contains(c))
        && smtp::reply_code(number).is_none();
    if is_numbered && number.len() < 4 {
        return Some(Rank::Leads);
    }
    if ends(before, AGAINST) && !ends(before, &["rcpt to:"]) {
        return None;
    }
    let local = found.address.split('@').next().unwrap_or_default();
    let is_staff =
        matches!(local, "postmaster" | "abuse" | "support" | "mailer-daemon" | "helpdesk" | "hostmaster" | "admin");
    if is_staff && !ends(before, &["rcpt to:", "to:"]) {
        return None;
    }
    let by_code = smtp::reply_code(before).is_some()
        || smtp::enhanced_status(before).is_some_and(|status| before.ends_with(status));
    if ends(before, FOR)
        || by_code
        || BEHIND.iter().any(|words| after.starts_with(words))
        || found.after.starts_with("...")
    {
        return Some(Rank::Introduced);
    }
    Some(Rank::Stands)
}

fn ends_with_word(text: &str, word: &str) -> bool {
    text.strip_suffix(word).is_some_and(|before| {
        before.is_empty()
            || !word.starts_with(char::is_alphabetic)
            || !before.ends_with(|c: char| c.is_alphanumeric() && c.is_ascii())
    })
}

/// Some providers name an account of their own without its domain.
fn without_domain(mail: &Incoming, line: &str) -> Option<String> {
    let account = line.trim().trim_matches(['<', '>']);
    let usable =
        (2..=64).contains(&account.len()) && account.chars().all(|c| c.is_ascii_alphanumeric() || "._-+".contains(c));
    let domain = mail.from.as_ref()?.domain();
    (usable && line.starts_with([' ', '\t', '<']) && !domain.is_empty())
        .then(|| format!("{account}@{domain}").to_lowercase())
}

/// Whom the returned mail went to, where the notice names nobody. Many recipients of which one failed say nothing.
fn from_returned(notice: &Notice<'_>, senders: &HashSet<&str>) -> Vec<String> {
    let mut to: Vec<String> = Vec::new();
    let header = notice.returned.map(|returned| returned.all_to().chain(returned.all_cc()));
    to.extend(
        header
            .into_iter()
            .flatten()
            .flat_map(|list| list.iter())
            .take(RECIPIENTS)
            .filter_map(|a| a.address.as_deref())
            .map(str::to_lowercase),
    );
    for text in [notice.returned_header.as_deref(), Some(notice.below.as_str()), Some(notice.text.as_str())]
        .into_iter()
        .flatten()
    {
        if to.is_empty() {
            let named = text.lines().map(str::trim_start).filter_map(|line| line.split_once(':'));
            let named = named.filter(|(name, _)| name.trim().eq_ignore_ascii_case("to"));
            to.extend(named.flat_map(|(_, value)| addresses::in_line(value)).map(|found| found.address));
        }
    }
    let to = unique(to.into_iter().filter(|address| !senders.contains(address.as_str()) && address.contains('@')));
    if to.len() == 1 { to } else { vec![] }
}

fn judged(
    address: String,
    kind: ReportKind,
    lines: &[&str],
    mentions: &[(usize, &str)],
    whole: &str,
) -> ReportedRecipient {
    let said = said_of(&address, lines, mentions);
    let mut recipient = ReportedRecipient { address, action: kind.action().to_owned(), ..ReportedRecipient::default() };
    // The server's words may stand far from the address, in a transcript.
    let telling = smtp::reply_code(&said).is_some()
        || smtp::enhanced_status(&said).is_some()
        || reason::of_words(&said).is_some();
    let source = if telling || whole.is_empty() { said.as_str() } else { whole };
    reason::judge(&mut recipient, None, from_reply(source));
    recipient
}

/// The lines that name an address and those below, up to where somebody else is named.
fn said_of(address: &str, lines: &[&str], mentions: &[(usize, &str)]) -> String {
    let mut said = String::new();
    let mut from = 0;
    for (n, (at, _)) in mentions.iter().enumerate().filter(|(_, (_, named))| *named == address) {
        let end = mentions[n..].iter().take(SAID_LINES).find(|(_, named)| *named != address);
        let end = end.map_or(lines.len(), |(next, _)| *next).max(at + 1).min(at + SAID_LINES);
        for line in lines.iter().take(end).skip(from.max(*at)) {
            said.push_str(line.trim());
            said.push('\n');
        }
        from = end;
        if said.len() > SAID_BYTES {
            break;
        }
    }
    said
}

/// From the line on that quotes a server, to the end of its paragraph; all of it when none does.
fn from_reply(text: &str) -> &str {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if smtp::reply_code(line).is_some() {
            let rest = &text[at..];
            return rest.split("\n\n").next().unwrap_or(rest);
        }
        at += line.len();
    }
    text
}
