//! From an address and what DNS says to the servers that are offered.

use super::*;

fn service(priority: u16, weight: u16, port: u16, host: &str) -> Service {
    Service { priority, weight, port, host: host.to_owned() }
}

fn names(candidates: &[Candidate]) -> Vec<String> {
    let tls = |candidate: &Candidate| if candidate.tls == Tls::Implicit { "" } else { " starttls" };
    candidates.iter().map(|c| format!("{}:{}{}", c.host, c.port, tls(c))).collect()
}

#[test]
fn a_large_provider_is_known_without_dns() {
    let guess = guess(&domain("Support@GMail.com"), &Records::default());
    assert_eq!(names(&guess.imap.named), ["imap.gmail.com:993"]);
    assert_eq!(names(&guess.smtp.named), ["smtp.gmail.com:465"]);
    assert_eq!(guess.provider.map(|p| p.name), Some("Google"));
}

#[test]
fn a_domain_whose_mail_goes_to_a_provider_is_read_there() {
    let exchangers = vec![(20, "mx.elsewhere.net".to_owned()), (0, "acme-org.mail.protection.outlook.com".to_owned())];
    let guess = guess("acme.org", &Records { exchangers, ..Records::default() });
    assert_eq!(names(&guess.imap.named), ["outlook.office365.com:993"]);
    assert_eq!(names(&guess.smtp.named), ["smtp.office365.com:587 starttls"]);
}

#[test]
fn what_the_domain_s_owner_says_comes_before_what_the_exchangers_give_away() {
    let records = Records {
        imaps: vec![
            service(10, 1, 993, "old.acme.org"),
            service(0, 1, 993, "b.acme.org"),
            service(0, 9, 993, "a.acme.org"),
        ],
        imap: vec![service(0, 1, 143, "a.acme.org")],
        exchangers: vec![(1, "aspmx.l.google.com".to_owned())],
        ..Records::default()
    };
    let guess = guess("acme.org", &records);
    let expected =
        ["a.acme.org:993", "b.acme.org:993", "old.acme.org:993", "a.acme.org:143 starttls", "imap.gmail.com:993"];
    assert_eq!(names(&guess.imap.named), expected);
    assert_eq!(guess.provider.map(|p| p.name), Some("Google"));
}

#[test]
fn a_service_that_the_domain_does_not_have_is_not_offered_and_port_465_is_tls_wherever_it_stands() {
    let records = Records {
        imap: vec![service(0, 0, 0, "")],
        submission: vec![service(0, 0, 465, "ssl0.ovh.net")],
        ..Records::default()
    };
    let guess = guess("acme.org", &records);
    assert!(guess.imap.named.is_empty());
    assert_eq!(names(&guess.smtp.named), ["ssl0.ovh.net:465"]);
}

#[test]
fn usual_names_are_tried_with_tls_first() {
    let guess = guess("acme.org", &Records::default());
    assert_eq!(guess.provider, None);
    let expected = [
        "imap.acme.org:993",
        "mail.acme.org:993",
        "acme.org:993",
        "imap.acme.org:143 starttls",
        "mail.acme.org:143 starttls",
        "acme.org:143 starttls",
    ];
    assert_eq!(names(&guess.imap.usual), expected);
    assert_eq!(names(&guess.smtp.usual)[..2], ["smtp.acme.org:465", "mail.acme.org:465"]);
}

#[test]
fn a_host_with_a_port_has_one_way_or_two() {
    assert_eq!(names(&ways(Protocol::Imap, "h", None)), ["h:993", "h:143 starttls"]);
    assert_eq!(names(&ways(Protocol::Imap, "h", Some(143))), ["h:143 starttls"]);
    assert_eq!(names(&ways(Protocol::Smtp, "h", Some(25))), ["h:25 starttls"]);
    assert_eq!(names(&ways(Protocol::Smtp, "h", Some(2465))), ["h:2465", "h:2465 starttls"]);
}

#[test]
fn the_world_is_not_asked_about_names_and_addresses_that_mean_nothing_to_it() {
    for name in [
        "desk.test",
        "example.com",
        "sub.example.org",
        "desk.example",
        "localhost",
        "a.localhost",
        "office",
        "nas.local",
        "srv.internal",
        "router.home.arpa",
        "127.0.0.1",
        "[127.0.0.1]",
        "[IPv6:::1]",
        "::1",
        "",
    ] {
        assert!(!is_public(name), "{name}");
    }
    for name in ["acme.org", "testing.com", "notexample.com", "example.de"] {
        assert!(is_public(name), "{name}");
    }
}

#[test]
fn the_user_is_the_address_or_what_the_provider_calls_it() {
    assert_eq!(user("desk@acme.org", None), "desk@acme.org");
    assert_eq!(user("desk@web.de", providers::of_domain("web.de")), "desk");
}
