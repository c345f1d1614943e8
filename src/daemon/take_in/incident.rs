//! A mail and the major network incidents of its time: its case becomes a child where that is certain, and is proposed to
//! staff where it may be one; what a customer writes on a child is seen on the parent, too.

use chrono::Duration;

use super::TakingIn;
use crate::{
    daemon::incident::{self, About, Told},
    desk::{
        case::{Actor, Case, CaseId},
        cues::{Asked, Request},
        hours::Zone,
        incident::{self as incidents_of, Incident},
        lifecycle::{Clock, ClockChange, Decision, Entry, What},
        notice::NoticeKind,
        topic::Topic,
    },
    mail::{address::Address, extract::FieldName, sort::Kind, thread::Standing},
    store::{
        self, StoreError, cases, clocks,
        commit::{Manner, commit},
        incidents, outbox,
    },
};

/// Mails of customers that the manager is shown in an hour; all stand in the parent's history.
const SHOWN_PER_HOUR: u32 = 30;

/// What a mail's case is to incidents.
#[derive(Debug, Default)]
pub(super) struct Joins {
    certain: Option<About>,
    likely: Vec<About>,
}

impl Joins {
    pub fn is_certain(&self) -> bool {
        self.certain.is_some()
    }
}

impl TakingIn<'_> {
    /// Compares the case of a decision with the open incidents; what follows is added to the decision. `opens`: the mail
    /// opens the case.
    pub(super) fn join_incident(
        &self,
        decision: &mut Decision,
        asked: &Asked,
        opens: bool,
    ) -> Result<Joins, StoreError> {
        let sorted = &self.mail.sorted;
        if sorted.kind != Kind::Person || !sorted.verified || incidents::open(self.tx)?.is_empty() {
            return Ok(Joins::default());
        }
        let told = self.told(&decision.case, asked, opens)?;
        let (certain, likely) = incident::matches(self.tx, self.office, &decision.case, &told)?;
        let joins = Joins { certain, likely };
        if let Some((incident, why)) = &joins.certain {
            self.make_child(decision, incident, why)?;
        }
        for (incident, why) in &joins.likely {
            let parent = cases::by_id(self.tx, incident.case)?.reference;
            decision.mark_for_staff(format!("may belong to {} ({why}): #link {parent}", incident.number));
        }
        Ok(joins)
    }

    fn make_child(&self, decision: &mut Decision, incident: &Incident, why: &str) -> Result<(), StoreError> {
        let parent = cases::by_id(self.tx, incident.case)?;
        // Only what staff do can be refused: what can't be linked is no child.
        let Ok(linked) = incidents_of::link(&decision.case, incident, &parent, &Actor::Desk, false, self.now) else {
            return Ok(());
        };
        decision.case = linked.case;
        decision.links.extend(linked.links);
        decision.history.extend(linked.history);
        let set = |change: &ClockChange, other: &ClockChange| matches!((change, other), (ClockChange::Set(a, _), ClockChange::Clear(b)) if a == b);
        decision.clocks.retain(|change| !linked.clocks.iter().any(|other| set(change, other)));
        decision.clocks.extend(linked.clocks);
        decision.mark_for_staff(format!("linked to {} ({why}), whose manager tells its customers", incident.number));
        let policy = &self.office.desk.policy;
        let zone: Zone = decision.case.zone(policy);
        let last = incidents::last_in_words(self.tx, incident.case)?;
        let known = incidents_of::known(incident, last.as_ref(), &zone);
        for notice in
            decision.notices.iter_mut().filter(|n| matches!(n.kind, NoticeKind::Acknowledgement | NoticeKind::Linked))
        {
            notice.data.extend(known.clone());
        }
        Ok(())
    }

    /// Writes down what the case is to incidents; the case is written.
    pub(super) fn keep_joined(&self, case: CaseId, joins: &Joins) -> Result<(), StoreError> {
        // Of an incident that is over: it is not resolved unread. From one that was withdrawn it is freed all the same.
        if incidents::ended_of(self.tx, case)?.is_none_or(|incident| incident.withdrawn.is_none()) {
            clocks::clear(self.tx, case, Clock::MniOver)?;
        }
        if let Some((incident, _)) = &joins.certain {
            incidents::link(self.tx, incident.case, case, self.now)?;
        }
        for (incident, why) in &joins.likely {
            incident::propose(self.tx, self.office, incident, case, why, self.now)?;
        }
        Ok(())
    }

    fn told(&self, case: &Case, asked: &Asked, opens: bool) -> Result<Told, StoreError> {
        let own = asked.fields.iter().filter(|found| found.doubt.is_none());
        let mut told = Told {
            names: own.filter(|found| found.name.names_a_service()).map(|found| found.value.clone()).collect(),
            requests: asked.requests.iter().map(|heard| heard.request).collect(),
            impacts: asked.fields.of(FieldName::Impact).map(|found| found.value.clone()).collect(),
            text: format!("{}\n{}", case.subject, self.mail.excerpt).to_lowercase(),
            answers: self.answered_incident(),
        };
        if !opens {
            let is_service = |name: &str| FieldName::parse(name).is_some_and(FieldName::names_a_service);
            for field in store::asked::fields(self.tx, case.id)?.into_iter().filter(|field| field.doubt.is_none()) {
                if is_service(&field.name) {
                    told.names.push(field.value);
                } else if field.name == FieldName::Impact.as_str() {
                    told.impacts.push(field.value);
                }
            }
            let before = store::asked::requests(self.tx, case.id)?;
            told.requests.extend(before.iter().filter_map(|heard| Request::parse(&heard.request)));
        }
        Ok(told)
    }

    /// The parent of the incident whose mail it answers: one that was made for this writer.
    fn answered_incident(&self) -> Option<CaseId> {
        let id = self.answered_id()?;
        let keyring = &self.office.keyring;
        match keyring.verify_topic(id)?.topic {
            Topic::Incident(case) if keyring.is_for(id, &self.mail.writer().email) => Some(case),
            _ => None,
        }
    }

    /// For staff: to the mail of which incident that is over it is the answer. Of one that is open its case becomes a child.
    pub(super) fn past_incident_in_words(&self) -> Result<Option<String>, StoreError> {
        let of_topic = |id: &String| match self.office.keyring.verify_topic(id)?.topic {
            Topic::Incident(case) => Some(case),
            Topic::AllWorks | Topic::Works(_) => None,
        };
        let mail = &self.mail.incoming;
        let cited = mail.in_reply_to.iter().chain(mail.references.iter().rev()).find_map(of_topic);
        let incident = cited.map(|case| incidents::by_case(self.tx, case)).transpose()?.flatten();
        Ok(incident.filter(|incident| !incident.is_open()).map(|incident| {
            let Incident { number, title, .. } = &incident;
            let how = if incident.withdrawn.is_some() { "which was withdrawn" } else { "which is over" };
            format!("about {number} ({title}), {how}: `casepost mni show {number}`")
        }))
    }

    /// A customer wrote on a child: its incident's manager sees it, and the parent's history has it.
    pub(super) fn show_on_parent(
        &self,
        child: &Case,
        writer: &Address,
        standing: Standing,
        mail: i64,
    ) -> Result<(), StoreError> {
        let Some(parent) = child.incident.filter(|_| standing != Standing::Staff) else { return Ok(()) };
        let Some(incident) = incidents::by_case(self.tx, parent)? else { return Ok(()) };
        let parent = cases::by_id(self.tx, parent)?;
        let mut decision = Decision::unchanged(&parent);
        let text = format!("the customer wrote on {}", child.reference);
        let actor = Actor::Writer(writer.email.clone());
        decision.history.push(Entry { at: self.now, actor, what: What::Remark { text } });
        let since = self.now - Duration::hours(1);
        let shown = outbox::automatic_since(self.tx, &incident.manager, since, &[NoticeKind::StaffMni])?;
        if shown < SHOWN_PER_HOUR && !self.is_late() {
            let desk = &self.office.desk;
            let excerpt = &self.mail.excerpt;
            let notice = incidents_of::wrote_on_child(&parent, &incident, child, writer, excerpt, desk);
            decision.notices.push(notice);
        }
        let cause = format!("mail:{mail}:parent");
        commit(self.tx, &self.office.desk, &decision, &Manner { cause: &cause, ..Manner::default() }, self.now)
    }
}
