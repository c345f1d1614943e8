//! Servers that go away in the middle of a test and come back: on the same ports, with the same mail.

use std::net::TcpStream;
use std::path::Path;

use super::{Servers, until};

impl Servers {
    /// Ends Dovecot in good order: it says BYE to its clients. Then its ports refuse connections, and Postfix keeps what
    /// it should deliver in its queue.
    pub fn stop_dovecot(&self) {
        self.dovecot.stop();
    }

    /// Kills Dovecot and all its processes: connections end without a word, whatever they were at.
    pub fn kill_dovecot(&self) {
        self.dovecot.kill();
    }

    /// Starts Dovecot again after [`Servers::stop_dovecot`] or [`Servers::kill_dovecot`].
    pub fn start_dovecot(&self) {
        self.dovecot.up();
    }

    /// Ends Postfix in good order. Then its ports refuse connections; its queue stays.
    pub fn stop_postfix(&self) {
        self.postfix.stop();
    }

    /// Kills Postfix and all its processes: connections end without a word, whatever they were at.
    pub fn kill_postfix(&self) {
        self.postfix.kill();
    }

    /// Starts Postfix again after [`Servers::stop_postfix`] or [`Servers::kill_postfix`]: at once it tries what is in its
    /// queue.
    pub fn start_postfix(&self) {
        self.postfix.up();
    }
}

/// Waits until a server takes connections on all of its ports and can be told to stop, which may come later; false when
/// that doesn't happen.
pub fn is_up(ports: &[u16], pid_file: &Path) -> bool {
    until(|| pid_file.exists() && ports.iter().all(|&port| TcpStream::connect(("127.0.0.1", port)).is_ok()))
}
