//! Loads what staff are told of a case beside what somebody wrote ([`briefing`]).

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::office::Office;
use crate::{
    desk::{
        briefing::{self, Happened, Known},
        lifecycle::{Clock, ClockChange, Decision},
    },
    mail::extract::FieldName,
    store::{StoreError, asked, cases, clocks, contacts, history, services, their_references},
};

/// Some of them are not told.
const HISTORY_LINES: u32 = 20;

/// Puts the briefing into a decision that is not in the store yet: the clocks are told as they will be, the history as
/// it was before. `services_named` are those of the mail that brought the decision about.
pub fn tell(
    db: &Connection,
    office: &Office,
    decision: &mut Decision,
    services_named: &[String],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if !decision.notices.iter().any(|notice| briefing::has_place(notice.kind)) {
        return Ok(());
    }
    let case = decision.case.clone();
    let requester = contacts::known_of(db, &case.requester.email)?;
    let mut names = services_named.to_vec();
    let fields = asked::fields(db, case.id)?.into_iter();
    let is_service = |name: &str| FieldName::parse(name).is_some_and(FieldName::names_a_service);
    names.extend(fields.filter(|field| is_service(&field.name)).map(|field| field.value));
    let links = cases::links(db, case.id)?.into_iter();
    let history = history::latest(db, case.id, HISTORY_LINES)?.into_iter();
    let their_reference = their_references::of_case(db, case.id)?;
    let mut participants = cases::participants(db, case.id)?;
    for person in &decision.participants {
        let is_new = person.email != case.requester.email && participants.iter().all(|p| p.email != person.email);
        if is_new && !office.desk.is_own(&person.email) {
            participants.push(person.clone());
        }
    }
    let known = Known {
        case: &case,
        requester: &requester,
        participants: &participants,
        services: &services::by_ids(db, &names)?,
        assignee: case.assignee.as_deref().map(|email| office.desk.staff_name(email)),
        their_reference: their_reference.as_deref(),
        links: &links.map(|link| (link.how.to_owned(), link.reference.to_string())).collect::<Vec<_>>(),
        clocks: &clocks_after(db, decision)?,
        history: &history.map(|line| Happened { at: line.at, actor: line.actor, what: line.what }).collect::<Vec<_>>(),
    };
    briefing::tell(decision, &known, &office.desk.policy, now);
    Ok(())
}

fn clocks_after(db: &Connection, decision: &Decision) -> Result<Vec<(Clock, DateTime<Utc>)>, StoreError> {
    let stored = clocks::of_case(db, decision.case.id)?;
    let mut after: Vec<(Clock, DateTime<Utc>)> = stored.into_iter().map(|clock| (clock.clock, clock.due)).collect();
    for change in &decision.clocks {
        let (ClockChange::Set(clock, _) | ClockChange::Clear(clock)) = change;
        after.retain(|(kept, _)| kept != clock);
        if let ClockChange::Set(clock, due) = change {
            after.push((*clock, *due));
        }
    }
    Ok(after)
}
