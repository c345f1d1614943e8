//! How often one address may ask for something.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Wishes to subscribe in a minute, of one address and of all. Behind these the desk has limits of its own.
const OF_ONE: u32 = 6;
const OF_ALL: u32 = 120;
const MINUTE: Duration = Duration::from_secs(60);
/// Wishes of one address in an hour.
const OF_ONE_IN_AN_HOUR: u32 = 20;
const HOUR: Duration = Duration::from_secs(3600);

/// Counts by whole minutes and hours; holds no more addresses than wishes are taken in an hour.
#[derive(Debug)]
pub(super) struct Rate(Mutex<(Counted, Counted)>);

#[derive(Debug)]
struct Counted {
    since: Instant,
    all: u32,
    by_address: HashMap<IpAddr, u32>,
}

impl Counted {
    fn new(since: Instant) -> Counted {
        Counted { since, all: 0, by_address: HashMap::new() }
    }

    fn begin_anew_after(&mut self, span: Duration, now: Instant) {
        if now.saturating_duration_since(self.since) >= span {
            *self = Counted::new(now);
        }
    }

    fn of(&self, address: IpAddr) -> u32 {
        self.by_address.get(&address).copied().unwrap_or_default()
    }

    fn add(&mut self, address: IpAddr) {
        *self.by_address.entry(address).or_default() += 1;
        self.all += 1;
    }
}

impl Rate {
    pub fn new(now: Instant) -> Rate {
        Rate(Mutex::new((Counted::new(now), Counted::new(now))))
    }

    /// May this address do it once more?
    pub fn takes(&self, address: IpAddr, now: Instant) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (minute, hour) = &mut *counted;
        minute.begin_anew_after(MINUTE, now);
        hour.begin_anew_after(HOUR, now);
        let address = network(address);
        if minute.all >= OF_ALL || minute.of(address) >= OF_ONE || hour.of(address) >= OF_ONE_IN_AN_HOUR {
            return false;
        }
        minute.add(address);
        hour.add(address);
        true
    }
}

/// A line has a whole /64 of IPv6 addresses.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let mut parts = v6.segments();
            parts[4..].fill(0);
            IpAddr::V6(Ipv6Addr::from(parts))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_is_held_back_and_another_is_not_until_the_minute_is_over_or_all_are_too_many() {
        let begin = Instant::now();
        let rate = Rate::new(begin);
        let one: IpAddr = "2001:db8::1".parse().unwrap();
        let neighbour: IpAddr = "2001:db8::ffff".parse().unwrap();
        for _ in 0..OF_ONE {
            assert!(rate.takes(one, begin));
        }
        assert!(!rate.takes(one, begin) && !rate.takes(neighbour, begin));
        let others = (0..OF_ALL).filter(|n| rate.takes(IpAddr::from([10, 0, (n / 256) as u8, *n as u8]), begin));
        assert_eq!(others.count() as u32, OF_ALL - OF_ONE);
        assert!(rate.takes(one, begin + MINUTE));
    }
    #[test]
    fn one_who_is_patient_is_held_back_by_the_hour() {
        let begin = Instant::now();
        let rate = Rate::new(begin);
        let one: IpAddr = "203.0.113.5".parse().unwrap();
        let taken = (0..59).map(|minute| (0..6).filter(|_| rate.takes(one, begin + MINUTE * minute)).count());
        assert_eq!(taken.sum::<usize>() as u32, OF_ONE_IN_AN_HOUR);
        assert!(rate.takes("203.0.113.6".parse().unwrap(), begin + MINUTE * 59));
        assert!(rate.takes(one, begin + HOUR));
    }
}
