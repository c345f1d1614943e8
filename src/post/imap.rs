//! An IMAP mailbox as a source of mail.
//!
//! The position of a mailbox may only pass mails that were given or are certainly gone. So what waits is what a checked
//! SEARCH names; sizes are asked before bodies; a mail that an answer leaves out is looked for again, then asked for
//! alone, and at last reported as unreadable. One FETCH is under way at a time: servers interleave the answers of two.

use std::collections::{HashMap, HashSet};

use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response, ResponseCode, Status};
use chrono::{DateTime, Utc};

use super::{
    After, Body, Fetched, ImapSettings, MailKey, MailboxState, PARTIAL_BYTES, PostError, WAITING, Waiting,
    imap_session::{Session, quoted},
};

/// UIDs that one SEARCH covers: bounds the answer of a mailbox with millions of mails.
const SEARCH_RANGE: u32 = 20_000;
/// Servers take command lines of 8,000 bytes; UID sets are cut well below that.
const SET_BYTES: usize = 4000;

pub struct ImapSource {
    session: Session,
    state: MailboxState,
}

impl ImapSource {
    pub async fn open(settings: &ImapSettings) -> Result<ImapSource, PostError> {
        ImapSource::select(Session::connect(&settings.server).await?, &settings.folder).await
    }

    async fn select(mut session: Session, folder: &str) -> Result<ImapSource, PostError> {
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
        Ok(ImapSource { session, state })
    }

    pub fn state(&self) -> MailboxState {
        self.state
    }

    /// The UIDs from `from_uid` on, with their sizes, in their order.
    pub async fn waiting(&mut self, from_uid: u32) -> Result<Vec<Waiting>, PostError> {
        let mut uids = self.search_from(from_uid).await?;
        uids.truncate(WAITING);
        let sizes = self.sizes(&uids).await?;
        // A mail without a size may just have gone; fetch() will find out.
        Ok(uids
            .into_iter()
            .map(|uid| Waiting { key: MailKey::Uid(uid), size_bytes: sizes.get(&uid).copied().unwrap_or(0) })
            .collect())
    }

    async fn search_from(&mut self, from_uid: u32) -> Result<Vec<u32>, PostError> {
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
    async fn search(&mut self, set: &str, at_least: u32) -> Result<Vec<u32>, PostError> {
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

    async fn sizes(&mut self, uids: &[u32]) -> Result<HashMap<u32, u64>, PostError> {
        let mut sizes = HashMap::new();
        for set in uid_sets(uids) {
            self.session
                .command(&format!("UID FETCH {set} (UID RFC822.SIZE)"), "FETCH", |response| {
                    if let Response::Fetch(_, attributes) = response {
                        let mail = Answer::read(attributes);
                        if let (Some(uid), Some(size)) = (mail.uid, mail.size_bytes) {
                            sizes.insert(uid, size);
                        }
                    }
                })
                .await?;
        }
        Ok(sizes)
    }

    pub async fn fetch(&mut self, batch: &[Waiting], max_size_bytes: u64) -> Result<Vec<Fetched>, PostError> {
        let uids = |large: bool| -> Vec<u32> {
            let chosen = batch.iter().filter(|w| (w.size_bytes > max_size_bytes) == large);
            chosen.filter_map(|w| if let MailKey::Uid(uid) = w.key { Some(uid) } else { None }).collect()
        };
        let (whole, large) = (uids(false), uids(true));
        let mut got = HashMap::new();
        for set in uid_sets(&whole) {
            got.extend(self.bodies(&set, "BODY.PEEK[]").await?);
        }
        for set in uid_sets(&large) {
            got.extend(self.bodies(&set, &format!("BODY.PEEK[]<0.{PARTIAL_BYTES}>")).await?);
        }
        let missing: Vec<u32> = whole.iter().chain(&large).copied().filter(|uid| !got.contains_key(uid)).collect();
        let still_there = self.of_those_there(&missing).await?;
        let mut mails = Vec::new();
        for waiting in batch {
            let MailKey::Uid(uid) = waiting.key else { continue };
            let partial = waiting.size_bytes > max_size_bytes;
            let answer = match got.remove(&uid) {
                Some(answer) => Some(answer),
                None if still_there.contains(&uid) => Some(self.alone(uid, partial).await?),
                None => None,
            };
            mails.extend(answer.map(|answer| answer.into_fetched(waiting, partial)));
        }
        Ok(mails)
    }

    async fn bodies(&mut self, set: &str, what: &str) -> Result<HashMap<u32, Answer>, PostError> {
        let mut got = HashMap::new();
        let command = format!("UID FETCH {set} (UID RFC822.SIZE FLAGS INTERNALDATE {what})");
        self.session
            .command(&command, "FETCH", |response| {
                if let Response::Fetch(_, attributes) = response {
                    let mail = Answer::read(attributes);
                    // Flags that somebody else changed come in between, without a body.
                    if let (Some(uid), Some(_)) = (mail.uid, &mail.body) {
                        got.insert(uid, mail);
                    }
                }
            })
            .await?;
        Ok(got)
    }

    async fn of_those_there(&mut self, uids: &[u32]) -> Result<HashSet<u32>, PostError> {
        let mut there = HashSet::new();
        for set in uid_sets(uids) {
            there.extend(self.search(&set, 1).await?);
        }
        Ok(there)
    }

    /// A mail that the server names but left out of an answer.
    async fn alone(&mut self, uid: u32, partial: bool) -> Result<Answer, PostError> {
        let what = if partial { format!("BODY.PEEK[]<0.{PARTIAL_BYTES}>") } else { "BODY.PEEK[]".to_owned() };
        match self.bodies(&uid.to_string(), &what).await {
            Ok(mut got) => Ok(got.remove(&uid).unwrap_or_else(|| Answer::refused("the server answers without it"))),
            Err(PostError::Refused { why, .. }) => Ok(Answer::refused(&why)),
            Err(other) => Err(other),
        }
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
        self.session.command(&format!("UID COPY {set} {folder}"), "COPY", |_| ()).await?;
        self.store(set, "\\Deleted").await?;
        self.expunge(set).await
    }

    pub async fn refresh(&mut self) -> Result<(), PostError> {
        self.session.command("NOOP", "NOOP", |_| ()).await
    }

    pub async fn close(mut self) {
        // Politeness only: the server notices the end of the connection, too.
        let _ = self.session.command("LOGOUT", "LOGOUT", |_| ()).await;
    }
}

/// What a FETCH answer says of one mail.
#[derive(Debug, Default)]
struct Answer {
    uid: Option<u32>,
    size_bytes: Option<u64>,
    received_at: Option<DateTime<Utc>>,
    body: Option<Vec<u8>>,
    refused: Option<String>,
}

impl Answer {
    fn refused(why: &str) -> Answer {
        Answer { refused: Some(why.to_owned()), ..Answer::default() }
    }

    fn read(attributes: &[AttributeValue<'_>]) -> Answer {
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

    fn into_fetched(self, waiting: &Waiting, partial: bool) -> Fetched {
        let body = match (self.body, partial) {
            (Some(raw), false) => Body::Whole(raw),
            (Some(raw), true) => Body::Partial(raw),
            (None, _) => Body::Unreadable(format!(
                "the server names it but does not give it up: {}",
                self.refused.unwrap_or_default()
            )),
        };
        Fetched {
            key: waiting.key.clone(),
            size_bytes: self.size_bytes.unwrap_or(waiting.size_bytes),
            received_at: self.received_at.unwrap_or(DateTime::UNIX_EPOCH),
            body,
        }
    }
}

/// RFC 3501's date-time: `10-Dec-2024 15:11:12 +0800`, the day padded with a blank.
fn internal_date(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_str(text.trim(), "%d-%b-%Y %H:%M:%S %z").ok().map(|at| at.with_timezone(&Utc))
}

/// UIDs as sets, `1:5,9`, none longer than a command line may be.
fn uid_sets(uids: &[u32]) -> Vec<String> {
    let mut sets: Vec<String> = Vec::new();
    let mut rest = uids;
    while let Some(first) = rest.first() {
        let run = rest.windows(2).take_while(|pair| pair[1] == pair[0].saturating_add(1)).count() + 1;
        let last = rest[run - 1];
        let range = if run == 1 { first.to_string() } else { format!("{first}:{last}") };
        match sets.last_mut().filter(|set| set.len() + range.len() < SET_BYTES) {
            Some(set) => {
                set.push(',');
                set.push_str(&range);
            }
            None => sets.push(range),
        }
        rest = &rest[run..];
    }
    sets
}

/// A folder's name as IMAP writes it: modified UTF-7 (RFC 3501 §5.1.3).
fn utf7(name: &str) -> String {
    let mut out = String::new();
    let mut foreign: Vec<u8> = Vec::new();
    let flush = |foreign: &mut Vec<u8>, out: &mut String| {
        if !foreign.is_empty() {
            let encoded = data_encoding::BASE64_NOPAD.encode(foreign).replace('/', ",");
            out.push_str(&format!("&{encoded}-"));
            foreign.clear();
        }
    };
    for c in name.chars() {
        match c {
            ' '..='~' => {
                flush(&mut foreign, &mut out);
                out.push(c);
                if c == '&' {
                    out.push('-');
                }
            }
            _ => foreign.extend(c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes())),
        }
    }
    flush(&mut foreign, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, DuplexStream};

    use super::*;

    /// A server that answers by a script: the first line of which a part stands in the command gives the answer, in
    /// which `TAG` is the command's tag. Without an answer it closes.
    async fn serve(stream: DuplexStream, script: &'static [(&'static str, &'static str)]) {
        let (reader, mut writer) = tokio::io::split(stream);
        let _ = writer.write_all(b"* OK ready\r\n").await;
        let mut lines = BufReader::new(reader).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
            let standard = [
                ("LOGIN", "TAG OK\r\n"),
                ("CAPABILITY", "* CAPABILITY IMAP4rev1 UIDPLUS MOVE\r\nTAG OK\r\n"),
                ("SELECT", "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 9] n\r\nTAG OK\r\n"),
            ];
            let found = script.iter().chain(&standard).find(|(part, _)| command.contains(part));
            let Some((_, answer)) = found else { return };
            let end = !answer.contains("TAG");
            if writer.write_all(answer.replace("TAG", tag).as_bytes()).await.is_err() || end {
                return;
            }
        }
    }

    async fn source(script: &'static [(&'static str, &'static str)]) -> ImapSource {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        tokio::spawn(serve(theirs, script));
        ImapSource::select(Session::over(ours).await.unwrap(), "INBOX").await.unwrap()
    }

    fn batch() -> Vec<Waiting> {
        [4, 5].map(|uid| Waiting { key: MailKey::Uid(uid), size_bytes: 2 }).to_vec()
    }

    const FOUR: &str =
        "* 1 FETCH (UID 4 RFC822.SIZE 2 INTERNALDATE \"10-Dec-2024 15:11:12 +0800\" BODY[] {2}\r\nhi)\r\nTAG OK\r\n";

    #[tokio::test]
    async fn the_state_and_what_waits_are_read_and_the_last_mail_is_not_new_for_ever() {
        let mut source = source(&[
            ("UID SEARCH UID 10:20010", "* SEARCH\r\nTAG OK\r\n"),
            ("UID SEARCH UID 20010:*", "* SEARCH 9\r\nTAG OK\r\n"),
            ("UID SEARCH UID 4:", "* SEARCH 9 4\r\nTAG OK\r\n"),
            (
                "UID FETCH 4,9 (UID RFC822.SIZE)",
                "* 1 FETCH (UID 4 RFC822.SIZE 2)\r\n* 2 FETCH (UID 9 RFC822.SIZE 7)\r\nTAG OK\r\n",
            ),
        ])
        .await;
        assert_eq!(source.state(), MailboxState { epoch: 7, next_uid: Some(9), messages: 3 });
        let waiting = source.waiting(4).await.unwrap();
        assert_eq!(waiting.iter().map(|w| w.size_bytes).collect::<Vec<_>>(), [2, 7]);
        assert!(source.waiting(10).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn no_to_a_fetch_is_an_error_and_not_an_empty_mailbox() {
        let mut source = source(&[("UID FETCH", "TAG NO [SERVERBUG] try later\r\n")]).await;
        let error = source.fetch(&batch(), 1000).await.unwrap_err();
        assert!(matches!(error, PostError::Refused { .. }), "{error}");
    }

    #[tokio::test]
    async fn the_end_of_the_stream_in_the_middle_of_an_answer_is_a_lost_connection() {
        let mut source = source(&[("UID FETCH", "* 1 FETCH (UID 4 BODY[] {2}\r\nhi)\r\n")]).await;
        let error = source.fetch(&batch(), 1000).await.unwrap_err();
        assert!(matches!(error, PostError::Lost { .. }), "{error}");
    }

    #[tokio::test]
    async fn goodbye_is_a_lost_connection() {
        let mut source = source(&[("UID SEARCH", "* BYE shutting down\r\nTAG OK\r\n")]).await;
        let error = source.waiting(1).await.unwrap_err();
        assert!(matches!(error, PostError::Lost { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_mail_that_is_gone_is_left_out() {
        let mut source = source(&[("UID FETCH 4:5", FOUR), ("UID SEARCH UID 5", "* SEARCH\r\nTAG OK\r\n")]).await;
        let got = source.fetch(&batch(), 1000).await.unwrap();
        assert_eq!(got.len(), 1);
        assert_eq!(got[0].body, Body::Whole(b"hi".to_vec()));
        assert_eq!(got[0].received_at.to_rfc3339(), "2024-12-10T07:11:12+00:00");
    }

    #[tokio::test]
    async fn a_mail_that_is_left_out_but_there_is_asked_for_alone_and_then_unreadable() {
        let mut source = source(&[
            ("UID FETCH 4:5", FOUR),
            ("UID SEARCH UID 5", "* SEARCH 5\r\nTAG OK\r\n"),
            ("UID FETCH 5 ", "TAG NO broken mail\r\n"),
        ])
        .await;
        let got = source.fetch(&batch(), 1000).await.unwrap();
        assert!(matches!(&got[1].body, Body::Unreadable(why) if why.contains("broken mail")));
    }

    #[tokio::test]
    async fn of_a_mail_above_the_limit_only_the_beginning_is_asked() {
        let mut source = source(&[(
            "BODY.PEEK[]<0.262144>",
            "* 1 FETCH (UID 4 RFC822.SIZE 2000 INTERNALDATE \" 1-Dec-2024 15:11:12 +0000\" BODY[]<0> {2}\r\nhi)\r\nTAG OK\r\n",
        )])
        .await;
        let large = [Waiting { key: MailKey::Uid(4), size_bytes: 2000 }];
        let got = source.fetch(&large, 1000).await.unwrap();
        assert_eq!(got[0].body, Body::Partial(b"hi".to_vec()));
        assert_eq!(got[0].received_at.to_rfc3339(), "2024-12-01T15:11:12+00:00");
    }

    #[tokio::test]
    async fn a_folder_that_is_missing_is_made_when_a_mail_is_moved() {
        let mut source = source(&[
            ("UID STORE", "TAG OK\r\n"),
            ("CREATE", "TAG OK\r\n"),
            ("UID MOVE 4 \"Done\"", "TAG NO [TRYCREATE] no such folder\r\n"),
        ])
        .await;
        // The script refuses the move for ever: that it is tried again after CREATE shows in the second refusal.
        let error = source.finish(&[MailKey::Uid(4)], &After::Move("Done".to_owned())).await.unwrap_err();
        assert!(matches!(error, PostError::Refused { command, .. } if command == "MOVE"));
    }

    #[test]
    fn uid_sets_are_short_and_complete() {
        assert_eq!(uid_sets(&[1, 2, 3, 9, 11, 12]), ["1:3,9,11:12"]);
        assert!(uid_sets(&[]).is_empty());
        let odd: Vec<u32> = (0..5000).map(|n| n * 2 + 100_001).collect();
        let sets = uid_sets(&odd);
        assert!(sets.iter().all(|s| s.len() <= SET_BYTES));
        assert_eq!(sets.iter().map(|s| s.split(',').count()).sum::<usize>(), 5000);
    }

    #[test]
    fn folder_names_are_modified_utf_7() {
        assert_eq!(utf7("Entwürfe & Co"), "Entw&APw-rfe &- Co");
        assert_eq!(utf7("受信"), "&U9dP4Q-");
    }
}
