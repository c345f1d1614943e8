//! Tries where a mail server answers: connects, with TLS, and reads the greeting. Nothing is said to it, least of all a
//! password.

use std::{path::PathBuf, time::Duration};

use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::guess::{Candidate, Candidates, Protocol};
use crate::post::{self, PostError, ServerSettings, Transport, smtp::SmtpSettings};

/// For each of them, all at once.
const PATIENCE: Duration = Duration::from_secs(5);

/// A way to a server, and what is wrong with it.
#[derive(Debug)]
pub struct Found {
    pub way: Candidate,
    pub trouble: Option<PostError>,
}

/// The first of the named ones that answers, else the first named; where none is named, the first of the usual ones that
/// answers.
pub async fn likeliest(protocol: Protocol, candidates: Candidates) -> Option<Candidate> {
    let Candidates { named, usual } = candidates;
    let else_this = named.first().cloned();
    if named.len() == 1 {
        return else_this;
    }
    for (way, answer) in begin(protocol, if named.is_empty() { usual } else { named }, None) {
        if let Ok(Ok(())) = answer.await {
            return Some(way);
        }
    }
    else_this
}

/// Which of these ways to one host works. When none does, the one of whose certificate something can be said, since TLS
/// is right there; else the one that has no STARTTLS; else the first.
pub async fn best(protocol: Protocol, ways: Vec<Candidate>, ca_file: Option<PathBuf>) -> Option<Found> {
    let mut failed: Option<Found> = None;
    for (way, answer) in begin(protocol, ways, ca_file) {
        let why = match answer.await {
            Ok(Ok(())) => return Some(Found { way, trouble: None }),
            Ok(Err(why)) => why,
            Err(_) => continue,
        };
        let tells_more = matches!(why, PostError::Refused { .. }) || failed.is_none();
        let is_right = matches!(why, PostError::Certificate { .. } | PostError::CaFile { .. });
        let found = Found { way, trouble: Some(why) };
        if is_right {
            return Some(found);
        }
        if tells_more {
            failed = Some(found);
        }
    }
    failed
}

type Answer = AbortOnDropHandle<Result<(), PostError>>;

/// All are tried at once, so that they take no longer than the slowest of them.
fn begin(protocol: Protocol, candidates: Vec<Candidate>, ca_file: Option<PathBuf>) -> Vec<(Candidate, Answer)> {
    let begin = |way: Candidate| {
        let settings = ServerSettings {
            host: way.host.clone(),
            port: way.port,
            tls: way.tls,
            ca_file: ca_file.clone(),
            login: None,
            patience: PATIENCE,
        };
        (way, AbortOnDropHandle::new(tokio::spawn(reach_in_time(protocol, settings))))
    };
    candidates.into_iter().map(begin).collect()
}

/// Each step has its time limit; a name with many addresses would take several of them.
async fn reach_in_time(protocol: Protocol, server: ServerSettings) -> Result<(), PostError> {
    let name = format!("{}:{}", server.host, server.port);
    let late =
        |_| PostError::Timeout { server: name, during: "while connecting".to_owned(), seconds: PATIENCE.as_secs() };
    timeout(PATIENCE, reach(protocol, server)).await.map_err(late)?
}

async fn reach(protocol: Protocol, server: ServerSettings) -> Result<(), PostError> {
    match protocol {
        Protocol::Imap => post::imap::reach(&server).await,
        Protocol::Smtp => {
            let hello = "localhost".to_owned();
            Transport::smtp(SmtpSettings { server, connections: 1, hello }).check().await
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
    };

    use super::{super::guess::ways, *};
    use crate::post::Tls;

    /// A server that greets in plain text and refuses whatever comes.
    async fn plain_server() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (reader, mut writer) = stream.into_split();
                    let _ = writer.write_all(b"* OK ready\r\n").await;
                    let mut lines = BufReader::new(reader).lines();
                    while let Ok(Some(line)) = lines.next_line().await {
                        let tag = line.split(' ').next().unwrap_or("*").to_owned();
                        let _ = writer.write_all(format!("{tag} BAD unknown\r\n").as_bytes()).await;
                    }
                });
            }
        });
        port
    }

    async fn closed_port() -> u16 {
        TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
    }

    fn way(port: u16, tls: Tls) -> Candidate {
        Candidate { host: "127.0.0.1".to_owned(), port, tls }
    }

    #[tokio::test]
    async fn a_server_without_tls_is_never_taken_and_what_it_lacks_is_told() {
        let port = plain_server().await;
        let found = best(Protocol::Imap, ways(Protocol::Imap, "127.0.0.1", Some(port)), None).await.unwrap();
        assert_eq!(found.way, way(port, Tls::StartTls));
        let why = found.trouble.unwrap();
        assert!(matches!(&why, PostError::Refused { command, .. } if command == "STARTTLS"), "{why}");
        let usual = vec![way(port, Tls::Implicit), way(port, Tls::StartTls)];
        assert_eq!(likeliest(Protocol::Imap, Candidates { named: vec![], usual }).await, None);
    }

    #[tokio::test]
    async fn a_port_is_what_it_is_told_to_be_without_tls() {
        let port = plain_server().await;
        let found = best(Protocol::Imap, vec![way(port, Tls::None)], None).await.unwrap();
        assert!(found.trouble.is_none(), "{:?}", found.trouble);
    }

    #[tokio::test]
    async fn where_nothing_answers_the_first_name_that_was_given_is_offered_all_the_same() {
        let named = vec![way(closed_port().await, Tls::Implicit), way(closed_port().await, Tls::StartTls)];
        let first = named[0].clone();
        let offered = likeliest(Protocol::Smtp, Candidates { named: named.clone(), usual: vec![] }).await;
        assert_eq!(offered, Some(first));
        let usual = named;
        assert_eq!(likeliest(Protocol::Smtp, Candidates { named: vec![], usual }).await, None);
    }
}
