//! The notices and the variables that each offers to its template, with a sample of every value: what `casepost check`
//! renders, and what templates may rely on.

use chrono::DateTime;
use chrono_tz::Tz;
use serde_json::{Map, Value, json};

use crate::{desk::hours::Zone, mail::wording};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// a text that is always there
    Text(&'static str),
    /// a text that may be absent: `{{#if …}}` belongs around it
    Optional(&'static str),
    /// an instant (RFC 3339) that is always there; mails write it in their own language
    Time(&'static str),
    /// an instant that may be absent
    OptionalTime(&'static str),
    /// a sum of US dollars, in figures, that may be absent
    OptionalMoney(&'static str),
    /// a word of `words.toml`, by its table and key
    Word(&'static str),
    /// a text of the policy's, in each of the desk's languages; it may be absent
    OptionalTexts(&'static [(&'static str, &'static str)]),
    /// true or false
    Flag,
    /// a list of texts, possibly empty; each is `{{this}}`
    Texts(&'static [&'static str]),
    /// a list of words of `words.toml`, possibly empty; each is `{{this}}`
    Words(&'static [&'static str]),
    /// a list of at least one thing, with these variables each
    Things(&'static [Variable]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    pub name: &'static str,
    pub kind: Kind,
}

const fn text(name: &'static str, sample: &'static str) -> Variable {
    Variable { name, kind: Kind::Text(sample) }
}

const fn optional(name: &'static str, sample: &'static str) -> Variable {
    Variable { name, kind: Kind::Optional(sample) }
}

const fn time(name: &'static str, sample: &'static str) -> Variable {
    Variable { name, kind: Kind::Time(sample) }
}

const fn optional_time(name: &'static str, sample: &'static str) -> Variable {
    Variable { name, kind: Kind::OptionalTime(sample) }
}

const fn optional_money(name: &'static str, sample: &'static str) -> Variable {
    Variable { name, kind: Kind::OptionalMoney(sample) }
}

const fn word(name: &'static str, sample: &'static str) -> Variable {
    Variable { name, kind: Kind::Word(sample) }
}

const fn words(name: &'static str, samples: &'static [&'static str]) -> Variable {
    Variable { name, kind: Kind::Words(samples) }
}

const fn flag(name: &'static str) -> Variable {
    Variable { name, kind: Kind::Flag }
}

const fn texts(name: &'static str, samples: &'static [&'static str]) -> Variable {
    Variable { name, kind: Kind::Texts(samples) }
}

const fn things(name: &'static str, each: &'static [Variable]) -> Variable {
    Variable { name, kind: Kind::Things(each) }
}

/// What every notice offers.
pub const EVERY: &[Variable] = &[text("desk_name", "Example Support"), text("desk_address", "support@desk.example")];

const REFERENCE: Variable = text("reference", "1-0123456789");
const SUBJECT: Variable = text("subject", "Line 4711 down since 07:40 <urgent?> *please*");
const PRIORITY: Variable = text("priority", "P4");
const END_USER: Variable = optional("end_user", "Charles Babbage <charles@customer.example>");
const REQUESTER: Variable = text("requester", "Ada Lovelace <ada@customer.example>");
const RECEIVED_AT: Variable = time("received_at", "2026-11-24T07:52:00-07:00");
const SENDER: Variable = text("sender", "Ada Lovelace <ada@customer.example>");
const ATTACHMENTS: Variable = texts("attachments", &["traceroute.txt", "写真 1.jpg"]);
const RESPOND_BY: Variable = time("respond_by", "2026-11-25T17:00:00-07:00");
const URGENT: Variable = Variable {
    name: "urgent",
    kind: Kind::OptionalTexts(&[
        ("en", "telephone +1 303 555 0100 at any hour."),
        ("de", "Telefon +1 303 555 0100, rund um die Uhr."),
        ("fr", "téléphone +1 303 555 0100, à toute heure."),
        ("bg", "телефон +1 303 555 0100, денонощно."),
        ("ja", "電話 +1 303 555 0100（24時間受付）"),
    ]),
};
const CLOSED_AT: Variable = optional_time("closed_at", "2026-11-09T16:30:00-07:00");
const REOPEN_UNTIL: Variable = optional_time("reopen_until", "2026-12-01T16:30:00-07:00");
const STAFF_NAME: Variable = text("staff_name", "Grace Hopper");
const WRITTEN: &str = "The card in your access router had failed and was changed at 11:20.\n\nPlease check two things:\n  1. that the line is up,\n  2. that *both* tunnels are <established>.";
const BODY: Variable = text("body", WRITTEN);
const MAYBE_BODY: Variable = optional("body", WRITTEN);
const EXCERPT: Variable = text(
    "excerpt",
    "Hello,\nour line 4711 is down since 07:40, and 30 people can't work.\n\nWhat we tried:\n- restarted the router",
);
/// This is the last mail of its kind that this person gets within the hour.
const IS_LAST: Variable = flag("is_last");
/// What the mail asks for, and what it tells of the matter.
const ASKED: Variable = texts("asked", &["asks for: escalate, rfo", "service id: AB-1234", "impact: degradation"]);
/// What the desk needs to know and the mail does not tell.
const MISSING: Variable = words("missing", &["question.service", "question.start-time"]);
/// Who the customer is, what it is about and by when something is due, for staff.
const FACTS: Variable = texts(
    "facts",
    &[
        "Customer: Ada Lovelace <ada@customer.example>, Customer Ltd, telephone +1 303 555 0142",
        "Service: VPN-1001, circuit LON/NYC/1, Denver",
        "Clock: no response warning Thu 26 November 2026, 17:00 (MST)",
    ],
);
/// What happened last on the case, the newest first, for staff.
const HISTORY: Variable =
    texts("history", &["2026-11-24 07:52 Ada: \"The line is down\"", "2026-11-24 07:55 Grace: priority P2"]);
/// More than one thing is asked for.
const SEVERAL_MISSING: Variable = flag("several_missing");
/// To somebody who wrote in another language than the only one of the desk.
const WRITE_IN_ENGLISH: Variable =
    optional("write_in_english", "お問い合わせは承りました。恐れ入りますが、当窓口からのご返信は英語のみとなります。");
const MARKS: Variable = texts("marks", &["marked as spam by the mail server", "the writer is no participant"]);

// A change request: none of the three flags is a change of another kind, or one of which nobody has said more.
const IS_MOVE: Variable = flag("is_move");
const IS_ADD: Variable = flag("is_add");
const IS_DELETE: Variable = flag("is_delete");
const EXPEDITED: Variable = flag("expedited");
const PRICE_PER_HOUR: Variable = optional_money("price_per_hour", "100.00");
const STEP_MINUTES: Variable = text("step_minutes", "15");
const ESTIMATED_MINUTES: Variable = optional("estimated_minutes", "45");
const ESTIMATED_PRICE: Variable = optional_money("estimated_price", "75.00");
const MAYBE_RESPOND_BY: Variable = optional_time("respond_by", "2026-11-24T11:52:00-07:00");
const DONE_BY: Variable = optional_time("done_by", "2026-11-25T07:52:00-07:00");
/// As the telephone system wants it typed.
const TELEPHONE_REFERENCE: Variable = text("telephone_reference", "10123456789");
const RFO_DUE: Variable = optional_time("due", "2026-12-01T11:25:00-07:00");
const TASK: &str = "Send the logs of the <second> router since *Monday*";
const TASK_DUE: Variable = time("due", "2026-11-25T12:00:00-07:00");

/// What a reason for outage and an incident report offer, as a mail and as a document.
const REPORT: &[Variable] = &[
    flag("incident_report"),
    text("customer", "Customer & Sons"),
    texts("services", &["FRA/MUC/IA-00013", "AB-1234"]),
    time("reported_at", "2026-11-24T07:52:00-07:00"),
    optional_time("first_response_at", "2026-11-24T08:01:00-07:00"),
    optional_time("restored_at", "2026-11-24T11:20:00-07:00"),
    optional_time("closed_at", "2026-11-25T09:00:00-07:00"),
    flag("duration"),
    optional("days", "1"),
    optional("hours", "3"),
    text("minutes", "28"),
    things(
        "timeline",
        &[
            time("at", "2026-11-24T11:20:00-07:00"),
            flag("reported"),
            flag("first_response"),
            word("status", "status.resolved"),
        ],
    ),
    optional("impact", "No calls in or out of the Denver site."),
    flag("is_service_affecting"),
    flag("is_degradation"),
    flag("is_not_service_affecting"),
    text("cause", "The card in the access router had failed <at 07:40>.\n\nIts *spare* was of the same batch."),
    optional("resolution", "The card was changed at 11:20."),
    things(
        "preventive",
        &[
            text("text", "All cards of this batch are changed"),
            optional_time("due", "2026-12-04T17:00:00-07:00"),
            flag("done"),
        ],
    ),
    STAFF_NAME,
    time("written_at", "2026-11-27T10:00:00-07:00"),
];

/// What every notice to a customer about a case offers.
const CASE: &[Variable] =
    &[REFERENCE, SUBJECT, optional("greeting_name", "Ada"), PRIORITY, word("status", "status.in-progress")];

/// What every notice to staff about a case offers.
const STAFF: &[Variable] = &[REFERENCE, SUBJECT, REQUESTER, PRIORITY, text("status", "in-progress")];

/// What staff are told of a promise to the customer.
const PROMISE: &[Variable] = &[
    text("promise", "first response"),
    texts(
        "promises",
        &["first response: by Tue 24 November 2026, 08:07 (MST), promised since Tue 24 November 2026, 07:52 (MST)"],
    ),
    flag("unassigned"),
];

/// What every notice to customers about planned works offers.
const WORKS: &[Variable] = &[
    text("works", "PW-0012"),
    word("kind", "works.monthly-window"),
    text("description", "Exchange of a line card in Leeds"),
    text("reason", "the card shows first signs of age"),
    optional("emergency", "the card drops packets"),
    optional("contact", "Network operations, +44 20 7946 0100"),
    MAYBE_BODY,
    optional("greeting_name", "Ada"),
    time("starts_at", "2026-12-18T22:00:00-07:00"),
    time("ends_at", "2026-12-20T04:00:00-07:00"),
    things("windows", &[time("starts_at", "2026-12-18T22:00:00-07:00"), time("ends_at", "2026-12-19T04:00:00-07:00")]),
    flag("several"),
    optional_time("ended_at", "2026-12-19T03:10:00-07:00"),
    things(
        "not_needed",
        &[time("starts_at", "2026-12-19T22:00:00-07:00"), time("ends_at", "2026-12-20T04:00:00-07:00")],
    ),
    flag("released"),
    optional_time("before_starts_at", "2026-12-11T22:00:00-07:00"),
    optional_time("before_ends_at", "2026-12-12T04:00:00-07:00"),
    things(
        "before_windows",
        &[time("starts_at", "2026-12-11T22:00:00-07:00"), time("ends_at", "2026-12-12T04:00:00-07:00")],
    ),
    word("impact", "impact.outage"),
    flag("yours"),
    texts("outage", &["IS-4711, LON/LDS/IA-00017, Leeds", "IS-4712, LON/LDS/IA-00018, Leeds"]),
    texts("degraded", &["IS-4713, LON/MAN/IA-00020, Manchester"]),
    texts("reduced", &["IS-4714, LON/MAN/IA-00021, Manchester"]),
    texts("unaffected", &["IS-4715, LON/YRK/IA-00022, York"]),
    texts("no_longer", &["IS-4716, LON/YRK/IA-00023, York"]),
];

/// What every customer is told of a major network incident.
const INCIDENT: &[Variable] = &[
    REFERENCE,
    SUBJECT,
    optional("greeting_name", "Ada Lovelace"),
    text("number", "MNI-0007"),
    text("title", "Hosted voice: no incoming calls"),
    text("impact", "No incoming calls; outgoing calls work."),
    texts("platforms", &["Hosted voice"]),
    texts("sites", &["Denver"]),
    optional("body", "The card that had failed is being changed.\n\nCalls come through the second site meanwhile."),
    time("began_at", "2026-11-24T07:40:00-07:00"),
    time("said_at", "2026-11-24T09:00:00-07:00"),
    optional_time("next_update", "2026-11-24T10:00:00-07:00"),
    optional_time("etr", "2026-11-24T16:00:00-07:00"),
    text("staff_name", "Grace Hopper"),
    texts("cases", &["1-0123456789", "1-0555555555"]),
    flag("several_cases"),
    texts("services", &["DEN/VOICE/0042"]),
];

const NOTICES: &[(&str, &[Variable], &[Variable])] = &[
    (
        "acknowledgement",
        CASE,
        &[
            RECEIVED_AT,
            SENDER,
            ATTACHMENTS,
            RESPOND_BY,
            URGENT,
            flag("truncated"),
            flag("encrypted"),
            MISSING,
            SEVERAL_MISSING,
            WRITE_IN_ENGLISH,
            optional("incident", "Hosted voice: no incoming calls"),
            optional("incident_text", "A card in Denver has failed. We are changing it."),
            optional_time("incident_etr", "2026-11-24T16:00:00-07:00"),
            optional_time("incident_next_update", "2026-11-24T10:00:00-07:00"),
        ],
    ),
    (
        "linked",
        CASE,
        &[
            RECEIVED_AT,
            SENDER,
            ATTACHMENTS,
            RESPOND_BY,
            URGENT,
            flag("truncated"),
            flag("encrypted"),
            text("previous_reference", "1-0987654321"),
            CLOSED_AT,
            WRITE_IN_ENGLISH,
            optional("incident", "Hosted voice: no incoming calls"),
            optional("incident_text", "A card in Denver has failed. We are changing it."),
            optional_time("incident_etr", "2026-11-24T16:00:00-07:00"),
            optional_time("incident_next_update", "2026-11-24T10:00:00-07:00"),
        ],
    ),
    ("opened-by-phone", CASE, &[RECEIVED_AT, RESPOND_BY, URGENT]),
    ("reopened", CASE, &[CLOSED_AT, flag("by_customer"), flag("by_other"), optional("writer", "Charles Babbage")]),
    ("reply", CASE, &[BODY, STAFF_NAME]),
    ("awaiting", CASE, &[MAYBE_BODY, STAFF_NAME, time("warn_at", "2026-11-26T17:00:00-07:00")]),
    ("status", CASE, &[MAYBE_BODY, optional_time("until", "2026-11-30T08:00:00-07:00")]),
    (
        "no-response-warning",
        CASE,
        &[time("asked_at", "2026-11-24T11:25:00-07:00"), time("closes_at", "2026-11-27T11:25:00-07:00")],
    ),
    ("closed-no-response", CASE, &[REOPEN_UNTIL]),
    ("resolved", CASE, &[MAYBE_BODY, STAFF_NAME, time("closes_at", "2026-12-01T11:25:00-07:00")]),
    ("closed", CASE, &[MAYBE_BODY, REOPEN_UNTIL, optional("declined_by", "Grace Hopper")]),
    (
        "merged",
        CASE,
        &[text("main_reference", "1-0555555555"), optional("main_subject", "Power failure in Denver, hall 2")],
    ),
    ("digest", &[], &[things("cases", &[REFERENCE, SUBJECT, RECEIVED_AT])]),
    (
        "staff-new-case",
        STAFF,
        &[
            RECEIVED_AT,
            EXCERPT,
            MARKS,
            ASKED,
            FACTS,
            HISTORY,
            texts("linked", &["1-0987654321", "1-0555555555"]),
            END_USER,
        ],
    ),
    (
        "staff-customer-wrote",
        STAFF,
        &[
            text("writer", "Charles Babbage <charles@customer.example>"),
            EXCERPT,
            MARKS,
            ASKED,
            FACTS,
            HISTORY,
            flag("reopened"),
            flag("closed"),
        ],
    ),
    ("staff-review", STAFF, &[time("opened_at", "2026-11-24T07:52:00-07:00"), text("minutes", "30")]),
    (
        "staff-undelivered",
        STAFF,
        &[
            text("recipient", "ada@customer.example"),
            text("what", "no-response-warning"),
            text("reason", "550 5.1.1 <ada@customer.example>: user unknown"),
            optional("effect", "The case stays open: the warning did not arrive."),
            optional("number", "91"),
        ],
    ),
    (
        "staff-decide",
        STAFF,
        &[text("reason", "The warning could not be delivered, so the case will not close by itself.")],
    ),
    ("staff-promise-warning", STAFF, PROMISE),
    ("staff-promise-breach", STAFF, PROMISE),
    ("staff-etr", STAFF, &[time("etr", "2026-11-24T16:00:00-07:00")]),
    ("etr", CASE, &[optional_time("etr", "2026-11-24T16:00:00-07:00"), MAYBE_BODY]),
    (
        "staff-list",
        &[],
        &[
            text("title", "Mail that was too old to be answered automatically when it was read"),
            optional("more", "1234"),
            things("cases", &[REFERENCE, SUBJECT, REQUESTER, RECEIVED_AT]),
        ],
    ),
    (
        "staff-quarantine",
        &[],
        &[
            text("mailbox", "support"),
            text("key", "uid 1234 of validity 99"),
            RECEIVED_AT,
            text("reason", "more than 1,000 nested parts"),
            optional("sender", "eve@stranger.example"),
            text("number", "12"),
            IS_LAST,
        ],
    ),
    (
        "staff-trouble",
        &[],
        &[
            text("area", "mailbox support"),
            flag("is_mailbox"),
            flag("is_sending"),
            flag("is_reload"),
            flag("is_disk"),
            flag("is_subscribing"),
            flag("is_page"),
            flag("over"),
            flag("needs_person"),
            time("since", "2026-11-24T07:40:00-07:00"),
            optional_time("until", "2026-11-24T09:05:00-07:00"),
            text("error", "mail.example.com:993 refuses the user or the password: Authentication failed."),
            IS_LAST,
        ],
    ),
    ("confirm-sender", &[], &[SUBJECT, RECEIVED_AT, optional("greeting_name", "Ada")]),
    ("refused", &[], &[SUBJECT, RECEIVED_AT, optional("greeting_name", "Ada")]),
    (
        "confirm-address",
        &[],
        &[
            optional("greeting_name", "Ada"),
            text("old_address", "ada@customer.example"),
            text("new_address", "ada.lovelace@customer.example"),
        ],
    ),
    (
        "go-through",
        CASE,
        &[
            RECEIVED_AT,
            SENDER,
            texts("main_contacts", &["Grace Hopper <grace@customer.example>, +1 303 555 0142"]),
            flag("shown"),
        ],
    ),
    (
        "end-user-asks",
        CASE,
        &[
            RECEIVED_AT,
            text("end_user", "Charles Babbage <charles@customer.example>"),
            optional("excerpt", "Hello,\nmy telephone does not ring.\n\nCharles"),
        ],
    ),
    ("agreed", CASE, &[text("main_contact", "Grace Hopper"), optional("end_user", "Charles Babbage")]),
    (
        "macd-received",
        CASE,
        &[
            RECEIVED_AT,
            IS_MOVE,
            IS_ADD,
            IS_DELETE,
            EXPEDITED,
            PRICE_PER_HOUR,
            STEP_MINUTES,
            ESTIMATED_MINUTES,
            ESTIMATED_PRICE,
            flag("approved"),
            texts("waits_for", &["Grace Hopper", "alan@customer.example"]),
            MAYBE_RESPOND_BY,
            DONE_BY,
        ],
    ),
    (
        "macd-approve",
        CASE,
        &[
            IS_MOVE,
            IS_ADD,
            IS_DELETE,
            EXPEDITED,
            PRICE_PER_HOUR,
            STEP_MINUTES,
            ESTIMATED_MINUTES,
            ESTIMATED_PRICE,
            flag("own"),
            text("requester", "Charles Babbage <charles@customer.example>"),
            optional("excerpt", "Hello,\nplease add two extensions for the new colleagues.\n\nCharles"),
        ],
    ),
    (
        "macd-answered",
        CASE,
        &[
            IS_MOVE,
            IS_ADD,
            IS_DELETE,
            EXPEDITED,
            PRICE_PER_HOUR,
            STEP_MINUTES,
            ESTIMATED_MINUTES,
            ESTIMATED_PRICE,
            flag("approved"),
            flag("own"),
            text("decided_by", "Grace Hopper"),
            MAYBE_RESPOND_BY,
            DONE_BY,
            REOPEN_UNTIL,
        ],
    ),
    (
        "staff-macd",
        STAFF,
        &[
            text("request", "change request (add, expedited)"),
            text("what", "first response"),
            time("due", "2026-11-24T23:52:00-07:00"),
            flag("at_any_hour"),
            flag("breached"),
        ],
    ),
    (
        "supplier-times",
        CASE,
        &[
            text("supplier", "Mountain Fibre"),
            time("since", "2026-11-24T08:30:00-07:00"),
            optional_time("first_response_by", "2026-11-24T12:30:00-07:00"),
            optional_time("expected_by", "2026-11-26T17:00:00-07:00"),
            optional_time("delays_until", "2026-11-26T17:00:00-07:00"),
            flag("nothing_known"),
            STAFF_NAME,
        ],
    ),
    ("billing-request", CASE, &[SENDER]),
    ("billing-passed-on", CASE, &[RECEIVED_AT, text("billing_address", "billing@desk.example")]),
    (
        "works-recorded",
        CASE,
        &[
            optional_time("starts_at", "2027-01-05T22:00:00+01:00"),
            optional_time("ends_at", "2027-01-06T02:00:00+01:00"),
            texts("services", &["IS-4711", "FRA/MUC/IA-00013"]),
            optional("customer_number", "OCN 123456"),
            optional("owner", "Ada Lovelace"),
            flag("late"),
            optional("notice_days", "20"),
            flag("complete"),
            flag("again"),
            MISSING,
            SEVERAL_MISSING,
        ],
    ),
    (
        "escalated",
        CASE,
        &[
            optional("level", "2"),
            optional("title", "Incident manager"),
            optional("reach", "Grace Hopper, +44 20 7946 0002, grace@desk.example"),
            optional_time("since", "2026-11-24T11:25:00-07:00"),
            optional_time("next_allowed", "2026-11-24T12:25:00-07:00"),
            flag("asked"),
            flag("again"),
            flag("top"),
            TELEPHONE_REFERENCE,
        ],
    ),
    (
        "escalation-by-telephone",
        CASE,
        &[
            text("next_level", "2"),
            text("next_title", "Incident manager"),
            text("next_telephone", "+44 20 7946 0002"),
            flag("top"),
            things(
                "matrix",
                &[text("level", "2"), text("title", "Incident manager"), text("reach", "+44 20 7946 0002")],
            ),
            TELEPHONE_REFERENCE,
        ],
    ),
    ("escalation-superseded", CASE, &[URGENT]),
    (
        "staff-escalated",
        STAFF,
        &[
            text("level", "2"),
            text("title", "Incident manager"),
            optional("reach", "Grace Hopper, +44 20 7946 0002, grace@desk.example"),
            text("from_title", "Team leader"),
            optional("from_reach", "Tom Miller, +44 20 7946 0001"),
            optional("next", "3 (Senior manager)"),
            flag("yours"),
            flag("by_telephone"),
            text("why", "Ada Lovelace asked for it by mail."),
            optional("said", "Please escalate this case: it has been open for two days."),
            time("opened_at", "2026-11-24T07:52:00-07:00"),
            optional("assignee", "Tom Miller"),
            optional("organisation", "Books & Maps Ltd"),
            optional("telephone", "+1 303 555 0142"),
            TELEPHONE_REFERENCE,
            texts(
                "at_customer",
                &["escalation-1: Charles Babbage, Head of IT, +1 303 555 0143, charles@customer.example"],
            ),
        ],
    ),
    ("defer-asked", CASE, &[time("until", "2026-11-25T09:00:00-07:00"), MAYBE_BODY, STAFF_NAME, URGENT]),
    (
        "staff-command",
        STAFF,
        &[
            texts("done", &["priority P2", "your text goes to the customer, who is asked to confirm; status resolved"]),
            texts("refused", &["#statsu resolved: there is no such command"]),
            optional("powerless", "It forwards a mail. Reply to the desk's mail instead."),
            texts("known", &["#note: the text stays inside"]),
        ],
    ),
    ("rfo", CASE, REPORT),
    ("rfo-recorded", CASE, &[flag("incident_report"), flag("kept"), flag("timed"), flag("begins"), RFO_DUE]),
    ("rfo-not-given", CASE, &[flag("incident_report"), texts("only", &["P1", "P2"])]),
    (
        "staff-rfo",
        STAFF,
        &[
            text("kind", "RFO"),
            text("person", "Ada Lovelace <ada@customer.example>"),
            RFO_DUE,
            flag("begins"),
            flag("overdue"),
            flag("drafted"),
        ],
    ),
    (
        "attention-recorded",
        CASE,
        &[
            URGENT,
            text("telephone_reference", "10123456789"),
            flag("missing"),
            flag("missing_reason"),
            flag("missing_milestone"),
            flag("missing_contact"),
            flag("missing_description"),
            flag("check_severity"),
            flag("check_workaround"),
        ],
    ),
    (
        "staff-attention",
        STAFF,
        &[
            text("person", "Ada Lovelace"),
            flag("by_telephone"),
            flag("missed"),
            optional_time("call_back_by", "2026-11-24T12:40:00-07:00"),
            optional("telephone", "+1 303 555 0142"),
            optional("manager_contact", "Grace Hopper, +1 303 555 0143"),
            optional("reason", "Our shop can't sell: 10,000 EUR an hour."),
            optional("milestone", "2026-12-01, go-live"),
            texts("missing", &["the milestone, with its date", "whom to call"]),
            flag("several_without_urgency"),
            text("without_urgency", "3"),
            text("organisation", "customer.example"),
        ],
    ),
    ("task-reminder", CASE, &[text("task", TASK), text("owner", "Charles Babbage"), TASK_DUE]),
    (
        "staff-task",
        STAFF,
        &[
            text("task", TASK),
            text("owner", "Grace Hopper"),
            text("number", "2"),
            TASK_DUE,
            flag("customers"),
            flag("overdue"),
            flag("failed"),
        ],
    ),
    ("works-announced", WORKS, &[]),
    ("works-changed", WORKS, &[]),
    ("works-rescheduled", WORKS, &[]),
    ("works-reminder", WORKS, &[]),
    ("works-started", WORKS, &[]),
    ("works-extended", WORKS, &[]),
    ("works-completed", WORKS, &[]),
    ("works-cancelled", WORKS, &[]),
    ("works-note", WORKS, &[]),
    (
        "works-list",
        CASE,
        &[
            flag("none"),
            things(
                "works",
                &[
                    word("title", "works.own"),
                    text("description", "Exchange of a line card in Leeds"),
                    things(
                        "windows",
                        &[time("starts_at", "2026-12-18T22:00:00-07:00"), time("ends_at", "2026-12-19T04:00:00-07:00")],
                    ),
                    text("services", "IS-4711, LON/LDS/IA-00017, Leeds"),
                ],
            ),
        ],
    ),
    (
        "staff-works",
        &[],
        &[
            text("works", "PW-0012"),
            text("act", "planned"),
            text("what", "planned for Fri 18 December 2026, 22:00 (MST) to Sat 19 December 2026, 04:00 (MST)"),
            optional("actor", "Grace Hopper"),
            optional("told", "The supplier is late."),
            text("description", "Exchange of a line card in Leeds"),
            text("reason", "the card shows first signs of age"),
            text("kind", "planned"),
            text("state", "planned"),
            text("when", "Fri 18 December 2026, 22:00 (MST) to Sat 19 December 2026, 04:00 (MST)"),
            texts("touched", &["Hosted voice (voice): OUTAGE", "IS-4711: DEGRADED"]),
            optional("roll_back", "the old card goes in again"),
            optional("emergency", "the card drops packets"),
            optional("forced", "the customer wants it by day"),
            optional("contact", "Network operations, +44 20 7946 0100"),
            optional("pending", "to be changed (touched: IS-4711=OUTAGE)"),
            text("pending_by", "Grace Hopper"),
            texts("pending_details", &["reason: the card drops packets", "force: the customer wants it by day"]),
            optional("pending_text", "We have to change the whole card."),
            flag("insists"),
            flag("may_approve"),
            flag("may_withdraw"),
            flag("may_announce"),
            flag("may_start"),
            flag("may_remind"),
            flag("may_complete"),
            flag("may_extend"),
            flag("may_tell"),
            flag("open"),
            flag("failed"),
            texts("refused", &["#aprove: there is no such command on planned works"]),
            flag("help"),
            texts("known", &["#approve: they may be announced"]),
            flag("shown"),
            texts("more", &["Customers: 2 with a touched service"]),
            texts("history", &["2026-11-24 09:10 * Grace Hopper: planned"]),
            flag("cut"),
        ],
    ),
    (
        "staff-works-list",
        &[],
        &[
            text("zone", "America/Denver"),
            things(
                "listed",
                &[
                    text("works", "PW-0012"),
                    text("begins", "2026-12-18 22:00"),
                    text("ends", "2026-12-19 04:00"),
                    text("state", "planned"),
                    text("what", "Exchange of a line card in Leeds"),
                    text("touches", "OUTAGE: IS-4711, voice and 3 more"),
                    optional("organisation", "customer.example"),
                    optional("case", "1-0123456789"),
                ],
            ),
            flag("none"),
            flag("cut"),
            flag("failed"),
            texts("refused", &["#start: of which works?"]),
            flag("help"),
            texts("known", &["#plan Exchange of a line card: new works"]),
        ],
    ),
    ("mni-opened", INCIDENT, &[flag("joined")]),
    ("mni-update", INCIDENT, &[flag("etr_taken_back")]),
    ("mni-resolved", INCIDENT, &[optional_time("closes_at", "2026-12-01T11:25:00-07:00")]),
    ("mni-withdrawn", INCIDENT, &[flag("in_case")]),
    (
        "staff-mni",
        STAFF,
        &[
            text("number", "MNI-0007"),
            text("about", "MNI-0007 may have more cases"),
            text("headline", "2 cases may belong to it. Do they?"),
            optional("text", "Still no calls here.\n> What is going on?"),
            texts("cases", &["1-0555555555 No calls (Ada Lovelace <ada@customer.example>; names the platform)"]),
            optional("more", "12"),
            flag("proposed"),
            texts("facts", &["Affected: Hosted voice", "Impact: No incoming calls", "Incident manager: Tom Lead"]),
            flag("commands"),
        ],
    ),
    (
        "subscribe-confirm",
        &[],
        &[
            text("what", "Hosted voice"),
            time("until", "2026-11-26T07:52:00-07:00"),
            optional("confirm_page", "https://status.desk.example/confirm/confirm.2f.k1.6iyxupjqhzrbk4nwcpra"),
            flag("requested"),
            things("platforms", &[text("title", "Meetings"), text("command", "platform:meet")]),
        ],
    ),
    ("subscribed", &[], &[text("what", "Hosted voice")]),
    (
        "unsubscribed",
        &[],
        &[
            texts("ended", &["Hosted voice", "Calls to Leeds fail <all of them> (MNI-0007)"]),
            texts("remaining", &["Meetings"]),
            flag("known"),
            texts("again", &["platform:voice", "MNI-0007"]),
        ],
    ),
    (
        "subscribe-help",
        &[],
        &[
            optional("asked_for", "platform:voise"),
            things("platforms", &[text("title", "Hosted voice"), text("command", "platform:voice")]),
        ],
    ),
];

/// The documents that have a template, and the notice whose variables each offers.
pub const DOCUMENTS: [(&str, &str); 1] = [("rfo-document", "rfo")];

/// The notices that have a template.
pub fn notices() -> impl Iterator<Item = &'static str> {
    NOTICES.iter().map(|(name, _, _)| *name)
}

/// All that a notice offers; `None` for a name that is no notice.
pub fn variables(notice: &str) -> Option<Vec<Variable>> {
    let (_, about, own) = NOTICES.iter().find(|(name, _, _)| *name == notice)?;
    Some([EVERY, about, own].concat())
}

/// A value for every variable of a notice. Empty for a name that is no notice.
pub fn data(notice: &str) -> Value {
    values(&variables(notice).unwrap_or_default())
}

/// As little as a notice may come with: no optional text, no texts in lists, false flags.
pub fn sparse_data(notice: &str) -> Value {
    let least = variables(notice).unwrap_or_default().into_iter().filter_map(|variable| {
        let value = match variable.kind {
            Kind::Text(_) | Kind::Time(_) | Kind::Word(_) => value(variable.kind),
            Kind::Optional(_) | Kind::OptionalTime(_) | Kind::OptionalMoney(_) | Kind::OptionalTexts(_) => return None,
            Kind::Flag => json!(false),
            Kind::Texts(_) | Kind::Words(_) => json!([]),
            Kind::Things(each) => json!([values(each)]),
        };
        Some((variable.name.to_owned(), value))
    });
    Value::Object(least.collect())
}

fn values(variables: &[Variable]) -> Value {
    let all: Map<String, Value> = variables.iter().map(|v| (v.name.to_owned(), value(v.kind))).collect();
    Value::Object(all)
}

fn value(kind: Kind) -> Value {
    match kind {
        Kind::Text(sample) | Kind::Optional(sample) => json!(sample),
        Kind::Time(sample) | Kind::OptionalTime(sample) => instant(sample),
        Kind::OptionalMoney(sample) => wording::money(sample, "USD"),
        Kind::OptionalTexts(samples) => wording::texts(
            &samples.iter().map(|(language, text)| ((*language).to_owned(), (*text).to_owned())).collect(),
        ),
        Kind::Word(sample) => wording::word(sample),
        Kind::Words(samples) => samples.iter().copied().map(wording::word).collect(),
        Kind::Flag => json!(true),
        Kind::Texts(samples) => json!(samples),
        Kind::Things(each) => json!([values(each), values(each)]),
    }
}

/// The sample customer lives in Denver.
fn instant(sample: &str) -> Value {
    let at = DateTime::parse_from_rfc3339(sample).map(|at| at.to_utc());
    at.map_or(Value::Null, |at| wording::time(at, &Zone::Named(Tz::America__Denver)))
}
