//! Adapters to mail: where it comes from ([`imap`], [`maildir`]) and where it goes ([`smtp`], [`maildir`]).
//!
//! They move bytes and say precisely what happened; they decide nothing about cases and know no database.

pub mod imap;
pub mod maildir;
pub mod smtp;
pub mod tls;
