//! The notices and the variables that each offers to its template, with a sample of every value: what `casepost check`
//! renders, and what templates may rely on.

use serde_json::{Map, Value, json};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// a text that is always there
    Text(&'static str),
    /// a text that may be absent: `{{#if …}}` belongs around it
    Optional(&'static str),
    /// true or false
    Flag,
    /// a list of texts, possibly empty; each is `{{this}}`
    Texts(&'static [&'static str]),
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
const RECEIVED_AT: Variable = text("received_at", "Tue 24 November 2026, 07:52 (MST)");
const SENDER: Variable = text("sender", "Ada Lovelace <ada@customer.example>");
const ATTACHMENTS: Variable = texts("attachments", &["traceroute.txt", "写真 1.jpg"]);
const RESPOND_BY: Variable = text("respond_by", "Wed 25 November 2026, 17:00 (MST)");
const URGENT: Variable =
    optional("urgent", "telephone +1 303 555 0100 at any hour and give the reference 10123456789.");
const CLOSED_AT: Variable = optional("closed_at", "Mon 9 November 2026, 16:30 (MST)");
const REOPEN_UNTIL: Variable = optional("reopen_until", "Tue 1 December 2026, 16:30 (MST)");
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
const MISSING: Variable =
    texts("missing", &["Which service is it? (service ID, circuit ID or order number)", "Since when? (date and time)"]);
/// More than one thing is asked for.
const SEVERAL_MISSING: Variable = flag("several_missing");
const MARKS: Variable = texts("marks", &["marked as spam by the mail server", "the writer is no participant"]);

/// What every notice to a customer about a case offers.
const CASE: &[Variable] =
    &[REFERENCE, SUBJECT, optional("greeting_name", "Ada"), PRIORITY, text("status", "in progress")];

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
        ],
    ),
    ("opened-by-phone", CASE, &[RECEIVED_AT, RESPOND_BY, URGENT]),
    ("reopened", CASE, &[CLOSED_AT, flag("by_customer"), flag("by_other"), optional("writer", "Charles Babbage")]),
    ("reply", CASE, &[BODY, STAFF_NAME]),
    ("awaiting", CASE, &[MAYBE_BODY, STAFF_NAME, text("warn_at", "Thu 26 November 2026, 17:00 (MST)")]),
    ("status", CASE, &[MAYBE_BODY, optional("until", "Mon 30 November 2026, 08:00 (MST)")]),
    (
        "no-response-warning",
        CASE,
        &[
            text("asked_at", "Tue 24 November 2026, 11:25 (MST)"),
            text("closes_at", "Fri 27 November 2026, 11:25 (MST)"),
        ],
    ),
    ("closed-no-response", CASE, &[REOPEN_UNTIL]),
    ("resolved", CASE, &[MAYBE_BODY, STAFF_NAME, text("closes_at", "Tue 1 December 2026, 11:25 (MST)")]),
    ("closed", CASE, &[MAYBE_BODY, REOPEN_UNTIL]),
    (
        "merged",
        CASE,
        &[text("main_reference", "1-0555555555"), optional("main_subject", "Power failure in Denver, hall 2")],
    ),
    ("digest", &[], &[things("cases", &[REFERENCE, SUBJECT, RECEIVED_AT])]),
    (
        "staff-new-case",
        STAFF,
        &[RECEIVED_AT, EXCERPT, MARKS, ASKED, texts("linked", &["1-0987654321", "1-0555555555"]), END_USER],
    ),
    (
        "staff-customer-wrote",
        STAFF,
        &[
            text("writer", "Charles Babbage <charles@customer.example>"),
            EXCERPT,
            MARKS,
            ASKED,
            flag("reopened"),
            flag("closed"),
        ],
    ),
    ("staff-review", STAFF, &[text("opened_at", "Tue 24 November 2026, 07:52 (MST)"), text("minutes", "30")]),
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
    ("staff-etr", STAFF, &[text("etr", "Tue 24 November 2026, 16:00 (MST)")]),
    ("etr", CASE, &[optional("etr", "Tue 24 November 2026, 16:00 (MST)"), MAYBE_BODY]),
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
            flag("over"),
            flag("needs_person"),
            text("since", "Tue 24 November 2026, 07:40 (MST)"),
            optional("until", "Tue 24 November 2026, 09:05 (MST)"),
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
            texts("main_contacts", &["Grace Hopper <grace@customer.example>, telephone +1 303 555 0142"]),
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
];

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
            Kind::Text(sample) => json!(sample),
            Kind::Optional(_) => return None,
            Kind::Flag => json!(false),
            Kind::Texts(_) => json!([]),
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
        Kind::Flag => json!(true),
        Kind::Texts(samples) => json!(samples),
        Kind::Things(each) => json!([values(each), values(each)]),
    }
}
