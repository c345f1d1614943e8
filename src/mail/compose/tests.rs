use chrono::TimeZone;
use mail_parser::{Message as Parsed, MessageParser, MimeHeaders};

use super::*;

fn mail() -> Outgoing {
    Outgoing {
        from: Address::new(Some("Example Support"), "support@desk.example"),
        to: vec![Address::new(Some("Ada Lovelace"), "ada@customer.example")],
        cc: vec![],
        subject: "[1-0123456789] Line down".into(),
        text: "Hello\n".into(),
        html: Some("<p>Hello</p>".into()),
        calendar: None,
        message_id: "1-0123456789.7.k1.abcdef@desk.example".into(),
        in_reply_to: None,
        references: vec![],
        date: Utc.with_ymd_and_hms(2026, 11, 24, 7, 52, 3).unwrap(),
        automatic: None,
        attachments: vec![],
        list: None,
    }
}

fn read(bytes: &[u8]) -> Parsed<'_> {
    MessageParser::default().parse(bytes).expect("a mail")
}

fn ids(value: &mail_parser::HeaderValue<'_>) -> Vec<String> {
    value.as_text_list().unwrap_or_default().iter().map(ToString::to_string).collect()
}

#[test]
fn a_mail_is_read_back_as_it_was_meant() {
    let mut mail = mail();
    mail.cc = vec![Address::bare("charles@customer.example"), Address::new(Some("\"Q\", R"), "q@customer.example")];
    mail.in_reply_to = Some("a1@customer.example".into());
    mail.references = vec!["root@desk.example".into(), "a1@customer.example".into()];
    mail.automatic = Some(Automatic::Replied);
    let bytes = compose(&mail).unwrap();
    let parsed = read(&bytes);
    assert_eq!(parsed.subject(), Some("[1-0123456789] Line down"));
    assert_eq!(parsed.message_id(), Some("1-0123456789.7.k1.abcdef@desk.example"));
    assert_eq!(parsed.date().unwrap().to_rfc3339(), "2026-11-24T07:52:03Z");
    assert_eq!(parsed.from().unwrap().first().unwrap().name(), Some("Example Support"));
    assert_eq!(parsed.to().unwrap().first().unwrap().address(), Some("ada@customer.example"));
    let cc: Vec<_> = parsed.cc().unwrap().iter().map(|a| (a.name(), a.address())).collect();
    let expected = [(None, Some("charles@customer.example")), (Some("\"Q\", R"), Some("q@customer.example"))];
    assert_eq!(cc, expected);
    assert_eq!(ids(parsed.in_reply_to()), ["a1@customer.example"]);
    assert_eq!(ids(parsed.references()), ["root@desk.example", "a1@customer.example"]);
    assert_eq!(parsed.header_raw("Auto-Submitted").unwrap().trim(), "auto-replied");
    assert!(!parsed.header_raw("X-Auto-Response-Suppress").unwrap().contains("NDR"));
    assert!(parsed.header_raw("MIME-Version").is_some());
    assert!(parsed.bcc().is_none());
    assert_eq!(parsed.body_text(0).unwrap().trim_end(), "Hello");
    assert_eq!(parsed.body_html(0).unwrap().trim_end(), "<p>Hello</p>");
}

#[test]
fn what_a_person_wrote_is_not_marked_as_automatic() {
    let bytes = compose(&mail()).unwrap();
    let parsed = read(&bytes);
    assert!(parsed.header_raw("Auto-Submitted").is_none());
    assert!(parsed.header_raw("X-Auto-Response-Suppress").is_none());
}

#[test]
fn japanese_survives_in_subject_name_and_body_and_only_seven_bits_travel() {
    let mut mail = mail();
    mail.subject = "[1-0123456789] 回線が「不通」です。至急ご確認ください。".repeat(3);
    mail.from.name = Some("サポートデスク 東京".into());
    mail.to[0].name = Some("愛田 花子".into());
    mail.text = "お世話になっております。\n回線が不通です。\n".into();
    mail.html = Some("<p>お世話になっております。</p>".into());
    let bytes = compose(&mail).unwrap();
    assert!(bytes.is_ascii());
    assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() <= 998));
    let parsed = read(&bytes);
    assert_eq!(parsed.subject(), Some(mail.subject.as_str()));
    assert_eq!(parsed.from().unwrap().first().unwrap().name(), Some("サポートデスク 東京"));
    assert_eq!(parsed.to().unwrap().first().unwrap().name(), Some("愛田 花子"));
    assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), mail.text.trim_end());
    assert_eq!(parsed.body_html(0).unwrap().trim_end(), "<p>お世話になっております。</p>");
}

#[test]
fn forty_references_are_folded_and_all_are_read_back_in_order() {
    let mut mail = mail();
    mail.references = (0..40).map(|i| format!("some.rather.long.message.id.{i}@mail.customer.example")).collect();
    let bytes = compose(&mail).unwrap();
    let head = String::from_utf8(bytes.clone()).unwrap();
    let head = head.split("\r\n\r\n").next().unwrap();
    assert!(head.split("\r\n").all(|line| line.len() <= 78), "{head}");
    assert_eq!(ids(read(&bytes).references()), mail.references);
}

#[test]
fn ids_that_are_none_are_left_out() {
    let mut mail = mail();
    mail.in_reply_to = Some("two words@x.example".into());
    let unfit = ["", "a b@x", "<c@x>", "d@x\r\nBcc: eve@x", "é@x", &"e".repeat(600)];
    mail.references = unfit.iter().map(|id| (*id).to_owned()).chain(["good@x.example".to_owned()]).collect();
    let bytes = compose(&mail).unwrap();
    let parsed = read(&bytes);
    assert_eq!(ids(parsed.references()), ["good@x.example"]);
    assert!(parsed.header_raw("In-Reply-To").is_none());
    mail.message_id = "with space@x".into();
    assert_eq!(compose(&mail), Err(ComposeError::MessageId { id: "with space@x".into() }));
}

#[test]
fn nothing_in_a_header_begins_another_header() {
    let mut mail = mail();
    mail.subject = "Hi\r\nBcc: eve@stranger.example\r\n\r\nbody\u{0}".into();
    mail.to[0].name = Some("Ada\r\nBcc: eve@stranger.example".into());
    mail.attachments = vec![Attachment {
        name: "a\r\nBcc: eve@x.example".into(),
        content_type: "text/x\r\nBcc: e@x".into(),
        bytes: vec![1],
    }];
    let bytes = compose(&mail).unwrap();
    assert!(!String::from_utf8_lossy(&bytes).contains("\nBcc"));
    assert_eq!(read(&bytes).subject(), Some("Hi Bcc: eve@stranger.example body"));
}

#[test]
fn an_address_that_is_none_is_an_error_that_names_it() {
    for address in ["nobody", "two@at@signs", "a b@x.example", "@x.example", "ゆ@x.example", "a@x.example\r\nbcc: e@x"]
    {
        let mut mail = mail();
        mail.cc = vec![Address { name: None, email: address.into() }];
        assert_eq!(compose(&mail), Err(ComposeError::Address { address: address.into() }));
    }
    let mut nobody = mail();
    nobody.to.clear();
    assert_eq!(compose(&nobody), Err(ComposeError::NoRecipient));
}

#[test]
fn a_domain_beyond_ascii_travels_as_punycode() {
    let mut mail = mail();
    mail.to = vec![Address::bare("ada@bücher.example")];
    let bytes = compose(&mail).unwrap();
    assert_eq!(read(&bytes).to().unwrap().first().unwrap().address(), Some("ada@xn--bcher-kva.example"));
}

#[test]
fn an_attachment_keeps_its_name_its_type_and_its_bytes() {
    let mut mail = mail();
    let bytes: Vec<u8> = (0..=255).cycle().take(3000).collect();
    mail.attachments = vec![
        Attachment { name: "写真 \"1\" für Ada.png".into(), content_type: "image/png".into(), bytes: bytes.clone() },
        Attachment {
            name: "forwarded.eml".into(),
            content_type: "message/rfc822".into(),
            bytes: b"Subject: x\r\n\r\n.\r\n".to_vec(),
        },
        Attachment { name: String::new(), content_type: "nonsense".into(), bytes: vec![] },
    ];
    let written = compose(&mail).unwrap();
    assert!(written.is_ascii());
    let parsed = read(&written);
    let files: Vec<_> = parsed.attachments().collect();
    assert_eq!(files.len(), 3);
    assert_eq!(files[0].attachment_name(), Some("写真 \"1\" für Ada.png"));
    assert_eq!(files[0].content_type().unwrap().subtype(), Some("png"));
    assert_eq!(files[0].contents(), bytes);
    assert_eq!(files[1].content_type().unwrap().subtype(), Some("octet-stream"));
    assert_eq!(files[1].contents(), b"Subject: x\r\n\r\n.\r\n");
    assert_eq!(files[2].attachment_name(), Some("attachment"));
    assert_eq!(parsed.body_text(0).unwrap().trim_end(), "Hello");
    assert_eq!(parsed.body_html(0).unwrap().trim_end(), "<p>Hello</p>");
}

#[test]
fn a_lone_dot_and_very_long_lines_come_through() {
    let mut mail = mail();
    mail.text = format!(".\n.hidden\n{}\nFrom me\n-- \nDesk\n", "x".repeat(5000));
    mail.html = Some(format!("<p>{}</p>", "wort ".repeat(1000)));
    let bytes = compose(&mail).unwrap();
    assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() <= 998));
    let parsed = read(&bytes);
    assert_eq!(parsed.body_text(0).unwrap().replace("\r\n", "\n").trim_end(), mail.text.trim_end());
    assert_eq!(parsed.body_html(0).unwrap().trim_end(), mail.html.unwrap());
}

#[test]
fn every_line_ends_with_crlf_whatever_the_text_had() {
    let mut mail = mail();
    mail.html = None;
    mail.text = "a\nb\r\nc\rd\u{0}\u{8}\n\n".into();
    let bytes = compose(&mail).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert_eq!(text.matches('\r').count(), text.matches("\r\n").count());
    assert!(text.contains("\r\n\r\na\r\nb\r\nc\r\nd\r\n"));
}

#[test]
fn the_same_mail_gives_the_same_bytes() {
    let mut mail = mail();
    mail.attachments =
        vec![Attachment { name: "a.txt".into(), content_type: "text/plain".into(), bytes: b"a".to_vec() }];
    assert_eq!(compose(&mail), compose(&mail));
    let other = Outgoing { message_id: "other@desk.example".into(), ..mail.clone() };
    assert_ne!(compose(&mail), compose(&other));
}

#[test]
fn a_header_line_is_bounded_at_a_character() {
    assert_eq!(one_line("  a\t\r\n b  ", 10), "a b");
    assert_eq!(one_line("回線不通", 2), "回線");
    let mut mail = mail();
    mail.subject = "x".repeat(100_000);
    mail.to[0].name = Some("y".repeat(100_000));
    let bytes = compose(&mail).unwrap();
    assert!(bytes.split(|b| *b == b'\n').all(|line| line.len() <= 998));
}

#[test]
fn a_subscribers_mail_program_is_told_how_to_leave_and_offers_one_click_only_where_there_is_https() {
    let list = List {
        id: "updates.desk.example".into(),
        leave_by_mail: "mailto:support@desk.example?subject=unsubscribe%20leave.2f.k1.abcdefghijklmnopqrst".into(),
        leave_by_page: Some("https://status.desk.example/unsubscribe/leave.2f.k1.abcdefghijklmnopqrst".into()),
    };
    let headers = |list: Option<List>| {
        let bytes = compose(&Outgoing { list, ..mail() }).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ");
        head.lines().filter(|line| line.starts_with("List-")).map(str::to_owned).collect::<Vec<_>>()
    };
    let (page, by_mail) = (list.leave_by_page.clone().unwrap(), list.leave_by_mail.clone());
    let expected = [
        "List-Id: <updates.desk.example>".to_owned(),
        format!("List-Unsubscribe: <{page}>, <{by_mail}>"),
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click".to_owned(),
    ];
    assert_eq!(headers(Some(list.clone())), expected);
    let plain = List { leave_by_page: Some("http://127.0.0.1:8025/unsubscribe/x".into()), ..list.clone() };
    assert_eq!(headers(Some(plain)).len(), 2, "RFC 8058 wants https");
    let by_mail_alone = List { leave_by_page: None, ..list };
    assert_eq!(headers(Some(by_mail_alone))[1], format!("List-Unsubscribe: <{by_mail}>"));
    assert!(headers(None).is_empty());
}

/// The content types of a mail's parts, in order, with the method of a calendar.
fn kinds(bytes: &[u8]) -> Vec<String> {
    let parsed = read(bytes);
    let kind = |part: &mail_parser::MessagePart<'_>| {
        let kind = part.content_type().expect("each part has one");
        let method = kind.attribute("method").map(|method| format!(" {method}")).unwrap_or_default();
        format!("{}/{}{method}", kind.ctype(), kind.subtype().unwrap_or_default())
    };
    parsed.parts.iter().map(kind).collect()
}

#[test]
fn a_calendar_is_the_last_alternative_and_keeps_its_bytes() {
    let calendar = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDESCRIPTION:Größe 計画\r\n  \r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    let mut mail = Outgoing { calendar: Some(calendar.into()), ..mail() };
    let bytes = compose(&mail).unwrap();
    assert!(bytes.is_ascii());
    assert_eq!(kinds(&bytes), ["multipart/alternative", "text/plain", "text/html", "text/calendar"]);
    let parsed = read(&bytes);
    let part = parsed.parts.last().unwrap();
    assert_eq!(part.content_type().unwrap().attribute("charset"), Some("utf-8"));
    assert_eq!(part.contents(), calendar.as_bytes());

    mail.html = None;
    assert_eq!(kinds(&compose(&mail).unwrap()), ["multipart/alternative", "text/plain", "text/calendar"]);
    mail.attachments =
        vec![Attachment { name: "a.pdf".into(), content_type: "application/pdf".into(), bytes: vec![1] }];
    let expected = ["multipart/mixed", "multipart/alternative", "text/plain", "text/calendar", "application/pdf"];
    assert_eq!(kinds(&compose(&mail).unwrap()), expected);
}

#[test]
fn the_method_of_a_calendar_stands_in_its_content_type_too() {
    for (said, expected) in [("REQUEST", " REQUEST"), ("X; a=b", ""), ("", "")] {
        let calendar = format!("BEGIN:VCALENDAR\r\nMETHOD:{said}\r\nBEGIN:VEVENT\r\nMETHOD:REPLY\r\nEND:VEVENT\r\n");
        let bytes = compose(&Outgoing { calendar: Some(calendar), ..mail() }).unwrap();
        assert_eq!(kinds(&bytes).last().unwrap(), &format!("text/calendar{expected}"), "{said}");
    }
}
