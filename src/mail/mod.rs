//! Mail as text and meaning: what an incoming one says, what kind it is, whose case it cites, and how one is written.
//!
//! Pure: bytes and values in, values out. No I/O, no clock, no randomness of its own.

pub mod address;
mod answer;
pub mod authres;
pub mod calendar;
pub mod charset;
pub mod command;
pub mod compose;
pub mod extract;
pub mod fingerprint;
pub mod guard;
pub mod html;
pub mod incoming;
pub mod language;
pub mod looks;
pub mod own_words;
pub mod quote;
pub mod report;
mod slim;
pub mod sort;
pub mod subject;
pub mod template;
pub mod thread;
pub mod token;
pub mod verdict;
pub mod wording;
