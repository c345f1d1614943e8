//! Where the story plays: the desk with a clock that is moved on, its inbox, and the timeline that is printed.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::Tz;
use rusqlite::Connection;

use super::samples::Sample;
use crate::{
    cli::{
        context::{open_database, workplace},
        paint::{Ink, Paint, fit},
    },
    config::Config,
    daemon::{names::Names, office::Office, staff::Command, ticker, time::Time, workplace::Workplace},
    desk::{
        case::{Case, CaseId, Status},
        lifecycle::{Act, What},
        notice::NoticeKind,
        reference::Reference,
    },
    mail::incoming::{self, Incoming},
    store::{cases, history, mails, open, outbox},
};

/// The story's zone, as in the demo's policy.
const ZONE: Tz = chrono_tz::Europe::London;

pub struct Stage {
    folder: PathBuf,
    workplace: Workplace,
    writer: std::thread::JoinHandle<()>,
    /// a connection beside the writer's, as the command line has it
    db: Connection,
    office: Office,
    paint: Paint,
    day: Option<NaiveDate>,
    /// per case: how much of it the timeline has told
    told: BTreeMap<i64, (usize, usize, usize)>,
    strays: usize,
    /// what comes next in the timeline is the desk's own doing, and needs a headline
    by_itself: bool,
    counted: Told,
}

/// How the story came out.
#[derive(Debug, Default, Clone)]
pub struct Told {
    pub checks: usize,
    pub broken: Vec<String>,
    pub mails_in: usize,
    pub to_customers: usize,
    pub to_staff: usize,
    pub linked_case: String,
}

impl Stage {
    pub fn set(folder: &Path, paint: Paint) -> anyhow::Result<Stage> {
        let config = Config::load(&folder.join("casepost.toml"))?;
        let mut db = open_database(&config.data)?;
        let begin = at(2026, 11, 2, "08:30");
        open::transaction(&mut db, |tx| crate::store::meta::set_drill(tx, begin))?;
        let (workplace, writer) =
            workplace(&config, Office::load(&config)?, open::open(&config.data)?, Time::drill(begin))?;
        fs::create_dir_all(folder.join("inbox/new"))?;
        Ok(Stage {
            folder: folder.to_owned(),
            workplace,
            writer,
            db,
            office: Office::load(&config)?,
            paint,
            day: None,
            told: BTreeMap::new(),
            strays: 0,
            by_itself: false,
            counted: Told::default(),
        })
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.workplace.time.now()
    }

    /// Moves the clock to a day of November 2026, stopping wherever something is due on the way.
    pub async fn until(&mut self, day: u32, clock: &str) -> anyhow::Result<()> {
        let goal = at(2026, 11, day, clock);
        while let Some(due) = self.next_due()?.filter(|due| *due <= goal) {
            self.set_time(due.max(self.now()))?;
            self.by_itself = true;
            self.work().await?;
            self.by_itself = false;
        }
        self.set_time(goal)
    }

    fn next_due(&self) -> anyhow::Result<Option<DateTime<Utc>>> {
        let all = [ticker::next_due(&self.db, &self.office, self.now())?, outbox::next_due(&self.db)?];
        Ok(all.into_iter().flatten().min())
    }

    fn set_time(&mut self, to: DateTime<Utc>) -> anyhow::Result<()> {
        if let Time::Drill(clock) = &self.workplace.time {
            *clock.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = to;
        }
        open::transaction(&mut self.db, |tx| crate::store::meta::set_drill(tx, to))?;
        Ok(())
    }

    /// One round of the daemon's work, and what it did into the timeline.
    async fn work(&mut self) -> anyhow::Result<()> {
        let round = self.workplace.once().await?;
        anyhow::ensure!(round.failed.is_empty(), "the inbox of the demo could not be read: {:?}", round.failed);
        self.tell()
    }

    /// A mail arrives now.
    pub async fn mail(&mut self, headline: &str, sample: &Sample) -> anyhow::Result<()> {
        self.headline(headline);
        self.counted.mails_in += 1;
        let name = format!("{}.{:03}.northlight", self.now().timestamp(), self.counted.mails_in);
        let path = self.folder.join("inbox/tmp").join(&name);
        fs::create_dir_all(self.folder.join("inbox/tmp"))?;
        fs::write(&path, &sample.bytes).with_context(|| format!("cannot write {}", path.display()))?;
        File::options().write(true).open(&path)?.set_modified(self.now().into())?;
        fs::rename(&path, self.folder.join("inbox/new").join(&name))?;
        self.work().await
    }

    /// One of the staff does something to a case.
    pub async fn staff(&mut self, headline: &str, case: Reference, act: &Act<'_>) -> anyhow::Result<()> {
        self.headline(headline);
        let command =
            Command { office: &self.office, name: "Frida", now: self.workplace.time.now(), names: Names::Refused };
        open::transaction(&mut self.db, |tx| {
            let case = crate::daemon::staff::find(tx, case)?;
            command.act(tx, &case, act, &[])
        })?;
        self.work().await
    }

    /// One of the staff opens a case for somebody on the telephone.
    pub async fn telephone(
        &mut self,
        headline: &str,
        request: crate::daemon::staff::PhoneRequest<'_>,
    ) -> anyhow::Result<Reference> {
        self.headline(headline);
        let command =
            Command { office: &self.office, name: "Frida", now: self.workplace.time.now(), names: Names::Refused };
        let case = open::transaction(&mut self.db, |tx| command.open(tx, request.clone()))?;
        self.work().await?;
        Ok(case.reference)
    }

    fn headline(&mut self, text: &str) {
        let local = self.now().with_timezone(&ZONE);
        if self.day != Some(local.date_naive()) {
            self.day = Some(local.date_naive());
            say!("\n{}", self.paint.ink(Ink::Bold, &local.format("%A %-d %B").to_string()));
        }
        say!("  {}  {text}", self.paint.ink(Ink::Dim, &local.format("%H:%M").to_string()));
    }

    /// Prints what the store has that the timeline has not.
    fn tell(&mut self) -> anyhow::Result<()> {
        let all = cases::Filter { limit: u32::MAX, ..cases::Filter::default() };
        for case in cases::list(&self.db, &all)?.0 {
            self.tell_case(&case)?;
        }
        let strays = mails::strays(&self.db, u32::MAX, 0)?;
        for stray in strays.iter().take(strays.len() - self.strays) {
            self.line(Ink::Dim, &format!("kept as a stray, nobody is answered ({})", stray.why.join("; ")));
        }
        self.strays = strays.len();
        Ok(())
    }

    fn tell_case(&mut self, case: &Case) -> anyhow::Result<()> {
        let (mails, lines, notices) = (
            mails::of_case(&self.db, case.id)?,
            history::of_case(&self.db, case.id)?,
            outbox::of_case(&self.db, case.id)?,
        );
        let (told_mails, told_lines, told_notices) = self.told.get(&case.id.0).copied().unwrap_or_default();
        let reference = case.reference.to_string();
        for mail in &mails[told_mails..] {
            let what = match mail.disposition.as_str() {
                "appended" if mail.standing.as_deref() == Some("stranger") => {
                    "joins: the writer has seen a mail of it, but is no participant"
                }
                "appended" => "joins the case",
                "recorded" => "is recorded, without any effect",
                "variant" => "is kept beside its twin",
                _ => continue,
            };
            self.line(Ink::Blue, &format!("{reference}  {what}"));
        }
        for line in &lines[told_lines..] {
            let text = match &line.what {
                What::Opened { by } => format!("{reference}  opened by {by} at {}", case.priority),
                What::Status { to, why, .. } => format!("{reference}  {to}: {why}"),
                What::Linked { to, kind } => {
                    let other = cases::by_id(&self.db, *to)?.reference;
                    format!("{reference}  linked: {} {other}", kind.as_str().replace('-', " "))
                }
                What::Priority { to, .. } => format!("{reference}  {to} after review"),
                What::ClockRan { clock } => format!("{reference}  {}: nobody has looked at it yet", clock.as_str()),
                What::NotDelivered { recipient, reason, .. } => {
                    format!("{reference}  did not reach {recipient}: {reason}")
                }
                _ => continue,
            };
            let ink = if matches!(line.what, What::NotDelivered { .. }) { Ink::Red } else { Ink::Yellow };
            self.line(ink, &text);
        }
        let mut to_staff = 0;
        for notice in &notices[told_notices..] {
            if notice.kind.is_for_staff() {
                to_staff += 1;
                continue;
            }
            let to: Vec<&str> = notice.recipients.to.iter().map(|a| a.display()).collect();
            let subject = notice.letter.as_ref().map(|l| l.subject.clone()).unwrap_or_default();
            self.line(Ink::Green, &format!("  -> {}: {} \"{}\"", to.join(", "), notice.kind, fit(&subject, 70)));
            self.counted.to_customers += 1;
        }
        if to_staff > 0 {
            self.counted.to_staff += to_staff;
            self.line(Ink::Dim, &format!("  -> staff: {to_staff} mail{}", if to_staff == 1 { "" } else { "s" }));
        }
        self.told.insert(case.id.0, (mails.len(), lines.len(), notices.len()));
        Ok(())
    }

    fn line(&mut self, ink: Ink, text: &str) {
        if std::mem::take(&mut self.by_itself) {
            self.headline("a clock runs out");
        }
        say!("         {}", self.paint.ink(ink, text));
    }

    /// The case that was opened last.
    pub fn newest(&self) -> anyhow::Result<Case> {
        let filter = cases::Filter { reverse: true, limit: 1, ..cases::Filter::default() };
        let mut found = cases::list(&self.db, &filter)?.0;
        found.pop().context("no case has been opened")
    }

    pub fn case(&self, reference: Reference) -> anyhow::Result<Case> {
        cases::by_reference(&self.db, reference)?.with_context(|| format!("{reference} is missing"))
    }

    /// How many cases there are.
    pub fn cases(&self) -> anyhow::Result<u64> {
        Ok(cases::list(&self.db, &cases::Filter { limit: 1, ..cases::Filter::default() })?.1)
    }

    /// The last mail that the desk sent to a customer of a case, as their mail program reads it.
    pub fn last_mail(&self, case: Reference) -> anyhow::Result<Incoming> {
        let id: CaseId = self.case(case)?.id;
        let notices = outbox::of_case(&self.db, id)?;
        let last = notices.iter().rev().find(|n| !n.kind.is_for_staff()).context("the desk has sent nothing")?;
        let letter = outbox::load(&self.db, last.id)?.and_then(|n| n.letter).context("the mail is not composed")?;
        Ok(incoming::read(&letter.bytes)?)
    }

    /// The notices that went to the customer of a case, in order.
    pub fn notices(&self, case: Reference) -> anyhow::Result<Vec<NoticeKind>> {
        let all = outbox::of_case(&self.db, self.case(case)?.id)?;
        Ok(all.into_iter().map(|n| n.kind).filter(|k| !k.is_for_staff()).collect())
    }

    /// How many mails a case holds.
    pub fn mails_on(&self, case: Reference) -> anyhow::Result<usize> {
        Ok(mails::of_case(&self.db, self.case(case)?.id)?.len())
    }

    pub fn links(&self, case: Reference) -> anyhow::Result<Vec<cases::LinkedCase>> {
        Ok(cases::links(&self.db, self.case(case)?.id)?)
    }

    pub fn check(&mut self, what: &str, holds: bool) {
        self.counted.checks += 1;
        if !holds {
            self.line(Ink::Red, &format!("NOT AS TOLD: {what}"));
            self.counted.broken.push(what.to_owned());
        }
    }

    pub fn check_status(&mut self, case: Reference, status: Status) -> anyhow::Result<()> {
        let is = self.case(case)?.status;
        self.check(&format!("{case} is {status} (it is {is})"), is == status);
        Ok(())
    }

    pub fn remember(&mut self, case: Reference) {
        self.counted.linked_case = case.to_string();
    }

    pub fn end(self) -> Told {
        // The last handle to the writer goes; it closes the database properly.
        drop((self.workplace, self.db));
        let _ = self.writer.join();
        self.counted
    }
}

/// A time of the story; its zone has no gap in November.
fn at(year: i32, month: u32, day: u32, clock: &str) -> DateTime<Utc> {
    let (hour, minute) = clock.split_once(':').unwrap_or(("0", "0"));
    let local = NaiveDate::from_ymd_opt(year, month, day)
        .and_then(|d| d.and_hms_opt(hour.parse().unwrap_or(0), minute.parse().unwrap_or(0), 0))
        .unwrap_or_default();
    ZONE.from_local_datetime(&local).earliest().map_or_else(|| local.and_utc(), |t| t.with_timezone(&Utc))
}
