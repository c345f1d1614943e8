//! A bar for each mailbox that is being read, on a terminal; and lines of the log beside them.

use std::{
    collections::HashMap,
    io::IsTerminal,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};

use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::paint::fit;
use crate::daemon::progress::{Reach, Screen};

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
    fn show(&self, mailbox: &str, reach: Reach) {
        let mut bars = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = bars.entry(mailbox.to_owned()).or_insert_with(|| BARS.add(bar(mailbox)));
        draw(bar, reach);
    }

    fn clear(&self, mailbox: &str) {
        if let Some(bar) = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(mailbox) {
            bar.finish_and_clear();
        }
    }
}

/// The figures are the desk's own: the library would guess the pace from the last moments.
fn bar(mailbox: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {msg}");
    // Nowhere, until it is added to the others.
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()).with_prefix(fit(mailbox, 16));
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn draw(bar: &ProgressBar, reach: Reach) {
    bar.set_message(figures(reach));
    bar.set_length(reach.done + reach.to_go);
    bar.set_position(reach.done);
}

fn figures(reach: Reach) -> String {
    let Reach { done, to_go, per_s, time_to_go } = reach;
    format!("{done} of {} mails, {per_s}/s, {:#} to go", done + to_go, HumanDuration(time_to_go))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn the_figures_leave_room_for_a_bar_on_sixty_columns() {
        let reach = Reach { done: 65_303, to_go: 84_697, per_s: 1510, time_to_go: Duration::from_secs(3600) };
        let said = figures(reach);
        assert_eq!(said, "65303 of 150000 mails, 1510/s, 60m to go");
        assert!("support  ".len() + said.len() <= 50);
    }
}
