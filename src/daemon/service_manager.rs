//! What the service manager (systemd) is told: that the daemon is ready, alive, reloading or stopping, and how it fares.
//! Without one, nothing is told.

use std::time::{Duration, Instant};

use sd_notify::NotifyState;

pub struct ServiceManager {
    /// how often it wants a sign of life
    watchdog: Option<Duration>,
    told_alive_at: Option<Instant>,
    told_status: String,
}

impl ServiceManager {
    pub fn from_environment() -> ServiceManager {
        ServiceManager { watchdog: sd_notify::watchdog_enabled(), told_alive_at: None, told_status: String::new() }
    }

    pub fn ready(&self) {
        tell(&[NotifyState::Ready]);
    }

    /// All parts are alive. May be said as often as one likes.
    pub fn alive(&mut self) {
        let Some(every) = self.watchdog else { return };
        if self.told_alive_at.is_none_or(|at| at.elapsed() >= every / 3) {
            self.told_alive_at = Some(Instant::now());
            tell(&[NotifyState::Watchdog]);
        }
    }

    /// One line for people. May be said as often as one likes.
    pub fn status(&mut self, status: &str) {
        if self.told_status != status {
            status.clone_into(&mut self.told_status);
            tell(&[NotifyState::Status(status)]);
        }
    }

    pub fn stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }
}

/// The configuration is being read anew; to be followed by [`reloaded`].
pub fn reloading() {
    // Newer versions want to know when.
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(_) => tell(&[NotifyState::Reloading]),
    }
}

pub fn reloaded() {
    tell(&[NotifyState::Ready]);
}

fn tell(state: &[NotifyState<'_>]) {
    // The service manager may have gone: the daemon works all the same.
    let _ = sd_notify::notify(state);
}
