//! To whom of the staff a mail's case goes, whether it asks for escalation, and what it answers to a proposal to wait.

use super::TakingIn;
use crate::{
    daemon::{assignment, escalation},
    desk::{
        case::Case,
        cues::{Asked, Request},
        deferral, escalation as rules,
        lifecycle::Decision,
    },
    mail::{address::Address, sort::Kind, thread::Standing},
    store::{StoreError, contacts, deferrals, escalations},
};

impl TakingIn<'_> {
    /// Has a case begin with one of the staff. What robots open is nobody's until staff have looked at it, and of old mail
    /// they get a list.
    pub(super) fn give_to_somebody(
        &self,
        before: Option<&Case>,
        decision: &mut Decision,
        asked: &Asked,
    ) -> Result<(), StoreError> {
        let from_people = matches!(self.mail.sorted.kind, Kind::Person | Kind::List) || self.known.is_system();
        if !from_people || self.is_late() {
            return Ok(());
        }
        let organisation = contacts::known_of(self.tx, &decision.case.requester.email)?.organisation_id();
        let products = assignment::products_in(self.tx, organisation, asked)?;
        assignment::assign(self.tx, self.office, before, decision, &products, self.now)
    }

    /// Does the mail ask that its case go up? It does so once, however often it says it.
    pub(super) fn ask_to_escalate(
        &self,
        decision: &mut Decision,
        standing: Standing,
        writer: &Address,
        silenced: Option<&str>,
        asked: &Asked,
    ) -> Result<(), StoreError> {
        if !self.may_ask(asked) || silenced.is_some() {
            return Ok(());
        }
        let products = assignment::products_of(self.tx, &decision.case)?;
        let around = escalation::around(self.tx, &self.office.desk, &decision.case, products)?;
        let before = escalations::of_case(self.tx, &decision.case, &self.office.desk.policy)?;
        let mut after = before.clone();
        let asks = rules::Asked { writer, standing, proven: self.is_proven(), excerpt: &self.mail.excerpt };
        rules::asked_by_mail(decision, &mut after, &asks, &around, self.now);
        if after != before {
            escalations::put(self.tx, decision.case.id, &after)?;
        }
        Ok(())
    }

    /// The same of the mail that opens a case.
    pub(super) fn ask_to_escalate_first(
        &self,
        decision: &mut Decision,
        writer: &Address,
        asked: &Asked,
    ) -> Result<(), StoreError> {
        if !self.may_ask(asked) {
            return Ok(());
        }
        let organisation = self.known.organisation_id();
        let products = assignment::products_in(self.tx, organisation, asked)?;
        let around = escalation::around(self.tx, &self.office.desk, &decision.case, products)?;
        let escalation = escalations::of_case(self.tx, &decision.case, &self.office.desk.policy)?;
        let standing = Standing::Requester;
        let asks = rules::Asked { writer, standing, proven: self.is_proven(), excerpt: &self.mail.excerpt };
        rules::asked_in_first_mail(decision, &escalation, &asks, &around, self.now);
        Ok(())
    }

    fn may_ask(&self, asked: &Asked) -> bool {
        let by_person = self.mail.sorted.kind == Kind::Person && self.mail.sorted.answerable();
        asked.hears(Request::Escalate) && by_person && self.mail.sorted.verified && !self.is_late()
    }

    /// Does the mail answer what staff have proposed: that the case wait?
    pub(super) fn answer_to_a_proposal(
        &self,
        decision: &mut Decision,
        standing: Standing,
        writer: &Address,
    ) -> Result<(), StoreError> {
        let asked = deferrals::of_case(self.tx, decision.case.id)?;
        let Some(before) = asked.filter(|asked| self.mail.received_at >= asked.asked_at) else { return Ok(()) };
        if self.mail.sorted.kind != Kind::Person {
            return Ok(());
        }
        let mut after = before.clone();
        let text = self.mail.said.own_words();
        let reply = deferral::Reply { writer: &writer.email, standing, proven: self.is_proven(), text };
        deferral::replied(decision, &mut after, &reply, &self.office.desk.policy, self.now);
        if after != before {
            deferrals::put(self.tx, decision.case.id, &after)?;
        }
        Ok(())
    }
}
