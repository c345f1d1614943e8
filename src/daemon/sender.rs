//! From the outbox to the mail server.
//!
//! The oldest due notice first; each is composed once, its bytes kept, then sent to those recipients who still wait,
//! and each recipient's answer is written down with what follows from it (a warning that was taken starts its last
//! day; a refused mail is shown on the case). A crash between the server's 250 and that write sends the same bytes
//! again, under the same Message-ID. Only one process sends (the daemon's lock), so nothing has to be claimed in the
//! database.
//!
//! Nobody is sent two mails at once, so they come in the order in which they were decided.
//!
//! What goes to many ([`Lane::is_for_many`]) never has all connections: an answer to a person finds one free. While some
//! of it is sent, the next is written and kept, so that its connections don't wait for the disk.

pub(super) mod claim;
mod road;
pub(super) mod settle;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use tokio::{sync::Semaphore, task::JoinSet, time::timeout};
use tokio_util::sync::CancellationToken;

use self::{
    claim::{Claimed, claim},
    road::{News, Road},
    settle::settle,
};
use super::{
    letter,
    office::{CurrentOffice, Office},
    pulse::Pulse,
    time::Time,
    trouble,
};
use crate::{
    desk::{
        notice::Lane,
        trouble::{Area, Nature},
    },
    post::{self, Letter, Outcome, PostError, Transport},
    store::{
        StoreError,
        outbox::{self, Frozen, UnderWay},
        writer::Writer,
    },
};

/// When the desk stops, what is under way is given so long to be answered: what is cut off is sent again later.
const LAST_ANSWERS: Duration = Duration::from_secs(2);

/// Letters to many under way for each connection that they may have: one is sent, the others are written or their answers
/// written down. More would be looked up too long before they are sent.
const AHEAD: usize = 4;

#[derive(Clone)]
pub struct Sender {
    pub office: CurrentOffice,
    pub writer: Writer,
    pub transport: Arc<Transport>,
    pub time: Time,
    road: Arc<Mutex<Road>>,
    /// connections for what goes to many
    for_many: Arc<Semaphore>,
    /// answers that could not be written down
    unwritten: Arc<Mutex<Vec<Arc<Carried>>>>,
}

/// What a round of sending did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    pub accepted: u64,
    pub deferred: u64,
    pub failed: u64,
    pub suppressed: u64,
}

impl std::ops::AddAssign for Sent {
    fn add_assign(&mut self, other: Sent) {
        self.accepted += other.accepted;
        self.deferred += other.deferred;
        self.failed += other.failed;
        self.suppressed += other.suppressed;
    }
}

/// A notice that is under way.
struct Sending {
    lane: Lane,
    recipients: Vec<String>,
}

impl Sending {
    fn of(claimed: &Claimed) -> Sending {
        Sending { lane: claimed.notice.kind.lane(), recipients: claimed.recipients().collect() }
    }
}

/// How a claimed notice's letter went.
struct Carried {
    claimed: Claimed,
    /// none: there was no way out, and nothing happened
    answer: Result<post::Sent, PostError>,
}

impl Sender {
    pub fn new(office: CurrentOffice, writer: Writer, transport: Arc<Transport>, time: Time) -> Sender {
        let for_many = Arc::new(Semaphore::new(connections_for_many(&transport)));
        Sender { office, writer, transport, time, road: Arc::default(), for_many, unwritten: Arc::default() }
    }

    /// Until when nothing is tried because there is no way out.
    pub fn blocked_until(&self) -> Option<DateTime<Utc>> {
        lock(&self.road).blocked_until(self.time.now())
    }

    /// Somebody has mended something: what was blocked is tried at once.
    pub fn try_now(&self) {
        lock(&self.road).try_now(self.time.now());
    }

    /// Sends all that is due, until nothing is, there is no way out, or `stop`: then what is under way is still waited
    /// for a little.
    pub async fn send_due(&self, pulse: &Pulse, stop: &CancellationToken) -> Result<Sent, StoreError> {
        let mut total = Sent::default();
        let mut under_way: HashMap<i64, Sending> = HashMap::new();
        let mut tasks: JoinSet<Result<Carried, StoreError>> = JoinSet::new();
        // What a full disk did not let be written down the last time.
        let mut done: Vec<Arc<Carried>> = std::mem::take(&mut *lock(&self.unwritten));
        loop {
            pulse.beat();
            for carried in &done {
                under_way.remove(&carried.claimed.notice.id);
            }
            let room = if stop.is_cancelled() { Room::NONE } else { self.room(&under_way) };
            match self.turn(done.clone(), &under_way, room).await {
                Ok((sent, next)) => {
                    done.clear();
                    total += sent;
                    for claimed in next {
                        under_way.insert(claimed.notice.id, Sending::of(&claimed));
                        let sender = self.clone();
                        tasks.spawn(async move { sender.carry(claimed).await });
                    }
                }
                Err(why) => {
                    self.keep_answers(done, tasks).await;
                    return Err(why);
                }
            }
            let finished = match stop.is_cancelled() {
                true => timeout(LAST_ANSWERS, tasks.join_next()).await.unwrap_or(None),
                false => tokio::select! {
                    finished = tasks.join_next() => finished,
                    () = stop.cancelled() => continue,
                },
            };
            let Some(mut finished) = finished else { return Ok(total) };
            // Those that ended together are written down together.
            loop {
                match finished.unwrap_or_else(|e| Err(StoreError::Panicked(e.to_string()))) {
                    Ok(carried) => done.push(Arc::new(carried)),
                    Err(why) => {
                        self.keep_answers(done, tasks).await;
                        return Err(why);
                    }
                }
                match tasks.try_join_next() {
                    Some(another) => finished = another,
                    None => break,
                }
            }
        }
    }

    /// An answer that was given must not be forgotten when it can't be written down: the mail would go out twice.
    async fn keep_answers(&self, mut done: Vec<Arc<Carried>>, mut tasks: JoinSet<Result<Carried, StoreError>>) {
        while let Some(finished) = tasks.join_next().await {
            done.extend(finished.ok().and_then(Result::ok).map(Arc::new));
        }
        *lock(&self.unwritten) = done;
    }

    /// How many more notices may be taken up.
    fn room(&self, under_way: &HashMap<i64, Sending>) -> Room {
        let road = lock(&self.road);
        if road.blocked_until(self.time.now()).is_some() {
            return Room::NONE;
        }
        let bulk_at_once = connections_for_many(&self.transport) * AHEAD;
        // Some more than there are connections, so that none of these idles while a letter is written.
        let at_once = if road.is_doubtful() { 1 } else { self.transport.connections() * 2 + bulk_at_once };
        let bulk = under_way.values().filter(|sending| sending.lane.is_for_many()).count();
        let all = at_once.saturating_sub(under_way.len());
        Room { all, bulk: bulk_at_once.saturating_sub(bulk).min(all) }
    }

    /// Between two letters: writes down how some went, and takes up the next.
    async fn turn(
        &self,
        done: Vec<Arc<Carried>>,
        under_way: &HashMap<i64, Sending>,
        room: Room,
    ) -> Result<(Sent, Vec<Claimed>), StoreError> {
        let now = self.time.now();
        let news: Vec<News> = done.iter().filter_map(|carried| self.learn(carried, now)).collect();
        let office = self.office.get();
        let under_way = UnderWay {
            notices: under_way.keys().copied().collect(),
            recipients: under_way.values().flat_map(|sending| sending.recipients.iter().cloned()).collect(),
        };
        self.writer
            .run(move |tx| {
                let mut sent = Sent::default();
                for carried in &done {
                    let Carried { claimed, answer } = &**carried;
                    let Ok(answer) = answer else { continue };
                    for (delivery, outcome) in claimed.waiting.iter().zip(&answer.outcomes) {
                        sent += settle(tx, &office, &claimed.notice, delivery, outcome, now)?;
                    }
                }
                for piece in &news {
                    tell(tx, &office, piece, now)?;
                }
                let next = take_up(tx, &office, under_way.clone(), room, &mut sent, now)?;
                Ok((sent, next))
            })
            .await
    }

    fn learn(&self, carried: &Carried, now: DateTime<Utc>) -> Option<News> {
        let mut road = lock(&self.road);
        match &carried.answer {
            Ok(answer) => road.carried(answer.broke, now),
            Err(why) => road.closed(why, now),
        }
    }

    /// One notice: composed if it is not yet, and sent to all who wait.
    async fn carry(&self, mut claimed: Claimed) -> Result<Carried, StoreError> {
        let frozen = match claimed.notice.letter.take() {
            Some(frozen) => frozen,
            None => match self.compose(&claimed).await? {
                Ok(frozen) => frozen,
                Err(why) => {
                    let outcomes = vec![Outcome::Refused(why); claimed.waiting.len()];
                    return Ok(Carried { claimed, answer: Ok(post::Sent { outcomes, broke: false }) });
                }
            },
        };
        let letter = Letter {
            envelope_from: frozen.envelope_from,
            recipients: claimed.recipients().collect(),
            message_id: frozen.message_id,
            bytes: frozen.bytes,
        };
        // Never closed, so an error can't come.
        let _permit = match claimed.notice.kind.lane().is_for_many() {
            true => Some(self.for_many.acquire().await),
            false => None,
        };
        let answer = self.transport.send(&letter).await;
        Ok(Carried { claimed, answer })
    }

    async fn compose(&self, claimed: &Claimed) -> Result<Result<Frozen, String>, StoreError> {
        let office = self.office.get();
        let (notice, thread) = (claimed.notice.clone(), claimed.thread.clone());
        let written = tokio::task::spawn_blocking(move || letter::write(&office, &notice, &thread))
            .await
            .unwrap_or_else(|e| Err(format!("writing the mail failed: {e}")));
        let Ok(frozen) = written else { return Ok(written) };
        let id = claimed.notice.id;
        let kept = frozen.clone();
        self.writer.run(move |tx| outbox::freeze(tx, id, &kept)).await?;
        Ok(Ok(frozen))
    }
}

fn connections_for_many(transport: &Transport) -> usize {
    transport.connections().saturating_sub(1).max(1)
}

/// How many notices may be taken up, and how many of them that go to many.
#[derive(Debug, Clone, Copy)]
struct Room {
    all: usize,
    bulk: usize,
}

impl Room {
    const NONE: Room = Room { all: 0, bulk: 0 };
}

fn take_up(
    tx: &Connection,
    office: &Office,
    mut under_way: UnderWay,
    room: Room,
    sent: &mut Sent,
    now: DateTime<Utc>,
) -> Result<Vec<Claimed>, StoreError> {
    let mut next = Vec::new();
    for lane in Lane::ALL {
        loop {
            let all = room.all - next.len();
            let free = if lane.is_for_many() { room.bulk.saturating_sub(for_many(&next)).min(all) } else { all };
            let due = outbox::due(tx, lane, now, free, &under_way)?;
            let found = due.len();
            let before = next.len();
            for notice in due {
                match claim(tx, office, notice, now)? {
                    Some(claimed) => {
                        under_way.notices.insert(notice);
                        under_way.recipients.extend(claimed.recipients());
                        next.push(claimed);
                    }
                    None => sent.suppressed += 1,
                }
            }
            // Those of which nobody is left to get them make room for others.
            if found == next.len() - before {
                break;
            }
        }
    }
    Ok(next)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn for_many(claimed: &[Claimed]) -> usize {
    claimed.iter().filter(|c| c.notice.kind.lane().is_for_many()).count()
}

fn tell(tx: &Connection, office: &Office, news: &News, now: DateTime<Utc>) -> Result<(), StoreError> {
    match news {
        News::Blocked { why, needs_person } => {
            let nature = if *needs_person { Nature::NeedsPerson } else { Nature::Passing };
            trouble::met(tx, office, &Area::Sending, nature, why, now)
        }
        News::Open => trouble::over(tx, office, &Area::Sending, now),
    }
}

#[cfg(test)]
mod tests;
