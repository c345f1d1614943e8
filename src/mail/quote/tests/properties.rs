//! What holds of any mail.

use proptest::prelude::*;

use super::*;

/// Lines of which every mark of a mail program is made.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-zA-Z .,äß年>|<()-]{0,40}",
        1 => Just("-- ".to_owned()),
        1 => Just("> quoted".to_owned()),
        1 => Just(">> (https://customer.example/a".to_owned()),
        1 => Just("On Mon, 2 Nov 2026 at 09:12, Support <s@desk.example> wrote:".to_owned()),
        1 => Just("words On Mon, 2 Nov 2026 Support <s@desk.example> wrote:".to_owned()),
        1 => Just("Am 2. Nov. 2026 schrieb Support".to_owned()),
        1 => Just("<s@desk.example>:".to_owned()),
        1 => Just("From: Support <s@desk.example>".to_owned()),
        1 => Just("Sent: Monday".to_owned()),
        1 => Just("Subject: tray".to_owned()),
        1 => Just("-----Original Message-----".to_owned()),
        1 => Just("---------- Forwarded message ---------".to_owned()),
        1 => Just("Sent from my iPhone".to_owned()),
        1 => Just("Regards,".to_owned()),
        1 => Just("Ada Lovelace".to_owned()),
        1 => Just("+44 20 1234 5678".to_owned()),
        1 => Just(String::new()),
    ]
}

fn tag() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-zA-Z <>\"'=/ü-]{0,30}",
        1 => Just("<blockquote type=cite>".to_owned()),
        1 => Just("</blockquote>".to_owned()),
        1 => Just("<div class='gmail_quote'>".to_owned()),
        1 => Just("</div>".to_owned()),
        1 => Just("<!-- ".to_owned()),
        1 => Just("-->".to_owned()),
        1 => Just("<style>".to_owned()),
        1 => Just("<div id=divRplyFwdMsg>".to_owned()),
        1 => Just("<div style=\"border:none;border-top:solid #E1E1E1 1.0pt\">".to_owned()),
        1 => Just("<div class=gmail_signature".to_owned()),
        1 => Just("<br>".to_owned()),
    ]
}

fn is_made_of(reply: &str, text: &str) -> bool {
    let mut rest = text.chars().filter(|c| !c.is_whitespace());
    reply.chars().filter(|c| !c.is_whitespace()).all(|c| rest.any(|other| other == c))
}

proptest! {
    #[test]
    fn the_reply_is_made_of_what_is_in_the_text_and_no_longer(
        lines in prop::collection::vec(line(), 0..40),
        ending in prop_oneof![Just("\n"), Just("\r\n")],
    ) {
        let text = lines.join(ending);
        let said = said(&text, None);
        prop_assert!(is_made_of(&said.reply, &text), "{:?}", said.reply);
        prop_assert!(said.reply.len() <= text.len());
        prop_assert!(said.signature.unwrap_or_default().len() <= text.len());
        // Something is left of whatever has a text.
        prop_assert_eq!(said.reply.trim().is_empty(), text.trim().is_empty());
    }

    #[test]
    fn html_beside_a_text_adds_nothing_to_it(lines in prop::collection::vec(line(), 1..20), tags in prop::collection::vec(tag(), 0..60)) {
        let html = tags.concat();
        let text = format!("a text that no HTML here has\n{}", lines.join("\n"));
        for subject in ["Fwd: tray", "Re: tray"] {
            let beside = said_under(subject, &text, Some(&html));
            prop_assert!(is_made_of(&beside.reply, &text), "{:?}", beside.reply);
        }
    }

    #[test]
    fn html_alone_is_taken_apart(tags in prop::collection::vec(tag(), 0..60)) {
        let html = tags.concat();
        let text = crate::mail::html::to_text(&html);
        let said = said(&text, Some(&html));
        prop_assert_eq!(said.reply.trim().is_empty(), text.trim().is_empty());
    }

    #[test]
    fn any_text_is_taken_apart(text in any::<String>()) {
        let said = said(&text, None);
        prop_assert!(is_made_of(&said.reply, &text));
        prop_assert_eq!(said.forwarded.is_some(), forwarded(&text).is_some());
        let named = text.contains([':', '\u{ff1a}']);
        prop_assert!(named || !is_forward_subject(&text));
    }
}

/// A quotation mark that is closed outside of its tag swallows the text, but not what the structure's reader finds.
#[test]
fn nothing_is_made_of_an_empty_text() {
    let html = "<A/=\"<blockquote type=cite>A<div id=divRplyFwdMsg><blockquote type=cite>\"";
    assert_eq!(crate::mail::html::to_text(html), "");
    assert_eq!(said("", Some(html)), Said { nothing_new: true, ..Said::default() });
}

/// Each of these cost time that grew with the square of its length in one parser of mail or another.
#[test]
fn hostile_mail_is_taken_apart() {
    for text in [
        "a ".repeat(1_000_000),
        ">".repeat(100_000),
        "On Mon, 2 Nov 2026 Ada\n".repeat(20_000),
        "words On Mon, 2 Nov 2026 Ada <a@desk.example> wrote:\n> q\n".repeat(10_000),
        "From: a@desk.example\nTelephone: 1\n".repeat(10_000),
        "> q\nown\n".repeat(30_000),
        "-- \n".repeat(50_000),
        "a:\n".repeat(50_000),
        "\n".repeat(200_000),
    ] {
        assert!(!said(&text, None).reply.is_empty() || text.trim().is_empty());
    }
    for html in [
        "<blockquote>",
        "<blockquote>a</blockquote>b",
        "<div class=gmail_quote>---------- Forwarded message ---------<br>",
        "<div style=\"border:none;border-top:solid #E1E1E1 1.0pt\">",
        "<style>",
        "<!--",
        "<a \"",
        "<",
    ] {
        assert_eq!(said("Tray 2.", Some(&html.repeat(20_000))).reply, "Tray 2.", "{html}");
    }
}
