//! Major network incidents: loads what the core has to know, writes what it decides, and says to many what is to be said.
//!
//! An update is one short transaction: the parent's history, one broadcast, and the list of its readers. On the children
//! nothing is written: their history shows it by their link, and their promises are looked at when they are due
//! (`store::promises`). When it is over, each child has a clock that runs at once, and is resolved a few at a time, or
//! goes on alone where the incident was withdrawn; a reader's own children are resolved with the mail that tells them so.

mod children;
mod clock;
mod comparison;
mod readers;
#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use self::readers::readers;
pub use self::readers::unheard;
pub(super) use self::{
    children::propose,
    clock::clock_ran,
    comparison::{About, Told, matches},
    readers::{is_overtaken, told},
};
use super::staff::{Command, StaffError};
use crate::{
    desk::{
        case::Case,
        directory::mention::Readers,
        incident::{self, Begin, Followed, Incident, Say, Scope, UpdateKind},
        lifecycle::{self, Act, Channel, Decision, Opening, Refusal},
        priority::Priority,
        rfo::RfoKind,
        staff_member::StaffMember,
        topic::Topic,
    },
    mail::address::Address,
    store::{
        StoreError,
        broadcasts::{self, NewBroadcast},
        cases,
        commit::{Manner, commit},
        incidents, meta, rfos,
        savepoint::attempt,
        services,
    },
};

/// Proposals that are looked at for one mail, or linked by one command.
const PROPOSALS: usize = 10_000;

/// An incident as staff describe it.
#[derive(Debug, Clone)]
pub struct NewIncident<'a> {
    pub scope: Scope,
    pub title: Option<&'a str>,
    pub impact: &'a str,
    pub text: Option<&'a str>,
    pub began_at: Option<DateTime<Utc>>,
    pub etr: Option<DateTime<Utc>>,
    /// none: whoever opens it
    pub manager: Option<&'a StaffMember>,
    /// a case that is about it for certain
    pub first: Option<&'a Case>,
    /// though another is open on the same
    pub again: bool,
}

/// What came of opening one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    pub linked: usize,
    pub proposed: usize,
}

/// What would come of opening one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rehearsed {
    pub title: String,
    pub found: Found,
    /// the addresses of all customers that would be told
    pub told: Vec<String>,
    /// affected organisations of which nobody would be told
    pub unheard: Vec<String>,
}

impl Command<'_> {
    /// Opens an incident with its parent case; links what is about it for certain, and proposes what may be.
    pub fn open_incident(&self, tx: &Connection, new: &NewIncident<'_>) -> Result<(Incident, Case, Found), StaffError> {
        let desk = &self.office.desk;
        incident::may_manage(desk, self.name)?;
        if !new.scope.sites.is_empty() {
            new.scope.check_sites(&services::sites(tx)?)?;
        }
        if !new.again {
            for open in incidents::open(tx)? {
                incident::may_open_beside(&open, cases::by_id(tx, open.case)?.reference, &new.scope)?;
            }
        }
        let own = || desk.find_staff(self.name).map_err(|_| Refusal("name the incident manager".to_owned()));
        let manager = new.manager.map_or_else(own, Ok)?;
        let (id, reference) = cases::allocate(tx)?;
        // Nobody asked for it by mail: its requester is who opened it, and gets no mail as such.
        let nobody = Address { name: Some(self.name.to_owned()), email: String::new() };
        let parent = lifecycle::open(
            Opening {
                id,
                reference,
                subject: String::new(),
                requester: nobody.clone(),
                reply_to: nobody,
                utc_offset_seconds: None,
                requester_zone: None,
                language: None,
                priority: Priority::P1G,
                received_at: self.now,
                channel: Channel::Incident { staff: self.name },
                continues: None,
                named: None,
                spam: false,
                participants: vec![],
                end_user: None,
                arrangement: None,
            },
            &desk.policy,
            self.now,
        );
        let begin = Begin {
            number: incidents::allocate(tx)?,
            scope: new.scope.clone(),
            title: new.title,
            impact: new.impact,
            text: new.text,
            // What the first case tells of is older than its opening here.
            began_at: new.began_at.unwrap_or_else(|| new.first.map_or(self.now, |case| case.opened_at)),
            etr: new.etr,
            manager,
        };
        let followed = incident::open(parent, begin, self.name, desk, self.now)?;
        self.names_nobody(tx, &incident::public_texts(&followed), Readers::Everybody)?;
        let cause = format!("staff:{}", meta::next_act(tx)?);
        // First: what it is decides what is promised on its parent.
        incidents::put(tx, &followed)?;
        commit(tx, desk, &followed.decision, &manner(&cause), self.now)?;
        if let Some(first) = new.first {
            self.link_now(tx, &followed.incident, &followed.decision.case, first)?;
        }
        let found = self.find_children(tx, &followed.incident, &followed.decision.case)?;
        self.cascade(tx, &followed, &cause)?;
        Ok((followed.incident, followed.decision.case, found))
    }

    /// What [`Command::open_incident`] would come to, and whom it would tell. Nothing of it stays.
    pub fn rehearse_incident(&self, tx: &Connection, new: &NewIncident<'_>) -> Result<Rehearsed, StaffError> {
        let mut would = None;
        let undone = attempt(tx, |tx| {
            let (incident, _, found) = self.open_incident(tx, new)?;
            let told = readers(tx, self.office, &incident)?.into_iter().map(|reader| reader.address.email);
            let told = told.collect::<BTreeSet<_>>().into_iter().collect();
            let unheard = unheard(tx, self.office, &incident)?;
            would = Some(Rehearsed { title: incident.title, found, told, unheard });
            Err::<(), StaffError>(Refusal("it was a rehearsal".to_owned()).into())
        });
        match (would, undone) {
            (Some(would), _) => Ok(would),
            (None, Err(why)) => Err(why),
            (None, Ok(())) => Err(Refusal("nothing was rehearsed".to_owned()).into()),
        }
    }

    /// What an act on a case comes to where it is the parent of an incident, or names one; none: what it comes to on any
    /// other case.
    pub(super) fn act_on_incident(
        &self,
        tx: &Connection,
        case: &Case,
        act: &Act<'_>,
    ) -> Result<Option<Case>, StaffError> {
        let own = incidents::by_case(tx, case.id)?;
        if let Some(incident) = &own {
            incident::may_do_to_parent(incident, act)?;
        }
        match (own, act) {
            (Some(incident), Act::Etr { at, text, .. }) => {
                self.update_incident(tx, &incident, Say { text: *text, etr: Some(*at), internal: false })?;
            }
            (Some(incident), Act::Assign { to: Some(to) }) => {
                let person = self.office.desk.find_staff(&to.email);
                let person = person.map_err(|why| Refusal(why.to_string()))?;
                self.hand_over_incident(tx, &incident, person)?;
            }
            (Some(incident), Act::Link { other }) => self.link_children(tx, &incident, &[(*other).clone()])?,
            (None, Act::Link { other }) => match incidents::by_case(tx, other.id)? {
                Some(incident) => self.link_children(tx, &incident, std::slice::from_ref(case))?,
                None => return Ok(None),
            },
            _ => return Ok(None),
        }
        Ok(Some(cases::by_id(tx, case.id)?))
    }

    /// Tells all customers of an incident how it stands, or keeps a note.
    pub fn update_incident(&self, tx: &Connection, incident: &Incident, say: Say<'_>) -> Result<Incident, StaffError> {
        let case = cases::by_id(tx, incident.case)?;
        let followed = incident::update(&case, incident, say, self.name, &self.office.desk, self.now)?;
        self.follow_incident(tx, &followed)
    }

    pub fn hand_over_incident(
        &self,
        tx: &Connection,
        incident: &Incident,
        to: &StaffMember,
    ) -> Result<Incident, StaffError> {
        let case = cases::by_id(tx, incident.case)?;
        let followed = incident::hand_over(&case, incident, to, self.name, &self.office.desk, self.now)?;
        self.follow_incident(tx, &followed)
    }

    /// It is over: its children are resolved, and all are told the cause.
    pub fn close_incident(&self, tx: &Connection, incident: &Incident, cause: &str) -> Result<Incident, StaffError> {
        let case = cases::by_id(tx, incident.case)?;
        let followed = incident::close(&case, incident, cause, self.name, &self.office.desk, self.now)?;
        let closed = self.follow_incident(tx, &followed)?;
        incidents::end_children(tx, &closed, self.now)?;
        Ok(closed)
    }

    /// It was opened by mistake: its children go on alone, and whoever was told of it is told so.
    pub fn withdraw_incident(
        &self,
        tx: &Connection,
        incident: &Incident,
        reason: &str,
    ) -> Result<Incident, StaffError> {
        let case = cases::by_id(tx, incident.case)?;
        let followed = incident::withdraw(&case, incident, reason, self.name, &self.office.desk, self.now)?;
        incidents::drop_proposals(tx, incident.case)?;
        // There is nothing to report about.
        let reports = rfos::of_case(tx, case.id)?;
        for kind in RfoKind::ALL {
            if reports.iter().any(|rfo| rfo.kind == kind && rfo.state.is_open()) {
                self.cancel_rfo(tx, &case, kind)?;
            }
        }
        let withdrawn = self.follow_incident(tx, &followed)?;
        incidents::end_children(tx, &withdrawn, self.now)?;
        Ok(withdrawn)
    }

    fn follow_incident(&self, tx: &Connection, followed: &Followed) -> Result<Incident, StaffError> {
        self.names_nobody(tx, &incident::public_texts(followed), Readers::Everybody)?;
        let cause = format!("staff:{}", meta::next_act(tx)?);
        commit(tx, &self.office.desk, &followed.decision, &manner(&cause), self.now)?;
        incidents::put(tx, followed)?;
        self.cascade(tx, followed, &cause)?;
        Ok(followed.incident.clone())
    }

    /// Says to many what was posted, and to the others of the staff.
    fn cascade(&self, tx: &Connection, followed: &Followed, cause: &str) -> Result<(), StaffError> {
        let Some(update) = &followed.said else { return Ok(()) };
        let (desk, incident) = (&self.office.desk, &followed.incident);
        let mut told = Decision::unchanged(&followed.decision.case);
        told.notices = incident::posted(&followed.decision.case, incident, update, self.name, desk);
        commit(tx, desk, &told, &manner(&format!("{cause}:told")), self.now)?;
        let data = incident::told_to_all(incident, update, &desk.policy);
        let broadcast = NewBroadcast {
            topic: Topic::Incident(incident.case),
            kind: update.kind.notice(),
            cause: &format!("{}:{}", incident.number, update.number),
            decided_at: self.now,
            data: &data,
        };
        let readers = match update.kind {
            UpdateKind::Withdrawn => incidents::hearers(tx, incident)?,
            _ => readers(tx, self.office, incident)?,
        };
        broadcasts::add(tx, &broadcast, readers)?;
        Ok(())
    }
}

fn manner(cause: &str) -> Manner<'_> {
    Manner { cause, ..Manner::default() }
}

/// Finds an incident by its number or the reference of its parent.
pub fn find(db: &Connection, word: &str) -> Result<Option<Incident>, StoreError> {
    if let Ok(number) = word.parse::<incident::IncidentNumber>() {
        return incidents::by_number(db, number);
    }
    match crate::desk::reference::Reference::parse(word) {
        Ok(reference) => match cases::by_reference(db, reference)? {
            Some(case) => incidents::by_case(db, case.id),
            None => Ok(None),
        },
        Err(_) => Ok(None),
    }
}
