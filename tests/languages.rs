//! Customers read the desk's mails in their own language, or in one that the desk writes.

mod desk;

use desk::{Desk, Letter, header, letter, reference};

const GERMAN: &str = "Guten Tag,\n\nunsere Leitung ist seit heute Morgen gestört. Können Sie das bitte prüfen?\n";
const JAPANESE: &str = "お世話になっております。今朝から回線が切断されています。ご確認をお願いいたします。\n";
const ENGLISH: &str = "Hello,\n\nour line has been down since this morning. Could you please have a look at it?\n";

fn desk_with(first_lines: &str) -> Desk {
    let desk = Desk::on_maildir();
    let config = std::fs::read_to_string(desk.path("casepost.toml")).expect("a configuration");
    desk.write("casepost.toml", &format!("{first_lines}\n{config}"));
    desk
}

fn mail<'a>(from: &'a str, id: &'a str, text: &'a str) -> Letter<'a> {
    Letter { text, extra: "Content-Type: text/plain; charset=utf-8\n", ..letter(from, id, "4711") }
}

/// The parts of a mail as their readers see them.
fn parts(raw: &str) -> String {
    let mail = mail_parser::MessageParser::default().parse(raw.as_bytes()).expect("a mail");
    let text = mail.body_text(0).expect("a text part").into_owned();
    format!("{text}\n{}", mail.body_html(0).expect("an HTML part"))
}

#[test]
fn a_customer_is_answered_in_the_language_of_the_request_and_staff_are_told_in_english() {
    let desk = Desk::on_maildir();
    desk.mail_at("1", "2026-11-03T10:00:00Z", mail("ada@books.test", "1@books.test", GERMAN).raw());
    desk.once_at("2026-11-03T10:01:00Z");
    let case = reference(&desk.cases()[0]);
    desk.run(&["--now", "2026-11-03T11:00:00Z", "case", "close", &case]).ok();
    desk.once_at("2026-11-03T11:01:00Z");

    let sent = desk.sent_to("ada@books.test");
    let acknowledgement = parts(&sent[0]);
    assert!(acknowledgement.contains("Vorgangsnummer"), "{acknowledgement}");
    assert!(
        acknowledgement.contains("Mittwoch, 4.\u{a0}November 2026, 11:00\u{a0}Uhr (UTC+01:00)"),
        "{acknowledgement}"
    );
    assert!(acknowledgement.contains("<html lang=\"de\">"), "{acknowledgement}");
    assert!(parts(&sent[1]).contains("ist geschlossen"), "{}", sent[1]);
    let staff = parts(&desk.sent_to("frida@desk.test")[0]);
    assert!(staff.contains("Tue 3 November 2026, 10:00 (UTC)") && staff.contains("<html lang=\"en\">"), "{staff}");
}

#[test]
fn the_directory_knows_better_than_a_mail_which_language_somebody_reads() {
    let desk = Desk::on_maildir();
    desk.run(&["contact", "set", "ada@books.test", "--new", "language=fr"]).ok();
    desk.run(&["contact", "set", "bob@books.test", "--new", "language=nl"]).ok();
    desk.write("ada.eml", &mail("ada@books.test", "1@books.test", GERMAN).raw());
    desk.write("bob.eml", &mail("bob@books.test", "2@books.test", GERMAN).raw());
    desk.write("eve.eml", &mail("eve@books.test", "3@books.test", "It is down.").raw());
    for (file, language) in [("ada.eml", "fr"), ("bob.eml", "de"), ("eve.eml", "en")] {
        let explained = desk.json(&["explain", "--json", file]);
        assert_eq!(explained["mails"][0]["language"], language, "{file}");
        assert_eq!(explained["mails"][1]["language"], "en", "staff");
    }
}

#[test]
fn a_desk_that_writes_english_only_says_so_in_the_language_of_who_wrote_otherwise() {
    let desk = desk_with("policy = \"interspace\"");
    desk.write("ja.eml", &mail("aiko@books.test", "1@books.test", JAPANESE).raw());
    desk.write("en.eml", &mail("ada@books.test", "2@books.test", ENGLISH).raw());
    let told = |file: &str| desk.json(&["explain", "--json", file])["mails"][0].clone();
    let japanese = told("ja.eml");
    assert_eq!(japanese["language"], "en");
    let text = japanese["text"].as_str().unwrap();
    assert!(text.contains("It is now case") && text.contains("英語のみとなります"), "{text}");
    let text = told("en.eml")["text"].as_str().unwrap().to_owned();
    assert!(text.contains("It is now case") && !text.contains("English"), "{text}");
}

#[test]
fn a_policy_has_templates_of_its_own_over_the_general_ones_and_the_configured_folder_lies_over_all() {
    let desk = desk_with("policy = \"own\"\nrules = \"rules\"\ntemplates = \"templates\"");
    for folder in ["rules/general/templates/en", "rules/own/templates/en", "templates/en"] {
        std::fs::create_dir_all(desk.path(folder)).unwrap();
    }
    desk.write("rules/general/policy.toml", "extends = \"base\"\nlanguages = [\"en\"]\n");
    desk.write("rules/own/policy.toml", "extends = \"general\"\n");
    let acknowledge = |folder: &str, text: &str| {
        desk.write(&format!("{folder}/en/acknowledgement.md"), &format!("Subject: [{{{{reference}}}}]\n\n{text}\n"));
    };
    desk.write("mail.eml", &mail("ada@books.test", "1@books.test", ENGLISH).raw());
    let said = || desk.json(&["explain", "--json", "mail.eml"])["mails"][0]["text"].as_str().unwrap().to_owned();
    acknowledge("rules/general/templates", "by the general policy");
    assert!(said().contains("by the general policy"));
    acknowledge("rules/own/templates", "by the special policy");
    assert!(said().contains("by the special policy"));
    acknowledge("templates", "by the folder");
    assert!(said().contains("by the folder"));

    std::fs::remove_file(desk.path("templates/en/acknowledgement.md")).unwrap();
    acknowledge("rules/own/templates", "{{nobody}}");
    let checked = desk.run(&["check", "--offline"]);
    assert_eq!(checked.code, 1);
    let named = "rules/own/templates/en/acknowledgement.md, line 3: this notice has no variable {{nobody}}";
    assert!(checked.out.contains(named), "{}", checked.out);
}

#[test]
fn check_says_which_mails_of_a_language_go_out_in_english() {
    let desk = desk_with("policy = \"own\"\nrules = \"rules\"\ntemplates = \"templates\"");
    std::fs::create_dir_all(desk.path("rules/own")).unwrap();
    std::fs::create_dir_all(desk.path("templates/nl")).unwrap();
    desk.write("rules/own/policy.toml", "extends = \"base\"\nlanguages = [\"nl\", \"en\"]\n");
    desk.write("templates/nl/closed.md", "Subject: [{{reference}}] {{subject}}\n\nGesloten.\n");
    let checked = desk.run(&["check", "--offline"]).out;
    let line = checked.lines().find(|line| line.contains("nl: these mails go out in English")).expect("a note");
    assert!(line.contains("acknowledgement") && !line.contains("closed,"), "{line}");
    assert!(!checked.contains("staff-new-case"), "{checked}");

    desk.write("rules/own/policy.toml", "extends = \"base\"\nlanguages = [\"EN\"]\n");
    let checked = desk.run(&["check", "--offline"]).out;
    assert!(checked.contains("line 2: languages: \"EN\" is no language"), "{checked}");
    desk.write("rules/own/policy.toml", "extends = \"calltower\"\nlanguages = [\"en\", \"nl\"]\n");
    let checked = desk.run(&["check", "--offline"]).out;
    assert!(checked.contains("urgent: there is no text in nl"), "{checked}");
}

#[test]
fn a_mail_without_a_subject_is_called_so_in_its_writers_language() {
    let desk = Desk::on_maildir();
    let mail = Letter { subject: "", ..mail("ada@books.test", "1@books.test", GERMAN) };
    desk.mail_at("1", "2026-11-03T10:00:00Z", mail.raw());
    desk.once_at("2026-11-03T10:01:00Z");
    let sent = desk.sent_to("ada@books.test");
    assert!(parts(&sent[0]).contains("- Betreff: (kein Betreff)"), "{}", sent[0]);
    assert!(header(&sent[0], "Subject").is_some_and(|subject| subject.contains("(kein Betreff)")));
    assert!(desk.sent_to("frida@desk.test").iter().all(|mail| mail.contains("(no subject)")));
}

#[test]
fn a_gallery_has_every_mail_in_each_language_and_a_page_that_leads_to_them() {
    let desk = Desk::on_maildir();
    let said = desk.run(&["generate", "gallery", "gallery"]).ok();
    assert!(said.contains("gallery/index.html"), "{said}");
    let index = std::fs::read_to_string(desk.path("gallery/index.html")).expect("an index");
    let links: Vec<&str> = index.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    for place in ["ja/acknowledgement-full.html", "ja/acknowledgement-sparse.txt", "en/staff-new-case-full.html"] {
        assert!(links.contains(&place), "{place}: {links:?}");
    }
    for link in links {
        let page = std::fs::read_to_string(desk.path("gallery").join(link)).expect(link);
        assert!(page.contains("Example Support"), "{link}");
    }
    assert!(!desk.path("gallery/de/staff-new-case-full.html").exists(), "staff read English");
}

#[test]
fn the_gallery_among_the_documents_is_what_the_templates_say() {
    let desk = Desk::on_maildir();
    desk.run(&["generate", "gallery", "--markdown", "gallery"]).ok();
    for language in ["en", "de", "fr", "bg", "ja"] {
        let name = format!("{language}.md");
        let written = std::fs::read_to_string(desk.path("gallery").join(&name)).expect("a page");
        let kept = std::fs::read_to_string(format!("docs/gallery/{name}")).unwrap_or_default();
        assert!(
            written == kept,
            "docs/gallery/{name} is not what the templates say: run `cargo run -- generate gallery --markdown docs/gallery`"
        );
    }
}
