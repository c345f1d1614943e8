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

/// Counts by whole minutes; holds no more addresses than wishes are taken in one.
#[derive(Debug)]
pub(super) struct Rate(Mutex<Counted>);

#[derive(Debug)]
struct Counted {
    since: Instant,
    all: u32,
    by_address: HashMap<IpAddr, u32>,
}

impl Rate {
    pub fn new(now: Instant) -> Rate {
        Rate(Mutex::new(Counted { since: now, all: 0, by_address: HashMap::new() }))
    }

    /// May this address do it once more?
    pub fn takes(&self, address: IpAddr, now: Instant) -> bool {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(counted.since) >= MINUTE {
            *counted = Counted { since: now, all: 0, by_address: HashMap::new() };
        }
        if counted.all >= OF_ALL {
            return false;
        }
        let of_one = counted.by_address.entry(network(address)).or_default();
        if *of_one >= OF_ONE {
            return false;
        }
        *of_one += 1;
        counted.all += 1;
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
}
