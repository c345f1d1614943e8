//! The desk as configured: who it writes as, which addresses are its own, who its staff are, and by which policy.

use super::policy::Policy;
use crate::mail::address::Address;

#[derive(Debug, Clone)]
pub struct ServiceDesk {
    /// Name and address that customers see as the sender.
    pub sender: Address,
    /// All addresses that the desk reads or writes as, in lower case.
    pub own_addresses: Vec<String>,
    pub staff: Vec<Address>,
    pub policy: Policy,
    /// Mail received longer ago than this when it is read gets no automatic answer.
    pub answer_within: chrono::Duration,
}

impl ServiceDesk {
    pub fn is_own(&self, email: &str) -> bool {
        self.own_addresses.iter().any(|own| own == email)
    }

    pub fn is_staff(&self, email: &str) -> bool {
        self.staff.iter().any(|s| s.email == email)
    }

    /// Who is told about a case: its assignee, else everybody.
    pub fn staff_for(&self, assignee: Option<&str>) -> Vec<Address> {
        match self.staff.iter().find(|s| Some(s.email.as_str()) == assignee) {
            Some(one) => vec![one.clone()],
            None => self.staff.clone(),
        }
    }

    /// One of the staff, by name or address.
    pub fn find_staff(&self, who: &str) -> Option<&Address> {
        let who = who.trim().to_lowercase();
        self.staff.iter().find(|s| s.email == who || s.name.as_ref().is_some_and(|n| n.to_lowercase() == who))
    }

    /// The name of one of the staff; the address of one who has left.
    pub fn staff_name<'a>(&'a self, email: &'a str) -> &'a str {
        self.staff.iter().find(|s| s.email == email).map_or(email, Address::display)
    }

    /// The domain of the ids that the desk gives to its mails.
    pub fn domain(&self) -> &str {
        self.sender.domain()
    }
}
