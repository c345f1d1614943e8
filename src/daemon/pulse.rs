//! The sign of life of a part of the daemon: it beats while it gets on with its work, rests while it waits for something
//! to do, and is taken for hung when it does neither.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::time::{Duration, Instant};

#[derive(Clone, Debug)]
pub struct Pulse(Arc<Mutex<Last>>);

#[derive(Debug)]
enum Last {
    Beat(Instant),
    Resting,
}

impl Pulse {
    pub fn new() -> Pulse {
        Pulse(Arc::new(Mutex::new(Last::Beat(Instant::now()))))
    }

    /// A step is done, the next begins.
    pub fn beat(&self) {
        self.set(Last::Beat(Instant::now()));
    }

    /// There is nothing to do for now: however long that is, it is no hang.
    pub fn rest(&self) {
        self.set(Last::Resting);
    }

    fn set(&self, last: Last) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = last;
    }

    /// For how long there has been no sign of life.
    pub fn silent_for(&self) -> Duration {
        match *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Last::Beat(at) => at.elapsed(),
            Last::Resting => Duration::ZERO,
        }
    }
}

impl Default for Pulse {
    fn default() -> Self {
        Pulse::new()
    }
}
