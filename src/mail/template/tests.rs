use serde_json::json;

use super::*;

fn own(file: &str, source: &str) -> Result<Templates, TemplateError> {
    Templates::new(vec![TemplateFile { name: file.to_owned(), shown: file.to_owned(), text: source.to_owned() }])
}

/// What a body of Markdown becomes for a `reply` whose text is `body`.
fn written(markdown: &str, body: &str) -> Rendered {
    let templates = own("en/reply.md", &format!("Subject: s\n\n{markdown}\n")).unwrap();
    let mut data = sample::data("reply");
    data["body"] = json!(body);
    templates.render("reply", "en", &data).unwrap()
}

fn text_of(rendered: &Rendered) -> &str {
    rendered.text.strip_suffix("\n\n-- \nExample Support\n").expect("the signature")
}

fn html_of(rendered: &Rendered) -> String {
    let inside = rendered.html.split_once("anywhere\">").unwrap().1.split_once("<p style=\"margin:32px").unwrap().0;
    let mut plain = String::new();
    let mut rest = inside.trim();
    while let Some((before, after)) = rest.split_once(" style=\"") {
        plain.push_str(before);
        rest = after.split_once('"').unwrap().1;
    }
    plain + rest
}

fn refused(source: &str) -> (Option<usize>, Problem) {
    let error = own("de/reply.md", source).expect_err("it must be refused");
    assert_eq!(error.file, "de/reply.md");
    (error.line, error.problem)
}

#[test]
fn the_built_in_templates_have_no_fault_and_none_is_wanting() {
    let templates = Templates::new(vec![]).unwrap();
    assert_eq!(templates.check(), []);
    for name in Templates::names() {
        assert!(templates.letters.contains_key(&format!("en/{name}")), "{name}");
    }
}

#[test]
fn no_part_of_a_built_in_mail_shows_how_it_was_made() {
    let templates = Templates::new(vec![]).unwrap();
    for name in Templates::names() {
        for data in [sample::data(name), sample::sparse_data(name)] {
            let mail = templates.render(name, "en", &data).unwrap();
            for part in [&mail.subject, &mail.text, &mail.html] {
                assert!(!part.contains("{{") && !part.contains("<!--"), "{name}: {part}");
                assert!(!part.chars().any(|c| c == GUARD || tags::placeheld(c).is_some()), "{name}: {part}");
            }
            assert!(!mail.text.contains("\n\n\n") && !mail.text.contains("**"), "{name}: {}", mail.text);
            assert!(mail.text.ends_with("\n\n-- \nExample Support\n"), "{name}: {}", mail.text);
            assert!(!mail.html.contains("<ul style=\"margin:0 0 16px;padding-left:24px\">\n</ul>"), "{name}");
        }
    }
}

#[test]
fn all_mails_of_a_case_have_its_reference_and_subject() {
    let templates = Templates::new(vec![]).unwrap();
    let about_a_case = |name: &&str| sample::variables(name).unwrap().iter().any(|v| v.name == "reference");
    for name in Templates::names().filter(about_a_case) {
        let subject = templates.render(name, "en", &sample::data(name)).unwrap().subject;
        assert!(subject.starts_with("[1-0123456789] "), "{name}: {subject}");
        assert!(subject.ends_with("Line 4711 down since 07:40 <urgent?> *please*"), "{name}: {subject}");
    }
}

#[test]
fn the_same_markdown_gives_both_parts() {
    let markdown = "# Title\n\nA **bold** and\n*soft* word, `code`, [the page](https://desk.example/a) and <https://desk.example/b>.\n\n- one\n- two\n  1. inner\n\n> quoted\n\n---\n\n    line 1\n    line 2";
    let mail = written(markdown, "");
    assert_eq!(
        text_of(&mail),
        "Title\n\nA bold and soft word, code, the page <https://desk.example/a> and https://desk.example/b.\n\n- one\n- two\n  1. inner\n\n> quoted\n\n----------\n\n    line 1\n    line 2"
    );
    assert_eq!(
        html_of(&mail),
        "<h2>Title</h2>\n<p>A <strong>bold</strong> and\n<em>soft</em> word, <code>code</code>, <a href=\"https://desk.example/a\">the page</a> and <a href=\"https://desk.example/b\">https://desk.example/b</a>.</p>\n<ul>\n<li>one</li>\n<li>two<ol>\n<li>inner</li>\n</ol>\n</li>\n</ul>\n<blockquote>\nquoted</blockquote>\n<hr>\n<pre>line 1\nline 2</pre>"
    );
}

#[test]
fn a_value_is_never_markup_and_never_a_tag() {
    let hostile = "<script>*x*</script> **b** {{desk_name}} & \"q\" 'r' [a](http://x) \u{7}";
    let mail = written("**{{body}}**", hostile);
    assert_eq!(text_of(&mail), "<script>*x*</script> **b** {{desk_name}} & \"q\" 'r' [a](http://x)");
    assert_eq!(
        html_of(&mail),
        "<p><strong>&lt;script&gt;*x*&lt;/script&gt; **b** {{desk_name}} &amp; &quot;q&quot; &#39;r&#39; [a](http://x) </strong></p>"
    );
}

#[test]
fn a_value_of_several_lines_keeps_them_in_paragraphs_quotes_and_lists() {
    let mail = written("{{body}}\n\n> {{body}}\n\n- {{body}}", "a\r\n  b\n\nc");
    assert_eq!(text_of(&mail), "a\n  b\n\nc\n\n> a\n>   b\n>\n> c\n\n- a\n    b\n\n  c");
    assert_eq!(
        html_of(&mail),
        "<p>a<br>&nbsp;&nbsp;b<br><br>c</p>\n<blockquote>\na<br>&nbsp;&nbsp;b<br><br>c</blockquote>\n<ul>\n<li>a<br>&nbsp;&nbsp;b<br><br>c</li>\n</ul>"
    );
}

#[test]
fn emphasis_works_beside_japanese_brackets_and_around_values() {
    let mail = written("ケース**「{{body}}」**を**{{body}}**が受け付けました。", "山田");
    assert_eq!(html_of(&mail), "<p>ケース<strong>「山田」</strong>を<strong>山田</strong>が受け付けました。</p>");
    assert_eq!(text_of(&mail), "ケース「山田」を山田が受け付けました。");
}

#[test]
fn items_between_tags_are_one_list_and_what_is_absent_leaves_no_gap() {
    let source = "Subject: s\n\n- first\n{{#if urgent}}\n- urgent\n{{/if}}\n- files:\n  {{#each attachments}}\n  - {{this}} of {{../sender}}\n  {{/each}}\n\n{{#if truncated}}\ncut\n{{else}}\nwhole\n{{/if}}\n\nend{{#if urgent}} now{{/if}}\n";
    let templates = own("en/acknowledgement.md", source).unwrap();
    assert_eq!(templates.check(), []);
    let mut data = sample::data("acknowledgement");
    data["sender"] = json!("Ada");
    let mail = templates.render("acknowledgement", "en", &data).unwrap();
    assert_eq!(
        text_of(&mail),
        "- first\n- urgent\n- files:\n  - traceroute.txt of Ada\n  - 写真 1.jpg of Ada\n\ncut\n\nend now"
    );
    assert_eq!(html_of(&mail).matches("<ul>").count(), 2);
    let mail = templates.render("acknowledgement", "en", &sample::sparse_data("acknowledgement")).unwrap();
    assert_eq!(text_of(&mail), "- first\n- files:\n\nwhole\n\nend");
}

#[test]
fn braces_and_backslashes_beside_a_tag_stay_what_they_are() {
    let mail = written("C:\\\\{{body}} {{{body}}} &#123;&#123;x}}".replace("{{{body}}}", "{ {{body}} }").as_str(), "v");
    assert_eq!(text_of(&mail), "C:\\v { v } {{x}}");
}

#[test]
fn a_missing_value_is_an_error_with_its_line_and_the_known_names() {
    let templates = own("en/reply.md", "Subject: s\n\nHello\n\n> {{body}}\n").unwrap();
    let mut data = sample::data("reply");
    for absent in [json!(null), serde_json::Value::Null] {
        data["body"] = absent;
        let error = templates.render("reply", "en", &data).unwrap_err();
        assert_eq!((error.file.as_str(), error.line), ("en/reply.md", Some(5)));
        assert!(error.to_string().starts_with("template en/reply.md, line 5: {{body}} has no value"), "{error}");
        assert!(error.to_string().contains("staff_name"), "{error}");
    }
}

#[test]
fn check_finds_an_unknown_name_in_a_condition_too() {
    let source = "Subject: {{refrence}}\n\n{{#if bdy}}x{{/if}}\n{{#each body}}{{this}}{{/each}}\n";
    let errors = own("de/reply.md", source).unwrap().check();
    let found: Vec<_> = errors.iter().map(|e| (e.line, e.to_string())).collect();
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(
        found[0].1.contains("line 1: this notice has no variable {{refrence}} (known here: desk_name,"),
        "{found:?}"
    );
    assert_eq!(found[1].0, Some(3));
    assert_eq!(errors[2].problem, Problem::NotAList { name: "body".into() });
}

#[test]
fn check_finds_an_optional_value_that_nothing_guards() {
    let errors = own("de/closed.md", "Subject: s\n\nuntil\n{{reopen_until}}\n").unwrap().check();
    assert_eq!(errors.len(), 1);
    assert_eq!((errors[0].file.as_str(), errors[0].line), ("de/closed.md", Some(4)));
    let guarded = "Subject: s\n\n{{#if reopen_until}}until {{reopen_until}}{{/if}}\n";
    assert_eq!(own("de/closed.md", guarded).unwrap().check(), []);
}

#[test]
fn check_finds_files_that_no_notice_asks_for() {
    for file in ["de/repyl.md", "reply.md", "de/old/reply.md", "de/parts/old/x.md"] {
        let errors = own(file, "anything").unwrap().check();
        assert_eq!(errors.iter().map(|e| e.file.as_str()).collect::<Vec<_>>(), [file]);
    }
    assert_eq!(own("de/reply.md~", "anything").unwrap().check(), []);
}

fn own_all(files: &[(&str, &str)]) -> Result<Templates, TemplateError> {
    let file = |(name, text): &(&str, &str)| TemplateFile {
        name: (*name).to_owned(),
        shown: format!("mine/{name}"),
        text: (*text).to_owned(),
    };
    Templates::new(files.iter().map(file).collect())
}

fn found_at(error: &TemplateError) -> (&str, Option<usize>) {
    (&error.file, error.line)
}

#[test]
fn a_part_stands_in_its_place_in_the_text_and_in_the_html() {
    let templates = own_all(&[
        ("en/reply.md", "Subject: s\n\nHello,\n\n{{> said}}\n\nBye\n"),
        ("en/parts/said.md", "\u{feff}**Said:**\r\n\r\n{{#if body}}\r\n> {{body}}\r\n{{/if}}\r\n"),
    ]);
    let templates = templates.unwrap();
    assert_eq!(templates.check(), []);
    let mut data = sample::data("reply");
    data["body"] = json!("It {{> works}}.");
    let mail = templates.render("reply", "en", &data).unwrap();
    assert_eq!(text_of(&mail), "Hello,\n\nSaid:\n\n> It {{> works}}.\n\nBye");
    assert!(mail.html.contains("<strong>Said:</strong>"), "{}", mail.html);
}

#[test]
fn an_own_part_replaces_the_built_in_one_in_all_notices_that_hold_it() {
    let templates = own_all(&[("en/parts/works-facts.md", "- Number: {{works}}\n")]).unwrap();
    assert_eq!(templates.check(), []);
    for notice in ["works-announced", "works-reminder", "works-cancelled"] {
        let text = templates.render(notice, "en", &sample::data(notice)).unwrap().text;
        assert!(text.contains("- Number: PW-0012") && !text.contains("Our reference"), "{notice}: {text}");
    }
}

#[test]
fn what_is_wrong_in_a_part_is_told_once_with_the_parts_file_and_line() {
    let facts = ("mine/en/parts/works-facts.md", Some(3));
    let unknown = own_all(&[("en/parts/works-facts.md", "- {{works}}\n\n{{reson}}\n")]).unwrap().check();
    assert_eq!(unknown.iter().map(found_at).collect::<Vec<_>>(), [facts], "{unknown:?}");
    let unguarded = own_all(&[("en/parts/works-facts.md", "- {{works}}\n\n{{contact}}\n")]).unwrap().check();
    assert_eq!(unguarded.iter().map(found_at).collect::<Vec<_>>(), [facts], "{unguarded:?}");
    for wrong in ["- {{works}}\n\n{{#if contact}}\n", "- {{works}}\n\n<b>x</b>\n", "x\n\n{{> works-facts}}\n"] {
        let error = own_all(&[("en/parts/works-facts.md", wrong)]).unwrap_err();
        assert_eq!(found_at(&error), facts, "{wrong}: {error}");
    }
    let error = own_all(&[("en/parts/works-facts.md", "Subject: s\n\n- {{works}}\n")]).unwrap_err();
    assert_eq!((found_at(&error).1, error.problem), (Some(1), Problem::SubjectOfPart));
    let behind = "Subject: s\n\n{{> works-facts}}\n\n{{nobody}}\n";
    let error = own_all(&[("en/works-note.md", behind)]).unwrap().check().remove(0);
    assert_eq!(found_at(&error), ("mine/en/works-note.md", Some(5)), "a part does not move the lines behind it");
}

#[test]
fn a_part_that_is_not_there_and_one_that_nothing_holds_are_found() {
    let english_only = "Subject: s\n\n{{> works-facts}}\n";
    let error = own_all(&[("nl/works-note.md", english_only)]).unwrap_err();
    assert_eq!((error.file.as_str(), error.line), ("mine/nl/works-note.md", Some(3)));
    assert!(error.to_string().contains("there is no part nl/parts/works-facts.md"), "{error}");
    let unused = own_all(&[("en/parts/works-fatcs.md", "x\n")]).unwrap().check();
    assert_eq!(
        unused.iter().map(|e| (e.file.as_str(), &e.problem)).collect::<Vec<_>>(),
        [("mine/en/parts/works-fatcs.md", &Problem::UnusedPart)]
    );
}

#[test]
fn an_own_file_replaces_one_and_an_unknown_language_falls_back_to_english() {
    let templates = own("de/reply.md", "Subject: Antwort\n\nGrüße: {{body}}\n").unwrap();
    let data = sample::data("reply");
    let german = templates.render("reply", "de", &data).unwrap();
    assert_eq!(german.subject, "Antwort");
    assert!(german.html.contains("<html lang=\"de\">"));
    let dutch = templates.render("reply", "nl", &data).unwrap();
    assert_eq!(dutch, Templates::new(vec![]).unwrap().render("reply", "en", &data).unwrap());
    assert!(templates.render("nonsense", "en", &data).is_err());
}

#[test]
fn an_own_layout_stands_around_all_and_must_hold_the_content() {
    let templates = own("layout.html", "<i>{{desk_name}}</i>{{content}}<b lang={{language}}>").unwrap();
    let html = templates.render("reply", "en", &sample::data("reply")).unwrap().html;
    assert!(html.starts_with("<i>Example Support</i><p "), "{html}");
    assert!(html.trim_end().ends_with("<b lang=en>"), "{html}");
    assert_eq!(own("layout.html", "<html>").err().map(|e| e.problem), Some(Problem::NoContent));
    assert_eq!(own("layout.html", "\n{{content}}{{body}}").err().and_then(|e| e.line), Some(2));
}

#[test]
fn what_can_not_become_both_parts_is_refused_with_its_line() {
    assert_eq!(refused("Hello\n\nx"), (Some(1), Problem::NoSubject));
    assert_eq!(refused("Subject: s\nx"), (Some(2), Problem::NoSubject));
    assert_eq!(refused("Subject: s\n\nx\n\n{{upper body}}").0, Some(5));
    for unfit in ["<b>x</b>", "<div>x</div>", "![x](http://y)", "[x]({{body}})", "<!-- note -->"] {
        let (line, problem) = refused(&format!("Subject: s\n\nx\n\n{unfit}\n"));
        assert!(matches!(problem, Problem::Unsupported { .. }), "{unfit}: {problem:?}");
        assert_eq!(line, Some(5), "{unfit}");
    }
    for crossing in ["{{#if body}}a\n\nb{{/if}}", "**{{#if body}}a** b{{/if}}", "- a\n  {{#if body}}\n- b\n  {{/if}}"] {
        let (_, problem) = refused(&format!("Subject: s\n\n{crossing}\n"));
        assert!(matches!(problem, Problem::Crossing { .. }), "{crossing}: {problem:?}");
    }
}

#[test]
fn a_subject_is_one_bounded_line() {
    let templates = own("en/reply.md", "Subject: [{{reference}}] {{body}}\n\nx\n").unwrap();
    let mut data = sample::data("reply");
    data["body"] = json!(format!("a\r\nBcc: eve@x\n{}", "長".repeat(300)));
    let subject = templates.render("reply", "en", &data).unwrap().subject;
    assert!(subject.starts_with("[1-0123456789] a Bcc: eve@x 長長"));
    assert_eq!(subject.chars().count(), 200);
}

#[test]
fn a_document_of_ones_own_replaces_the_built_in_one_and_its_faults_are_named() {
    let data = sample::data("rfo");
    let own_one = own("en/rfo-document.html", "<html lang=\"{{language}}\"><p>{{cause}}</p></html>").unwrap();
    assert_eq!(own_one.check(), []);
    let html = own_one.render_document("rfo-document", "nl", &data).unwrap();
    assert!(
        html.starts_with("<html lang=\"en\"><p>The card in the access router had failed &lt;at 07:40&gt;."),
        "{html}"
    );
    let wrong = own("en/rfo-document.html", "<p>{{#if closed_at}}{{close_at}}{{/if}}</p>").unwrap().check();
    assert_eq!((wrong[0].file.as_str(), wrong[0].line), ("en/rfo-document.html", Some(1)));
    assert!(own("en/rfo-dokument.html", "<p></p>").unwrap().check()[0].to_string().contains("en/rfo-dokument.html"));
}
