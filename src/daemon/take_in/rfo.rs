//! A mail asks for a reason for outage or an incident report.

use super::TakingIn;
use crate::{
    daemon::rfo::follow,
    desk::{
        case::{Actor, Case},
        cues::{Asked, Request},
        rfo::{self, Asking, RfoKind},
    },
    mail::{address::Address, thread::Standing},
    store::{StoreError, commit::Manner, rfos},
};

const REQUESTS: [(Request, RfoKind); 2] =
    [(Request::Rfo, RfoKind::Rfo), (Request::IncidentReport, RfoKind::IncidentReport)];

impl TakingIn<'_> {
    /// Records what a mail asks for. `before` is the case as the mail found it, `case` as it is now.
    pub(super) fn ask_for_reports(
        &self,
        before: &Case,
        case: &Case,
        standing: Standing,
        writer: &Address,
        asked: &Asked,
        mail: i64,
    ) -> Result<(), StoreError> {
        if self.why_none(standing).is_some() || case.spam {
            return Ok(());
        }
        // Many mail programs write no name; the directory may have one.
        let name = || self.known.contact.as_ref().and_then(|contact| contact.name.clone());
        let person = Address { name: writer.name.clone().or_else(name), email: writer.email.clone() };
        for (_, kind) in REQUESTS.into_iter().filter(|(request, _)| asked.hears(*request)) {
            let known = rfos::of_case(self.tx, case.id)?;
            let asking = Asking {
                kind,
                person: &person,
                // Whoever says that it is broken again asks for a report of what is not over.
                resolved: rfo::is_resolved(before.status) && !asked.hears(Request::Incident),
                actor: Actor::Writer(writer.email.clone()),
                answered: self.mail.sorted.answerable() && !self.is_late(),
            };
            let followed = rfo::ask(case, &known, &asking, &self.office.desk.policy, self.now);
            let cause = format!("mail:{mail}:{kind}");
            let manner = Manner { cause: &cause, late: self.is_late(), attachments: &[] };
            follow(self.tx, self.office, &followed, &manner, self.now)?;
        }
        Ok(())
    }

    /// What staff have to do, because nothing shows that whoever asks may.
    pub(super) fn unmet_report(&self, standing: Standing, asked: &Asked) -> Option<String> {
        if standing == Standing::Staff || !REQUESTS.into_iter().any(|(request, _)| asked.hears(request)) {
            return None;
        }
        let why = self.why_none(standing)?;
        Some(format!("asks for a report on the outage, and {why}: casepost case rfo … ask, if they may have it"))
    }

    fn why_none(&self, standing: Standing) -> Option<&'static str> {
        match (standing.may_decide(), self.is_proven() && !self.mail.truncated) {
            (true, true) => None,
            (true, false) => Some("nothing proves who wrote it"),
            (false, _) => Some("is neither the requester nor a main point of contact"),
        }
    }
}
