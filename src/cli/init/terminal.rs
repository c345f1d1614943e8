//! The terminal while the dialogue has it.
//!
//! It echoes nothing: questions show what is typed themselves, and what is typed between them, while a server is waited
//! for, may be a password. During most questions Ctrl-C is a key, which `talk` reads; during a password and between
//! questions it is a signal that ends the program. Either way the terminal is left as it was found, and files are written
//! all or none.

use std::{
    io::{Write, stdin},
    sync::{Arc, Mutex, PoisonError},
};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{Signal, SignalKind, signal},
};

use super::talk::LEAVE;
use crate::cli::exit::{LEFT, Left};

const SHOW_CURSOR: &str = "\x1b[?25h";
const PLAIN_PASTE: &str = "\x1b[?2004l";

pub struct Terminal(Arc<State>);

struct State {
    before: Termios,
    /// held while files are written: a signal waits for that
    files_are_written: Mutex<bool>,
}

impl Terminal {
    pub fn take() -> anyhow::Result<Terminal> {
        let before = tcgetattr(stdin())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        let state = Arc::new(State { before, files_are_written: Mutex::new(false) });
        let terminal = Terminal(state.clone());
        let signals = Signals::listen()?;
        std::thread::spawn(move || {
            signals.wait();
            state.leave();
        });
        tcsetattr(stdin(), OptionalActions::Now, &silent)?;
        Ok(terminal)
    }

    /// Runs what writes the files. No signal ends the program in the middle of it.
    pub fn write(&self, files: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        let mut written = self.0.files_are_written.lock().unwrap_or_else(PoisonError::into_inner);
        files()?;
        *written = true;
        Ok(())
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.0.restore();
    }
}

impl State {
    fn restore(&self) {
        // The terminal may have gone.
        let _ = tcsetattr(stdin(), OptionalActions::Now, &self.before);
    }

    fn leave(&self) -> ! {
        let written = self.files_are_written.lock().unwrap_or_else(PoisonError::into_inner);
        self.restore();
        let mut screen = std::io::stderr().lock();
        let word = if *written { String::new() } else { format!("casepost: {Left}\n") };
        let _ = write!(screen, "{SHOW_CURSOR}{PLAIN_PASTE}{LEAVE}{word}");
        std::process::exit(LEFT.into())
    }
}

struct Signals {
    runtime: Runtime,
    all: [Signal; 3],
}

impl Signals {
    fn listen() -> anyhow::Result<Signals> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let entered = runtime.enter();
        let all = [signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?, signal(SignalKind::hangup())?];
        drop(entered);
        Ok(Signals { runtime, all })
    }

    fn wait(self) {
        let Signals { runtime, all: [mut interrupt, mut terminate, mut hangup] } = self;
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        });
    }
}
