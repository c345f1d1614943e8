//! Contacts: found by their address.

use super::{Change, Clerk, DirectoryError, Fields, changed, given, text, words, wrong};
use crate::{
    desk::directory::Contact,
    mail::address::{Address, is_plausible},
    store::{StoreError, address_change, contacts, directory_history::Record, organisations},
};

impl Clerk<'_> {
    /// Writes the contact with the address that is given: a new one, or the one that is there.
    pub fn import_contact(&mut self, fields: &Fields) -> Result<Change, DirectoryError> {
        let email = self.address(given(fields, "address").unwrap_or_default())?;
        let before = contacts::by_email(self.tx, &email)?;
        let before = before.unwrap_or_else(|| Contact { email, ..Contact::default() });
        self.set_contact(&before, fields)
    }

    /// Sets what is given of a contact; one with the number 0 becomes a new one.
    pub fn set_contact(&mut self, before: &Contact, fields: &Fields) -> Result<Change, DirectoryError> {
        let mut after = before.clone();
        for (field, value) in fields {
            self.set_contact_field(&mut after, field, value.trim())?;
        }
        if after == *before && before.id != 0 {
            return Ok(Change::Same);
        }
        let mut changes = Vec::new();
        if after.email != before.email && before.id != 0 {
            if contacts::by_email(self.tx, &after.email)?.is_some() {
                return Err(wrong("address", format!("{} is another contact's address already", after.email)));
            }
            address_change::change(self.tx, before, &after.email, self.actor, self.now)?;
        }
        let id = contacts::put(self.tx, &after)?;
        for (name, value) in FIELDS.iter().filter(|(name, _)| *name != "address") {
            changed(&mut changes, name, &value(before), &value(&after));
        }
        if after.organisation != before.organisation {
            changed(&mut changes, "organisation", &self.named(before.organisation)?, &self.named(after.organisation)?);
        }
        // The change of the address has a line of its own.
        if changes.is_empty() && before.id != 0 {
            return Ok(Change::Changed);
        }
        Ok(self.note_changes((Record::Contact, id), before.id == 0, &changes)?)
    }

    pub fn remove_contact(&mut self, contact: &Contact) -> Result<(), StoreError> {
        contacts::remove(self.tx, contact.id)?;
        self.note((Record::Contact, contact.id), &format!("removed {}", contact.email))
    }

    fn named(&self, organisation: Option<i64>) -> Result<String, StoreError> {
        Ok(match organisation {
            Some(id) => organisations::by_id(self.tx, id)?.name,
            None => String::new(),
        })
    }

    fn address(&self, value: &str) -> Result<String, DirectoryError> {
        let email = Address::bare(value).email;
        if !is_plausible(&email) {
            return Err(wrong("address", format!("\"{value}\" is no mail address")));
        }
        if self.office.desk.is_own(&email) {
            return Err(wrong("address", format!("{email} is an address of the desk itself")));
        }
        Ok(email)
    }

    fn set_contact_field(&mut self, contact: &mut Contact, field: &str, value: &str) -> Result<(), DirectoryError> {
        match field {
            "address" => contact.email = self.address(value)?,
            "name" => contact.name = text(value),
            "title" => contact.title = text(value),
            "telephone" => contact.telephone = text(value),
            "organisation" => {
                contact.organisation = if value.is_empty() { None } else { Some(self.organisation(value)?) };
            }
            "roles" => {
                contact.roles = words(value)
                    .map(|word| word.parse().map_err(|e| wrong("roles", format!("{e}"))))
                    .collect::<Result<_, DirectoryError>>()?;
            }
            "language" => contact.language = language(value)?,
            "zone" if value.is_empty() => contact.zone = None,
            "zone" => {
                let unknown =
                    || wrong("zone", format!("\"{value}\" is no zone of the IANA list, such as Europe/Berlin"));
                contact.zone = Some(value.parse().map_err(|_| unknown())?);
            }
            "system" => contact.system = yes_or_no("system", value)?,
            "invitations" => contact.invitations = yes_or_no("invitations", value)?,
            _ => {}
        }
        Ok(())
    }
}

/// What a contact's field says, for the history.
type Shown = fn(&Contact) -> String;

const FIELDS: [(&str, Shown); 9] = [
    ("address", |c| c.email.clone()),
    ("name", |c| c.name.clone().unwrap_or_default()),
    ("title", |c| c.title.clone().unwrap_or_default()),
    ("telephone", |c| c.telephone.clone().unwrap_or_default()),
    ("roles", |c| c.roles.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")),
    ("language", |c| c.language.clone().unwrap_or_default()),
    ("zone", |c| c.zone.map(|zone| zone.name().to_owned()).unwrap_or_default()),
    ("system", |c| said(c.system)),
    ("invitations", |c| said(c.invitations)),
];

/// `de`, `pt-BR`; the shape is checked, not whether there is such a language.
fn language(value: &str) -> Result<Option<String>, DirectoryError> {
    let tag = value.to_lowercase().replace('_', "-");
    let mut parts = tag.split('-');
    let first = parts.next().unwrap_or_default();
    let plain = |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    let is_tag = (2..=3).contains(&first.len()) && first.chars().all(|c| c.is_ascii_alphabetic()) && parts.all(plain);
    match tag.as_str() {
        "" => Ok(None),
        _ if is_tag => Ok(Some(tag)),
        _ => Err(wrong("language", format!("\"{value}\" is no language: write its code, such as en, de or pt-BR"))),
    }
}

fn said(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

fn yes_or_no(field: &'static str, value: &str) -> Result<bool, DirectoryError> {
    match value.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" | "x" => Ok(true),
        "" | "no" | "n" | "false" | "0" => Ok(false),
        _ => Err(wrong(field, format!("\"{value}\": write yes or no"))),
    }
}
