//! Who runs when: mail is taken in ([`intake`]), clocks run out ([`ticker`]), mail goes out ([`sender`]); all at once
//! and for ever ([`run`]) or each until nothing is left ([`once`]). Decides nothing itself: it brings an event to the
//! core and the decision to the store.

pub mod assignment;
pub mod attention;
mod billing;
mod briefing;
pub mod broadcast;
pub mod directory;
pub mod escalation;
pub mod explain;
pub mod hold;
pub mod incident;
pub mod intake;
pub mod letter;
pub mod macd;
pub mod mailbox;
pub mod office;
pub mod once;
pub mod pause;
pub mod plan;
pub mod problem;
pub mod progress;
pub mod pulse;
pub mod reading;
pub mod reload;
pub mod rfo;
pub mod run;
pub mod sender;
pub mod service_manager;
mod shift;
pub mod simulate;
pub mod staff;
pub mod status;
pub mod subscription;
pub mod supervise;
mod supplier;
pub mod take_in;
mod tell_staff;
pub mod ticker;
pub mod time;
pub mod trouble;
pub mod undelivered;
mod work_time;
pub mod workplace;
pub mod works;
