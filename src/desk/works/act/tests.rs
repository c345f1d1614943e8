use std::sync::LazyLock;

use chrono::TimeZone;
use chrono_tz::{America::Denver, Europe::Berlin};

use super::*;
use crate::{
    desk::policy::{self, works::WorksRules},
    mail::address::Address,
};

fn policy(name: &str) -> Policy {
    Policy::load(name, &policy::built_in).unwrap()
}

/// A Tuesday, 10:00 UTC.
fn tuesday() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 3, 10, 0, 0).unwrap()
}

static STAFF: LazyLock<Vec<StaffMember>> = LazyLock::new(|| {
    let person = |name: &str| StaffMember::new(Address::new(Some(name), &format!("{}@desk.test", name.to_lowercase())));
    vec![person("Tom"), person("Grace")]
});

fn by(name: &str) -> By<'_> {
    By { name, now: tuesday(), force: None, staff: &STAFF }
}

fn at(now: DateTime<Utc>) -> By<'static> {
    By { name: "Grace", now, force: None, staff: &STAFF }
}

fn window(text: &str) -> Window {
    Window::read(text, Denver).unwrap()
}

fn draft(windows: &[&str]) -> Draft {
    Draft {
        kind: Kind::Planned,
        windows: windows.iter().map(|text| window(text)).collect(),
        zone: Denver,
        affected: vec![Affected { place: Place::Platform("voice".to_owned()), impact: Impact::Outage }],
        description: "Exchange of a card".to_owned(),
        reason: "it ages".to_owned(),
        contact: None,
        roll_back: None,
        emergency: None,
    }
}

const NIGHT: &str = "2026-11-21 23:30 to 04:00";

fn planned(policy: &Policy) -> DeskWorks {
    DeskWorks { id: WorksId(1), ..plan(draft(&[NIGHT]), &by("Tom"), policy).unwrap().works }
}

fn announced(policy: &Policy) -> DeskWorks {
    let approved = match wanted_approval(&planned(policy), policy) {
        Approval::Nobody => planned(policy),
        _ => act(&planned(policy), &Act::Approve, &by("Grace"), policy).unwrap().works,
    };
    act(&approved, &Act::Announce, &by("Grace"), policy).unwrap().works
}

fn standing(works: &DeskWorks) -> Standing {
    Standing { state: works.state, moved: works.moved }
}

fn refused(result: Result<Done, Refusal>) -> String {
    result.expect_err("it must be refused").0
}

#[test]
fn works_are_planned_approved_announced_started_extended_and_completed_with_a_notice_each() {
    let colt = policy("colt");
    let works = planned(&colt);
    assert_eq!((works.state, works.sequence), (State::Planned, 0));
    let works = act(&works, &Act::Approve, &by("Grace"), &colt).unwrap();
    assert_eq!((works.works.state, works.said), (State::Approved, None));
    let mut works = works.works;
    let start = works.starts_at().unwrap();
    let steps = [
        (Act::Announce, tuesday(), Telling::Announced, State::Announced),
        (Act::Remind, tuesday(), Telling::Reminder, State::Announced),
        (Act::Start, start, Telling::Started, State::Started),
        (Act::Extend { until: start + Duration::hours(6), text: None }, start, Telling::Extended, State::Started),
        (Act::Complete { text: Some("All is well.") }, start, Telling::Completed, State::Completed),
        (Act::Tell { text: "It is faster now." }, start, Telling::Note, State::Completed),
    ];
    for (sequence, (step, now, telling, state)) in steps.into_iter().enumerate() {
        let done = act(&works, &step, &at(now), &colt).unwrap();
        let said = done.said.unwrap();
        assert_eq!((said.telling, said.sequence, done.works.state), (telling, sequence as u32, state));
        works = done.works;
    }
    assert_eq!(works.sequence, 6);
    assert!(refused(act(&works, &Act::Cancel { reason: "x" }, &by("Tom"), &colt)).contains("they are completed"));
}

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
fn works_that_were_planned_in_time_are_refused_when_they_are_announced_too_late() {
    let base = policy("base");
    let works = planned(&base);
    let late = works.starts_at().unwrap() - Duration::days(2);
    assert!(refused(act(&works, &Act::Announce, &at(late), &base)).contains("[works.notice]"));
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
    assert!(plan(day.clone(), &By { force: Some(" "), ..by("Tom") }, &calltower).is_err(), "an empty reason is none");
    let quiet = vec![Affected { place: Place::Platform("voice".to_owned()), impact: Impact::NoImpact }];
    assert!(plan(Draft { affected: quiet, ..day.clone() }, &by("Tom"), &calltower).is_ok(), "nobody notices it");
    let release = Draft { kind: Kind::PlatformRelease, ..day };
    assert!(plan(release, &by("Tom"), &calltower).is_ok(), "its hours are those of the plan");
}

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
fn works_that_are_moved_are_measured_anew_and_overtake_what_was_said_of_the_old_time() {
    let colt = Policy { works: WorksRules { approval: Approval::Nobody, ..policy("colt").works }, ..policy("colt") };
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
    assert!(refused(act(&started, &Act::Reschedule { windows: &to, text: None }, &by("Tom"), &colt)).contains("begun"));
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
    assert!(refused(act(&by_grace, &Act::Approve, &by("Grace"), &colt)).contains("somebody else"), "she changed them");
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

#[test]
fn a_reminder_by_hand_leaves_that_of_the_clock_and_is_not_repeated_within_an_hour() {
    let base = policy("base");
    let works = announced(&base);
    assert!(works.remind_at.is_some());
    let reminded = act(&works, &Act::Remind, &at(tuesday()), &base).unwrap().works;
    assert_eq!(reminded.remind_at, works.remind_at);
    let again =
        |works: &DeskWorks, minutes: i64| act(works, &Act::Remind, &at(tuesday() + Duration::minutes(minutes)), &base);
    assert!(refused(again(&reminded, 59)).contains("not twice within an hour"));
    assert!(again(&reminded, 60).is_ok());
    let just_before = works.remind_at.unwrap() - Duration::minutes(30);
    assert_eq!(act(&works, &Act::Remind, &at(just_before), &base).unwrap().works.remind_at, None, "this is it");
}

#[test]
fn works_begin_within_an_hour_of_their_window_unless_somebody_says_why_not() {
    let base = policy("base");
    let works = announced(&base);
    let early = works.starts_at().unwrap() - Duration::minutes(61);
    assert!(refused(act(&works, &Act::Start, &at(early), &base)).contains("works start PW-0001 --force REASON"));
    let forced = act(&works, &Act::Start, &By { force: Some("the shop is closed"), ..at(early) }, &base).unwrap();
    assert_eq!(forced.line, "started before their window: the shop is closed");
    assert!(act(&works, &Act::Start, &at(early + Duration::minutes(1)), &base).is_ok());
}

#[test]
fn an_extension_keeps_out_of_protected_hours_unless_it_is_forced() {
    let calltower = policy("calltower");
    let works = announced(&calltower);
    let start = works.starts_at().unwrap();
    let started = act(&works, &Act::Start, &at(start), &calltower).unwrap().works;
    let extend = |minutes: i64, by: &By<'_>| {
        let until = started.windows[0].ends_at + Duration::minutes(minutes);
        act(&started, &Act::Extend { until, text: None }, by, &calltower)
    };
    assert!(extend(60, &at(start)).is_ok(), "05:00 is where they begin");
    assert!(refused(extend(61, &at(start))).contains("[works] protected"));
    let forced = extend(61, &By { force: Some("the card is stuck"), ..at(start) }).unwrap();
    assert_eq!(forced.works.forced.as_deref(), Some("the card is stuck"));
}

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

#[test]
fn works_that_nobody_has_started_are_completed_once_their_window_has_begun() {
    let base = policy("base");
    let works = announced(&base);
    let start = works.starts_at().unwrap();
    let complete = |now| act(&works, &Act::Complete { text: None }, &at(now), &base);
    assert!(refused(complete(start - Duration::seconds(1))).contains("`casepost works start PW-0001`"));
    let done = complete(start + Duration::hours(2)).unwrap();
    assert_eq!((done.works.state, done.works.started_at), (State::Completed, Some(start)));
}

#[test]
fn a_note_stays_inside() {
    let base = policy("base");
    let done = act(&announced(&base), &Act::Note { text: "Tom has the key." }, &by("Tom"), &base).unwrap();
    assert_eq!((done.said, done.line.as_str()), (None, "note: Tom has the key."));
    assert!(refused(act(&announced(&base), &Act::Tell { text: "x" }, &by("Tom"), &base)).contains("after completed"));
}

#[test]
fn only_what_customers_know_is_cancelled_with_a_notice() {
    let colt = policy("colt");
    let cancel = Act::Cancel { reason: "The supplier is not ready." };
    assert_eq!(act(&planned(&colt), &cancel, &by("Tom"), &colt).unwrap().said, None);
    let done = act(&announced(&colt), &cancel, &by("Tom"), &colt).unwrap();
    assert_eq!(done.said.unwrap().text.unwrap(), "The supplier is not ready.");
    assert!(
        is_overtaken(standing(&done.works), Telling::Reminder, 0)
            && is_overtaken(standing(&done.works), Telling::Started, 0)
    );
    assert!(act(&announced(&colt), &Act::Cancel { reason: " " }, &by("Tom"), &colt).is_err());
}

#[test]
fn an_extension_ends_later_and_before_the_next_window() {
    let base = policy("base");
    let works = plan(draft(&[NIGHT, "2026-11-22 23:30 to 04:00"]), &by("Tom"), &base).unwrap().works;
    let works = act(&works, &Act::Announce, &by("Tom"), &base).unwrap().works;
    let start = works.starts_at().unwrap();
    let extend = |works: &DeskWorks, hours: i64| {
        act(works, &Act::Extend { until: start + Duration::minutes(hours * 60), text: None }, &at(start), &base)
    };
    assert!(refused(extend(&works, 6)).contains("only works that go on"));
    let started = act(&works, &Act::Start, &at(start), &base).unwrap().works;
    assert!(refused(extend(&started, 4)).contains("is not later"));
    assert!(refused(extend(&started, 25)).contains("the next window"));
    let done = extend(&started, 6).unwrap();
    assert_eq!(done.works.windows[0].ends_at, start + Duration::hours(6));
    assert_eq!(done.said.unwrap().before, works.windows);
}

#[test]
fn a_change_that_customers_would_not_see_is_not_told() {
    let base = policy("base");
    let works = announced(&base);
    let change = |change: Change| act(&works, &Act::Change { change: &change, text: None }, &by("Tom"), &base);
    let inside = change(Change { roll_back: Some("the old card".to_owned()), ..Change::default() }).unwrap();
    assert_eq!(inside.said, None);
    let other = vec![Affected { place: Place::Service { id: 7, name: "IS-7".to_owned() }, impact: Impact::Degraded }];
    let said = change(Change { affected: Some(other), ..Change::default() }).unwrap().said.unwrap();
    assert_eq!(said.no_longer[0].place, Place::Platform("voice".to_owned()));
    assert!(change(Change::default()).is_err());
}

#[test]
fn the_reminder_of_recurring_works_is_what_announces_them_unless_an_approval_lacks() {
    let calltower = policy("calltower");
    let rule = calltower.works.recurring("monthly-window").unwrap();
    let next = rule.next_after(tuesday()).unwrap();
    let works = propose(rule, next, vec!["voice".to_owned()], tuesday());
    assert_eq!(works.starts_at(), Some(window("2026-11-20 22:00 to 04:00").starts_at));
    assert_eq!(works.remind_at, Some(next.1.starts_at - Duration::days(7)));
    let due = works.remind_at.unwrap();
    let Reminded::Done(done) = reminder_is_due(&works, &calltower, due) else { panic!("customers are told") };
    assert_eq!((done.works.state, done.works.remind_at), (State::Announced, None));
    assert_eq!(done.said.as_ref().unwrap().telling, Telling::Reminder);
    let mut strict = calltower.clone();
    strict.works.recurring[0].approval = true;
    assert!(matches!(reminder_is_due(&works, &strict, due), Reminded::NotApproved(_)));
    let approved = act(&works, &Act::Approve, &by("Tom"), &strict).unwrap().works;
    assert!(matches!(reminder_is_due(&approved, &strict, due), Reminded::Done(_)));
    assert!(matches!(reminder_is_due(&works, &calltower, next.1.starts_at), Reminded::Over(_)), "it is too late");
    let certificates = calltower.works.recurring("certificate-update").unwrap();
    let quiet = propose(certificates, certificates.next_after(tuesday()).unwrap(), vec![], tuesday());
    assert_eq!((quiet.state, quiet.remind_at), (State::Announced, None), "it only stands in the calendar");
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
    assert!(refused(plan(Draft { reason: " ".to_owned(), ..draft(&[NIGHT]) }, &by("Tom"), &base)).contains("empty"));
    assert!(refused(plan(Draft { affected: vec![], ..draft(&[NIGHT]) }, &by("Tom"), &base)).contains("--platform"));
    let service = |id: i64| Affected { place: Place::Service { id, name: id.to_string() }, impact: Impact::Outage };
    let many = (1..=MOST_AFFECTED as i64 + 1).map(service).collect();
    assert!(refused(plan(Draft { affected: many, ..draft(&[NIGHT]) }, &by("Tom"), &base)).contains("at most"));
    let berlin = Draft { zone: Berlin, ..draft(&[NIGHT]) };
    assert_eq!(plan(berlin, &by("Tom"), &base).unwrap().works.zone, Berlin);
}
