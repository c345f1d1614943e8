//! Who writes, and who takes part in a case that a mail opens.

use chrono_tz::Tz;

use super::{TakingIn, opening::Begin};
use crate::{
    desk::{
        case::{Actor, Case},
        directory::Contact,
        intake::Sender,
        lifecycle::What,
        policy::UnknownSender,
    },
    mail::{
        address::Address,
        sort::Kind,
        thread::{Standing, Weighed},
        verdict::{Verdict, verdict},
    },
    store::{self, StoreError, cases, confirmations, contacts, history, organisations},
};

/// Of the people in To and Cc so many take part.
const AT_MOST: usize = 50;

/// The people of a new case.
pub(super) struct People {
    pub requester: Address,
    pub reply_to: Address,
    pub others: Vec<Address>,
    /// the requester's zone, as the directory has it
    pub zone: Option<Tz>,
}

impl TakingIn<'_> {
    /// Requester, their reply address, and who else takes part in a new case.
    ///
    /// In a case that goes on with an older one, a writer who was no participant there does not become the requester:
    /// they have seen a mail of it, which says nothing about who they are.
    pub(super) fn people(&self, writer: &Address, weighed: &Weighed, begin: &Begin<'_>) -> Result<People, StoreError> {
        let standing = weighed.case.map(|(_, standing)| standing);
        // Many robots and telephones write no name: the directory has it.
        let named = |mut person: Address| {
            let contact = self.known.contact.as_ref().filter(|contact| contact.email == person.email);
            person.name = person.name.or_else(|| contact?.name.clone());
            person
        };
        let zone = self.known.contact.as_ref().and_then(|contact| contact.zone);
        if let Some(original) = begin.handed_on.map(|mail| &mail.from) {
            let contact = contacts::by_email(self.tx, &original.email)?;
            let name = original.name.clone().or_else(|| contact.as_ref()?.name.clone());
            let requester = Address { name, email: original.email.clone() };
            let zone = contact.and_then(|contact| contact.zone);
            return Ok(People { reply_to: requester.clone(), requester, others: vec![], zone });
        }
        if let Some(main) = begin.through.first() {
            // Nobody else hears of it before the main point of contact has agreed.
            let others = vec![writer.clone()];
            let requester = Address { name: main.name.clone(), email: main.email.clone() };
            return Ok(People { reply_to: requester.clone(), requester, others, zone: main.zone });
        }
        match begin.continues {
            Some(old) => {
                let mut others = cases::participants(self.tx, old.id)?;
                if standing == Some(Standing::Stranger) {
                    let (requester, reply_to) = (old.requester.clone(), old.reply_to.clone());
                    return Ok(People { requester, reply_to, others, zone: old.requester_zone });
                }
                others.push(old.requester.clone());
                if self.is_proven() {
                    others.extend(self.in_copy());
                }
                Ok(People { requester: named(writer.clone()), reply_to: named(self.reply_to(writer)?), others, zone })
            }
            None => {
                let others = self.in_copy();
                Ok(People { requester: named(writer.clone()), reply_to: named(self.reply_to(writer)?), others, zone })
            }
        }
    }

    /// What is known of the sender, as far as the policy asks for it.
    pub(super) fn sender(&self, writer: &Address) -> Result<Sender, StoreError> {
        let desk = &self.office.desk;
        let mail = self.mail;
        let by_known_list = mail.sorted.kind == Kind::List && self.is_by_known_list()?;
        let known = desk.policy.unknown_sender == UnknownSender::Accept
            || self.known.is_known()
            || desk.is_staff(&writer.email)
            || by_known_list
            || (mail.sorted.kind == Kind::Person && confirmations::is_confirmed(self.tx, &writer.email)?);
        let end_user = desk.policy.authorised_contacts_only
            && !self.known.is_authorised()
            && !self.known.is_system()
            && !desk.is_staff(&writer.email)
            && !self.main_contacts()?.is_empty();
        Ok(Sender { known, system: self.known.is_system(), by_known_list, authenticated: mail.authenticated, end_user })
    }

    /// The main points of contact of the writer's organisation, the primary first.
    pub(super) fn main_contacts(&self) -> Result<Vec<Contact>, StoreError> {
        match self.known.organisation_id() {
            Some(id) => contacts::main_of(self.tx, id),
            None => Ok(vec![]),
        }
    }

    /// Whose request a case is that waits for a main point of contact: the one who wrote the mail that opened it.
    pub(super) fn end_user_of(&self, case: &Case) -> Result<Option<Address>, StoreError> {
        if !case.awaits_approval() {
            return Ok(None);
        }
        let lines = history::of_case(self.tx, case.id)?;
        let Some(opened) = lines.into_iter().find(|line| matches!(line.what, What::Opened { .. })) else {
            return Ok(None);
        };
        let people = cases::participants(self.tx, case.id)?;
        Ok(people.into_iter().find(|person| Actor::Writer(person.email.clone()).to_string() == opened.actor))
    }

    /// Does the mail decline what an end user asked for? A change that waits for an approval has a question of its own.
    pub(super) fn says_no(&self, case: &Case, writer: &Address) -> Result<bool, StoreError> {
        let says_no = verdict(self.mail.said.own_words(), writer.name.as_deref()) == Some(Verdict::No);
        let of_change = || store::macd::of_case(self.tx, case.id).map(|macd| macd.is_some());
        Ok(says_no && !of_change()?)
    }

    /// Did the mail come by a list that is an organisation's or a contact's?
    fn is_by_known_list(&self) -> Result<bool, StoreError> {
        let mail = &self.mail.incoming;
        let people = mail.to.iter().chain(&mail.cc).chain(&mail.sender).map(|a| a.email.clone());
        let posts = mail.header("list-post").filter_map(list_post);
        let ids = mail.header("list-id").filter_map(list_id);
        let addresses: Vec<String> = people.chain(posts).chain(ids).take(AT_MOST).collect();
        Ok(organisations::of_list(self.tx, &addresses)?.is_some() || contacts::any_of(self.tx, &addresses)?)
    }

    /// People whom the requester put into To and Cc beside the desk.
    pub(super) fn in_copy(&self) -> Vec<Address> {
        let mail = &self.mail.incoming;
        if !self.mail.sorted.verified {
            return vec![];
        }
        let desk = &self.office.desk;
        let others = mail.to.iter().chain(&mail.cc);
        others.filter(|a| !desk.is_own(&a.email) && !desk.is_staff(&a.email)).take(AT_MOST).cloned().collect()
    }

    /// Reply-To counts only within the writer's own organisation: else anybody could have the desk write to anybody.
    pub(super) fn reply_to(&self, writer: &Address) -> Result<Address, StoreError> {
        let by_domain = |a: &Address| self.office.desk.policy.organisation_of(&a.email).map(str::to_owned);
        let Some(wanted) = self.mail.incoming.reply_to.as_ref().filter(|r| !self.office.desk.is_own(&r.email)) else {
            return Ok(writer.clone());
        };
        let same_domain = by_domain(wanted).is_some() && by_domain(wanted) == by_domain(writer);
        let theirs = self.known.organisation_id();
        let belongs = same_domain
            || (theirs.is_some() && contacts::known_of(self.tx, &wanted.email)?.organisation_id() == theirs);
        Ok(if belongs { wanted.clone() } else { writer.clone() })
    }
}

/// `<mailto:users@books.example>` (RFC 2369).
fn list_post(value: &str) -> Option<String> {
    let (_, rest) = value.split_once("mailto:")?;
    let address = rest.split(['>', '?', ',']).next()?.trim().to_lowercase();
    address.contains('@').then_some(address)
}

/// `Users of Books <users.books.example>` (RFC 2919): a list's id is nearly always its address with a dot for the at.
fn list_id(value: &str) -> Option<String> {
    let inside = value.rsplit_once('<').map_or(value, |(_, inside)| inside);
    let (name, domain) = inside.split('>').next()?.trim().split_once('.')?;
    Some(format!("{name}@{domain}").to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lists_address_is_read_from_its_headers() {
        assert_eq!(list_post("<mailto:Users@books.example>").as_deref(), Some("users@books.example"));
        assert_eq!(list_post("<mailto:users@books.example?subject=x>").as_deref(), Some("users@books.example"));
        assert_eq!(list_post("NO"), None);
        assert_eq!(list_id("Users <users.books.example>").as_deref(), Some("users@books.example"));
        assert_eq!(list_id("<plain>"), None);
    }
}
