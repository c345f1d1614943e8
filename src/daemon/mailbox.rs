//! A mailbox over time: connecting, and what is made of it when it fails or works.

use chrono::Duration;

use super::{
    intake::{Intake, IntakeError},
    trouble,
};
use crate::{
    config::SourceConfig,
    desk::trouble::{Area, Nature},
    post::{ImapSettings, PostError, Source},
    store::{StoreError, mailbox_health, troubles},
};

/// A mail that its server does not give is held back so long when there is no other beside it by which to tell whether
/// the mail is to blame or the server.
const LAST_RESORT_AFTER: Duration = Duration::hours(1);

pub struct Mailbox {
    pub intake: Intake,
}

impl Mailbox {
    pub fn name(&self) -> &str {
        &self.intake.mailbox.name
    }

    fn area(&self) -> Area {
        Area::Mailbox(self.name().to_owned())
    }

    /// Connects.
    pub async fn open(&self) -> Result<Source, IntakeError> {
        let source = match &self.intake.mailbox.source {
            SourceConfig::Maildir(path) => Source::open_maildir(path),
            SourceConfig::Imap(imap) => {
                let settings = ImapSettings { last_resort: self.is_hopeless().await?, ..imap.settings() };
                Source::open_imap(&settings).await
            }
        };
        let source = source.map_err(|why| self.intake.post(why))?;
        let (name, now) = (self.name().to_owned(), self.intake.time.now());
        self.intake.store(move |tx| mailbox_health::connection(tx, &name, Some(now))).await?;
        Ok(source)
    }

    async fn is_hopeless(&self) -> Result<bool, IntakeError> {
        let (area, now) = (self.area(), self.intake.time.now());
        let trouble = self.intake.store(move |tx| troubles::current(tx, &area)).await?;
        Ok(trouble.is_some_and(|trouble| now - trouble.began_at >= LAST_RESORT_AFTER))
    }

    /// It was read to its end.
    pub async fn works(&self) -> Result<(), IntakeError> {
        let (office, area, now) = (self.intake.office.get(), self.area(), self.intake.time.now());
        self.intake.store(move |tx| trouble::over(tx, &office, &area, now)).await
    }

    /// It could not be read. Fails when not even that can be written down.
    pub async fn failed(&self, why: &IntakeError) -> Result<(), IntakeError> {
        let (office, area, now) = (self.intake.office.get(), self.area(), self.intake.time.now());
        let nature = if why.needs_person() { Nature::NeedsPerson } else { Nature::Passing };
        let error = why.reason();
        self.intake
            .store(move |tx| {
                if let Area::Mailbox(name) = &area {
                    mailbox_health::connection(tx, name, None)?;
                }
                trouble::met(tx, &office, &area, nature, &error, now)
            })
            .await
    }
}

impl IntakeError {
    pub fn needs_person(&self) -> bool {
        matches!(self, IntakeError::Post { why, .. } if why.needs_person())
    }

    /// The mail that was to be read is being written by somebody else still: the next look finds it done.
    pub fn is_of_the_moment(&self) -> bool {
        matches!(self, IntakeError::Store { why: StoreError::Gap, .. })
    }

    /// Without the mailbox's name.
    fn reason(&self) -> String {
        match self {
            IntakeError::Post { why, .. } => why.to_string(),
            IntakeError::Store { why, .. } => why.to_string(),
        }
    }
}

/// Connects to a mailbox, to see whether that works.
pub async fn try_to_open(source: &SourceConfig) -> Result<Source, PostError> {
    match source {
        SourceConfig::Maildir(path) => Source::open_maildir(path),
        SourceConfig::Imap(imap) => Source::open_imap(&imap.settings()).await,
    }
}
