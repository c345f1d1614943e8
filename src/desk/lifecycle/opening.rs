//! How a case begins: by mail, or by telephone through one of the staff; new, or going on with an older one.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::json;

use super::{Clock, ClockChange, Decision, What, say_to_staff};
use crate::{
    desk::{
        case::{Actor, Case, CaseId, Link, LinkKind, Status},
        hours::Zone,
        notice::{Notice, NoticeKind, named, written},
        policy::{Policy, languages::OwnText},
        priority::Priority,
        reference::Reference,
    },
    mail::{address::Address, wording},
};

/// By which way a request came.
#[derive(Debug, Clone)]
pub enum Channel<'a> {
    Mail {
        /// who sent the mail; the requester may be somebody else (a colleague wrote into an old matter)
        writer: &'a Address,
        excerpt: &'a str,
        /// names of the attachments
        attachments: &'a [String],
        /// larger than the desk accepts: only its beginning was read
        truncated: bool,
        /// encrypted: what it says can't be read
        encrypted: bool,
        /// a person wrote it and is answered; robots and spam are not
        answered: bool,
        marks: &'a [String],
    },
    Telephone {
        /// who of the staff took the call
        staff: &'a str,
        silent: bool,
    },
    /// the parent case of a major network incident, which one of the staff opens: there is nobody to be told
    Incident { staff: &'a str },
}

#[derive(Debug, Clone)]
pub struct Opening<'a> {
    pub id: CaseId,
    pub reference: Reference,
    pub subject: String,
    pub requester: Address,
    pub reply_to: Address,
    pub utc_offset_seconds: Option<i32>,
    /// the zone that the directory has for the requester
    pub requester_zone: Option<Tz>,
    /// in which the request is written, whether or not the desk writes it
    pub language: Option<&'a str>,
    pub priority: Priority,
    /// when the desk's mail server received the request, or when the telephone rang
    pub received_at: DateTime<Utc>,
    pub channel: Channel<'a>,
    /// the case whose seven days are over
    pub continues: Option<&'a Case>,
    /// a case that the mail names without the right to write to it; for staff only
    pub named: Option<&'a Case>,
    pub spam: bool,
    pub participants: Vec<Address>,
    /// an end user wrote: the requester is the main point of contact through whom they have to go
    pub end_user: Option<EndUser<'a>>,
    /// the name of the arrangement that the requester's organisation has
    pub arrangement: Option<String>,
}

/// Somebody whose requests a main point of contact of their organisation has to approve.
#[derive(Debug, Clone, Copy)]
pub struct EndUser<'a> {
    /// the main points of contact as they are named to the end user
    pub main_contacts: &'a [String],
    /// The desk's own mail server vouches for the sender: only then the main point of contact is shown what they wrote.
    /// Else anybody could have the desk send their words to others.
    pub authenticated: bool,
    /// by whose clock the end user is told times
    pub zone: Zone,
}

/// Opens a case. Every mail's case starts at Priority 4, whatever the mail says (SERVICE rule 1): the caller passes it.
pub fn open(opening: Opening<'_>, policy: &Policy, now: DateTime<Utc>) -> Decision {
    let case = Case {
        id: opening.id,
        reference: opening.reference,
        status: if opening.end_user.is_some() { Status::AwaitingCustomer } else { Status::New },
        priority: opening.priority,
        subject: opening.subject.clone(),
        requester: opening.requester.clone(),
        reply_to: opening.reply_to.clone(),
        utc_offset_seconds: opening.utc_offset_seconds,
        requester_zone: opening.requester_zone,
        language: opening.language.and_then(|language| policy.languages.known(language)).map(str::to_owned),
        assignee: None,
        opened_at: opening.received_at,
        closed_at: None,
        reviewed_at: None,
        last_public_at: None,
        hold_until: None,
        etr: None,
        duplicate_of: None,
        spam: opening.spam,
        at_supplier: false,
        incident: None,
    };
    let mut decision = Decision::unchanged(&case);
    decision.participants = opening.participants.clone();
    let links = [(opening.continues, LinkKind::Continues), (opening.named, LinkKind::Named)];
    for (other, kind) in links.into_iter().filter_map(|(other, kind)| Some((other?, kind))) {
        decision.links.push(Link { from: case.id, to: other.id, kind });
    }
    match &opening.channel {
        Channel::Mail { writer, .. } => {
            let by = if opening.spam { "mail, marked as spam" } else { "mail" };
            decision.note(now, &Actor::Writer(writer.email.clone()), What::Opened { by: by.to_owned() });
            // Nobody works what a main point of contact has not approved.
            if opening.end_user.is_none() {
                decision.clocks.push(ClockChange::Set(Clock::Review, opening.received_at + policy.review_after));
            }
        }
        Channel::Incident { staff } => {
            decision.note(now, &Actor::Staff((*staff).to_owned()), What::Opened { by: "staff".to_owned() });
            decision.case.reviewed_at = Some(now);
        }
        Channel::Telephone { staff, .. } => {
            // One of the staff spoke with the customer and chose the priority: that was the review.
            decision.note(now, &Actor::Staff((*staff).to_owned()), What::Opened { by: "telephone".to_owned() });
            decision.case.reviewed_at = Some(now);
        }
    }
    for link in decision.links.clone() {
        decision.note(now, &Actor::Desk, What::Linked { to: link.to, kind: link.kind });
    }
    match (&opening.end_user, &opening.channel) {
        (Some(end_user), Channel::Mail { writer, excerpt, .. }) => {
            go_through(&mut decision, &opening, end_user, (writer, excerpt), policy);
        }
        _ => answer(&mut decision, &opening, policy),
    }
    tell_staff(&mut decision, &opening, policy);
    decision
}

fn answer(decision: &mut Decision, opening: &Opening<'_>, policy: &Policy) {
    let received_at = decision.say(opening.received_at, policy);
    let respond_by =
        policy.first_response_by(decision.case.priority, opening.arrangement.as_deref(), opening.received_at);
    let respond_by = decision.say(respond_by, policy);
    let closed_at = opening.continues.and_then(|old| old.closed_at).map(|at| decision.say(at, policy));
    let in_english = opening.language.filter(|language| policy.languages.is_english_only_for(language));
    let mut data = json!({
        "received_at": received_at,
        "respond_by": respond_by,
        "urgent": policy.urgent.as_ref().map(OwnText::in_words),
        "write_in_english": in_english.map(wording::write_in_english),
        "previous_reference": opening.continues.map(|old| old.reference.to_string()),
        "closed_at": closed_at,
    });
    let kind = match &opening.channel {
        Channel::Incident { .. } | Channel::Mail { answered: false, .. } | Channel::Telephone { silent: true, .. } => {
            return;
        }
        Channel::Mail { writer, attachments, truncated, encrypted, .. } => {
            data["sender"] = named(writer);
            data["attachments"] = json!(attachments);
            data["truncated"] = json!(truncated);
            data["encrypted"] = json!(encrypted);
            data["missing"] = json!([]);
            data["several_missing"] = json!(false);
            if opening.continues.is_some() { NoticeKind::Linked } else { NoticeKind::Acknowledgement }
        }
        Channel::Telephone { .. } if opening.continues.is_some() => {
            data["sender"] = named(&opening.requester);
            data["attachments"] = json!([]);
            data["truncated"] = json!(false);
            data["encrypted"] = json!(false);
            NoticeKind::Linked
        }
        Channel::Telephone { .. } => NoticeKind::OpenedByPhone,
    };
    decision.notices.push(Notice::automatic(kind, &decision.case, data));
}

/// The end user is told through whom to go; the main point of contact, what waits for them.
fn go_through(
    decision: &mut Decision,
    opening: &Opening<'_>,
    end_user: &EndUser<'_>,
    (writer, excerpt): (&Address, &str),
    policy: &Policy,
) {
    let received_at = decision.say(opening.received_at, policy);
    let excerpt = Some(excerpt).filter(|text| end_user.authenticated && !text.is_empty());
    let data = json!({
        "received_at": wording::time(opening.received_at, &end_user.zone),
        "sender": named(writer),
        "main_contacts": end_user.main_contacts,
        "shown": excerpt.is_some(),
    });
    decision.notices.push(Notice::automatic_to(writer, NoticeKind::GoThrough, &decision.case, data));
    let data = json!({ "received_at": received_at, "end_user": named(writer), "excerpt": excerpt });
    decision.notices.push(Notice::automatic(NoticeKind::EndUserAsks, &decision.case, data));
}

fn tell_staff(decision: &mut Decision, opening: &Opening<'_>, policy: &Policy) {
    let Channel::Mail { writer, excerpt, marks, truncated, .. } = &opening.channel else { return };
    let mut marks = marks.to_vec();
    if *truncated {
        marks.push("larger than max_size: only its beginning was read, the mail stays in the mailbox".to_owned());
    }
    let linked = [opening.continues, opening.named].into_iter().flatten().map(|c| c.reference.to_string());
    let received_at = say_to_staff(opening.received_at, policy);
    let end_user = opening.end_user.map(|_| written(writer));
    decision.notices.push(Notice::to_staff(
        NoticeKind::StaffNewCase,
        &decision.case,
        json!({ "received_at": received_at, "excerpt": excerpt, "marks": marks, "linked": linked.collect::<Vec<_>>(),
            "asked": [], "facts": [], "history": [], "end_user": end_user }),
    ));
}
