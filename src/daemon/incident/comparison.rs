//! Cases beside open incidents: what the directory and their mails tell, for the core to judge.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::{
    daemon::office::Office,
    desk::{
        case::{Case, CaseId},
        cues::Request,
        directory::Service,
        incident::{
            Incident,
            matching::{Facts, Match, judge},
        },
    },
    mail::extract::FieldName,
    store::{StoreError, asked, contacts, incidents, services},
};

/// What the directory says, looked up once for each customer.
#[derive(Default)]
pub(super) struct Directory {
    owned: BTreeMap<i64, Vec<Service>>,
}

impl Directory {
    pub(super) fn judge(
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
pub struct Told {
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
pub type About = (Incident, &'static str);

/// The open incident to which a case belongs for certain, or else those to which it may.
pub fn matches(
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
