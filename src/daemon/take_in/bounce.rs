//! What a bounce does to the delivery that it is about.

use super::TakingIn;
use crate::{
    daemon::undelivered::not_delivered,
    store::{StoreError, outbox},
};

impl TakingIn<'_> {
    /// A bounce counts for a delivery only when it cites the id that the desk signed for that very mail.
    pub(super) fn bounced(&self, mail_id: i64) -> Result<(), StoreError> {
        let mail = &self.mail.incoming;
        let reported = mail.report.iter().filter_map(|r| r.original_message_id.as_ref());
        let ids = reported.chain(&mail.in_reply_to).chain(mail.references.iter().rev());
        let Some(serial) = ids.filter_map(|id| self.office.keyring.verify(id)).find_map(|signed| signed.serial) else {
            return Ok(());
        };
        let Some(notice) = i64::try_from(serial).ok().map(|id| outbox::load(self.tx, id)).transpose()?.flatten() else {
            return Ok(());
        };
        let failed: Vec<(String, String)> = match &mail.report {
            Some(report) => report
                .recipients
                .iter()
                .filter(|r| r.action == "failed")
                .map(|r| (r.address.clone(), format!("bounced: {}", r.status)))
                .collect(),
            None => vec![],
        };
        for recipient in notice.recipients.all() {
            let only_one = notice.recipients.all().count() == 1;
            let named = failed.iter().find(|(address, _)| *address == recipient.email);
            let reason = match named {
                Some((_, reason)) => reason.clone(),
                // Relays rewrite addresses: with one recipient there is no doubt whose mail it was.
                None if only_one => failed.first().map_or("bounced".to_owned(), |(_, reason)| reason.clone()),
                None => continue,
            };
            if outbox::bounced(self.tx, notice.id, &recipient.email, &reason, self.now)? {
                not_delivered(
                    self.tx,
                    self.office,
                    &notice,
                    &recipient.email,
                    &reason,
                    &format!("mail:{mail_id}"),
                    self.now,
                )?;
            }
        }
        Ok(())
    }
}
