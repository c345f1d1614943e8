//! The desk that a story is played on: whatever reads mail, runs clocks, sends, and does what staff say, in the story's
//! own time. `casepost simulate` has one in memory; one of processes and servers plays the same stories.

use std::{cell::RefCell, rc::Rc};

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::{expect::Becomes, scenario::Told, server_words::MailServerDoes};
use crate::{
    cli::{
        context::{Context, Story as DeskOfStory},
        streams,
    },
    daemon::{
        simulate::{Mood, SentMail, SimulatedDesk},
        take_in::Taken,
    },
    store::mails::Disposition,
};

pub trait StoryDesk {
    fn now(&self) -> DateTime<Utc>;

    /// Lends the database; nothing else is asked of the desk until it is given back.
    fn lend(&mut self) -> anyhow::Result<Connection>;

    fn give_back(&mut self, db: Connection);

    /// A mail reaches the mailbox; the desk reads it with its next [`work`](StoryDesk::work).
    fn mail_arrives(&mut self, raw: Vec<u8>, received_at: DateTime<Utc>);

    /// Does what there is to do now.
    fn work(&mut self) -> anyhow::Result<()>;

    /// Lets time pass, working whenever something is due on the way.
    fn pass_until(&mut self, goal: DateTime<Utc>) -> anyhow::Result<()>;

    /// The daemon ends: mail stays in the mailbox, clocks don't run, nothing goes out.
    fn daemon_stops(&mut self);

    fn daemon_starts(&mut self) -> anyhow::Result<()>;

    fn mail_server(&mut self, does: &MailServerDoes);

    /// One of the staff gives a command, in the words of a command line without the program's name.
    fn command(&mut self, staff: &str, words: &[String]) -> anyhow::Result<Answer>;

    /// What the mail server has taken, in order.
    fn sent(&self) -> &[SentMail];

    /// What became of the mails that were read, in order.
    fn read(&self) -> Vec<MailRead>;
}

/// What a command came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub said: String,
    /// why it was refused
    pub refused: Option<String>,
}

/// What became of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailRead {
    pub becomes: Becomes,
    /// none when it was not kept this time
    pub kind: Option<String>,
    /// under which it is kept
    pub mail: Option<i64>,
}

/// The daemon's code on a database in memory.
pub struct InMemory {
    desk: SimulatedDesk,
    at_desk: DeskOfStory,
}

impl InMemory {
    pub fn begin(told: &Told, db: Connection) -> InMemory {
        let office = told.office.clone();
        let shelf = Rc::new(RefCell::new(Some(db)));
        InMemory {
            desk: SimulatedDesk::new(office.clone(), told.scenario.begins_at),
            at_desk: DeskOfStory { config: told.config.clone(), office, shelf },
        }
    }

    fn with_db<T>(&mut self, work: impl FnOnce(&mut SimulatedDesk, &mut Connection) -> T) -> anyhow::Result<T> {
        let mut db = self.lend()?;
        let done = work(&mut self.desk, &mut db);
        self.give_back(db);
        Ok(done)
    }
}

impl StoryDesk for InMemory {
    fn now(&self) -> DateTime<Utc> {
        self.desk.now()
    }

    fn lend(&mut self) -> anyhow::Result<Connection> {
        // Can't fail: whoever takes it gives it back.
        self.at_desk.shelf.take().context("the database is in use")
    }

    fn give_back(&mut self, db: Connection) {
        self.at_desk.shelf.replace(Some(db));
    }

    fn mail_arrives(&mut self, raw: Vec<u8>, received_at: DateTime<Utc>) {
        self.desk.mail_arrives(raw, received_at);
    }

    fn work(&mut self) -> anyhow::Result<()> {
        self.with_db(SimulatedDesk::work)??;
        Ok(())
    }

    fn pass_until(&mut self, goal: DateTime<Utc>) -> anyhow::Result<()> {
        Ok(self.with_db(|desk, db| desk.pass_until(db, goal))??)
    }

    fn daemon_stops(&mut self) {
        self.desk.stop();
    }

    fn daemon_starts(&mut self) -> anyhow::Result<()> {
        Ok(self.with_db(SimulatedDesk::start)??)
    }

    fn mail_server(&mut self, does: &MailServerDoes) {
        let server = &mut self.desk.mail_server;
        match does {
            MailServerDoes::Works => server.works(),
            MailServerDoes::IsDown => server.goes_down(),
            MailServerDoes::Refuses(address) => server.treats(address, Mood::Refuses),
            MailServerDoes::KnowsNot(address) => server.treats(address, Mood::KnowsNot),
            MailServerDoes::PutsOff(address) => server.treats(address, Mood::PutsOff),
        }
    }

    fn command(&mut self, staff: &str, words: &[String]) -> anyhow::Result<Answer> {
        let context = Context::of_story(self.at_desk.clone(), self.desk.now(), staff.to_owned());
        let (done, said) = streams::captured(|| crate::cli::perform_in_story(&context, words));
        let refused = done.err().map(|why| format!("{why:#}"));
        // One that has said itself what is wrong.
        let refused = refused.map(|why| if why.is_empty() { said.clone() } else { why });
        Ok(Answer { said, refused })
    }

    fn sent(&self) -> &[SentMail] {
        self.desk.sent()
    }

    fn read(&self) -> Vec<MailRead> {
        let read = |taken: &Taken, mail| match taken {
            Taken::Again | Taken::Known => MailRead { becomes: Becomes::Known, kind: None, mail },
            Taken::Held { .. } => MailRead { becomes: Becomes::Quarantined, kind: None, mail },
            Taken::Kept { kind, disposition, .. } => {
                MailRead { becomes: Becomes::of(*disposition), kind: Some(kind.as_str().to_owned()), mail }
            }
        };
        self.desk.taken().iter().map(|mail| read(&mail.taken, mail.mail)).collect()
    }
}

impl Becomes {
    /// What a mail that was kept became.
    pub fn of(disposition: Disposition) -> Becomes {
        match disposition {
            Disposition::Opened => Becomes::Opened,
            Disposition::Appended => Becomes::Appended,
            Disposition::Recorded => Becomes::Recorded,
            Disposition::Variant => Becomes::Variant,
            Disposition::Stray => Becomes::Stray,
            Disposition::Own => Becomes::Own,
        }
    }
}
