//! Fields by the list of services: what in a text could be the name of a service, and what the list says of it.

use std::collections::BTreeSet;

use super::{FieldName, Fields, Found, Place, sentence::beginning};
use crate::desk::directory::Service;

/// Names that are looked up for one mail.
const CANDIDATES: usize = 200;
const SHORTEST: usize = 4;
const LONGEST: usize = 40;

/// Everything in a text that could be a service ID, circuit ID or order number: words with a digit in them, each once.
pub fn candidates(text: &str) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let part = |c: char| c.is_alphanumeric() || "-_/.".contains(c);
    beginning(text)
        .split(|c| !part(c))
        .map(|word| word.trim_matches(['-', '_', '/', '.']))
        .filter(|word| (SHORTEST..=LONGEST).contains(&word.len()) && word.contains(|c: char| c.is_ascii_digit()))
        // Japanese glues words to what they name: サービスABC-1234の
        .flat_map(|word| word.split(|c: char| !c.is_ascii()))
        .filter(|word| word.len() >= SHORTEST && word.contains(|c: char| c.is_ascii_digit()))
        .filter(|word| seen.insert(word.to_ascii_lowercase()))
        .take(CANDIDATES)
        .map(str::to_owned)
        .collect()
}

/// Compares the fields with the services that the list has by these names. `organisation` is the writer's, when they
/// are known.
///
/// A name of the customer's own service becomes a field wherever it stood. A name of another customer's is marked, for
/// staff alone: the writer must not learn from the desk's answer that it exists.
pub fn check(fields: &mut Fields, known: &[Service], organisation: Option<i64>) {
    for service in known {
        let own = organisation == Some(service.organisation);
        let names = [
            (FieldName::ServiceId, &service.service_id),
            (FieldName::CircuitId, &service.circuit_id),
            (FieldName::OrderNumber, &service.order_number),
        ];
        for (name, value) in names {
            let Some(value) = value else { continue };
            if own {
                fields.confirm(name, value);
            } else {
                let doubt = match organisation {
                    Some(_) => "a service of another customer",
                    None => "a service of a customer, and the writer is not known as one of theirs",
                };
                fields.doubt(value, doubt);
            }
        }
    }
}

impl Fields {
    /// The list of services has this name; under whatever label it stood, it is that, and that alone.
    fn confirm(&mut self, name: FieldName, value: &str) {
        let same = |found: &Found| found.name.names_a_service() && found.value.eq_ignore_ascii_case(value);
        if !self.0.iter().any(same) {
            self.add(name, value, Place::ServiceList, "services");
        }
        let mut first = true;
        self.0.retain(|found| !same(found) || std::mem::take(&mut first));
        if let Some(found) = self.0.iter_mut().find(|found| same(found)) {
            found.name = name;
            found.doubt = None;
            found.confirmed = true;
        }
    }

    fn doubt(&mut self, value: &str, why: &str) {
        let named = self.0.iter_mut().filter(|f| f.name.names_a_service() && f.value.eq_ignore_ascii_case(value));
        named.for_each(|found| found.doubt = Some(why.to_owned()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(organisation: i64, service_id: &str) -> Service {
        Service {
            organisation,
            service_id: Some(service_id.to_owned()),
            circuit_id: Some(format!("LON/{service_id}")),
            ..Service::default()
        }
    }

    #[test]
    fn names_of_services_are_found_in_any_text() {
        assert_eq!(candidates("Line LON/FRA/LE-12345 (AB1234) is down, AB1234!"), ["LON/FRA/LE-12345", "AB1234"]);
        assert_eq!(candidates("サービスABC-1234の障害"), ["ABC-1234"]);
        assert!(candidates("no name here").is_empty());
        let many: String = (0..5_000).map(|n| format!("AB{n:05} ")).collect();
        assert_eq!(candidates(&many).len(), CANDIDATES);
    }

    #[test]
    fn a_known_name_under_a_wrong_label_is_what_the_list_says() {
        let mut fields = Fields::default();
        fields.add(FieldName::OrderNumber, "ab-1", Place::Line, "order number");
        check(&mut fields, &[service(7, "AB-1")], Some(7));
        let found: Vec<_> = fields.of(FieldName::ServiceId).collect();
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].value.as_str(), found[0].place, &found[0].doubt), ("ab-1", Place::Line, &None));
        assert!(!fields.has(FieldName::OrderNumber));
    }

    #[test]
    fn a_service_is_known_by_any_of_its_names_and_each_name_is_there_once() {
        let mut fields = Fields::default();
        fields.add(FieldName::ServiceId, "LON/AB-1", Place::Line, "service id");
        fields.add(FieldName::CircuitId, "lon/ab-1", Place::Prose, "behind its word");
        let circuit = Service { service_id: None, ..service(7, "AB-1") };
        check(&mut fields, std::slice::from_ref(&circuit), Some(7));
        assert_eq!(fields.of(FieldName::CircuitId).map(|f| f.value.as_str()).collect::<Vec<_>>(), ["LON/AB-1"]);
        assert!(!fields.has(FieldName::ServiceId));
        assert!(fields.tells(FieldName::ServiceId) && fields.tells(FieldName::OrderNumber));
        assert!(!fields.tells(FieldName::StartTime));
        let mut others = Fields::default();
        others.add(FieldName::CircuitId, "LON/AB-1", Place::Line, "circuit id");
        check(&mut others, &[circuit], Some(8));
        assert!(!others.tells(FieldName::ServiceId));
    }

    #[test]
    fn another_customers_service_is_marked_and_never_added() {
        let mut fields = Fields::default();
        fields.add(FieldName::ServiceId, "AB-1", Place::Line, "service id");
        check(&mut fields, &[service(8, "AB-1")], Some(7));
        assert_eq!(fields.iter().count(), 1);
        assert!(fields.iter().all(|found| found.doubt.is_some()));
        check(&mut fields, &[service(8, "AB-1")], None);
        assert_eq!(fields.iter().count(), 1);
    }
}
