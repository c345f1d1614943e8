//! The faults that a proxy has at present, and the count of when they could strike and did.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::servers::fault::{Deed, Fault, Place, Progress, Strikes, What};

pub struct InForce {
    faults: Vec<Counted>,
    /// Of all faults that the proxy ever had.
    hits: Arc<AtomicUsize>,
    /// The connections that there were before these faults.
    earlier: usize,
}

struct Counted {
    fault: Fault,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    chances: usize,
    on_connection: HashMap<usize, usize>,
}

/// A fault that strikes now.
#[derive(Debug, Clone)]
pub struct Struck {
    pub place: Place,
    pub progress: Progress,
    pub deed: Deed,
}

impl InForce {
    pub fn new(faults: impl IntoIterator<Item = Fault>, earlier: usize, hits: Arc<AtomicUsize>) -> InForce {
        let counted = |fault| Counted { fault, counts: Mutex::default() };
        InForce { faults: faults.into_iter().map(counted).collect(), hits, earlier }
    }

    /// The faults that strike at a place: some after which everything goes on, and at most one that decides what becomes
    /// of the command, as the last one.
    pub fn strike(&self, connection: usize, here: impl Fn(&Place) -> bool) -> Vec<Struck> {
        let mut all = Vec::new();
        for counted in &self.faults {
            let What::At { place, progress, deed } = &counted.fault.what else { continue };
            if !here(place) || !self.strikes(counted, connection) {
                continue;
            }
            let struck = Struck { place: place.clone(), progress: *progress, deed: deed.clone() };
            let decides = struck.decides();
            all.push(struck);
            if decides {
                break;
            }
        }
        all
    }

    pub fn hides(&self, connection: usize, name: &str) -> bool {
        let named = |names: &[String]| names.iter().any(|hidden| hidden.eq_ignore_ascii_case(name));
        self.faults.iter().any(|counted| {
            matches!(&counted.fault.what, What::Hide(names) if named(names)) && self.strikes(counted, connection)
        })
    }

    /// A line of the server as the client is to read it.
    pub fn replaced(&self, connection: usize, line: Vec<u8>) -> Vec<u8> {
        let Ok(mut text) = String::from_utf8(line.clone()) else { return line };
        for counted in &self.faults {
            let What::Replace(what, with) = &counted.fault.what else { continue };
            if what.is_match(&text) && self.strikes(counted, connection) {
                text = what.replace_all(&text, with).into_owned();
            }
        }
        text.into_bytes()
    }

    pub fn latency(&self, connection: usize) -> Duration {
        let all = self.faults.iter().filter_map(|counted| match counted.fault.what {
            What::Latency(time) if self.strikes(counted, connection) => Some(time),
            _ => None,
        });
        all.sum()
    }

    /// Bytes per second.
    pub fn rate(&self, connection: usize) -> Option<u64> {
        let all = self.faults.iter().filter_map(|counted| match counted.fault.what {
            What::Rate(rate) if self.strikes(counted, connection) => Some(rate),
            _ => None,
        });
        all.min()
    }

    fn strikes(&self, counted: &Counted, connection: usize) -> bool {
        let mut counts = counted.counts.lock().expect("the counts");
        counts.chances += 1;
        let here = counts.on_connection.entry(connection).or_default();
        *here += 1;
        let here = *here;
        let strikes = match counted.fault.strikes {
            Strikes::Always => true,
            Strikes::First(times) => counts.chances <= times,
            Strikes::Every(nth) => counts.chances.is_multiple_of(nth),
            Strikes::OnFirstConnections(n) => connection > self.earlier && connection - self.earlier <= n,
            Strikes::Sparing(times) => here > times,
        };
        if strikes {
            self.hits.fetch_add(1, Ordering::SeqCst);
        }
        strikes
    }
}

impl Struck {
    /// Or does everything go on after it?
    fn decides(&self) -> bool {
        match self.deed {
            Deed::Wait(_) | Deed::Say(_) => self.progress != Progress::Unheard,
            _ => true,
        }
    }

    /// Does it speak for a server that hears nothing?
    pub fn answers_alone(&self) -> bool {
        self.progress == Progress::Unheard && self.deed.stands_for_the_answer()
    }
}
