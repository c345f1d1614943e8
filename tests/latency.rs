//! How long a customer waits for the acknowledgement: from Postfix's 250 to its arrival; and what of it the servers take:
//! until Dovecot tells the desk of the mail (Dovecot lets up to half a second pass), which a proxy between them sees by the
//! desk's DONE. Asserts that each is answered; the times are printed:
//! `tests/run --release --test latency -- --nocapture`.

mod desk;
mod servers;

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use desk::{Desk, letter, until};
use servers::{PASSWORD, Servers, fault::Fault, proxy::Proxy};

const MAILS: usize = 20;
const PATIENCE: Duration = Duration::from_secs(30);

/// A mail server that takes all and says when each mail was whole. Gives its port.
fn sink(arrived: Sender<Instant>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("its number").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let arrived = arrived.clone();
            thread::spawn(move || swallow(stream, &arrived));
        }
    });
    port
}

fn swallow(mut stream: TcpStream, arrived: &Sender<Instant>) {
    let lines = BufReader::new(stream.try_clone().expect("the same stream")).lines();
    let mut in_text = false;
    let _ = stream.write_all(b"220 sink\r\n");
    for line in lines.map_while(Result::ok) {
        let answer: &[u8] = match (in_text, line.as_str()) {
            (true, ".") => {
                in_text = false;
                // Whoever waited may have enough.
                let _ = arrived.send(Instant::now());
                b"250 taken\r\n"
            }
            (true, _) => continue,
            (false, "DATA") => {
                in_text = true;
                b"354 go on\r\n"
            }
            (false, _) => b"250 ok\r\n",
        };
        if stream.write_all(answer).is_err() {
            return;
        }
    }
}

/// Says when the desk ends its IDLE because it was told of a mail.
fn watch(proxy: Proxy) -> Receiver<Instant> {
    let (tell, told) = channel();
    proxy.set([Fault::at("^DONE").wait(Duration::ZERO)]);
    thread::spawn(move || {
        let mut seen = proxy.hits();
        loop {
            thread::sleep(Duration::from_micros(200));
            let hits = proxy.hits();
            if hits > seen && tell.send(Instant::now()).is_err() {
                return;
            }
            seen = hits;
        }
    });
    told
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

#[test]
fn a_mail_is_acknowledged_as_soon_as_the_servers_tell_of_it() {
    let Some(servers) = Servers::start("a_mail_is_acknowledged_as_soon") else { return };
    let (tell, arrived) = channel();
    let proxy = Proxy::imap(servers.imap_port);
    let desk = Desk::with(&format!(
        r#"
data = "casepost.db"
[desk]
name = "Test Desk"
address = "support@desk.test"
[[mailbox]]
name = "support"
imap = "imap://support@127.0.0.1:{}/INBOX"
tls = "none"
password_file = "password"
poll = "1h"
[smtp]
url = "smtp://127.0.0.1:{}"
tls = "none"
"#,
        proxy.port(),
        sink(tell)
    ));
    desk.write("password", PASSWORD);
    let daemon = desk.start(&["run"]);
    until("the desk is ready", || desk.status().is_some_and(|s| !s["mailboxes"][0]["looked_at"].is_null()));
    let told = watch(proxy);
    let (mut by_servers, mut whole) = (Vec::new(), Vec::new());
    for n in 0..MAILS {
        let mail = letter(&format!("alice+{n}@customer.test"), &format!("{n}@customer.test"), "help").raw();
        servers.deliver(mail, "support@desk.test");
        let taken = Instant::now();
        by_servers.push(told.recv_timeout(PATIENCE).expect("the mailbox's news") - taken);
        whole.push(arrived.recv_timeout(PATIENCE).expect("an acknowledgement") - taken);
    }
    assert_eq!(daemon.terminate(), Some(0), "{}", desk.log());
    let beyond: Vec<Duration> = whole.iter().zip(&by_servers).map(|(all, some)| all.saturating_sub(*some)).collect();
    println!(
        "{MAILS} mails, medians: the servers took {:?}, the acknowledgement {:?}, beyond the servers {:?} (most {:?})",
        median(by_servers),
        median(whole),
        median(beyond.clone()),
        beyond.iter().max().expect("a mail")
    );
}
