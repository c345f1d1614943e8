//! The tests' own servers do what the tests of the program rely on.

mod servers;

use std::io::Read;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{SmtpTransport, Transport};
use servers::{PASSWORD, Servers};
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

const MAIL: &str = "From: Bob <bob@other.test>\nTo: alice@customer.test\nSubject: Hello\n\nFirst\n.\nlast\n";

fn text(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw).into_owned()
}

#[test]
fn mail_to_alice_arrives_whole_and_unread() {
    let Some(servers) = Servers::start("mail_to_alice_arrives_whole_and_unread") else { return };
    servers.deliver(MAIL, "alice@customer.test");
    let mails = servers.wait_for("alice", 1);
    let (uid, flags, raw) = &mails[0];
    assert_eq!(*uid, 1);
    assert!(!flags.contains(&"\\Seen".to_owned()), "{flags:?}");
    assert!(text(raw).ends_with("\r\n\r\nFirst\r\n.\r\nlast\r\n"), "{}", text(raw));
    servers.wait_for_empty_queue();
    assert!(servers.mailbox("bob").is_empty());
}

#[test]
fn mail_to_an_unknown_user_bounces_to_the_sender() {
    let Some(servers) = Servers::start("mail_to_an_unknown_user_bounces_to_the_sender") else { return };
    servers.deliver_from("support+bounces@desk.test", MAIL, "nobody@customer.test");
    let mails = servers.wait_for("support", 1);
    let bounce = text(&mails[0].2);
    assert!(bounce.contains("multipart/report; report-type=delivery-status"), "{bounce}");
    assert!(bounce.contains("Final-Recipient: rfc822; nobody@customer.test"), "{bounce}");
    assert!(bounce.contains("Action: failed"), "{bounce}");
}

#[test]
fn recipients_are_refused_for_good_or_for_now_and_some_mail_stays_in_the_queue() {
    let name = "recipients_are_refused_for_good_or_for_now_and_some_mail_stays_in_the_queue";
    let Some(servers) = Servers::start(name) else { return };
    for (recipient, answer) in [
        ("support@desk.test", "250"),
        ("nobody@desk.test", "550"),
        ("anyone@reject.test", "550"),
        ("anyone@elsewhere.test", "550"),
        ("anyone@defer.test", "450"),
    ] {
        let given = servers.answer_to_recipient(recipient);
        assert!(given.starts_with(answer), "{recipient}: {given}");
    }
    assert!(servers.queue_empty());
    servers.deliver(MAIL, "anyone@later.test");
    assert!(!servers.queue_empty());
}

#[test]
fn an_appended_mail_keeps_its_bytes_and_takes_the_next_uid() {
    let Some(servers) = Servers::start("an_appended_mail_keeps_its_bytes_and_takes_the_next_uid") else { return };
    let received: DateTime<Utc> = "2026-11-02T03:04:05Z".parse().expect("a time");
    let raw = MAIL.replace('\n', "\r\n");
    assert_eq!(servers.append("bob", &raw, Some(received)), 1);
    assert_eq!(servers.append("bob", "Subject: {5}\r\n\r\n* 9 FETCH (UID 7\r\n", None), 2);
    let mails = servers.mailbox("bob");
    assert_eq!(text(&mails[0].2), raw);
    assert_eq!((mails.len(), mails[1].0), (2, 2));
    assert!(servers.folder("bob", "NoSuchFolder").is_empty());
}

#[test]
fn another_client_flags_moves_and_deletes_mail() {
    let Some(servers) = Servers::start("another_client_flags_moves_and_deletes_mail") else { return };
    servers.append_all("bob", [MAIL; 3].into_iter());
    servers.set_flags("bob", 1, &["\\Seen", "\\Flagged"]);
    servers.set_flags("bob", 1, &["\\Flagged"]);
    servers.move_mail("bob", 2, "Elsewhere");
    servers.expunge("bob", 3);
    let left = servers.mailbox("bob");
    assert_eq!(left.iter().map(|(uid, ..)| *uid).collect::<Vec<_>>(), [1]);
    assert!(left[0].1.contains(&"\\Flagged".to_owned()) && !left[0].1.contains(&"\\Seen".to_owned()), "{left:?}");
    assert_eq!(servers.folder("bob", "Elsewhere").len(), 1);
    servers.append("bob", MAIL, None);
    servers.move_mail("bob", 4, "Elsewhere");
    assert_eq!(servers.folder("bob", "Elsewhere").len(), 2);
}

#[test]
fn a_mailbox_that_is_numbered_anew_keeps_its_mails_and_flags_under_another_uid_validity() {
    let Some(servers) = Servers::start("a_mailbox_that_is_numbered_anew") else { return };
    servers.append_all("bob", (1..4).map(|n| ["Subject: 1\n\n", "Subject: 2\n\n", "Subject: 3\n\n"][n - 1]));
    servers.set_flags("bob", 3, &["\\Seen"]);
    servers.expunge("bob", 1);
    let before = servers.uid_validity("bob");
    servers.number_anew("bob");
    let after = servers.uid_validity("bob");
    assert_ne!(after, before);
    let mails = servers.mailbox("bob");
    let seen = |(uid, flags, raw): &(u32, Vec<String>, Vec<u8>)| (*uid, flags.join(" ").contains("Seen"), text(raw));
    assert_eq!(
        mails.iter().map(seen).collect::<Vec<_>>(),
        [(1, false, "Subject: 2\r\n\r\n".to_owned()), (2, true, "Subject: 3\r\n\r\n".to_owned())]
    );
    servers.number_anew("bob");
    assert!(![before, after].contains(&servers.uid_validity("bob")));
}

#[test]
fn servers_that_are_stopped_or_killed_refuse_connections_and_come_back_with_all_mail() {
    let Some(servers) = Servers::start("servers_that_are_stopped_or_killed") else { return };
    let refuses = |port: u16| TcpStream::connect(("127.0.0.1", port)).is_err();
    let connected = |port: u16| {
        let mut connection = TcpStream::connect(("127.0.0.1", port)).expect("connect");
        connection.set_read_timeout(Some(Duration::from_secs(30))).expect("a time limit");
        connection.read_exact(&mut [0]).expect("the beginning of a greeting");
        connection
    };
    let last_words_to = |mut connection: TcpStream| {
        let mut said = Vec::new();
        let ended = connection.read_to_end(&mut said);
        assert!(ended.is_ok_and(|bytes| bytes > 0), "the rest of the greeting, then the end");
        text(&said)
    };
    for (round, kill) in [false, true].into_iter().enumerate() {
        let imap = connected(servers.imap_port);
        if kill {
            servers.kill_dovecot()
        } else {
            servers.stop_dovecot()
        }
        assert!(refuses(servers.imap_port) && refuses(servers.imaps_port));
        assert_eq!(last_words_to(imap).contains("* BYE"), !kill);
        servers.deliver(MAIL, "alice@customer.test");
        assert!(!servers.queue_empty(), "there is nobody to deliver it to");

        let smtp = connected(servers.smtp_port);
        if kill {
            servers.kill_postfix()
        } else {
            servers.stop_postfix()
        }
        assert!(refuses(servers.smtp_port) && refuses(servers.smtps_port));
        last_words_to(smtp);

        servers.start_dovecot();
        servers.start_postfix();
        servers.flush_queue();
        assert_eq!(servers.wait_for("alice", round + 1).len(), round + 1);
        servers.wait_for_empty_queue();
    }
}

#[test]
fn submission_takes_the_password_and_refuses_a_wrong_one() {
    let Some(servers) = Servers::start("submission_takes_the_password_and_refuses_a_wrong_one") else { return };
    let ca = std::fs::read(&servers.ca_file).expect("the CA's file");
    let send = |port: u16, wrapped: bool, password: &str| {
        let ca = Certificate::from_pem(&ca).expect("a certificate");
        let tls = TlsParameters::builder("localhost".to_owned()).add_root_certificate(ca).build_rustls().expect("TLS");
        let mail = lettre::Message::builder()
            .from("support@desk.test".parse().expect("an address"))
            .to("bob@other.test".parse().expect("an address"))
            .body("Hello".to_owned())
            .expect("a mail");
        SmtpTransport::builder_dangerous("127.0.0.1")
            .port(port)
            .tls(if wrapped { Tls::Wrapper(tls) } else { Tls::Required(tls) })
            .credentials(Credentials::new("support@desk.test".to_owned(), password.to_owned()))
            .build()
            .send(&mail)
    };
    for (port, wrapped) in [(servers.submission_port, false), (servers.smtps_port, true)] {
        let refusal = send(port, wrapped, "wrong").expect_err("a wrong password");
        assert_eq!(refusal.status().map(|code| code.to_string()).as_deref(), Some("535"), "{refusal}");
        send(port, wrapped, PASSWORD).unwrap_or_else(|error| panic!("port {port}: {error}"));
    }
    assert_eq!(servers.wait_for("bob", 2).len(), 2);
}

#[test]
fn imaps_shows_a_certificate_that_the_authority_signed() {
    let Some(servers) = Servers::start("imaps_shows_a_certificate_that_the_authority_signed") else { return };
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&servers.ca_file).expect("the CA's file")).expect("a certificate");
    let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let name = "localhost".try_into().expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a TLS connection");
    let socket = TcpStream::connect(("127.0.0.1", servers.imaps_port)).expect("connect");
    let mut greeting = [0; 4];
    StreamOwned::new(connection, socket).read_exact(&mut greeting).expect("a handshake that the authority vouches for");
    assert_eq!(&greeting, b"* OK");
}
