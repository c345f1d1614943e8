use super::to_text;

fn reads(html: &str, text: &str) {
    assert_eq!(to_text(html), text, "{html}");
}

#[test]
fn paragraphs_lines_and_blanks_are_as_a_browser_shows_them() {
    reads("<p>Hello <b>there</b>,</p><p>the   line\n is&nbsp;down.</p>", "Hello there,\n\nthe line is down.");
    reads("<div>one</div><div>two</div><div><br></div><div>three</div>", "one\ntwo\n\nthree");
    reads("one<br>two<br/><br />three", "one\ntwo\n\nthree");
    reads(
        "<p class=MsoNormal>one</p><p class=\"MsoNormal\">two</p><p class=MsoNormal>&nbsp;</p><p class=MsoNormal>three</p>",
        "one\ntwo\n\nthree",
    );
    reads("<p style='margin:0cm 0cm 0.0001pt'>one</p><p style='margin: 0'>two</p>", "one\ntwo");
    reads("<h1>Title</h1>text<h2>Next</h2>more", "Title\n\ntext\n\nNext\n\nmore");
    reads("a<p>b<p>c<div>d</div>", "a\n\nb\n\nc\n\nd");
    reads("<pre>a\n  b\n\n\tc</pre>", "a\n  b\n\n    c");
    reads("<div style=\"white-space: pre-wrap\">a\n b</div>c", "a\n b\nc");
    reads("<br><br><div></div><p> </p>x<br><br><br><br>y<p></p>", "x\n\ny");
    reads("障害が\n発生 しました", "障害が発生 しました");
}

#[test]
fn what_is_not_to_be_seen_is_left_out() {
    reads(
        "<html><head><title>T</title><style>p{}</style><script>if (a<b) x()</script></head><body>x</body></html>",
        "x",
    );
    reads(
        "<!-- no --><!--[if mso]><p>Outlook</p><![endif]--><![if !mso]>x<![endif]><!--[if !mso]><!-->y<!--<![endif]-->",
        "xy",
    );
    reads("<div style='display:none;font-size:1px'>Preview</div><span hidden>h</span>x", "x");
    reads("<div style=\"DISPLAY: none !important\">a<div>b</div>c</div>x", "x");
    reads("<div style='max-height:0;overflow:hidden'>Preview</div>x", "x");
    reads("<td style='font-size:0px'>gap<div style='font-size:13px'>x</div></td>", "x");
    reads("<p>&zwnj;&nbsp;&zwnj;&nbsp;&#847; &shy;</p>x\u{200b}y", "xy");
    reads("<img src=http://t.example/p.gif width=1 height=1 alt=track>x", "x");
    reads("x<!-- never ends <p>y</p>", "xy");
    reads("a<style>p {}\n", "ap {}");
}

#[test]
fn an_element_that_hides_without_end_hides_nothing() {
    reads("<div style='display:none'>x<p>the line is down", "x\n\nthe line is down");
    reads("<div style='display:none'>all of it</div>", "all of it");
}

#[test]
fn links_show_where_they_lead_unless_their_text_says_so() {
    reads("<a href='https://desk.example/case/1'>the case</a>.", "the case <https://desk.example/case/1>.");
    reads("<a href='https://desk.example/'>desk.example</a>", "desk.example");
    reads("<a href='https://click.example/?u=1'>https://desk.example/a</a>", "https://desk.example/a");
    reads(
        "<a href='https://desk.example/long/way'>https://desk.example/lo…</a>",
        "https://desk.example/lo… <https://desk.example/long/way>",
    );
    reads(
        "<a href='mailto:Ada@b.example?subject=x'>ada@b.example</a> <a href='mailto:a@b.example'>Ada</a>",
        "ada@b.example Ada <mailto:a@b.example>",
    );
    reads("<a href='tel:+49-30-1234'>+49 (30) 1234</a>", "+49 (30) 1234");
    reads(
        "<a href='#top'>up</a> <a href='javascript:x()'>run</a> <a name=x>y</a> <a href='https://x.example/'><img src=x></a>z",
        "up run y z",
    );
    reads(
        "<a href='https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fdesk.example%2Fa%3Fb%3D1%26utm_source%3Dx&amp;data=05'>here</a>",
        "here <https://desk.example/a?b=1>",
    );
    reads(
        "<a href='https://x.example/1'>one <a href='https://x.example/2'>two",
        "one <https://x.example/1> two <https://x.example/2>",
    );
}

#[test]
fn lists_have_their_bullets_and_numbers() {
    reads("a<ul><li>one<li>two<ul><li>deep</li></ul></li></ul>b", "a\n\n- one\n- two\n  - deep\n\nb");
    reads("<ol start=3><li><p>three</p><p>more</p></li><li>four</li></ol>", "3. three\n\n   more\n\n4. four");
    reads("<ul><li><p>one</p></li><li><p>two</p></li></ul>x", "- one\n- two\n\nx");
    reads("<ul><li>a</li><ul><li>b</li></ul></ul>", "- a\n  - b");
    reads("<dl><dt>Site</dt><dd>Hill</dd></dl>", "Site\n  Hill");
}

#[test]
fn the_cells_of_a_row_stand_in_one_line() {
    reads(
        "<table border=1><tr><th>Service</th><th>State</th></tr><tr><td><p>S-1</p></td><td><p>down</p></td></tr><tr><td>S-2</td><td></td><td>x</td></tr></table>",
        "Service | State\nS-1 | down\nS-2 |  | x",
    );
    reads("<table><tr><td>Circuit</td><td>: C-1</td></tr></table>", "Circuit: C-1");
    reads(
        "<table><tr><td>Service ID:</td><td>S-1</td></tr><tr><td>Site</td><td></td><td>Hill</td></tr></table>",
        "Service ID: S-1\nSite | Hill",
    );
    reads("<table><tr><td><p>one</p><p>two</p></td><td>three</td></tr></table>end", "one\n\ntwo\n\nthree\nend");
    reads("<table><tr><td><table><tr><td>a<td>b<tr><td>c</table></td></tr></table>", "a | b\nc");
}

#[test]
fn a_quotation_is_marked_and_an_indentation_is_none() {
    reads(
        "new<blockquote type=cite><div>old</div><br><blockquote>older</blockquote></blockquote>end",
        "new\n> old\n>\n> > older\nend",
    );
    reads("<blockquote style='margin:0 0 0 40px;border:none;padding:0px'>own</blockquote>", "    own");
}

#[test]
fn images_are_their_text_and_signs_are_themselves() {
    reads("<img alt='Plan of the site' src=cid:1> <img alt=😀 src=x>", "[Plan of the site] 😀");
    reads("x<img alt=image001.png src=cid:2>", "x");
}

#[test]
fn entities_are_read_however_they_are_written() {
    reads("&lt;b&gt; &#252; &#xFC; &#150; &euro; &amp;amp;&nbsp &copy 2 &Uuml;", "<b> ü ü – € &amp; © 2 Ü");
    reads("a & b &c; x?a=1&copy=2&reg", "a & b &c; x?a=1&copy=2®");
    reads("&#0;&#1114112;&#;&#x;", "\u{fffd}\u{fffd}&#;&#x;");
}

#[test]
fn broken_html_loses_no_words() {
    reads("a < b and c > d <3", "a < b and c > d <3");
    reads("<p title=\"x>y\">a</p><p align=\"left>b</p>c", "a\n\nb\n\nc");
    reads("<b>bold</i> </b></div>x</table></td>y", "bold x\ny".replace('\n', "").as_str());
    reads("x<unfinished", "x");
}

#[test]
fn what_nests_or_never_ends_is_read_to_a_bounded_text() {
    let many = 200_000;
    for piece in [
        "<div>",
        "<b>",
        "<li>",
        "<p>",
        "</b>",
        "<blockquote>",
        "<table><tr><td>",
        "<td>x",
        "<a href='http://x.example'>",
        "<!--",
        "<script>",
        "<p a=\"",
        "<x '",
        "&",
        "&#",
        "<",
        "</",
        "<br>",
        "&nbsp;",
        "<ul><li>x",
        "<i></p>",
        "<title>",
    ] {
        let text = to_text(&piece.repeat(many / piece.len()));
        assert!(text.len() <= (1 << 20) + 400, "{piece}");
        let text = to_text(&("<i>".repeat(300) + &piece.repeat(many / piece.len()) + "end"));
        assert!(text.len() <= (1 << 20) + 400, "{piece}");
    }
}
