//! How fast something is said to many: planned works, to the contacts of many organisations; an incident with many children.
//!
//! `cargo bench --bench many -- --help` names the sizes. Sends to Postfix's `smtp-sink`, beside Postfix's `smtp-source`,
//! which sends as many mails of the same size over as many connections and has nothing to write down.

use std::{
    error::Error,
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command as Program, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use casepost::{
    daemon::{
        names::Names,
        office::{CurrentOffice, Office},
        pulse::Pulse,
        sender::Sender,
        staff::{Command, PhoneRequest},
        ticker,
        time::Time,
    },
    desk::{
        case::CaseId,
        directory::{Contact, Organisation, Role, Service},
        incident::Say,
        lifecycle::Tell,
        priority::Priority,
        staff_member::{Right, StaffMember},
        works::{Affected, Impact, Kind, Place, Window, act::Act, plan::Draft},
    },
    mail::address::Address,
    post::{ServerSettings, Tls, Transport, smtp::SmtpSettings},
    store::{StoreError, broadcasts, contacts, incidents, meta, open, organisations, outbox, services, writer::Writer},
};
use chrono::{TimeDelta, Utc};
use clap::Parser;
use rusqlite::Connection;
use tokio_util::sync::CancellationToken;

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// Says how long it takes to tell many something.
#[derive(Parser)]
struct Sizes {
    /// Contacts who are told of planned works
    #[arg(long, default_value_t = 100_000)]
    contacts: usize,
    /// Organisations to which they belong
    #[arg(long, default_value_t = 20_000)]
    organisations: usize,
    /// Children of the incident
    #[arg(long, default_value_t = 10_000)]
    children: usize,
    /// Connections to the mail server
    #[arg(long, default_value_t = 4)]
    connections: usize,
    /// For how many seconds mails are sent, if they are not all gone before
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Where the databases are: the disk counts
    #[arg(long, default_value = env!("CARGO_TARGET_TMPDIR"))]
    folder: std::path::PathBuf,
    /// What cargo adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Outcome {
    let sizes = Sizes::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(works(&sizes))?;
    runtime.block_on(incident(&sizes))
}

async fn works(sizes: &Sizes) -> Outcome {
    let Sizes { contacts, organisations, .. } = sizes;
    println!("planned works, {contacts} contacts of {organisations} organisations");
    let folder = tempfile::tempdir_in(&sizes.folder)?;
    let office = desk()?;
    let mut db = database(folder.path())?;
    let tx = db.transaction()?;
    customers(&tx, *organisations, contacts / organisations, Role::Maintenance)?;
    tx.commit()?;

    let tom = Command { office: &office, name: "Tom", now: Utc::now(), names: Names::Refused };
    let tx = db.transaction()?;
    let planned = tom.plan_works(&tx, draft(), None)?;
    tx.commit()?;
    let began = Instant::now();
    let tx = db.transaction()?;
    tom.act_on_works(&tx, planned.id, &Act::Announce, None)?;
    tx.commit()?;
    told("announced, in one transaction", began.elapsed());

    let office = CurrentOffice::new(office);
    let (writer, thread) = Writer::start(db)?;
    fill(&writer, &office).await?;
    send(sizes, writer.clone(), office).await?;
    drop(writer);
    let _ = thread.join();
    Ok(())
}

async fn incident(sizes: &Sizes) -> Outcome {
    println!("incident, {} children", sizes.children);
    let folder = tempfile::tempdir_in(&sizes.folder)?;
    let office = desk()?;
    let mut db = database(folder.path())?;
    let tom = Command { office: &office, name: "Tom", now: Utc::now(), names: Names::Refused };
    let tx = db.transaction()?;
    let cases = customers(&tx, sizes.children, 1, Role::MainPrimary)?
        .into_iter()
        .map(|requester| {
            let subject = "No incoming calls".to_owned();
            let request =
                PhoneRequest { requester, subject, priority: Priority::P2, continues: None, tell: Tell::Nobody };
            Ok((tom.open(&tx, request)?.id, "named by the bench"))
        })
        .collect::<Outcome<Vec<(CaseId, &'static str)>>>()?;
    tx.commit()?;
    let tx = db.transaction()?;
    let new = casepost::daemon::incident::NewIncident {
        scope: "platform:voice".parse()?,
        title: None,
        impact: "No incoming calls",
        text: None,
        began_at: None,
        etr: None,
        manager: None,
        first: None,
        again: false,
    };
    let (incident, ..) = tom.open_incident(&tx, &new)?;
    incidents::link_many(&tx, incident.case, &cases, Utc::now())?;
    tx.commit()?;

    forget_peak();
    println!("  {:34} {:9.1} MB", "memory before", megabytes("VmRSS"));
    let began = Instant::now();
    let tx = db.transaction()?;
    let say = Say { text: Some("A card has failed in Denver. We are changing it."), ..Say::default() };
    let incident = tom.update_incident(&tx, &incident, say)?;
    tx.commit()?;
    told("update, in one transaction", began.elapsed());
    println!("  {:34} {:9.1} MB", "memory, at most", megabytes("VmHWM"));

    let shared = CurrentOffice::new(office.clone());
    let (writer, thread) = Writer::start(db)?;
    fill(&writer, &shared).await?;
    println!("  {:34} {:9.1} MB", "memory, at most", megabytes("VmHWM"));

    let began = Instant::now();
    writer
        .run(move |tx| {
            let tom = Command { office: &office, name: "Tom", now: Utc::now(), names: Names::Refused };
            tom.close_incident(tx, &incident, "A card had failed.")
                .map(drop)
                .map_err(|why| StoreError::Panicked(why.to_string()))
        })
        .await?;
    told("closed, in one transaction", began.elapsed());
    fill(&writer, &shared).await?;
    println!("  {:34} {:9.1} MB", "memory, at most", megabytes("VmHWM"));
    drop(writer);
    let _ = thread.join();
    Ok(())
}

/// Has the daemon's own jobs make all notices that are to be made.
async fn fill(writer: &Writer, office: &CurrentOffice) -> Outcome {
    let before = writer.run(outbox::last).await?;
    let (began, mut longest) = (Instant::now(), Duration::ZERO);
    loop {
        let (office, job) = (office.get(), Instant::now());
        let done = writer.run(move |tx| ticker::run_due(tx, &office, true, Utc::now())).await?;
        longest = longest.max(job.elapsed());
        if done == 0 {
            break;
        }
    }
    let took = began.elapsed();
    let made = writer.run(outbox::last).await? - before;
    told("all are in the outbox after", took);
    println!("  {:34} {:9.0} mails/s", format!("{made} mails"), made as f64 / took.as_secs_f64());
    told("longest that others waited", longest);
    let left = writer.run(broadcasts::waiting).await?;
    assert_eq!(left, 0, "somebody is left in the queue");
    Ok(())
}

/// From the outbox to a mail server that takes all, and how fast a program does it that has nothing to write down.
async fn send(sizes: &Sizes, writer: Writer, office: CurrentOffice) -> Outcome {
    let Some(sink) = Sink::start() else {
        println!("  smtp-sink and smtp-source are not here (package postfix): nothing is sent");
        return Ok(());
    };
    let server = ServerSettings {
        host: "127.0.0.1".to_owned(),
        port: sink.port,
        tls: Tls::None,
        ca_file: None,
        login: None,
        patience: Duration::from_secs(60),
    };
    let settings = SmtpSettings { server, connections: sizes.connections, hello: "desk.example".to_owned() };
    let sender = Sender::new(office, writer.clone(), Arc::new(Transport::smtp(settings)), Time::System);
    let stop = CancellationToken::new();
    let enough = stop.clone();
    let seconds = Duration::from_secs(sizes.seconds);
    let clock = tokio::spawn(async move {
        tokio::time::sleep(seconds).await;
        enough.cancel();
    });
    let began = Instant::now();
    let sent = sender.send_due(&Pulse::new(), &stop).await?;
    let took = began.elapsed();
    clock.abort();
    assert!(sent.accepted > 0 && sent.failed + sent.deferred == 0, "{sent:?}");
    let mails = sent.accepted;
    let rate = mails as f64 / took.as_secs_f64();

    let bytes = writer.run(|tx| first_letters(tx, 100)).await?;
    let began = Instant::now();
    sink.yardstick(sizes.connections, mails, bytes)?;
    let source = mails as f64 / began.elapsed().as_secs_f64();
    println!("  {:34} {rate:9.0} mails/s", format!("{mails} mails sent, {bytes} bytes each"));
    println!("  {:34} {source:9.0} mails/s, {:.2} of them", "smtp-source", rate / source);
    Ok(())
}

/// How long letters are, on average over the first that were written.
fn first_letters(db: &Connection, most: i64) -> Result<usize, StoreError> {
    let mut sizes = Vec::new();
    for id in 1..=most {
        sizes.extend(outbox::load(db, id)?.and_then(|notice| notice.letter).map(|letter| letter.bytes.len()));
    }
    Ok(sizes.iter().sum::<usize>() / sizes.len().max(1))
}

/// Postfix's server that takes all mail and forgets it.
struct Sink {
    child: Child,
    port: u16,
}

impl Sink {
    const PROGRAM: &str = "/usr/sbin/smtp-sink";
    const SOURCE: &str = "/usr/sbin/smtp-source";

    fn start() -> Option<Sink> {
        let port = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?.port();
        let mut program = Program::new(Sink::PROGRAM);
        if rustix::process::getuid().is_root() {
            program.args(["-u", "nobody"]);
        }
        let child = program.arg(format!("127.0.0.1:{port}")).arg("100").stdin(Stdio::null()).spawn().ok()?;
        let sink = Sink { child, port };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(10), "smtp-sink does not listen");
            std::thread::yield_now();
        }
        Path::new(Sink::SOURCE).exists().then_some(sink)
    }

    fn yardstick(&self, connections: usize, mails: u64, bytes: usize) -> Outcome {
        let done = Program::new(Sink::SOURCE)
            .args(["-d", "-s", &connections.to_string(), "-m", &mails.to_string(), "-l", &bytes.to_string()])
            .args(["-f", "support@desk.example", "-t", "ada@books.example", &format!("127.0.0.1:{}", self.port)])
            .status()?;
        if done.success() { Ok(()) } else { Err(format!("smtp-source: {done}").into()) }
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn desk() -> Outcome<Office> {
    let mut office = Office::to_try()?;
    let mut tom = StaffMember::new(Address::new(Some("Tom"), "tom@desk.example"));
    tom.rights.insert(Right::P1G);
    office.desk.staff.push(tom);
    office.desk.policy.platforms.insert("voice".to_owned(), "Hosted voice".to_owned());
    Ok(office)
}

fn database(folder: &Path) -> Outcome<Connection> {
    let db = open::open(&folder.join("casepost.db"))?;
    meta::give_reference_key(&db, [7; 32])?;
    Ok(db)
}

/// Organisations with a service on the platform and one beside it, each with so many people.
fn customers(tx: &Connection, organisations: usize, people: usize, role: Role) -> Outcome<Vec<Address>> {
    let zones = ["Europe/London", "Asia/Tokyo", "America/Denver"];
    let mut all = Vec::new();
    for n in 0..organisations {
        let organisation = organisations::put(
            tx,
            &Organisation {
                name: format!("Books {n}"),
                customer_number: Some(format!("OCN{n}")),
                domains: [format!("books{n}.example")].into(),
                ..Organisation::default()
            },
        )?;
        for platform in [Some("voice".to_owned()), None] {
            let number = 2 * n + usize::from(platform.is_some());
            services::put(
                tx,
                &Service {
                    organisation,
                    service_id: Some(format!("IS-{number}")),
                    circuit_id: Some(format!("LON/LDS/IA-{number:06}")),
                    platform,
                    ..Service::default()
                },
            )?;
        }
        for person in 0..people {
            let (name, email) = (format!("Ada {person}"), format!("ada{person}@books{n}.example"));
            contacts::put(
                tx,
                &Contact {
                    email: email.clone(),
                    name: Some(name.clone()),
                    organisation: Some(organisation),
                    roles: [role].into(),
                    zone: zones[n % zones.len()].parse().ok(),
                    ..Contact::default()
                },
            )?;
            all.push(Address::new(Some(&name), &email));
        }
    }
    Ok(all)
}

fn draft() -> Draft {
    let starts_at = Utc::now() + TimeDelta::days(30);
    Draft {
        kind: Kind::Planned,
        windows: vec![Window { starts_at, ends_at: starts_at + TimeDelta::hours(6) }],
        zone: chrono_tz::Europe::London,
        affected: vec![Affected { place: Place::Platform("voice".to_owned()), impact: Impact::Outage }],
        description: "Exchange of a line card".to_owned(),
        reason: "The card is at the end of its life".to_owned(),
        contact: None,
        roll_back: Some("The old card is put in again".to_owned()),
        emergency: None,
    }
}

/// From now on the highest memory counts anew.
fn forget_peak() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

/// A line of what the system says of this process's memory; 0 where it says nothing.
fn megabytes(what: &str) -> f64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(what)?.strip_prefix(':'));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kilobytes.unwrap_or_default() / 1024.0
}

fn told(what: &str, time: Duration) {
    println!("  {what:34} {:9.1} ms", time.as_secs_f64() * 1e3);
}
