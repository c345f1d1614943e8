//! The columns of the directory's files, and the keys of its `set` commands: one list for both.

/// What can be said of a record, by its name; and other words that a header may have for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub name: &'static str,
    pub other_words: &'static [&'static str],
}

const fn column(name: &'static str, other_words: &'static [&'static str]) -> Column {
    Column { name, other_words }
}

pub const CONTACT: [Column; 10] = [
    column("address", &["email", "e_mail", "mail"]),
    column("name", &[]),
    column("title", &[]),
    column("telephone", &["phone"]),
    column("organisation", &["organization", "customer"]),
    column("roles", &["role"]),
    column("language", &[]),
    column("zone", &["time_zone", "timezone"]),
    column("system", &[]),
    column("invitations", &["invitation"]),
];

pub const ORGANISATION: [Column; 6] = [
    column("name", &[]),
    column("customer_number", &["ocn"]),
    column("domains", &["domain"]),
    column("reference_pattern", &[]),
    column("lists", &["list"]),
    column("clocks", &[]),
];

pub const SERVICE: [Column; 6] = [
    column("service_id", &["service"]),
    column("circuit_id", &["circuit"]),
    column("order_number", &["order"]),
    column("platform", &[]),
    column("site", &[]),
    column("organisation", &["organization", "customer", "customer_number", "ocn"]),
];

/// The column that a header's word means: in any case of letters, with blanks or hyphens for `_`.
pub fn find(columns: &[Column], word: &str) -> Option<&'static str> {
    let word = word.trim().to_lowercase().replace([' ', '-'], "_");
    columns.iter().find(|c| c.name == word || c.other_words.contains(&word.as_str())).map(|c| c.name)
}

/// All columns, to be named in an error.
pub fn names(columns: &[Column]) -> String {
    columns.iter().map(|c| c.name).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_understood_as_people_write_it() {
        assert_eq!(find(&CONTACT, "E-Mail"), Some("address"));
        assert_eq!(find(&CONTACT, " Time zone "), Some("zone"));
        assert_eq!(find(&ORGANISATION, "OCN"), Some("customer_number"));
        assert_eq!(find(&SERVICE, "Order-Number"), Some("order_number"));
        assert_eq!(find(&CONTACT, "shoe size"), None);
    }
}
