//! Mails that somebody made to keep a reader busy: each of about this many bytes, and what it is aimed at.

// Each program uses its part of this.
#![allow(dead_code)]

/// A kind of mail, and one of about so many bytes.
pub struct Hostile {
    pub name: &'static str,
    pub of_bytes: fn(usize) -> Vec<u8>,
}

const HEAD: &str = "From: a@b.test\r\nTo: support@desk.test\r\nSubject: x\r\nMIME-Version: 1.0\r\n";

pub const ALL: [Hostile; 25] = [
    Hostile { name: "one line of text", of_bytes: |n| text(&"x".repeat(n)) },
    Hostile { name: "one line of words", of_bytes: |n| text(&times("wrote: on 12:30 ", n)) },
    Hostile { name: "quotes in quotes", of_bytes: |n| text(&levels(">", n)) },
    Hostile { name: "quote marks", of_bytes: |n| text(&times("> ", n)) },
    Hostile { name: "beginnings of attributions", of_bytes: |n| text(&times("On Mon, 2 Nov 2026 at 09:12, Ada\n", n)) },
    Hostile { name: "attributions", of_bytes: |n| text(&times("On 2 Nov 2026, a@b.test wrote:\nx\n", n)) },
    Hostile { name: "header blocks", of_bytes: |n| text(&times("From: a\nSent: b\nTo: c\nSubject: d\n\n", n)) },
    Hostile { name: "signatures", of_bytes: |n| text(&times("-- \nAda\n", n)) },
    Hostile { name: "rulers", of_bytes: |n| text(&times("_______________________________\n", n)) },
    Hostile { name: "case references", of_bytes: |n| text(&times("1-0123456789 ", n)) },
    Hostile { name: "labels", of_bytes: |n| text(&times("Service ID: ABC-123\nStart: 2026-11-02 09:30 CET\n", n)) },
    Hostile { name: "addresses in a bounce", of_bytes: |n| bounce(&times("<user@host.test>: 550 5.1.1 unknown\n", n)) },
    Hostile { name: "stars", of_bytes: |n| text(&levels("*", n)) },
    Hostile { name: "HTML, deep", of_bytes: |n| html(&times("<div>", n)) },
    Hostile { name: "HTML, quotes in quotes", of_bytes: |n| html(&times("<blockquote type=cite>", n)) },
    Hostile { name: "HTML, tables in tables", of_bytes: |n| html(&times("<table><tr><td>", n)) },
    Hostile { name: "HTML, lists in lists", of_bytes: |n| html(&times("<ul><li>x", n)) },
    Hostile { name: "HTML, unfinished tags", of_bytes: |n| html(&times("<a href=\"", n)) },
    Hostile { name: "HTML, attributes", of_bytes: |n| html(&format!("<p {}>x", times("a=b ", n))) },
    Hostile { name: "HTML, entities", of_bytes: |n| html(&times("&amp&lt;&#x", n)) },
    Hostile { name: "recipients", of_bytes: |n| head(&format!("Cc: {}", times("a@b.test,\r\n ", n))) },
    Hostile { name: "encoded words", of_bytes: |n| head(&format!("X-Note: {}", times("=?utf-8?q?=41?=\r\n ", n))) },
    Hostile { name: "broken encoded words", of_bytes: |n| head(&format!("Cc: {}", times("=?a?Q??=20", n))) },
    Hostile { name: "references", of_bytes: |n| head(&format!("References: {}", times("<a@b.test>\r\n ", n))) },
    Hostile {
        name: "results",
        of_bytes: |n| head(&format!("Authentication-Results: mx; {}", times("dmarc=x;\r\n ", n))),
    },
];

/// Whole messages inside each other, and parts inside each other, as deep as this.
pub fn nested(levels: usize) -> Vec<u8> {
    let messages = "Content-Type: message/rfc822\r\n\r\n".repeat(levels);
    format!("{HEAD}{messages}Subject: innermost\r\n\r\nx\r\n").into_bytes()
}

pub fn parts_in_parts(levels: usize) -> Vec<u8> {
    let open = |n: usize| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n");
    let opened: String = (0..levels).map(open).collect();
    format!("{HEAD}{opened}\r\nx\r\n").into_bytes()
}

fn times(what: &str, bytes: usize) -> String {
    what.repeat(bytes / what.len())
}

/// Lines that each begin with one more than the line before, of so many bytes together.
fn levels(mark: &str, bytes: usize) -> String {
    let lines = ((2 * bytes) as f64).sqrt() as usize;
    (1..=lines).map(|n| mark.repeat(n) + "\n").collect()
}

fn text(body: &str) -> Vec<u8> {
    format!("{HEAD}Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n").into_bytes()
}

fn html(body: &str) -> Vec<u8> {
    format!("{HEAD}Content-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n").into_bytes()
}

fn head(field: &str) -> Vec<u8> {
    format!("{HEAD}{}\r\n\r\nx\r\n", field.trim_end()).into_bytes()
}

fn bounce(body: &str) -> Vec<u8> {
    format!("From: MAILER-DAEMON@mx.test\r\nReturn-Path: <>\r\nSubject: Undelivered Mail\r\n\r\n{body}\r\n")
        .into_bytes()
}
