//! Questions to the person at the terminal, and what they are told between them.

use std::io::{IsTerminal, Write, stderr, stdin, stdout};

use crossterm::{
    event::{self, Event, KeyEventKind},
    terminal::{disable_raw_mode, enable_raw_mode},
};
use inquire::{
    Confirm, InquireError, Select,
    ui::{Attributes, Color, RenderConfig, StyleSheet, Styled},
};
use secrecy::SecretString;
use tokio::runtime::{Builder, Runtime};

use super::line::{Line, Pressed};
use crate::cli::{
    exit::Left,
    paint::{Ink, Paint, fit, wrapped},
};

/// As wide as a text is pleasant to read.
const WIDTH: usize = 78;
/// What stands in the line, and back to its beginning.
const ERASE: &str = "\r\x1b[2K";
/// The line, and what stands under it.
const CLEAR: &str = "\r\x1b[J";
/// Keeps the cursor's place, and goes back there.
const KEEP: &str = "\x1b7";
const BACK: &str = "\x1b8";
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

    /// An answer that `check` is content with; its error says what to write instead. One that was refused goes, so that
    /// the next is not appended to it.
    pub fn line(&self, question: Question<'_>, check: impl Fn(&str) -> Result<(), String>) -> anyhow::Result<String> {
        loop {
            let typed = self.ask(|| self.read_line(question))?;
            let answer = match (typed.trim(), question.default) {
                ("", Some(default)) => default,
                (typed, _) => typed,
            };
            match check(answer) {
                Ok(()) => {
                    self.show(&format!("  {} {}\n", question.text, self.paint.ink(Ink::Bold, answer)))?;
                    return Ok(answer.to_owned());
                }
                Err(why) => self.show(&format!("{}\n", self.paint.ink(Ink::Red, &format!("# {why}"))))?,
            }
        }
    }

    fn read_line(&self, question: Question<'_>) -> Result<String, InquireError> {
        let _raw = RawMode::enter()?;
        // Room for the help, or its line would move the question's while that is drawn.
        self.show("\n\x1b[A")?;
        let mut line = Line::default();
        loop {
            self.draw(question, &line)?;
            let Event::Key(key) = event::read()? else { continue };
            match if key.kind == KeyEventKind::Release { Pressed::Edited } else { line.press(key) } {
                Pressed::Edited => {}
                Pressed::Enter => {
                    self.show(CLEAR)?;
                    return Ok(line.text());
                }
                Pressed::Cancel => {
                    self.show(CLEAR)?;
                    return Err(InquireError::OperationCanceled);
                }
                Pressed::Interrupt => return Err(InquireError::OperationInterrupted),
            }
        }
    }

    fn draw(&self, question: Question<'_>, line: &Line) -> std::io::Result<()> {
        let (columns, text) = (columns(), question.text);
        let default =
            question.default.map(|default| format!("({}) ", fit(default, columns.saturating_sub(40).max(20))));
        let default = default.unwrap_or_default();
        let room = columns.saturating_sub(text.chars().count() + default.chars().count() + 4).max(8);
        let (before, after) = line.seen(room);
        let prefix = self.paint.ink(Ink::Green, "?");
        let help = question.help.map(|help| self.paint.ink(Ink::Dim, &fit(&format!("[{help}]"), columns - 1)));
        let help = help.unwrap_or_default();
        self.show(&format!("{CLEAR}{prefix} {text} {default}{before}{KEEP}{after}\r\n{help}{BACK}"))
    }

    /// Read as the terminal gives lines: it erases by its own keys, and echoes nothing while the dialogue has it
    /// (`terminal`).
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

/// The terminal gives every key at once, while one of these lives.
struct RawMode;

impl RawMode {
    fn enter() -> std::io::Result<RawMode> {
        enable_raw_mode().map(|()| RawMode)
    }
}

impl Drop for RawMode {
    fn drop(&mut self) {
        // The terminal may have gone.
        let _ = disable_raw_mode();
    }
}

fn columns() -> usize {
    let columns = rustix::termios::tcgetwinsize(stdout()).map_or(0, |size| usize::from(size.ws_col));
    if columns == 0 { WIDTH } else { columns.max(20) }
}

fn width() -> usize {
    columns().min(WIDTH)
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
