//! The desk as configured: who it writes as, which addresses are its own, who its staff are, and by which policy.

use super::{
    policy::Policy,
    staff_member::{self, NotOfTheStaff, StaffMember},
};
use crate::mail::address::Address;

#[derive(Debug, Clone)]
pub struct ServiceDesk {
    /// Name and address that customers see as the sender.
    pub sender: Address,
    /// As whom it writes of planned works; none: as of everything else.
    pub planned_works: Option<Address>,
    /// All addresses that the desk reads or writes as, in lower case.
    pub own_addresses: Vec<String>,
    pub staff: Vec<StaffMember>,
    pub policy: Policy,
    /// Mail received longer ago than this when it is read gets no automatic answer.
    pub answer_within: chrono::Duration,
}

impl ServiceDesk {
    pub fn is_own(&self, email: &str) -> bool {
        self.own_addresses.iter().any(|own| own == email)
    }

    /// As whom it writes of planned works.
    pub fn works_sender(&self) -> &Address {
        self.planned_works.as_ref().unwrap_or(&self.sender)
    }

    pub fn is_staff(&self, email: &str) -> bool {
        self.staff.iter().any(|s| s.address.email == email)
    }

    /// Who is told about a case: its assignee, else everybody.
    pub fn staff_for(&self, assignee: Option<&str>) -> Vec<Address> {
        match self.staff.iter().find(|s| Some(s.address.email.as_str()) == assignee) {
            Some(one) => vec![one.address.clone()],
            None => self.staff.iter().map(|s| s.address.clone()).collect(),
        }
    }

    /// Those who hear of what the assignee let pass; where nobody is marked as lead, all of the staff.
    pub fn leads(&self) -> Vec<Address> {
        let leads: Vec<Address> = self.staff.iter().filter(|s| s.lead).map(|s| s.address.clone()).collect();
        if leads.is_empty() { self.staff_for(None) } else { leads }
    }

    /// One of the staff, as people name each other.
    ///
    /// # Errors
    /// Nobody has that name, or several have.
    pub fn find_staff(&self, who: &str) -> Result<&StaffMember, NotOfTheStaff> {
        staff_member::find(&self.staff, who)
    }

    /// The name of one of the staff; the address of one who has left.
    pub fn staff_name<'a>(&'a self, email: &'a str) -> &'a str {
        self.staff.iter().find(|s| s.address.email == email).map_or(email, |s| s.address.display())
    }

    /// The domain of the ids that the desk gives to its mails.
    pub fn domain(&self) -> &str {
        self.sender.domain()
    }
}
