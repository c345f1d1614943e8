//! Mailing lists (RFC 2919, RFC 2369, and what was there before them).

use super::{Kind, Sorted, keyword, sorted};
use crate::mail::incoming::Incoming;

/// What only programs that distribute mail to members set.
const LISTS: [&str; 10] = [
    "list-id",
    "list-post",
    "mailing-list",
    "x-mailing-list",
    "x-ml-name",
    "x-mailman-version",
    "x-beenthere",
    "x-google-group-id",
    "x-list-host",
    "x-listname",
];

pub(super) fn list(mail: &Incoming, own_addresses: &[String]) -> Option<Sorted> {
    if is_the_desks_own(mail, own_addresses) {
        return None;
    }
    if let Some(name) = LISTS.into_iter().find(|name| mail.header(name).next().is_some()) {
        return Some(sorted(Kind::List, format!("{name} is set")));
    }
    // A newsletter has List-Unsubscribe, too; a list says besides that it distributes.
    let can_be_left = mail.header("list-unsubscribe").next().is_some();
    let precedence = mail.header("precedence").map(keyword).find(|w| w == "list" || w == "bulk" && can_be_left)?;
    Some(sorted(Kind::List, format!("Precedence: {precedence}")))
}

/// The desk's address may itself be a group (Google Groups, Mailman) that hands its mail on to the desk's mailbox: what
/// comes by that is what people wrote to the desk.
pub(super) fn is_the_desks_own(mail: &Incoming, own_addresses: &[String]) -> bool {
    let posts = mail.header("list-post").chain(mail.header("mailing-list")).chain(mail.header("x-beenthere"));
    let posts: Vec<String> = posts.map(str::to_lowercase).collect();
    let ids: Vec<String> = mail.header("list-id").map(str::to_lowercase).collect();
    own_addresses.iter().any(|own| {
        // RFC 2919: `<support.desk.example>` is the list support@desk.example.
        let id = format!("<{}>", own.replace('@', "."));
        let named = |text: &String| text.split(|c: char| "<>:,; ?".contains(c)).any(|word| word == own);
        ids.iter().any(|text| text.contains(&id)) || posts.iter().any(named)
    })
}
