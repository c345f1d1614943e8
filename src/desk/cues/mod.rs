//! Cues: the words by which a mail asks for something or tells something, as data of the policy.
//!
//! A cue is a list of regular expressions over *sentences* in plain form ([`plain`](crate::mail::extract::plain)), with
//! others that take it back in the same sentence. All cues of a language are one [`RegexSet`], compiled once for a
//! policy: a sentence is looked at once per language, in linear time whatever the patterns are.
//!
//! What a cue file may say is told by `docs/cues.md`. Its examples are its tests: `casepost check` tries them.

mod asked;
mod file;
mod request;
#[cfg(test)]
mod tests;

use std::sync::{Arc, OnceLock};

use regex::{
    RegexBuilder,
    bytes::{self, RegexSet, RegexSetBuilder},
};

use self::file::{CueEntry, Language, Where, Written};
use super::policy::RuleFile;
use crate::{
    mail::extract::{
        FieldName,
        attention::{Attention, Words},
        labels::Labels,
        plain::plain,
        prose::Named,
        sentence::sentences,
        time_words,
    },
    toml_file::TomlError,
};

pub use asked::{Asked, Heard, Wish, WrittenMail, missing};
pub use request::Request;

/// What the patterns of one language may take in memory when they are compiled; an operator's mistake ends here.
const SIZE_LIMIT: usize = 8 << 20;

/// The cues of a policy. Compiled when they are first needed: most commands never read a mail.
#[derive(Debug, Clone, Default)]
pub struct Cues(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// a language's name and its files, the most general first
    sources: Vec<(String, Vec<RuleFile>)>,
    compiled: OnceLock<Result<Compiled, TomlError>>,
}

impl Cues {
    pub fn new(sources: Vec<(String, Vec<RuleFile>)>) -> Cues {
        Cues(Arc::new(Inner { sources, compiled: OnceLock::new() }))
    }

    /// Are they read from the same texts? Then either may stand for the other.
    pub fn are_those_of(&self, other: &Cues) -> bool {
        self.0.sources == other.0.sources
    }

    /// Reads and compiles all files; the error names file, line and key. Once done, it costs nothing.
    pub fn check(&self) -> Result<(), TomlError> {
        self.compiled().map(drop).map_err(Clone::clone)
    }

    /// As [`Cues::check`], and whether all examples hold, which takes longer.
    pub fn check_examples(&self) -> Result<(), TomlError> {
        let compiled = self.compiled().map_err(Clone::clone)?;
        let files = read(&self.0.sources)?;
        let wrong = files.iter().zip(&compiled.languages).find_map(|(f, c)| c.wrong_examples(f).into_iter().next());
        wrong.map_or(Ok(()), Err)
    }

    /// How many cues there are.
    pub fn count(&self) -> usize {
        self.compiled().map_or(0, |compiled| compiled.languages.iter().map(|l| l.cues.len()).sum())
    }

    fn compiled(&self) -> Result<&Compiled, &TomlError> {
        self.0.compiled.get_or_init(|| Compiled::new(&self.0.sources)).as_ref()
    }
}

/// What a cue tells when it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Yields {
    Request(Request),
    Field(FieldName, String),
}

#[derive(Debug)]
struct Cue {
    /// `en/escalate`
    name: String,
    yields: Yields,
    places: Vec<Where>,
    like: usize,
    unless: Option<usize>,
}

#[derive(Debug)]
struct CompiledLanguage {
    cues: Vec<Cue>,
    /// what cues hold by and what takes them back
    set: RegexSet,
    /// words that leave a doubt whether the mail is as simple as it seems
    doubts: RegexSet,
    /// thanks, greetings and farewells: sentences that ask for nothing
    courtesies: RegexSet,
    /// titles of a mail about updates, which add nothing to what it asks for
    subjects: RegexSet,
    /// wishes of any kind: a mail with one and without a trouble wants something else
    wishes: RegexSet,
    since: Vec<Since>,
}

#[derive(Debug)]
struct Compiled {
    languages: Vec<CompiledLanguage>,
    labels: Labels,
    named: Named,
    attention: Attention,
}

fn read(sources: &[(String, Vec<RuleFile>)]) -> Result<Vec<Language>, TomlError> {
    sources.iter().map(|(name, files)| Language::read(name, files)).collect()
}

impl Compiled {
    fn new(sources: &[(String, Vec<RuleFile>)]) -> Result<Compiled, TomlError> {
        let files = read(sources)?;
        let languages = files.iter().map(CompiledLanguage::new).collect::<Result<Vec<_>, _>>()?;
        let labels = labels(&files)?;
        let limited = |why: regex::Error| TomlError::whole("cues: [labels]", why.to_string());
        let words: Vec<Words> = files.iter().map(words).collect::<Result<_, _>>()?;
        let all = |choose: fn(&(FieldName, String, String)) -> (FieldName, String)| {
            labels.iter().map(choose).collect::<Vec<_>>()
        };
        Ok(Compiled {
            languages,
            labels: Labels::new(&all(|(name, label, _)| (*name, label.clone())), SIZE_LIMIT).map_err(limited)?,
            named: Named::new(&all(|(name, label, _)| (*name, label.clone())), SIZE_LIMIT).map_err(limited)?,
            attention: Attention::new(&words, SIZE_LIMIT)
                .map_err(|why| TomlError::whole("cues: [attention]", why.to_string()))?,
        })
    }
}

impl CompiledLanguage {
    fn new(language: &Language) -> Result<CompiledLanguage, TomlError> {
        let mut patterns = Vec::new();
        let mut sources: Vec<&[Written]> = Vec::new();
        let mut add = |written: &'_ [Written]| -> Result<Option<usize>, TomlError> {
            if written.is_empty() {
                return Ok(None);
            }
            patterns.push(alternatives(language, written)?);
            Ok(Some(patterns.len() - 1))
        };
        let mut cues = Vec::new();
        for entry in language.cues.values() {
            let Some(like) = add(&entry.like)? else { continue };
            let unless = add(&entry.unless)?;
            sources.push(&entry.like);
            sources.extend(unless.map(|_| entry.unless.as_slice()));
            let name = format!("{}/{}", language.name, entry.name);
            cues.push(Cue { name, yields: yields(entry)?, places: entry.places.clone(), like, unless });
        }
        let set = compile_set(language, &patterns, &sources)?;
        let one_set = |written: &[Written]| {
            let patterns = written.iter().map(|w| language.pattern(w)).collect::<Result<Vec<_>, _>>()?;
            compile_set(language, &patterns, &[written])
        };
        let doubts = one_set(&language.doubts)?;
        let courtesies = one_set(&language.courtesies)?;
        let subjects = one_set(&language.subjects)?;
        let wishes = one_set(&language.wishes)?;
        let since = since(language)?;
        Ok(CompiledLanguage { cues, set, doubts, courtesies, subjects, wishes, since })
    }

    /// The cues that a sentence holds.
    fn hear(&self, sentence: &str) -> impl Iterator<Item = &Cue> {
        let found = self.set.matches(sentence.as_bytes());
        self.cues.iter().filter(move |cue| found.matched(cue.like) && !cue.unless.is_some_and(|n| found.matched(n)))
    }

    /// What is wrong with the examples of the cues.
    fn wrong_examples(&self, language: &Language) -> Vec<TomlError> {
        let mut wrong = Vec::new();
        for (entry, cue) in language.cues.values().zip(&self.cues) {
            let hears = |text: &Written| {
                let sentences = sentences(&text.text);
                sentences.iter().any(|sentence| self.hear(sentence).any(|heard| heard.name == cue.name))
            };
            let mut say = |text: &Written, what: &str| {
                wrong.push(text.wrong(format!("cue \"{}\": {what}: {:?}", entry.name, plain(&text.text))));
            };
            entry.examples.iter().filter(|e| !hears(e)).for_each(|e| say(e, "this example is not recognised"));
            let taken = entry.counterexamples.iter().filter(|e| hears(e));
            taken.for_each(|e| say(e, "this counterexample is taken for it"));
        }
        wrong
    }
}

fn alternatives(language: &Language, written: &[Written]) -> Result<String, TomlError> {
    let all = written.iter().map(|w| Ok(format!("(?:{})", language.pattern(w)?))).collect::<Result<Vec<_>, _>>()?;
    Ok(all.join("|"))
}

/// When the set can't be compiled, the pattern that is to blame is named.
fn compile_set(language: &Language, patterns: &[String], sources: &[&[Written]]) -> Result<RegexSet, TomlError> {
    let failed = match RegexSetBuilder::new(patterns).size_limit(SIZE_LIMIT).dfa_size_limit(SIZE_LIMIT).build() {
        Ok(set) => return Ok(set),
        Err(failed) => failed,
    };
    for written in sources.iter().copied().flatten() {
        let pattern = language.pattern(written)?;
        if let Err(why) = bytes::RegexBuilder::new(&pattern).size_limit(SIZE_LIMIT / 8).build() {
            let why = why.to_string();
            let why = why.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
            return Err(written.wrong(format!("\"{}\" is no usable regular expression: {why}", written.text)));
        }
    }
    let file = sources.iter().copied().flatten().next().map_or("cues", |w| w.file.as_str());
    Err(TomlError::whole(file, format!("the patterns are too large together: {failed}")))
}

fn yields(entry: &CueEntry) -> Result<Yields, TomlError> {
    let first = &entry.like[0];
    match (&entry.request, &entry.field, &entry.value) {
        (Some(word), None, None) => Request::parse(&word.text).map(Yields::Request).ok_or_else(|| {
            let known: Vec<&str> = Request::ALL.iter().map(|r| r.as_str()).collect();
            word.wrong(format!("request \"{}\" is unknown (known: {})", word.text, known.join(", ")))
        }),
        (None, Some(word), Some(value)) => {
            let (name, values) = VALUES.iter().find(|(name, _)| name.as_str() == word.text).ok_or_else(|| {
                word.wrong(format!("field \"{}\" has no cues (known: impact, persistence, change-speed)", word.text))
            })?;
            if !values.contains(&value.as_str()) {
                return Err(word.wrong(format!("value \"{value}\" is unknown (known: {})", values.join(", "))));
            }
            Ok(Yields::Field(*name, value.clone()))
        }
        _ => Err(first.wrong(format!("cue \"{}\" needs either `request`, or `field` and `value`", entry.name))),
    }
}

/// The fields that cues tell, and their values.
const VALUES: [(FieldName, &[&str]); 3] = [
    (FieldName::Impact, &["service-affecting", "degradation", "not-service-affecting"]),
    (FieldName::Persistence, &["intermittent", "permanent"]),
    (FieldName::ChangeSpeed, &["standard", "expedited"]),
];

/// Name, pattern and source of every label.
fn labels(files: &[Language]) -> Result<Vec<(FieldName, String, String)>, TomlError> {
    let mut all = Vec::new();
    for language in files {
        for (name, written) in &language.labels {
            for label in written {
                let field = FieldName::parse(name).ok_or_else(|| {
                    let known: Vec<&str> = FieldName::ALL.iter().map(|f| f.as_str()).collect();
                    label.wrong(format!("field \"{name}\" is unknown (known: {})", known.join(", ")))
                })?;
                let pattern = language.bare(label)?;
                if let Err(why) = RegexBuilder::new(&pattern).size_limit(SIZE_LIMIT / 8).build() {
                    return Err(label.wrong(format!("\"{}\" is no usable regular expression: {why}", label.text)));
                }
                all.push((field, pattern, label.file.clone()));
            }
        }
    }
    Ok(all)
}

fn words(language: &Language) -> Result<Words, TomlError> {
    let mut words = Words::default();
    for (key, written) in &language.attention {
        let into = match key.as_str() {
            "title" => &mut words.titles,
            "reason" => &mut words.reason,
            "milestone" => &mut words.milestone,
            "contact" => &mut words.contact,
            other => {
                let message = format!("[attention] knows title, reason, milestone and contact, not \"{other}\"");
                return Err(written
                    .first()
                    .map_or_else(|| TomlError::whole("cues", message.clone()), |w| w.wrong(message.clone())));
            }
        };
        into.extend(written.iter().map(|w| w.text.clone()));
    }
    Ok(words)
}

/// What tells a beginning: a word before the time, or one behind it. The group is where the time is looked for.
#[derive(Debug)]
struct Since {
    regex: regex::Regex,
    /// the word stands behind the time
    behind: bool,
    together: bool,
}

impl Since {
    /// The times of a sentence: each alone, and with the word that tells that it is a beginning.
    fn times(&self, sentence: &str) -> Vec<(String, String)> {
        const TRIES: usize = 8;
        let mut all = Vec::new();
        let mut from = 0;
        for _ in 0..TRIES {
            let Some(found) = self.regex.captures_at(sentence, from) else { break };
            let (Some(whole), Some(time)) = (found.get(0), found.name("time")) else { break };
            let run = match (self.together, self.behind) {
                (true, true) => time_words::trailing_together(time.as_str()),
                (true, false) => time.as_str().to_owned(),
                (false, true) => time_words::trailing(time.as_str()),
                (false, false) => time_words::leading(time.as_str()),
            };
            let with_word = if self.behind {
                format!("{run} {}", &sentence[time.end()..whole.end()])
            } else {
                format!("{}{run}", &sentence[whole.start()..time.start()])
            };
            if !run.is_empty() {
                all.push((run, with_word));
            }
            // The blank before the next word is part of what is looked for.
            let next = if self.behind { whole.end() } else { time.start() };
            from = if self.together { next } else { next.saturating_sub(1).max(from + 1) };
            if from >= sentence.len() || !sentence.is_char_boundary(from) {
                break;
            }
        }
        all
    }
}

fn since(language: &Language) -> Result<Vec<Since>, TomlError> {
    let mut all = Vec::new();
    for (written, behind) in
        language.since_before.iter().map(|w| (w, false)).chain(language.since_after.iter().map(|w| (w, true)))
    {
        let bare = language.bare(written)?;
        let together = language.together;
        let pattern = match (behind, together) {
            (false, false) => format!(" (?:{bare}) (?P<time>(?:[^ ]+ ){{1,9}})"),
            (true, false) => format!("(?P<time>(?: [^ ]+){{1,9}}?) (?:{bare}) "),
            (false, true) => format!("(?:{bare})(?P<time>.{{1,40}})"),
            (true, true) => format!("(?P<time>.{{1,40}}?)(?:{bare})"),
        };
        let regex = RegexBuilder::new(&pattern).size_limit(SIZE_LIMIT / 8).build();
        let regex = regex.map_err(|why| written.wrong(format!("\"{}\": {why}", written.text)))?;
        all.push(Since { regex, behind, together });
    }
    Ok(all)
}
