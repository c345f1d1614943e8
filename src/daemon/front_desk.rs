//! What the web asks of the desk: the page as it is, calendars, and subscriptions.

use std::sync::Arc;

use tracing::error;

use super::{
    calendar,
    status_page::Board,
    subscription::{self, Act, Asking, Preview},
    workplace::Workplace,
};
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
        let (office, now) = (self.workplace.office.get(), self.workplace.time.now());
        let found = self.workplace.writer.run(move |tx| calendar::of_token(tx, &office, &token, now)).await;
        found.map_err(unavailable)
    }

    async fn ask(&self, wish: Wish) -> Result<Asked, Unavailable> {
        let (office, now) = (self.workplace.office.get(), self.workplace.time.now());
        let asked = self.workplace.writer.run(move |tx| {
            let Some(what) = subscription::named(tx, &wish.topic)? else { return Ok(Asking::NoSuchThing) };
            subscription::ask(tx, &office, &wish.email.to_lowercase(), &what, Some(&wish.language), now)
        });
        Ok(match asked.await.map_err(unavailable)? {
            Asking::Taken => Asked::Taken,
            Asking::NoSuchThing => Asked::NoSuchTopic,
        })
    }

    async fn token(&self, token: String, how: Use) -> Result<Option<Standing>, Unavailable> {
        let (office, now) = (self.workplace.office.get(), self.workplace.time.now());
        let found = self.workplace.writer.run(move |tx| {
            let Some(before) = subscription::preview(tx, &office, &token, now)? else { return Ok(None) };
            let standing = match (how, before.act) {
                (Use::LookAtConfirm, Act::Confirm) | (Use::LookAtLeave, Act::Leave) => Some(before.standing),
                (Use::Confirm, Act::Confirm) => subscription::confirm(tx, &office, &token, now)?,
                (Use::Leave, Act::Leave) => subscription::end(tx, &office, &token, now)?,
                _ => None,
            };
            Ok(standing.map(|standing| (standing, before)))
        });
        let found = found.await.map_err(unavailable)?;
        Ok(found.map(|(standing, Preview { title, language, .. })| match standing {
            subscription::Standing::Open => Standing::Open { topic: title, language },
            subscription::Standing::Done => Standing::Done { language },
            subscription::Standing::Over => Standing::Over { language },
        }))
    }
}

/// Tokens are in no error.
fn unavailable(why: StoreError) -> Unavailable {
    error!(%why, "the web could not be answered");
    Unavailable
}
