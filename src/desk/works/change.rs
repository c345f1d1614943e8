//! Works that are planned already are moved, or something of them is changed.

use serde::{Deserialize, Serialize};

use super::{
    Affected, DeskWorks, Impact, State, Window,
    act::{By, Done, done, in_words, moved, refuse},
    approval::{Pending, wait, wanted_approval, withdraw_approval},
    plan::{LONG, SHORT, affected, optional, outside_protected_hours, place, text},
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
    Ok(wait(works, Pending { windows: windows.to_vec(), ..Pending::nothing(by, text) }))
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
    let mut done = change_now(works, change, note, by, policy)?;
    if done.works.affected == works.affected {
        return Ok(done);
    }
    match works.state {
        State::Proposed | State::Planned | State::Approved => withdraw_approval(&mut done.works, by, policy),
        State::Announced if wanted_approval(works, policy) != Approval::Nobody => {
            return Ok(wait(works, Pending { change: change.clone(), ..Pending::nothing(by, note) }));
        }
        _ => {}
    }
    Ok(done)
}

pub(super) fn change_now(
    works: &DeskWorks,
    change: &Change,
    note: Option<&str>,
    by: &By<'_>,
    policy: &Policy,
) -> Result<Done, Refusal> {
    let mut after = works.clone();
    let set =
        |new: &Option<String>, what: &str, most: usize| new.as_deref().map(|new| text(new, what, most)).transpose();
    after.description = set(&change.description, "the description", SHORT)?.unwrap_or(after.description);
    after.reason = set(&change.reason, "the reason", SHORT)?.unwrap_or(after.reason);
    after.contact = set(&change.contact, "the contact", SHORT)?.or(after.contact);
    after.roll_back = set(&change.roll_back, "the roll-back", LONG)?.or(after.roll_back);
    if let Some(new) = &change.affected {
        after.affected = affected(new.clone())?;
        after.forced = forced(works, &after, by, policy)?;
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

/// Why works are within protected hours now that something else is touched, if they are.
fn forced(works: &DeskWorks, after: &DeskWorks, by: &By<'_>, policy: &Policy) -> Result<Option<String>, Refusal> {
    let impact_before = |one: &Affected| works.affected.iter().find(|other| other.place == one.place).map(|o| o.impact);
    let is_worse = |one: &Affected| one.impact > impact_before(one).unwrap_or(Impact::NoImpact);
    // What was forced into protected hours has its reason already.
    if works.forced.is_some() || !after.affected.iter().any(is_worse) {
        return Ok(works.forced.clone());
    }
    let to_come = after.windows.iter().filter(|window| window.ends_at > by.now);
    let to_come: Vec<Window> = to_come.map(|w| Window { starts_at: w.starts_at.max(by.now), ..*w }).collect();
    outside_protected_hours(after, &to_come, by, policy)
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::desk::policy::works::WorksRules;
    use crate::desk::works::{
        Place,
        act::{Act, act},
        plan::{Draft, plan},
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

    #[test]
    fn more_is_not_touched_within_protected_hours_unless_it_is_forced() {
        let calltower = policy("calltower");
        let day = draft(&["2026-11-21 12:00 to 16:00"]);
        let of = |key: &str, impact| Affected { place: Place::Platform(key.to_owned()), impact };
        let quiet = Draft { affected: vec![of("voice", Impact::NoImpact)], ..day };
        let works = plan(quiet, &by("Tom"), &calltower).unwrap().works;
        let change = |works: &DeskWorks, affected: Vec<Affected>, by: &By<'_>| {
            let change = Change { affected: Some(affected), ..Change::default() };
            act(works, &Act::Change { change: &change, text: None }, by, &calltower)
        };
        let outage = vec![of("voice", Impact::Outage)];
        assert!(refused(change(&works, outage.clone(), &by("Tom"))).contains("--force REASON"));
        let quietly = vec![of("voice", Impact::NoImpact), of("data", Impact::NoImpact)];
        assert!(change(&works, quietly, &by("Tom")).is_ok(), "nobody notices it");
        let forced = By { force: Some("the customer wants it"), ..by("Tom") };
        let forced = change(&works, outage, &forced).unwrap().works;
        assert_eq!(forced.forced.as_deref(), Some("the customer wants it"));
        assert!(change(&forced, vec![of("data", Impact::Outage)], &by("Tom")).is_ok(), "they have their reason");
        // Less is always allowed, also where the policy has become stricter.
        let unforced = DeskWorks { forced: None, ..forced };
        assert!(change(&unforced, vec![of("voice", Impact::Degraded)], &by("Tom")).is_ok());
        let added = vec![of("voice", Impact::Outage), of("data", Impact::Degraded)];
        assert!(refused(change(&unforced, added, &by("Tom"))).contains("[works] protected"));
    }

    #[test]
    fn a_reason_for_protected_hours_waits_with_its_change() {
        let mut calltower = policy("calltower");
        calltower.works.approval = Approval::Another;
        let works = plan(
            Draft {
                affected: vec![Affected { place: Place::Platform("voice".to_owned()), impact: Impact::NoImpact }],
                ..draft(&["2026-11-21 12:00 to 16:00"])
            },
            &by("Tom"),
            &calltower,
        );
        let approved = act(&works.unwrap().works, &Act::Approve, &by("Grace"), &calltower).unwrap().works;
        let works = act(&approved, &Act::Announce, &by("Tom"), &calltower).unwrap().works;
        let outage = vec![Affected { place: Place::Platform("voice".to_owned()), impact: Impact::Outage }];
        let change = Change { affected: Some(outage), ..Change::default() };
        let forced = By { force: Some("the customer wants it"), ..by("Tom") };
        let asked = act(&works, &Act::Change { change: &change, text: None }, &forced, &calltower).unwrap().works;
        let done = act(&asked, &Act::Approve, &by("Grace"), &calltower).unwrap().works;
        assert_eq!(done.forced.as_deref(), Some("the customer wants it"));
    }
}
