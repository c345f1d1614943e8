//! The bodies of mails over IMAP, and what becomes of one that the server does not give up.
//!
//! A batch is one FETCH (servers interleave the answers of two). What it leaves out is looked for by a checked SEARCH:
//! it is gone, or it is asked for alone. A server that cannot read one of its mails often ends the connection at it, and
//! would do so for ever: so a mail that fails alone too is reported as unreadable, and the mails behind it pass. But a
//! server that gives no mail at all is ill, and its mails are not: then the error stands, and everything waits.

use std::collections::{HashMap, HashSet};

use async_imap::imap_proto::{AttributeValue, Response};
use chrono::{DateTime, Utc};

use super::{
    Body, Fetched, MailKey, PARTIAL_BYTES, PostError, Waiting,
    imap::ImapSource,
    imap_text::{internal_date, uid_sets},
};

/// Tries for a mail alone that ends the connection: the first may have met another fault.
const TRIES: usize = 2;
/// How far around an unreadable mail another is looked for.
const NEIGHBOURS: u32 = 20_000;
/// Mails that are given up at once as a last resort: where more fail and no other is there, the server is to blame.
const LAST_RESORT: usize = 3;

impl ImapSource {
    pub async fn fetch(&mut self, batch: &[Waiting], max_size_bytes: u64) -> Result<Vec<Fetched>, PostError> {
        let batch: Vec<Asked> = batch.iter().filter_map(|mail| Asked::of(mail, max_size_bytes)).collect();
        let mut got = HashMap::new();
        match self.together(&batch, &mut got).await {
            Ok(()) => {}
            Err(why) if why.may_be_one_mails() => self.recover(why).await?,
            Err(why) => return Err(why),
        }
        self.those_left_out(&batch, &mut got).await?;
        for mail in &batch {
            // Its size was unknown, so only its beginning was asked for; now it turns out to be small enough.
            if got.get(&mail.uid).is_some_and(|answer| mail.asks_for_too_little(answer)) {
                let whole = self.alone(&Asked { beginning: false, ..*mail }).await?;
                got.insert(mail.uid, whole);
            }
        }
        self.believe_failures(&mut got).await?;
        Ok(batch.iter().filter_map(|mail| got.remove(&mail.uid).map(|answer| mail.fetched(answer))).collect())
    }

    /// What comes before an error is kept.
    async fn together(&mut self, batch: &[Asked], got: &mut HashMap<u32, Answer>) -> Result<(), PostError> {
        for beginning in [false, true] {
            let some: Vec<&Asked> = batch.iter().filter(|mail| mail.beginning == beginning).collect();
            let largest = some.iter().map(|mail| mail.size_bytes).max().unwrap_or(0);
            let uids: Vec<u32> = some.iter().map(|mail| mail.uid).collect();
            for set in uid_sets(&uids) {
                self.bodies(&set, beginning, largest, got).await?;
            }
        }
        Ok(())
    }

    async fn those_left_out(&mut self, batch: &[Asked], got: &mut HashMap<u32, Answer>) -> Result<(), PostError> {
        let missing: Vec<u32> = batch.iter().map(|mail| mail.uid).filter(|uid| !got.contains_key(uid)).collect();
        let mut there = HashSet::new();
        for set in uid_sets(&missing) {
            there.extend(self.search(&set, 1).await?);
        }
        for mail in batch.iter().filter(|mail| there.contains(&mail.uid)) {
            let answer = self.alone(mail).await?;
            got.insert(mail.uid, answer);
        }
        Ok(())
    }

    async fn alone(&mut self, mail: &Asked) -> Result<Answer, PostError> {
        let mut tries = 0;
        loop {
            tries += 1;
            let mut got = HashMap::new();
            match self.bodies(&mail.uid.to_string(), mail.beginning, mail.size_bytes, &mut got).await {
                Ok(()) => return Ok(got.remove(&mail.uid).unwrap_or_default()),
                Err(why) if why.may_be_one_mails() => {
                    self.recover(why.clone()).await?;
                    // A refusal is an answer; a lost connection may have had another cause.
                    if tries == TRIES || matches!(why, PostError::Refused { .. }) {
                        return Ok(Answer { failed: Some(why), ..Answer::default() });
                    }
                }
                Err(why) => return Err(why),
            }
        }
    }

    async fn bodies(
        &mut self,
        set: &str,
        beginning: bool,
        largest: u64,
        got: &mut HashMap<u32, Answer>,
    ) -> Result<(), PostError> {
        let what = if beginning { format!("BODY.PEEK[]<0.{PARTIAL_BYTES}>") } else { "BODY.PEEK[]".to_owned() };
        let command = format!("UID FETCH {set} (UID RFC822.SIZE FLAGS INTERNALDATE {what})");
        let expected = if beginning { PARTIAL_BYTES } else { largest };
        self.session
            .command_for(&command, "FETCH", expected, |response| {
                if let Response::Fetch(_, attributes) = response {
                    let mut mail = Answer::read(attributes);
                    // Flags that somebody else changed come in between, without a body.
                    if let (Some(uid), Some(raw)) = (mail.uid, &mail.body) {
                        mail.is_cut = beginning && raw.len() as u64 >= PARTIAL_BYTES;
                        got.insert(uid, mail);
                    }
                }
            })
            .await
    }

    /// That mails failed says something of them only if the server gives others.
    async fn believe_failures(&mut self, got: &mut HashMap<u32, Answer>) -> Result<(), PostError> {
        let Some((uid, why)) = got.iter().find_map(|(uid, answer)| Some((*uid, answer.failed.clone()?))) else {
            return Ok(());
        };
        if got.values().any(|answer| answer.body.is_some()) {
            return Ok(());
        }
        match self.gives_a_neighbour(uid, got).await? {
            Some(true) => Ok(()),
            None if self.is_last_resort() && got.len() <= LAST_RESORT => Ok(()),
            Some(false) | None => Err(why),
        }
    }

    /// Does the server give the next mail, or the one before, when asked for a byte of it? None when there is neither.
    async fn gives_a_neighbour(&mut self, uid: u32, failed: &HashMap<u32, Answer>) -> Result<Option<bool>, PostError> {
        let above = self.search(&format!("{uid}:{}", uid.saturating_add(NEIGHBOURS)), uid).await?;
        let below = self.search(&format!("{}:{uid}", uid.saturating_sub(NEIGHBOURS).max(1)), 1).await?;
        let next = above.iter().find(|uid| !failed.contains_key(uid)).copied();
        let last = below.iter().rev().find(|uid| !failed.contains_key(uid)).copied();
        for neighbour in [next, last].into_iter().flatten() {
            let mut given = false;
            let command = format!("UID FETCH {neighbour} (UID BODY.PEEK[]<0.1>)");
            let asked = self.session.command(&command, "FETCH", |response| {
                if let Response::Fetch(_, attributes) = response {
                    given |= Answer::read(attributes).body.is_some();
                }
            });
            match asked.await {
                Ok(()) if given => return Ok(Some(true)),
                Ok(()) => {}
                Err(why) if why.may_be_one_mails() => self.recover(why).await?,
                Err(why) => return Err(why),
            }
        }
        Ok(next.or(last).map(|_| false))
    }
}

/// A mail of a batch, and how it is asked for.
#[derive(Debug, Clone, Copy)]
struct Asked {
    uid: u32,
    /// 0: unknown
    size_bytes: u64,
    max_size_bytes: u64,
    /// only its beginning
    beginning: bool,
}

impl Asked {
    fn of(mail: &Waiting, max_size_bytes: u64) -> Option<Asked> {
        let MailKey::Uid(uid) = mail.key else { return None };
        let size_bytes = mail.size_bytes;
        Some(Asked { uid, size_bytes, max_size_bytes, beginning: size_bytes > max_size_bytes || size_bytes == 0 })
    }

    fn asks_for_too_little(&self, answer: &Answer) -> bool {
        answer.is_cut && answer.size_bytes.is_some_and(|size| size <= self.max_size_bytes)
    }

    fn fetched(&self, answer: Answer) -> Fetched {
        let given = answer.body.as_ref().map_or(0, |raw| raw.len() as u64);
        // Some servers guess sizes: what was given counts, too.
        let size_bytes = answer.size_bytes.unwrap_or(self.size_bytes).max(given);
        let body = match (answer.body, answer.failed) {
            (Some(raw), _) if size_bytes <= self.max_size_bytes && !answer.is_cut => Body::Whole(raw),
            (Some(mut raw), _) => {
                raw.truncate(usize::try_from(PARTIAL_BYTES).unwrap_or(usize::MAX));
                Body::Partial(raw)
            }
            (None, Some(why)) => Body::Unreadable(format!("the server names it but does not give it up: {why}")),
            (None, None) => Body::Unreadable("the server names it but answers without it".to_owned()),
        };
        Fetched {
            key: MailKey::Uid(self.uid),
            size_bytes,
            received_at: answer.received_at.unwrap_or(DateTime::UNIX_EPOCH),
            body,
        }
    }
}

/// What a FETCH answer says of one mail.
#[derive(Debug, Default)]
pub struct Answer {
    pub uid: Option<u32>,
    pub size_bytes: Option<u64>,
    received_at: Option<DateTime<Utc>>,
    body: Option<Vec<u8>>,
    /// there is more of it
    is_cut: bool,
    /// why there is none
    failed: Option<PostError>,
}

impl Answer {
    pub fn read(attributes: &[AttributeValue<'_>]) -> Answer {
        let mut answer = Answer::default();
        for attribute in attributes {
            match attribute {
                AttributeValue::Uid(uid) => answer.uid = Some(*uid),
                AttributeValue::Rfc822Size(size) => answer.size_bytes = Some(u64::from(*size)),
                AttributeValue::InternalDate(text) => answer.received_at = internal_date(text),
                AttributeValue::BodySection { section: None, data: Some(data), .. } => {
                    answer.body = Some(data.to_vec());
                }
                _ => {}
            }
        }
        answer
    }
}
