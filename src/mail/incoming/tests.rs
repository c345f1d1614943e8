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
