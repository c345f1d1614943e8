//! Pauses between tries at something that failed: growing, and never the same twice, so that what failed together does not
//! come back together.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(500);
const LAST: Duration = Duration::from_secs(60);
/// Where only a person can help: often enough to notice that they did, rarely enough that no account is locked for it.
const FIRST_FOR_PERSON: Duration = Duration::from_secs(60);
const LAST_FOR_PERSON: Duration = Duration::from_secs(900);

#[derive(Debug, Clone, Default)]
pub struct Pause {
    tries: u32,
}

impl Pause {
    pub fn new() -> Pause {
        Pause::default()
    }

    /// It worked: the next pause is a short one.
    pub fn reset(&mut self) {
        self.tries = 0;
    }

    /// After a failure that passes by itself, as a rule.
    pub fn passing(&mut self) -> Duration {
        self.grown(FIRST, LAST)
    }

    /// After a failure that only a person can mend.
    pub fn for_person(&mut self) -> Duration {
        self.grown(FIRST_FOR_PERSON, LAST_FOR_PERSON)
    }

    fn grown(&mut self, first: Duration, last: Duration) -> Duration {
        let doubled = first.saturating_mul(2_u32.saturating_pow(self.tries)).min(last);
        self.tries = (self.tries + 1).min(16);
        let mut random = [0_u8; 1];
        // Without randomness the pauses are only alike.
        let _ = getrandom::fill(&mut random);
        doubled + doubled * u32::from(random[0]) / 1024
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_their_end_and_begin_again_when_it_worked() {
        let mut pause = Pause::new();
        let pauses: Vec<Duration> = (0..20).map(|_| pause.passing()).collect();
        assert!(pauses[0] >= FIRST && pauses[0] <= FIRST * 5 / 4, "{pauses:?}");
        assert!(pauses[12..].iter().all(|p| *p >= LAST && *p <= LAST * 5 / 4), "{pauses:?}");
        pause.reset();
        assert!(pause.passing() <= FIRST * 5 / 4);
        assert!(Pause::new().for_person() >= FIRST_FOR_PERSON);
    }
}
