//! Signed ids: the Message-IDs and thread roots by which the desk knows its own mail again.
//!
//! | id | stands in | shape |
//! |---|---|---|
//! | root of a case | References of all its mails | `1-0123456789.KEY.MAC@domain` |
//! | mail of a case | Message-ID | `1-0123456789.SERIAL.KEY.MAC@domain` |
//! | mail of a case to one of the staff | Message-ID | `1-0123456789.SERIAL.PERSON.KEY.MAC@domain` |
//! | note (about no case) | Message-ID | `desk.SERIAL.KEY.MAC@domain` |
//! | mail of works or of an incident, in no case's thread | Message-ID | `works-12.SERIAL.PERSON.KEY.MAC@domain` |
//!
//! | question of a subscription | address of the page that confirms | `confirm.SERIAL.KEY.MAC` |
//! | subscription | List-Unsubscribe | `leave.SUBSCRIPTION.KEY.MAC` |
//!
//! KEY names the key, so that keys can be changed: the first of the file signs, all of them verify. MAC is HMAC-SHA-256
//! over a label of the purpose and the parts before it, cut to 100 bits, in base32. The domain is not signed: relays and
//! moves of the desk change it. An id proves that its writer has seen a mail of the case, not who they are.
//!
//! PERSON is a keyed hash of the address that the mail went to, and stands within what MAC signs. So an id tells, to
//! this desk only, for whom it was made: one that was forwarded proves of its new owner what every id does, no more.

use std::fmt;

use data_encoding::{BASE32_NOPAD, BASE64};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::desk::{reference::Reference, topic::Topic};

/// 100 bits in base32.
const MAC_CHARS: usize = 20;
/// 50 bits: it only tells people apart, the MAC around it can't be forged.
const PERSON_CHARS: usize = 10;
/// Longer than any id of ours with any domain; what is longer isn't worth a look.
const LONGEST_ID: usize = 512;
/// The first part of a note's id, where a case's has its reference.
const NOTE: &str = "desk";
const CONFIRM: &str = "confirm";
const LEAVE: &str = "leave";

/// The keys of this desk. `Debug` shows their ids only.
#[derive(Clone)]
pub struct Keyring {
    signing: Key,
    older: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    id: String,
    secret: [u8; 32],
}

/// What an id of ours says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signed {
    pub reference: Reference,
    /// Which mail of the case; `None` in the root of its thread.
    pub serial: Option<u64>,
    /// It was made for one person, of the staff; [`Keyring::is_for`] says whether for this one.
    pub is_personal: bool,
}

/// What an id of a mail to many says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignedTopic {
    pub topic: Topic,
    /// which mail it is
    pub serial: u64,
}

/// Why a text is no keyring. Never holds any of the text: it is secret.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyringError {
    #[error("the file of keys holds no key: it needs a line `<id> <base64 of 32 bytes>`")]
    Empty,
    #[error("line {line} of the file of keys: expected `<id> <base64 of 32 bytes>`")]
    Shape { line: usize },
    #[error("line {line} of the file of keys: the id must be 1 to 8 of a-z and 0-9")]
    Id { line: usize },
    #[error("line {line} of the file of keys: the key must be the base64 of exactly 32 bytes")]
    Secret { line: usize },
    #[error("line {line} of the file of keys: its id is used in a line above; give each key its own")]
    Duplicate { line: usize },
}

impl Keyring {
    /// Reads lines `<id> <base64 of 32 bytes>`; empty lines and `#` comments are skipped.
    pub fn parse(text: &str) -> Result<Keyring, KeyringError> {
        let mut keys: Vec<Key> = Vec::new();
        for (line, content) in (1..).zip(text.lines()) {
            let content = content.split('#').next().unwrap_or_default().trim();
            if content.is_empty() {
                continue;
            }
            let key = Key::parse(content, line)?;
            if keys.iter().any(|known| known.id == key.id) {
                return Err(KeyringError::Duplicate { line });
            }
            keys.push(key);
        }
        let mut keys = keys.into_iter();
        let signing = keys.next().ok_or(KeyringError::Empty)?;
        Ok(Keyring { signing, older: keys.collect() })
    }

    /// The text of a new file of keys with one key. `id` is 1 to 8 of a-z and 0-9, `random` comes from the system's
    /// source of randomness.
    pub fn generate(id: &str, random: [u8; 32]) -> String {
        format!(
            "# Keys with which this desk signs the ids of its mails, one a line: <id> <base64 of 32 random bytes>.\n\
             # Whoever has them can write into any case: keep this file secret, and with the backups.\n\
             # The first key signs, all of them verify. To change keys, put a line with a new id on top\n\
             # (head -c 32 /dev/urandom | base64) and leave the older ones: replies to older mails need them.\n\
             {id} {}\n",
            BASE64.encode(&random)
        )
    }

    /// The id of a case's thread, first in the References of all its mails. Without `<>`.
    pub fn root(&self, reference: &Reference, domain: &str) -> String {
        self.sign(Purpose::Root, &reference.to_string(), domain)
    }

    /// The Message-ID of a case's mail; `serial` differs for each. Without `<>`.
    pub fn message_id(&self, reference: &Reference, serial: u64, domain: &str) -> String {
        self.sign(Purpose::Message, &format!("{reference}.{serial:x}"), domain)
    }

    /// The Message-ID of a case's mail to one of the staff. Without `<>`.
    pub fn personal_id(&self, reference: &Reference, serial: u64, email: &str, domain: &str) -> String {
        let person = self.signing.person(email);
        self.sign(Purpose::Personal, &format!("{reference}.{serial:x}.{person}"), domain)
    }

    /// The Message-ID of a mail to one of many that stands in no case's thread. Without `<>`.
    pub fn topic_id(&self, topic: Topic, serial: u64, email: &str, domain: &str) -> String {
        let person = self.signing.person(email);
        let topic = topic.to_string().replacen(':', "-", 1);
        self.sign(Purpose::Topic, &format!("{topic}.{serial:x}.{person}"), domain)
    }

    /// The Message-ID of a mail of the desk that is about no case. Without `<>`.
    pub fn note_id(&self, serial: u64, domain: &str) -> String {
        self.sign(Purpose::Note, &format!("{NOTE}.{serial:x}"), domain)
    }

    /// Which case an id of ours cites; `None` when no key here signed it. Case, `<>` and the domain do not matter.
    pub fn verify(&self, id: &str) -> Option<Signed> {
        let local = local_part(id)?;
        let (parts, key_id, mac) = split(&local)?;
        let mut pieces = parts.split('.');
        let (purpose, reference, serial) = match (pieces.next()?, pieces.next(), pieces.next(), pieces.next()) {
            (reference, None, ..) => (Purpose::Root, reference, None),
            (reference, Some(serial), None, _) => (Purpose::Message, reference, Some(read_serial(serial)?)),
            (reference, Some(serial), Some(_), None) => (Purpose::Personal, reference, Some(read_serial(serial)?)),
            _ => return None,
        };
        let reference = Reference::parse(reference).ok()?;
        let is_personal = matches!(purpose, Purpose::Personal);
        self.holds(purpose, parts, key_id, mac).then_some(Signed { reference, serial, is_personal })
    }

    /// Was this id made for the person with this address?
    pub fn is_for(&self, id: &str, email: &str) -> bool {
        let named = |local: &str| -> Option<bool> {
            let (parts, key_id, _) = split(local)?;
            let key = self.keys().find(|key| key.id == key_id)?;
            Some(equal(&key.person(email), parts.rsplit('.').next()?))
        };
        let is_personal = self.verify(id).is_some_and(|signed| signed.is_personal) || self.verify_topic(id).is_some();
        is_personal && local_part(id).and_then(|local| named(&local)).unwrap_or(false)
    }

    /// What an id cites of which many are told; `None` when no key here signed it.
    pub fn verify_topic(&self, id: &str) -> Option<SignedTopic> {
        let local = local_part(id)?;
        let (parts, key_id, mac) = split(&local)?;
        let mut pieces = parts.split('.');
        let (topic, serial, _person, None) = (pieces.next()?, pieces.next()?, pieces.next()?, pieces.next()) else {
            return None;
        };
        let topic = topic.replacen('-', ":", 1).parse().ok()?;
        let serial = read_serial(serial)?;
        self.holds(Purpose::Topic, parts, key_id, mac).then_some(SignedTopic { topic, serial })
    }

    /// The serial of the mail that an id of ours names, whatever it is about.
    pub fn serial_of(&self, id: &str) -> Option<u64> {
        let of_topic = || self.verify_topic(id).map(|signed| signed.serial);
        self.verify(id).and_then(|signed| signed.serial).or_else(|| self.verify_note(id)).or_else(of_topic)
    }

    /// The serial of a note's id; `None` when no key here signed it.
    pub fn verify_note(&self, id: &str) -> Option<u64> {
        let local = local_part(id)?;
        let (parts, key_id, mac) = split(&local)?;
        let serial = read_serial(parts.strip_prefix(NOTE)?.strip_prefix('.')?)?;
        self.holds(Purpose::Note, parts, key_id, mac).then_some(serial)
    }

    /// By this the reader of a question confirms a subscription; `question` is the number of the mail that asks.
    pub fn confirm_token(&self, question: u64) -> String {
        self.token(Purpose::Confirm, &format!("{CONFIRM}.{question:x}"))
    }

    /// By this whoever has a mail of a subscription ends it.
    pub fn leave_token(&self, subscription: u64) -> String {
        self.token(Purpose::Leave, &format!("{LEAVE}.{subscription:x}"))
    }

    /// The question that a token confirms; `None` when no key here signed it for that.
    pub fn verify_confirm(&self, token: &str) -> Option<u64> {
        self.verify_token(Purpose::Confirm, CONFIRM, token)
    }

    /// The subscription that a token ends; `None` when no key here signed it for that.
    pub fn verify_leave(&self, token: &str) -> Option<u64> {
        self.verify_token(Purpose::Leave, LEAVE, token)
    }

    fn verify_token(&self, purpose: Purpose, first: &str, token: &str) -> Option<u64> {
        if token.len() > LONGEST_ID {
            return None;
        }
        let token = token.trim().to_ascii_lowercase();
        let (parts, key_id, mac) = split(&token)?;
        let number = read_serial(parts.strip_prefix(first)?.strip_prefix('.')?)?;
        self.holds(purpose, parts, key_id, mac).then_some(number)
    }

    fn sign(&self, purpose: Purpose, parts: &str, domain: &str) -> String {
        format!("{}@{domain}", self.token(purpose, parts))
    }

    fn token(&self, purpose: Purpose, parts: &str) -> String {
        format!("{parts}.{}.{}", self.signing.id, self.signing.mac(purpose, parts))
    }

    fn holds(&self, purpose: Purpose, parts: &str, key_id: &str, mac: &str) -> bool {
        self.keys().find(|key| key.id == key_id).is_some_and(|key| equal(&key.mac(purpose, parts), mac))
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.signing).chain(&self.older)
    }
}

/// What a MAC is for: one that stands for a root is worth nothing in a Message-ID.
#[derive(Clone, Copy)]
enum Purpose {
    Root,
    Message,
    Personal,
    /// not of an id, but of an address within one
    Person,
    Note,
    Topic,
    Confirm,
    Leave,
}

impl Purpose {
    fn label(self) -> &'static str {
        match self {
            Purpose::Root => "casepost root",
            Purpose::Message => "casepost message",
            Purpose::Personal => "casepost personal",
            Purpose::Person => "casepost person",
            Purpose::Note => "casepost note",
            Purpose::Topic => "casepost topic",
            Purpose::Confirm => "casepost confirm",
            Purpose::Leave => "casepost leave",
        }
    }
}

impl Key {
    fn parse(content: &str, line: usize) -> Result<Key, KeyringError> {
        let mut words = content.split_whitespace();
        let (Some(id), Some(secret), None) = (words.next(), words.next(), words.next()) else {
            return Err(KeyringError::Shape { line });
        };
        if id.len() > 8 || !id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
            return Err(KeyringError::Id { line });
        }
        let bytes = BASE64.decode(secret.as_bytes()).map_err(|_| KeyringError::Secret { line })?;
        let secret = bytes.try_into().map_err(|_| KeyringError::Secret { line })?;
        Ok(Key { id: id.to_owned(), secret })
    }

    /// What an id says of the address that it was made for.
    fn person(&self, email: &str) -> String {
        let mut text = self.mac(Purpose::Person, &email.trim().to_lowercase());
        text.truncate(PERSON_CHARS);
        text
    }

    fn mac(&self, purpose: Purpose, parts: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        // No part can hold a colon, so that no two sets of parts make the same text.
        for piece in [purpose.label(), ":", parts, ":", &self.id] {
            mac.update(piece.as_bytes());
        }
        let mut text = BASE32_NOPAD.encode(&mac.finalize().into_bytes());
        text.truncate(MAC_CHARS);
        text.make_ascii_lowercase();
        text
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = std::iter::once(&self.signing).chain(&self.older).map(|key| &key.id);
        f.write_str("Keyring ")?;
        f.debug_list().entries(ids).finish()
    }
}

/// What stands before the `@`, in lower case: some programs and people change the case of ids.
fn local_part(id: &str) -> Option<String> {
    if id.len() > LONGEST_ID {
        return None;
    }
    let id = id.trim();
    let bare = id.strip_prefix('<').unwrap_or(id);
    let bare = bare.strip_suffix('>').unwrap_or(bare);
    let (local, _domain) = bare.split_once('@')?;
    Some(local.to_ascii_lowercase())
}

/// The signed parts, the key's id and the MAC.
fn split(local: &str) -> Option<(&str, &str, &str)> {
    let (rest, mac) = local.rsplit_once('.')?;
    let (parts, key_id) = rest.rsplit_once('.')?;
    Some((parts, key_id, mac))
}

fn read_serial(text: &str) -> Option<u64> {
    // `from_str_radix` also takes a sign.
    text.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

/// Compares in a time that depends on the lengths only, so that a forger can't find a MAC character by character.
fn equal(ours: &str, theirs: &str) -> bool {
    let difference = ours.bytes().zip(theirs.bytes()).fold(0, |sum, (a, b)| std::hint::black_box(sum | (a ^ b)));
    ours.len() == theirs.len() && difference == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring(id: &str, seed: u8) -> Keyring {
        Keyring::parse(&Keyring::generate(id, [seed; 32])).expect("its own text")
    }

    fn reference() -> Reference {
        Reference::from_counter(42, &[1; 32]).expect("below the limit")
    }

    /// The id with the character at `at` replaced by another one of the same kind.
    fn with_changed(id: &str, at: usize) -> String {
        let mut bytes = id.as_bytes().to_vec();
        bytes[at] = match bytes[at] {
            b'z' => b'a',
            b'9' => b'0',
            b'a'..=b'y' | b'0'..=b'8' => bytes[at] + 1,
            other => other ^ 1,
        };
        String::from_utf8(bytes).expect("ASCII")
    }

    #[test]
    fn ids_have_the_written_shapes_and_say_what_they_are() {
        let keys = keyring("k1", 1);
        let (root, mail) = (keys.root(&reference(), "desk.test"), keys.message_id(&reference(), 0x2f, "desk.test"));
        assert!(root.starts_with(&format!("{}.k1.", reference())), "{root}");
        assert!(mail.starts_with(&format!("{}.2f.k1.", reference())), "{mail}");
        assert_eq!(root.len(), "1-0123456789.k1.@desk.test".len() + MAC_CHARS);
        assert_eq!(keys.verify(&root), Some(Signed { reference: reference(), serial: None, is_personal: false }));
        assert_eq!(keys.verify(&mail), Some(Signed { reference: reference(), serial: Some(0x2f), is_personal: false }));
    }

    #[test]
    fn a_change_of_any_character_before_the_at_is_refused() {
        let keys = Keyring::parse(&format!("{}k2 {}\n", Keyring::generate("k1", [1; 32]), BASE64.encode(&[2; 32])));
        let keys = keys.expect("two keys");
        for id in [
            keys.root(&reference(), "desk.test"),
            keys.message_id(&reference(), u64::MAX, "desk.test"),
            keys.personal_id(&reference(), u64::MAX, "tom@desk.test", "desk.test"),
        ] {
            for at in 0..id.find('@').expect("an id") {
                let changed = with_changed(&id, at);
                assert_eq!(keys.verify(&changed), None, "{changed}");
            }
        }
        let note = keys.note_id(7, "desk.test");
        for at in 0..note.find('@').expect("an id") {
            assert_eq!(keys.verify_note(&with_changed(&note, at)), None);
        }
    }

    #[test]
    fn case_brackets_and_domain_do_not_matter() {
        let keys = keyring("k1", 1);
        let id = keys.message_id(&reference(), 0xabc, "desk.test");
        let signed = keys.verify(&id);
        assert!(signed.is_some());
        assert_eq!(keys.verify(&format!(" <{}> ", id.to_uppercase())), signed);
        assert_eq!(keys.verify(&id.replace("desk.test", "relay.invalid")), signed);
    }

    #[test]
    fn another_desks_key_of_the_same_name_is_refused() {
        let id = keyring("k1", 1).root(&reference(), "desk.test");
        assert_eq!(keyring("k1", 2).verify(&id), None);
        assert_eq!(keyring("k2", 1).verify(&id), None);
    }

    #[test]
    fn a_rotated_keyring_signs_anew_and_still_verifies_the_old() {
        let old = keyring("2025", 1);
        let id = old.message_id(&reference(), 9, "desk.test");
        let text = format!("2026 {}\n{}", BASE64.encode(&[2; 32]), Keyring::generate("2025", [1; 32]));
        let rotated = Keyring::parse(&text).expect("two keys");
        assert_eq!(rotated.verify(&id), old.verify(&id));
        assert!(rotated.verify(&id).is_some());
        let new = rotated.root(&reference(), "desk.test");
        assert!(new.contains(".2026."), "{new}");
        assert_eq!(old.verify(&new), None);
    }

    #[test]
    fn an_id_for_one_person_is_of_the_case_for_everybody_and_theirs_alone() {
        let text = format!("2026 {}\n{}", BASE64.encode(&[2; 32]), Keyring::generate("2025", [1; 32]));
        let (old, keys) = (keyring("2025", 1), Keyring::parse(&text).expect("two keys"));
        for id in [
            old.personal_id(&reference(), 0x2f, "Tom@desk.test", "desk.test"),
            keys.personal_id(&reference(), 0x2f, "tom@desk.test", "desk.test"),
        ] {
            let signed = Signed { reference: reference(), serial: Some(0x2f), is_personal: true };
            assert_eq!(keys.verify(&id), Some(signed));
            assert!(
                keys.is_for(&id, "tom@desk.test") && keys.is_for(&format!("<{}>", id.to_uppercase()), "TOM@desk.test")
            );
            assert!(!keys.is_for(&id, "ina@desk.test") && !keys.is_for(&id, "") && !keys.is_for(&id, "om@desk.test"));
            assert!(!id.contains("tom"), "{id}");
        }
        for other in [keys.root(&reference(), "x"), keys.message_id(&reference(), 1, "x"), keys.note_id(1, "x")] {
            assert!(!keys.is_for(&other, "tom@desk.test"));
        }
        // One person's hash can't be put into another one's id.
        let (toms, inas) =
            (keys.personal_id(&reference(), 1, "tom@x", "x"), keys.personal_id(&reference(), 2, "ina@x", "x"));
        let piece = |id: &str, at: usize| id.split('.').nth(at).expect("a piece").to_owned();
        let mixed = inas.replace(&piece(&inas, 2), &piece(&toms, 2));
        assert!(keys.verify(&mixed).is_none() && !keys.is_for(&mixed, "tom@x"));
    }

    #[test]
    fn a_note_is_no_case_and_a_case_no_note() {
        let keys = keyring("k1", 1);
        let note = keys.note_id(0x10, "desk.test");
        assert_eq!(keys.verify_note(&note), Some(0x10));
        assert_eq!(keys.verify(&note), None);
        assert_eq!(keys.verify_note(&keys.message_id(&reference(), 0x10, "desk.test")), None);
    }

    #[test]
    fn an_id_of_a_topic_is_no_case_and_names_its_reader() {
        let keys = keyring("k1", 1);
        for topic in [Topic::Works(12), Topic::AllWorks, Topic::Incident(crate::desk::case::CaseId(7))] {
            let id = keys.topic_id(topic, 0x2f, "Ada@books.example", "desk.test");
            assert_eq!(keys.verify_topic(&id), Some(SignedTopic { topic, serial: 0x2f }));
            assert_eq!((keys.verify(&id), keys.verify_note(&id), keys.serial_of(&id)), (None, None, Some(0x2f)));
            assert!(keys.is_for(&id, "ada@books.example") && !keys.is_for(&id, "tom@books.example"));
            for at in 0..id.find('@').expect("an id") {
                assert_eq!(keys.verify_topic(&with_changed(&id, at)), None);
            }
        }
        assert_eq!(keys.verify_topic(&keys.personal_id(&reference(), 1, "a@b", "x")), None);
    }

    #[test]
    fn what_confirms_leaves_nothing_and_what_leaves_confirms_nothing() {
        let keys = keyring("k1", 1);
        let (confirm, leave) = (keys.confirm_token(0x2f), keys.leave_token(0x2f));
        assert_eq!((keys.verify_confirm(&confirm), keys.verify_leave(&leave)), (Some(0x2f), Some(0x2f)));
        assert_eq!(keys.verify_leave(&format!(" {} ", leave.to_uppercase())), Some(0x2f));
        assert_eq!((keys.verify_confirm(&leave), keys.verify_leave(&confirm)), (None, None));
        let swapped = leave.replace(LEAVE, CONFIRM);
        assert_eq!((keys.verify_confirm(&swapped), keys.verify_note(&format!("{swapped}@x"))), (None, None));
        assert_eq!(keyring("k1", 2).verify_leave(&leave), None);
        for at in 0..leave.len() {
            assert_eq!(keys.verify_leave(&with_changed(&leave, at)), None);
        }
        for other in ["", ".", "leave", "leave.", "leave.1", "leave.1.k1.", "leave.+1.k1.x", &"leave.".repeat(1000)] {
            assert_eq!(keys.verify_leave(other), None, "{other}");
        }
    }

    #[test]
    fn a_serial_written_otherwise_is_refused() {
        let keys = keyring("k1", 1);
        let id = keys.message_id(&reference(), 1, "desk.test");
        assert_eq!(keys.verify(&id.replace(".1.k1.", ".01.k1.")), None);
        assert_eq!(keys.verify(&id.replace(".1.k1.", ".+1.k1.")), None);
    }

    #[test]
    fn strangers_ids_are_nothing() {
        let keys = keyring("k1", 1);
        let long = format!("{}@x", "a.".repeat(100_000));
        for id in ["", "@", "<>", "a@b", "....@", "1-0123456789.k1.@x", "desk..k1.@x", "<é.é.é@é>", long.as_str()] {
            assert_eq!(keys.verify(id), None);
            assert_eq!(keys.verify_note(id), None);
        }
    }

    #[test]
    fn errors_name_the_line_and_debug_the_ids_and_neither_the_key() {
        let secret = BASE64.encode(&[9; 32]);
        let error = |text: &str| Keyring::parse(text).expect_err("a bad file");
        assert_eq!(error("# nothing\n\n"), KeyringError::Empty);
        assert_eq!(error(&format!("\n{secret}\n")), KeyringError::Shape { line: 2 });
        assert_eq!(error(&format!("K1 {secret}")), KeyringError::Id { line: 1 });
        assert_eq!(error(&format!("muchtoolong {secret}")), KeyringError::Id { line: 1 });
        assert_eq!(error("k1 c2hvcnQ="), KeyringError::Secret { line: 1 });
        assert_eq!(error(&format!("k1 {secret}\nk1 {secret}")), KeyringError::Duplicate { line: 2 });
        assert!(!error(&format!("k1 {secret}x")).to_string().contains(&secret[..8]));
        assert_eq!(format!("{:?}", keyring("k1", 9)), r#"Keyring ["k1"]"#);
    }
}
