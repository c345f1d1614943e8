//! Planned works: when which services are touched, by whom.
//!
//! Two kinds share the calendar. `own` are the customers': their mails tell of them, and the desk only writes them
//! down. The desk's are planned ([`plan`]), approved ([`approval`]), announced, started and completed ([`act`]), changed
//! on the way ([`change`]) and reminded of ([`reminder`]); where staff say nothing, they are asked ([`silence`]). [`window`]
//! reads their times, [`recurring`] knows those that come again, [`said`] and [`tell`] are what customers are told,
//! [`news`] what staff are.

pub mod act;
pub mod approval;
pub mod change;
mod named;
pub mod news;
mod own;
pub mod plan;
mod planned;
pub mod public;
pub mod recurring;
pub mod reminder;
pub mod said;
#[cfg(test)]
pub mod sample;
pub mod silence;
pub mod tell;
pub mod window;

pub use named::{Named, NamedPlace};
pub use own::{
    ToldWindow, Touched, Whose, Works, WorksKind, WorksState, announced, announces, lacking, read_as_works,
    tell_changed, tell_recorded, told,
};
pub use planned::{Affected, DeskWorks, Impact, Kind, NotWorks, Occurrence, Place, State, WorksId};
pub use window::Window;
