//! All mails of a desk, written with sample data, in a folder to look at: each notice in each language, with everything
//! that it may say and with as little as it may say.

use std::{fs, path::Path};

use anyhow::Context as _;

use crate::mail::template::{FALLBACK_LANGUAGE, Rendered, Templates, escape, sample};

/// Writes a page for each language, with the text of each of its mails; gives how many pages there are.
pub fn write_pages(templates: &Templates, dir: &Path) -> anyhow::Result<usize> {
    let languages = languages(templates);
    for language in &languages {
        let others = languages.iter().filter(|other| *other != language);
        let others: Vec<String> = others.map(|other| format!("[{other}]({other}.md)")).collect();
        let mut page = format!(
            "# The desk's mails ({language})\n\nEvery mail, as plain text, with sample data for all that it may say. \
             Written by `casepost generate gallery --markdown`; the templates are under `templates/{language}/`. In other \
             languages: {}.\n",
            others.join(", ")
        );
        for notice in Templates::names().filter(|notice| templates.has(notice, language)) {
            let mail = templates.render(notice, language, &sample::data(notice))?;
            let text = format!("Subject: {}\n\n{}", mail.subject, mail.text.trim_end());
            page.push_str(&format!("\n## {notice}\n\n{}\n", fenced(&text)));
        }
        put(&dir.join(format!("{language}.md")), &page)?;
    }
    Ok(languages.len())
}

/// A block of code, within more backticks than there are in it in a row.
fn fenced(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}text\n{text}\n{fence}")
}

/// The one that all mails are in comes first.
fn languages(templates: &Templates) -> Vec<&str> {
    let mut languages: Vec<&str> = templates.languages().into_iter().collect();
    languages.sort_by_key(|language| (*language != FALLBACK_LANGUAGE, *language));
    languages
}

/// Writes the folder; gives how many mails there are in it.
pub fn write(templates: &Templates, dir: &Path) -> anyhow::Result<usize> {
    let languages = languages(templates);
    let mut rows = String::new();
    let mut mails = 0;
    for notice in Templates::names() {
        rows.push_str(&format!("<tr><th scope=\"row\">{notice}</th>"));
        for language in &languages {
            rows.push_str("<td>");
            if templates.has(notice, language) {
                let full = templates.render(notice, language, &sample::data(notice))?;
                let sparse = templates.render(notice, language, &sample::sparse_data(notice))?;
                for (mail, name) in [(full, "full"), (sparse, "sparse")] {
                    let place = format!("{language}/{notice}-{name}");
                    put(&dir.join(format!("{place}.html")), &page(&mail))?;
                    put(&dir.join(format!("{place}.txt")), &format!("Subject: {}\n\n{}", mail.subject, mail.text))?;
                    rows.push_str(&format!("<a href=\"{place}.html\">{name}</a> <a href=\"{place}.txt\">text</a><br>"));
                    mails += 1;
                }
            }
            rows.push_str("</td>");
        }
        rows.push_str("</tr>\n");
    }
    put(&dir.join("index.html"), &index(&languages, &rows))?;
    Ok(mails)
}

fn put(path: &Path, text: &str) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// The HTML part with its subject above it: nothing else of a mail shows that.
fn page(mail: &Rendered) -> String {
    let subject = escape(&mail.subject);
    let above =
        format!("<p style=\"margin:0;padding:12px 16px;background:#e8eaed;color:#202124\">{subject}</p>\n<div ");
    mail.html.replacen("<div ", &above, 1)
}

fn index(languages: &[&str], rows: &str) -> String {
    let heads: String = languages.iter().map(|language| format!("<th scope=\"col\">{language}</th>")).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>The desk's mails</title>\n\
         <style>body {{ font-family: system-ui, sans-serif; margin: 24px }} th {{ text-align: left }}\n\
         td, th {{ padding: 6px 12px; vertical-align: top; border-bottom: 1px solid #9aa0a6 }}</style>\n</head>\n<body>\n\
         <h1>The desk's mails</h1>\n\
         <p>Each with sample data: <em>full</em> has everything that the notice may say, <em>sparse</em> as little as it may. \
         Where a language has none, the mail goes out in English; notices to staff are in English only.</p>\n\
         <table>\n<thead><tr><th scope=\"col\">notice</th>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n\
         </body>\n</html>\n"
    )
}
