//! The children of incidents: what staff link and take out, what is found when one is opened, and how it ends for each.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use super::{Found, PROPOSALS, comparison::Directory, manner};
use crate::{
    daemon::{
        office::Office,
        staff::{Command, StaffError},
    },
    desk::{
        case::{Actor, Case, CaseId},
        incident::{
            self, Incident, Update,
            matching::{self, Match},
        },
        lifecycle::{Clock, Decision, Refusal},
        notice::{Notice, NoticeKind},
        topic::Topic,
    },
    store::{
        StoreError,
        broadcasts::{self, NewBroadcast, Reader},
        cases, clocks,
        commit::commit,
        incidents,
    },
};

impl Command<'_> {
    /// Staff link cases; their requesters are told what is known, as the others were.
    pub fn link_children(&self, tx: &Connection, incident: &Incident, children: &[Case]) -> Result<(), StaffError> {
        incident::may_manage(&self.office.desk, self.name)?;
        let parent = cases::by_id(tx, incident.case)?;
        for child in children {
            let knows_already = !incidents::children_of(tx, incident.case, &child.reply_to.email)?.is_empty();
            self.link_now(tx, incident, &parent, child)?;
            if !knows_already {
                self.tell_known(tx, incident, child)?;
            }
        }
        self.tell_manager(tx, &parent, incident::linked(&parent, incident, children, self.name, &self.office.desk))
    }

    /// Who runs an incident has to know what becomes of it.
    fn tell_manager(&self, tx: &Connection, parent: &Case, notice: Option<Notice>) -> Result<(), StaffError> {
        let mut told = Decision::unchanged(parent);
        told.notices.extend(notice);
        Ok(self.commit(tx, &told, &[])?)
    }

    pub(super) fn link_now(
        &self,
        tx: &Connection,
        incident: &Incident,
        parent: &Case,
        child: &Case,
    ) -> Result<(), StaffError> {
        let is_parent = incidents::by_case(tx, child.id)?.is_some();
        let by = Actor::Staff(self.name.to_owned());
        let decision = incident::link(child, incident, parent, &by, is_parent, self.now)?;
        self.commit(tx, &decision, &[])?;
        Ok(incidents::link(tx, incident.case, child.id, self.now)?)
    }

    /// What was said last and the times that hold now, for somebody whose case has become a child since.
    fn tell_known(&self, tx: &Connection, incident: &Incident, child: &Case) -> Result<(), StaffError> {
        let Some(last) = incidents::last_in_words(tx, incident.case)? else { return Ok(()) };
        if child.reply_to.email.is_empty() {
            return Ok(());
        }
        let last = Update { etr: incident.etr, next_update: incident.next_update, ..last };
        let mut data = incident::told_to_all(incident, &last, &self.office.desk.policy);
        data.insert("joined".to_owned(), true.into());
        let broadcast = NewBroadcast {
            topic: Topic::Incident(incident.case),
            kind: NoticeKind::MniOpened,
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
        let proposed = proposals.iter().map(|(case, _)| cases::by_id(tx, *case)).collect::<Result<Vec<_>, _>>()?;
        self.link_children(tx, incident, &proposed)?;
        Ok(proposed.len())
    }

    /// Cases go on, each alone.
    pub fn unlink_children(&self, tx: &Connection, incident: &Incident, children: &[Case]) -> Result<(), StaffError> {
        incident::may_manage(&self.office.desk, self.name)?;
        for child in children {
            self.unlink_now(tx, incident, child)?;
        }
        let parent = cases::by_id(tx, incident.case)?;
        self.tell_manager(tx, &parent, incident::unlinked(&parent, incident, children, self.name, &self.office.desk))
    }

    fn unlink_now(&self, tx: &Connection, incident: &Incident, child: &Case) -> Result<(), StaffError> {
        let decision = incident::unlink(child, incident, self.name, &self.office.desk.policy, self.now)?;
        incidents::unlink(tx, incident.case, child.id, self.now)?;
        Ok(self.commit(tx, &decision, &[])?)
    }

    /// Looks through the open cases of the incident's time.
    pub(super) fn find_children(
        &self,
        tx: &Connection,
        incident: &Incident,
        parent: &Case,
    ) -> Result<Found, StaffError> {
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

/// A case may belong to an incident; staff get it on a mail with all that come within a while.
pub fn propose(
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

/// A child's incident was withdrawn.
pub(super) fn free(
    tx: &Connection,
    office: &Office,
    incident: &Incident,
    child: CaseId,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let decision = incident::free(&cases::by_id(tx, child)?, incident, &office.desk.policy, now);
    // What was said in that moment is no update of a case that goes on alone.
    incidents::unlink(tx, incident.case, child, incident.closed_at.unwrap_or(now))?;
    commit(tx, &office.desk, &decision, &manner(cause), now)
}

/// A child's incident is over.
pub(super) fn resolve(
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
