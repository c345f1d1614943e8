//! What people's calendars answered to mails about planned works.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, Row, params};

use super::{StoreError, known, millis, time};
use crate::mail::calendar::Said;

/// One answer, by the mail that brought it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorksAnswer {
    pub mail: i64,
    pub works: i64,
    pub email: String,
    /// which of the windows, counted from 1; none where only the works are known
    pub window: Option<u32>,
    pub said: Said,
    pub at: DateTime<Utc>,
    /// of the notice that was answered
    pub sequence: Option<u32>,
    pub comment: Option<String>,
}

/// Keeps an answer; of one mail once.
pub fn add(tx: &Connection, answer: &WorksAnswer) -> Result<(), StoreError> {
    tx.prepare_cached(
        "INSERT INTO works_answers (mail, works, email, window, answer, at, sequence, comment)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (mail) DO NOTHING",
    )?
    .execute(params![
        answer.mail,
        answer.works,
        answer.email,
        answer.window,
        answer.said.as_str(),
        millis(answer.at),
        answer.sequence,
        answer.comment,
    ])?;
    Ok(())
}

/// The answers that count: the last of each person for each window, by address; one to an older notice does not count against
/// one to a newer.
pub fn of_works(db: &Connection, works: i64) -> Result<Vec<WorksAnswer>, StoreError> {
    db.prepare_cached(
        "SELECT mail, works, email, window, answer, at, sequence, comment
         FROM works_answers AS this
         WHERE works = ?1
           AND NOT EXISTS (
               SELECT 1
               FROM works_answers AS later
               WHERE later.works = this.works
                 AND later.email = this.email
                 AND later.window IS this.window
                 AND (later.mail > this.mail AND COALESCE(later.sequence, this.sequence, 0) >= COALESCE(this.sequence, 0)
                      OR later.mail < this.mail AND later.sequence > this.sequence)
           )
         ORDER BY email, window",
    )?
    .query_and_then([works], answer)?
    .collect()
}

fn answer(row: &Row<'_>) -> Result<WorksAnswer, StoreError> {
    Ok(WorksAnswer {
        mail: row.get("mail")?,
        works: row.get("works")?,
        email: row.get("email")?,
        window: row.get("window")?,
        said: known(&row.get::<_, String>("answer")?)?,
        at: time(row.get("at")?),
        sequence: row.get("sequence")?,
        comment: row.get("comment")?,
    })
}
