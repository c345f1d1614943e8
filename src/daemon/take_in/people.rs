//! Who takes part in a case that a mail opens.

use super::TakingIn;
use crate::{
    desk::case::Case,
    mail::{
        address::Address,
        thread::{Standing, Weighed},
    },
    store::{StoreError, cases},
};

impl TakingIn<'_> {
    /// Requester, their reply address, and who else takes part in a new case.
    ///
    /// In a case that goes on with an older one, a writer who was no participant there does not become the requester:
    /// they have seen a mail of it, which says nothing about who they are.
    pub(super) fn people(
        &self,
        writer: &Address,
        weighed: &Weighed,
        continues: Option<&Case>,
    ) -> Result<(Address, Address, Vec<Address>), StoreError> {
        let standing = weighed.case.map(|(_, standing)| standing);
        match continues {
            Some(old) => {
                let mut others = cases::participants(self.tx, old.id)?;
                if standing == Some(Standing::Stranger) {
                    return Ok((old.requester.clone(), old.reply_to.clone(), others));
                }
                others.push(old.requester.clone());
                others.extend(self.in_copy());
                Ok((writer.clone(), self.reply_to(writer), others))
            }
            None => Ok((writer.clone(), self.reply_to(writer), self.in_copy())),
        }
    }

    /// People whom the requester put into To and Cc beside the desk.
    pub(super) fn in_copy(&self) -> Vec<Address> {
        const AT_MOST: usize = 50;
        let mail = &self.mail.incoming;
        if !self.mail.sorted.verified {
            return vec![];
        }
        let desk = &self.office.desk;
        let others = mail.to.iter().chain(&mail.cc);
        others.filter(|a| !desk.is_own(&a.email) && !desk.is_staff(&a.email)).take(AT_MOST).cloned().collect()
    }

    /// Reply-To counts only within the writer's own organisation: else anybody could have the desk write to anybody.
    pub(super) fn reply_to(&self, writer: &Address) -> Address {
        let organisation = |a: &Address| self.office.desk.policy.organisation_of(&a.email).map(str::to_owned);
        let wanted = self.mail.incoming.reply_to.as_ref();
        wanted
            .filter(|r| organisation(r).is_some() && organisation(r) == organisation(writer))
            .filter(|r| !self.office.desk.is_own(&r.email))
            .unwrap_or(writer)
            .clone()
    }
}
