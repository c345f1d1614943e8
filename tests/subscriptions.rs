//! Updates by mail for whoever subscribes: asked for, confirmed and left by mail, on a Maildir with a drill's clock and
//! between a real Dovecot and a real Postfix.

mod desk;
mod servers;

use std::io::{Read, Write};

use casepost::{
    daemon::subscription::{self, Act, Asking, Standing},
    desk::subscription::{HeldBack, What},
    store::{open, outbox, subscriptions},
};
use desk::{Desk, Letter, answering, header, letter, until};
use servers::{PASSWORD, Servers};

const AT_10: &str = "2026-11-03T10:00:00Z";
const AT_11: &str = "2026-11-03T11:00:00Z";
const AT_12: &str = "2026-11-03T12:00:00Z";

const POLICY: &str = "extends = \"base\"\n[platforms]\nvoice = \"Hosted voice\"\nteams = \"Microsoft Teams\"\n";

fn give_policy(desk: &Desk, policy: &str) {
    std::fs::create_dir_all(desk.path("rules/own")).unwrap();
    desk.write("rules/own/policy.toml", policy);
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    desk.write("casepost.toml", &format!("policy = \"own\"\nrules = \"rules\"\n{config}"));
}

fn desk_for(policy: &str) -> Desk {
    let desk = Desk::on_maildir();
    give_policy(&desk, policy);
    desk
}

fn desk() -> Desk {
    desk_for(POLICY)
}

/// Ada writes this, and the desk works.
fn writes(desk: &Desk, at: &str, id: &str, subject: &str, text: &str, extra: &str) {
    writes_as(desk, "ada@books.test", at, id, subject, text, extra);
}

fn writes_as(desk: &Desk, from: &str, at: &str, id: &str, subject: &str, text: &str, extra: &str) {
    let message_id = format!("{id}@books.test");
    let mail = Letter { text, extra, ..letter(from, &message_id, subject) };
    desk.mail_at(id, at, mail.raw());
    desk.once_at(at);
}

fn subjects(desk: &Desk, address: &str) -> Vec<String> {
    desk.sent_to(address).iter().filter_map(|mail| header(mail, "Subject")).collect()
}

fn last(desk: &Desk, address: &str) -> String {
    desk.sent_to(address).pop().expect("a mail").replace("=\n", "").replace("=3D", "=")
}

/// What she is subscribed to.
fn subscribed(desk: &Desk) -> Vec<String> {
    let all = desk.json(&["subscription", "list", "--json"]);
    let all = all["subscribed"].as_array().expect("an array").iter();
    all.map(|one| one["what"].as_str().expect("a text").to_owned()).collect()
}

fn strays(desk: &Desk) -> String {
    desk.run(&["stray", "list", "--json"]).ok()
}

/// Subscribes Ada by mail at ten, to this.
fn subscribe(desk: &Desk, what: &str) {
    writes(desk, AT_10, &format!("ask-{}", what.replace(':', "-")), &format!("subscribe {what}"), "", "");
    let question = answering(&last(desk, "ada@books.test"));
    writes(desk, AT_10, &format!("yes-{}", what.replace(':', "-")), "Re: Please confirm", "Yes", &question);
    assert!(subscribed(desk).contains(&what.to_owned()));
}

#[test]
fn a_mail_that_only_subscribes_opens_no_case_and_counts_when_the_address_says_yes() {
    let desk = desk();
    writes(&desk, AT_10, "1", "subscribe platform:voice", "", "");
    assert_eq!((desk.cases().len(), subscribed(&desk).len()), (0, 0));
    let question = last(&desk, "ada@books.test");
    assert_eq!(header(&question, "Subject").unwrap(), "Confirm your subscription: Hosted voice");
    assert!(question.contains("reply to this mail with nothing but \"yes\""), "{question}");
    assert!(strays(&desk).contains("subscribes: platform:voice; counts when they have confirmed it"));
    assert!(header(&question, "List-Unsubscribe").is_none(), "nobody is subscribed yet");

    writes(&desk, AT_11, "2", "Re: Confirm your subscription: Hosted voice", "Yes\n\nAda", &answering(&question));
    assert_eq!((desk.cases().len(), subscribed(&desk)), (0, vec!["platform:voice".to_owned()]));
    let told = last(&desk, "ada@books.test");
    assert_eq!(header(&told, "Subject").unwrap(), "Subscribed: Hosted voice");
    assert!(told.contains("You get this mail because you subscribed to: Hosted voice."), "{told}");
    assert_eq!(header(&told, "List-Id").unwrap(), "<updates.desk.test>");
    assert_eq!(header(&told, "List-Unsubscribe-Post"), None, "there is no page");

    writes(&desk, AT_12, "3", "Re: Confirm your subscription: Hosted voice", "Yes", &answering(&question));
    assert_eq!(desk.sent_to("ada@books.test").len(), 2, "a second yes says nothing new");
    assert_eq!((desk.cases().len(), subscribed(&desk).len()), (0, 1));
}

#[test]
fn a_wish_with_a_trouble_is_a_case_and_quoted_words_wish_nothing() {
    let desk = desk();
    writes(&desk, AT_10, "1", "subscribe platform:voice", "And our line in Leeds is down since 9:30.", "");
    assert_eq!(desk.cases().len(), 1);
    writes(&desk, AT_10, "2", "Your notice", "Thanks for the notice.\n\n> subscribe all\n", "");
    assert_eq!(desk.cases().len(), 2);
    assert!(subjects(&desk, "ada@books.test").iter().all(|subject| !subject.contains("confirm")));
}

#[test]
fn nobody_can_tell_whether_an_address_is_subscribed() {
    let desk = desk();
    subscribe(&desk, "platform:voice");
    // A day later somebody asks again for the subscribed address, and for one that is not.
    let later = "2026-11-04T12:00:00Z";
    for (from, id) in [("ada@books.test", "again"), ("eve@other.test", "new")] {
        writes_as(&desk, from, later, id, "subscribe platform:voice", "", "");
    }
    let (known, new) = (last(&desk, "ada@books.test"), last(&desk, "eve@other.test"));
    let body = |mail: &str| mail.split_once("\n\n").expect("a body").1.replace(&boundary(mail), "");
    assert_eq!(header(&known, "Subject"), header(&new, "Subject"));
    assert_eq!(body(&known), body(&new));
    writes_as(&desk, "eve@other.test", later, "leave", "unsubscribe platform:voice", "", "");
    assert!(last(&desk, "eve@other.test").contains("did not get the updates"), "told to the address alone");
    assert_eq!(subscribed(&desk).len(), 1);
}

fn boundary(mail: &str) -> String {
    mail.split_once("casepost-alternative-")
        .expect("a boundary")
        .1
        .chars()
        .take_while(char::is_ascii_hexdigit)
        .collect()
}

#[test]
fn an_open_question_is_not_asked_again_within_an_hour_and_an_address_a_few_times_a_day() {
    let desk = desk_for(&format!("{POLICY}[subscriptions]\nquestions_per_day = 3\n"));
    for n in 0..4 {
        writes(&desk, AT_10, &format!("{n}"), "subscribe platform:voice", "", "");
    }
    assert_eq!(desk.sent_to("ada@books.test").len(), 1);
    writes(&desk, AT_10, "5", "subscribe platform:teams", "", "");
    writes(&desk, AT_10, "6", "subscribe all", "", "");
    assert_eq!(desk.sent_to("ada@books.test").len(), 3);
    writes(&desk, "2026-11-04T09:00:00Z", "7", "subscribe platform:voice, platform:teams", "", "");
    assert_eq!(desk.sent_to("ada@books.test").len(), 3);
    writes(&desk, "2026-11-04T10:00:01Z", "8", "subscribe platform:voice", "", "");
    assert_eq!(desk.sent_to("ada@books.test").len(), 4, "a day later");
    assert!(strays(&desk).contains("no question was sent: the same was asked within the last hour"));
    assert_eq!(desk.cases().len(), 0);
}

#[test]
fn a_flood_for_many_addresses_is_bounded_by_the_hour() {
    let desk = desk_for(&format!("{POLICY}[subscriptions]\nquestions_per_hour = 5\n"));
    for n in 0..12 {
        let from = format!("victim{n}@books.test");
        let message_id = format!("{n}@books.test");
        let mail = Letter { text: "", ..letter(&from, &message_id, "subscribe all") };
        desk.mail_at(&format!("{n}"), AT_10, mail.raw());
    }
    desk.once_at(AT_10);
    let asked = (0..12).filter(|n| !desk.sent_to(&format!("victim{n}@books.test")).is_empty()).count();
    assert_eq!(asked, 5);
}

#[test]
fn only_who_has_the_question_can_answer_it_only_with_a_yes_and_not_too_late() {
    let desk = desk();
    writes(&desk, AT_10, "1", "subscribe platform:voice", "", "");
    let question = last(&desk, "ada@books.test");
    // Forged ids, an id of another desk's key, and none at all.
    let real = header(&question, "Message-ID").unwrap();
    let swapped: String = real.chars().map(|c| if c == 'a' { 'b' } else { c }).collect();
    let forged = [swapped, "<desk.1.k1.aaaaaaaaaaaaaaaaaaaa@desk.test>".to_owned(), "<1@books.test>".to_owned()];
    for (n, id) in forged.iter().filter(|id| **id != real).enumerate() {
        let extra = format!("In-Reply-To: {id}\n");
        writes(&desk, AT_10, &format!("forged{n}"), "Re: Confirm your subscription: Hosted voice", "Yes", &extra);
    }
    let robot = format!("{}Auto-Submitted: auto-replied\n", answering(&question));
    writes(&desk, AT_10, "robot", "Automatic reply", "Yes", &robot);
    writes(&desk, AT_10, "no", "Re: Confirm your subscription: Hosted voice", "No, thanks", &answering(&question));
    assert!(subscribed(&desk).is_empty());
    let late = "2026-11-05T10:00:01Z";
    writes(&desk, late, "late", "Re: Confirm your subscription: Hosted voice", "Yes", &answering(&question));
    assert!(subscribed(&desk).is_empty(), "48 hours are over");
    let again = last(&desk, "ada@books.test");
    assert!(
        header(&again, "Subject").unwrap() == "Confirm your subscription: Hosted voice" && again != question,
        "asked again"
    );
    writes(&desk, late, "again", "Re: Confirm your subscription: Hosted voice", "yes please", &answering(&again));
    assert_eq!(subscribed(&desk), ["platform:voice"]);
}

#[test]
fn a_yes_with_a_condition_subscribes_to_nothing_and_is_explained_once() {
    let desk = desk();
    writes(&desk, AT_10, "1", "subscribe all", "", "");
    let question = last(&desk, "ada@books.test");
    let unclear = "Yes please, but only for voice";
    writes(&desk, AT_10, "2", "Re: Confirm your subscription", unclear, &answering(&question));
    let explained = last(&desk, "ada@books.test");
    assert!(explained.contains("We could not tell from your answer"), "{explained}");
    assert!(explained.contains("\"subscribe platform:voice\" for Hosted voice"), "{explained}");
    assert_eq!((subscribed(&desk).len(), desk.cases().len()), (0, 0));
    for (id, asked) in [("3", &question), ("4", &explained)] {
        writes(&desk, AT_11, id, "Re: Confirm your subscription", unclear, &answering(asked));
    }
    assert!(!last(&desk, "ada@books.test").contains("We could not tell"), "a person reads it now");
    assert!(subscribed(&desk).is_empty() && !desk.cases().is_empty());
    writes(&desk, AT_11, "5", "Re: Confirm your subscription", "yes", &answering(&explained));
    assert_eq!(subscribed(&desk), ["all"]);
}

#[test]
fn who_leaves_is_offered_what_they_left_and_a_stranger_hears_of_no_cases() {
    let desk = desk();
    subscribe(&desk, "platform:voice");
    writes(&desk, AT_11, "2", "unsubscribe", "", "");
    let told = last(&desk, "ada@books.test");
    assert!(told.contains("\"subscribe platform:voice\"") && !told.contains("your own services"), "{told}");
    let slip = desk.run(&["subscription", "list", "--what", "platform:voise"]);
    assert!(slip.code != 0 && slip.err.contains("all, platform:teams, platform:voice"), "{}", slip.err);
}

#[test]
fn robots_and_staff_subscribe_to_nothing() {
    let desk = desk();
    for (n, extra) in
        ["Auto-Submitted: auto-generated\n", "Auto-Submitted: auto-replied\n", "Precedence: bulk\n"].iter().enumerate()
    {
        writes(&desk, AT_10, &format!("{n}"), "subscribe all", "", extra);
    }
    writes_as(&desk, "frida@desk.test", AT_10, "staff", "subscribe all", "", "");
    writes_as(&desk, "noreply@books.test", AT_10, "noreply", "subscribe all", "", "");
    for address in ["ada@books.test", "frida@desk.test", "noreply@books.test"] {
        assert!(subjects(&desk, address).iter().all(|subject| !subject.contains("confirm")), "{address}");
    }
}

#[test]
fn what_there_is_not_is_answered_with_what_there_is_and_strangers_learn_nothing_of_cases() {
    let desk = desk();
    writes_as(&desk, "carl@customer.test", AT_10, "1", "Router", "Our router is broken.", "");
    let case = desk::reference(&desk.cases()[0]);
    let unknown = "1-0000000000";
    for (n, wish) in ["platform:fax", "", case.as_str(), unknown].iter().enumerate() {
        writes_as(&desk, "eve@other.test", AT_10, &format!("w{n}"), &format!("subscribe {wish}"), "", "");
    }
    let told = desk.sent_to("eve@other.test");
    assert_eq!((told.len(), desk.cases().len()), (4, 1));
    let body = |mail: &str| mail.split_once("\n\n").expect("a body").1.replace(&boundary(mail), "");
    assert!(told[0].contains("\"subscribe platform:voice\" for Hosted voice"), "{}", told[0]);
    assert!(told[0].contains("We have no updates called \"platform:fax\"."), "{}", told[0]);
    assert!(told[1..].iter().all(|mail| body(mail) == body(&told[1])), "the same in all cases");
    for mail in &told {
        assert!(!mail.contains(&case) && !mail.contains("Router") && !mail.contains("carl"), "{mail}");
    }
    for n in 0..6 {
        writes_as(&desk, "eve@other.test", AT_10, &format!("more{n}"), "subscribe platform:fax", "", "");
    }
    assert!(desk.sent_to("eve@other.test").len() <= 5, "some answers in a day");
}

#[test]
fn the_address_in_list_unsubscribe_ends_it_whoever_sends_the_mail_and_nothing_else_does() {
    let desk = desk();
    subscribe(&desk, "platform:voice");
    subscribe(&desk, "platform:teams");
    let mail = desk.sent_to("ada@books.test").into_iter().find(|m| m.contains("Subscribed: Hosted voice")).unwrap();
    let list = header(&mail, "List-Unsubscribe").unwrap();
    let subject = list.strip_prefix("<mailto:support@desk.test?subject=").unwrap().strip_suffix('>').unwrap();
    let subject = subject.replace("%20", " ");
    // A character of the token changed, something beside it, or a reply.
    let wrong = format!("{}x", &subject[..subject.len() - 1]);
    for (n, other) in [wrong, format!("{subject} please"), format!("Re: {subject}")].iter().enumerate() {
        let extra = "Auto-Submitted: auto-generated\n";
        writes_as(&desk, "robot@provider.test", AT_11, &format!("wrong{n}"), other, "", extra);
    }
    assert_eq!(subscribed(&desk), ["platform:voice", "platform:teams"]);
    let before = desk.cases().len();
    writes_as(&desk, "robot@provider.test", AT_11, "right", &subject, "", "Auto-Submitted: auto-generated\n");
    assert_eq!(subscribed(&desk), ["platform:teams"]);
    assert_eq!(desk.cases().len(), before);
    let told = last(&desk, "ada@books.test");
    assert!(told.contains("We send no more of these updates") && told.contains("Hosted voice"), "{told}");
    assert!(told.contains("Microsoft Teams") && told.contains("\"unsubscribe all\""), "{told}");
    assert!(desk.sent_to("robot@provider.test").iter().all(|mail| !mail.contains("Hosted voice")));
    let count = desk.sent_to("ada@books.test").len();
    writes_as(&desk, "robot@provider.test", AT_12, "twice", &subject, "", "");
    assert_eq!(desk.sent_to("ada@books.test").len(), count, "told once");

    writes(&desk, AT_12, "all", "Re: Unsubscribed", "unsubscribe all", &answering(&told));
    assert!(subscribed(&desk).is_empty());
    assert!(last(&desk, "ada@books.test").contains("Subject: Unsubscribed: no more updates"));
}

#[test]
fn a_mail_that_is_queued_for_a_subscriber_is_withdrawn_when_they_leave() {
    let desk = desk();
    desk.run(&["--now", AT_10, "subscription", "add", "ada@books.test", "all", "--confirmed", "on the telephone"]).ok();
    desk.run(&["--now", AT_10, "subscription", "end", "ada@books.test"]).ok();
    desk.once_at(AT_11);
    assert_eq!(subjects(&desk, "ada@books.test"), ["Unsubscribed: no more updates"]);
    let withdrawn = desk.run(&["outbox", "list", "--state", "cancelled"]).ok();
    assert!(withdrawn.contains("subscribed") && withdrawn.contains("ada@books.test"), "{withdrawn}");
    let shown = desk.run(&["subscription", "show", "ada@books.test"]).ok();
    assert!(shown.contains("Frida: on the telephone") && shown.contains("ended"), "{shown}");
}

#[test]
fn a_suppressed_address_stays_silent_and_one_that_bounces_is_subscribed_no_more() {
    let desk = desk();
    subscribe(&desk, "all");
    desk.run(&["--now", AT_11, "suppression", "add", "eve@other.test", "--why", "asked us to"]).ok();
    writes_as(&desk, "eve@other.test", AT_11, "1", "subscribe all", "", "");
    assert!(desk.sent_to("eve@other.test").is_empty());
    let told = last(&desk, "ada@books.test");
    let id = header(&told, "Message-ID").unwrap();
    let bounce = format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@books.test\nTo: support@desk.test\nSubject: Undelivered\n\
         Message-ID: <bounce@books.test>\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
         --b\nContent-Type: text/plain\n\nNo such user.\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; books.test\n\n\
         Final-Recipient: rfc822; ada@books.test\nAction: failed\nStatus: 5.1.1\n\
         --b\nContent-Type: text/rfc822-headers\n\nMessage-ID: {id}\nTo: ada@books.test\n--b--\n"
    );
    desk.mail_at("bounce", AT_12, bounce);
    desk.once_at(AT_12);
    assert!(subscribed(&desk).is_empty());
    let shown = desk.json(&["subscription", "show", "ada@books.test", "--json"]);
    assert_eq!(shown[0]["ended_by"], "bounce");
}

#[test]
fn where_only_customers_may_subscribe_a_strangers_wish_is_a_request_like_others() {
    let desk = desk_for(&format!("{POLICY}[subscriptions]\nopen_to = \"customers\"\n"));
    desk.write("organisations.csv", "name,domains\nBooks,books.test\n");
    desk.run(&["--now", "2026-11-03T08:00:00Z", "organisation", "import", "organisations.csv"]).ok();
    writes(&desk, AT_10, "1", "subscribe all", "", "");
    assert_eq!((desk.cases().len(), subjects(&desk, "ada@books.test").len()), (0, 1));
    writes_as(&desk, "eve@other.test", AT_10, "2", "subscribe all", "", "");
    assert_eq!(desk.cases().len(), 1);
}

/// What the forms of the status page do, on the database of a desk that stands still.
#[test]
fn a_form_asks_previews_confirms_and_ends_by_tokens_that_fit_nothing_else() {
    let desk = desk();
    desk.once_at(AT_10);
    let config = casepost::config::Config::load(&desk.path("casepost.toml")).unwrap();
    let mut office = casepost::daemon::office::Office::load(&config).unwrap();
    office.web_url = Some("https://status.desk.test".to_owned());
    let db = open::open(&desk.path("casepost.db")).unwrap();
    let (now, voice) = (AT_10.parse().unwrap(), What::Platform("voice".to_owned()));
    let ask = |email: &str, what: &What| subscription::ask(&db, &office, email, what, Some("de"), now).unwrap();
    assert_eq!(ask("Ada@Books.test", &voice), Asking::Taken);
    assert_eq!(ask("ada@books.test", &What::Platform("fax".to_owned())), Asking::NoSuchThing);
    for strange in ["", "no address", "a@b@c", "support@desk.test", "x@y\r\nBcc: z@z"] {
        assert_eq!(ask(strange, &voice), Asking::Held(HeldBack::Address), "{strange}");
    }
    let notices = outbox::after(&db, 0).unwrap();
    assert_eq!(notices.len(), 1);
    let question = notices[0].id;
    let token = office.keyring.confirm_token(question.unsigned_abs());
    let preview = |token: &str| subscription::preview(&db, &office, token, now).unwrap();
    let shown = preview(&token).unwrap();
    assert_eq!((shown.act, shown.standing, shown.title), (Act::Confirm, Standing::Open, "Hosted voice".into()));
    assert!(subscriptions::of_address(&db, "ada@books.test").unwrap().is_empty(), "looking changes nothing");
    let confirm = |token: &str| subscription::confirm(&db, &office, token, now).unwrap();
    let end = |token: &str| subscription::end(&db, &office, token, now).unwrap();
    assert_eq!((end(&token), confirm("confirm.1.k1.x"), preview("nothing")), (None, None, None));
    assert_eq!((confirm(&token), confirm(&token)), (Some(Standing::Done), Some(Standing::Done)));
    let living = subscriptions::of_address(&db, "ada@books.test").unwrap();
    assert_eq!((living.len(), living[0].language.as_deref()), (1, Some("de")));
    let leave = office.keyring.leave_token(living[0].id.unsigned_abs());
    assert_eq!(preview(&leave).unwrap().act, Act::Leave);
    assert_eq!((confirm(&leave), end(&leave), end(&leave)), (None, Some(Standing::Done), Some(Standing::Done)));
    assert!(subscriptions::of_address(&db, "ada@books.test").unwrap().is_empty());
    assert_eq!(confirm(&token), Some(Standing::Over), "an old question brings nothing back");
    let kinds: Vec<&str> = outbox::after(&db, 0).unwrap().iter().map(|notice| notice.kind.as_str()).collect();
    assert_eq!(kinds, ["subscribe-confirm", "subscribed", "unsubscribed"]);
    let kept: String =
        outbox::after(&db, 0).unwrap().iter().map(|notice| serde_json::to_string(&notice.data).unwrap()).collect();
    assert!(!kept.contains(&token) && !kept.contains(&leave), "no token stands in a table: {kept}");
}

/// What the daemon's web answers.
fn web(port: u16, request: &str) -> String {
    let mut all = String::new();
    let Ok(mut stream) = std::net::TcpStream::connect(("127.0.0.1", port)) else { return all };
    stream.write_all(request.as_bytes()).unwrap();
    let _ = stream.read_to_string(&mut all);
    all
}

fn post(port: u16, path: &str, body: &str) -> String {
    let length = body.len();
    let form = "Content-Type: application/x-www-form-urlencoded";
    web(
        port,
        &format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{form}\r\nContent-Length: {length}\r\n\r\n{body}"
        ),
    )
}

#[test]
fn by_the_forms_of_the_running_desk_one_subscribes_confirms_and_leaves_with_one_click() {
    let desk = desk();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let config = std::fs::read_to_string(desk.path("casepost.toml")).unwrap();
    let of_web = format!("[web]\nlisten = \"127.0.0.1:{port}\"\nurl = \"https://status.desk.test\"\n");
    desk.write("casepost.toml", &format!("{config}{of_web}"));
    let running = desk.start(&["run"]);
    until("the web answers", || web(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").contains(" 200 "));
    let asked = post(port, "/subscribe", "email=ada%40books.test&topic=platform%3Avoice");
    assert!(asked.starts_with("HTTP/1.1 200"), "{asked}");
    assert!(!post(port, "/subscribe", "email=ada%40books.test&topic=platform%3Afax").starts_with("HTTP/1.1 200"));
    until("she is asked", || desk.sent_to("ada@books.test").len() == 1);
    let page = |mail: &str, of: &str| {
        let (_, rest) = mail.split_once(&format!("https://status.desk.test{of}")).expect("a page");
        let token = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '.').collect::<String>();
        format!("{of}{}", token.trim_end_matches('.'))
    };
    let confirm = page(&last(&desk, "ada@books.test"), "/confirm/");
    let seen = web(port, &format!("GET {confirm} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    assert!(seen.contains("Hosted voice") && subscribed(&desk).is_empty(), "looking confirms nothing: {seen}");
    assert!(post(port, &confirm, "").starts_with("HTTP/1.1 200"));
    until("she is told", || desk.sent_to("ada@books.test").len() == 2);
    assert_eq!(subscribed(&desk), ["platform:voice"]);
    let told = last(&desk, "ada@books.test");
    assert_eq!(header(&told, "List-Unsubscribe-Post").as_deref(), Some("List-Unsubscribe=One-Click"));
    let leave = page(&header(&told, "List-Unsubscribe").unwrap(), "/unsubscribe/");
    running.signal(rustix::process::Signal::HUP);
    until("it has read anew", || desk.log().contains("are read anew"));
    assert!(post(port, "/subscribe", "email=bea%40books.test&topic=platform%3Ateams").starts_with("HTTP/1.1 200"));
    until("she is asked, too", || desk.sent_to("bea@books.test").len() == 1);
    page(&last(&desk, "bea@books.test"), "/confirm/");
    post(port, &leave.replace("/unsubscribe/", "/confirm/"), "");
    post(port, &confirm.replace("/confirm/", "/unsubscribe/"), "");
    assert_eq!(subscribed(&desk), ["platform:voice"], "a token is for one page alone");
    post(port, &leave, "List-Unsubscribe=One-Click");
    assert!(subscribed(&desk).is_empty());
    let log = desk.log();
    assert!(!log.contains("leave.") && !log.contains("confirm."), "no token in the log: {log}");
    assert_eq!(running.terminate(), Some(0));
}

/// A desk at real servers that vouches for nobody.
fn desk_at(servers: &Servers) -> Desk {
    let desk = Desk::with(&format!(
        "data = \"casepost.db\"\n[desk]\nname = \"Test Desk\"\naddress = \"support@desk.test\"\n\
         [[mailbox]]\nname = \"support\"\n{}\n{}\n[[staff]]\nname = \"Bob\"\naddress = \"bob@desk.test\"\n",
        servers.imap_lines(),
        servers.smtp_section(),
    ));
    desk.write("password", PASSWORD);
    give_policy(&desk, POLICY);
    desk
}

#[test]
fn in_five_languages_people_subscribe_confirm_and_leave_through_real_servers() {
    let Some(servers) = Servers::start("in_five_languages_people_subscribe") else { return };
    let desk = desk_at(&servers);
    let people = [
        ("en", "subscribe platform:voice", "yes"),
        ("de", "abonnieren platform:voice", "Ja"),
        ("fr", "s'abonner platform:voice", "oui"),
        ("bg", "абонамент platform:voice", "да"),
        ("ja", "配信登録 platform:voice", "はい"),
    ];
    let mut known = 0;
    let mut taken = 0;
    let mut round = |mails: Vec<(String, String)>| {
        for (from, raw) in mails {
            servers.deliver_from(&from, raw, "support@desk.test");
            taken += 1;
        }
        servers.wait_for("support", taken);
        desk.run(&["run", "--once"]).ok();
        let came = servers.outside(known);
        known = came.iter().map(|copy| copy.uid).max().unwrap_or(known);
        let text = |raw: Vec<u8>| String::from_utf8_lossy(&raw).replace("\r\n", "\n");
        came.into_iter().map(|copy| (copy.recipient, text(copy.raw))).collect::<Vec<_>>()
    };
    let mail = |language: &str, id: &str, subject: &str, text: &str, extra: &str| {
        let from = format!("{language}@books.example");
        let extra = format!("{extra}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n");
        let message_id = format!("{id}-{language}@books.example");
        let raw = Letter { text, extra: &extra, ..letter(&from, &message_id, subject) };
        (from.clone(), raw.raw())
    };
    let wishes = people.iter().map(|(language, wish, _)| mail(language, "1", "", wish, "")).collect();
    let questions = round(wishes);
    assert_eq!(questions.len(), 5);
    let answers = people.iter().map(|(language, _, yes)| {
        let address = format!("{language}@books.example");
        let question = &questions.iter().find(|(to, _)| *to == address).expect("a question").1;
        let parsed = mail_parser::MessageParser::default().parse(question.as_bytes()).expect("a mail");
        let html = parsed.body_html(0).expect("an HTML part");
        assert!(html.contains(&format!("<html lang=\"{language}\"")), "{html}");
        mail(language, "2", "Re: confirm", yes, &answering(question))
    });
    let told = round(answers.collect());
    assert_eq!(told.len(), 5);
    assert_eq!(subscribed(&desk).len(), 5);
    // What Gmail, Fastmail and others send when one presses "unsubscribe".
    let clicks = told.iter().map(|(to, mail)| {
        let list = header(mail, "List-Unsubscribe").expect("a way out");
        let (_, subject) = list.trim_end_matches('>').split_once("?subject=").expect("a subject");
        let (message_id, subject) = (format!("3-{to}"), subject.replace("%20", " "));
        let click = Letter { text: "", ..letter(to, &message_id, &subject) };
        (to.clone(), click.raw())
    });
    let left = round(clicks.collect());
    assert_eq!(left.len(), 5);
    assert!(subscribed(&desk).is_empty() && desk.cases().is_empty());
}
