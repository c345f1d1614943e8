//! Whose approval works need before customers hear of them, and what waits for one.
//!
//! An approval is of a time and of what is touched: where one is wanted, a change of these needs it anew, and of announced
//! works it waits for it ([`Pending`]), so that customers are told of nothing that only one has seen.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    DeskWorks, Kind, State, Window,
    act::{By, Done, in_words, refuse},
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

impl Pending {
    /// What somebody wants, but for what it is.
    pub(super) fn nothing(by: &By<'_>, text: Option<&str>) -> Pending {
        Pending {
            by: by.known_name().to_owned(),
            windows: vec![],
            change: Change::default(),
            text: text.map(str::to_owned),
            force: by.force.map(str::to_owned),
        }
    }

    /// `to be moved to Fri 18 December …`
    pub fn in_words(&self, zone: Tz) -> String {
        if !self.windows.is_empty() {
            return format!("to be moved to {}", in_words(&self.windows, zone));
        }
        let touched = self.change.affected.iter().flatten();
        let touched: Vec<String> = touched.map(|one| format!("{}={}", one.place.name(), one.impact)).collect();
        format!("to be changed (touched: {})", touched.join(", "))
    }

    /// What else of the works is to be other than it is, and why a rule may be broken for it: name and value.
    pub fn details(&self) -> Vec<(&'static str, &str)> {
        let Change { description, reason, contact, roll_back, .. } = &self.change;
        let all = [
            ("title", description),
            ("reason", reason),
            ("contact", contact),
            ("roll-back", roll_back),
            ("force", &self.force),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))).collect()
    }

    /// Has its time passed?
    pub(super) fn is_over(&self, works: &DeskWorks, now: DateTime<Utc>) -> bool {
        match self.windows.iter().map(|window| window.starts_at).min() {
            Some(start) => start <= now,
            None => works.is_past(now),
        }
    }
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

/// What of the works waits for an approval, in a few words; none: nothing.
pub fn waits(works: &DeskWorks, policy: &Policy) -> Option<&'static str> {
    match (&works.pending, works.state) {
        (Some(pending), _) if pending.windows.is_empty() => Some("change to approve"),
        (Some(_), _) => Some("move to approve"),
        (None, State::Proposed | State::Planned) if wanted_approval(works, policy) != Approval::Nobody => {
            Some("to approve")
        }
        _ => None,
    }
}

/// By which the time, what is touched and what waits are known again: a mail to staff keeps it, so that a reply approves
/// nothing but what it shows.
pub fn mark(works: &DeskWorks) -> String {
    let shown = json!([works.windows, works.affected, works.pending]).to_string();
    Sha256::digest(shown).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Their state, and what of them waits for an approval.
pub fn stands(works: &DeskWorks, policy: &Policy) -> String {
    let waits = waits(works, policy).map(|what| format!(", {what}")).unwrap_or_default();
    format!("{}{waits}", works.state)
}

pub(super) fn approve(works: &DeskWorks, by: &By<'_>, policy: &Policy) -> Result<Done, Refusal> {
    if let Some(pending) = &works.pending {
        return approve_pending(works, pending, by, policy);
    }
    if !matches!(works.state, State::Proposed | State::Planned) {
        return refuse(works, format!("they are {} already", works.state));
    }
    if works.starts_at().is_none_or(|start| start <= by.now) {
        return refuse(
            works,
            "their window has begun, and customers know nothing of them: reschedule or cancel them".to_owned(),
        );
    }
    let approver = may_approve(works, &works.planner, by, policy)?;
    let works = DeskWorks { state: State::Approved, approver: Some(approver), ..works.clone() };
    Ok(Done::quiet(works, "approved", "approved".to_owned()))
}

/// What waited for it is done.
fn approve_pending(works: &DeskWorks, pending: &Pending, by: &By<'_>, policy: &Policy) -> Result<Done, Refusal> {
    let approver = may_approve(works, &pending.by, by, policy)?;
    if pending.is_over(works, by.now) {
        return refuse(
            works,
            format!(
                "they were {}, as {} wanted, and that time has passed: `casepost works withdraw {}` (#withdraw by mail) \
                 drops it, `reschedule` asks for another",
                pending.in_words(works.zone),
                pending.by,
                works.id
            ),
        );
    }
    let approved = DeskWorks { pending: None, approver: Some(approver), ..works.clone() };
    let by = By { force: pending.force.as_deref(), ..*by };
    let text = pending.text.as_deref();
    let mut done = match pending.windows.is_empty() {
        true => change_now(&approved, &pending.change, text, &by, policy)?,
        false => reschedule_now(&approved, &pending.windows, text, &by, policy)?,
    };
    done.line = format!("approved, as {} wanted: {}", pending.by, done.line);
    Ok(done)
}

/// What waits for an approval is wanted no more: all stays as customers know it.
pub(super) fn withdraw(works: &DeskWorks) -> Result<Done, Refusal> {
    let Some(pending) = &works.pending else {
        return refuse(works, "nothing of them waits for an approval; `cancel` ends works".to_owned());
    };
    let line = format!("withdrawn: they were {}, as {} wanted", pending.in_words(works.zone), pending.by);
    Ok(Done::quiet(DeskWorks { pending: None, ..works.clone() }, "withdrawn", line))
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
            format!(
                "{} is none of the staff ([[staff]] in casepost.toml), who alone approve works: name yourself (--as NAME)",
                by.name
            ),
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
pub(super) fn wait(works: &DeskWorks, pending: Pending) -> Done {
    let line = format!("{}: waits for an approval, and customers know nothing of it", pending.in_words(works.zone));
    Done::quiet(DeskWorks { pending: Some(pending), ..works.clone() }, "to approve", line)
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::desk::works::{
        Affected, Impact, Place,
        act::{Act, act},
        news,
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
    fn what_waits_is_told_with_all_that_customers_will_read_and_its_mark_changes_with_it() {
        let colt = policy("colt");
        let works = announced(&colt);
        let change = Change {
            affected: Some(vec![Affected { impact: Impact::Degraded, ..works.affected[0].clone() }]),
            description: Some("Exchange of two cards".to_owned()),
            reason: Some("both age".to_owned()),
            ..Change::default()
        };
        let ask = |text| act(&works, &Act::Change { change: &change, text }, &by("Tom"), &colt).unwrap().works;
        let asked = ask(Some("Sorry."));
        let pending = asked.pending.as_ref().unwrap();
        assert_eq!(pending.details(), [("title", "Exchange of two cards"), ("reason", "both age")]);
        let news = news::News::of_clock("to approve", "");
        let told = news::to_staff(&asked, &news, &colt, tuesday());
        assert_eq!(told["pending_text"], "Sorry.");
        assert!(news::shows(&told, &asked));
        assert!(!news::shows(&told, &ask(None)), "customers would read another text");
        assert!(!news::shows(&told, &works));
        let noted = act(&asked, &Act::Note { text: "Tom has the key." }, &by("Tom"), &colt).unwrap().works;
        assert!(news::shows(&told, &noted), "a note changes nothing of it");
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

    #[test]
    fn a_change_that_waits_is_withdrawn_by_any_of_the_staff() {
        let colt = policy("colt");
        let works = announced(&colt);
        assert!(refused(act(&works, &Act::Withdraw, &by("Tom"), &colt)).contains("nothing of them waits"));
        let to = [window("2026-11-28 23:30 to 04:00")];
        let asked = act(&works, &Act::Reschedule { windows: &to, text: None }, &by("Tom"), &colt).unwrap().works;
        assert_eq!(waits(&asked, &colt), Some("move to approve"));
        let done = act(&asked, &Act::Withdraw, &by("Grace"), &colt).unwrap();
        assert_eq!((&done.works, &done.said), (&works, &None), "customers know nothing of it");
        assert!(done.line.starts_with("withdrawn: they were to be moved to Sat 28 November"), "{}", done.line);
        assert!(done.line.ends_with("as Tom wanted"), "{}", done.line);
        assert_eq!(waits(&done.works, &colt), None);
    }

    #[test]
    fn what_waited_until_its_time_had_passed_is_not_approved_any_more() {
        let colt = policy("colt");
        let works = announced(&colt);
        let to = [window("2026-11-28 23:30 to 04:00")];
        let asked = act(&works, &Act::Reschedule { windows: &to, text: None }, &by("Tom"), &colt).unwrap().works;
        let why = refused(act(&asked, &Act::Approve, &at(to[0].starts_at), &colt));
        assert!(why.contains("that time has passed") && why.contains("`casepost works withdraw PW-0001`"), "{why}");
        let less = vec![Affected { impact: Impact::Degraded, ..works.affected[0].clone() }];
        let change = Change { affected: Some(less), ..Change::default() };
        let asked = act(&works, &Act::Change { change: &change, text: None }, &by("Tom"), &colt).unwrap().works;
        assert_eq!(waits(&asked, &colt), Some("change to approve"));
        let (start, end) = (works.starts_at().unwrap(), works.ends_at().unwrap());
        assert!(
            refused(act(&asked, &Act::Approve, &at(end), &colt)).contains("(touched: voice=DEGRADED), as Tom wanted")
        );
        assert!(act(&asked, &Act::Approve, &at(end - Duration::seconds(1)), &colt).is_ok());
        let started = act(&asked, &Act::Start, &at(start), &colt).unwrap();
        assert_eq!(started.works.pending, None);
        assert!(started.line.contains("what waited for an approval is dropped"), "{}", started.line);
        let begun = refused(act(&planned(&colt), &Act::Approve, &at(start), &colt));
        assert!(begun.contains("their window has begun"), "{begun}");
    }
}
