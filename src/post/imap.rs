//! An IMAP mailbox as a source of mail.
//!
//! The position of a mailbox may only pass mails that were given or are certainly gone. So what waits is what a checked
//! SEARCH names; sizes are asked before bodies; how bodies are asked for stands in `imap_fetch`.

use std::{collections::HashMap, time::Duration};

use async_imap::imap_proto::{MailboxDatum, Response, ResponseCode, Status};
use tokio::time::Instant;

use super::{
    After, ImapSettings, MailKey, MailboxState, PostError, ServerSettings, WAITING, Waiting,
    imap_fetch::Answer,
    imap_session::Session,
    imap_text::{quoted, uid_sets, utf7},
};

/// RFC 2177: servers may end a connection that idles for half an hour.
const LONGEST_IDLE: Duration = Duration::from_secs(25 * 60);
/// UIDs that one SEARCH covers: bounds the answer of a mailbox with millions of mails.
const SEARCH_RANGE: u32 = 20_000;
/// Failures after which no more sizes are asked for in one look: the server is not to be stormed.
const SIZE_FAULTS: usize = 20;

pub struct ImapSource {
    pub(super) session: Session,
    /// to connect again after a mail that ends the connection; tests over a pipe cannot
    settings: Option<ImapSettings>,
    folder: String,
    state: MailboxState,
    selected_at: Instant,
    refuses_idle: bool,
}

/// Does a mail server answer there, as the settings say? Logs in to nothing.
pub async fn reach(settings: &ServerSettings) -> Result<(), PostError> {
    Session::reach(settings).await
}

impl ImapSource {
    pub async fn open(settings: &ImapSettings) -> Result<ImapSource, PostError> {
        let session = Session::connect(&settings.server).await?;
        let source = ImapSource::select(session, &settings.folder).await?;
        Ok(ImapSource { settings: Some(settings.clone()), ..source })
    }

    async fn select(mut session: Session, folder: &str) -> Result<ImapSource, PostError> {
        let state = select(&mut session, folder).await?;
        let (folder, selected_at) = (folder.to_owned(), Instant::now());
        Ok(ImapSource { session, settings: None, folder, state, selected_at, refuses_idle: false })
    }

    /// See [`ImapSettings::last_resort`].
    pub(super) fn is_last_resort(&self) -> bool {
        self.settings.as_ref().is_some_and(|settings| settings.last_resort)
    }

    /// As the server told it when the folder was selected last.
    pub fn state(&self) -> MailboxState {
        self.state
    }

    /// Makes the session usable after `why`: after all but a refusal only a new connection is. Fails with `why` where
    /// none can be made, and when the UIDs count anew since.
    pub(super) async fn recover(&mut self, why: PostError) -> Result<(), PostError> {
        if matches!(why, PostError::Refused { .. }) {
            return Ok(());
        }
        let Some(settings) = self.settings.clone() else { return Err(why) };
        let again = ImapSource::open(&settings).await?;
        if again.state.epoch != self.state.epoch {
            return Err(why);
        }
        *self = again;
        Ok(())
    }

    /// The UIDs from `from_uid` on, with their sizes, in their order.
    pub async fn waiting(&mut self, from_uid: u32) -> Result<Vec<Waiting>, PostError> {
        let mut uids = self.search_from(from_uid).await?;
        uids.truncate(WAITING);
        let sizes = self.sizes(&uids).await?;
        // A mail without a size has just gone, or breaks what asks for it: fetch() will find out.
        Ok(uids
            .into_iter()
            .map(|uid| Waiting { key: MailKey::Uid(uid), size_bytes: sizes.get(&uid).copied().unwrap_or(0) })
            .collect())
    }

    async fn search_from(&mut self, from_uid: u32) -> Result<Vec<u32>, PostError> {
        // What comes from here on this look may miss: then IDLE ends at once, and there is another.
        self.session.news = false;
        let mut from = from_uid.max(1);
        loop {
            let to = from.saturating_add(SEARCH_RANGE);
            let found = self.search(&format!("{from}:{to}"), from).await?;
            if !found.is_empty() {
                return Ok(found);
            }
            // Nothing in this range. Is there anything beyond? `n:*` always names the last mail: filtered below.
            let beyond = self.search(&format!("{to}:*"), to).await?;
            match beyond.first() {
                Some(first) => from = *first,
                None => return Ok(vec![]),
            }
        }
    }

    /// UIDs of a set that exist and are not below `at_least`, sorted.
    pub(super) async fn search(&mut self, set: &str, at_least: u32) -> Result<Vec<u32>, PostError> {
        let mut uids: Vec<u32> = Vec::new();
        self.session
            .command(&format!("UID SEARCH UID {set}"), "SEARCH", |response| {
                if let Response::MailboxData(MailboxDatum::Search(found)) = response {
                    uids.extend(found.iter().filter(|uid| **uid >= at_least));
                }
            })
            .await?;
        uids.sort_unstable();
        uids.dedup();
        Ok(uids)
    }

    /// Servers end the connection at a mail that they cannot read: then sizes are asked for in ever smaller sets, and
    /// that mail's is left out.
    async fn sizes(&mut self, uids: &[u32]) -> Result<HashMap<u32, u64>, PostError> {
        let mut sizes = HashMap::new();
        let mut faults = 0;
        for at_once in [WAITING, 100, 1] {
            let before = faults;
            let unknown: Vec<u32> = uids.iter().copied().filter(|uid| !sizes.contains_key(uid)).collect();
            for set in unknown.chunks(at_once).flat_map(uid_sets) {
                match self.sizes_of(&set, &mut sizes).await {
                    Ok(()) => {}
                    Err(why) if why.may_be_one_mails() => {
                        self.recover(why).await?;
                        faults += 1;
                    }
                    Err(why) => return Err(why),
                }
                if faults == SIZE_FAULTS {
                    return Ok(sizes);
                }
            }
            if faults == before {
                break;
            }
        }
        Ok(sizes)
    }

    async fn sizes_of(&mut self, set: &str, sizes: &mut HashMap<u32, u64>) -> Result<(), PostError> {
        self.session
            .command(&format!("UID FETCH {set} (UID RFC822.SIZE)"), "FETCH", |response| {
                if let Response::Fetch(_, attributes) = response {
                    let mail = Answer::read(attributes);
                    if let (Some(uid), Some(size)) = (mail.uid, mail.size_bytes) {
                        sizes.insert(uid, size);
                    }
                }
            })
            .await
    }

    pub async fn finish(&mut self, keys: &[MailKey], after: &After) -> Result<(), PostError> {
        let mut uids: Vec<u32> =
            keys.iter().filter_map(|k| if let MailKey::Uid(uid) = k { Some(*uid) } else { None }).collect();
        uids.sort_unstable();
        for set in uid_sets(&uids) {
            match after {
                After::Seen => self.store(&set, "\\Seen").await?,
                After::Delete => {
                    self.store(&set, "\\Seen \\Deleted").await?;
                    self.expunge(&set).await?;
                }
                After::Move(folder) => self.move_to(&set, folder).await?,
            }
        }
        Ok(())
    }

    async fn store(&mut self, set: &str, flags: &str) -> Result<(), PostError> {
        self.session.command(&format!("UID STORE {set} +FLAGS.SILENT ({flags})"), "STORE", |_| ()).await
    }

    /// Without UIDPLUS an EXPUNGE would also remove what others have marked: the mark has to do then.
    async fn expunge(&mut self, set: &str) -> Result<(), PostError> {
        if self.session.can("UIDPLUS") {
            self.session.command(&format!("UID EXPUNGE {set}"), "EXPUNGE", |_| ()).await?;
        }
        Ok(())
    }

    async fn move_to(&mut self, set: &str, folder: &str) -> Result<(), PostError> {
        self.store(set, "\\Seen").await?;
        match self.move_once(set, folder).await {
            Err(PostError::Refused { why, .. }) if why == "TRYCREATE" => {
                self.session.command(&format!("CREATE {}", quoted(&utf7(folder))?), "CREATE", |_| ()).await?;
                self.move_once(set, folder).await
            }
            other => other,
        }
    }

    async fn move_once(&mut self, set: &str, folder: &str) -> Result<(), PostError> {
        let folder = quoted(&utf7(folder))?;
        if self.session.can("MOVE") {
            return self.session.command(&format!("UID MOVE {set} {folder}"), "MOVE", |_| ()).await;
        }
        // What is marked as deleted was copied before, when this was cut short or nothing could be expunged.
        let uncopied = self.search(&format!("{set} UNDELETED"), 1).await?;
        for set in uid_sets(&uncopied) {
            self.session.command(&format!("UID COPY {set} {folder}"), "COPY", |_| ()).await?;
            self.store(&set, "\\Deleted").await?;
        }
        self.expunge(set).await
    }

    /// Waits for new mail: in IDLE where the server has it and `idle` wants it, otherwise until `at_most` has passed.
    pub async fn wait(
        &mut self,
        at_most: Duration,
        idle: bool,
        stop: impl Future<Output = ()>,
    ) -> Result<(), PostError> {
        if idle && self.session.can("IDLE") && !self.refuses_idle {
            match self.session.idle(at_most.min(LONGEST_IDLE), stop).await {
                // It offers what it does not do: from now on it is polled.
                Err(PostError::Refused { .. }) => self.refuses_idle = true,
                other => other?,
            }
        } else {
            tokio::select! {
                () = tokio::time::sleep(at_most) => {}
                () = stop => {}
            }
        }
        // No answer within a session tells that the UIDs count anew, and a server may show the old mails to who has
        // selected the folder before.
        if self.selected_at.elapsed() >= at_most {
            self.state = select(&mut self.session, &self.folder).await?;
            self.selected_at = Instant::now();
        }
        Ok(())
    }

    pub async fn close(mut self) {
        self.session.log_out().await;
    }
}

async fn select(session: &mut Session, folder: &str) -> Result<MailboxState, PostError> {
    let mut state = MailboxState { epoch: 0, next_uid: None, messages: 0 };
    let command = format!("SELECT {}", quoted(&utf7(folder))?);
    session
        .command(&command, "SELECT", |response| match response {
            Response::Data { status: Status::Ok, outcome } => match outcome.code {
                Some(ResponseCode::UidValidity(epoch)) => state.epoch = epoch,
                Some(ResponseCode::UidNext(next)) => state.next_uid = Some(next),
                _ => {}
            },
            Response::MailboxData(MailboxDatum::Exists(messages)) => state.messages = *messages,
            _ => {}
        })
        .await?;
    Ok(state)
}

#[cfg(test)]
mod tests;
