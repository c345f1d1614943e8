//! The mail of everyone at `.example`: what has left the desk for the world outside, each copy with its recipient.

use super::{OUTSIDE, Servers};

/// A mail as one recipient has it.
pub struct Copy {
    pub uid: u32,
    pub recipient: String,
    pub raw: Vec<u8>,
}

impl Servers {
    /// All copies that were delivered and have a higher UID, once nothing is on its way any more.
    pub fn outside(&self, after_uid: u32) -> Vec<Copy> {
        self.wait_for_empty_queue();
        let mails = self.imap(OUTSIDE).fetch_after("INBOX", after_uid);
        mails.into_iter().map(|(uid, _, raw)| Copy { uid, recipient: recipient(&raw), raw }).collect()
    }
}

/// `Delivered-To: outside+ada=books.example@desk.test` is what became of ada@books.example.
fn recipient(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    let line = text.lines().find_map(|line| line.strip_prefix("Delivered-To: ")).expect("a Delivered-To");
    let detail = line.split_once('+').and_then(|(_, rest)| rest.rsplit_once('@')).expect("a detail").0;
    let (user, domain) = detail.rsplit_once('=').expect("an address");
    format!("{user}@{domain}")
}
