//! A mail that went out, as a story looks at it.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::{
    daemon::simulate::SentMail,
    desk::notice::NoticeKind,
    mail::incoming::{self, Incoming},
};

#[derive(Debug, Clone)]
pub struct Outgoing {
    pub at: DateTime<Utc>,
    pub kind: NoticeKind,
    pub case: Option<i64>,
    pub to: BTreeSet<String>,
    pub subject: String,
    /// its text in one line, as it reads
    pub text: String,
    pub language: String,
    /// the method of its calendar, or `none`: nobody is asked
    pub calendar: String,
}

impl Outgoing {
    pub fn of(sent: &SentMail) -> Outgoing {
        let mail = incoming::read(&sent.bytes).unwrap_or_default();
        Outgoing {
            at: sent.at,
            kind: sent.kind,
            case: sent.case.map(|case| case.0),
            to: sent.recipients.iter().cloned().collect(),
            text: in_one_line(&mail.text),
            language: language(&mail),
            calendar: mail.calendar_method.clone().unwrap_or_else(|| "none".to_owned()),
            subject: mail.subject,
        }
    }

    /// These, each with its place among them. What staff are told together goes to each of them alone, and counts as one mail.
    pub fn all(sent: &[Outgoing]) -> Vec<(usize, Outgoing)> {
        let mut all: Vec<(usize, Outgoing)> = Vec::new();
        for (n, mail) in sent.iter().enumerate() {
            let together = all.iter_mut().map(|(_, before)| before).find(|before| before.is_told_with(mail));
            match together {
                Some(before) => before.to.extend(mail.to.iter().cloned()),
                None => all.push((n, mail.clone())),
            }
        }
        all
    }

    fn is_told_with(&self, other: &Outgoing) -> bool {
        self.kind.is_for_staff()
            && (self.kind, self.case, self.at) == (other.kind, other.case, other.at)
            && self.subject == other.subject
            && self.to.is_disjoint(&other.to)
    }

    pub fn in_words(&self) -> String {
        let to: Vec<&str> = self.to.iter().map(String::as_str).collect();
        format!("{} to {}: \"{}\"", self.kind, to.join(", "), self.subject)
    }
}

/// Lines are broken where they fit; what is looked for may stand on both sides of a break.
pub fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// As the mail tells those who read it aloud.
fn language(mail: &Incoming) -> String {
    let html = mail.html.as_deref().unwrap_or_default();
    let named = html.split_once("<html lang=\"").and_then(|(_, rest)| rest.split_once('"'));
    named.map_or("none", |(language, _)| language).to_owned()
}
