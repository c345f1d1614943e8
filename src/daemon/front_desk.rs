//! What the web asks of the desk: the page as it is, calendars, and subscriptions.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use tracing::error;

use super::{
    calendar,
    office::Office,
    status_page::Board,
    subscription::{self, Act, Asking, Standing as Stands},
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
            subscription::ask(tx, &office, &wish.email, &what, Some(&wish.language), now)
        });
        Ok(match asked.await.map_err(unavailable)? {
            Asking::Taken | Asking::Held(_) => Asked::Taken,
            Asking::NoSuchThing => Asked::NoSuchTopic,
        })
    }

    async fn token(&self, token: String, how: Use) -> Result<Option<Standing>, Unavailable> {
        let (office, now) = (self.workplace.office.get(), self.workplace.time.now());
        let stands = self.workplace.writer.run(move |tx| by_token(tx, &office, &token, how, now));
        stands.await.map_err(unavailable)
    }
}

/// Looks at a token, or uses it. One that confirms is nothing to the pages that end, and the other way round.
fn by_token(
    tx: &Connection,
    office: &Office,
    token: &str,
    how: Use,
    now: DateTime<Utc>,
) -> Result<Option<Standing>, StoreError> {
    let (act, used) = match how {
        Use::LookAtConfirm | Use::Confirm => (Act::Confirm, how == Use::Confirm),
        Use::LookAtLeave | Use::Leave => (Act::Leave, how == Use::Leave),
    };
    let Some(seen) = subscription::preview(tx, office, token, now)?.filter(|seen| seen.act == act) else {
        return Ok(None);
    };
    let stands = match act {
        _ if !used => Some(seen.standing),
        Act::Confirm => subscription::confirm(tx, office, token, now)?,
        Act::Leave => subscription::end(tx, office, token, now)?,
    };
    let language = seen.language;
    Ok(stands.map(|stands| match stands {
        Stands::Open => Standing::Open { topic: seen.title, language },
        Stands::Done => Standing::Done { language },
        Stands::Over => Standing::Over { language },
    }))
}

/// Tokens are in no error.
fn unavailable(why: StoreError) -> Unavailable {
    error!(%why, "the web could not be answered");
    Unavailable
}
