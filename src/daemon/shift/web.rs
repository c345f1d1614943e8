//! The status page kept as it has to be, and the web served.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use tokio::{
    net::TcpListener,
    time::{Instant, sleep, timeout},
};
use tracing::info;

use super::{LOOK_ANYWAY, Shift};
use crate::{
    config::WebConfig,
    daemon::{
        front_desk::FrontDesk,
        office::Office,
        pause::Pause,
        pulse::Pulse,
        status_page::{self, Board, PageError},
        trouble,
    },
    desk::{
        status_page::StatusPage,
        trouble::{Area, Nature},
    },
    store::{StoreError, open::open_to_read},
    web::{folder, server},
};

/// However much is written to the database, the page is looked at no more often.
const AT_MOST_EVERY: Duration = Duration::from_secs(1);

/// What was shown last.
struct Last {
    page: StatusPage,
    office: Arc<Office>,
    /// when time alone makes it another one
    until: DateTime<Utc>,
    /// its files could not be written: when that is tried again
    retry_at: Option<Instant>,
}

impl Last {
    /// Is there nothing to do?
    fn is_right(&self, page: &StatusPage, office: &Arc<Office>, now: DateTime<Utc>) -> bool {
        // A reload may have changed the templates alone.
        let is_same = self.page == *page && Arc::ptr_eq(&self.office, office);
        is_same && now < self.until && self.retry_at.is_none_or(|at| Instant::now() < at)
    }

    /// How long nothing has to be done, unless there is news.
    fn wait(&self, now: DateTime<Utc>) -> Duration {
        let until = (self.until - now).to_std().unwrap_or_default();
        let retry = self.retry_at.map(|at| at.saturating_duration_since(Instant::now()));
        retry.into_iter().fold(until.min(LOOK_ANYWAY), Duration::min)
    }
}

impl Shift {
    /// The status page, on the board and in its folder: made anew after each commit that changes it, and when time does.
    pub(in crate::daemon) async fn keep_status_page(
        self,
        web: WebConfig,
        database: PathBuf,
        board: Board,
        pulse: Pulse,
    ) -> Result<(), StoreError> {
        let db = open_to_read(&database)?;
        let mut news = self.news();
        let mut last: Option<Last> = None;
        let mut pause = Pause::new();
        while !self.stop.is_cancelled() {
            pulse.beat();
            let (office, now) = (self.workplace.office.get(), self.workplace.time.now());
            let wait = match status_page::gather(&db, &office, &web, now) {
                Ok(page) => match last.as_ref().filter(|last| last.is_right(&page, &office, now)) {
                    Some(last) => last.wait(now),
                    None => {
                        let retry_at = match self.show(&page, &office, &web, &board, now).await? {
                            true => None,
                            false => Some(Instant::now() + pause.passing()),
                        };
                        if retry_at.is_none() {
                            pause.reset();
                        }
                        let until = page.next_change(now);
                        last.insert(Last { page, office, until, retry_at }).wait(now)
                    }
                },
                Err(why) if why.is_busy() || why.is_disk() => pause.passing(),
                Err(why) => return Err(why),
            };
            pulse.rest();
            tokio::select! {
                () = sleep(AT_MOST_EVERY) => {}
                () = self.stop.cancelled() => break,
            }
            let news = async {
                tokio::select! {
                    _ = news.by_others.changed() => {}
                    _ = news.by_us.changed() => {}
                    () = self.stop.cancelled() => {}
                }
            };
            let _ = timeout(wait.saturating_sub(AT_MOST_EVERY), news).await;
        }
        Ok(())
    }

    /// Makes the page's files, shows them and writes them. False: that did not work, and staff hear of it.
    async fn show(
        &self,
        page: &StatusPage,
        office: &Arc<Office>,
        web: &WebConfig,
        board: &Board,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (page, templates, directory, board) =
            (page.clone(), office.templates.clone(), web.directory.clone(), board.clone());
        let done = tokio::task::spawn_blocking(move || -> Result<(), PageError> {
            let files = page.files(&templates, now)?;
            // Those who ask over the web see it also when the disk is full.
            board.show(page, &files, now);
            if let Some(directory) = directory {
                folder::write(&directory, &files)?;
            }
            Ok(())
        });
        // A page that nobody thought of must not end the desk.
        let done = done.await.unwrap_or_else(|why| Err(PageError::Failed(why.to_string())));
        let nature = match &done {
            Err(why) if why.passes() => Nature::Passing,
            _ => Nature::NeedsPerson,
        };
        let error = done.err().map(|why| why.to_string());
        let failed = error.is_some();
        self.tell(Area::StatusPage, nature, error, now).await?;
        Ok(!failed)
    }

    /// Writes down that something of the web does not work, or does again.
    async fn tell(
        &self,
        area: Area,
        nature: Nature,
        error: Option<String>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let office = self.workplace.office.get();
        let told = self.workplace.writer.run(move |tx| match &error {
            Some(why) => trouble::met(tx, &office, &area, nature, why, now),
            None => trouble::over(tx, &office, &area, now),
        });
        // Where nothing can be written, that is the trouble that counts.
        told.await.or_else(|why| if why.is_disk() || why.is_busy() { Ok(()) } else { Err(why) })
    }

    /// Serves the page, calendars and forms, until the desk stops.
    pub(in crate::daemon) async fn serve_web(
        self,
        listen: SocketAddr,
        board: Board,
        pulse: Pulse,
    ) -> Result<(), StoreError> {
        let mut pause = Pause::new();
        while !self.stop.is_cancelled() {
            pulse.beat();
            let now = self.workplace.time.now();
            let listener = match TcpListener::bind(listen).await {
                Ok(listener) => listener,
                Err(why) => {
                    let why = format!("the status page can't be served at {listen}: {why}");
                    self.tell(Area::Web, Nature::NeedsPerson, Some(why), now).await?;
                    pulse.rest();
                    tokio::select! {
                        () = sleep(pause.passing()) => {}
                        () = self.stop.cancelled() => {}
                    }
                    continue;
                }
            };
            self.tell(Area::Web, Nature::NeedsPerson, None, now).await?;
            pulse.rest();
            tokio::select! {
                () = board.is_filled() => {}
                () = self.stop.cancelled() => break,
            }
            info!(%listen, "the status page is served");
            let desk = FrontDesk { workplace: self.workplace.clone(), board: board.clone() };
            server::serve(listener, Arc::new(desk), self.stop.clone()).await;
        }
        Ok(())
    }
}
