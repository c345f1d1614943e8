//! All keys that a `policy.toml` may have, as the structs that read it name them, compared with `docs/policy.md`.
//!
//! Serde asks for a struct's fields by name. A deserializer that gives it one value of everything sees them all: also
//! those of a section that somebody adds.

use std::{cell::RefCell, collections::BTreeSet};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor, value::Error},
    forward_to_deserialize_any,
};

use super::file::File;

/// How a key that its author chooses (a priority, a weekday, the name of a calendar) is written.
const CHOSEN: &str = "NAME";

/// A place in a file, and all keys that were found so far.
#[derive(Clone)]
struct At<'k> {
    path: Vec<&'static str>,
    keys: &'k RefCell<BTreeSet<String>>,
}

impl At<'_> {
    fn below(&self, key: &'static str) -> Self {
        let path = self.path.iter().copied().chain([key]).collect();
        At { path, keys: self.keys }
    }

    /// A key that has a value of its own, not keys below it.
    fn is_value(&self) {
        self.keys.borrow_mut().insert(self.path.join("."));
    }
}

impl<'de> Deserializer<'de> for At<'_> {
    type Error = Error;

    // Of a value that may be of several types it is told as a text.
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.is_value();
        visitor.visit_str("")
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.is_value();
        visitor.visit_bool(true)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.is_value();
        visitor.visit_u64(1)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_i16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_u64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.is_value();
        visitor.visit_f64(1.0)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.is_value();
        visitor.visit_seq(Once(Some(self)))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(Keys { at: self, left: &[CHOSEN] })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_map(Keys { at: self, left: fields })
    }

    forward_to_deserialize_any! {
        i8 i128 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct enum identifier ignored_any
    }
}

struct Once<'k>(Option<At<'k>>);

impl<'de> SeqAccess<'de> for Once<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.take().map(|at| seed.deserialize(at)).transpose()
    }
}

struct Keys<'k> {
    at: At<'k>,
    left: &'static [&'static str],
}

impl<'de> MapAccess<'de> for Keys<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some(key) = self.left.first() else { return Ok(None) };
        seed.deserialize(serde::de::value::StrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some((key, left)) = self.left.split_first() else { return Err(serde::de::Error::custom("no key")) };
        self.left = left;
        seed.deserialize(self.at.below(key))
    }
}

/// Every key that has a value, with its tables: `zone`, `calendars.NAME.zone`.
fn of_code() -> BTreeSet<String> {
    let keys = RefCell::default();
    File::deserialize(At { path: vec![], keys: &keys }).unwrap();
    keys.into_inner()
}

/// The first cell of each row of the page's tables: `| `calendars.NAME.zone` | …`. A part in capitals stands for a name
/// that the author chooses.
fn of_page(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let is_chosen = |part: &str| part.chars().all(|c| c.is_ascii_uppercase());
    let part = |part: &str| if is_chosen(part) { CHOSEN.to_owned() } else { part.to_owned() };
    rows.map(|(key, _)| key.split('.').map(part).collect::<Vec<_>>().join(".")).collect()
}

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/policy.md"));

#[test]
fn the_reference_page_has_every_key_that_the_program_knows_and_no_other() {
    let (code, page) = (of_code(), of_page(PAGE));
    let missing: Vec<_> = code.difference(&page).collect();
    let unknown: Vec<_> = page.difference(&code).collect();
    assert!(missing.is_empty(), "docs/policy.md lacks {missing:?}");
    assert!(unknown.is_empty(), "docs/policy.md has keys that the program does not know: {unknown:?}");
}

#[test]
fn the_keys_of_all_sections_are_found() {
    let code = of_code();
    for key in
        ["zone", "hours.NAME", "automatic_per_hour", "calendars.NAME.hours.NAME", "sla.warn_before.NAME", "sla.pauses"]
    {
        assert!(code.contains(key), "{key}: {code:?}");
    }
    assert_eq!(of_page("| `a.PRIORITY.b` | x |\ntext `c`\n| key |\n"), BTreeSet::from(["a.NAME.b".to_owned()]));
}
