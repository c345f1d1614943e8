//! The server: who may connect, for how long, and which address is what.
//!
//! | bound | |
//! |---|---|
//! | connections | 256; 32 of one address, unless it is this machine's own (a web server before us) |
//! | a full house | whoever comes takes the place of the oldest connection: a page takes no time, those that stop do |
//! | time | 5 s for the head of a request, 5 s for a form, 60 s for a connection, 10 s for what the desk is asked |
//! | size | 16 kB for the head of a request, 4 kB for a form |
//! | questions to the desk | 16 at a time: beside them mail has the database |
//! | wishes to subscribe | 6 a minute and 20 an hour of one address, 120 a minute of all |
//!
//! Who asks is the peer; behind a web server on this machine it is the last address in X-Forwarded-For, which that server
//! has written.

use std::{
    collections::{HashMap, VecDeque},
    convert::Infallible,
    future::Future,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, State},
    http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri, header},
    routing::get,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::{AbortHandle, JoinSet},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower_service::Service;
use tracing::debug;

use super::{
    Desk, Unavailable, answer,
    forms::{self, Client, Token},
    rate::{Rate, network},
};
use crate::desk::status_page::forms::{Form, Said};

const CONNECTIONS: usize = 256;
const CONNECTIONS_OF_ONE: u32 = 32;
const HEAD: Duration = Duration::from_secs(5);
const CONNECTION: Duration = Duration::from_secs(60);
const HEAD_BYTES: usize = 16 * 1024;
const FORM_BYTES: usize = 4096;
const AT_WORK: usize = 16;
const WORK: Duration = Duration::from_secs(10);
/// When no connection can be taken (no more files may be open).
const BREATH: Duration = Duration::from_millis(200);

/// What all requests share.
pub(super) struct Hall<D> {
    pub desk: Arc<D>,
    pub rate: Arc<Rate>,
    at_work: Arc<Semaphore>,
}

impl<D> Clone for Hall<D> {
    fn clone(&self) -> Self {
        Hall { desk: self.desk.clone(), rate: self.rate.clone(), at_work: self.at_work.clone() }
    }
}

impl<D: Desk> Hall<D> {
    /// Asks the desk something, but not for ever, and not with all at once.
    pub async fn work<T>(&self, asked: impl Future<Output = Result<T, Unavailable>>) -> Result<T, Unavailable> {
        let work = async {
            let _turn = self.at_work.acquire().await.map_err(|_| Unavailable)?;
            asked.await
        };
        timeout(WORK, work).await.unwrap_or(Err(Unavailable))
    }
}

/// Serves until `stop`; connections that stand then are cut off, as they hold nothing that is not committed.
pub async fn serve<D: Desk>(listener: TcpListener, desk: Arc<D>, stop: CancellationToken) {
    let hall =
        Hall { desk, rate: Arc::new(Rate::new(std::time::Instant::now())), at_work: Arc::new(Semaphore::new(AT_WORK)) };
    let router = router(hall);
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let peers = Peers::default();
    let mut connections = JoinSet::new();
    // The oldest first.
    let mut standing: VecDeque<AbortHandle> = VecDeque::new();
    loop {
        while connections.try_join_next().is_some() {}
        standing.retain(|connection| !connection.is_finished());
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let (stream, peer) = match accepted {
            Ok((stream, peer)) => (stream, peer.ip()),
            Err(why) => {
                debug!(%why, "a connection of the web could not be taken");
                sleep(BREATH).await;
                continue;
            }
        };
        let Some(guest) = peers.enter(peer) else { continue };
        if room.available_permits() == 0
            && let Some(oldest) = standing.pop_front()
        {
            oldest.abort();
        }
        let Ok(place) = room.clone().acquire_owned().await else { return };
        let router = router.clone();
        standing.push_back(connections.spawn(async move {
            connection(stream, peer, router).await;
            drop((guest, place));
        }));
    }
}

async fn connection(stream: TcpStream, peer: IpAddr, router: Router) {
    let service = hyper::service::service_fn(move |mut request: Request<hyper::body::Incoming>| {
        let client = Client(client(peer, request.headers()));
        request.extensions_mut().insert(client);
        let mut router = router.clone();
        async move {
            let is_head = request.method() == Method::HEAD;
            let mut response: Response<Body> =
                router.call(request).await.unwrap_or_else(|never: Infallible| match never {});
            answer::security(response.headers_mut());
            if is_head {
                *response.body_mut() = Body::empty();
            }
            Ok::<_, Infallible>(response)
        }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    match timeout(CONNECTION, served).await {
        Ok(Err(why)) => debug!(%why, "a connection of the web ended early"),
        Err(_) => debug!("a connection of the web was cut off for its age"),
        Ok(Ok(())) => {}
    }
}

fn router<D: Desk>(hall: Hall<D>) -> Router {
    Router::new()
        .route("/subscribe", get(forms::subscribe_page::<D>).post(forms::subscribe::<D>))
        .route("/confirm/{token}", get(forms::look_at_confirm::<D>).post(forms::confirm::<D>))
        .route("/unsubscribe/{token}", get(forms::look_at_leave::<D>).post(forms::leave::<D>))
        .route("/calendar/{file}", get(calendar::<D>))
        .fallback(file::<D>)
        .layer(DefaultBodyLimit::max(FORM_BYTES))
        .with_state(hall)
}

async fn calendar<D: Desk>(State(hall): State<Hall<D>>, Token(file): Token, headers: HeaderMap) -> Response<Body> {
    let token = file.strip_suffix(".ics").filter(|token| token.len() <= 100);
    let found = match token {
        Some(token) => hall.work(hall.desk.calendar(token.to_owned())).await,
        None => Ok(None),
    };
    match found {
        Ok(Some(text)) => answer::calendar(text, &headers),
        Ok(None) => said(&hall, StatusCode::NOT_FOUND, Said::NotFound, &headers, 1),
        Err(Unavailable) => said(&hall, StatusCode::SERVICE_UNAVAILABLE, Said::NotNow, &headers, 1),
    }
}

async fn file<D: Desk>(State(hall): State<Hall<D>>, method: Method, uri: Uri, headers: HeaderMap) -> Response<Body> {
    if !matches!(method, Method::GET | Method::HEAD) {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    let path = uri.path().trim_start_matches('/');
    let site = hall.desk.site();
    if let Some(file) = site.file(path) {
        return answer::file(file, &headers);
    }
    if site.is_folder(path) {
        return to_folder(path);
    }
    // No deeper than any page is: the address is anybody's.
    said(&hall, StatusCode::NOT_FOUND, Said::NotFound, &headers, path.matches('/').count().min(10))
}

/// Relative, so that it is right below whatever path a web server has put us.
fn to_folder(path: &str) -> Response<Body> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
    // The folders' names are the desk's own, and plain.
    let to = HeaderValue::from_str(&format!("{name}/")).unwrap_or(HeaderValue::from_static("./"));
    response.headers_mut().insert(header::LOCATION, to);
    response
}

fn said<D: Desk>(hall: &Hall<D>, status: StatusCode, said: Said, headers: &HeaderMap, depth: usize) -> Response<Body> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = hall.desk.language(None, accepted);
    answer::page(status, hall.desk.html(&Form::Said(said), &language, depth))
}

fn client(peer: IpAddr, headers: &HeaderMap) -> IpAddr {
    if !peer.to_canonical().is_loopback() {
        return peer;
    }
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    forwarded.and_then(|all| all.rsplit(',').next()?.trim().parse().ok()).unwrap_or(peer)
}

/// How many connections an address has.
#[derive(Clone, Default)]
struct Peers(Arc<Mutex<HashMap<IpAddr, u32>>>);

/// One of them; it is over when this is dropped.
struct Guest {
    peers: Peers,
    address: Option<IpAddr>,
}

impl Peers {
    /// None: it has enough.
    fn enter(&self, peer: IpAddr) -> Option<Guest> {
        let address = Some(network(peer)).filter(|_| !peer.to_canonical().is_loopback());
        if let Some(address) = address {
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let count = all.entry(address).or_default();
            if *count >= CONNECTIONS_OF_ONE {
                return None;
            }
            *count += 1;
        }
        Some(Guest { peers: self.clone(), address })
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let Some(address) = self.address else { return };
        let mut all = self.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = all.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                all.remove(&address);
            }
        }
    }
}
