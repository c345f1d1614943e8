use super::{
    header::{HEADER_BYTES, REFERENCES},
    *,
};

fn mail(text: &str) -> Incoming {
    read(text.replace('\n', "\r\n").as_bytes()).unwrap()
}

#[test]
fn a_plain_mail_is_read() {
    let mail = mail(
        "From: \"Ada\" <Ada@Books.example>\nTo: support@desk.example, x@y.example\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\n\
         Message-ID: <1@books.example>\nIn-Reply-To: <0@desk.example>\nReferences: <r@desk.example>\n <0@desk.example>\n\
         Date: Tue, 3 Nov 2026 10:00:00 +0900\nContent-Type: text/plain; charset=utf-8\n\nHello\n",
    );
    assert_eq!(mail.from, Some(Address::new(Some("Ada"), "ada@books.example")));
    assert_eq!(mail.subject, "Grüße");
    assert_eq!(mail.message_id.as_deref(), Some("1@books.example"));
    assert_eq!(mail.in_reply_to, ["0@desk.example"]);
    assert_eq!(mail.references, ["r@desk.example", "0@desk.example"]);
    assert_eq!(mail.date.unwrap().offset().local_minus_utc(), 9 * 3600);
    assert_eq!(mail.to.len(), 2);
    assert_eq!(mail.text.trim(), "Hello");
}

#[test]
fn umlauts_are_read_as_declared_and_where_nothing_is_declared_nothing_else_is_lost() {
    let declared =
        b"From: a@b.example\r\nSubject: x\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe\r\n";
    assert_eq!(read(declared).unwrap().text.trim(), "Gr\u{fc}\u{df}e");
    let raw = b"From: J\xf6rg <a@b.example>\r\nSubject: Gr\xfc\xdfe an alle\r\n\r\nHallo M\xfcller\r\n";
    let raw = read(raw).unwrap();
    assert_eq!(raw.from.map(|f| f.email).as_deref(), Some("a@b.example"));
    assert!(raw.subject.ends_with("an alle") && raw.text.starts_with("Hallo M"), "{} {}", raw.subject, raw.text);
}

#[test]
fn html_alone_becomes_text() {
    let mail = mail("From: a@b.example\nContent-Type: text/html\n\n<p>Hello <b>there</b></p><script>x</script>\n");
    assert!(mail.text.contains("Hello there"), "{:?}", mail.text);
}

#[test]
fn what_is_broken_is_missing_and_the_rest_is_read() {
    let mail =
        mail("From: undisclosed-recipients:;\nMessage-ID:\n <with space @x>\nDate: Fri, 32 Foo 9999 99:99:99\n\nb\n");
    assert_eq!((mail.from, mail.message_id, mail.date), (None, None, None));
    assert_eq!(mail.text.trim(), "b");
}

#[test]
fn a_file_name_leads_nowhere() {
    let mail = mail(
        "From: a@b.example\nContent-Type: application/octet-stream; name=\"../../../tmp/pwned\"\n\
         Content-Disposition: attachment; filename=\"../../../tmp/pwned\"\n\nx\n",
    );
    assert_eq!(mail.attachments[0].name, "pwned");
}

#[test]
fn of_very_many_references_the_first_and_the_last_are_kept() {
    let all: Vec<String> = (0..20_000).map(|n| format!("<{n}@x.example>")).collect();
    let mail = mail(&format!("From: a@b.example\nReferences: {}\n\nb\n", all.join("\n ")));
    assert_eq!(mail.references.len(), REFERENCES);
    assert_eq!(mail.references[0], "0@x.example");
    assert_eq!(mail.references[REFERENCES - 1], "19999@x.example");
}

#[test]
fn a_text_without_any_header_is_read() {
    assert_eq!(mail("The line is down\n").text, "The line is down\n");
}

#[test]
fn headers_in_an_unknown_charset_are_kept() {
    let mail = read(b"From: J\xfcrgen <j@b.example>\r\nX-Note: \xfcber\r\n\r\nb\r\n").unwrap();
    assert_eq!(mail.header("x-note").next(), Some("\u{fffd}ber"));
    assert_eq!(mail.from.unwrap().email, "j@b.example");
}

#[test]
fn a_long_verdict_of_the_desks_server_is_kept_to_its_end() {
    let long = "dkim=fail header.d=x.example;\n ".repeat(1_000);
    let mail = mail(&format!("Authentication-Results: mx; {long}dmarc=fail\nX-Long: {long}\n\nb\n"));
    assert!(mail.header("authentication-results").next().unwrap().ends_with("dmarc=fail"));
    assert!(mail.header("x-long").next().unwrap().len() <= HEADER_BYTES);
}

/// Each nested message is dropped by a recursion of the parser's: the desk's threads have 2 MiB of stack.
#[test]
fn the_deepest_mail_that_is_let_in_can_be_read_on_a_small_stack() {
    let deep = "Content-Type: message/rfc822\n\n".repeat(100) + "Subject: x\n\nb\n";
    let inner = "Content-Type: message/rfc822\n\n".replace('m', "=6D").replace('\n', "=0A").repeat(40_000);
    let encoded = format!("Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n{inner}\n");
    for raw in [deep, encoded] {
        let reading = std::thread::Builder::new().stack_size(1 << 20).spawn(move || read(raw.as_bytes()).is_ok());
        assert!(reading.unwrap().join().unwrap());
    }
}

#[test]
fn nothing_is_no_mail() {
    assert_eq!(read(b" \r\n").unwrap_err(), Unreadable::Empty);
}

fn multipart(kind: &str, parts: &[&str]) -> Incoming {
    let parts: String = parts.iter().map(|part| format!("--b\n{part}\n")).collect();
    mail(&format!("From: a@b.example\nContent-Type: multipart/{kind}; boundary=b\n\n{parts}--b--\n"))
}

const PAGE: &str = "Content-Type: text/html\n\n<p>The line has been down since nine this morning.</p>";

#[test]
fn of_two_forms_the_one_that_says_something_is_read() {
    for plain in ["", "\n \n", "Your mail client does not support HTML.", "Dieses Programm kann kein HTML darstellen."]
    {
        let mail = multipart("alternative", &[&format!("Content-Type: text/plain\n\n{plain}"), PAGE]);
        assert_eq!(mail.text, "The line has been down since nine this morning.", "{plain}");
        assert!(mail.html.is_some() && mail.attachments.is_empty());
    }
    let mail = multipart("alternative", &["Content-Type: text/plain\n\nThe line is down.", PAGE]);
    assert_eq!(mail.text, "The line is down.");
    let mail = mail_of_html_called_plain();
    assert_eq!(mail.text, "Hello\nthere");
}

fn mail_of_html_called_plain() -> Incoming {
    mail("From: a@b.example\nContent-Type: text/plain\n\n<html><body>Hello<br>there</body></html>\n")
}

#[test]
fn several_texts_are_one_and_as_html_none_is_missing() {
    let mail = multipart("mixed", &["Content-Type: text/plain\n\n1 < 2", PAGE, "\nA footer"]);
    assert_eq!(mail.text, "1 < 2\nThe line has been down since nine this morning.\nA footer");
    let page = mail.html.unwrap();
    assert!(page.contains("1 &lt; 2") && page.contains("<p>The line") && page.contains("A footer"), "{page}");
}

#[test]
fn the_text_of_a_mail_that_is_attached_is_not_the_mails() {
    let mail = multipart("mixed", &["\nSee this.", "Content-Type: message/rfc822\n\nSubject: Old: one\n\nold text"]);
    assert_eq!((mail.text.trim(), mail.attachments.len()), ("See this.", 1));
    assert_eq!(mail.attachments[0].name, "Old one.eml");
}

#[test]
fn a_text_that_is_cut_off_is_shown() {
    let mail = mail(
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nThe line is do",
    );
    assert_eq!(mail.text, "The line is do");
}

#[test]
fn signed_and_encrypted_mails_are_known() {
    let signature = "Content-Type: application/pgp-signature; name=signature.asc\n\nx";
    let signed = multipart("signed; protocol=\"application/pgp-signature\"", &["\nHello", signature]);
    assert_eq!((signed.text.as_str(), signed.protection), ("Hello", Protection::Signed));
    assert_eq!(signed.attachments[0].name, "signature.asc");
    let parts =
        ["Content-Type: application/pgp-encrypted\n\nVersion: 1", "Content-Type: application/octet-stream\n\nx"];
    assert_eq!(multipart("encrypted", &parts).protection, Protection::Encrypted);
    assert_eq!(multipart("mixed", &parts).protection, Protection::Encrypted);
    for header in ["application/pkcs7-mime; smime-type=enveloped-data", "application/x-pkcs7-mime; name=smime.p7m"] {
        let enveloped = data_encoding::BASE64.encode(b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03\xa0\x80");
        let mail = mail(&format!(
            "From: a@b.example\nContent-Type: {header}\nContent-Transfer-Encoding: base64\n\n{enveloped}\n"
        ));
        assert_eq!((mail.protection, mail.attachments.len()), (Protection::Encrypted, 1), "{header}");
    }
    let inline = mail("From: a@b.example\n\n-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\n");
    assert_eq!(inline.protection, Protection::Encrypted);
    let with_file = multipart(
        "mixed",
        &[
            "\nThe key file is attached.",
            "Content-Type: application/octet-stream; name=x.p7m\nContent-Disposition: attachment\n\nx",
        ],
    );
    assert_eq!(with_file.protection, Protection::None);
}

#[test]
fn a_text_without_a_charset_is_read_in_its_own() {
    let escapes = read(b"From: a@b.example\r\nSubject: \x1b$B2s@~\x1b(B\r\n\r\n\x1b$B2s@~\x1b(B\r\n").unwrap();
    assert_eq!((escapes.subject.as_str(), escapes.text.trim()), ("回線", "回線"));
    let page =
        read(b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n<meta charset=\"koi8-r\"><p>\xf0\xd2\xc9</p>")
            .unwrap();
    assert_eq!(page.text, "При");
}

#[test]
fn a_file_within_the_text_is_an_attachment() {
    let mail = mail("From: a@b.example\n\nSee:\nbegin 644 cat.txt\n#0V%T\n`\nend\nBye\n");
    assert_eq!((mail.text.as_str(), mail.attachments[0].name.as_str()), ("See:\nBye\n", "cat.txt"));
    assert_eq!(mail.attachments[0].size_bytes, 3);
}

#[test]
fn attachments_come_with_the_bytes_that_were_sent() {
    let raw = "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n\
        --b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n\
        --b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny\r\n--b--\r\n";
    let found = attachments(raw.as_bytes()).unwrap();
    let infos: Vec<_> = found.iter().map(|a| a.info.clone()).collect();
    assert_eq!(infos, read(raw.as_bytes()).unwrap().attachments);
    assert_eq!((&found[0].bytes[..], &found[1].bytes[..]), (&b"\0\x01\x02"[..], &b"Subject: x\r\n\r\ny"[..]));
}
