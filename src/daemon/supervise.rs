//! Keeps the parts of the daemon going. One that fails, panics or hangs is started anew after a pause that grows; one that
//! does so too often is a fault that a person must see, and ends the whole with an error, for the service manager.

use std::{collections::VecDeque, future::Future, pin::Pin};

use tokio::{
    task::JoinHandle,
    time::{Duration, Instant, interval, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::pulse::Pulse;
use crate::store::StoreError;

/// How often is looked whether all are alive.
const LOOK: Duration = Duration::from_millis(500);
/// A part may be started anew so often within that time.
const RESTARTS: usize = 5;
const WITHIN: Duration = Duration::from_secs(600);
/// Pauses before a restart: this, doubled with each restart within `WITHIN`.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// A hung part that was told to end gets so long for it.
const TO_END: Duration = Duration::from_secs(5);
/// When all are told to stop, they get so long to finish the work at hand.
const TO_STOP: Duration = Duration::from_millis(3500);

type Work = Pin<Box<dyn Future<Output = Result<(), StoreError>> + Send>>;

/// A part of the daemon: work that goes on until the daemon stops.
pub struct Part {
    name: String,
    /// without a sign of life for so long it hangs
    patience: Duration,
    /// what hangs in a thread that nobody can end: only the whole program can be started anew
    ends_all: bool,
    work: Box<dyn Fn(Pulse) -> Work + Send>,
}

impl Part {
    pub fn new<F>(name: &str, patience: Duration, work: impl Fn(Pulse) -> F + Send + 'static) -> Part
    where
        F: Future<Output = Result<(), StoreError>> + Send + 'static,
    {
        let work = Box::new(move |pulse| Box::pin(work(pulse)) as Work);
        Part { name: name.to_owned(), patience, ends_all: false, work }
    }

    /// A hang of this part can't be mended from within.
    pub fn whose_hang_ends_all(self) -> Part {
        Part { ends_all: true, ..self }
    }
}

/// Why the daemon can't go on as it is.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    #[error("{part} has failed {} times within {} minutes, the last time: {why}", RESTARTS + 1, WITHIN.as_secs() / 60)]
    TooOften { part: String, why: String },
    #[error("{part} hangs: no sign of life for {} seconds", silent.as_secs())]
    Hangs { part: String, silent: Duration },
    #[error("{0}")]
    Removed(StoreError),
    /// all parts need a new one
    #[error("the writer of the database has ended")]
    WriterEnded,
}

/// Runs all parts until `stop`; `look` is called every half second while all is well.
pub async fn supervise(parts: Vec<Part>, stop: &CancellationToken, mut look: impl FnMut()) -> Result<(), Fault> {
    let mut watched: Vec<Watched> = parts.into_iter().map(Watched::start).collect();
    let mut looks = interval(LOOK);
    while !stop.is_cancelled() {
        tokio::select! {
            _ = looks.tick() => {}
            () = stop.cancelled() => break,
        }
        for part in &mut watched {
            if let Err(fault) = part.look().await {
                end(watched, Duration::ZERO).await;
                return Err(fault);
            }
        }
        look();
    }
    end(watched, TO_STOP).await;
    Ok(())
}

async fn end(watched: Vec<Watched>, within: Duration) {
    let until = Instant::now() + within;
    for mut part in watched {
        let Some(mut task) = part.task.take() else { continue };
        if timeout(until.saturating_duration_since(Instant::now()), &mut task).await.is_err() {
            if !within.is_zero() {
                warn!(part = part.part.name, "did not finish in time: it is cut off");
            }
            task.abort();
        }
    }
}

struct Watched {
    part: Part,
    pulse: Pulse,
    task: Option<JoinHandle<Result<(), StoreError>>>,
    failures: VecDeque<Instant>,
    starts_at: Instant,
}

impl Watched {
    fn start(part: Part) -> Watched {
        let now = Instant::now();
        let mut watched = Watched { part, pulse: Pulse::new(), task: None, failures: VecDeque::new(), starts_at: now };
        watched.begin();
        watched
    }

    fn begin(&mut self) {
        self.pulse = Pulse::new();
        self.task = Some(tokio::spawn((self.part.work)(self.pulse.clone())));
    }

    /// Starts what has ended, once its pause is over, and ends what hangs.
    async fn look(&mut self) -> Result<(), Fault> {
        let Some(task) = &mut self.task else {
            if Instant::now() >= self.starts_at {
                self.begin();
            }
            return Ok(());
        };
        if task.is_finished() {
            let ended = task.await;
            self.task = None;
            return match ended {
                Ok(Err(StoreError::Ended)) => Err(Fault::WriterEnded),
                Ok(Err(why @ StoreError::Removed { .. })) => Err(Fault::Removed(why)),
                Ok(Err(why)) => self.failed(why.to_string()),
                Ok(Ok(())) => self.failed("it ended by itself".to_owned()),
                Err(panic) => self.failed(panic.to_string()),
            };
        }
        let silent = self.pulse.silent_for();
        if silent < self.part.patience {
            return Ok(());
        }
        let hangs = Fault::Hangs { part: self.part.name.clone(), silent };
        task.abort();
        if self.part.ends_all || timeout(TO_END, &mut *task).await.is_err() {
            return Err(hangs);
        }
        self.task = None;
        self.failed(hangs.to_string())
    }

    fn failed(&mut self, why: String) -> Result<(), Fault> {
        let now = Instant::now();
        self.failures.retain(|at| now - *at < WITHIN);
        self.failures.push_back(now);
        let part = &self.part.name;
        if self.failures.len() > RESTARTS {
            return Err(Fault::TooOften { part: part.clone(), why });
        }
        let pause = FIRST_PAUSE * 2_u32.pow(u32::try_from(self.failures.len() - 1).unwrap_or(0));
        self.starts_at = now + pause;
        error!(part, why, pause_s = pause.as_secs(), "a part of the daemon failed: it is started anew");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(60);

    /// A part, and how often it was started.
    fn counted<F>(name: &str, work: impl Fn(Pulse, usize) -> F + Send + 'static) -> (Part, Arc<AtomicUsize>)
    where
        F: Future<Output = Result<(), StoreError>> + Send + 'static,
    {
        let starts = Arc::new(AtomicUsize::new(0));
        let count = starts.clone();
        (Part::new(name, PATIENCE, move |pulse| work(pulse, count.fetch_add(1, Ordering::SeqCst))), starts)
    }

    async fn until(stop: CancellationToken) -> Result<(), StoreError> {
        stop.cancelled().await;
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_fails_or_panics_is_started_anew_and_the_others_go_on() {
        let stop = CancellationToken::new();
        let told = stop.clone();
        let (failing, starts) = counted("failing", move |_, start| {
            let told = told.clone();
            async move {
                match start {
                    0 => Err(StoreError::Exhausted),
                    1 => panic!("nobody thought of this"),
                    2 => Ok(()),
                    _ => {
                        told.cancel();
                        until(told).await
                    }
                }
            }
        });
        let waits = stop.clone();
        let (other, others) = counted("other", move |pulse, _| {
            pulse.rest();
            until(waits.clone())
        });
        supervise(vec![failing, other], &stop, || ()).await.unwrap();
        assert_eq!((starts.load(Ordering::SeqCst), others.load(Ordering::SeqCst)), (4, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_fails_too_often_ends_the_whole_and_says_why() {
        let (part, starts) = counted("sender", |_, _| async { Err(StoreError::Exhausted) });
        let fault = supervise(vec![part], &CancellationToken::new(), || ()).await.unwrap_err();
        assert_eq!(starts.load(Ordering::SeqCst), RESTARTS + 1);
        let text = fault.to_string();
        assert!(text.contains("sender has failed 6 times") && text.contains("references are used up"), "{text}");
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_fails_now_and_then_is_no_fault() {
        let stop = CancellationToken::new();
        let told = stop.clone();
        let (part, starts) = counted("mailbox", move |pulse, start| {
            let told = told.clone();
            async move {
                pulse.rest();
                tokio::time::sleep(WITHIN / 4).await;
                if start == 20 {
                    told.cancel();
                }
                Err(StoreError::Exhausted)
            }
        });
        supervise(vec![part], &stop, || ()).await.unwrap();
        assert_eq!(starts.load(Ordering::SeqCst), 21);
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_hangs_is_started_anew_and_one_that_only_waits_is_not() {
        let stop = CancellationToken::new();
        let told = stop.clone();
        let (hanging, starts) = counted("hanging", move |pulse, start| {
            let told = told.clone();
            async move {
                if start > 0 {
                    pulse.rest();
                    tokio::time::sleep(PATIENCE * 10).await;
                    told.cancel();
                }
                std::future::pending().await
            }
        });
        let (beating, beats) = counted("beating", |pulse, _| async move {
            loop {
                pulse.beat();
                tokio::time::sleep(PATIENCE / 2).await;
            }
        });
        supervise(vec![hanging, beating], &stop, || ()).await.unwrap();
        assert_eq!((starts.load(Ordering::SeqCst), beats.load(Ordering::SeqCst)), (2, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_hang_that_nobody_can_end_and_an_ended_writer_are_told_at_once() {
        let (part, _) = counted("writer", |_, _| std::future::pending());
        let parts = vec![part.whose_hang_ends_all()];
        let fault = supervise(parts, &CancellationToken::new(), || ()).await.unwrap_err();
        assert!(matches!(&fault, Fault::Hangs { part, .. } if part == "writer"), "{fault}");
        let (part, starts) = counted("ticker", |_, _| async { Err(StoreError::Ended) });
        let fault = supervise(vec![part], &CancellationToken::new(), || ()).await.unwrap_err();
        assert!(matches!(fault, Fault::WriterEnded) && starts.load(Ordering::SeqCst) == 1);
    }

    #[tokio::test(start_paused = true)]
    async fn told_to_stop_one_that_does_not_is_cut_off_and_the_looks_went_on_before() {
        let stop = CancellationToken::new();
        let (part, _) = counted("stubborn", |pulse, _| async move {
            pulse.rest();
            std::future::pending().await
        });
        let mut looks = 0;
        let told = stop.clone();
        supervise(vec![part], &stop, || {
            looks += 1;
            if looks == 3 {
                told.cancel();
            }
        })
        .await
        .unwrap();
        assert_eq!(looks, 3);
    }
}
