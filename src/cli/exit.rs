//! How the program ends: the text on standard error and the exit code.

use std::process::ExitCode;

use crate::{
    daemon::{run::DaemonError, staff::StaffError, supervise::Fault},
    store::StoreError,
};

pub const EXIT_CODES: &str = "Exit codes:\n  \
    0   done\n  \
    1   an error: the text says what was tried and what to do\n  \
    2   the arguments are not understood\n  \
    3   a rule of the desk forbids it; nothing was changed\n  \
    4   there is no such case, works, mail or notice\n  \
    5   status: not as it should be, but the desk works on it\n  \
    6   status: somebody has to do something\n  \
    74  run: the database was removed or replaced meanwhile; put it back\n  \
    75  a server or the disk fails for now; nothing is lost, try again later\n  \
    130 init: ended at a question; nothing was written";

const ERROR: u8 = 1;
const REFUSED: u8 = 3;
const NOT_FOUND: u8 = 4;
const LOOK: u8 = 5;
const ACT: u8 = 6;
const REMOVED: u8 = 74;
const TRY_LATER: u8 = 75;
/// What shells make of SIGINT.
pub const LEFT: u8 = 130;

/// There is no such thing as the arguments name.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct NotFound(pub String);

/// A rule forbids it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// Part of the work is left for later.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct TryLater(pub String);

/// The person at the terminal has ended the dialogue.
#[derive(Debug, thiserror::Error)]
#[error("ended; nothing was written")]
pub struct Left;

/// The command has said itself what is wrong.
#[derive(Debug, thiserror::Error)]
#[error("")]
pub struct SaidAlready;

/// The desk is not as it should be; the command has said so.
#[derive(Debug, thiserror::Error)]
#[error("")]
pub struct Look;

/// Somebody has to do something; the command has said what.
#[derive(Debug, thiserror::Error)]
#[error("")]
pub struct Act;

pub fn code(done: anyhow::Result<()>) -> ExitCode {
    let Err(error) = done else { return ExitCode::SUCCESS };
    if is_closed_pipe(&error) {
        return ExitCode::SUCCESS;
    }
    if !(error.is::<SaidAlready>() || error.is::<Look>() || error.is::<Act>()) {
        eprintln!("casepost: {error:#}");
    }
    ExitCode::from(number(&error))
}

fn number(error: &anyhow::Error) -> u8 {
    if error.is::<NotFound>()
        || matches!(error.downcast_ref(), Some(StaffError::NoSuchCase(_) | StaffError::NoSuchWorks(_)))
    {
        NOT_FOUND
    } else if error.is::<Refused>() || matches!(error.downcast_ref(), Some(StaffError::Refused(_))) {
        REFUSED
    } else if matches!(error.downcast_ref(), Some(DaemonError::Fault(Fault::Removed(_)))) {
        REMOVED
    } else if error.is::<Left>() {
        LEFT
    } else if error.is::<Look>() {
        LOOK
    } else if error.is::<Act>() {
        ACT
    } else if error.is::<TryLater>() || store_error(error).is_some_and(|e| e.is_disk() || e.is_busy()) {
        TRY_LATER
    } else {
        ERROR
    }
}

fn store_error(error: &anyhow::Error) -> Option<&StoreError> {
    match error.downcast_ref::<StaffError>() {
        Some(StaffError::Store(e)) => Some(e),
        _ => error.downcast_ref::<StoreError>(),
    }
}

/// Somebody piped a list into `head`: that is no error.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}
