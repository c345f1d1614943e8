//! What a mail server has said is never forgotten, whatever becomes of the database meanwhile.

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

use super::*;
use crate::{
    daemon::intake::tests::{Store, mail, office, received_at},
    post::{ServerSettings, Tls, smtp::SmtpSettings},
};

/// Message-IDs, once for each time that the mail was taken.
type Taken = Arc<Mutex<Vec<String>>>;

async fn server(taken: Taken) -> Transport {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, taken.clone()));
        }
    });
    let (host, patience) = ("127.0.0.1".to_owned(), Duration::from_secs(60));
    let server = ServerSettings { host, port, tls: Tls::None, ca_file: None, login: None, patience };
    Transport::smtp(SmtpSettings { server, connections: 4, hello: "desk.test".to_owned() })
}

async fn serve(stream: TcpStream, taken: Taken) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    writer.write_all(b"220 test\r\n").await?;
    let mut lines = BufReader::new(reader).lines();
    let mut in_text = false;
    while let Some(line) = lines.next_line().await? {
        if let (true, Some(id)) = (in_text, line.strip_prefix("Message-ID: ")) {
            lock(&taken).push(id.to_owned());
        }
        let begins = line == "DATA";
        if !in_text || line == "." {
            writer.write_all(if begins { b"354 go on\r\n" } else { b"250 fine\r\n" }).await?;
            in_text = begins;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_mail_goes_out_twice_because_an_answer_or_another_mail_could_not_be_written_down() {
    for refused in [
        "BEFORE UPDATE ON deliveries WHEN new.state = 'accepted' AND new.notice % 2 = 0",
        "BEFORE UPDATE ON notices WHEN new.message_id IS NOT NULL AND new.id % 2 = 0",
    ] {
        let store = Store::new();
        store.commit(store.open(), (1..=6).map(mail).collect()).await.unwrap();
        let (writer, thread) = Writer::start(store.open()).unwrap();
        let taken = Taken::default();
        let transport = Arc::new(server(taken.clone()).await);
        let sender = Sender::new(office(), writer, transport, Time::drill(received_at()));
        let (pulse, stop) = (Pulse::new(), CancellationToken::new());

        let trigger = format!("CREATE TRIGGER full {refused} BEGIN SELECT RAISE(ABORT, 'no room'); END");
        store.open().execute_batch(&trigger).unwrap();
        for _ in 0..3 {
            let failed = sender.send_due(&pulse, &stop).await.unwrap_err().to_string();
            assert!(failed.contains("no room"), "{failed}");
        }
        store.open().execute_batch("DROP TRIGGER full").unwrap();
        sender.send_due(&pulse, &stop).await.unwrap();

        let mut taken = lock(&taken).clone();
        assert_eq!(taken.len(), 12, "an answer and a mail to staff for each of six: {refused}: {taken:?}");
        taken.sort();
        taken.dedup();
        assert_eq!(taken.len(), 12, "{refused}");
        drop(sender);
        thread.join().unwrap();
    }
}
