//! The whole desk between a real Dovecot and a real Postfix: mails as customers' programs write them go in, the desk's
//! answers come out, and are threaded by what they carry.

mod desk;
mod servers;

use desk::{Desk, answering, header, letter, reference, until};
use servers::{PASSWORD, Servers, token::token};

/// A desk that reads support's mailbox over TLS and sends by submission with STARTTLS.
fn desk_at(servers: &Servers, mailbox: &str) -> Desk {
    let desk = Desk::with(&format!(
        r#"
data = "casepost.db"
[desk]
name = "Test Desk"
address = "support@desk.test"
[[mailbox]]
name = "support"
{imap}
{mailbox}
{smtp}
[[staff]]
name = "Bob"
address = "bob@desk.test"
"#,
        imap = servers.imap_lines(),
        smtp = servers.smtp_section(),
    ));
    desk.write("password", PASSWORD);
    desk
}

fn mails(servers: &Servers, user: &str, count: usize) -> Vec<String> {
    let all = servers.wait_for(user, count);
    all.into_iter().map(|(_, _, raw)| String::from_utf8_lossy(&raw).replace("\r\n", "\n")).collect()
}

#[test]
fn a_conversation_between_a_customer_and_the_desk_is_one_thread_on_both_sides() {
    let Some(servers) = Servers::start("a_conversation_between_a_customer_and_the_desk") else { return };
    let desk = desk_at(&servers, "");
    desk.run(&["check"]).ok();
    servers.deliver(letter("alice@customer.test", "1@customer.test", "Line down").raw(), "support@desk.test");
    servers.wait_for("support", 1);
    desk.run(&["run", "--once"]).ok();
    let acknowledgement = mails(&servers, "alice", 1).remove(0);
    let case = reference(&desk.cases()[0]);
    assert_eq!(header(&acknowledgement, "In-Reply-To").unwrap(), "<1@customer.test>");
    assert_eq!(header(&acknowledgement, "Subject").unwrap(), format!("[{case}] Line down"));
    assert_eq!(header(&acknowledgement, "Return-Path").unwrap(), "<support@desk.test>");

    let extra = answering(&acknowledgement);
    let reply = desk::Letter {
        extra: &extra,
        text: "Since 09:00.",
        ..letter("alice@customer.test", "2@customer.test", "AW: Line down")
    };
    servers.deliver(reply.raw(), "support@desk.test");
    servers.wait_for("support", 2);
    desk.run(&["run", "--once"]).ok();
    desk.run(&["case", "reply", &case, "--text", "It is up again.", "--resolve"]).ok();
    desk.run(&["run", "--once"]).ok();
    let answer = mails(&servers, "alice", 2).remove(1);
    assert_eq!(header(&answer, "In-Reply-To").unwrap(), "<2@customer.test>");
    let references = header(&answer, "References").unwrap();
    for id in ["<1@customer.test>", "<2@customer.test>", &header(&acknowledgement, "Message-ID").unwrap()] {
        assert!(references.contains(id), "{id} in {references}");
    }

    let extra = answering(&answer);
    let confirmation =
        desk::Letter { extra: &extra, text: "Confirmed.", ..letter("alice@customer.test", "3@customer.test", "Re: x") };
    servers.deliver(confirmation.raw(), "support@desk.test");
    servers.wait_for("support", 3);
    desk.run(&["run", "--once"]).ok();
    assert_eq!(desk.case(&case)["status"], "closed");
    assert_eq!(desk.cases().len(), 1);
    let seen = servers.mailbox("support");
    assert!(seen.iter().all(|(_, flags, _)| flags.iter().any(|f| f == "\\Seen")), "{seen:?}");
    assert!(mails(&servers, "bob", 3).iter().all(|m| header(m, "Auto-Submitted").is_some()));
}

#[test]
fn starttls_for_the_mailbox_and_implicit_tls_for_sending_work_as_well() {
    let Some(servers) = Servers::start("starttls_for_the_mailbox") else { return };
    let desk = desk_at(&servers, "");
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    let other = config
        .replace(
            &format!("imaps://support@localhost:{}/INBOX\"", servers.imaps_port),
            &format!("imap://support@localhost:{}/INBOX\"\ntls = \"starttls\"", servers.imap_port),
        )
        .replace(
            &format!("smtp://support@localhost:{}\"\ntls = \"starttls\"", servers.submission_port),
            &format!("smtps://support@localhost:{}\"", servers.smtps_port),
        );
    assert!(other.contains("smtps://") && other.contains("imap://"), "{other}");
    desk.write("casepost.toml", &other);
    desk.run(&["check"]).ok();
    servers.append("support", letter("alice@customer.test", "1@customer.test", "Line down").raw(), None);
    desk.run(&["run", "--once"]).ok();
    assert_eq!(mails(&servers, "alice", 1).len(), 1);
}

#[test]
fn a_token_lets_the_desk_in_and_one_that_has_expired_is_told_as_refused() {
    let Some(servers) = Servers::start("a_token_lets_the_desk_in") else { return };
    let desk = desk_at(&servers, "");
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    desk.write("casepost.toml", &config.replace("password_file = \"password\"", "token_command = \"cat token\""));
    desk.write("token", &token("support", 3600));
    desk.run(&["check"]).ok();
    servers.append("support", letter("alice@customer.test", "1@customer.test", "Line down").raw(), None);
    desk.run(&["run", "--once"]).ok();
    assert_eq!(mails(&servers, "alice", 1).len(), 1);

    let expired = token("support", -60);
    desk.write("token", &expired);
    let checked = desk.run(&["check"]);
    assert_eq!(checked.code, 1);
    assert_eq!(checked.out.matches("refuses the user or the password").count(), 2, "{}", checked.out);
    let once = desk.run(&["run", "--once"]);
    assert_eq!(once.code, 75);
    for text in [checked.out, checked.err, once.out, once.err] {
        assert!(!text.contains(&expired[..20]), "{text}");
    }
}

#[test]
fn a_real_bounce_and_a_real_refusal_are_shown_on_their_cases_and_make_no_more_mail() {
    let Some(servers) = Servers::start("a_real_bounce_and_a_real_refusal") else { return };
    let desk = desk_at(&servers, "");
    for gone in ["nobody@customer.test", "anyone@reject.test"] {
        desk.run(&["case", "open", "--requester", gone, "--subject", "Router"]).ok();
    }
    desk.run(&["run", "--once"]).ok();
    // The bounce of the one that Postfix had accepted.
    servers.wait_for("support", 1);
    desk.run(&["run", "--once"]).ok();
    assert_eq!(desk.cases().len(), 2, "a bounce opens no case");
    for case in desk.cases() {
        let shown = desk.case(&reference(&case));
        assert_eq!(shown["notices"][0]["deliveries"][0]["state"], "failed", "{shown}");
    }
    let told = mails(&servers, "bob", 2);
    assert!(
        told.iter().any(|m| m.contains("nobody@customer.test"))
            && told.iter().any(|m| m.contains("anyone@reject.test"))
    );
    desk.run(&["run", "--once"]).ok();
    servers.wait_for_empty_queue();
    assert_eq!(servers.mailbox("bob").len(), 2);
    assert_eq!(servers.mailbox("support").len(), 1);
}

#[test]
fn one_refused_recipient_in_copy_does_not_stop_the_customers_mail_and_a_deferred_one_waits() {
    let Some(servers) = Servers::start("one_refused_recipient_in_copy") else { return };
    let desk = desk_at(&servers, "");
    desk.run(&["case", "open", "--requester", "alice@customer.test", "--subject", "Router", "--silent"]).ok();
    let case = reference(&desk.cases()[0]);
    let reply = ["case", "reply", &case, "--text", "Done.", "--cc", "x@reject.test", "--cc", "y@defer.test"];
    desk.run(&reply).ok();
    assert!(desk.run(&["run", "--once"]).ok().contains("1 put off"));
    assert_eq!(mails(&servers, "alice", 1).len(), 1);
    let deliveries = desk.case(&case)["notices"][0]["deliveries"].clone();
    let state = |who: &str| {
        let all = deliveries.as_array().unwrap();
        all.iter().find(|d| d["recipient"] == who).unwrap()["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        [state("alice@customer.test"), state("x@reject.test"), state("y@defer.test")],
        ["accepted", "failed", "waiting"]
    );
}

#[test]
fn taken_mail_is_moved_or_deleted_as_the_mailbox_says_and_old_mail_left_alone_where_it_says_so() {
    let Some(servers) = Servers::start("taken_mail_is_moved_or_deleted") else { return };
    let raw = |n: u32| letter("alice@customer.test", &format!("{n}@customer.test"), "Line down").raw();
    servers.append("support", raw(1), None);
    let moving = desk_at(&servers, "after = \"move:Processed\"");
    moving.run(&["run", "--once"]).ok();
    assert!(servers.mailbox("support").is_empty());
    assert_eq!(servers.folder("support", "Processed").len(), 1);
    assert_eq!(moving.cases().len(), 1);

    servers.append("support", raw(2), None);
    let deleting = desk_at(&servers, "after = \"delete\"\nstart = \"new\"");
    deleting.run(&["run", "--once"]).ok();
    assert!(deleting.cases().is_empty(), "what is there is left alone");
    servers.append("support", raw(3), None);
    deleting.run(&["run", "--once"]).ok();
    assert_eq!(deleting.cases().len(), 1);
    assert_eq!(servers.mailbox("support").len(), 1, "the old one is still there");
}

#[test]
fn wrong_passwords_and_foreign_certificates_are_named_and_lose_nothing() {
    let Some(servers) = Servers::start("wrong_passwords_and_foreign_certificates") else { return };
    servers.append("support", letter("alice@customer.test", "1@customer.test", "Line down").raw(), None);
    let desk = desk_at(&servers, "");
    desk.write("password", "hunter2");
    let refused = desk.run(&["run", "--once"]);
    assert_eq!(refused.code, 75, "{}", refused.err);
    assert!(refused.err.contains("password") && !refused.err.contains("hunter2"), "{}", refused.err);
    let checked = desk.run(&["check"]);
    assert_eq!(checked.code, 1);
    assert!(checked.out.contains("BAD   mailbox support") && !checked.out.contains("hunter2"), "{}", checked.out);
    desk.write("password", PASSWORD);
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    let own_ca = format!("ca_file = \"{}\"\npassword_file = \"password\"\n\n[smtp]", servers.ca_file.display());
    assert!(config.contains(&own_ca));
    desk.write("casepost.toml", &config.replace(&own_ca, "password_file = \"password\"\n\n[smtp]"));
    let untrusted = desk.run(&["run", "--once"]);
    assert_eq!(untrusted.code, 75);
    assert!(untrusted.err.contains("authority is unknown") && untrusted.err.contains("ca_file"), "{}", untrusted.err);
    let plain = config.replace(&servers.imaps_port.to_string(), &servers.imap_port.to_string());
    desk.write("casepost.toml", &plain);
    let checked = desk.run(&["check"]);
    assert!(checked.out.contains("is it one for tls = \"starttls\"?"), "{}", checked.out);
    desk.write("casepost.toml", &config);
    desk.run(&["run", "--once"]).ok();
    assert_eq!(desk.cases().len(), 1);
    assert_eq!(mails(&servers, "alice", 1).len(), 1);
}

#[test]
fn the_server_wakes_the_daemon_long_before_it_would_look_again() {
    let Some(servers) = Servers::start("the_server_wakes_the_daemon") else { return };
    let desk = desk_at(&servers, "poll = \"1h\"");
    let daemon = desk.start(&["run"]);
    for n in 1..=3 {
        let mail = letter("alice@customer.test", &format!("{n}@customer.test"), "Line down").raw();
        servers.deliver(mail, "support@desk.test");
        servers.wait_for("alice", n);
    }
    assert_eq!(desk.cases().len(), 3);
    assert_eq!(daemon.terminate(), Some(0));
}

#[test]
fn the_daemon_answers_over_real_servers_while_staff_work() {
    let Some(servers) = Servers::start("the_daemon_answers_over_real_servers") else { return };
    let desk = desk_at(&servers, "poll = \"1s\"");
    let daemon = desk.start(&["run"]);
    servers.deliver(letter("alice@customer.test", "1@customer.test", "Line down").raw(), "support@desk.test");
    servers.wait_for("alice", 1);
    let case = reference(&desk.cases()[0]);
    desk.run(&["case", "reply", &case, "--text", "We look at it."]).ok();
    servers.wait_for("alice", 2);
    until("the acceptance is written down", || {
        desk.case(&case)["notices"].to_string().matches("accepted").count() >= 2
    });
    assert_eq!(daemon.terminate(), Some(0));
}
