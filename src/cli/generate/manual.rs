//! Manual pages: one for each command, from its definition.
//!
//! clap's generator puts all that `--help` says after the options under one heading, "EXTRA". Readers of manuals look
//! for DESCRIPTION, EXAMPLES and EXIT STATUS, so that text is taken apart here: a few words and a colon over indented
//! lines become a section of their own, and the rest goes to the description. Indented lines stay as they are.

use std::io;

use clap::Command;
use clap_mangen::{
    Man,
    roff::{Roff, roman},
};

pub struct Page {
    /// `casepost-case-list.1`
    pub file_name: String,
    pub roff: Vec<u8>,
}

/// The program's page, and one for every command under it.
pub fn pages(program: Command) -> io::Result<Vec<Page>> {
    // `help` is no command of its own: each page tells what it would.
    let mut program = program.disable_help_subcommand(true);
    program.build();
    let source = format!("{} {}", program.get_name(), program.get_version().unwrap_or_default());
    let mut pages = Vec::new();
    collect(&program, &[], &source, &mut pages)?;
    Ok(pages)
}

fn collect(command: &Command, above: &[String], source: &str, pages: &mut Vec<Page>) -> io::Result<()> {
    pages.push(page(command, above, source)?);
    let mut path = above.to_vec();
    path.push(full_name(command));
    command.get_subcommands().filter(|c| !c.is_hide_set()).try_for_each(|below| collect(below, &path, source, pages))
}

fn page(command: &Command, above: &[String], source: &str) -> io::Result<Page> {
    let man = Man::new(command.clone());
    let after = After::of(command);
    let mut roff = title(command, source).into_bytes();
    man.render_name_section(&mut roff)?;
    man.render_synopsis_section(&mut roff)?;
    man.render_description_section(&mut roff)?;
    paragraphs(&after.prose).to_writer(&mut roff)?;
    man.render_options_section(&mut roff)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut roff)?;
    }
    for block in &after.blocks {
        section(block).to_writer(&mut roff)?;
    }
    see_also(above).to_writer(&mut roff)?;
    Ok(Page { file_name: man.get_filename(), roff })
}

/// The generator's own title loses the empty date, and takes the version for it. A date there is none: a page changes
/// with the program, and the same source has to give the same bytes.
fn title(command: &Command, source: &str) -> String {
    format!(".TH {} 1 \"\" \"{source}\" Casepost\n", full_name(command).to_uppercase())
}

/// What `--help` says after the options.
#[derive(Debug, Default, PartialEq, Eq)]
struct After {
    /// an empty line ends a paragraph, an indented one stays as it is
    prose: Vec<String>,
    blocks: Vec<Block>,
}

#[derive(Debug, PartialEq, Eq)]
struct Block {
    heading: String,
    lines: Vec<String>,
}

impl After {
    fn of(command: &Command) -> After {
        // The short and the long help may end in different texts; a page has both.
        let mut texts: Vec<String> = [command.get_after_help(), command.get_after_long_help()]
            .into_iter()
            .flatten()
            .map(|t| t.to_string())
            .collect();
        texts.dedup();
        let mut after = After::default();
        texts.iter().for_each(|text| after.read(text));
        after
    }

    fn read(&mut self, text: &str) {
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let few_words = line.ends_with(':') && line.split_whitespace().count() <= 3;
            if !few_words || !lines.peek().is_some_and(|next| indented(next)) {
                self.prose.push(line.to_owned());
                continue;
            }
            let mut block = Block { heading: heading(line), lines: Vec::new() };
            while let Some(line) = lines.next_if(|next| indented(next)) {
                block.lines.push(line.to_owned());
            }
            self.blocks.push(block);
        }
    }
}

fn indented(line: &str) -> bool {
    line.starts_with(' ')
}

/// man-pages(7) has names for what `--help` calls otherwise.
fn heading(line: &str) -> String {
    match line.trim_end_matches(':') {
        "Example" | "Examples" => "EXAMPLES".to_owned(),
        "Exit codes" => "EXIT STATUS".to_owned(),
        other => other.to_uppercase(),
    }
}

fn paragraphs(prose: &[String]) -> Roff {
    let mut roff = Roff::new();
    for paragraph in prose.split(|line| line.is_empty()).filter(|lines| !lines.is_empty()) {
        roff.control("PP", []);
        for run in paragraph.chunk_by(|one, next| indented(one) == indented(next)) {
            if indented(&run[0]) { as_they_are(&mut roff, run) } else { lines(&mut roff, run) }
        }
    }
    roff
}

fn section(block: &Block) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [block.heading.as_str()]);
    as_they_are(&mut roff, &block.lines);
    roff
}

fn as_they_are(roff: &mut Roff, run: &[String]) {
    roff.control("nf", []);
    lines(roff, run);
    roff.control("fi", []);
}

fn lines(roff: &mut Roff, run: &[String]) {
    for line in run {
        roff.text([roman(line.as_str())]);
    }
}

fn see_also(above: &[String]) -> Roff {
    let mut roff = Roff::new();
    if !above.is_empty() {
        let pages: Vec<String> = above.iter().map(|name| format!("{name}(1)")).collect();
        roff.control("SH", ["SEE ALSO"]).text([roman(pages.join(", "))]);
    }
    roff
}

/// `casepost-case-list`
fn full_name(command: &Command) -> String {
    command.get_display_name().unwrap_or_else(|| command.get_name()).to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::CommandFactory;

    use super::*;
    use crate::cli::Arguments;

    fn all() -> BTreeMap<String, String> {
        let text = |page: Page| (page.file_name, String::from_utf8(page.roff).unwrap().replace('\\', ""));
        pages(Arguments::command()).unwrap().into_iter().map(text).collect()
    }

    #[test]
    fn every_command_and_every_option_has_its_place_in_a_page() {
        fn check(command: &Command, pages: &mut BTreeMap<String, String>) {
            let name = full_name(command);
            let page = pages.remove(&format!("{name}.1")).unwrap_or_else(|| panic!("no page for {name}"));
            for argument in command.get_arguments().filter(|a| !a.is_hide_set()) {
                let shown = match argument.get_long() {
                    Some(long) => format!("--{long}"),
                    None => argument.get_value_names().unwrap_or_default()[0].to_string(),
                };
                let options = page.split(".SH OPTIONS").nth(1).unwrap_or_else(|| panic!("{name} has no options"));
                assert!(options.contains(&shown), "{name} tells nothing of {shown}");
            }
            for below in command.get_subcommands() {
                assert!(
                    page.contains(&format!("{}(1)", full_name(below))),
                    "{name} does not name {}",
                    full_name(below)
                );
                check(below, pages);
            }
        }
        let mut pages = all();
        let mut program = Arguments::command().disable_help_subcommand(true);
        program.build();
        check(&program, &mut pages);
        assert!(pages.is_empty(), "pages of no command: {:?}", pages.keys());
    }

    #[test]
    fn examples_and_exit_codes_have_the_headings_that_readers_look_for() {
        let pages = all();
        let program = &pages["casepost.1"];
        assert!(program.contains(".SH \"EXIT STATUS\"\n.nf\n  0   done\n"), "{program}");
        assert!(program.contains(".SH \"BEGIN WITH\""), "{program}");
        assert!(program.starts_with(".TH CASEPOST 1 \"\" \"casepost "), "{program}");
        assert!(program.contains("CASEPOST_CONFIG"), "{program}");
        let reply = &pages["casepost-case-reply.1"];
        let description = reply.find("The mail goes to the requester").unwrap();
        assert!(description < reply.find(".SH OPTIONS").unwrap(), "{reply}");
        assert!(reply.contains(".SH EXAMPLES\n.nf\n  casepost case reply"), "{reply}");
        assert!(reply.ends_with(".SH \"SEE ALSO\"\ncasepost(1), casepost-case(1)\n"), "{reply}");
        assert!(!pages.values().any(|page| page.contains("EXTRA")));
    }

    #[test]
    fn only_a_few_words_with_a_colon_over_indented_lines_head_a_section() {
        let prose =
            "Mind this:\nit is prose.\n\nFor others, the exit code tells how the desk fares:\n  0   well\nMore.";
        let mut after = After::default();
        after.read(&format!("{prose}\n\nExample:\n  casepost\n    run"));
        assert_eq!(after.prose, prose.lines().chain([""]).collect::<Vec<_>>());
        let lines = vec!["  casepost".to_owned(), "    run".to_owned()];
        assert_eq!(after.blocks, [Block { heading: "EXAMPLES".to_owned(), lines }]);
        let roff = paragraphs(&after.prose).to_roff();
        assert!(roff.ends_with("how the desk fares:\n.nf\n  0   well\n.fi\nMore.\n"), "{roff}");
    }
}
