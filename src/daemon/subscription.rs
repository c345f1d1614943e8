//! Subscriptions: asked for by mail or by a form, confirmed by the address alone, ended at once.
//!
//! Nobody learns of an address whether it is subscribed: whoever asks for it, the answer is a mail to the address, and the
//! same one whether it is subscribed or not. Nobody can have the desk flood an address either: an open question is not asked
//! again within an hour, and all questions of a day, to a domain and together are bounded
//! ([`holds_back`], `[subscriptions]` of the policy).
//!
//! A token ([`Keyring::confirm_token`](crate::mail::token::Keyring), `leave_token`) proves that its bearer has seen the mail
//! in which it stood. It is made when that mail is written, so it stands in no table and no log.

use chrono::{DateTime, Duration, Utc};
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::{office::Office, take_in::say_to, trouble};
use crate::{
    desk::{
        case::CaseId,
        hours::Zone,
        incident::IncidentNumber,
        notice::NoticeKind,
        policy::OpenTo,
        subscription::{AGAIN_AFTER, AskedBefore, HeldBack, Question, Reader, Subscription, What, holds_back},
        trouble::{Area, Nature},
    },
    mail::{
        address::{Address, is_of_a_person},
        wording,
    },
    store::{
        StoreError, contacts, incidents,
        outbox::{self, StoredNotice},
        subscriptions, suppressions, troubles,
    },
};

const DAY: Duration = Duration::days(1);
/// Answers to one address in a day, beside questions: to wishes to leave, and with what there is to subscribe to.
const ANSWERS_PER_DAY: u32 = 5;

/// What came of asking for a subscription. The caller tells nobody more than this.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asking {
    /// a question goes to the address
    Taken,
    /// none does; nobody but staff learns it
    Held(HeldBack),
    /// there is no such platform, or no such incident that goes on
    NoSuchThing,
}

/// Asks the reader of an address whether they want a subscription. `language` is that in which the wish was made.
pub fn ask(
    tx: &Connection,
    office: &Office,
    email: &str,
    what: &What,
    language: Option<&str>,
    now: DateTime<Utc>,
) -> Result<Asking, StoreError> {
    if !exists(tx, office, what)? {
        return Ok(Asking::NoSuchThing);
    }
    let person = Address::bare(email);
    let held = held_back(tx, office, &person.email, what, now)?;
    full_hour(tx, office, held, now)?;
    if let Some(why) = held {
        return Ok(Asking::Held(why));
    }
    let cause = format!("subscribe:{what}:{}", now.timestamp_millis());
    question(tx, office, &person, (what, language), json!({ REQUESTED: true }), &cause, now)?;
    Ok(Asking::Taken)
}

/// Asks once more whoever answered neither yes nor no, and says what would be a yes. False: that was done already, or may
/// not be done.
pub(super) fn explain(
    tx: &Connection,
    office: &Office,
    asked: &Question,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let rules = &office.desk.policy.subscriptions;
    let is_explained = outbox::load(tx, asked.notice)?.is_none_or(|notice| !notice.data.contains_key(REQUESTED));
    let today = subscriptions::times_asked(tx, &asked.email, None, now - DAY)?;
    if is_explained || today >= rules.questions_per_day || suppressions::of(tx, &asked.email, now)?.is_some() {
        return Ok(false);
    }
    let more = json!({ "platforms": platforms(office, Some(&asked.what)) });
    let cause = format!("subscribe-unclear:{}", asked.notice);
    let about = (&asked.what, asked.language.as_deref());
    question(tx, office, &Address::bare(&asked.email), about, more, &cause, now)
}

/// In the data of a question that does not explain.
const REQUESTED: &str = "requested";

/// A question goes to its reader, with `more` in its data. False: it can't, or the cause has asked it already.
fn question(
    tx: &Connection,
    office: &Office,
    person: &Address,
    (what, language): (&What, Option<&str>),
    more: Value,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let within = office.desk.policy.subscriptions.confirm_within;
    let until = wording::time(now + within, &zone_of(tx, office, &person.email)?);
    let mut data = more;
    data["what"] = title(tx, office, what)?;
    data["until"] = until;
    data["language"] = json!(language);
    let Some(notice) = say_to(tx, office, NoticeKind::SubscribeConfirm, person, data, cause, now)? else {
        return Ok(false);
    };
    let question = Question {
        notice,
        email: person.email.clone(),
        what: what.clone(),
        language: language.map(str::to_owned),
        asked_at: now,
        answered_at: None,
    };
    subscriptions::ask(tx, &question)?;
    Ok(true)
}

/// The platforms that there are beside this one, with what a mail says to subscribe to them.
fn platforms(office: &Office, beside: Option<&What>) -> Vec<Value> {
    let all = office.desk.policy.platforms.iter().map(|(key, title)| (What::Platform(key.clone()), title));
    all.filter(|(what, _)| Some(what) != beside)
        .map(|(what, title)| json!({ "title": title, "command": what.to_string() }))
        .collect()
}

/// May this address subscribe at all, by the policy?
pub fn is_open_to(db: &Connection, office: &Office, email: &str) -> Result<bool, StoreError> {
    match office.desk.policy.subscriptions.open_to {
        OpenTo::Anybody => Ok(true),
        OpenTo::Customers => Ok(contacts::known_of(db, email)?.is_known()),
    }
}

/// Why the reader of an address is not asked now; none: they are.
fn held_back(
    db: &Connection,
    office: &Office,
    email: &str,
    what: &What,
    now: DateTime<Utc>,
) -> Result<Option<HeldBack>, StoreError> {
    let policy = &office.desk.policy;
    let may = is_of_a_person(email)
        && !office.desk.is_own(email)
        && is_open_to(db, office, email)?
        && suppressions::of(db, email, now)?.is_none();
    if !may {
        return Ok(Some(HeldBack::Address));
    }
    let domain = email.rsplit('@').next().unwrap_or_default();
    let hour = now - Duration::hours(1);
    let before = AskedBefore {
        unanswered: subscriptions::times_asked(db, email, Some(what), now - AGAIN_AFTER)?,
        in_day: subscriptions::times_asked(db, email, None, now - DAY)?,
        at_domain: subscriptions::asked_at_domain(db, domain, hour)?,
        all: subscriptions::asked_since(db, hour)?,
    };
    let known = contacts::known_of(db, email)?;
    let reader = match known.contact {
        Some(_) => Reader::Contact,
        None if known.is_known() => Reader::OfCustomer,
        None => Reader::Stranger { freemail: policy.freemail.contains(domain) },
    };
    let rules = &policy.subscriptions;
    Ok(holds_back(reader, before, rules.questions_per_day, rules.questions_per_hour))
}

/// Nobody else learns that a wish was not heard: staff do.
fn full_hour(tx: &Connection, office: &Office, held: Option<HeldBack>, now: DateTime<Utc>) -> Result<(), StoreError> {
    match held {
        Some(HeldBack::Hour) => {
            let error = "so many addresses were to be asked within an hour whether they want updates (questions_per_hour \
                         of the policy's [subscriptions]) that further ones are not asked: somebody may be flooding the form";
            trouble::met(tx, office, &Area::Subscribing, Nature::Passing, error, now)
        }
        _ => look_at_hour(tx, office, now),
    }
}

/// Ends the trouble of a full hour when strangers are asked again.
pub(super) fn look_at_hour(tx: &Connection, office: &Office, now: DateTime<Utc>) -> Result<(), StoreError> {
    let is_full = subscriptions::asked_since(tx, now - Duration::hours(1))?
        >= office.desk.policy.subscriptions.questions_per_hour;
    if is_full || troubles::current(tx, &Area::Subscribing)?.is_none() {
        return Ok(());
    }
    trouble::over(tx, office, &Area::Subscribing, now)
}

/// What the button on a page does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Confirm,
    Leave,
}

/// How a token stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// the button does something
    Open,
    /// that was done
    Done,
    /// the question was asked too long ago, or what it brought about has ended
    Over,
}

/// What a page shows to the bearer of a token. It tells no address: the bearer may have been handed the mail.
#[derive(Debug, Clone, PartialEq)]
pub struct Preview {
    pub act: Act,
    pub standing: Standing,
    pub what: What,
    /// a title, or a [`wording`] value
    pub title: Value,
    pub language: Option<String>,
}

/// What the button of a page with this token would do; changes nothing. None: this desk made no such token.
pub fn preview(
    db: &Connection,
    office: &Office,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<Preview>, StoreError> {
    if let Some(question) = question_of(db, office, token)? {
        let standing = standing(db, office, &question, now)?;
        let title = title(db, office, &question.what)?;
        let (what, language) = (question.what, question.language);
        return Ok(Some(Preview { act: Act::Confirm, standing, what, title, language }));
    }
    let Some(subscription) = subscription_of(db, office, token)? else { return Ok(None) };
    let standing = if subscription.ended_at.is_none() { Standing::Open } else { Standing::Done };
    let title = title(db, office, &subscription.what)?;
    let (what, language) = (subscription.what, subscription.language);
    Ok(Some(Preview { act: Act::Leave, standing, what, title, language }))
}

/// Confirms by the token of a question. Again it changes nothing. None: this desk made no such token.
pub fn confirm(
    tx: &Connection,
    office: &Office,
    token: &str,
    now: DateTime<Utc>,
) -> Result<Option<Standing>, StoreError> {
    let Some(question) = question_of(tx, office, token)? else { return Ok(None) };
    let standing = standing(tx, office, &question, now)?;
    if standing != Standing::Open {
        return Ok(Some(standing));
    }
    confirmed(tx, office, &question, "the page that the question names", now)?;
    Ok(Some(Standing::Done))
}

/// Ends the subscription of a token, at once and also for what is queued. Again it changes nothing. None: this desk made no
/// such token.
pub fn end(tx: &Connection, office: &Office, token: &str, now: DateTime<Utc>) -> Result<Option<Standing>, StoreError> {
    end_by(tx, office, token, "the unsubscribe address in a mail", now)
}

/// The same, `by` being for staff's eyes.
pub fn end_by(
    tx: &Connection,
    office: &Office,
    token: &str,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Option<Standing>, StoreError> {
    let Some(subscription) = subscription_of(tx, office, token)? else { return Ok(None) };
    if subscription.ended_at.is_none() {
        let cause = format!("unsubscribed:{}", subscription.id);
        let left = std::slice::from_ref(&subscription.what);
        leave(tx, office, &Leaving { email: &subscription.email, left, by, cause: &cause, language: None }, now)?;
    }
    Ok(Some(Standing::Done))
}

fn question_of(db: &Connection, office: &Office, token: &str) -> Result<Option<Question>, StoreError> {
    let number = office.keyring.verify_confirm(token).and_then(|number| i64::try_from(number).ok());
    Ok(number.map(|notice| subscriptions::question(db, notice)).transpose()?.flatten())
}

fn subscription_of(db: &Connection, office: &Office, token: &str) -> Result<Option<Subscription>, StoreError> {
    let number = office.keyring.verify_leave(token).and_then(|number| i64::try_from(number).ok());
    Ok(number.map(|id| subscriptions::by_id(db, id)).transpose()?.flatten())
}

/// How a question stands at an instant.
pub(super) fn standing(
    db: &Connection,
    office: &Office,
    question: &Question,
    at: DateTime<Utc>,
) -> Result<Standing, StoreError> {
    if question.answered_at.is_some() {
        let living = subscriptions::of_address(db, &question.email)?;
        let lives = living.iter().any(|one| one.what == question.what);
        return Ok(if lives { Standing::Done } else { Standing::Over });
    }
    let in_time = at - question.asked_at <= office.desk.policy.subscriptions.confirm_within;
    let open = in_time && exists(db, office, &question.what)?;
    Ok(if open { Standing::Open } else { Standing::Over })
}

/// The address that was asked has said yes; it is told what it gets, and how to leave.
pub(super) fn confirmed(
    tx: &Connection,
    office: &Office,
    question: &Question,
    by: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    subscriptions::answered(tx, question.notice, now)?;
    let cause = format!("subscribed:{}", question.notice);
    let about = (question.email.as_str(), &question.what);
    subscribed(tx, office, about, question.language.as_deref(), by, &cause, now).map(drop)
}

/// An address has a subscription from now on, and is told so. Gives its number.
pub fn subscribed(
    tx: &Connection,
    office: &Office,
    (email, what): (&str, &What),
    language: Option<&str>,
    by: &str,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<i64, StoreError> {
    let id = subscriptions::confirm(tx, (email, what), language, by, now)?;
    let data = json!({ "what": title(tx, office, what)?, "subscription": id, "language": language });
    say_to(tx, office, NoticeKind::Subscribed, &Address::bare(email), data, cause, now)?;
    Ok(id)
}

/// An address leaves these things and their parts.
#[derive(Debug, Clone, Copy)]
pub struct Leaving<'a> {
    pub email: &'a str,
    pub left: &'a [What],
    /// for staff's eyes
    pub by: &'a str,
    /// what brings it about, unique for ever
    pub cause: &'a str,
    /// in which the wish was made; without it, that of the subscription
    pub language: Option<&'a str>,
}

/// Ends what an address leaves; it is told what that was, and what it still gets. Says how many ended.
pub fn leave(tx: &Connection, office: &Office, leaving: &Leaving<'_>, now: DateTime<Utc>) -> Result<usize, StoreError> {
    let &Leaving { email, left, by, cause, language } = leaving;
    let living = subscriptions::of_address(tx, email)?;
    let (gone, stays): (Vec<_>, Vec<_>) =
        living.into_iter().partition(|one| left.iter().any(|what| what.ends(&one.what)));
    for one in &gone {
        subscriptions::end(tx, one.id, by, now)?;
    }
    let answered = outbox::automatic_since(tx, email, now - DAY, &[NoticeKind::Unsubscribed])?;
    if answered < ANSWERS_PER_DAY || !gone.is_empty() {
        let language = language.map(str::to_owned).or_else(|| gone.iter().find_map(|one| one.language.clone()));
        let titles = |all: &[Subscription]| -> Result<Vec<Value>, StoreError> {
            all.iter().map(|one| title(tx, office, &one.what)).collect()
        };
        let mut again = Vec::new();
        for one in &gone {
            // What is over can't be had again.
            if exists(tx, office, &one.what)? {
                again.push(command(tx, office, &one.what)?);
            }
        }
        let known = contacts::known_of(tx, email)?.is_known();
        let data = json!({ "ended": titles(&gone)?, "remaining": titles(&stays)?, "known": known, "again": again,
            "language": language });
        say_to(tx, office, NoticeKind::Unsubscribed, &Address::bare(email), data, cause, now)?;
    }
    Ok(gone.len())
}

/// Tells an address what there is to subscribe to, since it asked for something else; a few times a day at most.
/// `asked_for` is what they called it, if that can be said.
pub(super) fn help(
    tx: &Connection,
    office: &Office,
    email: &str,
    asked_for: Option<&str>,
    language: Option<&str>,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let answered = outbox::automatic_since(tx, email, now - DAY, &[NoticeKind::SubscribeHelp])?;
    if answered >= ANSWERS_PER_DAY || suppressions::of(tx, email, now)?.is_some() {
        return Ok(());
    }
    let data = json!({ "asked_for": asked_for, "platforms": platforms(office, None), "language": language });
    say_to(tx, office, NoticeKind::SubscribeHelp, &Address::bare(email), data, cause, now).map(drop)
}

/// What a subscriber is told beside what all are told, in which language; none: they have left.
pub(super) fn told(db: &Connection, subscription: i64) -> Result<Option<Map<String, Value>>, StoreError> {
    let Some(one) = subscriptions::by_id(db, subscription)?.filter(|one| one.ended_at.is_none()) else {
        return Ok(None);
    };
    let mut own = Map::new();
    own.insert("subscription".to_owned(), one.id.into());
    if let Some(language) = one.language {
        own.insert("language".to_owned(), language.into());
    }
    Ok(Some(own))
}

/// The subscription for which alone somebody gets a notice.
pub(super) fn of_notice(notice: &StoredNotice) -> Option<i64> {
    notice.data.get("subscription")?.as_i64()
}

/// Has whoever a notice is for left what they got it for?
pub(super) fn is_left(db: &Connection, notice: &StoredNotice) -> Result<bool, StoreError> {
    let Some(id) = of_notice(notice) else { return Ok(false) };
    Ok(subscriptions::by_id(db, id)?.is_none_or(|one| one.ended_at.is_some()))
}

/// How a subscriber leaves: the lines of the header, and what stands at the foot of the mail.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WayOut {
    pub token: String,
    /// the page that asks before it ends anything; a mail program's one click posts to it
    pub page: Option<String>,
    pub footer: Value,
    /// where all of it can be read
    pub status_page: Option<Value>,
}

/// The way out of the subscription that a notice is for.
pub(super) fn way_out(db: &Connection, office: &Office, notice: &StoredNotice) -> Result<Option<WayOut>, StoreError> {
    let Some(one) = of_notice(notice).map(|id| subscriptions::by_id(db, id)).transpose()?.flatten() else {
        return Ok(None);
    };
    let token = office.keyring.leave_token(u64::try_from(one.id).unwrap_or_default());
    let page = office.web_url.as_ref().map(|url| format!("{url}/unsubscribe/{token}"));
    let what = title(db, office, &one.what)?;
    let footer = match &page {
        Some(page) => wording::sentence("subscription.footer-page", json!({ "what": what, "page": page })),
        None => wording::sentence(
            "subscription.footer-mail",
            json!({ "what": what, "command": command(db, office, &one.what)? }),
        ),
    };
    let status_page =
        office.web_url.as_ref().map(|url| wording::sentence("subscription.status-page", json!({ "url": url })));
    Ok(Some(WayOut { token, page, footer, status_page }))
}

/// The page that confirms the question that a notice asks.
pub(super) fn confirm_page(office: &Office, notice: &StoredNotice) -> Option<String> {
    let url = office.web_url.as_ref().filter(|_| notice.kind == NoticeKind::SubscribeConfirm)?;
    Some(format!("{url}/confirm/{}", office.keyring.confirm_token(u64::try_from(notice.id).ok()?)))
}

/// The reader's zone, as the directory has it.
fn zone_of(db: &Connection, office: &Office, email: &str) -> Result<Zone, StoreError> {
    let own = contacts::by_email(db, email)?.and_then(|contact| contact.zone);
    Ok(Zone::Named(own.unwrap_or(office.desk.policy.zone)))
}

/// What is public of a major incident.
struct Incident {
    /// `MNI-0007`
    number: String,
    title: String,
    is_open: bool,
}

fn incident(db: &Connection, case: CaseId) -> Result<Option<Incident>, StoreError> {
    let found = incidents::by_case(db, case)?;
    Ok(found.map(|i| Incident { number: i.number.to_string(), is_open: i.is_open(), title: i.title }))
}

/// The incident with a public number.
pub(super) fn incident_numbered(db: &Connection, number: i64) -> Result<Option<What>, StoreError> {
    let found = incidents::by_number(db, IncidentNumber(number))?;
    Ok(found.map(|incident| What::Incident(incident.case)))
}

/// The incident that a case is a child of, or itself the parent of.
pub(super) fn incident_behind(db: &Connection, case: CaseId) -> Result<Option<What>, StoreError> {
    let own = incidents::by_case(db, case)?;
    let found = own.map_or_else(|| incidents::latest_of(db, case), |own| Ok(Some(own)))?;
    Ok(found.map(|incident| What::Incident(incident.case)))
}

/// Is there anything to get updates about? Public.
pub fn exists(db: &Connection, office: &Office, what: &What) -> Result<bool, StoreError> {
    match what {
        What::All => Ok(true),
        What::Platform(key) => Ok(office.desk.policy.platforms.contains_key(key)),
        What::Incident(case) => Ok(incident(db, *case)?.is_some_and(|incident| incident.is_open)),
    }
}

/// What people call it; a [`wording`] value or a text.
pub fn title(db: &Connection, office: &Office, what: &What) -> Result<Value, StoreError> {
    Ok(match what {
        What::All => wording::word("subscription.all"),
        What::Platform(key) => json!(office.desk.policy.platforms.get(key).unwrap_or(key)),
        What::Incident(case) => match incident(db, *case)? {
            Some(incident) => json!(format!("{} ({})", incident.title, incident.number)),
            None => wording::word("subscription.incident"),
        },
    })
}

/// How a mail names it: `platform:voice`, `MNI-0007`.
pub fn command(db: &Connection, _office: &Office, what: &What) -> Result<String, StoreError> {
    Ok(match what {
        What::Incident(case) => incident(db, *case)?.map_or_else(|| what.to_string(), |incident| incident.number),
        what => what.to_string(),
    })
}

/// What a form names: `all`, `platform:voice`, `MNI-0007`; none: there is no such thing. The number of a case is nothing to
/// name: it would tell how many there are.
pub fn named(db: &Connection, text: &str) -> Result<Option<What>, StoreError> {
    let text = text.trim().to_ascii_lowercase();
    if let Some(number) = text.strip_prefix("mni-").and_then(|number| number.parse().ok()) {
        return incident_numbered(db, number);
    }
    Ok(text.parse().ok().filter(|what| !matches!(what, What::Incident(_))))
}

#[cfg(test)]
mod tests;
