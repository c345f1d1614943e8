//! What a mail server has said is never forgotten, whatever becomes of the database meanwhile.

use serde_json::Map;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

use super::*;
use crate::{
    daemon::intake::tests::{Store, mail, office, received_at},
    desk::notice::NoticeKind,
    mail::address::Address,
    post::{ServerSettings, Tls, smtp::SmtpSettings},
    store::{
        meta,
        outbox::{NewNotice, Recipients},
    },
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
    smtp_at(port)
}

fn smtp_at(port: u16) -> Transport {
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

/// A server that says to whom each mail is when its text is whole, and answers those to `many` only as it is let.
async fn slow_server(tell: mpsc::UnboundedSender<String>, free: Arc<Semaphore>) -> Transport {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve_slowly(stream, tell.clone(), free.clone()));
        }
    });
    smtp_at(port)
}

async fn serve_slowly(
    stream: TcpStream,
    tell: mpsc::UnboundedSender<String>,
    free: Arc<Semaphore>,
) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    writer.write_all(b"220 test\r\n").await?;
    let mut lines = BufReader::new(reader).lines();
    let (mut in_text, mut to) = (false, String::new());
    while let Some(line) = lines.next_line().await? {
        if let Some(recipient) = line.strip_prefix("RCPT TO:") {
            to = recipient.trim_matches(['<', '>']).to_owned();
        }
        if line == "." {
            let _ = tell.send(to.clone());
            if to.starts_with("many") {
                free.acquire().await.unwrap().forget();
            }
        }
        let begins = line == "DATA";
        if !in_text || line == "." {
            writer.write_all(if begins { b"354 go on\r\n" } else { b"250 fine\r\n" }).await?;
            in_text = begins;
        }
    }
    Ok(())
}

/// Puts a letter that is written already into the outbox.
fn put(tx: &Connection, kind: NoticeKind, email: &str) -> Result<(), StoreError> {
    let notice = NewNotice {
        case: None,
        topic: None,
        kind,
        automatic: true,
        decided_at: received_at(),
        data: &Map::new(),
        recipients: &Recipients { to: vec![Address::bare(email)], cc: vec![] },
        cause: &format!("staff:{}", meta::next_act(tx)?),
        attachments: &[],
    };
    let id = outbox::add(tx, &notice, None)?.unwrap();
    let letter = Frozen {
        message_id: format!("<{id}@desk.test>"),
        envelope_from: "support@desk.test".to_owned(),
        subject: "News".to_owned(),
        bytes: b"Subject: News\r\n\r\nNews.\r\n".to_vec(),
    };
    outbox::freeze(tx, id, &letter)
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_two_mails_at_once_so_they_come_in_their_order() {
    let store = Store::new();
    let (writer, thread) = Writer::start(store.open()).unwrap();
    let fill = |tx: &Connection| {
        ["ada", "ada", "bob", "ada"].iter().try_for_each(|who| put(tx, NoticeKind::Digest, &format!("{who}@b.example")))
    };
    writer.run(fill).await.unwrap();
    let due = |under_way: &UnderWay| {
        let db = store.open();
        let to = |id| outbox::load(&db, id).unwrap().unwrap().recipients.to[0].email.clone();
        let due = outbox::due(&db, NoticeKind::Digest.lane(), received_at(), 10, under_way).unwrap();
        (due.iter().map(|id| to(*id)).collect::<Vec<_>>(), due)
    };
    let (to, first) = due(&UnderWay::default());
    assert_eq!(to, ["ada@b.example", "bob@b.example"]);
    let under_way = UnderWay { notices: first.into_iter().take(1).collect(), recipients: [to[0].clone()].into() };
    assert_eq!(due(&under_way).0, ["bob@b.example"]);
    drop(writer);
    thread.join().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_to_a_person_finds_a_connection_however_much_goes_to_many() {
    let store = Store::new();
    let (writer, thread) = Writer::start(store.open()).unwrap();
    let (tell, mut taken) = mpsc::unbounded_channel();
    let free = Arc::new(Semaphore::new(0));
    let transport = Arc::new(slow_server(tell, free.clone()).await);
    let sender = Sender::new(office(), writer.clone(), transport, Time::drill(received_at()));
    let fill = |tx: &Connection| (0..30).try_for_each(|n| put(tx, NoticeKind::Digest, &format!("many{n}@b.example")));
    writer.run(fill).await.unwrap();
    let sending = tokio::spawn({
        let sender = sender.clone();
        async move { sender.send_due(&Pulse::new(), &CancellationToken::new()).await }
    });
    for _ in 0..3 {
        assert!(taken.recv().await.unwrap().starts_with("many"));
    }
    writer.run(|tx| put(tx, NoticeKind::Reply, "ada@b.example")).await.unwrap();
    free.add_permits(1);
    let next = [taken.recv().await.unwrap(), taken.recv().await.unwrap()];
    assert!(next.contains(&"ada@b.example".to_owned()), "three of four connections are for many: {next:?}");
    free.add_permits(29);
    assert_eq!(sending.await.unwrap().unwrap().accepted, 31);
    drop((sender, writer));
    thread.join().unwrap();
}
