//! Mail that is handed on, and who wrote it.

use super::*;

#[test]
fn a_forwarded_mail_keeps_what_is_forwarded_and_tells_who_wrote_it() {
    let header = "From: Bob <Bob@elsewhere.example>\nDate: Mon, 2 Nov 2026 at 09:12\nSubject: line down\nTo: <ada@customer.example>\n\nIt is down.\n\n-- \nBob";
    for mark in [
        "---------- Forwarded message ---------",
        "---------- Forwarded message ----------",
        "Begin forwarded message:\n",
        "-------- Forwarded Message --------",
        "-------- Weitergeleitete Nachricht --------",
        "Anfang der weitergeleiteten Nachricht:\n",
        "---------- Message transféré ----------",
        "Début du message réexpédié :\n",
        "---------- Mensaje reenviado ----------",
        "---------- Препратено съобщение ----------",
        "---------- 転送メッセージ ----------",
        "---------- Mensagem encaminhada ---------",
        "-------- Messaggio Inoltrato --------",
        "---------- Doorgestuurd bericht ---------",
        "-------- Пересылаемое сообщение --------",
        "---------- 转发的邮件 ---------",
        "----- Forwarded by Ada Lovelace/Example on 02.11.2026 10:00 -----\n",
    ] {
        let text = format!("Please see to it.\n\n{mark}\n{header}");
        let said = said(&text, None);
        assert_eq!(said.reply, text);
        let found = said.forwarded.unwrap_or_default();
        assert_eq!(found.from, Some(Address::new(Some("Bob"), "bob@elsewhere.example")), "{mark}");
        assert_eq!(found.subject.as_deref(), Some("line down"));
        assert_eq!(found.date_text.as_deref(), Some("Mon, 2 Nov 2026 at 09:12"));
        assert!(found.marked);
        assert_eq!(forwarded(&text).map(|forwarded| forwarded.from), Some(found.from));
    }
}

#[test]
fn apple_quotes_what_it_forwards() {
    let text = "See below.\n\nBegin forwarded message:\n\n> From: Bob <bob@elsewhere.example>\n> Subject: line down\n> Date: 2 November 2026 at 09:12:33 GMT\n> To: ada@customer.example\n> \n> It is down.";
    let said = said(text, None);
    assert_eq!(said.reply, text);
    assert_eq!(
        said.forwarded.and_then(|forwarded| forwarded.from).map(|from| from.email).as_deref(),
        Some("bob@elsewhere.example")
    );
}

#[test]
fn outlook_forwards_as_it_answers_and_only_the_subject_tells() {
    let text = "FYI\n\nFrom: Bob <bob@elsewhere.example>\nSent: Monday, 2 November 2026 09:12\nTo: Ada\nSubject: line down\n\nIt is down.";
    let answered = said_under("RE: line down", text, None);
    assert_eq!(answered.reply, "FYI");
    assert_eq!(answered.forwarded.map(|forwarded| forwarded.marked), Some(false));
    for subject in [
        "FW: line down",
        "Fwd: line down",
        "WG: line down",
        "TR: line down",
        "RV: line down",
        "VS: line down",
        "转发: line down",
    ] {
        let handed_on = said_under(subject, text, None);
        assert_eq!(handed_on.reply, text, "{subject}");
        assert!(
            handed_on.forwarded.is_some_and(|forwarded| forwarded.marked
                && forwarded.from.is_some_and(|from| from.email == "bob@elsewhere.example"))
        );
    }
}

#[test]
fn a_forward_within_the_quotation_is_none() {
    let text = "Thanks.\n\nOn 2 Nov 2026, Support wrote:\n> See this.\n> ---------- Forwarded message ---------\n> From: Bob <bob@elsewhere.example>\n> Date: Monday\n> Subject: x\n> \n> It is down.\n";
    let said = said(text, None);
    assert_eq!((said.reply.as_str(), said.forwarded), ("Thanks.", None));
}

#[test]
fn words_that_point_to_what_is_below_keep_it() {
    let text = "Hello,\n\nthe notice of the carrier was:\n\nFrom: noc@carrier.example\nTo: ada@customer.example\nSubject: works\n\nDown at 22:00.\n\nWhat does it mean?";
    let found = said(text, None);
    assert_eq!(found.reply, text);
    assert!(found.forwarded.is_some_and(|forwarded| !forwarded.marked));
}
