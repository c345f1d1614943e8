//! Services: found by their service ID; those without one by their circuit ID, else by their order number.

use super::{Change, Clerk, DirectoryError, Fields, changed, given, text, wrong};
use crate::{
    desk::directory::Service,
    store::{StoreError, directory_history::Record, organisations, services},
};

impl Clerk<'_> {
    /// Writes the service with the numbers that are given: a new one, or the one that is there.
    pub fn import_service(&mut self, fields: &Fields) -> Result<Change, DirectoryError> {
        let number = |name| given(fields, name).filter(|value| !value.is_empty());
        let (circuit, order) = (number("circuit_id"), number("order_number"));
        let found = match number("service_id") {
            Some(id) => services::by_service_id(self.tx, id)?,
            None => services::without_service_id(self.tx, circuit, order)?,
        };
        self.set_service(&found.unwrap_or_default(), fields)
    }

    /// Sets what is given of a service; one with the number 0 becomes a new one.
    pub fn set_service(&mut self, before: &Service, fields: &Fields) -> Result<Change, DirectoryError> {
        let mut after = before.clone();
        for (field, value) in fields {
            match *field {
                "service_id" => after.service_id = text(value),
                "circuit_id" => after.circuit_id = text(value),
                "order_number" => after.order_number = text(value),
                // Keys of the policy's platforms are in small letters.
                "platform" => after.platform = text(value).map(|key| key.to_lowercase()),
                "site" => after.site = text(value),
                "organisation" => after.organisation = self.organisation(value.trim())?,
                _ => {}
            }
        }
        if [&after.service_id, &after.circuit_id, &after.order_number].iter().all(|number| number.is_none()) {
            return Err(wrong("service_id", "a service needs a service ID, a circuit ID or an order number"));
        }
        if after.organisation == 0 {
            return Err(wrong("organisation", "a service needs the organisation that bought it"));
        }
        if after == *before && before.id != 0 {
            return Ok(Change::Same);
        }
        if let Some(id) = &after.service_id
            && services::by_service_id(self.tx, id)?.is_some_and(|other| other.id != after.id)
        {
            return Err(wrong("service_id", format!("there is another service {id}")));
        }
        let id = services::put(self.tx, &after)?;
        let mut changes = Vec::new();
        let shown = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut note = |field, before: &Option<String>, after: &Option<String>| {
            changed(&mut changes, field, &shown(before), &shown(after));
        };
        note("service_id", &before.service_id, &after.service_id);
        note("circuit_id", &before.circuit_id, &after.circuit_id);
        note("order_number", &before.order_number, &after.order_number);
        note("platform", &before.platform, &after.platform);
        note("site", &before.site, &after.site);
        if before.id != 0 && before.organisation != after.organisation {
            let name = |id| organisations::by_id(self.tx, id).map(|organisation| organisation.name);
            changed(&mut changes, "organisation", &name(before.organisation)?, &name(after.organisation)?);
        }
        Ok(self.note_changes((Record::Service, id), before.id == 0, &changes)?)
    }

    pub fn remove_service(&mut self, service: &Service) -> Result<(), StoreError> {
        services::remove(self.tx, service.id)?;
        let numbers = [&service.service_id, &service.circuit_id, &service.order_number];
        let named = numbers.into_iter().flatten().next().cloned().unwrap_or_default();
        self.note((Record::Service, service.id), &format!("removed {named}"))
    }
}
