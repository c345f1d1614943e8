//! HTTP: the status page, calendars, and the forms by which people subscribe. Made to stand behind a web server, or a CDN.
//!
//! Knows nothing of the desk but what [`Desk`] says, and changes nothing by GET: programs that look at mail follow every
//! link in it. There are no cookies, so there is nothing that another site's page could act with; tokens in addresses are
//! the only rights. Everything is bounded ([`server`]), and runs on tasks of its own: what happens here can't hold up
//! the desk.

mod answer;
pub mod folder;
mod forms;
mod rate;
pub mod server;
pub mod site;
#[cfg(test)]
mod tests;

use std::{future::Future, sync::Arc};

use serde_json::Value;

use crate::desk::status_page::forms::Form;
use site::Site;

/// What the desk behind the pages can do. A failure is something that passes; it was logged.
pub trait Desk: Send + Sync + 'static {
    /// the status page as it is now
    fn site(&self) -> Arc<Site>;

    /// A page of the forms; `depth` is how many folders deep its address is.
    fn html(&self, form: &Form, language: &str, depth: usize) -> String;

    /// In which language somebody reads: they chose one, or their browser prefers some (Accept-Language).
    fn language(&self, chosen: Option<&str>, accepted: Option<&str>) -> String;

    /// The calendar of whoever has this token; none: nobody has.
    fn calendar(&self, token: String) -> impl Future<Output = Result<Option<String>, Unavailable>> + Send;

    /// Asks the reader of an address whether they want this. What comes of it is told to them alone.
    fn ask(&self, asked: Wish) -> impl Future<Output = Result<Asked, Unavailable>> + Send;

    /// What a token is good for, or what came of using it; none: it is none of ours.
    fn token(&self, token: String, how: Use) -> impl Future<Output = Result<Option<Standing>, Unavailable>> + Send;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unavailable;

/// Somebody wants an address to be subscribed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub email: String,
    /// `all`, `platform:voice`, `MNI-0007`
    pub topic: String,
    pub language: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// perhaps a mail goes out; nobody but its reader learns it
    Taken,
    /// nothing of that name can be subscribed
    NoSuchTopic,
}

/// To do what with a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    LookAtConfirm,
    Confirm,
    LookAtLeave,
    Leave,
}

/// How a token stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// a button would do something about this: a title, or a value that each language says in its own way
    Open { topic: Value, language: Option<String> },
    /// it was done, now or before
    Done { language: Option<String> },
    /// it is too late for that
    Over { language: Option<String> },
}
