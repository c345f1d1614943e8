//! When nobody says anything: staff are asked what has become of works.

use chrono::{DateTime, Duration, Utc};

use super::{DeskWorks, Impact, State};

/// How long after the beginning of a window staff are asked whether works have begun.
const ASKED_AFTER: Duration = Duration::minutes(30);

/// With another state or time staff are asked anew, if nobody says what became of the works.
pub(super) fn asked_anew(works: &mut DeskWorks, before: &DeskWorks) {
    if works.state != before.state || works.windows != before.windows {
        works.ask_at = ask_at(works);
    }
    // What was to be approved has no meaning any more.
    if works.state != State::Announced {
        works.pending = None;
    }
}

/// When staff are asked what has become of works, if nobody says so.
fn ask_at(works: &DeskWorks) -> Option<DateTime<Utc>> {
    // Those come by themselves, and nobody notices them.
    if works.occurrence.is_some() && works.impact() == Impact::NoImpact {
        return None;
    }
    match works.state {
        State::Announced => works.starts_at().map(|start| start + ASKED_AFTER),
        State::Started => works.ends_at(),
        _ => None,
    }
}

/// Staff are asked what has become of works: the works as they are to be, and what staff are told.
pub fn ask(works: &DeskWorks, now: DateTime<Utc>) -> (DeskWorks, &'static str) {
    let is_over = works.ends_at().is_none_or(|end| end <= now);
    let (ask_at, what) = match (works.state, is_over) {
        (State::Announced, false) => (
            works.ends_at(),
            "their window has begun, and nobody has said that they have started: #start, or #cancel or #reschedule",
        ),
        (State::Announced, true) => {
            (None, "their window is over, and nobody has said that they have started: #complete or #cancel")
        }
        _ => (None, "their window is over, and nobody has said that they are done: #complete or #extend"),
    };
    (DeskWorks { ask_at, ..works.clone() }, what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::works::{
        Affected, Occurrence, Place,
        act::{Act, act},
        sample::*,
    };

    #[test]
    fn staff_are_asked_once_whether_works_have_begun_and_once_whether_they_are_done() {
        let base = policy("base");
        let works = announced(&base);
        let (start, end) = (works.starts_at().unwrap(), works.ends_at().unwrap());
        assert_eq!(works.ask_at, Some(start + Duration::minutes(30)));
        let (asked, what) = ask(&works, works.ask_at.unwrap());
        assert!(what.contains("have started: #start") && asked.ask_at == Some(end), "{what}");
        let (asked, what) = ask(&asked, end);
        assert!(what.contains("window is over") && asked.ask_at.is_none(), "{what}");
        let started = act(&works, &Act::Start, &at(start), &base).unwrap().works;
        assert_eq!(started.ask_at, Some(end));
        let (asked, what) = ask(&started, end);
        assert!(what.contains("#complete or #extend") && asked.ask_at.is_none(), "{what}");
        let done = act(&started, &Act::Complete { text: None }, &at(end), &base).unwrap().works;
        assert_eq!((done.ask_at, done.ended_at), (None, Some(end)));
        // What comes again and touches nobody asks for no word.
        let occurrence = Some(Occurrence { name: "x".to_owned(), date: start.date_naive() });
        let affected = vec![Affected { place: Place::Platform("voice".to_owned()), impact: Impact::NoImpact }];
        assert_eq!(ask_at(&DeskWorks { occurrence, affected, ..works }), None);
    }
}
