//! A major network incident by the whole program, a real Dovecot and a real Postfix: its life, and a cascade of a thousand
//! mails in the middle of which the program is killed.

mod desk;
mod servers;

use std::collections::{BTreeMap, BTreeSet};

use casepost::{
    config::Config,
    daemon::{
        names::Names,
        office::Office,
        staff::{Command, PhoneRequest},
    },
    desk::{lifecycle::Tell, priority::Priority},
    mail::address::Address,
    store::{broadcasts, incidents, open},
};
use desk::{Desk, answering, header, letter, reference, until};
use servers::{PASSWORD, Servers};

fn desk_at(servers: &Servers) -> Desk {
    let desk = Desk::with(&format!(
        r#"
data = "casepost.db"
policy = "own"
rules = "rules"
[desk]
name = "Test Desk"
address = "support@desk.test"
[[mailbox]]
name = "support"
{imap}
{smtp}
[[staff]]
name = "Frida"
address = "bob@desk.test"
may = ["p1g"]
"#,
        imap = servers.imap_lines(),
        smtp = servers.smtp_section(),
    ));
    desk.write("password", PASSWORD);
    std::fs::create_dir_all(desk.path("rules/own")).unwrap();
    desk.write(
        "rules/own/policy.toml",
        "extends = \"base\"\nlanguages = [\"en\"]\n[platforms]\nvoice = \"Hosted voice\"\n[update]\nP1G = \"1h\"\n",
    );
    desk
}

fn mails(servers: &Servers, user: &str, count: usize) -> Vec<String> {
    let all = servers.wait_for(user, count);
    all.into_iter().map(|(_, _, raw)| String::from_utf8_lossy(&raw).replace("\r\n", "\n")).collect()
}

#[test]
fn an_incident_goes_from_the_first_mail_to_the_confirmed_end() {
    let Some(servers) = Servers::start("an_incident_goes_from_the_first_mail") else { return };
    let desk = desk_at(&servers);
    let once = || desk.run(&["run", "--once"]).ok();
    servers.deliver(letter("alice@customer.test", "1@customer.test", "No calls").raw(), "support@desk.test");
    servers.wait_for("support", 1);
    once();
    let case = reference(&desk.cases()[0]);

    let new = mails(&servers, "bob", 1).remove(0);
    let extra = answering(&new);
    let text = "#mni platform:voice No incoming calls\nA card has failed.";
    let opens = desk::Letter { extra: &extra, text, ..letter("bob@desk.test", "b1@desk.test", "Re: x") };
    servers.deliver(opens.raw(), "support@desk.test");
    servers.wait_for("support", 2);
    once();
    let incident = desk.json(&["mni", "show", "MNI-0001", "--json"]);
    assert_eq!(incident["cases"], serde_json::json!([case]), "{incident}");
    let opened = mails(&servers, "alice", 2).remove(1);
    assert!(opened.contains("A card has failed."), "{opened}");

    desk.run(&["mni", "update", "MNI-0001", "The card is changed."]).ok();
    once();
    let update = mails(&servers, "alice", 3).remove(2);
    assert!(header(&update, "References").unwrap().contains(&header(&opened, "Message-ID").unwrap()), "{update}");
    assert!(desk.case(&case)["history"].to_string().contains("The card is changed."));

    let extra = answering(&update);
    let reply = desk::Letter {
        extra: &extra,
        text: "Outgoing calls fail, too.",
        ..letter("alice@customer.test", "2@customer.test", "Re: No calls")
    };
    servers.deliver(reply.raw(), "support@desk.test");
    servers.wait_for("support", 3);
    once();
    assert_eq!(desk.cases().len(), 2, "the case and its parent");
    let parent = incident["parent"].as_str().unwrap();
    assert!(desk.case(parent)["history"].to_string().contains("the customer wrote on"));
    let told = mails(&servers, "bob", 5);
    assert!(told.iter().filter(|mail| mail.contains("Outgoing calls fail, too.")).count() >= 2, "on both cases");

    desk.run(&["mni", "close", "MNI-0001", "A card had failed."]).ok();
    once();
    assert_eq!(desk.case(&case)["status"], "resolved");
    assert_eq!(desk.case(parent)["status"], "closed");
    let over = mails(&servers, "alice", 4).remove(3);
    let extra = answering(&over);
    let yes = desk::Letter {
        extra: &extra,
        text: "Confirmed.",
        ..letter("alice@customer.test", "3@customer.test", "Re: No calls")
    };
    servers.deliver(yes.raw(), "support@desk.test");
    servers.wait_for("support", 4);
    once();
    assert_eq!(desk.case(&case)["status"], "closed");
}

/// Contacts; with `mni-opened` for none of them and two updates, two thousand mails go out.
const CONTACTS: usize = 1000;

#[test]
fn a_program_that_is_killed_in_the_middle_of_a_cascade_tells_each_contact_each_update_once() {
    let Some(servers) = Servers::start("a_program_that_is_killed_in_a_cascade") else { return };
    let desk = desk_at(&servers);
    desk.run(&["mni", "open", "--platform", "voice", "--impact", "No calls"]).ok();
    let config = Config::load(&desk.path("casepost.toml")).unwrap();
    let office = Office::load(&config).unwrap();
    let mut db = open::open(&desk.path("casepost.db")).unwrap();
    open::transaction(&mut db, |tx| {
        let now = chrono::Utc::now();
        let frida = Command { office: &office, name: "Frida", now, names: Names::Refused };
        let incident = incidents::open(tx)?.remove(0);
        let mut children = Vec::new();
        for n in 0..CONTACTS {
            let request = PhoneRequest {
                requester: Address::bare(&format!("c{n}@books.example")),
                subject: "It is silent".to_owned(),
                priority: Priority::P4,
                continues: None,
                tell: Tell::Nobody,
            };
            children.push((frida.open(tx, request).unwrap().id, "test"));
        }
        incidents::link_many(tx, incident.case, &children, now)
    })
    .unwrap();

    // Points that lie anywhere: while mails are made of the cascade, and while they go out.
    let mut seed = std::process::id() as usize;
    let mut any = |most: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 16) % most
    };
    let count = |sql: &str| -> usize { db.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap() as usize };
    let waiting = || broadcasts::waiting(&db).unwrap() as usize;
    let sent = || {
        count(
            "SELECT COUNT(*) FROM deliveries JOIN notices ON id = notice WHERE kind = 'mni-update' AND state = 'accepted'",
        )
    };
    let mut kills = 0;
    for update in 1..=2 {
        desk.run(&["mni", "update", "MNI-0001", &format!("Update number {update}.")]).ok();
        for _ in 0..3 {
            let point = waiting().saturating_sub(1 + any(300));
            let daemon = desk.start(&["run"]);
            until("some of the cascade is queued", || waiting() <= point);
            daemon.kill();
            kills += 1;
        }
        for _ in 0..4 {
            let goal = (sent() + 1 + any(180)).min(update * CONTACTS);
            let daemon = desk.start(&["run"]);
            until("some of it is sent", || sent() >= goal);
            daemon.kill();
            kills += 1;
        }
    }
    let daemon = desk.start(&["run"]);
    for part in 1..=20 {
        until("the rest is sent", || sent() >= 2 * CONTACTS * part / 20);
    }
    assert_eq!(daemon.terminate(), Some(0));
    servers.wait_for_empty_queue();

    let mut got: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for (_, _, raw) in servers.mailbox("outside") {
        let mail = String::from_utf8_lossy(&raw).replace("\r\n", "\n");
        let Some(update) = mail.lines().find(|line| line.starts_with("Update number")) else { continue };
        let key = (update.to_owned(), header(&mail, "To").unwrap());
        got.entry(key).or_default().push(header(&mail, "Message-ID").unwrap());
    }
    assert_eq!(got.len(), 2 * CONTACTS, "each contact has each update");
    let twice = got.values().filter(|ids| ids.len() > 1).count();
    for (key, ids) in &got {
        let one: BTreeSet<&String> = ids.iter().collect();
        assert_eq!(one.len(), 1, "{key:?}: what was in doubt carries the same Message-ID: {ids:?}");
    }
    assert!(twice <= kills * 8, "{twice} in doubt after {kills} kills");
    println!("{} mails, {kills} kills, {twice} sent again", got.len());
}
