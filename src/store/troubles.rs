//! What keeps the desk from working, from its beginning to its end.

use chrono::{DateTime, Utc};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{StoreError, millis, next_id, time};
use crate::desk::trouble::{Area, Nature, SAME_WITHIN, Trouble};

const COLUMNS: &str = "id, area, nature, error, began_at, last_at, times, told_at, ended_at";

fn trouble(row: &Row<'_>) -> Result<Trouble, StoreError> {
    let (area, nature): (String, String) = (row.get("area")?, row.get("nature")?);
    let at = |column: &str| -> Result<Option<DateTime<Utc>>, StoreError> {
        Ok(row.get::<_, Option<i64>>(column)?.map(time))
    };
    Ok(Trouble {
        id: row.get("id")?,
        area: Area::parse(&area).ok_or(StoreError::Unreadable(area))?,
        nature: Nature::parse(&nature).ok_or(StoreError::Unreadable(nature))?,
        error: row.get("error")?,
        began_at: time(row.get("began_at")?),
        last_at: time(row.get("last_at")?),
        times: row.get("times")?,
        told_at: at("told_at")?,
        ended_at: at("ended_at")?,
    })
}

/// Writes down that something does not work, and gives the trouble as it stands: a new one, or the same once more, also
/// when that was over a short while ago and nobody was told of it.
pub fn met(
    tx: &Connection,
    area: &Area,
    nature: Nature,
    error: &str,
    now: DateTime<Utc>,
) -> Result<Trouble, StoreError> {
    tx.prepare_cached(
        "UPDATE troubles
         SET ended_at = NULL
         WHERE id = (SELECT MAX(id) FROM troubles WHERE area = ?1) AND ended_at >= ?2 AND told_at IS NULL",
    )?
    .execute(params![area.to_string(), millis(now - SAME_WITHIN)])?;
    let sql = format!(
        "INSERT INTO troubles (id, area, nature, error, began_at, last_at, times)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1)
         ON CONFLICT (area) WHERE ended_at IS NULL DO UPDATE SET
             nature = excluded.nature,
             error = excluded.error,
             last_at = excluded.last_at,
             times = times + 1
         RETURNING {COLUMNS}"
    );
    let id = next_id(tx, "trouble")?;
    let values = params![id, area.to_string(), nature.as_str(), error, millis(now)];
    tx.prepare_cached(&sql)?.query_row(values, |row| Ok(trouble(row)))?
}

/// Were staff told of a trouble of this that is over since then?
pub fn was_told_since(db: &Connection, area: &Area, since: DateTime<Utc>) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM troubles WHERE area = ?1 AND ended_at >= ?2 AND told_at IS NOT NULL)";
    Ok(db.prepare_cached(sql)?.query_row(params![area.to_string(), millis(since)], |row| row.get(0))?)
}

pub fn told(tx: &Connection, id: i64, now: DateTime<Utc>) -> Result<(), StoreError> {
    tx.execute("UPDATE troubles SET told_at = ?2 WHERE id = ?1", params![id, millis(now)])?;
    Ok(())
}

/// It works again. None when nothing was known to be wrong.
pub fn over(tx: &Connection, area: &Area, now: DateTime<Utc>) -> Result<Option<Trouble>, StoreError> {
    let sql = format!("UPDATE troubles SET ended_at = ?2 WHERE area = ?1 AND ended_at IS NULL RETURNING {COLUMNS}");
    let values = params![area.to_string(), millis(now)];
    tx.prepare_cached(&sql)?.query_row(values, |row| Ok(trouble(row))).optional()?.transpose()
}

/// What is wrong with this now.
pub fn current(db: &Connection, area: &Area) -> Result<Option<Trouble>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM troubles WHERE area = ?1 AND ended_at IS NULL");
    db.prepare_cached(&sql)?.query_row([area.to_string()], |row| Ok(trouble(row))).optional()?.transpose()
}

/// Those that last, and those that ended since then; the oldest first.
pub fn recent(db: &Connection, since: DateTime<Utc>) -> Result<Vec<Trouble>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM troubles WHERE ended_at IS NULL OR ended_at >= ?1 ORDER BY began_at, id");
    db.prepare_cached(&sql)?.query_and_then([millis(since)], trouble)?.collect()
}

/// Ends those of mailboxes that are read no more.
pub fn keep_only(tx: &Connection, areas: &[Area], now: DateTime<Utc>) -> Result<(), StoreError> {
    let areas: Vec<String> = areas.iter().map(Area::to_string).collect();
    tx.execute(
        "UPDATE troubles
         SET ended_at = ?2
         WHERE ended_at IS NULL AND area LIKE 'mailbox %' AND area NOT IN (SELECT value FROM json_each(?1))",
        params![serde_json::json!(areas).to_string(), millis(now)],
    )?;
    Ok(())
}

/// Forgets those that ended before then.
pub fn forget(tx: &Connection, before: DateTime<Utc>) -> Result<(), StoreError> {
    tx.prepare_cached("DELETE FROM troubles WHERE ended_at < ?1")?.execute([millis(before)])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;

    #[test]
    fn what_fails_again_within_an_hour_is_the_same_trouble_and_later_another() {
        let folder = tempfile::tempdir().unwrap();
        let db = super::super::open::open(&folder.path().join("casepost.db")).unwrap();
        let begin = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let at = |minutes| begin + Duration::minutes(minutes);
        let meets = |minutes| met(&db, &Area::Sending, Nature::Passing, "down", at(minutes)).unwrap();
        let first = meets(0);
        assert_eq!((first.times, first.began_at), (1, begin));
        assert_eq!(meets(5).times, 2);
        assert_eq!(over(&db, &Area::Sending, at(10)).unwrap().unwrap().id, first.id);
        assert_eq!(over(&db, &Area::Sending, at(11)).unwrap(), None);
        let again = meets(70);
        assert_eq!((again.id, again.times, again.began_at, again.ended_at), (first.id, 3, begin, None));
        over(&db, &Area::Sending, at(80)).unwrap();
        let another = meets(141);
        assert!(another.id != first.id && another.times == 1 && another.began_at == at(141), "{another:?}");
        assert_eq!(recent(&db, at(100)).unwrap().len(), 1);
        assert_eq!(recent(&db, at(80)).unwrap().len(), 2);

        let told_since = |minutes| was_told_since(&db, &Area::Sending, at(minutes)).unwrap();
        told(&db, another.id, at(142)).unwrap();
        assert!(!told_since(142), "it lasts");
        over(&db, &Area::Sending, at(143)).unwrap();
        let third = meets(144);
        assert!(third.id != another.id && third.began_at == at(144), "{third:?}");
        assert!(told_since(143) && !told_since(144));
    }

    #[test]
    fn the_trouble_of_a_mailbox_that_is_read_no_more_ends() {
        let folder = tempfile::tempdir().unwrap();
        let db = super::super::open::open(&folder.path().join("casepost.db")).unwrap();
        let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
        let mailbox = |name: &str| Area::Mailbox(name.to_owned());
        for area in [mailbox("old"), mailbox("kept"), Area::Sending] {
            met(&db, &area, Nature::Passing, "down", now).unwrap();
        }
        keep_only(&db, &[mailbox("kept")], now).unwrap();
        let lasts = |area: &Area| current(&db, area).unwrap().is_some();
        assert_eq!([&mailbox("old"), &mailbox("kept"), &Area::Sending].map(lasts), [false, true, true]);
    }
}
