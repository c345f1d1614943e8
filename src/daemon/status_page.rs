//! The status page: its facts come from the store, its files go into a folder and onto the [`Board`].

mod facts;

use std::{path::Path, sync::Arc};

use chrono::{DateTime, Duration, Utc};
use rusqlite::Connection;
use tokio::sync::watch;

use super::office::Office;
use crate::{
    config::WebConfig,
    desk::status_page::{HISTORY, PublicFile, StatusPage, Subscriptions, is_plain},
    mail::template::TemplateError,
    store::StoreError,
    web::{
        folder::{self, FolderError, Written},
        site::Site,
    },
};

/// Beyond the history's ninety days, so that a page that is shown for a while lacks nothing at its end.
const LOOK_BACK: Duration = Duration::days(1);

#[derive(Debug, thiserror::Error)]
pub enum PageError {
    #[error("the status page can't be made: {0}")]
    Template(#[from] TemplateError),
    #[error(transparent)]
    Folder(#[from] FolderError),
    #[error("the status page can't be made: {0}; this is a mistake of the program, the desk goes on without the page")]
    Failed(String),
}

impl PageError {
    /// Does it pass without anybody's doing?
    pub fn passes(&self) -> bool {
        matches!(self, PageError::Folder(why) if why.passes())
    }
}

/// The page as it is now, for whoever serves it.
#[derive(Debug, Clone)]
pub struct Board(watch::Sender<Option<Arc<Shown>>>);

#[derive(Debug)]
pub struct Shown {
    pub page: StatusPage,
    pub site: Arc<Site>,
}

impl Board {
    pub fn new() -> Board {
        Board(watch::channel(None).0)
    }

    /// None: there was no time yet.
    pub fn shown(&self) -> Option<Arc<Shown>> {
        self.0.borrow().clone()
    }

    /// Waits until there is something.
    pub async fn is_filled(&self) {
        // The sender is this one: it can't be gone.
        let _ = self.0.subscribe().wait_for(Option::is_some).await;
    }

    pub fn show(&self, page: StatusPage, files: &[PublicFile], now: DateTime<Utc>) {
        let site = match self.shown() {
            Some(shown) => shown.site.with(files, now),
            None => Site::default().with(files, now),
        };
        self.0.send_replace(Some(Arc::new(Shown { page, site: Arc::new(site) })));
    }
}

impl Default for Board {
    fn default() -> Self {
        Board::new()
    }
}

/// What the public may know now.
pub fn gather(db: &Connection, office: &Office, web: &WebConfig, now: DateTime<Utc>) -> Result<StatusPage, StoreError> {
    let (desk, policy) = (&office.desk, &office.desk.policy);
    let since = now - HISTORY - LOOK_BACK;
    // All of it as of one commit.
    let db = db.unchecked_transaction()?;
    let platforms = policy.platforms.iter().filter(|(key, _)| is_plain(key));
    Ok(StatusPage {
        desk: desk.sender.name.clone().unwrap_or_else(|| desk.sender.email.clone()),
        domain: desk.sender.email.rsplit('@').next().unwrap_or("localhost").to_owned(),
        url: web.url.clone(),
        zone: policy.zone,
        languages: policy.languages.all().to_vec(),
        platforms: platforms.map(|(key, title)| (key.clone(), title.clone())).collect(),
        incidents: facts::incidents(&db, since)?,
        works: facts::works(&db, since)?,
        // The mails of the form lead to pages that the public has to find.
        subscriptions: match (&web.listen, &web.url) {
            (Some(_), Some(_)) => Subscriptions::Form,
            _ => Subscriptions::Mail(desk.sender.email.clone()),
        },
    })
}

/// Writes the page into a folder.
pub fn write(page: &StatusPage, office: &Office, folder: &Path, now: DateTime<Utc>) -> Result<Written, PageError> {
    let files = page.files(&office.templates, now)?;
    Ok(folder::write(folder, &files)?)
}
