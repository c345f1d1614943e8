//! What keeps the desk from working: when a person is told of it.
//!
//! A network that is down for a minute is nobody's business; a password that is refused is somebody's at once. Staff are
//! told once when it is time, and once when it is over.

use chrono::{DateTime, Duration, Utc};

/// Most troubles of servers and networks are over by then.
const PATIENCE: Duration = Duration::minutes(15);

/// What fails again within that time after it worked, before anybody was told, is the same trouble still: a server that
/// comes and goes is told as one that does not work. Where staff were told that it works again, the next is another
/// trouble, but none to be told at once: a server that refuses every other login would have a mail written every minute.
pub const SAME_WITHIN: Duration = Duration::hours(1);

/// What does not work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Area {
    /// a mailbox, by its name
    Mailbox(String),
    /// the way out for mail
    Sending,
    /// the rules, templates and staff that were to be read anew
    Reload,
    /// the room under the database
    Disk,
    /// the folder in which the status page is written
    StatusPage,
    /// the address at which the status page is served
    Web,
    /// the questions whether somebody wants updates
    Subscribing,
}

impl Area {
    pub fn parse(text: &str) -> Option<Area> {
        match text.split_once(' ') {
            Some(("mailbox", name)) => Some(Area::Mailbox(name.to_owned())),
            None if text == "sending" => Some(Area::Sending),
            None if text == "reload" => Some(Area::Reload),
            None if text == "disk" => Some(Area::Disk),
            Some(("status", "page")) => Some(Area::StatusPage),
            None if text == "web" => Some(Area::Web),
            None if text == "subscribing" => Some(Area::Subscribing),
            _ => None,
        }
    }

    /// Can staff be told of it by mail?
    pub fn leaves_mail_alone(&self) -> bool {
        *self != Area::Sending
    }
}

/// Also how it is kept.
impl std::fmt::Display for Area {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Area::Mailbox(name) => write!(f, "mailbox {name}"),
            Area::Sending => f.write_str("sending"),
            Area::Reload => f.write_str("reload"),
            Area::Disk => f.write_str("disk"),
            Area::StatusPage => f.write_str("status page"),
            Area::Web => f.write_str("web"),
            Area::Subscribing => f.write_str("subscribing"),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nature {
    /// passes by itself, as a rule
    Passing,
    /// only a person can mend it: a refused password, an expired certificate, a bad file
    NeedsPerson,
}

impl Nature {
    pub fn as_str(self) -> &'static str {
        match self {
            Nature::Passing => "passing",
            Nature::NeedsPerson => "needs-person",
        }
    }

    pub fn parse(text: &str) -> Option<Nature> {
        [Nature::Passing, Nature::NeedsPerson].into_iter().find(|nature| nature.as_str() == text)
    }
}

/// Something that does not work, or did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    pub id: i64,
    pub area: Area,
    pub nature: Nature,
    /// the last error, in words for whoever must act
    pub error: String,
    pub began_at: DateTime<Utc>,
    pub last_at: DateTime<Utc>,
    /// how often it was met
    pub times: u32,
    pub told_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl Trouble {
    /// Is it time to tell staff? True once: whoever tells them notes `told_at`. `again`: they were told that it works
    /// again, within [`SAME_WITHIN`].
    pub fn is_to_be_told(&self, again: bool, now: DateTime<Utc>) -> bool {
        let due = match self.nature {
            Nature::NeedsPerson if !again => self.began_at,
            _ => self.began_at + PATIENCE,
        };
        self.told_at.is_none() && self.ended_at.is_none() && now >= due
    }

    /// Whoever was told that it began is told that it is over.
    pub fn end_is_to_be_told(&self) -> bool {
        self.told_at.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(nature: Nature) -> Trouble {
        let began_at = DateTime::UNIX_EPOCH;
        Trouble {
            id: 1,
            area: Area::Mailbox("support".to_owned()),
            nature,
            error: "refused".to_owned(),
            began_at,
            last_at: began_at,
            times: 1,
            told_at: None,
            ended_at: None,
        }
    }

    #[test]
    fn staff_are_told_at_once_of_what_they_must_mend_and_of_the_rest_when_it_lasts_and_only_once() {
        let begin = DateTime::UNIX_EPOCH;
        assert!(trouble(Nature::NeedsPerson).is_to_be_told(false, begin));
        assert!(!trouble(Nature::NeedsPerson).is_to_be_told(true, begin));
        assert!(trouble(Nature::NeedsPerson).is_to_be_told(true, begin + PATIENCE));
        let passing = trouble(Nature::Passing);
        assert!(!passing.is_to_be_told(false, begin + PATIENCE - Duration::seconds(1)));
        assert!(passing.is_to_be_told(false, begin + PATIENCE));
        let told = Trouble { told_at: Some(begin), ..passing };
        assert!(!told.is_to_be_told(false, begin + PATIENCE) && told.end_is_to_be_told());
    }

    #[test]
    fn an_area_is_read_as_it_is_written() {
        for area in [
            Area::Mailbox("my desk".to_owned()),
            Area::Sending,
            Area::Reload,
            Area::Disk,
            Area::StatusPage,
            Area::Web,
            Area::Subscribing,
        ] {
            assert_eq!(Area::parse(&area.to_string()), Some(area));
        }
        assert_eq!(Area::parse("moon"), None);
    }
}
