//! Customers' names in what staff write for others: the status page is read by everybody, and a mail about an incident or
//! works by several customers.

use rusqlite::Connection;

use super::staff::{Command, StaffError};
use crate::{
    desk::directory::mention::{Mention, Public, Readers, SHORTEST, in_capitals, name_nobody, on_one_line},
    store::{StoreError, organisations, services},
};

/// May what is said to many name a customer?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    Refused,
    /// whoever commands knows that it does
    Meant,
}

impl Command<'_> {
    /// Refuses texts that name a customer, unless that is meant.
    pub(super) fn names_nobody(
        &self,
        tx: &Connection,
        texts: &[Public<'_>],
        readers: Readers,
    ) -> Result<(), StaffError> {
        if self.names == Names::Meant {
            return Ok(());
        }
        let all = on_one_line(&texts.iter().map(|(_, text)| *text).collect::<Vec<_>>().join("\n"));
        let organisations = organisations::names_in(tx, &all, SHORTEST)?.into_iter().map(Mention::Organisation);
        let services = services::numbers_in(tx, &in_capitals(&all), SHORTEST)?.into_iter().map(Mention::Service);
        let mentions: Vec<Mention> = organisations.chain(services).collect();
        if mentions.is_empty() {
            return Ok(());
        }
        Ok(name_nobody(texts, &mentions, &self.own_names(tx)?, readers)?)
    }

    /// What the desk itself is called, its platforms, and the sites.
    fn own_names(&self, tx: &Connection) -> Result<Vec<String>, StoreError> {
        let desk = &self.office.desk;
        let mut own = services::sites(tx)?;
        own.extend([&desk.sender, desk.works_sender()].map(|address| address.display().to_owned()));
        own.extend(desk.policy.platforms.iter().flat_map(|(key, title)| [key.clone(), title.clone()]));
        Ok(own)
    }
}
