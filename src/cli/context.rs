//! What commands share: the configuration, the database with its time, and who acts.

use std::{
    cell::RefCell,
    ops::{Deref, DerefMut},
    path::{Path, PathBuf},
    rc::Rc,
    sync::Arc,
};

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::exit::Refused;
use crate::{
    config::{Config, SmtpOutlet},
    daemon::{
        names::Names,
        office::{self, CurrentOffice, Office},
        time::Time,
        workplace::Workplace,
    },
    desk::service_desk::ServiceDesk,
    post::{Transport, smtp::SmtpSettings},
    store::{StoreError, lock, meta, open},
};

pub const CONFIG_HERE: &str = "casepost.toml";
/// Where the service of the Debian package has its own.
pub const CONFIG_OF_SERVICE: &str = "/etc/casepost/casepost.toml";

/// The configuration when nobody names one: the one in this folder, else the service's.
pub fn usual_config() -> PathBuf {
    usual(Path::new(CONFIG_HERE), Path::new(CONFIG_OF_SERVICE)).to_owned()
}

fn usual<'a>(here: &'a Path, of_service: &'a Path) -> &'a Path {
    // One that may not even be looked at is there: reading it says why not, and whose command it is.
    let is_there = |path: &Path| path.try_exists().unwrap_or(true);
    if here.exists() || !is_there(of_service) { here } else { of_service }
}

pub struct Context {
    config: PathBuf,
    now: Option<DateTime<Utc>>,
    staff: Option<String>,
    story: Option<Story>,
}

/// The desk of a scenario, which has no configuration file and no database file.
#[derive(Clone)]
pub struct Story {
    pub config: Config,
    pub office: Arc<Office>,
    pub shelf: Shelf,
}

/// Where the database of a scenario lies between its commands.
pub type Shelf = Rc<RefCell<Option<Connection>>>;

/// A database, for one command.
pub struct Database {
    db: Option<Connection>,
    /// where it is put back
    shelf: Option<Shelf>,
}

/// A desk that can be written to by one command.
pub struct Desk {
    pub config: Config,
    pub office: Arc<Office>,
    pub db: Database,
    pub now: DateTime<Utc>,
    pub name: String,
}

impl Context {
    pub fn new(config: PathBuf, now: Option<DateTime<Utc>>, staff: Option<String>) -> Context {
        Context { config, now, staff, story: None }
    }

    /// For a command of one of the staff in a scenario.
    pub fn of_story(story: Story, now: DateTime<Utc>, staff: String) -> Context {
        Context { config: PathBuf::new(), now: Some(now), staff: Some(staff), story: Some(story) }
    }

    pub fn config_path(&self) -> &Path {
        &self.config
    }

    /// Is there a configuration, or was one named?
    pub fn has_config(&self) -> bool {
        let is_usual = [CONFIG_HERE, CONFIG_OF_SERVICE].iter().any(|usual| self.config == Path::new(usual));
        !is_usual || self.config.try_exists().unwrap_or(true)
    }

    pub fn config(&self) -> anyhow::Result<Config> {
        match &self.story {
            Some(story) => Ok(story.config.clone()),
            None => Ok(Config::load(&self.config)?),
        }
    }

    pub fn now_option(&self) -> Option<DateTime<Utc>> {
        self.now
    }

    /// Under which name the history shows this command, and customers read it: the option, else the system's user, who may
    /// have become the service's user for it. Root is nobody in particular: then the desk itself.
    fn name(&self, desk: &ServiceDesk) -> String {
        let user = || ["SUDO_USER", "USER"].into_iter().find_map(|name| std::env::var(name).ok());
        let user = || user().filter(|name| name != "root");
        let said = self.staff.clone().or_else(user).filter(|n| !n.trim().is_empty());
        let said = said.unwrap_or_else(|| desk.sender.display().to_owned());
        let known = desk.find_staff(&said).map(|person| person.address.display().to_owned());
        known.unwrap_or(said)
    }

    /// The database for reading.
    pub fn read(&self) -> anyhow::Result<(Config, Database)> {
        let config = self.config()?;
        let db = match &self.story {
            Some(story) => Database::lent(&story.shelf)?,
            None => Database::own(open::open_to_read(&config.data)?),
        };
        Ok((config, db))
    }

    /// The desk for a command that only reads.
    pub fn service_desk(&self, config: &Config) -> anyhow::Result<ServiceDesk> {
        match &self.story {
            Some(story) => Ok(story.office.desk.clone()),
            None => Ok(office::service_desk(config)?),
        }
    }

    /// What time it is for a command that only reads.
    pub fn now(&self, db: &Connection) -> anyhow::Result<DateTime<Utc>> {
        Ok(match self.now {
            Some(now) => now,
            None => meta::drill(db)?.unwrap_or_else(Utc::now),
        })
    }

    /// The desk with its database for one command that writes.
    pub fn desk(&self) -> anyhow::Result<Desk> {
        let config = self.config()?;
        if let (Some(story), Some(now)) = (&self.story, self.now) {
            let name = self.name(&story.office.desk);
            return Ok(Desk { config, office: story.office.clone(), db: Database::lent(&story.shelf)?, now, name });
        }
        let office = Arc::new(Office::load(&config)?);
        let mut db = open_database(&config.data)?;
        self.refuse_drill_on_running_desk(&config.data, &db)?;
        let now = self.time(&mut db)?.now();
        let name = self.name(&office.desk);
        Ok(Desk { config, office, db: Database::own(db), now, name })
    }

    /// A slip of one command must not end a desk that people write to.
    fn refuse_drill_on_running_desk(&self, path: &Path, db: &Connection) -> anyhow::Result<()> {
        let holder = lock::holder(path).filter(|_| self.now.is_some());
        let Some(process) = holder.filter(|_| meta::drill(db).is_ok_and(|drill| drill.is_none())) else {
            return Ok(());
        };
        Err(Refused(format!(
            "--now is for drills, and casepost (process {process}) is running on {}: take a copy (casepost backup), and a \
             configuration whose data is that file",
            path.display()
        ))
        .into())
    }

    /// The time to work at. `--now` makes a drill of the database; a drill without it stands where it is.
    pub fn time(&self, db: &mut Connection) -> anyhow::Result<Time> {
        let drill = meta::drill(db)?;
        let Some(now) = self.now else { return Ok(drill.map_or(Time::System, Time::drill)) };
        let last = match drill {
            Some(at) => Some(at),
            None => meta::latest(db)?,
        };
        if let Some(last) = last.filter(|last| *last > now) {
            return Err(Refused(format!(
                "--now {} is before {}, where this database stands: time never runs backwards",
                now.to_rfc3339(),
                last.to_rfc3339()
            ))
            .into());
        }
        if drill.is_none() && last.is_some() {
            eprintln!("casepost: this database becomes a drill now (--now): no daemon will run on it any more");
        }
        open::transaction(db, |tx| meta::set_drill(tx, now))?;
        Ok(Time::drill(now))
    }
}

impl Database {
    fn own(db: Connection) -> Database {
        Database { db: Some(db), shelf: None }
    }

    fn lent(shelf: &Shelf) -> anyhow::Result<Database> {
        let db = shelf.borrow_mut().take();
        anyhow::ensure!(db.is_some(), "the database is in use");
        Ok(Database { db, shelf: Some(shelf.clone()) })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(shelf) = &self.shelf {
            shelf.replace(self.db.take());
        }
    }
}

impl Deref for Database {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        // Only `drop` takes it away.
        self.db.as_ref().unwrap_or_else(|| unreachable!())
    }
}

impl DerefMut for Database {
    fn deref_mut(&mut self) -> &mut Connection {
        self.db.as_mut().unwrap_or_else(|| unreachable!())
    }
}

/// Opens the database, and gives a new one what it needs.
pub fn open_database(path: &Path) -> anyhow::Result<Connection> {
    let mut db = open::open(path)?;
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|e| anyhow::anyhow!("the system gives no random numbers: {e}"))?;
    open::transaction(&mut db, |tx| meta::give_reference_key(tx, random))?;
    Ok(db)
}

/// The name that a desk of this address gives in EHLO.
pub fn hello(address: &str) -> String {
    address.rsplit('@').next().unwrap_or("localhost").to_owned()
}

/// The way out for mail, as configured.
pub fn transport(config: &Config) -> Transport {
    match &config.smtp.outlet {
        SmtpOutlet::Maildir(path) => Transport::maildir(path.clone()),
        SmtpOutlet::Smtp(server) => {
            let (connections, hello) = (config.smtp.connections, hello(&config.desk.address));
            Transport::smtp(SmtpSettings { server: server.settings(), connections, hello })
        }
    }
}

/// Everything that is needed to work with a configuration.
pub fn workplace(
    config: &Config,
    office: Office,
    db: Connection,
    time: Time,
) -> anyhow::Result<(Workplace, std::thread::JoinHandle<()>)> {
    let (writer, thread) = crate::store::writer::Writer::start(db)?;
    let office = CurrentOffice::new(office);
    let workplace = Workplace::new(office, writer, config.mailboxes.clone(), transport(config), time);
    Ok((workplace, thread))
}

impl Desk {
    /// Runs a command's work in one transaction.
    pub fn write<T>(
        &mut self,
        work: impl FnOnce(&Connection, &crate::daemon::staff::Command<'_>) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let command = crate::daemon::staff::Command {
            office: &self.office,
            name: &self.name,
            now: self.now,
            names: Names::Refused,
        };
        let mut work = Some(work);
        open::transaction(&mut self.db, |tx| {
            let work = work.take().ok_or(Failed::Store(StoreError::Ended))?;
            work(tx, &command).map_err(Failed::Command)
        })
        .map_err(|e| match e {
            Failed::Store(e) => e.into(),
            Failed::Command(e) => e,
        })
    }
}

enum Failed {
    Store(StoreError),
    Command(anyhow::Error),
}

impl From<StoreError> for Failed {
    fn from(e: StoreError) -> Self {
        Failed::Store(e)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_in_this_folder_comes_before_the_service_s() {
        let folder = tempfile::tempdir().unwrap();
        let (here, of_service) = (folder.path().join("here.toml"), folder.path().join("service.toml"));
        assert_eq!(usual(&here, &of_service), here, "none is there: the error names the one that init writes");
        std::fs::write(&of_service, "").unwrap();
        assert_eq!(usual(&here, &of_service), of_service);
        std::fs::write(&here, "").unwrap();
        assert_eq!(usual(&here, &of_service), here);
    }
}
