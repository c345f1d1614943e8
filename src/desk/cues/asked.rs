//! What one mail asks for and tells: the cues, labels and lists applied to it.

use std::collections::BTreeSet;

use chrono::{DateTime, FixedOffset};
use serde_json::{Map, Value, json};

use super::{Compiled, Cues, Request, Where, Yields};
use crate::{
    desk::reference::Reference,
    mail::extract::{
        FieldName, Fields, Place,
        attention::Block,
        labels::Labelled,
        lacking,
        moment::{self, Moment, Side},
        names::names,
        plain::plain,
        prose,
        sentence::{beginning, sentences},
    },
    mail::quote::Headless,
};

/// A mail as far as its wishes go.
#[derive(Debug, Clone, Copy)]
pub struct WrittenMail<'a> {
    /// none when it repeats that of the mail that it answers
    pub subject: Option<&'a str>,
    /// what the writer wrote now
    pub reply: &'a str,
    pub signature: Option<&'a str>,
    /// all of the text
    pub text: &'a str,
    /// when it was written, in the writer's offset
    pub written_at: DateTime<FixedOffset>,
}

/// A request, and the cue that heard it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    pub request: Request,
    pub rule: String,
}

/// What the desk may do about a mail by itself: none of it when the mail says more than that.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// it asks that the case be closed, and says nothing that speaks against it
    pub close: bool,
    /// it says that the matter is solved, and nothing that speaks against it
    pub confirm: bool,
    /// it asks for updates, and for nothing else: such a mail is no case
    pub subscribe: bool,
    /// it asks for no more updates, and for nothing else
    pub unsubscribe: bool,
}

/// All that a mail asks for and tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// each once, in the order of [`Request`]
    pub requests: Vec<Heard>,
    pub fields: Fields,
    pub wish: Wish,
    /// it asks for something, be it that no cue knows what
    pub wants: bool,
    /// a block for management attention that stands in what it quotes: pasted from elsewhere, or said before
    pub quoted_attention: Option<Block>,
}

/// What the desk may do by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Decides {
    /// a case: it is closed, or solved
    Settling,
    Subscribing,
}

impl Decides {
    fn of(request: Request) -> Option<Decides> {
        match request {
            Request::Close | Request::ConfirmResolved => Some(Decides::Settling),
            Request::Subscribe | Request::Unsubscribe => Some(Decides::Subscribing),
            _ => None,
        }
    }
}

/// A longer mail is for a person to understand.
const PLAIN_WISH_CHARS: usize = 600;
const PLAIN_WISH_SENTENCES: usize = 10;

impl Cues {
    /// Reads a mail. Cues that can't be compiled hear nothing: [`Cues::check`] at the start says so.
    pub fn read(&self, mail: &WrittenMail<'_>) -> Asked {
        let Ok(compiled) = self.compiled() else { return Asked::default() };
        let own = Headless::of(mail.reply);
        let mut reading = Reading { compiled, mail, own, asked: Asked::default(), heard: BTreeSet::new() };
        reading.read();
        reading.asked
    }
}

struct Reading<'a> {
    compiled: &'a Compiled,
    mail: &'a WrittenMail<'a>,
    /// the reply without the headers of mails that it hands on
    own: Headless,
    asked: Asked,
    heard: BTreeSet<Request>,
}

impl Reading<'_> {
    fn read(&mut self) {
        let reply = sentences(&self.own.text);
        let labelled = self.compiled.labels.read(&self.own.text);
        labelled.iter().for_each(|one| self.labelled(one));
        let mut hushed = false;
        // Two words that are no name may be a trouble ("Line down"): a mail that is not taken for a case says nothing beside
        // its wish but courtesies, and names behind these.
        let (mut more, mut parting) = (false, false);
        if let Some(subject) = self.mail.subject {
            let subject = plain(subject);
            let is_title = !reply.is_empty() && self.is_title(&subject);
            let subscribes = is_title || self.hear(&subject, Where::Subject) == Some(Decides::Subscribing);
            let says_nothing = subject.trim().is_empty() || self.is_courtesy(&subject);
            more = self.doubtful(&subject) || !subscribes && !says_nothing;
        }
        for sentence in &reply {
            let decides = self.hear(sentence, Where::Reply);
            self.asked.wants |= self.compiled.languages.iter().any(|l| l.wishes.is_match(sentence.as_bytes()));
            // A "but" makes another thing of it, also in the sentence that asks.
            hushed |= self.doubtful(sentence) || decides.is_none() && !self.is_idle(sentence);
            parting |= self.is_courtesy(sentence);
            more |= decides != Some(Decides::Subscribing) && !parting && sentence.split_whitespace().count() > 1;
        }
        if self.compiled.languages.iter().any(|l| l.cues.iter().any(|cue| cue.places.contains(&Where::Text))) {
            // Quoted lines count here: without their marks they are sentences like others.
            let text: String =
                beginning(self.mail.text).lines().map(|l| format!("{}\n", l.trim_start_matches(['>', ' ']))).collect();
            for sentence in sentences(&text) {
                self.hear(&sentence, Where::Text);
            }
        }
        match self.compiled.attention.read(self.mail.reply) {
            Some(block) => self.attention(&block),
            // An empty one was quoted from who explained it.
            None => {
                let quoted = self.compiled.attention.read(self.mail.text);
                self.asked.quoted_attention = quoted.filter(|block| !block.reason.is_empty());
            }
        }
        for sentence in &reply {
            // The first one counts; a label counts before it.
            if self.asked.fields.has(FieldName::StartTime) {
                break;
            }
            self.beginning_of(sentence);
        }
        self.names_and_numbers();
        self.works(&labelled);
        self.described(&reply, &labelled);
        self.asked.requests.sort_by_key(|heard| heard.request);
        self.asked.wish = self.wish(hushed, more, reply.len());
    }

    /// Notes what a sentence asks for. Does it ask for what the desk may do by itself?
    fn hear(&mut self, sentence: &str, place: Where) -> Option<Decides> {
        let mut decides = None;
        let compiled = self.compiled;
        for cue in compiled.languages.iter().flat_map(|l| l.hear(sentence)).filter(|c| c.places.contains(&place)) {
            match &cue.yields {
                Yields::Request(request) => {
                    self.request(*request, &cue.name);
                    // A sentence says more of its writer's language than a title of one word.
                    if decides.is_none() && Decides::of(*request) == Some(Decides::Subscribing) {
                        self.asked.requests.iter_mut().filter(|heard| heard.request == *request).for_each(|heard| {
                            heard.rule.clone_from(&cue.name);
                        });
                    }
                    decides = decides.or(Decides::of(*request));
                }
                Yields::Field(name, value) => {
                    let place = if place == Where::Subject { Place::Subject } else { Place::Prose };
                    self.asked.fields.add(*name, value, place, &cue.name);
                }
            }
        }
        decides
    }

    fn request(&mut self, request: Request, rule: &str) {
        if self.heard.insert(request) {
            self.asked.requests.push(Heard { request, rule: rule.to_owned() });
        }
    }

    fn doubtful(&self, sentence: &str) -> bool {
        self.compiled.languages.iter().any(|l| l.doubts.is_match(sentence.as_bytes()))
    }

    /// A greeting, thanks, a name: what isn't understood is work.
    fn is_idle(&self, sentence: &str) -> bool {
        let asks = sentence.contains(" ? ");
        let words = sentence.split(' ').filter(|w| w.chars().any(char::is_alphanumeric)).count();
        let east_asian = sentence.chars().filter(|c| *c >= '\u{3040}').count();
        let name = words <= 3 && east_asian <= 8;
        !asks && (name || self.is_courtesy(sentence) && words <= 15 && east_asian <= 40)
    }

    fn is_courtesy(&self, sentence: &str) -> bool {
        self.compiled.languages.iter().any(|l| l.courtesies.is_match(sentence.as_bytes()))
    }

    /// `Updates` above a wish for updates, or for none.
    fn is_title(&self, subject: &str) -> bool {
        self.compiled.languages.iter().any(|l| l.subjects.is_match(subject.as_bytes()))
    }

    /// A wish that leaves nothing for a person to understand. `more`: beside it something stands that may be a matter of its
    /// own.
    fn wish(&self, hushed: bool, more: bool, sentences: usize) -> Wish {
        let short = self.mail.reply.chars().nth(PLAIN_WISH_CHARS).is_none() && sentences <= PLAIN_WISH_SENTENCES;
        let only = |decides| self.heard.iter().all(|request| Decides::of(*request) == Some(decides));
        let plain = !hushed && short;
        let holds = |request| plain && self.heard.contains(&request);
        let settles = only(Decides::Settling);
        // Both at once is a question of what is meant.
        let alone = |request| holds(request) && !more && self.heard.len() == 1 && !self.tells_of_a_trouble();
        Wish {
            close: settles && holds(Request::Close),
            confirm: settles && holds(Request::ConfirmResolved),
            subscribe: alone(Request::Subscribe),
            unsubscribe: alone(Request::Unsubscribe),
        }
    }

    fn tells_of_a_trouble(&self) -> bool {
        [FieldName::Impact, FieldName::StartTime].into_iter().any(|name| self.asked.fields.has(name))
    }

    fn labelled(&mut self, one: &Labelled) {
        let rule = one.label.as_str();
        let value = one.value.as_str();
        match one.name {
            FieldName::ServiceId | FieldName::CircuitId | FieldName::OrderNumber | FieldName::CustomerNumber => {
                for name in names(value) {
                    self.asked.fields.add(one.name, name, Place::Line, rule);
                }
            }
            FieldName::StartTime => self.time(one.name, value, Side::Past, Place::Line, rule),
            FieldName::WorksStart | FieldName::WorksEnd => self.time(one.name, value, Side::Future, Place::Line, rule),
            FieldName::MilestoneDates => self.time(one.name, value, Side::Future, Place::Line, rule),
            FieldName::Impact | FieldName::Persistence | FieldName::ChangeSpeed => {
                let said = self.said_by(&plain(value), one.name);
                // In words of their own it is stated all the same.
                self.asked.fields.add(one.name, said.as_deref().unwrap_or(value), Place::Line, rule);
            }
            FieldName::TelephoneNumbers => {
                let mut fields = Fields::default();
                prose::telephones(&format!("tel {value}"), &mut fields);
                for found in fields.iter() {
                    self.asked.fields.add(one.name, &found.value, Place::Line, rule);
                }
            }
            FieldName::IpAddresses => {
                let mut fields = Fields::default();
                prose::addresses(value, &mut fields);
                for found in fields.iter() {
                    self.asked.fields.add(one.name, &found.value, Place::Line, rule);
                }
            }
            FieldName::CaseReferences => {}
            FieldName::Description
            | FieldName::ServiceOwner
            | FieldName::AttentionReason
            | FieldName::AttentionMilestone
            | FieldName::AttentionContact => self.asked.fields.add(one.name, value, Place::Line, rule),
        }
    }

    /// The value of a field that a text says by a cue.
    fn said_by(&self, plain: &str, name: FieldName) -> Option<String> {
        let cues = self.compiled.languages.iter().flat_map(|l| l.hear(plain));
        cues.filter_map(|cue| match &cue.yields {
            Yields::Field(field, value) if *field == name => Some(value.clone()),
            _ => None,
        })
        .next()
    }

    /// A time as RFC 3339 where it can be told, else as it was written.
    fn time(&mut self, name: FieldName, text: &str, side: Side, place: Place, rule: &str) {
        let found = moment::read(text, self.mail.written_at, side);
        let value = match found.and_then(Moment::written) {
            // A day is what a milestone is; a beginning is more.
            Some(written) if name == FieldName::MilestoneDates || matches!(found, Some(Moment::At(_))) => written,
            _ => text.trim().chars().take(100).collect(),
        };
        self.asked.fields.add(name, &value, place, rule);
    }

    /// "since 9:30": when a trouble began.
    fn beginning_of(&mut self, sentence: &str) {
        let compiled = self.compiled;
        let times = compiled.languages.iter().flat_map(|l| &l.since).flat_map(|since| since.times(sentence));
        for (time, with_word) in times {
            let read = |text: &str| moment::read(text, self.mail.written_at, Side::Past);
            // "2 hours ago" needs its last word, "for 2 hours" its first.
            if let Some(moment) = read(&with_word).or_else(|| read(&time)) {
                let value = match moment {
                    Moment::At(_) => moment.written().unwrap_or_default(),
                    _ => as_written(&self.own.text, &time),
                };
                self.asked.fields.add(FieldName::StartTime, &value, Place::Prose, "since");
                return;
            }
        }
    }

    fn attention(&mut self, block: &Block) {
        self.heard.insert(Request::ManagementAttention);
        self.asked.take_attention(block);
        if !block.milestone.is_empty()
            && moment::read(&block.milestone, self.mail.written_at, Side::Future).and_then(Moment::written).is_some()
        {
            self.time(FieldName::MilestoneDates, &block.milestone, Side::Future, Place::Line, ATTENTION_BLOCK);
        }
    }

    fn names_and_numbers(&mut self) {
        let fields = &mut self.asked.fields;
        if let Some(subject) = self.mail.subject {
            self.compiled.named.read(subject, Place::Subject, fields);
        }
        let own: String = beginning(self.mail.reply)
            .lines()
            .filter(|l| !l.trim_start().starts_with('>'))
            .map(|l| format!("{l}\n"))
            .collect();
        self.compiled.named.read(&own, Place::Prose, fields);
        prose::addresses(&own, fields);
        prose::telephones(&own, fields);
        if let Some(signature) = self.mail.signature {
            prose::telephones(signature, fields);
        }
        let subject = self.mail.subject.unwrap_or_default();
        for (place, text) in [(Place::Subject, subject), (Place::Prose, own.as_str())] {
            for reference in Reference::find_all(text) {
                fields.add(FieldName::CaseReferences, &reference.to_string(), place, "case reference");
            }
        }
    }

    /// In a mail about the customer's own works "start" is theirs, not a trouble's.
    fn works(&mut self, labelled: &[Labelled]) {
        let own = self.heard.contains(&Request::OwnPlannedWorks);
        let unclear = own && !self.heard.contains(&Request::Incident) && !self.asked.fields.has(FieldName::WorksStart);
        if let Some(start) = labelled.iter().find(|one| unclear && one.name == FieldName::StartTime) {
            self.asked.fields.remove(FieldName::StartTime);
            self.time(FieldName::WorksStart, &start.value, Side::Future, Place::Line, &start.label);
        }
    }

    /// A sentence of some words is a description; labels, greetings and names alone are none.
    fn described(&mut self, reply: &[String], labelled: &[Labelled]) {
        if self.asked.fields.has(FieldName::Description) {
            return;
        }
        let labelled: Vec<String> = labelled.iter().map(|one| plain(&one.value)).collect();
        let says = |sentence: &&String| {
            let words = sentence.split_whitespace().filter(|w| w.chars().all(char::is_alphabetic)).count();
            let east_asian = sentence.chars().filter(|c| *c >= '\u{3040}').count();
            let label = labelled.iter().any(|value| value.len() > 2 && sentence.ends_with(value.as_str()));
            let hears = || self.compiled.languages.iter().any(|l| l.hear(sentence).next().is_some());
            !label && (words >= 4 || east_asian >= 12) && (!self.is_courtesy(sentence) || hears())
        };
        // Who hands on a mail says below its header what it is about.
        let below = self.own.below.map(|at| sentences(&self.own.text[at..])).unwrap_or_default();
        if let Some(sentence) = below.iter().find(says).or_else(|| reply.iter().find(says)) {
            let words = as_written(&self.own.text, sentence);
            self.asked.fields.add(FieldName::Description, &words, Place::Prose, "a sentence");
        }
    }
}

/// A plain sentence in the words in which it stands in the text; at most forty of them.
fn as_written(text: &str, sentence: &str) -> String {
    const WORDS: usize = 40;
    const LOOKED_AT: usize = 20_000;
    let wanted: Vec<&str> = sentence.split_whitespace().take(WORDS).collect();
    let words: Vec<&str> = text.split_whitespace().take(LOOKED_AT).collect();
    let plain_words: Vec<String> = words.iter().map(|word| plain(word)).collect();
    let tokens: Vec<(usize, &str)> = plain_words
        .iter()
        .enumerate()
        .flat_map(|(n, word)| word.split_whitespace().map(move |token| (n, token)))
        .collect();
    let first = &wanted[..wanted.len().min(4)];
    let begins = |at: &usize| {
        tokens[*at..].len() >= first.len()
            && tokens[*at..].iter().zip(first).all(|((_, token), wanted)| token == wanted)
    };
    let Some(at) = (0..tokens.len()).find(begins) else { return wanted.join(" ").replace(" ,", ",") };
    let last = tokens[at..].iter().take(wanted.len()).next_back().map_or(tokens[at].0, |(n, _)| *n);
    words[tokens[at].0..=last].join(" ")
}

/// What the policy wants to know of a new matter and the mail does not tell. Only troubles are asked about: a question
/// about an invoice has no beginning and no impact. A trouble is what is heard as an incident or tells its impact; of a
/// mail in which nothing is heard, neither a request nor that it wants anything, nobody knows that it is none.
pub fn missing(asked: &Asked, required: &[FieldName]) -> Vec<FieldName> {
    let told = asked.hears(Request::Incident) || asked.fields.has(FieldName::Impact);
    let trouble = told || asked.requests.is_empty() && !asked.wants;
    if trouble { lacking(required, |name| asked.fields.tells(name)) } else { vec![] }
}

const ATTENTION_BLOCK: &str = "attention block";

impl Asked {
    /// The mail asks by this block for management attention.
    pub fn take_attention(&mut self, block: &Block) {
        if !self.hears(Request::ManagementAttention) {
            let rule = ATTENTION_BLOCK.to_owned();
            self.requests.push(Heard { request: Request::ManagementAttention, rule });
            self.requests.sort_by_key(|heard| heard.request);
        }
        let told = [
            (FieldName::AttentionReason, &block.reason),
            (FieldName::AttentionMilestone, &block.milestone),
            (FieldName::AttentionContact, &block.contact),
        ];
        for (name, value) in told {
            self.fields.add(name, value, Place::Line, ATTENTION_BLOCK);
        }
    }

    pub fn hears(&self, request: Request) -> bool {
        self.requests.iter().any(|heard| heard.request == request)
    }

    /// For staff's eyes: `escalate`, `rfo`.
    pub fn request_words(&self) -> Vec<&'static str> {
        self.requests.iter().map(|heard| heard.request.as_str()).collect()
    }

    /// The fields for JSON: one value as a text, several as a list.
    pub fn fields_object(&self) -> Value {
        let mut all = Map::new();
        for name in FieldName::ALL {
            let values: Vec<&str> = self.fields.of(name).map(|found| found.value.as_str()).collect();
            match values.as_slice() {
                [] => {}
                [one] if !name.is_list() => drop(all.insert(name.key(), json!(one))),
                several => drop(all.insert(name.key(), json!(several))),
            }
        }
        Value::Object(all)
    }
}
