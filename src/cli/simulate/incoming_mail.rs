//! A mail that comes in, in the words of a story.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde::Deserialize;

use super::words::Words;
use crate::mail::calendar::Said;

/// A mail that comes in, as the step tells it.
#[derive(Debug, Clone, Default)]
pub struct MailFile {
    pub from: Option<String>,
    pub to: Words,
    pub cc: Words,
    pub subject: Option<String>,
    pub text: Option<String>,
    pub html: Option<String>,
    pub file: Option<String>,
    pub headers: BTreeMap<String, String>,
    pub reply_to: Option<String>,
    pub keeps: Option<Vec<Kept>>,
    pub kind: MailKind,
    /// what a calendar answers
    pub answers: Option<Said>,
    pub recipient: Option<String>,
    /// the address of the list by which it comes
    pub list: Option<String>,
    pub sender: SenderIs,
    pub zone: Option<Tz>,
}

/// What a reply carries of the mail that it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    Headers,
    Subject,
    Quote,
}

/// Who or what writes, as its mail shows it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailKind {
    #[default]
    Person,
    OutOfOffice,
    Generated,
    Bounce,
    Delay,
    Delivered,
    Receipt,
    CalendarReply,
    Complaint,
    List,
    Spam,
    /// the desk's own mail, coming back
    Own,
}

impl MailKind {
    /// Programs of mail servers write it, whoever they are.
    pub fn is_of_mail_system(self) -> bool {
        matches!(self, MailKind::Bounce | MailKind::Delay | MailKind::Delivered | MailKind::Complaint | MailKind::Own)
    }

    /// It can't be told without the desk's mail that it is about.
    pub fn is_about_a_mail(self) -> bool {
        self.is_of_mail_system() || self == MailKind::Receipt
    }

    /// For the timeline; nothing for a person's.
    pub fn in_words(self) -> &'static str {
        match self {
            MailKind::Person => "",
            MailKind::OutOfOffice => ", out of office",
            MailKind::Generated => ", by a program of its own accord",
            MailKind::Bounce => ", a bounce",
            MailKind::Delay => ", a report of a delay",
            MailKind::Delivered => ", a report of success",
            MailKind::Receipt => ", a read receipt",
            MailKind::CalendarReply => ", a calendar's answer",
            MailKind::Complaint => ", a complaint",
            MailKind::List => ", by a mailing list",
            MailKind::Spam => ", marked as spam",
            MailKind::Own => ", the desk's own mail",
        }
    }
}

/// What the desk's mail server found about the sender.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SenderIs {
    /// the sender's domain stands behind the mail
    #[default]
    Genuine,
    /// nothing was found
    Unknown,
    Forged,
}
