//! Attachments as staff get them out of a case: the bytes as they were sent, and never over another file.

mod desk;

use desk::{Desk, reference};

const MAIL: &str = "From: Ada <ada@books.test>\r\nTo: support@desk.test\r\nSubject: Line down\r\nMessage-ID: <1@books.test>\r\n\
    Date: Mon, 02 Nov 2026 09:00:00 +0000\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
    --b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nThe log is attached.\r\n\
    --b\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"../../trace.log\"\r\n\
    Content-Transfer-Encoding: base64\r\n\r\nbGluZSAxCmxpbmUgMgo=\r\n\
    --b\r\nContent-Type: text/plain; charset=iso-8859-1; name=\"same.txt\"\r\nContent-Disposition: attachment\r\n\
    Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe\r\n\
    --b\r\nContent-Type: text/plain; name=\"same.txt\"\r\nContent-Disposition: attachment\r\n\r\nother\r\n--b--\r\n";

fn case(desk: &Desk) -> String {
    desk.mail("1", MAIL);
    desk.run(&["run", "--once"]).ok();
    reference(&desk.cases()[0])
}

#[test]
fn attachments_are_listed_and_written_as_they_were_sent() {
    let desk = Desk::on_maildir();
    let case = case(&desk);
    let listed = desk.run(&["case", "attachment", &case]).ok();
    assert!(listed.contains("trace.log") && !listed.contains(".."), "{listed}");
    assert_eq!(desk.json(&["case", "attachment", &case, "--json"]).as_array().unwrap().len(), 3);
    assert_eq!(desk.run(&["case", "attachment", &case, "1"]).ok(), "line 1\nline 2\n");
    assert_eq!(desk.run(&["case", "attachment", &case, "trace.log", "--mail", "1"]).ok(), "line 1\nline 2\n");
    let out = desk.path("umlauts.txt");
    desk.run(&["case", "attachment", &case, "2", "--out", out.to_str().unwrap()]).ok();
    assert_eq!(std::fs::read(&out).unwrap(), b"Gr\xfc\xdfe");
}

#[test]
fn nothing_is_overwritten_and_a_folder_takes_it_under_its_own_name() {
    let desk = Desk::on_maildir();
    let case = case(&desk);
    let folder = desk.path("out");
    std::fs::create_dir(&folder).unwrap();
    let write = ["case", "attachment", &case, "1", "--out", folder.to_str().unwrap()];
    desk.run(&write).ok();
    std::fs::write(folder.join("trace.log"), "mine").unwrap();
    let again = desk.run(&write);
    assert_eq!(again.code, 3, "{}", again.err);
    assert!(again.err.contains("exists already"), "{}", again.err);
    assert_eq!(std::fs::read_to_string(folder.join("trace.log")).unwrap(), "mine");
}

#[test]
fn what_is_not_there_or_not_clear_is_said() {
    let desk = Desk::on_maildir();
    let case = case(&desk);
    for (which, code, text) in
        [("none.txt", 4, "case attachment"), ("9", 4, "case attachment"), ("same.txt", 3, "2, 3")]
    {
        let done = desk.run(&["case", "attachment", &case, which]);
        assert_eq!(done.code, code, "{}", done.err);
        assert!(done.err.contains(text), "{}", done.err);
    }
}
