//! Works that are planned already are moved, or something of them is changed.

use serde::{Deserialize, Serialize};

use super::{
    Affected, DeskWorks, Impact, State, Window,
    act::{By, Done, done, in_words, moved, refuse},
    approval::{Pending, wait, wanted_approval, withdraw_approval},
    plan::{LONG, SHORT, affected, optional, place, text},
    reminder::{ahead, remind_at},
    said::Telling,
};
use crate::desk::{
    lifecycle::Refusal,
    policy::{Policy, works::Approval},
};

/// What is not given stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub affected: Option<Vec<Affected>>,
    pub description: Option<String>,
    pub reason: Option<String>,
    pub contact: Option<String>,
    pub roll_back: Option<String>,
}

pub(super) fn reschedule(
    works: &DeskWorks,
    windows: &[Window],
    text: Option<&str>,
    by: &By<'_>,
    policy: &Policy,
) -> Result<Done, Refusal> {
    if works.state == State::Started {
        return refuse(works, "they have begun: extend, complete or cancel them".to_owned());
    }
    let mut done = reschedule_now(works, windows, text, by, policy)?;
    if works.state != State::Announced {
        withdraw_approval(&mut done.works, by, policy);
        return Ok(done);
    }
    if wanted_approval(works, policy) == Approval::Nobody {
        return Ok(done);
    }
    let pending = Pending {
        by: by.known_name().to_owned(),
        windows: windows.to_vec(),
        change: Change::default(),
        text: text.map(str::to_owned),
        force: by.force.map(str::to_owned),
    };
    Ok(wait(works, pending, &format!("to be {}", done.line)))
}

pub(super) fn reschedule_now(
    works: &DeskWorks,
    windows: &[Window],
    text: Option<&str>,
    by: &By<'_>,
    policy: &Policy,
) -> Result<Done, Refusal> {
    let mut after = works.clone();
    place(&mut after, windows, by, policy)?;
    if after.windows == works.windows {
        return refuse(works, "these are their windows already".to_owned());
    }
    let line = format!("moved to {}", in_words(&after.windows, after.zone));
    if works.state != State::Announced {
        if works.occurrence.is_some() {
            after.remind_at =
                works.remind_at.and(after.starts_at()).map(|start| start - ahead(works, policy).unwrap_or_default());
        }
        return Ok(Done::quiet(after, "moved", line));
    }
    after.remind_at = remind_at(&after, by.now, policy);
    after.reminded_at = None;
    let mut done = moved(done(after, "moved", &line, Telling::Rescheduled, optional(text, "the text")?));
    if let Some(said) = &mut done.said {
        said.before.clone_from(&works.windows);
    }
    Ok(done)
}

pub(super) fn change(
    works: &DeskWorks,
    change: &Change,
    note: Option<&str>,
    by: &By<'_>,
    policy: &Policy,
) -> Result<Done, Refusal> {
    let mut done = change_now(works, change, note)?;
    if done.works.affected == works.affected {
        return Ok(done);
    }
    match works.state {
        State::Proposed | State::Planned | State::Approved => withdraw_approval(&mut done.works, by, policy),
        State::Announced if wanted_approval(works, policy) != Approval::Nobody => {
            let pending = Pending {
                by: by.known_name().to_owned(),
                windows: vec![],
                change: change.clone(),
                text: note.map(str::to_owned),
                force: None,
            };
            let places = done.works.affected.iter().map(|one| format!("{}={}", one.place.name(), one.impact));
            let places = places.collect::<Vec<_>>().join(", ");
            return Ok(wait(works, pending, &format!("to be changed (touched: {places})")));
        }
        _ => {}
    }
    Ok(done)
}

pub(super) fn change_now(works: &DeskWorks, change: &Change, note: Option<&str>) -> Result<Done, Refusal> {
    let mut after = works.clone();
    let set =
        |new: &Option<String>, what: &str, most: usize| new.as_deref().map(|new| text(new, what, most)).transpose();
    after.description = set(&change.description, "the description", SHORT)?.unwrap_or(after.description);
    after.reason = set(&change.reason, "the reason", SHORT)?.unwrap_or(after.reason);
    after.contact = set(&change.contact, "the contact", SHORT)?.or(after.contact);
    after.roll_back = set(&change.roll_back, "the roll-back", LONG)?.or(after.roll_back);
    if let Some(new) = &change.affected {
        after.affected = affected(new.clone())?;
    }
    if after == *works {
        return refuse(works, "nothing of that is new".to_owned());
    }
    // The roll-back is for staff alone.
    let shown = DeskWorks { roll_back: works.roll_back.clone(), ..after.clone() };
    if !works.state.is_public() || shown == *works {
        return Ok(Done::quiet(after, "changed", "changed".to_owned()));
    }
    let gone = works.affected.iter().filter(|one| !after.affected.iter().any(|other| other.place == one.place));
    let no_longer: Vec<Affected> = gone.map(|one| Affected { impact: Impact::NoImpact, ..one.clone() }).collect();
    let mut done = done(after, "changed", "changed", Telling::Changed, optional(note, "the text")?);
    if let Some(said) = &mut done.said {
        said.no_longer = no_longer;
    }
    Ok(done)
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::desk::policy::works::WorksRules;
    use crate::desk::works::{
        Place,
        act::{Act, act},
        said::is_overtaken,
        sample::*,
    };

    #[test]
    fn works_that_are_moved_are_measured_anew_and_overtake_what_was_said_of_the_old_time() {
        let colt =
            Policy { works: WorksRules { approval: Approval::Nobody, ..policy("colt").works }, ..policy("colt") };
        let works = announced(&colt);
        let to = [window("2026-11-28 23:30 to 04:00")];
        let move_to = |windows: &[Window]| act(&works, &Act::Reschedule { windows, text: None }, &by("Tom"), &colt);
        assert!(refused(move_to(&[window("2026-11-09 23:30 to 04:00")])).contains("10 days"));
        assert!(refused(move_to(&works.windows)).contains("already"));
        let done = move_to(&to).unwrap();
        assert_eq!((done.works.state, done.works.moved), (State::Announced, 1));
        assert_eq!(done.said.as_ref().unwrap().before, works.windows);
        assert_eq!(done.works.remind_at, Some(to[0].starts_at - Duration::hours(24)));
        assert!(
            is_overtaken(standing(&done.works), Telling::Reminder, 0)
                && !is_overtaken(standing(&done.works), Telling::Reminder, 2)
        );
        assert!(is_overtaken(standing(&done.works), Telling::Announced, 0), "it would come behind the new time");
        assert!(!is_overtaken(standing(&done.works), Telling::Rescheduled, done.works.moved));
        let started = DeskWorks { state: State::Started, ..works };
        assert!(
            refused(act(&started, &Act::Reschedule { windows: &to, text: None }, &by("Tom"), &colt)).contains("begun")
        );
    }

    #[test]
    fn a_change_that_customers_would_not_see_is_not_told() {
        let base = policy("base");
        let works = announced(&base);
        let change = |change: Change| act(&works, &Act::Change { change: &change, text: None }, &by("Tom"), &base);
        let inside = change(Change { roll_back: Some("the old card".to_owned()), ..Change::default() }).unwrap();
        assert_eq!(inside.said, None);
        let other =
            vec![Affected { place: Place::Service { id: 7, name: "IS-7".to_owned() }, impact: Impact::Degraded }];
        let said = change(Change { affected: Some(other), ..Change::default() }).unwrap().said.unwrap();
        assert_eq!(said.no_longer[0].place, Place::Platform("voice".to_owned()));
        assert!(change(Change::default()).is_err());
    }
}
