//! The state machine, sentence by sentence, and what must hold whatever happens.

use chrono::{Duration, TimeZone};
use proptest::prelude::*;

use super::*;
use crate::{
    desk::{
        notice::Audience,
        policy::{self, Policy},
        reference::Reference,
    },
    mail::thread::Standing,
};

fn policy(name: &str) -> Policy {
    Policy::load(name, &policy::built_in).unwrap()
}

/// A Tuesday, 10:00 UTC.
fn tuesday() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 3, 10, 0, 0).unwrap()
}

fn case(status: Status) -> Case {
    let requester = Address::new(Some("Ada"), "ada@books.example");
    Case {
        id: CaseId(1),
        reference: Reference::from_counter(1, &[7; 32]).unwrap(),
        status,
        priority: Priority::P3,
        subject: "Printer".to_owned(),
        reply_to: requester.clone(),
        requester,
        closed_at: status.is_closed().then(tuesday),
        reviewed_at: Some(tuesday()),
        hold_until: (status == Status::OnHold).then(|| tuesday() + Duration::days(9)),
        duplicate_of: (status == Status::Duplicate).then_some(CaseId(2)),
        ..Case::sample(tuesday() - Duration::days(1))
    }
}

struct Writes {
    standing: Standing,
    received_at: DateTime<Utc>,
    only_thanks: bool,
    confirms: bool,
    asks_to_close: bool,
}

fn requester_at(received_at: DateTime<Utc>) -> Writes {
    Writes { standing: Standing::Requester, received_at, only_thanks: false, confirms: false, asks_to_close: false }
}

fn after_mail(case: &Case, mail: &Writes, policy: &Policy) -> Decision {
    let from = Address::bare("ada@books.example");
    let mail = CustomerMail {
        end_user: None,
        says_no: false,
        proven: true,
        from: &from,
        standing: mail.standing,
        received_at: mail.received_at,
        only_thanks: mail.only_thanks,
        confirms: mail.confirms,
        asks_to_close: mail.asks_to_close,
        excerpt: "",
        marks: &[],
    };
    decide(case, &Event::CustomerWrote(&mail), policy, tuesday() + Duration::days(30)).unwrap()
}

fn staff(case: &Case, act: &Act<'_>) -> Result<Decision, Refusal> {
    decide(case, &Event::Staff { name: "Frida", act }, &policy("base"), tuesday())
}

fn kinds(decision: &Decision) -> Vec<NoticeKind> {
    decision.notices.iter().map(|n| n.kind).filter(|k| !k.is_for_staff()).collect()
}

#[test]
fn a_participants_mail_makes_of_each_open_status_what_the_table_says() {
    let base = policy("base");
    for (from, to) in [
        (Status::New, Status::New),
        (Status::InProgress, Status::InProgress),
        (Status::AwaitingCustomer, Status::InProgress),
        (Status::OnHold, Status::InProgress),
        (Status::Shipping, Status::Shipping),
        (Status::Resolved, Status::InProgress),
        (Status::Reopened, Status::Reopened),
    ] {
        let decision = after_mail(&case(from), &requester_at(tuesday()), &base);
        assert_eq!(decision.case.status, to, "from {from}");
        assert_eq!(decision.case.priority, Priority::P3, "no mail changes a priority");
        assert!(kinds(&decision).is_empty(), "from {from}: {:?}", kinds(&decision));
    }
}

#[test]
fn the_requester_is_told_who_reopened_their_case_but_never_a_strangers_name() {
    let colleague = Address { name: Some("Ada Lovelace".to_owned()), email: "ada@books.test".to_owned() };
    for (standing, named) in [
        (Standing::Organisation, true),
        (Standing::Participant, true),
        (Standing::Authorised, true),
        (Standing::Stranger, false),
    ] {
        let mail = CustomerMail {
            from: &colleague,
            standing,
            received_at: tuesday(),
            only_thanks: false,
            confirms: false,
            asks_to_close: false,
            excerpt: "",
            marks: &[],
            end_user: None,
            says_no: false,
            proven: true,
        };
        let decision = decide(&case(Status::Closed), &Event::CustomerWrote(&mail), &policy("base"), tuesday()).unwrap();
        let data = &decision.notices.iter().find(|n| n.kind == NoticeKind::Reopened).unwrap().data;
        assert_eq!((&data["by_customer"], &data["by_other"]), (&false.into(), &true.into()), "{standing:?}");
        assert_eq!(data.get("writer").is_some_and(|w| w == "Ada Lovelace"), named, "{standing:?}");
        assert_eq!(data.contains_key("writer"), named, "{standing:?}");
    }
}

#[test]
fn a_reply_in_the_last_second_of_the_seven_days_reopens_and_keeps_the_priority() {
    let last = tuesday() + Duration::days(7);
    let decision = after_mail(&case(Status::Closed), &requester_at(last), &policy("base"));
    assert_eq!(decision.case.status, Status::Reopened);
    assert_eq!(decision.case.priority, Priority::P3);
    assert_eq!(decision.case.closed_at, None);
    assert_eq!(decision.case.reviewed_at, None, "shown for review");
    assert_eq!(kinds(&decision), [NoticeKind::Reopened]);
}

#[test]
fn a_reply_one_second_after_the_window_opens_a_linked_case() {
    let late = tuesday() + Duration::days(7) + Duration::seconds(1);
    assert_eq!(reply_to_case(&case(Status::Closed), late, false, &policy("base")), Reply::OpensLinked);
}

#[test]
fn a_mail_that_arrived_before_the_closing_reopens_even_where_no_response_always_links() {
    let calltower = policy("calltower");
    let closed = case(Status::ClosedNoResponse);
    let before = tuesday() - Duration::hours(1);
    assert_eq!(reply_to_case(&closed, before, false, &calltower), Reply::Reopens);
    let after = tuesday() + Duration::hours(1);
    assert_eq!(reply_to_case(&closed, after, false, &calltower), Reply::OpensLinked);
    assert_eq!(reply_to_case(&closed, after, false, &policy("base")), Reply::Reopens);
}

#[test]
fn a_thank_you_on_a_closed_case_is_recorded_and_reopens_nothing() {
    let thanks = Writes { only_thanks: true, ..requester_at(tuesday() + Duration::days(1)) };
    let decision = after_mail(&case(Status::Closed), &thanks, &policy("base"));
    assert_eq!(decision.case.status, Status::Closed);
    assert!(kinds(&decision).is_empty());
    assert!(!told_as_closed(&decision), "it was closed before");
}

/// Are staff told that the customer's mail closed the case?
fn told_as_closed(decision: &Decision) -> bool {
    let told = decision.notices.iter().find(|notice| notice.kind == NoticeKind::StaffCustomerWrote);
    told.expect("a notice to staff").data["closed"] == true
}

#[test]
fn a_confirmation_closes_a_resolved_case_only_when_the_requester_gives_it() {
    let mut confirmation = Writes { confirms: true, ..requester_at(tuesday()) };
    let decision = after_mail(&case(Status::Resolved), &confirmation, &policy("base"));
    assert_eq!(decision.case.status, Status::Closed);
    assert_eq!(kinds(&decision), [NoticeKind::Closed]);
    assert!(told_as_closed(&decision));
    confirmation.standing = Standing::Stranger;
    let decision = after_mail(&case(Status::Resolved), &confirmation, &policy("base"));
    assert_eq!(decision.case.status, Status::Resolved);
}

#[test]
fn a_wish_to_close_closes_every_open_case_only_when_the_requester_has_it() {
    let mut wish = Writes { asks_to_close: true, ..requester_at(tuesday()) };
    for from in [Status::New, Status::InProgress, Status::AwaitingCustomer, Status::OnHold, Status::Resolved] {
        let decision = after_mail(&case(from), &wish, &policy("base"));
        assert_eq!(decision.case.status, Status::Closed, "from {from}");
        assert_eq!(kinds(&decision), [NoticeKind::Closed], "from {from}");
    }
    let closed = after_mail(&case(Status::Closed), &wish, &policy("base"));
    assert_eq!(closed.case.status, Status::Closed, "asked for twice");
    assert!(kinds(&closed).is_empty());
    for standing in [Standing::Stranger, Standing::Participant, Standing::Organisation] {
        wish.standing = standing;
        let decision = after_mail(&case(Status::New), &wish, &policy("base"));
        assert_eq!(decision.case.status, Status::New, "{}", standing.as_str());
        assert!(kinds(&decision).is_empty());
    }
}

#[test]
fn staff_who_write_from_their_own_mail_program_move_nothing_and_nobody_is_mailed() {
    let mail = Writes { standing: Standing::Staff, ..requester_at(tuesday()) };
    let decision = after_mail(&case(Status::AwaitingCustomer), &mail, &policy("base"));
    assert_eq!(decision.case.status, Status::AwaitingCustomer);
    assert!(decision.notices.is_empty() && decision.clocks.is_empty());
}

#[test]
fn silence_is_warned_after_two_business_days_and_closed_one_after_the_warning_was_accepted() {
    let base = policy("base");
    let asked = staff(&case(Status::InProgress), &Act::Reply { text: "Which?", cc: &[], then: Then::Await }).unwrap();
    let thursday = tuesday() + Duration::days(2);
    assert!(asked.clocks.contains(&ClockChange::Set(Clock::NoResponseWarning, thursday)));
    let warned = decide(&asked.case, &Event::ClockRan(Clock::NoResponseWarning), &base, thursday).unwrap();
    assert_eq!(kinds(&warned), [NoticeKind::NoResponseWarning]);
    assert!(!warned.clocks.iter().any(|c| matches!(c, ClockChange::Set(..))), "nothing closes before it is accepted");
    let accepted = Event::Accepted { kind: NoticeKind::NoResponseWarning, decided_at: thursday };
    let at = thursday + Duration::hours(3);
    let counting = decide(&warned.case, &accepted, &base, at).unwrap();
    assert_eq!(counting.clocks, [ClockChange::Set(Clock::NoResponseClose, at + Duration::days(1))]);
    let closed = decide(&warned.case, &Event::ClockRan(Clock::NoResponseClose), &base, at + Duration::days(1)).unwrap();
    assert_eq!(closed.case.status, Status::ClosedNoResponse);
    assert_eq!(kinds(&closed), [NoticeKind::ClosedNoResponse]);
}

#[test]
fn the_no_response_clock_runs_from_the_last_public_mail_and_no_note_moves_it() {
    let waiting = case(Status::AwaitingCustomer);
    let again = staff(&waiting, &Act::Reply { text: "And which colour?", cc: &[], then: Then::Keep }).unwrap();
    assert_eq!(again.case.status, Status::AwaitingCustomer);
    let thursday = tuesday() + Duration::days(2);
    assert!(again.clocks.contains(&ClockChange::Set(Clock::NoResponseWarning, thursday)));
    assert!(again.clocks.contains(&ClockChange::Clear(Clock::NoResponseClose)));
    let noted = staff(&waiting, &Act::Note { text: "He is on holiday." }).unwrap();
    assert!(noted.clocks.is_empty() && noted.notices.is_empty());
    assert_eq!(noted.case.last_public_at, waiting.last_public_at);
}

#[test]
fn a_warning_that_bounced_closes_nothing_and_staff_are_told() {
    let kind = NoticeKind::NoResponseWarning;
    let lost = Event::NotDelivered { kind, number: Some(7), recipient: "a@b.example", reason: "550" };
    let decision = decide(&case(Status::AwaitingCustomer), &lost, &policy("base"), tuesday()).unwrap();
    assert_eq!(decision.clocks, [ClockChange::Clear(Clock::NoResponseClose)]);
    assert_eq!(decision.notices.iter().map(|n| n.kind).collect::<Vec<_>>(), [NoticeKind::StaffUndelivered]);
    assert!(decision.notices[0].data.contains_key("effect"));
    assert_eq!(decision.notices[0].data["number"], "7");
}

#[test]
fn a_warning_that_is_accepted_after_staff_wrote_again_is_overtaken() {
    let mut asked_again = case(Status::AwaitingCustomer);
    asked_again.last_public_at = Some(tuesday());
    let accepted =
        Event::Accepted { kind: NoticeKind::NoResponseWarning, decided_at: tuesday() - Duration::minutes(1) };
    assert!(decide(&asked_again, &accepted, &policy("base"), tuesday()).unwrap().clocks.is_empty());
}

#[test]
fn mail_to_staff_that_fails_makes_no_more_mail_to_staff() {
    let kind = NoticeKind::StaffNewCase;
    let lost = Event::NotDelivered { kind, number: Some(7), recipient: "f@desk.example", reason: "550" };
    let decision = decide(&case(Status::New), &lost, &policy("base"), tuesday()).unwrap();
    assert_eq!(decision, Decision::unchanged(&case(Status::New)));
}

#[test]
fn the_review_clock_runs_around_the_clock_and_stops_when_staff_act() {
    let mut unseen = case(Status::New);
    unseen.reviewed_at = None;
    let ran = decide(&unseen, &Event::ClockRan(Clock::Review), &policy("base"), tuesday()).unwrap();
    assert_eq!(ran.notices[0].kind, NoticeKind::StaffReview);
    assert_eq!(ran.notices[0].audience, Audience::Staff);
    let seen = staff(&unseen, &Act::Priority(Priority::P4)).unwrap();
    assert!(seen.case.reviewed_at.is_some());
    assert!(seen.clocks.contains(&ClockChange::Clear(Clock::Review)));
}

#[test]
fn each_refused_move_says_why() {
    for (from, act, why) in [
        (
            Status::Closed,
            Act::Status { to: Status::InProgress, until: None, text: None, tell: Tell::Nobody },
            "reopen it",
        ),
        (Status::New, Act::Status { to: Status::New, until: None, text: None, tell: Tell::Nobody }, "already"),
        (Status::New, Act::Status { to: Status::OnHold, until: None, text: None, tell: Tell::Nobody }, "--until"),
        (
            Status::New,
            Act::Status { to: Status::OnHold, until: Some(tuesday()), text: None, tell: Tell::Nobody },
            "past",
        ),
        (Status::New, Act::Status { to: Status::Duplicate, until: None, text: None, tell: Tell::Nobody }, "merge"),
        (
            Status::New,
            Act::Status { to: Status::ClosedNoResponse, until: None, text: None, tell: Tell::Nobody },
            "awaiting",
        ),
        (Status::New, Act::Reopen { tell: Tell::Nobody }, "is open"),
        (
            Status::Closed,
            Act::Etr { at: Some(tuesday() + Duration::hours(1)), text: None, tell: Tell::Customer },
            "reopen it first",
        ),
        (Status::New, Act::Etr { at: Some(tuesday()), text: None, tell: Tell::Customer }, "is over"),
        (Status::New, Act::Etr { at: None, text: None, tell: Tell::Customer }, "no estimated time"),
        (Status::Duplicate, Act::Reply { text: "x", cc: &[], then: Then::Keep }, "main case"),
        (Status::New, Act::Reply { text: " ", cc: &[], then: Then::Keep }, "empty"),
    ] {
        let refusal = staff(&case(from), &act).unwrap_err();
        assert!(refusal.0.contains(why), "{act:?} from {from}: {refusal}");
    }
}

#[test]
fn a_case_is_merged_only_into_a_living_case_of_its_own_organisation() {
    let mut main = case(Status::InProgress);
    main.id = CaseId(2);
    let merge =
        |main: &Case, requesters| staff(&case(Status::New), &Act::Merge { main, tell: Tell::Customer, requesters });
    let merged = merge(&main, Requesters::ByDomain).unwrap();
    assert_eq!(merged.case.status, Status::Duplicate);
    assert_eq!(merged.case.duplicate_of, Some(CaseId(2)));
    assert_eq!(merged.links, [Link { from: CaseId(1), to: CaseId(2), kind: LinkKind::DuplicateOf }]);
    main.requester = Address::bare("mei@teahouse.example");
    assert!(merge(&main, Requesters::ByDomain).is_err());
    assert!(merge(&main, Requesters::Together).is_ok(), "the directory knows more than the domain shows");
    main.requester = Address::bare("eve@books.example");
    assert!(merge(&main, Requesters::Apart).is_err(), "two customers of one provider's domain");
    let mut ended = case(Status::Closed);
    ended.id = CaseId(3);
    assert!(merge(&ended, Requesters::ByDomain).is_err());
}

#[test]
fn a_freemail_domain_makes_no_organisation() {
    let (mut one, mut other) = (case(Status::New), case(Status::InProgress));
    other.id = CaseId(2);
    one.requester = Address::bare("ada@gmail.com");
    other.requester = Address::bare("eve@gmail.com");
    assert!(!one.same_organisation(&other, &policy("base")));
}

fn any_status() -> impl Strategy<Value = Status> {
    proptest::sample::select(Status::ALL.to_vec())
}

fn any_open_target() -> impl Strategy<Value = Status> {
    proptest::sample::select(vec![
        Status::InProgress,
        Status::AwaitingCustomer,
        Status::OnHold,
        Status::Shipping,
        Status::Resolved,
        Status::Closed,
    ])
}

/// Anything that can happen to a case, as data.
#[derive(Debug, Clone)]
enum Happening {
    Mail { after_hours: i64, thanks: bool, confirms: bool, stranger: bool },
    Clock(Clock),
    Status(Status),
    Reply(u8),
    Reopen,
    Spam,
    WarningLost,
    WarningAccepted,
}

fn any_happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        (0..400_i64, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(after_hours, thanks, confirms, stranger)| Happening::Mail { after_hours, thanks, confirms, stranger }
        ),
        proptest::sample::select(Clock::ALL.to_vec()).prop_map(Happening::Clock),
        any_open_target().prop_map(Happening::Status),
        (0..3_u8).prop_map(Happening::Reply),
        Just(Happening::Reopen),
        Just(Happening::Spam),
        Just(Happening::WarningLost),
        Just(Happening::WarningAccepted),
    ]
}

fn happen(case: &Case, happening: &Happening, now: DateTime<Utc>) -> Option<Decision> {
    let base = policy("base");
    let from = Address::bare("ada@books.example");
    let mail;
    let act;
    let event = match happening {
        Happening::Mail { after_hours, thanks, confirms, stranger } => {
            mail = CustomerMail {
                end_user: None,
                says_no: false,
                proven: true,
                from: &from,
                standing: if *stranger { Standing::Stranger } else { Standing::Requester },
                received_at: case.closed_at.unwrap_or(now) + Duration::hours(*after_hours),
                only_thanks: *thanks,
                confirms: *confirms,
                asks_to_close: *confirms && *thanks,
                excerpt: "",
                marks: &[],
            };
            Event::CustomerWrote(&mail)
        }
        Happening::Clock(clock) => Event::ClockRan(*clock),
        Happening::WarningLost => {
            let kind = NoticeKind::NoResponseWarning;
            Event::NotDelivered { kind, number: None, recipient: "a@b.example", reason: "" }
        }
        Happening::WarningAccepted => Event::Accepted { kind: NoticeKind::NoResponseWarning, decided_at: now },
        staff => {
            act = match staff {
                Happening::Status(to) => {
                    let until = (*to == Status::OnHold).then(|| now + Duration::days(1));
                    Act::Status { to: *to, until, text: None, tell: Tell::Nobody }
                }
                Happening::Reply(0) => Act::Reply { text: "x", cc: &[], then: Then::Keep },
                Happening::Reply(1) => Act::Reply { text: "x", cc: &[], then: Then::Await },
                Happening::Reply(_) => Act::Reply { text: "x", cc: &[], then: Then::Resolve },
                Happening::Reopen => Act::Reopen { tell: Tell::Nobody },
                _ => Act::Spam,
            };
            Event::Staff { name: "Frida", act: &act }
        }
    };
    decide(case, &event, &base, now).ok()
}

proptest! {
    #[test]
    fn the_seven_days_are_exact_to_the_second(
        closed_ms in 0..4_000_000_000_000_i64,
        offset_s in -700_000..700_000_i64,
    ) {
        let closed_at = DateTime::from_timestamp_millis(closed_ms).unwrap();
        let mut closed = case(Status::Closed);
        closed.closed_at = Some(closed_at);
        let received_at = DateTime::from_timestamp(closed_at.timestamp() + offset_s, 0).unwrap();
        let expected = if offset_s <= 7 * 24 * 3600 { Reply::Reopens } else { Reply::OpensLinked };
        prop_assert_eq!(reply_to_case(&closed, received_at, false, &policy("base")), expected);
    }

    #[test]
    fn whatever_happens_a_case_stays_whole(happenings in proptest::collection::vec(any_happening(), 1..40)) {
        let mut now = tuesday();
        let mut case = case(Status::New);
        let mut clocks = std::collections::BTreeMap::new();
        for happening in happenings {
            now += Duration::minutes(47);
            if matches!(happening, Happening::Clock(clock) if !clocks.contains_key(&clock)) {
                continue;
            }
            let Some(decision) = happen(&case, &happening, now) else { continue };
            for change in &decision.clocks {
                match change {
                    ClockChange::Set(clock, due) => { clocks.insert(*clock, *due); }
                    ClockChange::Clear(clock) => { clocks.remove(clock); }
                }
            }
            let status = decision.case.status;
            prop_assert_eq!(decision.case.closed_at.is_some(), status.is_closed());
            prop_assert_eq!(decision.case.hold_until.is_some(), status == Status::OnHold);
            prop_assert_eq!(clocks.contains_key(&Clock::HoldEnd), status == Status::OnHold);
            prop_assert_eq!(clocks.contains_key(&Clock::ResolvedClose), status == Status::Resolved);
            let waiting = clocks.contains_key(&Clock::NoResponseWarning) || clocks.contains_key(&Clock::NoResponseClose);
            prop_assert!(!waiting || status == Status::AwaitingCustomer, "{:?} while {}", clocks, status);
            prop_assert!(!(clocks.contains_key(&Clock::Review) && status.is_closed()));
            prop_assert_eq!(decision.case.priority, case.priority, "only Act::Priority changes it");
            if status != case.status {
                let told = decision.history.iter().any(|e| matches!(e.what, What::Status { to, .. } if to == status));
                prop_assert!(told, "a change of status stands in the history");
            }
            case = decision.case;
        }
    }

    #[test]
    fn no_status_is_without_a_way_on(status in any_status()) {
        let here = case(status);
        if status == Status::Duplicate {
            // Its way on is its main case: mail is led there before the state machine is asked.
            prop_assert_eq!(here.duplicate_of, Some(CaseId(2)));
        } else {
            let by_mail = after_mail(&here, &requester_at(tuesday()), &policy("base")).case.status != status;
            let to = if status == Status::InProgress { Status::Resolved } else { Status::InProgress };
            let by_staff = staff(&here, &Act::Status { to, until: None, text: None, tell: Tell::Nobody }).is_ok();
            let reopened = staff(&here, &Act::Reopen { tell: Tell::Nobody }).is_ok();
            prop_assert!(by_mail || by_staff || reopened);
        }
    }
}

#[test]
fn an_answer_that_staff_sent_by_themselves_counts_as_a_reply_and_is_not_sent_again() {
    let (policy, now) = (policy("base"), tuesday());
    let case = Case { reviewed_at: None, ..case(Status::AwaitingCustomer) };
    let cc = [Address::bare("bob@books.example")];
    let act = Act::Replied { text: "It is out.", cc: &cc };
    let decision = decide(&case, &Event::Staff { name: "Tom", act: &act }, &policy, now).unwrap();
    assert_eq!(decision.notices, []);
    assert_eq!((decision.case.last_public_at, decision.case.reviewed_at), (Some(now), Some(now)));
    assert_eq!(decision.case.status, Status::AwaitingCustomer);
    assert_eq!(decision.participants, cc);
    let warn_at = policy.hours.add_business_days(now, policy.no_response_warning_business_days);
    assert!(decision.clocks.contains(&ClockChange::Set(Clock::NoResponseWarning, warn_at)));
    assert!(decision.history.iter().any(|e| e.what == What::Replied { text: "It is out.".to_owned() }));
}

#[test]
fn a_main_contacts_no_closes_an_end_users_request_and_tells_both() {
    let waiting = Case { reviewed_at: None, last_public_at: None, ..case(Status::AwaitingCustomer) };
    let (main, end_user) = (Address::bare("grace@books.example"), Address::bare("bob@books.example"));
    let no = CustomerMail {
        end_user: Some(&end_user),
        says_no: true,
        proven: true,
        from: &main,
        standing: Standing::Requester,
        received_at: tuesday(),
        only_thanks: false,
        confirms: false,
        asks_to_close: false,
        excerpt: "",
        marks: &[],
    };
    let base = policy("base");
    let after = |mail: &CustomerMail<'_>| decide(&waiting, &Event::CustomerWrote(mail), &base, tuesday()).unwrap();
    let declined = after(&no);
    assert_eq!(declined.case.status, Status::Closed);
    assert_eq!(kinds(&declined), [NoticeKind::Closed, NoticeKind::Closed, NoticeKind::StaffCustomerWrote]);
    assert_eq!(declined.notices[0].audience, crate::desk::notice::Audience::Person(end_user.clone()));
    assert_eq!(declined.notices[0].data["declined_by"], "grace@books.example");
    for unsure in
        [CustomerMail { proven: false, ..no.clone() }, CustomerMail { standing: Standing::Stranger, ..no.clone() }]
    {
        let decision = after(&unsure);
        assert_eq!(decision.case.status, Status::AwaitingCustomer);
        assert_eq!(kinds(&decision), [NoticeKind::StaffCustomerWrote]);
    }
    assert_eq!(after(&CustomerMail { says_no: false, ..no }).case.status, Status::InProgress);
}
