//! Major network incidents: loads what the core has to know, writes what it decides, and says to many what is to be said.
//!
//! An update is one short transaction: the parent's history, one broadcast, and the list of its readers. On the children
//! nothing is written: their history shows it by their link, and their promises are looked at when they are due
//! (`store::promises`). When it is over, each child has a clock that runs at once, and is resolved a few at a time; a
//! reader's own children are resolved with the mail that tells them so.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde_json::{Map, Value};

use super::{
    office::Office,
    staff::{Command, StaffError},
};
use crate::{
    desk::{
        case::{Actor, Case, CaseId},
        cues::Request,
        directory::Service,
        hours::Zone,
        incident::{
            self, Begin, Followed, Incident, OneReader, Say, Scope,
            matching::{self, Facts, Match, judge},
        },
        lifecycle::{self, Act, Channel, Clock, ClockChange, Decision, Opening, Refusal},
        notice::{self, NoticeKind},
        priority::Priority,
        staff_member::StaffMember,
        topic::Topic,
    },
    mail::{address::Address, extract::FieldName},
    store::{
        StoreError, asked,
        broadcasts::{self, Broadcast, NewBroadcast, Reader},
        cases,
        clocks::{self, DueClock},
        commit::{Manner, commit},
        contacts, incidents, meta,
        outbox::StoredNotice,
        savepoint::attempt,
        services, subscriptions,
    },
};

/// Services that a mail names one by one.
const SERVICES: usize = 20;
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
}

impl Command<'_> {
    /// Opens an incident with its parent case; links what is about it for certain, and proposes what may be.
    pub fn open_incident(&self, tx: &Connection, new: &NewIncident<'_>) -> Result<(Incident, Case, Found), StaffError> {
        let desk = &self.office.desk;
        incident::may_manage(desk, self.name)?;
        if !new.scope.sites.is_empty() {
            new.scope.check_sites(&services::sites(tx)?)?;
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
            would = Some(Rehearsed { title: incident.title, found, told });
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
            (Some(incident), Act::Link { other }) => self.link_child(tx, &incident, other)?,
            (None, Act::Link { other }) => match incidents::by_case(tx, other.id)? {
                Some(incident) => self.link_child(tx, &incident, case)?,
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
        incidents::resolve_children(tx, incident.case, self.now)?;
        Ok(closed)
    }

    fn follow_incident(&self, tx: &Connection, followed: &Followed) -> Result<Incident, StaffError> {
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
        let readers = readers(tx, self.office, incident)?;
        broadcasts::add(tx, &broadcast, readers)?;
        Ok(())
    }

    /// Staff link a case; its requester is told what is known, as the others were.
    pub fn link_child(&self, tx: &Connection, incident: &Incident, child: &Case) -> Result<(), StaffError> {
        let parent = cases::by_id(tx, incident.case)?;
        incident::may_manage(&self.office.desk, self.name)?;
        let knows_already = !incidents::children_of(tx, incident.case, &child.reply_to.email)?.is_empty();
        self.link_now(tx, incident, &parent, child)?;
        if knows_already {
            return Ok(());
        }
        self.tell_known(tx, incident, child)
    }

    fn link_now(&self, tx: &Connection, incident: &Incident, parent: &Case, child: &Case) -> Result<(), StaffError> {
        let is_parent = incidents::by_case(tx, child.id)?.is_some();
        let by = Actor::Staff(self.name.to_owned());
        let decision = incident::link(child, incident, parent, &by, is_parent, self.now)?;
        self.commit(tx, &decision, &[])?;
        Ok(incidents::link(tx, incident.case, child.id, self.now)?)
    }

    /// What was said last, for somebody whose case has become a child since.
    fn tell_known(&self, tx: &Connection, incident: &Incident, child: &Case) -> Result<(), StaffError> {
        let Some(last) = incidents::last_update(tx, incident.case)? else { return Ok(()) };
        if child.reply_to.email.is_empty() {
            return Ok(());
        }
        let data = incident::told_to_all(incident, &last, &self.office.desk.policy);
        let broadcast = NewBroadcast {
            topic: Topic::Incident(incident.case),
            kind: NoticeKind::MniUpdate,
            cause: &format!("{}:linked:{}:{}", incident.number, child.id.0, self.now.timestamp_millis()),
            decided_at: self.now,
            data: &data,
        };
        let address = child.reply_to.clone();
        let reader = Reader { address, organisation: None, case: Some(child.id), subscription: None };
        broadcasts::add(tx, &broadcast, [reader])?;
        Ok(())
    }

    /// Links all that is proposed. Says how many.
    pub fn link_proposed(&self, tx: &Connection, incident: &Incident) -> Result<usize, StaffError> {
        incident::may_manage(&self.office.desk, self.name)?;
        let proposals = incidents::proposals(tx, incident.case, false, PROPOSALS)?;
        if proposals.is_empty() {
            return Err(Refusal(format!("no case is proposed for {}", incident.number)).into());
        }
        for (case, _) in &proposals {
            self.link_child(tx, incident, &cases::by_id(tx, *case)?)?;
        }
        Ok(proposals.len())
    }

    /// A case goes on alone.
    pub fn unlink_child(&self, tx: &Connection, incident: &Incident, child: &Case) -> Result<(), StaffError> {
        incident::may_manage(&self.office.desk, self.name)?;
        let decision = incident::unlink(child, incident, self.name, &self.office.desk.policy, self.now)?;
        incidents::unlink(tx, incident.case, child.id, self.now)?;
        Ok(self.commit(tx, &decision, &[])?)
    }

    /// Looks through the open cases of the incident's time.
    fn find_children(&self, tx: &Connection, incident: &Incident, parent: &Case) -> Result<Found, StaffError> {
        let policy = &self.office.desk.policy;
        let mut directory = Directory::default();
        let (mut certain, mut proposed) = (Vec::new(), 0);
        for case in cases::open_since(tx, matching::earliest(incident, policy))? {
            match directory.judge(tx, self.office, incident, &case)? {
                Match::Certain(why) if policy.mni.link_at_once => {
                    let decision = incident::link(&case, incident, parent, &Actor::Desk, false, self.now)?;
                    if decision.case.status == case.status {
                        certain.push((case.id, why));
                    } else {
                        self.commit(tx, &decision, &[])?;
                        incidents::link(tx, incident.case, case.id, self.now)?;
                    }
                }
                Match::Certain(why) | Match::Likely(why) => {
                    propose(tx, self.office, incident, case.id, why, self.now)?;
                    proposed += 1;
                }
                Match::No => {}
            }
        }
        incidents::link_many(tx, incident.case, &certain, self.now)?;
        let linked = incidents::count_children(tx, incident.case)?;
        Ok(Found { linked: usize::try_from(linked).unwrap_or(usize::MAX), proposed })
    }
}

fn manner(cause: &str) -> Manner<'_> {
    Manner { cause, ..Manner::default() }
}

/// A case may belong to an incident; staff get it on a mail with all that come within a while.
pub(super) fn propose(
    tx: &Connection,
    office: &Office,
    incident: &Incident,
    case: CaseId,
    why: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    incidents::propose(tx, incident.case, case, why, now)?;
    if !clocks::is_set(tx, incident.case, Clock::MniProposed)? {
        clocks::set(tx, incident.case, Clock::MniProposed, now + office.desk.policy.mni.propose_after)?;
    }
    Ok(())
}

/// Everybody who is told of an incident. Of those with one address the first counts, so whoever has a case is told in it.
fn readers(tx: &Connection, office: &Office, incident: &Incident) -> Result<Vec<Reader>, StoreError> {
    let mut all = incidents::readers_of_children(tx, incident.case)?;
    let affected = incidents::affected(tx, &incident.scope)?;
    let organisations: BTreeSet<i64> = affected.iter().map(|service| service.organisation).collect();
    all.extend(incidents::master_contacts(tx, &organisations.into_iter().collect::<Vec<_>>())?);
    if office.desk.policy.mni.cascade_to_subscribers {
        all.extend(subscribers(tx, incident)?);
    }
    // Staff have mails of their own about it.
    all.retain(|reader| !office.desk.is_own(&reader.address.email) && !office.desk.is_staff(&reader.address.email));
    Ok(all)
}

/// Whoever has subscribed to the incident, to one of its platforms, or to all.
fn subscribers(tx: &Connection, incident: &Incident) -> Result<Vec<Reader>, StoreError> {
    let platforms: Vec<String> = incident.scope.platforms.iter().cloned().collect();
    subscriptions::of_incident(tx, incident.case, &platforms)
}

/// What one reader is told beside what all are told; none: nothing any more, since their cases go on alone.
pub fn told(
    tx: &Connection,
    office: &Office,
    parent: CaseId,
    broadcast: &Broadcast,
    reader: &Reader,
) -> Result<Option<Map<String, Value>>, StoreError> {
    let Some(incident) = incidents::by_case(tx, parent)? else { return Ok(None) };
    let policy = &office.desk.policy;
    let email = &reader.address.email;
    let children = incidents::children_of(tx, parent, email)?;
    if reader.case.is_some() && children.is_empty() {
        return Ok(None);
    }
    let is_over = broadcast.kind == NoticeKind::MniResolved;
    if is_over {
        for (child, _) in &children {
            // Their status is what the mail says, whichever comes first.
            resolve(tx, office, &incident, *child, &broadcast.cause, broadcast.decided_at)?;
        }
    }
    let known = contacts::known_of(tx, email)?;
    let contact = known.contact.as_ref();
    let case = reader.case.map(|case| cases::by_id(tx, case)).transpose()?;
    let zone = match (contact.and_then(|contact| contact.zone), &case) {
        (Some(zone), _) => Zone::Named(zone),
        (None, Some(case)) if case.reply_to.email == *email => case.zone(policy),
        _ => Zone::Named(policy.zone),
    };
    let closes_at = (is_over && !children.is_empty()).then(|| incident::closes_at(policy, broadcast.decided_at));
    let own = OneReader {
        zone,
        greeting_name: reader.address.name.clone().or_else(|| contact?.name.clone()),
        references: children.iter().map(|(_, reference)| *reference).collect(),
        // A subscriber reads what is public.
        services: match known.organisation_id().or(reader.organisation).filter(|_| reader.subscription.is_none()) {
            Some(organisation) => services_of(tx, &incident, organisation)?,
            None => vec![],
        },
        closes_at,
    };
    let mut data = incident::told_to_one(&broadcast.data, &own);
    // What stands in the subject of a thread stays the same.
    let (reference, subject) = match &case {
        Some(case) => (case.reference.to_string(), notice::subject(&case.subject)),
        None => (incident.number.to_string(), incident.title.as_str().into()),
    };
    data.insert("reference".to_owned(), reference.into());
    data.insert("subject".to_owned(), subject);
    Ok(Some(data))
}

/// Is a notice overtaken by the end of its incident? One that a mail server kept waiting would come behind it.
pub(super) fn is_overtaken(tx: &Connection, notice: &StoredNotice) -> Result<bool, StoreError> {
    let (Some(Topic::Incident(parent)), NoticeKind::MniOpened | NoticeKind::MniUpdate) = (notice.topic, notice.kind)
    else {
        return Ok(false);
    };
    let closed = incidents::by_case(tx, parent)?.and_then(|incident| incident.closed_at);
    Ok(closed.is_some_and(|at| at > notice.decided_at))
}

/// The affected services of an organisation, each by the number that its people know best.
fn services_of(db: &Connection, incident: &Incident, organisation: i64) -> Result<Vec<String>, StoreError> {
    let own = services::of_organisation(db, organisation)?;
    let affected = own.into_iter().filter(|service| incident.scope.affects(service));
    Ok(affected.filter_map(|s| s.circuit_id.or(s.service_id).or(s.order_number)).take(SERVICES).collect())
}

/// A child's incident is over.
fn resolve(
    tx: &Connection,
    office: &Office,
    incident: &Incident,
    child: CaseId,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    // Without its clock the customer has written since: what they wrote comes first.
    if !clocks::is_set(tx, child, Clock::MniOver)? {
        return Ok(());
    }
    let case = cases::by_id(tx, child)?;
    match incident::resolve_child(&case, incident, &office.desk.policy, now) {
        Some(decision) => commit(tx, &office.desk, &decision, &manner(&format!("{cause}:{}", child.0)), now),
        None => clocks::clear(tx, child, Clock::MniOver),
    }
}

/// A clock of an incident has run: on its parent, or on a child of one that is over.
pub(super) fn clock_ran(
    tx: &Connection,
    office: &Office,
    clock: &DueClock,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let found = match clock.clock {
        Clock::MniOver => incidents::latest_of(tx, clock.case)?,
        _ => incidents::by_case(tx, clock.case)?,
    };
    let Some(incident) = found else { return clocks::clear(tx, clock.case, clock.clock) };
    match clock.clock {
        Clock::MniOver => resolve(tx, office, &incident, clock.case, cause, now),
        Clock::MniProposed => {
            let mut proposals = Vec::new();
            for (case, why) in incidents::proposals(tx, clock.case, true, PROPOSALS)? {
                proposals.push((cases::by_id(tx, case)?, why));
            }
            let parent = cases::by_id(tx, clock.case)?;
            let mut decision = Decision::unchanged(&parent);
            decision.clocks.push(ClockChange::Clear(Clock::MniProposed));
            if !proposals.is_empty() && incident.is_open() {
                decision.notices.push(incident::proposed(&parent, &incident, &proposals, &office.desk));
            }
            incidents::proposals_told(tx, clock.case, now)?;
            commit(tx, &office.desk, &decision, &manner(cause), now)
        }
        _ => {
            let proposed = incidents::proposals(tx, clock.case, false, PROPOSALS)?.len();
            let case = cases::by_id(tx, clock.case)?;
            let followed = incident::clock_ran(&case, &incident, proposed, &office.desk, now);
            incidents::put(tx, &followed)?;
            commit(tx, &office.desk, &followed.decision, &manner(cause), now)
        }
    }
}

/// What the directory says, looked up once for each customer.
#[derive(Default)]
struct Directory {
    owned: BTreeMap<i64, Vec<Service>>,
}

impl Directory {
    fn judge(
        &mut self,
        db: &Connection,
        office: &Office,
        incident: &Incident,
        case: &Case,
    ) -> Result<Match, StoreError> {
        let fields = asked::fields(db, case.id)?;
        let is_service = |name: &str| FieldName::parse(name).is_some_and(FieldName::names_a_service);
        let named = fields.iter().filter(|field| field.doubt.is_none() && is_service(&field.name));
        let names: Vec<String> = named.map(|field| field.value.clone()).collect();
        let impact = FieldName::Impact.as_str();
        let told = Told {
            names,
            requests: asked::requests(db, case.id)?.iter().filter_map(|r| Request::parse(&r.request)).collect(),
            impacts: fields.iter().filter(|field| field.name == impact).map(|field| field.value.clone()).collect(),
            text: case.subject.to_lowercase(),
            answers: None,
        };
        self.compare(db, office, incident, case, &told)
    }

    fn compare(
        &mut self,
        db: &Connection,
        office: &Office,
        incident: &Incident,
        case: &Case,
        told: &Told,
    ) -> Result<Match, StoreError> {
        let organisation = contacts::known_of(db, &case.requester.email)?.organisation_id();
        let owned = match organisation {
            Some(id) => {
                if let std::collections::btree_map::Entry::Vacant(entry) = self.owned.entry(id) {
                    entry.insert(services::of_organisation(db, id)?);
                }
                self.owned.get(&id).map(Vec::as_slice).unwrap_or_default()
            }
            None => &[],
        };
        let named = services::by_ids(db, &told.names)?;
        let impacts: Vec<&str> = told.impacts.iter().map(String::as_str).collect();
        let facts = Facts {
            named: &named,
            owned,
            organisation,
            requests: &told.requests,
            impacts: &impacts,
            text: &told.text,
            answers: told.answers == Some(incident.case),
        };
        Ok(judge(incident, case, &facts, &office.desk.policy))
    }
}

/// What a case tells of its matter.
#[derive(Debug, Clone, Default)]
pub(super) struct Told {
    /// of services, without a doubt
    pub names: Vec<String>,
    pub requests: Vec<Request>,
    pub impacts: Vec<String>,
    /// in lower case
    pub text: String,
    /// the parent of the incident whose mail it answers
    pub answers: Option<CaseId>,
}

/// An incident that a case is about, and why.
pub(super) type About = (Incident, &'static str);

/// The open incident to which a case belongs for certain, or else those to which it may.
pub(super) fn matches(
    db: &Connection,
    office: &Office,
    case: &Case,
    told: &Told,
) -> Result<(Option<About>, Vec<About>), StoreError> {
    let mut directory = Directory::default();
    let mut likely = Vec::new();
    for incident in incidents::open(db)? {
        if incidents::is_settled(db, incident.case, case.id)? {
            continue;
        }
        match directory.compare(db, office, &incident, case, told)? {
            Match::Certain(why) if office.desk.policy.mni.link_at_once => return Ok((Some((incident, why)), vec![])),
            Match::Certain(why) | Match::Likely(why) => likely.push((incident, why)),
            Match::No => {}
        }
    }
    Ok((None, likely))
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

#[cfg(test)]
pub(super) mod tests;
