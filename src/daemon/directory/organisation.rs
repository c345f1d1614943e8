//! Organisations: found by customer number or name.

use std::collections::BTreeSet;

use super::{Change, Clerk, DirectoryError, Fields, changed, given, text, words, wrong};
use crate::{
    desk::directory::{Organisation, name_key, reference_pattern},
    mail::address::{Address, is_plausible},
    store::{directory_history::Record, organisations},
};

impl Clerk<'_> {
    /// Writes the organisation with the customer number or the name that is given: a new one, or the one that is there.
    pub fn import_organisation(&mut self, fields: &Fields) -> Result<Change, DirectoryError> {
        let (name, number) = (given(fields, "name").unwrap_or_default(), given(fields, "customer_number"));
        let by_number = match number.filter(|number| !number.is_empty()) {
            Some(number) => organisations::by_number(self.tx, number)?,
            None => None,
        };
        let found = match by_number {
            None if !name.is_empty() => organisations::by_name(self.tx, name)?,
            found => found,
        };
        self.set_organisation(&found.unwrap_or_default(), fields)
    }

    /// Sets what is given of an organisation; one with the number 0 becomes a new one.
    pub fn set_organisation(&mut self, before: &Organisation, fields: &Fields) -> Result<Change, DirectoryError> {
        let mut after = before.clone();
        for (field, value) in fields {
            self.set_organisation_field(&mut after, field, value.trim())?;
        }
        if after.name.is_empty() {
            return Err(wrong("name", "an organisation needs a name"));
        }
        if after == *before && before.id != 0 {
            return Ok(Change::Same);
        }
        self.refuse_anothers(&after)?;
        let id = organisations::put(self.tx, &after)?;
        self.organisations.clear();
        let joined = |words: &BTreeSet<String>| words.iter().cloned().collect::<Vec<_>>().join(" ");
        let mut changes = Vec::new();
        let shown = |value: &Option<String>| value.clone().unwrap_or_default();
        changed(&mut changes, "name", &before.name, &after.name);
        changed(&mut changes, "customer_number", &shown(&before.customer_number), &shown(&after.customer_number));
        changed(&mut changes, "domains", &joined(&before.domains), &joined(&after.domains));
        changed(&mut changes, "reference_pattern", &shown(&before.reference_pattern), &shown(&after.reference_pattern));
        changed(&mut changes, "lists", &joined(&before.lists), &joined(&after.lists));
        changed(&mut changes, "clocks", &shown(&before.clocks), &shown(&after.clocks));
        Ok(self.note_changes((Record::Organisation, id), before.id == 0, &changes)?)
    }

    /// Removes an organisation that has neither contacts nor services.
    pub fn remove_organisation(&mut self, organisation: &Organisation) -> Result<(), DirectoryError> {
        let (contacts, services) = organisations::belongings(self.tx, organisation.id)?;
        if contacts + services > 0 {
            let message = format!(
                "{} has {contacts} contacts and {services} services: remove them or give them to another one first",
                organisation.name
            );
            return Err(DirectoryError::Wrong { field: None, message });
        }
        organisations::remove(self.tx, organisation.id)?;
        let what = format!("removed {}", organisation.name);
        Ok(self.note((Record::Organisation, organisation.id), &what)?)
    }

    /// Name, number, domains and lists belong to one organisation each.
    fn refuse_anothers(&self, after: &Organisation) -> Result<(), DirectoryError> {
        let another = |found: &Option<Organisation>| found.as_ref().is_some_and(|o| o.id != after.id);
        if another(&organisations::by_name(self.tx, &name_key(&after.name))?) {
            return Err(wrong("name", format!("there is another organisation \"{}\"", after.name)));
        }
        if let Some(number) = &after.customer_number {
            let found = organisations::by_number(self.tx, number)?;
            if let Some(other) = found.filter(|o| o.id != after.id) {
                return Err(wrong("customer_number", format!("{number} is the number of {}", other.name)));
            }
        }
        for domain in &after.domains {
            if let Some((_, name)) = organisations::of_domain(self.tx, domain)?.filter(|(id, _)| *id != after.id) {
                return Err(wrong("domains", format!("{domain} is a domain of {name}")));
            }
        }
        for list in &after.lists {
            let asked = [list.clone()];
            if let Some((_, name)) = organisations::of_list(self.tx, &asked)?.filter(|(id, _)| *id != after.id) {
                return Err(wrong("lists", format!("{list} is a list of {name}")));
            }
        }
        Ok(())
    }

    fn set_organisation_field(
        &self,
        organisation: &mut Organisation,
        field: &str,
        value: &str,
    ) -> Result<(), DirectoryError> {
        match field {
            "name" => organisation.name = text(value).unwrap_or_default(),
            "customer_number" => organisation.customer_number = text(value),
            "domains" => {
                organisation.domains = words(value).map(|word| self.domain(word)).collect::<Result<_, _>>()?;
            }
            "reference_pattern" => {
                organisation.reference_pattern = Some(value.to_owned()).filter(|pattern| !pattern.is_empty());
                if let Some(pattern) = &organisation.reference_pattern {
                    reference_pattern(pattern).map_err(|e| wrong("reference_pattern", e.to_string()))?;
                }
            }
            "lists" => organisation.lists = words(value).map(list).collect::<Result<_, _>>()?,
            "clocks" => organisation.clocks = text(value).map(|name| self.arrangement(name)).transpose()?,
            _ => {}
        }
        Ok(())
    }

    /// The policy has to know what is promised to them.
    fn arrangement(&self, name: String) -> Result<String, DirectoryError> {
        let policy = &self.office.desk.policy;
        let known: Vec<&str> = policy.service_levels.arrangements().collect();
        if known.contains(&name.as_str()) {
            return Ok(name);
        }
        let known = if known.is_empty() { "it has none".to_owned() } else { format!("known: {}", known.join(", ")) };
        let message = format!("the policy {} has no [arrangements.{name}] ({known})", policy.name);
        Err(wrong("clocks", message))
    }

    fn domain(&self, word: &str) -> Result<String, DirectoryError> {
        let domain = word.trim_start_matches(['@', '*']).trim_matches('.').to_lowercase();
        let is_domain = domain.contains('.') && is_plausible(&format!("x@{domain}"));
        if !is_domain {
            return Err(wrong("domains", format!("\"{word}\" is no domain such as customer.example")));
        }
        if self.office.desk.policy.freemail.contains(&domain) && !self.forced {
            let message = format!(
                "everybody can have an address at {domain} (freemail.txt of the policy), so it shows no organisation; \
                 add its people as contacts, or say --force if it is theirs all the same"
            );
            return Err(wrong("domains", message));
        }
        if self.office.desk.own_addresses.iter().any(|own| own.rsplit('@').next() == Some(&domain)) && !self.forced {
            let message = format!("{domain} is the desk's own domain; say --force if customers share it");
            return Err(wrong("domains", message));
        }
        Ok(domain)
    }
}

fn list(word: &str) -> Result<String, DirectoryError> {
    let email = Address::bare(word).email;
    match is_plausible(&email) {
        true => Ok(email),
        false => Err(wrong("lists", format!("\"{word}\" is no mail address"))),
    }
}
