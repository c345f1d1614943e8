//! What keeps the desk from working: written down, said loudly once in the log, and told to staff when it is time.

use chrono::{DateTime, Duration, Utc};
use rusqlite::Connection;
use serde_json::json;
use tracing::{error, info, warn};

use super::{office::Office, tell_staff::tell_staff};
use crate::{
    desk::{
        hours::Zone,
        notice::NoticeKind,
        trouble::{Area, Nature, SAME_WITHIN, Trouble},
    },
    mail::wording,
    store::{StoreError, troubles},
};

/// Troubles that are over are shown for so long.
const REMEMBERED: Duration = Duration::days(30);

/// Something does not work, or still not.
pub fn met(
    tx: &Connection,
    office: &Office,
    area: &Area,
    nature: Nature,
    error: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let trouble = troubles::met(tx, area, nature, error, now)?;
    let again = troubles::was_told_since(tx, area, now - SAME_WITHIN)?;
    // The first time loudly, and only that time.
    match (trouble.times, nature) {
        (1, Nature::NeedsPerson) if !again => error!(%area, error, "this needs a person: it does not pass by itself"),
        _ => warn!(%area, error, times = trouble.times, "does not work"),
    }
    if area.leaves_mail_alone() && trouble.is_to_be_told(again, now) {
        tell(tx, office, &trouble, "trouble", now)?;
        troubles::told(tx, trouble.id, now)?;
    }
    Ok(())
}

/// Something works (again).
pub fn over(tx: &Connection, office: &Office, area: &Area, now: DateTime<Utc>) -> Result<(), StoreError> {
    let Some(trouble) = troubles::over(tx, area, now)? else { return Ok(()) };
    info!(%area, since = %trouble.began_at.to_rfc3339(), times = trouble.times, "works again");
    // That nothing could be sent is told when it can be: it explains why so much came at once.
    let untold_at_the_time =
        !area.leaves_mail_alone() && Trouble { ended_at: None, ..trouble.clone() }.is_to_be_told(false, now);
    if trouble.end_is_to_be_told() || untold_at_the_time {
        tell(tx, office, &trouble, "trouble-over", now)?;
    }
    troubles::forget(tx, now - REMEMBERED)
}

fn tell(
    tx: &Connection,
    office: &Office,
    trouble: &Trouble,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let zone = Zone::Named(office.desk.policy.zone);
    let data = json!({
        "area": trouble.area.to_string(),
        "is_mailbox": matches!(trouble.area, Area::Mailbox(_)),
        "is_sending": trouble.area == Area::Sending,
        "is_reload": trouble.area == Area::Reload,
        "is_disk": trouble.area == Area::Disk,
        "is_page": matches!(trouble.area, Area::StatusPage | Area::Web),
        "is_subscribing": trouble.area == Area::Subscribing,
        "over": trouble.ended_at.is_some(),
        "needs_person": trouble.nature == Nature::NeedsPerson,
        "since": wording::time(trouble.began_at, &zone),
        "until": trouble.ended_at.map(|at| wording::time(at, &zone)),
        "error": trouble.error,
    });
    tell_staff(tx, office, NoticeKind::StaffTrouble, &data, &format!("{cause}:{}", trouble.id), now)
}
