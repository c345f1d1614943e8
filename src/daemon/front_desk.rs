//! What the web asks of the desk: the page as it is, calendars, and subscriptions.

use std::sync::Arc;

use tracing::error;

use super::{calendar, status_page::Board, workplace::Workplace};
use crate::{
    desk::status_page::forms::{self, Form},
    store::StoreError,
    web::{Asked, Desk, Standing, Unavailable, Use, Wish, site::Site},
};

pub struct FrontDesk {
    pub workplace: Workplace,
    pub board: Board,
}

impl Desk for FrontDesk {
    fn site(&self) -> Arc<Site> {
        self.board.shown().map(|shown| shown.site.clone()).unwrap_or_default()
    }

    fn html(&self, form: &Form, language: &str, depth: usize) -> String {
        let office = self.workplace.office.get();
        let Some(shown) = self.board.shown() else { return String::new() };
        forms::html(&shown.page, &office.templates, form, language, depth).unwrap_or_else(|why| {
            error!(%why, "a page of the web can't be made");
            String::new()
        })
    }

    fn language(&self, chosen: Option<&str>, accepted: Option<&str>) -> String {
        forms::language_of(&self.workplace.office.get().desk.policy.languages, chosen, accepted)
    }

    async fn calendar(&self, token: String) -> Result<Option<String>, Unavailable> {
        let office = self.workplace.office.get();
        let found = self.workplace.writer.run(move |tx| calendar::of_token(tx, &office, &token)).await;
        found.map_err(unavailable)
    }

    async fn ask(&self, _: Wish) -> Result<Asked, Unavailable> {
        Ok(Asked::NoSuchTopic)
    }

    async fn token(&self, _: String, _: Use) -> Result<Option<Standing>, Unavailable> {
        Ok(None)
    }
}

/// Tokens are in no error.
fn unavailable(why: StoreError) -> Unavailable {
    error!(%why, "the web could not be answered");
    Unavailable
}
