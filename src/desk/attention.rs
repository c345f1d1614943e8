//! A customer asks for a manager's attention, in writing or by telephone (SERVICE.md, oracle).
//!
//! It is recorded on the case, and the leads are told at once. In writing it is answered: the telephone is faster, and
//! what the manager needs to know is asked for. By telephone a call back may be wanted: its time is a target, and the
//! leads hear when it has passed. Requests without urgency are counted, over all cases of the organisation.

use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

use super::{
    case::{Actor, Case, CaseId},
    lifecycle::{Clock, ClockChange, Decision, Refusal, What, say_to_staff},
    notice::{Notice, NoticeKind},
    policy::{Policy, languages::OwnText},
    priority::Priority,
};
use crate::mail::address::Address;

/// So far back requests without urgency are counted.
pub const COUNTED: Duration = Duration::days(365);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    Mail,
    Telephone,
}

impl Channel {
    pub fn as_str(self) -> &'static str {
        match self {
            Channel::Mail => "mail",
            Channel::Telephone => "telephone",
        }
    }
}

impl std::str::FromStr for Channel {
    type Err = ();

    fn from_str(word: &str) -> Result<Channel, ()> {
        [Channel::Mail, Channel::Telephone].into_iter().find(|channel| channel.as_str() == word).ok_or(())
    }
}

/// One request for a manager's attention.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attention {
    /// 0 before it is stored
    pub id: i64,
    pub case: CaseId,
    pub channel: Channel,
    pub at: DateTime<Utc>,
    /// who asks, in their own words
    pub person: String,
    pub telephone: Option<String>,
    /// the customer's own manager
    pub manager_contact: Option<String>,
    /// with the business impact
    pub reason: Option<String>,
    pub milestone: Option<String>,
    /// it names a milestone, or the case was reviewed as P2 or worse, or is not reviewed and the reason is told
    pub is_urgent: bool,
    /// whose requests it is counted with
    pub organisation: String,
    /// while a call back is wanted: the target
    pub call_back_due: Option<DateTime<Utc>>,
    pub called_back_at: Option<DateTime<Utc>>,
    /// when the leads were told that nobody had called
    pub missed_at: Option<DateTime<Utc>>,
}

impl Attention {
    pub fn awaits_call(&self) -> bool {
        self.call_back_due.is_some() && self.called_back_at.is_none()
    }
}

/// What somebody asks, as it was told.
#[derive(Debug, Clone, Default)]
pub struct Told<'a> {
    pub person: Option<&'a str>,
    pub telephone: Option<&'a str>,
    pub manager_contact: Option<&'a str>,
    pub reason: Option<&'a str>,
    pub milestone: Option<&'a str>,
}

/// Somebody asks for it.
#[derive(Debug, Clone)]
pub struct Asking<'a> {
    pub channel: Channel,
    pub told: Told<'a>,
    /// who is named when nobody says their name
    pub writer: &'a str,
    pub call_back: bool,
    /// the case says what the problem is
    pub described: bool,
    pub organisation: &'a str,
    /// those of the same organisation without urgency, before this one
    pub without_urgency: usize,
    pub actor: Actor,
    /// who is answered by mail
    pub answered: Option<&'a Address>,
}

/// What follows: a decision about the case, and the requests as they are to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    pub decision: Decision,
    pub attentions: Vec<Attention>,
}

/// What the manager needs and nobody has told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lacks {
    pub reason: bool,
    pub milestone: bool,
    pub contact: bool,
    pub description: bool,
}

impl Lacks {
    fn of(asking: &Asking<'_>) -> Lacks {
        let told = &asking.told;
        let contact = match asking.channel {
            // One line names person and numbers.
            Channel::Mail => told.person.is_none(),
            Channel::Telephone => told.telephone.is_none(),
        };
        Lacks {
            reason: told.reason.is_none(),
            milestone: told.milestone.is_none(),
            contact,
            description: !asking.described,
        }
    }

    /// For staff's eyes.
    pub fn in_words(self) -> Vec<&'static str> {
        let all = [
            (self.reason, "the reason, with the business impact"),
            (self.milestone, "the milestone, with its date"),
            (self.contact, "whom to call, and where"),
            (self.description, "a description of the problem"),
        ];
        all.into_iter().filter(|(lacks, _)| *lacks).map(|(_, words)| words).collect()
    }
}

/// Records a request. `known` are those of the case. Gives also what is still to be asked.
pub fn ask(
    case: &Case,
    known: &[Attention],
    asking: &Asking<'_>,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<(Followed, Lacks), Refusal> {
    if !policy.attention.offered {
        let why = "the policy offers no management attention ([attention] offered): assign the case, or note it";
        return Err(Refusal(why.to_owned()));
    }
    let told = &asking.told;
    // Until somebody has reviewed the case, nobody knows that it matters little.
    let matters = if case.reviewed_at.is_some() { case.priority <= Priority::P2 } else { told.reason.is_some() };
    let is_urgent = told.milestone.is_some() || matters;
    let own = |text: Option<&str>| text.map(str::to_owned);
    let attention = Attention {
        id: 0,
        case: case.id,
        channel: asking.channel,
        at: now,
        person: told.person.unwrap_or(asking.writer).to_owned(),
        telephone: own(told.telephone),
        manager_contact: own(told.manager_contact),
        reason: own(told.reason),
        milestone: own(told.milestone),
        is_urgent,
        organisation: asking.organisation.to_owned(),
        call_back_due: asking.call_back.then(|| now + policy.attention.call_back),
        called_back_at: None,
        missed_at: None,
    };
    let lacks = Lacks::of(asking);
    let mut decision = Decision::unchanged(case);
    let how = if asking.channel == Channel::Telephone { "by telephone" } else { "in writing" };
    let call = if asking.call_back { ", and to be called back" } else { "" };
    let text = format!("{} asks for a manager's attention {how}{call}", attention.person);
    decision.note(now, &asking.actor, What::Remark { text });
    let without_urgency = asking.without_urgency + usize::from(!is_urgent);
    let mut data = about(&attention, policy);
    data["missing"] = json!(lacks.in_words());
    data["several_without_urgency"] = json!(!is_urgent && without_urgency > 1);
    data["without_urgency"] = json!(without_urgency.to_string());
    decision.notices.push(Notice::to_leads(NoticeKind::StaffAttention, case, data));
    if let Some(person) = asking.answered {
        // Whether priority and workaround were thought of is asked once.
        let first = known.is_empty();
        let data = answer(case, lacks, first, policy);
        decision.notices.push(Notice::automatic_to(person, NoticeKind::AttentionRecorded, case, data));
    }
    let all: Vec<Attention> = known.iter().chain([&attention]).cloned().collect();
    decision.clocks.push(clock(&all));
    Ok((Followed { decision, attentions: vec![attention] }, lacks))
}

/// Is one of these requests made for this reason, however a mail program has wrapped or marked it?
pub fn is_known(known: &[Attention], reason: &str) -> bool {
    let letters = |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).collect() };
    let reason = letters(reason);
    // Of a long one only the beginning is kept.
    known
        .iter()
        .filter_map(|attention| attention.reason.as_deref())
        .map(letters)
        .any(|known| !known.is_empty() && reason.starts_with(&known))
}

/// A manager has called whoever wanted it.
pub fn called_back(case: &Case, known: &[Attention], staff: &str, now: DateTime<Utc>) -> Result<Followed, Refusal> {
    let waiting: Vec<&Attention> = known.iter().filter(|attention| attention.awaits_call()).collect();
    if waiting.is_empty() {
        return Err(Refusal(format!("{}: nobody waits for a call back", case.reference)));
    }
    let mut decision = Decision::unchanged(case);
    decision.clocks.push(ClockChange::Clear(Clock::CallBack));
    let mut attentions = Vec::new();
    for attention in waiting {
        let late = attention.call_back_due.is_some_and(|due| now > due);
        let when = if late { "after the target" } else { "within the target" };
        let text = format!("called {} back, {when}", attention.person);
        decision.note(now, &Actor::Staff(staff.to_owned()), What::Remark { text });
        attentions.push(Attention { called_back_at: Some(now), ..attention.clone() });
    }
    Ok(Followed { decision, attentions })
}

/// The target of a call back has passed: the leads are told once. Of a closed case nobody is told anything.
pub fn clock_ran(case: &Case, known: &[Attention], policy: &Policy, now: DateTime<Utc>) -> Followed {
    let mut decision = Decision::unchanged(case);
    let mut attentions = Vec::new();
    let mut all = known.to_vec();
    for attention in &mut all {
        let is_due = attention.awaits_call() && attention.call_back_due.is_some_and(|due| due <= now);
        if !is_due || attention.missed_at.is_some() {
            continue;
        }
        attention.missed_at = Some(now);
        attentions.push(attention.clone());
        if !case.status.is_closed() {
            let text = format!("nobody has called {} back in time", attention.person);
            decision.note(now, &Actor::Desk, What::Remark { text });
            let mut data = about(attention, policy);
            data["missed"] = json!(true);
            decision.notices.push(Notice::to_leads(NoticeKind::StaffAttention, case, data));
        }
    }
    decision.clocks.push(clock(&all));
    Followed { decision, attentions }
}

/// The next target that nobody has met or missed.
fn clock(all: &[Attention]) -> ClockChange {
    let waiting = all.iter().filter(|attention| attention.awaits_call() && attention.missed_at.is_none());
    match waiting.filter_map(|attention| attention.call_back_due).min() {
        Some(due) => ClockChange::Set(Clock::CallBack, due),
        None => ClockChange::Clear(Clock::CallBack),
    }
}

fn about(attention: &Attention, policy: &Policy) -> Value {
    json!({
        "person": attention.person,
        "by_telephone": attention.channel == Channel::Telephone,
        "missed": false,
        "call_back_by": attention.call_back_due.map(|due| say_to_staff(due, policy)),
        "telephone": attention.telephone,
        "manager_contact": attention.manager_contact,
        "reason": attention.reason,
        "milestone": attention.milestone,
        "missing": [],
        "several_without_urgency": false,
        "without_urgency": "0",
        "organisation": attention.organisation,
    })
}

fn answer(case: &Case, lacks: Lacks, first: bool, policy: &Policy) -> Value {
    json!({
        "urgent": policy.urgent.as_ref().map(OwnText::in_words),
        "telephone_reference": case.reference.telephone(),
        "missing": first || lacks != Lacks::default(),
        "missing_reason": lacks.reason,
        "missing_milestone": lacks.milestone,
        "missing_contact": lacks.contact,
        "missing_description": lacks.description,
        "check_severity": first,
        "check_workaround": first,
    })
}

#[cfg(test)]
mod tests;
