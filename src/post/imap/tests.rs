//! Against servers that answer by a script.

use std::sync::Arc;

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
};

use super::*;
use crate::post::{Body, Login, Secret, ServerSettings, Tls};

/// The first pair of which the first part stands in a command gives its answer, in which `TAG` is the command's tag.
/// An answer without that ends the connection, but for one that asks to go on; so does a command without an answer.
type Script = &'static [(&'static str, &'static str)];

async fn serve(stream: impl AsyncRead + AsyncWrite, script: Script) {
    let (reader, mut writer) = tokio::io::split(stream);
    let _ = writer.write_all(b"* OK ready\r\n").await;
    let mut lines = BufReader::new(reader).lines();
    let mut last_tag = String::new();
    while let Ok(Some(line)) = lines.next_line().await {
        if let Some((tag, _)) = line.split_once(' ') {
            last_tag = tag.to_owned();
        }
        let standard = [
            ("LOGIN", "TAG OK\r\n"),
            ("CAPABILITY", "* CAPABILITY IMAP4rev1 UIDPLUS MOVE\r\nTAG OK\r\n"),
            ("SELECT", "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] v\r\n* OK [UIDNEXT 9] n\r\nTAG OK\r\n"),
        ];
        let found = script.iter().chain(&standard).find(|(part, _)| line.contains(part));
        let Some((_, answer)) = found else { return };
        let ends = !answer.contains("TAG") && !answer.starts_with('+');
        if writer.write_all(answer.replace("TAG", &last_tag).as_bytes()).await.is_err() || ends {
            return;
        }
    }
}

fn password() -> Secret {
    Secret::Password("secret".into())
}

/// Over a pipe: there is no second connection.
async fn source(script: Script) -> ImapSource {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    tokio::spawn(serve(theirs, script));
    ImapSource::select(Session::over(ours, &password()).await.unwrap(), "INBOX").await.unwrap()
}

/// The n-th connection meets the n-th script, the later ones the last.
async fn reachable(scripts: &'static [Script]) -> ImapSource {
    open(scripts, false).await
}

async fn open(scripts: &'static [Script], last_resort: bool) -> ImapSource {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut number = 0;
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, scripts[number.min(scripts.len() - 1)]));
            number += 1;
        }
    });
    let server = ServerSettings {
        host: "127.0.0.1".to_owned(),
        port,
        tls: Tls::None,
        ca_file: None,
        login: Some(Login { username: "user".to_owned(), secret: Arc::new(|| Ok(password())) }),
        patience: Duration::from_secs(60),
    };
    ImapSource::open(&ImapSettings { server, folder: "INBOX".to_owned(), last_resort }).await.unwrap()
}

fn one(uid: u32) -> Vec<Waiting> {
    vec![Waiting { key: MailKey::Uid(uid), size_bytes: 2 }]
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
async fn no_to_every_fetch_is_an_error_and_not_an_empty_mailbox() {
    let mut source =
        source(&[("UID FETCH", "TAG NO [SERVERBUG] try later\r\n"), ("UID SEARCH", "* SEARCH 4 5\r\nTAG OK\r\n")])
            .await;
    let error = source.fetch(&batch(), 1000).await.unwrap_err();
    assert!(matches!(error, PostError::Refused { .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_refuses_a_batch_for_one_mail_still_gives_the_other() {
    let mut source = source(&[
        ("UID FETCH 4:5", "TAG NO some could not be read\r\n"),
        ("UID SEARCH UID 4:5", "* SEARCH 4 5\r\nTAG OK\r\n"),
        ("UID FETCH 4 ", FOUR),
        ("UID FETCH 5 ", "TAG NO broken mail\r\n"),
    ])
    .await;
    let got = source.fetch(&batch(), 1000).await.unwrap();
    assert_eq!(got[0].body, Body::Whole(b"hi".to_vec()));
    assert!(matches!(&got[1].body, Body::Unreadable(why) if why.contains("broken mail")));
}

/// As Dovecot does with a file that is shorter than its name says, and with one that it may not open.
const ENDS_AT_FIVE: Script = &[
    ("UID FETCH 4:5", "* 1 FETCH (UID 4 BODY[] {2}\r\nhi)\r\n* 2 FETCH (UID 5 BODY[] {100}\r\nhalf of"),
    ("UID FETCH 5 ", "* BYE FETCH failed: Internal error occurred.\r\n"),
    ("UID SEARCH UID 5:", "* SEARCH 5 8\r\nTAG OK\r\n"),
    ("UID SEARCH UID 1:5", "* SEARCH 5\r\nTAG OK\r\n"),
    ("UID SEARCH UID 5", "* SEARCH 5\r\nTAG OK\r\n"),
    ("UID FETCH 8 (UID BODY.PEEK[]<0.1>)", "* 3 FETCH (UID 8 BODY[]<0> {1}\r\nF)\r\nTAG OK\r\n"),
];

#[tokio::test]
async fn a_mail_that_ends_the_connection_does_not_keep_back_the_others() {
    let mut source = reachable(&[ENDS_AT_FIVE]).await;
    let got = source.fetch(&batch(), 1000).await.unwrap();
    assert_eq!(got[0].body, Body::Whole(b"hi".to_vec()));
    assert!(matches!(&got[1].body, Body::Unreadable(why) if why.contains("connection was lost")), "{got:?}");
}

#[tokio::test]
async fn a_mail_that_ends_the_connection_is_unreadable_if_its_neighbour_is_not() {
    let got = reachable(&[ENDS_AT_FIVE]).await.fetch(&one(5), 1000).await.unwrap();
    assert!(matches!(&got[0].body, Body::Unreadable(_)), "{got:?}");
}

#[tokio::test]
async fn a_mail_beside_which_there_is_none_is_given_up_only_as_a_last_resort() {
    const ONLY_FIVE: &[Script] = &[&[
        ("UID FETCH", "* BYE FETCH failed: Internal error occurred.\r\n"),
        ("UID SEARCH", "* SEARCH 5\r\nTAG OK\r\n"),
    ]];
    let error = open(ONLY_FIVE, false).await.fetch(&one(5), 1000).await.unwrap_err();
    assert!(matches!(error, PostError::Lost { .. }), "{error}");
    let got = open(ONLY_FIVE, true).await.fetch(&one(5), 1000).await.unwrap();
    assert!(matches!(&got[0].body, Body::Unreadable(_)), "{got:?}");
}

#[tokio::test]
async fn a_server_that_gives_no_mail_at_all_is_ill_and_its_mails_are_not() {
    let mut source = reachable(&[&[
        ("UID FETCH", "* BYE FETCH failed: storage is away\r\n"),
        ("UID SEARCH", "* SEARCH 3 4 5 6\r\nTAG OK\r\n"),
    ]])
    .await;
    let error = source.fetch(&batch(), 1000).await.unwrap_err();
    assert!(matches!(error, PostError::Lost { .. }), "{error}");
}

#[tokio::test]
async fn a_fault_of_the_moment_is_made_good_by_a_new_connection() {
    const WELL: Script = &[
        ("UID SEARCH UID 4:5", "* SEARCH 4 5\r\nTAG OK\r\n"),
        ("UID FETCH 4 ", FOUR),
        ("UID FETCH 5 ", "* 2 FETCH (UID 5 RFC822.SIZE 2 BODY[] {2}\r\nho)\r\nTAG OK\r\n"),
    ];
    let mut source = reachable(&[&[("UID FETCH", "* BYE restarting\r\n")], WELL]).await;
    let got = source.fetch(&batch(), 1000).await.unwrap();
    assert_eq!(
        got.iter().map(|mail| &mail.body).collect::<Vec<_>>(),
        [&Body::Whole(b"hi".to_vec()), &Body::Whole(b"ho".to_vec())]
    );
}

#[tokio::test]
async fn uids_of_another_uidvalidity_are_not_asked_for() {
    const RENUMBERED: Script = &[("SELECT", "* 3 EXISTS\r\n* OK [UIDVALIDITY 8] v\r\nTAG OK\r\n")];
    let mut source = reachable(&[&[("UID FETCH", "* BYE rebuilt\r\n")], RENUMBERED]).await;
    let error = source.fetch(&batch(), 1000).await.unwrap_err();
    assert!(matches!(error, PostError::Lost { .. }), "{error}");
}

#[tokio::test]
async fn a_mail_without_a_size_does_not_hide_the_sizes_behind_it() {
    let mut source = reachable(&[&[
        ("UID SEARCH UID 4:", "* SEARCH 4 5 6\r\nTAG OK\r\n"),
        ("UID FETCH 4:6 ", "* 1 FETCH (UID 4 RFC822.SIZE 2)\r\n* BYE FETCH failed\r\n"),
        ("UID FETCH 5:6 ", "* BYE FETCH failed\r\n"),
        ("UID FETCH 5 ", "* BYE FETCH failed\r\n"),
        ("UID FETCH 6 ", "* 3 FETCH (UID 6 RFC822.SIZE 7)\r\nTAG OK\r\n"),
    ]])
    .await;
    let waiting = source.waiting(4).await.unwrap();
    assert_eq!(waiting.iter().map(|w| w.size_bytes).collect::<Vec<_>>(), [2, 0, 7]);
}

#[tokio::test]
async fn of_a_mail_of_unknown_size_the_beginning_is_asked_first() {
    let mut source = source(&[(
        "UID FETCH 4 (UID RFC822.SIZE FLAGS INTERNALDATE BODY.PEEK[]<0.262144>)",
        "* 1 FETCH (UID 4 RFC822.SIZE 2 BODY[]<0> {2}\r\nhi)\r\nTAG OK\r\n",
    )])
    .await;
    let unknown = [Waiting { key: MailKey::Uid(4), size_bytes: 0 }];
    let got = source.fetch(&unknown, 1000).await.unwrap();
    assert_eq!(got[0].body, Body::Whole(b"hi".to_vec()));
}

#[tokio::test]
async fn authenticate_plain_is_used_where_it_is_offered() {
    let source = source(&[
        ("CAPABILITY", "* CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN\r\nTAG OK\r\n"),
        ("LOGIN", "TAG NO disabled\r\n"),
        ("AUTHENTICATE PLAIN", "+ \r\n"),
        ("AHVzZXIAc2VjcmV0", "TAG OK\r\n"),
    ])
    .await;
    assert_eq!(source.state().epoch, 7);
}

#[tokio::test]
async fn a_refused_login_names_the_server_s_reason_and_no_secret() {
    for (answer, credentials) in
        [("TAG NO [AUTHENTICATIONFAILED] Bad pair.\r\n", true), ("TAG NO [UNAVAILABLE] Bad pair.\r\n", false)]
    {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        let script: Script = Box::leak(Box::new([("LOGIN", answer)]));
        tokio::spawn(serve(theirs, script));
        let error = Session::over(ours, &password()).await.err().unwrap();
        assert_eq!(error.is_credentials(), credentials, "{error}");
        assert!(error.to_string().contains("Bad pair.") && !error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn a_token_is_given_by_xoauth2_and_a_refusal_of_it_is_asked_for_its_end() {
    let token = Secret::Token("ya29.token".into());
    for (last, refused) in [("TAG OK\r\n", false), ("+ eyJzdGF0dXMiOiI0MDEifQ==\r\n", true)] {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        // After the challenge with the reason comes an empty line; only then the server says NO.
        let script: Script = Box::leak(Box::new([
            ("AUTHENTICATE XOAUTH2", "+ \r\n"),
            ("dXNlcj11c2VyAWF1dGg9QmVhcmVyIHlhMjkudG9rZW4BAQ==", last),
            ("CAPABILITY", "* CAPABILITY IMAP4rev1\r\nTAG OK\r\n"),
            ("", "TAG NO [AUTHENTICATIONFAILED] Invalid credentials\r\n"),
        ]));
        tokio::spawn(serve(theirs, script));
        let opened = Session::over(ours, &token).await;
        let error = opened.err().map(|e| (e.is_credentials(), e.to_string()));
        assert_eq!(error.as_ref().map(|(credentials, _)| *credentials), refused.then_some(true), "{error:?}");
        assert!(error.is_none_or(|(_, text)| !text.contains("ya29")));
    }
}

#[tokio::test]
async fn what_was_copied_before_is_not_copied_again_where_the_server_cannot_move() {
    let mut source = source(&[
        ("CAPABILITY", "* CAPABILITY IMAP4rev1\r\nTAG OK\r\n"),
        ("UID SEARCH UID 4:5 UNDELETED", "* SEARCH 5\r\nTAG OK\r\n"),
        ("UID COPY 5 \"Done\"", "TAG OK\r\n"),
        ("UID STORE 4:5 +FLAGS.SILENT (\\Seen)", "TAG OK\r\n"),
        ("UID STORE 5 +FLAGS.SILENT (\\Deleted)", "TAG OK\r\n"),
    ])
    .await;
    // Any other command, an EXPUNGE above all, would end the connection.
    source.finish(&[4, 5].map(MailKey::Uid), &After::Move("Done".to_owned())).await.unwrap();
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

const CAN_IDLE: (&str, &str) = ("CAPABILITY", "* CAPABILITY IMAP4rev1 IDLE\r\nTAG OK\r\n");
const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn new_mail_ends_idle() {
    let mut source = source(&[CAN_IDLE, ("IDLE", "+ idling\r\n* 4 EXISTS\r\n"), ("DONE", "TAG OK\r\n")]).await;
    source.session.news = false;
    source.wait(HOUR, true, std::future::pending()).await.unwrap();
    assert!(source.session.news);
}

#[tokio::test]
async fn news_that_came_before_idle_ends_it_at_once() {
    let mut source = source(&[CAN_IDLE, ("IDLE", "+ idling\r\n"), ("DONE", "TAG OK\r\n")]).await;
    assert!(source.session.news, "SELECT told of mails");
    source.wait(HOUR, true, std::future::pending()).await.unwrap();
}

#[tokio::test]
async fn being_told_to_stop_ends_idle_in_good_order() {
    let mut source = source(&[CAN_IDLE, ("IDLE", "+ idling\r\n"), ("DONE", "TAG OK\r\n")]).await;
    source.session.news = false;
    source.wait(HOUR, true, std::future::ready(())).await.unwrap();
    source.wait(HOUR, false, std::future::ready(())).await.unwrap();
}

#[tokio::test]
async fn a_server_that_offers_idle_and_refuses_it_is_polled() {
    let mut source = source(&[CAN_IDLE, ("IDLE", "TAG NO not now\r\n")]).await;
    source.wait(HOUR, true, std::future::pending()).await.unwrap();
    assert!(source.refuses_idle);
    source.wait(Duration::ZERO, true, std::future::pending()).await.unwrap();
}

#[tokio::test]
async fn a_folder_that_was_selected_long_ago_is_selected_again() {
    for idle in [true, false] {
        let mut source = source(&[CAN_IDLE, ("IDLE", "+ idling\r\n"), ("DONE", "TAG OK\r\n")]).await;
        source.state.epoch = 1;
        source.wait(Duration::ZERO, idle, std::future::pending()).await.unwrap();
        assert_eq!(source.state().epoch, 7);
    }
}

#[tokio::test]
async fn the_end_of_the_connection_in_idle_is_a_lost_connection() {
    let mut source = source(&[CAN_IDLE, ("IDLE", "+ idling\r\n* BYE going down\r\n")]).await;
    source.session.news = false;
    let error = source.wait(HOUR, true, std::future::pending()).await.unwrap_err();
    assert!(matches!(error, PostError::Lost { .. }), "{error}");
}
