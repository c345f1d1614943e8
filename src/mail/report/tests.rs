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
