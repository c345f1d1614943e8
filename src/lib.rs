//! Casepost: an email-first service desk.
//!
//! Mail comes in over IMAP or from a Maildir, becomes a case, and every answer, warning and notice goes out by SMTP.
//! ARCHITECTURE.md is the map; the layers, top to bottom (an arrow may only point down):
//!
//! | layer | modules | knows |
//! |---|---|---|
//! | entry | [`cli`] | arguments and screens |
//! | daemon | [`daemon`] | who runs when |
//! | adapters | [`store`] (SQL), [`post`] (IMAP, Maildir, SMTP), [`config`] (files), [`web`] (HTTP) | one outside thing each |
//! | core | [`desk`] (cases, clocks, notices), [`mail`] (what a mail says, how one is written) | values in, values out |

pub mod cli;
pub mod config;
pub mod daemon;
pub mod desk;
pub mod mail;
pub mod post;
pub mod store;
mod toml_file;
pub mod web;
