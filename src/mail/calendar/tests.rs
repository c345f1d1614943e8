use chrono::{Duration, TimeZone, Utc};

use super::*;
use crate::mail::address::Address;

fn notification() -> Notification {
    let start = Utc.with_ymd_and_hms(2026, 12, 8, 22, 0, 0).unwrap();
    Notification {
        works: 12,
        domain: "desk.example".into(),
        provider: "Example Networks".into(),
        account: "OCN4711".into(),
        maintenance_id: "works-12".into(),
        status: Status::Confirmed,
        objects: vec![Object { id: "FRA/MUC/IA-00013".into(), impact: Impact::Outage }],
        windows: vec![Window { number: 1, starts_at: start, ends_at: start + Duration::hours(4), gone: false }],
        organizer: Address::new(Some("Planned Works"), "works@desk.example"),
        contact: Some("NOC, +49 69 1234".into()),
        sequence: 0,
        stamp: Utc.with_ymd_and_hms(2026, 11, 24, 9, 0, 0).unwrap(),
        summary: None,
        description: None,
        invites: None,
    }
}

#[test]
fn a_notification_is_written_like_this() {
    let expected = "\
BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//Casepost//Planned works//EN\r
CALSCALE:GREGORIAN\r
BEGIN:VEVENT\r
UID:works-12-1@desk.example\r
SEQUENCE:0\r
DTSTAMP:20261124T090000Z\r
DTSTART:20261208T220000Z\r
DTEND:20261209T020000Z\r
SUMMARY:Planned works on Tuesday\r
DESCRIPTION:Line one\\nLine two\r
STATUS:CONFIRMED\r
TRANSP:TRANSPARENT\r
X-MICROSOFT-CDO-BUSYSTATUS:FREE\r
ORGANIZER;CN=\"Planned Works\":mailto:works@desk.example\r
CONTACT:NOC\\, +49 69 1234\r
X-MAINTNOTE-PROVIDER:Example Networks\r
X-MAINTNOTE-ACCOUNT:OCN4711\r
X-MAINTNOTE-MAINTENANCE-ID:works-12\r
X-MAINTNOTE-STATUS:CONFIRMED\r
X-MAINTNOTE-IMPACT:OUTAGE\r
X-MAINTNOTE-OBJECT-ID:FRA/MUC/IA-00013\r
END:VEVENT\r
END:VCALENDAR\r
";
    assert_eq!(notification().to_ical("Planned works on Tuesday", "Line one\nLine two\n"), expected);
}

#[test]
fn a_window_that_is_cancelled_says_so_in_its_first_word() {
    let start = Utc.with_ymd_and_hms(2026, 12, 9, 22, 0, 0).unwrap();
    let mut told = Notification { summary: Some("PW-0012 Exchange of a card".into()), ..notification() };
    told.windows.push(Window { number: 2, starts_at: start, ends_at: start + Duration::hours(4), gone: true });
    let ical = told.to_ical("x", "y");
    let summaries: Vec<&str> = ical.lines().filter(|line| line.starts_with("SUMMARY")).collect();
    assert_eq!(summaries, ["SUMMARY:PW-0012 Exchange of a card", "SUMMARY:Cancelled: PW-0012 Exchange of a card"]);
    let japanese = Notification { summary: Some("計画作業".into()), status: Status::Cancelled, ..notification() };
    assert!(japanese.to_ical("x", "y").contains("SUMMARY:Cancelled: Planned works works-12\r\n"));
}

#[test]
fn an_appointment_holds_the_facts_of_the_mail() {
    let text = "Hello Ada,\n\nOur works: Friday.\n\nDown:\n\n- IS-4711\n\n- What: a card\n- Our reference: PW-0012\n\n\
                Just reply.\n\n-- \nThe desk";
    let desk = "The desk";
    assert_eq!(
        facts(text, desk),
        "Our works: Friday.\n\nDown:\n\n- IS-4711\n\n- What: a card\n- Our reference: PW-0012"
    );
    for whole in ["", "one", "- a list alone", "Hello,\n\nno list\n\n-- \nx"] {
        assert_eq!(facts(whole, desk), whole);
    }
}

#[test]
fn an_appointment_does_not_greet_however_long_the_greeting_is() {
    let desk = "Desk 24";
    let text =
        "Ada 様\n\nいつもお世話になっております。Desk 24です。\n\n作業を実施いたします。\n\n- 作業番号：PW-0012\n";
    assert_eq!(facts(text, desk), "作業を実施いたします。\n\n- 作業番号：PW-0012\n");
    let told = "Hello,\n\nDesk 24 does works on 18 December.\n\n- PW-0012";
    assert_eq!(facts(told, desk), "Desk 24 does works on 18 December.\n\n- PW-0012");
    assert_eq!(facts("Hello,\n\n- Desk", "Desk"), "- Desk");
    let small = "Guten Tag,\n\nam 18. Dezember wird gearbeitet.\n\n- PW-0012";
    assert_eq!(facts(small, desk), "Am 18. Dezember wird gearbeitet.\n\n- PW-0012");
}

#[test]
fn what_a_notice_keeps_comes_back() {
    let kept = serde_json::to_value(notification()).unwrap();
    assert_eq!(kept["status"], "CONFIRMED");
    assert_eq!(serde_json::from_value::<Notification>(kept).unwrap(), notification());
}

#[test]
fn each_of_several_services_has_its_own_impact_and_the_worst_is_said_of_all() {
    let mut told = notification();
    told.objects.push(Object { id: "IS-1".into(), impact: Impact::NoImpact });
    let calendar = told.to_ical("s", "t").replace("\r\n ", "");
    assert!(calendar.contains("\r\nX-MAINTNOTE-OBJECT-ID;X-MAINTNOTE-OBJECT-IMPACT=OUTAGE:FRA/MUC/IA-00013\r\n"));
    assert!(calendar.contains("\r\nX-MAINTNOTE-OBJECT-ID;X-MAINTNOTE-OBJECT-IMPACT=NO-IMPACT:IS-1\r\n"));
    assert!(calendar.contains("\r\nX-MAINTNOTE-IMPACT:OUTAGE\r\n"));
}

#[test]
fn a_window_that_is_gone_is_cancelled_and_the_others_are_not() {
    let mut told = notification();
    let other = Window { number: 2, gone: true, ..told.windows[0] };
    told.windows.push(other);
    let calendar = told.to_ical("s", "t");
    let events: Vec<&str> = calendar.split("BEGIN:VEVENT").skip(1).collect();
    assert!(events[0].contains("works-12-1@") && events[0].contains("\r\nSTATUS:CONFIRMED\r\n"));
    assert!(events[1].contains("works-12-2@") && events[1].contains("\r\nSTATUS:CANCELLED\r\n"));
    assert!(events[1].contains("\r\nX-MAINTNOTE-STATUS:CANCELLED\r\n"));
}

#[test]
fn whoever_is_invited_is_asked_and_nobody_is_asked_about_several_windows() {
    let mut told = notification();
    assert_eq!(told.method(), None);
    assert!(!told.to_ical("s", "t").contains("METHOD"));
    told.invites = Some(Address::bare("noc@customer.example"));
    let calendar = told.to_ical("s", "t").replace("\r\n ", "");
    assert!(calendar.contains("\r\nMETHOD:REQUEST\r\n"));
    let asked =
        "\r\nATTENDEE;CN=\"noc@customer.example\";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:noc";
    assert!(calendar.contains(asked), "{calendar}");
    assert!(calendar.contains("\r\nX-MICROSOFT-CDO-INTENDEDSTATUS:FREE\r\n"));
    told.status = Status::InProcess;
    assert_eq!(told.method(), Some("REQUEST"));
    assert!(told.to_ical("s", "t").replace("\r\n ", "").contains("RSVP=FALSE:mailto:noc"), "it goes on already");
    told.status = Status::Cancelled;
    assert_eq!(told.method(), Some("CANCEL"));
    assert!(!told.to_ical("s", "t").replace("\r\n ", "").contains("RSVP"));
    told.windows.push(Window { number: 2, ..told.windows[0] });
    assert_eq!(told.method(), None);
    assert!(!told.to_ical("s", "t").contains("ATTENDEE"));
}

#[test]
fn an_end_that_is_no_later_than_the_start_is_mended() {
    let mut told = notification();
    told.windows[0].ends_at = told.windows[0].starts_at - Duration::hours(1);
    assert!(told.to_ical("s", "t").contains("\r\nDTEND:20261208T220001Z\r\n"));
}

#[test]
fn a_feed_has_its_name_its_refresh_and_the_uids_of_the_mails() {
    let window = notification().windows[0];
    let feed = Feed {
        name: "計画作業, Voice".into(),
        domain: "desk.example".into(),
        refresh: Duration::hours(1),
        entries: vec![Entry {
            id: WindowId { works: 12, window: 1 },
            starts_at: window.starts_at,
            ends_at: None,
            status: Status::Tentative,
            sequence: 3,
            stamp: notification().stamp,
            summary: "計画作業".into(),
            description: String::new(),
        }],
    };
    let calendar = feed.to_ical();
    for line in [
        "NAME:計画作業\\, Voice",
        "X-WR-CALNAME:計画作業\\, Voice",
        "REFRESH-INTERVAL;VALUE=DURATION:PT60M",
        "X-PUBLISHED-TTL:PT60M",
        "UID:works-12-1@desk.example",
        "SUMMARY:計画作業",
        "STATUS:TENTATIVE",
        "SEQUENCE:3",
    ] {
        assert!(calendar.contains(&format!("\r\n{line}\r\n")), "{line}: {calendar}");
    }
    assert!(!calendar.contains("DTEND") && !calendar.contains("DESCRIPTION"));
    assert_eq!(calendar, feed.to_ical());
}
