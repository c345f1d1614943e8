//! Cases at suppliers, as staff say it.

use rusqlite::Connection;

use super::staff::{Command, StaffError};
use crate::{
    desk::{
        case::Case,
        lifecycle::{Decision, Refusal},
        macd,
        supplier::{self, Supplier, Times},
    },
    store::{self, suppliers},
};

impl Command<'_> {
    pub fn open_supplier(
        &self,
        tx: &Connection,
        case: &Case,
        (name, their_reference, domain): (&str, &str, Option<&str>),
        times: &Times,
    ) -> Result<Supplier, StaffError> {
        if let Some(domain) = domain.filter(|domain| self.office.desk.domain().eq_ignore_ascii_case(domain)) {
            return Err(Refusal(format!("{domain} is the desk's own domain, not a supplier's")).into());
        }
        let number = suppliers::next_number(tx, case.id)?;
        let (mut decision, supplier) =
            supplier::open(case, number, (name, their_reference, domain), self.name, self.now)?;
        self.set_times(tx, &mut decision, &supplier, times)
    }

    pub fn update_supplier(
        &self,
        tx: &Connection,
        case: &Case,
        who: Option<&str>,
        times: &Times,
    ) -> Result<Supplier, StaffError> {
        let supplier = at_supplier(tx, case, who)?;
        self.set_times(tx, &mut Decision::unchanged(case), &supplier, times)
    }

    /// Tells the customer how it stands there.
    pub fn tell_supplier(&self, tx: &Connection, case: &Case, who: Option<&str>) -> Result<Supplier, StaffError> {
        let supplier = at_supplier(tx, case, who)?;
        let mut decision = Decision::unchanged(case);
        supplier::tell(&mut decision, &supplier, self.name, &self.office.desk.policy, self.now);
        self.commit(tx, &decision, &[])?;
        Ok(supplier)
    }

    pub fn close_supplier(&self, tx: &Connection, case: &Case, who: Option<&str>) -> Result<Supplier, StaffError> {
        let supplier = at_supplier(tx, case, who)?;
        let others = suppliers::of_case(tx, case.id)?;
        let others = others.iter().any(|other| other.closed_at.is_none() && other.number != supplier.number);
        let (decision, supplier) = supplier::close(case, &supplier, others, self.name, self.now)?;
        suppliers::put(tx, &supplier)?;
        self.commit(tx, &decision, &[])?;
        Ok(supplier)
    }

    fn set_times(
        &self,
        tx: &Connection,
        decision: &mut Decision,
        supplier: &Supplier,
        times: &Times,
    ) -> Result<Supplier, StaffError> {
        let policy = &self.office.desk.policy;
        let supplier = supplier::set_times(decision, supplier, times, self.name, policy, self.now);
        let macd = store::macd::of_case(tx, supplier.case)?;
        if let Some((macd, until)) = macd.zip(times.delays_until)
            && let Some(later) = macd::delay(decision, &macd, until, policy, self.now)
        {
            store::macd::put(tx, &later)?;
        }
        suppliers::put(tx, &supplier)?;
        self.commit(tx, decision, &[])?;
        Ok(supplier)
    }
}

/// Where the case lies: the supplier of this name, or the only one.
fn at_supplier(tx: &Connection, case: &Case, who: Option<&str>) -> Result<Supplier, StaffError> {
    let mut open = suppliers::of_case(tx, case.id)?;
    open.retain(|supplier| supplier.closed_at.is_none());
    if let Some(who) = who {
        open.retain(|supplier| supplier.name.eq_ignore_ascii_case(who.trim()));
    }
    match open.len() {
        1 => Ok(open.remove(0)),
        0 => Err(Refusal(format!(
            "{} is at no supplier{}; `casepost case supplier {0} open --supplier NAME --their-reference X` says that it is",
            case.reference,
            who.map(|who| format!(" \"{who}\"")).unwrap_or_default()
        ))
        .into()),
        _ => {
            let names: Vec<&str> = open.iter().map(|supplier| supplier.name.as_str()).collect();
            Err(Refusal(format!("{} is at several: say which with --supplier ({})", case.reference, names.join(", "))).into())
        }
    }
}
