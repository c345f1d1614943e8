//! Where commands write what they have to say, and read what is not in their arguments: standard output and input, or,
//! while a scenario runs a command, the scenario.

use std::{
    cell::RefCell,
    io::{self, IsTerminal, Read, Write},
};

thread_local! {
    static CAPTURED: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}

/// Standard output, or whoever captures it.
pub struct Out(());

/// Where a command writes.
pub fn out() -> Out {
    Out(())
}

impl Out {
    pub fn is_terminal(&self) -> bool {
        !is_captured() && io::stdout().is_terminal()
    }
}

impl Write for Out {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        CAPTURED.with_borrow_mut(|captured| match captured {
            Some(text) => text.write(bytes),
            None => io::stdout().lock().write(bytes),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        if is_captured() { Ok(()) } else { io::stdout().lock().flush() }
    }
}

/// Where a command reads: nothing is there while it is captured, because nobody types.
pub fn input() -> Box<dyn Read> {
    if is_captured() { Box::new(io::empty()) } else { Box::new(io::stdin()) }
}

pub fn is_captured() -> bool {
    CAPTURED.with_borrow(Option::is_some)
}

/// Runs `work` on this thread; what it says is given back beside what it returns.
pub fn captured<T>(work: impl FnOnce() -> T) -> (T, String) {
    let before = CAPTURED.replace(Some(Vec::new()));
    let value = work();
    let said = CAPTURED.replace(before).unwrap_or_default();
    (value, String::from_utf8_lossy(&said).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_while_it_is_captured_is_given_back_and_nothing_can_be_read() {
        let (read, said) = captured(|| {
            say!("first {}", 1);
            writeln!(out(), "second").unwrap();
            let mut typed = String::new();
            input().read_to_string(&mut typed).unwrap()
        });
        assert_eq!((read, said.as_str()), (0, "first 1\nsecond\n"));
        assert!(!is_captured());
    }
}
