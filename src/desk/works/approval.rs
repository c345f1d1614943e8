//! Whose approval works need before customers hear of them, and what waits for one.
//!
//! An approval is of a time and of what is touched: where one is wanted, a change of these needs it anew, and of announced
//! works it waits for it ([`Pending`]), so that customers are told of nothing that only one has seen.

use serde::{Deserialize, Serialize};

use super::{
    DeskWorks, Kind, State, Window,
    act::{By, Done, refuse},
    change::{Change, change_now, reschedule_now},
};
use crate::desk::{
    lifecycle::Refusal,
    policy::{Policy, works::Approval},
    staff_member::{self, StaffMember},
};

/// What is to become of announced works once somebody else has approved it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// who wants it
    pub by: String,
    /// the new windows; empty: it is a change
    pub windows: Vec<Window>,
    pub change: Change,
    pub text: Option<String>,
    pub force: Option<String>,
}

/// Whose approval the works need before customers hear of them.
pub fn wanted_approval(works: &DeskWorks, policy: &Policy) -> Approval {
    if works.kind == Kind::Emergency {
        return Approval::Nobody;
    }
    let general = policy.works.approval;
    let rule = works.occurrence.as_ref().and_then(|occurrence| policy.works.recurring(&occurrence.name));
    match rule {
        Some(rule) if !rule.approval => Approval::Nobody,
        // Nobody planned them, so whoever approves them is another.
        Some(_) if general == Approval::Nobody => Approval::Anyone,
        _ => general,
    }
}

pub(super) fn approve(works: &DeskWorks, by: &By<'_>, policy: &Policy) -> Result<Done, Refusal> {
    if let Some(pending) = &works.pending {
        return approve_pending(works, pending, by, policy);
    }
    if !matches!(works.state, State::Proposed | State::Planned) {
        return refuse(works, format!("they are {} already", works.state));
    }
    let approver = may_approve(works, &works.planner, by, policy)?;
    let works = DeskWorks { state: State::Approved, approver: Some(approver), ..works.clone() };
    Ok(Done::quiet(works, "approved", "approved".to_owned()))
}

/// What waited for it is done.
fn approve_pending(works: &DeskWorks, pending: &Pending, by: &By<'_>, policy: &Policy) -> Result<Done, Refusal> {
    let approver = may_approve(works, &pending.by, by, policy)?;
    let approved = DeskWorks { pending: None, approver: Some(approver), ..works.clone() };
    let by = By { force: pending.force.as_deref(), ..*by };
    let text = pending.text.as_deref();
    let mut done = match pending.windows.is_empty() {
        true => change_now(&approved, &pending.change, text)?,
        false => reschedule_now(&approved, &pending.windows, text, &by, policy)?,
    };
    done.line = format!("approved, as {} wanted: {}", pending.by, done.line);
    Ok(done)
}

/// The name of whoever approves: one of the staff, and another than the one who wants it where the policy says so.
fn may_approve(works: &DeskWorks, planner: &str, by: &By<'_>, policy: &Policy) -> Result<String, Refusal> {
    let wanted = wanted_approval(works, policy);
    if wanted == Approval::Nobody {
        return Ok(by.known_name().to_owned());
    }
    let Ok(person) = staff_member::find(by.staff, by.name) else {
        return refuse(
            works,
            format!("{} is none of the staff ([[staff]] in casepost.toml), who alone approve works", by.name),
        );
    };
    let same = |other: &StaffMember| other.address.email == person.address.email;
    if wanted == Approval::Another && staff_member::find(by.staff, planner).is_ok_and(same) {
        return refuse(
            works,
            format!("{planner} planned it, and the policy wants the approval of somebody else ([works] approval)"),
        );
    }
    Ok(person.address.display().to_owned())
}

/// What is approved is a time, and what is touched: with another one works that are not announced need it anew, and not from
/// whoever changed it.
pub(super) fn withdraw_approval(after: &mut DeskWorks, by: &By<'_>, policy: &Policy) {
    if wanted_approval(after, policy) == Approval::Nobody {
        return;
    }
    if after.state == State::Approved {
        after.state = State::Planned;
        after.approver = None;
    }
    after.planner = by.known_name().to_owned();
}

/// Of announced works it waits for an approval, where one is wanted.
pub(super) fn wait(works: &DeskWorks, pending: Pending, line: &str) -> Done {
    let line = format!("{line}: waits for an approval, and customers know nothing of it");
    Done::quiet(DeskWorks { pending: Some(pending), ..works.clone() }, "to approve", line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::desk::works::{
        Affected, Impact, Place,
        act::{Act, act},
        plan::plan,
        said::Telling,
        sample::*,
    };

    #[test]
    fn whoever_planned_works_does_not_approve_them_where_the_policy_wants_another() {
        let colt = policy("colt");
        let works = planned(&colt);
        assert!(refused(act(&works, &Act::Announce, &by("Grace"), &colt)).contains("need an approval"));
        assert!(refused(act(&works, &Act::Approve, &by("Tom"), &colt)).contains("somebody else ([works] approval)"));
        assert!(act(&works, &Act::Approve, &by("Grace"), &colt).is_ok());
        assert!(act(&planned(&policy("base")), &Act::Announce, &by("Tom"), &policy("base")).is_ok(), "base wants none");
    }

    #[test]
    fn an_approval_is_of_a_time() {
        let colt = policy("colt");
        let approved = act(&planned(&colt), &Act::Approve, &by("Grace"), &colt).unwrap().works;
        let to = [window("2026-11-28 23:30 to 04:00")];
        let moved = act(&approved, &Act::Reschedule { windows: &to, text: None }, &by("Tom"), &colt).unwrap();
        assert_eq!((moved.works.state, &moved.works.approver, &moved.said), (State::Planned, &None, &None));
        let other = vec![Affected { place: Place::Platform("data".to_owned()), impact: Impact::Outage }];
        let change = Change { affected: Some(other), ..Change::default() };
        let by_grace = act(&approved, &Act::Change { change: &change, text: None }, &by("Grace"), &colt).unwrap().works;
        assert_eq!((by_grace.state, &by_grace.approver), (State::Planned, &None));
        assert!(
            refused(act(&by_grace, &Act::Approve, &by("Grace"), &colt)).contains("somebody else"),
            "she changed them"
        );
        assert!(act(&by_grace, &Act::Approve, &by("Tom"), &colt).is_ok());
        let words = Change { reason: Some("it is old".to_owned()), ..Change::default() };
        let reworded = act(&approved, &Act::Change { change: &words, text: None }, &by("Tom"), &colt).unwrap().works;
        assert_eq!(reworded.state, State::Approved, "its time and services are those that were approved");
    }

    #[test]
    fn announced_works_are_moved_or_changed_once_another_has_approved_it() {
        let colt = policy("colt");
        let works = announced(&colt);
        let to = [window("2026-11-28 23:30 to 04:00")];
        let asked = act(&works, &Act::Reschedule { windows: &to, text: Some("Sorry.") }, &by("Tom"), &colt).unwrap();
        assert_eq!((&asked.works.windows, &asked.said), (&works.windows, &None), "customers know nothing of it");
        assert!(asked.line.contains("waits for an approval"), "{}", asked.line);
        assert!(refused(act(&asked.works, &Act::Approve, &by("tom@desk.test"), &colt)).contains("somebody else"));
        let done = act(&asked.works, &Act::Approve, &by("Grace"), &colt).unwrap();
        assert_eq!((&done.works.windows[..], done.works.pending), (&to[..], None));
        let said = done.said.unwrap();
        assert_eq!(
            (said.telling, said.before, said.text.as_deref()),
            (Telling::Rescheduled, works.windows.clone(), Some("Sorry."))
        );
        let other = vec![Affected { place: Place::Platform("data".to_owned()), impact: Impact::Outage }];
        let change = Change { affected: Some(other), ..Change::default() };
        let asked = act(&works, &Act::Change { change: &change, text: None }, &by("Grace"), &colt).unwrap();
        assert_eq!((&asked.works.affected, &asked.said), (&works.affected, &None));
        let done = act(&asked.works, &Act::Approve, &by("Tom"), &colt).unwrap();
        assert_eq!(done.said.unwrap().telling, Telling::Changed);
        let kept = serde_json::to_string(&asked.works.pending).unwrap();
        assert_eq!(serde_json::from_str::<Option<Pending>>(&kept).unwrap(), asked.works.pending);
    }

    #[test]
    fn only_the_staff_approve_and_nobody_does_it_under_another_name() {
        let colt = policy("colt");
        let works = plan(draft(&[NIGHT]), &by("TOM"), &colt).unwrap().works;
        assert_eq!(works.planner, "Tom");
        for name in ["tom", " Tom ", "tom@desk.test"] {
            assert!(refused(act(&works, &Act::Approve, &by(name), &colt)).contains("somebody else"), "{name}");
        }
        assert!(refused(act(&works, &Act::Approve, &by("Nobody"), &colt)).contains("none of the staff"));
        let approved = act(&works, &Act::Approve, &by("grace@desk.test"), &colt).unwrap().works;
        assert_eq!(approved.approver.as_deref(), Some("Grace"));
    }
}
