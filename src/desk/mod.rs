//! The desk's own rules: what a case is, how it lives, what follows from a mail, a clock or a person's command.
//!
//! Pure: `now`, secrets and randomness come in as arguments; what follows comes out as values that `store` makes so.

pub mod assignment;
pub mod attention;
pub mod billing;
pub mod briefing;
pub mod case;
pub mod cues;
pub mod deferral;
pub mod directory;
pub mod escalation;
pub mod health;
pub mod hours;
pub mod incident;
pub mod intake;
pub mod lifecycle;
pub mod loops;
pub mod macd;
pub mod money;
pub mod notice;
pub mod plan;
pub mod policy;
pub mod priority;
pub mod problem;
pub mod reference;
pub mod retry;
pub mod rfo;
pub mod service_desk;
pub mod sla;
pub mod staff_mail;
pub mod staff_member;
pub mod status_page;
pub mod subscription;
pub mod supplier;
pub mod topic;
pub mod trouble;
pub mod typed;
pub mod work_time;
pub mod works;
