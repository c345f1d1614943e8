//! Whether there is a way out for mail at all.
//!
//! A server that is down, or lets nobody in, says nothing of a single mail: then all wait, no try is counted, and after a
//! pause that grows one mail alone tries the way. A server that loses its connection over one mail after another counts
//! as down, too; over one mail only, that mail is to blame, and the others go on.

use chrono::{DateTime, Duration, Utc};

use crate::{daemon::pause::Pause, post::PostError};

/// Mails in a row over which the connection was lost: so many are not to blame themselves.
const BROKEN_IN_A_ROW: u32 = 4;

#[derive(Debug, Default)]
pub struct Road {
    blocked_until: Option<DateTime<Utc>>,
    pause: Pause,
    broken: u32,
    /// A mail went out, and that was told: an earlier process may have left behind that none could.
    is_known_open: bool,
}

/// What changed with an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    Blocked { why: String, needs_person: bool },
    Open,
}

impl Road {
    /// Until when nothing is to be tried; none when the way is open, or may be tried again.
    pub fn blocked_until(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.blocked_until.filter(|until| *until > now)
    }

    /// Was it blocked, and is it to be tried with one mail alone?
    pub fn is_doubtful(&self) -> bool {
        self.blocked_until.is_some()
    }

    /// Tries again at once, whatever it waits for.
    pub fn try_now(&mut self, now: DateTime<Utc>) {
        self.blocked_until = self.blocked_until.map(|until| until.min(now));
    }

    /// No connection can be had.
    pub fn closed(&mut self, why: &PostError, now: DateTime<Utc>) -> Option<News> {
        let needs_person = why.needs_person();
        let pause = if needs_person { self.pause.for_person() } else { self.pause.passing() };
        self.block(why.to_string(), needs_person, pause, now)
    }

    /// A mail was answered for; `broke`: the connection was lost over it.
    pub fn carried(&mut self, broke: bool, now: DateTime<Utc>) -> Option<News> {
        if !broke {
            self.broken = 0;
            self.pause.reset();
            let was_blocked = self.blocked_until.take().is_some();
            let is_news = was_blocked || !self.is_known_open;
            self.is_known_open = true;
            return is_news.then_some(News::Open);
        }
        self.broken += 1;
        if self.broken < BROKEN_IN_A_ROW {
            return None;
        }
        let why = format!("the mail server has lost the connection over {} mails in a row", self.broken);
        let pause = self.pause.passing();
        self.block(why, false, pause, now)
    }

    /// Several connections fail at once: that is one failure.
    fn block(
        &mut self,
        why: String,
        needs_person: bool,
        pause: std::time::Duration,
        now: DateTime<Utc>,
    ) -> Option<News> {
        if self.blocked_until(now).is_some() {
            return None;
        }
        self.blocked_until = Some(now + Duration::from_std(pause).unwrap_or(Duration::MAX));
        Some(News::Blocked { why, needs_person })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn down() -> PostError {
        PostError::Connect { server: "mail.test:25".to_owned(), why: "refused".to_owned() }
    }

    #[test]
    fn a_server_that_is_down_is_tried_again_after_growing_pauses_and_one_that_answers_opens_the_way() {
        let mut road = Road::default();
        let mut now = DateTime::UNIX_EPOCH;
        let mut pauses = Vec::new();
        for _ in 0..20 {
            assert!(matches!(road.closed(&down(), now), Some(News::Blocked { needs_person: false, .. })));
            let until = road.blocked_until(now).unwrap();
            pauses.push(until - now);
            now = until;
            assert_eq!(road.blocked_until(now), None);
            assert!(road.is_doubtful());
        }
        assert!(pauses[0] < Duration::seconds(2) && pauses[19] >= Duration::minutes(1), "{pauses:?}");
        assert_eq!(road.carried(false, now), Some(News::Open));
        assert!(!road.is_doubtful());
        assert_eq!(road.carried(false, now), None);
    }

    #[test]
    fn a_refused_password_is_tried_rarely() {
        let mut road = Road::default();
        let refused = PostError::Credentials { server: "mail.test:25".to_owned(), why: "535".to_owned() };
        let now = DateTime::UNIX_EPOCH;
        assert!(matches!(road.closed(&refused, now), Some(News::Blocked { needs_person: true, .. })));
        assert_eq!(road.closed(&refused, now), None, "a second connection's failure is the same one");
        assert!(road.blocked_until(now).unwrap() >= now + Duration::minutes(1));
        road.try_now(now);
        assert_eq!(road.blocked_until(now), None);
    }

    #[test]
    fn one_mail_that_breaks_the_connection_is_to_blame_itself_and_many_are_not() {
        let mut road = Road::default();
        let now = DateTime::UNIX_EPOCH;
        assert_eq!(road.carried(false, now), Some(News::Open), "the first mail tells that the way is open");
        for _ in 0..20 {
            assert_eq!(road.carried(true, now), None);
            assert_eq!(road.carried(false, now), None);
        }
        for _ in 1..BROKEN_IN_A_ROW {
            assert_eq!(road.carried(true, now), None);
        }
        assert!(matches!(road.carried(true, now), Some(News::Blocked { .. })));
    }
}
