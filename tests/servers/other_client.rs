//! What somebody else does to a mailbox while the desk has it, too: another mail program, or a server's administrator.

use std::fs;

use super::{Servers, dialogue};

impl Servers {
    /// Deletes a mail of a user's INBOX for good.
    pub fn expunge(&self, user: &str, uid: u32) {
        let mut inbox = self.inbox(user);
        inbox.done(&format!("UID STORE {uid} +FLAGS.SILENT (\\Deleted)"));
        inbox.done(&format!("UID EXPUNGE {uid}"));
    }

    /// Moves a mail of a user's INBOX into another folder, which is made if need be.
    pub fn move_mail(&self, user: &str, uid: u32, folder: &str) {
        let mut inbox = self.inbox(user);
        // Refused where it exists.
        let _ = inbox.command(&format!("CREATE {folder}"));
        inbox.done(&format!("UID MOVE {uid} {folder}"));
    }

    pub fn create_folder(&self, user: &str, folder: &str) {
        self.imap(user).done(&format!("CREATE {folder}"));
    }

    /// Gives a mail of a user's INBOX these flags (`["\\Seen"]`), and takes all others from it.
    pub fn set_flags(&self, user: &str, uid: u32, flags: &[&str]) {
        self.inbox(user).done(&format!("UID STORE {uid} FLAGS.SILENT ({})", flags.join(" ")));
    }

    /// UIDVALIDITY of a user's INBOX.
    pub fn uid_validity(&self, user: &str) -> u32 {
        let answer = self.imap(user).done("STATUS INBOX (UIDVALIDITY)");
        let text = answer.first().map(|(text, _)| text.as_str()).unwrap_or_default();
        let number = text.split_once("(UIDVALIDITY ").and_then(|(_, rest)| rest.strip_suffix(')'));
        number.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no UIDVALIDITY in {text}"))
    }

    /// Makes Dovecot number the mails of a user's INBOX anew, from 1 in the order of their arrival, under a new
    /// UIDVALIDITY: what happens when a mailbox is moved to another server or restored from a backup.
    pub fn number_anew(&self, user: &str) {
        let folder = self.dovecot.mail.join(user);
        for file in fs::read_dir(&folder).expect("the user's mailbox").flatten() {
            let name = file.file_name();
            let name = name.to_string_lossy();
            // Not `dovecot-uidvalidity`: from it Dovecot knows which number was not yet used.
            if name == "dovecot-uidlist" || name.starts_with("dovecot.index") {
                fs::remove_file(file.path()).expect("remove what Dovecot keeps of the numbers");
            }
        }
    }

    fn inbox(&self, user: &str) -> dialogue::Imap {
        let mut imap = self.imap(user);
        imap.done("SELECT INBOX");
        imap
    }
}
