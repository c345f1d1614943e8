//! The proxy itself: connections, how often its faults strike, slow words, and TLS with good and bad certificates.

mod servers;

use std::net::TcpStream;
use std::time::Duration;

use servers::Servers;
use servers::authority::Flaw;
use servers::caller::{Caller, End};
use servers::fault::Fault;
use servers::proxy::Proxy;
use servers::until;

fn logged_in(port: u16) -> Caller {
    Caller::in_inbox_of("support", port)
}

/// A process that another test starts in this moment holds a copy of the listening socket until it has become its program.
fn comes_to_refuse(port: u16) -> bool {
    until(|| TcpStream::connect(("127.0.0.1", port)).is_err())
}

#[test]
fn connections_are_refused_accepted_and_cut() {
    let Some(servers) = Servers::start("connections_are_refused_accepted_and_cut") else { return };
    let proxy = Proxy::imap(servers.imap_port);
    let mut living = logged_in(proxy.port());
    proxy.refuse();
    assert!(comes_to_refuse(proxy.port()));
    assert!(living.imap("NOOP").is_ok(), "those that there are live on");
    proxy.accept();
    let mut another = logged_in(proxy.port());
    assert!(living.imap("NOOP").is_ok());
    proxy.cut_all();
    assert_eq!((living.rest_of_lines().0.len(), another.rest_of_lines().0.len()), (0, 0));
    assert_eq!(proxy.connections(), 2);
    logged_in(proxy.port());

    // A server behind it that goes says so.
    let mut living = logged_in(proxy.port());
    servers.stop_dovecot();
    let (last_words, end) = living.rest_of_lines();
    assert!(last_words.concat().starts_with("* BYE"), "{last_words:?}");
    assert_eq!(end, End::Closed);
    assert_eq!(Caller::call(proxy.port()).rest_of_lines(), (vec![], End::Closed));
    servers.start_dovecot();
    logged_in(proxy.port());
    let port = proxy.port();
    drop(proxy);
    assert!(comes_to_refuse(port));
}

#[test]
fn a_fault_strikes_as_often_as_it_says() {
    let Some(servers) = Servers::start("a_fault_strikes_as_often_as_it_says") else { return };
    let proxy = Proxy::imap(servers.imap_port);
    // Of three connections with four commands each, which were refused.
    let refused = |fault: Fault| -> [String; 3] {
        proxy.set([fault]);
        [(); 3].map(|()| {
            let mut caller = Caller::call(proxy.port());
            caller.line().expect("a greeting");
            let mut refused = |_| caller.imap("NOOP").expect("an answer")[0].starts_with("t NO");
            (0..4).map(|n| if refused(n) { 'x' } else { '.' }).collect()
        })
    };
    let noop = || Fault::at("NOOP").answer("NO never");
    for (fault, expected) in [
        (noop(), ["xxxx", "xxxx", "xxxx"]),
        (noop().first(5), ["xxxx", "x...", "...."]),
        (noop().every(3), ["..x.", ".x..", "x..x"]),
        (noop().on_first_connections(2), ["xxxx", "xxxx", "...."]),
        (noop().sparing(2), ["..xx", "..xx", "..xx"]),
    ] {
        assert_eq!(refused(fault.clone()), expected, "{fault:?}");
    }
    assert_eq!((proxy.connections(), proxy.hits()), (15, 12 + 5 + 4 + 8 + 6));
}

#[test]
fn slow_words_come_whole() {
    let Some(servers) = Servers::start("slow_words_come_whole") else { return };
    let text = "0123456789\r\n".repeat(500);
    servers.append("support", format!("Subject: long\r\n\r\n{text}"), None);
    let proxy = Proxy::imap(servers.imap_port);
    for fault in [Fault::latency(Duration::from_millis(5)), Fault::rate(100_000)] {
        let before = proxy.hits();
        proxy.set([fault]);
        let mut caller = logged_in(proxy.port());
        let fetched = caller.imap("UID FETCH 1 (BODY.PEEK[TEXT])").expect("the mail").join("\r\n");
        assert!(fetched.contains(&text));
        assert!(proxy.hits() > before);
    }
}

#[test]
fn each_flaw_of_a_certificate_is_seen_at_once_and_after_starttls() {
    let Some(servers) = Servers::start("each_flaw_of_a_certificate_is_seen") else { return };
    let imap = || Proxy::imap(servers.imap_port);
    let smtp = || Proxy::smtp(servers.smtp_port);
    for (flaw, problem) in [
        (Flaw::None, None),
        (Flaw::Expired, Some("certificate expired")),
        (Flaw::OtherHost, Some("certificate not valid for name")),
        (Flaw::UnknownAuthority, Some("BadSignature")),
    ] {
        let certificate = servers.certificate(flaw);
        let at_once = |proxy: &Proxy| Caller::call_over_tls(proxy.port(), &servers);
        let later = |proxy: &Proxy, words: &[&str]| Caller::call_with_starttls(proxy.port(), &servers, words);
        for (port, called) in [
            ("imaps", at_once(&imap().with_tls(&certificate))),
            ("smtps", at_once(&smtp().with_tls(&certificate))),
            ("imap", later(&imap().with_starttls(&certificate), &["t STARTTLS"])),
            ("smtp", later(&smtp().with_starttls(&certificate), &["EHLO client.test", "STARTTLS"])),
        ] {
            match (problem, called.err()) {
                (None, None) => {}
                (Some(problem), Some(seen)) => assert!(seen.contains(problem), "{flaw:?} {port}: {seen}"),
                (expected, seen) => panic!("{flaw:?} {port}: {expected:?}, but {seen:?}"),
            }
        }
    }
}

#[test]
fn faults_strike_under_tls() {
    let Some(servers) = Servers::start("faults_strike_under_tls") else { return };
    let certificate = servers.certificate(Flaw::None);
    let proxy = Proxy::imap(servers.imap_port).with_tls(&certificate);
    for (fault, end) in [
        (Fault::at("NOOP").cut(), End::Closed),
        (Fault::at("NOOP").reset(), End::Reset),
        (Fault::at("NOOP").unseen().cut(), End::Closed),
    ] {
        proxy.set([fault]);
        let mut caller = Caller::call_over_tls(proxy.port(), &servers).expect("a good certificate");
        assert!(caller.line().expect("a greeting").starts_with("* OK"));
        assert!(caller.imap("LOGIN support secret").expect("an answer")[0].starts_with("t OK"));
        assert_eq!(caller.imap("NOOP"), Err(end));
    }
    assert_eq!((proxy.hits(), proxy.connections()), (3, 3));
}

#[test]
fn starttls_is_offered_until_tls_has_begun_and_can_be_hidden_or_refused() {
    let Some(servers) = Servers::start("starttls_is_offered_until_tls_has_begun") else { return };
    let certificate = servers.certificate(Flaw::None);
    let proxy = Proxy::smtp(servers.plain_submission_port).with_starttls(&certificate);
    let extensions = |caller: &mut Caller| {
        caller.say("EHLO client.test\r\nQUIT");
        caller.rest_of_lines().0.concat()
    };
    let plainly = || {
        let mut caller = Caller::call(proxy.port());
        caller.smtp_reply().expect("a greeting");
        caller
    };
    assert!(extensions(&mut plainly()).contains("STARTTLS"));
    let dialogue = ["EHLO client.test", "STARTTLS"];
    let mut secured = Caller::call_with_starttls(proxy.port(), &servers, &dialogue).expect("a good certificate");
    assert!(secured.smtp("EHLO client.test").expect("an answer").starts_with("250"));
    assert!(secured.smtp("AUTH PLAIN AHN1cHBvcnQAc2VjcmV0").expect("an answer").starts_with("235"));
    assert!(!extensions(&mut secured).contains("STARTTLS"));

    proxy.set([Fault::hide(["STARTTLS"])]);
    assert!(!extensions(&mut plainly()).contains("STARTTLS"));
    proxy.set([Fault::at("^STARTTLS").answer("454 4.7.0 TLS not available")]);
    assert_eq!(plainly().smtp("STARTTLS").as_deref(), Ok("454 4.7.0 TLS not available"));

    let proxy = Proxy::imap(servers.imap_port).with_starttls(&certificate);
    let mut caller = Caller::call(proxy.port());
    assert!(caller.line().expect("a greeting").contains(" STARTTLS"));
    let mut secured = Caller::call_with_starttls(proxy.port(), &servers, &["t STARTTLS"]).expect("a good certificate");
    assert!(!secured.imap("CAPABILITY").expect("an answer")[0].contains("STARTTLS"));
    assert!(secured.imap("LOGIN support secret").expect("an answer").concat().contains("t OK"));
}
