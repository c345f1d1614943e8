//! Works are planned, by staff or by the policy's calendar: what, when, and the rules that their windows keep.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;

use super::{
    Affected, DeskWorks, Impact, Kind, Occurrence, Place, State, Window, WorksId,
    act::{By, Done, in_words},
    silence::ask_at,
    window,
};
use crate::desk::{
    hours::{Zone, say},
    lifecycle::Refusal,
    policy::{Policy, Span, works::Recurring},
    typed::{typed, typed_line},
};

/// Characters of a description or reason: they stand in subjects and calendars.
pub(super) const SHORT: usize = 200;
/// Characters of any other text.
pub(super) const LONG: usize = 10_000;
/// Services and platforms that one works may name.
pub const MOST_AFFECTED: usize = 5000;

/// Works to be planned.
#[derive(Debug, Clone)]
pub struct Draft {
    pub kind: Kind,
    pub windows: Vec<Window>,
    pub zone: Tz,
    pub affected: Vec<Affected>,
    pub description: String,
    pub reason: String,
    pub contact: Option<String>,
    pub roll_back: Option<String>,
    /// why they can't wait: it makes emergency works of them
    pub emergency: Option<String>,
}

/// Plans works; their number is still to be given.
///
/// # Errors
/// The rule that they break, with the policy's key.
pub fn plan(draft: Draft, by: &By<'_>, policy: &Policy) -> Result<Done, Refusal> {
    let emergency = draft.emergency.as_deref().map(|why| text(why, "the reason of the emergency", LONG)).transpose()?;
    let kind = if emergency.is_some() { Kind::Emergency } else { draft.kind };
    if kind == Kind::Emergency && emergency.is_none() {
        return Err(Refusal("emergency works need a reason: say why they can't wait (--emergency REASON)".to_owned()));
    }
    let mut works = DeskWorks {
        id: WorksId(0),
        kind,
        state: State::Planned,
        windows: vec![],
        zone: draft.zone,
        affected: affected(draft.affected)?,
        description: text(&draft.description, "the description", SHORT)?,
        reason: text(&draft.reason, "the reason", SHORT)?,
        contact: draft.contact.as_deref().map(|who| text(who, "the contact", SHORT)).transpose()?,
        roll_back: draft.roll_back.as_deref().map(|how| text(how, "the roll-back", LONG)).transpose()?,
        planner: by.known_name().to_owned(),
        planned_at: by.now,
        approver: None,
        announced_at: None,
        emergency,
        forced: None,
        sequence: 0,
        moved: 0,
        occurrence: None,
        remind_at: None,
        reminded_at: None,
        ask_at: None,
        pending: None,
        started_at: None,
        ended_at: None,
    };
    place(&mut works, &draft.windows, by, policy)?;
    works.ask_at = ask_at(&works, by.now, policy);
    let line = format!("planned for {}", in_words(&works.windows, works.zone));
    Ok(Done::quiet(works, "planned", line))
}

/// The next works of a rule, once they are so near that staff are to see them; nobody planned them.
pub fn propose(
    rule: &Recurring,
    (date, window): (NaiveDate, Window),
    platforms: Vec<String>,
    now: DateTime<Utc>,
    policy: &Policy,
) -> DeskWorks {
    let affected = platforms.into_iter().map(|key| Affected { place: Place::Platform(key), impact: rule.impact });
    // Where neither staff nor customers have a part in it, it is simply in the calendar.
    let settled = rule.reminder.is_none() && !rule.approval;
    let works = DeskWorks {
        id: WorksId(0),
        kind: rule.kind,
        state: if settled { State::Announced } else { State::Proposed },
        windows: vec![window],
        zone: rule.zone,
        affected: affected.collect(),
        description: rule.description.clone(),
        reason: rule.reason.clone(),
        contact: None,
        roll_back: None,
        planner: String::new(),
        planned_at: now,
        approver: None,
        announced_at: settled.then_some(now),
        emergency: None,
        forced: None,
        sequence: 0,
        moved: 0,
        occurrence: Some(Occurrence { name: rule.name.clone(), date }),
        remind_at: rule.reminder.map(|reminder| window.starts_at - reminder),
        reminded_at: None,
        ask_at: None,
        pending: None,
        started_at: None,
        ended_at: None,
    };
    DeskWorks { ask_at: ask_at(&works, now, policy), ..works }
}

/// Gives works their windows, where all rules allow them.
pub(super) fn place(works: &mut DeskWorks, windows: &[Window], by: &By<'_>, policy: &Policy) -> Result<(), Refusal> {
    let windows = window::checked(windows, works.zone, by.now)?;
    in_time(works, &windows, by, policy)?;
    works.forced = outside_protected_hours(works, &windows, by, policy)?;
    works.windows = windows;
    Ok(())
}

/// Customers are told early enough ([works.notice]).
pub(super) fn in_time(works: &DeskWorks, windows: &[Window], by: &By<'_>, policy: &Policy) -> Result<(), Refusal> {
    let Some(start) = windows.iter().map(|window| window.starts_at).min() else { return Ok(()) };
    let kind = works.kind;
    let earliest = policy.works.earliest(kind, by.now, &policy.hours);
    if start >= earliest {
        return Ok(());
    }
    let Some(notice) = policy.works.notice.get(&kind) else { return Ok(()) };
    Err(Refusal(format!(
        "customers are told of {kind} works {} ahead ([works.notice] {kind}), so now these may begin {} at the earliest; \
         works that can't wait are emergency works (--emergency REASON)",
        in_figures(*notice),
        say(earliest, &Zone::Named(works.zone))
    )))
}

/// Why they may be within protected hours, if they are.
pub(super) fn outside_protected_hours(
    works: &DeskWorks,
    windows: &[Window],
    by: &By<'_>,
    policy: &Policy,
) -> Result<Option<String>, Refusal> {
    let Some(protected) = policy.works.protected.as_ref().filter(|_| works.kind.keeps_out_of_protected_hours()) else {
        return Ok(None);
    };
    // Nobody notices them.
    if works.impact() == Impact::NoImpact {
        return Ok(None);
    }
    let Some(window) = windows.iter().find(|window| protected.touches(window)) else { return Ok(None) };
    match by.force {
        Some(why) => text(why, "the reason for protected hours", LONG).map(Some),
        None => Err(Refusal(format!(
            "the window from {} touches the protected hours, {} in {} ([works] protected); --force REASON does it all \
             the same",
            say(window.starts_at, &Zone::Named(works.zone)),
            protected.hours,
            protected.zone
        ))),
    }
}

pub(super) fn affected(all: Vec<Affected>) -> Result<Vec<Affected>, Refusal> {
    let mut kept: Vec<Affected> = Vec::with_capacity(all.len());
    let mut seen = std::collections::BTreeSet::new();
    for one in all {
        let key = match &one.place {
            Place::Platform(key) => (0, key.clone()),
            Place::Service { id, .. } => (*id, String::new()),
        };
        if seen.insert(key) {
            kept.push(one);
        }
    }
    if kept.is_empty() {
        return Err(Refusal("say what is touched: --service ID or --platform KEY".to_owned()));
    }
    if kept.len() > MOST_AFFECTED {
        return Err(Refusal(format!("works name {MOST_AFFECTED} services at most: name their platform")));
    }
    Ok(kept)
}

pub(super) fn optional(said: Option<&str>, what: &str) -> Result<Option<String>, Refusal> {
    said.map(|said| text(said, what, LONG)).transpose()
}

/// What is short stands in subjects and lists: on one line.
pub(super) fn text(said: &str, what: &str, most: usize) -> Result<String, Refusal> {
    if most == SHORT { typed_line(said, what, most) } else { typed(said, what, most) }
}

fn in_figures(span: Span) -> String {
    match span {
        Span::BusinessDays(days) => format!("{days} business days"),
        Span::Time(time) if time.num_minutes() % (24 * 60) == 0 => format!("{} days", time.num_days()),
        Span::Time(time) if time.num_minutes() % 60 == 0 => format!("{} h", time.num_hours()),
        Span::Time(time) => format!("{} min", time.num_minutes()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Duration, Utc};
    use chrono_tz::{America::Denver, Europe::Berlin};

    use super::*;
    use crate::desk::works::{
        act::{Act, act},
        sample::*,
    };

    #[test]
    fn the_notice_that_the_policy_asks_for_is_exact_to_the_second() {
        let colt = policy("colt");
        let in_ten_days = tuesday() + Duration::days(10);
        let starting = |start: DateTime<Utc>| {
            let night = Window { starts_at: start, ends_at: start + Duration::hours(4) };
            plan(Draft { windows: vec![night], ..draft(&[]) }, &by("Tom"), &colt)
        };
        assert!(starting(in_ten_days).is_ok());
        let why = refused(starting(in_ten_days - Duration::seconds(1)));
        assert!(why.contains("10 days ahead ([works.notice] planned)") && why.contains("--emergency"), "{why}");
        let soon = Window { starts_at: tuesday() + Duration::hours(1), ends_at: tuesday() + Duration::hours(2) };
        let emergency = Draft { windows: vec![soon], emergency: Some("attacks".to_owned()), ..draft(&[]) };
        let works = plan(emergency, &by("Tom"), &colt).unwrap().works;
        assert_eq!(works.kind, Kind::Emergency);
        assert!(act(&works, &Act::Announce, &by("Tom"), &colt).is_ok(), "it waits for no approval");
        let without = Draft { windows: vec![soon], kind: Kind::Emergency, ..draft(&[]) };
        assert!(refused(plan(without, &by("Tom"), &colt)).contains("need a reason"));
    }

    #[test]
    fn protected_hours_are_kept_unless_forced_with_a_reason() {
        let calltower = policy("calltower");
        let day = draft(&["2026-11-21 22:59 to 04:00"]);
        let why = refused(plan(day.clone(), &by("Tom"), &calltower));
        assert!(why.contains("05:00-23:00 in America/Denver ([works] protected); --force REASON"), "{why}");
        assert!(plan(draft(&["2026-11-21 23:00 to 05:00"]), &by("Tom"), &calltower).is_ok(), "the ends are not within");
        let forced = By { force: Some("the customer wants it"), ..by("Tom") };
        assert_eq!(plan(day.clone(), &forced, &calltower).unwrap().works.forced.unwrap(), "the customer wants it");
        assert!(
            plan(day.clone(), &By { force: Some(" "), ..by("Tom") }, &calltower).is_err(),
            "an empty reason is none"
        );
        let quiet = vec![Affected { place: Place::Platform("voice".to_owned()), impact: Impact::NoImpact }];
        assert!(plan(Draft { affected: quiet, ..day.clone() }, &by("Tom"), &calltower).is_ok(), "nobody notices it");
        let release = Draft { kind: Kind::PlatformRelease, ..day };
        assert!(plan(release, &by("Tom"), &calltower).is_ok(), "its hours are those of the plan");
    }

    #[test]
    fn the_presets_hold_the_windows_of_the_plan() {
        let calltower = policy("calltower");
        let next = |name: &str| {
            let rule = calltower.works.recurring(name).unwrap();
            let (_, window) = rule.next_after(tuesday()).unwrap();
            let clock = |at: DateTime<Utc>| at.with_timezone(&Denver).format("%a %H:%M").to_string();
            (clock(window.starts_at), clock(window.ends_at), rule.reminder)
        };
        assert_eq!(next("monthly-window"), ("Fri 22:00".into(), "Sat 04:00".into(), Some(Duration::days(7))));
        assert_eq!(next("platform-release"), ("Tue 21:00".into(), "Tue 23:00".into(), Some(Duration::hours(24))));
        assert_eq!(next("certificate-update"), ("Fri 00:00".into(), "Fri 01:00".into(), None));
    }

    #[test]
    fn texts_and_places_are_bounded() {
        let base = policy("base");
        let long = Draft { description: "x".repeat(SHORT + 1), ..draft(&[NIGHT]) };
        assert!(refused(plan(long, &by("Tom"), &base)).contains("longer than 200"));
        assert!(
            refused(plan(Draft { reason: " ".to_owned(), ..draft(&[NIGHT]) }, &by("Tom"), &base)).contains("empty")
        );
        assert!(refused(plan(Draft { affected: vec![], ..draft(&[NIGHT]) }, &by("Tom"), &base)).contains("--platform"));
        let service = |id: i64| Affected { place: Place::Service { id, name: id.to_string() }, impact: Impact::Outage };
        let many = (1..=MOST_AFFECTED as i64 + 1).map(service).collect();
        assert!(refused(plan(Draft { affected: many, ..draft(&[NIGHT]) }, &by("Tom"), &base)).contains("at most"));
        let berlin = Draft { zone: Berlin, ..draft(&[NIGHT]) };
        assert_eq!(plan(berlin, &by("Tom"), &base).unwrap().works.zone, Berlin);
    }
}
