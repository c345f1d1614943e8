//! Works, people and policies for the tests of what becomes of works.

use std::sync::LazyLock;

use chrono::{DateTime, TimeZone, Utc};
use chrono_tz::America::Denver;

use super::{
    Affected, DeskWorks, Impact, Kind, Place, Window, WorksId,
    act::{Act, By, Done, act},
    approval::wanted_approval,
    plan::{Draft, plan},
    said::Standing,
};
use crate::{
    desk::{
        lifecycle::Refusal,
        policy::{self, Policy, works::Approval},
        staff_member::StaffMember,
    },
    mail::address::Address,
};

pub fn policy(name: &str) -> Policy {
    Policy::load(name, &policy::built_in).unwrap()
}

/// A Tuesday, 10:00 UTC.
pub fn tuesday() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 3, 10, 0, 0).unwrap()
}

pub static STAFF: LazyLock<Vec<StaffMember>> = LazyLock::new(|| {
    let person = |name: &str| StaffMember::new(Address::new(Some(name), &format!("{}@desk.test", name.to_lowercase())));
    vec![person("Tom"), person("Grace")]
});

pub fn by(name: &str) -> By<'_> {
    By { name, now: tuesday(), force: None, staff: &STAFF }
}

pub fn at(now: DateTime<Utc>) -> By<'static> {
    By { name: "Grace", now, force: None, staff: &STAFF }
}

pub fn window(text: &str) -> Window {
    Window::read(text, Denver).unwrap()
}

pub fn draft(windows: &[&str]) -> Draft {
    Draft {
        kind: Kind::Planned,
        windows: windows.iter().map(|text| window(text)).collect(),
        zone: Denver,
        affected: vec![Affected { place: Place::Platform("voice".to_owned()), impact: Impact::Outage }],
        description: "Exchange of a card".to_owned(),
        reason: "it ages".to_owned(),
        contact: None,
        roll_back: None,
        emergency: None,
    }
}

pub const NIGHT: &str = "2026-11-21 23:30 to 04:00";

pub fn planned(policy: &Policy) -> DeskWorks {
    DeskWorks { id: WorksId(1), ..plan(draft(&[NIGHT]), &by("Tom"), policy).unwrap().works }
}

pub fn announced(policy: &Policy) -> DeskWorks {
    let approved = match wanted_approval(&planned(policy), policy) {
        Approval::Nobody => planned(policy),
        _ => act(&planned(policy), &Act::Approve, &by("Grace"), policy).unwrap().works,
    };
    act(&approved, &Act::Announce, &by("Grace"), policy).unwrap().works
}

pub fn standing(works: &DeskWorks) -> Standing {
    Standing { state: works.state, moved: works.moved }
}

pub fn refused(result: Result<Done, Refusal>) -> String {
    result.expect_err("it must be refused").0
}
