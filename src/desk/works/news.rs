//! What staff are told of works, and what they may command by a reply.

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::{
    DeskWorks, Place, State,
    act::in_words,
    approval::{mark, wanted_approval},
    silence::is_too_late,
    tell::full,
};
use crate::desk::policy::{Policy, works::Approval};

/// Where the data of a mail to staff has the [`mark`] of what it shows.
const MARK: &str = "mark";

/// Does a mail to staff show what there is to approve?
pub fn shows(data: &Map<String, Value>, works: &DeskWorks) -> bool {
    data.get(MARK).and_then(Value::as_str) == Some(mark(works).as_str())
}

/// What staff are told of works.
#[derive(Debug, Clone, Copy)]
pub struct News<'a> {
    /// what was done, in a word or two
    pub act: &'a str,
    /// the same as a line
    pub what: &'a str,
    /// what customers were told beside it
    pub told: Option<&'a str>,
    /// none: the desk itself
    pub actor: Option<&'a str>,
    /// staff were told before what there is to do
    pub insists: bool,
}

impl<'a> News<'a> {
    pub fn of_clock(act: &'a str, what: &'a str) -> News<'a> {
        News { act, what, told: None, actor: None, insists: false }
    }

    /// Nobody has done it: the subject says so rather than what is to be approved.
    pub fn insisting(act: &'a str, what: &'a str) -> News<'a> {
        News { insists: true, ..News::of_clock(act, what) }
    }
}

/// What one of the staff is told, and what they may command by a reply.
pub fn to_staff(works: &DeskWorks, news: &News<'_>, policy: &Policy, now: DateTime<Utc>) -> Map<String, Value> {
    let open = !works.state.is_over();
    let too_late = is_too_late(works, now, policy);
    let waits = matches!(works.state, State::Proposed | State::Planned) && !too_late;
    let pending = works.pending.as_ref();
    let details = pending.map(|pending| pending.details()).unwrap_or_default();
    let wants = pending.is_some_and(|pending| !pending.is_over(works, now))
        || waits && wanted_approval(works, policy) != Approval::Nobody;
    let may_announce = matches!(works.state, State::Proposed | State::Planned | State::Approved) && !wants && !too_late;
    let is_announced = works.state == State::Announced;
    let is_started = works.state == State::Started;
    let touched = works.affected.iter().take(50).map(|one| match &one.place {
        Place::Platform(key) => {
            let title = policy.platforms.get(key).unwrap_or(key);
            format!("{title} ({key}): {}", one.impact)
        }
        Place::Service { name, .. } => format!("{name}: {}", one.impact),
    });
    full(json!({
        "works": works.id.to_string(),
        "act": news.act,
        "what": news.what,
        "told": news.told,
        "actor": news.actor,
        "description": works.description,
        "reason": works.reason,
        "kind": works.kind.to_string(),
        "state": works.state.to_string(),
        "when": in_words(&works.windows, works.zone),
        "touched": touched.collect::<Vec<_>>(),
        "roll_back": works.roll_back,
        "emergency": works.emergency,
        "forced": works.forced,
        "contact": works.contact,
        "pending": pending.map(|pending| pending.in_words(works.zone)),
        "pending_by": pending.map(|pending| &pending.by),
        "pending_details": details.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>(),
        "pending_text": pending.and_then(|pending| pending.text.as_ref()),
        MARK: mark(works),
        "insists": news.insists,
        "may_approve": wants,
        "may_withdraw": pending.is_some(),
        "may_announce": may_announce,
        "may_start": is_announced && !works.is_past(now),
        "may_remind": is_announced && !works.has_begun(now),
        "may_complete": is_started || is_announced && works.has_begun(now),
        "may_extend": is_started,
        "may_tell": works.state == State::Completed,
        "open": open,
        "failed": false,
        "help": false,
        "shown": false,
    }))
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::*;
    use crate::desk::works::sample::*;

    #[test]
    fn staff_are_offered_what_can_be_done_now() {
        let base = policy("base");
        let works = announced(&base);
        let (start, end) = (works.starts_at().unwrap(), works.ends_at().unwrap());
        let offers = |now| {
            let data = to_staff(&works, &News::of_clock("", ""), &base, now);
            ["may_start", "may_remind", "may_complete", "may_extend"].map(|name| data[name] == true)
        };
        assert_eq!(offers(start - Duration::days(1)), [true, true, false, false]);
        assert_eq!(offers(start), [true, false, true, false]);
        assert_eq!(offers(end), [false, false, true, false]);
    }
}
