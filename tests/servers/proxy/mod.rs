//! A proxy in front of a real server that makes faults happen: between the desk and Dovecot, the desk and Postfix.
//!
//! ```ignore
//! let proxy = Proxy::imap(servers.imap_port);
//! proxy.set([Fault::at("^UID STORE").unseen().cut().first(1)]);
//! // … a desk whose mailbox is imap://support@127.0.0.1:{proxy.port()}/INBOX, with tls = "none"
//! assert_eq!(proxy.hits(), 1);
//! proxy.clear();
//! ```
//!
//! It reads what is said, so it stands in front of a port without TLS (`imap_port`, `smtp_port`, `plain_submission_port`).
//! To its clients it can speak TLS, with any [`Certificate`]. It runs on a thread of its own and ends with the value.

mod connection;
mod imap;
mod in_force;
mod pieces;
mod side;
mod smtp;
mod tls;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{JoinHandle, JoinSet};

use super::authority::Certificate;
use super::fault::Fault;
use super::{free_ports, until};
use connection::{Connection, Ended};
use in_force::InForce;
use side::Side;
use tls::{Begins, Tls};

pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    listening: Mutex<Option<JoinHandle<()>>>,
    // The last field: everything that runs on it ends with it.
    runtime: Runtime,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Imap,
    Smtp,
}

/// What all connections of a proxy have in common.
struct Shared {
    protocol: Protocol,
    to_port: u16,
    in_force: Mutex<Arc<InForce>>,
    tls: Mutex<Option<Tls>>,
    connections: AtomicUsize,
    hits: Arc<AtomicUsize>,
    living: Mutex<JoinSet<()>>,
}

impl Proxy {
    /// In front of an IMAP server on a port of 127.0.0.1.
    pub fn imap(to_port: u16) -> Proxy {
        Proxy::start(Protocol::Imap, to_port)
    }

    /// In front of an SMTP server on a port of 127.0.0.1.
    pub fn smtp(to_port: u16) -> Proxy {
        Proxy::start(Protocol::Smtp, to_port)
    }

    /// From now on clients are to begin TLS at once (`imaps://`, `smtps://`) and see this certificate.
    pub fn with_tls(self, certificate: &Certificate) -> Proxy {
        self.shared.set_tls(Tls::showing(certificate, Begins::AtOnce));
        self
    }

    /// From now on STARTTLS is offered, with this certificate. Without it the proxy hides that of the server.
    pub fn with_starttls(self, certificate: &Certificate) -> Proxy {
        self.shared.set_tls(Tls::showing(certificate, Begins::OnDemand));
        self
    }

    fn start(protocol: Protocol, to_port: u16) -> Proxy {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let hits = Arc::new(AtomicUsize::new(0));
        let shared = Arc::new(Shared {
            protocol,
            to_port,
            in_force: Mutex::new(Arc::new(InForce::new([], 0, Arc::clone(&hits)))),
            tls: Mutex::new(None),
            connections: AtomicUsize::new(0),
            hits,
            living: Mutex::new(JoinSet::new()),
        });
        let [port] = free_ports();
        let proxy = Proxy { port, shared, listening: Mutex::new(None), runtime };
        proxy.accept();
        proxy
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// Puts these faults in the place of all earlier ones, for living connections, too; their counts begin anew. Where
    /// several could strike at one place, the first of them does.
    pub fn set(&self, faults: impl IntoIterator<Item = Fault>) {
        let in_force = InForce::new(faults, self.connections(), Arc::clone(&self.shared.hits));
        *self.shared.in_force.lock().expect("the faults") = Arc::new(in_force);
    }

    /// From now on nothing strikes. A connection that is stalled stays so: end it with [`Proxy::cut_all`].
    pub fn clear(&self) {
        self.set([]);
    }

    /// How many connections were accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// How often any fault has struck so far. Each hidden name, replaced line and slowed chunk counts.
    pub fn hits(&self) -> usize {
        self.shared.hits.load(Ordering::SeqCst)
    }

    /// Fails unless this fault strikes a client that does this at the proxy's port, however that ends.
    pub fn expect_to_strike<T: Send + 'static>(&self, fault: &Fault, session: fn(u16) -> T) {
        let before = self.hits();
        self.set([fault.clone()]);
        let port = self.port();
        let running = thread::spawn(move || session(port));
        assert!(until(|| self.hits() > before || running.is_finished()), "{fault:?}");
        assert!(self.hits() > before, "not struck: {fault:?}");
        self.cut_all();
        let _ = running.join().expect("a client that waits for nothing any more");
    }

    /// Ends all connections that there are; new ones are accepted.
    pub fn cut_all(&self) {
        let mut living = std::mem::take(&mut *self.shared.living.lock().expect("the connections"));
        self.runtime.block_on(living.shutdown());
    }

    /// From now on connections are refused. Those that there are live on.
    pub fn refuse(&self) {
        if let Some(listening) = self.listening.lock().expect("the listener").take() {
            listening.abort();
            // It only says that it was told to end.
            let _ = self.runtime.block_on(listening);
        }
    }

    /// A process that another test starts in this moment holds a copy of whatever listened on the port before, until it has
    /// become its program.
    fn listener(&self) -> TcpListener {
        let mut listener = None;
        assert!(until(|| {
            listener = self.runtime.block_on(TcpListener::bind(("127.0.0.1", self.port))).ok();
            listener.is_some()
        }));
        listener.expect("listen")
    }

    /// Connections are accepted again, on the same port.
    pub fn accept(&self) {
        let mut listening = self.listening.lock().expect("the listener");
        if listening.is_none() {
            let listener = self.listener();
            *listening = Some(self.runtime.spawn(accept(listener, Arc::clone(&self.shared))));
        }
    }
}

impl Shared {
    fn in_force(&self) -> Arc<InForce> {
        Arc::clone(&self.in_force.lock().expect("the faults"))
    }

    fn tls(&self) -> Option<Tls> {
        self.tls.lock().expect("the certificate").clone()
    }

    fn set_tls(&self, tls: Tls) {
        *self.tls.lock().expect("the certificate") = Some(tls);
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        let number = shared.connections.fetch_add(1, Ordering::SeqCst) + 1;
        let mut living = shared.living.lock().expect("the connections");
        while living.try_join_next().is_some() {}
        living.spawn(serve(client, number, Arc::clone(&shared)));
    }
}

async fn serve(client: TcpStream, number: usize, shared: Arc<Shared>) {
    let mut client = Side::plain(client);
    let tls = shared.tls();
    if let Some(tls) = tls.as_ref().filter(|tls| tls.begins == Begins::AtOnce) {
        // A client that does not like the certificate goes away.
        let Ok(secured) = client.secured(&tls.acceptor).await else { return };
        client = secured;
    }
    // Without a server the client only sees its connection end: refuse() is for a server that is down.
    let Ok(server) = TcpStream::connect(("127.0.0.1", shared.to_port)).await else { return };
    let protocol = shared.protocol;
    let mut wire = Connection::new(client, Side::plain(server), number, shared);
    let mut greeted = false;
    loop {
        let ended = match protocol {
            Protocol::Imap => imap::talk(&mut wire, greeted).await,
            Protocol::Smtp => smtp::talk(&mut wire, greeted).await,
        };
        let (Ended::StartTls, Some(tls)) = (&ended, &tls) else { return wire.end(ended).await };
        let Ok(secured) = wire.client.secured(&tls.acceptor).await else { return };
        wire.client = secured;
        greeted = true;
    }
}
