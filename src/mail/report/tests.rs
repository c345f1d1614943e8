use crate::mail::incoming;

#[test]
fn a_report_names_the_mail_and_each_recipient() {
    let mail = "From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
        --b\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
        Final-Recipient: rfc822; Gone@hill.example\r\nAction: failed\r\nStatus: 5.1.1 (no user)\r\n\r\n\
        Final-Recipient: rfc822; slow@hill.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n\r\n\
        --b\r\nContent-Type: text/rfc822-headers\r\n\r\nSubject: x\r\nMessage-ID:\r\n <abc@desk.example>\r\n\r\n--b--\r\n";
    let report = incoming::read(mail.as_bytes()).unwrap().report.unwrap();
    assert_eq!(report.original_message_id.as_deref(), Some("abc@desk.example"));
    let found: Vec<_> =
        report.recipients.iter().map(|r| (r.address.as_str(), r.action.as_str(), r.status.as_str())).collect();
    assert_eq!(found, [("gone@hill.example", "failed", "5.1.1"), ("slow@hill.example", "delayed", "4.4.1")]);
}

#[test]
fn the_id_is_found_in_a_returned_message_too() {
    let mail = "From: MAILER-DAEMON@mx.example\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n\
        --b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n\
        Final-Recipient: rfc822; gone@hill.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
        --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\nMessage-ID: <abc@desk.example>\r\n\r\nbody\r\n--b--\r\n";
    let report = incoming::read(mail.as_bytes()).unwrap().report.unwrap();
    assert_eq!(report.original_message_id.as_deref(), Some("abc@desk.example"));
}

use super::{DeliveryReport, ReportKind};

fn report(mail: &str) -> Option<DeliveryReport> {
    incoming::read(mail.replace('\n', "\r\n").as_bytes()).unwrap().report
}

/// Kind, addresses, statuses, reasons, and the id of the mail that came back.
fn short(mail: &str) -> (ReportKind, Vec<String>, Option<String>) {
    let report = report(mail).unwrap();
    let recipients = report.recipients.iter().map(|r| format!("{} {} {} {}", r.action, r.address, r.status, r.reason));
    (report.kind, recipients.collect(), report.original_message_id)
}

fn is(kind: ReportKind, recipients: &[&str], id: Option<&str>) -> (ReportKind, Vec<String>, Option<String>) {
    (kind, recipients.iter().map(|r| (*r).to_owned()).collect(), id.map(str::to_owned))
}

const BELOW: &str = "Received: from desk.example by mx.hill.example; Thu, 1 Oct 2026 10:00:00 +0000\n\
    Message-ID: <abc@desk.example>\nFrom: support@desk.example\nTo: ada@hill.example\n\nHello\n";

#[test]
fn a_bounce_of_qmail_names_every_recipient() {
    let mail = format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.hill.example\nTo: support@desk.example\nSubject: failure notice\n\n\
         Hi. This is the qmail-send program at mx.hill.example.\n\
         I'm afraid I wasn't able to deliver your message to the following addresses.\n\
         This is a permanent error; I've given up. Sorry it didn't work out.\n\n\
         <ada@hill.example>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n\
         <bob@hill.example>:\n192.0.2.1 does not like recipient.\nRemote host said: 552 5.2.2 mailbox full\nGiving up on 192.0.2.1.\n\n\
         --- Below this line is a copy of the message.\n\n{BELOW}"
    );
    let recipients = ["failed ada@hill.example 5.1.1 user-unknown", "failed bob@hill.example 5.2.2 mailbox-full"];
    assert_eq!(short(&mail), is(ReportKind::Failed, &recipients, Some("abc@desk.example")));
}

#[test]
fn a_bounce_of_exim_is_one_though_its_header_says_auto_replied() {
    let mail = format!(
        "X-Failed-Recipients: ada@hill.example\nAuto-Submitted: auto-replied\n\
         From: Mail Delivery System <Mailer-Daemon@mx.example>\nTo: support@desk.example\n\
         Subject: Mail delivery failed: returning message to sender\n\n\
         A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n\
         \u{20} ada@hill.example\n    (ultimately generated from team@hill.example)\n\
         \u{20}   SMTP error from remote mail server after RCPT TO:<ada@hill.example>:\n    host mx.hill.example [192.0.2.20]: 550 No such user\n\n\
         ------ This is a copy of the message, including all the headers. ------\n\n{BELOW}"
    );
    let expected = is(ReportKind::Failed, &["failed ada@hill.example 5.1.1 user-unknown"], Some("abc@desk.example"));
    assert_eq!(short(&mail), expected);
}

#[test]
fn exchange_and_domino_name_the_recipient_in_their_own_ways() {
    let exchange = "From: System Administrator <postmaster@hill.example>\nTo: support@desk.example\nSubject: Undeliverable: Your case\n\n\
        Your message\n\n  To:      Ada\n  Subject: Your case\n  Sent:    Thu, 1 Oct 2026 10:00:00 +0000\n\n\
        did not reach the following recipient(s):\n\nADA@HILL.EXAMPLE on Thu, 1 Oct 2026 10:00:00 +0000\n    The recipient name is not recognized\n";
    assert_eq!(short(exchange), is(ReportKind::Failed, &["failed ada@hill.example 5.1.1 user-unknown"], None));
    let domino = "From: Postmaster@hill.example\nTo: support@desk.example\nSubject: DELIVERY FAILURE: User ada (ada@hill.example) not listed in Domino Directory\n\n\
        Your message\n\n  Subject: Your case\n\nwas not delivered to:\n\n  ada@hill.example\n\nbecause:\n\n  User ada (ada@hill.example) not listed in Domino Directory\n";
    assert_eq!(short(domino), is(ReportKind::Failed, &["failed ada@hill.example 5.1.1 user-unknown"], None));
}

#[test]
fn bounces_in_other_languages_are_bounces() {
    for (from, subject, text) in [
        (
            "postmaster@hill.example",
            "Unzustellbar: Ihr Fall",
            "Ihre Nachricht konnte nicht zugestellt werden an:\n\nada@hill.example\n\nDer Empfänger ist unbekannt.",
        ),
        (
            "postmaster@hill.example",
            "Non remis : Votre dossier",
            "Votre message n'a pas pu être remis aux destinataires suivants :\n\nada@hill.example\n\nutilisateur inconnu",
        ),
        (
            "Mailer-Daemon@hill.example",
            "No se puede entregar: caso",
            "No se pudo entregar el mensaje a:\n\n<ada@hill.example>: usuario desconocido",
        ),
        (
            "mailer-daemon@hill.example",
            "Письмо не доставлено",
            "Не удалось доставить письмо:\n\nada@hill.example\nпользователь не найден",
        ),
        (
            "postmaster@hill.example",
            "メール配信エラー",
            "以下のあて先にメールを配信できませんでした。\n<ada@hill.example>\n存在しません",
        ),
        ("postmaster@hill.example", "系统退信", "您的邮件无法送达：\nada@hill.example\n用户不存在"),
    ] {
        let mail = format!(
            "From: {from}\nTo: support@desk.example\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
        );
        let expected = is(ReportKind::Failed, &["failed ada@hill.example 5.1.1 user-unknown"], None);
        assert_eq!(short(&mail), expected, "{subject}");
    }
}

#[test]
fn what_will_be_tried_again_has_not_failed() {
    let mail = "Return-Path: <>\nFrom: Mail Delivery System <Mailer-Daemon@mx.example>\nTo: support@desk.example\n\
        Subject: Warning: message 1abc delayed 24 hours\n\nA message that you sent has not yet been delivered to one or more of its\n\
        recipients after more than 24 hours on the queue.\n\nThe address to which the message has not yet been delivered is:\n\n\
        \u{20} ada@hill.example\n    Delay reason: Connection timed out\n\nNo action is required on your part. Delivery attempts will continue.\n";
    assert_eq!(short(mail), is(ReportKind::Delayed, &["delayed ada@hill.example 4.4.7 expired"], None));
}

#[test]
fn what_arrived_has_not_failed() {
    let mail = "From: MAILER-DAEMON@mx.example\nSubject: Successful Mail Delivery Report\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
        --b\n\nYour message was successfully delivered to the destination(s) listed below.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\n\
        Final-Recipient: rfc822; ada@hill.example\nAction: relayed\nStatus: 2.0.0\n\n--b--\n";
    assert_eq!(short(mail), is(ReportKind::Delivered, &["relayed ada@hill.example 2.0.0 relayed"], None));
}

#[test]
fn a_bounce_of_a_bounce_is_about_the_innermost_mail() {
    let inner = format!(
        "From: MAILER-DAEMON@a.example\nMessage-ID: <first@a.example>\nSubject: failure notice\nContent-Type: multipart/report; report-type=delivery-status; boundary=i\n\n\
         --i\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a.example\n\nFinal-Recipient: rfc822; ada@hill.example\nAction: failed\nStatus: 5.1.1\n\n\
         --i\nContent-Type: message/rfc822\n\n{BELOW}\n--i--\n"
    );
    let mail = format!(
        "Return-Path: <>\nFrom: MAILER-DAEMON@b.example\nTo: support@desk.example\nSubject: Returned mail: User unknown\nContent-Type: multipart/mixed; boundary=o\n\n\
         --o\n\nThe following addresses had permanent fatal errors\n--o\nContent-Type: message/rfc822\n\n{inner}\n--o--\n"
    );
    let expected = is(ReportKind::Failed, &["failed ada@hill.example 5.1.1 user-unknown"], Some("abc@desk.example"));
    assert_eq!(short(&mail), expected);
}

#[test]
fn complaints_are_read_with_and_without_their_types() {
    let by_standard = format!(
        "From: fbl@big.example\nSubject: abuse report\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n--b\n\nA complaint.\n\
         --b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nUser-Agent: Loop/1\nVersion: 1\nOriginal-Rcpt-To: Ada@hill.example\n\n\
         --b\nContent-Type: message/rfc822\n\n{BELOW}\n--b--\n"
    );
    let expected = is(ReportKind::Feedback, &["complaint ada@hill.example  complaint"], Some("abc@desk.example"));
    assert_eq!(short(&by_standard), expected);
    let without = format!(
        "From: <staff@big.example>\nSubject: complaint about message from 192.0.2.1\nContent-Type: multipart/mixed; boundary=b\n\n\
         --b\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: ada@hill.example\n{BELOW}\n--b--\n"
    );
    assert_eq!(short(&without), expected);
}

#[test]
fn a_read_receipt_is_about_the_mail_that_was_read() {
    let mail = "From: ada@hill.example\nSubject: Read: Your case\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n\
        --b\n\nIt was read.\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; ada@hill.example\n\
        Original-Message-ID: <abc@desk.example>\nDisposition: manual-action/MDN-sent-manually; displayed\n\n--b--\n";
    assert_eq!(short(mail), is(ReportKind::Receipt, &[], Some("abc@desk.example")));
}

#[test]
fn an_amazon_notification_is_read_though_mail_broke_its_lines() {
    let mail = "From: no-reply@sns.amazonaws.com\nx-amz-sns-message-id: 1\nSubject: AWS Notification Message\n\n\
        {\"notificationType\":\"Bounce\",\"bounce\":{\"bounceType\":\"Permanent\",\"bouncedRecipients\":[{\"emailAddress\":\"Ada@hill.example\",\
        \"status\":\"5.1.1\",\n\"diagnosticCode\":\"smtp; 550 5.1.1 no such\n user\"}]},\"mail\":{\"commonHeaders\":{\"messageId\":\"<abc@desk.example>\"}}}\n\n--\nUnsubscribe\n";
    let expected = is(ReportKind::Failed, &["failed ada@hill.example 5.1.1 user-unknown"], Some("abc@desk.example"));
    assert_eq!(short(mail), expected);
}

#[test]
fn people_who_ask_about_a_bounce_are_people() {
    let bounce = "From: Mail Delivery System <MAILER-DAEMON@mx.example>\nSubject: Undelivered Mail Returned to Sender\n\n\
        Your message could not be delivered to:\n<bob@hill.example>: host mx.hill.example said: 550 5.1.1 User unknown\n";
    let quoted = bounce.replace('\n', "\n> ");
    for mail in [
        format!("From: Ada <ada@hill.example>\nSubject: Fwd: Undelivered Mail Returned to Sender\n\nI got this, what does it mean?\n\n---------- Forwarded message ---------\n{bounce}"),
        format!("From: Ada <ada@hill.example>\nSubject: what does this mean\n\nHello,\n{quoted}\n"),
        "From: Ada <ada@hill.example>\nSubject: Undeliverable mails since this morning\n\nAll our mails come back as undeliverable. Please help.\n".to_owned(),
        format!("From: Ada <ada@hill.example>\nSubject: WG: Unzustellbar: Angebot\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nWas ist das?\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n\nFinal-Recipient: rfc822; bob@hill.example\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: message/rfc822\n\n{BELOW}\n--b--\n"),
        format!("From: Ada <ada@hill.example>\nSubject: our mail server\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nSee the attached.\n--b\nContent-Type: message/rfc822\n\n{bounce}\n--b--\n"),
        "From: Ada <ada@hill.example>\nSubject: Undelivered Mail Returned to Sender\n\nYour message could not be delivered to bob@hill.example: 550 unknown. Why do I get this?\n".to_owned(),
        "From: postmaster@hill.example\nSubject: New certificate\n\nDear all, our mail server has a new certificate.\n".to_owned(),
    ] {
        assert_eq!(report(&mail), None, "{mail}");
    }
}

#[test]
fn robots_that_are_no_mail_systems_make_no_bounces() {
    for mail in [
        "Return-Path: <>\nFrom: Ada <ada@hill.example>\nAuto-Submitted: auto-replied\nSubject: Out of office\n\nI am away. Your mail will not be forwarded.\n",
        "Return-Path: <>\nFrom: gate@hill.example\nSubject: Re: Your case\n\nYour message is being held. Click the link below to be added to my guest list.\n",
        "From: gate@hill.example\nSubject: Please confirm\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nYour message was waitlisted. Verify your address.\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@hill.example\nAction: failed\nStatus: 4.7.0\n\n--b--\n",
        "From: postmaster@hill.example\nSubject: Virus found in a mail to you\n\nA mail to you was infected and was quarantined.\n",
        "Return-Path: <>\nFrom: parcels@post.example\nTo: support@desk.example\nSubject: Delivery failed: parcel 4711\n\nYour parcel could not be delivered. We will try again.\n",
        "Return-Path: <>\nFrom: changes@hill.example\nTo: support@desk.example\nSubject: Rejected: change 12\n\nThe change was rejected by bob@hill.example.\n",
        "From: news@shop.example\nList-Unsubscribe: <mailto:x@shop.example>\nSubject: Delivery report of the week\n\nAll parcels were delivered successfully.\n",
    ] {
        assert_eq!(report(mail), None, "{mail}");
    }
}

#[test]
fn the_writer_of_the_mail_is_no_recipient_and_neither_is_whom_to_ask() {
    let mail = "From: MAILER-DAEMON@mx.example\nTo: support@desk.example\nSubject: Mail delivery failed\n\n\
        Dear support@desk.example,\nyour message could not be delivered. For help, please contact\npostmaster@mx.example or help@mx.example.\n\n\
        \u{20}  MAIL FROM:<support@desk.example>\n   RCPT TO:<ada@hill.example>\n   550 relaying denied\n";
    assert_eq!(short(mail), is(ReportKind::Failed, &["failed ada@hill.example 5.7.1 relaying-denied"], None));
}

/// 100,000 recipients, and lines of megabytes, in every part that is read.
#[test]
fn a_monstrous_report_is_read_to_a_bounded_number_of_recipients() {
    let head = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: support@desk.example\nSubject: failure notice\n";
    let prose: String = (0..100_000).map(|n| format!("<u{n}@hill.example>: 550 unknown user\n")).collect();
    let fields: String = (0..100_000)
        .map(|n| format!("Final-Recipient: rfc822; u{n}@hill.example\nAction: failed\nStatus: 5.1.1\n\n"))
        .collect();
    let status = format!(
        "{head}Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nx\n--b\nContent-Type: message/delivery-status\n\n{fields}\n--b--\n"
    );
    for mail in [
        format!("{head}\n{prose}"),
        status,
        format!("{head}\ncould not be delivered {}", "a@b.example 550 ".repeat(300_000)),
        format!("{head}\ncould not be delivered {}", "<".repeat(5_000_000)),
        format!("{head}X-Failed-Recipients: {}\n\nx", "a@b.example, ".repeat(100_000)),
    ] {
        let report = report(&mail).unwrap();
        assert!((1..=super::RECIPIENTS).contains(&report.recipients.len()) || mail.contains("<<<<"));
        assert!(report.recipients.iter().all(|r| r.diagnostic.len() < 4_000));
    }
}
