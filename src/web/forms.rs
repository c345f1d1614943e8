//! The forms: GET shows what a button would do, POST does it.

use std::{convert::Infallible, net::IpAddr, time::Duration};

use axum::{
    Extension,
    body::Body,
    extract::{Form as Fields, FromRequest, FromRequestParts, Path, Query, Request, State},
    http::{HeaderMap, HeaderValue, Response, StatusCode, header, request::Parts},
};
use serde::Deserialize;
use tokio::time::{Instant, sleep_until, timeout};

use super::{Asked, Desk, Standing, Use, Wish, answer, server::Hall};
use crate::{
    desk::status_page::forms::{Form, Said},
    mail::address::is_of_a_person,
};

/// Every wish is answered after so long, whatever it came to: else the time would tell whether an address is known.
const SAME_TIME: Duration = Duration::from_millis(400);
/// Longer ones are nothing that the page has made.
const LONGEST_TOKEN: usize = 200;
const LONGEST_TOPIC: usize = 100;
/// A browser sends a form in one go.
const BODY: Duration = Duration::from_secs(5);

/// What the query says. Whatever else stands there, or stands there twice, is no reason to refuse somebody.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    lang: Option<String>,
    topic: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Chosen {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Chosen, Infallible> {
        let pairs = Query::<Vec<(String, String)>>::from_request_parts(parts, state).await;
        let pairs = pairs.map(|Query(pairs)| pairs).unwrap_or_default();
        let first = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
        Ok(Chosen { lang: first("lang"), topic: first("topic") })
    }
}

/// The last part of the path; empty, as no token is, when it is no text.
pub(super) struct Token(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Token {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Token, Infallible> {
        let part = Path::<String>::from_request_parts(parts, state).await;
        Ok(Token(part.map(|Path(part)| part).unwrap_or_default()))
    }
}

/// What is missing is as good as empty: the form is shown again.
#[derive(Debug, Deserialize)]
pub(super) struct Subscribe {
    #[serde(default)]
    email: String,
    #[serde(default)]
    topic: String,
}

/// The address of whoever asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client(pub IpAddr);

pub(super) async fn subscribe_page<D: Desk>(
    State(hall): State<Hall<D>>,
    chosen: Chosen,
    headers: HeaderMap,
) -> Response<Body> {
    let language = language(&hall, &chosen, &headers);
    let topic = chosen.topic.filter(|topic| is_topic(topic));
    answer::page(StatusCode::OK, hall.desk.html(&Form::Subscribe { topic, fault: None }, &language, 0))
}

pub(super) async fn subscribe<D: Desk>(
    State(hall): State<Hall<D>>,
    Extension(client): Extension<Client>,
    chosen: Chosen,
    headers: HeaderMap,
    request: Request,
) -> Response<Body> {
    let language = language(&hall, &chosen, &headers);
    let say = |status, said| answer::page(status, hall.desk.html(&Form::Said(said), &language, 0));
    let Ok(fields) = timeout(BODY, Fields::<Subscribe>::from_request(request, &())).await else {
        let mut response = say(StatusCode::REQUEST_TIMEOUT, Said::NotNow);
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        return response;
    };
    let answered_at = Instant::now() + SAME_TIME;
    let Fields(Subscribe { email, topic }) = match fields {
        Ok(fields) => fields,
        Err(why) if why.status() == StatusCode::PAYLOAD_TOO_LARGE => return say(why.status(), Said::TooLarge),
        Err(why) => return say(why.status(), Said::NoAddress),
    };
    let email = email.trim().to_owned();
    let again = |fault| {
        let topic = Some(topic.clone()).filter(|topic| is_topic(topic));
        let form = Form::Subscribe { topic, fault: Some((fault, email.chars().take(254).collect())) };
        answer::page(StatusCode::UNPROCESSABLE_ENTITY, hall.desk.html(&form, &language, 0))
    };
    if is_of_another_site(&headers) {
        return say(StatusCode::FORBIDDEN, Said::NotNow);
    }
    if !is_of_a_person(&email) {
        return again(Said::NoAddress);
    }
    if !is_topic(&topic) {
        return again(Said::NoSuchTopic);
    }
    if !hall.rate.takes(client.0, std::time::Instant::now()) {
        let mut response = say(StatusCode::TOO_MANY_REQUESTS, Said::TooMany);
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("60"));
        return response;
    }
    let wish = Wish { email: email.clone(), topic: topic.clone(), language: language.clone() };
    let asked = hall.work(hall.desk.ask(wish)).await;
    sleep_until(answered_at).await;
    match asked {
        Ok(Asked::Taken) => say(StatusCode::OK, Said::Asked),
        Ok(Asked::NoSuchTopic) => again(Said::NoSuchTopic),
        Err(_) => say(StatusCode::SERVICE_UNAVAILABLE, Said::NotNow),
    }
}

pub(super) async fn look_at_confirm<D: Desk>(
    hall: State<Hall<D>>,
    token: Token,
    chosen: Chosen,
    headers: HeaderMap,
) -> Response<Body> {
    by_token(hall, token, chosen, headers, Use::LookAtConfirm).await
}

pub(super) async fn confirm<D: Desk>(
    hall: State<Hall<D>>,
    token: Token,
    chosen: Chosen,
    headers: HeaderMap,
) -> Response<Body> {
    by_token(hall, token, chosen, headers, Use::Confirm).await
}

pub(super) async fn look_at_leave<D: Desk>(
    hall: State<Hall<D>>,
    token: Token,
    chosen: Chosen,
    headers: HeaderMap,
) -> Response<Body> {
    by_token(hall, token, chosen, headers, Use::LookAtLeave).await
}

/// The button of the page, and the one click of a mail program (RFC 8058): its body says nothing more, and is not read.
pub(super) async fn leave<D: Desk>(
    hall: State<Hall<D>>,
    token: Token,
    chosen: Chosen,
    headers: HeaderMap,
) -> Response<Body> {
    by_token(hall, token, chosen, headers, Use::Leave).await
}

async fn by_token<D: Desk>(
    State(hall): State<Hall<D>>,
    Token(token): Token,
    chosen: Chosen,
    headers: HeaderMap,
    how: Use,
) -> Response<Body> {
    let is_possible = !token.is_empty() && token.len() <= LONGEST_TOKEN && token.bytes().all(|b| b.is_ascii_graphic());
    let found = match is_possible {
        true => hall.work(hall.desk.token(token, how)).await,
        false => Ok(None),
    };
    let written = match &found {
        Ok(Some(Standing::Open { language, .. } | Standing::Done { language } | Standing::Over { language })) => {
            language.clone()
        }
        _ => None,
    };
    let language = language(&hall, &Chosen { lang: chosen.lang.or(written), topic: None }, &headers);
    let is_confirm = matches!(how, Use::LookAtConfirm | Use::Confirm);
    let (status, form) = match found {
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, Form::Said(Said::NotNow)),
        Ok(None) => (StatusCode::NOT_FOUND, Form::Said(Said::VoidLink)),
        Ok(Some(Standing::Over { .. })) => (StatusCode::GONE, Form::Said(Said::VoidLink)),
        Ok(Some(Standing::Done { .. })) if is_confirm => (StatusCode::OK, Form::Said(Said::Confirmed)),
        Ok(Some(Standing::Done { .. })) => (StatusCode::OK, Form::Said(Said::Left)),
        Ok(Some(Standing::Open { topic, .. })) if is_confirm => (StatusCode::OK, Form::Confirm { topic }),
        Ok(Some(Standing::Open { topic, .. })) => (StatusCode::OK, Form::Leave { topic }),
    };
    answer::page(status, hall.desk.html(&form, &language, 1))
}

fn language<D: Desk>(hall: &Hall<D>, chosen: &Chosen, headers: &HeaderMap) -> String {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    hall.desk.language(chosen.lang.as_deref(), accepted)
}

fn is_topic(topic: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '-' | '_' | '.');
    !topic.is_empty() && topic.len() <= LONGEST_TOPIC && topic.chars().all(plain)
}

/// A form on another site's page, which its reader may not have meant to send (Fetch Metadata). Without the header it is
/// no browser of today, and nothing is gained by it: there is no cookie.
fn is_of_another_site(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site")
}
