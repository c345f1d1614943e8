//! A real terminal with the program on it, and a person who types: `mod terminal;`.
//!
//! The person types only what they were asked for: [`Terminal::see`] waits until a text has appeared since the last one
//! that was seen, so nothing depends on how fast anything is.

use std::{
    fs::File,
    io::{Read, Write},
    os::fd::OwnedFd,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use rustix::{
    fs::{Mode, OFlags},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize},
};

const PATIENCE: Duration = Duration::from_secs(30);

pub const ENTER: &str = "\r";
pub const DOWN: &str = "\x1b[B";
pub const CTRL_C: &str = "\x03";
pub const CTRL_D: &str = "\x04";

pub struct Terminal {
    keyboard: File,
    program: Child,
    screen: Arc<Screen>,
    /// how much of the screen was seen
    seen: usize,
    /// the program's side, to see how it leaves it
    line: OwnedFd,
}

#[derive(Default)]
struct Screen {
    text: Mutex<Text>,
    changed: Condvar,
}

#[derive(Default)]
struct Text {
    bytes: Vec<u8>,
    ended: bool,
}

impl Terminal {
    /// Runs a program in a folder on a terminal of 80 columns.
    pub fn run(program: &str, arguments: &[&str], folder: &Path, environment: &[(&str, &str)]) -> Terminal {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pseudo-terminal");
        grantpt(&keyboard).and_then(|()| unlockpt(&keyboard)).expect("the other side of it");
        let name = ptsname(&keyboard, Vec::new()).expect("its name");
        let line = rustix::fs::open(&name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("open the other side");
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&line, size).expect("set its size");

        // Its own session with this terminal, or Ctrl-C would be no signal.
        let mut command = Command::new("setsid");
        command.arg("--ctty").arg(program).args(arguments).current_dir(folder);
        command
            .env_remove("CASEPOST_CONFIG")
            .env_remove("NO_COLOR")
            .env("TERM", "xterm")
            .envs(environment.iter().copied());
        let side = || Stdio::from(line.try_clone().expect("the same side again"));
        let program = command.stdin(side()).stdout(side()).stderr(side()).spawn().expect("start the program by setsid");

        let screen = Arc::new(Screen::default());
        let mut output = File::from(keyboard.try_clone().expect("the same side again"));
        let shown = screen.clone();
        thread::spawn(move || shown.fill(&mut output));
        Terminal { keyboard: File::from(keyboard), program, screen, seen: 0, line }
    }

    /// Waits until this appears after what was seen last, wherever its lines are broken.
    #[track_caller]
    pub fn see(&mut self, text: &str) {
        let began = Instant::now();
        let mut shown = self.screen.lock();
        loop {
            let flowing = plain(&shown.bytes).split_whitespace().collect::<Vec<_>>().join(" ");
            if let Some(at) = flowing.get(self.seen..).and_then(|new| new.find(text)) {
                self.seen += at + text.len();
                return;
            }
            let left = PATIENCE.saturating_sub(began.elapsed());
            assert!(!left.is_zero() && !shown.ended, "in vain: \"{text}\" in\n{}", plain(&shown.bytes));
            (shown, _) = self.screen.changed.wait_timeout(shown, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    pub fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("type");
    }

    /// Waits for the question, and answers it.
    #[track_caller]
    pub fn answer(&mut self, question: &str, answer: &str) {
        self.see(question);
        self.press(answer);
        self.press(ENTER);
    }

    /// All that was ever on the screen, without colours and movements.
    pub fn text(&self) -> String {
        plain(&self.screen.lock().bytes)
    }

    /// With them.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.screen.lock().bytes).into_owned()
    }

    pub fn echoes(&self) -> bool {
        tcgetattr(&self.line).expect("the terminal's modes").local_modes.contains(LocalModes::ECHO | LocalModes::ICANON)
    }

    /// Waits until the program has ended; gives its exit code.
    pub fn end(&mut self) -> Option<i32> {
        self.program.wait().expect("wait for the program").code()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A test that failed must leave no program behind; one that ended is no concern.
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Screen {
    fn fill(&self, output: &mut File) {
        let mut chunk = [0; 4096];
        loop {
            // An error when the last program has left the terminal.
            let size = output.read(&mut chunk).unwrap_or(0);
            let mut text = self.lock();
            text.bytes.extend_from_slice(&chunk[..size]);
            text.ended = size == 0;
            self.changed.notify_all();
            if size == 0 {
                return;
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Text> {
        self.text.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Without escape sequences (`ESC [ … letter`) and carriage returns.
fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match c {
            '\x1b' => {
                if characters.next() == Some('[') {
                    characters.by_ref().find(|c| ('@'..='~').contains(c));
                }
            }
            '\r' => {}
            c => plain.push(c),
        }
    }
    plain
}
