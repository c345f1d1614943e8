//! What people say that works touch, before anybody has looked it up.

use super::Impact;

/// A service by any of its numbers, or a platform by its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedPlace {
    pub name: String,
    /// where it has one of its own
    pub impact: Option<Impact>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    pub services: Vec<NamedPlace>,
    pub platforms: Vec<NamedPlace>,
    /// of those that have none of their own
    pub impact: Option<Impact>,
}

impl Named {
    /// No place is named; an impact may be.
    pub fn is_empty(&self) -> bool {
        self.services.is_empty() && self.platforms.is_empty()
    }
}

impl NamedPlace {
    /// `IS-4711` or `IS-4711=DEGRADED`. An equals sign may be of the number itself: only an impact behind it is one.
    pub fn read(text: &str) -> NamedPlace {
        let split = text.rsplit_once('=').and_then(|(name, impact)| Some((name.trim(), impact.parse().ok()?)));
        let (name, impact) = split.map_or((text, None), |(name, impact)| (name, Some(impact)));
        NamedPlace { name: name.to_owned(), impact }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_equals_sign_is_of_the_number_unless_an_impact_stands_behind_it() {
        let read = |text| {
            let NamedPlace { name, impact } = NamedPlace::read(text);
            (name, impact)
        };
        assert_eq!(read("IS-4711"), ("IS-4711".to_owned(), None));
        assert_eq!(read("IS=4711"), ("IS=4711".to_owned(), None));
        assert_eq!(read("IS=4711 = degraded"), ("IS=4711".to_owned(), Some(Impact::Degraded)));
    }
}
