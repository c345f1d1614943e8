//! Customers are reminded of works: by the clock, which announces the policy's recurring ones with it, or by staff.

use chrono::{DateTime, Duration, Utc};

use super::{
    DeskWorks, State,
    act::{By, Done, done, publish, refuse},
    approval::wanted_approval,
    said::Telling,
    silence::asked_anew,
};
use crate::desk::{
    hours::{Zone, say},
    lifecycle::Refusal,
    policy::{Policy, Span, works::Approval},
};

/// How long after a reminder the next one goes.
const BETWEEN: Duration = Duration::hours(1);

/// What follows when the time to remind customers has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reminded {
    Done(Box<Done>),
    /// nobody is told, because nobody has approved them
    NotApproved(Box<DeskWorks>),
    /// it is too late for it
    Over(Box<DeskWorks>),
}

/// The clock of the reminder has run. The policy's recurring works are announced by it.
pub fn is_due(works: &DeskWorks, policy: &Policy, now: DateTime<Utc>) -> Reminded {
    let quiet = DeskWorks { remind_at: None, ..works.clone() };
    let begun = works.starts_at().is_none_or(|start| start <= now);
    match works.state {
        _ if begun => Reminded::Over(Box::new(quiet)),
        State::Started | State::Completed | State::Cancelled => Reminded::Over(Box::new(quiet)),
        State::Announced | State::Approved => reminded(quiet, works, now, policy),
        State::Proposed | State::Planned if wanted_approval(works, policy) == Approval::Nobody => {
            reminded(quiet, works, now, policy)
        }
        State::Proposed | State::Planned => Reminded::NotApproved(Box::new(quiet)),
    }
}

fn reminded(quiet: DeskWorks, before: &DeskWorks, now: DateTime<Utc>, policy: &Policy) -> Reminded {
    let mut done = remind(&publish(quiet, now), "customers are reminded", now);
    asked_anew(&mut done.works, before, now, policy);
    Reminded::Done(Box::new(done))
}

pub(super) fn remind_now(works: &DeskWorks, by: &By<'_>) -> Result<Done, Refusal> {
    if works.state != State::Announced {
        let state = works.state;
        return refuse(works, format!("they are {state}: only announced works that have not begun are reminded of"));
    }
    if works.has_begun(by.now) {
        return refuse(works, "their first window has begun: there is nothing to remind of any more".to_owned());
    }
    if let Some(at) = works.reminded_at.filter(|at| by.now < *at + BETWEEN) {
        let at = say(at, &Zone::Named(works.zone));
        return refuse(works, format!("customers were reminded {at}: not twice within an hour"));
    }
    // The one that the clock is to send still goes, unless this one is it.
    let remind_at = works.remind_at.filter(|at| *at > by.now + BETWEEN);
    Ok(remind(&DeskWorks { remind_at, ..works.clone() }, "customers reminded", by.now))
}

fn remind(works: &DeskWorks, line: &str, now: DateTime<Utc>) -> Done {
    done(DeskWorks { reminded_at: Some(now), ..works.clone() }, "reminder sent", line, Telling::Reminder, None)
}

/// How long before their beginning customers are reminded.
pub(super) fn ahead(works: &DeskWorks, policy: &Policy) -> Option<Duration> {
    let rule = works.occurrence.as_ref().and_then(|occurrence| policy.works.recurring(&occurrence.name));
    match (rule, policy.works.reminder.get(&works.kind)) {
        (Some(rule), _) => rule.reminder,
        (None, Some(Span::Time(time))) => Some(*time),
        (None, _) => None,
    }
}

/// None when it is so near that the announcement itself reminds of it.
pub(super) fn remind_at(works: &DeskWorks, now: DateTime<Utc>, policy: &Policy) -> Option<DateTime<Utc>> {
    let at = works.starts_at()? - ahead(works, policy)?;
    Some(at).filter(|at| *at > now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::works::{
        act::{Act, act},
        plan::propose,
        sample::*,
    };

    #[test]
    fn a_reminder_by_hand_leaves_that_of_the_clock_and_is_not_repeated_within_an_hour() {
        let base = policy("base");
        let works = announced(&base);
        assert!(works.remind_at.is_some());
        let reminded = act(&works, &Act::Remind, &at(tuesday()), &base).unwrap().works;
        assert_eq!(reminded.remind_at, works.remind_at);
        let again = |works: &DeskWorks, minutes: i64| {
            act(works, &Act::Remind, &at(tuesday() + Duration::minutes(minutes)), &base)
        };
        assert!(refused(again(&reminded, 59)).contains("not twice within an hour"));
        assert!(again(&reminded, 60).is_ok());
        let just_before = works.remind_at.unwrap() - Duration::minutes(30);
        assert_eq!(act(&works, &Act::Remind, &at(just_before), &base).unwrap().works.remind_at, None, "this is it");
        let begun = refused(act(&works, &Act::Remind, &at(works.starts_at().unwrap()), &base));
        assert!(begun.contains("their first window has begun"), "{begun}");
    }

    #[test]
    fn the_reminder_of_recurring_works_is_what_announces_them_unless_an_approval_lacks() {
        let calltower = policy("calltower");
        let rule = calltower.works.recurring("monthly-window").unwrap();
        let next = rule.next_after(tuesday()).unwrap();
        let works = propose(rule, next, vec!["voice".to_owned()], tuesday(), &calltower);
        assert_eq!(works.starts_at(), Some(window("2026-11-20 22:00 to 04:00").starts_at));
        assert_eq!(works.remind_at, Some(next.1.starts_at - Duration::days(7)));
        let due = works.remind_at.unwrap();
        let Reminded::Done(done) = is_due(&works, &calltower, due) else { panic!("customers are told") };
        assert_eq!((done.works.state, done.works.remind_at), (State::Announced, None));
        assert_eq!(done.said.as_ref().unwrap().telling, Telling::Reminder);
        let mut strict = calltower.clone();
        strict.works.recurring[0].approval = true;
        assert!(matches!(is_due(&works, &strict, due), Reminded::NotApproved(_)));
        let approved = act(&works, &Act::Approve, &by("Tom"), &strict).unwrap().works;
        assert!(matches!(is_due(&approved, &strict, due), Reminded::Done(_)));
        assert!(matches!(is_due(&works, &calltower, next.1.starts_at), Reminded::Over(_)), "it is too late");
        let certificates = calltower.works.recurring("certificate-update").unwrap();
        let quiet = propose(certificates, certificates.next_after(tuesday()).unwrap(), vec![], tuesday(), &calltower);
        assert_eq!((quiet.state, quiet.remind_at), (State::Announced, None), "it only stands in the calendar");
    }
}
