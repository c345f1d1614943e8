//! Case references: `1-0123456789` in mail, `10123456789` for the telephone system.
//!
//! The ten digits are nine that follow no visible order and a check digit (Damm), which recognises every mistyped digit
//! and every swap of neighbours: a mistyped reference never meets another customer's case. The nine come from a
//! counter by a keyed permutation, so that no reference is given twice and none tells how many cases there are: a
//! balanced Feistel network over 30 bits, walked until it lands below 10⁹ (the first step does in 93 of 100 cases).

use std::fmt;
use std::str::{Chars, FromStr};

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

/// How many references there are.
const COUNT: u64 = 1_000_000_000;
const HALF_BITS: u32 = 15;
const HALF_MASK: u64 = (1 << HALF_BITS) - 1;
const ROUNDS: u8 = 10;
/// A mail that lists more cases than this is not about any one of them.
const MOST_FOUND: usize = 20;

/// Damm's quasigroup of order ten: zeros on the diagonal, and x∘y ≠ y∘x for neighbours, is what catches the errors.
const DAMM: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// `1-0123456789`: nine digits that follow no visible order and a check digit (Damm).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Reference(u64);

/// All 10⁹ references have been given.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("all 1,000,000,000 references have been given: this desk can open no more cases")]
pub struct Exhausted;

/// Why a text is no reference.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotAReference {
    #[error("not of the shape of a reference (1-0123456789, or 10123456789 for the telephone)")]
    Shape,
    #[error("mistyped? the check digit of the reference does not fit: compare it with the mail that gave it")]
    CheckDigit,
}

impl Reference {
    /// The reference of the `counter`-th case under this installation's key; `counter` below 1,000,000,000.
    pub fn from_counter(counter: u64, key: &[u8; 32]) -> Result<Reference, Exhausted> {
        if counter >= COUNT {
            return Err(Exhausted);
        }
        // A permutation comes back to where it began, and it began below COUNT: the walk ends.
        let mut nine = shuffle(counter, key);
        while nine >= COUNT {
            nine = shuffle(nine, key);
        }
        Ok(Reference(nine * 10 + check(nine)))
    }

    /// Reads either form, exactly: nothing before it, nothing after it.
    pub fn parse(text: &str) -> Result<Reference, NotAReference> {
        let rest = text.strip_prefix('1').ok_or(NotAReference::Shape)?;
        let digits = rest.strip_prefix('-').unwrap_or(rest);
        if digits.len() != 10 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(NotAReference::Shape);
        }
        let ten = digits.bytes().fold(0, |number, byte| number * 10 + u64::from(byte - b'0'));
        Reference::from_digits(ten).ok_or(NotAReference::CheckDigit)
    }

    /// `10123456789`, as the telephone system wants it typed.
    pub fn telephone(&self) -> String {
        format!("1{:010}", self.0)
    }

    /// Every valid reference in a subject or a body, each once, in the order of the text, at most the first 20.
    ///
    /// Both forms; full-width digits and the hyphens that phones and Japanese input methods write are understood.
    /// One that is part of a longer number or word is none: `+10123456789` is somebody's telephone.
    pub fn find_all(text: &str) -> Vec<Reference> {
        let mut found = Vec::new();
        let mut rest = text.chars();
        let mut before = Before::default();
        while let Some(current) = rest.clone().next() {
            match before.allows_start().then(|| read_at(&rest)).flatten() {
                Some((reference, after)) => {
                    if !found.contains(&reference) {
                        found.push(reference);
                    }
                    if found.len() == MOST_FOUND {
                        break;
                    }
                    rest = after;
                    before = Before { last: Some('0'), last_but_one: Some('0') };
                }
                None => {
                    rest.next();
                    before = Before { last_but_one: before.last, last: Some(current) };
                }
            }
        }
        found
    }

    fn from_digits(ten: u64) -> Option<Reference> {
        (check(ten / 10) == ten % 10).then_some(Reference(ten))
    }
}

/// The two characters before a place in a text.
#[derive(Default)]
struct Before {
    last_but_one: Option<char>,
    last: Option<char>,
}

impl Before {
    fn allows_start(&self) -> bool {
        match self.last {
            None => true,
            Some('+' | '＋') => false,
            Some(last) if is_hyphen(last) => self.last_but_one.and_then(digit).is_none(),
            Some(last) => !continues_word(last),
        }
    }
}

/// The reference that begins right here, and the text after it.
fn read_at<'a>(text: &Chars<'a>) -> Option<(Reference, Chars<'a>)> {
    let mut rest = text.clone();
    if rest.next().and_then(digit) != Some(1) {
        return None;
    }
    let mut after_hyphen = rest.clone();
    if after_hyphen.next().is_some_and(is_hyphen) {
        rest = after_hyphen;
    }
    let mut ten = 0;
    for _ in 0..10 {
        ten = ten * 10 + rest.next().and_then(digit)?;
    }
    let mut following = rest.clone();
    let ends_here = match following.next() {
        None => true,
        Some(next) if is_hyphen(next) => following.next().and_then(digit).is_none(),
        Some(next) => !continues_word(next),
    };
    let reference = Reference::from_digits(ten)?;
    ends_here.then_some((reference, rest))
}

fn digit(c: char) -> Option<u64> {
    match c {
        '0'..='9' => Some(u64::from(c) - u64::from('0')),
        '０'..='９' => Some(u64::from(c) - u64::from('０')),
        _ => None,
    }
}

fn is_hyphen(c: char) -> bool {
    // The last two are the long vowel mark, which shares the key with the hyphen on Japanese keyboards.
    matches!(c, '-' | '\u{2010}'..='\u{2013}' | '\u{2212}' | '\u{FE63}' | '\u{FF0D}' | '\u{30FC}' | '\u{FF70}')
}

/// Whether a letter or digit beside a reference makes it part of a longer word. Chinese, Japanese and Korean are
/// written without spaces there: 案件1-0123456789について names a case.
fn continues_word(c: char) -> bool {
    let spaceless = matches!(c, '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{D7FF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FFDC}' | '\u{20000}'..='\u{3FFFF}');
    c.is_alphanumeric() && !spaceless
}

fn check(nine: u64) -> u64 {
    let mut interim = 0;
    let mut power = COUNT / 10;
    while power > 0 {
        interim = DAMM[usize::from(interim)][(nine / power % 10) as usize];
        power /= 10;
    }
    u64::from(interim)
}

/// One step of the permutation of 0..2³⁰.
fn shuffle(number: u64, key: &[u8; 32]) -> u64 {
    let (mut left, mut right) = (number >> HALF_BITS, number & HALF_MASK);
    for round in 0..ROUNDS {
        (left, right) = (right, left ^ round_value(round, right, key));
    }
    left << HALF_BITS | right
}

fn round_value(round: u8, half: u64, key: &[u8; 32]) -> u64 {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(b"casepost reference");
    mac.update(&[round]);
    mac.update(&half.to_be_bytes());
    let sum = mac.finalize().into_bytes();
    u64::from(u16::from_be_bytes([sum[0], sum[1]])) & HALF_MASK
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // `pad` so that tables can align it.
        f.pad(&format!("1-{:010}", self.0))
    }
}

impl FromStr for Reference {
    type Err = NotAReference;

    fn from_str(text: &str) -> Result<Reference, NotAReference> {
        Reference::parse(text)
    }
}

impl TryFrom<String> for Reference {
    type Error = NotAReference;

    fn try_from(text: String) -> Result<Reference, NotAReference> {
        Reference::parse(&text)
    }
}

impl From<Reference> for String {
    fn from(reference: Reference) -> String {
        reference.to_string()
    }
}

#[cfg(test)]
mod tests;
