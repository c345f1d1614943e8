//! A bar for each mailbox that is being read, on a terminal; and lines of the log beside them.

use std::{
    collections::HashMap,
    io::IsTerminal,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::daemon::progress::Screen;

static BARS: LazyLock<MultiProgress> = LazyLock::new(MultiProgress::new);

/// The bars, where standard error is a terminal.
pub fn screen() -> Option<Arc<dyn Screen>> {
    std::io::stderr().is_terminal().then(|| Arc::new(Bars::default()) as Arc<dyn Screen>)
}

/// Writes onto the terminal without running into a bar.
pub fn beside<T>(write: impl FnOnce() -> T) -> T {
    BARS.suspend(write)
}

#[derive(Default)]
struct Bars(Mutex<HashMap<String, ProgressBar>>);

impl Screen for Bars {
    fn show(&self, mailbox: &str, done: u64, total: u64) {
        let mut bars = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = bars.entry(mailbox.to_owned()).or_insert_with(|| bar(mailbox));
        bar.set_length(total);
        bar.set_position(done);
    }

    fn clear(&self, mailbox: &str) {
        if let Some(bar) = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(mailbox) {
            bar.finish_and_clear();
        }
    }
}

fn bar(mailbox: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {wide_bar} {pos} of {len} mails, {per_sec}, {eta} to go");
    let bar = BARS.add(ProgressBar::new(0)).with_message(format!("mailbox {mailbox}"));
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
