//! Subscriptions: updates for whoever wants them, beside the contacts who are told anyway.
//!
//! Everything is asked of its reader first (double opt-in): whoever types an address may type anybody's. So a
//! [`Question`] goes to the address, and a [`Subscription`] is there when that was answered. What a subscriber reads is
//! public; nothing of a customer's case is.

use std::{collections::BTreeMap, fmt, str::FromStr};

use chrono::{DateTime, Duration, Utc};

use super::{case::CaseId, reference::Reference};
use crate::mail::extract::plain::plain;

/// What somebody gets updates about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    All,
    /// a key of the policy's `[platforms]`
    Platform(String),
    /// a major incident, by its parent case
    Incident(CaseId),
}

impl What {
    /// Does leaving this leave the other, too? Whoever wants no more of the whole wants nothing of its parts.
    pub fn ends(&self, other: &What) -> bool {
        match (self, other) {
            (What::All, _) | (What::Platform(_), What::Incident(_)) => true,
            (this, other) => this == other,
        }
    }
}

/// As it is stored, and written in a command: `all`, `platform:voice`, `incident:7`.
impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::All => f.write_str("all"),
            What::Platform(key) => write!(f, "platform:{key}"),
            What::Incident(case) => write!(f, "incident:{}", case.0),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is nothing to subscribe to: write all, platform:KEY or incident:NUMBER")]
pub struct UnknownWhat(String);

impl FromStr for What {
    type Err = UnknownWhat;

    fn from_str(text: &str) -> Result<What, UnknownWhat> {
        let what = match text.trim().split_once(':') {
            None if text.trim() == "all" => Some(What::All),
            Some(("platform", key)) if !key.is_empty() => Some(What::Platform(key.to_owned())),
            Some(("incident", number)) => number.parse().ok().map(|id| What::Incident(CaseId(id))),
            _ => None,
        };
        what.ok_or_else(|| UnknownWhat(text.chars().take(60).collect()))
    }
}

/// A subscription that its reader has confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub id: i64,
    pub email: String,
    pub what: What,
    /// in which they asked for it
    pub language: Option<String>,
    pub confirmed_at: DateTime<Utc>,
    /// for staff's eyes: by what it was confirmed
    pub confirmed_by: String,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_by: Option<String>,
}

/// The question whether the reader of an address wants a subscription.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// the mail that asks
    pub notice: i64,
    pub email: String,
    pub what: What,
    pub language: Option<String>,
    pub asked_at: DateTime<Utc>,
    pub answered_at: Option<DateTime<Utc>>,
}

/// What has been asked already, when an address is to be asked once more. A tag ([`without_tag`]) makes no other address.
///
/// [`without_tag`]: crate::mail::address::without_tag
#[derive(Debug, Clone, Copy, Default)]
pub struct AskedBefore {
    /// about the same thing in [`AGAIN_AFTER`], without an answer yet
    pub unanswered: u32,
    /// the address in a day
    pub in_day: u32,
    /// addresses of its domain in an hour
    pub at_domain: u32,
    /// all together in an hour
    pub all: u32,
}

/// An unanswered question may be asked again after so long: it may have been lost.
pub const AGAIN_AFTER: Duration = Duration::hours(1);
/// Questions in an hour to one domain, and to one where everybody can have an address. Nobody's mail server is to take the
/// desk for a flood, and no domain of a stranger's is to use up what there is for all.
const AT_DOMAIN: u32 = 20;
const AT_FREEMAIL: u32 = 100;

/// Who is to be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    Stranger {
        freemail: bool,
    },
    /// of a domain in the directory; anybody can make up such an address
    OfCustomer,
    /// in the directory by the address itself
    Contact,
}

/// Why an address is not asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldBack {
    /// it is nobody's, or nobody there wants mail of the desk, or the policy lets it have none
    Address,
    Unanswered,
    Day,
    Domain,
    Hour,
}

/// For staff's eyes.
impl fmt::Display for HeldBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HeldBack::Address => "the desk writes no such mail to this address",
            HeldBack::Unanswered => "the same was asked within the last hour and is not answered yet",
            HeldBack::Day => "this address was asked as often today as the policy lets it be",
            HeldBack::Domain => "too many addresses of this domain were asked within the last hour",
            HeldBack::Hour => "too many addresses were asked within the last hour",
        })
    }
}

/// May this reader be asked once more? Strangers have `per_hour` together; another `per_hour` beyond it are for customers, so
/// that strangers can't use these up.
pub fn holds_back(reader: Reader, before: AskedBefore, per_day: u32, per_hour: u32) -> Option<HeldBack> {
    let at_domain = match reader {
        Reader::Stranger { freemail: true } => AT_FREEMAIL,
        Reader::Stranger { freemail: false } | Reader::OfCustomer => AT_DOMAIN,
        // Else made up addresses of their domain would keep them out.
        Reader::Contact => u32::MAX,
    };
    let all = match reader {
        Reader::Stranger { .. } => per_hour,
        Reader::OfCustomer | Reader::Contact => per_hour.saturating_mul(2),
    };
    let holds = [
        (before.unanswered > 0, HeldBack::Unanswered),
        (before.in_day >= per_day, HeldBack::Day),
        (before.at_domain >= at_domain, HeldBack::Domain),
        (before.all >= all, HeldBack::Hour),
    ];
    holds.into_iter().find(|(holds, _)| *holds).map(|(_, why)| why)
}

/// What a mail names to subscribe to, or to leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    All,
    Platform(String),
    /// a platform that does not exist, in the writer's word
    NoPlatform(String),
    /// a case of the writer's: the incident behind it is meant
    Case(Reference),
    /// by its public number, `MNI-0007`
    Incident(i64),
}

/// More in one mail is no wish of a person's.
pub const TARGETS: usize = 5;
/// A longer text is no command; `cues` sees to it before.
const LOOKED_AT: usize = 2000;
const PLATFORM: [&str; 6] = ["platform", "plattform", "plateforme", "платформа", "платформата", "プラットフォーム"];
#[rustfmt::skip]
const ALL: [&str; 18] = [
    "all", "everything", "alle", "alles", "allen", "aller", "tout", "tous", "toute", "toutes", "всички", "всичко",
    "すべて", "全て", "全部", "全般", "全件", "全サービス",
];

/// What a text names, in the order in which it names it; at most [`TARGETS`]. A word for "all" counts only when nothing
/// else is named: "all updates of platform:voice".
pub fn targets(text: &str, platforms: &BTreeMap<String, String>) -> Vec<Target> {
    let text: String = text.chars().take(LOOKED_AT).collect();
    let plain = plain(&text);
    let mut found: Vec<(usize, Target)> = Vec::new();
    let mut add = |at: usize, target: Target| {
        if !found.iter().any(|(_, known)| *known == target) {
            found.push((at, target));
        }
    };
    for reference in Reference::find_all(&text) {
        let at = plain.find(&reference.to_string()).unwrap_or_default();
        add(at, Target::Case(reference));
    }
    for (at, word) in words(&plain) {
        let digits = ["mni-", "mni:"].into_iter().find_map(|prefix| word.strip_prefix(prefix));
        let number = digits.filter(|digits| digits.bytes().all(|b| b.is_ascii_digit()));
        if let Some(number) = number.and_then(|digits| digits.parse().ok()) {
            add(at, Target::Incident(number));
        }
    }
    for (at, target) in named_platforms(&plain, platforms) {
        add(at, target);
    }
    if found.is_empty() && names_all(&plain) {
        return vec![Target::All];
    }
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, target)| target).take(TARGETS).collect()
}

/// The words of a plain text, each with its place.
fn words(plain: &str) -> impl Iterator<Item = (usize, &str)> {
    plain.split(' ').scan(0, |at, word| {
        let here = *at;
        *at += word.len() + 1;
        Some((here, word))
    })
}

fn named_platforms(plain: &str, platforms: &BTreeMap<String, String>) -> Vec<(usize, Target)> {
    let names: Vec<(String, &String)> = platforms
        .iter()
        .flat_map(|(key, title)| [(self::plain(key), key), (self::plain(title), key)])
        .map(|(name, key)| (name.trim().to_owned(), key))
        .filter(|(name, _)| !name.is_empty())
        .collect();
    let known = names.iter().filter_map(|(name, key)| Some((place(plain, name)?, Target::Platform((*key).clone()))));
    let mut found: Vec<_> = known.collect();
    for (at, word) in words(plain) {
        let Some(rest) = PLATFORM.into_iter().find_map(|keyword| word.strip_prefix(keyword)) else { continue };
        let behind = &plain[(at + word.len()).min(plain.len())..];
        // "platform:fax", or "platform : fax"; without a colon it is a word of a sentence.
        let Some(named) =
            rest.strip_prefix(':').map(|_| &plain[at + word.len() - rest.len() + 1..]).or(behind.strip_prefix(" : "))
        else {
            continue;
        };
        let word = named.split(' ').next().unwrap_or_default();
        if !word.is_empty() && !names.iter().any(|(name, _)| begins_with(named, name)) {
            found.push((at, Target::NoPlatform(word.chars().take(40).collect())));
        }
    }
    found
}

/// As whole words; Japanese goes on without a blank.
fn begins_with(text: &str, name: &str) -> bool {
    text.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ') || rest.starts_with(|c: char| c >= '\u{3040}'))
}

/// Where a name stands as whole words, or behind the colon of `platform:`.
fn place(plain: &str, name: &str) -> Option<usize> {
    plain.match_indices(name).map(|(at, _)| at).find(|at| {
        let before = &plain[..*at];
        let keyword = before.strip_suffix(':').is_some_and(|before| {
            let word = before.rsplit(' ').next().unwrap_or_default();
            PLATFORM.iter().any(|keyword| word.ends_with(keyword))
        });
        (before.ends_with(' ') || keyword) && begins_with(&plain[*at..], name)
    })
}

fn names_all(plain: &str) -> bool {
    let unspaced = |word: &str| word.starts_with(|c: char| c >= '\u{3040}');
    ALL.iter().any(|all| if unspaced(all) { plain.contains(all) } else { words(plain).any(|(_, word)| word == *all) })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn platforms() -> BTreeMap<String, String> {
        let all = [("voice", "Hosted voice"), ("teams", "Microsoft Teams"), ("sip-trunk", "SIP トランク")];
        all.into_iter().map(|(key, title)| (key.to_owned(), title.to_owned())).collect()
    }

    fn voice() -> Vec<Target> {
        vec![Target::Platform("voice".to_owned())]
    }

    fn reference() -> Reference {
        Reference::from_counter(42, &[1; 32]).expect("below the limit")
    }

    #[test]
    fn strangers_use_up_neither_what_customers_have_nor_a_domain_what_all_have() {
        let stranger = Reader::Stranger { freemail: false };
        let before = |unanswered, in_day, at_domain, all| AskedBefore { unanswered, in_day, at_domain, all };
        let held = |reader, before| holds_back(reader, before, 5, 200);
        assert_eq!(held(stranger, before(0, 4, 19, 199)), None);
        assert_eq!(held(stranger, before(1, 0, 0, 0)), Some(HeldBack::Unanswered));
        assert_eq!(held(Reader::Contact, before(0, 5, 0, 0)), Some(HeldBack::Day));
        assert_eq!(held(stranger, before(0, 0, 20, 20)), Some(HeldBack::Domain));
        assert_eq!(held(Reader::OfCustomer, before(0, 0, 20, 20)), Some(HeldBack::Domain));
        assert_eq!(held(Reader::Stranger { freemail: true }, before(0, 0, 20, 20)), None);
        assert_eq!(held(Reader::Contact, before(0, 0, 20, 20)), None);
        assert_eq!(held(stranger, before(0, 0, 0, 200)), Some(HeldBack::Hour));
        assert_eq!(held(Reader::OfCustomer, before(0, 0, 0, 200)), None);
        assert_eq!(held(Reader::Contact, before(0, 0, 0, 399)), None);
        assert_eq!(held(Reader::Contact, before(0, 0, 0, 400)), Some(HeldBack::Hour));
    }

    #[test]
    fn a_platform_is_named_by_key_or_title_in_five_languages() {
        for text in [
            "subscribe platform:voice",
            "Subscribe PLATFORM: Voice",
            "Please subscribe me to the updates of Hosted Voice.",
            "abonnieren Plattform:voice",
            "s'abonner plateforme : voice",
            "абонамент платформа:voice",
            "配信登録 プラットフォーム：voice",
            "プラットフォーム:voiceの購読",
            "subscribe voice",
        ] {
            assert_eq!(targets(text, &platforms()), voice(), "{text}");
        }
    }

    #[test]
    fn a_platform_that_does_not_exist_is_told_from_one_that_does() {
        assert_eq!(targets("subscribe platform:fax", &platforms()), [Target::NoPlatform("fax".to_owned())]);
        assert_eq!(targets("subscribe platform: fax", &platforms()), [Target::NoPlatform("fax".to_owned())]);
        assert_eq!(targets("subscribe platform:voices", &platforms()), [Target::NoPlatform("voices".to_owned())]);
        assert_eq!(targets("subscribe to the platform updates", &platforms()), []);
        assert_eq!(targets("our invoice", &platforms()), []);
    }

    #[test]
    fn all_counts_when_nothing_else_is_named() {
        for text in ["subscribe all", "alle abonnieren", "s’abonner à tout", "абонамент всички", "すべて配信登録"]
        {
            assert_eq!(targets(text, &platforms()), [Target::All], "{text}");
        }
        assert_eq!(targets("all updates of platform:voice", &platforms()), voice());
        assert_eq!(targets("subscribe", &platforms()), []);
        assert_eq!(targets("tell me when a call fails", &platforms()), []);
    }

    #[test]
    fn an_incident_is_named_by_its_own_number_or_by_a_case() {
        let text = format!("subscribe {} and platform:voice", reference());
        assert_eq!(targets(&text, &platforms()), [vec![Target::Case(reference())], voice()].concat());
        assert_eq!(targets("Subscribe MNI-0007.", &platforms()), [Target::Incident(7)]);
        assert_eq!(targets("MNI-7の購読", &platforms()), []);
        assert_eq!(targets("配信登録 MNI-7", &platforms()), [Target::Incident(7)]);
        assert_eq!(targets("subscribe MNI-x MNI-+7", &platforms()), []);
    }

    #[test]
    fn several_are_named_in_their_order_and_not_without_end() {
        let both = [Target::Platform("teams".to_owned()), Target::Platform("voice".to_owned())];
        assert_eq!(targets("platform:teams, platform:voice, platform:teams", &platforms()), both);
        let many: String = (0..100).map(|n| format!("mni-{n} ")).collect();
        assert_eq!(targets(&many, &platforms()).len(), TARGETS);
    }

    #[test]
    fn whoever_leaves_the_whole_leaves_its_parts() {
        let (voice, one) = (What::Platform("voice".to_owned()), What::Incident(CaseId(1)));
        assert!(What::All.ends(&voice) && What::All.ends(&one) && voice.ends(&one) && one.ends(&one));
        assert!(!voice.ends(&What::All) && !one.ends(&voice) && !voice.ends(&What::Platform("teams".to_owned())));
    }

    proptest! {
        #[test]
        fn whatever_is_subscribed_to_is_read_as_it_is_written(key in "[a-z][a-z0-9-]{0,20}", id in 0_i64..) {
            for what in [What::All, What::Platform(key.clone()), What::Incident(CaseId(id))] {
                prop_assert_eq!(what.to_string().parse(), Ok(what));
            }
        }

        #[test]
        fn no_text_panics_or_names_more_than_a_few(text in "\\PC*") {
            prop_assert!(targets(&text, &platforms()).len() <= TARGETS);
            let _ = text.parse::<What>();
        }

        #[test]
        fn only_platforms_that_exist_are_named_as_such(text in "(?:subscribe|platform:?|voice|teams|fax|all| |:|、|の){0,12}") {
            for target in targets(&text, &platforms()) {
                if let Target::Platform(key) = target {
                    prop_assert!(platforms().contains_key(&key));
                }
            }
        }
    }
}
