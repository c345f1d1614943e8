//! When a mail that could not be delivered is tried again: after 1, 2, 4, … minutes, at most 4 hours apart, for three
//! days; then it has failed.

use chrono::{DateTime, Duration, Utc};

const FIRST: Duration = Duration::minutes(1);
const LONGEST: Duration = Duration::hours(4);
const GIVE_UP_AFTER: Duration = Duration::days(3);

/// The next try after the `attempts`-th failed one (counted from 1), or none when it is time to give up.
///
/// `seed` spreads the tries by up to a fifth, so that a thousand mails that failed together don't come back together.
pub fn next_try(created_at: DateTime<Utc>, attempts: u32, seed: u64, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    if now - created_at >= GIVE_UP_AFTER {
        return None;
    }
    let doubled = FIRST * 2_i32.pow(attempts.saturating_sub(1).min(8));
    let pause = doubled.min(LONGEST);
    // Fibonacci hashing: neighbouring seeds land far apart.
    let spread = (seed.wrapping_add(u64::from(attempts)).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) % 200;
    let jitter = pause * i32::try_from(spread).unwrap_or(0) / 1000;
    Some(now + pause + jitter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_grow_from_a_minute_to_four_hours_and_end_after_three_days() {
        let created_at = DateTime::UNIX_EPOCH;
        let mut now = created_at;
        let mut pauses = Vec::new();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let Some(next) = next_try(created_at, attempts, 7, now) else { break };
            pauses.push(next - now);
            now = next;
        }
        assert!(pauses[0] >= FIRST && pauses[0] < Duration::seconds(73), "{:?}", pauses[0]);
        assert!(pauses.iter().all(|p| *p <= LONGEST * 6 / 5));
        assert!(pauses[9..].iter().all(|p| *p >= LONGEST));
        assert!(now - created_at >= GIVE_UP_AFTER && now - created_at < GIVE_UP_AFTER + Duration::hours(5));
    }

    #[test]
    fn mails_that_failed_together_come_back_apart() {
        let tries: std::collections::BTreeSet<_> =
            (0..100).filter_map(|seed| next_try(DateTime::UNIX_EPOCH, 5, seed, DateTime::UNIX_EPOCH)).collect();
        assert!(tries.len() > 50);
    }
}
