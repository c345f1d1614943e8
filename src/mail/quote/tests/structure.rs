//! The structure of HTML mail.

use super::*;

#[test]
fn the_structure_of_html_tells_what_is_quoted() {
    for (program, html) in [
        (
            "Gmail",
            r#"<div dir="ltr">Tray 2.</div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Mon, 2 Nov 2026 at 09:12, Support &lt;<a href="mailto:s@desk.example">s@desk.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><div>Which tray?</div></blockquote></div>"#,
        ),
        (
            "Thunderbird",
            r#"<p>Tray 2.</p><div class="moz-cite-prefix">Am 02.11.26 um 09:12 schrieb Support:<br></div><blockquote type="cite" cite="mid:x@desk.example">Which tray?</blockquote>"#,
        ),
        (
            "Apple Mail",
            r#"<html><head></head><body style="overflow-wrap: break-word;">Tray 2.<br><div><br><blockquote type="cite"><div>On 2 Nov 2026, at 09:12, Support &lt;s@desk.example&gt; wrote:</div><br class="Apple-interchange-newline"><div>Which tray?</div></blockquote></div><br></body></html>"#,
        ),
        (
            "Outlook",
            r#"<div class="WordSection1"><p class="MsoNormal">Tray 2.<o:p></o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>Von:</b> Support &lt;s@desk.example&gt;<br><b>Gesendet:</b> Montag, 2. November 2026 09:12<br><b>An:</b> Ada<br><b>Betreff:</b> Tray</p></div></div><p class="MsoNormal">Which tray?</p></div>"#,
        ),
        (
            "Outlook on the web",
            r#"<div class="elementToProof">Tray 2.</div><div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri"><b>From:</b> Support<br><b>Sent:</b> Monday<br></font></div><div>Which tray?</div>"#,
        ),
        (
            "Yahoo",
            r#"<div class="ydp1yahoo-style-wrap">Tray 2.</div><div id="ydp2yahoo_quoted_1" class="ydp2yahoo_quoted"><div>On Monday, 2 November 2026, Support wrote:</div><div>Which tray?</div></div>"#,
        ),
        (
            "Proton",
            r#"<div>Tray 2.</div><div class="protonmail_quote">On Monday, November 2nd, 2026 at 9:12 AM, Support wrote:<blockquote type="cite">Which tray?</blockquote></div>"#,
        ),
        (
            "Zimbra",
            r#"<div><div>Tray 2.</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>From: </b>"Support"<br><b>To: </b>"Ada"</div><div>Which tray?</div></div>"#,
        ),
        (
            "web.de",
            r#"<div>Tray 2.<div name="quote" style="margin:10px 5px 5px 10px; padding: 10px 0 10px 10px; border-left:2px solid #C3D9E5;"><div><b>Gesendet:</b> Montag</div>Which tray?</div></div>"#,
        ),
        (
            "QQ",
            r#"<div>Tray 2.</div><includetail><div>------------------ Original ------------------</div><div>Which tray?</div></includetail>"#,
        ),
        (
            "Windows Mail",
            r#"<div>Tray 2.</div><div style="padding-top: 5px; border-top-color: rgb(229, 229, 229); border-top-width: 1px; border-top-style: solid;"><b>From:</b> Support<br><b>Sent:</b> Monday<br></div><div>Which tray?</div>"#,
        ),
        ("an element that is never closed", r#"<p>Tray 2.</p><blockquote><div>Which tray?<blockquote>older"#),
    ] {
        assert_eq!(reply_in_html(html), "Tray 2.", "{program}");
    }
}

#[test]
fn answers_between_quotations_of_html_are_found() {
    let html = "<blockquote type=cite>Which tray?</blockquote><p>Tray 2.</p><blockquote type=cite>Since when?</blockquote><p>Monday.</p><blockquote type=cite>Regards</blockquote>";
    assert_eq!(
        reply_in_html(html).split_whitespace().collect::<Vec<_>>().join(" "),
        "> Which tray? Tray 2. > Since when? Monday."
    );
    let below = "<div class=moz-cite-prefix>On 2 Nov 2026, Support wrote:</div><blockquote type=cite>Which tray?</blockquote><p>Tray 2.</p>";
    assert_eq!(reply_in_html(below), "Tray 2.");
}

#[test]
fn html_that_hands_on_is_kept_and_a_signature_in_it_is_known() {
    let html = r#"<div dir="ltr">See below.<br><div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>From: <b>Bob</b> &lt;<a href="mailto:bob@elsewhere.example">bob@elsewhere.example</a>&gt;<br>Date: Monday<br>Subject: line down<br></div>It is down.</div></div>"#;
    let text = crate::mail::html::to_text(html);
    let found = said(&text, Some(html));
    assert!(found.reply.contains("It is down."), "{found:?}");
    assert_eq!(
        found.forwarded.and_then(|forwarded| forwarded.from).map(|from| from.email).as_deref(),
        Some("bob@elsewhere.example")
    );
    let signed = r#"<div>It is down.</div><div class="gmail_signature">Ada<br>Example Ltd</div>"#;
    let text = crate::mail::html::to_text(signed);
    let found = said(&text, Some(signed));
    assert_eq!((found.reply.as_str(), found.signature.as_deref()), ("It is down.", Some("Ada\nExample Ltd")));
}

#[test]
fn a_plain_part_without_marks_is_cut_where_the_html_quotes() {
    let text = "Tray 2.\n\nHello Ada, could you tell us which tray it is that jams?\nRegards, Support\n";
    let html = r#"<div>Tray 2.</div><blockquote type="cite"><p>Hello Ada,<br>could you tell us which tray it is that jams?</p>Regards, Support</blockquote>"#;
    assert_eq!(said(text, Some(html)).reply, "Tray 2.");
    let indented = r#"<div>Tray 2.</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px"><p>Hello Ada,<br>could you tell us which tray it is that jams?</p>Regards, Support</blockquote>"#;
    assert_eq!(said(text, Some(indented)).reply, text.trim_end());
}

#[test]
fn an_attribution_inside_of_what_is_answered_goes() {
    let html = "<div>Answers below.</div><blockquote type=cite>On 2 Nov 2026, at 09:12, Support wrote:<br><br>Which tray?</blockquote><p>Tray 2.</p>";
    assert_eq!(
        reply_in_html(html).split_whitespace().collect::<Vec<_>>().join(" "),
        "Answers below. > > Which tray? Tray 2."
    );
}
