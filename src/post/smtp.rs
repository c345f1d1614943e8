//! The way out over SMTP: a bounded number of connections, kept alive between letters.

use std::time::{Duration, Instant};

use tokio::sync::{Mutex, Semaphore};

use super::{
    Letter, PostError, Sent, ServerSettings,
    smtp_session::{self, Session},
};

/// Servers close idle connections after some minutes; one that idled so long is asked first whether it still lives.
const ASK_AFTER: Duration = Duration::from_secs(5);
const DROP_AFTER: Duration = Duration::from_secs(60);

#[derive(Debug, Clone)]
pub struct SmtpSettings {
    pub server: ServerSettings,
    pub connections: usize,
    /// the name that the desk gives in EHLO
    pub hello: String,
}

pub struct SmtpPool {
    settings: SmtpSettings,
    /// how many connections may be open
    free: Semaphore,
    idle: Mutex<Vec<(Instant, Session)>>,
}

impl From<smtp_session::Sent> for Sent {
    fn from(sent: smtp_session::Sent) -> Sent {
        Sent { outcomes: sent.outcomes, broke: !sent.usable }
    }
}

impl SmtpPool {
    pub fn new(settings: SmtpSettings) -> SmtpPool {
        let free = Semaphore::new(settings.connections.max(1));
        SmtpPool { settings, free, idle: Mutex::new(Vec::new()) }
    }

    pub fn connections(&self) -> usize {
        self.settings.connections.max(1)
    }

    /// Fails when no connection can be had: then nothing was said of this letter.
    pub async fn send(&self, letter: &Letter) -> Result<Sent, PostError> {
        // Never closed, so an error can't come.
        let _permit = self.free.acquire().await;
        // A kept connection may have died unseen: then a new one is tried at once.
        if let Some(session) = self.kept().await {
            let sent = self.send_by(session, letter).await;
            if !sent.lost_before_data {
                return Ok(sent.into());
            }
        }
        let session = Session::open(&self.settings.server, &self.settings.hello).await?;
        Ok(self.send_by(session, letter).await.into())
    }

    async fn send_by(&self, mut session: Session, letter: &Letter) -> smtp_session::Sent {
        let sent = session.send(letter).await;
        if sent.usable {
            self.idle.lock().await.push((Instant::now(), session));
        }
        sent
    }

    async fn kept(&self) -> Option<Session> {
        loop {
            let (since, mut session) = {
                let mut idle = self.idle.lock().await;
                idle.retain(|(since, _)| since.elapsed() < DROP_AFTER);
                idle.pop()?
            };
            if since.elapsed() < ASK_AFTER || session.is_alive().await {
                return Some(session);
            }
        }
    }

    pub async fn check(&self) -> Result<(), PostError> {
        let session = Session::open(&self.settings.server, &self.settings.hello).await?;
        session.quit().await;
        Ok(())
    }

    pub async fn close(&self) {
        for (_, session) in self.idle.lock().await.drain(..) {
            session.quit().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
        net::TcpListener,
    };

    use super::*;
    use crate::post::{Outcome, Tls};

    /// How the server of a test behaves after the final dot; everything before is as usual, and it refuses `bad@…` and
    /// puts off `grey@…`.
    #[derive(Clone, Copy, PartialEq)]
    enum Dot {
        Accept,
        Close,
        Refuse,
        PutOff,
        /// refuses DATA already
        RefuseData,
        /// takes one mail on a connection, then says 421 to the next
        OneOnly,
    }

    async fn server(dot: Dot) -> (u16, std::sync::Arc<std::sync::atomic::AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let connections = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        let counted = connections.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
                tokio::spawn(serve(stream, dot));
            }
        });
        (port, connections)
    }

    async fn serve(stream: tokio::net::TcpStream, dot: Dot) {
        let (reader, mut writer) = stream.into_split();
        let _ = writer.write_all(b"220 test\r\n").await;
        let mut lines = BufReader::new(reader).lines();
        let mut in_text = false;
        let mut mails = 0;
        while let Ok(Some(line)) = lines.next_line().await {
            let upper = line.to_ascii_uppercase();
            let answer = match (in_text, dot) {
                (true, _) if line != "." => continue,
                (true, Dot::Close) => return,
                (true, _) => {
                    in_text = false;
                    match dot {
                        Dot::Refuse => "554 no\r\n",
                        Dot::PutOff => "451 later\r\n",
                        _ => "250 2.0.0 taken\r\n",
                    }
                }
                _ if upper.starts_with("EHLO") => "250-test\r\n250 8BITMIME\r\n",
                _ if upper.contains("<BAD@") => "550 5.1.1 no such user\r\n",
                _ if upper.contains("<GREY@") => "451 4.7.1 greylisted\r\n",
                _ if upper.starts_with("MAIL") => {
                    mails += 1;
                    if dot == Dot::OneOnly && mails > 1 { "421 enough on this connection\r\n" } else { "250 ok\r\n" }
                }
                (_, Dot::RefuseData) if upper.starts_with("DATA") => "554 no text from you\r\n",
                _ if upper.starts_with("DATA") => {
                    in_text = true;
                    "354 go on\r\n"
                }
                _ => "250 ok\r\n",
            };
            if writer.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }

    fn pool(port: u16) -> SmtpPool {
        let server = ServerSettings {
            host: "127.0.0.1".to_owned(),
            port,
            tls: Tls::None,
            ca_file: None,
            login: None,
            patience: Duration::from_secs(60),
        };
        SmtpPool::new(SmtpSettings { server, connections: 2, hello: "desk.example".to_owned() })
    }

    async fn outcomes(pool: &SmtpPool, recipients: &[&str]) -> Vec<Outcome> {
        pool.send(&letter(recipients)).await.unwrap().outcomes
    }

    fn letter(recipients: &[&str]) -> Letter {
        Letter {
            envelope_from: "support@desk.example".to_owned(),
            recipients: recipients.iter().map(|r| (*r).to_owned()).collect(),
            message_id: "1@desk.example".to_owned(),
            bytes: b"Subject: x\r\n\r\n.a line\r\n".to_vec(),
        }
    }

    #[tokio::test]
    async fn one_refused_and_one_greylisted_recipient_do_not_stop_the_third() {
        let (port, _) = server(Dot::Accept).await;
        let recipients = ["good@b.example", "bad@b.example", "grey@b.example", "no address"];
        let outcomes = outcomes(&pool(port), &recipients).await;
        assert!(matches!(&outcomes[0], Outcome::Accepted(answer) if answer.contains("taken")), "{outcomes:?}");
        assert!(matches!(&outcomes[1], Outcome::Refused(why) if why.contains("no such user")), "{outcomes:?}");
        assert!(matches!(&outcomes[2], Outcome::Deferred(why) if why.contains("greylisted")), "{outcomes:?}");
        assert!(matches!(&outcomes[3], Outcome::Refused(_)), "{outcomes:?}");
    }

    #[tokio::test]
    async fn a_refusal_of_the_text_is_not_one_of_a_recipient_who_was_put_off() {
        let (port, _) = server(Dot::RefuseData).await;
        let outcomes = outcomes(&pool(port), &["good@b.example", "grey@b.example"]).await;
        assert!(matches!(&outcomes[0], Outcome::Refused(why) if why.contains("no text")), "{outcomes:?}");
        assert!(matches!(&outcomes[1], Outcome::Deferred(why) if why.contains("greylisted")), "{outcomes:?}");
    }

    #[tokio::test]
    async fn a_kept_connection_that_has_carried_enough_is_replaced() {
        let (port, connections) = server(Dot::OneOnly).await;
        let pool = pool(port);
        for _ in 0..3 {
            let outcomes = outcomes(&pool, &["a@b.example"]).await;
            assert!(matches!(outcomes[0], Outcome::Accepted(_)), "{outcomes:?}");
        }
        assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 3);
    }

    #[tokio::test]
    async fn letters_beyond_ascii_are_sent_in_a_domain_and_refused_in_a_local_part() {
        let (port, _) = server(Dot::Accept).await;
        let recipients = ["anja@bücher.example", "grüße@b.example", "a@b.example>\r\nRSET"];
        let outcomes = outcomes(&pool(port), &recipients).await;
        assert!(matches!(outcomes[0], Outcome::Accepted(_)), "{outcomes:?}");
        assert!(matches!(&outcomes[1], Outcome::Refused(why) if why.contains("SMTPUTF8")), "{outcomes:?}");
        assert!(matches!(&outcomes[2], Outcome::Refused(why) if !why.contains('\n')), "{outcomes:?}");
    }

    #[tokio::test]
    async fn after_the_final_dot_an_answer_counts_and_silence_is_unknown() {
        for (dot, expected) in [(Dot::Refuse, "Refused"), (Dot::PutOff, "Deferred"), (Dot::Close, "Unknown")] {
            let (port, _) = server(dot).await;
            let outcomes = outcomes(&pool(port), &["good@b.example"]).await;
            assert!(format!("{:?}", outcomes[0]).starts_with(expected), "{outcomes:?}");
        }
    }

    #[tokio::test]
    async fn connections_are_kept_and_a_dead_one_is_replaced() {
        let (port, connections) = server(Dot::Accept).await;
        let pool = pool(port);
        for _ in 0..5 {
            assert!(matches!(outcomes(&pool, &["a@b.example"]).await[0], Outcome::Accepted(_)));
        }
        assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 1);
        pool.close().await;
        assert!(matches!(outcomes(&pool, &["a@b.example"]).await[0], Outcome::Accepted(_)));
    }

    #[tokio::test]
    async fn without_a_server_nothing_is_said_of_the_letter() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let error = pool(port).send(&letter(&["a@b.example"])).await.unwrap_err();
        assert!(matches!(error, PostError::Connect { .. }), "{error}");
    }
}
