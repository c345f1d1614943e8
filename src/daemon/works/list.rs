//! The calendar of planned works as staff read it, on the command line and by mail: the desk's, and the customers' own.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use crate::{
    desk::{
        hours::{Zone, say_short},
        policy::Policy,
        works::{Affected, DeskWorks, Impact, Works, WorksId, approval},
    },
    store::{StoreError, cases, organisations, services, works},
};

/// Which works it shows.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// of this service, by any of its numbers
    pub service: Option<String>,
    pub organisation: Option<i64>,
    /// those of the desk that touch this platform
    pub platform: Option<String>,
    /// of the desk's those that end after it, and are neither over nor cancelled
    pub desks_after: Option<DateTime<Utc>>,
    /// of the customers' those that end after it
    pub customers_after: Option<DateTime<Utc>>,
    pub limit: u32,
}

/// Works in it.
#[derive(Debug, Clone)]
pub enum One {
    Desk(Box<DeskWorks>),
    Customers(Works),
}

/// Works in it, as people read them.
#[derive(Debug, Clone)]
pub struct Line {
    pub works: String,
    pub begins: Option<String>,
    pub ends: Option<String>,
    pub state: String,
    /// of the desk's
    pub impact: Option<&'static str>,
    pub touches: Vec<String>,
    pub what: String,
    pub organisation: Option<String>,
    pub case: Option<String>,
}

/// By their beginning; those without one come last.
pub fn list(db: &Connection, filter: &Filter) -> Result<Vec<One>, StoreError> {
    let mut found: Vec<One> = desks(db, filter)?.into_iter().map(|works| One::Desk(Box::new(works))).collect();
    if filter.platform.is_none() {
        let theirs = works::Filter {
            service: filter.service.clone(),
            organisation: filter.organisation,
            ends_after: filter.customers_after,
            limit: filter.limit,
        };
        found.extend(works::list(db, &theirs)?.into_iter().map(One::Customers));
    }
    found.sort_by_key(|one| (one.begins().is_none(), one.begins()));
    found.truncate(filter.limit as usize);
    Ok(found)
}

fn desks(db: &Connection, filter: &Filter) -> Result<Vec<DeskWorks>, StoreError> {
    let mut touched = None;
    if let Some(name) = &filter.service {
        touched = Some(services::by_ids(db, std::slice::from_ref(name))?);
    }
    if let Some(id) = filter.organisation {
        let theirs = services::of_organisation(db, id)?;
        touched = Some(match touched {
            Some(named) => named.into_iter().filter(|service| service.organisation == id).collect(),
            None => theirs,
        });
    }
    let filter = works::desk::Filter {
        services: touched.map(|all| all.into_iter().map(|service| service.id).collect()),
        platform: filter.platform.clone(),
        coming_after: filter.desks_after,
        public: false,
        limit: filter.limit,
        ends_after: None,
    };
    works::desk::list(db, &filter)
}

impl One {
    fn begins(&self) -> Option<DateTime<Utc>> {
        match self {
            One::Desk(works) => works.starts_at(),
            One::Customers(works) => works.windows.iter().filter_map(|window| window.starts_at).min(),
        }
    }

    pub fn line(&self, db: &Connection, zone: &Zone, policy: &Policy) -> Result<Line, StoreError> {
        let at = |at: Option<_>| at.map(|at| say_short(at, zone));
        Ok(match self {
            One::Desk(works) => Line {
                works: works.id.to_string(),
                begins: at(works.starts_at()),
                ends: at(works.ends_at()),
                state: approval::stands(works, policy),
                impact: Some(works.impact().as_str()),
                touches: works.affected.iter().map(|touched| in_words(touched, works.impact())).collect(),
                what: works.description.clone(),
                organisation: None,
                case: None,
            },
            One::Customers(works) => {
                let window = works.windows.first().copied().unwrap_or_default();
                let late = if works.late { ", late" } else { "" };
                Line {
                    works: WorksId(works.id).to_string(),
                    begins: at(window.starts_at),
                    ends: at(window.ends_at),
                    state: format!("{}{late}", works.state.as_str()),
                    impact: None,
                    touches: names(works),
                    what: "customer's own".to_owned(),
                    organisation: organisation_of(db, works)?,
                    case: reference_of(db, works)?,
                }
            }
        })
    }
}

/// With its impact, where it is not the worst, which stands before all.
fn in_words(touched: &Affected, worst: Impact) -> String {
    match touched.place.name() {
        name if touched.impact == worst => name.to_owned(),
        name => format!("{name} ({})", touched.impact),
    }
}

pub fn names(works: &Works) -> Vec<String> {
    works.services.iter().map(|touched| touched.name.clone()).collect()
}

pub fn organisation_of(db: &Connection, works: &Works) -> Result<Option<String>, StoreError> {
    // It may have been removed from the directory.
    let Some(id) = works.organisation else { return Ok(None) };
    Ok(organisations::affiliation(db, id)?.map(|organisation| organisation.name))
}

pub fn reference_of(db: &Connection, works: &Works) -> Result<Option<String>, StoreError> {
    works.case.map(|id| Ok(cases::by_id(db, id)?.reference.to_string())).transpose()
}
