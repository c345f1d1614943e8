//! The proxy's faults in SMTP strike as they say, in front of a real Postfix, and leave it in step with its client.

mod servers;

use std::thread;
use std::time::Duration;

use servers::caller::{Caller, End};
use servers::fault::{Fault, Point};
use servers::proxy::Proxy;
use servers::{Servers, catalogue, until};

const GARBAGE: &str = "\u{fffd}\u{fffd}\0 (((\"{ 17";

fn greeted(port: u16) -> Result<Caller, End> {
    let mut caller = Caller::call(port);
    caller.smtp_reply()?;
    Ok(caller)
}

/// A mail to bob from MAIL to the final dot, up to the first reply that is no consent. Gives the last reply.
fn send(caller: &mut Caller, subject: &str) -> Result<String, End> {
    let text = format!("Subject: {subject}\r\n\r\nDATA\r\n..\r\nQUIT\r\n.");
    let mut last = String::new();
    for command in ["MAIL FROM:<alice@customer.test>", "RCPT TO:<bob@other.test>", "DATA", &text] {
        last = caller.smtp(command)?;
        if !last.starts_with(['2', '3']) {
            break;
        }
    }
    Ok(last)
}

/// From the greeting to QUIT, whatever is answered. Gives the last reply that says something of the mail.
fn send_all(port: u16, subject: &str) -> Result<String, End> {
    let mut caller = Caller::call(port);
    let greeting = caller.smtp_reply()?;
    if !greeting.starts_with('2') {
        return Ok(greeting);
    }
    let hello = caller.smtp("EHLO client.test")?;
    if !hello.starts_with('2') {
        return Ok(hello);
    }
    let answer = send(&mut caller, subject)?;
    let bye = caller.smtp("QUIT")?;
    Ok(if bye.starts_with('2') { answer } else { bye })
}

/// The subjects of bob's mails, when Postfix has delivered all that it took.
fn subjects(servers: &Servers) -> Vec<String> {
    servers.wait_for_empty_queue();
    let subject = |raw: Vec<u8>| {
        let text = String::from_utf8_lossy(&raw).into_owned();
        text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default().to_owned()
    };
    let mut all: Vec<String> = servers.mailbox("bob").into_iter().map(|(_, _, raw)| subject(raw)).collect();
    all.sort();
    all
}

#[test]
fn a_fault_at_a_step_ends_the_connection_there_and_only_what_the_server_heard_is_delivered() {
    let Some(servers) = Servers::start("a_fault_at_a_step_ends_the_connection") else { return };
    let proxy = Proxy::smtp(servers.smtp_port);
    let mut expected = Vec::new();
    // Of the point, whether the mail is delivered if the connection ends there.
    let points: Vec<(&str, Point, bool)> = vec![
        ("greeting", Fault::greeting(), false),
        ("EHLO", Fault::at("^EHLO"), false),
        ("half of EHLO", Fault::at("^EHLO").partly(3), false),
        ("MAIL", Fault::at("^MAIL"), false),
        ("after MAIL", Fault::at("^MAIL").seen(), false),
        ("RCPT", Fault::at("^RCPT TO:<bob@"), false),
        ("unseen RCPT", Fault::at("^RCPT TO:<bob@").unseen(), false),
        ("DATA", Fault::at("^DATA"), false),
        ("after DATA", Fault::at("^DATA").seen(), false),
        ("text", Fault::in_text(20), false),
        ("dot", Fault::dot(), false),
        ("unseen dot", Fault::dot().unseen(), true),
        ("after dot", Fault::dot().seen(), true),
        ("QUIT", Fault::at("^QUIT"), true),
    ];
    for (name, point, delivered) in points {
        for (fault, end) in [(point.clone().cut(), End::Closed), (point.reset(), End::Reset)] {
            let subject = format!("{name} {end:?}");
            proxy.set([fault]);
            let before = proxy.hits();
            assert_eq!(send_all(proxy.port(), &subject), Err(end), "{subject}");
            assert_eq!(proxy.hits(), before + 1, "{subject}");
            if delivered {
                expected.push(subject);
            }
        }
    }
    expected.sort();
    assert_eq!(subjects(&servers), expected);
}

#[test]
fn a_refusal_at_a_step_is_said_in_the_servers_name_and_the_next_mail_on_the_connection_goes_through() {
    let Some(servers) = Servers::start("a_refusal_at_a_step") else { return };
    let proxy = Proxy::smtp(servers.smtp_port);
    let mut expected = Vec::new();
    let points: Vec<(&str, Point, bool)> = vec![
        ("MAIL", Fault::at("^MAIL"), false),
        ("RCPT", Fault::at("^RCPT"), false),
        ("DATA", Fault::at("^DATA"), false),
        ("dot", Fault::dot(), false),
        ("unseen dot", Fault::dot().unseen(), true),
    ];
    for (name, point, delivered) in points {
        let faults = [
            (point.clone().answer("450 4.2.0 later"), "450 4.2.0 later"),
            (point.clone().answer("554 5.7.1 never"), "554 5.7.1 never"),
            (point.clone().garbage(), GARBAGE),
            (point.answer("421 4.7.0 enough"), "421 4.7.0 enough"),
        ];
        for (number, (fault, seen)) in faults.into_iter().enumerate() {
            let subject = format!("{name} {number}");
            proxy.clear();
            let mut caller = greeted(proxy.port()).expect("a greeting");
            caller.smtp("EHLO client.test").expect("an answer");
            proxy.set([fault.clone().first(1)]);
            assert_eq!(send(&mut caller, &format!("first {subject}")).as_deref(), Ok(seen), "{fault:?}");
            expected.extend(delivered.then(|| format!("first {subject}")));
            if seen.starts_with("421") {
                assert_eq!(caller.line(), Err(End::Closed));
                continue;
            }
            if name == "RCPT" {
                // The sender stands; another recipient may follow, or the next mail.
                assert!(caller.smtp("RCPT TO:<alice@customer.test>").expect("an answer").starts_with('2'));
                caller.smtp("RSET").expect("an answer");
            }
            let answer = send(&mut caller, &format!("second {subject}")).expect("an answer");
            assert!(answer.starts_with("250 2.0.0"), "{subject}: {answer}");
            expected.push(format!("second {subject}"));
        }
    }
    expected.sort();
    assert_eq!(subjects(&servers), expected);
}

#[test]
fn the_steps_around_a_mail_are_refused_too() {
    let Some(servers) = Servers::start("the_steps_around_a_mail_are_refused_too") else { return };
    let proxy = Proxy::smtp(servers.smtp_port);
    for point in [Fault::greeting(), Fault::at("^EHLO"), Fault::at("^QUIT")] {
        for answer in ["421 4.3.2 not now", "554 5.3.2 no service here"] {
            proxy.set([point.clone().answer(answer)]);
            assert_eq!(send_all(proxy.port(), "around").as_deref(), Ok(answer));
        }
    }
    proxy.set([Fault::at("^RSET").answer("451 4.3.0 no")]);
    let mut caller = greeted(proxy.port()).expect("a greeting");
    assert_eq!(caller.smtp("RSET").as_deref(), Ok("451 4.3.0 no"));
    proxy.set([Fault::at("^NOOP").seen().answer("421 4.4.2 idle too long")]);
    assert!(caller.smtp("NOOP").expect("an answer").starts_with("250"));
    assert_eq!(caller.rest_of_lines(), (vec!["421 4.4.2 idle too long".to_owned()], End::Closed));
    assert_eq!(subjects(&servers), ["around", "around"], "those that were only not told goodbye");
}

#[test]
fn one_recipient_is_refused_and_the_others_get_the_mail() {
    let Some(servers) = Servers::start("one_recipient_is_refused") else { return };
    let proxy = Proxy::smtp(servers.smtp_port);
    proxy.set([Fault::at("^RCPT TO:<alice@").answer("450 4.2.2 full"), Fault::at("^RCPT").answer("550 no").every(2)]);
    let mut caller = greeted(proxy.port()).expect("a greeting");
    let mut answers = Vec::new();
    for command in [
        "EHLO client.test",
        "MAIL FROM:<support@desk.test>",
        "RCPT TO:<alice@customer.test>",
        "RCPT TO:<bob@other.test>",
        "RCPT TO:<support@desk.test>",
        "DATA",
        "Subject: three\r\n\r\n.",
    ] {
        answers.push(caller.smtp(command).expect("an answer")[..3].to_owned());
    }
    assert_eq!(answers, ["250", "250", "450", "250", "550", "354", "250"]);
    assert_eq!(subjects(&servers), ["three"]);
    assert!(servers.mailbox("alice").is_empty() && servers.mailbox("support").is_empty());

    // All refused: the server itself then refuses DATA.
    proxy.set([Fault::at("^RCPT").answer("550 no")]);
    caller.smtp("MAIL FROM:<support@desk.test>").expect("an answer");
    caller.smtp("RCPT TO:<bob@other.test>").expect("an answer");
    assert!(caller.smtp("DATA").expect("an answer").starts_with("554"));
}

#[test]
fn a_connection_carries_two_mails_and_not_a_third() {
    let Some(servers) = Servers::start("a_connection_carries_two_mails_and_not_a_third") else { return };
    let proxy = Proxy::smtp(servers.smtp_port);
    for (fault, third) in [
        (Fault::at("^MAIL").answer("421 4.7.0 two are enough").sparing(2), Ok("421 4.7.0 two are enough")),
        (Fault::dot().seen().cut().sparing(1), Err(End::Closed)),
    ] {
        proxy.set([fault.clone()]);
        for _ in 0..2 {
            let mut caller = greeted(proxy.port()).expect("a greeting");
            caller.smtp("EHLO client.test").expect("an answer");
            for subject in ["one", "two"] {
                assert!(send(&mut caller, subject).expect("an answer").starts_with("250"), "{fault:?}");
            }
            assert_eq!(send(&mut caller, "three").as_deref(), third.as_ref().copied(), "{fault:?}");
        }
    }
    assert_eq!(subjects(&servers).len(), 8);
}

#[test]
fn extensions_are_hidden_and_a_stall_says_nothing() {
    let Some(servers) = Servers::start("extensions_are_hidden_and_a_stall_says_nothing") else { return };
    let proxy = Proxy::smtp(servers.plain_submission_port);
    let extensions = |port: u16| {
        let mut caller = greeted(port).expect("a greeting");
        caller.say("EHLO client.test\r\nQUIT");
        caller.rest_of_lines().0
    };
    let all = extensions(servers.plain_submission_port);
    let own: Vec<String> = extensions(proxy.port());
    let expected: Vec<&String> =
        all.iter().filter(|line| !line.ends_with("-STARTTLS") && !line.ends_with(" CHUNKING")).collect();
    assert_eq!(own.len(), expected.len(), "{own:?} {all:?}");
    proxy.set([Fault::hide(["size", "SMTPUTF8", "AUTH", "PIPELINING", "8BITMIME", "DSN"])]);
    let few = extensions(proxy.port());
    let names: Vec<&str> = few.iter().map(|line| &line[..4]).collect();
    assert!(names.iter().rev().skip(2).all(|name| *name == "250-"), "{few:?}");
    assert_eq!(names[names.len() - 2..], ["250 ", "221 "], "{few:?}");
    assert!(!few.concat().contains("AUTH") && few.concat().contains("ENHANCEDSTATUSCODES"), "{few:?}");

    for (fault, taken) in [(Fault::dot().stall(), 0), (Fault::dot().unseen().stall(), 1)] {
        let proxy = Proxy::smtp(servers.smtp_port);
        proxy.set([fault]);
        let mut caller = greeted(proxy.port()).expect("a greeting");
        caller.smtp("EHLO client.test").expect("an answer");
        caller.say("MAIL FROM:<alice@customer.test>\r\nRCPT TO:<bob@other.test>\r\nDATA\r\nSubject: silent\r\n\r\n.");
        assert!(until(|| proxy.hits() == 1));
        assert_eq!(servers.wait_for("bob", taken).len(), taken);
        proxy.cut_all();
        let (lines, _) = caller.rest_of_lines();
        assert_eq!(lines.len(), 3, "{lines:?}");
    }
}

#[test]
fn a_login_is_refused_put_off_or_lost() {
    let Some(servers) = Servers::start("a_login_is_refused_put_off_or_lost") else { return };
    let proxy = Proxy::smtp(servers.plain_submission_port);
    let plain: &[&str] = &["AUTH PLAIN AHN1cHBvcnQAc2VjcmV0"];
    let login: &[&str] = &["AUTH LOGIN", "c3VwcG9ydA==", "c2VjcmV0"];
    let log_in = |commands: &[&str]| {
        let mut caller = greeted(proxy.port())?;
        caller.smtp("EHLO client.test")?;
        let mut last = String::new();
        for command in commands {
            last = caller.smtp(command)?;
            if !last.starts_with('3') {
                break;
            }
        }
        Ok(last)
    };
    let auth = || Fault::at("^AUTH");
    for (fault, expected) in [
        (auth().answer("535 5.7.8 wrong"), Ok("535 5.7.8 wrong")),
        (auth().answer("454 4.7.0 later"), Ok("454 4.7.0 later")),
        (auth().answer("421 4.7.0 away"), Ok("421 4.7.0 away")),
        (auth().unseen().answer("454 4.7.0 later"), Ok("454 4.7.0 later")),
        (auth().cut(), Err(End::Closed)),
        (auth().unseen().reset(), Err(End::Reset)),
        (Fault::latency(Duration::from_millis(1)), Ok("235 2.7.0 Authentication successful")),
    ] {
        for commands in [plain, login] {
            proxy.set([fault.clone()]);
            assert_eq!(log_in(commands).as_deref(), expected.as_ref().copied(), "{fault:?}");
        }
    }
}

#[test]
fn every_fault_of_the_catalogue_strikes_and_without_it_all_is_as_before() {
    let Some(servers) = Servers::start("every_smtp_fault_of_the_catalogue") else { return };
    let all = catalogue::smtp();
    thread::scope(|scope| {
        for some in all.chunks(all.len().div_ceil(6)) {
            let proxy = Proxy::smtp(servers.plain_submission_port);
            scope.spawn(move || {
                some.iter().for_each(|fault| proxy.expect_to_strike(fault, session));
                proxy.clear();
                session(proxy.port()).expect("a whole session");
            });
        }
    });
}

/// With all commands that anybody says; a refusal is an answer, too.
fn session(port: u16) -> Result<(), End> {
    let mut caller = greeted(port)?;
    for command in ["EHLO client.test", "AUTH PLAIN AHN1cHBvcnQAc2VjcmV0", "MAIL FROM:<support@desk.test>", "RSET"] {
        caller.smtp(command)?;
    }
    send(&mut caller, "session")?;
    caller.smtp("QUIT")?;
    Ok(())
}
