//! Questions to the person at the terminal, and what they are told between them.

use std::io::{IsTerminal, Write, stderr, stdin, stdout};

use inquire::{
    Confirm, InquireError, Select, Text,
    ui::{Attributes, Color, RenderConfig, StyleSheet, Styled},
    validator::{ErrorMessage, Validation},
};
use secrecy::SecretString;
use tokio::runtime::{Builder, Runtime};

use crate::cli::{
    exit::Left,
    paint::{Ink, Paint, fit, wrapped},
};

/// As wide as a text is pleasant to read.
const WIDTH: usize = 78;
/// What stands in the line, and back to its beginning.
const ERASE: &str = "\r\x1b[2K";
/// What stands under the line.
pub const LEAVE: &str = "\n\x1b[J";

pub struct Talk {
    look: RenderConfig<'static>,
    paint: Paint,
    runtime: Runtime,
}

/// A question with what stands in brackets behind it, and a line of help under it while it is open.
#[derive(Debug, Default, Clone, Copy)]
pub struct Question<'a> {
    pub text: &'a str,
    pub default: Option<&'a str>,
    pub help: Option<&'a str>,
}

/// Is somebody there to be asked?
pub fn is_possible() -> bool {
    stdin().is_terminal() && stdout().is_terminal() && stderr().is_terminal()
}

impl Talk {
    pub fn new() -> anyhow::Result<Talk> {
        let paint = Paint::stdout();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        Ok(Talk { look: look(paint), paint, runtime })
    }

    /// An answer that `check` is content with; its error says what to write instead.
    pub fn line(
        &self,
        question: Question<'_>,
        check: impl Fn(&str) -> Result<(), String> + Clone + 'static,
    ) -> anyhow::Result<String> {
        let answer = self.ask(|| {
            let check = check.clone();
            let mut prompt = Text::new(question.text).with_render_config(self.look);
            prompt.default = question.default;
            prompt.help_message = question.help;
            let valid = move |answer: &str| {
                Ok(match check(answer.trim()) {
                    Ok(()) => Validation::Valid,
                    Err(why) => Validation::Invalid(ErrorMessage::Custom(why)),
                })
            };
            prompt.with_validator(valid).prompt()
        })?;
        Ok(answer.trim().to_owned())
    }

    /// Read as the terminal gives lines: it erases by its own keys, and echoes nothing while the dialogue has it
    /// (`terminal`). The library would take Ctrl-U for a letter, which nobody sees here.
    pub fn password(&self, question: &str) -> anyhow::Result<SecretString> {
        loop {
            self.show(&format!("{} {question} (not shown) ", self.look.prompt_prefix.content))?;
            let mut line = String::new();
            if stdin().read_line(&mut line)? == 0 {
                return Err(Left.into());
            }
            self.show(&format!("{ERASE}  {question} (not shown)\n"))?;
            let password = line.trim_end_matches(['\r', '\n']);
            if !password.is_empty() {
                return Ok(password.to_owned().into());
            }
        }
    }

    /// The index of one of these; the first is what Enter takes. What stands behind a semicolon or a colon only explains,
    /// and goes when it is chosen.
    pub fn choice(&self, question: &str, options: &[String]) -> anyhow::Result<usize> {
        self.ask(|| {
            Select::new(question, options.iter().collect())
                .with_render_config(self.look)
                .with_help_message("up and down, then Enter")
                .with_formatter(&|chosen| chosen.value.split([';', ':']).next().unwrap_or_default().to_owned())
                .without_filtering()
                .raw_prompt()
                .map(|chosen| chosen.index)
        })
    }

    /// Ctrl-C ends the dialogue. So does Ctrl-D, but its key and Escape are one to the library, and Escape is pressed too
    /// easily to lose all answers for it.
    fn ask<T>(&self, prompt: impl Fn() -> Result<T, InquireError>) -> anyhow::Result<T> {
        loop {
            match prompt() {
                Ok(answer) => return Ok(answer),
                Err(InquireError::OperationCanceled) => {
                    let leave = Confirm::new("Leave without writing anything?")
                        .with_render_config(self.look)
                        .with_default(true)
                        .prompt();
                    match leave {
                        Ok(false) => {}
                        Err(InquireError::IO(why)) => return Err(why.into()),
                        _ => return Err(Left.into()),
                    }
                }
                Err(InquireError::OperationInterrupted) => {
                    // The help under the question still stands there.
                    self.show(LEAVE)?;
                    return Err(Left.into());
                }
                Err(why) => return Err(why.into()),
            }
        }
    }

    pub fn heading(&self, text: &str) {
        say!("\n{}", self.paint.ink(Ink::Bold, text));
    }

    pub fn note(&self, text: &str) {
        for line in wrapped(text, width() - 2) {
            say!("  {}", self.paint.ink(Ink::Dim, &line));
        }
    }

    /// As `casepost check` says it.
    pub fn ok(&self, text: &str) {
        self.verdict(Ink::Green, "ok  ", text);
    }

    pub fn bad(&self, text: &str) {
        self.verdict(Ink::Red, "BAD ", text);
    }

    fn verdict(&self, ink: Ink, word: &str, text: &str) {
        for (n, line) in wrapped(text, width() - 6).iter().enumerate() {
            let word = if n == 0 { self.paint.ink(ink, word) } else { "    ".to_owned() };
            say!("{word}  {line}");
        }
    }

    /// Says what is waited for, as long as it is.
    pub fn wait<T>(&self, what: &str, work: impl Future<Output = T>) -> T {
        // Best effort: the work is done all the same.
        let _ = self.show(&format!("  {}", self.paint.ink(Ink::Dim, &fit(&format!("{what} …"), width() - 2))));
        let done = self.runtime.block_on(work);
        let _ = self.show(ERASE);
        done
    }

    fn show(&self, text: &str) -> std::io::Result<()> {
        let mut screen = stdout().lock();
        screen.write_all(text.as_bytes())?;
        screen.flush()
    }

    /// A name that is still being looked up must not hold the program.
    pub fn end(self) {
        self.runtime.shutdown_background();
    }
}

fn width() -> usize {
    let columns = rustix::termios::tcgetwinsize(stdout()).map_or(0, |size| usize::from(size.ws_col));
    if columns == 0 { WIDTH } else { columns.clamp(20, WIDTH) }
}

fn look(paint: Paint) -> RenderConfig<'static> {
    let mut look = RenderConfig::empty();
    look.answered_prompt_prefix = Styled::new(" ");
    if paint.is_coloured() {
        let colour = |text, colour| Styled::new(text).with_fg(colour);
        look.prompt_prefix = colour("?", Color::DarkGreen);
        look.highlighted_option_prefix = colour(">", Color::DarkCyan);
        look.selected_option = Some(StyleSheet::new().with_fg(Color::DarkCyan));
        look.answer = StyleSheet::new().with_attr(Attributes::BOLD);
        look.help_message = StyleSheet::new().with_fg(Color::DarkGrey);
        look.error_message.prefix = colour("#", Color::DarkRed);
        look.error_message.message = StyleSheet::new().with_fg(Color::DarkRed);
    }
    look
}
