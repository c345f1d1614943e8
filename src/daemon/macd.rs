//! Change requests: what staff say of them, and their clocks.

use rusqlite::Connection;

use super::{
    office::Office,
    staff::{Command, StaffError},
};
use crate::{
    desk::{
        case::Case,
        directory::Listed,
        lifecycle::{Clock, Decision, Refusal},
        macd::{self, Answer, Asking, ByStaff, ChangeKind, Class, Macd},
    },
    mail::address::Address,
    store::{self, StoreError, contacts},
};
use chrono::{DateTime, Utc};

/// What one of the staff makes of a case.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    pub class: Class,
    pub kind: Option<ChangeKind>,
    pub estimate_minutes: Option<u32>,
    /// what is to be done, for whoever approves it
    pub text: Option<&'a str>,
}

impl Command<'_> {
    /// Makes a change request of a case, or another one than it is.
    pub fn change(&self, tx: &Connection, case: &Case, change: &Change<'_>) -> Result<Macd, StaffError> {
        let before = store::macd::of_case(tx, case.id)?;
        let writer = before.as_ref().map_or(&case.requester, |macd| &macd.requested_by);
        let known: Listed = contacts::known_of(tx, &writer.email)?;
        let main_contacts = match known.organisation_id() {
            Some(id) => contacts::main_of(tx, id)?,
            None => vec![],
        };
        let asking = Asking {
            writer,
            is_main: known.is_authorised(),
            // One of the staff has read or heard it.
            proven: true,
            main_contacts: &main_contacts,
            excerpt: None,
            description: change.text,
        };
        let said = ByStaff {
            name: self.name,
            class: change.class,
            kind: change.kind,
            estimate_minutes: change.estimate_minutes,
        };
        let policy = &self.office.desk.policy;
        let (decision, macd) = macd::ask_by_staff(case, before.as_ref(), &said, &asking, policy, self.now)?;
        self.commit(tx, &decision, &[])?;
        store::macd::put(tx, &macd)?;
        Ok(macd)
    }

    /// Records what somebody at the customer said of it; without `by`, the first main point of contact.
    pub fn answer_change(
        &self,
        tx: &Connection,
        case: &Case,
        answer: Answer,
        by: Option<&str>,
    ) -> Result<Macd, StaffError> {
        let Some(macd) = store::macd::of_case(tx, case.id)? else {
            return Err(Refusal(format!(
                "{} is no change request: `casepost case macd {0} standard` or `expedited` makes one of it",
                case.reference
            ))
            .into());
        };
        let by = self.who_decided(tx, &macd, by)?;
        let policy = &self.office.desk.policy;
        let (decision, macd) = macd::answer_by_staff(case, &macd, answer, (&by, self.name), policy, self.now)?;
        self.commit(tx, &decision, &[])?;
        store::macd::put(tx, &macd)?;
        Ok(macd)
    }

    /// A main point of contact by name or address, else whoever staff name.
    fn who_decided(&self, tx: &Connection, macd: &Macd, by: Option<&str>) -> Result<Address, StaffError> {
        let people = match contacts::known_of(tx, &macd.requested_by.email)?.organisation_id() {
            Some(id) => contacts::main_of(tx, id)?,
            None => vec![],
        };
        let Some(by) = by.map(str::trim).filter(|by| !by.is_empty()) else {
            return Err(Refusal("say who at the customer decided it: --by NAME or ADDRESS".to_owned()).into());
        };
        let is_named = |name: &Option<String>| name.as_ref().is_some_and(|name| name.eq_ignore_ascii_case(by));
        let known = people.into_iter().find(|person| person.email.eq_ignore_ascii_case(by) || is_named(&person.name));
        Ok(match known {
            Some(person) => Address { name: person.name, email: person.email },
            None => Address { name: Some(by.to_owned()), email: String::new() },
        })
    }
}

/// What a clock of a change request brings about; none when the case is none any more.
pub(super) fn clock_ran(
    tx: &Connection,
    office: &Office,
    case: &Case,
    clock: Clock,
    now: DateTime<Utc>,
) -> Result<Option<Decision>, StoreError> {
    let macd = store::macd::of_case(tx, case.id)?;
    Ok(macd.map(|macd| macd::clock_ran(case, &macd, clock, &office.desk.policy, now)))
}
