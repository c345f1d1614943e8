//! Planned works: when which services are touched, by whom.
//!
//! Two kinds share the calendar. `own` are the customers': their mails tell of them, and the desk only writes them
//! down. The desk's are planned, approved, announced, reminded of, started and completed ([`act`]); [`window`] reads
//! their times, [`recurring`] knows those that come again, [`tell`] says what customers and staff are told.

pub mod act;
mod named;
mod own;
mod planned;
pub mod recurring;
pub mod tell;
pub mod window;

pub use named::{Named, NamedPlace};
pub use own::{
    ToldWindow, Touched, Whose, Works, WorksKind, WorksState, announced, announces, lacking, read_as_works,
    tell_changed, tell_recorded, told,
};
pub use planned::{Affected, DeskWorks, Impact, Kind, NotWorks, Occurrence, Place, State, WorksId};
pub use window::Window;
