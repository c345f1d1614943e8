//! Reports on outages, between the core and the store: what is asked for by mail and by staff, what is written, sent, and
//! falls due.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::{
    letter,
    office::Office,
    staff::{Command, StaffError},
};
use crate::{
    desk::{
        case::{Actor, Case},
        lifecycle::{Refusal, What},
        notice,
        rfo::{self, Asking, Facts, Followed, Preventive, Rfo, RfoKind, Written},
    },
    mail::{address::Address, compose::Attachment, extract::FieldName},
    store::{
        StoreError, asked, cases,
        clocks::DueClock,
        commit::{Manner, commit},
        contacts, history, incidents, meta, outbox, problems, rfos,
    },
};
use chrono::{DateTime, Utc};

/// The clock of a case's reports has run.
pub(super) fn clock_ran(
    tx: &Connection,
    office: &Office,
    clock: &DueClock,
    cause: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let case = cases::by_id(tx, clock.case)?;
    let known = rfos::of_case(tx, case.id)?;
    let drafted = rfos::draft(tx, case.id)?.is_some();
    let followed = rfo::clock_ran(&case, &known, drafted, &office.desk.policy, now);
    follow(tx, office, &followed, &Manner { cause, ..Manner::default() }, now)
}

/// Makes so what follows.
pub(super) fn follow(
    tx: &Connection,
    office: &Office,
    followed: &Followed,
    manner: &Manner<'_>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    for rfo in &followed.rfos {
        rfos::put(tx, rfo)?;
    }
    commit(tx, &office.desk, &followed.decision, manner, now)
}

/// What is known for the reports of a case, and what they would say.
pub struct Report {
    pub requests: Vec<Rfo>,
    pub written: Written,
    /// what the mail and the document say
    pub data: Value,
    /// why it can't be sent yet
    pub lacks: Option<Refusal>,
}

/// Puts a report together from the case, what staff have written, and the problems to which the case is linked.
pub fn report(
    db: &Connection,
    office: &Office,
    case: &Case,
    kind: RfoKind,
    staff_name: &str,
    now: DateTime<Utc>,
) -> Result<Report, StoreError> {
    let written = written(db, case)?;
    let organisation = contacts::known_of(db, &case.requester.email)?.organisation.map(|o| o.name);
    let fields = asked::fields(db, case.id)?;
    let names_a_service = |name: &str| FieldName::parse(name).is_some_and(FieldName::names_a_service);
    let services: Vec<String> =
        fields.iter().filter(|f| names_a_service(&f.name) && f.doubt.is_none()).map(|f| f.value.clone()).collect();
    let told_impact = fields.iter().rfind(|field| field.name == FieldName::Impact.as_str());
    let history: Vec<(DateTime<Utc>, What)> =
        history::of_case(db, case.id)?.into_iter().map(|line| (line.at, line.what)).collect();
    // An acknowledgement is no response: a person's mail is.
    let first_response = outbox::of_case(db, case.id)?
        .into_iter()
        .find(|notice| !notice.automatic && !notice.kind.is_for_staff())
        .map(|notice| notice.decided_at);
    let facts = Facts {
        case,
        kind,
        organisation: organisation.as_deref(),
        services: &services,
        told_impact: told_impact.map(|field| field.value.as_str()),
        history: &history,
        first_response,
        written: &written,
        staff_name,
    };
    let lacks = facts.is_complete().err();
    let data = rfo::document(&facts, &office.desk.policy, now);
    Ok(Report { requests: rfos::of_case(db, case.id)?, written, data, lacks })
}

/// What staff have written; where they have not, what the case's problems say.
fn written(db: &Connection, case: &Case) -> Result<Written, StoreError> {
    let mut written = rfos::draft(db, case.id)?.unwrap_or_default();
    let problems = problems::of_case(db, case.id)?;
    if written.cause.is_none() {
        written.cause = problems.iter().rev().find_map(|problem| problem.cause.clone());
    }
    if written.cause.is_none() {
        written.cause = incidents::latest_of(db, case.id)?.and_then(|incident| incident.cause);
    }
    if written.preventive.is_empty() {
        let actions = problems.iter().flat_map(|problem| &problem.actions);
        let preventive = |action: &crate::desk::problem::Action| Preventive {
            text: action.text.clone(),
            due: action.due,
            done: action.done_at.is_some(),
        };
        written.preventive = actions.map(preventive).collect();
    }
    Ok(written)
}

/// The report as an HTML document to keep, in the requester's language.
pub fn document(db: &Connection, office: &Office, case: &Case, report: &Report) -> Result<String, StaffError> {
    let language = letter::language_of(db, office, &case.reply_to.email, case.language.as_deref())?;
    let mut data = report.data.clone();
    data["reference"] = json!(case.reference.to_string());
    data["subject"] = notice::subject(&case.subject);
    data["priority"] = json!(case.priority.to_string());
    data["desk_name"] = json!(office.desk.sender.display());
    data["desk_address"] = json!(office.desk.sender.email);
    office.templates.render_document("rfo-document", &language, &data).map_err(|e| Refusal(e.to_string()).into())
}

impl Command<'_> {
    /// Writes down that somebody asked by telephone.
    pub fn ask_rfo(
        &self,
        tx: &Connection,
        case: &Case,
        kind: RfoKind,
        person: &Address,
        answered: bool,
    ) -> Result<Vec<Rfo>, StaffError> {
        let policy = &self.office.desk.policy;
        rfo::refuse_ask(case, policy)?;
        let known = rfos::of_case(tx, case.id)?;
        let actor = Actor::Staff(self.name.to_owned());
        let asking = Asking { kind, person, resolved: rfo::is_resolved(case.status), actor, answered };
        self.follow_rfo(tx, &rfo::ask(case, &known, &asking, policy, self.now), &[])?;
        Ok(rfos::of_case(tx, case.id)?)
    }

    /// Keeps what staff write for the reports of a case; what is not given stays as it is.
    pub fn draft_rfo(&self, tx: &Connection, case: &Case, fresh: Written) -> Result<(), StaffError> {
        let before = rfos::draft(tx, case.id)?.unwrap_or_default();
        let preventive = if fresh.preventive.is_empty() { before.preventive } else { fresh.preventive };
        let draft = Written {
            impact: fresh.impact.or(before.impact),
            cause: fresh.cause.or(before.cause),
            resolution: fresh.resolution.or(before.resolution),
            preventive,
        };
        rfos::put_draft(tx, case.id, &draft, self.name, self.now)?;
        self.remark(tx, case, "drafted the reports on this case".to_owned())
    }

    /// Sends the report to all who wait for it.
    pub fn send_rfo(&self, tx: &Connection, case: &Case, kind: RfoKind) -> Result<Vec<Rfo>, StaffError> {
        let report = report(tx, self.office, case, kind, self.name, self.now)?;
        if let Some(lacks) = report.lacks {
            return Err(lacks.into());
        }
        let html = document(tx, self.office, case, &report)?;
        let attachment = Attachment {
            name: format!("{kind}-{}.html", case.reference),
            content_type: "text/html; charset=utf-8".to_owned(),
            bytes: html.into_bytes(),
        };
        let policy = (&self.office.desk.policy, self.now);
        let followed = rfo::send(case, &report.requests, kind, self.name, &report.data, policy)?;
        self.follow_rfo(tx, &followed, &[attachment])?;
        Ok(followed.rfos)
    }

    pub fn cancel_rfo(&self, tx: &Connection, case: &Case, kind: RfoKind) -> Result<(), StaffError> {
        let known = rfos::of_case(tx, case.id)?;
        let followed = rfo::cancel(case, &known, kind, self.name, (&self.office.desk.policy, self.now))?;
        Ok(self.follow_rfo(tx, &followed, &[])?)
    }

    /// Who waited for a report of a duplicate waits for that of its main case.
    pub(super) fn take_over_rfos(&self, tx: &Connection, duplicate: &Case, main: &Case) -> Result<(), StaffError> {
        let (known, theirs) = (rfos::of_case(tx, main.id)?, rfos::of_case(tx, duplicate.id)?);
        if theirs.is_empty() {
            return Ok(());
        }
        let followed = rfo::take_over(main, &known, &theirs, &self.office.desk.policy, self.now);
        Ok(self.follow_rfo(tx, &followed, &[])?)
    }

    fn follow_rfo(&self, tx: &Connection, followed: &Followed, attachments: &[Attachment]) -> Result<(), StoreError> {
        let cause = format!("staff:{}", meta::next_act(tx)?);
        follow(tx, self.office, followed, &Manner { cause: &cause, late: false, attachments }, self.now)
    }
}
