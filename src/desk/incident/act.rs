//! What staff do to an incident: they open it, tell how it stands, hand it over, close it, and withdraw it.

use chrono::{DateTime, Duration, Utc};

use super::{
    Followed, Incident, IncidentNumber, Scope, TITLE_CHARS, Update, UpdateKind, duty, may_manage, notices, refuse,
    shortened,
};
use crate::desk::{
    case::{Actor, Case, Status},
    lifecycle::{Clock, ClockChange, Decision, Refusal, What},
    policy::Policy,
    service_desk::ServiceDesk,
    staff_member::{Right, StaffMember},
    typed::{typed, typed_line},
};

/// How an incident begins.
#[derive(Debug, Clone)]
pub struct Begin<'a> {
    pub number: IncidentNumber,
    pub scope: Scope,
    /// none: made of what is affected and the impact
    pub title: Option<&'a str>,
    pub impact: &'a str,
    /// what customers are told beside the impact
    pub text: Option<&'a str>,
    pub began_at: DateTime<Utc>,
    pub etr: Option<DateTime<Utc>>,
    pub manager: &'a StaffMember,
}

/// Nothing that an incident tells is further away.
const FURTHEST: Duration = Duration::days(366);
/// Longer texts are no updates, but documents.
const TEXT_CHARS: usize = 20_000;

/// Opens an incident on its parent case, which `parent` has decided just now.
pub fn open(
    parent: Decision,
    begin: Begin<'_>,
    staff: &str,
    desk: &ServiceDesk,
    now: DateTime<Utc>,
) -> Result<Followed, Refusal> {
    let policy = &desk.policy;
    may_manage(desk, staff)?;
    may_be_manager(begin.manager)?;
    begin.scope.check(policy)?;
    if now - begin.began_at > FURTHEST {
        return Err(refuse("that beginning is more than a year ago: give a later one"));
    }
    if begin.began_at > now {
        return Err(refuse("an incident can't begin in the future: announce planned works instead (casepost works)"));
    }
    let impact = typed(begin.impact, "the impact", TEXT_CHARS)?;
    let title = match begin.title {
        Some(title) => typed_line(title, "the title", TITLE_CHARS)?,
        None => shortened(&format!(
            "{}: {}",
            begin.scope.in_words(policy),
            impact.lines().next().unwrap_or_default().trim_end_matches('.')
        )),
    };
    let etr = may_be_etr(begin.etr, now)?;
    let mut incident = Incident {
        number: begin.number,
        case: parent.case.id,
        title,
        impact,
        scope: begin.scope,
        began_at: begin.began_at,
        etr: None,
        cause: None,
        withdrawn: None,
        closed_at: None,
        opened_at: now,
        opened_by: staff.to_owned(),
        manager: begin.manager.address.email.clone(),
        updated_at: now,
        next_update: None,
        reminded_at: None,
        missed: 0,
        updates: 0,
    };
    incident.etr = etr;
    let text = match begin.text.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => typed(text, "the text", TEXT_CHARS)?,
        None => incident.impact.clone(),
    };
    let mut acting =
        Acting { decision: parent, incident, said: None, actor: Actor::Staff(staff.to_owned()), policy, now };
    acting.decision.case.subject = acting.incident.title.clone();
    acting.decision.case.assignee = Some(acting.incident.manager.clone());
    let manager = begin.manager.address.display().to_owned();
    acting.note(What::Assigned { to: Some(manager), why: Some("incident manager".to_owned()) });
    acting.decision.move_to(Status::InProgress, "a major network incident", &acting.actor.clone(), now);
    acting.post(UpdateKind::Opened, text);
    Ok(acting.done())
}

/// What an update says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Say<'a> {
    pub text: Option<&'a str>,
    /// a new estimated time of resolution; `Some(None)`: there is none any more
    pub etr: Option<Option<DateTime<Utc>>>,
    /// it stays in the history of the parent
    pub internal: bool,
}

/// Staff post an update on the parent, with or without an estimated time of resolution.
pub fn update(
    case: &Case,
    incident: &Incident,
    say: Say<'_>,
    staff: &str,
    desk: &ServiceDesk,
    now: DateTime<Utc>,
) -> Result<Followed, Refusal> {
    let mut acting = Acting::of(case, incident, staff, desk, now)?;
    let text = say.text.map(str::trim).filter(|text| !text.is_empty());
    if say.internal {
        if say.etr.is_some() {
            return Err(refuse("a time that customers wait for can't be internal: leave out one of both"));
        }
        let text = typed(text.unwrap_or_default(), "the note", TEXT_CHARS)?;
        acting.decision.notices.extend(notices::noted(case, incident, &text, staff, desk));
        acting.note(What::Note { text });
        return Ok(acting.done());
    }
    if let Some(etr) = say.etr {
        if etr.is_none() && incident.etr.is_none() {
            return Err(refuse(format!("{} has no estimated time of resolution to take back", incident.number)));
        }
        if etr == incident.etr && text.is_none() {
            return Err(refuse("that is the time that customers know: give another one, or a text beside it"));
        }
        acting.incident.etr = may_be_etr(etr, now)?;
    }
    let text = match text {
        Some(text) => typed(text, "the update", TEXT_CHARS)?,
        // The mails say the time in each language; the page shows it beside the text.
        None if say.etr.is_some() => String::new(),
        None => {
            return Err(refuse(
                "the update is empty: say how it stands (TEXT, --file), or by when it is solved (--etr)",
            ));
        }
    };
    acting.post(UpdateKind::Update, text);
    Ok(acting.done())
}

/// Another incident manager has the duty from now on.
pub fn hand_over(
    case: &Case,
    incident: &Incident,
    to: &StaffMember,
    staff: &str,
    desk: &ServiceDesk,
    now: DateTime<Utc>,
) -> Result<Followed, Refusal> {
    let mut acting = Acting::of(case, incident, staff, desk, now)?;
    may_be_manager(to)?;
    if to.address.email == incident.manager {
        return Err(refuse(format!("{} has {} already", to.address.display(), incident.number)));
    }
    acting.incident.manager = to.address.email.clone();
    // Whoever takes it over is to be reminded, too.
    acting.incident.reminded_at = None;
    acting.decision.case.assignee = Some(to.address.email.clone());
    let name = to.address.display().to_owned();
    acting.note(What::Assigned { to: Some(name), why: Some("incident manager".to_owned()) });
    // What is promised stays as it is, whoever has to keep it.
    acting.decision.clocks.push(duty::clock(&acting.incident, acting.policy));
    let told = notices::handed_over(&acting.decision.case, &acting.incident, &incident.manager, to, staff, desk);
    acting.decision.notices.extend(told);
    Ok(acting.done())
}

/// It is over. Each child is resolved by [`resolve_child`](super::resolve_child).
pub fn close(
    case: &Case,
    incident: &Incident,
    cause: &str,
    staff: &str,
    desk: &ServiceDesk,
    now: DateTime<Utc>,
) -> Result<Followed, Refusal> {
    let mut acting = Acting::of(case, incident, staff, desk, now)?;
    if cause.trim().is_empty() {
        return Err(refuse("say the cause in plain words: customers read it"));
    }
    let cause = typed(cause, "the cause", TEXT_CHARS)?;
    acting.incident.cause = Some(cause.clone());
    acting.incident.etr = None;
    acting.incident.closed_at = Some(now);
    acting.post(UpdateKind::Closed, cause);
    acting.decision.move_to(Status::Closed, "the incident is over", &acting.actor.clone(), now);
    Ok(acting.done())
}

/// It was opened by mistake. Each child goes on alone ([`unlink`](super::unlink)).
pub fn withdraw(
    case: &Case,
    incident: &Incident,
    reason: &str,
    staff: &str,
    desk: &ServiceDesk,
    now: DateTime<Utc>,
) -> Result<Followed, Refusal> {
    let mut acting = Acting::of(case, incident, staff, desk, now)?;
    if reason.trim().is_empty() {
        return Err(refuse("say the reason in plain words: whoever was told of the incident reads it"));
    }
    let reason = typed(reason, "the reason", TEXT_CHARS)?;
    acting.incident.withdrawn = Some(reason.clone());
    acting.incident.etr = None;
    acting.incident.closed_at = Some(now);
    acting.post(UpdateKind::Withdrawn, reason);
    acting.decision.clocks.push(ClockChange::Clear(Clock::MniProposed));
    acting.decision.move_to(Status::Closed, "the incident was withdrawn", &acting.actor.clone(), now);
    Ok(acting.done())
}

struct Acting<'a> {
    decision: Decision,
    incident: Incident,
    said: Option<Update>,
    actor: Actor,
    policy: &'a Policy,
    now: DateTime<Utc>,
}

impl<'a> Acting<'a> {
    fn of(
        case: &Case,
        incident: &Incident,
        staff: &str,
        desk: &'a ServiceDesk,
        now: DateTime<Utc>,
    ) -> Result<Acting<'a>, Refusal> {
        may_manage(desk, staff)?;
        if !incident.is_open() {
            return Err(refuse(format!("{} is over: open a new incident (casepost mni open)", incident.number)));
        }
        let decision = Decision::unchanged(case);
        let actor = Actor::Staff(staff.to_owned());
        Ok(Acting { decision, incident: incident.clone(), said: None, actor, policy: &desk.policy, now })
    }

    fn note(&mut self, what: What) {
        self.decision.note(self.now, &self.actor, what);
    }

    /// Says something to all. That is an update, whatever it says: the next one is due from here.
    fn post(&mut self, kind: UpdateKind, text: String) {
        self.incident.updates += 1;
        self.incident.updated_at = self.now;
        self.incident.missed = 0;
        self.incident.reminded_at = None;
        self.set_clock();
        let number = self.incident.number.to_string();
        self.note(What::Updated { incident: number, kind, text: text.clone(), etr: self.incident.etr });
        self.decision.case.etr = self.incident.etr;
        self.decision.case.last_public_at = Some(self.now);
        self.said = Some(Update {
            number: self.incident.updates,
            kind,
            at: self.now,
            author: self.actor.to_string(),
            text,
            etr: self.incident.etr,
            next_update: self.incident.next_update,
        });
    }

    fn set_clock(&mut self) {
        self.decision.clocks.push(duty::schedule(&mut self.incident, self.policy));
    }

    fn done(self) -> Followed {
        Followed { decision: self.decision, incident: self.incident, said: self.said }
    }
}

fn may_be_manager(person: &StaffMember) -> Result<(), Refusal> {
    if person.may(Right::P1G) {
        return Ok(());
    }
    Err(refuse(format!(
        "{} can't be the incident manager: they need the right for it (may = [\"p1g\"] in the configuration)",
        person.address.display()
    )))
}

fn may_be_etr(etr: Option<DateTime<Utc>>, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Refusal> {
    match etr {
        Some(at) if at <= now => Err(refuse("that time is over: give one that is still to come, or none")),
        Some(at) if at - now > FURTHEST => Err(refuse("that is more than a year away: give a nearer time, or none")),
        etr => Ok(etr),
    }
}
